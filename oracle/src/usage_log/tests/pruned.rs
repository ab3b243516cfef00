//! Entries that are deleted for their age.

use super::{super::pruned::prune_in, *};
use crate::{
    compared::After,
    testing::{PERIOD, run_at},
    usage_log::{
        pruned::{Counts, counts, prune},
        store::{Fault, Faults, Store},
    },
};
use yieldset_rules::{
    licence::{DAY, RETENTION_DAYS},
    period::quarter_start,
    usage::TrainingRun,
};

/// When the old records were made, 900 days before the others: Unix milliseconds.
const OLD: u64 = IN_PERIOD - 900 * DAY * 1_000;
/// The second in which the old ones may go.
const NOW: u64 = IN_PERIOD / 1_000;

fn call_at(id: &str, at_ms: u64) -> Vec<u8> {
    call_with(id, 10, at_ms, unit(0, 1_000_000), "").to_bytes()
}

fn old_run() -> UsageRecord {
    UsageRecord::TrainingRun(TrainingRun { ingestion_digest: [2; 32], ..run_at("run", OLD) })
}

/// 500 old records, of which the 11th is a training run, in batches of 200, 200 and 100; and 100 new ones.
async fn log_of_600(fixture: &Fixture) {
    let mut log = fixture.open().await;
    for (name, count, at_ms) in [("a", 200, OLD), ("b", 200, OLD), ("c", 100, OLD), ("d", 100, IN_PERIOD)] {
        let mut records: Vec<Vec<u8>> = (0..count).map(|n| call_at(&format!("{name}-{n}"), at_ms)).collect();
        if name == "a" {
            records[10] = old_run().to_bytes();
        }
        let batch = fixture.batch(name, records).check(&fixture.platforms, &Bounds::default(), at_ms);
        log.append(vec![batch.expect("good").within_bounds()]).await.expect("appended")[0].as_ref().expect("taken");
    }
    log.close().await.expect("closed");
}

/// Proves ATT-3 and ATT-13: entries of old calls go, by whole bundles; roots, proofs and training runs are as they
/// were, and so is every record that is not as old; who has a deleted record proves it as before. Nothing younger goes,
/// and a second time nothing more.
#[tokio::test]
async fn old_entries_go_and_all_else_stays() {
    let fixture = Fixture::new().await;
    log_of_600(&fixture).await;
    let whole = fixture.read().await.expect("verified");
    let (proofs, all): (Vec<_>, Vec<Leaf>) = (
        [0, 5, 255, 256, 599].map(|leaf| whole.prove(leaf).expect("proof")).into(),
        whole.leaves().collect::<Result<_, _>>().expect("all"),
    );
    let prune_at = |now, days| {
        let dir = fixture.dir();
        async move { prune(&dir, &key(1), (now, days)).await }
    };
    assert!(matches!(prune_at(NOW, RETENTION_DAYS - 1).await, Err(LogError::TooYoung { days: 729 })));
    assert!(matches!(prune(&fixture.dir(), &key(2), (NOW, RETENTION_DAYS)).await, Err(LogError::WrongKey { .. })));
    assert_eq!(
        prune_at(OLD / 1_000 + RETENTION_DAYS * DAY, RETENTION_DAYS).await.expect("read"),
        None,
        "a second less"
    );
    // Who looks first is told, and nothing is changed.
    let look = async || counts(&fixture.dir(), (NOW, RETENTION_DAYS)).await.expect("counted");
    let due = Counts { records: 600, deleted: 0, due: 256 };
    assert_eq!([look().await, look().await], [due, due]);
    assert!(matches!(counts(&fixture.dir(), (NOW, RETENTION_DAYS - 1)).await, Err(LogError::TooYoung { .. })));
    let stated = prune_at(NOW, RETENTION_DAYS).await.expect("pruned").expect("something");
    assert_eq!(look().await, Counts { deleted: 256, ..due });
    assert_eq!((stated.size, stated.before, stated.at), (256, NOW - RETENTION_DAYS * DAY, NOW));
    let there = |path: &str| fixture.dir().join(path).exists();
    assert!(!there("tile/entries/000") && there("tile/entries/001") && there("tile/0/000"));

    let log = fixture.read().await.expect("verified");
    assert_eq!(log.pruned(), Some(&stated));
    for size in [0, 1, 200, 256, 257, 600] {
        assert_eq!(log.checkpoint_at(size).expect("a root"), whole.checkpoint_at(size).expect("a root"), "{size}");
    }
    let left: Vec<Leaf> = log.leaves().collect::<Result<_, _>>().expect("the rest");
    let expected: Vec<Leaf> = all.iter().filter(|one| one.leaf == 10 || one.leaf >= 256).cloned().collect();
    assert_eq!(left, expected);
    assert_eq!(left[0].record, old_run());
    assert_eq!(log.leaves_of(300).count(), 1 + 44);
    for (leaf, proof) in [0, 5, 255, 256, 599].into_iter().zip(proofs) {
        assert_eq!(log.prove(leaf).expect("proof"), proof);
        let proof = proof.into_iter().map(Hash).collect();
        let record = record_hash(&all[leaf as usize].record.to_bytes());
        check_record(&proof, 600, log.tree().root(), leaf, record).expect("as before");
    }
    assert_eq!(prune_at(NOW + 1, RETENTION_DAYS).await.expect("pruned"), Some(stated), "there is no more");
}

