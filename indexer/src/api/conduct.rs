//! How a licence went beside its quarters: guarantee, milestones, audits, and what was not done as agreed.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, AtParam},
    error::{ApiError, Failures},
    licences,
    paging::{MAX_LIMIT, hash},
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// A licence year with a guarantee. What is null was not trued up yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LicenceYear {
    /// Counts from 1.
    pub year: i64,
    /// What the platform guaranteed.
    pub guaranteed: Option<Amount>,
    /// What the year's quarters earned.
    pub earned: Option<Amount>,
    /// Of the shortfall, what the escrow paid.
    pub from_escrow: Option<Amount>,
    /// Unix time in seconds.
    pub trued_up_at: Option<i64>,
    /// Of the shortfall, what is owed still.
    pub owed: Amount,
    /// Of the shortfall, what was paid beside the escrow.
    pub paid: Amount,
    /// A default is on record and not cured.
    pub in_default: bool,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// A milestone of Schedule B. What is null is not known: the terms could not be read, or nobody certified it yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Milestone {
    /// Counts from 0.
    pub milestone: i16,
    /// What leaves the escrow with it.
    pub amount: Option<Amount>,
    /// To the pool; otherwise back to the platform.
    pub to_pool: bool,
    /// Hash of what was agreed on.
    pub document: Option<Hash>,
    /// What the escrow had of the amount when it was certified.
    pub released: Option<Amount>,
    /// Who certified it.
    pub certifier: Option<Addr>,
    /// Unix time in seconds.
    pub certified_at: Option<i64>,
    /// Hash of what it was certified by.
    pub evidence: Option<Hash>,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// An audit of a quarter's usage: asked for, answered by the platform, reported by the auditor, and paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Audit {
    /// Its number.
    pub audit: i64,
    /// Who asked for it first.
    pub contributor: Addr,
    /// The quarter.
    pub quarter: i64,
    /// Hash of what is to be looked at.
    pub scope: Hash,
    /// Unix time in seconds.
    pub requested_at: i64,
    /// Unix time in seconds until which the platform is to answer.
    pub answer_by: Amount,
    /// Unix time in seconds; null before the answer.
    pub answered_at: Option<i64>,
    /// Whether that was too late.
    pub answered_late: Option<bool>,
    /// Who audited; null before the report.
    pub auditor: Option<Addr>,
    /// Unix time in seconds of the auditor's report.
    pub reported_at: Option<i64>,
    /// By how much the platform's figures were too low, in basis points.
    pub discrepancy_bps: Option<i32>,
    /// Tokens as the auditor counted them.
    pub tokens: Option<Amount>,
    /// Calls as the auditor counted them.
    pub calls: Option<Amount>,
    /// Hash of the auditor's report.
    pub report: Option<Hash>,
    /// What the platform owes the auditor.
    pub fee: Amount,
    /// Whether it paid that.
    pub fee_paid: bool,
    /// What the platform owes the contributor.
    pub expenses: Amount,
    /// Whether it paid that.
    pub expenses_paid: bool,
    /// The arbiter dismissed what the auditor found.
    pub dismissed: bool,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// A violation that an oracle alleges.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Violation {
    /// Hash of its evidence, by which it is named.
    pub evidence: Hash,
    /// `training_after_window`, `prohibited_use`, `forbidden_sublicence`, `use_after_deletion` or `untrue_records`.
    pub kind: String,
    /// Bits of the uses that it was.
    pub uses: Amount,
    /// Unix time in seconds.
    pub happened_at: Amount,
    /// Unix time in seconds when it was recorded.
    pub recorded_at: i64,
    /// The arbiter dismissed it.
    pub dismissed: bool,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Something that was not done in time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Breach {
    /// `late_report`, `late_answer`, `late_redaction`, `late_deletion` or `unpaid_audit`.
    pub kind: String,
    /// The quarter, audit or redaction; null for the deletion.
    pub number: Option<i64>,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A sublicence that the platform gave.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sublicence {
    /// Its number.
    pub sublicence: i64,
    /// Who has it.
    pub licensee: Addr,
    /// Bits of the uses that it is for.
    pub uses: Amount,
    /// Hash of its text.
    pub document: Hash,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A dataset's version without certain personal data, which the platform is to use from then on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Redaction {
    /// Its number.
    pub redaction: i64,
    /// The dataset.
    pub dataset: Hash,
    /// Who asked for it first.
    pub requester: Addr,
    /// Hash of what was asked for.
    pub request: Hash,
    /// keccak-256 of the manifest without the data.
    pub manifest: Hash,
    /// Unix time in seconds.
    pub requested_at: i64,
    /// Unix time in seconds until which the platform is to certify it.
    pub due: Amount,
    /// Hash of the platform's certificate; null before it.
    pub certificate: Option<Hash>,
    /// Unix time in seconds.
    pub certified_at: Option<i64>,
    /// Whether that was too late.
    pub certified_late: Option<bool>,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// How a licence went; of each list the latest 200, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Conduct {
    /// The licence contract.
    pub contract: Addr,
    /// The licence.
    pub licence: Hash,
    /// Years with a guarantee.
    pub years: Vec<LicenceYear>,
    /// Milestones, by number.
    pub milestones: Vec<Milestone>,
    /// Audits of usage.
    pub audits: Vec<Audit>,
    /// Violations on record, those that were dismissed among them.
    pub violations: Vec<Violation>,
    /// Breaches ever recorded.
    pub breaches: Vec<Breach>,
    /// Sublicences.
    pub sublicences: Vec<Sublicence>,
    /// Redactions.
    pub redactions: Vec<Redaction>,
}

/// How a licence went beside its quarters.
#[utoipa::path(get, path = "/v1/licences/{licence}/conduct", tag = "trade",
    params(("licence" = Hash, Path, description = "The licence"), AtParam),
    responses((status = 200, description = "Its conduct", body = Conduct), Failures))]
