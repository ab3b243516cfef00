//! An account: what it holds and is owed over all pools, and what it does.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;
use yieldset_rules::dividends::Holder as Record;

use super::{
    asked::{Asked, AtParam},
    caller::Caller,
    error::{ApiError, Failures},
    events::{self, EventFilter, EventParams, JournalEntry},
    kyc::PublicKyc,
    paging::{MAX_LIMIT, Page, PageParams, Paging, address},
};
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::Snapshot,
};

/// An account over all pools. Of each list the first 200.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Account {
    /// Whose.
    pub account: Addr,
    /// What everybody is told of its KYC.
    pub kyc: PublicKyc,
    /// Shares, and what is owed on them.
    pub holdings: Vec<Holding>,
    /// What it took as a contributor, pool by pool.
    pub contributions: Vec<Contributed>,
    /// Money that markets hold for it.
    pub credits: Vec<AccountCredit>,
    /// Orders that were neither filled nor cancelled, newest first.
    pub orders: Vec<AccountOrder>,
    /// Licences that it offered, newest first.
    pub licences: Vec<AccountLicence>,
    /// Datasets that are its own.
    pub datasets: Vec<AccountDataset>,
    /// The block that all of it describes; null before the first one.
    pub indexed_block: Option<i64>,
}

/// Shares of a pool, and what is owed on them in the pool's currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Holding {
    /// The pool.
    pub pool: Addr,
    /// Its share token's symbol.
    pub symbol: String,
    /// The currency's contract; zero for the chain's own money.
    pub currency: Addr,
    /// Share units.
    pub balance: Amount,
    /// Dividends that can be claimed now, if KYC lets it.
    pub claimable: Amount,
    /// Dividends claimed so far.
    pub claimed: Amount,
}

/// What an account took as a contributor to a pool's data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Contributed {
    /// The pool.
    pub pool: Addr,
    /// The currency's contract; zero for the chain's own money.
    pub currency: Addr,
    /// In how many periods of streams.
    pub periods: i64,
    /// Paid out of all of them.
    pub claimed: Amount,
}

/// Money that a market holds for an account until it withdraws it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountCredit {
    /// The market.
    pub market: Addr,
    /// The pool whose shares were traded.
    pub pool: Addr,
    /// How much, in the pool's currency.
    pub credit: Amount,
}

/// An open order of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountOrder {
    /// The market.
    pub market: Addr,
    /// Its number there.
    pub id: Amount,
    /// The pool.
    pub pool: Addr,
    /// `ask` or `bid`.
    pub side: String,
    /// In the currency's smallest unit, for 10^18 share units.
    pub price: Amount,
    /// Share units left.
    pub shares_left: Amount,
    /// Unix time in seconds.
    pub expiry: Amount,
}

/// A licence that an account offered. `/v1/licences/{licence}` has the rest.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountLicence {
    /// Its id.
    pub licence: Hash,
    /// The licence contract that it is in.
    pub contract: Addr,
    /// The pool.
    pub pool: Addr,
    /// The stage that its last event left it in; what time alone brings about `/v1/licences/{licence}` says.
    pub stage: String,
}

/// A dataset of an account. `/v1/datasets/{dataset}` has the rest.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountDataset {
    /// The registry that it is in.
    pub registry: Addr,
    /// Its id.
    pub dataset: Hash,
    /// The pool that it is assigned to; null for none.
    pub pool: Option<Addr>,
    /// Latest version.
    pub version: i64,
}

/// What an account holds, is owed and does, over all pools. One that nothing is known of holds nothing.
#[utoipa::path(get, path = "/v1/accounts/{account}", tag = "accounts",
    params(("account" = Addr, Path, description = "The account"), AtParam),
    responses((status = 200, description = "The account", body = Account), Failures))]
pub(crate) async fn get(Asked(mut snapshot): Asked, Path(account): Path<String>) -> Result<Json<Account>, ApiError> {
    let account = address(&account)?;
    let snapshot = &mut snapshot;
    Ok(Json(Account {
        account,
        kyc: super::kyc::public(snapshot, account).await?,
        holdings: holdings(snapshot, account).await?,
        contributions: contributions(snapshot, account).await?,
        credits: credits(snapshot, account).await?,
        orders: orders(snapshot, account).await?,
        licences: licences(snapshot, account).await?,
        datasets: datasets(snapshot, account).await?,
        indexed_block: snapshot.block(),
    }))
}

