//! What the platform does with the data: sublicences, violations, redactions, breaches (LIC-6, LIC-7, LIC-9, LIC-10).

use super::{
    Address, Call, Deletion, Hash, Licence, Quarter, Refusal, Store, Terms,
    audit::Audit,
    days_after, dues, named,
    reason::Reason,
    store::{self, hashed, numbered, stored, versioned},
};
use crate::packed;

/// A sublicence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sublicence {
    /// To whom.
    pub licensee: Address,
    /// For which uses ([`super::terms::uses`]).
    pub uses: u32,
    /// Hash of its document.
    pub document: Hash,
    /// When.
    pub at: u64,
}

packed!(Sublicence { licensee: [u8; 20], uses: u32, document: [u8; 32], at: u64 });

/// A violation that an oracle says it found in the usage log: alleged, until the time to challenge it is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Violation {
    /// A [`ViolationKind`].
    pub kind: u8,
    /// The uses it was ([`super::terms::uses`]).
    pub uses: u32,
    /// When it happened.
    pub at: u64,
    /// When it was recorded.
    pub recorded_at: u64,
    /// The arbiter dismissed it: it never was one.
    pub dismissed: bool,
}

packed!(Violation { kind: u8, uses: u32, at: u64, recorded_at: u64, dismissed: bool });

/// A request to delete or redact personal data (LIC-10). What is asked for stays off chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Who asked.
    pub requester: Address,
    /// In which dataset.
    pub dataset: Hash,
    /// Hash of the request.
    pub request: Hash,
    /// The dataset's new version, without the data.
    pub manifest: Hash,
    /// Its number; a certificate of a later one is one of this.
    pub version: u32,
    /// When asked.
    pub requested_at: u64,
    /// Until when to comply.
    pub due: u64,
    /// Hash of the platform's certificate.
    pub certificate: Hash,
    /// When it was filed; zero for not yet.
    pub certified_at: u64,
    /// Since when that it is late is on record as a breach; zero for not. The certificate cures it.
    pub late_at: u64,
}

packed!(Redaction {
    requester: [u8; 20],
    dataset: [u8; 32],
    request: [u8; 32],
    manifest: [u8; 32],
    version: u32,
    requested_at: u64,
    due: u64,
    certificate: [u8; 32],
    certified_at: u64,
    late_at: u64,
});

/// A number under a key of its own: a request's, or a version's.
struct Numbered {
    number: u32,
}

packed!(Numbered { number: u32 });
stored!(Sublicence, Violation, Redaction, Numbered);

impl Redaction {
    /// Whether the platform has still to comply: it certified neither this request nor a later version of the dataset,
    /// which lacks all that the earlier ones lack.
    pub fn is_open(&self, store: &impl Store, id: &super::Id) -> bool {
        self.certified_at == 0 && self.version > certified_version(store, id, &self.dataset)
    }
}

/// Up to which version of a dataset the platform certified its redactions.
fn certified_version(store: &impl Store, id: &super::Id, dataset: &Hash) -> u32 {
    Numbered::load(store, &hashed(id, store::CERTIFIED, dataset)).map_or(0, |version| version.number)
}

/// What a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ViolationKind {
    /// A training run after the retraining window (LIC-6).
    TrainingAfterWindow = 1,
    /// A prohibited use (LIC-9).
    ProhibitedUse = 2,
    /// A sublicence or resale that the terms forbid (LIC-7).
    ForbiddenSublicence = 3,
    /// Use after the data had to be deleted (LIC-8).
    UseAfterDeletion = 4,
    /// The usage log lacks a training run, or what it says of one is not so (ATT-2).
    UntrueRecords = 5,
}

impl ViolationKind {
    /// From its number.
    ///
    /// # Errors
    /// [`Refusal::UnknownKind`].
    pub const fn from_number(number: u8) -> Result<Self, Refusal> {
        Ok(match number {
            1 => Self::TrainingAfterWindow,
            2 => Self::ProhibitedUse,
            3 => Self::ForbiddenSublicence,
            4 => Self::UseAfterDeletion,
            5 => Self::UntrueRecords,
            _ => return Err(Refusal::UnknownKind(number)),
        })
    }

