//! Why a message is refused; OpenZeppelin's errors of a `Governor` where it has them.

use yieldset_rules::governance::GovernanceError;
use yieldset_shell::{
    refusals::Explain,
    words::{Address, Word},
};

yieldset_shell::refusals! {
    /// Period and grace must be at least one second, the quorum between 1 and 10 000 basis points.
    InvalidSettings(),
    /// The pool that a co-op votes by must be a contract, and so must whoever a proposal sends data to.
    NotAContract(account: address),
    /// There is no such proposal.
    GovernorNonexistentProposal(proposal_id: uint256),
    /// The proposal is in another state: (id, state, bitmap of the states needed).
    GovernorUnexpectedProposalState(proposal_id: uint256, current: uint8, expected_states: bytes32),
    /// The three lists have different lengths, none, or more than four entries: (targets, calldatas, values).
    GovernorInvalidProposalLength(targets: uint256, calldatas: uint256, values: uint256),
    /// The description ends with another account's `#proposer=0x…`: only that one proposes it. (caller)
    GovernorRestrictedProposer(proposer: address),
    /// The proposer had less than the threshold in the second before: (proposer, votes, threshold).
    GovernorInsufficientProposerVotes(proposer: address, votes: uint256, threshold: uint256),
    /// The account voted already.
    GovernorAlreadyCastVote(voter: address),
    /// Votes are 0 against, 1 for, 2 abstain.
    GovernorInvalidVoteType(),
    /// Only its proposer takes a proposal back, while it is pending: (id, caller).
    GovernorUnableToCancel(proposal_id: uint256, account: address),
    /// The timelock has not run out: (id, first second in which it has).
    GovernorUnmetDelay(proposal_id: uint256, needed_block: uint256),
    /// The pool's screening blocks the account, whose vote does not count: (account, ERC-1404 code).
    VoterScreened(account: address, code: uint8),
    /// The account had no votes at the snapshot: (account, snapshot).
    NoVotes(account: address, snapshot: uint256),
    /// More votes than shares: (votes, shares).
    VotesExceedSupply(votes: uint256, supply: uint256),
    /// Call data, description or reason are over their limit: (bytes, limit).
    TooLong(length: uint256, most: uint256),
    /// Above 2^128 − 1.
    AmountTooLarge(amount: uint256),
    /// The pool does not answer.
    PoolCallFailed(),
    /// A call of the proposal failed, and all others are undone: (id, which from 0, first 256 bytes
    /// of what it answered).
    ActionFailed(proposal_id: uint256, index: uint256; answer: bytes),
    /// No message of this contract.
    UnknownMessage(),
}

/// What a refusal of the rules was about.
#[derive(Clone, Copy)]
pub struct About {
    /// Who called.
    pub caller: Address,
    /// The proposal's id.
    pub id: Word,
    /// Its snapshot.
    pub snapshot: u64,
    /// Lengths of a proposal's lists: targets, calldatas, values.
    pub lengths: [usize; 3],
}

impl About {
    /// Something that is about no proposal.
    pub const NOTHING: Self = Self { caller: [0; 20], id: [0; 32], snapshot: 0, lengths: [0; 3] };
}

impl Explain<GovernanceError> for &About {
    #[cold]
    #[inline(never)]
    fn explain(self, error: GovernanceError) -> ! {
        let About { caller: account, id: proposal_id, .. } = self;
        match error {
            GovernanceError::InvalidSettings => InvalidSettings {}.refuse(),
            GovernanceError::UnexpectedState { state, expected } => {
                let mut expected_states = [0; 32];
                expected_states[31] = expected;
                GovernorUnexpectedProposalState { proposal_id, current: state as u8, expected_states }.refuse()
            }
            GovernanceError::InvalidVoteType => GovernorInvalidVoteType {}.refuse(),
            GovernanceError::Screened { code } => VoterScreened { account, code }.refuse(),
            GovernanceError::RestrictedProposer => GovernorRestrictedProposer { proposer: account }.refuse(),
            GovernanceError::NoVotes => NoVotes { account, snapshot: self.snapshot }.refuse(),
            GovernanceError::VotesExceedSupply { votes, supply } => VotesExceedSupply { votes, supply }.refuse(),
            GovernanceError::UnmetDelay { eta } => GovernorUnmetDelay { proposal_id, needed_block: eta }.refuse(),
            GovernanceError::UnableToCancel => GovernorUnableToCancel { proposal_id, account }.refuse(),
            GovernanceError::ProposalLength => {
                let [targets, calldatas, values] = self.lengths;
                GovernorInvalidProposalLength { targets, calldatas, values }.refuse()
            }
            GovernanceError::TooLong { length, most } => TooLong { length, most }.refuse(),
        }
    }
}
