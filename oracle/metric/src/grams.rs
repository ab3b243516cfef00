//! Texts as sequences of numbers: one for each run of [`GRAM`] words.

use sha2::{Digest, Sha256};

use crate::fold::{Word, words};

/// Words of a run.
pub const GRAM: usize = yieldset_rules::usage::RUN_WORDS;

/// A number for each run of [`GRAM`] words, in order: the first eight bytes (big-endian) of the SHA-256 of the words
/// with a space between. A text of `n` words has `n - GRAM + 1` of them, one of fewer than [`GRAM`] words none.
///
/// Equal runs have equal numbers, and nobody finds two runs with the same number without trying 2^32 of them.
pub fn grams(words: &[Word]) -> Vec<u64> {
    words.windows(GRAM).map(number).collect()
}

/// As [`grams`], of a text.
pub fn of(text: &str) -> Vec<u64> {
    grams(&words(text))
}

fn number(run: &[Word]) -> u64 {
    let mut hash = Sha256::new();
    for (at, word) in run.iter().enumerate() {
        if at > 0 {
            hash.update(b" ");
        }
        hash.update(word.folded.as_bytes());
    }
    hash.finalize().iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}
