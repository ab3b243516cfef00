//! Share-weighted votes in the terms of OpenZeppelin's `Governor`: a proposal is a list of calls, weights are votes at
//! a past second, and Unix seconds are the clock (ERC-6372, `mode=timestamp`): a chain of faster blocks shortens
//! nothing.
//!
//! A proposal made in second `s` has its snapshot at `s + voting_delay` and its deadline `voting_period` seconds later;
//! votes count in the seconds after the snapshot up to and including the deadline. Where it succeeds, it can be
//! executed in the seconds after `deadline + timelock`, for `grace` seconds; then it expires.

use crate::{
    compliance::Restriction,
    math::{BASIS_POINTS, mul_add_div_rem},
    packed,
};
use alloc::vec::Vec;

/// Most calls in one proposal.
pub const MAX_ACTIONS: usize = 4;
/// Most bytes of one call's data.
pub const MAX_CALLDATA: usize = 1_024;
/// Most bytes of a proposal's description.
pub const MAX_DESCRIPTION: usize = 2_048;
/// Most bytes of the reason given with a vote.
pub const MAX_REASON: usize = 256;

/// Where a proposal stands; the numbers are those of OpenZeppelin's `IGovernor.ProposalState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ProposalState {
    /// The snapshot is not behind us yet.
    Pending = 0,
    /// Votes count.
    Active = 1,
    /// Taken back by its proposer.
    Canceled = 2,
    /// Voted down, or too few voted.
    Defeated = 3,
    /// To be executed at once: the co-op has no timelock.
    Succeeded = 4,
    /// Succeeded, and the timelock runs or has run out.
    Queued = 5,
    /// Succeeded, and not executed in time.
    Expired = 6,
    /// Done.
    Executed = 7,
}

impl ProposalState {
    /// This state in a bitmap of states, as OpenZeppelin's errors list them.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a vote says; the numbers are those of OpenZeppelin's `GovernorCountingSimple.VoteType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Support {
    /// No.
    Against = 0,
    /// Yes.
    For = 1,
    /// Counts towards the quorum alone.
    Abstain = 2,
}

impl Support {
    /// From the number in a message.
    ///
    /// # Errors
    /// [`GovernanceError::InvalidVoteType`].
    pub fn from_number(number: u8) -> Result<Self, GovernanceError> {
        match number {
            0 => Ok(Self::Against),
            1 => Ok(Self::For),
            2 => Ok(Self::Abstain),
            _ => Err(GovernanceError::InvalidVoteType),
        }
    }
}

/// Why something is refused; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GovernanceError {
    /// Period and grace must be at least one second, the quorum between 1 and 10 000 basis points.
    InvalidSettings,
    /// The proposal is in this state, the states in the bitmap are needed.
    UnexpectedState {
        /// Where it stands.
        state: ProposalState,
        /// Where it would have to.
        expected: u8,
    },
    /// Votes are 0, 1 or 2.
    InvalidVoteType,
    /// The voter had no votes at the snapshot.
    NoVotes,
    /// The pool's screening blocks the voter: the ERC-1404 code that says why.
    Screened {
        /// That code.
        code: u8,
    },
    /// The description names another account as the only one to propose it.
    RestrictedProposer,
    /// More votes than there were shares: the pool's answers contradict each other.
    VotesExceedSupply {
        /// Votes with this one.
        votes: u128,
        /// Shares at the snapshot.
        supply: u128,
    },
    /// The timelock has not run out.
    UnmetDelay {
        /// First second in which it has.
        eta: u64,
    },
    /// Only its proposer takes a proposal back, while it is pending.
    UnableToCancel,
    /// A proposal has between 1 and [`MAX_ACTIONS`] targets and as many values and calldatas.
    ProposalLength,
    /// A call has more than [`MAX_CALLDATA`] bytes, or a text is over its limit.
    TooLong {
        /// How many bytes.
        length: usize,
        /// How many are allowed.
        most: usize,
    },
}

/// What a co-op's members agreed on when they founded it. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Seconds from a proposal to its snapshot.
    pub voting_delay: u32,
    /// Seconds in which votes count.
    pub voting_period: u32,
    /// Part of all shares that must vote yes or abstain, in basis points, rounded up to a whole unit.
    pub quorum_bps: u16,
    /// Votes that a proposer must have had in the second before.
    pub proposal_threshold: u128,
    /// Seconds between the end of a successful vote and its execution, so that who disagrees can leave.
    pub timelock: u32,
    /// Seconds in which it can then be executed.
    pub grace: u32,
}
packed!(Settings {
    voting_delay: u32,
    voting_period: u32,
    quorum_bps: u16,
    proposal_threshold: u128,
    timelock: u32,
    grace: u32,
});

