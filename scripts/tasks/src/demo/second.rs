//! A second pool of the same factory, paid in a token of six decimals: with a co-op, holders and books of its own, and
//! the registries, the licence contract and the market of the first. At the end both as the indexer tells of them.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use yieldset_chain::abi::{Coop, Factory, Pool};
use yieldset_chain::units::Coin;
use yieldset_chain::{Address, U256, amount};
use yieldset_rules::math::split_bps;

use super::cast::{ADMIN, Person};
use super::children::Children;
use super::oracle::{MODEL, PERIOD};
use super::screen::{note, step};
use super::story::{CONTRIBUTORS_BPS, Told, answer, page, period, stream};
use super::summary::{PoolLine, pools};
use crate::mint;

/// The pool's name.
pub const POOL: &str = "Public Letters";
/// Its shares' symbol.
const SYMBOL: &str = "LETTER";
/// The pool's label.
const LABEL: &str = "letters";
/// The pool, as arguments name it.
const AT: &str = "@letters";
/// Minted to the first creator and to the investor, in whole shares.
const SHARES: [u128; 2] = [300, 100];
/// What the platform pays in, in the token's smallest unit.
const PAID: u128 = 12_500_000;
/// The least that an account can have of the token, which the pool keeps beside what it owes.
const FLOAT: u128 = 1;
/// The program that makes the token's money.
const TASKS: &str = "yieldset-tasks";

/// The second pool.
pub struct Second {
    /// The contract.
    pub pool: Address,
    /// Its holders' co-op.
    pub coop: Address,
    /// The token that it is paid in.
    pub currency: Address,
    /// What that is counted in.
    pub coin: Coin,
    /// What its first holder was paid.
    pub claimed: u128,
}

impl Second {
    /// Its page.
    pub fn page(&self, told: &Told) -> String {
        page(&told.indexer, self.pool)
    }
}

/// From the factory to a claimed dividend.
pub async fn tell(told: &Told, children: &Children) -> Result<Second> {
    let mut second = make(told).await?;
    open(told, children, &second).await?;
    deposit(told, &second).await?;
    second.claimed = claim(told, &second).await?;
    Ok(second)
}

/// Its holders, with the whole shares of each.
fn holders(told: &Told) -> [(&Person, u128); 2] {
    let [first, second] = SHARES;
    [(&told.cast.creators[0].account, first), (&told.cast.investor, second)]
}

/// Made by the factory with its co-op; whom the factory named takes it over.
async fn make(told: &Told) -> Result<Second> {
    let (client, shell, factory) = (&told.client, &told.shell, told.deployment.factory);
    let currency = mint::address(mint::USDC);
    let coin = mint::coin(client, currency).await?;
    let text = format!("making a second pool with its co-op, paid in {} of {} decimals", coin.symbol, coin.decimals);
    let pool = step(&text, async |_| {
        let contributors = format!("{} %", CONTRIBUTORS_BPS / 100);
        let terms = ["--currency", "@usdc", "--contributors", &contributors];
        shell.does("", &["account", "label", "usdc", &currency.to_string()]).await?;
        shell.does(ADMIN, &[&["pool", "create", POOL, SYMBOL], &terms[..]].concat()).await?;
        let count = client.read(factory, &Factory::poolCountCall {}).await?;
        ensure!(count == U256::from(2), "the factory lists {count} pools");
        let pool = client.read(factory, &Factory::poolAtCall { index: U256::from(1) }).await?;
        // The factory's count decides it, so it is the same in each run.
        shell.does("", &["account", "label", LABEL, &pool.to_string()]).await?;
        shell.does(ADMIN, &["roles", "accept", "--on", AT]).await?;
        shell.does(ADMIN, &["roles", "grant", "issuer", "me", "--on", AT]).await?;
        Ok(pool)
    })
    .await?;
    let listed = client.read(factory, &Factory::poolInfoCall { pool }).await?;
    let coop = listed.coop;
    ensure!(listed.created && listed.currency == currency, "the factory made another pool at {pool}");
    let votes_by = client.read(coop, &Coop::tokenCall {}).await?;
    ensure!(votes_by == pool && coop != told.deployment.coop, "the co-op {coop} votes by the shares of {votes_by}");
    note(&format!("{POOL} is {pool}, its co-op {coop}; registries, licences and market are the first pool's"));
    Ok(Second { pool, coop, currency, coin, claimed: 0 })
}

