//! Pools: shares, dividends, what keeps shares from moving, and that the money is there.

use futures::TryStreamExt;
use yieldset_chain::abi::Pool;
use yieldset_rules::{compliance::Locks, dividends::Holder};

use super::{Answer, Chain, Comparison, db, each};
use crate::{
    column::{Addr, Amount, storable},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    standing_still(snapshot, found).await?;
    listed(snapshot, chain, found).await?;
    pools(snapshot, chain, found).await?;
    balances(snapshot, chain, found).await?;
    holders(snapshot, chain, found).await?;
    conservation(snapshot, chain, found).await?;
    ledger(snapshot, found).await?;
    period_ledger(snapshot, found).await
}

/// Of a pool whose own event did not fit nothing after that is known, so nothing more is compared.
async fn standing_still(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "address: Addr", fault_block AS "block!", fault AS "fault!" FROM contracts
           WHERE fault IS NOT NULL AND fault_block IS NOT NULL ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about(&[row.address]);
        found.figures = found.figures.saturating_add(1);
        found.differs(format!("pool {} stands still since block {}: {}", row.address, row.block, row.fault));
    }
    Ok(())
}

/// Every pool that a factory lists is here.
async fn listed(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    use yieldset_chain::abi::Factory;
    let mut rows = sqlx::query!(
        r#"SELECT address AS "address: Addr",
                  (SELECT count(*) FROM pool_listings l WHERE l.factory = c.address) AS "pools!"
           FROM contracts c WHERE kind = 'factory' ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about(&[row.address]);
        let count = chain.ask(row.address, Factory::poolCountCall {}).await?;
        found.told(format!("pools of factory {}", row.address), Amount::from(row.pools.unsigned_abs()), count, Amount::from);
    }
    drop(rows);
    let rows = sqlx::query!(
        r#"SELECT pool AS "pool: Addr", factory AS "factory: Addr", number, creator AS "creator: Addr", coop AS "coop: Addr",
                  created
           FROM pool_listings WHERE valid_from > $1 ORDER BY pool"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row| async move {
        let row: ListingRow = row;
        let info = chain.ask(row.factory, Factory::poolInfoCall { pool: row.pool.0 }).await?;
        Ok::<_, IndexerError>((row, info))
    };
    let rows = Box::pin(rows.map_ok(|row| ListingRow {
        pool: row.pool,
        factory: row.factory,
        number: row.number,
        creator: row.creator,
        coop: row.coop,
        created: row.created,
    }));
    each(rows, ask, |(row, info)| {
        let what = format!("listing of pool {}", row.pool);
        found.about(&[row.factory]);
        let Some(theirs) = found.answer(&what, info) else { return };
        found.same(format!("{what}: number"), row.number, i64::from(theirs.number));
        found.same(format!("{what}: creator"), row.creator, theirs.creator.into());
        found.same(format!("{what}: co-op"), row.coop, theirs.coop.into());
        found.same(format!("{what}: made by the factory"), row.created, theirs.created);
    })
    .await?;
    Ok(())
}
