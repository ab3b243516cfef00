//! Compares rows and chain, in both directions, at the last indexed block.
//!
//! Rows come as streams, and the contracts are asked about several at once, so memory does not grow with the database.
//! What the chain has and the rows lack shows in the contracts' own counts and sums, and in the journal, which is
//! compared with the events of the node's blocks, and with the rows that each event of money or shares gives.
//!
//! A difference is between what our contracts say and what is here. What others' contracts answer, a currency or a
//! registry that strangers chose for a pool of theirs, is a remark: nobody makes this mirror look wrong by lying about
//! himself.

mod committees;
mod coop;
mod datasets;
mod facts;
mod issuance;
mod journal;
mod licences;
mod money;
mod movements;
mod periods;
mod proof;
mod registries;
mod reports;
mod trade;

use std::{
    collections::{HashMap, HashSet},
    fmt::{self, Display},
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use futures::{TryStreamExt, stream::BoxStream};
use sqlx::PgPool;
use yieldset_chain::{B256, ChainClient, Deployment, SolCall, abi::Pool};
use yieldset_rules::succession;

pub use reports::{StreamEnd, stream_ends};

use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    snapshot::Snapshot,
    store::{self, Tip},
};

/// Rows that the node is asked about at once.
const IN_FLIGHT: usize = 8;
/// How long strangers' contracts are waited for in one comparison, all together: each may compute for as long as a
/// block lasts, and there can be any number of them.
const STRANGERS_PATIENCE_MS: u64 = 120_000;
/// Differences that are listed; more are counted.
const LISTED: usize = 1_000;

/// How much is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every row, and every block's events.
    All,
    /// Rows that changed after this block, at which all agreed, and the blocks since then. Sums and counts are compared
    /// whole.
    Since(i64),
}

impl Scope {
    /// Since the last comparison that found no difference; everything where there was none, or where its block is not
    /// here any more.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn since_last(pool: &PgPool) -> Result<Self, IndexerError> {
        let block = sqlx::query_scalar!(
            "SELECT v.block FROM verification v JOIN blocks b ON b.number = v.block AND b.hash = v.hash
             WHERE v.differences = 0"
        )
        .fetch_optional(pool)
        .await
        .map_err(db)?;
        Ok(block.map_or(Self::All, Self::Since))
    }
}

/// What was compared, and what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The block.
    pub block: i64,
    /// Its hash.
    pub hash: B256,
    /// After which block rows had to have changed to be compared; none where all were.
    pub since: Option<i64>,
    /// How many of what, in order.
    pub counts: Vec<(usize, &'static str)>,
    /// Figures that were compared.
    pub figures: usize,
    /// One sentence each, the first 1,000.
    pub differences: Vec<String>,
    /// How many there are in all.
    pub differing: usize,
    /// What contracts say that are not ours, the first 1,000: no differences.
    pub remarks: Vec<String>,
    /// By kind: contracts that strangers chose.
    strangers: HashMap<String, HashSet<Addr>>,
    /// What the deployment's pool pays in.
    currency: Addr,
    /// What is compared now is a stranger's word.
    strange: bool,
}

impl Comparison {
    /// What follows depends on what this contract says as one of a kind.
    fn about(&mut self, kind: &str, contract: Addr) {
        self.strange = false;
        self.about_also(kind, contract);
    }

    /// And on what this one says.
    fn about_also(&mut self, kind: &str, contract: Addr) {
        self.strange |= self.is_strangers(kind, contract);
    }

    /// Whether strangers chose this contract as one of a kind.
    fn is_strangers(&self, kind: &str, contract: Addr) -> bool {
        self.strangers.get(kind).is_some_and(|strangers| strangers.contains(&contract))
    }

    /// What follows depends on what this money's contract says.
    fn about_money(&mut self, currency: Addr) {
        self.strange = currency != Addr::default() && currency != self.currency;
    }

