//! Every event of ours as JSON, understood or not. Amounts are strings of digits, bytes hexadecimal.

mod described;

use alloy_primitives::{Bytes, IntoLogData, LogData};
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::Date;
use yieldset_chain::{Address, B256, ContractEvent, Event, abi::Pool::PoolEvents};

use super::{Answers, EventId, Place, db};
use crate::{
    column::{Addr, Hash, label},
    error::IndexerError,
    rows::Tuple,
};

/// An event as the journal holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JournalLine {
    pub kind: &'static str,
    pub payload: Value,
    /// Why nothing follows from it.
    pub unread: Option<String>,
}

/// Anybody's words as Postgres can keep them: it has no zero in a text.
pub(super) fn readable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// An event that nothing follows from, with the reason.
pub(super) fn unknown(event: &Event, reason: &str) -> JournalLine {
    let payload = match event {
        Event::Unknown { topics, data } => json!({"reason": reason, "topics": topics, "data": data}),
        other => {
            let inner = describe(other);
            json!({"reason": reason, "kind": inner.kind, "event": inner.payload})
        }
    };
    JournalLine { kind: "Unknown", payload, unread: Some(reason.to_owned()) }
}

/// An event under its name.
pub(super) fn describe(event: &Event) -> JournalLine {
    let (kind, payload) = match event {
        Event::Pool(event) => pool(event),
        Event::Kyc(event) => described::kyc(event),
        Event::Access(event) => described::access(event),
        Event::Manifests(event) => described::manifests(event),
        Event::Attribution(event) => described::attribution(event),
        Event::Licence(event) => described::licence(event),
        Event::Market(event) => described::market(event),
        Event::Factory(event) => described::factory(event),
        Event::Coop(event) => described::coop(event),
        Event::Unknown { .. } => return unknown(event, "no event of this contract"),
    };
    JournalLine { kind, payload, unread: None }
}

/// A pool's name and symbol are texts in the form of hashes.
fn pool(event: &PoolEvents) -> (&'static str, Value) {
    let (kind, mut payload) = described::pool(event);
    if let PoolEvents::PoolCreated(created) = event {
        payload["name"] = label(&created.name).into();
        payload["symbol"] = label(&created.symbol).into();
    }
    (kind, payload)
}

/// An event as it was emitted: topics and data. Decoding is strict, so they are those that it was decoded from.
pub(crate) fn raw(event: &Event) -> (Vec<B256>, Bytes) {
    let log: LogData = match event {
        Event::Pool(event) => event.to_log_data(),
        Event::Kyc(event) => event.to_log_data(),
        Event::Access(event) => event.to_log_data(),
        Event::Manifests(event) => event.to_log_data(),
        Event::Attribution(event) => event.to_log_data(),
        Event::Licence(event) => event.to_log_data(),
        Event::Market(event) => event.to_log_data(),
        Event::Factory(event) => event.to_log_data(),
        Event::Coop(event) => event.to_log_data(),
        Event::Unknown { topics, data } => return (topics.clone(), data.clone()),
    };
    let (topics, data) = log.split();
    (topics, data)
}

/// Most events that are read again at once.
const AGAIN: i64 = 4_096;

/// What an address told before a block, from its first event on or after one, with the times in seconds and what was
/// answered beside it: the next of it, nothing where that was all.
pub(super) async fn told_by(
    connection: &mut PgConnection,
    address: Address,
    before: i64,
    after: Option<EventId>,
) -> Result<Vec<(ContractEvent, i64, Answers)>, IndexerError> {
    let (block, event_index) = after
        .map_or((-1, -1), |(block, event_index)| (i64::try_from(block).unwrap_or(i64::MAX), i64::from(event_index)));
    let rows = sqlx::query!(
        r#"SELECT j.block, event_index, hash AS "hash: Hash", time_ms, topics AS "topics: Vec<Hash>", data, answers
           FROM journal j JOIN blocks b ON b.number = j.block
           WHERE address = $1 AND seen < $2 AND (j.block, event_index) > ($3, $4) ORDER BY j.block, event_index LIMIT $5"#,
        address.as_slice(),
        before,
        block,
        event_index,
        AGAIN,
    )
    .fetch_all(connection)
    .await
    .map_err(db)?;
    let events = rows.into_iter().map(|row| {
        let topics: Vec<_> = row.topics.iter().map(|topic| topic.0).collect();
        let event = ContractEvent {
            block_number: u64::try_from(row.block).unwrap_or(0),
            block_hash: row.hash.0,
            event_index: u32::try_from(row.event_index).unwrap_or(u32::MAX),
            tx_hash: None,
            address,
            event: Event::decode(&topics, &row.data),
        };
        let answers = row.answers.and_then(|answers| serde_json::from_value(answers).ok()).unwrap_or_default();
        (event, row.time_ms / 1_000, answers)
    });
    Ok(events.collect())
}

/// A row of the journal.
#[derive(Debug)]
pub(crate) struct JournalRow {
    pub block: i64,
    pub event_index: i64,
    pub month: Date,
    seen: i64,
    contract: String,
    address: Addr,
    pub kind: &'static str,
    topics: Vec<Hash>,
    data: Vec<u8>,
    pub payload: Value,
    answers: Option<Value>,
    pub unread: Option<String>,
    tx_hash: Option<Hash>,
}

impl JournalRow {
    /// Its columns, in order.
    pub const COLUMNS: &'static str =
        "block, event_index, month, seen, contract, address, kind, topics, data, payload, answers, unread, tx_hash";
    /// How many they are.
    pub const WIDTH: usize = 13;

    pub(super) fn new(
        place: Place,
        (contract, event): (&str, &ContractEvent),
        line: JournalLine,
        answers: &Answers,
        unread: Option<String>,
    ) -> Self {
        let (topics, data) = raw(&event.event);
        Self {
            block: place.block,
            event_index: place.event_index,
            month: place.month,
            seen: place.known_since,
            contract: contract.to_owned(),
            address: event.address.into(),
            kind: line.kind,
            topics: topics.into_iter().map(Hash::from).collect(),
            data: data.to_vec(),
            payload: line.payload,
            // Maps of addresses and hashes are always JSON.
            answers: (answers != Answers::NONE).then(|| serde_json::to_value(answers).unwrap_or_default()),
            unread,
            tx_hash: event.tx_hash.map(Hash::from),
        }
    }

    /// Its columns.
    pub fn put(&self, tuple: &mut Tuple<'_>) {
        tuple.field(&self.block);
        tuple.field(&self.event_index);
        tuple.field(&self.month);
        tuple.field(&self.seen);
        tuple.field(&self.contract);
        tuple.field(&self.address);
        tuple.field(&self.kind);
        tuple.field(&self.topics);
        tuple.field(&self.data);
        tuple.field(&self.payload);
        tuple.field(&self.answers);
        tuple.field(&self.unread);
        tuple.field(&self.tx_hash);
    }
}