/// Proves ATT-3: a log takes records as before when entries are deleted: a batch that is sent again is answered as it
/// was, an id that a deleted record had is not used twice, also by an index that is made anew; and later entries go in
/// their time.
#[tokio::test]
async fn a_pruned_log_goes_on() {
    let fixture = Fixture::new().await;
    log_of_600(&fixture).await;
    prune(&fixture.dir(), &key(1), (NOW, RETENTION_DAYS)).await.expect("pruned");
    for round in 0..2 {
        let mut log = fixture.open().await;
        assert_eq!(log.pruned(), 256);
        assert!(matches!(prune(&fixture.dir(), &key(1), (NOW, RETENTION_DAYS)).await, Err(LogError::Locked { .. })));
        let again: Vec<Vec<u8>> = (0..200).map(|n| call_at(&format!("b-{n}"), OLD)).collect();
        let again = fixture.batch("b", again).check(&fixture.platforms, &Bounds::default(), OLD).expect("good");
        let answer = log.append(vec![again.within_bounds()]).await.expect("answered").remove(0).expect("as before");
        assert_eq!((answer.first_leaf, answer.records, answer.tree_size), (200, 200, 400));
        let used = fixture.checked(&format!("used-{round}"), vec![call_at("A-3", IN_PERIOD)]);
        let refused = log.append(vec![used]).await.expect("answered").remove(0);
        assert!(matches!(refused, Err(BatchError::DuplicateId { .. })), "{refused:?}");
        fixture.append(&mut log, &format!("more-{round}"), 30).await;
        log.close().await.expect("closed");
        fs::remove_file(fixture.dir().join("state/index.redb")).expect("removed");
    }
    let much_later = NOW + (RETENTION_DAYS + 1) * DAY;
    let stated = prune(&fixture.dir(), &key(1), (much_later, RETENTION_DAYS)).await.expect("pruned").expect("more");
    assert_eq!(stated.size, 512);
    let log = fixture.read().await.expect("verified");
    assert_eq!((log.size(), log.leaves().count()), (660, 1 + 660 - 512));
}

/// Whatever moment the deletion is killed at, the log is whole: nothing is deleted yet, or all is stated; and the next
/// run does the rest. So it is where a change fails alone, or is told to have failed.
#[tokio::test]
async fn a_deletion_that_was_cut_off_is_harmless() {
    for kind in [Fault::Killed, Fault::Once, Fault::Done] {
        let mut failed = 0;
        loop {
            let fixture = Fixture::new().await;
            log_of_600(&fixture).await;
            let log = fixture.read().await.expect("verified");
            *log.store().faults.lock().expect("lock") = Faults { after: Some(failed), kind };
            let done = prune_in(&log, &key(1), (NOW, RETENTION_DAYS)).await;
            let read = fixture.read().await.expect("whole");
            assert_eq!(read.checkpoint().expect("a root"), log.checkpoint().expect("a root"));
            let left = read.leaves().collect::<Result<Vec<_>, _>>().expect("the rest").len();
            assert_eq!(left, if read.pruned().is_some() { 345 } else { 600 }, "{kind:?} {failed}");
            let stated = prune(&fixture.dir(), &key(1), (NOW, RETENTION_DAYS)).await.expect("pruned").expect("stated");
            assert_eq!((stated.size, fixture.dir().join("tile/entries/000").exists()), (256, false));
            fixture.read().await.expect("whole");
            if done.is_ok() {
                break;
            }
            failed += 1;
        }
        // Two batches are kept and flushed, it is stated, one bundle goes.
        assert_eq!(failed, 5, "{kind:?}");
    }
}

