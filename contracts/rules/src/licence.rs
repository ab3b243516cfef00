//! A licence as a state machine (LIC-1 … LIC-11, PAY-1, PAY-2, PAY-3, PAY-5).
//!
//! ```text
//! offered ──accept──▶ accepted ──escrow funded──▶ active ──time──▶ ended ────────┐
//!    │ withdraw, decline,   │ not funded            │ terminate ──▶ terminated ──┤──▶ deletion pending ──▶ certified
//!    ▼ time                 ▼                                                    └──time──▶ overdue ──▶ certified late
//! withdrawn, declined,   lapsed
//! expired
//! ```
//!
//! Each function is one message: it loads records from a [`Store`], decides, stores them, and answers with what
//! happened and with the [`Moves`] of money that the caller must now carry out. Nothing is stored where it refuses.
//! What time alone brings about (expired, ended, overdue) is computed and never stored, so no one has to call for it.
//!
//! Money of a licence is in three parts: `escrow` (bound: an offer's upfront, then the guarantee), `refundable` (the
//! platform's) and `held` (the pool's, until the pool takes it). Always `money_in = escrow + refundable + held +
//! to_pool + refunded + paid_out`. What is paid for an audit is out of the licence's books (`paid_out`) and credited to
//! its creditor, who withdraws it ([`Audit::credited`](audit::Audit::credited)).

pub mod audit;
mod calendar;
pub mod command;
pub mod conduct;
pub mod dues;
pub mod ending;
pub mod escrow;
pub mod guarantee;
pub mod menu;
pub mod offer;
pub mod parties;
mod quarter;
pub mod reason;
mod record;
pub mod refusal;
mod stage;
pub mod store;
pub mod terms;
pub mod usage_log;
pub mod words;
mod year;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use quarter::Quarter;
pub use record::Licence;
pub use refusal::Refusal;
pub use stage::{Deletion, Stage};
pub use store::Store;
pub use terms::{Milestone, Terms};
pub use year::{Counted, Year};

/// A licence's id, which is also its stream in the pool.
pub type Id = [u8; 32];
/// An account or a contract.
pub type Address = [u8; 20];
/// A hash; which one is the document's business.
pub type Hash = [u8; 32];

/// A day, in seconds.
pub const DAY: u64 = 86_400;
/// Longest licence, in months: fifty years.
pub const MAX_TERM_MONTHS: u16 = 600;
/// Most options of an offer.
pub const MAX_OPTIONS: usize = 4;
/// Most datasets of a licence; their list is one record.
pub const MAX_DATASETS: usize = 12;
/// Most milestones of a Schedule B.
pub const MAX_MILESTONES: usize = 8;
/// A contributor's audits per calendar year and licence (LIC-3).
pub const AUDITS_PER_YEAR: u8 = 2;
/// Audits of one quarter, whoever asks.
pub const AUDITS_PER_QUARTER: u8 = 2;
/// The platform's time to answer an audit, and to pay what it costs (LIC-3).
pub const AUDIT_DAYS: u64 = 30;
/// Above this discrepancy the platform reimburses the contributor (LIC-3).
pub const DISCREPANCY_BPS: u16 = 500;
/// Logs are kept, and can be audited, this long after the end (ATT-3): 24 months.
pub const RETENTION_DAYS: u64 = 730;
/// Time to pay what a late report of usage or a correction adds to a due.
pub const ASSESSMENT_DAYS: u64 = 14;
/// A quarter's usage counts as none where no report of it is final this long after the quarter's end, until one is.
pub const USAGE_DAYS: u64 = 90;
/// A platform that is still silent so many quarters of three months after the last quarter became a default forfeits
/// the rest of its escrow.
pub const FORFEIT_QUARTERS: u32 = 4;
/// What an oracle or an auditor says on its own counts after this time, in which the arbiter can dismiss it.
pub const CHALLENGE_DAYS: u64 = 14;
/// A violation is a cause for termination this long after it counts.
pub const CAUSE_DAYS: u64 = 180;

/// Who asks for what, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Which licence.
    pub licence: Id,
    /// Who calls.
    pub caller: Address,
    /// Block time, Unix seconds.
    pub now: u64,
}

/// Money that moves after a message is decided, in this order. All of it in the licence's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moves {
    /// From the caller to the contract.
    pub take: u128,
    /// To the pool: all that is held for this period ([`guarantee::delivered`] says how much of it arrived).
    pub deliver: Option<u32>,
    /// From the contract to an account.
    pub send: Option<(Address, u128)>,
}

/// `a + b`.
pub(crate) fn add(a: u128, b: u128) -> Result<u128, Refusal> {
    a.checked_add(b).ok_or(Refusal::Overflow)
}

/// `a − b`, or zero. Never inlined, as [`least`]: words of 128 bits are the larger part of this code otherwise.
#[inline(never)]
pub(crate) const fn less(a: u128, b: u128) -> u128 {
    a.saturating_sub(b)
}

/// The smaller one.
#[inline(never)]
pub(crate) const fn least(a: u128, b: u128) -> u128 {
    if a < b { a } else { b }
}

/// Stops where a document has no hash.
pub(crate) fn named(hash: &Hash) -> Result<(), Refusal> {
    if *hash == [0; 32] { Err(Refusal::ZeroHash) } else { Ok(()) }
}

/// `start` plus a number of days.
pub(crate) const fn days_after(start: u64, days: u16) -> u64 {
    start.saturating_add((days as u64).saturating_mul(DAY))
}
