//! The log's tree as its tiles. In memory is its right edge, one unfinished tile a level, and a cache of full tiles;
//! all else is read from the files, and checked against the root on the way.

use std::{
    cell::RefCell,
    num::NonZeroUsize,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use lru::LruCache;
use tlog_tiles::{
    Error, Hash, HashReader, RecordProof, Tile, TreeProof, node_hash, prove_record, prove_tree,
    split_stored_hash_index, tree_hash,
};

use super::{
    LogError,
    layout::{self, HEIGHT, WIDTH},
    store::Store,
};

/// Bytes of a hash.
const HASH: usize = 32;
/// Full tiles that a tree keeps in memory once they were read and checked: half a million records, 32 MiB.
const KEPT_TILES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2_047);

/// What is wrong with a tree that cannot be computed.
fn tree_error(error: &Error) -> LogError {
    LogError::Damaged { what: "the tree".into(), reason: error.to_string() }
}

/// A tile that is full: its level, its number in the level, its hashes.
pub type FullTile = (u8, u64, Vec<u8>);

/// The right edge of a tree: what the next record is added to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// By level, the hashes of the tile that is not full yet.
    levels: Vec<Vec<u8>>,
}

impl Edge {
    /// Records in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a record by its hash. Tiles that are full then go to `full`.
    pub fn push(&mut self, record: Hash, full: &mut Vec<FullTile>) {
        let mut hash = record;
        for level in 0u8.. {
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            self.levels[at].extend(hash.0);
            if self.levels[at].len() < WIDTH as usize * HASH {
                break;
            }
            let tile = std::mem::take(&mut self.levels[at]);
            hash = Tile::subtree_hash(&tile);
            full.push((level, self.number(level), tile));
        }
        self.size += 1;
    }

    /// Root of the tree.
    ///
    /// # Errors
    /// [`LogError::Damaged`]; cannot happen.
    pub fn root(&self) -> Result<Hash, LogError> {
        tree_hash(self.size, self).map_err(|error| tree_error(&error))
    }

    /// The unfinished tiles, with their hashes.
    pub fn tiles(&self) -> impl Iterator<Item = (Tile, &[u8])> {
        let unfinished = (0u8..).zip(&self.levels).filter(|(_, hashes)| !hashes.is_empty());
        unfinished.map(|(level, hashes)| {
            // Fewer than a full tile's.
            let width = (hashes.len() / HASH) as u32;
            (Tile::new(HEIGHT, level, self.number(level), width, false), &hashes[..])
        })
    }

    /// The number of the level's unfinished tile.
    fn number(&self, level: u8) -> u64 {
        self.size.checked_shr(u32::from(HEIGHT) * (u32::from(level) + 1)).unwrap_or(0)
    }

    /// The unfinished tiles of a tree of this size, as the files have them; whether they lead to a root is for the
    /// caller to look at.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when one is missing or has another length.
    pub fn load(store: &Store, size: u64) -> Result<Self, LogError> {
        let mut edge = Self { size, levels: Vec::new() };
        for level in 0..u8::MAX / HEIGHT {
            let hashes = size.checked_shr(u32::from(HEIGHT) * u32::from(level)).unwrap_or(0);
            if hashes == 0 {
                break;
            }
            let width = (hashes % WIDTH) as u32;
            edge.levels.push(match width {
                0 => Vec::new(),
                _ => read_tile(store, &Tile::new(HEIGHT, level, hashes / WIDTH, width, false))?,
            });
        }
        Ok(edge)
    }
}

/// The tree's root needs the edge alone.
impl HashReader for Edge {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |&index: &u64| {
            let tile = Tile::from_index(HEIGHT, index);
            let hashes = self.levels.get(usize::from(tile.level())).ok_or(Error::IndexesNotInTree)?;
            let width = (hashes.len() / HASH) as u32;
            match tile.level_index() == self.number(tile.level()) && tile.width() <= width {
                true => Tile::new(HEIGHT, tile.level(), tile.level_index(), width, false).hash_at_index(hashes, index),
                false => Err(Error::IndexesNotInTree),
            }
        };
        indexes.iter().map(hash).collect()
    }
}

