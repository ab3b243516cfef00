//! Canonical bytes of usage records and of the batches that platforms sign (ATT-2, ATT-3).
//!
//! A record carries what attribution needs of an output, as integers, never its text; `output_hash` binds that, so that
//! a sample can be checked later. There are two versions of what it carries ([`Evidence`]), each with a tag of its own:
//! records of the first stay readable, so that old reports can be checked.

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeAll, Encode};

/// Domain tag of a training run from nothing, and of a call with evidence of version 1.
pub const RECORD_TAG: &[u8] = b"yieldset/usage-record/v1\n";
/// Domain tag of a call with evidence of version 2.
pub const CALL_TAG: &[u8] = b"yieldset/usage-record/v2\n";
/// Domain tag of a training run that began from another model version.
pub const RUN_TAG: &[u8] = b"yieldset/training-run/v2\n";
/// Domain tag of what a platform signs for a batch.
pub const BATCH_TAG: &[u8] = b"yieldset/usage-batch/v1\n";
/// Domain tag of the tables of a dataset version's texts.
pub const TABLES_TAG: &[u8] = b"yieldset/text-tables/v1\n";
/// Fixed-point one of a quantized embedding's components.
pub const EMBEDDING_ONE: i16 = i16::MAX;
/// Components of an embedding.
pub const EMBEDDING_DIMENSIONS: usize = 384;
/// Most fingerprints of one output.
pub const MAX_FINGERPRINTS: usize = 1_024;
/// Fixed-point one of a passage's components.
pub const PASSAGE_ONE: i8 = i8::MAX;
/// Words of a run: each run of so many words of an output has a number.
pub const RUN_WORDS: usize = 5;
/// Most words of one record. A longer output is several records: an entry of the log has at most 65,535 bytes.
pub const MAX_WORDS: u32 = 2_560;
/// Most passages of one record.
pub const MAX_PASSAGES: usize = 80;
/// Most keywords of a passage.
pub const MAX_KEYWORDS: usize = 64;
/// Longest text field (ids, names, declared use), in bytes.
pub const MAX_TEXT: usize = 128;
/// Most dataset versions of one training run.
pub const MAX_DATASETS: usize = 1_024;

/// One leaf's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageRecord {
    /// A model answered a call.
    InferenceCall(InferenceCall),
    /// A model version was trained.
    TrainingRun(TrainingRun),
}

/// What stands behind [`RECORD_TAG`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub enum FirstRecord {
    /// A model answered a call.
    #[codec(index = 0)]
    InferenceCall(InferenceCall<Whole>),
    /// A model version was trained.
    #[codec(index = 1)]
    TrainingRun(FirstRun),
}

/// One inference call.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct InferenceCall<E = Evidence> {
    /// Unique within the platform.
    pub call_id: String,
    /// Model version, e.g. `lumen-1@2026-10`.
    pub model: String,
    /// Unix time in milliseconds.
    pub at_ms: u64,
    /// Tokens read.
    pub input_tokens: u32,
    /// Tokens written.
    pub output_tokens: u32,
    /// What the call was declared to be for, e.g. `chat`.
    pub declared_use: String,
    /// SHA-256 of the output's UTF-8 text.
    pub output_hash: [u8; 32],
    /// What the output is compared by.
    pub evidence: E,
}

/// What an output is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Version 1: the output as a whole.
    Whole(Whole),
    /// Version 2: its words in order, and its passages.
    Words(Words),
}

/// An output as a whole, for version 1 of the metric.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Whole {
    /// Unit vector times [`EMBEDDING_ONE`], rounded; [`EMBEDDING_DIMENSIONS`] components.
    pub embedding: Vec<i16>,
    /// Winnowed fingerprints of the output, ascending and distinct.
    pub fingerprints: Vec<u64>,
}

