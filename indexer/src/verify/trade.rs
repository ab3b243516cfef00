//! Markets: orders, listings, credits, and the money that is held for them.

use futures::TryStreamExt;
use yieldset_chain::abi::Market;

use super::{Chain, Comparison, db, each, wide};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    orders(snapshot, chain, found).await?;
    placed(snapshot, chain, found).await?;
    listings(snapshot, chain, found).await?;
    credits(snapshot, chain, found).await?;
    money(snapshot, chain, found).await?;
    ledger(snapshot, found).await
}

struct OrderRow {
    market: Addr,
    id: Amount,
    pool: Addr,
    currency: Addr,
    maker: Addr,
    side: String,
    price: Amount,
    expiry: Amount,
    shares_left: Amount,
    escrow: Amount,
}

/// Of all orders that are open: each was placed or filled since the last comparison, or is compared again.
async fn orders(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        OrderRow,
        r#"SELECT market AS "market: Addr", id AS "id: Amount", pool AS "pool: Addr", currency AS "currency: Addr",
                  maker AS "maker: Addr", side, price AS "price: Amount", expiry AS "expiry: Amount",
                  shares_left AS "shares_left: Amount", escrow AS "escrow: Amount"
           FROM orders WHERE state = 'open' AND valid_from > $1 ORDER BY market, id"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: OrderRow| async move {
        // Orders are numbered with 64 bits.
        let call = Market::orderOfCall { order: row.id.to_u64().unwrap_or(0) };
        let order = chain.ask(row.market, call).await?;
        Ok::<_, IndexerError>((row, order))
    };
    let count = each(rows, ask, |(row, order)| {
        let what = format!("order {} of {}", row.id, row.market);
        found.about("market", row.market);
        let Some(theirs) = found.answer(&what, order) else { return };
        found.same(format!("{what}: pool"), row.pool, theirs.pool.into());
        found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
        found.same(format!("{what}: maker"), row.maker, theirs.maker.into());
        found.same(format!("{what}: side"), row.side.as_str(), if theirs.side == 1 { "ask" } else { "bid" });
        found.same(format!("{what}: price"), row.price, theirs.price.into());
        found.same(format!("{what}: expiry"), row.expiry, Amount::from(theirs.expiry));
        found.same(format!("{what}: shares left"), row.shares_left, theirs.shares.into());
        found.same(format!("{what}: escrow"), row.escrow, theirs.escrow.into());
    })
    .await?;
    found.counted(count, "open orders");
    Ok(())
}

/// No order is missing here, from the deployment's first on, or of a market that is older from the first one known on.
async fn placed(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "market: Addr", origin = 'deployment' AS "whole!",
                  (SELECT count(*) FROM orders o WHERE o.market = c.address) AS "orders!",
                  coalesce((SELECT min(id) FROM orders o WHERE o.market = c.address), 1) AS "first!: Amount"
           FROM contracts c WHERE kind = 'market' ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("market", row.market);
        let placed = chain.ask(row.market, Market::orderCountCall {}).await?;
        let here = Amount::from(wide(row.orders));
        let unknown = if row.whole { Amount::ZERO } else { row.first.less(Amount::from(1_u64)) };
        let what = format!("orders ever placed on {}", row.market);
        // Of a market that is older, without one order here, nothing is known.
        if row.whole || row.orders > 0 {
            found.told(what, here, placed, |placed| Amount::from(placed).less(unknown));
        }
    }
    Ok(())
}

struct ListingRow {
    market: Addr,
    pool: Addr,
    currency: Addr,
    lot: Amount,
    tick: Amount,
    listed: bool,
    last_price: Option<Amount>,
    last_trade: Option<i64>,
}

