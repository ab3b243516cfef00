//! Stages that have passed with the very same content before, on the same machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use yieldset_service::files::{self, Access};

use crate::sources;
use crate::test::Form;
use crate::test::session::{Bench, Outcome};

/// Does a stage's work, unless it passed before with the content that the repository has at these paths: nothing could
/// come out otherwise. At night it is done whatever was before.
pub fn unless_passed(
    bench: &mut Bench<'_>,
    stage: &str,
    paths: &[&str],
    work: impl FnOnce(&mut Bench<'_>) -> Result<Outcome>,
) -> Result<Outcome> {
    let root = bench.session.root.clone();
    let mark = |form| match form {
        Form::Change => mark(&root, &files::cache(), stage, paths).map(Some),
        Form::Quick | Form::Nightly => Ok(None),
    };
    let before = mark(bench.session.form)?;
    if before.as_ref().is_some_and(|file| file.exists()) {
        return Ok(Outcome::skipped("it has passed here before, and nothing that it looks at has changed"));
    }
    let outcome = work(bench)?;
    // What was changed meanwhile has not passed.
    let same = before.filter(|_| outcome.ok && outcome.skipped.is_none());
    if let Some(file) = same.filter(|file| mark(bench.session.form).is_ok_and(|now| now.as_ref() == Some(file))) {
        files::write(&file, b"", Access::Published).context("noting that a stage passed")?;
    }
    Ok(outcome)
}

/// The file that says that a stage passed with this content, and this compiler.
fn mark(root: &Path, cache: &Path, stage: &str, paths: &[&str]) -> Result<PathBuf> {
    let content = sources::digest(root, &sources::files(root, paths)?)?;
    let compiler = Command::new("rustc").arg("-V").current_dir(root).output().context("starting rustc")?;
    let compiler = String::from_utf8_lossy(&compiler.stdout).trim().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    Ok(cache.join("passed").join(format!("{stage}-{content}-{compiler}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{repository, write};

    /// Any other content is another, whether git was told of it or not; so is another stage.
    #[test]
    fn what_passed_is_known_by_its_content() {
        let folder = repository(&[("x/a", "1"), ("y", "1")]);
        let root = folder.path();
        let found = |stage: &str| mark(root, Path::new("/cache"), stage, &["x"]).expect("a repository");
        let first = found("a");
        assert!(first.starts_with("/cache/passed") && found("b") != first);
        write(root, "y", "2");
        assert_eq!(found("a"), first);
        write(root, "x/a", "2");
        let second = found("a");
        assert_ne!(second, first);
        write(root, "x/new", "");
        assert_ne!(found("a"), second);
        std::fs::remove_file(root.join("x/new")).expect("removed");
        write(root, "x/a", "1");
        assert_eq!(found("a"), first);
        let nowhere = tempfile::tempdir().expect("a folder");
        assert!(mark(nowhere.path(), Path::new("/cache"), "a", &["x"]).is_err());
    }
}
