//! What a contract's storage held after a block, from the block's hash alone: no node is believed.
//!
//! A block's hash is that of its header, which has the root of the state's tree. Nodes of that tree lead from the root
//! to what is under a key, or show that nothing is. A contract's storage is a tree of its own, whose root is under a
//! key of the state; which tree is whose, the state's record of the contract says. Pure, and a crate of its own for the
//! weight of Substrate's tree.

use codec::{Compact, Decode, Encode};
use sp_core::Blake2Hasher;
use sp_crypto_hashing::{blake2_128, blake2_256, twox_128};
use sp_trie::{HashDBT, LayoutV1, MemoryDB, read_child_trie_value, read_trie_value};

type Layout = LayoutV1<Blake2Hasher>;

/// Where the roots of child trees are, before their ids.
const CHILD: &[u8] = b":child_storage:default:";
/// Most nodes of a proof, and most bytes of one: what is needed are some dozens of a few hundred bytes.
const MAX_NODES: usize = 10_000;
const MAX_NODE_BYTES: usize = 1 << 20;

/// Why nothing is proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Of another block.
    #[error("the proof is of block 0x{}, known is 0x{}; get the proof for the block that you know", hex(.got), hex(.known))]
    OtherBlock {
        /// The header's hash.
        got: [u8; 32],
        /// As the reader knows it.
        known: [u8; 32],
    },
    /// More than any proof needs.
    #[error("the proof has too many nodes, or too large ones; do not believe it")]
    TooLarge,
    /// Nodes are missing, or are not those of the state.
    #[error("the proof does not lead from the block's state to {0}; get it again from a node")]
    Incomplete(&'static str),
    /// No contract of the state.
    #[error("the block's state has no contract 0x{}; check the address", hex(.0))]
    NoContract([u8; 20]),
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A block's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Hash of the block before.
    pub parent: [u8; 32],
    /// Its height.
    pub number: u32,
    /// Root of the state after it.
    pub state_root: [u8; 32],
    /// Root of its transactions.
    pub extrinsics_root: [u8; 32],
    /// What consensus adds, each item as SCALE.
    pub logs: Vec<Vec<u8>>,
}

impl Header {
    /// The block's hash: Blake2b-256 of the header's SCALE.
    pub fn hash(&self) -> [u8; 32] {
        let mut bytes = self.parent.to_vec();
        Compact(self.number).encode_to(&mut bytes);
        bytes.extend(self.state_root);
        bytes.extend(self.extrinsics_root);
        // Items come as they are encoded, one after the other.
        Compact(u32::try_from(self.logs.len()).unwrap_or(u32::MAX)).encode_to(&mut bytes);
        bytes.extend(self.logs.iter().flatten());
        blake2_256(&bytes)
    }
}

/// The key of a pallet's single value.
pub fn value_key(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// The key of the state's record of a contract.
pub fn contract_key(address: &[u8; 20]) -> Vec<u8> {
    [&value_key("Revive", "AccountInfoOf")[..], address].concat()
}

/// The key of a contract's record in its storage.
pub fn record_key(key: &[u8]) -> Vec<u8> {
    [&blake2_128(key)[..], key].concat()
}

/// The key of a contract's storage, from the state's record of it.
pub fn storage_key(record: &[u8]) -> Option<Vec<u8>> {
    Some([CHILD, &trie_id(record)?[..]].concat())
}

/// The id of a contract's tree: the first field of the first variant of its record.
fn trie_id(mut record: &[u8]) -> Option<Vec<u8>> {
    const CONTRACT: u8 = 0;
    match u8::decode(&mut record).ok()? {
        CONTRACT => Vec::<u8>::decode(&mut record).ok(),
        _ => None,
    }
}

/// A block's state, as far as a proof shows it.
pub struct State {
    nodes: MemoryDB<Blake2Hasher>,
    root: sp_core::H256,
}

/// A contract's storage in it.
pub struct Contract<'a> {
    state: &'a State,
    id: Vec<u8>,
    root: sp_core::H256,
}

impl State {
    /// The state after the block that the reader knows.
    ///
    /// # Errors
    /// [`ProofError::OtherBlock`], [`ProofError::TooLarge`].
    pub fn of(header: &Header, nodes: &[Vec<u8>], known: &[u8; 32]) -> Result<Self, ProofError> {
        let got = header.hash();
        if got != *known {
            return Err(ProofError::OtherBlock { got, known: *known });
        }
        if nodes.len() > MAX_NODES || nodes.iter().any(|node| node.len() > MAX_NODE_BYTES) {
            return Err(ProofError::TooLarge);
        }
        let mut found = MemoryDB::default();
        for node in nodes {
            // By its own hash: what is none of the state's is never reached.
            found.insert(sp_trie::EMPTY_PREFIX, node);
        }
        Ok(Self { nodes: found, root: header.state_root.into() })
    }

    /// What is under a key; nothing where it is shown that nothing is.
    ///
    /// # Errors
    /// [`ProofError::Incomplete`].
    pub fn value(&self, key: &[u8], what: &'static str) -> Result<Option<Vec<u8>>, ProofError> {
        read_trie_value::<Layout, _>(&self.nodes, &self.root, key, None, None).map_err(|_| ProofError::Incomplete(what))
    }

    /// A contract's storage.
    ///
    /// # Errors
    /// [`ProofError::NoContract`], [`ProofError::Incomplete`].
    pub fn contract(&self, address: &[u8; 20]) -> Result<Contract<'_>, ProofError> {
        let none = || ProofError::NoContract(*address);
        let record = self.value(&contract_key(address), "the contract")?.ok_or_else(none)?;
        let id = trie_id(&record).ok_or_else(none)?;
        let root = self.value(&[CHILD, &id[..]].concat(), "the contract's storage")?;
        let root: [u8; 32] = root.and_then(|root| root.try_into().ok()).ok_or_else(none)?;
        Ok(Contract { state: self, id, root: root.into() })
    }
}

impl Contract<'_> {
    /// The record under a key of the contract's; nothing where it is shown that there is none.
    ///
    /// # Errors
    /// [`ProofError::Incomplete`].
    pub fn record(&self, key: &[u8], what: &'static str) -> Result<Option<Vec<u8>>, ProofError> {
        let key = record_key(key);
        read_child_trie_value::<Layout, _>(&self.id, &self.state.nodes, &self.root, &key, None, None)
            .map_err(|_| ProofError::Incomplete(what))
    }
}

#[cfg(test)]
mod tests;
