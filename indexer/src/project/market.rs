//! Markets for shares: listings, orders, trades, prices by day, and what a market owes, by double entry.
//!
//! A market tells of a credit before it tells what for. So a credit is booked against money on its way, and what it
//! came from (a buyer's money, a bid's) with the trade, the cancellation or the succession: that account is empty after
//! each of the contract's messages.

mod books;

use time::{Date, OffsetDateTime};
use yieldset_chain::{
    Address,
    abi::Market::{MarketEvents, OrderCancelled, OrderPlaced, PoolListed, Traded},
};
use yieldset_rules::market::cost;

use super::{
    Applying, Place,
    licences::{figure, more},
};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    rows::{KeyColumn, fact, versioned},
};

versioned! {
    /// A pool whose shares can be, or could once be, traded.
    Listing in "listings" {
        market: Addr,
        pool: Addr;
        currency: Addr,
        lot: Amount,
        tick: Amount,
        listed: bool,
        /// Of the last trade, for 10^18 share units; none before the first.
        last_price: Option<Amount>,
        last_trade: Option<i64>,
    }
}

versioned! {
    /// What a market owes an account until it withdraws it, in the pool's currency.
    Credit in "credits" { market: Addr, pool: Addr, account: Addr; credit: Amount }
}

versioned! {
    /// An order.
    Order in "orders" {
        market: Addr,
        id: Amount;
        pool: Addr,
        currency: Addr,
        maker: Addr,
        side: String,
        price: Amount,
        expiry: Amount,
        placed: Amount,
        shares_left: Amount,
        /// Money that is held for what is left of a bid; zero for an ask.
        escrow: Amount,
        state: String,
    }
}

versioned! {
    /// A day's trades in a pool's shares.
    DayPrice in "prices" {
        market: Addr,
        pool: Addr,
        day: Date;
        open: Amount,
        high: Amount,
        low: Amount,
        close: Amount,
        /// Share units.
        volume: Amount,
        /// What was paid for them.
        turnover: Amount,
        trades: i64,
    }
}

impl KeyColumn for Date {
    const LIST: &'static str = "date[]";
}

fact! {
    /// Shares went one way and money the other.
    Trade in "trades" (monthly) {
        market: Addr,
        pool: Addr,
        seller: Addr,
        buyer: Addr,
        ask: Option<Amount>,
        bid: Option<Amount>,
        shares: Amount,
        price: Amount,
        cost: Amount,
    }
}

pub(super) async fn apply(applying: &mut Applying<'_>, event: &MarketEvents) -> Result<(), IndexerError> {
    match event {
        MarketEvents::PoolListed(listed) => list(applying, listed).await,
        MarketEvents::PoolDelisted(delisted) => delist(applying, delisted.pool).await,
        MarketEvents::OrderPlaced(placed) => insert(applying, placed).await,
        MarketEvents::OrderCancelled(cancelled) => cancel(applying, cancelled).await,
        MarketEvents::Traded(traded) => trade(applying, traded).await,
        MarketEvents::Credited(credited) => books::credit(applying, credited).await,
        MarketEvents::Inherited(inherited) => books::inherit(applying, inherited).await,
        MarketEvents::Withdrawn(withdrawn) => books::withdraw(applying, withdrawn).await,
    }
}

/// Listed, or with another lot and tick.
async fn list(applying: &mut Applying<'_>, event: &PoolListed) -> Result<(), IndexerError> {
    let place = applying.place;
    let key = (place.contract.into(), event.pool.into());
    let before = applying.find::<Listing>(key).await?;
    let row = Listing {
        market: key.0,
        pool: key.1,
        currency: event.currency.into(),
        lot: place.amount("lot", event.lot)?.into(),
        tick: place.amount("tick", event.tick)?.into(),
        listed: true,
        last_price: before.as_ref().and_then(|before| before.last_price),
        last_trade: before.as_ref().and_then(|before| before.last_trade),
    };
    if let Some(before) = before {
        place.same("a listed pool's currency", row.currency, before.currency)?;
    }
    applying.put(row).await
}

async fn delist(applying: &mut Applying<'_>, pool: Address) -> Result<(), IndexerError> {
    let key = (applying.place.contract.into(), pool.into());
    let mut row = applying.known::<Listing>("a pool on the market", key).await?;
    row.listed = false;
    applying.put(row).await
}

async fn insert(applying: &mut Applying<'_>, event: &OrderPlaced) -> Result<(), IndexerError> {
    let place = applying.place;
    let side = match event.side {
        1 => "ask",
        2 => "bid",
        other => return Err(place.diverged("an order's side", other, "1 or 2")),
    };
    let (market, id) = (place.contract.into(), event.order.into());
    if applying.find::<Order>((market, id)).await?.is_some() {
        return Err(place.diverged("an order", id, "a new one"));
    }
    let (shares, price) = (place.amount("shares", event.shares)?, place.amount("price", event.price)?);
    let escrow = place.amount("escrow", event.escrow)?;
    place.same("an order's escrow", escrow, held(place, side, shares, price)?)?;
    let row = Order {
        market,
        id,
        pool: event.pool.into(),
        currency: event.currency.into(),
        maker: event.maker.into(),
        side: side.to_owned(),
        price: price.into(),
        expiry: event.expiry.into(),
        placed: shares.into(),
        shares_left: shares.into(),
        escrow: escrow.into(),
        state: "open".to_owned(),
    };
    books::hold(applying, &row, escrow)?;
    applying.put(row).await
}

