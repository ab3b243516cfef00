//! Why the market refuses, and refusing.
//!
//! Refusing ends the call at once instead of handing an error up: the `Result`s in the messages' signatures tell the ABI which
//! errors there are, and passing them through every caller would be code, which is proof on each call.

use ink::{Address, U256, codegen::sol::selector_bytes, sol::FixedBytes};
use yieldset_rules::market::MarketError;
use yieldset_shell::{
    access::AccessError,
    host,
    words::{Word, address_word, number_word},
};

use crate::calls::Message;

/// What an error says, as a word.
trait Figure {
    fn word(self) -> Word;
}

impl Figure for Address {
    fn word(self) -> Word {
        address_word(&self.0)
    }
}

impl Figure for FixedBytes<32> {
    fn word(self) -> Word {
        self.0
    }
}

impl Figure for U256 {
    fn word(self) -> Word {
        self.to_big_endian()
    }
}

impl Figure for u64 {
    fn word(self) -> Word {
        number_word(self.into())
    }
}

impl Figure for u8 {
    fn word(self) -> Word {
        number_word(self.into())
    }
}

/// Declares the errors, for the ABI, and how each is encoded: a general encoder for them all would be a quarter of the code.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident($($field:ident: $kind:ty),*) = $signature:literal;)*) => {
        /// Why a message is refused; each variant is a Solidity custom error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[ink::error]
        pub enum Error {
            $($(#[$doc])* $name($($kind),*),)*
        }

        /// Reverts everything the message did and answers with the error.
        #[cold]
        #[inline(never)]
        pub fn refuse(error: Error) -> ! {
            match error {
                $(Error::$name($($field),*) => end(const { selector_bytes($signature) }, &[$($field.word()),*]),)*
            }
        }
    };
}

#[inline(never)]
fn end(selector: [u8; 4], words: &[Word]) -> ! {
    host::revert(Message::new(selector, words).as_bytes())
}

errors! {
    /// The account lacks the role.
    AccessControlUnauthorizedAccount(a: Address, b: FixedBytes<32>) = "AccessControlUnauthorizedAccount(address,bytes32)";
    /// Renouncing needs the caller's own address as confirmation.
    AccessControlBadConfirmation() = "AccessControlBadConfirmation()";
    /// The default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules() = "AccessControlEnforcedDefaultAdminRules()";
    /// Only the proposed successor can accept.
    AccessControlInvalidDefaultAdmin(a: Address) = "AccessControlInvalidDefaultAdmin(address)";
    /// There is no such order, or it is filled or cancelled.
    UnknownOrder(a: u64) = "UnknownOrder(uint64)";
    /// The pool is not listed, or not any more.
    NotListed(a: Address) = "NotListed(address)";
    /// The pool was listed with another currency before: (pool, that currency).
    CurrencyChanged(a: Address, b: Address) = "CurrencyChanged(address,address)";
    /// A lot or tick of zero.
    ZeroAmount() = "ZeroAmount()";
    /// Above 2^128 − 1.
    AmountTooLarge(a: U256) = "AmountTooLarge(uint256)";
    /// A figure would not fit in 128 bits.
    Overflow() = "Overflow()";
    /// Fewer shares than the pool's lot, and not the rest of the order: (shares, lot).
    BelowLot(a: U256, b: U256) = "BelowLot(uint256,uint256)";
    /// The price is zero or no multiple of the pool's tick: (price, tick).
    OffTick(a: U256, b: U256) = "OffTick(uint256,uint256)";
    /// The order would be expired already: (expiry, now).
    ExpiryPassed(a: u64, b: u64) = "ExpiryPassed(uint64,uint64)";
    /// An ask where a bid is needed, or the other way round.
    WrongSide(a: u64) = "WrongSide(uint64)";
    /// The order can no longer be filled: (order, expiry).
    OrderExpired(a: u64, b: u64) = "OrderExpired(uint64,uint64)";
    /// Until its expiry only its maker may cancel the order: (order, expiry).
    NotExpired(a: u64, b: u64) = "NotExpired(uint64,uint64)";
    /// Only the order's maker may cancel it: (order, caller).
    NotMaker(a: u64, b: Address) = "NotMaker(uint64,address)";
    /// The order has fewer shares left: (order, left, wanted).
    NotEnoughShares(a: u64, b: U256, c: U256) = "NotEnoughShares(uint64,uint256,uint256)";
    /// Buyer and seller are one account.
    SelfTrade(a: Address) = "SelfTrade(address)";
    /// The bid is below the ask: (ask's price, bid's price).
    PricesDoNotCross(a: U256, b: U256) = "PricesDoNotCross(uint256,uint256)";
    /// The two orders are for different pools: (ask, bid).
    DifferentPools(a: u64, b: u64) = "DifferentPools(uint64,uint64)";
    /// More than the taker is willing to pay: (cost, limit).
    CostAboveLimit(a: U256, b: U256) = "CostAboveLimit(uint256,uint256)";
    /// Less than the taker is willing to accept: (proceeds, limit).
    ProceedsBelowLimit(a: U256, b: U256) = "ProceedsBelowLimit(uint256,uint256)";
    /// Wei that came with the call: (got, expected); none where the pool's currency is an ERC-20.
    WrongValue(a: U256, b: U256) = "WrongValue(uint256,uint256)";
    /// The pool's rules or KYC refuse: an ERC-1404 code, explained by `messageForTransferRestriction`.
    TransferRestricted(a: u8) = "TransferRestricted(uint8)";
    /// The pool did not do what it was asked and gave no reason. Where it gives one, that is the answer.
    PoolCallFailed(a: Address) = "PoolCallFailed(address)";
    /// The currency refused, or answered something else than true.
    CurrencyCallFailed(a: Address) = "CurrencyCallFailed(address)";
    /// The currency moved another amount than it was told: (currency, expected balance of the market, its balance).
    UnexpectedBalance(a: Address, b: U256, c: U256) = "UnexpectedBalance(address,uint256,uint256)";
    /// The market owes the account nothing in the currency: (account, currency).
    NothingToWithdraw(a: Address, b: Address) = "NothingToWithdraw(address,address)";
    /// Money cannot be paid to this address.
    InvalidRecipient(a: Address) = "InvalidRecipient(address)";
    /// The recipient does not accept the payment; the money stays credited.
    PayoutFailed(a: Address) = "PayoutFailed(address)";
}

impl From<AccessError> for Error {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Unauthorized(account, role) => {
                Self::AccessControlUnauthorizedAccount(account.into(), FixedBytes(role))
            }
            AccessError::BadConfirmation => Self::AccessControlBadConfirmation(),
            AccessError::EnforcedDefaultAdminRules => Self::AccessControlEnforcedDefaultAdminRules(),
            AccessError::InvalidDefaultAdmin(account) => Self::AccessControlInvalidDefaultAdmin(account.into()),
        }
    }
}

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

/// An amount within 128 bits.
pub fn narrow(amount: U256) -> u128 {
    yieldset_shell::words::narrow(amount).unwrap_or_else(|| refuse(Error::AmountTooLarge(amount)))
}
