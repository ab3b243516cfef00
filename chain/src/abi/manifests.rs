//! The registry of dataset versions.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Manifests {
        constructor();

        function register(bytes32 dataset, bytes32 manifestHash, bytes32 licenceHash) external returns (uint32 version);
        function datasetOf(bytes32 dataset) external view returns (address creator, uint32 latestVersion);
        function versionOf(bytes32 dataset, uint32 version) external view
            returns (bytes32 manifestHash, bytes32 licenceHash, uint64 registeredAt);
        function manifestOf(bytes32 manifestHash) external view
            returns (bytes32 dataset, uint32 version, bytes32 licenceHash, address creator, uint64 registeredAt);

        event DatasetRegistered(bytes32 indexed dataset, uint32 indexed version, bytes32 indexed manifestHash, bytes32 licenceHash,
            address creator, uint64 registeredAt);
    }
}
