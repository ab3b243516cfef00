//! Storage records of fixed length: fields one after the other, little-endian, without tags or lengths.
//!
//! A contract keeps them as byte arrays. Reading one is a copy of known length, which costs a fraction of the code that
//! a general decoder with its error paths needs; code is proof on every call.

use alloc::vec::Vec;

/// What a field's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number, little-endian.
    Number,
    /// Zero or one.
    Flag,
    /// As they are: an address, a hash, or a list that is no word.
    Bytes,
}

/// A field of a packed record.
pub trait Field: Sized {
    /// In bytes.
    const LEN: usize;
    /// What they are.
    const KIND: Kind = Kind::Bytes;
    /// Writes to the beginning of `bytes`, which has at least [`Self::LEN`].
    fn put(&self, bytes: &mut [u8]);
    /// Reads from the beginning of `bytes`, which has at least [`Self::LEN`].
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Field for $integer {
            const LEN: usize = size_of::<$integer>();
            const KIND: Kind = Kind::Number;

            #[inline(always)]
            fn put(&self, bytes: &mut [u8]) {
                bytes[..Self::LEN].copy_from_slice(&self.to_le_bytes());
            }

            #[inline(always)]
            fn get(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$integer>()];
                own.copy_from_slice(&bytes[..Self::LEN]);
                Self::from_le_bytes(own)
            }
        }
    )*};
}
integers!(u8, u16, u32, u64, u128);

impl Field for bool {
    const LEN: usize = 1;
    const KIND: Kind = Kind::Flag;

    #[inline(always)]
    fn put(&self, bytes: &mut [u8]) {
        bytes[0] = u8::from(*self);
    }

    #[inline(always)]
    fn get(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }
}

impl<const N: usize> Field for [u8; N] {
    const LEN: usize = N;

    #[inline(always)]
    fn put(&self, bytes: &mut [u8]) {
        bytes[..N].copy_from_slice(self);
    }

    #[inline(always)]
    fn get(bytes: &[u8]) -> Self {
        let mut own = [0; N];
        own.copy_from_slice(&bytes[..N]);
        own
    }
}

/// Where a field is in its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    at: usize,
    len: usize,
    kind: Kind,
}

impl Place {
    /// That of a field, `at` bytes from the begin.
    pub const fn of<F: Field>(at: usize) -> Self {
        Self { at, len: F::LEN, kind: F::KIND }
    }
}

/// The place of the field with this name.
///
/// # Panics
/// Where there is none: while compiling, for this is for constants.
pub const fn place(fields: &[(&str, Place)], name: &str) -> Place {
    let mut fields = fields;
    while let [(known, place), rest @ ..] = fields {
        if same(known.as_bytes(), name.as_bytes()) {
            return *place;
        }
        fields = rest;
    }
    panic!("the record has no such field")
}

const fn same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, rest @ ..], [b, others @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (rest, others);
    }
    one.is_empty() && other.is_empty()
}

/// 32 bytes of Solidity's ABI, big-endian where a number.
type Word = [u8; 32];

/// Adds fields of a record to words of Solidity's ABI: one loop for all records is a fraction of the code that naming
/// each field is.
#[inline(never)]
pub fn put_words(record: &[u8], places: &[Place], words: &mut Vec<Word>) {
    for Place { at, len, kind } in places {
        let mut word = [0; 32];
        let end = word.len().saturating_sub(*len);
        if let Some((field, low)) = record.get(*at..).and_then(|rest| rest.get(..*len)).zip(word.get_mut(end..)) {
            low.copy_from_slice(field);
            if *kind == Kind::Number {
                low.reverse();
            }
        }
        words.push(word);
    }
}

/// Reads fields of a record from as many words; whether each word is one of its field's.
#[inline(never)]
pub fn get_words(words: &[Word], places: &[Place], record: &mut [u8]) -> bool {
    words.len() == places.len()
        && words.iter().zip(places).all(|(word, Place { at, len, kind })| {
            let (high, low) = word.split_at(word.len().saturating_sub(*len));
            let Some(field) = record.get_mut(*at..).and_then(|rest| rest.get_mut(..*len)) else { return false };
            field.copy_from_slice(low);
            if *kind == Kind::Number {
                field.reverse();
            }
            high.iter().all(|byte| *byte == 0) && (*kind != Kind::Flag || *field <= *[1].as_slice())
        })
}

