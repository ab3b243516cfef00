//! Files that are there whole or not at all.

use std::{
    env,
    ffi::OsString,
    fs, io,
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

/// A file that cannot be read, written or understood.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("{path}: {source}; check that it exists and that you may use it", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not what was expected.
    #[error("{path}: {reason}", path = path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
}

impl FileError {
    /// What is wrong with the content of `path`.
    pub fn content(path: &Path, reason: impl Into<String>) -> Self {
        Self::Content { path: path.to_owned(), reason: reason.into() }
    }

    /// For `map_err`: what the system said about `path`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone (0644).
    Published,
    /// The owner alone (0600), from the first byte on.
    Private,
}

/// Reads a whole file.
///
/// # Errors
/// [`FileError::Io`].
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(FileError::io(path))
}

/// Reads a whole file that holds secrets.
///
/// # Errors
/// [`FileError::Content`] where others than its owner may read or change it; [`FileError::Io`].
pub fn read_private(path: &Path) -> Result<Vec<u8>, FileError> {
    let mut file = fs::File::open(path).map_err(FileError::io(path))?;
    // Of the file that is read, not of one that was put in its place since.
    let mode = file.metadata().map_err(FileError::io(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        let mode = mode & 0o777;
        return Err(FileError::content(path, format!("others may use it (mode {mode:o}); chmod 600 it")));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(FileError::io(path))?;
    Ok(bytes)
}

/// Reads JSON.
///
/// # Errors
/// [`FileError`].
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    serde_json::from_slice(&read(path)?)
        .map_err(|error| FileError::content(path, format!("not the expected JSON: {error}")))
}

/// Writes durably: a new file beside it, flushed to the disk, then renamed over it, then the folder flushed. A crash
/// leaves the old content or the new one. Folders on the way are made as [`make_folder`] does.
///
/// # Errors
/// [`FileError::Io`]; the old content is still there, unless the folder alone could not be flushed.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    let (folder, draft) = draft(path, bytes, access)?;
    draft.persist(path).map_err(|error| FileError::io(path)(error.error))?;
    flush(folder)
}

/// As [`write`] does a file that is not there yet; whether it was not. Of several that write one at once, one does.
///
/// # Errors
/// [`FileError::Io`].
pub fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<bool, FileError> {
    let (folder, draft) = draft(path, bytes, access)?;
    match draft.persist_noclobber(path) {
        Ok(_) => flush(folder).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(FileError::io(path)(error.error)),
    }
}

/// The folder of a file, and beside it one with the content, on the disk.
fn draft<'a>(path: &'a Path, bytes: &[u8], access: Access) -> Result<(&'a Path, tempfile::NamedTempFile), FileError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_folder(folder, access)?;
    // Temporary files are made private.
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(FileError::io(path))?;
    draft.write_all(bytes).map_err(FileError::io(path))?;
    if access == Access::Published {
        draft.as_file().set_permissions(fs::Permissions::from_mode(0o644)).map_err(FileError::io(path))?;
    }
    draft.as_file().sync_all().map_err(FileError::io(path))?;
    Ok((folder, draft))
}

/// Makes a folder and those on the way to it, where they are missing. Nobody else may write to them, whatever the
/// caller's umask says, and into those of private files nobody else may look (0700). Those that are there stay as they
/// are.
///
/// # Errors
/// [`FileError::Io`].
pub fn make_folder(folder: &Path, access: Access) -> Result<(), FileError> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let mode = match access {
        Access::Published => 0o755,
        Access::Private => 0o700,
    };
    fs::DirBuilder::new().recursive(true).mode(mode).create(folder).map_err(FileError::io(folder))
}

/// Deletes a file durably; it need not be there.
///
/// # Errors
/// [`FileError::Io`].
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::io(path)(error)),
        _ => path.parent().filter(|folder| folder.is_dir()).map_or(Ok(()), flush),
    }
}

