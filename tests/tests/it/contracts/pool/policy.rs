use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_rules::compliance::Jurisdictions;
use yieldset_tests::chain::{Account, START, assert_refused};
use yieldset_tests::system::{System, YEAR, policy};

use super::{COIN, PERIOD, REASON, SHARE, STREAM, assert_restricted, transfer};

fn countries(codes: &[u16]) -> [B256; 4] {
    let set = Jurisdictions::of(codes.iter().copied());
    [0, 32, 64, 96].map(|at| B256::from_slice(&set.0[at..at + 32]))
}

fn set(s: &mut System, policy: Pool::setPolicyCall) {
    let admin = s.admin.clone();
    s.call(&admin, s.pool, policy).unwrap();
}

fn record(s: &mut System, account: &Account, level: u8, jurisdiction: u16, accredited: bool) {
    let admin = s.admin.clone();
    let account = account.address;
    let call = Kyc::setRecordCall { account, level, jurisdiction, accredited, expiry: START + YEAR };
    s.call(&admin, s.kyc, call).unwrap();
}

/// Proves PAY-4: each rule of a policy alone keeps shares from an account, with its reason, and ERC-1404 gives the same
/// reason before.
#[test]
fn each_rule_keeps_shares_from_moving() {
    let mut s = System::new();
    let (alice, bob, admin) = (s.holder(1), s.holder(2), s.admin.clone());
    s.mint(&alice, 100).unwrap();
    record(&mut s, &alice, 3, 276, true);
    let cases = [
        (Pool::setPolicyCall { minLevel: 2, ..policy(false) }, 12),
        (Pool::setPolicyCall { accreditedOnly: true, ..policy(false) }, 15),
        (Pool::setPolicyCall { jurisdictions: countries(&[250]), ..policy(false) }, 14),
        (Pool::setPolicyCall { jurisdictions: countries(&[276]), allowList: true, ..policy(false) }, 14),
        (Pool::setPolicyCall { maxHolders: 1, ..policy(false) }, 20),
        (Pool::setPolicyCall { maxHolding: U256::from(9), ..policy(false) }, 21),
    ];
    record(&mut s, &bob, 1, 250, false);
    for (policy, code) in cases {
        set(&mut s, policy.clone());
        assert_restricted(transfer(&mut s, &alice, &bob, 10), code);
        assert_restricted(s.mint(&bob, 10), code);
        if code < 20 {
            // Nor does a recovery make an account a holder that may not be one; limits of numbers are the agent's to
            // judge.
            let (lost, replacement) = (alice.address, bob.address);
            let recover = Pool::recoverAccountCall { lost, replacement, reason: REASON };
            assert_restricted(s.call(&admin, s.pool, recover), code);
        }
        let detect =
            Pool::detectTransferRestrictionCall { from: alice.address, to: bob.address, amount: U256::from(10) };
        assert_eq!(s.call(&bob, s.pool, detect).unwrap(), code);
        let text = s.call(&bob, s.pool, Pool::messageForTransferRestrictionCall { code }).unwrap();
        assert!(text.len() > 20 && text != "unknown code", "{text}");
        let stored = s.call(&bob, s.pool, Pool::policyCall {}).unwrap();
        assert_eq!(
            (stored.minLevel, stored.accreditedOnly, stored.allowList),
            (policy.minLevel, policy.accreditedOnly, policy.allowList)
        );
        assert_eq!(
            (stored.jurisdictions, stored.maxHolders, stored.maxHolding),
            (policy.jurisdictions, policy.maxHolders, policy.maxHolding)
        );
    }
    set(&mut s, Pool::setPolicyCall { maxHolders: 2, maxHolding: U256::from(90), ..policy(false) });
    transfer(&mut s, &alice, &bob, 10).unwrap();
    assert_refused(s.call(&bob, s.pool, policy(false)), "AccessControlUnauthorizedAccount");
}

