//! Secondary market for pool shares: asks and bids with escrow on both sides, delivery versus payment.
//!
//! A thin shell: what may happen and what it costs is decided in [`yieldset_rules::market`]. Shares never enter the
//! market: those of an ask stay the seller's, reserved in the pool. Money that the market owes is credited and leaves
//! by `withdraw` alone, so that no account or currency that refuses a payment can stand in the way of others.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod calls;
mod errors;
mod events;
mod store;
mod trade;

/// The contract.
#[ink::contract]
mod market {
    use crate::{
        calls::{money, pool as shares_of, screen, successor, topic},
        errors::{Error, Subject, narrow, refuse},
        store,
        trade::Trade,
    };
    use ink::{U256, sol::FixedBytes};
    use yieldset_rules::market::{
        ASK, Address as Account, BID, Holdings, Listing, MarketError, Order, Taken, Wanted, add, match_orders,
    };
    use yieldset_shell::{
        access::{self, Role},
        host,
        words::{address_word, number_word},
    };

    /// Lists and delists pools.
    const LISTER_ROLE: Role = access::role("LISTER_ROLE");

    type Bytes32 = FixedBytes<32>;

    /// The root cell: the number of orders ever placed.
    #[ink(storage)]
    pub struct Market {
        orders: u64,
    }

    impl Market {
        /// A market without pools.
        #[ink(constructor)]
        pub fn new(admin: Address) -> Self {
            access::initialise(&admin.0);
            Self { orders: 0 }
        }

        /// Lists a pool, or sets its lot and tick anew; open orders keep their size and price. The currency is the
        /// pool's, asked now and never again. Of one with a least balance the market has that beside what it owes.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount` without LISTER_ROLE, `ZeroAmount`, `AmountTooLarge`, `CurrencyChanged`,
        /// `FloatMissing`, `PoolCallFailed`.
        #[ink(message, name = "listPool")]
        pub fn list_pool(&mut self, pool: Address, lot: U256, tick: U256) -> Result<(), Error> {
            only_lister();
            let mut listing = store::listing(&pool.0);
            let currency = shares_of::currency(&pool.0);
            Subject::pool(&pool.0).allow(listing.list(currency, narrow(lot), narrow(tick)));
            money::check_float(&pool.0, &currency, &store::holdings(&currency));
            store::keep_listing(&pool.0, &listing);
            let data = [number_word(listing.lot), number_word(listing.tick)];
            host::emit(&[topic::POOL_LISTED, address_word(&pool.0), address_word(&currency)], &data);
            Ok(())
        }

        /// Stops trading in a pool; its orders can be cancelled.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount` without LISTER_ROLE, `NotListed`.
        #[ink(message, name = "delistPool")]
        pub fn delist_pool(&mut self, pool: Address) -> Result<(), Error> {
            only_lister();
            let mut listing = store::listing(&pool.0);
            Subject::pool(&pool.0).allow(listing.delist());
            store::keep_listing(&pool.0, &listing);
            host::emit(&[topic::POOL_DELISTED, address_word(&pool.0)], &[]);
            Ok(())
        }

        /// Offers shares at a price for 10^18 share units until `expiry` (Unix seconds), and answers with the order's
        /// number. The caller has allowed the market to spend the shares in the pool, which reserves them.
        ///
        /// # Errors
        /// `NotListed`, `BelowLot`, `OffTick`, `ExpiryPassed`, `AmountTooLarge`, `Overflow`, `TransferRestricted`,
        /// `PoolCallFailed` and the pool's own.
        #[ink(message)]
        pub fn ask(&mut self, pool: Address, shares: U256, price: U256, expiry: u64) -> Result<u64, Error> {
            let order = self.place(ASK, pool, shares, price, expiry);
            shares_of::check_eligible(&order.pool, &order.maker, &[0; 20], order.shares);
            shares_of::reserve(&order.pool, &order.maker, order.shares);
            Ok(order.id)
        }

