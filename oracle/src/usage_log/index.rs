//! Which batches and ids the log has: what the writer asks of each batch. It is made of the log's own files, kept so
//! that they need not be read again, and believed only where it fits them: `state/index.redb`.
//!
//! It says of which tree it is. What the log has beyond that tree is added when it is opened; an index of another tree,
//! or one whose checksums are wrong, is made anew. Ids are kept as the first half of a SHA-256, 24 bytes each with the
//! leaf, on the disk: in memory is a cache of fixed size.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use redb::{Builder, Database, Durability, ReadableDatabase, ReadableTableMetadata, TableDefinition};

use super::{LogError, id_of, journal::LoggedBatch, layout, pruned::Entry, store::Store, stream::Batches, tiles::Tree};
use crate::sha256;

/// By the batch's name: its first leaf.
const BATCHES: TableDefinition<'_, [u8; 16], u64> = TableDefinition::new("batches");
/// By the platform and the id: the record's leaf.
const IDS: TableDefinition<'_, [u8; 16], u64> = TableDefinition::new("ids");
/// Of which tree it is.
const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
/// What it may keep in memory.
const CACHE: usize = 64 << 20;
/// Records that are added between two flushes when it is made anew.
const STRETCH: u64 = 1 << 17;
/// Where it is.
const FILE: &str = "state/index.redb";

/// What a platform's id is known by: ids that count as one have one key.
pub(super) fn id_key(platform: &str, id: &str) -> [u8; 16] {
    first_half(sha256(format!("{platform}\n{}", super::bounds::same_call(id)).as_bytes()))
}

/// What a batch is known by.
pub(super) fn batch_key(platform: &str, batch_id: &str) -> [u8; 16] {
    first_half(sha256(format!("{platform}\n{batch_id}").as_bytes()))
}

fn first_half(hash: [u8; 32]) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

/// The tree that an index is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    /// Its records.
    pub size: u64,
    /// Its root.
    pub root: [u8; 32],
    /// Its batches.
    pub batches: u64,
    /// The partial tiles of all trees smaller than this are deleted.
    pub swept: u64,
}

impl State {
    fn to_bytes(self) -> Vec<u8> {
        [&self.size.to_be_bytes()[..], &self.root, &self.batches.to_be_bytes(), &self.swept.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk::<8>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (batches, swept) = rest.split_first_chunk::<8>()?;
        let number = |bytes: &[u8; 8]| u64::from_be_bytes(*bytes);
        Some(Self { size: number(size), root: *root, batches: number(batches), swept: number(swept.try_into().ok()?) })
    }
}

/// The index of an open log.
#[derive(Debug)]
pub(super) struct Index {
    database: Database,
    store: Arc<Store>,
    state: State,
}

impl Index {
    /// The index of a tree, up to date, of whose first records so many are deleted. Of what it knew before only the
    /// rest is read.
    ///
    /// # Errors
    /// [`LogError::Store`] where it cannot be written, [`LogError::Damaged`] where the log's own files are wrong.
    pub(super) fn open(store: &Arc<Store>, tree: &Tree, pruned: u64) -> Result<Self, LogError> {
        let file = store.dir().join(FILE);
        let known = match file.exists() {
            true => Self::believed(store, &file, tree).map_err(|reason| {
                tracing::warn!(reason, "the log's index is not of this log as it is; it is made anew from the log");
            }),
            false => Err(()),
        };
        let mut index = match known {
            Ok(index) => index,
            Err(()) => Self::empty(store, &file)?,
        };
        index.catch_up(tree, pruned)?;
        Ok(index)
    }

    /// What is there, if it fits the tree; else why not.
    fn believed(store: &Arc<Store>, file: &Path, tree: &Tree) -> Result<Self, String> {
        let told = |error: &dyn Display| error.to_string();
        let database = builder().set_check_integrity_on_open(true).open(file).map_err(|error| told(&error))?;
        let reading = database.begin_read().map_err(|error| told(&error))?;
        let of = reading.open_table(STATE).map_err(|error| told(&error))?;
        let state = of.get("state").map_err(|error| told(&error))?.and_then(|bytes| State::from_bytes(bytes.value()));
        let state = state.ok_or("it does not say of which tree it is")?;
        let ids = reading.open_table(IDS).and_then(|table| Ok(table.len()?)).map_err(|error| told(&error))?;
        let batches = reading.open_table(BATCHES).and_then(|table| Ok(table.len()?)).map_err(|error| told(&error))?;
        drop(of);
        drop(reading);
        if state.size > tree.size() || tree.root_at(state.size).map_err(|error| told(&error))?.0 != state.root {
            return Err(format!("it is of another tree of {} records", state.size));
        }
        if (ids, batches) != (state.size, state.batches) {
            return Err(format!("it has {ids} of {} ids and {batches} of {} batches", state.size, state.batches));
        }
        Ok(Self { database, store: Arc::clone(store), state })
    }

