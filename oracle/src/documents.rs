//! The JSON files that commands write by `--out` and other commands read: what each is called and who writes it. So a
//! file in the place of another is called by its name, and none of another kind is replaced: a wrong `--out` would
//! write over a key.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    attribution::Attribution,
    files::{self, Access, FileError, MAX_JSON_BYTES},
    grant::SignedGrant,
    ingest::Lines,
    proven::SavedProof,
    report::SignedReport,
    settlement::Settlement,
    sign::SignatureFile,
    spot::{Checked, Drawn, Opening},
};

/// A kind of file.
pub trait Document: Serialize + DeserializeOwned {
    /// What it is called, with its article.
    const NAME: &'static str;
    /// The command that writes it.
    const BY: &'static str;
}

macro_rules! documents {
    ($($document:ty, $name:literal, $by:literal;)*) => {
        $(impl Document for $document {
            const NAME: &'static str = $name;
            const BY: &'static str = $by;
        })*

        /// What a file's bytes are, with its article, and the command that writes such.
        fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
            $(if serde_json::from_slice::<$document>(bytes).is_ok() {
                return Some(($name, $by));
            })*
            None
        }
    };
}

documents! {
    Attribution, "an attribution", "attribute";
    Settlement, "a settlement", "settle";
    SignedReport, "a signed report", "post";
    SignatureFile, "a member's signature", "sign";
    SavedProof, "a report's proof", "prove";
    Drawn, "a draw", "spot-draw";
    Opening, "an opening", "spot-open";
    Checked, "a spot check's result", "spot-check";
    SignedGrant, "a grant", "grant";
    Lines, "a contributor's lines", "read";
}

/// Reads a document.
///
/// # Errors
/// [`FileError`]; of a document of another kind it says which that is.
pub fn read<T: Document>(path: &Path) -> Result<T, FileError> {
    read_at_most(path, MAX_JSON_BYTES)
}

/// The same, of a file that has so many bytes at most.
///
/// # Errors
/// As [`read`].
pub fn read_at_most<T: Document>(path: &Path, most: u64) -> Result<T, FileError> {
    let bytes = files::read_at_most(path, most)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let (wanted, by) = (T::NAME, T::BY);
        let reason = match kind_of(&bytes) {
            Some((other, _)) => format!("this is {other}; give {wanted}, which `{by}` writes"),
            None => {
                let error = files::json_error(&error);
                format!("not the expected JSON of {wanted}: {error}; give the file as `{by}` wrote it")
            }
        };
        FileError::content(path, reason)
    })
}

/// Whether a document may be written there: what is there already, if anything, is an older one of its kind. To be
/// asked before work begins that takes long, or cannot be taken back.
///
/// # Errors
/// [`FileError`].
pub fn check_out<T: Document>(path: &Path) -> Result<(), FileError> {
    if !files::is_there(path)? {
        return Ok(());
    }
    let bytes = files::read_at_most(path, MAX_JSON_BYTES)?;
    if serde_json::from_slice::<T>(&bytes).is_ok() {
        return Ok(());
    }
    let is = kind_of(&bytes).map_or_else(|| "is another file".to_owned(), |(other, _)| format!("is {other}"));
    let wanted = T::NAME;
    let reason =
        format!("there {is} already, and {wanted} never replaces it; choose another name, or move that file away");
    Err(FileError::content(path, reason))
}

/// Writes a document where [`check_out`] lets it.
///
/// # Errors
/// [`FileError`].
pub fn write<T: Document>(path: &Path, document: &T, access: Access) -> Result<(), FileError> {
    check_out::<T>(path)?;
    let bytes = files::canonical_json(document).map_err(|error| FileError::content(path, error.to_string()))?;
    files::write(path, &bytes, access)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys, testing};

    /// A document replaces one of its own kind, and no key, no text, and no document of another kind. Before, `settle
    /// --out` with the name of a key made the key a settlement.
    #[tokio::test]
    async fn nothing_of_another_kind_is_replaced() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let at = |name: &str| folder.path().join(name);
        let (attribution, signed) = testing::reported(3).await;
        let settlement = &signed.settlement;
        write(&at("settlement.json"), settlement, Access::Published).expect("new");
        write(&at("settlement.json"), settlement, Access::Published).expect("replaced");
        write(&at("attribution.json"), &attribution, Access::Published).expect("new");
        keys::generate(&at("log.key")).expect("made");
        std::fs::write(at("empty"), "").expect("written");
        std::fs::create_dir(at("folder")).expect("made");
        for (name, word) in [
            ("log.key", "there is another file already"),
            ("empty", "there is another file already"),
            ("attribution.json", "there is an attribution already"),
            ("folder", "a folder"),
        ] {
            let before = std::fs::read(at(name)).ok();
            let error = write(&at(name), settlement, Access::Published).expect_err(name).to_string();
            assert!(error.contains(word), "{name}: {error}");
            assert_eq!(std::fs::read(at(name)).ok(), before, "{name}");
        }
    }

    /// Who gives one file in the place of another is told what it is, and which command writes the right one.
    #[tokio::test]
    async fn a_file_in_the_place_of_another_is_called_by_its_name() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let at = |name: &str| folder.path().join(name);
        let (attribution, signed) = testing::reported(3).await;
        write(&at("attribution.json"), &attribution, Access::Published).expect("written");
        write(&at("settlement.json"), &signed.settlement, Access::Published).expect("written");
        write(&at("report.json"), &signed, Access::Published).expect("written");
        let error = |file: &str| read::<SignedReport>(&at(file)).expect_err(file).to_string();
        assert!(error("settlement.json").ends_with("this is a settlement; give a signed report, which `post` writes"));
        assert!(error("attribution.json").contains("this is an attribution"));
        let error = read::<Settlement>(&at("report.json")).expect_err("a report").to_string();
        assert!(error.ends_with("this is a signed report; give a settlement, which `settle` writes"), "{error}");
        files::write_json(&at("other.json"), &[1]).expect("written");
        let error = read::<Settlement>(&at("other.json")).expect_err("a list").to_string();
        assert!(error.contains("not the expected JSON of a settlement"), "{error}");
        assert!(!error.contains("struct"), "{error}");
    }
}
