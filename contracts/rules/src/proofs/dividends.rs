//! Dividends: all histories of mints, transfers, deposits and claims over a small domain.

use alloc::vec::Vec;

use super::std::collections::HashSet;
use crate::dividends::{ONE as FULL, ScaledAccumulator, ScaledHolder};

/// Numerator scale of what is exactly due: a multiple of every supply up to 16.
const FAIR: u128 = 720_720;

#[derive(Debug, Clone, Copy)]
enum Step {
    Deposit(u128),
    Mint(usize, u128),
    Burn(usize, u128),
    Transfer(usize, usize, u128),
    Claim(usize),
}

/// All steps there are, with amounts up to `most` shares and `money` units.
fn steps<const HOLDERS: usize>(most: u128, money: u128) -> Vec<Step> {
    let mut all: Vec<_> = (0..=money).map(Step::Deposit).collect();
    for a in 0..HOLDERS {
        all.push(Step::Claim(a));
        for n in 1..=most {
            all.extend([Step::Mint(a, n), Step::Burn(a, n)]);
            all.extend((0..HOLDERS).map(|b| Step::Transfer(a, b, n)));
        }
    }
    all
}

/// The records under proof, and beside them what the definition says, kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State<const ONE: u128, const HOLDERS: usize> {
    acc: ScaledAccumulator<ONE>,
    holders: [ScaledHolder<ONE>; HOLDERS],
    supply: u128,
    deposited: u128,
    claimed: [u128; HOLDERS],
    /// What each holder is due so far in 1 / [`FAIR`] units, without any rounding.
    due: [u128; HOLDERS],
}

impl<const ONE: u128, const HOLDERS: usize> State<ONE, HOLDERS> {
    fn new() -> Self {
        Self {
            acc: ScaledAccumulator::default(),
            holders: [ScaledHolder::default(); HOLDERS],
            supply: 0,
            deposited: 0,
            claimed: [0; HOLDERS],
            due: [0; HOLDERS],
        }
    }

    /// The state after a step; `None` where a contract refuses it.
    fn after(mut self, step: Step) -> Option<Self> {
        let index = self.acc.index;
        match step {
            Step::Deposit(n) => {
                self.acc.distribute(n, self.supply).ok()?;
                self.deposited += n;
                for (due, holder) in self.due.iter_mut().zip(&self.holders) {
                    assert_eq!(FAIR % self.supply, 0);
                    *due += FAIR / self.supply * n * holder.balance;
                }
            }
            Step::Mint(a, n) => {
                self.holders[a].credit(index, n).unwrap();
                self.supply += n;
            }
            Step::Burn(a, n) => {
                self.holders[a].debit(index, n).ok()?;
                self.supply -= n;
            }
            Step::Transfer(a, b, n) => {
                self.holders[a].debit(index, n).ok()?;
                self.holders[b].credit(index, n).unwrap();
            }
            Step::Claim(a) => {
                let promised = self.holders[a].claimable(index).unwrap();
                let taken = self.holders[a].take(index).unwrap();
                assert_eq!(promised, taken);
                assert_eq!(self.holders[a].claimable(index), Ok(0));
                self.claimed[a] += taken;
            }
        }
        Some(self)
    }

    /// The equality of the module's documentation, to the last fraction.
    fn assert_conserved(&self) {
        let mut sum = self.acc.carry;
        for (holder, claimed) in self.holders.iter().zip(&self.claimed) {
            assert!(u128::from(holder.fraction) < ONE && holder.index <= self.acc.index);
            sum += (claimed + holder.pending) * ONE + u128::from(holder.fraction);
            sum += holder.balance * (self.acc.index - holder.index);
        }
        assert_eq!(sum, self.deposited * ONE, "{self:?}");
        assert_eq!(self.holders.iter().map(|h| h.balance).sum::<u128>(), self.supply);
    }

    /// Everybody has what is exactly due, rounded down. At full scale the index is off by less than 2^-50 units here,
    /// so only an amount that is due to the very unit may come one unit short, until the next deposit brings the
    /// fraction back.
    fn assert_fair(&self) {
        for ((holder, &claimed), &due) in self.holders.iter().zip(&self.claimed).zip(&self.due) {
            let has = claimed + holder.claimable(self.acc.index).unwrap();
            let whole = due / FAIR;
            let exact = due.is_multiple_of(FAIR);
            assert!(has == whole || exact && has + 1 == whole, "has {has}, is due {whole}: {self:?}");
        }
    }
}

/// Calls `check` for every state that a history of at most `depth` steps can reach; says how many there are. A state
/// that two histories share is gone on from once: what can follow is the same.
fn every_history<const ONE: u128, const HOLDERS: usize>(
    depth: u32,
    steps: &[Step],
    check: impl Fn(&State<ONE, HOLDERS>),
) -> usize {
    let mut seen = HashSet::from([State::new()]);
    let mut latest: Vec<_> = seen.iter().copied().collect();
    for _ in 0..depth {
        let mut next = Vec::new();
        for state in latest.iter().flat_map(|&state| steps.iter().filter_map(move |&step| state.after(step))) {
            if seen.insert(state) {
                check(&state);
                next.push(state);
            }
        }
        latest = next;
    }
    seen.len()
}

fn conserved<const ONE: u128, const HOLDERS: usize>(state: &State<ONE, HOLDERS>) {
    state.assert_conserved();
}

fn conserved_and_fair<const ONE: u128, const HOLDERS: usize>(state: &State<ONE, HOLDERS>) {
    state.assert_conserved();
    state.assert_fair();
}

/// Proves PAY-7 at a fixed-point one of 4, where supplies pass it and fractions fill up in a few steps.
#[test]
fn dividends_at_small_scale() {
    let states = every_history::<4, 2>(6, &steps::<2>(2, 3), conserved);
    assert!(states > 5_000, "{states}");
}

/// Proves PAY-7 at the real scale: conserved, and each holder has what is exactly due to the unit.
#[test]
fn dividends_at_full_scale() {
    let states = every_history::<FULL, 3>(5, &steps::<3>(2, 2), conserved_and_fair);
    assert!(states > 5_000, "{states}");
}

/// Proves PAY-7 at a fixed-point one of 4 and of 5, deeper and with larger amounts.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn dividends_at_small_scale_longer() {
    every_history::<4, 2>(7, &steps::<2>(2, 3), conserved);
    every_history::<5, 3>(6, &steps::<3>(2, 2), conserved);
}

/// Proves PAY-7 at the real scale, deeper.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn dividends_at_full_scale_longer() {
    every_history::<FULL, 2>(8, &steps::<2>(2, 3), conserved_and_fair);
    every_history::<FULL, 3>(6, &steps::<3>(2, 2), conserved_and_fair);
}
