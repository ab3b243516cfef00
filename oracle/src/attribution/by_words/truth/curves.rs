//! How often likeness finds what it should, and what it should not, by threshold, on the books by which the scale was
//! laid and on others.

use super::*;

/// Places of a text, so many verses each and so many places of each book; every other one is a corpus's, the one after
/// it is about the same and nobody's.
pub(super) fn places(
    verses: &BTreeMap<u32, String>,
    other: &BTreeMap<u32, String>,
    books: &[u32],
    (each, length): (usize, usize),
) -> Vec<Vec<u32>> {
    let both: Vec<u32> = verses.keys().filter(|verse| other.contains_key(verse)).copied().collect();
    let of = |book: &u32| {
        let of_book: Vec<u32> = both.iter().copied().filter(|verse| verse / 1_000_000 == *book).collect();
        of_book.chunks_exact(length).map(<[u32]>::to_vec).take(each).collect::<Vec<_>>()
    };
    books.iter().flat_map(of).collect()
}

/// What a translation has at some places.
pub(super) fn texts_at(verses: &BTreeMap<u32, String>, places: &[Vec<u32>]) -> Vec<String> {
    let text = |place: &Vec<u32>| {
        place.iter().filter_map(|verse| verses.get(verse)).map(|verse| verse.trim()).collect::<Vec<_>>().join(" ")
    };
    places.iter().map(text).collect()
}

pub(super) fn at(verses: &BTreeMap<u32, String>, places: &[Vec<u32>]) -> Vec<Words> {
    tables(&texts_at(verses, places))
}

/// Outputs that are compared by likeness alone.
pub(super) fn without_words(tables: Vec<Words>) -> Vec<Words> {
    tables.into_iter().map(|one| Words { runs: vec![0; one.runs.len()], ..one }).collect()
}

/// The part of outputs that is paid for, in percent.
fn rate(corpora: Vec<Vec<Words>>, threshold: u32, outputs: &[Words]) -> f64 {
    let datasets = of_tables(corpora);
    let compared = compared(&datasets, threshold);
    let hits = outputs.par_iter().filter(|words| !paid(&compared, (*words).clone()).0.is_empty()).count();
    percent(hits, outputs.len())
}

/// Of a corpus each so manieth text, from each of the first on.
pub(super) fn parts(corpus: &[Words], count: usize) -> Vec<Vec<Words>> {
    (0..count).map(|from| corpus.iter().skip(from).step_by(count).cloned().collect()).collect()
}

const THRESHOLDS: [u32; 8] = [550_000, 600_000, 650_000, 700_000, 725_000, 750_000, 800_000, 850_000];

/// What is paid at a threshold, in percent.
struct Rates {
    /// The same place in another rendering.
    same: f64,
    /// A place beside it.
    topic: f64,
    /// The same, where the corpus is twelve accounts'.
    split: f64,
    /// The same, of a twelfth of the corpus alone: the mean of all twelve.
    twelfth: f64,
    /// The same place in a rendering that is closer.
    closer: f64,
}

/// Prints the curve of some books and returns the rates at the default threshold.
fn curve(name: &str, books: &[u32], each: usize) -> Option<Rates> {
    let [kjv, ylt, bbe, _] = translations()?;
    let places = places(&kjv, &bbe, books, (each, 4));
    let (own, other): (Vec<_>, Vec<_>) = places.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).unzip();
    let corpus = at(&kjv, &own);
    let (renderings, topic) = (without_words(at(&bbe, &own)), without_words(at(&bbe, &other)));
    let closer = without_words(at(&ylt, &own));
    println!("{name}: threshold | same place | same topic | by twelve accounts | by a twelfth | same place in YLT");
    let mut default = None;
    for threshold in THRESHOLDS {
        let twelfths = parts(&corpus, 12);
        let twelfth = twelfths.iter().map(|part| rate(vec![part.clone()], threshold, &topic)).sum::<f64>() / 12.0;
        let rates = Rates {
            same: rate(vec![corpus.clone()], threshold, &renderings),
            topic: rate(vec![corpus.clone()], threshold, &topic),
            split: rate(twelfths, threshold, &topic),
            twelfth,
            closer: rate(vec![corpus.clone()], threshold, &closer),
        };
        let Rates { same, topic, split, twelfth, closer } = rates;
        println!("{threshold} | {same:.1} % | {topic:.1} % | {split:.1} % | {twelfth:.2} % | {closer:.1} %");
        if threshold == DEFAULT_THRESHOLD {
            default = Some(rates);
        }
    }
    default
}

/// Proves ATT-5 on books that the scale was not laid by: outputs about a creator's topic that are not from their
/// passages are hardly ever paid, neither a large corpus nor one that is split gains by it, and other renderings of
/// the same passages are found. Prints the curve.
#[test]
#[ignore = "embeds some 1,000 passages, which takes minutes: run with --run-ignored all"]
fn likeness_tells_passages_from_topics() {
    // Samuel, Acts, Proverbs, Isaiah.
    let Some(held_out) = curve("held out", &[9, 44, 20, 23], 60) else { return skipped("likeness") };
    assert!(held_out.same >= 55.0 && held_out.topic <= 1.0, "{} {}", held_out.same, held_out.topic);
    assert!(held_out.split <= 1.7 && held_out.twelfth <= 1.0, "{} {}", held_out.split, held_out.twelfth);
    assert!(held_out.closer >= 90.0, "{}", held_out.closer);
}

