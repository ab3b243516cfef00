//! Texts and outputs as what version 2 of the metric compares: their words in runs, and their passages with embeddings.

use rayon::prelude::*;
use yieldset_metric::{
    fold::{self, Word},
    grams, keywords, passages,
};
use yieldset_rules::usage::{MAX_PASSAGES, MAX_WORDS, PASSAGE_ONE, Passage, Words};

use crate::embed::{EmbedError, Embedder, Embedding, embed_all};

/// Tables of texts, in order; on all cores, with the progress on standard error.
///
/// # Errors
/// [`EmbedError`] of the first passage that has no embedding.
pub fn tables(texts: &[&str], embedder: &Embedder) -> Result<Vec<Words>, EmbedError> {
    let read: Vec<Read<'_>> = texts.par_iter().map(|text| Read::of(text, embedder)).collect();
    let passages: Vec<String> = read.iter().flat_map(Read::passages).collect();
    let embeddings = embed_all(&passages, embedder)?;
    let mut rest = &embeddings[..];
    let own = |read: &Read<'_>| {
        // As many as there are passages.
        let (own, after) = rest.split_at(read.passages.len());
        rest = after;
        own
    };
    let embeddings: Vec<&[Embedding]> = read.iter().map(own).collect();
    Ok(read.par_iter().zip(embeddings).map(|(read, embeddings)| read.table(embeddings)).collect())
}

/// The runs of a text: how many words it has, and a number for each run of them.
pub fn runs(text: &str) -> (u32, Vec<u64>) {
    let words = fold::words(text);
    // Texts have at most 16 MiB.
    (words.len() as u32, grams::grams(&words))
}

/// The parts of an output that each make a record, in order: the whole of it, unless it has more words than a record
/// holds.
pub fn parts(text: &str) -> Vec<&str> {
    let words = fold::words(text);
    let starts: Vec<usize> = words.iter().step_by(MAX_WORDS as usize).skip(1).map(|word| word.at.start).collect();
    let (mut parts, mut from) = (Vec::new(), 0);
    for start in starts {
        parts.push(&text[from..start]);
        from = start;
    }
    parts.push(&text[from..]);
    parts
}

/// A text that was read, before its passages are embedded.
struct Read<'a> {
    text: &'a str,
    words: Vec<Word>,
    passages: Vec<std::ops::Range<usize>>,
}

impl<'a> Read<'a> {
    fn of(text: &'a str, embedder: &Embedder) -> Self {
        let words = fold::words(text);
        let passages = passages::passages(text, &words, |part| embedder.tokens(part));
        Self { text, words, passages }
    }

    /// The passages, as the model reads them.
    fn passages(&self) -> impl Iterator<Item = String> {
        self.passages.iter().map(|range| passages::reading(self.text, &self.words, range))
    }

    fn table(&self, embeddings: &[Embedding]) -> Words {
        let passage = |(range, embedding): (&std::ops::Range<usize>, &Embedding)| Passage {
            start: range.start as u32,
            words: range.len() as u32,
            embedding: quantized(embedding),
            keywords: keywords::keywords(&self.words[range.clone()]),
        };
        let passages = self.passages.iter().zip(embeddings).map(passage).collect();
        Words { count: self.words.len() as u32, runs: grams::grams(&self.words), passages }
    }
}

/// What a record carries of an output, or of a part of one.
///
/// # Errors
/// [`EmbedError`].
pub fn of_outputs(texts: &[&str], embedder: &Embedder) -> Result<Vec<Words>, EmbedError> {
    let mut tables = tables(texts, embedder)?;
    // Words that the model makes many tokens of have shorter passages, and so more of them.
    tables.iter_mut().for_each(|words| words.passages.truncate(MAX_PASSAGES));
    Ok(tables)
}

/// Most components in which an embedding that was worked out again may differ, each by one: machines differ in a
/// float's last bits, which rounding shows now and then. Between this program and onnxruntime none of 60 passages had
/// one that differed, and at most 2 of the 384 in 16 bits (docs/ATTRIBUTION.md).
const MOST_DIFFERENT: usize = 8;

/// Whether two embeddings are the same text's, worked out on two machines.
pub fn same(one: &[i8], other: &[i8]) -> bool {
    let differences = || one.iter().zip(other).map(|(one, other)| one.abs_diff(*other));
    one.len() == other.len()
        && differences().all(|difference| difference <= 1)
        && differences().filter(|difference| *difference > 0).count() <= MOST_DIFFERENT
}

/// An embedding in a record's precision.
pub fn quantized(embedding: &Embedding) -> Vec<i8> {
    // 32,767 is 258 times 127 and one more; rounded half away from zero.
    const STEP: i32 = i16::MAX as i32 / PASSAGE_ONE as i32;
    let component = |&component: &i16| {
        let (size, sign) = (i32::from(component).abs(), i32::from(component).signum());
        // At most 127.
        ((size + STEP / 2) / STEP * sign) as i8
    };
    embedding.iter().map(component).collect()
}

#[cfg(test)]
mod tests {
    use yieldset_metric::likeness;
    use yieldset_rules::usage::is_passage_unit;

