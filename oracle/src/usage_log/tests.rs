use std::{fs, path::Path};

use proptest::prelude::*;
use tlog_tiles::{Hash, check_record, check_tree, record_hash};

use super::*;
use crate::testing::{Fixture, MODEL, call, call_with, unit};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime")
}

/// Every file below a folder that readers use.
fn published(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).expect("listed") {
        let path = entry.expect("entry").path();
        match path.is_dir() {
            true => published(&path, found),
            false if path.file_name().is_some_and(|name| name != "lock") => found.push(path),
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
        states.push(log.tree().read().expect("lock").size);
    }
    let verified = fixture.read().await.expect("verified while it is open");
    let tree = log.tree();
    let tree = tree.read().expect("lock");
    assert_eq!(verified.leaves().len(), 558);
    assert_eq!(id_of(&verified.leaves()[300].record), "b3-44");
    assert_eq!(verified.leaves()[300].platform, "lumen");
    let checkpoint = verified.checkpoint().expect("checkpoint");
    assert_eq!((checkpoint.size, checkpoint.root), (558, tree.root));
    for leaf in [0, 255, 256, 511, 557] {
        let proof = verified.prove(leaf).expect("proof").into_iter().map(Hash).collect();
        let record = verified.leaves()[leaf as usize].record.to_bytes();
        check_record(&proof, 558, Hash(tree.root), leaf, record_hash(&record)).expect("included");
        assert!(check_record(&proof, 558, Hash(tree.root), leaf, record_hash(b"other")).is_err());
    }
    for pair in states.windows(2) {
        let older = Hash(verified.checkpoint_at(pair[0]).expect("earlier").root);
        let newer = Hash(verified.checkpoint_at(pair[1]).expect("later").root);
        let proof = tree.hashes.prove_from(pair[1], pair[0]).expect("proof");
        check_tree(&proof, pair[1], newer, pair[0], older).expect("consistent");
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
    assert_eq!(fixture.read().await.expect("verified").leaves().len(), 4);
}

#[tokio::test]
async fn two_writers_cannot_have_one_log_and_keys_must_be_its_own() {
    let fixture = Fixture::new().await;
    let log = fixture.open().await;
    assert!(matches!(fixture.try_open().await, Err(LogError::Locked { .. })));
    drop(log);
    let other = || SigningKey::from_bytes(&[9; 32]);
    let open = async |log, witness| Log::open(&fixture.dir(), vec![], log, witness, Path::new("w")).await.err();
    assert!(matches!(open(other(), other()).await, Some(LogError::WrongKey { whose: "log", .. })));
    let own = SigningKey::from_bytes(&[1; 32]);
    assert!(matches!(open(own, other()).await, Some(LogError::WrongKey { whose: "witness", .. })));
    let pins = verified::Pins { log: Some([9; 32]), witness: None };
    let read = VerifiedLog::read(&fixture.dir(), pins).await.expect_err("another log");
    assert!(matches!(read, LogError::UnexpectedKey { whose: "log", .. }));
    let create = async |origin: &str| {
        Log::create(&fixture.dir(), origin, &other(), other(), &fixture.witness_file()).await.expect_err("refused")
    };
    assert!(matches!(create("has space").await, LogError::Origin(_)));
    assert!(matches!(create("log.example/usage").await, LogError::Exists { .. }));
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
    *store.fuse.lock().expect("lock") = Some(writes);
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
    assert_eq!(verified.leaves().len(), 260, "after {writes} writes");
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
        *store.fuse.lock().expect("lock") = Some(writes);
        let settled = log.close().await.is_ok();
        store.lose_power(true);
        fixture.open().await.close().await.expect("closed");
        assert_eq!(fixture.read().await.expect("verified").leaves().len(), 300);
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
    assert_eq!(fixture.read().await.expect("verified").leaves().len(), 2);
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
    let longer = fixture.folder.path().join("longer");
    fs::rename(fixture.dir(), &longer).expect("moved");
    fs::rename(&copied, fixture.dir()).expect("rolled back");
    let error = fixture.try_open().await.expect_err("rolled back");
    assert!(matches!(error, LogError::Witness(WitnessError::Shrunk { size: 3, last: 5, .. })), "{error}");
    // Another face of the same length, and one that is longer.
    for more in [2, 4] {
        let seen = fs::read_dir(fixture.folder.path()).expect("listed").map(|entry| entry.expect("entry").path());
        let memory = seen.into_iter().find(|path| path.extension().is_some_and(|end| end == "json")).expect("memory");
        let remembered = fs::read(&memory).expect("read");
        let base = fixture.folder.path().join(format!("base-{more}"));
        copy(&fixture.dir(), &base);
        // The witness forgets for a moment, as a second witness would never have seen the first face.
        fs::remove_file(&memory).expect("forgotten");
        let mut log = fixture.open().await;
        fixture.append(&mut log, "other", more).await;
        log.close().await.expect("closed");
        fs::write(&memory, remembered).expect("remembered");
        let error = fixture.try_open().await.expect_err("two faces");
        assert!(matches!(error, LogError::Witness(WitnessError::TwoFaces { last: 5, .. })), "{error}");
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
        fs::write(&file, bytes).expect("restored");
    }
    assert_eq!(fixture.read().await.expect("restored").leaves().len(), 260);
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
    let refused = |batch: Batch| batch.check(&fixture.platforms).expect_err("bad");
    assert!(fixture.batch("b", good()).check(&fixture.platforms).is_ok());
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
                *store.fuse.lock().expect("lock") = crash;
                if log.append(group()).await.is_err() {
                    drop(log);
                    if power {
                        store.lose_power(step % 2 == 0);
                    }
                    log = fixture.open().await;
                }
                *log.store().fuse.lock().expect("lock") = None;
                for answer in log.append(group()).await.expect("appended") {
                    let receipt = answer.expect("accepted");
                    assert_eq!(receipt.first_leaf, expected);
                    expected += receipt.records;
                }
                if step % 3 == 0 {
                    log.close().await.expect("closed");
                }
            }
            assert_eq!(fixture.read().await.expect("verified").leaves().len() as u64, expected);
        });
    }
}
