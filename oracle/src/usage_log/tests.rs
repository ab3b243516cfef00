mod faults;
mod forged;
mod keys;
mod pruned;
mod state;

use std::{fs, path::Path, sync::Arc};

use proptest::prelude::*;
use tlog_tiles::{Hash, check_record, check_tree, record_hash};

use ed25519_dalek::SigningKey;

use super::{
    bounds::Bounds,
    verified::Leaf,
    witnesses::{Address, Witnesses},
    *,
};
use crate::{
    testing::{Fixture, IN_PERIOD, MODEL, ORIGIN, call, call_with, key, unit},
    witness::Witness,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime")
}

/// Every file below a folder that readers use.
fn published(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).expect("listed") {
        let path = entry.expect("entry").path();
        match path.is_dir() {
            true => published(&path, found),
            false if path.file_name().is_some_and(|name| name != "lock" && name != "index.redb") => found.push(path),
            false => {}
        }
    }
}

/// Proves ATT-3: whatever was logged comes back in order, every record can be proven to be in the log from the
/// checkpoint alone, and each state of the log continues the one before.
#[tokio::test]
async fn what_is_logged_comes_back_and_can_be_proven() {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    let mut states = Vec::new();
    for (batch, count) in [1, 254, 1, 300, 2].into_iter().enumerate() {
        fixture.append(&mut log, &format!("b{batch}"), count).await;
        states.push(log.tree().now().tree.size());
    }
    let verified = fixture.read().await.expect("verified while it is open");
    let tree = &log.tree().now().tree;
    let leaves: Vec<Leaf> = verified.leaves().collect::<Result<_, _>>().expect("all");
    assert_eq!(verified.size(), 558);
    assert_eq!((leaves.len(), id_of(&leaves[300].record)), (558, "b3-44"));
    assert_eq!(leaves[300].platform, "lumen");
    let checkpoint = verified.checkpoint().expect("checkpoint");
    assert_eq!((checkpoint.size, checkpoint.root), (558, tree.root().0));
    for leaf in [0, 255, 256, 511, 557] {
        let proof = verified.prove(leaf).expect("proof").into_iter().map(Hash).collect();
        let record = leaves[leaf as usize].record.to_bytes();
        check_record(&proof, 558, tree.root(), leaf, record_hash(&record)).expect("included");
        assert!(check_record(&proof, 558, tree.root(), leaf, record_hash(b"other")).is_err());
    }
    for pair in states.windows(2) {
        let older = Hash(verified.checkpoint_at(pair[0]).expect("earlier").root);
        let newer = Hash(verified.checkpoint_at(pair[1]).expect("later").root);
        if pair[1] == 558 {
            check_tree(&tree.prove_from(pair[0]).expect("proof"), 558, newer, pair[0], older).expect("consistent");
        }
    }
    assert!(verified.prove(558).is_err() && verified.checkpoint_at(559).is_err());
}

/// Bad input "replayed batch": the same batch has the same answer and counts once; its id with other content is a
/// conflict; so is a call id that was used. Within one group as well as across groups and restarts.
#[tokio::test]
async fn a_batch_counts_once() {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    let batch = |id: &str, calls: &[&str]| fixture.checked(id, calls.iter().map(|id| call(id).to_bytes()).collect());
    let group = vec![
        batch("a", &["1", "2"]),
        batch("a", &["1", "2"]),
        batch("a", &["9"]),
        batch("b", &["2"]),
        batch("c", &["3"]),
    ];
    let first = log.append(group).await.expect("appended");
    let receipt = first[0].clone().expect("new");
    assert_eq!((receipt.first_leaf, receipt.records, receipt.tree_size), (0, 2, 3));
    assert_eq!(first[1], Ok(receipt.clone()));
    assert!(matches!(&first[2], Err(BatchError::Conflict { batch_id, .. }) if batch_id == "a"));
    assert!(matches!(&first[3], Err(BatchError::DuplicateId { index: 0, id, .. }) if id == "2"));
    assert_eq!(first[4].clone().expect("new").first_leaf, 2);
    log.close().await.expect("closed");
    let mut log = fixture.open().await;
    let group = vec![batch("a", &["1", "2"]), batch("a", &["2", "1"]), batch("d", &["3"]), batch("b", &["4"])];
    let again = log.append(group).await.expect("appended");
    assert_eq!(again[0], Ok(receipt));
    assert!(matches!(again[1], Err(BatchError::Conflict { .. })));
    assert!(matches!(again[2], Err(BatchError::DuplicateId { .. })));
    assert_eq!(again[3].clone().expect("new").first_leaf, 3);
    assert_eq!(fixture.read().await.expect("verified").size(), 4);
}

