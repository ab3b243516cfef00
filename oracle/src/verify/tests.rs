mod attacks;
mod deleted;
mod forged_packages;
mod package;
mod several;
mod trust;

use std::fs;

use ed25519_dalek::SigningKey;
use yieldset_rules::usage::{DatasetUse, TrainingRun, UsageRecord};

use super::*;
use crate::{
    attribution::{self, Question, Version},
    compared::{After, LeftOut, Reason},
    embed::for_tests,
    files,
    manifest::{Dataset, make},
    metric::DEFAULT_THRESHOLD,
    registry::{Registration, Registry, Seen},
    report::{Committee, Position, ReportPlace, compose, seal, sign},
    settlement,
    testing::{self, Fixture, IN_PERIOD, MODEL, call_with},
    trained::{Read, ReadBy},
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

/// What the platform calls its calls: nothing else has this in it.
fn call_id(number: usize) -> String {
    format!("call-9b7f3e02-{number}")
}

fn registration() -> Registration {
    Registration {
        version: 1,
        pool: SEEN.pool,
        registered_at: TRAINED / 1_000 - 1,
        closed_at: None,
        payee: true,
        redacted: false,
    }
}

fn question<'a>(left_out: &'a [LeftOut], registry: Option<&'a Registry>) -> Question<'a> {
    Question { left_out, registry, ..testing::question(3) }
}

/// A whole run without a chain: two creators, a log, a signed report.
struct Run {
    fixture: Fixture,
    /// Whether texts are embedded anew.
    embeds: bool,
}

impl Run {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// Where something is changed in the datasets' folder before anything is logged.
    async fn with(change: impl FnOnce(&std::path::Path)) -> Self {
        let run = Self { fixture: Fixture::new().await, embeds: true };
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
        change(&run.path("manifests"));
        let call = |(number, text): (usize, &&str)| {
            call_with(&call_id(number), 30, IN_PERIOD, for_tests().embed(text).expect("embedded"), text)
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
            base: None,
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
            embedder: self.embeds.then(for_tests),
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
    assert_eq!(run.verify().await.expect("holds"), 11);
    let mut log = run.fixture.open().await;
    run.fixture.append(&mut log, "later", 3).await;
    log.close().await.expect("closed");
    assert_eq!(run.verify().await.expect("still holds"), 11);
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
    assert_eq!(run.verify().await.expect("holds again"), 11);
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
}

/// Proves ATT-9: a reader who does not have a version that a report compares is not told that the report is wrong, but
/// that the weights are not shown, and which folder it takes; an unlisted decoy beside is none of the report's. What
/// is here and changed stays an error.
#[tokio::test]
async fn a_version_that_is_not_at_hand_is_not_shown() {
    let run = Run::new().await;
    let signed: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let extra = run.path("works/extra");
    fs::create_dir_all(&extra).expect("made");
    fs::write(extra.join("text.txt"), "Nobody's words about a mill that nobody built.").expect("written");
    let creator = r#"{"name": "Nobody", "dataset": "nobody/decoy", "title": "T", "year": 1815}"#;
    fs::write(run.path("decoy.json"), creator).expect("written");
    let request = manifest::Request {
        folder: &extra,
        creator: &run.path("decoy.json"),
        account: manifest::NOBODY,
        licence: "CC0-1.0",
        threshold: DEFAULT_THRESHOLD,
        out: &run.path("manifests/extra"),
    };
    let decoy = manifest::make_decoy(&request, for_tests()).expect("made");
    let told = run.not_shown(None, &ReaderPins::default()).await.expect("nothing is wrong");
    let name = format!("the decoy nobody/decoy {}, of which the report says nothing", hex0x(&decoy.manifest_hash));
    assert!(told.contains(&name) && !told.contains("weights follow"), "{told}");
    fs::remove_dir_all(run.path("manifests/1")).expect("removed");
    let (verdict, lines) = run.lines(None, &ReaderPins::default()).await.expect("nothing is wrong");
    assert_eq!(verdict, Verdict::NotAllShown);
    let absent = &signed.settlement.manifests.iter().find(|one| one.dataset == "c1/w").expect("compared").manifest_hash;
    let is_told = |line: &Line| {
        let Line::NotShown(line) = line else { return false };
        line.starts_with("that the weights follow") && line.contains(&format!("c1/w {}", hex0x(absent)))
    };
    assert!(lines.iter().any(is_told), "{lines:?}");
    assert!(!format!("{lines:?}").contains("recomputed:"), "{lines:?}");
    // What has been told is in words.
    assert!(!format!("{lines:?}").contains("call_tokens"), "{lines:?}");
    fs::write(run.path("manifests/0/texts/text.txt"), "another text").expect("changed");
    assert!(matches!(run.verify().await, Err(VerifyError::Recompute(RecomputeError::Manifest(_)))));
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
    assert_eq!(report(good, |_| ()).await.expect("both earn"), 11);
    // In the very second of the run, in another pool, or closed before.
    let late = Registration { registered_at: TRAINED / 1_000, ..good };
    for registration in [late, Registration { pool: [9; 20], ..good }, Registration { closed_at: Some(1), ..good }] {
        assert_eq!(report(registration, |_| ()).await.expect("one earns, the other is named"), 12);
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
        let version =
            Version { registration, runs: ReadBy::One(vec![Read::at(TRAINED + 1_000)]), ..found.manifests[0].clone() };
        found.manifests.push(Version { dataset: "c1/w".into(), manifest_hash: [9; 32], ..version });
    });
    // Of a version that nobody has: another of its dataset is here.
    let made_up = made_up.await.expect_err("another is here");
    assert!(matches!(made_up, VerifyError::Recompute(RecomputeError::OtherDatasets { .. })), "{made_up}");
    let more =
        report(good, |found| found.manifests[1].runs = ReadBy::One(vec![Read::at(TRAINED), Read::at(TRAINED + 1)]))
            .await
            .expect_err("no such run");
    assert!(matches!(more, VerifyError::Recompute(RecomputeError::Differs { what: "settlement", .. })), "{more}");
    let quiet = report(good, |found| {
        let version = found.manifests.pop().expect("two");
        found.left_out.push(LeftOut { runs: ReadBy::default(), ..LeftOut::of(&version, Reason::NotTrained) });
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
    assert_eq!(run.verify_for(Some([9; 32])).await.expect("holds"), 11);
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
    assert_eq!(leave_out(Reason::Unregistered, true).await.expect("only the chain can tell"), 12);
    leave_out(Reason::NotTrained, true).await.expect_err("it is unregistered");
    let mut edited: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    edited.settlement.left_out.clear();
    files::write_json(&run.path("report.json"), &edited).expect("written");
    assert!(matches!(run.verify().await, Err(VerifyError::Report(_))), "what is left out is signed");
    // One that is not compared and damaged is nobody's fault but its own.
    leave_out(Reason::Damaged, false).await.expect_err("whole");
    fs::write(run.path("manifests/1/texts/text.txt"), "another text").expect("changed");
    assert_eq!(run.verify().await.expect("damaged indeed"), 12);
}
