//! Canonical bytes of usage records and of the batches that platforms sign (ATT-2, ATT-3).
//!
//! A record carries what attribution needs of an output, as integers: its quantized embedding and its fingerprints,
//! never its text. `output_hash` binds the text, so that a sample can be checked later.

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeAll, Encode};

/// Domain tag of a record.
pub const RECORD_TAG: &[u8] = b"yieldset/usage-record/v1\n";
/// Domain tag of what a platform signs for a batch.
pub const BATCH_TAG: &[u8] = b"yieldset/usage-batch/v1\n";
/// Fixed-point one of a quantized embedding's components.
pub const EMBEDDING_ONE: i16 = i16::MAX;
/// Components of an embedding.
pub const EMBEDDING_DIMENSIONS: usize = 384;
/// Most fingerprints of one output.
pub const MAX_FINGERPRINTS: usize = 1_024;
/// Longest text field (ids, names, declared use), in bytes.
pub const MAX_TEXT: usize = 128;
/// Most dataset versions of one training run.
pub const MAX_DATASETS: usize = 1_024;

/// One leaf's content.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub enum UsageRecord {
    /// A model answered a call.
    #[codec(index = 0)]
    InferenceCall(InferenceCall),
    /// A model version was trained.
    #[codec(index = 1)]
    TrainingRun(TrainingRun),
}

/// One inference call.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct InferenceCall {
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
    /// Unit vector times [`EMBEDDING_ONE`], rounded; [`EMBEDDING_DIMENSIONS`] components.
    pub embedding: Vec<i16>,
    /// Winnowed fingerprints of the output, ascending and distinct.
    pub fingerprints: Vec<u64>,
}

/// One training run.
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
    /// SHA-256 over the ingested content hashes in order.
    pub ingestion_digest: [u8; 32],
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
    /// No dataset, too many, or a run that ends before it starts.
    TrainingRun,
}

