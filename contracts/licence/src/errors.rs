//! Why a message is refused, and refusing.

use ink::{
    Address, U256,
    codegen::sol::selector_bytes,
    prelude::{vec, vec::Vec},
    sol::FixedBytes,
};
use yieldset_rules::licence::Refusal;
use yieldset_shell::{
    host,
    words::{Word, narrow},
};

use crate::word::{ToWord, signature};

type Bytes32 = FixedBytes<32>;

/// Declares the errors for the ABI, and encodes them by hand on chain: what ink! generates for each of them takes the
/// compiler minutes for so many, and is several times the code.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident($($field:ident: $kind:ident),*),)+) => {
        /// Why a message is refused; each variant is a Solidity custom error. Those of the rules are documented at
        /// [`Refusal`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(not(target_arch = "riscv64"), ink::error)]
        #[allow(missing_docs, reason = "the variants are the rules' refusals, documented there")]
        pub enum Error {
            $($(#[$doc])* $name($($kind),*),)+
        }

        impl Error {
            /// The selector, and the fields' words.
            fn parts(&self) -> ([u8; 4], Vec<Word>) {
                match *self {
                    $(Self::$name($($field),*) => {
                        const SELECTOR: [u8; 4] = selector_bytes(signature!($name($($kind),*)));
                        (SELECTOR, vec![$($field.to_word()),*])
                    })+
                }
            }
        }
    };
}

errors! {
    AccessControlUnauthorizedAccount(a: Address, b: Bytes32),
    AccessControlBadConfirmation(),
    AccessControlEnforcedDefaultAdminRules(),
    AccessControlInvalidDefaultAdmin(a: Address),
    UnknownLicence(a: Bytes32),
    NotPlatform(a: Address, b: Address),
    WrongStage(a: Bytes32, b: u8),
    ZeroHash(),
    ZeroAmount(),
    Overflow(),
    InvalidOptionCount(a: u32),
    InvalidDatasetCount(a: u32),
    InvalidDataset(a: Bytes32),
    InvalidTerms(a: u8, b: u8),
    InvalidOfferExpiry(a: u64, b: u64),
    OfferExpired(a: u64),
    UnknownOption(a: u8, b: u8),
    CostAboveLimit(a: U256, b: U256),
    FundingOpen(a: u64),
    QuarterOutOfOrder(a: u32, b: u32),
    QuarterOutsideTerm(a: u32, b: u32, c: u32),
    QuarterNotOver(a: u32, b: u64),
    QuarterNotAssessed(a: u32),
    UsageNotInTerms(),
    UsageAlreadyReported(a: u32),
    WrongMetric(a: Bytes32, b: Bytes32),
    WrongThreshold(a: u32, b: u32),
    NothingDue(a: u32),
    NotYet(a: u32, b: u64),
    AlreadyRecorded(a: u32),
    GuaranteeNotInTerms(),
    YearOutOfOrder(a: u32, b: u32),
    YearOutsideTerm(a: u32, b: u32),
    YearNotOver(a: u32, b: u64),
    UnknownMilestone(a: u8, b: u8),
    MilestoneAlreadyCertified(a: u8),
    NothingToRefund(a: Bytes32),
    NothingHeld(a: u32),
    NotAContributor(a: Address),
    HeldBefore(a: u64, b: u64),
    TooManyAudits(a: Address, b: u32),
    UnknownNumber(a: u32),
    AlreadyDone(a: u32),
    AuditNotAnswered(a: u32, b: u64),
    NotCreditor(a: Address, b: Address),
    CostAboveCap(a: U256, b: U256),
    InvalidBasisPoints(a: u16),
    SublicensingForbidden(),
    UseProhibited(a: u32),
    NotAViolation(a: u8, b: u64),
    ViolationAlreadyRecorded(a: Bytes32),
    DatasetNotLicensed(a: Bytes32),
    UnknownKind(a: u8),
    TerminationNotAllowed(a: Address, b: u8),
    NoCause(a: u8),
    CureOpen(a: u64),
    PaysFirst(a: U256, b: u32),
    TrueUpFirst(a: u32),
    StillInForce(a: u64),
    AlreadyClosed(a: Bytes32),
    InvalidUsageLog(a: u8),
    OtherRoot(a: Bytes32, b: Bytes32),
    /// Above 2^128 − 1.
    AmountTooLarge(a: U256),
    /// The call must bring exactly this value: (got, expected).
    WrongValue(a: U256, b: U256),
    /// The pool does not let this account license its data.
    NotLicensor(a: Address),
    /// The dataset is assigned to another pool, or none: (dataset, that pool).
    DatasetNotInPool(a: Bytes32, b: Address),
    /// Only the dataset's creator or the pool's licensor may ask for a redaction.
    NotDatasetCreatorOrLicensor(a: Address),
    NotANewVersion(a: Bytes32),
    /// The registry that the pool screens by has the account blocked: an ERC-1404 code.
    TransferRestricted(a: u8),
    /// The pool did not answer.
    PoolCallFailed(),
    /// The pool is not opened: nobody holds its shares yet, so nobody could earn what the licence pays.
    PoolNotOpened(a: Address),
    /// The pool's currency is not the one that the offer names: (the pool's, the offer's).
    WrongCurrency(a: Address, b: Address),
    /// The report of the quarter's usage is not final: (quarter, state; zero where there is none).
    UsageNotFinal(a: u32, b: u8),
    /// The pool's attribution registry did not answer.
    AttributionCallFailed(),
    /// The datasets' registry did not answer.
    ManifestsCallFailed(),
    /// The registry does not open or close the dataset for this licence, e.g. for another's exclusivity.
    DatasetRefused(a: Bytes32),
    /// The ERC-20 did not answer, or moved more than it was told.
    CurrencyCallFailed(a: Address),
    /// The ERC-20 did not bring what it was told: (got, expected).
    WrongAmountReceived(a: U256, b: U256),
    /// The account does not accept the payment; nothing changed.
    PayoutFailed(a: Address),
}

