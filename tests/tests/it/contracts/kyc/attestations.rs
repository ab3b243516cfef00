//! Attestations: what counts once, and what never.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::eip712_domain;
use yieldset_chain::abi::{Kyc, Kyc::Attestation as KycAttestation};
use yieldset_tests::chain::{Account, CHAIN_ID, START, assert_refused};
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation, order};
use yieldset_tests::system::{YEAR, kyc_registry};

fn with_issuer() -> (KycRegistry, Issuer, Account, Address) {
    let mut r = KycRegistry::new();
    let issuer = Issuer::number(1);
    r.trust(&issuer, &[1, 2]);
    let nobody = r.nobody.clone();
    (r, issuer, nobody, Account::number(11).address)
}

/// Proves PAY-4's attestations: signed off chain by a trusted issuer, handed in by anybody, counting once.
#[test]
fn anybody_hands_in_what_an_issuer_signed() {
    let (mut r, issuer, nobody, account) = with_issuer();
    let call = issuer.sign(r.kyc, &attestation(account, 0));
    r.call(&nobody, call.clone()).unwrap();
    let record = r.ask(Kyc::recordOfCall { account });
    assert_eq!((record.level, record.jurisdiction, record.accredited), (2, 276, true));
    assert_eq!((record.expiry, record.frozen, record.issuer), (START + YEAR, false, issuer.address));
    assert_eq!((r.code(account), r.nonce(account)), (0, 1));
    assert_refused(r.call(&nobody, call), "InvalidAccountNonce");
    // Renewals may be signed ahead.
    let [second, third] = [1, 2].map(|nonce| issuer.sign(r.kyc, &attestation(account, nonce)));
    assert_refused(r.call(&nobody, third.clone()), "InvalidAccountNonce");
    r.call(&nobody, second).unwrap();
    r.call(&nobody, third).unwrap();
    assert_eq!(r.nonce(account), 3);
}

/// The domain is the one that wallets compute.
#[test]
fn the_domain_is_eip_712s() {
    let mut r = KycRegistry::new();
    let domain = eip712_domain! {
        name: "Yieldset KYC",
        version: "1",
        chain_id: CHAIN_ID,
        verifying_contract: r.kyc,
    };
    assert_eq!(r.ask(Kyc::DOMAIN_SEPARATORCall {}), domain.separator());
}

/// Whatever of an attestation is changed, its signer is no longer the issuer.
#[test]
fn a_changed_attestation_is_nobodys() {
    let (mut r, issuer, nobody, account) = with_issuer();
    let good = issuer.sign(r.kyc, &attestation(account, 0));
    let spoilt = [
        Kyc::submitAttestationCall { account: Account::number(12).address, ..good.clone() },
        Kyc::submitAttestationCall { level: 3, ..good.clone() },
        Kyc::submitAttestationCall { jurisdiction: 250, ..good.clone() },
        Kyc::submitAttestationCall { accredited: false, ..good.clone() },
        Kyc::submitAttestationCall { expiry: good.expiry + 1, ..good.clone() },
        Kyc::submitAttestationCall { nonce: 1, ..good.clone() },
        Kyc::submitAttestationCall { validUntil: good.validUntil + 1, ..good.clone() },
        Kyc::submitAttestationCall { v: 55 - good.v, ..good.clone() },
    ];
    for call in spoilt {
        let answer = r.call(&nobody, call).map(drop);
        let nobodys = matches!(&answer, Err(f) if f.is("UntrustedIssuer") || f.is("ECDSAInvalidSignature"));
        assert!(nobodys, "{answer:?}");
    }
    assert_eq!(r.nonce(account), 0);
    r.call(&nobody, good).unwrap();
}

/// A signature has one form: neither the other half of `s`, nor another `v`, nor zeros are taken.
#[test]
fn malleable_and_malformed_signatures_are_refused() {
    let (mut r, issuer, nobody, account) = with_issuer();
    let good = issuer.sign(r.kyc, &attestation(account, 0));
    let other_s = B256::from(order() - U256::from_be_bytes(good.s.0));
    let twin = Kyc::submitAttestationCall { v: 55 - good.v, s: other_s, ..good.clone() };
    assert_refused(r.call(&nobody, twin), "ECDSAInvalidSignatureS");
    for s in [other_s, B256::from(order()), B256::repeat_byte(0xff)] {
        assert_refused(r.call(&nobody, Kyc::submitAttestationCall { s, ..good.clone() }), "ECDSAInvalidSignatureS");
    }
    for v in [0, 1, 26, 29, 255] {
        assert_refused(r.call(&nobody, Kyc::submitAttestationCall { v, ..good.clone() }), "ECDSAInvalidSignature");
    }
    let zeros = [
        Kyc::submitAttestationCall { r: B256::ZERO, ..good.clone() },
        Kyc::submitAttestationCall { s: B256::ZERO, ..good.clone() },
        Kyc::submitAttestationCall { r: B256::ZERO, s: B256::ZERO, ..good.clone() },
        // No point of the curve, so nobody's: the chain recovers no signer.
        Kyc::submitAttestationCall { r: B256::from(order()), ..good.clone() },
        Kyc::submitAttestationCall { r: B256::repeat_byte(0xff), ..good.clone() },
    ];
    for call in zeros {
        assert_refused(r.call(&nobody, call), "ECDSAInvalidSignature");
    }
    r.call(&nobody, good).unwrap();
}

