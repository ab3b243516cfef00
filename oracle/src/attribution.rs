//! Which creators an output derives from, and its tokens shared among them (ATT-5, ATT-6). Integers throughout.
//!
//! What is compared and which calls count is here; how, each version of the metric has for itself: by version 2 an
//! output's words belong to where they stand, and passages like another share what is left ([`by_words`]); by version 1
//! it is compared as a whole ([`as_a_whole`]).

mod as_a_whole;
mod by_words;
mod held;
mod output;

pub use output::{DecoyHit, Output, Score, Source, share};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use yieldset_rules::{
    period::quarter_at,
    report::{LogCheckpoint, Metric, Totals},
    usage::{Evidence, InferenceCall, UsageRecord},
};

use crate::{
    compared::{self, After, LeftOut, Reason},
    copies,
    files::hex_bytes,
    licensed::{Beyond, Limits, Uncounted},
    manifest::Dataset,
    metric::{MetricState, MetricVersion, version_of},
    models::Models,
    period_name,
    registry::{Registration, Registry, Seen},
    report::Decoys,
    trained::{self, Fault, Ground, Read, ReadBy, Runs},
    usage_log::{LogError, VerifiedLog, verified::Leaf},
};

/// Why nothing can be attributed.
#[derive(Debug, thiserror::Error)]
pub enum AttributionError {
    /// No call of the model in any period: it is written otherwise, or nothing was logged yet.
    #[error("the log has no call of {model} at all; check the model's name, or wait for the platform's records")]
    UnknownModel {
        /// The model.
        model: String,
    },
    /// Several models, and no licence that they are of.
    #[error("{models} are several models, which have a stream only as a licence's; give the licence, or one of them")]
    NoStream {
        /// The models.
        models: String,
    },
    /// Nothing is left to compare with. A report would say that nothing qualified, and send the money on.
    #[error(
        "no dataset version is left to compare the outputs with ({}); check manifests, metric and threshold, and that the versions \
         are registered",
        .left_out.as_deref().unwrap_or("there is none")
    )]
    NothingToCompare {
        /// What was left out.
        left_out: Option<String>,
    },
    /// Asked for by a metric that this program does not know.
    #[error("the metric is {name} version {version}, which this program does not know; use the program that does")]
    UnknownMetric {
        /// Its name.
        name: String,
        /// Its version.
        version: u32,
    },
    /// Calls that count may be deleted.
    #[error(
        "entries of the log's first {size} records are deleted, calls that count in this report may be among them; it cannot be \
         worked out any more"
    )]
    Deleted {
        /// So many.
        size: u64,
    },
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The models whose outputs it is about.
    pub models: &'a Models,
    /// The licence whose stream it is; nothing where it is the one model's own.
    pub licence: Option<[u8; 32]>,
    /// The accounting period.
    pub period: u32,
    /// The metric, with its threshold.
    pub metric: Metric,
    /// Records of the log that are looked at, from the first on.
    pub log_size: u64,
    /// The stream's report before.
    pub after: After,
    /// Dataset versions that are not among those at hand, and why. Their training runs are looked up anew.
    pub left_out: &'a [LeftOut],
    /// What the registry has about those at hand; `None` where it was not asked, and then all of them are compared.
    pub registry: Option<&'a Registry>,
    /// Which records the stream's licence does not count.
    pub limits: Limits,
    /// What the chain says about the training that the stream's licence allows.
    pub ground: &'a Ground,
}

