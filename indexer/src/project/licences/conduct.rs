//! How a platform keeps to a licence beside paying: violations that are alleged, what was not done in time,
//! sublicences, and personal data that must be redacted.

use yieldset_chain::{
    B256, U256,
    abi::Licence::{
        BreachRecorded, Dismissed, RedactionCertified, RedactionJoined, RedactionRequested, SublicenceRecorded,
        ViolationRecorded,
    },
};

use super::{audits, key, known};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project::Applying,
    rows::{fact, versioned},
};

versioned! {
    /// A violation that an oracle alleges, named by its evidence.
    Violation in "violations" {
        contract: Addr,
        licence: Hash,
        evidence: Hash;
        kind: String,
        uses: i64,
        happened_at: Amount,
        recorded_at: i64,
        dismissed: bool,
    }
}

fact! {
    /// Something was not done in time.
    Breach in "breaches" {
        contract: Addr,
        licence: Hash,
        kind: String,
        /// The quarter, audit or redaction; none for the deletion.
        number: Option<i64>,
    }
}

versioned! {
    /// A sublicence that the platform granted.
    Sublicence in "sublicences" {
        contract: Addr,
        licence: Hash,
        sublicence: i64;
        licensee: Addr,
        uses: i64,
        document: Hash,
    }
}

versioned! {
    /// A dataset's version without certain personal data, which the platform must use instead.
    Redaction in "redactions" {
        contract: Addr,
        licence: Hash,
        redaction: i64;
        dataset: Hash,
        requester: Addr,
        request: Hash,
        manifest: Hash,
        requested_at: i64,
        due: Amount,
        certificate: Option<Hash>,
        certified_at: Option<i64>,
        certified_late: Option<bool>,
    }
}

fact! {
    /// Somebody asked for a redaction, or for one that was asked for already.
    RedactionRequest in "redaction_requests" {
        contract: Addr,
        licence: Hash,
        redaction: i64,
        requester: Addr,
        request: Hash,
    }
}

pub(super) async fn violation(applying: &mut Applying<'_>, event: &ViolationRecorded) -> Result<(), IndexerError> {
    let place = applying.place;
    let kind = match event.kind {
        1 => "training_after_window",
        2 => "prohibited_use",
        3 => "forbidden_sublicence",
        4 => "use_after_deletion",
        5 => "untrue_records",
        other => return Err(place.diverged("a violation's kind", other, "1 to 5")),
    };
    let mut row = known(applying, event.licence).await?;
    row.violations = event.violations.into();
    let (contract, licence, evidence) = (row.contract, row.licence, event.evidence.into());
    applying.put(row).await?;
    if applying.find::<Violation>((contract, licence, evidence)).await?.is_some() {
        return Err(place.diverged("a violation's evidence", evidence, "evidence of a new one"));
    }
    let violation = Violation {
        contract,
        licence,
        evidence,
        kind: kind.to_owned(),
        uses: event.uses.into(),
        happened_at: event.at.into(),
        recorded_at: place.seconds,
        dismissed: false,
    };
    applying.put(violation).await
}

pub(super) async fn breach(applying: &mut Applying<'_>, event: &BreachRecorded) -> Result<(), IndexerError> {
    let (kind, numbered) = match event.kind {
        1 => ("late_report", true),
        2 => ("late_answer", true),
        3 => ("late_redaction", true),
        4 => ("late_deletion", false),
        5 => ("unpaid_audit", true),
        other => return Err(applying.place.diverged("a breach's kind", other, "1 to 5")),
    };
    let mut row = known(applying, event.licence).await?;
    row.breaches = event.breaches.into();
    let (contract, licence) = (row.contract, row.licence);
    applying.put(row).await?;
    let number = numbered.then(|| event.number.into());
    applying.note(Breach { contract, licence, kind: kind.to_owned(), number });
    Ok(())
}

/// The arbiter dismissed a violation, named by its evidence, or an audit's correction, named by the audit's number.
pub(super) async fn dismiss(applying: &mut Applying<'_>, event: &Dismissed) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = known(applying, event.licence).await?;
    row.violations = event.violations.into();
    applying.put(row).await?;
    match event.kind {
        1 => {
            let (contract, licence) = key(applying, event.licence);
            let key = (contract, licence, event.which.into());
            let mut violation = applying.known::<Violation>("a violation", key).await?;
            violation.dismissed = true;
            applying.put(violation).await
        }
        2 => {
            let number = U256::from_be_bytes(event.which.0);
            let number = u32::try_from(number).map_err(|_| place.diverged("an audit's number", number, "32 bits"))?;
            audits::dismiss(applying, event.licence, number).await
        }
        other => Err(place.diverged("what was dismissed", other, "1 or 2")),
    }
}

pub(super) async fn sublicence(applying: &mut Applying<'_>, event: &SublicenceRecorded) -> Result<(), IndexerError> {
    known(applying, event.licence).await?;
    let (contract, licence) = key(applying, event.licence);
    let row = Sublicence {
        contract,
        licence,
        sublicence: event.number.into(),
        licensee: event.licensee.into(),
        uses: event.uses.into(),
        document: event.document.into(),
    };
    applying.put(row).await
}

pub(super) async fn request(applying: &mut Applying<'_>, event: &RedactionRequested) -> Result<(), IndexerError> {
    let place = applying.place;
    known(applying, event.licence).await?;
    let (contract, licence) = key(applying, event.licence);
    let redaction = i64::from(event.number);
    if applying.find::<Redaction>((contract, licence, redaction)).await?.is_some() {
        return Err(place.diverged("a redaction that was asked for", redaction, "a new one"));
    }
    let (requester, request) = (event.requester.into(), event.request.into());
    let row = Redaction {
        contract,
        licence,
        redaction,
        dataset: event.dataset.into(),
        requester,
        request,
        manifest: event.manifest.into(),
        requested_at: place.seconds,
        due: event.due.into(),
        certificate: None,
        certified_at: None,
        certified_late: None,
    };
    applying.put(row).await?;
    applying.note(RedactionRequest { contract, licence, redaction, requester, request });
    Ok(())
}

pub(super) async fn join(applying: &mut Applying<'_>, event: &RedactionJoined) -> Result<(), IndexerError> {
    let Redaction { contract, licence, redaction, .. } = find(applying, event.licence, event.number).await?;
    let (requester, request) = (event.requester.into(), event.request.into());
    applying.note(RedactionRequest { contract, licence, redaction, requester, request });
    Ok(())
}

pub(super) async fn certify(applying: &mut Applying<'_>, event: &RedactionCertified) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = find(applying, event.licence, event.number).await?;
    place.same("a redaction's version", Hash::from(event.manifest), row.manifest)?;
    row.certificate = Some(event.certificate.into());
    row.certified_at = Some(place.seconds);
    row.certified_late = Some(event.late);
    applying.put(row).await
}

async fn find(applying: &mut Applying<'_>, licence: B256, number: u32) -> Result<Redaction, IndexerError> {
    known(applying, licence).await?;
    let (contract, licence) = key(applying, licence);
    applying.known::<Redaction>("a redaction", (contract, licence, number.into())).await
}