/// New shares wait for the end of their lock-up, wherever they came from; shares received later are free.
#[test]
fn new_shares_are_locked_up() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.holder(2));
    s.mint(&bob, 50).unwrap();
    set(&mut s, Pool::setPolicyCall { lockupSeconds: 100, ..policy(false) });
    s.mint(&alice, 100).unwrap();
    assert_restricted(transfer(&mut s, &alice, &bob, 1), 19);
    transfer(&mut s, &bob, &alice, 20).unwrap();
    transfer(&mut s, &alice, &bob, 20).unwrap();
    assert_restricted(transfer(&mut s, &alice, &bob, 1), 19);
    s.chain.set_time(START + 100);
    transfer(&mut s, &alice, &bob, 100).unwrap();
}

/// Proves SAFE-7: a pool that is open to all asks for no record, and keeps out who is frozen or on a sanctions list,
/// wherever shares or money move. What is held back stays owed. Before, such a pool asked nobody.
#[test]
fn open_to_all_but_the_blocked() {
    let mut s = System::new();
    let (alice, bob, admin) = (s.chain.account(1), s.chain.account(2), s.admin.clone());
    set(&mut s, policy(true));
    s.mint(&alice, SHARE).unwrap();
    s.deposit(&admin, STREAM, PERIOD, 10 * COIN).unwrap();
    transfer(&mut s, &alice, &bob, 10).unwrap();
    let freeze = Pool::freezePartialTokensCall { account: alice.address, amount: U256::from(SHARE - 10) };
    s.call(&admin, s.pool, freeze).unwrap();
    assert_restricted(transfer(&mut s, &alice, &bob, 1), 17);
    let screened = |s: &mut System, account: &Account| {
        s.call(account, s.pool, Pool::screenedCall { account: account.address }).unwrap()
    };
    let listed = |sanctioned| Kyc::setSanctionedCall { account: alice.address, sanctioned };
    assert_eq!(screened(&mut s, &alice), 0);
    s.call(&admin, s.kyc, listed(true)).unwrap();
    assert_eq!((screened(&mut s, &alice), screened(&mut s, &bob)), (7, 0));
    assert_restricted(transfer(&mut s, &bob, &alice, 1), 8);
    assert_restricted(s.mint(&alice, 1), 8);
    assert_restricted(s.call(&alice, s.pool, Pool::claimCall {}), 7);
    let recover = Pool::recoverAccountCall { lost: bob.address, replacement: alice.address, reason: REASON };
    assert_restricted(s.call(&admin, s.pool, recover), 8);
    let state = s.call(&bob, s.pool, Pool::dividendStateCall { account: alice.address }).unwrap();
    assert_eq!((state.state, state.amount), (4, U256::from(6 * COIN)));
    s.call(&admin, s.kyc, listed(false)).unwrap();
    assert_eq!(s.call(&alice, s.pool, Pool::claimCall {}).unwrap(), U256::from(6 * COIN));
    // Closing it again strands nobody's shares, and moves them only where KYC says so.
    set(&mut s, policy(false));
    assert_eq!(screened(&mut s, &bob), 1);
    assert_restricted(transfer(&mut s, &bob, &alice, 1), 1);
}

/// Only a pool that was made without a registry asks nobody, whatever its policy says; its own restraints and limits
/// hold all the same.
#[test]
fn a_pool_without_a_registry_asks_nobody() {
    let mut s = System::new();
    let (alice, bob, admin, kyc) = (s.chain.account(1), s.chain.account(2), s.admin.clone(), s.kyc);
    s.kyc = Address::ZERO;
    s.pool = s.new_pool(Address::ZERO, 4_000).unwrap();
    for role in ["ISSUER_ROLE", "COMPLIANCE_ROLE"] {
        s.grant(s.pool, role, &admin);
    }
    s.mint(&alice, 100).unwrap();
    s.call(&admin, kyc, Kyc::setSanctionedCall { account: alice.address, sanctioned: true }).unwrap();
    transfer(&mut s, &alice, &bob, 10).unwrap();
    set(&mut s, Pool::setPolicyCall { maxHolding: U256::from(15), ..policy(false) });
    assert_restricted(transfer(&mut s, &alice, &bob, 6), 21);
    transfer(&mut s, &alice, &bob, 5).unwrap();
    assert_eq!(s.call(&bob, s.pool, Pool::screenedCall { account: alice.address }).unwrap(), 0);
}
