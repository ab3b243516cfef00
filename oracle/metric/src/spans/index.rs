//! Where the runs of words of all texts stand: a table of 64-bit words, which lies in memory or in a file.
//!
//! | words | |
//! |---|---|
//! | 3 | [`TAG`], how many places there are, how many leading bits of a run's number tell its bucket |
//! | one a bucket, and one | the first place of each bucket, then how many places there are |
//! | 2 a place | the run's number; the text's and, in the lower half, that of the run's first word there: ascending |
//!
//! Numbers of runs are as good as random, so buckets have a few places each, and a run is found by looking at two
//! places of the table, however long it is. Runs that somebody chose to lie in one bucket are found by halving it.

use std::{error::Error, fmt, io};

/// Says that a table is one, and in which order its bytes are.
const TAG: u64 = u64::from_le_bytes(*b"runs/v1\0");
/// Words before the buckets.
const HEAD: usize = 3;
/// More leading bits than this tell no bucket: the buckets alone take 128 MiB then.
const MOST_BITS: u32 = 24;
/// In memory a table is made in so many bytes beside it, or an eighth of its own.
const BESIDE: usize = 64 << 20;

/// A run's number, and where it stands.
type Entry = [u64; 2];

/// Where the runs of words of all texts stand, in words that `W` has.
#[derive(Debug)]
pub struct Index<W = Vec<u64>> {
    words: W,
    bits: u32,
}

/// The words are no index, or of a machine that orders bytes differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnIndex;

impl fmt::Display for NotAnIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no whole index of runs of words, or another machine's: build it again from the texts")
    }
}

impl Error for NotAnIndex {}

impl Index {
    /// Of texts as their grams, in the order of their registration. What `counts` says no to is as if it stood nowhere.
    pub fn new<'a, T>(texts: T, counts: impl Fn(u64) -> bool) -> Self
    where
        T: IntoIterator<Item = &'a [u64]> + Clone,
    {
        let mut words = Vec::new();
        let memory = BESIDE.max(index_bytes(texts.clone()) / 8);
        let Ok(bits) = build(texts, counts, memory, |part| {
            words.extend_from_slice(part);
            Ok::<_, std::convert::Infallible>(())
        });
        Self { words, bits }
    }

    /// Writes one, as little-endian words, in about so many bytes of memory beside the buckets: the less, the more
    /// often it goes through the texts. `counts` is asked again each time and says the same.
    ///
    /// # Errors
    /// `to`'s.
    pub fn write<'a, T>(
        texts: T,
        counts: impl Fn(u64) -> bool,
        memory: usize,
        to: &mut impl io::Write,
    ) -> io::Result<()>
    where
        T: IntoIterator<Item = &'a [u64]> + Clone,
    {
        build(texts, counts, memory, |part| part.iter().try_for_each(|word| to.write_all(&word.to_le_bytes())))?;
        to.flush()
    }
}

impl<W: AsRef<[u64]>> Index<W> {
    /// Of what [`Index::write`] wrote.
    ///
    /// # Errors
    /// [`NotAnIndex`] where the length, the tag or the buckets' bounds are not those of one.
    pub fn of(words: W) -> Result<Self, NotAnIndex> {
        let all = words.as_ref();
        let (&[tag, places, bits], rest) = all.split_first_chunk().ok_or(NotAnIndex)?;
        let bits = u32::try_from(bits).ok().filter(|bits| *bits <= MOST_BITS).ok_or(NotAnIndex)?;
        let buckets = rest.get(..=1 << bits).ok_or(NotAnIndex)?;
        let entries = (rest.len() - buckets.len()) as u64;
        let whole = tag == TAG && places.checked_mul(2) == Some(entries) && buckets[buckets.len() - 1] == places;
        match whole && buckets.is_sorted() {
            true => Ok(Self { words, bits }),
            false => Err(NotAnIndex),
        }
    }

    /// The first places of a run of words, text and first word there, in the order of texts: so many of each text at
    /// most, and so many in all.
    pub(super) fn places(&self, gram: u64, (each, most): (usize, usize)) -> impl Iterator<Item = (u32, u32)> {
        let words = self.words.as_ref();
        let buckets = &words[HEAD..][..=1 << self.bits];
        let (entries, _) = words[HEAD + buckets.len()..].as_chunks();
        let bucket = bucket(gram, self.bits);
        let entries: &[Entry] = &entries[buckets[bucket] as usize..buckets[bucket + 1] as usize];
        let mut rest = &entries[entries.partition_point(|entry| entry[0] < gram)..];
        let (mut text, mut seen) = (u64::MAX, 0);
        let next = move || {
            if seen == each {
                // Of a text that repeats a run without end, nobody goes through the end.
                rest = &rest[rest.partition_point(|&[run, at]| run == gram && at >> 32 == text)..];
            }
            let (&[_, at], more) = rest.split_first().filter(|(entry, _)| entry[0] == gram)?;
            seen = if at >> 32 == text { seen + 1 } else { 1 };
            (rest, text) = (more, at >> 32);
            // Both halves are 32 bits.
            Some((text as u32, at as u32))
        };
        std::iter::from_fn(next).take(most)
    }
}

/// How many bytes the places of all runs take.
pub fn index_bytes<'a>(texts: impl IntoIterator<Item = &'a [u64]>) -> usize {
    texts.into_iter().map(|grams| size_of_val(grams) * 2).sum()
}

