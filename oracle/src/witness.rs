//! A witness: a process of its own, with a key and a memory of its own, that cosigns a log's checkpoint only if it
//! continues the last one that it cosigned. So a log cannot show two faces, whoever has its key and its files (ATT-3).
//!
//! It speaks C2SP tlog-witness, and witnesses as many logs as it is told to:
//!
//! | request | answer |
//! |---|---|
//! | `POST /add-checkpoint` | old size, consistency proof, checkpoint; 200 with the line of the cosignature |
//! | `GET /healthz`, `GET /metrics` | the process lives; request counts and latencies |
//!
//! 400: not such a request, or an old size beyond the checkpoint's. 403: not signed by the log's key. 404: not a log
//! that is witnessed here. 409: the old size is not that of the last cosigned checkpoint, which is the body as
//! `text/x.tlog.size`; or another root of that very size. 422: the proof does not lead from the one to the other.
//!
//! What it remembers of a log is a file in its memory's folder, written durably before it answers. It begins with
//! [`Witness::watch`] and never by itself: a witness that lost its memory must not cosign what it cannot compare.

mod request;
mod service;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use signed_note::is_key_name_valid;
use tlog_tiles::{Checkpoint, EMPTY_HASH, Hash, check_tree};

pub use request::{Request, size};
pub use service::{Options, serve};

use crate::{
    files::{self, FileError, hex_bytes},
    sha256,
    usage_log::note,
};

/// Logs whose requests may be worked on at once; those of one log never are.
const SHELVES: usize = 64;

/// Why a witness cannot work.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Its memory cannot be read or written.
    #[error("the witness's memory: {0}")]
    Memory(#[from] FileError),
    /// Another process has its memory.
    #[error("another process has the witness's memory in {dir}; stop it first", dir = .0.display())]
    Locked(PathBuf),
    /// A name that cannot stand in a note.
    #[error(
        "{0:?} cannot be a name: no white space, no plus sign, not empty; use host and path, such as witness.example/w1"
    )]
    Name(String),
    /// The log is witnessed already.
    #[error("{origin} is witnessed already, in {file}; a memory is never begun anew", file = file.display())]
    Watched {
        /// The log.
        origin: String,
        /// What is remembered of it.
        file: PathBuf,
    },
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// 400.
    #[error("this is no request for a cosignature: {0}")]
    Malformed(String),
    /// 404.
    #[error("no log {0:?} is witnessed here; have the witness's operator add it with `witness-init`")]
    UnknownLog(String),
    /// 403.
    #[error("{0}; only checkpoints by the log's own key are cosigned")]
    NotSigned(String),
    /// 409.
    #[error("the last cosigned checkpoint has {last} leaves; send the proof from there")]
    Conflict {
        /// Leaves of the last one.
        last: u64,
    },
    /// 422.
    #[error(
        "{size} leaves do not continue the {last} that were cosigned; the log shows two faces, or the proof is wrong"
    )]
    Inconsistent {
        /// Leaves of the checkpoint.
        size: u64,
        /// Leaves of the last one.
        last: u64,
    },
    /// 503: nothing was signed.
    #[error(transparent)]
    Witness(#[from] WitnessError),
}

/// What is remembered of a log: the last checkpoint that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    origin: String,
    #[serde(with = "hex_bytes")]
    log_key: [u8; 32],
    size: u64,
    #[serde(with = "hex_bytes")]
    root: [u8; 32],
}

/// A witness of logs.
#[derive(Debug)]
pub struct Witness {
    name: String,
    key: SigningKey,
    memory: PathBuf,
    /// One log's requests come one after the other.
    shelves: Vec<Mutex<()>>,
    _lock: File,
}

