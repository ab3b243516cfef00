//! Why the registry refuses.

use yieldset_rules::{
    agreed::Disagreement,
    committee::CommitteeError,
    dispute::DisputeError,
    report::{BindingError, Malformed},
};
use yieldset_shell::refusals::{Explain, OrRefuse};

use crate::purse::Place;

yieldset_shell::refusals! {
    /// The bytes are no report: 1 too long, 2 wrong tag, 3 no report, 4 figures that contradict each other, or a period
    /// or epoch of zero, 5 models, 6 a threshold of zero or above one, 7 outcome.
    MalformedReport(code: uint8),
    /// Signed for another chain: (got, expected).
    WrongChain(got: uint64, expected: uint64),
    /// Signed for another registry.
    WrongContract(got: address),
    /// Signed under another committee epoch: (got, expected).
    WrongEpoch(got: uint32, expected: uint32),
    /// Not later than the stream's last reported one: (got, last).
    PeriodOutOfOrder(got: uint32, last: uint32),
    /// What is not over cannot be reported: (period, Unix seconds from which on it can).
    PeriodNotOver(period: uint32, ends: uint64),
    /// Not the revision that the period waits for: (got, expected); zero expected where it waits for none.
    RevisionOutOfOrder(got: uint32, expected: uint32),
    /// Does not follow the report accepted last: (got, expected) hash of it.
    PreviousMismatch(got: bytes32, expected: bytes32),
    /// Computed from a shorter log than the report accepted last, those that were withdrawn apart: (got, least) size.
    LogShrank(got: uint64, last: uint64),
    /// The licence of the stream names another metric: (got, the terms').
    WrongMetric(got: bytes32, expected: bytes32),
    /// The licence of the stream names another threshold: (got, the terms').
    WrongThreshold(got: uint32, expected: uint32),
    /// The licence limits false discoveries, so decoys must be compared: the limit, in basis points.
    ErrorNotMeasured(limit: uint16),
    /// More false discoveries than the licence allows, by the lower end of their interval of 95 %: (hits that were a
    /// decoy's, hits, limit in basis points).
    TooManyFalseDiscoveries(decoys: uint64, hits: uint64, limit: uint16),
    /// More tokens than the licence counts of so many calls: (tokens, calls, most of a call).
    TooManyTokens(tokens: uint64, calls: uint64, most: uint32),
    /// The checkpoint that calls were drawn from is not on chain with this root: (its size, the root there, zero
    /// for none).
    NotAnchored(size: uint64, anchored: bytes32),
    /// Calls are drawn by a block after the anchor's and before the report's: (block, anchor's, this one).
    DrawnByWrongBlock(block: uint32, anchored_at: uint32, now: uint32),
    /// Not a sequence of 1,152-byte entries, as the verifier takes them: the length.
    MalformedSignatures(length: uint256),
    /// Not a key of the committee.
    UnknownKey(key: bytes32),
    /// The same key twice.
    DuplicateSigner(key: bytes32),
    /// This key's signature is not one over these bytes.
    BadSignature(key: bytes32),
    /// Fewer signatures than the threshold: (got, need).
    NotEnoughSignatures(got: uint8, need: uint8),
    /// Revocations left fewer keys than the threshold: (left, need). Another committee must be proposed.
    TooFewKeys(left: uint8, need: uint8),
    /// The verifier gave no answer, or one that cannot be.
    VerifierFailed(),
    /// Keys must be distinct, at most 12, and the threshold between 1 and their number.
    InvalidCommittee(),
    /// A key that can have no valid signature: not in its canonical form, no point of the curve, or one of small order.
    UnusableKey(key: bytes32),
    /// Revoked keys never sign again.
    RevokedKey(key: bytes32),
    /// No committee is proposed.
    NothingProposed(),
    /// The proposed committee takes office later: (effective at, now), Unix seconds.
    NotEffectiveYet(effective_at: uint64, now: uint64),
    /// A time, the least bond or its part of what is contested is outside the limits that the registry's constructor
    /// says.
    InvalidTerms(),
    /// No report was posted for (stream, period).
    NoReport(stream: bytes32, period: uint32),
    /// The report is not in its challenge window: its state, as in `resultOf`.
    NotPending(state: uint8),
    /// The report is not disputed: its phase, as in `disputeOf`.
    NotDisputed(phase: uint8),
    /// The arbiter is late: (deadline, now), Unix seconds.
    DeadlinePassed(deadline: uint64, now: uint64),
    /// The arbiter has time left: (deadline, now), Unix seconds.
    DeadlineNotReached(deadline: uint64, now: uint64),
    /// The money did not come as announced: (got, expected), in the pool's currency, or in the chain's own money, which
    /// no bond in an ERC-20 takes.
    WrongBond(got: uint256, expected: uint256),
    /// The dispute costs more than the caller agrees to: (bond, limit), in the pool's currency.
    BondAboveLimit(bond: uint256, limit: uint256),
    /// The pool's currency does not say what moved, or lets no allowance be taken back.
    CurrencyCallFailed(currency: address),
    /// The registry would keep less of the pool's currency than it lets anybody have. Anybody sends it that much more.
    FloatMissing(missing: uint256),
    /// The report was disputed as often as one can be.
    DisputesExhausted(disputes: uint8),
    /// Somebody has matched the bond already.
    AlreadyDefended(defender: address),
    /// No further dispute is possible, so the window that this one stopped is left to whoever adds a reason: (Unix
    /// seconds from which on it can be rejected, now).
    NotHeard(until: uint64, now: uint64),
    /// A reason that is added is the hash of a text, never zero.
    ReasonMissing(),
    /// No lost bond waits for (stream, period) in the pool's currency.
    NothingKept(stream: bytes32, period: uint32),
    /// The pool still does not take what is kept for its period: is it open, and is there native money for the
    /// allowance?
    PoolRefused(pool: address),
    /// The challenger cannot stand for the report, and neither side of a dispute can rule on it.
    IsParty(account: address),
    /// No bond is owed to the account.
    NothingOwed(account: address),
    /// Only the account itself may have its money sent elsewhere: (caller, account).
    NotBondOwner(caller: address, account: address),
    /// The recipient does not accept the payment; the money stays owed.
    PayoutFailed(account: address),
    /// A figure would not fit.
    Overflow(),
    /// It is another report that is meant: (got, current) hash.
    NotCurrentReport(got: bytes32, current: bytes32),
    /// An audit names its document, at least one sample, and shares of at most 1,000,000: (samples, max deviation,
    /// confidence).
    InvalidAudit(samples: uint32, max_deviation: uint32, confidence: uint32),
}

