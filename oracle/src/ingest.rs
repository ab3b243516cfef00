//! The ingest service: signed batches in, the log's static files and proofs out, on loopback.
//!
//! | request | answer |
//! |---|---|
//! | `POST /v1/batches` | a [`Submission`]; 200 with a [`BatchReceipt`], again for the same batch |
//! | `GET /checkpoint`, `/tile/…` | the log as C2SP tlog-tiles says |
//! | `GET /v1/proofs/<leaf>` | an [`InclusionProof`] against the current checkpoint |
//! | `GET /v1/consistency/<size>` | a [`ConsistencyProof`] from that size to the current checkpoint |
//! | `GET /healthz` | the process lives |
//! | `GET /readyz` | the log takes batches |
//! | `GET /metrics` | request counts and latencies, for Prometheus |
//!
//! Refusals are [`Problem`]s, with a `detail` that says what to do. A client may make as many requests as
//! [`Options::limits`] say; the last three are not counted.

mod committer;
mod problem;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path as UrlPath, Request, State, rejection::BytesRejection},
    http::{StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tower_http::trace::TraceLayer;
use yieldset_service::web::{Limits, Problem, limits, metrics, problem::explain};

use crate::{
    files::{self, FileError, hex_bytes, hex_list},
    usage_log::{
        Batch, Log, LogError, Platform, layout,
        store::Store,
        writer::{BatchReceipt, SharedTree},
    },
};
use committer::Committer;

/// Largest body of a batch, in bytes: a thousand calls with full fingerprints fit in hex only in part, which is meant.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// How long a sender may take to send a batch.
pub const BODY_PATIENCE: Duration = Duration::from_secs(20);

/// Why the service cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is open to other machines.
    #[error("{0} is not a loopback address; the service has no TLS, so put a proxy that has before it")]
    NotLoopback(IpAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The ready file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// The body of `POST /v1/batches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Who sends it.
    pub platform: String,
    /// Its id: the same id again is the same batch.
    pub batch_id: String,
    /// Canonical bytes of the records, as hex.
    pub records: Vec<String>,
    /// ed25519 over `batch_signing_bytes`, as hex.
    #[serde(with = "hex_bytes")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InclusionProof {
    /// The record's index.
    pub leaf: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// RFC 6962 audit path.
    #[serde(with = "hex_list")]
    pub proof: Vec<[u8; 32]>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// Proof that the log continues an older state of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// The older size.
    pub from: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// RFC 6962 consistency proof.
    #[serde(with = "hex_list")]
    pub proof: Vec<[u8; 32]>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// What the service is told.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Largest body of a batch, in bytes.
    pub max_body: usize,
    /// How long a sender may take to send one.
    pub body_patience: Duration,
    /// How many requests a client may make.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_body: MAX_BODY, body_patience: BODY_PATIENCE, limits: Limits::default() }
    }
}

#[derive(Debug)]
struct Service {
    committer: Committer,
    platforms: Vec<Platform>,
    tree: SharedTree,
    store: Arc<Store>,
    options: Options,
}

type Shared = State<Arc<Service>>;

/// Serves `log` until `stop`, then takes no more requests, answers those it has, and closes the log.
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
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address.ip()));
    }
    let listen = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let url = format!("http://{}", listener.local_addr().map_err(listen)?);
    let (platforms, tree, store) = (log.platforms().to_vec(), log.tree(), log.store());
    let (committer, writing) = Committer::start(log);
    let service = Arc::new(Service { committer, platforms, tree, store, options });
    tracing::info!(url, "taking batches");
    if let Some(file) = ready_file {
        files::write_json(file, &serde_json::json!({ "url": url }))?;
    }
    let router = router(service).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router).with_graceful_shutdown(stop).await.map_err(listen)?;
    // The last sender is gone with the router, so the writer ends and closes the log.
    match writing.await {
        Ok(closed) => Ok(closed?),
        Err(error) => Err(ServeError::Log(LogError::Stopped(error.to_string()))),
    }
}

