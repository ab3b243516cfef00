//! Periods, dates, durations.

use std::{fmt, str::FromStr};

use time::{
    Date as Day, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};
use yieldset_rules::period::{quarter_number, quarter_of};

use super::UnitError;

const DAY_FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A calendar quarter, by the rules' number, written `2026Q4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(pub u32);

impl FromStr for Period {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let capital = text.trim().to_ascii_uppercase();
        let number = |part: &str, width: usize| {
            let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u32>().ok()).flatten()
        };
        let (year, quarter) = capital.split_once('Q').unwrap_or_default();
        number(year.trim_end_matches('-'), 4)
            .zip(number(quarter, 1))
            .and_then(|(year, quarter)| quarter_number(year, quarter))
            .map(Self)
            .ok_or_else(|| UnitError::Unreadable {
                what: "period from 1970Q1 to 9999Q4",
                text: text.to_owned(),
                example: "2026Q4".into(),
            })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, quarter) = quarter_of(self.0);
        write!(f, "{year}Q{quarter}")
    }
}

/// A time in Unix seconds, written `2026-12-31` (midnight, UTC) or as RFC 3339 has it: `2026-12-31T15:00:00+01:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub u64);

impl FromStr for Date {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        let midnight = |day: Day| PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_utc();
        let time = Day::parse(trimmed, &DAY_FORMAT).map(midnight).or_else(|_| OffsetDateTime::parse(trimmed, &Rfc3339));
        // Contracts count whole seconds from 1970 on.
        time.ok()
            .filter(|time| time.nanosecond() == 0)
            .and_then(|time| u64::try_from(time.unix_timestamp()).ok())
            .map(Self)
            .ok_or_else(|| UnitError::Unreadable {
                what: "date or time from 1970 on",
                text: text.to_owned(),
                example: "2026-12-31 or 2026-12-31T15:00:00Z".into(),
            })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            // Contracts write zero where there is no time.
            return f.write_str("no time");
        }
        let time = i64::try_from(self.0).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        let text =
            time.map(|time| time.to_offset(UtcOffset::UTC)).and_then(|time| match time.time() == Time::MIDNIGHT {
                true => time.format(&DAY_FORMAT).ok(),
                false => time.format(&Rfc3339).ok(),
            });
        match text {
            Some(text) => f.write_str(&text),
            // After the year 9999.
            None => write!(f, "second {}", self.0),
        }
    }
}

/// A duration in seconds, written `90 s`, `15 min`, `36 h`, `2 d`, `1 week`, or several: `1 d 12 h`. Months and years
/// are no fixed time and have no place here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u64);

/// From the longest; the first name is what is printed.
const UNITS: &[(u64, &[&str])] = &[
    (604_800, &["w", "week", "weeks"]),
    (86_400, &["d", "day", "days"]),
    (3_600, &["h", "hour", "hours"]),
    (60, &["min", "minute", "minutes", "m"]),
    (1, &["s", "second", "seconds", "sec"]),
];

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let unreadable = || UnitError::Unreadable {
            what: "duration",
            text: text.to_owned(),
            example: "7 d, 36 h, 15 min or 90 s".into(),
        };
        let mut rest = text.trim();
        let (mut sum, mut any) = (0u64, false);
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(unreadable)?;
            let number: u64 = rest[..end].parse().map_err(|_| unreadable())?;
            rest = rest[end..].trim_start();
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let unit = UNITS.iter().find(|(_, names)| names.contains(&&rest[..end])).ok_or_else(unreadable)?.0;
            sum = number.checked_mul(unit).and_then(|more| sum.checked_add(more)).ok_or_else(unreadable)?;
            rest = rest[end..].trim_start();
            any = true;
        }
        if any { Ok(Self(sum)) } else { Err(unreadable()) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut first = true;
        for (unit, names) in UNITS {
            let count = rest / unit;
            rest %= unit;
            // Weeks alone: two weeks and a day are read more easily as fifteen days.
            if count == 0 || (*unit == 604_800 && rest != 0) {
                rest += count * unit;
                continue;
            }
            if !first {
                f.write_str(" ")?;
            }
            write!(f, "{count} {}", names[0])?;
            first = false;
        }
        if first { f.write_str("0 s") } else { Ok(()) }
    }
}
