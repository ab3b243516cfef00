//! The blocks of a simulated chain, on all its branches, with what the contracts hold after each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use alloy_primitives::keccak256;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use rand::{SeedableRng, rngs::StdRng};
use yieldset_chain::{Address, B256, BlockRef, ContractEvent, Event, Head, WholeBlock};

use super::scene::Scene;
use crate::chain::{GENESIS_TIME, Model, START};

/// From one event of ours to the next in a block, so that others fit between without moving them.
const STRIDE: u32 = 16;

/// What strangers tell in a block of this height.
pub type Strangers = Box<dyn FnMut(u64) -> Vec<(Address, Event)> + Send>;

/// What a chain tells its nodes.
#[derive(Debug, Clone, Copy)]
pub enum Told {
    Best(Head),
    Final(Head),
}

#[derive(Clone)]
struct Grown {
    block: WholeBlock,
    scene: Scene,
}

struct Tree {
    blocks: HashMap<B256, Grown>,
    best: B256,
    finalised: B256,
    random: StdRng,
    strangers: Option<Strangers>,
    listeners: Vec<UnboundedSender<Told>>,
}

/// A chain. Clones are the same one.
#[derive(Clone)]
pub struct SimulatedChain(Arc<Mutex<Tree>>);

impl SimulatedChain {
    /// With a first block, which is final and in which the pool was made. The same seed and the same calls give the
    /// same chain.
    pub fn new(seed: u64) -> Self {
        Self::among(seed, None)
    }

    /// With events of strangers between the same ones of ours.
    pub fn among(seed: u64, strangers: Option<Strangers>) -> Self {
        let mut tree = Tree {
            blocks: HashMap::new(),
            best: B256::ZERO,
            finalised: B256::ZERO,
            random: StdRng::seed_from_u64(seed),
            strangers,
            listeners: Vec::new(),
        };
        let first = tree.grow(None);
        (tree.best, tree.finalised) = (first, first);
        Self(Arc::new(Mutex::new(tree)))
    }

    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it tells from now on.
    pub fn listen(&self) -> UnboundedReceiver<Told> {
        let (sender, receiver) = unbounded();
        self.tree().listeners.push(sender);
        receiver
    }

    /// Adds blocks, and tells of each.
    pub fn extend(&self, blocks: u64) {
        let tree = &mut *self.tree();
        for _ in 0..blocks {
            tree.best = tree.grow(Some(tree.best));
            tree.tell_best();
        }
    }

    /// Adds blocks, and tells of the last one only: the others are a gap.
    pub fn leap(&self, blocks: u64) {
        let tree = &mut *self.tree();
        for _ in 0..blocks {
            tree.best = tree.grow(Some(tree.best));
        }
        tree.tell_best();
    }

    /// Drops the best chain's last `depth` blocks for a branch of so many `blocks`, and tells of its head.
    pub fn fork(&self, depth: u64, blocks: u64) {
        let tree = &mut *self.tree();
        let ancestor = tree.below(tree.best, depth);
        let final_height = tree.at(tree.finalised).number;
        assert!(tree.at(ancestor).number >= final_height, "a fork of depth {depth} reaches below finality");
        tree.branch_off(ancestor, blocks);
        tree.tell_best();
    }

    /// As [`fork`](Self::fork) from below the last final block, and the branch's head is final instead of it.
    pub fn break_finality(&self, below: u64, blocks: u64) {
        let tree = &mut *self.tree();
        let ancestor = tree.below(tree.finalised, below);
        tree.branch_off(ancestor, blocks);
        tree.finalised = tree.best;
        tree.tell_best();
        let head = Head::from(tree.at(tree.finalised));
        tree.tell(Told::Final(head));
    }

    /// Blocks of the best chain become final up to this height.
    pub fn finalise(&self, number: u64) {
        let tree = &mut *self.tree();
        let before = tree.at(tree.finalised).number;
        for number in before + 1..=number {
            tree.finalised = tree.hash_at(number).unwrap();
            let head = Head::from(tree.at(tree.finalised));
            tree.tell(Told::Final(head));
        }
    }

    pub fn best(&self) -> Head {
        let tree = self.tree();
        tree.at(tree.best).into()
    }

    pub fn finalised(&self) -> Head {
        let tree = self.tree();
        tree.at(tree.finalised).into()
    }

    /// The height of the highest block on any branch.
    pub fn highest(&self) -> u64 {
        self.tree().blocks.values().map(|grown| grown.block.at.number).max().unwrap()
    }

