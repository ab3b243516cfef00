//! Which registry a pool screens by, and asking it.

use crate::words::{Address, Word};

crate::interface! {
    mod pool {
        ask kyc() -> address;
    }
    /// Messages of registries that other contracts send.
    pub mod registry {
        /// The code of what stands against two sides; address zero is no side.
        ask restrictionFor(
            from: address, to: address, requirements: bytes32, j0: bytes32, j1: bytes32, j2: bytes32, j3: bytes32,
        ) -> uint8;
        /// All trusted issuers; of the list its place and its length.
        ask getTrustedIssuers() -> (uint256, uint256);
    }
}

/// The registry that a pool uses now, zero where it screens nobody; `None` where the pool does not answer.
pub fn registry_of(pool: &Address) -> Option<Address> {
    pool::kyc {}.ask(pool)
}

/// The registry's code against two sides, zero for nothing; address zero is no side. `requirements` is the word that
/// says what is asked. `None` where the registry does not answer.
#[inline(never)]
pub fn restriction(registry: &Address, from: &Address, to: &Address, requirements: &Word) -> Option<u8> {
    let [j0, j1, j2, j3] = [[0; 32]; 4];
    registry::restrictionFor { from, to, requirements, j0, j1, j2, j3 }.ask(registry)
}
