//! What happened, as the ABI has it.

yieldset_shell::events! {
    /// A report was accepted; its challenge window runs.
    ReportPosted(
        /// Pool whose contributors the weights belong to.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) encoded {
        /// 0, or the number of the revision that replaces a withdrawn report.
        revision: uint32,
        /// keccak-256 of the report's bytes.
        report_hash: bytes32,
        /// Root over (contributor, weight); zero where nothing qualified.
        weights_root: bytes32,
        /// Unix seconds from which on it is final if nobody disputes it.
        final_at: uint64,
        /// The report's canonical bytes.
        report: bytes,
    }
    /// A pending report was disputed; its window stands still.
    ReportDisputed(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The disputed report.
        report_hash: bytes32,
        /// Who put up the bond.
        challenger: address,
        /// Hash of the challenger's reasons.
        reason: bytes32,
        /// Unix seconds from which on the rest of the window runs if the arbiter has not ruled.
        deadline: uint64,
        /// What the bond is in; zero for the chain's own money.
        currency: address,
        /// The bond, in its smallest unit.
        bond: uint256,
    }
    /// Somebody matched a challenger's bond and stands for the report.
    DisputeDefended(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The disputed report.
        report_hash: bytes32,
        /// Who matched it.
        defender: address,
    }
    /// Somebody added a reason to an open dispute, without a bond.
    ReasonAdded(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The disputed report.
        report_hash: bytes32,
        /// Who added it.
        account: address,
        /// Hash of the reason.
        reason: bytes32,
    }
    /// A dispute left a period a part of its bonds: it is kept until anybody delivers it (`deliverBond`).
    BondKept(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// What it is in; zero for the chain's own money.
        currency: address,
        /// How much this dispute left it, in its smallest unit.
        amount: uint256,
        /// How much is kept for the period now.
        kept: uint256,
    }
    /// A pool took what was kept for its period.
    BondDelivered(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// What it is in; zero for the chain's own money.
        currency: address,
        /// How much it took, in its smallest unit.
        amount: uint256,
        /// How much is kept for the period now.
        kept: uint256,
    }
    /// The arbiter agreed with a challenger: the report is withdrawn until its revision comes.
    DisputeUpheld(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The withdrawn report.
        report_hash: bytes32,
        /// Who was right.
        challenger: address,
        /// Who ruled.
        arbiter: address,
        /// Of the bonds, owed to the challenger.
        to_challenger: uint256,
        /// Of the bonds, owed to the defender; zero where there is none.
        to_defender: uint256,
        /// Of the bonds, kept for the period's money (`BondKept`).
        to_period: uint256,
    }
    /// The arbiter disagreed with a challenger: the rest of the window runs on.
    DisputeRejected(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The report.
        report_hash: bytes32,
        /// Whose bond is lost.
        challenger: address,
        /// Who ruled.
        arbiter: address,
        /// Unix seconds from which on the report is final if nobody disputes it again.
        final_at: uint64,
        /// Of the bonds, owed to the challenger.
        to_challenger: uint256,
        /// Of the bonds, owed to the defender; zero where there is none.
        to_defender: uint256,
        /// Of the bonds, kept for the period's money (`BondKept`).
        to_period: uint256,
    }
    /// Nobody ruled on a dispute in time: the rest of the window runs from the deadline on; each has its bond back.
    DisputeExpired(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The report.
        report_hash: bytes32,
        /// Who disputed it.
        challenger: address,
        /// Unix seconds from which on the report is final if nobody disputes it again.
        final_at: uint64,
        /// Of the bonds, owed to the challenger.
        to_challenger: uint256,
        /// Of the bonds, owed to the defender; zero where there is none.
        to_defender: uint256,
    }
    /// Bonds owed to an account were paid out; nothing is owed to it any more.
    BondWithdrawn(
        /// Whose they were.
        account: address,
        /// Where they went.
        to: address,
    ) {
        /// What they are in; zero for the chain's own money.
        currency: address,
        /// How much, in its smallest unit.
        amount: uint256,
    }
    /// A committee was proposed; an earlier proposal is void.
    CommitteeProposed() encoded {
        /// The epoch it would begin.
        epoch: uint32,
        /// Signatures a report would need.
        threshold: uint8,
        /// ed25519 public keys.
        keys: [bytes32],
        /// Unix seconds from which on it can take office.
        effective_at: uint64,
    }
    /// A committee took office; older epochs' keys sign nothing new.
    CommitteeSet() encoded {
        /// Counts from 1.
        epoch: uint32,
        /// Signatures a report needs.
        threshold: uint8,
        /// ed25519 public keys.
        keys: [bytes32],
    }
    /// A key was revoked: it signs nothing any more.
    KeyRevoked(
        /// ed25519 public key.
        key: bytes32,
    ) {
        /// The epoch in office.
        epoch: uint32,
        /// Keys that the committee in office has left.
        left: uint8,
        /// Signatures a report needs; with fewer keys left, nothing can be posted.
        threshold: uint8,
    }
    /// An auditor recorded what its audit of a report found.
    AuditPosted(
        /// Pool.
        pool: address,
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// The report that was checked.
        report_hash: bytes32,
        /// SHA-256 of the audit's document.
        audit_hash: bytes32,
        /// Seed of the sample.
        seed: bytes32,
        /// Outputs in the sample.
        samples: uint32,
        /// Largest deviation of a weight, in millionths of the whole.
        max_deviation: uint32,
        /// Confidence in it, in millionths.
        confidence: uint32,
        /// Who posted it.
        auditor: address,
        /// When, Unix seconds.
        posted_at: uint64,
    }
}
