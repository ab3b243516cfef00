//! The journal: every event of the deployment's contracts, understood or not.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, Failures},
    licences,
    paging::{EventCursor, Page, PageParams, Paging, hash},
    snapshot::Snapshot,
};
use crate::{
    column::{Addr, Hash},
    serve::App,
};

/// An event of one of the deployment's contracts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JournalEntry {
    /// `pool`, `kyc`, `manifests`, `attribution`, `licence`, `market`, `factory` or `coop`.
    pub contract: String,
    /// The contract's address.
    pub address: Addr,
    /// The event's name; `Unknown` where it was not understood.
    pub kind: String,
    /// What it says.
    pub payload: serde_json::Value,
    /// The transaction that caused it.
    pub tx_hash: Option<Hash>,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// All events, newest first.
#[utoipa::path(get, path = "/v1/events", tag = "service", params(PageParams),
    responses((status = 200, description = "A page of events", body = Page<JournalEntry>), Failures))]
pub(crate) async fn list(State(app): State<App>, paging: Paging) -> Result<Json<Page<JournalEntry>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let mut snapshot = Snapshot::open(&app.pool).await?;
    let rows = sqlx::query_as!(
        JournalEntry,
        r#"SELECT contract, address AS "address: Addr", kind, payload, tx_hash AS "tx_hash: Hash", time_ms, block, event_index
           FROM journal JOIN blocks ON number = block
           WHERE $1::bigint IS NULL OR (block, event_index) < ($1, $2::bigint)
           ORDER BY block DESC, event_index DESC LIMIT $3"#,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let cursor = |row: &JournalEntry| EventCursor::text(row.block, row.event_index);
    Ok(Json(Page::from_rows(rows, limit, snapshot.block(), cursor)))
}

/// Everything that was told of a licence, newest first: audits, milestones, sublicences and redactions too.
#[utoipa::path(get, path = "/v1/licences/{licence}/events", tag = "trade",
    params(("licence" = Hash, Path, description = "The licence"), PageParams),
    responses((status = 200, description = "A page of events", body = Page<JournalEntry>), Failures))]
pub(crate) async fn of_licence(
    State(app): State<App>,
    Path(licence): Path<String>,
    paging: Paging,
) -> Result<Json<Page<JournalEntry>>, ApiError> {
    let licence = hash(&licence)?;
    let mut snapshot = Snapshot::open(&app.pool).await?;
    licences::find(&mut snapshot, licence).await?;
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        JournalEntry,
        r#"SELECT contract, address AS "address: Addr", kind, payload, tx_hash AS "tx_hash: Hash", time_ms, j.block,
                  j.event_index
           FROM licence_events l JOIN journal j ON j.block = l.block AND j.event_index = l.event_index
             JOIN blocks ON number = j.block
           WHERE licence = $1 AND ($2::bigint IS NULL OR (l.block, l.event_index) < ($2, $3::bigint))
           ORDER BY l.block DESC, l.event_index DESC LIMIT $4"#,
        licence as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let cursor = |row: &JournalEntry| EventCursor::text(row.block, row.event_index);
    Ok(Json(Page::from_rows(rows, limit, snapshot.block(), cursor)))
}
