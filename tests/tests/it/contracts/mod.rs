//! The checked-in blobs on the real runtime, in process.

mod artifacts;
//mod attribution;
mod coop;
mod factory;
//mod kyc;
mod licence;
mod manifests;
mod market;
mod model;
mod pool;
mod verifier;
mod weights;
