use std::fs;

use ed25519_dalek::SigningKey;
use yieldset_rules::usage::{DatasetUse, TrainingRun, UsageRecord};

use super::*;
use crate::{
    attribution::{self, Question, Version},
    compared::{After, LeftOut, Reason},
    embed::for_tests,
    manifest::{Dataset, make},
    metric::{DEFAULT_THRESHOLD, metric},
    registry::{Registration, Registry, Seen},
    report::{Committee, Position, ReportPlace, compose, seal, sign},
    settlement,
    testing::{Fixture, IN_PERIOD, MODEL, PERIOD, call_with},
};

const TEXTS: [&str; 2] = [
    "Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition, seemed to unite some of the best \
     blessings of existence; and had lived nearly twenty-one years in the world with very little to distress or vex her.",
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular \
     to interest me on shore, I thought I would sail about a little and see the watery part of the world.",
];

/// When the registry was asked, and for whom, where it was.
const SEEN: Seen = Seen { pool: [2; 20], block: 7, block_hash: [7; 32] };
/// A training run on both creators' versions, which were registered a second before: Unix milliseconds.
const TRAINED: u64 = IN_PERIOD - 1_000;

fn registration() -> Registration {
    Registration { version: 1, pool: SEEN.pool, registered_at: TRAINED / 1_000 - 1, closed_at: None, payee: true }
}

fn question<'a>(left_out: &'a [LeftOut], registry: Option<&'a Registry>) -> Question<'a> {
    Question {
        model: MODEL,
        period: PERIOD,
        metric: metric(DEFAULT_THRESHOLD),
        log_size: 3,
        after: After::Unknown,
        left_out,
        registry,
        limits: crate::licensed::Limits::default(),
    }
}

/// A whole run without a chain: two creators, a log, a signed report.
struct Run {
    fixture: Fixture,
}

