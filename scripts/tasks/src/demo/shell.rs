//! `yieldset`, as people type it.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use yieldset_chain::{Book, Home};

use super::children::{command, ran};
use super::script::Script;

const PROGRAM: &str = "yieldset";
/// How it ends where something cannot be done as things are, and nothing was sent.
const IMPOSSIBLE: i32 = 3;

/// Types commands in a run's folder, which is the home, too.
#[derive(Clone)]
pub struct Shell {
    pub(super) programs: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) script: Arc<Script>,
}

impl Shell {
    /// What must be done, as somebody (nobody where it needs no key); what it printed.
    pub async fn does(&self, who: &str, line: &[&str]) -> Result<String> {
        let (status, printed, why) = self.types(who, line).await?;
        if !status.success() {
            bail!("yieldset {} failed:\n{printed}{why}", line.join(" "));
        }
        Ok(printed)
    }

    /// What must be refused before it is sent; why it is.
    pub async fn cannot(&self, who: &str, line: &[&str]) -> Result<String> {
        let (status, printed, why) = self.types(who, line).await?;
        ensure!(
            status.code() == Some(IMPOSSIBLE),
            "yieldset {} ended with {status}, and was to be refused:\n{printed}{why}",
            line.join(" ")
        );
        Ok(why)
    }

    /// What is only looked at, whether it would do or not; what it printed.
    pub async fn looks(&self, who: &str, line: &[&str]) -> Result<String> {
        Ok(self.types(who, line).await?.1)
    }

    /// The labels so far.
    pub fn book(&self) -> Result<Book> {
        Ok(Book::load(&self.home())?)
    }

    /// A path in the run's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn home(&self) -> Home {
        Home::at(self.path("home"))
    }

    async fn types(&self, who: &str, line: &[&str]) -> Result<(ExitStatus, String, String)> {
        let mut command = command(&self.programs, &self.folder, PROGRAM)?;
        let node = super::children::read_ready(&self.path("devnet.ready"))?;
        command.env("YIELDSET_YES", "true");
        command.env("YIELDSET_DEPLOYMENT", self.path("deployment.json"));
        if let Some(node) = node {
            command.env("YIELDSET_NODE_URL", node.url);
        }
        let from: &[&str] = if who.is_empty() { &[] } else { &["--from", who] };
        ran(command, &self.script, PROGRAM, &[line, from].concat()).await
    }
}
