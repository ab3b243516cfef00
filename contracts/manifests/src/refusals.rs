//! Why a message is refused.

use ink::sol::FixedBytes;
use yieldset_rules::provenance::{Hash, MAX_ENTRIES, ProvenanceError};
use yieldset_shell::refusals::Explain;

/// A `bytes32`.
pub type Bytes32 = FixedBytes<32>;

yieldset_shell::refusals! {
    /// A hash or id that must name something is zero.
    ZeroHash(),
    /// A run needs at least one epoch.
    ZeroEpochs(),
    /// Another version of this dataset has this manifest, or the version that is to be replaced has it.
    AlreadyRegistered(manifest_hash: bytes32),
    /// The version that has this manifest cannot stand in for the one to redact: it is older, or withdrawn or redacted
    /// itself. Name another manifest, or none: (dataset, that version, its state).
    UnfitReplacement(dataset: bytes32, version: uint32, state: uint8),
    /// The dataset belongs to somebody else: (caller, creator).
    NotDatasetCreator(caller: address, creator: address),
    /// Nobody registered this dataset.
    UnknownDataset(dataset: bytes32),
    /// The caller registered a dataset with this label before: its id. Register its next version.
    DatasetExists(dataset: bytes32),
    /// The dataset is being handed over to another account, or to none: (caller, pending).
    NotPendingCreator(caller: address, pending: address),
    /// Licences are active on the dataset: how many.
    LicencesActive(dataset: bytes32, active: uint32),
    /// The version is in a state in which this cannot be done: (dataset, version, state as `statusOf` has it).
    WrongVersionState(dataset: bytes32, version: uint32, state: uint8),
    /// The platform recorded this run already: (platform, run).
    RunRecorded(platform: address, run: bytes32),
    /// One version for each dataset is needed: how many of each.
    LengthMismatch(datasets: uint256, versions: uint256),
    /// A run has between one and so many entries: (got, most).
    EntryCount(count: uint256, most: uint256),
    /// Entries must rise by dataset, then version: the first that does not.
    EntriesOutOfOrder(index: uint256),
    /// The platform never ingested this version: (platform, dataset, version).
    NotIngested(platform: address, dataset: bytes32, version: uint32),
    /// The platform filed its certificate already: (platform, dataset, version).
    AlreadyCertified(platform: address, dataset: bytes32, version: uint32),
    /// The licence was opened or held on this dataset before: (dataset, licence).
    LicenceUsed(dataset: bytes32, licence: bytes32),
    /// The licence is neither open on this dataset nor held: (dataset, licence).
    LicenceNotOpen(dataset: bytes32, licence: bytes32),
    /// Another licence's exclusivity window is open: (dataset, that licence, its end).
    ExclusivityOpen(dataset: bytes32, licence: bytes32, until: uint64),
    /// An exclusivity window must end in the future: (its end, now).
    InvalidExclusivity(until: uint64, time: uint64),
}

/// What a refusal of the rules was about.
#[derive(Default)]
pub struct About {
    /// Who called.
    pub caller: [u8; 20],
    /// The dataset.
    pub dataset: Hash,
    /// Its version, where one was named.
    pub version: u32,
    /// The licence, where one was named.
    pub licence: Hash,
    /// The manifest, where one was named.
    pub manifest: Hash,
    /// Block time, where it mattered.
    pub now: u64,
}

impl About {
    /// A caller and a dataset.
    pub fn of(caller: [u8; 20], dataset: Bytes32) -> Self {
        Self { caller, dataset: dataset.0, ..Self::default() }
    }
}

impl Explain<ProvenanceError> for &About {
    #[cold]
    #[inline(never)]
    fn explain(self, error: ProvenanceError) -> ! {
        let About { caller, dataset, version, licence, manifest, now } = self;
        match error {
            ProvenanceError::UnknownDataset => UnknownDataset { dataset }.refuse(),
            ProvenanceError::DatasetExists => DatasetExists { dataset }.refuse(),
            ProvenanceError::SameManifest => AlreadyRegistered { manifest_hash: manifest }.refuse(),
            ProvenanceError::UnfitReplacement { version, state } => {
                UnfitReplacement { dataset, version, state: state as u8 }.refuse()
            }
            ProvenanceError::NotCreator { creator } => NotDatasetCreator { caller, creator }.refuse(),
            ProvenanceError::NotPendingCreator { pending } => NotPendingCreator { caller, pending }.refuse(),
            ProvenanceError::LicencesActive { active } => LicencesActive { dataset, active }.refuse(),
            ProvenanceError::LicenceUsed => LicenceUsed { dataset, licence }.refuse(),
            ProvenanceError::LicenceNotOpen => LicenceNotOpen { dataset, licence }.refuse(),
            ProvenanceError::ExclusivityOpen { licence, until } => ExclusivityOpen { dataset, licence, until }.refuse(),
            ProvenanceError::InvalidExclusivity { until } => InvalidExclusivity { until, time: now }.refuse(),
            ProvenanceError::VersionState(state) => {
                WrongVersionState { dataset, version: *version, state: state as u8 }.refuse()
            }
            ProvenanceError::NotIngested => NotIngested { platform: caller, dataset, version }.refuse(),
            ProvenanceError::AlreadyCertified => AlreadyCertified { platform: caller, dataset, version }.refuse(),
            ProvenanceError::EntryCount { count } => EntryCount { count, most: MAX_ENTRIES }.refuse(),
            ProvenanceError::EntriesOutOfOrder { index } => EntriesOutOfOrder { index }.refuse(),
        }
    }
}
