//! Why a message is refused.

use ink::{
    Address, U256,
    env::ReturnFlags,
    sol::{DynBytes, FixedBytes},
};
use yieldset_rules::governance::GovernanceError;
use yieldset_shell::words::{Address as Account, Word};

/// Why a message is refused; each variant is a Solidity custom error, those of OpenZeppelin's `Governor` where it has
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// Period and grace must be at least one second, the quorum between 1 and 10 000 basis points.
    InvalidSettings(),
    /// The pool that a co-op votes by must be a contract.
    NotAContract(Address),
    /// There is no such proposal.
    GovernorNonexistentProposal(U256),
    /// The proposal is in another state: (id, state, bitmap of the states needed).
    GovernorUnexpectedProposalState(U256, u8, FixedBytes<32>),
    /// The three lists have different lengths, none, or more than four entries: (targets, calldatas, values).
    GovernorInvalidProposalLength(U256, U256, U256),
    /// The description ends with another account's `#proposer=0x…`: only that one proposes it. (proposer)
    GovernorRestrictedProposer(Address),
    /// The proposer had less than the threshold in the second before: (proposer, votes, threshold).
    GovernorInsufficientProposerVotes(Address, U256, U256),
    /// The account voted already.
    GovernorAlreadyCastVote(Address),
    /// Votes are 0 against, 1 for, 2 abstain.
    GovernorInvalidVoteType(),
    /// Only its proposer takes a proposal back, while it is pending: (id, caller).
    GovernorUnableToCancel(U256, Address),
    /// The timelock has not run out: (id, first second in which it has).
    GovernorUnmetDelay(U256, U256),
    /// The pool's screening blocks the account, whose vote does not count: (account, ERC-1404 code).
    VoterScreened(Address, u8),
    /// The account had no votes at the snapshot: (account, snapshot).
    NoVotes(Address, U256),
    /// More votes than shares: (votes, shares).
    VotesExceedSupply(U256, U256),
    /// Call data, description or reason are over their limit: (bytes, limit).
    TooLong(U256, U256),
    /// Above 2^128 − 1.
    AmountTooLarge(U256),
    /// The pool does not answer.
    PoolCallFailed(),
    /// A call of the proposal failed, and all others are undone: (id, which, beginning of what it answered).
    ActionFailed(U256, U256, DynBytes),
    /// No message of this contract.
    UnknownMessage(),
}

/// Reverts everything the message did and answers with the error.
#[cold]
#[inline(never)]
pub fn refuse(error: Error) -> ! {
    ink::env::return_value_solidity(ReturnFlags::REVERT, &Err::<(), Error>(error))
}

/// What a refusal of the rules was about.
#[derive(Clone, Copy)]
pub struct About {
    /// Who called.
    pub caller: Account,
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

    /// The rules' answer, unless it is a refusal.
    pub fn exact<T>(&self, result: Result<T, GovernanceError>) -> T {
        result.unwrap_or_else(|error| refuse(self.refusal(error)))
    }

    #[cold]
    #[inline(never)]
    fn refusal(&self, error: GovernanceError) -> Error {
        let (caller, id) = (self.caller.into(), U256::from_big_endian(&self.id));
        match error {
            GovernanceError::InvalidSettings => Error::InvalidSettings(),
            GovernanceError::UnexpectedState { state, expected } => {
                let mut bitmap = [0; 32];
                bitmap[31] = expected;
                Error::GovernorUnexpectedProposalState(id, state as u8, FixedBytes(bitmap))
            }
            GovernanceError::InvalidVoteType => Error::GovernorInvalidVoteType(),
            GovernanceError::Screened { code } => Error::VoterScreened(caller, code),
            GovernanceError::RestrictedProposer => Error::GovernorRestrictedProposer(caller),
            GovernanceError::NoVotes => Error::NoVotes(caller, self.snapshot.into()),
            GovernanceError::VotesExceedSupply { votes, supply } => {
                Error::VotesExceedSupply(votes.into(), supply.into())
            }
            GovernanceError::UnmetDelay { eta } => Error::GovernorUnmetDelay(id, eta.into()),
            GovernanceError::UnableToCancel => Error::GovernorUnableToCancel(id, caller),
            GovernanceError::ProposalLength => {
                let [targets, calldatas, values] = self.lengths.map(|length| U256::from(length as u64));
                Error::GovernorInvalidProposalLength(targets, calldatas, values)
            }
            GovernanceError::TooLong { length, most } => {
                Error::TooLong(U256::from(length as u64), U256::from(most as u64))
            }
        }
    }
}
