//! Pools: shares, dividends, what keeps shares from moving, and that the money is there.

use futures::TryStreamExt;
use yieldset_chain::abi::{Factory, Pool};
use yieldset_rules::{
    compliance::{Lock, Locks},
    dividends::Holder,
};

use super::{Chain, Comparison, db, each};
use crate::{
    column::{Addr, Amount, Hash, storable},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    standing_still(snapshot, found).await?;
    factories(snapshot, chain, found).await?;
    listings(snapshot, chain, found).await?;
    pools(snapshot, chain, found).await?;
    balances(snapshot, chain, found).await?;
    holders(snapshot, chain, found).await?;
    conservation(snapshot, chain, found).await?;
    ledger(snapshot, found).await?;
    period_ledger(snapshot, found).await
}

/// Of a contract whose own event did not fit nothing after that is known, so nothing more of it is compared.
async fn standing_still(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "address: Addr", kind, fault AS "fault!", coalesce(fault_block, 0) AS "block!" FROM contracts
           WHERE fault IS NOT NULL ORDER BY address, kind"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about(&row.kind, row.address);
        found.figures = found.figures.saturating_add(1);
        found.differs(format!("{} {} stands still since block {}: {}", row.kind, row.address, row.block, row.fault));
    }
    Ok(())
}

/// No pool that a factory lists is missing here.
async fn factories(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "address: Addr", (SELECT count(*) FROM pool_listings l WHERE l.factory = c.address) AS "pools!"
           FROM contracts c WHERE kind = 'factory' ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("factory", row.address);
        let count = chain.ask(row.address, Factory::poolCountCall {}).await?;
        let here = Amount::from(row.pools.unsigned_abs());
        found.told(format!("pools of factory {}", row.address), here, count, Amount::from);
    }
    Ok(())
}

async fn listings(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        pool: Addr,
        factory: Addr,
        number: i64,
        creator: Addr,
        coop: Addr,
        created: bool,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT pool AS "pool: Addr", factory AS "factory: Addr", number, creator AS "creator: Addr", coop AS "coop: Addr",
                  created
           FROM pool_listings WHERE valid_from > $1 ORDER BY pool"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let info = chain.ask(row.factory, Factory::poolInfoCall { pool: row.pool.0 }).await?;
        Ok::<_, IndexerError>((row, info))
    };
    each(rows, ask, |(row, info)| {
        let what = format!("pool {} of its factory", row.pool);
        found.about("factory", row.factory);
        let Some(theirs) = found.answer(&what, info) else { return };
        found.same(format!("{what}: number"), row.number, i64::from(theirs.number));
        found.same(format!("{what}: creator"), row.creator, theirs.creator.into());
        found.same(format!("{what}: co-op"), row.coop, theirs.coop.into());
        found.same(format!("{what}: made by the factory"), row.created, theirs.created);
    })
    .await?;
    Ok(())
}

struct PoolRow {
    address: Addr,
    kyc: Addr,
    attribution: Addr,
    licences: Option<Addr>,
    contributors_bps: i32,
    name: String,
    symbol: String,
    supply: Amount,
    index: Amount,
    carry: Amount,
    to_holders: Amount,
    to_contributors: Amount,
    claimed_by_holders: Amount,
    claimed_by_contributors: Amount,
    holders: i64,
}

async fn pools(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query_as!(
        PoolRow,
        r#"SELECT p.address AS "address: Addr", kyc AS "kyc: Addr", attribution AS "attribution: Addr",
                  licences AS "licences: Addr", contributors_bps, name, symbol, supply AS "supply: Amount",
                  dividend_index AS "index: Amount", carry AS "carry: Amount", to_holders AS "to_holders: Amount",
                  to_contributors AS "to_contributors: Amount", claimed_by_holders AS "claimed_by_holders: Amount",
                  claimed_by_contributors AS "claimed_by_contributors: Amount", holders
           FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool'
           WHERE c.fault IS NULL AND p.valid_from > $1 ORDER BY p.address"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let mut count = 0_usize;
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("pool", row.address);
        pool(chain, &row, found).await?;
        count = count.saturating_add(1);
    }
    found.counted(count, "pools");
    Ok(())
}

