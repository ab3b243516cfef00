//! The usage log: C2SP tlog-tiles with signed and witnessed checkpoints, in a folder (ATT-3).
//!
//! A leaf is one record's canonical bytes; its hash is RFC 6962's. Trees, tiles and proofs are `tlog_tiles`', notes are
//! `signed_note`'s. What is everybody's, name, keys, checkpoint and hash tiles, may be served by any static file
//! server; records, batches and readings are for who has a grant ([`crate::grant`]), and journal and state for the log
//! alone:
//!
//! ```text
//! log.json                  origin, public key, its witnesses' names and keys, and how many of them must cosign
//! platforms.json            each platform's key, its models and the record from which on it signs, signed by the log
//! checkpoint                size and root, signed by the log, cosigned by its witnesses
//! tile/<L>/<N>[.p/<W>]      hashes; tile/entries/<N>[.p/<W>]: the records, each with a 16-bit length before it
//! batch/<first leaf>        who sent the records from this leaf on, and the signature
//! journal/<first leaf>      what was committed and may not have reached the disk everywhere else yet
//! pruned.json               how many of the first records' entries are deleted ([`pruned`]), signed by the log
//! kept/<first leaf>         what stays of their batches
//! readings.jsonl            who has read records and lines by a grant ([`crate::readings`])
//! state/index.redb          which batches and ids are there; made anew from the rest where it does not fit it
//! ```
//!
//! However long the log is, what is in memory is the tree's right edge ([`tiles::Edge`]), the records after the last
//! full bundle, one group of batches, and a cache of fixed size; who reads a log has a bundle and a batch of it at a
//! time.
//!
//! # The order of writes, and why a crash is harmless
//!
//! Batches that wait together are committed together, as a group:
//!
//! 1. The tree's edge grows, and the log signs the new root.
//! 2. `journal/<first leaf>` is written *durably*: records, signatures, the signed root. **This is the commit**, and
//!    the only flush a group waits for. Before it, nothing has happened. After it, all that follows can be done again
//!    from the journal, with the same result.
//! 3. Entries, tiles and batches are written, each whole or not at all, but not flushed; the index grows.
//! 4. The witnesses, each in a process of its own ([`crate::witness`]), compare the new tree with the last one they
//!    saw, remember it durably, and cosign.
//! 5. `checkpoint` is replaced, not flushed. Only now do readers see the records.
//! 6. The platforms are answered.
//! 7. Every [`SETTLE_GROUPS`](writer::SETTLE_GROUPS) groups, and when the log is closed, what 3 and 5 wrote is flushed,
//!    and only then are the journals deleted, and then the partial tiles that wider ones replaced.
//!
//! Opening the log does 3 to 5 and 7 again for every journal that is there, one after the other. It reads the edge's
//! tiles, what the index does not know yet, and deletes the partial tiles that a crash left since the last 7: nothing
//! that grows with the log, but for the checksums of the index. A record is in the log once, since its batch's id is in
//! the index or in a journal; who was not answered sends the batch again and gets the answer of the first time.
//!
//! A failure in 2 refuses the group and nothing else ([`LogError::Store`]). Where too few witnesses answer in 4, the
//! group waits for them, and with it the groups after it ([`LogError::Witness`]). Any other failure after 2 stops the
//! log until it is opened again ([`LogError::Stopped`]), also one of the flush in 7: a system may say only once that
//! what it took is lost.
//!
//! A log that signed one root must never sign another of the same size. That is why the root that was signed is in the
//! journal.

mod batch;
pub mod bounds;
mod distinct;
mod index;
pub mod journal;
pub mod layout;
pub mod note;
mod platforms;
pub mod pruned;
mod recovery;
pub mod store;
pub(crate) mod stream;
pub mod tiles;
pub mod verified;
pub mod witnesses;
pub mod writer;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use signed_note::is_key_name_valid;
use yieldset_rules::{
    licence::RETENTION_DAYS,
    usage::{RecordError, UsageRecord},
};