/// Shares for two, money for the platform, the float that a token of the chain asks for, and the opening.
async fn open(told: &Told, children: &Children, second: &Second) -> Result<()> {
    let (shell, coin) = (&told.shell, &second.coin);
    step("minting its shares and the platform's money", async |_| {
        for (holder, shares) in holders(told) {
            let shares = format!("{shares} shares");
            shell.does(ADMIN, &["pool", "mint", &holder.at(), &shares, "--pool", AT]).await?;
        }
        let platform = told.cast.platform.at();
        for (who, money) in [(AT, FLOAT), (platform.as_str(), PAID)] {
            children.tool(TASKS, &["mint", &coin.print(money), "--to", who, "--node-url", &told.node]).await?;
        }
        Ok(())
    })
    .await?;
    step("opening it, with its float", async |_| {
        let cap = format!("{} shares", SHARES.iter().sum::<u128>() * 2);
        shell.does(ADMIN, &["pool", "declare-minimum", &coin.print(FLOAT), "--pool", AT]).await?;
        shell.does(ADMIN, &["pool", "open", "--cap", &cap, "--pool", AT]).await
    })
    .await
    .map(|_| ())
}

/// The platform pays in, in the token; both legs to the unit.
async fn deposit(told: &Told, second: &Second) -> Result<()> {
    let (client, pool, coin) = (&told.client, second.pool, &second.coin);
    step("depositing the token in it", async |_| {
        let money = coin.print(PAID);
        told.shell.does(&told.cast.platform.uri, &["pool", "deposit", MODEL, PERIOD, &money, "--pool", AT]).await
    })
    .await?;
    let (contributors, holders) = split_bps(PAID, CONTRIBUTORS_BPS).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let totals = client.read(pool, &Pool::totalsCall {}).await?;
    ensure!(
        (totals.deposited, totals.toHolders) == (U256::from(PAID), U256::from(holders)),
        "of {PAID} units {} were paid in, {} of them for holders",
        totals.deposited,
        totals.toHolders
    );
    let waits = client.read(pool, &Pool::periodOfCall { stream: stream(), period: period()? }).await?.total;
    ensure!(waits == U256::from(contributors), "{waits} units wait for contributors, and not {contributors}");
    note(&format!(
        "{} paid in: {} for holders; {} wait for a report to this pool",
        coin.print(amount(totals.deposited)?),
        coin.print(amount(totals.toHolders)?),
        coin.print(amount(waits)?)
    ));
    Ok(())
}

/// The first holder claims, and is paid what the pool said; the pool keeps what its books say, and its float.
async fn claim(told: &Told, second: &Second) -> Result<u128> {
    let (client, pool, coin) = (&told.client, second.pool, &second.coin);
    let [(holder, shares), _] = holders(told);
    let account = holder.address();
    let claimable = amount(client.read(pool, &Pool::claimableCall { account }).await?)?;
    let before = balance(told, second, account).await?;
    step("claiming a dividend in the token", async |_| {
        told.shell.does(&holder.uri, &["claim", "--all", "--pool", AT]).await
    })
    .await?;
    let paid = balance(told, second, account).await? - before;
    ensure!(paid > 0 && paid == claimable, "paid were {paid} units, claimable {claimable}");
    let totals = client.read(pool, &Pool::totalsCall {}).await?;
    let owed = amount(totals.deposited - totals.claimedByHolders - totals.claimedByContributors)?;
    let keeps = balance(told, second, pool).await?;
    ensure!(keeps == owed + FLOAT, "the pool has {keeps} units, its books say {owed} beside a float of {FLOAT}");
    note(&format!(
        "{} with {shares} of {} shares was paid {}; the pool has {}, what its books say and its float",
        holder.label,
        SHARES.iter().sum::<u128>(),
        coin.print(paid),
        coin.print(keeps)
    ));
    Ok(paid)
}

