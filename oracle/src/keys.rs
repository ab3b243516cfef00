//! ed25519 keys in files: 32-byte seeds as hex, readable by their owner alone.

use std::{fs, io::Write, path::Path};

use ed25519_dalek::SigningKey;

use crate::files::{self, FileError};

/// Makes a new key in `file` (mode 0600), and its folder (mode 0700) where that is missing. Never overwrites.
///
/// # Errors
/// [`FileError`] when the file exists or cannot be written.
pub fn generate(file: &Path) -> Result<SigningKey, FileError> {
    let key = SigningKey::generate(&mut rand::rngs::OsRng);
    if let Some(parent) = file.parent() {
        files::make_folder(parent, files::Access::Private)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(file).and_then(|mut opened| {
        opened.write_all(format!("{}\n", hex::encode(key.to_bytes())).as_bytes()).and_then(|()| opened.sync_all())
    });
    match written {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(FileError::content(file, "there is a file already; a key is never overwritten, choose another name"))
        }
        Err(error) => Err(FileError::io(file)(error)),
    }
}

/// Reads a key.
///
/// # Errors
/// [`FileError`] when others may read it or put another in its place, or it does not hold a seed. The text never
/// repeats what the file holds.
pub fn load(file: &Path) -> Result<SigningKey, FileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(file).map_err(FileError::io(file))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(FileError::content(file, format!("others may read this key (mode {mode:04o}); chmod 600 it")));
        }
        // What is remembered beside a key lies in this folder, too, so a sticky bit does not help.
        let real = file.canonicalize().map_err(FileError::io(file))?;
        for folder in [parent(file), parent(&real)] {
            let mode = fs::metadata(folder).map_err(FileError::io(folder))?.permissions().mode() & 0o7777;
            if mode & 0o022 != 0 {
                let reason = format!(
                    "others may put another key in this folder (mode {mode:04o}); chmod 700 it, and check its keys"
                );
                return Err(FileError::content(folder, reason));
            }
        }
    }
    let text = String::from_utf8(files::read(file)?).unwrap_or_default();
    let seed = crate::parse_hex(&text).ok_or_else(|| {
        FileError::content(file, "not a key: expected a 32-byte seed as 64 hex digits, as `keygen` writes it")
    })?;
    Ok(SigningKey::from_bytes(&seed))
}

/// The folder that a file is in.
fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_private_never_overwritten_and_never_shown() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("sub/key");
        let key = generate(&file).expect("made");
        assert_eq!(load(&file).expect("loaded").to_bytes(), key.to_bytes());
        assert!(generate(&file).expect_err("exists").to_string().contains("never overwritten"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("mode");
        assert!(load(&file).expect_err("public").to_string().contains("chmod 600"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("mode");
        let secret = hex::encode(key.to_bytes());
        fs::write(&file, &secret[2..]).expect("written");
        let error = load(&file).expect_err("short").to_string();
        assert!(error.contains("64 hex digits") && !error.contains(&secret[2..10]), "{error}");
    }
    /// Who can write to the folder can put another key there, or another memory of the witness; also by a link.
    #[test]
    fn a_key_in_a_folder_of_others_is_refused() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("sub/key");
        generate(&file).expect("made");
        let sub = file.parent().expect("parent");
        let mode = |mode| fs::set_permissions(sub, fs::Permissions::from_mode(mode)).expect("mode");
        assert_eq!(fs::metadata(sub).expect("there").permissions().mode() & 0o7777, 0o700);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        for open in [0o777, 0o1777, 0o770, 0o702] {
            mode(open);
            for path in [&file, &link] {
                let error = load(path).expect_err("open").to_string();
                assert!(error.contains("chmod 700") && error.contains("sub"), "{open:o}: {error}");
            }
        }
        for closed in [0o700, 0o755] {
            mode(closed);
            load(&file).expect("nobody else writes there");
            load(&link).expect("nor here");
        }
    }
}
