//! A dataset version read back, every file checked against its manifest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use yieldset_metric::likeness;
use yieldset_rules::usage::{EMBEDDING_DIMENSIONS, Passage, Words, is_unit, tables_from_bytes};

use super::{
    CROISSANT, EMBEDDINGS, LICENCE, LicenceFile, MANIFEST, MAX_TEXT_BYTES, ManifestError, NOBODY, TABLES, check_size,
    crate_file, croissant,
    described::{Described, File},
};
use crate::{
    dataset_id,
    embed::{self, Embedder, Embedding},
    files::{self, FileError},
    fingerprint, hex0x,
    metric::{MetricVersion, version_of},
    sha256, text,
    usage_log::record_error,
    words,
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
    /// SHA-256 of each text, in the order of `files`.
    pub contents: Vec<[u8; 32]>,
    /// All passages, in order; of a version for version 1 of the metric.
    pub chunks: Vec<Chunk>,
    /// Fingerprints of each text, in the order of `files`; of a version for version 1 of the metric.
    pub fingerprints: Vec<Vec<u64>>,
    /// Words and passages of each text, in the order of `files`; of a version for version 2 of the metric.
    pub tables: Vec<Words>,
}

impl Dataset {
    /// Its id on chain.
    pub fn dataset_id(&self) -> [u8; 32] {
        dataset_id(&self.registrant, &self.dataset)
    }

    /// Reads a version and checks the hash of every file; none where all that the manifest names are larger than a
    /// version's files are: no file is read that is larger than it says.
    ///
    /// # Errors
    /// [`ManifestError::Invalid`], [`ManifestError::Changed`], [`ManifestError::TooLarge`],
    /// [`ManifestError::VersionTooLarge`], [`ManifestError::File`].
    pub fn load(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(MANIFEST);
        let (manifest, described) = read_manifest(&path)?;
        let invalid = |reason: String| ManifestError::Invalid { path: path.clone(), reason };
        check_size(folder, described.files.iter().map(|file| file.size))?;
        let tabled = described.files.iter().any(|file| file.path == TABLES);
        let mut contents = BTreeMap::new();
        for file in &described.files {
            let content = match read_checked(&folder.join(&file.path), file) {
                // A text that had to go leaves its table behind.
                Err(ManifestError::File(error)) if file.is_text() && tabled && is_missing(&error) => None,
                content => Some(content?),
            };
            contents.insert(file.path.clone(), content);
        }
        let mut take = |name: &str| {
            let content = contents.remove(name).flatten();
            content.ok_or_else(|| invalid(format!("it does not name {name}")))
        };
        let licence = take(LICENCE)?;
        let terms: LicenceFile =
            serde_json::from_slice(&licence).map_err(|error| invalid(format!("{LICENCE}: {error}")))?;
        if described.licence != terms.licence {
            return Err(invalid(format!("its licence is {}, the terms are of {}", described.licence, terms.licence)));
        }
        let LicenceFile { metric, metric_version, .. } = &terms;
        let Some(version) = version_of(metric, *metric_version) else {
            return Err(invalid(format!(
                "its licence has the metric {metric} version {metric_version}, which is unknown"
            )));
        };
        let compared = take(if version == MetricVersion::First { EMBEDDINGS } else { TABLES })?;
        if let Some(other) = described.files.iter().find(|file| !file.is_text() && contents.contains_key(&file.path)) {
            return Err(invalid(format!(
                "it names {}, which metric version {metric_version} has no use for",
                other.path
            )));
        }
        let Compared { files, chunks, fingerprints, tables } = match version {
            MetricVersion::First => first(contents, &compared),
            MetricVersion::Second => second(contents, &compared),
        }
        .map_err(invalid)?;
        let mut texts: Vec<&File> = described.files.iter().filter(|file| file.is_text()).collect();
        texts.sort_by(|one, other| one.path.cmp(&other.path));
        let contents = texts.into_iter().map(|file| file.sha256).collect();
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
            contents,
            chunks,
            fingerprints,
            tables,
        })
    }

    /// Whether the folder holds the version and nothing else: the export is what the manifest makes it, and there is no
    /// file beside those that are named. No score depends on either; a reader of the folder might. Texts that had to go
    /// are told by [`missing`](Self::missing).
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

    /// Whether it is nobody's: compared beside the others, so that what it is hit by is known to be false.
    pub fn is_decoy(&self) -> bool {
        self.account == NOBODY
    }

    /// The texts that had to go: their tables are here, and nobody can tell any more whether they were theirs.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(|name| !self.folder.join(name).exists())
    }

    /// Embeds every passage of the texts that are here again, and compares.
    ///
    /// # Errors
    /// [`ManifestError::ForeignEmbedding`]: someone else's embeddings would earn someone else's money.
    pub fn check_embeddings(&self, embedder: &Embedder) -> Result<(), ManifestError> {
        let texts: Vec<String> = self.chunks.iter().map(|chunk| chunk.text.clone()).collect();
        let again = embed::embed_all(&texts, embedder)?;
        for (number, (chunk, again)) in self.chunks.iter().zip(&again).enumerate() {
            let cosine = embed::cosine(&chunk.embedding, again);
            if cosine < SAME {
                return Err(self.foreign(EMBEDDINGS, number, &chunk.text, cosine));
            }
        }
        self.check_tables(embedder)
    }

    fn check_tables(&self, embedder: &Embedder) -> Result<(), ManifestError> {
        let mut here = Vec::new();
        for (name, table) in self.files.iter().zip(&self.tables) {
            match files::read_at_most(&self.folder.join(name), MAX_TEXT_BYTES) {
                Ok(bytes) => here.push((String::from_utf8_lossy(&bytes).into_owned(), table)),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let texts: Vec<&str> = here.iter().map(|(text, _)| text.as_str()).collect();
        for ((text, table), again) in here.iter().zip(words::tables(&texts, embedder)?) {
            let told = |one: &Passage| (one.start, one.words, one.keywords.clone());
            let read = |table: &Words| table.passages.iter().map(told).collect::<Vec<_>>();
            if read(table) != read(&again) {
                return Err(self.foreign(TABLES, 0, text, 0));
            }
            for (number, (said, again)) in table.passages.iter().zip(&again.passages).enumerate() {
                if !words::same(&said.embedding, &again.embedding) {
                    // Never negative, and at most one.
                    let cosine = likeness::cosine(&said.embedding, &again.embedding).clamp(0, likeness::ONE) as u32;
                    return Err(self.foreign(TABLES, number, text, cosine));
                }
            }
        }
        Ok(())
    }

    fn foreign(&self, file: &str, chunk: usize, text: &str, cosine: u32) -> ManifestError {
        let start = text.chars().take(40).collect();
        ManifestError::ForeignEmbedding { path: self.folder.join(file), chunk, start, cosine }
    }
}

/// What of a version is compared.
#[derive(Default)]
struct Compared {
    files: Vec<String>,
    chunks: Vec<Chunk>,
    fingerprints: Vec<Vec<u64>>,
    tables: Vec<Words>,
}

/// The files that are texts, by name; nothing where one had to go.
type Texts = BTreeMap<String, Option<Vec<u8>>>;

fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| format!("{name}: {error}"))
}

