//! How like two passages are, on a calibrated scale.
//!
//! The cosine of two embeddings is not comparable as it stands: passages about one topic are near to each other whoever
//! wrote them, and some topics lie closer than others. So two things are added up. Who puts a text in other words keeps
//! many of the words that say what it is about: the part of these that two passages share counts beside the cosine. And
//! what the topic makes near is taken off: the cosine with the fifth nearest of all places that are another one,
//! whoever has them. So a large corpus gains nothing by its size, nor do several accounts among which one is split. How
//! much is taken off has a least and a most: a few passages are no topic, and nobody hides another's by what they
//! register beside. The scale is laid so that 0.7 is where passages about the same topic are rare
//! (`docs/ATTRIBUTION.md` has the figures).

use yieldset_rules::usage::PASSAGE_ONE;

/// One on the scale, in millionths.
pub const ONE: i64 = 1_000_000;
/// The topic's nearness is the cosine with the nearest so manieth place.
pub const TOPIC: usize = 5;
/// Passages with this cosine are the same place: another's rendering of it, or what overlaps it.
pub const SAME_PLACE: i64 = 800_000;
/// The least that is taken off for the topic. A higher one takes more off a few passages than their topic does, so that
/// a corpus gains by growing: twice as many mistakes with 0.45 and twelve times the passages, as many with this.
pub const LEAST_TOPIC: i64 = 350_000;
/// The most.
pub const MOST_TOPIC: i64 = 650_000;
/// What lays the scale: so much is 0.7 as it is chosen in `docs/ATTRIBUTION.md`.
const SCALE: i64 = 285_000;
/// Of fewer keywords than this, one that both have says as much as of so many.
const FEW_KEYWORDS: usize = 8;

/// Cosine of two passages' embeddings in millionths, rounded towards zero.
pub fn cosine(a: &[i8], b: &[i8]) -> i64 {
    // At most 384 · 127², which an `i32` holds.
    of_dot(a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum())
}

/// As [`cosine`], of the embeddings' dot product. A greater one has a greater cosine.
pub fn of_dot(dot: i32) -> i64 {
    i64::from(dot) * ONE / (i64::from(PASSAGE_ONE) * i64::from(PASSAGE_ONE))
}

/// The part of two passages' keywords that both have, in millionths. Keywords are ascending and distinct. It is of all
/// that either has: who fills a passage with all names of a topic shares a small part with each text about it.
pub fn overlap(a: &[u16], b: &[u16]) -> i64 {
    of_shared(a.iter().filter(|keyword| b.binary_search(keyword).is_ok()).count(), a.len(), b.len())
}

/// As [`overlap`], of passages with so many keywords, of which they share some.
pub fn of_shared(shared: usize, one: usize, other: usize) -> i64 {
    let all = one + other - shared;
    // A passage has at most some dozens.
    shared as i64 * ONE / all.max(FEW_KEYWORDS) as i64
}

/// How near two passages are by cosine and keywords, in millionths: at most 1.5.
pub fn near(cosine: i64, overlap: i64) -> i64 {
    cosine + overlap / 2
}

/// The calibrated score of passages so near where the topic makes others so near, in millionths from 0 to [`ONE`].
pub fn score(near: i64, topic: i64) -> u32 {
    let score = near - topic.clamp(LEAST_TOPIC, MOST_TOPIC) + SCALE;
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
    fn cosines_by_hand() {
        assert_eq!(cosine(&along(0, 127), &along(0, 127)), 1_000_000);
        assert_eq!(cosine(&along(0, 127), &along(0, -127)), -1_000_000);
        assert_eq!(cosine(&along(0, 127), &along(1, 127)), 0);
        // 127 · 100 / 127² = 0.787401…
        assert_eq!(cosine(&along(0, 127), &along(0, 100)), 787_401);
    }

    #[test]
    fn overlap_is_the_part_that_both_have() {
        let ten: Vec<u16> = (0..10).collect();
        assert_eq!(overlap(&ten, &ten), 1_000_000);
        // Five of 40, and two of 40.
        assert_eq!(overlap(&ten, &(5..40).collect::<Vec<_>>()), 125_000);
        assert_eq!(overlap(&(8..40).collect::<Vec<_>>(), &ten), 50_000);
        // Two that both have and no other are two of eight.
        assert_eq!(overlap(&[3, 4], &[3, 4]), 250_000);
        assert_eq!((overlap(&[], &ten), overlap(&[], &[])), (0, 0));
    }

    #[test]
    fn scores_by_hand() {
        // Near by 0.75 and a half of 0.3; the topic takes off 0.5, and 0.285 comes to it.
        assert_eq!(score(near(750_000, 300_000), 500_000), 685_000);
        // No less than 0.35 is taken off, and no more than 0.65.
        assert_eq!((score(765_000, 0), score(765_000, 350_000), score(765_000, -900_000)), (700_000, 700_000, 700_000));
        assert_eq!((score(1_065_000, 650_000), score(1_065_000, 1_000_000)), (700_000, 700_000));
        assert_eq!((score(1_400_000, 0), score(60_000, 0), score(-1_000_000, 0)), (1_000_000, 0, 0));
    }
}
