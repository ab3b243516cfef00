//! Shared parts of the integration tests and benchmarks: a chain in this process with the real runtime and the real
//! blobs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod bench;
pub mod chain;
pub mod contributors;
pub mod deal;
pub mod erc20;
pub mod fixtures;
pub mod kyc;
pub mod licence;
pub mod market;
pub mod registries;
pub mod registry;
pub mod system;
pub mod world;
