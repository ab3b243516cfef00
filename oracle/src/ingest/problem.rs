//! What is refused, as problems.

use std::time::Duration;

use axum::http::StatusCode;
use yieldset_service::web::Problem;

use super::{committer::Refused, intake::COME_BACK};
use crate::{
    hex0x,
    usage_log::{BatchError, LogError},
};

pub(super) fn not_found(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
}

pub(super) fn deleted(size: u64) -> Problem {
    let detail = format!("records before {size} are deleted for their age; hashes and proofs of them are as before");
    Problem::new(StatusCode::GONE, "deleted", detail)
}

/// A query of records that says no range.
pub(super) fn no_range() -> Problem {
    let detail = "give from and to, the first leaf and the one after the last, such as /v1/records?from=0&to=256";
    Problem::new(StatusCode::BAD_REQUEST, "no-range", detail)
}

/// Nothing says which records are a stream's.
pub(super) fn unknown_stream(stream: [u8; 32]) -> Problem {
    let detail = format!(
        "this log knows no licence and no model with the id {}, so nothing says which records are its; ask for a grant of \
         another stream, or have the log's operator name the licence by `serve --licences`",
        hex0x(&stream)
    );
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown-stream", detail)
}

pub(super) fn too_slow(patience: Duration) -> Problem {
    let detail = format!("the batch did not arrive within {} s; send it again", patience.as_secs());
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail)
}

/// A body of this length, where it is known.
pub(super) fn too_large(limit: usize, length: Option<u64>) -> Problem {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
    let parts = length.map_or("several".to_owned(), |length| length.div_ceil(most).max(2).to_string());
    let told = length.map_or(String::new(), |length| format!(" ({length} bytes)"));
    let detail = format!(
        "the body is larger than {limit} bytes{told}; send its records in {parts} batches or more, each with an id of its own"
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
}

pub(super) fn busy() -> Problem {
    let detail = format!("too many batches are being sent at this moment; send it again in {COME_BACK} s");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).with_retry_after(COME_BACK)
}

pub(super) fn long_text(bytes: usize, limit: usize) -> Problem {
    let detail =
        format!("the body is not a batch: a text in it has {bytes} bytes, and no record has more than {limit}");
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

pub(super) fn malformed(error: &dyn std::error::Error) -> Problem {
    let detail = format!("the body is not a batch: {error}; send JSON with platform, batch_id, records and signature");
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

pub(super) fn bad_record(index: usize, error: &hex::FromHexError) -> Problem {
    let reason = format!("it is not hex ({error})");
    BatchError::BadRecord { index, reason }.into()
}

/// For statuses that the web framework answers by itself.
pub(super) fn of_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => not_found("there is nothing here; POST /v1/batches takes batches"),
        StatusCode::METHOD_NOT_ALLOWED => {
            let detail = "this address does not take this method; POST /v1/batches takes batches, all else is GET";
            Problem::new(status, "method-not-allowed", detail)
        }
        _ => Problem::of_status(status),
    }
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Self {
        let (status, record) = match &error {
            BatchError::UnknownPlatform(_) | BatchError::WrongSignature { .. } => (StatusCode::FORBIDDEN, None),
            BatchError::Conflict { .. } => (StatusCode::CONFLICT, None),
            BatchError::DuplicateId { index, .. } => (StatusCode::CONFLICT, Some(*index)),
            BatchError::BadRecord { index, .. }
            | BatchError::Beyond { index, .. }
            | BatchError::ForeignModel { index, .. } => (StatusCode::UNPROCESSABLE_ENTITY, Some(*index)),
            BatchError::BadPlatform(_)
            | BatchError::BadBatchId(_)
            | BatchError::OddBatchId(_)
            | BatchError::RecordCount(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        };
        let problem = Self::new(status, error.code(), error.to_string());
        match record {
            Some(index) => problem.with_record(index),
            None => problem,
        }
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
                let detail = format!("{reason}. Send the same batch again later: it counts once");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "log-unavailable", detail)
            }
        }
    }
}
