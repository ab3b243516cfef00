use std::collections::BTreeMap;

use yieldset_rules::usage::{DatasetUse, TrainingRun};

use super::*;
use crate::{
    attribution::{self, Attribution, Question},
    compared::{LeftOut, Reason},
    manifest::Loaded,
    recomputed::{Here, RecomputeError, recompute},
    settlement::{Settlement, settle},
    sha256,
    testing::{Fixture, IN_PERIOD, MODEL, PERIOD, call_with, dataset, question_of, registry, unit},
};

/// Before the period's first run, Unix seconds.
const REGISTERED: u64 = IN_PERIOD / 1_000 - 1_000;
/// 2027-01-01, when the period is over.
const ENDS: u64 = 1_798_761_600;

/// Thirty words of their own, and twenty that nobody else has.
const WHALE: &str = "call me ishmael some years ago never mind how long precisely having little or no money in my purse and \
                     nothing particular to interest me on shore i thought i would sail";
const RIVER: &str = "a slow brown river bends twice below the mill before it finds the sea and every autumn the old ferryman \
                     paints his boat green while herons watch him from the reeds";

fn run(id: &str, model: &str, base: Option<&str>, read: &[&Dataset]) -> UsageRecord {
    let datasets = read.iter().map(|one| DatasetUse { manifest_hash: one.manifest_hash, epochs: 1, tokens: 1 });
    UsageRecord::TrainingRun(TrainingRun {
        run_id: id.into(),
        model: model.into(),
        started_ms: IN_PERIOD,
        ended_ms: IN_PERIOD,
        datasets: datasets.collect(),
        ingestion_digest: ingestion_digest(read.iter().copied()),
        base: base.map(Into::into),
    })
}

/// What an output says, in words alone: its embedding is like nobody's.
fn says(id: &str, text: &str) -> UsageRecord {
    call_with(id, 30, IN_PERIOD, unit(300, 1_000_000), text)
}

fn licence_of(datasets: &[&Dataset]) -> Ground {
    let mut ids: Vec<[u8; 32]> = datasets.iter().map(|one| one.dataset_id()).collect();
    ids.sort_unstable();
    Ground { datasets: ids, ..Ground::default() }
}

async fn log_of(records: Vec<UsageRecord>) -> (Fixture, VerifiedLog) {
    let mut fixture = Fixture::new().await;
    fixture.platforms[0].models.extend(["lumen/base".into(), "lumen/root".into()]);
    let log = fixture.log_of(records).await;
    (fixture, log)
}

/// All of the pool and registered at a second.
fn attributed(log: &VerifiedLog, datasets: &[Dataset], ground: &Ground, at: u64) -> Attribution {
    let registry = registry(datasets, |_| at);
    attribution::attribute(log, datasets, &Question { ground, ..question_of(log, &registry) }).expect("attributed")
}

fn tokens(found: &Attribution) -> BTreeMap<String, u64> {
    found.contributors.iter().map(|one| (one.datasets[0].clone(), one.tokens)).collect()
}

fn reasons(found: &Attribution) -> BTreeMap<String, Reason> {
    found.left_out.iter().map(|one| (one.dataset.clone().unwrap_or_default(), one.reason)).collect()
}

fn named<T>(pairs: impl IntoIterator<Item = (&'static str, T)>) -> BTreeMap<String, T> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Proves ATT-2: a copy that no training run read earns nothing beside the trained original, and is named. Its words
/// are explained by the original, so that it is not held: a platform that trained on what it licensed owes no answer
/// for what others copied.
#[tokio::test]
async fn an_untrained_copy_earns_nothing() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("copycat/late", 2, 2, WHALE)];
    let (_fixture, log) = log_of(vec![run("r", MODEL, None, &[&datasets[0]]), says("1", WHALE)]).await;
    for ground in [NONE.clone(), licence_of(&[&datasets[0]]), licence_of(&[&datasets[0], &datasets[1]])] {
        let found = attributed(&log, &datasets, &ground, REGISTERED);
        assert_eq!(tokens(&found), named([("melville/moby", 30)]), "{ground:?}");
        assert_eq!(reasons(&found), named([("copycat/late", Reason::NotTrained)]), "{ground:?}");
        assert_eq!(found.faults, []);
    }
}

