//! Reading calls and answering them, for contracts that answer without ink!'s dispatch.

use yieldset_shell::{
    host,
    words::{Address, Word, address_of, number_of, number_word},
};

use crate::refusals;

/// The selector; zero for calls without one, which no message has.
pub fn selector() -> u32 {
    let mut head = [0; 4];
    host::call_data(&mut head, 0);
    u32::from_be_bytes(head)
}

/// The words after the selector; a call that is too short is none.
pub fn arguments<const N: usize>() -> [Word; N] {
    let mut words = [[0; 32]; N];
    read_arguments(&mut words, N);
    words
}

/// Fills `words` with the words after the selector, of which the call must have `count`.
#[inline(never)]
pub fn read_arguments(words: &mut [Word], count: usize) {
    if host::call_data_length() < 4 + count * 32 {
        refusals::malformed();
    }
    host::call_data(words.as_flattened_mut(), 4);
}

/// Stops a call that brings money where none is taken.
pub fn not_payable() {
    if host::transferred() != Some(0) {
        refusals::malformed();
    }
}

/// An `address` argument.
pub fn address(word: &Word) -> Address {
    address_of(word).unwrap_or_else(|| refusals::malformed())
}

/// An argument of an unsigned integer type that is narrower than a word.
pub fn integer<T: TryFrom<u128>>(word: &Word) -> T {
    number_of(word).and_then(|number| T::try_from(number).ok()).unwrap_or_else(|| refusals::malformed())
}

/// A `bool` argument.
pub fn boolean(word: &Word) -> bool {
    match number_of(word) {
        Some(number @ 0..=1) => number == 1,
        _ => refusals::malformed(),
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
        let small = |at| integer::<u32>(&word(at)).min(1 << 20);
        let start = base + small(base + 32 * number);
        let count = small(start);
        let first = start + 32;
        if (first + 32 * count) as usize > host::call_data_length() {
            refusals::malformed();
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
        refusals::malformed();
    }
    host::call_data_word(at)
}

/// Answers with one number.
pub fn answer(number: u128) -> ! {
    host::answer(&number_word(number))
}
