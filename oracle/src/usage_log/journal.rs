//! What is written durably before anything else changes: enough to do the rest again.

use serde::{Deserialize, Serialize};

use super::{CheckedBatch, LogError, store::Store};
use crate::files::hex_bytes;

/// A group of batches that were committed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The log's size before: the group's first leaf.
    pub first_leaf: u64,
    /// The log's root before.
    #[serde(with = "hex_bytes")]
    pub root_before: [u8; 32],
    /// The checkpoint after, signed by the log and not yet by the witness.
    pub checkpoint: String,
    /// The batches, in the order of their leaves.
    pub batches: Vec<LoggedBatch>,
    /// Hex of the records' canonical bytes, in the order of their leaves.
    pub records: Vec<String>,
}

/// `batch/<first leaf>`: who sent the records from there on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedBatch {
    /// Who sent it.
    pub platform: String,
    /// Its id.
    pub batch_id: String,
    /// The key that signed it.
    #[serde(with = "hex_bytes")]
    pub public_key: [u8; 32],
    /// The signature, as hex.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
    /// SHA-256 of what was signed.
    #[serde(with = "hex_bytes")]
    pub digest: [u8; 32],
    /// Index of its first record.
    pub first_leaf: u64,
    /// How many records it has.
    pub count: u64,
    /// The first published size of the log that holds it.
    pub tree_size: u64,
    /// The root of that size.
    #[serde(with = "hex_bytes")]
    pub root: [u8; 32],
}

impl LoggedBatch {
    pub(super) fn new(checked: &CheckedBatch, first_leaf: u64, tree_size: u64, root: [u8; 32]) -> Self {
        Self {
            platform: checked.batch.platform.clone(),
            batch_id: checked.batch.batch_id.clone(),
            public_key: checked.public_key,
            signature: checked.batch.signature,
            digest: checked.digest,
            first_leaf,
            count: checked.batch.records.len() as u64,
            tree_size,
            root,
        }
    }
}

impl Group {
    /// The records.
    ///
    /// # Errors
    /// [`LogError::Damaged`].
    pub fn records(&self) -> Result<Vec<Vec<u8>>, LogError> {
        let decode = |record: &String| {
            hex::decode(record).map_err(|error| LogError::Damaged {
                what: super::layout::journal_path(self.first_leaf),
                reason: error.to_string(),
            })
        };
        self.records.iter().map(decode).collect()
    }

    /// Every group that may not be everywhere yet, in order.
    ///
    /// # Errors
    /// [`LogError::Store`]; [`LogError::Damaged`] for a journal that cannot be read: it may hold acknowledged records.
    pub async fn read_all(store: &Store) -> Result<Vec<(String, Self)>, LogError> {
        let mut groups = Vec::new();
        for path in store.list("journal").await? {
            let Some(bytes) = store.get(&path).await? else { continue };
            let damaged =
                |error: serde_json::Error| LogError::Damaged { what: path.clone(), reason: error.to_string() };
            let group = serde_json::from_slice(&bytes).map_err(damaged)?;
            groups.push((path, group));
        }
        Ok(groups)
    }
}
