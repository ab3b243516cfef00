//! Secondary market for pool shares: asks and bids with escrow on both sides, delivery versus payment.
//!
//! A thin shell: what may happen and what it costs is decided in [`yieldset_rules::market`]. Shares never enter the
//! market: those of an ask stay the seller's, reserved in the pool. Money that the market owes is credited and leaves
//! by `withdraw` alone, so that no account or currency that refuses a payment can stand in the way of others.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod calls;
mod events;
mod refusals;
mod store;
mod trade;

/// The contract.
#[yieldset_roles::roles(Market)]
#[ink::contract]
mod market {
    use crate::{
        calls::{money, pool as shares_of, screen},
        events,
        refusals::{self, Subject, narrow},
        store,
        trade::Trade,
    };
    use ink::U256;
    use yieldset_rules::market::{
        ASK, Address as Account, BID, Holdings, Listing, MarketError, Order, Taken, Wanted, add, match_orders,
    };
    use yieldset_shell::{
        access::{self, Role},
        answer::{answer, done},
        host,
        refusals::OrRefuse,
        roles,
        words::number_word,
    };

    /// Lists and delists pools.
    const LISTER_ROLE: Role = access::role("LISTER_ROLE");

    /// The root cell: the number of orders ever placed.
    #[ink(storage)]
    pub struct Market {
        orders: u64,
    }

    impl Market {
        /// A market without pools, whose default admin is `admin`.
        ///
        /// # Events
        /// `RoleGranted`.
        #[ink(constructor)]
        pub fn new(admin: Address) -> Self {
            roles::initialise(&admin.0);
            Self { orders: 0 }
        }

        /// Lists a pool, or sets its lot and tick anew; open orders keep their size and price. The currency is asked of
        /// the pool, and must be the same whenever the pool is listed. Of one with a least balance (the pool's
        /// `currencyMinimum`) the market must have that beside what it owes.
        ///
        /// # Who
        /// LISTER_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `ZeroAmount`, `AmountTooLarge`, `CurrencyChanged`, `PoolCallFailed`;
        /// where there is a least balance, `FloatMissing` and `CurrencyCallFailed`.
        ///
        /// # Events
        /// `PoolListed`.
        #[ink(message, name = "listPool")]
        pub fn list_pool(&mut self, pool: Address, lot: U256, tick: U256) {
            roles::only(&LISTER_ROLE);
            let mut listing = store::listing(&pool.0);
            let currency = shares_of::currency(&pool.0);
            listing.list(currency, narrow(lot), narrow(tick)).or_refuse(Subject::pool(&pool.0));
            money::check_float(&pool.0, &currency, &store::holdings(&currency));
            store::keep_listing(&pool.0, &listing);
            events::PoolListed { pool, currency, lot: listing.lot, tick: listing.tick }.emit();
            done()
        }

        /// Stops trading in a pool: from now on its orders can only be cancelled.
        ///
        /// # Who
        /// LISTER_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NotListed`.
        ///
        /// # Events
        /// `PoolDelisted`.
        #[ink(message, name = "delistPool")]
        pub fn delist_pool(&mut self, pool: Address) {
            roles::only(&LISTER_ROLE);
            let mut listing = store::listing(&pool.0);
            listing.delist().or_refuse(Subject::pool(&pool.0));
            store::keep_listing(&pool.0, &listing);
            events::PoolDelisted { pool }.emit();
            done()
        }

        /// Offers shares at a price in the currency's smallest unit for 10^18 share units, until `expiry` (Unix
        /// seconds, at most 90 days from now), and answers with the order's number. The caller has allowed the market
        /// to spend the shares in the pool, which reserves them.
        ///
        /// # Who
        /// Anyone the pool lets send.
        ///
        /// # Answers
        /// `order`.
        ///
        /// # Errors
        /// `NotListed`, `BelowLot`, `OffTick`, `ExpiryPassed`, `ExpiryTooLate`, `TransferRestricted`, `AmountTooLarge`,
        /// `Overflow`, `PoolCallFailed` and the pool's own.
        ///
        /// # Events
        /// `OrderPlaced`.
        #[ink(message)]
        pub fn ask(&mut self, pool: Address, shares: U256, price: U256, expiry: u64) -> u64 {
            let order = self.place(ASK, pool, shares, price, expiry);
            shares_of::check_eligible(&order.pool, &order.maker, &[0; 20], order.shares);
            shares_of::reserve(&order.pool, &order.maker, order.shares);
            order.id
        }

