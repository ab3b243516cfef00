//! Spot checks: calls that a block drew are opened by the platform to the committee, who work out again what the log
//! has of them. Records hold no text, so nothing else shows that they are the outputs' (LIC-3).
//!
//! 1. The platform anchors the log's checkpoint on chain. The hash of the block after that one draws calls
//!    ([`yieldset_rules::spot`]): nobody knew it when the checkpoint was signed, and nobody can choose another block.
//! 2. The platform opens them: the whole outputs, signed, to the committee alone ([`open`]).
//! 3. Each member compares ([`check`]): the text's SHA-256, its words and their runs, its passages and their
//!    embeddings,
//!    and its tokens. What is not opened counts like what is wrong.
//! 4. The figures are in the report, and with them a bound on how many of all calls are wrong.

mod own;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;
use yieldset_rules::{
    report::LogCheckpoint,
    spot::{self, Draw, MAX_SAMPLE, opening_bytes},
    usage::{Evidence, InferenceCall, UsageRecord},
};

use crate::{
    attribution::{Attribution, LogState, share},
    embed::{EmbedError, Embedder},
    files::{self, hex_bytes},
    keccak256,
    licensed::{Beyond, Uncounted},
    record::{self, OutputLine, RecordingError},
    report::Spot,
    sha256,
    usage_log::{LogError, Platform, VerifiedLog, signature_is_valid},
    words,
};

/// Why calls are not drawn, opened or checked.
#[derive(Debug, thiserror::Error)]
pub enum SpotError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The model.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The outputs.
    #[error(transparent)]
    Outputs(#[from] RecordingError),
    /// No call.
    #[error("the period has no call, so none can be drawn; the report says nothing of a spot check")]
    NoCall,
    /// Another number of calls than can be drawn.
    #[error("{0} calls cannot be drawn; give 1 to {MAX_SAMPLE}")]
    Sample(u32),
    /// The draw is not what its block makes.
    #[error("the draw is not the one that block {block} makes of this attribution; draw again")]
    OtherDraw {
        /// The block.
        block: u32,
    },
    /// The draw is of another log.
    #[error("the draw is of another log than this one; get the log whose checkpoint was anchored")]
    OtherLog,
    /// A drawn call is none.
    #[error("leaf {0} of the log is not the call that the draw names; draw again")]
    NoSuchCall(u64),
    /// Not the platform's.
    #[error("the opening is not signed by {0} over this draw; ask the platform for it again")]
    NotSigned(String),
    /// The platform's own: drawn calls have no text in its files.
    #[error(
        "no text of {} of {drawn} drawn calls is in these outputs ({}), and what is not opened counts as wrong; give all \
         files of the period's outputs, or say by --refuse that you leave them closed",
        calls.len(), calls.join(", ")
    )]
    Unopened {
        /// How many were drawn.
        drawn: usize,
        /// Those without a text.
        calls: Vec<String>,
    },
    /// The platform's own: the log has no such platform, or it has another key.
    #[error(
        "by the log's list {platform} does not have the key {key}, so nobody will take the opening for its own; give the \
         name and the key by which its batches are signed"
    )]
    OwnKey {
        /// The name that was given.
        platform: String,
        /// The key's public key.
        key: String,
    },
    /// The platform's own: calls of somebody else.
    #[error("{} of the opened calls were logged by {owner}, not by {platform}; give the name that logged them", calls.len())]
    OwnCalls {
        /// The name that was given.
        platform: String,
        /// Who logged the first of them.
        owner: String,
        /// The calls.
        calls: Vec<String>,
    },
    /// The platform's own: texts that are not the logged ones.
    #[error(
        "the texts of {} opened calls are not those that were logged ({}), and count as wrong; give the outputs as `record` \
         was given them",
        calls.len(), calls.join(", ")
    )]
    OwnTexts {
        /// The calls.
        calls: Vec<String>,
    },
    /// Not a tokenizer.
    #[error("the tokenizer cannot be used: {0}; give the model's tokenizer.json")]
    Tokenizer(String),
}