    /// Notes a difference.
    fn differs(&mut self, sentence: String) {
        let list = if self.strange { &mut self.remarks } else { &mut self.differences };
        if list.len() < LISTED {
            list.push(sentence);
        }
        if !self.strange {
            self.differing = self.differing.saturating_add(1);
        }
    }

    /// Notes a difference where there is one.
    fn same<T: PartialEq + Display>(&mut self, what: impl Display, here: T, chain: T) {
        self.figures = self.figures.saturating_add(1);
        if here != chain {
            self.differs(format!("{what}: {here} in Postgres, {chain} on chain"));
        }
    }

    /// The same of a single answer; a contract that does not answer differs from whatever is here.
    fn told<T, V: PartialEq + Display>(
        &mut self,
        what: impl Display,
        here: V,
        answer: Answer<T>,
        of: impl FnOnce(T) -> V,
    ) {
        if let Some(told) = self.answer(&what, answer) {
            self.same(what, here, of(told));
        }
    }

    /// An answer with several figures.
    fn answer<T>(&mut self, what: impl Display, answer: Answer<T>) -> Option<T> {
        match answer {
            Ok(told) => Some(told),
            Err(reason) => {
                self.figures = self.figures.saturating_add(1);
                self.differs(format!("{what}: a row in Postgres, no answer on chain: {reason}"));
                None
            }
        }
    }

    /// Notes a rule that the rows themselves break.
    fn holds(&mut self, what: impl Display, holds: bool) {
        self.figures = self.figures.saturating_add(1);
        if !holds {
            self.differs(format!("{what} does not hold"));
        }
    }

    fn counted(&mut self, count: usize, noun: &'static str) {
        match self.counts.iter_mut().find(|(_, known)| *known == noun) {
            Some((total, _)) => *total = total.saturating_add(count),
            None => self.counts.push((count, noun)),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "DIFFERS  {difference}")?;
        }
        let more = self.differing.saturating_sub(self.differences.len());
        if more > 0 {
            writeln!(f, "DIFFERS  {more} more that are not listed")?;
        }
        for remark in &self.remarks {
            writeln!(f, "REMARK   of a contract that is not ours: {remark}")?;
        }
        let list: Vec<_> = self.counts.iter().map(|(count, noun)| format!("{count} {noun}")).collect();
        let verdict = match self.differing {
            0 => format!("agree at block {}: {} figures compared, none differs", self.block, self.figures),
            n => format!("compared at block {}: {n} of {} figures differ", self.block, self.figures),
        };
        write!(f, "Chain and Postgres {verdict}\n  {}", list.join(", "))?;
        if let Some(since) = self.since {
            write!(f, "\n  of what changed after block {since}")?;
        }
        write!(f, "\n  block hash {}", self.hash)
    }
}

