//! The folder of what is checked in: blobs, ABIs, their sums, and how large a blob may be.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use yieldset_tasks::contracts as record;
use yieldset_tasks::contracts::{FOLDER, LIMITS};

/// Contents by the names of the files.
pub type Files = BTreeMap<String, Vec<u8>>;

/// `limits.toml`: most bytes each blob may have. Every byte of code is a byte of proof on each call.
#[derive(Deserialize)]
struct SizeLimits {
    max_bytes: BTreeMap<String, u64>,
}

/// The checked-in files that end in `.extension`.
pub fn checked_in(root: &Path, extension: &str) -> Result<Files> {
    let mut files = Files::new();
    for name in names(root)? {
        if Path::new(&name).extension().is_some_and(|found| found == extension) {
            let content = std::fs::read(root.join(FOLDER).join(&name)).with_context(|| format!("reading {name}"))?;
            files.insert(name, content);
        }
    }
    Ok(files)
}

/// Puts files into the folder.
pub fn write(root: &Path, files: &Files) -> Result<()> {
    for (name, content) in files {
        std::fs::write(root.join(FOLDER).join(name), content).with_context(|| format!("writing {name}"))?;
    }
    Ok(())
}

/// In the format of `sha256sum --check`.
pub fn sums(files: &Files) -> Vec<u8> {
    let line = |(name, content): (&String, &Vec<u8>)| format!("{}  {name}\n", hex::encode(Sha256::digest(content)));
    files.iter().map(line).collect::<String>().into_bytes()
}

/// The blobs' sizes beside their limits. Fails where one is over it, or has none.
pub fn sizes(root: &Path, files: &Files) -> Result<String> {
    let limits = std::fs::read_to_string(root.join(FOLDER).join(LIMITS)).context("reading the blobs' limits")?;
    let limits: SizeLimits = toml::from_str(&limits).context("parsing the blobs' limits")?;
    let mut lines = String::new();
    for (file, content) in files {
        let Some(name) = file.strip_suffix(".polkavm") else { continue };
        let limit = *limits.max_bytes.get(name).with_context(|| format!("{LIMITS} has no limit for {name}"))?;
        let size = content.len() as u64;
        ensure!(
            size <= limit,
            "{file} has {size} bytes, at most {limit}: make it smaller, or raise the limit with a reason"
        );
        lines += &format!("{file:<22} {size:>7} of {limit} bytes\n");
    }
    Ok(lines)
}

/// Fails with every difference between the folder and a fresh build, at once.
pub fn compare(root: &Path, files: &Files) -> Result<()> {
    let mut wrong = Vec::new();
    for (name, built) in files {
        match std::fs::read(root.join(FOLDER).join(name)) {
            Ok(checked_in) if checked_in == *built => {}
            Ok(checked_in) => {
                wrong.push(format!("{name}: {} bytes checked in, {} built", checked_in.len(), built.len()));
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let stray = names(root)?;
    let stray = stray.iter().filter(|name| ![LIMITS, record::FILE].contains(&name.as_str()));
    wrong.extend(
        stray.filter(|name| !files.contains_key(*name)).map(|name| format!("{name}: not a product of the build")),
    );
    ensure!(
        wrong.is_empty(),
        "{FOLDER} differs from a fresh build; run yieldset-contracts build and commit the result:\n{}",
        wrong.join("\n")
    );
    Ok(())
}

fn names(root: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(root.join(FOLDER)).with_context(|| format!("reading {FOLDER}"))?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files::from([("pool.polkavm".to_owned(), vec![7; 30]), ("pool.abi".to_owned(), b"[]".to_vec())])
    }

    /// A repository with these files and this limit.
    fn repository(limits: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("temporary folder");
        std::fs::create_dir_all(root.path().join(FOLDER)).expect("made");
        write(root.path(), &files()).expect("written");
        write(root.path(), &Files::from([(LIMITS.to_owned(), limits.as_bytes().to_vec())])).expect("written");
        root
    }

    #[test]
    fn a_blob_over_its_limit_or_without_one_is_refused() {
        let sizes = |limits| sizes(repository(limits).path(), &files());
        assert!(sizes("max_bytes = { pool = 30 }").expect("within").contains("30 of 30 bytes"));
        assert!(sizes("max_bytes = { pool = 29 }").expect_err("over").to_string().contains("at most 29"));
        assert!(sizes("max_bytes = {}").is_err());
    }

    #[test]
    fn any_difference_is_named() {
        let root = repository("");
        compare(root.path(), &files()).expect("the same");
        let folder = root.path().join(FOLDER);
        std::fs::write(folder.join("pool.polkavm"), [8; 30]).expect("written");
        std::fs::remove_file(folder.join("pool.abi")).expect("removed");
        std::fs::write(folder.join("kyc.abi"), "[]").expect("written");
        let error = compare(root.path(), &files()).expect_err("different").to_string();
        for name in ["pool.polkavm: 30 bytes", "pool.abi:", "kyc.abi: not a product"] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn sums_are_in_the_format_of_sha256sum() {
        let sums = sums(&Files::from([("a".to_owned(), Vec::new())]));
        assert_eq!(sums, b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n");
    }

    #[test]
    fn only_files_of_a_kind_are_read() {
        let root = repository("");
        let abis = checked_in(root.path(), "abi").expect("read");
        assert_eq!(abis, Files::from([("pool.abi".to_owned(), b"[]".to_vec())]));
    }
}
