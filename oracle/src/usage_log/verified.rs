//! A log that was checked from its signatures down to every record.

use std::{path::Path, sync::Arc};

use tlog_tiles::{Hash, Tile, record_hash};
use yieldset_rules::{
    report::LogCheckpoint,
    usage::{UsageRecord, batch_signing_bytes},
};

use super::{
    LogError, LogInfo,
    distinct::Distinct,
    id_of,
    index::{batch_key, id_key},
    journal::LoggedBatch,
    layout::{self, CHECKPOINT, HEIGHT, WIDTH},
    model_of,
    note::{self, Cosigned},
    platforms::Platforms,
    pruned::{self, Entry, Pruned},
    signature_is_valid,
    store::Store,
    stream::{Batches, bundle_of, damaged, read_bundle},
    tiles::{Edge, FullTile, Tree, read_tile},
};
use crate::{hex0x, sha256};

/// How often a log that grows meanwhile is read anew.
const ATTEMPTS: usize = 5;

/// Keys that a reader expects, from elsewhere than the log's own folder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pins {
    /// The log's public key.
    pub log: Option<[u8; 32]>,
    /// The public key of a witness that must have cosigned.
    pub witness: Option<[u8; 32]>,
}

/// One record, with who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its index in the log.
    pub leaf: u64,
    /// Who signed for it.
    pub platform: String,
    /// The record.
    pub record: UsageRecord,
}

/// A log whose checkpoint is signed and cosigned, whose tiles lead to its root, whose records are all signed by their
/// platforms. [`VerifiedLog::read`] is the only way to one. Its records stay on the disk.
#[derive(Debug)]
pub struct VerifiedLog {
    info: LogInfo,
    checkpoint: String,
    cosigned: Vec<Cosigned>,
    store: Arc<Store>,
    tree: Tree,
    /// The records after the last full bundle, whose file the writer replaces.
    tail: Vec<Vec<u8>>,
    platforms: Platforms,
    pruned: Option<Pruned>,
}

impl VerifiedLog {
    /// Reads a log and checks everything. It may be written to meanwhile.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::UnexpectedKey`], [`LogError::NotWitnessed`], [`LogError::Checkpoint`], and
    /// [`LogError::Damaged`] with the file or leaf.
    pub async fn read(dir: &Path, pins: Pins) -> Result<Self, LogError> {
        let info = LogInfo::load(dir)?;
        if let Some(expected) = pins.log.filter(|expected| *expected != info.log_key) {
            return Err(LogError::UnexpectedKey { got: hex0x(&info.log_key), expected: hex0x(&expected) });
        }
        let store = Arc::new(Store::local(dir)?);
        let mut seen = (checkpoint(&store)?, Pruned::load(&store, &info)?);
        let mut attempts = 1;
        let log = loop {
            match Self::read_at(dir, &store, &info, &seen) {
                Ok(log) => break log,
                // The writer deletes partial tiles of older checkpoints, and old entries go: is this old by now?
                Err(error) => match (checkpoint(&store)?, Pruned::load(&store, &info)?) {
                    newer if newer == seen || attempts == ATTEMPTS => return Err(error),
                    newer => seen = newer,
                },
            }
            attempts += 1;
        };
        match pins.witness.filter(|key| log.cosigned.iter().all(|cosigned| cosigned.key != *key)) {
            Some(absent) => Err(LogError::NotWitnessed(hex0x(&absent))),
            None => Ok(log),
        }
    }