#[tokio::test]
async fn two_writers_cannot_have_one_log_and_keys_must_be_its_own() {
    let fixture = Fixture::new().await;
    let log = fixture.open().await;
    assert!(matches!(fixture.try_open().await, Err(LogError::Locked { .. })));
    drop(log);
    let opened = Log::open(&fixture.dir(), vec![], key(9), fixture.witnesses()).await;
    assert!(matches!(opened, Err(LogError::WrongKey { .. })));
    let read = async |log, witness| VerifiedLog::read(&fixture.dir(), verified::Pins { log, witness }).await;
    assert!(matches!(read(Some([9; 32]), None).await, Err(LogError::UnexpectedKey { .. })));
    assert!(matches!(read(None, Some([9; 32])).await, Err(LogError::NotWitnessed(_))));
    let info = fixture.info();
    assert!(read(Some(info.log_key), Some(info.witnesses[0].key)).await.is_ok());
    let create = |info: LogInfo| Log::create(&fixture.dir(), &info, &key(1)).expect_err("refused");
    assert!(matches!(create(LogInfo { origin: "has space".into(), ..info.clone() }), LogError::Origin(_)));
    assert!(matches!(create(info.clone()), LogError::Exists { .. }));
    assert!(matches!(create(LogInfo { log_key: [3; 32], ..info.clone() }), LogError::WrongKey { .. }));
    // No witness, more that must cosign than there are, the log itself, the same one twice.
    let with = |keys: &[[u8; 32]], quorum| LogInfo {
        witnesses: keys.iter().map(|key| WitnessKey { name: "w".into(), key: *key }).collect(),
        quorum,
        ..info.clone()
    };
    let one = info.witnesses[0].key;
    for wrong in [with(&[], 0), with(&[one], 0), with(&[one], 2), with(&[info.log_key], 1), with(&[one, one], 1)] {
        assert!(matches!(create(wrong), LogError::Witnesses(_)));
    }
    let empty = Fixture::without_log();
    assert!(matches!(empty.read().await, Err(LogError::Missing { .. })));
    assert!(matches!(empty.try_open().await, Err(LogError::Missing { .. })));
}

/// What is left when the writer is killed after its n-th write, and perhaps the power with it.
async fn crash_after(writes: usize, power: Option<bool>) -> bool {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    fixture.append(&mut log, "acknowledged", 255).await;
    let store = log.store();
    store.faults.lock().expect("lock").after = Some(writes);
    let records = || (0..3).map(|n| call(&format!("new-{n}")).to_bytes()).collect();
    let appended = log.append(vec![fixture.checked("new", records())]).await;
    let finished = appended.is_ok();
    if let Err(error) = &appended {
        let again = log.append(vec![fixture.checked("new", records())]).await.expect_err("burnt");
        match writes {
            0 => assert!(matches!((error, again), (LogError::Store(_), LogError::Store(_)))),
            _ => assert!(matches!((error, again), (LogError::Stopped(_), LogError::Stopped(_)))),
        }
    }
    drop(log);
    if let Some(truncate) = power {
        store.lose_power(truncate);
    }
    let mut log = fixture.open().await;
    let answer = log.append(vec![fixture.checked("new", records())]).await.expect("appended");
    let receipt = answer[0].as_ref().expect("accepted");
    assert_eq!((receipt.first_leaf, receipt.records, receipt.tree_size), (255, 3, 258), "after {writes} writes");
    fixture.append(&mut log, "later", 2).await;
    log.close().await.expect("closed");
    let verified = fixture.read().await.expect("verified");
    assert_eq!(verified.size(), 260, "after {writes} writes");
    assert_eq!(fs::read_dir(fixture.dir().join("journal")).expect("listed").count(), 0);
    finished
}

