//! Money out: dividends and contributions.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use yieldset_rules::contribution::Skipped;

use super::{
    asked::{AskedPool, AtParam},
    error::{ApiError, Failures},
    events::{EventFilter, EventParams},
    paging::{ContributionCursor, EventCursor, Page, PageParams, Paging},
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// A payment out of a pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Claim {
    /// Who was paid.
    pub account: Addr,
    /// `dividend` or `contribution`.
    pub kind: String,
    /// How much.
    pub amount: Amount,
    /// Licence stream of a contribution.
    pub stream: Option<Hash>,
    /// Accounting period of a contribution.
    pub period: Option<i64>,
    /// Proven weight of a contribution, of 10^18.
    pub weight: Option<Amount>,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// What one contributor took of one period so far.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Contribution {
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// The contributor.
    pub account: Addr,
    /// Its weight, proven against the period's report; all weights sum to 10^18.
    pub weight: Amount,
    /// Paid out to it so far.
    pub claimed: Amount,
    /// Block of the last claim.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// One of many claims that was passed over. What it was owed then is owed still, until it is claimed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SkippedClaim {
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// The contributor.
    pub account: Addr,
    /// `nothing_owed`, `restricted` (by the pool's policy or its KYC registry; `code` says how), `weights_exceeded`
    /// (the report gives out more weight than there is) or `payout_failed` (the payee, or the currency, did not take
    /// the money).
    pub reason: String,
    /// As the contract numbers reasons: that of a restriction is what `messageForTransferRestriction` explains.
    pub code: i16,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// Payments out of a pool, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/claims", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam, EventParams),
    responses((status = 200, description = "A page of claims", body = Page<Claim>), Failures))]
pub(crate) async fn list(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
    filter: EventFilter,
) -> Result<Json<Page<Claim>>, ApiError> {
    Ok(Json(page(&mut snapshot, pool.address, &filter, &paging).await?))
}

/// A page of claims.
///
/// # Errors
/// As the route's.
pub async fn page(
    snapshot: &mut Snapshot,
    pool: Addr,
    filter: &EventFilter,
    paging: &Paging,
) -> Result<Page<Claim>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Claim,
        r#"SELECT account AS "account: Addr", kind, amount AS "amount: Amount", stream AS "stream: Hash", period,
                  weight AS "weight: Amount", time_ms, block, event_index
           FROM claims JOIN blocks ON number = block
           WHERE pool = $1 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
             AND ($5::bytea IS NULL OR account = $5) AND ($6::text IS NULL OR kind = $6)
             AND ($7::bigint IS NULL OR time_ms >= $7) AND ($8::bigint IS NULL OR time_ms <= $8)
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        pool as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        filter.account as _,
        filter.kind.as_deref(),
        filter.from,
        filter.to,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

/// What contributors took of each period, with the weights they proved: latest period first, then by stream and
/// account.
#[utoipa::path(get, path = "/v1/pools/{pool}/contributions", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of contributions", body = Page<Contribution>), Failures))]
pub(crate) async fn contributions(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Contribution>>, ApiError> {
    Ok(Json(contribution_page(&mut snapshot, pool.address, &paging).await?))
}

/// A page of contributions.
///
/// # Errors
/// As the route's.
pub async fn contribution_page(
    snapshot: &mut Snapshot,
    pool: Addr,
    paging: &Paging,
) -> Result<Page<Contribution>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<ContributionCursor>()?);
    let rows = sqlx::query_as!(
        Contribution,
        r#"SELECT stream AS "stream: Hash", period, account AS "account: Addr", weight AS "weight: Amount",
                  claimed AS "claimed: Amount", block, event_index
           FROM contributions
           WHERE pool = $1 AND ($2::bigint IS NULL OR period < $2 OR (period = $2 AND (stream, account) > ($3::bytea, $4::bytea)))
           ORDER BY period DESC, stream, account LIMIT $5"#,
        pool as _,
        after.map(|after| after.period),
        after.map(|after| after.stream) as _,
        after.map(|after| after.account) as _,
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let cursor = |row: &Contribution| format!("{}-{}-{}", row.period, row.stream, row.account);
    Ok(Page::from_rows(rows, limit, snapshot, cursor))
}

/// What contributors took of one period of a stream, the largest weights first, at most `limit` of them.
///
/// # Errors
/// `database-away`.
pub async fn contributions_of(
    snapshot: &mut Snapshot,
    pool: Addr,
    (stream, period): (Hash, i64),
    limit: i64,
) -> Result<Vec<Contribution>, ApiError> {
    let rows = sqlx::query_as!(
        Contribution,
        r#"SELECT stream AS "stream: Hash", period, account AS "account: Addr", weight AS "weight: Amount",
                  claimed AS "claimed: Amount", block, event_index
           FROM contributions WHERE pool = $1 AND stream = $2 AND period = $3
           ORDER BY weight DESC, account LIMIT $4"#,
        pool as _,
        stream as _,
        period,
        limit,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}

/// Claims that were passed over while others were paid, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/skipped-claims", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of skipped claims", body = Page<SkippedClaim>), Failures))]
pub(crate) async fn skipped(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<SkippedClaim>>, ApiError> {
    Ok(Json(skipped_page(&mut snapshot, pool.address, &paging).await?))
}

/// A page of claims that were passed over.
///
/// # Errors
/// As the route's.
pub async fn skipped_page(
    snapshot: &mut Snapshot,
    pool: Addr,
    paging: &Paging,
) -> Result<Page<SkippedClaim>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        SkippedClaim,
        r#"SELECT stream AS "stream: Hash", period, account AS "account: Addr", '' AS "reason!", reason AS code, time_ms,
                  block, event_index
           FROM skipped_claims JOIN blocks ON number = block
           WHERE pool = $1 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        pool as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let rows: Vec<_> = rows.into_iter().map(|row| SkippedClaim { reason: why(row.code).to_owned(), ..row }).collect();
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

fn why(code: i16) -> &'static str {
    match u8::try_from(code) {
        Ok(code) if code == Skipped::Nothing.code() => "nothing_owed",
        Ok(code) if code == Skipped::WeightsExceeded.code() => "weights_exceeded",
        Ok(code) if code == Skipped::PayoutFailed.code() => "payout_failed",
        _ => "restricted",
    }
}
