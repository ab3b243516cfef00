use alloy_primitives::{Address, U256};
use yieldset_chain::abi::Kyc;
use yieldset_tests::chain::{START, assert_refused};
use yieldset_tests::system::{System, YEAR};

/// Proves PAY-4's compliance part: records decide, agents set them, and revocation acts at once.
#[test]
fn records_decide_and_revocation_acts_at_once() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.chain.account(2));
    let detect = |s: &mut System, from, to| {
        let call = Kyc::detectTransferRestrictionCall { from, to, amount: U256::from(1) };
        s.call(&alice, s.kyc, call).unwrap()
    };
    assert_eq!(detect(&mut s, alice.address, bob.address), 2);
    assert_eq!(detect(&mut s, bob.address, alice.address), 1);
    assert_eq!(detect(&mut s, Address::ZERO, alice.address), 0);
    s.verify(&bob);
    assert_eq!(detect(&mut s, alice.address, bob.address), 0);
    let admin = s.admin.clone();
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: bob.address, frozen: true }).unwrap();
    assert_eq!(detect(&mut s, alice.address, bob.address), 6);
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: bob.address, frozen: false }).unwrap();
    s.chain.set_time(START + YEAR);
    assert_eq!(detect(&mut s, alice.address, bob.address), 3);
    s.chain.set_time(START);
    s.call(&admin, s.kyc, Kyc::revokeCall { account: bob.address }).unwrap();
    assert_eq!(detect(&mut s, alice.address, bob.address), 2);
    assert!(!s.call(&alice, s.kyc, Kyc::isVerifiedCall { account: bob.address }).unwrap());
}

#[test]
fn only_agents_write_and_only_valid_records() {
    let mut s = System::new();
    let (admin, mallory) = (s.admin.clone(), s.chain.account(9));
    let record = |level, jurisdiction, expiry| Kyc::setRecordCall {
        account: mallory.address,
        level,
        jurisdiction,
        accredited: false,
        expiry,
    };
    assert_refused(s.call(&mallory, s.kyc, record(1, 276, START + 1)), "NotAgent");
    assert_refused(s.call(&mallory, s.kyc, Kyc::revokeCall { account: admin.address }), "NotAgent");
    let frozen = Kyc::setFrozenCall { account: mallory.address, frozen: true };
    assert_refused(s.call(&mallory, s.kyc, frozen.clone()), "NotAgent");
    assert_refused(s.call(&admin, s.kyc, frozen), "NoRecord");
    assert_refused(s.call(&admin, s.kyc, Kyc::revokeCall { account: mallory.address }), "NoRecord");
    let agent = Kyc::setAgentCall { agent: mallory.address, active: true };
    assert_refused(s.call(&mallory, s.kyc, agent), "NotAdmin");
    for bad in [record(0, 276, START + 1), record(1, 0, START + 1), record(1, 1_000, START + 1), record(1, 276, START)]
    {
        assert_refused(s.call(&admin, s.kyc, bad), "InvalidRecord");
    }
    let agent = Kyc::setAgentCall { agent: admin.address, active: false };
    s.call(&admin, s.kyc, agent).unwrap();
    assert_refused(s.call(&admin, s.kyc, record(1, 276, START + 1)), "NotAgent");
}
