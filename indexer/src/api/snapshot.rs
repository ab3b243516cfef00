//! All of an answer from one state of the database, and the tag that changes with it.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sqlx::{PgConnection, Postgres, Transaction};

use super::error::ApiError;
use crate::{
    serve::App,
    store::{self, Tip},
};

/// A read-only transaction that sees one state, and the block that state describes.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Postgres>,
    /// The last block applied; `None` before the first one.
    pub tip: Option<Tip>,
}

impl Snapshot {
    /// Opens one.
    ///
    /// # Errors
    /// `database-away`.
    pub async fn open(pool: &sqlx::PgPool) -> Result<Self, ApiError> {
        let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        let tip = store::tip(&mut transaction).await?;
        Ok(Self { transaction, tip })
    }

    /// For statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Height of the block it describes.
    pub fn block(&self) -> Option<i64> {
        self.tip.map(|tip| tip.number)
    }

    /// The block's time in Unix seconds: what counts as now, so that the same block always gives the same answer.
    pub fn now(&self) -> u64 {
        self.tip.map_or(0, |tip| tip.seconds())
    }
}

/// Middleware: answers 304 where the asker has this block's answer already, else adds the tag.
///
/// The tag is read before the data. Should a block arrive in between, newer data goes out under the older tag and is
/// asked for once more; never the other way round.
pub(crate) async fn tagged(State(app): State<App>, request: Request, next: Next) -> Response {
    let tag = match tag(&app).await {
        Ok(tag) => tag,
        Err(error) => return error.into_response(),
    };
    if let Some(tag) = &tag
        && matches(request.headers(), tag)
    {
        return with_tag((StatusCode::NOT_MODIFIED, Body::empty()).into_response(), tag);
    }
    let response = next.run(request).await;
    match tag {
        Some(tag) if response.status() == StatusCode::OK => with_tag(response, &tag),
        _ => response,
    }
}

async fn tag(app: &App) -> Result<Option<HeaderValue>, ApiError> {
    let mut connection = app.pool.acquire().await?;
    let tip = store::tip(&mut connection).await?;
    let text = tip.map(|tip| {
        let hash = tip.hash.to_string();
        format!("W/\"{}-{}-{}\"", tip.number, &hash[2..18], env!("CARGO_PKG_VERSION"))
    });
    Ok(text.and_then(|text| HeaderValue::from_str(&text).ok()))
}

fn matches(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let bare = tag.trim_start_matches("W/");
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == bare))
}

fn with_tag(mut response: Response, tag: &HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}