pub(crate) async fn get(Asked(mut snapshot): Asked, Path(licence): Path<String>) -> Result<Json<Conduct>, ApiError> {
    let licence = hash(&licence)?;
    let licences::Licence { contract, licence, .. } = licences::find(&mut snapshot, licence).await?;
    let of = (contract, licence);
    Ok(Json(Conduct {
        contract,
        licence,
        years: years(&mut snapshot, of).await?,
        milestones: milestones(&mut snapshot, of).await?,
        audits: audits(&mut snapshot, of).await?,
        violations: violations(&mut snapshot, of).await?,
        breaches: breaches(&mut snapshot, of).await?,
        sublicences: sublicences(&mut snapshot, of).await?,
        redactions: redactions(&mut snapshot, of).await?,
    }))
}

async fn years(snapshot: &mut Snapshot, (contract, licence): (Addr, Hash)) -> Result<Vec<LicenceYear>, sqlx::Error> {
    sqlx::query_as!(
        LicenceYear,
        r#"SELECT year, guaranteed AS "guaranteed: Amount", earned AS "earned: Amount", from_escrow AS "from_escrow: Amount",
                  trued_up_at, owed AS "owed: Amount", paid AS "paid: Amount", in_default, block, event_index
           FROM licence_years WHERE contract = $1 AND licence = $2 ORDER BY year DESC LIMIT $3"#,
        contract as _,
        licence as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn milestones(snapshot: &mut Snapshot, (contract, licence): (Addr, Hash)) -> Result<Vec<Milestone>, sqlx::Error> {
    // Their number has eight bits.
    sqlx::query_as!(
        Milestone,
        r#"SELECT milestone, amount AS "amount: Amount", to_pool, document AS "document: Hash", released AS "released: Amount",
                  certifier AS "certifier: Addr", certified_at, evidence AS "evidence: Hash", block, event_index
           FROM milestones WHERE contract = $1 AND licence = $2 ORDER BY milestone"#,
        contract as _,
        licence as _,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn audits(snapshot: &mut Snapshot, (contract, licence): (Addr, Hash)) -> Result<Vec<Audit>, sqlx::Error> {
    sqlx::query_as!(
        Audit,
        r#"SELECT audit, contributor AS "contributor: Addr", quarter, scope AS "scope: Hash", requested_at,
                  answer_by AS "answer_by: Amount", answered_at, answered_late, auditor AS "auditor: Addr", reported_at,
                  discrepancy_bps, tokens AS "tokens: Amount", calls AS "calls: Amount", report AS "report: Hash",
                  fee AS "fee: Amount", fee_paid, expenses AS "expenses: Amount", expenses_paid, dismissed, block, event_index
           FROM audits WHERE contract = $1 AND licence = $2 ORDER BY audit DESC LIMIT $3"#,
        contract as _,
        licence as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn violations(snapshot: &mut Snapshot, (contract, licence): (Addr, Hash)) -> Result<Vec<Violation>, sqlx::Error> {
    sqlx::query_as!(
        Violation,
        r#"SELECT evidence AS "evidence: Hash", kind, uses::numeric AS "uses!: Amount", happened_at AS "happened_at: Amount",
                  recorded_at, dismissed, block, event_index
           FROM violations WHERE contract = $1 AND licence = $2 ORDER BY block DESC, event_index DESC LIMIT $3"#,
        contract as _,
        licence as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn breaches(snapshot: &mut Snapshot, (contract, licence): (Addr, Hash)) -> Result<Vec<Breach>, sqlx::Error> {
    sqlx::query_as!(
        Breach,
        r#"SELECT kind, number, block, event_index FROM breaches
           WHERE contract = $1 AND licence = $2 ORDER BY block DESC, event_index DESC LIMIT $3"#,
        contract as _,
        licence as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn sublicences(
    snapshot: &mut Snapshot,
    (contract, licence): (Addr, Hash),
) -> Result<Vec<Sublicence>, sqlx::Error> {
    sqlx::query_as!(
        Sublicence,
        r#"SELECT sublicence, licensee AS "licensee: Addr", uses::numeric AS "uses!: Amount", document AS "document: Hash", block,
                  event_index
           FROM sublicences WHERE contract = $1 AND licence = $2 ORDER BY sublicence DESC LIMIT $3"#,
        contract as _,
        licence as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn redactions(snapshot: &mut Snapshot, (contract, licence): (Addr, Hash)) -> Result<Vec<Redaction>, sqlx::Error> {
    sqlx::query_as!(
        Redaction,
        r#"SELECT redaction, dataset AS "dataset: Hash", requester AS "requester: Addr", request AS "request: Hash",
                  manifest AS "manifest: Hash", requested_at, due AS "due: Amount", certificate AS "certificate: Hash",
                  certified_at, certified_late, block, event_index
           FROM redactions WHERE contract = $1 AND licence = $2 ORDER BY redaction DESC LIMIT $3"#,
        contract as _,
        licence as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await
}