        /// Wants shares at a price for 10^18 share units until `expiry` (Unix seconds); answers with its number.
        /// The money, `⌈shares · price / 10^18⌉`, comes with the call, or the caller has let the market spend it.
        ///
        /// # Errors
        /// `NotListed`, `BelowLot`, `OffTick`, `ExpiryPassed`, `AmountTooLarge`, `Overflow`, `TransferRestricted`,
        /// `PoolCallFailed`, `WrongValue`, `CurrencyCallFailed`, `UnexpectedBalance`.
        #[ink(message, payable)]
        pub fn bid(&mut self, pool: Address, shares: U256, price: U256, expiry: u64) -> Result<u64, Error> {
            let order = self.place(BID, pool, shares, price, expiry);
            shares_of::check_eligible(&order.pool, &[0; 20], &order.maker, order.shares);
            let escrow = escrow_of(&order);
            owe(&order.currency, |holdings| holdings.hold(escrow));
            money::take(&order.currency, &order.maker, escrow);
            Ok(order.id)
        }

        /// Buys shares of an ask and answers with what they cost, `⌈shares · price / 10^18⌉`, which comes with the
        /// call, or the caller has allowed the market to spend it. The seller is credited with all of it.
        ///
        /// # Errors
        /// `UnknownOrder`, `WrongSide`, `NotListed`, `OrderExpired`, `NotEnoughShares`, `BelowLot`, `SelfTrade`,
        /// `CostAboveLimit`, `AmountTooLarge`, `Overflow`, `WrongValue`, `CurrencyCallFailed`, `UnexpectedBalance`,
        /// `PoolCallFailed` and the pool's own.
        #[ink(message, payable, name = "fillAsk")]
        pub fn fill_ask(&mut self, order: u64, shares: U256, max_cost: U256) -> Result<U256, Error> {
            let mut ask = store::order(order);
            let mut listing = store::listing(&ask.pool);
            let (fill, now) =
                (Taken { taker: host::caller(), shares: narrow(shares), limit: cut(max_cost) }, host::now());
            let cost = Subject::pool(&ask.pool).allow(ask.fill_ask(&fill, &listing, now));
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
            Ok(cost.into())
        }

        /// Sells shares to a bid and answers with what the caller is credited with: within one unit of
        /// `shares · price / 10^18`. The caller has allowed the market to spend the shares in the pool.
        ///
        /// # Errors
        /// `UnknownOrder`, `WrongSide`, `NotListed`, `OrderExpired`, `NotEnoughShares`, `BelowLot`, `SelfTrade`,
        /// `ProceedsBelowLimit`, `AmountTooLarge`, `Overflow`, `PoolCallFailed` and the pool's own.
        #[ink(message, name = "fillBid")]
        pub fn fill_bid(&mut self, order: u64, shares: U256, min_proceeds: U256) -> Result<U256, Error> {
            let mut bid = store::order(order);
            let mut listing = store::listing(&bid.pool);
            let fill = Taken { taker: host::caller(), shares: narrow(shares), limit: narrow(min_proceeds) };
            let now = host::now();
            let cost = Subject::pool(&bid.pool).allow(bid.fill_bid(&fill, &listing, now));
            store::keep_order(&bid);
            listing.traded(bid.price, now);
            store::keep_listing(&bid.pool, &listing);
            owe(&bid.currency, |holdings| holdings.free(cost));
            credit(&fill.taker, &bid.pool, cost);
            let trade = Trade { seller: fill.taker, buyer: bid.maker, shares: fill.shares, price: bid.price, cost };
            trade.emit(None, Some(&bid));
            shares_of::transfer_from(&bid.pool, &fill.taker, &bid.maker, fill.shares);
            Ok(cost.into())
        }

