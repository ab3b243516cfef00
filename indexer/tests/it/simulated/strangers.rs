//! Strangers on a simulated chain: in the contracts that many share, and with contracts of their own that the factory
//! lists. Whatever they tell, our pool's rows are those of a chain without them.

use std::collections::HashSet;

use alloy_primitives::keccak256;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::Value;
use yieldset_chain::{
    Address, B256, Bytes, Deployment, Event, U256,
    abi::{
        Attribution::{AttributionEvents, CommitteeSet},
        Coop::{CoopEvents, ProposalCreated, VoteCast},
        Factory::{FactoryEvents, PoolListed},
        Licence::{
            DueAssessed, FundsChanged, LicenceActivated, LicenceEvents, LicenceOffered, RevenueReported, UsageLogSet,
            YearTruedUp,
        },
        Manifests::{DatasetAssigned, DatasetRegistered, ManifestsEvents, ModelIngested},
        Market::{Credited, MarketEvents, OrderPlaced, PoolListed as Tradable, Traded},
        Pool::{Deposited, Opened, PoolCreated, PoolEvents, SuccessorAdopted, Transfer},
    },
};
use yieldset_indexer::{column::Amount, reports::earnings::earnings, snapshot::Snapshot};
use yieldset_rules::succession::Part;

use super::{SimulatedChain, SimulatedNode, caught_up, following, number, rows, tree::Strangers};
use crate::{
    chain::{self, PERIOD, START, account, deployment, licence_id, stream},
    fixture::Fixture,
};

pub(super) type Told = (Address, Event);

/// Contracts of strangers; the last one nobody lists.
pub(super) const POOL: Address = Address::repeat_byte(0xd0);
const COOP: Address = Address::repeat_byte(0xd1);
const LICENCES: Address = Address::repeat_byte(0xd2);
const REGISTRY: Address = Address::repeat_byte(0xd3);
const KYC: Address = Address::repeat_byte(0xd4);
const MARKET: Address = Address::repeat_byte(0xd5);
const UNLISTED: Address = Address::repeat_byte(0xd9);

/// The same event of another contract.
pub(super) fn of(contract: Address, (_, event): Told) -> Told {
    (contract, event)
}

/// Numbers at which something could break.
fn figure(random: &mut StdRng) -> U256 {
    let most = U256::from(u128::MAX);
    [U256::ZERO, U256::from(1), most, most + U256::from(1), U256::MAX][random.gen_range(0..5)]
}

/// Words that a page, a log or a database could trip over.
fn words(random: &mut StdRng) -> String {
    let long = "x".repeat(20_000);
    [
        "\0",
        "\u{1b}[31m\u{202e}\u{7f}",
        "<script>alert(1)</script>",
        "'; DROP TABLE blocks; --",
        "\u{fffd}\u{10ffff}",
        long.as_str(),
    ][random.gen_range(0..6)]
    .to_owned()
}

fn label(random: &mut StdRng) -> B256 {
    [B256::ZERO, B256::repeat_byte(0xff), B256::right_padding_from(b"\x1b[31m<b>"), B256::left_padding_from(b"late")]
        [random.gen_range(0..4)]
}

fn listing(random: &mut StdRng) -> Told {
    let Deployment { factory, market, manifests, .. } = deployment();
    let listed = PoolListed {
        pool: POOL,
        creator: account(0xdd),
        coop: COOP,
        number: random.gen_range(0..=u32::MAX),
        currency: [Address::ZERO, UNLISTED][random.gen_range(0..2)],
        kyc: KYC,
        attribution: REGISTRY,
        manifests,
        licence: LICENCES,
        market: [market, MARKET][random.gen_range(0..2)],
        logic: Address::ZERO,
        created: false,
    };
    (factory, Event::Factory(FactoryEvents::PoolListed(listed)))
}

