//! Shared parts of the integration tests and benchmarks: a chain in this process with the real runtime and the real blobs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod chain;
pub mod licence;
pub mod system;