/// A hash tile's file.
///
/// # Errors
/// [`LogError::Damaged`] when it is missing or has another length.
pub fn read_tile(store: &Store, tile: &Tile) -> Result<Vec<u8>, LogError> {
    let path = layout::tile_path(tile);
    let damaged = |reason: &str| LogError::Damaged { what: path.clone(), reason: reason.into() };
    let bytes = store.get(&path)?.ok_or_else(|| damaged("it is missing"))?;
    match bytes.len() == tile.width() as usize * HASH {
        true => Ok(bytes),
        false => Err(damaged(&format!("it does not hold {} hashes", tile.width()))),
    }
}

/// A tile's hashes, and those of the subtrees above them within the tile.
#[derive(Debug)]
struct Nodes {
    hashes: Vec<Hash>,
    /// By height in the tile, where its hashes begin.
    starts: [usize; HEIGHT as usize + 2],
}

impl Nodes {
    /// Of a tile's content.
    fn of(content: &[u8]) -> Self {
        let mut hashes: Vec<Hash> = content.as_chunks::<HASH>().0.iter().copied().map(Hash).collect();
        let mut starts = [0; HEIGHT as usize + 2];
        for height in 0..=usize::from(HEIGHT) {
            let end = hashes.len();
            starts[height + 1] = end;
            if height < usize::from(HEIGHT) {
                for pair in (starts[height]..end - (end - starts[height]) % 2).step_by(2) {
                    hashes.push(node_hash(hashes[pair], hashes[pair + 1]));
                }
            }
        }
        Self { hashes, starts }
    }

    /// The hash over so many of the tile's.
    fn at(&self, height: u8, number: u64) -> Option<Hash> {
        let (from, to) = (self.starts[usize::from(height)], self.starts[usize::from(height) + 1]);
        self.hashes[from..to].get(usize::try_from(number).ok()?).copied()
    }

    /// The tile's own hashes.
    fn content(&self) -> &[Hash] {
        &self.hashes[..self.starts[1]]
    }

    /// The hash over all of a full tile.
    fn root(&self) -> Option<Hash> {
        self.at(HEIGHT, 0)
    }
}

/// Full tiles that lead to the root, by level and number.
type Kept = Arc<Mutex<LruCache<(u8, u64), Arc<Nodes>>>>;

/// A tree of a known root, of whose hashes none is believed that does not lead to it.
#[derive(Debug, Clone)]
pub struct Tree {
    store: Arc<Store>,
    edge: Edge,
    root: Hash,
    kept: Kept,
    /// The edge's tiles by level, from the first proof on.
    unfinished: OnceLock<Vec<Arc<Nodes>>>,
}

impl Tree {
    /// The tree with this edge, and its full tiles in the store.
    ///
    /// # Errors
    /// [`LogError::Damaged`]; cannot happen.
    pub fn new(store: Arc<Store>, edge: Edge) -> Result<Self, LogError> {
        Self::with(store, edge, Arc::new(Mutex::new(LruCache::new(KEPT_TILES))))
    }

    fn with(store: Arc<Store>, edge: Edge, kept: Kept) -> Result<Self, LogError> {
        let root = edge.root()?;
        Ok(Self { store, edge, root, kept, unfinished: OnceLock::new() })
    }

    /// The tree whose edge this one's has grown to: full tiles stay what they are.
    ///
    /// # Errors
    /// [`LogError::Damaged`]; cannot happen.
    pub(super) fn grown(&self, edge: Edge) -> Result<Self, LogError> {
        Self::with(Arc::clone(&self.store), edge, Arc::clone(&self.kept))
    }

