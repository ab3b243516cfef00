//! The registries' rows after histories that do not run straight: revisions of earlier periods, datasets that change
//! hands.

use std::collections::BTreeMap;

use alloy_primitives::{U256, keccak256};
use sqlx::Row;
use yieldset_chain::{
    Address, B256, Event,
    abi::{
        Attribution::{
            AttributionEvents, BondKept, DisputeDefended, DisputeRejected, DisputeUpheld, ReasonAdded, ReportDisputed,
        },
        Kyc::{AddressFrozen, KycEvents},
        Manifests::{
            DatasetTransferStarted, DatasetTransferred, LicenceClosed, LicenceHeld, LicenceOpened, ManifestsEvents,
            RedactionCertified, VersionRedacted,
        },
    },
};
use yieldset_indexer::{
    column::{Addr, Amount, Hash},
    mirror::Applied,
    verify::{StreamEnd, stream_ends},
};
use yieldset_rules::report::Last;

use crate::{
    chain::{self, Chain, Model, PERIOD, account, deployment},
    fixture::Fixture,
};

/// The registry's own chain of reports, by the rules.
#[derive(Default)]
struct Registry {
    last: BTreeMap<B256, Last>,
    /// The report of each stream and period that counts.
    current: BTreeMap<(B256, u32), B256>,
}

impl Registry {
    /// A report that follows what was accepted before it in its stream.
    fn accept(&mut self, stream: u8, period: u32, revision: u32) -> (Address, Event) {
        let stream = B256::repeat_byte(stream);
        let last = self.last.entry(stream).or_default();
        let (mut report, mut posted) = chain::report(period, last.hash.into(), "lumen/lumen-1");
        (report.stream, report.revision) = (stream.0, revision);
        report.log.size = last.log_size + 1_000;
        let bytes = report.to_bytes();
        (posted.stream, posted.revision, posted.reportHash) = (stream, revision, keccak256(&bytes));
        *last = last.after(&report, posted.reportHash.0);
        self.current.insert((stream, period), posted.reportHash);
        posted.report = bytes.into();
        chain::posted(posted)
    }

    /// A dispute that is upheld: the report is withdrawn, and its period waits for a revision.
    fn withdrawn(&self, stream: u8, period: u32) -> Vec<(Address, Event)> {
        let (pool, stream, challenger) = (deployment().pool, B256::repeat_byte(stream), account(7));
        let (currency, bond) = (Address::ZERO, U256::from(10));
        let (hash, arbiter, deadline) = (self.current[&(stream, period)], account(8), chain::GENESIS_TIME);
        let disputed = ReportDisputed {
            pool,
            stream,
            period,
            reportHash: hash,
            challenger,
            reason: hash,
            deadline,
            currency,
            bond,
        };
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

    fn ends(&self) -> Vec<StreamEnd> {
        let end = |(stream, last): (&B256, &Last)| StreamEnd {
            registry: deployment().attribution.into(),
            pool: deployment().pool.into(),
            stream: (*stream).into(),
            period: last.period.into(),
            report_hash: B256::from(last.hash).into(),
            log_size: Amount::from(last.log_size),
        };
        self.last.iter().map(end).collect()
    }
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
            2 => registry.withdrawn(1, PERIOD),
            3 => vec![registry.accept(1, PERIOD, 1)],
            4 => vec![registry.accept(1, PERIOD + 2, 0), registry.accept(2, PERIOD + 4, 0)],
            5 => [registry.withdrawn(1, PERIOD + 1), registry.withdrawn(2, PERIOD + 4)].concat(),
            // Both in one block; the earlier period's revision comes last.
            6 => vec![registry.accept(2, PERIOD + 4, 1), registry.accept(1, PERIOD + 1, 1)],
            _ => [registry.withdrawn(1, PERIOD), vec![registry.accept(1, PERIOD, 2)]].concat(),
        };
        let block = chain.push(events).clone();
        let told = fixture.apply(&block).await;
        assert!(matches!(told, Applied::Now { unread: 0, .. }), "step {step}: {told:?}");
        let mut connection = fixture.pool.acquire().await.unwrap();
        assert_eq!(stream_ends(&mut connection).await.unwrap(), registry.ends(), "after step {step}");
        let latest: Hash =
            sqlx::query_scalar("SELECT report_hash FROM reports WHERE stream = $1 ORDER BY period DESC LIMIT 1")
                .bind(B256::repeat_byte(1).as_slice())
                .fetch_one(&mut *connection)
                .await
                .unwrap();
        revised_earlier += usize::from(latest.0 != registry.last[&B256::repeat_byte(1)].hash);
    }
    assert_eq!(revised_earlier, 3, "steps in which the latest period's report is not the last one accepted");
    fixture.finish().await;
}

