//! Where a licence's records are: packed bytes under keys. On chain this is the contract's storage, in tests a map.

use super::{Address, Hash, Id};
use alloc::{collections::BTreeMap, vec::Vec};

/// licence id ‖ tag ‖ which one: a number (big-endian, then zeros), an account (then zeros) or 31 bytes of a hash.
/// Longer keys could not be removed from the chain's storage.
pub type Key = [u8; 64];

/// Records of fixed length.
pub trait Store {
    /// Reads a record into `record`, whose length is the record's; whether there is one.
    fn read(&self, key: &Key, record: &mut [u8]) -> bool;
    /// Stores a record.
    fn write(&mut self, key: &Key, record: &[u8]);
    /// Removes a record.
    fn clear(&mut self, key: &Key);
}

impl Store for BTreeMap<Key, Vec<u8>> {
    fn read(&self, key: &Key, record: &mut [u8]) -> bool {
        let Some(stored) = self.get(key) else { return false };
        record.copy_from_slice(stored);
        true
    }

    fn write(&mut self, key: &Key, record: &[u8]) {
        self.insert(*key, record.to_vec());
    }

    fn clear(&mut self, key: &Key) {
        self.remove(key);
    }
}

/// The licence itself.
pub const LICENCE: u8 = b'L';
/// Its datasets: [`super::MAX_DATASETS`] hashes, zeros after the last.
pub const DATASETS: u8 = b'D';
/// Terms of an option.
pub const TERMS: u8 = b'T';
/// Schedule B of an option.
pub const SCHEDULE: u8 = b'B';
/// A calendar quarter.
pub const QUARTER: u8 = b'Q';
/// A licence year.
pub const YEAR: u8 = b'Y';
/// An audit.
pub const AUDIT: u8 = b'A';
/// A licensor's menu.
pub const MENU: u8 = b'M';
/// The audits of a calendar quarter.
pub const AUDITED: u8 = b'P';
/// A contributor's standing.
pub const STANDING: u8 = b'C';
/// A violation, by the hash of its evidence.
pub const VIOLATION: u8 = b'V';
/// A sublicence.
pub const SUBLICENCE: u8 = b'S';
/// A redaction request.
pub const REDACTION: u8 = b'R';
/// The request for a dataset's version.
pub const REQUESTED: u8 = b'J';
/// Up to which version a dataset's redactions are certified.
pub const CERTIFIED: u8 = b'K';

/// An epoch of the usage log; of number zero how many there are.
pub const USAGE_LOG: u8 = b'G';
/// A checkpoint of the usage log, by [`super::usage_log::checkpoint_id`].
pub const ANCHOR: u8 = b'H';

/// Key of a numbered record.
pub fn numbered(id: &Id, tag: u8, number: u32) -> Key {
    let mut which = [0; 32];
    which[..4].copy_from_slice(&number.to_be_bytes());
    hashed(id, tag, &which)
}

/// Key of a dataset version's record.
pub fn versioned(id: &Id, tag: u8, dataset: &Hash, version: u32) -> Key {
    let mut which = *dataset;
    which[27..31].copy_from_slice(&version.to_be_bytes());
    hashed(id, tag, &which)
}

/// Key of an account's record.
pub fn personal(id: &Id, tag: u8, account: &Address) -> Key {
    let mut which = [0; 32];
    which[..20].copy_from_slice(account);
    hashed(id, tag, &which)
}

/// Key of a record with a hash of its own.
pub fn hashed(id: &Id, tag: u8, which: &Hash) -> Key {
    let mut key = [0; 64];
    key[..32].copy_from_slice(id);
    key[32] = tag;
    key[33..].copy_from_slice(&which[..31]);
    key
}

/// Reads and writes a `packed!` record by key.
macro_rules! stored {
    ($($name:ident),+ $(,)?) => {$(
        impl $name {
            /// The record under a key; `None` where there is none.
            pub fn load(store: &impl $crate::licence::Store, key: &$crate::licence::store::Key) -> Option<Self> {
                let mut bytes = [0; Self::LEN];
                store.read(key, &mut bytes).then(|| Self::from_bytes(&bytes))
            }

            /// Stores the record under a key.
            pub fn save(&self, store: &mut impl $crate::licence::Store, key: &$crate::licence::store::Key) {
                store.write(key, &self.to_bytes());
            }
        }
    )+};
}
pub(crate) use stored;
