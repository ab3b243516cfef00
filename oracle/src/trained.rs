//! Training decides who may earn (ATT-2): which versions the log's training runs of a model say that they read, when
//! that was, and what is wrong with what they say.
//!
//! - A model's runs are its own and those of every model that one of them began from, until it did.
//! - A run's time is that of its checkpoint on chain: it began no later than the first anchored checkpoint that has it,
//!   and no earlier than its platform says, where that is earlier. Which checkpoints are anchored the settlement names,
//!   and each is asked of the chain; one that is left out makes a run's time less certain, which takes nothing from
//!   anybody ([`Began`]). A stream that is no licence has no anchors: there the platform's word counts.
//! - Silence saves no money. Where a licensed model, or one that it began from, has no run in the log, or its runs name
//!   nothing of what is licensed, every dataset of the licence counts as read; a missing run is a fault. A licensed
//!   version that no run names, though one could have, and whose very words stand in outputs that came after it, is
//!   held: it earns nothing by that report, is told by name, and the keeper alleges it
//!   ([`unnamed`](crate::keeper::logged::unnamed)).
//! - A run's ingestion digest is worked out anew from the manifests where all of them are here. A wrong one is a fault,
//!   and what the run names counts as read all the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use yieldset_rules::{
    period::quarter_start,
    provenance::earning::Began,
    usage::{TrainingRun, UsageRecord},
};

use crate::{
    files::{self, FileError, hex_bytes, hex_list},
    hex0x,
    manifest::Dataset,
    models::Models,
    usage_log::{LogError, VerifiedLog, verified::Leaf},
};

/// When a run that read a version began: in files a number of Unix milliseconds where it is one moment, else the two
/// between which it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Read(pub Began);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    At(u64),
    Between([u64; 2]),
}

impl From<Written> for Read {
    fn from(written: Written) -> Self {
        match written {
            Written::At(at) => Self::at(at),
            Written::Between([since, until]) => Self(Began { since, until }),
        }
    }
}

impl From<Read> for Written {
    fn from(Read(Began { since, until }): Read) -> Self {
        if since == until { Self::At(since) } else { Self::Between([since, until]) }
    }
}

/// When training runs of a report's models that read a version began, each model's in the log's order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReadBy {
    /// Of a report of one model.
    One(Vec<Read>),
    /// Of a report of several, by their slugs; who has none is not there.
    Several(BTreeMap<String, Vec<Read>>),
}

impl Default for ReadBy {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

impl ReadBy {
    /// A model's.
    pub fn of(&self, model: &str) -> &[Read] {
        match self {
            Self::One(runs) => runs,
            Self::Several(models) => models.get(model).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    /// How many there are of all models together.
    pub fn count(&self) -> usize {
        match self {
            Self::One(runs) => runs.len(),
            Self::Several(models) => models.values().map(Vec::len).sum(),
        }
    }
}

impl Read {
    /// At some time of a period or before: what counts as read by silence.
    pub fn until_the_end_of(period: u32) -> Self {
        let until = quarter_start(period.saturating_add(1)).saturating_mul(1_000).saturating_add(999);
        Self(Began { since: 0, until })
    }

    /// At this very millisecond.
    pub fn at(moment: u64) -> Self {
        Self(moment.into())
    }
}

/// What the chain says about the training that a licence allows; nothing of a stream that is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The licence's datasets, by their ids on chain.
    #[serde(with = "hex_list")]
    pub datasets: Vec<[u8; 32]>,
    /// Until when it lets models be trained, Unix seconds; zero while that is not known.
    pub until: u64,
    /// Checkpoints of the log that are anchored, by rising size.
    pub anchors: Vec<Anchored>,
}

impl fmt::Display for Ground {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |texts: Vec<String>| if texts.is_empty() { "none".into() } else { texts.join(", ") };
        let datasets = list(self.datasets.iter().map(|id| hex0x(id)).collect());
        let anchor = |one: &Anchored| format!("{} records under {} at {}", one.size, hex0x(&one.root), one.at);
        let anchors = list(self.anchors.iter().map(anchor).collect());
        write!(out, "datasets {datasets}; until {} (Unix seconds); anchored checkpoints: {anchors}", self.until)
    }
}

/// Of a stream that is no licence.
pub static NONE: Ground = Ground { datasets: Vec::new(), until: 0, anchors: Vec::new() };

/// A checkpoint of the log that is anchored on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchored {
    /// Records of the log.
    pub size: u64,
    /// Its root as it stands there.
    #[serde(with = "hex_bytes")]
    pub root: [u8; 32],
    /// When it came there, Unix seconds.
    pub at: u64,
}

