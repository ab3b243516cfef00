//! Accounting periods: calendar quarters in UTC, numbered so that they are consecutive.

/// Number of the quarter `1..=4` of `year`: `year · 4 + quarter − 1`. `None` outside 1970–9999 or for a quarter that is not.
pub const fn quarter_number(year: u32, quarter: u32) -> Option<u32> {
    if year < 1970 || year > 9999 || quarter < 1 || quarter > 4 {
        return None;
    }
    Some(year * 4 + quarter - 1)
}

/// `(year, quarter)` of a period number.
pub const fn quarter_of(period: u32) -> (u32, u32) {
    (period / 4, period % 4 + 1)
}

/// The quarter that holds a Unix time in seconds, by the civil-from-days algorithm (Howard Hinnant, public domain).
pub const fn quarter_at(unix_seconds: u64) -> u32 {
    let days = unix_seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let doe = days % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year * 4 + (month - 1) / 3) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

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
