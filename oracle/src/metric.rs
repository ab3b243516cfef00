//! The metric that decides whether an output derives from a creator's texts (ATT-5): its names and versions, as
//! licences and reports write them, and its scale. How version 1 is computed is in [`embed`](crate::embed::cosine) and
//! [`fingerprint`](crate::fingerprint::containment), version 2 in [`yieldset_metric`]; what is made of them, in
//! [`attribution`](crate::attribution). New datasets and outputs are made for version 2; reports by version 1 stay
//! verifiable.

use serde::{Deserialize, Serialize};
use yieldset_rules::report::Metric;

pub use yieldset_rules::report::SCORE_ONE;

/// The metric's name in reports and licences.
pub const METRIC_NAME: &str = "spans+minilm-l6-v2";
/// The metric's version.
pub const METRIC_VERSION: u32 = 2;
/// Name of version 1.
pub const FIRST_NAME: &str = "minilm-l6-v2+winnow";
/// Scores above this qualify unless the licence says otherwise, in millionths.
pub const DEFAULT_THRESHOLD: u32 = 700_000;

/// Lowest threshold that a new version's licence can have: what is less like than that is more unlike.
pub const MIN_THRESHOLD: u32 = 500_000;

/// The metric with a threshold in millionths.
pub fn metric(threshold: u32) -> Metric {
    Metric { name: METRIC_NAME.into(), version: METRIC_VERSION, threshold }
}

/// Its version 1 with a threshold in millionths.
pub fn first_metric(threshold: u32) -> Metric {
    Metric { name: FIRST_NAME.into(), version: 1, threshold }
}

/// Which of the versions that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricVersion {
    /// Outputs as a whole.
    First,
    /// Outputs word by word.
    Second,
}

/// The version that a name and number stand for; `None` where this program does not know it.
pub fn version_of(name: &str, version: u32) -> Option<MetricVersion> {
    match (name, version) {
        (FIRST_NAME, 1) => Some(MetricVersion::First),
        (METRIC_NAME, METRIC_VERSION) => Some(MetricVersion::Second),
        _ => None,
    }
}

/// [`Metric`] in JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Metric", deny_unknown_fields)]
pub(crate) struct MetricState {
    name: String,
    version: u32,
    threshold: u32,
}

#[cfg(test)]
mod tests {
    use yieldset_chain::acts::doings::terms::METRICS;

    use super::*;

    /// Menus and votes call metrics by the names that reports have.
    #[test]
    fn each_metric_has_its_name_in_licences() {
        assert_eq!(METRICS, [(FIRST_NAME, 1), (METRIC_NAME, METRIC_VERSION)]);
        assert!(METRICS.iter().all(|(name, version)| version_of(name, *version).is_some()));
    }
}