        /// Fills an ask and a bid with each other at the earlier one's price, by anyone, and answers with what the
        /// seller is credited with. What the bid held beyond it is credited to the bidder.
        ///
        /// # Errors
        /// `UnknownOrder`, `WrongSide`, `DifferentPools`, `SelfTrade`, `PricesDoNotCross`, `NotListed`, `OrderExpired`,
        /// `NotEnoughShares`, `BelowLot`, `AmountTooLarge`, `Overflow`, `PoolCallFailed` and the pool's own.
        #[ink(message, name = "matchOrders")]
        pub fn match_orders(&mut self, ask: u64, bid: u64, shares: U256) -> Result<U256, Error> {
            let (mut ask, mut bid) = (store::order(ask), store::order(bid));
            let mut listing = store::listing(&ask.pool);
            let (shares, now) = (narrow(shares), host::now());
            let subject = Subject { pool: ask.pool, ask: ask.id, bid: bid.id };
            let done = subject.allow(match_orders(&mut ask, &mut bid, shares, &listing, now));
            stands(&ask);
            store::keep_order(&ask);
            store::keep_order(&bid);
            listing.traded(done.price, now);
            store::keep_listing(&ask.pool, &listing);
            owe(&ask.currency, |holdings| holdings.free(done.cost + done.surplus));
            credit(&ask.maker, &ask.pool, done.cost);
            credit(&bid.maker, &bid.pool, done.surplus);
            let trade = Trade { seller: ask.maker, buyer: bid.maker, shares, price: done.price, cost: done.cost };
            trade.emit(Some(&ask), Some(&bid));
            shares_of::deliver(&ask.pool, &ask.maker, &bid.maker, shares);
            Ok(done.cost.into())
        }

        /// Takes the caller's order back, at any time and whatever its KYC: an ask's shares are free again, a bid's
        /// money is credited.
        ///
        /// # Errors
        /// `UnknownOrder`, `NotMaker`, `PoolCallFailed` and the pool's own.
        #[ink(message)]
        pub fn cancel(&mut self, order: u64) -> Result<(), Error> {
            let order = store::order(order);
            Subject::default().allow(order.cancel(&host::caller()));
            remove(order, false);
            Ok(())
        }

        /// Clears an order that is expired, or void because an agent took its shares, by anyone; its maker gets back
        /// what is its own, as with `cancel`.
        ///
        /// # Errors
        /// `UnknownOrder`, `NotExpired`, `PoolCallFailed` and the pool's own.
        #[ink(message, name = "cancelExpired")]
        pub fn cancel_expired(&mut self, order: u64) -> Result<(), Error> {
            let order = store::order(order);
            Subject::default().allow(order.cancel_expired(seizures(&order), host::now()));
            remove(order, true);
            Ok(())
        }

        /// Pays all that the market owes the caller for orders of a pool to an address of its choice. Neither may be
        /// frozen or on a sanctions list in the registry that the pool uses now: then the money stays owed.
        ///
        /// # Errors
        /// `TransferRestricted`, `InvalidRecipient`, `NothingToWithdraw`, `PoolCallFailed`, `PayoutFailed`,
        /// `BelowMinimum`, `FloatMissing`, `CurrencyCallFailed`, `UnexpectedBalance`.
        #[ink(message)]
        pub fn withdraw(&mut self, pool: Address, to: Address) -> Result<U256, Error> {
            let account = host::caller();
            if to.is_zero() || to.0 == host::own_address() {
                refuse(Error::InvalidRecipient(to));
            }
            let amount = owed(&account, &pool.0);
            screen(&shares_of::registry(&pool.0), &account, &to.0);
            let currency = store::listing(&pool.0).currency;
            owe(&currency, |holdings| holdings.pay_out(amount));
            store::keep_credit(&account, &pool.0, 0);
            let topics = [topic::WITHDRAWN, address_word(&account), address_word(&pool.0), address_word(&to.0)];
            host::emit(&topics, &[address_word(&currency), number_word(amount)]);
            money::pay(&pool.0, &currency, &to.0, amount);
            Ok(amount.into())
        }

