//! Dependencies that nothing uses. As cargo-machete sees it, whose list of exceptions this is.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use super::{File, Offence};

/// The head of a manifest's exceptions: crates that are used without their name.
const EXCEPTIONS: &str = "[package.metadata.cargo-machete]";

/// Looks for each dependency's name in the crate's sources.
pub fn check(files: &[File]) -> Vec<Offence> {
    let manifests: Vec<_> = files.iter().filter(|file| file.path.ends_with("Cargo.toml")).collect();
    let mut offences = Vec::new();
    for manifest in &manifests {
        // A crate below another has sources of its own.
        let owner = |path: &Path| {
            path.ancestors().skip(1).find_map(|folder| manifests.iter().find(|m| m.path.parent() == Some(folder)))
        };
        let is_its = |file: &&File| {
            file.path.extension().is_some_and(|it| it == "rs")
                && owner(&file.path).is_some_and(|m| m.path == manifest.path)
        };
        let sources: Vec<_> = files.iter().filter(is_its).map(|file| &*file.text).collect();
        let offence = |text| Offence { file: manifest.path.clone(), line: 0, text };
        offences.extend(check_crate(manifest, &sources).into_iter().map(offence));
    }
    offences
}

fn check_crate(manifest: &File, sources: &[&str]) -> Vec<String> {
    // One that cannot be read is told of with the rules on dependencies.
    let table: Table = manifest.text.parse().unwrap_or_default();
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let named: Vec<_> = sections.iter().filter_map(|name| table.get(*name)?.as_table()).flat_map(Table::keys).collect();
    let ignored = || table.get("package")?.get("metadata")?.get("cargo-machete")?.get("ignored")?.as_array();
    let ignored: Vec<_> = ignored().into_iter().flatten().filter_map(Value::as_str).collect();
    let words: BTreeSet<_> = sources.iter().flat_map(|text| words(text)).collect();
    let mut wrong = Vec::new();
    for name in &named {
        let used = words.contains(&*name.replace('-', "_"));
        if !used && !ignored.contains(&name.as_str()) {
            wrong.push(format!("nothing uses {name}: remove it, or say in {EXCEPTIONS} why it is there"));
        }
    }
    for name in ignored.iter().filter(|name| !named.iter().any(|it| it == *name)) {
        wrong.push(format!("{EXCEPTIONS} lists {name}, which is no dependency: remove it"));
    }
    let head = manifest.text.lines().position(|line| line == EXCEPTIONS);
    if head.is_some_and(|at| at == 0 || !manifest.text.lines().nth(at - 1).is_some_and(|line| line.starts_with('#'))) {
        wrong.push(format!("a comment before {EXCEPTIONS} must say why"));
    }
    wrong
}

/// The words of all lines that are no comments.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn offences(manifest: &str, source: &str) -> usize {
        let files = [
            file("a/Cargo.toml", manifest),
            file("a/src/lib.rs", source),
            file("a/b/Cargo.toml", ""),
            file("a/b/src/lib.rs", "use sha2::Sha256;"),
        ];
        check(&files).len()
    }

    #[test]
    fn a_dependency_that_no_source_names_is_found() {
        for section in ["dependencies", "dev-dependencies"] {
            let manifest = format!("[{section}]\nsha2 = \"1\"\nserde-json = \"1\"\n");
            assert_eq!(offences(&manifest, "use serde_json::json;\nfn f() { sha2::f() }"), 0);
            assert_eq!(offences(&manifest, "use serde_json_2::json;\n// sha2\nlet sha256 = 1;"), 2);
        }
    }

    #[test]
    fn an_exception_has_its_reason_and_is_a_dependency() {
        let manifest = |before: &str, named: &str| {
            format!("{before}\n{EXCEPTIONS}\nignored = [\"codec\"]\n[dependencies]\n{named} = \"1\"\n")
        };
        assert_eq!(offences(&manifest("# Macros name it.", "codec"), ""), 0);
        assert_eq!(offences(&manifest("", "codec"), ""), 1);
        assert_eq!(offences(&manifest("# Macros name it.", "sha2"), ""), 2);
    }
}
