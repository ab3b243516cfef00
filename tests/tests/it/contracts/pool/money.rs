use alloy_primitives::{Address, U256};
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_tests::chain::{START, assert_refused};
use yieldset_tests::system::{System, YEAR};

use super::{COIN, PERIOD, SHARE, STREAM, assert_restricted, balance_of, claimable, transfer};

/// Proves PAY-4: shares pay dividends by balance at the time of the deposit, and a transfer moves none that were
/// earned.
#[test]
fn dividends_follow_the_shares() {
    let mut s = System::new();
    let (alice, bob, platform) = (s.holder(1), s.holder(2), s.chain.account(3));
    s.mint(&alice, 300 * SHARE).unwrap();
    s.mint(&bob, 100 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    // 60 % goes to share holders: 6 coins over 400 shares.
    assert_eq!(claimable(&mut s, &alice), U256::from(4 * COIN + COIN / 2));
    assert!(transfer(&mut s, &alice, &bob, 200 * SHARE).unwrap());
    assert_eq!(claimable(&mut s, &alice), U256::from(4 * COIN + COIN / 2));
    assert_eq!(claimable(&mut s, &bob), U256::from(COIN + COIN / 2));
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_eq!(claimable(&mut s, &alice), U256::from(6 * COIN));
    assert_eq!(claimable(&mut s, &bob), U256::from(6 * COIN));
    let before = s.chain.balance(bob.address);
    assert_eq!(s.call(&bob, s.pool, Pool::claimCall {}).unwrap(), U256::from(6 * COIN));
    // The claim stores nothing new, so the whole payout arrives.
    assert_eq!(s.chain.balance(bob.address) - before, U256::from(6 * COIN));
    assert_refused(s.call(&bob, s.pool, Pool::claimCall {}), "NothingToClaim");
}

/// Proves PAY-4: a transfer reaches only eligible holders, with the registry's reason, and leaves everything as it was.
#[test]
fn transfers_need_kyc_on_both_sides() {
    let mut s = System::new();
    let (alice, bob, outsider) = (s.holder(1), s.holder(2), s.chain.account(3));
    s.mint(&alice, 100).unwrap();
    assert_restricted(transfer(&mut s, &alice, &outsider, 1), 2);
    assert_refused(s.mint(&outsider, 1), "TransferRestricted");
    assert_eq!(balance_of(&mut s, &alice), U256::from(100));
    transfer(&mut s, &alice, &bob, 40).unwrap();
    s.chain.set_time(START + YEAR);
    assert_refused(transfer(&mut s, &alice, &bob, 1), "TransferRestricted");
    s.chain.set_time(START);
    let admin = s.admin.clone();
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: bob.address, frozen: true }).unwrap();
    assert_refused(transfer(&mut s, &bob, &alice, 1), "TransferRestricted");
    let approve = Pool::approveCall { spender: outsider.address, amount: U256::from(5) };
    s.call(&bob, s.pool, approve).unwrap();
    let from = Pool::transferFromCall { from: bob.address, to: alice.address, amount: U256::from(1) };
    assert_refused(s.call(&outsider, s.pool, from), "TransferRestricted");
}

/// Earned money of a holder who lost KYC is held, and paid after renewal.
#[test]
fn earnings_outlive_kyc() {
    let mut s = System::new();
    let (alice, platform) = (s.holder(1), s.chain.account(3));
    s.mint(&alice, SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    let admin = s.admin.clone();
    s.call(&admin, s.kyc, Kyc::revokeCall { account: alice.address }).unwrap();
    assert_refused(s.call(&alice, s.pool, Pool::claimCall {}), "TransferRestricted");
    assert_eq!(claimable(&mut s, &alice), U256::from(6 * COIN));
    s.verify(&alice);
    assert_eq!(s.call(&alice, s.pool, Pool::claimCall {}).unwrap(), U256::from(6 * COIN));
}

/// Native coins have 6 fewer decimals than EVM amounts, on Hub 8: dividends below one native unit are paid to the unit
/// all the same.
#[test]
fn amounts_below_a_native_unit_are_paid() {
    let mut s = System::new();
    let (alice, platform) = (s.holder(1), s.chain.account(3));
    s.mint(&alice, SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, COIN + 5).unwrap();
    let expected = (COIN + 5) - (COIN + 5) * 4 / 10;
    assert_ne!(expected % s.chain.native_to_evm(), 0);
    let before = s.chain.balance(alice.address);
    assert_eq!(s.call(&alice, s.pool, Pool::claimCall {}).unwrap(), U256::from(expected));
    assert_eq!(s.chain.balance(alice.address) - before, U256::from(expected));
}

#[test]
fn bad_input_has_its_own_error() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.holder(2));
    s.mint(&alice, SHARE).unwrap();
    s.open().unwrap();
    let huge = U256::from(u128::MAX) + U256::from(1);
    let to = bob.address;
    assert_refused(s.call(&alice, s.pool, Pool::transferCall { to, amount: huge }), "AmountTooLarge");
    assert_refused(transfer(&mut s, &alice, &bob, SHARE + 1), "ERC20InsufficientBalance");
    let zero = Pool::transferCall { to: Address::ZERO, amount: U256::from(1) };
    assert_refused(s.call(&alice, s.pool, zero), "ERC20InvalidReceiver");
    let from = Pool::transferFromCall { from: alice.address, to, amount: U256::from(1) };
    assert_refused(s.call(&bob, s.pool, from), "ERC20InsufficientAllowance");
    assert_refused(s.deposit(&alice, STREAM, PERIOD, 0), "ZeroAmount");
    assert_refused(s.deposit(&alice, STREAM, 0, 1), "PeriodZero");
    let mint = Pool::mintCall { to, amount: U256::from(1) };
    assert_refused(s.call(&bob, s.pool, mint), "AccessControlUnauthorizedAccount");
    let admin = s.admin.clone();
    assert_refused(s.call(&admin, s.pool, Pool::mintCall { to, amount: huge }), "AmountTooLarge");
    let rest = Pool::mintCall { to, amount: U256::from(u128::MAX) };
    assert_refused(s.call(&admin, s.pool, rest), "Overflow");
    // Money sent without a call is refused: it would belong to nobody.
    let pool = s.pool;
    assert!(s.chain.call_raw(&alice, pool, vec![], COIN).is_err());
    assert!(s.chain.call(&alice, pool, Pool::claimCall {}, COIN).is_err());
}

/// Transfers to oneself and of nothing change no balance and lose no dividend.
#[test]
fn transfers_to_oneself_change_nothing() {
    let mut s = System::new();
    let (alice, platform) = (s.holder(1), s.chain.account(3));
    s.mint(&alice, 100 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    transfer(&mut s, &alice, &alice, 60 * SHARE).unwrap();
    transfer(&mut s, &alice, &alice, 0).unwrap();
    assert_eq!(balance_of(&mut s, &alice), U256::from(100 * SHARE));
    assert_eq!(claimable(&mut s, &alice), U256::from(6 * COIN));
}