/// What is wrong with a licensed model's training runs: the keeper reports it, and nobody's money waits for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The log has no training run of a model that outputs came from, or that it began from.
    NoRun {
        /// The model.
        model: String,
    },
    /// A run's ingestion digest is not that of what it names.
    Digest {
        /// The run.
        run_id: String,
        /// Index in the log.
        leaf: u64,
        /// As the run says.
        #[serde(with = "hex_bytes")]
        said: [u8; 32],
        /// As the manifests make it.
        #[serde(with = "hex_bytes")]
        made: [u8; 32],
    },
    /// A run read a licensed dataset after the licence let models be trained (LIC-6).
    AfterWindow {
        /// The run.
        run_id: String,
        /// Index in the log.
        leaf: u64,
        /// Its time as far as it is shown, Unix seconds: as its platform says, and no more than a week before its
        /// checkpoint came on chain.
        at: u64,
    },
    /// An anchored checkpoint is not the log's at that size.
    OtherRoot {
        /// Records.
        size: u64,
    },
    /// A licensed version's very words stand in outputs of a model of whose runs none names it, though those of another
    /// model of the report do. It earns nothing by that one's outputs.
    Unread {
        /// The model.
        model: String,
        /// The version's dataset.
        dataset: String,
        /// SHA-256 of its manifest.
        #[serde(with = "hex_bytes")]
        manifest_hash: [u8; 32],
    },
}

impl Ground {
    /// Whether there is nothing of a licence here.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The first anchored checkpoint that has a leaf.
    fn anchor_of(&self, leaf: u64) -> Option<&Anchored> {
        self.anchors.iter().find(|one| one.size > leaf)
    }

    /// When a run at this leaf began, for a period that ends at a second.
    fn began(&self, run: &TrainingRun, leaf: u64, ends: u64) -> Read {
        if self.is_none() {
            return Read::at(run.started_ms);
        }
        // What is not anchored may have begun at any time of the period.
        let until = self.anchor_of(leaf).map_or(ends, |one| one.at).saturating_mul(1_000).saturating_add(999);
        Read(Began { since: run.started_ms.min(until), until })
    }

    /// When a run at this leaf began as far as it is shown against its platform, Unix seconds: as that says, but no
    /// later than its anchored checkpoint, and no more than [`DELAY`] before.
    fn shown(&self, run: &TrainingRun, leaf: u64) -> u64 {
        let says = run.started_ms / 1_000;
        self.anchor_of(leaf).map_or(says, |one| says.clamp(one.at.saturating_sub(DELAY), one.at))
    }

    /// When a call at this leaf was written as far as it is shown, Unix seconds: as its platform says, but no more than
    /// [`DELAY`] before a checkpoint was anchored that does not have it. Else whoever logs calls as written before the
    /// datasets were registered would pay nobody.
    pub fn written(&self, leaf: u64, at_ms: u64) -> u64 {
        let before = self.anchors.iter().filter(|one| one.size <= leaf).map(|one| one.at.saturating_sub(DELAY)).max();
        (at_ms / 1_000).max(before.unwrap_or_default())
    }
}

/// How long after its time a record may be logged, and that be anchored, in seconds, until its time is no longer what
/// its platform says: a week, for batches that are sent late and keepers that were away.
pub const DELAY: u64 = 7 * 86_400;

/// The training runs of a model in a log.
#[derive(Debug, Default)]
pub struct Runs {
    model: String,
    /// The model, and every one that one of these began from.
    models: BTreeSet<String>,
    runs: Vec<(u64, TrainingRun)>,
}

/// SHA-256 over the content hashes of datasets in the order in which a run read them.
pub fn ingestion_digest<'a>(read: impl IntoIterator<Item = &'a Dataset>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for content in read.into_iter().flat_map(|dataset| &dataset.contents) {
        digest.update(content);
    }
    digest.finalize().into()
}

