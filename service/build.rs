//! The version with its commit: the one place that knows it.
//!
//! The commit is `YIELDSET_COMMIT` where that is set, as in a container that has no history. Else release builds ask
//! git; other builds do not, so that a commit does not make every program of a working day be linked again.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=YIELDSET_COMMIT");
    let given = env::var("YIELDSET_COMMIT").ok().filter(|commit| !commit.trim().is_empty());
    let released = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = match (given, released) {
        (Some(given), _) => given.trim().to_owned(),
        (None, true) => from_git().unwrap_or_else(|| "unknown".to_owned()),
        (None, false) => "development".to_owned(),
    };
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo:rustc-env=YIELDSET_VERSION={version} ({commit})");
}

/// The commit that is checked out, with `-dirty` where tracked files differ from it when this runs.
fn from_git() -> Option<String> {
    // An archive without history, unpacked inside of somebody's repository, is not of that repository's commit.
    if git(&["rev-parse", "--show-prefix"])? != "service/" {
        return None;
    }
    // Both change with each commit and each checkout. A file that is not there would make this run every time.
    for name in ["HEAD", "logs/HEAD"] {
        let file = git(&["rev-parse", "--git-path", name])?;
        if Path::new(&file).exists() {
            println!("cargo:rerun-if-changed={file}");
        }
    }
    git(&["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("--no-optional-locks").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