    /// Whether the terms forbid it at that time.
    fn is_forbidden(self, licence: &Licence, terms: &Terms, uses: u32, at: u64) -> bool {
        let prohibited = uses & terms.prohibited != 0;
        match self {
            Self::TrainingAfterWindow => at > licence.training_until(terms),
            Self::ProhibitedUse => prohibited,
            Self::ForbiddenSublicence => prohibited || !terms.sublicensing,
            Self::UseAfterDeletion => at > licence.deletion_due,
            // Only who agreed to a metric owes the records that it is worked out from.
            Self::UntrueRecords => terms.metric != [0; 32],
        }
    }
}

/// The platform records a sublicence (LIC-7). Answers its number, from 1.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::WrongStage`], [`Refusal::SublicensingForbidden`], [`Refusal::UseProhibited`]
/// with the uses that are, [`Refusal::ZeroHash`].
pub fn record_sublicence(
    store: &mut impl Store,
    call: &Call,
    licensee: &Address,
    uses: u32,
    document: &Hash,
) -> Result<u32, Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
    licence.check_in_force(call)?;
    named(document)?;
    let terms = licence.terms(store, &call.licence)?;
    if !terms.sublicensing {
        return Err(Refusal::SublicensingForbidden);
    }
    if uses & terms.prohibited != 0 {
        return Err(Refusal::UseProhibited(uses & terms.prohibited));
    }
    licence.sublicences = licence.sublicences.saturating_add(1);
    let sublicence = Sublicence { licensee: *licensee, uses, document: *document, at: call.now };
    sublicence.save(store, &numbered(&call.licence, store::SUBLICENCE, licence.sublicences));
    licence.put(store, &call.licence);
    Ok(licence.sublicences)
}

/// An oracle, which the caller was checked to be, records a violation that happened at `at`. One evidence counts once.
/// It is alleged: only after the time to challenge it does it end a licence. Answers how many there are now.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::UnknownKind`], [`Refusal::ZeroHash`], [`Refusal::ViolationAlreadyRecorded`];
/// [`Refusal::NotAViolation`] where the terms allow it, or it was before the licence or has not been yet.
pub fn record_violation(
    store: &mut impl Store,
    call: &Call,
    kind: u8,
    uses: u32,
    at: u64,
    evidence: &Hash,
) -> Result<u32, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    licence.check_began(call)?;
    let terms = licence.terms(store, &call.licence)?;
    let forbidden = ViolationKind::from_number(kind)?.is_forbidden(&licence, &terms, uses, at);
    if !forbidden || at < licence.activated_at || at > call.now {
        return Err(Refusal::NotAViolation(kind, at));
    }
    named(evidence)?;
    let key = hashed(&call.licence, store::VIOLATION, evidence);
    if Violation::load(store, &key).is_some() {
        return Err(Refusal::ViolationAlreadyRecorded(*evidence));
    }
    Violation { kind, uses, at, recorded_at: call.now, dismissed: false }.save(store, &key);
    licence.violations = licence.violations.saturating_add(1);
    licence.put(store, &call.licence);
    Ok(licence.violations)
}

/// The arbiter, which the caller was checked to be, dismisses a violation that was alleged. Answers how many there are
/// now.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::NoCause`] where there is none, [`Refusal::AlreadyDone`].
pub fn dismiss_violation(store: &mut impl Store, call: &Call, evidence: &Hash) -> Result<u32, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    let key = hashed(&call.licence, store::VIOLATION, evidence);
    let violation = Violation::load(store, &key).ok_or(Refusal::NoCause(Reason::Violation as u8))?;
    if violation.dismissed {
        return Err(Refusal::AlreadyDone(0));
    }
    Violation { dismissed: true, ..violation }.save(store, &key);
    licence.violations = licence.violations.saturating_sub(1);
    licence.put(store, &call.licence);
    Ok(licence.violations)
}

/// What is to be redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// In which dataset.
    pub dataset: Hash,
    /// Hash of the request.
    pub request: Hash,
    /// The dataset's version without the data.
    pub manifest: Hash,
    /// Its number, as the datasets' registry tells it.
    pub version: u32,
}

