//! Version 2 of the metric: each word of an output belongs to where it stands, and what stands nowhere is shared by
//! likeness (ATT-11, ATT-12).
//!
//! 1. **Spans first.** Words of an output that stand in a text, in its order and nearly without a gap, are its
//!    creator's, if the span is as like as the threshold says. A longer run of words goes before a shorter one.
//! 2. **First registration wins.** What stands in a text of another creator that was registered before is owed to that
//!    one, wherever else it stands; and a passage that is like one of theirs above the threshold, a copy in other
//!    words, is compared with nothing. So a copy earns nothing, and takes nothing from its author.
//!    A registered version has that also where it is not compared, because no run read it or it is another pool's: its
//!    words are then a later version's of the same dataset or creator, or nobody's.
//! 3. **What is everybody's is nobody's.** Runs of words that decoys and commons have, or as many creators as the
//!    licence's terms say, are found nowhere. Who has mostly copies of others is not counted among these creators:
//!    copying a work makes it no common good.
//! 4. **Likeness shares the rest.** A passage of which spans leave three quarters is compared with the creators' own
//!    passages ([`alike`]); its free words are shared by those above the threshold, in proportion to how far above.
//!    Only whole passages of the language that the embedding model knows are compared.
//!
//! A text counts for outputs that were written after its registration.
//!
//! An output's tokens are shared as its words are, nobody's words included, to the last token; of an output that has
//! more tokens than so many words can have, no more than those.

mod alike;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use yieldset_metric::{
    passages::LEAST,
    spans::{Index, Span, origins, shares},
};
use yieldset_rules::usage::{Evidence, InferenceCall, Passage, RUN_WORDS, Words};

use self::alike::{Candidate, Owner, Pool};
use super::{Call, Output, Question, Score, Source, Version, share};
use crate::{decoys, manifest::Dataset, report::Decoys};

/// A word's share, so that several may have parts of it.
const WORD: u64 = 1_000_000;

/// Most tokens that a word brings its creator, whatever else the output has: dashes, faces and endless words have
/// tokens too, and they are nobody's. Vocabularies make one to three of a word of their languages, and some eight of
/// one of another.
const MOST_TOKENS: u64 = 16;

type Account = [u8; 20];

/// A text, in the order of registration.
struct Text<'a> {
    dataset: &'a Dataset,
    /// The dataset's id: its versions are no copies of each other, whoever has it now.
    work: [u8; 32],
    file: usize,
    table: &'a Words,
    /// Whether outputs are compared with it; else it was only there before others.
    compared: bool,
    /// Unix seconds; zero where nobody asked the chain.
    registered: u64,
}

impl Text<'_> {
    /// Whether what stands in both is a copy in the later one.
    fn is_others(&self, other: &Self) -> bool {
        self.dataset.account != other.dataset.account && self.work != other.work
    }
}

/// A creator's likest passage, with its score.
type Alike<'a> = (Account, u32, Candidate<'a>);

/// Everything that outputs are compared with.
struct Compared<'a> {
    threshold: u32,
    texts: Vec<Text<'a>>,
    index: Index,
    /// For each word of each text the text and place that it is owed to.
    owed: Vec<Vec<(u32, u32)>>,
    /// For words of texts that are not compared where they stand in a later version that is.
    heirs: BTreeMap<(u32, u32), (u32, u32)>,
    /// Of all decoys' texts, and which decoy's each is.
    decoy_index: Index,
    decoy_of: Vec<usize>,
    pool: Pool<'a>,
}

