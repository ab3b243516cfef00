//! Money and shares.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Digits, UnitError, decimal, digits};

/// What amounts are counted in: a currency, or shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coin {
    /// Its name: `USDC`, `DOT`, `shares`.
    pub symbol: String,
    /// Digits after the point, as contracts count it. The chain's own money has 18 in contracts, whatever the chain
    /// itself counts in: see [`Native`].
    pub decimals: u8,
}

impl Coin {
    /// The chain's own money as contracts count it: 10^18 wei.
    pub fn wei(symbol: impl Into<String>) -> Self {
        Self { symbol: symbol.into(), decimals: 18 }
    }

    /// Shares of a pool.
    pub fn shares() -> Self {
        Self { symbol: "shares".into(), decimals: 18 }
    }

    /// An amount: `12.5 USDC`, `12.5USDC` or `12.5`; names of units are the same in capitals or not, and `1 share` is
    /// one of `shares`.
    ///
    /// # Errors
    /// [`UnitError`].
    pub fn parse(&self, text: &str) -> Result<u128, UnitError> {
        text.parse::<Quantity>()?.in_units_of(self)
    }

    /// An amount with its unit: `12.5 USDC`.
    pub fn print(&self, amount: u128) -> String {
        let symbol = match amount == 10u128.checked_pow(self.decimals.into()).unwrap_or(0) && self.symbol == "shares" {
            true => "share",
            false => &self.symbol,
        };
        format!("{} {symbol}", digits(amount, self.decimals))
    }

    fn is_called(&self, name: &str) -> bool {
        let same = |a: &str| a.eq_ignore_ascii_case(name);
        same(&self.symbol) || self.symbol.strip_suffix('s').is_some_and(same)
    }
}

/// An amount as it was written, before it is known how many digits its unit has. It keeps every digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    number: String,
    unit: Option<String>,
}

impl Quantity {
    /// The amount in units of 10^-decimals of a coin.
    ///
    /// # Errors
    /// [`UnitError`]: another unit, too many digits, too much.
    pub fn in_units_of(&self, coin: &Coin) -> Result<u128, UnitError> {
        let text = self.to_string();
        if let Some(unit) = self.unit.as_ref().filter(|unit| !coin.is_called(unit)) {
            return Err(UnitError::OtherUnit { text, got: unit.clone(), expected: coin.symbol.clone() });
        }
        decimal(&self.number, coin.decimals).map_err(|wrong| match wrong {
            Digits::Unreadable => unreadable(text),
            Digits::TooLarge => UnitError::TooLarge { text, most: coin.print(u128::MAX) },
            Digits::TooFine { below, digits } => UnitError::TooFine {
                text,
                got: digits,
                most: coin.decimals,
                unit: coin.symbol.clone(),
                below: coin.print(below),
                above: coin.print(below.saturating_add(1)),
            },
        })
    }

    /// Whether it is nothing, in whatever unit.
    pub fn is_zero(&self) -> bool {
        !self.number.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
    }

    /// The unit that was written, if one was.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }
}

impl FromStr for Quantity {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !(c.is_ascii_digit() || ".,_".contains(c))).unwrap_or(trimmed.len());
        let (number, unit) = (&trimmed[..end], trimmed[end..].trim());
        let named = unit.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        // Thirty-nine digits are more than 128 bits hold: only the shape is judged here.
        match decimal(number, 0) {
            Err(Digits::Unreadable) => Err(unreadable(text.to_owned())),
            _ if !named => Err(unreadable(text.to_owned())),
            _ => Ok(Self { number: number.to_owned(), unit: (!unit.is_empty()).then(|| unit.to_owned()) }),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)?;
        self.unit.iter().try_for_each(|unit| write!(f, " {unit}"))
    }
}

fn unreadable(text: String) -> UnitError {
    let example = if text.contains(',') { "1500 or 0.5, without a comma" } else { "12.5 USDC" };
    UnitError::Unreadable { what: "amount", text, example: example.into() }
}

/// The chain's own money: what contracts count in wei, the chain itself moves in units of `ratio` wei.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Native {
    /// As contracts count it.
    pub coin: Coin,
    /// Wei in one native unit: [`ChainClient::wei_per_unit`](crate::ChainClient::wei_per_unit).
    pub ratio: u32,
}

impl Native {
    /// Wei as native units.
    ///
    /// # Errors
    /// [`UnitError::NotRepresentable`] with the nearest that can be moved.
    pub fn units(&self, wei: u128) -> Result<u128, UnitError> {
        let ratio = u128::from(self.ratio.max(1));
        let below = wei / ratio;
        match wei % ratio {
            0 => Ok(below),
            _ => Err(UnitError::NotRepresentable {
                wei,
                ratio: self.ratio,
                symbol: self.coin.symbol.clone(),
                below: self.coin.print(below.saturating_mul(ratio)),
                above: self.coin.print(below.saturating_add(1).saturating_mul(ratio)),
            }),
        }
    }

    /// Native units as wei; the most that there can be where that is more than 128 bits hold.
    pub fn wei(&self, units: u128) -> u128 {
        units.saturating_mul(self.ratio.into())
    }

    /// An amount that the chain can move.
    ///
    /// # Errors
    /// [`UnitError`].
    pub fn parse(&self, text: &str) -> Result<u128, UnitError> {
        let wei = self.coin.parse(text)?;
        self.units(wei).map(|_| wei)
    }
}
