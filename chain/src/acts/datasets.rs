//! What the registry of datasets waits for: training runs of the usage log (ATT-2).

use alloy_primitives::{Address, B256};

use super::{Act, Kind, Who};
use crate::abi::Manifests;

/// Records a training run, or a part of one.
pub const RECORD_INGESTION: Kind = Kind {
    name: "record_ingestion",
    says: "Records a training run, or a part of one.",
    who: Who::Role("PLATFORM_ROLE"),
    waits: &[],
    done: refusals![RunRecorded],
    moot: refusals![WrongVersionState],
};

/// All kinds.
pub const ALL: &[Kind] = &[RECORD_INGESTION];

/// A training run, or a part of one, as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingestion {
    /// Its id.
    pub run: B256,
    /// SHA-256 of the model's name.
    pub model: B256,
    /// Dataset and version, rising.
    pub versions: Vec<(B256, u32)>,
    /// Passes over the data.
    pub epochs: u32,
    /// The run's ingestion digest.
    pub digest: B256,
}

/// [`RECORD_INGESTION`].
pub fn record_ingestion(registry: Address, ingestion: Ingestion) -> Act {
    let Ingestion { run, model, versions, epochs, digest } = ingestion;
    let (datasets, versions) = versions.into_iter().unzip();
    let call = Manifests::recordIngestionCall { run, model, datasets, versions, epochs, digest };
    Act::new(&RECORD_INGESTION, run.to_string(), registry, &call)
}