impl Run {
    async fn new() -> Self {
        let run = Self { fixture: Fixture::new().await };
        for (number, text) in TEXTS.iter().enumerate() {
            let folder = run.path(&format!("works/{number}"));
            fs::create_dir_all(&folder).expect("made");
            fs::write(folder.join("text.txt"), text).expect("written");
            let creator = format!(r#"{{"name": "C{number}", "dataset": "c{number}/w", "title": "T", "year": 1815}}"#);
            fs::write(folder.join("creator.json"), creator).expect("written");
            let request = manifest::Request {
                folder: &folder,
                creator: &folder.join("creator.json"),
                account: [number as u8 + 1; 20],
                licence: "CC0-1.0",
                threshold: DEFAULT_THRESHOLD,
                out: &run.path(&format!("manifests/{number}")),
            };
            make(&request, for_tests()).expect("made");
        }
        let call = |(number, text): (usize, &&str)| {
            call_with(&number.to_string(), 30, IN_PERIOD, for_tests().embed(text).expect("embedded"), text)
        };
        let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
        let read = |dataset: &Dataset| DatasetUse { manifest_hash: dataset.manifest_hash, epochs: 1, tokens: 1 };
        let training = UsageRecord::TrainingRun(TrainingRun {
            run_id: "run".into(),
            model: MODEL.into(),
            started_ms: TRAINED,
            ended_ms: TRAINED,
            datasets: datasets.iter().map(read).collect(),
            ingestion_digest: [0; 32],
        });
        let log = run.fixture.log_of(TEXTS.iter().enumerate().map(call).chain([training]).collect()).await;
        let attribution = attribution::attribute(&log, &datasets, &question(&[], None)).expect("attributed");
        let settled = settlement::settle(&attribution);
        let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
        let committee =
            Committee { epoch: 1, threshold: 2, keys: keys.iter().map(|key| key.verifying_key().to_bytes()).collect() };
        let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
        let signed = sign(&settled, place, &committee, Position { now: 1_798_761_600, ..Position::default() }, &keys)
            .expect("signed");
        files::write_json(&run.path("report.json"), &signed).expect("written");
        run
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.fixture.folder.path().join(name)
    }

    async fn verify(&self) -> Result<usize, VerifyError> {
        self.verify_for(None).await
    }

    /// How many lines it shows.
    async fn verify_for(&self, licence: Option<[u8; 32]>) -> Result<usize, VerifyError> {
        let lines = self.lines(licence, &ReaderPins::default()).await?.1;
        Ok(lines.iter().filter(|line| matches!(line, Line::Shown(_))).count())
    }

    async fn lines(&self, licence: Option<[u8; 32]>, pins: &ReaderPins) -> Result<(Verdict, Vec<Line>), VerifyError> {
        let request = Request {
            report: &self.path("report.json"),
            log_dir: &self.fixture.dir(),
            manifests: &self.path("manifests"),
            pins,
            embedder: Some(for_tests()),
            licence,
            proof: None,
            chain: None,
        };
        let mut lines = Vec::new();
        let verdict = verify(&request, |line| lines.push(line)).await?;
        Ok((verdict, lines))
    }

    /// What was not shown, in one text.
    async fn not_shown(&self, licence: Option<[u8; 32]>, pins: &ReaderPins) -> Result<String, VerifyError> {
        let lines = self.lines(licence, pins).await?.1.into_iter();
        let not_shown = lines.filter_map(|line| match line {
            Line::NotShown(line) => Some(line),
            Line::Shown(_) => None,
        });
        Ok(not_shown.collect::<Vec<_>>().join("\n"))
    }
}

/// Proves ATT-3 and ATT-9: anyone with report, log and manifests comes to the same weights, offline, also when the log
/// has grown since; and one changed byte in a tile, a record, a text, a weight or a signature is found, and the error
/// names it.
#[tokio::test]
async fn a_report_holds_until_anything_is_changed() {
    let run = Run::new().await;
    assert_eq!(run.verify().await.expect("holds"), 9);
    let mut log = run.fixture.open().await;
    run.fixture.append(&mut log, "later", 3).await;
    log.close().await.expect("closed");
    assert_eq!(run.verify().await.expect("still holds"), 9);
    for (file, named) in [
        ("log/tile/0/000.p/6", "tile/0/000.p/6"),
        ("log/tile/entries/000.p/6", "tile"),
        ("log/checkpoint", "checkpoint"),
        ("log/batch/000", "batch"),
        ("manifests/1/texts/text.txt", "text.txt"),
        ("manifests/0/tables.bin", "tables.bin"),
        ("manifests/0/licence.json", "licence.json"),
    ] {
        let before = fs::read(run.path(file)).expect("read");
        let mut changed = before.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        fs::write(run.path(file), changed).expect("changed");
        let error = run.verify().await.expect_err(file).to_string();
        assert!(error.contains(named), "{file}: {error}");
        fs::write(run.path(file), before).expect("restored");
    }
    let signed: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    for (change, named) in [
        ((|signed| signed.settlement.contributors[0].weight -= 1) as fn(&mut SignedReport), "weight"),
        (|signed| signed.signatures[0].signature[9] ^= 1, "signature"),
        (|signed| signed.settlement.contributors[0].name.push('x'), "settlement"),
        // Which datasets were compared is in the signed bytes.
        (|signed| signed.settlement.manifests.truncate(1), "settlement"),
    ] {
        let mut edited = signed.clone();
        change(&mut edited);
        files::write_json(&run.path("report.json"), &edited).expect("written");
        let error = run.verify().await.expect_err(named).to_string();
        assert!(error.contains(named), "{error}");
    }
    files::write_json(&run.path("report.json"), &signed).expect("restored");
    assert_eq!(run.verify().await.expect("holds again"), 9);
}

/// A report signed by a committee that cheats, in itself consistent, does not stand against log and texts; nor does
/// another log or a missing dataset.
#[tokio::test]
async fn a_report_that_does_not_follow_from_the_log_is_disputed() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let cheat = async |change: fn(&mut attribution::Attribution)| {
        let log = run.fixture.read().await.expect("verified");
        let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
        let mut attribution = attribution::attribute(&log, &datasets, &question(&[], None)).expect("attributed");
        change(&mut attribution);
        let settled = settlement::settle(&attribution);
        let signed =
            sign(&settled, place, &honest.committee, Position { now: 1_798_761_600, ..Position::default() }, &keys)
                .expect("signed");
        files::write_json(&run.path("report.json"), &signed).expect("written");
        run.verify().await.expect_err("cheated")
    };
    let error = cheat(|found| {
        found.contributors[0].tokens += 10;
        found.contributors[1].tokens -= 10;
    });
    assert!(matches!(error.await, VerifyError::Recompute(RecomputeError::Differs { what: "weights root", .. })));
    let lines = cheat(|found| found.outputs[0].scores[0].file.push('x')).await;
    assert!(matches!(lines, VerifyError::Recompute(RecomputeError::Differs { what: "lines' root", .. })), "{lines}");
    let left_out = cheat(|found| found.manifests.truncate(1)).await;
    assert!(matches!(left_out, VerifyError::Recompute(RecomputeError::OtherDatasets { .. })), "{left_out}");
    assert!(matches!(
        cheat(|found| found.totals.tokens += 1).await,
        VerifyError::Recompute(RecomputeError::Differs { what: "totals", .. })
    ));
    assert!(matches!(
        cheat(|found| found.log.root[0] ^= 1).await,
        VerifyError::Recompute(RecomputeError::OtherLog { .. })
    ));
    assert!(matches!(
        cheat(|found| found.log.size = 7).await,
        VerifyError::Recompute(RecomputeError::OtherLog { size: 7, .. })
    ));
    assert!(matches!(
        cheat(|found| found.metric.version = 3).await,
        VerifyError::Recompute(RecomputeError::OtherMetric(_))
    ));
    let decoys = cheat(|found| found.decoys.iter_mut().for_each(|decoys| decoys.hits += 1)).await;
    assert!(
        matches!(decoys, VerifyError::Recompute(RecomputeError::Differs { what: "measured error", .. })),
        "{decoys}"
    );
    files::write_json(&run.path("report.json"), &honest).expect("restored");
    fs::remove_dir_all(run.path("manifests/1")).expect("removed");
    assert!(matches!(run.verify().await, Err(VerifyError::Recompute(RecomputeError::OtherDatasets { .. }))));
}

