//! Money in, and what each period has for its contributors.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, Failures},
    paging::{EventCursor, Page, PageParams, Paging, address},
    pools,
    snapshot::Snapshot,
};
use crate::{
    column::{Addr, Amount, Hash},
    serve::App,
};

/// A payment into a pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deposit {
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// Who paid.
    pub payer: Addr,
    /// Everything paid; the sum of the two parts.
    pub amount: Amount,
    /// Share holders' part.
    pub to_holders: Amount,
    /// Contributors' part.
    pub to_contributors: Amount,
    /// Dividend index afterwards, per share, times 2^64.
    pub dividend_index: Amount,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// Contributors' part of a period of a stream.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Period)]
pub struct PeriodView {
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// Paid in for the contributors so far.
    pub total: Amount,
    /// Paid out to them so far.
    pub claimed: Amount,
    /// Weights that have claimed, of 10^18.
    pub weight_claimed: Amount,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Payments into a pool, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/deposits", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams),
    responses((status = 200, description = "A page of deposits", body = Page<Deposit>), Failures))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(pool): Path<String>,
    paging: Paging,
) -> Result<Json<Page<Deposit>>, ApiError> {
    let pool = address(&pool)?;
    let mut snapshot = Snapshot::open(&app.pool).await?;
    pools::find(&mut snapshot, pool).await?;
    Ok(Json(page(&mut snapshot, pool, &paging).await?))
}

/// A page of deposits.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<Deposit>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Deposit,
        r#"SELECT stream AS "stream: Hash", period, payer AS "payer: Addr", amount AS "amount: Amount",
                  to_holders AS "to_holders: Amount", to_contributors AS "to_contributors: Amount",
                  dividend_index AS "dividend_index: Amount", time_ms, block, event_index
           FROM deposits JOIN blocks ON number = block
           WHERE pool = $1 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        pool as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot.block(), |row| EventCursor::text(row.block, row.event_index)))
}

/// Contributors' part of every period of every stream, latest period first.
#[utoipa::path(get, path = "/v1/pools/{pool}/periods", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams),
    responses((status = 200, description = "A page of periods", body = Page<PeriodView>), Failures))]
pub(crate) async fn periods(
    State(app): State<App>,
    Path(pool): Path<String>,
    paging: Paging,
) -> Result<Json<Page<PeriodView>>, ApiError> {
    let pool = address(&pool)?;
    let mut snapshot = Snapshot::open(&app.pool).await?;
    pools::find(&mut snapshot, pool).await?;
    Ok(Json(period_page(&mut snapshot, pool, &paging).await?))
}

/// A page of periods.
///
/// # Errors
/// As the route's.
pub async fn period_page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<PeriodView>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<super::reports::ReportCursor>()?);
    let rows = sqlx::query_as!(
        PeriodView,
        r#"SELECT stream AS "stream: Hash", period, total AS "total: Amount", claimed AS "claimed: Amount",
                  weight_claimed AS "weight_claimed: Amount", block, event_index
           FROM periods
           WHERE pool = $1 AND ($2::bigint IS NULL OR period < $2 OR (period = $2 AND stream > $3::bytea))
           ORDER BY period DESC, stream LIMIT $4"#,
        pool as _,
        after.map(|after| after.period),
        after.map(|after| after.stream) as _,
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot.block(), |row| format!("{}-{}", row.period, row.stream)))
}
