//! The rules' records in the contract's storage.

use yieldset_rules::licence::{Store, store::Key};
use yieldset_shell::host;

/// The contract's storage.
pub struct Chain;

impl Store for Chain {
    #[inline(never)]
    fn read(&self, key: &Key, record: &mut [u8]) -> bool {
        let wanted = record.len();
        host::read_into(key, record) == Some(wanted)
    }

    #[inline(never)]
    fn write(&mut self, key: &Key, record: &[u8]) {
        host::write(key, record);
    }

    fn clear(&mut self, key: &Key) {
        host::clear(key);
    }
}
