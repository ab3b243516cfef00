//! Why the market refuses.

use ink::U256;
use yieldset_rules::market::MarketError;
use yieldset_shell::refusals::{Explain, OrRefuse};

yieldset_shell::refusals! {
    /// There is no such order, or it is filled or cancelled.
    UnknownOrder(order: uint64),
    /// The pool is not listed, or not any more.
    NotListed(pool: address),
    /// The pool was listed with another currency before: (pool, that currency).
    CurrencyChanged(pool: address, before: address),
    /// A lot or tick of zero.
    ZeroAmount(),
    /// Above 2^128 − 1.
    AmountTooLarge(amount: uint256),
    /// A figure would not fit in 128 bits.
    Overflow(),
    /// Fewer shares than the pool's lot, and not the rest of the order: (shares, lot).
    BelowLot(shares: uint256, lot: uint256),
    /// The price is zero or no multiple of the pool's tick: (price, tick).
    OffTick(price: uint256, tick: uint256),
    /// The order would be expired already: (expiry, now).
    ExpiryPassed(expiry: uint64, now: uint64),
    /// The order would live longer than 90 days: (expiry, latest).
    ExpiryTooLate(expiry: uint64, latest: uint64),
    /// An agent of the pool took shares that were on offer, or their holder freed them there, and so ended the order;
    /// anybody may clear it.
    OrderVoid(order: uint64),
    /// An ask where a bid is needed, or the other way round.
    WrongSide(order: uint64),
    /// The order can no longer be filled: (order, expiry).
    OrderExpired(order: uint64, expiry: uint64),
    /// Until its expiry only its maker may cancel the order: (order, expiry).
    NotExpired(order: uint64, expiry: uint64),
    /// Only the order's maker may cancel it: (order, caller).
    NotMaker(order: uint64, caller: address),
    /// The order has fewer shares left: (order, left, wanted).
    NotEnoughShares(order: uint64, left: uint256, wanted: uint256),
    /// Buyer and seller are one account.
    SelfTrade(account: address),
    /// The bid is below the ask: (ask's price, bid's price).
    PricesDoNotCross(ask: uint256, bid: uint256),
    /// The two orders are for different pools: (ask, bid).
    DifferentPools(ask: uint64, bid: uint64),
    /// More than the taker is willing to pay: (cost, limit).
    CostAboveLimit(cost: uint256, limit: uint256),
    /// Less than the taker is willing to accept: (proceeds, limit).
    ProceedsBelowLimit(proceeds: uint256, limit: uint256),
    /// Wei that came with the call: (got, expected); none where the pool's currency is an ERC-20.
    WrongValue(got: uint256, expected: uint256),
    /// The pool's rules or KYC refuse: an ERC-1404 code, explained by `messageForTransferRestriction`.
    TransferRestricted(code: uint8),
    /// The pool did not do what it was asked and gave no reason, or one of over 256 bytes. Any other of its reasons is
    /// handed on as it is.
    PoolCallFailed(pool: address),
    /// The currency refused, or answered something else than true.
    CurrencyCallFailed(currency: address),
    /// The currency moved another amount than it was told: (currency, expected balance of the market, its balance).
    UnexpectedBalance(currency: address, expected: uint256, found: uint256),
    /// The market owes the account nothing for orders of the pool: (account, pool).
    NothingToWithdraw(account: address, pool: address),
    /// The pool has not recovered the account: it withdraws itself.
    NotRecovered(account: address),
    /// Money cannot be paid to address zero, nor to the market itself.
    InvalidRecipient(recipient: address),
    /// The recipient does not accept the payment; the money stays credited.
    PayoutFailed(account: address),
    /// The market would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    FloatMissing(missing: uint256),
}

/// What a decision was about, for the refusals that name it.
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
    /// A decision about nothing that a refusal names.
    pub const NOTHING: Self = Self { pool: [0; 20], ask: 0, bid: 0 };

    /// A decision about a pool.
    pub fn pool(pool: &[u8; 20]) -> Self {
        Self { pool: *pool, ask: 0, bid: 0 }
    }
}

impl Explain<MarketError> for Subject {
    #[inline(always)]
    fn explain(self, error: MarketError) -> ! {
        explain(&self, error)
    }
}

#[cold]
#[inline(never)]
fn explain(subject: &Subject, error: MarketError) -> ! {
    let Subject { pool, .. } = subject;
    match error {
        MarketError::NotListed => NotListed { pool }.refuse(),
        MarketError::ZeroAmount => ZeroAmount {}.refuse(),
        MarketError::CurrencyChanged(before) => CurrencyChanged { pool, before }.refuse(),
        MarketError::BelowLot(shares, lot) => BelowLot { shares, lot }.refuse(),
        MarketError::OffTick(price, tick) => OffTick { price, tick }.refuse(),
        MarketError::ExpiryPassed(expiry, now) => ExpiryPassed { expiry, now }.refuse(),
        MarketError::ExpiryTooLate(expiry, latest) => ExpiryTooLate { expiry, latest }.refuse(),
        MarketError::OrderVoid(order) => OrderVoid { order }.refuse(),
        MarketError::WrongSide(order) => WrongSide { order }.refuse(),
        MarketError::OrderExpired(order, expiry) => OrderExpired { order, expiry }.refuse(),
        MarketError::NotExpired(order, expiry) => NotExpired { order, expiry }.refuse(),
        MarketError::NotMaker(order, caller) => NotMaker { order, caller }.refuse(),
        MarketError::NotEnoughShares(order, left, wanted) => NotEnoughShares { order, left, wanted }.refuse(),
        MarketError::SelfTrade(account) => SelfTrade { account }.refuse(),
        MarketError::PricesDoNotCross(ask, bid) => PricesDoNotCross { ask, bid }.refuse(),
        MarketError::DifferentPools => DifferentPools { ask: subject.ask, bid: subject.bid }.refuse(),
        MarketError::CostAboveLimit(cost, limit) => CostAboveLimit { cost, limit }.refuse(),
        MarketError::ProceedsBelowLimit(proceeds, limit) => ProceedsBelowLimit { proceeds, limit }.refuse(),
        // The message that withdraws knows account and currency and says so itself.
        MarketError::NothingToWithdraw | MarketError::Overflow => Overflow {}.refuse(),
    }
}

/// An amount within 128 bits.
pub fn narrow(amount: U256) -> u128 {
    yieldset_shell::words::narrow(amount).or_refuse(AmountTooLarge { amount })
}