/// The figure; one that does not fit ends the call.
pub fn fits<T>(figure: Option<T>) -> T {
    figure.or_refuse(Overflow {})
}

/// Explains what the rules refuse of a report or a committee.
pub struct Rules;

impl Explain<Malformed> for Rules {
    fn explain(self, code: Malformed) -> ! {
        MalformedReport { code: code as u8 }.refuse()
    }
}

impl Explain<BindingError> for Rules {
    #[cold]
    #[inline(never)]
    fn explain(self, error: BindingError) -> ! {
        match error {
            BindingError::WrongChain { got, expected } => WrongChain { got, expected }.refuse(),
            BindingError::WrongRegistry { got } => WrongContract { got }.refuse(),
            BindingError::WrongEpoch { got, expected } => WrongEpoch { got, expected }.refuse(),
            BindingError::PeriodOutOfOrder { got, last } => PeriodOutOfOrder { got, last }.refuse(),
            BindingError::PeriodNotOver { period, ends } => PeriodNotOver { period, ends }.refuse(),
            BindingError::RevisionOutOfOrder { got, expected } => {
                RevisionOutOfOrder { got, expected: expected.unwrap_or_default() }.refuse()
            }
            BindingError::PreviousMismatch { got, expected } => PreviousMismatch { got, expected }.refuse(),
            BindingError::LogShrank { got, last } => LogShrank { got, last }.refuse(),
        }
    }
}

impl Explain<Disagreement> for Rules {
    #[cold]
    #[inline(never)]
    fn explain(self, disagreement: Disagreement) -> ! {
        use Disagreement as D;
        match disagreement {
            D::Metric { got, expected } => WrongMetric { got, expected }.refuse(),
            D::Threshold { got, expected } => WrongThreshold { got, expected }.refuse(),
            D::NotMeasured { limit } => ErrorNotMeasured { limit }.refuse(),
            D::FalseDiscoveries { decoys, hits, limit } => TooManyFalseDiscoveries { decoys, hits, limit }.refuse(),
            D::CallTokens { tokens, calls, limit } => TooManyTokens { tokens, calls, most: limit }.refuse(),
            D::NotAnchored { size, anchored } => NotAnchored { size, anchored }.refuse(),
            D::Drawn { block, after, before } => DrawnByWrongBlock { block, anchored_at: after, now: before }.refuse(),
        }
    }
}

impl Explain<CommitteeError> for Rules {
    #[cold]
    #[inline(never)]
    fn explain(self, error: CommitteeError) -> ! {
        match error {
            CommitteeError::Invalid => InvalidCommittee {}.refuse(),
            CommitteeError::TooFewKeys { left, need } => TooFewKeys { left, need }.refuse(),
            CommitteeError::Malformed { length } => MalformedSignatures { length }.refuse(),
            CommitteeError::UnknownKey(key) => UnknownKey { key }.refuse(),
            CommitteeError::DuplicateSigner(key) => DuplicateSigner { key }.refuse(),
            CommitteeError::NotEnough { got, need } => NotEnoughSignatures { got, need }.refuse(),
        }
    }
}

/// The game's refusals do not know their place themselves.
impl Explain<DisputeError> for &Place<'_> {
    #[cold]
    #[inline(never)]
    fn explain(self, error: DisputeError) -> ! {
        match error {
            DisputeError::NoReport => NoReport { stream: self.stream, period: self.period }.refuse(),
            DisputeError::NotPending { state } => NotPending { state: state as u8 }.refuse(),
            DisputeError::Exhausted { disputes } => DisputesExhausted { disputes }.refuse(),
            DisputeError::AlreadyDefended { defender } => AlreadyDefended { defender }.refuse(),
            DisputeError::IsParty { account } => IsParty { account }.refuse(),
            DisputeError::NotDisputed { phase } => NotDisputed { phase: phase as u8 }.refuse(),
            DisputeError::DeadlinePassed { deadline, now } => DeadlinePassed { deadline, now }.refuse(),
            DisputeError::DeadlineNotReached { deadline, now } => DeadlineNotReached { deadline, now }.refuse(),
            DisputeError::NotHeard { until, now } => NotHeard { until, now }.refuse(),
            DisputeError::ReasonMissing => ReasonMissing {}.refuse(),
            DisputeError::OtherReport { got, current } => NotCurrentReport { got, current }.refuse(),
        }
    }
}