    fn read_at(
        dir: &Path,
        store: &Arc<Store>,
        info: &LogInfo,
        (bytes, pruned): &(Vec<u8>, Option<Pruned>),
    ) -> Result<Self, LogError> {
        let (checkpoint, cosigned) = note::open_witnessed(bytes, info)?;
        let size = checkpoint.size();
        let platforms = Platforms::load(dir, (&info.origin, &info.log_key))?;
        let tail = match size % WIDTH {
            0 => Vec::new(),
            _ => read_bundle(store, &bundle_of(size - 1, size))?,
        };
        let deleted = pruned::size_of(pruned.as_ref());
        if deleted > size {
            return Err(damaged(CHECKPOINT, format!("{deleted} records are deleted, and it has {size}")));
        }
        let mut pass = Pass::new(store, size);
        for batch in Batches::unchecked(store, size).with_tail(&tail).without(deleted) {
            let (batch, records) = batch?;
            pass.take(&batch, &records, &platforms)?;
        }
        let edge = pass.end()?;
        let root = edge.root()?;
        if root != *checkpoint.hash() {
            let reason =
                format!("its {size} records have root {}, signed was {}", hex0x(&root.0), hex0x(&checkpoint.hash().0));
            return Err(damaged(CHECKPOINT, reason));
        }
        let tree = Tree::new(Arc::clone(store), edge)?;
        let checkpoint = String::from_utf8_lossy(bytes).into_owned();
        let (info, store, pruned) = (info.clone(), Arc::clone(store), *pruned);
        Ok(Self { info, checkpoint, cosigned, store, tree, tail, platforms, pruned })
    }

    /// Name and keys.
    pub fn info(&self) -> &LogInfo {
        &self.info
    }

    /// The signed and cosigned note that all was checked against.
    pub fn checkpoint_note(&self) -> &str {
        &self.checkpoint
    }

    /// Which of the log's witnesses cosigned that note, and when; at least as many as the log says must.
    pub fn cosigned(&self) -> &[Cosigned] {
        &self.cosigned
    }

    /// Whose keys signed them, and from which record on.
    pub fn platforms(&self) -> &Platforms {
        &self.platforms
    }

    /// What the log states of entries that are deleted, if any are.
    pub fn pruned(&self) -> Option<&Pruned> {
        self.pruned.as_ref()
    }

    /// Its files.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// How many records it has.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The checkpoint, as reports have it.
    ///
    /// # Errors
    /// [`LogError::Damaged`]; cannot happen.
    pub fn checkpoint(&self) -> Result<LogCheckpoint, LogError> {
        self.checkpoint_at(self.size())
    }

    /// The checkpoint that the log had when it was `size` records long.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it is shorter.
    pub fn checkpoint_at(&self, size: u64) -> Result<LogCheckpoint, LogError> {
        let root = self.tree.root_at(size)?.0;
        Ok(LogCheckpoint { origin: self.info.origin.clone(), size, root })
    }

    /// All records that are there, in order, read and checked anew: without those that are deleted.
    pub fn leaves(&self) -> Leaves<'_> {
        self.leaves_of(self.size())
    }

    /// The same of the log's first records.
    pub fn leaves_of(&self, size: u64) -> Leaves<'_> {
        Leaves { batches: self.stored(), platforms: &self.platforms, held: Vec::new().into_iter(), size }
    }

    fn stored(&self) -> Batches<'_> {
        let deleted = pruned::size_of(self.pruned());
        Batches::of(&self.store, &self.tree, 0).with_tail(&self.tail).without(deleted)
    }

    /// The tree over its records.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The batches with their records' bytes, or with what stayed of them, in order, read and checked anew.
    pub fn batches(&self) -> impl Iterator<Item = Result<(LoggedBatch, Vec<Entry>), LogError>> + '_ {
        self.stored()
    }

    /// Proof that a leaf is in the log, for whoever has the checkpoint alone.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when there is no such leaf.
    pub fn prove(&self, leaf: u64) -> Result<Vec<[u8; 32]>, LogError> {
        Ok(self.tree.prove(leaf)?.into_iter().map(|hash| hash.0).collect())
    }
}

/// Records of a [`VerifiedLog`], a batch of them in memory at a time.
pub struct Leaves<'a> {
    batches: Batches<'a>,
    platforms: &'a Platforms,
    held: std::vec::IntoIter<Leaf>,
    /// Where it ends.
    size: u64,
}

