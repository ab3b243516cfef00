//! Lock-ups of newly issued shares. A lock belongs to its shares: it moves with them, shrinks with them, and no share
//! received later is caught by it.

use super::Lock;

/// Most ends of an account's locks that are kept apart.
pub const ENDS: usize = 8;

/// An account's locked shares, the soonest free first. They are set by issuing alone, or come with locked shares that
/// an agent moved; never by receiving, otherwise anybody could lock somebody else's shares by sending one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Locks([Lock; ENDS]);

impl Locks {
    /// In bytes.
    pub const LEN: usize = ENDS * Lock::LEN;

    /// One lock.
    pub fn one(lock: Lock) -> Self {
        let mut locks = Self::default();
        locks.0[0] = lock;
        locks
    }

    /// How many shares are locked at time `now` (Unix seconds).
    pub fn at(&self, now: u64) -> u128 {
        self.0.iter().fold(0, |sum, lock| sum.saturating_add(lock.at(now)))
    }

    /// All of it as one: what is locked at time `now`, until the last of it is free.
    pub fn whole(&self, now: u64) -> Lock {
        let amount = self.at(now);
        let last = self.0.iter().filter(|lock| lock.at(now) != 0).map(|lock| lock.until).max();
        Lock { amount, until: last.unwrap_or_default() }
    }

    /// Whether there is more than one end.
    pub const fn is_several(&self) -> bool {
        self.0[1].amount != 0
    }

    /// Locks `issued` new shares from time `now` on. A lock-up of zero locks nothing; what was locked before is free
    /// when it would have been.
    pub fn issue(&mut self, issued: u128, lockup_seconds: u32, now: u64) {
        if lockup_seconds != 0 {
            self.add(Lock { amount: issued, until: now.saturating_add(lockup_seconds.into()) }, now);
        }
    }

    /// Takes over the locks of shares that come from another account.
    pub fn join(&mut self, others: &Self, now: u64) {
        for lock in others.0 {
            self.add(lock, now);
        }
    }

    /// An agent leaves the account only `left` shares: which locks go with those that leave. Free shares leave first,
    /// then those that would be free soonest.
    #[must_use]
    pub fn leave(&mut self, left: u128, now: u64) -> Self {
        let mut excess = self.at(now).saturating_sub(left);
        let (mut stay, mut go) = (Self::default(), Self::default());
        for lock in self.0 {
            let amount = lock.at(now);
            let leaves = amount.min(excess);
            excess = excess.saturating_sub(leaves);
            go.add(Lock { amount: leaves, ..lock }, now);
            stay.add(Lock { amount: amount.saturating_sub(leaves), ..lock }, now);
        }
        *self = stay;
        go
    }

    /// Adds one, in order. Where there would be more ends than are kept, the two that are nearest each other become the
    /// later one: nothing is free sooner.
    #[expect(clippy::arithmetic_side_effects, reason = "counts and places of at most ENDS + 1 locks")]
    fn add(&mut self, lock: Lock, now: u64) {
        if lock.at(now) == 0 {
            return;
        }
        let mut all = [Lock::default(); ENDS + 1];
        let mut count = 0;
        let mut rest = Some(lock);
        for known in self.0.into_iter().filter(|known| known.at(now) != 0) {
            match rest {
                Some(new) if new.until == known.until => {
                    all[count] = Lock { amount: known.amount.saturating_add(new.amount), ..known };
                    rest = None;
                }
                Some(new) if new.until < known.until => {
                    (all[count], all[count + 1]) = (new, known);
                    rest = None;
                    count += 1;
                }
                _ => all[count] = known,
            }
            count += 1;
        }
        if let Some(last) = rest {
            all[count] = last;
            count += 1;
        }
        if count > ENDS {
            let gap = |at: &usize| all[*at + 1].until.saturating_sub(all[*at].until);
            let nearest = (0..ENDS).min_by_key(gap).unwrap_or_default();
            let freed = all[nearest].amount;
            all.copy_within(nearest + 1.., nearest);
            all[nearest].amount = all[nearest].amount.saturating_add(freed);
        }
        self.0.copy_from_slice(&all[..ENDS]);
    }

