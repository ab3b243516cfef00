//! The whole verification against `ed25519-dalek`, on what is valid, on what is nearly so, and on torsion.

use super::*;
use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION},
    edwards::{CompressedEdwardsY, EdwardsPoint},
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use proptest::prelude::*;

/// What the reference says, keys in another form than the canonical one left out.
fn reference(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let canonical = CompressedEdwardsY(*key).decompress().is_some_and(|point| point.compress().0 == *key);
    let strict = |key: VerifyingKey| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok();
    canonical && VerifyingKey::from_bytes(key).is_ok_and(strict)
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

fn joined(r: &[u8; 32], s: &Scalar) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(r);
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn signatures_are_valid_and_changed_ones_are_not(
        seed: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..300), bit in 0usize..512,
    ) {
        let signer = SigningKey::from_bytes(&seed);
        let (key, mut signature) = (signer.verifying_key().to_bytes(), signer.sign(&message).to_bytes());
        prop_assert!(verify(&key, &message, &signature));
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!verify(&key, &message, &signature));
        prop_assert_eq!(reference(&key, &message, &signature), false);
        signature[bit / 8] ^= 1 << (bit % 8);
        let mut other = key;
        other[bit / 16] ^= 1 << (bit % 8);
        prop_assert!(!verify(&other, &message, &signature));
        let mut longer = message.clone();
        longer.push(0);
        prop_assert!(!verify(&key, &longer, &signature));
    }

    /// Keys and points with a part of small order, which a verifier with a cofactor accepts: both refuse and accept alike. Where the
    /// torsion of R and of h·A cancel, the plain equation holds.
    #[test]
    fn torsion_is_judged_as_the_reference_does(
        secret: [u8; 64], nonce: [u8; 64], in_key in 0usize..8, in_r in 0usize..8, message: [u8; 8],
    ) {
        let (a, k) = (Scalar::from_bytes_mod_order_wide(&secret), Scalar::from_bytes_mod_order_wide(&nonce));
        let key = (B * a + EIGHT_TORSION[in_key]).compress().0;
        let r = (B * k + EIGHT_TORSION[in_r]).compress().0;
        let signature = joined(&r, &(k + challenge(&r, &key, &message) * a));
        prop_assert_eq!(verify(&key, &message, &signature), reference(&key, &message, &signature));
        if in_key == 0 {
            prop_assert_eq!(verify(&key, &message, &signature), in_r == 0);
        }
    }

    /// Arbitrary bytes.
    #[test]
    fn nothing_panics(key: [u8; 32], r: [u8; 32], s: [u8; 32], message: [u8; 4]) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&s);
        prop_assert_eq!(verify(&key, &message, &signature), reference(&key, &message, &signature));
    }

    /// Points come back from their encodings, and what is no point is found out.
    #[test]
    fn decompression_is_the_references(bytes: [u8; 32]) {
        let expected = CompressedEdwardsY(bytes).decompress().filter(|point| point.compress().0 == bytes);
        prop_assert_eq!(Extended::decompress(&bytes).is_some(), expected.is_some());
    }
}

/// Torsion in the key that the challenge cancels is the case where a careless use of half-length multipliers goes wrong: search
/// signatures whose plain equation holds although A is not in the prime-order group.
#[test]
fn cancelling_torsion_is_accepted_as_the_plain_equation_says() {
    let (a, mut accepted) = (Scalar::from(12_345u64), 0);
    for n in 0u64..400 {
        let torsion = EIGHT_TORSION[(n % 7 + 1) as usize];
        let key = (B * a + torsion).compress().0;
        let k = Scalar::from(n + 1);
        let r = (B * k).compress().0;
        let message = n.to_le_bytes();
        let signature = joined(&r, &(k + challenge(&r, &key, &message) * a));
        let expected = reference(&key, &message, &signature);
        assert_eq!(verify(&key, &message, &signature), expected, "{n}");
        accepted += u32::from(expected);
    }
    assert!(accepted > 10, "{accepted} of 400");
}

/// All encodings of points of small order, canonical or not, as key and as R.
#[test]
fn small_orders_are_refused() {
    let signer = SigningKey::from_bytes(&[5; 32]);
    let signature = signer.sign(b"m").to_bytes();
    for point in EIGHT_TORSION.map(|point: EdwardsPoint| point.compress().0) {
        assert!(large_order(&point).is_none());
        assert!(Extended::decompress(&point).is_some());
        assert!(!verify(&point, b"m", &joined(&point, &Scalar::ZERO)));
        let mut odd = signature;
        odd[..32].copy_from_slice(&point);
        assert!(!verify(&signer.verifying_key().to_bytes(), b"m", &odd));
        let mut flipped = point;
        flipped[31] ^= 0x80;
        assert!(large_order(&flipped).is_none());
    }
    // y from p to 2^255 − 1, with both signs: nothing there is canonical.
    for low in 0xed..=0xff {
        for last in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, last);
            assert!(Extended::decompress(&bytes).is_none());
        }
    }
    // s of ℓ and more.
    let mut high = signature;
    high[32..].copy_from_slice(&(Scalar::ZERO - Scalar::ONE).to_bytes());
    high[32] += 1;
    assert!(!verify(&signer.verifying_key().to_bytes(), b"m", &high));
}
