//! Terms and milestones as words of the Solidity ABI: an option of a menu is the encoding of the struct `Terms`,
//! [`Terms::WORDS`] words, followed by that of each `Milestone`. Read strictly: a number that is too large for its
//! field is refused, not cut.

use super::{Milestone, Terms};
use alloc::vec::Vec;

/// 32 bytes, big-endian where a number.
pub type Word = [u8; 32];

/// A field as a word.
trait Worded: Sized {
    fn to_word(&self) -> Word;
    fn from_word(word: &Word) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Worded for $number {
            fn to_word(&self) -> Word {
                let mut word = [0; 32];
                word[const { 32 - size_of::<Self>() }..].copy_from_slice(&self.to_be_bytes());
                word
            }

            fn from_word(word: &Word) -> Option<Self> {
                let (high, low) = word.split_at(const { 32 - size_of::<Self>() });
                let low = low.try_into().ok()?;
                high.iter().all(|byte| *byte == 0).then(|| Self::from_be_bytes(low))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u128);

impl Worded for bool {
    fn to_word(&self) -> Word {
        u8::from(*self).to_word()
    }

    fn from_word(word: &Word) -> Option<Self> {
        match u8::from_word(word)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Worded for [u8; 32] {
    fn to_word(&self) -> Word {
        *self
    }

    fn from_word(word: &Word) -> Option<Self> {
        Some(*word)
    }
}

macro_rules! worded {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $name {
            /// How many words it is.
            pub const WORDS: usize = [$(stringify!($field)),+].len();

            /// Its words, in order.
            pub fn to_words(&self, words: &mut Vec<Word>) {
                $(words.push(self.$field.to_word());)+
            }

            /// From exactly its words.
            pub fn from_words(words: &[Word]) -> Option<Self> {
                let mut rest = words.iter();
                let read = Self { $($field: Worded::from_word(rest.next()?)?),+ };
                rest.next().is_none().then_some(read)
            }
        }
    };
}

worded!(Terms {
    document,
    metric,
    threshold,
    upfront,
    residual_bps,
    gross_base,
    infrastructure_cap_bps,
    taxes_cap_bps,
    per_thousand_tokens,
    per_call,
    floor,
    ceiling,
    guarantee,
    escrow,
    funding_days,
    term_months,
    exclusive_months,
    training_months,
    report_days,
    payment_days,
    grace_days,
    late_bps,
    notice_days,
    cure_days,
    deletion_days,
    redaction_days,
    audit_fee_cap,
    audit_expenses_cap,
    prohibited,
    sublicensing,
    platform_may_leave,
    licensor_may_leave,
    false_discovery_bps,
    late_record_days,
    call_tokens,
    common_from,
});
worded!(Milestone { amount, document, to_pool });

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