impl Iterator for Leaves<'_> {
    type Item = Result<Leaf, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(leaf) = self.held.next() {
                return (leaf.leaf < self.size).then_some(Ok(leaf));
            }
            if self.batches.next_leaf() >= self.size {
                return None;
            }
            let checked = self.batches.next()?.and_then(|(batch, entries)| {
                let records = check_batch(&batch, &entries, self.platforms)?;
                let there = (batch.first_leaf..).zip(records).filter_map(|(leaf, record)| Some((leaf, record?)));
                let leaf = |(leaf, record)| Leaf { leaf, platform: batch.platform.clone(), record };
                Ok(there.map(leaf).collect::<Vec<_>>())
            });
            match checked {
                // Of some batches nothing is left.
                Ok(leaves) => self.held = leaves.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn checkpoint(store: &Store) -> Result<Vec<u8>, LogError> {
    store.get(CHECKPOINT)?.ok_or_else(|| damaged(CHECKPOINT, "it is missing"))
}

/// Looks at each batch of a log once, from the first on.
struct Pass<'a> {
    store: &'a Store,
    size: u64,
    edge: Edge,
    /// Size and root that the batches of the running group were answered with.
    answered: Option<(u64, [u8; 32])>,
    names: Distinct,
    ids: Distinct,
    /// Hashes of the records of a full bundle, by its number.
    hashes: Option<(u64, Vec<u8>)>,
}

impl<'a> Pass<'a> {
    fn new(store: &'a Store, size: u64) -> Self {
        let (names, ids) = (Distinct::new(), Distinct::new());
        Self { store, size, edge: Edge::default(), answered: None, names, ids, hashes: None }
    }

    fn take(&mut self, batch: &LoggedBatch, entries: &[Entry], platforms: &Platforms) -> Result<(), LogError> {
        let read = check_batch(batch, entries, platforms).map_err(|error| self.changed(entries).unwrap_or(error))?;
        let unkept = |error: std::io::Error| damaged("a temporary file", error.to_string());
        self.names.push(batch_key(&batch.platform, &batch.batch_id), batch.first_leaf).map_err(unkept)?;
        for (leaf, (entry, record)) in (batch.first_leaf..).zip(entries.iter().zip(&read)) {
            let id = match (entry, record) {
                (Entry::Deleted { id, .. }, _) => *id,
                (Entry::Whole(_), Some(record)) => id_key(&batch.platform, id_of(record)),
                (Entry::Whole(_), None) => continue,
            };
            self.ids.push(id, leaf).map_err(unkept)?;
        }
        let path = || layout::batch_path(batch.first_leaf);
        let never =
            || damaged(path(), format!("the log never had the root {} it was answered with", hex0x(&batch.root)));
        let answer = (batch.tree_size, batch.root);
        let possible = (batch.first_leaf + batch.count..=self.size).contains(&batch.tree_size);
        if !possible || self.answered.is_some_and(|before| before != answer) {
            return Err(never());
        }
        let (first, mut full) = (self.edge.size(), Vec::new());
        for (n, entry) in (first..).zip(entries) {
            let hash = match entry.bytes() {
                Some(record) => record_hash(record),
                None => self.hash_of(n)?,
            };
            self.edge.push(hash, &mut full);
            while let Some(tile) = full.pop() {
                self.check_full(&tile, n)?;
            }
        }
        self.answered = Some(answer).filter(|_| self.edge.size() < batch.tree_size);
        match self.answered.is_some() || self.edge.root()?.0 == batch.root {
            true => Ok(()),
            false => Err(never()),
        }
    }

    /// The hash of a record that is deleted: its tile has it, and the tiles above are compared with that.
    fn hash_of(&mut self, leaf: u64) -> Result<Hash, LogError> {
        let number = leaf / WIDTH;
        let hashes = match self.hashes.take().filter(|(held, _)| *held == number) {
            Some((_, hashes)) => hashes,
            None => read_tile(self.store, &Tile::new(HEIGHT, 0, number, WIDTH as u32, false))?,
        };
        let at = (leaf % WIDTH) as usize;
        let hash = hashes.as_chunks::<32>().0.get(at).copied().map(Hash);
        self.hashes = Some((number, hashes));
        hash.ok_or_else(|| damaged("tile/0", format!("it has no hash of leaf {leaf}")))
    }

