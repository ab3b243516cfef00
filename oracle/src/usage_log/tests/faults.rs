//! Disks that are full or fail: whatever change fails, and whether it was made or not, what was acknowledged is there
//! once.

use super::{
    super::store::{Fault, Faults},
    *,
};
use crate::usage_log::writer::BatchReceipt;

/// The partial tiles and drafts that are there.
fn partial(dir: &Path) -> Vec<String> {
    let mut files = Vec::new();
    published(dir, &mut files);
    let names = files.iter().map(|file| file.strip_prefix(dir).expect("below").display().to_string());
    let mut partial: Vec<String> = names.filter(|name| name.contains(".p/") || name.contains('#')).collect();
    partial.sort();
    partial
}

/// After a log was opened and closed: no partial tile but those of its size, no journal.
pub(super) fn assert_clean(dir: &Path, size: u64) {
    let mut expected = layout::partial_paths(size);
    expected.sort();
    assert_eq!(partial(dir), expected);
    assert_eq!(fs::read_dir(dir.join("journal")).map_or(0, Iterator::count), 0);
}

/// A log of which one change fails, and a sender who sends again until there is an answer.
struct Failing {
    fixture: Fixture,
    log: Option<Log>,
}

impl Failing {
    async fn send(&mut self, id: &str, count: usize) -> BatchReceipt {
        for _ in 0..4 {
            let log = match self.log.take() {
                Some(log) => log,
                None => self.fixture.open().await,
            };
            let log = self.log.insert(log);
            let records = (0..count).map(|n| call(&format!("{id}-{n}")).to_bytes()).collect();
            match log.append(vec![self.fixture.checked(id, records)]).await {
                Ok(answers) => return answers[0].clone().expect("accepted"),
                // The disk was full for a moment; the process goes on.
                Err(LogError::Store(_)) => {}
                // It is started again.
                Err(LogError::Stopped(_)) => drop(self.log.take()),
                Err(other) => panic!("{other}"),
            }
        }
        panic!("never answered");
    }
}

/// Sends, closes and opens with the n-th change failing. Whether one failed.
async fn with_failure(n: usize, kind: Fault) -> bool {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    fixture.append(&mut log, "first", 255).await;
    let store = log.store();
    *store.faults.lock().expect("lock") = Faults { after: Some(n), kind };
    let mut failing = Failing { fixture, log: Some(log) };
    let sent = [failing.send("a", 3).await, failing.send("b", 2).await];
    let closed = match failing.log.take() {
        Some(log) => log.close().await.is_ok(),
        None => true,
    };
    let failed = store.faults.lock().expect("lock").after.is_none();
    assert!(closed || failed);
    let sent_again = [failing.send("a", 3).await, failing.send("b", 2).await];
    assert_eq!(sent_again, sent, "change {n}, {kind:?}");
    assert_eq!(failing.send("c", 1).await.first_leaf, 260);
    failing.log.take().expect("open").close().await.expect("closed");
    failing.fixture.open().await.close().await.expect("closed");
    assert_clean(&failing.fixture.dir(), 261);
    assert_eq!(failing.fixture.read().await.expect("verified").size(), 261, "change {n}, {kind:?}");
    failed
}

/// Proves ATT-3 on a full disk (ENOSPC) and one that fails (EIO): each change of the log's files in turn fails, once
/// without having been made and once although it was. No acknowledged record is lost, none is there twice, every batch
/// has the answer of the first time, and nothing is left over.
#[tokio::test]
async fn a_failing_disk_loses_nothing() {
    for kind in [Fault::Once, Fault::Done] {
        let mut n = 0;
        while with_failure(n, kind).await {
            n += 1;
        }
        assert!(n >= 20, "two groups and a flush: only {n} changes were tried");
    }
}

/// A flush that failed is not tried again as if nothing had been: what it was told may be lost is written anew from the
/// journal.
#[tokio::test]
async fn a_failed_flush_stops_the_log() {
    let fixture = Fixture::new().await;
    let mut log = fixture.open().await;
    for n in 0..writer::SETTLE_GROUPS - 1 {
        fixture.append(&mut log, &format!("b{n}"), 1).await;
    }
    let store = log.store();
    // One group: index, journal, bundle, tile, batch, checkpoint; the next change is the flush.
    *store.faults.lock().expect("lock") = Faults { after: Some(6), kind: Fault::Once };
    fixture.append(&mut log, "last", 1).await;
    let records = vec![call("next").to_bytes()];
    let error = log.append(vec![fixture.checked("next", records)]).await.expect_err("stopped");
    assert!(matches!(error, LogError::Stopped(_)), "{error}");
    drop(log);
    store.lose_power(true);
    fixture.open().await.close().await.expect("closed");
    assert_eq!(fixture.read().await.expect("verified").size(), writer::SETTLE_GROUPS as u64);
}
