//! What a model was not trained on.

use super::*;

/// Proves ATT-2: of a text and its copy the one that the model's training run read earns, whichever was registered
/// first. Before, a copy that was never read got half.
#[tokio::test]
async fn an_untrained_copy_earns_nothing() {
    let text = words(MOBY, 0, 500);
    let works = Works::of(&[("melville/moby", &[&text]), ("copycat/late", &[&text])]).await;
    let quote = || works.recorded(&[Line { id: "quote", tokens: 100, text: words(MOBY, 100, 60) }]).expect("recorded");
    // Where the copy alone was read, the words are still those of who registered them first.
    for (read, expected) in [(0, vec![(1, 100)]), (1, vec![])] {
        let found = works.attributed(quote(), &[read]).await;
        assert_eq!(tokens(&found), expected);
        let left_out: Vec<_> = found.left_out.iter().map(|one| (one.dataset.as_deref(), one.reason)).collect();
        let other = works.datasets[1 - read].dataset.as_str();
        assert_eq!(left_out, [(Some(other), crate::compared::Reason::NotTrained)]);
    }
}

/// An untrained text that is like an output, and one that holds the trained one and more: neither takes anything.
#[tokio::test]
async fn untrained_relatives_take_nothing() {
    let text = words(MOBY, 0, 500);
    let more = format!("{} {}", words(MOBY, 0, 900), words(ROOSEVELT, 0, 300));
    let works = Works::of(&[("melville/moby", &[text]), ("squatter/more", &[more])]).await;
    let lines = [
        line("quote", words(MOBY, 100, 60)),
        line("beyond", words(MOBY, 600, 60)),
        line("own", words(ROOSEVELT, 20, 60)),
    ];
    let found = works.attributed(works.recorded(&lines).expect("recorded"), &[0]).await;
    assert_eq!((tokens(&found), found.totals.qualifying_calls), (vec![(1, 80)], 1));
}
