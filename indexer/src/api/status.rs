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
    store::{self, Tip},
};

/// A process that follows and has told nothing for so long is not there any more.
const LONGEST_SILENCE_MS: i64 = 60_000;

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
    /// For how many milliseconds the process that follows has told nothing; null where it is this one, or none ever did.
    pub follower_silent_ms: Option<i64>,
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
    let read = read(app).await;
    let database = read.is_ok();
    let Read { tip, follower } = read.unwrap_or_default();
    let height = |number: i64| u64::try_from(number).ok();
    let indexed = tip.and_then(|tip| height(tip.number));
    // Who only serves tells what the process says that follows; a stranger to that phase says nothing.
    let elsewhere = follower.filter(|_| now.phase == Doing::ReadOnly);
    let (state, reason, follower_silent_ms, finalised) = match elsewhere {
        Some(told) => (
            Doing::named(&told.state).unwrap_or(now.phase),
            told.reason,
            Some(told.silent_ms),
            told.finalised.and_then(height),
        ),
        None => (now.phase, now.reason, None, known(Status::count(&app.status.finalised_block))),
    };
    StatusView {
        state,
        reason,
        database,
        indexed_block: indexed.or_else(|| known(Status::count(&app.status.indexed_block))),
        indexed_hash: tip.map(|tip| tip.hash),
        indexed_time_ms: tip.map(|tip| tip.time_ms),
        finalised_block: finalised,
        follower_silent_ms,
        unread_events: Status::count(&app.status.events_unread),
        version: yieldset_service::VERSION,
    }
}

/// What the database says.
#[derive(Debug, Default)]
struct Read {
    tip: Option<Tip>,
    follower: Option<Follower>,
}

/// What the process that follows told last.
#[derive(Debug)]
struct Follower {
    state: String,
    reason: Option<String>,
    finalised: Option<i64>,
    silent_ms: i64,
}

async fn read(app: &App) -> Result<Read, sqlx::Error> {
    let mut connection = app.watchers.acquire().await?;
    let tip = store::tip(&mut connection).await?;
    let follower = sqlx::query_as!(
        Follower,
        r#"SELECT state, reason, finalised,
                  (extract(epoch FROM clock_timestamp()) * 1000)::bigint - told_ms AS "silent_ms!"
           FROM follower"#
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(Read { tip, follower })
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
    // Who follows tells every few seconds that it does.
    let silent = view.follower_silent_ms.is_some_and(|silent| silent > LONGEST_SILENCE_MS);
    let ready = view.database && view.indexed_block.is_some() && !waiting && !silent;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(view)).into_response()
}
