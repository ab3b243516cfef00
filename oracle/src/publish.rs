//! A period's public files as one package: content-addressed, complete or not there, and there once (ATT-13, LIC-3).
//!
//! ```text
//! packages/<report hash>.json   the index: what the package is of, and each file's path, SHA-256 and length
//! objects/<2>/<SHA-256>         the files' bytes; what two packages share is there once
//! ```
//!
//! A package has these files, and none beside them:
//!
//! | path | what | bound by |
//! |---|---|---|
//! | `report.json` | the signed report | the committee's signatures; in canonical JSON |
//! | `settlement.json` | all weights with proofs, totals, decoys, what is left out | its SHA-256 is in the report |
//! | `report.proof.json` | what the chain has of the report, where it was proven | a block that the reader knows |
//! | `log/log.json`, `log/checkpoint` | the log's keys, its signed and cosigned checkpoint | log and witnesses |
//! | `log/tile/<L>/<N>` | hashes of all records | the checkpoint's root, which contains the report's |
//! | `log/platforms.json` | whose keys signed the records | the reader's own list |
//! | `manifests/<hash>/…` | manifest, export and terms of each dataset version | its hash is in the settlement |
//! | `cards/<name>` | cards of models, where there are some | the index |
//! | `audit.json` | of an audit bundle alone ([`bundle`](crate::bundle)) | log and platforms |
//!
//! There are no records in it, no texts, no tables and no embeddings: who may read those is said by grants
//! ([`yieldset_rules::grant`]).
//!
//! The index is written last, where none is there yet: a publication that was cut off is no package, and is carried on
//! by the next. Objects are named by their content, so to write one again changes nothing.

mod contents;
mod index;
mod shelf;
mod unpacked;

use std::path::Path;

use crate::{
    files::FileError,
    hex0x,
    manifest::ManifestError,
    recomputed::RecomputeError,
    report::ReportError,
    sha256,
    usage_log::{LogError, verified::Pins},
};
pub use contents::{Contents, Piece};
pub use index::{Entry, Index, file_of};
pub use shelf::Shelf;
pub use unpacked::{names, unpack};

/// The folder of indexes.
pub const PACKAGES: &str = "packages";
/// The folder of files by their content.
pub const OBJECTS: &str = "objects";
/// The signed report.
pub const REPORT: &str = "report.json";
/// The settlement.
pub const SETTLEMENT: &str = "settlement.json";
/// The chain's proof.
pub const PROOF: &str = "report.proof.json";
/// What an audit bundle has besides.
pub const AUDIT: &str = "audit.json";
/// Largest file of a package, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Why nothing was published, or what is wrong with a package.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A dataset version.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Log and report do not belong together.
    #[error("nothing is published: {0}")]
    Recompute(#[from] RecomputeError),
    /// The store.
    #[error("{path} in {place}: {reason}; nothing was published, check the place and publish again")]
    Shelf {
        /// The store.
        place: String,
        /// The object.
        path: String,
        /// What went wrong.
        reason: String,
    },
    /// The store, to who reads.
    #[error("{path} in {place}: {reason}; nothing was checked: give the place that the package was published to")]
    Unread {
        /// The store.
        place: String,
        /// The object.
        path: String,
        /// What went wrong.
        reason: String,
    },
    /// The report is of another stream than the licence whose audit is asked for.
    #[error(
        "the report is of the stream {got}, not of the licence {licence}; give the licence that the report is for, or the \
         report of this licence"
    )]
    OtherLicence {
        /// The report's stream.
        got: String,
        /// As it was given.
        licence: String,
    },
    /// Somebody publishes there now.
    #[error("another process publishes to {0}; wait for it")]
    Busy(String),
    /// A version that the report compares is not here.
    #[error("the report compares {dataset} {hash}, and it is not among the manifests; put that version there")]
    NoVersion {
        /// The slug.
        dataset: String,
        /// SHA-256 of the manifest.
        hash: String,
    },
    /// A file that no package has.
    #[error("{path:?} cannot be in a package: {reason}")]
    Foreign {
        /// Its path.
        path: String,
        /// Why.
        reason: &'static str,
    },
    /// There is no such package.
    #[error("there is no package of {0}; look into {PACKAGES}/ for those that are there")]
    Missing(String),
    /// Several, and none was chosen.
    #[error("there are {0} packages; say by --report-hash which")]
    Several(usize),
    /// Something in a package is not what it must be.
    #[error("{path} of the package: {reason}; get the package from where it was published")]
    Damaged {
        /// Which file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// For `map_err` and the like: what is wrong with a file of a package.
pub(crate) fn damaged(path: &str, reason: impl Into<String>) -> PublishError {
    PublishError::Damaged { path: path.to_owned(), reason: reason.into() }
}

/// What is published.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `report.json`, as `post` wrote it.
    pub report: &'a Path,
    /// The log's folder.
    pub log_dir: &'a Path,
    /// Keys of log and witness, known from elsewhere.
    pub pins: Pins,
    /// The datasets' folder.
    pub manifests: &'a Path,
    /// What the chain has of the report, as `post` and `prove` save it.
    pub proof: Option<&'a Path>,
    /// Folder of cards.
    pub cards: Option<&'a Path>,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The index's path.
    pub index: String,
    /// Its SHA-256: who has it from elsewhere knows each byte of the package.
    pub digest: [u8; 32],
    /// Files of the package.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Whether it was there before.
    pub already: bool,
}

