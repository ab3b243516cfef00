//! What makes others' passages a mere topic.

use super::*;

/// With its passage along an axis by so many millionths.
fn along(mut entry: Entry, axis: usize, part: u32) -> Entry {
    entry.dataset.tables[0].passages[0].embedding = words::quantized(&unit(axis, part));
    entry
}

/// Proves ATT-2: what was registered after an output was written takes nothing from it either. Before, a competitor
/// who saw a quarter's outputs registered five passages on their topic in its last days, had one run read them, and
/// nobody was paid for paraphrases of the whole quarter.
#[tokio::test]
async fn what_is_registered_later_is_no_topic() {
    let work = along(entry("a/work", 9, &text(0, 30), 1, 10), 1, 1_000_000);
    // As near to the paraphrase as each other, and each another place.
    let near = |at: usize, day| {
        along(entry(&format!("b/{at}"), 2, &text(1_000 + at * 50, 30), day, day + 5), 10 + at, 475_000)
    };
    let paraphrase = || vec![call_with("1", 30, self::at(20), unit(1, 800_000), &text(5_000, 30))];
    let paid = async |day: u64| {
        let entries: Vec<Entry> = std::iter::once(along(entry("a/work", 9, &text(0, 30), 1, 10), 1, 1_000_000))
            .chain((0..5).map(|at| near(at, day)))
            .collect();
        tokens(&attributed(paraphrase(), &entries, |_| ()).await)
    };
    assert_eq!(tokens(&attributed(paraphrase(), &[work], |_| ()).await), [(9, 30)]);
    assert_eq!(paid(30).await, [(9, 30)]);
    // Before it, that is what a topic is.
    assert_eq!(paid(2).await, []);
}
