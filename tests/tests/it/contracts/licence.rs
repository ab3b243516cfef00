//! The licence contract's blob with stand-ins around it.

mod cases;
pub mod histories;
mod hostile;
mod refusals;
mod roles;
mod usage_logs;
