//! Parameters of messages that stay in the calldata until they are asked for.
//!
//! ink! decodes a message's arguments before it calls it, with a decoder of its own for each list of types: in a
//! contract of thirty messages that was half of the code. An [`In`] or [`Array`] decodes to nothing, tells the ABI its
//! Solidity type, and reads its word when needed. What is malformed ends the call with an empty error, as Solidity
//! does.

use core::marker::PhantomData;

use ink::{
    Address, SolDecode, SolEncode, U256,
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
/// [`Array`]s.
pub struct In<const I: u32, T>(PhantomData<T>);

impl<const I: u32, T: Value> In<I, T> {
    /// The argument. Ends the call where it is malformed or missing.
    pub fn get(&self) -> T {
        value(4 + 32 * I)
    }
}

/// A message's parameter number `I`, counted from zero, that is an array of words.
pub struct Array<const I: u32, T>(PhantomData<T>);

impl<const I: u32, T: Value> Array<I, T> {
    /// The elements in order. Ends the call where the array or an element is malformed or missing.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> {
        let (first, length) = array(4 + 32 * I);
        (0..length).map(move |at| value(first + 32 * at))
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

/// Place of the first element, and number of elements.
#[inline(never)]
fn array(at: u32) -> (u32, u32) {
    // Nothing that is in the calldata lies beyond 2^20 bytes (the pallet allows 128 KiB), so no sum overflows.
    let small = |at| value::<u32>(at).min(1 << 20);
    let start = small(at) + 4;
    (start + 32, small(start))
}

macro_rules! stays_in_calldata {
    ($parameter:ident, $name:ident) => {
        impl<const I: u32, T: Value> SolDecode for $parameter<I, T> {
            type SolType = ();
            const SOL_NAME: &'static str = T::$name;

            fn from_sol_type(_: ()) -> Result<Self, sol::Error> {
                Ok(Self(PhantomData))
            }
        }

        impl<const I: u32, T: Value> SolEncode<'_> for $parameter<I, T> {
            type SolType = ();
            const SOL_NAME: &'static str = T::$name;

            fn to_sol_type(&self) -> Self::SolType {}
        }
    };
}
stays_in_calldata!(In, NAME);
stays_in_calldata!(Array, ARRAY_NAME);