/// What a request brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The request's number, from 1.
    pub number: u32,
    /// The request.
    pub redaction: Redaction,
    /// It was open already.
    pub joined: bool,
}

/// Somebody who may, which was checked, asks the platform to delete or redact personal data. Who asks for a version
/// that is asked for already joins that request. A certificate is one of all earlier versions, which cannot be asked
/// for any more: so the platform ends all requests of a dataset by complying with the latest.
///
/// # Errors
/// [`Refusal::WrongStage`] where the licence never began or all its data is deleted, [`Refusal::ZeroHash`],
/// [`Refusal::DatasetNotLicensed`], [`Refusal::NotANewVersion`].
pub fn request_redaction(store: &mut impl Store, call: &Call, wanted: &Wanted) -> Result<Asked, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if licence.activated_at == 0 || licence.deletion_at(call.now) == Deletion::Certified {
        return Err(licence.wrong_stage(call));
    }
    let Wanted { dataset, request, manifest, version } = *wanted;
    named(&request)?;
    named(&manifest)?;
    if !licence.dataset_list(store, &call.licence).contains(&dataset) {
        return Err(Refusal::DatasetNotLicensed(dataset));
    }
    if version <= certified_version(store, &call.licence, &dataset).max(1) {
        return Err(Refusal::NotANewVersion(manifest));
    }
    let of_version = versioned(&call.licence, store::REQUESTED, &dataset, version);
    if let Some(Numbered { number }) = Numbered::load(store, &of_version) {
        let redaction = Redaction::load(store, &numbered(&call.licence, store::REDACTION, number));
        let redaction = redaction.ok_or(Refusal::UnknownNumber(number))?;
        return Ok(Asked { number, redaction, joined: true });
    }
    let due = days_after(call.now, licence.terms(store, &call.licence)?.redaction_days);
    licence.redactions = licence.redactions.saturating_add(1);
    let (number, requester, requested_at) = (licence.redactions, call.caller, call.now);
    let redaction =
        Redaction { requester, dataset, request, manifest, version, requested_at, due, ..Redaction::default() };
    redaction.save(store, &numbered(&call.licence, store::REDACTION, number));
    Numbered { number }.save(store, &of_version);
    licence.put(store, &call.licence);
    Ok(Asked { number, redaction, joined: false })
}

/// The platform certifies that it redacted, and so for all earlier versions of the dataset. Answers the request after
/// it and whether this came late, which is a breach on record now.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::UnknownNumber`], [`Refusal::AlreadyDone`], [`Refusal::ZeroHash`].
pub fn certify_redaction(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    certificate: &Hash,
) -> Result<(Redaction, bool), Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
    let key = numbered(&call.licence, store::REDACTION, number);
    let mut redaction = Redaction::load(store, &key).ok_or(Refusal::UnknownNumber(number))?;
    if !redaction.is_open(store, &call.licence) {
        return Err(Refusal::AlreadyDone(number));
    }
    named(certificate)?;
    (redaction.certificate, redaction.certified_at) = (*certificate, call.now);
    let late = call.now > redaction.due && redaction.late_at == 0;
    if late {
        redaction.late_at = call.now;
        licence.add_breach();
        licence.put(store, &call.licence);
    }
    redaction.save(store, &key);
    let version = Numbered { number: redaction.version };
    version.save(store, &hashed(&call.licence, store::CERTIFIED, &redaction.dataset));
    Ok((redaction, late))
}

/// What was not done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum BreachKind {
    /// A quarter's report; the number is the quarter.
    LateReport = 1,
    /// An audit's answer; the number is the audit's.
    LateAnswer = 2,
    /// A redaction; the number is the request's.
    LateRedaction = 3,
    /// The deletion.
    LateDeletion = 4,
    /// An audit's fee or expenses; the number is the audit's.
    UnpaidAudit = 5,
}

impl BreachKind {
    /// From its number.
    ///
    /// # Errors
    /// [`Refusal::UnknownKind`].
    pub const fn from_number(number: u8) -> Result<Self, Refusal> {
        Ok(match number {
            1 => Self::LateReport,
            2 => Self::LateAnswer,
            3 => Self::LateRedaction,
            4 => Self::LateDeletion,
            5 => Self::UnpaidAudit,
            _ => return Err(Refusal::UnknownKind(number)),
        })
    }
}

