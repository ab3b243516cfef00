//! 256-bit multiply-divide and basis points: the only place where products of amounts are formed.

pub(crate) mod words;

/// Basis points in a whole.
pub const BASIS_POINTS: u16 = 10_000;

/// Arithmetic that would not fit; the caller refuses the operation and changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MathError {
    /// The exact result does not fit in 128 bits.
    Overflow,
    /// Division by zero.
    DivisionByZero,
    /// Basis points above [`BASIS_POINTS`].
    InvalidBasisPoints,
}

/// `(⌊(a·b + c) / d⌋, (a·b + c) mod d)` with a 256-bit intermediate, so that the product itself cannot overflow.
///
/// `a·b + c ≤ (2^128−1)² + (2^128−1) < 2^256` for all inputs.
///
/// Written out rather than taken from a big-integer crate, whose division alone is 5 KB of code, and so of proof, on
/// every call of a pool. The tests compare it with such a crate.
///
/// # Errors
/// [`MathError::DivisionByZero`]; [`MathError::Overflow`] where the quotient does not fit in 128 bits.
pub fn mul_add_div_rem(a: u128, b: u128, c: u128, d: u128) -> Result<(u128, u128), MathError> {
    words::mul_add_div_rem(a, b, c, d)
}

/// `(⌊(a·2^64 + c) / d⌋, (a·2^64 + c) mod d)`: the same, without the multiplication.
///
/// # Errors
/// As [`mul_add_div_rem`].
#[expect(clippy::arithmetic_side_effects, reason = "below 2^64, and one more at most")]
pub fn shift_add_div_rem(a: u128, c: u128, d: u128) -> Result<(u128, u128), MathError> {
    let (low, carries) = (a << 64).overflowing_add(c);
    words::wide_div_rem((a >> 64) + u128::from(carries), low, d)
}

/// `⌊a·b / d⌋` with a 256-bit intermediate.
pub fn mul_div(a: u128, b: u128, d: u128) -> Result<u128, MathError> {
    mul_add_div_rem(a, b, 0, d).map(|(quotient, _)| quotient)
}

/// Splits `amount` into `(⌊amount·bps / 10 000⌋, rest)`; the two parts sum to `amount` exactly.
#[expect(clippy::arithmetic_side_effects, reason = "a part of at most 10,000 basis points is not more than the whole")]
pub fn split_bps(amount: u128, bps: u16) -> Result<(u128, u128), MathError> {
    if bps > BASIS_POINTS {
        return Err(MathError::InvalidBasisPoints);
    }
    let part = mul_div(amount, u128::from(bps), u128::from(BASIS_POINTS))?;
    Ok((part, amount - part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ruint::aliases::U256;

    /// Values of every length, and those next to a power of two, where carries go wrong.
    fn any_length() -> impl Strategy<Value = u128> {
        let near = (0u32..128, 0u128..3).prop_map(|(bits, off)| (1u128 << bits).wrapping_add(off).wrapping_sub(1));
        prop_oneof![(any::<u128>(), 0u32..128).prop_map(|(value, shift)| value >> shift), near, Just(u128::MAX)]
    }

    proptest! {
        /// The quotient and remainder rebuild the dividend, at 256 bits.
        #[test]
        fn mul_add_div_rem_is_exact(a in any_length(), b in any_length(), c in any_length(), d in any_length()) {
            prop_assume!(d != 0);
            let n = U256::from(a) * U256::from(b) + U256::from(c);
            match mul_add_div_rem(a, b, c, d) {
                Ok((q, r)) => {
                    prop_assert!(r < d);
                    prop_assert_eq!(U256::from(q) * U256::from(d) + U256::from(r), n);
                }
                Err(e) => {
                    prop_assert_eq!(e, MathError::Overflow);
                    prop_assert!(n / U256::from(d) > U256::from(u128::MAX));
                }
            }
        }

        /// By a shift as by a multiplication, at the edges of both words too.
        #[test]
        fn shifts_are_multiplications(a in any_length(), c in any_length(), d in any_length()) {
            prop_assert_eq!(shift_add_div_rem(a, c, d), mul_add_div_rem(a, 1 << 64, c, d));
        }

        /// Proves PAY-6: the two legs sum to the deposit and neither is off by a unit or more.
        #[test]
        fn split_loses_nothing(amount: u128, bps in 0u16..=BASIS_POINTS) {
            let (part, rest) = split_bps(amount, bps).unwrap();
            prop_assert_eq!(part + rest, amount);
            let exact = U256::from(amount) * U256::from(bps);
            let scaled = U256::from(part) * U256::from(BASIS_POINTS);
            prop_assert!(scaled <= exact && exact - scaled < U256::from(BASIS_POINTS));
        }
    }

    #[test]
    fn bad_input_is_refused() {
        assert_eq!(mul_div(1, 1, 0), Err(MathError::DivisionByZero));
        assert_eq!(mul_div(u128::MAX, 2, 1), Err(MathError::Overflow));
        assert_eq!(split_bps(1, 10_001), Err(MathError::InvalidBasisPoints));
        assert_eq!(split_bps(7, BASIS_POINTS), Ok((7, 0)));
    }

    /// The short way and the long way, each once.
    #[test]
    fn quotient_and_remainder() {
        assert_eq!(mul_add_div_rem(7, 10, 3, 9), Ok((8, 1)));
        assert_eq!(
            mul_add_div_rem(1 << 100, 1 << 100, 5, (1 << 101) + 1),
            Ok(((1 << 99) - 1, (1 << 101) + 1 - (1 << 99) + 5))
        );
    }
}
