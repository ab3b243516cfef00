//! Reports and what the licence of their stream asks of them: pool, licence and registry real.

use alloy_primitives::{Address, B256, keccak256};
use yieldset_chain::abi::{Attribution, Licence, Refusal};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
    report::{MeasuredError, Metric, Report, SpotCheck},
};
use yieldset_tests::{
    chain::{Failure, START, assert_refused},
    deal::Deal,
    licence::{DAY, plain},
    system::{keccak, metric},
};

/// Terms by the metric of the tests' reports.
fn measured() -> Terms {
    Terms { metric: metric().id(keccak), threshold: 700_000, ..plain() }
}

/// A licence on these terms, in the day after its first quarter.
fn licensed(terms: &Terms) -> Deal {
    let mut deal = Deal::new(false);
    deal.offer(terms).unwrap();
    deal.accept().unwrap();
    deal.at(quarter_start(quarter_at(START) + 1) + DAY);
    deal
}

/// The next report of the licence's stream.
fn report(deal: &mut Deal) -> Report {
    deal.w.s.report(deal.id, quarter_at(START), deal.c.root())
}

fn post(deal: &mut Deal, report: &Report) -> Result<B256, Failure> {
    let keys = deal.w.s.keys[..2].to_vec();
    deal.w.s.post(&report.to_bytes(), &keys)
}

/// Proves SAFE-14: a report of another metric, version or threshold than the licence's is not accepted; whoever has no
/// licence on it, or one that names no metric, is asked nothing.
#[test]
fn reports_are_of_the_licences_metric() {
    let mut deal = licensed(&measured());
    let good = report(&mut deal);
    let expected = B256::from(metric().id(keccak));
    for metric in [Metric { version: 2, ..metric() }, Metric { name: "minilm-l6-v2".into(), ..metric() }] {
        let got = B256::from(metric.id(keccak));
        let refused = post(&mut deal, &Report { metric, ..good.clone() }).unwrap_err();
        assert_eq!(refused, Failure::with(&Refusal::WrongMetric { got, expected }));
    }
    for threshold in [1, 699_999, 700_001] {
        let metric = Metric { threshold, ..metric() };
        assert_refused(post(&mut deal, &Report { metric, ..good.clone() }), "WrongThreshold");
    }
    // Another stream of the pool is no licence.
    let other = Report { stream: [0x5a; 32], metric: Metric { threshold: 1, ..metric() }, ..good.clone() };
    post(&mut deal, &other).unwrap();
    post(&mut deal, &good).unwrap();
    let mut open = licensed(&plain());
    let any = Report { metric: Metric { threshold: 1, ..metric() }, ..report(&mut open) };
    post(&mut open, &any).unwrap();
}

/// Proves SAFE-14: over the licence's limit of false discoveries, without their measurement, and with hits that cannot
/// be this report's, nothing is posted; how many decoys there were matters; tokens are no more than so many calls can
/// have.
#[test]
fn reports_keep_within_the_licences_limits() {
    let mut deal = licensed(&Terms { false_discovery_bps: 500, call_tokens: 100, ..measured() });
    // 2,000 tokens of 24 calls, 900 of the 12 that qualify.
    let decoys = |hits, decoy_hits, decoys| MeasuredError::Decoys { hits, decoy_hits, datasets: 20, decoys };
    let good = Report { error: decoys(105, 9, 20), ..report(&mut deal) };
    let with = |error| Report { error, ..good.clone() };
    assert_refused(post(&mut deal, &Report { error: MeasuredError::NotMeasured, ..good.clone() }), "ErrorNotMeasured");
    assert_refused(post(&mut deal, &with(decoys(105, 10, 20))), "TooManyFalseDiscoveries");
    // Of half as many decoys as datasets fewer hits are too many: 3 of 123 are expected, 6 may be by chance.
    assert_refused(post(&mut deal, &with(decoys(123, 7, 10))), "TooManyFalseDiscoveries");
    // Each qualifying call has a hit of its own.
    for hits in [11, 0] {
        assert_refused(post(&mut deal, &with(decoys(hits, 0, 20))), "MalformedReport");
    }
    let mut long = good.clone();
    long.totals.attributed_tokens = 1_201;
    assert_refused(post(&mut deal, &long), "TooManyTokens");
    long.totals.attributed_tokens = 900;
    long.totals.tokens = 2_401;
    let refused = post(&mut deal, &long).unwrap_err();
    assert_eq!(refused, Failure::with(&Refusal::TooManyTokens { tokens: 2_401, calls: 24, most: 100 }));
    post(&mut deal, &good).unwrap();
}