async fn pool(chain: &Chain<'_>, row: &PoolRow, found: &mut Comparison) -> Result<(), IndexerError> {
    let pool = row.address;
    let of = |figure: &str| format!("pool {figure} of {pool}");
    let name = chain.ask(pool, Pool::nameCall {}).await?;
    found.told(of("name"), row.name.clone(), name, |name| storable(&name));
    let symbol = chain.ask(pool, Pool::symbolCall {}).await?;
    found.told(of("symbol"), row.symbol.clone(), symbol, |symbol| storable(&symbol));
    found.told(of("kyc"), row.kyc, chain.ask(pool, Pool::kycCall {}).await?, Addr::from);
    found.told(of("attribution"), row.attribution, chain.ask(pool, Pool::attributionCall {}).await?, Addr::from);
    let licences = chain.ask(pool, Pool::licencesCall {}).await?;
    found.told(of("licences"), row.licences.unwrap_or_default(), licences, Addr::from);
    let bps = chain.ask(pool, Pool::contributorsBpsCall {}).await?;
    found.told(of("contributorsBps"), row.contributors_bps, bps, i32::from);
    found.told(of("totalSupply"), row.supply, chain.ask(pool, Pool::totalSupplyCall {}).await?, Amount::from);
    let holders = chain.ask(pool, Pool::holderCountCall {}).await?;
    found.told(of("holderCount"), row.holders, holders, i64::from);
    let totals = chain.ask(pool, Pool::totalsCall {}).await?;
    let Some(totals) = found.answer(of("totals"), totals) else { return Ok(()) };
    let deposited = Amount(row.to_holders.0.saturating_add(row.to_contributors.0));
    found.same(of("deposited"), deposited, totals.deposited.into());
    found.same(of("toHolders"), row.to_holders, totals.toHolders.into());
    found.same(of("toContributors"), row.to_contributors, totals.toContributors.into());
    found.same(of("claimedByHolders"), row.claimed_by_holders, totals.claimedByHolders.into());
    found.same(of("claimedByContributors"), row.claimed_by_contributors, totals.claimedByContributors.into());
    found.same(of("index"), row.index, totals.index.into());
    found.same(of("carry"), row.carry, totals.carry.into());
    Ok(())
}

/// A pool has of its currency what it owes, whether anything of it changed here or not.
async fn balances(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT p.address AS "address: Addr", currency AS "currency: Addr",
                  greatest(to_holders + to_contributors - claimed_by_holders - claimed_by_contributors, 0) AS "owed!: Amount"
           FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool' WHERE c.fault IS NULL ORDER BY p.address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        chain.covers(found, ("pool", row.address), row.currency, row.owed).await?;
    }
    Ok(())
}

struct HolderRow {
    pool: Addr,
    account: Addr,
    balance: Amount,
    settled_index: Amount,
    pending: Amount,
    fraction: Amount,
    frozen: Amount,
    reserved: Amount,
    locks: Vec<u8>,
    recovered: bool,
    delegate: Option<Addr>,
    index: Amount,
}

async fn holders(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        HolderRow,
        r#"SELECT h.pool AS "pool: Addr", account AS "account: Addr", balance AS "balance: Amount",
                  settled_index AS "settled_index: Amount", pending AS "pending: Amount", fraction AS "fraction: Amount",
                  frozen AS "frozen: Amount", reserved AS "reserved: Amount", locks, recovered, delegate AS "delegate: Addr",
                  dividend_index AS "index: Amount"
           FROM holders h JOIN pools p ON p.address = h.pool JOIN contracts c ON c.address = h.pool AND c.kind = 'pool'
           WHERE c.fault IS NULL AND h.valid_from > $1 ORDER BY h.pool, account"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: HolderRow| async move {
        let account = row.account.0;
        let record = chain.ask(row.pool, Pool::holderOfCall { account }).await?;
        let claimable = chain.ask(row.pool, Pool::claimableCall { account }).await?;
        let restraints = chain.ask(row.pool, Pool::restraintsOfCall { account }).await?;
        let delegate = chain.ask(row.pool, Pool::delegatesCall { account }).await?;
        Ok::<_, IndexerError>((row, record, claimable, restraints, delegate))
    };
    let count = each(rows, ask, |(row, record, claimable, restraints, delegate)| {
        let holder = format!("holder {} of {}", row.account, row.pool);
        found.about("pool", row.pool);
        if let Some(theirs) = found.answer(format!("{holder} record"), record) {
            found.same(format!("{holder} balance"), row.balance, theirs.balance.into());
            found.same(format!("{holder} index"), row.settled_index, theirs.index.into());
            found.same(format!("{holder} pending"), row.pending, theirs.pending.into());
            found.same(format!("{holder} fraction"), row.fraction, Amount::from(theirs.fraction));
        }
        let text = |amount: Option<Amount>| amount.map_or("out of range".to_owned(), |amount| amount.to_string());
        found.told(format!("{holder} claimable"), text(row.claimable()), claimable, |told| text(Some(told.into())));
        if let Some(theirs) = found.answer(format!("{holder} restraints"), restraints) {
            let lock = row.lock(chain.now);
            found.same(format!("{holder} frozen"), row.frozen, theirs.frozen.into());
            found.same(format!("{holder} reserved"), row.reserved, theirs.reserved.into());
            found.same(format!("{holder} locked"), Amount::from(lock.amount), theirs.locked.into());
            found.same(format!("{holder} locked until"), lock.until, theirs.lockedUntil);
            found.same(format!("{holder} recovered"), row.recovered, theirs.recovered);
        }
        found.told(format!("{holder} delegate"), row.delegate.unwrap_or(row.account), delegate, Addr::from);
    })
    .await?;
    found.counted(count, "holders");
    Ok(())
}

impl HolderRow {
    /// What it can claim by the rules.
    fn claimable(&self) -> Option<Amount> {
        let record = Holder {
            balance: self.balance.to_u128().ok()?,
            index: self.settled_index.to_u128().ok()?,
            pending: self.pending.to_u128().ok()?,
            fraction: self.fraction.to_u64().ok()?,
        };
        record.claimable(self.index.to_u128().ok()?).ok().map(Amount::from)
    }