/// Compares at the last indexed block, and notes what came of it.
///
/// # Errors
/// [`IndexerError::NothingIndexed`], [`IndexerError::WrongDatabase`], [`IndexerError::Chain`],
/// [`IndexerError::Database`]. Differences are no error here: see [`Comparison::differences`].
pub async fn run(
    pool: &PgPool,
    client: &ChainClient,
    deployment: &Deployment,
    scope: Scope,
) -> Result<Comparison, IndexerError> {
    deployment.check(client).await?;
    store::check(pool, deployment).await?;
    let mut snapshot = Snapshot::open(pool).await.map_err(db)?;
    let tip = snapshot.tip.ok_or(IndexerError::NothingIndexed)?;
    // A statement lasts as long as the node takes to answer about its rows.
    sqlx::query("SET LOCAL statement_timeout = 0").execute(snapshot.connection()).await.map_err(db)?;
    let since = match scope {
        Scope::All => None,
        Scope::Since(block) => Some(block),
    };
    let mut found = Comparison { block: tip.number, hash: tip.hash.0, since, ..Comparison::default() };
    found.strangers = strangers(&mut snapshot, deployment).await?;
    found.currency = currency(&mut snapshot, deployment).await?;
    let chain = Chain {
        client,
        at: tip.hash.0,
        now: tip.seconds(),
        since: since.unwrap_or(-1),
        ours: ours(&mut snapshot, &found).await?,
        strangers_left: AtomicU64::new(STRANGERS_PATIENCE_MS),
    };
    money::compare(&mut snapshot, &chain, &mut found).await?;
    periods::compare(&mut snapshot, &chain, &mut found).await?;
    issuance::compare(&mut snapshot, &chain, &mut found).await?;
    registries::compare(&mut snapshot, &chain, &mut found).await?;
    datasets::compare(&mut snapshot, &chain, &mut found).await?;
    reports::compare(&mut snapshot, &chain, &mut found).await?;
    committees::compare(&mut snapshot, &chain, &mut found).await?;
    licences::compare(&mut snapshot, &chain, &mut found).await?;
    proof::compare(&mut snapshot, &chain, &mut found).await?;
    trade::compare(&mut snapshot, &chain, &mut found).await?;
    coop::compare(&mut snapshot, &chain, &mut found).await?;
    movements::compare(&mut snapshot, &chain, &mut found).await?;
    facts::compare(&mut snapshot, &mut found).await?;
    let journal_to = journal::compare(&mut snapshot, &chain, deployment, &mut found).await?;
    drop(snapshot);
    note(pool, &tip, &found, journal_to).await?;
    Ok(found)
}

/// By kind: contracts that holders of other pools than the deployment's adopted as such, and other pools whose holders
/// chose another logic than they were made with or that stand still. What they are, and whether they are that at all,
/// strangers chose.
async fn strangers(
    snapshot: &mut Snapshot,
    deployment: &Deployment,
) -> Result<HashMap<String, HashSet<Addr>>, IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT address AS "address!: Addr", kind AS "kind!" FROM contracts c WHERE origin = 'adopted'
             AND NOT EXISTS (SELECT FROM parts p WHERE p.contract = c.address AND p.kind = c.kind AND p.pool = $1)
           UNION ALL SELECT address, kind FROM contracts c WHERE kind = 'pool' AND address <> $1
             AND (fault IS NOT NULL OR EXISTS (SELECT FROM journal j WHERE j.address = c.address
                 AND j.kind = 'SuccessorAdopted' AND j.payload -> 'part' = to_jsonb($2::int)))"#,
        deployment.pool.as_slice(),
        i32::from(succession::Part::Logic as u8),
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    let mut strangers: HashMap<String, HashSet<Addr>> = HashMap::new();
    for row in rows {
        strangers.entry(row.kind).or_default().insert(row.address);
    }
    Ok(strangers)
}

/// Contracts that answer in time because their code is ours, and the deployment's pool's money.
async fn ours(snapshot: &mut Snapshot, found: &Comparison) -> Result<HashSet<Addr>, IndexerError> {
    let rows = sqlx::query!(r#"SELECT address AS "address: Addr", kind FROM contracts"#)
        .fetch_all(snapshot.connection())
        .await
        .map_err(db)?;
    let ours = rows.into_iter().filter(|row| !found.is_strangers(&row.kind, row.address)).map(|row| row.address);
    Ok(ours.chain([found.currency]).collect())
}

/// What the deployment's pool pays in.
async fn currency(snapshot: &mut Snapshot, deployment: &Deployment) -> Result<Addr, IndexerError> {
    let found = sqlx::query_scalar!(
        r#"SELECT currency AS "currency: Addr" FROM pools WHERE address = $1"#,
        deployment.pool.as_slice(),
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    Ok(found.unwrap_or_default())
}

/// Keeps what came of a comparison, for whoever asks whether the mirror is sound.
async fn note(pool: &PgPool, tip: &Tip, found: &Comparison, journal_to: i64) -> Result<(), IndexerError> {
    let figures = i64::try_from(found.figures).unwrap_or(i64::MAX);
    let differences = i64::try_from(found.differing).unwrap_or(i64::MAX);
    sqlx::query!(
        "INSERT INTO verification (block, hash, at_ms, figures, differences, journal_to)
         VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $3, $4, $5)
         ON CONFLICT (one) DO UPDATE SET block = excluded.block, hash = excluded.hash, at_ms = excluded.at_ms,
             figures = excluded.figures, differences = excluded.differences, journal_to = excluded.journal_to",
        tip.number,
        tip.hash as _,
        figures,
        differences,
        journal_to,
    )
    .execute(pool)
    .await
    .map_err(db)?;
    Ok(())
}

/// What a contract answered, or why that is no answer.
type Answer<T> = Result<T, String>;

/// The chain's state after one block.
struct Chain<'a> {
    client: &'a ChainClient,
    at: B256,
    /// The block's time in Unix seconds.
    now: u64,
    /// Rows are compared that changed after this block.
    since: i64,
    ours: HashSet<Addr>,
    /// Milliseconds that strangers' contracts may still take, all together.
    strangers_left: AtomicU64,
}

