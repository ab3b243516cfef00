//! The programs the demo starts: each with its log, each stopped again.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;
use tokio::process::{Child, Command};

use super::script::{Ended, Script};
use super::shell::Shell;

/// How long a service may take to say that it is ready.
const READY_PATIENCE: Duration = Duration::from_secs(120);
/// How long a service may take to end in order before it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const LOG_TAIL: usize = 20;

/// What a service writes into its ready file: JSON, or the bare address.
#[derive(Debug, Deserialize)]
pub struct Ready {
    /// Where it listens.
    pub url: String,
    /// The indexer's database.
    pub database_url: Option<String>,
}

/// Everything started so far.
pub struct Children {
    programs: PathBuf,
    folder: PathBuf,
    running: Vec<Service>,
    script: Arc<Script>,
}

struct Service {
    name: String,
    process: Child,
    log: PathBuf,
}

impl Children {
    /// Programs are taken from `programs`; logs and ready files go to `folder`.
    pub fn new(programs: PathBuf, folder: &Path) -> Self {
        Self { programs, folder: folder.to_owned(), running: Vec::new(), script: Arc::new(Script::new(folder)) }
    }

    /// What was typed so far.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Somebody who types `yieldset` commands.
    pub fn shell(&self) -> Shell {
        Shell { programs: self.programs.clone(), folder: self.folder.clone(), script: self.script.clone() }
    }

    /// Programs are taken from the folder of this one.
    pub fn beside_this_program(folder: &Path) -> Result<Self> {
        let this = std::env::current_exe()?;
        let programs = this.parent().context("this program has no folder")?;
        Ok(Self::new(programs.to_owned(), folder))
    }

    /// Starts a service and waits until its ready file is there.
    pub async fn start(&mut self, name: &str, program: &str, args: &[&str]) -> Result<Ready> {
        let log = self.folder.join(format!("{name}.log"));
        let ready = self.folder.join(format!("{name}.ready"));
        let output = std::fs::File::create(&log).with_context(|| format!("making {}", log.display()))?;
        let process = self
            .command(program)?
            .args(args)
            .arg("--ready-file")
            .arg(&ready)
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        self.running.push(Service { name: name.to_owned(), process, log });
        let service = self.running.last_mut().context("just started")?;
        let found = service.wait_until_ready(&ready).await?;
        let file = ready.display().to_string();
        let args = [args, &["--ready-file", &file]].concat();
        self.script.service(name, program, &args, (&found.url, found.database_url.as_deref()))?;
        Ok(found)
    }

    /// Where a service that runs is.
    pub fn ready(&self, name: &str) -> Result<Ready> {
        read_ready(&self.folder.join(format!("{name}.ready")))?.with_context(|| format!("{name} is not running"))
    }

    /// Runs a tool to its end and gives its output.
    pub async fn tool(&self, program: &str, args: &[&str]) -> Result<String> {
        let (status, stdout, stderr) = self.try_tool(program, args).await?;
        if !status.success() {
            bail!("{program} {} failed:\n{stdout}{stderr}", args.first().copied().unwrap_or_default());
        }
        Ok(stdout)
    }

    /// Runs a tool to its end; a failure is the caller's to judge.
    pub async fn try_tool(&self, program: &str, args: &[&str]) -> Result<(ExitStatus, String, String)> {
        ran(self.command(program)?, &self.script, program, args).await
    }

    /// A program of ours, not started yet.
    pub fn command(&self, program: &str) -> Result<Command> {
        command(&self.programs, &self.folder, program)
    }

    /// Kills a service without warning, as a crash would.
    pub async fn crash(&mut self, name: &str) -> Result<()> {
        let at = self.running.iter().rposition(|service| service.name == name);
        let mut service = self.running.remove(at.with_context(|| format!("{name} is not running"))?);
        service.process.kill().await?;
        self.script.ended(name)?;
        // What it left behind must not be taken for an answer of the next one.
        let _ = std::fs::remove_file(self.folder.join(format!("{name}.ready")));
        Ok(())
    }

    /// Ends all services, last started first.
    pub async fn stop(&mut self) {
        while let Some(mut service) = self.running.pop() {
            service.stop().await;
        }
    }
}

/// A program of ours that works in a run's folder, not started yet. It has a home there, and sees nobody's own.
pub(super) fn command(programs: &Path, folder: &Path, program: &str) -> Result<Command> {
    let path = programs.join(program);
    if !path.is_file() {
        bail!("{} is missing; run cargo build --workspace", path.display());
    }
    let mut command = Command::new(path);
    // Ctrl-c reaches this program alone, which then stops the others in order.
    command.stdin(Stdio::null()).kill_on_drop(true).process_group(0);
    // Small matrices: waiting for other threads costs the embedder more than they help.
    command.env("CANDLE_NUM_THREADS", "1").env("YIELDSET_HOME", folder.join("home"));
    Ok(command)
}

/// Runs a tool to its end, and writes into the script what was typed.
pub(super) async fn ran(
    mut command: Command,
    script: &Script,
    program: &str,
    args: &[&str],
) -> Result<(ExitStatus, String, String)> {
    let output = command.args(args).output().await.with_context(|| format!("starting {program}"))?;
    script.command(
        program,
        args,
        if output.status.success() { Ended::Well } else { Ended::With(output.status.code().unwrap_or(1)) },
    )?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status, text(&output.stdout), text(&output.stderr)))
}

impl Service {
    async fn wait_until_ready(&mut self, file: &Path) -> Result<Ready> {
        let started = Instant::now();
        loop {
            if let Some(ready) = read_ready(file)? {
                return Ok(ready);
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("{} ended before it was ready ({status}); the end of its log:\n{}", self.name, tail(&self.log));
            }
            if started.elapsed() > READY_PATIENCE {
                let seconds = READY_PATIENCE.as_secs();
                bail!("{} was not ready after {seconds} s; the end of its log:\n{}", self.name, tail(&self.log));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn stop(&mut self) {
        let Some(id) = self.process.id().and_then(|id| i32::try_from(id).ok()) else { return };
        // An error means that it has ended by itself.
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        if tokio::time::timeout(STOP_PATIENCE, self.process.wait()).await.is_err() {
            eprintln!("{} did not end within {} s and is killed", self.name, STOP_PATIENCE.as_secs());
            let _ = self.process.kill().await;
        }
    }
}

/// `None` while the file is not there, or not whole.
pub(super) fn read_ready(file: &Path) -> Result<Option<Ready>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    let text = text.trim();
    if text.starts_with('{') {
        // Half a file is a matter of milliseconds.
        return Ok(serde_json::from_str(text).ok());
    }
    Ok((!text.is_empty()).then(|| Ready { url: text.to_owned(), database_url: None }))
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_file_is_an_address_or_json_and_may_not_be_there_yet() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("ready");
        assert!(read_ready(&file).expect("absent").is_none());
        for (text, url) in [
            ("", None),
            ("{\"url\":", None),
            ("ws://a\n", Some("ws://a")),
            ("{\"url\":\"http://b\"}", Some("http://b")),
        ] {
            std::fs::write(&file, text).expect("written");
            assert_eq!(read_ready(&file).expect("readable").map(|ready| ready.url).as_deref(), url);
        }
    }

    #[test]
    fn only_the_end_of_a_log_is_shown() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let log = folder.path().join("log");
        std::fs::write(&log, (0..100).map(|n| format!("{n}\n")).collect::<String>()).expect("written");
        assert!(tail(&log).starts_with("80\n") && tail(&log).ends_with("99"));
        assert_eq!(tail(&folder.path().join("absent")), "");
    }
}
