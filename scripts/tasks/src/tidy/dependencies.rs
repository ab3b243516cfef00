//! Who may depend on whom, by cargo's own word: whatever a crate is renamed to, wherever its version is said.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{File, Offence};

/// What `rules` may use in production: encodings and big integers, nothing that reaches outside.
const RULES_MAY_USE: [&str; 3] = ["parity-scale-codec", "scale-info", "ruint"];

/// A crate of Substrate's in the place of the published one: in neither workspace, so cargo does not tell of it.
const PATCH: &str = "scripts/devnet/sc-tracing/Cargo.toml";

/// Of a workspace, as `cargo metadata` prints it.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    /// The crate's own name.
    name: String,
    /// None in production, else `dev` or `build`.
    kind: Option<String>,
    /// Where it is, if here.
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// Rules on every crate whose manifest is among the repository's files.
pub fn check(root: &Path, files: &[File]) -> Result<Vec<Offence>> {
    let root = root.canonicalize().with_context(|| format!("looking at {}", root.display()))?;
    let (mut offences, mut known) = (Vec::new(), Vec::<PathBuf>::new());
    for file in files.iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        // Members come with their workspace, which is before them.
        if known.contains(&file.path) || file.path == Path::new(PATCH) {
            continue;
        }
        known.push(file.path.clone());
        for package in packages(&root, &file.path)? {
            let path = package.manifest_path.strip_prefix(&root).unwrap_or(&package.manifest_path).to_owned();
            offences.extend(check_package(&root, &path, &package));
            known.push(path);
        }
    }
    Ok(offences)
}

fn packages(root: &Path, manifest: &Path) -> Result<Vec<Package>> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"]);
    let output = cargo.arg(root.join(manifest)).output().context("starting cargo")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo cannot read {}: {refusal}", manifest.display());
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).context("reading what cargo says of its packages")?;
    Ok(metadata.packages)
}