    /// All that is locked up at a time, as one; no bytes are no locks, and so are bytes that are none.
    fn lock(&self, now: u64) -> Lock {
        let locks = <&[u8; Locks::LEN]>::try_from(&self.locks[..]).map(Locks::from_bytes);
        locks.unwrap_or_default().whole(now)
    }
}

/// PAY-7's equality in units of 2^-64, and what else holds within the rows alone: a holder that is missing shows in it.
async fn conservation(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT p.address AS "pool!: Addr", h.balances = supply AS "supply!", h.claimed = claimed_by_holders AS "claimed!",
                  h.holders = p.holders AS "holders!",
                  claimed_by_holders * 18446744073709551616 + carry + h.owed = to_holders * 18446744073709551616 AS "conserved!"
           FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool' CROSS JOIN LATERAL (
               SELECT coalesce(sum(balance), 0) AS balances, coalesce(sum(claimed), 0) AS claimed,
                      count(*) FILTER (WHERE balance > 0) AS holders,
                      coalesce(sum(pending * 18446744073709551616 + fraction
                          + balance * greatest(p.dividend_index - settled_index, 0)), 0) AS owed
               FROM holders WHERE pool = p.address) h
           WHERE c.fault IS NULL ORDER BY p.address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let pool = row.pool;
        found.about("pool", pool);
        found.holds(format!("{pool}: toHolders = Σ claimed + pending + accrued + carry, to 2^-64,"), row.conserved);
        found.holds(format!("{pool}: totalSupply = Σ balances"), row.supply);
        found.holds(format!("{pool}: claimedByHolders = Σ claimed"), row.claimed);
        found.holds(format!("{pool}: holders = accounts with shares"), row.holders);
    }
    drop(rows);
    // Of a pool that does not change here the chain may tell of more holders all the same.
    let mut rows = sqlx::query!(
        r#"SELECT p.address AS "pool: Addr", holders FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool'
           WHERE c.fault IS NULL AND p.valid_from <= $1 ORDER BY p.address"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("pool", row.pool);
        let holders = chain.ask(row.pool, Pool::holderCountCall {}).await?;
        found.told(format!("pool holderCount of {}", row.pool), row.holders, holders, i64::from);
    }
    Ok(())
}

/// The double-entry accounts give the same figures as the pools' rows. What contributors' money was carried or released
/// is on both sides of their account, so its balance counts.
async fn ledger(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT p.address AS "pool!: Addr", coalesce(lines, 0) AS "lines!",
                  coalesce(coins_debit, 0) = to_holders + to_contributors
                      AND coalesce(coins_credit, 0) = claimed_by_holders + claimed_by_contributors AS "coins!",
                  coalesce(holders_debit, 0) = claimed_by_holders AND coalesce(holders_credit, 0) = to_holders AS "holders!",
                  coalesce(contributors, 0) = to_contributors - claimed_by_contributors AS "contributors!"
           FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool' LEFT JOIN (
               SELECT book, count(*) AS lines,
                      sum(debit) FILTER (WHERE account = 'coins') AS coins_debit,
                      sum(credit) FILTER (WHERE account = 'coins') AS coins_credit,
                      sum(debit) FILTER (WHERE account = 'holders') AS holders_debit,
                      sum(credit) FILTER (WHERE account = 'holders') AS holders_credit,
                      sum(credit - debit) FILTER (WHERE account = 'contributors') AS contributors
               FROM ledger GROUP BY book) l ON l.book = p.address
           WHERE c.fault IS NULL ORDER BY p.address"#
    )
    .fetch(snapshot.connection());
    let mut lines = 0_usize;
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let pool = row.pool;
        found.about("pool", pool);
        found.holds(format!("{pool}: ledger account coins = deposits and claims"), row.coins);
        found.holds(format!("{pool}: ledger account holders = what they earned and claimed"), row.holders);
        found.holds(format!("{pool}: ledger account contributors = what they have not claimed"), row.contributors);
        lines = lines.saturating_add(usize::try_from(row.lines).unwrap_or(usize::MAX));
    }
    found.counted(lines, "ledger lines");
    Ok(())
}

/// The same of each period.
async fn period_ledger(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT m.pool AS "pool!: Addr", m.stream AS "stream!: Hash", m.period AS "period!",
                  coalesce(owed, 0) = total - claimed AS "holds!"
           FROM periods m JOIN contracts c ON c.address = m.pool AND c.kind = 'pool' LEFT JOIN (
               SELECT book, stream, period, sum(credit - debit) AS owed FROM ledger WHERE account = 'contributors'
               GROUP BY book, stream, period) l ON l.book = m.pool AND l.stream = m.stream AND l.period = m.period
           WHERE c.fault IS NULL ORDER BY m.pool, m.stream, m.period"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("pool", row.pool);
        let what = format!("period {} of stream {} of {}", row.period, row.stream, row.pool);
        found.holds(format!("{what}: its ledger account = what is not claimed"), row.holds);
    }
    Ok(())
}
