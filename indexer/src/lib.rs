//! Yieldset's indexer: follows the chain into Postgres and shows it.
//!
//! ```text
//! follow (blocks, in order) → project (one transaction per block) → Postgres
//!     → api (JSON), pages (HTML), verify (against the chain)
//! ```
//!
//! It believes only the chain and computes money with the same `rules` as the contracts; where the two disagree it
//! stops. It signs nothing. The database can be dropped at any time and is built again from the chain.

pub mod answers;
pub mod api;
pub mod app;
pub mod cli;
pub mod column;
pub mod database_url;
pub mod eligibility;
pub mod error;
pub mod follow;
pub mod metrics;
pub mod mirror;
pub mod pages;
pub mod postgres;
pub mod preparing;
pub mod project;
pub mod reports;
pub mod router;
mod rows;
pub mod snapshot;
pub mod status;
pub mod store;
pub mod tokens;
pub mod upstream;
pub mod verify;
