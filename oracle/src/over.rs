//! Whether a quarter is over. Before, each call changes what is counted of it, so that nothing is paid by it.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yieldset_rules::period::quarter_start;

use crate::period_name;

/// A quarter that is not over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{period} runs until {ends}, and what is counted of it changes until then; wait for that, or look ahead by --running"
)]
pub struct Running {
    /// The quarter.
    pub period: String,
    /// When the next one begins.
    pub ends: String,
}

/// Whether a quarter is over at a time in Unix seconds.
///
/// # Errors
/// [`Running`].
pub fn check(period: u32, now: u64) -> Result<(), Running> {
    let ends = quarter_start(period.saturating_add(1));
    if now >= ends {
        return Ok(());
    }
    let at = i64::try_from(ends).ok().and_then(|ends| OffsetDateTime::from_unix_timestamp(ends).ok());
    let ends = at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| format!("second {ends} after 1970"));
    Err(Running { period: period_name(period), ends })
}

/// This machine's clock, in Unix seconds, for where no chain's is asked.
pub fn now() -> u64 {
    // Before 1970 it is no clock, and nothing is over.
    u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quarter is over when the next one begins, to the second; its last second, and its first, are not.
    #[test]
    fn a_running_quarter_is_told_with_its_end() {
        // 2026Q4, and 2027-01-01T00:00:00Z.
        let (period, ends) = (8_107, 1_798_761_600);
        assert_eq!((check(period, ends), check(period, u64::MAX)), (Ok(()), Ok(())));
        for now in [ends - 1, ends - 92 * 86_400, 0] {
            let told = check(period, now).expect_err("it runs").to_string();
            assert!(told.contains("2026Q4 runs until 2027-01-01T00:00:00Z"), "{told}");
        }
        assert!(check(period + 1, ends).is_err());
        // One that no calendar has.
        assert!(check(u32::MAX, ends).is_err());
    }
}