        /// Wants shares at a price and until an expiry as in `ask`, and answers with the order's number. The market
        /// holds the money, `⌈shares · price / 10^18⌉`: exactly that comes with the call, or, of an ERC-20, the caller
        /// has allowed the market to spend it.
        ///
        /// # Who
        /// Anyone the pool lets receive.
        ///
        /// # Answers
        /// `order`.
        ///
        /// # Errors
        /// `NotListed`, `BelowLot`, `OffTick`, `ExpiryPassed`, `ExpiryTooLate`, `TransferRestricted`, `AmountTooLarge`,
        /// `Overflow`, `PoolCallFailed`, `WrongValue`, `CurrencyCallFailed`, `UnexpectedBalance`.
        ///
        /// # Events
        /// `OrderPlaced`.
        #[ink(message, payable)]
        pub fn bid(&mut self, pool: Address, shares: U256, price: U256, expiry: u64) -> u64 {
            let order = self.place(BID, pool, shares, price, expiry);
            shares_of::check_eligible(&order.pool, &[0; 20], &order.maker, order.shares);
            let escrow = escrow_of(&order);
            owe(&order.currency, |holdings| holdings.hold(escrow));
            money::take(&order.currency, &order.maker, escrow);
            order.id
        }

        /// Buys shares of an ask and answers with what they cost, `⌈shares · price / 10^18⌉`, at most `max_cost`:
        /// exactly that comes with the call, or, of an ERC-20, the caller has allowed the market to spend it. The
        /// seller is credited with all of it.
        ///
        /// # Who
        /// Anyone but the maker.
        ///
        /// # Answers
        /// `cost`.
        ///
        /// # Errors
        /// `UnknownOrder`, `WrongSide`, `NotListed`, `OrderExpired`, `OrderVoid`, `NotEnoughShares`, `BelowLot`,
        /// `SelfTrade`, `CostAboveLimit`, `WrongValue`, `AmountTooLarge`, `Overflow`, `CurrencyCallFailed`,
        /// `UnexpectedBalance`, `PoolCallFailed` and the pool's own.
        ///
        /// # Events
        /// `Credited`, `Traded`.
        #[ink(message, payable, name = "fillAsk")]
        pub fn fill_ask(&mut self, order: u64, shares: U256, max_cost: U256) -> U256 {
            let mut ask = store::order(order);
            let mut listing = store::listing(&ask.pool);
            let (fill, now) =
                (Taken { taker: host::caller(), shares: narrow(shares), limit: cut(max_cost) }, host::now());
            let cost = ask.fill_ask(&fill, &listing, now).or_refuse(Subject::pool(&ask.pool));
            stands(&ask);
            store::keep_order(&ask);
            listing.traded(ask.price, now);
            store::keep_listing(&ask.pool, &listing);
            owe(&ask.currency, |holdings| holdings.credit(cost));
            credit(&ask.maker, &ask.pool, cost);
            let trade = Trade { seller: ask.maker, buyer: fill.taker, shares: fill.shares, price: ask.price, cost };
            trade.emit(Some(&ask), None);
            money::take(&ask.currency, &fill.taker, cost);
            shares_of::deliver(&ask.pool, &ask.maker, &fill.taker, fill.shares);
            answer(&[number_word(cost)])
        }

        /// Sells shares to a bid and answers with what the caller is credited with: within one unit of
        /// `shares · price / 10^18`, and at least `min_proceeds`. The caller has allowed the market to spend the shares
        /// in the pool.
        ///
        /// # Who
        /// Anyone but the maker.
        ///
        /// # Answers
        /// `proceeds`.
        ///
        /// # Errors
        /// `UnknownOrder`, `WrongSide`, `NotListed`, `OrderExpired`, `NotEnoughShares`, `BelowLot`, `SelfTrade`,
        /// `ProceedsBelowLimit`, `AmountTooLarge`, `Overflow`, `PoolCallFailed` and the pool's own.
        ///
        /// # Events
        /// `Credited`, `Traded`.
        #[ink(message, name = "fillBid")]
        pub fn fill_bid(&mut self, order: u64, shares: U256, min_proceeds: U256) -> U256 {
            let mut bid = store::order(order);
            let mut listing = store::listing(&bid.pool);
            let fill = Taken { taker: host::caller(), shares: narrow(shares), limit: narrow(min_proceeds) };
            let now = host::now();
            let cost = bid.fill_bid(&fill, &listing, now).or_refuse(Subject::pool(&bid.pool));
            store::keep_order(&bid);
            listing.traded(bid.price, now);
            store::keep_listing(&bid.pool, &listing);
            owe(&bid.currency, |holdings| holdings.free(cost));
            credit(&fill.taker, &bid.pool, cost);
            let trade = Trade { seller: fill.taker, buyer: bid.maker, shares: fill.shares, price: bid.price, cost };
            trade.emit(None, Some(&bid));
            shares_of::transfer_from(&bid.pool, &fill.taker, &bid.maker, fill.shares);
            answer(&[number_word(cost)])
        }

