//! Calls that a platform has to open, drawn by a block that nobody knew when the log's checkpoint was anchored; and
//! what a sample says of all calls, in integers.

use alloc::{collections::BTreeSet, vec, vec::Vec};
use codec::Encode;

use crate::report::{Hash, LogCheckpoint};

/// Domain tag of what a draw's randomness is hashed from.
pub const TAG: &[u8] = b"yieldset/spot-draw/v1\n";
/// Domain tag of what a platform signs that opens drawn calls.
pub const OPENING_TAG: &[u8] = b"yieldset/spot-opening/v1\n";
/// How many calls are drawn where nobody says otherwise: where none of 59 is wrong, it is at 95 % that fewer than one
/// call in twenty is, however many there are.
pub const SAMPLE: u32 = 59;
/// Most calls that are drawn.
pub const MAX_SAMPLE: u32 = 10_000;
/// The confidence of [`most_wrong`]: the chance that it says too little is at most one in so many.
pub const ONE_IN: u64 = 20;

/// What a draw is of: each of it makes another draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw<'a> {
    /// Hash of the block after the one that has the checkpoint's anchor.
    pub block_hash: Hash,
    /// The anchored checkpoint.
    pub log: &'a LogCheckpoint,
    /// The stream.
    pub stream: Hash,
    /// The period.
    pub period: u32,
}

impl Draw<'_> {
    /// Numbers of the drawn calls, ascending, of the `calls` that the period has in the log's order: `sample` of them,
    /// or all where there are no more.
    ///
    /// Floyd's algorithm: each set of so many calls comes out alike often. Its numbers are the first eight bytes of
    /// keccak-256 of [`TAG`] ‖ SCALE(this, a counter), big-endian; those from the largest multiple of the bound on are
    /// skipped, so that none comes out more often.
    pub fn of(&self, calls: u64, sample: u32, keccak256: impl Fn(&[u8]) -> Hash) -> Vec<u64> {
        let sample = u64::from(sample.min(MAX_SAMPLE));
        if sample >= calls {
            return (0..calls).collect();
        }
        let mut counter = 0u64;
        let mut drawn = BTreeSet::new();
        for last in calls.saturating_sub(sample)..calls {
            let bound = last.saturating_add(1);
            let number = self.below(bound, &mut counter, &keccak256);
            if !drawn.insert(number) {
                drawn.insert(last);
            }
        }
        drawn.into_iter().collect()
    }

    fn below(&self, bound: u64, counter: &mut u64, keccak256: &impl Fn(&[u8]) -> Hash) -> u64 {
        // How many of the highest numbers have no full round of the bound: 2^64 modulo it.
        let uneven = (u64::MAX.checked_rem(bound).unwrap_or_default()).saturating_add(1);
        let uneven = uneven.checked_rem(bound).unwrap_or_default();
        loop {
            let mut bytes = TAG.to_vec();
            (self.block_hash, self.log, self.stream, self.period, *counter).encode_to(&mut bytes);
            *counter = counter.wrapping_add(1);
            let mut first = [0; 8];
            first.copy_from_slice(&keccak256(&bytes)[..8]);
            let number = u64::from_be_bytes(first);
            if number <= u64::MAX.saturating_sub(uneven) {
                return number.checked_rem(bound).unwrap_or_default();
            }
        }
    }
}

/// What a platform signs that opens drawn calls: [`OPENING_TAG`] ‖ SCALE(SHA-256 of the draw's file, leaf and SHA-256
/// of the whole output of each).
pub fn opening_bytes(draw: &Hash, texts: &[(u64, Hash)]) -> Vec<u8> {
    let mut bytes = OPENING_TAG.to_vec();
    (draw, texts).encode_to(&mut bytes);
    bytes
}