impl UsageRecord {
    /// Canonical bytes: [`RECORD_TAG`] ‖ SCALE.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = RECORD_TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// Parses and checks canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut body = bytes.strip_prefix(RECORD_TAG).ok_or(RecordError::WrongTag)?;
        let record = Self::decode_all(&mut body).map_err(|_| RecordError::Encoding)?;
        record.check()?;
        Ok(record)
    }

    /// Checks lengths and ranges.
    pub fn check(&self) -> Result<(), RecordError> {
        match self {
            Self::InferenceCall(call) => call.check(),
            Self::TrainingRun(run) => run.check(),
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

impl TrainingRun {
    fn check(&self) -> Result<(), RecordError> {
        check_text(&[&self.run_id, &self.model])?;
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

/// What a platform signs for a batch: [`BATCH_TAG`] ‖ SCALE(platform, batch id, SHA-256 of each record's bytes).
pub fn batch_signing_bytes(platform: &str, batch_id: &str, record_hashes: &[[u8; 32]]) -> Vec<u8> {
    let mut bytes = BATCH_TAG.to_vec();
    (platform, batch_id, record_hashes).encode_to(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::ToString, vec};

    fn call() -> InferenceCall {
        let mut embedding = vec![0; EMBEDDING_DIMENSIONS];
        embedding[7] = EMBEDDING_ONE;
        InferenceCall {
            call_id: "c-1".to_string(),
            model: "lumen-1".to_string(),
            at_ms: 1,
            input_tokens: 2,
            output_tokens: 3,
            declared_use: "chat".to_string(),
            output_hash: [1; 32],
            embedding,
            fingerprints: vec![1, 5, 9],
        }
    }

    fn refused(change: fn(&mut InferenceCall)) -> RecordError {
        let mut c = call();
        change(&mut c);
        UsageRecord::from_bytes(&UsageRecord::InferenceCall(c).to_bytes()).unwrap_err()
    }

    #[test]
    fn bad_records_are_refused_by_name() {
        let good = UsageRecord::InferenceCall(call());
        assert_eq!(UsageRecord::from_bytes(&good.to_bytes()), Ok(good.clone()));
        assert_eq!(UsageRecord::from_bytes(b"x"), Err(RecordError::WrongTag));
        assert_eq!(UsageRecord::from_bytes(&[good.to_bytes(), vec![0]].concat()), Err(RecordError::Encoding));
        assert_eq!(refused(|c| c.call_id.clear()), RecordError::Text);
        assert_eq!(refused(|c| c.declared_use = "x".repeat(MAX_TEXT + 1)), RecordError::Text);
        assert_eq!(refused(|c| c.embedding.truncate(383)), RecordError::Embedding);
        assert_eq!(refused(|c| c.embedding[8] = EMBEDDING_ONE), RecordError::Embedding);
        assert_eq!(refused(|c| c.embedding[7] = 0), RecordError::Embedding);
        assert_eq!(refused(|c| c.fingerprints = vec![2, 2]), RecordError::Fingerprints);
    }

    /// A training run over `datasets` dataset versions.
    fn run(datasets: usize) -> TrainingRun {
        TrainingRun {
            run_id: "r".to_string(),
            model: "m".to_string(),
            started_ms: 1,
            ended_ms: 1,
            datasets: vec![DatasetUse { manifest_hash: [0; 32], epochs: 1, tokens: 1 }; datasets],
            ingestion_digest: [0; 32],
        }
    }

    #[test]
    fn bad_training_runs_are_refused() {
        let parsed = |run| UsageRecord::from_bytes(&UsageRecord::TrainingRun(run).to_bytes()).map(|_| ());
        assert_eq!(parsed(run(0)), Err(RecordError::TrainingRun));
        assert_eq!(parsed(run(1)), Ok(()));
        assert_eq!(parsed(run(MAX_DATASETS)), Ok(()));
        assert_eq!(parsed(run(MAX_DATASETS + 1)), Err(RecordError::TrainingRun));
        assert_eq!(parsed(TrainingRun { ended_ms: 2, ..run(1) }), Ok(()));
        assert_eq!(parsed(TrainingRun { started_ms: 2, ..run(1) }), Err(RecordError::TrainingRun));
        assert_eq!(parsed(TrainingRun { run_id: String::new(), ..run(1) }), Err(RecordError::Text));
        assert_eq!(parsed(TrainingRun { model: "x".repeat(MAX_TEXT + 1), ..run(1) }), Err(RecordError::Text));
    }

    /// The last value that is allowed, where the next one is refused.
    #[test]
    fn limits_are_inclusive() {
        let parsed = |change: fn(&mut InferenceCall)| {
            let mut c = call();
            change(&mut c);
            UsageRecord::from_bytes(&UsageRecord::InferenceCall(c).to_bytes()).map(|_| ())
        };
        assert_eq!(parsed(|c| c.model = "x".repeat(MAX_TEXT)), Ok(()));
        assert_eq!(parsed(|c| c.fingerprints = (0..MAX_FINGERPRINTS as u64).collect()), Ok(()));
        assert_eq!(
            parsed(|c| c.fingerprints = (0..=MAX_FINGERPRINTS as u64).collect()),
            Err(RecordError::Fingerprints)
        );
        assert_eq!(parsed(|c| c.fingerprints = vec![9, 5]), Err(RecordError::Fingerprints));
        assert_eq!(parsed(|c| c.fingerprints.clear()), Ok(()));
        assert_eq!(parsed(|c| c.embedding.push(0)), Err(RecordError::Embedding));
    }

    /// One percent of length is two percent of its square: 32,767² ± ⌊32,767² / 50⌋ are the last sums of squares that
    /// pass.
    #[test]
    fn a_unit_vector_is_one_to_one_percent() {
        let squares = |parts: &[i16]| parts.iter().map(|&x| i64::from(x) * i64::from(x)).sum::<i64>();
        let off = |parts: &[i16]| squares(parts) - squares(&[EMBEDDING_ONE]);
        let cases: [(&[i16], i64, bool); 5] = [
            (&[-EMBEDDING_ONE], 0, true),
            (&[32_767, -4_633, 94], 21_473_525, true),
            (&[32_767, -4_633, 94, 1], 21_473_526, false),
            (&[32_437, 209, 10, 3, 2, 1], -21_473_525, true),
            (&[32_437, 209, 10, 3, 2], -21_473_526, false),
        ];
        for (parts, difference, unit) in cases {
            assert_eq!(off(parts), difference);
            assert_eq!(is_unit(parts), unit, "{parts:?}");
        }
    }

    /// Proves ATT-3's signing domain: other platform, id or order of records are other bytes.
    #[test]
    fn batch_bytes_differ() {
        let base = batch_signing_bytes("a", "b", &[[1; 32], [2; 32]]);
        assert_ne!(base, batch_signing_bytes("ab", "", &[[1; 32], [2; 32]]));
        assert_ne!(base, batch_signing_bytes("a", "b", &[[2; 32], [1; 32]]));
        // Tag, then each text and the list with its length, as compact integers.
        assert_eq!(base, [b"yieldset/usage-batch/v1\n\x04a\x04b\x08".as_slice(), &[1; 32], &[2; 32]].concat());
    }
}
