//! Reports of version 2, to be read and no longer posted: what was signed stays readable.

use alloc::string::String;
use codec::{Decode, DecodeAll};

use super::{Hash, LogCheckpoint, MAX_BYTES, Malformed, Metric, SCORE_ONE};

/// Domain tag of version 2.
pub const TAG: &[u8] = b"yieldset/report/v2\n";

/// Sums over the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Totals {
    /// Inference calls of the period in the log.
    pub calls: u64,
    /// Calls with at least one score above the threshold.
    pub qualifying_calls: u64,
    /// Output tokens of all calls.
    pub tokens: u64,
    /// Output tokens attributed to contributors.
    pub attributed_tokens: u64,
}

/// A report of one model, without compared set, measured error and "nothing qualified".
#[derive(Debug, Clone, PartialEq, Eq, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Report {
    /// EVM chain id.
    pub chain_id: u64,
    /// Address of the attribution registry.
    pub registry: [u8; 20],
    /// Pool whose contributors the weights belong to.
    pub pool: [u8; 20],
    /// Licence stream within the pool.
    pub stream: Hash,
    /// Model version the usage belongs to.
    pub model: String,
    /// Accounting period.
    pub period: u32,
    /// Counts from 0.
    pub revision: u32,
    /// Committee epoch.
    pub epoch: u32,
    /// Log checkpoint.
    pub log: LogCheckpoint,
    /// Metric with threshold, which could be zero.
    pub metric: Metric,
    /// Root over `(contributor, weight)`.
    pub weights_root: Hash,
    /// Sums.
    pub totals: Totals,
    /// Hash of the report accepted before it.
    pub previous: Hash,
}

impl Report {
    /// Parses canonical bytes.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        let mut body = bytes.strip_prefix(TAG).ok_or(Malformed::WrongTag)?;
        let report = Self::decode_all(&mut body).map_err(|_| Malformed::Encoding)?;
        let t = &report.totals;
        let consistent = t.qualifying_calls <= t.calls && t.attributed_tokens <= t.tokens;
        if report.period == 0 || report.epoch == 0 || report.metric.threshold > SCORE_ONE || !consistent {
            return Err(Malformed::Values);
        }
        Ok(report)
    }
}
