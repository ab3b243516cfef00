//! What the usage log takes: records appended durably in a second, beside what the disk flushes; how long opening it
//! takes, and with how much memory; the same of a reader who checks everything; proofs in a second.
//!
//! `cargo bench -p yieldset-oracle --bench log -- 46600 1000000` prints a line of JSON for each number of records. Its
//! files are in the folder for temporary files, a kilobyte a record. `-- grow DIR 46600` keeps them, so that another
//! program can be asked for proofs of the same records, and `-- open DIR` proves.

use std::{
    io::Write,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use ed25519_dalek::SigningKey;
use serde_json::json;
use yieldset_oracle::{
    usage_log::{
        Batch, CheckedBatch, Log, LogInfo, Platform, VerifiedLog, WitnessKey,
        bounds::Bounds,
        tiles::Tree,
        verified::Pins,
        witnesses::{Address, Witnesses},
    },
    witness::Witness,
};
use yieldset_rules::usage::{
    EMBEDDING_DIMENSIONS, Evidence, InferenceCall, PASSAGE_ONE, Passage, RUN_WORDS, UsageRecord, Words,
};

/// Records of a batch, and batches that wait together.
const BATCH: usize = 100;
const GROUP: usize = 64;
const ORIGIN: &str = "log.example/usage";
/// Proofs that are timed.
const PROOFS: u64 = 2_000;

type Failure = Box<dyn std::error::Error>;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn platforms() -> Vec<Platform> {
    let public_key = key(3).verifying_key().to_bytes();
    vec![Platform { slug: "lumen".into(), public_key, models: vec!["lumen/lumen-1".into()] }]
}

/// Words of a call: what a paragraph has.
const WORDS: u32 = 80;

/// A call of one passage.
fn record(n: usize) -> Vec<u8> {
    let mut embedding = vec![0; EMBEDDING_DIMENSIONS];
    embedding[n % EMBEDDING_DIMENSIONS] = PASSAGE_ONE;
    let runs = (0..=u64::from(WORDS) - RUN_WORDS as u64).map(|at| (n as u64) << 8 | at).collect();
    let keywords = (0..WORDS as u16 / 3).collect();
    let passages = vec![Passage { start: 0, words: WORDS, embedding, keywords }];
    UsageRecord::InferenceCall(InferenceCall {
        call_id: format!("call-{n}"),
        model: "lumen/lumen-1".into(),
        at_ms: 1_790_845_200_000,
        input_tokens: 100,
        output_tokens: 100,
        declared_use: "chat".into(),
        output_hash: [0; 32],
        evidence: Evidence::Words(Words { count: WORDS, runs, passages }),
    })
    .to_bytes()
}

fn batches(from: usize, to: usize) -> Result<Vec<CheckedBatch>, Failure> {
    let (platforms, bounds, key) = (platforms(), Bounds::default(), key(3));
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let batch = |from: usize| {
        let records = (from..to.min(from + BATCH)).map(record).collect();
        Ok(Batch::sign("lumen", &format!("batch-{from}"), records, &key).check(&platforms, &bounds, now)?)
    };
    (from..to).step_by(BATCH).map(batch).collect()
}

async fn open(dir: &Path) -> Result<Log, Failure> {
    let witness = Arc::new(Witness::open("witness.example", key(2), &dir.join("witness"))?);
    Ok(Log::open(&dir.join("log"), platforms(), key(1), Witnesses::new(vec![Address::Here(witness)])).await?)
}

/// Seconds that something took.
async fn timed<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<(f64, T), Failure> {
    let began = Instant::now();
    let done = work.await?;
    Ok((began.elapsed().as_secs_f64(), done))
}

/// The process's most memory so far, in MB.
fn peak() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1_024)
}

/// Flushes of a file of a group's size in a second: what the disk lets through.
fn flushes(dir: &Path, bytes: usize) -> Result<f64, Failure> {
    let content = vec![7; bytes];
    let began = Instant::now();
    for n in 0..20 {
        let mut file = std::fs::File::create(dir.join(format!("flush-{n}")))?;
        file.write_all(&content)?;
        file.sync_all()?;
    }
    Ok(20.0 / began.elapsed().as_secs_f64())
}

