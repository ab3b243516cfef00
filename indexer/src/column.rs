//! The three kinds of value that columns, JSON and pages share: amounts, addresses and hashes. No floats anywhere.

use std::{fmt, str::FromStr};

use alloy_primitives::{Address, B256, U256};
use serde::{Serialize, Serializer};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type as SchemaType},
};

/// An unsigned whole number of up to 78 digits: `NUMERIC` in Postgres, a string of decimal digits in JSON.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub U256);

/// A number does not fit where it should go.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0} does not fit in {1} bits")]
pub struct TooLarge(pub Amount, pub u8);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(U256::ZERO);

    /// As the 128 bits that the rules count in.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn to_u128(self) -> Result<u128, TooLarge> {
        u128::try_from(self.0).map_err(|_| TooLarge(self, 128))
    }

    /// As 64 bits: weights, fractions, counters.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn to_u64(self) -> Result<u64, TooLarge> {
        u64::try_from(self.0).map_err(|_| TooLarge(self, 64))
    }

    /// The difference, or zero where `other` is larger.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl From<u128> for Amount {
    fn from(value: u128) -> Self {
        Self(U256::from(value))
    }
}

impl From<u64> for Amount {
    fn from(value: u64) -> Self {
        Self(U256::from(value))
    }
}

impl From<U256> for Amount {
    fn from(value: U256) -> Self {
        Self(value)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = !text.is_empty() && text.len() <= 78 && text.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(format!("{text:?} is not a whole number of at most 78 digits"));
        }
        U256::from_str_radix(text, 10).map(Self).map_err(|_| format!("{text} does not fit in 256 bits"))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Postgres' `numeric` on the wire: count of base-10,000 digits, exponent of the first, sign, scale, digits.
const NUMERIC: PgTypeInfo = PgTypeInfo::with_oid(Oid(1700));
const NUMERICS: PgTypeInfo = PgTypeInfo::with_oid(Oid(1231));
const BASE: u64 = 10_000;

impl PgHasArrayType for Amount {
    fn array_type_info() -> PgTypeInfo {
        NUMERICS
    }
}

impl Type<Postgres> for Amount {
    fn type_info() -> PgTypeInfo {
        NUMERIC
    }
}

impl Encode<'_, Postgres> for Amount {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let mut digits = Vec::new();
        let mut rest = self.0;
        while !rest.is_zero() {
            let (quotient, digit) = rest.div_rem(U256::from(BASE));
            digits.push(i16::try_from(digit)?);
            rest = quotient;
        }
        let count = i16::try_from(digits.len())?;
        let (weight, sign, scale) = ((count - 1).max(0), 0i16, 0i16);
        for word in [count, weight, sign, scale].into_iter().chain(digits.into_iter().rev()) {
            buf.extend_from_slice(&word.to_be_bytes());
        }
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Amount {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => from_numeric(value.as_bytes()?),
            PgValueFormat::Text => Ok(value.as_str()?.parse()?),
        }
    }
}

fn from_numeric(bytes: &[u8]) -> Result<Amount, BoxDynError> {
    let words: Vec<i16> = bytes.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
    let [count, weight, sign, _scale, digits @ ..] = &words[..] else {
        return Err("a numeric shorter than its header".into());
    };
    if usize::try_from(*count)? != digits.len() {
        return Err("a numeric with another number of digits than it says".into());
    }
    if *sign != 0 {
        return Err("a negative numeric or none at all where an amount belongs".into());
    }
    let mut total = U256::ZERO;
    for (place, digit) in (0i16..).zip(digits) {
        if place > *weight {
            return Err("a numeric with a fraction where a whole amount belongs".into());
        }
        let digit = u64::try_from(*digit).ok().filter(|digit| *digit < BASE).ok_or("a broken digit in a numeric")?;
        total = shift(total).and_then(|t| t.checked_add(U256::from(digit))).ok_or("a numeric over 256 bits")?;
    }
    let count = i16::try_from(digits.len())?;
    if count > 0 {
        for _ in count..=*weight {
            total = shift(total).ok_or("a numeric over 256 bits")?;
        }
    }
    Ok(Amount(total))
}

fn shift(total: U256) -> Option<U256> {
    total.checked_mul(U256::from(BASE))
}

