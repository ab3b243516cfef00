//! A recorded chain, and a node that serves it: what whoever mirrors the chain is measured with, so that each of them
//! reads the same blocks and none waits for a runtime.
//!
//! | module | what |
//! |---|---|
//! | [`recording`] | the file: what a node says of itself, then block after block |
//! | [`record`] | a node's chain into such a file |
//! | [`make`] | a large chain of our contracts' events, drawn from a seed |
//! | [`answers`] | what the file answers to a node's JSON-RPC |
//! | [`serve`] | the node: WebSocket and HTTP on loopback |
//! | [`load`] | questions to a web server, for those that read what was mirrored |

pub mod answers;
pub mod error;
pub mod load;
pub mod make;
pub mod record;
pub mod recording;
pub mod serve;

pub use error::ReplayError;
pub use recording::Recording;
