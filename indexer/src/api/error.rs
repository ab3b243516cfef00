//! What a request can be answered with instead of data: a problem as RFC 9457 says, with a code for programs, a
//! sentence and an advice for people.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use utoipa::IntoResponses;
use yieldset_service::web::Problem;

use crate::column::TooLarge;

/// For the description: the answers that any route may give instead of data.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive alone")]
pub enum Failures {
    /// Something in the request cannot be understood; the code says what.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// More requests than one client may make. `Retry-After` says for how many seconds to wait.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The database does not answer, or not in time. Try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Away(Problem),
}

/// An answer that is not data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError(pub Problem);

impl ApiError {
    /// One with its code, what is wrong, and what to do.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self(Problem::new(status, code, detail).with_advice(advice))
    }

    /// 400.
    pub fn bad(code: &str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail, advice)
    }

    /// 404.
    pub fn missing(code: &str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail, advice)
    }

    /// For statuses that the web framework answers by itself.
    pub fn of_status(status: StatusCode) -> Self {
        let advice = match status {
            StatusCode::NOT_FOUND => "/openapi.json lists what there is",
            StatusCode::METHOD_NOT_ALLOWED => {
                "use GET, or POST for /v1/acts alone; nothing here can be changed over HTTP"
            }
            StatusCode::PAYLOAD_TOO_LARGE => "send at most 16 KiB, and a body to /v1/acts alone",
            StatusCode::URI_TOO_LONG => "shorten it",
            _ if status.is_client_error() => "compare it with /openapi.json",
            _ => "try again in a moment; /v1/status says what is wrong",
        };
        Self(Problem::of_status(status).with_advice(advice))
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        // The error may name tables and hosts: that is for the log.
        tracing::warn!(%error, "a request could not be answered from the database");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database-away",
            "the database does not answer",
            "try again in a moment; /v1/status says what is wrong",
        )
    }
}

impl From<TooLarge> for ApiError {
    fn from(error: TooLarge) -> Self {
        tracing::error!(%error, "a row holds a figure that no contract could have made");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "broken-row",
            "a figure in the database is out of range",
            "run `yieldset-indexer verify` and rebuild the database",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
