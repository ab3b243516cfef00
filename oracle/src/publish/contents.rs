//! What goes into a package, read a file at a time.

use std::{fs, path::PathBuf, sync::Arc};

use tlog_tiles::Tile;

use super::{
    Entry, Index, MAX_FILE_BYTES, PROOF, PublishError, REPORT, Request, SETTLEMENT, damaged, index::check_path,
};
use crate::{
    documents,
    files::{self, FileError},
    hex0x,
    manifest::{Loaded, PublicPart, load_all},
    proven::SavedProof,
    recomputed,
    report::{Fields, SignedReport},
    settlement::Settlement,
    sha256,
    usage_log::{VerifiedLog, layout},
};

/// A file of a package, before it is published.
#[derive(Debug)]
pub struct Piece {
    /// Where it is in the package.
    pub path: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
    Tile(Arc<VerifiedLog>, Tile),
}

impl Piece {
    /// With these bytes.
    pub fn bytes(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), content: Content::Bytes(bytes) }
    }

    /// Its bytes.
    pub(super) fn read(&self) -> Result<Vec<u8>, PublishError> {
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::File(path) => Ok(files::read_at_most(path, MAX_FILE_BYTES)?),
            Content::Tile(log, tile) => Ok(log.tree().hashes_of(tile)?),
        }
    }
}

/// All that goes into a package.
#[derive(Debug)]
pub struct Contents {
    pub(super) report_hash: [u8; 32],
    fields: Fields,
    /// Sorted by path.
    pub(super) pieces: Vec<Piece>,
    /// The settlement.
    pub settlement: Settlement,
    /// The log.
    pub log: Arc<VerifiedLog>,
}

impl Contents {
    /// Reads and checks all of it: what does not belong together is not published.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn of(request: &Request<'_>) -> Result<Self, PublishError> {
        let signed: SignedReport = documents::read(request.report)?;
        let report = signed.check()?;
        let settlement = signed.settlement.clone();
        let json = |path: &str, value: Result<Vec<u8>, serde_json::Error>| {
            value.map_err(|error| damaged(path, error.to_string()))
        };
        let settled = json(SETTLEMENT, files::canonical_json(&settlement))?;
        if report.package != Some(sha256(&settled)) {
            return Err(damaged(SETTLEMENT, "the report signs another settlement, or none"));
        }
        let log = Arc::new(VerifiedLog::read(request.log_dir, request.pins).await?);
        recomputed::check_log(&settlement, &log)?;
        let mut pieces = vec![
            Piece::bytes(REPORT, json(REPORT, files::canonical_json(&signed))?),
            Piece::bytes(SETTLEMENT, settled),
            Piece::bytes("log/log.json", json("log/log.json", files::canonical_json(log.info()))?),
            Piece::bytes(
                "log/platforms.json",
                json("log/platforms.json", files::canonical_json(&log.platforms().lines()))?,
            ),
            Piece::bytes("log/checkpoint", log.checkpoint_note().as_bytes().to_vec()),
        ];
        let tile = |tile: Tile| Piece {
            path: format!("log/{}", layout::tile_path(&tile)),
            content: Content::Tile(Arc::clone(&log), tile),
        };
        pieces.extend(log.tree().hash_tiles().map(tile));
        pieces.extend(manifests(&settlement, load_all(request.manifests)?)?);
        if let Some(proof) = request.proof {
            // Of this report, or it would not be read.
            let saved: SavedProof = documents::read(proof)?;
            saved.check(&saved.block_hash.0, &report).map_err(|error| damaged(PROOF, error.to_string()))?;
            pieces.push(Piece::bytes(PROOF, json(PROOF, files::canonical_json(&saved))?));
        }
        if let Some(folder) = request.cards {
            for entry in fs::read_dir(folder).map_err(FileError::io(folder))? {
                let file = entry.map_err(FileError::io(folder))?;
                let path = format!("cards/{}", file.file_name().to_string_lossy());
                pieces.push(Piece { path, content: Content::File(file.path()) });
            }
        }
        let mut contents = Self { report_hash: signed.report_hash, fields: signed.fields, pieces, settlement, log };
        contents.sort()?;
        Ok(contents)
    }

    /// The same with another file.
    ///
    /// # Errors
    /// [`PublishError::Foreign`].
    pub fn with(mut self, piece: Piece) -> Result<Self, PublishError> {
        self.pieces.push(piece);
        self.sort()?;
        Ok(self)
    }

    /// How many files it has.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    fn sort(&mut self) -> Result<(), PublishError> {
        self.pieces.sort_by(|one, other| one.path.cmp(&other.path));
        self.pieces.iter().try_for_each(|piece| check_path(&piece.path))
    }

    pub(super) fn index(&self, files: Vec<Entry>) -> Result<Index, PublishError> {
        let Fields { pool, stream, revision, period_name, .. } = &self.fields;
        Ok(Index {
            version: 1,
            report_hash: self.report_hash,
            pool: *pool,
            stream: *stream,
            period: period_name.clone(),
            revision: *revision,
            files,
        })
    }
}

/// The public part of each version that the settlement compares, and of those that it leaves out and that are here.
fn manifests(settlement: &Settlement, loaded: Loaded) -> Result<Vec<Piece>, PublishError> {
    let here = |hash: &[u8; 32]| loaded.datasets.iter().find(|dataset| dataset.manifest_hash == *hash);
    let mut pieces = Vec::new();
    let mut add = |folder: &std::path::Path, hash: &[u8; 32]| -> Result<(), PublishError> {
        for (name, bytes) in PublicPart::load(folder, hash)?.files() {
            pieces.push(Piece::bytes(format!("manifests/{}/{name}", hex::encode(hash)), bytes));
        }
        Ok(())
    };
    for version in &settlement.manifests {
        let Some(dataset) = here(&version.manifest_hash) else {
            let hash = hex0x(&version.manifest_hash);
            return Err(PublishError::NoVersion { dataset: version.dataset.clone(), hash });
        };
        add(&dataset.folder, &version.manifest_hash)?;
    }
    for left_out in &settlement.left_out {
        if let Some(dataset) = here(&left_out.manifest_hash) {
            add(&dataset.folder, &left_out.manifest_hash)?;
        }
    }
    Ok(pieces)
}
