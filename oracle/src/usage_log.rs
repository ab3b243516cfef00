//! The usage log: C2SP tlog-tiles with signed and witnessed checkpoints, in a folder (ATT-3).
//!
//! A leaf is one record's canonical bytes; its hash is RFC 6962's. Trees, tiles and proofs are `tlog_tiles`', notes are
//! `signed_note`'s. Everything in the folder but `journal/` may be served by any static file server:
//!
//! ```text
//! log.json                  origin and public keys
//! platforms.json            every platform key the log ever took records from, with its models
//! checkpoint                size and root, signed by the log, cosigned by the witness
//! tile/<L>/<N>[.p/<W>]      hashes; tile/entries/<N>[.p/<W>]: the records, each with a 16-bit length before it
//! batch/<first leaf>        who sent the records from this leaf on, and the signature
//! journal/<first leaf>      what was committed and may not have reached the disk everywhere else yet
//! ```
//!
//! # The order of writes, and why a crash is harmless
//!
//! Batches that wait together are committed together, as a group:
//!
//! 1. The tree grows in memory and the log signs its new root.
//! 2. `journal/<first leaf>` is written *durably*: records, signatures, the signed root. **This is the commit**, and
//!    the only flush a group waits for (the witness flushes its own memory besides). Before it, nothing has happened.
//!    After it, all that follows can be done again from the journal, with the same result.
//! 3. Entries, tiles and batches are written, each whole or not at all, but not flushed.
//! 4. The witness checks that the new tree holds the last one it saw, remembers it durably, and cosigns.
//! 5. `checkpoint` is replaced, not flushed. Only now do readers see the records.
//! 6. The platforms are answered.
//! 7. Every [`SETTLE_GROUPS`](writer::SETTLE_GROUPS) groups, and when the log is closed, what 3 and 5 wrote is flushed,
//!    and only then are the journals deleted.
//!
//! Opening the log does 3 to 5 and 7 again for every journal that is there. A record is in the log once, since its
//! batch's id is in `batch/` or in the journal; who was not answered sends the batch again and gets the answer of the
//! first time. A failure after 2 stops the log until it is opened again ([`LogError::Stopped`]); a failure in 2 refuses
//! the group and nothing else ([`LogError::Store`]).
//!
//! A log that signed one root must never sign another of the same size. That is why the root that was signed is in the
//! journal.

pub mod journal;
pub mod layout;
pub mod note;
pub mod store;
pub mod tree;
pub mod verified;
pub mod witness;
pub mod writer;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use yieldset_rules::usage::{RecordError, UsageRecord, batch_signing_bytes};

use self::{store::StoreError, witness::WitnessError};
use crate::{
    files::{self, FileError, hex_bytes},
    sha256,
};
pub use verified::VerifiedLog;
pub use writer::Log;

/// Most records of one batch.
pub const MAX_BATCH_RECORDS: usize = 1_000;
/// Longest name of a platform or batch, in bytes.
pub const MAX_NAME: usize = 128;

/// Why the log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is no log.
    #[error("there is no usage log in {dir}; make one with `log-init`", dir = dir.display())]
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// There is one already.
    #[error("there is a usage log in {dir} already; a log is never replaced, choose another folder", dir = dir.display())]
    Exists {
        /// The folder.
        dir: PathBuf,
    },
    /// Another process writes to it.
    #[error("another process writes to the log in {dir}; stop it first", dir = dir.display())]
    Locked {
        /// The folder.
        dir: PathBuf,
    },
    /// An origin that cannot stand in a note.
    #[error(
        "{0:?} cannot be a log's origin: no white space, no plus sign, not empty; use host and path, such as log.example/usage"
    )]
    Origin(String),
    /// A key that is not the log's.
    #[error("the {whose} key has public key {got}, but the log in this folder was made with {expected}; use that key")]
    WrongKey {
        /// `log` or `witness`.
        whose: &'static str,
        /// Of the key given.
        got: String,
        /// As log.json says.
        expected: String,
    },
    /// Another log than the reader knows.
    #[error(
        "the log in this folder has the {whose} key {got}, known is {expected}; it is another log, or its folder was replaced"
    )]
    UnexpectedKey {
        /// `log` or `witness`.
        whose: &'static str,
        /// As log.json says.
        got: String,
        /// As the reader knows it.
        expected: String,
    },
    /// The store failed; nothing was acknowledged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something in the folder is not what was signed.
    #[error("{what} of the usage log is damaged: {reason}; restore it from a copy, and do not settle from this log")]
    Damaged {
        /// Which file or leaf.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// A checkpoint is not signed as it must be.
    #[error("the log's checkpoint is not valid: {0}; do not trust this log")]
    Checkpoint(String),
    /// The witness refused or cannot work.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Two platforms claim one model, or a name is unusable.
    #[error("platforms: {0}; correct the platforms file")]
    Platforms(String),
    /// A group was committed, but could not be carried through.
    #[error(
        "the log stopped ({0}); what it acknowledged is safe. Start the service again, it will carry on from its journal"
    )]
    Stopped(String),
}