/// Proves that a crash between any two writes, with or without loss of what was not flushed, loses no acknowledged
/// record and repeats none: the same batch afterwards has the same leaves.
#[tokio::test]
async fn a_crash_at_any_write_is_harmless() {
    for power in [None, Some(false), Some(true)] {
        let mut writes = 0;
        while !crash_after(writes, power).await {
            writes += 1;
        }
        assert!(writes >= 6, "journal, entries, tiles, batch, checkpoint: only {writes} writes were tried");
    }
}

/// As above for the flush that ends a series of groups.
#[tokio::test]
async fn a_crash_while_settling_is_harmless() {
    for writes in 0..80 {
        let fixture = Fixture::new().await;
        let mut log = fixture.open().await;
        for n in 0..5 {
            fixture.append(&mut log, &format!("b{n}"), 60).await;
        }
        let store = log.store();
        store.faults.lock().expect("lock").after = Some(writes);
        let settled = log.close().await.is_ok();
        store.lose_power(true);
        fixture.open().await.close().await.expect("closed");
        assert_eq!(fixture.read().await.expect("verified").size(), 300);
        if settled {
            return;
        }
    }
    panic!("never settled");
}

/// The half-written draft of a journal is no journal; a journal that is there but unreadable may hold acknowledged
/// records, so it stops the log.
#[tokio::test]
async fn half_a_draft_is_ignored_and_a_damaged_journal_is_not() {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    fixture.append(&mut log, "a", 2).await;
    drop(log);
    let journal = fixture.dir().join(layout::journal_path(0));
    let whole = fs::read(&journal).expect("there until it is settled");
    fs::write(fixture.dir().join("journal/00000000000000000002#1"), &whole[..40]).expect("half a draft");
    fs::write(&journal, &whole[..whole.len() / 2]).expect("damaged");
    assert!(matches!(fixture.try_open().await, Err(LogError::Damaged { what, .. }) if what.starts_with("journal/")));
    fs::write(&journal, whole).expect("restored");
    fixture.open().await.close().await.expect("closed");
    assert_eq!(fs::read_dir(fixture.dir().join("journal")).expect("listed").count(), 0, "the draft is swept up");
    assert_eq!(fixture.read().await.expect("verified").size(), 2);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("listed") {
        let path = entry.expect("entry").path();
        let target = to.join(path.file_name().expect("name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).expect("copied")),
        }
    }
}

/// Proves ATT-3's append-only: a log put back to an older state, or continued in two ways, is refused by its witness.
/// Its memory is none of the log's: who has the log's key and files has no way to it.
#[tokio::test]
async fn a_log_with_two_faces_is_refused() {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    fixture.append(&mut log, "a", 3).await;
    log.close().await.expect("closed");
    let copied = fixture.folder.path().join("copy");
    copy(&fixture.dir(), &copied);
    let mut log = fixture.open().await;
    fixture.append(&mut log, "b", 2).await;
    log.close().await.expect("closed");
    fs::rename(fixture.dir(), fixture.folder.path().join("longer")).expect("moved");
    fs::rename(&copied, fixture.dir()).expect("rolled back");
    let refused = |error: &LogError, wanted: &str| match error {
        LogError::Witness(WitnessError::Shrunk { size: 3, last: 5, .. }) => wanted == "shrunk",
        LogError::Witness(WitnessError::TwoFaces { last: 5, .. }) => wanted == "two faces",
        _ => false,
    };
    let error = fixture.try_open().await.expect_err("rolled back");
    assert!(refused(&error, "shrunk"), "{error}");
    // Another face of the same length, and one that is longer: with a witness of the forger's own it gets that far.
    for more in [2, 4] {
        let base = fixture.folder.path().join(format!("base-{more}"));
        copy(&fixture.dir(), &base);
        let memory = fixture.folder.path().join(format!("forgers-{more}"));
        Witness::watch(&memory, ORIGIN, fixture.info().log_key).expect("watched");
        let forgers = Arc::new(Witness::open("witness.example", key(2), &memory).expect("opened"));
        let witnesses = Witnesses::new(vec![Address::Here(forgers)]);
        let mut log = Log::open(&fixture.dir(), fixture.platforms.clone(), key(1), witnesses).await.expect("opened");
        fixture.append(&mut log, "other", more).await;
        log.close().await.expect("closed");
        let error = fixture.try_open().await.expect_err("two faces");
        assert!(refused(&error, "two faces"), "{error}");
        fs::remove_dir_all(fixture.dir()).expect("removed");
        fs::rename(&base, fixture.dir()).expect("back");
    }
}

/// Proves ATT-3's tamper evidence: one changed byte anywhere in what is published is found, and the error names where.
#[tokio::test]
async fn one_changed_byte_anywhere_is_found() {
    let mut fixture = Fixture::new().await;
    // Nothing is signed by the other one.
    fixture.platforms.truncate(1);
    let mut log = fixture.open().await;
    fixture.append(&mut log, "a", 257).await;
    fixture.append(&mut log, "b", 3).await;
    log.close().await.expect("closed");
    let mut files = Vec::new();
    published(&fixture.dir(), &mut files);
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        let bytes = fs::read(&file).expect("read");
        for at in [0, bytes.len() / 3, bytes.len() - 2] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&file, &changed).expect("changed");
            assert!(fixture.read().await.is_err(), "byte {at} of {}", file.display());
        }
        fs::remove_file(&file).expect("removed");
        assert!(fixture.read().await.is_err(), "without {}", file.display());
        // Before, a device without an end was read until memory was.
        std::os::unix::fs::symlink("/dev/zero", &file).expect("linked");
        assert!(fixture.read().await.is_err(), "a device as {}", file.display());
        fs::remove_file(&file).expect("removed");
        fs::write(&file, bytes).expect("restored");
    }
    assert_eq!(fixture.read().await.expect("restored").size(), 260);
    let tile = fixture.dir().join("tile/0/000");
    let mut bytes = fs::read(&tile).expect("read");
    bytes[32 * 7] ^= 1;
    fs::write(&tile, bytes).expect("changed");
    let error = fixture.read().await.expect_err("changed").to_string();
    assert!(error.contains("tile/0/000") && error.contains("leaf 7"), "{error}");
}

