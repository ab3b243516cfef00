//! How a platform keeps to its licences beside paying: audits, violations, sublicences and redactions.

use yieldset_chain::{SolValue, abi::Licence};

use super::{numbered, record};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
    verify::{Chain, Comparison, each, wide},
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    audits(snapshot, chain, found).await?;
    approvals(snapshot, chain, found).await?;
    violations(snapshot, chain, found).await?;
    sublicences(snapshot, chain, found).await?;
    redactions(snapshot, chain, found).await
}

struct AuditRow {
    contract: Addr,
    licence: Hash,
    audit: i64,
    contributor: Addr,
    quarter: i64,
    auditor: Option<Addr>,
    discrepancy_bps: Option<i32>,
    report: Option<Hash>,
    fee: Amount,
    fee_paid: bool,
    fee_withdrawn: bool,
    expenses: Amount,
    expenses_paid: bool,
    expenses_withdrawn: bool,
    dismissed: bool,
}

async fn audits(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        AuditRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", audit, contributor AS "contributor: Addr", quarter,
                  auditor AS "auditor: Addr", discrepancy_bps, report AS "report: Hash", fee AS "fee: Amount", fee_paid,
                  fee_withdrawn, expenses AS "expenses: Amount", expenses_paid, expenses_withdrawn, dismissed
           FROM audits WHERE valid_from > $1 ORDER BY contract, licence, audit"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: AuditRow| async move {
        let key = (row.contract, row.licence);
        let audit = record(chain, key, (b'A', numbered(row.audit)), Licence::Audit::abi_decode).await?;
        Ok::<_, IndexerError>((row, audit))
    };
    let count = each(rows, ask, |(row, audit)| {
        let what = format!("audit {} of licence {} of {}", row.audit, row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, audit) else { return };
        found.same(format!("{what}: contributor"), row.contributor, theirs.contributor.into());
        found.same(format!("{what}: quarter"), row.quarter, i64::from(theirs.quarter));
        found.same(format!("{what}: auditor"), row.auditor.unwrap_or_default(), theirs.auditor.into());
        let discrepancy = row.discrepancy_bps.unwrap_or(0);
        found.same(format!("{what}: discrepancy"), discrepancy, i32::from(theirs.discrepancyBps));
        found.same(format!("{what}: report"), row.report.unwrap_or_default(), theirs.report.into());
        found.same(format!("{what}: fee"), row.fee, theirs.fee.into());
        found.same(format!("{what}: fee paid"), row.fee_paid, theirs.feePaid);
        found.same(format!("{what}: fee withdrawn"), row.fee_withdrawn, theirs.feeWithdrawn);
        found.same(format!("{what}: expenses"), row.expenses, theirs.expenses.into());
        found.same(format!("{what}: expenses paid"), row.expenses_paid, theirs.reimbursed);
        found.same(format!("{what}: expenses withdrawn"), row.expenses_withdrawn, theirs.expensesWithdrawn);
        found.same(format!("{what}: dismissed"), row.dismissed, theirs.dismissed);
    })
    .await?;
    found.counted(count, "audits of usage");
    Ok(())
}

async fn approvals(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        contract: Addr,
        licence: Hash,
        contributor: Addr,
        approved: bool,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", contributor AS "contributor: Addr", approved
           FROM contributor_approvals WHERE valid_from > $1 ORDER BY contract, licence, contributor"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let (key, which) = ((row.contract, row.licence), row.contributor.0.into_word());
        let standing = record(chain, key, (b'C', which), Licence::Standing::abi_decode).await?;
        Ok::<_, IndexerError>((row, standing))
    };
    let count = each(rows, ask, |(row, standing)| {
        let what = format!("contributor {} under licence {} of {}", row.contributor, row.licence, row.contract);
        found.about("licence", row.contract);
        found.told(format!("{what}: approved"), row.approved, standing, |standing| standing.approved);
    })
    .await?;
    found.counted(count, "approved contributors");
    Ok(())
}

/// Their numbers are their places here.
const VIOLATIONS: [&str; 6] =
    ["none", "training_after_window", "prohibited_use", "forbidden_sublicence", "use_after_deletion", "untrue_records"];