    fn empty(store: &Arc<Store>, file: &Path) -> Result<Self, LogError> {
        let failed = |error: &dyn Display| LogError::Store(store.error(FILE)(error.to_string()));
        if let Some(folder) = file.parent() {
            crate::files::make_folder(folder, crate::files::Access::Private)?;
        }
        match fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&error)),
            _ => {}
        }
        let database = builder().create(file).map_err(|error| failed(&error))?;
        let root = tlog_tiles::EMPTY_HASH.0;
        let mut index =
            Self { database, store: Arc::clone(store), state: State { size: 0, root, batches: 0, swept: 0 } };
        index.write(&[], &[], index.state, true)?;
        Ok(index)
    }

    /// Adds what the tree has beyond the index, a stretch after the other.
    fn catch_up(&mut self, tree: &Tree, pruned: u64) -> Result<(), LogError> {
        let store = Arc::clone(&self.store);
        let mut batches = Batches::of(&store, tree, self.state.size).without(pruned);
        while self.state.size < tree.size() {
            let (mut names, mut ids, from) = (Vec::new(), Vec::new(), self.state.size);
            let mut size = from;
            while size < tree.size() && size - from < STRETCH {
                let Some(next) = batches.next() else { break };
                let (batch, entries) = next?;
                names.push((batch_key(&batch.platform, &batch.batch_id), batch.first_leaf));
                for (leaf, entry) in (batch.first_leaf..).zip(&entries) {
                    let id = match entry {
                        Entry::Whole(bytes) => id_key(&batch.platform, id_of(&super::decoded(leaf, bytes)?)),
                        Entry::Deleted { id, .. } => *id,
                    };
                    ids.push((id, leaf));
                }
                size += batch.count;
            }
            let (root, batches) = (tree.root_at(size)?.0, self.state.batches + names.len() as u64);
            self.write(&names, &ids, State { size, root, batches, ..self.state }, true)?;
        }
        Ok(())
    }

    /// Of which tree it is.
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Looks batches and ids up.
    ///
    /// # Errors
    /// [`LogError::Store`].
    pub(super) fn look_up(&self) -> Result<LookUp, LogError> {
        let reading = self.database.begin_read().map_err(|error| self.failed(&error))?;
        let batches = reading.open_table(BATCHES).map_err(|error| self.failed(&error))?;
        let ids = reading.open_table(IDS).map_err(|error| self.failed(&error))?;
        Ok(LookUp { batches, ids, store: Arc::clone(&self.store) })
    }

    /// Adds batches, whose records' keys are `ids`, that lead to a tree of this root. It need not reach the disk yet.
    ///
    /// # Errors
    /// [`LogError::Store`].
    pub(super) fn add(
        &mut self,
        batches: &[LoggedBatch],
        ids: &[([u8; 16], u64)],
        root: [u8; 32],
    ) -> Result<(), LogError> {
        let names: Vec<_> =
            batches.iter().map(|batch| (batch_key(&batch.platform, &batch.batch_id), batch.first_leaf)).collect();
        let (size, count) = (self.state.size + ids.len() as u64, self.state.batches + names.len() as u64);
        self.write(&names, ids, State { size, root, batches: count, ..self.state }, false)
    }

    /// Flushes all of it. Every partial tile of trees smaller than `swept` is deleted.
    ///
    /// # Errors
    /// [`LogError::Store`].
    pub(super) fn settle(&mut self, swept: u64) -> Result<(), LogError> {
        self.write(&[], &[], State { swept, ..self.state }, true)
    }

    fn write(
        &mut self,
        names: &[([u8; 16], u64)],
        ids: &[([u8; 16], u64)],
        state: State,
        durable: bool,
    ) -> Result<(), LogError> {
        let told = self.store.change(FILE)?;
        let written = || -> Result<(), redb::Error> {
            let mut writing = self.database.begin_write()?;
            writing.set_durability(if durable { Durability::Immediate } else { Durability::None })?;
            {
                let mut table = writing.open_table(BATCHES)?;
                for (key, leaf) in names {
                    table.insert(key, leaf)?;
                }
                let mut table = writing.open_table(IDS)?;
                for (key, leaf) in ids {
                    table.insert(key, leaf)?;
                }
                writing.open_table(STATE)?.insert("state", state.to_bytes().as_slice())?;
            }
            Ok(writing.commit()?)
        };
        written().map_err(|error| self.failed(&error))?;
        self.state = state;
        Ok(told?)
    }

    fn failed(&self, error: &dyn Display) -> LogError {
        LogError::Store(self.store.error(FILE)(error.to_string()))
    }

    /// Has the next start make it anew: what it says is not what the log has.
    pub(super) fn discard(&self) -> PathBuf {
        let file = self.store.dir().join(FILE);
        if let Err(error) = fs::remove_file(&file) {
            tracing::warn!(%error, file = %file.display(), "the index is wrong, and cannot be deleted; delete it");
        }
        file
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

/// Answers of the index at one time.
pub(super) struct LookUp {
    batches: redb::ReadOnlyTable<[u8; 16], u64>,
    ids: redb::ReadOnlyTable<[u8; 16], u64>,
    store: Arc<Store>,
}

impl LookUp {
    /// A batch of this name, as it was logged.
    ///
    /// # Errors
    /// [`LogError::Store`]; [`LogError::Damaged`] where the index names another batch's place.
    pub(super) fn batch(&self, platform: &str, batch_id: &str) -> Result<Option<LoggedBatch>, LogError> {
        let found = self.batches.get(batch_key(platform, batch_id)).map_err(|error| self.failed(&error))?;
        let Some(leaf) = found.map(|leaf| leaf.value()) else { return Ok(None) };
        let path = layout::batch_path(leaf);
        let batch: Option<LoggedBatch> = self.store.get(&path)?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match batch.filter(|batch| batch.platform == platform && batch.batch_id == batch_id) {
            Some(batch) => Ok(Some(batch)),
            None => Err(LogError::Damaged { what: FILE.into(), reason: format!("{path} is another batch") }),
        }
    }

    /// The leaf that has a key of [`id_key`].
    ///
    /// # Errors
    /// [`LogError::Store`].
    pub(super) fn id(&self, key: &[u8; 16]) -> Result<Option<u64>, LogError> {
        let found = self.ids.get(key).map_err(|error| self.failed(&error))?;
        Ok(found.map(|leaf| leaf.value()))
    }

    fn failed(&self, error: &dyn Display) -> LogError {
        LogError::Store(self.store.error(FILE)(error.to_string()))
    }
}
