//! A package's index.

use serde::{Deserialize, Serialize};

use super::{AUDIT, MAX_FILE_BYTES, OBJECTS, PACKAGES, PROOF, PublishError, Published, REPORT, SETTLEMENT, damaged};
use crate::{
    files::{self, hex_bytes},
    manifest::{CROISSANT, LICENCE, MANIFEST},
    parse_hex, sha256,
    usage_log::layout,
};

/// Largest index, in bytes: about a million files.
pub(super) const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Most bytes of all files of a package.
const MAX_PACKAGE_BYTES: u64 = 4 * MAX_FILE_BYTES;
/// Largest list of platforms, proof, manifest or export, in bytes.
const MAX_LIST_BYTES: u64 = 64 * 1024 * 1024;
/// Largest card, in bytes.
const MAX_CARD_BYTES: u64 = 16 * 1024 * 1024;
/// Largest checkpoint, or description of a log, in bytes: some lines, and one for each witness.
const MAX_NOTE_BYTES: u64 = 256 * 1024;
/// Bytes of a full hash tile.
const TILE_BYTES: u64 = 32 * layout::WIDTH;
/// How indexes are written.
const VERSION: u32 = 1;

/// `packages/<report hash>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// 1.
    pub version: u32,
    /// keccak-256 of the report's bytes.
    #[serde(with = "hex_bytes")]
    pub report_hash: [u8; 32],
    /// The pool.
    #[serde(with = "hex_bytes")]
    pub pool: [u8; 20],
    /// The stream: a model's, or a licence's id.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// The period, such as `2026Q4`.
    pub period: String,
    /// The report's revision.
    pub revision: u32,
    /// The files, sorted by path.
    pub files: Vec<Entry>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it is in the package.
    pub path: String,
    /// Its content.
    #[serde(with = "hex_bytes")]
    pub sha256: [u8; 32],
    /// Its length.
    pub bytes: u64,
}

impl Entry {
    /// Where its bytes are.
    pub fn object(&self) -> String {
        let digest = hex::encode(self.sha256);
        format!("{OBJECTS}/{}/{digest}", &digest[..2])
    }
}

/// Where a report's index is.
pub(super) fn path(report_hash: &[u8; 32]) -> String {
    format!("{PACKAGES}/{}.json", hex::encode(report_hash))
}

/// The report whose index has this file name.
pub fn file_of(name: &str) -> Option<[u8; 32]> {
    parse_hex(name.strip_suffix(".json")?).filter(|hash| path(hash).ends_with(name))
}

impl Index {
    /// Canonical JSON.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, PublishError> {
        self.check("the index")?;
        files::canonical_json(self).map_err(|error| damaged("the index", error.to_string()))
    }

    /// Reads an index that is written in the one way there is.
    pub(super) fn from_bytes(path: &str, bytes: &[u8]) -> Result<Self, PublishError> {
        let index: Self = serde_json::from_slice(bytes).map_err(|error| damaged(path, error.to_string()))?;
        index.check(path)?;
        match index.to_bytes()? == bytes {
            true => Ok(index),
            false => Err(damaged(path, "it is not written as canonical JSON")),
        }
    }

    fn check(&self, path: &str) -> Result<(), PublishError> {
        if self.version != VERSION {
            return Err(damaged(path, format!("it is of version {}, known is {VERSION}", self.version)));
        }
        if !self.files.windows(2).all(|pair| pair[0].path < pair[1].path) {
            return Err(damaged(path, "its files are not sorted by path, each once"));
        }
        for entry in &self.files {
            check_path(&entry.path)?;
            let most = most_bytes(&entry.path);
            if entry.bytes > most {
                let reason = format!("it has {} bytes, at most {most} are in such a file", entry.bytes);
                return Err(damaged(&entry.path, reason));
            }
        }
        // One object may be the content of many files: what a reader unpacks is not bounded by what a host has.
        match self.bytes() > MAX_PACKAGE_BYTES {
            true => Err(damaged(path, format!("its files have more than {MAX_PACKAGE_BYTES} bytes together"))),
            false => Ok(()),
        }
    }

    fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, entry| sum.saturating_add(entry.bytes))
    }

    pub(super) fn told(&self, bytes: &[u8], already: bool) -> Published {
        Published {
            index: path(&self.report_hash),
            digest: sha256(bytes),
            files: self.files.len(),
            bytes: self.bytes(),
            already,
        }
    }
}