/// Publishes a package, or finishes what an earlier run began.
///
/// # Errors
/// [`PublishError`]. Nobody sees a package that is not complete.
pub async fn publish(shelf: &Shelf, contents: &Contents) -> Result<Published, PublishError> {
    let _lock = shelf.lock()?;
    shelf.sweep();
    let path = index::path(&contents.report_hash);
    if let Some(bytes) = shelf.get(&path, index::MAX_BYTES).await? {
        return republish(shelf, contents, &bytes).await;
    }
    let mut files = Vec::with_capacity(contents.pieces.len());
    for piece in &contents.pieces {
        let bytes = piece.read()?;
        let entry = Entry { path: piece.path.clone(), sha256: sha256(&bytes), bytes: bytes.len() as u64 };
        put_object(shelf, &entry, bytes).await?;
        files.push(entry);
    }
    let index = contents.index(files)?;
    let bytes = index.to_bytes()?;
    match shelf.put_new(&path, bytes.clone()).await? {
        true => Ok(index.told(&bytes, false)),
        // Somebody else was faster, in a store that several write to.
        false => {
            let there = shelf.get(&path, index::MAX_BYTES).await?.ok_or_else(|| damaged(&path, "it is gone again"))?;
            republish(shelf, contents, &there).await
        }
    }
}

/// An object by its content. What is there under its name and is something else was damaged since.
async fn put_object(shelf: &Shelf, entry: &Entry, bytes: Vec<u8>) -> Result<(), PublishError> {
    let path = entry.object();
    if shelf.put_new(&path, bytes.clone()).await? {
        return Ok(());
    }
    // One of another length is not read to its end.
    let there = shelf.get(&path, entry.bytes).await.ok().flatten();
    if there.is_some_and(|there| there == bytes) {
        return Ok(());
    }
    tracing::warn!(path, "there was another content under this name; it is replaced");
    shelf.replace(&path, bytes).await
}

/// Whether a file of a package is the same whenever it is published: the log and what follows from it may have grown
/// since, another proof may have been taken, and cards be written anew.
fn is_fixed(path: &str) -> bool {
    [REPORT, SETTLEMENT, "log/log.json"].contains(&path) || path.starts_with("manifests/")
}

/// A package of this report is there: it stays as it is, and what is damaged of it is put right by the same bytes. One
/// that somebody else made of something else is not vouched for.
async fn republish(shelf: &Shelf, contents: &Contents, there: &[u8]) -> Result<Published, PublishError> {
    let path = index::path(&contents.report_hash);
    let index = Index::from_bytes(&path, there)?;
    let fixed =
        contents.pieces.iter().filter(|piece| is_fixed(&piece.path)).map(|piece| Ok((&piece.path, piece.read()?)));
    let fixed = fixed.collect::<Result<Vec<_>, PublishError>>()?;
    let has =
        |path: &str, bytes: &[u8]| index.files.iter().any(|entry| entry.path == path && entry.sha256 == sha256(bytes));
    let other = fixed.iter().find(|(path, bytes)| !has(path, bytes)).map(|(path, _)| path.as_str());
    let more = index.files.iter().map(|entry| entry.path.as_str()).filter(|path| is_fixed(path));
    let more = more.into_iter().find(|path| fixed.iter().all(|(own, _)| own.as_str() != *path));
    if let Some(file) = other.or(more) {
        let reason =
            "another content, or none, was published for this report under this name; see who did, and take it away";
        return Err(damaged(file, reason));
    }
    if contents.index(index.files.clone())? != index {
        return Err(damaged(&path, "it says another report, pool or period than this one's"));
    }
    for entry in &index.files {
        let found = shelf.get(&entry.object(), entry.bytes).await.ok().flatten();
        if found.is_some_and(|bytes| sha256(&bytes) == entry.sha256) {
            continue;
        }
        let again = contents.pieces.iter().find(|piece| piece.path == entry.path).map(Piece::read).transpose()?;
        match again.filter(|bytes| sha256(bytes) == entry.sha256) {
            Some(bytes) => put_object(shelf, entry, bytes).await?,
            None => {
                let reason = format!("{} is gone or changed, and is not as it was here either", hex0x(&entry.sha256));
                return Err(damaged(&entry.path, reason));
            }
        }
    }
    Ok(index.told(there, true))
}
