//! A private Postgres cluster for a test, by the product's own means, with one database.

use std::os::unix::fs::PermissionsExt;

use sqlx::{PgPool, Row};
use tempfile::TempDir;
use yieldset_indexer::{
    postgres::Cluster,
    project::{self, Applied, Block},
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
    cluster: Option<Cluster>,
    folder: Option<TempDir>,
}

impl Fixture {
    /// With tables, claimed for the test's deployment.
    pub async fn new() -> Self {
        let fixture = Self::empty().await;
        store::migrate(&fixture.pool).await.unwrap();
        store::bind(&fixture.pool, &chain::deployment()).await.unwrap();
        fixture
    }

    /// Without tables.
    pub async fn empty() -> Self {
        let folder = folder();
        let cluster = Cluster::start(&folder.path().join("data"), &FAST).await.unwrap();
        let pool = store::connect(cluster.url()).unwrap();
        Self { pool, cluster: Some(cluster), folder: Some(folder) }
    }

    pub async fn apply(&self, block: &Block) -> Applied {
        project::apply(&self.pool, &chain::deployment(), block).await.unwrap()
    }

    pub async fn apply_all(&self, blocks: &[Block]) {
        for block in blocks {
            self.apply(block).await;
        }
    }

    /// Every row of every table of ours, in an order of its own.
    pub async fn dump(&self) -> Vec<String> {
        dump(&self.pool).await
    }

    /// Throws all rows away.
    pub async fn clear(&self) {
        sqlx::query("TRUNCATE deployment, blocks CASCADE").execute(&self.pool).await.unwrap();
        store::bind(&self.pool, &chain::deployment()).await.unwrap();
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

/// All rows, in order, with their tables.
pub async fn try_dump(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations' ORDER BY 1",
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
