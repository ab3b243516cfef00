//! What the indexer is doing. Answered from memory where the database is away.

use std::sync::atomic::AtomicU64;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Refusals;
use crate::{
    app::App,
    column::Hash,
    status::{Doing, Readiness, Status},
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
    /// Whether answers are of now, as `/readyz` says it: the head is near, young and compared.
    pub ready: bool,
    /// What keeps it from being ready, one sentence each.
    pub not_ready: Vec<String>,
    /// Whether Postgres answers.
    pub database: bool,
    /// Last block applied; null before the first one.
    pub indexed_block: Option<u64>,
    /// Its hash; null where the database is away.
    pub indexed_hash: Option<Hash>,
    /// Its Unix time in milliseconds; null where the database is away.
    pub indexed_time_ms: Option<i64>,
    /// Last block here that is final; it is never rolled back.
    pub final_block: Option<u64>,
    /// Head of the best chain as the node named it last; null where nobody has reached the node.
    pub best_block: Option<u64>,
    /// Last finalised block that the node named; null where nobody has reached it.
    pub finalised_block: Option<u64>,
    /// Blocks applied in a second, of late.
    pub blocks_per_second: Option<i64>,
    /// Seconds left until the head at that rate, while it catches up.
    pub seconds_left: Option<i64>,
    /// For how many milliseconds the process that follows has told nothing; null where none ever did.
    pub follower_silent_ms: Option<i64>,
    /// Events of ours in the journal from which nothing follows: not understood, or not fitting.
    pub unread_events: Option<i64>,
    /// Pools that stand still, since an event of theirs does not fit the rules.
    pub pools_standing_still: Option<i64>,
    /// The last comparison with the chain; null before the first.
    pub verified: Option<Verified>,
    /// This program's version, and the commit it was built from.
    pub version: &'static str,
}

/// A comparison with the chain.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Verified {
    /// At which block.
    pub block: i64,
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// Figures that were compared.
    pub figures: i64,
    /// Those that differ.
    pub differences: i64,
}

/// What the indexer is doing.
#[utoipa::path(get, path = "/v1/status", tag = "service",
    responses((status = 200, description = "As long as the process lives", body = StatusView), Refusals))]
pub(crate) async fn get(State(app): State<App>) -> Json<StatusView> {
    Json(view(&app).await)
}

/// The status now.
pub async fn view(app: &App) -> StatusView {
    let now = app.status.now();
    let read = read(app).await;
    let database = read.is_ok();
    let Read { tip, finalised, counts, told, verified } = read.unwrap_or_default();
    let height = |number: i64| u64::try_from(number).ok();
    let known = |counter: &AtomicU64| Some(Status::count(counter)).filter(|height| *height > 0);
    // Who follows tells every few seconds what it does, also those who only serve.
    let elsewhere = told.as_ref().filter(|_| now.phase == Doing::ReadOnly);
    let (state, reason) = match elsewhere {
        Some(told) => (Doing::named(&told.state).unwrap_or(now.phase), told.reason.clone()),
        None => (now.phase, now.reason),
    };
    let best = told.as_ref().and_then(|told| told.best).and_then(height);
    let named = told.as_ref().and_then(|told| told.finalised).and_then(height);
    let mut view = StatusView {
        state,
        reason,
        ready: false,
        not_ready: Vec::new(),
        database,
        indexed_block: tip.and_then(|tip| height(tip.number)).or_else(|| known(&app.status.indexed_block)),
        indexed_hash: tip.map(|tip| tip.hash),
        indexed_time_ms: tip.map(|tip| tip.time_ms),
        final_block: finalised.and_then(height),
        best_block: best.or_else(|| known(&app.status.best_block)),
        finalised_block: named.or_else(|| known(&app.status.finalised_block)),
        blocks_per_second: told.as_ref().and_then(|told| told.rate),
        seconds_left: told.as_ref().and_then(|told| told.left_seconds),
        follower_silent_ms: told.as_ref().map(|told| told.silent_ms),
        unread_events: counts.map(|counts| counts.0),
        pools_standing_still: counts.map(|counts| counts.1),
        verified,
        version: yieldset_service::VERSION,
    };
    view.not_ready = reasons(&view, app.readiness, told.map(|told| told.now_ms));
    view.ready = view.not_ready.is_empty();
    view
}

