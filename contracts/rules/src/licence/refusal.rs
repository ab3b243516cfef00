//! Why a message is refused.

use super::{Address, Hash, Id};
use crate::math::MathError;

/// Why a message is refused; the contract has a Solidity custom error for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such licence.
    UnknownLicence(Id),
    /// Only the licence's platform, or whom it named its successor, may do this: (caller, platform or successor).
    NotPlatform(Address, Address),
    /// Not at this stage: (licence, stage now, a [`super::Stage`]).
    WrongStage(Id, u8),
    /// A document needs a hash.
    ZeroHash,
    /// Money needs an amount.
    ZeroAmount,
    /// A figure would not fit in 128 bits.
    Overflow,
    /// An offer has 1 to 4 options.
    InvalidOptionCount(u32),
    /// An offer is on 1 to 12 datasets.
    InvalidDatasetCount(u32),
    /// Named twice, or zero.
    InvalidDataset(Hash),
    /// An option's terms contradict themselves: (option, a [`super::terms::Fault`]).
    InvalidTerms(u8, u8),
    /// An offer must end in the future: (expiry, now).
    InvalidOfferExpiry(u64, u64),
    /// The offer ended at this time.
    OfferExpired(u64),
    /// The menu is in another currency: (its, the one expected).
    WrongCurrency(Address, Address),
    /// The option asks more than the platform agreed to: (upfront and escrow, most).
    CostAboveLimit(u128, u128),
    /// The offer has fewer options: (option, count).
    UnknownOption(u8, u8),
    /// The platform may still fund the escrow until then.
    FundingOpen(u64),
    /// Quarters are reported in order: (got, expected).
    QuarterOutOfOrder(u32, u32),
    /// The licence was not in force in this quarter: (quarter, first, last).
    QuarterOutsideTerm(u32, u32, u32),
    /// The quarter ends at this time: (quarter, end).
    QuarterNotOver(u32, u64),
    /// Nothing of the quarter is known: neither the platform nor the oracle has reported.
    QuarterNotAssessed(u32),
    /// These terms charge no usage.
    UsageNotInTerms,
    /// The quarter's usage is taken over, or closed, already.
    UsageAlreadyReported(u32),
    /// The quarter's usage is neither taken over nor closed: `assessUsage`, which anybody sends, does either.
    UsageOpen(u32),
    /// The figures are of another metric: (got, the terms').
    WrongMetric(Hash, Hash),
    /// The figures are of another threshold: (got, the terms').
    WrongThreshold(u32, u32),
    /// Nothing is left to pay for this quarter or year.
    NothingDue(u32),
    /// Not before this time: (what, time).
    NotYet(u32, u64),
    /// Recorded before.
    AlreadyRecorded(u32),
    /// These terms guarantee nothing.
    GuaranteeNotInTerms,
    /// Licence years are trued up in order: (got, expected).
    YearOutOfOrder(u32, u32),
    /// The licence has fewer years: (year, last).
    YearOutsideTerm(u32, u32),
    /// The licence year, or the time to pay its last quarter, is not over: (year, until).
    YearNotOver(u32, u64),
    /// Schedule B has fewer milestones: (index, count).
    UnknownMilestone(u8, u8),
    /// Certified before.
    MilestoneAlreadyCertified(u8),
    /// Nothing to refund (yet).
    NothingToRefund(Id),
    /// Nothing is held for the pool in this period.
    NothingHeld(u32),
    /// Audits are for holders of the pool's shares and for contributors that an auditor approved.
    NotAContributor(Address),
    /// Shares count for an audit from the begin of its quarter and of the licence on: (when they were held, from).
    HeldBefore(u64, u64),
    /// Two per calendar year: (contributor, year).
    TooManyAudits(Address, u32),
    /// There is no such audit, redaction request or sublicence.
    UnknownNumber(u32),
    /// Answered, reported, certified or paid before.
    AlreadyDone(u32),
    /// The platform may still answer: (audit, until).
    AuditNotAnswered(u32, u64),
    /// Only whom an audit's debt is owed to withdraws it: (caller, creditor).
    NotCreditor(Address, Address),
    /// Above the terms' cap: (claimed, cap).
    CostAboveCap(u128, u128),
    /// Above 10 000.
    InvalidBasisPoints(u16),
    /// These terms allow no sublicence.
    SublicensingForbidden,
    /// These terms prohibit these uses.
    UseProhibited(u32),
    /// The terms allow what was reported: (kind, when it happened).
    NotAViolation(u8, u64),
    /// This evidence is recorded already.
    ViolationAlreadyRecorded(Hash),
    /// Not a version of the dataset after its first, or the platform certified this one or a later one.
    NotANewVersion(Hash),
    /// The licence does not cover this dataset.
    DatasetNotLicensed(Hash),
    /// There is no such kind of breach.
    UnknownKind(u8),
    /// The terms give the caller no such right: (caller, reason).
    TerminationNotAllowed(Address, u8),
    /// There is no cause on record for this reason.
    NoCause(u8),
    /// It may still be cured, or a violation challenged, until then.
    CureOpen(u64),
    /// A platform leaves for convenience only once it has reported and paid: (owed, with what the escrow must be filled
    /// up by; quarter to report, zero for none).
    PaysFirst(u128, u32),
    /// First this licence year must be trued up, which anybody can do.
    TrueUpFirst(u32),
    /// The licence is in force until then.
    StillInForce(u64),
    /// Closed before.
    AlreadyClosed(Id),
    /// Key, origin or witnesses of a usage log cannot be: a [`super::usage_log::Fault`].
    InvalidUsageLog(u8),
    /// Another root of this size is on chain, and a log has one: (got, the one that stands).
    OtherRoot(Hash, Hash),
}

impl From<MathError> for Refusal {
    fn from(_: MathError) -> Self {
        Self::Overflow
    }
}
