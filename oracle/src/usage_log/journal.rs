//! What is written durably before anything else changes: enough to do the rest again.

use serde::{Deserialize, Serialize};

use super::{CheckedBatch, LogError, layout, store::Store};
use crate::files::hex_bytes;

/// A group of batches that were committed together: a line of JSON in its journal, and after it the records as a bundle
/// has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The log's size before: the group's first leaf.
    pub first_leaf: u64,
    /// The log's root before.
    #[serde(with = "hex_bytes")]
    pub root_before: [u8; 32],
    /// The checkpoint after, signed by the log and not yet by a witness.
    pub checkpoint: String,
    /// The batches, in the order of their leaves.
    pub batches: Vec<LoggedBatch>,
    /// The records' canonical bytes, in the order of their leaves.
    #[serde(skip)]
    pub records: Vec<Vec<u8>>,
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
    pub(super) fn new(
        checked: &CheckedBatch,
        (first_leaf, count): (u64, u64),
        (tree_size, root): (u64, [u8; 32]),
    ) -> Self {
        Self {
            platform: checked.batch.platform.clone(),
            batch_id: checked.batch.batch_id.clone(),
            public_key: checked.public_key,
            signature: checked.batch.signature,
            digest: checked.digest,
            first_leaf,
            count,
            tree_size,
            root,
        }
    }
}

impl Group {
    /// What its journal holds.
    ///
    /// # Errors
    /// [`LogError::Damaged`]; cannot happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LogError> {
        let damaged = |error: serde_json::Error| self.damaged(error.to_string());
        let mut bytes = serde_json::to_vec(self).map_err(damaged)?;
        bytes.push(b'\n');
        bytes.extend(layout::encode_bundle(&self.records));
        Ok(bytes)
    }

    /// Reads a journal. It may hold acknowledged records, so there is no way around one that cannot be read.
    ///
    /// # Errors
    /// [`LogError::Store`], [`LogError::Damaged`].
    pub fn read(store: &Store, path: &str) -> Result<Self, LogError> {
        let damaged = |reason: String| LogError::Damaged { what: path.to_owned(), reason };
        let bytes = store.get(path)?.ok_or_else(|| damaged("it is missing".into()))?;
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(|| damaged("it is cut off".into()))?;
        let mut group: Self = serde_json::from_slice(&bytes[..end]).map_err(|error| damaged(error.to_string()))?;
        let count: u64 = group.batches.iter().map(|batch| batch.count).sum();
        let records = u32::try_from(count).ok().and_then(|count| layout::decode_bundle(&bytes[end + 1..], count));
        group.records = records.ok_or_else(|| damaged(format!("it does not hold its {count} records")))?;
        Ok(group)
    }

    fn damaged(&self, reason: String) -> LogError {
        LogError::Damaged { what: layout::journal_path(self.first_leaf), reason }
    }
}