/// Why answers may not be those of now.
fn reasons(view: &StatusView, readiness: Readiness, now_ms: Option<i64>) -> Vec<String> {
    let mut reasons = Vec::new();
    if !view.database {
        reasons.push("the database does not answer".to_owned());
    }
    match view.state {
        // How far it may be is asked below.
        Doing::Live | Doing::CatchingUp | Doing::NodeBehind => {}
        Doing::ReadOnly => reasons.push("nobody has ever followed the chain into this database".to_owned()),
        state => reasons.push(format!("following is in the state {}", state.name())),
    }
    if view.follower_silent_ms.is_some_and(|silent| silent > LONGEST_SILENCE_MS) {
        reasons.push(format!("who follows has told nothing for over {} s", LONGEST_SILENCE_MS / 1_000));
    }
    match (view.indexed_block, view.best_block) {
        (None, _) => reasons.push("no block is here yet".to_owned()),
        (Some(indexed), Some(best)) if best.saturating_sub(indexed) > readiness.behind => {
            let behind = best.saturating_sub(indexed);
            reasons.push(format!("{behind} blocks behind the head, where {} may be", readiness.behind));
        }
        _ => {}
    }
    if let (Some(most), Some(now), Some(time)) = (readiness.age, now_ms, view.indexed_time_ms) {
        let age = u64::try_from(now.saturating_sub(time) / 1_000).unwrap_or(0);
        if age > most {
            reasons.push(format!("the last block is {age} s old, where {most} may be"));
        }
    }
    if readiness.verified && view.verified.is_none() {
        reasons.push(
            "the rows were not compared with the chain yet; `run` does it once it is live, or `verify`".to_owned(),
        );
    }
    if let Some(Verified { block, differences: differences @ 1.., .. }) = view.verified {
        reasons.push(format!("{differences} figures differed from the chain at block {block}"));
    }
    reasons
}

/// What the database says.
#[derive(Debug, Default)]
struct Read {
    tip: Option<Tip>,
    finalised: Option<i64>,
    /// Events that were not read, and pools that stand still; not known before the tables are there.
    counts: Option<(i64, i64)>,
    told: Option<Told>,
    verified: Option<Verified>,
}

/// What the process that follows told last.
#[derive(Debug)]
struct Told {
    state: String,
    reason: Option<String>,
    best: Option<i64>,
    finalised: Option<i64>,
    rate: Option<i64>,
    left_seconds: Option<i64>,
    silent_ms: i64,
    now_ms: i64,
}

async fn read(app: &App) -> Result<Read, sqlx::Error> {
    let mut connection = app.watchers.acquire().await?;
    let tip = store::tip(&mut connection).await?;
    let told = sqlx::query_as!(
        Told,
        r#"SELECT state, reason, best, finalised, rate, left_seconds, now_ms - told_ms AS "silent_ms!", now_ms AS "now_ms!"
           FROM follower, (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms) clock"#
    )
    .fetch_optional(&mut *connection)
    .await?;
    let verified = sqlx::query_as!(Verified, "SELECT block, at_ms, figures, differences FROM verification")
        .fetch_optional(&mut *connection)
        .await?;
    let finalised = sqlx::query_scalar!("SELECT number FROM finality").fetch_optional(&mut *connection).await?;
    let counts = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM (SELECT FROM journal WHERE unread IS NOT NULL LIMIT 1000) first) AS "unread!",
                  (SELECT count(*) FROM contracts WHERE fault IS NOT NULL) AS "still!""#
    )
    .fetch_one(&mut *connection)
    .await
    .ok();
    let counts = counts.map(|counts| (counts.unread, counts.still));
    Ok(Read { tip, finalised: finalised.flatten(), counts, told, verified })
}

/// `GET /healthz`: the process lives.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: whether answers are those of now, and if not, why.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let view = view(&app).await;
    let status = if view.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(view)).into_response()
}
