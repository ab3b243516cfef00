//! Who calls decides how much weight a call has and how deep in a stack it stands. A contract that could not run to its
//! end for want of them has not said "nothing": whoever asked it ends, too.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Coop, Factory, Licence, Pool};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
    report::{Metric, Report},
};
use yieldset_tests::{
    attribution::{BOND, puppet, told_deep},
    chain::{Account, START, assert_refused, events},
    contributors::Contributors,
    deal::Deal,
    fixtures::{Token, plain_token},
    licence::{DAY, plain, word},
    system::{CONTRIBUTORS_BPS, SHARE, System, keccak, metric, sign},
    world::{World, create_with_coop},
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const COIN: u128 = 10u128.pow(18);
const UNIT: u128 = 1_000_000;
/// The pallet lets 26 contracts stand on each other: from none of ours to more than there are.
const FRAMES: std::ops::Range<usize> = 18..27;

/// 1,000 coins or units came in for a period, 400 of them for contributors, and its report is pending. A dispute costs
/// a twentieth of what is contested: 20.
fn contested(in_a_token: bool) -> System {
    let mut s = System::with_bonds(500);
    let (admin, alice) = (s.admin.clone(), s.holder(1));
    s.chain.account(2);
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    let (mut amount, mut value) = (1_000 * COIN, 1_000 * COIN);
    if in_a_token {
        (amount, value) = (1_000 * UNIT, 0);
        let token = plain_token(&mut s.chain, &admin, 6);
        s.pool = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        s.call(&admin, token, Token::mintCall { to: admin.address, value: U256::from(amount) }).unwrap();
        s.call(&admin, token, Token::approveCall { spender: s.pool, value: U256::MAX }).unwrap();
    }
    s.mint(&alice, SHARE).unwrap();
    s.open().unwrap();
    let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(amount) };
    s.chain.call(&admin, s.pool, deposit, value).unwrap();
    Contributors::new([alice.address, admin.address]).post(&mut s, STREAM, PERIOD);
    s
}

/// A dispute that offers a coin.
fn cheap(pool: Address) -> Attribution::disputeCall {
    let (reason, max) = (B256::repeat_byte(1), U256::from(BOND));
    Attribution::disputeCall { pool, stream: STREAM, period: PERIOD, reason, maxBond: max }
}

/// Proves SAFE-12: what a dispute costs is asked of the pool, however little proof there is for its answer.
#[test]
fn a_dispute_is_not_cheaper_for_who_brings_less_proof() {
    for in_a_token in [false, true] {
        let mut s = contested(in_a_token);
        let (bob, registry, data) = (Account::number(2), s.attribution, cheap(s.pool).abi_encode());
        for proof in (88_000..300_000).step_by(4_000) {
            let done = s.chain.call_with_proof(&bob, registry, data.clone(), BOND, proof);
            assert!(done.is_err(), "disputed with {proof} bytes of proof");
        }
        // With all there is it is told what it costs.
        assert!(s.chain.call(&bob, registry, cheap(s.pool), BOND).is_err());
    }
}

/// Proves SAFE-12.
#[test]
fn a_dispute_is_not_cheaper_deep_in_a_stack() {
    for in_a_token in [false, true] {
        let mut s = contested(in_a_token);
        let (bob, registry) = (Account::number(2), s.attribution);
        let puppet = puppet(&mut s.chain, &bob);
        for frames in FRAMES {
            let told = told_deep(puppet, frames, registry, BOND, &cheap(s.pool));
            assert!(s.chain.call_raw(&bob, puppet, told, BOND).is_err(), "disputed under {frames} frames");
        }
    }
}

/// Proves SAFE-14: a report for a licence keeps to its terms, from wherever it is posted.
#[test]
fn a_report_keeps_to_its_terms_deep_in_a_stack() {
    let mut deal = Deal::new(false);
    deal.offer(&Terms { metric: metric().id(keccak), threshold: 700_000, ..plain() }).unwrap();
    deal.accept().unwrap();
    deal.at(quarter_start(quarter_at(START) + 1) + DAY);
    let right = deal.w.s.report(deal.id, quarter_at(START), deal.c.root());
    let other = Report { metric: Metric { name: "another".into(), ..metric() }, ..right.clone() };
    let post = |report: &Report, deal: &Deal| {
        let bytes = report.to_bytes();
        let signatures = sign(&bytes, &deal.w.s.keys[..2]);
        Attribution::postCall { report: bytes.into(), signatures: signatures.into() }
    };
    let (registry, admin) = (deal.w.s.attribution, deal.w.s.admin.clone());
    let puppet = puppet(&mut deal.w.s.chain, &admin);
    let wrong = post(&other, &deal);
    for frames in FRAMES {
        let told = told_deep(puppet, frames, registry, 0, &wrong);
        assert!(deal.w.s.chain.call_raw(&admin, puppet, told, 0).is_err(), "posted under {frames} frames");
    }
    // Where there is room for the question, the right one is accepted.
    let told = told_deep(puppet, FRAMES.start, registry, 0, &post(&right, &deal));
    deal.w.s.chain.call_raw(&admin, puppet, told, 0).unwrap();
}