/// Bound to chain and contract: what was signed for another one is nobody's here.
#[test]
fn attestations_of_other_chains_and_registries_do_not_count() {
    let (mut r, issuer, nobody, account) = with_issuer();
    let admin = r.admin.clone();
    let second = kyc_registry(&mut r.chain, &admin);
    let add = Kyc::addTrustedIssuerCall { issuer: issuer.address, claimTopics: vec![U256::from(1), U256::from(2)] };
    r.chain.call(&admin, second, add, 0).unwrap();
    let here = issuer.sign(r.kyc, &attestation(account, 0));
    assert_refused(r.chain.call(&nobody, second, here.clone(), 0), "UntrustedIssuer");
    let elsewhere = issuer.sign_for(CHAIN_ID + 1, r.kyc, &attestation(account, 0));
    assert_refused(r.call(&nobody, elsewhere), "UntrustedIssuer");
    r.call(&nobody, here).unwrap();
    let there = issuer.sign(second, &attestation(account, 0));
    r.chain.call(&nobody, second, there, 0).unwrap();
}

#[test]
fn attestations_run_out() {
    let (mut r, issuer, nobody, account) = with_issuer();
    let call = issuer.sign(r.kyc, &attestation(account, 0));
    r.chain.set_time(call.validUntil + 1);
    assert_refused(r.call(&nobody, call.clone()), "AttestationTooLate");
    r.chain.set_time(call.validUntil);
    r.call(&nobody, call).unwrap();
    // The record itself runs out at its own time.
    r.chain.set_time(START + YEAR - 1);
    assert_eq!(r.code(account), 0);
    r.chain.set_time(START + YEAR);
    assert_eq!(r.code(account), 3);
}

#[test]
fn what_makes_no_record_is_refused() {
    let (mut r, issuer, nobody, account) = with_issuer();
    let good = attestation(account, 0);
    for bad in [
        KycAttestation { level: 0, ..good.clone() },
        KycAttestation { jurisdiction: 0, ..good.clone() },
        KycAttestation { jurisdiction: 1_000, ..good.clone() },
        KycAttestation { expiry: START, ..good.clone() },
        KycAttestation { account: Address::ZERO, ..good.clone() },
    ] {
        let call = issuer.sign(r.kyc, &bad);
        assert_refused(r.call(&nobody, call), "InvalidRecord");
    }
}

/// An issuer attests its topics alone; a stranger's signature counts nothing.
#[test]
fn issuers_keep_to_their_topics() {
    let (mut r, _, nobody, account) = with_issuer();
    let [identity, wealth, stranger] = [2, 3, 4].map(Issuer::number);
    r.trust(&identity, &[1]);
    r.trust(&wealth, &[2]);
    let accredited = attestation(account, 0);
    let retail = KycAttestation { accredited: false, ..accredited.clone() };
    for (issuer, attestation, error) in [
        (&stranger, &retail, "UntrustedIssuer"),
        (&identity, &accredited, "TopicNotTrusted"),
        (&wealth, &accredited, "TopicNotTrusted"),
        (&wealth, &retail, "TopicNotTrusted"),
    ] {
        let call = issuer.sign(r.kyc, attestation);
        assert_refused(r.call(&nobody, call), error);
    }
    let call = identity.sign(r.kyc, &retail);
    r.call(&nobody, call).unwrap();
}

/// Invariant: what was signed before an agent's decision never counts after it, used or not, for this nonce or one
/// ahead.
#[test]
fn nothing_signed_before_a_decision_counts_after_it() {
    for decision in 0..3 {
        let (mut r, issuer, nobody, account) = with_issuer();
        let first = issuer.sign(r.kyc, &attestation(account, 0));
        r.call(&nobody, first.clone()).unwrap();
        let mut signed = vec![first];
        signed.extend((1..6).map(|nonce| issuer.sign(r.kyc, &attestation(account, nonce))));
        match decision {
            0 => r.agent(Kyc::revokeCall { account }).map(drop),
            1 => r.agent(Kyc::revokeRecordsCall { accounts: vec![account] }).map(drop),
            _ => r.agent(yieldset_tests::kyc::set_record(account)).map(drop),
        }
        .unwrap();
        let code = r.code(account);
        for call in &signed {
            assert_refused(r.call(&nobody, call.clone()), "InvalidAccountNonce");
        }
        assert_eq!(r.code(account), code);
        let nonce = r.nonce(account);
        let renewed = issuer.sign(r.kyc, &attestation(account, nonce));
        r.call(&nobody, renewed).unwrap();
        assert_eq!(r.code(account), 0);
        for call in signed {
            assert_refused(r.call(&nobody, call), "InvalidAccountNonce");
        }
    }
}
