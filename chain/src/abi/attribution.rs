//! The registry of attribution reports.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Attribution {
        constructor(address admin, bytes32[] keys, uint8 threshold);

        /// `signatures` is a run of 96-byte entries: ed25519 public key (32), then its signature over the report's bytes (64).
        function post(bytes report, bytes signatures) external returns (bytes32 reportHash);
        function setCommittee(bytes32[] keys, uint8 threshold) external;
        function admin() external view returns (address);
        function committee() external view returns (uint32 epoch, uint8 threshold, bytes32[] keys);
        function latest(address pool, bytes32 stream) external view returns (uint32 period, bytes32 reportHash, uint64 logSize);
        function reportOf(address pool, bytes32 stream, uint32 period) external view
            returns (bytes32 reportHash, bytes32 weightsRoot, uint64 postedAt);
        function weightsRoot(address pool, bytes32 stream, uint32 period) external view returns (bytes32);

        event ReportPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, bytes32 weightsRoot,
            bytes report);
        event CommitteeSet(uint32 epoch, uint8 threshold, bytes32[] keys);
    }
}
