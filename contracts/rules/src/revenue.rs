//! From gross revenue to the money of a pool.

use crate::math::{MathError, mul_div};

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

#[cfg(test)]
mod tests {
    use super::*;

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