/// Bad input: unknown platform, wrong signature, foreign model, bad record by its index, no or too many records.
#[test]
fn a_bad_batch_is_refused_by_name() {
    let fixture = Fixture::without_log();
    let good = || vec![call("1").to_bytes(), call("2").to_bytes()];
    let refused = |batch: Batch| batch.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect_err("bad");
    assert!(fixture.batch("b", good()).check(&fixture.platforms, &Bounds::default(), IN_PERIOD).is_ok());
    let stranger = Batch { platform: "stranger".into(), ..fixture.batch("b", good()) };
    assert_eq!(refused(stranger), BatchError::UnknownPlatform("stranger".into()));
    let forged = Batch::sign("lumen", "b", good(), &SigningKey::from_bytes(&[7; 32]));
    assert!(
        matches!(&refused(forged), error @ BatchError::WrongSignature { .. } if error.to_string().contains("signature"))
    );
    let moved = Batch { batch_id: "c".into(), ..fixture.batch("b", good()) };
    assert_eq!(refused(moved).code(), "wrong-signature");
    let mut reordered = fixture.batch("b", good());
    reordered.records.reverse();
    assert_eq!(refused(reordered).code(), "wrong-signature");
    assert_eq!(refused(fixture.batch("b", vec![])), BatchError::RecordCount(0));
    assert_eq!(refused(fixture.batch("b", vec![vec![]; MAX_BATCH_RECORDS + 1])), BatchError::RecordCount(1_001));
    assert_eq!(refused(fixture.batch("", good())), BatchError::BadBatchId(0));
    assert!(matches!(
        refused(fixture.batch("b", vec![call("1").to_bytes(), b"x".to_vec()])),
        BatchError::BadRecord { index: 1, .. }
    ));
    let twice = fixture.batch("b", vec![call("1").to_bytes(), call("1").to_bytes()]);
    assert!(matches!(refused(twice), BatchError::DuplicateId { index: 1, .. }));
    let mut foreign = call_with("1", 1, 1, unit(0, 1_000_000), "");
    let UsageRecord::InferenceCall(inner) = &mut foreign else { unreachable!("a call") };
    inner.model = "other/1".into();
    let foreign = fixture.batch("b", vec![foreign.to_bytes()]);
    assert!(matches!(refused(foreign), BatchError::ForeignModel { index: 0, model, .. } if model == "other/1"));
}

