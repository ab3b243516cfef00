//! What was typed, as a script: whoever reads it can follow, and do the same by hand in an empty folder.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

/// The script's name in the run's folder.
pub const NAME: &str = "commands.sh";

const HEAD: &str = r#"#!/usr/bin/env bash
# All that was typed, in order. To do the same by hand: in an empty folder, with the programs in the PATH,
#   REPO=/where/the/repository/is bash commands.sh
set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
export YIELDSET_HOME=home YIELDSET_DEPLOYMENT=deployment.json YIELDSET_YES=true CANDLE_NUM_THREADS=1
# The address at which a service is: its name, its process, and what its address begins with.
address() {
  for _ in $(seq 600); do
    if test -s "$1.ready"; then grep -o "$3://[^\"]*" "$1.ready" | head -n 1; return; fi
    kill -0 "$2" 2>/dev/null || break
    sleep 0.1
  done
  echo "$1 has not begun; its log ends with:" >&2
  tail -n 20 "$1.log" >&2
  return 1
}

"#;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Well,
    /// With this code, which was to be expected.
    With(i32),
}

/// The script of a run.
pub struct Script {
    folder: PathBuf,
    /// What is written in the place of values that are others each time, longest first.
    known: Mutex<Vec<(String, String)>>,
}

impl Script {
    /// Of a run in this folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), known: Mutex::default() }
    }

    /// From now on `text` is written where `value` was typed, such as `$REPO` or `@label`.
    pub fn instead_of(&self, value: &str, text: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push((value.to_owned(), text.to_owned()));
        known.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    }

    /// A command that ran to its end.
    pub fn command(&self, program: &str, arguments: &[&str], ended: Ended) -> Result<()> {
        let line = self.line(program, arguments);
        self.write(&match ended {
            Ended::Well => format!("{line}\n"),
            Ended::With(code) => format!("{line} || test $? = {code}\n"),
        })
    }

    /// A service that was started, and waited for; its address is in a variable from now on, the database's too.
    pub fn service(&self, name: &str, program: &str, arguments: &[&str], found: (&str, Option<&str>)) -> Result<()> {
        let variable = variable(name);
        let (url, database) = found;
        let scheme = url.split("://").next().unwrap_or_default();
        let mut lines = format!("{} > {name}.log 2>&1 &\n{variable}_PID=$!\n", self.line(program, arguments));
        let _ = writeln!(lines, "{variable}=$(address {name} ${variable}_PID {scheme})");
        self.instead_of(url, &format!("${variable}"));
        if let Some(database) = database {
            let _ = writeln!(lines, "{variable}_DATABASE=$(address {name} ${variable}_PID postgresql)");
            self.instead_of(database, &format!("${variable}_DATABASE"));
        }
        if scheme == "ws" {
            let _ = writeln!(lines, "export YIELDSET_NODE_URL=${variable}");
        }
        self.write(&lines)
    }

    /// A service that was ended.
    pub fn ended(&self, name: &str) -> Result<()> {
        let process = format!("${}_PID", variable(name));
        self.write(&format!("kill {process}\nwait {process} || true\nrm -f {name}.ready\n"))
    }

    /// Writes a file of the run, as people write them with an editor.
    pub fn file(&self, file: &Path, content: &str) -> Result<()> {
        std::fs::write(file, content).with_context(|| format!("writing {}", file.display()))?;
        let name = self.said(&file.display().to_string());
        // A line that stands nowhere in the content.
        let mut end = "END".to_owned();
        while content.lines().any(|line| line == end) {
            end.push('_');
        }
        self.write(&format!("cat > {name} <<'{end}'\n{}\n{end}\n", content.trim_end_matches('\n')))
    }

    fn line(&self, program: &str, arguments: &[&str]) -> String {
        arguments.iter().fold(program.to_owned(), |line, argument| line + " " + &self.said(argument))
    }

    /// An argument as a shell reads it: of the run's folder its place there, of values that are others each time their
    /// name.
    fn said(&self, argument: &str) -> String {
        let folder = format!("{}/", self.folder.display());
        let text = argument.replace(&folder, "");
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // What is written so far, and what of it is to be quoted yet.
        let (mut said, mut literal, mut rest) = (String::new(), String::new(), text.as_str());
        while let Some(character) = rest.chars().next() {
            let here = known.iter().find(|(value, _)| !value.is_empty() && rest.starts_with(value.as_str()));
            match here {
                Some((value, name)) if name.starts_with('$') => {
                    said += &quoted(&std::mem::take(&mut literal));
                    said += &format!("\"{name}\"");
                    rest = &rest[value.len()..];
                }
                Some((value, name)) => {
                    literal += name;
                    rest = &rest[value.len()..];
                }
                None => {
                    literal.push(character);
                    rest = &rest[character.len_utf8()..];
                }
            }
        }
        match said.is_empty() && literal.is_empty() {
            true => "''".to_owned(),
            false => said + &quoted(&literal),
        }
    }

    fn write(&self, lines: &str) -> Result<()> {
        let path = self.folder.join(NAME);
        let mut file = OpenOptions::new().create(true).append(true).open(&path).context("opening the script")?;
        // One write each, since two creators' commands run side by side.
        let lines = if file.metadata()?.len() == 0 { format!("{HEAD}{lines}") } else { lines.to_owned() };
        Ok(file.write_all(lines.as_bytes())?)
    }
}

