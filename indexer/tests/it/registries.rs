//! The registries' rows after histories that do not run straight: revisions of earlier periods, datasets that change
//! hands.

use std::collections::BTreeMap;

use alloy_primitives::{U256, keccak256};
use sqlx::Row;
use yieldset_chain::{
    Address, B256, Event,
    abi::{
        Attribution::{AttributionEvents, DisputeUpheld, ReportDisputed},
        Manifests::{DatasetTransferStarted, DatasetTransferred, ManifestsEvents},
    },
};
use yieldset_indexer::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project,
    verify::{StreamEnd, stream_ends},
};
use yieldset_rules::report::Last;

use crate::{
    chain::{self, Chain, Model, PERIOD, account, deployment},
    fixture::Fixture,
};

/// The registry's own chain of reports, by the rules.
#[derive(Default)]
struct Registry(BTreeMap<B256, Last>);

impl Registry {
    /// A report that follows what was accepted before it in its stream.
    fn accept(&mut self, stream: u8, period: u32, revision: u32) -> (Address, Event) {
        let stream = B256::repeat_byte(stream);
        let last = self.0.entry(stream).or_default();
        let (mut report, mut posted) = chain::report(period, last.hash.into(), "lumen/lumen-1");
        (report.stream, report.revision) = (stream.0, revision);
        report.log.size = last.log_size + 1_000;
        let bytes = report.to_bytes();
        (posted.stream, posted.revision, posted.reportHash) = (stream, revision, keccak256(&bytes));
        *last = last.after(&report, posted.reportHash.0);
        posted.report = bytes.into();
        chain::posted(posted)
    }

    fn ends(&self) -> Vec<StreamEnd> {
        let end = |(stream, last): (&B256, &Last)| StreamEnd {
            registry: deployment().attribution.into(),
            pool: deployment().pool.into(),
            stream: (*stream).into(),
            period: last.period.into(),
            report_hash: B256::from(last.hash).into(),
            log_size: Amount::from(last.log_size),
        };
        self.0.iter().map(end).collect()
    }
}

/// A dispute that is upheld: the report is withdrawn, and its period waits for a revision.
fn withdrawn(stream: u8, period: u32) -> Vec<(Address, Event)> {
    let (pool, stream, challenger) = (deployment().pool, B256::repeat_byte(stream), account(7));
    let (currency, bond) = (Address::ZERO, U256::from(10));
    let (hash, arbiter, deadline) = (B256::repeat_byte(1), account(8), chain::GENESIS_TIME);
    let disputed =
        ReportDisputed { pool, stream, period, reportHash: hash, challenger, reason: hash, deadline, currency, bond };
    let zero = U256::ZERO;
    let upheld = DisputeUpheld {
        pool,
        stream,
        period,
        reportHash: hash,
        challenger,
        arbiter,
        toChallenger: bond,
        toDefender: zero,
        toPeriod: zero,
    };
    let events = [AttributionEvents::ReportDisputed(disputed), AttributionEvents::DisputeUpheld(upheld)];
    events.map(|event| (deployment().attribution, Event::Attribution(event))).into()
}

/// Proves ATT-9's chain of reports for the mirror: where a dispute is upheld and an earlier period is revised after the
/// next one's report, the stream ends with the revision, not with the latest period's report, as the registry answers.
#[tokio::test]
async fn a_stream_ends_with_the_report_accepted_last() {
    let fixture = Fixture::new().await;
    let (mut chain, mut registry) = (Chain::default(), Registry::default());
    chain.push(vec![Model::create(), chain::committee(1)]);
    fixture.apply_all(&chain.blocks).await;
    let mut revised_earlier = 0;
    for step in 0..8 {
        let events = match step {
            0 => vec![registry.accept(1, PERIOD, 0), registry.accept(2, PERIOD + 3, 0)],
            1 => vec![registry.accept(1, PERIOD + 1, 0)],
            2 => withdrawn(1, PERIOD),
            3 => vec![registry.accept(1, PERIOD, 1)],
            4 => vec![registry.accept(1, PERIOD + 2, 0), registry.accept(2, PERIOD + 4, 0)],
            5 => [withdrawn(1, PERIOD + 1), withdrawn(2, PERIOD + 4)].concat(),
            // Both in one block; the earlier period's revision comes last.
            6 => vec![registry.accept(2, PERIOD + 4, 1), registry.accept(1, PERIOD + 1, 1)],
            _ => [withdrawn(1, PERIOD), vec![registry.accept(1, PERIOD, 2)]].concat(),
        };
        let block = chain.push(events).clone();
        fixture.apply(&block).await;
        let mut connection = fixture.pool.acquire().await.unwrap();
        assert_eq!(stream_ends(&mut connection).await.unwrap(), registry.ends(), "after step {step}");
        let latest: Hash =
            sqlx::query_scalar("SELECT report_hash FROM reports WHERE stream = $1 ORDER BY period DESC LIMIT 1")
                .bind(B256::repeat_byte(1).as_slice())
                .fetch_one(&mut *connection)
                .await
                .unwrap();
        revised_earlier += usize::from(latest.0 != registry.0[&B256::repeat_byte(1)].hash);
    }
    assert_eq!(revised_earlier, 3, "steps in which the latest period's report is not the last one accepted");
    fixture.finish().await;
}

fn manifests(event: ManifestsEvents) -> (Address, Event) {
    (deployment().manifests, Event::Manifests(event))
}

/// A dataset's creator is whoever accepted it last; a transfer that was only begun changes nothing, and one from
/// somebody who does not own it stops the indexer.
#[tokio::test]
async fn a_dataset_belongs_to_who_accepted_it() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let dataset = B256::repeat_byte(0x11);
    let [first, second, third] = [1, 2, 3].map(account);
    let begun = DatasetTransferStarted { dataset, creator: first, pendingCreator: second };
    let transferred = |previous, creator| {
        let event = DatasetTransferred { dataset, previousCreator: previous, creator };
        manifests(ManifestsEvents::DatasetTransferred(event))
    };
    let creators = async || -> Vec<(Addr, i64)> {
        let rows = sqlx::query("SELECT creator, latest_version FROM datasets ORDER BY dataset");
        let rows = rows.fetch_all(&fixture.pool).await.unwrap();
        rows.iter().map(|row| (row.get("creator"), row.get("latest_version"))).collect()
    };
    chain.push(vec![chain::dataset(0x11, 1, first), chain::dataset(0x12, 1, first)]);
    chain.push(vec![manifests(ManifestsEvents::DatasetTransferStarted(begun))]);
    fixture.apply_all(&chain.blocks).await;
    assert_eq!(creators().await, [(first.into(), 1), (first.into(), 1)]);
    for (events, creator, version) in [
        (vec![transferred(first, second)], second, 1),
        // The new creator's next version leaves it theirs.
        (vec![chain::dataset(0x11, 2, second)], second, 2),
        (vec![transferred(second, third), transferred(third, first)], first, 2),
    ] {
        let block = chain.push(events).clone();
        fixture.apply(&block).await;
        assert_eq!(creators().await, [(creator.into(), version), (first.into(), 1)]);
    }
    let before = fixture.dump().await;
    let error = project::apply(&fixture.pool, &deployment(), &chain.next(vec![transferred(second, third)])).await;
    assert!(matches!(error, Err(IndexerError::Diverged { what: "previousCreator", .. })), "{error:?}");
    assert_eq!(fixture.dump().await, before);
    fixture.finish().await;
}
