//! What the checked-in blobs were built from and by: `contracts/artifacts/build.toml`.
//!
//! A compiler of another version, or of another builder, makes other bytes from the same sources. The record says whose
//! bytes are checked in, and its digest of the sources shows on every machine, without any compiler, that blobs are out
//! of date.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Beside the blobs.
pub const FILE: &str = "build.toml";

/// The content of [`FILE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildRecord {
    /// First line of `rustc --version` and the LLVM version.
    pub compiler: String,
    /// Version of PolkaVM's linker.
    pub polkavm_linker: String,
    /// SHA-256 over every manifest, lock file and Rust source below contracts/ that a blob may depend on, with their
    /// paths: neither those of tests nor of the ABIs' programs.
    pub sources: String,
}

impl BuildRecord {
    /// As TOML, with a line that says whose file this is.
    pub fn to_toml(&self) -> Result<String> {
        Ok(format!("# Written by `yieldset-contracts build`.\n{}", toml::to_string(self)?))
    }

    /// The record beside the blobs.
    pub fn read(artifacts: &Path) -> Result<Self> {
        let file = artifacts.join(FILE);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("reading {}; run yieldset-contracts build", file.display()))?;
        toml::from_str(&text).with_context(|| format!("parsing {}", file.display()))
    }

    /// Whether both were built by the same tools, so that their bytes must be the same.
    pub fn same_tools(&self, other: &Self) -> bool {
        self.tools() == other.tools()
    }

    /// Everything about the tools that decides about the bytes.
    pub fn tools(&self) -> String {
        format!("{}, polkavm-linker {}", self.compiler, self.polkavm_linker)
    }
}

/// Fails where the sources have changed since the blobs were built.
pub fn check_sources(root: &Path) -> Result<()> {
    let recorded = BuildRecord::read(&root.join("contracts/artifacts"))?.sources;
    let sources = sources(root)?;
    ensure!(
        recorded == sources,
        "the contracts' sources changed after the checked-in blobs were built ({recorded} is recorded, they are {sources}); \
         run scripts/setup contracts, then yieldset-contracts build, and commit contracts/artifacts"
    );
    Ok(())
}

/// Digest of everything a blob depends on, apart from the tools.
pub fn sources(root: &Path) -> Result<String> {
    let contracts = root.join("contracts");
    let mut files = Vec::new();
    collect(&contracts, &mut files)?;
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let content = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let name = file.strip_prefix(&contracts)?.to_str().context("a source whose name is not UTF-8")?;
        digest.update(format!("{}  {name}\n", hex::encode(Sha256::digest(content))));
    }
    Ok(hex::encode(digest.finalize()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !["target", "artifacts", "abi", "tests", "proofs"].contains(&&*name) && !name.starts_with('.') {
                collect(&path, files)?;
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") || name == "Cargo.toml" || name == "Cargo.lock" {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_a_source_is_seen_and_results_and_tests_do_not_count() {
        let root = tempfile::tempdir().expect("temporary folder");
        let write = |path: &str, text: &str| {
            let file = root.path().join("contracts").join(path);
            std::fs::create_dir_all(file.parent().expect("parent")).expect("made");
            std::fs::write(file, text).expect("written");
        };
        write("pool/src/lib.rs", "a");
        write("Cargo.lock", "b");
        let first = sources(root.path()).expect("digest");
        write("target/x.rs", "c");
        write("artifacts/pool.abi", "[]");
        // Nor do tests: a test more makes no other blob. Nor does what prints the ABIs.
        write("pool/src/tests.rs", "d");
        write("abi/src/lib.rs", "d");
        write("rules/src/proofs/math.rs", "e");
        assert_eq!(sources(root.path()).expect("digest"), first);
        write("pool/src/lib.rs", "b");
        write("Cargo.lock", "a");
        let second = sources(root.path()).expect("digest");
        assert_ne!(second, first);
        let record = BuildRecord { compiler: "c".into(), polkavm_linker: "0.30.0".into(), sources: first };
        write(&format!("artifacts/{FILE}"), &record.to_toml().expect("toml"));
        let error = check_sources(root.path()).expect_err("stale").to_string();
        assert!(error.contains("yieldset-contracts build"), "{error}");
        write(&format!("artifacts/{FILE}"), &BuildRecord { sources: second, ..record }.to_toml().expect("toml"));
        check_sources(root.path()).expect("fresh");
    }
}
