//! Where a key, a phrase or a password must not be, whatever was done with it: the process list, what is printed and
//! logged, files, and what a crash leaves.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::ExitStatusExt,
    },
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use serde_json::{Value, json};
use sp_core::{Pair, ecdsa};
use tokio::process::Command;
use yieldset_chain::{
    Address, B256,
    submit::{Scheme, Signer, fresh_secret},
};
use yieldset_tasks::demo::children::Children;

use super::{
    commands::{DONE, USAGE, told},
    deploying::MEMBER,
    node::until,
    programs,
};

/// Where it is set, this program is a command that signs, by the key in the file named there.
const SIGNS_BY: &str = "YIELDSET_TEST_SIGNS_BY";
/// The variable that a key is in.
const KEY: &str = "YIELDSET_TEST_KEY";
const PASSWORD: &str = "a password that nobody else has: 7d1f0c";
const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
/// The descriptor on which the command answers: the test's own output goes nowhere.
const ANSWERS: &str = "/proc/self/fd/3";

/// Of the process list: a program is there for longer.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// What nobody may find.
struct Secrets {
    needles: Vec<Vec<u8>>,
}

impl Secrets {
    fn of(key: &[u8; 32]) -> Self {
        let hex = hex::encode(key);
        let texts = [hex.to_uppercase(), hex, PASSWORD.into(), PHRASE.into()];
        let needles = texts.map(String::into_bytes).into_iter().chain([key.to_vec()]).collect();
        Self { needles }
    }

    fn are_in(&self, bytes: &[u8]) -> bool {
        self.needles.iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle))
    }

    /// Files below a folder that have one in their name or content; how many were looked at.
    fn in_files(&self, folder: &Path) -> (Vec<PathBuf>, usize) {
        let (mut found, mut looked) = (Vec::new(), 0);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let below = self.in_files(&path);
                found.extend(below.0);
                looked += below.1;
            } else if let Ok(bytes) = fs::read(&path) {
                looked += 1;
                if self.are_in(&bytes) || self.are_in(path.as_os_str().as_encoded_bytes()) {
                    found.push(path);
                }
            }
        }
        (found, looked)
    }
}

/// Who looks at the process list all the while.
struct Watcher {
    over: Arc<AtomicBool>,
    thread: JoinHandle<(BTreeSet<String>, Vec<String>)>,
}

impl Watcher {
    fn begin(secrets: Secrets) -> Self {
        let over = Arc::<AtomicBool>::default();
        let ends = over.clone();
        let thread = std::thread::spawn(move || {
            let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
            while !ends.load(Ordering::Relaxed) {
                for entry in fs::read_dir("/proc").unwrap().flatten() {
                    let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
                    let program = line.split(|byte| *byte == 0).next().unwrap_or_default();
                    let program = String::from_utf8_lossy(program).into_owned();
                    if secrets.are_in(&line) {
                        found.push(program.clone());
                    }
                    seen.extend(program.rsplit('/').next().map(String::from));
                }
                std::thread::sleep(BETWEEN_LOOKS);
            }
            (seen, found)
        });
        Self { over, thread }
    }

    /// The programs that it saw, and those with a secret in their command line.
    fn end(self) -> (BTreeSet<String>, Vec<String>) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

struct Scene<'a> {
    children: &'a Children,
    folder: &'a Path,
    /// Apart from all that is looked through: what has the secrets.
    keys: &'a Path,
    node: String,
    key: [u8; 32],
    secrets: &'a Secrets,
}

