//! Merkle proofs of `(contributor, weight)`, byte-equal with OpenZeppelin's `StandardMerkleTree` and `MerkleProof`: of
//! one leaf ([`verify`]) and of many at once ([`multi_root`]).
//!
//! The hash is passed in: on chain it is the pallet's keccak-256 host function, elsewhere a crate's.

/// 32-byte hash.
pub type Hash = [u8; 32];

/// `keccak256(bytes.concat(keccak256(abi.encode(address, uint256))))`: the double hash keeps leaves apart from inner
/// nodes.
pub fn leaf(account: &[u8; 20], weight: u64, keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
    let mut encoded = [0u8; 64];
    encoded[12..32].copy_from_slice(account);
    encoded[56..].copy_from_slice(&weight.to_be_bytes());
    keccak256(&keccak256(&encoded))
}

/// Parent of two nodes, smaller one first (commutative, as OpenZeppelin's `Hashes.commutativeKeccak256`).
pub fn parent(a: &Hash, b: &Hash, keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    let mut pair = [0u8; 64];
    pair[..32].copy_from_slice(first);
    pair[32..].copy_from_slice(second);
    keccak256(&pair)
}

/// Whether `proof` leads from `leaf` to `root`.
pub fn verify<'a>(
    root: &Hash,
    leaf: Hash,
    proof: impl IntoIterator<Item = &'a Hash>,
    keccak256: impl Fn(&[u8]) -> Hash,
) -> bool {
    proof.into_iter().fold(leaf, |node, sibling| parent(&node, sibling, &keccak256)) == *root
}

/// The root that a multiproof leads to, byte-equal with OpenZeppelin's `MerkleProof.processMultiProof`; `None` where
/// leaves, proof and flags do not belong together.
///
/// Each flag makes one parent: of the oldest node not yet used and, where the flag is set, of the next oldest, else of
/// the next of the proof. Hence a multiproof has one flag fewer than leaves and proof together, and as many flags that
/// are not set as nodes in the proof. Everything else is refused, and so is a proof of no leaf, which proves nothing
/// and would pay nobody.
///
/// `leaves` is used up: it is where the nodes wait for their turn.
pub fn multi_root(
    leaves: &mut [Hash],
    proof: impl ExactSizeIterator<Item = Hash>,
    flags: impl ExactSizeIterator<Item = bool>,
    keccak256: impl Fn(&[u8]) -> Hash,
) -> Option<Hash> {
    if leaves.is_empty() || leaves.len().checked_add(proof.len()) != flags.len().checked_add(1) {
        return None;
    }
    let mut queue = Queue { count: leaves.len(), first: 0, nodes: leaves };
    let mut proof = proof;
    for both in flags {
        let node = queue.take()?;
        let sibling = if both { queue.take()? } else { proof.next()? };
        queue.put(parent(&node, &sibling, &keccak256));
    }
    // A proof of which something is left over is none.
    if proof.next().is_some() { None } else { queue.take() }
}

/// Nodes in the order in which they came. There are never more than at the beginning: each step takes one before it
/// puts one.
struct Queue<'a> {
    nodes: &'a mut [Hash],
    first: usize,
    count: usize,
}

impl Queue<'_> {
    fn take(&mut self) -> Option<Hash> {
        self.count = self.count.checked_sub(1)?;
        let node = self.nodes.get(self.first).copied();
        self.first = self.after(self.first, 1);
        node
    }

    fn put(&mut self, node: Hash) {
        let last = self.after(self.first, self.count);
        if let Some(place) = self.nodes.get_mut(last) {
            *place = node;
            self.count = self.count.saturating_add(1);
        }
    }

    /// The place so many further on, round the end; no more than all places.
    fn after(&self, place: usize, places: usize) -> usize {
        let sum = place.wrapping_add(places);
        if sum >= self.nodes.len() { sum.wrapping_sub(self.nodes.len()) } else { sum }
    }
}

#[cfg(test)]
mod multi_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha3::{Digest, Keccak256};

    fn keccak(bytes: &[u8]) -> Hash {
        Keccak256::digest(bytes).into()
    }

    /// Known case from OpenZeppelin's `@openzeppelin/merkle-tree` README: values (0x11…11, 5000000000000000000) and
    /// (0x22…22, 2500000000000000000) of types (address, uint256).
    #[test]
    fn root_equals_openzeppelins() {
        let a = leaf(&[0x11; 20], 5_000_000_000_000_000_000, keccak);
        let b = leaf(&[0x22; 20], 2_500_000_000_000_000_000, keccak);
        let root = parent(&a, &b, keccak);
        let hex: alloc::string::String = root.iter().map(|x| alloc::format!("{x:02x}")).collect();
        assert_eq!(hex, "d4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77");
        assert!(verify(&root, a, [&b], keccak));
        assert!(verify(&root, b, [&a], keccak));
    }

    proptest! {
        /// Another weight, account or sibling never verifies.
        #[test]
        fn proofs_bind_account_and_weight(account: [u8; 20], weight: u64, other: u64, sibling: Hash) {
            let l = leaf(&account, weight, keccak);
            let root = parent(&l, &sibling, keccak);
            prop_assert!(verify(&root, l, [&sibling], keccak));
            prop_assert_eq!(verify(&root, leaf(&account, other, keccak), [&sibling], keccak), other == weight);
            prop_assert!(!verify(&root, l, [&root], keccak));
        }
    }
}
