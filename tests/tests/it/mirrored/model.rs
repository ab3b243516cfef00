//! Histories of a pool with registries and market: model = chain = Postgres.

mod rows;

use std::cell::{Cell, RefCell};

use alloy_primitives::{Address, U256};
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use sqlx::PgConnection;

use super::{
    cases,
    database::{Database, Figures, nothing_deployed},
    record::{Dice, Record},
};
use crate::contracts::model::{books::Books, ending, histories, stage::Stage, tried};

/// Tables that histories leave rows in: where one has none after all of them, nothing was compared.
const FILLED: [&str; 12] = [
    "holders",
    "transfers",
    "approvals",
    "deposits",
    "periods",
    "policies",
    "kyc_records",
    "freezes",
    "reports",
    "orders",
    "claims",
    "ledger",
];

/// What model and chain have after a step.
#[derive(Debug, Clone, PartialEq)]
struct Both {
    books: Books,
    /// Contracts of which the mirror keeps double-entry books, with their coins.
    coins: [(Address, U256); 2],
}

impl Both {
    fn new(stage: &mut Stage, books: &Books) -> Self {
        let coins = stage.coins();
        Self { books: books.clone(), coins: [(stage.s.pool, coins.pool), (stage.market, coins.market)] }
    }
}

impl Figures for Both {
    async fn told(&self, connection: &mut PgConnection) -> Self {
        let mut coins = self.coins;
        for (book, has) in &mut coins {
            *has = rows::coins(connection, *book).await;
        }
        Self { books: rows::books(connection, &self.books).await, coins }
    }
}

/// Proves MIR-3: model = chain = Postgres. What the real contracts emit in any history, cut into any blocks and applied
/// in any batches, leaves rows with every figure that the model has: after the last block, after earlier ones, gone
/// back to one of them, and gone on again.
#[test]
fn the_mirror_has_the_models_figures() {
    let first = Stage::new();
    let deployment = yieldset_chain::Deployment {
        kyc: first.s.kyc,
        pool: first.s.pool,
        manifests: first.s.manifests,
        attribution: first.s.attribution,
        licence: first.s.licence,
        market: first.market,
        ..nothing_deployed()
    };
    let (stage, database) = (RefCell::new(Some(first)), RefCell::new(Database::new(deployment)));
    let (branch, filled) = (Cell::new(0), Cell::new([0; FILLED.len()]));
    let mut runner = TestRunner::new(Config {
        cases: cases("YIELDSET_MIRRORED_CASES", 24),
        max_shrink_iters: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/mirrored.txt"))),
        ..Config::default()
    });
    let result = runner.run(&(histories(), Dice::any()), |(history, mut dice)| {
        branch.set(branch.get() + 1);
        let record: RefCell<Option<Record<Both>>> = RefCell::new(None);
        let mut watch = |stage: &mut Stage, books: &Books| {
            let both = Both::new(stage, books);
            record.borrow_mut().as_mut().unwrap().note(&mut stage.s.chain, both);
        };
        let done = tried(&stage, Some(&mut watch), |run| {
            let begun = Both::new(run.stage, &run.model);
            record.replace(Some(Record::new(&mut run.stage.s.chain, begun, branch.get(), dice.clone())));
            run.play(&history);
            ending::everybody_gets_what_is_theirs(run);
            let record = record.take().unwrap();
            database.borrow_mut().check(&record.blocks, &mut dice);
            filled.set(std::array::from_fn(|n| filled.get()[n] + database.borrow().count(FILLED[n])));
        });
        if done.is_err() {
            database.borrow_mut().clear();
        }
        done
    });
    database.into_inner().finish();
    if let Err(error) = result {
        panic!("{error}");
    }
    for (table, count) in FILLED.iter().zip(filled.get()) {
        assert!(count > 0, "no history left a row in {table}");
    }
}
