//! Which files are the repository's, by git's word, and one digest over some of them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// Names of the repository's files at or below `paths`, with `/`, sorted: those that git has, and new ones that it does
/// not ignore. Links are among them.
///
/// # Errors
/// Where `root` is not in a git repository, or a name is not UTF-8.
pub fn files(root: &Path, paths: &[&str]) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]).args(paths);
    let output = git.output().context("starting git; install it")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git names no files in {}, run this in a clone: {refusal}", root.display());
    let names = String::from_utf8(output.stdout).context("a file of the repository has a name that is not UTF-8")?;
    // What was removed, and git not yet told, is not there.
    let there = |name: &&str| root.join(name).symlink_metadata().is_ok();
    let mut names: Vec<_> = names.split_terminator('\0').filter(there).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// SHA-256 over these files' names and contents: that of `sha256sum --zero FILE… | sha256sum`.
///
/// # Errors
/// Where one cannot be read, or is a link: what it leads to is not in the repository's history.
pub fn digest(root: &Path, names: &[String]) -> Result<String> {
    let mut all = Sha256::new();
    for name in names {
        let file = root.join(name);
        let kind = file.symlink_metadata().with_context(|| format!("looking at {name}"))?;
        ensure!(kind.is_file(), "{name} is a link or a repository of its own: put the file itself there");
        let content = std::fs::read(&file).with_context(|| format!("reading {name}"))?;
        all.update(format!("{}  {name}\0", hex::encode(Sha256::digest(content))));
    }
    Ok(hex::encode(all.finalize()))
}

/// A repository for tests, with these files.
#[cfg(test)]
pub(crate) fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temporary folder");
    let made = Command::new("git").arg("-C").arg(root.path()).args(["init", "--quiet"]).status().expect("git");
    assert!(made.success());
    for (path, text) in files {
        write(root.path(), path, text);
    }
    root
}

/// Puts a file into a repository for tests.
#[cfg(test)]
pub(crate) fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().expect("parent")).expect("made");
    std::fs::write(file, text).expect("written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_folders_and_names_of_results_are_files_like_others_and_ignored_ones_are_none() {
        let root = repository(&[(".gitignore", "/target\n"), ("a/target/.x/b.rs", ""), ("target/c.rs", "")]);
        assert_eq!(files(root.path(), &[]).expect("listed"), [".gitignore", "a/target/.x/b.rs"]);
        assert_eq!(files(root.path(), &["a"]).expect("listed"), ["a/target/.x/b.rs"]);
        assert!(files(Path::new("/"), &[]).expect_err("none").to_string().contains("clone"));
    }

    #[test]
    fn a_digest_is_over_names_and_contents_and_never_over_what_a_link_leads_to() {
        let root = repository(&[("a", "1"), ("b", "2")]);
        let digest =
            |names: &[&str]| digest(root.path(), &names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        let first = digest(&["a", "b"]).expect("digest");
        let shell = "sha256sum --zero a b | sha256sum | cut -d' ' -f1";
        let same = Command::new("sh").args(["-c", shell]).current_dir(root.path()).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&same.stdout).trim(), first);
        write(root.path(), "a", "12");
        write(root.path(), "b", "");
        assert_ne!(digest(&["a", "b"]).expect("digest"), first);
        std::os::unix::fs::symlink("a", root.path().join("c")).expect("linked");
        assert!(digest(&["c"]).expect_err("a link").to_string().contains("link"));
    }
}
