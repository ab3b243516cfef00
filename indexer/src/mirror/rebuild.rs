//! Rows made anew from the journal, beside those that readers see, which the new ones take the place of when they are
//! at the same block. No node is asked.

use std::collections::{HashMap, HashSet};

use sqlx::{Connection, PgConnection};
use time::Date;

use super::{
    Mirror,
    schema::{self, NEXT, OLD},
    source,
};
use crate::{
    column::Hash,
    error::IndexerError,
    project::{Block, Books, Fold, db},
    store::Tip,
};

/// Blocks that are read and written at once.
const PART: i64 = 2_000;

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
    tip: Option<Tip>,
    rebuilt: Rebuilt,
}

impl Mirror {
    /// Makes all rows anew from the journal, while others read the old ones and write on.
    ///
    /// # Errors
    /// [`IndexerError::Database`], [`IndexerError::Journal`]. The old rows stay then.
    pub async fn rebuild(&mut self) -> Result<Rebuilt, IndexerError> {
        let mut connection = self.acquire().await?;
        let mut transaction = connection.begin().await.map_err(db)?;
        schema::make(&mut transaction, NEXT).await.map_err(db)?;
        transaction.commit().await.map_err(db)?;
        let mut making = Making {
            mirror: self,
            books: Books::default(),
            months: HashSet::new(),
            tip: None,
            rebuilt: Rebuilt::default(),
        };
        while !making.part(&mut connection, false).await? {}
        // Until here others may have written on; now nobody does.
        while !making.part(&mut connection, true).await? {}
        let rebuilt = making.rebuilt;
        drop_old(&mut connection).await;
        self.sure = None;
        Ok(rebuilt)
    }
}

/// The rows that others took the place of go once nobody reads them any more; at the latest with the next rebuild.
async fn drop_old(connection: &mut PgConnection) {
    let dropped = async {
        let mut transaction = connection.begin().await?;
        sqlx::query("SET LOCAL lock_timeout = '5s'").execute(&mut *transaction).await?;
        schema::drop_all(&mut transaction, OLD).await?;
        transaction.commit().await
    };
    if let Err(error) = dropped.await {
        tracing::warn!(%error, "the rows of before are still read; they are dropped with the next rebuild");
    }
}

impl Making<'_> {
    /// Makes the rows of the next blocks; whether that was all. `alone` also has them take the old ones' place.
    async fn part(&mut self, connection: &mut PgConnection, alone: bool) -> Result<bool, IndexerError> {
        let mut transaction = connection.begin().await.map_err(db)?;
        if alone {
            sqlx::query!("SELECT start_block FROM deployment FOR UPDATE")
                .fetch_one(&mut *transaction)
                .await
                .map_err(db)?;
        }
        schema::work_in(&mut transaction, NEXT).await.map_err(db)?;
        self.follow_forks(&mut transaction).await?;
        let blocks = source::read(&mut transaction, (self.tip.map(|tip| tip.number), PART)).await?;
        let times = earlier(&mut transaction, &blocks).await?;
        for block in &blocks {
            let mut fold = Fold {
                connection: &mut transaction,
                books: &mut self.books,
                deployment: &self.mirror.deployment,
                careful: false,
            };
            let folded = fold.block(block, |number| times.get(&number).copied().unwrap_or(0)).await?;
            let months = folded.journal.iter().map(|row| row.month).collect::<Vec<_>>().into_iter();
            schema::months(&mut transaction, &mut self.months, months).await.map_err(db)?;
            source::correct(&mut transaction, &folded.journal).await?;
            self.rebuilt.blocks = self.rebuilt.blocks.saturating_add(1);
            let events = u64::try_from(folded.journal.len()).unwrap_or(u64::MAX);
            self.rebuilt.events = self.rebuilt.events.saturating_add(events);
            self.rebuilt.unread = self.rebuilt.unread.saturating_add(folded.unread);
            self.tip = Some(source::tip_of(&block.at));
        }
        self.books.flush(&mut transaction).await.map_err(db)?;
        schema::advance(&mut transaction, self.tip.as_ref()).await.map_err(db)?;
        let done = i64::try_from(blocks.len()).unwrap_or(i64::MAX) < PART;
        if alone && done {
            schema::swap(&mut transaction).await.map_err(db)?;
        }
        transaction.commit().await.map_err(db)?;
        Ok(done)
    }

    /// Goes back to the last block that is still there.
    async fn follow_forks(&mut self, connection: &mut PgConnection) -> Result<(), IndexerError> {
        let Some(tip) = self.tip else { return Ok(()) };
        let still: Option<bool> = sqlx::query_scalar("SELECT hash = $2 FROM blocks WHERE number = $1")
            .bind(tip.number)
            .bind(tip.hash)
            .fetch_optional(&mut *connection)
            .await
            .map_err(db)?;
        if still == Some(true) {
            return Ok(());
        }
        // What is final was never rolled back.
        let common: Option<i64> = sqlx::query_scalar("SELECT least(number, $1) FROM finality")
            .bind(tip.number)
            .fetch_one(&mut *connection)
            .await
            .map_err(db)?;
        self.books.roll_back(connection, common.unwrap_or(-1)).await.map_err(db)?;
        let rows = sqlx::query_as!(
            Tip,
            r#"SELECT number, hash AS "hash: Hash", time_ms FROM blocks WHERE number = $1"#,
            common.unwrap_or(-1),
        );
        self.tip = rows.fetch_optional(connection).await.map_err(db)?;
        Ok(())
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