/// An output by its words, for version 2 of the metric.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Words {
    /// How many words it has, as they are compared; at most [`MAX_WORDS`].
    pub count: u32,
    /// A number for each run of [`RUN_WORDS`] words, in order: of `count` words `count - RUN_WORDS + 1`, of fewer than
    /// a run none.
    pub runs: Vec<u64>,
    /// Passages that an embedding says something about, by their first word: whole sentences that overlap.
    pub passages: Vec<Passage>,
}

/// Some words of an output, with their embedding.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Passage {
    /// The first word's number, from 0 on.
    pub start: u32,
    /// How many words.
    pub words: u32,
    /// Unit vector times [`PASSAGE_ONE`], rounded; [`EMBEDDING_DIMENSIONS`] components.
    pub embedding: Vec<i8>,
    /// A number for each of its words that say what it is about, ascending and distinct; at most [`MAX_KEYWORDS`]. Many
    /// words have the same number: which of them stands there it does not tell.
    pub keywords: Vec<u16>,
}

/// One training run from nothing, as it stands behind [`RECORD_TAG`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct FirstRun {
    /// Unique within the platform.
    pub run_id: String,
    /// Model version that came out.
    pub model: String,
    /// Start, Unix time in milliseconds.
    pub started_ms: u64,
    /// End, Unix time in milliseconds.
    pub ended_ms: u64,
    /// What was read.
    pub datasets: Vec<DatasetUse>,
    /// SHA-256 over the ingested content hashes in order.
    pub ingestion_digest: [u8; 32],
}

/// One training run; one that began from another model version stands behind [`RUN_TAG`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct TrainingRun {
    /// Unique within the platform.
    pub run_id: String,
    /// Model version that came out.
    pub model: String,
    /// Start, Unix time in milliseconds.
    pub started_ms: u64,
    /// End, Unix time in milliseconds.
    pub ended_ms: u64,
    /// What was read.
    pub datasets: Vec<DatasetUse>,
    /// SHA-256 over the ingested content hashes in order: those of the texts of each version, in its manifest's order,
    /// and the versions as they are listed here.
    pub ingestion_digest: [u8; 32],
    /// Model version that it began from, and whose runs therefore count for what came out; none where from nothing.
    pub base: Option<String>,
}

/// One dataset version within a training run.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct DatasetUse {
    /// SHA-256 of the manifest, as registered on chain.
    pub manifest_hash: [u8; 32],
    /// Passes over the data.
    pub epochs: u32,
    /// Tokens read in all passes.
    pub tokens: u64,
}

/// Why a record is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordError {
    /// Does not begin with [`RECORD_TAG`].
    WrongTag,
    /// Not exactly one encoded record.
    Encoding,
    /// A text field is empty or longer than [`MAX_TEXT`].
    Text,
    /// The embedding has the wrong number of components or is not a unit vector (to 1 %).
    Embedding,
    /// Fingerprints are too many, not ascending or not distinct.
    Fingerprints,
    /// More than [`MAX_WORDS`] words, or another number of runs than they have.
    Words,
    /// More than [`MAX_PASSAGES`] passages, one of no word or beyond the output's, or not in order; or one's keywords
    /// are more than its words or [`MAX_KEYWORDS`], or not in order.
    Passages,
    /// No dataset, too many, a run that ends before it starts, or that began from the model that came out.
    TrainingRun,
}

