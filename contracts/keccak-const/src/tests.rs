use super::Keccak256;
use proptest::prelude::*;
use sha3::Digest;

proptest! {
    /// Another implementation says the same, in however many parts the input comes and around the ends of blocks.
    #[test]
    fn hashes_are_those_of_keccak_256(input in proptest::collection::vec(any::<u8>(), 0..=3 * 136 + 1), cut in 0..=409_usize) {
        let (head, tail) = input.split_at(cut.min(input.len()));
        let expected: [u8; 32] = sha3::Keccak256::digest(&input).into();
        prop_assert_eq!(Keccak256::new().update(head).update(tail).finalize(), expected);
    }
}

/// The compiler works out what ink! asks for: the selector of ERC-20's transfer.
#[test]
fn the_selector_of_a_message_is_a_constant() {
    const DIGEST: [u8; 32] = Keccak256::new().update(b"transfer(address,uint256)").finalize();
    assert_eq!(DIGEST[..4], [0xa9, 0x05, 0x9c, 0xbb]);
}
