//! Who has whose words (ATT-11): for each dataset version the earlier ones of other creators in which its words stand.
//! What is found earns the later one nothing, and both are told of it; nothing is decided here
//! ([`attribution`](crate::attribution) does, word by word).

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use yieldset_metric::spans::{Span, origins};

use crate::{attribution::Version, decoys, files::hex_bytes, manifest::Dataset, runs::Runs};

/// Words of a version that stand in an earlier one of another creator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Copied {
    /// The later version's dataset.
    pub dataset: String,
    /// SHA-256 of its manifest.
    #[serde(with = "hex_bytes")]
    pub manifest_hash: [u8; 32],
    /// The earlier version's dataset.
    pub of: String,
    /// SHA-256 of its manifest.
    #[serde(with = "hex_bytes")]
    pub of_manifest_hash: [u8; 32],
    /// How many of its words.
    pub words: u64,
    /// Of how many.
    pub of_words: u64,
}

/// Copies among versions in the order of their registration, those with most words first. `threshold`, in millionths,
/// is how like a span must be.
pub fn among(versions: &[&Dataset], threshold: u32) -> Vec<Copied> {
    let texts: Vec<(usize, &_)> = versions
        .iter()
        .enumerate()
        .flat_map(|(version, dataset)| dataset.tables.iter().map(move |table| (version, table)))
        .collect();
    let account = |text: u32| versions[texts[text as usize].0].account;
    let nobodys = decoys::nobodys();
    let index = Runs::of(texts.iter().map(|(_, table)| &table.runs[..]), |run| !nobodys.contains(&run));
    let copies = |text: u32| -> Vec<Span> {
        let earlier = |other: u32| other < text && account(other) != account(text);
        let mut spans = index.spans(&texts[text as usize].1.runs, earlier);
        spans.retain(|span| span.likeness() > threshold);
        spans
    };
    // Every dataset has at most 10,000 texts.
    let copies: Vec<Vec<Span>> = (0..texts.len() as u32).into_par_iter().map(copies).collect();
    let mut owed: Vec<Vec<(u32, u32)>> = Vec::with_capacity(texts.len());
    for (text, copies) in copies.iter().enumerate() {
        owed.push(origins(text as u32, texts[text].1.count, copies, &owed));
    }
    let mut words: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for ((version, _), owed) in texts.iter().zip(&owed) {
        for (origin, _) in owed {
            let of = texts[*origin as usize].0;
            if versions[of].account != versions[*version].account {
                *words.entry((*version, of)).or_default() += 1;
            }
        }
    }
    let copied = |((version, of), words): ((usize, usize), u64)| Copied {
        dataset: versions[version].dataset.clone(),
        manifest_hash: versions[version].manifest_hash,
        of: versions[of].dataset.clone(),
        of_manifest_hash: versions[of].manifest_hash,
        words,
        of_words: versions[version].tables.iter().map(|table| u64::from(table.count)).sum(),
    };
    let mut found: Vec<Copied> = words.into_iter().map(copied).collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.words));
    found
}

/// What a new version has from those of others that were registered before.
pub fn of(new: &Dataset, earlier: &[Dataset]) -> Vec<Copied> {
    let all: Vec<&Dataset> = earlier.iter().chain([new]).collect();
    let mut found = among(&all, new.terms.threshold);
    found.retain(|one| one.manifest_hash == new.manifest_hash);
    found
}

/// The versions that an attribution compares, in the order of their registration: first those that were registered
/// first. Where nobody asked the chain, in that of their hashes.
pub fn in_order<'a>(datasets: &'a [Dataset], compared: &[Version]) -> Vec<&'a Dataset> {
    let at = |dataset: &Dataset| {
        let found = compared.iter().find(|one| one.manifest_hash == dataset.manifest_hash)?;
        let registered = found.registration.map_or(u64::MAX, |found| found.registered_at);
        Some((registered, found.manifest_hash))
    };
    let mut order: Vec<_> = datasets.iter().filter_map(|dataset| Some((at(dataset)?, dataset))).collect();
    order.sort_by_key(|(at, _)| *at);
    order.into_iter().map(|(_, dataset)| dataset).collect()
}

/// A line about copies, for logs and people; nothing where there are none.
pub fn summary(copies: &[Copied]) -> Option<String> {
    let one = |one: &Copied| format!("{} has {} of its {} words from {}", one.dataset, one.words, one.of_words, one.of);
    let list: Vec<String> = copies.iter().take(10).map(one).collect();
    let more = match copies.len() {
        0..=10 => String::new(),
        all => format!("; and {} more", all - 10),
    };
    let list = list.join("; ");
    (!copies.is_empty()).then(|| format!("words that another registered before earn nothing: {list}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{metric::DEFAULT_THRESHOLD, testing::dataset};

    fn text(from: usize, count: usize) -> String {
        (from..from + count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
    }

    /// Proves ATT-11: both sides of a copy are told, with how much of it is one: whole, in part, of two others, and of
    /// who had it first, not of another copy. One's own second version, and what decoys have, is no copy.
    #[test]
    fn both_sides_of_a_copy_are_told() {
        let datasets = [
            dataset("a/original", 1, 1, &text(0, 200)),
            dataset("b/other", 2, 1, &text(1_000, 100)),
            dataset("c/copy", 3, 1, &text(0, 200)),
            dataset("d/both", 4, 1, &format!("{} {} {}", text(50, 60), text(5_000, 40), text(1_000, 50))),
            dataset("a/second", 1, 1, &text(0, 200)),
            dataset("e/decoy", 5, 1, decoys::DECOYS[0][0]),
            dataset("f/decoy", 6, 1, decoys::DECOYS[0][0]),
        ];
        let found = among(&datasets.each_ref(), DEFAULT_THRESHOLD);
        let told: Vec<_> =
            found.iter().map(|one| (one.dataset.as_str(), one.of.as_str(), one.words, one.of_words)).collect();
        assert_eq!(
            told,
            [("c/copy", "a/original", 200, 200), ("d/both", "a/original", 60, 150), ("d/both", "b/other", 50, 150)]
        );
        let line = summary(&found).expect("copies");
        assert!(line.contains("d/both has 50 of its 150 words from b/other"), "{line}");
        assert_eq!(summary(&[]), None);
        assert_eq!(of(&datasets[3], &datasets[..3]), found[1..]);
        assert_eq!(of(&datasets[1], &datasets[..1]), []);
    }
}
