//! Settings for single crates in a workspace's profiles. Cargo only warns of those that name no crate, in the middle of
//! what else it says.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use super::{File, Offence};

/// Looks at every workspace's manifest beside the lock file that belongs to it.
pub fn check(files: &[File]) -> Vec<Offence> {
    let in_folder = |folder: Option<&Path>, name: &str| {
        files.iter().find(|file| file.path.parent() == folder && file.path.ends_with(name))
    };
    let mut offences = Vec::new();
    for lock in files.iter().filter(|file| file.path.ends_with("Cargo.lock")) {
        if let Some(manifest) = in_folder(lock.path.parent(), "Cargo.toml") {
            offences.extend(check_pair(manifest, lock));
        }
    }
    offences
}

fn check_pair(manifest: &File, lock: &File) -> Vec<Offence> {
    let offence = |file: &File, text: String| Offence { file: file.path.clone(), line: 0, text };
    let locked = match packages(&lock.text) {
        Ok(locked) => locked,
        Err(error) => return vec![offence(lock, format!("not a lock file: {error}"))],
    };
    // One that cannot be read is told of with the rules on dependencies.
    let named = manifest.text.parse().map(|manifest| names(&manifest)).unwrap_or_default();
    named
        .into_iter()
        .filter(|(_, name)| name != "*" && !locked.contains(name))
        .map(|(profile, name)| {
            offence(
                manifest,
                format!("profile {profile} sets something for {name}, which is not in the lock: remove it"),
            )
        })
        .collect()
}

fn packages(lock: &str) -> Result<BTreeSet<String>, toml::de::Error> {
    let lock: Table = lock.parse()?;
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    Ok(packages.filter_map(|package| Some(package.get("name")?.as_str()?.to_owned())).collect())
}

/// Profile and crate of each setting; a version behind the crate's name is cut off.
fn names(manifest: &Table) -> Vec<(String, String)> {
    let profiles = manifest.get("profile").and_then(Value::as_table).into_iter().flatten();
    profiles
        .filter_map(|(profile, settings)| Some((profile, settings.get("package")?.as_table()?)))
        .flat_map(|(profile, packages)| {
            packages.keys().map(move |name| {
                let name = name.split(['@', ':']).next().unwrap_or(name);
                (profile.clone(), name.to_owned())
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    const LOCK: &str = "version = 4\n[[package]]\nname = \"sha2\"\nversion = \"0.10.9\"\n";

    fn offences(manifest: &str) -> Vec<String> {
        let files =
            [file("contracts/Cargo.toml", manifest), file("contracts/Cargo.lock", LOCK), file("Cargo.toml", "")];
        check(&files).into_iter().map(|offence| offence.text).collect()
    }

    #[test]
    fn a_crate_that_is_no_longer_there_is_named() {
        let found =
            offences("[profile.dev.package]\n\"*\" = { debug = false }\nsha2.opt-level = 2\nlz4.opt-level = 2\n");
        assert!(matches!(&found[..], [only] if only.contains("lz4") && only.contains("dev")), "{found:?}");
        let found = offences("[profile.release.package.\"sha2@0.10\"]\nopt-level = 3\n[profile.proofs.package.sha3]\n");
        assert!(matches!(&found[..], [only] if only.contains("sha3") && only.contains("proofs")), "{found:?}");
    }

    #[test]
    fn a_workspace_is_held_to_its_own_lock() {
        let other =
            [file("Cargo.toml", "[profile.dev.package.sha2]\nopt-level = 2\n"), file("Cargo.lock", "version = 4")];
        assert_eq!(check(&other).len(), 1);
        assert_eq!(check(&other[..1]), []);
        assert_eq!(check(&[file("Cargo.toml", ""), file("Cargo.lock", "[[package")]).len(), 1);
    }
}
