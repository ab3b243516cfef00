//! Habits of a web service. A router is made of two: one for questions, which are limited, and one for health and
//! metrics, which are not. From the inside out:
//!
//! 1. [`limits::limit`] on the first, its fallback included;
//! 2. the second merged into it;
//! 3. [`problem::explain`] on every answer, so that refusals of the framework are problems, too;
//! 4. [`metrics::measure`] around all.
//!
//! Serve it by `into_make_service_with_connect_info::<SocketAddr>()`: the limits look at who is connected.

pub mod limits;
pub mod metrics;
pub mod problem;

pub use limits::Limits;
pub use problem::Problem;