async fn violations(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        contract: Addr,
        licence: Hash,
        evidence: Hash,
        kind: String,
        uses: i64,
        happened_at: Amount,
        recorded_at: i64,
        dismissed: bool,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", evidence AS "evidence: Hash", kind, uses,
                  happened_at AS "happened_at: Amount", recorded_at, dismissed
           FROM violations WHERE valid_from > $1 ORDER BY contract, licence, evidence"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let key = (row.contract, row.licence);
        let violation = record(chain, key, (b'V', row.evidence.0), Licence::Violation::abi_decode).await?;
        Ok::<_, IndexerError>((row, violation))
    };
    let count = each(rows, ask, |(row, violation)| {
        let what = format!("violation {} of licence {} of {}", row.evidence, row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, violation) else { return };
        let kind = VIOLATIONS.get(usize::from(theirs.kind)).copied().unwrap_or("unknown");
        found.same(format!("{what}: kind"), row.kind.as_str(), kind);
        found.same(format!("{what}: uses"), row.uses, i64::from(theirs.uses));
        found.same(format!("{what}: time"), row.happened_at, Amount::from(theirs.at));
        found.same(format!("{what}: recorded"), wide(row.recorded_at), theirs.recordedAt);
        found.same(format!("{what}: dismissed"), row.dismissed, theirs.dismissed);
    })
    .await?;
    found.counted(count, "violations");
    Ok(())
}

async fn sublicences(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        contract: Addr,
        licence: Hash,
        sublicence: i64,
        licensee: Addr,
        uses: i64,
        document: Hash,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", sublicence, licensee AS "licensee: Addr", uses,
                  document AS "document: Hash"
           FROM sublicences WHERE valid_from > $1 ORDER BY contract, licence, sublicence"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let key = (row.contract, row.licence);
        let granted = record(chain, key, (b'L', numbered(row.sublicence)), Licence::Sublicence::abi_decode).await?;
        Ok::<_, IndexerError>((row, granted))
    };
    let count = each(rows, ask, |(row, granted)| {
        let what = format!("sublicence {} of licence {} of {}", row.sublicence, row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, granted) else { return };
        found.same(format!("{what}: licensee"), row.licensee, theirs.licensee.into());
        found.same(format!("{what}: uses"), row.uses, i64::from(theirs.uses));
        found.same(format!("{what}: document"), row.document, theirs.document.into());
    })
    .await?;
    found.counted(count, "sublicences");
    Ok(())
}

struct RedactionRow {
    contract: Addr,
    licence: Hash,
    redaction: i64,
    dataset: Hash,
    requester: Addr,
    request: Hash,
    manifest: Hash,
    requested_at: i64,
    due: Amount,
    certificate: Option<Hash>,
    certified_at: Option<i64>,
}

async fn redactions(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        RedactionRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", redaction, dataset AS "dataset: Hash",
                  requester AS "requester: Addr", request AS "request: Hash", manifest AS "manifest: Hash", requested_at,
                  due AS "due: Amount", certificate AS "certificate: Hash", certified_at
           FROM redactions WHERE valid_from > $1 ORDER BY contract, licence, redaction"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: RedactionRow| async move {
        let key = (row.contract, row.licence);
        let redaction = record(chain, key, (b'R', numbered(row.redaction)), Licence::Redaction::abi_decode).await?;
        Ok::<_, IndexerError>((row, redaction))
    };
    let count = each(rows, ask, |(row, redaction)| {
        let what = format!("redaction {} of licence {} of {}", row.redaction, row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, redaction) else { return };
        found.same(format!("{what}: dataset"), row.dataset, theirs.dataset.into());
        found.same(format!("{what}: requester"), row.requester, theirs.requester.into());
        found.same(format!("{what}: request"), row.request, theirs.request.into());
        found.same(format!("{what}: manifest"), row.manifest, theirs.manifest.into());
        found.same(format!("{what}: requested"), wide(row.requested_at), theirs.requestedAt);
        found.same(format!("{what}: due"), row.due, Amount::from(theirs.due));
        found.same(format!("{what}: certificate"), row.certificate.unwrap_or_default(), theirs.certificate.into());
        found.same(format!("{what}: certified"), wide(row.certified_at.unwrap_or(0)), theirs.certifiedAt);
    })
    .await?;
    found.counted(count, "redactions");
    Ok(())
}
