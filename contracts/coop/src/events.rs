//! What happened: past tense. The three of a proposal are OpenZeppelin's.

yieldset_shell::events! {
    /// A co-op was founded; its rules never change.
    CoopCreated(
        /// Whose shares vote.
        pool: address,
    ) {
        /// Seconds from a proposal to its snapshot.
        voting_delay: uint32,
        /// Seconds in which votes count.
        voting_period: uint32,
        /// Part of all shares that must vote yes or abstain, in basis points.
        quorum_bps: uint16,
        /// Votes that a proposer must have had in the second before.
        proposal_threshold: uint256,
        /// Seconds between a successful vote and its execution.
        timelock: uint32,
        /// Seconds in which it can then be executed.
        grace_period: uint32,
    }
    /// Something was proposed.
    ProposalCreated() encoded {
        /// keccak-256 of the calls and the description's hash.
        proposal_id: uint256,
        /// By whom.
        proposer: address,
        /// Contracts, or accounts that are paid.
        targets: [address],
        /// Wei that goes along with each call.
        values: [uint256],
        /// Empty texts, one for each call.
        signatures: [string],
        /// Selector and arguments of each call.
        calldatas: [bytes],
        /// The snapshot; votes count from the next second on.
        vote_start: uint256,
        /// Last second in which votes count.
        vote_end: uint256,
        /// What it is about.
        description: string,
    }
    /// A vote was counted.
    VoteCast(
        /// Whose.
        voter: address,
    ) encoded {
        /// On what.
        proposal_id: uint256,
        /// 0 against, 1 for, 2 abstain.
        support: uint8,
        /// Its votes at the snapshot.
        weight: uint256,
        /// The voter's words; empty where it gave none.
        reason: string,
    }
    /// A proposal was executed, all its calls in one transaction.
    ProposalExecuted() {
        /// Which.
        proposal_id: uint256,
    }
    /// A proposal was taken back by its proposer.
    ProposalCanceled() {
        /// Which.
        proposal_id: uint256,
    }
    /// Money came in without a message.
    Received(
        /// From whom.
        payer: address,
    ) {
        /// In wei.
        amount: uint256,
    }
}
