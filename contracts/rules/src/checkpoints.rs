//! Checkpointed values, as OpenZeppelin's `Checkpoints`: what an account held, or how many shares there were, at a past block.
//!
//! The newest checkpoints of an account are kept in its own record, so that a transfer touches no further slot. When they fill it,
//! all of them move to a page of their own: one more write every [`PER_PAGE`] changes.

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

/// The history of one value: the newest checkpoints, and how many pages of older ones there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    bytes: [u8; MAX_LEN],
    length: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Self { bytes: [0; MAX_LEN], length: 4 }
    }
}

impl Trace {
    /// From its stored form; nothing stored is a value that was always zero.
    pub fn from_bytes(stored: &[u8]) -> Self {
        let mut trace = Self::default();
        if stored.len() >= 4 && stored.len() <= MAX_LEN {
            trace.bytes[..stored.len()].copy_from_slice(stored);
            trace.length = stored.len();
        }
        trace
    }

    /// The stored form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Pages of older checkpoints.
    pub fn pages(&self) -> u32 {
        u32::get(&self.bytes)
    }

    /// The newest value.
    pub fn latest(&self) -> u128 {
        if self.length > 4 { entry(&self.bytes[self.length - ENTRY..]).1 } else { 0 }
    }

    /// Notes the value from `block` on. Where the record was full, its checkpoints come back as the page with the given number,
    /// which must be stored.
    pub fn record(&mut self, block: u32, value: u128) -> Option<(u32, Page)> {
        let mut full = None;
        if self.length > 4 && entry(&self.bytes[self.length - ENTRY..]).0 == block {
            self.length -= ENTRY;
        } else if self.length == MAX_LEN {
            let mut page = [0; PAGE_LEN];
            page.copy_from_slice(&self.bytes[4..]);
            let number = self.pages();
            // 2^32 pages of one account cannot be paid for.
            number.saturating_add(1).put(&mut self.bytes);
            self.length = 4;
            full = Some((number, page));
        }
        block.put(&mut self.bytes[self.length..]);
        value.put(&mut self.bytes[self.length + 4..]);
        self.length += ENTRY;
        full
    }

    /// The value at the end of `block`; `page` reads older checkpoints. Reads O(log pages) of them.
    pub fn at(&self, block: u32, page: impl Fn(u32) -> Page) -> u128 {
        let own = &self.bytes[4..self.length];
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

    proptest! {
        /// Whatever the history, the value at every block is the last one noted at or before it, and the stored form keeps it.
        #[test]
        fn the_past_is_what_was_noted(steps in prop::collection::vec((0u32..4, any::<u128>()), 0..120)) {
            let (mut trace, mut pages, mut noted) = (Trace::default(), Vec::new(), BTreeMap::new());
            let mut block = 1;
            for (ahead, value) in steps {
                block += ahead;
                if let Some((number, page)) = trace.record(block, value) {
                    prop_assert_eq!(number as usize, pages.len());
                    pages.push(page);
                }
                noted.insert(block, value);
                trace = Trace::from_bytes(trace.as_bytes());
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
        let mut trace = Trace::default();
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
}
