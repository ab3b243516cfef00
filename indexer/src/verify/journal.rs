//! Chain to journal: final blocks are read from the node again, and every event of a contract of ours in them must be
//! in the journal as it was emitted, and no other.
//!
//! All else here goes from rows to contracts, so of itself it could not see an event that was never read. Of what a
//! contract emitted before it became ours the journal has at least the events of its kind; they were read with the
//! block in which it did, so those earlier blocks are compared with it.

use std::{
    collections::{BTreeMap, HashMap},
    pin::pin,
};

use futures::{StreamExt, TryStreamExt, stream};
use sqlx::PgConnection;
use yieldset_chain::{B256, ChainError, Deployment, WholeBlock, blocks::HASHES};

use super::{Chain, Comparison, IN_FLIGHT, db, wide};
use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    project::{kind_of_event, raw},
    snapshot::Snapshot,
};

/// What a contract of ours is, and since when.
#[derive(Debug, Clone, Default)]
struct Role {
    /// The block with which it became ours, as whatever.
    since: i64,
    /// That it became something besides, or ours at all.
    last: i64,
    kinds: Vec<String>,
    /// Strangers chose it, as all that it is.
    strange: bool,
}

impl Role {
    /// Whether the journal has an event of this kind from a block.
    fn tells(&self, block: i64, kind: Option<&str>) -> bool {
        block >= self.since || kind.is_some_and(|kind| self.kinds.iter().any(|known| known == kind))
    }
}

/// Contracts of ours.
type Ours = HashMap<Addr, Role>;

/// Compares the journal with the node's final blocks since the last comparison; answers up to which block it is
/// compared.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<i64, IndexerError> {
    found.strange = false;
    let before = i64::try_from(deployment.start_block).unwrap_or(i64::MAX).saturating_sub(1);
    let from = match found.since {
        None => before,
        Some(since) => since.min(compared_to(snapshot).await?).max(before),
    };
    let ours = ours(snapshot, found).await?;
    let new: Vec<Addr> = ours.iter().filter(|(_, role)| role.last > from).map(|(address, _)| *address).collect();
    let (mut to, mut blocks, mut dropped, mut events) = (from, 0_usize, 0_usize, 0_usize);
    // What new contracts did before, and then all that is new.
    let mut last = if new.is_empty() { from } else { before };
    loop {
        let chunk = next(snapshot.connection(), last, from, &new).await?;
        let (Some(first), Some(end)) = (chunk.first().map(|block| block.0), chunk.last().map(|block| block.0)) else {
            break;
        };
        let known = hashes(chain, &chunk, (first, end), found).await?;
        let read = stream::iter(known).map(|(number, hash)| read(chain, number, hash)).buffered(IN_FLIGHT);
        let mut read = pin!(read);
        while let Some(block) = read.try_next().await? {
            let Some(block) = block else {
                dropped = dropped.saturating_add(1);
                continue;
            };
            blocks = blocks.saturating_add(1);
            events = events.saturating_add(one(snapshot.connection(), &ours, &block, found).await?);
        }
        (last, to) = (end, to.max(end));
    }
    found.counted(blocks, "blocks read again");
    found.counted(events, "events");
    if dropped > 0 {
        found.counted(dropped, "blocks not read again, whose state the node has dropped: an archive node has them");
    }
    Ok(to)
}

