//! Why the registry refuses, and who may do what.

use yieldset_rules::attestation::{Attestation, AttestationError, RecoveryError};
use yieldset_shell::{
    access::{self, Role, role},
    host,
    refusals::Explain,
    roles,
    words::{Address, same},
};

/// Sets records, revokes, freezes, sanctions and recovers.
pub const AGENT_ROLE: Role = role("AGENT_ROLE");
/// Adds and removes trusted issuers, as the default admin may too.
pub const COMPLIANCE_ROLE: Role = role("COMPLIANCE_ROLE");

yieldset_shell::refusals! {
    /// The account has no record: set one first.
    NoRecord(account: address),
    /// The account has a record of its own: revoke it first.
    RecordExists(account: address),
    /// Level or jurisdiction is zero, the jurisdiction is above 999, the expiry has passed, the account is zero, or a
    /// word of `setRecords` has another number than zero or one for accredited: (level, expiry).
    InvalidRecord(level: uint8, expiry: uint64),
    /// A lost account cannot replace itself, nor can the zero address.
    InvalidReplacement(account: address),
    /// The attestation can no longer be used: (valid until, now), Unix seconds.
    AttestationTooLate(valid_until: uint64, now: uint64),
    /// OpenZeppelin: the attestation was used, or overtaken by an agent; the account's nonce is this one.
    InvalidAccountNonce(account: address, current_nonce: uint256),
    /// OpenZeppelin: no signature of anybody.
    ECDSAInvalidSignature(),
    /// OpenZeppelin: `s` is in the upper half.
    ECDSAInvalidSignatureS(s: bytes32),
    /// Not a trusted issuer.
    UntrustedIssuer(issuer: address),
    /// The issuer may not attest this topic.
    TopicNotTrusted(issuer: address, topic: uint256),
    /// The issuer is trusted already.
    IssuerExists(issuer: address),
    /// The issuer was removed: it can come back with another key only.
    IssuerWasRemoved(issuer: address),
    /// The zero address cannot be trusted.
    InvalidIssuer(issuer: address),
    /// There is no such claim topic (1 KYC, 2 accredited), or none was named: zero.
    InvalidTopic(topic: uint256),
    /// As many issuers are trusted as there can be.
    TooManyIssuers(most: uint8),
    /// `restrictionFor` was asked for a requirement this registry does not know.
    UnknownRequirement(requirements: bytes32),
}

/// Explains what the rules refuse of an attestation.
pub struct Attested<'a> {
    /// What was handed in.
    pub attestation: &'a Attestation,
    /// Who signed it.
    pub issuer: &'a Address,
    /// When it was handed in.
    pub now: u64,
}

impl Explain<AttestationError> for Attested<'_> {
    #[cold]
    fn explain(self, error: AttestationError) -> ! {
        let Self { attestation, issuer, now } = self;
        match error {
            AttestationError::TooLate => AttestationTooLate { valid_until: attestation.valid_until, now }.refuse(),
            AttestationError::WrongNonce(current_nonce) => {
                InvalidAccountNonce { account: &attestation.account, current_nonce }.refuse()
            }
            AttestationError::UntrustedIssuer => UntrustedIssuer { issuer }.refuse(),
            AttestationError::TopicNotTrusted(topic) => TopicNotTrusted { issuer, topic }.refuse(),
            AttestationError::InvalidRecord => {
                InvalidRecord { level: attestation.level, expiry: attestation.expiry }.refuse()
            }
        }
    }
}

/// Explains what the rules refuse of a recovery.
pub struct Recovery<'a> {
    /// Whose record is to move.
    pub lost: &'a Address,
    /// To whom.
    pub replacement: &'a Address,
}

impl Explain<RecoveryError> for Recovery<'_> {
    fn explain(self, error: RecoveryError) -> ! {
        match error {
            RecoveryError::NoRecord => NoRecord { account: self.lost }.refuse(),
            RecoveryError::RecordExists => RecordExists { account: self.replacement }.refuse(),
        }
    }
}

/// Stops a caller that may not change the trusted issuers.
pub fn only_compliance() {
    if !same(&access::default_admin(), &host::caller()) {
        roles::only(&COMPLIANCE_ROLE);
    }
}
