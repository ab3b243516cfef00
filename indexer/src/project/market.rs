//! The share market: orders and trades.

use sqlx::PgConnection;
use yieldset_chain::{
    Address, U256,
    abi::Market::{MarketEvents, OrderPlaced, PoolListed, Traded},
};

use super::{Place, db, holders::amount};
use crate::{column::Amount, error::IndexerError};

pub(super) async fn apply(
    connection: &mut PgConnection,
    place: Place,
    event: &MarketEvents,
) -> Result<(), IndexerError> {
    match event {
        MarketEvents::OrderPlaced(placed) => insert(connection, place, placed).await,
        MarketEvents::Traded(traded) => trade(connection, place, traded).await,
        MarketEvents::OrderCancelled(cancelled) => {
            let state = if cancelled.expired { "expired" } else { "cancelled" };
            change(connection, place, cancelled.order, cancelled.shares, state).await
        }
        MarketEvents::PoolListed(listed) => list(connection, place, listed).await,
        MarketEvents::PoolDelisted(delisted) => delist(connection, place, delisted.pool).await,
        MarketEvents::Credited(e) => {
            let credit = amount(place, "credit", e.credit)?;
            credited(connection, place, (e.pool, e.account), credit).await
        }
        // What the heir has now is told beside it.
        MarketEvents::Inherited(e) => credited(connection, place, (e.pool, e.lost), 0).await,
        MarketEvents::Withdrawn(e) => credited(connection, place, (e.pool, e.account), 0).await,
    }
}

async fn insert(connection: &mut PgConnection, place: Place, event: &OrderPlaced) -> Result<(), IndexerError> {
    let side = match event.side {
        1 => "ask",
        2 => "bid",
        other => return Err(place.diverged("an order's side", other, "1 or 2")),
    };
    sqlx::query!(
        "INSERT INTO orders (id, pool, currency, maker, side, price, expiry, placed, shares_left, state, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 'open', $9, $10)",
        Amount::from(event.order) as _,
        event.pool.as_slice(),
        event.currency.as_slice(),
        event.maker.as_slice(),
        side,
        Amount::from(amount(place, "price", event.price)?) as _,
        Amount::from(event.expiry) as _,
        Amount::from(amount(place, "shares", event.shares)?) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn trade(connection: &mut PgConnection, place: Place, event: &Traded) -> Result<(), IndexerError> {
    for (order, left) in [(event.ask, event.askLeft), (event.bid, event.bidLeft)] {
        if order > 0 {
            let state = if left.is_zero() { "filled" } else { "open" };
            change(connection, place, order, left, state).await?;
        }
    }
    let order = |number: u64| (number > 0).then(|| Amount::from(number));
    sqlx::query!(
        "INSERT INTO trades (block, event_index, pool, seller, buyer, ask, bid, shares, price, cost)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        place.block,
        place.event_index,
        event.pool.as_slice(),
        event.seller.as_slice(),
        event.buyer.as_slice(),
        order(event.ask) as _,
        order(event.bid) as _,
        Amount::from(amount(place, "shares", event.shares)?) as _,
        Amount::from(amount(place, "price", event.price)?) as _,
        Amount::from(amount(place, "cost", event.cost)?) as _,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// An open order with what is left of it.
async fn change(
    connection: &mut PgConnection,
    place: Place,
    order: u64,
    left: U256,
    state: &str,
) -> Result<(), IndexerError> {
    let left = amount(place, "shares left", left)?;
    let changed = sqlx::query!(
        "UPDATE orders SET shares_left = $2, state = $3, block = $4, event_index = $5
         WHERE id = $1 AND state = 'open' AND shares_left >= $2",
        Amount::from(order) as _,
        Amount::from(left) as _,
        state,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    let got = format!("{order} with {left} shares left");
    place.one(changed.rows_affected(), "an order", got, "an open one with as many")
}

/// Listed, or with another lot and tick.
async fn list(connection: &mut PgConnection, place: Place, event: &PoolListed) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO listings (pool, currency, lot, tick, listed, block, event_index) VALUES ($1, $2, $3, $4, TRUE, $5, $6)
         ON CONFLICT (pool) DO UPDATE SET currency = $2, lot = $3, tick = $4, listed = TRUE, block = $5, event_index = $6",
        event.pool.as_slice(),
        event.currency.as_slice(),
        Amount::from(amount(place, "lot", event.lot)?) as _,
        Amount::from(amount(place, "tick", event.tick)?) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn delist(connection: &mut PgConnection, place: Place, pool: Address) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE listings SET listed = FALSE, block = $2, event_index = $3 WHERE pool = $1",
        pool.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a pool on the market", pool, "one that was listed")
}

/// What the market holds for an account now.
async fn credited(
    connection: &mut PgConnection,
    place: Place,
    (pool, account): (Address, Address),
    credit: u128,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO credits (pool, account, credit, block, event_index) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (pool, account) DO UPDATE SET credit = $3, block = $4, event_index = $5",
        pool.as_slice(),
        account.as_slice(),
        Amount::from(credit) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