    /// Records in it.
    pub fn size(&self) -> u64 {
        self.edge.size
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Its right edge.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Root of the first `size` records.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when there are fewer, or a tile does not lead to the tree's root.
    pub fn root_at(&self, size: u64) -> Result<Hash, LogError> {
        if size == self.edge.size {
            return Ok(self.root);
        }
        if size > self.edge.size {
            return Err(tree_error(&Error::IndexesNotInTree));
        }
        self.read(|hashes| tree_hash(size, hashes))
    }

    /// Proof that record `n` is in the tree.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it is not, or a tile does not lead to the tree's root.
    pub fn prove(&self, n: u64) -> Result<RecordProof, LogError> {
        self.read(|hashes| prove_record(self.edge.size, n, hashes))
    }

    /// Proof that the tree continues that of its first `from` records.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it does not, or a tile does not lead to the tree's root.
    pub fn prove_from(&self, from: u64) -> Result<TreeProof, LogError> {
        self.read(|hashes| prove_tree(self.edge.size, from, hashes))
    }

    /// Hashes of the records of a bundle.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when a tile does not lead to the tree's root.
    pub fn records_of(&self, bundle: &Tile) -> Result<Vec<Hash>, LogError> {
        let first = bundle.level_index() * WIDTH;
        let records = first..first + u64::from(bundle.width());
        let indexes: Vec<u64> = records.map(|n| tlog_tiles::stored_hash_index(0, n)).collect();
        self.read(|hashes| hashes.read_hashes(&indexes))
    }

    /// The hash tiles that are the tree: the full ones of each level, then the unfinished ones.
    pub fn hash_tiles(&self) -> impl Iterator<Item = Tile> + '_ {
        let levels = 0..u8::try_from(self.edge.levels.len()).unwrap_or(u8::MAX);
        let full = levels.flat_map(move |level| {
            (0..self.edge.number(level)).map(move |number| Tile::new(HEIGHT, level, number, WIDTH as u32, false))
        });
        full.chain(self.edge.tiles().map(|(tile, _)| tile))
    }

    /// The hashes of one of them.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when it does not lead to the tree's root.
    pub fn hashes_of(&self, tile: &Tile) -> Result<Vec<u8>, LogError> {
        Ok(self.nodes(tile.level(), tile.level_index())?.content().iter().flat_map(|hash| hash.0).collect())
    }

    fn read<T>(&self, read: impl FnOnce(&Checked<'_>) -> Result<T, Error>) -> Result<T, LogError> {
        let hashes = Checked { tree: self, failed: RefCell::default() };
        let result = read(&hashes);
        result.map_err(|error| hashes.failed.take().unwrap_or_else(|| tree_error(&error)))
    }

    /// A tile's hashes, each compared with the tile above, up to the edge. (`tlog_tiles`' own `TileHashReader` leaves
    /// some tiles out: it counts those that it begins with by subtrees, of which a tile may have many.)
    fn nodes(&self, level: u8, number: u64) -> Result<Arc<Nodes>, LogError> {
        if number == self.edge.number(level) {
            // The file may be gone by now: a longer log replaces it.
            let all = || self.edge.levels.iter().map(|hashes| Arc::new(Nodes::of(hashes))).collect();
            let unfinished = self.unfinished.get_or_init(all).get(usize::from(level)).cloned();
            return Ok(unfinished.unwrap_or_else(|| Arc::new(Nodes::of(&[]))));
        }
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nodes) = kept().get(&(level, number)) {
            return Ok(Arc::clone(nodes));
        }
        let tile = Tile::new(HEIGHT, level, number, WIDTH as u32, false);
        let nodes = Arc::new(Nodes::of(&read_tile(&self.store, &tile)?));
        let above = self.nodes(level + 1, number / WIDTH)?;
        if nodes.root().is_none() || nodes.root() != above.at(0, number % WIDTH) {
            let reason = "it does not lead to the tree's root".into();
            return Err(LogError::Damaged { what: layout::tile_path(&tile), reason });
        }
        kept().put((level, number), Arc::clone(&nodes));
        Ok(nodes)
    }
}

/// Hashes of a tree that lead to its root.
struct Checked<'a> {
    tree: &'a Tree,
    /// Why a tile could not be read: the crate's error has no place for it.
    failed: RefCell<Option<LogError>>,
}

impl Checked<'_> {
    fn hash(&self, index: u64) -> Result<Hash, Error> {
        let (height, number) = split_stored_hash_index(index);
        let (level, height) = (height / HEIGHT, height % HEIGHT);
        let (tile, at) = (number >> (HEIGHT - height), number % (WIDTH >> height));
        if level >= u8::MAX / HEIGHT || tile > self.tree.edge.number(level) {
            return Err(Error::IndexesNotInTree);
        }
        let nodes = self.tree.nodes(level, tile).map_err(|error| {
            *self.failed.borrow_mut() = Some(error);
            Error::InvalidTile
        })?;
        nodes.at(height, at).ok_or(Error::IndexesNotInTree)
    }
}

