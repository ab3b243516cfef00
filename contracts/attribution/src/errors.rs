//! Why the registry refuses, and refusing.
//!
//! Refusing ends the call at once instead of handing an error up: the `Result`s in the messages' signatures tell the
//! ABI which errors there are.

use ink::{Address, U256, env::ReturnFlags, sol::FixedBytes};
use yieldset_rules::{agreed::Disagreement, committee::CommitteeError, dispute::DisputeError, report::BindingError};

use crate::purse::Place;

type Bytes32 = FixedBytes<32>;

/// Why a message is refused; each variant is a Solidity custom error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// The account lacks a role: (account, role).
    AccessControlUnauthorizedAccount(Address, Bytes32),
    /// Renouncing needs the caller's own address.
    AccessControlBadConfirmation(),
    /// The default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules(),
    /// Not the proposed successor.
    AccessControlInvalidDefaultAdmin(Address),
    /// The bytes are no report; codes are those of `yieldset_rules::report::Malformed`.
    MalformedReport(u8),
    /// Signed for another chain: (got, expected).
    WrongChain(u64, u64),
    /// Signed for another registry.
    WrongContract(Address),
    /// Signed under another committee epoch: (got, expected).
    WrongEpoch(u32, u32),
    /// Not later than the last reported one: (got, last).
    PeriodOutOfOrder(u32, u32),
    /// What is not over cannot be reported: (period, Unix seconds from which on it can).
    PeriodNotOver(u32, u64),
    /// Not the revision that the period waits for: (got, expected); zero expected where it waits for none.
    RevisionOutOfOrder(u32, u32),
    /// Does not follow the report accepted last: (got, expected) hash of it.
    PreviousMismatch(Bytes32, Bytes32),
    /// Computed from a shorter log than the report accepted last, those that were withdrawn apart: (got, least) size.
    LogShrank(u64, u64),
    /// The licence of the stream names another metric: (got, the terms').
    WrongMetric(Bytes32, Bytes32),
    /// The licence of the stream names another threshold: (got, the terms').
    WrongThreshold(u32, u32),
    /// The licence limits false discoveries, so decoys must be compared: the limit in basis points.
    ErrorNotMeasured(u16),
    /// More calls qualify than hits that are not a decoy's were counted: (hits, calls).
    FewerHitsThanCalls(u64, u64),
    /// More false discoveries than the licence allows: (hits that were a decoy's, hits, limit in basis points).
    TooManyFalseDiscoveries(u64, u64, u16),
    /// More tokens than the licence counts of so many calls: (tokens, calls, most of a call).
    TooManyTokens(u64, u64, u32),
    /// The checkpoint that calls were drawn from is not on chain with this root: (its size, the root there).
    NotAnchored(u64, Bytes32),
    /// Calls are drawn by a block after the anchor's and before the report's: (block, anchor's, this one).
    DrawnByWrongBlock(u32, u32, u32),
    /// Not a sequence of 1,152-byte entries, as the verifier takes them: the length.
    MalformedSignatures(U256),
    /// Not a key of the committee.
    UnknownKey(Bytes32),
    /// The same key twice.
    DuplicateSigner(Bytes32),
    /// This key's signature is not one over these bytes.
    BadSignature(Bytes32),
    /// Fewer signatures than the threshold: (got, need).
    NotEnoughSignatures(u8, u8),
    /// Revocations left fewer keys than the threshold: (left, need). Another committee must be proposed.
    TooFewKeys(u8, u8),
    /// The verifier gave no answer, or one that cannot be.
    VerifierFailed(),
    /// Keys must be distinct, at most 12, and the threshold between 1 and their number.
    InvalidCommittee(),
    /// A key that can have no valid signature: not in its canonical form, no point of the curve, or one of small order.
    UnusableKey(Bytes32),
    /// Revoked keys never sign again.
    RevokedKey(Bytes32),
    /// No committee is proposed.
    NothingProposed(),
    /// The proposed committee takes office later: (effective at, now), Unix seconds.
    NotEffectiveYet(u64, u64),
    /// Window, ruling time and delay are 1 second (delay: 0) to 366 days, the least bond 1 to 2^95, its part of what is
    /// contested at most 10,000 basis points.
    InvalidTerms(),
    /// No report was posted for (stream, period).
    NoReport(Bytes32, u32),
    /// The report is not in its challenge window: its state, as in `resultOf`.
    NotPending(u8),
    /// The report is not disputed: its phase, as in `disputeOf`.
    NotDisputed(u8),
    /// The arbiter is late: (deadline, now), Unix seconds.
    DeadlinePassed(u64, u64),
    /// The arbiter has time left: (deadline, now), Unix seconds.
    DeadlineNotReached(u64, u64),
    /// The money did not come as announced: (got, expected), in the pool's currency.
    WrongBond(U256, U256),
    /// The dispute costs more than the caller agrees to: (bond, limit).
    BondAboveLimit(U256, U256),
    /// The report was disputed as often as one can be.
    DisputesExhausted(u8),
    /// Somebody has matched the bond already.
    AlreadyDefended(Address),
    /// No further dispute is possible, so the window that this one stopped is left to whoever adds a reason: (Unix
    /// seconds from which on it can be rejected, now).
    NotHeard(u64, u64),
    /// A reason is the hash of a text, never zero.
    ReasonMissing(),
    /// No lost bond waits for (stream, period) in the pool's currency.
    NothingKept(Bytes32, u32),
    /// The pool still does not take what is kept for its period: is it open, and is there native money for the
    /// allowance?
    PoolRefused(Address),
    /// The challenger cannot stand for the report, and neither side of a dispute can rule on it.
    IsParty(Address),
    /// No bond is owed to the account.
    NothingOwed(Address),
    /// Only the account itself may have its money sent elsewhere: (caller, account).
    NotBondOwner(Address, Address),
    /// The recipient does not accept the payment; the money stays owed.
    PayoutFailed(Address),
    /// A figure would not fit.
    Overflow(),
    /// It is another report that is meant: (got, current) hash.
    NotCurrentReport(Bytes32, Bytes32),
    /// An audit names its document, at least one sample, and shares of at most 1,000,000: (samples, max deviation,
    /// confidence).
    InvalidAudit(u32, u32, u32),
}

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// The value, unless it was refused.
pub fn accept<T>(result: Result<T, impl Into<Error>>) -> T {
    result.unwrap_or_else(|error| refuse(error.into()))
}