/// Proves SAFE-14: `verify` works out anew who may earn, from the log's training runs and from what the report says of
/// the registry. A committee that makes a run up, or keeps one quiet, leaves out who earned or compares who did not, is
/// found out offline.
#[tokio::test]
async fn who_earns_is_worked_out_anew() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let hashes: Vec<[u8; 32]> = honest.settlement.manifests.iter().map(|one| one.manifest_hash).collect();
    let log = run.fixture.read().await.expect("verified");
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    let report = async |registration: Registration, change: fn(&mut attribution::Attribution)| {
        let registrations = [(hashes[0], self::registration()), (hashes[1], registration)];
        let registry = Registry { seen: SEEN, registrations: registrations.into() };
        let question = question(&[], Some(&registry));
        let mut attribution = attribution::attribute(&log, &datasets, &question).expect("attributed");
        change(&mut attribution);
        let position = Position { now: 1_798_761_600, ..Position::default() };
        let signed = sign(&settlement::settle(&attribution), place, &honest.committee, position, &keys)?;
        files::write_json(&run.path("report.json"), &signed).expect("written");
        run.verify().await
    };
    let good = registration();
    assert_eq!(report(good, |_| ()).await.expect("both earn"), 9);
    // In the very second of the run, in another pool, or closed before.
    let late = Registration { registered_at: TRAINED / 1_000, ..good };
    for registration in [late, Registration { pool: [9; 20], ..good }, Registration { closed_at: Some(1), ..good }] {
        assert_eq!(report(registration, |_| ()).await.expect("one earns, the other is named"), 10);
        let compares = |found: &mut attribution::Attribution| {
            let LeftOut { registration, runs, .. } = found.left_out.remove(0);
            let version = Version { registration, runs, ..found.manifests[0].clone() };
            found.manifests.push(version);
        };
        let error = report(registration, compares).await.expect_err("it does not count");
        assert!(matches!(error, VerifyError::Report(ReportError::DoesNotCount(_))), "{error}");
    }
    let made_up = report(late, |found| {
        let LeftOut { registration, .. } = found.left_out.remove(0);
        // A run of a second later, of which the log has nothing.
        let version = Version { registration, runs: vec![TRAINED + 1_000], ..found.manifests[0].clone() };
        found.manifests.push(Version { dataset: "c1/w".into(), manifest_hash: [9; 32], ..version });
    });
    assert!(matches!(made_up.await, Err(VerifyError::Recompute(RecomputeError::OtherDatasets { .. }))));
    let more = report(good, |found| found.manifests[1].runs.push(TRAINED + 1)).await.expect_err("no such run");
    assert!(matches!(more, VerifyError::Recompute(RecomputeError::Differs { what: "settlement", .. })), "{more}");
    let quiet = report(good, |found| {
        let version = found.manifests.pop().expect("two");
        found.left_out.push(LeftOut { runs: vec![], ..LeftOut::of(&version, Reason::NotTrained) });
    });
    let quiet = quiet.await.expect_err("a run read it");
    assert!(
        matches!(quiet, VerifyError::Recompute(RecomputeError::Differs { what: "a version that is left out", .. })),
        "{quiet}"
    );
}

