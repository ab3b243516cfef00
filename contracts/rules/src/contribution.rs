//! The contributor leg: what one contributor is owed of a period, by weight.
//!
//! `owed = ⌊total · weight / 10^18⌋ − already claimed`, so money that arrives late for a period is still shared. The
//! weights that were ever claimed against a period never pass 10^18, whatever the posted root says.

use crate::math::{MathError, mul_div};

/// Weights of a report sum exactly to this.
pub const WEIGHT_ONE: u64 = 1_000_000_000_000_000_000;

/// One (stream, period) of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// Contributors' part of everything deposited for the period, in the currency's smallest unit.
    pub total: u128,
    /// Paid out so far.
    pub claimed: u128,
    /// Sum of the weights that have claimed at least once; at most [`WEIGHT_ONE`].
    pub weight_claimed: u64,
}

/// What one contributor took of one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contribution {
    /// Paid so far, in the currency's smallest unit.
    pub claimed: u128,
    /// The proven weight; zero until the first claim.
    pub weight: u64,
}

crate::packed!(Period { total: u128, claimed: u128, weight_claimed: u64 });
crate::packed!(Contribution { claimed: u128, weight: u64 });

/// Why a contributor's claim is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContributionError {
    /// All claimed weights together would pass [`WEIGHT_ONE`], or the weight differs from the one first proven.
    WeightsExceeded,
    /// Nothing is owed (yet).
    Nothing,
    /// Arithmetic.
    Math(MathError),
}

impl Period {
    /// What nobody has claimed yet, in the currency's smallest unit.
    pub fn unclaimed(&self) -> u128 {
        // Never more than the total; what is stored by whatever else is no money.
        self.total.saturating_sub(self.claimed)
    }

    /// Takes out all that nobody has claimed, to be carried or released ([`crate::waiting`]).
    pub fn take_unclaimed(&mut self) -> u128 {
        let amount = self.unclaimed();
        self.total = self.total.saturating_sub(amount);
        amount
    }

    /// Records the claim of a contributor whose `weight` was proven, and returns the amount to pay.
    ///
    /// # Errors
    /// See [`ContributionError`]; nothing is changed then.
    pub fn claim(&mut self, contribution: &mut Contribution, weight: u64) -> Result<u128, ContributionError> {
        self.claim_of::<WEIGHT_ONE>(contribution, weight)
    }

    /// [`Period::claim`] with the sum of all weights as a parameter, so that `crate::proofs` can try all small weights.
    pub(crate) fn claim_of<const ONE: u64>(
        &mut self,
        contribution: &mut Contribution,
        weight: u64,
    ) -> Result<u128, ContributionError> {
        let first = contribution.weight == 0;
        let weight_claimed = if first {
            let sum = self.weight_claimed.checked_add(weight).ok_or(ContributionError::WeightsExceeded)?;
            if sum > ONE {
                return Err(ContributionError::WeightsExceeded);
            }
            sum
        } else if contribution.weight != weight {
            return Err(ContributionError::WeightsExceeded);
        } else {
            self.weight_claimed
        };
        let entitled = mul_div(self.total, u128::from(weight), u128::from(ONE)).map_err(ContributionError::Math)?;
        // Weights that sum to one never claim more than there is; were there less, nobody else's money would pay it.
        let left = self.total.saturating_sub(self.claimed);
        let owed = entitled.saturating_sub(contribution.claimed).min(left);
        if owed == 0 {
            return Err(ContributionError::Nothing);
        }
        // Cannot overflow: the sum of entitlements is at most `total`.
        self.claimed = self.claimed.checked_add(owed).ok_or(ContributionError::Math(MathError::Overflow))?;
        self.weight_claimed = weight_claimed;
        *contribution = Contribution { claimed: contribution.claimed.saturating_add(owed), weight };
        Ok(owed)
    }

    /// Takes back a claim whose money was not taken: `before` is what the contributor had then, `paid` what
    /// [`Period::claim`] said for `weight`. Claims of others in between stay as they are.
    pub fn give_back(&mut self, before: &Contribution, weight: u64, paid: u128) {
        // The claim added both, and nothing but this takes them away.
        self.claimed = self.claimed.saturating_sub(paid);
        if before.weight == 0 {
            self.weight_claimed = self.weight_claimed.saturating_sub(weight);
        }
    }
}

/// Why one of many claims is passed over, while the others are paid. Nothing is recorded for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// Nothing is owed (any more).
    Nothing,
    /// The pool's screening holds the payee back: an ERC-1404 code ([`crate::compliance::Restriction`]).
    Screened(u8),
    /// The report gives out more weight than there is, or another than the account has proven before.
    WeightsExceeded,
    /// The payee did not take the money, or would run code of its own ([`crate::payee::is_plain`]): it is paid by a
    /// claim of its own, which says what is wrong.
    PayoutFailed,
}

