//! What a pool asks other contracts.

yieldset_shell::interface! {
    /// KYC registries.
    pub mod kyc {
        /// The code against two sides, zero for nothing; address zero is no side. The last four are jurisdictions.
        ask restrictionFor(
            from: address, to: address, requirements: bytes32, a: bytes32, b: bytes32, c: bytes32, d: bytes32
        ) -> uint8;
    }
    /// Attribution registries, of a pool's (stream, period).
    pub mod attribution {
        /// The report's state and root.
        ask resultOf(pool: address, stream: bytes32, period: uint32) -> (uint8, bytes32);
        /// State, root, and the reported periods before and after.
        ask placeOf(pool: address, stream: bytes32, period: uint32) -> (uint8, bytes32, uint32, uint32);
        /// Its first words: phase, revision, until when.
        ask disputeOf(pool: address, stream: bytes32, period: uint32) -> (uint8, uint32, uint64);
    }
    /// Licence contracts.
    pub mod licences {
        /// The last deadline of a stream's licence, zero where it has none.
        ask streamEnd(stream: bytes32) -> (uint64);
    }
    /// Governors.
    pub mod governor {
        /// With whose shares it votes.
        ask token() -> address;
    }
    /// Code that pools run.
    pub mod code {
        /// What the records are like that it works on.
        ask storageLayout() -> uint256;
        /// The code of claims that a logic names.
        ask claimsLogic() -> address;
    }
}
