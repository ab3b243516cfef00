//! Licences: where each stands, its quarters, and the money under it.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{EventCursor, Page, PageParams, Paging, hash},
    proof::{self, LicenceTerms, UsageLog},
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// Most quarters of one licence that are listed.
const QUARTERS: i64 = 200;

/// A licence. Its id is its stream in the pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Licence {
    /// Its id.
    pub licence: Hash,
    /// The licence contract that it is in.
    pub contract: Addr,
    /// The pool whose data it is for.
    pub pool: Addr,
    /// Who offered, and pays.
    pub platform: Addr,
    /// The currency's contract; zero for the chain's own money.
    pub currency: Addr,
    /// What the currency is called; null for the chain's own money, and where its contract does not answer.
    pub currency_symbol: Option<String>,
    /// Digits after the point of the amounts below.
    pub currency_decimals: i16,
    /// `offered`, `withdrawn`, `declined`, `expired`, `accepted`, `lapsed`, `active`, `under_notice`, `terminated` or
    /// `ended`, at the indexed block's time.
    pub stage: String,
    /// The highest upfront on offer; once accepted that of the terms.
    pub upfront: Amount,
    /// Unix time in seconds until which the offer can be accepted.
    pub offer_expires: Amount,
    /// Who accepted.
    pub licensor: Option<Addr>,
    /// keccak-256 of the accepted terms' document.
    pub document: Option<Hash>,
    /// Unix time in seconds until which it excludes other licences; zero where it does not.
    pub exclusive_until: Option<Amount>,
    /// Unix time in seconds until which the escrow of what was accepted can be funded; after it, it has lapsed.
    pub fund_by: Option<Amount>,
    /// Unix time in seconds since which it is in force.
    pub active_since: Option<i64>,
    /// Unix time in seconds at which it ends.
    pub ends_at: Option<Amount>,
    /// Royalties assessed so far.
    pub due: Amount,
    /// Royalties paid so far, without interest.
    pub paid: Amount,
    /// Bound: an offer's upfront, then what secures the guarantee.
    pub escrow: Amount,
    /// The platform's, until it takes it.
    pub refundable: Amount,
    /// The pool's, until it takes it.
    pub held: Amount,
    /// Money that reached the pool: upfront, royalties, interest, shortfalls.
    pub to_pool: Amount,
    /// Money that went back to the platform.
    pub refunded: Amount,
    /// Defaults on record that are not cured: of quarters, of licence years, and of an escrow that was not filled.
    pub open_defaults: i64,
    /// Breaches ever recorded, those that were cured among them.
    pub breaches: i64,
    /// Violations on record that were not dismissed.
    pub violations: i64,
    /// Its datasets were given back.
    pub closed: bool,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
    #[serde(skip)]
    offered_block: i64,
    #[serde(skip)]
    offered_index: i64,
}

/// A quarter of a licence. What is null was not reported, or not assessed, yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LicenceQuarter {
    /// Accounting period: 4 × year + quarter − 1.
    pub quarter: i64,
    /// Gross model revenue, as the platform reported it.
    pub gross: Option<Amount>,
    /// Infrastructure costs.
    pub infrastructure: Option<Amount>,
    /// Taxes.
    pub taxes: Option<Amount>,
    /// What is left.
    pub net: Option<Amount>,
    /// Whether the report came too late.
    pub late: Option<bool>,
    /// Tokens, as the oracle reported them.
    pub tokens: Option<Amount>,
    /// Calls, as the oracle reported them.
    pub calls: Option<Amount>,
    /// What is due by the terms.
    pub due: Option<Amount>,
    /// Unix time in seconds until which it is to be paid.
    pub pay_by: Option<Amount>,
    /// Paid of it.
    pub paid: Amount,
    /// Interest paid.
    pub interest: Amount,
    /// A default is on record and not cured.
    pub in_default: bool,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// A licence with its quarters.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LicenceHistory {
    /// The licence.
    #[serde(flatten)]
    pub licence: Licence,
    /// What was agreed on; null before an acceptance.
    pub terms: Option<LicenceTerms>,
    /// Who signs its usage log: the epochs, latest first; the latest 200.
    pub usage_logs: Vec<UsageLog>,
    /// Latest first; the latest 200.
    pub quarters: Vec<LicenceQuarter>,
}

