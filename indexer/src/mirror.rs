//! The writer: blocks go into the journal and, through the fold, into rows, in one transaction with the cursor. A crash
//! anywhere leaves all of a batch or nothing of it, so no row is there twice and none is missing.
//!
//! The journal is the source of truth. The rows are in a schema of their own, made by the files of `projection`, and
//! can be made anew from it ([`Mirror::rebuild`]) beside the old ones, which readers have until the new ones take their
//! place.

mod emitters;
mod rebuild;
mod schema;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use sqlx::{Connection, PgConnection, PgPool};
use time::Date;
use yieldset_chain::{Address, B256, BlockRef, Deployment};

use self::schema::MIRROR;
pub(crate) use self::schema::detached;
pub use self::{rebuild::Rebuilt, schema::search_path};
use crate::{
    column::Hash,
    error::IndexerError,
    project::{
        Block, Books, EventId, Fold, Folded, JournalRow, Question, Roles, db, discovered, id, month_of, names_others,
        questions,
    },
    rows::Lines,
    store::{self, Tip},
};

/// Most blocks of one contract that are read again when it becomes ours. Of one with more of them nothing is read: it
/// stands still.
const EARLIER: i64 = 200_000;

/// A contract that a block makes ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// It.
    pub contract: Address,
    /// By which event.
    pub event: EventId,
    /// The earlier blocks in which it emitted anything in the form of our contracts' events, by height and hash; none
    /// where they are more than are read.
    pub blocks: Option<Vec<(u64, B256)>>,
}

/// What [`Mirror::apply`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// At least one of the blocks is new here.
    Now {
        /// How many.
        blocks: u64,
        /// Events of ours in them.
        events: u64,
        /// Those among them from which nothing follows: not understood, or not fitting.
        unread: u64,
    },
    /// All were here already; nothing was changed.
    Before,
}

impl Applied {
    /// Both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Before, applied) | (applied, Self::Before) => applied,
            (
                Self::Now { blocks, events, unread },
                Self::Now { blocks: more_blocks, events: more_events, unread: more_unread },
            ) => Self::Now {
                blocks: blocks.saturating_add(more_blocks),
                events: events.saturating_add(more_events),
                unread: unread.saturating_add(more_unread),
            },
        }
    }
}

/// The one that writes. What it keeps in memory is what the database has; where that is not sure any more, it reads
/// anew.
#[derive(Debug)]
pub struct Mirror {
    pool: PgPool,
    deployment: Deployment,
    books: Books,
    /// The connection that writes, between two transactions.
    writer: Option<PgConnection>,
    /// What the books in memory are of: the schema, and the last block; nothing where they are not sure.
    sure: Option<(i64, Option<Hash>)>,
    /// Months whose parts of tables are there.
    months: HashSet<Date>,
    /// Contracts that are not ours and could be pools, once they are known.
    candidates: Option<HashSet<Address>>,
}

impl Mirror {
    /// Brings the tables to this program's version and claims an empty database for the deployment. Rows that were made
    /// by another version are made anew from the journal.
    ///
    /// # Errors
    /// [`IndexerError::Migrate`], [`IndexerError::WrongDatabase`], [`IndexerError::Database`].
    pub async fn open(pool: PgPool, deployment: &Deployment) -> Result<Self, IndexerError> {
        let mut mirror = Self::claim(pool, deployment).await?;
        mirror.renew().await?;
        Ok(mirror)
    }

    /// The same, with the rows as they are.
    ///
    /// # Errors
    /// [`IndexerError::Migrate`], [`IndexerError::WrongDatabase`], [`IndexerError::Database`].
    pub async fn claim(pool: PgPool, deployment: &Deployment) -> Result<Self, IndexerError> {
        store::migrate(&pool).await?;
        store::bind(&pool, deployment).await?;
        Ok(Self {
            pool,
            deployment: deployment.clone(),
            books: Books::default(),
            writer: None,
            sure: None,
            months: HashSet::new(),
            candidates: None,
        })
    }

