//! From a request to a batch that may be logged, with a bound on what unsigned bytes can cost: so many bodies at once,
//! so many of them worked on, and the cheap checks before the dear ones.

use std::{fmt, sync::Arc};

use axum::{
    body::{Bytes, HttpBody},
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::StatusCode,
};
use serde::{
    Deserializer,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use yieldset_service::web::Problem;

use super::{Options, Submission, problem};
use crate::usage_log::{Batch, BatchError, CheckedBatch, MAX_BATCH_RECORDS, Platform, bounds::Bounds};

/// When a sender who found no room may come back, in seconds.
pub(super) const COME_BACK: u64 = 5;
/// Longest text in a body, in bytes as it is written: a record of 65,535 bytes as hex, with 0x before it.
const MAX_JSON_TEXT: usize = 2 * u16::MAX as usize + 2;

/// Takes bodies in.
#[derive(Debug)]
pub(super) struct Intake {
    platforms: Arc<[Platform]>,
    options: Options,
    /// A permit for each byte of all bodies together.
    room: Arc<Semaphore>,
    /// A permit for each body that is worked on: as many as there are processors.
    work: Arc<Semaphore>,
}

impl Intake {
    pub(super) fn new(platforms: Vec<Platform>, options: Options) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            platforms: platforms.into(),
            room: Arc::new(Semaphore::new(options.body_budget.max(options.max_body))),
            work: Arc::new(Semaphore::new(processors)),
            options,
        }
    }

    /// Reads a request's body and checks it. The permit is the batch's room, to be kept until it is logged.
    pub(super) async fn take(&self, request: Request) -> Result<(CheckedBatch, OwnedSemaphorePermit), Problem> {
        let length = request.body().size_hint().upper();
        let room = self.room_for(length).await?;
        let body = self.read(request, length).await?;
        let turn = Arc::clone(&self.work).acquire_owned().await.map_err(|_| problem::busy())?;
        let (platforms, bounds, now) =
            (Arc::clone(&self.platforms), self.options.bounds.clone(), (self.options.clock)());
        // A sender that goes away does not end this: so room and turn go with it.
        let checking = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            check(&body, &platforms, (&bounds, now)).map(|batch| (batch, room))
        });
        checking.await.unwrap_or_else(|_| Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)))
    }

    /// Room for as much as the body says that it has, or for the largest if it says nothing.
    async fn room_for(&self, length: Option<u64>) -> Result<OwnedSemaphorePermit, Problem> {
        let most = u64::try_from(self.options.max_body).unwrap_or(u64::MAX);
        let told = length.unwrap_or(most).min(most);
        let permits = u32::try_from(told).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(permits);
        match tokio::time::timeout(self.options.room_patience, room).await {
            Ok(Ok(room)) => Ok(room),
            _ => Err(problem::busy()),
        }
    }

    async fn read(&self, request: Request, length: Option<u64>) -> Result<Bytes, Problem> {
        let patience = self.options.body_patience;
        match tokio::time::timeout(patience, Bytes::from_request(request, &())).await {
            Err(_) => Err(problem::too_slow(patience)),
            Ok(Err(BytesRejection::FailedToBufferBody(error))) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(problem::too_large(self.options.max_body, length))
            }
            Ok(Err(error)) => Err(problem::malformed(&error)),
            Ok(Ok(body)) => Ok(body),
        }
    }
}

/// The cheap checks first: what a stranger sends costs a look at each byte, and no more.
fn check(body: &[u8], platforms: &[Platform], (bounds, now): (&Bounds, u64)) -> Result<CheckedBatch, Problem> {
    let longest = longest_text(body);
    if longest > MAX_JSON_TEXT {
        return Err(problem::long_text(longest, MAX_JSON_TEXT));
    }
    let submission: Submission = serde_json::from_slice(body).map_err(|error| problem::malformed(&error))?;
    let Submission { platform, batch_id, records, signature } = submission;
    Batch::admit(&platform, &batch_id, records.len(), platforms)?;
    let mut decoded = Vec::with_capacity(records.len());
    for (index, record) in records.into_iter().enumerate() {
        let record = hex::decode(record.strip_prefix("0x").unwrap_or(&record));
        decoded.push(record.map_err(|error| problem::bad_record(index, &error))?);
    }
    Ok(Batch { platform, batch_id, records: decoded, signature }.check(platforms, bounds, now)?)
}

/// The longest text in JSON, in bytes as it is written. What is wrong with JSON is told with the text that is wrong, so
/// a long one would make an error several times as long. In what is no JSON, the longest stretch between two quotes.
fn longest_text(json: &[u8]) -> usize {
    let (mut longest, mut start, mut escaped) = (0, None, false);
    for (place, byte) in json.iter().enumerate() {
        match (start, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(from), b'"') => {
                longest = longest.max(place - from);
                start = None;
            }
            (None, b'"') => start = Some(place + 1),
            _ => {}
        }
    }
    longest.max(start.map_or(0, |from| json.len() - from))
}

/// Reads no more records than a batch may have.
pub(super) fn records<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Records;

    impl<'de> Visitor<'de> for Records {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX_BATCH_RECORDS} records as hex")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
            let mut records = Vec::new();
            while records.len() < MAX_BATCH_RECORDS
                && let Some(record) = list.next_element()?
            {
                records.push(record);
            }
            let mut count = records.len();
            while list.next_element::<IgnoredAny>()?.is_some() {
                count += 1;
            }
            match count > MAX_BATCH_RECORDS {
                true => Err(A::Error::custom(BatchError::RecordCount(count))),
                false => Ok(records),
            }
        }
    }

    deserializer.deserialize_seq(Records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_text_is_found_whatever_stands_in_it() {
        for (json, longest) in [
            (&br#"{"a": "12345", "bcd": [1]}"#[..], 5),
            (br#""1\"34\\""#, 7),
            (br#""12" "1234"#, 4),
            (br#""12\"#, 3),
            (b"12345678", 0),
            (b"", 0),
            (b"\"\xff\xff\"", 2),
        ] {
            assert_eq!(longest_text(json), longest, "{}", String::from_utf8_lossy(json));
        }
    }
}
