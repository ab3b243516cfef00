//! A dataset version read back, every file checked against its manifest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use yieldset_rules::usage::{EMBEDDING_DIMENSIONS, is_unit};

use super::{
    CROISSANT, EMBEDDINGS, LICENCE, LicenceFile, MANIFEST, ManifestError, crate_file, croissant,
    described::{Described, File},
};
use crate::{
    dataset_id,
    embed::{self, Embedder, Embedding},
    files::{self, FileError},
    fingerprint, hex0x, sha256, text,
};

/// Largest manifest, with ten thousand files, and largest export of one, in bytes.
const MAX_MANIFEST_BYTES: u64 = 64 * 1024 * 1024;

/// Below this cosine (in millionths) an embedding is not the text's. Machines differ in the last bits of a float, not
/// in the third digit.
const SAME: u32 = 999_000;

/// A passage of a text, with its canonical embedding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Index in [`Dataset::files`].
    pub file: usize,
    /// Place within the file.
    pub number: usize,
    /// How the passage reads.
    pub text: String,
    /// Its canonical embedding.
    pub embedding: Embedding,
}

/// A dataset version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Where it is.
    pub folder: PathBuf,
    /// SHA-256 of the manifest.
    pub manifest_hash: [u8; 32],
    /// SHA-256 of the licence's terms.
    pub licence_hash: [u8; 32],
    /// The slug.
    pub dataset: String,
    /// The creator's name.
    pub creator: String,
    /// Who is paid.
    pub account: [u8; 20],
    /// Who registered it: mostly the same account.
    pub registrant: [u8; 20],
    /// The licence's terms.
    pub terms: LicenceFile,
    /// The texts' paths, sorted.
    pub files: Vec<String>,
    /// All passages, in order.
    pub chunks: Vec<Chunk>,
    /// Fingerprints of each text, in the order of `files`.
    pub fingerprints: Vec<Vec<u64>>,
}

impl Dataset {
    /// Its id on chain.
    pub fn dataset_id(&self) -> [u8; 32] {
        dataset_id(&self.registrant, &self.dataset)
    }

    /// Reads a version and checks the hash of every file.
    ///
    /// # Errors
    /// [`ManifestError::Invalid`], [`ManifestError::Changed`], [`ManifestError::File`].
    pub fn load(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(MANIFEST);
        let (manifest, described) = read_manifest(&path)?;
        let invalid = |reason: String| ManifestError::Invalid { path: path.clone(), reason };
        let mut contents = BTreeMap::new();
        for file in &described.files {
            contents.insert(file.path.clone(), read_checked(&folder.join(&file.path), file)?);
        }
        let mut take = |name: &str| contents.remove(name).ok_or_else(|| invalid(format!("it does not name {name}")));
        let (licence, embeddings) = (take(LICENCE)?, take(EMBEDDINGS)?);
        let terms: LicenceFile =
            serde_json::from_slice(&licence).map_err(|error| invalid(format!("{LICENCE}: {error}")))?;
        if described.licence != terms.licence {
            return Err(invalid(format!("its licence is {}, the terms are of {}", described.licence, terms.licence)));
        }
        let (mut files, mut passages, mut fingerprints) = (Vec::new(), Vec::new(), Vec::new());
        for (name, bytes) in contents {
            let content = String::from_utf8(bytes).map_err(|error| invalid(format!("{name}: {error}")))?;
            passages.extend(
                text::chunks(&content).into_iter().enumerate().map(|(number, text)| (files.len(), number, text)),
            );
            fingerprints.push(fingerprint::fingerprints(&content));
            files.push(name);
        }
        let chunks = join(passages, &embeddings).map_err(|reason| invalid(format!("{EMBEDDINGS}: {reason}")))?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest_hash: sha256(&manifest),
            licence_hash: sha256(&licence),
            dataset: described.dataset,
            creator: described.creator,
            account: described.account,
            registrant: described.registrant,
            terms,
            files,
            chunks,
            fingerprints,
        })
    }

    /// Whether the folder holds the version and nothing else: the export is what the manifest makes it, and there is no
    /// file beside those that are named. No score depends on either; a reader of the folder might.
    ///
    /// # Errors
    /// [`ManifestError::OtherExport`], [`ManifestError::Unnamed`], [`ManifestError::File`].
    pub fn check_package(&self) -> Result<(), ManifestError> {
        let (manifest, described) = read_manifest(&self.folder.join(MANIFEST))?;
        let export = self.folder.join(CROISSANT);
        let expected = croissant::export(&described, &sha256(&manifest)).ok();
        let found = files::read_at_most(&export, MAX_MANIFEST_BYTES).ok();
        if found.is_none() || found != expected {
            return Err(ManifestError::OtherExport { path: export });
        }
        let own = [MANIFEST, CROISSANT].map(PathBuf::from);
        let named = described.files.iter().map(|file| PathBuf::from(&file.path)).chain(own);
        check_named(&self.folder, Path::new(""), &named.collect())
    }

    /// Embeds every passage again and compares.
    ///
    /// # Errors
    /// [`ManifestError::ForeignEmbedding`]: someone else's embeddings would earn someone else's money.
    pub fn check_embeddings(&self, embedder: &Embedder) -> Result<(), ManifestError> {
        let texts: Vec<String> = self.chunks.iter().map(|chunk| chunk.text.clone()).collect();
        let again = embed::embed_all(&texts, embedder)?;
        for (number, (chunk, again)) in self.chunks.iter().zip(&again).enumerate() {
            let cosine = embed::cosine(&chunk.embedding, again);
            if cosine < SAME {
                let start = chunk.text.chars().take(40).collect();
                return Err(ManifestError::ForeignEmbedding {
                    path: self.folder.join(EMBEDDINGS),
                    chunk: number,
                    start,
                    cosine,
                });
            }
        }
        Ok(())
    }
}

