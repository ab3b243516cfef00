//! Contracts that end whatever call asks them.
//!
//! The pallet (0.20.2) hands the error of an address that is reserved and not supported, the point evaluation at 0x0a,
//! on to every PolkaVM contract on the stack: none can survive it. In an EVM contract the error ends.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolValue;

use crate::chain::{Account, Chain};

/// PolkaVM code with the constructor `(uint64 since, uint8 mode, bytes4 selector, address target)`; see [`tripping`].
const CODE: &str = include_str!("tripping.hex");

/// How a contract trips.
#[derive(Debug, Clone, Copy)]
pub enum Trips {
    /// Over all, but for questions whose first argument is zero, which it answers with zeros.
    UnlessOfNothing,
    /// Over this message; it refuses all others.
    OverOne([u8; 4]),
    /// Over this message; for all others it runs the code of another contract.
    Behind([u8; 4], Address),
    /// Over this message; it answers all others with zeros.
    OverOneElseZeros([u8; 4]),
}

/// A contract that does so from the second `since` on.
pub fn tripping(chain: &mut Chain, from: &Account, since: u64, trips: Trips) -> Address {
    let (mode, selector, target) = match trips {
        Trips::UnlessOfNothing => (0, [0; 4], Address::ZERO),
        Trips::OverOne(selector) => (1, selector, Address::ZERO),
        Trips::Behind(selector, target) => (2, selector, target),
        Trips::OverOneElseZeros(selector) => (3, selector, Address::ZERO),
    };
    let code = hex::decode(CODE.replace(char::is_whitespace, "")).unwrap();
    let selector = U256::from(u32::from_be_bytes(selector));
    let data = (U256::from(since), U256::from(mode), selector, target).abi_encode();
    chain.instantiate(from, code, data).unwrap()
}