/// `attribution.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// The models.
    #[serde(rename = "model")]
    pub models: Models,
    /// The stream: the licence's id, or SHA-256 of the one model's slug.
    #[serde(with = "hex_bytes")]
    pub stream: [u8; 32],
    /// The accounting period.
    pub period: u32,
    /// The same, to read.
    pub period_name: String,
    /// The log's state.
    #[serde(with = "LogState")]
    pub log: LogCheckpoint,
    /// The metric.
    #[serde(with = "MetricState")]
    pub metric: Metric,
    /// Sums.
    #[serde(with = "TotalsState")]
    pub totals: Totals,
    /// The stream's report before: what is late comes after it.
    #[serde(default)]
    pub after: After,
    /// Whether the period was not over: a look ahead, of which no report can be made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
    /// For whom and when the registry of datasets was asked; nothing where it was not.
    pub seen: Option<Seen>,
    /// Dataset versions that were compared, sorted by slug.
    pub manifests: Vec<Version>,
    /// Dataset versions that were not, sorted by hash.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Which records the stream's licence does not count.
    #[serde(default)]
    pub limits: Limits,
    /// What the chain says about the training that the stream's licence allows.
    #[serde(default, skip_serializing_if = "Ground::is_none")]
    pub ground: Ground,
    /// What is wrong with the training runs of a licensed model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Records that do not count, in the log's order.
    #[serde(default)]
    pub uncounted: Vec<Uncounted>,
    /// How often decoys were found; nothing by version 1 of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoys: Option<Decoys>,
    /// Which calls hit which of them, in the log's order, so that an audit can look at each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decoy_hits: Vec<DecoyHit>,
    /// Everyone who could earn, sorted by address.
    pub contributors: Vec<Contributor>,
    /// Every call of the period and every late one, in the log's order.
    pub outputs: Vec<Output>,
}

/// A dataset version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The slug.
    pub dataset: String,
    /// Its id on chain.
    #[serde(with = "hex_bytes")]
    pub dataset_id: [u8; 32],
    /// SHA-256 of the manifest.
    #[serde(with = "hex_bytes")]
    pub manifest_hash: [u8; 32],
    /// Who is paid.
    #[serde(with = "hex_bytes")]
    pub account: [u8; 20],
    /// What the registry has about it; nothing where it was not asked, or has nothing.
    pub registration: Option<Registration>,
    /// When the models' training runs in the log that read it began, Unix milliseconds.
    pub runs: ReadBy,
}

/// What someone earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributor {
    /// Who is paid.
    #[serde(with = "hex_bytes")]
    pub account: [u8; 20],
    /// The creator's name.
    pub name: String,
    /// Their datasets.
    pub datasets: Vec<String>,
    /// Outputs that scored above the threshold.
    pub qualifying_outputs: u64,
    /// Tokens of these outputs that are theirs.
    pub tokens: u64,
}

/// [`LogCheckpoint`] in JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "LogCheckpoint", deny_unknown_fields)]
pub(crate) struct LogState {
    origin: String,
    size: u64,
    #[serde(with = "hex_bytes")]
    root: [u8; 32],
}

/// [`Totals`] in JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Totals", deny_unknown_fields)]
pub(crate) struct TotalsState {
    calls: u64,
    qualifying_calls: u64,
    tokens: u64,
    attributed_tokens: u64,
    late_records: Option<u64>,
}

/// Scores every call of the question's models and period, and those of reported periods that came too late for theirs.
/// Each model's outputs are compared with what its own training runs read, and with nothing else: several models in one
/// report come to what reports of each would come to together.
///
/// What one record or one dataset has wrong does not stop the others: it is left out and named.
///
/// # Errors
/// [`AttributionError`].
pub fn attribute(
    log: &VerifiedLog,
    datasets: &[Dataset],
    question: &Question<'_>,
) -> Result<Attribution, AttributionError> {
    let asked = (question.period, question.limits.began);
    if let Some(pruned) = log.pruned().filter(|pruned| pruned.reaches(asked, question.after)) {
        return Err(AttributionError::Deleted { size: pruned.size });
    }
    let stream = question.models.stream(question.licence);
    let stream = stream.ok_or_else(|| AttributionError::NoStream { models: question.models.to_string() })?;
    let Compared { datasets, manifests, decoys: nobodys, mut left_out, by_model, mut faults } =
        compared(log, datasets, question)?;
    if datasets.is_empty() {
        return Err(AttributionError::NothingToCompare { left_out: crate::compared::summary(&left_out) });
    }
    let (calls, uncounted) = calls(log, question)?;
    let all = calls.iter().flatten();
    let late = all.filter(|(leaf, call)| question.after.is_late(quarter_of_call(call), *leaf)).count() as u64;
    let (mut outputs, mut decoys, mut decoy_hits) = (Vec::new(), None, Vec::new());
    let by_quarter = by_model.into_iter().zip(calls).flat_map(|(own, calls)| own.by_quarter(calls, question));
    for (ByModel { model, datasets: own, versions, suspects, earlier }, calls) in by_quarter {
        let (scored, measured, hit) = match question.version()? {
            MetricVersion::First => (as_a_whole::score_all(&own, &calls, question), None, Vec::new()),
            MetricVersion::Second => by_words::score((&own, &versions), (&earlier, &nobodys), &calls, question),
        };
        for one in held::appear(&suspects, &scored, &calls, question.ground) {
            match left_out.iter_mut().find(|left_out| left_out.manifest_hash == one) {
                Some(left_out) => left_out.reason = Reason::Held,
                // Another model read it.
                None => faults.extend(suspects.iter().find(|(suspect, _)| suspect.manifest_hash == one).map(
                    |(suspect, _)| {
                        let (model, dataset) = (model.to_owned(), suspect.dataset.clone());
                        Fault::Unread { model, dataset, manifest_hash: one }
                    },
                )),
            }
        }
        outputs.extend(scored);
        decoy_hits.extend(hit);
        decoys = together(decoys, measured, datasets.len());
    }
    outputs.sort_by_key(|output| output.leaf);
    decoy_hits.sort_by_key(|hit| hit.leaf);
    let contributors = contributors(&datasets, &outputs);
    let totals = totals(&outputs, question.after.looks_for_late().then_some(late));
    Ok(Attribution {
        models: question.models.clone(),
        stream,
        period: question.period,
        period_name: period_name(question.period),
        log: log.checkpoint_at(question.log_size)?,
        metric: question.metric.clone(),
        totals,
        after: question.after,
        running: false,
        seen: question.registry.map(|registry| registry.seen),
        manifests,
        left_out,
        limits: question.limits,
        ground: question.ground.clone(),
        faults,
        uncounted,
        decoys,
        decoy_hits,
        contributors,
        outputs,
    })
}

