//! Trusted issuers, in ERC-3643's terms.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use yieldset_chain::abi::Kyc;
use yieldset_tests::chain::{Account, START, assert_refused};
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation};

fn add(issuer: Address, topics: &[u64]) -> Kyc::addTrustedIssuerCall {
    Kyc::addTrustedIssuerCall { issuer, claimTopics: topics.iter().copied().map(U256::from).collect() }
}

#[test]
fn issuers_come_and_go() {
    let mut r = KycRegistry::new();
    let compliance = r.compliance.clone();
    let [first, second] = [1, 2].map(|n| Issuer::number(n).address);
    r.chain.take_logs();
    r.call(&compliance, add(first, &[2, 1, 1])).unwrap();
    let logs = r.chain.take_logs();
    let added = Kyc::TrustedIssuerAdded::decode_raw_log(logs[0].topics.iter(), &logs[0].data).unwrap();
    let claim_topics = vec![U256::from(1), U256::from(2)];
    assert_eq!(added, Kyc::TrustedIssuerAdded { trustedIssuer: first, claimTopics: claim_topics.clone() });
    r.call(&compliance, add(second, &[1])).unwrap();
    assert_eq!(r.ask(Kyc::getTrustedIssuersCall {}), vec![first, second]);
    assert_eq!(r.ask(Kyc::getTrustedIssuerClaimTopicsCall { issuer: first }), claim_topics);
    assert_eq!(r.ask(Kyc::getTrustedIssuerClaimTopicsCall { issuer: second }), vec![U256::from(1)]);
    assert!(r.ask(Kyc::isTrustedIssuerCall { issuer: first }));
    assert_refused(r.call(&compliance, add(first, &[1])), "IssuerExists");
    r.chain.take_logs();
    r.call(&compliance, Kyc::removeTrustedIssuerCall { issuer: first }).unwrap();
    let logs = r.chain.take_logs();
    let removed = Kyc::TrustedIssuerRemoved::decode_raw_log(logs[0].topics.iter(), &logs[0].data).unwrap();
    assert_eq!((removed.trustedIssuer, logs.len()), (first, 1));
    assert!(!r.ask(Kyc::isTrustedIssuerCall { issuer: first }));
    assert_eq!(r.ask(Kyc::getTrustedIssuersCall {}), vec![second]);
    let topics = Kyc::getTrustedIssuerClaimTopicsCall { issuer: first };
    assert_refused(r.call(&compliance, topics), "UntrustedIssuer");
    let remove = |issuer| Kyc::removeTrustedIssuerCall { issuer };
    assert_refused(r.call(&compliance, remove(first)), "UntrustedIssuer");
    assert_refused(r.call(&compliance, remove(Issuer::number(3).address)), "UntrustedIssuer");
    // Or what it signed before would count again.
    assert_refused(r.call(&compliance, add(first, &[1])), "IssuerWasRemoved");
}

#[test]
fn the_list_is_bounded_and_seats_are_given_again() {
    let mut r = KycRegistry::new();
    let admin = r.admin.clone();
    let issuers: Vec<_> = (100..134).map(|n| Account::number(n).address).collect();
    for issuer in &issuers[..32] {
        r.call(&admin, add(*issuer, &[1])).unwrap();
    }
    assert_refused(r.call(&admin, add(issuers[32], &[1])), "TooManyIssuers");
    assert_eq!(r.ask(Kyc::getTrustedIssuersCall {}), issuers[..32]);
    r.call(&admin, Kyc::removeTrustedIssuerCall { issuer: issuers[4] }).unwrap();
    r.call(&admin, add(issuers[33], &[1])).unwrap();
    let mut expected = issuers[..32].to_vec();
    expected[4] = issuers[33];
    assert_eq!(r.ask(Kyc::getTrustedIssuersCall {}), expected);
    assert_refused(r.call(&admin, add(Address::ZERO, &[1])), "InvalidIssuer");
}

#[test]
fn topics_must_exist() {
    let mut r = KycRegistry::new();
    let admin = r.admin.clone();
    let issuer = Issuer::number(1).address;
    for topics in [&[][..], &[0], &[3], &[1, 257], &[1, 2, u64::MAX]] {
        assert_refused(r.call(&admin, add(issuer, topics)), "InvalidTopic");
    }
    let huge = Kyc::addTrustedIssuerCall { issuer, claimTopics: vec![U256::MAX - U256::from(254)] };
    assert_refused(r.call(&admin, huge), "InvalidTopic");
    assert!(!r.ask(Kyc::isTrustedIssuerCall { issuer }));
}

