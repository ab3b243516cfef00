//! Histories of a KYC registry with issuers: model = chain = Postgres.

use std::cell::{Cell, RefCell};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sqlx::PgConnection;
use yieldset_chain::Deployment;
use yieldset_rules::{attestation::TOPIC_KYC, compliance::Record as Known};
use yieldset_tests::kyc::KycRegistry;

use super::{
    cases,
    columns::each,
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
            books.records[at] = Known {
                level: row.number("level"),
                jurisdiction: row.number("jurisdiction"),
                accredited: row.is("accredited"),
                expiry: row.small("expiry"),
                frozen: row.is("frozen"),
                issuer: row.address("issuer"),
                sanctioned: row.is("sanctioned"),
                // Which seat it was, and in which term, no event tells: a removed issuer is never trusted again.
                seat: self.records[at].seat,
                term: self.records[at].term,
                nonce: row.small("nonce"),
            };
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
    let mut runner = TestRunner::new(Config {
        cases: cases("YIELDSET_MIRRORED_ALONE", 8),
        max_shrink_iters: 64,
        failure_persistence: None,
        ..Config::default()
    });
    let dice = prop::collection::vec(any::<u8>(), 1..16).prop_map(Dice::new);
    let result = runner.run(&(prop::collection::vec(step(), 10..50), dice), |(steps, mut dice)| {
        branch.set(branch.get() + 1);
        let mut record: Option<Record<Books>> = None;
        Both::play(steps, &mut |both| {
            let books = Books::new(both);
            match &mut record {
                None => record = Some(Record::new(&mut both.registry.chain, books, branch.get(), dice.clone())),
                Some(record) => record.note(&mut both.registry.chain, books),
            }
        });
        database.borrow_mut().check(&record.unwrap().blocks, &mut dice);
        attested.set(attested.get() + database.borrow().count("kyc_history WHERE attested"));
        Ok(())
    });
    database.into_inner().finish();
    result.unwrap();
    assert!(attested.get() > 0, "no history took an attestation");
}