/// How many of the drawn calls are wrong, in basis points, rounded up: those that were not opened are.
pub fn discrepancy_bps(drawn: u32, matched: u32) -> u32 {
    let wrong = u64::from(drawn.saturating_sub(matched)).saturating_mul(10_000);
    // At most 10,000.
    wrong.checked_next_multiple_of(drawn.into()).and_then(|up| up.checked_div(drawn.into())).unwrap_or_default() as u32
}

/// Most of `calls` that may be wrong where `wrong` of `drawn` were: the exact upper bound of the hypergeometric
/// distribution (Clopper and Pearson's, for a sample without replacement). The chance that more are wrong is at most
/// one in [`ONE_IN`]. Chances are rounded up, so that the bound is never too small.
pub fn most_wrong(calls: u64, drawn: u32, wrong: u32) -> u64 {
    let (drawn, wrong) = (u64::from(drawn).min(calls), u64::from(wrong));
    if drawn == 0 || wrong >= drawn {
        return calls;
    }
    // As many are wrong at least, and as many right, as were seen to be.
    let (mut low, mut high) = (wrong, calls.saturating_sub(drawn).saturating_add(wrong));
    while low < high {
        // Above the middle, so that it ends.
        let middle = high.saturating_sub(high.saturating_sub(low) / 2);
        if is_likely(calls, middle, drawn, wrong) { low = middle } else { high = middle.saturating_sub(1) }
    }
    low
}

/// Fixed-point one of chances.
const ONE: u128 = 1 << 62;
/// A chance that is not too small to count.
const LIKELY: u128 = ONE / ONE_IN as u128;

