//! Where a report may be posted: chain, registry, epoch, and its place in its stream.
//!
//! A stream's reports come period after period, but not every period needs one: a quarter without usage, or one in
//! which nobody was there to sign, must not stop those after it. So a first report is of any period later than the last
//! reported one that is over. Money of the periods between goes with it ([`crate::waiting`]).
//!
//! No log may be shorter than that of the report accepted before, unless that one was withdrawn: then what held before
//! it holds again. So a false size, which the chain cannot see, stops a stream only where nobody disputes it. After a
//! withdrawal a log may be shorter than that of a report which stands: a stream that goes on comes before strictness
//! here. That each log contains the one before is proven off chain, by the log's consistency proofs.

use super::Report;
use crate::period::quarter_start;

/// What the registry knows when a report arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// EVM chain id of this chain.
    pub chain_id: u64,
    /// The registry's own address.
    pub registry: [u8; 20],
    /// Current committee epoch.
    pub epoch: u32,
    /// The end of the stream's chain, if there is any.
    pub last: Option<Last>,
    /// Which revision the report's period waits for; `None` where its report was not withdrawn.
    pub next_revision: Option<u32>,
    /// Unix seconds.
    pub now: u64,
}

/// The end of a stream's chain of reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Last {
    /// The latest period that has a report; zero before the first.
    pub period: u32,
    /// The least log that the next report may be computed from: that of the report accepted last; once one is
    /// withdrawn, at most what held before that one.
    pub log_size: u64,
    /// keccak-256 of that report's bytes; a revision's where one came last.
    pub hash: [u8; 32],
}

impl Last {
    /// The chain's end once `report`, whose bytes hash to `hash`, was accepted.
    pub fn after(self, report: &Report, hash: [u8; 32]) -> Self {
        Self { period: self.period.max(report.period), log_size: report.log.size, hash }
    }

    /// The chain's end once a report was withdrawn before which the least log was `log_before`. It stays in the chain,
    /// and the next report names it; only its log's size counts no more.
    pub fn withdraw(self, log_before: u64) -> Self {
        Self { log_size: self.log_size.min(log_before), ..self }
    }
}

crate::packed!(Last { period: u32, log_size: u64, hash: [u8; 32] });

/// Why a well-formed report does not belong here or now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingError {
    /// Signed for another chain.
    WrongChain {
        /// In the report.
        got: u64,
        /// This chain's.
        expected: u64,
    },
    /// Signed for another registry.
    WrongRegistry {
        /// In the report.
        got: [u8; 20],
    },
    /// Signed under another committee epoch.
    WrongEpoch {
        /// In the report.
        got: u32,
        /// The current one.
        expected: u32,
    },
    /// Not later than the last one that is reported.
    PeriodOutOfOrder {
        /// In the report.
        got: u32,
        /// The last one.
        last: u32,
    },
    /// The period goes on: what is not over cannot be reported.
    PeriodNotOver {
        /// In the report.
        period: u32,
        /// Unix seconds from which on it can.
        ends: u64,
    },
    /// Not the revision that the period waits for.
    RevisionOutOfOrder {
        /// In the report.
        got: u32,
        /// The one waited for; `None` where the period's report was not withdrawn.
        expected: Option<u32>,
    },
    /// Does not follow the last report.
    PreviousMismatch {
        /// In the report.
        got: [u8; 32],
        /// Hash of the last report, or zero.
        expected: [u8; 32],
    },
    /// Computed from a shorter log than the last one that was not withdrawn.
    LogShrank {
        /// In the report.
        got: u64,
        /// The least.
        last: u64,
    },
}

impl Binding {
    /// Checks that `report` was made for this chain, registry, epoch and place in its stream.
    pub fn check(&self, report: &Report) -> Result<(), BindingError> {
        if report.chain_id != self.chain_id {
            return Err(BindingError::WrongChain { got: report.chain_id, expected: self.chain_id });
        }
        if report.registry != self.registry {
            return Err(BindingError::WrongRegistry { got: report.registry });
        }
        if report.epoch != self.epoch {
            return Err(BindingError::WrongEpoch { got: report.epoch, expected: self.epoch });
        }
        let last = self.last.unwrap_or_default();
        if report.revision > 0 {
            if self.next_revision != Some(report.revision) {
                return Err(BindingError::RevisionOutOfOrder { got: report.revision, expected: self.next_revision });
            }
        } else if report.period <= last.period {
            return Err(BindingError::PeriodOutOfOrder { got: report.period, last: last.period });
        }
        let ends = quarter_start(report.period.saturating_add(1));
        if self.now < ends {
            return Err(BindingError::PeriodNotOver { period: report.period, ends });
        }
        if report.previous != last.hash {
            return Err(BindingError::PreviousMismatch { got: report.previous, expected: last.hash });
        }
        if report.log.size < last.log_size {
            return Err(BindingError::LogShrank { got: report.log.size, last: last.log_size });
        }
        Ok(())
    }
}
