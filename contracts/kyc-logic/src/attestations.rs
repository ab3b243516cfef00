//! Attestations handed in.

use crate::{
    issuers, records,
    refusals::{Attested, ECDSAInvalidSignature, ECDSAInvalidSignatureS, InvalidRecord},
};
use yieldset_rules::{
    attestation::{Attestation, domain_separator, is_canonical},
    compliance::Terms,
};
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Address, Word, is_zero},
};

/// Takes an attestation or refuses it.
pub fn submit(attestation: &Attestation, v: u8, r: &Word, s: &Word, terms: &Terms) {
    let issuer = &signer_of(attestation, v, r, s);
    let seat = issuers::trusted_seat_of(issuer);
    let record = records::load(&attestation.account);
    let now = host::now();
    let accepted = attestation.accept(&record, issuer, seat, terms, now);
    let record = accepted.or_refuse(Attested { attestation, issuer, now });
    if is_zero(&attestation.account) {
        InvalidRecord { level: attestation.level, expiry: attestation.expiry }.refuse();
    }
    records::set(&attestation.account, &record);
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
            ECDSAInvalidSignatureS { s }.refuse();
        }
        ECDSAInvalidSignature {}.refuse();
    }
    let digest = attestation.digest(&separator(), host::keccak256);
    host::ecrecover(&digest, v, r, s).or_refuse(ECDSAInvalidSignature {})
}
