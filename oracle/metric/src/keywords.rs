//! The words of a passage that say what it is about.
//!
//! Who puts a text in other words keeps its names, numbers and many of its nouns; who writes about the same topic has
//! some of them, and of other passages. So passages that are like each other by their embeddings are compared by these
//! words too ([`likeness`](crate::likeness)).

use sha2::{Digest, Sha256};
use yieldset_rules::usage::MAX_KEYWORDS;

use crate::fold::Word;

/// Fewest letters of a keyword.
const LETTERS: usize = 3;
/// So many letters of a word make its keyword: "devote", "devoted" and "devotion" are one.
const STEM: usize = 5;

/// Words of three letters or more that stand in texts about anything.
const ANYWHERE: &[&str] = &[
    "about",
    "after",
    "again",
    "against",
    "all",
    "also",
    "and",
    "any",
    "are",
    "because",
    "been",
    "before",
    "being",
    "between",
    "both",
    "but",
    "can",
    "cannot",
    "could",
    "did",
    "does",
    "down",
    "during",
    "each",
    "even",
    "every",
    "first",
    "for",
    "from",
    "further",
    "had",
    "has",
    "hath",
    "have",
    "her",
    "here",
    "herself",
    "him",
    "himself",
    "his",
    "how",
    "into",
    "its",
    "itself",
    "just",
    "let",
    "like",
    "made",
    "make",
    "many",
    "may",
    "might",
    "more",
    "most",
    "much",
    "must",
    "myself",
    "never",
    "nor",
    "not",
    "now",
    "off",
    "once",
    "one",
    "only",
    "other",
    "others",
    "our",
    "ours",
    "ourselves",
    "out",
    "over",
    "own",
    "said",
    "same",
    "shall",
    "she",
    "should",
    "since",
    "some",
    "still",
    "such",
    "than",
    "that",
    "the",
    "thee",
    "their",
    "them",
    "themselves",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "this",
    "those",
    "thou",
    "three",
    "through",
    "thus",
    "thy",
    "too",
    "two",
    "under",
    "until",
    "unto",
    "upon",
    "very",
    "was",
    "well",
    "were",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "within",
    "without",
    "would",
    "yet",
    "you",
    "your",
    "yours",
    "yourself",
];

/// A number for each keyword of a passage, ascending and distinct: the first two bytes (big-endian) of the SHA-256 of
/// its first [`STEM`] letters.
pub fn keywords(words: &[Word]) -> Vec<u16> {
    let mut keywords: Vec<u16> = words.iter().filter_map(|word| keyword(&word.folded)).collect();
    keywords.sort_unstable();
    keywords.dedup();
    keywords.truncate(MAX_KEYWORDS);
    keywords
}

fn keyword(word: &str) -> Option<u16> {
    if word.chars().count() < LETTERS || ANYWHERE.binary_search(&word).is_ok() {
        return None;
    }
    let end = word.char_indices().nth(STEM).map_or(word.len(), |(at, _)| at);
    let hash = Sha256::digest(&word[..end]);
    Some(u16::from_be_bytes([hash[0], hash[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::words;

    fn of(text: &str) -> Vec<u16> {
        keywords(&words(text))
    }

    #[test]
    fn words_without_a_topic_are_sorted() {
        assert!(ANYWHERE.is_sorted());
    }

    /// SHA-256 of "whale" begins with 0xa5d2.
    #[test]
    fn keywords_are_stems_of_what_a_passage_is_about() {
        assert_eq!(of("The whale!"), [0xa5d2]);
        assert_eq!(of("whales, WHALE and the whaling"), of("whale whalin"));
        assert_eq!(of("devoted devotion"), of("Devote"));
        assert_eq!(of("and that which they should have with them, or is it so?"), []);
        let two = of("harpoon lantern");
        assert!(two.len() == 2 && two.is_sorted());
        assert_eq!(of("lantern harpoon lantern"), two);
    }

    #[test]
    fn a_passage_has_so_many_at_most() {
        let text: String = (100..300).map(|number| format!("{number} ")).collect();
        assert_eq!(of(&text).len(), MAX_KEYWORDS);
    }
}
