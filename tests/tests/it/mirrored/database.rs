//! A Postgres of the test's own with a mirror in it.

use std::{fmt::Debug, os::unix::fs::PermissionsExt};

use alloy_primitives::{Address, B256};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use yieldset_chain::Deployment;
use yieldset_indexer::{
    mirror::{Applied, Mirror},
    postgres::Cluster,
    project::Block,
    snapshot::{At, Snapshot},
    store,
};
use yieldset_tests::chain::CHAIN_ID;

use super::record::{Dice, FIRST, Recorded};
use crate::contracts::model::differences;

/// Speed over safety: what a test writes is thrown away.
const FAST: [(&str, &str); 3] = [("fsync", "off"), ("synchronous_commit", "off"), ("shared_buffers", "16MB")];

/// What holds of all rows, whatever happened. Each statement selects those that break its rule.
const RULES: [(&str, &str); 7] = [
    ("every event was read", "SELECT kind, unread FROM journal WHERE unread IS NOT NULL"),
    ("no contract stands still", "SELECT kind, fault FROM contracts WHERE fault IS NOT NULL OR unread > 0"),
    ("every event balances", "SELECT block, event_index FROM ledger GROUP BY 1, 2 HAVING sum(debit) <> sum(credit)"),
    (
        "dividends add up",
        "SELECT account, claimed FROM holders h WHERE claimed <>
             (SELECT coalesce(sum(amount), 0) FROM claims c
              WHERE c.pool = h.pool AND c.account = h.account AND kind = 'dividend')",
    ),
    (
        "contributions add up",
        "SELECT account, claimed FROM contributions n WHERE claimed <>
             (SELECT coalesce(sum(amount), 0) FROM claims c WHERE c.pool = n.pool AND c.account = n.account
              AND c.stream = n.stream AND c.period = n.period AND kind = 'contribution')",
    ),
    (
        "shares add up",
        "SELECT address, supply FROM pools p WHERE supply <>
             (SELECT coalesce(sum(balance), 0) FROM holders h WHERE h.pool = p.address)",
    ),
    (
        "trades add up to their days",
        "SELECT market, pool FROM prices p GROUP BY market, pool HAVING (sum(volume), sum(turnover), sum(trades)) <>
             (SELECT sum(shares), sum(cost), count(*) FROM trades t WHERE t.market = p.market AND t.pool = p.pool)",
    ),
];

/// What a model has after a block.
pub trait Figures: Clone + Debug + PartialEq {
    /// The same as the rows tell it. What they do not tell is as it is here.
    async fn told(&self, connection: &mut PgConnection) -> Self;
}

/// A deployment that begins with the first block and has nothing in it yet.
pub fn nothing_deployed() -> Deployment {
    let nobody = Address::repeat_byte;
    Deployment {
        chain_id: CHAIN_ID,
        genesis: B256::repeat_byte(0x99),
        start_block: FIRST,
        kyc: nobody(0xf1),
        pool: nobody(0xf2),
        manifests: nobody(0xf3),
        attribution: nobody(0xf4),
        licence: nobody(0xf5),
        market: nobody(0xf6),
        factory: nobody(0xf7),
        coop: nobody(0xf8),
    }
}

/// A mirror that many histories go through, each from the first block on.
pub struct Database {
    runtime: Runtime,
    inner: Inner,
}

struct Inner {
    deployment: Deployment,
    pool: PgPool,
    mirror: Mirror,
    cluster: Cluster,
    _folder: TempDir,
}

impl Database {
    pub fn new(deployment: Deployment) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let inner = runtime.block_on(Inner::new(deployment));
        Self { runtime, inner }
    }

    /// Applies a history and compares: at the end and, looked at from there, after some blocks before; gone back to one
    /// of them; and gone on to the end again.
    pub fn check<S: Figures>(&mut self, blocks: &[Recorded<S>], dice: &mut Dice) {
        self.runtime.block_on(self.inner.check(blocks, dice));
    }

    /// Throws all rows away: after a history that failed.
    pub fn clear(&mut self) {
        self.runtime.block_on(self.inner.clear());
    }

    /// How many rows a table has now.
    pub fn count(&self, table: &str) -> i64 {
        let statement = format!("SELECT count(*) FROM {table}");
        self.runtime.block_on(sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&self.inner.pool)).unwrap()
    }

    /// Ends in order. After a failed test the kernel ends the server with the process.
    pub fn finish(self) {
        let Self { runtime, inner } = self;
        let Inner { mirror, pool, cluster, _folder, .. } = inner;
        runtime.block_on(async move {
            drop(mirror);
            pool.close().await;
            cluster.stop().await;
        });
    }
}

