//! Why a message is refused.

use ink::{Address, U256, env::ReturnFlags, sol::FixedBytes};
use yieldset_rules::provenance::{Hash, MAX_ENTRIES, ProvenanceError};

/// A `bytes32`.
pub type Bytes32 = FixedBytes<32>;

/// Why a message is refused; each variant is a Solidity custom error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// The account lacks the role: (account, role).
    AccessControlUnauthorizedAccount(Address, Bytes32),
    /// Renouncing needs the caller's own address as confirmation.
    AccessControlBadConfirmation(),
    /// The default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules(),
    /// Only the proposed successor can accept.
    AccessControlInvalidDefaultAdmin(Address),
    /// A hash or id that must name something is zero.
    ZeroHash(),
    /// A run needs at least one epoch.
    ZeroEpochs(),
    /// Another version of this dataset has this manifest, or the version that is to be replaced has it.
    AlreadyRegistered(Bytes32),
    /// The version that has this manifest cannot stand in for the one to redact: it is older, or withdrawn or redacted
    /// itself. Name another manifest, or none: (dataset, that version, its state).
    UnfitReplacement(Bytes32, u32, u8),
    /// The dataset belongs to somebody else: (caller, creator).
    NotDatasetCreator(Address, Address),
    /// Nobody registered this dataset.
    UnknownDataset(Bytes32),
    /// The caller registered a dataset with this label before: its id. Register its next version.
    DatasetExists(Bytes32),
    /// The dataset is being handed over to another account, or to none: (caller, pending).
    NotPendingCreator(Address, Address),
    /// Licences are active on the dataset: how many.
    LicencesActive(Bytes32, u32),
    /// The version is in a state in which this cannot be done: (dataset, version, state).
    WrongVersionState(Bytes32, u32, u8),
    /// The platform recorded this run already: (platform, run).
    RunRecorded(Address, Bytes32),
    /// One version for each dataset is needed: how many of each.
    LengthMismatch(U256, U256),
    /// A run has between one and so many entries: (got, most).
    EntryCount(U256, U256),
    /// Entries must rise by dataset, then version: the first that does not.
    EntriesOutOfOrder(U256),
    /// The platform never ingested this version: (platform, dataset, version).
    NotIngested(Address, Bytes32, u32),
    /// The platform filed its certificate already: (platform, dataset, version).
    AlreadyCertified(Address, Bytes32, u32),
    /// The licence was opened on this dataset before: (dataset, licence).
    LicenceUsed(Bytes32, Bytes32),
    /// The licence is not open on this dataset: (dataset, licence).
    LicenceNotOpen(Bytes32, Bytes32),
    /// Another licence's exclusivity window is open: (dataset, that licence, its end).
    ExclusivityOpen(Bytes32, Bytes32, u64),
    /// An exclusivity window must end in the future: (its end, now).
    InvalidExclusivity(u64, u64),
}

yieldset_shell::access_refusals!(Error);

/// Reverts everything the message did and answers with the error. Refusing ends the call at once instead of handing an
/// error up: an [`Error`] is large, and passing it through every caller makes much code.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// The value, unless it was refused.
pub fn accept<T>(result: Result<T, impl Into<Error>>) -> T {
    result.unwrap_or_else(|error| refuse(error.into()))
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

    /// The rules' answer, unless it is a refusal.
    pub fn exact<T>(&self, result: Result<T, ProvenanceError>) -> T {
        result.unwrap_or_else(|error| refuse(self.refusal(error)))
    }

    #[cold]
    #[inline(never)]
    fn refusal(&self, error: ProvenanceError) -> Error {
        let (caller, dataset, licence) = (self.caller.into(), FixedBytes(self.dataset), FixedBytes(self.licence));
        match error {
            ProvenanceError::UnknownDataset => Error::UnknownDataset(dataset),
            ProvenanceError::DatasetExists => Error::DatasetExists(dataset),
            ProvenanceError::SameManifest => Error::AlreadyRegistered(FixedBytes(self.manifest)),
            ProvenanceError::UnfitReplacement { version, state } => {
                Error::UnfitReplacement(dataset, version, state as u8)
            }
            ProvenanceError::NotCreator { creator } => Error::NotDatasetCreator(caller, creator.into()),
            ProvenanceError::NotPendingCreator { pending } => Error::NotPendingCreator(caller, pending.into()),
            ProvenanceError::LicencesActive { active } => Error::LicencesActive(dataset, active),
            ProvenanceError::LicenceUsed => Error::LicenceUsed(dataset, licence),
            ProvenanceError::LicenceNotOpen => Error::LicenceNotOpen(dataset, licence),
            ProvenanceError::ExclusivityOpen { licence, until } => {
                Error::ExclusivityOpen(dataset, FixedBytes(licence), until)
            }
            ProvenanceError::InvalidExclusivity { until } => Error::InvalidExclusivity(until, self.now),
            ProvenanceError::VersionState(state) => Error::WrongVersionState(dataset, self.version, state as u8),
            ProvenanceError::NotIngested => Error::NotIngested(caller, dataset, self.version),
            ProvenanceError::AlreadyCertified => Error::AlreadyCertified(caller, dataset, self.version),
            ProvenanceError::EntryCount { count } => {
                Error::EntryCount(U256::from(count as u64), U256::from(MAX_ENTRIES as u64))
            }
            ProvenanceError::EntriesOutOfOrder { index } => Error::EntriesOutOfOrder(U256::from(index as u64)),
        }
    }
}
