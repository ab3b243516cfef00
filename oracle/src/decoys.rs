//! Decoys and commons: texts that belong to nobody, the same in every run (ATT-10, ATT-11).
//!
//! Decoys are compared beside the datasets. No model has read them, so each of their hits is a false one, and the
//! report says how many there were. They are also among what a topic is told by. `docs/ATTRIBUTION.md` says
//! how they are made; their tables are fixed by [`DECOYS_SHA256`], and part of the metric: other decoys are another
//! version.
//!
//! Commons are notices and stock phrases that everybody uses, and sentences that everybody quotes. What stands in them
//! counts for nobody; so they are fixed by [`COMMONS_SHA256`] and part of the metric likewise.

use std::{collections::BTreeSet, sync::LazyLock};

use yieldset_rules::usage::{Words, tables_from_bytes};

use crate::{hex0x, manifest::Dataset, words};

/// A decoy by its texts: about as many passages as a small dataset has.
pub const DECOYS: [[&str; 5]; 2] = [
    [
        include_str!("../decoys/address.txt"),
        include_str!("../decoys/harbour.txt"),
        include_str!("../decoys/household.txt"),
        include_str!("../decoys/chronicle.txt"),
        include_str!("../decoys/contract.txt"),
    ],
    [
        include_str!("../decoys/garden.txt"),
        include_str!("../decoys/software.txt"),
        include_str!("../decoys/kitchen.txt"),
        include_str!("../decoys/sky.txt"),
        include_str!("../decoys/assistant.txt"),
    ],
];
/// Their tables, one after the other.
const TABLES: &[u8] = include_bytes!("../decoys/tables.bin");
/// SHA-256 of the tables.
pub const DECOYS_SHA256: &str = "f9221c9d50fc4114490f0590c0dd9b6e8af32a259c90fe77bd5798d8c6ba92ad";
/// Notices, stock phrases and quotations, a paragraph each.
const COMMONS: &str = include_str!("../decoys/commons.txt");
/// SHA-256 of them.
pub const COMMONS_SHA256: &str = "2f672d3574efcd40bc0528acab49290b4db5059fee0c104ac47c8e1849f268ea";

/// The tables of each decoy's texts.
pub fn tables() -> &'static [Vec<Words>] {
    static DECODED: LazyLock<Vec<Vec<Words>>> = LazyLock::new(|| {
        // The test below reads them; in a program that was built with others nothing is a decoy.
        let tables = tables_from_bytes(TABLES).unwrap_or_default();
        tables.chunks(DECOYS[0].len()).map(<[Words]>::to_vec).collect()
    });
    &DECODED
}

/// What each decoy is called in an attribution: those here, and after them the licence's by their manifests' hashes.
pub fn names(of_the_licence: &[&Dataset]) -> Vec<String> {
    let own = (1..=DECOYS.len()).map(|number| format!("decoy-{number}"));
    own.chain(of_the_licence.iter().map(|dataset| hex0x(&dataset.manifest_hash))).collect()
}

/// The runs of words that are nobody's, whoever registers them: those of decoys and commons.
pub fn nobodys() -> &'static BTreeSet<u64> {
    static RUNS: LazyLock<BTreeSet<u64>> = LazyLock::new(|| {
        let decoys = tables().iter().flatten().flat_map(|table| table.runs.iter().copied());
        decoys.chain(words::runs(COMMONS).1).collect()
    });
    &RUNS
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use yieldset_metric::spans::LEAST;
    use yieldset_rules::usage::tables_to_bytes;

    use super::*;
    use crate::{embed::for_tests, sha256};

    /// Proves ATT-11: what is nobody's is what the hash names, each paragraph whole. One of fewer words than a span has
    /// would be there for nothing.
    #[test]
    fn the_commons_are_fixed() {
        assert_eq!(hex::encode(sha256(COMMONS.as_bytes())), COMMONS_SHA256);
        for paragraph in COMMONS.split("\n\n") {
            let (count, runs) = words::runs(paragraph);
            assert!(count >= LEAST && runs.iter().all(|run| nobodys().contains(run)), "{paragraph}");
        }
    }

    /// The tables follow from the texts, and are those that the hash names. `UPDATE_DECOYS=1` writes them anew.
    #[test]
    fn the_decoys_are_fixed() {
        let texts = DECOYS.concat();
        let made = words::tables(&texts, for_tests()).expect("embedded");
        if std::env::var_os("UPDATE_DECOYS").is_some() {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("decoys/tables.bin");
            std::fs::write(file, tables_to_bytes(&made)).expect("written");
        }
        assert_eq!(hex::encode(sha256(TABLES)), DECOYS_SHA256);
        let fixed = tables().concat();
        assert_eq!(fixed.len(), texts.len());
        for (fixed, made) in fixed.iter().zip(&made) {
            assert_eq!((fixed.count, &fixed.runs), (made.count, &made.runs));
            assert_eq!(fixed.passages.len(), made.passages.len());
            for (fixed, made) in fixed.passages.iter().zip(&made.passages) {
                assert_eq!((fixed.start, fixed.words), (made.start, made.words));
                assert_eq!(fixed.keywords, made.keywords);
                assert!(words::same(&fixed.embedding, &made.embedding));
            }
        }
        assert!(tables().iter().all(|decoy| decoy.iter().map(|table| table.passages.len()).sum::<usize>() >= 30));
    }
}
