//! A creator's folder of texts becomes an immutable dataset version (ATT-1): an RO-Crate 1.2 with a Croissant 1.1
//! export, the texts, their canonical embeddings (ATT-4) and the licence's terms (ATT-5). The SHA-256 of
//! `ro-crate-metadata.json` names the version.
//!
//! The embeddings are part of the version, so that scores come out the same on every machine: floating point happens
//! here, once. [`Dataset::check_embeddings`] shows that they follow from the texts.

mod crate_file;
mod croissant;
mod dataset;
mod described;
mod public;
mod texts;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Iso8601;
use yieldset_rules::{
    report::Metric,
    usage::{Words, tables_to_bytes},
};

use crate::{
    copies::{self, Copied},
    embed::{EmbedError, Embedder},
    files::{self, Access, FileError, hex_bytes},
    metric::{METRIC_NAME, METRIC_VERSION, MIN_THRESHOLD, SCORE_ONE},
    parse_hex, sha256, slug_id, words,
};
use described::{Described, File};

pub use dataset::{Chunk, Damaged, Dataset, Loaded, load_all};
pub use public::PublicPart;

/// The manifest's name, as RO-Crate has it.
pub const MANIFEST: &str = "ro-crate-metadata.json";
/// The licence's terms.
pub const LICENCE: &str = "licence.json";
/// Canonical embeddings for version 1 of the metric: all chunks of all texts, in order.
pub const EMBEDDINGS: &str = "embeddings.bin";
/// What is compared by version 2 of the metric: words and passages of all texts, in order. It stays when a text must
/// go.
pub const TABLES: &str = "tables.bin";
/// The export for tools that load datasets.
pub const CROISSANT: &str = "croissant.json";
/// The folder of the texts.
pub const TEXTS: &str = "texts";
/// Largest text, in bytes.
pub const MAX_TEXT_BYTES: u64 = 16 * 1024 * 1024;
/// Most bytes of all files of a version together, which are held in memory at once. Tables have about four times the
/// bytes of their English texts, so those have some 200 MiB, or forty million words, which take the model hours.
pub const MAX_VERSION_BYTES: u64 = 1024 * 1024 * 1024;
/// Whom a decoy's manifest names: no one can claim for this address.
pub const NOBODY: [u8; 20] = [0; 20];
/// Most texts of a dataset.
pub const MAX_TEXTS: usize = 10_000;
/// Longest name, title or slug, in bytes.
const MAX_FIELD: usize = 256;

/// Why there is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The operating system, or JSON.
    #[error(transparent)]
    File(#[from] FileError),
    /// The model.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// Nothing to describe.
    #[error("{folder} holds no text; put the creator's texts there as UTF-8 files", folder = folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// A name that no version can have.
    #[error("{path}: {reason}; rename it", path = path.display())]
    BadName {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// Links can lead anywhere, and change.
    #[error("{path} is a link or no regular file; put a copy of the text there", path = path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Not UTF-8, or with NUL characters, as UTF-16 has them and no text.
    #[error("{path} is no text in UTF-8 from byte {valid_up_to} on; convert it, or remove it if it is not a text", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where it stops being text.
        valid_up_to: usize,
    },
    /// A PDF may be ASCII throughout, and its words are packed.
    #[error("{path} is a PDF, of which no words would be read; extract its text first, and put that there", path = path.display())]
    Pdf {
        /// The file.
        path: PathBuf,
    },
    /// Too large.
    #[error("{path} has {bytes} bytes, at most {MAX_TEXT_BYTES} are taken; split it", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// All files together.
    #[error(
        "the files of the dataset version in {folder} have {bytes} bytes together, at most {MAX_VERSION_BYTES} are taken; make \
         several datasets",
        folder = folder.display()
    )]
    VersionTooLarge {
        /// The version's folder, or that of its texts.
        folder: PathBuf,
        /// Their size.
        bytes: u64,
    },
    /// Too many.
    #[error("there are more than {MAX_TEXTS} texts in {folder}; make several datasets", folder = folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
    },
    /// creator.json or an option is wrong.
    #[error("{field}: {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The output would become input.
    #[error("the manifest cannot be written to {out}, inside the texts' folder; choose a folder outside", out = out.display())]
    OutInside {
        /// The output.
        out: PathBuf,
    },
    /// Another version is there.
    #[error("{out} holds another version of a dataset; versions never change, choose a new folder", out = out.display())]
    OtherVersion {
        /// The output.
        out: PathBuf,
    },
    /// What a decoy has from a dataset, that is no mistake.
    #[error(
        "this is no decoy, since its hits would be no mistakes: {copied}; take other texts, which nobody's dataset has"
    )]
    NoDecoy {
        /// Which words are whose.
        copied: String,
    },
    /// The manifest is not one of ours, or contradicts itself.
    #[error("{path}: {reason}; make the manifest again with `manifest`", path = path.display())]
    Invalid {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The export is not the manifest's.
    #[error("{path} is not what the manifest says; it was changed or removed, make it again with `manifest`", path = path.display())]
    OtherExport {
        /// The export.
        path: PathBuf,
    },
    /// A file that the manifest does not name.
    #[error("{path} is no part of the dataset version: its manifest does not name it; remove it", path = path.display())]
    Unnamed {
        /// The file.
        path: PathBuf,
    },
    /// A file is not the one that was hashed.
    #[error("{path} has SHA-256 {got}, its manifest says {expected}; it was changed, restore it", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// As it is.
        got: String,
        /// As it was.
        expected: String,
    },
    /// Embeddings that are not the texts'.
    #[error("{path}: the embedding of chunk {chunk} ({start:?} …) is not the text's (cosine {cosine} of 1000000); do not pay for this dataset", path = path.display())]
    ForeignEmbedding {
        /// The embeddings.
        path: PathBuf,
        /// Which chunk.
        chunk: usize,
        /// How it begins.
        start: String,
        /// Cosine of what is there and what should be, in millionths.
        cosine: u32,
    },
}

