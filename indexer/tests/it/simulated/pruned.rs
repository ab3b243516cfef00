//! Nodes that have dropped old states, alone and among others.

use yieldset_chain::{
    Address, Event,
    abi::{
        Factory::{FactoryEvents, PoolListed},
        Pool::{PoolEvents, SuccessorAdopted},
    },
};
use yieldset_indexer::{
    error::IndexerError,
    status::{Doing, Status},
};
use yieldset_rules::succession::Part;

use super::{
    Answers, FailOver, SimulatedChain, SimulatedNode, assert_truth, caught_up, following, following_as, rows, stopped,
    strangers::{POOL, of, told},
    tips, until,
};
use crate::{
    chain::{self, START, deployment},
    fixture::Fixture,
};

/// Proves MIR-3: a node that dropped the states that are to be mirrored is told apart from one that is away: waiting is
/// for nothing, and what to do is said.
#[tokio::test]
async fn a_pruned_node_is_told_apart() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(13);
    let node = SimulatedNode::of(&chain);
    chain.extend(30);
    chain.finalise(chain.best().number - 2);
    node.answer(Answers::Pruned(START + 20));
    let error = stopped(&fixture, &node).await;
    assert!(matches!(error, IndexerError::StateGone(_)) && error.away().is_none(), "{error}");
    assert!(error.to_string().contains("an archive node"), "{error}");
    // What it has suffices for who has mirrored that far.
    node.answer(Answers::Well);
    following(&fixture, &node, caught_up(&fixture, &chain)).await;
    node.answer(Answers::Pruned(chain.best().number - 4));
    following(&fixture, &node, async {
        chain.extend(3);
        chain.fork(4, 6);
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: where one of several nodes has dropped the states that are to be mirrored, the next one tells them,
/// and it is waited for while it is away. Once all is mirrored, the first one suffices.
#[tokio::test]
async fn of_several_nodes_one_that_is_not_pruned_is_enough() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(20);
    let [pruned, archive] = [SimulatedNode::of(&chain), SimulatedNode::of(&chain)];
    let several = FailOver::over(&[pruned.clone(), archive.clone()]);
    chain.extend(30);
    chain.finalise(chain.best().number - 2);
    pruned.answer(Answers::Pruned(START + 20));
    archive.answer(Answers::Away);
    let status = Status::new(Doing::Starting);
    following_as(&status, &fixture, &several, async {
        for _ in 0..3 {
            let losses = Status::count(&status.node_losses);
            until("a node is said to be away", async || Ok(Status::count(&status.node_losses) > losses)).await;
        }
        assert!(tips(&fixture.pool).await.unwrap()[0].is_none(), "what is here begins where it must not");
        archive.answer(Answers::Well);
        caught_up(&fixture, &chain).await;
        archive.answer(Answers::Away);
        chain.extend(3);
        chain.fork(4, 6);
        caught_up(&fixture, &chain).await;
        until("it is live", async || Ok(status.now().phase == Doing::Live)).await;
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: where all of several nodes have dropped the states that are to be mirrored, waiting is for nothing.
#[tokio::test]
async fn where_all_nodes_are_pruned_it_stops() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(21);
    let nodes = [SimulatedNode::of(&chain), SimulatedNode::of(&chain)];
    let several = FailOver::over(&nodes);
    chain.extend(30);
    chain.finalise(chain.best().number - 2);
    for (node, from) in nodes.iter().zip([START + 20, START + 10]) {
        node.answer(Answers::Pruned(from));
    }
    let error = stopped(&fixture, &several).await;
    assert!(matches!(error, IndexerError::StateGone(_)) && error.away().is_none(), "{error}");
    assert!(error.to_string().contains("an archive node"), "{error}");
    // It stops as well where they drop states that it has not come to.
    nodes[1].answer(Answers::Well);
    following(&fixture, &several, caught_up(&fixture, &chain)).await;
    chain.extend(20);
    chain.finalise(chain.best().number - 2);
    for node in &nodes {
        node.answer(Answers::Pruned(START + 40));
    }
    let error = stopped(&fixture, &several).await;
    assert!(matches!(error, IndexerError::StateGone(_)), "{error}");
    fixture.finish().await;
}

/// A contract that told something early, and then long nothing.
const NEXT: Address = Address::repeat_byte(0xb4);
/// The block in which a stranger's pool adopts it; in the next one it is adopted as something else, and tells again.
const ADOPTED: u64 = START + 13;

/// The chain until before, and with what comes then.
fn adoption() -> [SimulatedChain; 2] {
    let listing = PoolListed { pool: POOL, number: 9, ..PoolListed::default() };
    let adopts = |part: Part| {
        let adoption = SuccessorAdopted { part: part as u8, successor: NEXT, previous: Address::ZERO };
        (POOL, Event::Pool(PoolEvents::SuccessorAdopted(adoption)))
    };
    let mut blocks = vec![
        vec![],
        vec![of(NEXT, chain::committee(1))],
        vec![
            of(POOL, chain::Model::create()),
            (deployment().factory, Event::Factory(FactoryEvents::PoolListed(listing))),
        ],
    ];
    blocks.extend(vec![vec![]; 10]);
    // One more block follows the last one told of.
    let before = told(blocks[..blocks.len() - 1].to_vec());
    blocks.extend([vec![adopts(Part::Attribution)], vec![adopts(Part::Kyc), of(NEXT, chain::committee(2))], vec![]]);
    [before, told(blocks)]
}

/// What it is named while it stands still for want of its past, and since when.
async fn still(fixture: &Fixture) -> Vec<(String, i64)> {
    let statement = "SELECT kind, fault_block FROM contracts WHERE address = $1 AND fault LIKE '%archive%' ORDER BY 1";
    sqlx::query_as(statement).bind(NEXT.as_slice()).fetch_all(&fixture.pool).await.unwrap()
}

/// The blocks in which it told something, and whether that was not read.
async fn journal(fixture: &Fixture) -> Vec<(i64, bool)> {
    let statement = "SELECT block, unread IS NOT NULL FROM journal WHERE address = $1 ORDER BY 1";
    sqlx::query_as(statement).bind(NEXT.as_slice()).fetch_all(&fixture.pool).await.unwrap()
}

/// Proves MIR-4: a stranger's pool that adopts a contract of which all nodes have thrown away what it told before stops
/// nothing. That contract stands still, as whatever it is named later too, and says why; so it is with rows made anew.
#[tokio::test]
async fn what_pruned_nodes_cannot_tell_any_more_stops_nothing() {
    let fixture = Fixture::new().await;
    let [before, chain] = adoption();
    for many in [1, 2] {
        fixture.clear().await;
        let node = SimulatedNode::of(&before);
        following(&fixture, &node, caught_up(&fixture, &before)).await;
        let nodes: Vec<_> = (0..many).map(|_| SimulatedNode::of(&chain)).collect();
        for node in &nodes {
            node.answer(Answers::Pruned(START + 8));
        }
        following(&fixture, &FailOver::over(&nodes), caught_up(&fixture, &chain)).await;
        let since = ADOPTED as i64;
        assert_eq!(still(&fixture).await, [("attribution".to_owned(), since), ("kyc".to_owned(), since + 1)]);
        assert_eq!(journal(&fixture).await, [(since + 1, true)]);
        let ours = rows(&fixture).await;
        fixture.mirror().await.as_mut().unwrap().rebuild().await.unwrap();
        assert_eq!(rows(&fixture).await, ours);
    }
    fixture.finish().await;
}

/// Proves MIR-3, MIR-4: what a contract told before it was adopted is told by the one of several nodes that still has
/// it, however long it is away first; so the contract is mirrored as if no node had thrown anything away.
#[tokio::test]
async fn the_past_of_an_adopted_contract_is_told_by_an_archive_node() {
    let fixture = Fixture::new().await;
    let [before, chain] = adoption();
    let node = SimulatedNode::of(&before);
    following(&fixture, &node, caught_up(&fixture, &before)).await;
    let [pruned, archive] = [SimulatedNode::of(&chain), SimulatedNode::of(&chain)];
    pruned.answer(Answers::Pruned(START + 8));
    archive.answer(Answers::Away);
    let status = Status::new(Doing::Starting);
    following_as(&status, &fixture, &FailOver::over(&[pruned, archive.clone()]), async {
        // More often than all of them would be asked for what they have thrown away.
        until("it is waited for", async || Ok(Status::count(&status.node_losses) > 8)).await;
        archive.answer(Answers::Well);
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_eq!(still(&fixture).await, []);
    assert_eq!(journal(&fixture).await, [(START as i64 + 1, false), (ADOPTED as i64 + 1, false)]);
    let ours = rows(&fixture).await;
    fixture.clear().await;
    following(&fixture, &SimulatedNode::of(&chain), caught_up(&fixture, &chain)).await;
    assert_eq!(rows(&fixture).await, ours);
    fixture.finish().await;
}
