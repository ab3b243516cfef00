//! A licence's escrow stays while the real registry may still say what its quarters owe, and no longer: of each quarter
//! anybody takes the usage over, or closes it.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::{Attribution, Licence, Pool, Refusal};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    attribution::{RULING, WINDOW, constructor, liar, puppet, told_deep},
    chain::{Failure, START, assert_refused, blob},
    coop::Plan,
    deal::Deal,
    licence::{DAY, plain, word},
    system::metric,
};

pub(super) const UNIT: u128 = 1_000_000;

/// A year's licence by use with 1,000 coins in escrow is over: all quarters are reported and paid, and the usage of all
/// but the last is known. Answers that quarter, and when the committee's last quarter for it is over.
pub(super) fn over() -> (Deal, u32, u64) {
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

pub(super) fn refund(deal: &mut Deal) -> Result<U256, Failure> {
    let (platform, licence) = (deal.platform.clone(), deal.id);
    deal.call(&platform, Licence::refundCall { licence, to: platform.address })
}

/// Anybody has a quarter's usage taken over, or closed.
pub(super) fn assess(deal: &mut Deal, quarter: u32) -> Result<(), Failure> {
    let (anybody, licence) = (deal.oracle.clone(), deal.id);
    deal.call(&anybody, Licence::assessUsageCall { licence, quarter }).map(drop)
}

/// A quarter's usage is open: nothing is refunded, and it is not closed for a report in this state.
fn waits(deal: &mut Deal, quarter: u32, state: u8) {
    assert_eq!(refund(deal), Err(Failure::with(&Refusal::UsageOpen { quarter })));
    assert_eq!(assess(deal, quarter), Err(Failure::with(&Refusal::UsageNotFinal { quarter, state })));
}

/// Posts a report of a quarter, or its revision.
pub(super) fn post(deal: &mut Deal, quarter: u32, revision: u32) {
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
    assert_refused(refund(deal), "UsageOpen");
    assess(deal, last).unwrap();
    let (anybody, licence) = (deal.oracle.clone(), deal.id);
    deal.at(deal.now + 100 * DAY);
    let before = deal.balance(deal.w.s.pool);
    deal.call(&anybody, Licence::recordDefaultCall { licence, number: last }).unwrap();
    // 900,000,000 tokens at 1,000 for a thousand.
    assert!(deal.balance(deal.w.s.pool) - before >= U256::from(900 * UNIT));
}

/// Proves SAFE-1, PAY-5: of a quarter that nobody ever reports, the escrow waits for the committee's last quarter, and
/// for anybody's word then.
#[test]
fn the_escrow_is_free_where_no_report_comes() {
    let (mut deal, last, free) = over();
    deal.at(free - 1);
    waits(&mut deal, last, 0);
    deal.at(free);
    assert_refused(refund(&mut deal), "UsageOpen");
    let (anybody, pool, stream) = (deal.oracle.clone(), deal.w.s.pool, deal.id);
    let end = deal.call(&anybody, Licence::streamEndCall { licence: stream }).unwrap();
    assert_eq!(deal.w.call(&anybody, pool, Pool::wayOfCall { stream, period: last, licenceEnd: end }).unwrap(), 5);
    assess(&mut deal, last).unwrap();
    assert_refused(assess(&mut deal, last), "UsageAlreadyReported");
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
    waits(&mut pending, last, 1);
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
    waits(&mut withdrawn, last, 2);
    post(&mut withdrawn, last, 1);
    withdrawn.at(free + 10 * DAY + WINDOW + 1);
    pays(&mut withdrawn, last);

    let (mut known, last, free) = over();
    known.attribute_tokens(last, 900_000_000);
    known.at(free + 400 * DAY);
    pays(&mut known, last);
}

/// Proves SAFE-1, PAY-5: the escrow of the longest term has a way out where the committee never said a word, whether
/// the platform reported its quarters or fell silent, too: each is closed by a call of its own, and what pays the
/// escrow out goes by records alone. Before, it asked the pool about each quarter, 205 KB of proof every time: from
/// nine years on no block was large enough, and 1,000 coins were nobody's.
#[test]
fn the_escrow_of_the_longest_term_has_a_way_out() {
    for (months, silent) in [(600, false), (180, true)] {
        let mut deal = Deal::new(false);
        let by_use = Terms { per_thousand_tokens: 1_000, threshold: 700_000, term_months: months, ..plain() };
        let metric = metric().id(|name| keccak256(name).0);
        let licence = deal.offer(&Terms { metric, escrow: 1_000 * UNIT, funding_days: 14, ..by_use }).unwrap();
        deal.accept().unwrap();
        let value = U256::from(1_000 * UNIT);
        deal.pay(1_000 * UNIT, Licence::fundEscrowCall { licence, value }).unwrap();
        // From 24 November on, so the last quarter is one in part.
        let (first, last) = (quarter_at(START), quarter_at(START) + u32::from(months) / 3);
        for quarter in first..=last {
            if !silent {
                deal.settle(quarter, 0);
            }
        }
        deal.at(quarter_start(last + 7));
        let pay_out = |deal: &mut Deal| {
            let anybody = deal.oracle.clone();
            if silent {
                return deal.call(&anybody, Licence::forfeitEscrowCall { licence }).map(drop);
            }
            refund(deal).map(|amount| assert_eq!(amount, value))
        };
        for quarter in first..=last {
            if (quarter - first) % 50 == 0 {
                assert_eq!(pay_out(&mut deal), Err(Failure::with(&Refusal::UsageOpen { quarter })));
            }
            assess(&mut deal, quarter).unwrap();
        }
        let before = deal.balance(deal.w.s.pool);
        pay_out(&mut deal).unwrap();
        // A block's calls have 7.5 MB of proof.
        let proof = deal.w.s.chain.last_cost.proof_size;
        assert!(proof < 4_000_000, "{months} months: {proof}");
        let to_pool = if silent { value } else { U256::ZERO };
        assert_eq!(deal.balance(deal.w.s.pool) - before, to_pool);
        let money: Licence::Money = deal.record('M', B256::ZERO);
        assert_eq!((money.escrow, money.refundable), (U256::ZERO, U256::ZERO));
    }
}

/// Proves SAFE-1: the pool keeps the root of a report that was final, and then gets another registry, which has no
/// report of the quarter: nothing can be taken over. The escrow waits as for a quarter that was never reported, and the
/// new committee can report it meanwhile. Before, the pool said for ever that the quarter pays, and it waited for ever.
#[test]
fn a_report_of_a_registry_that_was_replaced_holds_the_escrow_for_a_time() {
    let (mut deal, last, free) = over();
    deal.attribute_tokens(last, 900_000_000);
    let (anybody, pool, stream, old) = (deal.oracle.clone(), deal.w.s.pool, deal.id, deal.w.s.attribution);
    deal.w.call(&anybody, pool, Pool::keepRootCall { stream, period: last }).unwrap();
    let verifier = deal.w.call(&anybody, old, Attribution::termsCall {}).unwrap().verifier;
    let admin = deal.w.s.admin.clone();
    let data = constructor(admin.address, verifier, &deal.w.s.keys).abi_encode();
    let new = deal.w.s.chain.instantiate(&admin, blob("attribution"), data).unwrap();
    let propose = Pool::proposeSuccessorCall { part: 1, successor: new };
    deal.vote(&Plan::one(pool, 0, propose.abi_encode(), "Another registry")).unwrap();
    deal.at(deal.now + 31 * DAY);
    deal.w.call(&anybody, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    deal.at(free - 1);
    waits(&mut deal, last, 0);

    // The new committee reports it in time, or nobody does.
    deal.w.s.chain.mark();
    let now = deal.now;
    deal.w.s.attribution = new;
    post(&mut deal, last, 0);
    deal.at(now + WINDOW + 1);
    pays(&mut deal, last);
    deal.w.s.chain.rewind();
    deal.at(free);
    let end = deal.call(&anybody, Licence::streamEndCall { licence: stream }).unwrap();
    assert_eq!(deal.w.call(&anybody, pool, Pool::wayOfCall { stream, period: last, licenceEnd: end }).unwrap(), 5);
    assess(&mut deal, last).unwrap();
    assert_eq!(refund(&mut deal).unwrap(), U256::from(1_000 * UNIT));
}

/// The licence of [`over`] with another registry since, of the holders' choice, that answers the adoption's questions
/// about pool zero and does this with all others.
fn with_registry(bad: &[u8]) -> (Deal, u32) {
    let (mut deal, last, _) = over();
    let (anybody, admin, pool) = (deal.oracle.clone(), deal.w.s.admin.clone(), deal.w.s.pool);
    let mut code = vec![0x60, 0x04, 0x35, 0x15, 0x60, 14 + 7 + bad.len() as u8, 0x57];
    code.extend_from_slice(bad);
    code.extend_from_slice(&[0x5b, 0x60, 0x40, 0x60, 0x00, 0xf3]);
    let successor = liar(&mut deal.w.s.chain, &admin, &code);
    let propose = Pool::proposeSuccessorCall { part: 1, successor };
    deal.vote(&Plan::one(pool, 0, propose.abi_encode(), "Another registry")).unwrap();
    deal.at(deal.now + 31 * DAY);
    deal.w.call(&anybody, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    (deal, last)
}

/// Proves SAFE-1: a registry that reverts, stops at an instruction that is none, jumps nowhere or runs for ever holds
/// the escrow until it is replaced, and five years at most: that it does not answer closes nothing, since who calls may
/// have seen to it.
#[test]
fn a_registry_that_never_answers_holds_the_escrow_for_five_years() {
    let reverts: &[u8] = &[0x60, 0x00, 0x60, 0x00, 0xfd];
    let (stops, underflows, jumps, runs): (&[u8], &[u8], &[u8], &[u8]) =
        (&[0xfe], &[0x50], &[0x60, 0x01, 0x56], &[0x5b, 0x60, 14 + 7, 0x56]);
    for bad in [reverts, stops, underflows, jumps, runs] {
        let (mut deal, last) = with_registry(bad);
        let free = quarter_start(last + 22);
        deal.at(free - 1);
        assert!(assess(&mut deal, last).is_err(), "{bad:?}");
        assert_eq!(refund(&mut deal), Err(Failure::with(&Refusal::UsageOpen { quarter: last })));
        deal.at(free);
        assess(&mut deal, last).unwrap_or_else(|failure| panic!("{bad:?}: {failure:?}"));
        assert_eq!(refund(&mut deal).unwrap(), U256::from(1_000 * UNIT), "{bad:?}");
    }
}

/// Proves SAFE-1: a registry that says for ever that its report can still change holds it for five years.
#[test]
fn a_registry_that_is_never_done_holds_the_escrow_for_five_years() {
    // Seven words, of which the first, the state, is 1.
    let (mut deal, last) = with_registry(&[0x60, 1, 0x60, 0, 0x52, 0x60, 0xe0, 0x60, 0, 0xf3]);
    let free = quarter_start(last + 22);
    deal.at(free - 1);
    waits(&mut deal, last, 1);
    deal.at(free);
    assess(&mut deal, last).unwrap();
    assert_eq!(refund(&mut deal).unwrap(), U256::from(1_000 * UNIT));
}

/// Proves SAFE-1: a registry whose answers are no numbers holds an escrow for five years at most, as any that lies.
#[test]
fn a_registry_that_answers_without_numbers_holds_no_escrow_for_ever() {
    // Words of 2^256 − 1 at these places, and the rest as it is.
    let ones = |places: &[u8]| -> Vec<u8> { places.iter().flat_map(|at| [0x60, 0, 0x19, 0x60, *at, 0x52]).collect() };
    let done: &[u8] = &[0x60, 0xe0, 0x60, 0, 0xf3];
    let fin: &[u8] = &[0x60, 3, 0x60, 0, 0x52];
    let mut held = vec![];
    for (name, code) in [
        ("all", [&ones(&[0, 32, 64, 96, 128, 160, 192]), done].concat()),
        ("state", [&ones(&[0]), done].concat()),
        ("tokens", [fin, &ones(&[160]), done].concat()),
        ("calls", [fin, &ones(&[192]), done].concat()),
        ("threshold", [fin, &ones(&[128]), done].concat()),
    ] {
        let (mut deal, last) = with_registry(&code);
        for quarters in [6, 22, 100] {
            deal.at(quarter_start(last + quarters));
            let found = assess(&mut deal, last);
            if quarters == 100 {
                let back = refund(&mut deal);
                if back.is_err() {
                    held.push((name, found, back));
                }
            }
        }
    }
    assert!(held.is_empty(), "held for 25 years: {held:?}");
}

/// Proof and depth from which the platform has a quarter assessed; `Some` where it is closed though a report is
/// awaited.
fn starve(deal: &mut Deal, quarter: u32) -> Option<String> {
    let (platform, contract, licence) = (deal.platform.clone(), deal.w.licence, deal.id);
    let call = Licence::assessUsageCall { licence, quarter };
    let puppet = puppet(&mut deal.w.s.chain, &platform);
    deal.w.s.chain.mark();
    let mut found = None;
    for proof in (100_000..420_000).step_by(1_500) {
        let done = deal.w.s.chain.call_with_proof(&platform, contract, call.abi_encode(), 0, proof);
        if done.is_ok() {
            let record: Licence::Quarter = deal.record('Q', word(quarter));
            let back = refund(deal);
            found = Some(format!("{proof} bytes of proof, {} tokens, refund {back:?}", record.tokens));
            deal.w.s.chain.rewind();
            break;
        }
        deal.w.s.chain.rewind();
    }
    for frames in 18..27 {
        let told = told_deep(puppet, frames, contract, 0, &call);
        if deal.w.s.chain.call_raw(&platform, puppet, told, 0).is_ok() {
            let back = refund(deal);
            found = Some(format!("{found:?}; {frames} frames, refund {back:?}"));
            deal.w.s.chain.rewind();
            break;
        }
        deal.w.s.chain.rewind();
    }
    found
}

/// Proves SAFE-8: while a report is in its window or a withdrawn one waits for its revision, nobody could have taken it
/// over: it is not closed by who leaves registry or pool too little weight to say so.
#[test]
fn a_report_that_is_awaited_is_not_starved_away() {
    let (mut deal, last, free) = over();
    let (admin, registry) = (deal.w.s.admin.clone(), deal.w.s.attribution);
    deal.w.grant(registry, "ARBITER_ROLE", admin.address);
    deal.at(free - RULING / 2);
    post(&mut deal, last, 0);
    let (pool, stream, challenger) = (deal.w.s.pool, deal.id, deal.creator.clone());
    let price = Attribution::bondForCall { pool, stream, period: last };
    let bond = deal.w.call(&challenger, registry, price).unwrap().bond;
    let reason = B256::repeat_byte(1);
    let dispute = Attribution::disputeCall { pool, stream, period: last, reason, maxBond: bond };
    deal.w.s.chain.call(&challenger, registry, dispute, bond.to()).unwrap();
    deal.at(free + 1);
    deal.w.call(&admin, registry, Attribution::upholdCall { pool, stream, period: last }).unwrap();
    let mut closed = vec![];
    // As long as silence is, minus a second: nobody does.
    deal.at(quarter_start(last + 6) - 1);
    closed.extend(starve(&mut deal, last).map(|how| ("a second before", how)));
    deal.at(quarter_start(last + 6) + 1);
    assert!(assess(&mut deal, last).is_err(), "with all weight it is awaited");
    closed.extend(starve(&mut deal, last).map(|how| ("withdrawn", how)));
    post(&mut deal, last, 1);
    deal.at(deal.now + WINDOW / 2);
    assert!(assess(&mut deal, last).is_err(), "with all weight it is in its window");
    closed.extend(starve(&mut deal, last).map(|how| ("in its window", how)));
    assert!(closed.is_empty(), "{closed:?}");
}

/// Proves SAFE-8: a registry that was adopted when the stream had ended long ago has a whole quarter to report, and
/// four where it is silent: nobody closes meanwhile what it is still to report, by leaving it too little weight.
#[test]
fn an_adopted_registry_is_not_starved_away() {
    let (mut deal, last, _) = over();
    let (anybody, pool, old) = (deal.oracle.clone(), deal.w.s.pool, deal.w.s.attribution);
    deal.attribute_tokens(last, 900_000_000);
    let verifier = deal.w.call(&anybody, old, Attribution::termsCall {}).unwrap().verifier;
    let admin = deal.w.s.admin.clone();
    let data = constructor(admin.address, verifier, &deal.w.s.keys).abi_encode();
    let new = deal.w.s.chain.instantiate(&admin, blob("attribution"), data).unwrap();
    deal.at(quarter_start(last + 6) - 35 * DAY);
    let propose = Pool::proposeSuccessorCall { part: 1, successor: new };
    deal.vote(&Plan::one(pool, 0, propose.abi_encode(), "Another registry")).unwrap();
    deal.at(deal.now + 31 * DAY);
    deal.w.call(&anybody, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    deal.at(quarter_start(last + 6) + DAY);
    assert!(assess(&mut deal, last).is_err(), "with all weight it is awaited");
    assert_eq!(starve(&mut deal, last), None);
}
