//! The log's records in order, a batch at a time, each checked against a tree's root on the way: whoever reads a long
//! log has one bundle and one batch of it in memory.

use tlog_tiles::{Tile, record_hash};

use super::{
    LogError, MAX_BATCH_RECORDS,
    journal::LoggedBatch,
    layout::{self, HEIGHT, WIDTH},
    pruned::{Entry, Kept},
    store::Store,
    tiles::Tree,
};

/// What is wrong with a file of the log.
pub(super) fn damaged(what: impl Into<String>, reason: impl Into<String>) -> LogError {
    LogError::Damaged { what: what.into(), reason: reason.into() }
}

/// The records of a bundle's file, as it has them.
///
/// # Errors
/// [`LogError::Damaged`].
pub(super) fn read_bundle(store: &Store, bundle: &Tile) -> Result<Vec<Vec<u8>>, LogError> {
    let path = layout::tile_path(bundle);
    let bytes = store.get(&path)?.ok_or_else(|| damaged(&path, "it is missing"))?;
    let found = layout::decode_bundle(&bytes, bundle.width());
    found.ok_or_else(|| damaged(&path, format!("it does not hold {} records", bundle.width())))
}

/// The bundle of a log of `size` that has the record `leaf`.
pub(super) fn bundle_of(leaf: u64, size: u64) -> Tile {
    let number = leaf / WIDTH;
    // At most a full one's.
    Tile::new(HEIGHT, 0, number, (size - number * WIDTH).min(WIDTH) as u32, true)
}

/// The batch that begins at this leaf of a log of `size`, as its file says.
///
/// # Errors
/// [`LogError::Damaged`].
pub(crate) fn read_batch(store: &Store, leaf: u64, size: u64) -> Result<LoggedBatch, LogError> {
    let path = layout::batch_path(leaf);
    let bytes = store.get(&path)?.ok_or_else(|| damaged(&path, "it is missing"))?;
    let batch: LoggedBatch = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error.to_string()))?;
    let possible = 1..=(size - leaf).min(MAX_BATCH_RECORDS as u64);
    if batch.first_leaf != leaf || !possible.contains(&batch.count) {
        return Err(damaged(&path, format!("it says {} records from leaf {}", batch.count, batch.first_leaf)));
    }
    Ok(batch)
}

/// That the tree has these records at a bundle's place.
fn check(tree: &Tree, bundle: &Tile, records: &[Vec<u8>]) -> Result<(), LogError> {
    let hashes = tree.records_of(bundle)?;
    match hashes.iter().zip(records).position(|(hash, record)| *hash != record_hash(record)) {
        None => Ok(()),
        Some(at) => {
            let leaf = bundle.level_index() * WIDTH + at as u64;
            Err(damaged(layout::tile_path(bundle), format!("leaf {leaf} is not the record that was signed")))
        }
    }
}

/// Records of a tree's leaves, the first and the one after the last, with their leaves; each is compared with the tree.
///
/// # Errors
/// [`LogError::Damaged`].
pub(crate) fn records(store: &Store, tree: &Tree, from: u64, to: u64) -> Result<Vec<(u64, Vec<u8>)>, LogError> {
    let mut found = Vec::new();
    for number in from / WIDTH..to.div_ceil(WIDTH) {
        let bundle = bundle_of(number * WIDTH, tree.size());
        let records = read_bundle(store, &bundle)?;
        check(tree, &bundle, &records)?;
        found.extend((number * WIDTH..).zip(records).filter(|(leaf, _)| (from..to).contains(leaf)));
    }
    Ok(found)
}

/// Batches with their records, in order; of those that are deleted what stayed of them.
pub(super) struct Batches<'a> {
    store: &'a Store,
    size: u64,
    tree: Option<&'a Tree>,
    tail: &'a [Vec<u8>],
    /// How many of the first records are deleted.
    pruned: u64,
    /// The next batch's first leaf.
    at: u64,
    bundle: Option<(u64, Vec<Vec<u8>>)>,
    failed: bool,
}

impl<'a> Batches<'a> {
    /// From the batch that begins at a leaf to the tree's end, each record compared with the tree.
    pub(super) fn of(store: &'a Store, tree: &'a Tree, first_leaf: u64) -> Self {
        Self {
            store,
            size: tree.size(),
            tree: Some(tree),
            tail: &[],
            pruned: 0,
            at: first_leaf,
            bundle: None,
            failed: false,
        }
    }

    /// All of a log of this size, for a caller that compares them with a tree.
    pub(super) fn unchecked(store: &'a Store, size: u64) -> Self {
        Self { store, size, tree: None, tail: &[], pruned: 0, at: 0, bundle: None, failed: false }
    }

    /// The same, with the records after the last full bundle: their file may be gone, for a longer one.
    pub(super) fn with_tail(self, tail: &'a [Vec<u8>]) -> Self {
        Self { tail, ..self }
    }

    /// The same of a log of whose first records so many are deleted.
    pub(super) fn without(self, pruned: u64) -> Self {
        Self { pruned, ..self }
    }

    /// The leaf after those that were read.
    pub(super) fn next_leaf(&self) -> u64 {
        self.at
    }

    /// What stayed of the records of a batch that are deleted; the tree has those that are whole.
    fn kept(&mut self, batch: &LoggedBatch) -> Result<Vec<Entry>, LogError> {
        let end = self.pruned.min(batch.first_leaf + batch.count);
        if end <= batch.first_leaf {
            return Ok(Vec::new());
        }
        let entries = Kept::read(self.store, batch)?.entries(batch, end - batch.first_leaf)?;
        if let Some(tree) = self.tree {
            for (leaf, entry) in (batch.first_leaf..).zip(&entries) {
                let Some(bytes) = entry.bytes() else { continue };
                let hashes = tree.records_of(&bundle_of(leaf, self.size))?;
                if hashes.get((leaf % WIDTH) as usize) != Some(&record_hash(bytes)) {
                    let path = layout::kept_path(batch.first_leaf);
                    return Err(damaged(path, format!("leaf {leaf} is not the record that was signed")));
                }
            }
        }
        self.at = end;
        Ok(entries)
    }

    fn read(&mut self) -> Result<(LoggedBatch, Vec<Entry>), LogError> {
        let batch = read_batch(self.store, self.at, self.size)?;
        let mut records = self.kept(&batch)?;
        let end = batch.first_leaf + batch.count;
        while self.at < end {
            let number = self.at / WIDTH;
            if self.bundle.as_ref().is_none_or(|(held, _)| *held != number) {
                let bundle = bundle_of(self.at, self.size);
                let held = match bundle.width() as usize == self.tail.len() {
                    true => self.tail.to_vec(),
                    false => read_bundle(self.store, &bundle)?,
                };
                if let Some(tree) = self.tree {
                    check(tree, &bundle, &held)?;
                }
                self.bundle = Some((number, held));
            }
            let Some((_, held)) = &mut self.bundle else { continue };
            let from = (self.at % WIDTH) as usize;
            let to = held.len().min(from + (end - self.at) as usize);
            records.extend(held[from..to].iter_mut().map(|record| Entry::Whole(std::mem::take(record))));
            self.at += (to - from) as u64;
        }
        Ok((batch, records))
    }
}

impl Iterator for Batches<'_> {
    type Item = Result<(LoggedBatch, Vec<Entry>), LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.at >= self.size {
            return None;
        }
        let read = self.read();
        self.failed = read.is_err();
        Some(read)
    }
}
