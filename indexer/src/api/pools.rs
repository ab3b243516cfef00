//! Pools: what each is and where its money stands.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{Page, PageParams, Paging},
};
use crate::{
    column::{Addr, Amount},
    snapshot::Snapshot,
};

/// Decimals of a share, and of the chain's own money in contracts.
pub(crate) const COIN_DECIMALS: i16 = 18;

/// A data pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Pool {
    /// The contract.
    pub address: Addr,
    /// The share token's name.
    pub name: String,
    /// The share token's symbol.
    pub symbol: String,
    /// Decimals of a share.
    pub decimals: i16,
    /// KYC registry that it asks now; zero where it asks none.
    pub kyc: Addr,
    /// Attribution registry that it asks now.
    pub attribution: Addr,
    /// Licence contract that it asks for a stream's end now; null before the opening, and where there is none.
    pub licences: Option<Addr>,
    /// What its money is in.
    pub currency: Currency,
    /// The least balance that the currency lets an account have, as declared; the pool keeps it beside what it owes.
    pub currency_minimum: Amount,
    /// The most shares there will be; null before the opening.
    pub cap: Option<Amount>,
    /// Who may raise the cap and name other registries; zero for nobody, null before the opening.
    pub governor: Option<Addr>,
    /// Nothing moves and nothing is paid.
    pub paused: bool,
    /// Why nothing that came later is in these figures: an event of the pool did not fit the rules. Null where all is
    /// well.
    pub fault: Option<String>,
    /// Contributors' part of each deposit in basis points.
    pub contributors_bps: i32,
    /// All shares.
    pub supply: Amount,
    /// Accounts that hold shares.
    pub holders: i64,
    /// Everything paid in.
    pub deposited: Amount,
    /// Holders' part of it, with what was released to them because no report came for it.
    pub to_holders: Amount,
    /// Contributors' part of it, without what was released to the holders. Not all of it need be anybody's yet: see the
    /// periods.
    pub to_contributors: Amount,
    /// Dividends paid out.
    pub claimed_by_holders: Amount,
    /// Contributions paid out.
    pub claimed_by_contributors: Amount,
    /// Dividends per share since the beginning, times 2^64.
    pub dividend_index: Amount,
    /// Remainder of the last division, carried into the next deposit; in 2^-64.
    pub carry: Amount,
    /// Block of the pool's creation.
    pub created_block: i64,
    /// Block of the last event that changed this row.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// What money is in: amounts are whole numbers of its smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Currency {
    /// Its contract; zero for the chain's own money.
    pub address: Addr,
    /// What it is called, as its contract says; null where that does not answer.
    pub symbol: Option<String>,
    /// Digits after the point. Where the contract does not answer, none: amounts are in its smallest unit.
    pub decimals: i16,
}

impl Currency {
    /// From what its contract said; nothing where it said nothing. `coin` is what the chain's own money is called.
    fn of(address: Addr, said: Option<(String, i16)>, coin: &str) -> Self {
        let own = || (Some(coin.to_owned()), COIN_DECIMALS);
        let (symbol, decimals) = match said {
            _ if address == Addr::default() => own(),
            Some((symbol, decimals)) => (Some(symbol), decimals),
            None => (None, 0),
        };
        Self { address, symbol, decimals }
    }
}

/// All pools, by address.
#[utoipa::path(get, path = "/v1/pools", tag = "pools", params(PageParams, AtParam),
    responses((status = 200, description = "A page of pools", body = Page<Pool>), Failures))]
pub(crate) async fn list(Asked(mut snapshot): Asked, paging: Paging) -> Result<Json<Page<Pool>>, ApiError> {
    Ok(Json(page(&mut snapshot, &paging).await?))
}

/// One pool.
#[utoipa::path(get, path = "/v1/pools/{pool}", tag = "pools", params(("pool" = Addr, Path, description = "The pool"), AtParam),
    responses((status = 200, description = "The pool", body = Pool), Failures))]
pub(crate) async fn get(AskedPool { pool, .. }: AskedPool) -> Result<Json<Pool>, ApiError> {
    Ok(Json(pool))
}