/// Proves ATT-2: a licensed dataset that no run names and whose very words stand in outputs is held and named; it earns
/// nothing, and stops nobody else. One that is not licensed, and one of which outputs have no more words than chance
/// gives, are not.
#[tokio::test]
async fn what_was_licensed_and_quoted_without_a_run_is_held() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let few = RIVER.split(' ').take(11).collect::<Vec<_>>().join(" ");
    let of = |ground: Ground, text: &'static str| {
        let datasets = datasets.clone();
        let text = if text.is_empty() { few.clone() } else { text.to_owned() };
        async move {
            let records = vec![run("r", MODEL, None, &[&datasets[0]]), says("1", WHALE), says("2", &text)];
            let (_fixture, log) = log_of(records).await;
            let found = attributed(&log, &datasets, &ground, REGISTERED);
            assert_eq!(tokens(&found), named([("melville/moby", 30)]));
            reasons(&found)["ferry/river"]
        }
    };
    let both = licence_of(&[&datasets[0], &datasets[1]]);
    assert_eq!(of(both.clone(), RIVER).await, Reason::Held);
    assert_eq!(of(licence_of(&[&datasets[0]]), RIVER).await, Reason::NotTrained, "not licensed");
    assert_eq!(of(both, "").await, Reason::NotTrained, "eleven words are chance");
}

/// Proves ATT-2: no platform is accused for a version that none of its runs could have named: a new one of a dataset
/// that they read, registered after the last of them; nor for words that were said before the version came. Before, any
/// licensor had an honest platform accused by registering what its model had said.
#[tokio::test]
async fn what_no_run_could_have_named_is_not_held() {
    let second = Dataset { manifest_hash: [0x22; 32], ..dataset("melville/moby", 1, 1, RIVER) };
    let other = dataset("ferry/river", 2, 2, RIVER);
    let first = dataset("melville/moby", 1, 1, WHALE);
    let began = IN_PERIOD / 1_000;
    let later = |read: &Dataset| match run("later", MODEL, None, &[read]) {
        UsageRecord::TrainingRun(run) => {
            let started_ms = IN_PERIOD + 90_000;
            UsageRecord::TrainingRun(TrainingRun { started_ms, ended_ms: started_ms, ..run })
        }
        other => other,
    };
    let said = |at: u64| call_with("2", 30, at, unit(300, 1_000_000), RIVER);
    let held = async |version: &Dataset, records: Vec<UsageRecord>| {
        let datasets = [first.clone(), version.clone()];
        let (_fixture, log) =
            log_of([vec![run("r", MODEL, None, &[&first]), says("1", WHALE)], records].concat()).await;
        // The first run began before the version was registered.
        let root = log.checkpoint_at(1).expect("a size").root;
        let anchors = vec![Anchored { size: 1, root, at: began + 5 }];
        let ground = Ground { anchors, ..licence_of(&[&datasets[0], &datasets[1]]) };
        let registry = registry(&datasets, |place| [REGISTERED, began + 10][place]);
        let question = Question { ground: &ground, ..question_of(&log, &registry) };
        let found = attribution::attribute(&log, &datasets, &question).expect("attributed");
        found.left_out.iter().find(|one| one.manifest_hash == version.manifest_hash).map(|one| one.reason)
    };
    let after = (began + 120) * 1_000;
    assert_eq!(held(&other, vec![said(after)]).await, Some(Reason::Held), "no run names the dataset at all");
    assert_eq!(held(&other, vec![said(IN_PERIOD)]).await, Some(Reason::NotTrained), "said before");
    assert_eq!(held(&second, vec![said(after)]).await, Some(Reason::NotTrained), "no run could have named it");
    assert_eq!(held(&second, vec![said(after), later(&first)]).await, Some(Reason::Held), "a later one could");
}

