//! Which calls count when.

use super::*;
use crate::trained::{self, Anchored, Ground};

/// Proves SAFE-1: what happened in a quarter that was passed over counts in the report that has its money. Before, it
/// counted in none, and nothing named it.
#[tokio::test]
async fn calls_of_a_quarter_that_was_passed_over_count() {
    let entries = [entry("a/work", 9, &text(0, 300), 0, 1)];
    let passed_over = call_with("early", 100, at(0) - 46 * DAY_MS, unit(301, 1_000_000), &text(50, 100));
    let outputs = vec![passed_over, output("in time", &text(50, 50), 20)];
    // 2026Q2 was reported, when the log was empty; 2026Q3 never was.
    let after = After::Report { period: PERIOD - 2, log_size: 0 };
    let found = attributed(outputs, &entries, |asked| asked.after = after).await;
    assert_eq!((found.totals.calls, found.totals.late_records), (2, Some(0)));
}

/// Proves SAFE-1: a report is withdrawn, the next quarter's is posted, and then the revision is made, of a log that has
/// grown: a late call of its quarter counts in the report after the next alone, for which it came late. Before, it
/// counted in both.
#[tokio::test]
async fn a_late_call_counts_once() {
    let entries = [entry("a/work", 9, &text(0, 300), 0, 1)];
    let of = |id: &str| call_with(id, 100, at(20), unit(301, 1_000_000), &text(50, 100));
    // The training run, and the first call, were there when the next quarter was reported.
    let next = After::Report { period: PERIOD + 1, log_size: 2 };
    let revision = attributed(vec![of("in time"), of("late")], &entries, |asked| {
        asked.after = After::Report { period: PERIOD - 1, log_size: 0 };
        asked.limits.counted_until = 2;
    })
    .await;
    let later = attributed(vec![of("in time"), of("late")], &entries, |asked| {
        (asked.period, asked.after) = (PERIOD + 2, next);
    })
    .await;
    assert_eq!((revision.totals.calls, later.totals.calls), (1, 1));
    assert_eq!(revision.uncounted.len(), 1);
}

/// Proves SAFE-1: calls go with their money. A stream's first report counts the quarters before it that wait for it: of
/// a licence from that on in which it began, of another stream for as long as money waits; and the report after one
/// that is withdrawn, those between. Before, they counted in none, and nothing named them.
#[tokio::test]
async fn calls_go_with_their_money() {
    let entries = [entry("a/work", 9, &text(0, 300), 0, 1)];
    let of = |id: &str, days: u64| call_with(id, 50, at(0) - days * DAY_MS, unit(301, 1_000_000), &text(50, 50));
    // Of 2026Q3, 2026Q2 and 2025Q2.
    let before = [of("q3", 46), of("q2", 140), of("q2 of last year", 460)];
    let outputs: Vec<_> = before.into_iter().chain([output("in time", &text(50, 50), 20)]).collect();
    for (after, began, calls) in [
        (After::First, 0, 3),
        (After::First, PERIOD, 1),
        (After::First, PERIOD - 1, 2),
        (After::First, PERIOD - 10, 4),
        (After::Withdrawn { period: PERIOD - 1 }, 0, 1),
        (After::Withdrawn { period: PERIOD - 2 }, 0, 2),
        (After::Withdrawn { period: PERIOD - 3 }, PERIOD, 3),
        (After::Unknown, 0, 1),
    ] {
        let found = attributed(outputs.clone(), &entries, |asked| (asked.after, asked.limits.began) = (after, began));
        let found = found.await;
        assert_eq!(found.totals.calls, calls, "{after:?} {began}");
        assert_eq!(found.totals.late_records.is_some(), after == After::First, "{after:?}");
    }
}

/// Proves ATT-2: an output of an earlier quarter is compared as it would have been in time, with what a run had read
/// when its quarter was over. Before, what was read first in the report's own quarter was paid for it.
#[tokio::test]
async fn what_was_read_later_is_in_no_earlier_output() {
    let entries = [entry("a/work", 9, &text(0, 300), 0, 100), entry("b/other", 8, &text(1_000, 300), 0, 1)];
    let outputs = vec![
        output("q4", &text(50, 100), 20),
        output("of another in q4", &text(1_050, 60), 20),
        output("q1", &text(50, 40), 110),
    ];
    let found = attributed(outputs, &entries, |asked| (asked.period, asked.limits.began) = (PERIOD + 1, PERIOD)).await;
    assert_eq!((found.totals.calls, tokens(&found)), (3, vec![(8, 60), (9, 40)]));
}

/// Proves ATT-2: what a platform logs as written before the datasets were registered is as old as a checkpoint on chain
/// shows, which does not have it yet, but for a week. Before, whoever dated all calls so paid nobody.
#[tokio::test]
async fn calls_are_not_older_than_the_log_shows() {
    let entries = [entry("a/work", 9, &text(0, 300), 30, 31)];
    let anchors = |day: u64| {
        let anchored = Anchored { size: 1, root: [0; 32], at: at(day) / 1_000 };
        Ground { datasets: vec![entries[0].dataset.dataset_id()], anchors: vec![anchored], ..Ground::default() }
    };
    // The run is the first record, and the call comes after the checkpoint. A week before day 37 is day 30, in whose
    // very second the dataset was registered.
    for (ground, paid) in [(trained::NONE.clone(), 0), (anchors(37), 0), (anchors(38), 100)] {
        let outputs = vec![output("antedated", &text(50, 100), 2)];
        let found = attributed(outputs, &entries, |asked| asked.ground = &ground).await;
        assert_eq!(tokens(&found).iter().map(|one| one.1).sum::<u64>(), paid, "{ground}");
    }
}