/// What an account or a contract has of the token, in its smallest unit.
async fn balance(told: &Told, second: &Second, account: Address) -> Result<u128> {
    Ok(amount(told.client.read(second.currency, &Pool::balanceOfCall { account }).await?)?)
}

/// What the indexer answers of a pool, as far as it is told here.
#[derive(Debug, Deserialize)]
pub struct Mirrored {
    /// The contract.
    pub address: Address,
    /// The shares' name.
    pub name: String,
    /// What it is paid in.
    pub currency: MirroredCurrency,
    /// Everything paid in, in the currency's smallest unit, as are the others.
    pub deposited: String,
    /// Dividends paid out.
    pub claimed_by_holders: String,
    /// Contributions paid out.
    pub claimed_by_contributors: String,
}

/// What the indexer answers of a currency.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct MirroredCurrency {
    /// Its contract; zero for the chain's own money.
    pub address: Address,
    /// Its symbol.
    pub symbol: String,
    /// Its digits after the point.
    pub decimals: u8,
}

/// Both pools by `GET /v1/pools`, the first one first: each is there once, with its own currency and the chain's sums.
pub async fn mirrored(told: &Told, second: &Second) -> Result<[Mirrored; 2]> {
    let mut list = answer(&told.indexer.url, "/v1/pools").await?;
    let all: Vec<Mirrored> = serde_json::from_value(list["items"].take()).context("the indexer's list of pools")?;
    ensure!(all.len() == 2, "the indexer lists {} pools", all.len());
    let (mut first, mut other) = (None, None);
    for pool in all {
        let place = if pool.address == second.pool { &mut other } else { &mut first };
        *place = Some(pool);
    }
    let first = first.filter(|pool| pool.address == told.deployment.pool).context("the first pool is not listed")?;
    let other = other.context("the second pool is not listed")?;
    let native = &first.currency;
    ensure!(native.address.is_zero() && native.decimals == 18, "the first pool is paid in {native:?}");
    let Coin { symbol, decimals } = second.coin.clone();
    let token = MirroredCurrency { address: second.currency, symbol, decimals };
    ensure!(other.currency == token, "the second pool is paid in {:?}, and not in {token:?}", other.currency);
    for pool in [&first, &other] {
        let totals = told.client.read(pool.address, &Pool::totalsCall {}).await?;
        let sums = [totals.deposited, totals.claimedByHolders, totals.claimedByContributors].map(|sum| sum.to_string());
        let said = [&pool.deposited, &pool.claimed_by_holders, &pool.claimed_by_contributors];
        ensure!(said == sums.each_ref(), "{}: the indexer says {said:?}, the chain {sums:?}", pool.name);
    }
    Ok([first, other])
}

/// Both pools in a table, as the indexer tells of them.
pub async fn show(told: &Told, second: &Second) -> Result<()> {
    let found = step("asking the indexer for the factory's pools", async |_| mirrored(told, second).await).await?;
    let mut lines = Vec::new();
    for pool in found {
        let MirroredCurrency { symbol, decimals, .. } = pool.currency;
        let sum = |digits: &str| digits.parse::<u128>().with_context(|| format!("{digits:?} is no amount"));
        lines.push(PoolLine {
            name: pool.name,
            deposited: sum(&pool.deposited)?,
            dividends: sum(&pool.claimed_by_holders)?,
            contributions: sum(&pool.claimed_by_contributors)?,
            coin: Coin { symbol, decimals },
        });
    }
    println!("\nThe factory's pools, each in its own currency:");
    println!("{}", pools(&lines));
    Ok(())
}