/// Proves ATT-2: silence saves no money. Where a licensed model has no run in the log, every dataset of the licence
/// counts as read, and what is not licensed does not; the missing run is told. So it is where only the model that it
/// began from has none. Of a stream that is no licence nothing is assumed.
#[tokio::test]
async fn a_licensed_model_without_a_run_read_everything() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let third = dataset("third/party", 3, 3, "");
    let calls = [says("1", WHALE), says("2", RIVER)];
    let ground = licence_of(&[&datasets[0], &datasets[1]]);
    let all = [datasets[0].clone(), datasets[1].clone(), third.clone()];
    let no_run = |model: &str| Fault::NoRun { model: model.into() };
    for (runs, silent) in [
        (vec![], MODEL),
        // A run of another model says nothing of this one.
        (vec![run("r", "lumen/base", None, &[&datasets[0]])], MODEL),
        (vec![run("r", MODEL, Some("lumen/base"), &[&datasets[0]])], "lumen/base"),
    ] {
        let (_fixture, log) = log_of(runs.into_iter().chain(calls.clone()).collect()).await;
        let found = attributed(&log, &all, &ground, REGISTERED);
        assert_eq!(tokens(&found), named([("melville/moby", 30), ("ferry/river", 30)]), "{silent}");
        assert_eq!(reasons(&found), named([("third/party", Reason::NotTrained)]), "{silent}");
        assert_eq!(found.faults, [no_run(silent)]);
        assert!(summary(&found.faults).is_some_and(|text| text.contains(silent)));
        let settled = Settlement { stream: [9; 32], ..settle(&found) };
        assert_eq!((&settled.faults, &settled.ground, settled.check()), (&found.faults, &ground, Ok(())));
    }
    let (_fixture, log) = log_of(calls.to_vec()).await;
    let runs = Runs::of(&log, log.size(), MODEL).expect("read");
    assert!(runs.are_silent());
    assert_eq!(runs.faults(&NONE, &[&datasets[0]]), []);
}

/// Proves ATT-2: what a model's base read earns by the model's outputs, over as many steps as there are; what another
/// model that began from the same base read does not.
#[tokio::test]
async fn what_the_base_read_counts() {
    let datasets =
        [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER), dataset("third/party", 3, 3, "")];
    let runs = [
        run("root", "lumen/root", None, &[&datasets[0]]),
        run("base", "lumen/base", Some("lumen/root"), &[&datasets[1]]),
        run("tuned", MODEL, Some("lumen/base"), &[&datasets[1]]),
    ];
    let (_fixture, log) = log_of(runs.into_iter().chain([says("1", WHALE), says("2", RIVER)]).collect()).await;
    let found = attributed(&log, &datasets, &NONE, REGISTERED);
    assert_eq!(tokens(&found), named([("melville/moby", 30), ("ferry/river", 30)]));
    assert_eq!(reasons(&found), named([("third/party", Reason::NotTrained)]));
    let read = Runs::of(&log, log.size(), "lumen/root").expect("read").read(&NONE, PERIOD);
    assert_eq!(read.keys().collect::<Vec<_>>(), [&datasets[0].manifest_hash], "a base has nothing of its heirs");
}

/// Proves ATT-2: what a base learned after a model began from it, the model did not take along. Before, it counted.
#[tokio::test]
async fn what_a_base_read_later_does_not_count() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let at = |run: UsageRecord, second: u64| match run {
        UsageRecord::TrainingRun(run) => {
            let started_ms = IN_PERIOD + second * 1_000;
            UsageRecord::TrainingRun(TrainingRun { started_ms, ended_ms: started_ms, ..run })
        }
        other => other,
    };
    for (later, counts) in [(60, true), (61, false)] {
        let runs = [
            at(run("base", "lumen/base", None, &[&datasets[0]]), 0),
            at(run("tuned", MODEL, Some("lumen/base"), &[&datasets[0]]), 60),
            at(run("base again", "lumen/base", None, &[&datasets[1]]), later),
        ];
        let (_fixture, log) = log_of(runs.to_vec()).await;
        let read = |model| Runs::of(&log, log.size(), model).expect("read").read(&NONE, PERIOD);
        assert_eq!(read(MODEL).contains_key(&datasets[1].manifest_hash), counts, "{later}");
        assert!(read(MODEL).contains_key(&datasets[0].manifest_hash));
        assert_eq!(read("lumen/base").len(), 2, "the base itself has both");
    }
}

/// A model that is not in the report is told of where a run of it read what the licence is of, and no other is.
#[tokio::test]
async fn other_models_of_a_licence_are_told() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let runs = [
        run("own", MODEL, None, &[&datasets[0]]),
        run("base", "lumen/base", None, &[&datasets[0]]),
        run("root", "lumen/root", None, &[&datasets[1]]),
    ];
    let (_fixture, log) = log_of(runs.to_vec()).await;
    let others = |models: &[&str], ground: &Ground| {
        let models = Models::of(models.iter().map(|model| (*model).to_owned())).expect("models");
        others(&log, log.size(), (&models, ground), &datasets).expect("read").into_iter().collect::<Vec<_>>()
    };
    let ground = licence_of(&[&datasets[0]]);
    assert_eq!(others(&[MODEL], &ground), ["lumen/base"]);
    assert_eq!(others(&[MODEL, "lumen/base"], &ground), [""; 0]);
    assert_eq!(others(&[MODEL], &NONE), [""; 0]);
}