/// What an account has of an output.
#[derive(Default)]
struct Found<'a> {
    units: u64,
    span: u32,
    first: Option<(&'a Dataset, usize)>,
    alike: Option<(u32, Candidate<'a>)>,
}

/// The outputs' lines, in the order of calls, and how often decoys were found among the hits.
pub(super) fn score(
    (datasets, versions): (&[&Dataset], &[Version]),
    earlier: &[(&Dataset, Version)],
    calls: &[Call],
    question: &Question<'_>,
) -> (Vec<Output>, Option<Decoys>) {
    let compared = Compared::of((datasets, versions), earlier, question);
    let scored = |(leaf, call): &Call| match &call.evidence {
        Evidence::Words(words) => Some(compared.output(*leaf, call, words)),
        Evidence::Whole(_) => None,
    };
    let (outputs, decoys): (Vec<Output>, Vec<u64>) = calls.par_iter().filter_map(scored).unzip();
    let real = outputs.iter().flat_map(|output| &output.scores).filter(|score| score.qualifies).count() as u64;
    let decoy_hits = decoys.iter().sum();
    let measured = Decoys {
        hits: real + decoy_hits,
        decoy_hits,
        // Both are a handful.
        datasets: datasets.len() as u32,
        decoys: decoys::DECOYS.len() as u32,
    };
    (outputs, Some(measured))
}

impl<'a> Compared<'a> {
    fn of(
        (datasets, versions): (&[&'a Dataset], &[Version]),
        earlier: &[(&'a Dataset, Version)],
        question: &Question<'_>,
    ) -> Self {
        let texts = in_order((datasets, versions), earlier);
        let nobodys = decoys::nobodys();
        let runs = || texts.iter().map(|text| &text.table.runs[..]);
        let index = Index::new(runs(), |run| !nobodys.contains(&run));
        let owed = owed(&texts, &index);
        let heirs = heirs(&texts, &index);
        let common = common(&texts, &owed, question.limits.common_from);
        let index = match common.is_empty() {
            true => index,
            false => Index::new(runs(), |run| !nobodys.contains(&run) && !common.contains(&run)),
        };
        let tables = decoys::tables();
        let number = |(decoy, texts): (usize, &'static Vec<Words>)| texts.iter().map(move |table| (decoy, table));
        let decoy_texts: Vec<(usize, &'static Words)> = tables.iter().enumerate().flat_map(number).collect();
        let first = texts.len();
        let of_decoy = |(text, (decoy, table)): (usize, &(usize, &'static Words))| {
            let (owner, text) = (Owner::Decoy(*decoy), first + text);
            let (work, earns) = ([0; 32], true);
            let passages = table.passages.iter().enumerate();
            passages.map(move |(number, passage)| Candidate { owner, work, text, number, passage, earns })
        };
        let own = own_passages(&texts, &owed, &common).into_iter();
        let pool = own.chain(decoy_texts.iter().enumerate().flat_map(of_decoy)).collect();
        Self {
            threshold: question.metric.threshold,
            index,
            owed,
            heirs,
            decoy_index: Index::new(decoy_texts.iter().map(|(_, table)| &table.runs[..]), |_| true),
            decoy_of: decoy_texts.iter().map(|(decoy, _)| *decoy).collect(),
            pool: Pool::of(pool, question.metric.threshold),
            texts,
        }
    }

    /// A call's line, and how many decoys it hits.
    fn output(&self, leaf: u64, call: &InferenceCall, words: &Words) -> (Output, u64) {
        let known = |text: usize| self.is_known(text, call);
        let spans = self.spans(&self.index, words, |text| {
            let text = text as usize;
            self.texts[text].compared && known(text)
        });
        let mut likest = vec![0; words.count as usize];
        for span in &spans {
            for at in span.range() {
                likest[at as usize] = span.likeness().max(likest[at as usize]);
            }
        }
        let owners: Vec<Option<(u32, u32)>> =
            shares(words.count, &spans).into_iter().map(|found| self.owner(found?)).collect();
        let mut found: BTreeMap<Account, Found<'_>> = BTreeMap::new();
        let mut sources = self.verbatim(&owners, &likest, &mut found);
        let rest = rest(words, &owners);
        let (likest, like_decoys) = self.likest(&rest, known);
        sources.extend(self.alike(likest, &owners, &mut found));
        sources.sort_by_key(|source| (source.start, !source.verbatim, source.account));
        let tokens = u64::from(call.output_tokens);
        let scores = self.scores(found, u64::from(words.count), tokens);
        let decoys = if tokens > 0 { self.decoy_hits(words, like_decoys) } else { 0 };
        (Output { leaf, call_id: call.call_id.clone(), tokens, scores, sources }, decoys)
    }

    /// Whether a text was registered when an output was written: nothing was learned from what came later, and who
    /// registers what models say is not paid for what they said before. The very second is not certainly later.
    fn is_known(&self, text: usize, call: &InferenceCall) -> bool {
        // Decoys' texts come after all others, and are of all times.
        let registered = self.texts.get(text).map_or(0, |text| text.registered);
        registered == 0 || registered < call.at_ms / 1_000
    }

    /// Whom a word is owed to that stands in a text: who had it first. Where that text is not compared, a later version
    /// of it that is, and nobody if there is none.
    fn owner(&self, found: (u32, u32)) -> Option<(u32, u32)> {
        let first = self.owed[found.0 as usize][found.1 as usize];
        match self.texts[first.0 as usize].compared {
            true => Some(first),
            false => self.heirs.get(&first).copied(),
        }
    }

    fn spans(&self, index: &Index, words: &Words, asked: impl Fn(u32) -> bool) -> Vec<Span> {
        let mut spans = index.spans(&words.runs, asked);
        spans.retain(|span| span.likeness() > self.threshold);
        spans
    }

    /// Words that stand in a text, as stretches of one text each.
    fn verbatim<'b>(
        &'b self,
        owners: &[Option<(u32, u32)>],
        likest: &[u32],
        found: &mut BTreeMap<Account, Found<'b>>,
    ) -> Vec<Source> {
        let mut sources = Vec::new();
        let mut start = 0_u32;
        for stretch in owners.chunk_by(|one, next| one.map(|at| at.0) == next.map(|at| at.0)) {
            // An output has no more words than a record.
            let words = stretch.len() as u32;
            if let Some((text, place)) = stretch[0] {
                let text = &self.texts[text as usize];
                let range = start as usize..(start + words) as usize;
                let score = likest[range].iter().copied().max().unwrap_or_default();
                let found = found.entry(text.dataset.account).or_default();
                found.units += u64::from(words) * WORD;
                found.span = found.span.max(score);
                found.first.get_or_insert((text.dataset, text.file));
                let place = Place { start, words, place, score, verbatim: true };
                sources.push(place.of((text.dataset, text.file)));
            }
            start += words;
        }
        sources
    }

    /// Shares the words that spans leave of passages that are like a creator's; the likest passage goes first.
    fn alike<'b>(
        &'b self,
        mut compared: Vec<(&Passage, Vec<Alike<'b>>)>,
        owners: &[Option<(u32, u32)>],
        found: &mut BTreeMap<Account, Found<'b>>,
    ) -> Vec<Source> {
        let best = |likest: &[Alike<'_>]| likest.iter().map(|one| one.1).max().unwrap_or_default();
        compared.sort_by_key(|(passage, likest)| (std::cmp::Reverse(best(likest)), passage.start));
        let mut free: Vec<bool> = owners.iter().map(Option::is_none).collect();
        let mut sources = Vec::new();
        for (passage, likest) in compared {
            for &(account, score, candidate) in &likest {
                let alike = &mut found.entry(account).or_default().alike;
                if alike.is_none_or(|(best, _)| score > best) {
                    *alike = Some((score, candidate));
                }
            }
            let above: Vec<_> = likest.into_iter().filter(|(_, score, _)| *score > self.threshold).collect();
            let range = passage.start as usize..(passage.start + passage.words) as usize;
            let words = free[range.clone()].iter().filter(|free| **free).count() as u32;
            if above.is_empty() || words == 0 {
                continue;
            }
            free[range].fill(false);
            let excess: Vec<u64> = above.iter().map(|(_, score, _)| u64::from(score - self.threshold)).collect();
            for ((account, score, candidate), units) in above.into_iter().zip(share(u64::from(words) * WORD, &excess)) {
                found.entry(account).or_default().units += units;
                let place =
                    Place { start: passage.start, words, place: candidate.passage.start, score, verbatim: false };
                sources.push(place.of(self.file(candidate.text)));
            }
        }
        sources
    }

    /// For each passage every creator's likest of the texts that were known, in the order of accounts; and the decoys
    /// that one of them is like.
    fn likest<'b, 'o>(
        &'b self,
        rest: &[&'o Passage],
        known: impl Fn(usize) -> bool,
    ) -> (Vec<(&'o Passage, Vec<Alike<'b>>)>, BTreeSet<usize>) {
        let mut decoys = BTreeSet::new();
        let mut creators = |passage: &'o Passage| {
            let mut creators: Vec<Alike<'b>> = Vec::new();
            for (owner, (score, candidate)) in self.pool.likest(passage, &known) {
                match owner {
                    Owner::Creator(account) => creators.push((account, score, candidate)),
                    Owner::Decoy(decoy) if score > self.threshold => {
                        decoys.insert(decoy);
                    }
                    Owner::Decoy(_) => {}
                }
            }
            (passage, creators)
        };
        let likest = rest.iter().map(|passage| creators(passage)).collect();
        (likest, decoys)
    }

    fn file(&self, text: usize) -> (&Dataset, usize) {
        let text = &self.texts[text];
        (text.dataset, text.file)
    }

    fn scores(&self, found: BTreeMap<Account, Found<'_>>, words: u64, tokens: u64) -> Vec<Score> {
        let mut units: Vec<u64> = found.values().map(|found| found.units).collect();
        units.push(words * WORD - units.iter().sum::<u64>());
        let shares = share(tokens.min(words.saturating_mul(MOST_TOKENS)), &units);
        let mut scores: Vec<Score> = found
            .into_iter()
            .zip(shares)
            .filter_map(|((account, found), tokens)| {
                let alike = found.alike.map(|(score, one)| {
                    let (dataset, file) = self.file(one.text);
                    (score, dataset, file, one.number)
                });
                let first = found.first.map(|(dataset, file)| (0, dataset, file, 0));
                let (cosine, dataset, file, chunk) = alike.or(first)?;
                Some(Score {
                    account,
                    score: cosine.max(found.span),
                    cosine,
                    dataset: dataset.dataset.clone(),
                    file: dataset.files[file].clone(),
                    chunk,
                    containment: found.span,
                    copied_from: found.first.map(|(dataset, file)| dataset.files[file].clone()),
                    qualifies: tokens > 0,
                    tokens,
                })
            })
            .collect();
        scores
            .sort_by(|a, b| b.qualifies.cmp(&a.qualifies).then(b.score.cmp(&a.score)).then(a.account.cmp(&b.account)));
        let shown = scores.iter().take_while(|score| score.qualifies).count() + 1;
        scores.truncate(shown);
        scores
    }

    /// How many decoys have a span of the output, or a passage like one of it.
    fn decoy_hits(&self, words: &Words, alike: BTreeSet<usize>) -> u64 {
        let spans =
            self.spans(&self.decoy_index, words, |_| true).into_iter().map(|span| self.decoy_of[span.text as usize]);
        spans.chain(alike).collect::<BTreeSet<_>>().len() as u64
    }
}

/// Where something was found; [`Source`] without its names.
struct Place {
    start: u32,
    words: u32,
    place: u32,
    score: u32,
    verbatim: bool,
}

impl Place {
    fn of(self, (dataset, file): (&Dataset, usize)) -> Source {
        let Self { start, words, place, score, verbatim } = self;
        let (account, name) = (dataset.account, dataset.files[file].clone());
        Source { start, words, account, dataset: dataset.dataset.clone(), file: name, place, score, verbatim }
    }
}

/// The texts in the order of their registration, those of versions that are not compared among them. What is not
/// registered comes last.
fn in_order<'a>(
    (datasets, versions): (&[&'a Dataset], &[Version]),
    earlier: &[(&'a Dataset, Version)],
) -> Vec<Text<'a>> {
    let registered = |version: &Version| version.registration.map_or(u64::MAX, |found| found.registered_at);
    let of = |dataset: &'a Dataset, version: &Version, compared: bool| {
        (registered(version), version.manifest_hash, dataset, compared)
    };
    let compared = datasets.iter().zip(versions).map(|(&dataset, version)| of(dataset, version, true));
    let mut order: Vec<(u64, [u8; 32], &Dataset, bool)> =
        compared.chain(earlier.iter().map(|(dataset, version)| of(dataset, version, false))).collect();
    order.sort_by_key(|(registered, manifest, ..)| (*registered, *manifest));
    let texts = |(registered, _, dataset, compared): (u64, [u8; 32], &'a Dataset, bool)| {
        let (work, registered) = (dataset.dataset_id(), if registered == u64::MAX { 0 } else { registered });
        let tables = dataset.tables.iter().enumerate();
        tables.map(move |(file, table)| Text { dataset, work, file, table, compared, registered })
    };
    order.into_iter().flat_map(texts).collect()
}

/// Where words of texts that are not compared stand in versions of the same dataset, or of the same creator, that are.
fn heirs(texts: &[Text<'_>], index: &Index) -> BTreeMap<(u32, u32), (u32, u32)> {
    let mut heirs = BTreeMap::new();
    if texts.iter().all(|text| text.compared) {
        return heirs;
    }
    for (text, number) in texts.iter().zip(0..).filter(|(text, _)| text.compared) {
        let own = |other: u32| {
            let other = &texts[other as usize];
            !other.compared && !other.is_others(text)
        };
        let found = shares(text.table.count, &index.spans(&text.table.runs, own));
        for (found, at) in found.into_iter().zip(0..) {
            if let Some(earlier) = found {
                heirs.entry(earlier).or_insert((number, at));
            }
        }
    }
    heirs
}

/// The passages that are mostly their creators' own words, in the order of texts.
fn own_passages<'a>(texts: &[Text<'a>], owed: &[Vec<(u32, u32)>], common: &BTreeSet<u64>) -> Vec<Candidate<'a>> {
    let nobodys = decoys::nobodys();
    let own = |number: usize| {
        let (text, table, account) = (&texts[number], texts[number].table, texts[number].dataset.account);
        let owed = move |at: u32| texts[owed[number][at as usize].0 as usize].is_others(text);
        let shared =
            |at: u32| table.runs.get(at as usize).is_some_and(|run| common.contains(run) || nobodys.contains(run));
        let foreign =
            move |one: &Passage| (one.start..one.start + one.words).filter(|&at| owed(at) || shared(at)).count();
        let passages = table.passages.iter().enumerate();
        let own = passages.filter(move |(_, one)| one.words as usize >= LEAST && foreign(one) * 2 < one.words as usize);
        let (owner, work, earns) = (Owner::Creator(account), text.work, text.compared);
        own.map(move |(at, passage)| Candidate { owner, work, text: number, number: at, passage, earns })
            .collect::<Vec<_>>()
    };
    (0..texts.len()).into_par_iter().flat_map_iter(own).collect()
}

/// For each word of each text the text and place that it is owed to: the earliest of another creator where it stands.
fn owed(texts: &[Text<'_>], index: &Index) -> Vec<Vec<(u32, u32)>> {
    let copies = |number: u32| {
        let text = &texts[number as usize];
        index.spans(&text.table.runs, |other| other < number && texts[other as usize].is_others(text))
    };
    // Every dataset has at most 10,000 texts.
    let copies: Vec<Vec<Span>> = (0..texts.len() as u32).into_par_iter().map(copies).collect();
    let mut owed: Vec<Vec<(u32, u32)>> = Vec::with_capacity(texts.len());
    for (text, copies) in copies.iter().enumerate() {
        let found = origins(text as u32, texts[text].table.count, copies, &owed);
        owed.push(found);
    }
    owed
}

/// The runs of words that as many creators have as the terms say, without those who have mostly what is owed to others
/// or stands in runs that another had first.
fn common(texts: &[Text<'_>], owed: &[Vec<(u32, u32)>], from: u16) -> BTreeSet<u64> {
    if from == 0 {
        return BTreeSet::new();
    }
    let mut creators: BTreeMap<Account, (u64, u64, BTreeSet<u64>)> = BTreeMap::new();
    // Who had each run first: pieces too short for a span are owed to nobody, and copied all the same.
    let mut first: BTreeMap<u64, &Text<'_>> = BTreeMap::new();
    for (text, owed) in texts.iter().zip(owed) {
        let mut is_copy: Vec<bool> = owed.iter().map(|(origin, _)| texts[*origin as usize].is_others(text)).collect();
        for (run, at) in text.table.runs.iter().zip(0..) {
            if first.entry(*run).or_insert(text).is_others(text) {
                // A run of so many words is within its text.
                is_copy[at..at + RUN_WORDS].fill(true);
            }
        }
        if !text.compared {
            continue;
        }
        let (words, copied, runs) = creators.entry(text.dataset.account).or_default();
        *words += owed.len() as u64;
        *copied += is_copy.into_iter().filter(|copy| *copy).count() as u64;
        runs.extend(&text.table.runs);
    }
    let mut having: BTreeMap<u64, u16> = BTreeMap::new();
    for (_, _, runs) in creators.into_values().filter(|(words, copied, _)| copied * 2 <= *words) {
        for run in runs {
            let having = having.entry(run).or_default();
            *having = having.saturating_add(1);
        }
    }
    having.into_iter().filter(|(_, count)| *count >= from).map(|(run, _)| run).collect()
}

/// The passages of an output that are compared: long enough, and three quarters of their words stand nowhere.
fn rest<'b>(words: &'b Words, owners: &[Option<(u32, u32)>]) -> Vec<&'b Passage> {
    let free = |one: &Passage| {
        let range = one.start as usize..(one.start + one.words) as usize;
        owners[range].iter().filter(|owner| owner.is_none()).count()
    };
    let compared = |one: &&Passage| one.words as usize >= LEAST && free(one) * 4 >= one.words as usize * 3;
    words.passages.iter().filter(compared).collect()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;
