//! How many places of a run of words are looked at.

use super::*;

/// Proves ATT-12: nobody hides a work by runs of its words that they registered before, however often. Before, 64
/// pieces of nine words for each of its runs, in one dataset, and none of its quotes was found.
#[tokio::test]
async fn a_soup_of_words_hides_no_work() {
    let words = 200;
    let pieces: Vec<String> =
        (0..64).flat_map(|round| (0..words - 8).map(move |at| text((at * 37 + round) % (words - 8), 9))).collect();
    let entries = [entry("s/soup", 1, &pieces.join(" "), 1, 10), entry("a/work", 9, &text(0, words), 2, 10)];
    let found = attributed(vec![output("1", &text(50, 100), 20)], &entries, |_| ()).await;
    assert_eq!(tokens(&found), [(9, 100)]);
}
