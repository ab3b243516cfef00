//! Multipliers of half the length, and digits with few that are not zero.

/// A 256-bit number, the lowest word first.
pub type Wide = [u64; 4];

/// 8·ℓ, where ℓ = 2^252 + 27742317777372353535851937790883648493 is the order of the base point: a multiple of every point's order.
const EIGHT_L: Wide = [0xc09318d2e7ae9f68, 0xa6f7cef517bce6b2, 0, 0x8000000000000000];

/// `(u, negative, v)` with ±u ≡ v·h modulo 8ℓ, v odd and above zero, and both mostly of 128 bits: Antipa, Brown, Gallant,
/// Lambert, Struik and Vanstone, "Accelerated verification of ECDSA signatures" (2005), by Euclid's algorithm stopped half-way.
///
/// u may be longer where the first v is even, which costs doublings and changes no result.
pub fn halve(h: &Wide) -> (Wide, bool, u128) {
    // r ≡ t·h modulo 8ℓ, t's sign alternating; |t| ≤ 8ℓ / (the r before), so it is below 2^128 while that r is not.
    let (mut r0, mut r1) = (EIGHT_L, *h);
    let (mut t0, mut t1) = (0u128, 1u128);
    let mut negative = false;
    while r1[2] | r1[3] != 0 {
        let length = bits(&r1);
        loop {
            let mut shift = match bits(&r0).checked_sub(length) {
                None => break,
                Some(shift) => shift,
            };
            let mut part = shifted(&r1, shift);
            if less(&r0, &part) {
                if shift == 0 {
                    break;
                }
                shift -= 1;
                part = shifted(&r1, shift);
            }
            subtract(&mut r0, &part);
            t0 += t1 << shift;
        }
        (r0, r1, t0, t1) = (r1, r0, t1, t0);
        negative = !negative;
    }
    // Neighbours among the t have no common divisor: where one is even the other is odd.
    if t1 & 1 == 1 { (r1, negative, t1) } else { (r0, !negative, t0) }
}

fn bits(n: &Wide) -> u32 {
    let mut at = 3;
    while at > 0 && n[at] == 0 {
        at -= 1;
    }
    at as u32 * 64 + 64 - n[at].leading_zeros()
}

fn less(a: &Wide, b: &Wide) -> bool {
    let mut at = 3;
    while at > 0 && a[at] == b[at] {
        at -= 1;
    }
    a[at] < b[at]
}

/// n · 2^shift, which fits.
fn shifted(n: &Wide, shift: u32) -> Wide {
    let (words, bits) = ((shift / 64) as usize, shift % 64);
    let mut result = [0; 4];
    for at in words..4 {
        result[at] = n[at - words] << bits;
        if bits > 0 && at > words {
            result[at] |= n[at - words - 1] >> (64 - bits);
        }
    }
    result
}

fn subtract(a: &mut Wide, b: &Wide) {
    let mut borrow = false;
    for (a, b) in a.iter_mut().zip(b) {
        let (difference, one) = a.overflowing_sub(*b);
        let (difference, two) = difference.overflowing_sub(u64::from(borrow));
        (*a, borrow) = (difference, one || two);
    }
}

/// Most digits of a number below 2^256.
pub const DIGITS: usize = 257;

/// Digits of a signed-window form: each zero or odd and below 2^(width − 1) in size, at most one of `width` neighbours is not zero,
/// and Σ digit · 2^position is the number, which is below 2^256 − 2^width. Answers with the number of digits.
pub fn digits(n: &Wide, width: u32, to: &mut [i8; DIGITS]) -> usize {
    let (size, mut carry, mut position, mut length) = (1u64 << width, 0, 0, 0);
    while position < 257 {
        let (word, bit) = (position / 64, position % 64);
        let mut window = n.get(word).map_or(0, |low| low >> bit);
        if bit > 64 - width as usize {
            window |= n.get(word + 1).map_or(0, |high| high << (64 - bit));
        }
        let window = carry + (window & (size - 1));
        if window & 1 == 0 {
            position += 1;
            continue;
        }
        if window < size / 2 {
            carry = 0;
            to[position] = window as i8;
        } else {
            carry = 1;
            to[position] = (window as i64 - size as i64) as i8;
        }
        length = position + 1;
        position += width as usize;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::scalar::Scalar;
    use proptest::prelude::*;

    fn wide(bytes: &[u8; 32]) -> Wide {
        core::array::from_fn(|n| u64::from_le_bytes(bytes[n * 8..n * 8 + 8].try_into().unwrap()))
    }

    fn scalar(n: &Wide) -> Scalar {
        let mut bytes = [0; 64];
        n.iter().enumerate().for_each(|(at, word)| bytes[at * 8..at * 8 + 8].copy_from_slice(&word.to_le_bytes()));
        Scalar::from_bytes_mod_order_wide(&bytes)
    }

    fn check(h: &Wide) {
        let (u, negative, v) = halve(h);
        assert!(v & 1 == 1);
        // Modulo ℓ, and modulo 8: together modulo 8ℓ.
        let side = Scalar::from(v) * scalar(h);
        assert_eq!(if negative { -scalar(&u) } else { scalar(&u) }, side, "{h:x?}");
        let eight = if negative { u[0].wrapping_neg() } else { u[0] } & 7;
        assert_eq!(eight, (v as u64).wrapping_mul(h[0]) & 7, "{h:x?}");
    }

    #[test]
    fn extreme_multipliers_are_halved() {
        let minus_one = wide(&(Scalar::ZERO - Scalar::ONE).to_bytes());
        let edges = [[0; 4], [1, 0, 0, 0], [2, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1 << 60], [u64::MAX, u64::MAX, 0, 0]];
        for h in edges.into_iter().chain([minus_one]) {
            check(&h);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// ±u ≡ v·h, and of about half the length.
        #[test]
        fn multipliers_are_halved(bytes: [u8; 32]) {
            let h = wide(&Scalar::from_bytes_mod_order(bytes).to_bytes());
            check(&h);
            prop_assert!(bits(&halve(&h).0) < 160);
        }

        /// The digits are the number, few and odd.
        #[test]
        fn digits_are_the_number(bytes: [u8; 32], width in 2u32..=8) {
            let mut n = wide(&bytes);
            n[3] >>= 1;
            let mut found = [0; DIGITS];
            let length = digits(&n, width, &mut found);
            let mut sum = Scalar::ZERO;
            for at in (0..DIGITS).rev() {
                sum = sum + sum;
                let digit = i64::from(found[at]);
                let size = Scalar::from(digit.unsigned_abs());
                sum = if digit < 0 { sum - size } else { sum + size };
                prop_assert!(digit == 0 || digit & 1 == 1 && digit.abs() < 1 << (width - 1) && at < length);
            }
            prop_assert_eq!(sum, scalar(&n));
            for window in found.windows(width as usize) {
                prop_assert!(window.iter().filter(|digit| **digit != 0).count() <= 1);
            }
        }
    }
}
