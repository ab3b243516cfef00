//! What many creators have is nobody's (`commonFrom` of a licence's terms): licences, boilerplate, quotations that
//! everybody quotes.
//!
//! A fingerprint is common from so many creators on in whose texts it is. A passage is common from so many creators on
//! who have it: in whose texts as much of its fingerprints is as the threshold says. One that is too short for
//! fingerprints is had by those with a passage of the same words. What is common counts as if nobody had it: an output
//! is not compared with a common passage, and a common fingerprint of it is found in no text.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::{fingerprint, text};

/// What is common, of some creators' texts.
#[derive(Debug, Default)]
pub struct Common {
    from: usize,
    threshold: u32,
    /// Each creator's.
    fingerprints: Vec<Vec<u64>>,
    shared: BTreeSet<u64>,
    /// Who has a short passage, by its words.
    short: BTreeMap<Vec<String>, BTreeSet<usize>>,
}

impl Common {
    /// Of creators by the fingerprints of all their texts and by their passages, from so many of them on; zero is
    /// never. The threshold is in millionths.
    pub fn of<'a, P: Iterator<Item = &'a str>>(
        creators: impl Iterator<Item = (&'a [u64], P)>,
        from: u16,
        threshold: u32,
    ) -> Self {
        if from == 0 {
            return Self::default();
        }
        let mut common = Self { from: usize::from(from), threshold, ..Self::default() };
        let mut owners: BTreeMap<u64, usize> = BTreeMap::new();
        for (number, (fingerprints, passages)) in creators.enumerate() {
            for fingerprint in fingerprints {
                *owners.entry(*fingerprint).or_default() += 1;
            }
            common.fingerprints.push(fingerprints.to_vec());
            for passage in passages.filter(|passage| fingerprint::fingerprints(passage).is_empty()) {
                common.short.entry(text::words(passage)).or_default().insert(number);
            }
        }
        common.shared = owners.into_iter().filter(|(_, count)| *count >= common.from).map(|(one, _)| one).collect();
        common
    }

    /// Which of passages, in order, are not common.
    pub fn leaves(&self, passages: &[&str]) -> Vec<bool> {
        passages.par_iter().map(|passage| self.from == 0 || self.having(passage) < self.from).collect()
    }

    /// How many creators have a passage.
    fn having(&self, passage: &str) -> usize {
        let own = fingerprint::fingerprints(passage);
        if own.is_empty() {
            return self.short.get(&text::words(passage)).map_or(0, BTreeSet::len);
        }
        self.fingerprints.iter().filter(|all| fingerprint::containment(&own, all) >= self.threshold).count()
    }

    /// Of ascending fingerprints those that are not common.
    pub fn own(&self, fingerprints: &[u64]) -> Vec<u64> {
        fingerprints.iter().copied().filter(|one| !self.shared.contains(one)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &str = "permission is hereby granted free of charge to any person obtaining a copy of this software";
    const OWN: &str = "the lamp upon the northern pier went out before the last of the boats had come home that night";

    fn common(texts: &[&[&str]], from: u16) -> Common {
        let prints: Vec<Vec<u64>> = texts.iter().map(|all| fingerprint::fingerprints(&all.join(". "))).collect();
        let creators = texts.iter().zip(&prints).map(|(all, prints)| (&prints[..], all.iter().copied()));
        Common::of(creators, from, 700_000)
    }

    /// Proves ATT-11's commons: what as many creators have as the terms say is nobody's, what one fewer have is theirs;
    /// zero is never. In whose longer text a passage stands, and how it is printed, is the same.
    #[test]
    fn what_many_have_is_nobodys() {
        let longer = format!("{OWN}. {}", SHARED.to_uppercase());
        let texts: [&[&str]; 4] = [&[SHARED], &[&longer], &[SHARED, "Finis."], &["finis"]];
        for (from, expected) in [(2, [false, true, false]), (3, [false, true, true]), (4, [true; 3]), (0, [true; 3])] {
            assert_eq!(common(&texts, from).leaves(&[SHARED, OWN, "Finis!"]), expected, "{from}");
        }
        let output = fingerprint::fingerprints(&longer);
        let left = common(&texts, 3).own(&output);
        assert!(fingerprint::fingerprints(OWN).iter().all(|one| left.contains(one)));
        assert!(fingerprint::fingerprints(SHARED).iter().all(|one| output.contains(one) && !left.contains(one)));
        assert_eq!(common(&texts, 4).own(&output), output);
        assert_eq!(common(&texts, 0).own(&output), output);
    }

    /// Whoever says a thing twice is one creator.
    #[test]
    fn creators_are_counted_not_copies() {
        let texts: [&[&str]; 2] = [&[SHARED, SHARED, "Finis", "finis"], &[OWN]];
        assert_eq!(common(&texts, 2).leaves(&[SHARED, "finis"]), [true, true]);
    }
}
