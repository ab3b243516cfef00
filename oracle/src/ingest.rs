//! The ingest service: signed batches in, the log's static files and proofs out, on loopback.
//!
//! The log has two faces. Everybody's:
//!
//! | request | answer |
//! |---|---|
//! | `POST /v1/batches` | a [`Submission`]; 200 with a [`BatchReceipt`], again for the same batch |
//! | `GET /checkpoint`, `/tile/<L>/…` | the log as C2SP tlog-tiles says |
//! | `GET /v1/proofs/<leaf>` | an [`InclusionProof`] against the current checkpoint |
//! | `GET /v1/consistency/<size>` | a [`ConsistencyProof`] from that size to the current checkpoint |
//! | `GET /v1/readings` | how far the log of readings is ([`readings`](crate::readings)) |
//! | `GET /healthz` | the process lives |
//! | `GET /readyz` | the log takes batches |
//! | `GET /metrics` | request counts and latencies, for Prometheus |
//!
//! And the restricted one, for who sends a grant with a reading ([`grant`](crate::grant)); each answer is logged:
//!
//! | request | answer | to whom |
//! |---|---|---|
//! | `GET /v1/records?from=<leaf>&to=<leaf>` | [`Records`] of the grant's stream and scope | all but contributors |
//! | `GET /v1/lines/<stream>/<period>` | [`Lines`]: a contributor's own, to others all | by a grant of the period |
//! | `GET /tile/entries/…`, `/batch/<leaf>` | the log's files as they are | committee, auditors: of the whole log |
//! | `GET /v1/readings/<from>` | lines of the log of readings | the same |
//!
//! What is deleted for its age is answered with 410 ([`pruned`](crate::usage_log::pruned)).
//!
//! Refusals are [`Problem`]s, with a `detail` that says what to do. A client may make as many requests as
//! [`Options::limits`] say; health and metrics are not counted.

mod committer;
mod described;
mod intake;
mod problem;
mod restricted;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, OriginalUri, Path as UrlPath, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tower_http::trace::TraceLayer;
use utoipa::ToSchema;
use yieldset_service::web::{
    self, Connections, Limits, ListenError, Loopback, Problem, limits, metrics, problem::explain,
};

use crate::{
    files::{hex_bytes, hex_list},
    grant::{Issuers, Stream},
    readings::{ReadingError, ReadingLog},
    usage_log::{
        Batch, Log, LogError,
        bounds::Bounds,
        layout,
        store::Store,
        writer::{BatchReceipt, SharedTree},
    },
};
use committer::Committer;
use described::Refused;
pub use described::openapi;
use intake::Intake;
use restricted::{Asking, Restricted};
pub use restricted::{Lines, Opened, Records};

/// Largest body of a batch, in bytes: a thousand calls with full fingerprints fit in hex only in part, which is meant.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// Most bytes of a batch's records: as hex, with their quotes and the rest, they fit into the largest body.
pub const MAX_RECORDS_BYTES: usize = (MAX_BODY - 64 * 1024) / 2;
/// Most bytes of all bodies that are being read, checked or logged: eight of the largest. A body takes about three
/// times as much memory while it is worked on.
pub const BODY_BUDGET: usize = 8 * MAX_BODY;
/// How long a body waits until others have made room.
pub const ROOM_PATIENCE: Duration = Duration::from_secs(5);
/// How long a sender may take to send a batch.
pub const BODY_PATIENCE: Duration = Duration::from_secs(20);

/// Why the service cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its address, or its ready file.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log of readings.
    #[error(transparent)]
    Readings(#[from] ReadingError),
}

/// The body of `POST /v1/batches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Who sends it.
    pub platform: String,
    /// Its id: the same id again is the same batch.
    pub batch_id: String,
    /// Canonical bytes of the records, as hex.
    #[serde(deserialize_with = "intake::records")]
    pub records: Vec<String>,
    /// ed25519 over `batch_signing_bytes`, as hex.
    #[serde(with = "hex_bytes")]
    #[schema(value_type = String, pattern = "^0x[0-9a-f]{128}$")]
    pub signature: [u8; 64],
}

impl From<&Batch> for Submission {
    fn from(batch: &Batch) -> Self {
        Self {
            platform: batch.platform.clone(),
            batch_id: batch.batch_id.clone(),
            records: batch.records.iter().map(hex::encode).collect(),
            signature: batch.signature,
        }
    }
}

