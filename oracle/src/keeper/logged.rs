//! Acts that follow from a usage log: what its platform's training runs and calls did against a licence's terms (LIC-6,
//! LIC-9), and the runs that the registry of datasets has no record of (ATT-2). And what a final report, which is made
//! of the log, says that training runs do not name.

use std::collections::{BTreeMap, BTreeSet};

use yieldset_chain::{
    Address, B256,
    acts::{
        Act,
        datasets::{Ingestion, record_ingestion},
    },
};
use yieldset_rules::{
    licence::terms::uses,
    period::{quarter_at, quarter_start},
    provenance::MAX_ENTRIES,
    usage::{TrainingRun, UsageRecord},
};

use super::found::Records;
use crate::{
    compared::Reason,
    manifest::Dataset,
    models::Models,
    registry::Registry,
    settlement::Settlement,
    sha256, slug_id,
    trained::{self, Fault, Ground, Runs},
    usage_log::{LogError, VerifiedLog, verified::Leaf},
};

/// The numbers of violations in the licence contract.
const TRAINING_AFTER_WINDOW: u8 = 1;
const PROHIBITED_USE: u8 = 2;
const USE_AFTER_DELETION: u8 = 4;
const UNTRUE_RECORDS: u8 = 5;
/// Begins the evidence of what is alleged of training runs, so that none is the hash of a record, by which something
/// else may be alleged.
const UNTRUE_TAG: &[u8] = b"yieldset:untrue-records:v1\0";
/// The same of what is alleged by a report.
const UNNAMED_TAG: &[u8] = b"yieldset:unnamed-version:v1\0";

/// The bits of a declared use: its words as terms have them, in whatever case, with hyphens or blanks between them.
pub fn uses_of(declared: &str) -> u32 {
    let words: String =
        declared.trim().chars().map(|c| if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() }).collect();
    match words.as_str() {
        "political_microtargeting" | "microtargeting" => uses::POLITICAL_MICROTARGETING,
        "deepfakes" | "deepfake" => uses::DEEPFAKES,
        "ad_targeting_resale" | "ad_targeting" => uses::AD_TARGETING_RESALE,
        "biometric_identification" => uses::BIOMETRIC_IDENTIFICATION,
        "surveillance" => uses::SURVEILLANCE,
        "weapons" => uses::WEAPONS,
        _ => 0,
    }
}

/// What is alleged by a quarter's report of a licence's stream, which must be final: of each version whose very words
/// stand in outputs of the quarter, that the training runs which should name it do not. Where the report holds it back,
/// no run of its models names it ([`Reason::Held`]); else none of one model's does ([`Fault::Unread`]).
///
/// The evidence is SHA-256 of `yieldset:unnamed-version:v1` and a zero byte, the report's hash, the manifest's hash,
/// and that model's slug, which is empty where it is of all. Platform and arbiter work it out of the published report,
/// and each quarter in which words stand is alleged once. It is said to have happened in the quarter's last second.
pub fn unnamed(licence: &Records, report_hash: &[u8; 32], settlement: &Settlement) -> Vec<Act> {
    let held = settlement.left_out.iter().filter(|one| one.reason == Reason::Held);
    let held = held.map(|one| (one.manifest_hash, ""));
    let unread = settlement.faults.iter().filter_map(|fault| match fault {
        Fault::Unread { model, manifest_hash, .. } => Some((*manifest_hash, model.as_str())),
        _ => None,
    });
    let at = quarter_start(settlement.period.saturating_add(1)).saturating_sub(1);
    let allege = |(manifest_hash, model): ([u8; 32], &str)| {
        let evidence = sha256(&[UNNAMED_TAG, report_hash, &manifest_hash, model.as_bytes()].concat());
        licence.of.record_violation(UNTRUE_RECORDS, 0, at, B256::from(evidence))
    };
    held.chain(unread).map(allege).collect()
}

/// A log, and what it is read for.
pub struct Logged<'a> {
    /// The log.
    pub log: &'a VerifiedLog,
    /// The models.
    pub models: &'a Models,
    /// The dataset versions that are here.
    pub datasets: &'a [Dataset],
}

