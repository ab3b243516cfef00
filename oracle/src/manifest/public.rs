//! What of a dataset version is everybody's: manifest, export and terms. Its texts are its creator's, and tables and
//! embeddings can give them away.

use std::path::Path;

use super::{CROISSANT, LICENCE, LicenceFile, MANIFEST, ManifestError, crate_file, croissant};
use crate::{
    files::{self, FileError},
    hex0x, sha256,
};

/// Largest of the three files, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The three files' bytes, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicPart {
    /// `ro-crate-metadata.json`.
    pub manifest: Vec<u8>,
    /// `croissant.json`, the dataset's card for programs.
    pub croissant: Vec<u8>,
    /// `licence.json`.
    pub licence: Vec<u8>,
    /// The slug.
    pub dataset: String,
    /// Its id on chain.
    pub dataset_id: [u8; 32],
    /// Who is paid.
    pub account: [u8; 20],
    /// The licence's terms.
    pub terms: LicenceFile,
}

impl PublicPart {
    /// Reads them from a version's folder, and checks that they are the version's of this hash.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn load(folder: &Path, hash: &[u8; 32]) -> Result<Self, ManifestError> {
        let read = |name: &str| files::read_at_most(&folder.join(name), MAX_BYTES);
        let (manifest, croissant, licence) = (read(MANIFEST)?, read(CROISSANT)?, read(LICENCE)?);
        let changed = |name: &str, got: &[u8], expected: &[u8; 32]| {
            Err(ManifestError::Changed { path: folder.join(name), got: hex0x(&sha256(got)), expected: hex0x(expected) })
        };
        if sha256(&manifest) != *hash {
            return changed(MANIFEST, &manifest, hash);
        }
        let described = crate_file::read(&folder.join(MANIFEST), &manifest)?;
        let Some(named) = described.files.iter().find(|file| file.path == LICENCE) else {
            let error = FileError::content(&folder.join(MANIFEST), format!("it does not name {LICENCE}"));
            return Err(error.into());
        };
        if sha256(&licence) != named.sha256 {
            return changed(LICENCE, &licence, &named.sha256);
        }
        if croissant::export(&described, hash).ok().is_none_or(|export| export != croissant) {
            return Err(ManifestError::OtherExport { path: folder.join(CROISSANT) });
        }
        let terms = serde_json::from_slice(&licence)
            .map_err(|error| FileError::content(&folder.join(LICENCE), error.to_string()))?;
        let (dataset_id, account) = (described.dataset_id(), described.account);
        Ok(Self { manifest, croissant, licence, dataset: described.dataset, dataset_id, account, terms })
    }

    /// The files with their names.
    pub fn files(self) -> [(&'static str, Vec<u8>); 3] {
        [(CROISSANT, self.croissant), (LICENCE, self.licence), (MANIFEST, self.manifest)]
    }
}