/// A block; none where the node has dropped its state, and with it what was told in it.
async fn read(chain: &Chain<'_>, number: i64, hash: B256) -> Result<Option<WholeBlock>, IndexerError> {
    match chain.client.whole_block_at(wide(number), hash).await {
        Ok(block) => Ok(Some(block)),
        Err(ChainError::StateGone { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Up to where the journal was compared before.
async fn compared_to(snapshot: &mut Snapshot) -> Result<i64, IndexerError> {
    let compared = sqlx::query_scalar!("SELECT journal_to FROM verification")
        .fetch_optional(snapshot.connection())
        .await
        .map_err(db)?;
    Ok(compared.unwrap_or(-1))
}

/// All contracts of ours. Later versions of a row say how many of its events were not read.
async fn ours(snapshot: &mut Snapshot, found: &Comparison) -> Result<Ours, IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT address AS "address!: Addr", kind AS "kind!", min(valid_from) AS "since!" FROM (
               SELECT address, kind, valid_from FROM contracts
               UNION ALL SELECT address, kind, valid_from FROM contracts_history) c
           GROUP BY address, kind"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    let mut ours = Ours::new();
    for row in rows {
        let strange = found.is_strangers(&row.kind, row.address);
        let first = Role { since: row.since, last: row.since, kinds: Vec::new(), strange: true };
        let role = ours.entry(row.address).or_insert(first);
        role.since = role.since.min(row.since);
        role.last = role.last.max(row.since);
        role.strange &= strange;
        role.kinds.push(row.kind);
    }
    Ok(ours)
}

/// The next final blocks to compare after one, at most as many as hashes are asked for at once: those after `from`,
/// and earlier ones in which contracts that became ours since then emitted something.
async fn next(
    connection: &mut PgConnection,
    last: i64,
    from: i64,
    new: &[Addr],
) -> Result<Vec<(i64, B256)>, IndexerError> {
    let limit = i64::try_from(HASHES).unwrap_or(i64::MAX);
    let rows = sqlx::query!(
        r#"SELECT number, hash AS "hash: Hash" FROM blocks
           WHERE number > $1 AND number <= (SELECT number FROM finality)
             AND (number > $2 OR number IN (SELECT block FROM emitters WHERE address = ANY ($3::bytea[])
                                            UNION SELECT block FROM journal WHERE address = ANY ($3::bytea[])))
           ORDER BY number LIMIT $4"#,
        last,
        from,
        new as _,
        limit,
    )
    .fetch_all(connection)
    .await
    .map_err(db)?;
    Ok(rows.into_iter().map(|row| (row.number, row.hash.0)).collect())
}

/// Compares blocks' hashes with the node's at the same heights; answers those that agree.
async fn hashes(
    chain: &Chain<'_>,
    chunk: &[(i64, B256)],
    (first, end): (i64, i64),
    found: &mut Comparison,
) -> Result<Vec<(i64, B256)>, IndexerError> {
    let mut theirs = BTreeMap::new();
    // Blocks that follow each other are asked for together.
    if end.saturating_sub(first).unsigned_abs() < HASHES {
        let list = chain.client.block_hashes(wide(first), wide(end)).await?;
        theirs.extend((first..=end).zip(list));
    } else {
        for (number, _) in chunk {
            let list = chain.client.block_hashes(wide(*number), wide(*number)).await?;
            theirs.extend(list.into_iter().map(|hash| (*number, hash)));
        }
    }
    let mut agreed = Vec::with_capacity(chunk.len());
    for (number, here) in chunk {
        let there = theirs.get(number).copied().unwrap_or_default();
        found.same(format!("block {number}: hash"), *here, there);
        if *here == there {
            agreed.push((*number, *here));
        }
    }
    Ok(agreed)
}

/// An event as it was emitted, by whom and in which transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Emitted {
    address: Addr,
    topics: Vec<Hash>,
    data: Vec<u8>,
    tx_hash: Option<Hash>,
}

/// Compares a block's events with the journal's; answers how many there are.
async fn one(
    connection: &mut PgConnection,
    ours: &Ours,
    block: &WholeBlock,
    found: &mut Comparison,
) -> Result<usize, IndexerError> {
    let number = i64::try_from(block.at.number).unwrap_or(i64::MAX);
    let rows = sqlx::query!(
        r#"SELECT event_index, address AS "address: Addr", topics AS "topics: Vec<Hash>", data, tx_hash AS "tx_hash: Hash"
           FROM journal WHERE block = $1"#,
        number,
    )
    .fetch_all(connection)
    .await
    .map_err(db)?;
    let here: BTreeMap<i64, Emitted> = rows
        .into_iter()
        .map(|row| {
            let emitted = Emitted { address: row.address, topics: row.topics, data: row.data, tx_hash: row.tx_hash };
            (row.event_index, emitted)
        })
        .collect();
    let mut there = BTreeMap::new();
    for event in &block.events {
        let index = i64::from(event.event_index);
        let Some(role) = ours.get(&Addr::from(event.address)) else { continue };
        if !role.tells(number, kind_of_event(&event.event)) && !here.contains_key(&index) {
            continue;
        }
        let (topics, data) = raw(&event.event);
        let emitted = Emitted {
            address: event.address.into(),
            topics: topics.into_iter().map(Hash::from).collect(),
            data: data.to_vec(),
            tx_hash: event.tx_hash.map(Hash::from),
        };
        there.insert(index, emitted);
    }
    let count = there.len();
    let strange = |address: Addr| ours.get(&address).is_some_and(|role| role.strange);
    differences(number, here, there, (found, &strange));
    Ok(count)
}

/// Names each event that only one side has, and each that is another here than there.
fn differences(
    block: i64,
    mut here: BTreeMap<i64, Emitted>,
    there: BTreeMap<i64, Emitted>,
    (found, strange): (&mut Comparison, &dyn Fn(Addr) -> bool),
) {
    for (index, theirs) in there {
        let what = format!("event {index} of block {block}");
        found.strange = strange(theirs.address);
        found.figures = found.figures.saturating_add(1);
        let Some(ours) = here.remove(&index) else {
            found.differs(format!("{what}, of {}: missing in Postgres", theirs.address));
            continue;
        };
        if ours == theirs {
            continue;
        }
        let parts = [
            ("contract", ours.address != theirs.address),
            ("topics", ours.topics != theirs.topics),
            ("data", ours.data != theirs.data),
            ("transaction", ours.tx_hash != theirs.tx_hash),
        ];
        let names: Vec<_> = parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        let names = names.join(", ");
        found.differs(format!("{what}, of {}: another in Postgres than on chain: its {names}", theirs.address));
    }
    for (index, ours) in here {
        found.strange = strange(ours.address);
        found.figures = found.figures.saturating_add(1);
        found.differs(format!("event {index} of block {block}, of {}: in Postgres, missing on chain", ours.address));
    }
    found.strange = false;
}

#[cfg(test)]
mod tests {
    use yieldset_chain::Address;

    use super::*;

    fn emitted(data: u8) -> Emitted {
        let address = Address::repeat_byte(1).into();
        Emitted { address, topics: vec![B256::repeat_byte(2).into()], data: vec![data], tx_hash: None }
    }

    fn compared(here: &[(i64, Emitted)], there: &[(i64, Emitted)]) -> Vec<String> {
        let mut found = Comparison::default();
        differences(7, here.iter().cloned().collect(), there.iter().cloned().collect(), (&mut found, &|_| false));
        assert_eq!(found.differing, found.differences.len());
        found.differences
    }

    /// What a contract did before it became ours is of no account but where it is of its kind.
    #[test]
    fn events_of_before_are_expected_by_their_kind() {
        let role = Role { since: 7, last: 9, kinds: vec!["kyc".to_owned()], strange: false };
        assert!(role.tells(7, None) && role.tells(8, Some("pool")) && role.tells(6, Some("kyc")));
        assert!(!role.tells(6, None) && !role.tells(6, Some("pool")));
    }

    /// Proves MIR-4: an event that only the chain has is told, one that only the journal has, and one that was changed.
    #[test]
    fn both_directions_are_told_apart() {
        let both = [(0, emitted(1)), (3, emitted(2))];
        assert_eq!(compared(&both, &both), Vec::<String>::new());
        let of = Addr::from(Address::repeat_byte(1));
        assert_eq!(compared(&both[1..], &both), [format!("event 0 of block 7, of {of}: missing in Postgres")]);
        assert_eq!(
            compared(&both, &both[..1]),
            [format!("event 3 of block 7, of {of}: in Postgres, missing on chain")]
        );
        let moved = Emitted { tx_hash: Some(B256::ZERO.into()), ..emitted(9) };
        assert_eq!(
            compared(&[(0, emitted(1)), (3, moved)], &both),
            [format!("event 3 of block 7, of {of}: another in Postgres than on chain: its data, transaction")]
        );
    }
}