/// `draw.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The stream.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// The period.
    pub period: u32,
    /// The checkpoint that was anchored.
    #[serde(with = "LogState")]
    pub log: LogCheckpoint,
    /// Number of the block that draws: the one after the anchor's.
    pub block: u32,
    /// Its hash.
    #[serde(with = "hex_bytes")]
    pub block_hash: [u8; 32],
    /// How many calls were asked for.
    pub sample: u32,
    /// How many the period has, those among them that do not count by their own figures.
    pub calls: u64,
    /// Those that were drawn, in the log's order.
    pub drawn: Vec<DrawnCall>,
}

/// A drawn call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnCall {
    /// Index in the log.
    pub leaf: u64,
    /// The platform's id.
    pub call_id: String,
}

/// Draws calls of an attribution's period, for a stream, by a block.
///
/// # Errors
/// [`SpotError::NoCall`], [`SpotError::Sample`].
pub fn draw(
    attribution: &Attribution,
    stream: [u8; 32],
    (block, block_hash): (u32, [u8; 32]),
    sample: u32,
) -> Result<Drawn, SpotError> {
    if !(1..=MAX_SAMPLE).contains(&sample) {
        return Err(SpotError::Sample(sample));
    }
    let all = drawable(attribution);
    let calls = all.len() as u64;
    // A report has no more drawn calls than calls that count. They are at most so many.
    let sample_of = sample.min(u32::try_from(attribution.outputs.len()).unwrap_or(u32::MAX));
    let (log, period) = (attribution.log.clone(), attribution.period);
    let numbers = Draw { block_hash, log: &log, stream, period }.of(calls, sample_of, keccak256);
    let call = |number: u64| usize::try_from(number).ok().and_then(|at| all.get(at)).cloned();
    let drawn: Vec<DrawnCall> = numbers.into_iter().filter_map(call).collect();
    match drawn.is_empty() {
        true => Err(SpotError::NoCall),
        false => Ok(Drawn { stream, period, log, block, block_hash, sample, calls, drawn }),
    }
}

/// The period's calls in the log's order: those that count, and those that do not by a figure that their platform wrote
/// and only their texts can show. Else a wrong figure would save a call's money, and never have to be opened.
fn drawable(attribution: &Attribution) -> Vec<DrawnCall> {
    let counted = attribution.outputs.iter().map(|one| (one.leaf, &one.call_id));
    let by_its_figures = |one: &&Uncounted| matches!(one.reason, Beyond::TooManyTokens | Beyond::NoTokens);
    let uncounted = attribution.uncounted.iter().filter(by_its_figures).map(|one| (one.leaf, &one.call_id));
    let mut all: Vec<DrawnCall> =
        counted.chain(uncounted).map(|(leaf, call_id)| DrawnCall { leaf, call_id: call_id.clone() }).collect();
    all.sort_by_key(|one| one.leaf);
    all
}

impl Drawn {
    /// Whether it is what its block draws of this attribution.
    ///
    /// # Errors
    /// [`SpotError::OtherDraw`].
    pub fn check(&self, attribution: &Attribution) -> Result<(), SpotError> {
        let again = draw(attribution, self.stream, (self.block, self.block_hash), self.sample)?;
        match again == *self {
            true => Ok(()),
            false => Err(SpotError::OtherDraw { block: self.block }),
        }
    }

    /// SHA-256 of its file: what an opening is of.
    fn digest(&self) -> [u8; 32] {
        // Texts and integers always have a JSON.
        sha256(&files::canonical_json(self).unwrap_or_default())
    }
}

/// `opening.json`: texts of outputs, for the committee alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Who opens.
    pub platform: String,
    /// The texts, in the log's order.
    pub calls: Vec<OpenedCall>,
    /// ed25519 over `opening_bytes`.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
}

/// An opened call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedCall {
    /// Index in the log.
    pub leaf: u64,
    /// Which part of the output the record is, from 0 on: a long output is several records.
    pub part: usize,
    /// The whole output.
    pub text: String,
}

