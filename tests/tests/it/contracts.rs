//! The checked-in blobs on the real runtime, in process.

mod artifacts;
mod attribution;
mod constants;
mod coop;
mod disputes;
mod erc20;
mod errors;
mod factory;
mod fixtures;
pub mod kyc;
pub mod licence;
mod manifests;
pub mod market;
mod matrix;
pub mod model;
mod pool;
mod proof;
mod verifier;
mod weights;
mod whole;
