//! Strict ed25519 verification (RFC 8032) for a machine that counts instructions.
//!
//! The chain charges every instruction alike, has no carry flag, few registers and no curve code of its own. Code written
//! for processors costs more than twice as much there; what is different here is the multiplication ([`field`]), and that the
//! equation is checked with multipliers of half the length ([`scalar`]).
//!
//! # What is checked
//!
//! With R and s the signature's halves, A the key and h = SHA-512(R ‖ A ‖ message) mod ℓ, a signature is valid where s·B = R + h·A,
//! *without* multiplying by the cofactor, and moreover:
//! * s is below ℓ;
//! * A and R are the one canonical encoding of a point each;
//! * neither has small order, so that a signature is valid for one message only.
//!
//! That is `verify_strict` of `ed25519-dalek` (tests hold both against each other), and stricter in one point: a key in a
//! non-canonical encoding is refused.
//!
//! The equation itself is checked as (v·s)·B − v·R − u·A = 0 with u ≡ v·h modulo 8ℓ and v odd. A's order divides 8ℓ, so the left
//! side is v times s·B − R − h·A; and v, odd and below the prime ℓ, has no divisor in common with the order of any point: v·P = 0
//! exactly where P = 0. So nothing is accepted that the plain equation refuses, torsion included, and nothing else is refused.
#![cfg_attr(not(test), no_std)]

mod field;
mod point;
mod scalar;

use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use point::{BASE, Cached, Extended, Projective};
use scalar::{DIGITS, Wide};

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

/// Whether `signature` is the key's over the message, in the strict sense above.
pub fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    r.copy_from_slice(&signature[..32]);
    s.copy_from_slice(&signature[32..]);
    let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else { return false };
    let (Some(a), Some(point)) = (large_order(key), large_order(&r)) else { return false };
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    let h = Scalar::from_bytes_mod_order_wide(&hash.into());
    let (u, negative, v) = scalar::halve(&words(h.as_bytes()));
    let c = words((Scalar::from(v) * s).as_bytes());
    let low = [c[0], c[1] & (u64::MAX >> 1), 0, 0];
    let high = [c[1] >> 63 | c[2] << 1, c[2] >> 63 | c[3] << 1, 0, 0];
    let v = [v as u64, (v >> 64) as u64, 0, 0];
    is_zero(&[low, high], &[(v, true), (u, !negative)], &[point.odd_multiples(), a.odd_multiples()])
}

/// The point of a canonical encoding, unless it has small order.
fn large_order(bytes: &[u8; 32]) -> Option<Extended> {
    let mut y = *bytes;
    y[31] &= 0x7f;
    if SMALL_ORDER.contains(&y) { None } else { Extended::decompress(bytes) }
}

fn words(bytes: &[u8; 32]) -> Wide {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Whether base[0]·B + base[1]·2^127·B ± Σ n·P = 0; an `(n, true)` is subtracted. One chain of doublings for all (Straus).
fn is_zero(base: &[Wide; 2], others: &[(Wide, bool); 2], tables: &[[Cached; 8]; 2]) -> bool {
    let mut base_digits = [[0; DIGITS]; 2];
    let mut other_digits = [[0; DIGITS]; 2];
    let mut length = 0;
    for at in 0..2 {
        length = length.max(scalar::digits(&base[at], 7, &mut base_digits[at]));
        length = length.max(scalar::digits(&others[at].0, 5, &mut other_digits[at]));
    }
    let mut sum = Projective::IDENTITY;
    for position in (0..length).rev() {
        let mut next = sum.double();
        for at in 0..2 {
            let digit = other_digits[at][position];
            if digit != 0 {
                let entry = &tables[at][usize::from(digit.unsigned_abs() / 2)];
                next = next.extended().add(entry, (digit < 0) != others[at].1);
            }
            let digit = base_digits[at][position];
            if digit != 0 {
                next = next.extended().add_affine(&BASE[at][usize::from(digit.unsigned_abs() / 2)], digit < 0);
            }
        }
        sum = next.projective();
    }
    sum.is_identity()
}

#[cfg(test)]
mod tests;
