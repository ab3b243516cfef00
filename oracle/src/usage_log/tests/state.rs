//! What the log keeps beside its public files: read no more than is needed, believed no more than it fits.

use super::{faults::assert_clean, *};

/// A log of three batches, 601 records, closed.
async fn logged() -> Fixture {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    for (id, count) in [("a", 256), ("b", 300), ("c", 45)] {
        fixture.append(&mut log, id, count).await;
    }
    log.close().await.expect("closed");
    fixture
}

/// The log still knows each batch and each id, and takes what is new.
async fn assert_knows_all(fixture: &Fixture, what: &str) {
    let mut log = fixture.try_open().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let size = log.tree().now().tree.size();
    let records = |id: &str, count| (0..count).map(|n| call(&format!("{id}-{n}")).to_bytes()).collect::<Vec<_>>();
    let group = vec![
        fixture.checked("b", records("b", 300)),
        fixture.checked("other", records("a", 1)),
        fixture.checked("another", vec![call("c-44").to_bytes()]),
        fixture.checked(&format!("new-{size}"), vec![call(&format!("new-{size}")).to_bytes()]),
    ];
    let answers = log.append(group).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(answers[0].as_ref().expect("there").first_leaf, 256, "{what}");
    for answer in &answers[1..3] {
        assert!(matches!(answer, Err(BatchError::DuplicateId { index: 0, .. })), "{what}: {answer:?}");
    }
    assert_eq!(answers[3].as_ref().expect("new").first_leaf, size, "{what}");
    log.close().await.expect("closed");
    assert_eq!(fixture.read().await.expect("verified").size(), size + 1, "{what}");
    assert_clean(&fixture.dir(), size + 1);
}

/// An index that is missing, cut, of another log, older, newer, empty, no file of the kind, or with a flipped byte
/// anywhere: the log finds out, and makes it anew from its public files.
#[tokio::test]
async fn a_wrong_index_is_never_believed() {
    let fixture = logged().await;
    let file = fixture.dir().join("state/index.redb");
    let good = fs::read(&file).expect("read");
    let other = Fixture::new().await;
    let mut log = other.open().await;
    for (id, count) in [("x", 256), ("y", 300), ("z", 45)] {
        other.append(&mut log, id, count).await;
    }
    log.close().await.expect("closed");
    let foreign = fs::read(other.dir().join("state/index.redb")).expect("read");
    for (what, bytes) in [
        ("of another log of this size", foreign),
        ("empty", Vec::new()),
        ("cut", good[..good.len() / 2].to_vec()),
        ("rubbish", vec![7; 10_000]),
        ("older", good.clone()),
    ] {
        fs::write(&file, bytes).expect("replaced");
        assert_knows_all(&fixture, what).await;
    }
    fs::remove_file(&file).expect("removed");
    assert_knows_all(&fixture, "missing").await;
    let good = fs::read(&file).expect("read");
    for part in 0..48 {
        let mut bytes = good.clone();
        let at = part * bytes.len() / 48 + 17;
        bytes[at] ^= 0x40;
        fs::write(&file, &bytes).expect("changed");
        assert_knows_all(&fixture, &format!("byte {at} of {}", bytes.len())).await;
    }
}

/// An index of more records than the log has is of another log.
#[tokio::test]
async fn an_index_beyond_the_log_is_made_anew() {
    let fixture = Fixture::new().await;
    fixture.open().await.close().await.expect("closed");
    let longer = logged().await;
    let file = fixture.dir().join("state/index.redb");
    fs::copy(longer.dir().join("state/index.redb"), &file).expect("copied");
    let mut log = fixture.open().await;
    // What the other log has is new to this one.
    fixture.append(&mut log, "a", 3).await;
    log.close().await.expect("closed");
    assert_eq!(fixture.read().await.expect("verified").size(), 3);
}

/// Opening a log reads nothing that is old: with the first bundles and batches gone it opens, takes records, proves
/// them, and only a reader of everything finds out. What the index does not know yet is read.
#[tokio::test]
async fn opening_reads_no_more_than_is_new() {
    let fixture = logged().await;
    let gone = ["tile/entries/000", "batch/000"].map(|name| fixture.dir().join(name));
    let kept: Vec<Vec<u8>> = gone.iter().map(|file| fs::read(file).expect("read")).collect();
    let index = fixture.dir().join("state/index.redb");
    let older = fs::read(&index).expect("read");
    gone.iter().for_each(|file| fs::remove_file(file).expect("removed"));
    let mut log = fixture.open().await;
    fixture.append(&mut log, "d", 7).await;
    log.close().await.expect("closed");
    // With what it knew before the last batch, it reads the last batch.
    fs::write(&index, older).expect("put back");
    let mut log = fixture.open().await;
    let again = log.append(vec![fixture.checked("e", vec![call("d-6").to_bytes()])]).await.expect("appended");
    assert!(matches!(&again[0], Err(BatchError::DuplicateId { .. })), "{again:?}");
    let tree = &log.tree().now().tree;
    check_record(&tree.prove(600).expect("proof"), 608, tree.root(), 600, record_hash(&call("c-44").to_bytes()))
        .expect("in the log");
    log.close().await.expect("closed");
    assert!(matches!(fixture.read().await, Err(LogError::Damaged { .. })));
    // Made anew it would have to be read.
    fs::remove_file(&index).expect("removed");
    assert!(matches!(fixture.try_open().await, Err(LogError::Damaged { .. })));
    gone.iter().zip(kept).for_each(|(file, bytes)| fs::write(file, bytes).expect("restored"));
    assert_knows_all(&fixture, "restored").await;
}

