//! `scripts/install` with the programs themselves; with others in their place it is tried in `indexer/tests/it`.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use yieldset_tests::chain::root_file;

use super::programs;

/// What is installed, each with a command of its own.
const PROGRAMS: [(&str, &str); 3] = [("yieldset", "deploy"), ("yieldset-oracle", "post"), ("yieldset-indexer", "run")];

/// Proves NET-1: the three programs run from where `scripts/install` puts them, with man pages of their commands and
/// completions for three shells; `--uninstall` takes all of it away.
#[test]
fn the_programs_are_installed_and_go_again() {
    let folder = tempfile::tempdir().unwrap();
    let (built, prefix) = (folder.path().join("built"), folder.path().join("prefix"));
    fs::create_dir(&built).unwrap();
    for (program, _) in PROGRAMS {
        // Not copied: a debug build has hundreds of megabytes.
        let (file, real) = (built.join(program), programs().join(program));
        fs::write(&file, format!("#!/bin/sh\nexec '{}' \"$@\"\n", real.display())).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let install = |arguments: &[&str]| {
        let mut command = Command::new(root_file("scripts/install").canonicalize().unwrap());
        command.env("TMPDIR", folder.path()).env_remove("DESTDIR").arg("--prefix").arg(&prefix).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    install(&["--from", built.to_str().unwrap()]);
    let mut files = Vec::new();
    for (program, command) in PROGRAMS {
        let output = Command::new(prefix.join("bin").join(program)).arg("--version").output().unwrap();
        let says = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && says.starts_with(&format!("{program} ")), "{program}: {says}");
        // roff has its hyphens with a backslash.
        let roff = program.replace('-', "\\-");
        for (file, text) in [
            (format!("share/man/man1/{program}.1"), roff.clone()),
            (format!("share/man/man1/{program}-{command}.1"), roff),
            (format!("share/bash-completion/completions/{program}"), "complete -F _yieldset".to_owned()),
            (format!("share/zsh/site-functions/_{program}"), format!("#compdef {program}")),
            (format!("share/fish/vendor_completions.d/{program}.fish"), format!("complete -c {program}")),
        ] {
            let content = fs::read_to_string(prefix.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(content.contains(&text), "{file} lacks {text}");
            files.push(file);
        }
        files.push(format!("bin/{program}"));
    }
    install(&["--uninstall"]);
    let left: Vec<_> = files.iter().filter(|file| prefix.join(file).exists()).collect();
    assert!(left.is_empty(), "{left:?}");
}