        /// Fills an ask and a bid with each other at the earlier one's price, and answers with what the seller is
        /// credited with. What the bid held beyond it is credited to the bidder.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Answers
        /// `cost`.
        ///
        /// # Errors
        /// `UnknownOrder`, `WrongSide`, `DifferentPools`, `SelfTrade`, `PricesDoNotCross`, `NotListed`, `OrderExpired`,
        /// `OrderVoid`, `NotEnoughShares`, `BelowLot`, `AmountTooLarge`, `Overflow`, `PoolCallFailed` and the pool's
        /// own.
        ///
        /// # Events
        /// `Credited`, `Traded`.
        #[ink(message, name = "matchOrders")]
        pub fn match_orders(&mut self, ask: u64, bid: u64, shares: U256) -> U256 {
            let (mut ask, mut bid) = (store::order(ask), store::order(bid));
            let mut listing = store::listing(&ask.pool);
            let (shares, now) = (narrow(shares), host::now());
            let subject = Subject { pool: ask.pool, ask: ask.id, bid: bid.id };
            let matched = match_orders(&mut ask, &mut bid, shares, &listing, now).or_refuse(subject);
            stands(&ask);
            store::keep_order(&ask);
            store::keep_order(&bid);
            listing.traded(matched.price, now);
            store::keep_listing(&ask.pool, &listing);
            owe(&ask.currency, |holdings| holdings.free(matched.cost + matched.surplus));
            credit(&ask.maker, &ask.pool, matched.cost);
            credit(&bid.maker, &bid.pool, matched.surplus);
            let trade = Trade { seller: ask.maker, buyer: bid.maker, shares, price: matched.price, cost: matched.cost };
            trade.emit(Some(&ask), Some(&bid));
            shares_of::deliver(&ask.pool, &ask.maker, &bid.maker, shares);
            answer(&[number_word(matched.cost)])
        }

        /// Takes an order back: an ask's shares are free again, a bid's money is credited.
        ///
        /// # Who
        /// Its maker, at any time and whatever its KYC.
        ///
        /// # Errors
        /// `UnknownOrder`, `NotMaker`; for an ask `PoolCallFailed` and the pool's own.
        ///
        /// # Events
        /// `OrderCancelled`, for a bid `Credited`.
        #[ink(message)]
        pub fn cancel(&mut self, order: u64) {
            let order = store::order(order);
            order.cancel(&host::caller()).or_refuse(Subject::NOTHING);
            remove(order, false);
            done()
        }

        /// Clears an order that can no longer be filled; its maker gets back what is its own, as with `cancel`.
        ///
        /// # Who
        /// Anyone, from its expiry on, or once it is void because an agent took its shares or their holder freed them.
        ///
        /// # Errors
        /// `UnknownOrder`, `NotExpired`; for an ask `PoolCallFailed` and the pool's own.
        ///
        /// # Events
        /// `OrderCancelled`, for a bid `Credited`.
        #[ink(message, name = "cancelExpired")]
        pub fn cancel_expired(&mut self, order: u64) {
            let order = store::order(order);
            order.cancel_expired(seizures(&order), host::now()).or_refuse(Subject::NOTHING);
            remove(order, true);
            done()
        }

