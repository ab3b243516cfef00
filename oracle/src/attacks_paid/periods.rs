//! Which calls count when.

use super::*;

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