/// Locks a file for this process, or nothing if another has it. The system lets go of it when the process ends, however
/// it ends. A new file is the owner's alone (0600): whoever can open it could hold it against us.
///
/// # Errors
/// [`FileError::Io`].
pub fn lock(path: &Path) -> Result<Option<fs::File>, FileError> {
    if let Some(folder) = path.parent() {
        make_folder(folder, Access::Private)?;
    }
    let mut options = fs::File::options();
    let file = options.create(true).append(true).mode(0o600).open(path).map_err(FileError::io(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(FileError::io(path)(error)),
    }
}

/// The product's cache: `YIELDSET_CACHE`, else `.cache/yieldset` in the home folder.
pub fn cache() -> PathBuf {
    cache_of(env::var_os("YIELDSET_CACHE"), env::home_dir())
}

/// An empty variable counts as none, and so does no home folder: then the cache is below the current one.
fn cache_of(said: Option<OsString>, home: Option<PathBuf>) -> PathBuf {
    match said {
        Some(folder) if !folder.is_empty() => folder.into(),
        _ => home.unwrap_or_default().join(".cache/yieldset"),
    }
}

/// Makes names in a folder survive a crash.
fn flush(folder: &Path) -> Result<(), FileError> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(FileError::io(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o7777
    }

    /// Folders are made, the old content is replaced with its mode, and nothing else is left there.
    #[test]
    fn files_are_replaced_whole_with_their_mode() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("deep/er/file.json");
        for (text, access, expected) in
            [("[1]", Access::Published, 0o644), ("[2]", Access::Private, 0o600), ("[3]", Access::Published, 0o644)]
        {
            write(&file, text.as_bytes(), access).expect("written");
            assert_eq!((read(&file).expect("read"), mode(&file)), (text.as_bytes().to_vec(), expected));
        }
        assert_eq!(read_json::<Vec<u8>>(&file).expect("JSON"), [3]);
        assert_eq!(fs::read_dir(file.parent().expect("parent")).expect("listed").count(), 1);
        remove(&file).expect("removed");
        remove(&file).expect("not there");
        assert!(!file.exists());
    }

    /// Secrets are read from a file that nobody else can read.
    #[test]
    fn what_others_may_read_is_no_secret() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("secret");
        write(&file, b"x", Access::Private).expect("written");
        assert_eq!(read_private(&file).expect("private"), b"x");
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
            let error = read_private(&file).expect_err("not private").to_string();
            assert!(error.contains("chmod 600") && error.contains(&format!("{mode:o}")), "{error}");
        }
    }

    /// A write that fails leaves what was there, no draft beside it, and says where it failed.
    #[test]
    fn a_failed_write_changes_nothing() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let occupied = folder.path().join("occupied");
        fs::create_dir(&occupied).expect("made");
        fs::write(occupied.join("content"), "x").expect("written");
        let error = write(&occupied, b"new", Access::Published).expect_err("a folder is no file");
        assert!(error.to_string().contains("occupied"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
        assert_eq!(read(&occupied.join("content")).expect("still there"), b"x");
        let wrong = read_json::<u8>(&occupied.join("content")).expect_err("no JSON");
        assert!(matches!(wrong, FileError::Content { .. }), "{wrong}");
    }

    #[test]
    fn the_cache_is_where_the_variable_says_else_at_home() {
        let cache = |said: &str| cache_of(Some(said.into()), Some("/home/a".into()));
        assert_eq!(cache("/b"), Path::new("/b"));
        assert_eq!(cache(""), Path::new("/home/a/.cache/yieldset"));
        assert_eq!(cache_of(None, Some("/home/a".into())), Path::new("/home/a/.cache/yieldset"));
        assert_eq!(cache_of(None, None), Path::new(".cache/yieldset"));
    }

    #[test]
    fn one_at_a_time_has_a_lock() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("new/lock");
        let held = lock(&path).expect("asked").expect("free");
        assert_eq!(mode(&path), 0o600);
        assert!(lock(&path).expect("asked").is_none());
        drop(held);
        assert!(lock(&path).expect("asked").is_some());
    }
}
