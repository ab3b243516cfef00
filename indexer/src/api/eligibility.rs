//! Whether shares could move between two accounts, and what to do where they could not.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use yieldset_rules::compliance::Restriction;

use super::{
    asked::{Asked, AtParam},
    error::{ApiError, Failures},
    paging::address,
};
use crate::{
    column::{Addr, Amount},
    eligibility::{self, remedy},
};

/// For the description: what is asked.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct EligibilityParams {
    /// The pool.
    pool: Addr,
    /// The sender; the zero address for new shares.
    from: Addr,
    /// The recipient; the zero address asks about the sender alone.
    to: Addr,
    /// Share units.
    amount: Amount,
}

/// A movement of shares that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pool: Addr,
    from: Addr,
    to: Addr,
    amount: u128,
}

impl<S: Sync> FromRequestParts<S> for Question {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let given = |name: &str| {
            let found = url::form_urlencoded::parse(query).find(|(key, _)| key == name).map(|(_, value)| value);
            found.ok_or_else(|| {
                let advice = "ask /v1/eligibility?pool=ADDRESS&from=ADDRESS&to=ADDRESS&amount=SHARE-UNITS";
                ApiError::bad("missing-parameter", format!("{name} is not given"), advice)
            })
        };
        let (pool, from, to) = (address(&given("pool")?)?, address(&given("from")?)?, address(&given("to")?)?);
        let amount = given("amount")?.parse::<Amount>().ok().and_then(|amount| amount.to_u128().ok());
        let wrong = || {
            let advice = "give share units: decimal digits, 10^18 for one share, below 2^128";
            ApiError::bad("bad-amount", "the amount is not a whole number of share units", advice)
        };
        Ok(Self { pool, from, to, amount: amount.ok_or_else(wrong)? })
    }
}

/// Whether shares could move.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Eligibility {
    /// The pool.
    pub pool: Addr,
    /// The sender; the zero address for new shares.
    pub from: Addr,
    /// The recipient.
    pub to: Addr,
    /// Share units.
    pub amount: Amount,
    /// Whether nothing restricts it.
    pub allowed: bool,
    /// ERC-1404's code, as the pool's `detectTransferRestriction` answers it: the first reason against it, or zero.
    pub code: u8,
    /// What the code means.
    pub reason: String,
    /// What to do about it; null where nothing restricts it.
    pub remedy: Option<String>,
    /// The block that this describes, at whose time records expire and lock-ups end.
    pub indexed_block: Option<i64>,
}

/// Whether shares of a pool could move between two accounts.
#[utoipa::path(get, path = "/v1/eligibility", tag = "pools", params(EligibilityParams, AtParam),
    responses((status = 200, description = "The first restriction, or none", body = Eligibility), Failures))]
pub(crate) async fn get(Asked(mut snapshot): Asked, question: Question) -> Result<Json<Eligibility>, ApiError> {
    let now = snapshot.now();
    let Question { pool, from, to, amount } = question;
    let Some(found) = eligibility::load(snapshot.connection(), pool, from, to).await? else {
        let advice = "GET /v1/pools lists the pools";
        return Err(ApiError::missing("unknown-pool", format!("there is no pool at {pool}"), advice));
    };
    if found.pool.fault.is_some() {
        let detail = format!("the pool {pool} stands still: an event of it does not fit the rules");
        return Err(unknown("pool-stands-still", detail));
    }
    let Some(restriction) = found.restriction(amount, now) else {
        return Err(unknown("registry-not-mirrored", format!("the KYC registry of the pool {pool} is not mirrored")));
    };
    Ok(Json(Eligibility {
        pool,
        from,
        to,
        amount: amount.into(),
        allowed: restriction == Restriction::None,
        code: restriction as u8,
        reason: restriction.message().to_owned(),
        remedy: remedy(restriction).map(str::to_owned),
        indexed_block: snapshot.block(),
    }))
}

/// Only the chain knows.
fn unknown(code: &str, detail: String) -> ApiError {
    let advice = "ask the pool itself: detectTransferRestriction(from, to, amount)";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, detail, advice)
}