impl Skipped {
    /// The `uint8` of `ClaimSkipped`: 0 for nothing, the screening's own code, 254 and 255 for the others.
    pub const fn code(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Screened(code) => code,
            Self::WeightsExceeded => 254,
            Self::PayoutFailed => 255,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every reason is another number, and none is taken for one of the screening's.
    #[test]
    fn reasons_to_pass_over_a_claim_can_be_told_apart() {
        let last = crate::compliance::Restriction::ALL.len() as u8;
        assert_eq!(Skipped::Nothing.code(), 0);
        assert_eq!(Skipped::Screened(6).code(), 6);
        assert_eq!((Skipped::WeightsExceeded.code(), Skipped::PayoutFailed.code()), (254, 255));
        assert!(last < 254, "{last}");
    }

    proptest! {
        /// Proves PAY-6 and PAY-7: claims of which some are given back, whatever others are made in between, leave what
        /// the others alone would have left, and the same claim can be made again.
        #[test]
        fn a_claim_given_back_was_never_made(
            parts in prop::collection::vec((1u64..WEIGHT_ONE / 8, any::<bool>(), 0u64..2), 1..8),
            total in 0u128..10u128.pow(30),
        ) {
            let (mut tried, mut paid) = (Period { total, ..Period::default() }, Period { total, ..Period::default() });
            let mut owed = alloc::vec![];
            for &(weight, keeps, earlier) in &parts {
                // Some had claimed before, when there was less money.
                let mut before = Contribution::default();
                if earlier == 1 {
                    let now = core::mem::replace(&mut tried.total, total / 3);
                    let _ = tried.claim(&mut before, weight);
                    tried.total = now;
                    paid.claimed += before.claimed;
                    paid.weight_claimed += before.weight;
                }
                let (mut one, mut other) = (before, before);
                let result = tried.claim(&mut one, weight);
                if keeps {
                    prop_assert_eq!(paid.claim(&mut other, weight), result);
                } else if let Ok(amount) = result {
                    owed.push((before, weight, amount));
                }
            }
            for (before, weight, amount) in &owed {
                tried.give_back(before, *weight, *amount);
            }
            prop_assert_eq!(tried, paid);
            for (mut before, weight, amount) in owed {
                prop_assert_eq!(tried.claim(&mut before, weight), Ok(amount));
            }
        }

        /// Proves PAY-6 and PAY-7: claims in any order, with money arriving in between, never pay more than came in,
        /// and the dust left when all have claimed is below one unit a contributor.
        #[test]
        fn contributors_get_their_weight(
            scores in prop::collection::vec(0u64..1_000, 1..8),
            deposits in prop::collection::vec(0u128..10u128.pow(24), 1..6),
        ) {
            let Some(weights) = crate::settlement::weights(&scores.iter().map(|&s| u128::from(s)).collect::<alloc::vec::Vec<_>>()) else {
                return Ok(());
            };
            let mut period = Period::default();
            let mut contributions = alloc::vec![Contribution::default(); weights.len()];
            for deposit in deposits {
                period.total += deposit;
                for (c, &w) in contributions.iter_mut().zip(&weights) {
                    let _ = period.claim(c, w);
                }
                prop_assert!(period.claimed <= period.total);
                prop_assert!(period.total - period.claimed < weights.len() as u128);
            }
        }
    }

    #[test]
    fn what_is_taken_out_is_no_longer_owed() {
        let mut period = Period { total: 1_000, ..Period::default() };
        assert_eq!(period.claim(&mut Contribution::default(), WEIGHT_ONE / 4), Ok(250));
        assert_eq!((period.unclaimed(), period.take_unclaimed(), period.take_unclaimed()), (750, 750, 0));
        assert_eq!((period.total, period.claimed), (250, 250));
        // Late money is paid by the weights again.
        period.total += 400;
        assert_eq!(period.unclaimed(), 400);
    }

    #[test]
    fn weights_beyond_one_are_refused() {
        let mut period = Period { total: 1_000, ..Period::default() };
        let (mut a, mut b) = (Contribution::default(), Contribution::default());
        assert_eq!(period.claim(&mut a, WEIGHT_ONE), Ok(1_000));
        assert_eq!(period.claim(&mut b, 1), Err(ContributionError::WeightsExceeded));
        assert_eq!(period.claim(&mut a, WEIGHT_ONE), Err(ContributionError::Nothing));
        period.total += 5;
        assert_eq!(period.claim(&mut a, WEIGHT_ONE - 1), Err(ContributionError::WeightsExceeded));
        assert_eq!(period.claim(&mut a, WEIGHT_ONE), Ok(5));
    }
}
