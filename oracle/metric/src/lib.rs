//! Version 2 of the metric, as far as it is arithmetic: which words of an output stand in whose texts, and how like a
//! passage another one is. Integers from the embedding on, no I/O, and every list in a fixed order, so that everybody
//! finds the same.

pub mod fold;
pub mod grams;
pub mod keywords;
pub mod likeness;
pub mod nearest;
pub mod passages;
pub mod spans;
