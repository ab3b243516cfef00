//! Block timestamps. Ethereum counts whole seconds, so each block must be at least a second later than its parent, however
//! fast blocks are sealed; a burst of blocks therefore runs ahead of the wall clock.

use std::sync::Mutex;

/// Least distance between two blocks, in milliseconds.
const STEP_MS: u64 = 1_000;

/// The timestamp (milliseconds since the Unix epoch) of the next block, given the wall clock, the latest timestamp handed out by this process
/// and the parent's.
///
/// The latest one handed out counts too: two empty siblings with equal timestamps would be the same block, not a fork.
pub fn next_timestamp(now: u64, latest: u64, parent: u64) -> u64 {
    now.max(latest.saturating_add(STEP_MS)).max(parent.saturating_add(STEP_MS))
}

/// Hands out timestamps, each at least a second after the one before.
#[derive(Default)]
pub struct Clock {
    latest: Mutex<u64>,
}

impl Clock {
    /// The timestamp for a block whose parent has timestamp `parent`, all in milliseconds.
    pub fn tick(&self, now: u64, parent: u64) -> u64 {
        let mut latest = self.latest.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *latest = next_timestamp(now, *latest, parent);
        *latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_chain_follows_the_wall_clock() {
        assert_eq!(next_timestamp(50_000, 10_000, 10_000), 50_000);
    }

    #[test]
    fn blocks_sealed_in_the_same_instant_are_a_second_apart() {
        let clock = Clock::default();
        let first = clock.tick(50_000, 0);
        let second = clock.tick(50_000, first);
        let sibling = clock.tick(50_000, first);
        assert_eq!([first, second, sibling], [50_000, 51_000, 52_000]);
    }

    #[test]
    fn a_kept_chain_that_ran_ahead_goes_on_after_its_parent() {
        assert_eq!(Clock::default().tick(50_000, 90_000), 91_000);
    }

    #[test]
    fn the_end_of_time_does_not_wrap() {
        assert_eq!(next_timestamp(0, u64::MAX, 0), u64::MAX);
    }
}
