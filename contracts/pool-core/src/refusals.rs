//! Why a pool refuses.

use yieldset_rules::{issuance::IssuanceError, math::MathError};
use yieldset_shell::{
    refusals::{Explain, OrRefuse},
    words::{Word, number_of},
};

yieldset_shell::refusals! {
    /// ERC-6093: fewer shares than needed, in all or free ones: (sender, balance, needed).
    ERC20InsufficientBalance(sender: address, balance: uint256, needed: uint256),
    /// ERC-6093: the zero address cannot send.
    ERC20InvalidSender(sender: address),
    /// ERC-6093: the zero address cannot receive.
    ERC20InvalidReceiver(receiver: address),
    /// ERC-6093: the zero address cannot be approved.
    ERC20InvalidSpender(spender: address),
    /// ERC-6093: the owner allowed less: (spender, allowance, needed).
    ERC20InsufficientAllowance(spender: address, allowance: uint256, needed: uint256),
    /// Above 2^128 − 1.
    AmountTooLarge(amount: uint256),
    /// A deposit, claim or sale of nothing.
    ZeroAmount(),
    /// An ERC-1404 code, explained by `messageForTransferRestriction`.
    TransferRestricted(code: uint8),
    /// Nothing is owed to the account (yet).
    NothingToClaim(account: address),
    /// No final report for (stream, period): the state is that of the attribution registry.
    NoFinalReport(stream: bytes32, period: uint32, state: uint8),
    /// The proof does not lead from (account, weight) to the report's root; of many accounts together it names none.
    InvalidProof(account: address),
    /// More weight than 10^18 would have claimed, or another than the account has proven before: (claimed so far,
    /// weight).
    WeightsExceeded(claimed: uint64, weight: uint256),
    /// A figure would not fit in 128 bits.
    Overflow(),
    /// The account does not accept the payment; the money stays claimable.
    PayoutFailed(account: address),
    /// The account would have less of the currency than it lets anybody have: so much less. The money stays claimable,
    /// until it has grown by that or the account has that itself.
    BelowMinimum(account: address, missing: uint256),
    /// The payer would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    FloatMissing(missing: uint256),
    /// The currency is a token of the chain: its issuer declares the least balance (`declareMinimum`) first.
    MinimumUndeclared(),
    /// Only a token of the chain has a least balance, and that of an open pool stands.
    InvalidMinimum(minimum: uint256),
    /// Money did not come as announced: (expected, received).
    WrongPayment(expected: uint256, received: uint256),
    /// The attribution registry did not answer.
    AttributionCallFailed(),
    /// Above 10 000.
    InvalidBasisPoints(basis_points: uint16),
    /// Name and symbol need at least one character.
    EmptyLabel(),
    /// A period is a quarter, four times its year and its number less one (2026's fourth is 8107); none is zero.
    PeriodZero(),
    /// Money for a period that has not begun: (period, Unix seconds from which on it is taken).
    PeriodNotBegun(period: uint32, begins: uint64),
    /// No contributors' money is left in (stream, period).
    NothingWaits(stream: bytes32, period: uint32),
    /// The money of (stream, period) has another way out: its state as in `waitingOf`.
    WrongWay(stream: bytes32, period: uint32, state: uint8),
    /// The licence contract did not answer.
    LicencesCallFailed(),
    /// OpenZeppelin's `Pausable`: the pool is paused.
    EnforcedPause(),
    /// OpenZeppelin's `Pausable`: the pool is not paused.
    ExpectedPause(),
    /// No message of a pool: its selector.
    UnknownMessage(selector: bytes4),
    /// The pool was never initialised; the own storage of logic and claims is no pool.
    NotInitialised(),
    /// A pool is initialised once.
    AlreadyInitialised(),
    /// The account was recovered already, or its replacement was.
    AlreadyRecovered(account: address),
    /// More than the account has in this state: (account, has, needed).
    InsufficientRestraint(account: address, has: uint256, needed: uint256),
    /// EIP-2612: the deadline has passed.
    ERC2612ExpiredSignature(deadline: uint256),
    /// EIP-2612: somebody else signed.
    ERC2612InvalidSigner(signer: address, owner: address),
    /// Votes of a second that is not over: (asked, now).
    ERC5805FutureLookup(timepoint: uint256, clock: uint64),
    /// OpenZeppelin's `Votes`: the signed delegation has expired.
    VotesExpiredSignature(expiry: uint256),
    /// OpenZeppelin's `Nonces`: (account, its next nonce).
    InvalidAccountNonce(account: address, current_nonce: uint256),
    /// Only what is blocked is taken back by others: the account may be paid, and delegates as it likes.
    NotScreened(account: address),
    /// Only the pool's governor raises the cap and names successors; the caller is not it, or there is none.
    NotGovernor(account: address),
    /// A pool has no such part.
    UnknownPart(part: uint8),
    /// The account cannot stand in for the part: it is the part, has no code, or does not answer as one.
    UnfitSuccessor(part: uint8, successor: address),
    /// Nobody is named to succeed the part.
    NoSuccessor(part: uint8),
    /// The successor's time has not come: (part, the first second in which it has).
    SuccessorTooEarly(part: uint8, eta: uint64),
    /// The successor's time is over, it must be named anew: (part, since).
    SuccessorExpired(part: uint8, since: uint64),
    /// The pool takes no money yet: its issuer opens it once its first shares are out.
    NotOpened(),
    /// A pool is opened once, and its sale ended then.
    AlreadyOpened(),
    /// Licences of a pool are kept by a contract that answers `streamEnd`, zero for what is none, or by nobody.
    UnfitLicences(account: address),
    /// A governor is a contract that votes with this pool's shares (`token` answers the pool), or nobody.
    UnfitGovernor(account: address),
    /// Too few share units to open with: (supply, least).
    SupplyTooSmall(supply: uint256, least: uint256),
    /// A cap below the shares there are, or no higher than the one before: (cap, least).
    CapTooLow(cap: uint256, least: uint256),
    /// More share units than were announced: (wanted in all, cap).
    CapExceeded(wanted: uint256, cap: uint256),
    /// More than the buyer is willing to pay: (cost, limit).
    CostAboveLimit(cost: uint256, limit: uint256),
    /// No sale is open now.
    SaleClosed(),
    /// Fewer shares are left: (left, asked).
    SaleExhausted(left: uint256, asked: uint256),
    /// A sale needs a price, shares, a recipient of its proceeds other than the pool, and an end after its start.
    InvalidSale(),
    /// More claims in one batch than are taken: (got, most).
    BatchTooLong(got: uint32, most: uint32),
}