/// A page of pools.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, paging: &Paging) -> Result<Page<Pool>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<Addr>()?);
    let rows = rows(snapshot, (None, after), limit + 1).await?;
    Ok(Page::from_rows(rows, limit, snapshot, |pool| pool.address.to_string()))
}

/// One pool.
///
/// # Errors
/// `unknown-pool`.
pub async fn find(snapshot: &mut Snapshot, pool: Addr) -> Result<Pool, ApiError> {
    let found = rows(snapshot, (Some(pool), None), 1).await?.pop();
    let message = || format!("there is no pool at {pool}");
    found.ok_or_else(|| {
        ApiError::missing("unknown-pool", message(), "GET /v1/pools lists the pools; a new one appears with its block")
    })
}

async fn rows(
    snapshot: &mut Snapshot,
    (only, after): (Option<Addr>, Option<Addr>),
    limit: i64,
) -> Result<Vec<Pool>, ApiError> {
    let rows = sqlx::query!(
        r#"SELECT p.address AS "address: Addr", name, p.symbol, kyc AS "kyc: Addr", attribution AS "attribution: Addr",
                  licences AS "licences: Addr", p.currency AS "currency: Addr", c.symbol AS "currency_symbol?",
                  c.decimals AS "currency_decimals?", currency_minimum AS "currency_minimum: Amount", cap AS "cap: Amount",
                  governor AS "governor: Addr", paused, k.fault AS "fault?", contributors_bps, supply AS "supply: Amount", holders,
                  to_holders + to_contributors AS "deposited!: Amount", to_holders AS "to_holders: Amount",
                  to_contributors AS "to_contributors: Amount", claimed_by_holders AS "claimed_by_holders: Amount",
                  claimed_by_contributors AS "claimed_by_contributors: Amount",
                  dividend_index AS "dividend_index: Amount", carry AS "carry: Amount", created_block, p.block, p.event_index
           FROM pools p LEFT JOIN currencies c ON c.currency = p.currency AND c.readable
             LEFT JOIN contracts k ON k.address = p.address AND k.kind = 'pool'
           WHERE ($1::bytea IS NULL OR p.address = $1) AND ($2::bytea IS NULL OR p.address > $2)
           ORDER BY p.address LIMIT $3"#,
        only as _,
        after as _,
        limit,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let pools = rows.into_iter().map(|row| Pool {
        address: row.address,
        name: row.name,
        symbol: row.symbol,
        decimals: COIN_DECIMALS,
        kyc: row.kyc,
        attribution: row.attribution,
        licences: row.licences,
        currency: Currency::of(row.currency, row.currency_symbol.zip(row.currency_decimals), &snapshot.coin),
        currency_minimum: row.currency_minimum,
        cap: row.cap,
        governor: row.governor,
        paused: row.paused,
        fault: row.fault,
        contributors_bps: row.contributors_bps,
        supply: row.supply,
        holders: row.holders,
        deposited: row.deposited,
        to_holders: row.to_holders,
        to_contributors: row.to_contributors,
        claimed_by_holders: row.claimed_by_holders,
        claimed_by_contributors: row.claimed_by_contributors,
        dividend_index: row.dividend_index,
        carry: row.carry,
        created_block: row.created_block,
        block: row.block,
        event_index: row.event_index,
    });
    Ok(pools.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves MIR-1: the chain's own money is called as the network calls it, and a token that says nothing is counted
    /// in its smallest unit: nobody's figure is off by a power of ten.
    #[test]
    fn money_is_counted_as_its_contract_says() {
        let token = Addr(alloy_primitives::Address::repeat_byte(7));
        let of = |address, said| {
            let currency = Currency::of(address, said, "DOT");
            (currency.symbol, currency.decimals)
        };
        assert_eq!(of(Addr::default(), None), (Some("DOT".to_owned()), 18));
        assert_eq!(of(token, Some(("USDC".to_owned(), 6))), (Some("USDC".to_owned()), 6));
        assert_eq!(of(token, None), (None, 0));
    }
}
