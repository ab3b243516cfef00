//! Files that a person names on the command line: plain ones, of a size that they can have.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
};

use alloy_primitives::B256;
use sha2::{Digest, Sha256};

use super::arguments::ArgumentError;

/// Most bytes of a file with settings or rows.
const TEXT: u64 = 16 << 20;
/// Most bytes of a document: an archive of evidence, and no disk.
const DOCUMENT: u64 = 16 << 30;

/// Opens a plain file. Anything else could have no end, or wait for somebody who writes to it. What is wanted is said
/// where it cannot be opened.
fn open(path: &str, most: u64, wanted: &str) -> Result<File, ArgumentError> {
    let wrong = |reason: String| ArgumentError::File { path: path.into(), reason: format!("{reason}; give {wanted}") };
    let opened = OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path);
    let file = opened.map_err(|error| wrong(words(&error)))?;
    let about = file.metadata().map_err(|error| wrong(words(&error)))?;
    match (about.is_file(), about.len() <= most) {
        (true, true) => Ok(file),
        (true, false) => Err(wrong(format!("it has {} bytes, and may have {most}", about.len()))),
        (false, _) => Err(wrong("it is no file".into())),
    }
}

/// What the system says of a file, in words of ours where it is usual.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "it may not be read by who runs this".into(),
        io::ErrorKind::InvalidData => "it is no text in UTF-8".into(),
        _ => error.to_string(),
    }
}

/// What a file with settings or rows says; `wanted` is what it should be.
///
/// # Errors
/// [`ArgumentError::File`], also where it is not text.
pub(super) fn text(path: &str, wanted: &str) -> Result<String, ArgumentError> {
    let mut text = String::new();
    // It may grow while it is read.
    let read = open(path, TEXT, wanted)?.take(TEXT).read_to_string(&mut text);
    read.map_err(|error| ArgumentError::File {
        path: path.into(),
        reason: format!("{}; give {wanted}", words(&error)),
    })?;
    Ok(text)
}

/// A document's SHA-256, however long it is.
///
/// # Errors
/// [`ArgumentError::File`].
pub(super) fn digest(path: &str) -> Result<B256, ArgumentError> {
    let wanted = "the document's file, or its SHA-256 as 64 hex digits";
    let (mut file, mut digest) = (open(path, DOCUMENT, wanted)?.take(DOCUMENT), Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(B256::from_slice(&digest.finalize())),
            Ok(read) => digest.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ArgumentError::File { path: path.into(), reason: error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::arguments::sha256;

    /// What is no plain file is refused at once: none is waited for, and none is read for ever.
    #[test]
    fn a_document_is_a_plain_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("terms.pdf");
        let long = vec![7; 200_000];
        std::fs::write(&file, &long).expect("written");
        assert_eq!(digest(file.to_str().expect("text")).expect("read"), sha256(&long));
        let fifo = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("run").success());
        for other in ["/dev/zero", folder.path().to_str().expect("text"), fifo.to_str().expect("text")] {
            for error in [digest(other).map(|_| ()), text(other, "rows").map(|_| ())] {
                assert!(error.expect_err(other).to_string().contains("no file"), "{other}");
            }
        }
        let huge = folder.path().join("huge");
        File::create(&huge).and_then(|file| file.set_len(TEXT + 1)).expect("made");
        assert!(text(huge.to_str().expect("text"), "rows").expect_err("huge").to_string().contains("may have"));
    }
}
