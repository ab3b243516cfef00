use alloy_primitives::{B256, U256};
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_rules::contribution::WEIGHT_ONE;
use yieldset_tests::attribution::WINDOW;
use yieldset_tests::chain::{Account, START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::system::System;

use super::{COIN, PERIOD, REASON, SHARE, STREAM};

const NOTHING: u8 = 0;
const PENDING: u8 = 1;
const PAYABLE: u8 = 2;
const PAID: u8 = 3;
const HELD: u8 = 4;

fn state(s: &mut System, c: &Contributors, account: &Account, n: usize) -> (u8, U256) {
    let call = Pool::contributionStateCall {
        account: account.address,
        stream: STREAM,
        period: PERIOD,
        weight: c.weight(n),
        proof: c.proof(n),
    };
    let found = s.call(account, s.pool, call).unwrap();
    (found.state, found.amount)
}

/// Proves PAY-6: attribution decides the contributors' leg once its report is final; money arriving late for the period
/// is still shared; a proof pays only its own account, weight, stream and period.
#[test]
fn contributors_are_paid_by_the_final_report() {
    let mut s = System::new();
    let (alice, bob, platform) = (s.holder(1), s.holder(2), s.chain.account(3));
    let c = Contributors::new([alice.address, bob.address]);
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_refused(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)), "NoFinalReport");
    c.post(&mut s, STREAM, PERIOD);
    s.chain.set_time(START + WINDOW - 1);
    assert_refused(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)), "NoFinalReport");
    s.chain.set_time(START + WINDOW + 1);
    assert_refused(s.call(&bob, s.pool, c.claim(0, STREAM, PERIOD)), "InvalidProof");
    let heavier = Pool::claimContributionCall { weight: c.weight(0) + U256::from(1), ..c.claim(0, STREAM, PERIOD) };
    assert_refused(s.call(&alice, s.pool, heavier), "InvalidProof");
    let huge = Pool::claimContributionCall { weight: U256::MAX, ..c.claim(0, STREAM, PERIOD) };
    assert_refused(s.call(&alice, s.pool, huge), "WeightsExceeded");
    assert_refused(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD + 1)), "NoFinalReport");
    assert_eq!(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)).unwrap(), U256::from(3 * COIN));
    assert_refused(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)), "NothingToClaim");
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_eq!(s.call(&bob, s.pool, c.claim(1, STREAM, PERIOD)).unwrap(), U256::from(2 * COIN));
    assert_eq!(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)).unwrap(), U256::from(3 * COIN));
    let p = s.call(&alice, s.pool, Pool::periodOfCall { stream: STREAM, period: PERIOD }).unwrap();
    assert_eq!((p.total, p.claimed, p.weightClaimed), (U256::from(8 * COIN), U256::from(8 * COIN), WEIGHT_ONE));
    let taken = Pool::contributionClaimedCall { stream: STREAM, period: PERIOD, account: bob.address };
    assert_eq!(s.call(&bob, s.pool, taken).unwrap(), U256::from(2 * COIN));
}

/// Anybody may start a payment, which reaches the account it belongs to.
#[test]
fn claims_on_behalf_pay_the_account() {
    let mut s = System::new();
    let (alice, bob, platform) = (s.holder(1), s.holder(2), s.chain.account(3));
    let c = Contributors::new([alice.address, bob.address]);
    s.mint(&alice, SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    c.post_final(&mut s, STREAM, PERIOD);
    let before = s.chain.balance(alice.address);
    s.call(&platform, s.pool, Pool::claimForCall { account: alice.address }).unwrap();
    assert_eq!(s.chain.balance(alice.address) - before, U256::from(6 * COIN));
    s.call(&platform, s.pool, c.claim_for(0, STREAM, PERIOD)).unwrap();
    assert_eq!(s.chain.balance(alice.address) - before, U256::from(9 * COIN));
}

/// Several periods are paid at once; those without anything owed are passed over, also when one stands in the list
/// twice.
#[test]
fn a_batch_pays_all_periods_at_once() {
    let mut s = System::new();
    let (alice, bob, platform) = (s.holder(1), s.holder(2), s.chain.account(3));
    let c = Contributors::new([alice.address, bob.address]);
    c.post(&mut s, STREAM, PERIOD);
    let first = s.report(STREAM, PERIOD, c.root());
    let mut second = s.report(STREAM, PERIOD + 1, c.root());
    second.previous = yieldset_tests::system::keccak(&first.to_bytes());
    let keys = s.keys[..2].to_vec();
    s.post(&second.to_bytes(), &keys).unwrap();
    s.chain.set_time(START + WINDOW + 1);
    assert_refused(s.call(&bob, s.pool, c.batch(0, STREAM, &[PERIOD, PERIOD + 1])), "NothingToClaim");
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    s.deposit(&platform, STREAM, PERIOD + 1, 20 * COIN).unwrap();
    let before = s.chain.balance(alice.address);
    let paid = s.call(&bob, s.pool, c.batch(0, STREAM, &[PERIOD, PERIOD + 1, PERIOD])).unwrap();
    assert_eq!((paid, s.chain.balance(alice.address) - before), (U256::from(9 * COIN), U256::from(9 * COIN)));
    assert_refused(s.call(&bob, s.pool, c.batch(0, STREAM, &[PERIOD, PERIOD + 2])), "NoFinalReport");
    assert_refused(s.call(&bob, s.pool, c.batch(0, STREAM, &[PERIOD; 65])), "BatchTooLong");
    let mut uneven = c.batch(0, STREAM, &[PERIOD, PERIOD + 1]);
    uneven.weights.pop();
    assert!(s.call(&bob, s.pool, uneven).is_err());
}

/// Nothing, pending, payable, paid and held are five different answers.
#[test]
fn claim_states_can_be_told_apart() {
    let mut s = System::new();
    let (alice, bob, platform, admin) = (s.holder(1), s.holder(2), s.chain.account(3), s.admin.clone());
    let c = Contributors::new([alice.address, bob.address]);
    let dividends = |s: &mut System| {
        let found = s.call(&alice, s.pool, Pool::dividendStateCall { account: alice.address }).unwrap();
        (found.state, found.amount)
    };
    assert_eq!((state(&mut s, &c, &alice, 0), dividends(&mut s)), ((NOTHING, U256::ZERO), (NOTHING, U256::ZERO)));
    s.mint(&alice, SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    assert_eq!(state(&mut s, &c, &alice, 0), (PENDING, U256::ZERO));
    assert_eq!(dividends(&mut s), (PAYABLE, U256::from(6 * COIN)));
    c.post_final(&mut s, STREAM, PERIOD);
    assert_eq!(state(&mut s, &c, &alice, 0), (PAYABLE, U256::from(3 * COIN)));
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: alice.address, frozen: true }).unwrap();
    assert_eq!(state(&mut s, &c, &alice, 0), (HELD, U256::from(3 * COIN)));
    assert_eq!(dividends(&mut s), (HELD, U256::from(6 * COIN)));
    assert_refused(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)), "TransferRestricted");
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: alice.address, frozen: false }).unwrap();
    s.call(&admin, s.pool, Pool::pauseCall {}).unwrap();
    assert_eq!(state(&mut s, &c, &alice, 0), (HELD, U256::from(3 * COIN)));
    assert_refused(s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)), "EnforcedPause");
    assert_refused(s.call(&alice, s.pool, Pool::claimCall {}), "EnforcedPause");
    s.call(&admin, s.pool, Pool::unpauseCall {}).unwrap();
    s.call(&alice, s.pool, c.claim(0, STREAM, PERIOD)).unwrap();
    s.call(&alice, s.pool, Pool::claimCall {}).unwrap();
    assert_eq!(state(&mut s, &c, &alice, 0), (PAID, U256::from(3 * COIN)));
    assert_eq!(dividends(&mut s), (PAID, U256::ZERO));
}

