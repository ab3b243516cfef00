//! Two contributors and the reports that weigh them.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::Pool;
use yieldset_rules::{contribution::WEIGHT_ONE, merkle};

use crate::{
    attribution::WINDOW,
    chain::START,
    system::{System, keccak},
};

/// Two contributors with three quarters and one quarter of a period, by a report whose challenge window is over.
pub struct Contributors {
    accounts: [Address; 2],
    weights: [u64; 2],
    leaves: [[u8; 32]; 2],
}

impl Contributors {
    /// The first has three quarters.
    pub fn new(accounts: [Address; 2]) -> Self {
        let weights = [WEIGHT_ONE / 4 * 3, WEIGHT_ONE / 4];
        let leaves = [0, 1].map(|n| merkle::leaf(&accounts[n].into_array(), weights[n], keccak));
        Self { accounts, weights, leaves }
    }

    /// Root of both.
    pub fn root(&self) -> [u8; 32] {
        merkle::parent(&self.leaves[0], &self.leaves[1], keccak)
    }

    /// The committee's report of a stream's first period.
    pub fn post(&self, s: &mut System, stream: B256, period: u32) {
        let report = s.report(stream, period, self.root()).to_bytes();
        let keys = s.keys[..2].to_vec();
        s.post(&report, &keys).unwrap();
    }

    /// The same, and its challenge window is over.
    pub fn post_final(&self, s: &mut System, stream: B256, period: u32) {
        self.post(s, stream, period);
        s.chain.set_time(START + WINDOW + 1);
    }

    /// What a contributor has of 10^18.
    pub fn weight(&self, n: usize) -> U256 {
        U256::from(self.weights[n])
    }

    /// That it has it.
    pub fn proof(&self, n: usize) -> Vec<B256> {
        vec![B256::from(self.leaves[1 - n])]
    }

    /// A contributor's own claim.
    pub fn claim(&self, n: usize, stream: B256, period: u32) -> Pool::claimContributionCall {
        Pool::claimContributionCall { stream, period, weight: self.weight(n), proof: self.proof(n) }
    }

    /// The same, by somebody else.
    pub fn claim_for(&self, n: usize, stream: B256, period: u32) -> Pool::claimContributionForCall {
        let (account, weight, proof) = (self.accounts[n], self.weight(n), self.proof(n));
        Pool::claimContributionForCall { account, stream, period, weight, proof }
    }

    /// Both contributors at once, in the order of their leaves in OpenZeppelin's tree.
    pub fn many(&self, stream: B256, period: u32) -> Pool::claimForManyCall {
        Pool::claimForManyCall {
            stream,
            period,
            accounts: self.accounts.to_vec(),
            weights: self.weights.map(U256::from).to_vec(),
            proof: vec![],
            proofFlags: vec![true],
        }
    }

    /// Several periods at once.
    pub fn batch(&self, n: usize, stream: B256, periods: &[u32]) -> Pool::claimContributionsCall {
        Pool::claimContributionsCall {
            account: self.accounts[n],
            streams: vec![stream; periods.len()],
            periods: periods.to_vec(),
            weights: vec![self.weight(n); periods.len()],
            proofs: vec![self.proof(n); periods.len()],
        }
    }
}