impl Runs {
    /// A model's, of the log's first records.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn of(log: &VerifiedLog, log_size: u64, model: &str) -> Result<Self, LogError> {
        Ok(Self::among(all(log, log_size)?, model))
    }

    /// Each model's, in their order.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn of_each(log: &VerifiedLog, log_size: u64, models: &Models) -> Result<Vec<Self>, LogError> {
        let all = all(log, log_size)?;
        Ok(models.slugs().iter().map(|model| Self::among(all.clone(), model)).collect())
    }

    fn among(mut all: Vec<(u64, TrainingRun)>, model: &str) -> Self {
        let mut models = BTreeSet::from([model.to_owned()]);
        loop {
            let ours = all.iter().filter(|(_, run)| models.contains(&run.model));
            let bases: Vec<String> = ours.filter_map(|(_, run)| run.base.clone()).collect();
            let before = models.len();
            models.extend(bases);
            if models.len() == before {
                break;
            }
        }
        all.retain(|(_, run)| models.contains(&run.model));
        Self { model: model.to_owned(), models, runs: all }
    }

    /// Until when, in Unix milliseconds, runs of each model are the model's own past: its own always, and those of a
    /// model that it began from until the last run that began there may have begun. What a base learned later, it did
    /// not take with it.
    fn past(&self, ground: &Ground, ends: u64) -> BTreeMap<&str, u64> {
        let mut past = BTreeMap::from([(self.model.as_str(), u64::MAX)]);
        loop {
            let before = past.clone();
            for (leaf, run) in &self.runs {
                let Read(began) = ground.began(run, *leaf, ends);
                let (Some(base), Some(&until)) = (&run.base, past.get(run.model.as_str())) else { continue };
                if began.since <= until {
                    let taken = past.entry(base).or_default();
                    *taken = (*taken).max(began.until.min(until));
                }
            }
            if past == before {
                return past;
            }
        }
    }

    /// When each version was read, in the log's order.
    pub fn read(&self, ground: &Ground, period: u32) -> BTreeMap<[u8; 32], Vec<Read>> {
        let ends = quarter_start(period.saturating_add(1));
        let past = self.past(ground, ends);
        let mut read: BTreeMap<[u8; 32], Vec<Read>> = BTreeMap::new();
        for (leaf, run) in &self.runs {
            let Read(began) = ground.began(run, *leaf, ends);
            if past.get(run.model.as_str()).is_none_or(|&until| began.since > until) {
                continue;
            }
            let named: BTreeSet<[u8; 32]> = run.datasets.iter().map(|one| one.manifest_hash).collect();
            for manifest_hash in named {
                read.entry(manifest_hash).or_default().push(Read(began));
            }
        }
        read
    }

    /// The models of which the log has no run.
    pub fn silent(&self) -> impl Iterator<Item = &String> {
        self.models.iter().filter(|model| self.runs.iter().all(|(_, run)| run.model != **model))
    }

    /// Whether the log has no run of one of these models.
    pub fn are_silent(&self) -> bool {
        self.silent().next().is_some()
    }

    /// What is wrong with a licensed model's runs, by these dataset versions: what a run read beside them is not looked
    /// at, nor is then its digest.
    pub fn faults(&self, ground: &Ground, datasets: &[&Dataset]) -> Vec<Fault> {
        if ground.is_none() {
            return Vec::new();
        }
        let here: BTreeMap<[u8; 32], &Dataset> = datasets.iter().map(|one| (one.manifest_hash, *one)).collect();
        let mut faults: Vec<Fault> = self.silent().map(|model| Fault::NoRun { model: model.clone() }).collect();
        for (leaf, run) in &self.runs {
            let (run_id, leaf) = (run.run_id.clone(), *leaf);
            let named = run.datasets.iter().map(|one| here.get(&one.manifest_hash).copied());
            let licensed = |dataset: &Dataset| ground.datasets.contains(&dataset.dataset_id());
            let at = ground.shown(run, leaf);
            if ground.until > 0 && at > ground.until && named.clone().flatten().any(licensed) {
                faults.push(Fault::AfterWindow { run_id: run_id.clone(), leaf, at });
            }
            let Some(read) = named.collect::<Option<Vec<_>>>() else { continue };
            let (said, made) = (run.ingestion_digest, ingestion_digest(read));
            if said != made {
                faults.push(Fault::Digest { run_id, leaf, said, made });
            }
        }
        faults
    }
}

