//! Audits, and the contributors who may ask for them.

use yieldset_chain::{
    B256,
    abi::Licence::{
        AuditAnswered, AuditJoined, AuditPaid, AuditReported, AuditRequested, AuditWithdrawn, ContributorApproved,
    },
};

use super::{
    key, known,
    money::{coins, part},
    more,
};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project::{
        Applying,
        ledger::{self, Entry},
    },
    rows::{fact, versioned},
};

versioned! {
    /// An audit of a quarter: who asked for it, what the platform answered, what the auditor found, and who was paid.
    Audit in "audits" {
        contract: Addr,
        licence: Hash,
        audit: i64;
        contributor: Addr,
        quarter: i64,
        scope: Hash,
        requested_at: i64,
        answer_by: Amount,
        answered_at: Option<i64>,
        answered_late: Option<bool>,
        logs: Option<Hash>,
        manifests: Option<Hash>,
        runs: Option<Hash>,
        auditor: Option<Addr>,
        reported_at: Option<i64>,
        discrepancy_bps: Option<i32>,
        tokens: Option<Amount>,
        calls: Option<Amount>,
        report: Option<Hash>,
        fee: Amount,
        fee_paid: bool,
        fee_withdrawn: bool,
        expenses: Amount,
        expenses_paid: bool,
        expenses_withdrawn: bool,
        dismissed: bool,
    }
}

fact! {
    /// Somebody asked for an audit, or joined one that was open.
    AuditRequest in "audit_requests" {
        contract: Addr,
        licence: Hash,
        audit: i64,
        contributor: Addr,
        quarter: i64,
        scope: Hash,
    }
}

versioned! {
    /// Whether an auditor approved a contributor, who may then ask for audits.
    Approval in "contributor_approvals" { contract: Addr, licence: Hash, contributor: Addr; approved: bool }
}

/// Account of what was paid for audits and waits for its creditors.
const AUDITS: &str = "audits";

pub(super) async fn approve(applying: &mut Applying<'_>, event: &ContributorApproved) -> Result<(), IndexerError> {
    known(applying, event.licence).await?;
    let (contract, licence) = key(applying, event.licence);
    let (contributor, approved) = (event.contributor.into(), event.approved);
    applying.put(Approval { contract, licence, contributor, approved }).await
}

pub(super) async fn request(applying: &mut Applying<'_>, event: &AuditRequested) -> Result<(), IndexerError> {
    let place = applying.place;
    known(applying, event.licence).await?;
    let (contract, licence) = key(applying, event.licence);
    let (audit, contributor) = (i64::from(event.number), event.contributor.into());
    if applying.find::<Audit>((contract, licence, audit)).await?.is_some() {
        return Err(place.diverged("an audit that was asked for", audit, "a new one"));
    }
    let (quarter, scope) = (i64::from(event.quarter), event.scope.into());
    let row = Audit {
        contract,
        licence,
        audit,
        contributor,
        quarter,
        scope,
        requested_at: place.seconds,
        answer_by: event.answerBy.into(),
        answered_at: None,
        answered_late: None,
        logs: None,
        manifests: None,
        runs: None,
        auditor: None,
        reported_at: None,
        discrepancy_bps: None,
        tokens: None,
        calls: None,
        report: None,
        fee: Amount::ZERO,
        fee_paid: false,
        fee_withdrawn: false,
        expenses: Amount::ZERO,
        expenses_paid: false,
        expenses_withdrawn: false,
        dismissed: false,
    };
    applying.put(row).await?;
    applying.note(AuditRequest { contract, licence, audit, contributor, quarter, scope });
    Ok(())
}

pub(super) async fn join(applying: &mut Applying<'_>, event: &AuditJoined) -> Result<(), IndexerError> {
    let Audit { contract, licence, audit, .. } = find(applying, event.licence, event.number).await?;
    let (contributor, quarter) = (event.contributor.into(), event.quarter.into());
    applying.note(AuditRequest { contract, licence, audit, contributor, quarter, scope: event.scope.into() });
    Ok(())
}

