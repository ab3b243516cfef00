//! What the indexer is doing. Answered from memory where the database is away.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    column::Hash,
    status::{Doing, Status},
    store,
};

/// What the indexer is doing and how far it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatusView {
    /// What it is doing.
    pub state: Doing,
    /// Why, where something is in the way, and what is waited for.
    pub reason: Option<String>,
    /// Whether Postgres answers.
    pub database: bool,
    /// Last block applied; null before the first one.
    pub indexed_block: Option<u64>,
    /// Its hash; null where the database is away.
    pub indexed_hash: Option<Hash>,
    /// Its Unix time in milliseconds; null where the database is away.
    pub indexed_time_ms: Option<i64>,
    /// Last finalised block that the node named; null where this process follows nothing or has not reached the node.
    pub finalised_block: Option<u64>,
    /// Events of ours from which nothing follows, since this process started: not understood, or not fitting.
    pub unread_events: u64,
    /// This program's version, and the commit it was built from.
    pub version: &'static str,
}

/// What the indexer is doing.
#[utoipa::path(get, path = "/v1/status", tag = "service",
    responses((status = 200, description = "Always, as long as the process lives", body = StatusView)))]
pub(crate) async fn get(State(app): State<App>) -> Json<StatusView> {
    Json(view(&app).await)
}

/// The status now.
pub async fn view(app: &App) -> StatusView {
    let now = app.status.now();
    let known = |value: u64| (value > 0).then_some(value);
    let tip = match app.watchers.acquire().await {
        Ok(mut connection) => store::tip(&mut connection).await,
        Err(error) => Err(error),
    };
    let database = tip.is_ok();
    let tip = tip.ok().flatten();
    let indexed = tip.and_then(|tip| u64::try_from(tip.number).ok());
    StatusView {
        state: now.phase,
        reason: now.reason,
        database,
        indexed_block: indexed.or_else(|| known(Status::count(&app.status.indexed_block))),
        indexed_hash: tip.map(|tip| tip.hash),
        indexed_time_ms: tip.map(|tip| tip.time_ms),
        finalised_block: known(Status::count(&app.status.finalised_block)),
        unread_events: Status::count(&app.status.events_unread),
        version: yieldset_service::VERSION,
    }
}

/// `GET /healthz`: the process lives.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: it can answer questions about the pool with data that is not known to be old.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let view = view(&app).await;
    let waiting = matches!(
        view.state,
        Doing::Starting | Doing::Backfilling | Doing::NodeAway | Doing::DatabaseAway | Doing::Stopped
    );
    let ready = view.database && view.indexed_block.is_some() && !waiting;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(view)).into_response()
}
