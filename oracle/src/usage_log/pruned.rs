//! Entries that are deleted when they are old enough: nobody keeps what gives outputs' texts away for longer than the
//! log must (ATT-3, ATT-13).
//!
//! What goes are the entries of the log's first records, whole bundles of them. What stays: all hash tiles, and so each
//! checkpoint, root and proof, also for who has a record of their own; of each batch its sender, signature and the
//! SHA-256 of every record that was signed; keys of the ids, so that none comes twice; and training runs, whole, since
//! what a model read decides who earns for as long as it is used. What can be shown no more is that the deleted records
//! are the ones of these hashes, and what follows from them; whoever reads is told.
//!
//! # The order of writes, and why a crash is harmless
//!
//! 1. `kept/<first leaf>` is written for each batch that begins among what is to go, and flushed.
//! 2. `pruned.json` is written durably, signed by the log. **This is the deletion**: from then on nobody looks for
//!    these entries, whether they are there or not.
//! 3. Their bundles are deleted. What a crash leaves of them goes the next time.

use std::path::Path;

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use tlog_tiles::Tile;
use yieldset_rules::{
    licence::{DAY, RETENTION_DAYS},
    period::quarter_start,
    usage::UsageRecord,
};

use super::{
    LogError, LogInfo, VerifiedLog, id_of,
    index::id_key,
    journal::LoggedBatch,
    layout::{self, HEIGHT, WIDTH},
    signature_is_valid,
    store::Store,
    stream::damaged,
    verified::Pins,
    writer::check_key,
};
use crate::{
    compared::After,
    files::{self, hex_bytes},
    sha256,
};

/// The statement's file.
const FILE: &str = "pruned.json";
/// Domain tag of what the log signs of it.
const TAG: &[u8] = b"yieldset/log-pruned/v1\n";

/// `pruned.json`: the log's statement of which entries are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pruned {
    /// So many records, from the first on: a whole number of bundles.
    pub size: u64,
    /// Before which second each call among them was made (Unix seconds).
    pub before: u64,
    /// When that was stated, Unix seconds.
    pub at: u64,
    /// By the log's key: over the tag `yieldset/log-pruned/v1`, a line's end, and the canonical JSON of the log's
    /// origin and the values above.
    #[serde(with = "hex_bytes")]
    signature: [u8; 64],
}

/// What is signed.
#[derive(Serialize)]
struct Signed<'a> {
    origin: &'a str,
    size: u64,
    before: u64,
    at: u64,
}

impl Signed<'_> {
    fn bytes(&self) -> Vec<u8> {
        // Texts and integers always have a JSON.
        [TAG, &files::canonical_json(self).unwrap_or_default()].concat()
    }
}

impl Pruned {
    fn new(origin: &str, (size, before, at): (u64, u64, u64), key: &SigningKey) -> Self {
        let signature = key.sign(&Signed { origin, size, before, at }.bytes()).to_bytes();
        Self { size, before, at, signature }
    }

    #[cfg(test)]
    pub(super) fn for_tests(size: u64, before: u64) -> Self {
        Self { size, before, at: before, signature: [0; 64] }
    }

    /// A log's statement, if there is one.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where the log did not sign it, [`LogError::Store`].
    pub(super) fn load(store: &Store, info: &LogInfo) -> Result<Option<Self>, LogError> {
        let Some(bytes) = store.get(FILE)? else { return Ok(None) };
        let found: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(FILE, error.to_string()))?;
        let Self { size, before, at, signature } = found;
        let signed = Signed { origin: &info.origin, size, before, at }.bytes();
        match size.is_multiple_of(WIDTH) && signature_is_valid(&info.log_key, &signed, &signature) {
            true => Ok(Some(found)),
            false => Err(damaged(FILE, "the log did not sign it")),
        }
    }

    /// Whether calls may be among the deleted that count in a period's report: its own, those of periods that were
    /// passed over since the report before, or since the licence began, or late ones.
    pub fn reaches(&self, (period, began): (u32, u32), after: After) -> bool {
        let late = matches!(after, After::Report { log_size, .. } if log_size < self.size);
        quarter_start(after.waits_from(period, began)) < self.before || late
    }
}

