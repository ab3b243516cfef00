//! The market for a pool's shares: trades, and the orders that wait for one.

use std::str::FromStr;

use axum::Json;
use serde::Serialize;
use time::Date;
use utoipa::ToSchema;

use super::{
    asked::{self, AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{EventCursor, Page, PageParams, Paging},
};
use crate::{
    column::{Addr, Amount},
    snapshot::Snapshot,
};

/// Shares that changed hands for money.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trade {
    /// The market.
    pub market: Addr,
    /// Who had the shares.
    pub seller: Addr,
    /// Who has them now.
    pub buyer: Addr,
    /// The ask; null where the seller took a bid.
    pub ask: Option<Amount>,
    /// The bid; null where the buyer took an ask.
    pub bid: Option<Amount>,
    /// Share units.
    pub shares: Amount,
    /// In the currency's smallest unit, for 10^18 share units.
    pub price: Amount,
    /// What the buyer paid.
    pub cost: Amount,
    /// Unix time of the block, in milliseconds.
    pub time_ms: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// An order that was neither filled nor cancelled. One whose expiry has passed can only be cancelled.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Order {
    /// The market.
    pub market: Addr,
    /// Its number there; the lower one came earlier and sets the price of a match.
    pub id: Amount,
    /// `ask` or `bid`.
    pub side: String,
    /// Whose it is.
    pub maker: Addr,
    /// The currency's contract; zero for the chain's own money.
    pub currency: Addr,
    /// In the currency's smallest unit, for 10^18 share units.
    pub price: Amount,
    /// Share units it was placed for.
    pub placed: Amount,
    /// Share units left.
    pub shares_left: Amount,
    /// Unix time in seconds.
    pub expiry: Amount,
    /// Block of the last event that changed it.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Whether, and how, a pool's shares are traded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Listing {
    /// The market.
    pub market: Addr,
    /// Whether orders can be placed and filled; if not, they can be cancelled.
    pub listed: bool,
    /// The currency's contract; zero for the chain's own money.
    pub currency: Addr,
    /// The fewest share units of an order, and of a fill that leaves a rest.
    pub lot: Amount,
    /// What prices are multiples of.
    pub tick: Amount,
    /// Block of the last event that changed it.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Money that the market holds for an account until it withdraws it: proceeds, refunds and surpluses.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Credit {
    /// The market that holds it.
    pub market: Addr,
    /// Whose.
    pub account: Addr,
    /// How much, in the pool's currency.
    pub credit: Amount,
    /// Block of the last event that changed it.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// Trades of a pool's shares, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/trades", tag = "trade",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of trades", body = Page<Trade>), Failures))]
pub(crate) async fn trades(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Trade>>, ApiError> {
    Ok(Json(trade_page(&mut snapshot, pool.address, &paging).await?))
}

/// A page of trades.
///
/// # Errors
/// As the route's.
pub async fn trade_page(snapshot: &mut Snapshot, pool: Addr, paging: &Paging) -> Result<Page<Trade>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query_as!(
        Trade,
        r#"SELECT market AS "market: Addr", seller AS "seller: Addr", buyer AS "buyer: Addr", ask AS "ask: Amount", bid AS "bid: Amount",
                  shares AS "shares: Amount", price AS "price: Amount", cost AS "cost: Amount", time_ms, block, event_index
           FROM trades t JOIN blocks ON number = block
           WHERE pool = $1 AND (t.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = t.pool AND s.contract = t.market AND s.kind = 'market'))
             AND ($2::bigint IS NULL OR (block, event_index) < ($2, $3::bigint))
           ORDER BY block DESC, event_index DESC LIMIT $4"#,
        pool as _,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| EventCursor::text(row.block, row.event_index)))
}

/// A day's trades in a pool's shares in one market, by the days of UTC. Prices are in the currency's smallest unit, for
/// 10^18 share units.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayPrice {
    /// The market.
    pub market: Addr,
    /// As `2026-11-30`.
    pub day: String,
    /// Of the first trade.
    pub open: Amount,
    /// The highest.
    pub high: Amount,
    /// The lowest.
    pub low: Amount,
    /// Of the last trade.
    pub close: Amount,
    /// Share units that changed hands.
    pub volume: Amount,
    /// What was paid for them.
    pub turnover: Amount,
    /// How many trades.
    pub trades: i64,
    /// Block of the last one.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// What a pool's shares cost, day by day, newest first; a day without a trade is left out.
#[utoipa::path(get, path = "/v1/pools/{pool}/prices", tag = "trade",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of days", body = Page<DayPrice>), Failures))]
pub(crate) async fn prices(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<DayPrice>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<DayCursor>()?);
    let rows = sqlx::query_as!(
        DayPrice,
        r#"SELECT market AS "market: Addr", day::text AS "day!", open AS "open: Amount", high AS "high: Amount",
                  low AS "low: Amount", close AS "close: Amount", volume AS "volume: Amount", turnover AS "turnover: Amount",
                  trades, block, event_index
           FROM prices
           WHERE pool = $1 AND (prices.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = prices.pool AND s.contract = prices.market AND s.kind = 'market'))
             AND ($2::date IS NULL OR day < $2 OR (day = $2 AND market > $3::bytea))
           ORDER BY day DESC, market LIMIT $4"#,
        pool.address as _,
        after.map(|after| after.day),
        after.map(|after| after.market) as _,
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Json(Page::from_rows(rows, limit, &snapshot, |row| format!("{}_{}", row.day, row.market))))
}