fn bucket(gram: u64, bits: u32) -> usize {
    gram.checked_shr(u64::BITS - bits).unwrap_or_default() as usize
}

/// Makes a table in the order of its words: counts what each bucket has, then fills as many buckets at once as `memory`
/// holds, going through all texts for each part.
fn build<'a, T, E>(
    texts: T,
    counts: impl Fn(u64) -> bool,
    memory: usize,
    mut put: impl FnMut(&[u64]) -> Result<(), E>,
) -> Result<u32, E>
where
    T: IntoIterator<Item = &'a [u64]> + Clone,
{
    let most = index_bytes(texts.clone()) / size_of::<Entry>();
    let bits = most.checked_ilog2().unwrap_or_default().saturating_sub(1).min(MOST_BITS);
    let mut starts = vec![0_u64; (1 << bits) + 1];
    for &gram in texts.clone().into_iter().flatten().filter(|gram| counts(**gram)) {
        starts[bucket(gram, bits) + 1] += 1;
    }
    let mut places = 0;
    for start in &mut starts {
        places += *start;
        *start = places;
    }
    put(&[TAG, places, u64::from(bits)])?;
    put(&starts)?;
    let room = (memory / size_of::<Entry>()) as u64;
    let mut from = 0;
    while starts[from] < places {
        let fitting = starts.partition_point(|start| *start <= starts[from].saturating_add(room)) - 1;
        let part = from..fitting.max(from + 1);
        put(filled(texts.clone(), &counts, &starts, bits, part.clone()).as_flattened())?;
        from = part.end;
    }
    Ok(bits)
}

/// The places of some buckets, in their order.
fn filled<'a>(
    texts: impl IntoIterator<Item = &'a [u64]>,
    counts: impl Fn(u64) -> bool,
    starts: &[u64],
    bits: u32,
    part: std::ops::Range<usize>,
) -> Vec<Entry> {
    let first = starts[part.start];
    let mut next: Vec<u64> = starts[part.clone()].iter().map(|start| start - first).collect();
    let mut entries = vec![Entry::default(); (starts[part.end] - first) as usize];
    for (grams, text) in texts.into_iter().zip(0_u64..) {
        for (&gram, at) in grams.iter().zip(0_u64..) {
            let bucket = bucket(gram, bits);
            if part.contains(&bucket) && counts(gram) {
                let next = &mut next[bucket - part.start];
                entries[*next as usize] = [gram, text << 32 | at];
                *next += 1;
            }
        }
    }
    for bucket in part {
        entries[(starts[bucket] - first) as usize..(starts[bucket + 1] - first) as usize].sort_unstable();
    }
    entries
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(texts: &[Vec<u64>], memory: usize) -> Vec<u64> {
        let mut bytes = Vec::new();
        Index::write(texts.iter().map(Vec::as_slice), |gram| gram % 7 != 3, memory, &mut bytes).expect("memory");
        let (words, rest) = bytes.as_chunks();
        assert!(rest.is_empty());
        words.iter().map(|word| u64::from_le_bytes(*word)).collect()
    }

    proptest! {
        /// Against a list of all places that is gone through: in memory, and written in parts of any size. Numbers that
        /// lie close share a bucket, and some stand in it often.
        #[test]
        fn every_place_is_found_in_the_order_of_texts(
            texts in prop::collection::vec(prop::collection::vec(prop_oneof![
                (0_u64..40).prop_map(|one| one << 58), 0_u64..40, any::<u64>()
            ], 0..40), 0..12),
            memory in 0_usize..4_000, each in 1_usize..4, most in 1_usize..9,
        ) {
            let here = Index::new(texts.iter().map(Vec::as_slice), |gram| gram % 7 != 3);
            let words = written(&texts, memory);
            prop_assert_eq!(&here.words, &words);
            let there = Index::of(words).expect("an index");
            let grams = texts.iter().flatten().flat_map(|gram| [*gram, gram.wrapping_add(1)]);
            for gram in grams.filter(|gram| gram % 7 != 3) {
                let places = texts.iter().zip(0_u32..).flat_map(|(text, number)| {
                    let here = text.iter().zip(0_u32..).filter(|(one, _)| **one == gram);
                    here.take(each).map(move |(_, at)| (number, at))
                });
                let places: Vec<_> = places.take(most).collect();
                prop_assert_eq!(&here.places(gram, (each, most)).collect::<Vec<_>>(), &places);
                prop_assert_eq!(there.places(gram, (each, most)).collect::<Vec<_>>(), places);
            }
            prop_assert_eq!(here.places(3, (each, most)).count(), 0);
        }

        /// What was cut off, or has a word changed where the places are told, is no index, and is asked without a panic
        /// where it passes.
        #[test]
        fn what_is_no_index_is_refused(
            texts in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..40), 0..4),
            cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
            word in prop_oneof![0_u64..99, any::<u64>()],
        ) {
            let words = written(&texts, 100);
            prop_assert!(Index::of(&words[..cut.index(words.len())]).is_err());
            let mut changed = words.clone();
            changed[at.index(words.len())] = word;
            if let Ok(index) = Index::of(changed) {
                for gram in texts.iter().flatten() {
                    prop_assert!(index.places(*gram, (64, 64)).count() <= 64);
                }
            }
        }
    }
}
