//! The log's restricted face: records, lines and readings, for who has a grant. Each answer is logged before it is
//! sent.

use std::{path::PathBuf, sync::Arc};

use axum::{
    Json,
    extract::{OriginalUri, Path as UrlPath, Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yieldset_rules::{
    grant::{Role, Scope, Wanted},
    period::quarter_at,
    usage::UsageRecord,
};
use yieldset_service::web::Problem;

use super::{Service, Shared, blocking, described::Refused, problem};
use crate::{
    attribution::Attribution,
    files::{self, hex_bytes, hex_list},
    grant::{Admitted, GrantError, Issuers},
    lines::{LineTree, ProvenLine},
    parse_hex, parse_period, period_name,
    readings::{Head, ReadingError, ReadingLog},
    usage_log::{LogError, layout, model_of, stream, writer::Published},
};

/// Most records of an answer.
pub const MAX_READ: u64 = layout::WIDTH;
/// Most readings of an answer.
const MAX_READINGS: usize = 1_000;

/// What the restricted face needs.
#[derive(Debug)]
pub(super) struct Restricted {
    pub(super) issuers: Issuers,
    pub(super) readings: ReadingLog,
    /// Folder of attributions, `<stream as hex>-<period>.json`.
    pub(super) lines: Option<PathBuf>,
}

/// The query of `GET /v1/records`.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    /// The first leaf.
    from: u64,
    /// The one after the last.
    to: u64,
}

/// The answer to `GET /v1/records`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Records {
    /// Size of the tree.
    pub tree_size: u64,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
    /// The first leaf that was looked at.
    pub from: u64,
    /// The one after the last: no more than the log has.
    pub to: u64,
    /// Those of the range that the grant is of, in order.
    pub records: Vec<Opened>,
}

/// A record, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Opened {
    /// Index in the log.
    pub leaf: u64,
    /// Canonical bytes, as hex.
    pub record: String,
    /// RFC 6962 audit path.
    #[serde(with = "hex_list")]
    #[schema(value_type = Vec<String>)]
    pub proof: Vec<[u8; 32]>,
}

/// The answer to `GET /v1/lines/<stream>/<period>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lines {
    /// Root over all lines of the period, which the report signs.
    #[serde(with = "hex_bytes")]
    #[schema(value_type = String)]
    pub lines_root: [u8; 32],
    /// A contributor's own, or all, in the log's order.
    #[schema(value_type = Vec<Object>)]
    pub lines: Vec<ProvenLine>,
}

/// Whoever asks, as the request says.
pub(super) struct Asking<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) uri: &'a OriginalUri,
}

impl Service {
    /// Whether what is asked for may be answered now.
    pub(super) fn admit(&self, asking: &Asking<'_>, wanted: Wanted) -> Result<Admitted, Problem> {
        let header = asking.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let asked = asking.uri.0.path_and_query().map(ToString::to_string).unwrap_or_default();
        Ok(self.restricted.issuers.admit(header, &asked, wanted, self.now())?)
    }

    fn now(&self) -> u64 {
        (self.clock)() / 1_000
    }

    /// Logs a reading: only then is it answered.
    pub(super) async fn log_reading(self: &Arc<Self>, admitted: Admitted, given: u64) -> Result<(), Problem> {
        let (service, now) = (Arc::clone(self), self.now());
        let logged = tokio::task::spawn_blocking(move || service.restricted.readings.append(&admitted, given, now));
        match logged.await {
            Ok(logged) => Ok(logged?),
            Err(_) => Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)),
        }
    }
}

/// Whether a grant that opens these leaves is of this record.
fn is_granted(admitted: &Admitted, models: Option<&[String]>, record: &UsageRecord) -> bool {
    let of_period = match (admitted.grant.scope, record) {
        (Scope::Period(period), UsageRecord::InferenceCall(call)) => quarter_at(call.at_ms / 1_000) == period,
        (Scope::Period(_), UsageRecord::TrainingRun(_)) | (Scope::Leaves { .. }, _) => true,
    };
    of_period && models.is_none_or(|models| models.iter().any(|model| model == model_of(record)))
}

