//! One table of states, as far as it is in memory.
//!
//! Only one process writes, which holds the deployment's row meanwhile, so what was read or written here once need not
//! be read again. A table that is small enough is read whole; of a larger one, rows are read as events name them.

use std::collections::{HashMap, hash_map::Entry};

use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{At, Lines, Versioned};
use crate::project::Place;

/// Most rows of one table that stay in memory after a batch.
const MOST: usize = 1 << 20;

/// What is known of one key.
#[derive(Debug, Clone)]
struct Slot<R> {
    /// As it is now.
    now: Option<At<R>>,
    /// Whether the database has a row of this key.
    stored: bool,
    /// Whether the database has another row than `now`, or none.
    changed: bool,
}

impl<R> Slot<R> {
    fn absent() -> Self {
        Self { now: None, stored: false, changed: false }
    }
}

/// A former state and the block in which it ended.
type Former<R> = (At<R>, i64);

/// One table's rows.
#[derive(Debug)]
pub(crate) struct Table<R: Versioned> {
    slots: HashMap<R::Key, Slot<R>>,
    /// Keys of this batch that changed, each once.
    changed: Vec<R::Key>,
    /// States of this batch and before that ended in it.
    former: Vec<Former<R>>,
    /// Whether all rows of the database are in `slots`; not known before the first question.
    whole: Option<bool>,
    /// What to put back where an event does not fit: slots as they were, and how long `former` was.
    undo: Vec<(R::Key, Option<Slot<R>>)>,
    marked: usize,
}

impl<R: Versioned> Default for Table<R> {
    fn default() -> Self {
        Self {
            slots: HashMap::new(),
            changed: Vec::new(),
            former: Vec::new(),
            whole: None,
            undo: Vec::new(),
            marked: 0,
        }
    }
}

impl<R: Versioned> Table<R> {
    /// The row of a key.
    pub async fn find(&mut self, connection: &mut PgConnection, key: &R::Key) -> sqlx::Result<Option<R>> {
        self.know(connection, key).await?;
        Ok(self.slots.get(key).and_then(|slot| slot.now.as_ref()).map(|at| at.row.clone()))
    }

    /// All rows, of a table that is small.
    pub async fn all(&mut self, connection: &mut PgConnection) -> sqlx::Result<Vec<R>> {
        if !self.is_whole(connection).await? {
            let columns = columns::<R>();
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {columns} FROM {}", R::TABLE)));
            self.take(rows.fetch_all(connection).await?)?;
            self.whole = Some(true);
        }
        let mut rows: Vec<_> = self.slots.values().filter_map(|slot| slot.now.as_ref()).map(|at| &at.row).collect();
        rows.sort_by_key(|row| row.key());
        Ok(rows.into_iter().cloned().collect())
    }

    /// Sets a row's state.
    pub async fn put(&mut self, connection: &mut PgConnection, place: &Place, row: R) -> sqlx::Result<()> {
        let key = row.key();
        self.know(connection, &key).await?;
        self.set(place, key, Some(row));
        Ok(())
    }

    /// Takes a row away.
    pub async fn remove(&mut self, connection: &mut PgConnection, place: &Place, key: &R::Key) -> sqlx::Result<()> {
        self.know(connection, key).await?;
        self.set(place, key.clone(), None);
        Ok(())
    }

    fn set(&mut self, place: &Place, key: R::Key, row: Option<R>) {
        let before = self.slots.get(&key).cloned();
        let slot = self.slots.entry(key.clone()).or_insert_with(Slot::absent);
        self.undo.push((key.clone(), before));
        if !slot.changed {
            slot.changed = true;
            self.changed.push(key);
        }
        let after = row.map(|row| At::new(row, place));
        let Some(former) = std::mem::replace(&mut slot.now, after) else { return };
        // What held for a part of a block held at no block's end.
        if former.valid_from != place.known_since {
            self.former.push((former, place.known_since));
        }
    }

    /// Sees to it that a key's slot is there.
    async fn know(&mut self, connection: &mut PgConnection, key: &R::Key) -> sqlx::Result<()> {
        if self.slots.contains_key(key) || self.is_whole(connection).await? {
            return Ok(());
        }
        let query = format!("SELECT {} FROM {} t JOIN {}", columns_of::<R>("t"), R::TABLE, keys_of::<R>());
        let rows = sqlx::query_with(sqlx::AssertSqlSafe(query), R::keys([key].into_iter())?);
        let found = rows.fetch_all(connection).await?;
        self.take(found)?;
        self.slots.entry(key.clone()).or_insert_with(Slot::absent);
        Ok(())
    }

