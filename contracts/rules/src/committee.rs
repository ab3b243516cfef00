//! Who signs reports: m of n ed25519 keys, changed by announced epochs, and without announcement only made fewer.

use crate::report::SIGNATURE_ENTRY;

/// Most keys of a committee: all of it must fit in one storage value (416 bytes).
pub const MAX_KEYS: usize = 12;

/// An ed25519 public key.
pub type Key = [u8; 32];

/// A committee, in office or announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committee {
    /// Counts from 1.
    pub epoch: u32,
    /// Signatures a report needs.
    pub threshold: u8,
    /// How many of `keys` there are.
    count: u8,
    /// The keys one after the other, then zeros.
    keys: [u8; MAX_KEYS * 32],
}

crate::packed!(Committee { epoch: u32, threshold: u8, count: u8, keys: [u8; MAX_KEYS * 32] });

/// Why a committee or its signatures are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitteeError {
    /// Keys must be distinct and at most [`MAX_KEYS`], the threshold between 1 and their number.
    Invalid,
    /// Revocations left fewer keys than a report needs.
    TooFewKeys {
        /// Keys left.
        left: u8,
        /// Threshold.
        need: u8,
    },
    /// Not a sequence of entries.
    Malformed {
        /// In bytes.
        length: usize,
    },
    /// Not a key of the committee.
    UnknownKey(Key),
    /// The same key twice.
    DuplicateSigner(Key),
    /// Fewer than the threshold.
    NotEnough {
        /// Entries.
        got: u8,
        /// Threshold.
        need: u8,
    },
}

impl Committee {
    /// A committee of these keys.
    ///
    /// # Errors
    /// [`CommitteeError::Invalid`].
    #[expect(clippy::arithmetic_side_effects, reason = "a count below MAX_KEYS, and places among so many keys")]
    pub fn new(epoch: u32, threshold: u8, keys: impl ExactSizeIterator<Item = Key>) -> Result<Self, CommitteeError> {
        let mut committee = Self { epoch, threshold, count: 0, keys: [0; MAX_KEYS * 32] };
        for key in keys {
            if usize::from(committee.count) == MAX_KEYS || committee.contains(&key) {
                return Err(CommitteeError::Invalid);
            }
            committee.keys[usize::from(committee.count) * 32..][..32].copy_from_slice(&key);
            committee.count += 1;
        }
        if threshold == 0 || threshold > committee.count { Err(CommitteeError::Invalid) } else { Ok(committee) }
    }

    /// The keys.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = Key> + '_ {
        self.all().chunks_exact(32).map(|chunk| {
            let mut key = [0; 32];
            key.copy_from_slice(chunk);
            key
        })
    }

    /// Number of keys.
    pub fn count(&self) -> u8 {
        self.count
    }

    /// Whether a key is of this committee.
    pub fn contains(&self, key: &Key) -> bool {
        self.place(key).is_some()
    }

    /// A bit for each key, the first one's the lowest, that `marked` says yes to.
    pub fn marks(&self, marked: impl Fn(&Key) -> bool) -> u16 {
        self.keys().enumerate().fold(0, |marks, (at, key)| marks | u16::from(marked(&key)) << at)
    }

    /// Removes a key; the others keep their order and the threshold stays. Whether it was there.
    #[expect(clippy::arithmetic_side_effects, reason = "the key at this place is one of the count")]
    pub fn remove(&mut self, key: &Key) -> bool {
        let Some(at) = self.place(key) else { return false };
        let end = usize::from(self.count) * 32;
        self.keys.copy_within((at + 1) * 32..end, at * 32);
        self.keys[end - 32..end].fill(0);
        self.count -= 1;
        true
    }

    /// Whether the keys left can sign anything.
    ///
    /// # Errors
    /// [`CommitteeError::TooFewKeys`].
    pub fn can_sign(&self) -> Result<(), CommitteeError> {
        if self.count < self.threshold {
            return Err(CommitteeError::TooFewKeys { left: self.count, need: self.threshold });
        }
        Ok(())
    }

    /// The part of a list of entries (key ‖ signature ‖ …) that is to be verified: the first `threshold` ones. All
    /// entries must name known, distinct keys. That the signatures are valid is still to be shown.
    ///
    /// # Errors
    /// See [`CommitteeError`].
    pub fn quorum<'a>(&self, entries: &'a [u8]) -> Result<&'a [u8], CommitteeError> {
        self.can_sign()?;
        if !entries.len().is_multiple_of(SIGNATURE_ENTRY) {
            return Err(CommitteeError::Malformed { length: entries.len() });
        }
        let (mut seen, mut got) = (0u16, 0u8);
        for entry in entries.chunks_exact(SIGNATURE_ENTRY) {
            let key = entry_key(entry);
            let at = self.place(&key).ok_or(CommitteeError::UnknownKey(key))?;
            if seen & 1 << at != 0 {
                return Err(CommitteeError::DuplicateSigner(key));
            }
            seen |= 1 << at;
            // At most MAX_KEYS: all are known and distinct.
            got = got.saturating_add(1);
        }
        if got < self.threshold {
            return Err(CommitteeError::NotEnough { got, need: self.threshold });
        }
        Ok(&entries[..usize::from(self.threshold) * SIGNATURE_ENTRY])
    }

    #[expect(clippy::arithmetic_side_effects, reason = "at most MAX_KEYS times 32")]
    fn all(&self) -> &[u8] {
        &self.keys[..usize::from(self.count).min(MAX_KEYS) * 32]
    }

    fn place(&self, key: &Key) -> Option<usize> {
        self.all().chunks_exact(32).position(|known| known == key)
    }
}

