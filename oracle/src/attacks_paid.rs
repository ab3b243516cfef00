//! What an outsider tries in order to be paid for what others wrote, to take it from them, or to pay less: by what the
//! checks do not look at.

mod commons;
mod first;
mod looks;
mod opened;
mod outputs;
mod parts;
mod periods;
mod places;
mod runs;
mod topics;

use std::collections::BTreeMap;

use yieldset_rules::usage::{DatasetUse, TrainingRun, UsageRecord};

use crate::{
    attribution::{self, Attribution, Question},
    compared::After,
    licensed::Limits,
    manifest::Dataset,
    registry::{Registration, Registry, Seen},
    sha256,
    testing::{Fixture, IN_PERIOD, MODEL, PERIOD, call_with, dataset, question, unit},
    words,
};

const POOL: [u8; 20] = [7; 20];
const DAY_MS: u64 = 86_400_000;

/// A version that is at hand, with days of the period from its first on.
struct Entry {
    dataset: Dataset,
    registered: u64,
    closed: Option<u64>,
    pool: [u8; 20],
    read: Option<u64>,
}

/// Words that each stand nowhere else.
fn text(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}

/// Registered on one day, read by a run of another; its passage is like nothing.
fn entry(slug: &str, account: u8, text: &str, registered: u64, read: impl Into<Option<u64>>) -> Entry {
    let mut dataset = dataset(slug, account, 300, text);
    // A dataset has several versions.
    dataset.manifest_hash = sha256(format!("{slug} {registered}").as_bytes());
    Entry { dataset, registered, closed: None, pool: POOL, read: read.into() }
}

/// An output of a day with a token for each word, like nothing.
fn output(id: &str, text: &str, day: u64) -> UsageRecord {
    call_with(id, words::runs(text).0, at(day), unit(301, 1_000_000), text)
}

/// Unix milliseconds.
fn at(day: u64) -> u64 {
    IN_PERIOD + day * DAY_MS
}

async fn attributed<'a>(
    outputs: Vec<UsageRecord>,
    entries: &[Entry],
    change: impl FnOnce(&mut Question<'a>),
) -> Attribution {
    try_attributed(outputs, entries, entries.len(), change).await.expect("attributed")
}

/// With the first of the versions at hand.
async fn try_attributed<'a>(
    outputs: Vec<UsageRecord>,
    entries: &[Entry],
    here: usize,
    change: impl FnOnce(&mut Question<'a>),
) -> Result<Attribution, String> {
    let mut reads: BTreeMap<u64, Vec<DatasetUse>> = BTreeMap::new();
    for entry in entries {
        if let Some(day) = entry.read {
            let read = DatasetUse { manifest_hash: entry.dataset.manifest_hash, epochs: 1, tokens: 1 };
            reads.entry(day).or_default().push(read);
        }
    }
    let runs = reads.into_iter().map(|(day, datasets)| {
        UsageRecord::TrainingRun(TrainingRun {
            run_id: format!("run {day}"),
            model: MODEL.into(),
            started_ms: at(day),
            ended_ms: at(day),
            datasets,
            ingestion_digest: [0; 32],
            base: None,
        })
    });
    let seconds = |day: u64| at(day) / 1_000;
    let registration = |entry: &Entry| Registration {
        version: 1,
        pool: entry.pool,
        registered_at: seconds(entry.registered),
        closed_at: entry.closed.map(seconds),
        payee: true,
        redacted: false,
    };
    let registrations = entries.iter().map(|one| (one.dataset.manifest_hash, registration(one))).collect();
    let registry = Registry { seen: Seen { pool: POOL, block: 7, block_hash: [7; 32] }, registrations };
    let fixture = Fixture::new().await;
    let log = fixture.log_of(runs.chain(outputs).collect()).await;
    let datasets: Vec<Dataset> = entries[..here].iter().map(|one| one.dataset.clone()).collect();
    let mut question = Question { after: After::First, ..question(log.size()) };
    change(&mut question);
    let question = Question { registry: Some(&registry), ..question };
    attribution::attribute(&log, &datasets, &question).map_err(|error| error.to_string())
}

/// Tokens by account.
fn tokens(found: &Attribution) -> Vec<(u8, u64)> {
    found.contributors.iter().filter(|one| one.tokens > 0).map(|one| (one.account[0], one.tokens)).collect()
}
