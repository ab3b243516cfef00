//! Reading calls, for contracts that answer without ink!'s dispatch. What is malformed ends the call with an empty
//! error, as Solidity does.

use crate::{
    abi::{Four, Kind, List, Lists, Told, kind},
    host,
    words::Word,
};

/// Bytes that are no call of this contract, or money where none is taken.
#[cold]
#[inline(never)]
pub fn malformed() -> ! {
    host::revert(&[])
}

/// The selector; zero for calls without one, which no message has.
pub fn selector() -> u32 {
    let mut head = [0; 4];
    host::call_data(&mut head, 0);
    u32::from_be_bytes(head)
}

/// The words after the selector; a call that is too short is none.
pub fn arguments<const N: usize>() -> [Word; N] {
    let mut words = [[0; 32]; N];
    check_length(N);
    host::call_data(words.as_flattened_mut(), 4);
    words
}

/// Stops a call that has fewer words after the selector.
pub fn check_length(words: usize) {
    if host::call_data_length() < 4 + words * 32 {
        malformed();
    }
}

/// Stops a call that brings money where none is taken.
pub fn not_payable() {
    if host::transferred() != Some(0) {
        malformed();
    }
}

/// A value of a type of one word.
pub fn value<K: Told>(word: &Word) -> K::Value {
    K::told(word).unwrap_or_else(|| malformed())
}

/// What a message gets for an argument of a type.
pub trait Argument: Kind {
    /// In Rust.
    type Value<'a>;
    /// How many words it has in the call's head.
    const WORDS: usize = 1;
    /// The argument that begins with this word of the head.
    fn argument(head: &[Word], at: usize) -> Self::Value<'_>;
}

macro_rules! arguments {
    ($($kind:ident)*) => {$(
        impl Argument for kind::$kind {
            type Value<'a> = <Self as Told>::Value;
            #[inline(always)]
            fn argument(head: &[Word], at: usize) -> Self::Value<'_> {
                value::<Self>(&head[at])
            }
        }
    )*};
}
arguments! { address bool uint8 uint16 uint32 uint64 }

macro_rules! words {
    ($($kind:ident)*) => {$(
        impl Argument for kind::$kind {
            type Value<'a> = &'a Word;
            #[inline(always)]
            fn argument(head: &[Word], at: usize) -> &Word {
                &head[at]
            }
        }
    )*};
}
// That an amount is too large is a contract's own refusal.
words! { bytes32 uint256 }

macro_rules! lists {
    ($($list:ident)*) => {$(
        impl<K: Kind> Argument for $list<K> {
            type Value<'a> = Words;
            #[inline(always)]
            fn argument(_: &[Word], at: usize) -> Words {
                Words::argument(at as u32)
            }
        }
    )*};
}
lists! { List Lists }

impl<K: Kind> Argument for Four<K> {
    type Value<'a> = &'a [Word; 4];
    const WORDS: usize = 4;
    #[inline(always)]
    fn argument(head: &[Word], at: usize) -> &[Word; 4] {
        head[at..].first_chunk().unwrap_or_else(|| malformed())
    }
}

/// An array in the calldata, which stays there until an element is asked for: nothing is copied or allocated for it.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    first: u32,
    count: u32,
}

impl Words {
    /// The argument of this number, counted from zero, which is an array of words.
    #[inline(never)]
    pub fn argument(number: u32) -> Self {
        Self::within(4, number)
    }

    /// The element of this number, which is an array of words itself.
    pub fn array(&self, number: u32) -> Self {
        Self::within(self.first, number)
    }

    /// The array whose place, counted from `base`, stands in the word of this number after `base`.
    fn within(base: u32, number: u32) -> Self {
        // Nothing in the calldata lies beyond 2^20 bytes (the pallet allows 128 KiB), so that no sum overflows.
        let small = |at| value::<kind::uint32>(&word(at)).min(1 << 20);
        let start = base + small(base + 32 * number);
        let count = small(start);
        let first = start + 32;
        if (first + 32 * count) as usize > host::call_data_length() {
            malformed();
        }
        Self { first, count }
    }

    /// How many.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The element of this number, which is below [`Words::len`].
    pub fn get(&self, number: u32) -> Word {
        host::call_data_word(self.first + 32 * number)
    }

    /// All of them in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Word> {
        (0..self.count).map(move |number| self.get(number))
    }
}

/// The word at a place, which must be in the calldata.
#[inline(never)]
fn word(at: u32) -> Word {
    if (at + 32) as usize > host::call_data_length() {
        malformed();
    }
    host::call_data_word(at)
}
