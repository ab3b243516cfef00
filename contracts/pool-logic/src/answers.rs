//! Answers: words of the Solidity ABI.

use ink::prelude::{vec, vec::Vec};
use yieldset_shell::{
    host,
    words::{Word, number_word},
};

/// Ends the call with numbers.
pub fn numbers(numbers: &[u128]) -> ! {
    let words: Vec<Word> = numbers.iter().map(|number| number_word(*number)).collect();
    host::answer(words.as_flattened())
}

/// Ends the call with a `string`.
pub fn text(text: &[u8]) -> ! {
    let padded = text.len().next_multiple_of(32);
    let mut data = vec![0; 64 + padded];
    data[31] = 32;
    data[32..64].copy_from_slice(&number_word(text.len() as u128));
    data[64..64 + text.len()].copy_from_slice(text);
    host::answer(&data)
}

/// Ends the call with a `string` of at most 32 bytes: UTF-8 filled up with zeros. That it is UTF-8 is the deployer's
/// business; a name that is not shows as gibberish and harms nobody else.
pub fn label(label: &Word) -> ! {
    let length = label.iter().position(|byte| *byte == 0).unwrap_or(label.len());
    text(&label[..length])
}
