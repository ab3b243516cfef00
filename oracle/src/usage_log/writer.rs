//! The one writer of a log. The order of its writes is told in the parent module.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    path::Path,
    sync::{Arc, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};

use ed25519_dalek::SigningKey;
use serde::Serialize;
use signed_note::{Note, is_key_name_valid};
use tlog_tiles::{EMPTY_HASH, Hash, Tile};
use yieldset_rules::usage::UsageRecord;

use super::{
    BatchError, CheckedBatch, LogError, LogInfo, Platform, id_of,
    journal::{Group, LoggedBatch},
    layout::{self, CHECKPOINT, HEIGHT, WIDTH},
    note,
    store::Store,
    tree::{Hashes, tree_error},
    verified,
    witness::Witness,
};
use crate::{
    files::{self, Access, hex_bytes},
    hex0x, sha256,
};

/// Groups between two flushes of what the journal already holds: what has to be done again after a crash, at most.
pub const SETTLE_GROUPS: usize = 64;

/// The answer to a batch: the same each time it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchReceipt {
    /// Who sent the batch.
    pub platform: String,
    /// Its id.
    pub batch_id: String,
    /// Index of its first record in the log.
    pub first_leaf: u64,
    /// How many records it has.
    pub records: u64,
    /// The first published size of the log that holds it.
    pub tree_size: u64,
    /// The root of that size.
    #[serde(with = "hex_bytes")]
    pub root: [u8; 32],
}

/// What readers see.
#[derive(Debug, Default)]
pub struct Tree {
    /// May hold more than `size` records while a group is on its way.
    pub hashes: Hashes,
    /// Published records.
    pub size: u64,
    /// Their root.
    pub root: [u8; 32],
    /// The signed and cosigned checkpoint of it.
    pub checkpoint: Vec<u8>,
}

/// A [`Tree`] that the writer changes and readers share.
pub type SharedTree = Arc<RwLock<Tree>>;

/// A log that is open for writing, by this process alone.
#[derive(Debug)]
pub struct Log {
    info: LogInfo,
    key: SigningKey,
    witness: Witness,
    platforms: Vec<Platform>,
    store: Arc<Store>,
    tree: SharedTree,
    /// Records after the last full bundle.
    tail: Vec<Vec<u8>>,
    batches: HashMap<(String, String), ([u8; 32], BatchReceipt)>,
    /// The first half of the SHA-256 of each id: a set of millions fits in memory.
    ids: HashSet<[u8; 16]>,
    /// Journals that must stay until everything else is flushed.
    journals: Vec<String>,
    /// Partial tiles that wider ones have replaced. They stay a while for readers of the checkpoint before.
    superseded: Vec<String>,
    stopped: Option<String>,
    _lock: File,
}

