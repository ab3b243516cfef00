//! Refusals as RFC 9457 problems.

use std::time::Duration;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::committer::Refused;
use crate::usage_log::{BatchError, LogError};

/// A refusal: what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A name for programs.
    pub code: String,
    /// The status in words.
    pub title: String,
    /// What is wrong, and what to do.
    pub detail: String,
    /// Place of the record in the batch, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<usize>,
}

impl Problem {
    fn new(status: StatusCode, code: &str, detail: String) -> Self {
        let title = status.canonical_reason().unwrap_or_default().to_owned();
        Self { status: status.as_u16(), code: code.to_owned(), title, detail, record: None }
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail.to_owned())
    }

    pub(super) fn method_not_allowed() -> Self {
        let detail = "this address does not take this method; POST /v1/batches takes batches, all else is GET".into();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
    }

    pub(super) fn too_slow(patience: Duration) -> Self {
        let detail = format!("the batch did not arrive within {} s; send it again", patience.as_secs());
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let detail = format!("the body is larger than {limit} bytes; send the records in several batches");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
    }

    pub(super) fn malformed(error: &dyn std::error::Error) -> Self {
        let detail =
            format!("the body is not a batch: {error}; send JSON with platform, batch_id, records and signature");
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    pub(super) fn bad_record(index: usize, error: &hex::FromHexError) -> Self {
        let reason = format!("it is not hex ({error})");
        BatchError::BadRecord { index, reason }.into()
    }
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Self {
        let (status, record) = match &error {
            BatchError::UnknownPlatform(_) | BatchError::WrongSignature { .. } => (StatusCode::FORBIDDEN, None),
            BatchError::Conflict { .. } => (StatusCode::CONFLICT, None),
            BatchError::DuplicateId { index, .. } => (StatusCode::CONFLICT, Some(*index)),
            BatchError::BadRecord { index, .. } | BatchError::ForeignModel { index, .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, Some(*index))
            }
            BatchError::BadBatchId(_) | BatchError::RecordCount(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        };
        Self { record, ..Self::new(status, error.code(), error.to_string()) }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "log-unavailable", error.to_string())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Batch(error) => error.into(),
            Refused::Log { stopped: true, reason } => Self::new(StatusCode::SERVICE_UNAVAILABLE, "log-stopped", reason),
            Refused::Log { stopped: false, reason } => {
                let detail = format!("{reason}. Nothing of the batch was logged; send it again later");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "log-unavailable", detail)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}
