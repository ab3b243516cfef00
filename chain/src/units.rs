//! What people write and read: amounts with units, parts in per cent, scores, periods, dates, durations.
//!
//! All are integers in the contracts' own units, to the last digit: what has more digits than those units is refused,
//! never rounded. What is printed is read again as the same number.

mod coin;
mod time;

use std::{fmt, str::FromStr};

pub use self::{
    coin::{Coin, Native, Quantity},
    time::{Date, Period, Span},
};

/// What was written is no amount, part, period, date or duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No number.
    #[error("{text:?} is no {what}; write it like {example}")]
    Unreadable {
        /// What was wanted.
        what: &'static str,
        /// What was written.
        text: String,
        /// How it is written.
        example: String,
    },
    /// Another unit.
    #[error("{text:?} is in {got}, and {expected} is what is counted here")]
    OtherUnit {
        /// What was written.
        text: String,
        /// Its unit.
        got: String,
        /// The unit that is needed.
        expected: String,
    },
    /// More digits after the point than the unit has.
    #[error(
        "{text:?} has {got} digits after the point, {unit} has {most}; the nearest amounts are {below} and {above}"
    )]
    TooFine {
        /// What was written.
        text: String,
        /// Its digits after the point.
        got: usize,
        /// Most digits.
        most: u8,
        /// Of which unit.
        unit: String,
        /// The next lower one that can be written.
        below: String,
        /// The next higher one.
        above: String,
    },
    /// More than there can be.
    #[error("{text:?} is more than {most}")]
    TooLarge {
        /// What was written.
        text: String,
        /// The most.
        most: String,
    },
    /// No multiple of the chain's smallest unit.
    #[error(
        "{wei} wei is no multiple of {ratio} wei, the smallest amount of {symbol} that the chain can move; the nearest are {below} and {above}"
    )]
    NotRepresentable {
        /// The amount.
        wei: u128,
        /// Wei in one native unit.
        ratio: u32,
        /// The money's name.
        symbol: String,
        /// The next lower amount that it can move.
        below: String,
        /// The next higher one.
        above: String,
    },
}

/// A decimal number without sign or exponent, as whole units of 10^-`decimals`.
///
/// # Errors
/// The part of the text that is wrong, as [`Digits`].
fn decimal(text: &str, decimals: u8) -> Result<u128, Digits> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    // A group's comma cannot be told from a decimal comma where one stands alone: `1,500` is refused, as `0,500` is.
    let alone = whole.matches(',').count() == 1 && !text.contains('.');
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if alone || !is_grouped(whole) || !plain(fraction) || text.ends_with('.') {
        return Err(Digits::Unreadable);
    }
    let whole = whole.replace(['_', ','], "");
    let significant = fraction.trim_end_matches('0');
    let scale = 10u128.checked_pow(decimals.into()).ok_or(Digits::TooLarge)?;
    let kept = &significant[..significant.len().min(decimals.into())];
    let parts = format!("{kept:0<width$}", width = usize::from(decimals));
    let parts: u128 = if parts.is_empty() { 0 } else { parts.parse().map_err(|_| Digits::TooLarge)? };
    let whole: u128 = whole.parse().map_err(|_| Digits::TooLarge)?;
    let value = whole.checked_mul(scale).and_then(|whole| whole.checked_add(parts)).ok_or(Digits::TooLarge)?;
    match significant.len() > decimals.into() {
        true => Err(Digits::TooFine { below: value, digits: significant.len() }),
        false => Ok(value),
    }
}

/// Whether it is digits, alone or in groups of three that one sign parts: `1_000` or `1,000`, and not `0,500` or `_5`.
fn is_grouped(whole: &str) -> bool {
    let Some(sign) = whole.chars().find(|letter| ['_', ','].contains(letter)) else {
        return !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    };
    let mut groups = whole.split(sign);
    let first = groups.next().unwrap_or_default();
    let is_first = (1..=3).contains(&first.len()) && !first.starts_with('0');
    is_first
        && groups.all(|group| group.len() == 3)
        && whole.replace(sign, "").bytes().all(|byte| byte.is_ascii_digit())
}

/// What is wrong with a number.
enum Digits {
    Unreadable,
    TooLarge,
    /// It lies above this value and below the next.
    TooFine {
        below: u128,
        digits: usize,
    },
}

/// A number of units of 10^-`decimals` without needless zeros.
fn digits(value: u128, decimals: u8) -> String {
    let scale = match 10u128.checked_pow(decimals.into()) {
        Some(scale) => scale,
        // More digits than there are in 128 bits: all of them are behind the point.
        None => return format!("0.{value:0>width$}", width = usize::from(decimals)).trim_end_matches('0').to_owned(),
    };
    let (whole, parts) = (value / scale, value % scale);
    if parts == 0 {
        return whole.to_string();
    }
    let parts = format!("{parts:0>width$}", width = usize::from(decimals));
    format!("{whole}.{}", parts.trim_end_matches('0'))
}

/// Serialises as text, the same that is typed.
macro_rules! as_text {
    ($($name:ty),* $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
as_text!(Quantity, Period, Date, Span, Percent, Score);

/// A part in basis points, written in per cent: `5 %`, `0.25%`, `12.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u16);

impl Percent {
    /// All, in basis points.
    pub const ALL: u16 = 10_000;
}

impl FromStr for Percent {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let number = text.trim().trim_end_matches('%').trim_end();
        let part = |points: u128| digits(points, 2) + " %";
        let too_large = || UnitError::TooLarge { text: text.to_owned(), most: part(Self::ALL.into()) };
        match decimal(number, 2) {
            Ok(points) if points <= Self::ALL.into() => u16::try_from(points).map(Self).map_err(|_| too_large()),
            Ok(_) | Err(Digits::TooLarge) => Err(too_large()),
            Err(Digits::TooFine { below, digits }) => Err(UnitError::TooFine {
                text: text.to_owned(),
                got: digits,
                most: 2,
                unit: "a part in per cent".into(),
                below: part(below),
                above: part(below.saturating_add(1)),
            }),
            Err(Digits::Unreadable) => {
                Err(UnitError::Unreadable { what: "part", text: text.to_owned(), example: "12.5 %".into() })
            }
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", digits(self.0.into(), 2))
    }
}

/// A number from 0 to 1 in parts of 10^18, written as a decimal number: `0.7`. Weights and scores are such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub u64);

impl Score {
    /// One.
    pub const ONE: u64 = 1_000_000_000_000_000_000;
}

impl FromStr for Score {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let too_large = || UnitError::TooLarge { text: text.to_owned(), most: "1".into() };
        match decimal(text.trim(), 18) {
            Ok(parts) if parts <= Self::ONE.into() => u64::try_from(parts).map(Self).map_err(|_| too_large()),
            Ok(_) | Err(Digits::TooLarge) => Err(too_large()),
            Err(Digits::TooFine { below, digits: got }) => Err(UnitError::TooFine {
                text: text.to_owned(),
                got,
                most: 18,
                unit: "a score".into(),
                below: digits(below, 18),
                above: digits(below.saturating_add(1), 18),
            }),
            Err(Digits::Unreadable) => {
                Err(UnitError::Unreadable { what: "score", text: text.to_owned(), example: "0.7".into() })
            }
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digits(self.0.into(), 18))
    }
}

#[cfg(test)]
mod tests;