/// A pool that is none, and one that nobody lists.
fn pools(random: &mut StdRng) -> Told {
    let contract = [POOL, UNLISTED][random.gen_range(0..2)];
    let event = match random.gen_range(0..6) {
        0 => PoolEvents::PoolCreated(PoolCreated {
            kyc: deployment().kyc,
            attribution: deployment().attribution,
            currency: UNLISTED,
            contributorsBps: random.gen_range(0..=u16::MAX),
            name: label(random),
            symbol: label(random),
        }),
        1 => PoolEvents::Transfer(Transfer { from: Address::ZERO, to: account(1), value: figure(random) }),
        2 => PoolEvents::Deposited(Deposited {
            stream: stream(),
            period: PERIOD,
            payer: account(1),
            amount: figure(random),
            toHolders: figure(random),
            index: figure(random),
        }),
        3 => PoolEvents::Opened(Opened { licences: LICENCES, supply: figure(random), ..Opened::default() }),
        4 => {
            let (part, successor) = (random.gen_range(0..=5), [KYC, REGISTRY, MARKET][random.gen_range(0..3)]);
            PoolEvents::SuccessorAdopted(SuccessorAdopted { part, successor, previous: deployment().kyc })
        }
        _ => {
            let topics = (0..random.gen_range(0..6)).map(|_| B256::repeat_byte(random.gen_range(0..=255))).collect();
            let data = Bytes::from(vec![0xffu8; random.gen_range(0..2_000)]);
            return (contract, Event::Unknown { topics, data });
        }
    };
    (contract, Event::Pool(event))
}

/// In the licence contract that many share, and in one of their own, there under our licence's id.
fn licences(random: &mut StdRng, n: u64) -> Told {
    let theirs = random.gen_bool(0.5);
    let (contract, licence) = match theirs {
        true => (LICENCES, licence_id()),
        false => (deployment().licence, keccak256(format!("stranger {n}"))),
    };
    let pool = if theirs { deployment().pool } else { POOL };
    let event = match random.gen_range(0..8) {
        0 => LicenceEvents::LicenceOffered(LicenceOffered {
            licence,
            pool,
            platform: account(9),
            currency: UNLISTED,
            upfront: figure(random),
            expiresAt: u64::MAX,
            ..LicenceOffered::default()
        }),
        1 => return of(contract, chain::accepted(licence)[random.gen_range(0..2)].clone()),
        2 => LicenceEvents::UsageLogSet(UsageLogSet {
            licence,
            epoch: random.gen_range(0..=u32::MAX),
            origin: words(random),
            witnesses: vec![B256::ZERO; random.gen_range(0..300)],
            since: u64::MAX,
            ..UsageLogSet::default()
        }),
        3 => LicenceEvents::RevenueReported(RevenueReported {
            licence,
            quarter: PERIOD,
            gross: figure(random),
            net: figure(random),
            ..RevenueReported::default()
        }),
        4 => LicenceEvents::LicenceActivated(activated(licence, [u64::MAX, u64::MAX / 2, 1][random.gen_range(0..3)])),
        5 => LicenceEvents::DueAssessed(DueAssessed {
            licence,
            quarter: random.gen_range(0..=u32::MAX),
            due: figure(random),
            payBy: u64::MAX,
            paid: figure(random),
        }),
        6 => LicenceEvents::YearTruedUp(YearTruedUp {
            licence,
            year: random.gen_range(0..3),
            guaranteed: figure(random),
            earned: figure(random),
            ..YearTruedUp::default()
        }),
        _ => LicenceEvents::FundsChanged(FundsChanged {
            licence,
            escrow: figure(random),
            refundable: figure(random),
            held: figure(random),
        }),
    };
    (contract, Event::Licence(event))
}

fn manifests(random: &mut StdRng, n: u64) -> Told {
    let dataset = keccak256(format!("dataset {n}"));
    let event = match random.gen_range(0..3) {
        0 => ManifestsEvents::DatasetRegistered(DatasetRegistered {
            dataset,
            version: 1,
            // As ours, which was first.
            manifestHash: keccak256([1u8, 1]),
            creator: account(0xdd),
            registeredAt: u64::MAX,
            ..DatasetRegistered::default()
        }),
        1 => ManifestsEvents::DatasetAssigned(DatasetAssigned { dataset, pool: deployment().pool, previousPool: POOL }),
        _ => ManifestsEvents::ModelIngested(ModelIngested {
            platform: account(0xdd),
            run: dataset,
            datasets: vec![B256::repeat_byte(1); 300],
            versions: vec![u32::MAX; random.gen_range(0..400)],
            recordedAt: u64::MAX,
            ..ModelIngested::default()
        }),
    };
    (deployment().manifests, Event::Manifests(event))
}

