//! The one writer of a log. The order of its writes is told in the parent module.

use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use ed25519_dalek::SigningKey;
use serde::Serialize;
use tlog_tiles::{EMPTY_HASH, Tile, record_hash};

use super::{
    BatchError, CheckedBatch, LogError, LogInfo, Platform, Platforms,
    bounds::same_call,
    id_of,
    index::{Index, id_key},
    journal::{Group, LoggedBatch},
    layout::{self, CHECKPOINT, HEIGHT, WIDTH},
    note,
    pruned::{self, Pruned},
    recovery,
    store::Store,
    stream,
    tiles::{FullTile, Tree},
    witnesses::Witnesses,
};
use crate::{
    files::{self, Access, hex_bytes},
    hex0x,
};

/// Groups between two flushes of what the journal already holds: what has to be done again after a crash, at most.
pub const SETTLE_GROUPS: usize = 64;

/// The answer to a batch: the same each time it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
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
    #[schema(value_type = String)]
    pub root: [u8; 32],
}

/// What readers see.
#[derive(Debug, Clone)]
pub struct Published {
    /// The tree.
    pub tree: Tree,
    /// The signed and cosigned checkpoint of it.
    pub checkpoint: Vec<u8>,
}

/// What readers see, replaced by the writer.
#[derive(Debug, Clone)]
pub struct SharedTree(Arc<RwLock<Arc<Published>>>);

impl SharedTree {
    fn new(published: Published) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(published))))
    }

    /// What readers see now.
    pub fn now(&self) -> Arc<Published> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, published: Published) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
    }
}

/// The log's files up to its last committed record.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) store: Arc<Store>,
    pub(super) tree: Tree,
    /// Records after the last full bundle.
    pub(super) tail: Vec<Vec<u8>>,
    /// Journals that must stay until everything else is flushed.
    pub(super) journals: Vec<String>,
    /// Partial tiles that wider ones have replaced. They stay a while for readers of the checkpoint before.
    pub(super) superseded: BTreeSet<String>,
}

/// The tree after more records, and the tiles that they filled.
pub(super) struct Grown {
    pub(super) tree: Tree,
    full: Vec<FullTile>,
}

impl Head {
    /// Step 1: the tree with these records.
    pub(super) fn grow(&self, records: &[Vec<u8>]) -> Result<Grown, LogError> {
        let (mut edge, mut full) = (self.tree.edge().clone(), Vec::new());
        records.iter().for_each(|record| edge.push(record_hash(record), &mut full));
        Ok(Grown { tree: self.tree.grown(edge)?, full })
    }

    /// Step 3: entries, tiles, batches.
    pub(super) async fn write(&mut self, group: Group, grown: Grown) -> Result<(), LogError> {
        let (before, size) = (group.first_leaf, grown.tree.size());
        let mut rest = std::mem::take(&mut self.tail);
        rest.extend(group.records);
        for bundle in layout::bundles(before, size) {
            let after = rest.split_off(bundle.width() as usize);
            self.store.put(&layout::tile_path(&bundle), layout::encode_bundle(&rest)).await?;
            self.tail = std::mem::replace(&mut rest, after);
        }
        if self.tail.len() as u64 == WIDTH {
            self.tail.clear();
        }
        for (level, number, hashes) in grown.full {
            let tile = Tile::new(HEIGHT, level, number, WIDTH as u32, false);
            self.store.put(&layout::tile_path(&tile), hashes).await?;
        }
        let kept = layout::partial_paths(size);
        for (tile, hashes) in grown.tree.edge().tiles() {
            let path = layout::tile_path(&tile);
            // What did not grow is there.
            if !layout::partial_paths(before).contains(&path) {
                self.store.put(&path, hashes.to_vec()).await?;
            }
        }
        for batch in &group.batches {
            let json = files::canonical_json(batch)
                .map_err(|error| LogError::Damaged { what: "a batch".into(), reason: error.to_string() })?;
            self.store.put(&layout::batch_path(batch.first_leaf), json).await?;
        }
        self.superseded.extend(layout::partial_paths(before).into_iter().filter(|path| !kept.contains(path)));
        self.tree = grown.tree;
        Ok(())
    }
}

