//! Where packages are published: a folder, or a store that has whole objects, as S3 does.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::TryStreamExt;
use object_store::{
    Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, local::LocalFileSystem, parse_url_opts,
    path::Path as Key,
};
use reqwest::Url;

use super::PublishError;
use crate::files::{self, Access, FileError};
#[cfg(test)]
use crate::usage_log::store::{Fault, Faults};

/// A place for packages.
#[derive(Debug)]
pub struct Shelf {
    /// As it was given.
    place: String,
    store: Arc<dyn ObjectStore>,
    /// Whether it is published there, else it is read from there.
    to_write: bool,
    /// Below what all of it is.
    root: Key,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
    #[cfg(test)]
    pub(crate) faults: std::sync::Mutex<Faults>,
}

impl Shelf {
    /// A folder, or the URL of a store: `s3://bucket/folder` where the program was built for it, with the settings of
    /// the environment (`AWS_…`).
    ///
    /// # Errors
    /// [`PublishError::Shelf`] or, where it is to be read, [`PublishError::Unread`]; [`PublishError::File`].
    pub fn open(place: &str, to_write: bool) -> Result<Self, PublishError> {
        let failed = |error: String| failed((place, "."), to_write, error);
        if let Ok(url) = Url::parse(place)
            && place.contains("://")
        {
            let text =
                |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
            let settings = std::env::vars_os().filter_map(text).filter(|(name, _)| name.starts_with("AWS_"));
            let settings = settings.map(|(name, value)| (name.to_ascii_lowercase(), value));
            let (store, root) = parse_url_opts(&url, settings).map_err(|error| {
                failed(format!("{error}; give a folder, or s3://… to a program that was built with --features s3"))
            })?;
            return Ok(Self::of((place, to_write), Arc::from(store), root, None));
        }
        let folder = PathBuf::from(place);
        if to_write {
            files::make_folder(&folder, Access::Published)?;
        } else if !folder.is_dir() {
            return Err(failed("there is no such folder".into()));
        }
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| failed(error.to_string()))?;
        Ok(Self::of((place, to_write), Arc::new(store.with_fsync(true)), Key::default(), Some(folder)))
    }

    fn of((place, to_write): (&str, bool), store: Arc<dyn ObjectStore>, root: Key, folder: Option<PathBuf>) -> Self {
        Self {
            place: place.to_owned(),
            to_write,
            store,
            root,
            folder,
            #[cfg(test)]
            faults: std::sync::Mutex::default(),
        }
    }

    fn key(&self, path: &str) -> Key {
        self.root.parts().chain(Key::from(path).parts()).collect()
    }

    pub(super) fn error(&self, path: &str) -> impl FnOnce(String) -> PublishError {
        let (place, path, to_write) = (self.place.clone(), path.to_owned(), self.to_write);
        move |reason| failed((&place, &path), to_write, reason)
    }

    /// Keeps others from publishing here meanwhile, where it is a folder; elsewhere the store keeps apart what two
    /// write.
    pub(super) fn lock(&self) -> Result<Option<fs::File>, PublishError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        match files::lock(&folder.join(".lock"))? {
            Some(lock) => Ok(Some(lock)),
            None => Err(PublishError::Busy(self.place.clone())),
        }
    }

    /// Deletes drafts of writes that were cut off. The caller has the lock.
    pub(super) fn sweep(&self) {
        fn below(folder: &Path, depth: usize) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    below(&path, depth - 1);
                } else if entry.file_name().to_string_lossy().contains('#') {
                    // What cannot go stays: it is in nobody's way.
                    let _ = fs::remove_file(path);
                }
            }
        }
        for name in [super::OBJECTS, super::PACKAGES] {
            if let Some(folder) = &self.folder {
                below(&folder.join(name), 1);
            }
        }
    }

    /// Writes an object that is not there yet; whether it was not.
    pub(super) async fn put_new(&self, path: &str, bytes: Vec<u8>) -> Result<bool, PublishError> {
        self.put(path, bytes, PutMode::Create).await
    }

    /// Writes an object in the place of what is there.
    pub(super) async fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<(), PublishError> {
        self.put(path, bytes, PutMode::Overwrite).await.map(|_| ())
    }

    async fn put(&self, path: &str, bytes: Vec<u8>, mode: PutMode) -> Result<bool, PublishError> {
        let told = self.change(path)?;
        let options = PutOptions { mode, ..PutOptions::default() };
        let written = self.store.put_opts(&self.key(path), PutPayload::from(bytes), options).await;
        let new = match written {
            Ok(_) => true,
            Err(Error::AlreadyExists { .. }) => false,
            Err(error) => return Err(self.error(path)(error.to_string())),
        };
        told.map(|()| new)
    }

    /// The whole object of at most so many bytes, or `None` if there is none.
    pub(super) async fn get(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, PublishError> {
        if let Some(folder) = &self.folder {
            // Whoever gave the folder may have put a pipe there, for which one would wait for ever, or a link to a
            // device.
            return match files::read_at_most(&folder.join(path), most) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(self.error(path)(error.to_string())),
            };
        }
        let found = match self.store.get(&self.key(path)).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.error(path)(error.to_string())),
        };
        if found.meta.size > most {
            return Err(self.error(path)(format!("it has {} bytes, at most {most} are read", found.meta.size)));
        }
        let bytes = found.bytes().await.map_err(|error| self.error(path)(error.to_string()))?;
        Ok(Some(bytes.to_vec()))
    }

    /// Names of the objects in a folder, sorted.
    pub(super) async fn names(&self, folder: &str) -> Result<Vec<String>, PublishError> {
        let listed = self.store.list(Some(&self.key(folder))).map_ok(|object| object.location).try_collect::<Vec<_>>();
        let listed = listed.await.map_err(|error| self.error(folder)(error.to_string()))?;
        let mut names: Vec<String> = listed.iter().filter_map(|key| key.filename().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// Before each change. Here tests stop the process, or have the change fail. The inner answer is what is told once
    /// the change was made.
    #[cfg(not(test))]
    fn change(&self, _path: &str) -> Result<Result<(), PublishError>, PublishError> {
        fail::fail_point!("publish-change", |_| std::process::abort());
        Ok(Ok(()))
    }

    #[cfg(test)]
    fn change(&self, path: &str) -> Result<Result<(), PublishError>, PublishError> {
        let mut faults = self.faults.lock().expect("not poisoned");
        let Some(left) = faults.after.as_mut() else { return Ok(Ok(())) };
        if *left > 0 {
            *left -= 1;
            return Ok(Ok(()));
        }
        let error = self.error(path)("No space left on device (os error 28)".into());
        if faults.kind != Fault::Killed {
            faults.after = None;
        }
        match faults.kind {
            Fault::Killed | Fault::Once => Err(error),
            Fault::Done => Ok(Err(error)),
        }
    }
}

/// What is told of a place that fails: who reads did not want to publish.
fn failed((place, path): (&str, &str), to_write: bool, reason: String) -> PublishError {
    let (place, path) = (place.to_owned(), path.to_owned());
    match to_write {
        true => PublishError::Shelf { place, path, reason },
        false => PublishError::Unread { place, path, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who checks a package that is not there is not told to publish again.
    #[test]
    fn a_reader_is_not_told_to_publish() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let absent = folder.path().join("nope").display().to_string();
        let error = Shelf::open(&absent, false).expect_err("absent").to_string();
        assert!(error.contains("no such folder") && !error.contains("publish again"), "{error}");
        assert!(!folder.path().join("nope").exists());
        let told = Shelf::open(&absent, true).expect("made").error("x")("full".into()).to_string();
        assert!(told.contains("publish again"), "{told}");
    }
}