fn router(service: Arc<Service>) -> Router {
    let Options { max_body, limits, .. } = service.options;
    let asked = Router::new()
        .route("/v1/batches", post(take_batch))
        .route("/v1/proofs/{leaf}", get(prove_inclusion))
        .route("/v1/consistency/{from}", get(prove_consistency))
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .layer(DefaultBodyLimit::max(max_body));
    let router = limits::limit(asked, limits)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::get))
        .layer(map_response(async |response: Response| explain(response, problem::of_status)))
        .layer(TraceLayer::new_for_http());
    metrics::measure(router).with_state(service)
}

async fn take_batch(State(service): Shared, request: Request) -> Result<Json<BatchReceipt>, Problem> {
    let options = service.options;
    let body = tokio::time::timeout(options.body_patience, Bytes::from_request(request, &())).await;
    let body = match body {
        Err(_) => return Err(problem::too_slow(options.body_patience)),
        Ok(Err(BytesRejection::FailedToBufferBody(error))) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(problem::too_large(options.max_body));
        }
        Ok(Err(error)) => return Err(problem::malformed(&error)),
        Ok(Ok(body)) => body,
    };
    let submission: Submission = serde_json::from_slice(&body).map_err(|error| problem::malformed(&error))?;
    let checked = decode(submission)?.check(&service.platforms)?;
    Ok(Json(service.committer.commit(checked).await?))
}

fn decode(submission: Submission) -> Result<Batch, Problem> {
    let mut records = Vec::with_capacity(submission.records.len());
    for (index, record) in submission.records.iter().enumerate() {
        let record = hex::decode(record.strip_prefix("0x").unwrap_or(record));
        records.push(record.map_err(|error| problem::bad_record(index, &error))?);
    }
    let Submission { platform, batch_id, signature, .. } = submission;
    Ok(Batch { platform, batch_id, records, signature })
}

async fn checkpoint(State(service): Shared) -> Response {
    let note = service.tree.read().unwrap_or_else(|poisoned| poisoned.into_inner()).checkpoint.clone();
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], note).into_response()
}

async fn tile(State(service): Shared, UrlPath(path): UrlPath<String>) -> Result<Response, Problem> {
    let absent =
        || problem::not_found("there is no such tile; tile/<L>/<N>[.p/<W>] and tile/entries/<N>[.p/<W>] are served");
    let tile = layout::parse_tile_path(&path).ok_or_else(absent)?;
    let bytes = service.store.get(&layout::tile_path(&tile)).await.map_err(LogError::from)?.ok_or_else(absent)?;
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

async fn prove_inclusion(
    State(service): Shared,
    UrlPath(leaf): UrlPath<String>,
) -> Result<Json<InclusionProof>, Problem> {
    let tree = service.tree.read().unwrap_or_else(|poisoned| poisoned.into_inner());
    let in_tree = |leaf: &u64| *leaf < tree.size;
    let Some(leaf) = leaf.parse().ok().filter(in_tree) else {
        let records = tree.size;
        let detail = format!("there is no leaf {leaf:?}; the log has {records} records, from 0 on");
        return Err(problem::not_found(detail));
    };
    let proof = tree.hashes.prove(tree.size, leaf)?.into_iter().map(|hash| hash.0).collect();
    let checkpoint = String::from_utf8_lossy(&tree.checkpoint).into_owned();
    Ok(Json(InclusionProof { leaf, tree_size: tree.size, proof, checkpoint }))
}

async fn prove_consistency(
    State(service): Shared,
    UrlPath(from): UrlPath<String>,
) -> Result<Json<ConsistencyProof>, Problem> {
    let tree = service.tree.read().unwrap_or_else(|poisoned| poisoned.into_inner());
    let possible = |from: &u64| (1..=tree.size).contains(from);
    let Some(from) = from.parse().ok().filter(possible) else {
        return Err(problem::not_found(format!("{from:?} is no earlier size; use 1 to {}", tree.size)));
    };
    let proof = tree.hashes.prove_from(tree.size, from)?.into_iter().map(|hash| hash.0).collect();
    let checkpoint = String::from_utf8_lossy(&tree.checkpoint).into_owned();
    Ok(Json(ConsistencyProof { from, tree_size: tree.size, proof, checkpoint }))
}

async fn ready(State(service): Shared) -> Result<&'static str, Problem> {
    service.committer.state().map(|()| "ready\n").map_err(Problem::from)
}

#[cfg(test)]
mod tests;