/// A model's report for a licence has the licence's id as its stream; it holds for that licence, and for nothing else.
#[tokio::test]
async fn a_report_for_a_licence_names_it() {
    let run = Run::new().await;
    let model: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let settled = settlement::Settlement { stream: [9; 32], ..model.settlement };
    let signed = sign(&settled, place, &model.committee, Position { now: 1_798_761_600, ..Position::default() }, &keys)
        .expect("signed");
    files::write_json(&run.path("report.json"), &signed).expect("written");
    assert_eq!(run.verify_for(Some([9; 32])).await.expect("holds"), 9);
    for licence in [None, Some([8; 32])] {
        let error = run.verify_for(licence).await.expect_err("another stream");
        assert!(matches!(error, VerifyError::Recompute(RecomputeError::Differs { what: "stream", .. })), "{error}");
    }
}

/// Proves ATT-1 for a report's reader: what a report leaves out is named, and cannot be a version that is here, whole,
/// known and licensed alike. Only the chain can tell whether one is registered; without it that is said, not checked.
#[tokio::test]
async fn what_is_left_out_must_be_told_and_true() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let hashes: Vec<[u8; 32]> = honest.settlement.manifests.iter().map(|one| one.manifest_hash).collect();
    // Signed by a committee that leaves the second version out.
    let leave_out = async |reason: Reason, seen: bool| {
        let log = run.fixture.read().await.expect("verified");
        let mut datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
        datasets.truncate(1);
        let left_out = [LeftOut::bare(hashes[1], Some("c1/w".into()), reason)];
        let registry = seen.then(|| Registry { seen: SEEN, registrations: [(hashes[0], registration())].into() });
        let question = question(&left_out, registry.as_ref());
        let settled = settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
        let position = Position { now: 1_798_761_600, ..Position::default() };
        let signed = sign(&settled, place, &honest.committee, position, &keys).expect("signed");
        files::write_json(&run.path("report.json"), &signed).expect("written");
        run.verify().await
    };
    // Nobody asked the chain, so the chain cannot be the reason.
    for reason in [Reason::Unknown, Reason::OtherTerms, Reason::Damaged, Reason::Unregistered] {
        let error = leave_out(reason, false).await.expect_err("it is here, and it counts");
        assert!(
            matches!(error, VerifyError::Recompute(RecomputeError::Differs { what: "a version that is left out", .. })),
            "{reason:?}: {error}"
        );
    }
    // One line more: that it is left out.
    assert_eq!(leave_out(Reason::Unregistered, true).await.expect("only the chain can tell"), 10);
    leave_out(Reason::NotTrained, true).await.expect_err("it is unregistered");
    let mut edited: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    edited.settlement.left_out.clear();
    files::write_json(&run.path("report.json"), &edited).expect("written");
    assert!(matches!(run.verify().await, Err(VerifyError::Report(_))), "what is left out is signed");
    // One that is not compared and damaged is nobody's fault but its own.
    leave_out(Reason::Damaged, false).await.expect_err("whole");
    fs::write(run.path("manifests/1/texts/text.txt"), "another text").expect("changed");
    assert_eq!(run.verify().await.expect("damaged indeed"), 10);
}

