//! The messages of contributors' claims. An account is owed a weight's part of a period, in parts of 10^18; its proof
//! is that of OpenZeppelin's `StandardMerkleTree`.

use yieldset_shell::host;

use crate::{
    contributions::{self, Item},
    many,
};

yieldset_shell::messages! {
    /// Pays the caller its part of a period, to it or to whom it was recovered to. `weight` is in parts of 10^18;
    /// `proof` is that of OpenZeppelin's `StandardMerkleTree`.
    ///
    /// # Who
    /// The contributor.
    ///
    /// # Errors
    /// `EnforcedPause`, `NoFinalReport(stream, period, state)`, `AttributionCallFailed`, `WeightsExceeded`,
    /// `InvalidProof`, `NothingToClaim`, `TransferRestricted`, `BelowMinimum`, `FloatMissing`, `PayoutFailed`,
    /// `Overflow`.
    ///
    /// # Events
    /// `ContributionClaimed`.
    tell claimContribution(stream: bytes32, period: uint32, weight: uint256, proof: [bytes32]) -> uint256 {
        contributions::claim_one(&host::caller(), &Item { stream, period, weight, proof })
    }
    /// Pays an account its part of a period, to it or to whom it was recovered to.
    ///
    /// # Who
    /// Anyone.
    ///
    /// # Errors
    /// `EnforcedPause`, `NoFinalReport(stream, period, state)`, `AttributionCallFailed`, `WeightsExceeded`,
    /// `InvalidProof`, `NothingToClaim`, `TransferRestricted`, `BelowMinimum`, `FloatMissing`, `PayoutFailed`,
    /// `Overflow`.
    ///
    /// # Events
    /// `ContributionClaimed`.
    tell claimContributionFor(
        account: address, stream: bytes32, period: uint32, weight: uint256, proof: [bytes32],
    ) -> uint256 {
        contributions::claim_one(&account, &Item { stream, period, weight, proof })
    }
    /// At most 64 claims of one account, paid at once, to it or to whom it was recovered to; those without anything
    /// owed are passed over. Lists of different lengths are refused with an empty error.
    ///
    /// # Who
    /// Anyone.
    ///
    /// # Errors
    /// `EnforcedPause`, `BatchTooLong`, `NoFinalReport(stream, period, state)`, `AttributionCallFailed`,
    /// `WeightsExceeded`, `InvalidProof`, `NothingToClaim` where none is owed anything, `TransferRestricted`,
    /// `BelowMinimum`, `FloatMissing`, `PayoutFailed`, `Overflow`.
    ///
    /// # Events
    /// `ContributionClaimed` for each that is paid.
    tell claimContributions(
        account: address, streams: [bytes32], periods: [uint32], weights: [uint256], proofs: [[bytes32]],
    ) -> uint256 {
        contributions::claim_periods(&account, streams, periods, weights, proofs)
    }
    /// At most 64 accounts' claims of one period, each paid for itself: who may not be paid, has nothing left, does not
    /// take the money or has code that would run is passed over (`ClaimSkipped`). Accounts, weights, proof and flags
    /// are those of OpenZeppelin's `getMultiProof`; a wrong proof refuses the call, and lists of different lengths do
    /// with an empty error. Answers the sum.
    ///
    /// # Who
    /// Anyone.
    ///
    /// # Errors
    /// `EnforcedPause`, `BatchTooLong`, `NoFinalReport(stream, period, state)`, `AttributionCallFailed`,
    /// `WeightsExceeded` above 64 bits, `InvalidProof(0)`, `PayoutFailed` where a token moved another amount,
    /// `Overflow`.
    ///
    /// # Events
    /// For each account `ContributionClaimed`, or `ClaimSkipped(stream, period, account, reason)`.
    tell claimForMany(
        stream: bytes32, period: uint32, accounts: [address], weights: [uint256], proof: [bytes32],
        proof_flags: [bool],
    ) -> uint256 {
        many::claim(stream, period, accounts, weights, proof, proof_flags)
    }
    /// Keeps the root of a period's final report, so that no claim need ask for it. Again it changes nothing.
    ///
    /// # Who
    /// Anyone, once there is money in the period and a final report.
    ///
    /// # Errors
    /// `NothingWaits`, `NoFinalReport`, `AttributionCallFailed`.
    ///
    /// # Events
    /// `RootKept`, once.
    tell keepRoot(stream: bytes32, period: uint32) { contributions::keep_root(stream, period); }
    /// State of a claim: 0 nothing was earned, 1 pending (money, but no final report that has weights), 2 payable, 3
    /// paid, 4 held (KYC, a pause, or less than the currency lets an account have).
    ///
    /// # Errors
    /// `AttributionCallFailed`, `WeightsExceeded`, `InvalidProof`.
    ask contributionState(
        account: address, stream: bytes32, period: uint32, weight: uint256, proof: [bytes32],
    ) -> (state: uint8, amount: uint256) {
        contributions::state(&account, &Item { stream, period, weight, proof })
    }
}
