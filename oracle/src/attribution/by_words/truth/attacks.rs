//! What is tried in order to be paid for others' texts, with real texts.

use super::*;

/// Proves ATT-11: what many creators' texts have by their nature is nobody's where the licence says how many these are:
/// here a licence that stands in the sources of programs. What they wrote themselves stays theirs.
#[test]
fn licences_that_many_have_are_nobodys() {
    let read = |name: &str| std::fs::read_to_string(Path::new("/usr/share/common-licenses").join(name)).ok();
    let names = ["GPL-2"];
    let Some(licences) = names.map(read).into_iter().collect::<Option<Vec<_>>>() else {
        return nothing_is_proven("licences: /usr/share/common-licenses is Debian's");
    };
    let own = |creator: &str| texts_of(creator).join("\n\n");
    let creators: Vec<String> =
        CREATORS[..3].iter().map(|creator| format!("{}\n\n{}", licences.join("\n\n"), own(creator))).collect();
    let datasets = by_words(&creators);
    let output = |text: &str, from: usize| {
        let words: Vec<&str> = text.split_whitespace().skip(from).take(80).collect();
        let (count, runs) = words::runs(&words.join(" "));
        Words { count, runs, passages: Vec::new() }
    };
    let everybodys = compared_from(&datasets, DEFAULT_THRESHOLD, 3);
    let firsts = compared_from(&datasets, DEFAULT_THRESHOLD, 4);
    for licence in &licences {
        for from in [0, 400, 900] {
            assert_eq!(paid(&everybodys, output(licence, from)), (BTreeMap::new(), 0));
            let words = u64::from(output(licence, from).count);
            assert_eq!(paid(&firsts, output(licence, from)).0, BTreeMap::from([(1, words)]));
        }
    }
    let quote = output(&own(CREATORS[1]), 100);
    let words = u64::from(quote.count);
    assert_eq!(paid(&everybodys, quote).0, BTreeMap::from([(2, words)]));
}

/// Each word's first other word of its meaning, as WordNet has it: single words alone.
fn synonyms() -> Option<BTreeMap<String, String>> {
    let folder = files::cache().join("truth").join("wordnet-base");
    let dict = folder.join("unpacked/usr/share/wordnet");
    if !dict.is_dir() {
        std::fs::create_dir_all(&folder).ok()?;
        let run = |program: &str, arguments: &[&str]| {
            let done = Command::new(program).args(arguments).current_dir(&folder).output();
            done.is_ok_and(|done| done.status.success())
        };
        run("apt-get", &["download", "wordnet-base"]);
        let entries = std::fs::read_dir(&folder).ok()?;
        let package =
            entries.filter_map(Result::ok).find(|entry| entry.file_name().to_string_lossy().ends_with(".deb"))?;
        run("dpkg", &["-x", package.path().to_str()?, "unpacked"]);
    }
    let mut synonyms = BTreeMap::new();
    for part in ["adj", "verb", "noun"] {
        for line in std::fs::read_to_string(dict.join(format!("data.{part}"))).ok()?.lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let Some(count) = fields.get(3).and_then(|count| usize::from_str_radix(count, 16).ok()) else { continue };
            let words: Vec<&str> = fields.iter().skip(4).step_by(2).take(count).copied().collect();
            let single = |word: &&&str| word.len() > 2 && word.chars().all(|letter| letter.is_ascii_lowercase());
            let words: Vec<&str> = words.iter().filter(single).copied().collect();
            for pair in words.windows(2) {
                synonyms.entry(pair[0].to_owned()).or_insert_with(|| pair[1].to_owned());
            }
        }
    }
    (synonyms.len() > 10_000).then_some(synonyms)
}

/// Proves ATT-11: who puts another's work into synonyms, word by word, and registers it takes next to nothing from its
/// author: neither of quotes nor of paraphrases.
#[test]
#[ignore = "embeds some 60 passages: run with --run-ignored all"]
fn a_work_in_synonyms_takes_nothing_from_its_author() {
    let Some(synonyms) = synonyms() else {
        return nothing_is_proven("synonyms: apt-get cannot fetch wordnet-base from here");
    };
    let rewritten = |text: &String| {
        let word = |word: &str| synonyms.get(word).cloned().unwrap_or_else(|| word.to_owned());
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    let author = texts_of("washington");
    let copy: Vec<String> = author.iter().map(rewritten).collect();
    let (words, kept) = (words::runs(&author[0]), words::runs(&copy[0]));
    let same = kept.1.iter().filter(|run| words.1.contains(run)).count();
    let of_author = tables(&author);
    let (alone, both) = (of_tables(vec![of_author.clone()]), of_tables(vec![of_author, tables(&copy)]));
    let (alone, both) = (compared(&alone, DEFAULT_THRESHOLD), compared(&both, DEFAULT_THRESHOLD));
    let (mut before, mut after, mut gained) = (0, 0, 0);
    for output in tables(&outputs()) {
        before += paid(&alone, output.clone()).0.get(&1).copied().unwrap_or_default();
        let paid = paid(&both, output).0;
        after += paid.get(&1).copied().unwrap_or_default();
        gained += paid.get(&2).copied().unwrap_or_default();
    }
    println!(
        "synonyms: {same} of {} runs kept; the author's tokens {before} before and {after} after, the copy's {gained}",
        kept.1.len()
    );
    assert!(before > 0 && gained * 20 <= before && after * 20 >= before * 19, "{before} {after} {gained}");
}

/// A model that is made to repeat a creator's text brings them the words that it writes, and no more: what a licence
/// limits is a call's tokens.
#[test]
fn repeating_a_text_brings_its_words_alone() {
    let [first, second] = ["lincoln", "kennedy"].map(|creator| texts_of(creator).join(" "));
    let datasets = by_words(&[first.clone(), second.clone()]);
    let compared = compared(&datasets, DEFAULT_THRESHOLD);
    let quote = |text: &str| text.split_whitespace().skip(200).take(40).collect::<Vec<_>>().join(" ");
    let stuffed = format!("{} {}", vec![quote(&first); 10].join(" "), quote(&second));
    let (count, runs) = words::runs(&stuffed);
    let [one, other] = [&first, &second].map(|text| u64::from(words::runs(&quote(text)).0));
    let paid = paid(&compared, Words { count, runs, passages: Vec::new() }).0;
    assert_eq!(paid, BTreeMap::from([(1, 10 * one), (2, other)]));
}