/// A licence by use that is over. The report of its last quarter is final, and nobody has taken it over: 900 are owed.
fn over() -> Deal {
    let mut deal = Deal::new(false);
    let by_use = Terms { per_thousand_tokens: 1_000, residual_bps: 500, threshold: 700_000, ..plain() };
    let terms = Terms { metric: metric().id(keccak), escrow: 1_000 * UNIT, funding_days: 14, ..by_use };
    let licence = deal.offer(&terms).unwrap();
    deal.accept().unwrap();
    let value = U256::from(1_000 * UNIT);
    deal.pay(1_000 * UNIT, Licence::fundEscrowCall { licence, value }).unwrap();
    let (first, anybody) = (quarter_at(START), deal.oracle.clone());
    for quarter in first..first + 4 {
        deal.settle(quarter, 1_000 * UNIT);
        deal.attribute_tokens(quarter, 1_000_000);
        deal.call(&anybody, Licence::assessUsageCall { licence, quarter }).unwrap();
        deal.pay_due(quarter);
    }
    let last = first + 4;
    deal.settle(last, 1_000 * UNIT);
    deal.attribute_tokens(last, 900_000_000);
    deal.at(quarter_start(last + 9) + DAY);
    deal
}

/// Proves SAFE-8: an escrow is free once the usage of each quarter is taken over or closed, and nobody closes one whose
/// report is final by leaving pool or registry no room to say so.
#[test]
fn usage_is_not_closed_by_a_pool_that_had_no_room_to_answer() {
    let mut deal = over();
    let (platform, anybody, contract) = (deal.platform.clone(), deal.oracle.clone(), deal.w.licence);
    let (licence, quarter) = (deal.id, quarter_at(START) + 4);
    let refund = Licence::refundCall { licence, to: platform.address };
    assert_refused(deal.call(&platform, refund), "UsageOpen");
    let assess = Licence::assessUsageCall { licence, quarter };
    let puppet = puppet(&mut deal.w.s.chain, &anybody);
    deal.w.s.chain.mark();
    let mut taken = 0;
    let mut is_not_closed = |deal: &mut Deal, how: String| {
        let found: Licence::Quarter = deal.record('Q', word(quarter));
        assert!(found.usageAt == 0 || found.tokens == U256::from(900_000_000), "closed {how}");
        taken += usize::from(found.usageAt > 0);
        deal.w.s.chain.rewind();
    };
    for proof in (140_000..600_000).step_by(4_000) {
        let _ = deal.w.s.chain.call_with_proof(&platform, contract, assess.abi_encode(), 0, proof);
        is_not_closed(&mut deal, format!("with {proof} bytes of proof"));
    }
    for frames in FRAMES {
        let told = told_deep(puppet, frames, contract, 0, &assess);
        let _ = deal.w.s.chain.call_raw(&anybody, puppet, told, 0);
        is_not_closed(&mut deal, format!("under {frames} frames"));
    }
    assert!(taken > 0, "with room it is taken over");
}

/// A co-op that was founded where its pool had no room to answer would never ask it about voters.
#[test]
fn a_coop_screens_its_voters_wherever_it_was_founded() {
    let mut w = World::new();
    let (admin, factory) = (w.s.admin.clone(), w.factory);
    let puppet = puppet(&mut w.s.chain, &admin);
    let mut founded = 0;
    for frames in FRAMES {
        w.s.chain.take_logs();
        let told = told_deep(puppet, frames, factory, 0, &create_with_coop(Address::ZERO));
        if w.s.chain.call_raw(&admin, puppet, told, 0).is_ok() {
            let listed = events::<Factory::PoolListed>(&w.s.chain.take_logs()).remove(0);
            assert!(w.s.call(&admin, listed.coop, Coop::screensCall {}).unwrap(), "blind under {frames} frames");
            founded += 1;
        }
    }
    assert!(founded > 0);
}