impl Logged<'_> {
    /// What is alleged of a licence's platform, each by the record that shows it, and what is wrong with its training
    /// runs besides. Of one use only a quarter's first call is. `now` is Unix seconds.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn violations(&self, licence: &Records, ground: &Ground, now: u64) -> Result<(Vec<Act>, Vec<Fault>), LogError> {
        let runs = Runs::of_each(self.log, self.log.size(), self.models)?;
        let datasets: Vec<&Dataset> = self.datasets.iter().collect();
        let faults = trained::each_once(runs.iter().flat_map(|runs| runs.faults(ground, &datasets)));
        let late: BTreeMap<u64, u64> = faults
            .iter()
            .filter_map(|fault| match fault {
                Fault::AfterWindow { leaf, at, .. } => Some((*leaf, *at)),
                _ => None,
            })
            .collect();
        let (mut acts, mut told) = (Vec::new(), BTreeSet::new());
        for entry in self.log.leaves() {
            let Leaf { leaf, record, .. } = entry?;
            let mut allege = |kind: u8, uses: u32, at: u64| {
                let evidence = B256::from(sha256(&record.to_bytes()));
                acts.push(licence.of.record_violation(kind, uses, at, evidence));
            };
            match &record {
                UsageRecord::TrainingRun(_) => {
                    if let Some(at) = late.get(&leaf) {
                        allege(TRAINING_AFTER_WINDOW, 0, *at);
                    }
                }
                UsageRecord::InferenceCall(call) if self.models.contains(&call.model) => {
                    let at = call.at_ms / 1_000;
                    let deletion = licence.times.deletionDue;
                    let uses = uses_of(&call.declared_use);
                    let (kind, uses) = if uses & licence.prohibited != 0 {
                        (PROHIBITED_USE, uses)
                    } else if deletion > 0 && at > deletion {
                        (USE_AFTER_DELETION, 0)
                    } else {
                        continue;
                    };
                    if at >= licence.times.activatedAt && told.insert((kind, uses, quarter_at(at))) {
                        allege(kind, uses, at);
                    }
                }
                UsageRecord::InferenceCall(_) => {}
            }
        }
        acts.extend(self.untrue(licence, (&runs, &faults), now)?);
        Ok((acts, faults))
    }

    /// What is alleged of the training runs themselves: that one is not as it says, from when it began; and that there
    /// is none of a model, or of one that it began from, from that model's first call on, once that call's quarter is
    /// over: until then it can be logged.
    fn untrue(&self, licence: &Records, (runs, faults): (&[Runs], &[Fault]), now: u64) -> Result<Vec<Act>, LogError> {
        let wrong: BTreeSet<u64> = faults
            .iter()
            .filter_map(|fault| match fault {
                Fault::Digest { leaf, .. } => Some(*leaf),
                _ => None,
            })
            .collect();
        let without = |fault: &Fault| match fault {
            Fault::NoRun { model } => Some(model.clone()),
            _ => None,
        };
        let mut missing: BTreeSet<String> = faults.iter().filter_map(without).collect();
        let of_each = self.models.slugs().iter().zip(runs);
        let mut silent: BTreeMap<&str, Vec<&String>> =
            of_each.map(|(model, runs)| (model.as_str(), runs.silent().collect())).collect();
        // The log is not read once more for nothing.
        if wrong.is_empty() && missing.is_empty() {
            return Ok(Vec::new());
        }
        let began = licence.times.activatedAt;
        let mut acts = Vec::new();
        let mut allege = |at: u64, evidence: &[u8]| {
            let evidence = B256::from(sha256(&[UNTRUE_TAG, evidence].concat()));
            acts.push(licence.of.record_violation(UNTRUE_RECORDS, 0, at, evidence));
        };
        for entry in self.log.leaves() {
            let Leaf { leaf, record, .. } = entry?;
            match &record {
                UsageRecord::TrainingRun(run) if wrong.contains(&leaf) => {
                    allege((run.started_ms / 1_000).max(began), &record.to_bytes());
                }
                UsageRecord::InferenceCall(call) if self.models.contains(&call.model) => {
                    let at = call.at_ms / 1_000;
                    if at >= began && quarter_at(at) < quarter_at(now) {
                        let silent = silent.remove(call.model.as_str()).unwrap_or_default();
                        for model in silent.into_iter().filter(|model| missing.remove(*model)) {
                            allege(at, model.as_bytes());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(acts)
    }

    /// The log's training runs as the registry of datasets records them: each in parts of versions that were read as
    /// often, [`MAX_ENTRIES`] at most. Versions that it does not have are left out.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn ingestions(&self, manifests: Address, registry: &Registry) -> Result<Vec<Act>, LogError> {
        let mut acts = Vec::new();
        for entry in self.log.leaves() {
            if let UsageRecord::TrainingRun(run) = entry?.record
                && self.models.contains(&run.model)
            {
                acts.extend(self.parts(&run, registry).into_iter().map(|part| record_ingestion(manifests, part)));
            }
        }
        Ok(acts)
    }

    fn parts(&self, run: &TrainingRun, registry: &Registry) -> Vec<Ingestion> {
        let mut by_epochs: BTreeMap<u32, BTreeSet<(B256, u32)>> = BTreeMap::new();
        for one in run.datasets.iter().filter(|one| one.epochs > 0) {
            let dataset = self.datasets.iter().find(|dataset| dataset.manifest_hash == one.manifest_hash);
            let found = registry.registrations.get(&one.manifest_hash);
            if let (Some(dataset), Some(found)) = (dataset, found) {
                let entry = (B256::from(dataset.dataset_id()), found.version);
                by_epochs.entry(one.epochs).or_default().insert(entry);
            }
        }
        let parts = by_epochs.into_iter().flat_map(|(epochs, entries)| {
            let entries: Vec<(B256, u32)> = entries.into_iter().collect();
            let parts: Vec<_> = entries.chunks(MAX_ENTRIES).map(|part| (epochs, part.to_vec())).collect();
            parts
        });
        let part = |(number, (epochs, versions)): (usize, (u32, Vec<(B256, u32)>))| Ingestion {
            // The first part has the run's own id.
            run: match number {
                0 => slug_id(&run.run_id).into(),
                // No run has such an id: they are of one line (`bounds::check_id`).
                _ => slug_id(&format!("{}\n{}", run.run_id, number + 1)).into(),
            },
            model: slug_id(&run.model).into(),
            versions,
            epochs,
            digest: run.ingestion_digest.into(),
        };
        // A digest of nothing would be refused.
        if run.ingestion_digest == [0; 32] {
            return Vec::new();
        }
        parts.enumerate().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use yieldset_chain::{SolCall, abi::Licence, abi::Manifests, acts::licences::Of};
    use yieldset_rules::usage::{DatasetUse, InferenceCall};

    use super::*;
    use crate::{
        attribution::{self, Question},
        registry::{Registration, Seen},
        settlement,
        testing::{self, Fixture, IN_PERIOD, MODEL, call, call_with, dataset, question_of, unit},
        trained::{Anchored, DELAY, ingestion_digest},
    };

    const NOW: u64 = IN_PERIOD / 1_000;

    fn used(id: &str, declared_use: &str, at_ms: u64) -> UsageRecord {
        let UsageRecord::InferenceCall(call) = call(id) else { panic!("a call") };
        UsageRecord::InferenceCall(InferenceCall { declared_use: declared_use.into(), at_ms, ..call })
    }

    fn run(id: &str, read: &[(&Dataset, u32)]) -> UsageRecord {
        let one = |(dataset, epochs): &(&Dataset, u32)| DatasetUse {
            manifest_hash: dataset.manifest_hash,
            epochs: *epochs,
            tokens: 1,
        };
        UsageRecord::TrainingRun(TrainingRun {
            run_id: id.into(),
            model: MODEL.into(),
            started_ms: IN_PERIOD,
            ended_ms: IN_PERIOD,
            datasets: read.iter().map(one).collect(),
            ingestion_digest: ingestion_digest(read.iter().map(|(dataset, _)| *dataset)),
            base: None,
        })
    }

    /// Accepted and in force since a day, with this prohibited.
    fn licence(prohibited: u32) -> Records {
        let since = NOW - 86_400;
        Records {
            of: Of { contract: Address::repeat_byte(1), licence: B256::repeat_byte(2) },
            state: Licence::State::default(),
            times: Licence::Times { acceptedAt: since, activatedAt: since, ..Licence::Times::default() },
            counts: Licence::Counts::default(),
            prohibited,
        }
    }

    /// Kind, uses, time and evidence of what is alleged.
    fn alleged(acts: &[Act]) -> Vec<(u8, u32, u64, B256)> {
        let one = |act: &Act| {
            let call = Licence::recordViolationCall::abi_decode(&act.calldata).expect("a violation");
            (call.kind, call.uses, call.at, call.evidence)
        };
        acts.iter().map(one).collect()
    }

    /// Proves LIC-9: a declared use is checked against what the terms prohibit, however it is written; each use once a
    /// quarter, by the hash of the record that shows it, so that whoever looks again alleges the same.
    #[tokio::test]
    async fn prohibited_uses_are_alleged_once() {
        let records = vec![
            used("1", "chat", IN_PERIOD),
            used("2", "Deepfakes", IN_PERIOD),
            used("3", "deepfakes", IN_PERIOD + 5_000),
            used("4", "political-microtargeting", IN_PERIOD),
            used("5", "weapons", IN_PERIOD),
            used("6", " Surveillance ", IN_PERIOD),
            // Before the licence was in force.
            used("7", "surveillance", IN_PERIOD - 2 * 86_400_000),
        ];
        let fixture = Fixture::new().await;
        let log = fixture.log_of(records.clone()).await;
        let logged = Logged { log: &log, models: &Models::one(MODEL), datasets: &[] };
        let prohibited = uses::DEEPFAKES | uses::POLITICAL_MICROTARGETING | uses::SURVEILLANCE;
        let hash = |at: usize| B256::from(sha256(&records[at].to_bytes()));
        let expected = [
            (2, uses::DEEPFAKES, NOW, hash(1)),
            (2, uses::POLITICAL_MICROTARGETING, NOW, hash(3)),
            (2, uses::SURVEILLANCE, NOW, hash(5)),
        ];
        for _ in 0..2 {
            let (acts, faults) = logged.violations(&licence(prohibited), &Ground::default(), NOW).expect("read");
            assert_eq!((alleged(&acts), faults), (expected.to_vec(), vec![]));
        }
        assert_eq!(logged.violations(&licence(0), &Ground::default(), NOW).expect("read").0, []);
        let mut over = licence(0);
        over.times.deletionDue = NOW + 1;
        let (acts, _) = logged.violations(&over, &Ground::default(), NOW).expect("read");
        assert_eq!(alleged(&acts), [(4, 0, NOW + 5, hash(2))], "used when the data had to be deleted");
    }

    /// Proves LIC-6: a training run after the window is alleged, at the time of its checkpoint on chain, by the hash of
    /// its record; what the contract takes for no violation nobody alleges.
    #[tokio::test]
    async fn training_after_the_window_is_alleged() {
        let read = dataset("a/a", 1, 0, "");
        let records = vec![run("early", &[(&read, 1)]), call("1"), run("late", &[(&read, 1)])];
        let fixture = Fixture::new().await;
        let log = fixture.log_of(records.clone()).await;
        let datasets = [read.clone()];
        let logged = Logged { log: &log, models: &Models::one(MODEL), datasets: &datasets };
        let anchored = |size, at| Anchored { size, root: log.checkpoint_at(size).expect("a size").root, at };
        // A week after what it says is not late.
        let anchors = vec![anchored(2, NOW + 50), anchored(3, NOW + DELAY + 100)];
        let ground = Ground { datasets: vec![read.dataset_id()], until: NOW + 99, anchors };
        let (acts, faults) = logged.violations(&licence(0), &ground, NOW).expect("read");
        assert_eq!(alleged(&acts), [(1, 0, NOW + 100, B256::from(sha256(&records[2].to_bytes())))]);
        assert_eq!(faults.len(), 1);
        let (acts, _) = logged.violations(&licence(0), &Ground { until: NOW + 100, ..ground }, NOW).expect("read");
        assert_eq!(acts, []);
    }

    /// Proves ATT-2: a model without a training run that read what is licensed is alleged once its first call's quarter
    /// is over, and a run whose digest is not its manifests' at once; each by an evidence of its own, that is no
    /// record's hash.
    #[tokio::test]
    async fn runs_that_are_missing_or_untrue_are_alleged() {
        let read = dataset("a/a", 1, 0, "");
        let ground = Ground { datasets: vec![read.dataset_id()], until: NOW + 99, anchors: vec![] };
        let next_quarter = NOW + 92 * 86_400;
        let (fixture, other) = (Fixture::new().await, Fixture::new().await);
        let silent = fixture.log_of(vec![call("1"), call("2")]).await;
        let datasets = [read.clone()];
        let models = Models::one(MODEL);
        let of = |log, now| {
            let logged = Logged { log, models: &models, datasets: &datasets };
            alleged(&logged.violations(&licence(0), &ground, now).expect("read").0)
        };
        assert_eq!(of(&silent, NOW), []);
        let evidence = B256::from(sha256(&[UNTRUE_TAG, MODEL.as_bytes()].concat()));
        assert_eq!(of(&silent, next_quarter), [(5, 0, NOW, evidence)]);
        let mut untrue = run("r", &[(&read, 1)]);
        let UsageRecord::TrainingRun(one) = &mut untrue else { unreachable!("a run") };
        one.ingestion_digest = [9; 32];
        let began = (one.started_ms / 1_000).max(licence(0).times.activatedAt);
        let bytes = untrue.to_bytes();
        let log = other.log_of(vec![untrue, call("1")]).await;
        assert_eq!(of(&log, NOW), [(5, 0, began, B256::from(sha256(&[UNTRUE_TAG, &bytes].concat())))]);
    }

    /// Proves ATT-2: a licensed version that a quarter's outputs quote and no training run names is alleged by the
    /// quarter's report, which holds it back; so is one that the runs of one model do not name, of that model. Each has
    /// an evidence of its own, worked out here by hand, another one in another report, and lies in the quarter. What
    /// the report leaves out for other reasons nobody alleges. Before, such a version was printed, and nothing was
    /// sent.
    #[tokio::test]
    async fn what_a_report_holds_back_is_alleged() {
        const RIVER: &str = "a slow brown river bends twice below the mill before it finds the sea and every autumn \
                             the old ferryman paints his boat green while herons watch him from the reeds";
        let datasets = [dataset("a/a", 1, 1, "quite another text"), dataset("ferry/river", 2, 2, RIVER)];
        let fixture = Fixture::new().await;
        let quote = call_with("1", 30, IN_PERIOD, unit(300, 1_000_000), RIVER);
        let log = fixture.log_of(vec![run("r", &[(&datasets[0], 1)]), quote]).await;
        let registry = testing::registry(&datasets, |_| NOW - 1_000);
        let settled = |licensed: &[&Dataset]| {
            let mut ids: Vec<[u8; 32]> = licensed.iter().map(|one| one.dataset_id()).collect();
            ids.sort_unstable();
            let ground = Ground { datasets: ids, ..Ground::default() };
            let question = Question { ground: &ground, ..question_of(&log, &registry) };
            settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"))
        };
        let of = |report: [u8; 32], settlement: &Settlement| alleged(&unnamed(&licence(0), &report, settlement));
        let mut held = settled(&[&datasets[0], &datasets[1]]);
        assert_eq!(held.left_out.iter().map(|one| one.reason).collect::<Vec<_>>(), [Reason::Held]);
        let hash = datasets[1].manifest_hash;
        let evidence = |report: [u8; 32], model: &str| {
            let bytes = [b"yieldset:unnamed-version:v1\0", &report[..], &hash, model.as_bytes()].concat();
            B256::from(sha256(&bytes))
        };
        // 2026-12-31 23:59:59, when 2026Q4 ends.
        let at = 1_798_761_599;
        assert_eq!(of([7; 32], &held), [(5, 0, at, evidence([7; 32], ""))]);
        assert_eq!(of([8; 32], &held), [(5, 0, at, evidence([8; 32], ""))]);
        let (model, dataset) = (MODEL.to_owned(), datasets[1].dataset.clone());
        held.faults = vec![
            Fault::Unread { model, dataset, manifest_hash: hash },
            Fault::NoRun { model: "lumen/base".to_owned() },
        ];
        assert_eq!(of([7; 32], &held), ["", MODEL].map(|model| (5, 0, at, evidence([7; 32], model))));
        // It is in no licence: nobody need have named it.
        let other = settled(&[&datasets[0]]);
        assert_eq!(other.left_out.iter().map(|one| one.reason).collect::<Vec<_>>(), [Reason::NotTrained]);
        assert_eq!(of([7; 32], &other), []);
    }

    /// Proves ATT-2: of several models each has until its own first call's quarter is over to have its run in the log.
    /// Before, a new one was alleged to have none from another's first call on, at once.
    #[tokio::test]
    async fn a_new_model_is_given_its_own_time() {
        let read = dataset("a/a", 1, 0, "");
        let ground = Ground { datasets: vec![read.dataset_id()], until: 2 * NOW, anchors: vec![] };
        let (next_quarter, new) = (NOW + 92 * 86_400, "lumen/lumen-2");
        let mut fixture = Fixture::new().await;
        fixture.platforms[0].models.push(new.into());
        let UsageRecord::InferenceCall(later) = used("2", "chat", next_quarter * 1_000) else { unreachable!() };
        let later = UsageRecord::InferenceCall(InferenceCall { model: new.into(), ..later });
        let log = fixture.log_of(vec![run("r", &[(&read, 1)]), call("1"), later]).await;
        let datasets = [read];
        let models = Models::of([MODEL, new].map(str::to_owned)).expect("two");
        let logged = Logged { log: &log, models: &models, datasets: &datasets };
        let of = |now| alleged(&logged.violations(&licence(0), &ground, now).expect("read").0);
        assert_eq!(of(next_quarter + 1), []);
        let evidence = B256::from(sha256(&[UNTRUE_TAG, new.as_bytes()].concat()));
        assert_eq!(of(next_quarter + 93 * 86_400), [(5, 0, next_quarter, evidence)]);
    }

    /// Proves ATT-2: a run of the log is recorded with the versions that the registry has, in parts of 32 at most and
    /// of as many passes, each under an id that follows from the run's.
    #[tokio::test]
    async fn runs_are_recorded_in_parts() {
        let datasets: Vec<Dataset> = (0..34).map(|at| dataset(&format!("d/{at}"), at + 1, 0, "")).collect();
        let mut read: Vec<(&Dataset, u32)> = datasets.iter().map(|one| (one, 1)).collect();
        read[33].1 = 3;
        let fixture = Fixture::new().await;
        let log = fixture.log_of(vec![run("r", &read), call("1")]).await;
        let found =
            Registration { version: 2, pool: [7; 20], registered_at: 1, closed_at: None, payee: true, redacted: false };
        // One of them nobody registered.
        let registrations = datasets[1..].iter().map(|one| (one.manifest_hash, found)).collect();
        let registry = Registry { seen: Seen { pool: [7; 20], block: 1, block_hash: [1; 32] }, registrations };
        let logged = Logged { log: &log, models: &Models::one(MODEL), datasets: &datasets };
        let acts = logged.ingestions(Address::repeat_byte(3), &registry).expect("read");
        let calls: Vec<_> = acts
            .iter()
            .map(|act| Manifests::recordIngestionCall::abi_decode(&act.calldata).expect("an ingestion"))
            .collect();
        let parts: Vec<_> = calls.iter().map(|call| (call.run.0, call.epochs, call.datasets.len())).collect();
        assert_eq!(parts, [(slug_id("r"), 1, 32), (slug_id("r\n2"), 3, 1)]);
        assert!(calls[0].datasets.is_sorted() && calls[0].versions.iter().all(|version| *version == 2));
        assert_eq!(calls[0].digest.0, ingestion_digest(&datasets));
    }

    /// Proves ATT-2: no run's id is taken by a part of another run: the registry would say that it was recorded.
    #[tokio::test]
    async fn no_part_has_another_runs_id() {
        let datasets: Vec<Dataset> = (0..2).map(|at| dataset(&format!("d/{at}"), at + 1, 0, "")).collect();
        let fixture = Fixture::new().await;
        let both = run("r", &[(&datasets[0], 1), (&datasets[1], 2)]);
        let log = fixture.log_of(vec![both, run("r/2", &[(&datasets[0], 1)]), call("1")]).await;
        let found =
            Registration { version: 1, pool: [7; 20], registered_at: 1, closed_at: None, payee: true, redacted: false };
        let registrations = datasets.iter().map(|one| (one.manifest_hash, found)).collect();
        let registry = Registry { seen: Seen { pool: [7; 20], block: 1, block_hash: [1; 32] }, registrations };
        let logged = Logged { log: &log, models: &Models::one(MODEL), datasets: &datasets };
        let acts = logged.ingestions(Address::repeat_byte(3), &registry).expect("read");
        let ids: BTreeSet<String> = acts.iter().map(|act| act.about.clone()).collect();
        assert_eq!((acts.len(), ids.len()), (3, 3));
    }
}
