//! Largest remainder (Hamilton's method): integer weights that sum exactly to [`WEIGHT_ONE`].

use crate::contribution::WEIGHT_ONE;
use crate::math::mul_add_div_rem;
use alloc::vec::Vec;

/// Weights in proportion to `scores`, in the same order, summing exactly to [`WEIGHT_ONE`]; `None` where all scores are
/// zero or their sum passes 2^128, which callers exclude by their token limits.
///
/// Each weight is its exact share rounded down, and the units left over go to the largest remainders, ties to the
/// earlier entry: the caller's order (contributors sorted by address) decides, so the result is reproducible.
pub fn weights(scores: &[u128]) -> Option<Vec<u64>> {
    apportion(scores, WEIGHT_ONE)
}

/// [`weights`] that sum to `one`, so that `crate::proofs` can try all short lists of small scores at small sums.
pub(crate) fn apportion(scores: &[u128], one: u64) -> Option<Vec<u64>> {
    let sum = scores.iter().try_fold(0u128, |sum, &s| sum.checked_add(s))?;
    if sum == 0 {
        return None;
    }
    let mut parts = Vec::with_capacity(scores.len());
    let mut left = one;
    for (i, &score) in scores.iter().enumerate() {
        let (whole, remainder) = mul_add_div_rem(score, u128::from(one), 0, sum).ok()?;
        // `score <= sum`, so `whole <= one`.
        let whole = whole as u64;
        left = left.saturating_sub(whole);
        parts.push((whole, remainder, i));
    }
    parts.sort_by(|a, b| b.1.cmp(&a.1).then(a.2.cmp(&b.2)));
    // Fewer units are left over than there are entries with a remainder.
    for part in parts.iter_mut().take(left as usize) {
        part.0 = part.0.saturating_add(1);
    }
    parts.sort_by_key(|part| part.2);
    Some(parts.into_iter().map(|part| part.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Proves ATT-6: weights sum exactly to one, each within a unit of its exact share, in the order of the scores.
        #[test]
        fn weights_sum_to_one(scores in prop::collection::vec(0u128..u128::from(u64::MAX), 1..50)) {
            let sum: u128 = scores.iter().sum();
            match weights(&scores) {
                None => prop_assert_eq!(sum, 0),
                Some(w) => {
                    prop_assert_eq!(w.iter().map(|&x| u128::from(x)).sum::<u128>(), u128::from(WEIGHT_ONE));
                    for (&s, &x) in scores.iter().zip(&w) {
                        let floor = crate::math::mul_div(s, u128::from(WEIGHT_ONE), sum).unwrap();
                        prop_assert!(u128::from(x) == floor || u128::from(x) == floor + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn ties_go_to_the_earlier_entry() {
        assert_eq!(weights(&[1, 1, 1]).unwrap(), [WEIGHT_ONE / 3 + 1, WEIGHT_ONE / 3, WEIGHT_ONE / 3]);
        assert_eq!(weights(&[0, 5]).unwrap(), [0, WEIGHT_ONE]);
        assert_eq!(weights(&[]), None);
        assert_eq!(weights(&[0, 0]), None);
    }
}
