//! What people give to acts, beside the units of [`crate::units`]: names, shares, times, digests, files. Each is
//! written on a command line and in JSON alike, but that files are read for the command line alone: who serves acts to
//! others reads no file by their word.

use std::{fmt, ops::Deref, path::PathBuf, str::FromStr};

use alloy_primitives::B256;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::documents;
use crate::home::{Home, is_plain_name};
use crate::units::{Coin, Date, Quantity, Score, Span, UnitError};

/// What was given is none of what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// An amount, a time or the like.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// Anything else.
    #[error("{text:?} is no {what}; give {wanted}")]
    Unreadable {
        /// What was wanted.
        what: &'static str,
        /// What was given.
        text: String,
        /// What to give instead.
        wanted: &'static str,
    },
    /// Nothing of something that does nothing then.
    #[error("{text:?} is nothing, and does nothing here: give more than zero")]
    Zero {
        /// What was given.
        text: String,
    },
    /// What stands in an example for something that nobody but its reader has.
    #[error(
        "{text} is a placeholder, one digit repeated, as examples have it; put the real one in its place: {wanted}"
    )]
    Placeholder {
        /// What was given.
        text: String,
        /// What to give instead.
        wanted: &'static str,
    },
    /// A file that cannot be used.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why, and what it should be.
        reason: String,
    },
}

