//! Pages for people. One struct per page is rendered as HTML or given as JSON (`Accept: application/json`, or `.json`
//! at the end of the address), so both always say the same.

mod format;
mod index;
mod licence;
mod pool;

use std::convert::Infallible;

use askama::Template;
use axum::{
    Json, Router,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use yieldset_service::web::Problem;

pub use index::IndexPage;
pub use licence::LicencePage;
pub use pool::{Attribution, PeriodRow, PoolPage};

use crate::{api::error::ApiError, app::App, snapshot::Snapshot};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(index::get))
        .route("/pools/{pool}", get(pool::get))
        .route("/licences/{licence}", get(licence::get))
}

/// The block that a page describes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Seen {
    /// Height.
    pub number: i64,
    /// Hash.
    pub hash: crate::column::Hash,
    /// Unix time in milliseconds.
    pub time_ms: i64,
    /// Whether it cannot be rolled back any more.
    pub is_final: bool,
}

impl Seen {
    /// That of a snapshot; nothing before the first block.
    pub(crate) fn of(snapshot: &Snapshot) -> Option<Self> {
        let is_final = snapshot.is_final;
        snapshot.tip.map(|tip| Self { number: tip.number, hash: tip.hash, time_ms: tip.time_ms, is_final })
    }
}

/// What the asker can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    Html,
    Json,
}

impl<S: Sync> FromRequestParts<S> for Wants {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.uri))
    }
}

impl Wants {
    /// By what it says that it takes, and by the address.
    fn of(headers: &HeaderMap, uri: &Uri) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let json = accept.contains("application/json") && !accept.contains("text/html");
        let json = json || uri.path().ends_with(".json") || uri.path().starts_with("/v1/");
        if json { Self::Json } else { Self::Html }
    }
}

/// Middleware's refusal of a question of data, for a person or a program.
pub(crate) fn refuse(headers: &HeaderMap, uri: &Uri, error: ApiError) -> Response {
    match Wants::of(headers, uri) {
        Wants::Json => error.into_response(),
        Wants::Html => lost(error),
    }
}

/// A page in the form that is wanted.
pub(crate) fn answer<P: Template + Serialize>(wants: Wants, page: Result<P, ApiError>) -> Response {
    match (wants, page) {
        (Wants::Json, page) => page.map(Json).into_response(),
        (Wants::Html, Ok(page)) => html(StatusCode::OK, &page),
        (Wants::Html, Err(error)) => lost(error),
    }
}

fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            ApiError::of_status(StatusCode::SERVICE_UNAVAILABLE).into_response()
        }
    }
}

/// What is shown instead of a page.
#[derive(Debug, Template)]
#[template(path = "error.html")]
struct ErrorPage {
    status: u16,
    /// What is wrong, and what to do about it, for people: the problem itself speaks of requests.
    what: String,
    advice: &'static str,
    seen: Option<Seen>,
}

fn lost(error: ApiError) -> Response {
    let status = error.0.status();
    let (what, advice) = for_people(&error.0);
    let mut page = html(status, &ErrorPage { status: status.as_u16(), what, advice, seen: None });
    // What the problem says in its headers, such as when to come back, holds for people's browsers too.
    let refusal = error.into_response();
    if let Some(later) = refusal.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, later.clone());
    }
    page
}

fn for_people(problem: &Problem) -> (String, &'static str) {
    match (problem.code(), problem.status().as_u16()) {
        ("bad-at" | "bad-cursor", _) => {
            let advice = "Leave that part of the address out to see the newest block.";
            ("This page cannot be shown as it was then.".to_owned(), advice)
        }
        ("unknown-pool", _) => {
            let advice = "A new pool appears with its block. The first page lists all that there are.";
            ("There is no pool at this address.".to_owned(), advice)
        }
        ("unknown-licence", _) => {
            let advice = "Perhaps a letter of the address is missing. A pool's page lists its licences.";
            ("This licence was never offered.".to_owned(), advice)
        }
        (_, 404) => {
            let advice = "Perhaps the address is mistyped, or what was here has moved. The first page lists all pools.";
            ("There is nothing at this address.".to_owned(), advice)
        }
        (_, 400..=499) => {
            let advice = "Perhaps a part of it was lost on the way. The first page lists all pools.";
            ("This address cannot be read.".to_owned(), advice)
        }
        _ => {
            let advice = "Nothing is lost: what is shown here is on chain. Please try again in a moment.";
            ("This page cannot be shown right now.".to_owned(), advice)
        }
    }
}

/// Everything without a route.
pub(crate) async fn not_found(wants: Wants) -> Response {
    let error = ApiError::of_status(StatusCode::NOT_FOUND);
    match wants {
        Wants::Json => error.into_response(),
        Wants::Html => lost(error),
    }
}

const ASSET_CACHE: &str = "public, max-age=3600";

/// The one stylesheet.
pub(crate) async fn stylesheet() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, ASSET_CACHE)];
    (headers, include_str!("../assets/style.css"))
}

/// The mark in the browser's tab.
pub(crate) async fn icon() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, ASSET_CACHE)];
    (headers, include_str!("../assets/icon.svg"))
}
