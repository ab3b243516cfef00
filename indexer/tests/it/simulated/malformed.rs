//! Events that no contract of ours would emit: bytes at random, and good ones that were changed at random.

use std::sync::Arc;

use alloy_primitives::{B256, Bytes, IntoLogData, LogData};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use yieldset_chain::{Address, Event};

use super::{SimulatedChain, SimulatedNode, assert_blocks, caught_up, following, number, tree::Strangers};
use crate::{
    chain::{a_quarter, deployment},
    fixture::Fixture,
};

/// Events of one chain, and of one block: what is more goes on in another chain, which takes the memory of one.
const OF_A_CHAIN: u32 = 8_000;
const OF_A_BLOCK: u32 = 400;

type Told = (Address, Event);

/// As it is on the chain.
fn raw(event: &Event) -> LogData {
    match event {
        Event::Pool(inner) => inner.to_log_data(),
        Event::Kyc(inner) => inner.to_log_data(),
        Event::Manifests(inner) => inner.to_log_data(),
        Event::Attribution(inner) => inner.to_log_data(),
        Event::Licence(inner) => inner.to_log_data(),
        Event::Market(inner) => inner.to_log_data(),
        Event::Factory(inner) => inner.to_log_data(),
        Event::Coop(inner) => inner.to_log_data(),
        Event::Access(inner) => inner.to_log_data(),
        Event::Unknown { topics, data } => LogData::new_unchecked(topics.clone(), data.clone()),
    }
}

/// Good events, of the quarter of a pool and of a longer course.
fn good() -> Vec<Told> {
    let chain = SimulatedChain::new(41);
    chain.extend(200);
    let blocks = a_quarter().blocks.into_iter().map(|block| block.events);
    let events = blocks.chain(chain.branch().into_iter().map(|block| block.events)).flatten();
    events.map(|event| (event.address, event.event)).collect()
}

fn word(random: &mut StdRng) -> B256 {
    let mut word = B256::ZERO;
    match random.gen_range(0..4) {
        0 => random.fill_bytes(&mut word.0),
        1 => word = B256::repeat_byte(0xff),
        2 => word.0[31] = random.gen_range(0..=255),
        _ => {}
    }
    word
}

/// A log changed in one to three places.
fn changed(log: LogData, random: &mut StdRng) -> LogData {
    let (mut topics, mut data) = (log.topics().to_vec(), log.data.to_vec());
    for _ in 0..random.gen_range(1..=3) {
        let words = data.len() / 32;
        match random.gen_range(0..7) {
            0 if words > 0 => {
                let at = 32 * random.gen_range(0..words);
                data[at..at + 32].copy_from_slice(word(random).as_slice());
            }
            1 if topics.len() > 1 => {
                let at = random.gen_range(1..topics.len());
                topics[at] = word(random);
            }
            2 if !data.is_empty() => {
                let at = random.gen_range(0..data.len());
                data[at] ^= 1u8 << random.gen_range(0..8u32);
            }
            3 => data.truncate(random.gen_range(0..=data.len())),
            4 => data.extend_from_slice(word(random).as_slice()),
            5 => topics.truncate(random.gen_range(0..=topics.len())),
            _ => topics.push(word(random)),
        }
    }
    LogData::new_unchecked(topics, data.into())
}

/// Bytes that nobody meant as anything, below the signature of a good event or none.
fn noise(good: &LogData, random: &mut StdRng) -> LogData {
    let mut data = vec![0; random.gen_range(0..1_000)];
    random.fill_bytes(&mut data);
    let mut topics: Vec<_> = (0..random.gen_range(0..5)).map(|_| word(random)).collect();
    if let (Some(first), Some(signature)) = (topics.first_mut(), good.topics().first())
        && random.gen_bool(0.5)
    {
        *first = *signature;
    }
    LogData::new_unchecked(topics, Bytes::from(data))
}

/// Malformed events of our own contracts, so many in each block.
fn malformed(good: Arc<Vec<Told>>, seed: u64) -> Strangers {
    let mut random = StdRng::seed_from_u64(seed);
    Box::new(move |_| {
        let told = |_| {
            let (contract, event) = &good[random.gen_range(0..good.len())];
            let mut contract = *contract;
            let log = raw(event);
            let log = match random.gen_range(0..4) {
                0 => noise(&log, &mut random),
                _ => changed(log, &mut random),
            };
            // Now and then in the mouth of another contract.
            if random.gen_ratio(1, 8) {
                contract = deployment().named()[random.gen_range(0..8)].1;
            }
            (contract, Event::decode(log.topics(), &log.data))
        };
        (0..OF_A_BLOCK).map(told).collect()
    })
}

/// Proves MIR-4: events that no contract of ours emits, whoever tells them, stop nothing and are all in the journal:
/// what can be read of them is read, and from the rest nothing follows.
#[tokio::test]
async fn malformed_events_stop_nothing() {
    let fixture = Fixture::new().await;
    let good = Arc::new(good());
    let (events, base) = (number("YIELDSET_MALFORMED_EVENTS", OF_A_CHAIN), rand::random::<u32>());
    for round in 0..events.div_ceil(OF_A_CHAIN) {
        let seed = u64::from(base) + u64::from(round);
        println!("seed {seed}");
        let chain = SimulatedChain::among(seed, Some(malformed(good.clone(), seed)));
        chain.extend(u64::from(OF_A_CHAIN / OF_A_BLOCK) - 1);
        fixture.clear().await;
        following(&fixture, &SimulatedNode::of(&chain), caught_up(&fixture, &chain)).await;
        assert_blocks(&fixture, &chain).await;
        let (unread, all): (i64, i64) =
            sqlx::query_as("SELECT count(*) FILTER (WHERE kind = 'Unknown'), count(*) FROM public.journal")
                .fetch_one(&fixture.pool)
                .await
                .unwrap();
        assert!(unread > all / 20 && unread < all, "seed {seed}: {unread} of {all} are not understood");
    }
    fixture.finish().await;
}
