//! What prompts can do: anybody who may ask a model decides what stands in outputs.

use super::*;

/// An output may end with a text's last words twice, with others between: those have a place in no text. Before, one
/// such output, or one such text of a creator, ended every attribution of the quarter, so that nobody was paid.
#[tokio::test]
async fn no_output_ends_the_attribution() {
    let work = text(0, 13);
    let entries = [entry("a/work", 9, &work, 1, 10)];
    for between in 0..=7 {
        let all = format!("{} {} {}", text(0, 12), text(7_000, between), text(8, 5));
        let found = attributed(vec![output("1", &all, 20)], &entries, |_| ()).await;
        assert!(matches!(tokens(&found)[..], [(9, 12..=23)]), "{between}: {:?}", tokens(&found));
    }
    // The same among texts.
    let copy = format!("{} {} {}", text(0, 12), text(7_000, 6), text(8, 5));
    let entries = [entry("a/work", 9, &work, 1, 10), entry("c/copy", 1, &copy, 2, 10)];
    let found = attributed(vec![output("1", &copy, 20)], &entries, |_| ()).await;
    assert_eq!(tokens(&found), [(9, 23)]);
}

/// Proves ATT-6: a creator's words bring the tokens that words have. Who has a model write twelve words of theirs and
/// then a hundred thousand dashes, or one endless word, is paid for the twelve. Before, they had all tokens of the
/// call, since what is no word was nobody's share.
#[tokio::test]
async fn tokens_that_are_no_words_are_nobodys() {
    let entries = [entry("a/work", 9, &text(0, 300), 1, 10), entry("g/greedy", 1, &text(1_000, 300), 1, 10)];
    let dashes = call_with("dashes", 100_000, at(20), unit(301, 1_000_000), &text(1_100, 12));
    let found = attributed(vec![output("1", &text(50, 100), 20), dashes], &entries, |_| ()).await;
    let greedy = tokens(&found).into_iter().find(|one| one.0 == 1).map(|one| one.1).unwrap_or_default();
    assert!((12..1_000).contains(&greedy), "{greedy}");
}
