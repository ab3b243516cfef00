//! What a web host tried with packages: each of these was accepted once.

use std::{os::unix::fs::symlink, process::Command};

use tlog_tiles::record_hash;
use yieldset_rules::report::LogCheckpoint;

use super::{package::known, *};
use crate::{
    bundle::{Audit, LoggedRun, SignedHashes},
    files::canonical_json,
    models::Models,
    publish::{self, Index},
    sha256,
    testing::{PERIOD, key, models, run_at},
    usage_log::{Batch, Platforms},
};

impl Run {
    /// A package of this settlement's report, by a host that keeps to no rule.
    async fn host(&self, settled: &settlement::Settlement, log: LogCheckpoint) {
        let honest = self.signed();
        let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
        let settled = settlement::Settlement { log, ..settled.clone() };
        let report = compose(&settled, place, 0, honest.committee.epoch, [0; 32]);
        let signed = seal(&report, &settled, &honest.committee, &Run::keys());
        self.replace("settlement.json", &canonical_json(&settled).expect("JSON"));
        self.replace("report.json", &canonical_json(&signed).expect("JSON"));
        let file = self.index_file();
        let index: Index = files::read_json(&file).expect("read");
        fs::remove_file(file).expect("removed");
        let name = format!("packages/{}.json", hex::encode(signed.report_hash));
        let index = Index { report_hash: signed.report_hash, stream: settled.stream, ..index };
        files::write_json(&self.path("published").join(name), &index).expect("written");
    }

    fn index_file(&self) -> std::path::PathBuf {
        self.objects().into_iter().find(|file| file.extension().is_some()).expect("an index")
    }

    fn object(&self, path: &str) -> std::path::PathBuf {
        let index: Index = files::read_json(&self.index_file()).expect("read");
        let entry = index.files.into_iter().find(|entry| entry.path == path).expect("there");
        self.path("published").join(entry.object())
    }
}

/// Proves ATT-3: a report of a longer log than the package has, whose root is none.
#[tokio::test]
async fn a_log_that_is_not_there_has_no_root() {
    let run = Run::new().await;
    run.published().await;
    let honest = run.signed().settlement;
    run.host(&honest, honest.log.clone()).await;
    run.check(&known(&run)).await.expect("its own");
    run.host(&honest, LogCheckpoint { size: 99, root: [0; 32], ..honest.log.clone() }).await;
    let lines = run.check(&known(&run)).await;
    assert!(lines.is_err(), "{lines:?}");
}

/// Proves ATT-1: the package's own manifests say that others are paid than its settlement pays, or under other terms.
#[tokio::test]
async fn a_settlement_pays_whom_the_manifests_name() {
    let run = Run::new().await;
    run.published().await;
    let honest = run.signed().settlement;
    let host = async |change: fn(&mut settlement::Settlement)| {
        let mut settled = honest.clone();
        change(&mut settled);
        let weights: Vec<_> = settled.contributors.iter().map(|one| (one.account, one.weight)).collect();
        let (root, proofs) = settlement::tree(&weights);
        settled.weights_root = root;
        settled.contributors.iter_mut().zip(proofs).for_each(|(one, proof)| one.proof = proof);
        run.host(&settled, honest.log.clone()).await;
        run.check(&known(&run)).await
    };
    host(|_| ()).await.expect("its own");
    type Change = fn(&mut settlement::Settlement);
    let changes: [(&str, Change); 5] = [
        ("another account earns for a version", |settled| {
            settled.manifests[1].account = [9; 20];
            settled.contributors[1].account = [9; 20];
        }),
        ("somebody earns of whom no version is compared", |settled| settled.contributors[1].account = [9; 20]),
        ("another slug", |settled| settled.manifests[1].dataset = "c1/x".into()),
        ("another dataset", |settled| settled.manifests[1].dataset_id = [9; 32]),
        ("another threshold", |settled| settled.metric.threshold = 500_000),
    ];
    for (what, change) in changes {
        let lines = host(change).await;
        assert!(lines.is_err(), "{what}: {lines:?}");
    }
}

/// What is no file is not opened: a pipe has nobody who writes to it, a device no end.
#[tokio::test]
async fn a_pipe_is_no_object() {
    let run = Run::new().await;
    run.published().await;
    let object = run.object("log/checkpoint");
    fs::remove_file(&object).expect("removed");
    symlink("/dev/zero", &object).expect("linked");
    assert!(run.check(&known(&run)).await.is_err());
    fs::remove_file(&object).expect("removed");
    assert!(Command::new("mkfifo").arg(&object).status().expect("ran").success());
    assert!(run.check(&known(&run)).await.is_err());
}

/// An index says how much of the reader's disk and memory it takes.
#[tokio::test]
async fn a_file_of_a_package_is_no_larger_than_its_kind() {
    let run = Run::new().await;
    run.published().await;
    let long = vec![b' '; 1 << 20];
    run.replace("log/checkpoint", &[&fs::read(run.object("log/checkpoint")).expect("read")[..], &long].concat());
    let error = run.check(&known(&run)).await.expect_err("no checkpoint has that").to_string();
    assert!(error.contains("at most"), "it was read: {error}");
}

