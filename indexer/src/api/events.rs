//! The journal: every event of contracts of ours, understood or not.

use axum::{
    Json,
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::{self, Asked, AtParam},
    caller::Caller,
    error::{ApiError, Failures},
    licences,
    paging::{EventCursor, Page, PageParams, Paging, address, hash},
};
use crate::{
    column::{Addr, Hash},
    snapshot::Snapshot,
};

/// An event of a contract of ours: the deployment's, those that its factory lists, and those that a pool's holders
/// adopted.
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
    /// Why nothing follows from it; null where it was read.
    pub unread: Option<String>,
    /// The transaction that caused it.
    pub tx_hash: Option<Hash>,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// For the description: which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct EventParams {
    /// Those of this kind alone: an event's name, such as `Transfer`, or what a list's rows have as their `kind`.
    #[param(pattern = "^[A-Za-z0-9]{1,64}$")]
    kind: Option<String>,
    /// Those alone that name this account.
    account: Option<Addr>,
    /// None before this time (RFC 3339) or day (`2026-11-30`, from its beginning in UTC).
    from: Option<String>,
    /// None after this time or day (to its end in UTC).
    to: Option<String>,
}

/// For the description: which rows of a list that has no kinds.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct AccountParams {
    /// Those alone that name this account.
    account: Option<Addr>,
    /// None before this time (RFC 3339) or day (`2026-11-30`, from its beginning in UTC).
    from: Option<String>,
    /// None after this time or day (to its end in UTC).
    to: Option<String>,
}

/// Which events are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// By name.
    pub kind: Option<String>,
    /// By an account that is named.
    pub account: Option<Addr>,
    /// Unix time in milliseconds from which on.
    pub from: Option<i64>,
    /// Unix time in milliseconds until which.
    pub to: Option<i64>,
}

impl<S: Sync> FromRequestParts<S> for EventFilter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut filter = Self::default();
        for (key, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            match &*key {
                "kind" => filter.kind = Some(kind(&value)?),
                "account" => filter.account = Some(address(&value)?),
                "from" => filter.from = Some(asked::moment(&value)?.0),
                "to" => filter.to = Some(asked::moment(&value)?.1),
                _ => {}
            }
        }
        Ok(filter)
    }
}

/// A name that an event can have.
fn kind(text: &str) -> Result<String, ApiError> {
    let named = !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let advice = "give an event's name, such as Transfer: letters and digits";
    named.then(|| text.to_owned()).ok_or_else(|| ApiError::bad("bad-kind", "that is no event's name", advice))
}

/// All events, newest first. Those of KYC registries, which tell of people, are for who has a token of the role
/// `compliance`; to others they are not there.
#[utoipa::path(get, path = "/v1/events", tag = "service", params(PageParams, AtParam, EventParams),
    security((), ("token" = [])),
    responses((status = 200, description = "A page of events", body = Page<JournalEntry>), Failures))]
pub(crate) async fn list(
    Asked(mut snapshot): Asked,
    caller: Caller,
    paging: Paging,
    filter: EventFilter,
) -> Result<Json<Page<JournalEntry>>, ApiError> {
    Ok(Json(page(&mut snapshot, caller, &filter, &paging).await?))
}

/// A page of events.
///
/// # Errors
/// As the route's.
pub async fn page(
    snapshot: &mut Snapshot,
    caller: Caller,
    filter: &EventFilter,
    paging: &Paging,
) -> Result<Page<JournalEntry>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = match filter.account {
        Some(account) => naming(snapshot, (account, caller), filter, after, limit.saturating_add(1)).await?,
        None => every(snapshot, caller, filter, after, limit.saturating_add(1)).await?,
    };
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

async fn every(
    snapshot: &mut Snapshot,
    caller: Caller,
    filter: &EventFilter,
    after: Option<EventCursor>,
    limit: i64,
) -> Result<Vec<JournalEntry>, sqlx::Error> {
    sqlx::query_as!(
        JournalEntry,
        r#"SELECT contract, address AS "address: Addr", kind, payload, unread, tx_hash AS "tx_hash: Hash", time_ms,
                  block, event_index
           FROM journal JOIN blocks ON number = block
           WHERE ($1::bigint IS NULL OR (block, event_index) < ($1, $2::bigint)) AND ($3::text IS NULL OR kind = $3)
             AND ($4::bigint IS NULL OR time_ms >= $4) AND ($5::bigint IS NULL OR time_ms <= $5)
             AND ($7 OR contract <> 'kyc')
           ORDER BY block DESC, event_index DESC LIMIT $6"#,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        filter.kind.as_deref(),
        filter.from,
        filter.to,
        limit,
        caller.sees_records,
    )
    .fetch_all(snapshot.connection())
    .await
}

async fn naming(
    snapshot: &mut Snapshot,
    (account, caller): (Addr, Caller),
    filter: &EventFilter,
    after: Option<EventCursor>,
    limit: i64,
) -> Result<Vec<JournalEntry>, sqlx::Error> {
    sqlx::query_as!(
        JournalEntry,
        r#"SELECT contract, address AS "address: Addr", kind, payload, unread, tx_hash AS "tx_hash: Hash", time_ms,
                  j.block, j.event_index
           FROM mentions m JOIN journal j ON j.block = m.block AND j.event_index = m.event_index
             JOIN blocks ON number = j.block
           WHERE m.account = $7 AND ($1::bigint IS NULL OR (m.block, m.event_index) < ($1, $2::bigint))
             AND ($3::text IS NULL OR kind = $3) AND ($4::bigint IS NULL OR time_ms >= $4)
             AND ($5::bigint IS NULL OR time_ms <= $5) AND ($8 OR contract <> 'kyc')
           ORDER BY m.block DESC, m.event_index DESC LIMIT $6"#,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        filter.kind.as_deref(),
        filter.from,
        filter.to,
        limit,
        account as _,
        caller.sees_records,
    )
    .fetch_all(snapshot.connection())
    .await
}

/// Everything that was told of a licence, newest first: audits, milestones, sublicences and redactions too.
#[utoipa::path(get, path = "/v1/licences/{licence}/events", tag = "trade",
    params(("licence" = Hash, Path, description = "The licence"), PageParams, AtParam),
    responses((status = 200, description = "A page of events", body = Page<JournalEntry>), Failures))]
pub(crate) async fn of_licence(
    Asked(mut snapshot): Asked,
    Path(licence): Path<String>,
    paging: Paging,
) -> Result<Json<Page<JournalEntry>>, ApiError> {
    let licence = hash(&licence)?;
    let licence = licences::find(&mut snapshot, licence).await?;
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        JournalEntry,
        r#"SELECT j.contract, address AS "address: Addr", kind, payload, unread, tx_hash AS "tx_hash: Hash", time_ms, j.block,
                  j.event_index
           FROM licence_events l JOIN journal j ON j.block = l.block AND j.event_index = l.event_index
             JOIN blocks ON number = j.block
           WHERE licence = $1 AND l.contract = $5 AND ($2::bigint IS NULL OR (l.block, l.event_index) < ($2, $3::bigint))
           ORDER BY l.block DESC, l.event_index DESC LIMIT $4"#,
        licence.licence as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        licence.contract as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let cursor = |row: &JournalEntry| EventCursor::text(row.block, row.event_index);
    Ok(Json(Page::from_rows(rows, limit, &snapshot, cursor)))
}