impl Chain<'_> {
    /// Asks a contract. What it answers wrongly is its answer; only a node that does not answer is an error.
    async fn ask<C: SolCall>(&self, contract: Addr, call: C) -> Result<Answer<C::Return>, IndexerError> {
        if self.ours.contains(&contract) {
            return self.answer(contract, call).await;
        }
        let left = self.strangers_left.load(Relaxed);
        if left == 0 {
            return Ok(Err("not asked: strangers' contracts took all the time that there is for them".to_owned()));
        }
        let begun = Instant::now();
        let answer = self.answer(contract, call).await;
        let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.strangers_left.store(left.saturating_sub(took), Relaxed);
        answer
    }

    async fn answer<C: SolCall>(&self, contract: Addr, call: C) -> Result<Answer<C::Return>, IndexerError> {
        match self.client.read_at(self.at, contract.0, &call).await.map_err(IndexerError::from) {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) if error.away().is_some() => Err(error),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    /// How much an account has of a currency; the zero address is the chain's own money.
    async fn balance(&self, currency: Addr, account: Addr) -> Result<Answer<Amount>, IndexerError> {
        if currency == Addr::default() {
            return Ok(Ok(self.client.native_balance_at(self.at, account.0).await?.into()));
        }
        let call = Pool::balanceOfCall { account: account.0 };
        Ok(self.ask(currency, call).await?.map(Amount::from))
    }

    /// Compares what an account has of a currency with what it owes, which is at most that: anybody can send it more.
    async fn covers(
        &self,
        found: &mut Comparison,
        (kind, account): (&str, Addr),
        currency: Addr,
        owed: Amount,
    ) -> Result<(), IndexerError> {
        found.about_money(currency);
        found.about_also(kind, account);
        let holds = self.balance(currency, account).await?;
        if let Some(holds) = found.answer(format!("balance of {account} in {currency}"), holds) {
            found.holds(
                format!("{account} holds the {owed} of {currency} that it owes (it has {holds})"),
                holds >= owed,
            );
        }
        Ok(())
    }
}

/// Asks about each row as it comes, several at once, and compares in the rows' order; answers how many there were.
async fn each<T, A, F>(
    rows: BoxStream<'_, Result<T, sqlx::Error>>,
    ask: impl FnMut(T) -> F,
    mut compare: impl FnMut(A),
) -> Result<usize, IndexerError>
where
    F: Future<Output = Result<A, IndexerError>>,
{
    let mut answers = pin!(rows.map_err(db).map_ok(ask).try_buffered(IN_FLIGHT));
    let mut count = 0_usize;
    while let Some(answer) = answers.try_next().await? {
        compare(answer);
        count = count.saturating_add(1);
    }
    Ok(count)
}

fn db(source: sqlx::Error) -> IndexerError {
    IndexerError::Database { during: "comparing", source }
}

