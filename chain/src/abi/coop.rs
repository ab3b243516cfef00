//! A co-operative, in the terms of OpenZeppelin's `Governor`.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Coop {
        constructor(address pool, uint32 votingDelay, uint32 votingPeriod, uint16 quorumBps, uint256 proposalThreshold, uint32 timelock,
            uint32 gracePeriod);

        /// Where a call without data arrives: the selector is zero.
        function wycpnbqcyf() external payable;
        function propose(address[] targets, uint256[] values, bytes[] calldatas, string description) external returns (uint256 proposalId);
        /// 0 against, 1 for, 2 abstain.
        function castVote(uint256 proposalId, uint8 support) external returns (uint256 weight);
        function castVoteWithReason(uint256 proposalId, uint8 support, string reason) external returns (uint256 weight);
        function execute(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) external payable
            returns (uint256 proposalId);
        function cancel(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) external
            returns (uint256 proposalId);
        function hashProposal(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) external view
            returns (uint256 proposalId);

        /// 0 pending, 1 active, 2 canceled, 3 defeated, 4 succeeded, 5 queued, 6 expired, 7 executed.
        function state(uint256 proposalId) external view returns (uint8);
        function proposalSnapshot(uint256 proposalId) external view returns (uint256);
        function proposalDeadline(uint256 proposalId) external view returns (uint256);
        function proposalEta(uint256 proposalId) external view returns (uint256);
        function proposalProposer(uint256 proposalId) external view returns (address);
        function proposalVotes(uint256 proposalId) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes);
        function hasVoted(uint256 proposalId, address account) external view returns (bool);
        function quorum(uint256 timepoint) external view returns (uint256);
        function getVotes(address account, uint256 timepoint) external view returns (uint256);
        function token() external view returns (address);
        /// Unix seconds; all times here are.
        function clock() external view returns (uint64);
        function CLOCK_MODE() external view returns (string);
        /// Whether the pool is asked, at each vote, if its screening blocks the voter.
        function screens() external view returns (bool);
        function votingDelay() external view returns (uint256);
        function votingPeriod() external view returns (uint256);
        function proposalThreshold() external view returns (uint256);
        function quorumNumerator() external view returns (uint256);
        function quorumDenominator() external view returns (uint256);
        function timelock() external view returns (uint256);
        function gracePeriod() external view returns (uint256);

        event CoopCreated(address indexed pool, uint32 votingDelay, uint32 votingPeriod, uint16 quorumBps, uint256 proposalThreshold,
            uint32 timelock, uint32 gracePeriod);
        event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures,
            bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description);
        event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);
        event ProposalExecuted(uint256 proposalId);
        event ProposalCanceled(uint256 proposalId);
        event Received(address indexed payer, uint256 amount);
    }
}