        /// Moves what the market owes a lost account for orders of a pool to who the pool's registry has recovered it
        /// to, by anyone, while the registry keeps the lost account out. Answers with how much.
        ///
        /// # Errors
        /// `NotRecovered`, `NothingToWithdraw`, `PoolCallFailed`.
        #[ink(message)]
        pub fn inherit(&mut self, lost: Address, pool: Address) -> Result<U256, Error> {
            let Some(heir) = successor(&shares_of::registry(&pool.0), &lost.0) else {
                refuse(Error::NotRecovered(lost))
            };
            let amount = owed(&lost.0, &pool.0);
            store::keep_credit(&lost.0, &pool.0, 0);
            let topics = [topic::INHERITED, address_word(&lost.0), address_word(&heir), address_word(&pool.0)];
            host::emit(&topics, &[number_word(amount)]);
            credit(&heir, &pool.0, amount);
            Ok(amount.into())
        }

        /// An open order: `(side, maker, pool, currency, shares, price, expiry, escrow)`, its shares being those left.
        ///
        /// # Errors
        /// `UnknownOrder`.
        #[ink(message, name = "orderOf")]
        #[allow(clippy::type_complexity, reason = "the ABI's outputs")]
        pub fn order_of(&self, order: u64) -> Result<(u8, Address, Address, Address, U256, U256, u64, U256), Error> {
            let order = store::order(order);
            let escrow = escrow_of(&order);
            let Order { side, maker, pool, currency, shares, price, expiry, .. } = order;
            let (maker, pool, currency) = (maker.into(), pool.into(), currency.into());
            Ok((side, maker, pool, currency, shares.into(), price.into(), expiry, escrow.into()))
        }

        /// What a fill of this size costs who takes the ask, or brings who takes the bid, now.
        ///
        /// # Errors
        /// Those of `fillAsk` and `fillBid` before anything moves.
        #[ink(message)]
        pub fn quote(&self, order: u64, shares: U256) -> Result<U256, Error> {
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
            Ok(subject.allow(cost).into())
        }

        /// How many orders were ever placed: the last one's number.
        #[ink(message, name = "orderCount")]
        pub fn order_count(&self) -> u64 {
            self.orders
        }

        /// A pool: `(listed, currency, lot, tick, lastPrice, lastTrade)`; the last two are zero before its first trade.
        #[ink(message, name = "listingOf")]
        pub fn listing_of(&self, pool: Address) -> (bool, Address, U256, U256, U256, u64) {
            let Listing { listed, currency, lot, tick, last_price, last_trade } = store::listing(&pool.0);
            (listed, currency.into(), lot.into(), tick.into(), last_price.into(), last_trade)
        }

        /// What the market holds in a currency, and never less: `(escrow, credits)`, for open bids and for accounts.
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

        /// AccessControl: whether an account has a role.
        #[ink(message, name = "hasRole")]
        pub fn has_role(&self, role: Bytes32, account: Address) -> bool {
            access::has_role(&role.0, &account.0)
        }

        /// AccessControl: who grants a role; always the default admin.
        #[ink(message, name = "getRoleAdmin")]
        pub fn get_role_admin(&self, role: Bytes32) -> Bytes32 {
            let _ = role;
            FixedBytes(access::DEFAULT_ADMIN_ROLE)
        }

        /// AccessControl: gives a role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allow(access::grant(&role.0, &account.0))
        }

