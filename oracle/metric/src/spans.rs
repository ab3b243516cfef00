//! Spans: words of an output that stand in a text, in order and nearly without a gap.
//!
//! A run of [`GRAM`] words that stands in both is a seed. Seeds that follow each other in both are a run, word for
//! word. Runs of one text that follow each other in both with few words between are a span: a quote in which a word was
//! changed, left out or put in. Integers only, and the order of texts decides ties, so that everybody finds the same.

mod index;

use std::{collections::BTreeMap, mem, ops::Range};

pub use self::index::{Index, NotAnIndex, index_bytes};
use crate::grams::GRAM;

/// Most places of a run of words that are looked at in a text: nobody hides a text by repeating its words in another.
pub const PLACES: usize = 64;
/// Most in all, those of the earliest texts: in which later ones it stands too does not matter. Of what stands at
/// [`PLACES`] or more the first alone is looked at where it was said as often before: nobody makes pairs without end.
pub const PLACES_IN_ALL: usize = 64 * PLACES;
/// Most words between two runs of a span, in the output and in the text.
pub const GAP: u32 = 6;
/// Fewest words that a span has in common with its text.
pub const LEAST: u32 = 12;
/// A span has this part of its words in common with the text, in hundredths.
pub const DENSITY: u32 = 60;

/// A run, word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// First word in the output.
    pub output: u32,
    /// First word in the text.
    pub text: u32,
    /// Words.
    pub words: u32,
}

impl Run {
    /// Words of the output.
    pub fn range(&self) -> Range<u32> {
        self.output..self.output + self.words
    }
}

/// A span of an output in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text's number.
    pub text: u32,
    /// In the order of both; they may share up to [`GRAM`]` - 1` words where the text repeats itself.
    pub runs: Vec<Run>,
    /// Words of the output that are in a run.
    pub matched: u32,
}

impl Span {
    /// Words of the output from the first run's to the last's.
    pub fn range(&self) -> Range<u32> {
        // A span has runs.
        self.runs[0].output..self.runs[self.runs.len() - 1].range().end
    }

    /// The part of these words that is in a run, in millionths, rounded down: one million is word for word.
    pub fn likeness(&self) -> u32 {
        let range = self.range();
        let likeness = u64::from(self.matched) * 1_000_000 / u64::from(range.end - range.start).max(1);
        // A span has at most all its words in common.
        likeness as u32
    }
}

impl<W: AsRef<[u64]>> Index<W> {
    /// The spans of an output, given as its grams, by text and then by place; of texts that `asked` says yes to.
    pub fn spans(&self, output: &[u64], asked: impl Fn(u32) -> bool) -> Vec<Span> {
        let mut runs = self.runs(output, asked);
        runs.sort_unstable();
        let mut spans = Vec::new();
        for runs in runs.chunk_by(|one, next| one.0 == next.0) {
            let chains = chains(runs.iter().map(|(_, run)| *run));
            spans.extend(chains.into_iter().filter_map(|chain| span(runs[0].0, chain)));
        }
        spans
    }

    /// The runs of an output, each with its text: as long as they go, and never all their seeds at once.
    fn runs(&self, output: &[u64], asked: impl Fn(u32) -> bool) -> Vec<(u32, Run)> {
        let (mut ended, mut open, mut next) = (Vec::new(), Vec::new(), Vec::new());
        // How often what stands at many places was said, and the first of them.
        let mut often: BTreeMap<u64, (usize, (u32, u32))> = BTreeMap::new();
        let mut places = Vec::new();
        for (&gram, at) in output.iter().zip(0_u32..) {
            places.clear();
            match often.get(&gram) {
                Some((PLACES, first)) => places.push(*first),
                _ => places.extend(self.places(gram, (PLACES, PLACES_IN_ALL)).filter(|(text, _)| asked(*text))),
            }
            if places.len() >= PLACES {
                often.entry(gram).or_insert((0, places[0])).0 += 1;
            }
            // Both are in the order of texts and of places there.
            let mut before = open.drain(..).peekable();
            for &(text, place) in &places {
                let goes_on = |one: &(u32, Run)| (one.0, one.1.text + one.1.words + 1 - GRAM as u32);
                ended.extend(std::iter::from_fn(|| before.next_if(|one| goes_on(one) < (text, place))));
                next.push(match before.next_if(|one| goes_on(one) == (text, place)) {
                    Some((_, run)) => (text, Run { words: run.words + 1, ..run }),
                    None => (text, Run { output: at, text: place, words: GRAM as u32 }),
                });
            }
            ended.extend(before);
            mem::swap(&mut open, &mut next);
        }
        ended.extend(open);
        ended
    }
}