/// In the market that many share for their pool, and in their own for ours.
fn trade(random: &mut StdRng, n: u64) -> Told {
    let (contract, pool) = [(deployment().market, POOL), (MARKET, deployment().pool)][random.gen_range(0..2)];
    // Our numbers in their own market.
    let order = if contract == MARKET { random.gen_range(0..10) } else { 1_000_000 + n };
    let event = match random.gen_range(0..4) {
        0 => MarketEvents::PoolListed(Tradable { pool, currency: UNLISTED, lot: figure(random), tick: figure(random) }),
        1 => MarketEvents::OrderPlaced(OrderPlaced {
            order,
            maker: account(4),
            pool,
            side: random.gen_range(0..=255),
            shares: figure(random),
            price: figure(random),
            expiry: u64::MAX,
            escrow: figure(random),
            ..OrderPlaced::default()
        }),
        2 => MarketEvents::Credited(Credited {
            account: account(4),
            pool,
            amount: figure(random),
            credit: figure(random),
        }),
        _ => MarketEvents::Traded(Traded {
            pool,
            seller: account(4),
            buyer: account(3),
            ask: order,
            shares: figure(random),
            price: figure(random),
            cost: figure(random),
            ..Traded::default()
        }),
    };
    (contract, Event::Market(event))
}

/// In registries of their own about our pool and our people, and in ours about their own.
fn registries(random: &mut StdRng) -> Told {
    let (mut report, mut posted) = chain::report(PERIOD, B256::ZERO, "stranger/model");
    match random.gen_range(0..5) {
        0 => {
            report.registry = REGISTRY.0.0;
            let bytes = report.to_bytes();
            (posted.reportHash, posted.report) = (keccak256(&bytes), bytes.into());
            of(REGISTRY, chain::posted(posted))
        }
        1 => {
            (posted.pool, posted.report) = (POOL, vec![0xffu8; random.gen_range(0..500)].into());
            chain::posted(posted)
        }
        2 => {
            let set =
                CommitteeSet { epoch: u32::MAX, threshold: 255, keys: vec![B256::ZERO; random.gen_range(0..100)] };
            (REGISTRY, Event::Attribution(AttributionEvents::CommitteeSet(set)))
        }
        3 => of(KYC, chain::kyc(account(random.gen_range(1..7)), 255, u64::MAX, true)),
        _ => chain::kyc(account(random.gen_range(0xc0..0xd0)), 255, u64::MAX, true),
    }
}

/// A co-op of their own, with our proposals' ids.
fn coop(random: &mut StdRng) -> Told {
    let proposal = chain::proposal_id(random.gen_range(1..4));
    let event = match random.gen_range(0..2) {
        0 => CoopEvents::ProposalCreated(ProposalCreated {
            proposalId: proposal,
            targets: vec![deployment().pool; random.gen_range(0..100)],
            voteStart: U256::ZERO,
            voteEnd: [figure(random), U256::from(i64::MAX)][random.gen_range(0..2)],
            description: words(random),
            ..ProposalCreated::default()
        }),
        _ => CoopEvents::VoteCast(VoteCast {
            voter: account(1),
            proposalId: proposal,
            support: random.gen_range(0..=255),
            weight: figure(random),
            reason: words(random),
        }),
    };
    (COOP, Event::Coop(event))
}

/// Strangers who tell up to eight things in each block.
fn strangers(seed: u64) -> Strangers {
    let (mut random, mut told) = (StdRng::seed_from_u64(seed), 0);
    Box::new(move |_| {
        let mut events = Vec::new();
        for _ in 0..random.gen_range(0..=8) {
            told += 1;
            events.push(match random.gen_range(0..7) {
                0 => listing(&mut random),
                1 => pools(&mut random),
                2 => licences(&mut random, told),
                3 => manifests(&mut random, told),
                4 => trade(&mut random, told),
                5 => registries(&mut random),
                _ => coop(&mut random),
            });
        }
        events
    })
}

/// The same course of events with and without strangers.
fn courses(seed: u64) -> [SimulatedChain; 2] {
    [None, Some(strangers(seed))].map(|strangers| {
        let chain = SimulatedChain::among(seed, strangers);
        chain.extend(30);
        chain.finalise(START + 20);
        chain.fork(6, 10);
        chain.extend(30);
        chain.finalise(START + 50);
        chain
    })
}