    /// The hash at a height of the best chain.
    pub fn hash_at(&self, number: u64) -> Option<B256> {
        self.tree().hash_at(number)
    }

    /// A block at this height that is not of the best chain.
    pub fn abandoned_at(&self, number: u64) -> Option<B256> {
        let tree = self.tree();
        let kept = tree.hash_at(number);
        let here = tree.blocks.values().map(|grown| grown.block.at).filter(|at| at.number == number);
        here.map(|at| at.hash).filter(|hash| Some(*hash) != kept).min()
    }

    pub fn block(&self, hash: B256) -> Option<WholeBlock> {
        self.tree().blocks.get(&hash).map(|grown| grown.block.clone())
    }

    /// What the contracts hold after a block.
    pub fn scene(&self, hash: B256) -> Option<Scene> {
        self.tree().blocks.get(&hash).map(|grown| grown.scene.clone())
    }

    /// The pool at the best chain's head.
    pub fn model(&self) -> Model {
        let tree = self.tree();
        tree.blocks[&tree.best].scene.model.clone()
    }

    /// The best chain, from its first block on.
    pub fn branch(&self) -> Vec<WholeBlock> {
        let tree = self.tree();
        let head = tree.at(tree.best).number;
        (START..=head).map(|number| tree.blocks[&tree.hash_at(number).unwrap()].block.clone()).collect()
    }

    /// The best chain alone, without the branches that were left.
    pub fn straight(&self) -> Self {
        let branch = self.branch();
        let tree = self.tree();
        let blocks = branch.iter().map(|block| (block.at.hash, tree.blocks[&block.at.hash].clone())).collect();
        let (best, finalised, random) = (tree.best, tree.finalised, tree.random.clone());
        Self(Arc::new(Mutex::new(Tree { blocks, best, finalised, random, strangers: None, listeners: Vec::new() })))
    }
}

impl Tree {
    fn at(&self, hash: B256) -> BlockRef {
        self.blocks[&hash].block.at
    }

    /// So many blocks before a block.
    fn below(&self, mut hash: B256, depth: u64) -> B256 {
        for _ in 0..depth {
            hash = self.at(hash).parent;
        }
        hash
    }

    fn hash_at(&self, number: u64) -> Option<B256> {
        let depth = self.at(self.best).number.checked_sub(number)?;
        (number >= START).then(|| self.below(self.best, depth))
    }

    fn branch_off(&mut self, ancestor: B256, blocks: u64) {
        self.best = ancestor;
        for _ in 0..blocks {
            self.best = self.grow(Some(self.best));
        }
    }

    fn tell_best(&mut self) {
        let head = self.at(self.best).into();
        self.tell(Told::Best(head));
    }

    fn tell(&mut self, told: Told) {
        self.listeners.retain(|listener| listener.unbounded_send(told).is_ok());
    }

    /// Makes a block on another one, or the first one.
    fn grow(&mut self, parent: Option<B256>) -> B256 {
        let (number, parent, mut scene) = match parent.map(|hash| &self.blocks[&hash]) {
            Some(Grown { block, scene }) => (block.at.number + 1, block.at.hash, scene.clone()),
            None => (START, B256::repeat_byte(0x77), Scene::default()),
        };
        // No two blocks are the same, whatever they hold.
        let salt = self.blocks.len() as u64;
        let hash = keccak256([&number.to_be_bytes()[..], parent.as_slice(), &salt.to_be_bytes()[..]].concat());
        let timestamp_ms = (GENESIS_TIME + number) * 1_000 + salt % 500;
        let ours = scene.next(number, &mut self.random);
        let mut places: Vec<_> = (1..).map(|n| n * STRIDE).zip(ours).collect();
        if let Some(strangers) = &mut self.strangers {
            // None of these is a multiple of the stride, and some are between any two of ours.
            places.extend((0..).map(|n| n * 6 + 1).zip(strangers(number)));
            places.sort_by_key(|(place, _)| *place);
        }
        let events = places.into_iter().map(|(event_index, (address, event))| ContractEvent {
            block_number: number,
            block_hash: hash,
            event_index,
            tx_hash: Some(keccak256([hash.as_slice(), &event_index.to_be_bytes()[..]].concat())),
            address,
            event,
        });
        let at = BlockRef { number, hash, parent, timestamp_ms };
        let block = WholeBlock { at, events: events.collect() };
        self.blocks.insert(hash, Grown { block, scene });
        hash
    }
}
