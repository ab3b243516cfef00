//! Share holders, what they can claim, and how shares moved.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;
use yieldset_rules::dividends::Holder as Record;

use super::{
    asked::{AskedPool, AtParam},
    caller::Caller,
    error::{ApiError, Failures},
    events::{AccountParams, EventFilter},
    kyc::{KycState, PublicKyc, StandingView},
    paging::{EventCursor, HolderCursor, Page, PageParams, Paging, address},
    pools::Pool,
};
use crate::{
    column::{Addr, Amount},
    snapshot::Snapshot,
};

/// A share holder of a pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Holder {
    /// The account.
    pub account: Addr,
    /// Shares.
    pub balance: Amount,
    /// Part of all shares in millionths, rounded down.
    pub share_millionths: u32,
    /// Dividends it can claim now (if KYC lets it).
    pub claimable: Amount,
    /// Dividends it claimed so far.
    pub claimed: Amount,
    /// Settled and unclaimed dividends, as the contract stores them.
    pub pending: Amount,
    /// Fraction of a unit beyond that, in 2^-64.
    pub fraction: Amount,
    /// The dividend index up to which it is settled.
    pub settled_index: Amount,
    /// What everybody is told of its KYC at the indexed block.
    pub kyc: PublicKyc,
    /// Its KYC record in the registry that the pool asks; left out for who has no token of the role `compliance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<KycState>,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Shares that moved.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Transfer {
    /// From whom; the zero address for new shares.
    pub sender: Addr,
    /// To whom.
    pub recipient: Addr,
    /// Shares.
    pub value: Amount,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A pool's holders, largest balance first. Accounts that sold all their shares stay listed: they may have dividends to
/// claim.
#[utoipa::path(get, path = "/v1/pools/{pool}/holders", tag = "pools", security((), ("token" = [])),
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of holders", body = Page<Holder>), Failures))]
pub(crate) async fn list(
    AskedPool { mut snapshot, pool }: AskedPool,
    caller: Caller,
    paging: Paging,
) -> Result<Json<Page<Holder>>, ApiError> {
    Ok(Json(page(&mut snapshot, &pool, caller, &paging).await?))
}

/// One holder.
#[utoipa::path(get, path = "/v1/pools/{pool}/holders/{account}", tag = "pools", security((), ("token" = [])),
    params(("pool" = Addr, Path, description = "The pool"), ("account" = Addr, Path, description = "The holder"), AtParam),
    responses((status = 200, description = "The holder", body = Holder), Failures))]
pub(crate) async fn get(
    AskedPool { mut snapshot, pool }: AskedPool,
    caller: Caller,
    Path((_pool, account)): Path<(String, String)>,
) -> Result<Json<Holder>, ApiError> {
    let account = address(&account)?;
    let found = rows(&mut snapshot, (&pool, caller), Some(account), None, 1).await?.pop();
    found.map(Json).ok_or_else(|| {
        let message = format!("{account} never held shares of {}", pool.address);
        ApiError::missing("unknown-holder", message, "GET /v1/pools/{pool}/holders lists the holders")
    })
}

/// How shares moved, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/transfers", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam, AccountParams),
    responses((status = 200, description = "A page of transfers", body = Page<Transfer>), Failures))]
pub(crate) async fn transfers(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
    filter: EventFilter,
) -> Result<Json<Page<Transfer>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Transfer,
        r#"SELECT sender AS "sender: Addr", recipient AS "recipient: Addr", value AS "value: Amount", block, event_index
           FROM transfers JOIN blocks ON number = block
           WHERE pool = $1 AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
             AND ($5::bytea IS NULL OR sender = $5 OR recipient = $5)
             AND ($6::bigint IS NULL OR time_ms >= $6) AND ($7::bigint IS NULL OR time_ms <= $7)
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        pool.address as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
        filter.account as _,
        filter.from,
        filter.to,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let cursor = |row: &Transfer| EventCursor::text(row.block, row.event_index);
    Ok(Json(Page::from_rows(rows, limit, &snapshot, cursor)))
}