impl Log {
    /// Makes an empty log with a signed and cosigned checkpoint.
    ///
    /// # Errors
    /// [`LogError::Exists`], [`LogError::Origin`], [`LogError::Witness`] when the witness knows a longer log of this
    /// origin.
    pub async fn create(
        dir: &Path,
        origin: &str,
        key: &SigningKey,
        witness_key: SigningKey,
        witness_key_file: &Path,
    ) -> Result<LogInfo, LogError> {
        if !is_key_name_valid(origin) || origin.contains(char::is_control) {
            return Err(LogError::Origin(origin.to_owned()));
        }
        if dir.join("log.json").exists() {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        let mut witness = Witness::open(witness_key, witness_key_file, origin)?;
        let info = LogInfo {
            origin: origin.to_owned(),
            log_key: key.verifying_key().to_bytes(),
            witness: format!("{origin}/witness"),
            witness_key: witness.public_key(),
        };
        let mut checkpoint = note::sign(&info, 0, EMPTY_HASH, key)?;
        witness.cosign(&info, &mut checkpoint, &vec![], now())?;
        // The store makes its folders below as the umask says: so nobody else gets there.
        files::make_folder(dir, Access::Private)?;
        files::write(&dir.join(CHECKPOINT), &checkpoint.to_bytes(), Access::Published)?;
        // Last: what has no log.json is no log yet, and can be made again.
        files::write_json(&dir.join("log.json"), &info)?;
        Ok(info)
    }

    /// Opens a log for writing, carrying through what a crash left.
    ///
    /// # Errors
    /// [`LogError::Locked`], [`LogError::WrongKey`], [`LogError::Damaged`], [`LogError::Checkpoint`],
    /// [`LogError::Witness`].
    pub async fn open(
        dir: &Path,
        platforms: Vec<Platform>,
        key: SigningKey,
        witness_key: SigningKey,
        witness_key_file: &Path,
    ) -> Result<Self, LogError> {
        let info = LogInfo::load(dir)?;
        let Some(lock) = files::lock(&dir.join("lock"))? else {
            return Err(LogError::Locked { dir: dir.to_owned() });
        };
        for (whose, got, expected) in [
            ("log", key.verifying_key().to_bytes(), info.log_key),
            ("witness", witness_key.verifying_key().to_bytes(), info.witness_key),
        ] {
            if got != expected {
                return Err(LogError::WrongKey { whose, got: hex0x(&got), expected: hex0x(&expected) });
            }
        }
        register(dir, &platforms)?;
        let witness = Witness::open(witness_key, witness_key_file, &info.origin)?;
        let store = Arc::new(Store::local(dir)?);
        let mut log = Self {
            info,
            key,
            witness,
            platforms,
            store,
            tree: SharedTree::default(),
            tail: Vec::new(),
            batches: HashMap::new(),
            ids: HashSet::new(),
            journals: Vec::new(),
            superseded: Vec::new(),
            stopped: None,
            _lock: lock,
        };
        log.recover().await?;
        Ok(log)
    }

    /// Who may write.
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }

    /// What readers see, kept up to date.
    pub fn tree(&self) -> SharedTree {
        Arc::clone(&self.tree)
    }

    /// The files, for readers.
    pub fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// Commits batches as one group, and gives an answer for each. A batch that is there already is answered as the
    /// first time.
    ///
    /// # Errors
    /// [`LogError::Store`]: nothing of the group was logged, send it again. [`LogError::Stopped`]: it may have been;
    /// open the log again.
    pub async fn append(
        &mut self,
        group: Vec<CheckedBatch>,
    ) -> Result<Vec<Result<BatchReceipt, BatchError>>, LogError> {
        if let Some(reason) = &self.stopped {
            return Err(LogError::Stopped(reason.clone()));
        }
        let (plan, new) = self.plan(group);
        let receipts = if new.is_empty() { Vec::new() } else { self.commit(new).await? };
        if self.journals.len() >= SETTLE_GROUPS {
            // What was just committed is in the journal: a failure here is tried again with the next group.
            if let Err(error) = self.settle().await {
                tracing::warn!(%error, "the log's files could not be flushed; its journal keeps growing");
            }
        }
        let answer = |planned: Planned| match planned {
            Planned::Answered(answer) => answer,
            Planned::New(place) => Ok(receipts[place].clone()),
        };
        Ok(plan.into_iter().map(answer).collect())
    }

    /// Flushes everything.
    ///
    /// # Errors
    /// [`LogError::Store`]; nothing is lost, the journal has it.
    pub async fn close(mut self) -> Result<(), LogError> {
        self.settle().await
    }

    /// Sorts out what is new. Within the group, too, a batch or an id counts once.
    fn plan(&self, group: Vec<CheckedBatch>) -> (Vec<Planned>, Vec<CheckedBatch>) {
        let mut new: Vec<CheckedBatch> = Vec::new();
        let mut ids = HashSet::new();
        let mut plan = Vec::new();
        for checked in group {
            let (platform, batch_id) = (checked.batch.platform.clone(), checked.batch.batch_id.clone());
            let conflict = BatchError::Conflict { batch_id: batch_id.clone(), platform: platform.clone() };
            if let Some((digest, receipt)) = self.batches.get(&(platform.clone(), batch_id.clone())) {
                plan.push(Planned::Answered(if *digest == checked.digest {
                    Ok(receipt.clone())
                } else {
                    Err(conflict)
                }));
                continue;
            }
            let same = |other: &CheckedBatch| other.batch.platform == platform && other.batch.batch_id == batch_id;
            if let Some(place) = new.iter().position(same) {
                let equal = new[place].digest == checked.digest;
                plan.push(if equal { Planned::New(place) } else { Planned::Answered(Err(conflict)) });
                continue;
            }
            let keys: Vec<_> = checked.ids.iter().map(|id| id_key(&platform, id)).collect();
            if let Some(index) = keys.iter().position(|key| self.ids.contains(key) || ids.contains(key)) {
                let id = checked.ids[index].clone();
                plan.push(Planned::Answered(Err(BatchError::DuplicateId { index, id, platform })));
                continue;
            }
            ids.extend(keys);
            plan.push(Planned::New(new.len()));
            new.push(checked);
        }
        (plan, new)
    }