/// A log that is open for writing, by this process alone.
#[derive(Debug)]
pub struct Log {
    info: LogInfo,
    key: SigningKey,
    witnesses: Witnesses,
    platforms: Vec<Platform>,
    head: Head,
    index: Index,
    published: SharedTree,
    /// The checkpoint of the head that the log signed, while too few witnesses have cosigned it.
    unpublished: Option<Vec<u8>>,
    /// The partial tiles of all trees smaller than this are deleted.
    swept: u64,
    /// How many of the first records are deleted.
    pruned: u64,
    stopped: Option<String>,
    _lock: File,
}

impl Log {
    /// Makes an empty log. Its witnesses cosign when it is first opened.
    ///
    /// # Errors
    /// [`LogError::Exists`], [`LogError::Origin`], [`LogError::Witnesses`], [`LogError::WrongKey`] where `info` names
    /// another key.
    pub fn create(dir: &Path, info: &LogInfo, key: &SigningKey) -> Result<(), LogError> {
        info.check()?;
        check_key(info, key)?;
        if files::is_there(&dir.join("log.json"))? {
            return Err(LogError::Exists { dir: dir.to_owned() });
        }
        let checkpoint = note::sign(info, 0, EMPTY_HASH, key)?;
        // The store makes its folders below as the umask says: so nobody else gets there.
        files::make_folder(dir, Access::Private)?;
        files::write(&dir.join(CHECKPOINT), &checkpoint.to_bytes(), Access::Published)?;
        // Last: what has no log.json is no log yet, and can be made again.
        Ok(files::write_json(&dir.join("log.json"), info)?)
    }

    /// Opens a log for writing, carrying through what a crash left, and has its witnesses cosign it as it is: a log
    /// that was put back to an older state is refused now, not when it has taken records.
    ///
    /// # Errors
    /// [`LogError::Locked`], [`LogError::WrongKey`], [`LogError::Damaged`], [`LogError::Checkpoint`],
    /// [`LogError::Claimed`], [`LogError::Witness`].
    pub async fn open(
        dir: &Path,
        platforms: Vec<Platform>,
        key: SigningKey,
        witnesses: Witnesses,
    ) -> Result<Self, LogError> {
        let info = LogInfo::load(dir)?;
        let Some(lock) = files::lock(&dir.join("lock"))? else {
            return Err(LogError::Locked { dir: dir.to_owned() });
        };
        check_key(&info, &key)?;
        let store = Arc::new(Store::local(dir)?);
        let (head, checkpoint) = recovery::head(&store, &info).await?;
        Platforms::check(dir, &platforms, (&info.origin, head.tree.size(), &key))?;
        let pruned = pruned::size_of(Pruned::load(&store, &info)?.as_ref());
        let index = Index::open(&store, &head.tree, pruned)?;
        recovery::sweep(&store, index.state().swept, head.tree.size())?;
        let published = SharedTree::new(Published { tree: head.tree.clone(), checkpoint: Vec::new() });
        let swept = head.tree.size();
        let mut log = Self {
            info,
            key,
            witnesses,
            platforms,
            head,
            index,
            published,
            unpublished: Some(checkpoint),
            swept,
            pruned,
            stopped: None,
            _lock: lock,
        };
        log.publish().await?;
        // Only now: a list that came with a start that failed would hold its mistakes for ever.
        Platforms::register(dir, &log.platforms, (&log.info.origin, swept, &log.key))?;
        log.settle().await?;
        Ok(log)
    }

    /// Name and keys.
    pub fn info(&self) -> &LogInfo {
        &self.info
    }