    /// The deployment that is mirrored.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The database.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The last block applied.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn tip(&self) -> Result<Option<Tip>, IndexerError> {
        store::tip(&mut *self.pool.acquire().await.map_err(db)?).await.map_err(db)
    }

    /// Begins a transaction in which nobody else writes, with books that are sure.
    ///
    /// What is begun is ended by [`commit`](Self::commit) or not at all: cut off anywhere, the connection is closed
    /// with it, on which answers may still be on their way, and the books are not believed any more.
    async fn begin(&mut self) -> Result<(PgConnection, Option<Tip>), IndexerError> {
        let sure = self.sure.take();
        let mut connection = match self.writer.take() {
            Some(connection) => connection,
            None => PgConnection::connect_with(&self.pool.connect_options()).await.map_err(db)?,
        };
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.map_err(db)?;
        // Two processes on one database take turns here, and the second finds the blocks applied.
        sqlx::query!("SELECT start_block FROM deployment FOR UPDATE").fetch_one(&mut connection).await.map_err(db)?;
        let tip = store::tip(&mut connection).await.map_err(db)?;
        let schema = schema::oid(&mut connection, MIRROR).await.map_err(db)?;
        if sure != Some((schema, tip.map(|tip| tip.hash))) {
            if !schema::is_ours(&mut connection).await.map_err(db)? {
                return Err(IndexerError::OtherRows);
            }
            self.books = Books::default();
            self.months.clear();
            self.candidates = None;
        }
        Ok((connection, tip))
    }

    async fn commit(&mut self, mut connection: PgConnection, tip: Option<Hash>) -> Result<(), IndexerError> {
        let schema = schema::oid(&mut connection, MIRROR).await.map_err(db)?;
        sqlx::raw_sql("COMMIT").execute(&mut connection).await.map_err(db)?;
        self.sure = Some((schema, tip));
        self.writer = Some(connection);
        Ok(())
    }

    /// Applies blocks that follow each other, all or none. Those that are here already change nothing.
    ///
    /// # Errors
    /// [`IndexerError::Gap`], [`IndexerError::ParentMismatch`], [`IndexerError::OtherHistory`] where one is not the
    /// next; [`IndexerError::Database`]. Nothing is changed then.
    pub async fn apply(&mut self, blocks: &[Block]) -> Result<Applied, IndexerError> {
        match self.write(blocks, false).await {
            Err(error) if error.is_of_the_rows() => {
                tracing::error!(%error, "the database refuses rows; the event that they follow from is looked for");
                let mut all = Applied::Before;
                for block in blocks {
                    all = all.and(self.write(std::slice::from_ref(block), true).await?);
                }
                Ok(all)
            }
            other => other,
        }
    }

    async fn write(&mut self, blocks: &[Block], careful: bool) -> Result<Applied, IndexerError> {
        let (mut connection, mut tip) = self.begin().await?;
        let mut batch = Batch::default();
        for block in blocks {
            if self.follows(&mut connection, &block.at, tip).await? == Follows::AlreadyHere {
                continue;
            }
            let times = earlier_times(&mut connection, block).await?;
            if careful {
                let months = months_of(block, &times).into_iter();
                schema::months(&mut connection, &mut self.months, months).await.map_err(db)?;
            }
            let mut fold = self.fold(&mut connection, careful);
            let folded = fold.block(block, |number| times.get(&number).copied().unwrap_or(0)).await?;
            let ours = fold.addresses().await?;
            tip = Some(batch.add(block, folded));
            emitters::note(&mut connection, &mut self.candidates, (block, &ours), &mut batch.emitters).await?;
        }
        let Some(applied) = batch.applied() else {
            self.commit(connection, tip.map(|tip| tip.hash)).await?;
            return Ok(Applied::Before);
        };
        schema::months(&mut connection, &mut self.months, batch.months()).await.map_err(db)?;
        batch.write(&mut connection).await.map_err(db)?;
        self.books.flush(&mut connection).await.map_err(db)?;
        schema::advance(&mut connection, tip.as_ref()).await.map_err(db)?;
        self.commit(connection, tip.map(|tip| tip.hash)).await?;
        Ok(applied)
    }

    /// All blocks up to this height, which is here, are final.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn finalise(&mut self, number: u64) -> Result<(), IndexerError> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        sqlx::query!(
            "UPDATE finality SET number = $1
             WHERE coalesce(number < $1, TRUE) AND EXISTS (SELECT FROM blocks WHERE blocks.number = $1)",
            number
        )
        .execute(&self.pool)
        .await
        .map_err(db)?;
        Ok(())
    }

    /// Goes back to a block: what came after it is as if it had never been.
    ///
    /// # Errors
    /// [`IndexerError::PastFinality`] where that would take back what was final; [`IndexerError::Database`].
    pub async fn roll_back(&mut self, to: u64) -> Result<(), IndexerError> {
        let number = i64::try_from(to).unwrap_or(i64::MAX);
        let (mut connection, _) = self.begin().await?;
        let finalised = sqlx::query_scalar!("SELECT number FROM finality WHERE number > $1", number)
            .fetch_optional(&mut connection)
            .await
            .map_err(db)?
            .flatten();
        if let Some(finalised) = finalised {
            return Err(IndexerError::PastFinality { to, finalised: u64::try_from(finalised).unwrap_or(0) });
        }
        self.books.roll_back(&mut connection, number).await.map_err(db)?;
        for statement in [
            "DELETE FROM journal WHERE seen > $1",
            "DELETE FROM emitters WHERE block > $1",
            "DELETE FROM blocks WHERE number > $1",
        ] {
            sqlx::query(statement).bind(number).execute(&mut connection).await.map_err(db)?;
        }
        let tip = store::tip(&mut connection).await.map_err(db)?;
        schema::advance(&mut connection, tip.as_ref()).await.map_err(db)?;
        self.commit(connection, tip.map(|tip| tip.hash)).await
    }

    /// The block of ours at a height, where there is one, and whether it is final.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn at(&self, number: u64) -> Result<Option<(B256, bool)>, IndexerError> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let row = sqlx::query!(
            r#"SELECT hash AS "hash: Hash", coalesce(number <= (SELECT f.number FROM finality f), FALSE) AS "finalised!"
               FROM blocks WHERE number = $1"#,
            number
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(db)?;
        Ok(row.map(|row| (row.hash.0, row.finalised)))
    }

    /// Which of the next blocks can only be applied by themselves: they make a contract ours, or contracts of ours are
    /// asked beside their events.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn asking(&mut self, blocks: &[Block]) -> Result<Vec<bool>, IndexerError> {
        let may_ask =
            |block: &Block| block.events.iter().any(|event| !questions(event).is_empty() || names_others(event));
        if !blocks.iter().any(may_ask) {
            return Ok(vec![false; blocks.len()]);
        }
        let (mut connection, tip) = self.begin().await?;
        let (mut roles, addresses) = self.roles(&mut connection).await?;
        let mut asking = Vec::with_capacity(blocks.len());
        for block in blocks {
            let found: Vec<_> = discovered(&block.events, &roles).into_keys().collect();
            let discovers = !found.is_empty();
            roles.extend(found.into_iter().map(|role| (role, true)));
            let ours = |address: &Address| addresses.contains(address) || roles.keys().any(|role| role.0 == *address);
            asking.push(
                discovers || block.events.iter().any(|event| ours(&event.address) && !questions(event).is_empty()),
            );
        }
        self.commit(connection, tip.map(|tip| tip.hash)).await?;
        Ok(asking)
    }

    /// What is to be asked beside the events of the next block, of contracts that are ours or become so by it.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn questions(&mut self, block: &Block) -> Result<Vec<(EventId, Question)>, IndexerError> {
        if block.events.iter().chain(&block.earlier).all(|event| questions(event).is_empty()) {
            return Ok(Vec::new());
        }
        let (mut connection, tip) = self.begin().await?;
        let (roles, addresses) = self.roles(&mut connection).await?;
        let found = discovered(&block.events, &roles);
        let ours = |address| addresses.contains(&address) || found.keys().any(|role| role.0 == address);
        let events = block.earlier.iter().chain(&block.events).filter(|event| ours(event.address));
        let mut asked = Vec::new();
        for event in events {
            for question in questions(event) {
                // Its name is asked once.
                let is_known = match question {
                    Question::Currency(currency) => self.fold(&mut connection, false).has_currency(currency).await?,
                    Question::Terms { .. } | Question::Code(_) => false,
                };
                if !is_known {
                    asked.push((id(event), question));
                }
            }
        }
        self.commit(connection, tip.map(|tip| tip.hash)).await?;
        Ok(asked)
    }

    /// The contracts that the next block makes ours, each with the earlier blocks in which it emitted anything.
    ///
    /// # Errors
    /// [`IndexerError::Database`].
    pub async fn discoveries(&mut self, block: &Block) -> Result<Vec<Discovery>, IndexerError> {
        let (mut connection, tip) = self.begin().await?;
        let (roles, addresses) = self.roles(&mut connection).await?;
        // Of an address that is ours already the journal has everything, and so that of a new one has to: it may become
        // something else later.
        let found = discovered(&block.events, &roles).into_iter().filter(|(role, _)| !addresses.contains(&role.0));
        let found: BTreeMap<Address, EventId> = found.map(|((address, _), (_, event))| (address, id(event))).collect();
        let mut discoveries = Vec::with_capacity(found.len());
        for (contract, event) in found {
            let rows = sqlx::query!(
                r#"SELECT DISTINCT number, hash AS "hash: Hash" FROM emitters JOIN blocks ON number = block
                   WHERE address = $1 ORDER BY number LIMIT $2"#,
                contract.as_slice(),
                EARLIER.saturating_add(1),
            )
            .fetch_all(&mut connection)
            .await
            .map_err(db)?;
            let is_too_long = i64::try_from(rows.len()).unwrap_or(i64::MAX) > EARLIER;
            let blocks = rows.into_iter().map(|row| (u64::try_from(row.number).unwrap_or(0), row.hash.0)).collect();
            discoveries.push(Discovery { contract, event, blocks: (!is_too_long).then_some(blocks) });
        }
        self.commit(connection, tip.map(|tip| tip.hash)).await?;
        Ok(discoveries)
    }

    fn fold<'a>(&'a mut self, connection: &'a mut PgConnection, careful: bool) -> Fold<'a> {
        Fold { connection, books: &mut self.books, deployment: &self.deployment, careful }
    }

    /// What is ours as what, and all addresses.
    async fn roles(&mut self, connection: &mut PgConnection) -> Result<(Roles, Arc<HashSet<Address>>), IndexerError> {
        let mut fold = self.fold(connection, false);
        let (mut roles, mut addresses) = (fold.roles().await?, fold.addresses().await?);
        if addresses.is_empty() {
            // They become ours with the first block.
            let named = self.deployment.named();
            roles.extend(named.map(|(kind, address)| ((address, kind), true)));
            addresses = Arc::new(named.into_iter().map(|(_, address)| address).collect());
        }
        Ok((roles, addresses))
    }

    /// Whether a block is the next one, by height and by its parent's hash.
    async fn follows(
        &self,
        connection: &mut PgConnection,
        at: &BlockRef,
        tip: Option<Tip>,
    ) -> Result<Follows, IndexerError> {
        let gap = |expected| Err(IndexerError::Gap { got: at.number, expected });
        let Some(tip) = tip else {
            let expected = self.deployment.start_block;
            return if at.number == expected { Ok(Follows::Next) } else { gap(expected) };
        };
        let last = u64::try_from(tip.number).unwrap_or(0);
        let next = last.saturating_add(1);
        if at.number > next {
            return gap(next);
        }
        if at.number == next {
            let mismatch =
                IndexerError::ParentMismatch { number: at.number, before: last, got: at.parent, expected: tip.hash.0 };
            return if at.parent == tip.hash.0 { Ok(Follows::Next) } else { Err(mismatch) };
        }
        let number = i64::try_from(at.number).unwrap_or(i64::MAX);
        let here = sqlx::query_scalar!(r#"SELECT hash AS "hash: Hash" FROM blocks WHERE number = $1"#, number)
            .fetch_optional(connection)
            .await
            .map_err(db)?;
        match here {
            Some(hash) if hash.0 == at.hash => Ok(Follows::AlreadyHere),
            Some(hash) => Err(IndexerError::OtherHistory { number: at.number, got: at.hash, expected: hash.0 }),
            None => gap(next),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Follows {
    Next,
    AlreadyHere,
}

/// The times in seconds of the earlier blocks that events are from. Blocks before the deployment's first are not here,
/// and nobody reads them: a contract that is older than the deployment is mirrored from there on.
async fn earlier_times(connection: &mut PgConnection, block: &Block) -> Result<HashMap<u64, i64>, IndexerError> {
    let numbers: BTreeSet<u64> = block.earlier.iter().map(|event| event.block_number).collect();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted: Vec<i64> = numbers.iter().map(|number| i64::try_from(*number).unwrap_or(i64::MAX)).collect();
    let rows = sqlx::query!("SELECT number, time_ms FROM blocks WHERE number = ANY ($1)", &wanted)
        .fetch_all(connection)
        .await
        .map_err(db)?;
    let times: HashMap<_, _> =
        rows.into_iter().map(|row| (u64::try_from(row.number).unwrap_or(0), row.time_ms / 1_000)).collect();
    match numbers.into_iter().find(|number| !times.contains_key(number)) {
        None => Ok(times),
        Some(missing) => Err(IndexerError::Gap { got: missing, expected: missing }),
    }
}

/// The months that events of a block can be of: its own, and those of the earlier ones that come with it.
fn months_of(block: &Block, times: &HashMap<u64, i64>) -> BTreeSet<Date> {
    let earlier = block.earlier.iter().filter_map(|event| times.get(&event.block_number).copied());
    earlier.chain([source::tip_of(&block.at).time_ms / 1_000]).map(month_of).collect()
}

/// Blocks that are applied together.
#[derive(Debug, Default)]
struct Batch {
    blocks: Lines,
    journal: Vec<JournalRow>,
    emitters: Lines,
    months: BTreeSet<Date>,
    counts: (u64, u64, u64),
}

impl Batch {
    fn add(&mut self, block: &Block, folded: Folded) -> Tip {
        let tip = source::tip_of(&block.at);
        self.blocks.row(4, |tuple| {
            tuple.field(&tip.number);
            tuple.field(&tip.hash);
            tuple.field(&Hash::from(block.at.parent));
            tuple.field(&tip.time_ms);
        });
        self.months.extend(folded.journal.iter().map(|row| row.month));
        let (blocks, events, unread) = &mut self.counts;
        *blocks = blocks.saturating_add(1);
        *events = events.saturating_add(u64::try_from(folded.journal.len()).unwrap_or(u64::MAX));
        *unread = unread.saturating_add(folded.unread);
        self.journal.extend(folded.journal);
        tip
    }

    fn applied(&self) -> Option<Applied> {
        let (blocks, events, unread) = self.counts;
        (blocks > 0).then_some(Applied::Now { blocks, events, unread })
    }

    fn months(&self) -> impl Iterator<Item = Date> {
        self.months.iter().copied()
    }

    async fn write(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let blocks = std::mem::take(&mut self.blocks);
        blocks.write(connection, "blocks", "number, hash, parent, time_ms").await?;
        let emitters = std::mem::take(&mut self.emitters);
        emitters.write(connection, "emitters", "address, kind, block").await?;
        let mut journal = Lines::default();
        for row in &self.journal {
            journal.row(JournalRow::WIDTH, |tuple| row.put(tuple));
        }
        journal.write(connection, "journal", JournalRow::COLUMNS).await?;
        Ok(())
    }
}
