//! From gross revenue to the money of a pool.

use crate::math::{BASIS_POINTS, MathError, mul_add_div_rem, mul_div};

/// A year of interest, in seconds: 365 days.
pub const INTEREST_YEAR: u64 = 365 * 86_400;

/// Net Model Revenue: `max(0, gross − infrastructure − taxes)` (PAY-2).
pub const fn net_model_revenue(gross: u128, infrastructure: u128, taxes: u128) -> u128 {
    gross.saturating_sub(infrastructure).saturating_sub(taxes)
}

/// The pool's share of net revenue in basis points, rounded down (PAY-2, LIC-1).
pub fn pool_share(net: u128, bps: u16) -> Result<u128, MathError> {
    crate::math::split_bps(net, bps).map(|(share, _)| share)
}

/// Per-use royalty: `price` for each 1,000 attributed tokens, rounded down (PAY-1).
pub fn usage_royalty(attributed_tokens: u128, price_per_thousand: u128) -> Result<u128, MathError> {
    mul_div(attributed_tokens, price_per_thousand, 1_000)
}

/// What a licence charges for a quarter (PAY-1, PAY-2, PAY-3). Zero turns a part off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Share of Net Model Revenue, in basis points.
    pub residual_bps: u16,
    /// For each 1,000 attributed tokens, in the currency's smallest unit.
    pub per_thousand_tokens: u128,
    /// For each call with a score above the threshold.
    pub per_call: u128,
    /// Least of a quarter.
    pub floor: u128,
    /// Most of a quarter.
    pub ceiling: u128,
}

impl Rates {
    /// Whether usage is charged for.
    pub const fn charge_usage(&self) -> bool {
        self.per_thousand_tokens > 0 || self.per_call > 0
    }

    /// A quarter's due: residual plus usage royalty, held between floor and ceiling.
    ///
    /// # Errors
    /// [`MathError`] where it does not fit in 128 bits.
    pub fn due(&self, net: u128, usage: &Usage) -> Result<u128, MathError> {
        let residual = pool_share(net, self.residual_bps)?;
        let tokens = usage_royalty(usage.tokens, self.per_thousand_tokens)?;
        let calls = mul_div(usage.calls.into(), self.per_call, 1)?;
        let sum = residual.checked_add(tokens).and_then(|sum| sum.checked_add(calls)).ok_or(MathError::Overflow)?;
        let floored = sum.max(self.floor);
        Ok(if self.ceiling == 0 { floored } else { floored.min(self.ceiling) })
    }
}

/// Usage that counts: outputs whose attribution score is above the threshold (PAY-1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Attributed tokens of these outputs.
    pub tokens: u128,
    /// Number of these outputs.
    pub calls: u64,
}

impl Usage {
    /// Counts one output; at or under the threshold it is nothing (ATT-5). Scores in millionths.
    ///
    /// # Errors
    /// [`MathError::Overflow`] where the sums would not fit.
    pub fn count(&mut self, score: u32, threshold: u32, tokens: u128) -> Result<(), MathError> {
        if score > threshold {
            self.tokens = self.tokens.checked_add(tokens).ok_or(MathError::Overflow)?;
            self.calls = self.calls.checked_add(1).ok_or(MathError::Overflow)?;
        }
        Ok(())
    }
}

