//! Parameters of messages that stay in the calldata until they are asked for.
//!
//! ink! decodes a message's arguments before it calls it, with a decoder of its own for each list of types: in a
//! contract of thirty messages that was half of the code. An [`In`] or [`Array`] decodes to nothing, tells the ABI its
//! Solidity type, and reads its word when needed. What is malformed ends the call with an empty error, as Solidity
//! does.

use core::marker::PhantomData;

use ink::{
    Address, SolDecode, SolEncode, U256,
    prelude::vec::Vec,
    sol::{self, FixedBytes},
};

use crate::{
    host,
    words::{Word, address_of, number_of},
};

/// A Solidity type of one word.
pub trait Value: Sized {
    /// Its name in Solidity.
    const NAME: &'static str;
    /// Its name as an array.
    const ARRAY_NAME: &'static str;
    /// From a word; `None` where the word is none of this type.
    fn of(word: Word) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty = $name:literal),*) => {$(
        impl Value for $number {
            const NAME: &'static str = $name;
            const ARRAY_NAME: &'static str = concat!($name, "[]");

            fn of(word: Word) -> Option<Self> {
                number_of(&word)?.try_into().ok()
            }
        }
    )*};
}
numbers!(u8 = "uint8", u16 = "uint16", u32 = "uint32", u64 = "uint64", u128 = "uint128");

impl Value for bool {
    const NAME: &'static str = "bool";
    const ARRAY_NAME: &'static str = "bool[]";

    fn of(word: Word) -> Option<Self> {
        match number_of(&word)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Value for Address {
    const NAME: &'static str = "address";
    const ARRAY_NAME: &'static str = "address[]";

    fn of(word: Word) -> Option<Self> {
        address_of(&word).map(Self::from)
    }
}

impl Value for FixedBytes<32> {
    const NAME: &'static str = "bytes32";
    const ARRAY_NAME: &'static str = "bytes32[]";

    fn of(word: Word) -> Option<Self> {
        Some(Self(word))
    }
}

impl Value for U256 {
    const NAME: &'static str = "uint256";
    const ARRAY_NAME: &'static str = "uint256[]";

    fn of(word: Word) -> Option<Self> {
        Some(Self::from_big_endian(&word))
    }
}

/// A message's parameter number `I`, counted from zero, of one word. All before it must be of one word too, or
/// [`Array`]s, [`Lists`] or [`Text`]s.
pub struct In<const I: u32, T>(PhantomData<T>);

impl<const I: u32, T: Value> In<I, T> {
    /// The argument. Ends the call where it is malformed or missing.
    pub fn get(&self) -> T {
        value(4 + 32 * I)
    }

    /// Its word, whether it is one of its type or not. Ends the call where it is missing.
    pub fn word(&self) -> Word {
        word(4 + 32 * I)
    }
}

/// A message's parameter number `I`, counted from zero, that is an array of words.
pub struct Array<const I: u32, T>(PhantomData<T>);

impl<const I: u32, T: Value> Array<I, T> {
    /// The elements in order. Ends the call where the array or an element is malformed or missing.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> {
        let (first, length) = array(4, 4 + 32 * I);
        (0..length).map(move |at| value(first + 32 * at))
    }
}

/// A message's parameter number `I`, counted from zero, that is an array of arrays of 32 bytes.
pub struct Lists<const I: u32>;

impl<const I: u32> Lists<I> {
    /// The arrays in order. Ends the call where they are malformed or missing.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Vec<Word>> {
        let (first, length) = array(4, 4 + 32 * I);
        (0..length).map(move |at| {
            let (first, length) = array(first, first + 32 * at);
            (0..length).map(|at| word(first + 32 * at)).collect()
        })
    }
}

/// A message's parameter number `I`, counted from zero, that is a text.
pub struct Text<const I: u32>;

impl<const I: u32> Text<I> {
    /// Its bytes. Ends the call where they are missing.
    pub fn bytes(&self) -> Vec<u8> {
        let (first, length) = array(4, 4 + 32 * I);
        if (first + length) as usize > host::call_data_length() {
            host::revert(&[]);
        }
        let mut bytes = ink::prelude::vec![0; length as usize];
        host::call_data(&mut bytes, first);
        bytes
    }
}

fn value<T: Value>(at: u32) -> T {
    T::of(word(at)).unwrap_or_else(|| host::revert(&[]))
}

#[inline(never)]
fn word(at: u32) -> Word {
    if (at + 32) as usize > host::call_data_length() {
        host::revert(&[]);
    }
    host::call_data_word(at)
}

/// Place of the first element, and number of elements; what `at` holds counts from `base`.
#[inline(never)]
fn array(base: u32, at: u32) -> (u32, u32) {
    // Nothing that is in the calldata lies beyond 2^20 bytes (the pallet allows 128 KiB), so no sum overflows.
    let small = |at| value::<u32>(at).min(1 << 20);
    let start = small(at) + base;
    (start + 32, small(start))
}

macro_rules! stays_in_calldata {
    ($parameter:ident<$($type:ident)?> = $new:expr, $name:expr) => {
        impl<const I: u32 $(, $type: Value)?> SolDecode for $parameter<I $(, $type)?> {
            type SolType = ();
            const SOL_NAME: &'static str = $name;

            fn from_sol_type(_: ()) -> Result<Self, sol::Error> {
                Ok($new)
            }
        }

        impl<const I: u32 $(, $type: Value)?> SolEncode<'_> for $parameter<I $(, $type)?> {
            type SolType = ();
            const SOL_NAME: &'static str = $name;

            fn to_sol_type(&self) -> Self::SolType {}
        }
    };
}
stays_in_calldata!(In<T> = Self(PhantomData), T::NAME);
stays_in_calldata!(Array<T> = Self(PhantomData), T::ARRAY_NAME);
stays_in_calldata!(Lists<> = Self, "bytes32[][]");
stays_in_calldata!(Text<> = Self, "string");
