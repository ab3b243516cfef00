//! Multipliers as digits of which few are not zero.

/// Most digits of a word: the last one is a carry.
pub const DIGITS: usize = 65;

/// Digits of a signed-window form: each zero or odd and below 2^(width − 1) in size, at most one of `width` neighbours
/// is not zero, and Σ digit · 2^position is the number.
pub const fn digits(n: u64, width: u32) -> [i8; DIGITS] {
    let mut digits = [0; DIGITS];
    let (size, mut carry, mut position) = (1u64 << width, 0, 0);
    while position < 64 {
        let window = carry + ((n >> position) & (size - 1));
        if window & 1 == 0 {
            position += 1;
            continue;
        }
        if window < size / 2 {
            carry = 0;
            digits[position] = window as i8;
        } else {
            carry = 1;
            digits[position] = (window as i64 - size as i64) as i8;
        }
        position += width as usize;
    }
    // A negative digit's window ends with the word at the latest: what it borrowed is due there.
    if carry == 1 {
        digits[64] = 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(n: u64, width: u32) {
        let found = digits(n, width);
        let mut sum = 0i128;
        for digit in found.iter().rev().copied() {
            sum = 2 * sum + i128::from(digit);
            assert!(digit == 0 || digit & 1 == 1 && digit.unsigned_abs() < 1 << (width - 1), "{n:#x} {width}");
        }
        assert_eq!(sum, i128::from(n), "{width}");
        for window in found.windows(width as usize) {
            assert!(window.iter().filter(|digit| **digit != 0).count() <= 1, "{n:#x} {width}");
        }
    }

    #[test]
    fn digits_of_extreme_words() {
        for width in 2..=7 {
            for n in [0, 1, 2, 1 << 63, u64::MAX, u64::MAX - 1, u64::MAX << 32, 0x5555_5555_5555_5555] {
                check(n, width);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// The digits are the number, few and odd.
        #[test]
        fn digits_are_the_number(n: u64, width in 2u32..=7) {
            check(n, width);
        }
    }
}
