//! What a licence's usage is proven by: the agreed terms, the keys of its usage log, and the checkpoints on chain.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, AtParam},
    error::{ApiError, Failures},
    licences::{self, Licence},
    paging::{EventCursor, Page, PageParams, Paging, hash},
    reports::hexadecimal,
};
use crate::{
    column::{Amount, Hash},
    snapshot::Snapshot,
};

/// Most epochs of one licence's usage log that are listed.
const EPOCHS: i64 = 200;

/// The accepted terms' figures. Zero turns a clause off; the whole is the document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LicenceTerms {
    /// keccak-256 of the name and version of the metric that reports must use; zero for any.
    pub metric: Hash,
    /// Only scores above this count, in millionths.
    pub threshold: i64,
    /// The pool's part of net model revenue, in basis points.
    pub residual_bps: i32,
    /// Usage royalty for a thousand tokens.
    pub per_thousand_tokens: Amount,
    /// Usage royalty for a call.
    pub per_call: Amount,
    /// The least that a quarter owes.
    pub floor: Amount,
    /// The most that a quarter owes.
    pub ceiling: Amount,
    /// The least that a licence year owes.
    pub guarantee: Amount,
    /// Length in calendar months.
    pub term_months: i32,
    /// The most false discoveries that a report may have measured, in basis points; a report without a measurement is
    /// refused then.
    pub false_discovery_bps: i32,
    /// Days after its period in which a usage record still counts.
    pub late_record_days: i32,
    /// The most output tokens of one call that count.
    pub call_tokens: i64,
    /// From how many creators on a passage that they share is nobody's.
    pub common_from: i32,
}

/// An epoch of a licence's usage log: who signs it from then on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageLog {
    /// Counts from 1; the latest one signs.
    pub epoch: i64,
    /// The ed25519 key that signs the log's checkpoints.
    pub key: Hash,
    /// The log's origin line.
    pub origin: String,
    /// ed25519 keys of the witnesses that cosign them.
    pub witnesses: Vec<String>,
    /// Unix time in seconds.
    pub since: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A checkpoint of a licence's usage log that stands on chain: no other root of that size counts any more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Anchor {
    /// Epoch of the usage log that it is of.
    pub epoch: i64,
    /// The log's origin line.
    pub origin: String,
    /// Records in the log.
    pub size: Amount,
    /// The log's root hash.
    pub root: Hash,
    /// Unix time in seconds.
    pub anchored_at: i64,
    /// Block; what is drawn from a later block's hash, nobody knew when the root was fixed.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// The terms of a licence that was accepted.
///
/// # Errors
/// `database-away`.
pub async fn terms(snapshot: &mut Snapshot, licence: &Licence) -> Result<Option<LicenceTerms>, ApiError> {
    let row = sqlx::query_as!(
        LicenceTerms,
        r#"SELECT metric AS "metric: Hash", threshold, residual_bps, per_thousand_tokens AS "per_thousand_tokens: Amount",
                  per_call AS "per_call: Amount", floor AS "floor: Amount", ceiling AS "ceiling: Amount",
                  guarantee AS "guarantee: Amount", term_months, false_discovery_bps, late_record_days, call_tokens,
                  common_from
           FROM licence_terms WHERE contract = $1 AND licence = $2"#,
        licence.contract as _,
        licence.licence as _,
    )
    .fetch_optional(snapshot.connection())
    .await?;
    Ok(row)
}

/// The epochs of a licence's usage log, latest first.
///
/// # Errors
/// `database-away`.
pub async fn usage_logs(snapshot: &mut Snapshot, licence: &Licence) -> Result<Vec<UsageLog>, ApiError> {
    let rows = sqlx::query!(
        r#"SELECT epoch, key AS "key: Hash", origin, witnesses, since, block, event_index
           FROM usage_logs WHERE contract = $1 AND licence = $2 ORDER BY epoch DESC LIMIT $3"#,
        licence.contract as _,
        licence.licence as _,
        EPOCHS,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let logs = rows.into_iter().map(|row| UsageLog {
        epoch: row.epoch,
        key: row.key,
        origin: row.origin,
        witnesses: hexadecimal(&row.witnesses),
        since: row.since,
        block: row.block,
        event_index: row.event_index,
    });
    Ok(logs.collect())
}

/// Checkpoints of a licence's usage log that stand on chain, newest first.
#[utoipa::path(get, path = "/v1/licences/{licence}/anchors", tag = "trade",
    params(("licence" = Hash, Path, description = "The licence"), PageParams, AtParam),
    responses((status = 200, description = "A page of anchored checkpoints", body = Page<Anchor>), Failures))]
pub(crate) async fn anchors(
    Asked(mut snapshot): Asked,
    Path(licence): Path<String>,
    paging: Paging,
) -> Result<Json<Page<Anchor>>, ApiError> {
    let licence = hash(&licence)?;
    let licence = licences::find(&mut snapshot, licence).await?;
    Ok(Json(anchor_page(&mut snapshot, &licence, &paging).await?))
}

/// A page of anchored checkpoints.
///
/// # Errors
/// As the route's.
pub async fn anchor_page(
    snapshot: &mut Snapshot,
    licence: &Licence,
    paging: &Paging,
) -> Result<Page<Anchor>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Anchor,
        r#"SELECT epoch, origin, size AS "size: Amount", root AS "root: Hash", anchored_at, block, event_index
           FROM anchors
           WHERE licence = $1 AND contract = $5 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        licence.licence as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        licence.contract as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}