    /// Who may write.
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }

    /// How many of the first records are deleted.
    pub fn pruned(&self) -> u64 {
        self.pruned
    }

    /// What readers see, kept up to date.
    pub fn tree(&self) -> SharedTree {
        self.published.clone()
    }

    /// The files, for readers.
    pub fn store(&self) -> Arc<Store> {
        Arc::clone(&self.head.store)
    }

    /// Commits batches as one group, and gives an answer for each. A batch that is there already is answered as the
    /// first time.
    ///
    /// # Errors
    /// [`LogError::Store`]: nothing of the group was logged, send it again. [`LogError::Witness`]: it is logged once
    /// the witnesses are there, send it again. [`LogError::Stopped`]: it may have been; open the log again.
    pub async fn append(
        &mut self,
        group: Vec<CheckedBatch>,
    ) -> Result<Vec<Result<BatchReceipt, BatchError>>, LogError> {
        if let Some(reason) = &self.stopped {
            return Err(LogError::Stopped(reason.clone()));
        }
        // What waits for witnesses comes first: nothing is built on a root that they may refuse.
        if self.unpublished.is_some() {
            let published = self.publish().await;
            self.stop_unless_it_passes(published)?;
        }
        let planned = self.plan(group);
        let (plan, new) = match planned {
            Ok(planned) => planned,
            Err(error) => return Err(self.stop(&error)),
        };
        let receipts = if new.is_empty() { Vec::new() } else { self.commit(new).await? };
        if self.head.journals.len() >= SETTLE_GROUPS
            && let Err(error) = self.settle().await
        {
            // The group is in its journal, so its senders have their answer.
            self.stop(&error);
        }
        let answer = |planned: Planned| match planned {
            Planned::Answered(answer) => *answer,
            Planned::New(place) => Ok(receipts[place].clone()),
        };
        Ok(plan.into_iter().map(answer).collect())
    }

    /// Flushes everything.
    ///
    /// # Errors
    /// [`LogError::Store`]; nothing is lost, the journal has it.
    pub async fn close(mut self) -> Result<(), LogError> {
        match self.stopped.take() {
            Some(reason) => Err(LogError::Stopped(reason)),
            None => self.settle().await,
        }
    }

    /// Sorts out what is new. Within the group, too, a batch or an id counts once.
    fn plan(&self, group: Vec<CheckedBatch>) -> Result<(Vec<Planned>, Vec<New>), LogError> {
        let known = self.index.look_up()?;
        let mut new: Vec<New> = Vec::new();
        let mut ids = HashSet::new();
        let mut plan = Vec::new();
        for checked in group {
            let (platform, batch_id) = (checked.batch.platform.clone(), checked.batch.batch_id.clone());
            let conflict = BatchError::Conflict { batch_id: batch_id.clone(), platform: platform.clone() };
            if let Some(logged) = known.batch(&platform, &batch_id)? {
                let same = logged.digest == checked.digest;
                plan.push(Planned::answered(if same { Ok(receipt(&logged)) } else { Err(conflict) }));
                continue;
            }
            let same =
                |other: &New| other.checked.batch.platform == platform && other.checked.batch.batch_id == batch_id;
            if let Some(place) = new.iter().position(same) {
                let equal = new[place].checked.digest == checked.digest;
                plan.push(if equal { Planned::New(place) } else { Planned::answered(Err(conflict)) });
                continue;
            }
            if let Some(beyond) = checked.beyond.clone() {
                plan.push(Planned::answered(Err(beyond)));
                continue;
            }
            let keys: Vec<_> = checked.ids.iter().map(|id| id_key(&platform, id)).collect();
            let mut used = None;
            for (index, key) in keys.iter().enumerate() {
                let logged = known.id(key)?.map(|leaf| self.confirm(leaf, &checked.ids[index])).transpose()?;
                if logged.is_some() || ids.contains(key) {
                    used = Some(index);
                    break;
                }
            }
            if let Some(index) = used {
                let id = checked.ids[index].clone();
                plan.push(Planned::answered(Err(BatchError::DuplicateId { index, id, platform })));
                continue;
            }
            ids.extend(keys.iter().copied());
            plan.push(Planned::New(new.len()));
            new.push(New { checked, keys });
        }
        Ok((plan, new))
    }

    /// That the record at a leaf has this id, as the index says.
    fn confirm(&self, leaf: u64, id: &str) -> Result<(), LogError> {
        // The index has the ids of what is deleted, and nothing else does.
        if leaf < self.pruned {
            return Ok(());
        }
        let size = self.head.tree.size();
        let record = match leaf < size {
            true => {
                let bundle = stream::bundle_of(leaf, size);
                let records = stream::read_bundle(&self.head.store, &bundle)?;
                records.get((leaf % WIDTH) as usize).map(|bytes| super::decoded(leaf, bytes)).transpose()?
            }
            false => None,
        };
        match record.is_some_and(|record| same_call(id_of(&record)) == same_call(id)) {
            true => Ok(()),
            false => Err(stream::damaged("the index", format!("leaf {leaf} has not the id {id:?}"))),
        }
    }

    async fn commit(&mut self, new: Vec<New>) -> Result<Vec<BatchReceipt>, LogError> {
        let mut records = Vec::new();
        let mut batches: Vec<(CheckedBatch, Vec<[u8; 16]>)> = Vec::new();
        for New { mut checked, keys } in new {
            records.append(&mut checked.batch.records);
            batches.push((checked, keys));
        }
        let grown = self.head.grow(&records)?;
        let group = self.sign(&batches, records, &grown.tree)?;
        let receipts = group.batches.iter().map(receipt).collect();
        let path = layout::journal_path(group.first_leaf);
        // Should the file have got through although it is told otherwise, the next group of this size replaces it; and
        // its batches are not lost then, they were only not answered.
        self.head.store.put_durable(&path, group.to_bytes()?).await?;
        self.head.journals.push(path);
        let leaves = (group.first_leaf..).zip(batches.iter().flat_map(|(_, keys)| keys));
        let ids: Vec<_> = leaves.map(|(leaf, key)| (*key, leaf)).collect();
        let written = self.carry_through(group, grown, &ids).await;
        self.stop_unless_it_passes(written)?;
        Ok(receipts)
    }

    /// The log signs the root that the group leads to.
    fn sign(
        &self,
        batches: &[(CheckedBatch, Vec<[u8; 16]>)],
        records: Vec<Vec<u8>>,
        tree: &Tree,
    ) -> Result<Group, LogError> {
        let first_leaf = self.head.tree.size();
        let (mut at, mut logged) = (first_leaf, Vec::new());
        for (checked, ids) in batches {
            let count = ids.len() as u64;
            logged.push(LoggedBatch::new(checked, (at, count), (tree.size(), tree.root().0)));
            at += count;
        }
        let checkpoint = note::sign(&self.info, tree.size(), tree.root(), &self.key)?.to_bytes();
        Ok(Group {
            first_leaf,
            root_before: self.head.tree.root().0,
            checkpoint: String::from_utf8_lossy(&checkpoint).into_owned(),
            batches: logged,
            records,
        })
    }

    /// Steps 3 to 5.
    async fn carry_through(&mut self, group: Group, grown: Grown, ids: &[([u8; 16], u64)]) -> Result<(), LogError> {
        self.unpublished = Some(group.checkpoint.clone().into_bytes());
        self.index.add(&group.batches, ids, grown.tree.root().0)?;
        self.head.write(group, grown).await?;
        self.publish().await
    }

    /// Steps 4 and 5: the witnesses cosign, readers see.
    async fn publish(&mut self) -> Result<(), LogError> {
        let Some(signed) = &self.unpublished else { return Ok(()) };
        let checkpoint = self.witnesses.cosign(&self.info, signed, &self.head.tree).await?;
        self.head.store.put(CHECKPOINT, checkpoint.clone()).await?;
        self.published.replace(Published { tree: self.head.tree.clone(), checkpoint });
        self.unpublished = None;
        Ok(())
    }

    /// Step 7. What is not published stays in its journal, which alone has the root that was signed.
    async fn settle(&mut self) -> Result<(), LogError> {
        if self.unpublished.is_some() {
            return Ok(());
        }
        self.head.store.settle().await?;
        self.index.settle(self.swept)?;
        // Oldest first, and each forgotten only when it is gone: what is left is always the end of the log's history.
        while let Some(path) = self.head.journals.first() {
            self.head.store.delete(path).await?;
            self.head.journals.remove(0);
        }
        while let Some(path) = self.head.superseded.pop_first() {
            self.head.store.delete(&path).await?;
        }
        self.swept = self.head.tree.size();
        Ok(())
    }

    fn stop_unless_it_passes(&mut self, done: Result<(), LogError>) -> Result<(), LogError> {
        match done {
            Ok(()) => Ok(()),
            Err(LogError::Witness(error)) if error.passes() => Err(error.into()),
            Err(error) => Err(self.stop(&error)),
        }
    }

    fn stop(&mut self, error: &LogError) -> LogError {
        tracing::error!(%error, "the log stops; it will carry on from its journal when it is opened again");
        if matches!(error, LogError::Damaged { .. }) {
            self.index.discard();
        }
        self.stopped = Some(error.to_string());
        LogError::Stopped(error.to_string())
    }
}

/// A batch that the log has not.
struct New {
    checked: CheckedBatch,
    /// Of its records' ids.
    keys: Vec<[u8; 16]>,
}

enum Planned {
    Answered(Box<Result<BatchReceipt, BatchError>>),
    New(usize),
}

impl Planned {
    fn answered(answer: Result<BatchReceipt, BatchError>) -> Self {
        Self::Answered(Box::new(answer))
    }
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

pub(super) fn check_key(info: &LogInfo, key: &SigningKey) -> Result<(), LogError> {
    let got = key.verifying_key().to_bytes();
    match got == info.log_key {
        true => Ok(()),
        false => Err(LogError::WrongKey { got: hex0x(&got), expected: hex0x(&info.log_key) }),
    }
}