    async fn commit(&mut self, new: Vec<CheckedBatch>) -> Result<Vec<BatchReceipt>, LogError> {
        let size = self.size();
        let group = match self.prepare(&new) {
            Ok(group) => group,
            Err(error) => {
                self.write_tree(|tree| tree.hashes.truncate(size));
                return Err(error);
            }
        };
        let path = layout::journal_path(group.first_leaf);
        let written = match files::canonical_json(&group) {
            Ok(json) => self.store.put_durable(&path, json).await.map_err(LogError::from),
            Err(error) => Err(LogError::Damaged { what: path.clone(), reason: error.to_string() }),
        };
        if let Err(error) = written {
            // Should the file have got through all the same, the next group of this size replaces it; and its batches
            // are not lost then, they were only not answered.
            self.write_tree(|tree| tree.hashes.truncate(size));
            return Err(error);
        }
        self.journals.push(path);
        let records = new.iter().flat_map(|checked| checked.batch.records.iter().cloned()).collect();
        if let Err(error) = self.carry_through(&group, records).await {
            tracing::error!(%error, "the log stops; it will carry on from its journal when it is opened again");
            self.stopped = Some(error.to_string());
            return Err(LogError::Stopped(error.to_string()));
        }
        Ok(group.batches.iter().map(receipt).collect())
    }

    /// Step 1: the tree grows in memory, and the log signs its root.
    fn prepare(&self, new: &[CheckedBatch]) -> Result<Group, LogError> {
        let (first_leaf, root_before) = (self.size(), self.read_tree(|tree| tree.root));
        let records = new.iter().flat_map(|checked| &checked.batch.records);
        let (size, root) = self.grow(first_leaf, records)?;
        let mut batches = Vec::new();
        let mut at = first_leaf;
        for checked in new {
            batches.push(LoggedBatch::new(checked, at, size, root.0));
            at += checked.batch.records.len() as u64;
        }
        let checkpoint = note::sign(&self.info, size, root, &self.key)?.to_bytes();
        Ok(Group {
            first_leaf,
            root_before,
            checkpoint: String::from_utf8_lossy(&checkpoint).into_owned(),
            batches,
            records: new.iter().flat_map(|checked| checked.batch.records.iter().map(hex::encode)).collect(),
        })
    }

