//! The registry of attribution reports.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Attribution {
        constructor(address admin, address verifier, address treasury, bytes32[] keys, uint8 threshold, uint64 challengeWindow,
            uint64 rulingTime, uint64 committeeDelay, uint256 bond);

        /// `signatures` is a run of 1,152-byte entries: ed25519 public key (32), its signature over the report's bytes
        /// (64), and what the verifier is told besides; `yieldset_ed25519::entry` makes one.
        function post(bytes report, bytes signatures) external returns (bytes32 reportHash);
        function latest(address pool, bytes32 stream) external view returns (uint32 period, bytes32 reportHash, uint64 logSize);
        function reportOf(address pool, bytes32 stream, uint32 period) external view
            returns (bytes32 reportHash, bytes32 weightsRoot, uint64 postedAt);
        function weightsRoot(address pool, bytes32 stream, uint32 period) external view returns (bytes32);
        function resultOf(address pool, bytes32 stream, uint32 period) external view returns (uint8 state, bytes32 weightsRoot);
        function figuresOf(address pool, bytes32 stream, uint32 period) external view
            returns (uint8 state, uint32 revision, bytes32 reportHash, bytes32 metric, uint32 threshold, uint256 attributedTokens,
                uint64 qualifyingCalls);
        function placeOf(address pool, bytes32 stream, uint32 period) external view
            returns (uint8 state, bytes32 weightsRoot, uint32 previousPeriod, uint32 nextPeriod);

        function dispute(address pool, bytes32 stream, uint32 period, bytes32 reason) external payable;
        function uphold(address pool, bytes32 stream, uint32 period) external;
        function reject(address pool, bytes32 stream, uint32 period) external;
        function expire(address pool, bytes32 stream, uint32 period) external;
        function disputeOf(address pool, bytes32 stream, uint32 period) external view
            returns (uint8 phase, uint32 revision, uint64 until, address challenger, bytes32 reason);
        function withdrawBond(address account, address to) external returns (uint256 amount);
        function bondOwed(address account) external view returns (uint256);
        function terms() external view
            returns (address verifier, address treasury, uint64 challengeWindow, uint64 rulingTime, uint64 committeeDelay,
                uint256 bond, uint32 openDisputes, uint256 released);

        function proposeCommittee(bytes32[] keys, uint8 threshold) external;
        function activateCommittee() external;
        function revokeKey(bytes32 key) external;
        function committee() external view returns (uint32 epoch, uint8 threshold, bytes32[] keys);
        function proposedCommittee() external view returns (uint64 effectiveAt, uint8 threshold, bytes32[] keys);
        function isRevoked(bytes32 key) external view returns (bool);

        function postAudit(address pool, bytes32 stream, uint32 period, bytes32 reportHash, bytes32 auditHash, bytes32 seed,
            uint32 samples, uint32 maxDeviation, uint32 confidence) external returns (uint32 index);
        function auditCount(bytes32 reportHash) external view returns (uint32);
        function auditOf(bytes32 reportHash, uint32 index) external view
            returns (bytes32 auditHash, bytes32 seed, uint32 samples, uint32 maxDeviation, uint32 confidence, address auditor,
                uint64 postedAt);

        event ReportPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, uint32 revision, bytes32 reportHash,
            bytes32 weightsRoot, uint64 finalAt, bytes report);
        event ReportDisputed(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger, bytes32 reason, uint64 deadline);
        event DisputeUpheld(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger, address arbiter);
        event DisputeRejected(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger, address arbiter, uint64 finalAt);
        event DisputeExpired(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger);
        event BondWithdrawn(address indexed account, address indexed to, uint256 amount);
        event CommitteeProposed(uint32 epoch, uint8 threshold, bytes32[] keys, uint64 effectiveAt);
        event CommitteeSet(uint32 epoch, uint8 threshold, bytes32[] keys);
        event KeyRevoked(bytes32 indexed key, uint32 epoch, uint8 left, uint8 threshold);
        event AuditPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, bytes32 auditHash,
            bytes32 seed, uint32 samples, uint32 maxDeviation, uint32 confidence, address auditor, uint64 postedAt);
    }
}