fn read_manifest(path: &Path) -> Result<(Vec<u8>, Described), ManifestError> {
    let manifest = files::read_at_most(path, MAX_MANIFEST_BYTES)?;
    let described = crate_file::read(path, &manifest)?;
    Ok((manifest, described))
}

/// Below `folder`, at `at` in the version, there are no files but these.
fn check_named(folder: &Path, at: &Path, named: &BTreeSet<PathBuf>) -> Result<(), ManifestError> {
    let io = |source| ManifestError::File(FileError::Io { path: folder.to_owned(), source });
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let (path, name) = (entry.path(), at.join(entry.file_name()));
        match entry.file_type().map_err(io)?.is_dir() && !named.contains(&name) {
            true => check_named(&path, &name, named)?,
            false if named.contains(&name) => {}
            false => return Err(ManifestError::Unnamed { path }),
        }
    }
    Ok(())
}

/// What is longer than its manifest says is not read to its end, which a device does not have.
fn read_checked(path: &Path, expected: &File) -> Result<Vec<u8>, ManifestError> {
    let changed = |got: String| {
        let expected = hex0x(&expected.sha256);
        ManifestError::Changed { path: path.to_owned(), got, expected }
    };
    let length = fs::metadata(path).map_err(FileError::io(path))?.len();
    if length != expected.size {
        return Err(changed(format!("another one, of {length} bytes instead of {}", expected.size)));
    }
    let bytes = files::read_at_most(path, expected.size)?;
    let got = sha256(&bytes);
    match got == expected.sha256 {
        true => Ok(bytes),
        false => Err(changed(hex0x(&got))),
    }
}

fn join(passages: Vec<(usize, usize, String)>, embeddings: &[u8]) -> Result<Vec<Chunk>, String> {
    let row = 2 * EMBEDDING_DIMENSIONS;
    if embeddings.len() != passages.len() * row {
        return Err(format!("{} bytes for {} passages of {row} bytes", embeddings.len(), passages.len()));
    }
    let mut chunks = Vec::with_capacity(passages.len());
    for ((file, number, text), bytes) in passages.into_iter().zip(embeddings.chunks_exact(row)) {
        let embedding: Embedding = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        if !is_unit(&embedding) {
            return Err(format!("passage {number} of text {file} is not a unit vector"));
        }
        chunks.push(Chunk { file, number, text, embedding });
    }
    Ok(chunks)
}

/// A version that cannot be read: its files are not what its manifest says.
#[derive(Debug)]
pub struct Damaged {
    /// SHA-256 of its manifest; zero where not even that can be read.
    pub manifest_hash: [u8; 32],
    /// What is wrong.
    pub error: ManifestError,
}

/// The versions of a folder.
#[derive(Debug)]
pub struct Loaded {
    /// Those that are whole, sorted by slug, then hash.
    pub datasets: Vec<Dataset>,
    /// The others, sorted by hash.
    pub damaged: Vec<Damaged>,
}

/// Every dataset version below `folder`: it is one itself, or its subfolders are. One that is damaged does not stop the
/// others; nor do versions of one dataset that name different accounts, since a dataset can change hands. Copies count
/// once.
///
/// # Errors
/// [`ManifestError::File`] of the folder; [`ManifestError::Invalid`] where there is no version at all.
pub fn load_all(folder: &Path) -> Result<Loaded, ManifestError> {
    let io = |source| ManifestError::File(FileError::Io { path: folder.to_owned(), source });
    let mut folders = Vec::new();
    if folder.join(MANIFEST).is_file() {
        folders.push(folder.to_owned());
    } else {
        for entry in fs::read_dir(folder).map_err(io)? {
            folders.push(entry.map_err(io)?.path());
        }
        folders.retain(|path| path.join(MANIFEST).is_file());
    }
    if folders.is_empty() {
        let reason = format!("there is no dataset with a {MANIFEST} here");
        return Err(ManifestError::Invalid { path: folder.to_owned(), reason });
    }
    let mut loaded = Loaded { datasets: Vec::new(), damaged: Vec::new() };
    for path in folders {
        match Dataset::load(&path) {
            Ok(dataset) => loaded.datasets.push(dataset),
            Err(error) => {
                let manifest = files::read_at_most(&path.join(MANIFEST), MAX_MANIFEST_BYTES);
                let manifest_hash = manifest.map(|bytes| sha256(&bytes)).unwrap_or_default();
                loaded.damaged.push(Damaged { manifest_hash, error });
            }
        }
    }
    loaded.datasets.sort_by_cached_key(|one| (one.dataset.clone(), one.dataset_id(), one.manifest_hash));
    // A copy of a version is the same version, and a damaged copy of a whole one is no loss.
    loaded.datasets.dedup_by_key(|one| (one.dataset_id(), one.manifest_hash));
    loaded.damaged.retain(|one| loaded.datasets.iter().all(|whole| whole.manifest_hash != one.manifest_hash));
    loaded.damaged.sort_by_key(|one| one.manifest_hash);
    loaded.damaged.dedup_by_key(|one| one.manifest_hash);
    Ok(loaded)
}
