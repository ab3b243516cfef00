//! Answering a message. What follows in ink! is never reached, its encoders included.

use crate::{
    host,
    words::{Word, word},
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
const LONGEST: usize = 160;

/// Ends the call with a text, of which the first [`LONGEST`] bytes are told.
pub fn answer_text(text: &str) -> ! {
    let text = &text.as_bytes()[..text.len().min(LONGEST)];
    let mut data = [0; 64 + LONGEST];
    data[31] = 32;
    data[63] = text.len() as u8;
    data[64..64 + text.len()].copy_from_slice(text);
    host::answer(&data[..64 + text.len().next_multiple_of(32)])
}
