//! What is said of reports and of the money under them while they can still change: each sentence is true at the
//! block's time, by the rules of disputes, whether or not anybody has said so on chain.

use alloy_primitives::{U256, keccak256};
use serde_json::{Value, json};
use yieldset_chain::{
    Address, B256, Event,
    abi::Attribution::{AttributionEvents, DisputeExpired, DisputeRejected, DisputeUpheld, ReportDisputed},
};

use crate::{
    chain::{self, COIN, Chain, GENESIS_TIME, Model, PERIOD, account, deployment},
    fixture::Fixture,
    web::{app, ask},
};

/// A report whose window ends so many seconds after the chain's beginning.
fn posted(stream: u8, revision: u32, ends: u64) -> (Address, Event) {
    let stream = B256::repeat_byte(stream);
    let (mut report, mut posted) = chain::report(PERIOD, B256::ZERO, "lumen/lumen-1");
    (report.stream, report.revision) = (stream.0, revision);
    let bytes = report.to_bytes();
    (posted.stream, posted.revision, posted.reportHash) = (stream, revision, keccak256(&bytes));
    (posted.finalAt, posted.report) = (GENESIS_TIME + ends, bytes.into());
    chain::posted(posted)
}

/// The hash of a stream's first report.
fn hash(stream: u8) -> B256 {
    match posted(stream, 0, 0) {
        (_, Event::Attribution(AttributionEvents::ReportPosted(posted))) => posted.reportHash,
        other => panic!("{other:?}"),
    }
}

fn registry(event: AttributionEvents) -> (Address, Event) {
    (deployment().attribution, Event::Attribution(event))
}

/// Disputed, with so many seconds after the chain's beginning for the arbiter.
fn disputed(stream: u8, ends: u64) -> (Address, Event) {
    registry(AttributionEvents::ReportDisputed(ReportDisputed {
        pool: deployment().pool,
        stream: B256::repeat_byte(stream),
        period: PERIOD,
        reportHash: hash(stream),
        deadline: GENESIS_TIME + ends,
        challenger: account(7),
        bond: U256::from(10),
        ..ReportDisputed::default()
    }))
}

fn rejected(stream: u8, ends: u64) -> (Address, Event) {
    let (pool, report_hash, stream, period) = (deployment().pool, hash(stream), B256::repeat_byte(stream), PERIOD);
    let event = DisputeRejected {
        pool,
        stream,
        period,
        reportHash: report_hash,
        finalAt: GENESIS_TIME + ends,
        ..DisputeRejected::default()
    };
    registry(AttributionEvents::DisputeRejected(event))
}

fn expired(stream: u8, ends: u64) -> (Address, Event) {
    let (pool, report_hash, stream, period) = (deployment().pool, hash(stream), B256::repeat_byte(stream), PERIOD);
    let event = DisputeExpired {
        pool,
        stream,
        period,
        reportHash: report_hash,
        finalAt: GENESIS_TIME + ends,
        ..DisputeExpired::default()
    };
    registry(AttributionEvents::DisputeExpired(event))
}

fn upheld(stream: u8) -> (Address, Event) {
    let (pool, report_hash, stream, period) = (deployment().pool, hash(stream), B256::repeat_byte(stream), PERIOD);
    registry(AttributionEvents::DisputeUpheld(DisputeUpheld {
        pool,
        stream,
        period,
        reportHash: report_hash,
        ..DisputeUpheld::default()
    }))
}

/// State, revision and the one time that belongs to it, in seconds after the chain's beginning.
fn state(report: &Value) -> (String, i64, i64) {
    let times: Vec<i64> = ["final_at", "ruling_by", "withdrawn_at"].iter().filter_map(|n| report[n].as_i64()).collect();
    let [time] = times[..] else { panic!("not one time: {report}") };
    let state = report["state"].as_str().unwrap().to_owned();
    (state, report["revision"].as_i64().unwrap(), time - i64::try_from(GENESIS_TIME).unwrap())
}

