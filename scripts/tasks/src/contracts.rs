//! What the checked-in blobs were built from and by: `contracts/artifacts/build.toml`.
//!
//! A compiler of another version, or of another builder, makes other bytes from the same sources. The record says whose
//! bytes are checked in, and its digests of sources and results show on every machine, without any compiler, that one
//! was changed without the other. Which tools make the blobs is said here, not by what lies beside them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::sources::{self, digest};

/// Where blobs and ABIs are, in the repository.
pub const FOLDER: &str = "contracts/artifacts";
/// Beside the blobs.
pub const FILE: &str = "build.toml";
/// SHA-256 of every blob and ABI, beside them.
pub const SUMS: &str = "SHA256SUMS";
/// How large and how dear a blob may be, beside the blobs: written by hand.
pub const LIMITS: &str = "limits.toml";
/// The compiler of the checked-in blobs, that of rust-toolchain.toml: first line of `rustc -vV` and LLVM's version.
pub const COMPILER: &str = "rustc 1.95.0 (59807616e 2026-04-14), LLVM version: 22.1.2";
/// The version of PolkaVM's linker that made them.
pub const LINKER: &str = "0.30.0";
/// `yieldset-contracts check` ends with this where the tools here are others than those: the blobs were not compared.
pub const NOT_COMPARED: u8 = 3;

/// The content of [`FILE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildRecord {
    /// [`COMPILER`], in what is checked in.
    pub compiler: String,
    /// [`LINKER`], in what is checked in.
    pub polkavm_linker: String,
    /// [`digest`] of what a blob may depend on: see [`sources`].
    pub sources: String,
    /// SHA-256 of the file [`SUMS`], so of every blob and ABI.
    pub sums: String,
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

    /// Whether it was built by the tools that make the checked-in blobs.
    pub fn by_the_pinned_tools(&self) -> bool {
        self.compiler == COMPILER && self.polkavm_linker == LINKER
    }

    /// Everything about the tools that decides about the bytes.
    pub fn tools(&self) -> String {
        format!("{}, polkavm-linker {}", self.compiler, self.polkavm_linker)
    }
}

/// Fails where the checked-in blobs are not those that were recorded with these sources, or not by the pinned tools.
///
/// # Errors
/// Which of them it is, and what to do.
pub fn check(root: &Path) -> Result<()> {
    let record = BuildRecord::read(&root.join(FOLDER))?;
    let toolchain = std::fs::read_to_string(root.join("rust-toolchain.toml")).context("reading rust-toolchain.toml")?;
    let toolchain: toml::Table = toolchain.parse().context("parsing rust-toolchain.toml")?;
    let channel = toolchain.get("toolchain").and_then(|one| one.get("channel")?.as_str()).unwrap_or_default();
    ensure!(
        COMPILER.starts_with(&format!("rustc {channel} ")),
        "rust-toolchain.toml wants Rust {channel}, the blobs' compiler is {COMPILER} (scripts/tasks/src/contracts.rs): \
         change both, then run yieldset-contracts build"
    );
    ensure!(
        record.by_the_pinned_tools(),
        "the checked-in blobs were built by {}, and have to be by {COMPILER}, polkavm-linker {LINKER}: \
         run scripts/setup contracts where rustup can get rust-src, then yieldset-contracts build",
        record.tools()
    );
    let sources = sources(root)?;
    ensure!(
        record.sources == sources,
        "the contracts' sources changed after the checked-in blobs were built ({} is recorded, they are {sources}); \
         run scripts/setup contracts, then yieldset-contracts build, and commit {FOLDER}",
        record.sources
    );
    check_artifacts(&root.join(FOLDER), &record.sums)
}

/// Whether [`SUMS`] is the recorded one, and each file beside it is one of its lines.
fn check_artifacts(folder: &Path, recorded: &str) -> Result<()> {
    let sha256 = |name: &str| -> Result<String> {
        let content = std::fs::read(folder.join(name)).with_context(|| format!("reading {FOLDER}/{name}"))?;
        Ok(hex::encode(Sha256::digest(content)))
    };
    let advice = "run yieldset-contracts build, and commit contracts/artifacts";
    ensure!(sha256(SUMS)? == recorded, "{SUMS} is not the one recorded in {FILE}; {advice}");
    let sums = std::fs::read_to_string(folder.join(SUMS)).with_context(|| format!("reading {FOLDER}/{SUMS}"))?;
    let mut known = BTreeSet::from([FILE, SUMS, LIMITS]);
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").with_context(|| format!("{SUMS} has the line '{line}'; {advice}"))?;
        ensure!(sha256(name)? == sum, "{name} is not the one that was built: {SUMS} has another digest; {advice}");
        known.insert(name);
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {FOLDER}"))? {
        let name = entry?.file_name();
        let is_known = name.to_str().is_some_and(|name| known.contains(name));
        ensure!(is_known, "{FOLDER}/{} was not built: remove it", name.display());
    }
    Ok(())
}

/// Digest of everything a blob may depend on, apart from the tools: all that git has in contracts/ but artifacts and
/// documents, tests included, and what cargo and rustup are told.
///
/// # Errors
/// Files that cannot be read, links, and a cargo configuration other than the known one.
pub fn sources(root: &Path) -> Result<String> {
    check_configuration(root)?;
    let mut names = sources::files(root, &["contracts", ".cargo", "rust-toolchain.toml"])?;
    names.retain(|name| !name.starts_with("contracts/artifacts/") && !name.ends_with(".md"));
    digest(root, &names)
}

