//! The witness: signs a checkpoint only if it holds the last one it signed, so a log cannot show two faces (ATT-3).

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use signed_note::Note;
use tlog_tiles::{Checkpoint, Hash, check_tree};

use super::{LogInfo, note};
use crate::{
    files::{self, FileError, hex_bytes},
    hex0x, sha256,
};

/// Why the witness does not sign.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Its memory cannot be read or written.
    #[error("the witness's memory: {0}")]
    Memory(#[from] FileError),
    /// Its memory is of another log.
    #[error("{file} is the witness's memory of {got:?}, not of {expected:?}; give the witness its own files", file = file.display())]
    OtherLog {
        /// The file.
        file: PathBuf,
        /// As it says.
        got: String,
        /// As the log says.
        expected: String,
    },
    /// Shorter than before.
    #[error(
        "the witness refuses: it signed {last} leaves of {origin} and is shown {size}; the log lost records, restore it"
    )]
    Shrunk {
        /// The log.
        origin: String,
        /// Now.
        size: u64,
        /// Before.
        last: u64,
    },
    /// Another tree.
    #[error(
        "the witness refuses: {size} leaves of {origin} under root {got} do not continue the {last} leaves under root {expected} that \
         it signed; the log shows two faces"
    )]
    TwoFaces {
        /// The log.
        origin: String,
        /// Size now.
        size: u64,
        /// Root now.
        got: String,
        /// Size signed before.
        last: u64,
        /// Root signed before.
        expected: String,
    },
    /// The note is not the log's.
    #[error("the witness refuses: {0}")]
    Note(String),
}

/// The last checkpoint that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    origin: String,
    size: u64,
    #[serde(with = "hex_bytes")]
    root: [u8; 32],
}

/// A witness of one log.
#[derive(Debug)]
pub struct Witness {
    key: SigningKey,
    memory: PathBuf,
    seen: Option<Seen>,
}

impl Witness {
    /// A witness that remembers in a file beside its key, apart from the log: a log that is rolled back does not roll
    /// back its witness.
    ///
    /// # Errors
    /// [`WitnessError::Memory`], [`WitnessError::OtherLog`].
    pub fn open(key: SigningKey, key_file: &Path, origin: &str) -> Result<Self, WitnessError> {
        let mut name = key_file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.seen.json", hex::encode(&sha256(origin.as_bytes())[..4])));
        let memory = key_file.with_file_name(name);
        let seen: Option<Seen> = if memory.exists() { Some(files::read_json(&memory)?) } else { None };
        match seen {
            Some(seen) if seen.origin != origin => {
                Err(WitnessError::OtherLog { file: memory, got: seen.origin, expected: origin.to_owned() })
            }
            seen => Ok(Self { key, memory, seen }),
        }
    }

    /// The witness's public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Size of the last checkpoint it signed: what [`Witness::cosign`] needs a consistency proof from.
    pub fn last_size(&self) -> u64 {
        self.seen.as_ref().map_or(0, |seen| seen.size)
    }

    /// Cosigns a checkpoint. `proof` leads from [`Witness::last_size`] to it; it is not looked at where the last size
    /// is zero or the same.
    ///
    /// # Errors
    /// [`WitnessError`]; nothing is signed then.
    pub fn cosign(&mut self, info: &LogInfo, note: &mut Note, proof: &Vec<Hash>, at: u64) -> Result<(), WitnessError> {
        let (_, checkpoint) =
            note::open(&note.to_bytes(), info).map_err(|error| WitnessError::Note(error.to_string()))?;
        self.check(&checkpoint, proof)?;
        let seen = Seen { origin: checkpoint.origin().to_owned(), size: checkpoint.size(), root: checkpoint.hash().0 };
        // Remembered before it is signed: a crash in between leaves a witness that is too strict, never one that is too
        // lenient.
        if self.seen.as_ref() != Some(&seen) {
            files::write_json(&self.memory, &seen)?;
            self.seen = Some(seen);
        }
        note::cosign(note, &info.witness, &self.key, at).map_err(|error| WitnessError::Note(error.to_string()))
    }

    fn check(&self, checkpoint: &Checkpoint, proof: &Vec<Hash>) -> Result<(), WitnessError> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let (origin, size, root) = (checkpoint.origin().to_owned(), checkpoint.size(), *checkpoint.hash());
        if size < seen.size {
            return Err(WitnessError::Shrunk { origin, size, last: seen.size });
        }
        let continues = match seen.size {
            0 => true,
            last if last == size => root.0 == seen.root,
            last => check_tree(proof, size, root, last, Hash(seen.root)).is_ok(),
        };
        match continues {
            true => Ok(()),
            false => Err(WitnessError::TwoFaces {
                origin,
                size,
                got: hex0x(&root.0),
                last: seen.size,
                expected: hex0x(&seen.root),
            }),
        }
    }
}