/// Periods, versions and epochs of the chain have 32 bits.
fn narrow(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Times of the chain have 64 bits.
fn wide(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}

/// What rows leave out of a time that the contract has as zero.
fn second(time: Option<Amount>) -> Amount {
    time.unwrap_or_default()
}

/// Keys and hashes as one text.
fn text(list: &[impl AsRef<[u8]>]) -> String {
    list.iter().map(hex::encode).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::{StreamExt, stream};

    use super::*;

    /// Each difference is named with both figures, and what agrees is counted.
    #[test]
    fn the_report_names_each_difference() {
        let mut found = Comparison { block: 33, ..Comparison::default() };
        found.counted(2, "holders");
        found.same("holder 0x01 balance", 5, 5);
        assert!(
            found.to_string().starts_with("Chain and Postgres agree at block 33: 1 figures compared, none differs\n")
        );
        found.same("holder 0x02 balance", 5, 6);
        found.holds("totalSupply = Σ balances", false);
        found.told("pool name", 1, Err::<i32, _>("it has no code".to_owned()), |name| name);
        let text = found.to_string();
        assert_eq!(found.differences.len(), 3);
        assert!(text.contains("DIFFERS  holder 0x02 balance: 5 in Postgres, 6 on chain\n"), "{text}");
        assert!(text.contains("DIFFERS  pool name: a row in Postgres, no answer on chain: it has no code\n"), "{text}");
        assert!(text.contains("3 of 4 figures differ") && text.contains("2 holders"), "{text}");
    }

    /// Proves MIR-4: the answer stays small however much differs, and says how much that is.
    #[test]
    fn of_very_many_differences_the_first_are_listed_and_all_are_counted() {
        let mut found = Comparison::default();
        for number in 0..1_007 {
            found.same(format!("holder {number}"), 1, 2);
        }
        assert_eq!((found.differences.len(), found.differing), (1_000, 1_007));
        let text = found.to_string();
        assert!(text.contains("DIFFERS  7 more that are not listed\n") && !text.contains("holder 1000:"), "{text}");
        assert!(text.contains("1007 of 1007 figures differ"), "{text}");
    }

    /// Proves MIR-4: what a stranger's contract says of its own makes no difference, and is told all the same.
    #[test]
    fn a_strangers_word_is_a_remark() {
        let stranger = Addr::from(yieldset_chain::Address::repeat_byte(7));
        let strangers = HashMap::from([("kyc".to_owned(), HashSet::from([stranger]))]);
        let mut found = Comparison { strangers, ..Comparison::default() };
        found.about("pool", Addr::default());
        found.about_also("kyc", stranger);
        found.same("KYC record: level", 1, 2);
        found.about_money(stranger);
        found.holds("the balance covers what is owed", false);
        assert!(
            found.to_string().contains("REMARK   of a contract that is not ours: KYC record: level: 1 in Postgres")
        );
        assert_eq!((found.remarks.len(), found.differing), (2, 0));
        found.about("pool", stranger);
        found.same("KYC record: level", 1, 2);
        found.about_money(Addr::default());
        found.holds("the balance covers what is owed", false);
        assert_eq!((found.remarks.len(), found.differing), (2, 2));
    }

    /// Proves MIR-4: no more rows are read than are asked about, and they are compared in their order.
    #[tokio::test]
    async fn rows_are_taken_as_they_are_asked_about() {
        let (read, compared) = (Cell::new(0), Cell::new(0));
        let rows = stream::iter(0..1_000_usize).map(Ok).boxed();
        let count = each(
            rows,
            |row| {
                read.set(read.get() + 1);
                assert!(read.get() - compared.get() <= IN_FLIGHT, "row {row} is read before others are compared");
                async move { Ok(row) }
            },
            |row| {
                assert_eq!(row, compared.get());
                compared.set(compared.get() + 1);
            },
        );
        assert_eq!(count.await.expect("all rows"), 1_000);
    }
}
