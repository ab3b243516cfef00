//! Making somebody's work a common good, and what decoys are told by.

use super::*;
use crate::decoys;
use yieldset_rules::agreed::is_within;

/// A work in pieces of so many words, each of which begins so many after the one before, in an order in which none
/// follows its neighbour: all with one remainder, then all with the next.
fn chopped(words: usize, (piece, step): (usize, usize), apart: usize) -> String {
    let starts: Vec<usize> = (0..=words - piece).step_by(step).collect();
    let order = (0..apart).flat_map(|first| starts.iter().skip(first).step_by(apart));
    order.map(|&start| text(start, piece)).collect::<Vec<_>>().join(" ")
}

/// Proves ATT-11: copying makes no common good of a work, also in pieces too short for a span. Before, two accounts
/// with nothing but pieces of eleven words took the whole work from its author.
#[tokio::test]
async fn pieces_of_a_work_make_it_no_common_good() {
    let work = text(0, 400);
    for (piece, step) in [(11, 7), (8, 4), (6, 2)] {
        let [first, second] = [7, 11].map(|apart| chopped(400, (piece, step), apart));
        let entries = [
            entry("a/work", 9, &work, 1, 10),
            entry("b/pieces", 1, &first, 2, 10),
            entry("c/pieces", 2, &second, 3, 10),
        ];
        let found =
            attributed(vec![output("1", &text(100, 100), 20)], &entries, |asked| asked.limits.common_from = 3).await;
        assert_eq!(tokens(&found), [(9, 100)], "{piece} {step}");
    }
}

/// Any user of a model can have it repeat the decoys, which are published: a few such calls and no report of the
/// quarter is within its licence's limit, so nobody is paid.
#[tokio::test]
#[ignore = "open: decoys that everybody can read are no measure of chance"]
async fn echoes_of_decoys_stop_no_report() {
    let work = text(0, 20_000);
    let mut entries = vec![entry("a/work", 9, &work, 1, 10)];
    entries.extend((0..5).map(|n| entry(&format!("o/{n}"), n, &text(100_000 + 1_000 * usize::from(n), 50), 1, 10)));
    let mut outputs: Vec<UsageRecord> = (0..100).map(|n| output(&n.to_string(), &text(n * 100, 60), 20)).collect();
    let echo: String = decoys::DECOYS[0][1].split_whitespace().take(40).collect::<Vec<_>>().join(" ");
    outputs.extend((0..2).map(|n| output(&format!("echo {n}"), &echo, 20)));
    let found = attributed(outputs, &entries, |_| ()).await;
    let decoys = found.decoys.expect("measured");
    // The default limit of 5 %.
    assert!(is_within(decoys.hits, decoys.decoy_hits, (decoys.datasets, decoys.decoys), 500), "{decoys:?}");
}
