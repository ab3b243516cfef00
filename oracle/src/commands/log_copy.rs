//! `log-copy`: a log's copy, also of one that is written to.
//!
//! But for its checkpoint and its list of platforms, which are replaced whole, a log's files only come; those of tiles
//! that are not full go again some time after wider ones have taken their place. So the order is:
//!
//! 1. The checkpoint, and with it the tiles that are not full at its size. Where one of them is gone, the log has grown
//!    so far meanwhile that its newest checkpoint is taken instead.
//! 2. All else that readers use. What is there of records that came since, the checkpoint does not count.
//! 3. That checkpoint, and last `log.json`: a copy that was cut off has none, and is no log.
//! 4. The copy is read back, from its signatures down to every record.
//!
//! The journal is not copied, since what was acknowledged is in the files above, nor the index, which is made anew.
//! Whoever copies the files in another order gets a checkpoint that counts other records than the tiles beside it have.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use yieldset_oracle::{
    files::{self, Access, FileError},
    hex0x, readings,
    usage_log::{
        LogError, LogInfo, VerifiedLog,
        layout::{CHECKPOINT, partial_paths},
        note,
        verified::Pins,
    },
};

use super::{Failure, say_json};

/// How often a log that grows is begun with anew.
const ATTEMPTS: usize = 100;
/// What the writer alone has, and what is written last.
const NOT_READ: [&str; 5] = ["journal", "state", "lock", CHECKPOINT, "log.json"];

/// Arguments of `log-copy`.
#[derive(Debug, Args)]
pub struct LogCopyArgs {
    /// The log's folder.
    #[arg(long)]
    log_dir: PathBuf,
    /// The copy's folder, which is made.
    #[arg(long)]
    out: PathBuf,
}

/// Copies a log, and prints how far the copy is.
pub async fn copy(arguments: &LogCopyArgs) -> Result<(), Failure> {
    let LogCopyArgs { log_dir, out } = arguments;
    if files::is_there(out)? {
        return Err(format!(
            "{} is there already; name a new folder, since a copy takes no other's place",
            out.display()
        )
        .into());
    }
    // Made here and by nobody else, or not at all.
    let made = fs::create_dir(out).and_then(|()| Ok((fs::canonicalize(log_dir)?, fs::canonicalize(out)?)));
    let (log, copy) = made.map_err(FileError::io(out))?;
    let copied = match copy.starts_with(&log) {
        true => Err(format!("{} is inside the log: name a folder outside it", out.display()).into()),
        false => copy_to(log_dir, out).await,
    };
    if copied.is_err() {
        // Whole or not at all. What is there was made here.
        let _ = fs::remove_dir_all(out);
    }
    let log = copied?;
    say_json(&json!({
        "origin": log.info().origin,
        "records": log.size(),
        "root": hex0x(&log.checkpoint()?.root),
        "copy": out.display().to_string(),
    }))
}

async fn copy_to(from: &Path, to: &Path) -> Result<VerifiedLog, Failure> {
    let info = LogInfo::load(from)?;
    files::make_folder(to, Access::Private)?;
    let checkpoint = edge(from, to, &info)?;
    rest(from, to, true)?;
    write(&to.join(CHECKPOINT), &checkpoint)?;
    files::write_json(&to.join("log.json"), &info)?;
    Ok(VerifiedLog::read(to, Pins::default()).await?)
}

/// The checkpoint, with the tiles that are not full at its size already copied.
fn edge(from: &Path, to: &Path, info: &LogInfo) -> Result<Vec<u8>, Failure> {
    for _ in 0..ATTEMPTS {
        let bytes = files::read(&from.join(CHECKPOINT))?;
        let (_, checkpoint) = note::open(&bytes, info)?;
        let mut copied = Vec::new();
        let whole = partial_paths(checkpoint.size()).iter().try_for_each(|path| {
            let target = to.join(path);
            fs::create_dir_all(target.parent().unwrap_or(to))?;
            fs::copy(from.join(path), &target)?;
            copied.push(target);
            Ok::<_, io::Error>(())
        });
        match whole {
            Ok(()) => return Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                copied.iter().try_for_each(fs::remove_file).map_err(FileError::io(to))?;
            }
            Err(error) => return Err(FileError::io(from)(error).into()),
        }
    }
    let reason = format!("it grew each of {ATTEMPTS} times that it was looked at; copy it again when less comes in");
    Err(LogError::Damaged { what: from.display().to_string(), reason }.into())
}

