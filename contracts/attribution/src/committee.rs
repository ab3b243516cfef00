//! The m-of-n committee and its signatures.

use ed25519_dalek::{Signature, VerifyingKey};
use ink::{
    prelude::vec::Vec,
    sol::{FixedBytes, SolResultDecode, SolResultDecodeError, SolResultEncode, decode_sequence, encode_sequence},
};
use yieldset_rules::report::SIGNATURE_ENTRY;

/// Most keys of a committee: all of it must fit in one storage value (416 bytes).
pub const MAX_KEYS: usize = 12;

/// Current committee.
#[derive(Debug, Clone, Default)]
#[ink::storage_item(packed)]
pub struct Committee {
    /// Counts from 1.
    pub epoch: u32,
    /// Signatures a report needs.
    pub threshold: u8,
    /// ed25519 public keys, distinct.
    pub keys: Vec<[u8; 32]>,
}

/// Why signatures are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureError {
    /// Not a sequence of entries.
    Malformed {
        /// In bytes.
        length: usize,
    },
    /// Not a key of the committee.
    UnknownKey([u8; 32]),
    /// The same key twice.
    DuplicateSigner([u8; 32]),
    /// Not a signature of this key over this message.
    BadSignature([u8; 32]),
    /// Fewer than the threshold.
    NotEnough {
        /// Entries.
        got: u8,
        /// Threshold.
        need: u8,
    },
}

impl Committee {
    /// Whether keys are distinct and few enough and the threshold can be met.
    pub fn is_valid(&self) -> bool {
        let keys = &self.keys;
        let distinct = keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key));
        distinct && keys.len() <= MAX_KEYS && self.threshold > 0 && usize::from(self.threshold) <= keys.len()
    }

    /// Checks that at least `threshold` distinct committee keys signed `message`. All entries must name known, distinct keys;
    /// exactly `threshold` signatures are verified, each costs the chain 54 ms.
    ///
    /// # Errors
    /// See [`SignatureError`].
    pub fn check_signatures(&self, message: &[u8], signatures: &[u8]) -> Result<(), SignatureError> {
        if signatures.len() % SIGNATURE_ENTRY != 0 {
            return Err(SignatureError::Malformed { length: signatures.len() });
        }
        let mut seen: Vec<&[u8]> = Vec::with_capacity(self.keys.len());
        for entry in signatures.chunks_exact(SIGNATURE_ENTRY) {
            let key = key_of(entry);
            if !self.keys.contains(&key) {
                return Err(SignatureError::UnknownKey(key));
            }
            if seen.contains(&&entry[..32]) {
                return Err(SignatureError::DuplicateSigner(key));
            }
            seen.push(&entry[..32]);
        }
        // At most MAX_KEYS: all are known and distinct.
        let got = seen.len() as u8;
        if got < self.threshold {
            return Err(SignatureError::NotEnough { got, need: self.threshold });
        }
        for entry in signatures.chunks_exact(SIGNATURE_ENTRY).take(usize::from(self.threshold)) {
            verify(entry, message)?;
        }
        Ok(())
    }
}

fn key_of(entry: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(&entry[..32]);
    key
}

/// Strict verification: no small-order keys, so a signature cannot be valid for two messages.
fn verify(entry: &[u8], message: &[u8]) -> Result<(), SignatureError> {
    let key = key_of(entry);
    let bad = SignatureError::BadSignature(key);
    let mut bytes = [0; 64];
    bytes.copy_from_slice(&entry[32..]);
    let verifying = VerifyingKey::from_bytes(&key).map_err(|_| bad)?;
    verifying.verify_strict(message, &Signature::from_bytes(&bytes)).map_err(|_| bad)
}

/// The committee as Solidity returns it: three values, not one tuple (ink! would put an offset in front of a dynamic tuple).
#[derive(Debug)]
pub struct CommitteeView(u32, u8, Vec<FixedBytes<32>>);

impl From<Committee> for CommitteeView {
    fn from(committee: Committee) -> Self {
        Self(committee.epoch, committee.threshold, committee.keys.into_iter().map(FixedBytes).collect())
    }
}

impl<'a> SolResultEncode<'a> for CommitteeView {
    type SolType = (u32, u8, &'a [FixedBytes<32>]);
    const SOL_NAME: &'static str = "(uint32,uint8,bytes32[])";

    fn encode(&'a self) -> Vec<u8> {
        encode_sequence::<(&u32, &u8, &Vec<FixedBytes<32>>)>(&(&self.0, &self.1, &self.2))
    }
}

impl SolResultDecode for CommitteeView {
    type SolType = (u32, u8, Vec<FixedBytes<32>>);

    fn decode(data: &[u8], did_revert: bool) -> Result<Self, SolResultDecodeError> {
        if did_revert {
            return Err(SolResultDecodeError::NonResultFromRevert);
        }
        let (epoch, threshold, keys) = decode_sequence::<(u32, u8, Vec<FixedBytes<32>>)>(data)?;
        Ok(Self(epoch, threshold, keys))
    }
}
