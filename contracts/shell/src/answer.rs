//! Answering a message. What follows in ink! is never reached, its encoders included.

use crate::{host, words::Word};

/// Ends the call with words of the ABI.
#[inline(never)]
pub fn answer(words: &[Word]) -> ! {
    host::answer(words.as_flattened())
}

/// Ends the call with nothing.
pub fn done() -> ! {
    host::answer(&[])
}
