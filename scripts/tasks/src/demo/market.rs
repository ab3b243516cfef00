//! A trade of shares: an order that is filled in part, shares against money in one message.

use anyhow::{Result, ensure};
use yieldset_chain::abi::{Market, Pool};
use yieldset_chain::{Address, U256};

use super::cast::ADMIN;
use super::screen::{WHOLE, money, note, step};
use super::story::Told;

/// Offered, in whole shares.
const OFFERED: u128 = 100;
/// Bought of them.
const BOUGHT: u128 = 40;
/// For a share, in coins.
const PRICE: u128 = 2;
/// The market's first order.
const ORDER: u64 = 1;

/// Lists the pool; the investor sells, a creator buys.
pub async fn tell(told: &Told) -> Result<()> {
    let (market, shell) = (told.deployment.market, &told.shell);
    let (seller, buyer) = (&told.cast.investor, &told.cast.creators[0]);
    let before = shares(told, [seller.address(), buyer.account.address()]).await?;
    step("listing the pool on the market, and offering shares", async |_| {
        shell.does(ADMIN, &["market", "list", "--lot", "1 share", "--tick", "0.01 DEV"]).await?;
        let (offered, price) = (format!("{OFFERED} shares"), format!("{PRICE} DEV"));
        shell.does(&seller.uri, &["market", "ask", &offered, "--price", &price, "--until", "+7d"]).await
    })
    .await?;
    step("buying a part of them", async |_| {
        let (order, bought) = (ORDER.to_string(), BOUGHT.to_string());
        shell.does(&buyer.account.uri, &["market", "fill", &order, "--shares", &bought]).await
    })
    .await?;
    check(told, before).await?;
    step("withdrawing the proceeds", async |_| {
        shell.does(&seller.uri, &["market", "withdraw"]).await?;
        let left = told.client.native_balance(market).await?;
        ensure!(left == 0, "the market keeps {left} wei");
        Ok(())
    })
    .await?;
    note(&format!(
        "{BOUGHT} of {OFFERED} shares went from the investor to {} at {} each; {} were paid out to the unit",
        buyer.file.name,
        money(PRICE * WHOLE),
        money(BOUGHT * PRICE * WHOLE)
    ));
    Ok(())
}

/// Both holdings, what is left of the order, and what the seller is owed.
async fn check(told: &Told, before: [U256; 2]) -> Result<()> {
    let (market, pool) = (told.deployment.market, told.deployment.pool);
    let (seller, buyer) = (told.cast.investor.address(), told.cast.creators[0].account.address());
    let bought = U256::from(BOUGHT * WHOLE);
    let after = shares(told, [seller, buyer]).await?;
    ensure!(after == [before[0] - bought, before[1] + bought], "shares went elsewhere: {after:?}");
    let left = told.client.read(market, &Market::orderOfCall { order: ORDER }).await?;
    ensure!(left.maker == seller, "the market's first order is of {}", left.maker);
    ensure!(left.shares == U256::from((OFFERED - BOUGHT) * WHOLE), "{} share units are left in the order", left.shares);
    let credit = told.client.read(market, &Market::creditOfCall { account: seller, pool }).await?;
    ensure!(credit == U256::from(BOUGHT * PRICE * WHOLE), "the seller is credited {credit} wei");
    Ok(())
}

async fn shares(told: &Told, accounts: [Address; 2]) -> Result<[U256; 2]> {
    let mut found = [U256::ZERO; 2];
    for (account, shares) in accounts.into_iter().zip(&mut found) {
        *shares = told.client.read(told.deployment.pool, &Pool::balanceOfCall { account }).await?;
    }
    Ok(found)
}