/// What a committee signs that keeps to no rule: a report of this settlement, as it is.
async fn forged(run: &Run, settled: &settlement::Settlement, previous: [u8; 32]) -> SignedReport {
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let report = compose(settled, place, 0, honest.committee.epoch, previous);
    let signed = seal(&report, settled, &honest.committee, &keys);
    files::write_json(&run.path("report.json"), &signed).expect("written");
    signed
}

/// Proves ATT-15: limits are a licence's. A model's own stream has none: neither is a report with some signed, nor is a
/// signed one believed. Before, `common_from: 1` dropped every quoted passage, and verified.
#[tokio::test]
async fn a_models_own_stream_has_no_limits() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let keys = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let log = run.fixture.read().await.expect("verified");
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    let none = crate::licensed::Limits::default();
    for limits in [
        crate::licensed::Limits { common_from: 1, ..none },
        crate::licensed::Limits { call_tokens: 1_000, ..none },
        crate::licensed::Limits { late_record_days: 1, reported_at: 1, ..none },
        crate::licensed::Limits { reported_at: 1, ..none },
    ] {
        let question = Question { limits, ..question(&[], None) };
        let settled = settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
        let position = Position { now: 1_798_761_600, ..Position::default() };
        let refused = sign(&settled, place, &honest.committee, position, &keys);
        assert!(matches!(refused, Err(ReportError::Settlement(_))), "{refused:?}");
        forged(&run, &settled, [0; 32]).await;
        let error = run.verify().await.expect_err("it limits what no licence does").to_string();
        assert!(error.contains("only a licence has limits"), "{error}");
        // Under a licence's id they may be right: only the chain can tell, and that nobody asked it is said.
        let settled = settlement::Settlement { stream: [9; 32], ..settled };
        forged(&run, &settled, [0; 32]).await;
        let not_shown = run.not_shown(Some([9; 32]), &ReaderPins::default()).await.expect("a licence may have them");
        assert!(not_shown.contains(&format!("{limits:?}")), "{not_shown}");
    }
}

/// Proves ATT-15: which report came before, only the chain can tell; without it that is said, not believed. Whole it is
/// compared in `answers`.
#[tokio::test]
async fn what_was_reported_before_is_not_believed() {
    let run = Run::new().await;
    let log = run.fixture.read().await.expect("verified");
    let datasets = manifest::load_all(&run.path("manifests")).expect("loaded").datasets;
    // All calls are of the period before, which was reported from this whole log already.
    let after = After::Report { period: PERIOD, log_size: 0 };
    let question = Question { period: PERIOD + 1, after, ..question(&[], None) };
    let settled = settlement::settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
    forged(&run, &settled, [5; 32]).await;
    let not_shown = run.not_shown(None, &ReaderPins::default()).await.expect("in itself whole");
    assert!(not_shown.contains("log_size: 0"), "{not_shown}");
}

