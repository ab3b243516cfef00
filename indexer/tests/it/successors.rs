//! A pool's holders put other contracts in the place of its registries: those are followed from then on, with what they
//! did before, and what is shown is what the pool asks now.

use alloy_primitives::{U256, keccak256};
use serde_json::{Value, json};
use yieldset_chain::{
    Address, B256, Event,
    abi::{
        Attribution::{AttributionEvents, CommitteeSet},
        Pool::{ContributionClaimed, Opened, PoolEvents, SuccessorAdopted, WaitingCarried},
    },
};
use yieldset_indexer::{mirror::Applied, project::Block};
use yieldset_rules::{contribution::WEIGHT_ONE, succession::Part};

use crate::{
    chain::{self, Chain, GENESIS_TIME, Model, PERIOD, account, deployment},
    fixture::Fixture,
    web::{COMPLIANCE, app, ask},
};

const NEW_KYC: Address = Address::repeat_byte(0xb1);
const NEW_REGISTRY: Address = Address::repeat_byte(0xb4);
const NEW_LICENCES: Address = Address::repeat_byte(0xb5);
const LATER: u64 = GENESIS_TIME + 365 * 86_400;

fn adoption(part: Part, successor: Address) -> (Address, Event) {
    let previous = Address::ZERO;
    chain::pool(PoolEvents::SuccessorAdopted(SuccessorAdopted { part: part as u8, successor, previous }))
}

/// The same event of another contract.
fn of(contract: Address, (_, event): (Address, Event)) -> (Address, Event) {
    (contract, event)
}

fn committee(registry: Address, key: u8) -> (Address, Event) {
    let set = CommitteeSet { epoch: 1, threshold: 1, keys: vec![B256::repeat_byte(key)] };
    (registry, Event::Attribution(AttributionEvents::CommitteeSet(set)))
}

/// A report of [`PERIOD`] in the new registry.
fn posted_there() -> (Address, Event) {
    let (mut report, mut posted) = chain::report(PERIOD, B256::ZERO, "lumen/lumen-1");
    report.registry = NEW_REGISTRY.0.0;
    let bytes = report.to_bytes();
    (posted.reportHash, posted.report) = (keccak256(&bytes), bytes.into());
    of(NEW_REGISTRY, chain::posted(posted))
}

struct Scene {
    fixture: Fixture,
    chain: Chain,
}

impl Scene {
    /// Old registries with a record, a committee and a report; new ones, of which nobody knows yet, with others.
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let mut chain = Chain::default();
        let licences = deployment().licence;
        let opened = Opened { licences, ..Opened::default() };
        chain.push(vec![
            chain::committee(1),
            Model::create(),
            chain::kyc(account(1), 1, LATER, false),
            chain::pool(PoolEvents::Opened(opened)),
        ]);
        chain.push(vec![chain::posted(chain::report(PERIOD, B256::ZERO, "lumen/lumen-1").1)]);
        chain.push(vec![
            committee(NEW_REGISTRY, 9),
            of(NEW_KYC, chain::kyc(account(2), 1, LATER, false)),
            of(NEW_KYC, chain::agent(account(0xef), true)),
            of(NEW_LICENCES, chain::offered(B256::repeat_byte(0x2c), deployment().pool)),
        ]);
        fixture.apply_all(&chain.blocks[..2]).await;
        assert_eq!(fixture.apply(&chain.blocks[2]).await, Applied::Now { blocks: 1, events: 0, unread: 0 });
        Self { fixture, chain }
    }

    /// The block that adopts all three, as the follower fetches it. A record in the new KYC registry comes before the
    /// adoption in the same block.
    async fn adopting(&self, more: Vec<(Address, Event)>) -> Block {
        let mut events = vec![of(NEW_KYC, chain::kyc(account(3), 1, LATER, true))];
        events.extend([
            adoption(Part::Kyc, NEW_KYC),
            adoption(Part::Attribution, NEW_REGISTRY),
            adoption(Part::Licences, NEW_LICENCES),
            adoption(Part::Logic, account(0x77)),
        ]);
        events.extend(more);
        let mut block = self.chain.next(events);
        let found = self.fixture.mirror().await.as_mut().unwrap().discoveries(&block).await.unwrap();
        let successors: Vec<_> = found.iter().map(|discovery| discovery.contract).collect();
        assert_eq!(successors, [NEW_KYC, NEW_REGISTRY, NEW_LICENCES], "the logic's code runs as the pool");
        // Each emitted something in the one block before.
        let third = &self.chain.blocks[2].at;
        let blocks = Some(vec![(third.number, third.hash)]);
        assert!(found.iter().all(|discovery| discovery.blocks == blocks), "{found:?}");
        let before = self.chain.blocks.iter().flat_map(|block| &block.events);
        block.earlier = before.filter(|event| successors.contains(&event.address)).cloned().collect();
        block
    }

    async fn json(&self, path: &str) -> Value {
        ask(&app(&self.fixture), path, &[COMPLIANCE]).await.json()
    }

    /// Whose records are listed.
    async fn verified(&self) -> Vec<String> {
        let page = self.json("/v1/kyc").await;
        page["items"].as_array().unwrap().iter().map(|row| row["account"].as_str().unwrap().to_owned()).collect()
    }

    async fn report(&self) -> (Value, Value) {
        let path = format!("/v1/pools/{}/reports/{}/{PERIOD}", deployment().pool, chain::stream());
        let report = self.json(&path).await;
        (report["registry"].clone(), report["followed"].clone())
    }

    async fn take(&mut self, events: Vec<(Address, Event)>) {
        let block = self.chain.push(events).clone();
        self.fixture.apply(&block).await;
    }
}

