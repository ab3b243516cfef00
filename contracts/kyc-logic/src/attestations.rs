//! Attestations handed in.

use crate::{
    issuers, records,
    refusal::{self, invalid_record, refuse},
};
use ink::codegen::sol::selector_bytes;
use yieldset_rules::{
    attestation::{Attestation, AttestationError, domain_separator, is_canonical},
    compliance::Terms,
};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, number_word},
};

/// Takes an attestation or refuses it.
pub fn submit(attestation: &Attestation, v: u8, r: &Word, s: &Word, terms: &Terms) {
    let issuer = signer_of(attestation, v, r, s);
    let seat = issuers::trusted_seat_of(&issuer);
    let record = records::load(&attestation.account);
    let now = host::now();
    match attestation.accept(&record, &issuer, seat, terms, now) {
        Ok(record) if attestation.account != [0; 20] => records::set(&attestation.account, &record),
        Ok(_) => invalid_record(attestation.level, attestation.expiry),
        Err(error) => refuse_attestation(error, attestation, &issuer, now),
    }
}

/// EIP-712's domain separator of this registry.
#[inline(never)]
pub fn separator() -> Word {
    domain_separator(host::chain_id(), &host::own_address(), host::keccak256)
}

/// Who signed, where the signature has the one form that is taken.
fn signer_of(attestation: &Attestation, v: u8, r: &Word, s: &Word) -> Address {
    if !is_canonical(v, r, s) {
        // The form is checked again without `s`, to say what is wrong with it.
        if is_canonical(v, r, &[1; 32]) && *s != [0; 32] {
            refuse(const { selector_bytes("ECDSAInvalidSignatureS(bytes32)") }, &[*s]);
        }
        invalid_signature();
    }
    let digest = attestation.digest(&separator(), host::keccak256);
    host::ecrecover(&digest, v, r, s).unwrap_or_else(|| invalid_signature())
}

#[cold]
fn invalid_signature() -> ! {
    refuse(const { selector_bytes("ECDSAInvalidSignature()") }, &[])
}

#[cold]
fn refuse_attestation(error: AttestationError, attestation: &Attestation, issuer: &Address, now: u64) -> ! {
    match error {
        AttestationError::TooLate => refuse(
            const { selector_bytes("AttestationTooLate(uint64,uint64)") },
            &[number_word(attestation.valid_until.into()), number_word(now.into())],
        ),
        AttestationError::WrongNonce(nonce) => refuse(
            const { selector_bytes("InvalidAccountNonce(address,uint256)") },
            &[address_word(&attestation.account), number_word(nonce.into())],
        ),
        AttestationError::UntrustedIssuer => refusal::untrusted_issuer(issuer),
        AttestationError::TopicNotTrusted(topic) => refuse(
            const { selector_bytes("TopicNotTrusted(address,uint256)") },
            &[address_word(issuer), number_word(topic.into())],
        ),
        AttestationError::InvalidRecord => invalid_record(attestation.level, attestation.expiry),
    }
}
