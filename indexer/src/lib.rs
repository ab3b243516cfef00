//! Yieldset's indexer: follows the chain into Postgres and shows it.
//!
//! ```text
//! follow (blocks, in order) → project (one transaction per block) → Postgres
//!     → api (JSON), pages (HTML), verify (against the chain)
//! ```
//!
//! It believes only the chain and computes money with the same `rules` as the contracts; where the two disagree it
//! stops. It signs nothing. The database can be dropped at any time and is built again from the chain.

pub mod api;
pub mod cli;
pub mod column;
pub mod error;
pub mod follow;
pub mod metrics;
pub mod mirror;
pub mod pages;
pub mod postgres;
pub mod project;
mod rows;
pub mod serve;
pub mod status;
pub mod store;
pub mod upstream;
pub mod verify;