fn text(address: Address) -> Value {
    json!(address.to_string())
}

/// Proves SAFE-13 for the mirror: from the block on in which the pool adopts other registries the API and the page read
/// those, with what they did before they were adopted; rows of the former ones say whose they are, and are followed on.
#[tokio::test]
async fn what_the_pool_asks_now_is_shown() {
    let mut scene = Scene::new().await;
    let old = deployment();
    assert_eq!(scene.verified().await, [account(1).to_string()]);
    assert_eq!(scene.report().await, (text(old.attribution), json!(true)));
    let block = scene.adopting(vec![]).await;
    assert_eq!(scene.fixture.apply(&block).await, Applied::Now { blocks: 1, events: 9, unread: 0 });
    let rows = scene.fixture.dump().await;
    assert_eq!(scene.fixture.apply(&block).await, Applied::Before);
    assert_eq!(scene.fixture.dump().await, rows);
    scene.chain.blocks.push(block.clone());

    assert_eq!(scene.verified().await, [account(2), account(3)].map(|account| account.to_string()));
    let pool = scene.json(&format!("/v1/pools/{}", old.pool)).await;
    assert_eq!(
        [&pool["kyc"], &pool["attribution"], &pool["licences"]],
        [&text(NEW_KYC), &text(NEW_REGISTRY), &text(NEW_LICENCES)]
    );
    let committees = scene.json("/v1/committees").await;
    assert_eq!(
        (&committees["items"][0]["registry"], committees["items"].as_array().unwrap().len()),
        (&text(NEW_REGISTRY), 1)
    );
    let licence = scene.json(&format!("/v1/licences/{}", B256::repeat_byte(0x2c))).await;
    assert_eq!(licence["contract"], text(NEW_LICENCES));
    // The report is of the former registry, which the pool does not ask any more, and its own committee signed it.
    assert_eq!(scene.report().await, (text(old.attribution), json!(false)));
    let page = scene.json(&format!("/pools/{}.json", old.pool)).await;
    assert_eq!(page["attribution"][0]["committee"]["keys"].as_array().unwrap().len(), 3);
    assert_eq!(page["committee"]["registry"], text(NEW_REGISTRY));
    let html = ask(&app(&scene.fixture), &format!("/pools/{}", old.pool), &[]).await.body;
    assert!(html.contains("a registry that the pool does not ask any more"), "{html}");
    scene.fixture.finish().await;
}

/// Proves SAFE-13 for the mirror: both registries are followed after an adoption, each for its own rows, and the one
/// that the pool asks decides what is shown; a former one that is put back is not read twice.
#[tokio::test]
async fn the_former_registries_are_followed_on() {
    let scene = Scene::new().await;
    let block = scene.adopting(vec![]).await;
    scene.fixture.apply(&block).await;
    // `next` made it: the chain goes on from there.
    let at = block.at;
    let mut height = at.number;
    let mut parent = at.hash;
    let mut go = |events| {
        height += 1;
        let block = chain::block(height, parent, events);
        parent = block.at.hash;
        block
    };
    let old = deployment();
    scene.fixture.apply(&go(vec![posted_there(), chain::kyc(account(2), 2, LATER, true)])).await;
    assert_eq!(scene.report().await, (text(NEW_REGISTRY), json!(true)));
    let frozen: Vec<(Vec<u8>, bool)> =
        sqlx::query_as("SELECT registry, frozen FROM kyc_records WHERE account = $1 ORDER BY registry")
            .bind(account(2).as_slice())
            .fetch_all(&scene.fixture.pool)
            .await
            .unwrap();
    assert_eq!(frozen, [(old.kyc.to_vec(), true), (NEW_KYC.to_vec(), false)]);
    let reports: i64 = sqlx::query_scalar("SELECT count(*) FROM reports").fetch_one(&scene.fixture.pool).await.unwrap();
    assert_eq!(reports, 2);
    // Back to the former ones: what they said before is here already.
    let back = go(vec![adoption(Part::Attribution, old.attribution)]);
    let mut events = scene.chain.blocks.iter().flat_map(|block| &block.events);
    assert!(events.any(|event| event.address == old.attribution));
    let found = scene.fixture.mirror().await.as_mut().unwrap().discoveries(&back).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(scene.fixture.apply(&back).await, Applied::Now { blocks: 1, events: 1, unread: 0 });
    assert_eq!(scene.report().await, (text(old.attribution), json!(true)));
    scene.fixture.finish().await;
}