/// The figure, unless it did not fit.
pub fn fits<T>(figure: Option<T>) -> T {
    figure.unwrap_or_else(|| refuse(Error::Overflow()))
}

yieldset_shell::access_refusals!(Error);

impl From<BindingError> for Error {
    fn from(error: BindingError) -> Self {
        match error {
            BindingError::WrongChain { got, expected } => Self::WrongChain(got, expected),
            BindingError::WrongRegistry { got } => Self::WrongContract(got.into()),
            BindingError::WrongEpoch { got, expected } => Self::WrongEpoch(got, expected),
            BindingError::PeriodOutOfOrder { got, last } => Self::PeriodOutOfOrder(got, last),
            BindingError::PeriodNotOver { period, ends } => Self::PeriodNotOver(period, ends),
            BindingError::RevisionOutOfOrder { got, expected } => {
                Self::RevisionOutOfOrder(got, expected.unwrap_or_default())
            }
            BindingError::PreviousMismatch { got, expected } => Self::PreviousMismatch(got.into(), expected.into()),
            BindingError::LogShrank { got, last } => Self::LogShrank(got, last),
        }
    }
}

impl From<Disagreement> for Error {
    fn from(disagreement: Disagreement) -> Self {
        use Disagreement as D;
        match disagreement {
            D::Metric { got, expected } => Self::WrongMetric(got.into(), expected.into()),
            D::Threshold { got, expected } => Self::WrongThreshold(got, expected),
            D::NotMeasured { limit } => Self::ErrorNotMeasured(limit),
            D::FewerHitsThanCalls { hits, calls } => Self::FewerHitsThanCalls(hits, calls),
            D::FalseDiscoveries { decoys, hits, limit } => Self::TooManyFalseDiscoveries(decoys, hits, limit),
            D::CallTokens { tokens, calls, limit } => Self::TooManyTokens(tokens, calls, limit),
            D::NotAnchored { size, anchored } => Self::NotAnchored(size, anchored.into()),
            D::Drawn { block, after, before } => Self::DrawnByWrongBlock(block, after, before),
        }
    }
}

impl From<CommitteeError> for Error {
    fn from(error: CommitteeError) -> Self {
        match error {
            CommitteeError::Invalid => Self::InvalidCommittee(),
            CommitteeError::TooFewKeys { left, need } => Self::TooFewKeys(left, need),
            CommitteeError::Malformed { length } => Self::MalformedSignatures(length.into()),
            CommitteeError::UnknownKey(key) => Self::UnknownKey(key.into()),
            CommitteeError::DuplicateSigner(key) => Self::DuplicateSigner(key.into()),
            CommitteeError::NotEnough { got, need } => Self::NotEnoughSignatures(got, need),
        }
    }
}

/// The value, unless the game refuses the step.
pub fn disputed<T>(place: &Place<'_>, result: Result<T, DisputeError>) -> T {
    result.unwrap_or_else(|error| refuse_step(place, error))
}

/// The game's refusals, which do not know their place themselves.
#[cold]
#[inline(never)]
fn refuse_step(place: &Place<'_>, error: DisputeError) -> ! {
    refuse(match error {
        DisputeError::NoReport => Error::NoReport((*place.stream).into(), place.period),
        DisputeError::NotPending { state } => Error::NotPending(state as u8),
        DisputeError::Exhausted { disputes } => Error::DisputesExhausted(disputes),
        DisputeError::AlreadyDefended { defender } => Error::AlreadyDefended(defender.into()),
        DisputeError::IsParty { account } => Error::IsParty(account.into()),
        DisputeError::NotDisputed { phase } => Error::NotDisputed(phase as u8),
        DisputeError::DeadlinePassed { deadline, now } => Error::DeadlinePassed(deadline, now),
        DisputeError::DeadlineNotReached { deadline, now } => Error::DeadlineNotReached(deadline, now),
        DisputeError::NotHeard { until, now } => Error::NotHeard(until, now),
        DisputeError::ReasonMissing => Error::ReasonMissing(),
        DisputeError::OtherReport { got, current } => Error::NotCurrentReport(got.into(), current.into()),
    })
}
