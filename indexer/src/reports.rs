//! What statements, desks and reviews are made of, from the mirror as it was after any block: who holds a pool, what an
//! account earned, and every table whole.
//!
//! Money is computed by the contracts' rules. Amounts are whole numbers in the smallest unit of shares or of a
//! currency, which is named beside them with its decimals; amounts of two currencies are never added.

pub mod captable;
pub mod earnings;
pub mod export;
mod file;
mod text;

use std::{collections::BTreeMap, io};

use clap::ValueEnum;
use serde::Serialize;
use sqlx::PgPool;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description, macros::time};
use yieldset_rules::dividends::Holder;
use yieldset_service::files::FileError;

use crate::{
    column::{Addr, Amount, Hash},
    snapshot::{At, OpenError, Snapshot},
};

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Postgres does not do what it was asked.
    #[error("database, making a report: {0}; if it is away, check that Postgres runs and that DATABASE_URL names it")]
    Database(#[from] sqlx::Error),
    /// There is no such block.
    #[error("--at: {0}; give the height or the time of a block that is mirrored, or leave it out for the last one")]
    At(OpenError),
    /// Nothing is mirrored yet.
    #[error("the database holds nothing to report on yet; start `yieldset-indexer run` on it first")]
    NothingIndexed,
    /// The pool is not mirrored, or was not yet.
    #[error("no pool at {pool} is mirrored after block {block}; `yieldset-indexer export pools` lists those that are")]
    NoSuchPool {
        /// What was asked for.
        pool: Addr,
        /// The block.
        block: i64,
    },
    /// No table has that name.
    #[error("there is no table {name:?}; give all, or one of: {tables}")]
    NoSuchTable {
        /// What was asked for.
        name: String,
        /// Those that there are.
        tables: String,
    },
    /// Several tables would be one stream.
    #[error("all tables go into a folder, a file for each: give --out FOLDER")]
    NeedsFolder,
    /// Months of the period were detached.
    #[error(
        "{0}: these months of trades or claims are detached, and sums without them would be too small; attach them \
         (docs/MIRROR.md), or ask for a period without them"
    )]
    Detached(String),
    /// The period ends before it begins.
    #[error(
        "--from: the period begins after block {block}, with which it ends; give an earlier beginning or a later --to"
    )]
    Period {
        /// The last block of it.
        block: i64,
    },
    /// A figure that no contract could have made.
    #[error(
        "{what} of {of} is no figure that a contract could have: run `yieldset-indexer verify`, then rebuild the rows"
    )]
    Broken {
        /// Which figure.
        what: &'static str,
        /// Whose.
        of: Addr,
    },
    /// A report does not become JSON.
    #[error("a report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// What was made cannot be written.
    #[error("what was made cannot be written: {0}; check the disk and that you may write there")]
    Write(#[from] io::Error),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<OpenError> for ReportError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Database(error) => Self::Database(error),
            other => Self::At(other),
        }
    }
}

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For spreadsheets.
    Csv,
    /// For programs.
    Json,
}

/// The block that a report is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AsOf {
    /// Height.
    pub block: i64,
    /// Hash.
    pub hash: Hash,
    /// Unix time in milliseconds.
    pub time_ms: i64,
    /// The same for people, in UTC.
    pub time: String,
    /// Whether it stays; else it can still be rolled back.
    #[serde(rename = "final")]
    pub is_final: bool,
}

impl AsOf {
    /// The block that a snapshot describes.
    ///
    /// # Errors
    /// [`ReportError::NothingIndexed`].
    pub fn of(snapshot: &Snapshot) -> Result<Self, ReportError> {
        let tip = snapshot.tip.ok_or(ReportError::NothingIndexed)?;
        let nanoseconds = i128::from(tip.time_ms).saturating_mul(1_000_000);
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok().and_then(|at| at.format(&Rfc3339).ok());
        Ok(Self {
            block: tip.number,
            hash: tip.hash,
            time_ms: tip.time_ms,
            time: time.unwrap_or_default(),
            is_final: snapshot.is_final,
        })
    }

    /// For people.
    fn line(&self) -> String {
        let certainty = if self.is_final { "final" } else { "not final yet" };
        format!("after block {}, {}, {certainty}", self.block, self.time)
    }

    /// What each line of a CSV ends with.
    fn fields(&self) -> [String; 3] {
        [self.block.to_string(), self.time.clone(), self.is_final.to_string()]
    }
}

/// The columns of [`AsOf::fields`].
const AS_OF: [&str; 3] = ["block", "time", "final"];

/// What money is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Money {
    /// The currency; the zero address for the chain's own money.
    pub currency: Addr,
    /// What it calls itself, or its network calls the chain's own money; empty where the contract does not say.
    pub symbol: String,
    /// How many decimals of it the smallest unit is; zero where the contract does not say.
    pub decimals: i16,
}

impl Money {
    /// Of one that says nothing of itself; `coin` is what the chain's own money is called.
    fn silent(currency: Addr, coin: &str) -> Self {
        let is_own = currency == Addr::default();
        let (symbol, decimals) = if is_own { (coin, 18) } else { ("", 0) };
        Self { currency, symbol: symbol.to_owned(), decimals }
    }

    /// For people; a stranger's words stay on their line.
    fn named(&self) -> String {
        match self.symbol.as_str() {
            "" => format!("smallest units of {}", self.currency),
            symbol => format!("10^-{} {}", self.decimals, yieldset_service::printable(symbol)),
        }
    }

