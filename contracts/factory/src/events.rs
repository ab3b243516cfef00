//! What happened: past tense, with the state after it.
#![allow(dead_code, reason = "the declarations are the ABI; what is emitted are words")]

use crate::errors::Bytes32;
use ink::Address;

/// A pool was listed, with all its parts. Twelve fields are the most that ink! encodes; the time is the block's.
#[ink::event]
pub struct PoolListed {
    /// The pool.
    #[ink(topic)]
    pub pool: Address,
    /// Who made it, or was its admin when it was registered.
    #[ink(topic)]
    pub creator: Address,
    /// Its co-op; zero where it has none.
    #[ink(topic)]
    pub coop: Address,
    /// Counts from 1.
    pub number: u32,
    /// Currency: an ERC-20, or zero for the chain's native token.
    pub currency: Address,
    /// KYC registry.
    pub kyc: Address,
    /// Registry of attribution reports.
    pub attribution: Address,
    /// Registry of datasets and models.
    pub manifests: Address,
    /// Licences.
    pub licence: Address,
    /// Share market.
    pub market: Address,
    /// The contract with its logic; zero where the factory did not make the pool.
    pub logic: Address,
    /// Made by this factory, of the code it knew.
    pub created: bool,
}

/// Pools made from now on share these parts; the pools before keep theirs.
#[ink::event]
pub struct PartsSet {
    /// KYC registry.
    pub kyc: Address,
    /// Registry of attribution reports.
    pub attribution: Address,
    /// Registry of datasets and models.
    pub manifests: Address,
    /// Licences.
    pub licence: Address,
    /// Share market.
    pub market: Address,
    /// The contract with the pools' logic.
    pub logic: Address,
    /// Hash of the pools' code.
    pub pool_code: Bytes32,
    /// Hash of the co-ops' code.
    pub coop_code: Bytes32,
}

/// Hashes of the signatures of the events above. They are emitted word by word: ink!'s encoders would be most of this
/// contract.
pub mod topic {
    use ink::codegen::sol::keccak_256;
    use yieldset_shell::words::Word;

    pub const POOL_LISTED: Word = keccak_256(
        b"PoolListed(address,address,address,uint32,address,address,address,address,address,address,address,bool)",
    );
    pub const PARTS_SET: Word =
        keccak_256(b"PartsSet(address,address,address,address,address,address,bytes32,bytes32)");
}
