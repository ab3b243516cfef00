//! Accounting periods: calendar quarters in UTC, numbered so that they are consecutive.

/// Number of the quarter `1..=4` of `year`: `year · 4 + quarter − 1`. `None` outside 1970–9999 or for a quarter that is
/// not.
#[expect(clippy::arithmetic_side_effects, reason = "years below 10,000")]
pub const fn quarter_number(year: u32, quarter: u32) -> Option<u32> {
    if year < 1970 || year > 9999 || quarter < 1 || quarter > 4 {
        return None;
    }
    Some(year * 4 + quarter - 1)
}

/// `(year, quarter)` of a period number.
pub const fn quarter_of(period: u32) -> (u32, u32) {
    (period / 4, (period % 4).saturating_add(1))
}

/// The quarter that holds a Unix time in seconds, by the civil-from-days algorithm (Howard Hinnant, public domain):
/// years begin in March there, so that a leap day is the last of its year.
///
/// Its terms `+ doe / 36 524 − doe / 146 096` are left out: without them the first days of March may count as days
/// after the end of February, which is the same quarter.
#[expect(clippy::arithmetic_side_effects, reason = "a time in days, so below 2^48")]
pub const fn quarter_at(unix_seconds: u64) -> u32 {
    let days = unix_seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let doe = days % 146_097;
    let yoe = (doe - doe / 1_460) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let months_since_march = (5 * doy + 2) / 153;
    let months = (era * 400 + yoe) * 12 + months_since_march + 2;
    (months / 3) as u32
}

/// Unix time in seconds at which a period begins, and the one before it ends; days-from-civil of the same source.
#[expect(clippy::arithmetic_side_effects, reason = "years below 2^30 and their months, days and seconds")]
pub const fn quarter_start(period: u32) -> u64 {
    let (year, quarter) = quarter_of(period);
    // Years begin in March there, so that a leap day is the last day of its year.
    let month = quarter as u64 * 3 - 2;
    let year = (year as u64).saturating_sub(if month <= 2 { 1 } else { 0 });
    let mp = if month <= 2 { month + 9 } else { month - 3 };
    let yoe = year % 400;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * mp + 2) / 5;
    (year / 400 * 146_097 + doe).saturating_sub(719_468) * 86_400
}

