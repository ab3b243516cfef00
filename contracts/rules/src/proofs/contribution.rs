//! The contributor leg: all weights, all orders of claims, money arriving at any point.

use crate::contribution::{Contribution, ContributionError, Period};

/// Sum of all weights at this scale.
const ONE: u64 = 6;
const CONTRIBUTORS: usize = 3;

/// A history so far. What each contributor was paid is counted apart from the records under proof.
#[derive(Clone, Default)]
struct History {
    period: Period,
    contributions: [Contribution; CONTRIBUTORS],
    paid: [u128; CONTRIBUTORS],
    deposited: u128,
    /// Who was paid at least once.
    known: [bool; CONTRIBUTORS],
}

impl History {
    fn deposit(&mut self, amount: u128) {
        self.deposited += amount;
        self.period.total += amount;
    }

    /// A claim, checked against what the definition says it pays.
    fn claim(&mut self, who: usize, weights: &[u64; CONTRIBUTORS]) {
        let before = (self.period, self.contributions);
        let result = self.period.claim_of::<ONE>(&mut self.contributions[who], weights[who]);
        let taken: u64 = (0..CONTRIBUTORS).filter(|&i| self.known[i]).map(|i| weights[i]).sum();
        let owed = self.deposited * u128::from(weights[who]) / u128::from(ONE) - self.paid[who];
        let expected = if !self.known[who] && taken + weights[who] > ONE {
            Err(ContributionError::WeightsExceeded)
        } else if owed == 0 {
            Err(ContributionError::Nothing)
        } else {
            Ok(owed)
        };
        assert_eq!(result, expected, "{weights:?} {before:?} {who}");
        match result {
            Ok(owed) => {
                self.paid[who] += owed;
                self.known[who] = true;
            }
            Err(_) => assert_eq!((self.period, self.contributions), before, "a refused claim changed something"),
        }
        // Whoever has claimed cannot claim by another weight.
        if self.known[who] {
            let (mut period, mut contribution) = (self.period, self.contributions[who]);
            let other = period.claim_of::<ONE>(&mut contribution, weights[who] + 1);
            assert_eq!(other, Err(ContributionError::WeightsExceeded));
        }
    }

    fn check(&self, weights: &[u64; CONTRIBUTORS]) {
        let paid: u128 = self.paid.iter().sum();
        assert_eq!((self.period.total, self.period.claimed), (self.deposited, paid));
        assert!(paid <= self.deposited, "paid more than came in: {weights:?}");
        let taken: u64 = (0..CONTRIBUTORS).filter(|&i| self.known[i]).map(|i| weights[i]).sum();
        assert_eq!(self.period.weight_claimed, taken);
        assert!(taken <= ONE);
    }

    /// Once all have claimed nothing but dust is left, and the order of the claims has left no trace.
    fn finish(mut self, weights: &[u64; CONTRIBUTORS]) {
        for who in 0..CONTRIBUTORS {
            self.claim(who, weights);
        }
        self.check(weights);
        if weights.iter().sum::<u64>() == ONE {
            assert!(self.deposited - self.period.claimed < CONTRIBUTORS as u128);
            for (paid, &weight) in self.paid.iter().zip(weights) {
                assert_eq!(*paid, self.deposited * u128::from(weight) / u128::from(ONE));
            }
        }
    }

    /// All histories of up to `steps` more steps.
    fn explore(&self, steps: u32, most: u128, weights: &[u64; CONTRIBUTORS]) {
        self.check(weights);
        self.clone().finish(weights);
        if steps == 0 {
            return;
        }
        for amount in 1..=most {
            let mut next = self.clone();
            next.deposit(amount);
            next.explore(steps - 1, most, weights);
        }
        for who in 0..CONTRIBUTORS {
            let mut next = self.clone();
            next.claim(who, weights);
            next.explore(steps - 1, most, weights);
        }
    }
}

/// Every list of three weights from 0 to all of it: those of honest roots, and those of roots that promise too much or
/// too little.
fn every_history(steps: u32, most: u128) {
    for a in 0..=ONE {
        for b in 0..=ONE {
            for c in 0..=ONE {
                History::default().explore(steps, most, &[a, b, c]);
            }
        }
    }
}

/// Proves PAY-6 and PAY-7: all orders of deposits and claims up to 4 steps, for all weights.
#[test]
fn contributors_in_any_order() {
    every_history(4, 2);
}

/// Proves PAY-6 and PAY-7: all orders of deposits and claims up to 6 steps, for all weights.
#[test]
#[ignore = "long: scripts/test --nightly"]
fn contributors_in_any_longer_order() {
    every_history(6, 4);
}