/// Proves ATT-15: trust starts at what the reader knows. Report, committee and platforms' keys come with the files, and so
/// prove nothing by themselves: a committee of anybody's that signs what follows from the log is said not to be shown,
/// never that the report holds; one that asks for nobody, or another registry than the known one, is refused.
#[tokio::test]
async fn what_came_with_the_data_is_not_believed() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let mallory = [SigningKey::from_bytes(&[66; 32])];
    let stranger =
        Committee { threshold: 1, keys: vec![mallory[0].verifying_key().to_bytes()], ..honest.committee.clone() };
    let report = honest.check().expect("whole");
    let write = |committee: &Committee, keys: &[SigningKey]| {
        let signed = seal(&report, &honest.settlement, committee, keys);
        files::write_json(&run.path("report.json"), &signed).expect("written");
    };
    write(&stranger, &mallory);
    let known = ReaderPins {
        genesis: Some([1; 32]),
        registry: Some([1; 20]),
        block: None,
        log_key: Some(SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes()),
        witness_key: Some(SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes()),
        platforms: Some(run.fixture.platforms.clone()),
    };
    for (pins, words) in [
        (
            ReaderPins::default(),
            vec!["its committee is the chain's", "the report before", "whose keys sign", "platforms' keys are theirs"],
        ),
        (known.clone(), vec!["its committee is the chain's", "the report before"]),
    ] {
        let (verdict, lines) = run.lines(None, &pins).await.expect("it follows from the log");
        assert_eq!(verdict, Verdict::NotAllShown);
        let count = lines.iter().filter(|line| matches!(line, Line::NotShown(_))).count();
        let not_shown = run.not_shown(None, &pins).await.expect("again");
        assert_eq!(count, words.len(), "{not_shown}");
        assert!(words.iter().all(|word| not_shown.contains(word)), "{not_shown}");
    }
    write(&Committee { threshold: 0, ..stranger.clone() }, &[]);
    let error = run.verify().await.expect_err("it asks for nobody");
    assert!(matches!(error, VerifyError::Report(ReportError::NotEnoughKeys { got: 0, need: 1, .. })), "{error}");
    write(&stranger, &mallory);
    for (pins, what) in [
        (ReaderPins { registry: Some([9; 20]), ..known.clone() }, "registry of reports"),
        (ReaderPins { platforms: Some(vec![]), ..known.clone() }, "platform"),
    ] {
        let error = run.lines(None, &pins).await.expect_err("another one is known");
        assert!(matches!(error, VerifyError::NotPinned { what: found, .. } if found == what), "{error}");
    }
    for pins in [
        ReaderPins { log_key: Some([9; 32]), ..known.clone() },
        ReaderPins { witness_key: Some([9; 32]), ..known.clone() },
    ] {
        let error = run.lines(None, &pins).await.expect_err("another one is known");
        assert!(matches!(error, VerifyError::Log(LogError::UnexpectedKey { .. })), "{error}");
    }
}

/// Proves ATT-15: whoever keeps a log can log calls under a key of its own, as a platform's or for a platform's model.
/// Who knows the platforms finds it out; who does not is told.
#[tokio::test]
async fn calls_under_another_key_are_found_by_the_known_platforms() {
    let run = Run::new().await;
    let known = run.fixture.platforms.clone();
    let pins = ReaderPins { platforms: Some(known.clone()), ..ReaderPins::default() };
    run.lines(None, &pins).await.expect("the platforms' own");
    let list = run.path("log/platforms.json");
    let mallory = SigningKey::from_bytes(&[66; 32]).verifying_key().to_bytes();
    for change in [
        (|listed| listed[0].public_key = [66; 32]) as fn(&mut Vec<crate::usage_log::Platform>),
        // Another platform that is known, for a model that is not its.
        |listed| listed[1].models.push(MODEL.into()),
        |listed| listed.push(crate::usage_log::Platform { slug: "lumen".into(), ..listed[1].clone() }),
    ] {
        let mut listed = known.clone();
        change(&mut listed);
        for one in &mut listed {
            if one.public_key == [66; 32] {
                one.public_key = mallory;
            }
        }
        files::write_json(&list, &listed).expect("written");
        let error = run.lines(None, &pins).await.expect_err("not the known list");
        assert!(matches!(error, VerifyError::NotPinned { what: "platform", .. }), "{error}");
    }
}

