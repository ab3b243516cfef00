//! The registry of datasets and models.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Manifests {
        constructor(address admin);

        /// Ids are bound to who registers: `dataset` is `datasetId(msg.sender, label)`.
        function registerDataset(bytes32 label, bytes32 manifestHash, bytes32 licenceHash) external returns (bytes32 dataset);
        /// `keccak256(abi.encodePacked(registrant, label))`.
        function datasetId(address registrant, bytes32 label) external view returns (bytes32 dataset);
        function register(bytes32 dataset, bytes32 manifestHash, bytes32 licenceHash) external returns (uint32 version);
        function datasetOf(bytes32 dataset) external view returns (address creator, uint32 latestVersion);
        function versionOf(bytes32 dataset, uint32 version) external view
            returns (bytes32 manifestHash, bytes32 licenceHash, uint64 registeredAt);
        function manifestOf(bytes32 dataset, bytes32 manifestHash) external view
            returns (uint32 version, bytes32 licenceHash, address creator, uint64 registeredAt);
        /// Which dataset was the first with this manifest; zeros where none has it.
        function firstOf(bytes32 manifestHash) external view returns (bytes32 dataset, uint64 registeredAt);
        /// States: 0 unknown, 1 registered, 2 withdrawn, 3 redacted.
        function statusOf(bytes32 dataset, uint32 version) external view
            returns (uint8 state, uint32 replacedBy, bytes32 reasonHash, uint64 closedAt, uint32 runs, uint32 platforms, uint32 certified);

        function beginDatasetTransfer(bytes32 dataset, address newCreator) external;
        function acceptDatasetTransfer(bytes32 dataset) external;
        function pendingCreatorOf(bytes32 dataset) external view returns (address);
        function assignToPool(bytes32 dataset, address pool) external;
        function poolOf(bytes32 dataset) external view returns (address);

        function withdraw(bytes32 dataset, uint32 version, bytes32 reasonHash) external;
        /// The version that stands in is new, or newer and registered already; none where the manifest is zero.
        function redact(bytes32 dataset, uint32 version, bytes32 newManifestHash, bytes32 reasonHash) external returns (uint32 replacedBy);
        function certifyRedaction(bytes32 dataset, uint32 version, bytes32 certificateHash) external;
        /// States: 0 not ingested, 1 nothing to certify, 2 pending, 3 certified.
        function certificateOf(address platform, bytes32 dataset, uint32 version) external view
            returns (uint8 state, bytes32 certificateHash, uint64 certifiedAt);

        function recordIngestion(bytes32 run, bytes32 model, bytes32[] datasets, uint32[] versions, uint32 epochs, bytes32 digest) external;
        function ingestionOf(address platform, bytes32 run) external view
            returns (bytes32 model, bytes32 digest, uint32 epochs, uint64 recordedAt, uint32 entries);
        function ingestedBy(address platform, bytes32 run) external view returns (bytes32[] datasets, uint32[] versions);
        function ingestionsOf(bytes32 dataset) external view returns (uint32 runs);

        function setDatasetCard(bytes32 dataset, bytes32 cardHash) external;
        function datasetCardOf(bytes32 dataset) external view returns (bytes32);
        function setModelCard(bytes32 model, bytes32 cardHash) external;
        function modelCardOf(address platform, bytes32 model) external view returns (bytes32);

        /// `exclusiveUntil` is in unix seconds, 0 for a licence that is not exclusive.
        function openLicence(bytes32 dataset, bytes32 licence, uint64 exclusiveUntil) external;
        /// Until a licence that is agreed on is in force: `exclusiveUntil` as above.
        function holdLicence(bytes32 dataset, bytes32 licence, uint64 exclusiveUntil) external;
        function closeLicence(bytes32 dataset, bytes32 licence) external;
        /// States: 0 unknown, 1 open, 2 closed, 3 held.
        function licenceStateOf(bytes32 dataset, bytes32 licence) external view returns (uint8);
        function exclusivityOf(bytes32 dataset) external view returns (bytes32 licence, uint64 until);
        function activeLicences(bytes32 dataset) external view returns (uint32);

        event DatasetRegistered(bytes32 indexed dataset, uint32 indexed version, bytes32 indexed manifestHash, bytes32 licenceHash,
            address creator, uint64 registeredAt, bool first);
        event DatasetTransferStarted(bytes32 indexed dataset, address indexed creator, address indexed pendingCreator);
        event DatasetTransferred(bytes32 indexed dataset, address indexed previousCreator, address indexed creator);
        event DatasetAssigned(bytes32 indexed dataset, address indexed pool, address indexed previousPool);
        event VersionWithdrawn(bytes32 indexed dataset, uint32 indexed version, bytes32 reasonHash, uint64 withdrawnAt);
        event VersionRedacted(bytes32 indexed dataset, uint32 indexed version, uint32 indexed replacedBy, bytes32 reasonHash,
            address redactedBy, uint32 platforms, uint64 redactedAt);
        event RedactionCertified(bytes32 indexed dataset, uint32 indexed version, address indexed platform, bytes32 certificateHash,
            uint32 certified, uint32 platforms);
        event ModelIngested(address indexed platform, bytes32 indexed run, bytes32 indexed model, bytes32[] datasets, uint32[] versions,
            uint32 epochs, bytes32 digest, uint64 recordedAt);
        event DatasetCardSet(bytes32 indexed dataset, bytes32 indexed cardHash, bytes32 previousCardHash);
        event ModelCardSet(address indexed platform, bytes32 indexed model, bytes32 indexed cardHash, bytes32 previousCardHash);
        event LicenceOpened(bytes32 indexed dataset, bytes32 indexed licence, uint64 exclusiveUntil, uint32 active);
        event LicenceHeld(bytes32 indexed dataset, bytes32 indexed licence, uint64 exclusiveUntil, uint32 active);
        event LicenceClosed(bytes32 indexed dataset, bytes32 indexed licence, uint32 active);
    }
}
