//! The factory.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Factory {
        constructor(address admin, address kyc, address attribution, address manifests, address licence, address market, address logic,
            bytes32 poolCode, bytes32 coopCode);

        function createPool(bytes32 name, bytes32 symbol, address currency, uint16 contributorsBps) external returns (address pool);
        function createPoolWithCoop(bytes32 name, bytes32 symbol, address currency, uint16 contributorsBps, uint32 votingDelay,
            uint32 votingPeriod, uint16 quorumBps, uint256 proposalThreshold, uint32 timelock, uint32 gracePeriod) external
            returns (address pool, address coop);
        function registerPool(address pool, address coop) external;
        function setParts(address kyc, address attribution, address manifests, address licence, address market, address logic,
            bytes32 poolCode, bytes32 coopCode) external;
        function parts() external view returns (address kyc, address attribution, address manifests, address licence, address market,
            address logic, bytes32 poolCode, bytes32 coopCode);
        function poolCount() external view returns (uint256);
        function poolAt(uint256 index) external view returns (address);
        function isPool(address pool) external view returns (bool);
        function poolInfo(address pool) external view returns (uint32 number, address creator, address coop, address currency,
            address kyc, address attribution, address manifests, address licence, address market, address logic, uint64 listedAt,
            bool created);

        event PoolListed(address indexed pool, address indexed creator, address indexed coop, uint32 number, address currency,
            address kyc, address attribution, address manifests, address licence, address market, address logic, bool created);
        event PartsSet(address kyc, address attribution, address manifests, address licence, address market, address logic,
            bytes32 poolCode, bytes32 coopCode);
    }
}
