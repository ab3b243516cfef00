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
address() { until test -s "$1.ready"; do sleep 0.1; done; grep -o "$2://[^\"]*" "$1.ready" | head -n 1; }

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
        let variable = name.to_uppercase().replace('-', "_");
        let (url, database) = found;
        let scheme = url.split("://").next().unwrap_or_default();
        let mut lines = format!("{} > {name}.log 2>&1 &\n", self.line(program, arguments));
        let _ = writeln!(lines, "{variable}=$(address {name} {scheme})");
        self.instead_of(url, &format!("${variable}"));
        if let Some(database) = database {
            let _ = writeln!(lines, "{variable}_DATABASE=$(address {name} postgresql)");
            self.instead_of(database, &format!("${variable}_DATABASE"));
        }
        if scheme == "ws" {
            let _ = writeln!(lines, "export YIELDSET_NODE_URL=${variable}");
        }
        self.write(&lines)
    }

    /// A service that was ended.
    pub fn ended(&self, name: &str) -> Result<()> {
        self.write(&format!("kill $(pgrep -f {name}.ready) && rm {name}.ready\n"))
    }

    /// Writes a file of the run, as people write them with an editor.
    pub fn file(&self, file: &Path, content: &str) -> Result<()> {
        std::fs::write(file, content).with_context(|| format!("writing {}", file.display()))?;
        let name = self.said(&file.display().to_string());
        self.write(&format!("cat > {name} <<'END'\n{}\nEND\n", content.trim_end_matches('\n')))
    }

    fn line(&self, program: &str, arguments: &[&str]) -> String {
        arguments.iter().fold(program.to_owned(), |line, argument| line + " " + &self.said(argument))
    }

    /// An argument as a shell reads it: of the run's folder its place there, of values that are others each time their
    /// name.
    fn said(&self, argument: &str) -> String {
        let folder = format!("{}/", self.folder.display());
        let mut text = argument.replace(&folder, "");
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (value, name) in known.iter() {
            text = text.replace(value, name);
        }
        let plain = |character: char| character.is_ascii_alphanumeric() || "_@%+=:,./-".contains(character);
        match text.contains('$') {
            true => format!("\"{text}\""),
            false if !text.is_empty() && text.chars().all(plain) => text,
            false => format!("'{}'", text.replace('\'', r"'\''")),
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
        let typed = ["it's", "5 DEV", "", "--licence=0x1234", "/somewhere/repository/tests", &inside];
        script.command("printf", &[&["%s|"], &typed[..]].concat(), Ended::Well).expect("written");
        script.file(&folder.path().join("terms.txt"), "a 'quoted' $line\n").expect("written");
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
        assert_eq!(printed, "it's|5 DEV||--licence=@spring|/elsewhere/tests|a b|");
        assert_eq!(std::fs::read_to_string(again.path().join("terms.txt")).expect("made"), "a 'quoted' $line\n");
    }
}