/// Gives a struct its packed form: `LEN`, `to_bytes` and `from_bytes`, and the places of its `FIELDS`. All fields must
/// be listed, in storage order.
#[macro_export]
macro_rules! packed {
    ($name:ident { $($field:ident: $kind:ty),+ $(,)? }) => {
        impl $name {
            /// Length of the packed form, in bytes.
            pub const LEN: usize = 0 $(+ <$kind as $crate::packed::Field>::LEN)+;

            /// Its fields by name.
            #[allow(dead_code, reason = "not every record is told by its fields")]
            pub const FIELDS: [(&'static str, $crate::packed::Place); [$(stringify!($field)),+].len()] = {
                let mut at = 0;
                let fields = [$({
                    let place = $crate::packed::Place::of::<$kind>(at);
                    at = at.saturating_add(<$kind as $crate::packed::Field>::LEN);
                    (stringify!($field), place)
                }),+];
                assert!(at == Self::LEN);
                fields
            };

            /// The packed form.
            #[expect(clippy::arithmetic_side_effects, reason = "places within the LEN bytes")]
            pub fn to_bytes(&self) -> [u8; Self::LEN] {
                let mut bytes = [0; Self::LEN];
                let mut at = 0;
                $(
                    <$kind as $crate::packed::Field>::put(&self.$field, &mut bytes[at..]);
                    at += <$kind as $crate::packed::Field>::LEN;
                )+
                debug_assert_eq!(at, Self::LEN);
                bytes
            }

            /// From the packed form; every byte string of this length is a record.
            #[expect(clippy::arithmetic_side_effects, reason = "places within the LEN bytes")]
            pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
                let mut at = 0;
                $(
                    let $field = <$kind as $crate::packed::Field>::get(&bytes[at..]);
                    at += <$kind as $crate::packed::Field>::LEN;
                )+
                debug_assert_eq!(at, Self::LEN);
                Self { $($field),+ }
            }
        }

        impl $crate::packed::Field for $name {
            const LEN: usize = Self::LEN;

            fn put(&self, bytes: &mut [u8]) {
                bytes[..Self::LEN].copy_from_slice(&self.to_bytes());
            }

            fn get(bytes: &[u8]) -> Self {
                let mut own = [0; Self::LEN];
                own.copy_from_slice(&bytes[..Self::LEN]);
                Self::from_bytes(&own)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::{
        compliance::Record,
        contribution::{Contribution, Period},
        dividends::Holder,
        packed::{Place, get_words, place, put_words},
        report::Last,
    };
    use alloc::vec;
    use proptest::prelude::*;

    proptest! {
        /// No field is lost, shifted or mixed up with another.
        #[test]
        fn packed_records_come_back(a: u128, b: u128, c: u128, d: u64, e: u32, f: [u8; 20], g: [u8; 32], h: bool) {
            let holder = Holder { balance: a, index: b, pending: c, fraction: d };
            prop_assert_eq!(Holder::from_bytes(&holder.to_bytes()), holder);
            let period = Period { total: a, claimed: b, weight_claimed: d };
            prop_assert_eq!(Period::from_bytes(&period.to_bytes()), period);
            let contribution = Contribution { claimed: a, weight: d };
            prop_assert_eq!(Contribution::from_bytes(&contribution.to_bytes()), contribution);
            let last = Last { period: e, log_size: d, hash: g };
            prop_assert_eq!(Last::from_bytes(&last.to_bytes()), last);
            let record = Record {
                level: e as u8,
                jurisdiction: e as u16,
                accredited: h,
                expiry: d,
                frozen: !h,
                issuer: f,
                sanctioned: h,
                seat: g[0],
                term: e,
                nonce: a as u64,
            };
            prop_assert_eq!(Record::from_bytes(&record.to_bytes()), record);
        }
    }

    /// A name is a whole name: none that begins with it, and none that it begins with.
    #[test]
    fn fields_are_found_by_their_whole_names() {
        let [long, short] = [Place::of::<u64>(0), Place::of::<u8>(8)];
        let fields = [("claimed_by", long), ("claimed", short)];
        assert_eq!((place(&fields, "claimed"), place(&fields, "claimed_by")), (short, long));
        let turned = [fields[1], fields[0]];
        assert_eq!((place(&turned, "claimed"), place(&turned, "claimed_by")), (short, long));
    }

    /// Fields are told by name, in any order, and numbers big-endian.
    #[test]
    fn a_record_is_told_by_its_fields() {
        let record = Record { level: 3, jurisdiction: 0x0102, frozen: true, issuer: [7; 20], ..Record::default() };
        let places = ["issuer", "frozen", "jurisdiction", "level"].map(|name| place(&Record::FIELDS, name));
        let mut words = vec![[9; 32]];
        put_words(&record.to_bytes(), &places, &mut words);
        let word = |low: &[u8]| {
            let mut word = [0; 32];
            word[32 - low.len()..].copy_from_slice(low);
            word
        };
        assert_eq!(words, [[9; 32], word(&[7; 20]), word(&[1]), word(&[1, 2]), word(&[3])]);
        let mut bytes = [0; Record::LEN];
        assert!(get_words(&words[1..], &places, &mut bytes));
        assert_eq!(Record::from_bytes(&bytes), record);
        // A word too few, a flag of two, a number and an address that are too long.
        assert!(!get_words(&words[2..], &places, &mut bytes));
        for (at, byte, value) in [(2, 31, 2), (3, 29, 1), (1, 11, 1)] {
            let mut words = words.clone();
            words[at][byte] = value;
            assert!(!get_words(&words[1..], &places, &mut bytes), "{at}");
        }
    }

    /// What is stored today must be read by tomorrow's code: the layout is part of the contract.
    #[test]
    fn the_layout_is_fixed() {
        let holder = Holder { balance: 1, index: 2, pending: 3, fraction: 4 };
        let bytes = holder.to_bytes();
        assert_eq!((bytes.len(), bytes[0], bytes[16], bytes[32], bytes[48]), (56, 1, 2, 3, 4));
        assert_eq!((Period::LEN, Contribution::LEN, Last::LEN, Record::LEN), (40, 24, 44, 47));
        // A slot that was never written reads as zeros.
        assert_eq!(Holder::from_bytes(&[0; Holder::LEN]), Holder::default());
        assert_eq!(Record::from_bytes(&[0; Record::LEN]), Record::default());
    }
}
