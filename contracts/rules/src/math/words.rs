//! Multiply and divide through a product of two words, written once for every word width.
//!
//! Contracts run it at 128 bits. `crate::proofs` runs this same text over *all* inputs at 4, 6 and 8 bits, with a word type that
//! stops at any sum or product that does not fit: what could go wrong in a carry goes wrong there first.

use core::ops::{Add, BitAnd, BitOr, Mul, Shl, Shr};

use super::MathError;

/// An unsigned word with an even number of bits.
pub trait Word:
    Copy
    + Ord
    + Add<Output = Self>
    + Mul<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
{
    /// Width; even.
    const BITS: u32;
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// All bits of the lower half.
    const HALF: Self;

    /// Difference modulo 2^[`Word::BITS`].
    fn wrapping_sub(self, other: Self) -> Self;

    /// `(self / d, self mod d)` by the machine's own division, where both fit in half a word.
    fn short_div_rem(self, d: Self) -> Option<(Self, Self)>;
}

impl Word for u128 {
    const BITS: u32 = 128;
    const ZERO: Self = 0;
    const ONE: Self = 1;
    const HALF: Self = u64::MAX as Self;

    fn wrapping_sub(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    fn short_div_rem(self, d: Self) -> Option<(Self, Self)> {
        match (u64::try_from(self), u64::try_from(d)) {
            (Ok(n), Ok(d)) => Some((Self::from(n / d), Self::from(n % d))),
            _ => None,
        }
    }
}

/// See [`super::mul_add_div_rem`].
pub fn mul_add_div_rem<W: Word>(a: W, b: W, c: W, d: W) -> Result<(W, W), MathError> {
    if d == W::ZERO {
        return Err(MathError::DivisionByZero);
    }
    let (high, low) = mul_add(a, b, c);
    // The quotient has at most one word exactly where the upper half is below the divisor.
    if high >= d {
        return Err(MathError::Overflow);
    }
    // The compiler's own 128-bit division is a kilobyte of code; figures that fit 64 bits go the short way.
    match low.short_div_rem(d) {
        Some(short) if high == W::ZERO => Ok(short),
        _ => Ok(div_rem(high, low, d)),
    }
}

/// `a·b + c` as (upper, lower) word: schoolbook multiplication of half words.
pub fn mul_add<W: Word>(a: W, b: W, c: W) -> (W, W) {
    let half = W::BITS / 2;
    let (a1, a0, b1, b0) = (a >> half, a & W::HALF, b >> half, b & W::HALF);
    // With h = BITS / 2 each sum stays below 2^(2h): (2^h−1)² + 2·(2^h−1) = 2^(2h) − 1.
    let t0 = a0 * b0 + (c & W::HALF);
    let t1 = a1 * b0 + (t0 >> half);
    let t2 = a0 * b1 + (t1 & W::HALF) + (c >> half);
    (a1 * b1 + (t1 >> half) + (t2 >> half), t2 << half | t0 & W::HALF)
}

/// Binary long division of `high·2^BITS + low` by `d > high`, bit by bit.
fn div_rem<W: Word>(high: W, low: W, d: W) -> (W, W) {
    let top = W::BITS - 1;
    let (mut remainder, mut quotient) = (high, low);
    for _ in 0..W::BITS {
        let carry = remainder >> top == W::ONE;
        remainder = remainder << 1 | quotient >> top;
        quotient = quotient << 1;
        if carry || remainder >= d {
            // With a carry the true value is 2^BITS + remainder, and less than 2·d: the difference fits.
            remainder = remainder.wrapping_sub(d);
            quotient = quotient | W::ONE;
        }
    }
    (quotient, remainder)
}