    /// What a CSV says of it.
    fn fields(&self) -> [String; 3] {
        [self.currency.to_string(), self.symbol.clone(), self.decimals.to_string()]
    }
}

/// The columns of [`Money::fields`].
const MONEY: [&str; 3] = ["currency", "currency_symbol", "currency_decimals"];

/// What currencies are called.
async fn moneys(snapshot: &mut Snapshot, wanted: Vec<Addr>) -> Result<BTreeMap<Addr, Money>, sqlx::Error> {
    let mut moneys: BTreeMap<_, _> =
        wanted.iter().map(|currency| (*currency, Money::silent(*currency, &snapshot.coin))).collect();
    let rows = sqlx::query!(
        r#"SELECT currency AS "currency: Addr", symbol, decimals FROM currencies
           WHERE readable AND currency = ANY ($1)"#,
        wanted as _,
    )
    .fetch_all(snapshot.connection())
    .await?;
    for row in rows {
        moneys.insert(row.currency, Money { currency: row.currency, symbol: row.symbol, decimals: row.decimals });
    }
    Ok(moneys)
}

/// A holder's record, as the contract has it.
struct Stored {
    account: Addr,
    balance: Amount,
    settled_index: Amount,
    pending: Amount,
    fraction: Amount,
}

impl Stored {
    /// What it can claim at a dividend index.
    fn claimable(&self, index: Amount) -> Result<Amount, ReportError> {
        let of = self.account;
        let broken = |what| ReportError::Broken { what, of };
        let holder = Holder {
            balance: self.balance.to_u128().map_err(|_| broken("the balance"))?,
            index: self.settled_index.to_u128().map_err(|_| broken("the index"))?,
            pending: self.pending.to_u128().map_err(|_| broken("the pending dividend"))?,
            fraction: self.fraction.to_u64().map_err(|_| broken("the fraction"))?,
        };
        let index = index.to_u128().map_err(|_| broken("the pool's index"))?;
        holder.claimable(index).map(Amount::from).map_err(|_| broken("the claimable dividend"))
    }
}

/// A sum that stays the largest number where it would pass it.
fn sum(a: Amount, b: Amount) -> Amount {
    Amount(a.0.saturating_add(b.0))
}

/// Opens the state after a block, for as long as reading it takes.
///
/// # Errors
/// [`ReportError::At`], [`ReportError::Database`].
pub async fn open(pool: &PgPool, at: Option<&At>) -> Result<Snapshot, ReportError> {
    let mut snapshot = match at {
        None => Snapshot::open(pool).await?,
        Some(at) => Snapshot::open_at(pool, at).await?,
    };
    sqlx::query("SET LOCAL statement_timeout = 0").execute(snapshot.connection()).await?;
    Ok(snapshot)
}

/// What begins or ends with a day, or is a height.
enum Moment {
    Block(i64),
    Time(OffsetDateTime),
    Day(Date),
}

impl Moment {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no block's height, day (2026-12-31) or time (2026-12-31T12:00:00Z)");
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Block).map_err(|_| wrong());
        }
        if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return Ok(Self::Day(day));
        }
        OffsetDateTime::parse(text, &Rfc3339).map(Self::Time).map_err(|_| wrong())
    }
}

/// Unix time in milliseconds.
fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

/// Up to and with what is reported: a block's height, a time, or a day (UTC), which ends with its last millisecond.
///
/// # Errors
/// What is wrong with the text.
pub fn until(text: &str) -> Result<At, String> {
    Ok(match Moment::parse(text)? {
        Moment::Block(number) => At::Block(number),
        Moment::Time(at) => At::Time(milliseconds(at)),
        Moment::Day(day) => At::Time(milliseconds(day.with_time(time!(23:59:59.999)).assume_utc())),
    })
}

/// From what on is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// This block.
    Block(i64),
    /// The first block of this Unix time in milliseconds or later.
    Time(i64),
}

/// From what on is reported: a block's height, a time, or a day (UTC), from its beginning.
///
/// # Errors
/// What is wrong with the text.
pub fn since(text: &str) -> Result<Since, String> {
    Ok(match Moment::parse(text)? {
        Moment::Block(number) => Since::Block(number),
        Moment::Time(at) => Since::Time(milliseconds(at)),
        Moment::Day(day) => Since::Time(milliseconds(day.midnight().assume_utc())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves MIR-2: a day is whole, from its first millisecond to its last, and what is no moment is refused.
    #[test]
    fn moments_are_read() {
        // 2026-12-31T00:00:00Z is 1,798,675,200 s of Unix time.
        let midnight = 1_798_675_200_000;
        assert_eq!(until("2026-12-31"), Ok(At::Time(midnight + 86_399_999)));
        assert_eq!(since("2026-12-31"), Ok(Since::Time(midnight)));
        assert_eq!(until("2026-12-31T01:00:00.5+01:00"), Ok(At::Time(midnight + 500)));
        assert_eq!((until("17"), since("17")), (Ok(At::Block(17)), Ok(Since::Block(17))));
        for text in ["", "-1", "2026-13-01", "2026-12-31T00:00", "yesterday", "99999999999999999999"] {
            assert!(until(text).is_err() && since(text).is_err(), "{text}");
        }
    }
}
