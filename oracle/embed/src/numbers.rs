//! What the layers do besides multiplying matrices. Each result is the same on every machine: products and sums are
//! rounded one by one, in an order that is written here, and no function of the system's library is asked.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LOG2_E};

/// Partial sums that a sum is made of: as many as a processor adds at once.
const LANES: usize = 8;

/// The sum of what `of` makes of each value.
pub(crate) fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for group in groups {
        for (lane, value) in lanes.iter_mut().zip(group) {
            *lane += of(*value);
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let whole = ((a + e) + (c + g)) + ((b + f) + (d + h));
    rest.iter().fold(whole, |sum, value| sum + of(*value))
}

/// The largest value; minus infinity where there is none.
fn largest(values: &[f32]) -> f32 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let larger = |one: f32, other: f32| if one > other { one } else { other };
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for group in groups {
        for (lane, value) in lanes.iter_mut().zip(group) {
            *lane = larger(*value, *lane);
        }
    }
    lanes.into_iter().chain(rest.iter().copied()).fold(f32::NEG_INFINITY, larger)
}

/// `e^x` for `x` up to zero, within a unit in the last place: `2^n · e^r` with `r` at most half of `ln 2` (Cephes).
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding and taking off 1.5 · 2^23 rounds to a whole number, and leaves that in the low bits.
    const WHOLE: f32 = 12_582_912.0;
    // ln 2 in two parts, of which the first times n is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * LOG2_E + WHOLE;
    let n = shifted - WHOLE;
    let r = x - n * HIGH - n * LOW;
    let terms = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5];
    let fraction = polynomial(r, terms) * (r * r) + r + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    fraction * power
}

/// By Horner, the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, terms: [f32; N]) -> f32 {
    terms.into_iter().fold(0.0, |sum, term| sum * x + term)
}

/// The error function: a quotient of polynomials in the square, one where it rounds to one (as XLA and Eigen do);
/// within 4 · 10^-7.
#[inline(always)]
fn erf(x: f32) -> f32 {
    const ROUNDS_TO_ONE: f32 = 3.832_507;
    const ABOVE: [f32; 5] = [2.290_506_5e-4, 3.408_291e-3, 5.095_569_4e-2, 0.185_208_32, FRAC_2_SQRT_PI];
    const BELOW: [f32; 7] =
        [-1.179_160_3e-7, 2.354_796_6e-5, 1.017_962_6e-3, 1.407_047e-2, 0.110_985_05, 0.497_469_25, 1.0];
    let x = x.clamp(-ROUNDS_TO_ONE, ROUNDS_TO_ONE);
    let square = x * x;
    x * polynomial(square, ABOVE) / polynomial(square, BELOW)
}

/// The part of the normal distribution below `x`, times `x`.
#[inline(always)]
pub(crate) fn gelu(x: f32) -> f32 {
    (erf(x * FRAC_1_SQRT_2) + 1.0) * 0.5 * x
}

/// Makes weights that sum to one of a row of scores, each multiplied by `scale` first.
pub(crate) fn softmax(row: &mut [f32], scale: f32) {
    let most = largest(row);
    row.iter_mut().for_each(|value| *value = exp((*value - most) * scale));
    let all = sum(row, |weight| weight);
    row.iter_mut().for_each(|weight| *weight /= all);
}

/// Mean and spread of a row.
pub(crate) struct Norm {
    /// What each component is multiplied by.
    pub(crate) weight: Vec<f32>,
    /// What is added to it.
    pub(crate) bias: Vec<f32>,
    /// Added to the variance.
    pub(crate) epsilon: f32,
}

impl Norm {
    /// The row with a mean of zero and a variance of one, then weighted.
    pub(crate) fn apply(&self, row: &mut [f32]) {
        let count = row.len() as f32;
        let mean = sum(row, |value| value) / count;
        let variance = sum(row, |value| (value - mean) * (value - mean)) / count;
        let spread = (variance + self.epsilon).sqrt();
        for ((value, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
            *value = (*value - mean) / spread * weight + bias;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the definitions in double precision.
    #[test]
    fn functions_are_what_they_are_called() {
        for step in -600..=600 {
            let x = step as f32 / 100.0;
            let exact = |x: f64| {
                // The series of the error function, which these x let converge.
                let mut term = x;
                let mut total = x;
                for n in 1..200 {
                    term *= -x * x / f64::from(n);
                    total += term / f64::from(2 * n + 1);
                }
                total * std::f64::consts::FRAC_2_SQRT_PI
            };
            let expected = 0.5 * f64::from(x) * (1.0 + exact(f64::from(x) / std::f64::consts::SQRT_2));
            assert!((f64::from(gelu(x)) - expected).abs() < 3e-6, "gelu {x}");
            let below = -x.abs() * 14.0;
            let expected = f64::from(below).exp();
            assert!((f64::from(exp(below)) / expected - 1.0).abs() < 2e-7, "exp {below}");
        }
        assert_eq!((exp(0.0), gelu(0.0)), (1.0, 0.0));
        assert!(exp(-1e30) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
    }

    /// Bit by bit what they were: a target that rounds otherwise makes other embeddings.
    #[test]
    fn results_are_the_same_on_every_machine() {
        let values: Vec<f32> = (0..777u16).map(|n| f32::from(n * 37 % 1_000) / 61.0 - 8.0).collect();
        let mut weights = values.clone();
        softmax(&mut weights, 0.176_776_7);
        let mut normed = values.clone();
        let weight: Vec<f32> = values.iter().map(|value| value / 3.0).collect();
        Norm { bias: weight.clone(), weight, epsilon: 1e-12 }.apply(&mut normed);
        let made = values.iter().map(|value| gelu(*value)).chain(weights).chain(normed);
        let digest = made.fold(0u64, |digest, value| {
            digest.wrapping_mul(0x0000_0100_0000_01b3).wrapping_add(u64::from(value.to_bits()))
        });
        assert_eq!(digest, 17_910_898_496_970_393_214);
    }

    #[test]
    fn sums_and_weights() {
        let values: Vec<f32> = (0..21u8).map(f32::from).collect();
        assert_eq!((sum(&values, |value| value), largest(&values)), (210.0, 20.0));
        let mut weights = [1.0, 1.0];
        softmax(&mut weights, 1.0);
        assert_eq!(weights, [0.5, 0.5]);
    }
}