/// Proves SAFE-1 and SAFE-8 for the mirror: a withdrawn or disputed report is never shown as a final one, nor its money
/// as anybody's to claim. Block n is n seconds after the beginning; all three reports come in block 6, with a window
/// that ends at 9, and are disputed in block 7 with a ruling until 10: two seconds of the window are left.
#[tokio::test]
async fn a_report_is_final_by_the_rules_at_the_blocks_time() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let app = app(&fixture);
    let base = format!("/v1/pools/{}", deployment().pool);
    let mut opening = vec![Model::create(), chain::committee(1), model.mint(account(1), 10 * COIN).unwrap()];
    opening.extend((1..=3).map(|n| model.deposit(account(9), B256::repeat_byte(n), PERIOD, 10 * COIN).unwrap()));
    // What happens, and what is true then of a report whose dispute nobody rules on, one whose dispute is rejected, and
    // one that is withdrawn.
    let nobody = |name: &str, time| (name.to_owned(), 0, time);
    let blocks = [
        (
            vec![posted(1, 0, 9), posted(2, 0, 9), posted(3, 0, 9)],
            [nobody("pending", 9), nobody("pending", 9), nobody("pending", 9)],
        ),
        (
            vec![disputed(1, 10), disputed(2, 10), disputed(3, 10)],
            [nobody("disputed", 10), nobody("disputed", 10), nobody("disputed", 10)],
        ),
        (vec![rejected(2, 10), upheld(3)], [nobody("disputed", 10), nobody("pending", 10), nobody("withdrawn", 8)]),
        (vec![], [nobody("disputed", 10), nobody("pending", 10), nobody("withdrawn", 8)]),
        (vec![], [nobody("pending", 12), nobody("final", 10), nobody("withdrawn", 8)]),
        (vec![], [nobody("pending", 12), nobody("final", 10), nobody("withdrawn", 8)]),
        (vec![posted(3, 1, 14)], [nobody("final", 12), nobody("final", 10), ("pending".into(), 1, 14)]),
        (vec![expired(1, 12)], [nobody("final", 12), nobody("final", 10), ("pending".into(), 1, 14)]),
        (vec![], [nobody("final", 12), nobody("final", 10), ("final".into(), 1, 14)]),
    ];
    chain.push(opening);
    fixture.apply_all(&chain.blocks).await;
    for (events, expected) in blocks {
        let height = chain.height();
        fixture.apply(&chain.push(events).clone()).await;
        let periods = ask(&app, &format!("{base}/periods"), &[]).await.json();
        let page = ask(&app, &format!("/pools/{}.json", deployment().pool), &[]).await.json();
        for (at, expected) in expected.into_iter().enumerate() {
            let path = format!("{base}/reports/{}/{PERIOD}", B256::repeat_byte(at as u8 + 1));
            assert_eq!(state(&ask(&app, &path, &[]).await.json()), expected, "block {height}, report {at}");
            assert_eq!(page["periods"][at]["report"], json!(expected.0), "block {height}, report {at}");
            let way = if expected.0 == "final" { "claim" } else { "decision" };
            let money = &periods["items"][at];
            // Of ten coins the contributors have four.
            assert_eq!(
                (&money["waiting"], &money["unclaimed"]),
                (&json!(way), &json!((4 * COIN).to_string())),
                "{money}"
            );
        }
        let html = ask(&app, &format!("/pools/{}", deployment().pool), &[]).await.body;
        assert_eq!(html.contains("Withdrawn on"), (8..12).contains(&height), "block {height}");
        assert_eq!(html.contains("Somebody disputes it"), (7..10).contains(&height), "block {height}");
    }
    fixture.finish().await;
}

/// Proves SAFE-1 for the mirror: where a quarter's money goes is said for every quarter. Of one stream: 2026 Q4 has no
/// report, 2027 Q1 one that says nothing qualified, 2027 Q2 one that is final; 2027 Q3 is not reported. Of another,
/// without a report, 2025 Q3 lies five quarters back.
#[tokio::test]
async fn waiting_money_says_where_it_goes() {
    let fixture = Fixture::new().await;
    let (mut chain, mut model) = (Chain::default(), Model::default());
    let (stream, silent) = (chain::stream(), B256::repeat_byte(0x51));
    let nothing = |period| {
        let (mut report, mut posted) = chain::report(period, B256::ZERO, "lumen/lumen-1");
        report.outcome = yieldset_rules::report::Outcome::NothingQualified;
        (report.totals.qualifying_calls, report.totals.attributed_tokens) = (0, 0);
        let bytes = report.to_bytes();
        (posted.reportHash, posted.weightsRoot) = (keccak256(&bytes), B256::ZERO);
        posted.report = bytes.into();
        chain::posted(posted)
    };
    let mut events = vec![Model::create(), chain::committee(1), model.mint(account(1), 10 * COIN).unwrap()];
    for period in PERIOD..PERIOD + 4 {
        events.push(model.deposit(account(9), stream, period, 10 * COIN).unwrap());
    }
    events.push(model.deposit(account(9), silent, PERIOD - 5, 10 * COIN).unwrap());
    events.push(nothing(PERIOD + 1));
    events.push(chain::posted(chain::report(PERIOD + 2, B256::ZERO, "lumen/lumen-1").1));
    chain.push(events);
    fixture.apply_all(&chain.blocks).await;
    let app = app(&fixture);
    let ways = async || -> Vec<(i64, String, Option<i64>, String)> {
        let page = ask(&app, &format!("/v1/pools/{}/periods", deployment().pool), &[]).await.json();
        let items = page["items"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        items
            .map(|item| {
                (
                    item["period"].as_i64().unwrap(),
                    text(&item["waiting"]),
                    item["carry_to"].as_i64(),
                    text(&item["unclaimed"]),
                )
            })
            .collect()
    };
    let last = i64::from(PERIOD);
    let four = (4 * COIN).to_string();
    let row = |period: i64, way: &str, to: Option<i64>| (period, way.to_owned(), to, four.clone());
    assert_eq!(
        ways().await,
        [
            row(last + 3, "report", None),
            row(last + 2, "claim", None),
            row(last + 1, "carry", Some(last + 2)),
            row(last, "carry", Some(last + 1)),
            row(last - 5, "release", None),
        ]
    );
    // Carried and released money is not there any more.
    let moved = vec![model.carry(stream, PERIOD, PERIOD + 1).unwrap(), model.release(silent, PERIOD - 5).unwrap()];
    fixture.apply(&chain.push(moved).clone()).await;
    let found = ways().await;
    assert_eq!(
        (found[2].3.as_str(), found[3].1.as_str(), found[4].1.as_str()),
        ("8000000000000000000", "none", "none")
    );
    fixture.finish().await;
}