impl Scene<'_> {
    /// A program that says all that it can.
    fn command(&self, program: &str) -> Command {
        let mut command = self.children.command(program).unwrap();
        let user = self.folder.join("user");
        fs::create_dir_all(&user).unwrap();
        command.current_dir(&user).env("HOME", &user).env("TMPDIR", &user).env("RUST_LOG", "trace");
        command.env("YIELDSET_NODE_URL", &self.node).env("YIELDSET_PASSWORD_FILE", self.keys.join("password"));
        command.env("YIELDSET_DEPLOYMENT", self.folder.join("deployment.json"));
        command
    }

    /// The same from a shell that lets crashes leave core files.
    fn in_a_shell_that_dumps(&self, program: &str) -> Command {
        let plain = self.command(program);
        let mut command = Command::new("sh");
        command.args(["-c", r#"ulimit -c unlimited 2>/dev/null; exec "$0" "$@""#]).arg(plain.as_std().get_program());
        let environment = plain.as_std().get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.envs(environment).current_dir(self.folder.join("user")).kill_on_drop(true);
        command
    }

    /// Runs it; what it printed, which has no secret in it.
    async fn runs(&self, mut command: Command, ends: i32) -> String {
        let (code, printed, why) = told(command.output().await.unwrap());
        assert!(!self.secrets.are_in(printed.as_bytes()) && !self.secrets.are_in(why.as_bytes()), "{command:?}");
        assert_eq!(code, ends, "{command:?}: {printed}{why}");
        printed + &why
    }

    /// A command of `yieldset` as somebody.
    async fn types(&self, who: &str, line: &[&str], ends: i32) -> String {
        let mut command = self.command("yieldset");
        command.args(line).arg("--yes");
        if !who.is_empty() {
            command.args(["--from", who]);
        }
        command.envs((who == self.by_environment()).then(|| (KEY, self.variable())));
        self.runs(command, ends).await
    }

    /// A round of the oracle's keeper as somebody, who is looked for and signs nothing: nothing is due.
    async fn keeps(&self, who: &str) {
        let mut command = self.command("yieldset-oracle");
        let state = self.folder.join("keeper.json");
        command.args(["keeper", "--once", "--from", who, "--state"]).arg(state);
        command.envs((who == self.by_environment()).then(|| (KEY, self.variable())));
        self.runs(command, DONE).await;
    }

    fn by_environment(&self) -> String {
        format!("env:{KEY}")
    }

    fn variable(&self) -> String {
        format!("ethereum:{}", hex::encode(self.key))
    }

    /// A command that signs: this program, by the key's file.
    fn by_command(&self) -> String {
        let script = self.keys.join("signer");
        let this = std::env::current_exe().unwrap();
        let test = "devnet::secrets::no_secret_is_left_anywhere";
        let text = format!(
            "#!/bin/sh\nexec 3>&1\n{SIGNS_BY}={} exec {} --exact {test} --nocapture >/dev/null 2>&1\n",
            self.keys.join("key").display(),
            this.display()
        );
        write_private(&script, &text, 0o700);
        format!("command:{}", script.display())
    }
}

fn write_private(file: &Path, text: &str, mode: u32) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

/// The command that signs: a question on its input, and its answer.
fn answer(key: &Path) {
    let secret: [u8; 32] = hex::decode(fs::read_to_string(key).unwrap().trim()).unwrap().try_into().unwrap();
    let mut question = String::new();
    std::io::stdin().lock().read_line(&mut question).unwrap();
    let question: Value = serde_json::from_str(&question).unwrap();
    let answer = match question["ask"].as_str().unwrap() {
        "account" => json!({ "scheme": "ethereum", "address": address(&secret).to_string() }),
        _ => {
            let digest: B256 = question["digest"].as_str().unwrap().parse().unwrap();
            let signature = ecdsa::Pair::from_seed(&secret).sign_prehashed(&digest.0);
            json!({ "signature": format!("0x{}", hex::encode(signature.0)) })
        }
    };
    let mut output = fs::OpenOptions::new().write(true).open(ANSWERS).unwrap();
    writeln!(output, "{answer}").unwrap();
}

fn address(secret: &[u8; 32]) -> Address {
    Signer::from_secret(Scheme::Ethereum, secret).unwrap().address()
}

/// Proves NET-2: with a key in a keystore, in the environment and behind a command, neither the key nor its password
/// nor a phrase is in any command line, in what `yieldset` and `yieldset-oracle` print and log at their most talkative,
/// or in a file that they leave; and a crash leaves none of their memory. What is in the environment of a process
/// because its user put it there, root alone reads.
#[tokio::test]
async fn no_secret_is_left_anywhere() {
    if let Some(key) = std::env::var_os(SIGNS_BY) {
        return answer(key.as_ref());
    }
    let (folder, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = *fresh_secret().unwrap();
    let secrets = Secrets::of(&key);
    write_private(&keys.path().join("password"), PASSWORD, 0o600);
    write_private(&keys.path().join("key"), &hex::encode(key), 0o600);
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let watcher = Watcher::begin(Secrets::of(&key));
    let (folder, keys) = (folder.path(), keys.path());
    let scene = Scene { children: &children, folder, keys, node, key, secrets: &secrets };
    every_way_to_sign(&scene).await;
    for signal in ["ABRT", "SEGV"] {
        a_crash_leaves_nothing(&scene, signal).await;
    }
    let (seen, found) = watcher.end();
    assert!(found.is_empty(), "in the command line of {found:?}");
    for program in ["yieldset", "yieldset-oracle"] {
        assert!(seen.contains(program), "{program} was not looked at: {seen:?}");
    }
    // That what is there would be found.
    assert_eq!(secrets.in_files(keys).0.len(), 2);
    // Keystore, address book, journal, deployment, the keeper's file, logs.
    let (found, looked) = secrets.in_files(folder);
    assert!(found.is_empty() && looked >= 6, "of {looked} in {found:?}");
    children.stop().await;
}

async fn every_way_to_sign(scene: &Scene<'_>) {
    let file = scene.keys.join("key").display().to_string();
    scene.types("", &["account", "import", "boss", &file], DONE).await;
    scene.types("//Alice", &["account", "fund", "@boss", "1000 DEV"], DONE).await;
    let deploy = ["deploy", "--name", "Public Voices", "--symbol", "VOICE", "--member", MEMBER];
    scene.types("boss", &deploy, DONE).await;
    for who in ["boss".to_owned(), scene.by_environment(), scene.by_command()] {
        let pay = ["account", "fund", "@boss", "1 DEV"];
        scene.types(&who, &pay, DONE).await;
        scene
            .types(&who, &["pool", "approve", &Address::repeat_byte(7).to_string(), "1 share", "--dry-run"], DONE)
            .await;
        scene.keeps(&who).await;
    }
    // A phrase that is typed is in the list already, by who typed it: it is refused, and goes nowhere from there.
    let mut command = scene.command("yieldset");
    command.args(["account", "fund", "@boss", "1 DEV", "--yes"]).env("YIELDSET_FROM", PHRASE);
    let why = scene.runs(command, USAGE).await;
    assert!(why.contains("never written on the command line"), "{why}");
}

/// With its key in memory, about to send.
async fn a_crash_leaves_nothing(scene: &Scene<'_>, signal: &str) {
    let journal = scene.folder.join(format!("{signal}.journal"));
    let mut command = scene.in_a_shell_that_dumps("yieldset");
    command.args(["deploy", "--name", "Other", "--symbol", "OTHER", "--member", MEMBER, "--yes"]);
    command.args(["--from", &scene.by_environment(), "--journal"]).arg(&journal);
    command.env(KEY, scene.variable()).env("FAILPOINTS", "deploy-send=pause");
    command.env("YIELDSET_DEPLOYMENT", scene.folder.join("other.json"));
    let mut process = command.spawn().unwrap();
    let prepared = || async { fs::read_to_string(&journal).is_ok_and(|text| text.contains("tx_hash")) };
    until("a transaction is prepared", prepared).await;
    let id = process.id().unwrap();
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{limit}");
    // Of what is not dumpable it is root's, so that no other process of the user reads it.
    assert_eq!(fs::metadata(format!("/proc/{id}/environ")).unwrap().uid(), 0);
    // The first SIGSEGV that no fault caused is taken by Rust's own handler, and two that come at once are one.
    let mut ended: Option<ExitStatus> = None;
    for _ in 0..60 {
        let sent = Command::new("kill").args([&format!("-{signal}"), &id.to_string()]).status().await.unwrap();
        assert!(sent.success());
        if let Ok(waited) = tokio::time::timeout(Duration::from_secs(1), process.wait()).await {
            ended = Some(waited.unwrap());
            break;
        }
    }
    let ended = ended.expect("the signal ends it");
    assert!(ended.signal().is_some() && !ended.core_dumped(), "{ended}");
}