/// Anyone records that something was not done in time. Answers how many breaches there are now.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::UnknownKind`], [`Refusal::UnknownNumber`], [`Refusal::QuarterOutsideTerm`],
/// [`Refusal::NotYet`], [`Refusal::AlreadyDone`] where it was done, [`Refusal::AlreadyRecorded`].
pub fn record_breach(store: &mut impl Store, call: &Call, kind: u8, number: u32) -> Result<u32, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    licence.check_began(call)?;
    match BreachKind::from_number(kind)? {
        BreachKind::LateReport => {
            licence.check_quarter(number)?;
            let mut quarter = Quarter::of(store, &call.licence, number);
            let due = dues::report_deadline(&licence.terms(store, &call.licence)?, number);
            overdue(call, number, quarter.reported_at > 0, due, &mut quarter.late_at)?;
            quarter.put(store, &call.licence, number);
        }
        BreachKind::LateAnswer => {
            let mut audit = Audit::find(store, call, number)?;
            overdue(call, number, audit.answered_at > 0, audit.answer_by(), &mut audit.late_at)?;
            audit.put(store, call, number);
        }
        BreachKind::LateRedaction => {
            let key = numbered(&call.licence, store::REDACTION, number);
            let mut redaction = Redaction::load(store, &key).ok_or(Refusal::UnknownNumber(number))?;
            let done = !redaction.is_open(store, &call.licence);
            overdue(call, number, done, redaction.due, &mut redaction.late_at)?;
            redaction.save(store, &key);
        }
        BreachKind::LateDeletion => {
            let mut since = u64::from(licence.deletion_late);
            overdue(call, number, licence.deleted_at > 0, licence.deletion_due, &mut since)?;
            licence.deletion_late = true;
        }
        BreachKind::UnpaidAudit => {
            let mut audit = Audit::find(store, call, number)?;
            overdue(call, number, !audit.is_unpaid(), audit.pay_by(), &mut audit.unpaid_at)?;
            audit.put(store, call, number);
        }
    }
    licence.add_breach();
    licence.put(store, &call.licence);
    Ok(licence.breaches)
}

/// Since when a breach is on record that lasts; zero where it is not on record or cured. What was done late is done. A
/// late deletion comes after the end, when there is nothing left to terminate.
///
/// # Errors
/// [`Refusal::UnknownKind`], [`Refusal::UnknownNumber`].
pub(crate) fn breach_since(store: &impl Store, call: &Call, kind: u8, number: u32) -> Result<u64, Refusal> {
    let (since, lasts) = match BreachKind::from_number(kind)? {
        BreachKind::LateReport => {
            let quarter = Quarter::of(store, &call.licence, number);
            (quarter.late_at, quarter.reported_at == 0)
        }
        BreachKind::LateAnswer => {
            let audit = Audit::find(store, call, number)?;
            (audit.late_at, audit.answered_at == 0)
        }
        BreachKind::LateRedaction => {
            let key = numbered(&call.licence, store::REDACTION, number);
            let redaction = Redaction::load(store, &key).ok_or(Refusal::UnknownNumber(number))?;
            (redaction.late_at, redaction.is_open(store, &call.licence))
        }
        BreachKind::LateDeletion => (0, false),
        BreachKind::UnpaidAudit => {
            let audit = Audit::find(store, call, number)?;
            (audit.unpaid_at, audit.is_unpaid())
        }
    };
    Ok(if lasts { since } else { 0 })
}

/// Marks as recorded what is not done although it was due.
fn overdue(call: &Call, number: u32, done: bool, due: u64, since: &mut u64) -> Result<(), Refusal> {
    if *since > 0 {
        return Err(Refusal::AlreadyRecorded(number));
    }
    if done {
        return Err(Refusal::AlreadyDone(number));
    }
    if call.now <= due {
        return Err(Refusal::NotYet(number, due));
    }
    *since = call.now;
    Ok(())
}
