//! The database: connecting, its tables, which deployment it mirrors and how far.

use std::{sync::atomic::AtomicU64, time::Duration};

use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::MigrateError,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use yieldset_chain::Deployment;

use crate::{
    column::{Addr, Amount, Hash},
    database_url::{self, DatabaseUrlError},
    error::IndexerError,
    status::Status,
};

/// The tables, in order.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// How long a statement may wait for a connection before the database counts as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a reader may.
pub(crate) const READER_PATIENCE: Duration = Duration::from_secs(2);
const CONNECTIONS: u32 = 8;
/// Statements that one of them keeps prepared: three or four for each table.
const STATEMENTS: usize = 512;
/// Readers' connections unless asked otherwise.
pub const READERS: u32 = 16;
/// How long an idle connection of a reader counts as alive.
const TRUSTED: Duration = Duration::from_secs(1);
/// No single statement of ours takes longer; a stuck one must not hold a connection for ever.
const STATEMENT_TIMEOUT: &str = "30s";
/// Nor one of a reader: less than an answer may take, so that who asked too much is told so.
const READER_TIMEOUT: &str = "10s";
/// Where unqualified names are looked for: the projections, then what they are made of.
const SEARCH_PATH: &str = "mirror,public";

/// Connects lazily: an absent database shows at the first statement. For whoever follows.
///
/// # Errors
/// [`DatabaseUrlError`].
pub fn connect(database_url: &str) -> Result<PgPool, DatabaseUrlError> {
    let options = database_url::options(database_url)?
        .statement_cache_capacity(STATEMENTS)
        .options([("statement_timeout", STATEMENT_TIMEOUT), ("search_path", SEARCH_PATH)]);
    Ok(PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_lazy_with(options))
}

