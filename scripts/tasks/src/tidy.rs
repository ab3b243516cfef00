//! The rules of ARCHITECTURE.md that the compiler does not check: which crate may know which, who may sign, how long is
//! too long, what is there for nothing.

mod dependencies;
mod length;
mod profiles;
mod signing;
mod style;
mod unused;

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
    let files = files(root)?;
    let offences = check(&files);
    for offence in &offences {
        eprintln!("{offence}");
    }
    if !offences.is_empty() {
        bail!("{} rule(s) of ARCHITECTURE.md broken", offences.len());
    }
    crate::contracts::check_sources(root)?;
    println!("tidy: {} files keep the rules, and the contracts' blobs belong to their sources", files.len());
    Ok(())
}

fn check(files: &[File]) -> Vec<Offence> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| !file.path.ends_with("Cargo.lock")) {
        offences.extend(style::check(file));
        if file.path.ends_with("Cargo.toml") {
            offences.extend(dependencies::check_manifest(file));
        } else {
            offences.extend(dependencies::check_source(file));
            offences.extend(signing::check(file));
            offences.extend(length::check(file));
        }
    }
    offences.extend(profiles::check(files));
    offences.extend(unused::check(files));
    offences
}

/// Every `*.rs`, `Cargo.toml` and `Cargo.lock` below `root`, without build results and hidden folders, in a fixed
/// order.
fn files(root: &Path) -> Result<Vec<File>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if kind.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if kind.is_file() && (["Cargo.toml", "Cargo.lock"].contains(&name) || name.ends_with(".rs")) {
                let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                let path = path.strip_prefix(root).unwrap_or(&path).to_owned();
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
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
        let offences = check(&files(&root).expect("readable"));
        let report: Vec<_> = offences.iter().map(ToString::to_string).collect();
        assert!(offences.is_empty(), "{}", report.join("\n"));
    }

    #[test]
    fn build_results_are_not_looked_at() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for path in ["a/src/lib.rs", "a/target/x.rs", ".git/y.rs", "a/notes.txt"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("has a parent")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        let found = files(folder.path()).expect("readable");
        assert_eq!(found.iter().map(|f| f.path.as_path()).collect::<Vec<_>>(), [Path::new("a/src/lib.rs")]);
    }
}