/// Bad input: a platforms list with a doubled name, a doubled model or something that is no key.
#[test]
fn platforms_must_not_overlap() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("platforms.json");
    let key = hex::encode(SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes());
    let load = |json: String| {
        fs::write(&file, json).expect("written");
        load_platforms(&file)
    };
    let one = |slug: &str, model: &str, key: &str| {
        format!(r#"{{"slug":"{slug}","public_key":"{key}","models":["{model}"]}}"#)
    };
    assert_eq!(load(format!("[{}]", one("lumen", MODEL, &key))).expect("good").len(), 1);
    for (second, word) in [
        (one("lumen", "x", &key), "twice"),
        (one("other", MODEL, &key), "twice"),
        (one("", "x", &key), "bytes"),
        // Not on the curve.
        (one("other", "x", &format!("02{}", "00".repeat(31))), "ed25519"),
        (one("other", "x", "12"), "32 bytes"),
    ] {
        let error = load(format!("[{},{second}]", one("lumen", MODEL, &key))).expect_err("bad").to_string();
        assert!(error.contains(word), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is sent, in whatever groups, with crashes anywhere in between: the log holds each accepted batch once,
    /// in the order of the answers, and verifies.
    #[test]
    fn random_histories_with_crashes_verify(steps in prop::collection::vec((1usize..4, 1usize..90, prop::option::of(0usize..12), any::<bool>()), 1..8)) {
        runtime().block_on(async {
            let fixture = Fixture::new().await;
            let mut expected = 0;
            for (step, (batches, records, crash, power)) in steps.into_iter().enumerate() {
                let group = || (0..batches).map(|batch| {
                    let id = format!("{step}-{batch}");
                    fixture.checked(&id, (0..records).map(|n| call(&format!("{id}-{n}")).to_bytes()).collect())
                }).collect::<Vec<_>>();
                let mut log = fixture.open().await;
                let store = log.store();
                store.faults.lock().expect("lock").after = crash;
                if log.append(group()).await.is_err() {
                    drop(log);
                    if power {
                        store.lose_power(step % 2 == 0);
                    }
                    log = fixture.open().await;
                }
                log.store().faults.lock().expect("lock").after = None;
                for answer in log.append(group()).await.expect("appended") {
                    let receipt = answer.expect("accepted");
                    assert_eq!(receipt.first_leaf, expected);
                    expected += receipt.records;
                }
                if step % 3 == 0 {
                    log.close().await.expect("closed");
                }
            }
            assert_eq!(fixture.read().await.expect("verified").size(), expected);
        });
    }
}
