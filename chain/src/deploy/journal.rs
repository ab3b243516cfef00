//! How far a deployment has come: a file that is whole after each crash.
//!
//! A transaction stands in it before it is sent, and what it made after it is final. So whoever comes after a crash
//! knows which transaction to ask for, and no step is paid twice.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};
use yieldset_service::files::{self, Access, FileError};

use super::{DeployError, blobs};
use crate::{
    deployment::Config,
    submit::Prepared,
    units::{Percent, Span},
};

/// Version of the file's form.
const VERSION: u32 = 1;

/// What is deployed, by whom, where, and how far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Of the file's form.
    pub version: u32,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of block 0.
    pub genesis: B256,
    /// Who deploys.
    pub deployer: Address,
    /// What is deployed.
    pub config: Config,
    /// Who becomes admin at the end, if another.
    pub admin: Option<Address>,
    /// Hashes of the blobs: a run is ended with those that it began with.
    pub codes: BTreeMap<String, B256>,
    /// Steps that were begun, in order.
    pub steps: Vec<Record>,
}

/// A step that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its name.
    pub step: String,
    /// Its transaction, from before it is sent until it is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepared: Option<Prepared>,
    /// What it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Done>,
}

/// What a step made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Its transaction.
    pub tx_hash: B256,
    /// The finalised block that it is in.
    pub block: u64,
    /// Contracts that it created; of a pool, pool and co-op.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub created: Vec<Address>,
}

impl Content {
    /// At the beginning.
    pub fn new((chain_id, genesis): (u64, B256), deployer: Address, config: Config, admin: Option<Address>) -> Self {
        let codes = blobs::ALL.iter().map(|(name, _)| ((*name).to_owned(), blobs::code_hash(name))).collect();
        Self { version: VERSION, chain_id, genesis, deployer, config, admin, codes, steps: Vec::new() }
    }

    /// What a step has made, if it was done.
    pub fn done(&self, step: &str) -> Option<&Done> {
        self.steps.iter().find(|record| record.step == step)?.done.as_ref()
    }

    /// What differs from another run, if anything that cannot be changed on the way.
    fn differs(&self, other: &Self) -> Option<String> {
        let admin = |of: &Self| of.admin.map_or("none".to_owned(), |admin| admin.to_string());
        match () {
            () if self.version != other.version => Some("it was written by another version of this program".into()),
            () if (self.chain_id, self.genesis) != (other.chain_id, other.genesis) => {
                Some("it is of another chain".into())
            }
            () if self.deployer != other.deployer => {
                Some(format!("{} began it, and {} would go on", self.deployer, other.deployer))
            }
            () if self.codes != other.codes => Some("it was begun with other blobs".into()),
            () if self.config != other.config => {
                Some(format!("it was begun with other settings: {}", differing(&self.config, &other.config).join("; ")))
            }
            () if self.admin != other.admin => {
                Some(format!("it was begun for another admin: {}, not {}", admin(self), admin(other)))
            }
            () => None,
        }
    }
}

/// Which settings differ, as they are given, with what was begun and what is asked for now.
fn differing(begun: &Config, now: &Config) -> Vec<String> {
    // All of them by name, so that no new one is forgotten.
    let all = |config: &Config| {
        let Config { name, symbol, currency, contributors_bps, committee, threshold, challenge, voting } = config;
        let members: Vec<_> = committee.iter().map(ToString::to_string).collect();
        [
            ("--name", name.clone()),
            ("--symbol", symbol.clone()),
            ("--currency", if currency.is_zero() { "none".into() } else { currency.to_string() }),
            ("--contributors", Percent(*contributors_bps).to_string()),
            ("--member", members.join(" ")),
            ("--threshold", threshold.to_string()),
            ("--challenge-window", Span(challenge.window).to_string()),
            ("--voting-period", Span(voting.period.into()).to_string()),
            ("--times", format!("{challenge:?} {voting:?}")),
        ]
    };
    let changed = all(begun).into_iter().zip(all(now)).filter(|((_, begun), (_, now))| begun != now);
    let mut changed: Vec<_> = changed.map(|((name, begun), (_, now))| (name, format!("{begun}, not {now}"))).collect();
    // Windows and votes are presets, of which a part may have been named by itself.
    let named = changed.iter().any(|(name, _)| ["--challenge-window", "--voting-period"].contains(name));
    changed.retain(|(name, _)| *name != "--times" || !named);
    let says = |(name, says): (&str, String)| match name {
        "--times" => "--times".to_owned(),
        name => format!("{name} {says}"),
    };
    changed.into_iter().map(says).collect()
}

/// What a journal has, where there is one: it must be of this run.
///
/// # Errors
/// [`DeployError::OtherRun`], [`DeployError::File`].
pub fn begun(file: &Path, run: &Content) -> Result<Option<Content>, DeployError> {
    if !file.exists() {
        return Ok(None);
    }
    let begun: Content = files::read_json(file)?;
    match begun.differs(run) {
        Some(what) => Err(DeployError::OtherRun { journal: file.to_owned(), what }),
        None => Ok(Some(begun)),
    }
}

/// The file, which one process has at a time.
#[derive(Debug)]
pub struct Journal {
    file: PathBuf,
    content: Content,
    _lock: File,
}

impl Journal {
    /// Opens a journal, or begins one. One that was begun must be of the same run.
    ///
    /// # Errors
    /// [`DeployError::Busy`], [`DeployError::OtherRun`], [`DeployError::File`].
    pub fn open(file: &Path, run: Content) -> Result<Self, DeployError> {
        let lock = files::lock(&file.with_added_extension("lock"))?;
        let lock = lock.ok_or_else(|| DeployError::Busy { journal: file.to_owned() })?;
        let content = begun(file, &run)?.unwrap_or(run);
        let journal = Self { file: file.to_owned(), content, _lock: lock };
        journal.write()?;
        Ok(journal)
    }

    /// What it says.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// A step's record, if it was begun.
    pub fn of(&self, step: &str) -> Option<&Record> {
        self.content.steps.iter().find(|record| record.step == step)
    }

    /// Writes down a transaction that is about to be sent.
    pub fn prepared(&mut self, step: &str, prepared: Prepared) -> Result<(), DeployError> {
        self.record(step).prepared = Some(prepared);
        self.write()
    }

    /// Writes down what a step has made.
    pub fn done(&mut self, step: &str, done: Done) -> Result<(), DeployError> {
        let record = self.record(step);
        // Its bytes have a whole blob in them.
        record.prepared = None;
        record.done = Some(done);
        self.write()
    }

    /// Forgets a transaction that had no effect and never will.
    pub fn forget(&mut self, step: &str) -> Result<(), DeployError> {
        self.record(step).prepared = None;
        self.write()
    }

    fn record(&mut self, step: &str) -> &mut Record {
        let steps = &mut self.content.steps;
        let index = steps.iter().position(|record| record.step == step).unwrap_or_else(|| {
            steps.push(Record { step: step.to_owned(), prepared: None, done: None });
            steps.len() - 1
        });
        &mut steps[index]
    }

    fn write(&self) -> Result<(), DeployError> {
        let text = serde_json::to_string_pretty(&self.content)
            .map_err(|error| FileError::content(&self.file, error.to_string()))?;
        Ok(files::write(&self.file, (text + "\n").as_bytes(), Access::Private)?)
    }
}