/// The same day of the month and time of day, a number of calendar months later; the last day of the month where it has
/// no such day: a month after the 31st of January is the 28th or 29th of February. Days-from-civil and civil-from-days
/// (Howard Hinnant, public domain).
#[expect(clippy::arithmetic_side_effects, reason = "a time in days, so below 2^48, and months below 2^32")]
#[inline(never)]
pub const fn months_after(unix_seconds: u64, months: u32) -> u64 {
    let days = unix_seconds / 86_400 + 719_468;
    let (era, doe) = (days / 146_097, days % 146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    // Years begin in March, months are counted from it.
    let march_month = (5 * doy + 2) / 153;
    let day = doy - (153 * march_month + 2) / 5;
    let total = (era * 400 + yoe) * 12 + march_month + months as u64;
    let (year, month) = (total / 12, total % 12);
    let first = month_start(year, month);
    let next = month_start(year + month / 11, (month + 1) % 12);
    let last = next - 1;
    let wanted = first + day;
    (if wanted < last { wanted } else { last })
        .saturating_sub(719_468)
        .saturating_mul(86_400)
        .saturating_add(unix_seconds % 86_400)
}

/// Days from the first of March of the year zero to that of a month; months counted from March.
#[expect(clippy::arithmetic_side_effects, reason = "years below 2^40 and their months")]
const fn month_start(year: u64, march_month: u64) -> u64 {
    let yoe = year % 400;
    year / 400 * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + (153 * march_month + 2) / 5
}

/// Whether a period has certainly begun, told without a calendar: by the mean length of a quarter, from a start that no
/// quarter's own is later than. It says no for some days more than is true, in which [`quarter_start`] decides.
#[expect(clippy::arithmetic_side_effects, reason = "a number of quarters, so below 2^42")]
pub const fn has_certainly_begun(period: u32, now: u64) -> bool {
    // 146,097 days are 1,600 quarters.
    const QUARTER: u64 = 146_097 * 86_400 / 1_600;
    // No quarter begins later than four days after its place on that line.
    const LATEST: u64 = 4 * 86_400;
    const FIRST: u64 = 1970 * 4;
    period as u64 <= FIRST + now.saturating_sub(LATEST) / QUARTER && now >= LATEST
}

/// Calendar year (UTC) of a Unix time in seconds.
pub const fn calendar_year(unix_seconds: u64) -> u32 {
    quarter_of(quarter_at(unix_seconds)).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Proves SAFE-12: figures from outside wrap nowhere. On the old rule each of these panicked in tests, and was any
    /// number on the chain.
    #[test]
    fn the_ends_of_the_calendar_do_not_wrap() {
        // The quarter before March of the year zero, as the algorithm counts, and all others before 1970: none is later
        // than the first second.
        assert_eq!([0, 1, 4, 7_879].map(quarter_start), [0; 4]);
        assert_eq!(quarter_start(7_881), 90 * 86_400);
        // The last quarter that has a number.
        assert_eq!(quarter_of(u32::MAX), (1_073_741_823, 4));
        assert!(quarter_start(u32::MAX) > quarter_start(u32::MAX - 1));
        // No time is later than the last.
        assert_eq!(months_after(u64::MAX, 1), u64::MAX);
        assert_eq!(months_after(u64::MAX - 3 * 86_400, u32::MAX), u64::MAX);
    }

    proptest! {
        /// Every second belongs to the quarter between its start and the next one's.
        #[test]
        fn starts_and_numbers_agree(time in 0u64..253_402_300_800) {
            let quarter = quarter_at(time);
            prop_assert!(quarter_start(quarter) <= time && time < quarter_start(quarter + 1));
            prop_assert_eq!(quarter_at(quarter_start(quarter)), quarter);
        }
    }

    /// Proves SAFE-2: anniversaries are those of the calendar, leap days and short months included.
    #[test]
    fn months_are_the_calendars() {
        let day = 86_400;
        // 2027-01-31T00:00:07Z.
        let january = 1_798_761_600 + 30 * day + 7;
        let later = |months| (months_after(january, months) - 1_798_761_600 - 7) / day;
        // 28 February, 31 March, 30 April 2027, 31 January and 29 February 2028, 28 February 2029, 31 January 2031.
        assert_eq!([1, 2, 3, 12, 13, 25, 48].map(later), [58, 89, 119, 395, 424, 789, 1_491]);
        assert_eq!(later(0), 30);
        // 2028-02-29: a year later is the 28th, four are the 29th.
        let leap = 1_835_395_200;
        assert_eq!(months_after(leap, 12), leap + 365 * day);
        assert_eq!(months_after(leap, 48), leap + 1_461 * day);
        // 1 January 2028, a leap year: 366 days.
        assert_eq!(months_after(1_830_297_600, 12), 1_861_920_000);
    }

    proptest! {
        /// Months are never shorter than 28 nor longer than 31 days, and three of them from a quarter's start are the
        /// next's.
        #[test]
        fn months_follow_each_other(time in 0u64..253_000_000_000, period in 7_880u32..39_000) {
            let month = months_after(time, 1) - time;
            prop_assert!((28 * 86_400..=31 * 86_400).contains(&month));
            prop_assert!(months_after(time, 2) > months_after(time, 1));
            prop_assert_eq!(months_after(quarter_start(period), 3), quarter_start(period + 1));
            prop_assert_eq!(months_after(quarter_start(period) + 77, 12), quarter_start(period + 4) + 77);
        }
    }

    /// Never too early, and at most eight days late: for every quarter until the year 9999.
    #[test]
    fn what_has_certainly_begun_has() {
        for period in 1970 * 4..=9999 * 4 {
            let start = quarter_start(period);
            assert!(start == 0 || !has_certainly_begun(period, start - 1), "{period} is told too early");
            assert!(has_certainly_begun(period, start + 8 * 86_400), "{period} is told too late");
        }
        assert!(has_certainly_begun(1, 4 * 86_400) && !has_certainly_begun(1, 0));
    }

    #[test]
    fn quarters_start_at_midnight_utc() {
        assert_eq!(quarter_start(1970 * 4), 0);
        assert_eq!(quarter_start(8107), 1_790_812_800); // 2026-10-01
        assert_eq!(quarter_start(8108), 1_798_761_600); // 2027-01-01
        assert_eq!((calendar_year(1_798_761_599), calendar_year(1_798_761_600)), (2026, 2027));
    }

    #[test]
    fn quarters_are_consecutive() {
        assert_eq!(quarter_number(2026, 4), Some(8107));
        assert_eq!(quarter_number(2027, 1), Some(8108));
        assert_eq!(quarter_of(8107), (2026, 4));
        assert_eq!(quarter_number(2026, 5), None);
        assert_eq!(quarter_at(0), 1970 * 4);
        assert_eq!(quarter_at(1_795_478_400), 8107); // 2026-11-24
        assert_eq!(quarter_at(1_798_761_599), 8107); // 2026-12-31T23:59:59Z
        assert_eq!(quarter_at(1_798_761_600), 8108); // 2027-01-01
        assert_eq!(quarter_at(1_709_164_800), 2024 * 4); // 2024-02-29
    }

    #[test]
    fn numbers_and_quarters_are_one_to_one() {
        assert_eq!(quarter_number(1969, 4), None);
        assert_eq!(quarter_number(10_000, 1), None);
        let mut next = 1970 * 4;
        for year in 1970..=9999 {
            assert_eq!(quarter_number(year, 0), None);
            for quarter in 1..=4 {
                assert_eq!(quarter_number(year, quarter), Some(next));
                assert_eq!(quarter_of(next), (year, quarter));
                next += 1;
            }
            assert_eq!(quarter_number(year, 5), None);
        }
    }

    /// Every day from 1970 to 9999, first and last second, against a calendar that is counted day by day.
    #[test]
    fn every_day_lies_in_its_quarter() {
        const DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut midnight = 0;
        for year in 1970u32..=9999 {
            let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
            for (month, days) in (0u32..).zip(DAYS) {
                let expected = year * 4 + month / 3;
                for _ in 0..days + u64::from(leap && month == 1) {
                    assert_eq!(quarter_at(midnight), expected, "{year}, month {}", month + 1);
                    midnight += 86_400;
                    assert_eq!(quarter_at(midnight - 1), expected, "{year}, month {}", month + 1);
                }
            }
        }
        // 10000-01-01T00:00:00Z.
        assert_eq!(midnight, 253_402_300_800);
    }
}
