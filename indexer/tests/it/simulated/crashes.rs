//! The follower killed at any moment, and Postgres too, while the chain goes on and forks.

use std::time::Duration;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{SimulatedChain, SimulatedNode, assert_blocks, assert_truth, caught_up, following, number, tips, until};
use crate::fixture::Fixture;

/// A chain's next few moments.
fn go_on(chain: &SimulatedChain, random: &mut StdRng) {
    let free = chain.best().number - chain.finalised().number;
    match random.gen_range(0..4) {
        0 => chain.extend(random.gen_range(1..6)),
        1 => chain.leap(random.gen_range(10..60)),
        2 => {
            let depth = random.gen_range(0..=free.min(40));
            chain.fork(depth, depth + 1);
        }
        _ => chain.finalise(chain.best().number - random.gen_range(0..=free)),
    }
}

/// Proves MIR-3: killed at any moment, backfilling, following or going back, the follower begins again where it was:
/// no row is there twice, and none is missing.
#[tokio::test]
async fn killed_at_any_moment_it_goes_on() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(31);
    let node = SimulatedNode::of(&chain);
    let mut random = StdRng::seed_from_u64(31);
    let mut cut = 0;
    for n in 1..=number("YIELDSET_MIRROR_KILLS", 20) {
        go_on(&chain, &mut random);
        let moment = Duration::from_micros(random.gen_range(0..150_000));
        following(&fixture, &node, async {
            tokio::time::sleep(moment / 2).await;
            go_on(&chain, &mut random);
            tokio::time::sleep(moment / 2).await;
        })
        .await;
        let [last, _] = tips(&fixture.pool).await.unwrap();
        cut += u32::from(
            last.is_none_or(|(last, hash)| (last as u64, hash.0) != (chain.best().number, chain.best().hash)),
        );
        if n % 10 == 0 {
            following(&fixture, &node, caught_up(&fixture, &chain)).await;
            assert_blocks(&fixture, &chain).await;
        }
    }
    assert!(cut > 2, "only {cut} were cut off");
    following(&fixture, &node, caught_up(&fixture, &chain)).await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}

/// Proves MIR-3: a fork while Postgres restarts, which may be in the midst of going back, ends in the rows of the
/// branch that won.
#[tokio::test]
async fn forks_while_postgres_restarts_are_followed() {
    let fixture = Fixture::new().await;
    let chain = SimulatedChain::new(32);
    let node = SimulatedNode::of(&chain);
    let mut random = StdRng::seed_from_u64(32);
    following(&fixture, &node, async {
        for _ in 0..number("YIELDSET_MIRROR_RESTARTS", 3) {
            chain.leap(60);
            caught_up(&fixture, &chain).await;
            chain.fork(50, 51);
            tokio::time::sleep(Duration::from_micros(random.gen_range(0..60_000))).await;
            let server = fixture.server().unwrap();
            kill(Pid::from_raw(server), Signal::SIGKILL).unwrap();
            chain.fork(20, 22);
            until("Postgres runs again", async || Ok(fixture.server().is_some_and(|now| now != server))).await;
            caught_up(&fixture, &chain).await;
            assert_blocks(&fixture, &chain).await;
            chain.finalise(chain.best().number - 5);
        }
        caught_up(&fixture, &chain).await;
    })
    .await;
    assert_truth(&fixture, &chain).await;
    fixture.finish().await;
}