/// Why one batch is refused. Nothing of it was logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Not registered.
    #[error("unknown platform {0:?}; ask the log's operator to register its key")]
    UnknownPlatform(String),
    /// No platform has such a name: empty or too long.
    #[error("the platform's name has {0} bytes; use the one that the log's operator registered, 1 to {MAX_NAME} bytes")]
    BadPlatform(usize),
    /// Signed by another key, or over other content.
    #[error(
        "the batch's signature is not {platform}'s over these records; sign batch_signing_bytes(platform, batch id, record hashes) with the registered key {key}"
    )]
    WrongSignature {
        /// Whose it should be.
        platform: String,
        /// The public key that was expected.
        key: String,
    },
    /// Empty or too long.
    #[error("the batch id has {0} bytes; use 1 to {MAX_NAME}")]
    BadBatchId(usize),
    /// None or too many.
    #[error("the batch has {0} records; send 1 to {MAX_BATCH_RECORDS}")]
    RecordCount(usize),
    /// Not a record.
    #[error("record {index} is refused: {reason}; correct it and send the whole batch again")]
    BadRecord {
        /// Place in the batch.
        index: usize,
        /// What is wrong.
        reason: String,
    },
    /// Another platform's model, or none's.
    #[error("record {index} names model {model:?}, which is not registered for {platform}")]
    ForeignModel {
        /// Place in the batch.
        index: usize,
        /// The record's model.
        model: String,
        /// Who sent it.
        platform: String,
    },
    /// An id that was used before.
    #[error(
        "record {index} repeats the id {id:?}, which {platform} has logged before or in this batch; ids are used once"
    )]
    DuplicateId {
        /// Place in the batch.
        index: usize,
        /// The call's or run's id.
        id: String,
        /// Who sent it.
        platform: String,
    },
    /// The batch id stands for other records.
    #[error("batch {batch_id:?} of {platform} was logged with other records; send these under a new id")]
    Conflict {
        /// The batch.
        batch_id: String,
        /// Who sent it.
        platform: String,
    },
}

impl BatchError {
    /// A name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownPlatform(_) => "unknown-platform",
            Self::BadPlatform(_) => "bad-platform",
            Self::WrongSignature { .. } => "wrong-signature",
            Self::BadBatchId(_) => "bad-batch-id",
            Self::RecordCount(_) => "record-count",
            Self::BadRecord { .. } => "bad-record",
            Self::ForeignModel { .. } => "foreign-model",
            Self::DuplicateId { .. } => "duplicate-id",
            Self::Conflict { .. } => "batch-conflict",
        }
    }
}

/// `log.json`: what a log is called and who signs for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogInfo {
    /// First line of its checkpoints, and the name of its key.
    pub origin: String,
    /// The log's ed25519 public key.
    #[serde(with = "hex_bytes")]
    pub log_key: [u8; 32],
    /// The name of the witness's key.
    pub witness: String,
    /// The witness's ed25519 public key.
    #[serde(with = "hex_bytes")]
    pub witness_key: [u8; 32],
}

impl LogInfo {
    /// Reads a log's `log.json`.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::File`].
    pub fn load(dir: &Path) -> Result<Self, LogError> {
        let file = dir.join("log.json");
        match file.is_file() {
            true => Ok(files::read_json(&file)?),
            false => Err(LogError::Missing { dir: dir.to_owned() }),
        }
    }
}

/// Who may write to a log, and about which models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its name.
    pub slug: String,
    /// The ed25519 key that signs its batches.
    #[serde(with = "hex_bytes")]
    pub public_key: [u8; 32],
    /// Slugs of its models.
    pub models: Vec<String>,
}

/// Reads and checks a list of platforms.
///
/// # Errors
/// [`LogError::File`]; [`LogError::Platforms`] when a name is unusable, a key is no point of the curve, or a model
/// belongs to two.
pub fn load_platforms(file: &Path) -> Result<Vec<Platform>, LogError> {
    let platforms: Vec<Platform> = files::read_json(file)?;
    let (mut slugs, mut models) = (BTreeSet::new(), BTreeSet::new());
    for platform in &platforms {
        if platform.slug.is_empty() || platform.slug.len() > MAX_NAME {
            return Err(LogError::Platforms(format!(
                "a name must have 1 to {MAX_NAME} bytes, {:?} has not",
                platform.slug
            )));
        }
        if VerifyingKey::from_bytes(&platform.public_key).is_err() {
            return Err(LogError::Platforms(format!("{}'s public key is not an ed25519 key", platform.slug)));
        }
        if !slugs.insert(&platform.slug) {
            return Err(LogError::Platforms(format!("{} is listed twice", platform.slug)));
        }
        if let Some(model) = platform.models.iter().find(|model| !models.insert(model.as_str())) {
            return Err(LogError::Platforms(format!("model {model} is claimed twice")));
        }
    }
    Ok(platforms)
}

/// A batch as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Who sends it.
    pub platform: String,
    /// Its id, unique within the platform.
    pub batch_id: String,
    /// Canonical bytes of the records.
    pub records: Vec<Vec<u8>>,
    /// ed25519 over [`batch_signing_bytes`].
    pub signature: [u8; 64],
}

