//! Yieldset's indexer: mirrors the chain in Postgres and shows it.
//!
//! ```text
//! upstream (a node) → follow (blocks of the best chain) → mirror (journal, one writer)
//!     → project (a fold, from events to rows of any block) → Postgres
//!     → api (JSON), pages (HTML), reports (files), verify (against the chain)
//! ```
//!
//! It believes only the chain and computes money with the same `rules` as the contracts; an event that does not fit
//! them changes nothing and says so. It signs nothing. The rows can be made anew from the journal, and the journal from
//! the chain.

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
