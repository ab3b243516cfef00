//! Training runs: the list of what one read.

use ink::{prelude::vec::Vec, sol::FixedBytes};
use yieldset_rules::provenance::{self, Entry};
use yieldset_shell::{
    refusals::OrRefuse,
    words::{Word, word},
};

use crate::{
    refusals::{About, Bytes32, LengthMismatch},
    store,
};

/// Two lists of the entries' datasets and versions as the ABI has them, with `others` between their offsets and
/// them.
pub fn lists(entries: &[Entry], others: &[Word]) -> Vec<Word> {
    let first = 32 * (2 + others.len() as u64);
    let length = entries.len() as u64;
    let mut words = Vec::new();
    words.extend([word(first), word(first + 32 * (1 + length))]);
    words.extend_from_slice(others);
    words.push(word(length));
    words.extend(entries.iter().map(|entry| entry.dataset));
    words.push(word(length));
    words.extend(entries.iter().map(|entry| word(entry.version)));
    words
}

/// The two lists as one, in order and within bounds.
pub fn entries(datasets: &[Bytes32], versions: &[u32]) -> Vec<Entry> {
    if datasets.len() != versions.len() {
        LengthMismatch { datasets: datasets.len(), versions: versions.len() }.refuse();
    }
    let pairs = datasets.iter().zip(versions);
    let entries: Vec<_> = pairs.map(|(d, version)| Entry { dataset: d.0, version: *version }).collect();
    provenance::check_entries(&entries).or_refuse(&About::default());
    entries
}

/// Counts a run with each version and each dataset it read.
pub fn count(platform: &[u8; 20], entries: &[Entry]) {
    for (index, entry) in entries.iter().enumerate() {
        let about = About { version: entry.version, ..About::of(*platform, FixedBytes(entry.dataset)) };
        let mut version = store::version(&entry.dataset, entry.version);
        let mut by = store::ingested(platform, entry);
        version.ingest(&mut by).or_refuse(&about);
        store::put_version(&entry.dataset, entry.version, &version);
        store::put_ingested(platform, entry, &by);
        // Entries rise by dataset: the same one again is the neighbour.
        if index == 0 || entries[index - 1].dataset != entry.dataset {
            let mut dataset = store::dataset(&entry.dataset);
            dataset.runs = dataset.runs.saturating_add(1);
            store::put_dataset(&entry.dataset, &dataset);
        }
    }
}
