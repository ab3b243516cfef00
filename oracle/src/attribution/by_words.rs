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
//! 4. **Likeness shares the rest.** A passage of which spans and nobody's words leave three quarters is compared with
//!    the creators' own passages ([`alike`]); its free words are shared by those above the threshold, in proportion to
//!    how far above. Only whole passages of the language that the embedding model knows are compared.
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
    spans::{Span, origins, shares},
};
use yieldset_rules::usage::{Evidence, InferenceCall, Passage, RUN_WORDS, Words};

use self::alike::{Candidate, Owner, Pool};
use super::{Call, DecoyHit, Output, Question, Score, Source, Version, share};
use crate::{decoys, manifest::Dataset, report::Decoys, runs::Runs, trained::Ground};

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

/// Whether what was registered at a second was there when an output was written: nothing was learned from what came
/// later, and who registers what models say is not paid for what they said before. The very second is not certainly
/// later; zero is of all times.
pub(super) fn was_known(registered: u64, at: u64) -> bool {
    registered == 0 || registered < at
}

impl Text<'_> {
    /// Whether what stands in both is a copy in the later one.
    fn is_others(&self, other: &Self) -> bool {
        self.dataset.account != other.dataset.account && self.work != other.work
    }
}

/// A creator's likest passage, with its score.
type Alike<'a> = (Account, u32, Candidate<'a>);

/// Every owner's likest passage, with its score.
type Likest<'a> = BTreeMap<Owner, (u32, Candidate<'a>)>;

/// Outputs that are compared at once, at most.
const AT_ONCE: usize = 32;

/// What spans say of an output.
struct Draft<'a> {
    /// Whether likeness may share a word: it stands in no text, and is not everybody's.
    free: Vec<bool>,
    sources: Vec<Source>,
    found: BTreeMap<Account, Found<'a>>,
    /// The passages of which they leave enough.
    rest: Vec<&'a Passage>,
}

/// Everything that outputs are compared with.
struct Compared<'a> {
    threshold: u32,
    /// When outputs were written, it tells beside their platform.
    ground: &'a Ground,
    texts: Vec<Text<'a>>,
    index: Runs,
    /// For each word of each text the text and place that it is owed to.
    owed: Vec<Vec<(u32, u32)>>,
    /// Runs of words that so many creators have that they are nobody's.
    common: BTreeSet<u64>,
    /// For words of texts that are not compared where they stand in a later version that is.
    heirs: BTreeMap<(u32, u32), (u32, u32)>,
    /// Of all decoys' texts, and which decoy's each is.
    decoy_index: Runs,
    decoy_of: Vec<usize>,
    pool: Pool<'a>,
    /// With the decoys of the licence's parties, where there are any. They measure, and nobody's score depends on them.
    measured: Option<Pool<'a>>,
    /// The decoys' names, by their numbers.
    decoys: Vec<String>,
}

