//! `/`: the pools.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{Seen, Wants, answer};
use crate::{
    api::{
        error::ApiError,
        paging::{Page, Paging},
        pools::{self, Pool},
        snapshot::Snapshot,
    },
    serve::App,
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

pub(crate) async fn get(State(app): State<App>, wants: Wants, paging: Paging) -> Response {
    answer(wants, load(&app, &paging).await)
}

async fn load(app: &App, paging: &Paging) -> Result<IndexPage, ApiError> {
    let mut snapshot = Snapshot::open(&app.pool).await?;
    let pools = pools::page(&mut snapshot, paging).await?;
    Ok(IndexPage { seen: snapshot.tip.map(Seen::from), pools })
}
