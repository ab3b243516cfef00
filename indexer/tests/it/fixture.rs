//! A private Postgres cluster for a test, by the product's own means, with one database.

use std::os::unix::fs::PermissionsExt;

use sqlx::{PgPool, Row};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use yieldset_chain::Address;
use yieldset_indexer::{
    error::IndexerError,
    mirror::{Applied, Mirror},
    postgres::Cluster,
    project::Block,
    store,
};

use crate::chain;

/// Speed over safety: what a test writes is thrown away. The test of crashes takes the server's own settings.
const FAST: [(&str, &str); 3] = [("fsync", "off"), ("synchronous_commit", "off"), ("shared_buffers", "16MB")];

/// A folder that the server's user can pass through, also where tests run as root.
pub fn folder() -> TempDir {
    let permissions = std::fs::Permissions::from_mode(0o711);
    tempfile::Builder::new().prefix("yieldset-test-").permissions(permissions).tempdir().unwrap()
}

/// A cluster with its folder.
pub struct Fixture {
    pub pool: PgPool,
    /// Opened when it is needed first.
    mirror: Mutex<Option<Mirror>>,
    cluster: Option<Cluster>,
    folder: Option<TempDir>,
}

impl Fixture {
    /// With tables, claimed for the test's deployment.
    pub async fn new() -> Self {
        let fixture = Self::empty().await;
        drop(fixture.mirror().await);
        fixture
    }

    /// Without tables.
    pub async fn empty() -> Self {
        let folder = folder();
        let cluster = Cluster::start(&folder.path().join("data"), &FAST).await.unwrap();
        let pool = store::connect(cluster.url()).unwrap();
        Self { pool, mirror: Mutex::new(None), cluster: Some(cluster), folder: Some(folder) }
    }

    /// Where the database is.
    pub fn url(&self) -> &str {
        self.cluster.as_ref().unwrap().url()
    }

    /// The one that writes.
    pub async fn mirror(&self) -> MutexGuard<'_, Option<Mirror>> {
        let mut mirror = self.mirror.lock().await;
        if mirror.is_none() {
            *mirror = Some(Mirror::open(self.pool.clone(), &chain::deployment()).await.unwrap());
        }
        mirror
    }

    pub async fn try_apply(&self, blocks: &[Block]) -> Result<Applied, IndexerError> {
        self.mirror().await.as_mut().unwrap().apply(blocks).await
    }

    pub async fn apply(&self, block: &Block) -> Applied {
        self.try_apply(std::slice::from_ref(block)).await.unwrap()
    }

    pub async fn apply_all(&self, blocks: &[Block]) {
        for block in blocks {
            self.apply(block).await;
        }
    }

    /// Why nothing follows from events of a block, each in order.
    pub async fn unread(&self, number: u64) -> Vec<String> {
        sqlx::query_scalar("SELECT unread FROM journal WHERE block = $1 AND unread IS NOT NULL ORDER BY event_index")
            .bind(i64::try_from(number).unwrap())
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// What is said of a block's events that do not fit. The block is taken back, and all is as before.
    pub async fn refuses(&self, block: &Block) -> Vec<String> {
        let before = self.dump().await;
        self.apply(block).await;
        let reasons = self.unread(block.at.number).await;
        self.mirror().await.as_mut().unwrap().roll_back(block.at.number - 1).await.unwrap();
        assert_eq!(self.dump().await, before, "{reasons:?}");
        reasons
    }

    /// That a block's event does not fit, by a figure: the first of the block that does not.
    pub async fn refuses_for(&self, block: &Block, what: &str) {
        let reasons = self.refuses(block).await;
        let named = reasons.first().is_some_and(|reason| reason.contains(&format!(": {what} is ")));
        assert!(named, "{what}: {reasons:?}");
    }

    /// Why a contract stands still.
    pub async fn fault(&self, contract: Address) -> Option<String> {
        sqlx::query_scalar("SELECT fault FROM contracts WHERE address = $1")
            .bind(contract.as_slice())
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Every row of every table of ours, in an order of its own.
    pub async fn dump(&self) -> Vec<String> {
        dump(&self.pool).await
    }

    /// Every row of the projections' tables as they are now: not of the histories, the blocks and the journal.
    pub async fn dump_now(&self) -> Vec<String> {
        let is_now = |line: &String| {
            let table = line.split(' ').next().unwrap_or_default();
            let is_former = table.ends_with("_history") && table != "mirror.kyc_history";
            table.starts_with("mirror.") && !is_former && table != "mirror.projection"
        };
        self.dump().await.into_iter().filter(is_now).collect()
    }

    /// Throws all rows away, and what was known of them.
    pub async fn clear(&self) {
        let mut mirror = self.mirror.lock().await;
        *mirror = None;
        for statement in [
            "TRUNCATE deployment, blocks, journal, emitters, follower, verification",
            "UPDATE finality SET number = NULL",
            "DROP SCHEMA IF EXISTS mirror_at CASCADE",
            "DROP SCHEMA IF EXISTS mirror CASCADE",
        ] {
            sqlx::query(statement).execute(&self.pool).await.unwrap();
        }
        *mirror = Some(Mirror::open(self.pool.clone(), &chain::deployment()).await.unwrap());
    }

    /// The server's process, for tests that kill it.
    pub fn server(&self) -> Option<i32> {
        self.cluster.as_ref()?.pid()
    }

    /// Ends in order. After a failed test the kernel ends the server with the process.
    pub async fn finish(mut self) {
        self.pool.close().await;
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().await;
        }
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if self.cluster.take().is_some() {
            // The test failed: give the server a moment to leave the folder.
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        drop(self.folder.take());
    }
}

pub async fn dump(pool: &PgPool) -> Vec<String> {
    try_dump(pool).await.unwrap()
}

/// All rows, in order, with their tables; of a table in parts by the whole.
pub async fn try_dump(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('public', 'mirror') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND c.relname NOT IN ('_sqlx_migrations', 'follower', 'verification')
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await?;
    let mut lines = Vec::new();
    for table in tables {
        let query = format!("SELECT row_to_json(t)::text AS line FROM {table} t ORDER BY 1");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(pool).await?;
        lines.extend(rows.iter().map(|row| format!("{table} {}", row.get::<String, _>("line"))));
    }
    Ok(lines)
}