/// Events that name an account, newest first.
#[utoipa::path(get, path = "/v1/accounts/{account}/events", tag = "accounts", security((), ("token" = [])),
    params(("account" = Addr, Path, description = "The account"), PageParams, AtParam, EventParams),
    responses((status = 200, description = "A page of events", body = Page<JournalEntry>), Failures))]
pub(crate) async fn events(
    Asked(mut snapshot): Asked,
    Path(account): Path<String>,
    caller: Caller,
    paging: Paging,
    filter: EventFilter,
) -> Result<Json<Page<JournalEntry>>, ApiError> {
    let filter = EventFilter { account: Some(address(&account)?), ..filter };
    Ok(Json(events::page(&mut snapshot, caller, &filter, &paging).await?))
}

async fn holdings(snapshot: &mut Snapshot, account: Addr) -> Result<Vec<Holding>, ApiError> {
    let rows = sqlx::query!(
        r#"SELECT pool AS "pool: Addr", symbol, currency AS "currency: Addr", balance AS "balance: Amount",
                  settled_index AS "settled_index: Amount", pending AS "pending: Amount", fraction AS "fraction: Amount",
                  claimed AS "claimed: Amount", dividend_index AS "dividend_index: Amount"
           FROM holders h JOIN pools p ON p.address = h.pool WHERE account = $1 ORDER BY pool LIMIT $2"#,
        account as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let mut holdings = Vec::with_capacity(rows.len());
    for row in rows {
        let record = Record {
            balance: row.balance.to_u128()?,
            index: row.settled_index.to_u128()?,
            pending: row.pending.to_u128()?,
            fraction: row.fraction.to_u64()?,
        };
        let claimable = record.claimable(row.dividend_index.to_u128()?).map(Amount::from).unwrap_or(row.pending);
        let (pool, symbol, currency) = (row.pool, row.symbol, row.currency);
        holdings.push(Holding { pool, symbol, currency, balance: row.balance, claimable, claimed: row.claimed });
    }
    Ok(holdings)
}

async fn contributions(snapshot: &mut Snapshot, account: Addr) -> Result<Vec<Contributed>, ApiError> {
    let rows = sqlx::query_as!(
        Contributed,
        r#"SELECT pool AS "pool: Addr", currency AS "currency: Addr", count(*) AS "periods!", sum(claimed) AS "claimed!: Amount"
           FROM contributions c JOIN pools p ON p.address = c.pool WHERE account = $1
           GROUP BY pool, currency ORDER BY pool LIMIT $2"#,
        account as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}

async fn credits(snapshot: &mut Snapshot, account: Addr) -> Result<Vec<AccountCredit>, ApiError> {
    let rows = sqlx::query_as!(
        AccountCredit,
        r#"SELECT market AS "market: Addr", pool AS "pool: Addr", credit AS "credit: Amount"
           FROM credits c WHERE account = $1 AND credit > 0 AND (c.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = c.pool AND s.contract = c.market AND s.kind = 'market'))
           ORDER BY market, pool LIMIT $2"#,
        account as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}

async fn orders(snapshot: &mut Snapshot, account: Addr) -> Result<Vec<AccountOrder>, ApiError> {
    let rows = sqlx::query_as!(
        AccountOrder,
        r#"SELECT market AS "market: Addr", id AS "id: Amount", pool AS "pool: Addr", side, price AS "price: Amount",
                  shares_left AS "shares_left: Amount", expiry AS "expiry: Amount"
           FROM orders o WHERE maker = $1 AND state = 'open' AND (o.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = o.pool AND s.contract = o.market AND s.kind = 'market'))
           ORDER BY id DESC, market LIMIT $2"#,
        account as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}

async fn licences(snapshot: &mut Snapshot, account: Addr) -> Result<Vec<AccountLicence>, ApiError> {
    let rows = sqlx::query_as!(
        AccountLicence,
        r#"SELECT licence AS "licence: Hash", contract AS "contract: Addr", pool AS "pool: Addr", stage
           FROM licences l WHERE platform = $1
             AND (contract = (SELECT d.licence FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = l.pool AND s.contract = l.contract AND s.kind = 'licence'))
           ORDER BY offered_block DESC, offered_index DESC LIMIT $2"#,
        account as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}

async fn datasets(snapshot: &mut Snapshot, account: Addr) -> Result<Vec<AccountDataset>, ApiError> {
    let rows = sqlx::query_as!(
        AccountDataset,
        r#"SELECT registry AS "registry: Addr", dataset AS "dataset: Hash", pool AS "pool: Addr", latest_version AS version
           FROM datasets WHERE creator = $1 ORDER BY dataset, registry LIMIT $2"#,
        account as _,
        MAX_LIMIT,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(rows)
}
