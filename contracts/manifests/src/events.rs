//! What happened: past tense, with the state after it.
#![allow(dead_code, reason = "the declarations are the ABI; what is emitted are words")]

use crate::errors::Bytes32;
use ink::{Address, prelude::vec::Vec};

/// A dataset version was registered.
#[ink::event]
pub struct DatasetRegistered {
    /// Dataset id: `datasetId` of who registered it and its label.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// Version, counting from 1.
    #[ink(topic)]
    pub version: u32,
    /// SHA-256 of the manifest.
    #[ink(topic)]
    pub manifest_hash: Bytes32,
    /// SHA-256 of the licence text.
    pub licence_hash: Bytes32,
    /// Who owns the dataset.
    pub creator: Address,
    /// Block time, Unix seconds.
    pub registered_at: u64,
    /// Whether no dataset had a version of this manifest before.
    pub first: bool,
}

/// A dataset is offered to another account, which must accept; address zero takes the offer back.
#[ink::event]
pub struct DatasetTransferStarted {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// Still its owner.
    #[ink(topic)]
    pub creator: Address,
    /// May accept.
    #[ink(topic)]
    pub pending_creator: Address,
}

/// A dataset has another owner.
#[ink::event]
pub struct DatasetTransferred {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// Its owner before.
    #[ink(topic)]
    pub previous_creator: Address,
    /// Its owner now.
    #[ink(topic)]
    pub creator: Address,
}

/// A dataset was put into a pool, or with address zero taken out of all.
#[ink::event]
pub struct DatasetAssigned {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// Its pool now.
    #[ink(topic)]
    pub pool: Address,
    /// Its pool before.
    #[ink(topic)]
    pub previous_pool: Address,
}

/// A version was taken back by its creator.
#[ink::event]
pub struct VersionWithdrawn {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// The version.
    #[ink(topic)]
    pub version: u32,
    /// Hash of the reason.
    pub reason_hash: Bytes32,
    /// Block time, Unix seconds.
    pub withdrawn_at: u64,
}

/// A version was replaced by one without some personal data.
#[ink::event]
pub struct VersionRedacted {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// The version that is not to be used any more.
    #[ink(topic)]
    pub version: u32,
    /// The version in its place; zero where none.
    #[ink(topic)]
    pub replaced_by: u32,
    /// Hash of the reason.
    pub reason_hash: Bytes32,
    /// The creator or a privacy officer.
    pub redacted_by: Address,
    /// Platforms that ingested it: each owes a certificate.
    pub platforms: u32,
    /// Block time, Unix seconds.
    pub redacted_at: u64,
}

/// A platform certified that it acted on a redaction.
#[ink::event]
pub struct RedactionCertified {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// The redacted version.
    #[ink(topic)]
    pub version: u32,
    /// The platform.
    #[ink(topic)]
    pub platform: Address,
    /// Hash of its certificate.
    pub certificate_hash: Bytes32,
    /// Platforms that have certified by now.
    pub certified: u32,
    /// Platforms that must.
    pub platforms: u32,
}

/// A platform recorded a training run.
#[ink::event]
pub struct ModelIngested {
    /// The platform.
    #[ink(topic)]
    pub platform: Address,
    /// Its id of the run.
    #[ink(topic)]
    pub run: Bytes32,
    /// Hash of the model version.
    #[ink(topic)]
    pub model: Bytes32,
    /// The datasets read, rising; one for each version.
    pub datasets: Vec<Bytes32>,
    /// The version read of each.
    pub versions: Vec<u32>,
    /// Passes over the data.
    pub epochs: u32,
    /// Hash of the digest that the platform signed.
    pub digest: Bytes32,
    /// Block time, Unix seconds.
    pub recorded_at: u64,
}

/// A dataset has another card.
#[ink::event]
pub struct DatasetCardSet {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// Hash of the card.
    #[ink(topic)]
    pub card_hash: Bytes32,
    /// Hash of the card before; zero where there was none.
    pub previous_card_hash: Bytes32,
}

/// A model version has another card.
#[ink::event]
pub struct ModelCardSet {
    /// Who published it.
    #[ink(topic)]
    pub platform: Address,
    /// Hash of the model version.
    #[ink(topic)]
    pub model: Bytes32,
    /// Hash of the card.
    #[ink(topic)]
    pub card_hash: Bytes32,
    /// Hash of the card before; zero where there was none.
    pub previous_card_hash: Bytes32,
}

/// A licence started on a dataset.
#[ink::event]
pub struct LicenceOpened {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// The licence.
    #[ink(topic)]
    pub licence: Bytes32,
    /// End of its exclusivity window, Unix seconds; 0 where it is not exclusive.
    pub exclusive_until: u64,
    /// Licences open on the dataset now, or held.
    pub active: u32,
}

/// A dataset is held for a licence that is agreed on and not in force yet.
#[ink::event]
pub struct LicenceHeld {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// The licence.
    #[ink(topic)]
    pub licence: Bytes32,
    /// Until when it keeps others away, Unix seconds; 0 where it will not be exclusive.
    pub exclusive_until: u64,
    /// Licences open on the dataset now, or held.
    pub active: u32,
}

/// A licence ended on a dataset, or was held for nothing.
#[ink::event]
pub struct LicenceClosed {
    /// The dataset.
    #[ink(topic)]
    pub dataset: Bytes32,
    /// The licence.
    #[ink(topic)]
    pub licence: Bytes32,
    /// Licences open on the dataset now.
    pub active: u32,
}

/// Hashes of the signatures of the events above. They are emitted word by word: ink!'s encoders would be most of this
/// contract.
pub mod topic {
    use ink::codegen::sol::keccak_256;
    use yieldset_shell::words::Word;

    pub const DATASET_REGISTERED: Word =
        keccak_256(b"DatasetRegistered(bytes32,uint32,bytes32,bytes32,address,uint64,bool)");
    pub const DATASET_TRANSFER_STARTED: Word = keccak_256(b"DatasetTransferStarted(bytes32,address,address)");
    pub const DATASET_TRANSFERRED: Word = keccak_256(b"DatasetTransferred(bytes32,address,address)");
    pub const DATASET_ASSIGNED: Word = keccak_256(b"DatasetAssigned(bytes32,address,address)");
    pub const VERSION_WITHDRAWN: Word = keccak_256(b"VersionWithdrawn(bytes32,uint32,bytes32,uint64)");
    pub const VERSION_REDACTED: Word =
        keccak_256(b"VersionRedacted(bytes32,uint32,uint32,bytes32,address,uint32,uint64)");
    pub const REDACTION_CERTIFIED: Word =
        keccak_256(b"RedactionCertified(bytes32,uint32,address,bytes32,uint32,uint32)");
    pub const MODEL_INGESTED: Word =
        keccak_256(b"ModelIngested(address,bytes32,bytes32,bytes32[],uint32[],uint32,bytes32,uint64)");
    pub const DATASET_CARD_SET: Word = keccak_256(b"DatasetCardSet(bytes32,bytes32,bytes32)");
    pub const MODEL_CARD_SET: Word = keccak_256(b"ModelCardSet(address,bytes32,bytes32,bytes32)");
    pub const LICENCE_OPENED: Word = keccak_256(b"LicenceOpened(bytes32,bytes32,uint64,uint32)");
    pub const LICENCE_HELD: Word = keccak_256(b"LicenceHeld(bytes32,bytes32,uint64,uint32)");
    pub const LICENCE_CLOSED: Word = keccak_256(b"LicenceClosed(bytes32,bytes32,uint32)");
}