/// How large a package's file of this path may be, in bytes.
fn most_bytes(path: &str) -> u64 {
    match path.split_once('/') {
        None if path == PROOF => MAX_LIST_BYTES,
        None => MAX_FILE_BYTES,
        Some(("log", "log.json" | "checkpoint")) => MAX_NOTE_BYTES,
        Some(("log", name)) if name.starts_with("tile/") => TILE_BYTES,
        Some(("cards", _)) => MAX_CARD_BYTES,
        Some(_) => MAX_LIST_BYTES,
    }
}

/// Whether a package may have a file of this path: what is not everybody's has none here.
pub(super) fn check_path(path: &str) -> Result<(), PublishError> {
    let foreign = |reason| Err(PublishError::Foreign { path: path.to_owned(), reason });
    if [REPORT, SETTLEMENT, PROOF, AUDIT].contains(&path) {
        return Ok(());
    }
    let (folder, rest) = path.split_once('/').unwrap_or_default();
    match folder {
        "log" if ["log.json", "platforms.json", "checkpoint"].contains(&rest) => Ok(()),
        "log" => {
            let tile = rest.strip_prefix("tile/").filter(|tile| !tile.starts_with("entries/"));
            match tile.and_then(layout::parse_tile_path).is_some_and(|tile| layout::tile_path(&tile) == rest) {
                true => Ok(()),
                false => {
                    foreign("of the log a package has name, keys, checkpoint and hash tiles; records are restricted")
                }
            }
        }
        "manifests" => {
            let (hash, name) = rest.split_once('/').unwrap_or_default();
            let known = parse_hex::<32>(hash).is_some_and(|parsed| hex::encode(parsed) == hash);
            match known && [CROISSANT, LICENCE, MANIFEST].contains(&name) {
                true => Ok(()),
                false => {
                    foreign("of a version a package has manifest, export and terms; texts and tables are its creator's")
                }
            }
        }
        "cards" => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            match !rest.is_empty() && rest.len() <= 100 && !rest.starts_with('.') && rest.chars().all(plain) {
                true => Ok(()),
                false => foreign("a card's name has letters, digits, dots, dashes and underscores"),
            }
        }
        _ => foreign("no package has such a file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves ATT-13: records, texts, tables and whatever else is not everybody's have no place in a package.
    #[test]
    fn what_is_not_everybodys_has_no_place() {
        let hash = "07".repeat(32);
        for good in [
            "report.json",
            "settlement.json",
            "report.proof.json",
            "audit.json",
            "log/checkpoint",
            "log/tile/0/x001/234",
            "log/tile/1/000.p/7",
            "cards/lumen-1.json",
        ] {
            check_path(good).expect(good);
        }
        check_path(&format!("manifests/{hash}/croissant.json")).expect("an export");
        for name in ["texts/a.txt", "tables.bin", "embeddings.bin", "../croissant.json", ""] {
            check_path(&format!("manifests/{hash}/{name}")).expect_err(name);
        }
        for wrong in [
            "",
            "x",
            "/etc/passwd",
            "../report.json",
            "log/tile/entries/000",
            "log/tile/entries/000.p/4",
            "log/batch/000",
            "log/journal/0",
            "log/readings",
            "log/tile/0/0",
            "log/tile/0/../../log.json",
            "manifests/07/croissant.json",
            "cards/.hidden",
            "cards/a/b",
            "attribution.json",
            "Report.json",
        ] {
            check_path(wrong).expect_err(wrong);
        }
    }

    /// Bad input: however many files name one object, and however long they say that it is, a reader unpacks no more
    /// than a package has.
    #[test]
    fn an_index_takes_no_more_than_a_package_has() {
        let of = |entries: Vec<(String, u64)>| {
            let files = entries.into_iter().map(|(path, bytes)| Entry { path, sha256: [1; 32], bytes }).collect();
            let (report_hash, pool, stream) = ([1; 32], [2; 20], [3; 32]);
            let period = "2026Q4".into();
            Index { version: 1, report_hash, pool, stream, period, revision: 0, files }.check("the index")
        };
        let cards = |count: u64| (0..count).map(|n| (format!("cards/{n:05}"), MAX_CARD_BYTES)).collect::<Vec<_>>();
        of(cards(1_024)).expect("all that a package has");
        of(cards(1_025)).expect_err("more together");
        for (path, most) in [
            ("report.json", MAX_FILE_BYTES),
            ("report.proof.json", MAX_LIST_BYTES),
            ("log/checkpoint", MAX_NOTE_BYTES),
            ("log/platforms.json", MAX_LIST_BYTES),
            ("log/tile/0/000", TILE_BYTES),
            ("cards/a", MAX_CARD_BYTES),
        ] {
            of(vec![(path.into(), most)]).expect(path);
            of(vec![(path.into(), most + 1)]).expect_err(path);
        }
    }
}
