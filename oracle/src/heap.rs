//! OpenZeppelin's `StandardMerkleTree`: leaves sorted by hash, laid into a heap from the end. The root is the first
//! node; the leaves are the last ones, the smallest at the very end, and the inner nodes come before them.

use rayon::prelude::*;
use yieldset_rules::merkle;

use crate::keccak256;

/// Nodes that are worth handing to another thread.
const AT_ONCE: usize = 256;

/// All nodes of a tree.
#[derive(Debug)]
pub(crate) struct Heap {
    nodes: Vec<[u8; 32]>,
    /// Where each leaf is.
    places: Vec<usize>,
}

impl Heap {
    /// Of leaves in any order, on all cores.
    pub(crate) fn of(leaves: &[[u8; 32]]) -> Self {
        let mut sorted: Vec<([u8; 32], usize)> = leaves.iter().copied().zip(0..).collect();
        sorted.par_sort_unstable();
        let inner = leaves.len().saturating_sub(1);
        let (mut nodes, mut places) = (vec![[0; 32]; inner], vec![0; leaves.len()]);
        for (leaf, at) in sorted.into_iter().rev() {
            places[at] = nodes.len();
            nodes.push(leaf);
        }
        // Each level is made of the one below, which follows it.
        for level in (0..inner.checked_ilog2().map_or(0, |deepest| deepest + 1)).rev() {
            let first = (1 << level) - 1;
            let (above, below) = nodes.split_at_mut(2 * first + 1);
            let end = inner.min(above.len());
            let pairs = below.par_chunks_exact(2).with_min_len(AT_ONCE);
            above[first..end].par_iter_mut().zip(pairs).for_each(|(parent, pair)| {
                *parent = merkle::parent(&pair[0], &pair[1], keccak256);
            });
        }
        Self { nodes, places }
    }

    /// The root; zero where there is no leaf.
    pub(crate) fn root(&self) -> [u8; 32] {
        self.nodes.first().copied().unwrap_or_default()
    }

    /// The node at a place.
    pub(crate) fn node(&self, place: usize) -> [u8; 32] {
        self.nodes[place]
    }

    /// The place of a leaf, by its number among those that the tree was made of.
    pub(crate) fn place(&self, leaf: usize) -> usize {
        self.places[leaf]
    }

    /// What leads from a leaf to the root.
    pub(crate) fn proof(&self, leaf: usize) -> Vec<[u8; 32]> {
        let mut place = self.place(leaf);
        let mut proof = Vec::with_capacity((place + 1).ilog2() as usize);
        while place > 0 {
            proof.push(self.node(sibling(place)));
            place = parent(place);
        }
        proof
    }
}

/// The place of the other node with the same parent; the root has none.
pub(crate) fn sibling(place: usize) -> usize {
    if place % 2 == 1 { place + 1 } else { place - 1 }
}

/// The place of a node's parent; the root has none.
pub(crate) fn parent(place: usize) -> usize {
    (place - 1) / 2
}
