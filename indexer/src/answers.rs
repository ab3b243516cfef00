//! What every answer with data carries: the block that it describes, and a tag that changes with its bytes.

use std::sync::{Arc, OnceLock};

use alloy_primitives::keccak256;
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, response::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{column::Hash, snapshot::Snapshot};

/// The block's height.
pub const BLOCK: HeaderName = HeaderName::from_static("x-yieldset-block");
/// Its hash.
pub const BLOCK_HASH: HeaderName = HeaderName::from_static("x-yieldset-block-hash");
/// Its Unix time in milliseconds.
pub const BLOCK_TIME: HeaderName = HeaderName::from_static("x-yieldset-block-time");
/// `true` where it is final, `false` where it can still be rolled back.
pub const FINAL: HeaderName = HeaderName::from_static("x-yieldset-final");

/// Larger than any answer of ours: lists and texts are bounded.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// The block that an answer describes, told by whoever opens its snapshot.
#[derive(Debug, Clone, Default)]
pub struct Described(Arc<OnceLock<Seen>>);

/// A block, and whether it can still be rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    number: i64,
    hash: Hash,
    time_ms: i64,
    is_final: bool,
}

impl Described {
    /// Notes what a snapshot describes; the first one counts, and an answer has no second.
    pub fn note(&self, snapshot: &Snapshot) {
        if let Some(tip) = snapshot.tip {
            let seen = Seen { number: tip.number, hash: tip.hash, time_ms: tip.time_ms, is_final: snapshot.is_final };
            _ = self.0.set(seen);
        }
    }
}

/// Middleware: names the block in the headers of every answer that was made of a snapshot; a successful one is tagged,
/// and not sent where the asker has it already.
///
/// The tag is of the bytes themselves, so nothing that is unknown, and nothing of another kind, can have a current tag.
pub(crate) async fn describe(mut request: Request, next: Next) -> Response {
    let described = Described::default();
    request.extensions_mut().insert(described.clone());
    let known = known(request.headers());
    let response = next.run(request).await;
    let Some(seen) = described.0.get() else { return response };
    let (mut parts, body) = response.into_parts();
    name(&mut parts.headers, seen);
    if parts.status != StatusCode::OK {
        return Response::from_parts(parts, body);
    }
    match to_bytes(body, ANSWER_LIMIT).await {
        Ok(bytes) => tagged(parts, bytes, seen, &known),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be read back");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn name(headers: &mut HeaderMap, seen: &Seen) {
    headers.insert(BLOCK, HeaderValue::from(seen.number));
    headers.insert(BLOCK_TIME, HeaderValue::from(seen.time_ms));
    headers.insert(FINAL, HeaderValue::from_static(if seen.is_final { "true" } else { "false" }));
    if let Ok(hash) = HeaderValue::from_str(&seen.hash.to_string()) {
        headers.insert(BLOCK_HASH, hash);
    }
}

fn tagged(mut parts: Parts, bytes: Bytes, seen: &Seen, known: &Known) -> Response {
    let headers = &mut parts.headers;
    // What is shown depends on what the asker can show, and on who asks.
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let hash = seen.hash.to_string();
    let digest = keccak256([hash.as_bytes(), &b"\n"[..], kind, &b"\n"[..], &bytes[..]].concat()).to_string();
    let tag = format!("\"{}-{}\"", seen.number, digest.trim_start_matches("0x"));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    if known.have(&tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// What the asker has already.
#[derive(Debug, Default)]
struct Known {
    any: bool,
    tags: Vec<String>,
}

impl Known {
    fn have(&self, tag: &str) -> bool {
        self.any || self.tags.iter().any(|one| one == tag)
    }
}

fn known(headers: &HeaderMap) -> Known {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let tags = values.flat_map(|value| value.split(',')).map(|tag| tag.trim().trim_start_matches("W/").to_owned());
    let (any, tags) = tags.partition::<Vec<_>, _>(|tag| tag == "*");
    Known { any: !any.is_empty(), tags }
}