/// Proves SAFE-13 for the mirror: an adoption is taken back with its block, and only the pool adopts.
#[tokio::test]
async fn an_adoption_that_is_taken_back_leaves_nothing() {
    let mut scene = Scene::new().await;
    let wrong = vec![chain::pool(PoolEvents::DividendClaimed(yieldset_chain::abi::Pool::DividendClaimed {
        account: account(1),
        amount: U256::from(1),
    }))];
    scene.fixture.refuses_for(&scene.adopting(wrong).await, "the dividend").await;
    // The same event of anybody else adopts nobody.
    scene.take(vec![of(account(0x66), adoption(Part::Kyc, NEW_KYC))]).await;
    scene.take(vec![of(NEW_KYC, chain::kyc(account(4), 1, LATER, false))]).await;
    assert_eq!(scene.verified().await, [account(1).to_string()]);
    scene.fixture.finish().await;
}

/// Proves SAFE-13 for the mirror: after an adoption a period can have a book for each registry, of which events do not
/// tell apart; rows are their sums, and what is told is kept to what came in. Without an adoption every claim is worked
/// out, and another amount is refused.
#[tokio::test]
async fn a_period_of_two_registries_has_the_sum_of_its_books() {
    let mut scene = Scene::new().await;
    let (mut model, stream, quarter) = (Model::default(), chain::stream(), WEIGHT_ONE / 4);
    let claimed = |account, amount: u64| {
        let (amount, weight) = (U256::from(amount), U256::from(quarter));
        chain::pool(PoolEvents::ContributionClaimed(ContributionClaimed {
            stream,
            period: PERIOD,
            account,
            amount,
            weight,
        }))
    };
    // 400 are the contributors'.
    let first = [model.mint(account(1), 10u128.pow(18)), model.deposit(account(5), stream, PERIOD, 1_000)];
    scene.take(first.into_iter().flatten().collect()).await;
    scene.take(vec![claimed(account(2), 100)]).await;
    let again = scene.chain.next(vec![claimed(account(2), 100)]);
    scene.fixture.refuses_for(&again, "the contribution").await;
    let block = scene.adopting(vec![]).await;
    scene.fixture.apply(&block).await;
    // `next` made it: the chain goes on from there.
    let at = block.at;
    let (mut height, mut parent) = (at.number, at.hash);
    let mut go = |events| {
        height += 1;
        let block = chain::block(height, parent, events);
        parent = block.at.hash;
        block
    };
    // Another 800, by the new registry's report: 200 of them are a quarter's, and the old one's quarter is 100.
    let more = model.deposit(account(5), stream, PERIOD, 2_000);
    scene.fixture.apply(&go(more.into_iter().collect())).await;
    scene.fixture.apply(&go(vec![claimed(account(2), 200), claimed(account(3), 100)])).await;
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT total::TEXT, claimed::TEXT FROM periods").fetch_all(&scene.fixture.pool).await.unwrap();
    assert_eq!(rows, [("1200".to_owned(), "400".to_owned())]);
    let taken: Vec<String> = sqlx::query_scalar("SELECT claimed::TEXT FROM contributions ORDER BY account")
        .fetch_all(&scene.fixture.pool)
        .await
        .unwrap();
    assert_eq!(taken, ["300", "100"]);
    // 500 are carried of the new book; what is left of both stays.
    let carried = WaitingCarried { stream, from: PERIOD, to: PERIOD + 1, amount: U256::from(500) };
    scene.fixture.apply(&go(vec![chain::pool(PoolEvents::WaitingCarried(carried))])).await;
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT period, (total - claimed)::TEXT FROM periods ORDER BY period")
            .fetch_all(&scene.fixture.pool)
            .await
            .unwrap();
    assert_eq!(rows, [(i64::from(PERIOD), "300".to_owned()), (i64::from(PERIOD) + 1, "500".to_owned())]);
    // More than is there nobody took.
    assert_eq!(scene.fixture.refuses(&go(vec![claimed(account(3), 301)])).await.len(), 1);
    scene.fixture.finish().await;
}
