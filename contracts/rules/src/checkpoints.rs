//! Checkpointed values, as OpenZeppelin's `Checkpoints`: what an account held, or how many shares there were, at a past
//! second (ERC-6372 with timestamps: blocks come faster or slower on another chain, a day stays a day).
//!
//! Several blocks may fall into one second; the value of a second is the one at its end, and only a second that is over
//! can be asked for. So nothing that was ever answered changes afterwards.
//!
//! The newest checkpoints of an account are kept in its own record, so that a transfer touches no further slot. When
//! they fill it, all of them move to a page of their own: one more write every [`PER_PAGE`] changes.

use crate::packed::Field;

/// Checkpoints in a record, and in a page.
pub const PER_PAGE: usize = 12;
/// One checkpoint in bytes: Unix seconds (5, so beyond the year 36,000), value from then on (16), little-endian.
const ENTRY: usize = SECONDS + 16;
const SECONDS: usize = 5;
/// A page in bytes.
pub const PAGE_LEN: usize = PER_PAGE * ENTRY;
/// Longest form of a trace in bytes: number of pages (4), checkpoints.
pub const MAX_LEN: usize = 4 + PAGE_LEN;

/// A full run of checkpoints, oldest first.
pub type Page = [u8; PAGE_LEN];

/// The history of one value: the newest checkpoints, and how many pages of older ones there are. It lies at the end of
/// the record that it is stored in, of `RECORD` bytes at most, and is worked on there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace<const RECORD: usize> {
    record: [u8; RECORD],
    length: usize,
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "places within a record, whose length lies between its head and RECORD"
)]
impl<const RECORD: usize> Default for Trace<RECORD> {
    fn default() -> Self {
        Self { record: [0; RECORD], length: Self::HEAD + 4 }
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "places within a record, whose length lies between its head and RECORD"
)]
impl<const RECORD: usize> Trace<RECORD> {
    /// Bytes of the record before it.
    pub const HEAD: usize = RECORD - MAX_LEN;

    /// From the stored record, which `read` copies to where it is told and answers with its length. Nothing stored is a
    /// value that was always zero, with zeros before it.
    pub fn read(read: impl FnOnce(&mut [u8]) -> Option<usize>) -> Self {
        let mut trace = Self::default();
        if let Some(length) = read(&mut trace.record)
            && length >= trace.length
            && length <= RECORD
        {
            trace.length = length;
        }
        trace
    }