/// For version 1 of the metric.
fn first(texts: Texts, embeddings: &[u8]) -> Result<Compared, String> {
    let (mut compared, mut passages) = (Compared::default(), Vec::new());
    for (name, bytes) in texts {
        let content = text_of(&name, bytes.unwrap_or_default())?;
        let number = compared.files.len();
        passages.extend(text::chunks(&content).into_iter().enumerate().map(|(at, text)| (number, at, text)));
        compared.fingerprints.push(fingerprint::fingerprints(&content));
        compared.files.push(name);
    }
    compared.chunks = join(passages, embeddings).map_err(|reason| format!("{EMBEDDINGS}: {reason}"))?;
    Ok(compared)
}

/// For version 2 of the metric: the tables must be those of the texts that are here, as far as it takes no model to
/// tell.
fn second(texts: Texts, tables: &[u8]) -> Result<Compared, String> {
    let wrong = |reason: &str| Err(format!("{TABLES}: {reason}"));
    let tables = match tables_from_bytes(tables) {
        Ok(tables) => tables,
        Err(error) => return wrong(record_error(error)),
    };
    if tables.len() != texts.len() {
        return wrong(&format!("it has tables of {} texts, there are {}", tables.len(), texts.len()));
    }
    let mut compared = Compared { tables, ..Compared::default() };
    for ((name, bytes), table) in texts.into_iter().zip(&compared.tables) {
        if let Some(bytes) = bytes
            && words::runs(&text_of(&name, bytes)?) != (table.count, table.runs.clone())
        {
            return wrong(&format!("the table of {name} is of other words than the text"));
        }
        compared.files.push(name);
    }
    Ok(compared)
}

fn is_missing(error: &FileError) -> bool {
    matches!(error, FileError::Io { source, .. } if source.kind() == ErrorKind::NotFound)
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
    if expected.is_text() && expected.size > MAX_TEXT_BYTES {
        return Err(ManifestError::TooLarge { path: path.to_owned(), bytes: expected.size });
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