/// The sums of calls' lines.
fn totals(outputs: &[Output], late_records: Option<u64>) -> Totals {
    let sum = |tokens: &dyn Fn(&Output) -> u64| outputs.iter().map(tokens).sum();
    Totals {
        calls: outputs.len() as u64,
        qualifying_calls: outputs.iter().filter(|output| output.qualifies()).count() as u64,
        tokens: sum(&|output| output.tokens),
        attributed_tokens: sum(&Output::attributed),
        late_records,
    }
}

impl Question<'_> {
    fn version(&self) -> Result<MetricVersion, AttributionError> {
        let Metric { name, version, .. } = &self.metric;
        let unknown = || AttributionError::UnknownMetric { name: name.clone(), version: *version };
        version_of(name, *version).ok_or_else(unknown)
    }
}

/// The decoys' hits of several models. Each dataset counts as compared with all of their outputs, though some of them
/// may not have read it: that takes no fewer hits for false than there are.
fn together(before: Option<Decoys>, next: Option<Decoys>, datasets: usize) -> Option<Decoys> {
    let (Some(one), Some(other)) = (before, next) else { return next };
    Some(Decoys {
        hits: one.hits + other.hits,
        decoy_hits: one.decoy_hits + other.decoy_hits,
        // A handful.
        datasets: datasets as u32,
        decoys: other.decoys,
    })
}

/// As reports name it, without what registry and log have about it.
pub fn version(dataset: &Dataset) -> Version {
    Version {
        dataset: dataset.dataset.clone(),
        dataset_id: dataset.dataset_id(),
        manifest_hash: dataset.manifest_hash,
        account: dataset.account,
        registration: None,
        runs: ReadBy::default(),
    }
}

/// What is compared, and what is not.
struct Compared<'a> {
    /// Versions that are compared with the outputs of one model at least.
    datasets: Vec<&'a Dataset>,
    manifests: Vec<Version>,
    /// Nobody's versions, which are left out of the datasets and compared beside them.
    decoys: Vec<&'a Dataset>,
    left_out: Vec<LeftOut>,
    /// Each model's part.
    by_model: Vec<ByModel<'a>>,
    /// What is wrong with the training runs.
    faults: Vec<Fault>,
}

