//! What a request can be answered with instead of data: a code for programs, a sentence and an advice for people.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::column::TooLarge;

/// Body of every answer that is not data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// For programs; does not change.
    #[schema(example = "unknown_pool")]
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// What to do.
    pub advice: String,
}

/// For the description: the answers that any route may give instead of data.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive alone")]
pub enum Failures {
    /// Something in the request cannot be understood; the code says what.
    #[response(status = 400)]
    BadRequest(ErrorBody),
    /// There is no such thing.
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// The database does not answer, or not in time. Try again.
    #[response(status = 503)]
    Away(ErrorBody),
}

/// An answer that is not data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// Body.
    pub detail: ErrorDetail,
}

impl ApiError {
    /// One with its code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status, detail: ErrorDetail { code, message: message.into(), advice: advice.into() } }
    }

    /// 400.
    pub fn bad(code: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, advice)
    }

    /// 404.
    pub fn missing(code: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message, advice)
    }

    /// For statuses that the web framework answers by itself.
    pub fn of_status(status: StatusCode) -> Self {
        let (code, message, advice) = match status {
            StatusCode::NOT_FOUND => {
                ("not_found", "there is nothing at this address", "/openapi.json lists what there is")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "this can only be read", "use GET; nothing here can be changed over HTTP")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "the request's body is too large", "send none"),
            StatusCode::URI_TOO_LONG => ("address_too_long", "the address is too long", "shorten it"),
            _ if status.is_client_error() => {
                ("bad_request", "the request cannot be understood", "compare it with /openapi.json")
            }
            _ => (
                "unavailable",
                "the request could not be answered",
                "try again in a moment; /v1/status says what is wrong",
            ),
        };
        Self::new(status, code, message, advice)
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        // The error may name tables and hosts: that is for the log.
        tracing::warn!(%error, "a request could not be answered from the database");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database_away",
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
            "broken_row",
            "a figure in the database is out of range",
            "run `yieldset-indexer verify` and rebuild the database",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(ErrorBody { error: self.detail })).into_response()
    }
}