#[utoipa::path(get, path = "/v1/records", tag = "by a grant", params(Range), security(("grant" = [])),
    responses((status = 200, description = "Records of the grant", body = Records), Refused))]
pub(super) async fn records(
    State(service): Shared,
    uri: OriginalUri,
    headers: HeaderMap,
    range: Result<Query<Range>, QueryRejection>,
) -> Result<Json<Records>, Problem> {
    let Query(Range { from, to }) = range.map_err(|_| problem::no_range())?;
    let admitted = service.admit(&Asking { headers: &headers, uri: &uri }, Wanted::Records(from, to))?;
    if !service.restricted.issuers.knows(&admitted.grant) {
        return Err(problem::unknown_stream(admitted.grant.stream.unwrap_or_default()));
    }
    let published = service.tree.now();
    let size = published.tree.size();
    // Who does not know how long the log is asks for as much as is read at once, and is told what they got.
    let to = to.min(size);
    if from >= to || to - from > MAX_READ {
        let detail =
            format!("the log has {size} records, and at most {MAX_READ} are read at once; ask for a part of them");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too-wide", detail));
    }
    if from < service.pruned {
        return Err(problem::deleted(service.pruned));
    }
    let (of, by) = (Arc::clone(&service), admitted.clone());
    let checkpoint = String::from_utf8_lossy(&published.checkpoint).into_owned();
    let records = blocking(move || opened(&of, &published, &by, (from, to))).await?;
    service.log_reading(admitted, records.len() as u64).await?;
    Ok(Json(Records { tree_size: size, checkpoint, from, to, records }))
}

fn opened(
    service: &Service,
    published: &Published,
    admitted: &Admitted,
    (from, to): (u64, u64),
) -> Result<Vec<Opened>, LogError> {
    let models = service.restricted.issuers.models(&admitted.grant);
    let mut records = Vec::new();
    for (leaf, bytes) in stream::records(&service.store, &published.tree, from, to)? {
        // It was checked when it came in.
        let Ok(record) = UsageRecord::from_bytes(&bytes) else { continue };
        if is_granted(admitted, models, &record) {
            let proof = published.tree.prove(leaf)?.into_iter().map(|hash| hash.0).collect();
            records.push(Opened { leaf, record: hex::encode(&bytes), proof });
        }
    }
    Ok(records)
}

/// A bundle of records, whoever sent them.
pub(super) async fn entries(
    service: Arc<Service>,
    asking: &Asking<'_>,
    tile: tlog_tiles::Tile,
) -> Result<Response, Problem> {
    let first = tile.level_index().saturating_mul(layout::WIDTH);
    let end = first.saturating_add(u64::from(tile.width()));
    let admitted = service.admit(asking, Wanted::Entries(first, end))?;
    if first < service.pruned {
        return Err(problem::deleted(service.pruned));
    }
    let path = layout::tile_path(&tile);
    file(service, admitted, path, end - first).await
}

/// Who sent the records from a leaf on.
#[utoipa::path(get, path = "/batch/{path}", tag = "by a grant", security(("grant" = [])),
    params(("path" = String, Path, description = "The batch's first leaf, three digits a folder: slashes are part of it")),
    responses((status = 200, description = "The batch's signature", content_type = "application/octet-stream"), Refused))]
pub(super) async fn batch(
    State(service): Shared,
    uri: OriginalUri,
    headers: HeaderMap,
    UrlPath(path): UrlPath<String>,
) -> Result<Response, Problem> {
    let absent = || problem::not_found("there is no such batch; batch/<first leaf> is served, three digits a folder");
    let leaf = layout::parse_batch_path(&path).ok_or_else(absent)?;
    let asking = Asking { headers: &headers, uri: &uri };
    // How many records it has is told by it alone: whoever may read its first leaf and no more is refused below.
    let admitted = service.admit(&asking, Wanted::Entries(leaf, leaf.saturating_add(1)))?;
    let (store, size) = (Arc::clone(&service.store), service.tree.now().tree.size());
    if leaf >= size {
        return Err(absent());
    }
    let count = blocking(move || Ok(stream::read_batch(&store, leaf, size)?.count)).await?;
    service.admit(&asking, Wanted::Entries(leaf, leaf.saturating_add(count)))?;
    file(service, admitted, layout::batch_path(leaf), count).await
}

