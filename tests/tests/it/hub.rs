//! The root of `tests/hub`: of this folder what needs no node, on the pallet that Polkadot Hub runs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod contracts;