/// Proves LIC-3: an audit's run is signed by the platform that has the model, not by any that the log knows; that all
/// runs are there only the log can tell.
#[tokio::test]
async fn an_audits_runs_are_the_models_platforms() {
    let run = Run::new().await;
    let log = run.fixture.read().await.expect("verified");
    let info = log.info();
    let platforms = Platforms::load(&run.fixture.dir(), (&info.origin, &info.log_key)).expect("listed");
    let check = |platform: &str, seed: u8| {
        let training = run_at("r", TRAINED);
        let record = UsageRecord::TrainingRun(training).to_bytes();
        let batch = Batch::sign(platform, "b", vec![record.clone()], &key(seed));
        let audit = Audit {
            stream: [9; 32],
            period: PERIOD,
            models: Models::one(MODEL),
            runs: vec![LoggedRun { leaf: 0, run_id: "r".into(), record: hex::encode(&record), proof: vec![] }],
            batches: vec![SignedHashes {
                first_leaf: 0,
                platform: platform.into(),
                batch_id: "b".into(),
                public_key: key(seed).verifying_key().to_bytes(),
                signature: batch.signature,
                hashes: vec![sha256(&record)],
            }],
        };
        audit.check((&[9; 32], PERIOD, models()), (1, record_hash(&record)), &platforms).map(|runs| runs.len())
    };
    assert_eq!(check("lumen", 3).expect("its own model"), 1);
    assert!(check("other", 4).is_err(), "another platform's word is taken");
}

/// A platform that leaves a run out of its answer to an audit is not contradicted by the package: that must be said.
#[tokio::test]
async fn runs_that_an_audit_leaves_out_are_not_shown() {
    let run = Run::new().await;
    let contents = crate::bundle::audit(run.contents().await, &run.signed().settlement.stream).expect("an audit");
    publish::publish(&run.shelf(), &contents).await.expect("published");
    let folder = run.path("unpacked");
    publish::unpack(&run.shelf(), None, &folder).await.expect("unpacked");
    let mut audit: Audit = files::read_json(&folder.join("audit.json")).expect("read");
    audit.runs.clear();
    run.replace("audit.json", &canonical_json(&audit).expect("JSON"));
    let lines = run.check(&known(&run)).await.expect("in itself whole");
    let said = |line: &Line| matches!(line, Line::NotShown(line) if line.contains("all training runs"));
    assert!(lines.iter().any(said), "{lines:?}");
}

/// Proves ATT-9: a package of another pool, model or licence is told from this one's.
#[tokio::test]
async fn a_package_says_of_which_pool_and_stream_it_is() {
    let run = Run::new().await;
    run.published().await;
    let lines = run.check(&known(&run)).await.expect("holds");
    let stream = hex0x(&run.signed().settlement.stream);
    for words in [hex0x(&[2; 20]), stream] {
        assert!(lines.iter().any(|line| matches!(line, Line::Shown(line) if line.contains(&words))), "{lines:?}");
    }
    let elsewhere = ReaderPins { pool: Some([9; 20]), ..known(&run) };
    assert!(matches!(run.check(&elsewhere).await, Err(VerifyError::NotPinned { what: "pool", .. })));
    let (shelf, pins) = (run.shelf(), known(&run));
    let of = async |licence| {
        let mut lines = Vec::new();
        let request = PackageRequest { shelf: &shelf, report_hash: None, index: None, licence, pins: &pins, own: None };
        verify_package(&request, |line| lines.push(line)).await.map(|_| lines)
    };
    assert!(matches!(of(Some([9; 32])).await, Err(VerifyError::NotPinned { what: "the licence", .. })));
    let honest = run.signed().settlement;
    run.host(&settlement::Settlement { stream: [9; 32], ..honest.clone() }, honest.log.clone()).await;
    let told =
        |lines: &[Line]| lines.iter().any(|line| matches!(line, Line::NotShown(line) if line.contains("--licence")));
    assert!(told(&of(None).await.expect("somebody's licence")));
    assert!(!told(&of(Some([9; 32])).await.expect("the known licence")));
}

/// Proves ATT-13: who publishes does not vouch for what somebody else put there before under the report's name.
#[tokio::test]
async fn a_foreign_package_is_not_vouched_for() {
    let run = Run::new().await;
    let first = run.published().await;
    let file = run.index_file();
    let honest = fs::read(&file).expect("read");
    let contents = run.contents().await;
    let again = async || publish::publish(&run.shelf(), &contents).await;
    let version = format!("manifests/{}/licence.json", hex::encode(run.signed().settlement.manifests[0].manifest_hash));
    for path in ["settlement.json", "report.json", "log/log.json", &version] {
        run.replace(path, b"{}\n");
        let vouched = again().await;
        assert!(vouched.is_err(), "{path}: {vouched:?}");
        fs::write(&file, &honest).expect("restored");
    }
    let index: Index = files::read_json(&file).expect("read");
    for other in [
        Index {
            files: index.files.iter().filter(|entry| entry.path != "report.json").cloned().collect(),
            ..index.clone()
        },
        Index { stream: [9; 32], ..index.clone() },
    ] {
        files::write_json(&file, &other).expect("written");
        let vouched = again().await;
        assert!(vouched.is_err(), "{vouched:?}");
    }
    fs::write(&file, &honest).expect("restored");
    assert_eq!(again().await.expect("its own").digest, first.digest);
}
