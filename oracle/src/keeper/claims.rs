//! Claims for contributors who send none themselves: of signed reports whose weights are published, for everybody whom
//! the pool could pay now, many in a call.

use yieldset_chain::{
    Address, B256, ChainClient, ChainError, U256,
    abi::Pool,
    acts::{
        Act,
        pools::{self, Claims, MOST_CLAIMS},
    },
};
use yieldset_rules::merkle;

use crate::{
    heap::{self, Heap},
    keccak256,
    settlement::{Settlement, Weighted},
};

/// The pool's word for a claim that can be paid.
const PAYABLE: u8 = 2;

/// The tree that a settlement's contributors claim against.
fn heap_of(contributors: &[Weighted]) -> Heap {
    let leaf = |one: &Weighted| merkle::leaf(&one.account, one.weight, keccak256);
    Heap::of(&contributors.iter().map(leaf).collect::<Vec<_>>())
}

/// The claims of some contributors, one at least, in the order of their places in the tree, with the proof of all of
/// them.
fn claims(heap: &Heap, contributors: &[Weighted], picked: &[usize]) -> Claims {
    let mut picked = picked.to_vec();
    picked.sort_by_key(|at| std::cmp::Reverse(heap.place(*at)));
    let mut queue: Vec<usize> = picked.iter().map(|at| heap.place(*at)).collect();
    let (mut proof, mut flags, mut first) = (Vec::new(), Vec::new(), 0);
    while queue[first] > 0 {
        let node = queue[first];
        let sibling = heap::sibling(node);
        first += 1;
        let known = queue.get(first) == Some(&sibling);
        if known {
            first += 1;
        } else {
            proof.push(B256::from(heap.node(sibling)));
        }
        flags.push(known);
        queue.push(heap::parent(node));
    }
    Claims {
        accounts: picked.iter().map(|at| Address::from(contributors[*at].account)).collect(),
        weights: picked.iter().map(|at| U256::from(contributors[*at].weight)).collect(),
        proof,
        flags,
    }
}

/// Claims for whom the pool could pay, in the state after the block `at`.
///
/// # Errors
/// [`ChainError`].
pub async fn acts(
    client: &ChainClient,
    pool: Address,
    settlement: &Settlement,
    at: B256,
) -> Result<Vec<Act>, ChainError> {
    let (stream, period) = (B256::from(settlement.stream), settlement.period);
    let mut payable = Vec::new();
    for (number, one) in settlement.contributors.iter().enumerate() {
        let call = Pool::contributionStateCall {
            account: Address::from(one.account),
            stream,
            period,
            weight: U256::from(one.weight),
            proof: one.proof.iter().copied().map(B256::from).collect(),
        };
        if client.read_at(at, pool, &call).await?.state == PAYABLE {
            payable.push(number);
        }
    }
    Ok(of(pool, settlement, &payable))
}

fn of(pool: Address, settlement: &Settlement, payable: &[usize]) -> Vec<Act> {
    let contributors = &settlement.contributors;
    let (heap, place) = (heap_of(contributors), (B256::from(settlement.stream), settlement.period));
    let parts = payable.chunks(MOST_CLAIMS).enumerate();
    parts.map(|(part, picked)| pools::claim_for_many(pool, place, part, claims(&heap, contributors, picked))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::settlement::tree;

    fn contributors(count: usize) -> Vec<Weighted> {
        let one = |at: usize| Weighted {
            account: [at as u8; 20],
            name: String::new(),
            tokens: 1,
            weight: 1 + at as u64,
            proof: Vec::new(),
        };
        (0..count).map(one).collect()
    }

    proptest! {
        /// Whoever is picked: the contract's own rule comes from these claims to the settlement's root.
        #[test]
        fn claims_of_many_lead_to_the_root(count in 1usize..40, picks in any::<u64>()) {
            let all = contributors(count);
            let picked: Vec<usize> = (0..count).filter(|at| picks >> at & 1 == 1 || *at == 0).collect();
            let claims = claims(&heap_of(&all), &all, &picked);
            let entries: Vec<_> = all.iter().map(|one| (one.account, one.weight)).collect();
            let weight = |at: usize| claims.weights[at].to::<u64>();
            let mut leaves: Vec<_> = (0..picked.len())
                .map(|at| merkle::leaf(&claims.accounts[at].into_array(), weight(at), keccak256))
                .collect();
            let proof: Vec<[u8; 32]> = claims.proof.iter().map(|node| node.0).collect();
            let root = merkle::multi_root(&mut leaves, proof.into_iter(), claims.flags.clone().into_iter(), keccak256);
            prop_assert_eq!(root, Some(tree(&entries).0));
        }
    }
}
