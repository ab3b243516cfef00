//! Facts of one table that are not written yet.

use sqlx::PgConnection;
use time::Date;

use super::{At, Fact, Lines};
use crate::project::Place;

/// One table's new rows.
#[derive(Debug)]
pub(crate) struct Facts<F> {
    rows: Vec<(At<F>, Date)>,
    marked: usize,
}

impl<F> Default for Facts<F> {
    fn default() -> Self {
        Self { rows: Vec::new(), marked: 0 }
    }
}

impl<F: Fact> Facts<F> {
    /// Adds one.
    pub fn add(&mut self, place: &Place, fact: F) {
        self.rows.push((At::new(fact, place), place.month));
    }

    /// From here on they can be taken back.
    pub fn mark(&mut self) {
        self.marked = self.rows.len();
    }

    /// Takes back what was added since the mark.
    pub fn revert(&mut self) {
        self.rows.truncate(self.marked);
    }

    /// Drops all.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Writes them.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let mut lines = Lines::default();
        let width = F::COLUMNS.len().saturating_add(3 + usize::from(F::MONTHLY));
        for (at, month) in self.rows.drain(..) {
            lines.row(width, |tuple| {
                at.row.put(tuple);
                tuple.field(&at.valid_from);
                tuple.field(&at.block);
                tuple.field(&at.event_index);
                if F::MONTHLY {
                    tuple.field(&month);
                }
            });
        }
        self.marked = 0;
        let month = if F::MONTHLY { ", month" } else { "" };
        let columns = format!("{}, valid_from, block, event_index{month}", F::COLUMNS.join(", "));
        lines.write(connection, F::TABLE, &columns).await?;
        Ok(())
    }

    /// Drops what became known after a block.
    pub async fn roll_back(&mut self, connection: &mut PgConnection, to: i64) -> sqlx::Result<()> {
        self.forget();
        let statement = format!("DELETE FROM {} WHERE valid_from > $1", F::TABLE);
        sqlx::query(sqlx::AssertSqlSafe(statement)).bind(to).execute(connection).await?;
        Ok(())
    }
}
