//! The oracle's JSON files: canonical, and with hashes as hex. What all programs do with files is
//! [`yieldset_service::files`]'s, and is used from here.

use std::{fs, io::Read, path::Path};

use serde::{Serialize, de::DeserializeOwned};
pub use yieldset_service::files::{Access, FileError, cache, lock, make_folder, read, remove, write};

/// JSON with sorted keys and a final newline: one value, one byte string.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    // They are, unless some crate of the build turns serde_json's `preserve_order` on.
    value.sort_all_objects();
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a regular file, or what a link to one leads to, of at most so many bytes: what others wrote may be a link to a
/// device without an end, or have grown.
///
/// # Errors
/// [`FileError`].
pub fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    // Opening a pipe would wait for who writes to it.
    if !fs::metadata(path).map_err(FileError::io(path))?.is_file() {
        return Err(FileError::content(path, "it is no file, but a folder or a device; put a file there"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(FileError::io(path))?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::io(path))?;
    match bytes.len() as u64 > most {
        true => Err(FileError::content(path, format!("it has more than {most} bytes, which no such file has"))),
        false => Ok(bytes),
    }
}

/// Whether something has this name; a link that leads nowhere has, too. What cannot be looked at, or lies on a disk
/// that is out of reach, is no absence: whoever took it for one would begin anew what must go on.
///
/// # Errors
/// [`FileError`].
pub fn is_there(path: &Path) -> Result<bool, FileError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileError::io(path)(error)),
    }
}

/// Largest JSON file that is read, in bytes.
pub const MAX_JSON_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Reads JSON.
///
/// # Errors
/// [`FileError`].
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    serde_json::from_slice(&read_at_most(path, MAX_JSON_BYTES)?)
        .map_err(|error| FileError::content(path, format!("not the expected JSON: {}", json_error(&error))))
}

/// What is wrong with a JSON, in words: serde names types of the program, which whoever wrote the file does not know.
pub fn json_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let mut words = Vec::new();
    let mut parts = text.split(' ').peekable();
    while let Some(part) = parts.next() {
        let name = parts.peek().is_some_and(|next| next.starts_with(|c: char| c.is_ascii_uppercase()));
        match part {
            "struct" | "enum" | "variant" if name => {
                parts.next();
                words.push(if part == "struct" { "an object" } else { "one of its names" });
            }
            "map," => words.push("an object,"),
            "sequence," => words.push("a list,"),
            _ => words.push(part),
        }
    }
    words.join(" ")
}

/// Writes [`canonical_json`] durably, for everyone to read.
///
/// # Errors
/// [`FileError`].
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), FileError> {
    let bytes = canonical_json(value).map_err(|error| FileError::content(path, error.to_string()))?;
    write(path, &bytes, Access::Published)
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

    /// Whoever wrote a file is told what is wrong with it in words of the file.
    #[test]
    fn what_is_wrong_with_a_json_is_said_in_words() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct DatasetLine {
            epochs: u32,
        }
        let told = |text: &str| json_error(&serde_json::from_str::<Vec<DatasetLine>>(text).expect_err("wrong"));
        assert!(told("[1]").starts_with("invalid type: integer `1`, expected an object at line 1"));
        assert!(told("{}").starts_with("invalid type: an object, expected a sequence at line 1"));
        assert!(told(r#"[{"epochs":1,"x":2}]"#).starts_with("unknown field `x`, expected `epochs`"));
        assert!(
            told(r#"[{"epochs":"Many structs"}]"#).starts_with("invalid type: string \"Many structs\", expected u32")
        );
    }

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
        assert_eq!(std::fs::read_dir(file.parent().expect("parent")).expect("listed").count(), 1);
    }
}
