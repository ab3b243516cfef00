use alloy_primitives::U256;
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_tests::chain::{Account, Failure, assert_refused};
use yieldset_tests::system::System;

use super::{COIN, PERIOD, REASON, SHARE, STREAM, assert_restricted, balance_of, claimable, transfer};

fn amount(n: u128) -> U256 {
    U256::from(n)
}

/// Alice with 100 shares, of which a market may reserve 60; Bob; the market.
fn trading() -> (System, Account, Account, Account) {
    let mut s = System::new();
    let (alice, bob, market) = (s.holder(1), s.holder(2), s.chain.account(8));
    s.grant(s.pool, "MARKET_ROLE", &market);
    s.mint(&alice, 100 * SHARE).unwrap();
    s.call(&alice, s.pool, Pool::approveCall { spender: market.address, amount: amount(60 * SHARE) }).unwrap();
    (s, alice, bob, market)
}

fn reserve(s: &mut System, market: &Account, owner: &Account, n: u128) -> Result<(), Failure> {
    s.call(market, s.pool, Pool::reserveCall { owner: owner.address, amount: amount(n) }).map(|_| ())
}

fn release(s: &mut System, market: &Account, owner: &Account, n: u128) -> Result<(), Failure> {
    s.call(market, s.pool, Pool::releaseCall { owner: owner.address, amount: amount(n) }).map(|_| ())
}

fn deliver(s: &mut System, market: &Account, from: &Account, to: &Account, n: u128) -> Result<(), Failure> {
    let call = Pool::deliverCall { from: from.address, to: to.address, amount: amount(n) };
    s.call(market, s.pool, call).map(|_| ())
}

/// Proves PAY-4: shares on offer stay their owner's, earn, move only by the market, and no further than its allowance
/// went.
#[test]
fn reserved_shares_earn_and_wait() {
    let (mut s, alice, bob, market) = trading();
    let platform = s.chain.account(3);
    assert_refused(reserve(&mut s, &bob, &alice, SHARE), "AccessControlUnauthorizedAccount");
    assert_refused(reserve(&mut s, &market, &alice, 61 * SHARE), "ERC20InsufficientAllowance");
    reserve(&mut s, &market, &alice, 60 * SHARE).unwrap();
    assert_refused(reserve(&mut s, &market, &alice, SHARE), "ERC20InsufficientAllowance");
    assert_restricted(transfer(&mut s, &alice, &bob, 41 * SHARE), 18);
    transfer(&mut s, &alice, &bob, 40 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_eq!(claimable(&mut s, &alice), amount(10 * COIN * 6 / 10 * 6 / 10));
    assert_refused(deliver(&mut s, &market, &alice, &bob, 61 * SHARE), "ERC20InsufficientBalance");
    deliver(&mut s, &market, &alice, &bob, 50 * SHARE).unwrap();
    assert_eq!((balance_of(&mut s, &alice), balance_of(&mut s, &bob)), (amount(10 * SHARE), amount(90 * SHARE)));
    assert_refused(release(&mut s, &market, &alice, 11 * SHARE), "InsufficientRestraint");
    release(&mut s, &market, &alice, 10 * SHARE).unwrap();
    transfer(&mut s, &alice, &bob, 10 * SHARE).unwrap();
}

/// Whoever may not trade any more still gets the shares back that were on offer.
#[test]
fn a_release_is_always_possible() {
    let (mut s, alice, bob, market) = trading();
    let admin = s.admin.clone();
    reserve(&mut s, &market, &alice, 60 * SHARE).unwrap();
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: alice.address, frozen: true }).unwrap();
    s.call(&admin, s.pool, Pool::pauseCall {}).unwrap();
    assert_restricted(deliver(&mut s, &market, &alice, &bob, SHARE), 22);
    release(&mut s, &market, &alice, 30 * SHARE).unwrap();
    s.call(&admin, s.pool, Pool::unpauseCall {}).unwrap();
    assert_restricted(deliver(&mut s, &market, &alice, &bob, SHARE), 5);
    release(&mut s, &market, &alice, 30 * SHARE).unwrap();
    let restraints = s.call(&alice, s.pool, Pool::restraintsOfCall { account: alice.address }).unwrap();
    assert_eq!((restraints.reserved, balance_of(&mut s, &alice)), (U256::ZERO, amount(100 * SHARE)));
}

/// Proves SAFE-6: what an agent freezes afterwards is not delivered; a forced transfer and a recovery reach shares on
/// offer, and end all reservations of their owner. Before, shares on offer were refused to the agent for as long as the
/// order stood.
#[test]
fn agents_come_before_markets() {
    let (mut s, alice, bob, market) = trading();
    let (admin, fresh) = (s.admin.clone(), s.holder(9));
    let part = |n: u128| n * SHARE;
    reserve(&mut s, &market, &alice, part(60)).unwrap();
    let freeze = Pool::freezePartialTokensCall { account: alice.address, amount: amount(part(70)) };
    s.call(&admin, s.pool, freeze).unwrap();
    assert_refused(deliver(&mut s, &market, &alice, &bob, part(31)), "TransferRestricted");
    deliver(&mut s, &market, &alice, &bob, part(30)).unwrap();
    let force = |n: u128| Pool::forcedTransferCall {
        from: alice.address,
        to: bob.address,
        amount: amount(part(n)),
        reason: REASON,
    };
    let seizures = |s: &mut System, account: &Account| {
        s.call(account, s.pool, Pool::seizuresOfCall { account: account.address }).unwrap()
    };
    s.call(&admin, s.pool, force(40)).unwrap();
    assert_eq!(seizures(&mut s, &alice), 0);
    deliver(&mut s, &market, &alice, &bob, 0).unwrap();
    s.call(&admin, s.pool, force(1)).unwrap();
    let restraints = s.call(&alice, s.pool, Pool::restraintsOfCall { account: alice.address }).unwrap();
    // Of seventy frozen shares twenty-nine are there.
    assert_eq!((restraints.reserved, restraints.frozen), (U256::ZERO, amount(part(29))));
    assert_eq!(seizures(&mut s, &alice), 1);
    assert_restricted(deliver(&mut s, &market, &alice, &bob, 1), 17);
    assert_refused(release(&mut s, &market, &alice, 1), "InsufficientRestraint");
    // Once more on offer, and then lost.
    s.call(&admin, s.pool, Pool::unfreezePartialTokensCall { account: alice.address, amount: amount(part(29)) })
        .unwrap();
    let allow = Pool::approveCall { spender: market.address, amount: amount(part(9)) };
    s.call(&alice, s.pool, allow).unwrap();
    reserve(&mut s, &market, &alice, part(9)).unwrap();
    let recover = Pool::recoverAccountCall { lost: alice.address, replacement: fresh.address, reason: REASON };
    s.call(&admin, s.pool, recover).unwrap();
    assert_eq!((balance_of(&mut s, &alice), balance_of(&mut s, &fresh)), (U256::ZERO, amount(part(29))));
    assert_eq!((seizures(&mut s, &alice), seizures(&mut s, &fresh)), (2, 0));
    assert_refused(deliver(&mut s, &market, &alice, &bob, 1), "ERC20InsufficientBalance");
    assert_restricted(transfer(&mut s, &alice, &bob, 0), 5);
    assert_eq!(s.call(&admin, s.pool, Pool::holderCountCall {}).unwrap(), 2);
}
