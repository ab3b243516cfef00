//! Contracts that are not ours and emit events in the form of one of ours. Should one become ours, what it told before
//! is found by this, at a cost of what it told and not of how long the chain is.

use std::collections::{BTreeSet, HashSet};

use sqlx::PgConnection;
use yieldset_chain::{Address, Event, abi::Pool::PoolEvents};

use crate::{
    column::Addr,
    error::IndexerError,
    project::{Block, db, kind_of_event},
    rows::Lines,
};

/// Notes a block's. Every token emits events that a pool emits too, so those count from the first `PoolCreated` on.
pub(super) async fn note(
    connection: &mut PgConnection,
    candidates: &mut Option<HashSet<Address>>,
    (block, ours): (&Block, &HashSet<Address>),
    lines: &mut Lines,
) -> Result<(), IndexerError> {
    let mut found: BTreeSet<(Address, &'static str)> = BTreeSet::new();
    for event in block.events.iter().filter(|event| !ours.contains(&event.address)) {
        let Some(kind) = kind_of_event(&event.event) else { continue };
        if kind == "pool" {
            let candidates = known(connection, candidates).await?;
            if matches!(event.event, Event::Pool(PoolEvents::PoolCreated(_))) {
                candidates.insert(event.address);
            } else if !candidates.contains(&event.address) {
                continue;
            }
        }
        found.insert((event.address, kind));
    }
    let number = i64::try_from(block.at.number).unwrap_or(i64::MAX);
    for (address, kind) in found {
        lines.row(3, |tuple| {
            tuple.field(&Addr::from(address));
            tuple.field(&kind);
            tuple.field(&number);
        });
    }
    Ok(())
}

async fn known<'a>(
    connection: &mut PgConnection,
    candidates: &'a mut Option<HashSet<Address>>,
) -> Result<&'a mut HashSet<Address>, IndexerError> {
    if candidates.is_none() {
        let rows =
            sqlx::query_scalar!(r#"SELECT DISTINCT address AS "address: Addr" FROM emitters WHERE kind = 'pool'"#)
                .fetch_all(connection)
                .await
                .map_err(db)?;
        *candidates = Some(rows.into_iter().map(|address| address.0).collect());
    }
    Ok(candidates.get_or_insert_with(HashSet::new))
}