use self::{store::StoreError, witnesses::WitnessError};
use crate::files::{self, FileError, hex_bytes};
pub use batch::{Batch, CheckedBatch};
pub use platforms::{Named, Platforms};
pub use pruned::{Entry, Pruned};
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
    #[error("the key has public key {got}, but the log in this folder was made with {expected}; use that key")]
    WrongKey {
        /// Of the key given.
        got: String,
        /// As log.json says.
        expected: String,
    },
    /// Another log than the reader knows.
    #[error(
        "the log in this folder has the key {got}, known is {expected}; it is another log, or its folder was replaced"
    )]
    UnexpectedKey {
        /// As log.json says.
        got: String,
        /// As the reader knows it.
        expected: String,
    },
    /// A witness that the reader knows did not cosign.
    #[error(
        "the witness with the key {0} did not cosign the log's checkpoint; ask for one that it cosigned, or ask the witness"
    )]
    NotWitnessed(String),
    /// Witnesses that a log cannot have.
    #[error("the log's witnesses: {0}; correct log.json, or give log-init others")]
    Witnesses(String),
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
    /// Witnesses refused, or too few answered.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Younger than records may be that are deleted.
    #[error(
        "{days} days are fewer than the {RETENTION_DAYS} for which a log keeps its records; delete older ones alone"
    )]
    TooYoung {
        /// Days that were asked for.
        days: u64,
    },
    /// Two platforms claim one model, or a name is unusable.
    #[error("platforms: {0}; correct the platforms file")]
    Platforms(String),
    /// A platform claims a model that was another's.
    #[error(
        "platforms: {platform} claims the model {model}, which is {owner}'s since record {from} by {file}; a model stays whose it \
         was when records came, so give {platform}'s another slug, or take it off its list",
        file = file.display()
    )]
    Claimed {
        /// Who claims it.
        platform: String,
        /// The model.
        model: String,
        /// Whose it is.
        owner: String,
        /// Since which record.
        from: u64,
        /// The log's list.
        file: PathBuf,
    },
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
        "the batch's signature is not {platform}'s over these records; send it by the registered key {key}, or ask the log's \
         operator to register yours (signed is batch_signing_bytes of platform, batch id and the records' hashes)"
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
    #[error("the batch has {0} records, and 1 to {MAX_BATCH_RECORDS} are possible{split}", split = split_advice(*.0))]
    RecordCount(usize),
    /// An id that cannot be one.
    #[error("the batch: {0}")]
    OddBatchId(String),
    /// Beyond what the log takes.
    #[error("record {index} (the first is 0) is refused: {reason}")]
    Beyond {
        /// Place in the batch.
        index: usize,
        /// What is wrong.
        reason: String,
    },
    /// Not a record.
    #[error("record {index} (the first is 0) is refused: {reason}; correct it and send the whole batch again")]
    BadRecord {
        /// Place in the batch.
        index: usize,
        /// What is wrong.
        reason: String,
    },
    /// Another platform's model, or none's.
    #[error(
        "record {index} (the first is 0) names model {model:?}, which is not registered for {platform}; name one of its models, \
         or ask the log's operator to register this one"
    )]
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
        "record {index} (the first is 0) repeats the id {id:?}, which {platform} has logged before or in this batch; ids are used once, whatever their \
         case: send the others, or this one by an id of its own"
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
            Self::BadBatchId(_) | Self::OddBatchId(_) => "bad-batch-id",
            Self::RecordCount(_) => "record-count",
            Self::BadRecord { .. } => "bad-record",
            Self::Beyond { .. } => "beyond-bounds",
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
    /// Who may cosign.
    pub witnesses: Vec<WitnessKey>,
    /// How many of them must.
    pub quorum: usize,
}

/// A witness's name and key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessKey {
    /// Its name.
    pub name: String,
    /// Its ed25519 public key.
    #[serde(with = "hex_bytes")]
    pub key: [u8; 32],
}

impl LogInfo {
    /// Reads a log's `log.json`.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::File`].
    pub fn load(dir: &Path) -> Result<Self, LogError> {
        let file = dir.join("log.json");
        if !file.is_file() {
            return Err(LogError::Missing { dir: dir.to_owned() });
        }
        let info: Self = files::read_json(&file)?;
        info.check()?;
        Ok(info)
    }

    /// Whether a log can have this name and these witnesses: at least one, each another and none the log itself, and
    /// not more that must cosign than there are.
    ///
    /// # Errors
    /// [`LogError::Origin`], [`LogError::Witnesses`].
    pub fn check(&self) -> Result<(), LogError> {
        let usable = |name: &str| is_key_name_valid(name) && !name.contains(char::is_control);
        if !usable(&self.origin) {
            return Err(LogError::Origin(self.origin.clone()));
        }
        let mut keys = BTreeSet::from([self.log_key]);
        for WitnessKey { name, key } in &self.witnesses {
            if !usable(name) {
                return Err(LogError::Witnesses(format!("{name:?} cannot be a name")));
            }
            if VerifyingKey::from_bytes(key).is_err() || !keys.insert(*key) {
                let reason = "is the log's own, another witness's, or no ed25519 key";
                return Err(LogError::Witnesses(format!("the key of {name} {reason}")));
            }
        }
        match (1..=self.witnesses.len()).contains(&self.quorum) {
            true => Ok(()),
            false => Err(LogError::Witnesses(format!("{} of {} must cosign", self.quorum, self.witnesses.len()))),
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

/// Whether an ed25519 signature is valid, by the strict rules that leave one signature no second form.
pub fn signature_is_valid(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public_key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// A record of the log, which was checked when it came in.
fn decoded(leaf: u64, bytes: &[u8]) -> Result<UsageRecord, LogError> {
    let damaged = |error| LogError::Damaged { what: format!("leaf {leaf}"), reason: record_error(error).into() };
    UsageRecord::from_bytes(bytes).map_err(damaged)
}

/// How to send so many records.
fn split_advice(records: usize) -> String {
    match records {
        0 => String::new(),
        _ => {
            let batches = records.div_ceil(MAX_BATCH_RECORDS);
            format!("; send them in {batches} batches, each with an id of its own, such as part-1 to part-{batches}")
        }
    }
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
        RecordError::Passages => {
            "its passages are more than 80, beyond its words or not in order, or their keywords are"
        }
        RecordError::Fingerprints => "its fingerprints are more than 1024, not ascending or not distinct",
        RecordError::TrainingRun => {
            "a training run needs 1 to 1024 datasets, must not end before it starts, nor begin from its own model"
        }
    }
}

#[cfg(test)]
mod tests;