    fn grow<'a>(&self, first_leaf: u64, records: impl Iterator<Item = &'a Vec<u8>>) -> Result<(u64, Hash), LogError> {
        self.write_tree(|tree| {
            let mut size = first_leaf;
            for record in records {
                tree.hashes.push(size, record)?;
                size += 1;
            }
            Ok((size, tree.hashes.root(size)?))
        })
    }

    /// Steps 3 to 5.
    async fn carry_through(&mut self, group: &Group, records: Vec<Vec<u8>>) -> Result<(), LogError> {
        self.write_group(group, records).await?;
        self.publish(group).await
    }

    /// Step 3: entries, tiles, batches.
    async fn write_group(&mut self, group: &Group, records: Vec<Vec<u8>>) -> Result<(), LogError> {
        let (before, size) = (group.first_leaf, group.first_leaf + records.len() as u64);
        self.index(&group.batches, &records)?;
        let mut rest = std::mem::take(&mut self.tail);
        rest.extend(records);
        for bundle in layout::bundles(before, size) {
            let after = rest.split_off(bundle.width() as usize);
            self.store.put(&layout::tile_path(&bundle), layout::encode_bundle(&rest)).await?;
            self.tail = std::mem::replace(&mut rest, after);
        }
        if self.tail.len() as u64 == WIDTH {
            self.tail.clear();
        }
        for tile in Tile::new_tiles(HEIGHT, before, size) {
            let hashes = self.read_tree(|tree| tile.read_data(&tree.hashes)).map_err(tree_error)?;
            self.store.put(&layout::tile_path(&tile), hashes).await?;
        }
        for batch in &group.batches {
            let json = files::canonical_json(batch)
                .map_err(|error| LogError::Damaged { what: "a batch".into(), reason: error.to_string() })?;
            self.store.put(&layout::batch_path(batch.first_leaf), json).await?;
        }
        let kept = layout::partial_paths(size);
        self.superseded.extend(layout::partial_paths(before).into_iter().filter(|path| !kept.contains(path)));
        Ok(())
    }

    /// Steps 4 and 5: the witness cosigns, readers see.
    async fn publish(&mut self, group: &Group) -> Result<(), LogError> {
        let (note, size, root) = self.cosigned(group.checkpoint.as_bytes())?;
        let checkpoint = note.to_bytes();
        self.store.put(CHECKPOINT, checkpoint.clone()).await?;
        self.write_tree(|tree| (tree.size, tree.root, tree.checkpoint) = (size, root, checkpoint));
        Ok(())
    }

    /// Step 4: the witness's signature on a checkpoint of the log, with its size and root.
    fn cosigned(&mut self, checkpoint: &[u8]) -> Result<(Note, u64, [u8; 32]), LogError> {
        let (mut note, checkpoint) = note::open(checkpoint, &self.info)?;
        let (size, root, last) = (checkpoint.size(), checkpoint.hash().0, self.witness.last_size());
        let proof = match 0 < last && last < size {
            true => self.read_tree(|tree| tree.hashes.prove_from(size, last))?,
            false => Vec::new(),
        };
        self.witness.cosign(&self.info, &mut note, &proof, now())?;
        Ok((note, size, root))
    }

    /// Step 7.
    async fn settle(&mut self) -> Result<(), LogError> {
        self.store.settle().await?;
        // Oldest first, and each forgotten only when it is gone: what is left is always the end of the log's history.
        while let Some(path) = self.journals.first() {
            self.store.delete(path).await?;
            self.journals.remove(0);
        }
        while let Some(path) = self.superseded.pop() {
            self.store.delete(&path).await?;
        }
        Ok(())
    }

    /// Reads what is there, and does again what the journals say.
    async fn recover(&mut self) -> Result<(), LogError> {
        self.store.sweep()?;
        let groups = Group::read_all(&self.store).await?;
        let published = self.store.get(CHECKPOINT).await?;
        let (Some((_, first)), Some((_, last))) = (groups.first(), groups.last()) else {
            let missing = || LogError::Damaged { what: CHECKPOINT.into(), reason: "it is missing".into() };
            let bytes = published.ok_or_else(missing)?;
            let checkpoint = note::open_witnessed(&bytes, &self.info)?;
            self.read_back(checkpoint.size(), checkpoint.hash().0).await?;
            // A log that was put back to an older state is refused now, not when it has taken records.
            self.cosigned(&bytes)?;
            self.write_tree(|tree| tree.checkpoint = bytes.to_vec());
            return Ok(());
        };
        self.read_back(first.first_leaf, first.root_before).await?;
        for (path, group) in &groups {
            self.replay(path, group).await?;
        }
        // It may not have been flushed, so it need not be readable; but nothing was published that is not in the
        // journal.
        let now = self.size();
        let published = published.and_then(|bytes| note::open_witnessed(&bytes, &self.info).ok());
        if let Some(beyond) = published.map(|checkpoint| checkpoint.size()).filter(|size| *size > now) {
            let reason = format!("the checkpoint has {beyond} leaves, the journal ends at {now}");
            return Err(LogError::Damaged { what: "journal".into(), reason });
        }
        self.publish(last).await?;
        self.settle().await
    }

    async fn read_back(&mut self, size: u64, root: [u8; 32]) -> Result<(), LogError> {
        let records = verified::read_entries(&self.store, size).await?;
        let hashes = Hashes::of(&records)?;
        if hashes.root(size)?.0 != root {
            let reason = format!("the {size} records there are do not have the signed root {}", hex0x(&root));
            return Err(LogError::Damaged { what: "tile/entries".into(), reason });
        }
        let batches = verified::read_batches(&self.store, size).await?;
        self.index(&batches, &records)?;
        let whole = (size - size % WIDTH) as usize;
        self.tail = records[whole..].to_vec();
        self.write_tree(|tree| (tree.hashes, tree.size, tree.root) = (hashes, size, root));
        Ok(())
    }

    async fn replay(&mut self, path: &str, group: &Group) -> Result<(), LogError> {
        let (_, checkpoint) = note::open(group.checkpoint.as_bytes(), &self.info)?;
        let records = group.records()?;
        let (size, root) = match self.size() == group.first_leaf {
            true => self.grow(group.first_leaf, records.iter())?,
            false => (0, EMPTY_HASH),
        };
        if (size, root.0) != (checkpoint.size(), checkpoint.hash().0) {
            let reason = "its records do not lead to the root that was signed".to_owned();
            return Err(LogError::Damaged { what: path.to_owned(), reason });
        }
        tracing::info!(path, records = records.len(), "carrying through what was committed");
        self.write_group(group, records).await?;
        self.journals.push(path.to_owned());
        self.write_tree(|tree| (tree.size, tree.root) = (size, root.0));
        Ok(())
    }

    fn index(&mut self, batches: &[LoggedBatch], records: &[Vec<u8>]) -> Result<(), LogError> {
        let mut records = records.iter();
        for batch in batches {
            for record in records.by_ref().take(batch.count as usize) {
                let record = UsageRecord::from_bytes(record).map_err(|error| LogError::Damaged {
                    what: format!("a record of batch {:?}", batch.batch_id),
                    reason: super::record_error(error).into(),
                })?;
                self.ids.insert(id_key(&batch.platform, id_of(&record)));
            }
            let name = (batch.platform.clone(), batch.batch_id.clone());
            self.batches.insert(name, (batch.digest, receipt(batch)));
        }
        Ok(())
    }

    fn size(&self) -> u64 {
        self.read_tree(|tree| tree.size)
    }

    fn read_tree<T>(&self, read: impl FnOnce(&Tree) -> T) -> T {
        read(&self.tree.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    fn write_tree<T>(&self, write: impl FnOnce(&mut Tree) -> T) -> T {
        write(&mut self.tree.write().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

enum Planned {
    Answered(Result<BatchReceipt, BatchError>),
    New(usize),
}

fn receipt(batch: &LoggedBatch) -> BatchReceipt {
    BatchReceipt {
        platform: batch.platform.clone(),
        batch_id: batch.batch_id.clone(),
        first_leaf: batch.first_leaf,
        records: batch.count,
        tree_size: batch.tree_size,
        root: batch.root,
    }
}

fn id_key(platform: &str, id: &str) -> [u8; 16] {
    let hash = sha256(format!("{platform}\n{id}").as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Adds platforms to the log's own list, which only grows: whoever checks the log later needs the keys of then.
fn register(dir: &Path, platforms: &[Platform]) -> Result<(), LogError> {
    let file = dir.join("platforms.json");
    let mut known: Vec<Platform> = if file.exists() { files::read_json(&file)? } else { Vec::new() };
    let before = known.len();
    for platform in platforms {
        let claimed = |other: &&Platform| {
            other.slug != platform.slug && other.models.iter().any(|model| platform.models.contains(model))
        };
        if let Some(other) = known.iter().find(claimed) {
            return Err(LogError::Platforms(format!("{} claims a model of {}", platform.slug, other.slug)));
        }
        if !known.contains(platform) {
            known.push(platform.clone());
        }
    }
    if known.len() > before || !file.exists() {
        files::write_json(&file, &known)?;
    }
    Ok(())
}