/// Proves ATT-9: nobody signs a settlement that was not worked out anew. One in which tokens went to another creator is in
/// itself as whole as the honest one, which `post` believed before.
#[tokio::test]
async fn a_settlement_that_the_log_does_not_make_is_not_signed() {
    let run = Run::new().await;
    let honest: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let log = run.fixture.read().await.expect("verified");
    let loaded = || manifest::load_all(&run.path("manifests")).expect("loaded");
    let datasets = loaded().datasets;
    let mut attributed = attribution::attribute(&log, &datasets, &question(&[], None)).expect("attributed");
    attributed.contributors[0].tokens += 10;
    attributed.contributors[1].tokens -= 10;
    let moved = settlement::settle(&attributed);
    assert_eq!(moved.check(), Ok(()), "whole in itself");
    let again = |settled: &Settlement| {
        let here = Here::of(settled, loaded())?;
        recomputed::recompute(settled, (&log, &here), None)
    };
    assert!(again(&honest.settlement).is_ok());
    let refused = again(&moved);
    assert!(matches!(refused, Err(RecomputeError::Differs { what: "weights root", .. })), "{refused:?}");
    let mut renamed = honest.settlement.clone();
    renamed.contributors[0].name.push('x');
    let refused = again(&renamed);
    assert!(matches!(refused, Err(RecomputeError::Differs { what: "settlement", .. })), "{refused:?}");
}

/// Proves ATT-1 and ATT-15: the package is its files, each as it was made, and nothing else. Any byte of any of them, a
/// file that is gone or one more is noticed; what may change is white space of JSON that is read by its values.
#[tokio::test]
async fn any_change_of_the_package_is_noticed() {
    let run = Run::new().await;
    let folder = run.path("manifests/0");
    let mut files = vec![run.path("report.json")];
    for name in ["ro-crate-metadata.json", "croissant.json", "licence.json", "tables.bin", "texts/text.txt"] {
        files.push(folder.join(name));
    }
    // The same changes in each run: a small generator of Knuth's constants.
    let mut random = 1_u64;
    let mut below = |most: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % most
    };
    for file in &files {
        let before = fs::read(file).expect("read");
        for _ in 0..12 {
            let (at, bit) = (below(before.len()), below(8));
            let mut changed = before.clone();
            changed[at] ^= 1 << bit;
            fs::write(file, &changed).expect("changed");
            let result = run.verify().await;
            let json = |bytes: &[u8]| serde_json::from_slice::<SignedReport>(bytes).ok();
            let same =
                file.ends_with("report.json") && json(&changed).is_some_and(|found| Some(found) == json(&before));
            assert!(result.is_err() || same, "byte {at}, bit {bit} of {}", file.display());
        }
        fs::remove_file(file).expect("removed");
        match file.ends_with("text.txt") {
            // Its table stays. That it is gone is said.
            true => {
                let not_shown = run.not_shown(None, &ReaderPins::default()).await.expect("its table is here");
                assert!(not_shown.contains("texts/text.txt"), "{not_shown}");
            }
            false => assert!(run.verify().await.is_err(), "without {}", file.display()),
        }
        fs::write(file, before).expect("restored");
    }
    for more in ["texts/more.txt", "more.txt", ".hidden", "texts/sub/more.txt"] {
        let file = folder.join(more);
        fs::create_dir_all(file.parent().expect("parent")).expect("made");
        fs::write(&file, "more").expect("written");
        let error = run.verify().await.expect_err(more);
        assert!(matches!(error, VerifyError::Manifest(ManifestError::Unnamed { .. })), "{error}");
        fs::remove_file(&file).expect("removed");
    }
    // One more key, in each object of the report.
    let report: serde_json::Value = files::read_json(&run.path("report.json")).expect("read");
    for object in objects(&report, String::new()) {
        let mut edited = report.clone();
        let map = edited.pointer_mut(&object).and_then(serde_json::Value::as_object_mut).expect("an object");
        map.insert("more".into(), 1.into());
        files::write_json(&run.path("report.json"), &edited).expect("written");
        let error = run.verify().await.expect_err(&object);
        assert!(matches!(error, VerifyError::File(_)), "{object}: {error}");
    }
    files::write_json(&run.path("report.json"), &report).expect("restored");
    run.verify().await.expect("whole again");
}

/// The JSON pointers of all objects in a value.
fn objects(value: &serde_json::Value, at: String) -> Vec<String> {
    match value {
        serde_json::Value::Object(map) => {
            let inner = map.iter().flat_map(|(key, inner)| objects(inner, format!("{at}/{key}")));
            inner.chain([at.clone()]).collect()
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().flat_map(|(number, inner)| objects(inner, format!("{at}/{number}"))).collect()
        }
        _ => Vec::new(),
    }
}