    /// Whether all rows are here; reads them where they are few.
    async fn is_whole(&mut self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        if let Some(whole) = self.whole {
            return Ok(whole);
        }
        let limit = MOST / 4;
        let query = format!("SELECT {} FROM {} LIMIT {}", columns::<R>(), R::TABLE, limit.saturating_add(1));
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(connection).await?;
        let whole = rows.len() <= limit;
        if whole {
            self.take(rows)?;
        }
        self.whole = Some(whole);
        Ok(whole)
    }

    fn take(&mut self, rows: Vec<PgRow>) -> sqlx::Result<()> {
        for row in rows {
            let at = At {
                valid_from: row.try_get("valid_from")?,
                block: row.try_get("block")?,
                event_index: row.try_get("event_index")?,
                row: R::get(&row)?,
            };
            if let Entry::Vacant(vacant) = self.slots.entry(at.row.key()) {
                vacant.insert(Slot { now: Some(at), stored: true, changed: false });
            }
        }
        Ok(())
    }

    /// From here on changes can be taken back.
    pub fn mark(&mut self) {
        self.undo.clear();
        self.marked = self.former.len();
    }

    /// Takes back what changed since the mark.
    pub fn revert(&mut self) {
        while let Some((key, before)) = self.undo.pop() {
            match before {
                Some(slot) => {
                    if !slot.changed {
                        self.changed.retain(|changed| *changed != key);
                    }
                    self.slots.insert(key, slot);
                }
                None => {
                    self.changed.retain(|changed| *changed != key);
                    // It was known that there is none.
                    self.slots.remove(&key);
                }
            }
        }
        self.former.truncate(self.marked);
    }

    /// Writes what changed.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        self.undo.clear();
        self.marked = 0;
        let changed = std::mem::take(&mut self.changed);
        let former = std::mem::take(&mut self.former);
        let columns = columns::<R>();
        let old: Vec<_> = changed.iter().filter(|key| self.slots.get(*key).is_some_and(|slot| slot.stored)).collect();
        if !old.is_empty() {
            let query = format!("DELETE FROM {} t USING {}", R::TABLE, keys_of::<R>().replacen(" ON ", " WHERE ", 1));
            let arguments = R::keys(old.into_iter())?;
            sqlx::query_with(sqlx::AssertSqlSafe(query), arguments).execute(&mut *connection).await?;
        }
        let mut lines = Lines::default();
        let width = R::COLUMNS.len().saturating_add(3);
        for key in &changed {
            let Some(slot) = self.slots.get_mut(key) else { continue };
            slot.changed = false;
            slot.stored = slot.now.is_some();
            if let Some(at) = &slot.now {
                lines.row(width, |tuple| put(at, tuple));
            }
        }
        lines.write(connection, R::TABLE, &columns).await?;
        let mut lines = Lines::default();
        for (at, valid_to) in &former {
            lines.row(width.saturating_add(1), |tuple| {
                put(at, tuple);
                tuple.field(valid_to);
            });
        }
        let history = format!("{}_history", R::TABLE);
        lines.write(connection, &history, &format!("{columns}, valid_to")).await?;
        if self.slots.len() > MOST {
            self.forget();
        }
        Ok(())
    }

    /// Forgets all: the database may have other rows now.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Goes back to the rows as they were after a block.
    pub async fn roll_back(&mut self, connection: &mut PgConnection, to: i64) -> sqlx::Result<()> {
        self.forget();
        let (table, columns) = (R::TABLE, columns::<R>());
        let statements = [
            format!("DELETE FROM {table} WHERE valid_from > $1"),
            // A state that was taken away was replaced by none.
            format!(
                "WITH again AS (DELETE FROM {table}_history WHERE valid_to > $1 RETURNING {columns})
                 INSERT INTO {table} ({columns}) SELECT {columns} FROM again WHERE valid_from <= $1"
            ),
        ];
        for statement in statements {
            sqlx::query(sqlx::AssertSqlSafe(statement)).bind(to).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

fn put<R: Versioned>(at: &At<R>, tuple: &mut super::Tuple<'_>) {
    at.row.put(tuple);
    tuple.field(&at.valid_from);
    tuple.field(&at.block);
    tuple.field(&at.event_index);
}

/// All columns.
fn columns<R: Versioned>() -> String {
    format!("{}, valid_from, block, event_index", R::COLUMNS.join(", "))
}

/// All columns of a table with an alias.
fn columns_of<R: Versioned>(alias: &str) -> String {
    columns::<R>().split(", ").map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ")
}

/// Lists of keys as a relation, joined with `t`.
fn keys_of<R: Versioned>() -> String {
    let lists: Vec<_> = (1..).zip(R::KEY).map(|(n, (_, list))| format!("${n}::{list}")).collect();
    let names: Vec<_> = R::KEY.iter().map(|(name, _)| *name).collect();
    let same: Vec<_> = names.iter().map(|name| format!("t.{name} = k.{name}")).collect();
    format!("unnest({}) AS k ({}) ON {}", lists.join(", "), names.join(", "), same.join(" AND "))
}
