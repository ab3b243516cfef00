//! A call's line: whose its words are, and why.

use serde::{Deserialize, Serialize};

use crate::{files::hex_bytes, keccak256};

/// A call, and why its tokens went where they went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Index in the log.
    pub leaf: u64,
    /// The platform's id.
    pub call_id: String,
    /// Tokens written.
    pub tokens: u64,
    /// Those above the threshold, best first, and the best one that is not.
    pub scores: Vec<Score>,
    /// Where its words come from, in their order; nothing by version 1 of the metric.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

/// Some words of an output, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The first word's number in the output, from 0 on.
    pub start: u32,
    /// How many words.
    pub words: u32,
    /// The creator.
    #[serde(with = "hex_bytes")]
    pub account: [u8; 20],
    /// The dataset.
    pub dataset: String,
    /// The file.
    pub file: String,
    /// The first word's number in it; of what is alike, the passage's.
    pub place: u32,
    /// How like it is: of words that stand there, the part of the span that does, word for word.
    pub score: u32,
    /// Whether they stand there; else the passages are alike.
    pub verbatim: bool,
}

/// An output against a creator's texts. Scores are in millionths: by version 2 of the metric `cosine` is the calibrated
/// score of its likest passage, and `containment` that of its likest span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The creator.
    #[serde(with = "hex_bytes")]
    pub account: [u8; 20],
    /// The larger of the two.
    pub score: u32,
    /// Highest cosine with any passage.
    pub cosine: u32,
    /// The passage's dataset.
    pub dataset: String,
    /// The passage's file.
    pub file: String,
    /// The passage's number in its file.
    pub chunk: usize,
    /// Part of the output's fingerprints that is in the creator's texts.
    pub containment: u32,
    /// The file with most of them, if any has one.
    pub copied_from: Option<String>,
    /// Whether the score is above the threshold.
    pub qualifies: bool,
    /// Tokens that it brought.
    pub tokens: u64,
}

/// A call that came above the threshold by a decoy's text, which is a mistake, or a request to repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecoyHit {
    /// Index in the log.
    pub leaf: u64,
    /// The platform's id.
    pub call_id: String,
    /// Which decoy: `decoy-1` and `decoy-2` are this program's own, another is named by its manifest's hash.
    pub decoy: String,
    /// Whether words of it stand in the output; else passages are alike. No model has read a decoy, so an output that
    /// has its very words was asked for them.
    pub verbatim: bool,
}

impl Output {
    /// An output without tokens derives from nobody, whatever it scores.
    pub(super) fn qualifies(&self) -> bool {
        self.tokens > 0 && self.scores.iter().any(|score| score.qualifies)
    }

    pub(super) fn attributed(&self) -> u64 {
        self.scores.iter().map(|score| score.tokens).sum()
    }

    /// The line's leaf in the report's root over all lines: twice keccak-256 of its compact JSON, whose fields are in
    /// the order above.
    pub fn line_leaf(&self) -> [u8; 32] {
        // Texts and integers always have a JSON.
        let line = serde_json::to_vec(self).unwrap_or_default();
        keccak256(&keccak256(&line))
    }
}

/// `total` in proportion to `scores` by largest remainder, ties to the earlier; sums exactly to `total` unless all
/// scores are zero.
pub fn share(total: u64, scores: &[u64]) -> Vec<u64> {
    let sum: u128 = scores.iter().map(|&score| u128::from(score)).sum();
    if sum == 0 {
        return vec![0; scores.len()];
    }
    let product = |score: u64| u128::from(total) * u128::from(score);
    // At most `total`, so the cast is exact.
    let mut shares: Vec<u64> = scores.iter().map(|&score| (product(score) / sum) as u64).collect();
    let left = total - shares.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(product(scores[at]) % sum), at));
    for &at in order.iter().take(left as usize) {
        shares[at] += 1;
    }
    shares
}