/// As in ERC-3643, what a removed issuer attested no longer counts, at once and on both sides; whoever takes its seat
/// does not bring it back; another issuer or an agent can.
#[test]
fn a_removed_issuers_records_stop_counting_at_once() {
    let mut r = KycRegistry::new();
    let (admin, nobody) = (r.admin.clone(), r.nobody.clone());
    let [first, second, third] = [1, 2, 3].map(Issuer::number);
    r.trust(&first, &[1, 2]);
    r.trust(&second, &[1, 2]);
    let [ann, ben, cas] = [11, 12, 13].map(|n| Account::number(n).address);
    for (issuer, account) in [(&first, ann), (&first, ben), (&second, cas)] {
        let call = issuer.sign(r.kyc, &attestation(account, 0));
        r.call(&nobody, call).unwrap();
    }
    let pending = first.sign(r.kyc, &attestation(ann, 1));
    r.call(&admin, Kyc::removeTrustedIssuerCall { issuer: first.address }).unwrap();
    assert_eq!([ann, ben, cas].map(|account| r.code(account)), [9, 9, 0]);
    let to = Kyc::detectTransferRestrictionCall { from: cas, to: ann, amount: U256::from(1) };
    assert_eq!(r.ask(to), 10);
    assert!(!r.ask(Kyc::isVerifiedCall { account: ann }));
    assert_refused(r.call(&nobody, pending), "UntrustedIssuer");
    // The next issuer gets the seat, and nothing with it.
    r.trust(&third, &[1, 2]);
    assert_eq!([ann, ben].map(|account| r.code(account)), [9, 9]);
    let call = third.sign(r.kyc, &attestation(ann, 1));
    r.call(&nobody, call).unwrap();
    assert_eq!([ann, ben].map(|account| r.code(account)), [0, 9]);
    r.record(ben);
    assert_eq!(r.code(ben), 0);
    // A record that the agent set does not hang on any issuer.
    r.call(&admin, Kyc::removeTrustedIssuerCall { issuer: third.address }).unwrap();
    assert_eq!([ann, ben].map(|account| r.code(account)), [9, 0]);
    r.agent(Kyc::revokeRecordsCall { accounts: vec![ann] }).unwrap();
    assert_eq!(r.code(ann), 1);
}

/// An issuer can take back what it attested while it is trusted, and nothing else.
#[test]
fn an_issuer_revokes_its_own_records() {
    let mut r = KycRegistry::new();
    let (admin, nobody) = (r.admin.clone(), r.nobody.clone());
    // An issuer that also sends transactions: its key is an account's, as wallets have it.
    let issuer = Issuer::number(1);
    let outsider = r.chain.account(77);
    r.trust(&issuer, &[1, 2]);
    r.call(&admin, add(outsider.address, &[1])).unwrap();
    let [ann, ben] = [11, 12].map(|n| Account::number(n).address);
    let call = issuer.sign(r.kyc, &attestation(ann, 0));
    r.call(&nobody, call).unwrap();
    r.record(ben);
    // Another issuer's and an agent's records are not its to revoke.
    for account in [ann, ben] {
        let revoke = Kyc::revokeCall { account };
        assert_refused(r.call(&outsider, revoke), "AccessControlUnauthorizedAccount");
    }
    // Nor one of an agent with the same address, whose role has ended.
    r.grant("AGENT_ROLE", outsider.address);
    let call = yieldset_tests::kyc::set_record(ben);
    r.call(&outsider, call).unwrap();
    let role = yieldset_chain::deployment::role("AGENT_ROLE");
    let end = yieldset_chain::abi::Access::revokeRoleCall { role, account: outsider.address };
    r.call(&admin, end).unwrap();
    let revoke = Kyc::revokeCall { account: ben };
    assert_refused(r.call(&outsider, revoke), "AccessControlUnauthorizedAccount");
    assert_eq!((r.code(ben), r.ask(Kyc::recordOfCall { account: ben }).expiry > START), (0, true));
}

/// The same with a key that both signs and sends.
#[test]
fn an_issuer_that_sends_revokes_what_it_attested() {
    let mut r = KycRegistry::new();
    let (admin, nobody) = (r.admin.clone(), r.nobody.clone());
    let issuer = Issuer::number(1);
    let sender = r.chain.ethereum_account(issuer.address);
    r.trust(&issuer, &[1]);
    let [ann, ben] = [11, 12].map(|n| Account::number(n).address);
    for account in [ann, ben] {
        let retail = yieldset_chain::abi::Kyc::Attestation { accredited: false, ..attestation(account, 0) };
        let call = issuer.sign(r.kyc, &retail);
        r.call(&nobody, call).unwrap();
    }
    r.call(&sender, Kyc::revokeCall { account: ann }).unwrap();
    assert_eq!((r.code(ann), r.code(ben)), (1, 0));
    assert_refused(r.call(&sender, Kyc::revokeCall { account: ann }), "AccessControlUnauthorizedAccount");
    r.call(&admin, Kyc::removeTrustedIssuerCall { issuer: issuer.address }).unwrap();
    assert_refused(r.call(&sender, Kyc::revokeCall { account: ben }), "AccessControlUnauthorizedAccount");
}
