//! The multiply-divide at 4, 6 and 8 bits, over all inputs, against the machine's own wider arithmetic.

use core::ops::{Add, BitAnd, BitOr, Mul, Shl, Shr};

use crate::math::{
    MathError,
    words::{Dividend, Word, mul_add, mul_add_div_rem},
};

/// A word of `N` bits, `N` even and at most 8. A sum or product that does not fit stops the proof, in every build
/// profile: that no intermediate result overflows is part of what is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bits<const N: u32>(u8);

impl<const N: u32> Bits<N> {
    const MASK: u16 = (1 << N) - 1;

    fn exact(value: u16) -> Self {
        assert!(value <= Self::MASK, "{value} does not fit in {N} bits");
        Self(value as u8)
    }

    fn all() -> impl Iterator<Item = Self> {
        (0..=Self::MASK).map(Self::exact)
    }
}

impl<const N: u32> Add for Bits<N> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::exact(u16::from(self.0) + u16::from(other.0))
    }
}

impl<const N: u32> Mul for Bits<N> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::exact(u16::from(self.0) * u16::from(other.0))
    }
}

impl<const N: u32> BitAnd for Bits<N> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl<const N: u32> BitOr for Bits<N> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// As on the primitive types, bits that are pushed out are gone.
impl<const N: u32> Shl<u32> for Bits<N> {
    type Output = Self;
    fn shl(self, bits: u32) -> Self {
        Self::exact((u16::from(self.0) << bits) & Self::MASK)
    }
}

impl<const N: u32> Shr<u32> for Bits<N> {
    type Output = Self;
    fn shr(self, bits: u32) -> Self {
        Self(self.0 >> bits)
    }
}

impl<const N: u32> Word for Bits<N> {
    const BITS: u32 = N;
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);
    const HALF: Self = Self((1 << (N / 2)) - 1);

    fn wrapping_sub(self, other: Self) -> Self {
        Self::exact(u16::from(self.0).wrapping_sub(u16::from(other.0)) & Self::MASK)
    }

    fn divide_halves(high: Self, low: Self, d: Self) -> (Self, Self) {
        assert!(high < d && low <= Self::HALF && d.0 >> (N / 2 - 1) == 1, "({high:?}, {low:?}) / {d:?}");
        let n = high.0 << (N / 2) | low.0;
        (Self(n / d.0), Self(n % d.0))
    }
}

impl<const N: u32> Dividend for Bits<N> {
    fn leading_zeros(self) -> u32 {
        self.0.leading_zeros() - (u8::BITS - N)
    }

    fn short_div_rem(self, d: Self) -> Option<(Self, Self)> {
        (self <= Self::HALF && d <= Self::HALF).then(|| (Self(self.0 / d.0), Self(self.0 % d.0)))
    }
}

/// What `(a·b + c) / d` is, by wider arithmetic.
fn expected<const N: u32>(n: u32, d: u8) -> Result<(Bits<N>, Bits<N>), MathError> {
    let quotient = n.checked_div(u32::from(d)).ok_or(MathError::DivisionByZero)?;
    if quotient > u32::from(Bits::<N>::MASK) {
        return Err(MathError::Overflow);
    }
    Ok((Bits(quotient as u8), Bits((n % u32::from(d)) as u8)))
}

fn product<const N: u32>(a: Bits<N>, b: Bits<N>, c: Bits<N>) -> u32 {
    u32::from(a.0) * u32::from(b.0) + u32::from(c.0)
}

/// Proves the multiply-divide for all `2^(4·N)` inputs, one by one.
fn every_quadruple<const N: u32>() {
    for a in Bits::<N>::all() {
        for b in Bits::all() {
            for c in Bits::all() {
                let n = product(a, b, c);
                for d in Bits::all() {
                    assert_eq!(mul_add_div_rem(a, b, c, d), expected(n, d.0), "({a:?}·{b:?} + {c:?}) / {d:?}");
                }
            }
        }
    }
}

/// Proves the same with `2^(3·N)` steps for each half: the product for all `(a, b, c)`, and the division for every
/// value that a product takes and every divisor. Division sees only the product, so together they cover all quadruples.
fn every_product_and_every_division<const N: u32>() {
    let mut seen = [None; 1 << 16];
    for a in Bits::<N>::all() {
        for b in Bits::all() {
            for c in Bits::all() {
                let n = product(a, b, c);
                let (high, low) = mul_add(a, b, c);
                assert_eq!(u32::from(high.0) << N | u32::from(low.0), n, "{a:?}·{b:?} + {c:?}");
                seen[n as usize] = Some((a, b, c));
            }
        }
    }
    for (n, inputs) in seen.iter().enumerate() {
        let Some((a, b, c)) = *inputs else { continue };
        for d in Bits::all() {
            assert_eq!(mul_add_div_rem(a, b, c, d), expected(n as u32, d.0), "{n} / {d:?}");
        }
    }
}

/// Proves PAY-7's arithmetic at 4 bits: 65,536 inputs.
#[test]
fn multiply_divide_at_4_bits() {
    every_quadruple::<4>();
}

/// Proves PAY-7's arithmetic at 6 bits: all 2^24 inputs, by product and division.
#[test]
fn multiply_divide_at_6_bits() {
    every_product_and_every_division::<6>();
}

/// Proves PAY-7's arithmetic at 8 bits: all 2^32 inputs, by product and division.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn multiply_divide_at_8_bits() {
    every_product_and_every_division::<8>();
}

/// Proves PAY-7's arithmetic at 6 bits without taking it apart: 16,777,216 inputs.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn multiply_divide_at_6_bits_one_by_one() {
    every_quadruple::<6>();
}

/// Proves PAY-7's arithmetic at 8 bits without taking it apart: 4,294,967,296 inputs.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn multiply_divide_at_8_bits_one_by_one() {
    every_quadruple::<8>();
}