/// The same on Genesis and John, by which the scale was laid.
#[test]
#[ignore = "embeds some 1,000 passages, which takes minutes: run with --run-ignored all"]
fn the_scale_is_laid_by_two_books() {
    let Some(tuned) = curve("tuned on", &[1, 43], 120) else { return skipped("the scale") };
    assert!(tuned.same >= 70.0 && tuned.topic <= 2.5, "{} {}", tuned.same, tuned.topic);
}

/// Proves ATT-5 by what people said of fifty news texts: texts that they did not find much alike are not paid.
#[test]
#[ignore = "embeds some 170 passages: run with --run-ignored all"]
fn what_people_find_unlike_is_not_paid() {
    let Some(folder) = wheel("gensim", "4.4.0") else { return skipped("ratings") };
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join("gensim/test/test_data").join(name)).expect("a file of the wheel");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let texts: Vec<String> = read("lee.cor").lines().map(str::to_owned).collect();
    let number = |field: &str| field.parse::<f64>().expect("a rating");
    let ratings: Vec<Vec<f64>> =
        read("similarities0-1.txt").lines().map(|line| line.split_whitespace().map(number).collect()).collect();
    let all = tables(&texts);
    // Pairs and paid ones, by rating: up to 0.3, 0.5, 0.7, 0.85 and one.
    let mut bins = [(0, 0); 5];
    for (number, output) in all.iter().enumerate() {
        let others = |other: &usize| *other != number;
        let datasets = of_tables((0..all.len()).filter(others).map(|other| vec![all[other].clone()]).collect());
        let (paid, _) = paid(&compared(&datasets, DEFAULT_THRESHOLD), without_words(vec![output.clone()]).remove(0));
        for (account, other) in (1_u8..).zip((0..all.len()).filter(others)) {
            let rating = ratings[number.min(other)][number.max(other)];
            let bin = [0.3, 0.5, 0.7, 0.85].iter().filter(|&&from| rating >= from).count();
            bins[bin].0 += 1;
            bins[bin].1 += usize::from(paid.contains_key(&account));
        }
    }
    println!("pairs and paid ones by rating, up to 0.3, 0.5, 0.7, 0.85, 1: {bins:?}");
    let unlike = bins[..3].iter().fold((0, 0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
    assert!(unlike.0 > 2_000 && percent(unlike.1, unlike.0) <= 0.1, "{unlike:?}");
}

/// Proves ATT-10 by texts of one world: fifty news texts as outputs, against 59 creators who registered five others
/// each of the same months. Their topics are the same, their words are not, and none is paid. Prints how many are,
/// and by how many creators at most.
#[test]
#[ignore = "embeds some 700 passages: run with --run-ignored all"]
fn news_of_the_same_months_are_nobodys() {
    let Some(folder) = wheel("gensim", "4.4.0") else { return skipped("background") };
    let read = |name: &str| -> Vec<String> {
        let bytes = std::fs::read(folder.join("gensim/test/test_data").join(name)).expect("a file of the wheel");
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    };
    let outputs = without_words(tables(&read("lee.cor")));
    let background = tables(&read("lee_background.cor"));
    for creators in [5, 59] {
        let corpora = background.chunks(5).take(creators).map(<[Words]>::to_vec).collect();
        let datasets = of_tables(corpora);
        let compared = compared(&datasets, DEFAULT_THRESHOLD);
        let all: Vec<_> = outputs.iter().map(|output| paid(&compared, output.clone())).collect();
        let hit = all.iter().filter(|(paid, _)| !paid.is_empty()).count();
        let most = all.iter().map(|(paid, _)| paid.len()).max().unwrap_or_default();
        let decoys: u64 = all.iter().map(|(_, decoys)| decoys).sum();
        println!("news: {hit} of {} paid by {creators} creators, at most {most} for one, {decoys} decoys", all.len());
        assert_eq!((all.len(), hit, decoys), (50, 0, 0));
    }
}

/// Proves ATT-4 to ATT-6 on real texts: the labelled outputs, on which nothing was tuned: every quote is its creator's,
/// no stranger is paid for, and of the paraphrases as many as the model allows at this rate of mistakes; none goes to
/// another creator.
#[test]
fn the_labelled_outputs_are_their_creators() {
    let corpora = CREATORS.iter().map(|creator| tables(&texts_of(creator))).collect();
    let datasets = of_tables(corpora);
    let compared = compared(&datasets, DEFAULT_THRESHOLD);
    // Melville, Washington, Lincoln, Roosevelt, FDR, Kennedy.
    let quotes = [4, 4, 4, 6, 6, 3, 3, 5, 5, 1, 2];
    let paraphrases = [4, 4, 6, 6, 3, 5, 1, 2];
    let all: Vec<BTreeMap<u8, u64>> = tables(&outputs()).into_iter().map(|words| paid(&compared, words).0).collect();
    for (paid, creator) in all.iter().zip(quotes.iter().chain(&paraphrases)) {
        assert!(paid.keys().all(|one| one == creator), "{paid:?} {creator}");
    }
    let found = |outputs: &[BTreeMap<u8, u64>]| outputs.iter().filter(|paid| !paid.is_empty()).count();
    let (quoted, like, strangers) = (found(&all[..11]), found(&all[11..19]), found(&all[19..]));
    println!("labelled outputs: {quoted} of 11 quotes, {like} of 8 paraphrases, {strangers} of 5 strangers");
    assert!(quoted == 11 && like >= 3 && strangers == 0, "{quoted} {like} {strangers}");
}
