//! The share market.
#![allow(clippy::too_many_arguments, reason = "the macro makes a function of an event's fields, and a trade has ten")]

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Market {
        constructor(address admin);

        function listPool(address pool, uint256 lot, uint256 tick) external;
        function delistPool(address pool) external;
        /// `price` is in the currency's smallest unit for 10^18 share units, `expiry` in Unix seconds, at most 90 days
        /// away.
        function ask(address pool, uint256 shares, uint256 price, uint64 expiry) external returns (uint64 order);
        function bid(address pool, uint256 shares, uint256 price, uint64 expiry) external payable returns (uint64 order);
        function fillAsk(uint64 order, uint256 shares, uint256 maxCost) external payable returns (uint256 cost);
        function fillBid(uint64 order, uint256 shares, uint256 minProceeds) external returns (uint256 proceeds);
        function matchOrders(uint64 ask, uint64 bid, uint256 shares) external returns (uint256 cost);
        function cancel(uint64 order) external;
        /// An expired order, or an ask that is void because its reservations were ended in the pool.
        function cancelExpired(uint64 order) external;
        /// Moves what is owed to a lost account for orders of a pool to who that pool's registry has recovered it to, by
        /// anyone.
        function inherit(address lost, address pool) external returns (uint256 amount);
        /// What is owed for orders of a pool, whose registry now is asked for freezes and sanctions of both accounts.
        function withdraw(address pool, address to) external returns (uint256 amount);
        /// `side` is 1 for an ask, 2 for a bid; `shares` are those left.
        function orderOf(uint64 order) external view returns (uint8 side, address maker, address pool, address currency, uint256 shares,
            uint256 price, uint64 expiry, uint256 escrow);
        function quote(uint64 order, uint256 shares) external view returns (uint256);
        function orderCount() external view returns (uint64);
        function listingOf(address pool) external view returns (bool listed, address currency, uint256 lot, uint256 tick, uint256 lastPrice,
            uint64 lastTrade);
        function escrowOf(address currency) external view returns (uint256 escrow, uint256 credits);
        function creditOf(address account, address pool) external view returns (uint256);

        event PoolListed(address indexed pool, address indexed currency, uint256 lot, uint256 tick);
        event PoolDelisted(address indexed pool);
        event OrderPlaced(uint64 indexed order, address indexed maker, address indexed pool, uint8 side, address currency, uint256 shares,
            uint256 price, uint64 expiry, uint256 escrow);
        event OrderCancelled(uint64 indexed order, address indexed maker, address indexed pool, bool expired, uint256 shares, uint256 refund);
        /// `ask` or `bid` is zero where that side took the other's order.
        event Traded(address indexed pool, address indexed seller, address indexed buyer, uint64 ask, uint64 bid, uint256 shares,
            uint256 price, uint256 cost, uint256 askLeft, uint256 bidLeft);
        event Credited(address indexed account, address indexed pool, uint256 amount, uint256 credit);
        event Inherited(address indexed lost, address indexed heir, address indexed pool, uint256 amount);
        event Withdrawn(address indexed account, address indexed pool, address indexed to, address currency, uint256 amount);
    }
}
