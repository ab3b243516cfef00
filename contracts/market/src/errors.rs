//! Why the market refuses, and refusing.
//!
//! Refusing ends the call at once instead of handing an error up: the `Result`s in the messages' signatures tell the
//! ABI which errors there are, and passing them through every caller would be code, which is proof on each call.

use ink::{Address, U256, env::ReturnFlags, sol::FixedBytes};
use yieldset_rules::market::MarketError;

/// Why a message is refused; each variant is a Solidity custom error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// The account lacks the role.
    AccessControlUnauthorizedAccount(Address, FixedBytes<32>),
    /// Renouncing needs the caller's own address as confirmation.
    AccessControlBadConfirmation(),
    /// The default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules(),
    /// Only the proposed successor can accept.
    AccessControlInvalidDefaultAdmin(Address),
    /// There is no such order, or it is filled or cancelled.
    UnknownOrder(u64),
    /// The pool is not listed, or not any more.
    NotListed(Address),
    /// The pool was listed with another currency before: (pool, that currency).
    CurrencyChanged(Address, Address),
    /// A lot or tick of zero.
    ZeroAmount(),
    /// Above 2^128 − 1.
    AmountTooLarge(U256),
    /// A figure would not fit in 128 bits.
    Overflow(),
    /// Fewer shares than the pool's lot, and not the rest of the order: (shares, lot).
    BelowLot(U256, U256),
    /// The price is zero or no multiple of the pool's tick: (price, tick).
    OffTick(U256, U256),
    /// The order would be expired already: (expiry, now).
    ExpiryPassed(u64, u64),
    /// The order would live longer than 90 days: (expiry, latest).
    ExpiryTooLate(u64, u64),
    /// An agent of the pool took shares that were on offer, or their holder freed them there, and so ended the order;
    /// anybody may clear it.
    OrderVoid(u64),
    /// An ask where a bid is needed, or the other way round.
    WrongSide(u64),
    /// The order can no longer be filled: (order, expiry).
    OrderExpired(u64, u64),
    /// Until its expiry only its maker may cancel the order: (order, expiry).
    NotExpired(u64, u64),
    /// Only the order's maker may cancel it: (order, caller).
    NotMaker(u64, Address),
    /// The order has fewer shares left: (order, left, wanted).
    NotEnoughShares(u64, U256, U256),
    /// Buyer and seller are one account.
    SelfTrade(Address),
    /// The bid is below the ask: (ask's price, bid's price).
    PricesDoNotCross(U256, U256),
    /// The two orders are for different pools: (ask, bid).
    DifferentPools(u64, u64),
    /// More than the taker is willing to pay: (cost, limit).
    CostAboveLimit(U256, U256),
    /// Less than the taker is willing to accept: (proceeds, limit).
    ProceedsBelowLimit(U256, U256),
    /// Wei that came with the call: (got, expected); none where the pool's currency is an ERC-20.
    WrongValue(U256, U256),
    /// The pool's rules or KYC refuse: an ERC-1404 code, explained by `messageForTransferRestriction`.
    TransferRestricted(u8),
    /// The pool did not do what it was asked and gave no reason. Where it gives one, that is the answer.
    PoolCallFailed(Address),
    /// The currency refused, or answered something else than true.
    CurrencyCallFailed(Address),
    /// The currency moved another amount than it was told: (currency, expected balance of the market, its balance).
    UnexpectedBalance(Address, U256, U256),
    /// The market owes the account nothing for orders of the pool: (account, pool).
    NothingToWithdraw(Address, Address),
    /// The registry has not recovered the account, or lets it act again: it withdraws itself.
    NotRecovered(Address),
    /// Money cannot be paid to this address.
    InvalidRecipient(Address),
    /// The recipient does not accept the payment; the money stays credited.
    PayoutFailed(Address),
    /// The market would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    FloatMissing(U256),
}

yieldset_shell::access_refusals!(Error);

/// What a decision was about, for the errors that name it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject {
    /// The pool.
    pub pool: [u8; 20],
    /// The ask of a match.
    pub ask: u64,
    /// The bid of a match.
    pub bid: u64,
}

impl Subject {
    /// A decision about a pool.
    pub fn pool(pool: &[u8; 20]) -> Self {
        Self { pool: *pool, ask: 0, bid: 0 }
    }

    /// The decision's result, or the end of the call.
    pub fn allow<T>(&self, decision: Result<T, MarketError>) -> T {
        decision.unwrap_or_else(|error| refuse(self.explain(error)))
    }

    fn explain(&self, error: MarketError) -> Error {
        match error {
            MarketError::NotListed => Error::NotListed(self.pool.into()),
            MarketError::ZeroAmount => Error::ZeroAmount(),
            MarketError::CurrencyChanged(before) => Error::CurrencyChanged(self.pool.into(), before.into()),
            MarketError::BelowLot(shares, lot) => Error::BelowLot(shares.into(), lot.into()),
            MarketError::OffTick(price, tick) => Error::OffTick(price.into(), tick.into()),
            MarketError::ExpiryPassed(expiry, now) => Error::ExpiryPassed(expiry, now),
            MarketError::ExpiryTooLate(expiry, latest) => Error::ExpiryTooLate(expiry, latest),
            MarketError::OrderVoid(order) => Error::OrderVoid(order),
            MarketError::WrongSide(order) => Error::WrongSide(order),
            MarketError::OrderExpired(order, expiry) => Error::OrderExpired(order, expiry),
            MarketError::NotExpired(order, expiry) => Error::NotExpired(order, expiry),
            MarketError::NotMaker(order, caller) => Error::NotMaker(order, caller.into()),
            MarketError::NotEnoughShares(order, left, wanted) => {
                Error::NotEnoughShares(order, left.into(), wanted.into())
            }
            MarketError::SelfTrade(account) => Error::SelfTrade(account.into()),
            MarketError::PricesDoNotCross(ask, bid) => Error::PricesDoNotCross(ask.into(), bid.into()),
            MarketError::DifferentPools => Error::DifferentPools(self.ask, self.bid),
            MarketError::CostAboveLimit(cost, limit) => Error::CostAboveLimit(cost.into(), limit.into()),
            MarketError::ProceedsBelowLimit(proceeds, limit) => {
                Error::ProceedsBelowLimit(proceeds.into(), limit.into())
            }
            // The message that withdraws knows account and currency and says so itself.
            MarketError::NothingToWithdraw | MarketError::Overflow => Error::Overflow(),
        }
    }
}

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// An amount within 128 bits.
pub fn narrow(amount: U256) -> u128 {
    yieldset_shell::words::narrow(amount).unwrap_or_else(|| refuse(Error::AmountTooLarge(amount)))
}