/// A page of holders.
///
/// # Errors
/// As the route's.
pub async fn page(
    snapshot: &mut Snapshot,
    pool: &Pool,
    caller: Caller,
    paging: &Paging,
) -> Result<Page<Holder>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<HolderCursor>()?);
    let rows = rows(snapshot, (pool, caller), None, after, limit + 1).await?;
    Ok(Page::from_rows(rows, limit, snapshot, |holder| format!("{}-{}", holder.balance, holder.account)))
}

async fn rows(
    snapshot: &mut Snapshot,
    (pool, caller): (&Pool, Caller),
    only: Option<Addr>,
    after: Option<HolderCursor>,
    limit: i64,
) -> Result<Vec<Holder>, ApiError> {
    let now = snapshot.now();
    let rows = sqlx::query!(
        r#"SELECT h.account AS "account: Addr", balance AS "balance: Amount", settled_index AS "settled_index: Amount",
                  pending AS "pending: Amount", fraction AS "fraction: Amount", claimed AS "claimed: Amount",
                  h.block, h.event_index, k.level AS "level?", k.jurisdiction AS "jurisdiction?",
                  k.accredited AS "accredited?", k.expiry AS "expiry?: Amount", k.frozen AS "frozen?",
                  k.issuer AS "issuer?: Addr", k.sanctioned AS "sanctioned?", k.attested AS "attested?",
                  EXISTS (SELECT FROM kyc_issuers i
                          WHERE i.registry = k.registry AND i.issuer = k.issuer AND trusted) AS "trusted!"
           FROM holders h LEFT JOIN kyc_records k ON k.account = h.account AND k.registry = $6
           WHERE pool = $1 AND ($2::bytea IS NULL OR h.account = $2)
             AND balance <= coalesce($3::numeric, 'Infinity') AND ($3 IS NULL OR balance < $3 OR h.account > $4::bytea)
           ORDER BY balance DESC, h.account LIMIT $5"#,
        pool.address as _,
        only as _,
        after.map(|after| after.balance) as _,
        after.map(|after| after.account) as _,
        limit,
        pool.kyc as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let (index, supply) = (pool.dividend_index.to_u128()?, pool.supply);
    let mut holders = Vec::with_capacity(rows.len());
    for row in rows {
        let record = Record {
            balance: row.balance.to_u128()?,
            index: row.settled_index.to_u128()?,
            pending: row.pending.to_u128()?,
            fraction: row.fraction.to_u64()?,
        };
        let kyc = match (row.level, row.jurisdiction, row.accredited, row.expiry, row.issuer) {
            (Some(level), Some(jurisdiction), Some(accredited), Some(expiry), Some(issuer)) => {
                let (frozen, sanctioned) = (row.frozen.unwrap_or(false), row.sanctioned.unwrap_or(false));
                let (standing, attested) = (StandingView::Eligible, row.attested.unwrap_or(false));
                KycState { standing, level, jurisdiction, accredited, expiry, frozen, sanctioned, issuer, attested }
                    .at(now, row.trusted)?
            }
            _ => KycState::none(),
        };
        holders.push(Holder {
            account: row.account,
            balance: row.balance,
            share_millionths: millionths(row.balance, supply),
            claimable: record.claimable(index).map(Amount::from).unwrap_or(row.pending),
            claimed: row.claimed,
            pending: row.pending,
            fraction: row.fraction,
            settled_index: row.settled_index,
            kyc: PublicKyc { standing: kyc.standing.into() },
            record: caller.sees_records.then_some(kyc),
            block: row.block,
            event_index: row.event_index,
        });
    }
    Ok(holders)
}

/// `⌊part · 10^6 / whole⌋`; zero of nothing.
pub(crate) fn millionths(part: Amount, whole: Amount) -> u32 {
    let scaled = part.0.checked_mul(alloy_primitives::U256::from(1_000_000)).and_then(|n| n.checked_div(whole.0));
    scaled.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}
