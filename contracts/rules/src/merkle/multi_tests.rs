use alloc::{vec, vec::Vec};

use super::*;
use proptest::prelude::*;
use sha3::{Digest, Keccak256};

fn keccak(bytes: &[u8]) -> Hash {
    Keccak256::digest(bytes).into()
}

fn hash(hex: &str) -> Hash {
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    }
    hash
}

fn root(leaves: &[Hash], proof: &[Hash], flags: &[bool]) -> Option<Hash> {
    let mut leaves = leaves.to_vec();
    multi_root(&mut leaves, proof.iter().copied(), flags.iter().copied(), keccak)
}

/// A tree as `@openzeppelin/merkle-tree` keeps it: the node at `i` has its children at `2i + 1` and `2i + 2`.
struct Tree(Vec<Hash>);

impl Tree {
    fn of(leaves: &[Hash]) -> Self {
        let mut nodes = vec![[0; 32]; 2 * leaves.len() - 1];
        for (at, leaf) in leaves.iter().enumerate() {
            let last = nodes.len() - 1;
            nodes[last - at] = *leaf;
        }
        for at in (0..nodes.len() - leaves.len()).rev() {
            nodes[at] = parent(&nodes[2 * at + 1], &nodes[2 * at + 2], keccak);
        }
        Self(nodes)
    }

    /// Leaves, proof and flags for the leaves of these numbers.
    fn prove(&self, picked: &[usize]) -> (Vec<Hash>, Vec<Hash>, Vec<bool>) {
        let mut queue: Vec<usize> = picked.iter().map(|leaf| self.0.len() - 1 - leaf).collect();
        queue.sort_unstable_by(|a, b| b.cmp(a));
        let leaves = queue.iter().map(|at| self.0[*at]).collect();
        let (mut proof, mut flags, mut first) = (vec![], vec![], 0);
        while queue.get(first).is_some_and(|at| *at > 0) {
            let at = queue[first];
            let sibling = if at % 2 == 1 { at + 1 } else { at - 1 };
            first += 1;
            if queue.get(first) == Some(&sibling) {
                first += 1;
                flags.push(true);
            } else {
                proof.push(self.0[sibling]);
                flags.push(false);
            }
            queue.push((at - 1) / 2);
        }
        (leaves, proof, flags)
    }
}

/// Proves PAY-6: multiproofs that `@openzeppelin/merkle-tree` 1.0 made lead to the root that it made: of three leaves
/// of five, of one, of all, and of two.
#[test]
fn multiproofs_of_openzeppelins_tree_lead_to_its_root() {
    let expected = hash("33d8e2867bc9803be05e377e664279298545408204a03c0ddcaf99e8e78adefb");
    let sixth = 66_666_666_666_666_666;
    let leaf = |n: u8| leaf(&[n * 0x11; 20], u64::from(n) * sixth, keccak);
    let three = [
        hash("1fb0e8101c7479a2ee20396c4eb95c6c1cf4acdd9e1c25bd65d7a97c31ba37c1"),
        hash("76a6c2215eeab08c49e4d125e9b4add66dff0cd4045b97e0cefea8dc8cc975b4"),
    ];
    assert_eq!(root(&[leaf(3), leaf(5), leaf(1)], &three, &[false, false, true, true]), Some(expected));
    let one = [
        hash("137dee97f5cb1685536e6cfab9c73a880b2fd8ebc07c340c2c4a9bb46757846b"),
        hash("faaf43cc8f79b9737bd82f441e860c7fa9626a1eb91cb26f5a4a3c532a168a3f"),
        hash("317f50b352af1dad2aea1cf09e553ac299ef2b8a856a76875af202e24c260e42"),
    ];
    assert_eq!(root(&[leaf(2)], &one, &[false; 3]), Some(expected));
    assert!(verify(&expected, leaf(2), &one, keccak), "a multiproof of one leaf is a proof");
    assert_eq!(root(&[leaf(3), leaf(2), leaf(5), leaf(4), leaf(1)], &[], &[true; 4]), Some(expected));
    let two = [
        hash("46eef6e5b969c3a56fce18304c0445a2a8fc3ec993ae17aa125f8300021cf543"),
        hash("3e875e8e910c2b2bdf6b86a5c626674721a7a23a77c85d997638aca62078d00c"),
    ];
    assert_eq!(root(&[leaf(4), leaf(1)], &two, &[false, false, true]), Some(expected));
    // In another order they are others.
    assert_ne!(root(&[leaf(1), leaf(4)], &two, &[false, false, true]), Some(expected));
}

