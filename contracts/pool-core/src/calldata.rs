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

/// Answers with one number.
pub fn answer(number: u128) -> ! {
    host::answer(&number_word(number))
}
