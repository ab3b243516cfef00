//! Who is heard in a dispute, what a defender is bound to, and what a withdrawn report leaves behind.

use super::*;

fn reason(report: B256, reason: B256) -> Attribution::addReasonCall {
    Attribution::addReasonCall { pool: POOL, stream: STREAM, period: PERIOD, reportHash: report, reason }
}

/// Stands for a report with at most this bond.
pub fn defend(period: u32, report: B256, limit: u128) -> Attribution::defendCall {
    let most = U256::from(limit);
    Attribution::defendCall { pool: POOL, stream: STREAM, period, reportHash: report, maxBond: most }
}

fn least_log(r: &mut AttributionRegistry) -> u64 {
    r.read(Attribution::latestCall { pool: POOL, stream: STREAM }).logSize
}

/// Proves SAFE-12: whoever gains by a report disputes it three times itself, for nothing that stands. The third is not
/// rejected before the window would have been over, and until then anybody adds a reason. On the old blob the arbiter,
/// who had seen only worthless reasons, rejected the third in its second, and no fourth dispute was possible.
#[test]
fn whoever_speaks_within_the_window_is_heard() {
    let mut r = AttributionRegistry::new();
    let (gains, other, arbiter) = (r.anybody.clone(), r.other.clone(), r.arbiter.clone());
    let word = B256::repeat_byte(0xbb);
    assert_refused(r.call(&other, reason(word, word)), "NoReport");
    let hash = r.posted(PERIOD);
    assert_refused(r.call(&other, reason(hash, word)), "NotDisputed");
    for n in 0..3 {
        let bond = BOND << n;
        let call = Attribution::disputeCall { maxBond: U256::from(bond), ..dispute(PERIOD) };
        r.chain.call(&gains, r.address, call, bond).unwrap();
        if n < 2 {
            r.call(&arbiter, reject(PERIOD)).unwrap();
        }
    }
    // All of the window of 100 seconds was left, and the arbiter has 50: this one it cannot reject at all.
    for late in [0, 49] {
        r.chain.set_time(START + late);
        assert_refused(r.call(&arbiter, reject(PERIOD)), "NotHeard");
    }
    assert_refused(r.call(&other, reason(hash, B256::ZERO)), "ReasonMissing");
    assert_refused(r.call(&other, reason(word, word)), "NotCurrentReport");
    r.chain.take_logs();
    r.call(&other, reason(hash, word)).unwrap();
    let told: Attribution::ReasonAdded = events(&mut r).pop().unwrap();
    assert_eq!((told.pool, told.stream, told.period, told.reportHash), (POOL, STREAM, PERIOD, hash));
    assert_eq!((told.account, told.reason), (other.address, word));
    // What it says moves no money and changes no record.
    assert_eq!(dispute_of(&mut r, PERIOD).reason, B256::repeat_byte(0xaa));
    r.assert_solvent();
    r.call(&arbiter, uphold(PERIOD)).unwrap();
    assert_refused(r.call(&other, reason(hash, word)), "NotDisputed");
    assert_eq!(r.state(PERIOD), 2);
}

/// Proves SAFE-9: where the ruling time is over first nobody ruled; each has its bond back, reasons come too late, and
/// the delay is no longer than before.
#[test]
fn a_last_dispute_that_cannot_be_rejected_expires() {
    let mut r = AttributionRegistry::new();
    let (gains, other, arbiter) = (r.anybody.clone(), r.other.clone(), r.arbiter.clone());
    let hash = r.posted(PERIOD);
    for n in 0..3 {
        let bond = BOND << n;
        let call = Attribution::disputeCall { maxBond: U256::from(bond), ..dispute(PERIOD) };
        r.chain.call(&gains, r.address, call, bond).unwrap();
        if n < 2 {
            r.call(&arbiter, reject(PERIOD)).unwrap();
        }
    }
    r.chain.set_time(START + RULING);
    assert_refused(r.call(&other, reason(hash, B256::repeat_byte(1))), "DeadlinePassed");
    assert_refused(r.call(&arbiter, reject(PERIOD)), "DeadlinePassed");
    r.call(&other, expire(PERIOD)).unwrap();
    assert_eq!((r.owed(gains.address), kept(&mut r, PERIOD)), (4 * BOND, 3 * BOND));
    r.chain.set_time(START + RULING + WINDOW - 1);
    assert_eq!(r.state(PERIOD), 1);
    r.chain.set_time(START + RULING + WINDOW);
    assert_eq!(r.state(PERIOD), 3);
    r.assert_solvent();
}

