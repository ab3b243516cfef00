//! Which passages of a pool share keywords with others. Most share none, and those that do are found by their keywords.

use yieldset_metric::likeness;
use yieldset_rules::usage::Passage;

/// The passages that have each keyword, by their numbers.
pub(super) struct Keywords {
    /// Where each keyword's begin in `passages`.
    starts: Vec<usize>,
    passages: Vec<u32>,
    /// How many keywords each passage has.
    counts: Vec<u16>,
}

impl Keywords {
    /// Of passages' keywords, in order.
    pub(super) fn of<'a>(all: impl Iterator<Item = &'a [u16]> + Clone) -> Self {
        let mut starts = vec![0; usize::from(u16::MAX) + 2];
        for &keyword in all.clone().flatten() {
            starts[usize::from(keyword) + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (mut next, mut passages) = (starts.clone(), vec![0; sum]);
        for (keywords, number) in all.clone().zip(0_u32..) {
            for &keyword in keywords {
                let next = &mut next[usize::from(keyword)];
                passages[*next] = number;
                *next += 1;
            }
        }
        // A passage has at most some dozens.
        Self { starts, passages, counts: all.map(|keywords| keywords.len() as u16).collect() }
    }

    /// Of each of some passages the overlap with those of the pool before `end`.
    pub(super) fn shared(&self, passages: &[&Passage], end: usize) -> Vec<Shared<'_>> {
        let mut counts = vec![0_u16; end];
        let mut shared = |passage: &&Passage| {
            for &keyword in &passage.keywords {
                let having = self.starts[usize::from(keyword)]..self.starts[usize::from(keyword) + 1];
                for &number in self.passages[having].iter().take_while(|number| (**number as usize) < end) {
                    counts[number as usize] += 1;
                }
            }
            let found = counts.iter_mut().zip(0_u32..).filter(|(count, _)| **count > 0);
            let rows = found.map(|(count, number)| (number, std::mem::take(count))).collect();
            Shared { rows, next: 0, own: passage.keywords.len(), counts: &self.counts }
        };
        passages.iter().map(&mut shared).collect()
    }
}

/// The passages with which one shares keywords, by their numbers; each is told once.
pub(super) struct Shared<'p> {
    /// With how many they share.
    rows: Vec<(u32, u16)>,
    next: usize,
    own: usize,
    counts: &'p [u16],
}

impl Shared<'_> {
    /// Those before `end` that were not told yet, with their overlap.
    pub(super) fn each_below(&mut self, end: usize, mut each: impl FnMut(usize, i64)) {
        while let Some(&(row, shared)) = self.rows.get(self.next).filter(|(row, _)| (*row as usize) < end) {
            self.next += 1;
            let row = row as usize;
            each(row, likeness::of_shared(usize::from(shared), self.own, usize::from(self.counts[row])));
        }
    }
}