impl Batch {
    /// Signs records.
    pub fn sign(platform: &str, batch_id: &str, records: Vec<Vec<u8>>, key: &SigningKey) -> Self {
        use ed25519_dalek::Signer;
        let signature = key.sign(&signing_bytes(platform, batch_id, &records)).to_bytes();
        Self { platform: platform.to_owned(), batch_id: batch_id.to_owned(), records, signature }
    }

    /// Checks what is cheap, before records are decoded or hashed: lengths of names, the platform, which is returned,
    /// and the number of records.
    ///
    /// # Errors
    /// [`BatchError`], the first that applies.
    pub fn admit<'a>(
        platform: &str,
        batch_id: &str,
        records: usize,
        platforms: &'a [Platform],
    ) -> Result<&'a Platform, BatchError> {
        // Before a name is looked for, or told in an error.
        if platform.is_empty() || platform.len() > MAX_NAME {
            return Err(BatchError::BadPlatform(platform.len()));
        }
        if batch_id.is_empty() || batch_id.len() > MAX_NAME {
            return Err(BatchError::BadBatchId(batch_id.len()));
        }
        if records == 0 || records > MAX_BATCH_RECORDS {
            return Err(BatchError::RecordCount(records));
        }
        let known = platforms.iter().find(|known| known.slug == platform);
        known.ok_or_else(|| BatchError::UnknownPlatform(platform.to_owned()))
    }

    /// Checks all that can be checked without the log: platform, signature, each record, its model, ids within the
    /// batch.
    ///
    /// # Errors
    /// [`BatchError`], the first that applies.
    pub fn check(self, platforms: &[Platform]) -> Result<CheckedBatch, BatchError> {
        let platform = Self::admit(&self.platform, &self.batch_id, self.records.len(), platforms)?;
        let signed = signing_bytes(&self.platform, &self.batch_id, &self.records);
        if !signature_is_valid(&platform.public_key, &signed, &self.signature) {
            let key = crate::hex0x(&platform.public_key);
            return Err(BatchError::WrongSignature { platform: self.platform, key });
        }
        let mut ids = Vec::with_capacity(self.records.len());
        let mut seen = BTreeSet::new();
        for (index, bytes) in self.records.iter().enumerate() {
            let refused = |reason: String| BatchError::BadRecord { index, reason };
            layout::check_entry_length(bytes).map_err(refused)?;
            let record = UsageRecord::from_bytes(bytes).map_err(|error| refused(record_error(error).to_owned()))?;
            let model = model_of(&record);
            if !platform.models.iter().any(|own| own == model) {
                return Err(BatchError::ForeignModel { index, model: model.to_owned(), platform: self.platform });
            }
            let id = id_of(&record).to_owned();
            if !seen.insert(id.clone()) {
                return Err(BatchError::DuplicateId { index, id, platform: self.platform });
            }
            ids.push(id);
        }
        Ok(CheckedBatch { digest: sha256(&signed), public_key: platform.public_key, ids, batch: self })
    }
}

/// A batch that passed [`Batch::check`]; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedBatch {
    batch: Batch,
    /// SHA-256 of what was signed: equal for equal platform, id and records.
    digest: [u8; 32],
    public_key: [u8; 32],
    ids: Vec<String>,
}

impl CheckedBatch {
    /// What was checked.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }
}

fn signing_bytes(platform: &str, batch_id: &str, records: &[Vec<u8>]) -> Vec<u8> {
    let hashes: Vec<[u8; 32]> = records.iter().map(|bytes| sha256(bytes)).collect();
    batch_signing_bytes(platform, batch_id, &hashes)
}

/// Whether an ed25519 signature is valid, by the strict rules that leave one signature no second form.
pub fn signature_is_valid(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public_key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// The model a record is about.
pub fn model_of(record: &UsageRecord) -> &str {
    match record {
        UsageRecord::InferenceCall(call) => &call.model,
        UsageRecord::TrainingRun(run) => &run.model,
    }
}

/// The id of a record, unique within its platform.
pub fn id_of(record: &UsageRecord) -> &str {
    match record {
        UsageRecord::InferenceCall(call) => &call.call_id,
        UsageRecord::TrainingRun(run) => &run.run_id,
    }
}

/// What is wrong with a record, for its sender.
pub fn record_error(error: RecordError) -> &'static str {
    match error {
        RecordError::WrongTag => "it does not begin with the tag of usage records",
        RecordError::Encoding => "it is not exactly one encoded record",
        RecordError::Text => "a text field is empty or longer than 128 bytes",
        RecordError::Embedding => "its embedding is not a unit vector of 384 components",
        RecordError::Words => {
            "it has more than 2560 words, or another number of runs than its words have; split the output"
        }
        RecordError::Passages => "its passages are more than 80, beyond its words, or not in order",
        RecordError::Fingerprints => "its fingerprints are more than 1024, not ascending or not distinct",
        RecordError::TrainingRun => "a training run needs 1 to 1024 datasets and must not end before it starts",
    }
}

#[cfg(test)]
mod tests;
