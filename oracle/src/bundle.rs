//! What a platform answers an audit with (LIC-3): a licence's period as a package, and in `audit.json` the training
//! runs as the platform signed them, each with its way into the log, and of every batch with calls of the period the
//! signed hashes of its records. No call is opened by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tlog_tiles::{Hash, RecordProof, check_record, record_hash};
use yieldset_rules::{
    period::{quarter_at, quarter_start},
    usage::{TrainingRun, UsageRecord, batch_signing_bytes},
};

use crate::{
    files::{self, hex_bytes, hex_list},
    hex0x,
    models::Models,
    publish::{AUDIT, Contents, Piece, PublishError, damaged},
    sha256,
    usage_log::{Entry, Platforms, VerifiedLog, journal::LoggedBatch, model_of, signature_is_valid},
};

/// `audit.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The stream: the licence's id.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// The period.
    pub period: u32,
    /// The models.
    #[serde(rename = "model")]
    pub models: Models,
    /// Their training runs in the log, in order.
    pub runs: Vec<LoggedRun>,
    /// Batches with calls of the models in the period or with one of these runs, in order; where records are deleted
    /// that may have been such calls, their batches, too.
    pub batches: Vec<SignedHashes>,
}

/// A training run, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedRun {
    /// Index in the log.
    pub leaf: u64,
    /// Its id, to read.
    pub run_id: String,
    /// The record's canonical bytes, as hex.
    pub record: String,
    /// RFC 6962 audit path from it to the package's checkpoint.
    #[serde(with = "hex_list")]
    pub proof: Vec<[u8; 32]>,
}

/// What a platform signed for a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHashes {
    /// Index of its first record in the log.
    pub first_leaf: u64,
    /// Who sent it.
    pub platform: String,
    /// Its id.
    pub batch_id: String,
    /// The key that signed it.
    #[serde(with = "hex_bytes")]
    pub public_key: [u8; 32],
    /// ed25519 over `batch_signing_bytes`.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
    /// SHA-256 of each record's bytes, in order.
    #[serde(with = "hex_list")]
    pub hashes: Vec<[u8; 32]>,
}

impl SignedHashes {
    fn of(batch: LoggedBatch, entries: &[Entry]) -> Self {
        Self {
            first_leaf: batch.first_leaf,
            platform: batch.platform,
            batch_id: batch.batch_id,
            public_key: batch.public_key,
            signature: batch.signature,
            hashes: entries.iter().map(Entry::sha256).collect(),
        }
    }

    fn end(&self) -> u64 {
        self.first_leaf.saturating_add(self.hashes.len() as u64)
    }
}

/// A package's contents with the licence's audit.
///
/// # Errors
/// [`PublishError`]: the report is not of this licence, or the log is damaged.
pub fn audit(contents: Contents, licence: &[u8; 32]) -> Result<Contents, PublishError> {
    let settlement = &contents.settlement;
    if settlement.stream != *licence {
        return Err(PublishError::OtherLicence { got: hex0x(&settlement.stream), licence: hex0x(licence) });
    }
    let audit = Audit::of(&contents.log, (settlement.stream, settlement.period), &settlement.models)?;
    let bytes = files::canonical_json(&audit).map_err(|error| damaged(AUDIT, error.to_string()))?;
    contents.with(Piece::bytes(AUDIT, bytes))
}

impl Audit {
    /// Of models' records in a log, up to its checkpoint.
    fn of(log: &VerifiedLog, (stream, period): ([u8; 32], u32), models: &Models) -> Result<Self, PublishError> {
        let (mut runs, mut batches) = (Vec::new(), Vec::new());
        for batch in log.batches() {
            let (batch, entries) = batch?;
            let mut is_asked_for = false;
            for (leaf, entry) in (batch.first_leaf..).zip(&entries) {
                let Some(bytes) = entry.bytes() else {
                    // Of what period it was nobody can tell any more, but for how old it is at least.
                    is_asked_for |= log.pruned().is_some_and(|pruned| quarter_start(period) < pruned.before);
                    continue;
                };
                // It was checked when the log was read.
                let Ok(record) = UsageRecord::from_bytes(bytes) else { continue };
                if !models.contains(model_of(&record)) {
                    continue;
                }
                match record {
                    UsageRecord::InferenceCall(call) => is_asked_for |= quarter_at(call.at_ms / 1_000) == period,
                    UsageRecord::TrainingRun(run) => {
                        is_asked_for = true;
                        let proof = log.prove(leaf)?;
                        runs.push(LoggedRun { leaf, run_id: run.run_id, record: hex::encode(bytes), proof });
                    }
                }
            }
            if is_asked_for {
                batches.push(SignedHashes::of(batch, &entries));
            }
        }
        Ok(Self { stream, period, models: models.clone(), runs, batches })
    }

