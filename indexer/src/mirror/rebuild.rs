//! Rows made anew from the journal, beside those that readers see, which the new ones take the place of when they are
//! at the same block. No node is asked.
//!
//! First blocks that are final, which nobody takes back, a part at a time while others write on. What is left is made
//! in one transaction in which nobody writes, and which ends with the swap: so no fork is ever followed here.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use time::Date;

use super::{
    Mirror,
    schema::{self, NEXT, OLD},
    source::{self, Upto},
};
use crate::{
    error::IndexerError,
    project::{Block, Books, Fold, db},
    store::Tip,
};

/// Held by the session that makes rows anew: two of them would make the same schema. Any number of ours.
const ALONE: i64 = 0x7969_656c_6473_6574;
/// How long readers of the old rows are waited for at once, while new readers wait for us.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '2s'";
/// Until that is tried again.
const PAUSE: Duration = Duration::from_secs(3);

/// What was made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Blocks.
    pub blocks: u64,
    /// Events in them.
    pub events: u64,
    /// Those from which nothing follows.
    pub unread: u64,
}

/// Rows that are being made.
struct Making<'a> {
    mirror: &'a Mirror,
    books: Books,
    months: HashSet<Date>,
    /// The last block whose rows are made, and with it what was made.
    made: (Option<Tip>, Rebuilt),
}

impl Mirror {
    /// Makes all rows anew from the journal, while others read the old ones and write on. Waits for another one that
    /// does the same.
    ///
    /// # Errors
    /// [`IndexerError::Database`], [`IndexerError::Journal`]. The old rows stay then.
    pub async fn rebuild(&mut self) -> Result<Rebuilt, IndexerError> {
        self.make_anew(false).await
    }

    /// The same where readers' rows are not there, or were made by another version of this program.
    ///
    /// # Errors
    /// As [`Mirror::rebuild`].
    pub async fn renew(&mut self) -> Result<Rebuilt, IndexerError> {
        // Who finds them as they should be waits for nobody who makes them anew all the same.
        let mut connection = self.pool.acquire().await.map_err(db)?;
        if schema::is_ours(&mut connection).await.map_err(db)? {
            return Ok(Rebuilt::default());
        }
        drop(connection);
        self.make_anew(true).await
    }

    async fn make_anew(&mut self, unless_ours: bool) -> Result<Rebuilt, IndexerError> {
        // A connection of its own: with it ends the lock, whatever happens to us, and its statements may take long.
        let options = PgConnectOptions::clone(&self.pool.connect_options()).options([("statement_timeout", "0")]);
        let mut connection = PgConnection::connect_with(&options).await.map_err(db)?;
        sqlx::query("SELECT pg_advisory_lock($1)").bind(ALONE).execute(&mut connection).await.map_err(db)?;
        if unless_ours && schema::is_ours(&mut connection).await.map_err(db)? {
            connection.close().await.map_err(db)?;
            return Ok(Rebuilt::default());
        }
        let detached = schema::detached(&mut connection, &["public.journal"], schema::ALWAYS).await.map_err(db)?;
        if !detached.is_empty() {
            return Err(IndexerError::JournalDetached(detached.join(", ")));
        }
        let mut transaction = connection.begin().await.map_err(db)?;
        schema::make(&mut transaction, NEXT).await.map_err(db)?;
        transaction.commit().await.map_err(db)?;
        let mut making =
            Making { mirror: self, books: Books::default(), months: HashSet::new(), made: Default::default() };
        while !making.next(&mut connection, Upto::Final).await? {}
        while !making.next(&mut connection, Upto::Last).await? {}
        let (_, rebuilt) = making.made;
        drop_old(&mut connection).await;
        self.sure = None;
        connection.close().await.map_err(db)?;
        Ok(rebuilt)
    }
}

/// The rows that others took the place of go once nobody reads them any more; at the latest with the next rebuild.
async fn drop_old(connection: &mut PgConnection) {
    let dropped = async {
        let mut transaction = connection.begin().await?;
        sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await?;
        schema::drop_all(&mut transaction, OLD).await?;
        transaction.commit().await
    };
    if let Err(error) = dropped.await {
        tracing::warn!(%error, "the rows of before are still read; they are dropped with the next rebuild");
    }
}

