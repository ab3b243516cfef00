//! Texts as words that are compared: what looks or reads the same is the same.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::skeleton;
use unicode_segmentation::UnicodeSegmentation;

/// A word as it is compared, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Folded.
    pub folded: String,
    /// Bytes of the text that it was.
    pub at: Range<usize>,
}

/// The words of a text, for comparing: case, punctuation, apostrophes, typography, accents' encoding, letters that look
/// alike in another script, invisible characters, a word cut by a hyphen at a line's end and letters spaced apart do
/// not tell words apart. Scripts that put no space between words give a word for each of their letters.
///
/// Boundaries are those of Unicode's UAX #29.
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut before = 0;
    for (start, piece) in text.unicode_word_indices().flat_map(parts) {
        let end = start + piece.len();
        let between = &text[before..start];
        before = end;
        if piece.chars().any(stands_alone) {
            for (at, letter) in piece.grapheme_indices(true) {
                push(&mut words, letter, start + at..start + at + letter.len());
            }
            continue;
        }
        let joins = hyphenated(between) || (!between.is_empty() && between.chars().all(is_invisible));
        match words.last_mut() {
            Some(last) if joins && last.at.end + between.len() == start => {
                last.folded += &fold(piece);
                last.at.end = end;
            }
            _ => push(&mut words, piece, start..end),
        }
    }
    joined(words)
}

/// The parts of a piece between blanks, which Unicode's boundaries take for a part of words.
fn parts((start, piece): (usize, &str)) -> impl Iterator<Item = (usize, &str)> {
    let mut end = start;
    piece.split_inclusive(is_blank).filter_map(move |part| {
        let start = end;
        end += part.len();
        let part = part.trim_end_matches(is_blank);
        (!part.is_empty()).then_some((start, part))
    })
}

fn push(words: &mut Vec<Word>, piece: &str, at: Range<usize>) {
    let folded = fold(piece);
    if !folded.is_empty() {
        words.push(Word { folded, at });
    }
}

/// Fewest letters in a row that are one word spaced apart: "a b c" may be a list, "t h e s e a" is a disguise.
const SPACED: usize = 4;

/// Joins runs of single letters with nothing but a space between.
fn joined(words: Vec<Word>) -> Vec<Word> {
    let single = |word: &Word| {
        let mut letters = word.folded.chars();
        let (first, second) = (letters.next(), letters.next());
        second.is_none() && first.is_some_and(|letter| letter.is_alphabetic() && !stands_alone(letter))
    };
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut run = Vec::new();
    let end = |run: &mut Vec<Word>, out: &mut Vec<Word>| {
        if run.len() >= SPACED {
            let at = run[0].at.start..run[run.len() - 1].at.end;
            out.push(Word { folded: run.drain(..).map(|word: Word| word.folded).collect(), at });
        } else {
            out.append(run);
        }
    };
    for word in words {
        let follows = run.last().is_none_or(|last: &Word| word.at.start <= last.at.end + 1);
        if !(single(&word) && follows) {
            end(&mut run, &mut out);
        }
        if single(&word) {
            run.push(word);
        } else {
            out.push(word);
        }
    }
    end(&mut run, &mut out);
    out
}

/// A hyphen at the end of a line, and the line's end.
fn hyphenated(between: &str) -> bool {
    let Some(rest) = between.strip_prefix(['-', '\u{2010}', '\u{ad}']) else { return false };
    rest.is_empty() && between.starts_with('\u{ad}')
        || !rest.is_empty() && rest.chars().all(char::is_whitespace) && rest.contains('\n')
}

/// Lower case, compatibility-normalised, without marks, apostrophes and invisible characters, in one script's letters.
fn fold(word: &str) -> String {
    let plain: String = word
        .nfkc()
        .filter(|&letter| !is_invisible(letter) && !matches!(letter, '\'' | '\u{2019}' | '\u{2bc}'))
        .flat_map(char::to_lowercase)
        .collect();
    // Looking alike is asked of letters of other scripts alone: the skeleton turns `m` into `rn`, and `1` into `l`.
    let latin: String = match plain.is_ascii() {
        true => plain,
        false => plain.chars().map(|letter| look_alike(letter).unwrap_or(letter)).collect(),
    };
    let kept = |letter: &char| letter.is_alphanumeric() && (!is_combining_mark(*letter) || stands_alone(*letter));
    latin.nfd().filter(kept).collect()
}

/// A text as it reads, for who reads it whole: letters in one script, blanks as spaces, and without what shows nothing.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match c {
            _ if is_blank(c) => shown.push(' '),
            _ if c.is_ascii() || !c.is_alphanumeric() => shown.push(c),
            _ => shown.extend(std::iter::once(c).nfkc().map(|letter| look_alike(letter).unwrap_or(letter))),
        }
    }
    Cow::Owned(shown)
}

/// The Latin letter that a letter of another alphabet looks like.
fn look_alike(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return None;
    }
    let text = letter.to_string();
    let mut looks = skeleton(&text);
    match (looks.next(), looks.next()) {
        (Some(one), None) if one.is_ascii_alphanumeric() => Some(one.to_ascii_lowercase()),
        _ => None,
    }
}

/// Characters that show nothing: Unicode's `Default_Ignorable_Code_Point`, as far as it occurs between letters, and
/// controls that lay nothing out.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' |
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' |
            '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// What shows as a blank and is no boundary of words: the narrow space that does not break, which models write in place
/// of others, and Hangul's fillers.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{202f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Letters of scripts without spaces: Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn what_reads_the_same_is_the_same() {
        for (text, plain) in [
            ("“Don\u{2019}t,” said\nthe ﬁsh—twice.", "dont said the fish twice"),
            ("a prin-\nciple, an impor\u{ad}tant one", "a principle an important one"),
            ("p\0assing\0 str\u{7f}e\u{1b}et\u{91}s", "passing streets"),
            ("step\u{200b}ping in\u{2060}to the str\u{feff}eet", "stepping into the street"),
            ("t h e s e a is near", "thesea is near"),
            ("p\u{430}ssing stre\u{435}t", "passing street"),
            ("ＦＵＬＬ width", "full width"),
            ("cafe\u{301} CAFÉ", "cafe cafe"),
            ("well-known", "well known"),
            ("5\u{202f}000 men\u{202f}\u{202f}in\u{3164}the \u{202f} street\u{115f}", "5 000 men in the street"),
        ] {
            assert_eq!(folded(text), plain.split(' ').collect::<Vec<_>>(), "{text}");
        }
        assert_eq!(folded("天地玄黄、宇\u{3164}宙"), ["天", "地", "玄", "黄", "宇", "宙"]);
        assert_eq!(folded("ที่นี่").len(), words("ที่นี่").len());
        assert!(folded(" …—! ").is_empty());
    }

    proptest! {
        /// Words stand in order, apart from each other, and on letters' boundaries.
        #[test]
        fn places_are_places(text in "\\PC{0,60}") {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(word.at.start >= end && word.at.end > word.at.start);
                prop_assert!(text.is_char_boundary(word.at.start) && text.is_char_boundary(word.at.end));
                prop_assert!(!word.folded.is_empty());
                end = word.at.end;
            }
        }

        /// What is folded stays as it is.
        #[test]
        fn folding_again_changes_nothing(text in "[a-zA-Zàéîöñ0-9'’ ,.-]{0,60}") {
            let once = folded(&text);
            let twice = folded(&once.join(", "));
            prop_assert_eq!(once, twice);
        }
    }
}