impl Opening {
    fn signed_bytes(&self, drawn: &Drawn) -> Vec<u8> {
        let texts: Vec<_> = self.calls.iter().map(|call| (call.leaf, sha256(call.text.as_bytes()))).collect();
        opening_bytes(&drawn.digest(), &texts)
    }

    /// Who opens, if they have signed it.
    fn check_signature(&self, drawn: &Drawn, platforms: &[Platform]) -> Result<&String, SpotError> {
        let signed = self.signed_bytes(drawn);
        let has_signed =
            |one: &Platform| one.slug == self.platform && signature_is_valid(&one.public_key, &signed, &self.signature);
        match platforms.iter().any(has_signed) {
            true => Ok(&self.platform),
            false => Err(SpotError::NotSigned(self.platform.clone())),
        }
    }
}

/// The platform's side: opens the drawn calls whose outputs it has, in files as `record` takes them.
///
/// # Errors
/// [`SpotError::Outputs`].
pub fn open(drawn: &Drawn, outputs: &[PathBuf], platform: &str, key: &SigningKey) -> Result<Opening, SpotError> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for file in outputs {
        let lines: Vec<(usize, OutputLine)> = record::lines(file)?;
        texts.extend(lines.into_iter().map(|(_, line)| (line.call_id, line.text)));
    }
    let opened = |call: &DrawnCall| {
        let whole = texts.get(&call.call_id).map(|text| (0, text));
        // The second part of ID is called ID/2.
        let part = || {
            let (id, number) = call.call_id.rsplit_once('/')?;
            Some((number.parse::<usize>().ok()?.checked_sub(1)?, texts.get(id)?))
        };
        let (part, text) = whole.or_else(part)?;
        Some(OpenedCall { leaf: call.leaf, part, text: text.clone() })
    };
    let calls = drawn.drawn.iter().filter_map(opened).collect();
    let unsigned = Opening { platform: platform.to_owned(), calls, signature: [0; 64] };
    let signature = key.sign(&unsigned.signed_bytes(drawn)).to_bytes();
    Ok(Opening { signature, ..unsigned })
}

/// What is wrong with a drawn call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// The platform has not opened it.
    NotOpened,
    /// Its text has another SHA-256 than the record says.
    OtherText,
    /// Its text is one of several records, of which the log does not have all.
    MissingParts,
    /// Its words or runs are others.
    OtherWords,
    /// Its passages, their keywords or their embeddings are others, the last by more than rounding.
    OtherPassages,
    /// Its tokens are others.
    OtherTokens {
        /// As the record says.
        said: u32,
        /// Fewest that the text can have.
        least: u64,
        /// Most that it can have.
        most: u64,
    },
}

/// `spot.json`: what came of a spot check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// The figures, as a report has them.
    pub figures: Spot,
    /// Calls of the period.
    pub calls: u64,
    /// Drawn calls that are wrong or not opened, in basis points, rounded up.
    pub discrepancy_bps: u32,
    /// Most calls of the period that are wrong, at 95 %.
    pub most_wrong: u64,
    /// The calls that do not match, by leaf.
    pub wrong: BTreeMap<u64, Wrong>,
}

/// Tokenizers of platforms' models, by their slugs.
pub type Tokenizers = BTreeMap<String, Tokenizer>;

/// Reads the tokenizer of a platform's model.
///
/// # Errors
/// [`SpotError::Tokenizer`].
pub fn load_tokenizer(file: &Path) -> Result<Tokenizer, SpotError> {
    let wrong = |error: tokenizers::Error| SpotError::Tokenizer(error.to_string());
    let mut tokenizer = Tokenizer::from_file(file).map_err(wrong)?;
    // Such files say also to what length a model's input is padded and cut, and an output has all of its tokens.
    tokenizer.with_padding(None).with_truncation(None).map_err(wrong)?;
    Ok(tokenizer)
}