/// However often a log is killed, it leaves no partial tile but those of its size once it was opened and closed.
#[tokio::test]
async fn killed_logs_leave_no_stale_tiles() {
    let fixture = Fixture::new().await;
    for n in 0..20 {
        let mut log = fixture.open().await;
        fixture.append(&mut log, &format!("b{n}"), 13 + n).await;
        fixture.append(&mut log, &format!("c{n}"), 2).await;
        drop(log);
    }
    // Left before this log knew how far it had swept.
    let stale = fixture.dir().join("tile/0/000.p/77");
    fs::create_dir_all(stale.parent().expect("parent")).expect("made");
    fs::write(&stale, "x").expect("written");
    fs::remove_file(fixture.dir().join("state/index.redb")).expect("removed");
    fixture.open().await.close().await.expect("closed");
    let size = (0..20).map(|n| 15 + n).sum::<u64>();
    assert_clean(&fixture.dir(), size);
    assert_eq!(fixture.read().await.expect("verified").size(), size);
}

/// Ids that differ by case are one call: in a batch, in a group, across restarts.
#[tokio::test]
async fn ids_that_differ_by_case_are_one() {
    let fixture = Fixture::new().await;
    let one = |batch: &str, id: &str| fixture.checked(batch, vec![call(id).to_bytes()]);
    let both = fixture.batch("both", vec![call("Id-1").to_bytes(), call("iD-1").to_bytes()]);
    let refused = both.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect_err("twice");
    assert!(matches!(refused, BatchError::DuplicateId { index: 1, .. }));
    let mut log = fixture.open().await;
    let answers = log.append(vec![one("a", "Chat-X"), one("b", "chat-x")]).await.expect("appended");
    assert!(answers[0].is_ok() && matches!(answers[1], Err(BatchError::DuplicateId { .. })));
    log.close().await.expect("closed");
    let mut log = fixture.open().await;
    let answers = log.append(vec![one("c", "CHAT-X"), one("d", "chat-y")]).await.expect("appended");
    assert!(matches!(answers[0], Err(BatchError::DuplicateId { .. })) && answers[1].is_ok());
    for odd in ["chat-z ", "chat\0z", "\u{ff43}hat-z", "chat  z", "cha\u{200b}t"] {
        let batch = fixture.batch("odd", vec![call(odd).to_bytes()]);
        let refused = batch.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect_err("odd");
        assert!(matches!(refused, BatchError::BadRecord { index: 0, .. }), "{odd:?}");
        let batch = fixture.batch(odd, vec![call("1").to_bytes()]);
        let refused = batch.check(&fixture.platforms, &Bounds::default(), IN_PERIOD).expect_err("odd");
        assert!(matches!(refused, BatchError::OddBatchId(_)), "{odd:?}");
    }
}

/// A batch that was logged in time has its answer for ever; one that comes too late, or says what cannot be, is refused
/// with its record, and leaves nothing behind.
#[tokio::test]
async fn bounds_hold_for_what_is_new() {
    let fixture = Fixture::new().await;
    let bounds = Bounds { late_record_days: 30, ..Bounds::default() };
    let at = |id: &str, now_ms: u64| {
        let records = vec![call(&format!("{id}-0")).to_bytes(), call(&format!("{id}-1")).to_bytes()];
        fixture.batch(id, records).check(&fixture.platforms, &bounds, now_ms).expect("checked")
    };
    // 2027-01-31T00:00:01Z, a second after the last of thirty days.
    let late = 1_801_353_601_000;
    let mut log = fixture.open().await;
    let first = log.append(vec![at("a", IN_PERIOD)]).await.expect("appended");
    let again = log.append(vec![at("a", late), at("b", late), at("b", IN_PERIOD)]).await.expect("appended");
    assert_eq!(again[0], first[0]);
    assert!(matches!(&again[1], Err(BatchError::Beyond { index: 0, reason }) if reason.contains("counts no more")));
    assert_eq!(again[2].as_ref().expect("in time").first_leaf, 2);
}
