//! Any number of contributors, and the multiproofs of some of them.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::Pool;
use yieldset_rules::merkle;

use crate::{
    attribution::WINDOW,
    chain::START,
    system::{System, keccak},
};

/// Contributors by a report whose weights are in a tree like OpenZeppelin's: the node at `i` has its children at
/// `2i + 1` and `2i + 2`, leaves in their hashes' order from the end.
pub struct Crowd {
    members: Vec<(Address, u64)>,
    nodes: Vec<[u8; 32]>,
    /// Where each member's leaf is.
    places: Vec<usize>,
}

impl Crowd {
    /// Of accounts with weights of 10^18.
    pub fn new(members: Vec<(Address, u64)>) -> Self {
        let leaf = |member: &(Address, u64)| merkle::leaf(&member.0.into_array(), member.1, keccak);
        let mut leaves: Vec<_> = members.iter().map(leaf).enumerate().collect();
        leaves.sort_by_key(|(_, leaf)| *leaf);
        let mut nodes = vec![[0; 32]; 2 * members.len() - 1];
        let mut places = vec![0; members.len()];
        for (at, (member, leaf)) in leaves.into_iter().enumerate() {
            let place = nodes.len() - 1 - at;
            nodes[place] = leaf;
            places[member] = place;
        }
        for node in (0..members.len() - 1).rev() {
            nodes[node] = merkle::parent(&nodes[2 * node + 1], &nodes[2 * node + 2], keccak);
        }
        Self { members, nodes, places }
    }

    /// Root of all.
    pub fn root(&self) -> [u8; 32] {
        self.nodes[0]
    }

    /// The committee's report of a stream's first period, and its challenge window is over.
    pub fn post_final(&self, s: &mut System, stream: B256, period: u32) {
        let report = s.report(stream, period, self.root()).to_bytes();
        let keys = s.keys[..2].to_vec();
        s.post(&report, &keys).unwrap();
        s.chain.set_time(START + WINDOW + 1);
    }

    /// One member's claim, by anybody.
    pub fn claim_for(&self, member: usize, stream: B256, period: u32) -> Pool::claimContributionForCall {
        let many = self.many(&[member], stream, period);
        let (account, weight) = (many.accounts[0], many.weights[0]);
        // A multiproof of one leaf is its proof.
        Pool::claimContributionForCall { account, stream, period, weight, proof: many.proof }
    }

    /// The claims of these members in one call, as OpenZeppelin's `getMultiProof` has them: in the order of their
    /// places.
    pub fn many(&self, members: &[usize], stream: B256, period: u32) -> Pool::claimForManyCall {
        let mut members = members.to_vec();
        members.sort_by_key(|member| std::cmp::Reverse(self.places[*member]));
        let mut queue: Vec<_> = members.iter().map(|member| self.places[*member]).collect();
        let (mut proof, mut flags, mut first) = (vec![], vec![], 0);
        while queue[first] > 0 {
            let node = queue[first];
            let sibling = if node % 2 == 1 { node + 1 } else { node - 1 };
            first += 1;
            let known = queue.get(first) == Some(&sibling);
            if known {
                first += 1;
            } else {
                proof.push(B256::from(self.nodes[sibling]));
            }
            flags.push(known);
            queue.push((node - 1) / 2);
        }
        Pool::claimForManyCall {
            stream,
            period,
            accounts: members.iter().map(|member| self.members[*member].0).collect(),
            weights: members.iter().map(|member| U256::from(self.members[*member].1)).collect(),
            proof,
            proofFlags: flags,
        }
    }
}
