//! Times that events say, in answers.

use alloy_primitives::keccak256;
use axum::http::StatusCode;
use serde_json::Value;
use yieldset_chain::{
    Address, B256, Event, U256,
    abi::{
        Attribution::{AttributionEvents, AuditPosted, CommitteeProposed, ReportDisputed},
        Coop::CoopEvents,
        Licence::LicenceEvents,
        Manifests::{ManifestsEvents, ModelIngested, VersionRedacted, VersionWithdrawn},
    },
};

use super::{COMPLIANCE, answered, app, ask, described::EXACT};
use crate::{
    chain::{self, PERIOD, a_quarter, account, deployment, stream},
    fixture::Fixture,
};

/// 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// An event of each kind that says a time of its own, with this one. All of them fit else.
fn saying(time: u64, height: u64) -> Vec<(Address, Event)> {
    let manifests = |event| (deployment().manifests, Event::Manifests(event));
    let registry = |event| (deployment().attribution, Event::Attribution(event));
    let [second, third] = [0x12, 0x13].map(B256::repeat_byte);
    let (pool, stream, report) = (deployment().pool, stream(), chain::report(PERIOD, B256::ZERO, "lumen/lumen-1").1);
    let reported = report.reportHash;
    let (mut next, mut late) =
        (chain::report(PERIOD + 1, reported, "lumen/lumen-1").1, chain::dataset(0x21, 1, account(1)));
    next.finalAt = time;
    if let Event::Manifests(ManifestsEvents::DatasetRegistered(event)) = &mut late.1 {
        event.registeredAt = time;
    }
    let mut log = chain::usage_log(3, 0x63, "lumen.example/usage");
    if let Event::Licence(LicenceEvents::UsageLogSet(event)) = &mut log.1 {
        event.since = time;
    }
    let mut anchor = chain::anchored(2, 60, 6);
    if let Event::Licence(LicenceEvents::CheckpointAnchored(event)) = &mut anchor.1 {
        event.at = time;
    }
    let mut proposal = chain::proposed(3, height);
    if let Event::Coop(CoopEvents::ProposalCreated(event)) = &mut proposal.1 {
        (event.voteStart, event.voteEnd) = (U256::from(time), U256::from(time));
    }
    vec![
        late,
        manifests(ManifestsEvents::VersionWithdrawn(VersionWithdrawn {
            dataset: second,
            version: 1,
            reasonHash: second,
            withdrawnAt: time,
        })),
        manifests(ManifestsEvents::VersionRedacted(VersionRedacted {
            dataset: third,
            version: 1,
            redactedAt: time,
            ..VersionRedacted::default()
        })),
        manifests(ManifestsEvents::ModelIngested(ModelIngested {
            platform: account(9),
            run: B256::repeat_byte(0x40),
            recordedAt: time,
            ..ModelIngested::default()
        })),
        registry(AttributionEvents::CommitteeProposed(CommitteeProposed {
            epoch: 2,
            threshold: 1,
            keys: vec![keccak256(b"key")],
            effectiveAt: time,
        })),
        registry(AttributionEvents::AuditPosted(AuditPosted {
            pool,
            stream,
            period: PERIOD,
            reportHash: reported,
            postedAt: time,
            ..AuditPosted::default()
        })),
        registry(AttributionEvents::ReportDisputed(ReportDisputed {
            pool,
            stream,
            period: PERIOD,
            reportHash: reported,
            deadline: time,
            ..ReportDisputed::default()
        })),
        chain::posted(next),
        log,
        anchor,
        proposal,
    ]
}

/// Proves of MIR-4 that numbers above 2^53 are strings in every answer: a contract that somebody put in the place of
/// ours may say any time, and one that no calendar has is not read; the latest that one has is a number for everybody.
#[tokio::test]
async fn a_time_that_no_calendar_has_is_not_read() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    fixture.apply_all(&chain.blocks).await;
    let height = chain.height();
    for time in [LAST_SECOND + 1, EXACT + 1, u64::MAX] {
        let block = chain.next(saying(time, height));
        let reasons = fixture.refuses(&block).await;
        assert_eq!(reasons.len(), block.events.len(), "{time}: {reasons:?}");
        assert!(reasons.iter().all(|reason| reason.contains("a time before the year 10000")), "{reasons:?}");
    }
    let block = chain.push(saying(LAST_SECOND, height)).clone();
    fixture.apply(&block).await;
    assert_eq!(fixture.unread(block.at.number).await, Vec::<String>::new());

    let app = app(&fixture);
    let mut paths = answered();
    paths.extend([0x11, 0x12, 0x13, 0x21].map(|id| format!("/v1/datasets/{}", B256::repeat_byte(id))));
    paths.push(format!("/pools/{}.json", deployment().pool));
    paths.push(format!("/licences/{}.json", chain::licence_id()));
    let (mut numbers, mut last) = (0, 0);
    for path in paths {
        let answer = ask(&app, &path, &[COMPLIANCE]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        each_number(&answer.json(), &mut |number| {
            numbers += 1;
            last += u32::from(number == &LAST_SECOND.into());
            assert!(number.as_i64().is_some_and(|number| number.unsigned_abs() <= EXACT), "{path}: {number}");
        });
    }
    assert!(numbers > 500 && last >= 10, "{numbers} numbers, {last} of them the last second");
    fixture.finish().await;
}

fn each_number(value: &Value, look: &mut impl FnMut(&serde_json::Number)) {
    match value {
        Value::Number(number) => look(number),
        Value::Array(all) => all.iter().for_each(|one| each_number(one, look)),
        Value::Object(all) => all.values().for_each(|one| each_number(one, look)),
        _ => {}
    }
}