/// What is there for good, and newer lists of the same.
fn rest(from: &Path, to: &Path, is_top: bool) -> Result<(), Failure> {
    for entry in fs::read_dir(from).map_err(FileError::io(from))? {
        let entry = entry.map_err(FileError::io(from))?;
        let (source, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let target = to.join(&name);
        let kind = entry.file_type().map_err(FileError::io(&source))?;
        // Drafts of files that are being written have this sign in their names.
        if is_top && NOT_READ.contains(&name.as_str()) || name.ends_with(".p") || name.contains('#') {
            continue;
        }
        if kind.is_dir() {
            fs::create_dir_all(&target).map_err(FileError::io(&target))?;
            rest(&source, &target, false)?;
        } else if is_top && name == readings::FILE {
            // It grows by whole lines, the last of which may be half there.
            let bytes = files::read(&source)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            write(&target, &bytes[..whole])?;
        } else if kind.is_file() {
            match fs::copy(&source, &target) {
                // A draft of another name. What is wanted and not there is noticed when the copy is read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                copied => drop(copied.map_err(FileError::io(&source))?),
            }
        }
    }
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), FileError> {
    files::write(file, bytes, Access::Published)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use yieldset_oracle::{
        keys,
        usage_log::{
            Batch, Log, Platform, WitnessKey,
            bounds::Bounds,
            witnesses::{Address, Witnesses},
        },
        witness::Witness,
    };
    use yieldset_rules::usage::{Evidence, InferenceCall, UsageRecord, Words};

    use super::*;

    const AT: u64 = 1_790_845_200_000;
    const ORIGIN: &str = "log.example/usage";

    /// A log in a folder, with one who writes to it.
    struct Written {
        folder: tempfile::TempDir,
        witness: Arc<Witness>,
        platform: ed25519_dalek::SigningKey,
    }

    impl Written {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("temporary folder");
            let key = |name: &str| keys::generate(&folder.path().join("keys").join(name)).expect("made");
            let (log, witness, platform) = (key("log"), key("witness"), key("platform"));
            let public = log.verifying_key().to_bytes();
            let memory = folder.path().join("memory");
            Witness::watch(&memory, ORIGIN, public).expect("watched");
            let witness = Arc::new(Witness::open("witness.example", witness, &memory).expect("opened"));
            let witnesses = vec![WitnessKey { name: "witness.example".into(), key: witness.public_key() }];
            let info = LogInfo { origin: ORIGIN.into(), log_key: public, witnesses, quorum: 1 };
            Log::create(&folder.path().join("log"), &info, &log).expect("made");
            Self { folder, witness, platform }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn platforms(&self) -> Vec<Platform> {
            let public_key = self.platform.verifying_key().to_bytes();
            vec![Platform { slug: "lumen".into(), public_key, models: vec!["lumen/1".into()] }]
        }

        async fn open(&self, dir: &Path, witness: &Arc<Witness>) -> Result<Log, LogError> {
            let key = keys::load(&self.at("keys/log")).expect("there");
            let witnesses = Witnesses::new(vec![Address::Here(Arc::clone(witness))]);
            Log::open(dir, self.platforms(), key, witnesses).await
        }

        async fn append(&self, log: &mut Log, number: usize) {
            let record = |n: usize| {
                let call = InferenceCall {
                    call_id: format!("{number}-{n}"),
                    model: "lumen/1".into(),
                    at_ms: AT,
                    input_tokens: 1,
                    output_tokens: 1,
                    declared_use: "chat".into(),
                    output_hash: [0; 32],
                    evidence: Evidence::Words(Words::default()),
                };
                UsageRecord::InferenceCall(call).to_bytes()
            };
            let records = (0..1 + number % 7).map(record).collect();
            let batch = Batch::sign("lumen", &number.to_string(), records, &self.platform);
            let checked = batch.check(&self.platforms(), &Bounds::default(), AT).expect("good");
            log.append(vec![checked]).await.expect("appended")[0].as_ref().expect("accepted");
        }
    }

    /// Proves ATT-3 of a copy: whatever is written meanwhile, through full tiles and through flushes that delete what
    /// was not full, each copy is a whole log, no shorter than the one before; and it can be written to, by a witness
    /// that has not seen more.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_log_is_copied_while_it_is_written_to() {
        let written = Arc::new(Written::new());
        let log = written.open(&written.at("log"), &written.witness).await.expect("opened");
        let (stop, writer) = (Arc::new(AtomicBool::new(false)), Arc::clone(&written));
        let stopped = Arc::clone(&stop);
        let writing = tokio::spawn(async move {
            let (mut log, mut number) = (log, 0);
            while number < 200 || number < 2_000 && !stopped.load(Ordering::Relaxed) {
                writer.append(&mut log, number).await;
                number += 1;
            }
            log.close().await.expect("closed");
        });
        let mut size = 0;
        for round in 0..10 {
            let out = written.at(&format!("copy-{round}"));
            let copied = copy_to(&written.at("log"), &out).await.expect("copied");
            assert!(copied.size() >= size, "round {round}");
            size = copied.size();
            assert!(!out.join("journal").exists() && !out.join("state").exists() && !out.join("lock").exists());
        }
        stop.store(true, Ordering::Relaxed);
        writing.await.expect("written");
        let last = copy_to(&written.at("log"), &written.at("last")).await.expect("copied").size();
        let whole = VerifiedLog::read(&written.at("log"), Pins::default()).await.expect("whole").size();
        assert!(last == whole && whole > 512, "{last} of {whole}");
        for copied in ["copy-0", "copy-9", "last"] {
            let memory = written.at(&format!("memory-of-{copied}"));
            let info = LogInfo::load(&written.at("log")).expect("there");
            Witness::watch(&memory, ORIGIN, info.log_key).expect("watched");
            let key = keys::load(&written.at("keys/witness")).expect("there");
            let witness = Arc::new(Witness::open("witness.example", key, &memory).expect("opened"));
            let mut log = written.open(&written.at(copied), &witness).await.expect("opened");
            written.append(&mut log, 1_000_000).await;
            log.close().await.expect("closed");
        }
    }

    /// A copy takes nothing's place, and where there is no log there is no copy.
    #[tokio::test]
    async fn a_copy_is_a_new_folder() {
        let written = Written::new();
        let arguments = |log_dir: &str, out: &str| LogCopyArgs { log_dir: written.at(log_dir), out: written.at(out) };
        let error = copy(&arguments("log", "keys")).await.expect_err("it is there").to_string();
        assert!(error.contains("name a new folder") && written.at("keys/log").exists(), "{error}");
        let error = copy(&arguments("keys", "new")).await.expect_err("no log").to_string();
        assert!(error.contains("log-init") && !written.at("new").exists(), "{error}");
        // One inside the log would copy itself.
        let error = copy(&arguments("log", "log/copy")).await.expect_err("inside").to_string();
        assert!(error.contains("inside the log") && !written.at("log/copy").exists(), "{error}");
    }
}