/// Money under a licence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LicencePayment {
    /// `royalty` or `shortfall`, paid for the platform by whoever did or from its escrow; `delivered` to the pool; or
    /// `refunded` to the platform.
    pub kind: String,
    /// The quarter of a royalty, the licence year of a shortfall, the pool's period of a delivery.
    pub number: Option<i64>,
    /// How much, without interest.
    pub amount: Amount,
    /// Interest paid with it.
    pub interest: Amount,
    /// Still owed afterwards; for a delivery what is still held for the pool and the period.
    pub outstanding: Amount,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A pool's licences, latest offer first.
#[utoipa::path(get, path = "/v1/pools/{pool}/licences", tag = "trade",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of licences", body = Page<Licence>), Failures))]
pub(crate) async fn list(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Licence>>, ApiError> {
    Ok(Json(page(&mut snapshot, pool.address, &paging).await?))
}

/// A page of licences.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<Licence>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = rows(snapshot, Of::Pool(pool), after, limit + 1).await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.offered_block, row.offered_index)))
}

/// One licence with its quarters.
#[utoipa::path(get, path = "/v1/licences/{licence}", tag = "trade",
    params(("licence" = Hash, Path, description = "The licence"), AtParam),
    responses((status = 200, description = "The licence", body = LicenceHistory), Failures))]
pub(crate) async fn get(
    Asked(mut snapshot): Asked,
    Path(licence): Path<String>,
) -> Result<Json<LicenceHistory>, ApiError> {
    let licence = hash(&licence)?;
    Ok(Json(history(&mut snapshot, licence).await?))
}

/// One licence with its quarters.
///
/// # Errors
/// `unknown-licence`.
pub async fn history(snapshot: &mut Snapshot, licence: Hash) -> Result<LicenceHistory, ApiError> {
    let found = find(snapshot, licence).await?;
    let (terms, usage_logs) = (proof::terms(snapshot, &found).await?, proof::usage_logs(snapshot, &found).await?);
    let quarters = sqlx::query_as!(
        LicenceQuarter,
        r#"SELECT quarter, gross AS "gross: Amount", infrastructure AS "infrastructure: Amount", taxes AS "taxes: Amount",
                  net AS "net: Amount", late, tokens AS "tokens: Amount", calls AS "calls: Amount", due AS "due: Amount",
                  pay_by AS "pay_by: Amount", paid AS "paid: Amount", interest AS "interest: Amount", in_default, block,
                  event_index
           FROM licence_quarters WHERE contract = $1 AND licence = $2 ORDER BY quarter DESC LIMIT $3"#,
        found.contract as _,
        found.licence as _,
        QUARTERS,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(LicenceHistory { licence: found, terms, usage_logs, quarters })
}

/// Money under a licence, newest first.
#[utoipa::path(get, path = "/v1/licences/{licence}/payments", tag = "trade",
    params(("licence" = Hash, Path, description = "The licence"), PageParams, AtParam),
    responses((status = 200, description = "A page of payments", body = Page<LicencePayment>), Failures))]
pub(crate) async fn payments(
    Asked(mut snapshot): Asked,
    Path(licence): Path<String>,
    paging: Paging,
) -> Result<Json<Page<LicencePayment>>, ApiError> {
    let licence = hash(&licence)?;
    let licence = find(&mut snapshot, licence).await?;
    Ok(Json(payment_page(&mut snapshot, &licence, &paging).await?))
}

/// A page of payments.
///
/// # Errors
/// As the route's.
pub async fn payment_page(
    snapshot: &mut Snapshot,
    licence: &Licence,
    paging: &Paging,
) -> Result<Page<LicencePayment>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        LicencePayment,
        r#"SELECT kind, p.number, amount AS "amount: Amount", interest AS "interest: Amount",
                  outstanding AS "outstanding: Amount", time_ms, block, event_index
           FROM licence_payments p JOIN blocks b ON b.number = block
           WHERE licence = $1 AND contract = $5 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        licence.licence as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        licence.contract as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

/// One licence. A contract that its pool works with not, or took up later, may tell of one by the same number: the
/// deployment's own comes first, then those of the pool's, then the oldest.
///
/// # Errors
/// `unknown-licence`.
pub async fn find(snapshot: &mut Snapshot, licence: Hash) -> Result<Licence, ApiError> {
    let contract = sqlx::query_scalar!(
        r#"SELECT contract AS "contract: Addr" FROM licences l WHERE licence = $1
           ORDER BY contract = (SELECT d.licence FROM deployment d) DESC, EXISTS (SELECT FROM parts p
               WHERE p.pool = l.pool AND p.contract = l.contract AND p.kind = 'licence') DESC, offered_block, offered_index
           LIMIT 1"#,
        licence as _,
    )
    .fetch_optional(snapshot.connection())
    .await?;
    let found = match contract {
        Some(contract) => rows(snapshot, Of::Itself(contract, licence), None, 1).await?.pop(),
        None => None,
    };
    found.ok_or_else(|| {
        let message = format!("no licence {licence} was offered");
        ApiError::missing("unknown-licence", message, "GET /v1/pools/{pool}/licences lists a pool's licences")
    })
}

