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
