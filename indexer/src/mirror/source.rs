//! Blocks as the journal has them: what rows are made from without a node.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use time::Date;
use yieldset_chain::{BlockRef, Bytes, ContractEvent, Event};

use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    project::{Answers, Block, JournalRow, db},
    store::Tip,
};

/// A block as the cursor.
pub(super) fn tip_of(at: &BlockRef) -> Tip {
    let fit = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    Tip { number: fit(at.number), hash: at.hash.into(), time_ms: fit(at.timestamp_ms) }
}

fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Up to which block is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upto {
    /// The last one that is final.
    Final,
    /// The last one.
    Last,
}

/// Most blocks that are read at once, and most events but for those of the last block.
const BLOCKS: i64 = 2_000;
const EVENTS: i64 = 20_000;

/// The next blocks after one, with their events as they were journaled; none where that was all.
pub(super) async fn read(
    connection: &mut PgConnection,
    after: Option<i64>,
    upto: Upto,
) -> Result<Vec<Block>, IndexerError> {
    let mut blocks = headers(connection, after.unwrap_or(-1), upto).await?;
    let (Some(first), Some(last)) = (blocks.keys().next().copied(), blocks.keys().last().copied()) else {
        return Ok(Vec::new());
    };
    let rows = sqlx::query!(
        r#"SELECT seen, j.block, hash AS "hash: Hash", event_index, address AS "address: Addr",
                  topics AS "topics: Vec<Hash>", data, answers, tx_hash AS "tx_hash: Hash"
           FROM journal j JOIN blocks b ON b.number = j.block
           WHERE seen BETWEEN $1 AND $2 ORDER BY seen, j.block, event_index"#,
        first,
        last,
    )
    .fetch_all(connection)
    .await
    .map_err(db)?;
    for row in rows {
        let topics: Vec<_> = row.topics.iter().map(|topic| topic.0).collect();
        let event = ContractEvent {
            block_number: natural(row.block),
            block_hash: row.hash.0,
            event_index: u32::try_from(row.event_index).unwrap_or(u32::MAX),
            tx_hash: row.tx_hash.map(|hash| hash.0),
            address: row.address.0,
            event: Event::decode(&topics, &Bytes::from(row.data)),
        };
        let Some(block) = blocks.get_mut(&row.seen) else { continue };
        if let Some(answers) = row.answers {
            let answers: Answers = serde_json::from_value(answers)
                .map_err(|error| IndexerError::Journal { block: event.block_number, reason: error.to_string() })?;
            block.answers.insert((event.block_number, event.event_index), answers);
        }
        if row.block == row.seen { block.events.push(event) } else { block.earlier.push(event) }
    }
    Ok(blocks.into_values().collect())
}

/// The same without their events.
async fn headers(connection: &mut PgConnection, after: i64, upto: Upto) -> Result<BTreeMap<i64, Block>, IndexerError> {
    // The block in which so many events were read, where that is before so many blocks.
    let enough =
        sqlx::query_scalar!("SELECT seen FROM journal WHERE seen > $1 ORDER BY seen OFFSET $2 LIMIT 1", after, EVENTS,)
            .fetch_optional(&mut *connection)
            .await
            .map_err(db)?;
    let rows = sqlx::query!(
        r#"SELECT number, hash AS "hash: Hash", parent AS "parent: Hash", time_ms FROM blocks
           WHERE number > $1 AND number <= $2
             AND (NOT $3 OR number <= (SELECT coalesce(f.number, -1) FROM finality f)) ORDER BY number LIMIT $4"#,
        after,
        enough.unwrap_or(i64::MAX),
        upto == Upto::Final,
        BLOCKS,
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(db)?;
    let blocks = rows.into_iter().map(|row| {
        let at = BlockRef {
            number: natural(row.number),
            hash: row.hash.0,
            parent: row.parent.0,
            timestamp_ms: natural(row.time_ms),
        };
        (row.number, Block { at, events: Vec::new(), earlier: Vec::new(), answers: BTreeMap::new() })
    });
    Ok(blocks.collect())
}

/// Says of events what this program reads in them, where another one read something else.
pub(super) async fn correct(connection: &mut PgConnection, rows: &[JournalRow]) -> Result<(), IndexerError> {
    let (mut blocks, mut indexes, mut months) = (Vec::new(), Vec::new(), Vec::<Date>::new());
    let (mut kinds, mut payloads, mut reasons) = (Vec::new(), Vec::new(), Vec::<Option<String>>::new());
    for row in rows {
        blocks.push(row.block);
        indexes.push(row.event_index);
        months.push(row.month);
        kinds.push(row.kind.to_owned());
        payloads.push(row.payload.clone());
        reasons.push(row.unread.clone());
    }
    sqlx::query(
        "UPDATE journal j SET kind = n.kind, payload = n.payload, unread = n.unread
         FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::text[], $5::jsonb[], $6::text[])
             AS n (block, event_index, month, kind, payload, unread)
         WHERE j.block = n.block AND j.event_index = n.event_index AND j.month = n.month
           AND (j.kind, j.payload, j.unread) IS DISTINCT FROM (n.kind, n.payload, n.unread)",
    )
    .bind(blocks)
    .bind(indexes)
    .bind(months)
    .bind(kinds)
    .bind(payloads)
    .bind(reasons)
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
