//! Files that are there whole or not at all, and canonical JSON.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

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

    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(FileError::io(path))
}

/// Reads JSON.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    serde_json::from_slice(&read(path)?)
        .map_err(|error| FileError::content(path, format!("not the expected JSON: {error}")))
}

/// Writes durably: a new file beside it, flushed to the disk, then renamed over it, then the folder flushed. A crash
/// leaves the old content or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(FileError::io(folder))?;
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(FileError::io(path))?;
    draft.write_all(bytes).and_then(|()| draft.as_file().sync_all()).map_err(FileError::io(path))?;
    make_readable(draft.as_file()).map_err(FileError::io(path))?;
    draft.persist(path).map_err(|error| FileError::io(path)(error.error))?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(FileError::io(folder))
}

/// Temporary files are private; what we publish is not. Secrets are never written through here.
fn make_readable(file: &fs::File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// Deletes a file durably; it need not be there.
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::io(path)(error)),
        _ => match path.parent().filter(|folder| folder.is_dir()) {
            Some(folder) => fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(FileError::io(folder)),
            None => Ok(()),
        },
    }
}

/// Locks a file for this process, or nothing if another has it. The system lets go of it when the process ends, however
/// it ends.
pub fn lock(path: &Path) -> Result<Option<fs::File>, FileError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(FileError::io(folder))?;
    }
    let file = fs::File::options().create(true).append(true).open(path).map_err(FileError::io(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(FileError::io(path)(error)),
    }
}

/// JSON with sorted keys and a final newline: one value, one byte string.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    // `Value`'s maps are sorted by key only as long as serde_json's `preserve_order` is off, and another crate of the
    // workspace may turn that on: so they are sorted here.
    let mut bytes = serde_json::to_vec_pretty(&sorted(serde_json::to_value(value)?))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let ordered: std::collections::BTreeMap<_, _> = map.into_iter().collect();
            Value::Object(ordered.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Writes [`canonical_json`] durably.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), FileError> {
    let bytes = canonical_json(value).map_err(|error| FileError::content(path, error.to_string()))?;
    write(path, &bytes)
}

/// `[u8; N]` as `0x…` hex in JSON.
pub mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes `0x…`.
    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::hex0x(bytes))
    }

    /// Reads exactly `N` bytes of hex.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::parse_hex(&text)
            .ok_or_else(|| D::Error::custom(format!("expected {N} bytes of hex, got {} characters", text.len())))
    }
}

/// `Vec<[u8; 32]>` as a list of `0x…` hex in JSON.
pub mod hex_list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// Writes a list of `0x…`.
    pub fn serialize<S: Serializer>(hashes: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
        hashes.iter().map(|hash| crate::hex0x(hash)).collect::<Vec<_>>().serialize(serializer)
    }

    /// Reads a list of 32-byte hashes.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
        let parse = |text: String| crate::parse_hex(&text).ok_or_else(|| D::Error::custom("expected 32 bytes of hex"));
        Vec::<String>::deserialize(deserializer)?.into_iter().map(parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_sorted_and_files_are_replaced_whole() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("deep/er/file.json");
        let value = serde_json::json!({"b": [{"z": 1, "a": 2}], "a": 1});
        write_json(&file, &value).expect("written");
        write_json(&file, &value).expect("written again");
        let text = String::from_utf8(read(&file).expect("read")).expect("text");
        assert!(text.find("\"a\": 1") < text.find("\"b\"") && text.find("\"a\": 2") < text.find("\"z\""));
        assert_eq!(read_json::<serde_json::Value>(&file).expect("parsed"), value);
        assert_eq!(fs::read_dir(file.parent().expect("parent")).expect("listed").count(), 1);
    }
}
