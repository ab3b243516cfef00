//! The web server: routes, and what every answer goes through.

use std::{future::Future, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;
use tokio::net::TcpListener;
use tower_http::limit::RequestBodyLimitLayer;
use yieldset_service::web::{self, Connections, limits, problem};

use crate::{
    answers,
    api::{self, error::ApiError},
    app::App,
    metrics, pages,
};

/// An act's arguments, a menu of licences among them, are the one body that is taken.
const BODY_LIMIT: usize = 16 * 1024;
/// Longest path with query that is looked at, in bytes.
const ADDRESS_LIMIT: usize = 4 * 1024;
/// How long a question of data waits for its turn.
const TURN_PATIENCE: Duration = Duration::from_millis(250);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Nothing is loaded from elsewhere, nothing runs, nobody frames it.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Largest whole number that every reader of JSON takes exactly.
const EXACT: i64 = 9_007_199_254_740_991;

/// The API's description as JSON (OpenAPI 3.1).
pub fn openapi() -> String {
    let (_, mut description) = api::routes();
    description.merge(api::live_routes().1);
    // Made of our own types alone: it cannot fail, and if it did, an empty description is better than no service.
    let mut description = serde_json::to_value(description).unwrap_or_default();
    promise_exact(&mut description);
    serde_json::to_string_pretty(&description).unwrap_or_default()
}

/// Says of every number that it is one which all readers of JSON take exactly: what can be larger is written as a
/// string. The types know 64 bits alone.
fn promise_exact(description: &mut Value) {
    match description {
        Value::Object(schema) => {
            if schema.get("format").is_some_and(|format| format == "int64") {
                schema.entry("maximum").or_insert(EXACT.into());
            }
            schema.values_mut().for_each(promise_exact);
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(promise_exact),
        _ => {}
    }
}

/// All routes. What asks after the service itself is not limited: who watches it must not be shut out by who uses it.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn router(app: App) -> Router {
    let data = api::routes()
        .0
        .merge(pages::routes())
        .route_layer(middleware::from_fn(answers::describe))
        .route_layer(middleware::from_fn_with_state(app.clone(), in_turn));
    let described = Bytes::from(openapi());
    let description = move || {
        let described = described.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], described) }
    };
    let questions = data
        .merge(api::live_routes().0)
        .route("/openapi.json", get(description))
        .route("/assets/style.css", get(pages::stylesheet))
        .route("/assets/icon.svg", get(pages::icon))
        .fallback(pages::not_found);
    let all = limits::limit(questions, app.limits.clone())
        .route("/healthz", get(api::status::healthz))
        .route("/readyz", get(api::status::readyz))
        .route("/metrics", get(metrics::get))
        .layer(middleware::from_fn(in_time))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(middleware::from_fn(finish));
    let measured = web::metrics::measure(all).with_state(app);
    metrics::describe();
    measured
}

/// Serves until `stop`, then lets running answers finish, as long as [`Connections::farewell`] says.
pub async fn serve(listener: TcpListener, app: App, stop: impl Future<Output = ()> + Send) {
    let connections = Connections::new(&app.limits);
    web::serve(listener, router(app), connections, stop).await;
}

/// So many questions of data are worked on at once; one more waits a moment for its turn, and then is told to come
/// back.
async fn in_turn(State(app): State<App>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(TURN_PATIENCE, app.turns.acquire()).await {
        Ok(Ok(_turn)) => next.run(request).await,
        Ok(Err(_)) | Err(_) => {
            let busy = ApiError::busy("too many questions are being answered");
            pages::refuse(request.headers(), request.uri(), busy)
        }
    }
}

/// Answers that take too long are given up.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = format!("no answer within {} s", PATIENCE.as_secs());
            let advice = "try again; ask for fewer rows";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message, advice).into_response()
        }
    }
}

/// Refusals of the framework become problems like all others; every answer gets the security headers.
async fn finish(request: Request, next: Next) -> Response {
    let too_long = request.uri().path_and_query().is_some_and(|path| path.as_str().len() > ADDRESS_LIMIT);
    let response = match too_long {
        true => ApiError::of_status(StatusCode::URI_TOO_LONG).into_response(),
        false => next.run(request).await,
    };
    let mut response = problem::explain(response, |status| ApiError::of_status(status).0);
    let unknown = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if unknown {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
