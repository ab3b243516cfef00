//! The random histories of `contracts`, through the mirror: what the real contracts emitted is cut into blocks and
//! applied to a real Postgres, and every figure that the mirror and a history's model both have is the same.
//!
//! | file | what |
//! |---|---|
//! | `record.rs` | events of the chain in this process as blocks, with what the model had after each |
//! | `database.rs` | a Postgres with a mirror, through which histories go and where they are compared |
//! | `columns.rs` | the columns of its rows |
//! | `model.rs` | histories of a pool with all that is around it: `contracts::model` |
//! | `market.rs`, `licence.rs`, `kyc.rs` | histories of one contract |

mod columns;
mod database;
mod kyc;
mod licence;
mod market;
mod model;
mod record;

use proptest::test_runner::{Config, TestRunner};

/// How many histories go through the mirror: some on every change, another number where the environment names one.
fn cases(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// For histories of one contract alone, so many.
fn alone(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, max_shrink_iters: 64, failure_persistence: None, ..Config::default() })
}

/// How many of those there are.
fn cases_alone(otherwise: u32) -> u32 {
    cases("YIELDSET_MIRRORED_ALONE", otherwise)
}