/// What a model's outputs are compared with.
#[derive(Clone)]
struct ByModel<'a> {
    model: &'a str,
    datasets: Vec<&'a Dataset>,
    /// The same, as reports name them.
    versions: Vec<Version>,
    /// Licensed versions that none of its runs names, and when they were registered, Unix seconds; zero where nobody
    /// asked.
    suspects: Vec<(&'a Dataset, u64)>,
    /// Registered versions that are not compared: who had words first does not hang on what was trained on, or where it
    /// is.
    earlier: Vec<(&'a Dataset, Version)>,
}

/// When a model's training runs read each version; among them what counts as read by silence. Runs that name no version
/// that is here of what is licensed are as silent as none: a run that names anything at all would else end all reports.
fn reads(runs: &Runs, model: &str, datasets: &[Dataset], question: &Question<'_>) -> BTreeMap<[u8; 32], Vec<Read>> {
    let mut read = runs.read(question.ground, question.period);
    let licensed = datasets.iter().filter(|dataset| question.ground.datasets.contains(&dataset.dataset_id()));
    let is_silent = runs.are_silent() || !licensed.clone().any(|dataset| read.contains_key(&dataset.manifest_hash));
    if question.ground.is_none() || !is_silent {
        return read;
    }
    let assumed = Read::until_the_end_of(question.period);
    // Whether one that is not here is licensed, only its manifest would tell.
    let said = question.left_out.iter().filter(|one| one.runs.of(model).last() == Some(&assumed));
    for hash in licensed.map(|one| one.manifest_hash).chain(said.map(|one| one.manifest_hash)) {
        read.entry(hash).or_default().push(assumed);
    }
    read
}

/// What is compared, and what is not: what the question leaves out, what does not count by registry and log, what is
/// licensed under another metric, and what the models' training runs name beyond.
fn compared<'a>(log: &VerifiedLog, datasets: &'a [Dataset], question: &Question<'a>) -> Result<Compared<'a>, LogError> {
    let models = question.models.slugs();
    let trained = Runs::of_each(log, question.log_size, question.models)?;
    let read: Vec<_> =
        models.iter().zip(&trained).map(|(model, runs)| reads(runs, model, datasets, question)).collect();
    let read_by = |hash: &[u8; 32]| {
        let runs = |read: &BTreeMap<[u8; 32], Vec<Read>>| read.get(hash).cloned().unwrap_or_default();
        match &read[..] {
            [one] => ReadBy::One(runs(one)),
            several => {
                let named = models.iter().cloned().zip(several.iter().map(runs));
                ReadBy::Several(named.filter(|(_, runs)| !runs.is_empty()).collect())
            }
        }
    };
    let of = |one: &LeftOut| (one.manifest_hash, LeftOut { runs: read_by(&one.manifest_hash), ..one.clone() });
    let mut left_out: BTreeMap<[u8; 32], LeftOut> = question.left_out.iter().map(of).collect();
    let registration =
        |hash: &[u8; 32]| question.registry.and_then(|registry| registry.registrations.get(hash).copied());
    let versions: Vec<Version> = datasets
        .iter()
        .map(version)
        .map(|one| Version { registration: registration(&one.manifest_hash), runs: read_by(&one.manifest_hash), ..one })
        .collect();
    let reasons: Vec<Vec<Option<Reason>>> =
        models.iter().map(|model| reasons(datasets, &versions, model, question)).collect();
    let by_model = models.iter().zip(&reasons);
    let by_model = by_model.map(|(model, reasons)| ByModel::of(model, datasets, &versions, (reasons, question.ground)));
    let by_model = by_model.collect();
    let (mut compared, mut manifests, mut decoys) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (dataset, version)) in datasets.iter().zip(versions).enumerate() {
        match compared::of_all(reasons.iter().map(|reasons| reasons[at])) {
            Some(reason) => {
                if reason == Reason::Decoy {
                    decoys.push(dataset);
                }
                left_out.insert(version.manifest_hash, LeftOut::of(&version, reason));
            }
            None => {
                compared.push(dataset);
                manifests.push(version);
            }
        }
    }
    for copy in copying(&compared, &decoys, question.metric.threshold) {
        decoys.retain(|decoy| decoy.manifest_hash != copy);
        left_out.entry(copy).and_modify(|one| one.reason = Reason::NoDecoy);
    }
    let known: BTreeSet<[u8; 32]> = manifests.iter().map(|version| version.manifest_hash).collect();
    for hash in read.iter().flat_map(BTreeMap::keys).filter(|hash| !known.contains(*hash)) {
        let unknown = || LeftOut { runs: read_by(hash), ..LeftOut::bare(*hash, None, Reason::Unknown) };
        left_out.entry(*hash).or_insert_with(unknown);
    }
    // By what is compared alone: whoever works it out anew has that.
    let mut faults = trained::each_once(trained.iter().flat_map(|runs| runs.faults(question.ground, &compared)));
    faults.extend(trained::other_roots(log, question.log_size, question.ground)?);
    let left_out = left_out.into_values().collect();
    Ok(Compared { datasets: compared, manifests, decoys, left_out, by_model, faults })
}