async fn mirrored(fixture: &Fixture, chain: &SimulatedChain) -> Vec<String> {
    fixture.clear().await;
    let node = SimulatedNode::of(chain);
    following(fixture, &node, caught_up(fixture, chain)).await;
    rows(fixture).await
}

/// A row's table and its columns.
fn parts(row: &str) -> (&str, Value) {
    let (table, json) = row.split_once(' ').unwrap();
    (table.rsplit('.').next().unwrap(), serde_json::from_str(json).unwrap())
}

/// Whether a row tells how often something in a contract was not read, which is of all who use it.
fn is_count(row: &str) -> bool {
    parts(row).0.starts_with("contracts")
}

/// Whether a row follows from what strangers told, and from nothing else. Events of ours are in places of their own.
fn is_theirs(row: &str) -> bool {
    let (table, columns) = parts(row);
    match columns["event_index"].as_i64() {
        Some(place) => place % 2 == 1,
        None => {
            let ours = deployment().named();
            let known = ours.iter().any(|(_, address)| columns["address"] == format!("\\x{}", hex::encode(address)));
            table == "emitters" && !known
        }
    }
}

/// Of events of ours those that were not read, and why.
async fn unread(fixture: &Fixture) -> Vec<(i64, i64, String, String)> {
    sqlx::query_as(
        "SELECT block, event_index, kind, unread FROM journal WHERE unread IS NOT NULL AND event_index % 2 = 0 LIMIT 9",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap()
}

/// Proves MIR-4: whatever strangers register, offer, order, propose and post, in shared contracts and in their own, and
/// with whatever figures and words, each row of ours is as without them, and nothing stops.
#[tokio::test]
async fn strangers_change_no_row_of_ours() {
    let fixture = Fixture::new().await;
    for seed in 0..number("YIELDSET_MIRROR_STRANGERS", 3) {
        let [alone, among] = courses(seed.into());
        let ours = mirrored(&fixture, &alone).await;
        let all: HashSet<String> = mirrored(&fixture, &among).await.into_iter().collect();
        let changed: Vec<_> = ours.iter().filter(|row| !is_count(row) && !all.contains(*row)).take(5).collect();
        assert!(changed.is_empty(), "seed {seed}: strangers changed {changed:#?}; {:#?}", unread(&fixture).await);
        let ours: HashSet<String> = ours.into_iter().collect();
        let more: Vec<_> = all.difference(&ours).filter(|row| !is_count(row)).collect();
        let odd: Vec<_> = more.iter().filter(|row| !is_theirs(row)).take(5).collect();
        assert!(odd.is_empty(), "seed {seed}: rows that are nobody's: {odd:#?}");
        // They were heard, and what makes no sense is in the journal with its reason.
        assert!(more.len() > 100, "seed {seed}: only {}", more.len());
        let faults: i64 = sqlx::query_scalar("SELECT count(*) FROM contracts WHERE fault IS NOT NULL AND address = $1")
            .bind(deployment().pool.as_slice())
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
        assert_eq!(faults, 0, "seed {seed}: our pool stands still");
    }
    fixture.finish().await;
}

/// A chain of which each block tells one of these.
pub(super) fn told(blocks: Vec<Vec<Told>>) -> SimulatedChain {
    let mut blocks = blocks.into_iter();
    let many = blocks.len() as u64;
    let chain = SimulatedChain::among(7, Some(Box::new(move |_| blocks.next().unwrap_or_default())));
    chain.extend(many);
    chain
}

/// Proves MIR-4: who lists a contract as something that it is not, before our pool adopts it, keeps nothing from being
/// read that our pool's holders adopt.
#[tokio::test]
async fn a_stranger_cannot_misname_what_our_pool_adopts() {
    let fixture = Fixture::new().await;
    let next = Address::repeat_byte(0xb4);
    let adoption = SuccessorAdopted { part: Part::Attribution as u8, successor: next, previous: Address::ZERO };
    let (mut report, mut posted) = chain::report(PERIOD + 1, B256::ZERO, "lumen/lumen-1");
    report.registry = next.0.0;
    let bytes = report.to_bytes();
    (posted.reportHash, posted.report) = (keccak256(&bytes), bytes.into());
    let ours = vec![
        of(next, chain::committee(1)),
        chain::pool(PoolEvents::SuccessorAdopted(adoption)),
        of(next, chain::posted(posted)),
    ];
    let Deployment { factory, .. } = deployment();
    let misnamed = PoolListed { pool: POOL, kyc: next, number: 9, ..PoolListed::default() };
    let misnaming = (factory, Event::Factory(FactoryEvents::PoolListed(misnamed)));
    for strangers in [None, Some(misnaming)] {
        // The first block is the pool's own beginning.
        let chain = told(vec![vec![], strangers.into_iter().collect(), ours.clone()]);
        mirrored(&fixture, &chain).await;
        for table in ["reports", "committees"] {
            let statement = format!("SELECT count(*) FROM {table} WHERE registry = $1");
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
                .bind(next.as_slice())
                .fetch_one(&fixture.pool)
                .await
                .unwrap();
            assert_eq!(count, 1, "{table}");
        }
    }
    fixture.finish().await;
}

/// Proves MIR-4: a stranger's pool that adopts a contract with a long past of another kind, such as a token that moves
/// in every block, has no block read again: what it costs to mirror a past, somebody has paid for who told it.
#[tokio::test]
async fn a_busy_contract_that_a_stranger_adopts_is_not_read_again() {
    let fixture = Fixture::new().await;
    let token = Address::repeat_byte(0xb7);
    let transfer = Transfer { from: account(1), to: account(2), value: U256::from(1) };
    let moves = vec![(token, Event::Pool(PoolEvents::Transfer(transfer)))];
    let adoption = SuccessorAdopted { part: Part::Kyc as u8, successor: token, previous: Address::ZERO };
    let adopts = (POOL, Event::Pool(PoolEvents::SuccessorAdopted(adoption)));
    let mut told_blocks = Vec::new();
    for last in [Vec::new(), vec![adopts]] {
        let listing = PoolListed { pool: POOL, number: 9, ..PoolListed::default() };
        let listed = (deployment().factory, Event::Factory(FactoryEvents::PoolListed(listing)));
        let mut blocks = vec![vec![], vec![listed]];
        blocks.extend(vec![moves.clone(); 300]);
        blocks.push(last);
        let chain = told(blocks);
        fixture.clear().await;
        let node = SimulatedNode::of(&chain);
        following(&fixture, &node, caught_up(&fixture, &chain)).await;
        told_blocks.push(node.blocks_told());
    }
    // One more or less: the last block may have been asked for twice.
    assert!(told_blocks[1] <= told_blocks[0] + 1, "{told_blocks:?} blocks were told");
    fixture.finish().await;
}

/// When a licence ends.
fn activated(licence: B256, ends_at: u64) -> LicenceActivated {
    LicenceActivated { licence, endsAt: ends_at, trainingUntil: 0 }
}

/// Proves MIR-4: a licence of a stranger's contract that ends in no time that years could be counted up to stops
/// nothing, whatever is due in it.
#[tokio::test]
async fn a_licence_without_an_end_stops_nothing() {
    let fixture = Fixture::new().await;
    let factory = deployment().factory;
    let listing = PoolListed { pool: POOL, licence: LICENCES, number: 9, ..PoolListed::default() };
    let [accepted, _] = chain::accepted(licence_id());
    let endless = (LICENCES, Event::Licence(LicenceEvents::LicenceActivated(activated(licence_id(), u64::MAX))));
    let [reported, due] = chain::quarter_reported(licence_id());
    let chain = told(vec![
        vec![],
        vec![(factory, Event::Factory(FactoryEvents::PoolListed(listing)))],
        vec![of(LICENCES, chain::offered(licence_id(), POOL)), of(LICENCES, accepted), endless],
        vec![of(LICENCES, reported), of(LICENCES, due)],
        vec![],
    ]);
    mirrored(&fixture, &chain).await;
    let unread: Vec<String> =
        sqlx::query_scalar("SELECT unread FROM journal WHERE unread IS NOT NULL AND address = $1")
            .bind(LICENCES.as_slice())
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(unread.len(), 1, "{unread:?}");
    assert!(unread[0].contains("a licence's end"), "{unread:?}");
    fixture.finish().await;
}

/// Proves MIR-4: what a stranger's licence contract, registry and market tell of our pool and our people is on no list
/// of theirs, and in no sum.
#[tokio::test]
async fn our_pools_lists_are_ours() {
    let fixture = Fixture::new().await;
    let Deployment { factory, pool, .. } = deployment();
    let listing = PoolListed {
        pool: POOL,
        licence: LICENCES,
        attribution: REGISTRY,
        market: MARKET,
        number: 9,
        ..PoolListed::default()
    };
    let coins = U256::from(7);
    let trading = [
        MarketEvents::PoolListed(Tradable { pool, currency: Address::ZERO, lot: U256::from(1), tick: U256::from(1) }),
        MarketEvents::OrderPlaced(OrderPlaced {
            order: 1,
            maker: account(4),
            pool,
            side: 1,
            shares: coins,
            price: coins,
            expiry: u64::MAX,
            ..OrderPlaced::default()
        }),
        MarketEvents::Traded(Traded {
            pool,
            seller: account(4),
            buyer: account(3),
            ask: 1,
            shares: U256::from(2),
            price: coins,
            cost: coins,
            askLeft: U256::from(5),
            ..Traded::default()
        }),
        MarketEvents::Credited(Credited { account: account(4), pool, amount: coins, credit: coins }),
    ];
    let (mut report, mut posted) = chain::report(PERIOD, B256::ZERO, "stranger/model");
    report.registry = REGISTRY.0.0;
    let bytes = report.to_bytes();
    (posted.reportHash, posted.report) = (keccak256(&bytes), bytes.into());
    let chain = told(vec![
        vec![],
        vec![(factory, Event::Factory(FactoryEvents::PoolListed(listing)))],
        vec![of(LICENCES, chain::offered(licence_id(), pool)), of(REGISTRY, chain::committee(1))],
        trading
            .map(|event| (MARKET, Event::Market(event)))
            .into_iter()
            .chain([of(REGISTRY, chain::posted(posted)), chain::offered(licence_id(), POOL)])
            .collect(),
    ]);
    mirrored(&fixture, &chain).await;
    let app = crate::web::app(&fixture);
    let counts: Vec<i64> = sqlx::query_scalar(
        "SELECT count(*) FROM licences WHERE pool = $1 UNION ALL SELECT count(*) FROM reports WHERE pool = $1
         UNION ALL SELECT count(*) FROM orders WHERE pool = $1 UNION ALL SELECT count(*) FROM trades WHERE pool = $1
         UNION ALL SELECT count(*) FROM credits WHERE pool = $1 UNION ALL SELECT count(*) FROM prices WHERE pool = $1",
    )
    .bind(pool.as_slice())
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    assert!(counts.iter().all(|count| *count > 0), "they were heard: {counts:?}");
    for list in ["licences", "reports", "orders", "trades", "credits", "prices"] {
        let page = crate::web::ask(&app, &format!("/v1/pools/{pool}/{list}"), &[]).await.json();
        assert_eq!(page["items"], serde_json::json!([]), "{list}: {page}");
    }
    let listing = crate::web::ask(&app, &format!("/v1/pools/{pool}/listing"), &[]).await.json();
    assert_eq!(listing, Value::Null);
    let told_of = async |of: u8| crate::web::ask(&app, &format!("/v1/accounts/{}", account(of)), &[]).await.json();
    let maker = told_of(4).await;
    assert_eq!((&maker["orders"], &maker["credits"]), (&serde_json::json!([]), &serde_json::json!([])), "{maker}");
    let platform = told_of(9).await;
    let offered: Vec<_> = platform["licences"].as_array().unwrap().iter().map(|one| one["contract"].clone()).collect();
    assert_eq!(offered, [deployment().licence.to_string()], "{platform}");
    let mut snapshot = Snapshot::open(&fixture.pool).await.unwrap();
    for of in [3, 4] {
        let earned = earnings(&mut snapshot, account(of).into(), None).await.unwrap();
        let traded: Vec<_> = earned.sums.iter().map(|sum| (sum.figures.bought_for, sum.figures.sold_for)).collect();
        assert!(traded.iter().all(|one| *one == (Amount::ZERO, Amount::ZERO)), "{earned:?}");
        assert!(earned.sums.iter().all(|sum| sum.figures.credit == Amount::ZERO), "{earned:?}");
    }
    drop(snapshot);
    // Two contracts tell of a licence by one number: it is the deployment's, though the other one told first.
    let licence = crate::web::ask(&app, &format!("/v1/licences/{}", licence_id()), &[]).await.json();
    assert_eq!(licence["contract"], deployment().licence.to_string(), "{licence}");
    fixture.finish().await;
}
