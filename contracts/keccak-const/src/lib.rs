//! Keccak-256 in place of the crate of this name, with the part of its interface that ink! uses.
//!
//! `#[ink::contract]` has the compiler hash a message's signature wherever it means the message, and it means each
//! message in each message: nine hundred hashes for a contract of thirty, all at compile time, where every step is
//! interpreted and no result is kept. The crate goes through bytes and nested loops, which took nine tenths of the time
//! that a contract takes to compile. This one has one variable for each word and no loop but that over the rounds.

#![no_std]

/// Bytes that are taken in between two permutations.
const RATE: usize = 136;

/// A hash to be, by value, as constants are made.
#[derive(Clone)]
pub struct Keccak256 {
    lanes: [u64; 25],
    /// Bytes taken in since the last permutation.
    at: usize,
}

impl Keccak256 {
    /// Of nothing yet.
    #[allow(clippy::new_without_default, reason = "the interface of the crate that this stands in for")]
    pub const fn new() -> Self {
        Self { lanes: [0; 25], at: 0 }
    }

    /// With more input.
    pub const fn update(mut self, input: &[u8]) -> Self {
        let mut i = 0;
        while i < input.len() {
            self.lanes[self.at / 8] ^= (input[i] as u64) << (self.at % 8 * 8);
            self.at += 1;
            i += 1;
            if self.at == RATE {
                self.lanes = permute(self.lanes);
                self.at = 0;
            }
        }
        self
    }

    /// The digest of all input.
    pub const fn finalize(&self) -> [u8; 32] {
        let mut lanes = self.lanes;
        lanes[self.at / 8] ^= 0x01 << (self.at % 8 * 8);
        lanes[RATE / 8 - 1] ^= 0x80 << 56;
        let lanes = permute(lanes);
        let mut digest = [0; 32];
        let mut i = 0;
        while i < 32 {
            digest[i] = (lanes[i / 8] >> (i % 8 * 8)) as u8;
            i += 1;
        }
        digest
    }
}

/// Round constants (FIPS 202, 3.2.5).
const ROUNDS: [u64; 24] = [
    0x0000000000000001,
    0x0000000000008082,
    0x800000000000808a,
    0x8000000080008000,
    0x000000000000808b,
    0x0000000080000001,
    0x8000000080008081,
    0x8000000000008009,
    0x000000000000008a,
    0x0000000000000088,
    0x0000000080008009,
    0x000000008000000a,
    0x000000008000808b,
    0x800000000000008b,
    0x8000000000008089,
    0x8000000000008003,
    0x8000000000008002,
    0x8000000000000080,
    0x000000000000800a,
    0x800000008000000a,
    0x8000000080008081,
    0x8000000000008080,
    0x0000000080000001,
    0x8000000080008008,
];

/// Two shifts are fewer steps for the compiler than a call of `rotate_left`.
macro_rules! rotate {
    ($word:expr, $by:literal) => {{
        let word = $word;
        word << $by | word >> (64 - $by)
    }};
}

/// Keccak-f[1600] (FIPS 202, 3.3): the word at `x`, `y` is the variable numbered `x + 5y`.
#[allow(clippy::manual_rotate, reason = "fewer steps")]
const fn permute(lanes: [u64; 25]) -> [u64; 25] {
    let [
        mut a0,
        mut a1,
        mut a2,
        mut a3,
        mut a4,
        mut a5,
        mut a6,
        mut a7,
        mut a8,
        mut a9,
        mut a10,
        mut a11,
        mut a12,
        mut a13,
        mut a14,
        mut a15,
        mut a16,
        mut a17,
        mut a18,
        mut a19,
        mut a20,
        mut a21,
        mut a22,
        mut a23,
        mut a24,
    ] = lanes;
    let mut round = 0;
    while round < 24 {
        let (c0, c1, c2, c3, c4) = (
            a0 ^ a5 ^ a10 ^ a15 ^ a20,
            a1 ^ a6 ^ a11 ^ a16 ^ a21,
            a2 ^ a7 ^ a12 ^ a17 ^ a22,
            a3 ^ a8 ^ a13 ^ a18 ^ a23,
            a4 ^ a9 ^ a14 ^ a19 ^ a24,
        );
        let d0 = c4 ^ rotate!(c1, 1);
        let d1 = c0 ^ rotate!(c2, 1);
        let d2 = c1 ^ rotate!(c3, 1);
        let d3 = c2 ^ rotate!(c4, 1);
        let d4 = c3 ^ rotate!(c0, 1);
        let b0 = a0 ^ d0;
        let b1 = rotate!(a6 ^ d1, 44);
        let b2 = rotate!(a12 ^ d2, 43);
        let b3 = rotate!(a18 ^ d3, 21);
        let b4 = rotate!(a24 ^ d4, 14);
        let b5 = rotate!(a3 ^ d3, 28);
        let b6 = rotate!(a9 ^ d4, 20);
        let b7 = rotate!(a10 ^ d0, 3);
        let b8 = rotate!(a16 ^ d1, 45);
        let b9 = rotate!(a22 ^ d2, 61);
        let b10 = rotate!(a1 ^ d1, 1);
        let b11 = rotate!(a7 ^ d2, 6);
        let b12 = rotate!(a13 ^ d3, 25);
        let b13 = rotate!(a19 ^ d4, 8);
        let b14 = rotate!(a20 ^ d0, 18);
        let b15 = rotate!(a4 ^ d4, 27);
        let b16 = rotate!(a5 ^ d0, 36);
        let b17 = rotate!(a11 ^ d1, 10);
        let b18 = rotate!(a17 ^ d2, 15);
        let b19 = rotate!(a23 ^ d3, 56);
        let b20 = rotate!(a2 ^ d2, 62);
        let b21 = rotate!(a8 ^ d3, 55);
        let b22 = rotate!(a14 ^ d4, 39);
        let b23 = rotate!(a15 ^ d0, 41);
        let b24 = rotate!(a21 ^ d1, 2);
        a0 = b0 ^ (!b1 & b2) ^ ROUNDS[round];
        a1 = b1 ^ (!b2 & b3);
        a2 = b2 ^ (!b3 & b4);
        a3 = b3 ^ (!b4 & b0);
        a4 = b4 ^ (!b0 & b1);
        a5 = b5 ^ (!b6 & b7);
        a6 = b6 ^ (!b7 & b8);
        a7 = b7 ^ (!b8 & b9);
        a8 = b8 ^ (!b9 & b5);
        a9 = b9 ^ (!b5 & b6);
        a10 = b10 ^ (!b11 & b12);
        a11 = b11 ^ (!b12 & b13);
        a12 = b12 ^ (!b13 & b14);
        a13 = b13 ^ (!b14 & b10);
        a14 = b14 ^ (!b10 & b11);
        a15 = b15 ^ (!b16 & b17);
        a16 = b16 ^ (!b17 & b18);
        a17 = b17 ^ (!b18 & b19);
        a18 = b18 ^ (!b19 & b15);
        a19 = b19 ^ (!b15 & b16);
        a20 = b20 ^ (!b21 & b22);
        a21 = b21 ^ (!b22 & b23);
        a22 = b22 ^ (!b23 & b24);
        a23 = b23 ^ (!b24 & b20);
        a24 = b24 ^ (!b20 & b21);
        round += 1;
    }
    [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24]
}

#[cfg(test)]
mod tests;
