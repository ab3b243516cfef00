//! Shared parts of the integration tests and benchmarks: a chain in this process with the real runtime and the real
//! blobs.
//!
//! They are a ladder. A test stands on the lowest rung that has what it is about:
//!
//! 1. [`chain::Chain`] is the runtime with accounts, clock and blocks, and calls whatever is put on it: for the runtime
//!    itself, and for test contracts.
//! 2. Beside it, one contract alone with an account for each role and stand-ins for what it calls, for what that
//!    contract does and refuses: [`kyc::KycRegistry`], [`attribution::AttributionRegistry`],
//!    [`manifests::ManifestRegistry`], [`licence::LicenceAlone`], [`market::Exchange`], [`coop::Cooperative`].
//! 3. [`system::System`] adds a pool with the real registries that it asks, and one admin for all: for shares,
//!    deposits, reports and claims.
//! 4. [`world::World`] adds licence, market and factory, from which its pools come: for what contracts do together, and
//!    what one of them does to another.
//! 5. [`deal::Deal`] adds people, a dataset and a co-op that accepts a licence: for money from a platform's offer to
//!    everybody's account.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod assets;
pub mod attribution;
pub mod bench;
pub mod chain;
pub mod contributors;
pub mod coop;
pub mod crowd;
pub mod deal;
pub mod disputes;
pub mod erc20;
pub mod fixtures;
pub mod kyc;
pub mod licence;
pub mod manifests;
pub mod market;
pub mod stand_ins;
pub mod system;
pub mod tripping;
pub mod world;