impl Explain<MathError> for Overflow {
    fn explain(self, _: MathError) -> ! {
        self.refuse()
    }
}

/// Explains why shares may not be issued so.
pub struct Issuance;

impl Explain<IssuanceError> for Issuance {
    #[cold]
    #[inline(never)]
    fn explain(self, error: IssuanceError) -> ! {
        match error {
            IssuanceError::SupplyTooSmall(supply, least) => SupplyTooSmall { supply, least }.refuse(),
            IssuanceError::CapTooLow(cap, least) => CapTooLow { cap, least }.refuse(),
            IssuanceError::CapExceeded(wanted, cap) => CapExceeded { wanted, cap }.refuse(),
            IssuanceError::NotGovernor(account) => NotGovernor { account: &account }.refuse(),
            IssuanceError::UnfitLicences(account) => UnfitLicences { account }.refuse(),
            IssuanceError::UnfitGovernor(account) => UnfitGovernor { account }.refuse(),
            IssuanceError::CostAboveLimit(cost, limit) => CostAboveLimit { cost, limit }.refuse(),
            IssuanceError::Overflow => Overflow {}.refuse(),
        }
    }
}

/// The sum, unless it does not fit.
pub fn add(a: u128, b: u128) -> u128 {
    a.checked_add(b).or_refuse(Overflow {})
}

/// An amount within 128 bits.
pub fn narrow(amount: &Word) -> u128 {
    number_of(amount).or_refuse(AmountTooLarge { amount })
}
