//! Multiply and divide through a product of two words, written once for every word width.
//!
//! Contracts run it at 128 bits. `crate::proofs` runs this same text over *all* inputs at 4, 6 and 8 bits, with a word
//! type that stops at any sum or product that does not fit: what could go wrong in a carry goes wrong there first.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "its sums and products fit, which `crate::proofs` shows with words that stop where one does not"
)]

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

    /// Quotient and remainder of `high·2^half + low` by `d > high`, whose half word's highest bit is one; all are half
    /// words.
    fn divide_halves(high: Self, low: Self, d: Self) -> (Self, Self);
}

/// A word whose products are divided.
pub trait Dividend: Word {
    /// How many bits are zero above the highest that is one.
    fn leading_zeros(self) -> u32;

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

    #[inline(never)]
    fn divide_halves(high: Self, low: Self, d: Self) -> (Self, Self) {
        let (quotient, remainder) = div_rem_normalized(high as u64, low as u64, d as u64);
        (quotient.into(), remainder.into())
    }
}

impl Dividend for u128 {
    fn leading_zeros(self) -> u32 {
        self.leading_zeros()
    }

    fn short_div_rem(self, d: Self) -> Option<(Self, Self)> {
        match (u64::try_from(self), u64::try_from(d)) {
            (Ok(n), Ok(d)) => Some((Self::from(n / d), Self::from(n % d))),
            _ => None,
        }
    }
}

/// Half words of the above: where the machine can divide by itself.
impl Word for u64 {
    const BITS: u32 = 64;
    const ZERO: Self = 0;
    const ONE: Self = 1;
    const HALF: Self = u32::MAX as Self;

    fn wrapping_sub(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    fn divide_halves(high: Self, low: Self, d: Self) -> (Self, Self) {
        let n = high << 32 | low;
        (n / d, n % d)
    }
}

/// See [`super::mul_add_div_rem`].
pub fn mul_add_div_rem<W: Dividend>(a: W, b: W, c: W, d: W) -> Result<(W, W), MathError> {
    let (high, low) = mul_add(a, b, c);
    wide_div_rem(high, low, d)
}

/// `⌊(high·2^BITS + low) / d⌋` and the remainder.
///
/// # Errors
/// As [`super::mul_add_div_rem`].
pub fn wide_div_rem<W: Dividend>(high: W, low: W, d: W) -> Result<(W, W), MathError> {
    if d == W::ZERO {
        return Err(MathError::DivisionByZero);
    }
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

/// Long division of `high·2^BITS + low` by `d > high`, half a word at a time: Knuth, The Art of Computer Programming,
/// vol. 2, 4.3.1, algorithm D.
fn div_rem<W: Dividend>(high: W, low: W, d: W) -> (W, W) {
    let shift = d.leading_zeros();
    // Settling a holder divides by 2^64.
    if d.wrapping_sub(W::ONE) & d == W::ZERO {
        let exponent = W::BITS - 1 - shift;
        let upper = if exponent == 0 { W::ZERO } else { high << (W::BITS - exponent) };
        return (upper | low >> exponent, low & d.wrapping_sub(W::ONE));
    }
    // Both times 2^shift, so that the divisor's highest bit is one: the quotient is the same.
    let spill = if shift == 0 { W::ZERO } else { low >> (W::BITS - shift) };
    let (quotient, remainder) = div_rem_normalized(high << shift | spill, low << shift, d << shift);
    (quotient, remainder >> shift)
}

/// The same for a divisor whose highest bit is one.
fn div_rem_normalized<W: Word>(high: W, low: W, d: W) -> (W, W) {
    let half = W::BITS / 2;
    let (upper, remainder) = digit(high, low >> half, d);
    let (lower, remainder) = digit(remainder, low & W::HALF, d);
    (upper << half | lower, remainder)
}

/// Quotient and remainder of `remainder·2^half + next` by the normalised `d > remainder`; the quotient fits in half a
/// word.
fn digit<W: Word>(remainder: W, next: W, d: W) -> (W, W) {
    let half = W::BITS / 2;
    let (d1, d0) = (d >> half, d & W::HALF);
    let (high, low) = (remainder >> half, remainder & W::HALF);
    // An estimate by the divisor's upper half: right, or too large by one or two.
    let (mut quotient, mut rest) = if high == d1 { (W::HALF, low + d1) } else { W::divide_halves(high, low, d1) };
    while rest <= W::HALF && quotient * d0 > (rest << half | next) {
        quotient = quotient.wrapping_sub(W::ONE);
        rest = rest + d1;
    }
    // The true difference is below `d`, so nothing is lost where the upper bits of `rest` are pushed out.
    (quotient, (rest << half | next).wrapping_sub(quotient * d0))
}