        /// Pays all that the market owes the caller for orders of a pool to an address of its choice. Neither may be
        /// frozen or on a sanctions list in the registry that the pool uses now, nor may the pool have recovered the
        /// caller to another account: then the money stays owed.
        ///
        /// # Who
        /// Who has a credit.
        ///
        /// # Answers
        /// `amount`.
        ///
        /// # Errors
        /// `TransferRestricted`, `InvalidRecipient`, `NothingToWithdraw`, `PoolCallFailed`, `PayoutFailed`,
        /// `BelowMinimum`, `FloatMissing`, `CurrencyCallFailed`, `UnexpectedBalance`.
        ///
        /// # Events
        /// `Withdrawn`.
        #[ink(message)]
        pub fn withdraw(&mut self, pool: Address, to: Address) -> U256 {
            let account = host::caller();
            if to.is_zero() || to.0 == host::own_address() {
                refusals::InvalidRecipient { recipient: to }.refuse();
            }
            let amount = owed(&account, &pool.0);
            screen(&pool.0, &account, &to.0);
            let currency = store::listing(&pool.0).currency;
            owe(&currency, |holdings| holdings.pay_out(amount));
            store::keep_credit(&account, &pool.0, 0);
            events::Withdrawn { account, pool, to, currency, amount }.emit();
            money::pay(&pool.0, &currency, &to.0, amount);
            answer(&[number_word(amount)])
        }

        /// Moves what the market owes a lost account for orders of a pool to who the pool has recovered it to (its
        /// `payeeOf`), and answers with how much.
        ///
        /// # Who
        /// Anyone, once the pool has recovered the lost account.
        ///
        /// # Answers
        /// `amount`.
        ///
        /// # Errors
        /// `NotRecovered`, `NothingToWithdraw`.
        ///
        /// # Events
        /// `Inherited`, `Credited`.
        #[ink(message)]
        pub fn inherit(&mut self, lost: Address, pool: Address) -> U256 {
            let heir = shares_of::successor(&pool.0, &lost.0).or_refuse(refusals::NotRecovered { account: lost });
            let amount = owed(&lost.0, &pool.0);
            store::keep_credit(&lost.0, &pool.0, 0);
            events::Inherited { lost, heir, pool, amount }.emit();
            credit(&heir, &pool.0, amount);
            answer(&[number_word(amount)])
        }

        /// An open order: its side is 1 for an ask and 2 for a bid, its shares are those left, its escrow is the money
        /// held for a bid and zero for an ask.
        ///
        /// # Answers
        /// `side`, `maker`, `pool`, `currency`, `shares`, `price`, `expiry`, `escrow`.
        ///
        /// # Errors
        /// `UnknownOrder`.
        #[ink(message, name = "orderOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's outputs")]
        pub fn order_of(&self, order: u64) -> (u8, Address, Address, Address, U256, U256, u64, U256) {
            let order = store::order(order);
            let escrow = escrow_of(&order);
            let Order { side, maker, pool, currency, shares, price, expiry, .. } = order;
            let (maker, pool, currency) = (maker.into(), pool.into(), currency.into());
            (side, maker, pool, currency, shares.into(), price.into(), expiry, escrow.into())
        }

        /// What a fill of this size costs who takes the ask, or brings who takes the bid, now.
        ///
        /// # Errors
        /// Those of `fillAsk` and `fillBid` before anything moves: `UnknownOrder`, `NotListed`, `OrderExpired`,
        /// `OrderVoid`, `NotEnoughShares`, `BelowLot`, `AmountTooLarge`, `Overflow`.
        #[ink(message)]
        pub fn quote(&self, order: u64, shares: U256) -> U256 {
            let mut order = store::order(order);
            let listing = store::listing(&order.pool);
            let limit = if order.side == ASK { u128::MAX } else { 0 };
            let fill = Taken { taker: [0; 20], shares: narrow(shares), limit };
            let subject = Subject::pool(&order.pool);
            let cost = if order.side == ASK {
                stands(&order);
                order.fill_ask(&fill, &listing, host::now())
            } else {
                order.fill_bid(&fill, &listing, host::now())
            };
            answer(&[number_word(cost.or_refuse(subject))])
        }

        /// How many orders were ever placed: the last one's number.
        #[ink(message, name = "orderCount")]
        pub fn order_count(&self) -> u64 {
            self.orders
        }

