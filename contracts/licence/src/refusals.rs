//! Why a message is refused.

use ink::U256;
use yieldset_rules::licence::Refusal;
use yieldset_shell::{
    input::In,
    refusals::{Explain, OrRefuse},
    words::number_of,
};

yieldset_shell::refusals! {
    /// There is no such licence, or menu.
    UnknownLicence(licence: bytes32),
    /// Only the licence's platform, or whom it named its successor, may do this: (caller, platform or successor).
    NotPlatform(caller: address, platform: address),
    /// Not at this stage: (licence, stage now, a `Stage`).
    WrongStage(licence: bytes32, stage: uint8),
    /// A document needs a hash.
    ZeroHash(),
    /// Money needs an amount.
    ZeroAmount(),
    /// A figure would not fit in 128 bits, or a reported one is above 2^100.
    Overflow(),
    /// An offer has 1 to 4 options.
    InvalidOptionCount(count: uint32),
    /// An offer is on 1 to 12 datasets.
    InvalidDatasetCount(count: uint32),
    /// Named twice, or zero.
    InvalidDataset(dataset: bytes32),
    /// An option's terms contradict themselves: (option, a `Fault`).
    InvalidTerms(option: uint8, fault: uint8),
    /// An offer must end in the future: (expiry, now), Unix seconds.
    InvalidOfferExpiry(expiry: uint64, now: uint64),
    /// The offer ended at this time, Unix seconds.
    OfferExpired(expiry: uint64),
    /// The offer has fewer options: (option, count).
    UnknownOption(option: uint8, count: uint8),
    /// The option asks more than the platform agreed to: (upfront and escrow, most).
    CostAboveLimit(cost: uint256, limit: uint256),
    /// The platform may still fund the escrow until then, Unix seconds.
    FundingOpen(until: uint64),
    /// Quarters are reported in order: (got, expected).
    QuarterOutOfOrder(quarter: uint32, expected: uint32),
    /// The licence was not in force in this quarter: (quarter, first, last).
    QuarterOutsideTerm(quarter: uint32, first: uint32, last: uint32),
    /// The quarter ends at this time: (quarter, end in Unix seconds).
    QuarterNotOver(quarter: uint32, end: uint64),
    /// Nothing of the quarter is known: neither the platform nor the oracle has reported.
    QuarterNotAssessed(quarter: uint32),
    /// These terms charge no usage.
    UsageNotInTerms(),
    /// The quarter's usage is taken over, or closed, already.
    UsageAlreadyReported(quarter: uint32),
    /// The quarter's usage is neither taken over nor closed: `assessUsage`, which anybody sends, does either.
    UsageOpen(quarter: uint32),
    /// The figures are of another metric: (got, the terms').
    WrongMetric(metric: bytes32, expected: bytes32),
    /// The figures are of another threshold: (got, the terms').
    WrongThreshold(threshold: uint32, expected: uint32),
    /// Nothing is left to pay, correct or withdraw of this quarter, licence year or audit.
    NothingDue(number: uint32),
    /// Not before this time: (quarter, audit or request, or zero; Unix seconds).
    NotYet(number: uint32, from: uint64),
    /// Recorded before.
    AlreadyRecorded(number: uint32),
    /// These terms guarantee nothing.
    GuaranteeNotInTerms(),
    /// Licence years are trued up in order: (got, expected).
    YearOutOfOrder(year: uint32, expected: uint32),
    /// The licence has fewer years: (year, last).
    YearOutsideTerm(year: uint32, last: uint32),
    /// The licence year, or the time to pay its last quarter, is not over: (year, until in Unix seconds).
    YearNotOver(year: uint32, until: uint64),
    /// Schedule B has fewer milestones: (index, count).
    UnknownMilestone(index: uint8, count: uint8),
    /// Certified before.
    MilestoneAlreadyCertified(index: uint8),
    /// Nothing to refund (yet).
    NothingToRefund(licence: bytes32),
    /// Nothing is held for the pool in this period.
    NothingHeld(period: uint32),
    /// Audits are for holders of the pool's shares and for contributors that an auditor approved.
    NotAContributor(account: address),
    /// Shares count for an audit from the begin of its quarter and of the licence on: (when they were held, from; Unix
    /// seconds).
    HeldBefore(at: uint64, from: uint64),
    /// Two per calendar year: (contributor, year).
    TooManyAudits(contributor: address, year: uint32),
    /// There is no such audit, redaction request or epoch of a usage log.
    UnknownNumber(number: uint32),
    /// Audited, answered, reported, corrected, dismissed, certified, paid or withdrawn before.
    AlreadyDone(number: uint32),
    /// The platform may still answer: (audit, until in Unix seconds).
    AuditNotAnswered(number: uint32, until: uint64),
    /// Only whom an audit's debt is owed to withdraws it: (caller, creditor).
    NotCreditor(caller: address, creditor: address),
    /// Above the terms' cap: (claimed, cap).
    CostAboveCap(claimed: uint256, cap: uint256),
    /// Above 10 000.
    InvalidBasisPoints(bps: uint16),
    /// These terms allow no sublicence.
    SublicensingForbidden(),
    /// These terms prohibit these uses.
    UseProhibited(uses: uint32),
    /// The terms allow what was reported: (kind, when it happened in Unix seconds).
    NotAViolation(kind: uint8, at: uint64),
    /// This evidence is recorded already.
    ViolationAlreadyRecorded(evidence: bytes32),
    /// The licence does not cover this dataset.
    DatasetNotLicensed(dataset: bytes32),
    /// There is no such kind of breach or violation, nor such a reason, dismissal or record.
    UnknownKind(kind: uint8),
    /// The terms give the caller no such right: (caller, reason).
    TerminationNotAllowed(caller: address, reason: uint8),
    /// There is no cause on record for this reason.
    NoCause(reason: uint8),
    /// It may still be cured, or a violation challenged, until then, Unix seconds.
    CureOpen(until: uint64),
    /// A platform leaves for convenience only once it has reported and paid: (owed, with what the escrow must be filled
    /// up by; quarter to report, zero for none).
    PaysFirst(owed: uint256, quarter: uint32),
    /// First this licence year must be trued up, which anybody can do.
    TrueUpFirst(year: uint32),
    /// The licence is in force until then, Unix seconds.
    StillInForce(until: uint64),
    /// Closed before.
    AlreadyClosed(licence: bytes32),
    /// Key, origin or witnesses of a usage log cannot be: a `Fault`.
    InvalidUsageLog(fault: uint8),
    /// Another root of this size is on chain, and a log has one: (got, the one that stands).
    OtherRoot(root: bytes32, stands: bytes32),
    /// Above 2^128 − 1.
    AmountTooLarge(amount: uint256),
    /// The call must bring exactly this value: (got, expected).
    WrongValue(got: uint256, expected: uint256),
    /// The pool does not let this account license its data.
    NotLicensor(account: address),
    /// The dataset is assigned to another pool, or none: (dataset, that pool).
    DatasetNotInPool(dataset: bytes32, pool: address),
    /// Only the dataset's creator or the pool's licensor may ask for a redaction.
    NotDatasetCreatorOrLicensor(account: address),
    /// Not a version of the dataset after its first, or the platform certified this one or a later one.
    NotANewVersion(manifest: bytes32),
    /// The registry that the pool screens by has the account blocked: an ERC-1404 code.
    TransferRestricted(code: uint8),
    /// The pool did not answer.
    PoolCallFailed(),
    /// The pool is not opened: nobody holds its shares yet, so nobody could earn what the licence pays.
    PoolNotOpened(pool: address),
    /// The pool, or the menu, has another currency: (its, the one expected).
    WrongCurrency(currency: address, expected: address),
    /// The report of the quarter's usage is not final: (quarter, state; zero where there is none).
    UsageNotFinal(quarter: uint32, state: uint8),
    /// The pool's attribution registry did not answer.
    AttributionCallFailed(),
    /// The datasets' registry did not answer.
    ManifestsCallFailed(),
    /// The registry does not open or close the dataset for this licence, e.g. for another's exclusivity.
    DatasetRefused(dataset: bytes32),
    /// The ERC-20 did not answer, or moved more than it was told.
    CurrencyCallFailed(currency: address),
    /// The ERC-20 did not bring what it was told: (got, expected).
    WrongAmountReceived(got: uint256, expected: uint256),
    /// The account does not accept the payment; nothing changed.
    PayoutFailed(account: address),
    /// The contract would keep less of the currency than it lets anybody have. Anybody sends it that much more.
    FloatMissing(missing: uint256),
}