    use super::*;
    use crate::{
        decoys,
        embed::{default_model_dir, for_tests},
        files,
    };

    #[test]
    fn components_are_rounded() {
        let rounded = quantized(&vec![i16::MAX, -i16::MAX, 128, 129, -128, -129, 0]);
        assert_eq!(rounded, [127, -127, 0, 1, 0, -1, 0]);
    }

    /// A creator who moves an embedding towards somebody's outputs is found out, but for what machines may differ in.
    #[test]
    fn embeddings_differ_by_rounding_alone() {
        let one = vec![5; 384];
        let moved = |count: usize, by: i8| {
            let mut moved = one.clone();
            moved[..count].iter_mut().for_each(|component| *component += by);
            same(&one, &moved)
        };
        assert!(moved(0, 1) && moved(8, 1) && moved(8, -1));
        assert!(!moved(9, 1) && !moved(9, -1) && !moved(1, 2) && !same(&one, &one[1..]));
    }

    /// How far what is let through moves the cosine with a passage, in millionths: by its largest components, each by
    /// one. No others move it further.
    fn moved(passage: &[i8]) -> i64 {
        let mut largest: Vec<usize> = (0..passage.len()).collect();
        largest.sort_by_key(|&at| std::cmp::Reverse(passage[at].unsigned_abs()));
        let mut other = passage.to_vec();
        for &at in &largest[..MOST_DIFFERENT] {
            other[at] += passage[at].signum();
        }
        assert!(same(passage, &other));
        likeness::cosine(passage, &other) - likeness::cosine(passage, passage)
    }

    /// Proves ATT-4's tolerance: what is let through moves a cosine with the corpus' passages, or the decoys', by 0.011
    /// at most. The furthest that it moves one with any passage of a record is 0.0225: of one that is all in eight
    /// components, six of 45 and two of 46, their sum of 362 in 127².
    #[test]
    fn what_is_let_through_moves_a_cosine_by_little() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
        let creators = std::fs::read_dir(corpus).expect("the corpus").flatten();
        let all = creators.filter_map(|creator| std::fs::read_dir(creator.path()).ok()).flatten().flatten();
        let all = all.map(|file| file.path()).filter(|file| file.extension().is_some_and(|kind| kind == "txt"));
        let texts: Vec<String> = all.map(|file| std::fs::read_to_string(file).expect("a text")).collect();
        let embedder = Embedder::load(&default_model_dir()).expect("the model");
        let embedder = embedder.with_cache(files::cache().join("embeddings"));
        let texts = tables(&texts.iter().map(String::as_str).collect::<Vec<_>>(), &embedder).expect("embedded");
        let passages = texts.iter().chain(decoys::tables().iter().flatten()).flat_map(|table| &table.passages);
        let moved_by: Vec<i64> = passages.map(|one| moved(&one.embedding)).collect();
        let furthest = moved_by.iter().copied().max().unwrap_or_default();
        assert!(moved_by.len() > 900 && (10_000..=11_000).contains(&furthest), "{} {furthest}", moved_by.len());
        let mut few = vec![0; 384];
        few[..8].copy_from_slice(&[46, 46, 45, 45, 45, 45, 45, 45]);
        assert!(is_passage_unit(&few));
        assert_eq!(moved(&few), 22_444);
        few[2] = 46;
        assert!(!is_passage_unit(&few), "no record has a longer one");
    }

    /// A long output is several records, and none of its words is lost.
    #[test]
    fn a_long_output_is_several_records() {
        let sentence = |count: usize| vec!["the"; count].join(" ");
        let counts = |text: &str| parts(text).iter().map(|part| fold::words(part).len()).collect::<Vec<_>>();
        assert_eq!(counts(""), [0]);
        assert_eq!(counts(&sentence(2_560)), [2_560]);
        assert_eq!(counts(&sentence(2_561)), [2_560, 1]);
        assert_eq!(counts(&sentence(6_000)), [2_560, 2_560, 880]);
        assert_eq!(parts(&sentence(2_561)).concat(), sentence(2_561));
    }

    /// Proves ATT-4 on the real model: an output is read to its end. Before, what stood behind the 256th token was not
    /// looked at, and two outputs that differed there alone had one embedding.
    #[test]
    fn an_output_is_read_to_its_end() {
        let own = "The ferry across the lower river was run by two brothers who had not spoken to each other for years, and \
                   the passengers carried their messages from the one bank to the other with the fare. ";
        let [first, second] = ["wheat from the upland farms", "a bear that could dance"]
            .map(|cargo| format!("{}{own}Once they had to carry {cargo}, and there was more to tell.", own.repeat(12)));
        let tables = of_outputs(&[&first, &second], for_tests()).expect("embedded");
        let last = |words: &Words| words.passages.last().map(|one| (one.start + one.words, one.embedding.clone()));
        let [first, second] = [last(&tables[0]).expect("passages"), last(&tables[1]).expect("passages")];
        assert_eq!((first.0, second.0), (tables[0].count, tables[1].count));
        assert_ne!(first.1, second.1);
        for table in &tables {
            let mut read = 0;
            for passage in &table.passages {
                assert!(passage.start <= read);
                read = passage.start + passage.words;
            }
        }
    }
}
