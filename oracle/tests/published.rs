//! `publish` as a process of its own, ended at each of its steps and killed without warning; and `attribute` and
//! `settle` as such, of a quarter that is not over.

#![cfg(unix)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use ed25519_dalek::SigningKey;
#[cfg(feature = "s3")]
use object_store::{ObjectStoreExt, aws::AmazonS3Builder};
use serde_json::Value;
use yieldset_oracle::{
    attribution::{self, Question},
    compared::After,
    embed::{Embedder, default_model_dir},
    files,
    licensed::Limits,
    manifest::{self, load_all},
    metric::{DEFAULT_THRESHOLD, metric},
    models::Models,
    over, period_name, record,
    report::{self, Committee, Position, ReportPlace},
    settlement::settle,
    trained,
    usage_log::{
        Batch, Log, LogInfo, Platform, VerifiedLog, WitnessKey,
        bounds::Bounds,
        verified::Pins,
        witnesses::{Address, Witnesses},
    },
    witness::Witness,
};
use yieldset_rules::period::quarter_at;

const PROGRAM: &str = env!("CARGO_BIN_EXE_yieldset-oracle");
const ORIGIN: &str = "log.example/usage";
const MODEL: &str = "lumen/lumen-1";
const TEXT: &str = "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and \
                    nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of \
                    the world.";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

/// A log, a dataset and a signed report, in a folder.
async fn world(folder: &Path) {
    let embedder = Embedder::load(&default_model_dir()).expect("the model");
    let works = folder.join("works");
    std::fs::create_dir_all(&works).expect("made");
    std::fs::write(works.join("text.txt"), TEXT).expect("written");
    let creator = folder.join("creator.json");
    std::fs::write(&creator, r#"{"name": "C", "dataset": "c/w", "title": "T", "year": 1851}"#).expect("written");
    let request = manifest::Request {
        folder: &works,
        creator: &creator,
        account: [7; 20],
        licence: "CC0-1.0",
        threshold: DEFAULT_THRESHOLD,
        out: &folder.join("manifests/0"),
    };
    manifest::make(&request, &embedder).expect("made");
    let outputs = folder.join("outputs.jsonl");
    let output = serde_json::json!({"call_id": "c-1", "declared_use": "chat", "input_tokens": 5, "output_tokens": 50,
        "at": "2026-10-01T09:00:00Z", "text": TEXT});
    std::fs::write(&outputs, output.to_string()).expect("written");
    let info = LogInfo {
        origin: ORIGIN.into(),
        log_key: public(1),
        witnesses: vec![WitnessKey { name: "witness.example".into(), key: public(2) }],
        quorum: 1,
    };
    let (dir, memory) = (folder.join("log"), folder.join("witness"));
    Log::create(&dir, &info, &key(1)).expect("made");
    Witness::watch(&memory, ORIGIN, public(1)).expect("watched");
    let witness = Witness::open("witness.example", key(2), &memory).expect("opened");
    let platforms = vec![Platform { slug: "lumen".into(), public_key: public(3), models: vec![MODEL.into()] }];
    let witnesses = Witnesses::new(vec![Address::Here(Arc::new(witness))]);
    let mut log = Log::open(&dir, platforms.clone(), key(1), witnesses).await.expect("opened");
    let records = record::calls(&outputs, MODEL, &embedder).expect("recorded");
    let batch = Batch::sign("lumen", "b", records.iter().map(|record| record.to_bytes()).collect(), &key(3));
    let batch = batch.check(&platforms, &Bounds::default(), 1_790_845_200_000).expect("good");
    log.append(vec![batch]).await.expect("appended")[0].as_ref().expect("taken");
    log.close().await.expect("closed");
    let log = VerifiedLog::read(&dir, Pins::default()).await.expect("verified");
    let question = Question {
        models: &Models::one(MODEL),
        licence: None,
        period: 8_107,
        metric: metric(DEFAULT_THRESHOLD),
        log_size: 1,
        after: After::Unknown,
        left_out: &[],
        registry: None,
        limits: Limits::default(),
        ground: &trained::NONE,
    };
    let datasets = load_all(&folder.join("manifests")).expect("loaded").datasets;
    let settled = settle(&attribution::attribute(&log, &datasets, &question).expect("attributed"));
    let committee = Committee { epoch: 1, threshold: 2, keys: vec![public(4), public(5)] };
    let place = ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] };
    let position = Position { now: 1_798_761_600, ..Position::default() };
    let draft = report::draft(&settled, place, 1, position).expect("drafted");
    let signatures = [4, 5].map(|n| report::sign_by(&draft, &committee, &key(n)).expect("signed"));
    let signed = report::assemble(&draft, &settled, &committee, signatures.into()).expect("assembled");
    files::write_json(&folder.join("report.json"), &signed).expect("written");
}

fn publish(folder: &Path, to: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("publish").stderr(Stdio::null()).stdout(Stdio::piped());
    for (flag, name) in [("--report", "report.json"), ("--log-dir", "log"), ("--manifests", "manifests"), ("--to", to)]
    {
        command.arg(flag).arg(folder.join(name));
    }
    command
}

