//! The witness over HTTP, on loopback.

use std::{net::SocketAddr, path::Path, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower_http::trace::TraceLayer;
use yieldset_service::web::{
    self, Connections, Limits, ListenError, Loopback, Problem, limits, metrics, problem::explain,
};

use super::{Refusal, Witness};

/// Largest body: a proof of 63 lines and a checkpoint with many signatures have far less.
const MAX_BODY: usize = 64 * 1024;

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
/// [`ListenError`].
pub async fn serve(
    witness: Arc<Witness>,
    address: SocketAddr,
    options: Options,
    ready_file: Option<&Path>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ListenError> {
    let here = Loopback::listen(address).await?;
    tracing::info!(url = here.url, name = witness.name(), "witnessing");
    here.tell(ready_file)?;
    web::serve(here.listener, router(witness, options.limits), options.connections, stop).await;
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
