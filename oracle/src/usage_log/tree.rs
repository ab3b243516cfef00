//! The log's tree in memory, for `tlog_tiles` to read: 64 bytes a record.

use tlog_tiles::{
    Error, Hash, HashReader, RecordProof, TreeProof, prove_record, prove_tree, record_hash, stored_hash_count,
    tree_hash,
};

use super::LogError;

/// All hashes of a tree in `tlog_tiles`' order.
#[derive(Debug, Clone, Default)]
pub struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |&index: &u64| usize::try_from(index).ok().and_then(|index| self.0.get(index)).copied();
        indexes.iter().map(|index| hash(index).ok_or(Error::IndexesNotInTree)).collect()
    }
}

/// What is wrong with a tree that cannot be computed.
pub fn tree_error(error: Error) -> LogError {
    LogError::Damaged { what: "the tree".into(), reason: error.to_string() }
}

impl Hashes {
    /// The tree of these records.
    ///
    /// # Errors
    /// [`LogError::Damaged`].
    pub fn of<T: AsRef<[u8]>>(records: &[T]) -> Result<Self, LogError> {
        let mut hashes = Self::default();
        for (n, record) in records.iter().enumerate() {
            hashes.push(n as u64, record.as_ref())?;
        }
        Ok(hashes)
    }

    /// Adds the record at index `n`, the next one.
    ///
    /// # Errors
    /// [`LogError::Damaged`].
    pub fn push(&mut self, n: u64, record: &[u8]) -> Result<(), LogError> {
        let new = tlog_tiles::stored_hashes_for_record_hash(n, record_hash(record), self).map_err(tree_error)?;
        self.0.extend(new);
        Ok(())
    }

    /// Forgets all but the first `size` records.
    pub fn truncate(&mut self, size: u64) {
        self.0.truncate(stored_hash_count(size) as usize);
    }

    /// Root of the first `size` records.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when there are fewer.
    pub fn root(&self, size: u64) -> Result<Hash, LogError> {
        tree_hash(size, self).map_err(tree_error)
    }

    /// Proof that record `n` is in the tree of the first `size`.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it is not.
    pub fn prove(&self, size: u64, n: u64) -> Result<RecordProof, LogError> {
        prove_record(size, n, self).map_err(tree_error)
    }

    /// Proof that the tree of the first `size` records continues that of the first `from`.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it does not.
    pub fn prove_from(&self, size: u64, from: u64) -> Result<TreeProof, LogError> {
        prove_tree(size, from, self).map_err(tree_error)
    }
}
