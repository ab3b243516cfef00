//! Terms and milestones as words of the Solidity ABI: an option of a menu is the encoding of the struct `Terms`,
//! [`Terms::WORDS`] words, followed by that of each `Milestone`. Read strictly: a number that is too large for its
//! field is refused, not cut.

use super::{Milestone, Terms};
use crate::packed::{Place, get_words, put_words};
use alloc::vec::Vec;

/// 32 bytes, big-endian where a number.
pub type Word = [u8; 32];

/// The words of a record are its fields in the order in which it keeps them.
macro_rules! worded {
    ($($name:ident),+) => {$(
        impl $name {
            /// How many words it is.
            pub const WORDS: usize = Self::FIELDS.len();

            const PLACES: [Place; Self::WORDS] = {
                let mut places = [Self::FIELDS[0].1; Self::WORDS];
                let mut at = 1;
                while at < Self::WORDS {
                    places[at] = Self::FIELDS[at].1;
                    at = at.saturating_add(1);
                }
                places
            };

            /// Its words, in order.
            pub fn to_words(&self, words: &mut Vec<Word>) {
                put_words(&self.to_bytes(), &Self::PLACES, words);
            }

            /// From exactly its words.
            pub fn from_words(words: &[Word]) -> Option<Self> {
                let mut bytes = [0; Self::LEN];
                get_words(words, &Self::PLACES, &mut bytes).then(|| Self::from_bytes(&bytes))
            }
        }
    )+};
}
worded!(Terms, Milestone);

/// An option of a menu from its words; `None` where they are no such thing.
pub fn parse(words: &[Word]) -> Option<(Terms, Vec<Milestone>)> {
    let (terms, milestones) = words.split_at_checked(Terms::WORDS)?;
    let milestones = milestones.chunks(Milestone::WORDS).map(Milestone::from_words).collect::<Option<_>>()?;
    Some((Terms::from_words(terms)?, milestones))
}

/// The words of an option.
pub fn write(terms: &Terms, milestones: &[Milestone]) -> Vec<Word> {
    let mut words = Vec::new();
    terms.to_words(&mut words);
    milestones.iter().for_each(|milestone| milestone.to_words(&mut words));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is read is written back the same, and nothing else is read.
        #[test]
        fn words_come_back(
            bytes in prop::collection::vec(any::<u8>(), Terms::LEN),
            milestones in prop::collection::vec((any::<u128>(), any::<[u8; 32]>(), any::<bool>()), 0..9),
            at in 0usize..36,
        ) {
            let terms = Terms::from_bytes(&bytes.try_into().unwrap());
            let milestones: Vec<_> =
                milestones.into_iter().map(|(amount, document, to_pool)| Milestone { amount, document, to_pool }).collect();
            let words = write(&terms, &milestones);
            prop_assert_eq!(parse(&words), Some((terms, milestones.clone())));
            let mut high = words.clone();
            high[at][0] ^= 1;
            let read = parse(&high);
            // Only the two hashes fill their words.
            prop_assert_eq!(read.is_some(), at < 2);
            prop_assert_eq!(parse(&words[1..]), None);
        }
    }

    #[test]
    fn lengths_and_flags_are_exact() {
        let words = write(&Terms::default(), &[Milestone::default()]);
        assert_eq!((Terms::WORDS, Milestone::WORDS, words.len()), (36, 3, 39));
        assert_eq!(parse(&words[..38]), None);
        assert_eq!(parse(&words[..35]), None);
        let mut two = words;
        two[31][31] = 2;
        assert_eq!(parse(&two), None);
    }
}