/// A service's name as variables of a shell begin with.
fn variable(service: &str) -> String {
    service.to_uppercase().replace('-', "_")
}

/// Text that a shell reads as it is.
fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_@%+=:,./-".contains(character);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The script does by a shell what was typed: what is in it are the arguments, whatever is in those.
    #[test]
    fn a_shell_reads_what_was_typed() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let script = Script::new(folder.path());
        script.instead_of("/somewhere/repository", "$REPO");
        script.instead_of("0x1234", "@spring");
        let inside = folder.path().join("a b").display().to_string();
        let typed = [
            "it's",
            "5 DEV",
            "",
            "--licence=0x1234",
            "/somewhere/repository/tests",
            &inside,
            "$HOME `id` \"\\",
            "$(id)=/somewhere/repository/$x",
        ];
        script.command("printf", &[&["%s|"], &typed[..]].concat(), Ended::Well).expect("written");
        script.file(&folder.path().join("terms.txt"), "a 'quoted' $line\nEND\n").expect("written");
        script.command("test", &["-s", "nowhere"], Ended::With(1)).expect("written");
        let again = tempfile::tempdir().expect("temporary folder");
        let output = std::process::Command::new("bash")
            .arg(folder.path().join(NAME))
            .current_dir(again.path())
            .env("REPO", "/elsewhere")
            .output()
            .expect("bash");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(printed, "it's|5 DEV||--licence=@spring|/elsewhere/tests|a b|$HOME `id` \"\\|$(id)=/elsewhere/$x|");
        assert_eq!(std::fs::read_to_string(again.path().join("terms.txt")).expect("made"), "a 'quoted' $line\nEND\n");
    }

    /// Services are ended by their own process, whoever else's has a like name; one that does not begin ends the script
    /// with what it said.
    #[test]
    fn a_service_is_waited_for_and_ended() {
        let run = |service: &str| {
            let folder = tempfile::tempdir().expect("temporary folder");
            let script = Script::new(folder.path());
            script.service("node-1", "bash", &["-c", service], ("ws://127.0.0.1:1", None)).expect("written");
            script.command("echo", &["ws://127.0.0.1:1"], Ended::Well).expect("written");
            script.ended("node-1").expect("written");
            script.command("test", &["-e", "node-1.ready"], Ended::With(1)).expect("written");
            let file = folder.path().join(NAME);
            std::process::Command::new("bash").arg(file).current_dir(folder.path()).output().expect("bash")
        };
        let begun = run(r#"echo '{"url":"ws://127.0.0.1:7"}' > node-1.ready; exec sleep 100"#);
        assert!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
        assert_eq!(String::from_utf8_lossy(&begun.stdout), "ws://127.0.0.1:7\n");
        let ended = run("echo no port; exit 1");
        assert!(!ended.status.success() && String::from_utf8_lossy(&ended.stderr).contains("no port"));
    }
}
