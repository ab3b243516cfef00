//! 256-bit multiply-divide and basis points: the only place where products of amounts are formed.

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
/// Written out rather than taken from a big-integer crate, whose division alone is 5 KB of code, and so of proof, on every call
/// of a pool. The tests compare it with such a crate.
///
/// # Errors
/// [`MathError::DivisionByZero`]; [`MathError::Overflow`] where the quotient does not fit in 128 bits.
pub fn mul_add_div_rem(a: u128, b: u128, c: u128, d: u128) -> Result<(u128, u128), MathError> {
    if d == 0 {
        return Err(MathError::DivisionByZero);
    }
    let (high, low) = mul_add(a, b, c);
    // The quotient has at most 128 bits exactly where the upper half is below the divisor.
    if high >= d {
        return Err(MathError::Overflow);
    }
    // The compiler's own 128-bit division is a kilobyte of code; figures that fit 64 bits go the short way.
    match (high, u64::try_from(low), u64::try_from(d)) {
        (0, Ok(low), Ok(d)) => Ok((u128::from(low / d), u128::from(low % d))),
        _ => Ok(div_rem(high, low, d)),
    }
}

/// `a·b + c` as (upper, lower) 128 bits: schoolbook multiplication of 64-bit halves.
fn mul_add(a: u128, b: u128, c: u128) -> (u128, u128) {
    const HALF: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & HALF, b >> 64, b & HALF);
    // Each sum stays below 2^128: (2^64−1)² + 2·(2^64−1) = 2^128 − 1.
    let t0 = a0 * b0 + (c & HALF);
    let t1 = a1 * b0 + (t0 >> 64);
    let t2 = a0 * b1 + (t1 & HALF) + (c >> 64);
    (a1 * b1 + (t1 >> 64) + (t2 >> 64), t2 << 64 | t0 & HALF)
}

/// Binary long division of `high·2^128 + low` by `d > high`, bit by bit.
fn div_rem(high: u128, low: u128, d: u128) -> (u128, u128) {
    let (mut remainder, mut quotient) = (high, low);
    for _ in 0..128 {
        let carry = remainder >> 127 == 1;
        remainder = remainder << 1 | quotient >> 127;
        quotient <<= 1;
        if carry || remainder >= d {
            // With a carry the true value is 2^128 + remainder, and less than 2·d: the difference fits.
            remainder = remainder.wrapping_sub(d);
            quotient |= 1;
        }
    }
    (quotient, remainder)
}

/// `⌊a·b / d⌋` with a 256-bit intermediate.
pub fn mul_div(a: u128, b: u128, d: u128) -> Result<u128, MathError> {
    mul_add_div_rem(a, b, 0, d).map(|(quotient, _)| quotient)
}

/// Splits `amount` into `(⌊amount·bps / 10 000⌋, rest)`; the two parts sum to `amount` exactly.
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
    }
}
