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

/// What the log is called.
const ORIGIN: &str = "log.example/usage";
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
        let public = |name: &str| {
            let key = keys::load(&folder.path().join(name)).expect("key");
            hex::encode(key.verifying_key().to_bytes())
        };
        let witness = format!("witness.example={}", public("witness.key"));
        let init = ["log-init", "--dir", &path("log"), "--origin", ORIGIN, "--key", &path("log.key")];
        let init = [&init[..], &["--witness", &witness]].concat();
        let (made, _, error) = run(&init);
        assert!(made, "{error}");
        let (again, _, error) = run(&init);
        assert!(!again && error.contains("never replaced"), "{error}");
        let log = format!("{ORIGIN}={}", public("log.key"));
        let watch = ["witness-init", "--memory", &path("memory"), "--log", &log];
        let (made, _, error) = run(&watch);
        assert!(made, "{error}");
        let (again, _, error) = run(&watch);
        assert!(!again && error.contains("never begun anew"), "{error}");
        Self { folder, platform }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, name: &str, arguments: &[(&str, &str)]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args([name, "--listen", "127.0.0.1:0"]).stderr(Stdio::null());
        for (flag, file) in arguments {
            command.arg(flag).arg(self.path(file));
        }
        command
    }

    /// Starts a service; `None` where it ended before it was ready.
    fn start(&self, mut command: Command, ready: &str) -> Option<(Child, String)> {
        let ready = self.path(ready);
        let _ = std::fs::remove_file(&ready);
        let mut service = command.arg("--ready-file").arg(&ready).spawn().expect("started");
        let started = Instant::now();
        while !ready.exists() {
            if service.try_wait().expect("asked").is_some() {
                return None;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "the service is not ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        let ready: Value = serde_json::from_slice(&std::fs::read(&ready).expect("read")).expect("whole");
        Some((service, ready["url"].as_str().expect("url").to_owned()))
    }

    fn witness(&self) -> (Child, String) {
        let mut command = self.command("witness", &[("--key", "witness.key"), ("--memory", "memory")]);
        command.args(["--name", "witness.example"]);
        self.start(command, "witness-ready").expect("the witness is ready")
    }

    /// The service's command line, with a witness at this address.
    fn log(&self, witness: &str) -> Command {
        let files = [("--log-dir", "log"), ("--platforms", "platforms.json"), ("--key", "log.key")];
        let mut command = self.command("serve", &files);
        command.args(["--witness", witness]);
        command
    }

    fn serve(&self, witness: &str) -> (Child, String) {
        self.start(self.log(witness), "ready").expect("the service is ready")
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

/// Ends a service in order.
fn terminate(mut service: Child) {
    let id = service.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("sent").success());
    assert!(service.wait().expect("ended").success(), "SIGTERM ends it in order");
}

fn kill(mut service: Child) {
    let _ = service.kill();
    service.wait().expect("ended");
}

/// Proves that SIGKILL at any moment, of the service, its witness or both, loses no acknowledged record and repeats
/// none: senders who had no answer send again, and all get the leaves of the first time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_service_loses_nothing() {
    let place = std::sync::Arc::new(Place::new());
    let mut answers: Vec<Option<Value>> = vec![None; 60];
    for round in 0..6u64 {
        let (witness, at) = place.witness();
        let (service, url) = place.serve(&at);
        let mut senders = Vec::new();
        for number in 0..10 * (round as usize + 1) {
            let (place, url) = (std::sync::Arc::clone(&place), url.clone());
            senders.push(tokio::spawn(async move { (number, send(&url, &place.batch(number)).await) }));
        }
        // Another moment each round, from "nothing yet" to "most".
        tokio::time::sleep(Duration::from_millis(round * round * 7)).await;
        let (first, second) = if round % 2 == 0 { (service, witness) } else { (witness, service) };
        kill(first);
        kill(second);
        for sender in senders {
            let (number, answer) = sender.await.expect("no panic");
            if let (Some(first), Some(now)) = (&answers[number], &answer) {
                assert_eq!(first, now, "batch {number} was answered differently");
            }
            answers[number] = answers[number].take().or(answer);
        }
    }
    let (witness, at) = place.witness();
    let (service, url) = place.serve(&at);
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
    terminate(service);
    terminate(witness);
    assert_eq!(read(&place.path("log")).await.size(), 300);
    assert_eq!(std::fs::read_dir(place.path("log/journal")).expect("listed").count(), 0, "all was flushed");
}

/// As above with the process ended at each change of the log's files in turn, while it opens, takes batches and closes:
/// before the journal, between any two files, in the flush, between the deletions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_ends_at_any_step_loses_nothing() {
    let place = Place::new();
    let (witness, at) = place.witness();
    let (mut number, mut step, mut ended) = (0, 0, 0);
    loop {
        let mut command = place.log(&at);
        command.env("FAILPOINTS", format!("log-change={step}*off->return"));
        let mut answered = Vec::new();
        let finished = match place.start(command, "ready") {
            None => false,
            Some((mut service, url)) => {
                for next in [number, number + 1] {
                    answered.push((next, send(&url, &place.batch(next)).await));
                }
                let id = service.id().to_string();
                let _ = Command::new("kill").args(["-TERM", &id]).status().expect("sent");
                service.wait().expect("ended").success()
            }
        };
        ended += usize::from(!finished);
        // Whatever happened, it opens, and what was acknowledged is as it was.
        let (service, url) = place.serve(&at);
        for (next, before) in answered {
            let again = send(&url, &place.batch(next)).await.expect("answered");
            assert!(before.is_none_or(|before| before == again), "step {step}, batch {next}");
            number = next + 1;
        }
        terminate(service);
        let log = read(&place.path("log")).await;
        assert_eq!(log.size(), number as u64 * 5, "step {step}");
        if finished {
            break;
        }
        step += 1;
    }
    assert!(ended >= 15, "opening, two batches, closing: only {ended} steps were tried");
    terminate(witness);
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
            "--witness",
            "http://127.0.0.1:1",
            "--listen",
            listen,
        ])
    };
    for ((done, _, error), word) in [
        (serve("absent", "log.key", "127.0.0.1:0"), "log-init"),
        (serve("log", "platform.key", "127.0.0.1:0"), "use that key"),
        (serve("log", "absent.key", "127.0.0.1:0"), "check that it exists"),
        // Nobody witnesses there.
        (serve("log", "log.key", "127.0.0.1:0"), "0 of 1 witnesses cosigned"),
        (
            run(&["witness", "--name", "a b", "--key", &path("witness.key"), "--memory", &path("memory")]),
            "cannot be a name",
        ),
        (run(&["witness-init", "--memory", &path("memory"), "--log", "no-key"]), "a public key of 32 bytes"),
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