macro_rules! bytes_column {
    ($name:ident, $inner:ty, $len:literal, $doc:literal, $example:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                <[u8] as Type<Postgres>>::type_info()
            }
        }

        impl PgHasArrayType for $name {
            fn array_type_info() -> PgTypeInfo {
                <Vec<u8> as PgHasArrayType>::array_type_info()
            }
        }

        impl Encode<'_, Postgres> for $name {
            fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                buf.extend_from_slice(self.0.as_slice());
                Ok(IsNull::No)
            }
        }

        impl<'r> Decode<'r, Postgres> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let bytes = <Vec<u8> as Decode<'r, Postgres>>::decode(value)?;
                let wrong = || format!("{} bytes where {} belong", bytes.len(), $len);
                <$inner>::try_from(&bytes[..]).map(Self).map_err(|_| wrong().into())
            }
        }

        impl FromStr for $name {
            type Err = String;

            /// `0x` and the hexadecimal digits; letters in either case.
            fn from_str(text: &str) -> Result<Self, String> {
                let wrong = || format!("{text:?} is not 0x and {} hexadecimal digits", 2 * $len);
                let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 2 * $len).ok_or_else(wrong)?;
                let bytes = hex::decode(digits).map_err(|_| wrong())?;
                <$inner>::try_from(&bytes[..]).map(Self).map_err(|_| wrong())
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text_schema($doc, $example, &format!("^0x[0-9a-fA-F]{{{}}}$", 2 * $len))
            }
        }

        impl ToSchema for $name {}
    };
}

bytes_column!(Addr, Address, 20, "Address of an account or contract.", "0x9621DDe636dE098B43Efb0fA9b61fAcFE328F99D");
bytes_column!(
    Hash,
    B256,
    32,
    "A 32-byte hash or id.",
    "0x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
);

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        text_schema(
            "A whole number in decimal digits, in the smallest unit of a share or of the currency that it is in.",
            "3600000000000000000",
            "^[0-9]{1,78}$",
        )
    }
}

impl ToSchema for Amount {}

fn text_schema(description: &str, example: &str, pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([serde_json::Value::from(example)])
        .into()
}

/// A contract's label: UTF-8 filled up with zeros. Whatever else is in it becomes the replacement character.
pub fn label(bytes: &B256) -> String {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    storable(&String::from_utf8_lossy(&bytes[..end]))
}

/// Text from the chain as Postgres can hold it: NUL, which it cannot, becomes the replacement character.
pub fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wire(amount: Amount) -> Vec<u8> {
        let mut buf = PgArgumentBuffer::default();
        let _ = amount.encode_by_ref(&mut buf).expect("encodes");
        buf.to_vec()
    }

    proptest! {
        /// Every amount comes back from Postgres' wire format and from its own text as it was.
        #[test]
        fn amounts_round_trip(limbs: [u64; 4], keep in 0usize..=4) {
            let mut limbs = limbs;
            limbs[keep..].fill(0);
            let amount = Amount(U256::from_limbs(limbs));
            prop_assert_eq!(from_numeric(&wire(amount)).expect("decodes"), amount);
            prop_assert_eq!(amount.to_string().parse::<Amount>().expect("parses"), amount);
        }

        /// No bytes make the decoder panic.
        #[test]
        fn foreign_numerics_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = from_numeric(&bytes);
        }
    }

    #[test]
    fn labels_end_at_their_padding() {
        let label = |bytes: &[u8]| super::label(&B256::right_padding_from(bytes));
        assert_eq!((label(b"VOICE").as_str(), label(b"").as_str(), label(&[b'x'; 32]).len()), ("VOICE", "", 32));
        assert_eq!(label(b"a\0b\xff"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "-1", "1.5", "1e3", "0x10", " 1", &"9".repeat(78), &"1".repeat(79)] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        let numeric = |words: &[i16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
        assert_eq!(
            from_numeric(&numeric(&[1, 2, 0, 0, 5])).expect("trailing zeros are left out"),
            500_000_000u64.into()
        );
        for words in [&[1, 0, 0x4000, 0, 1][..], &[1, -1, 0, 4, 5000], &[2, 0, 0, 4, 1, 5000], &[3, 0, 0, 0, 1], &[0]] {
            assert!(from_numeric(&numeric(words)).is_err(), "{words:?}");
        }
    }

    #[test]
    fn addresses_need_their_prefix_and_length() {
        let good = "0x9621dde636de098b43efb0fa9b61facfe328f99d";
        assert_eq!(good.parse::<Addr>().expect("an address").to_string(), "0x9621DDe636dE098B43Efb0fA9b61fAcFE328F99D");
        for bad in ["", "0x", &good[2..], &good[..41], "0x9621dde636de098b43efb0fa9b61facfe328f99g", "../../etc/passwd"]
        {
            assert!(bad.parse::<Addr>().is_err(), "{bad}");
        }
    }
}
