//! Merkle proofs of `(contributor, weight)`, byte-equal with OpenZeppelin's `StandardMerkleTree` and `MerkleProof`.
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
