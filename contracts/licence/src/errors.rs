//! Why a message is refused, and refusing.

use ink::{Address, U256, env::ReturnFlags, sol::FixedBytes};
use yieldset_rules::licence::Refusal;
use yieldset_shell::{access::AccessError, words::narrow};

type Bytes32 = FixedBytes<32>;

/// Why a message is refused; each variant is a Solidity custom error. Those of the rules are documented at [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::error]
#[allow(missing_docs, reason = "the variants are the rules' refusals, documented there")]
pub enum Error {
    AccessControlUnauthorizedAccount(Address, Bytes32),
    AccessControlBadConfirmation(),
    AccessControlEnforcedDefaultAdminRules(),
    AccessControlInvalidDefaultAdmin(Address),
    UnknownLicence(Bytes32),
    NotPlatform(Address, Address),
    WrongStage(Bytes32, u8),
    ZeroHash(),
    ZeroAmount(),
    Overflow(),
    InvalidOptionCount(u32),
    InvalidDatasetCount(u32),
    InvalidDataset(Bytes32),
    InvalidTerms(u8, u8),
    InvalidOfferExpiry(u64, u64),
    OfferExpired(u64),
    UnknownOption(u8, u8),
    FundingOpen(u64),
    QuarterOutOfOrder(u32, u32),
    QuarterOutsideTerm(u32, u32, u32),
    QuarterNotOver(u32, u64),
    QuarterNotAssessed(u32),
    UsageNotInTerms(),
    UsageAlreadyReported(u32),
    WrongMetric(Bytes32, Bytes32),
    WrongThreshold(u32, u32),
    NothingDue(u32),
    NotYet(u32, u64),
    AlreadyRecorded(u32),
    GuaranteeNotInTerms(),
    YearOutOfOrder(u32, u32),
    YearOutsideTerm(u32, u32),
    YearNotOver(u32, u64),
    UnknownMilestone(u8, u8),
    MilestoneAlreadyCertified(u8),
    NothingToRefund(Bytes32),
    NothingHeld(u32),
    NotAContributor(Address),
    TooManyAudits(Address, u32),
    UnknownNumber(u32),
    AlreadyDone(u32),
    AuditNotAnswered(u32, u64),
    CostAboveCap(U256, U256),
    InvalidBasisPoints(u16),
    SublicensingForbidden(),
    UseProhibited(u32),
    NotAViolation(u8, u64),
    ViolationAlreadyRecorded(Bytes32),
    DatasetNotLicensed(Bytes32),
    UnknownKind(u8),
    TerminationNotAllowed(Address, u8),
    NoCause(u8),
    CureOpen(u64),
    StillInForce(u64),
    AlreadyClosed(Bytes32),
    /// Above 2^128 − 1.
    AmountTooLarge(U256),
    /// The call must bring exactly this value: (got, expected).
    WrongValue(U256, U256),
    /// The pool does not let this account license its data.
    NotLicensor(Address),
    /// The dataset is assigned to another pool, or none: (dataset, that pool).
    DatasetNotInPool(Bytes32, Address),
    /// Only the dataset's creator or the pool's licensor may ask for a redaction.
    NotDatasetCreatorOrLicensor(Address),
    /// Not a registered later version of the dataset.
    NotANewVersion(Bytes32),
    /// The pool did not answer.
    PoolCallFailed(),
    /// The datasets' registry did not answer.
    ManifestsCallFailed(),
    /// The registry does not open or close the dataset for this licence, e.g. for another's exclusivity.
    DatasetRefused(Bytes32),
    /// The ERC-20 did not answer, or moved more than it was told.
    CurrencyCallFailed(Address),
    /// The ERC-20 did not bring what it was told: (got, expected).
    WrongAmountReceived(U256, U256),
    /// The account does not accept the payment; nothing changed.
    PayoutFailed(Address),
}

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// The result, unless the rules refuse.
pub fn allow<T>(result: Result<T, Refusal>) -> T {
    result.unwrap_or_else(|refusal| refuse(refusal.into()))
}

/// The result, unless a role is missing.
pub fn authorise<T>(result: Result<T, AccessError>) -> T {
    result.unwrap_or_else(|error| refuse(error.into()))
}