/// The decoys of the licence's parties that have words from what is compared.
fn copying(compared: &[&Dataset], decoys: &[&Dataset], threshold: u32) -> BTreeSet<[u8; 32]> {
    if decoys.is_empty() {
        return BTreeSet::new();
    }
    let all: Vec<&Dataset> = compared.iter().chain(decoys).copied().collect();
    let copied = copies::among(&all, threshold).into_iter().map(|one| one.manifest_hash);
    copied.filter(|hash| decoys.iter().any(|decoy| decoy.manifest_hash == *hash)).collect()
}

/// Why each version is not compared with a model's outputs; `None` where it is.
fn reasons(datasets: &[Dataset], versions: &[Version], model: &str, question: &Question<'_>) -> Vec<Option<Reason>> {
    let reasons = match question.registry {
        Some(registry) => compared::judge(versions, model, &registry.seen.pool, question.period),
        None => vec![None; versions.len()],
    };
    let one = |(reason, dataset): (Option<Reason>, &Dataset)| {
        let licensed = dataset.terms.is_of(&question.metric);
        let reason = if dataset.is_decoy() { licensed.then_some(Reason::Decoy) } else { reason };
        reason.or((!licensed).then_some(Reason::OtherTerms))
    };
    reasons.into_iter().zip(datasets).map(one).collect()
}

impl<'a> ByModel<'a> {
    fn of(
        model: &'a str,
        datasets: &'a [Dataset],
        versions: &[Version],
        (reasons, ground): (&[Option<Reason>], &Ground),
    ) -> Self {
        let mut own =
            Self { model, datasets: Vec::new(), versions: Vec::new(), suspects: Vec::new(), earlier: Vec::new() };
        // A new version of what was read could be named by no run before it: whoever may register one could else have
        // any platform accused, by words that outputs have had already, or that they ask for.
        let read = versions.iter().filter(|version| !version.runs.of(model).is_empty());
        let named: BTreeSet<[u8; 32]> = read.clone().map(|version| version.dataset_id).collect();
        let last = read.flat_map(|version| version.runs.of(model)).map(|read| read.0.until / 1_000).max();
        let could_be_named = |version: &Version| {
            let registered = version.registration.map_or(0, |found| found.registered_at);
            !named.contains(&version.dataset_id) || last.is_some_and(|last| last > registered)
        };
        for ((dataset, version), reason) in datasets.iter().zip(versions).zip(reasons) {
            if reason.is_some_and(|reason| reason != Reason::Decoy) && version.registration.is_some() {
                own.earlier.push((dataset, version.clone()));
            }
            match reason {
                None => {
                    own.datasets.push(dataset);
                    own.versions.push(version.clone());
                }
                Some(Reason::NotTrained)
                    if ground.datasets.contains(&version.dataset_id) && could_be_named(version) =>
                {
                    own.suspects.push((dataset, version.registration.map_or(0, |found| found.registered_at)));
                }
                Some(_) => {}
            }
        }
        own
    }

    /// The calls of each quarter, with what those are compared with: what no run had read when a quarter ended, none of
    /// its outputs is of, whether they are late or waited; it was only there before others.
    fn by_quarter(&self, calls: Calls, question: &Question<'_>) -> Vec<(Self, Calls)> {
        let mut quarters: BTreeMap<u32, Calls> = BTreeMap::from([(question.period, Calls::new())]);
        for call in calls {
            quarters.entry(quarter_of_call(&call.1)).or_default().push(call);
        }
        quarters.into_iter().map(|(quarter, calls)| (self.in_quarter(quarter, question), calls)).collect()
    }