impl UsageRecord {
    /// Canonical bytes: the version's tag ‖ SCALE.
    pub fn to_bytes(&self) -> Vec<u8> {
        let tagged = |tag: &[u8], body: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = tag.to_vec();
            body(&mut bytes);
            bytes
        };
        match self {
            Self::TrainingRun(run) => match &run.base {
                None => tagged(RECORD_TAG, &|bytes| FirstRecord::TrainingRun(run.clone().first()).encode_to(bytes)),
                Some(_) => tagged(RUN_TAG, &|bytes| run.encode_to(bytes)),
            },
            Self::InferenceCall(call) => match &call.evidence {
                Evidence::Whole(whole) => tagged(RECORD_TAG, &|bytes| {
                    FirstRecord::InferenceCall(call.with(whole.clone())).encode_to(bytes);
                }),
                Evidence::Words(words) => tagged(CALL_TAG, &|bytes| call.with(words.clone()).encode_to(bytes)),
            },
        }
    }

    /// Parses and checks canonical bytes.
    ///
    /// # Errors
    /// [`RecordError`], the first that applies.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let record = if let Some(mut body) = bytes.strip_prefix(CALL_TAG) {
            let call = InferenceCall::<Words>::decode_all(&mut body).map_err(|_| RecordError::Encoding)?;
            Self::InferenceCall(call.with(Evidence::Words(call.evidence.clone())))
        } else if let Some(mut body) = bytes.strip_prefix(RUN_TAG) {
            let run = TrainingRun::decode_all(&mut body).map_err(|_| RecordError::Encoding)?;
            // One way to write each run.
            run.base.as_ref().ok_or(RecordError::Encoding)?;
            Self::TrainingRun(run)
        } else {
            let mut body = bytes.strip_prefix(RECORD_TAG).ok_or(RecordError::WrongTag)?;
            match FirstRecord::decode_all(&mut body).map_err(|_| RecordError::Encoding)? {
                FirstRecord::InferenceCall(call) => {
                    Self::InferenceCall(call.with(Evidence::Whole(call.evidence.clone())))
                }
                FirstRecord::TrainingRun(run) => Self::TrainingRun(run.into()),
            }
        };
        record.check()?;
        Ok(record)
    }

    /// Checks lengths and ranges.
    ///
    /// # Errors
    /// [`RecordError`], the first that applies.
    pub fn check(&self) -> Result<(), RecordError> {
        match self {
            Self::InferenceCall(call) => call.check(),
            Self::TrainingRun(run) => run.check(),
        }
    }
}

impl<E> InferenceCall<E> {
    /// The same call with other evidence.
    pub fn with<F>(&self, evidence: F) -> InferenceCall<F> {
        InferenceCall {
            call_id: self.call_id.clone(),
            model: self.model.clone(),
            at_ms: self.at_ms,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            declared_use: self.declared_use.clone(),
            output_hash: self.output_hash,
            evidence,
        }
    }
}

fn check_text(fields: &[&str]) -> Result<(), RecordError> {
    let ok = fields.iter().all(|f| !f.is_empty() && f.len() <= MAX_TEXT);
    ok.then_some(()).ok_or(RecordError::Text)
}

impl InferenceCall {
    fn check(&self) -> Result<(), RecordError> {
        check_text(&[&self.call_id, &self.model, &self.declared_use])?;
        match &self.evidence {
            Evidence::Whole(whole) => whole.check(),
            Evidence::Words(words) => words.check(),
        }
    }
}

impl Whole {
    fn check(&self) -> Result<(), RecordError> {
        if self.embedding.len() != EMBEDDING_DIMENSIONS || !is_unit(&self.embedding) {
            return Err(RecordError::Embedding);
        }
        let ascending = self.fingerprints.windows(2).all(|w| w[0] < w[1]);
        if self.fingerprints.len() > MAX_FINGERPRINTS || !ascending {
            return Err(RecordError::Fingerprints);
        }
        Ok(())
    }
}

impl Words {
    fn check(&self) -> Result<(), RecordError> {
        if self.count > MAX_WORDS {
            return Err(RecordError::Words);
        }
        if self.passages.len() > MAX_PASSAGES {
            return Err(RecordError::Passages);
        }
        self.check_places()
    }

    /// Whether runs and passages are those of so many words, however many.
    fn check_places(&self) -> Result<(), RecordError> {
        let runs = (self.count as usize).saturating_add(1).saturating_sub(RUN_WORDS);
        if self.runs.len() != runs {
            return Err(RecordError::Words);
        }
        let within =
            |one: &Passage| one.words > 0 && one.start.checked_add(one.words).is_some_and(|end| end <= self.count);
        let named = |one: &Passage| {
            let few = one.keywords.len() <= MAX_KEYWORDS.min(one.words as usize);
            few && one.keywords.windows(2).all(|pair| pair[0] < pair[1])
        };
        let ordered = self.passages.windows(2).all(|pair| pair[0].start < pair[1].start);
        if !ordered || !self.passages.iter().all(|one| within(one) && named(one)) {
            return Err(RecordError::Passages);
        }
        match self.passages.iter().all(|one| is_passage_unit(&one.embedding)) {
            true => Ok(()),
            false => Err(RecordError::Embedding),
        }
    }
}

