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
    /// It is what `If-None-Match` named, and not sent again.
    #[response(status = 304)]
    Unchanged,
    /// Something in the request cannot be understood; the code says what.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// It is not for everybody, and no token that is known here came with the question.
    #[response(status = 401, content_type = "application/problem+json")]
    NoToken(Problem),
    /// The token's role does not open it.
    #[response(status = 403, content_type = "application/problem+json")]
    WrongRole(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The address has more than 4 KiB.
    #[response(status = 414, content_type = "application/problem+json")]
    TooLong(Problem),
    /// More requests than one client may make. `Retry-After` says for how many seconds to wait.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The database does not answer, or not in time, or too many ask at once: `Retry-After` says for how many seconds
    /// to wait then.
    #[response(status = 503, content_type = "application/problem+json")]
    Away(Problem),
}

/// For the description: the answers that a route may give which asks for nothing in particular.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive alone")]
pub enum Refusals {
    /// The address has more than 4 KiB.
    #[response(status = 414, content_type = "application/problem+json")]
    TooLong(Problem),
    /// More requests than one client may make. `Retry-After` says for how many seconds to wait.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// No answer in time.
    #[response(status = 503, content_type = "application/problem+json")]
    Away(Problem),
}

/// For the description: the answers that a route may give instead of data which takes a body.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive alone")]
pub enum BodyFailures {
    /// Something in the request cannot be understood, or does not go with what is on chain; the code says what.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// There is no such thing, or nobody here to ask for it.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The body has more than 16 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The address has more than 4 KiB.
    #[response(status = 414, content_type = "application/problem+json")]
    TooLong(Problem),
    /// The body is not said to be JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Problem),
    /// The body is JSON, and not of the form that is described.
    #[response(status = 422, content_type = "application/problem+json")]
    OtherForm(Problem),
    /// More requests than one client may make. `Retry-After` says for how many seconds to wait.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The node does not answer, or not in time, or too many ask at once: `Retry-After` says for how many seconds to
    /// wait then.
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

    /// 503 for who should come again at once: too many ask.
    pub fn busy(detail: impl Into<String>) -> Self {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail);
        Self(problem.with_advice("try again in a second, and ask for less at once").with_retry_after(1))
    }

    fn unavailable(code: &str, detail: &str, advice: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail, advice)
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

/// Why the database gave no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// All connections are in use, or it makes way for what it replays (a replica).
    Busy,
    /// It does not answer.
    Away,
    /// It was too slow, and the statement was given up.
    TooSlow,
    /// It answered, and the answer cannot be read: a fault of ours.
    Broken,
}

fn trouble(error: &sqlx::Error) -> Trouble {
    let sqlx::Error::Database(refused) = error else {
        return match error {
            sqlx::Error::PoolTimedOut => Trouble::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Trouble::Away,
            _ => Trouble::Broken,
        };
    };
    match refused.code().as_deref().unwrap_or_default() {
        // Given up at its time limit.
        "57014" => Trouble::TooSlow,
        // No connection left, or a conflict with what a replica replays.
        code if code == "53300" || code.starts_with("40") => Trouble::Busy,
        // Connections, resources, operators (shutting down, starting up), who may connect.
        code if ["08", "53", "57", "58", "28", "3D"].iter().any(|class| code.starts_with(class)) => Trouble::Away,
        _ => Trouble::Broken,
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        // The error may name tables and hosts: that is for the log.
        let trouble = trouble(&error);
        match trouble {
            Trouble::Broken => tracing::error!(%error, "an answer of the database cannot be read"),
            _ => tracing::warn!(%error, ?trouble, "a request could not be answered from the database"),
        }
        match trouble {
            Trouble::Busy => Self::busy("all connections to the database are in use"),
            Trouble::Away => {
                let advice = "try again in a moment; /v1/status says what is wrong";
                Self::unavailable("database-away", "the database does not answer", advice)
            }
            Trouble::TooSlow => {
                let advice = "ask for fewer rows, or for a narrower part of them";
                Self::unavailable("too-slow", "the database took too long for it", advice)
            }
            Trouble::Broken => {
                let advice = "the log says what is wrong; run `yieldset-indexer verify`, and rebuild where rows differ";
                Self::unavailable("broken-row", "the database's answer cannot be read", advice)
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves MIR-4: what waiting mends is told apart from what it does not.
    #[test]
    fn a_wrong_row_is_not_told_as_a_database_that_is_away() {
        let decode = sqlx::Error::ColumnDecode { index: "0".to_owned(), source: "no amount".into() };
        let io = sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into());
        for (error, code) in [
            (decode, "broken-row"),
            (sqlx::Error::ColumnNotFound("x".to_owned()), "broken-row"),
            (io, "database-away"),
            (sqlx::Error::PoolClosed, "database-away"),
            (sqlx::Error::PoolTimedOut, "busy"),
        ] {
            let told = format!("{error}");
            assert_eq!(ApiError::from(error).0.code(), code, "{told}");
        }
    }
}