/// Place in the list of days.
#[derive(Debug, Clone, Copy)]
struct DayCursor {
    day: Date,
    market: Addr,
}

impl FromStr for DayCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (day, market) = text.split_once('_').ok_or(())?;
        Ok(Self { day: asked::day(day).ok_or(())?, market: market.parse().map_err(|_| ())? })
    }
}

/// Place in the list of orders: the highest number first. Every market numbers its own.
struct OrderCursor {
    number: Amount,
    market: Addr,
}

impl FromStr for OrderCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, market) = text.strip_prefix("order-").and_then(|rest| rest.split_once('-')).ok_or(())?;
        let number: u64 = number.parse().map_err(|_| ())?;
        Ok(Self { number: number.into(), market: market.parse().map_err(|_| ())? })
    }
}

/// Place in the list of credits.
struct CreditCursor {
    account: Addr,
    market: Addr,
}

impl FromStr for CreditCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (account, market) = text.split_once('-').ok_or(())?;
        Ok(Self { account: account.parse().map_err(|_| ())?, market: market.parse().map_err(|_| ())? })
    }
}

/// Open orders for a pool's shares, newest first.
#[utoipa::path(get, path = "/v1/pools/{pool}/orders", tag = "trade",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of orders", body = Page<Order>), Failures))]
pub(crate) async fn orders(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Order>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<OrderCursor>()?);
    let rows = sqlx::query_as!(
        Order,
        r#"SELECT market AS "market: Addr", id AS "id: Amount", side, maker AS "maker: Addr", currency AS "currency: Addr", price AS "price: Amount",
                  placed AS "placed: Amount", shares_left AS "shares_left: Amount", expiry AS "expiry: Amount", block,
                  event_index
           FROM orders o
           WHERE pool = $1 AND state = 'open' AND (o.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = o.pool AND s.contract = o.market AND s.kind = 'market'))
             AND ($2::numeric IS NULL OR id < $2 OR (id = $2 AND market > $3::bytea))
           ORDER BY id DESC, market LIMIT $4"#,
        pool.address as _,
        after.as_ref().map(|after| after.number) as _,
        after.as_ref().map(|after| after.market) as _,
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Json(Page::from_rows(rows, limit, &snapshot, |row| format!("order-{}-{}", row.id, row.market))))
}

/// Whether, and how, a pool's shares are traded; null where they never were listed. Of several markets the newest that
/// lists them.
#[utoipa::path(get, path = "/v1/pools/{pool}/listing", tag = "trade", params(("pool" = Addr, Path, description = "The pool"), AtParam),
    responses((status = 200, description = "The listing", body = Option<Listing>), Failures))]
pub(crate) async fn listing(AskedPool { mut snapshot, pool }: AskedPool) -> Result<Json<Option<Listing>>, ApiError> {
    let row = sqlx::query_as!(
        Listing,
        r#"SELECT l.market AS "market: Addr", listed, currency AS "currency: Addr", lot AS "lot: Amount", tick AS "tick: Amount",
                  l.block, l.event_index
           FROM listings l LEFT JOIN parts s ON s.pool = l.pool AND s.contract = l.market AND s.kind = 'market'
           WHERE l.pool = $1 AND (s.pool IS NOT NULL OR l.market = (SELECT d.market FROM deployment d))
           ORDER BY listed DESC, s.block DESC NULLS LAST, s.event_index DESC LIMIT 1"#,
        pool.address as _,
    )
    .fetch_optional(snapshot.connection())
    .await?;
    Ok(Json(row))
}

/// What the pool's markets hold for accounts, by account. Who has withdrawn everything is not listed.
#[utoipa::path(get, path = "/v1/pools/{pool}/credits", tag = "trade",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of credits", body = Page<Credit>), Failures))]
pub(crate) async fn credits(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Credit>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<CreditCursor>()?);
    let rows = sqlx::query_as!(
        Credit,
        r#"SELECT market AS "market: Addr", account AS "account: Addr", credit AS "credit: Amount", block, event_index
           FROM credits c WHERE pool = $1 AND credit > 0 AND (c.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = c.pool AND s.contract = c.market AND s.kind = 'market'))
             AND ($2::bytea IS NULL OR (account, market) > ($2, $3::bytea))
           ORDER BY account, market LIMIT $4"#,
        pool.address as _,
        after.as_ref().map(|after| after.account) as _,
        after.as_ref().map(|after| after.market) as _,
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Json(Page::from_rows(rows, limit, &snapshot, |row| format!("{}-{}", row.account, row.market))))
}