/// What an account has of an output.
#[derive(Default)]
struct Found<'a> {
    units: u64,
    span: u32,
    first: Option<(&'a Dataset, usize)>,
    alike: Option<(u32, Candidate<'a>)>,
}

/// The outputs' lines, in the order of calls, how often decoys were found among the hits, and in which calls.
pub(super) fn score(
    (datasets, versions): (&[&Dataset], &[Version]),
    beside: (&[(&Dataset, Version)], &[&Dataset]),
    calls: &[Call],
    question: &Question<'_>,
) -> (Vec<Output>, Option<Decoys>, Vec<DecoyHit>) {
    let compared = Compared::of((datasets, versions), beside, question);
    let by_words = calls.iter().filter_map(|(leaf, call)| match &call.evidence {
        Evidence::Words(words) => Some((*leaf, call, words)),
        Evidence::Whole(_) => None,
    });
    let calls: Vec<(u64, &InferenceCall, &Words)> = by_words.collect();
    // Many at once go over the pool together; how many changes nothing but the time.
    let at_once = (calls.len() / rayon::current_num_threads() / 4).clamp(1, AT_ONCE);
    let (outputs, hit): (Vec<Output>, Vec<Vec<DecoyHit>>) =
        calls.par_chunks(at_once).flat_map_iter(|calls| compared.outputs(calls)).unzip();
    let real = outputs.iter().flat_map(|output| &output.scores).filter(|score| score.qualifies).count() as u64;
    let hit: Vec<DecoyHit> = hit.into_iter().flatten().collect();
    let decoy_hits = hit.len() as u64;
    let measured = Decoys {
        hits: real + decoy_hits,
        decoy_hits,
        // Both are a handful.
        datasets: datasets.len() as u32,
        decoys: compared.decoys.len() as u32,
    };
    (outputs, Some(measured), hit)
}

impl<'a> Compared<'a> {
    /// Of versions that are compared, those that were only registered before, and decoys of the licence's parties.
    fn of(
        (datasets, versions): (&[&'a Dataset], &[Version]),
        (earlier, decoys): (&[(&'a Dataset, Version)], &[&'a Dataset]),
        question: &Question<'a>,
    ) -> Self {
        let texts = in_order((datasets, versions), earlier);
        let nobodys = decoys::nobodys();
        let runs = || texts.iter().map(|text| &text.table.runs[..]);
        let index = Runs::of(runs(), |run| !nobodys.contains(&run));
        let owed = owed(&texts, &index);
        let heirs = heirs(&texts, &index);
        let common = common(&texts, &owed, question.limits.common_from);
        let index = match common.is_empty() {
            true => index,
            false => Runs::of(runs(), |run| !nobodys.contains(&run) && !common.contains(&run)),
        };
        let threshold = question.metric.threshold;
        let theirs = decoys.iter().map(|dataset| &dataset.tables);
        let all: Vec<&'a Vec<Words>> = decoys::tables().iter().chain(theirs).collect();
        let decoy_texts: Vec<(usize, &'a Words)> =
            (0..).zip(&all).flat_map(|(decoy, texts)| texts.iter().map(move |table| (decoy, table))).collect();
        let candidates = of_decoys(&decoy_texts, texts.len());
        let own = own_passages(&texts, &owed, &common);
        let is_ours = |one: &&Candidate<'_>| one.owner < Owner::Decoy(decoys::DECOYS.len());
        let pool = own.iter().chain(candidates.iter().filter(is_ours)).copied().collect();
        let measured = (!decoys.is_empty()).then(|| own.iter().chain(&candidates).copied().collect());
        Self {
            threshold,
            ground: question.ground,
            index,
            owed,
            heirs,
            decoy_index: Runs::of(decoy_texts.iter().map(|(_, table)| &table.runs[..]), |_| true),
            decoy_of: decoy_texts.iter().map(|(decoy, _)| *decoy).collect(),
            pool: Pool::of(pool, threshold),
            measured: measured.map(|pool| Pool::of(pool, threshold)),
            common,
            decoys: decoys::names(decoys),
            texts,
        }
    }

    /// Calls' lines, and the decoys that each hits.
    fn outputs(&self, calls: &[(u64, &InferenceCall, &Words)]) -> Vec<(Output, Vec<DecoyHit>)> {
        let written: Vec<u64> = calls.iter().map(|(leaf, call, _)| self.ground.written(*leaf, call.at_ms)).collect();
        let drafts: Vec<Draft<'_>> =
            calls.iter().zip(&written).map(|(&(_, _, words), &at)| self.draft(at, words)).collect();
        let at = written.iter().zip(&drafts).flat_map(|(&at, draft)| vec![at; draft.rest.len()]);
        let passages: Vec<(&Passage, u64)> = drafts.iter().flat_map(|draft| &draft.rest).copied().zip(at).collect();
        let likest = self.pool.likest(&passages);
        let beside = self.measured.as_ref().map(|pool| pool.likest(&passages));
        let measured = beside.as_ref().unwrap_or(&likest);
        let mut decoys = measured.iter().map(|likest| self.decoys_in(likest)).collect::<Vec<_>>().into_iter();
        let mut likest = likest.into_iter();
        let finished = |(&(leaf, call, words), draft): (&(u64, &InferenceCall, &Words), Draft<'_>)| {
            let passages = draft.rest.len();
            let like_decoys = decoys.by_ref().take(passages).flatten().collect();
            self.finish((leaf, call, words), draft, likest.by_ref().take(passages).collect(), like_decoys)
        };
        calls.iter().zip(drafts).map(finished).collect()
    }

    #[cfg(test)]
    fn output(&self, leaf: u64, call: &InferenceCall, words: &Words) -> (Output, u64) {
        let (output, hit) = self.outputs(&[(leaf, call, words)]).remove(0);
        (output, hit.len() as u64)
    }

    /// What spans say of an output that was written at a second.
    fn draft<'b>(&'b self, written: u64, words: &'b Words) -> Draft<'b> {
        let spans = self.spans(&self.index, words, |text| {
            let text = &self.texts[text as usize];
            text.compared && was_known(text.registered, written)
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
        let sources = self.verbatim(&owners, &likest, &mut found);
        let mut taken: Vec<bool> = owners.iter().map(Option::is_some).collect();
        let nobodys = decoys::nobodys();
        mark(&mut taken, &words.runs, |run| nobodys.contains(&run) || self.common.contains(&run));
        let free: Vec<bool> = taken.into_iter().map(|taken| !taken).collect();
        Draft { rest: rest(words, &free), free, sources, found }
    }

    /// A call's line, with what its passages are likest and the decoys that they are like, and the decoys that it hits.
    fn finish<'b>(
        &'b self,
        (leaf, call, words): (u64, &InferenceCall, &Words),
        draft: Draft<'b>,
        likest: Vec<Likest<'b>>,
        like_decoys: BTreeSet<usize>,
    ) -> (Output, Vec<DecoyHit>) {
        let Draft { free, mut sources, mut found, rest } = draft;
        let likest = rest.into_iter().zip(likest.into_iter().map(creators)).collect();
        sources.extend(self.alike(likest, free, &mut found));
        sources.sort_by_key(|source| (source.start, !source.verbatim, source.account));
        let tokens = u64::from(call.output_tokens);
        let scores = self.scores(found, u64::from(words.count), tokens);
        let mut hit = Vec::new();
        if tokens > 0 {
            hit.extend(self.decoys_hit(words, like_decoys).into_iter().map(|(decoy, verbatim)| DecoyHit {
                leaf,
                call_id: call.call_id.clone(),
                decoy: self.decoys[decoy].clone(),
                verbatim,
            }));
        }
        (Output { leaf, call_id: call.call_id.clone(), tokens, scores, sources }, hit)
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

    fn spans(&self, index: &Runs, words: &Words, asked: impl Fn(u32) -> bool) -> Vec<Span> {
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
        mut free: Vec<bool>,
        found: &mut BTreeMap<Account, Found<'b>>,
    ) -> Vec<Source> {
        let best = |likest: &[Alike<'_>]| likest.iter().map(|one| one.1).max().unwrap_or_default();
        compared.sort_by_key(|(passage, likest)| (std::cmp::Reverse(best(likest)), passage.start));
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

    /// The decoys that a passage is like, whose every owner's likest these are.
    fn decoys_in(&self, likest: &Likest<'_>) -> BTreeSet<usize> {
        let decoy = |(owner, (score, _)): (&Owner, &(u32, Candidate<'_>))| match owner {
            Owner::Decoy(decoy) if *score > self.threshold => Some(*decoy),
            Owner::Decoy(_) | Owner::Creator(_) => None,
        };
        likest.iter().filter_map(decoy).collect()
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

    /// The decoys that have a span of the output, or a passage like one of it, and whether it is a span.
    fn decoys_hit(&self, words: &Words, alike: BTreeSet<usize>) -> BTreeMap<usize, bool> {
        let spans = self.spans(&self.decoy_index, words, |_| true);
        let verbatim = spans.into_iter().map(|span| (self.decoy_of[span.text as usize], true));
        alike.into_iter().map(|decoy| (decoy, false)).chain(verbatim).collect()
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
    // Of one second, or where nobody asked the chain, who was trained on goes first.
    order.sort_by_key(|(registered, manifest, _, compared)| (*registered, !compared, *manifest));
    let texts = |(registered, _, dataset, compared): (u64, [u8; 32], &'a Dataset, bool)| {
        let (work, registered) = (dataset.dataset_id(), if registered == u64::MAX { 0 } else { registered });
        let tables = dataset.tables.iter().enumerate();
        tables.map(move |(file, table)| Text { dataset, work, file, table, compared, registered })
    };
    order.into_iter().flat_map(texts).collect()
}

/// Where words of texts that are not compared stand in versions of the same dataset, or of the same creator, that are.
fn heirs(texts: &[Text<'_>], index: &Runs) -> BTreeMap<(u32, u32), (u32, u32)> {
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
        let (owner, work, registered) = (Owner::Creator(account), text.work, text.registered);
        let (text, earns) = (number, text.compared);
        own.map(move |(number, passage)| Candidate { owner, work, text, number, passage, registered, earns })
            .collect::<Vec<_>>()
    };
    (0..texts.len()).into_par_iter().flat_map_iter(own).collect()
}

/// Creators' likest passages, in the order of accounts.
fn creators(likest: Likest<'_>) -> Vec<Alike<'_>> {
    let creator = |(owner, (score, candidate))| match owner {
        Owner::Creator(account) => Some((account, score, candidate)),
        Owner::Decoy(_) => None,
    };
    likest.into_iter().filter_map(creator).collect()
}

/// The passages of decoys' texts, whose numbers follow on those of the others.
fn of_decoys<'a>(texts: &[(usize, &'a Words)], first: usize) -> Vec<Candidate<'a>> {
    let of = |(text, &(decoy, table)): (usize, &(usize, &'a Words))| {
        let (owner, text) = (Owner::Decoy(decoy), first + text);
        let (work, registered, earns) = ([0; 32], 0, true);
        let passages = table.passages.iter().enumerate();
        passages.map(move |(number, passage)| Candidate { owner, work, text, number, passage, registered, earns })
    };
    texts.iter().enumerate().flat_map(of).collect()
}

/// For each word of each text the text and place that it is owed to: the earliest of another creator where it stands.
fn owed(texts: &[Text<'_>], index: &Runs) -> Vec<Vec<(u32, u32)>> {
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

/// Marks the words of a text that stand in some of its runs.
fn mark(words: &mut [bool], runs: &[u64], mut is_one: impl FnMut(u64) -> bool) {
    for (run, at) in runs.iter().zip(0..) {
        if is_one(*run) {
            // A run of so many words is within its text.
            words[at..at + RUN_WORDS].fill(true);
        }
    }
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
        mark(&mut is_copy, &text.table.runs, |run| first.entry(run).or_insert(text).is_others(text));
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

/// The passages of an output that are compared: long enough, and three quarters of their words are free.
fn rest<'b>(words: &'b Words, free: &[bool]) -> Vec<&'b Passage> {
    let free = |one: &Passage| {
        let range = one.start as usize..(one.start + one.words) as usize;
        free[range].iter().filter(|free| **free).count()
    };
    let compared = |one: &&Passage| one.words as usize >= LEAST && free(one) * 4 >= one.words as usize * 3;
    words.passages.iter().filter(compared).collect()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;
