//! Stages that have passed with the very same content before, on the same machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use yieldset_service::files::{self, Access};

use crate::test::Form;
use crate::test::session::{Bench, Outcome};

/// Does a stage's work, unless it passed before with what git has at these paths: nothing could come out otherwise. At
/// night it is done whatever was before.
pub fn unless_passed(
    bench: &mut Bench<'_>,
    stage: &str,
    paths: &[&str],
    work: impl FnOnce(&mut Bench<'_>) -> Result<Outcome>,
) -> Result<Outcome> {
    let kept = match bench.session.form {
        Form::Change => mark(&bench.session.root, &files::cache(), stage, paths),
        Form::Quick | Form::Nightly => None,
    };
    if kept.as_ref().is_some_and(|file| file.exists()) {
        return Ok(Outcome::skipped("it has passed here before, and nothing that it looks at has changed"));
    }
    let outcome = work(bench)?;
    if let Some(file) = kept.filter(|_| outcome.ok && outcome.skipped.is_none()) {
        files::write(&file, b"", Access::Published).context("noting that a stage passed")?;
    }
    Ok(outcome)
}

/// The file that says so. None where git does not say what the content is: of a change that is not committed yet, or of
/// a folder that is no clone.
fn mark(root: &Path, cache: &Path, stage: &str, paths: &[&str]) -> Option<PathBuf> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        output.status.success().then_some(output.stdout)
    };
    let changed = git(&[&["status", "--porcelain", "--"], paths].concat())?;
    if !changed.is_empty() {
        return None;
    }
    let mut content = Sha256::new();
    for path in paths {
        content.update(git(&["rev-parse", &format!("HEAD:{path}")])?);
    }
    // Of another compiler the same content may come out otherwise.
    content.update(Command::new("rustc").arg("-vV").current_dir(root).output().ok()?.stdout);
    Some(cache.join("passed").join(format!("{stage}-{}", hex::encode(content.finalize()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only what is committed counts as the same, and any other content, stage or path is another.
    #[test]
    fn what_passed_is_known_by_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let git = |arguments: &[&str]| {
            let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
            let output = Command::new("git").arg("-C").arg(root).args(who).args(arguments).output().expect("git");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        let found = |stage: &str, paths: &[&str]| mark(root, Path::new("/cache"), stage, paths);
        assert_eq!(found("a", &["x"]), None);
        git(&["init", "-q"]);
        let write = |file: &str, text: &str| std::fs::write(root.join(file), text).expect("written");
        write("x", "1");
        write("y", "1");
        git(&["add", "."]);
        git(&["commit", "-qm", "first"]);
        let first = found("a", &["x"]).expect("committed");
        assert!(first.starts_with("/cache/passed") && found("b", &["x"]) != Some(first.clone()));
        write("y", "2");
        assert_eq!((found("a", &["x"]), found("a", &["x", "y"])), (Some(first.clone()), None));
        git(&["commit", "-qam", "another file"]);
        assert_eq!(found("a", &["x"]), Some(first.clone()));
        write("x", "2");
        assert_eq!(found("a", &["x"]), None);
        git(&["commit", "-qam", "this one"]);
        assert!(found("a", &["x"]).is_some_and(|now| now != first));
        assert_eq!(found("a", &["nowhere"]), None);
    }
}