/// Proves SAFE-5: a defender says what it risks at most and for which report. On the old blob the call took whatever
/// the bond of whichever dispute was there by then, of an ERC-20 without asking.
#[test]
fn a_defender_is_bound_to_what_it_saw() {
    let mut r = AttributionRegistry::new();
    let (anybody, other, arbiter, keys) = (r.anybody.clone(), r.other.clone(), r.arbiter.clone(), r.keys.clone());
    let hash = r.posted(PERIOD);
    r.dispute(&anybody, PERIOD).unwrap();
    r.call(&arbiter, reject(PERIOD)).unwrap();
    let second = Attribution::disputeCall { maxBond: U256::from(2 * BOND), ..dispute(PERIOD) };
    r.chain.call(&anybody, r.address, second, 2 * BOND).unwrap();
    // Signed for the first dispute, it lands in the second.
    let stand =
        |r: &mut AttributionRegistry, hash, limit| r.chain.call(&other, r.address, defend(PERIOD, hash, limit), limit);
    assert_refused(stand(&mut r, hash, BOND), "BondAboveLimit");
    r.call(&arbiter, uphold(PERIOD)).unwrap();
    let revision = Report { revision: 1, ..r.report(PERIOD) };
    let revised = r.post(&revision, &keys[..2]).unwrap();
    r.dispute(&anybody, PERIOD).unwrap();
    assert_refused(stand(&mut r, hash, BOND), "NotCurrentReport");
    stand(&mut r, revised, 3 * BOND).unwrap();
    assert_eq!(r.owed(other.address), 2 * BOND);
    r.assert_solvent();
}

/// Proves SAFE-1 and SAFE-12: a false size of 2^64 − 1 stops a stream only while its report stands. On the old blob the
/// stream had no later report for ever: each was refused with `LogShrank`, also after the withdrawal.
#[test]
fn a_withdrawn_reports_log_size_stops_nobody() {
    let mut r = AttributionRegistry::new();
    let (anybody, arbiter, keys) = (r.anybody.clone(), r.arbiter.clone(), r.keys[..2].to_vec());
    r.posted(PERIOD);
    let mut wrong = r.report(PERIOD + 1);
    wrong.log.size = u64::MAX;
    r.post(&wrong, &keys).unwrap();
    let sized = |r: &mut AttributionRegistry, period, size| {
        let mut report = r.report(period);
        report.log.size = size;
        // No more calls than records, each with its tokens.
        let calls = size.min(24);
        let qualifying_calls = calls.min(12);
        report.totals = Totals { calls, qualifying_calls, ..report.totals };
        report
    };
    let next = sized(&mut r, PERIOD + 2, 30);
    assert_refused(r.post(&next, &keys), "LogShrank");
    r.dispute(&anybody, PERIOD + 1).unwrap();
    r.call(&arbiter, uphold(PERIOD + 1)).unwrap();
    assert_eq!(least_log(&mut r), 24);
    let shorter = sized(&mut r, PERIOD + 2, 23);
    assert_refused(r.post(&shorter, &keys), "LogShrank");
    r.post(&next, &keys).unwrap();
    let revision = Report { revision: 1, ..sized(&mut r, PERIOD + 1, 30) };
    r.post(&revision, &keys).unwrap();
    assert_eq!(least_log(&mut r), 30);
    // Every report of the stream is withdrawn: any log will do, down to what held before the first.
    for (period, least) in [(PERIOD + 2, 24), (PERIOD, 0), (PERIOD + 1, 0)] {
        r.dispute(&anybody, period).unwrap();
        r.call(&arbiter, uphold(period)).unwrap();
        assert_eq!(least_log(&mut r), least);
    }
    let last = sized(&mut r, PERIOD + 3, 1);
    r.post(&last, &keys).unwrap();
    r.assert_solvent();
}
