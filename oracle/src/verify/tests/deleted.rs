//! Reports whose records are deleted for their age.

use yieldset_rules::licence::{DAY, RETENTION_DAYS};

use super::*;
use crate::{
    attribution::AttributionError,
    recomputed::{Here, recompute},
    testing::key,
    usage_log::pruned::prune,
};

/// Proves ATT-3 and ATT-15: of a report whose records are deleted nothing is contradicted, and it is said what can be
/// shown no more: the weights. What leads to its checkpoint is shown as before. Nobody works it out, and so nobody
/// signs it.
#[tokio::test]
async fn a_report_of_deleted_records_says_what_is_not_shown() {
    let run = Run::new().await;
    let mut log = run.fixture.open().await;
    run.fixture.append(&mut log, "more", 260).await;
    log.close().await.expect("closed");
    let not_shown = run.not_shown(None, &ReaderPins::default()).await.expect("whole");
    assert!(!not_shown.contains("deleted"), "{not_shown}");
    let later = (IN_PERIOD / 1_000 + (RETENTION_DAYS + 1) * DAY, RETENTION_DAYS);
    let stated = prune(&run.fixture.dir(), &key(1), later).await.expect("pruned").expect("stated");
    assert_eq!(stated.size, 256);

    let (verdict, lines) = run.lines(None, &ReaderPins::default()).await.expect("nothing contradicts it");
    assert_eq!(verdict, Verdict::NotAllShown);
    let told = |part: &str, shown: bool| {
        lines.iter().any(|line| match line {
            Line::Shown(line) => shown && line.contains(part),
            Line::NotShown(line) => !shown && line.contains(part),
        })
    };
    assert!(told("its first 3 records have the report's root", true), "{lines:?}");
    assert!(told("the first 256 records are those whose hashes", false), "{lines:?}");
    assert!(told("that the weights follow from the records", false), "{lines:?}");
    assert!(!told("recomputed", true), "{lines:?}");

    let signed: SignedReport = files::read_json(&run.path("report.json")).expect("read");
    let log = run.fixture.read().await.expect("verified");
    let loaded = manifest::load_all(&run.path("manifests")).expect("loaded");
    let here = Here::of(&signed.settlement, loaded).expect("whole");
    let refused = recompute(&signed.settlement, (&log, &here), None);
    assert!(
        matches!(refused, Err(RecomputeError::Attribution(AttributionError::Deleted { size: 256 }))),
        "{refused:?}"
    );
}
