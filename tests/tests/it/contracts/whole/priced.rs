//! Who prices disputes: an issuer's licence contract that says nothing or too much, and money in circles.

use alloy_primitives::{Address, B256, U256, keccak256};
use yieldset_chain::abi::{Attribution, Licence, Pool};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    attribution::contract_of,
    chain::{Account, START},
    contributors::Contributors,
    deal::Deal,
    licence::{DAY, plain},
    system::{System, metric},
    world::World,
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const OTHER: B256 = B256::repeat_byte(4);
const COIN: u128 = 10u128.pow(18);

const REVERTS: &[u8] = &[0x60, 0x00, 0x60, 0x00, 0xfd];
const STOPS: &[u8] = &[0xfe];
const UNDERFLOWS: &[u8] = &[0x50];
const JUMPS: &[u8] = &[0x60, 0x01, 0x56];

/// A licence contract that answers zero to calldata of at most `upto` bytes, and does this with more.
fn licences_that(s: &mut System, upto: u8, bad: &[u8]) -> Address {
    let admin = s.admin.clone();
    let behind = 7 + bad.len() as u8;
    // CALLDATASIZE <= upto: `upto + 1 > size`.
    let mut code = vec![0x36, 0x60, upto + 1, 0x11, 0x60, behind, 0x57];
    code.extend_from_slice(bad);
    code.extend_from_slice(&[0x5b, 0x60, 0x20, 0x60, 0x00, 0xf3]);
    contract_of(&mut s.chain, &admin, &code)
}

/// A pool of 1,000 coins of one period whose licence contract is this.
fn licensed_by(upto: u8, bad: &[u8]) -> (System, Contributors) {
    let mut s = System::with_bonds(500);
    let (admin, alice) = (s.admin.clone(), s.holder(1));
    s.chain.account(2);
    let licences = licences_that(&mut s, upto, bad);
    s.mint(&alice, COIN).unwrap();
    let open = Pool::openCall { cap: U256::from(u128::MAX), licences, governor: Address::ZERO };
    s.call(&admin, s.pool, open).unwrap();
    s.deposit(&admin, STREAM, PERIOD, 1_000 * COIN).unwrap();
    let c = Contributors::new([alice.address, admin.address]);
    (s, c)
}

/// Proves SAFE-12: whoever wants to dispute a report can, whatever the pool's licence contract does when it is asked
/// for dues.
#[test]
fn a_licence_contract_that_never_answers_keeps_nobody_from_disputing() {
    let mut failed = vec![];
    for (name, bad) in [("reverts", REVERTS), ("stops", STOPS), ("underflows", UNDERFLOWS), ("jumps", JUMPS)] {
        // `recordOf` has 100 bytes, `duesFor` 132.
        let (mut s, c) = licensed_by(100, bad);
        c.post(&mut s, STREAM, PERIOD);
        let (pool, bob) = (s.pool, Account::number(2));
        let (reason, max) = (B256::repeat_byte(1), U256::from(1_000 * COIN));
        let call = Attribution::disputeCall { pool, stream: STREAM, period: PERIOD, reason, maxBond: max };
        let done = s.chain.call(&bob, s.attribution, call, 1_000 * COIN);
        if let Err(failure) = done {
            failed.push((name, failure));
        }
    }
    assert!(failed.is_empty(), "nobody can dispute: {failed:?}");
}

/// Proves SAFE-12: a report is posted, whatever the pool's licence contract does when it is asked what it asks of
/// reports.
#[test]
fn a_licence_contract_that_never_answers_keeps_no_report_out() {
    let mut failed = vec![];
    for (name, bad) in [("reverts", REVERTS), ("stops", STOPS)] {
        let (mut s, c) = licensed_by(36, bad);
        let report = s.report(STREAM, PERIOD, c.root()).to_bytes();
        let keys = s.keys[..2].to_vec();
        if let Err(failure) = s.post(&report, &keys) {
            // What becomes of the contributors' 400 coins.
            s.chain.set_time(quarter_start(quarter_at(START) + 6));
            let admin = s.admin.clone();
            let release = Pool::releaseWaitingCall { stream: STREAM, period: PERIOD };
            let released = s.call(&admin, s.pool, release).map(drop);
            failed.push((name, failure, released));
        }
    }
    assert!(failed.is_empty(), "nobody can post: {failed:?}");
}