/// Proof that a record is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InclusionProof {
    /// The record's index.
    pub leaf: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// RFC 6962 audit path.
    #[serde(with = "hex_list")]
    #[schema(value_type = Vec<String>)]
    pub proof: Vec<[u8; 32]>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// Proof that the log continues an older state of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsistencyProof {
    /// The older size.
    pub from: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// RFC 6962 consistency proof.
    #[serde(with = "hex_list")]
    #[schema(value_type = Vec<String>)]
    pub proof: Vec<[u8; 32]>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// What the service is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Largest body of a batch, in bytes.
    pub max_body: usize,
    /// Most bytes of all bodies together; at least one body's.
    pub body_budget: usize,
    /// How long a body waits until others have made room.
    pub room_patience: Duration,
    /// How long a sender may take to send one.
    pub body_patience: Duration,
    /// What a record may say.
    pub bounds: Bounds,
    /// Gives Unix milliseconds.
    pub clock: fn() -> u64,
    /// Licences, with who may give grants for them beside log and platform.
    pub licences: Vec<Stream>,
    /// Folder of attributions, `<stream as hex>-<period>.json`, whose lines are given to who may read them.
    pub lines: Option<PathBuf>,
    /// How many requests a client may make.
    pub limits: Limits,
    /// What connections may take.
    pub connections: Connections,
}

/// This machine's clock.
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Default for Options {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Options {
    /// The usual ones, with these limits for a client.
    pub fn new(limits: Limits) -> Self {
        Self {
            max_body: MAX_BODY,
            body_budget: BODY_BUDGET,
            room_patience: ROOM_PATIENCE,
            body_patience: BODY_PATIENCE,
            bounds: Bounds::default(),
            clock: unix_ms,
            licences: Vec::new(),
            lines: None,
            connections: Connections::new(&limits),
            limits,
        }
    }
}

#[derive(Debug)]
struct Service {
    committer: Committer,
    intake: Intake,
    tree: SharedTree,
    store: Arc<Store>,
    restricted: Restricted,
    /// How many of the log's first records are deleted.
    pruned: u64,
    clock: fn() -> u64,
}

type Shared = State<Arc<Service>>;

/// Serves `log` until `stop`, then takes no more requests, answers those it has as long as [`Connections::farewell`]
/// says, and closes the log.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    log: Log,
    address: SocketAddr,
    options: Options,
    ready_file: Option<&Path>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let here = Loopback::listen(address).await?;
    let (platforms, tree, store) = (log.platforms().to_vec(), log.tree(), log.store());
    let restricted = Restricted {
        issuers: Issuers::new(log.info(), &platforms, options.licences.clone()),
        readings: ReadingLog::open(store.dir())?,
        lines: options.lines.clone(),
    };
    let pruned = log.pruned();
    let (committer, writing) = Committer::start(log);
    let (limits, max_body, connections) = (options.limits.clone(), options.max_body, options.connections.clone());
    let (clock, intake) = (options.clock, Intake::new(platforms, options));
    let service = Arc::new(Service { committer, intake, tree, store, restricted, pruned, clock });
    tracing::info!(url = here.url, "taking batches");
    here.tell(ready_file)?;
    web::serve(here.listener, router(service, limits, max_body), connections, stop).await;
    // The last sender is gone with the router, so the writer ends and closes the log.
    match writing.await {
        Ok(closed) => Ok(closed?),
        Err(error) => Err(ServeError::Log(LogError::Stopped(error.to_string()))),
    }
}

fn router(service: Arc<Service>, limits: Limits, max_body: usize) -> Router {
    let asked = Router::new()
        .route("/v1/batches", post(take_batch))
        .route("/v1/proofs/{leaf}", get(prove_inclusion))
        .route("/v1/consistency/{from}", get(prove_consistency))
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .route("/v1/readings", get(restricted::readings_head))
        .route("/v1/readings/{from}", get(restricted::readings))
        .route("/v1/records", get(restricted::records))
        .route("/v1/lines/{stream}/{period}", get(restricted::lines))
        .route("/batch/{*path}", get(restricted::batch))
        .layer(DefaultBodyLimit::max(max_body));
    let router = limits::limit(asked, limits)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::get))
        .layer(map_response(async |response: Response| explain(response, problem::of_status)))
        .layer(TraceLayer::new_for_http());
    metrics::measure(router).with_state(service)
}

#[utoipa::path(post, path = "/v1/batches", tag = "everybody", request_body = Submission,
    responses((status = 200, description = "The batch is in the log, again for the same batch", body = BatchReceipt), Refused))]
