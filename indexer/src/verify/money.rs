//! Pools: shares, dividends, periods, and that the money is there.

use alloy_primitives::U256;
use yieldset_chain::{Deployment, abi::Pool};
use yieldset_rules::{
    contribution::{Contribution, WEIGHT_ONE},
    dividends::{Holder, ONE},
};

use super::{Chain, Comparison, db};
use crate::{
    api::deposits::{self, PeriodView},
    column::{Addr, Amount, Hash, storable},
    error::IndexerError,
    project::has_books,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let books = pool(snapshot, chain, deployment, found).await?;
    let holders = holders(snapshot, chain, deployment, found).await?;
    if let Some(books) = books {
        conservation(&books, &holders, found);
        ledger(snapshot, deployment, &books, found).await?;
    }
    periods(snapshot, chain, deployment, found).await?;
    contributions(snapshot, chain, deployment, found).await
}

/// The pool's row.
struct Books {
    supply: Amount,
    index: Amount,
    carry: Amount,
    to_holders: Amount,
    to_contributors: Amount,
    claimed_by_holders: Amount,
    claimed_by_contributors: Amount,
}

async fn pool(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<Option<Books>, IndexerError> {
    let address = deployment.pool;
    let row = sqlx::query!(
        r#"SELECT kyc AS "kyc: Addr", attribution AS "attribution: Addr", licences AS "licences: Addr", contributors_bps, name, symbol,
                  currency AS "currency: Addr",
                  supply AS "supply: Amount", dividend_index AS "index: Amount", carry AS "carry: Amount",
                  to_holders AS "to_holders: Amount",
                  to_contributors AS "to_contributors: Amount", claimed_by_holders AS "claimed_by_holders: Amount",
                  claimed_by_contributors AS "claimed_by_contributors: Amount"
           FROM pools WHERE address = $1"#,
        address.as_slice(),
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(usize::from(row.is_some()), "pool");
    let Some(row) = row else {
        found.holds("the pool's row is there", false);
        return Ok(None);
    };
    found.same("pool name", row.name, storable(&chain.read(address, Pool::nameCall {}).await?));
    found.same("pool symbol", row.symbol, storable(&chain.read(address, Pool::symbolCall {}).await?));
    found.same("pool kyc", row.kyc, chain.read(address, Pool::kycCall {}).await?.into());
    found.same("pool attribution", row.attribution, chain.read(address, Pool::attributionCall {}).await?.into());
    let licences = chain.read(address, Pool::licencesCall {}).await?;
    found.same("pool licences", row.licences.unwrap_or_default(), licences.into());
    let bps = chain.read(address, Pool::contributorsBpsCall {}).await?;
    found.same("pool contributorsBps", row.contributors_bps, i32::from(bps));
    found.same("totalSupply", row.supply, chain.read(address, Pool::totalSupplyCall {}).await?.into());
    let totals = chain.read(address, Pool::totalsCall {}).await?;
    found.same("deposited", Amount(row.to_holders.0 + row.to_contributors.0), totals.deposited.into());
    found.same("toHolders", row.to_holders, totals.toHolders.into());
    found.same("toContributors", row.to_contributors, totals.toContributors.into());
    found.same("claimedByHolders", row.claimed_by_holders, totals.claimedByHolders.into());
    found.same("claimedByContributors", row.claimed_by_contributors, totals.claimedByContributors.into());
    found.same("index", row.index, totals.index.into());
    found.same("carry", row.carry, totals.carry.into());
    let holds = match row.currency.0.is_zero() {
        true => Amount::from(chain.client.native_balance_at(chain.at, address).await?),
        false => chain.read(row.currency.0, Pool::balanceOfCall { account: address }).await?.into(),
    };
    let owed =
        Amount(totals.deposited).less(Amount(totals.claimedByHolders)).less(Amount(totals.claimedByContributors));
    found.holds(format!("the pool holds the {owed} it owes (it has {holds})"), holds >= owed);
    Ok(Some(Books {
        supply: row.supply,
        index: row.index,
        carry: row.carry,
        to_holders: row.to_holders,
        to_contributors: row.to_contributors,
        claimed_by_holders: row.claimed_by_holders,
        claimed_by_contributors: row.claimed_by_contributors,
    }))
}

struct HolderRow {
    account: Addr,
    balance: Amount,
    settled_index: Amount,
    pending: Amount,
    fraction: Amount,
    claimed: Amount,
}

async fn holders(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<Vec<HolderRow>, IndexerError> {
    let rows = sqlx::query_as!(
        HolderRow,
        r#"SELECT account AS "account: Addr", balance AS "balance: Amount", settled_index AS "settled_index: Amount",
                  pending AS "pending: Amount", fraction AS "fraction: Amount", claimed AS "claimed: Amount"
           FROM holders WHERE pool = $1 ORDER BY account"#,
        deployment.pool.as_slice(),
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "holders");
    let index = sqlx::query_scalar!(
        r#"SELECT dividend_index AS "index: Amount" FROM pools WHERE address = $1"#,
        deployment.pool.as_slice()
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?
    .unwrap_or_default();
    let answers = chain.for_each(deployment.pool, rows, |row| Pool::holderOfCall { account: row.account.0 }).await?;
    let mut rows = Vec::with_capacity(answers.len());
    for (row, chain) in answers {
        let account = row.account;
        found.same(format!("holder {account} balance"), row.balance, chain.balance.into());
        found.same(format!("holder {account} index"), row.settled_index, chain.index.into());
        found.same(format!("holder {account} pending"), row.pending, chain.pending.into());
        found.same(format!("holder {account} fraction"), row.fraction, Amount::from(chain.fraction));
        rows.push(row);
    }
    let answers = chain.for_each(deployment.pool, rows, |row| Pool::claimableCall { account: row.account.0 }).await?;
    let mut rows = Vec::with_capacity(answers.len());
    for (row, claimable) in answers {
        let ours = record(&row).and_then(|record| record.claimable(index.to_u128().ok()?).ok()).map(Amount::from);
        let text = |amount: Option<Amount>| amount.map_or("out of range".to_owned(), |amount| amount.to_string());
        found.same(format!("holder {} claimable", row.account), text(ours), text(Some(claimable.into())));
        rows.push(row);
    }
    Ok(rows)
}

fn record(row: &HolderRow) -> Option<Holder> {
    Some(Holder {
        balance: row.balance.to_u128().ok()?,
        index: row.settled_index.to_u128().ok()?,
        pending: row.pending.to_u128().ok()?,
        fraction: row.fraction.to_u64().ok()?,
    })
}

/// PAY-7's equality, in units of 2^-64, over the rows alone: it also shows a holder that is missing.
fn conservation(books: &Books, holders: &[HolderRow], found: &mut Comparison) {
    let one = U256::from(ONE);
    let mut sum = books.claimed_by_holders.0 * one + books.carry.0;
    let (mut balances, mut claimed) = (U256::ZERO, U256::ZERO);
    for holder in holders {
        let behind = books.index.0.saturating_sub(holder.settled_index.0);
        sum += holder.pending.0 * one + holder.fraction.0 + holder.balance.0 * behind;
        balances += holder.balance.0;
        claimed += holder.claimed.0;
    }
    found.holds("toHolders = Σ claimed + pending + accrued + carry, to 2^-64", sum == books.to_holders.0 * one);
    found.holds("totalSupply = Σ balances", balances == books.supply.0);
    found.holds("claimedByHolders = Σ claimed", claimed == books.claimed_by_holders.0);
}

/// The double-entry accounts give the same figures as the pool's row.
async fn ledger(
    snapshot: &mut Snapshot,
    deployment: &Deployment,
    books: &Books,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let sums = sqlx::query!(
        r#"SELECT account, sum(debit) AS "debit!: Amount", sum(credit) AS "credit!: Amount", count(*) AS "lines!"
           FROM ledger WHERE pool = $1 GROUP BY account"#,
        deployment.pool.as_slice(),
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(sums.iter().map(|sum| usize::try_from(sum.lines).unwrap_or(0)).sum(), "ledger lines");
    let expected = [
        (
            "coins",
            Amount(books.to_holders.0 + books.to_contributors.0),
            Amount(books.claimed_by_holders.0 + books.claimed_by_contributors.0),
        ),
        ("holders", books.claimed_by_holders, books.to_holders),
        ("contributors", books.claimed_by_contributors, books.to_contributors),
    ];
    for (account, debit, credit) in expected {
        let sum = sums.iter().find(|sum| sum.account == account).map_or(Default::default(), |s| (s.debit, s.credit));
        found.holds(format!("ledger account {account}: {sum:?} = {:?}", (debit, credit)), sum == (debit, credit));
    }
    Ok(())
}

async fn periods(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    struct Row {
        stream: Hash,
        period: i64,
        total: Amount,
        claimed: Amount,
        weight_claimed: Amount,
        kept_root: Option<Hash>,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT stream AS "stream: Hash", period, total AS "total: Amount", claimed AS "claimed: Amount",
                  weight_claimed AS "weight_claimed: Amount", kept_root AS "kept_root: Hash"
           FROM periods WHERE pool = $1 ORDER BY stream, period"#,
        deployment.pool.as_slice(),
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "periods");
    // Where periods can have several books, weights have one each; rows are of all.
    let books = has_books(snapshot.connection()).await?;
    let call = |row: &Row| Pool::periodOfCall { stream: row.stream.0, period: narrow(row.period) };
    let mut roots = Vec::with_capacity(rows.len());
    for (row, chain) in chain.for_each(deployment.pool, rows, call).await? {
        let what = format!("period {} of stream {}", row.period, row.stream);
        found.same(format!("{what}: total"), row.total, chain.total.into());
        found.same(format!("{what}: claimed"), row.claimed, chain.claimed.into());
        if !books {
            found.same(format!("{what}: weightClaimed"), row.weight_claimed, Amount::from(chain.weightClaimed));
            roots.push((row.stream, row.period, row.kept_root.unwrap_or_default()));
        }
    }
    let call = |row: &(Hash, i64, Hash)| Pool::keptRootCall { stream: row.0.0, period: narrow(row.1) };
    for ((stream, period, root), theirs) in chain.for_each(deployment.pool, roots, call).await? {
        found.same(format!("period {period} of stream {stream}: kept root"), root, theirs.into());
    }
    waiting(snapshot, chain, deployment, found, books).await
}

/// The numbers of `waitingOf`.
const WAYS: [&str; 6] = ["none", "claim", "decision", "report", "carry", "release"];

/// What of each period nobody has claimed, and which way out it has.
async fn waiting(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
    books: bool,
) -> Result<(), IndexerError> {
    let rows = deposits::period_rows(snapshot, deployment.pool.into(), None, None, i64::MAX).await.map_err(db)?;
    let call = |row: &PeriodView| Pool::waitingOfCall { stream: row.stream.0, period: narrow(row.period) };
    for (row, theirs) in chain.for_each(deployment.pool, rows, call).await? {
        let what = format!("period {} of stream {}", row.period, row.stream);
        // What is left in an earlier book the pool does not count to what waits in the last.
        if !books {
            found.same(format!("{what}: unclaimed"), row.unclaimed, theirs.amount.into());
        }
        let way = WAYS.get(usize::from(theirs.state)).copied().unwrap_or("unknown");
        // When a licence's stream has ended the pool alone knows, and this says so.
        let open = row.licensed && row.waiting == "report" && way == "release";
        found.same(format!("{what}: way out"), row.waiting.as_str(), if open { "report" } else { way });
        found.same(format!("{what}: carried to"), row.carry_to.unwrap_or(0), i64::from(theirs.to));
    }
    Ok(())
}

async fn contributions(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    struct Row {
        stream: Hash,
        period: i64,
        account: Addr,
        claimed: Amount,
        weight: Amount,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT stream AS "stream: Hash", period, account AS "account: Addr", claimed AS "claimed: Amount",
                  weight AS "weight: Amount"
           FROM contributions WHERE pool = $1 ORDER BY stream, period, account"#,
        deployment.pool.as_slice(),
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "contributions");
    let call = |row: &Row| Pool::contributionClaimedCall {
        stream: row.stream.0,
        period: narrow(row.period),
        account: row.account.0,
    };
    for (row, claimed) in chain.for_each(deployment.pool, rows, call).await? {
        let what = format!("contribution of {} in period {} of stream {}", row.account, row.period, row.stream);
        found.same(format!("{what}: claimed"), row.claimed, claimed.into());
        let weight = Contribution { claimed: 0, weight: row.weight.to_u64().unwrap_or(u64::MAX) }.weight;
        found.holds(format!("{what}: weight {weight} is at most 10^18"), weight <= WEIGHT_ONE);
    }
    Ok(())
}

/// A period of the chain, which has 32 bits.
fn narrow(period: i64) -> u32 {
    u32::try_from(period).unwrap_or(0)
}
