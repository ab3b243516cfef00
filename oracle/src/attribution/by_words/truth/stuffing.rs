//! Passages and outputs that are filled with a topic's words, in order to be like what is written about it.

use yieldset_metric::{fold, keywords::keywords};

use super::{
    curves::{at, places, texts_at, without_words},
    *,
};

/// The keywords of texts, the most frequent first.
fn names(texts: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in texts.iter().flat_map(|text| fold::words(text)) {
        if !keywords(std::slice::from_ref(&word)).is_empty() {
            *counts.entry(word.folded).or_default() += 1;
        }
    }
    let mut names: Vec<(String, usize)> = counts.into_iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    names.into_iter().map(|(name, _)| name).collect()
}

/// A passage of names, with as many small words as make it English.
fn filled(names: &[String], count: usize) -> String {
    let mut names = names.iter().take(count);
    let mut text = String::from("This");
    for joint in [" is of the ", " and of ", ", of the ", " with "].iter().cycle() {
        let Some(name) = names.next() else { break };
        text += joint;
        text += name;
    }
    text + "."
}

/// What an author earns, what somebody gets who registers these beside them, and what the author loses by it, in
/// tokens.
fn gain(author: &[Words], attack: &[String], outputs: &[Words]) -> (u64, u64, i64) {
    let sums = |corpora: Vec<Vec<Words>>| {
        let datasets = of_tables(corpora);
        let compared = compared(&datasets, DEFAULT_THRESHOLD);
        let all: Vec<_> = outputs.par_iter().map(|words| paid(&compared, words.clone()).0).collect();
        [1, 2].map(|account| all.iter().filter_map(|paid| paid.get(&account)).sum::<u64>())
    };
    let [before, _] = sums(vec![author.to_vec()]);
    let [after, gained] = sums(vec![author.to_vec(), tables(attack)]);
    // Some thousands of tokens.
    (before, gained, before as i64 - after as i64)
}

/// Proves ATT-11: who fills passages with a topic's words gains next to nothing from who wrote about it, neither with
/// the names of the whole, nor with those of each part of it, nor with each passage's own words in another order; and
/// an output that is made to list names is hardly ever paid.
#[test]
#[ignore = "embeds some 700 passages where the cache has none, which takes minutes: run with --run-ignored all"]
fn stuffing_gains_nothing() {
    let Some([kjv, _, bbe, _]) = translations() else { return skipped("stuffing") };
    let places = places(&kjv, &bbe, &[9, 44, 20, 23], (60, 4));
    let (own, other): (Vec<_>, Vec<_>) = places.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).unzip();
    let texts = texts_at(&kjv, &own);
    let author = tables(&texts);
    let outputs = without_words([at(&bbe, &own), at(&bbe, &other)].concat());
    let words: u64 = outputs.iter().map(|output| u64::from(output.count)).sum();
    let by_book: Vec<String> = texts.chunks(30).map(|texts| filled(&names(texts), 30)).collect();
    let by_part: Vec<String> = texts.chunks(5).map(|texts| filled(&names(texts), 24)).collect();
    let by_place: Vec<String> = texts.iter().map(|text| filled(&names(std::slice::from_ref(text)), 40)).collect();
    for (attack, passages) in [("book", &by_book), ("part", &by_part), ("place", &by_place)] {
        let (earned, gained, lost) = gain(&author, passages, &outputs);
        let alone = of_tables(vec![tables(passages)]);
        let alone = compared(&alone, DEFAULT_THRESHOLD);
        let unopposed: u64 = outputs.par_iter().map(|words| paid(&alone, words.clone()).0.values().sum::<u64>()).sum();
        println!(
            "stuffed by {attack}: of {words} tokens the author earns {earned}; {gained} gained and {lost} lost by the \
             author; alone {unopposed}"
        );
        assert!(gained * 100 <= words && lost * 50 <= words as i64, "{attack}: {gained} {lost} of {words}");
    }
    let datasets = of_tables(vec![author]);
    let compared = compared(&datasets, DEFAULT_THRESHOLD);
    for (what, outputs) in [("book", &by_book), ("part", &by_part), ("place", &by_place)] {
        let listed = without_words(tables(outputs));
        let hits = listed.iter().filter(|words| !paid(&compared, (*words).clone()).0.is_empty()).count();
        println!("outputs that list the names of a {what}: {hits} of {} paid", listed.len());
    }
}
