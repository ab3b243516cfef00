//! Rows as the projections see them: typed, in memory, and written in batches.
//!
//! There are two kinds. A *versioned* row has a key and a state that events change: the table has the state now, and
//! `<table>_history` each former one with the blocks from which on and until which it held. A *fact* is told once and
//! stays. Both say from which block on they are known (`valid_from`), so going back to an earlier block is dropping
//! what came later, and asking about one is leaving it out.

mod facts;
mod lines;
mod table;

pub(crate) use facts::Facts;
pub(crate) use lines::{Lines, Tuple};
use sqlx::postgres::{PgArguments, PgRow};
pub(crate) use table::Table;

use crate::{
    column::{Addr, Amount, Hash},
    project::Place,
};

/// A row whose state events change.
pub(crate) trait Versioned: Clone + PartialEq + Send + Sync + Sized + 'static {
    /// What names it.
    type Key: Clone + Eq + std::hash::Hash + Ord + Send + Sync;
    /// The table.
    const TABLE: &'static str;
    /// The key's columns, with the SQL type of a list of their values.
    const KEY: &'static [(&'static str, &'static str)];
    /// All columns but the place and `valid_from`.
    const COLUMNS: &'static [&'static str];

    /// Its key.
    fn key(&self) -> Self::Key;
    /// Its columns, in order.
    fn put(&self, tuple: &mut Tuple<'_>);
    /// From a row that has them by name.
    ///
    /// # Errors
    /// [`sqlx::Error`] where the table has other types.
    fn get(row: &PgRow) -> sqlx::Result<Self>;
    /// The keys, a list for each column.
    ///
    /// # Errors
    /// [`sqlx::Error`] where a list is too long.
    fn keys<'a>(keys: impl Iterator<Item = &'a Self::Key>) -> sqlx::Result<PgArguments>;
}

/// A row that stays as it is.
pub(crate) trait Fact: Send + Sync + Sized + 'static {
    /// The table.
    const TABLE: &'static str;
    /// All columns but the place, `valid_from` and `month`.
    const COLUMNS: &'static [&'static str];
    /// Whether the table is in parts by month, of which `month` is the column.
    const MONTHLY: bool;

    /// Its columns, in order.
    fn put(&self, tuple: &mut Tuple<'_>);
}

/// A column that can be a part of a key.
pub(crate) trait KeyColumn {
    /// The SQL type of a list of its values.
    const LIST: &'static str;
}

macro_rules! key_column {
    ($($type:ty: $list:literal),*) => {$( impl KeyColumn for $type { const LIST: &'static str = $list; } )*};
}
key_column!(Addr: "bytea[]", Hash: "bytea[]", Amount: "numeric[]", i64: "bigint[]", i16: "smallint[]", String: "text[]");

/// Declares a versioned row: the key's columns, a semicolon, and the others.
macro_rules! versioned {
    ($(#[$meta:meta])* $name:ident in $table:literal {
        $($(#[$key_meta:meta])* $key:ident: $key_type:ty),+ ; $($(#[$column_meta:meta])* $column:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name {
            $($(#[$key_meta])* pub $key: $key_type,)+
            $($(#[$column_meta])* pub $column: $type,)*
        }

        impl $crate::rows::Versioned for $name {
            type Key = ($($key_type,)+);
            const TABLE: &'static str = $table;
            const KEY: &'static [(&'static str, &'static str)] =
                &[$((stringify!($key), <$key_type as $crate::rows::KeyColumn>::LIST)),+];
            const COLUMNS: &'static [&'static str] = &[$(stringify!($key),)+ $(stringify!($column),)*];

            fn key(&self) -> Self::Key {
                ($(self.$key.clone(),)+)
            }

            fn put(&self, tuple: &mut $crate::rows::Tuple<'_>) {
                $(tuple.field(&self.$key);)+
                $(tuple.field(&self.$column);)*
            }

            fn get(row: &sqlx::postgres::PgRow) -> sqlx::Result<Self> {
                use sqlx::Row;
                Ok(Self {
                    $($key: row.try_get(stringify!($key))?,)+
                    $($column: row.try_get(stringify!($column))?,)*
                })
            }

            fn keys<'a>(keys: impl Iterator<Item = &'a Self::Key>) -> sqlx::Result<sqlx::postgres::PgArguments> {
                use sqlx::Arguments;
                $(let mut $key: Vec<$key_type> = Vec::new();)+
                for all in keys {
                    // The names of the columns serve twice: here for one key's parts.
                    let one = all.clone();
                    $crate::rows::versioned!(@part one $($key)+);
                }
                let mut arguments = sqlx::postgres::PgArguments::default();
                $(arguments.add($key).map_err(sqlx::Error::Encode)?;)+
                Ok(arguments)
            }
        }
    };
    (@part $one:ident $a:ident) => { $a.push($one.0); };
    (@part $one:ident $a:ident $b:ident) => { $a.push($one.0); $b.push($one.1); };
    (@part $one:ident $a:ident $b:ident $c:ident) => { $a.push($one.0); $b.push($one.1); $c.push($one.2); };
    (@part $one:ident $a:ident $b:ident $c:ident $d:ident) => {
        $a.push($one.0); $b.push($one.1); $c.push($one.2); $d.push($one.3);
    };
}
pub(crate) use versioned;

/// Declares a fact; `monthly` where its table is in parts by month.
macro_rules! fact {
    ($(#[$meta:meta])* $name:ident in $table:literal $(($monthly:ident))? {
        $($(#[$column_meta:meta])* $column:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name {
            $($(#[$column_meta])* pub $column: $type,)*
        }

        impl $crate::rows::Fact for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];
            const MONTHLY: bool = $crate::rows::fact!(@monthly $($monthly)?);

            fn put(&self, tuple: &mut $crate::rows::Tuple<'_>) {
                $(tuple.field(&self.$column);)*
            }
        }
    };
    (@monthly monthly) => { true };
    (@monthly) => { false };
}
pub(crate) use fact;

/// A row with where it is from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At<R> {
    /// The row.
    pub row: R,
    /// The block from which on it is known: the event's own, or the one in which its contract became ours.
    pub valid_from: i64,
    /// The event's block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

impl<R> At<R> {
    fn new(row: R, place: &Place) -> Self {
        Self { row, valid_from: place.known_since, block: place.block, event_index: place.event_index }
    }
}