/// In a process of its own, so that its memory is its own.
fn apart(what: &str, dir: &Path) -> Result<serde_json::Value, Failure> {
    let output = Command::new(std::env::current_exe()?).arg(what).arg(dir).output()?;
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout)?),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// Makes a log of so many records.
async fn grow(dir: &Path, records: usize) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
    let log_key = key(1).verifying_key().to_bytes();
    Witness::watch(&dir.join("witness"), ORIGIN, log_key)?;
    let witness = WitnessKey { name: "witness.example".into(), key: key(2).verifying_key().to_bytes() };
    let info = LogInfo { origin: ORIGIN.into(), log_key, witnesses: vec![witness], quorum: 1 };
    Log::create(&dir.join("log"), &info, &key(1))?;
    let mut log = open(dir).await?;
    let (mut checking, mut appending) = (0.0, 0.0);
    for from in (0..records).step_by(BATCH * GROUP) {
        let (seconds, group) = timed(async { batches(from, records.min(from + BATCH * GROUP)) }).await?;
        checking += seconds;
        let (seconds, answers) = timed(async { Ok(log.append(group).await?) }).await?;
        answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        appending += seconds;
    }
    let (closing, ()) = timed(async { Ok(log.close().await?) }).await?;
    let (groups, flushes) = (records.div_ceil(BATCH * GROUP), flushes(dir, record(0).len() * BATCH * GROUP)?);
    let said = json!({
        "records": records,
        "append_per_second": (records as f64 / (appending + closing)).round(),
        "sign_and_check_per_second": (records as f64 / checking).round(),
        "groups_per_second": groups as f64 / (appending + closing),
        "flushes_per_second_of_a_groups_bytes": flushes,
        "records_per_second_if_only_flushed": (records as f64 * flushes / groups as f64).round(),
        "peak_mb_with_a_group_in_memory": peak()?,
    });
    Ok(said.as_object().cloned().unwrap_or_default())
}

async fn measure(records: usize) -> Result<serde_json::Value, Failure> {
    let folder = tempfile::tempdir()?;
    let dir = folder.path();
    let mut said = grow(dir, records).await?;
    said.insert("open".into(), apart("open", dir)?);
    std::fs::remove_file(dir.join("log/state/index.redb"))?;
    said.insert("open_without_index".into(), apart("open", dir)?);
    said.insert("verify".into(), apart("verify", dir)?);
    Ok(said.into())
}

/// Proofs in a second of records all over the log.
fn proving(tree: &Tree) -> Result<f64, Failure> {
    let (began, size) = (Instant::now(), tree.size());
    (0..PROOFS).try_for_each(|n| tree.prove(n * 7_919 % size).map(|_| ()))?;
    Ok((PROOFS as f64 / began.elapsed().as_secs_f64()).round())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let said = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["open", dir] => {
            let (seconds, log) = timed(open(Path::new(dir))).await?;
            let now = log.tree().now();
            // First from the files, then also from memory.
            let (first, again) = (proving(&now.tree)?, proving(&now.tree)?);
            vec![json!({
                "seconds": seconds,
                "peak_mb": peak()?,
                "root": hex::encode(now.tree.root().0),
                "first_proofs_per_second": first,
                "proofs_per_second": again,
            })]
        }
        ["grow", dir, count] => {
            std::fs::create_dir_all(dir)?;
            vec![grow(Path::new(dir), count.parse()?).await?.into()]
        }
        ["verify", dir] => {
            let log = Path::new(dir).join("log");
            let (seconds, _) = timed(async { Ok(VerifiedLog::read(&log, Pins::default()).await?) }).await?;
            vec![json!({ "seconds": seconds, "peak_mb": peak()? })]
        }
        ref counts => {
            let mut lines = Vec::new();
            for count in counts {
                lines.push(measure(count.parse()?).await?);
            }
            lines
        }
    };
    said.iter().for_each(|line| println!("{line}"));
    Ok(())
}