    /// The record to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.record[..self.length]
    }

    /// What the record has before the history.
    pub fn head(&self) -> &[u8] {
        &self.record[..Self::HEAD]
    }

    /// What the record has before the history, to change.
    pub fn head_mut(&mut self) -> &mut [u8] {
        &mut self.record[..Self::HEAD]
    }

    /// Pages of older checkpoints.
    pub fn pages(&self) -> u32 {
        u32::get(&self.record[Self::HEAD..])
    }

    /// The newest value.
    pub fn latest(&self) -> u128 {
        if self.is_empty() { 0 } else { self.last().1 }
    }

    /// Notes the value from the second `now` on; another one in the same second takes its place. Where the record was
    /// full, its checkpoints come back as the page with the given number, which must be stored.
    ///
    /// A clock that went back would be taken as one that stood still: what lies before is never rewritten.
    pub fn record(&mut self, now: u64, value: u128) -> Option<(u32, Page)> {
        let mut length = self.length - Self::HEAD;
        let full = note(&mut self.record[Self::HEAD..], &mut length, now, value);
        self.length = Self::HEAD + length;
        full
    }

    /// The value at the end of a second; `page` reads older checkpoints. Reads O(log pages) of them.
    pub fn at(&self, second: u64, page: impl Fn(u32) -> Page) -> u128 {
        let own = &self.record[Self::HEAD + 4..self.length];
        if self.pages() == 0 || (!own.is_empty() && entry(own).0 <= second) {
            return search(own, second);
        }
        // The last page that begins at or before the second.
        let (mut low, mut high) = (0, self.pages());
        let mut found = [0; PAGE_LEN];
        let mut any = false;
        while low < high {
            let middle = low + (high - low) / 2;
            let candidate = page(middle);
            if entry(&candidate).0 <= second {
                found = candidate;
                any = true;
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if any { search(&found, second) } else { 0 }
    }

    fn is_empty(&self) -> bool {
        self.length == Self::HEAD + 4
    }

    /// The newest checkpoint; there is one.
    fn last(&self) -> (u64, u128) {
        entry(&self.record[self.length - ENTRY..])
    }
}

/// Notes a value in a history of `length` bytes. One copy for records of every length: code is proof on every call.
#[expect(clippy::arithmetic_side_effects, reason = "places within a history of at most MAX_LEN bytes")]
#[inline(never)]
fn note(history: &mut [u8], length: &mut usize, now: u64, value: u128) -> Option<(u32, Page)> {
    let (mut full, mut now) = (None, now);
    let last = if *length > 4 { entry(&history[*length - ENTRY..]).0 } else { 0 };
    if *length > 4 && last >= now {
        now = last;
        *length -= ENTRY;
    } else if *length == MAX_LEN {
        let mut page = [0; PAGE_LEN];
        page.copy_from_slice(&history[4..MAX_LEN]);
        let number = u32::get(history);
        // 2^32 pages of one account cannot be paid for.
        number.saturating_add(1).put(history);
        *length = 4;
        full = Some((number, page));
    }
    let end = &mut history[*length..];
    end[..SECONDS].copy_from_slice(&now.to_le_bytes()[..SECONDS]);
    value.put(&mut end[SECONDS..]);
    *length += ENTRY;
    full
}

fn entry(bytes: &[u8]) -> (u64, u128) {
    let mut seconds = [0; 8];
    seconds[..SECONDS].copy_from_slice(&bytes[..SECONDS]);
    (u64::from_le_bytes(seconds), u128::get(&bytes[SECONDS..]))
}

/// The value of the last checkpoint at or before `second`; zero before the first.
fn search(checkpoints: &[u8], second: u64) -> u128 {
    let newest_first = checkpoints.chunks_exact(ENTRY).rev().map(entry);
    newest_first.into_iter().find(|(from, _)| *from <= second).map_or(0, |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, vec::Vec};
    use proptest::prelude::*;

    /// Three bytes before the history.
    type Record = Trace<{ MAX_LEN + 3 }>;

    proptest! {
        /// Whatever the history, the value at every second is the last one noted at or before it, and the stored form
        /// keeps it.
        #[test]
        fn the_past_is_what_was_noted(steps in prop::collection::vec((0u64..4, any::<u128>()), 0..120)) {
            let (mut trace, mut pages, mut noted) = (Record::default(), Vec::new(), BTreeMap::new());
            trace.head_mut().fill(0xee);
            // Beyond 32 bits, as in 2106 and later.
            let start = u64::from(u32::MAX) - 20;
            let mut now = start;
            for (ahead, value) in steps {
                now += ahead;
                if let Some((number, page)) = trace.record(now, value) {
                    prop_assert_eq!(number as usize, pages.len());
                    pages.push(page);
                }
                noted.insert(now, value);
                let stored = trace.as_bytes();
                trace = Record::read(|to| {
                    to[..stored.len()].copy_from_slice(stored);
                    Some(stored.len())
                });
                prop_assert_eq!(trace.head(), [0xee; 3]);
                prop_assert_eq!(trace.latest(), value);
            }
            for at in start - 1..=now + 1 {
                let expected = noted.range(..=at).next_back().map_or(0, |(_, value)| *value);
                prop_assert_eq!(trace.at(at, |n| pages[n as usize]), expected, "second {}", at);
            }
        }
    }

    #[test]
    fn a_full_record_moves_to_a_page_and_goes_on() {
        let mut trace = Trace::<MAX_LEN>::default();
        for second in 1..=PER_PAGE as u64 {
            assert_eq!(trace.record(second, u128::from(second)), None);
        }
        assert_eq!(trace.as_bytes().len(), MAX_LEN);
        // The same second again replaces its checkpoint, even in a full record.
        assert_eq!(trace.record(PER_PAGE as u64, 99), None);
        let (number, page) = trace.record(100, 7).expect("full");
        assert_eq!((number, trace.pages(), trace.as_bytes().len()), (0, 1, 25));
        assert_eq!(trace.at(99, |_| page), 99);
        assert_eq!(trace.at(100, |_| page), 7);
        assert_eq!(trace.at(0, |_| page), 0);
    }

    /// Proves LIC-12: whatever two blocks of one second do, a second that is over keeps its value.
    #[test]
    fn a_past_second_is_never_rewritten() {
        let mut trace = Trace::<MAX_LEN>::default();
        let page = |_| [0; PAGE_LEN];
        trace.record(100, 7);
        // Two blocks of second 101: the later one counts.
        trace.record(101, 8);
        trace.record(101, 3);
        assert_eq!((trace.at(99, page), trace.at(100, page), trace.at(101, page)), (0, 7, 3));
        // A clock that went back stands still: seconds 100 and before keep what they had.
        trace.record(100, 5);
        trace.record(50, 6);
        assert_eq!((trace.at(50, page), trace.at(100, page), trace.at(101, page)), (0, 7, 6));
        assert_eq!(trace.latest(), 6);
    }

    #[test]
    fn what_cannot_be_a_record_is_none() {
        for length in [None, Some(0), Some(6), Some(MAX_LEN + 4)] {
            assert_eq!(Record::read(|_| length), Record::default(), "{length:?}");
        }
    }
}