impl Inner {
    async fn new(deployment: Deployment) -> Self {
        // One that the server's user can pass through, also where tests run as root.
        let permissions = std::fs::Permissions::from_mode(0o711);
        let folder = tempfile::Builder::new().prefix("yieldset-test-").permissions(permissions).tempdir().unwrap();
        let cluster = Cluster::start(&folder.path().join("data"), &FAST).await.unwrap();
        let pool = store::connect(cluster.url()).unwrap();
        let mirror = Mirror::open(pool.clone(), &deployment).await.unwrap();
        Self { deployment, pool, mirror, cluster, _folder: folder }
    }

    async fn clear(&mut self) {
        for statement in [
            "TRUNCATE deployment, blocks, journal, emitters, follower, verification",
            "DROP SCHEMA IF EXISTS mirror_at CASCADE",
            "DROP SCHEMA IF EXISTS mirror CASCADE",
        ] {
            sqlx::query(statement).execute(&self.pool).await.unwrap();
        }
        self.open().await;
    }

    /// Another process: what the one before had in memory is gone.
    async fn open(&mut self) {
        self.mirror = Mirror::open(self.pool.clone(), &self.deployment).await.unwrap();
    }

    async fn check<S: Figures>(&mut self, blocks: &[Recorded<S>], dice: &mut Dice) {
        // Whatever history was there before is left for this one.
        match self.mirror.tip().await.unwrap() {
            Some(_) => self.mirror.roll_back(FIRST).await.unwrap(),
            None => self.apply(&blocks[..1]).await,
        }
        let blocks = &blocks[1..];
        self.go_on(blocks, dice).await;
        let last = blocks.last().unwrap();
        self.compare(last, "at the end").await;
        for _ in 0..3 {
            self.compare(&blocks[dice.below(blocks.len())], "looked at from the end").await;
        }
        let back = dice.below(blocks.len());
        self.mirror.roll_back(blocks[back].block.at.number).await.unwrap();
        self.compare(&blocks[back], "gone back to").await;
        self.go_on(&blocks[back + 1..], dice).await;
        self.compare(last, "gone back and on again").await;
    }

    /// Applies what follows: some blocks at once, some alone, now and then by another process.
    async fn go_on<S>(&mut self, mut blocks: &[Recorded<S>], dice: &mut Dice) {
        while !blocks.is_empty() {
            let (batch, rest) = blocks.split_at((1 + dice.below(6)).min(blocks.len()));
            self.apply(batch).await;
            blocks = rest;
            if dice.below(16) == 15 {
                self.open().await;
            }
        }
    }

    async fn apply<S>(&mut self, blocks: &[Recorded<S>]) {
        let blocks: Vec<Block> = blocks.iter().map(|recorded| recorded.block.clone()).collect();
        let applied = self.mirror.apply(&blocks).await.unwrap();
        assert!(matches!(applied, Applied::Now { blocks: n, .. } if n == blocks.len() as u64), "{applied:?}");
    }

    /// The rows after a block have the model's figures, and do not contradict each other.
    async fn compare<S: Figures>(&self, recorded: &Recorded<S>, when: &str) {
        let number = recorded.block.at.number;
        let at = At::Block(i64::try_from(number).unwrap());
        let mut snapshot = Snapshot::open_at(&self.pool, &at).await.unwrap();
        for (rule, exceptions) in RULES {
            let statement = format!("SELECT row_to_json(t)::text AS line FROM ({exceptions}) t LIMIT 5");
            let rows = sqlx::query(AssertSqlSafe(statement)).fetch_all(snapshot.connection()).await.unwrap();
            let lines: Vec<String> = rows.iter().map(|row| row.get("line")).collect();
            assert!(lines.is_empty(), "block {number} {when}: {rule}, but not {}", lines.join("\n"));
        }
        let told = recorded.state.told(snapshot.connection()).await;
        assert!(
            told == recorded.state,
            "block {number} {when}: the rows differ from the model:\n{}",
            differences(&told, &recorded.state)
        );
    }
}
