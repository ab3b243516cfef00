//! Answering a message. What follows in ink! is never reached, its encoders included.

use crate::{
    host,
    words::{Word, number_word, word},
};

/// Ends the call with words of the ABI.
#[inline(never)]
pub fn answer(words: &[Word]) -> ! {
    host::answer(words.as_flattened())
}

/// Ends the call with a number of 64 bits, or with a yes or no.
#[inline(always)]
pub fn answer_number(number: impl Into<u64>) -> ! {
    #[inline(never)]
    fn told(number: u64) -> ! {
        answer(&[word(number)])
    }
    told(number.into())
}

/// Ends the call with nothing.
#[inline(always)]
pub fn done() -> ! {
    host::answer(&[])
}

/// Longest text of an answer, in bytes.
const LONGEST_TEXT: usize = 256;

/// Ends the call with a `string`, of which the first [`LONGEST_TEXT`] bytes are told.
#[inline(never)]
pub fn text(text: &[u8]) -> ! {
    let text = &text[..text.len().min(LONGEST_TEXT)];
    let mut data = [0; 64 + LONGEST_TEXT];
    data[31] = 32;
    data[32..64].copy_from_slice(&number_word(text.len() as u128));
    data[64..64 + text.len()].copy_from_slice(text);
    host::answer(&data[..64 + text.len().next_multiple_of(32)])
}
