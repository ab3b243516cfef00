//! Nodes that are silent, away, behind, pruned, or lie.

use std::time::Duration;

use serde_json::Value;
use yieldset_chain::{Head, blocks::HASHES};
use yieldset_indexer::{
    follow::Patience,
    status::{Doing, Status},
};

use super::{
    Answers, FailOver, SimulatedChain, SimulatedNode, assert_blocks, assert_truth, caught_up, following, following_as,
    rows, stopped, tips, until,
};
use crate::{chain::START, fixture::Fixture};

/// Waits until nodes were asked so many questions more, whichever of them.
async fn asked(nodes: &[SimulatedNode], more: usize) {
    let questions = || nodes.iter().map(SimulatedNode::questions).sum::<usize>();
    let enough = questions() + more;
    until("a node is asked", async || Ok(questions() >= enough)).await;
}

/// What is here is the beginning of the chain, whatever a node said.
async fn assert_beginning(fixture: &Fixture, chain: &SimulatedChain) {
    let [last, _] = tips(&fixture.pool).await.unwrap();
    let Some((last, hash)) = last else { return };
    assert_eq!(Some(hash.0), chain.hash_at(last as u64), "block {last} is none of the chain's");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM public.blocks").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(count, last - START as i64 + 1, "a gap");
}

