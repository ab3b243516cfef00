//! Texts as passages for the embedding model: whole sentences that overlap, nothing unread.

use std::{borrow::Cow, ops::Range};

use unicode_segmentation::UnicodeSegmentation;

use crate::fold::{Word, shown};

/// Most words of a passage: about the length of a model's short answer, so that a paraphrase meets a passage of its own
/// size.
pub const LONGEST: usize = 64;
/// A passage starts after at least so many words of the one before, so that what stands in a text stands whole in one.
pub const STRIDE: usize = 32;
/// Fewest words of a passage that is compared: what is shorter says too little to be anybody's.
pub const LEAST: usize = 24;
/// Tokens that the model reads, without its two special ones.
const MODEL_TOKENS: usize = 254;
/// One in so many words is one of [`FUNCTION_WORDS`] in English.
const ENGLISH: usize = 8;

/// Words that English has many of and its neighbours few; those that are words of another language too are left out.
const FUNCTION_WORDS: &[&str] = &[
    "all", "and", "are", "been", "but", "by", "could", "for", "from", "had", "has", "have", "he", "her", "his", "if",
    "into", "it", "its", "more", "my", "not", "of", "or", "our", "out", "said", "she", "should", "than", "that", "the",
    "their", "them", "there", "these", "they", "this", "to", "we", "were", "what", "when", "which", "who", "will",
    "with", "would", "you", "your",
];

/// The passages of a text that are compared, as ranges of its words, by their start: each has [`LEAST`] to [`LONGEST`]
/// words, no more than the model reads, and is English, which is what the model knows. Of other languages there are
/// none: there only words are compared.
///
/// `tokens` tells of how many tokens the model makes a piece of the text.
pub fn passages(text: &str, words: &[Word], tokens: impl Fn(&str) -> usize) -> Vec<Range<usize>> {
    let units = units(text, words, &tokens);
    let mut passages = Vec::new();
    let mut start = 0;
    while start < units.len() {
        let (mut end, mut count, mut read) = (start, 0, 0);
        while let Some((unit, tokens)) = units.get(end)
            && (end == start || count + unit.len() <= LONGEST && read + tokens <= MODEL_TOKENS)
        {
            count += unit.len();
            read += tokens;
            end += 1;
        }
        passages.push(units[start].0.start..units[end - 1].0.end);
        if end == units.len() {
            break;
        }
        let mut stride = 0;
        while start < end && stride < STRIDE {
            stride += units[start].0.len();
            start += 1;
        }
    }
    passages.retain(|passage| passage.len() >= LEAST && is_english(&words[passage.clone()]));
    passages
}

/// How a passage reads: its words with what stands between and right after, in letters of one script, white space
/// collapsed.
pub fn reading(text: &str, words: &[Word], passage: &Range<usize>) -> String {
    slice(text, words, passage).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn slice<'a>(text: &'a str, words: &[Word], range: &Range<usize>) -> Cow<'a, str> {
    let end = words.get(range.end).map_or(text.len(), |next| next.at.start);
    shown(&text[words[range.start].at.start..end])
}

/// Sentences, or parts of long ones, of which two always fit into a passage; with their tokens.
fn units(text: &str, words: &[Word], tokens: &impl Fn(&str) -> usize) -> Vec<(Range<usize>, usize)> {
    let mut units = Vec::new();
    let mut first = 0;
    for (start, sentence) in unwrapped(text).split_sentence_bound_indices() {
        let end = start + sentence.len();
        let last = first + words[first..].partition_point(|word| word.at.start < end);
        cut(text, words, first..last, tokens, &mut units);
        first = last;
    }
    units
}

fn cut(
    text: &str,
    words: &[Word],
    range: Range<usize>,
    tokens: &impl Fn(&str) -> usize,
    units: &mut Vec<(Range<usize>, usize)>,
) {
    if range.is_empty() {
        return;
    }
    let count = tokens(&slice(text, words, &range));
    if range.len() > 1 && (range.len() > STRIDE || count > MODEL_TOKENS / 2) {
        let middle = range.start + range.len() / 2;
        cut(text, words, range.start..middle, tokens, units);
        cut(text, words, middle..range.end, tokens, units);
    } else {
        units.push((range, count));
    }
}

/// The text with each line's end as a space, unless a blank line follows: a sentence goes on in the next line. Each
/// character keeps its place.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().filter(|&c| c != '\r').skip(1);
    let mut before = '\n';
    for c in text.chars() {
        let next = if c == '\r' { None } else { rest.next() };
        let ends = c == '\n' && before != '\n' && next != Some('\n');
        out.push(if c == '\r' || ends { ' ' } else { c });
        if c != '\r' {
            before = c;
        }
    }
    out
}