/// The same for readers, with connections of their own that write nothing; the address may be a replica's.
///
/// # Errors
/// [`DatabaseUrlError`].
pub fn connect_readers(database_url: &str, connections: u32) -> Result<PgPool, DatabaseUrlError> {
    let options = database_url::options(database_url)?.options([
        ("statement_timeout", READER_TIMEOUT),
        ("idle_in_transaction_session_timeout", STATEMENT_TIMEOUT),
        ("default_transaction_read_only", "on"),
        ("search_path", SEARCH_PATH),
    ]);
    let readers = PgPoolOptions::new().max_connections(connections).acquire_timeout(READER_PATIENCE);
    // Whether a connection is still there is asked where it was idle; one that answered just now needs no round trip
    // more. Where it went meanwhile the answer says that the database is away, as it would a moment later.
    let readers = readers.test_before_acquire(false).before_acquire(|connection, meta| {
        Box::pin(async move {
            if meta.idle_for > TRUSTED {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    Ok(readers.connect_lazy_with(options))
}

/// Brings the tables to this program's version.
///
/// # Errors
/// [`IndexerError::Migrate`], [`IndexerError::Database`].
pub async fn migrate(pool: &PgPool) -> Result<(), IndexerError> {
    let failed = |source| IndexerError::Database { during: "migrating its tables", source };
    // What is migrated is in `public`, wherever else names are looked for, and may take its time.
    let options = PgConnectOptions::clone(&pool.connect_options());
    let options = options.options([("search_path", "public"), ("statement_timeout", "0")]);
    let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
        // Most likely it is away: that is no matter of versions.
        MigrateError::Execute(source) => failed(source),
        other => IndexerError::Migrate(other),
    })?;
    connection.close().await.map_err(failed)
}

/// Claims an empty database for `deployment`, or checks that it mirrors this one.
///
/// # Errors
/// [`IndexerError::WrongDatabase`].
pub async fn bind(pool: &PgPool, deployment: &Deployment) -> Result<(), IndexerError> {
    let chain_id = Amount::from(deployment.chain_id);
    let start = i64::try_from(deployment.start_block).unwrap_or(i64::MAX);
    sqlx::query!(
        "INSERT INTO deployment (chain_id, genesis, start_block, kyc, pool, manifests, attribution, licence, market, factory, coop)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        chain_id as _,
        deployment.genesis.as_slice(),
        start,
        deployment.kyc.as_slice(),
        deployment.pool.as_slice(),
        deployment.manifests.as_slice(),
        deployment.attribution.as_slice(),
        deployment.licence.as_slice(),
        deployment.market.as_slice(),
        deployment.factory.as_slice(),
        deployment.coop.as_slice(),
    )
    .execute(pool)
    .await
    .map_err(IndexerError::database("claiming it for the deployment"))?;
    check(pool, deployment).await
}

/// Says how the chain's own money is called, for whoever serves without a node. Who does not know leaves it as it is.
///
/// # Errors
/// [`IndexerError::Database`].
pub async fn name_coin(pool: &PgPool, coin: Option<&str>) -> Result<(), IndexerError> {
    let Some(coin) = coin else { return Ok(()) };
    let named = sqlx::query!("UPDATE deployment SET coin = $1 WHERE coin IS DISTINCT FROM $1", coin);
    named.execute(pool).await.map_err(IndexerError::database("naming the chain's own money"))?;
    Ok(())
}

/// Whether the rows were compared with the chain since they were made.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn is_verified(pool: &PgPool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM verification) AS "is_there!""#).fetch_one(pool).await
}

/// Tells those who serve, in processes of their own too, what the follower does.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn tell(pool: &PgPool, status: &Status) -> Result<(), sqlx::Error> {
    let now = status.now();
    let fit = |counter: &AtomicU64| i64::try_from(Status::count(counter)).unwrap_or(i64::MAX);
    let known = |counter: &AtomicU64| Some(fit(counter)).filter(|height| *height > 0);
    let seconds_left = status.seconds_left().and_then(|seconds| i64::try_from(seconds).ok());
    sqlx::query!(
        "INSERT INTO follower (state, reason, best, finalised, rate, left_seconds, told_ms)
         VALUES ($1, $2, $3, $4, $5, $6, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
         ON CONFLICT (one) DO UPDATE SET state = $1, reason = $2, best = $3, finalised = $4, rate = $5, left_seconds = $6,
             told_ms = (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        now.phase.name(),
        now.reason,
        known(&status.best_block),
        known(&status.finalised_block),
        fit(&status.blocks_per_second),
        seconds_left,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Checks that the database mirrors `deployment`.
///
/// # Errors
/// [`IndexerError::WrongDatabase`], [`IndexerError::NothingIndexed`] where it mirrors nothing yet.
pub async fn check(pool: &PgPool, deployment: &Deployment) -> Result<(), IndexerError> {
    let row = sqlx::query!(
        r#"SELECT chain_id AS "chain_id: Amount", genesis AS "genesis: Hash", start_block, kyc AS "kyc: Addr",
                  pool AS "pool: Addr", manifests AS "manifests: Addr", attribution AS "attribution: Addr",
                  licence AS "licence: Addr", market AS "market: Addr", factory AS "factory: Addr",
                  coop AS "coop: Addr" FROM deployment"#
    )
    .fetch_optional(pool)
    .await
    .map_err(IndexerError::database("reading which deployment it mirrors"))?
    .ok_or(IndexerError::NothingIndexed)?;
    let pairs = [
        ("genesis", row.genesis.to_string(), deployment.genesis.to_string()),
        ("chain id", row.chain_id.to_string(), deployment.chain_id.to_string()),
        ("start block", row.start_block.to_string(), deployment.start_block.to_string()),
        ("pool", row.pool.to_string(), deployment.pool.to_string()),
        ("kyc", row.kyc.to_string(), deployment.kyc.to_string()),
        ("manifests", row.manifests.to_string(), deployment.manifests.to_string()),
        ("attribution", row.attribution.to_string(), deployment.attribution.to_string()),
        ("licence", row.licence.to_string(), deployment.licence.to_string()),
        ("market", row.market.to_string(), deployment.market.to_string()),
        ("factory", row.factory.to_string(), deployment.factory.to_string()),
        ("coop", row.coop.to_string(), deployment.coop.to_string()),
    ];
    match pairs.into_iter().find(|(_, got, expected)| got != expected) {
        None => Ok(()),
        Some((what, got, expected)) => Err(IndexerError::WrongDatabase { what, got, expected }),
    }
}

/// The last block applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// Height.
    pub number: i64,
    /// Hash.
    pub hash: Hash,
    /// The block's time in milliseconds of Unix time.
    pub time_ms: i64,
}

impl Tip {
    /// The block's time in seconds of Unix time, as contracts see it.
    pub fn seconds(&self) -> u64 {
        u64::try_from(self.time_ms / 1_000).unwrap_or(0)
    }
}

/// The last block applied, if any.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn tip(connection: &mut PgConnection) -> Result<Option<Tip>, sqlx::Error> {
    sqlx::query_as!(Tip, r#"SELECT number, hash AS "hash: Hash", time_ms FROM blocks ORDER BY number DESC LIMIT 1"#)
        .fetch_optional(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A migration that was released stays as it is: databases have it already, and would never get another one.
    #[test]
    fn migrations_stay_as_they_were() {
        let released = [
            (1, "1a5f9672da995677"),
            (2, "5a5435854aa1526f"),
            (3, "b4e535672686fbd6"),
            (4, "3b3eeb38d8a499c4"),
            (5, "eb43817ecce6648a"),
            (6, "6a323696cb53d22a"),
            (7, "033fba0b66ff6a4c"),
        ];
        let ours: Vec<_> =
            MIGRATIONS.iter().map(|one| (one.version, hex::encode(&one.checksum)[..16].to_owned())).collect();
        let ours: Vec<_> = ours.iter().map(|(version, digest)| (*version, digest.as_str())).collect();
        assert_eq!(ours, released, "add a migration instead of changing one");
    }
}
