//! What the user sees: a line per step while it runs and when it is done.

use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// Wei in one coin or one share.
pub const WHOLE: u128 = 1_000_000_000_000_000_000;

/// Runs one step with a spinner, then prints how long it took.
pub async fn step<T>(text: &str, work: impl AsyncFnOnce(&ProgressBar) -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {prefix} {wide_msg} {elapsed}")?);
    bar.set_prefix(text.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    let result = work(&bar).await;
    bar.finish_and_clear();
    let (mark, seconds) = (if result.is_ok() { "done" } else { "FAILED" }, started.elapsed().as_secs_f32());
    println!("{mark:>6}  {text} ({seconds:.1} s)");
    result
}

/// A line of explanation below a step.
pub fn note(text: &str) {
    println!("        {text}");
}

/// What the chain's own money is called on a development chain.
pub const NATIVE: &str = "DEV";

/// Wei with their unit, cut to six decimals.
pub fn money(wei: u128) -> String {
    format!("{} {NATIVE}", coins(wei))
}

/// Wei as coins, cut to six decimals.
pub fn coins(wei: u128) -> String {
    format!("{}.{:06}", wei / WHOLE, wei % WHOLE / (WHOLE / 1_000_000))
}

/// Wei as coins, with all decimals that are not zero, and six at least.
pub fn exactly(wei: u128) -> String {
    let all = format!("{}.{:018}", wei / WHOLE, wei % WHOLE);
    let (cut, rest) = all.split_at(all.len() - 12);
    format!("{cut}{}", rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_not_cut() {
        assert_eq!((exactly(0), exactly(WHOLE * 65)), ("0.000000".into(), "65.000000".into()));
        assert_eq!(exactly(WHOLE * 39 - 6), "38.999999999999999994");
        assert_eq!(exactly(1_234_567_800_000_000_000), "1.2345678");
    }

    #[test]
    fn coins_are_cut_never_rounded_up() {
        assert_eq!(coins(0), "0.000000");
        assert_eq!(coins(WHOLE * 3 / 2), "1.500000");
        assert_eq!(coins(WHOLE - 1), "0.999999");
    }
}