/// Explains what the rules refuse.
pub struct Rules;

impl Explain<Refusal> for Rules {
    #[inline(always)]
    fn explain(self, refusal: Refusal) -> ! {
        explain(&refusal)
    }
}

#[cold]
#[inline(never)]
fn explain(refusal: &Refusal) -> ! {
    use Refusal as R;
    match *refusal {
        R::UnknownLicence(licence) => UnknownLicence { licence }.refuse(),
        R::NotPlatform(caller, platform) => NotPlatform { caller, platform }.refuse(),
        R::WrongStage(licence, stage) => WrongStage { licence, stage }.refuse(),
        R::ZeroHash => ZeroHash {}.refuse(),
        R::ZeroAmount => ZeroAmount {}.refuse(),
        R::Overflow => Overflow {}.refuse(),
        R::InvalidOptionCount(count) => InvalidOptionCount { count }.refuse(),
        R::InvalidDatasetCount(count) => InvalidDatasetCount { count }.refuse(),
        R::InvalidDataset(dataset) => InvalidDataset { dataset }.refuse(),
        R::InvalidTerms(option, fault) => InvalidTerms { option, fault }.refuse(),
        R::InvalidOfferExpiry(expiry, now) => InvalidOfferExpiry { expiry, now }.refuse(),
        R::OfferExpired(expiry) => OfferExpired { expiry }.refuse(),
        R::UnknownOption(option, count) => UnknownOption { option, count }.refuse(),
        R::CostAboveLimit(cost, most) => CostAboveLimit { cost, limit: most }.refuse(),
        R::FundingOpen(until) => FundingOpen { until }.refuse(),
        R::QuarterOutOfOrder(quarter, expected) => QuarterOutOfOrder { quarter, expected }.refuse(),
        R::QuarterOutsideTerm(quarter, first, last) => QuarterOutsideTerm { quarter, first, last }.refuse(),
        R::QuarterNotOver(quarter, end) => QuarterNotOver { quarter, end }.refuse(),
        R::QuarterNotAssessed(quarter) => QuarterNotAssessed { quarter }.refuse(),
        R::UsageNotInTerms => UsageNotInTerms {}.refuse(),
        R::UsageAlreadyReported(quarter) => UsageAlreadyReported { quarter }.refuse(),
        R::UsageOpen(quarter) => UsageOpen { quarter }.refuse(),
        R::WrongMetric(metric, expected) => WrongMetric { metric, expected }.refuse(),
        R::WrongThreshold(threshold, expected) => WrongThreshold { threshold, expected }.refuse(),
        R::NothingDue(number) => NothingDue { number }.refuse(),
        R::NotYet(number, from) => NotYet { number, from }.refuse(),
        R::AlreadyRecorded(number) => AlreadyRecorded { number }.refuse(),
        R::GuaranteeNotInTerms => GuaranteeNotInTerms {}.refuse(),
        R::YearOutOfOrder(year, expected) => YearOutOfOrder { year, expected }.refuse(),
        R::YearOutsideTerm(year, last) => YearOutsideTerm { year, last }.refuse(),
        R::YearNotOver(year, until) => YearNotOver { year, until }.refuse(),
        R::UnknownMilestone(index, count) => UnknownMilestone { index, count }.refuse(),
        R::MilestoneAlreadyCertified(index) => MilestoneAlreadyCertified { index }.refuse(),
        R::NothingToRefund(licence) => NothingToRefund { licence }.refuse(),
        R::NothingHeld(period) => NothingHeld { period }.refuse(),
        R::NotAContributor(account) => NotAContributor { account }.refuse(),
        R::HeldBefore(at, from) => HeldBefore { at, from }.refuse(),
        R::TooManyAudits(contributor, year) => TooManyAudits { contributor, year }.refuse(),
        R::UnknownNumber(number) => UnknownNumber { number }.refuse(),
        R::AlreadyDone(number) => AlreadyDone { number }.refuse(),
        R::AuditNotAnswered(number, until) => AuditNotAnswered { number, until }.refuse(),
        R::NotCreditor(caller, creditor) => NotCreditor { caller, creditor }.refuse(),
        R::CostAboveCap(claimed, cap) => CostAboveCap { claimed, cap }.refuse(),
        R::InvalidBasisPoints(bps) => InvalidBasisPoints { bps }.refuse(),
        R::SublicensingForbidden => SublicensingForbidden {}.refuse(),
        R::UseProhibited(uses) => UseProhibited { uses }.refuse(),
        R::NotAViolation(kind, at) => NotAViolation { kind, at }.refuse(),
        R::ViolationAlreadyRecorded(evidence) => ViolationAlreadyRecorded { evidence }.refuse(),
        R::DatasetNotLicensed(dataset) => DatasetNotLicensed { dataset }.refuse(),
        R::UnknownKind(kind) => UnknownKind { kind }.refuse(),
        R::TerminationNotAllowed(caller, reason) => TerminationNotAllowed { caller, reason }.refuse(),
        R::NoCause(reason) => NoCause { reason }.refuse(),
        R::CureOpen(until) => CureOpen { until }.refuse(),
        R::PaysFirst(owed, quarter) => PaysFirst { owed, quarter }.refuse(),
        R::TrueUpFirst(year) => TrueUpFirst { year }.refuse(),
        R::StillInForce(until) => StillInForce { until }.refuse(),
        R::AlreadyClosed(licence) => AlreadyClosed { licence }.refuse(),
        R::InvalidUsageLog(fault) => InvalidUsageLog { fault }.refuse(),
        R::OtherRoot(root, stands) => OtherRoot { root, stands }.refuse(),
        R::NotANewVersion(manifest) => NotANewVersion { manifest }.refuse(),
        R::WrongCurrency(currency, expected) => WrongCurrency { currency, expected }.refuse(),
    }
}

/// An amount within 128 bits.
pub fn amount<const I: u32>(amount: &In<I, U256>) -> u128 {
    let amount = amount.word();
    number_of(&amount).or_refuse(AmountTooLarge { amount })
}