/// Which licences.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// All of a pool's, by contracts that it works with or once did.
    Pool(Addr),
    /// The one of a contract.
    Itself(Addr, Hash),
}

async fn rows(
    snapshot: &mut Snapshot,
    which: Of,
    after: Option<EventCursor>,
    limit: i64,
) -> Result<Vec<Licence>, ApiError> {
    let (pool, contract, licence) = match which {
        Of::Pool(pool) => (Some(pool), None, None),
        Of::Itself(contract, licence) => (None, Some(contract), Some(licence)),
    };
    let rows = sqlx::query_as!(
        Licence,
        r#"SELECT licence AS "licence: Hash", contract AS "contract: Addr", pool AS "pool: Addr", platform AS "platform: Addr",
                  l.currency AS "currency: Addr", c.symbol AS "currency_symbol?",
                  CASE WHEN l.currency = decode(repeat('00', 20), 'hex') THEN 18::smallint ELSE coalesce(c.decimals, 0::smallint)
                  END AS "currency_decimals!", stage, upfront AS "upfront: Amount", offer_expires AS "offer_expires: Amount", licensor AS "licensor: Addr",
                  document AS "document: Hash", exclusive_until AS "exclusive_until: Amount", fund_by AS "fund_by: Amount",
                  active_since, ends_at AS "ends_at: Amount",
                  (SELECT coalesce(sum(due), 0) FROM licence_quarters q WHERE q.contract = l.contract AND q.licence = l.licence) AS "due!: Amount",
                  (SELECT coalesce(sum(paid), 0) FROM licence_quarters q WHERE q.contract = l.contract AND q.licence = l.licence) AS "paid!: Amount",
                  escrow AS "escrow: Amount", refundable AS "refundable: Amount", held AS "held: Amount",
                  to_pool AS "to_pool: Amount", refunded AS "refunded: Amount", open_defaults, breaches, violations, closed, l.block,
                  l.event_index, offered_block, offered_index
           FROM licences l LEFT JOIN currencies c ON c.currency = l.currency AND c.readable
           WHERE ($1::bytea IS NULL OR (pool = $1 AND l.contract IN (
                     SELECT p.contract FROM parts p WHERE p.pool = $1 AND p.kind = 'licence')))
             AND ($2::bytea IS NULL OR (licence = $2 AND contract = $6::bytea))
             AND ($3::bigint IS NULL OR (offered_block, offered_index) < ($3, $4::bigint))
           ORDER BY offered_block DESC, offered_index DESC LIMIT $5"#,
        pool as _,
        licence as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit,
        contract as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let now = snapshot.now();
    let stage = |row: &Licence| stage_at(&row.stage, row.offer_expires, row.fund_by, row.ends_at, now).to_owned();
    Ok(rows.into_iter().map(|row| Licence { stage: stage(&row), ..row }).collect())
}

/// The stage at a time: what time alone brings about is in no event.
pub(crate) fn stage_at(
    stored: &str,
    offer_expires: Amount,
    fund_by: Option<Amount>,
    ends_at: Option<Amount>,
    now: u64,
) -> &str {
    let now = Amount::from(now);
    match stored {
        "offered" if now >= offer_expires => "expired",
        "accepted" if fund_by.is_some_and(|last| now > last) => "lapsed",
        "active" if ends_at.is_some_and(|end| now >= end) => "ended",
        "terminated" if ends_at.is_some_and(|end| now < end) => "under_notice",
        stage => stage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_alone_ends_offers_terms_and_notices() {
        let time = |seconds: u64| Amount::from(seconds);
        let stage = |stored, now| stage_at(stored, time(10), Some(time(15)), Some(time(20)), now);
        assert_eq!([stage("offered", 9), stage("offered", 10)], ["offered", "expired"]);
        assert_eq!([stage("accepted", 15), stage("accepted", 16)], ["accepted", "lapsed"]);
        assert_eq!([stage("active", 19), stage("active", 20)], ["active", "ended"]);
        assert_eq!([stage("terminated", 19), stage("terminated", 20)], ["under_notice", "terminated"]);
        assert_eq!([stage("declined", 30), stage("lapsed", 30)], ["declined", "lapsed"]);
    }
}
