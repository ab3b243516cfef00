//! How a stage starts programs: what they print goes to the screen and into the stage's log.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::Form;
use super::reports::Counts;

/// Cargo calls the program that this names instead of the compiler, for the workspace's own crates.
const LINTER: &str = "RUSTC_WORKSPACE_WRAPPER";
/// How many cases each property is tried with at night.
const NIGHTLY_CASES: &str = "2000";

/// What all stages of a run share.
pub struct Session {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// A folder for this run's logs and reports.
    pub logs: PathBuf,
    /// How much is tried.
    pub form: Form,
    linter: PathBuf,
}

impl Session {
    /// A run in the repository at `root`.
    pub fn new(root: &Path, form: Form) -> Result<Self> {
        let root = root.canonicalize().with_context(|| format!("looking at {}", root.display()))?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let linter = match std::env::var_os(LINTER) {
            Some(linter) => PathBuf::from(linter),
            None => sysroot(&root)?.join("bin/clippy-driver"),
        };
        ensure!(linter.is_file(), "{} is missing: run rustup component add clippy, or scripts/setup", linter.display());
        let logs = tempfile::Builder::new().prefix("yieldset-test-").tempdir().context("making a folder for logs")?;
        Ok(Self { target: root.join(target), root, logs: logs.keep(), form, linter })
    }

    /// A program to be started in the repository's root, without what only the lints need: mutants and blobs are
    /// compiled as they are.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", &self.target).env_remove(LINTER);
        if self.form == Form::Nightly && std::env::var_os("PROPTEST_CASES").is_none() {
            command.env("PROPTEST_CASES", NIGHTLY_CASES);
        }
        command
    }

    /// `cargo` with clippy in the compiler's place for the workspace's own crates, as `cargo clippy` does it, so that
    /// one build is lint, program and test at once. Whatever reuses that build must say the same.
    pub fn linting_cargo(&self) -> Command {
        let mut command = self.command("cargo");
        command.env(LINTER, &self.linter);
        command
    }

    /// A program of ours.
    pub fn ours(&self, name: &str) -> Command {
        self.command(self.target.join("debug").join(name))
    }
}

fn sysroot(root: &Path) -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(root).output();
    let output = output.context("starting rustc; run scripts/setup")?;
    ensure!(output.status.success(), "rustc names no folder of its own");
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}

/// What came of a stage.
#[derive(Debug)]
pub struct Outcome {
    /// Whether all of it held.
    pub ok: bool,
    /// Its tests, where it has any.
    pub tests: Counts,
    /// Why it was left out, where it was.
    pub skipped: Option<&'static str>,
}

impl Outcome {
    /// A stage without tests.
    pub fn of(ok: bool) -> Self {
        Self { ok, tests: Counts::default(), skipped: None }
    }

    /// A stage that broke off.
    pub fn failed() -> Self {
        Self::of(false)
    }

    /// A stage that this machine cannot do, which is no failure.
    pub fn skipped(reason: &'static str) -> Self {
        Self { skipped: Some(reason), ..Self::of(true) }
    }

    /// Tests as counted; a runner's own word that it failed is believed besides.
    pub fn tests(ok: bool, tests: Counts) -> Self {
        Self { ok: ok && tests.failed == 0, tests, skipped: None }
    }

    /// For the table.
    pub fn state(&self) -> String {
        match (self.ok, self.skipped) {
            (true, Some(reason)) => format!("skipped: {reason}"),
            (true, None) => "ok".to_owned(),
            (false, _) => "FAILED".to_owned(),
        }
    }
}

/// A stage at work.
pub struct Bench<'a> {
    /// The run that it belongs to.
    pub session: &'a Session,
    name: &'static str,
    log: File,
}

impl<'a> Bench<'a> {
    /// With an empty log.
    pub fn new(session: &'a Session, name: &'static str) -> Result<Self> {
        let path = session.logs.join(file_name(name)).with_extension("log");
        let log = File::create(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self { session, name, log })
    }

    /// A folder of the stage's own, for reports.
    pub fn folder(&self) -> Result<PathBuf> {
        let folder = self.session.logs.join(file_name(self.name));
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// A line on the screen and in the log.
    pub fn say(&mut self, text: &str) -> Result<()> {
        eprintln!("{text}");
        writeln!(self.log, "{text}").context("writing the log")
    }

    /// Gets tools that only this stage needs.
    pub fn tools(&mut self, tools: &[&str]) -> Result<()> {
        if tools.is_empty() {
            return Ok(());
        }
        let mut setup = self.session.command("scripts/setup");
        setup.args(tools);
        if !self.run(setup)? {
            bail!("scripts/setup {} failed", tools.join(" "));
        }
        Ok(())
    }

    /// Runs a program to its end, showing what it prints, and tells whether it succeeded.
    pub fn run(&mut self, command: Command) -> Result<bool> {
        Ok(self.status(command)?.success())
    }

    /// The same, and how it ended.
    pub fn status(&mut self, mut command: Command) -> Result<ExitStatus> {
        let program = command.get_program().to_string_lossy().into_owned();
        let (mut reader, writer) = std::io::pipe().context("making a pipe")?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("starting {program}"))?;
        // The pipe ends when its last writer does, and the command holds two.
        drop(command);
        let mut buffer = [0; 8192];
        loop {
            let read = reader.read(&mut buffer).context("reading what a program prints")?;
            if read == 0 {
                break;
            }
            std::io::stderr().write_all(&buffer[..read])?;
            self.log.write_all(&buffer[..read]).context("writing the log")?;
        }
        child.wait().with_context(|| format!("waiting for {program}"))
    }

    /// Runs a program to its end, shows what it says and gives what it prints, and whether it succeeded.
    pub fn output(&mut self, mut command: Command) -> Result<(bool, String)> {
        let program = command.get_program().to_string_lossy().into_owned();
        command.stderr(self.log.try_clone()?);
        let output = command.output().with_context(|| format!("starting {program}"))?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
    }
}

/// A stage's name as that of a file.
pub fn file_name(stage: &str) -> String {
    stage.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(logs: &Path) -> Session {
        Session {
            root: logs.to_owned(),
            target: logs.join("target"),
            logs: logs.to_owned(),
            form: Form::Change,
            linter: "clippy-driver".into(),
        }
    }

    fn shell(session: &Session, script: &str) -> Command {
        let mut command = session.command("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_program_prints_is_in_the_log_and_its_end_is_believed() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let session = session(folder.path());
        let mut bench = Bench::new(&session, "a stage").expect("log");
        assert!(bench.run(shell(&session, "echo out; echo err >&2")).expect("started"));
        assert!(!bench.run(shell(&session, "echo end; exit 3")).expect("started"));
        assert!(bench.run(session.command("no-such-program")).is_err());
        let log = std::fs::read_to_string(folder.path().join("a-stage.log")).expect("log");
        assert_eq!(log, "out\nerr\nend\n");
    }

    #[test]
    fn only_a_linting_cargo_lints() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let session = session(folder.path());
        let set = |command: &Command| {
            command.get_envs().find(|(name, _)| *name == LINTER).and_then(|(_, value)| value.map(OsStr::to_owned))
        };
        assert_eq!(set(&session.linting_cargo()), Some("clippy-driver".into()));
        // Said, not left to what this process was started with.
        assert!(session.command("cargo").get_envs().any(|(name, value)| name == LINTER && value.is_none()));
        assert_eq!(set(&session.command("cargo")), None);
    }
}
