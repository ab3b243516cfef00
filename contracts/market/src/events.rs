//! What happened, as the ABI has it.

yieldset_shell::events! {
    /// A pool was listed, or its lot and tick were set anew.
    PoolListed(
        /// The pool.
        pool: address,
        /// What its shares are paid in; zero for the native currency.
        currency: address,
    ) {
        /// Fewest share units of an order and of a fill that does not take the rest.
        lot: uint256,
        /// Prices are multiples of this.
        tick: uint256,
    }
    /// A pool's orders can only be cancelled from now on.
    PoolDelisted(
        /// The pool.
        pool: address,
    ) {}
    /// An ask or a bid was placed.
    OrderPlaced(
        /// Its number.
        order: uint64,
        /// Who placed it.
        maker: address,
        /// Whose shares.
        pool: address,
    ) {
        /// 1 ask, 2 bid.
        side: uint8,
        /// What is paid in; zero for the native currency.
        currency: address,
        /// Share units.
        shares: uint256,
        /// In the currency's smallest unit, for 10^18 share units.
        price: uint256,
        /// Unix seconds from which on it cannot be filled.
        expiry: uint64,
        /// Money held for a bid; zero for an ask.
        escrow: uint256,
    }
    /// An order was taken off the market.
    OrderCancelled(
        /// Its number.
        order: uint64,
        /// Who placed it.
        maker: address,
        /// Whose shares.
        pool: address,
    ) {
        /// Cleared by anyone: after its expiry, or void because its shares were seized or freed.
        expired: bool,
        /// Share units that were not traded; an ask's are free again.
        shares: uint256,
        /// A bid's money, credited to the maker; zero for an ask.
        refund: uint256,
    }
    /// Shares went one way and money the other.
    Traded(
        /// Whose shares.
        pool: address,
        /// Who sold.
        seller: address,
        /// Who bought.
        buyer: address,
    ) {
        /// The seller's order; zero where it took a bid.
        ask: uint64,
        /// The buyer's order; zero where it took an ask.
        bid: uint64,
        /// Share units.
        shares: uint256,
        /// For 10^18 share units: the pool's last price from now on.
        price: uint256,
        /// What the seller was credited with.
        cost: uint256,
        /// Share units left of the ask; zero also where there is none.
        ask_left: uint256,
        /// Share units left of the bid; zero also where there is none.
        bid_left: uint256,
    }
    /// The market owes an account more.
    Credited(
        /// The account.
        account: address,
        /// For orders of which pool.
        pool: address,
    ) {
        /// How much more.
        amount: uint256,
        /// How much in all.
        credit: uint256,
    }
    /// An account took all that the market owed it for orders of a pool.
    Withdrawn(
        /// The account.
        account: address,
        /// For orders of which pool.
        pool: address,
        /// Where the money went.
        to: address,
    ) {
        /// The pool's currency; zero for the native one.
        currency: address,
        /// How much.
        amount: uint256,
    }
    /// What the market owed a lost account it owes its successor.
    Inherited(
        /// The account that was recovered.
        lost: address,
        /// To whom.
        heir: address,
        /// For orders of which pool.
        pool: address,
    ) {
        /// How much.
        amount: uint256,
    }
}