/// The key of an entry, which has at least 32 bytes.
pub fn entry_key(entry: &[u8]) -> Key {
    let mut key = [0; 32];
    key.copy_from_slice(&entry[..32]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn key(n: u8) -> Key {
        [n; 32]
    }

    fn committee(threshold: u8, count: u8) -> Committee {
        Committee::new(1, threshold, (1..=count).map(key)).unwrap()
    }

    fn entries(keys: &[u8]) -> Vec<u8> {
        keys.iter().flat_map(|n| [&key(*n)[..], &[0x55; SIGNATURE_ENTRY - 32]].concat()).collect()
    }

    /// Proves ATT-9's committee: each bound at its edge.
    #[test]
    fn keys_are_distinct_and_the_threshold_can_be_met() {
        let new = |threshold, keys: &[u8]| Committee::new(7, threshold, keys.iter().map(|n| key(*n)));
        for (threshold, keys) in [(0, &[1][..]), (2, &[1]), (1, &[]), (0, &[]), (1, &[1, 2, 1])] {
            assert_eq!(new(threshold, keys), Err(CommitteeError::Invalid), "{threshold} of {keys:?}");
        }
        let most: Vec<u8> = (1..=12).collect();
        assert_eq!(new(12, &most).unwrap().count(), 12);
        assert_eq!(new(1, &(1..=13).collect::<Vec<_>>()), Err(CommitteeError::Invalid));
        let three = new(2, &[5, 6, 7]).unwrap();
        assert_eq!((three.epoch, three.keys().collect::<Vec<_>>()), (7, [5, 6, 7].map(key).to_vec()));
        assert!(three.contains(&key(6)) && !three.contains(&key(8)) && !three.contains(&[0; 32]));
        assert_eq!(Committee::from_bytes(&three.to_bytes()), three);
        assert_eq!(Committee::LEN, 390);
    }

    /// Proves SAFE-15: who of an epoch's keys was revoked is told by its place, up to the last one.
    #[test]
    fn marks_stand_at_the_keys_places() {
        let all = committee(1, 12);
        assert_eq!(all.marks(|_| false), 0);
        assert_eq!(all.marks(|_| true), 0b1111_1111_1111);
        assert_eq!(all.marks(|one| [key(1), key(3), key(12)].contains(one)), 0b1000_0000_0101);
        assert_eq!(committee(1, 2).marks(|_| true), 0b11);
    }

    #[test]
    fn a_removed_key_is_gone_and_below_the_threshold_nothing_is_signed() {
        let mut three = committee(2, 3);
        assert!(!three.remove(&key(9)));
        assert!(three.remove(&key(2)) && !three.remove(&key(2)));
        assert_eq!(three.keys().collect::<Vec<_>>(), [key(1), key(3)]);
        assert_eq!(three.quorum(&entries(&[1, 2])), Err(CommitteeError::UnknownKey(key(2))));
        assert!(three.quorum(&entries(&[3, 1])).is_ok());
        assert!(three.remove(&key(3)));
        assert_eq!(three.can_sign(), Err(CommitteeError::TooFewKeys { left: 1, need: 2 }));
        assert_eq!(three.quorum(&entries(&[1])), Err(CommitteeError::TooFewKeys { left: 1, need: 2 }));
        assert!(three.remove(&key(1)) && three.keys().len() == 0);
    }

    /// Proves ATT-9: a quorum is `threshold` distinct members, and exactly so many signatures are verified.
    #[test]
    fn a_quorum_is_distinct_members() {
        let committee = committee(2, 3);
        let error = |keys: &[u8]| committee.quorum(&entries(keys)).unwrap_err();
        assert_eq!(error(&[]), CommitteeError::NotEnough { got: 0, need: 2 });
        assert_eq!(error(&[3]), CommitteeError::NotEnough { got: 1, need: 2 });
        assert_eq!(error(&[3, 3]), CommitteeError::DuplicateSigner(key(3)));
        // Also beyond the quorum, so that nobody counts more signers than there are.
        assert_eq!(error(&[1, 2, 2]), CommitteeError::DuplicateSigner(key(2)));
        assert_eq!(error(&[1, 2, 4]), CommitteeError::UnknownKey(key(4)));
        let all = entries(&[3, 1, 2]);
        let two = 2 * SIGNATURE_ENTRY;
        assert!(committee.quorum(&all).unwrap() == &all[..two]);
        assert_eq!(committee.quorum(&all[..two - 1]), Err(CommitteeError::Malformed { length: two - 1 }));
    }

    proptest! {
        /// Whatever is taken away, the rest stays in order, and no list of entries passes that has not `threshold`
        /// members.
        #[test]
        fn removals_keep_the_rest(
            threshold in 1u8..=12, count in 1u8..=12,
            gone in prop::collection::vec(1u8..=13, 0..12), signers in prop::collection::vec(1u8..=13, 0..14),
        ) {
            prop_assume!(threshold <= count);
            let mut committee = committee(threshold, count);
            let mut model: Vec<u8> = (1..=count).collect();
            for n in gone {
                prop_assert_eq!(committee.remove(&key(n)), model.contains(&n));
                model.retain(|other| *other != n);
            }
            prop_assert_eq!(committee.keys().collect::<Vec<_>>(), model.iter().map(|n| key(*n)).collect::<Vec<_>>());
            let mut distinct = signers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let good = distinct.len() == signers.len()
                && signers.iter().all(|n| model.contains(n))
                && signers.len() >= usize::from(threshold);
            prop_assert_eq!(committee.quorum(&entries(&signers)).is_ok(), good);
        }
    }
}
