//! A file that grows line by line and is there whole or not at all: what is too large for memory is not written by
//! [`yieldset_service::files::write`], which takes all at once.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
};

use yieldset_service::files::{self, Access, FileError};

/// A file that nobody sees before it is whole. Dropped before that, it leaves nothing.
#[derive(Debug)]
pub(super) struct Draft {
    to: PathBuf,
    at: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Draft {
    /// Begins a file that its owner alone will read, in a folder that is made where it is missing.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn new(folder: &Path, name: &str) -> Result<Self, FileError> {
        files::make_folder(folder, Access::Private)?;
        let at = folder.join(format!(".{name}.{}.draft", process::id()));
        let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&at);
        let file = Some(BufWriter::new(file.map_err(FileError::io(&at))?));
        Ok(Self { to: folder.join(name), at, file })
    }

    /// Puts it in its place, durably.
    ///
    /// # Errors
    /// [`FileError::Io`]; what was in its place is still there, unless the folder alone could not be flushed.
    pub fn finish(mut self) -> Result<(), FileError> {
        if let Some(file) = self.file.take() {
            let written = file.into_inner().map_err(io::IntoInnerError::into_error);
            let placed = written.and_then(|file| file.sync_all()).and_then(|()| fs::rename(&self.at, &self.to));
            if let Err(error) = placed {
                // What is left of it is in nobody's way, and the first error says more.
                let _ = fs::remove_file(&self.at);
                return Err(FileError::io(&self.to)(error));
            }
        }
        let folder = self.to.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(FileError::io(folder))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file is there once it is finished, and what was begun and not finished leaves nothing behind.
    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("deep/er");
        let mut whole = Draft::new(&inside, "a.csv").expect("begun");
        whole.write_all(b"1\r\n").expect("written");
        assert!(!inside.join("a.csv").exists());
        whole.finish().expect("finished");
        let mut cut = Draft::new(&inside, "a.csv").expect("begun");
        cut.write_all(b"2\r\n").expect("written");
        drop(cut);
        assert_eq!(fs::read(inside.join("a.csv")).expect("there"), b"1\r\n");
        assert_eq!(fs::read_dir(&inside).expect("listed").count(), 1);
    }
}
