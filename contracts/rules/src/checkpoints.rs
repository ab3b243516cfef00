//! Checkpointed values, as OpenZeppelin's `Checkpoints`: what an account held, or how many shares there were, at a past
//! block.
//!
//! The newest checkpoints of an account are kept in its own record, so that a transfer touches no further slot. When
//! they fill it, all of them move to a page of their own: one more write every [`PER_PAGE`] changes.

use crate::packed::Field;

/// Checkpoints in a record, and in a page.
pub const PER_PAGE: usize = 14;
/// One checkpoint in bytes: block (4), value from then on (16), little-endian.
const ENTRY: usize = 20;
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

impl<const RECORD: usize> Default for Trace<RECORD> {
    fn default() -> Self {
        Self { record: [0; RECORD], length: Self::HEAD + 4 }
    }
}

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

    /// Notes the value from `block` on. Where the record was full, its checkpoints come back as the page with the given
    /// number, which must be stored.
    pub fn record(&mut self, block: u32, value: u128) -> Option<(u32, Page)> {
        let mut full = None;
        if !self.is_empty() && self.last().0 == block {
            self.length -= ENTRY;
        } else if self.length == RECORD {
            let mut page = [0; PAGE_LEN];
            page.copy_from_slice(&self.record[Self::HEAD + 4..]);
            let number = self.pages();
            // 2^32 pages of one account cannot be paid for.
            number.saturating_add(1).put(&mut self.record[Self::HEAD..]);
            self.length = Self::HEAD + 4;
            full = Some((number, page));
        }
        let end = &mut self.record[self.length..];
        block.put(end);
        value.put(&mut end[4..]);
        self.length += ENTRY;
        full
    }

    /// The value at the end of `block`; `page` reads older checkpoints. Reads O(log pages) of them.
    pub fn at(&self, block: u32, page: impl Fn(u32) -> Page) -> u128 {
        let own = &self.record[Self::HEAD + 4..self.length];
        if self.pages() == 0 || (!own.is_empty() && entry(own).0 <= block) {
            return search(own, block);
        }
        // The last page that begins at or before the block.
        let (mut low, mut high) = (0, self.pages());
        let mut found = [0; PAGE_LEN];
        let mut any = false;
        while low < high {
            let middle = low + (high - low) / 2;
            let candidate = page(middle);
            if entry(&candidate).0 <= block {
                found = candidate;
                any = true;
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if any { search(&found, block) } else { 0 }
    }

    fn is_empty(&self) -> bool {
        self.length == Self::HEAD + 4
    }

    /// The newest checkpoint; there is one.
    fn last(&self) -> (u32, u128) {
        entry(&self.record[self.length - ENTRY..])
    }
}

fn entry(bytes: &[u8]) -> (u32, u128) {
    (u32::get(bytes), u128::get(&bytes[4..]))
}

/// The value of the last checkpoint at or before `block`; zero before the first.
fn search(checkpoints: &[u8], block: u32) -> u128 {
    let newest_first = checkpoints.chunks_exact(ENTRY).rev().map(entry);
    newest_first.into_iter().find(|(from, _)| *from <= block).map_or(0, |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, vec::Vec};
    use proptest::prelude::*;

    /// Three bytes before the history.
    type Record = Trace<{ MAX_LEN + 3 }>;

    proptest! {
        /// Whatever the history, the value at every block is the last one noted at or before it, and the stored form
        /// keeps it.
        #[test]
        fn the_past_is_what_was_noted(steps in prop::collection::vec((0u32..4, any::<u128>()), 0..120)) {
            let (mut trace, mut pages, mut noted) = (Record::default(), Vec::new(), BTreeMap::new());
            trace.head_mut().fill(0xee);
            let mut block = 1;
            for (ahead, value) in steps {
                block += ahead;
                if let Some((number, page)) = trace.record(block, value) {
                    prop_assert_eq!(number as usize, pages.len());
                    pages.push(page);
                }
                noted.insert(block, value);
                let stored = trace.as_bytes();
                trace = Record::read(|to| {
                    to[..stored.len()].copy_from_slice(stored);
                    Some(stored.len())
                });
                prop_assert_eq!(trace.head(), [0xee; 3]);
                prop_assert_eq!(trace.latest(), value);
            }
            for at in 0..=block + 1 {
                let expected = noted.range(..=at).next_back().map_or(0, |(_, value)| *value);
                prop_assert_eq!(trace.at(at, |n| pages[n as usize]), expected, "block {}", at);
            }
        }
    }

    #[test]
    fn a_full_record_moves_to_a_page_and_goes_on() {
        let mut trace = Trace::<MAX_LEN>::default();
        for block in 1..=PER_PAGE as u32 {
            assert_eq!(trace.record(block, u128::from(block)), None);
        }
        assert_eq!(trace.as_bytes().len(), MAX_LEN);
        // The same block again replaces its checkpoint, even in a full record.
        assert_eq!(trace.record(PER_PAGE as u32, 99), None);
        let (number, page) = trace.record(100, 7).expect("full");
        assert_eq!((number, trace.pages(), trace.as_bytes().len()), (0, 1, 24));
        assert_eq!(trace.at(99, |_| page), 99);
        assert_eq!(trace.at(100, |_| page), 7);
        assert_eq!(trace.at(0, |_| page), 0);
    }

    #[test]
    fn what_cannot_be_a_record_is_none() {
        for length in [None, Some(0), Some(6), Some(MAX_LEN + 4)] {
            assert_eq!(Record::read(|_| length), Record::default(), "{length:?}");
        }
    }
}
