//! The registry's front answers the one question that transfers ask, its logic all else, on the same records.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::{Access, Kyc};
use yieldset_chain::deployment::role;
use yieldset_tests::chain::{Account, Failure, START, assert_refused, blob};
use yieldset_tests::kyc::{Issuer, KycRegistry, attestation, set_record};
use yieldset_tests::system::pool_logic;

/// What a pool without wishes asks.
fn ask(from: Address, to: Address) -> Kyc::restrictionForCall {
    let none = B256::ZERO;
    Kyc::restrictionForCall { from, to, requirements: none, j0: none, j1: none, j2: none, j3: none }
}

/// A registry with an account in each standing: set by an agent, attested, attested by an issuer that was removed,
/// none, frozen, sanctioned, expired, and no account.
fn standings() -> (KycRegistry, [Address; 8]) {
    let mut r = KycRegistry::new();
    let (kept, removed) = (Issuer::number(1), Issuer::number(2));
    r.trust(&kept, &[1, 2]);
    r.trust(&removed, &[1, 2]);
    let [set, attested, orphaned, none, frozen, sanctioned, expired] =
        [11, 12, 13, 14, 15, 16, 17].map(|n| Account::number(n).address);
    let (nobody, compliance) = (r.nobody.clone(), r.compliance.clone());
    for account in [set, frozen, sanctioned] {
        r.record(account);
    }
    r.agent(Kyc::setRecordCall { expiry: START + 1_000, ..set_record(expired) }).unwrap();
    for (account, issuer) in [(attested, &kept), (orphaned, &removed)] {
        let nonce = r.nonce(account);
        let call = issuer.sign(r.kyc, &attestation(account, nonce));
        r.call(&nobody, call).unwrap();
        assert_eq!(r.ask(ask(account, account)), 0);
    }
    r.agent(Kyc::setFrozenCall { account: frozen, frozen: true }).unwrap();
    r.agent(Kyc::setSanctionedCall { account: sanctioned, sanctioned: true }).unwrap();
    r.call(&compliance, Kyc::removeTrustedIssuerCall { issuer: removed.address }).unwrap();
    r.chain.set_time(START + 1_000);
    (r, [set, attested, orphaned, none, frozen, sanctioned, expired, Address::ZERO])
}

/// Proves PAY-4: of every pair of standings the front says what the logic says, and a removed issuer counts at once,
/// also beside a record for which no issuer's seat is read.
#[test]
fn front_and_logic_judge_alike() {
    let (mut r, accounts) = standings();
    // Of a sender; of a recipient one more.
    let sender = [0, 0, 9, 1, 5, 7, 3, 0];
    for (from, code) in accounts.into_iter().zip(sender) {
        for (to, other) in accounts.into_iter().zip(sender) {
            let expected = match (code, other) {
                (0, 0) => 0,
                (0, other) => other + 1,
                (code, _) => code,
            };
            assert_eq!(r.ask(ask(from, to)), expected, "{from} {to}");
            let detect = Kyc::detectTransferRestrictionCall { from, to, amount: U256::from(1) };
            assert_eq!(r.ask(detect), expected, "{from} {to}");
        }
    }
}

/// What is wrong with the question is said by the logic, and money is taken by neither.
#[test]
fn a_wrong_question_is_refused() {
    let (mut r, [set, ..]) = standings();
    let (nobody, kyc) = (r.nobody.clone(), r.kyc);
    let mut unknown = ask(set, set);
    unknown.requirements = B256::with_last_byte(1);
    unknown.requirements[0] = 1;
    assert_refused(r.call(&nobody, unknown), "UnknownRequirement");
    let empty = Err(Failure::Unknown(vec![]));
    let good = ask(set, set).abi_encode();
    assert!(r.chain.call_raw(&nobody, kyc, good.clone(), 0).is_ok());
    assert_eq!(r.chain.call_raw(&nobody, kyc, good[..good.len() - 1].to_vec(), 0), empty);
    assert!(r.chain.call_raw(&nobody, kyc, good.clone(), 1_000_000).is_err());
    let mut dirty = good;
    dirty[4] = 1;
    assert_eq!(r.chain.call_raw(&nobody, kyc, dirty, 0), empty);
    assert_eq!(r.chain.balance(kyc), U256::ZERO);
}

/// A registry is made with a logic that works on its records, which has no records, admin or roles of its own.
#[test]
fn a_registry_has_a_logic_for_good() {
    let (mut r, [set, ..]) = standings();
    let (admin, nobody, kyc) = (r.admin.clone(), r.nobody.clone(), r.kyc);
    let logic = r.chain.instantiate(&admin, blob("kyc-logic"), Vec::new()).unwrap();
    let pools = pool_logic(&mut r.chain, &admin);
    for none in [Address::ZERO, admin.address, pools] {
        let data = Kyc::constructorCall { logic: none, admin: admin.address }.abi_encode();
        assert!(r.chain.instantiate(&admin, blob("kyc"), data).is_err(), "{none}");
    }
    let good = Kyc::constructorCall { logic, admin: nobody.address }.abi_encode();
    let other = r.chain.instantiate(&admin, blob("kyc"), good).unwrap();
    assert_eq!(r.chain.call(&nobody, other, Access::defaultAdminCall {}, 0).unwrap(), nobody.address);
    assert_eq!(r.chain.call(&nobody, other, ask(set, set), 0).unwrap(), 1, "another registry's records");
    for by in [&admin, &nobody] {
        let grant = Access::grantRoleCall { role: role("AGENT_ROLE"), account: by.address };
        assert_refused(r.chain.call(by, logic, grant, 0), "AccessControlUnauthorizedAccount");
        assert_refused(r.chain.call(by, logic, set_record(set), 0), "AccessControlUnauthorizedAccount");
        let trust = Kyc::addTrustedIssuerCall { issuer: by.address, claimTopics: vec![U256::from(1)] };
        assert_refused(r.chain.call(by, logic, trust, 0), "AccessControlUnauthorizedAccount");
        let accept = Access::acceptDefaultAdminTransferCall {};
        assert_refused(r.chain.call(by, logic, accept, 0), "AccessControlInvalidDefaultAdmin");
    }
    assert_eq!(r.chain.call(&nobody, kyc, ask(set, set), 0).unwrap(), 0);
}
