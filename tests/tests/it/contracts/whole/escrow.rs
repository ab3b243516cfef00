//! A licence's escrow stays while the real registry may still say what its quarters owe.

use alloy_primitives::{B256, U256, keccak256};
use yieldset_chain::abi::{Attribution, Licence, Pool};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    attribution::WINDOW,
    chain::{Failure, START, assert_refused},
    deal::Deal,
    licence::{DAY, plain},
    system::metric,
};

const UNIT: u128 = 1_000_000;

/// A year's licence by use with 1,000 coins in escrow is over: all quarters are reported and paid, and the usage of all
/// but the last is known. Answers that quarter, and when the committee's last quarter for it is over.
fn over() -> (Deal, u32, u64) {
    let mut deal = Deal::new(false);
    let by_use = Terms { per_thousand_tokens: 1_000, residual_bps: 500, threshold: 700_000, ..plain() };
    let metric = metric().id(|name| keccak256(name).0);
    let licence = deal.offer(&Terms { metric, escrow: 1_000 * UNIT, funding_days: 14, ..by_use }).unwrap();
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
    deal.settle(first + 4, 1_000 * UNIT);
    let end = deal.call(&anybody, Licence::streamEndCall { licence }).unwrap();
    (deal, first + 4, quarter_start(quarter_at(end) + 2))
}

fn refund(deal: &mut Deal) -> Result<U256, Failure> {
    let (platform, licence) = (deal.platform.clone(), deal.id);
    deal.call(&platform, Licence::refundCall { licence, to: platform.address })
}

/// Posts a report of a quarter, or its revision.
fn post(deal: &mut Deal, quarter: u32, revision: u32) {
    let (stream, admin, registry, pool) = (deal.id, deal.w.s.admin.clone(), deal.w.s.attribution, deal.w.s.pool);
    let latest = deal.w.call(&admin, registry, Attribution::latestCall { pool, stream }).unwrap();
    let mut report = deal.w.s.report(stream, quarter, deal.c.root());
    (report.previous, report.revision) = (latest.reportHash.0, revision);
    (report.totals.attributed_tokens, report.totals.tokens) = (900_000_000, 900_000_000);
    let keys = deal.w.s.keys[..2].to_vec();
    deal.w.s.post(&report.to_bytes(), &keys).unwrap();
}

/// The report is final: the escrow stays until somebody has it taken over, and pays it where the platform does not.
fn pays(deal: &mut Deal, last: u32) {
    assert_refused(refund(deal), "NothingToRefund");
    let (anybody, licence) = (deal.oracle.clone(), deal.id);
    deal.call(&anybody, Licence::assessUsageCall { licence, quarter: last }).unwrap();
    deal.at(deal.now + 100 * DAY);
    let before = deal.balance(deal.w.s.pool);
    deal.call(&anybody, Licence::recordDefaultCall { licence, number: last }).unwrap();
    // 900,000,000 tokens at 1,000 for a thousand.
    assert!(deal.balance(deal.w.s.pool) - before >= U256::from(900 * UNIT));
}

/// Proves SAFE-1, PAY-5: of a quarter that nobody ever reports, the escrow waits for the committee's last quarter, and
/// no longer.
#[test]
fn the_escrow_is_free_where_no_report_comes() {
    let (mut deal, last, free) = over();
    deal.at(free - 1);
    assert_refused(refund(&mut deal), "NothingToRefund");
    deal.at(free);
    let (anybody, pool, stream) = (deal.oracle.clone(), deal.w.s.pool, deal.id);
    let end = deal.call(&anybody, Licence::streamEndCall { licence: stream }).unwrap();
    assert_eq!(deal.w.call(&anybody, pool, Pool::wayOfCall { stream, period: last, licenceEnd: end }).unwrap(), 5);
    assert_eq!(refund(&mut deal).unwrap(), U256::from(1_000 * UNIT));
}

/// Proves SAFE-1, PAY-5: a report that is in its window when that quarter is over, one that was withdrawn and waits for
/// its revision, and one that is final and was not taken over, each hold the escrow. Before, the platform had it all,
/// and 900 coins of usage were owed with nothing to pay them from.
#[test]
fn the_escrow_waits_for_a_report_that_is_awaited() {
    let (mut pending, last, free) = over();
    pending.at(free - WINDOW / 2);
    post(&mut pending, last, 0);
    pending.at(free);
    assert_refused(refund(&mut pending), "NothingToRefund");
    pending.at(free + WINDOW);
    pays(&mut pending, last);

    let (mut withdrawn, last, free) = over();
    let (admin, registry) = (withdrawn.w.s.admin.clone(), withdrawn.w.s.attribution);
    withdrawn.w.grant(registry, "ARBITER_ROLE", admin.address);
    post(&mut withdrawn, last, 0);
    let (pool, stream, challenger) = (withdrawn.w.s.pool, withdrawn.id, withdrawn.creator.clone());
    let price = Attribution::bondForCall { pool, stream, period: last };
    let bond = withdrawn.w.call(&challenger, registry, price).unwrap().bond;
    let reason = B256::repeat_byte(1);
    let dispute = Attribution::disputeCall { pool, stream, period: last, reason, maxBond: bond };
    withdrawn.w.s.chain.call(&challenger, registry, dispute, bond.to()).unwrap();
    withdrawn.w.call(&admin, registry, Attribution::upholdCall { pool, stream, period: last }).unwrap();
    withdrawn.at(free + 10 * DAY);
    assert_refused(refund(&mut withdrawn), "NothingToRefund");
    post(&mut withdrawn, last, 1);
    withdrawn.at(free + 10 * DAY + WINDOW + 1);
    pays(&mut withdrawn, last);

    let (mut known, last, free) = over();
    known.attribute_tokens(last, 900_000_000);
    known.at(free + 400 * DAY);
    pays(&mut known, last);
}
