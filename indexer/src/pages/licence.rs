//! `/licences/{licence}`: one licence: what was agreed on, who proves its usage, what it owes and what was paid.

use askama::Template;
use axum::{extract::Path, response::Response};
use serde::Serialize;

use super::{Seen, Wants, answer};
use crate::{
    api::{
        asked::Asked,
        error::ApiError,
        licences::{self, LicenceHistory, LicencePayment},
        paging::{Page, Paging, hash},
        proof::{self, Anchor},
    },
    column::Hash,
};

/// Rows of each list on the page; the API has the rest.
const ROWS: i64 = 50;

/// A licence with everything about it.
#[derive(Debug, Template, Serialize)]
#[template(path = "licence.html")]
pub struct LicencePage {
    /// The block it describes.
    pub seen: Option<Seen>,
    /// The licence with its terms, its usage log's keys and its quarters.
    pub history: LicenceHistory,
    /// Checkpoints of its usage log on chain, newest first.
    pub anchors: Page<Anchor>,
    /// Money under it, newest first.
    pub payments: Page<LicencePayment>,
}

pub(crate) async fn get(Path(text): Path<String>, wants: Wants, asked: Result<Asked, ApiError>) -> Response {
    let page = match hash(text.strip_suffix(".json").unwrap_or(&text)) {
        Ok(licence) => load(asked, licence).await,
        Err(error) => Err(error),
    };
    answer(wants, page)
}

async fn load(asked: Result<Asked, ApiError>, licence: Hash) -> Result<LicencePage, ApiError> {
    let Asked(mut snapshot) = asked?;
    let history = licences::history(&mut snapshot, licence).await?;
    let rows = Paging::first(ROWS);
    Ok(LicencePage {
        anchors: proof::anchor_page(&mut snapshot, &history.licence, &rows).await?,
        payments: licences::payment_page(&mut snapshot, &history.licence, &rows).await?,
        seen: Seen::of(&snapshot),
        history,
    })
}