    /// As stored.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        for (place, lock) in bytes.chunks_exact_mut(Lock::LEN).zip(&self.0) {
            place.copy_from_slice(&lock.to_bytes());
        }
        bytes
    }

    /// From what was stored.
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let mut locks = Self::default();
        for (place, lock) in bytes.chunks_exact(Lock::LEN).zip(&mut locks.0) {
            let mut own = [0; Lock::LEN];
            own.copy_from_slice(place);
            *lock = Lock::from_bytes(&own);
        }
        locks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    const NOW: u64 = 1_000;

    fn issued(shares: u128, seconds: u32, now: u64) -> Locks {
        let mut locks = Locks::default();
        locks.issue(shares, seconds, now);
        locks
    }

    #[test]
    fn a_lock_is_made_by_issuing_and_ends() {
        let locks = issued(100, 10, NOW);
        assert_eq!((locks.at(NOW + 9), locks.at(NOW + 10)), (100, 0));
        assert_eq!((issued(100, 0, NOW), issued(0, 10, NOW)), (Locks::default(), Locks::default()));
        assert_eq!(locks.whole(NOW), Lock { amount: 100, until: NOW + 10 });
        assert_eq!(locks.whole(NOW + 10), Lock::default());
        assert_eq!(issued(u128::MAX, 10, u64::MAX - 5).whole(NOW), Lock { amount: u128::MAX, until: u64::MAX });
    }

    #[test]
    fn a_lock_that_ends_first_comes_first_and_takes_no_others_place() {
        let mut locks = issued(1, 20, NOW);
        locks.issue(10, 30, NOW);
        locks.issue(100, 10, NOW);
        assert_eq!([9, 10, 20, 30].map(|after| locks.at(NOW + after)), [111, 11, 10, 0]);
    }

    /// Proves SAFE-6: shares issued later do not keep the earlier ones longer. Before, one unit minted at the end of a
    /// lock-up locked all shares for another one.
    #[test]
    fn later_shares_do_not_lock_earlier_ones_longer() {
        let mut locks = issued(100, 10, NOW);
        locks.issue(1, 10, NOW + 9);
        assert_eq!((locks.at(NOW + 9), locks.at(NOW + 10), locks.at(NOW + 19)), (101, 1, 0));
        // Nor does a shorter lock-up free them sooner.
        locks.issue(7, 1, NOW + 9);
        assert_eq!((locks.at(NOW + 9), locks.at(NOW + 10)), (108, 1));
        assert!(locks.is_several() && !issued(1, 1, NOW).is_several());
    }

    /// Proves SAFE-6: moved twice, 100 locked shares are 100 locked shares. Before, a second recovery locked 150.
    #[test]
    fn what_moves_is_locked_there_and_not_here() {
        let (mut lost, mut fresh) = (issued(100, 10, NOW), issued(5, 99, NOW));
        for left in [50, 0, 0] {
            let gone = lost.leave(left, NOW);
            fresh.join(&gone, NOW);
            assert_eq!((lost.at(NOW), fresh.at(NOW)), (left, 105 - left));
        }
        assert_eq!((fresh.at(NOW + 10), fresh.at(NOW + 99)), (5, 0));
    }

    /// Proves SAFE-6: free shares leave first, then those that are free soonest; what comes later is free.
    #[test]
    fn a_lock_does_not_outlive_its_shares() {
        // 150 shares, of which 40 are locked until 10 and 60 until 20.
        let mut locks = issued(40, 10, NOW);
        locks.issue(60, 20, NOW);
        assert_eq!(locks.leave(100, NOW), Locks::default());
        let gone = locks.leave(70, NOW);
        assert_eq!((gone.at(NOW), gone.at(NOW + 10)), (30, 0));
        assert_eq!((locks.at(NOW), locks.at(NOW + 10)), (70, 60));
        let gone = locks.leave(0, NOW);
        assert_eq!((gone.at(NOW), gone.at(NOW + 10), gone.at(NOW + 20), locks), (70, 60, 0, Locks::default()));
    }

    /// The ninth end joins its neighbour; the order of issuing does not matter.
    #[test]
    fn the_nearest_ends_are_joined() {
        let mut locks = Locks::default();
        for (place, end) in [90, 10, 50, 20, 80, 30, 70, 40].into_iter().enumerate() {
            locks.issue(1 << place, end, NOW);
        }
        locks.issue(1 << 8, 84, NOW);
        let ends: Vec<u64> = locks.0.iter().map(|lock| lock.until - NOW).collect();
        assert_eq!(ends, [10, 20, 30, 40, 50, 70, 84, 90]);
        assert_eq!(locks.0[6].amount, (1 << 4) + (1 << 8));
        assert_eq!(locks.at(NOW), (1 << 9) - 1);
        assert_eq!(Locks::from_bytes(&locks.to_bytes()), locks);
        assert_eq!(Locks::LEN, 192);
    }

    proptest! {
        /// Proves SAFE-6: over any histories of issuing, of moves and of time, what is locked at any later time is what
        /// was issued with an end after it, as long as there are no more than eight ends; with more it is never less.
        #[test]
        fn no_share_is_locked_more_or_longer_or_less(
            steps in proptest::collection::vec((0usize..3, 0u128..100, 1u32..60, 0u64..20, any::<bool>()), 1..14),
        ) {
            let mut accounts = [Locks::default(); 3];
            let mut truth: Vec<(u128, u64)> = Vec::new();
            let mut now = NOW;
            for (who, shares, seconds, wait, moves) in steps {
                now += wait;
                if moves {
                    let left = shares.min(accounts[who].at(now));
                    let gone = accounts[who].leave(left, now);
                    accounts[(who + 1) % 3].join(&gone, now);
                    prop_assert_eq!(accounts[who].at(now), left);
                } else {
                    accounts[who].issue(shares, seconds, now);
                    truth.push((shares, now + u64::from(seconds)));
                }
                let mut ends: Vec<u64> = truth.iter().filter(|(_, end)| *end > now).map(|(_, end)| *end).collect();
                ends.sort_unstable();
                ends.dedup();
                for later in now..now + 70 {
                    let locked: u128 = accounts.iter().map(|locks| locks.at(later)).sum();
                    let due: u128 = truth.iter().filter(|(_, end)| *end > later).map(|(shares, _)| shares).sum();
                    prop_assert!(locked >= due);
                    prop_assert!(locked == due || truth.len() > ENDS);
                }
            }
        }
    }
}
