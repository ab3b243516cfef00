//! Words of the Solidity ABI.

use ink::{U256, prelude::vec::Vec};

/// 32 bytes, big-endian where a number.
pub type Word = [u8; 32];
/// An account or a contract.
pub type Address = [u8; 20];

/// An address as a word.
pub fn address_word(address: &Address) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address);
    word
}

/// A number as a word.
pub fn number_word(number: u128) -> Word {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}

/// A number of any width as a word.
pub fn word(number: impl Into<u128>) -> Word {
    number_word(number.into())
}

/// A word as a number; `None` above 128 bits.
pub fn number_of(word: &Word) -> Option<u128> {
    let ([high, low], []) = word.as_chunks() else { return None };
    // Not by comparing bytes, which is a call.
    (u128::from_ne_bytes(*high) == 0).then_some(u128::from_be_bytes(*low))
}

/// Whether an address is all zeros. The compiler would compare byte by byte.
pub fn is_zero(address: &Address) -> bool {
    let (a, b, c) = parts(address);
    a | b | u64::from(c) == 0
}

/// Whether two addresses are the same.
pub fn same(one: &Address, other: &Address) -> bool {
    parts(one) == parts(other)
}

fn parts(address: &Address) -> (u64, u64, u32) {
    let (words, rest) = address.as_chunks();
    let mut last = [0; 4];
    last.copy_from_slice(rest);
    (u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]), u32::from_le_bytes(last))
}

/// A word as an address; `None` where its upper 12 bytes are not zero.
pub fn address_of(word: &Word) -> Option<Address> {
    let mut address = [0; 20];
    address.copy_from_slice(&word[12..]);
    (word[..12] == [0; 12]).then_some(address)
}

/// An amount within 128 bits.
pub fn narrow(amount: U256) -> Option<u128> {
    (amount.0[2] == 0 && amount.0[3] == 0).then(|| u128::from(amount.0[1]) << 64 | u128::from(amount.0[0]))
}

/// Values with a list among them, as messages answer with them and events tell them: in `N` words at most.
pub struct WithList<const N: usize> {
    words: [Word; N],
    /// Of the list's length.
    at: usize,
    end: usize,
}

impl<const N: usize> WithList<N> {
    /// An empty list, whose place stands between these values.
    pub fn between(before: &[Word], after: &[Word]) -> Self {
        let mut words = [[0; 32]; N];
        let at = before.len() + 1 + after.len();
        words[..before.len()].copy_from_slice(before);
        words[before.len()] = number_word(32 * at as u128);
        words[before.len() + 1..at].copy_from_slice(after);
        Self { words, at, end: at + 1 }
    }

    /// Adds an element.
    #[inline(never)]
    pub fn push(&mut self, word: &Word) {
        self.words[self.end] = *word;
        self.words[self.at] = number_word((self.end - self.at) as u128);
        self.end += 1;
    }
}

impl<const N: usize> AsRef<[Word]> for WithList<N> {
    fn as_ref(&self) -> &[Word] {
        &self.words[..self.end]
    }
}

/// Values and bytes behind them, likewise.
pub fn with_bytes(before: &[Word], bytes: &[u8]) -> Vec<Word> {
    let mut words = Vec::with_capacity(before.len() + 2 + bytes.len().div_ceil(32));
    words.extend_from_slice(before);
    words.extend([number_word(32 * (before.len() as u128 + 1)), number_word(bytes.len() as u128)]);
    for part in bytes.chunks(32) {
        let mut word = [0; 32];
        word[..part.len()].copy_from_slice(part);
        words.push(word);
    }
    words
}