/// Proves SAFE-12: money that goes round and round is not more money: an issuer with 100 coins and a licence contract
/// of its own does not price disputes at more than a twentieth of what it has.
#[test]
fn money_that_goes_round_prices_nobody_out() {
    let mut s = System::with_bonds(500);
    let (admin, alice) = (s.admin.clone(), s.holder(1));
    let dear = [0x36, 0x60, 0x64, 0x10, 0x60, 0x78, 0x1b, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3];
    let licences = contract_of(&mut s.chain, &admin, &dear);
    s.pool = s.new_pool(Address::ZERO, 1).unwrap();
    s.grant(s.pool, "ISSUER_ROLE", &admin);
    s.mint(&alice, COIN).unwrap();
    let open = Pool::openCall { cap: U256::from(u128::MAX), licences, governor: Address::ZERO };
    s.call(&admin, s.pool, open).unwrap();
    Contributors::new([alice.address, admin.address]).post(&mut s, STREAM, PERIOD);
    let (pool, registry) = (s.pool, s.attribution);
    let had = s.chain.balance(alice.address);
    for _ in 0..200 {
        s.deposit(&alice, OTHER, PERIOD, 100 * COIN).unwrap();
        s.call(&alice, pool, Pool::claimCall {}).unwrap();
    }
    let lost = had - s.chain.balance(alice.address);
    let price = Attribution::bondForCall { pool, stream: STREAM, period: PERIOD };
    let bond = s.call(&alice, registry, price).unwrap().bond;
    // 200 times a ten-thousandth of 100 coins waits for contributors, that is 2.
    assert!(bond <= U256::from(5 * COIN), "a bond of {bond} for nothing contested, which cost {lost}");
}

/// Proves SAFE-12: the same by the licence contract that everybody uses: a platform that pays the same 100 coins again
/// and again, which holders and contributors of its own get, does not raise what the next quarter's false report costs
/// to dispute.
#[test]
fn a_licence_that_is_paid_in_circles_prices_nobody_out() {
    let mut deal = Deal::among(World::with_bonds(500), |_, _| Address::ZERO);
    let id = metric().id(|name| keccak256(name).0);
    let by_use = Terms { per_thousand_tokens: COIN, metric: id, threshold: 700_000, residual_bps: 500, ..plain() };
    let licence = deal.offer(&by_use).unwrap();
    deal.accept().unwrap();
    let (first, platform) = (quarter_at(START), deal.platform.clone());
    deal.at(quarter_start(first + 1) + DAY);
    let (gross, zero, evidence) = (U256::from(10u128.pow(30)), U256::ZERO, B256::repeat_byte(7));
    let revenue =
        Licence::reportRevenueCall { licence, quarter: first, gross, infrastructure: zero, taxes: zero, evidence };
    deal.call(&platform, revenue).unwrap();
    deal.attribute(first);
    let before: U256 = deal.balances().into_iter().sum();
    for _ in 0..60 {
        let pay = Licence::payCall { licence, quarter: first, value: U256::from(100 * COIN) };
        deal.pay(100 * COIN, pay).unwrap();
        deal.claim_all(&[first]);
    }
    let back = deal.balances().into_iter().sum::<U256>() - before;
    deal.at(quarter_start(first + 2) + DAY);
    let (pool, registry, stream) = (deal.w.s.pool, deal.w.s.attribution, deal.id);
    let latest = deal.w.call(&platform, registry, Attribution::latestCall { pool, stream }).unwrap();
    let mut report = deal.w.s.report(stream, first + 1, deal.c.root());
    report.previous = latest.reportHash.0;
    let tokens = 12 * u64::from(u32::MAX);
    (report.totals.attributed_tokens, report.totals.tokens) = (tokens, tokens);
    let keys = deal.w.s.keys[..2].to_vec();
    deal.w.s.post(&report.to_bytes(), &keys).unwrap();
    let price = Attribution::bondForCall { pool, stream, period: first + 1 };
    let bond = deal.w.call(&platform, registry, price).unwrap().bond;
    assert!(bond <= U256::from(10 * COIN), "a bond of {bond}, and of 6000 coins paid {back} came back");
}
