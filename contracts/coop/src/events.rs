//! What happened: past tense. The three of a proposal are OpenZeppelin's.
#![allow(dead_code, reason = "the declarations are the ABI; what is emitted are words")]

use ink::{
    Address, U256,
    prelude::{string::String, vec::Vec},
    sol::DynBytes,
};

/// A co-op was founded; its rules never change.
#[ink::event]
pub struct CoopCreated {
    /// Whose shares vote.
    #[ink(topic)]
    pub pool: Address,
    /// Seconds from a proposal to its snapshot.
    pub voting_delay: u32,
    /// Seconds in which votes count.
    pub voting_period: u32,
    /// Part of all shares that must vote yes or abstain, in basis points.
    pub quorum_bps: u16,
    /// Shares that a proposer needs.
    pub proposal_threshold: U256,
    /// Seconds between a successful vote and its execution.
    pub timelock: u32,
    /// Seconds in which it can then be executed.
    pub grace_period: u32,
}

/// Something was proposed.
#[ink::event]
pub struct ProposalCreated {
    /// keccak-256 of the calls and the description's hash.
    pub proposal_id: U256,
    /// By whom.
    pub proposer: Address,
    /// Contracts, or accounts that are paid.
    pub targets: Vec<Address>,
    /// Wei that goes along with each call.
    pub values: Vec<U256>,
    /// Empty texts, one for each call.
    pub signatures: Vec<String>,
    /// Selector and arguments of each call.
    pub calldatas: Vec<DynBytes>,
    /// The snapshot; votes count from the next second on.
    pub vote_start: U256,
    /// Last second in which votes count.
    pub vote_end: U256,
    /// What it is about.
    pub description: String,
}

/// A vote was counted.
#[ink::event]
pub struct VoteCast {
    /// Whose.
    #[ink(topic)]
    pub voter: Address,
    /// On what.
    pub proposal_id: U256,
    /// 0 against, 1 for, 2 abstain.
    pub support: u8,
    /// Its votes at the snapshot.
    pub weight: U256,
    /// The voter's words.
    pub reason: String,
}

/// A proposal was executed, all its calls in one transaction.
#[ink::event]
pub struct ProposalExecuted {
    /// Which.
    pub proposal_id: U256,
}

/// A proposal was taken back by its proposer.
#[ink::event]
pub struct ProposalCanceled {
    /// Which.
    pub proposal_id: U256,
}

/// Money came in without a message.
#[ink::event]
pub struct Received {
    /// From whom.
    #[ink(topic)]
    pub payer: Address,
    /// In wei.
    pub amount: U256,
}

/// Hashes of the signatures of the events above. They are emitted word by word: ink!'s encoders would be most of this
/// contract.
pub mod topic {
    use ink::codegen::sol::keccak_256;
    use yieldset_shell::words::Word;

    pub const COOP_CREATED: Word = keccak_256(b"CoopCreated(address,uint32,uint32,uint16,uint256,uint32,uint32)");
    pub const PROPOSAL_CREATED: Word =
        keccak_256(b"ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)");
    pub const VOTE_CAST: Word = keccak_256(b"VoteCast(address,uint256,uint8,uint256,string)");
    pub const PROPOSAL_EXECUTED: Word = keccak_256(b"ProposalExecuted(uint256)");
    pub const PROPOSAL_CANCELED: Word = keccak_256(b"ProposalCanceled(uint256)");
    pub const RECEIVED: Word = keccak_256(b"Received(address,uint256)");
}
