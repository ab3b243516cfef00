//! Which words of an output stand in whose texts.
pub mod fold;
pub mod grams;
pub mod spans;