/// Proves MIR-3: a subscription that tells nothing more without ending is noticed, within half a minute as it is
/// shipped, and heads that were left out are filled in.
#[tokio::test]
async fn silence_and_gaps_are_noticed() {
    assert!(Patience::default().silence <= Duration::from_secs(30));
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(11);
    let node = SimulatedNode::of(&chain);
    following(&fixture, &node, async {
        chain.extend(3);
        caught_up(&fixture, &chain).await;
        chain.leap(40);
        caught_up(&fixture, &chain).await;
        for mute in [false, true] {
            node.fall_silent(mute);
            chain.extend(3);
            chain.finalise(chain.best().number - 1);
            caught_up(&fixture, &chain).await;
            chain.fork(1, 5);
            caught_up(&fixture, &chain).await;
        }
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: a node that is away, or takes questions and keeps them, is waited for, and said to be away.
#[tokio::test]
async fn a_node_that_is_away_is_waited_for() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(12);
    let node = SimulatedNode::of(&chain);
    let status = Status::new(Doing::Starting);
    following_as(&status, &fixture, &node, async {
        for answers in [Answers::Away, Answers::Hangs] {
            caught_up(&fixture, &chain).await;
            node.answer(answers);
            chain.extend(2);
            chain.fork(1, 2);
            until("the node is said to be away", async || Ok(status.now().phase == Doing::NodeAway)).await;
            node.answer(Answers::Well);
            caught_up(&fixture, &chain).await;
        }
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: what a node told before it broke off is mirrored, however often it does: else one that does so time
/// and again would be asked for the same blocks for ever.
#[tokio::test]
async fn what_was_told_before_a_node_breaks_off_stays() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(15);
    let node = SimulatedNode::of(&chain);
    chain.extend(60);
    chain.finalise(chain.best().number - 2);
    following(&fixture, &node, async {
        for last in [START + 7, START + 31, START + 32] {
            node.answer(Answers::UpTo(last));
            until("all is mirrored that is told", async || {
                Ok(tips(&fixture.pool).await?[0].is_some_and(|(number, _)| number as u64 == last))
            })
            .await;
        }
        node.answer(Answers::Well);
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: a node that lies leaves nothing in the rows that is not the chain's, no gap among them, and nothing to
/// mend when it tells the truth again.
#[tokio::test]
async fn a_lying_node_leaves_nothing() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(14);
    let node = SimulatedNode::of(&chain);
    // Abandoned blocks at many heights, which a node can tell of, before anything is mirrored; more than are asked for
    // at once, so that some of them are applied before the first one does not fit.
    chain.extend(HASHES + 50);
    chain.fork(HASHES + 48, HASHES + 60);
    chain.finalise(chain.best().number - 10);
    node.answer(Answers::OtherHashes);
    following(&fixture, &node, async {
        asked(std::slice::from_ref(&node), 40).await;
        // Some of its blocks fit each other, and only what is on the way to the final block is final.
        if let [_, Some((last, hash))] = tips(&fixture.pool).await.unwrap() {
            assert_eq!(Some(hash.0), chain.hash_at(last as u64), "block {last} is not final");
        }
        node.answer(Answers::Well);
        caught_up(&fixture, &chain).await;
        node.answer(Answers::WrongParent(chain.best().number + 2));
        chain.extend(4);
        asked(std::slice::from_ref(&node), 40).await;
        assert_beginning(&fixture, &chain).await;
        node.answer(Answers::Well);
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_blocks(&fixture, &chain).await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: a node that is behind takes nothing back.
#[tokio::test]
async fn a_node_that_is_behind_takes_nothing_back() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(15);
    let node = SimulatedNode::of(&chain);
    chain.extend(20);
    chain.finalise(chain.best().number - 3);
    following(&fixture, &node, caught_up(&fixture, &chain)).await;
    let before = rows(&fixture).await;
    node.answer(Answers::Behind(8));
    let status = Status::new(Doing::Starting);
    following_as(&status, &fixture, &node, async {
        until("the node is said to be behind", async || Ok(status.now().phase == Doing::NodeBehind)).await;
        asked(std::slice::from_ref(&node), 10).await;
        assert!(rows(&fixture).await == before, "a node that is behind changes no row");
        node.answer(Answers::Well);
        chain.extend(2);
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: what is final is never taken back. A fork past it stops the follower, which says what is here and what
/// the node says instead, and changes nothing.
#[tokio::test]
async fn a_fork_past_finality_stops_loudly() {
    for below in [0, 1, 7] {
        let fixture = Fixture::new().await;
        let chain = SimulatedChain::new(16 + below);
        let node = SimulatedNode::of(&chain);
        chain.extend(20);
        chain.finalise(chain.best().number - 3);
        following(&fixture, &node, caught_up(&fixture, &chain)).await;
        let last: Head = chain.finalised();
        let mut finals = rows(&fixture).await;
        finals.retain(|row| {
            let block = row.strip_prefix("public.blocks ").map(|json| serde_json::from_str::<Value>(json).unwrap());
            block.is_some_and(|block| block["number"].as_u64().unwrap() <= last.number)
        });
        if below == 0 {
            // The branch goes on, and the node says that another block was final.
            chain.fork(3, 9);
            let other = Head { hash: chain.best().hash, ..last };
            node.answer(Answers::OtherFinal(other));
        } else {
            chain.break_finality(below, 12);
        }
        assert!(!finals.is_empty());
        let error = stopped(&fixture, &node).await;
        assert!(error.away().is_none(), "{error}");
        let text = error.to_string();
        assert!(text.contains("finality") && text.contains("compare with another node"), "{text}");
        let after = rows(&fixture).await;
        assert!(finals.iter().all(|row| after.contains(row)), "final blocks were changed");
        // It stops again at the next start, and does not forget.
        assert!(stopped(&fixture, &node).await.away().is_none());
        fixture.finish().await;
    }
}

/// Proves MIR-3: of several nodes behind one address, which differ in what they have, one that answers is enough.
#[tokio::test]
async fn going_over_to_another_node_changes_nothing() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(19);
    let nodes: Vec<_> = (0..3).map(|_| SimulatedNode::of(&chain)).collect();
    let several = FailOver::over(&nodes);
    following(&fixture, &several, async {
        for (n, faults) in [
            [Answers::Well, Answers::Well, Answers::Well],
            [Answers::Away, Answers::Well, Answers::Away],
            [Answers::Well, Answers::Hangs, Answers::Behind(3)],
            [Answers::Hangs, Answers::Away, Answers::Well],
            [Answers::Away, Answers::Away, Answers::Away],
            [Answers::Behind(2), Answers::Away, Answers::Away],
            [Answers::Away, Answers::Well, Answers::Behind(9)],
        ]
        .into_iter()
        .enumerate()
        {
            for (node, answers) in nodes.iter().zip(faults) {
                node.answer(answers);
            }
            chain.extend(4);
            chain.fork(3, 5);
            chain.finalise(chain.best().number - 2);
            if faults.contains(&Answers::Well) && n != 2 {
                caught_up(&fixture, &chain).await;
            } else {
                asked(&nodes, 2).await;
            }
        }
        // Of those that answer, some are behind: then they catch up.
        for node in &nodes {
            node.answer(Answers::Well);
        }
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}
