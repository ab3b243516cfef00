//! What of a dataset version is everybody's: manifest, export and terms. Its texts are its creator's, and tables and
//! embeddings can give them away.

use std::path::Path;

use super::{CROISSANT, LICENCE, MANIFEST, ManifestError, crate_file, croissant};
use crate::{
    files::{self, FileError},
    hex0x, sha256,
};

/// Largest of the three files, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The three files' bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicPart {
    /// `ro-crate-metadata.json`.
    pub manifest: Vec<u8>,
    /// `croissant.json`, the dataset's card for programs.
    pub croissant: Vec<u8>,
    /// `licence.json`.
    pub licence: Vec<u8>,
}

impl PublicPart {
    /// Reads them from a version's folder, and checks that they are the version's of this hash.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn load(folder: &Path, hash: &[u8; 32]) -> Result<Self, ManifestError> {
        let read = |name: &str| files::read_at_most(&folder.join(name), MAX_BYTES);
        let part = Self { manifest: read(MANIFEST)?, croissant: read(CROISSANT)?, licence: read(LICENCE)? };
        part.check(folder, hash)?;
        Ok(part)
    }

    /// The files with their names.
    pub fn files(self) -> [(&'static str, Vec<u8>); 3] {
        [(CROISSANT, self.croissant), (LICENCE, self.licence), (MANIFEST, self.manifest)]
    }

    fn check(&self, folder: &Path, hash: &[u8; 32]) -> Result<(), ManifestError> {
        let changed = |name: &str, got: &[u8], expected: &[u8; 32]| {
            Err(ManifestError::Changed { path: folder.join(name), got: hex0x(&sha256(got)), expected: hex0x(expected) })
        };
        if sha256(&self.manifest) != *hash {
            return changed(MANIFEST, &self.manifest, hash);
        }
        let described = crate_file::read(&folder.join(MANIFEST), &self.manifest)?;
        let Some(licence) = described.files.iter().find(|file| file.path == LICENCE) else {
            let error = FileError::content(&folder.join(MANIFEST), format!("it does not name {LICENCE}"));
            return Err(error.into());
        };
        if sha256(&self.licence) != licence.sha256 {
            return changed(LICENCE, &self.licence, &licence.sha256);
        }
        match croissant::export(&described, hash).ok().is_some_and(|export| export == self.croissant) {
            true => Ok(()),
            false => Err(ManifestError::OtherExport { path: folder.join(CROISSANT) }),
        }
    }
}
