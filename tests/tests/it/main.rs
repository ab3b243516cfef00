//! One integration binary: contracts in process with the real blobs, and the product end to end on a devnet.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod contracts;
mod devnet;
mod mirrored;
