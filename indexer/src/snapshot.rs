//! All of an answer from one state of the database: the present one, or that after an earlier block.

use std::{io::ErrorKind, sync::Arc};

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::{column::Hash, store::Tip};

/// How many hexadecimal digits of a block's hash tell it from one on another branch.
pub const HASH_DIGITS: usize = 8;

/// How often a state is opened whose rows are of another block than its last.
const TRIES: u32 = 5;

/// Which block is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The one of this height.
    Block(i64),
    /// The last one not later than this Unix time in milliseconds.
    Time(i64),
    /// The one that was seen before: of this height, whose hash begins with these digits.
    Same(i64, String),
}

/// There is no such block here.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It is not over yet.
    #[error("it is later than the last block here, {} of Unix time {} ms", last.number, last.time_ms)]
    Later {
        /// The last block.
        last: Tip,
    },
    /// It is before the first block that is mirrored, or none is yet.
    #[error("it is before the first block here")]
    Earlier,
    /// What was read before is on a branch that was left.
    #[error("block {0} is not there any more: the chain went on from an earlier one")]
    Gone(i64),
}

/// A read-only transaction that sees one state, and the block that state describes.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Postgres>,
    /// The block that it describes: the last one applied unless another was asked for; `None` before the first one.
    pub tip: Option<Tip>,
    /// Whether that block is final.
    pub is_final: bool,
    /// How the chain's own money is called.
    pub coin: Arc<str>,
}

/// How the chain's own money is called where nobody said.
const COINS: &str = "coins";

/// A block with what tells whether it can still be rolled back.
struct Found {
    number: i64,
    hash: Hash,
    time_ms: i64,
    finalised: bool,
}

impl Found {
    fn tip(&self) -> Tip {
        Tip { number: self.number, hash: self.hash, time_ms: self.time_ms }
    }
}

impl Snapshot {
    /// The state after the last block applied.
    ///
    /// # Errors
    /// [`sqlx::Error`].
    pub async fn open(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(begin(pool).await?.0)
    }

    /// The state after another block.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_at(pool: &PgPool, at: &At) -> Result<Self, OpenError> {
        let (mut snapshot, last) = begin(pool).await?;
        let Some(last) = last else {
            return Err(match at {
                At::Same(number, _) => OpenError::Gone(*number),
                At::Block(_) | At::Time(_) => OpenError::Earlier,
            });
        };
        let found = found(snapshot.connection(), at, &last).await?;
        if found.number < last.number {
            // The same queries answer for then: the views of this schema have the tables' names.
            sqlx::query!(
                "SELECT set_config('search_path', 'mirror_at, mirror, public', true) AS path,
                        set_config('yieldset.at', $1, true) AS at",
                found.number.to_string(),
            )
            .fetch_one(snapshot.connection())
            .await?;
            snapshot.tip = Some(found.tip());
            snapshot.is_final = found.finalised;
        }
        Ok(snapshot)
    }

    /// For statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Height of the block it describes.
    pub fn block(&self) -> Option<i64> {
        self.tip.map(|tip| tip.number)
    }

    /// The block's time in Unix seconds: what counts as now, so that the same block always gives the same answer.
    pub fn now(&self) -> u64 {
        self.tip.map_or(0, |tip| tip.seconds())
    }

    /// What a later question names, to be answered from the same state: height and the hash's first digits.
    pub fn mark(&self) -> Option<(i64, String)> {
        self.tip.map(|tip| (tip.number, digits(tip.hash)))
    }
}

/// The first digits of a block's hash.
fn digits(hash: Hash) -> String {
    hash.to_string().trim_start_matches("0x").chars().take(HASH_DIGITS).collect()
}

/// Begins with the last block here, where the rows are of it. They are not where others, made anew, took their place
/// just now: those are not in this state. What is read of them first keeps others from taking their place until the
/// end.
async fn begin(pool: &PgPool) -> Result<(Snapshot, Option<Found>), sqlx::Error> {
    for _ in 0..TRIES {
        let mut transaction = begin_any(pool).await?;
        let row = sqlx::query!(
            r#"SELECT p.number AS rows_of, b.number AS "number?", b.hash AS "hash?: Hash", b.time_ms AS "time_ms?",
                      coalesce(b.number <= (SELECT f.number FROM finality f), FALSE) AS "finalised!",
                      (SELECT coin FROM deployment) AS coin
               FROM projection p LEFT JOIN (SELECT * FROM blocks ORDER BY number DESC LIMIT 1) b ON TRUE"#
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { continue };
        if row.rows_of == row.number {
            let found = row.number.zip(row.hash).zip(row.time_ms);
            let found =
                found.map(|((number, hash), time_ms)| Found { number, hash, time_ms, finalised: row.finalised });
            let (tip, is_final) = (found.as_ref().map(Found::tip), found.as_ref().is_some_and(|found| found.finalised));
            let coin = row.coin.as_deref().unwrap_or(COINS).into();
            return Ok((Snapshot { transaction, tip, is_final, coin }, found));
        }
    }
    Err(sqlx::Error::Io(ErrorKind::Interrupted.into()))
}

async fn begin_any(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    match pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await {
        // Nobody waited for others: it was the server that gave no connection, which the driver tells in the same
        // words.
        Err(sqlx::Error::PoolTimedOut) if pool.size() < pool.options().get_max_connections() => {
            Err(sqlx::Error::Io(ErrorKind::NotConnected.into()))
        }
        begun => begun,
    }
}

async fn found(connection: &mut PgConnection, at: &At, last: &Found) -> Result<Found, OpenError> {
    let (found, later) = match at {
        At::Block(number) | At::Same(number, _) => (of_height(connection, *number).await?, *number > last.number),
        At::Time(time) => (not_later(connection, *time).await?, *time > last.time_ms),
    };
    match (at, found) {
        (At::Same(_, hash), Some(found)) if digits(found.hash) == *hash => Ok(found),
        (At::Same(number, _), _) => Err(OpenError::Gone(*number)),
        (_, Some(found)) if !later => Ok(found),
        (_, None) if !later => Err(OpenError::Earlier),
        _ => Err(OpenError::Later { last: last.tip() }),
    }
}

async fn of_height(connection: &mut PgConnection, number: i64) -> Result<Option<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"SELECT number, hash AS "hash: Hash", time_ms,
                  coalesce(number <= (SELECT f.number FROM finality f), FALSE) AS "finalised!"
           FROM blocks WHERE number = $1"#,
        number,
    )
    .fetch_optional(connection)
    .await
}

async fn not_later(connection: &mut PgConnection, time_ms: i64) -> Result<Option<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"SELECT number, hash AS "hash: Hash", time_ms,
                  coalesce(number <= (SELECT f.number FROM finality f), FALSE) AS "finalised!"
           FROM blocks WHERE time_ms <= $1 ORDER BY time_ms DESC, number DESC LIMIT 1"#,
        time_ms,
    )
    .fetch_optional(connection)
    .await
}