impl Settings {
    /// Whether votes can be held under them.
    ///
    /// # Errors
    /// [`GovernanceError::InvalidSettings`].
    pub fn check(&self) -> Result<(), GovernanceError> {
        let quorum = 1..=BASIS_POINTS;
        if self.voting_period == 0 || self.grace == 0 || !quorum.contains(&self.quorum_bps) {
            return Err(GovernanceError::InvalidSettings);
        }
        Ok(())
    }

    /// Shares that must vote yes or abstain, of `supply`: rounded up, so that no smaller part ever passes.
    pub fn quorum(&self, supply: u128) -> u128 {
        let whole = u128::from(BASIS_POINTS);
        // The quotient is at most the supply.
        mul_add_div_rem(supply, u128::from(self.quorum_bps), u128::from(BASIS_POINTS - 1), whole)
            .map_or(supply, |(quorum, _)| quorum)
    }
}

/// A proposal and its votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proposal {
    /// Who made it.
    pub proposer: [u8; 20],
    /// Votes count as of the end of this second.
    pub snapshot: u64,
    /// Last second in which votes count.
    pub deadline: u64,
    /// Shares that voted no.
    pub against: u128,
    /// Shares that voted yes.
    pub in_favour: u128,
    /// Shares that abstained.
    pub abstain: u128,
    /// All shares at the snapshot, known from the first vote on; 0 before.
    pub supply: u128,
    /// Taken back by its proposer.
    pub canceled: bool,
    /// Done.
    pub executed: bool,
}
packed!(Proposal {
    proposer: [u8; 20],
    snapshot: u64,
    deadline: u64,
    against: u128,
    in_favour: u128,
    abstain: u128,
    supply: u128,
    canceled: bool,
    executed: bool,
});

impl Proposal {
    /// A proposal made in second `now`.
    pub fn new(proposer: [u8; 20], settings: &Settings, now: u64) -> Self {
        let snapshot = now.saturating_add(settings.voting_delay.into());
        let deadline = snapshot.saturating_add(settings.voting_period.into());
        Self { proposer, snapshot, deadline, ..Self::default() }
    }

    /// All votes. It fits: a vote that takes the sum over the supply is refused.
    pub fn votes(&self) -> u128 {
        self.against.saturating_add(self.in_favour).saturating_add(self.abstain)
    }

    /// First second in which it can be executed, where it succeeds.
    pub fn eta(&self, settings: &Settings) -> u64 {
        self.deadline.saturating_add(settings.timelock.into()).saturating_add(1)
    }

    /// Whether enough voted, and more yes than no.
    pub fn succeeded(&self, settings: &Settings) -> bool {
        let quorum = self.in_favour.saturating_add(self.abstain) >= settings.quorum(self.supply);
        quorum && self.in_favour > self.against
    }

    /// Where it stands in second `now`.
    pub fn state(&self, settings: &Settings, now: u64) -> ProposalState {
        if self.executed {
            ProposalState::Executed
        } else if self.canceled {
            ProposalState::Canceled
        } else if now <= self.snapshot {
            ProposalState::Pending
        } else if now <= self.deadline {
            ProposalState::Active
        } else if !self.succeeded(settings) {
            ProposalState::Defeated
        } else if now >= self.eta(settings).saturating_add(settings.grace.into()) {
            ProposalState::Expired
        } else if settings.timelock > 0 {
            ProposalState::Queued
        } else {
            ProposalState::Succeeded
        }
    }

    /// Stops unless the proposal is in one of the states of the bitmap.
    ///
    /// # Errors
    /// [`GovernanceError::UnexpectedState`].
    pub fn require(&self, expected: u8, settings: &Settings, now: u64) -> Result<(), GovernanceError> {
        let state = self.state(settings, now);
        if state.bit() & expected == 0 { Err(GovernanceError::UnexpectedState { state, expected }) } else { Ok(()) }
    }

    /// Counts a vote of `weight` shares out of `supply`, both as of the snapshot. That nobody votes twice is the
    /// caller's to see to.
    ///
    /// # Errors
    /// [`GovernanceError::NoVotes`], [`GovernanceError::VotesExceedSupply`].
    pub fn count(&mut self, support: Support, weight: u128, supply: u128) -> Result<(), GovernanceError> {
        if weight == 0 {
            return Err(GovernanceError::NoVotes);
        }
        let votes = self.votes().saturating_add(weight);
        if votes > supply {
            return Err(GovernanceError::VotesExceedSupply { votes, supply });
        }
        self.supply = supply;
        let votes = match support {
            Support::Against => &mut self.against,
            Support::For => &mut self.in_favour,
            Support::Abstain => &mut self.abstain,
        };
        // Not more than the sum, which is not more than the supply.
        *votes = votes.saturating_add(weight);
        Ok(())
    }