/// Whether a run can be the next of a span: after the other in both, with few words between.
fn follows(last: &Run, next: &Run) -> bool {
    const OVERLAP: u32 = GRAM as u32 - 1;
    let near = |last: u32, words: u32, next: u32| {
        let end = last + words;
        next > last && next + OVERLAP >= end && next <= end + GAP
    };
    near(last.output, last.words, next.output) && near(last.text, last.words, next.text)
}

/// Joins each run to the chain whose end is nearest, the earliest of several.
fn chains(runs: impl Iterator<Item = Run>) -> Vec<Vec<Run>> {
    let mut chains: Vec<Vec<Run>> = Vec::new();
    // Chains that a later run can still join; the others are too far behind.
    let mut open: Vec<usize> = Vec::new();
    for run in runs {
        let last = |&chain: &usize| chains[chain][chains[chain].len() - 1];
        open.retain(|chain| last(chain).range().end + GAP >= run.output);
        let shift = |run: &Run| i64::from(run.text) - i64::from(run.output);
        let nearest = open
            .iter()
            .filter(|chain| follows(&last(chain), &run))
            .min_by_key(|chain| (shift(&last(chain)).abs_diff(shift(&run)), **chain));
        match nearest {
            Some(&chain) => chains[chain].push(run),
            None => {
                open.push(chains.len());
                chains.push(vec![run]);
            }
        }
    }
    chains
}

fn span(text: u32, runs: Vec<Run>) -> Option<Span> {
    let mut matched = 0;
    let mut end = 0;
    for run in &runs {
        let range = run.range();
        matched += range.end - range.start.max(end).min(range.end);
        end = end.max(range.end);
    }
    let span = Span { text, runs, matched };
    let length = u64::from(span.range().end - span.range().start);
    let dense = u64::from(matched) * 100 >= length * u64::from(DENSITY);
    (matched >= LEAST && dense).then_some(span)
}

/// Whose the words of an output are: for each word the text and the place there. A longer run goes before a shorter
/// one, the earlier text before the later; words between the runs of a span are its own where no run has them.
pub fn shares(words: u32, spans: &[Span]) -> Vec<Option<(u32, u32)>> {
    let mut owners = vec![None; words as usize];
    let mut runs: Vec<(u32, &Run)> = spans.iter().flat_map(|s| s.runs.iter().map(move |run| (s.text, run))).collect();
    runs.sort_unstable_by_key(|(text, run)| (std::cmp::Reverse(run.words), *text, run.output, run.text));
    for (text, run) in runs {
        for at in 0..run.words {
            owners[(run.output + at) as usize].get_or_insert((text, run.text + at));
        }
    }
    let mut by_size: Vec<&Span> = spans.iter().collect();
    by_size.sort_by_key(|span| (std::cmp::Reverse(span.matched), span.text, span.range().start));
    for span in by_size {
        for pair in span.runs.windows(2) {
            let between = pair[0].range().end..pair[1].output.max(pair[0].range().end);
            // There may be fewer words between them in the text, or none: then they stand for its last word there, and
            // no place is beyond the text's end.
            let last = pair[1].text + pair[1].words - 1;
            for (at, shift) in between.zip(0..) {
                let place = (pair[0].text + pair[0].words + shift).min(last);
                owners[at as usize].get_or_insert((span.text, place));
            }
        }
    }
    owners
}

