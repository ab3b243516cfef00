//! Forks, of whatever depth and at whatever moment.

use std::time::Duration;

use proptest::{prelude::*, test_runner::TestRunner};

use super::{Answers, SimulatedChain, SimulatedNode, assert_blocks, assert_truth, caught_up, following, number};
use crate::fixture::Fixture;

/// The chain itself is sound: each of its events fits those before it, so that rows follow from all that is compared.
#[tokio::test]
async fn every_event_of_a_simulated_chain_fits() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(5);
    chain.extend(400);
    following(&fixture, &SimulatedNode::of(&chain), caught_up(&fixture, &chain)).await;
    let unread: Vec<(String, String)> =
        sqlx::query_as("SELECT kind, unread FROM public.journal WHERE unread IS NOT NULL LIMIT 5")
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    assert!(unread.is_empty(), "{unread:?}");
    let kinds: i64 =
        sqlx::query_scalar("SELECT count(DISTINCT kind) FROM public.journal").fetch_one(&fixture.pool).await.unwrap();
    assert!(kinds > 25, "only {kinds} kinds of event");
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: a fork of any depth that finality allows leaves the rows of a mirror that saw the final branch alone,
/// whether the branch that was left had been mirrored or not, and also where the new one is no longer at first.
#[tokio::test]
async fn forks_of_any_depth_leave_nothing() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(1);
    let node = SimulatedNode::of(&chain);
    for depth in (1..=12).chain([50, 200]) {
        following(&fixture, &node, async {
            chain.extend(depth);
            caught_up(&fixture, &chain).await;
            chain.fork(depth, depth + 1);
            // And once more, before the first one is done.
            chain.fork(depth / 2, depth);
            chain.extend(1);
            caught_up(&fixture, &chain).await;
        })
        .await;
        assert_truth(&fixture, &chain).await;
        chain.finalise(chain.best().number - depth % 3);
    }
    fixture.finish().await;
}

/// Proves MIR-3: a fork at any moment of going back, which is a question among those that going back asks, is followed
/// like any other.
#[tokio::test]
async fn a_fork_during_a_rollback_is_followed() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(2);
    let node = SimulatedNode::of(&chain);
    for after in 0..number("YIELDSET_FORK_MOMENTS", 12) as usize {
        following(&fixture, &node, async {
            chain.extend(14);
            caught_up(&fixture, &chain).await;
            let forked = chain.clone();
            // Deeper than the one that is being followed, and then less deep.
            node.interrupt(after, move || forked.fork(12, 13));
            chain.fork(8, 9);
            let asked = node.questions() + after;
            while node.questions() <= asked {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            caught_up(&fixture, &chain).await;
            chain.fork(3, 4);
            caught_up(&fixture, &chain).await;
        })
        .await;
        assert_blocks(&fixture, &chain).await;
        chain.finalise(chain.best().number);
    }
    following(&fixture, &node, caught_up(&fixture, &chain)).await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: what forked while nobody followed, right above the last final block, is put right at the next start,
/// whether the new branch is final by then or not.
#[tokio::test]
async fn a_fork_at_the_edge_of_finality_is_seen_after_a_restart() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(3);
    let node = SimulatedNode::of(&chain);
    for is_final in [false, true] {
        following(&fixture, &node, async {
            chain.extend(10);
            chain.finalise(chain.best().number - 6);
            caught_up(&fixture, &chain).await;
        })
        .await;
        let edge = chain.best().number - chain.finalised().number;
        chain.fork(edge, edge + 2);
        if is_final {
            chain.finalise(chain.best().number);
        }
        following(&fixture, &node, caught_up(&fixture, &chain)).await;
        assert_truth(&fixture, &chain).await;
    }
    fixture.finish().await;
}

#[derive(Debug, Clone)]
enum Step {
    Extend(u64),
    Leap(u64),
    Fork(u64, u64),
    Finalise(u64),
    /// The mirror comes to where the chain is.
    Wait,
    /// The follower is cut off after so many microseconds, and begun again.
    Restart(u64),
    Silence(bool),
    Away,
    Back,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u64..8).prop_map(Step::Extend),
        2 => (2u64..30).prop_map(Step::Leap),
        5 => (1u64..16, 1u64..20).prop_map(|(depth, blocks)| Step::Fork(depth, blocks)),
        2 => (0u64..10).prop_map(Step::Finalise),
        3 => Just(Step::Wait),
        2 => (0u64..60_000).prop_map(Step::Restart),
        1 => any::<bool>().prop_map(Step::Silence),
        1 => Just(Step::Away),
        1 => Just(Step::Back),
    ]
}

/// Does steps until the follower is to be cut off; the rest of them.
async fn play<'a>(
    fixture: &Fixture,
    (chain, node): (&SimulatedChain, &SimulatedNode),
    steps: &'a [Step],
) -> &'a [Step] {
    for (n, step) in steps.iter().enumerate() {
        let free = chain.best().number - chain.finalised().number;
        match *step {
            Step::Extend(blocks) => chain.extend(blocks),
            Step::Leap(blocks) => chain.leap(blocks),
            Step::Fork(depth, blocks) => chain.fork(depth.min(free), blocks),
            Step::Finalise(behind) => chain.finalise(chain.best().number.saturating_sub(behind)),
            Step::Silence(mute) => node.fall_silent(mute),
            Step::Away => node.answer(Answers::Away),
            Step::Back => node.answer(Answers::Well),
            // A branch that is no longer may be left alone until it is.
            Step::Wait => {
                node.answer(Answers::Well);
                chain.leap(chain.highest() + 1 - chain.best().number);
                caught_up(fixture, chain).await;
            }
            Step::Restart(micros) => {
                tokio::time::sleep(Duration::from_micros(micros)).await;
                return steps.get(n + 1..).unwrap_or_default();
            }
        }
        tokio::task::yield_now().await;
    }
    &[]
}

/// Proves MIR-3: any history of forks, gaps, silences and restarts ends in the rows of its last branch.
#[test]
fn any_history_of_forks_ends_in_its_last_branch() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fixture = runtime.block_on(Fixture::new());
    let cases = number("YIELDSET_FORK_CASES", 12);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let histories = (any::<u64>(), prop::collection::vec(step(), 1..25));
    let result = runner.run(&histories, |(seed, steps)| {
        let chain = SimulatedChain::new(seed);
        let node = SimulatedNode::of(&chain);
        runtime.block_on(async {
            fixture.clear().await;
            let mut left = &steps[..];
            while !left.is_empty() {
                left = following(&fixture, &node, play(&fixture, (&chain, &node), left)).await;
            }
            following(&fixture, &node, play(&fixture, (&chain, &node), &[Step::Wait])).await;
            assert_truth(&fixture, &chain).await;
        });
        Ok(())
    });
    runtime.block_on(fixture.finish());
    result.unwrap();
}