fn check_package(root: &Path, path: &Path, package: &Package) -> Vec<Offence> {
    let mut texts = Vec::new();
    for dependency in &package.dependencies {
        let name = &dependency.name;
        let tests_only = dependency.kind.as_deref() == Some("dev");
        if path.starts_with("contracts/rules") && !tests_only && !RULES_MAY_USE.contains(&name.as_str()) {
            texts.push(format!("rules may not depend on {name}: it is pure arithmetic and encodings"));
        }
        let outside = dependency.path.as_ref().is_some_and(|place| !place.starts_with(root.join("contracts")));
        if path.starts_with("contracts") && outside {
            texts.push(format!("contracts may not depend on {name}: services depend on contracts, never back"));
        }
        if path.starts_with("service") && name.starts_with("yieldset-") {
            texts.push(format!("service may not depend on {name}: it is below all other crates"));
        }
        if path.starts_with("indexer") && name == "yieldset-oracle" {
            texts.push("the indexer may not depend on the oracle: it believes only the chain".into());
        }
        if !path.starts_with("chain") && (name == "subxt" || name.starts_with("subxt-")) {
            let text = format!("only yieldset-chain talks to the node: use its client and submitter instead of {name}");
            texts.push(text);
        }
    }
    for target in &package.targets {
        if path.starts_with("contracts/rules") && target.kind.iter().any(|kind| kind == "custom-build") {
            texts.push("rules may have no build script: it does no I/O".into());
        }
        if target.src_path.extension().is_none_or(|extension| extension != "rs") {
            texts.push(format!("{} is compiled: name it .rs", target.src_path.display()));
        }
    }
    texts.into_iter().map(|text| Offence { file: path.to_owned(), line: 0, text }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;
    use crate::sources::{repository, write};

    /// Whether this one manifest, with an empty crate to it, breaks a rule.
    fn refused(path: &str, text: &str) -> bool {
        let root = repository(&[]);
        put(root.path(), path, text);
        !check(root.path(), &[file(path, "")]).expect("cargo's word").is_empty()
    }

    fn put(root: &Path, path: &str, text: &str) {
        write(root, path, &format!("[package]\nname = \"x\"\nedition = \"2024\"\n{text}\n"));
        write(root, &path.replace("Cargo.toml", "src/lib.rs"), "");
    }

    #[test]
    fn rules_takes_no_io_crate_however_it_comes() {
        for section in ["dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            assert!(refused("contracts/rules/Cargo.toml", &format!("[{section}]\nlibc = \"0.2\"")), "{section}");
        }
        assert!(refused(
            "contracts/rules/Cargo.toml",
            "[dependencies]\nruint = { package = \"libc\", version = \"0.2\" }"
        ));
        assert!(!refused(
            "contracts/rules/Cargo.toml",
            "[dependencies]\nruint = \"1\"\n[dev-dependencies]\nproptest = \"1\""
        ));
    }

    #[test]
    fn rules_has_no_build_script_and_only_sources_are_compiled() {
        let root = repository(&[]);
        put(root.path(), "contracts/rules/Cargo.toml", "[lib]\npath = \"src/lib.inc\"");
        write(root.path(), "contracts/rules/src/lib.inc", "");
        write(root.path(), "contracts/rules/build.rs", "fn main() {}");
        let found = check(root.path(), &[file("contracts/rules/Cargo.toml", "")]).expect("cargo's word");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn contracts_never_import_services() {
        let root = repository(&[]);
        put(root.path(), "chain/Cargo.toml", "");
        put(
            root.path(),
            "contracts/pool/Cargo.toml",
            "[dev-dependencies]\ny = { package = \"x\", path = \"../../chain\" }",
        );
        let files = [file("contracts/pool/Cargo.toml", "")];
        assert_eq!(check(root.path(), &files).expect("cargo's word").len(), 1);
        put(root.path(), "contracts/rules/Cargo.toml", "");
        put(root.path(), "contracts/pool/Cargo.toml", "[dependencies]\nx = { path = \"../rules\" }");
        assert_eq!(check(root.path(), &files).expect("cargo's word"), []);
    }

    #[test]
    fn the_indexer_never_imports_the_oracle_and_service_stands_on_nothing_of_ours() {
        assert!(refused("indexer/Cargo.toml", "[dev-dependencies]\nyieldset-oracle = \"1\""));
        assert!(!refused("tests/Cargo.toml", "[dependencies]\nyieldset-oracle = \"1\""));
        assert!(refused("service/Cargo.toml", "[dev-dependencies]\nyieldset-rules = \"1\""));
        assert!(!refused("service/Cargo.toml", "[dependencies]\ntokio = \"1\""));
    }

    #[test]
    fn only_chain_depends_on_the_signing_client_by_any_name() {
        assert!(refused("oracle/Cargo.toml", "[dependencies]\nsubxt-signer = \"0.51\""));
        assert!(!refused("chain/Cargo.toml", "[dependencies]\nsubxt = \"0.51\""));
        let root = repository(&[]);
        let renamed = "[workspace]\nmembers = [\"oracle\"]\n[workspace.dependencies]\n\
                       keys = { package = \"subxt-signer\", version = \"0.51\" }\n";
        write(root.path(), "Cargo.toml", renamed);
        put(root.path(), "oracle/Cargo.toml", "[dependencies]\nkeys.workspace = true");
        let files = [file("Cargo.toml", renamed), file("oracle/Cargo.toml", "")];
        let found = check(root.path(), &files).expect("cargo's word");
        assert!(matches!(&found[..], [only] if only.text.contains("subxt-signer")), "{found:?}");
    }

    #[test]
    fn a_broken_manifest_is_told() {
        let root = repository(&[("chain/Cargo.toml", "[dependencies")]);
        let error = check(root.path(), &[file("chain/Cargo.toml", "")]).expect_err("broken").to_string();
        assert!(error.contains("chain/Cargo.toml"), "{error}");
    }
}
