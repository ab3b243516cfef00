//! Money, compliance and encodings of Yieldset.
//!
//! Pure and `no_std`: no ink!, no I/O, no clock, no floats. Contracts, oracle, indexer and tests all call this one
//! copy, so a figure cannot come out differently on chain and in a statement.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::float_arithmetic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

extern crate alloc;

pub mod agreed;
pub mod attestation;
pub mod audit;
pub mod checkpoints;
pub mod committee;
pub mod compliance;
pub mod contribution;
pub mod currency;
pub mod dispute;
pub mod dividends;
pub mod governance;
pub mod grant;
pub mod issuance;
pub mod licence;
pub mod market;
pub mod math;
pub mod merkle;
pub mod packed;
pub mod payee;
pub mod period;
pub mod provenance;
pub mod report;
pub mod revenue;
pub mod settlement;
pub mod spot;
pub mod succession;
pub mod usage;
pub mod votes;
pub mod waiting;

#[cfg(test)]
mod proofs;
