//! Exact-match fingerprints by winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document
//! Fingerprinting", SIGMOD 2003) over word k-grams: any shared passage of [`GUARANTEE`] words or more shares a
//! fingerprint (ATT-4).

use crate::{metric::SCORE_ONE, sha256, text};

/// Words of a k-gram: shorter matches are chance.
pub const GRAM: usize = 5;
/// Hashes of a window; the smallest of each window is kept.
pub const WINDOW: usize = 4;
/// Every common passage of this many words is found.
pub const GUARANTEE: usize = GRAM + WINDOW - 1;

/// Fingerprints of a text, ascending and distinct: the first eight bytes (big-endian) of the SHA-256 of k-grams. A text
/// shorter than [`GUARANTEE`] words has none.
pub fn fingerprints(text: &str) -> Vec<u64> {
    let words = text::words(text);
    let hashes: Vec<u64> = words.windows(GRAM).map(|gram| first_u64(&sha256(gram.join(" ").as_bytes()))).collect();
    let mut kept: Vec<u64> = hashes.windows(WINDOW).filter_map(|window| window.iter().min().copied()).collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// As [`fingerprints`], at most `limit` of them: the smallest, which is an unbiased sample since they are hashes.
pub fn sketch(text: &str, limit: usize) -> Vec<u64> {
    let mut all = fingerprints(text);
    all.truncate(limit);
    all
}

/// |output ∩ corpus| / |output| in millionths, rounded down; 0 for an output without fingerprints. Both lists ascend.
pub fn containment(output: &[u64], corpus: &[u64]) -> u32 {
    part(output, output.len(), corpus)
}

/// The same of an output of so many fingerprints, of which only some may be found.
pub fn part(some: &[u64], all: usize, corpus: &[u64]) -> u32 {
    let found = some.iter().filter(|hash| corpus.binary_search(hash).is_ok()).count();
    // At most 10^6, since `found <= all`.
    (found as u64 * u64::from(SCORE_ONE)).checked_div(all as u64).unwrap_or_default() as u32
}

fn first_u64(hash: &[u8; 32]) -> u64 {
    hash.iter().take(8).fold(0, |value, &byte| value << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Proves ATT-4: a copied passage is contained whole, whatever surrounds it and however it is laid out.
        #[test]
        fn a_copied_passage_is_found(before in "([a-z]{1,6} ){0,30}", passage in "([a-z]{2,7} ){8,60}", after in "([a-z]{1,6} ){0,30}") {
            let corpus = fingerprints(&format!("{before}{passage}{after}"));
            let output = fingerprints(&passage.to_uppercase().replace(' ', ",\n "));
            prop_assert!(!output.is_empty());
            prop_assert_eq!(containment(&output, &corpus), 1_000_000);
            prop_assert!(output.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn unrelated_texts_share_nothing() {
        let a = fingerprints(
            "It is a truth universally acknowledged that a single man in possession of a good fortune must be in want of a wife",
        );
        let b = fingerprints(
            "Call me Ishmael some years ago never mind how long precisely having little or no money in my purse",
        );
        assert_eq!(containment(&a, &b), 0);
        assert_eq!(containment(&[], &b), 0);
        assert!(fingerprints("only seven words are in this text").is_empty());
        assert_eq!(sketch("a b c d e f g h i j k l m n", 2).len(), 2);
    }
}