impl Making<'_> {
    /// Makes the rows of the next final blocks, or of all that are left, which then take the old ones' place; whether
    /// that was all of these.
    async fn next(&mut self, connection: &mut PgConnection, upto: Upto) -> Result<bool, IndexerError> {
        let made = self.made;
        let mut result = self.part(connection, upto, false).await;
        if result.as_ref().is_err_and(IndexerError::is_of_the_rows) {
            tracing::error!("the database refuses rows; the event that they follow from is looked for");
            self.go_back(made);
            result = self.part(connection, upto, true).await;
        }
        match result {
            Err(error) if error.is_of_a_lock() => {
                tracing::info!(%error, "somebody reads the old rows; the new ones wait");
                self.go_back(made);
                tokio::time::sleep(PAUSE).await;
                Ok(false)
            }
            result => result,
        }
    }

    /// What is in memory may be other than what the database has.
    fn go_back(&mut self, made: (Option<Tip>, Rebuilt)) {
        self.books = Books::default();
        self.months.clear();
        self.made = made;
    }

    async fn part(&mut self, connection: &mut PgConnection, upto: Upto, careful: bool) -> Result<bool, IndexerError> {
        let mut transaction = connection.begin().await.map_err(db)?;
        if upto == Upto::Last {
            sqlx::query!("SELECT start_block FROM deployment FOR UPDATE")
                .fetch_one(&mut *transaction)
                .await
                .map_err(db)?;
        }
        schema::work_in(&mut transaction, NEXT).await.map_err(db)?;
        let is_all = loop {
            let is_all = self.blocks(&mut transaction, upto, careful).await?;
            if is_all || upto == Upto::Final {
                break is_all;
            }
        };
        if upto == Upto::Last {
            sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await.map_err(db)?;
            schema::swap(&mut transaction).await.map_err(db)?;
        }
        transaction.commit().await.map_err(db)?;
        Ok(is_all)
    }

    /// Makes the rows of as many blocks as are read at once; whether that was all.
    async fn blocks(&mut self, connection: &mut PgConnection, upto: Upto, careful: bool) -> Result<bool, IndexerError> {
        let (mut tip, mut rebuilt) = self.made;
        let blocks = source::read(connection, tip.map(|tip| tip.number), upto).await?;
        let times = earlier(connection, &blocks).await?;
        for block in &blocks {
            let (books, deployment) = (&mut self.books, &self.mirror.deployment);
            if careful {
                // An event's rows are written before the block's journal is known here, and need their parts of tables.
                let months = super::months_of(block, &times);
                schema::months(connection, &mut self.months, months.into_iter()).await.map_err(db)?;
            }
            let mut fold = Fold { connection, books, deployment, careful };
            let folded = fold.block(block, |number| times.get(&number).copied().unwrap_or(0)).await?;
            let months = folded.journal.iter().map(|row| row.month).collect::<Vec<_>>().into_iter();
            schema::months(connection, &mut self.months, months).await.map_err(db)?;
            source::correct(connection, &folded.journal).await?;
            rebuilt.blocks = rebuilt.blocks.saturating_add(1);
            let events = u64::try_from(folded.journal.len()).unwrap_or(u64::MAX);
            rebuilt.events = rebuilt.events.saturating_add(events);
            rebuilt.unread = rebuilt.unread.saturating_add(folded.unread);
            tip = Some(source::tip_of(&block.at));
        }
        self.books.flush(connection).await.map_err(db)?;
        schema::advance(connection, tip.as_ref()).await.map_err(db)?;
        self.made = (tip, rebuilt);
        Ok(blocks.is_empty())
    }
}

/// The times of the earlier blocks that events are from.
async fn earlier(connection: &mut PgConnection, blocks: &[Block]) -> Result<HashMap<u64, i64>, IndexerError> {
    let mut times = HashMap::new();
    for block in blocks.iter().filter(|block| !block.earlier.is_empty()) {
        times.extend(super::earlier_times(connection, block).await?);
    }
    Ok(times)
}