/// Nobody but the log deletes: a statement that it did not sign, a training run that is not what was signed, and one
/// that is left out of what was kept, are damage.
#[tokio::test]
async fn nobody_but_the_log_deletes() {
    let fixture = Fixture::new().await;
    log_of_600(&fixture).await;
    prune(&fixture.dir(), &key(1), (NOW, RETENTION_DAYS)).await.expect("pruned");
    let statement = Pruned::load(&Store::local(&fixture.dir()).expect("store"), &fixture.info()).expect("signed");
    assert!(statement.is_some());
    let other = LogInfo { origin: format!("{ORIGIN}/2"), ..fixture.info() };
    assert!(Pruned::load(&Store::local(&fixture.dir()).expect("store"), &other).is_err(), "of another log");
    for (file, from, to) in [
        ("pruned.json", r#""size":256"#, r#""size":512"#),
        ("pruned.json", r#""at":"#, r#""at":1"#),
        ("kept/000", r#""sha256":"0x"#, r#""sha256":"0xf"#),
        ("kept/000", r#""run":""#, r#""run":"00"#),
    ] {
        let path = fixture.dir().join(file);
        let good = fs::read_to_string(&path).expect("read");
        // However it is laid out.
        let tight: String = good.split_whitespace().collect();
        assert!(tight.contains(from), "{file} has no {from}");
        fs::write(&path, tight.replacen(from, to, 1)).expect("changed");
        assert!(fixture.read().await.is_err(), "{file}: {to}");
        fs::write(&path, good).expect("restored");
    }
    fixture.read().await.expect("restored");
}

/// A report is reached by a deletion where calls of its period may be among the deleted, or late ones that count in it.
#[test]
fn a_report_is_reached_by_its_own_and_by_late_calls() {
    let begins = yieldset_rules::period::quarter_start(PERIOD);
    let stated = |before| Pruned::for_tests(256, before);
    let after = |log_size| After::Report { period: PERIOD - 1, log_size };
    for (before, after, reached) in [
        (begins, After::First, false),
        (begins + 1, After::First, true),
        (begins + 1, After::Withdrawn { period: PERIOD - 1 }, true),
        (begins, after(256), false),
        (begins, after(255), true),
        (begins, After::Unknown, false),
    ] {
        assert_eq!(stated(before).reaches((PERIOD, PERIOD), after), reached, "{before} {after:?}");
    }
}

/// Proves SAFE-1: calls of a quarter that was passed over count with the next one's, wherever in the log they stand,
/// and may be among the deleted. Before, a report of what was left of them was made and signed.
#[test]
fn a_quarter_that_was_passed_over_is_not_forgotten() {
    let pruned = Pruned::for_tests(256, quarter_start(PERIOD - 1) + 1);
    let after = |period, log_size| After::Report { period, log_size };
    let reaches = |period, after| pruned.reaches((period, PERIOD), after);
    assert!(reaches(PERIOD, after(PERIOD - 2, 256)) && reaches(PERIOD, After::Withdrawn { period: PERIOD - 2 }));
    assert!(!reaches(PERIOD, after(PERIOD - 1, 256)) && !reaches(PERIOD, After::First));
    assert!(reaches(PERIOD, after(PERIOD - 1, 255)), "what came late");
    assert!(reaches(PERIOD - 1, After::Unknown));
    // Of a licence that began before, and of a stream that is none: money waits for four quarters.
    assert!(pruned.reaches((PERIOD, PERIOD - 1), After::First) && pruned.reaches((PERIOD + 3, 0), After::First));
    assert!(!pruned.reaches((PERIOD + 4, 0), After::First));
}