fn is_english(words: &[Word]) -> bool {
    let known = words.iter().filter(|word| FUNCTION_WORDS.binary_search(&word.folded.as_str()).is_ok()).count();
    known * ENGLISH >= words.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::words;

    fn ranges(text: &str) -> Vec<Range<usize>> {
        passages(text, &words(text), |part| part.split_whitespace().count())
    }

    #[test]
    fn function_words_are_sorted() {
        assert!(FUNCTION_WORDS.is_sorted());
    }

    #[test]
    fn lines_that_go_on_are_one_sentence() {
        assert_eq!(unwrapped("a b\nc.\r\nD\n\ne\r\n\r\nf\n"), "a b c.  D\n\ne \n \nf ");
    }

    /// Proves ATT-4's languages: the model knows English; unrelated texts in other languages came out as alike.
    #[test]
    fn only_english_has_passages() {
        for (text, english) in [
            (
                "The heron stood in the shallow water by the old mill and did not move until the bell of the evening rang, \
              and when it rang he was gone from there.",
                true,
            ),
            (
                "Whisk two eggs with sugar until pale, fold in the sifted flour and baking powder, and bake the sponge cake at \
              180 degrees for twenty-five minutes.",
                true,
            ),
            (
                "Der Reiher stand im flachen Wasser bei der alten Mühle und rührte sich nicht, bis die Glocke am Abend \
              läutete, und als sie läutete, war er von dort so schnell fort, dass niemand ihn sah.",
                false,
            ),
            (
                "Le héron se tenait dans l'eau peu profonde près du vieux moulin et ne bougea pas avant que la cloche du soir \
              ne sonne; quand elle sonna, il n'était plus là et personne ne le vit.",
                false,
            ),
            (
                "La garza estaba en el agua poco profunda junto al viejo molino y no se movió hasta que sonó la campana de la \
              tarde, y cuando sonó ya no estaba allí con los otros.",
                false,
            ),
            (
                "De reiger stond in het ondiepe water bij de oude molen en bewoog niet tot de avondklok luidde, of hij had \
              gewacht tot we weg waren, en toen was hij daar niet meer te zien.",
                false,
            ),
            (&"นกกระสายืนอยู่ในน้ำตื้นข้างโรงสีเก่า ".repeat(4), false),
            (&"왜가리는 오래된 방앗간 옆 얕은 물에 서서 저녁 종이 울릴 때까지 움직이지 않았다 ".repeat(4), false),
            (&"天地玄黄宇宙洪荒日月盈昃辰宿列张".repeat(4), false),
        ] {
            assert_eq!(!ranges(text).is_empty(), english, "{text}");
        }
    }

    /// Proves ATT-11: a passage reads alike in whichever letters it is shown, and stays as it is where it is in no
    /// others.
    #[test]
    fn letters_that_look_alike_read_alike() {
        let readings = |text: &str| -> Vec<String> {
            let words = words(text);
            ranges(text).iter().map(|range| reading(text, &words, range)).collect()
        };
        let plain = "The heron stood in the shallow water by the old mill – and did not move until the bell of the café \
                     rang, “and when it rang”, he was gone from there…";
        assert_eq!(readings(plain), [plain]);
        let mapped = |map: fn(char) -> char| plain.chars().map(map).collect::<String>();
        let bold = mapped(|c| if c.is_ascii_lowercase() { char::from_u32(c as u32 + 0x1d3b9).unwrap_or(c) } else { c });
        let cyrillic = mapped(|c| match c {
            'a' => 'а',
            'e' => 'е',
            'o' => 'о',
            _ => c,
        });
        let invisible: String = plain.chars().flat_map(|c| [c, '\u{34f}']).collect();
        for shown in [bold, cyrillic, invisible, plain.replace(' ', "\u{202f}")] {
            assert_eq!(readings(&shown), [plain], "{shown}");
        }
    }

    proptest! {
        /// Nothing is unread: with words that are all function words each stands in a passage, passages are in order,
        /// no longer than the model reads, and as few as their stride allows.
        #[test]
        fn every_word_is_read(sentences in prop::collection::vec(1_usize..90, 1..20)) {
            let sentence = |count: &usize| format!("{}. ", vec!["the"; *count].join(" "));
            let text: String = sentences.iter().map(sentence).collect();
            let count: usize = sentences.iter().sum();
            let found = ranges(&text);
            prop_assert_eq!(found.is_empty(), count < LEAST);
            let mut read = 0;
            for passage in &found {
                prop_assert!(passage.start <= read && (LEAST..=LONGEST).contains(&passage.len()));
                read = passage.end;
            }
            prop_assert!(count < LEAST || read == count);
            prop_assert!(found.len() <= count.div_ceil(STRIDE).max(1));
            prop_assert!(found.windows(2).all(|pair| pair[1].start >= pair[0].start + STRIDE));
        }

        /// Whatever the text: passages lie in it, and their reading has their words.
        #[test]
        fn passages_are_parts(text in "([a-zé]{1,9}|the|of|[.!?\n…漢]){0,200}") {
            let all = words(&text);
            for passage in passages(&text, &all, |part| part.chars().count()) {
                let reading = words(&reading(&text, &all, &passage));
                prop_assert!(passage.end <= all.len() && reading.len() >= passage.len() / 2);
            }
        }
    }
}