/// How many of a log's first records are deleted.
pub(super) fn size_of(pruned: Option<&Pruned>) -> u64 {
    pruned.map_or(0, |pruned| pruned.size)
}

/// A record in its batch, or what stayed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Its canonical bytes.
    Whole(Vec<u8>),
    /// It is deleted.
    Deleted {
        /// SHA-256 of what it was, as its platform signed it.
        sha256: [u8; 32],
        /// What its id is known by.
        id: [u8; 16],
    },
}

impl Entry {
    /// The record, if it is there.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Deleted { .. } => None,
        }
    }

    /// SHA-256 of the record.
    pub fn sha256(&self) -> [u8; 32] {
        match self {
            Self::Whole(bytes) => sha256(bytes),
            Self::Deleted { sha256, .. } => *sha256,
        }
    }
}

/// `kept/<first leaf>`: what stays of a batch.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    records: Vec<KeptRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptRecord {
    #[serde(with = "hex_bytes")]
    sha256: [u8; 32],
    #[serde(with = "hex_bytes")]
    id: [u8; 16],
    /// A training run's canonical bytes, as hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
}

impl Kept {
    fn of(batch: &LoggedBatch, entries: &[Entry]) -> Result<Self, LogError> {
        let kept = |(leaf, entry): (u64, &Entry)| {
            let (sha256, bytes) = match entry {
                Entry::Deleted { sha256, id } => return Ok(KeptRecord { sha256: *sha256, id: *id, run: None }),
                Entry::Whole(bytes) => (sha256(bytes), bytes),
            };
            let record = super::decoded(leaf, bytes)?;
            let run = matches!(record, UsageRecord::TrainingRun(_)).then(|| hex::encode(bytes));
            Ok(KeptRecord { sha256, id: id_key(&batch.platform, id_of(&record)), run })
        };
        Ok(Self { records: (batch.first_leaf..).zip(entries).map(kept).collect::<Result<_, LogError>>()? })
    }

    /// What stayed of a batch.
    ///
    /// # Errors
    /// [`LogError::Damaged`], [`LogError::Store`].
    pub(super) fn read(store: &Store, batch: &LoggedBatch) -> Result<Self, LogError> {
        let path = layout::kept_path(batch.first_leaf);
        let bytes = store.get(&path)?.ok_or_else(|| damaged(&path, "it is missing"))?;
        let kept: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error.to_string()))?;
        match kept.records.len() as u64 == batch.count {
            true => Ok(kept),
            false => Err(damaged(&path, format!("it has {} records of {}", kept.records.len(), batch.count))),
        }
    }

    /// The first so many records.
    ///
    /// # Errors
    /// [`LogError::Damaged`].
    pub(super) fn entries(self, batch: &LoggedBatch, count: u64) -> Result<Vec<Entry>, LogError> {
        let entry = |KeptRecord { sha256, id, run }: KeptRecord| {
            let Some(run) = run else { return Ok(Entry::Deleted { sha256, id }) };
            let damaged = || damaged(layout::kept_path(batch.first_leaf), "a training run is not what was signed");
            let bytes = hex::decode(run).map_err(|_| damaged())?;
            match crate::sha256(&bytes) == sha256 {
                true => Ok(Entry::Whole(bytes)),
                false => Err(damaged()),
            }
        };
        let few = usize::try_from(count).unwrap_or(usize::MAX);
        self.records.into_iter().take(few).map(entry).collect()
    }
}

/// How many records a log has, and how many of them are deleted, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub records: u64,
    /// The first so many are deleted already.
    pub deleted: u64,
    /// The first so many are once [`prune`] has run.
    pub due: u64,
}

