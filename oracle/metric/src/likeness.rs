//! How like two passages are, on a calibrated scale.
//!
//! The cosine of two embeddings is not comparable as it stands: some passages are near to everything ("hubs"), and
//! passages about one topic are near to each other whoever wrote them. So what a passage is near to anyway, measured
//! against a fixed cohort of texts that nobody owns, is taken off, and the scale is laid so that 0.7 is where passages
//! about the same topic are rare (`docs/ATTRIBUTION.md` has the figures). The cohort is the same for everybody: no
//! creator can move another's scores by what they register, and none gains by splitting a corpus among accounts.

use yieldset_rules::usage::PASSAGE_ONE;

/// One on the scale, in millionths.
pub const ONE: i64 = 1_000_000;
/// Passages of the cohort by which it is told what a passage is near to anyway.
pub const NEAREST: usize = 5;
/// What is near to its nearest of the cohort by more than this is a hub, in millionths.
pub const HUB: i64 = 350_000;

/// Cosine of two passages' embeddings in millionths, rounded towards zero.
pub fn cosine(a: &[i8], b: &[i8]) -> i64 {
    // At most 384 · 127², which an `i32` holds.
    let dot: i32 = a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum();
    i64::from(dot) * ONE / (i64::from(PASSAGE_ONE) * i64::from(PASSAGE_ONE))
}

/// Mean cosine with the [`NEAREST`] of a cohort, in millionths; of an empty cohort zero.
pub fn nearness<'a>(embedding: &[i8], cohort: impl Iterator<Item = &'a [i8]>) -> i64 {
    let mut all: Vec<i64> = cohort.map(|one| cosine(embedding, one)).collect();
    all.sort_unstable_by_key(|&cosine| std::cmp::Reverse(cosine));
    all.truncate(NEAREST);
    // Never more than `NEAREST`, so the cast is exact.
    all.iter().sum::<i64>() / (all.len().max(1) as i64)
}

/// The calibrated score of a cosine between passages of such nearness, in millionths from 0 to [`ONE`].
pub fn score(cosine: i64, nearness: [i64; 2]) -> u32 {
    let above = (nearness[0].max(nearness[1]) - HUB).max(0);
    // 0.82 becomes 0.7, and one stays one.
    let score = ONE - (ONE - (cosine - above)) * 5 / 3;
    score.clamp(0, ONE) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One component each.
    fn along(axis: usize, part: i8) -> Vec<i8> {
        let mut embedding = vec![0; 8];
        embedding[axis] = part;
        embedding
    }

    #[test]
    fn cosines_and_scores_by_hand() {
        assert_eq!(cosine(&along(0, 127), &along(0, 127)), 1_000_000);
        assert_eq!(cosine(&along(0, 127), &along(0, -127)), -1_000_000);
        assert_eq!(cosine(&along(0, 127), &along(1, 127)), 0);
        // 127 · 100 / 127² = 0.787401…
        assert_eq!(cosine(&along(0, 127), &along(0, 100)), 787_401);
        assert_eq!(score(820_000, [0, 350_000]), 700_000);
        assert_eq!((score(1_000_000, [0, 0]), score(200_000, [0, 0]), score(-1_000_000, [0, 0])), (1_000_000, 0, 0));
        // Two hubs, of 0.05 and 0.01 too much: 0.85, and from there 1 − 0.15 · 5 / 3.
        assert_eq!(score(900_000, [400_000, 360_000]), 750_000);
    }

    #[test]
    fn nearness_is_the_mean_of_the_nearest() {
        let cohort: Vec<Vec<i8>> = [127, 0, 127, 0, 0, 0, -127].map(|part| along(0, part)).to_vec();
        // Two ones and three zeros.
        assert_eq!(nearness(&along(0, 127), cohort.iter().map(Vec::as_slice)), 400_000);
        assert_eq!(nearness(&along(0, 127), cohort[..1].iter().map(Vec::as_slice)), 1_000_000);
        assert_eq!(nearness(&along(0, 127), std::iter::empty()), 0);
    }
}