/// The committee's side: works out again what the log has of the drawn calls. An opening that is not there, or not the
/// platform's, opens nothing. Tokens are counted with a model's tokenizer, where the committee has it; without, they
/// must be a number that such a text can have.
///
/// # Errors
/// [`SpotError`]: the draw is not of this log, or the machine fails. What the platform has wrong is no error.
pub fn check(
    drawn: &Drawn,
    opening: Option<&Opening>,
    (log, platforms): (&VerifiedLog, &[Platform]),
    embedder: &Embedder,
    tokenizers: &Tokenizers,
) -> Result<Checked, SpotError> {
    if drawn.log.size > log.size() || log.checkpoint_at(drawn.log.size)? != drawn.log {
        return Err(SpotError::OtherLog);
    }
    let by = opening.map(|opening| opening.check_signature(drawn, platforms)).transpose()?;
    let opened: BTreeMap<u64, &OpenedCall> =
        opening.iter().flat_map(|opening| &opening.calls).map(|call| (call.leaf, call)).collect();
    let (mut wrong, mut found) = (BTreeMap::new(), 0u32);
    let mut parts = Parts::of(drawn, &opened);
    let leaves: BTreeSet<u64> = drawn.drawn.iter().map(|call| call.leaf).collect();
    let mut opened_count = 0u32;
    for entry in log.leaves() {
        let entry = entry?;
        let leaf = entry.leaf;
        // A part of an output may have come after the checkpoint.
        if by == Some(&entry.platform) {
            parts.see(leaf, &entry.record);
        }
        if leaf >= drawn.log.size || !leaves.contains(&leaf) {
            continue;
        }
        let named = drawn.drawn.iter().find(|call| call.leaf == leaf).map(|call| &call.call_id);
        let UsageRecord::InferenceCall(record) = entry.record else { return Err(SpotError::NoSuchCall(leaf)) };
        if named != Some(&record.call_id) {
            return Err(SpotError::NoSuchCall(leaf));
        }
        found += 1;
        // Whose call it is opens it.
        let text = opened.get(&leaf).filter(|_| by == Some(&entry.platform));
        opened_count += u32::from(text.is_some());
        let outcome = match text {
            Some(call) => compare(&record, call, embedder, tokenizers.get(&record.model))?,
            None => Some(Wrong::NotOpened),
        };
        if let Some(outcome) = outcome {
            wrong.insert(leaf, outcome);
        }
    }
    if found as usize != drawn.drawn.len() {
        return Err(SpotError::OtherLog);
    }
    for leaf in parts.incomplete() {
        wrong.entry(leaf).or_insert(Wrong::MissingParts);
    }
    // No more than were drawn.
    let matched = found - wrong.len() as u32;
    let Drawn { block, block_hash, calls, .. } = *drawn;
    Ok(Checked {
        figures: Spot { block, block_hash, drawn: found, opened: opened_count, matched },
        calls,
        discrepancy_bps: spot::discrepancy_bps(found, matched),
        most_wrong: spot::most_wrong(calls, found, found - matched),
        wrong,
    })
}

/// The records that opened outputs of several must have, of one model and one time: a platform that logs the first
/// alone, or the others where nobody counts them, says fewer tokens than were written, and one that opens a longer text
/// than it logged says of it what it likes.
#[derive(Default)]
struct Parts {
    /// By id, with the text's SHA-256, and for which drawn calls.
    needed: BTreeMap<Part, BTreeSet<u64>>,
    /// Of those the model and the time.
    drawn: BTreeMap<u64, (String, u64)>,
    /// And of what is there.
    seen: BTreeMap<Part, (String, u64)>,
}

/// A record by its id and its text's SHA-256.
type Part = (String, [u8; 32]);