/// On chain the ABI's own encoder is never asked: [`refuse`] ends the call.
#[cfg(target_arch = "riscv64")]
mod encoding {
    use super::Error;
    use ink::{
        prelude::vec::Vec,
        sol::{Error as Malformed, SolErrorDecode, SolErrorEncode},
    };

    impl SolErrorEncode for Error {
        fn encode(&self) -> Vec<u8> {
            self.to_bytes()
        }
    }

    impl SolErrorDecode for Error {
        fn decode(_: &[u8]) -> Result<Self, Malformed> {
            Err(Malformed)
        }
    }
}

impl Error {
    fn to_bytes(self) -> Vec<u8> {
        let (selector, words) = self.parts();
        let mut bytes = selector.to_vec();
        bytes.extend_from_slice(words.as_flattened());
        bytes
    }
}

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    host::revert(&error.to_bytes())
}

/// The value, unless it was refused.
pub fn allow<T>(result: Result<T, impl Into<Error>>) -> T {
    result.unwrap_or_else(|error| refuse(error.into()))
}

/// An amount within 128 bits.
pub fn amount(amount: U256) -> u128 {
    narrow(amount).unwrap_or_else(|| refuse(Error::AmountTooLarge(amount)))
}

yieldset_shell::access_refusals!(Error);

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
            R::WrongCurrency(got, expected) => Self::WrongCurrency(got.into(), expected.into()),
            R::CostAboveLimit(cost, most) => Self::CostAboveLimit(cost.into(), most.into()),
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
            R::HeldBefore(at, from) => Self::HeldBefore(at, from),
            R::TooManyAudits(contributor, year) => Self::TooManyAudits(contributor.into(), year),
            R::UnknownNumber(number) => Self::UnknownNumber(number),
            R::AlreadyDone(number) => Self::AlreadyDone(number),
            R::AuditNotAnswered(number, until) => Self::AuditNotAnswered(number, until),
            R::NotCreditor(caller, creditor) => Self::NotCreditor(caller.into(), creditor.into()),
            R::CostAboveCap(claimed, cap) => Self::CostAboveCap(claimed.into(), cap.into()),
            R::InvalidBasisPoints(bps) => Self::InvalidBasisPoints(bps),
            R::SublicensingForbidden => Self::SublicensingForbidden(),
            R::UseProhibited(uses) => Self::UseProhibited(uses),
            R::NotAViolation(kind, at) => Self::NotAViolation(kind, at),
            R::ViolationAlreadyRecorded(evidence) => Self::ViolationAlreadyRecorded(FixedBytes(evidence)),
            R::NotANewVersion(manifest) => Self::NotANewVersion(FixedBytes(manifest)),
            R::DatasetNotLicensed(dataset) => Self::DatasetNotLicensed(FixedBytes(dataset)),
            R::UnknownKind(kind) => Self::UnknownKind(kind),
            R::TerminationNotAllowed(caller, reason) => Self::TerminationNotAllowed(caller.into(), reason),
            R::NoCause(reason) => Self::NoCause(reason),
            R::CureOpen(until) => Self::CureOpen(until),
            R::PaysFirst(owed, quarter) => Self::PaysFirst(owed.into(), quarter),
            R::TrueUpFirst(year) => Self::TrueUpFirst(year),
            R::StillInForce(until) => Self::StillInForce(until),
            R::AlreadyClosed(id) => Self::AlreadyClosed(FixedBytes(id)),
            R::InvalidUsageLog(fault) => Self::InvalidUsageLog(fault),
            R::OtherRoot(got, stands) => Self::OtherRoot(FixedBytes(got), FixedBytes(stands)),
        }
    }
}
