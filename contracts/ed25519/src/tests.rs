//! The whole verification against `ed25519-dalek`, on what is valid, on what is nearly so, and on torsion.

use super::*;
use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION},
    edwards::{CompressedEdwardsY, EdwardsPoint},
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use proptest::prelude::*;

/// As a caller does that was given an [`entry`], after looking up the key's multiples.
fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    multiples(key).is_some_and(|own| {
        let entry = entry(key, signature);
        assert_eq!((&entry[..32], &entry[32..96], &entry[128..]), (&key[..], &signature[..], &own[..]));
        super::verify(key, &own, message, signature, entry[96..128].try_into().unwrap())
    })
}

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

    /// Keys and points with a part of small order, which a verifier with a cofactor accepts: both refuse and accept
    /// alike. Where the torsion of R and of h·A cancel, the plain equation holds.
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

/// A key's multiples are what they are called.
#[test]
fn multiples_are_the_references() {
    for seed in 0..20 {
        let key = SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
        let mut first = CompressedEdwardsY(key).decompress().unwrap();
        let points = multiples(&key).unwrap();
        let points: Vec<&[u8; 64]> = points.as_chunks().0.iter().collect();
        for word in 0..4 {
            let mut point = first;
            for odd in 0..4 {
                let (mut encoding, y) = (point.compress().0, points[word * 4 + odd]);
                let x = Fe::from_bytes(y[..32].try_into().unwrap());
                assert_eq!(x.is_odd(), encoding[31] >> 7 == 1);
                encoding[31] &= 0x7f;
                assert_eq!(encoding, y[32..]);
                point += first + first;
            }
            first *= Scalar::from(1u128 << 64);
        }
    }
}

/// The x beside a signature is R's own, or nothing is valid: neither that of −R nor any other.
#[test]
fn another_x_is_refused() {
    let signer = SigningKey::from_bytes(&[8; 32]);
    let (key, signature) = (signer.verifying_key().to_bytes(), signer.sign(b"m").to_bytes());
    let (own, whole) = (multiples(&key).unwrap(), entry(&key, &signature));
    let x: [u8; 32] = whole[96..128].try_into().unwrap();
    let valid = |signature: &[u8; 64], x: &[u8; 32]| super::verify(&key, &own, b"m", signature, x);
    assert!(valid(&signature, &x));
    let negative = Fe::ZERO.sub(&Fe::from_bytes(&x)).mul(&Fe::ONE).to_bytes();
    assert!(!valid(&signature, &negative));
    assert!(!valid(&signature, &[0; 32]));
    for bit in 0..255 {
        let mut other = x;
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!valid(&signature, &other), "{bit}");
    }
    // −R with its own x: the equation fails.
    let mut turned = signature;
    turned[31] ^= 0x80;
    assert!(!valid(&turned, &negative) && !valid(&turned, &x));
}

/// With another key's multiples nothing is valid.
#[test]
fn other_multiples_are_refused() {
    let [one, two] = [3, 4].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let (key, signature) = (one.verifying_key().to_bytes(), one.sign(b"m").to_bytes());
    let x = entry(&key, &signature)[96..128].try_into().unwrap();
    let others = multiples(&two.verifying_key().to_bytes()).unwrap();
    assert!(!super::verify(&key, &others, b"m", &signature, &x));
}

/// Torsion in the key that the challenge cancels is the case where a multiplier that is reduced goes wrong: search
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
