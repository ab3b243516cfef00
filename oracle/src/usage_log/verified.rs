//! A log that was checked from its signatures down to every record.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use tlog_tiles::{Hash, Tile, record_hash};
use yieldset_rules::{
    report::LogCheckpoint,
    usage::{UsageRecord, batch_signing_bytes},
};

use super::{
    LogError, LogInfo, Platform, id_of,
    journal::LoggedBatch,
    layout::{self, CHECKPOINT, HEIGHT},
    model_of, note, record_error, signature_is_valid,
    store::Store,
    tree::Hashes,
};
use crate::{files, hex0x, sha256};

/// How often a log that grows meanwhile is read anew.
const ATTEMPTS: usize = 5;

/// Keys that a reader expects, from elsewhere than the log's own folder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pins {
    /// The log's public key.
    pub log: Option<[u8; 32]>,
    /// The witness's public key.
    pub witness: Option<[u8; 32]>,
}

/// One record, with who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Who signed for it.
    pub platform: String,
    /// The record.
    pub record: UsageRecord,
}

/// A log whose checkpoint is signed and cosigned, whose tiles lead to its root, whose records are all signed by their
/// platforms. [`VerifiedLog::read`] is the only way to one.
#[derive(Debug)]
pub struct VerifiedLog {
    info: LogInfo,
    checkpoint: String,
    size: u64,
    hashes: Hashes,
    leaves: Vec<Leaf>,
}

impl VerifiedLog {
    /// Reads a log and checks everything. It may be written to meanwhile.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::UnexpectedKey`], [`LogError::Checkpoint`], and [`LogError::Damaged`] with the
    /// file or leaf.
    pub async fn read(dir: &Path, pins: Pins) -> Result<Self, LogError> {
        let info = LogInfo::load(dir)?;
        for (whose, pin, got) in [("log", pins.log, info.log_key), ("witness", pins.witness, info.witness_key)] {
            if let Some(expected) = pin.filter(|expected| *expected != got) {
                return Err(LogError::UnexpectedKey { whose, got: hex0x(&got), expected: hex0x(&expected) });
            }
        }
        let store = Store::local(dir)?;
        let mut bytes = checkpoint(&store).await?;
        for _ in 1..ATTEMPTS {
            match Self::read_at(dir, &store, &info, &bytes).await {
                // The writer deletes partial tiles of older checkpoints: is this one old by now?
                Err(error) => match checkpoint(&store).await? {
                    newer if newer == bytes => return Err(error),
                    newer => bytes = newer,
                },
                log => return log,
            }
        }
        Self::read_at(dir, &store, &info, &bytes).await
    }

    async fn read_at(dir: &Path, store: &Store, info: &LogInfo, bytes: &[u8]) -> Result<Self, LogError> {
        let checkpoint = note::open_witnessed(bytes, info)?;
        let size = checkpoint.size();
        let entries = read_entries(store, size).await?;
        let hashes = Hashes::of(&entries)?;
        check_tiles(store, size, &hashes, &entries).await?;
        let root = hashes.root(size)?;
        if root != *checkpoint.hash() {
            let reason =
                format!("its {size} records have root {}, signed was {}", hex0x(&root.0), hex0x(&checkpoint.hash().0));
            return Err(LogError::Damaged { what: CHECKPOINT.into(), reason });
        }
        let platforms: Vec<Platform> = match size {
            0 => Vec::new(),
            _ => files::read_json(&dir.join("platforms.json"))?,
        };
        let batches = read_batches(store, size).await?;
        let leaves = check_batches(&batches, &entries, &platforms, &hashes)?;
        let checkpoint = String::from_utf8_lossy(bytes).into_owned();
        Ok(Self { info: info.clone(), checkpoint, size, hashes, leaves })
    }

    /// Name and keys.
    pub fn info(&self) -> &LogInfo {
        &self.info
    }

    /// The signed and cosigned note that all was checked against.
    pub fn checkpoint_note(&self) -> &str {
        &self.checkpoint
    }

    /// When the witness cosigned that note, in Unix seconds.
    pub fn witnessed_at(&self) -> u64 {
        // Checked when it was read.
        note::witnessed_at(self.checkpoint.as_bytes(), &self.info).unwrap_or(u64::MAX)
    }

    /// The checkpoint, as reports have it.
    ///
    /// # Errors
    /// [`LogError::Damaged`]; cannot happen.
    pub fn checkpoint(&self) -> Result<LogCheckpoint, LogError> {
        self.checkpoint_at(self.size)
    }

    /// The checkpoint that the log had when it was `size` records long.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it is shorter.
    pub fn checkpoint_at(&self, size: u64) -> Result<LogCheckpoint, LogError> {
        let root = self.hashes.root(size)?.0;
        Ok(LogCheckpoint { origin: self.info.origin.clone(), size, root })
    }

    /// All records in order; a record's index is its leaf.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Proof that a leaf is in the log, for whoever has the checkpoint alone.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when there is no such leaf.
    pub fn prove(&self, leaf: u64) -> Result<Vec<[u8; 32]>, LogError> {
        Ok(self.hashes.prove(self.size, leaf)?.into_iter().map(|hash| hash.0).collect())
    }
}

async fn checkpoint(store: &Store) -> Result<Vec<u8>, LogError> {
    match store.get(CHECKPOINT).await? {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Err(damaged(CHECKPOINT, "it is missing")),
    }
}

