//! The registry of attribution reports.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Attribution {
        /// `bond` is the least bond, in units of 10^-18 of a pool's currency; `bondBps` its part of what is contested.
        constructor(address admin, address verifier, bytes32[] keys, uint8 threshold, uint64 challengeWindow, uint64 rulingTime,
            uint64 committeeDelay, uint256 bond, uint16 bondBps);

        /// `signatures` is a run of 1,152-byte entries: ed25519 public key (32), its signature over the report's bytes
        /// (64), and what the verifier is told besides; `yieldset_ed25519::entry` makes one.
        function post(bytes report, bytes signatures) external returns (bytes32 reportHash);
        /// `logSize` is the least log that the stream's next report may be computed from.
        function latest(address pool, bytes32 stream) external view returns (uint32 period, bytes32 reportHash, uint64 logSize);
        function reportOf(address pool, bytes32 stream, uint32 period) external view
            returns (bytes32 reportHash, bytes32 weightsRoot, uint64 postedAt);
        function resultOf(address pool, bytes32 stream, uint32 period) external view returns (uint8 state, bytes32 weightsRoot);
        function figuresOf(address pool, bytes32 stream, uint32 period) external view
            returns (uint8 state, uint32 revision, bytes32 reportHash, bytes32 metric, uint32 threshold, uint256 attributedTokens,
                uint64 qualifyingCalls);
        function placeOf(address pool, bytes32 stream, uint32 period) external view
            returns (uint8 state, bytes32 weightsRoot, uint32 previousPeriod, uint32 nextPeriod);

        /// Of the chain's own money exactly `maxBond` comes with the call, and what is not needed is owed back; of an
        /// ERC-20 the bond is pulled.
        function dispute(address pool, bytes32 stream, uint32 period, bytes32 reason, uint256 maxBond) external payable;
        function addReason(address pool, bytes32 stream, uint32 period, bytes32 reportHash, bytes32 reason) external;
        /// The bond is taken as in `dispute`.
        function defend(address pool, bytes32 stream, uint32 period, bytes32 reportHash, uint256 maxBond) external payable;
        function uphold(address pool, bytes32 stream, uint32 period) external;
        function reject(address pool, bytes32 stream, uint32 period) external;
        function expire(address pool, bytes32 stream, uint32 period) external;
        function disputeOf(address pool, bytes32 stream, uint32 period) external view
            returns (uint8 phase, uint32 revision, uint64 until, address challenger, bytes32 reason, uint8 disputes,
                address defender, address currency, uint256 bond);
        function bondFor(address pool, bytes32 stream, uint32 period) external view returns (address currency, uint256 bond);
        function holdings(address currency) external view returns (uint256 locked, uint256 released);
        function withdrawBond(address currency, address account, address to) external returns (uint256 amount);
        function bondOwed(address currency, address account) external view returns (uint256);
        /// Native money that comes along pays the deposit that some currencies want of an allowance, and is owed back.
        function deliverBond(address pool, bytes32 stream, uint32 period) external payable returns (uint256 amount);
        function bondKept(address pool, bytes32 stream, uint32 period) external view returns (address currency, uint256 amount);
        function terms() external view
            returns (address verifier, uint64 challengeWindow, uint64 rulingTime, uint64 committeeDelay, uint256 bond,
                uint16 bondBps);

        function proposeCommittee(bytes32[] keys, uint8 threshold) external;
        function activateCommittee() external;
        function revokeKey(bytes32 key) external;
        function committee() external view returns (uint32 epoch, uint8 threshold, bytes32[] keys);
        function proposedCommittee() external view returns (uint64 effectiveAt, uint8 threshold, bytes32[] keys);
        /// As it took office; `revoked` has a bit for each key that was revoked since, the first key's the lowest.
        function committeeOf(uint32 epoch) external view
            returns (uint64 since, uint8 threshold, bytes32[] keys, uint16 revoked);
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
            address challenger, bytes32 reason, uint64 deadline, address currency, uint256 bond);
        event DisputeDefended(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address defender);
        event ReasonAdded(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address account, bytes32 reason);
        event BondKept(address indexed pool, bytes32 indexed stream, uint32 indexed period, address currency, uint256 amount,
            uint256 kept);
        event BondDelivered(address indexed pool, bytes32 indexed stream, uint32 indexed period, address currency,
            uint256 amount, uint256 kept);
        event DisputeUpheld(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger, address arbiter, uint256 toChallenger, uint256 toDefender, uint256 toPeriod);
        event DisputeRejected(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger, address arbiter, uint64 finalAt, uint256 toChallenger, uint256 toDefender, uint256 toPeriod);
        event DisputeExpired(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash,
            address challenger, uint64 finalAt, uint256 toChallenger, uint256 toDefender);
        event BondWithdrawn(address indexed account, address indexed to, address currency, uint256 amount);
        event CommitteeProposed(uint32 epoch, uint8 threshold, bytes32[] keys, uint64 effectiveAt);
        event CommitteeSet(uint32 epoch, uint8 threshold, bytes32[] keys);
        event KeyRevoked(bytes32 indexed key, uint32 epoch, uint8 left, uint8 threshold);
        event AuditPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, bytes32 auditHash,
            bytes32 seed, uint32 samples, uint32 maxDeviation, uint32 confidence, address auditor, uint64 postedAt);
    }
}
