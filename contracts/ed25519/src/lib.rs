//! Strict ed25519 verification (RFC 8032) for a machine that counts instructions.
//!
//! The chain charges every instruction alike, has no carry flag, few registers and no curve code of its own. Code
//! written for processors costs more than three times as much there. What is different here is the multiplication
//! ([`field`]), and that whatever depends on the key alone is worked out once: its [`multiples`], which save the key's
//! root, the making of tables and three quarters of the doublings of every verification.
//!
//! # What is checked
//!
//! With R and s the signature's halves, A the key and h = SHA-512(R ‖ A ‖ message) mod ℓ, a signature is valid where
//! s·B = R + h·A, *without* multiplying by the cofactor, and moreover:
//! * s is below ℓ;
//! * A and R are the one canonical encoding of a point each;
//! * neither has small order, so that a signature is valid for one message only.
//!
//! That is `verify_strict` of `ed25519-dalek` (tests hold both against each other), and stricter in one point: a key in
//! a non-canonical encoding is refused.
//!
//! s·B − h·A is worked out as it stands, h as the integer below ℓ, and compared with R, whose x comes with the
//! signature: of the two points with R's y the sign in R's encoding names one, so there is one x that passes, and what
//! equals a point of the curve is one.
#![cfg_attr(not(test), no_std)]

mod field;
mod point;
mod scalar;

use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use field::{Fe, words};
use point::{Affine, BASE, BASE_ENTRIES, Extended, Projective, WORDS};
use scalar::DIGITS;

/// Odd multiples in a key's tables: 1, 3, 5 and 7.
const KEY_ENTRIES: usize = 4;

/// Length of a key's [`multiples`].
pub const MULTIPLES: usize = WORDS * KEY_ENTRIES * 64;

/// Length of an [`entry`].
pub const ENTRY: usize = 32 + 64 + 32 + MULTIPLES;

/// The y of the points of order 1, 2, 4 and 8: with the canonical encodings alone there are no others.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [0; 32],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// What a verification needs of a key: x and y (32 bytes each, little-endian) of the odd multiples 1 to 7 of its point
/// A, then of 2^64·A, 2^128·A and 2^192·A. `None` for a key that can have no valid signature: in another form than the
/// canonical one, no point, or one of small order.
pub fn multiples(key: &[u8; 32]) -> Option<[u8; MULTIPLES]> {
    let mut bytes = [0; MULTIPLES];
    let points = point::multiples::<KEY_ENTRIES>(&large_order(key)?);
    for (to, (x, y)) in bytes.as_chunks_mut::<64>().0.iter_mut().zip(points.as_flattened()) {
        to[..32].copy_from_slice(&x.to_bytes());
        to[32..].copy_from_slice(&y.to_bytes());
    }
    Some(bytes)
}

/// What a verifier is given for one signature: key ‖ signature ‖ x of the signature's R ‖ the key's [`multiples`].
/// Zeros stand for what does not exist, and such an entry is not valid.
pub fn entry(key: &[u8; 32], signature: &[u8; 64]) -> [u8; ENTRY] {
    let mut bytes = [0; ENTRY];
    bytes[..32].copy_from_slice(key);
    bytes[32..96].copy_from_slice(signature);
    let mut r = [0; 32];
    r.copy_from_slice(&signature[..32]);
    if let Some(point) = Extended::decompress(&r) {
        bytes[96..128].copy_from_slice(&point.x().to_bytes());
    }
    if let Some(multiples) = multiples(key) {
        bytes[128..].copy_from_slice(&multiples);
    }
    bytes
}

/// Whether `signature` is the key's over the message, in the strict sense above. `multiples` must be [`multiples`] of
/// the key: that is for the caller to know. `x` is that of the signature's R; with another one no signature is valid.
pub fn verify(key: &[u8; 32], multiples: &[u8; MULTIPLES], message: &[u8], signature: &[u8; 64], x: &[u8; 32]) -> bool {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    r.copy_from_slice(&signature[..32]);
    s.copy_from_slice(&signature[32..]);
    let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else { return false };
    let (x, y) = (Fe::from_bytes(x), Fe::from_bytes(&r));
    let mut canonical = y.to_bytes();
    if SMALL_ORDER.contains(&canonical) {
        return false;
    }
    canonical[31] |= u8::from(x.is_odd()) << 7;
    if canonical != r {
        return false;
    }
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    let h = Scalar::from_bytes_mod_order_wide(&hash.into());
    difference(&words(s.as_bytes()), &words(h.as_bytes()), &tables(multiples)).is(&x, &y)
}

/// The point of a canonical encoding, unless it has small order.
fn large_order(bytes: &[u8; 32]) -> Option<Extended> {
    let mut y = *bytes;
    y[31] &= 0x7f;
    if SMALL_ORDER.contains(&y) { None } else { Extended::decompress(bytes) }
}

fn tables(multiples: &[u8; MULTIPLES]) -> [[Affine; KEY_ENTRIES]; WORDS] {
    let (coordinates, _) = multiples.as_chunks::<32>();
    core::array::from_fn(|word| {
        core::array::from_fn(|odd| {
            let at = 2 * (word * KEY_ENTRIES + odd);
            Affine::new(&Fe::from_bytes(&coordinates[at]), &Fe::from_bytes(&coordinates[at + 1]))
        })
    })
}

/// s·B − h·A, by the words of s and h and their own multiples of B and A: one chain of 64 doublings for all (Straus).
fn difference(s: &[u64; WORDS], h: &[u64; WORDS], key: &[[Affine; KEY_ENTRIES]; WORDS]) -> Projective {
    let base_digits = s.map(|word| scalar::digits(word, BASE_ENTRIES.ilog2() + 2));
    let key_digits = h.map(|word| scalar::digits(word, KEY_ENTRIES.ilog2() + 2));
    let mut sum = Projective::IDENTITY;
    for position in (0..DIGITS).rev() {
        let mut next = sum.double();
        for word in 0..WORDS {
            let digit = base_digits[word][position];
            if digit != 0 {
                next = next.extended().add_affine(&BASE[word][usize::from(digit.unsigned_abs() / 2)], digit < 0);
            }
            let digit = key_digits[word][position];
            if digit != 0 {
                next = next.extended().add_affine(&key[word][usize::from(digit.unsigned_abs() / 2)], digit > 0);
            }
        }
        sum = next.projective();
    }
    sum
}

#[cfg(test)]
mod tests;