/// `creator.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Creator {
    /// The creator's name.
    pub name: String,
    /// `<creator>/<work>`.
    pub dataset: String,
    /// The works' title.
    pub title: String,
    /// Year of publication.
    pub year: u16,
    /// The licence, if the file names one: it must be the one asked for.
    pub licence: Option<String>,
    /// A sentence or two about the content.
    pub description: Option<String>,
    /// Day of publication, `YYYY-MM-DD`, where it is known.
    pub date: Option<String>,
    /// The account that registered the dataset, `0x` and hex, where it was handed over since: its id stays.
    pub registrant: Option<String>,
}

impl Creator {
    /// Who registered the dataset: the account itself, unless the file says that it was handed over.
    fn registrant(&self, account: &[u8; 20]) -> Result<[u8; 20], ManifestError> {
        let Some(text) = &self.registrant else { return Ok(*account) };
        let reason = || "creator.json needs the address of who registered the dataset here, or nothing".to_owned();
        parse_hex(text).ok_or_else(|| ManifestError::Field { field: "registrant", reason: reason() })
    }
}

/// `licence.json`: what the licence's hash on chain stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceFile {
    /// SPDX id.
    pub licence: String,
    /// The metric that decides what is a material derivation.
    pub metric: String,
    /// Its version.
    pub metric_version: u32,
    /// Only scores above count, in millionths.
    pub threshold: u32,
}

