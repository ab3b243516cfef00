//! Columns as the models have their figures.

use std::fmt::Debug;

use sqlx::{PgConnection, Row, postgres::PgRow};
use yieldset_indexer::column::{Addr, Amount, Hash};
use yieldset_rules::compliance::Record;

/// A row.
pub struct Columns<'a>(&'a PgRow);

impl Columns<'_> {
    pub fn maybe(&self, name: &str) -> Option<u128> {
        self.0.get::<Option<Amount>, _>(name).map(|amount| amount.to_u128().unwrap())
    }

    pub fn amount(&self, name: &str) -> u128 {
        self.maybe(name).unwrap()
    }

    /// Of an amount that is a time, a weight or a counter.
    pub fn small(&self, name: &str) -> u64 {
        self.amount(name).try_into().unwrap()
    }

    /// Of a number of Postgres' own, of any width.
    pub fn number<T: TryFrom<i64, Error: Debug>>(&self, name: &str) -> T {
        let wide = self.0.try_get::<i64, _>(name).or_else(|_| self.0.try_get::<i32, _>(name).map(i64::from));
        wide.or_else(|_| self.0.try_get::<i16, _>(name).map(i64::from)).unwrap().try_into().unwrap()
    }

    /// The same; zero where there is none.
    pub fn second(&self, name: &str) -> u64 {
        self.0.get::<Option<i64>, _>(name).unwrap_or_default().try_into().unwrap()
    }

    pub fn is(&self, name: &str) -> bool {
        self.0.get(name)
    }

    /// Zero where there is none.
    pub fn address(&self, name: &str) -> [u8; 20] {
        self.0.get::<Option<Addr>, _>(name).unwrap_or_default().0.into_array()
    }

    /// Zero where there is none.
    pub fn hash(&self, name: &str) -> [u8; 32] {
        self.0.get::<Option<Hash>, _>(name).unwrap_or_default().0.0
    }

    pub fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name)
    }

    pub fn numbers(&self, name: &str) -> Vec<i16> {
        self.0.get(name)
    }

    pub fn text(&self, name: &str) -> &str {
        self.0.get(name)
    }
}

/// A record of a KYC registry. In which issuer's seat it is, and of which term, no event tells.
pub fn kyc_record(row: &Columns<'_>, (seat, term): (u8, u32)) -> Record {
    Record {
        level: row.number("level"),
        jurisdiction: row.number("jurisdiction"),
        accredited: row.is("accredited"),
        expiry: row.small("expiry"),
        frozen: row.is("frozen"),
        issuer: row.address("issuer"),
        sanctioned: row.is("sanctioned"),
        seat,
        term,
        nonce: row.small("nonce"),
    }
}

/// Reads all rows that a statement selects.
pub async fn each(connection: &mut PgConnection, statement: &'static str, mut read: impl FnMut(Columns<'_>)) {
    for row in sqlx::query(statement).fetch_all(connection).await.unwrap() {
        read(Columns(&row));
    }
}