    /// Reads it as it must be written.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, PublishError> {
        let audit: Self = serde_json::from_slice(bytes).map_err(|error| damaged(AUDIT, error.to_string()))?;
        match files::canonical_json(&audit).is_ok_and(|json| json == bytes) {
            true => Ok(audit),
            false => Err(damaged(AUDIT, "it is not written as canonical JSON")),
        }
    }

    /// Whether it is of this stream and period, each batch is signed by a key that its platform has in the log for this
    /// model, and each run is in the log and in a batch; the runs.
    pub(crate) fn check(
        &self,
        (stream, period, models): (&[u8; 32], u32, &Models),
        (size, root): (u64, Hash),
        platforms: &Platforms,
    ) -> Result<Vec<TrainingRun>, PublishError> {
        if (&self.stream, self.period, &self.models) != (stream, period, models) {
            return Err(damaged(AUDIT, "it is of another stream, period or models than the report"));
        }
        let mut end = 0;
        for batch in &self.batches {
            let what = format!("the batch {:?} from leaf {}", batch.batch_id, batch.first_leaf);
            if batch.hashes.is_empty() || batch.first_leaf < end || batch.end() > size {
                return Err(damaged(AUDIT, format!("{what} overlaps another, or has no place in the log")));
            }
            end = batch.end();
            let named = platforms.at(&batch.platform, batch.first_leaf);
            let is_theirs = |named: &crate::usage_log::Named| {
                named.public_key == batch.public_key && models.slugs().iter().any(|model| named.models.contains(model))
            };
            if !named.is_some_and(is_theirs) {
                let reason = format!("{what} is signed by a key that is not {}'s there for {models}", batch.platform);
                return Err(damaged(AUDIT, reason));
            }
            let signed = batch_signing_bytes(&batch.platform, &batch.batch_id, &batch.hashes);
            if !signature_is_valid(&batch.public_key, &signed, &batch.signature) {
                return Err(damaged(AUDIT, format!("{what} is not signed by {}", batch.platform)));
            }
        }
        let mut leaves = BTreeSet::new();
        let mut runs = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            runs.push(self.check_run(run, (size, root))?);
            if !leaves.insert(run.leaf) {
                return Err(damaged(AUDIT, format!("the run of leaf {} is there twice", run.leaf)));
            }
        }
        Ok(runs)
    }

    fn check_run(&self, logged: &LoggedRun, (size, root): (u64, Hash)) -> Result<TrainingRun, PublishError> {
        let wrong = |reason: &str| damaged(AUDIT, format!("the run of leaf {} {reason}", logged.leaf));
        let bytes = hex::decode(&logged.record).map_err(|_| wrong("is not hex"))?;
        let Ok(UsageRecord::TrainingRun(run)) = UsageRecord::from_bytes(&bytes) else {
            return Err(wrong("is no training run"));
        };
        if run.run_id != logged.run_id || !self.models.contains(&run.model) {
            return Err(wrong("says another id or model than its record"));
        }
        let proof: RecordProof = logged.proof.iter().map(|hash| Hash(*hash)).collect();
        check_record(&proof, size, root, logged.leaf, record_hash(&bytes)).map_err(|_| wrong("is not in the log"))?;
        let batch = self.batches.iter().find(|batch| (batch.first_leaf..batch.end()).contains(&logged.leaf));
        let at = |batch: &SignedHashes| usize::try_from(logged.leaf - batch.first_leaf).ok();
        let signed = batch.and_then(|batch| batch.hashes.get(at(batch)?));
        match signed == Some(&sha256(&bytes)) {
            true => Ok(run),
            false => Err(wrong("is not what the platform signed for its batch")),
        }
    }
}