fn manifests(event: ManifestsEvents) -> (Address, Event) {
    (deployment().manifests, Event::Manifests(event))
}

/// A dataset's creator is whoever accepted it last; a transfer that was only begun offers it, and one from somebody who
/// does not own it is not read.
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
    let block = chain.push(vec![transferred(second, third)]).clone();
    assert_eq!(fixture.apply(&block).await, Applied::Now { blocks: 1, events: 1, unread: 1 });
    assert_eq!(creators().await, [(first.into(), 2), (first.into(), 1)]);
    let reasons = fixture.unread(block.at.number).await;
    assert!(matches!(&reasons[..], [reason] if reason.contains("previousCreator")), "{reasons:?}");
    fixture.finish().await;
}

/// Whoever was removed as a trusted issuer is never trusted again, so nothing that it
/// attested counts again. The contract refuses it, and a registry's event that says otherwise is not read.
#[tokio::test]
async fn an_issuer_that_was_removed_is_never_trusted_again() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let issuer = account(0xe1);
    chain.push(vec![chain::issuer(issuer, true), chain::attested(account(1), issuer, u64::MAX, false)]);
    chain.push(vec![chain::issuer(issuer, false)]);
    fixture.apply_all(&chain.blocks).await;
    let block = chain.push(vec![chain::issuer(issuer, true)]).clone();
    assert_eq!(fixture.apply(&block).await, Applied::Now { blocks: 1, events: 1, unread: 1 });
    let trusted: bool = sqlx::query_scalar("SELECT trusted FROM kyc_issuers").fetch_one(&fixture.pool).await.unwrap();
    assert!(!trusted);
    fixture.finish().await;
}

/// Who disputed what, who stood for it, how it was ruled and what became of the bonds is in rows; and of a report that
/// was replaced, every revision.
#[tokio::test]
async fn a_dispute_leaves_who_said_what() {
    let fixture = Fixture::new().await;
    let (mut chain, mut registry) = (Chain::default(), Registry::default());
    let told = |event| (deployment().attribution, Event::Attribution(event));
    let (pool, stream, period) = (deployment().pool, B256::repeat_byte(1), PERIOD);
    chain.push(vec![Model::create(), chain::committee(1), registry.accept(1, PERIOD, 0)]);
    let hash = registry.current[&(stream, period)];
    let (challenger, defender, arbiter) = (account(7), account(6), account(8));
    let [bond, half] = [10, 5].map(U256::from);
    let (reason, deadline, final_at) = (B256::repeat_byte(0x2e), chain::GENESIS_TIME + 50, chain::GENESIS_TIME + 60);
    let disputed = ReportDisputed {
        pool,
        stream,
        period,
        reportHash: hash,
        challenger,
        reason,
        deadline,
        bond,
        ..ReportDisputed::default()
    };
    let rejected = DisputeRejected {
        pool,
        stream,
        period,
        reportHash: hash,
        challenger,
        arbiter,
        finalAt: final_at,
        toChallenger: U256::ZERO,
        toDefender: bond + half,
        toPeriod: half,
    };
    let heard = ReasonAdded { pool, stream, period, reportHash: hash, account: account(5), reason };
    let kept = BondKept { pool, stream, period, amount: half, kept: half, ..BondKept::default() };
    let events = [
        AttributionEvents::ReportDisputed(disputed),
        AttributionEvents::DisputeDefended(DisputeDefended { pool, stream, period, reportHash: hash, defender }),
        AttributionEvents::ReasonAdded(heard.clone()),
        AttributionEvents::DisputeRejected(rejected),
        AttributionEvents::BondKept(kept),
    ];
    chain.push(events.map(told).into());
    chain.push(registry.withdrawn(1, PERIOD));
    chain.push(vec![registry.accept(1, PERIOD, 1)]);
    fixture.apply_all(&chain.blocks).await;
    let rows: Vec<(i16, Addr, Option<Addr>, String, Amount)> =
        sqlx::query_as("SELECT number, challenger, defender, ruling, to_defender FROM disputes ORDER BY number")
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    let first = (1, challenger.into(), Some(defender.into()), "rejected".to_owned(), (bond + half).into());
    assert_eq!(rows, [first, (2, challenger.into(), None, "upheld".to_owned(), Amount::ZERO)]);
    let counts: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM dispute_reasons), (SELECT count(*) FROM bond_moves WHERE kept = 5),
                (SELECT count(*) FROM report_postings), (SELECT count(*) FROM reports WHERE revision = 1)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(counts, (1, 1, 2, 1));
    // Nobody is heard on a report that is not disputed, or not the one that counts.
    fixture.refuses_for(&chain.next(vec![told(AttributionEvents::ReasonAdded(heard))]), "reportHash").await;
    fixture.finish().await;
}

