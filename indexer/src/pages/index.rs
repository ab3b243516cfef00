//! `/`: the pools.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::{Seen, Wants, answer};
use crate::api::{
    asked::Asked,
    error::ApiError,
    paging::{Page, Paging},
    pools::{self, Pool},
};

/// All pools.
#[derive(Debug, Template, Serialize)]
#[template(path = "index.html")]
pub struct IndexPage {
    /// The block it describes.
    pub seen: Option<Seen>,
    /// The first pools.
    pub pools: Page<Pool>,
}

pub(crate) async fn get(wants: Wants, asked: Result<Asked, ApiError>, paging: Paging) -> Response {
    answer(wants, load(asked, &paging).await)
}

async fn load(asked: Result<Asked, ApiError>, paging: &Paging) -> Result<IndexPage, ApiError> {
    let Asked(mut snapshot) = asked?;
    let pools = pools::page(&mut snapshot, paging).await?;
    Ok(IndexPage { seen: Seen::of(&snapshot), pools })
}