impl Witness {
    /// Has a witness with this memory watch a log, from nothing on.
    ///
    /// # Errors
    /// [`WitnessError::Watched`], [`WitnessError::Name`], [`WitnessError::Memory`].
    pub fn watch(memory: &Path, origin: &str, log_key: [u8; 32]) -> Result<(), WitnessError> {
        if !is_key_name_valid(origin) || origin.contains(char::is_control) {
            return Err(WitnessError::Name(origin.to_owned()));
        }
        files::make_folder(memory, files::Access::Private)?;
        let file = memory_of(memory, origin);
        if files::is_there(&file)? {
            return Err(WitnessError::Watched { origin: origin.to_owned(), file });
        }
        Ok(files::write_json(&file, &Seen { origin: origin.to_owned(), log_key, size: 0, root: EMPTY_HASH.0 })?)
    }

    /// A witness with this memory, in this process alone.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(name: &str, key: SigningKey, memory: &Path) -> Result<Self, WitnessError> {
        if !is_key_name_valid(name) || name.contains(char::is_control) {
            return Err(WitnessError::Name(name.to_owned()));
        }
        let Some(lock) = files::lock(&memory.join("lock"))? else {
            return Err(WitnessError::Locked(memory.to_owned()));
        };
        // Drafts of what a crash cut off.
        let entries = std::fs::read_dir(memory).map_err(FileError::io(memory))?;
        for draft in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(".tmp")) {
            files::remove(&draft.path())?;
        }
        let shelves = (0..SHELVES).map(|_| Mutex::default()).collect();
        Ok(Self { name: name.to_owned(), key, memory: memory.to_owned(), shelves, _lock: lock })
    }

    /// Its public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Cosigns the checkpoint of a request, if it continues what was cosigned. Gives the signature's line.
    ///
    /// # Errors
    /// [`Refusal`]; nothing is signed then.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let request = Request::parse(body).map_err(Refusal::Malformed)?;
        let origin = request.origin().to_owned();
        let shelf = usize::from(sha256(origin.as_bytes())[0]) % SHELVES;
        // Comparing, remembering and signing are one step.
        let _turn = self.shelves[shelf].lock().unwrap_or_else(PoisonError::into_inner);
        let file = memory_of(&self.memory, &origin);
        if !file.is_file() {
            return Err(Refusal::UnknownLog(origin));
        }
        let seen: Seen = files::read_json(&file).map_err(WitnessError::Memory)?;
        let (note, checkpoint) = note::open_by(request.note(), &seen.origin, &seen.log_key)
            .map_err(|error| Refusal::NotSigned(error.to_string()))?;
        if request.old() > checkpoint.size() {
            let reason = format!("the old size {} is beyond the checkpoint's {}", request.old(), checkpoint.size());
            return Err(Refusal::Malformed(reason));
        }
        continues(&seen, &request, &checkpoint)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let signed = note::cosignature(&note, &self.name, &self.key, now)
            .map_err(|error| Refusal::NotSigned(error.to_string()))?;
        let newer = Seen { size: checkpoint.size(), root: checkpoint.hash().0, ..seen.clone() };
        // Before the signature is out: a crash in between leaves a witness that is too strict, never one too lenient.
        if newer != seen {
            files::write_json(&file, &newer).map_err(WitnessError::Memory)?;
        }
        Ok(signed)
    }
}

fn memory_of(memory: &Path, origin: &str) -> PathBuf {
    memory.join(format!("{}.json", hex::encode(sha256(origin.as_bytes()))))
}

fn continues(seen: &Seen, request: &Request<'_>, checkpoint: &Checkpoint) -> Result<(), Refusal> {
    if request.old() != seen.size {
        return Err(Refusal::Conflict { last: seen.size });
    }
    let (size, root, proof) = (checkpoint.size(), *checkpoint.hash(), request.proof());
    if size == seen.size && root.0 != seen.root {
        return Err(Refusal::Conflict { last: seen.size });
    }
    let follows = match seen.size {
        0 => proof.is_empty(),
        last if last == size => proof.is_empty(),
        last => check_tree(proof, size, root, last, Hash(seen.root)).is_ok(),
    };
    match follows {
        true => Ok(()),
        false => Err(Refusal::Inconsistent { size, last: seen.size }),
    }
}

#[cfg(test)]
mod tests;