fn damaged(what: impl Into<String>, reason: impl Into<String>) -> LogError {
    LogError::Damaged { what: what.into(), reason: reason.into() }
}

/// The first `size` records.
pub(super) async fn read_entries(store: &Store, size: u64) -> Result<Vec<Vec<u8>>, LogError> {
    let mut entries = Vec::new();
    for bundle in layout::bundles(0, size) {
        let path = layout::tile_path(&bundle);
        let bytes = store.get(&path).await?.ok_or_else(|| damaged(&path, "it is missing"))?;
        let found = layout::decode_bundle(&bytes, bundle.width());
        entries.extend(found.ok_or_else(|| damaged(&path, format!("it does not hold {} records", bundle.width())))?);
    }
    Ok(entries)
}

/// The batches that the first `size` records came in.
pub(super) async fn read_batches(store: &Store, size: u64) -> Result<Vec<LoggedBatch>, LogError> {
    let mut batches: Vec<LoggedBatch> = Vec::new();
    let mut at = 0;
    while at < size {
        let path = layout::batch_path(at);
        let bytes = store.get(&path).await?.ok_or_else(|| damaged(&path, "it is missing"))?;
        let batch: LoggedBatch = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error.to_string()))?;
        if batch.first_leaf != at || batch.count == 0 || batch.count > size - at {
            return Err(damaged(&path, format!("it says {} records from leaf {}", batch.count, batch.first_leaf)));
        }
        at += batch.count;
        batches.push(batch);
    }
    Ok(batches)
}

/// Every hash tile is what the records make it.
async fn check_tiles(store: &Store, size: u64, hashes: &Hashes, entries: &[Vec<u8>]) -> Result<(), LogError> {
    for tile in Tile::new_tiles(HEIGHT, 0, size) {
        let path = layout::tile_path(&tile);
        let bytes = store.get(&path).await?.ok_or_else(|| damaged(&path, "it is missing"))?;
        let expected = tile.read_data(hashes).map_err(super::tree::tree_error)?;
        if bytes[..] != expected {
            let reason = match first_difference(&tile, &bytes, entries) {
                Some(leaf) => {
                    format!("its hash of leaf {leaf} and the record in tile/entries disagree; one of them was changed")
                }
                None => "its hashes are not those of the records".into(),
            };
            return Err(damaged(path, reason));
        }
    }
    Ok(())
}

fn first_difference(tile: &Tile, bytes: &[u8], entries: &[Vec<u8>]) -> Option<u64> {
    let first = tile.level_index() * layout::WIDTH;
    let hashes = bytes.chunks(32);
    let records = entries.iter().skip(usize::try_from(first).ok()?);
    let differs = |(hash, record): (&[u8], &Vec<u8>)| record_hash(record) != Hash(hash.try_into().unwrap_or_default());
    let at = hashes.zip(records).position(differs)?;
    (tile.level() == 0).then_some(first + at as u64)
}

/// Every record is signed for by a platform that has its model, and no id of a platform comes twice.
fn check_batches(
    batches: &[LoggedBatch],
    entries: &[Vec<u8>],
    platforms: &[Platform],
    hashes: &Hashes,
) -> Result<Vec<Leaf>, LogError> {
    let mut leaves = Vec::with_capacity(entries.len());
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for batch in batches {
        let path = layout::batch_path(batch.first_leaf);
        if !names.insert((&batch.platform, &batch.batch_id)) {
            return Err(damaged(path, format!("batch {:?} is there twice", batch.batch_id)));
        }
        // What senders were answered.
        let published = batch.first_leaf + batch.count <= batch.tree_size;
        if !published || hashes.root(batch.tree_size).ok().is_none_or(|root| root.0 != batch.root) {
            return Err(damaged(
                path,
                format!("the log never had the root {} it was answered with", hex0x(&batch.root)),
            ));
        }
        let records = &entries[batch.first_leaf as usize..(batch.first_leaf + batch.count) as usize];
        let record_hashes: Vec<[u8; 32]> = records.iter().map(|record| sha256(record)).collect();
        let signed = batch_signing_bytes(&batch.platform, &batch.batch_id, &record_hashes);
        let registered =
            |platform: &&Platform| platform.slug == batch.platform && platform.public_key == batch.public_key;
        let models: BTreeSet<&String> =
            platforms.iter().filter(registered).flat_map(|platform| &platform.models).collect();
        if models.is_empty() {
            return Err(damaged(path, format!("its key is not registered for {}", batch.platform)));
        }
        if batch.digest != sha256(&signed) || !signature_is_valid(&batch.public_key, &signed, &batch.signature) {
            return Err(damaged(path, format!("{}'s signature is not over these records", batch.platform)));
        }
        for (at, bytes) in records.iter().enumerate() {
            let leaf = |reason: &str| damaged(format!("leaf {}", batch.first_leaf + at as u64), reason);
            let record = UsageRecord::from_bytes(bytes).map_err(|error| leaf(record_error(error)))?;
            if !models.contains(&model_of(&record).to_owned()) {
                return Err(leaf(&format!("its model {:?} is not {}'s", model_of(&record), batch.platform)));
            }
            if !ids.entry(&batch.platform).or_default().insert(id_of(&record).to_owned()) {
                return Err(leaf(&format!("its id {:?} was used before", id_of(&record))));
            }
            leaves.push(Leaf { platform: batch.platform.clone(), record });
        }
    }
    Ok(leaves)
}