/// Proves ATT-2: a licensed model's run is as late as its checkpoint on chain, to the second, whatever its platform
/// writes: who was registered in between earns, and who was registered after it does not. A run that is not anchored
/// takes nothing from anybody who was registered in the period. Without a licence the platform's word counts.
#[tokio::test]
async fn a_run_is_as_late_as_its_anchor() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("first/one", 2, 2, RIVER)];
    let began = IN_PERIOD / 1_000;
    let (_fixture, log) = log_of(vec![run("r", MODEL, None, &[&datasets[0], &datasets[1]]), says("1", WHALE)]).await;
    let anchored = |size, at| Anchored { size, root: log.checkpoint_at(size).expect("a size").root, at };
    let with = |anchors: Vec<Anchored>| Ground { anchors, ..licence_of(&[&datasets[0]]) };
    let earned = |ground: &Ground, at| {
        let registry = registry(&datasets, |place| [at, REGISTERED][place]);
        let question = Question { ground, ..question_of(&log, &registry) };
        let found = attribution::attribute(&log, &datasets, &question).expect("attributed");
        (found.left_out.first().map(|one: &LeftOut| one.reason), found.faults)
    };
    let later = Some(Reason::RegisteredLater);
    assert_eq!(earned(&NONE, began).0, later);
    let ground = with(vec![anchored(1, began + 50), anchored(2, began + 90)]);
    assert_eq!(earned(&ground, began + 49), (None, vec![]));
    assert_eq!(earned(&ground, began + 50).0, later, "the second checkpoint does not date it");
    assert_eq!(earned(&with(vec![anchored(2, began + 90)]), began + 89).0, None, "fewer anchors, more room");
    assert_eq!(earned(&with(vec![]), ENDS - 1).0, None);
    assert_eq!(earned(&with(vec![]), ENDS).0, Some(Reason::Unregistered));
    // An anchor under another root is told.
    let other = Anchored { root: [9; 32], ..anchored(2, began + 90) };
    assert_eq!(earned(&with(vec![other]), REGISTERED).1, [Fault::OtherRoot { size: 2 }]);
}

/// Proves LIC-6: a run that read a licensed dataset when the licence let no more models be trained is a fault, by its
/// platform's own word, or by its checkpoint on chain where that came more than a week after: to the second, and not
/// where it read others alone. Before, an honest run of the last hour was accused where the checkpoint came after it.
#[tokio::test]
async fn training_after_the_window_is_a_fault() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let (_fixture, log) = log_of(vec![run("r", MODEL, None, &[&datasets[0]]), says("1", WHALE)]).await;
    let (began, root) = (IN_PERIOD / 1_000, log.checkpoint_at(1).expect("one").root);
    let faults = |licensed: &Dataset, at, until| {
        let ground = Ground { until, anchors: vec![Anchored { size: 1, root, at }], ..licence_of(&[licensed]) };
        attributed(&log, &datasets, &ground, REGISTERED).faults
    };
    let after_window = |at| [Fault::AfterWindow { run_id: "r".into(), leaf: 0, at }];
    for (anchored, shown) in [(began + 50, began), (began + DELAY, began), (began + DELAY + 50, began + 50)] {
        assert_eq!(faults(&datasets[0], anchored, shown - 1), after_window(shown));
        assert_eq!(faults(&datasets[0], anchored, shown), []);
        assert_eq!(faults(&datasets[0], anchored, 0), [], "no end is known");
        assert_eq!(faults(&datasets[1], anchored, shown - 1), []);
    }
    // It says that it was later than its checkpoint.
    assert_eq!(faults(&datasets[0], began - 9, began - 10), after_window(began - 9));
}