/// All training runs of the log's first records, with their leaves.
fn all(log: &VerifiedLog, log_size: u64) -> Result<Vec<(u64, TrainingRun)>, LogError> {
    let mut all = Vec::new();
    for entry in log.leaves_of(log_size) {
        let Leaf { leaf, record, .. } = entry?;
        if let UsageRecord::TrainingRun(run) = record {
            all.push((leaf, run));
        }
    }
    Ok(all)
}

/// Models of the log that a report of these does not have, though their training runs read a dataset of its licence:
/// the licence may be of them, too.
///
/// # Errors
/// [`LogError`].
pub fn others(
    log: &VerifiedLog,
    log_size: u64,
    (models, ground): (&Models, &Ground),
    datasets: &[Dataset],
) -> Result<BTreeSet<String>, LogError> {
    let licensed = |dataset: &&Dataset| ground.datasets.contains(&dataset.dataset_id());
    let licensed: BTreeSet<[u8; 32]> = datasets.iter().filter(licensed).map(|one| one.manifest_hash).collect();
    let reads = |run: &TrainingRun| run.datasets.iter().any(|one| licensed.contains(&one.manifest_hash));
    let others = all(log, log_size)?.into_iter().filter(|(_, run)| !models.contains(&run.model) && reads(run));
    Ok(others.map(|(_, run)| run.model).collect())
}

/// Faults of several models, each once: a base that they share is told of once.
pub fn each_once(faults: impl IntoIterator<Item = Fault>) -> Vec<Fault> {
    let mut once: Vec<Fault> = Vec::new();
    for fault in faults {
        if !once.contains(&fault) {
            once.push(fault);
        }
    }
    once
}

/// Whether anchored checkpoints are the log's, as faults where they are not.
///
/// # Errors
/// [`LogError`].
pub fn other_roots(log: &VerifiedLog, log_size: u64, ground: &Ground) -> Result<Vec<Fault>, LogError> {
    let mut faults = Vec::new();
    for one in ground.anchors.iter().filter(|one| one.size <= log_size) {
        if log.checkpoint_at(one.size)?.root != one.root {
            faults.push(Fault::OtherRoot { size: one.size });
        }
    }
    Ok(faults)
}

/// In a log's folder: the sizes of checkpoints that its platform anchored, as the keeper notes them.
pub const ANCHORED: &str = "anchored.json";

/// Sizes of a log's checkpoints that may be anchored: those that the keeper noted in its folder, and all of it. Each is
/// asked of the chain, and to miss one takes nothing from anybody.
///
/// # Errors
/// [`FileError`].
pub fn candidates(log_dir: &Path, log_size: u64) -> Result<Vec<u64>, FileError> {
    let file = log_dir.join(ANCHORED);
    let mut sizes: Vec<u64> = if files::is_there(&file)? { files::read_json(&file)? } else { Vec::new() };
    // What it does not have it cannot have anchored, and each is a question to the node.
    sizes.retain(|size| *size < log_size);
    sizes.push(log_size);
    Ok(sizes)
}

/// A line about what is wrong with the training runs, for logs and people; nothing where nothing is.
pub fn summary(faults: &[Fault]) -> Option<String> {
    let one = |fault: &Fault| match fault {
        Fault::NoRun { model } => {
            format!("the log has no training run of {model}, so every dataset of the licence counts as read")
        }
        Fault::Digest { run_id, leaf, .. } => {
            format!("the ingestion digest of run {run_id:?} (leaf {leaf}) is not that of the versions that it names")
        }
        Fault::AfterWindow { run_id, leaf, at } => {
            format!("run {run_id:?} (leaf {leaf}) read a licensed dataset at {at}, after the licence let it")
        }
        Fault::OtherRoot { size } => format!("the checkpoint of {size} records on chain is not this log's"),
        Fault::Unread { model, dataset, .. } => {
            format!("words of {dataset} stand in outputs of {model}, of whose training runs none names it")
        }
    };
    let list: Vec<String> = faults.iter().map(one).collect();
    (!list.is_empty()).then(|| list.join("; "))
}

#[cfg(test)]
mod tests;
