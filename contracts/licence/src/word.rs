//! Static values as words of the Solidity ABI, and signatures as text at compile time.

use ink::{Address, U256, sol::FixedBytes};
use yieldset_shell::words::{Word, address_word, number_word};

/// A value of one word.
pub trait ToWord {
    /// The word.
    fn to_word(&self) -> Word;
}

macro_rules! small {
    ($($number:ty),*) => {$(
        impl ToWord for $number {
            fn to_word(&self) -> Word {
                number_word(u128::from(*self))
            }
        }
    )*};
}
small!(bool, u8, u16, u32, u64, u128);

impl ToWord for [u8; 20] {
    fn to_word(&self) -> Word {
        address_word(self)
    }
}

impl ToWord for Address {
    fn to_word(&self) -> Word {
        address_word(&self.0)
    }
}

impl ToWord for FixedBytes<32> {
    fn to_word(&self) -> Word {
        self.0
    }
}

impl ToWord for U256 {
    fn to_word(&self) -> Word {
        self.to_big_endian()
    }
}

/// Solidity's name of a type.
macro_rules! sol_name {
    (Address) => {
        "address"
    };
    (Bytes32) => {
        "bytes32"
    };
    (U256) => {
        "uint256"
    };
    (bool) => {
        "bool"
    };
    (u8) => {
        "uint8"
    };
    (u16) => {
        "uint16"
    };
    (u32) => {
        "uint32"
    };
    (u64) => {
        "uint64"
    };
}
pub(crate) use sol_name;

/// `Name(type,type)`.
macro_rules! signature {
    ($name:ident()) => {
        concat!(stringify!($name), "()")
    };
    ($name:ident($first:ident $(, $kind:ident)*)) => {
        concat!(stringify!($name), "(", $crate::word::sol_name!($first), $(",", $crate::word::sol_name!($kind),)* ")")
    };
}
pub(crate) use signature;
