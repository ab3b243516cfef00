//! Folders made by a caller who masks nothing.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use yieldset_service::files::{self, Access};

/// Where it is set, this program writes below the folder named there.
const WRITE_BELOW: &str = "YIELDSET_TEST_WRITE_BELOW";

/// With umask 000, folders of private files and locks are their owner's alone, and others may write to none.
#[test]
fn folders_are_closed_to_others_whatever_the_umask() {
    if let Some(folder) = env::var_os(WRITE_BELOW).map(PathBuf::from) {
        files::write(&folder.join("private/deep/file"), b"", Access::Private).expect("written");
        files::write(&folder.join("public/deep/file"), b"", Access::Published).expect("written");
        files::lock(&folder.join("locks/lock")).expect("asked").expect("free");
        return;
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let status = Command::new("sh")
        .args(["-c", r#"umask 000; exec "$0" --exact folders_are_closed_to_others_whatever_the_umask"#])
        .arg(env::current_exe().expect("this program"))
        .env(WRITE_BELOW, folder.path())
        .status()
        .expect("started");
    assert!(status.success(), "{status}");
    let mode = |path: &str| mode(&folder.path().join(path));
    for (path, expected) in [
        ("private", 0o700),
        ("private/deep", 0o700),
        ("private/deep/file", 0o600),
        ("public", 0o755),
        ("public/deep", 0o755),
        ("public/deep/file", 0o644),
        ("locks", 0o700),
    ] {
        assert_eq!(mode(path), expected, "{path}: {:04o}", mode(path));
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}
