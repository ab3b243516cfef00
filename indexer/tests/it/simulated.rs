//! A chain in this process whose forks, gaps, silences and lies a test chooses. What the mirror must hold after them is
//! known: the blocks of the best chain, what its contracts hold by the model, and the very rows of a mirror that never
//! saw another branch.

mod crashes;
mod faults;
mod forks;
mod malformed;
mod node;
mod pruned;
mod scene;
mod strangers;
mod tree;

use std::{future::Future, sync::Arc, time::Duration};

use sqlx::{PgPool, Row};
use yieldset_indexer::{
    column::{Addr, Hash},
    error::IndexerError,
    follow::{self, Patience},
    mirror::Mirror,
    status::{Doing, Status},
    upstream::Upstream,
};

pub use self::{
    node::{Answers, FailOver, SimulatedNode},
    tree::SimulatedChain,
};
use crate::{chain::deployment, fixture::Fixture, histories};

/// How often a mirror is looked at before it counts as stuck, and the pause between.
const LOOKS: (u32, Duration) = (12_000, Duration::from_millis(5));

/// A follower's, in milliseconds where a real one's are seconds.
fn patience() -> Patience {
    let [first_pause, longest_pause, silence] = [5, 40, 40].map(Duration::from_millis);
    Patience { silence, first_pause, longest_pause }
}

/// How many of something this run tries: nightly runs set another number.
fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Follows a node while a script runs, and is cut off with its end, wherever it is then.
async fn following<T>(fixture: &Fixture, node: &(impl Upstream + Clone), script: impl Future<Output = T>) -> T {
    following_as(&Status::new(Doing::Starting), fixture, node, script).await
}

async fn following_as<T>(
    status: &Arc<Status>,
    fixture: &Fixture,
    node: &(impl Upstream + Clone),
    script: impl Future<Output = T>,
) -> T {
    let follower = async {
        let mut mirror = opened(fixture).await;
        follow::run(&mut mirror, async || Ok(node.clone()), status, &patience()).await
    };
    tokio::select! {
        ended = follower => panic!("following ended: {ended:?}"),
        done = script => done,
    }
}

/// As a process that starts: Postgres may be away just then.
async fn opened(fixture: &Fixture) -> Mirror {
    for _ in 0..LOOKS.0 {
        match Mirror::open(fixture.pool.clone(), &deployment()).await {
            Ok(mirror) => return mirror,
            Err(error) => assert!(error.away().is_some(), "{error}"),
        }
        tokio::time::sleep(LOOKS.1).await;
    }
    panic!("Postgres does not come back");
}

/// Follows until it ends by itself, as it must.
async fn stopped(fixture: &Fixture, node: &(impl Upstream + Clone)) -> IndexerError {
    let mut mirror = opened(fixture).await;
    let status = Status::new(Doing::Starting);
    let patience = patience();
    let following = follow::run(&mut mirror, async || Ok(node.clone()), &status, &patience);
    let ended = tokio::time::timeout(LOOKS.1 * LOOKS.0, following).await;
    assert_eq!(status.now().phase, Doing::Stopped);
    ended.expect("it stops").expect_err("it never ends well")
}

/// Waits for something that must come. Postgres may be away meanwhile.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> sqlx::Result<bool>) {
    let mut last = None;
    for _ in 0..LOOKS.0 {
        match is_so().await {
            Ok(true) => return,
            Ok(false) => last = None,
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(LOOKS.1).await;
    }
    panic!("it never comes to this: {what} ({last:?})");
}

/// The last block here and the last that is final, with their hashes.
async fn tips(pool: &PgPool) -> sqlx::Result<[Option<(i64, Hash)>; 2]> {
    let mut tips = [None; 2];
    for (tip, which) in tips.iter_mut().zip(["TRUE", "number <= (SELECT f.number FROM finality f)"]) {
        let statement = format!("SELECT number, hash FROM public.blocks WHERE {which} ORDER BY number DESC LIMIT 1");
        *tip = sqlx::query_as(sqlx::AssertSqlSafe(statement)).fetch_optional(pool).await?;
    }
    Ok(tips)
}

/// Waits until the mirror has come to where the chain is, finality included.
async fn caught_up(fixture: &Fixture, chain: &SimulatedChain) {
    until("the mirror is where the chain is", async || {
        let there = [chain.best(), chain.finalised()].map(|head| Some((head.number as i64, Hash(head.hash))));
        Ok(tips(&fixture.pool).await? == there)
    })
    .await;
}

/// Every row that follows from the chain. What the follower says of itself is none.
async fn rows(fixture: &Fixture) -> Vec<String> {
    let mut rows = fixture.dump().await;
    rows.retain(|row| !row.starts_with("follower ") && !row.starts_with("public.follower "));
    rows
}

/// Two lists of rows are the same one.
fn assert_same_rows(what: &str, ours: &[String], expected: &[String]) {
    let more: Vec<_> = ours.iter().filter(|row| expected.binary_search(row).is_err()).take(5).collect();
    let less: Vec<_> = expected.iter().filter(|row| ours.binary_search(row).is_err()).take(5).collect();
    assert!(more.is_empty() && less.is_empty(), "{what}: too much {more:#?}, missing {less:#?}");
    assert_eq!(ours.len(), expected.len(), "{what}: rows that are there twice");
}

/// The blocks here are the chain's, none missing between and none twice, and the journal has each event once.
async fn assert_blocks(fixture: &Fixture, chain: &SimulatedChain) {
    let branch = chain.branch();
    let last_final = chain.finalised().number;
    let here: Vec<(i64, Hash, Hash, i64, bool)> = sqlx::query_as(
        "SELECT number, hash, parent, time_ms, coalesce(number <= (SELECT f.number FROM finality f), FALSE)
             FROM public.blocks ORDER BY number",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    let there: Vec<_> = branch
        .iter()
        .map(|block| {
            let (at, time_ms) = (block.at, block.at.timestamp_ms as i64);
            (at.number as i64, Hash(at.hash), Hash(at.parent), time_ms, at.number <= last_final)
        })
        .collect();
    assert_eq!(here, there);
    let journal = sqlx::query("SELECT block, event_index, address FROM public.journal ORDER BY block, event_index");
    let here: Vec<(i64, i64, Addr)> = journal
        .fetch_all(&fixture.pool)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get("block"), row.get("event_index"), row.get("address")))
        .collect();
    let ours = deployment().named();
    let there: Vec<_> = branch
        .iter()
        .flat_map(|block| &block.events)
        .filter(|event| ours.iter().any(|(_, address)| *address == event.address))
        .map(|event| (event.block_number as i64, i64::from(event.event_index), Addr(event.address)))
        .collect();
    assert_eq!(here, there);
}

/// The mirror holds what the chain does, and the rows of a mirror that was given the best chain alone. Leaves those.
async fn assert_truth(fixture: &Fixture, chain: &SimulatedChain) {
    assert_blocks(fixture, chain).await;
    histories::assert_same(fixture, &chain.model()).await;
    let mut ours = rows(fixture).await;
    fixture.clear().await;
    let straight = chain.straight();
    following(fixture, &SimulatedNode::of(&straight), caught_up(fixture, &straight)).await;
    let mut expected = rows(fixture).await;
    ours.sort_unstable();
    expected.sort_unstable();
    assert_same_rows("rows of a mirror that saw one branch", &ours, &expected);
}
