//! The checked-in blobs on the real runtime, in process.

mod artifacts;
mod attribution;
mod kyc;
mod manifests;
mod model;
mod pool;
