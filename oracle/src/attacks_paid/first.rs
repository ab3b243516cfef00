//! Who registered first.

use super::*;

/// Proves ATT-11: an author who registers a corrected version has what the first one had since the first one's
/// registration, though no run read that one. Before, whoever copied the first version came before the second, and was
/// paid for all of it.
#[tokio::test]
async fn a_new_version_does_not_give_the_old_one_away() {
    let work = text(0, 300);
    for (closed, read) in [(None, None), (Some(3), None)] {
        let entries = [
            Entry { closed, ..entry("a/work", 9, &work, 1, read) },
            entry("c/copy", 1, &work, 2, 10),
            entry("a/work", 9, &format!("{work} {}", text(900, 20)), 3, 10),
        ];
        let found = attributed(vec![output("1", &text(50, 100), 20)], &entries, |_| ()).await;
        assert_eq!(tokens(&found), [(9, 100)], "{closed:?}");
    }
}

/// Proves ATT-11: a copy earns nothing where the original is registered before, at hand, and not compared: because no
/// run read it, it is another pool's, or its licence has another threshold.
#[tokio::test]
async fn a_copy_earns_nothing_beside_an_original_that_is_not_compared() {
    let work = text(0, 300);
    let original = |read: Option<u64>| entry("a/work", 9, &work, 1, read);
    let mut other_terms = original(Some(10));
    other_terms.dataset.terms.threshold = 800_000;
    for (case, original) in [
        ("not read", original(None)),
        ("of another pool", Entry { pool: [8; 20], ..original(Some(10)) }),
        ("under other terms", other_terms),
        ("withdrawn before the run", Entry { closed: Some(5), ..original(Some(10)) }),
    ] {
        let entries = [original, entry("c/copy", 1, &work, 2, 10)];
        let found = attributed(vec![output("1", &text(50, 100), 20)], &entries, |_| ()).await;
        assert_eq!(tokens(&found), [], "{case}");
    }
}

/// Proves ATT-2: what was registered after an output was written was not learned from it. Before, whoever collected a
/// model's outputs of a quarter, registered them in its last days and had one run read them was paid for the whole
/// quarter.
#[tokio::test]
async fn outputs_are_nobodys_who_registered_them_afterwards() {
    let said = text(0, 60);
    let entries = [entry("a/a", 9, &text(5_000, 50), 1, 2), entry("h/harvest", 1, &said, 80, 81)];
    let outputs = vec![output("before", &said, 20), output("after", &said, 85)];
    let found = attributed(outputs, &entries, |_| ()).await;
    assert_eq!(tokens(&found), [(1, 60)]);
}

/// Two who register in one second: whose manifest has the smaller hash comes first, and a hash is made smaller by
/// trying descriptions.
#[tokio::test]
#[ignore = "open: the registry tells a second, not who came first in it"]
async fn nobody_comes_first_by_trying_hashes() {
    let work = text(0, 300);
    let mut found = Vec::new();
    for hash in [[0; 32], [255; 32]] {
        let mut copy = entry("c/copy", 1, &work, 1, 10);
        copy.dataset.manifest_hash = hash;
        let entries = [entry("a/work", 9, &work, 1, 10), copy];
        found.push(tokens(&attributed(vec![output("1", &text(50, 100), 20)], &entries, |_| ()).await));
    }
    assert_eq!(found[0], found[1]);
}
