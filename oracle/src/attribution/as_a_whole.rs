//! Version 1 of the metric, by which old reports are verified: an output as a whole.
//!
//! An output's score against a creator is the larger of two: the highest cosine between its embedding and any of the
//! creator's passages', and the part of its fingerprints that the creator's texts contain. A creator whose score is
//! *above* the threshold qualifies; the qualifying creators share the output's tokens in proportion to their scores, to
//! the last token. What as many creators have as the licence's terms say is nobody's ([`common`](crate::common)).

use rayon::prelude::*;
use yieldset_rules::usage::{Evidence, InferenceCall, Whole};

use super::{Call, Output, Question, Score, by_account, share};
use crate::{
    common::Common,
    embed, fingerprint,
    manifest::{Chunk, Dataset},
};

/// All of an account's datasets.
struct Corpus<'a> {
    account: [u8; 20],
    datasets: Vec<&'a Dataset>,
    /// Of all texts together: an output may quote two of them.
    fingerprints: Vec<u64>,
    /// Those that are not common.
    passages: Vec<(&'a Dataset, &'a Chunk)>,
}

impl<'a> Corpus<'a> {
    fn texts(&self) -> Vec<&'a str> {
        self.passages.iter().map(|(_, chunk)| chunk.text.as_str()).collect()
    }
}

/// All creators' texts, and what is common of them.
fn corpora<'a>(datasets: &[&'a Dataset], common_from: u16, threshold: u32) -> (Vec<Corpus<'a>>, Common) {
    let mut corpora: Vec<Corpus<'a>> = by_account(datasets)
        .into_iter()
        .map(|(account, datasets)| {
            let mut fingerprints: Vec<u64> =
                datasets.iter().flat_map(|dataset| dataset.fingerprints.iter().flatten().copied()).collect();
            fingerprints.sort_unstable();
            fingerprints.dedup();
            let passages =
                datasets.iter().flat_map(|&dataset| dataset.chunks.iter().map(move |chunk| (dataset, chunk)));
            let passages = passages.collect();
            Corpus { account, datasets, fingerprints, passages }
        })
        .collect();
    let creators = corpora.iter().map(|corpus| (&corpus.fingerprints[..], corpus.texts().into_iter()));
    let common = Common::of(creators, common_from, threshold);
    for corpus in &mut corpora {
        let mut leaves = common.leaves(&corpus.texts()).into_iter();
        corpus.passages.retain(|_| leaves.next().unwrap_or(true));
    }
    (corpora, common)
}

/// By version 1 of the metric.
pub(super) fn score_all(datasets: &[&Dataset], calls: &[Call], question: &Question<'_>) -> Vec<Output> {
    let threshold = question.metric.threshold;
    let (corpora, common) = corpora(datasets, question.limits.common_from, threshold);
    let scored = |(leaf, call): &Call| match &call.evidence {
        Evidence::Whole(whole) => Some(output(*leaf, (call, whole), (&corpora[..], &common), threshold)),
        Evidence::Words(_) => None,
    };
    calls.par_iter().filter_map(scored).collect()
}

fn output(
    leaf: u64,
    (call, whole): (&InferenceCall, &Whole),
    (corpora, common): (&[Corpus<'_>], &Common),
    threshold: u32,
) -> Output {
    let own = common.own(&whole.fingerprints);
    let scored = corpora.iter().filter_map(|corpus| score(whole, &own, corpus, threshold));
    let mut scores: Vec<Score> = scored.collect();
    let tokens = u64::from(call.output_tokens);
    // In the order of addresses, which decides ties.
    let qualifying: Vec<u64> =
        scores.iter().map(|score| if score.qualifies { score.score.into() } else { 0 }).collect();
    for (score, share) in scores.iter_mut().zip(share(tokens, &qualifying)) {
        score.tokens = share;
    }
    scores.sort_by(|a, b| b.score.cmp(&a.score).then(a.account.cmp(&b.account)));
    let shown = scores.iter().take_while(|score| score.qualifies).count() + 1;
    scores.truncate(shown);
    Output { leaf, call_id: call.call_id.clone(), tokens, scores, sources: Vec::new() }
}

/// `own` are the call's fingerprints that are not common.
fn score(call: &Whole, own: &[u64], corpus: &Corpus<'_>, threshold: u32) -> Option<Score> {
    let passages = corpus.passages.iter();
    let scored = passages.map(|(dataset, chunk)| (embed::cosine(&call.embedding, &chunk.embedding), *dataset, *chunk));
    // The first of the best.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    // Where each passage is common, the first one stands for them and is like nothing.
    let any = || corpus.datasets.iter().find_map(|&dataset| Some((0, dataset, dataset.chunks.first()?)));
    let (cosine, dataset, chunk) = best.or_else(any)?;
    let part = |fingerprints: &[u64]| fingerprint::part(own, call.fingerprints.len(), fingerprints);
    let containment = part(&corpus.fingerprints);
    let copied = corpus.datasets.iter().flat_map(|dataset| dataset.files.iter().zip(&dataset.fingerprints));
    let copied = copied.map(|(file, fingerprints)| (part(fingerprints), file));
    let copied = copied.filter(|(part, _)| *part > 0).reduce(|best, next| if next.0 > best.0 { next } else { best });
    let score = cosine.max(containment);
    Some(Score {
        account: corpus.account,
        score,
        cosine,
        dataset: dataset.dataset.clone(),
        file: dataset.files[chunk.file].clone(),
        chunk: chunk.number,
        containment,
        copied_from: copied.map(|(_, file)| file.clone()),
        qualifies: score > threshold,
        tokens: 0,
    })
}
