//! Developer tasks: the demo, the repository's own rules, and what the contracts' blobs were built from. The end-to-end
//! tests use the demo's parts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

pub mod chain_spec;
pub mod contracts;
pub mod demo;
pub mod mint;
pub mod query_types;
pub mod schema;
pub mod sources;
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

/// Stops where this program was built from another checkout than `root`: its parts would judge the one by the other.
///
/// # Errors
/// Both folders, and what to do.
pub fn built_from(root: &Path) -> Result<()> {
    let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let same = own.canonicalize().is_ok_and(|own| root.canonicalize().is_ok_and(|root| own == root));
    ensure!(
        same,
        "this program was built from {}, not from {}: run scripts/demo or scripts/test there, which build it",
        own.display(),
        root.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_judges_the_checkout_that_it_was_built_from_alone() -> Result<()> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        built_from(&repository(here)?)?;
        let elsewhere = tempfile::tempdir()?;
        assert!(built_from(elsewhere.path()).is_err_and(|error| error.to_string().contains("was built from")));
        Ok(())
    }
}
