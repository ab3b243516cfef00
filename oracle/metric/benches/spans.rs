//! Spans of many outputs in corpora, for `tests/bench/speed/spans/run`, which has a peer look for the same in turns.
//!
//! `spans FOLDER MEGABYTES OUTPUTS` makes the same texts each time and writes them to the folder, as numbers of words:
//! `texts.u16` with 65535 before each text, `outputs.u16` with it before each output. It writes the index to a file,
//! maps it, and then each line of its input is a number of threads: it finds the spans of all outputs with so many,
//! writes to `ours.u32` where runs of [`LEAST`] words or more stand that are in no longer one (output, first word,
//! words), and prints the seconds, and those of processors.

mod common;

use std::{
    collections::BTreeSet,
    fs,
    io::{self, BufRead},
    path::PathBuf,
    thread,
};

use common::{Chance, Failure, arguments, kilobytes, say, timed};
use yieldset_mapped::Words;
use yieldset_metric::{
    grams,
    spans::{Index, LEAST, Span},
};

/// Words that there are: the most frequent first, by Zipf's law.
const VOCABULARY: usize = 50_000;
/// Before each text and output; no word.
const START: u16 = u16::MAX;
/// Stock sentences, one of which stands in every other text.
const STOCK: usize = 200;
/// Memory in which the index is written.
const MEMORY: usize = 32 << 20;

struct Zipf {
    chance: Chance,
    /// Sums of the frequencies.
    up_to: Vec<u64>,
}

impl Zipf {
    fn new() -> Self {
        let mut sum = 0;
        let frequency = |rank: usize| 1_000_000_000 / (rank as u64 + 3);
        let up_to = (0..VOCABULARY).map(|rank| {
            sum += frequency(rank);
            sum
        });
        Self { up_to: up_to.collect(), chance: Chance(1) }
    }

    fn some(&mut self, count: usize) -> Vec<u16> {
        let all = self.up_to[VOCABULARY - 1];
        let mut one = || {
            let at = self.chance.below(all);
            // Fewer than 2^16.
            self.up_to.partition_point(|&sum| sum <= at) as u16
        };
        (0..count).map(|_| one()).collect()
    }
}

/// A word's letters: two a syllable, of a hundred.
fn letters(word: u16) -> String {
    let (mut rest, mut letters) = (usize::from(word), String::new());
    loop {
        letters.push(char::from(b"bcdfghjklmnpqrstvwxz"[rest % 20]));
        letters.push(char::from(b"aeiou"[rest / 20 % 5]));
        rest /= 100;
        if rest == 0 {
            return letters;
        }
    }
}

fn text(words: &[u16]) -> String {
    words.iter().map(|&word| letters(word)).collect::<Vec<_>>().join(" ")
}

/// Texts of 200 to 3,000 words, until they have so many bytes.
fn texts(words: &mut Zipf, bytes: usize) -> Vec<Vec<u16>> {
    let stock: Vec<Vec<u16>> = (0..STOCK).map(|at| words.some(8 + at % 25)).collect();
    let (mut texts, mut has) = (Vec::new(), 0);
    while has < bytes {
        let count = 200 + words.chance.below(2_800) as usize;
        let mut one = words.some(count);
        if words.chance.below(2) == 0 {
            one.extend(&stock[words.chance.below(STOCK as u64) as usize]);
        }
        has += one.iter().map(|&word| letters(word).len() + 1).sum::<usize>();
        texts.push(one);
    }
    texts
}

/// Outputs of some 200 words: every other one quotes a text or two, with some words changed.
fn outputs(words: &mut Zipf, texts: &[Vec<u16>], count: usize) -> Vec<Vec<u16>> {
    let mut output = |at: usize| {
        let mut one = words.some(60);
        for _ in 0..at % 2 * 2 {
            let text = &texts[words.chance.below(texts.len() as u64) as usize];
            let from = words.chance.below(text.len() as u64 - 100) as usize;
            let mut quote = text[from..from + 20 + words.chance.below(60) as usize].to_vec();
            let changed = words.chance.below(quote.len() as u64) as usize;
            quote[changed] = words.some(1)[0];
            one.append(&mut quote);
            one.append(&mut words.some(20));
        }
        one.extend(words.some(60));
        one
    };
    (0..count).map(&mut output).collect()
}

