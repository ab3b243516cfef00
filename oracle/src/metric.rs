//! The metric that decides whether an output derives from a creator's texts (ATT-5): its name and version, as licences
//! and reports write them, and its scale. How it is computed is in [`embed`](crate::embed::cosine) and
//! [`fingerprint`](crate::fingerprint::containment); what is made of it, in [`attribution`](crate::attribution).

use serde::{Deserialize, Serialize};
use yieldset_rules::report::Metric;

pub use yieldset_rules::report::SCORE_ONE;

/// The metric's name in reports and licences.
pub const METRIC_NAME: &str = "minilm-l6-v2+winnow";
/// The metric's version.
pub const METRIC_VERSION: u32 = 1;
/// Scores above this qualify unless the licence says otherwise, in millionths.
pub const DEFAULT_THRESHOLD: u32 = 700_000;

/// The metric with a threshold in millionths.
pub fn metric(threshold: u32) -> Metric {
    Metric { name: METRIC_NAME.into(), version: METRIC_VERSION, threshold }
}

/// [`Metric`] in JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Metric", deny_unknown_fields)]
pub(crate) struct MetricState {
    name: String,
    version: u32,
    threshold: u32,
}