/// Every file of a place with its content, but the lock.
fn files_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.ends_with(".lock") => {}
                path => {
                    let name = path.strip_prefix(folder).expect("below").to_owned();
                    found.insert(name, std::fs::read(&path).expect("read"));
                }
            }
        }
    }
    found
}

fn indexes(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("packages")).map_or(0, |entries| {
        let named = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "json");
        entries.flatten().filter(named).count()
    })
}

/// Proves ATT-13: ended at each step in turn, and killed at many moments, `publish` shows a whole package or none, and
/// the next run finishes it with the same bytes, once, and leaves no draft.
#[tokio::test]
async fn a_publication_that_ends_at_any_step_is_carried_on() {
    let folder = tempfile::tempdir().expect("temporary folder");
    world(folder.path()).await;
    let at = |name: &str| folder.path().join(name);
    let told = |command: &mut Command| -> Value {
        let output = command.output().expect("started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let first = told(&mut publish(folder.path(), "whole"));
    assert_eq!(first["status"], "published");
    let whole = files_of(&at("whole"));
    let mut step = 0;
    loop {
        let mut command = publish(folder.path(), "steps");
        command.env("FAILPOINTS", format!("publish-change={step}*off->return"));
        if command.status().expect("ran").success() {
            break;
        }
        assert_eq!(indexes(&at("steps")), 0, "step {step}");
        let again = told(&mut publish(folder.path(), "steps"));
        assert_eq!((&again["status"], &again["index_sha256"]), (&first["status"], &first["index_sha256"]));
        assert_eq!(files_of(&at("steps")), whole, "step {step}");
        assert_eq!(told(&mut publish(folder.path(), "steps"))["status"], "already published");
        std::fs::remove_dir_all(at("steps")).expect("removed");
        step += 1;
    }
    assert_eq!(step, whole.len(), "each object and the index");
    for round in 0..12u64 {
        let mut child = publish(folder.path(), "killed").spawn().expect("started");
        tokio::time::sleep(Duration::from_millis(round * 9)).await;
        let _ = child.kill();
        child.wait().expect("ended");
        let seen = indexes(&at("killed"));
        if seen == 1 {
            assert!(whole.iter().all(|(name, bytes)| files_of(&at("killed")).get(name) == Some(bytes)));
        }
        told(&mut publish(folder.path(), "killed"));
        assert_eq!(files_of(&at("killed")), whole, "round {round}");
        std::fs::remove_dir_all(at("killed")).expect("removed");
    }
}

/// Proves PAY-2's quarters where no chain is asked: one that runs by this machine's clock is refused by `attribute`,
/// with its end, and by `settle` where somebody looked ahead at it; nothing is written then. One that is over is
/// settled.
#[tokio::test]
async fn a_quarter_that_runs_is_not_settled() {
    let folder = tempfile::tempdir().expect("temporary folder");
    world(folder.path()).await;
    let at = |name: &str| folder.path().join(name);
    let run = |command: &str, files: &[(&str, &str)], more: &[&str]| {
        let mut program = Command::new(PROGRAM);
        program.arg(command).args(more);
        for (flag, name) in files {
            program.arg(flag).arg(at(name));
        }
        let done = program.output().expect("started");
        match done.status.success() {
            true => Ok(serde_json::from_slice::<Value>(&done.stdout).expect("JSON")),
            false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
        }
    };
    let attribute = |period: &str, out: &str, more: &[&str]| {
        let files = [("--log-dir", "log"), ("--manifests", "manifests"), ("--out", out)];
        let asked = ["--model", MODEL, "--period", period, "--offline", "--skip-embedding-check"];
        run("attribute", &files, &[&asked[..], more].concat())
    };
    let settle = |attribution: &str, more: &[&str]| {
        run("settle", &[("--attribution", attribution), ("--out", "settlement.json")], more)
    };
    // The one that runs in an hour, should a quarter end just now.
    let running = period_name(quarter_at(over::now() + 3_600));
    let refused = attribute(&running, "ahead.json", &[]).expect_err("it runs");
    assert!(refused.contains(&format!("{running} runs until 20")) && refused.contains("--running"), "{refused}");
    assert!(!at("ahead.json").exists());
    let ahead = attribute(&running, "ahead.json", &["--running"]).expect("a look ahead");
    assert_eq!((&ahead["period"], &ahead["running"]), (&running.as_str().into(), &true.into()));
    let refused = settle("ahead.json", &[]).expect_err("it runs");
    assert!(refused.contains(&format!("{running} runs until 20")) && !at("settlement.json").exists(), "{refused}");
    settle("ahead.json", &["--running"]).expect("a look ahead");
    std::fs::remove_file(at("settlement.json")).expect("removed");
    // By what the attribution says, whatever the clock says since.
    let past = attribute("2025Q1", "past.json", &[]).expect("it is over");
    assert_eq!((&past["period"], &past["running"]), (&"2025Q1".into(), &false.into()));
    settle("past.json", &[]).expect("it is over");
    std::fs::remove_file(at("settlement.json")).expect("removed");
    let mut attribution: Value = files::read_json(&at("past.json")).expect("read");
    assert_eq!(attribution.get("running"), None);
    attribution["running"] = true.into();
    files::write_json(&at("past.json"), &attribution).expect("written");
    let refused = settle("past.json", &[]).expect_err("it ran when that was made");
    assert!(refused.contains("2025Q1 runs until 2025-04-01T00:00:00Z"), "{refused}");
}

/// A store of the kind of S3 on this machine, as long as it lives.
#[cfg(feature = "s3")]
struct S3 {
    server: std::process::Child,
    url: String,
}

#[cfg(feature = "s3")]
impl S3 {
    /// With an empty bucket.
    async fn start(bucket: &str) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let port = free.port().to_string();
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().expect("moto_server is in the PATH: pip install 'moto[server]'");
        let store = Self { server, url: format!("http://127.0.0.1:{port}") };
        let make = || reqwest::Client::new().put(format!("{}/{bucket}", store.url)).send();
        for _ in 0..600 {
            if make().await.is_ok_and(|answer| answer.status().is_success()) {
                return store;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("moto_server has not begun to answer");
    }

    /// The program, with the settings of this store.
    fn oracle(&self, command: &str) -> Command {
        let mut oracle = Command::new(PROGRAM);
        oracle.arg(command).env("AWS_ENDPOINT_URL", &self.url).env("AWS_ALLOW_HTTP", "true");
        oracle
            .env("AWS_ACCESS_KEY_ID", "nobody")
            .env("AWS_SECRET_ACCESS_KEY", "nothing")
            .env("AWS_REGION", "us-east-1");
        oracle
    }
}

#[cfg(feature = "s3")]
impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Proves ATT-13 on a store of the kind of S3: a package is whole or not there, each step it was ended at is carried on
/// from, it is published once, and whoever reads it from there checks it, also that each object is what the index says.
#[cfg(feature = "s3")]
#[tokio::test]
#[ignore = "needs moto_server, of PyPI's moto[server], in the PATH"]
async fn a_package_is_published_to_an_s3_like_store() {
    let folder = tempfile::tempdir().expect("temporary folder");
    world(folder.path()).await;
    let store = S3::start("packages").await;
    let place = |name: &str| format!("s3://packages/{name}");
    let publish = |to: &str| {
        let mut command = store.oracle("publish");
        for (flag, name) in [("--report", "report.json"), ("--log-dir", "log"), ("--manifests", "manifests")] {
            command.arg(flag).arg(folder.path().join(name));
        }
        command.args(["--to", to]);
        command
    };
    let told = |command: &mut Command| {
        let output = command.output().expect("started");
        (output.status.code(), [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()))
    };
    let verify = |place: &str| told(store.oracle("verify").args(["--package", place]));
    let published = |to: &str| -> Value {
        let (code, [printed, error]) = told(&mut publish(to));
        assert_eq!(code, Some(0), "{error}");
        serde_json::from_str(&printed).expect("JSON")
    };
    let first = published(&place("whole"));
    assert_eq!(first["status"], "published");
    assert_eq!(published(&place("whole"))["status"], "already published");
    let (code, [printed, error]) = verify(&place("whole"));
    assert_eq!(code, Some(3), "a package has no records: {error}");
    assert!(printed.contains("ok         package of report"), "{printed}");
    let mut step = 0;
    while !publish(&place("steps"))
        .env("FAILPOINTS", format!("publish-change={step}*off->return"))
        .status()
        .expect("ran")
        .success()
    {
        let (code, [printed, _]) = verify(&place("steps"));
        assert_eq!((code, printed.contains("package of report")), (Some(1), false), "step {step}: {printed}");
        step += 1;
    }
    assert_eq!(published(&place("steps"))["index_sha256"], first["index_sha256"]);
    assert_eq!(verify(&place("steps")).0, Some(3));
    // Somebody replaces an object.
    let index = first["index"].as_str().expect("its name");
    let bucket = AmazonS3Builder::new()
        .with_endpoint(&store.url)
        .with_allow_http(true)
        .with_bucket_name("packages")
        .with_region("us-east-1")
        .with_access_key_id("nobody")
        .with_secret_access_key("nothing")
        .build()
        .expect("a store");
    let file = object_store::path::Path::from(format!("whole/{index}"));
    let bytes = bucket.get(&file).await.expect("asked").bytes().await.expect("read");
    let mut index: Value = serde_json::from_slice(&bytes).expect("JSON");
    index["files"][0]["sha256"] = format!("0x{}", "ff".repeat(32)).into();
    bucket.put(&file, index.to_string().into()).await.expect("replaced");
    let (code, [printed, _]) = verify(&place("whole"));
    assert_eq!((code, printed.contains("package of report")), (Some(1), false), "{printed}");
}
