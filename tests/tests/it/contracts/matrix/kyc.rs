use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::Kyc;
use yieldset_tests::chain::Account;
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation, packed_record, set_record};

use super::{ADMIN, Cast, Matrix, Row, lacks, roles, row};

/// An account that an issuer attested, and one whose record an agent set.
fn accounts() -> [Address; 3] {
    [61, 62, 63].map(|n| Account::number(n).address)
}

fn table(kyc: Address) -> Vec<Row> {
    let [attested, set, fresh] = accounts();
    let (issuer, agents, compliance) = (Issuer::number(1), &["AGENT_ROLE"], &["COMPLIANCE_ROLE", ADMIN]);
    let topics = vec![U256::from(1)];
    vec![
        row(set_record(fresh)).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::setRecordsCall { entries: vec![packed_record(fresh, 1, 1, 0, u64::MAX)] })
            .only(agents, lacks("AGENT_ROLE")),
        row(Kyc::revokeCall { account: set }).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::revokeCall { account: attested }).only(&["AGENT_ROLE", "issuer"], lacks("AGENT_ROLE")),
        row(Kyc::revokeRecordsCall { accounts: vec![set] }).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::revokeRecordsCall { accounts: vec![attested] }).only(&["AGENT_ROLE", "issuer"], lacks("AGENT_ROLE")),
        row(Kyc::revokeRecordsCall { accounts: vec![attested, set] }).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::setFrozenCall { account: set, frozen: true }).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::setSanctionedCall { account: set, sanctioned: true }).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::recoverCall { lost: set, replacement: fresh, reason: B256::ZERO }).only(agents, lacks("AGENT_ROLE")),
        row(Kyc::addTrustedIssuerCall { issuer: Issuer::number(3).address, claimTopics: topics })
            .only(compliance, lacks("COMPLIANCE_ROLE")),
        row(Kyc::removeTrustedIssuerCall { issuer: issuer.address }).only(compliance, lacks("COMPLIANCE_ROLE")),
        row(issuer.sign(kyc, &attestation(fresh, 0))),
    ]
}

#[test]
fn kyc() {
    let mut r = KycRegistry::new();
    let (issuer, other) = (Issuer::number(1), Issuer::number(2));
    r.trust(&issuer, &[1, 2]);
    r.trust(&other, &[1, 2]);
    let [attested, set, fresh] = accounts();
    let nonce = r.nonce(attested);
    let submit = issuer.sign(r.kyc, &attestation(attested, nonce));
    let nobody = r.nobody.clone();
    r.call(&nobody, submit).unwrap();
    r.record(set);
    assert_eq!(r.nonce(fresh), 0);
    let cast = Cast::new(&mut r.chain, r.kyc, &["kyc", "kyc-logic"], Some(&r.admin))
        .party("issuer", &r.chain.ethereum_account(issuer.address))
        .party("another issuer", &r.chain.ethereum_account(other.address))
        .party("holder", &r.chain.account(62));
    let mut rows = table(r.kyc);
    rows.extend(roles("AGENT_ROLE"));
    let mut matrix = Matrix::new("kyc");
    matrix.try_all(&mut r.chain, r.kyc, &cast, rows);
    matrix.finish();
}
