//! The installed server, and the user it runs as.

use std::{
    cmp::Reverse,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use nix::unistd::{Uid, User};
use yieldset_service::files::FileError;

use super::ClusterError;

/// The oldest major version that will do.
const LEAST: u32 = 15;
const SYSTEM_FOLDER: &str = "/usr/lib/postgresql";

/// Where the server's programs are and as whom they run.
#[derive(Debug, Clone)]
pub struct Install {
    bin: PathBuf,
    version: u32,
    /// Another user, where we are root.
    user: Option<User>,
}

impl Install {
    /// The newest installed server of at least version 15: on PATH, else under `/usr/lib/postgresql`.
    ///
    /// # Errors
    /// [`ClusterError::NotInstalled`], [`ClusterError::NoUser`].
    pub fn find() -> Result<Self, ClusterError> {
        let mut found: Vec<(u32, PathBuf)> =
            candidates().into_iter().filter_map(|bin| Some((version_of(&bin)?, bin))).collect();
        // Of the same version the first one, which is the one on PATH.
        found.sort_by_key(|(version, _)| Reverse(*version));
        let list = found.iter().map(|(version, bin)| format!("{version} in {}", bin.display())).collect::<Vec<_>>();
        let Some((version, bin)) = found.into_iter().find(|(version, _)| *version >= LEAST) else {
            let found = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
            return Err(ClusterError::NotInstalled { least: LEAST, found });
        };
        let user = match Uid::effective().is_root() {
            false => None,
            true => Some(User::from_name("nobody").ok().flatten().ok_or(ClusterError::NoUser)?),
        };
        Ok(Self { bin, version, user })
    }

    /// Whether the server's user can get to the folder.
    pub(super) fn check_reach(&self, folder: &Path) -> Result<(), ClusterError> {
        if self.user.is_none() {
            return Ok(());
        }
        for ancestor in folder.ancestors() {
            let metadata = std::fs::metadata(ancestor).map_err(FileError::io(ancestor))?;
            if metadata.mode() & 0o001 == 0 {
                return Err(ClusterError::Unreachable(ancestor.to_owned()));
            }
        }
        Ok(())
    }

    /// Makes the server's user the owner.
    pub(super) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        let Some(user) = &self.user else { return Ok(()) };
        let given = std::os::unix::fs::chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()));
        Ok(given.map_err(FileError::io(path))?)
    }

    /// Whether the cluster, if there is one, is of the server's version.
    pub(super) fn check_version(&self, cluster: &Path) -> Result<(), ClusterError> {
        let Ok(made) = std::fs::read_to_string(cluster.join("PG_VERSION")) else { return Ok(()) };
        match made.trim() == self.version.to_string() {
            true => Ok(()),
            false => Err(ClusterError::OtherVersion {
                folder: cluster.to_owned(),
                made: made.trim().to_owned(),
                installed: self.version,
            }),
        }
    }

    /// Makes a cluster in the empty folder `cluster`, whose owner's password is in the file `password`.
    pub(super) fn initdb(&self, cluster: &Path, owner: &str, password: &Path) -> Result<(), ClusterError> {
        let mut command = Command::new(self.bin.join("initdb"));
        command.arg("-D").arg(cluster).arg("-U").arg(owner).arg("--pwfile").arg(password);
        // Sorting by bytes: the same order everywhere, whatever the machine's language.
        command.args(["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions"]);
        self.as_user(&mut command);
        let failed = |reason| ClusterError::Program { program: "initdb", reason };
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        }
    }

    /// The server in the foreground. Where `setpriv` is there, the server shuts down by itself when the thread that
    /// started it ends, however it ends.
    pub(super) fn server(&self, cluster: &Path, socket: &Path, settings: &[(String, String)]) -> Command {
        let server = self.bin.join("postgres");
        let setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].map(Path::new).into_iter().find(|path| path.is_file());
        let mut command = match setpriv {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "INT"]);
                if let Some(user) = &self.user {
                    command.arg("--reuid").arg(user.uid.to_string()).arg("--regid").arg(user.gid.to_string());
                    command.arg("--clear-groups");
                }
                command.arg(server);
                command
            }
            None => {
                let mut command = Command::new(server);
                self.as_user(&mut command);
                command
            }
        };
        command.arg("-D").arg(cluster).args(["-c", "listen_addresses="]);
        command.arg("-c").arg(format!("unix_socket_directories={}", socket.display()));
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // Ctrl-C in a terminal goes to the whole group; the server is told by us, after our own work is done.
        command.process_group(0);
        command.current_dir("/");
        command
    }

    fn as_user(&self, command: &mut Command) {
        if let Some(user) = &self.user {
            // Also drops the supplementary groups of root.
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command.current_dir("/");
    }
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir(SYSTEM_FOLDER).into_iter().flatten().flatten();
    folders.extend(versions.map(|entry| entry.path().join("bin")));
    folders.retain(|bin| ["initdb", "postgres"].iter().all(|program| bin.join(program).is_file()));
    folders
}

/// The major version, as `postgres --version` says it: `postgres (PostgreSQL) 15.14 (Debian …)`.
fn version_of(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(printed: &str) -> Option<u32> {
    let number = printed.split_once("(PostgreSQL)")?.1.trim_start();
    number.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_print_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres"), None);
        assert_eq!(major("postgres (PostgreSQL) devel"), None);
    }

    #[test]
    fn a_folder_nobody_can_pass_is_named() {
        let Ok(install) = Install::find() else { return };
        if install.user.is_none() {
            return;
        }
        use std::os::unix::fs::PermissionsExt;
        let closed = tempfile::tempdir().expect("temporary folder");
        std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o700)).expect("closed");
        let error = install.check_reach(closed.path()).expect_err("closed");
        assert!(matches!(&error, ClusterError::Unreachable(path) if path == closed.path()), "{error}");
        std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o711)).expect("opened");
        install.check_reach(closed.path()).expect("open");
    }
}