        /// AccessControl: takes a role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allow(access::revoke(&role.0, &account.0))
        }

        /// AccessControl: gives up a role of the caller.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "renounceRole")]
        pub fn renounce_role(&mut self, role: Bytes32, caller_confirmation: Address) -> Result<(), Error> {
            allow(access::renounce(&role.0, &caller_confirmation.0))
        }

        /// AccessControl: the default admin.
        #[ink(message, name = "defaultAdmin")]
        pub fn default_admin(&self) -> Address {
            access::default_admin().into()
        }

        /// AccessControl: who was named the next default admin.
        #[ink(message, name = "pendingDefaultAdmin")]
        pub fn pending_default_admin(&self) -> Address {
            access::pending_default_admin().into()
        }

        /// AccessControl: names the next default admin, or with address zero nobody any more.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "beginDefaultAdminTransfer")]
        pub fn begin_default_admin_transfer(&mut self, new_admin: Address) -> Result<(), Error> {
            allow(access::begin_default_admin_transfer(&new_admin.0))
        }

        /// AccessControl: the caller becomes default admin, where it was named.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin`.
        #[ink(message, name = "acceptDefaultAdminTransfer")]
        pub fn accept_default_admin_transfer(&mut self) -> Result<(), Error> {
            allow(access::accept_default_admin_transfer())
        }

        /// Numbers and keeps a new order of the caller.
        #[inline(never)]
        fn place(&mut self, side: u8, pool: Address, shares: U256, price: U256, expiry: u64) -> Order {
            let id = self.orders + 1;
            let (maker, pool) = (host::caller(), pool.0);
            let (shares, price) = (narrow(shares), narrow(price));
            let seizures = if side == ASK { shares_of::seizures(&pool, &maker, 0) } else { 0 };
            let wanted = Wanted { id, side, maker, pool, shares, price, expiry, seizures };
            let order = Subject::pool(&pool).allow(store::listing(&pool).place(wanted, host::now()));
            self.orders = id;
            store::keep_order(&order);
            let topics = [topic::ORDER_PLACED, number_word(id.into()), address_word(&maker), address_word(&pool)];
            let data = [
                number_word(side.into()),
                address_word(&order.currency),
                number_word(order.shares),
                number_word(order.price),
                number_word(expiry.into()),
                number_word(escrow_of(&order)),
            ];
            host::emit(&topics, &data);
            order
        }
    }

    /// Takes an order off the market and gives its maker back what is its own.
    #[inline(never)]
    fn remove(order: Order, expired: bool) {
        let refund = escrow_of(&order);
        store::keep_order(&Order { shares: 0, ..order });
        let topics = [
            topic::ORDER_CANCELLED,
            number_word(order.id.into()),
            address_word(&order.maker),
            address_word(&order.pool),
        ];
        host::emit(&topics, &[number_word(expired.into()), number_word(order.shares), number_word(refund)]);
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
        Subject::default().allow(ask.stands(seizures(ask)));
    }

    fn escrow_of(order: &Order) -> u128 {
        Subject::default().allow(order.escrow())
    }

    /// Changes what the market owes in a currency.
    fn owe(currency: &Account, change: impl FnOnce(&mut Holdings) -> Result<(), MarketError>) {
        let mut holdings = store::holdings(currency);
        Subject::default().allow(change(&mut holdings));
        store::keep_holdings(currency, &holdings);
    }

    /// What an account has to withdraw for orders of a pool.
    fn owed(account: &Account, pool: &Account) -> u128 {
        match store::credit(account, pool) {
            0 => refuse(Error::NothingToWithdraw((*account).into(), (*pool).into())),
            amount => amount,
        }
    }

    /// Credits an account for an order of a pool: by that pool's registry it is screened when it withdraws.
    #[inline(never)]
    fn credit(account: &Account, pool: &Account, amount: u128) {
        if amount == 0 {
            return;
        }
        let credit = Subject::default().allow(add(store::credit(account, pool), amount));
        store::keep_credit(account, pool, credit);
        let topics = [topic::CREDITED, address_word(account), address_word(pool)];
        host::emit(&topics, &[number_word(amount), number_word(credit)]);
    }

    /// A limit above all amounts is none.
    fn cut(limit: U256) -> u128 {
        yieldset_shell::words::narrow(limit).unwrap_or(u128::MAX)
    }

    fn only_lister() {
        if let Err(error) = access::check(&LISTER_ROLE, &host::caller()) {
            refuse(error.into());
        }
    }

    fn allow(result: Result<(), access::AccessError>) -> Result<(), Error> {
        result.map_err(|error| refuse(error.into()))
    }
}