/// What is held for so many shares of an order.
fn held(place: Place, side: &str, shares: u128, price: u128) -> Result<u128, IndexerError> {
    if side != "bid" {
        return Ok(0);
    }
    cost(shares, price)
        .map_err(|_| place.diverged("an order's escrow", "over 128 bits", format!("{shares} at {price}")))
}

async fn cancel(applying: &mut Applying<'_>, event: &OrderCancelled) -> Result<(), IndexerError> {
    let place = applying.place;
    let (shares, refund) = (place.amount("shares left", event.shares)?, place.amount("refund", event.refund)?);
    let mut row = open(applying, event.order).await?;
    if row.shares_left != Amount::from(shares) {
        return Err(place.diverged("an order", format!("{} with {shares} shares left", row.id), row.shares_left));
    }
    place.same("a cancelled order's refund", Amount::from(refund), row.escrow)?;
    books::release(applying, &row, refund)?;
    row.escrow = Amount::ZERO;
    row.state = if event.expired { "expired" } else { "cancelled" }.to_owned();
    applying.put(row).await
}

/// An order that nothing ended yet.
async fn open(applying: &mut Applying<'_>, order: u64) -> Result<Order, IndexerError> {
    let place = applying.place;
    let key = (place.contract.into(), order.into());
    let found = applying.find::<Order>(key).await?.filter(|row| row.state == "open");
    found.ok_or_else(|| place.diverged("an order", order, "one that is open"))
}

async fn trade(applying: &mut Applying<'_>, event: &Traded) -> Result<(), IndexerError> {
    let place = applying.place;
    let shares = place.amount("shares", event.shares)?;
    let price = place.amount("price", event.price)?;
    let paid = place.amount("cost", event.cost)?;
    let ask_left = place.amount("shares left", event.askLeft)?;
    let bid_left = place.amount("shares left", event.bidLeft)?;
    if event.ask == 0 && event.bid == 0 {
        return Err(place.diverged("a trade", "of no order", "one of an ask or a bid"));
    }
    let mut currency = None;
    if event.ask > 0 {
        let (ask, _) = fill(applying, (event.ask, "ask"), event.pool, (shares, ask_left)).await?;
        currency = Some(ask.currency);
    }
    let mut freed = None;
    if event.bid > 0 {
        let (bid, money) = fill(applying, (event.bid, "bid"), event.pool, (shares, bid_left)).await?;
        currency = Some(bid.currency);
        freed = Some((bid.maker, money));
    }
    let market = place.contract.into();
    let (pool, seller, buyer) = (event.pool.into(), event.seller.into(), event.buyer.into());
    let currency = currency.unwrap_or_default();
    books::pay(applying, &books::Paid { pool, currency, buyer, cost: paid, freed })?;
    let order = |number: u64| (number > 0).then(|| Amount::from(number));
    let (ask, bid) = (order(event.ask), order(event.bid));
    let trade =
        Trade { market, pool, seller, buyer, ask, bid, shares: shares.into(), price: price.into(), cost: paid.into() };
    note_price(applying, &trade, shares, paid).await?;
    applying.note(trade);
    Ok(())
}

/// Takes shares off an order; answers it as it was, and by how much its escrow fell.
async fn fill(
    applying: &mut Applying<'_>,
    (order, side): (u64, &str),
    pool: Address,
    (shares, left): (u128, u128),
) -> Result<(Order, u128), IndexerError> {
    let place = applying.place;
    let before = open(applying, order).await?;
    place.same("a traded order's side", before.side.as_str(), side)?;
    place.same("a traded order's pool", Addr::from(pool), before.pool)?;
    if before.shares_left != more(place, "an order's shares", left.into(), shares)? {
        let got = format!("{order} with {left} shares left after {shares}");
        return Err(place.diverged("an order", got, format!("{} before", before.shares_left)));
    }
    let price = figure(place, "an order's price", before.price)?;
    let escrow = Amount::from(held(place, side, left, price)?);
    // Fewer shares never cost more.
    let freed = figure(place, "an order's escrow", before.escrow.less(escrow))?;
    let state = if left == 0 { "filled" } else { "open" }.to_owned();
    applying.put(Order { shares_left: left.into(), escrow, state, ..before.clone() }).await?;
    Ok((before, freed))
}

/// The pool's last price, and its day's.
async fn note_price(applying: &mut Applying<'_>, trade: &Trade, shares: u128, paid: u128) -> Result<(), IndexerError> {
    let place = applying.place;
    let (market, pool, price) = (trade.market, trade.pool, trade.price);
    if let Some(mut listing) = applying.find::<Listing>((market, pool)).await? {
        (listing.last_price, listing.last_trade) = (Some(price), Some(place.seconds));
        applying.put(listing).await?;
    }
    let day = OffsetDateTime::from_unix_timestamp(place.seconds).map_or(Date::MAX, OffsetDateTime::date);
    let before = applying.find::<DayPrice>((market, pool, day)).await?;
    let mut row = before.unwrap_or(DayPrice {
        market,
        pool,
        day,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: Amount::ZERO,
        turnover: Amount::ZERO,
        trades: 0,
    });
    row.high = row.high.max(price);
    row.low = row.low.min(price);
    row.close = price;
    row.volume = more(place, "a day's volume", row.volume, shares)?;
    row.turnover = more(place, "a day's turnover", row.turnover, paid)?;
    row.trades = row.trades.saturating_add(1);
    applying.put(row).await
}