/// What a lost account is owed, from before and after its recovery, goes to its replacement and to nobody else.
#[test]
fn a_recovered_account_is_paid_through_its_replacement() {
    let mut s = System::new();
    let (lost, bob, fresh, platform, admin) =
        (s.holder(1), s.holder(2), s.holder(4), s.chain.account(3), s.admin.clone());
    let c = Contributors::new([lost.address, bob.address]);
    s.mint(&lost, 3 * SHARE).unwrap();
    s.mint(&bob, 4 * SHARE).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    let recover = Pool::recoverAccountCall { lost: lost.address, replacement: fresh.address, reason: REASON };
    assert_refused(s.call(&bob, s.pool, recover.clone()), "AccessControlUnauthorizedAccount");
    s.call(&admin, s.pool, recover).unwrap();
    c.post_final(&mut s, STREAM, PERIOD);
    let before = s.chain.balance(fresh.address);
    let own = s.chain.balance(lost.address);
    s.call(&lost, s.pool, c.claim(0, STREAM, PERIOD)).unwrap();
    let dividends = s.call(&fresh, s.pool, Pool::claimCall {}).unwrap();
    assert_eq!(dividends, U256::from(6 * COIN * 3 / 7));
    assert_eq!(s.chain.balance(fresh.address) - before, U256::from(3 * COIN) + dividends);
    assert!(s.chain.balance(lost.address) <= own);
    assert_refused(s.call(&lost, s.pool, Pool::claimCall {}), "NothingToClaim");
    let payee = s.call(&bob, s.pool, Pool::payeeOfCall { account: lost.address }).unwrap();
    assert_eq!(payee, fresh.address);
    let unknown = Pool::claimContributionCall { stream: B256::ZERO, ..c.claim(0, STREAM, PERIOD) };
    assert_refused(s.call(&lost, s.pool, unknown), "NoFinalReport");
}

/// `n` accounts, of which each replaced the one before; the first has three quarters of a period.
fn recovered(n: u32) -> (System, Vec<Account>, Contributors) {
    let mut s = System::new();
    let admin = s.admin.clone();
    let accounts: Vec<_> = (10..=10 + n).map(|n| s.holder(n)).collect();
    let c = Contributors::new([accounts[0].address, admin.address]);
    s.deposit(&admin, STREAM, PERIOD, 10 * COIN).unwrap();
    for pair in accounts.windows(2) {
        let (lost, replacement) = (pair[0].address, pair[1].address);
        s.call(&admin, s.pool, Pool::recoverAccountCall { lost, replacement, reason: REASON }).unwrap();
    }
    c.post_final(&mut s, STREAM, PERIOD);
    (s, accounts, c)
}

/// What an account earned reaches its last replacement, however often it was recovered.
#[test]
fn no_recovery_strands_money() {
    for times in [1, 7, 8, 9, 20] {
        let (mut s, accounts, c) = recovered(times);
        let (admin, last) = (s.admin.clone(), &accounts[times as usize]);
        let before = s.chain.balance(last.address);
        s.call(&admin, s.pool, c.claim_for(0, STREAM, PERIOD)).unwrap();
        assert_eq!(s.chain.balance(last.address) - before, U256::from(3 * COIN));
    }
}