async fn take_batch(State(service): Shared, request: Request) -> Result<Json<BatchReceipt>, Problem> {
    let (batch, _room) = service.intake.take(request).await?;
    Ok(Json(service.committer.commit(batch).await?))
}

#[utoipa::path(get, path = "/checkpoint", tag = "everybody",
    responses((status = 200, description = "The newest checkpoint, a signed note", content_type = "text/plain", body = String)))]
async fn checkpoint(State(service): Shared) -> Response {
    let note = service.tree.now().checkpoint.clone();
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], note).into_response()
}

#[utoipa::path(get, path = "/tile/{path}", tag = "everybody",
    params(("path" = String, Path, description = "L/N[.p/W], or with a grant entries/N[.p/W]: slashes are part of it")),
    responses((status = 200, description = "Hashes or records", content_type = "application/octet-stream"), Refused))]
async fn tile(
    State(service): Shared,
    uri: OriginalUri,
    headers: HeaderMap,
    UrlPath(path): UrlPath<String>,
) -> Result<Response, Problem> {
    let absent =
        || problem::not_found("there is no such tile; tile/<L>/<N>[.p/<W>] and tile/entries/<N>[.p/<W>] are served");
    let tile = layout::parse_tile_path(&path).ok_or_else(absent)?;
    if tile.is_data() {
        return restricted::entries(service, &Asking { headers: &headers, uri: &uri }, tile).await;
    }
    let bytes = blocking(move || Ok(service.store.get(&layout::tile_path(&tile))?)).await?.ok_or_else(absent)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        // A full tile never changes.
        (
            header::CACHE_CONTROL,
            if u64::from(tile.width()) == layout::WIDTH { "public, immutable, max-age=31536000" } else { "no-store" },
        ),
    ];
    Ok((headers, bytes).into_response())
}

#[utoipa::path(get, path = "/v1/proofs/{leaf}", tag = "everybody",
    params(("leaf" = u64, Path, description = "Index of the record in the log, from 0 on")),
    responses((status = 200, description = "The proof", body = InclusionProof), Refused))]
async fn prove_inclusion(
    State(service): Shared,
    UrlPath(leaf): UrlPath<String>,
) -> Result<Json<InclusionProof>, Problem> {
    let now = service.tree.now();
    let (records, in_tree) = (now.tree.size(), |leaf: &u64| *leaf < now.tree.size());
    let Some(leaf) = leaf.parse().ok().filter(in_tree) else {
        let detail = format!("there is no leaf {leaf:?}; the log has {records} records, from 0 on");
        return Err(problem::not_found(detail));
    };
    let checkpoint = String::from_utf8_lossy(&now.checkpoint).into_owned();
    let proof = blocking(move || now.tree.prove(leaf)).await?.into_iter().map(|hash| hash.0).collect();
    Ok(Json(InclusionProof { leaf, tree_size: records, proof, checkpoint }))
}

#[utoipa::path(get, path = "/v1/consistency/{from}", tag = "everybody",
    params(("from" = u64, Path, description = "An earlier size of the log")),
    responses((status = 200, description = "The proof", body = ConsistencyProof), Refused))]
async fn prove_consistency(
    State(service): Shared,
    UrlPath(from): UrlPath<String>,
) -> Result<Json<ConsistencyProof>, Problem> {
    let now = service.tree.now();
    let (records, possible) = (now.tree.size(), |from: &u64| (1..=now.tree.size()).contains(from));
    let Some(from) = from.parse().ok().filter(possible) else {
        return Err(problem::not_found(format!("{from:?} is no earlier size; use 1 to {records}")));
    };
    let checkpoint = String::from_utf8_lossy(&now.checkpoint).into_owned();
    let proof = blocking(move || now.tree.prove_from(from)).await?.into_iter().map(|hash| hash.0).collect();
    Ok(Json(ConsistencyProof { from, tree_size: records, proof, checkpoint }))
}

/// What reads files waits for the disk, apart from what does not.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => Ok(read?),
        Err(_) => Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)),
    }
}

#[utoipa::path(get, path = "/readyz", tag = "service",
    responses((status = 200, description = "The log takes batches", content_type = "text/plain", body = String), Refused))]
async fn ready(State(service): Shared) -> Result<&'static str, Problem> {
    service.committer.state().map(|()| "ready\n").map_err(Problem::from)
}

#[cfg(test)]
mod tests;