/// Whether the chance of at most `seen` wrong ones among `drawn` of `calls`, of which `wrong` are, is above one in
/// [`ONE_IN`]: worked out draw by draw.
fn is_likely(calls: u64, wrong: u64, drawn: u64, seen: u64) -> bool {
    // By how many wrong ones were drawn so far; no more than the draws, which are at most 2^32.
    let mut chances = vec![0u128; usize::try_from(seen).unwrap_or(usize::MAX - 1).saturating_add(1)];
    chances[0] = ONE;
    for before in 0..drawn {
        let left = u128::from(calls.saturating_sub(before)).max(1);
        for had in (0..chances.len()).rev() {
            let chance = chances[had];
            let had_wrong = had as u64;
            let (wrong_left, right_left) = (
                u128::from(wrong.saturating_sub(had_wrong)),
                u128::from(calls.saturating_sub(wrong).saturating_sub(before.saturating_sub(had_wrong))),
            );
            // Of 62 and at most 64 bits.
            let part = |of: u128| chance.saturating_mul(of).div_ceil(left);
            let next = part(wrong_left);
            if let Some(more) = chances.get_mut(had.saturating_add(1)) {
                *more = more.saturating_add(next);
            }
            chances[had] = part(right_left);
        }
    }
    chances.iter().fold(0u128, |sum, chance| sum.saturating_add(*chance)) > LIKELY
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha3::{Digest, Keccak256};

    fn keccak(bytes: &[u8]) -> Hash {
        Keccak256::digest(bytes).into()
    }

    fn log() -> LogCheckpoint {
        LogCheckpoint { origin: "log.example/usage".into(), size: 24, root: [4; 32] }
    }

    fn draw(log: &LogCheckpoint, block: u8) -> Draw<'_> {
        Draw { block_hash: [block; 32], log, stream: [3; 32], period: 8_107 }
    }

    /// What is drawn is so many different calls, follows from block, log, stream and period alone, and another one of
    /// any draws others.
    #[test]
    fn a_draw_follows_from_block_and_checkpoint() {
        let log = log();
        let drawn = draw(&log, 1).of(1_000, 59, keccak);
        assert_eq!(drawn.len(), 59);
        assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]) && drawn.iter().all(|call| *call < 1_000));
        assert_eq!(draw(&log, 1).of(1_000, 59, keccak), drawn);
        let longer = LogCheckpoint { size: 25, ..log.clone() };
        for other in [
            draw(&log, 2),
            draw(&longer, 1),
            Draw { stream: [5; 32], ..draw(&log, 1) },
            Draw { period: 8_108, ..draw(&log, 1) },
        ] {
            assert_ne!(other.of(1_000, 59, keccak), drawn);
        }
        assert_eq!(draw(&log, 1).of(3, 59, keccak), [0, 1, 2]);
        assert_eq!(draw(&log, 1).of(59, 59, keccak), (0..59).collect::<Vec<u64>>());
        assert_eq!((draw(&log, 1).of(0, 59, keccak), draw(&log, 1).of(9, 0, keccak)), (vec![], vec![]));
        assert_eq!(draw(&log, 1).of(u64::MAX, 5, keccak).len(), 5);
    }

    /// Proves LIC-3: what is not opened counts like what is opened and wrong; three of 59 are more than 5 %, two are
    /// not.
    #[test]
    fn what_is_not_opened_is_a_discrepancy() {
        assert_eq!((discrepancy_bps(59, 56), discrepancy_bps(59, 57), discrepancy_bps(59, 59)), (509, 339, 0));
        assert_eq!((discrepancy_bps(1, 0), discrepancy_bps(0, 0), discrepancy_bps(3, 2)), (10_000, 0, 3_334));
        assert!(opening_bytes(&[1; 32], &[(1, [2; 32])]) != opening_bytes(&[1; 32], &[(2, [2; 32])]));
    }

    /// Each call is drawn alike often: of 2,000 draws of 3 of 10, each in 600 on average with a deviation of 20.5; six
    /// of these on either side.
    #[test]
    fn each_call_is_drawn_alike_often() {
        let mut counts = [0u32; 10];
        let log = log();
        for block in 0u32..2_000 {
            let block_hash = keccak(&block.to_be_bytes());
            for call in (Draw { block_hash, ..draw(&log, 0) }).of(10, 3, keccak) {
                counts[call as usize] += 1;
            }
        }
        assert!(counts.iter().all(|count| (477..=723).contains(count)), "{counts:?}");
    }

    /// Worked out by hand: of 10 calls 5 are drawn and none is wrong. With 3 wrong ones that happens in 21 of 252
    /// draws, with 4 in 6, which is less than one in twenty. With one found of 5: at most one of 5 wrong ones is found
    /// in 26 of 252, of 6 in 6 of 252.
    #[test]
    fn bounds_are_the_exact_ones() {
        assert_eq!(most_wrong(10, 5, 0), 3);
        assert_eq!(most_wrong(10, 5, 1), 5);
        assert_eq!(most_wrong(10, 10, 0), 0);
        assert_eq!(most_wrong(10, 10, 4), 4);
        // One wrong of ten is missed by nine draws in one case of ten.
        assert_eq!(most_wrong(10, 9, 0), 1);
    }

    /// The rule of 59: 0.95^59 is 0.0485, 0.95^58 is 0.0510. And Clopper-Pearson's published upper bounds at 95 % on
    /// one side for large numbers: 3 of 100 are at most 7.57 %, 0 of 300 less than 1 % (0.9936 %).
    #[test]
    fn bounds_of_many_calls_are_clopper_pearsons() {
        let many = 1_000_000_000;
        assert!(most_wrong(many, 59, 0) < many / 20 && most_wrong(many, 58, 0) > many / 20);
        assert!((75_500_000..75_800_000).contains(&most_wrong(many, 100, 3)), "{}", most_wrong(many, 100, 3));
        assert!((9_930_000..9_940_000).contains(&most_wrong(many, 300, 0)), "{}", most_wrong(many, 300, 0));
        assert_eq!((most_wrong(7, 0, 0), most_wrong(7, 3, 3), most_wrong(0, 0, 0)), (7, 7, 0));
        assert!(most_wrong(u64::MAX, 59, 0) < u64::MAX / 20);
    }
}