/// Cargo reads its configuration in `contracts/` and above: there may be that of the root alone, and it may only say
/// what no compiled byte depends on. Another could put other crates in the place of those in the lock.
fn check_configuration(root: &Path) -> Result<()> {
    for path in ["contracts/.cargo", ".cargo/config"] {
        let none = root.join(path).symlink_metadata().is_err();
        ensure!(none, "{path} would change how the contracts are built: remove it");
    }
    let file = root.join(".cargo/config.toml");
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let config: toml::Table = text.parse().with_context(|| format!("parsing {}", file.display()))?;
    let other = config.keys().find(|key| !["env", "alias"].contains(&key.as_str()));
    ensure!(
        other.is_none(),
        ".cargo/config.toml sets '{}', which could change the blobs: only env and alias may stand there",
        other.map_or("", String::as_str)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{repository, write};

    const TOOLCHAIN: (&str, &str) = ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.95.0\"\n");

    /// A repository with a blob that is recorded as it has to be.
    fn built() -> (tempfile::TempDir, BuildRecord) {
        let root =
            repository(&[TOOLCHAIN, ("contracts/pool/src/lib.rs", "a"), ("contracts/artifacts/pool.polkavm", "b")]);
        let sums = format!("{}  pool.polkavm\n", hex::encode(Sha256::digest("b")));
        write(root.path(), "contracts/artifacts/SHA256SUMS", &sums);
        let record = BuildRecord {
            compiler: COMPILER.into(),
            polkavm_linker: LINKER.into(),
            sources: sources(root.path()).expect("digest"),
            sums: hex::encode(Sha256::digest(&sums)),
        };
        put(root.path(), &record);
        check(root.path()).expect("as built");
        (root, record)
    }

    fn put(root: &Path, record: &BuildRecord) {
        write(root, "contracts/artifacts/build.toml", &record.to_toml().expect("toml"));
    }

    fn refused(root: &Path) -> String {
        check(root).expect_err("refused").to_string()
    }

    #[test]
    fn any_file_that_can_be_compiled_is_a_source_and_results_and_documents_are_none() {
        let root = repository(&[TOOLCHAIN, (".gitignore", "/contracts/target\n"), ("contracts/pool/src/lib.rs", "a")]);
        let mut last = sources(root.path()).expect("digest");
        for path in ["contracts/target/x.rs", "contracts/artifacts/pool.abi", "contracts/README.md"] {
            write(root.path(), path, "c");
            assert_eq!(sources(root.path()).expect("digest"), last, "{path}");
        }
        for path in [
            "contracts/pool/src/proofs/a.rs",
            "contracts/pool/src/tests/a.rs",
            "contracts/pool/src/tests.rs",
            "contracts/pool/src/target/a.rs",
            "contracts/pool/src/abi/a.rs",
            "contracts/pool/src/artifacts/a.rs",
            "contracts/pool/src/.hidden/a.rs",
            "contracts/pool/src/table.bin",
            "contracts/Cargo.lock",
            ".cargo/config.toml",
            "rust-toolchain.toml",
        ] {
            write(root.path(), path, "[env]\n");
            let now = sources(root.path()).expect("digest");
            assert_ne!(now, last, "{path}");
            last = now;
        }
    }

    #[test]
    fn a_changed_source_says_to_build_anew() {
        let (root, _) = built();
        write(root.path(), "contracts/pool/src/lib.rs", "b");
        assert!(refused(root.path()).contains("yieldset-contracts build"));
    }

    #[test]
    fn a_blob_that_was_not_recorded_with_its_sources_is_refused() {
        let (root, record) = built();
        write(root.path(), "contracts/artifacts/pool.polkavm", "c");
        assert!(refused(root.path()).contains("pool.polkavm"));
        // Nor with sums that fit it: they are recorded too.
        let sums = format!("{}  pool.polkavm\n", hex::encode(Sha256::digest("c")));
        write(root.path(), "contracts/artifacts/SHA256SUMS", &sums);
        assert!(refused(root.path()).contains("SHA256SUMS"));
        put(root.path(), &BuildRecord { sums: hex::encode(Sha256::digest(&sums)), ..record });
        check(root.path()).expect("recorded");
        write(root.path(), "contracts/artifacts/kyc.polkavm", "d");
        assert!(refused(root.path()).contains("kyc.polkavm"));
    }

    #[test]
    fn a_record_of_other_tools_than_the_pinned_ones_is_refused() {
        let (root, record) = built();
        let compiler = COMPILER.replace("59807616e", "59807616f");
        put(root.path(), &BuildRecord { compiler, ..record.clone() });
        assert!(refused(root.path()).contains("59807616f"));
        put(root.path(), &BuildRecord { polkavm_linker: "0.30.1".into(), ..record });
        assert!(refused(root.path()).contains("0.30.1"));
        write(root.path(), TOOLCHAIN.0, "[toolchain]\nchannel = \"1.96.0\"\n");
        assert!(refused(root.path()).contains("1.96.0"));
    }

    #[test]
    fn no_cargo_configuration_can_put_other_crates_into_a_blob() {
        for (path, text) in [
            ("contracts/.cargo/config.toml", ""),
            (".cargo/config", ""),
            (".cargo/config.toml", "[source.crates-io]\nreplace-with = 'x'\n"),
            (".cargo/config.toml", "include = 'x.toml'\n"),
        ] {
            let root = repository(&[TOOLCHAIN, (path, text)]);
            let error = sources(root.path()).expect_err("refused").to_string();
            assert!(error.contains(".cargo"), "{error}");
        }
    }
}
