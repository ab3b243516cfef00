//! One text, registered by two.

use super::*;
use crate::copies;

const QUOTE: (usize, usize) = (100, 80);

/// Proves ATT-11: of one text that two accounts register the earlier registration earns, and the later nothing. Before,
/// they shared, 53 to 53.
#[tokio::test]
async fn the_earlier_of_two_registrations_earns() {
    let (text, other) = (words(MOBY, 0, 700), words(LINCOLN, 0, 600));
    let works =
        Works::of(&[("ishmael/original", &[&text]), ("lincoln/other", &[&other]), ("copycat/0", &[&text])]).await;
    let quote = || line("quote", words(MOBY, QUOTE.0, QUOTE.1));
    assert_eq!(works.paid(&[quote()]).await, [(1, 106)]);
    // Both are told.
    let told = copies::among(&works.datasets.iter().collect::<Vec<_>>(), DEFAULT_THRESHOLD);
    let named: Vec<_> = told.iter().map(|one| (one.dataset.as_str(), one.of.as_str())).collect();
    assert_eq!(named, [("copycat/0", "ishmael/original")]);
    assert_eq!(told[0].words, told[0].of_words);
    // Whoever it was.
    let works = Works::of(&[("copycat/0", &[&text]), ("ishmael/original", &[&text])]).await;
    assert_eq!(works.paid(&[quote()]).await, [(1, 106)]);
}

/// Proves ATT-11: a copy in capitals, with other quotes and dashes and an author's note around it, cut into many files
/// in another order, is a copy.
#[tokio::test]
async fn a_copy_in_another_dress_earns_nothing() {
    let text = words(MOBY, 0, 700);
    let shouted = format!("A note by the editor, who found this. {}", text.to_uppercase().replace('—', " -- "));
    let mut pieces: Vec<String> = (0..7).map(|at| words(MOBY, at * 100, 100)).collect();
    pieces.reverse();
    let works = Works::of(&[("a/original", &[text][..]), ("b/shouted", &[shouted]), ("c/pieces", &pieces)]).await;
    // Over the end of a piece, too.
    let quotes = [line("within", words(MOBY, QUOTE.0, QUOTE.1)), line("across", words(MOBY, 360, 80))];
    assert_eq!(works.paid(&quotes).await, [(1, 212)]);
}

/// Proves ATT-11: whoever copies a half and writes the other half is paid for the half that they wrote.
#[tokio::test]
async fn a_copyists_own_half_is_theirs() {
    let (text, half) = (words(MOBY, 0, 400), format!("{} {}", words(MOBY, 0, 400), words(ROOSEVELT, 0, 400)));
    let works = Works::of(&[("a/original", &[text]), ("b/half", &[half])]).await;
    let quotes = [line("copied", words(MOBY, QUOTE.0, QUOTE.1)), line("own", words(ROOSEVELT, 50, 60))];
    assert_eq!(works.paid(&quotes).await, [(1, 106), (2, 80)]);
}