impl HashReader for Checked<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        indexes.iter().map(|index| self.hash(*index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tlog_tiles::{EMPTY_HASH, check_record, check_tree, node_hash, record_hash};

    fn leaf(n: u64) -> Hash {
        record_hash(&n.to_be_bytes())
    }

    /// RFC 6962's definition, word for word, as the yardstick.
    fn merkle(first: u64, size: u64) -> Hash {
        match size {
            0 => EMPTY_HASH,
            1 => leaf(first),
            _ => {
                let left = size.next_power_of_two() / 2;
                node_hash(merkle(first, left), merkle(first + left, size - left))
            }
        }
    }

    /// Writes a tree's tiles as the log does, and gives its edge.
    fn written(store: &Store, size: u64) -> Edge {
        let (mut edge, mut full) = (Edge::default(), Vec::new());
        (0..size).for_each(|n| edge.push(leaf(n), &mut full));
        let write = |tile: &Tile, hashes: &[u8]| {
            let file = store.dir().join(layout::tile_path(tile));
            std::fs::create_dir_all(file.parent().expect("parent")).expect("made");
            std::fs::write(file, hashes).expect("written");
        };
        for (level, number, hashes) in &full {
            write(&Tile::new(HEIGHT, *level, *number, WIDTH as u32, false), hashes);
        }
        edge.tiles().for_each(|(tile, hashes)| write(&tile, hashes));
        edge
    }

    /// Proves ATT-3's tree: roots and proofs are RFC 6962's at every kind of size, also where a tile, or a tile of
    /// tiles, is just full; an edge read back is the one that was written.
    #[test]
    fn roots_and_proofs_are_rfc_6962s() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Arc::new(Store::local(folder.path()).expect("store"));
        for size in [0, 1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 66_000] {
            let edge = written(&store, size);
            assert_eq!(edge.root().expect("root"), merkle(0, size), "{size}");
            assert_eq!(Edge::load(&store, size).expect("loaded").root().expect("root"), merkle(0, size), "{size}");
            let tree = Tree::new(Arc::clone(&store), edge).expect("tree");
            for n in [0, 1, 254, 255, 256, size / 2, size.saturating_sub(1)].into_iter().filter(|n| *n < size) {
                check_record(&tree.prove(n).expect("proof"), size, tree.root(), n, leaf(n)).expect("in it");
                assert_eq!(tree.root_at(n + 1).expect("earlier"), merkle(0, n + 1), "{n} of {size}");
                let proof = tree.prove_from(n + 1).expect("proof");
                check_tree(&proof, size, tree.root(), n + 1, merkle(0, n + 1)).expect("consistent");
            }
            assert!(tree.prove(size).is_err() && tree.root_at(size + 1).is_err());
        }
    }

    /// A tile that was changed gives no hash and no proof, wherever it stands and whatever the tree's size: not by the
    /// changed hash, and not by another one of it.
    #[test]
    fn a_changed_tile_is_not_believed() {
        for size in [300, 512, 1_000, 1_023, 66_000] {
            let folder = tempfile::tempdir().expect("temporary folder");
            let store = Arc::new(Store::local(folder.path()).expect("store"));
            let edge = written(&store, size);
            // A reader keeps what it has checked: each of these is one that begins.
            let tree = || Tree::new(Arc::clone(&store), edge.clone()).expect("tree");
            for number in [0, 1, size / 256 - 1].into_iter().filter(|number| *number < size / 256) {
                let file = folder.path().join(format!("tile/0/{number:03}"));
                let good = std::fs::read(&file).expect("read");
                for at in [0, 40, 8_191] {
                    let mut bytes = good.clone();
                    bytes[at] ^= 1;
                    std::fs::write(&file, bytes).expect("changed");
                    for leaf in [0, 1, 128, 255] {
                        let error = tree().prove(number * 256 + leaf).expect_err("changed").to_string();
                        assert!(error.contains(&format!("tile/0/{number:03}")), "{error}");
                    }
                }
                std::fs::remove_file(&file).expect("removed");
                let error = tree().prove(number * 256).expect_err("gone").to_string();
                assert!(error.contains("it is missing"), "{error}");
                std::fs::write(&file, good).expect("restored");
                tree().prove(number * 256).expect("whole again");
            }
        }
    }
}
