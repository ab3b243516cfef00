//! A package, read: every file compared with its index, and put where its path says.

use std::{fs, path::Path};

use super::{Index, PACKAGES, PublishError, Shelf, damaged, index};
use crate::{files::FileError, hex0x, sha256};

/// The reports whose packages are there.
///
/// # Errors
/// [`PublishError::Shelf`].
pub async fn names(shelf: &Shelf) -> Result<Vec<[u8; 32]>, PublishError> {
    Ok(shelf.names(PACKAGES).await?.iter().filter_map(|name| index::file_of(name)).collect())
}

/// Puts the files of a report's package, or of the only one that is there, into a folder; the index, and its SHA-256.
///
/// # Errors
/// [`PublishError::Missing`], [`PublishError::Several`], and [`PublishError::Damaged`] with the file that is not as the
/// index has it.
pub async fn unpack(
    shelf: &Shelf,
    report_hash: Option<[u8; 32]>,
    into: &Path,
) -> Result<(Index, [u8; 32]), PublishError> {
    let hash = match report_hash {
        Some(hash) => hash,
        None => match names(shelf).await?.as_slice() {
            [only] => *only,
            [] => return Err(PublishError::Missing("any report".into())),
            several => return Err(PublishError::Several(several.len())),
        },
    };
    let path = index::path(&hash);
    let bytes = shelf.get(&path, index::MAX_BYTES).await?;
    let bytes = bytes.ok_or_else(|| PublishError::Missing(hex0x(&hash)))?;
    let index = Index::from_bytes(&path, &bytes)?;
    if index.report_hash != hash {
        return Err(damaged(&path, format!("it is of report {}", hex0x(&index.report_hash))));
    }
    for entry in &index.files {
        let found = shelf.get(&entry.object(), entry.bytes).await?;
        let content = found.ok_or_else(|| damaged(&entry.path, "it is missing"))?;
        if content.len() as u64 != entry.bytes || sha256(&content) != entry.sha256 {
            return Err(damaged(&entry.path, "it is not what the index says"));
        }
        // Its path was checked with the index: it leads nowhere else.
        let file = into.join(&entry.path);
        let made = fs::create_dir_all(file.parent().unwrap_or(into)).and_then(|()| fs::write(&file, &content));
        made.map_err(FileError::io(&file))?;
    }
    Ok((index, sha256(&bytes)))
}
