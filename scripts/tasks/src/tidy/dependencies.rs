//! Who may depend on whom.

use std::path::Path;

use toml::{Table, Value};

use super::{File, Offence};

/// What `rules` may use in production: encodings and big integers, nothing that reaches outside.
const RULES_MAY_USE: [&str; 3] = ["parity-scale-codec", "scale-info", "ruint"];
/// Crates outside the contracts' workspace.
const SERVICES: [&str; 9] = [
    "yieldset-chain",
    "yieldset-contracts",
    "yieldset-devnet",
    "yieldset-indexer",
    "yieldset-oracle",
    "yieldset-runtime",
    "yieldset-service",
    "yieldset-tasks",
    "yieldset-tests",
];
/// Parts of the standard library that do I/O or ask the machine for something.
const IO_MODULES: [&str; 6] = ["std::fs", "std::net", "std::io", "std::env", "std::process", "std::thread"];

/// Rules on a `Cargo.toml`.
pub fn check_manifest(file: &File) -> Vec<Offence> {
    let offence = |text: String| Offence { file: file.path.clone(), line: 0, text };
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![offence(format!("not a manifest: {error}"))],
    };
    let (used, with_tests) =
        (names(&manifest, &["dependencies"]), names(&manifest, &["dependencies", "dev-dependencies"]));
    let mut offences = Vec::new();
    if file.path == Path::new("contracts/rules/Cargo.toml") {
        for name in used.iter().filter(|name| !RULES_MAY_USE.contains(&name.as_str())) {
            offences.push(offence(format!("rules may not depend on {name}: it is pure arithmetic and encodings")));
        }
    }
    if file.path.starts_with("contracts") {
        for name in with_tests.iter().filter(|name| SERVICES.contains(&name.as_str())) {
            offences
                .push(offence(format!("contracts may not depend on {name}: services depend on contracts, never back")));
        }
    }
    if file.path.starts_with("service") {
        for name in with_tests.iter().filter(|name| name.starts_with("yieldset-")) {
            offences.push(offence(format!("service may not depend on {name}: it is below all other crates")));
        }
    }
    if file.path.starts_with("indexer") && with_tests.iter().any(|name| name == "yieldset-oracle") {
        offences.push(offence("the indexer may not depend on the oracle: it believes only the chain".into()));
    }
    let signs = with_tests.iter().any(|name| name == "subxt-signer" || name == "subxt");
    if signs && !file.path.starts_with("chain") {
        offences.push(offence(
            "only yieldset-chain talks to the node: use its client and submitter instead of subxt".into(),
        ));
    }
    offences
}

/// Rules on a source file of `rules`.
pub fn check_source(file: &File) -> Vec<Offence> {
    if !file.path.starts_with("contracts/rules/src") {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(i, line)| {
            IO_MODULES.iter().filter(move |module| line.contains(*module)).map(move |module| (i, module))
        })
        .map(|(i, module)| Offence {
            file: file.path.clone(),
            line: i + 1,
            text: format!("rules may not use {module}: it does no I/O"),
        })
        .collect()
}

/// Package names in the given sections, also below `[target.…]`; a renamed one under its own name.
fn names(manifest: &Table, sections: &[&str]) -> Vec<String> {
    let mut tables = vec![manifest];
    if let Some(Value::Table(targets)) = manifest.get("target") {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    let mut names = Vec::new();
    for section in tables.iter().flat_map(|table| sections.iter().filter_map(|section| table.get(*section)?.as_table()))
    {
        for (name, value) in section {
            names.push(value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn refused(path: &str, text: &str) -> bool {
        !check_manifest(&file(path, text)).is_empty()
    }

    #[test]
    fn rules_takes_no_io_crate_and_no_io_module() {
        assert!(refused("contracts/rules/Cargo.toml", "[dependencies]\ntokio = \"1\""));
        assert!(refused("contracts/rules/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\""));
        assert!(!refused(
            "contracts/rules/Cargo.toml",
            "[dependencies]\nruint = \"1\"\n[dev-dependencies]\nproptest = \"1\""
        ));
        let offences = check_source(&file("contracts/rules/src/a.rs", "\n// std::fs\nuse std::fs::File;"));
        assert_eq!(offences.iter().map(|o| o.line).collect::<Vec<_>>(), [3]);
        assert!(check_source(&file("oracle/src/a.rs", "use std::fs::File;")).is_empty());
    }

    #[test]
    fn contracts_never_import_services() {
        assert!(refused("contracts/pool/Cargo.toml", "[dependencies]\nyieldset-chain = { path = \"../../chain\" }"));
        assert!(refused("contracts/pool/Cargo.toml", "[dev-dependencies]\nx = { package = \"yieldset-oracle\" }"));
        assert!(!refused("contracts/pool/Cargo.toml", "[dependencies]\nyieldset-rules = { path = \"../rules\" }"));
    }

    #[test]
    fn the_indexer_never_imports_the_oracle() {
        assert!(refused("indexer/Cargo.toml", "[dev-dependencies]\nyieldset-oracle.workspace = true"));
        assert!(!refused("tests/Cargo.toml", "[dependencies]\nyieldset-oracle.workspace = true"));
    }

    #[test]
    fn service_stands_on_nothing_of_ours() {
        assert!(refused("service/Cargo.toml", "[dependencies]\nyieldset-chain.workspace = true"));
        assert!(refused("service/Cargo.toml", "[dev-dependencies]\nyieldset-rules.workspace = true"));
        assert!(!refused("service/Cargo.toml", "[dependencies]\ntokio.workspace = true"));
        assert!(refused(
            "contracts/pool/Cargo.toml",
            "[dependencies]\nyieldset-service = { path = \"../../service\" }"
        ));
    }

    #[test]
    fn only_chain_depends_on_the_signing_client() {
        assert!(refused("oracle/Cargo.toml", "[dependencies]\nsubxt-signer.workspace = true"));
        assert!(!refused("chain/Cargo.toml", "[dependencies]\nsubxt.workspace = true"));
    }

    #[test]
    fn a_broken_manifest_is_an_offence() {
        assert!(refused("chain/Cargo.toml", "[dependencies"));
    }
}
