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
mod kyc;
mod licence;
mod manifests;
mod market;
mod matrix;
mod model;
mod pool;
mod proof;
mod verifier;
mod weights;
mod whole;