    /// Its proposer takes it back, before anybody could vote.
    ///
    /// # Errors
    /// [`GovernanceError::UnableToCancel`].
    pub fn cancel(&mut self, caller: &[u8; 20], settings: &Settings, now: u64) -> Result<(), GovernanceError> {
        if self.state(settings, now) != ProposalState::Pending || self.proposer != *caller {
            return Err(GovernanceError::UnableToCancel);
        }
        self.canceled = true;
        Ok(())
    }

    /// Marks it done; the caller then makes its calls, and reverts everything where one fails.
    ///
    /// # Errors
    /// [`GovernanceError::UnexpectedState`], [`GovernanceError::UnmetDelay`].
    pub fn execute(&mut self, settings: &Settings, now: u64) -> Result<(), GovernanceError> {
        let expected = ProposalState::Succeeded.bit() | ProposalState::Queued.bit();
        self.require(expected, settings, now)?;
        let eta = self.eta(settings);
        if now < eta {
            return Err(GovernanceError::UnmetDelay { eta });
        }
        self.executed = true;
        Ok(())
    }
}

/// Whether the lists are a proposal within its limits.
///
/// # Errors
/// [`GovernanceError::ProposalLength`], [`GovernanceError::TooLong`].
pub fn check_actions(targets: usize, values: usize, calldatas: &[&[u8]]) -> Result<(), GovernanceError> {
    if targets == 0 || targets > MAX_ACTIONS || values != targets || calldatas.len() != targets {
        return Err(GovernanceError::ProposalLength);
    }
    calldatas.iter().try_for_each(|calldata| check_length(calldata.len(), MAX_CALLDATA))
}

/// Whether a proposer may use a description. One that ends with `#proposer=0x…` can be proposed by that account alone,
/// as with OpenZeppelin's `Governor` (`_isValidDescriptionForProposer`): so nobody takes a pending proposal's id, to
/// cancel it. What is no whole address is a text like any other.
///
/// # Errors
/// [`GovernanceError::RestrictedProposer`].
pub fn check_proposer(description: &[u8], proposer: &[u8; 20]) -> Result<(), GovernanceError> {
    const MARKER: &[u8] = b"#proposer=0x";
    let Some((_, suffix)) = description.split_last_chunk::<{ MARKER.len() + 40 }>() else { return Ok(()) };
    let Some(digits) = suffix.strip_prefix(MARKER) else { return Ok(()) };
    let mut named = [0; 20];
    for (byte, pair) in named.iter_mut().zip(digits.chunks_exact(2)) {
        let (Some(high), Some(low)) = (nibble(pair[0]), nibble(pair[1])) else { return Ok(()) };
        *byte = high << 4 | low;
    }
    if named == *proposer { Ok(()) } else { Err(GovernanceError::RestrictedProposer) }
}

#[expect(clippy::arithmetic_side_effects, reason = "a digit of the range that it is in")]
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Whether an account's vote counts: not where the pool's screening (its `screened`, an ERC-1404 code, zero for none)
/// says that it is frozen or sanctioned ([`Restriction::blocks_votes`]). It is asked when the vote is cast.
///
/// # Errors
/// [`GovernanceError::Screened`].
pub fn check_screened(code: u8) -> Result<(), GovernanceError> {
    if Restriction::blocks_votes(code) { Err(GovernanceError::Screened { code }) } else { Ok(()) }
}

/// Whether a text is within its limit.
///
/// # Errors
/// [`GovernanceError::TooLong`].
pub fn check_length(length: usize, most: usize) -> Result<(), GovernanceError> {
    if length > most { Err(GovernanceError::TooLong { length, most }) } else { Ok(()) }
}

/// The calls of a proposal; the three lists have the same length.
#[derive(Debug, Clone, Copy)]
pub struct Actions<'a> {
    /// Contracts, or accounts that are paid.
    pub targets: &'a [[u8; 20]],
    /// Wei that goes along with each call.
    pub values: &'a [u128],
    /// Selector and arguments of each; empty for a payment.
    pub calldatas: &'a [&'a [u8]],
}