/// The earlier texts that a text's words stand in: for each word the text and place it is owed to, itself where nobody
/// had it before. `copies` are its spans in earlier texts of others, `earlier` what was found of those.
pub fn origins(text: u32, words: u32, copies: &[Span], earlier: &[Vec<(u32, u32)>]) -> Vec<(u32, u32)> {
    let found = shares(words, copies);
    let origin = |at: (u32, u32)| earlier.get(at.0 as usize).and_then(|words| words.get(at.1 as usize)).copied();
    found.into_iter().zip(0..).map(|(found, at)| found.map_or((text, at), |at| origin(at).unwrap_or(at))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{fold::words, grams};

    /// Words that each stand once: their numbers.
    fn text(from: usize, count: usize) -> String {
        (from..from + count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
    }

    fn index(texts: &[String]) -> Index {
        let grams: Vec<_> = texts.iter().map(|text| grams::of(text)).collect();
        Index::new(grams.iter().map(Vec::as_slice), |_| true)
    }

    fn owners(texts: &[String], output: &str) -> Vec<Option<(u32, u32)>> {
        let spans = index(texts).spans(&grams::of(output), |_| true);
        shares(words(output).len() as u32, &spans)
    }

    /// Words of each text in an output.
    fn counts(texts: &[String], output: &str) -> Vec<usize> {
        let owners = owners(texts, output);
        (0..texts.len() as u32).map(|text| owners.iter().flatten().filter(|owner| owner.0 == text).count()).collect()
    }

    /// Proves ATT-12.
    #[test]
    fn each_word_belongs_to_the_text_it_stands_in() {
        let texts = [text(0, 200), text(1_000, 200)];
        let output = format!("{} own words of mine {} and more {}", text(40, 30), text(1_100, 50), text(500, 20));
        assert_eq!(counts(&texts, &output), [30, 50]);
        let owners = owners(&texts, &output);
        assert_eq!((owners[0], owners[29], owners[30]), (Some((0, 40)), Some((0, 69)), None));
        assert_eq!(owners[34], Some((1, 100)));
    }

    #[test]
    fn a_word_changed_left_out_or_put_in_does_not_end_a_quote() {
        let source = [text(0, 100)];
        let changed = format!("{} other {}", text(10, 10), text(21, 10));
        assert_eq!(counts(&source, &changed), [21]);
        let left_out = format!("{} {}", text(10, 10), text(22, 10));
        assert_eq!(counts(&source, &left_out), [20]);
        let put_in = format!("{} so to say {}", text(10, 10), text(20, 10));
        assert_eq!(counts(&source, &put_in), [23]);
    }

    #[test]
    fn what_is_too_short_or_too_thin_is_chance() {
        let source = [text(0, 100)];
        assert_eq!(counts(&source, &text(10, 11)), [0]);
        assert_eq!(counts(&source, &text(10, 12)), [12]);
        // Six of eleven words each time: over half, under 60 %.
        let thin =
            (0..6).map(|n| format!("{} a{n} b{n} c{n} d{n} e{n}", text(11 * n, 6))).collect::<Vec<_>>().join(" ");
        assert_eq!(counts(&source, &thin), [0]);
    }

    #[test]
    fn the_longer_run_goes_first_and_of_equal_ones_the_earlier_text() {
        let texts = [text(0, 20), text(0, 20), format!("{} {}", text(5, 15), text(700, 30))];
        assert_eq!(counts(&texts, &text(0, 20)), [20, 0, 0]);
        assert_eq!(counts(&texts, &format!("{} {}", text(5, 15), text(700, 30))), [0, 0, 45]);
    }

    /// Proves ATT-11: a copy's words are those of who had them first, whatever is put around them.
    #[test]
    fn a_copy_is_owed_to_who_had_it_first() {
        let texts = [text(0, 100), format!("{} {} {}", text(900, 10), text(20, 40), text(800, 30)), text(30, 20)];
        let index = index(&texts);
        let mut found: Vec<Vec<(u32, u32)>> = Vec::new();
        for (at, text) in texts.iter().zip(0..) {
            let copies = index.spans(&grams::of(at), |other| other < text);
            found.push(origins(text, words(at).len() as u32, &copies, &found));
        }
        assert_eq!(found[1][9], (1, 9));
        assert_eq!((found[1][10], found[1][49]), ((0, 20), (0, 59)));
        assert_eq!(found[1][50], (1, 50));
        // Not to the copy in the second text.
        assert_eq!((found[2][0], found[2][19]), ((0, 30), (0, 49)));
    }

    /// One word without end, in texts and output: what is found is no more than a few of each word, and a quote beside
    /// it is found as ever.
    #[test]
    fn a_word_said_without_end_is_found_at_few_places() {
        let said = |count: usize| vec!["row"; count].join(" ");
        let mut texts = vec![text(0, 40)];
        texts.extend((0..4).map(|_| said(70)));
        let index = index(&texts);
        let found = |count: usize| index.spans(&grams::of(&said(count)), |_| true).len();
        assert_eq!(found(5_000), found(500));
        let beside = format!("{} {}", said(500), text(0, 40));
        assert_eq!(counts(&texts, &beside)[0], 40);
    }

    #[test]
    fn repeating_somebody_s_words_does_not_hide_them() {
        let mut texts = vec![text(0, 40)];
        texts.extend((0..100).map(|_| text(0, 40)));
        assert_eq!(counts(&texts, &text(0, 40))[0], 40);
    }

    proptest! {
        /// Each run goes as far as it goes, and each that there is is found.
        #[test]
        fn runs_are_all_that_stand_in_both(
            texts in prop::collection::vec(prop::collection::vec(0_u64..3, 0..30), 0..5),
            output in prop::collection::vec(0_u64..3, 0..30), without in 0_u32..6,
        ) {
            let index = Index::new(texts.iter().map(Vec::as_slice), |_| true);
            let mut found = index.runs(&output, |text| text != without);
            found.sort_unstable();
            let mut expected = Vec::new();
            for (text, number) in texts.iter().zip(0_u32..).filter(|(_, number)| *number != without) {
                for (at, place) in (0..output.len()).flat_map(|at| (0..text.len()).map(move |place| (at, place))) {
                    let goes_on = at > 0 && place > 0 && output[at - 1] == text[place - 1];
                    let pairs = output[at..].iter().zip(&text[place..]);
                    let count = pairs.take_while(|(one, other)| one == other).count();
                    if count > 0 && !goes_on {
                        let words = (count + GRAM - 1) as u32;
                        expected.push((number, Run { output: at as u32, text: place as u32, words }));
                    }
                }
            }
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }

        /// Whatever stands around and between: no word has two owners, each owner's word is the output's, and a quote
        /// of the least length is found.
        #[test]
        fn owners_have_the_words(
            parts in prop::collection::vec((0_usize..3, 0_usize..80, 0_usize..40), 1..6), seed in 0_usize..1_000
        ) {
            let texts = [text(0, 120), text(1_000, 120), format!("{} {}", text(60, 60), text(2_000, 60))];
            let starts = [0, 1_000, 2_000];
            let mut output = Vec::new();
            for (at, (source, from, count)) in parts.iter().enumerate() {
                output.push(text(starts[*source] + from % 60, *count));
                output.push(text(50_000 + seed * 100 + at * 10, 9));
            }
            let output = output.join(" ");
            let plain = words(&output);
            let owners = owners(&texts, &output);
            prop_assert_eq!(owners.len(), plain.len());
            let all: Vec<_> = texts.iter().map(|text| words(text)).collect();
            let mut exact = 0;
            for (word, owner) in plain.iter().zip(&owners) {
                if let Some((text, place)) = owner {
                    prop_assert!((*place as usize) < all[*text as usize].len());
                    exact += usize::from(all[*text as usize][*place as usize].folded == word.folded);
                }
            }
            let long: usize = parts.iter().filter(|part| part.2 >= LEAST as usize && part.0 < 2).map(|part| part.2).sum();
            prop_assert!(exact >= long, "{exact} of {long}");
        }
    }
}