    fn in_quarter(&self, quarter: u32, question: &Question<'_>) -> Self {
        let Some(pool) = question.registry.map(|registry| registry.seen.pool) else { return self.clone() };
        let mut own = Self { datasets: Vec::new(), versions: Vec::new(), ..self.clone() };
        for (&dataset, version) in self.datasets.iter().zip(&self.versions) {
            let runs = version.runs.of(self.model);
            match compared::alone(version.registration.as_ref(), runs, &pool, quarter) {
                None => {
                    own.datasets.push(dataset);
                    own.versions.push(version.clone());
                }
                Some(_) => own.earlier.push((dataset, version.clone())),
            }
        }
        own
    }
}

/// Why a metric can make nothing of a call, if it cannot. By version 1 one without tokens is an output like any other.
fn unusable(call: &InferenceCall, version: MetricVersion) -> Option<Beyond> {
    match (&call.evidence, version) {
        (Evidence::Whole(_), MetricVersion::First) => None,
        (Evidence::Words(words), MetricVersion::Second) => {
            (call.output_tokens == 0 && words.count > 0).then_some(Beyond::NoTokens)
        }
        _ => Some(Beyond::OtherEvidence),
    }
}

fn quarter_of_call(call: &InferenceCall) -> u32 {
    quarter_at(call.at_ms / 1_000)
}

/// A call with its leaf.
type Call = (u64, InferenceCall);
/// Calls with their leaves.
type Calls = Vec<Call>;

/// The calls of each model: the period's, those of periods that were passed over since the report before, and those
/// that came too late for a period reported before; and of all of these the ones that the licence does not count.
fn calls(log: &VerifiedLog, question: &Question<'_>) -> Result<(Vec<Calls>, Vec<Uncounted>), AttributionError> {
    let (version, models) = (question.version()?, question.models.slugs());
    let (mut calls, mut uncounted) = (vec![Calls::new(); models.len()], Vec::new());
    let mut logged = vec![false; models.len()];
    let waits_from = question.after.waits_from(question.period, question.limits.began);
    for entry in log.leaves_of(question.log_size) {
        let Leaf { leaf, record, .. } = entry?;
        if let UsageRecord::InferenceCall(call) = record
            && let Some(at) = models.iter().position(|model| *model == call.model)
        {
            logged[at] = true;
            let period = quarter_of_call(&call);
            let late = question.after.is_late(period, leaf);
            // Its own period, and those that wait for it.
            if !late && !(waits_from..=question.period).contains(&period) {
                continue;
            }
            let beyond = question.limits.judge(leaf, (period, call.output_tokens), late);
            match beyond.or(unusable(&call, version)) {
                None => calls[at].push((leaf, call)),
                Some(reason) => {
                    let (call_id, tokens) = (call.call_id, call.output_tokens);
                    uncounted.push(Uncounted { leaf, call_id, tokens, reason });
                }
            }
        }
    }
    // A period without calls has a report like any other: nothing qualified.
    match models.iter().zip(logged).find(|(_, logged)| !logged && log.pruned().is_none()) {
        Some((model, _)) => Err(AttributionError::UnknownModel { model: model.clone() }),
        None => Ok((calls, uncounted)),
    }
}

fn contributors(datasets: &[&Dataset], outputs: &[Output]) -> Vec<Contributor> {
    let mut earned: BTreeMap<[u8; 20], (u64, u64)> = BTreeMap::new();
    for score in outputs.iter().flat_map(|output| &output.scores).filter(|score| score.qualifies) {
        let (count, tokens) = earned.entry(score.account).or_default();
        *count += 1;
        *tokens += score.tokens;
    }
    let contributor = |(account, datasets): ([u8; 20], Vec<&Dataset>)| {
        let (qualifying_outputs, tokens) = earned.get(&account).copied().unwrap_or_default();
        Contributor {
            account,
            name: datasets.first().map(|dataset| dataset.creator.clone()).unwrap_or_default(),
            datasets: datasets.iter().map(|dataset| dataset.dataset.clone()).collect(),
            qualifying_outputs,
            tokens,
        }
    };
    by_account(datasets).into_iter().map(contributor).collect()
}

/// Datasets by whom they pay, each in their order.
fn by_account<'a>(datasets: &[&'a Dataset]) -> BTreeMap<[u8; 20], Vec<&'a Dataset>> {
    let mut by_account: BTreeMap<[u8; 20], Vec<&'a Dataset>> = BTreeMap::new();
    for &dataset in datasets {
        by_account.entry(dataset.account).or_default().push(dataset);
    }
    by_account
}

#[cfg(test)]
mod tests;
