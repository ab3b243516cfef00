//! The witness over HTTP, on loopback.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::net::TcpListener;
use tower_http::trace::TraceLayer;
use yieldset_service::web::{self, Connections, Limits, Problem, limits, metrics, problem::explain};

use super::{Refusal, Witness};
use crate::files::{self, FileError};

/// Largest body: a proof of 63 lines and a checkpoint with many signatures have far less.
const MAX_BODY: usize = 64 * 1024;

/// Why the witness cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is open to other machines.
    #[error("{0} is not a loopback address; the witness has no TLS, so put a proxy that has before it")]
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
}

/// What the service is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many requests a client may make.
    pub limits: Limits,
    /// What connections may take.
    pub connections: Connections,
}

impl Options {
    /// The usual ones, with these limits for a client.
    pub fn new(limits: Limits) -> Self {
        Self { connections: Connections::new(&limits), limits }
    }
}

/// Serves until `stop`.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    witness: Arc<Witness>,
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
    tracing::info!(url, name = witness.name(), "witnessing");
    if let Some(file) = ready_file {
        files::write_json(file, &serde_json::json!({ "url": url }))?;
    }
    web::serve(listener, router(witness, options.limits), options.connections, stop).await;
    Ok(())
}

fn router(witness: Arc<Witness>, limits: Limits) -> Router {
    let asked = Router::new().route("/add-checkpoint", post(add_checkpoint)).layer(DefaultBodyLimit::max(MAX_BODY));
    let router = limits::limit(asked, limits)
        .route("/healthz", get(async || "ok\n"))
        .route("/metrics", get(metrics::get))
        .layer(map_response(async |response: Response| explain(response, of_status)))
        .layer(TraceLayer::new_for_http());
    metrics::measure(router).with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Result<Response, Response> {
    // It waits for the disk.
    let answered = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await;
    match answered.unwrap_or_else(|error| Err(Refusal::Malformed(error.to_string()))) {
        Ok(line) => Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response()),
        Err(refusal) => {
            tracing::warn!(%refusal, "not cosigned");
            Err(refused(&refusal))
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let (status, code) = match refusal {
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
        Refusal::UnknownLog(_) => (StatusCode::NOT_FOUND, "unknown-log"),
        Refusal::NotSigned(_) => (StatusCode::FORBIDDEN, "not-signed"),
        // The specification's own form.
        Refusal::Conflict { last } => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, kind, format!("{last}\n")).into_response();
        }
        Refusal::Inconsistent { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "inconsistent"),
        Refusal::Witness(_) => (StatusCode::SERVICE_UNAVAILABLE, "witness-unavailable"),
    };
    Problem::new(status, code, refusal.to_string()).into_response()
}

/// For statuses that the web framework answers by itself.
fn of_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => {
            Problem::new(status, "not-found", "there is nothing here; POST /add-checkpoint asks for a cosignature")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            let detail = "this address does not take this method; POST /add-checkpoint asks for a cosignature";
            Problem::new(status, "method-not-allowed", detail)
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "body-too-large", format!("the body is larger than {MAX_BODY} bytes"))
        }
        _ => Problem::of_status(status),
    }
}