impl From<FirstRun> for TrainingRun {
    fn from(run: FirstRun) -> Self {
        let FirstRun { run_id, model, started_ms, ended_ms, datasets, ingestion_digest } = run;
        Self { run_id, model, started_ms, ended_ms, datasets, ingestion_digest, base: None }
    }
}

impl TrainingRun {
    fn first(self) -> FirstRun {
        let Self { run_id, model, started_ms, ended_ms, datasets, ingestion_digest, base: _ } = self;
        FirstRun { run_id, model, started_ms, ended_ms, datasets, ingestion_digest }
    }

    fn check(&self) -> Result<(), RecordError> {
        check_text(&[&self.run_id, &self.model])?;
        // What began from itself began from nothing.
        if let Some(base) = &self.base {
            check_text(&[base])?;
            if *base == self.model {
                return Err(RecordError::TrainingRun);
            }
        }
        let count = self.datasets.len();
        if count == 0 || count > MAX_DATASETS || self.ended_ms < self.started_ms {
            return Err(RecordError::TrainingRun);
        }
        Ok(())
    }
}

/// Whether a quantized vector has length one, to one percent. A platform that sent longer vectors would inflate scores.
#[expect(clippy::arithmetic_side_effects, reason = "squares below 2^31, and too few numbers in memory for 2^63")]
pub fn is_unit(embedding: &[i16]) -> bool {
    let squared: i64 = embedding.iter().map(|&x| i64::from(x) * i64::from(x)).sum();
    let one = i64::from(EMBEDDING_ONE) * i64::from(EMBEDDING_ONE);
    (squared - one).abs() <= one / 50
}

/// Whether a passage's embedding has [`EMBEDDING_DIMENSIONS`] components and the length one, to one percent.
#[expect(clippy::arithmetic_side_effects, reason = "squares below 2^15, of as many numbers as an embedding has")]
pub fn is_passage_unit(embedding: &[i8]) -> bool {
    let squared: i64 = embedding.iter().map(|&x| i64::from(x) * i64::from(x)).sum();
    let one = i64::from(PASSAGE_ONE) * i64::from(PASSAGE_ONE);
    embedding.len() == EMBEDDING_DIMENSIONS && (squared - one).abs() <= one / 50
}

/// The tables of a dataset version's texts, in order, as they are kept beside them: [`TABLES_TAG`] ‖ SCALE. They are
/// all that attribution needs, and stay when a text must go.
pub fn tables_to_bytes(tables: &[Words]) -> Vec<u8> {
    let mut bytes = TABLES_TAG.to_vec();
    tables.encode_to(&mut bytes);
    bytes
}

/// Parses and checks such tables. A text may have more words and passages than an output's record.
///
/// # Errors
/// [`RecordError`], the first that applies.
pub fn tables_from_bytes(bytes: &[u8]) -> Result<Vec<Words>, RecordError> {
    let mut body = bytes.strip_prefix(TABLES_TAG).ok_or(RecordError::WrongTag)?;
    let tables = Vec::<Words>::decode_all(&mut body).map_err(|_| RecordError::Encoding)?;
    tables.iter().try_for_each(Words::check_places)?;
    Ok(tables)
}

/// What a platform signs for a batch: [`BATCH_TAG`] ‖ SCALE(platform, batch id, SHA-256 of each record's bytes).
pub fn batch_signing_bytes(platform: &str, batch_id: &str, record_hashes: &[[u8; 32]]) -> Vec<u8> {
    let mut bytes = BATCH_TAG.to_vec();
    (platform, batch_id, record_hashes).encode_to(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests;