/// Proves PAY-6: OpenZeppelin's own case of a manipulated proof (its advisory GHSA-wprv-93r4-jj2p): flags that use
/// parents before they are made would take any leaves for leaves of a tree that has a node of zeros.
#[test]
fn a_manipulated_multiproof_is_refused() {
    let real = keccak(b"real leaf");
    let tree = parent(&real, &[0; 32], keccak);
    let mut fake = [keccak(b"malicious"), keccak(b"leaves")];
    fake.sort_unstable();
    assert_eq!(root(&fake, &[real, real], &[true, true, false]), None);
    assert_eq!(root(&[real], &[[0; 32]], &[false]), Some(tree));
}

/// Proves PAY-6: leaves, proof and flags that do not belong together prove nothing, and nothing is proven of no leaf.
#[test]
fn shapes_that_prove_nothing_are_refused() {
    let [a, b, c] = [b"a", b"b", b"c"].map(|leaf| keccak(leaf));
    let top = parent(&parent(&a, &b, keccak), &c, keccak);
    assert_eq!(root(&[a, b], &[c], &[true, false]), Some(top));
    // OpenZeppelin answers the proof's one node here, which whoever calls can choose to be the root.
    assert_eq!(root(&[], &[top], &[]), None);
    assert_eq!(root(&[], &[], &[]), None);
    for (leaves, proof, flags) in [
        (&[a, b][..], &[c][..], &[true][..]),
        (&[a, b], &[c], &[true, false, false]),
        (&[a, b], &[], &[true, false]),
        (&[a, b], &[c, c], &[true, false]),
        // As many as there should be, but of the wrong kind.
        (&[a, b], &[c], &[true, true]),
        (&[a, b], &[c], &[false, false]),
        (&[a], &[b, c], &[true, false]),
        (&[top], &[top], &[]),
    ] {
        assert_eq!(root(leaves, proof, flags), None, "{} {} {flags:?}", leaves.len(), proof.len());
    }
    assert_eq!(root(&[top], &[], &[]), Some(top));
}

proptest! {
    /// Proves PAY-6: any leaves of any tree are proven together exactly as each is alone, and no leaf, node or flag can
    /// be another.
    #[test]
    fn leaves_are_proven_together_as_alone(
        weights in prop::collection::vec(any::<u64>(), 1..24),
        picks in prop::collection::vec(any::<bool>(), 24),
        change in any::<prop::sample::Index>(),
        bit in 0usize..256,
    ) {
        let leaves: Vec<_> = weights.iter().enumerate().map(|(n, w)| leaf(&[n as u8; 20], *w, keccak)).collect();
        let tree = Tree::of(&leaves);
        let picked: Vec<_> = (0..leaves.len()).filter(|n| picks[*n]).collect();
        let (mut of, mut proof, mut flags) = tree.prove(&picked);
        for n in &picked {
            let (one, path, _) = tree.prove(&[*n]);
            prop_assert!(verify(&tree.0[0], one[0], &path, keccak));
        }
        let expected = (!picked.is_empty()).then_some(tree.0[0]);
        prop_assert_eq!(root(&of, &proof, &flags), expected);
        if expected.is_none() {
            return Ok(());
        }
        let at = change.index(of.len() + proof.len() + flags.len());
        if let Some(node) = of.get_mut(at) {
            node[bit / 8] ^= 1 << (bit % 8);
        } else if let Some(node) = proof.get_mut(at - picked.len()) {
            node[bit / 8] ^= 1 << (bit % 8);
        } else {
            let place = at - of.len() - proof.len();
            flags[place] = !flags[place];
        }
        prop_assert_ne!(root(&of, &proof, &flags), expected);
    }
}