        /// A pool on the market, all zeros where it was never listed; price and time (Unix seconds) of its last trade
        /// are zero before the first.
        ///
        /// # Answers
        /// `listed`, `currency`, `lot`, `tick`, `lastPrice`, `lastTrade`.
        #[ink(message, name = "listingOf")]
        pub fn listing_of(&self, pool: Address) -> (bool, Address, U256, U256, U256, u64) {
            let Listing { listed, currency, lot, tick, last_price, last_trade } = store::listing(&pool.0);
            (listed, currency.into(), lot.into(), tick.into(), last_price.into(), last_trade)
        }

        /// What the market holds in a currency for open bids, and what it owes accounts; its balance is never less than
        /// the sum.
        ///
        /// # Answers
        /// `escrow`, `credits`.
        #[ink(message, name = "escrowOf")]
        pub fn escrow_of(&self, currency: Address) -> (U256, U256) {
            let Holdings { escrow, credits } = store::holdings(&currency.0);
            (escrow.into(), credits.into())
        }

        /// What the market owes an account for orders of a pool, in the pool's currency.
        #[ink(message, name = "creditOf")]
        pub fn credit_of(&self, account: Address, pool: Address) -> U256 {
            store::credit(&account.0, &pool.0).into()
        }

        /// Numbers and keeps a new order of the caller.
        #[inline(never)]
        fn place(&mut self, side: u8, pool: Address, shares: U256, price: U256, expiry: u64) -> Order {
            let id = self.orders + 1;
            let (maker, pool) = (host::caller(), pool.0);
            let (shares, price) = (narrow(shares), narrow(price));
            let seizures = if side == ASK { shares_of::seizures(&pool, &maker, 0) } else { 0 };
            let wanted = Wanted { id, side, maker, pool, shares, price, expiry, seizures };
            let order = store::listing(&pool).place(wanted, host::now()).or_refuse(Subject::pool(&pool));
            self.orders = id;
            store::keep_order(&order);
            let placed = events::OrderPlaced {
                order: id,
                maker,
                pool,
                side,
                currency: order.currency,
                shares: order.shares,
                price: order.price,
                expiry,
                escrow: escrow_of(&order),
            };
            placed.emit();
            order
        }
    }

    /// Takes an order off the market and gives its maker back what is its own.
    #[inline(never)]
    fn remove(order: Order, expired: bool) {
        let refund = escrow_of(&order);
        store::keep_order(&Order { shares: 0, ..order });
        let Order { id, maker, pool, shares, .. } = order;
        events::OrderCancelled { order: id, maker, pool, expired, shares, refund }.emit();
        if order.stands(seizures(&order)).is_err() {
            // Its shares are reserved no longer.
        } else if order.side == ASK {
            shares_of::release(&order.pool, &order.maker, order.shares);
        } else {
            owe(&order.currency, |holdings| holdings.free(refund));
            credit(&order.maker, &order.pool, refund);
        }
    }

    /// By the pool's count now; a bid has none.
    fn seizures(order: &Order) -> u32 {
        if order.side == ASK { shares_of::seizures(&order.pool, &order.maker, order.seizures) } else { 0 }
    }

    /// Stops where an agent has ended an ask.
    fn stands(ask: &Order) {
        ask.stands(seizures(ask)).or_refuse(Subject::NOTHING);
    }

    fn escrow_of(order: &Order) -> u128 {
        order.escrow().or_refuse(Subject::NOTHING)
    }

    /// Changes what the market owes in a currency.
    fn owe(currency: &Account, change: impl FnOnce(&mut Holdings) -> Result<(), MarketError>) {
        let mut holdings = store::holdings(currency);
        change(&mut holdings).or_refuse(Subject::NOTHING);
        store::keep_holdings(currency, &holdings);
    }

    /// What an account has to withdraw for orders of a pool.
    fn owed(account: &Account, pool: &Account) -> u128 {
        match store::credit(account, pool) {
            0 => refusals::NothingToWithdraw { account, pool }.refuse(),
            amount => amount,
        }
    }

    /// Credits an account for an order of a pool: by that pool's registry it is screened when it withdraws.
    #[inline(never)]
    fn credit(account: &Account, pool: &Account, amount: u128) {
        if amount == 0 {
            return;
        }
        let credit = add(store::credit(account, pool), amount).or_refuse(Subject::NOTHING);
        store::keep_credit(account, pool, credit);
        events::Credited { account, pool, amount, credit }.emit();
    }

    /// A limit above all amounts is none.
    fn cut(limit: U256) -> u128 {
        yieldset_shell::words::narrow(limit).unwrap_or(u128::MAX)
    }
}
