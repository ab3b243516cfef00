//! Reading calls and answering them, for contracts that answer without ink!'s dispatch.

use yieldset_shell::{
    host,
    words::{Address, Word, address_of, number_of, number_word},
};

use crate::refusals;

/// The selector; zero for calls without one, which no message has.
pub fn selector() -> u32 {
    let head = host::call_data_word(0);
    u32::from_be_bytes([head[0], head[1], head[2], head[3]])
}

/// The words after the selector; a call that is too short is none.
pub fn arguments<const N: usize>() -> [Word; N] {
    if host::call_data_length() < 4 + N * 32 {
        refusals::malformed();
    }
    let mut words = [[0; 32]; N];
    for (at, word) in words.iter_mut().enumerate() {
        *word = host::call_data_word(4 + at as u32 * 32);
    }
    words
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