async fn listings(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        ListingRow,
        r#"SELECT market AS "market: Addr", pool AS "pool: Addr", currency AS "currency: Addr", lot AS "lot: Amount",
                  tick AS "tick: Amount", listed, last_price AS "last_price: Amount", last_trade
           FROM listings WHERE valid_from > $1 ORDER BY market, pool"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: ListingRow| async move {
        let listing = chain.ask(row.market, Market::listingOfCall { pool: row.pool.0 }).await?;
        Ok::<_, IndexerError>((row, listing))
    };
    let count = each(rows, ask, |(row, listing)| {
        let what = format!("listing of {} on {}", row.pool, row.market);
        found.about("market", row.market);
        let Some(theirs) = found.answer(&what, listing) else { return };
        found.same(format!("{what}: listed"), row.listed, theirs.listed);
        found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
        found.same(format!("{what}: lot"), row.lot, theirs.lot.into());
        found.same(format!("{what}: tick"), row.tick, theirs.tick.into());
        found.same(format!("{what}: last price"), row.last_price.unwrap_or_default(), theirs.lastPrice.into());
        found.same(format!("{what}: last trade"), wide(row.last_trade.unwrap_or(0)), theirs.lastTrade);
    })
    .await?;
    found.counted(count, "listings");
    Ok(())
}

async fn credits(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        market: Addr,
        pool: Addr,
        account: Addr,
        credit: Amount,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT market AS "market: Addr", pool AS "pool: Addr", account AS "account: Addr", credit AS "credit: Amount"
           FROM credits WHERE valid_from > $1 ORDER BY market, pool, account"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let call = Market::creditOfCall { account: row.account.0, pool: row.pool.0 };
        let credit = chain.ask(row.market, call).await?;
        Ok::<_, IndexerError>((row, credit))
    };
    let count = each(rows, ask, |(row, credit)| {
        let Row { market, pool, account, .. } = row;
        found.about("market", market);
        found.told(format!("credit of {account} for orders of {pool} on {market}"), row.credit, credit, Amount::from);
    })
    .await?;
    found.counted(count, "market credits");
    Ok(())
}

/// In every currency a market has what it holds for bids and owes accounts: none of either is missing here.
async fn money(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        market: Addr,
        currency: Addr,
        escrow: Amount,
        credits: Amount,
    }
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT l.market AS "market!: Addr", l.currency AS "currency!: Addr",
                  coalesce((SELECT sum(escrow) FROM orders o
                            WHERE o.market = l.market AND o.currency = l.currency AND state = 'open'), 0) AS "escrow!: Amount",
                  coalesce((SELECT sum(credit) FROM credits c JOIN listings o ON o.market = c.market AND o.pool = c.pool
                            WHERE o.market = l.market AND o.currency = l.currency), 0) AS "credits!: Amount"
           FROM (SELECT DISTINCT market, currency FROM listings) l ORDER BY l.market, l.currency"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let Row { market, currency, .. } = row;
        found.about("market", market);
        let held = chain.ask(market, Market::escrowOfCall { currency: currency.0 }).await?;
        let Some(theirs) = found.answer(format!("money of {market} in {currency}"), held) else { continue };
        found.same(format!("all credits in {currency} on {market}"), row.credits, theirs.credits.into());
        found.same(format!("all money for bids in {currency} on {market}"), row.escrow, theirs.escrow.into());
        let owed = Amount(row.credits.0.saturating_add(row.escrow.0));
        chain.covers(found, ("market", market), currency, owed).await?;
    }
    Ok(())
}

/// The double-entry accounts give the same figures as orders and credits, and nothing stays on its way.
async fn ledger(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT c.address AS "market: Addr",
                  coalesce((SELECT sum(credit - debit) FROM ledger l WHERE l.book = c.address AND account = 'escrow'), 0)
                      = coalesce((SELECT sum(escrow) FROM orders o WHERE o.market = c.address AND state = 'open'), 0) AS "escrow!",
                  coalesce((SELECT sum(credit - debit) FROM ledger l WHERE l.book = c.address AND account = 'credits'), 0)
                      = coalesce((SELECT sum(credit) FROM credits o WHERE o.market = c.address), 0) AS "credits!",
                  NOT EXISTS (SELECT FROM ledger l WHERE l.book = c.address AND account = 'in_transit'
                      GROUP BY subject HAVING sum(credit) <> sum(debit)) AS "empty!"
           FROM contracts c WHERE kind = 'market' ORDER BY c.address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let market = row.market;
        found.about("market", market);
        found.holds(format!("{market}: ledger account escrow = Σ money for bids"), row.escrow);
        found.holds(format!("{market}: ledger account credits = Σ credits"), row.credits);
        found.holds(format!("{market}: ledger account in_transit = 0"), row.empty);
    }
    Ok(())
}
