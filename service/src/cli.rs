//! What is installed beside a program: shell completions and man pages, both from its own command line.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Command, Subcommand};
use clap_complete::Shell;

use crate::files::FileError;

/// Commands that every program has; `#[command(flatten)]` them into its own.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Shipping {
    /// Prints the completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Writes the man pages, one for the program and one for each command.
    Man {
        /// The folder, such as share/man/man1 under a prefix.
        folder: PathBuf,
    },
}

impl Shipping {
    /// Runs it for the program `command`, which is what `CommandFactory::command` gives.
    ///
    /// # Errors
    /// [`FileError::Io`] of standard output or of the folder.
    pub fn run(self, command: Command) -> Result<(), FileError> {
        match self {
            Self::Completions { shell } => print(&completions(command, shell)),
            Self::Man { folder } => man(command, &folder),
        }
    }
}

/// Writes to standard output. That its reader has read enough (`| head`) is no error.
///
/// # Errors
/// [`FileError::Io`], say of a full disk.
pub fn print(output: &[u8]) -> Result<(), FileError> {
    let mut place = io::stdout().lock();
    match place.write_all(output).and_then(|()| place.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(FileError::io(Path::new("standard output"))),
    }
}

/// The completions for a shell.
pub fn completions(mut command: Command, shell: Shell) -> Vec<u8> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    script
}

/// Writes a page for the program, and one for each of its commands, into `folder`, which is made where it is missing.
///
/// # Errors
/// [`FileError::Io`].
pub fn man(command: Command, folder: &Path) -> Result<(), FileError> {
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(FileError::io(folder))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser, ValueEnum};

    use super::*;

    /// A program of ours.
    #[derive(Debug, Parser)]
    #[command(name = "yieldset-example", version = crate::VERSION)]
    enum Example {
        /// Does something.
        Work {
            /// How much.
            #[arg(long)]
            much: u32,
        },
        #[command(flatten)]
        Shipping(Shipping),
    }

    #[test]
    fn completions_know_commands_and_options() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(Example::command(), *shell)).expect("text");
            assert!(script.contains("work") && script.contains("much"), "{shell}: {script}");
        }
    }

    /// A page for the program and one for each command, with version and options; folders are made.
    #[test]
    fn there_is_a_page_for_each_command() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let pages = folder.path().join("share/man/man1");
        let folder = pages.to_str().expect("text");
        let Example::Shipping(shipping) = Example::parse_from(["yieldset-example", "man", folder]) else {
            panic!("another command");
        };
        shipping.run(Example::command()).expect("written");
        let mut names: Vec<String> = fs::read_dir(&pages)
            .expect("listed")
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "yieldset-example-completions.1",
                "yieldset-example-man.1",
                "yieldset-example-work.1",
                "yieldset-example.1"
            ]
        );
        let page = |name: &str| fs::read_to_string(pages.join(name)).expect("page");
        assert!(page("yieldset-example-work.1").contains("much"));
        assert!(page("yieldset-example.1").contains(crate::VERSION.split(' ').next().expect("version")));
    }
}
