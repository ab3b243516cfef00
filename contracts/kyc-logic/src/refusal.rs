//! Why the registry refuses, and refusing.
//!
//! Refusing ends the call at once. The errors are encoded by hand, a selector and words: ink!'s encoder for each of
//! them would be a good part of the code, which is proof on every transfer.

use ink::{Address, U256, codegen::sol::selector_bytes, sol::FixedBytes};
use yieldset_shell::{
    access::{self, AccessError, Role, role},
    host,
    words::{self, Word, address_word, number_word},
};

/// Sets records, revokes, freezes, sanctions and recovers.
pub const AGENT_ROLE: Role = role("AGENT_ROLE");
/// Adds and removes trusted issuers, as the default admin may too.
pub const COMPLIANCE_ROLE: Role = role("COMPLIANCE_ROLE");

/// Why a message is refused; each variant is a Solidity custom error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::error]
pub enum Error {
    /// OpenZeppelin: the account lacks the role.
    AccessControlUnauthorizedAccount(Address, FixedBytes<32>),
    /// OpenZeppelin: renouncing needs the caller's own address.
    AccessControlBadConfirmation(),
    /// OpenZeppelin: the default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules(),
    /// OpenZeppelin: only the proposed successor can accept.
    AccessControlInvalidDefaultAdmin(Address),
    /// The account has no record: set one first.
    NoRecord(Address),
    /// The account has a record of its own: revoke it first.
    RecordExists(Address),
    /// Level or jurisdiction is zero, the jurisdiction is above 999, the expiry has passed, or the account is zero:
    /// (level, expiry).
    InvalidRecord(u8, u64),
    /// A lost account cannot replace itself, nor can the zero address.
    InvalidReplacement(Address),
    /// The attestation can no longer be used: (valid until, now).
    AttestationTooLate(u64, u64),
    /// OpenZeppelin: the attestation was used, or overtaken by an agent; the account's nonce is this one.
    InvalidAccountNonce(Address, U256),
    /// OpenZeppelin: no signature of anybody.
    ECDSAInvalidSignature(),
    /// OpenZeppelin: `s` is in the upper half.
    ECDSAInvalidSignatureS(FixedBytes<32>),
    /// Not a trusted issuer.
    UntrustedIssuer(Address),
    /// The issuer may not attest this topic.
    TopicNotTrusted(Address, U256),
    /// The issuer is trusted already.
    IssuerExists(Address),
    /// The issuer was removed: it can come back with another key only.
    IssuerWasRemoved(Address),
    /// The zero address cannot be trusted.
    InvalidIssuer(Address),
    /// There is no such claim topic (1 KYC, 2 accredited), or none was named: zero.
    InvalidTopic(U256),
    /// As many issuers are trusted as there can be.
    TooManyIssuers(u8),
    /// `restrictionFor` was asked for a requirement this registry does not know.
    UnknownRequirement(FixedBytes<32>),
}

/// Reverts everything the message did and answers with the error of this signature.
#[cold]
#[inline(never)]
pub fn refuse(selector: [u8; 4], arguments: &[Word]) -> ! {
    let mut error = [0; 68];
    error[..4].copy_from_slice(&selector);
    let mut length = 4;
    for argument in arguments.iter().take(2) {
        error[length..length + 32].copy_from_slice(argument);
        length += 32;
    }
    host::revert(&error[..length])
}

/// Defines a refusal about an account.
macro_rules! about_accounts {
    ($($(#[$doc:meta])* $name:ident = $signature:literal;)+) => {$(
        $(#[$doc])*
        #[cold]
        pub fn $name(account: &words::Address) -> ! {
            refuse(const { selector_bytes($signature) }, &[address_word(account)])
        }
    )+};
}

about_accounts! {
    /// [`Error::NoRecord`].
    no_record = "NoRecord(address)";
    /// [`Error::RecordExists`].
    record_exists = "RecordExists(address)";
    /// [`Error::InvalidReplacement`].
    invalid_replacement = "InvalidReplacement(address)";
    /// [`Error::UntrustedIssuer`].
    untrusted_issuer = "UntrustedIssuer(address)";
    /// [`Error::IssuerExists`].
    issuer_exists = "IssuerExists(address)";
    /// [`Error::IssuerWasRemoved`].
    issuer_was_removed = "IssuerWasRemoved(address)";
    /// [`Error::InvalidIssuer`].
    invalid_issuer = "InvalidIssuer(address)";
}

/// [`Error::InvalidRecord`].
#[cold]
pub fn invalid_record(level: u8, expiry: u64) -> ! {
    let arguments = [number_word(level.into()), number_word(expiry.into())];
    refuse(const { selector_bytes("InvalidRecord(uint8,uint64)") }, &arguments)
}

/// What roles allow, or a refusal.
#[inline(never)]
pub fn allowed(result: Result<(), AccessError>) {
    match result {
        Ok(()) => {}
        Err(AccessError::Unauthorized(account, role)) => refuse(
            const { selector_bytes("AccessControlUnauthorizedAccount(address,bytes32)") },
            &[address_word(&account), role],
        ),
        Err(AccessError::BadConfirmation) => refuse(const { selector_bytes("AccessControlBadConfirmation()") }, &[]),
        Err(AccessError::EnforcedDefaultAdminRules) => {
            refuse(const { selector_bytes("AccessControlEnforcedDefaultAdminRules()") }, &[])
        }
        Err(AccessError::InvalidDefaultAdmin(account)) => {
            refuse(const { selector_bytes("AccessControlInvalidDefaultAdmin(address)") }, &[address_word(&account)])
        }
    }
}

/// The caller, if it has the role.
pub fn caller_with(role: &Role) -> words::Address {
    let caller = host::caller();
    allowed(access::check(role, &caller));
    caller
}

/// Stops a caller that may not change the trusted issuers.
pub fn only_compliance() {
    let caller = host::caller();
    if access::default_admin() != caller {
        allowed(access::check(&COMPLIANCE_ROLE, &caller));
    }
}