fn write(path: PathBuf, all: &[Vec<u16>]) -> io::Result<()> {
    let words = all.iter().flat_map(|one| [START].into_iter().chain(one.iter().copied()));
    fs::write(path, words.flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
}

fn spans(index: &Index<Words>, outputs: &[Vec<u64>], threads: usize) -> Vec<Vec<Span>> {
    let some = |outputs: &[Vec<u64>]| outputs.iter().map(|one| index.spans(one, |_| true)).collect::<Vec<_>>();
    thread::scope(|scope| {
        let parts = outputs.chunks(outputs.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || some(part))).collect();
        running.into_iter().flat_map(|part| part.join().expect("a thread")).collect()
    })
}

/// Runs that are in no longer one: where they begin, and how many words they have.
fn longest(spans: &[Span]) -> Vec<(u32, u32)> {
    let runs = spans.iter().flat_map(|span| &span.runs).filter(|run| run.words >= LEAST);
    let all: BTreeSet<(u32, std::cmp::Reverse<u32>)> =
        runs.map(|run| (run.output, std::cmp::Reverse(run.range().end))).collect();
    let mut end = 0;
    let longer = all.into_iter().filter(|(_, until)| {
        let longer = until.0 > end;
        end = end.max(until.0);
        longer
    });
    longer.map(|(from, until)| (from, until.0 - from)).collect()
}

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let [folder, megabytes, count] = &arguments[..] else { return Err("FOLDER MEGABYTES OUTPUTS".into()) };
    let (folder, bytes) = (PathBuf::from(folder), megabytes.parse::<usize>()? * 1_000_000);
    fs::create_dir_all(&folder)?;
    let mut words = Zipf::new();
    let texts = texts(&mut words, bytes);
    let outputs = outputs(&mut words, &texts, count.parse()?);
    write(folder.join("texts.u16"), &texts)?;
    write(folder.join("outputs.u16"), &outputs)?;
    let (asked, _, hashed) = timed(|| outputs.iter().map(|one| grams::of(&text(one))).collect::<Vec<_>>())?;
    let runs: Vec<Vec<u64>> = texts.iter().map(|one| grams::of(&text(one))).collect();
    let (count, all) = (texts.len(), texts.iter().map(Vec::len).sum::<usize>());
    drop(texts);
    // From here on the most memory is counted anew.
    fs::write("/proc/self/clear_refs", "5")?;
    let before = kilobytes("VmRSS")?;
    let texts = runs.iter().map(Vec::as_slice);
    let (written, _, built) = timed(|| Words::written(|file| Index::write(texts, |_| true, MEMORY, file)))?;
    let written = written?;
    let above = kilobytes("VmHWM")?.saturating_sub(before);
    drop(runs);
    let size = size_of_val(written.as_ref());
    let index = Index::of(written)?;
    say(&format!("{count} {all} {built:.2} {above} {hashed:.2} {size}"))?;
    for threads in io::stdin().lock().lines() {
        let threads = threads?.trim().parse()?;
        let (found, took, processor) = timed(|| spans(&index, &asked, threads))?;
        let runs = found.iter().zip(0_u32..).flat_map(|(spans, output)| {
            longest(spans).into_iter().flat_map(move |(from, words)| [output, from, words])
        });
        fs::write(folder.join("ours.u32"), runs.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())?;
        say(&format!("{took:.4} {processor:.2} {} {}", kilobytes("RssAnon")?, kilobytes("RssFile")?))?;
    }
    Ok(())
}
