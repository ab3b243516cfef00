//! The messages of contributors' claims. An account is owed a weight's part of a period, in parts of 10^18; its proof
//! is that of OpenZeppelin's `StandardMerkleTree`.

use yieldset_shell::host;

use crate::{
    contributions::{self, Item},
    many,
};

yieldset_shell::messages! {
    /// The caller is the contributor.
    tell claimContribution(stream: bytes32, period: uint32, weight: uint256, proof: [bytes32]) -> uint256 {
        contributions::claim_one(&host::caller(), &Item { stream, period, weight, proof })
    }
    /// Anybody: pays an account, or to whom it was recovered to.
    tell claimContributionFor(
        account: address, stream: bytes32, period: uint32, weight: uint256, proof: [bytes32],
    ) -> uint256 {
        contributions::claim_one(&account, &Item { stream, period, weight, proof })
    }
    /// At most 64 claims of one account, paid at once; those without anything owed are passed over.
    tell claimContributions(
        account: address, streams: [bytes32], periods: [uint32], weights: [uint256], proofs: [[bytes32]],
    ) -> uint256 {
        contributions::claim_periods(&account, streams, periods, weights, proofs)
    }
    /// At most 64 accounts' claims of one period, each paid for itself: who may not be paid, has nothing left, does not
    /// take the money or has code that would run is passed over (`ClaimSkipped`). Accounts, weights, proof and flags
    /// are those of OpenZeppelin's `getMultiProof`; a wrong proof refuses the call. Answers the sum.
    tell claimForMany(
        stream: bytes32, period: uint32, accounts: [address], weights: [uint256], proof: [bytes32],
        proof_flags: [bool],
    ) -> uint256 {
        many::claim(stream, period, accounts, weights, proof, proof_flags)
    }
    /// Anybody: keeps the root of a period's final report where there is money, so that no claim need ask for it.
    tell keepRoot(stream: bytes32, period: uint32) { contributions::keep_root(stream, period); }
    /// State: 0 nothing, 1 pending (no final report yet), 2 payable, 3 paid, 4 held (KYC, pause, or the currency's
    /// least balance).
    ask contributionState(
        account: address, stream: bytes32, period: uint32, weight: uint256, proof: [bytes32],
    ) -> (state: uint8, amount: uint256) {
        contributions::state(&account, &Item { stream, period, weight, proof })
    }
}