async fn file(service: Arc<Service>, admitted: Admitted, path: String, records: u64) -> Result<Response, Problem> {
    let store = Arc::clone(&service.store);
    let bytes = blocking(move || Ok(store.get(&path)?)).await?;
    let bytes = bytes.ok_or_else(|| problem::not_found("there is no such file of the log"))?;
    service.log_reading(admitted, records).await?;
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, bytes).into_response())
}

#[utoipa::path(get, path = "/v1/lines/{stream}/{period}", tag = "by a grant", security(("grant" = [])),
    params(("stream" = String, Path, description = "64 hex digits"), ("period" = String, Path, description = "Such as 2026Q4")),
    responses((status = 200, description = "Lines, each with its proof", body = Lines), Refused))]
pub(super) async fn lines(
    State(service): Shared,
    uri: OriginalUri,
    headers: HeaderMap,
    UrlPath((stream, period)): UrlPath<(String, String)>,
) -> Result<Json<Lines>, Problem> {
    let absent = || problem::not_found("there are no lines of this stream and period here; use /v1/lines/<id>/2026Q4");
    let stream = parse_hex(&stream).ok_or_else(absent)?;
    let period = parse_period(&period).ok_or_else(absent)?;
    let admitted = service.admit(&Asking { headers: &headers, uri: &uri }, Wanted::Lines(stream, period))?;
    let folder = service.restricted.lines.clone().ok_or_else(absent)?;
    let role = admitted.grant.role;
    let file = folder.join(format!("{}-{}.json", hex::encode(stream), period_name(period)));
    if !file.is_file() {
        return Err(absent());
    }
    let lines = blocking(move || {
        let attribution: Attribution = files::read_json(&file)?;
        let tree = LineTree::of(&attribution);
        let lines = match role {
            Role::Contributor(account) => tree.of_account(&account),
            Role::Party | Role::Committee | Role::Auditor => tree.prove(|_| true),
        };
        Ok(Lines { lines_root: tree.root(), lines })
    })
    .await?;
    service.log_reading(admitted, lines.lines.len() as u64).await?;
    Ok(Json(lines))
}

/// How far the log of readings is: everybody's.
#[utoipa::path(get, path = "/v1/readings", tag = "everybody",
    responses((status = 200, description = "Lines, and the last one's hash", body = Head)))]
pub(super) async fn readings_head(State(service): Shared) -> Json<Head> {
    Json(service.restricted.readings.head())
}

/// Who has read.
#[utoipa::path(get, path = "/v1/readings/{from}", tag = "by a grant", security(("grant" = [])),
    params(("from" = u64, Path, description = "The first line, from 0 on")),
    responses((status = 200, description = "Lines of JSON", content_type = "application/jsonl", body = String), Refused))]
pub(super) async fn readings(
    State(service): Shared,
    uri: OriginalUri,
    headers: HeaderMap,
    UrlPath(from): UrlPath<u64>,
) -> Result<Response, Problem> {
    let admitted = service.admit(&Asking { headers: &headers, uri: &uri }, Wanted::Readings)?;
    let of = Arc::clone(&service);
    let read = tokio::task::spawn_blocking(move || of.restricted.readings.lines(from, MAX_READINGS)).await;
    let lines = read.map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))??;
    service.log_reading(admitted, lines.len() as u64).await?;
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    Ok(([(header::CONTENT_TYPE, "application/jsonl"), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

impl From<GrantError> for Problem {
    fn from(error: GrantError) -> Self {
        let status = if error == GrantError::None { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
        Self::new(status, error.code(), error.to_string())
    }
}

impl From<ReadingError> for Problem {
    fn from(error: ReadingError) -> Self {
        match error {
            ReadingError::Replayed => Self::new(StatusCode::FORBIDDEN, "reading-replayed", error.to_string()),
            ReadingError::TooLong(_) => Self::new(StatusCode::URI_TOO_LONG, "reading-too-long", error.to_string()),
            _ => Self::new(StatusCode::SERVICE_UNAVAILABLE, "readings-unavailable", error.to_string()),
        }
    }
}
