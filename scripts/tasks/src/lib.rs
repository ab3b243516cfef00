//! Developer tasks: the demo, the contract build, and the repository's own rules. The end-to-end tests use the demo's
//! parts.

pub mod contracts;
pub mod demo;
pub mod tidy;
