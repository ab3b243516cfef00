//! What pools wait for: final roots that they keep, and claims for those who send none themselves.

use alloy_primitives::{Address, B256, U256};

use super::{Act, Kind, Who};
use crate::abi::Pool;

/// Has a pool keep the root of a period's final report.
pub const KEEP_ROOT: Kind = Kind {
    name: "keep_root",
    says: "Has a pool keep the root of a period's final report.",
    who: Who::Anyone,
    waits: refusals![NoFinalReport, NothingWaits],
    done: &[],
    moot: &[],
};

/// Pays contributors of a period, at most [`MOST_CLAIMS`] in a call.
pub const CLAIM_FOR_MANY: Kind = Kind {
    name: "claim_for_many",
    says: "Pays contributors of a period, at most MOST_CLAIMS in a call.",
    who: Who::Anyone,
    waits: refusals![NoFinalReport, EnforcedPause],
    done: &[],
    moot: &[],
};

/// All kinds.
pub const ALL: &[Kind] = &[KEEP_ROOT, CLAIM_FOR_MANY];

/// Most claims of a call.
pub const MOST_CLAIMS: usize = 64;

/// Accounts with their weights, and the proof of all of them, as OpenZeppelin's `getMultiProof` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// In the order of their leaves.
    pub accounts: Vec<Address>,
    /// In parts of 10^18.
    pub weights: Vec<U256>,
    /// The nodes that the leaves do not make.
    pub proof: Vec<B256>,
    /// For each step whether it takes two known nodes.
    pub flags: Vec<bool>,
}

/// [`KEEP_ROOT`] of a stream's period.
pub fn keep_root(pool: Address, (stream, period): (B256, u32)) -> Act {
    Act::new(&KEEP_ROOT, format!("{stream} {period}"), pool, &Pool::keepRootCall { stream, period })
}

/// [`CLAIM_FOR_MANY`] of a stream's period, the part of this number.
pub fn claim_for_many(pool: Address, (stream, period): (B256, u32), part: usize, claims: Claims) -> Act {
    let Claims { accounts, weights, proof, flags } = claims;
    let call = Pool::claimForManyCall { stream, period, accounts, weights, proof, proofFlags: flags };
    Act::new(&CLAIM_FOR_MANY, format!("{stream} {period} {part}"), pool, &call)
}
