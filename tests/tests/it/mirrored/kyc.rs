//! Histories of a KYC registry with issuers: model = chain = Postgres.

use std::cell::{Cell, RefCell};

use proptest::prelude::*;
use sqlx::PgConnection;
use yieldset_chain::Deployment;
use yieldset_rules::{attestation::TOPIC_KYC, compliance::Record as Known};
use yieldset_tests::kyc::KycRegistry;

use super::{
    alone, cases_alone,
    columns::{each, kyc_record},
    database::{Database, Figures, nothing_deployed},
    record::{Dice, Record},
};
use crate::contracts::kyc::histories::{ACCOUNTS, Both, ISSUERS, step};

/// What the model has.
#[derive(Debug, Clone, PartialEq)]
struct Books {
    accounts: [[u8; 20]; ACCOUNTS],
    issuers: [[u8; 20]; ISSUERS],
    records: [Known; ACCOUNTS],
    /// Whether a record is by an attestation.
    attested: [bool; ACCOUNTS],
    /// Whose attestations are taken, and for which topics.
    trusted: [Option<u8>; ISSUERS],
}

impl Books {
    fn new(both: &Both) -> Self {
        let records = &both.model.records;
        Self {
            accounts: both.accounts.map(|account| account.into_array()),
            issuers: std::array::from_fn(|n| both.issuers[n].address.into_array()),
            records: *records,
            attested: records.map(|record| record.seat != 0),
            trusted: both.model.seats.map(|seat| seat.map(|seat| seat.topics.0)),
        }
    }
}

impl Figures for Books {
    async fn told(&self, connection: &mut PgConnection) -> Self {
        let mut books = Self {
            records: Default::default(),
            attested: Default::default(),
            trusted: Default::default(),
            ..self.clone()
        };
        each(connection, "SELECT * FROM kyc_records", |row| {
            let at = self.accounts.iter().position(|known| *known == row.address("account")).unwrap();
            books.attested[at] = row.is("attested");
            // A removed issuer is never trusted again.
            books.records[at] = kyc_record(&row, (self.records[at].seat, self.records[at].term));
        })
        .await;
        each(connection, "SELECT * FROM kyc_issuers WHERE trusted", |row| {
            let at = self.issuers.iter().position(|known| *known == row.address("issuer")).unwrap();
            let topics = row.numbers("topics").into_iter().map(|topic| 1u8 << (topic - i16::from(TOPIC_KYC)));
            books.trusted[at] = Some(topics.sum());
        })
        .await;
        books
    }
}

/// Proves MIR-3 for who is verified: model = chain = Postgres after any history of records, attestations, flags,
/// recoveries and issuers, cut into any blocks.
#[test]
fn the_mirror_has_the_registrys_records() {
    let deployment = Deployment { kyc: KycRegistry::new().kyc, ..nothing_deployed() };
    let database = RefCell::new(Database::new(deployment));
    let (branch, attested) = (Cell::new(0), Cell::new(0));
    let steps = prop::collection::vec(step(), 10..50);
    let result = alone(cases_alone(8)).run(&(steps, Dice::any()), |(steps, mut dice)| {
        branch.set(branch.get() + 1);
        let mut record: Option<Record<Books>> = None;
        Both::play(steps, &mut |both| {
            let books = Books::new(both);
            Record::watch(&mut record, &mut both.registry.chain, books, (branch.get(), &dice));
        });
        database.borrow_mut().check(&record.unwrap().blocks, &mut dice);
        attested.set(attested.get() + database.borrow().count("kyc_history WHERE attested"));
        Ok(())
    });
    database.into_inner().finish();
    result.unwrap();
    assert!(attested.get() > 0, "no history took an attestation");
}
