//! Largest remainder over all short lists of small scores.

use alloc::{vec, vec::Vec};

use crate::settlement::{apportion, weights};

/// Calls `check` with every list of up to `length` scores, each from 0 to `highest`.
fn every_list(length: usize, highest: u128, check: &mut impl FnMut(&[u128])) {
    fn extend(scores: &mut Vec<u128>, length: usize, highest: u128, check: &mut impl FnMut(&[u128])) {
        check(scores);
        if scores.len() == length {
            return;
        }
        for score in 0..=highest {
            scores.push(score);
            extend(scores, length, highest, check);
            scores.pop();
        }
    }
    extend(&mut vec![], length, highest, check);
}

/// Hamilton's method as its textbook says it: everybody gets the whole part, then one unit at a time goes to the
/// largest remainder that has not had one, the earliest of equals.
fn textbook(scores: &[u128], one: u64) -> Option<Vec<u64>> {
    let sum: u128 = scores.iter().sum();
    if sum == 0 {
        return None;
    }
    let exact: Vec<_> = scores.iter().map(|s| s * u128::from(one)).collect();
    let mut parts: Vec<_> = exact.iter().map(|e| (e / sum) as u64).collect();
    let mut served = vec![false; scores.len()];
    while parts.iter().sum::<u64>() < one {
        let mut best = None;
        for i in (0..scores.len()).filter(|&i| !served[i]) {
            if best.is_none_or(|b: usize| exact[i] % sum > exact[b] % sum) {
                best = Some(i);
            }
        }
        let best = best.expect("fewer units are left than entries");
        served[best] = true;
        parts[best] += 1;
    }
    Some(parts)
}

/// Sum, distance from the exact share, order and ties of one result.
fn check(scores: &[u128], one: u64, parts: &[u64]) {
    let sum: u128 = scores.iter().sum();
    assert_eq!(parts.len(), scores.len());
    assert_eq!(parts.iter().sum::<u64>(), one, "{scores:?}");
    for (i, (&score, &part)) in scores.iter().zip(parts).enumerate() {
        let exact = score * u128::from(one);
        // Less than one unit from the exact share, so an exact share is met and a score of zero gets nothing.
        assert!((u128::from(part) * sum).abs_diff(exact) < sum, "{scores:?} of {one}: {parts:?}");
        for (&other, &its) in scores[i + 1..].iter().zip(&parts[i + 1..]) {
            let ordered = match score.cmp(&other) {
                core::cmp::Ordering::Less => part <= its,
                core::cmp::Ordering::Greater => part >= its,
                // Equal scores differ by at most the one unit that the earlier entry has more.
                core::cmp::Ordering::Equal => part == its || part == its + 1,
            };
            assert!(ordered, "{scores:?} of {one}: {parts:?}");
        }
    }
}

fn every_apportionment(length: usize, highest: u128, ones: &[u64]) {
    every_list(length, highest, &mut |scores| {
        for &one in ones {
            let parts = apportion(scores, one);
            assert_eq!(parts, textbook(scores, one), "{scores:?} of {one}");
            if let Some(parts) = parts {
                check(scores, one, &parts);
            }
        }
    });
}

/// Proves ATT-6: weights of all lists of up to 4 scores up to 8 sum exactly, each within a unit of its exact share, in
/// the order of the scores, ties to the earlier entry; at sums with and without common factors.
#[test]
fn largest_remainder_of_all_short_lists() {
    every_apportionment(4, 8, &[1, 7, 10]);
}

/// Proves ATT-6 for all lists of up to 6 scores up to 8.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn largest_remainder_of_all_longer_lists() {
    every_apportionment(6, 8, &[1, 2, 3, 7, 10, 12, 97]);
}

/// Proves ATT-6 at the scale of real reports: 10^18.
#[test]
fn largest_remainder_at_full_scale() {
    every_list(4, 6, &mut |scores| {
        if let Some(parts) = weights(scores) {
            check(scores, crate::contribution::WEIGHT_ONE, &parts);
        }
    });
}
