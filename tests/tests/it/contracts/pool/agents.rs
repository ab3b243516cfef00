use alloy_primitives::{Address, U256};
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::system::{System, policy};

use super::{COIN, PERIOD, REASON, SHARE, STREAM, assert_restricted, balance_of, claimable, transfer};

fn freeze(s: &mut System, by: &Account, account: &Account, amount: u128) -> Result<(), Failure> {
    let call = Pool::freezePartialTokensCall { account: account.address, amount: U256::from(amount) };
    s.call(by, s.pool, call).map(|_| ())
}

fn force(s: &mut System, from: &Account, to: &Account, amount: u128) -> Result<bool, Failure> {
    let admin = s.admin.clone();
    let call =
        Pool::forcedTransferCall { from: from.address, to: to.address, amount: U256::from(amount), reason: REASON };
    s.call(&admin, s.pool, call)
}

/// Proves REP-3: part of a holding is frozen and unfrozen; the rest moves, and dividends go on.
#[test]
fn frozen_shares_stay_and_earn() {
    let mut s = System::new();
    let (alice, bob, platform, admin) = (s.holder(1), s.holder(2), s.chain.account(3), s.admin.clone());
    s.mint(&alice, 100 * SHARE).unwrap();
    assert_refused(freeze(&mut s, &bob, &alice, 1), "AccessControlUnauthorizedAccount");
    freeze(&mut s, &admin, &alice, 60 * SHARE).unwrap();
    assert_refused(freeze(&mut s, &admin, &alice, 40 * SHARE + 1), "ERC20InsufficientBalance");
    assert_restricted(transfer(&mut s, &alice, &bob, 40 * SHARE + 1), 17);
    transfer(&mut s, &alice, &bob, 40 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_eq!(claimable(&mut s, &alice), U256::from(10 * COIN * 6 / 10 * 6 / 10));
    let unfreeze =
        |amount: u128| Pool::unfreezePartialTokensCall { account: alice.address, amount: U256::from(amount) };
    assert_refused(s.call(&admin, s.pool, unfreeze(60 * SHARE + 1)), "InsufficientRestraint");
    s.call(&admin, s.pool, unfreeze(60 * SHARE)).unwrap();
    transfer(&mut s, &alice, &bob, 60 * SHARE).unwrap();
    let frozen = s.call(&bob, s.pool, Pool::getFrozenTokensCall { account: alice.address }).unwrap();
    assert_eq!(frozen, U256::ZERO);
}

/// Proves REP-3: an agent moves shares of whoever lost eligibility, frozen ones too, to eligible accounts alone, even
/// while the pool is paused; what was earned stays with who earned it.
#[test]
fn a_forced_transfer_needs_only_an_eligible_recipient() {
    let mut s = System::new();
    let (alice, bob, outsider, platform, admin) =
        (s.holder(1), s.holder(2), s.chain.account(5), s.chain.account(3), s.admin.clone());
    s.mint(&alice, 100 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    freeze(&mut s, &admin, &alice, 80 * SHARE).unwrap();
    s.call(&admin, s.kyc, Kyc::revokeCall { account: alice.address }).unwrap();
    s.call(&admin, s.pool, Pool::pauseCall {}).unwrap();
    assert_restricted(force(&mut s, &alice, &outsider, 1), 2);
    assert_refused(force(&mut s, &alice, &bob, 101 * SHARE), "ERC20InsufficientBalance");
    force(&mut s, &alice, &bob, 50 * SHARE).unwrap();
    let restraints = s.call(&admin, s.pool, Pool::restraintsOfCall { account: alice.address }).unwrap();
    assert_eq!((balance_of(&mut s, &alice), restraints.frozen), (U256::from(50 * SHARE), U256::from(50 * SHARE)));
    assert_eq!(claimable(&mut s, &alice), U256::from(6 * COIN));
    assert_eq!(claimable(&mut s, &bob), U256::ZERO);
    let by_anyone =
        Pool::forcedTransferCall { from: bob.address, to: bob.address, amount: U256::from(1), reason: REASON };
    assert_refused(s.call(&bob, s.pool, by_anyone), "AccessControlUnauthorizedAccount");
}

/// Proves REP-3's recovery: shares, what keeps them, and earnings to the last fraction go to the replacement; the lost
/// account neither sends nor receives any more; a recovery can neither be undone nor go in a circle.
#[test]
fn recovery_moves_everything_once() {
    let mut s = System::new();
    let (lost, fresh, bob, platform, admin) =
        (s.holder(1), s.holder(2), s.holder(4), s.chain.account(3), s.admin.clone());
    s.mint(&lost, 3 * SHARE).unwrap();
    s.mint(&bob, 4 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    freeze(&mut s, &admin, &lost, 2 * SHARE).unwrap();
    let recover =
        |from: &Account, to: Address| Pool::recoverAccountCall { lost: from.address, replacement: to, reason: REASON };
    let outsider = s.chain.account(6);
    assert_restricted(s.call(&admin, s.pool, recover(&lost, outsider.address)), 2);
    assert_refused(s.call(&admin, s.pool, recover(&lost, lost.address)), "ERC20InvalidReceiver");
    assert_refused(s.call(&admin, s.pool, recover(&lost, Address::ZERO)), "ERC20InvalidReceiver");
    let before = claimable(&mut s, &lost);
    s.call(&admin, s.pool, recover(&lost, fresh.address)).unwrap();
    assert_eq!((balance_of(&mut s, &lost), balance_of(&mut s, &fresh)), (U256::ZERO, U256::from(3 * SHARE)));
    assert_eq!((claimable(&mut s, &lost), claimable(&mut s, &fresh)), (U256::ZERO, before));
    let restraints = s.call(&admin, s.pool, Pool::restraintsOfCall { account: fresh.address }).unwrap();
    assert_eq!(restraints.frozen, U256::from(2 * SHARE));
    assert_restricted(transfer(&mut s, &bob, &lost, 1), 6);
    assert_restricted(transfer(&mut s, &lost, &bob, 0), 5);
    assert_refused(s.call(&admin, s.pool, recover(&lost, bob.address)), "AlreadyRecovered");
    assert_refused(s.call(&admin, s.pool, recover(&fresh, lost.address)), "AlreadyRecovered");
    // Once more for the same replacement is allowed: money may have come meanwhile.
    s.call(&admin, s.pool, recover(&lost, fresh.address)).unwrap();
    // The fraction came along: seven shares hold all of six coins, to the unit that does not divide.
    let all = claimable(&mut s, &fresh) + claimable(&mut s, &bob);
    assert!(U256::from(6 * COIN) - all <= U256::from(1));
    assert_eq!(s.call(&admin, s.pool, Pool::holderCountCall {}).unwrap(), 2);
}

/// A pause stops movement and payment and nothing else; only pausers pause.
#[test]
fn a_pause_stops_and_keeps() {
    let mut s = System::new();
    let (alice, bob, platform, admin) = (s.holder(1), s.holder(2), s.chain.account(3), s.admin.clone());
    s.mint(&alice, 100 * SHARE).unwrap();
    assert_refused(s.call(&bob, s.pool, Pool::pauseCall {}), "AccessControlUnauthorizedAccount");
    assert_refused(s.call(&admin, s.pool, Pool::unpauseCall {}), "ExpectedPause");
    s.call(&admin, s.pool, Pool::pauseCall {}).unwrap();
    assert_refused(s.call(&admin, s.pool, Pool::pauseCall {}), "EnforcedPause");
    assert!(s.call(&bob, s.pool, Pool::pausedCall {}).unwrap());
    assert_restricted(transfer(&mut s, &alice, &bob, 1), 22);
    assert_restricted(s.mint(&alice, 1), 22);
    // Money may still come in, and it is shared: a pause does not keep the pool from being opened.
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_eq!(claimable(&mut s, &alice), U256::from(6 * COIN));
    s.call(&admin, s.pool, Pool::unpauseCall {}).unwrap();
    transfer(&mut s, &alice, &bob, 1).unwrap();
    s.call(&alice, s.pool, Pool::claimCall {}).unwrap();
}

fn locked(s: &mut System, account: &Account) -> U256 {
    s.call(account, s.pool, Pool::restraintsOfCall { account: account.address }).unwrap().locked
}

/// Mints shares that are locked for so long from now on.
fn mint_locked(s: &mut System, to: &Account, amount: u128, seconds: u32) {
    let admin = s.admin.clone();
    s.call(&admin, s.pool, Pool::setPolicyCall { lockupSeconds: seconds, ..policy(false) }).unwrap();
    s.mint(to, amount).unwrap();
    s.call(&admin, s.pool, policy(false)).unwrap();
}

/// Proves SAFE-6: locks move with their shares. Repeated recovery locks no share that was not locked, nor longer: 100
/// until then are 100 until then, whatever else the replacement has. Before, a second recovery locked 150.
#[test]
fn a_recovery_moves_locks_with_their_shares() {
    let mut s = System::new();
    let (lost, fresh, bob, admin) = (s.holder(1), s.holder(2), s.holder(3), s.admin.clone());
    mint_locked(&mut s, &lost, 100, 1_000);
    mint_locked(&mut s, &fresh, 30, 5_000);
    s.mint(&bob, 50).unwrap();
    let recover = Pool::recoverAccountCall { lost: lost.address, replacement: fresh.address, reason: REASON };
    for _ in 0..3 {
        s.call(&admin, s.pool, recover.clone()).unwrap();
        assert_eq!((locked(&mut s, &lost), locked(&mut s, &fresh)), (U256::ZERO, U256::from(130)));
    }
    transfer(&mut s, &bob, &fresh, 50).unwrap();
    transfer(&mut s, &fresh, &bob, 50).unwrap();
    assert_restricted(transfer(&mut s, &fresh, &bob, 1), 19);
    // Each lock ends when it would have: neither the sooner one later, nor the later one sooner.
    s.chain.set_time(START + 1_000);
    assert_eq!(locked(&mut s, &fresh), U256::from(30));
    transfer(&mut s, &fresh, &bob, 100).unwrap();
    assert_restricted(transfer(&mut s, &fresh, &bob, 1), 19);
    s.chain.set_time(START + 5_000);
    transfer(&mut s, &fresh, &bob, 30).unwrap();
}

/// Proves SAFE-6: a forced transfer takes locks along, so that none catches shares that come later. Before, the lock of
/// the taken shares stayed, and 40 shares bought afterwards could not be sold.
#[test]
fn a_lock_does_not_outlive_a_forced_transfer() {
    let mut s = System::new();
    let (alice, bob, carol) = (s.holder(1), s.holder(2), s.holder(3));
    mint_locked(&mut s, &alice, 100, 1_000);
    s.mint(&bob, 40).unwrap();
    force(&mut s, &alice, &carol, 70).unwrap();
    assert_eq!((locked(&mut s, &alice), locked(&mut s, &carol)), (U256::from(30), U256::from(70)));
    // A court's order frees nothing from its lock-up either.
    assert_restricted(transfer(&mut s, &carol, &bob, 1), 19);
    transfer(&mut s, &bob, &alice, 40).unwrap();
    transfer(&mut s, &alice, &bob, 40).unwrap();
    assert_restricted(transfer(&mut s, &alice, &bob, 1), 19);
    // Free shares leave first, and what goes to oneself goes nowhere.
    transfer(&mut s, &bob, &alice, 40).unwrap();
    force(&mut s, &alice, &bob, 40).unwrap();
    force(&mut s, &alice, &alice, 30).unwrap();
    assert_eq!((locked(&mut s, &alice), locked(&mut s, &bob)), (U256::from(30), U256::ZERO));
    s.chain.set_time(START + 1_000);
    transfer(&mut s, &alice, &bob, 30).unwrap();
    transfer(&mut s, &carol, &bob, 70).unwrap();
}

/// Proves SAFE-6: a unit issued at the end of a lock-up keeps nothing else. Before, it locked all shares anew.
#[test]
fn new_shares_keep_no_earlier_ones() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.holder(2));
    mint_locked(&mut s, &alice, 100, 1_000);
    s.chain.set_time(START + 999);
    mint_locked(&mut s, &alice, 1, 1_000);
    assert_eq!(locked(&mut s, &alice), U256::from(101));
    s.chain.set_time(START + 1_000);
    transfer(&mut s, &alice, &bob, 100).unwrap();
    assert_restricted(transfer(&mut s, &alice, &bob, 1), 19);
    s.chain.set_time(START + 1_999);
    transfer(&mut s, &alice, &bob, 1).unwrap();
}
