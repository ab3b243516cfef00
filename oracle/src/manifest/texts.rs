//! A creator's folder, read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Creator, MAX_TEXT_BYTES, MAX_TEXTS, ManifestError, Part, Request, TEXTS, described::usable_name};
use crate::{
    files::{self, FileError},
    words,
};

/// What a description of a dataset is called.
const CREATOR: &str = "creator.json";

/// The texts of a folder, sorted, and what of it is no text and was skipped.
///
/// # Errors
/// [`ManifestError`]: what is no text, and cannot be one, is refused by name.
pub(super) fn read(request: &Request<'_>) -> Result<(Vec<Part>, Vec<PathBuf>), ManifestError> {
    let canonical = |path: &Path| fs::canonicalize(path).map_err(FileError::io(path)).map_err(ManifestError::File);
    let folder = canonical(request.folder)?;
    // The folder need not be there yet; its nearest ancestor is.
    let out = std::path::absolute(request.out).unwrap_or_else(|_| request.out.to_owned());
    let existing = out.ancestors().find(|ancestor| ancestor.exists()).map_or_else(|| Ok(out.clone()), canonical)?;
    if existing.starts_with(&folder) {
        return Err(ManifestError::OutInside { out });
    }
    let described = canonical(request.creator)?;
    let mut walk = Walk { described: &described, root: &folder, texts: Vec::new(), hidden: Vec::new() };
    walk.folder(&folder, TEXTS)?;
    let Walk { mut texts, hidden: mut skipped, .. } = walk;
    texts.sort();
    if let Some(pair) = texts.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let (path, reason) = (pair[1].1.clone(), "another file here has the same name in the dataset");
        return Err(ManifestError::BadName { path, reason });
    }
    for path in &skipped {
        tracing::warn!(path = %path.display(), "hidden, so no text of the dataset");
    }
    let mut parts = Vec::new();
    for (name, path) in texts {
        let bytes = text(path.clone())?;
        // They are UTF-8: others were refused.
        let content = String::from_utf8_lossy(&bytes);
        let why = match (words::runs(&content).0, is_description(&path, &content)) {
            (0, _) => "without a word, so no text of the dataset",
            (_, true) => "the description of a dataset, so no text of this one",
            (_, false) => {
                parts.push(Part { path: name, bytes });
                continue;
            }
        };
        tracing::warn!(path = %path.display(), "{why}");
        skipped.push(path);
    }
    if parts.is_empty() {
        return Err(ManifestError::Empty { folder });
    }
    skipped.sort();
    Ok((parts, skipped))
}

/// Whether a file describes a dataset, as creator.json does, and so was put among the texts by mistake.
fn is_description(path: &Path, content: &str) -> bool {
    path.file_name().is_some_and(|name| name == CREATOR) && serde_json::from_str::<Creator>(content).is_ok()
}

/// A text's bytes.
fn text(path: PathBuf) -> Result<Vec<u8>, ManifestError> {
    let bytes = fs::metadata(&path).map_err(FileError::io(&path))?.len();
    if bytes > MAX_TEXT_BYTES {
        return Err(ManifestError::TooLarge { path, bytes });
    }
    let bytes = files::read_at_most(&path, MAX_TEXT_BYTES)?;
    if bytes.starts_with(b"%PDF") {
        return Err(ManifestError::Pdf { path });
    }
    let valid_up_to = match std::str::from_utf8(&bytes) {
        Err(error) => Some(error.valid_up_to()),
        Ok(text) => text.find('\0'),
    };
    match valid_up_to {
        Some(valid_up_to) => Err(ManifestError::NotText { path, valid_up_to }),
        None => Ok(bytes),
    }
}

/// A walk through a folder.
struct Walk<'a> {
    /// creator.json, which is no text.
    described: &'a Path,
    root: &'a Path,
    /// The names that they have in the version, and where they are.
    texts: Vec<(String, PathBuf)>,
    hidden: Vec<PathBuf>,
}

impl Walk<'_> {
    /// Regular files below `folder`, which is `name` in the version. Nothing is skipped unsaid; a link is an error.
    fn folder(&mut self, folder: &Path, name: &str) -> Result<(), ManifestError> {
        let io = |source| ManifestError::File(FileError::Io { path: folder.to_owned(), source });
        for entry in fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path == self.described {
                continue;
            }
            let bad = |reason| ManifestError::BadName { path: path.clone(), reason };
            let own = path.file_name().and_then(|name| name.to_str());
            let own = own.ok_or_else(|| bad("its name is not UTF-8"))?;
            if own.starts_with('.') {
                self.hidden.push(path);
                continue;
            }
            let own = usable_name(own).ok_or_else(|| bad("its name is longer than 200 bytes"))?;
            let name = format!("{name}/{own}");
            let kind = fs::symlink_metadata(&path).map_err(io)?.file_type();
            match (kind.is_dir(), kind.is_file()) {
                (true, _) => self.folder(&path, &name)?,
                (_, true) => self.texts.push((name, path)),
                _ => return Err(ManifestError::NotAFile { path }),
            }
            if self.texts.len() > MAX_TEXTS {
                return Err(ManifestError::TooMany { folder: self.root.to_owned() });
            }
        }
        Ok(())
    }
}
