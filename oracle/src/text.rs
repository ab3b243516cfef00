//! How texts are cut: into words for fingerprints, into overlapping chunks for embeddings.

use unicode_normalization::UnicodeNormalization;

/// Fewest words of a chunk, where the text has them: about the length of a model's short answer, so that a paraphrase
/// of a passage meets a chunk of its own size.
const CHUNK_WORDS: usize = 48;
/// A chunk starts anew after this many words, so that every passage lies whole in some chunk.
const STRIDE_WORDS: usize = 24;
/// A sentence longer than this is cut: the model reads 256 tokens, about 190 words.
const LONGEST_SENTENCE_WORDS: usize = 100;

/// The words of a text, lower case, compatibility-normalised (NFKC), without punctuation: layout, case and typography
/// do not hide a copy.
pub fn words(text: &str) -> Vec<String> {
    let normal: String = text.nfkc().flat_map(char::to_lowercase).collect();
    // An apostrophe binds (don't), typographic or not.
    let normal = normal.replace(['\u{2019}', '\''], "");
    normal.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Overlapping chunks of whole sentences, in order, white space collapsed.
pub fn chunks(text: &str) -> Vec<String> {
    let sentences = sentences(text);
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < sentences.len() {
        let mut end = start;
        let mut count = 0;
        while end < sentences.len() && count < CHUNK_WORDS {
            count += sentences[end].len();
            end += 1;
        }
        chunks.push(sentences[start..end].iter().map(|sentence| sentence.join(" ")).collect::<Vec<_>>().join(" "));
        if end == sentences.len() {
            break;
        }
        let mut stride = 0;
        while start < end && stride < STRIDE_WORDS {
            stride += sentences[start].len();
            start += 1;
        }
    }
    chunks
}

/// Sentences as lists of words with their punctuation. A sentence ends with `.`, `!` or `?` (quotes may follow) or a
/// blank line.
fn sentences(text: &str) -> Vec<Vec<&str>> {
    let mut sentences = Vec::new();
    for paragraph in text.split("\n\n").flat_map(|part| part.split("\r\n\r\n")) {
        let mut sentence = Vec::new();
        for word in paragraph.split_whitespace() {
            sentence.push(word);
            let bare = word.trim_end_matches(['"', '\'', ')', '\u{201d}', '\u{2019}', '_']);
            if bare.ends_with(['.', '!', '?']) || sentence.len() >= LONGEST_SENTENCE_WORDS {
                sentences.push(std::mem::take(&mut sentence));
            }
        }
        if !sentence.is_empty() {
            sentences.push(sentence);
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typography_does_not_hide_a_copy() {
        assert_eq!(words("“Don\u{2019}t,” said\nthe ﬁsh—twice."), words("don't said the fish twice"));
        assert!(words(" …—! ").is_empty());
        assert!(chunks(" \n\n ").is_empty());
    }

    proptest! {
        /// No word is lost, and no chunk passes what the model reads.
        #[test]
        fn chunks_cover_the_text(text in "([a-z]{1,8}[ ]{1,2}|[a-z]{1,8}[.!?]\\s|\n\n){0,400}") {
            let all: Vec<&str> = text.split_whitespace().collect();
            let chunks = chunks(&text);
            let mut at = 0;
            for chunk in &chunks {
                let mine: Vec<&str> = chunk.split(' ').collect();
                prop_assert!(mine.len() < CHUNK_WORDS + LONGEST_SENTENCE_WORDS);
                let start = (0..=at).rev().find(|&s| all[s..].starts_with(&mine));
                prop_assert!(start.is_some());
                at = at.max(start.unwrap_or(0) + mine.len());
            }
            prop_assert_eq!(at, all.len());
        }
    }
}
