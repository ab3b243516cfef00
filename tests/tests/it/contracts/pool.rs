//! The pool: its front and its logic as one contract.

mod agents;
mod assets;
mod claims;
mod currency;
mod hostile;
mod hub;
mod interface;
mod issuance;
mod many;
mod market;
mod money;
mod opening;
mod payees;
mod policy;
mod successors;
mod votes;

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::Pool;
use yieldset_tests::{
    chain::{Account, Chain, Failure},
    system::{SHARE, System},
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const COIN: u128 = 1_000_000_000_000_000_000;
const REASON: B256 = B256::repeat_byte(0x11);

fn balance_of(s: &mut System, a: &Account) -> U256 {
    s.call(a, s.pool, Pool::balanceOfCall { account: a.address }).unwrap()
}

/// A contract that answers every message with the same word.
fn answering(chain: &mut Chain, by: &Account, word: B256) -> Address {
    // PUSH32 word, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN; before it what copies that.
    let runtime = [&[0x7f][..], &word[..], &[0x60, 0, 0x52, 0x60, 0x20, 0x60, 0, 0xf3]].concat();
    let length = runtime.len() as u8;
    let creation = [&[0x60, length, 0x80, 0x60, 11, 0x60, 0, 0x39, 0x60, 0, 0xf3][..], &runtime].concat();
    chain.instantiate(by, creation, vec![]).unwrap()
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