pub(super) async fn answer(applying: &mut Applying<'_>, event: &AuditAnswered) -> Result<(), IndexerError> {
    let now = applying.place.seconds;
    let mut row = find(applying, event.licence, event.number).await?;
    row.answered_at = Some(now);
    row.answered_late = Some(event.late);
    row.logs = Some(event.logs.into());
    row.manifests = Some(event.manifests.into());
    row.runs = Some(event.runs.into());
    applying.put(row).await
}

pub(super) async fn report(applying: &mut Applying<'_>, event: &AuditReported) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = find(applying, event.licence, event.number).await?;
    row.auditor = Some(event.auditor.into());
    row.reported_at = Some(place.seconds);
    row.discrepancy_bps = Some(event.discrepancyBps.into());
    row.tokens = Some(place.amount("tokens", event.tokens)?.into());
    row.calls = Some(event.calls.into());
    row.report = Some(event.report.into());
    row.fee = place.amount("fee", event.fee)?.into();
    row.expenses = place.amount("expenses", event.expenses)?.into();
    applying.put(row).await
}

/// The fee, or the expenses, came in for whom they are owed to.
pub(super) async fn pay(applying: &mut Applying<'_>, event: &AuditPaid) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let mut row = find(applying, event.licence, event.number).await?;
    let (owed, done) =
        if event.expenses { (row.expenses, &mut row.expenses_paid) } else { (row.fee, &mut row.fee_paid) };
    place.same("what is owed for an audit", Amount::from(paid), owed)?;
    if std::mem::replace(done, true) {
        return Err(place.diverged("what was paid for an audit", "paid before", "owed still"));
    }
    applying.put(row).await?;
    let mut licence = known(applying, event.licence).await?;
    licence.money_in = more(place, "money that came in", licence.money_in, paid)?;
    licence.paid_out = more(place, "money for audits", licence.paid_out, paid)?;
    let entries = [Entry::debit(coins(&licence.currency), paid), Entry::credit(part(AUDITS, &licence.licence), paid)];
    ledger::post(applying, licence.contract, event.to.into(), &entries)?;
    applying.put(licence).await
}

pub(super) async fn withdraw(applying: &mut Applying<'_>, event: &AuditWithdrawn) -> Result<(), IndexerError> {
    let place = applying.place;
    let taken = place.amount("amount", event.amount)?;
    let mut row = find(applying, event.licence, event.number).await?;
    let (owed, paid, done) = if event.expenses {
        (row.expenses, row.expenses_paid, &mut row.expenses_withdrawn)
    } else {
        (row.fee, row.fee_paid, &mut row.fee_withdrawn)
    };
    place.same("what was paid for an audit", Amount::from(taken), owed)?;
    if !paid || std::mem::replace(done, true) {
        return Err(place.diverged("what was paid for an audit", "withdrawn", "paid and not withdrawn"));
    }
    applying.put(row).await?;
    let licence = known(applying, event.licence).await?;
    let entries = [Entry::debit(part(AUDITS, &licence.licence), taken), Entry::credit(coins(&licence.currency), taken)];
    ledger::post(applying, licence.contract, event.to.into(), &entries)
}

/// The arbiter dismissed what an auditor found.
pub(super) async fn dismiss(applying: &mut Applying<'_>, licence: B256, number: u32) -> Result<(), IndexerError> {
    let mut row = find(applying, licence, number).await?;
    row.dismissed = true;
    applying.put(row).await
}

async fn find(applying: &mut Applying<'_>, licence: B256, number: u32) -> Result<Audit, IndexerError> {
    known(applying, licence).await?;
    let (contract, licence) = key(applying, licence);
    applying.known::<Audit>("an audit", (contract, licence, number.into())).await
}
