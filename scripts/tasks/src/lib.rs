//! Developer tasks: the demo, the repository's own rules, and what the contracts' blobs were built from. The end-to-end
//! tests use the demo's parts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub mod contracts;
pub mod demo;
pub mod query_types;
pub mod test;
pub mod tidy;

/// The nearest folder above `start` that looks like this repository.
pub fn repository(start: &Path) -> Result<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join("contracts/rules/Cargo.toml").is_file())
        .map(Path::to_owned)
        .context("run this inside the repository, or name it with --root")
}