/// A dataset counts its licences as its registry does, and a redaction its certificates; of a freeze it is known whose.
#[tokio::test]
async fn what_binds_a_dataset_is_counted() {
    let fixture = Fixture::new().await;
    let mut chain = Chain::default();
    let (dataset, first, second) = (B256::repeat_byte(0x11), B256::repeat_byte(0x1c), B256::repeat_byte(0x2c));
    let opened = |licence, active| {
        let event = LicenceOpened { dataset, licence, exclusiveUntil: 0, active };
        manifests(ManifestsEvents::LicenceOpened(event))
    };
    let held = LicenceHeld { dataset, licence: first, exclusiveUntil: 900, active: 1 };
    let closed = LicenceClosed { dataset, licence: first, active: 1 };
    let redacted = VersionRedacted { dataset, version: 1, platforms: 2, ..VersionRedacted::default() };
    let certified = RedactionCertified { dataset, version: 1, certified: 1, platforms: 2, ..Default::default() };
    let frozen = AddressFrozen { userAddress: account(1), isFrozen: true, owner: account(0xee) };
    chain.push(vec![
        chain::dataset(0x11, 1, account(1)),
        manifests(ManifestsEvents::LicenceHeld(held)),
        opened(first, 1),
        opened(second, 2),
        manifests(ManifestsEvents::LicenceClosed(closed)),
        manifests(ManifestsEvents::VersionRedacted(redacted)),
        manifests(ManifestsEvents::RedactionCertified(certified.clone())),
        (deployment().kyc, Event::Kyc(KycEvents::AddressFrozen(frozen))),
    ]);
    assert_eq!(fixture.apply(&chain.blocks[0]).await, Applied::Now { blocks: 1, events: 8, unread: 0 });
    let counts: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT licences FROM datasets), (SELECT count(*) FROM dataset_licences WHERE state = 'open'),
                (SELECT platforms - certified FROM dataset_versions), (SELECT count(*) FROM redaction_certificates)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(counts, (1, 1, 1, 1));
    let flag: (Addr, String, bool) =
        sqlx::query_as("SELECT agent, flag, active FROM kyc_flags").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(flag, (account(0xee).into(), "frozen".to_owned(), true));
    fixture.refuses_for(&chain.next(vec![opened(B256::repeat_byte(0x3c), 1)]), "active").await;
    let again = manifests(ManifestsEvents::RedactionCertified(certified));
    fixture.refuses_for(&chain.next(vec![again]), "certified").await;
    fixture.finish().await;
}
