//! What happened, as the ABI has it.

yieldset_shell::events! {
    /// An account's record after a change.
    RecordSet(
        /// Whose record.
        account: address,
    ) {
        /// KYC level; zero where only a flag is left.
        level: uint8,
        /// ISO 3166-1 numeric country code; zero where only a flag is left.
        jurisdiction: uint16,
        /// Accredited investor.
        accredited: bool,
        /// Unix seconds from which on the record no longer counts; zero where only a flag is left.
        expiry: uint64,
        /// Frozen: neither sends nor receives.
        frozen: bool,
        /// On a sanctions list: neither sends nor receives.
        sanctioned: bool,
        /// Who vouches for it: an agent, or the issuer that attested it; zero where only a flag is left.
        issuer: address,
        /// By an attestation: the record counts only as long as the issuer is trusted.
        attested: bool,
        /// What the next attestation must carry.
        nonce: uint64,
    }
    /// An account's record was removed; a freeze and a sanction stay.
    RecordRevoked(
        /// Whose record.
        account: address,
    ) {
        /// Who revoked it.
        issuer: address,
        /// Whether the account is still frozen.
        frozen: bool,
        /// Whether the account is still on a sanctions list.
        sanctioned: bool,
        /// What the next attestation must carry.
        nonce: uint64,
    }
    /// ERC-3643: an account was frozen or freed.
    AddressFrozen(
        /// The account.
        user_address: address,
        /// Whether it is frozen now.
        is_frozen: bool,
        /// The agent.
        owner: address,
    ) {}
    /// An account was found on a sanctions list, or taken off.
    AddressSanctioned(
        /// The account.
        account: address,
        /// Whether it is sanctioned now.
        sanctioned: bool,
        /// The agent.
        agent: address,
    ) {}
    /// A lost account's record moved to another account.
    AccountRecovered(
        /// Without a record now, and frozen.
        lost: address,
        /// Has the record now.
        replacement: address,
        /// The agent.
        agent: address,
    ) {
        /// Digest of the document that says why.
        reason: bytes32,
    }
    /// ERC-3643: an issuer's attestations count from now on.
    TrustedIssuerAdded(
        /// The key that signs.
        trusted_issuer: address,
    ) encoded {
        /// What it may attest: 1 KYC, 2 accredited.
        claim_topics: [uint256],
    }
    /// ERC-3643: neither what an issuer signs nor what it attested counts any more.
    TrustedIssuerRemoved(
        /// The key that signed.
        trusted_issuer: address,
    ) {}
}