    /// The first of the next records that the hash tiles do not know.
    fn changed(&self, entries: &[Entry]) -> Option<LogError> {
        let mut tile: Option<(u64, Vec<u8>)> = None;
        for (leaf, entry) in (self.edge.size()..).zip(entries) {
            let Some(record) = entry.bytes() else { continue };
            let number = leaf / WIDTH;
            if tile.as_ref().is_none_or(|(held, _)| *held != number) {
                let bundle = bundle_of(leaf, self.size);
                let of_hashes = Tile::new(HEIGHT, 0, number, bundle.width(), false);
                tile = Some((number, read_tile(self.store, &of_hashes).ok()?));
            }
            let at = (leaf % WIDTH) as usize;
            let (_, hashes) = tile.as_ref()?;
            if hashes.chunks(32).nth(at)? != record_hash(record).0 {
                let bundle = layout::tile_path(&bundle_of(leaf, self.size));
                return Some(damaged(bundle, format!("leaf {leaf} is not the record whose hash is in tile/0")));
            }
        }
        None
    }

    /// A tile's file is what the records make it, of which `last` is the newest.
    fn check_full(&self, (level, number, hashes): &FullTile, last: u64) -> Result<(), LogError> {
        let tile = Tile::new(HEIGHT, *level, *number, WIDTH as u32, false);
        self.check_tile(&tile, hashes, last + 1)
    }

    fn check_tile(&self, tile: &Tile, hashes: &[u8], end: u64) -> Result<(), LogError> {
        let there = read_tile(self.store, tile)?;
        if there == hashes {
            return Ok(());
        }
        let differs = there.chunks(32).zip(hashes.chunks(32)).position(|(one, other)| one != other);
        let leaf =
            differs.map(|at| tile.level_index() * WIDTH + at as u64).filter(|leaf| tile.level() == 0 && *leaf < end);
        let reason = match leaf {
            Some(leaf) => {
                format!("its hash of leaf {leaf} and the record in tile/entries disagree; one of them was changed")
            }
            None => "its hashes are not those of the records".into(),
        };
        Err(damaged(layout::tile_path(tile), reason))
    }

    /// Once all batches were taken.
    fn end(self) -> Result<Edge, LogError> {
        for (tile, hashes) in self.edge.tiles() {
            self.check_tile(&tile, hashes, self.size)?;
        }
        let unkept = |error: std::io::Error| damaged("a temporary file", error.to_string());
        if let Some(leaf) = self.names.twice().map_err(unkept)? {
            return Err(damaged(layout::batch_path(leaf), "a batch of this id is there twice"));
        }
        if let Some(leaf) = self.ids.twice().map_err(unkept)? {
            return Err(damaged(format!("leaf {leaf}"), "its id was used before"));
        }
        Ok(self.edge)
    }
}

/// A batch's records are signed for by the key that its platform has at that place of the log, and about its models;
/// those that are there, in their places.
fn check_batch(
    batch: &LoggedBatch,
    entries: &[Entry],
    platforms: &Platforms,
) -> Result<Vec<Option<UsageRecord>>, LogError> {
    let path = || layout::batch_path(batch.first_leaf);
    let hashes: Vec<[u8; 32]> = entries.iter().map(Entry::sha256).collect();
    let signed = batch_signing_bytes(&batch.platform, &batch.batch_id, &hashes);
    let leaf = batch.first_leaf;
    let Some(named) = platforms.at(&batch.platform, leaf).filter(|named| named.public_key == batch.public_key) else {
        let (key, platform) = (hex0x(&batch.public_key), &batch.platform);
        return Err(damaged(
            path(),
            format!("its key {key} is not the one that {platform} signs with at record {leaf}"),
        ));
    };
    if batch.digest != sha256(&signed) || !signature_is_valid(&batch.public_key, &signed, &batch.signature) {
        return Err(damaged(path(), format!("{}'s signature is not over these records", batch.platform)));
    }
    let mut read = Vec::with_capacity(entries.len());
    for (leaf, entry) in (batch.first_leaf..).zip(entries) {
        let Some(bytes) = entry.bytes() else {
            read.push(None);
            continue;
        };
        let record = super::decoded(leaf, bytes)?;
        if !named.models.iter().any(|model| model == model_of(&record)) {
            let reason = format!("its model {:?} is not {}'s", model_of(&record), batch.platform);
            return Err(damaged(format!("leaf {leaf}"), reason));
        }
        read.push(Some(record));
    }
    Ok(read)
}
