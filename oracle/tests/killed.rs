//! The service as a process of its own, killed without warning.

#![cfg(unix)]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use ed25519_dalek::SigningKey;
use serde_json::Value;
use yieldset_oracle::{
    ingest::Submission,
    keys,
    usage_log::{Batch, VerifiedLog, verified::Pins},
};
use yieldset_rules::usage::{Evidence, InferenceCall, UsageRecord, Words};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yieldset-oracle");

struct Place {
    folder: tempfile::TempDir,
    platform: SigningKey,
}

fn run(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(PROGRAM).args(arguments).output().expect("started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        for name in ["log.key", "witness.key", "platform.key"] {
            let (made, printed, _) = run(&["keygen", &path(name)]);
            assert!(made && printed.trim().len() == 66, "{printed}");
        }
        let platform = keys::load(&folder.path().join("platform.key")).expect("key");
        let public = hex::encode(platform.verifying_key().to_bytes());
        let platforms = format!(r#"[{{"slug": "lumen", "public_key": "{public}", "models": ["lumen/lumen-1"]}}]"#);
        std::fs::write(path("platforms.json"), platforms).expect("written");
        let init = ["log-init", "--dir", &path("log"), "--origin", "log.example/usage", "--key", &path("log.key")];
        let (made, _, error) = run(&[&init[..], &["--witness-key", &path("witness.key")]].concat());
        assert!(made, "{error}");
        let (again, _, error) = run(&[&init[..], &["--witness-key", &path("witness.key")]].concat());
        assert!(!again && error.contains("never replaced"), "{error}");
        Self { folder, platform }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&self) -> (Child, String) {
        let ready = self.path("ready");
        let _ = std::fs::remove_file(&ready);
        let mut service = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-dir"])
            .arg(self.path("log"))
            .arg("--platforms")
            .arg(self.path("platforms.json"))
            .arg("--key")
            .arg(self.path("log.key"))
            .arg("--witness-key")
            .arg(self.path("witness.key"))
            .arg("--ready-file")
            .arg(&ready)
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let started = Instant::now();
        while !ready.exists() {
            assert!(service.try_wait().expect("asked").is_none(), "the service ended");
            assert!(started.elapsed() < Duration::from_secs(60), "the service is not ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        let ready: Value = serde_json::from_slice(&std::fs::read(&ready).expect("read")).expect("whole");
        (service, ready["url"].as_str().expect("url").to_owned())
    }

    fn batch(&self, number: usize) -> Batch {
        let record = |n: usize| {
            UsageRecord::InferenceCall(InferenceCall {
                call_id: format!("{number}-{n}"),
                model: "lumen/lumen-1".into(),
                at_ms: 1_790_845_200_000,
                input_tokens: 1,
                output_tokens: 1,
                declared_use: "chat".into(),
                output_hash: [0; 32],
                evidence: Evidence::Words(Words::default()),
            })
            .to_bytes()
        };
        Batch::sign("lumen", &number.to_string(), (0..5).map(record).collect(), &self.platform)
    }
}

async fn send(url: &str, batch: &Batch) -> Option<Value> {
    let request = reqwest::Client::new().post(format!("{url}/v1/batches")).json(&Submission::from(batch));
    let answer = request.send().await.ok()?;
    let status = answer.status();
    let answer: Value = answer.json().await.ok()?;
    assert!(status.is_success(), "{answer}");
    Some(answer)
}

async fn read(log: &Path) -> VerifiedLog {
    VerifiedLog::read(log, Pins::default()).await.expect("verified")
}

/// Proves that SIGKILL at any moment loses no acknowledged record and repeats none: senders who had no answer send
/// again, and all get the leaves of the first time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_service_loses_nothing() {
    let place = std::sync::Arc::new(Place::new());
    let mut answers: Vec<Option<Value>> = vec![None; 60];
    for round in 0..6u64 {
        let (mut service, url) = place.serve();
        let mut senders = Vec::new();
        for number in 0..10 * (round as usize + 1) {
            let (place, url) = (std::sync::Arc::clone(&place), url.clone());
            senders.push(tokio::spawn(async move { (number, send(&url, &place.batch(number)).await) }));
        }
        // Another moment each round, from "nothing yet" to "most".
        tokio::time::sleep(Duration::from_millis(round * round * 7)).await;
        service.kill().expect("killed");
        service.wait().expect("ended");
        for sender in senders {
            let (number, answer) = sender.await.expect("no panic");
            if let (Some(first), Some(now)) = (&answers[number], &answer) {
                assert_eq!(first, now, "batch {number} was answered differently");
            }
            answers[number] = answers[number].take().or(answer);
        }
    }
    let (mut service, url) = place.serve();
    let mut leaves = Vec::new();
    for (number, before) in answers.iter().enumerate() {
        let answer = send(&url, &place.batch(number)).await.expect("answered");
        if let Some(before) = before {
            assert_eq!(before, &answer);
        }
        leaves.push(answer["first_leaf"].as_u64().expect("leaf"));
    }
    leaves.sort_unstable();
    assert_eq!(leaves, (0..60).map(|n| n * 5).collect::<Vec<_>>());
    let id = service.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("sent").success());
    assert!(service.wait().expect("ended").success(), "SIGTERM ends it in order");
    assert_eq!(read(&place.path("log")).await.leaves().len(), 300);
    assert_eq!(std::fs::read_dir(place.path("log/journal")).expect("listed").count(), 0, "all was flushed");
}