impl Actions<'_> {
    /// `abi.encode(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash)`: its keccak-256 is
    /// a proposal's id, as in OpenZeppelin's `Governor.hashProposal`.
    pub fn encode(&self, description_hash: &[u8; 32]) -> Vec<u8> {
        let (values_at, calldatas_at) = self.places(4);
        let mut bytes = Vec::new();
        for offset in [4 * 32, values_at, calldatas_at] {
            put_number(&mut bytes, offset as u128);
        }
        bytes.extend_from_slice(description_hash);
        self.put_payments(&mut bytes);
        put_byte_strings(&mut bytes, self.calldatas);
        bytes
    }

    /// The data of OpenZeppelin's `ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[]
    /// values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)`; the
    /// signatures are empty, as they are there.
    #[expect(clippy::arithmetic_side_effects, reason = "lengths of what is in memory")]
    pub fn encode_created(&self, id: &[u8; 32], proposal: &Proposal, description: &str) -> Vec<u8> {
        let (values_at, signatures_at) = self.places(9);
        let signatures: Vec<&[u8]> = self.calldatas.iter().map(|_| &[][..]).collect();
        let mut lists = Vec::new();
        self.put_payments(&mut lists);
        put_byte_strings(&mut lists, &signatures);
        let calldatas_at = 9 * 32 + lists.len();
        put_byte_strings(&mut lists, self.calldatas);
        let description_at = 9 * 32 + lists.len();
        put_byte_string(&mut lists, description.as_bytes());

        let mut bytes = Vec::from(id);
        put_address(&mut bytes, &proposal.proposer);
        for offset in [9 * 32, values_at, signatures_at, calldatas_at] {
            put_number(&mut bytes, offset as u128);
        }
        put_number(&mut bytes, proposal.snapshot.into());
        put_number(&mut bytes, proposal.deadline.into());
        put_number(&mut bytes, description_at as u128);
        bytes.extend_from_slice(&lists);
        bytes
    }

    /// Where the values begin behind a head of so many words and the targets, and what follows them.
    #[expect(clippy::arithmetic_side_effects, reason = "lengths of what is in memory")]
    fn places(&self, head: usize) -> (usize, usize) {
        let values_at = 32 * (head + 1 + self.targets.len());
        (values_at, values_at + 32 * (1 + self.values.len()))
    }

    fn put_payments(&self, bytes: &mut Vec<u8>) {
        put_number(bytes, self.targets.len() as u128);
        self.targets.iter().for_each(|target| put_address(bytes, target));
        put_number(bytes, self.values.len() as u128);
        self.values.iter().for_each(|value| put_number(bytes, *value));
    }
}

/// The data of `VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason)`.
pub fn encode_vote(id: &[u8; 32], support: Support, weight: u128, reason: &str) -> Vec<u8> {
    let mut bytes = Vec::from(id);
    for number in [support as u128, weight, 4 * 32] {
        put_number(&mut bytes, number);
    }
    put_byte_string(&mut bytes, reason.as_bytes());
    bytes
}

fn put_number(bytes: &mut Vec<u8>, number: u128) {
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(&number.to_be_bytes());
}

fn put_address(bytes: &mut Vec<u8>, address: &[u8; 20]) {
    bytes.extend_from_slice(&[0; 12]);
    bytes.extend_from_slice(address);
}

/// `bytes` or `string`: the length, then what it is, filled up to whole words.
fn put_byte_string(bytes: &mut Vec<u8>, string: &[u8]) {
    put_number(bytes, string.len() as u128);
    bytes.extend_from_slice(string);
    bytes.resize(bytes.len().next_multiple_of(32), 0);
}

/// `bytes[]` or `string[]`: offsets of the entries count from behind the list's length.
#[expect(clippy::arithmetic_side_effects, reason = "lengths of what is in memory")]
fn put_byte_strings(bytes: &mut Vec<u8>, strings: &[&[u8]]) {
    put_number(bytes, strings.len() as u128);
    let mut at = 32 * strings.len();
    for string in strings {
        put_number(bytes, at as u128);
        at += 32 + string.len().next_multiple_of(32);
    }
    strings.iter().for_each(|string| put_byte_string(bytes, string));
}

/// ERC-20's `transfer`, `transferFrom` and `approve`.
const TOKEN_SELECTORS: [[u8; 4]; 3] = [[0xa9, 0x05, 0x9c, 0xbb], [0x23, 0xb8, 0x72, 0xdd], [0x09, 0x5e, 0xa7, 0xb3]];

/// Whether a call that came back without a revert is a token's refusal all the same: it must answer with nothing (old
/// tokens) or with true. `answer` is its beginning, at least one word where there is one. The rule of OpenZeppelin's
/// `SafeERC20`.
pub fn is_token_refusal(calldata: &[u8], answer: &[u8]) -> bool {
    let to_token = calldata.len() >= 4 && TOKEN_SELECTORS.iter().any(|selector| calldata[..4] == *selector);
    let is_true = answer.len() >= 32 && answer[..31] == [0; 31] && answer[31] == 1;
    to_token && !answer.is_empty() && !is_true
}

#[cfg(test)]
#[path = "governance/tests.rs"]
mod tests;