/// Written and read as text.
macro_rules! text {
    ($($name:ident),*) => {$(
        impl From<$name> for String {
            fn from(it: $name) -> Self {
                it.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = ArgumentError;

            fn try_from(text: String) -> Result<Self, ArgumentError> {
                text.parse()
            }
        }
    )*};
}
text!(Name, DatasetName, LicenceName, ProposalName, Shares, SharesOrNone, Amount, Moment, Millionths);

/// An account or a contract: a label of the address book such as `@lincoln`, an address, an SS58 address, or a
/// contract's name such as `pool`. What it names the desk knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(pub String);

/// A dataset: its id, a label of the address book, or the slug under which the sender registered it; of somebody else
/// `@ada:ada/letters`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatasetName(pub String);

/// A licence, a menu or a stream: its id, or a label of the address book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LicenceName(pub String);

/// A co-op's proposal: its id, or a label of the address book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProposalName(pub String);

macro_rules! not_empty {
    ($($name:ident, $what:literal, $wanted:literal;)*) => {$(
        impl FromStr for $name {
            type Err = ArgumentError;

            fn from_str(text: &str) -> Result<Self, ArgumentError> {
                match text.trim() {
                    "" => Err(ArgumentError::Unreadable { what: $what, text: text.to_owned(), wanted: $wanted }),
                    text => Ok(Self(text.to_owned())),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
not_empty! {
    Name, "account", "a label such as @lincoln, an address, an SS58 address, or a contract's name such as pool";
    DatasetName, "dataset", "its slug, a label of the address book, or its id of 64 hex digits";
    LicenceName, "licence", "a label of the address book such as @spring, or its id of 64 hex digits";
    ProposalName, "proposal", "a label of the address book such as @spring, or its id";
}

/// Shares of a pool: `100`, `100 shares`, `0.5 shares`; in 10^-18 shares. None of them is nobody's wish, and refused
/// where it is read: where it means something there is [`SharesOrNone`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shares(pub u128);

impl Shares {
    /// What to do where these are all that there are.
    pub fn at_most(self) -> String {
        match self.0 {
            0 => "there are none to choose".to_owned(),
            _ => format!("choose at most {self}"),
        }
    }
}

impl FromStr for Shares {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        match Coin::shares().parse(text)? {
            0 => Err(ArgumentError::Zero { text: text.to_owned() }),
            shares => Ok(Self(shares)),
        }
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Coin::shares().print(self.0))
    }
}

/// Shares of a pool, or none of them, which takes something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SharesOrNone(pub Shares);

impl FromStr for SharesOrNone {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        Ok(Self(Shares(Coin::shares().parse(text)?)))
    }
}

impl fmt::Display for SharesOrNone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount of money above zero: `12.5 USDC`. Where zero means something, as of figures that are reported, it is a
/// [`Quantity`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Quantity);

impl Deref for Amount {
    type Target = Quantity;

    fn deref(&self) -> &Quantity {
        &self.0
    }
}

impl FromStr for Amount {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let quantity: Quantity = text.parse()?;
        match quantity.is_zero() {
            true => Err(ArgumentError::Zero { text: text.to_owned() }),
            false => Ok(Self(quantity)),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time: a date, RFC 3339, or so long from now by the chain's clock: `+7 d`, `365d`, `365 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Moment {
    /// Then.
    At(Date),
    /// So long from now.
    In(Span),
}

impl Moment {
    /// In Unix seconds, where it is `now`.
    pub fn seconds(self, now: u64) -> u64 {
        match self {
            Self::At(date) => date.0,
            Self::In(span) => now.saturating_add(span.0),
        }
    }
}

impl FromStr for Moment {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let unreadable = || ArgumentError::Unreadable {
            what: "time",
            text: text.to_owned(),
            wanted: "a date such as 2026-12-31 or 2026-12-31T15:00:00Z, or how long from now on, such as 365d",
        };
        let trimmed = text.trim();
        match trimmed.strip_prefix('+') {
            Some(span) => Ok(Self::In(span.parse().map_err(|_| unreadable())?)),
            // No date is a duration, and none the other way.
            None => trimmed
                .parse()
                .map(Self::At)
                .or_else(|_| trimmed.parse().map(Self::In))
                .map_err(|_: UnitError| unreadable()),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(date) => date.fmt(f),
            Self::In(span) => write!(f, "+{span}"),
        }
    }
}

/// A score as contracts count it, in millionths: `0.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Millionths(pub u32);

/// Parts of a [`Score`] in a millionth.
const PARTS: u64 = Score::ONE / 1_000_000;

impl FromStr for Millionths {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let Score(parts) = text.parse()?;
        let millionths = u32::try_from(parts / PARTS).ok().filter(|_| parts.is_multiple_of(PARTS));
        millionths.map(Self).ok_or_else(|| ArgumentError::Unreadable {
            what: "score",
            text: text.to_owned(),
            wanted: "a number from 0 to 1 with at most six digits after the point, such as 0.7",
        })
    }
}

impl fmt::Display for Millionths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Score(u64::from(self.0) * PARTS).fmt(f)
    }
}

/// Thirty-two bytes that a person gives: read everywhere by one rule, which no placeholder passes.
macro_rules! words_of_hex {
    ($($(#[doc = $says:literal])+ $name:ident, $wanted:literal;)*) => {$(
        $(#[doc = $says])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "B256", into = "B256")]
        pub struct $name(pub B256);

        impl From<$name> for B256 {
            fn from(it: $name) -> Self {
                it.0
            }
        }

        impl TryFrom<B256> for $name {
            type Error = ArgumentError;

            fn try_from(word: B256) -> Result<Self, ArgumentError> {
                match is_placeholder(word) {
                    true => Err(ArgumentError::Placeholder { text: word.to_string(), wanted: $wanted }),
                    false => Ok(Self(word)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
words_of_hex! {
    /// A digest that stands on chain for a document: 64 hex digits, or, on the command line, the document's file, whose
    /// SHA-256 it is.
    Digest, "the document's file, or its SHA-256 (sha256sum FILE)";
    /// An ed25519 public key: 64 hex digits.
    PublicKey, "a public key, as yieldset-oracle keygen prints it";
}

/// Whether it is one hex digit repeated, as examples have it: nobody finds a document or a key with such a digest.
fn is_placeholder(word: B256) -> bool {
    word.iter().all(|byte| *byte == word[0]) && word[0] >> 4 == word[0] & 0xf
}

impl Digest {
    /// As it is typed: 64 hex digits, or a file, which is read. It is no `FromStr`, so that no act parses one: whoever
    /// serves acts to others would read files by their word.
    ///
    /// # Errors
    /// [`ArgumentError`].
    pub fn typed(text: &str) -> Result<Self, ArgumentError> {
        match text.parse::<B256>() {
            Ok(digest) => digest.try_into(),
            Err(_) => documents::digest(text).map(Self),
        }
    }
}

impl clap::builder::ValueParserFactory for Digest {
    type Parser = clap::builder::ValueParser;

    fn value_parser() -> Self::Parser {
        clap::builder::ValueParser::new(Self::typed)
    }
}

impl FromStr for PublicKey {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let key: Result<B256, _> = text.parse();
        let wanted = "64 hex digits, as yieldset-oracle keygen prints them";
        key.map_err(|_| ArgumentError::Unreadable { what: "public key", text: text.to_owned(), wanted })?.try_into()
    }
}

/// SHA-256, by which documents, slugs and names stand on chain.
pub fn sha256(content: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(content))
}

/// What a file has: on the command line its name, TOML or JSON inside; in JSON the content in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FromFile<T>(pub T);

/// What a file of the home has that was kept under a label, or any other file: `@spring` or its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kept<T>(pub T);

impl<T: DeserializeOwned> FromStr for Kept<T> {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let labelled = text.strip_prefix('@').filter(|label| is_plain_name(label));
        let file = labelled.map(|label| Home::from_environment().proposal(label).display().to_string());
        let FromFile(kept) = file.as_deref().unwrap_or(text).parse()?;
        Ok(Self(kept))
    }
}

impl<T: DeserializeOwned> FromStr for FromFile<T> {
    type Err = ArgumentError;

    fn from_str(path: &str) -> Result<Self, ArgumentError> {
        let wrong = |reason: String| ArgumentError::File { path: path.into(), reason };
        let text = documents::text(path, "a file in TOML or JSON; yieldset example --help names those to begin with")?;
        let read = match text.trim_start().starts_with(['{', '[']) && !path.ends_with(".toml") {
            true => serde_json::from_str(&text).map_err(|error| error.to_string()),
            false => toml::from_str(&text).map_err(|error| error.to_string()),
        };
        read.map(Self).map_err(wrong)
    }
}

/// The rows of a CSV file with these columns. Blank lines and those that begin with `#` are left out; a cell has no
/// comma in it, and no quotes.
///
/// # Errors
/// [`ArgumentError::File`], with the line's number.
pub(super) fn csv<T>(
    path: &str,
    columns: &str,
    row: impl Fn(&[&str]) -> Result<T, String>,
) -> Result<Vec<T>, ArgumentError> {
    let wrong = |reason: String| ArgumentError::File { path: path.into(), reason };
    let text = documents::text(path, &format!("a CSV file whose first line is {columns}"))?;
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let header = lines.next().map(|(_, line)| line.replace(' ', ""));
    if header.as_deref() != Some(columns) {
        return Err(wrong(format!("its first line must be {columns}")));
    }
    let wanted = columns.split(',').count();
    lines
        .map(|(at, line)| {
            let cells: Vec<_> = line.split(',').map(str::trim).collect();
            let read = match (line.contains('"'), cells.len() == wanted) {
                (true, _) => Err("it has quotes: write its cells without them, and numbers without commas".into()),
                (false, true) => row(&cells),
                (false, false) => Err(format!("it has {} columns, and needs {columns}", cells.len())),
            };
            read.map_err(|reason| wrong(format!("line {}: {reason}", at + 1)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_the_same_on_command_line_and_in_json() {
        let text = r#"["@ada", "ada/letters", "100.5 shares", "2027-01-01", "+1 w", "0.7"]"#;
        let read: (Name, DatasetName, Shares, Moment, Moment, Millionths) = serde_json::from_str(text).expect("all");
        assert_eq!((read.2, read.5), (Shares(100_500_000_000_000_000_000), Millionths(700_000)));
        assert_eq!((read.3.seconds(5), read.4.seconds(5)), (1_798_761_600, 604_805));
        assert_eq!(
            serde_json::to_string(&read).expect("JSON"),
            text.replace(' ', "").replace("5shares", "5 shares").replace("1w", "1 w")
        );
        assert!("0.7000001".parse::<Millionths>().is_err() && "  ".parse::<Name>().is_err());
    }

    /// Nothing of something is refused where it is declared that it does nothing, on the command line and in JSON.
    #[test]
    fn nothing_is_not_an_amount() {
        for text in ["0", "0 shares", "0.00", "000 share"] {
            let error = text.parse::<Shares>().expect_err(text).to_string();
            assert!(error.contains("more than zero"), "{error}");
            assert!(serde_json::from_value::<Shares>(text.into()).is_err(), "{text}");
            assert_eq!(text.parse::<SharesOrNone>().expect(text), SharesOrNone(Shares(0)));
        }
        for text in ["0 DEV", "0.000 DEV", "0"] {
            assert!(text.parse::<Amount>().expect_err(text).to_string().contains("more than zero"), "{text}");
            assert!(serde_json::from_value::<Amount>(text.into()).is_err(), "{text}");
        }
        let amount: Amount = "0.01 DEV".parse().expect("something");
        assert_eq!(amount.in_units_of(&Coin::wei("DEV")).expect("fits"), 10_000_000_000_000_000);
    }

    /// What an example has in the place of a document or a key is refused in any form; a digest that is none is not.
    #[test]
    fn a_placeholder_is_no_digest_and_no_key() {
        for digit in ["0", "1", "a", "f"] {
            let text = format!("0x{}", digit.repeat(64));
            for error in [Digest::typed(&text).map(|_| ()), text.parse::<PublicKey>().map(|_| ())] {
                assert!(error.expect_err(digit).to_string().contains("placeholder"), "{digit}");
            }
            assert!(serde_json::from_value::<Digest>(text.clone().into()).is_err(), "{digit}");
            assert!(serde_json::from_value::<PublicKey>(text.into()).is_err(), "{digit}");
        }
        for bytes in ["5e", "01", "10"] {
            assert!(Digest::typed(&format!("0x{}", bytes.repeat(32))).is_ok(), "{bytes}");
        }
        assert!("0x11".parse::<PublicKey>().expect_err("short").to_string().contains("64 hex digits"));
    }

    /// Of a file that is not there it is said which one, and what is wanted.
    #[test]
    fn a_missing_file_says_what_is_wanted() {
        let csv = csv("nowhere.csv", "account,level", |_| Ok(())).expect_err("none").to_string();
        assert!(csv.contains("nowhere.csv") && csv.contains("a CSV file whose first line is account,level"), "{csv}");
        let toml = "nowhere.toml".parse::<FromFile<u8>>().expect_err("none").to_string();
        assert!(toml.contains("there is no such file") && toml.contains("TOML or JSON"), "{toml}");
        assert!(!csv.contains("os error"), "{csv}");
    }

    /// How long from now on is written with its sign or without; what is neither that nor a date says how both are
    /// written.
    #[test]
    fn a_time_is_a_date_or_a_duration() {
        for text in ["+365d", "365d", "365 days", " 52 w 1 d"] {
            assert_eq!(text.parse::<Moment>().expect(text).seconds(0), 365 * 86_400, "{text}");
        }
        assert_eq!("2027-01-01".parse::<Moment>().expect("a date"), Moment::At(Date(1_798_761_600)));
        for text in ["tomorrow", "365", "1 year", "+soon", ""] {
            let error = text.parse::<Moment>().expect_err(text).to_string();
            assert!(error.contains("2026-12-31") && error.contains("365d"), "{error}");
        }
    }

    /// A digest is given, or that of a file; JSON never has a file read.
    #[test]
    fn a_document_is_its_digest() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("reason.txt");
        std::fs::write(&file, "abc").expect("written");
        let path = file.to_str().expect("UTF-8");
        // FIPS 180-2, appendix B.1.
        let known = "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::typed(path).expect("read").to_string(), known);
        assert_eq!(Digest::typed(&known[2..]).expect("read").to_string(), known);
        assert!(Digest::typed("nowhere.txt").expect_err("no file").to_string().contains("64 hex digits"));
        assert!(serde_json::from_value::<Digest>(path.into()).is_err());
    }

    #[test]
    fn a_file_is_toml_or_json() {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Terms {
            months: u8,
        }
        let folder = tempfile::tempdir().expect("temporary folder");
        for (name, content) in [("a.toml", "months = 12"), ("a.json", r#"{"months": 12}"#)] {
            let file = folder.path().join(name);
            std::fs::write(&file, content).expect("written");
            let read: FromFile<Terms> = file.to_str().expect("UTF-8").parse().expect("read");
            assert_eq!(read, FromFile(Terms { months: 12 }), "{name}");
        }
        let file = folder.path().join("b.toml");
        std::fs::write(&file, "months = \"many\"").expect("written");
        let error = file.to_str().expect("UTF-8").parse::<FromFile<Terms>>().expect_err("no number");
        assert!(error.to_string().contains("months"), "{error}");
    }
}