impl Parts {
    fn of(drawn: &Drawn, opened: &BTreeMap<u64, &OpenedCall>) -> Self {
        let mut needed: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
        for call in &drawn.drawn {
            let Some(opened) = opened.get(&call.leaf) else { continue };
            let parts = words::parts(&opened.text);
            // The second part of ID is called ID/2.
            let suffix = format!("/{}", opened.part.saturating_add(1));
            let id = if opened.part == 0 { Some(&call.call_id[..]) } else { call.call_id.strip_suffix(&suffix) };
            for (at, part) in parts.iter().enumerate().filter(|_| parts.len() > 1) {
                let id = match (id, at) {
                    (Some(id), 0) => id.to_owned(),
                    (Some(id), at) => format!("{id}/{}", at + 1),
                    // No record has an id of no letter.
                    (None, _) => String::new(),
                };
                needed.entry((id, sha256(part.as_bytes()))).or_default().insert(call.leaf);
            }
        }
        Self { needed, ..Self::default() }
    }

    fn see(&mut self, leaf: u64, record: &UsageRecord) {
        let UsageRecord::InferenceCall(call) = record else { return };
        if self.needed.is_empty() || !matches!(call.evidence, Evidence::Words(_)) {
            return;
        }
        let (part, of) = ((call.call_id.clone(), call.output_hash), (call.model.clone(), call.at_ms));
        if self.needed.contains_key(&part) {
            self.seen.insert(part, of.clone());
        }
        if self.needed.values().any(|leaves| leaves.contains(&leaf)) {
            self.drawn.insert(leaf, of);
        }
    }

    /// The drawn calls of which a part is not there.
    fn incomplete(&self) -> BTreeSet<u64> {
        let missing = |part: &Part, leaf: &&u64| {
            let (there, wanted) = (self.seen.get(part), self.drawn.get(*leaf));
            there.is_none() || there != wanted
        };
        let parts = self.needed.iter();
        parts.flat_map(|(part, leaves)| leaves.iter().filter(move |leaf| missing(part, leaf))).copied().collect()
    }
}

/// What is wrong with a record by its output, if anything is.
fn compare(
    record: &InferenceCall,
    call: &OpenedCall,
    embedder: &Embedder,
    tokenizer: Option<&Tokenizer>,
) -> Result<Option<Wrong>, SpotError> {
    let parts = words::parts(&call.text);
    let Some(part) = parts.get(call.part).filter(|part| sha256(part.as_bytes()) == record.output_hash) else {
        return Ok(Some(Wrong::OtherText));
    };
    let Evidence::Words(said) = &record.evidence else { return Ok(Some(Wrong::OtherWords)) };
    if words::runs(part) != (said.count, said.runs.clone()) {
        return Ok(Some(Wrong::OtherWords));
    }
    let again = words::of_outputs(&[*part], embedder)?.pop().unwrap_or_default();
    let same = again.passages.len() == said.passages.len()
        && again.passages.iter().zip(&said.passages).all(|(one, other)| {
            (one.start, one.words, &one.keywords) == (other.start, other.words, &other.keywords)
                && words::same(&one.embedding, &other.embedding)
        });
    if !same {
        return Ok(Some(Wrong::OtherPassages));
    }
    let (least, most) = match tokenizer {
        Some(tokenizer) => {
            let counted = tokenizer.encode_fast(&call.text[..], false);
            let counted = counted.map_err(|error| SpotError::Tokenizer(error.to_string()))?.len() as u64;
            // Divided as `record` divides those of a long output.
            let counts: Vec<u64> = parts.iter().map(|part| u64::from(words::runs(part).0)).collect();
            let shares = if parts.len() == 1 { vec![counted] } else { share(counted, &counts) };
            let exact = shares.get(call.part).copied().unwrap_or_default();
            (exact, exact)
        }
        // A token has a byte at least; no vocabulary's tokens have eight words on average.
        None => (u64::from(said.count) / 8, part.len() as u64),
    };
    let said = record.output_tokens;
    Ok(match (least..=most).contains(&u64::from(said)) {
        true => None,
        false => Some(Wrong::OtherTokens { said, least, most }),
    })
}

#[cfg(test)]
pub(crate) mod tests;
