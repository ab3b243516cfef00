//! What happened: past tense, with the state after it.

yieldset_shell::events! {
    /// A dataset version was registered.
    DatasetRegistered(
        /// Dataset id: `datasetId` of who registered it and its label.
        dataset: bytes32,
        /// Version, counting from 1.
        version: uint32,
        /// SHA-256 of the manifest.
        manifest_hash: bytes32,
    ) {
        /// SHA-256 of the licence text.
        licence_hash: bytes32,
        /// Who owns the dataset.
        creator: address,
        /// Block time, Unix seconds.
        registered_at: uint64,
        /// Whether no dataset had a version of this manifest before.
        first: bool,
    }
    /// A dataset is offered to another account, which must accept; address zero takes the offer back.
    DatasetTransferStarted(
        /// The dataset.
        dataset: bytes32,
        /// Still its owner.
        creator: address,
        /// May accept.
        pending_creator: address,
    ) {}
    /// A dataset has another owner.
    DatasetTransferred(
        /// The dataset.
        dataset: bytes32,
        /// Its owner before.
        previous_creator: address,
        /// Its owner now.
        creator: address,
    ) {}
    /// A dataset was put into a pool, or with address zero taken out of all.
    DatasetAssigned(
        /// The dataset.
        dataset: bytes32,
        /// Its pool now.
        pool: address,
        /// Its pool before.
        previous_pool: address,
    ) {}
    /// A version was taken back by its creator.
    VersionWithdrawn(
        /// The dataset.
        dataset: bytes32,
        /// The version.
        version: uint32,
    ) {
        /// Hash of the reason.
        reason_hash: bytes32,
        /// Block time, Unix seconds.
        withdrawn_at: uint64,
    }
    /// A version was replaced by one without some personal data.
    VersionRedacted(
        /// The dataset.
        dataset: bytes32,
        /// The version that is not to be used any more.
        version: uint32,
        /// The version in its place; zero where none.
        replaced_by: uint32,
    ) {
        /// Hash of the reason.
        reason_hash: bytes32,
        /// The creator or a privacy officer.
        redacted_by: address,
        /// Platforms that ingested it: each owes a certificate.
        platforms: uint32,
        /// Block time, Unix seconds.
        redacted_at: uint64,
    }
    /// A platform certified that it acted on a redaction.
    RedactionCertified(
        /// The dataset.
        dataset: bytes32,
        /// The redacted version.
        version: uint32,
        /// The platform.
        platform: address,
    ) {
        /// Hash of its certificate.
        certificate_hash: bytes32,
        /// Platforms that have certified by now.
        certified: uint32,
        /// Platforms that must.
        platforms: uint32,
    }
    /// A platform recorded a training run.
    ModelIngested(
        /// The platform.
        platform: address,
        /// Its id of the run.
        run: bytes32,
        /// Hash of the model version.
        model: bytes32,
    ) encoded {
        /// The datasets read, rising; one for each version.
        datasets: [bytes32],
        /// The version read of each.
        versions: [uint32],
        /// Passes over the data.
        epochs: uint32,
        /// Hash of the digest that the platform signed.
        digest: bytes32,
        /// Block time, Unix seconds.
        recorded_at: uint64,
    }
    /// A dataset has another card.
    DatasetCardSet(
        /// The dataset.
        dataset: bytes32,
        /// Hash of the card.
        card_hash: bytes32,
    ) {
        /// Hash of the card before; zero where there was none.
        previous_card_hash: bytes32,
    }
    /// A model version has another card.
    ModelCardSet(
        /// Who published it.
        platform: address,
        /// Hash of the model version.
        model: bytes32,
        /// Hash of the card.
        card_hash: bytes32,
    ) {
        /// Hash of the card before; zero where there was none.
        previous_card_hash: bytes32,
    }
    /// A licence started on a dataset.
    LicenceOpened(
        /// The dataset.
        dataset: bytes32,
        /// The licence.
        licence: bytes32,
    ) {
        /// End of its exclusivity window, Unix seconds; 0 where it is not exclusive.
        exclusive_until: uint64,
        /// Licences open on the dataset now, or held.
        active: uint32,
    }
    /// A dataset is held for a licence that is agreed on and not in force yet.
    LicenceHeld(
        /// The dataset.
        dataset: bytes32,
        /// The licence.
        licence: bytes32,
    ) {
        /// Until when it keeps others away, Unix seconds; 0 where it will not be exclusive.
        exclusive_until: uint64,
        /// Licences open on the dataset now, or held.
        active: uint32,
    }
    /// A licence ended on a dataset, or was held for nothing.
    LicenceClosed(
        /// The dataset.
        dataset: bytes32,
        /// The licence.
        licence: bytes32,
    ) {
        /// Licences open on the dataset now, or held.
        active: uint32,
    }
}
