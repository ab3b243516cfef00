//! The rules of ARCHITECTURE.md that the compiler does not check: which crate may know which, who may sign, how long is
//! too long, what is there for nothing.

mod dependencies;
mod length;
mod modules;
mod profiles;
mod style;
mod unused;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Offence {
    /// Relative to the repository.
    pub file: PathBuf,
    /// Counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match self.line {
            0 => write!(f, "{file}: {}", self.text),
            line => write!(f, "{file}:{line}: {}", self.text),
        }
    }
}

/// A source, manifest or lock file with its place in the repository.
pub struct File {
    /// Relative to the repository, with `/`.
    pub path: PathBuf,
    /// Content.
    pub text: String,
}

/// Checks the repository at `root`.
pub fn run(root: &Path) -> Result<()> {
    let (files, offences) = check(root)?;
    for offence in &offences {
        eprintln!("{offence}");
    }
    if !offences.is_empty() {
        bail!("{} rule(s) of ARCHITECTURE.md broken", offences.len());
    }
    crate::contracts::check(root)?;
    crate::chain_spec::check(root)?;
    println!(
        "tidy: {} files keep the rules, and the contracts' blobs and the chain's spec are those recorded with their sources",
        files.len()
    );
    Ok(())
}

fn check(root: &Path) -> Result<(Vec<File>, Vec<Offence>)> {
    let (files, mut offences) = files(root)?;
    for file in files.iter().filter(|file| !file.path.ends_with("Cargo.lock")) {
        offences.extend(style::check(file));
        if !file.path.ends_with("Cargo.toml") {
            offences.extend(words::check(file));
            offences.extend(length::check(file));
        }
    }
    offences.extend(dependencies::check(root, &files)?);
    offences.extend(modules::check(&files));
    offences.extend(profiles::check(&files));
    offences.extend(unused::check(&files));
    Ok((files, offences))
}

/// Every `*.rs`, `Cargo.toml` and `Cargo.lock` that the repository has, in whatever folder, in a fixed order. What is
/// no plain file is an offence: it would be read here and not be in the history.
fn files(root: &Path) -> Result<(Vec<File>, Vec<Offence>)> {
    let (mut found, mut offences) = (Vec::new(), Vec::new());
    for path in crate::sources::files(root, &[])?.into_iter().map(PathBuf::from) {
        let file = root.join(&path);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !file.symlink_metadata().with_context(|| format!("looking at {}", path.display()))?.is_file() {
            let text = "a link or a repository of its own: put the file itself there".to_owned();
            offences.push(Offence { file: path, line: 0, text });
        } else if ["Cargo.toml", "Cargo.lock"].contains(&name) || name.ends_with(".rs") {
            let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", path.display()))?;
            found.push(File { path, text });
        }
    }
    Ok((found, offences))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    #[test]
    fn this_repository_keeps_its_rules() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let (_, offences) = check(&root).expect("readable");
        let report: Vec<_> = offences.iter().map(ToString::to_string).collect();
        assert!(offences.is_empty(), "{}", report.join("\n"));
    }

    #[test]
    fn its_blobs_and_its_chain_are_recorded_with_their_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        crate::contracts::check(&root).expect("blobs");
        crate::chain_spec::check(&root).expect("the chain's spec");
    }

    #[test]
    fn all_that_git_has_is_looked_at_and_a_link_is_an_offence() {
        let signs = "use subxt_signer::sr25519;\n";
        let paths = ["oracle/src/target/sign.rs", "oracle/src/.hidden/sign.rs", "oracle/src/sign.rs"];
        let mut all: Vec<_> = paths.iter().map(|path| (*path, signs)).collect();
        all.extend([(".gitignore", "/target\n"), ("target/x.rs", signs), ("a.txt", signs)]);
        let root = crate::sources::repository(&all);
        std::os::unix::fs::symlink("../../a.txt", root.path().join("oracle/src/link.rs")).expect("linked");
        let (files, offences) = check(root.path()).expect("readable");
        assert_eq!(files.len(), paths.len());
        assert_eq!(offences.len(), paths.len() + 1, "{offences:?}");
    }
}
