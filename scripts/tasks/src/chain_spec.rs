//! Whether the development chain's genesis is of the sources beside it: `scripts/devnet/chain-spec.sha256`, written by
//! `scripts/chain-spec`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::sources;

const FOLDER: &str = "scripts/devnet";
/// What decides about the runtime's bytes, beside the crates that it is built with.
const PATHS: [&str; 4] = ["scripts/runtime", "scripts/chain-spec", "rust-toolchain.toml", ".cargo"];
const RUNTIME: &str = "yieldset-runtime";

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// Fails where the spec is not the one that was noted with these sources.
///
/// # Errors
/// Which of both it is, and what to do.
pub fn check(root: &Path) -> Result<()> {
    let read =
        |name: &str| std::fs::read(root.join(FOLDER).join(name)).with_context(|| format!("reading {FOLDER}/{name}"));
    let noted = String::from_utf8(read("chain-spec.sha256")?).context("chain-spec.sha256 is no text")?;
    let noted = |line: String| noted.lines().any(|one| one == line);
    let sources = sources(root)?;
    ensure!(
        noted(format!("# sources {sources}")),
        "the runtime's sources or crates are not those of {FOLDER}/chain-spec.json (they are {sources}): \
         run scripts/chain-spec, and commit the result"
    );
    let spec = hex::encode(Sha256::digest(read("chain-spec.json")?));
    ensure!(
        noted(format!("{spec}  chain-spec.json")),
        "{FOLDER}/chain-spec.json is not the one noted beside it (its SHA-256 is {spec}): run scripts/chain-spec"
    );
    Ok(())
}

/// Digest of what the runtime is compiled from: sources, how, and every crate of the lock that it may be built with.
///
/// # Errors
/// Files that cannot be read.
pub fn sources(root: &Path) -> Result<String> {
    let text = |name: &str| std::fs::read_to_string(root.join(name)).with_context(|| format!("reading {name}"));
    let manifest: toml::Table = text("Cargo.toml")?.parse().context("parsing Cargo.toml")?;
    let profile = manifest.get("profile").and_then(|profiles| profiles.get("runtime"));
    let profile = profile.map(toml::to_string).transpose()?.unwrap_or_default();
    let files = sources::digest(root, &sources::files(root, &PATHS)?)?;
    let crates = crates(&text("Cargo.lock")?)?;
    let all = format!("{files}\n{profile}\n{}", crates.into_iter().collect::<String>());
    Ok(hex::encode(Sha256::digest(all)))
}

/// A line for each crate that the runtime leads to.
fn crates(lock: &str) -> Result<BTreeSet<String>> {
    let lock: Lock = toml::from_str(lock).context("parsing Cargo.lock")?;
    let mut by_name = BTreeMap::<&str, Vec<&Package>>::new();
    lock.package.iter().for_each(|package| by_name.entry(&package.name).or_default().push(package));
    let (mut lines, mut next) = (BTreeSet::new(), vec![RUNTIME]);
    while let Some(dependency) = next.pop() {
        // `name`, or with its version where the lock has several.
        let mut words = dependency.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next());
        for package in by_name.get(name).into_iter().flatten() {
            if version.is_none_or(|version| version == package.version) {
                let sum = package.checksum.as_deref().unwrap_or("here");
                if lines.insert(format!("{name} {} {sum}\n", package.version)) {
                    next.extend(package.dependencies.iter().map(String::as_str));
                }
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{repository, write};

    const LOCK: &str = "version = 4\n\
        [[package]]\nname = \"yieldset-runtime\"\nversion = \"0.1.0\"\ndependencies = [\"pallet 1.0.0\"]\n\
        [[package]]\nname = \"pallet\"\nversion = \"1.0.0\"\nchecksum = \"aa\"\ndependencies = [\"codec\"]\n\
        [[package]]\nname = \"pallet\"\nversion = \"2.0.0\"\nchecksum = \"bb\"\n\
        [[package]]\nname = \"codec\"\nversion = \"3.0.0\"\nchecksum = \"cc\"\n";

    #[test]
    fn a_spec_that_was_not_noted_with_its_sources_and_crates_is_refused() {
        let root = repository(&[
            ("Cargo.toml", "[profile.runtime]\nlto = \"fat\"\n"),
            ("Cargo.lock", LOCK),
            ("scripts/runtime/src/lib.rs", "ab"),
            ("scripts/runtime/src/z.rs", "c"),
            ("scripts/devnet/chain-spec.json", "{}"),
        ]);
        let note = || {
            let spec = hex::encode(Sha256::digest("{}"));
            let noted = format!("# sources {}\n{spec}  chain-spec.json\n", sources(root.path()).expect("digest"));
            write(root.path(), "scripts/devnet/chain-spec.sha256", &noted);
            check(root.path()).expect("as noted");
        };
        note();
        // Of the lock, only what the runtime leads to.
        write(root.path(), "Cargo.lock", &LOCK.replace("bb", "bc"));
        check(root.path()).expect("another crate");
        for (path, text) in [
            ("Cargo.lock", LOCK.replace("cc", "cd")),
            ("Cargo.toml", "[profile.runtime]\nlto = \"thin\"\n".to_owned()),
            // The same bytes one after the other.
            ("scripts/runtime/src/lib.rs", "a".to_owned()),
            ("scripts/runtime/src/z.rs", "bc".to_owned()),
            ("rust-toolchain.toml", String::new()),
        ] {
            note();
            write(root.path(), path, &text);
            assert!(check(root.path()).expect_err(path).to_string().contains("scripts/chain-spec"), "{path}");
        }
        note();
        write(root.path(), "scripts/devnet/chain-spec.json", "{\"a\": 1}");
        assert!(check(root.path()).expect_err("another spec").to_string().contains("not the one noted"));
    }
}
