//! The log's files in an object store: a local folder here; any other store of the crate has the same operations.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as Key};

use futures::TryStreamExt;

use crate::files::{self, FileError};

/// Largest file of a log, in bytes: the journal of as many batches as are taken at once has less.
const MAX_OBJECT_BYTES: u64 = 1 << 30;

/// The store cannot do what it must.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{path} in the log's folder {dir}: {reason}; check space and permissions", dir = dir.display())]
pub struct StoreError {
    /// The log's folder.
    pub dir: PathBuf,
    /// Which object.
    pub path: String,
    /// What went wrong.
    pub reason: String,
}

/// A log's store.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    /// Flushes what it writes.
    durable: LocalFileSystem,
    /// Writes whole files or none, and leaves flushing to [`Store::settle`].
    quick: LocalFileSystem,
    unsettled: Mutex<BTreeSet<String>>,
    #[cfg(test)]
    pub(crate) faults: Mutex<Faults>,
}

impl Store {
    /// The store of the log in `dir`.
    ///
    /// # Errors
    /// [`StoreError`] when the folder is not there.
    pub fn local(dir: &Path) -> Result<Self, StoreError> {
        let open = || {
            LocalFileSystem::new_with_prefix(dir).map_err(|error| StoreError {
                dir: dir.to_owned(),
                path: ".".into(),
                reason: error.to_string(),
            })
        };
        Ok(Self {
            dir: dir.to_owned(),
            durable: open()?.with_fsync(true),
            quick: open()?,
            unsettled: Mutex::default(),
            #[cfg(test)]
            faults: Mutex::default(),
        })
    }

    /// The log's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn error(&self, path: &str) -> impl FnOnce(String) -> StoreError {
        let (dir, path) = (self.dir.clone(), path.to_owned());
        move |reason| StoreError { dir, path, reason }
    }

    /// The whole object, or `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        // Whoever copied the log here may have put a link to a device without an end there.
        match files::read_at_most(&self.dir.join(path), MAX_OBJECT_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Io { source, .. })
                if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(self.error(path)(error.to_string())),
        }
    }

    /// Writes an object so that it survives a power failure once this returns.
    ///
    /// # Errors
    /// [`StoreError`]. The object is then as before, or whole.
    pub async fn put_durable(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let told = self.change(path)?;
        let written = self.durable.put(&Key::from(path), PutPayload::from(bytes)).await;
        written.map(|_| ()).map_err(|error| self.error(path)(error.to_string())).and(told)
    }

    /// Writes an object whole, for every reader to see, but without waiting for the disk.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let told = self.change(path)?;
        let written = self.quick.put(&Key::from(path), PutPayload::from(bytes)).await;
        written.map_err(|error| self.error(path)(error.to_string()))?;
        self.unsettled().insert(path.to_owned());
        told
    }

    /// Deletes an object; it need not be there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        let told = self.change(path)?;
        match self.quick.delete(&Key::from(path)).await {
            Ok(()) | Err(Error::NotFound { .. }) => told,
            Err(error) => Err(self.error(path)(error.to_string())),
        }
    }

    /// Paths below a folder, sorted. Drafts of writes that were cut off are not among them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let listed: Result<Vec<_>, _> =
            self.quick.list(Some(&Key::from(folder))).map_ok(|object| object.location.to_string()).try_collect().await;
        let mut paths = listed.map_err(|error| self.error(folder)(error.to_string()))?;
        paths.sort();
        Ok(paths)
    }

    /// Deletes from these folders, which need not be there, what `is_rubbish` by its name; folders that are empty then
    /// go, too. The caller must be the only writer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sweep(&self, folder: &str, is_rubbish: &dyn Fn(&str) -> bool) -> Result<(), StoreError> {
        let Ok(entries) = fs::read_dir(self.dir.join(folder)) else { return Ok(()) };
        let mut left = 0;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_rubbish(&name) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                fs::remove_file(entry.path()).map_err(|error| self.error(&name)(error.to_string()))?;
            } else {
                left += 1;
            }
        }
        if left == 0 && folder.ends_with(".p") {
            // It may be filled again at this moment by nobody; if it cannot go, it stays.
            let _ = fs::remove_dir(self.dir.join(folder));
        }
        Ok(())
    }

    /// Flushes everything that [`Store::put`] wrote since the last time.
    ///
    /// # Errors
    /// [`StoreError`]. What was written then may be lost although a later flush says that it is not: write it again.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let told = self.change("settle")?;
        let paths = self.unsettled().clone();
        let (dir, flushed) = (self.dir.clone(), paths.clone());
        match tokio::task::spawn_blocking(move || flush(&dir, &flushed)).await {
            Ok(Ok(())) => {}
            Ok(Err((path, error))) => return Err(self.error(&path)(error.to_string())),
            Err(error) => return Err(self.error("flushing")(error.to_string())),
        }
        self.unsettled().retain(|path| !paths.contains(path));
        told
    }

    fn unsettled(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before each change of what is on the disk. Here tests stop the process, or have the change fail. The inner
    /// answer is what is told once the change was made.
    #[cfg(not(test))]
    pub(super) fn change(&self, _path: &str) -> Result<Result<(), StoreError>, StoreError> {
        fail::fail_point!("log-change", |_| std::process::abort());
        Ok(Ok(()))
    }

    #[cfg(test)]
    pub(super) fn change(&self, path: &str) -> Result<Result<(), StoreError>, StoreError> {
        let mut faults = self.faults.lock().expect("not poisoned");
        let Some(left) = faults.after.as_mut() else { return Ok(Ok(())) };
        if *left > 0 {
            *left -= 1;
            return Ok(Ok(()));
        }
        let error = self.error(path)("No space left on device (os error 28)".into());
        match faults.kind {
            Fault::Killed => Err(error),
            Fault::Once => {
                faults.after = None;
                Err(error)
            }
            Fault::Done => {
                faults.after = None;
                Ok(Err(error))
            }
        }
    }

    /// In tests: what a power failure may do to files that were not flushed.
    #[cfg(test)]
    pub(super) fn lose_power(&self, truncate: bool) {
        for path in self.unsettled().iter() {
            let file = self.dir.join(path);
            let Ok(bytes) = fs::read(&file) else { continue };
            match truncate {
                true => fs::write(&file, &bytes[..bytes.len() / 2]).expect("cut"),
                false => fs::remove_file(&file).expect("lost"),
            }
        }
    }
}

fn flush(dir: &Path, paths: &BTreeSet<String>) -> Result<(), (String, io::Error)> {
    let mut folders = BTreeSet::new();
    for path in paths {
        let file = dir.join(path);
        match fs::File::open(&file) {
            Ok(opened) => opened.sync_all().map_err(|error| (path.clone(), error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err((path.clone(), error)),
        }
        folders.extend(file.ancestors().skip(1).take_while(|folder| folder.starts_with(dir)).map(Path::to_owned));
    }
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let flushed = fs::File::open(folder).and_then(|opened| opened.sync_all());
        flushed.map_err(|error| (folder.display().to_string(), error))?;
    }
    Ok(())
}

/// In tests: which change fails, and how.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// How many succeed before it; `None` for none that fails.
    pub after: Option<usize>,
    /// How it fails.
    pub kind: Fault,
}

/// In tests: how a change fails.
#[cfg(test)]
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// And so does each one after it, as if the process had been killed.
    #[default]
    Killed,
    /// It alone, and nothing of it was done: a full disk.
    Once,
    /// It alone, and it was done all the same: an error of the disk that comes late.
    Done,
}
