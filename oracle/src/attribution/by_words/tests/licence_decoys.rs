//! Decoys that a licence's parties add on its topics.

use super::*;
use crate::{
    compared::Reason,
    hex0x,
    manifest::Loaded,
    recomputed::{Here, RecomputeError, recompute},
    settlement::settle,
};

/// Nobody's, with a passage along an axis.
fn decoy(slug: &str, axis: usize, text: &str) -> Dataset {
    dataset(slug, 0, axis, text)
}

/// Proves ATT-10: versions that are nobody's are decoys beside the program's own. What they are hit by, word for word
/// or by likeness, is counted; nobody's tokens depend on them, however near to somebody's topic they are; and the
/// settlement, which the report signs, names each by its hash.
#[tokio::test]
async fn what_is_nobodys_measures_and_changes_nothing() {
    let creators = [dataset("a/a", 1, 3, &text(0, 200)), of("b/b", 2, &text(1_000, 200))];
    let near = |at: usize| towards(&format!("n/{at}"), 0, (3, 20 + at, 780_000));
    let decoys = [
        vec![decoy("n/like", 5, &text(3_000, 60)), decoy("n/quoted", 6, &text(4_000, 60))],
        (0..6).map(near).collect(),
    ]
    .concat();
    let outputs = || {
        let like = |axis: usize| call_with(&axis.to_string(), 40, IN_PERIOD, unit(axis, 900_000), &text(9_000, 40));
        vec![like(3), like(5), output(&text(4_010, 40)), output(&text(1_020, 60))]
    };
    let alone = attributed(outputs(), &creators, 0).await.expect("attributed");
    let beside = attributed(outputs(), &[creators.to_vec(), decoys.clone()].concat(), 0).await.expect("attributed");
    assert_eq!(alone.decoys, Some(Decoys { hits: 2, decoy_hits: 0, datasets: 2, decoys: 2 }));
    assert_eq!(beside.decoys, Some(Decoys { hits: 4, decoy_hits: 2, datasets: 2, decoys: 10 }));
    let hits: Vec<_> = beside.decoy_hits.iter().map(|hit| (hit.leaf, hit.decoy.clone(), hit.verbatim)).collect();
    let [like, quoted] = [0, 1].map(|at| hex0x(&decoys[at].manifest_hash));
    assert_eq!(hits, [(1, like, false), (2, quoted, true)], "a licence's is named by its hash");
    assert_eq!(alone.decoy_hits, []);
    assert_eq!((&alone.outputs, &alone.contributors), (&beside.outputs, &beside.contributors));
    assert_eq!((&alone.manifests, alone.totals), (&beside.manifests, beside.totals));
    let named: Vec<_> = settle(&beside).left_out.iter().map(|one| (one.manifest_hash, one.reason)).collect();
    let mut expected: Vec<_> = decoys.iter().map(|one| (one.manifest_hash, Reason::Decoy)).collect();
    expected.sort();
    assert_eq!(named, expected);
    assert_ne!(settle(&alone).digest(), settle(&beside).digest());
}

/// Proves ATT-10: a decoy that has words of what is compared measures nothing, and is named: its hits would be no
/// mistakes, and by enough of them a report would be refused. Before, they were counted.
#[tokio::test]
async fn a_decoy_of_somebodys_words_measures_nothing() {
    let creator = of("a/a", 1, &text(0, 200));
    let copied = decoy("n/copied", 5, &format!("{} {}", text(3_000, 40), text(20, 60)));
    let good = decoy("n/good", 6, &text(4_000, 60));
    let outputs = vec![output(&text(10, 80)), output(&text(4_010, 40))];
    let found = attributed(outputs, &[creator, copied.clone(), good.clone()], 0).await.expect("attributed");
    assert_eq!(found.decoys, Some(Decoys { hits: 2, decoy_hits: 1, datasets: 1, decoys: 3 }));
    let reason = |decoy: &Dataset| {
        found.left_out.iter().find(|one| one.manifest_hash == decoy.manifest_hash).map(|one| one.reason)
    };
    assert_eq!((reason(&copied), reason(&good)), (Some(Reason::NoDecoy), Some(Reason::Decoy)));
}

/// Who lacks a decoy, or has another, neither signs nor believes what was measured by it.
#[tokio::test]
async fn what_was_measured_is_worked_out_anew_with_the_decoys() {
    let (creator, one, other) =
        (of("a/a", 1, &text(0, 200)), decoy("n/n", 5, &text(3_000, 60)), decoy("n/other", 6, &text(3_000, 60)));
    let fixture = Fixture::new().await;
    let log = fixture.log_of(vec![output(&text(10, 60)), output(&text(3_010, 45))]).await;
    let all = [creator.clone(), one.clone()];
    let settled = settle(&attribute(&log, &all, &question(log.size())).expect("attributed"));
    assert_eq!(settled.decoys, Some(Decoys { hits: 2, decoy_hits: 1, datasets: 1, decoys: 3 }));
    let with = |here: &[&Dataset]| {
        let datasets = here.iter().map(|dataset| (*dataset).clone()).collect();
        let here = Here::of(&settled, Loaded { datasets, damaged: Vec::new() })?;
        recompute(&settled, (&log, &here), None)
    };
    with(&[&creator, &one]).expect("the same");
    let absent = with(&[&creator]).expect_err("it is not here");
    assert!(absent.to_string().contains("the decoy is not here"), "{absent}");
    assert!(matches!(with(&[&creator, &other]), Err(RecomputeError::OtherDatasets { .. })));
}

/// A period cannot be paid for where there are decoys alone.
#[tokio::test]
async fn decoys_alone_are_nothing_to_compare() {
    let found = attributed(vec![output(&text(10, 60))], &[decoy("n/n", 5, &text(0, 100))], 0).await;
    assert!(matches!(found, Err(AttributionError::NothingToCompare { .. })));
}