/// Simple interest of `principal` over `seconds` at `bps` a year, and the remainder to hand in next time as `carry`:
/// however a time is cut into pieces, the interest is the same.
///
/// # Errors
/// [`MathError::Overflow`].
pub fn interest(principal: u128, bps: u16, seconds: u64, carry: u64) -> Result<(u128, u64), MathError> {
    const DIVISOR: u128 = BASIS_POINTS as u128 * INTEREST_YEAR as u128;
    let rate = u128::from(bps).saturating_mul(seconds.into());
    let (whole, rest) = mul_add_div_rem(principal, rate, carry.into(), DIVISOR)?;
    // The remainder is below the divisor, 3.2 · 10^11.
    Ok((whole, rest as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Proves PAY-3: whatever the revenue and usage, a quarter's due lies between floor and ceiling.
        #[test]
        fn dues_stay_between_floor_and_ceiling(net: u64, tokens: u64, calls: u32, bps in 0u16..=10_000, floor: u32, span: u32) {
            let ceiling = u128::from(floor) + u128::from(span);
            let rates = Rates { residual_bps: bps, per_thousand_tokens: 7, per_call: 3, floor: floor.into(), ceiling };
            let usage = Usage { tokens: tokens.into(), calls: calls.into() };
            let due = rates.due(net.into(), &usage).unwrap();
            let free = Rates { floor: 0, ceiling: 0, ..rates }.due(net.into(), &usage).unwrap();
            prop_assert!(due >= rates.floor);
            prop_assert!(ceiling == 0 || due <= ceiling);
            if (rates.floor..=ceiling).contains(&free) {
                prop_assert_eq!(due, free);
            }
        }

        /// Interest does not depend on how often it is settled: small accruals are not rounded away.
        #[test]
        fn interest_is_the_same_in_pieces(principal: u64, bps in 0u16..=10_000, pieces in prop::collection::vec(0u64..40_000_000, 0..20)) {
            let (mut sum, mut carry) = (0, 0);
            for seconds in &pieces {
                let (part, rest) = interest(principal.into(), bps, *seconds, carry).unwrap();
                (sum, carry) = (sum + part, rest);
            }
            let at_once = interest(principal.into(), bps, pieces.iter().sum(), 0).unwrap();
            prop_assert_eq!((sum, carry), at_once);
        }
    }

    #[test]
    fn interest_of_a_year_is_the_rate() {
        assert_eq!(interest(1_000_000, 800, INTEREST_YEAR, 0), Ok((80_000, 0)));
        assert_eq!(interest(u128::MAX, 10_000, INTEREST_YEAR * 2, 0), Err(MathError::Overflow));
    }

    #[test]
    fn dues_that_do_not_fit_are_refused() {
        let rates = Rates { residual_bps: 10_000, per_call: 1, ..Rates::default() };
        assert_eq!(rates.due(u128::MAX, &Usage { tokens: 0, calls: 1 }), Err(MathError::Overflow));
        let rates = Rates { per_call: u128::MAX, ..Rates::default() };
        assert_eq!(rates.due(0, &Usage { tokens: 0, calls: 2 }), Err(MathError::Overflow));
        let mut full = Usage { tokens: u128::MAX, calls: 0 };
        assert_eq!(full.count(2, 1, 1), Err(MathError::Overflow));
        assert!(rates.charge_usage() && !Rates::default().charge_usage());
    }

    /// Proves CASE-C, PAY-1, ATT-5: tokens of outputs at or under the threshold count nothing.
    #[test]
    fn only_scores_above_the_threshold_count() {
        let mut usage = Usage::default();
        for (score, tokens) in [(700_000, 999), (0, 5), (700_001, 3_456_789_000), (699_999, 1)] {
            usage.count(score, 700_000, tokens).unwrap();
        }
        assert_eq!(usage, Usage { tokens: 3_456_789_000, calls: 1 });
        let rates = Rates { per_thousand_tokens: 2_000, ..Rates::default() };
        assert_eq!(rates.due(0, &usage), Ok(6_913_578_000));
    }

    /// Proves PAY-2: costs above gross leave nothing, not a debt.
    #[test]
    fn net_revenue_is_never_negative() {
        assert_eq!(net_model_revenue(100, 60, 15), 25);
        assert_eq!(net_model_revenue(100, 60, 60), 0);
        assert_eq!(net_model_revenue(0, u128::MAX, 1), 0);
        assert_eq!(pool_share(1_000_000, 1_000), Ok(100_000));
    }

    /// Proves CASE-C's figure: 0.002 per 1,000 tokens, in units of 10^-6.
    #[test]
    fn case_c_comes_out_to_the_unit() {
        assert_eq!(usage_royalty(3_456_789_000, 2_000), Ok(6_913_578_000));
    }
}
