//! Proofs over whole small domains: not samples, but every input or every history there is.
//!
//! The code under proof is the code that runs on chain; only a width or a scale, which it takes as a parameter, is
//! small. Each domain has a size that takes a few seconds, and a larger one that `scripts/test --nightly` runs: the
//! `#[ignore]`d tests.

extern crate std;

mod contribution;
mod dividends;
mod math;
mod settlement;
