//! A trade of shares: an order that is filled in part, shares against money in one message.

use anyhow::{Context, Result, ensure};
use yieldset_chain::abi::Market::{self, MarketEvents, Traded};
use yieldset_chain::abi::Pool;
use yieldset_chain::submit::Receipt;
use yieldset_chain::{Address, Event, U256};

use super::screen::{WHOLE, coins, note, step};
use super::story::Told;

/// Offered, in whole shares.
const OFFERED: u128 = 100;
/// Bought of them.
const BOUGHT: u128 = 40;
/// For a share.
const PRICE: u128 = 2 * WHOLE;
/// Fewest shares of an order and of a fill.
const LOT: u128 = WHOLE;
/// Prices are multiples of it.
const TICK: u128 = WHOLE / 100;
/// How long the order stands, in seconds.
const A_WEEK: u64 = 7 * 86_400;

/// Lists the pool; the investor sells, a creator buys.
pub async fn tell(told: &Told) -> Result<()> {
    let (pool, market) = (told.deployment.pool, told.deployment.market);
    let (seller, buyer) = (&told.cast.investor, &told.cast.creators[0]);
    let before = shares(told, [seller.address(), buyer.account.address()]).await?;
    let order = step("listing the pool on the market, and offering shares", async |_| {
        let list = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        told.cast.admin.send(market, &list, 0).await?;
        let approve = Pool::approveCall { spender: market, amount: U256::from(OFFERED * WHOLE) };
        seller.submitter.send(pool, &approve, 0).await?;
        let (shares, price) = (U256::from(OFFERED * WHOLE), U256::from(PRICE));
        let expiry = told.client.finalised_block().await?.timestamp_ms / 1_000 + A_WEEK;
        let ask = Market::askCall { pool, shares, price, expiry };
        let receipt = seller.submitter.send(market, &ask, 0).await?;
        found(&receipt, market, |event| match event {
            MarketEvents::OrderPlaced(placed) => Some(placed.order),
            _ => None,
        })
    })
    .await?;
    let traded = step("buying a part of them", async |_| {
        let cost = BOUGHT * PRICE;
        let fill = Market::fillAskCall { order, shares: U256::from(BOUGHT * WHOLE), maxCost: U256::from(cost) };
        let receipt = buyer.account.submitter.send(market, &fill, cost).await?;
        found(&receipt, market, |event| match event {
            MarketEvents::Traded(traded) => Some(traded.clone()),
            _ => None,
        })
    })
    .await?;
    check(told, order, &traded, before).await?;
    step("withdrawing the proceeds", async |_| {
        let withdraw = Market::withdrawCall { pool: told.deployment.pool, to: seller.address() };
        seller.submitter.send(market, &withdraw, 0).await?;
        let left = told.client.native_balance(market).await?;
        ensure!(left == 0, "the market keeps {left} wei");
        Ok(())
    })
    .await?;
    note(&format!(
        "{BOUGHT} of {OFFERED} shares went from the investor to {} at {} each; {} were paid out to the unit",
        buyer.file.name,
        coins(PRICE),
        coins(BOUGHT * PRICE)
    ));
    Ok(())
}

/// The event, both holdings and what is left of the order agree.
async fn check(told: &Told, order: u64, traded: &Traded, before: [U256; 2]) -> Result<()> {
    let (seller, buyer) = (told.cast.investor.address(), told.cast.creators[0].account.address());
    let expected = Traded {
        pool: told.deployment.pool,
        seller,
        buyer,
        ask: order,
        bid: 0,
        shares: U256::from(BOUGHT * WHOLE),
        price: U256::from(PRICE),
        cost: U256::from(BOUGHT * PRICE),
        askLeft: U256::from((OFFERED - BOUGHT) * WHOLE),
        bidLeft: U256::ZERO,
    };
    ensure!(*traded == expected, "another trade: {traded:?}");
    let after = shares(told, [seller, buyer]).await?;
    ensure!(after == [before[0] - expected.shares, before[1] + expected.shares], "shares went elsewhere: {after:?}");
    let left = told.client.read(told.deployment.market, &Market::orderOfCall { order }).await?;
    ensure!(left.shares == expected.askLeft, "{} share units are left in the order", left.shares);
    let credit = Market::creditOfCall { account: seller, pool: told.deployment.pool };
    let credit = told.client.read(told.deployment.market, &credit).await?;
    ensure!(credit == expected.cost, "the seller is credited {credit} wei");
    Ok(())
}

async fn shares(told: &Told, accounts: [Address; 2]) -> Result<[U256; 2]> {
    let mut found = [U256::ZERO; 2];
    for (account, shares) in accounts.into_iter().zip(&mut found) {
        *shares = told.client.read(told.deployment.pool, &Pool::balanceOfCall { account }).await?;
    }
    Ok(found)
}

/// The first thing that the market's events tell.
fn found<T>(receipt: &Receipt, market: Address, pick: impl Fn(&MarketEvents) -> Option<T>) -> Result<T> {
    let told = receipt.told(market, |event| match event {
        Event::Market(event) => pick(event),
        _ => None,
    });
    told.with_context(|| format!("block {} does not tell it", receipt.block_number))
}
