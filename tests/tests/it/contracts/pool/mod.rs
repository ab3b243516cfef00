//! The pool: its front and its logic as one contract.

mod agents;
mod claims;
mod interface;
mod issuance;
mod market;
mod money;
mod policy;
mod votes;

use alloy_primitives::{B256, U256};
use yieldset_chain::abi::Pool;
use yieldset_rules::{contribution::WEIGHT_ONE, merkle};
use yieldset_tests::{
    chain::{Account, Failure, START},
    registry::WINDOW,
    system::{System, keccak},
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8107;
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

/// Two contributors with three quarters and one quarter of a period, by a report whose challenge window is over.
struct Contributors {
    weights: [u64; 2],
    leaves: [[u8; 32]; 2],
}

impl Contributors {
    fn new(accounts: [&Account; 2]) -> Self {
        let weights = [WEIGHT_ONE / 4 * 3, WEIGHT_ONE / 4];
        let leaves = [0, 1].map(|n| merkle::leaf(&accounts[n].address.into_array(), weights[n], keccak));
        Self { weights, leaves }
    }

    fn root(&self) -> [u8; 32] {
        merkle::parent(&self.leaves[0], &self.leaves[1], keccak)
    }

    fn post(&self, s: &mut System, stream: B256, period: u32) {
        let report = s.report(stream, period, self.root()).to_bytes();
        let keys = s.keys[..2].to_vec();
        s.post(&report, &keys).unwrap();
    }

    fn post_final(&self, s: &mut System, stream: B256, period: u32) {
        self.post(s, stream, period);
        s.chain.set_time(START + WINDOW + 1);
    }

    fn weight(&self, n: usize) -> U256 {
        U256::from(self.weights[n])
    }

    fn proof(&self, n: usize) -> Vec<B256> {
        vec![B256::from(self.leaves[1 - n])]
    }

    fn claim(&self, n: usize, period: u32) -> Pool::claimContributionCall {
        Pool::claimContributionCall { stream: STREAM, period, weight: self.weight(n), proof: self.proof(n) }
    }
}
