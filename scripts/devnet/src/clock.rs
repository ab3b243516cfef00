//! Block timestamps. Ethereum counts whole seconds, so each block must be at least a second later than its parent,
//! however fast blocks are sealed; a burst of blocks therefore runs ahead of the wall clock. A development chain may
//! also begin at another time, and be told to go on later than it is: what is paid by the quarter cannot be shown
//! otherwise.

use std::sync::{Mutex, MutexGuard};

/// Least distance between two blocks, in milliseconds.
const STEP_MS: u64 = 1_000;

/// The timestamp (milliseconds since the Unix epoch) of the next block, given the wall clock, the latest timestamp
/// handed out by this process and the parent's.
///
/// The latest one handed out counts too: two empty siblings with equal timestamps would be the same block, not a fork.
pub fn next_timestamp(now: u64, latest: u64, parent: u64) -> u64 {
    now.max(latest.saturating_add(STEP_MS)).max(parent.saturating_add(STEP_MS))
}

/// Hands out timestamps, each at least a second after the one before.
#[derive(Default)]
pub struct Clock {
    state: Mutex<State>,
}

/// In milliseconds.
#[derive(Default)]
struct State {
    /// The latest timestamp handed out.
    latest: u64,
    /// What is added to the wall clock.
    shift: i64,
}

impl Clock {
    /// A clock that shows `start` (Unix seconds) where the wall clock shows `now` (milliseconds).
    pub fn starting_at(start: u64, now: u64) -> Self {
        let shift = i64::try_from(i128::from(start) * 1_000 - i128::from(now)).unwrap_or(i64::MAX);
        Self { state: Mutex::new(State { latest: 0, shift }) }
    }

    /// Goes forward, by so much also from where a burst of blocks has run ahead to; gives by how many seconds it
    /// differs from the wall clock then.
    pub fn advance(&self, seconds: u32) -> i64 {
        let mut state = self.state();
        let further = u64::from(seconds) * 1_000;
        state.shift = state.shift.saturating_add_unsigned(further);
        // The next block's is a step later.
        state.latest = state.latest.saturating_add(further.saturating_sub(STEP_MS));
        state.shift / 1_000
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The timestamp for a block whose parent has timestamp `parent`, all in milliseconds.
    pub fn tick(&self, now: u64, parent: u64) -> u64 {
        let mut state = self.state();
        state.latest = next_timestamp(now.saturating_add_signed(state.shift), state.latest, parent);
        state.latest
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
    fn it_begins_where_it_is_told_and_goes_forward_when_asked() {
        let clock = Clock::starting_at(10, 50_000);
        assert_eq!([clock.tick(50_000, 0), clock.tick(52_500, 0)], [10_000, 12_500]);
        assert_eq!(clock.advance(3_600), 3_560);
        assert_eq!(clock.tick(53_000, 12_500), 3_613_000);
        assert_eq!(Clock::starting_at(u64::MAX, 0).tick(u64::MAX, 0), u64::MAX);
    }

    #[test]
    fn it_goes_forward_from_where_a_burst_has_run_ahead_to() {
        let clock = Clock::default();
        let ahead = (0..20).fold(0, |parent, _| clock.tick(50_000, parent));
        assert_eq!(ahead, 69_000);
        clock.advance(10);
        assert_eq!([clock.tick(50_000, ahead), clock.tick(50_000, 79_000)], [79_000, 80_000]);
    }

    #[test]
    fn the_end_of_time_does_not_wrap() {
        assert_eq!(next_timestamp(0, u64::MAX, 0), u64::MAX);
    }
}