/// Proves ATT-2: a run's ingestion digest is SHA-256 over the texts' hashes, worked out anew from the manifests. A
/// wrong one is told, and what the run names counts as read all the same: a platform saves nothing by it.
#[tokio::test]
async fn a_run_s_digest_is_worked_out_anew() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let by_hand = sha256(&[sha256(WHALE.as_bytes()), sha256(RIVER.as_bytes())].concat());
    assert_eq!(ingestion_digest(&datasets), by_hand);
    assert_ne!(ingestion_digest(datasets.iter().rev()), by_hand, "in the order of reading");
    let UsageRecord::TrainingRun(good) = run("r", MODEL, None, &[&datasets[0], &datasets[1]]) else { panic!("a run") };
    let ground = licence_of(&[&datasets[0], &datasets[1]]);
    for (said, wrong) in [(by_hand, false), ([0; 32], true), (ingestion_digest(&datasets[..1]), true)] {
        let record = UsageRecord::TrainingRun(TrainingRun { ingestion_digest: said, ..good.clone() });
        let (_fixture, log) = log_of(vec![record, says("1", RIVER)]).await;
        let found = attributed(&log, &datasets, &ground, REGISTERED);
        let fault = Fault::Digest { run_id: "r".into(), leaf: 0, said, made: by_hand };
        assert_eq!(found.faults, if wrong { vec![fault] } else { vec![] });
        assert_eq!(tokens(&found), named([("melville/moby", 0), ("ferry/river", 30)]));
        // Where a version is not here, it is that which is told.
        let fewer = attributed(&log, &datasets[1..], &ground, REGISTERED);
        assert_eq!((fewer.faults, fewer.left_out[0].reason), (vec![], Reason::Unknown));
    }
}

/// Times are written as they were before where they are one moment, so that older settlements keep their digests.
#[test]
fn a_moment_is_a_number() {
    let json = |read: &Read| serde_json::to_string(read).expect("written");
    let between = Read(Began { since: 5, until: 9 });
    assert_eq!((json(&Read::at(7)), json(&between)), ("7".into(), "[5,9]".into()));
    for read in [Read::at(7), between] {
        assert_eq!(serde_json::from_str::<Read>(&json(&read)).expect("read"), read);
    }
}

/// Proves ATT-2: who records a run need not work out its digest; without the version that it read there is none, and
/// the line is told.
#[test]
fn a_run_is_recorded_with_its_digest() {
    let read = dataset("melville/moby", 1, 1, WHALE);
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("runs.jsonl");
    let hash = crate::hex0x(&read.manifest_hash);
    let line = format!(
        r#"{{"run_id": "r", "started": "2026-10-01T09:00:00Z", "ended": "2026-10-01T09:00:00Z", "base": "lumen/base",
        "datasets": [{{"manifest_hash": "{hash}", "epochs": 1, "tokens": 1}}]}}"#
    );
    std::fs::write(&file, line.replace('\n', " ")).expect("written");
    let recorded = crate::record::training_runs(&file, MODEL, std::slice::from_ref(&read)).expect("recorded");
    assert_eq!(recorded, [run("r", MODEL, Some("lumen/base"), &[&read])]);
    let error = crate::record::training_runs(&file, MODEL, &[]).expect_err("not here").to_string();
    assert!(error.contains("line 1") && error.contains(&hash) && error.contains("--manifests"), "{error}");
}

/// Proves ATT-2 and ATT-9: what silence makes of a licence is worked out anew by whoever signs or verifies, also where
/// a version that is left out is not at hand; a settlement that keeps the missing run to itself is not.
#[tokio::test]
async fn silence_is_worked_out_anew() {
    let datasets = [dataset("melville/moby", 1, 1, WHALE), dataset("ferry/river", 2, 2, RIVER)];
    let (_fixture, log) = log_of(vec![says("1", WHALE)]).await;
    let ground = licence_of(&[&datasets[0], &datasets[1]]);
    let mut registry = registry(&datasets, |_| REGISTERED);
    registry.registrations.get_mut(&datasets[1].manifest_hash).expect("registered").pool = [8; 20];
    let question = Question { ground: &ground, licence: Some([9; 32]), ..question_of(&log, &registry) };
    let found = attribution::attribute(&log, &datasets, &question).expect("attributed");
    assert_eq!(reasons(&found), named([("ferry/river", Reason::OtherPool)]));
    let settled = settle(&found);
    let again = |settled: &Settlement, here: &[Dataset]| {
        let here = Here::of(settled, Loaded { datasets: here.to_vec(), damaged: Vec::new() })?;
        recompute(settled, (&log, &here), Some([9; 32]))
    };
    for here in [&datasets[..], &datasets[..1]] {
        again(&settled, here).expect("the same");
        let quiet = Settlement { faults: Vec::new(), ..settled.clone() };
        assert!(matches!(again(&quiet, here), Err(RecomputeError::Differs { what: "settlement", .. })));
        let unlicensed = Settlement { ground: Ground::default(), ..settled.clone() };
        assert!(again(&unlicensed, here).is_err());
    }
}