/// What [`prune`] would delete. Changes nothing.
///
/// # Errors
/// [`LogError::TooYoung`], and all of [`VerifiedLog::read`].
pub async fn counts(dir: &Path, (now, days): (u64, u64)) -> Result<Counts, LogError> {
    check_age(days)?;
    let log = VerifiedLog::read(dir, Pins::default()).await?;
    let due = size_after(&log, before(now, days))?;
    Ok(Counts { records: log.size(), deleted: size_of(log.pruned()), due })
}

/// Deletes the entries of a log's first records, as far as all calls among them are older than so many days, and states
/// it; what an earlier run left to delete goes in any case. The log must not be open for writing meanwhile. Answers
/// with what is deleted now.
///
/// # Errors
/// [`LogError::TooYoung`] for fewer days than a log keeps its records, [`LogError::Locked`], [`LogError::WrongKey`],
/// and all of [`VerifiedLog::read`]: what is not whole is not deleted.
pub async fn prune(dir: &Path, key: &SigningKey, (now, days): (u64, u64)) -> Result<Option<Pruned>, LogError> {
    check_age(days)?;
    let info = LogInfo::load(dir)?;
    check_key(&info, key)?;
    let Some(_lock) = files::lock(&dir.join("lock"))? else {
        return Err(LogError::Locked { dir: dir.to_owned() });
    };
    let log = VerifiedLog::read(dir, Pins::default()).await?;
    prune_in(&log, key, (now, days)).await
}

/// A log keeps its records for so long.
fn check_age(days: u64) -> Result<(), LogError> {
    match days < RETENTION_DAYS {
        true => Err(LogError::TooYoung { days }),
        false => Ok(()),
    }
}

/// Before which second calls are old enough.
fn before(now: u64, days: u64) -> u64 {
    now.saturating_sub(days.saturating_mul(DAY))
}

/// How many of the first records are deleted once all calls before a second are: whole bundles.
fn size_after(log: &VerifiedLog, before: u64) -> Result<u64, LogError> {
    Ok((end_of_old(log, before)? / WIDTH * WIDTH).max(size_of(log.pruned())))
}

/// The same of a log that was read, by whoever alone may write to it.
pub(super) async fn prune_in(
    log: &VerifiedLog,
    key: &SigningKey,
    (now, days): (u64, u64),
) -> Result<Option<Pruned>, LogError> {
    let info = log.info();
    let before = before(now, days);
    let known = size_of(log.pruned());
    let size = size_after(log, before)?;
    if size > known {
        keep(log, (known, size)).await?;
        let pruned = Pruned::new(&info.origin, (size, before, now), key);
        let json = files::canonical_json(&pruned).map_err(|error| damaged(FILE, error.to_string()))?;
        log.store().put_durable(FILE, json).await?;
    }
    for number in 0..size / WIDTH {
        // At most a thousand million bundles fit what a machine has.
        let bundle = Tile::new(HEIGHT, 0, number, WIDTH as u32, true);
        log.store().delete(&layout::tile_path(&bundle)).await?;
    }
    Pruned::load(log.store(), info)
}

/// The first leaf of a call that is not as old.
fn end_of_old(log: &VerifiedLog, before: u64) -> Result<u64, LogError> {
    for leaf in log.leaves() {
        let leaf = leaf?;
        if let UsageRecord::InferenceCall(call) = &leaf.record
            && call.at_ms / 1_000 >= before
        {
            return Ok(leaf.leaf);
        }
    }
    Ok(log.size())
}

/// Step 1: what stays of the batches that begin before `size`, of which those that end up to `known` are kept already.
async fn keep(log: &VerifiedLog, (known, size): (u64, u64)) -> Result<(), LogError> {
    for batch in log.batches() {
        let (batch, entries) = batch?;
        if batch.first_leaf >= size {
            break;
        }
        if batch.first_leaf.saturating_add(batch.count) <= known {
            continue;
        }
        let path = layout::kept_path(batch.first_leaf);
        let kept = files::canonical_json(&Kept::of(&batch, &entries)?);
        log.store().put(&path, kept.map_err(|error| damaged(&path, error.to_string()))?).await?;
    }
    Ok(log.store().settle().await?)
}
