//! Where the records lie: a letter, then what the record is about.

use yieldset_rules::provenance::{Account, Dataset, Entry, Hash, Ingested, LicenceState, MAX_ENTRIES, Run, Version};
use yieldset_shell::host;

/// Entries in one slot: 11 of 36 bytes are 396 of the 416 that a value may have.
pub const CHUNK: usize = 11;
const CHUNKS: usize = MAX_ENTRIES.div_ceil(CHUNK);
const CHUNK_LEN: usize = CHUNK * Entry::LEN;

/// A letter and the parts of a key, one after the other.
fn key<const N: usize>(letter: u8, parts: &[&[u8]]) -> [u8; N] {
    let mut key = [0; N];
    key[0] = letter;
    let mut at = 1;
    for part in parts {
        key[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    key
}

fn dataset_key(dataset: &Hash) -> [u8; 33] {
    key(b'd', &[dataset])
}

/// A dataset, all zeros where it is unknown.
pub fn dataset(id: &Hash) -> Dataset {
    host::read(&dataset_key(id)).map_or_else(Dataset::default, |record| Dataset::from_bytes(&record))
}

/// Stores a dataset.
pub fn put_dataset(id: &Hash, dataset: &Dataset) {
    host::write(&dataset_key(id), &dataset.to_bytes());
}

fn version_key(dataset: &Hash, version: u32) -> [u8; 37] {
    key(b'v', &[dataset, &version.to_be_bytes()])
}

/// A version, all zeros where it is unknown.
pub fn version(dataset: &Hash, version: u32) -> Version {
    host::read(&version_key(dataset, version)).map_or_else(Version::default, |record| Version::from_bytes(&record))
}

/// Stores a version.
pub fn put_version(dataset: &Hash, number: u32, version: &Version) {
    host::write(&version_key(dataset, number), &version.to_bytes());
}

fn manifest_key(dataset: &Hash, manifest: &Hash) -> [u8; 65] {
    key(b'm', &[dataset, manifest])
}

fn first_key(manifest: &Hash) -> [u8; 33] {
    key(b'f', &[manifest])
}

/// The dataset's version that has a manifest.
pub fn manifest(dataset: &Hash, manifest: &Hash) -> Option<u32> {
    host::read(&manifest_key(dataset, manifest)).map(u32::from_le_bytes)
}

/// The first version, of whatever dataset, that had a manifest.
pub fn first(manifest: &Hash) -> Option<Entry> {
    host::read(&first_key(manifest)).map(|record| Entry::from_bytes(&record))
}

/// Stores which version of a dataset has a manifest, and whether that is the first of all.
pub fn put_manifest(manifest: &Hash, entry: &Entry) -> bool {
    host::write(&manifest_key(&entry.dataset, manifest), &entry.version.to_le_bytes());
    let new = first(manifest).is_none();
    if new {
        host::write(&first_key(manifest), &entry.to_bytes());
    }
    new
}

fn ingested_key(platform: &Account, entry: &Entry) -> [u8; 57] {
    key(b'i', &[platform, &entry.dataset, &entry.version.to_be_bytes()])
}

/// What a platform did with a version, all zeros where nothing.
pub fn ingested(platform: &Account, entry: &Entry) -> Ingested {
    host::read(&ingested_key(platform, entry)).map_or_else(Ingested::default, |record| Ingested::from_bytes(&record))
}

/// Stores what a platform did with a version.
pub fn put_ingested(platform: &Account, entry: &Entry, ingested: &Ingested) {
    host::write(&ingested_key(platform, entry), &ingested.to_bytes());
}

fn run_key(platform: &Account, run: &Hash) -> [u8; 53] {
    key(b'r', &[platform, run])
}

/// A platform's training run.
pub fn run(platform: &Account, run: &Hash) -> Option<Run> {
    host::read(&run_key(platform, run)).map(|record| Run::from_bytes(&record))
}

fn chunk_key(platform: &Account, run: &Hash, chunk: usize) -> [u8; 54] {
    key(b'e', &[platform, run, &[chunk as u8]])
}

/// Stores a run and what it read, at most [`MAX_ENTRIES`].
pub fn put_run(platform: &Account, id: &Hash, run: &Run, entries: &[Entry]) {
    host::write(&run_key(platform, id), &run.to_bytes());
    for (number, chunk) in entries.chunks(CHUNK).enumerate() {
        let mut packed = [0; CHUNK_LEN];
        for (place, entry) in packed.chunks_exact_mut(Entry::LEN).zip(chunk) {
            place.copy_from_slice(&entry.to_bytes());
        }
        host::write(&chunk_key(platform, id, number), &packed[..chunk.len() * Entry::LEN]);
    }
}

/// Hands over what a run read, entry by entry.
pub fn each_entry(platform: &Account, id: &Hash, mut with: impl FnMut(Entry)) {
    for number in 0..CHUNKS {
        let mut packed = [0; CHUNK_LEN];
        let length = host::read_into(&chunk_key(platform, id, number), &mut packed).unwrap_or(0);
        for record in packed[..length].as_chunks::<{ Entry::LEN }>().0 {
            with(Entry::from_bytes(record));
        }
    }
}

fn licence_key(dataset: &Hash, licence: &Hash) -> [u8; 65] {
    key(b'l', &[dataset, licence])
}

/// Whether a licence is open on a dataset.
pub fn licence(dataset: &Hash, licence: &Hash) -> LicenceState {
    host::read(&licence_key(dataset, licence)).map_or(LicenceState::Unknown, |[byte]| LicenceState::from_byte(byte))
}

/// Stores whether a licence is open on a dataset.
pub fn put_licence(dataset: &Hash, licence: &Hash, state: LicenceState) {
    host::write(&licence_key(dataset, licence), &[state as u8]);
}

fn card_key(platform: &Account, model: &Hash) -> [u8; 53] {
    key(b'c', &[platform, model])
}

/// A model version's card as its platform published it, zero where none.
pub fn model_card(platform: &Account, model: &Hash) -> Hash {
    host::read(&card_key(platform, model)).unwrap_or_default()
}

/// Stores a model version's card.
pub fn put_model_card(platform: &Account, model: &Hash, card: &Hash) {
    host::write(&card_key(platform, model), card);
}
