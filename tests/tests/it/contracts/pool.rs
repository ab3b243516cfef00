//! The pool: its front and its logic as one contract.

mod agents;
mod assets;
mod claims;
mod currency;
mod hostile;
mod interface;
mod issuance;
mod market;
mod money;
mod opening;
mod policy;
mod successors;
mod votes;

use alloy_primitives::{B256, U256};
use yieldset_chain::abi::Pool;
use yieldset_tests::{
    chain::{Account, Failure},
    system::{SHARE, System},
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const COIN: u128 = 1_000_000_000_000_000_000;
const REASON: B256 = B256::repeat_byte(0x11);

fn balance_of(s: &mut System, a: &Account) -> U256 {
    s.call(a, s.pool, Pool::balanceOfCall { account: a.address }).unwrap()
}

fn claimable(s: &mut System, a: &Account) -> U256 {
    s.call(a, s.pool, Pool::claimableCall { account: a.address }).unwrap()
}

fn transfer(s: &mut System, from: &Account, to: &Account, amount: u128) -> Result<bool, Failure> {
    s.call(from, s.pool, Pool::transferCall { to: to.address, amount: U256::from(amount) })
}

/// The restriction code that a refusal carries.
#[track_caller]
fn assert_restricted<T>(result: Result<T, Failure>, code: u8) {
    let expected = Failure::Refused(format!("TransferRestricted(TransferRestricted {{ code: {code} }})"));
    assert_eq!(result.err(), Some(expected));
}
