//! The log's files in an object store: a local folder here; any other store of the crate has the same operations.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Mutex,
};

use axum::body::Bytes;
use futures::TryStreamExt;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as Key};

/// The store cannot do what it must.
#[derive(Debug, thiserror::Error)]
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
    pub(crate) fuse: Mutex<Option<usize>>,
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
            fuse: Mutex::default(),
        })
    }

    fn error(&self, path: &str) -> impl FnOnce(String) -> StoreError {
        let (dir, path) = (self.dir.clone(), path.to_owned());
        move |reason| StoreError { dir, path, reason }
    }

    /// The whole object, or `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        let read = async { self.quick.get(&Key::from(path)).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.error(path)(error.to_string())),
        }
    }

    /// Writes an object so that it survives a power failure once this returns.
    ///
    /// # Errors
    /// [`StoreError`]. The object is then as before, or whole.
    pub async fn put_durable(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.burn(path)?;
        let written = self.durable.put(&Key::from(path), PutPayload::from(bytes)).await;
        written.map(|_| ()).map_err(|error| self.error(path)(error.to_string()))
    }

    /// Writes an object whole, for every reader to see, but without waiting for the disk.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.burn(path)?;
        let written = self.quick.put(&Key::from(path), PutPayload::from(bytes)).await;
        written.map_err(|error| self.error(path)(error.to_string()))?;
        self.unsettled.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(path.to_owned());
        Ok(())
    }

    /// Deletes an object; it need not be there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.burn(path)?;
        match self.quick.delete(&Key::from(path)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
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

    /// Deletes the drafts of writes that were cut off, where they would gather: beside the checkpoint and the journals.
    /// The caller must be the only writer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sweep(&self) -> Result<(), StoreError> {
        for folder in [self.dir.clone(), self.dir.join("journal")] {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                // The crate names a draft after its object, with a number after this sign.
                if name.contains('#') {
                    std::fs::remove_file(entry.path()).map_err(|error| self.error(&name)(error.to_string()))?;
                }
            }
        }
        Ok(())
    }

    /// Flushes everything that [`Store::put`] wrote since the last time.
    ///
    /// # Errors
    /// [`StoreError`]; what was not flushed will be the next time.
    pub async fn settle(&self) -> Result<(), StoreError> {
        self.burn("settle")?;
        let paths = self.unsettled.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        let dir = self.dir.clone();
        let flushed = paths.clone();
        let flush = move || {
            let mut folders = BTreeSet::new();
            for path in &flushed {
                let file = dir.join(path);
                match std::fs::File::open(&file) {
                    Ok(opened) => opened.sync_all().map_err(|error| (path.clone(), error))?,
                    // Replaced by a wider tile and deleted.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err((path.clone(), error)),
                }
                folders
                    .extend(file.ancestors().skip(1).take_while(|folder| folder.starts_with(&dir)).map(Path::to_owned));
            }
            for folder in folders.iter().filter(|folder| folder.is_dir()) {
                let flushed = std::fs::File::open(folder).and_then(|opened| opened.sync_all());
                flushed.map_err(|error| (folder.display().to_string(), error))?;
            }
            Ok(())
        };
        match tokio::task::spawn_blocking(flush).await {
            Ok(Ok(())) => {}
            Ok(Err((path, error))) => return Err(self.error(&path)(error.to_string())),
            Err(error) => return Err(self.error("flushing")(error.to_string())),
        }
        self.unsettled.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).retain(|path| !paths.contains(path));
        Ok(())
    }

    #[cfg(not(test))]
    fn burn(&self, _path: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// In tests: after so many changes every further one fails, as if the process had been killed there.
    #[cfg(test)]
    fn burn(&self, path: &str) -> Result<(), StoreError> {
        let mut fuse = self.fuse.lock().expect("not poisoned");
        match fuse.as_mut() {
            Some(0) => Err(self.error(path)("the fuse is burnt".into())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// In tests: what a power failure may do to files that were not flushed.
    #[cfg(test)]
    pub(super) fn lose_power(&self, truncate: bool) {
        for path in self.unsettled.lock().expect("not poisoned").iter() {
            let file = self.dir.join(path);
            let Ok(bytes) = std::fs::read(&file) else { continue };
            match truncate {
                true => std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("cut"),
                false => std::fs::remove_file(&file).expect("lost"),
            }
        }
    }
}