/// What is installed beside the program comes out of it, and holds nothing of the machine that made it.
#[test]
fn the_program_describes_itself() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (done, version, _) = run(&["--version"]);
    assert!(done && version.trim() == format!("yieldset-oracle {}", yieldset_service::VERSION), "{version}");
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef"), ("fish", "complete -c")] {
        let (done, script, error) = run(&["completions", shell]);
        assert!(done && script.contains(word) && script.contains("log-init"), "{shell}: {error}");
    }
    let pages = folder.path().join("share/man/man1");
    let (done, _, error) = run(&["man", pages.to_str().expect("text")]);
    assert!(done, "{error}");
    let text = |page: &str| std::fs::read_to_string(pages.join(page)).expect(page);
    assert!(text("yieldset-oracle.1").contains("log\\-init"));
    assert!(text("yieldset-oracle-serve.1").contains("requests\\-per\\-second"));
    let home = std::env::var("HOME").expect("HOME");
    for entry in std::fs::read_dir(&pages).expect("listed") {
        let page = entry.expect("entry").file_name().into_string().expect("text");
        assert!(!text(&page).contains(&home), "{page}");
    }
}

/// Bad input on the command line: an error on standard error that says what to do, and no success.
#[test]
fn wrong_arguments_are_told() {
    let place = Place::new();
    let path = |name: &str| place.path(name).display().to_string();
    let serve = |log: &str, key: &str, listen: &str| {
        run(&[
            "serve",
            "--log-dir",
            &path(log),
            "--platforms",
            &path("platforms.json"),
            "--key",
            &path(key),
            "--witness-key",
            &path("witness.key"),
            "--listen",
            listen,
        ])
    };
    for ((done, _, error), word) in [
        (serve("absent", "log.key", "127.0.0.1:0"), "log-init"),
        (serve("log", "platform.key", "127.0.0.1:0"), "use that key"),
        (serve("log", "absent.key", "127.0.0.1:0"), "check that it exists"),
        (serve("log", "log.key", "0.0.0.0:0"), "loopback"),
        (run(&["keygen", &path("log.key")]), "never overwritten"),
        (run(&["settle", "--attribution", &path("platforms.json"), "--out", &path("x")]), "not the expected JSON"),
        (
            run(&[
                "attribute",
                "--log-dir",
                &path("log"),
                "--manifests",
                &path("m"),
                "--model",
                "m",
                "--period",
                "2026",
                "--out",
                &path("x"),
            ]),
            "2026Q4",
        ),
    ] {
        assert!(!done && error.contains(word), "{word}: {error}");
    }
}
