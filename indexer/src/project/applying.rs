//! What every projection works with: the rows, and where the event is that it reads.

use std::fmt::Display;

use sqlx::PgConnection;
use time::{Date, Month, OffsetDateTime};
use yieldset_chain::{Address, Deployment, U256};

use super::{
    Answers, Books,
    books::{Holds, Notes},
    db,
};
use crate::{
    error::IndexerError,
    rows::{Fact, Versioned},
};

/// The last second of the year 9999, the last that RFC 3339 can write.
const LAST_SECOND: i64 = 253_402_300_799;

/// Where an event is, as rows name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The contract that emitted it.
    pub contract: Address,
    /// Its block.
    pub block: i64,
    /// Its number among the block's events.
    pub event_index: i64,
    /// The block's time in seconds.
    pub seconds: i64,
    /// The first day of the month that is in.
    pub month: Date,
    /// The block with which it was read: its own, or the later one in which its contract became ours.
    pub known_since: i64,
}

impl Place {
    /// The error for a figure that the rules compute differently.
    pub fn diverged(self, what: &'static str, got: impl Display, expected: impl Display) -> IndexerError {
        IndexerError::Diverged {
            block: u64::try_from(self.block).unwrap_or(0),
            event_index: u32::try_from(self.event_index).unwrap_or(0),
            what,
            got: got.to_string(),
            expected: expected.to_string(),
        }
    }

    /// `Ok` where both are the same.
    pub fn same<T: PartialEq + Display>(self, what: &'static str, got: T, expected: T) -> Result<(), IndexerError> {
        if got == expected { Ok(()) } else { Err(self.diverged(what, got, expected)) }
    }

    /// A figure that must fit a narrower type.
    pub fn fit<T, U>(self, what: &'static str, value: T) -> Result<U, IndexerError>
    where
        T: Display + Copy,
        U: TryFrom<T>,
    {
        U::try_from(value).map_err(|_| self.diverged(what, "a smaller number", value))
    }

    /// A time of an event, in Unix seconds, that a calendar can have. A contract that somebody put in the place of ours
    /// may say any; of ours none tells a later one, and every reader of JSON takes these exactly.
    pub fn time<T>(self, what: &'static str, value: T) -> Result<i64, IndexerError>
    where
        T: Display + Copy,
        i64: TryFrom<T>,
    {
        let seconds = i64::try_from(value).ok().filter(|seconds| (0..=LAST_SECOND).contains(seconds));
        seconds.ok_or_else(|| self.diverged(what, "a time before the year 10000", value))
    }

    /// A 256-bit figure of an event as the 128 bits that our contracts count in.
    pub fn amount(self, what: &'static str, value: U256) -> Result<u128, IndexerError> {
        u128::try_from(value).map_err(|_| self.diverged(what, "at most 128 bits", value))
    }

    /// A sum that the contract would have refused to let overflow.
    pub fn add(self, what: &'static str, a: u128, b: u128) -> Result<u128, IndexerError> {
        a.checked_add(b).ok_or_else(|| self.diverged(what, "over 128 bits", format!("{a} + {b}")))
    }
}

/// The first day of the month that a second of Unix time is in.
pub(crate) fn month_of(seconds: i64) -> Date {
    let day = OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date);
    Date::from_calendar_date(day.year(), day.month(), 1).unwrap_or_else(|_| {
        // Every month has a first day.
        Date::from_calendar_date(1970, Month::January, 1).unwrap_or(Date::MIN)
    })
}

/// An event that is being applied.
pub(crate) struct Applying<'a> {
    pub(super) connection: &'a mut PgConnection,
    pub(super) books: &'a mut Books,
    /// The deployment that is mirrored.
    pub deployment: &'a Deployment,
    /// Where the event is.
    pub place: Place,
    /// What contracts answered beside it.
    pub answers: &'a Answers,
    /// Lines of the ledger that it has so far.
    pub lines: i16,
}

impl Applying<'_> {
    /// The row of a key.
    pub async fn find<R: Versioned>(&mut self, key: R::Key) -> Result<Option<R>, IndexerError>
    where
        Books: Holds<R>,
    {
        self.books.table().find(self.connection, &key).await.map_err(db)
    }

    /// The row of a key that an event speaks of as known: its absence does not fit.
    pub async fn known<R: Versioned>(&mut self, what: &'static str, key: R::Key) -> Result<R, IndexerError>
    where
        Books: Holds<R>,
    {
        let found = self.find::<R>(key).await?;
        found.ok_or_else(|| self.place.diverged(what, "unknown", "one that was told of before"))
    }

    /// Sets a row's state.
    pub async fn put<R: Versioned>(&mut self, row: R) -> Result<(), IndexerError>
    where
        Books: Holds<R>,
    {
        self.books.table().put(self.connection, &self.place, row).await.map_err(db)
    }

    /// Takes a row away.
    pub async fn remove<R: Versioned>(&mut self, key: R::Key) -> Result<(), IndexerError>
    where
        Books: Holds<R>,
    {
        self.books.table().remove(self.connection, &self.place, &key).await.map_err(db)
    }

    /// Adds a fact.
    pub fn note<F: Fact>(&mut self, fact: F)
    where
        Books: Notes<F>,
    {
        self.books.facts().add(&self.place, fact);
    }
}
