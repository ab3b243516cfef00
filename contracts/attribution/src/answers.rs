//! What the views answer, encoded by hand: one loop over words instead of a generated encoder for each tuple.

use core::marker::PhantomData;

use ink::{
    prelude::vec::Vec,
    sol::{FixedBytes, SolResultDecode, SolResultDecodeError, SolResultEncode, SolTypeDecode, SolTypeEncode},
};
use yieldset_rules::committee::Committee;
use yieldset_shell::words::{Word, number_word};

use crate::store::{Proposed, is_revoked};

/// `N` words whose Solidity type is `T`; on the heap, since the dispatch has a place on its small stack for the answer
/// of every message.
#[derive(Debug)]
pub struct Words<const N: usize, T>(Vec<Word>, PhantomData<T>);

impl<const N: usize, T> Words<N, T> {
    /// These words.
    #[inline(never)]
    pub fn new(words: [Word; N]) -> Self {
        Self(words.to_vec(), PhantomData)
    }
}

impl<const N: usize, T: SolTypeEncode> SolResultEncode<'_> for Words<N, T> {
    type SolType = T;

    fn encode(&self) -> Vec<u8> {
        self.0.as_flattened().to_vec()
    }
}

impl<const N: usize, T: SolTypeDecode> SolResultDecode for Words<N, T> {
    type SolType = T;

    fn decode(data: &[u8], did_revert: bool) -> Result<Self, SolResultDecodeError> {
        if did_revert {
            return Err(SolResultDecodeError::NonResultFromRevert);
        }
        let words = data.as_chunks::<32>().0.first_chunk::<N>().ok_or(SolResultDecodeError::Decode)?;
        Ok(Self::new(*words))
    }
}

/// `(first, threshold, keys)` as Solidity returns it: three values, not one tuple (ink! would put an offset in front of
/// a dynamic tuple). The first is the epoch of the committee in office, or the time from which on a proposed one can
/// take office.
#[derive(Debug)]
pub struct CommitteeView<F>(Vec<Word>, PhantomData<F>);

impl<F> CommitteeView<F> {
    /// A committee, or zeros and no keys.
    pub fn new(first: u64, committee: Option<&Committee>) -> Self {
        let threshold = committee.map_or(0, |committee| committee.threshold);
        Self(with_keys(&[number_word(first.into()), number_word(threshold.into())], committee, &[]), PhantomData)
    }
}

/// `(since, threshold, keys, revoked)` of an epoch.
#[derive(Debug)]
pub struct EpochView(Vec<Word>);

impl EpochView {
    /// An epoch's committee, or zeros and no keys.
    pub fn new(kept: Option<&Proposed>) -> Self {
        let (since, committee) = match kept {
            Some(kept) => (kept.effective_at, Some(Committee::from_bytes(&kept.committee))),
            None => (0, None),
        };
        let committee = committee.as_ref();
        let threshold = committee.map_or(0, |committee| committee.threshold);
        let revoked = committee.map_or(0, |committee| committee.marks(is_revoked));
        let before = [number_word(since.into()), number_word(threshold.into())];
        Self(with_keys(&before, committee, &[number_word(revoked.into())]))
    }
}

impl<'a> SolResultEncode<'a> for EpochView {
    type SolType = (u64, u8, &'a [FixedBytes<32>], u16);

    fn encode(&'a self) -> Vec<u8> {
        self.0.as_flattened().to_vec()
    }
}

impl SolResultDecode for EpochView {
    type SolType = (u64, u8, Vec<FixedBytes<32>>, u16);

    fn decode(data: &[u8], did_revert: bool) -> Result<Self, SolResultDecodeError> {
        if did_revert {
            return Err(SolResultDecodeError::NonResultFromRevert);
        }
        Ok(Self(data.as_chunks::<32>().0.to_vec()))
    }
}

/// A list of keys among other values: `before`, its offset, `after`, then its length and content.
pub fn with_keys(before: &[Word], committee: Option<&Committee>, after: &[Word]) -> Vec<Word> {
    let mut words = before.to_vec();
    words.push(number_word((before.len() + 1 + after.len()) as u128 * 32));
    words.extend_from_slice(after);
    words.push(number_word(committee.map_or(0, Committee::count).into()));
    words.extend(committee.into_iter().flat_map(Committee::keys));
    words
}

impl<'a, F: SolTypeEncode> SolResultEncode<'a> for CommitteeView<F> {
    type SolType = (F, u8, &'a [FixedBytes<32>]);

    fn encode(&'a self) -> Vec<u8> {
        self.0.as_flattened().to_vec()
    }
}

impl<F: SolTypeDecode> SolResultDecode for CommitteeView<F> {
    type SolType = (F, u8, Vec<FixedBytes<32>>);

    fn decode(data: &[u8], did_revert: bool) -> Result<Self, SolResultDecodeError> {
        if did_revert {
            return Err(SolResultDecodeError::NonResultFromRevert);
        }
        Ok(Self(data.as_chunks::<32>().0.to_vec(), PhantomData))
    }
}