/// An amount within 128 bits.
pub fn amount(amount: U256) -> u128 {
    narrow(amount).unwrap_or_else(|| refuse(Error::AmountTooLarge(amount)))
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

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        use Refusal as R;
        match refusal {
            R::UnknownLicence(id) => Self::UnknownLicence(FixedBytes(id)),
            R::NotPlatform(caller, platform) => Self::NotPlatform(caller.into(), platform.into()),
            R::WrongStage(id, stage) => Self::WrongStage(FixedBytes(id), stage),
            R::ZeroHash => Self::ZeroHash(),
            R::ZeroAmount => Self::ZeroAmount(),
            R::Overflow => Self::Overflow(),
            R::InvalidOptionCount(count) => Self::InvalidOptionCount(count),
            R::InvalidDatasetCount(count) => Self::InvalidDatasetCount(count),
            R::InvalidDataset(dataset) => Self::InvalidDataset(FixedBytes(dataset)),
            R::InvalidTerms(option, fault) => Self::InvalidTerms(option, fault),
            R::InvalidOfferExpiry(expiry, now) => Self::InvalidOfferExpiry(expiry, now),
            R::OfferExpired(at) => Self::OfferExpired(at),
            R::UnknownOption(option, count) => Self::UnknownOption(option, count),
            R::FundingOpen(until) => Self::FundingOpen(until),
            R::QuarterOutOfOrder(got, expected) => Self::QuarterOutOfOrder(got, expected),
            R::QuarterOutsideTerm(quarter, first, last) => Self::QuarterOutsideTerm(quarter, first, last),
            R::QuarterNotOver(quarter, end) => Self::QuarterNotOver(quarter, end),
            R::QuarterNotAssessed(quarter) => Self::QuarterNotAssessed(quarter),
            R::UsageNotInTerms => Self::UsageNotInTerms(),
            R::UsageAlreadyReported(quarter) => Self::UsageAlreadyReported(quarter),
            R::WrongMetric(got, expected) => Self::WrongMetric(FixedBytes(got), FixedBytes(expected)),
            R::WrongThreshold(got, expected) => Self::WrongThreshold(got, expected),
            R::NothingDue(number) => Self::NothingDue(number),
            R::NotYet(number, from) => Self::NotYet(number, from),
            R::AlreadyRecorded(number) => Self::AlreadyRecorded(number),
            R::GuaranteeNotInTerms => Self::GuaranteeNotInTerms(),
            R::YearOutOfOrder(got, expected) => Self::YearOutOfOrder(got, expected),
            R::YearOutsideTerm(year, last) => Self::YearOutsideTerm(year, last),
            R::YearNotOver(year, until) => Self::YearNotOver(year, until),
            R::UnknownMilestone(index, count) => Self::UnknownMilestone(index, count),
            R::MilestoneAlreadyCertified(index) => Self::MilestoneAlreadyCertified(index),
            R::NothingToRefund(id) => Self::NothingToRefund(FixedBytes(id)),
            R::NothingHeld(period) => Self::NothingHeld(period),
            R::NotAContributor(caller) => Self::NotAContributor(caller.into()),
            R::TooManyAudits(contributor, year) => Self::TooManyAudits(contributor.into(), year),
            R::UnknownNumber(number) => Self::UnknownNumber(number),
            R::AlreadyDone(number) => Self::AlreadyDone(number),
            R::AuditNotAnswered(number, until) => Self::AuditNotAnswered(number, until),
            R::CostAboveCap(claimed, cap) => Self::CostAboveCap(claimed.into(), cap.into()),
            R::InvalidBasisPoints(bps) => Self::InvalidBasisPoints(bps),
            R::SublicensingForbidden => Self::SublicensingForbidden(),
            R::UseProhibited(uses) => Self::UseProhibited(uses),
            R::NotAViolation(kind, at) => Self::NotAViolation(kind, at),
            R::ViolationAlreadyRecorded(evidence) => Self::ViolationAlreadyRecorded(FixedBytes(evidence)),
            R::DatasetNotLicensed(dataset) => Self::DatasetNotLicensed(FixedBytes(dataset)),
            R::UnknownKind(kind) => Self::UnknownKind(kind),
            R::TerminationNotAllowed(caller, reason) => Self::TerminationNotAllowed(caller.into(), reason),
            R::NoCause(reason) => Self::NoCause(reason),
            R::CureOpen(until) => Self::CureOpen(until),
            R::StillInForce(until) => Self::StillInForce(until),
            R::AlreadyClosed(id) => Self::AlreadyClosed(FixedBytes(id)),
        }
    }
}