impl LicenceFile {
    /// Whether they are of this metric, at this threshold.
    pub fn is_of(&self, metric: &Metric) -> bool {
        (self.metric.as_str(), self.metric_version, self.threshold)
            == (metric.name.as_str(), metric.version, metric.threshold)
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where the texts are.
    pub folder: &'a Path,
    /// `creator.json`.
    pub creator: &'a Path,
    /// Who is paid.
    pub account: [u8; 20],
    /// SPDX id.
    pub licence: &'a str,
    /// Threshold of the licence, in millionths.
    pub threshold: u32,
    /// Where the manifest goes.
    pub out: &'a Path,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The dataset's slug.
    pub dataset: String,
    /// SHA-256 of the slug: the label under which its registrant registers it.
    #[serde(with = "hex_bytes")]
    pub label: [u8; 32],
    /// The id that it then has.
    #[serde(with = "hex_bytes")]
    pub dataset_id: [u8; 32],
    /// SHA-256 of the manifest.
    #[serde(with = "hex_bytes")]
    pub manifest_hash: [u8; 32],
    /// SHA-256 of the licence's terms.
    #[serde(with = "hex_bytes")]
    pub licence_hash: [u8; 32],
    /// Who is paid.
    #[serde(with = "hex_bytes")]
    pub account: [u8; 20],
    /// Texts.
    pub texts: usize,
    /// Bytes of all texts.
    pub bytes: u64,
    /// Passages with an embedding.
    pub chunks: usize,
    /// What is no text: hidden files and folders, files without a word, and descriptions of datasets.
    pub skipped: Vec<PathBuf>,
    /// What it has from the datasets that it was made beside, and will earn nothing by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<Vec<Copied>>,
}

/// A file of the version, with its content.
struct Part {
    path: String,
    bytes: Vec<u8>,
}

impl Part {
    fn described(&self) -> File {
        File { path: self.path.clone(), sha256: sha256(&self.bytes), size: self.bytes.len() as u64 }
    }
}

/// Makes a dataset version. The same input gives the same bytes.
///
/// # Errors
/// [`ManifestError`]. The manifest itself is written last: what has none is no version.
pub fn make(request: &Request<'_>, embedder: &Embedder) -> Result<Made, ManifestError> {
    if request.account == NOBODY {
        let reason = "the zero address can never claim; give the creator's, or make a decoy".to_owned();
        return Err(ManifestError::Field { field: "account", reason });
    }
    version(request, embedder)
}

/// Makes a dataset version, and tells what it has from datasets that are there already: it will earn nothing by that.
///
/// # Errors
/// [`ManifestError`], as [`make`].
pub fn make_beside(request: &Request<'_>, earlier: &[Dataset], embedder: &Embedder) -> Result<Made, ManifestError> {
    let made = make(request, embedder)?;
    let copies = copied(&Dataset::load(request.out)?, earlier);
    Ok(Made { copies: Some(copies), ..made })
}

/// What a version has from others that were there before.
fn copied(new: &Dataset, earlier: &[Dataset]) -> Vec<Copied> {
    let others: Vec<Dataset> = earlier.iter().filter(|one| one.manifest_hash != new.manifest_hash).cloned().collect();
    copies::of(new, &others)
}

/// Makes a version that is nobody's, whatever account is asked for: texts by which a licence's parties measure how
/// often their creators are hit by mistake ([`decoys`](crate::decoys)).
///
/// # Errors
/// [`ManifestError`].
pub fn make_decoy(request: &Request<'_>, embedder: &Embedder) -> Result<Made, ManifestError> {
    version(&Request { account: NOBODY, ..request.clone() }, embedder)
}

/// The same beside datasets that are there already: what has words from one of them is no decoy, since its hits would
/// not be false.
///
/// # Errors
/// [`ManifestError`]; [`ManifestError::NoDecoy`] before anything is written.
pub fn make_decoy_beside(
    request: &Request<'_>,
    earlier: &[Dataset],
    embedder: &Embedder,
) -> Result<Made, ManifestError> {
    let draft = tempfile::tempdir().map_err(FileError::io(Path::new("a temporary folder")))?;
    make_decoy(&Request { out: &draft.path().join("decoy"), ..request.clone() }, embedder)?;
    let copies = copied(&Dataset::load(&draft.path().join("decoy"))?, earlier);
    match copies::summary(&copies) {
        Some(copied) => Err(ManifestError::NoDecoy { copied }),
        None => Ok(Made { copies: Some(copies), ..make_decoy(request, embedder)? }),
    }
}

fn version(request: &Request<'_>, embedder: &Embedder) -> Result<Made, ManifestError> {
    let creator: Creator = files::read_json(request.creator)?;
    check_fields(&creator, request)?;
    let registrant = creator.registrant(&request.account)?;
    let (texts, skipped) = texts::read(request)?;
    let bytes: u64 = texts.iter().map(|part| part.bytes.len() as u64).sum();
    // Before the model's work, and again with what comes of it.
    check_size(request.folder, [bytes])?;
    let tables = tables_of(&texts, embedder)?;
    let chunks = tables.iter().map(|table| table.passages.len()).sum();
    if tables.iter().all(|table| table.count == 0) {
        return Err(ManifestError::Empty { folder: request.folder.to_owned() });
    }
    let terms = LicenceFile {
        licence: request.licence.to_owned(),
        metric: METRIC_NAME.to_owned(),
        metric_version: METRIC_VERSION,
        threshold: request.threshold,
    };
    let json = |value: Result<Vec<u8>, serde_json::Error>| {
        value.map_err(|error| ManifestError::Field { field: "manifest", reason: error.to_string() })
    };
    let licence = Part { path: LICENCE.into(), bytes: json(files::canonical_json(&terms))? };
    let tables = Part { path: TABLES.into(), bytes: tables_to_bytes(&tables) };
    let licence_hash = sha256(&licence.bytes);
    let count = texts.len();
    let parts: Vec<Part> = texts.into_iter().chain([licence, tables]).collect();
    check_size(request.folder, parts.iter().map(|part| part.bytes.len() as u64))?;
    let described = Described::of(&creator, registrant, request, parts.iter().map(Part::described).collect());
    let manifest = json(crate_file::write(&described))?;
    let croissant = json(croissant::export(&described, &sha256(&manifest)))?;
    write(request.out, &parts, &croissant, &manifest)?;
    Ok(Made {
        label: slug_id(&creator.dataset),
        dataset_id: described.dataset_id(),
        dataset: creator.dataset,
        manifest_hash: sha256(&manifest),
        licence_hash,
        account: request.account,
        texts: count,
        bytes,
        chunks,
        skipped,
        copies: None,
    })
}

/// Whether files of these sizes can be a version.
fn check_size(folder: &Path, sizes: impl IntoIterator<Item = u64>) -> Result<(), ManifestError> {
    match sizes.into_iter().fold(0, u64::saturating_add) {
        0..=MAX_VERSION_BYTES => Ok(()),
        bytes => Err(ManifestError::VersionTooLarge { folder: folder.to_owned(), bytes }),
    }
}

fn write(out: &Path, parts: &[Part], croissant: &[u8], manifest: &[u8]) -> Result<(), ManifestError> {
    let file = out.join(MANIFEST);
    if files::is_there(&file)? && files::read(&file)? != manifest {
        return Err(ManifestError::OtherVersion { out: out.to_owned() });
    }
    for part in parts {
        files::write(&out.join(&part.path), &part.bytes, Access::Published)?;
    }
    files::write(&out.join(CROISSANT), croissant, Access::Published)?;
    Ok(files::write(&file, manifest, Access::Published)?)
}

fn check_fields(creator: &Creator, request: &Request<'_>) -> Result<(), ManifestError> {
    let wrong = |field, reason: &str| Err(ManifestError::Field { field, reason: reason.to_owned() });
    for (field, value) in [("name", &creator.name), ("dataset", &creator.dataset), ("title", &creator.title)] {
        if value.trim().is_empty() || value.len() > MAX_FIELD || value.contains(char::is_control) {
            return wrong(field, "creator.json needs a line of 1 to 256 bytes here");
        }
    }
    if !creator.dataset.split('/').all(is_plain_name) {
        return wrong("dataset", "use a slug such as austen/pride: letters, digits, dots, dashes, underscores");
    }
    // As SPDX's list spells it: the id is part of a URL, and people look it up.
    if spdx::license_id(request.licence).is_none_or(|known| known.name != request.licence) {
        let near = spdx::imprecise_license_id(request.licence).map(|(known, _)| format!("; is {} meant?", known.name));
        let near = near.unwrap_or_default();
        return wrong(
            "licence",
            &format!(
                "{} is no SPDX id; take one of https://spdx.org/licenses, such as CC-BY-4.0{near}",
                request.licence
            ),
        );
    }
    if creator.licence.as_ref().is_some_and(|named| named != request.licence) {
        return wrong("licence", "creator.json names another licence; ask the creator which one holds");
    }
    if creator.year == 0 || creator.year > 9_999 {
        return wrong("year", "creator.json needs a year of four digits, 0001 to 9999, as dates in manifests have it");
    }
    if !(MIN_THRESHOLD..SCORE_ONE).contains(&request.threshold) {
        return wrong("threshold", "give millionths from 500000 to 999999, such as 700000 for 0.7");
    }
    let is_day = |date: &String| date.len() == 10 && time::Date::parse(date, &Iso8601::DATE).is_ok();
    match &creator.date {
        Some(date) if !is_day(date) => wrong("date", "creator.json needs YYYY-MM-DD here"),
        _ => Ok(()),
    }
}

/// Whether a name means the same on every file system and in every URL, and leads nowhere else.
fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.chars().all(plain)
}

fn tables_of(texts: &[Part], embedder: &Embedder) -> Result<Vec<Words>, ManifestError> {
    // They are UTF-8: others were refused.
    let texts: Vec<_> = texts.iter().map(|part| String::from_utf8_lossy(&part.bytes)).collect();
    Ok(words::tables(&texts.iter().map(AsRef::as_ref).collect::<Vec<_>>(), embedder)?)
}

#[cfg(test)]
pub(crate) mod tests;