/// Proves SAFE-15: calls of a spot check are drawn by a block after the one that has the log's checkpoint, with the
/// report's root, and before the report's; what a platform anchors stops no report without one.
#[test]
fn calls_are_drawn_after_the_anchor() {
    let mut deal = licensed(&plain());
    let (platform, licence) = (deal.platform.clone(), deal.id);
    let good = report(&mut deal);
    let drawn = |block| {
        let spot = SpotCheck { block, block_hash: [9; 32], drawn: 3, opened: 3, matched: 3 };
        Report { spot_check: Some(spot), ..good.clone() }
    };
    deal.w.s.chain.set_block(100);
    assert_refused(post(&mut deal, &drawn(60)), "NotAnchored");
    let (key, witnesses) = (B256::repeat_byte(1), vec![B256::repeat_byte(2)]);
    let log = Licence::setUsageLogCall { licence, key, origin: good.log.origin.clone(), witnesses };
    deal.call(&platform, log).unwrap();
    let anchor = |deal: &mut Deal, block, size, root: [u8; 32]| {
        deal.w.s.chain.set_block(block);
        deal.call(&platform, Licence::anchorCall { licence, epoch: 0, size, root: root.into() }).unwrap();
        deal.w.s.chain.set_block(100);
    };
    anchor(&mut deal, 50, 25, good.log.root);
    assert_refused(post(&mut deal, &drawn(60)), "NotAnchored");
    anchor(&mut deal, 50, 24, good.log.root);
    for block in [1, 50, 100, u32::MAX] {
        let refused = post(&mut deal, &drawn(block)).unwrap_err();
        assert_eq!(refused, Failure::with(&Refusal::DrawnByWrongBlock { block, anchoredAt: 50, now: 100 }));
    }
    post(&mut deal, &drawn(51)).unwrap();

    // A root that the log never had: the committee posts without a draw, and everybody sees both.
    let mut false_root = licensed(&plain());
    let (platform, licence) = (false_root.platform.clone(), false_root.id);
    let (key, witnesses) = (B256::repeat_byte(1), vec![B256::repeat_byte(2)]);
    let good = report(&mut false_root);
    let log = Licence::setUsageLogCall { licence, key, origin: good.log.origin.clone(), witnesses };
    false_root.call(&platform, log).unwrap();
    let wrong = Licence::anchorCall { licence, epoch: 0, size: 24, root: keccak256("never") };
    false_root.call(&platform, wrong).unwrap();
    false_root.w.s.chain.set_block(9);
    let spot = SpotCheck { block: 5, block_hash: [9; 32], drawn: 3, opened: 3, matched: 3 };
    assert_refused(post(&mut false_root, &Report { spot_check: Some(spot), ..good.clone() }), "NotAnchored");
    post(&mut false_root, &good).unwrap();
}

/// Proves SAFE-15: a licence contract that is none asks nothing, so it stops no report.
#[test]
fn a_licence_contract_without_answer_stops_nothing() {
    for licences in [Address::repeat_byte(0x44), Address::ZERO] {
        let mut deal = Deal::new(false);
        deal.id = B256::repeat_byte(0x5a);
        deal.at(quarter_start(quarter_at(START) + 1) + DAY);
        let (pool, governor) = (deal.w.s.pool, deal.coop);
        yieldset_tests::system::announce(&mut deal.w.s.chain, pool, licences, governor);
        let good = report(&mut deal);
        let hash = post(&mut deal, &good).unwrap();
        let latest = Attribution::latestCall { pool, stream: deal.id };
        let (admin, registry) = (deal.w.s.admin.clone(), deal.w.s.attribution);
        assert_eq!(deal.w.call(&admin, registry, latest).unwrap().reportHash, hash);
    }
}
