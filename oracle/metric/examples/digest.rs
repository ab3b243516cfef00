//! Prints one SHA-256 over what the metric makes of a hundred texts and a thousand embeddings, which are the same in
//! each run. `tests/targets.rs` runs it as built for several processors.

use sha2::{Digest, Sha256};
use yieldset_metric::{
    fold, grams,
    keywords::keywords,
    likeness,
    nearest::{Queries, Table},
    passages::{passages, reading},
    spans::{Index, origins, shares},
};

/// Sebastiano Vigna's splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// A text of a few hundred words out of a few hundred, so that texts share runs of them.
fn text(chance: &mut Chance) -> String {
    let from = chance.below(2_000);
    let word = |at: u64| match at % 11 {
        0 => format!("Wörd{at}, "),
        5 => format!("w{at}. "),
        7 => format!("W\u{200b}{at}\u{2014}"),
        _ => format!("the w{at} "),
    };
    (0..100 + chance.below(300)).map(|at| word(from + at + chance.below(40) / 38)).collect()
}

fn embedding(chance: &mut Chance) -> Vec<i8> {
    (0..384).map(|_| (chance.below(31) as i8) - 15).collect()
}

fn main() {
    let (mut chance, mut hash) = (Chance(1), Sha256::new());
    let mut told = |what: String| hash.update(what.as_bytes());
    let texts: Vec<String> = (0..100).map(|_| text(&mut chance)).collect();
    let words: Vec<_> = texts.iter().map(|text| fold::words(text)).collect();
    let runs: Vec<Vec<u64>> = words.iter().map(|words| grams::grams(words)).collect();
    let index = Index::new(runs.iter().map(Vec::as_slice), |run| run % 97 != 0);
    let mut owed = Vec::new();
    for (number, (runs, words)) in (0..).zip(runs.iter().zip(&words)) {
        let spans = index.spans(runs, |text| text < number);
        let count = words.len() as u32;
        owed.push(origins(number, count, &spans, &owed));
        let likeness: Vec<u32> = spans.iter().map(|span| span.likeness()).collect();
        told(format!("{spans:?} {likeness:?} {:?}", shares(count, &spans)));
        for range in passages(&texts[number as usize], words, |part| part.len() / 4) {
            told(reading(&texts[number as usize], words, &range));
        }
    }
    told(format!("{owed:?}"));
    let embeddings: Vec<Vec<i8>> = (0..1_000).map(|_| embedding(&mut chance)).collect();
    let keys: Vec<Vec<u16>> = words.iter().map(|words| keywords(words)).collect();
    told(format!("{keys:?}"));
    let pairs = embeddings.iter().zip(embeddings.iter().skip(1));
    for ((one, other), own) in pairs.zip(keys.iter().cycle()) {
        let near = likeness::near(9 * likeness::cosine(one, other), likeness::overlap(own, &keys[7]));
        told(format!("{near} {}", likeness::score(near, near / 3)));
    }
    let mut slices: Vec<&[i8]> = embeddings.iter().map(Vec::as_slice).collect();
    // What fits no 16 bits, too.
    slices.extend([&[i8::MIN; 384][..], &[127; 300], &[64; 9]]);
    let table = Table::new(&slices);
    told(format!("{:?}", table.nearest(&Queries::new(&slices[..70], &table), 20)));
    println!("{}", hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}
