//! Habits of a web service. A router is made of two: one for questions, which are limited, and one for health and
//! metrics, which are not. From the inside out:
//!
//! 1. [`limits::limit`] on the first, its fallback included;
//! 2. the second merged into it;
//! 3. [`problem::explain`] on every answer, so that refusals of the framework are problems, too;
//! 4. [`metrics::measure`] around all.
//!
//! [`serve`] it: nothing of ours serves in another way, so that no connection is kept for nothing, and none keeps the
//! process. The limits look at who is connected, whom it names.

pub mod client;
pub mod limits;
pub mod loopback;
pub mod metrics;
pub mod problem;
pub mod serve;

pub use limits::Limits;
pub use loopback::{ListenError, Loopback};
pub use problem::Problem;
pub use serve::{Connections, serve};
