//! What a pool's issuer, governor and officers set: cap, sale, policy, the currency's least balance, a pause.

use sqlx::PgConnection;
use yieldset_chain::{
    Address,
    abi::Pool::{PolicySet, SaleSet, SharesSold},
};

use super::{Place, db, holders::amount};
use crate::{column::Amount, error::IndexerError};

/// A figure of the pool's row that one event gives.
pub(super) enum Setting {
    /// The most shares there will be.
    Cap(Amount),
    /// The least balance that the currency lets an account have.
    Minimum(Amount),
    /// Whether it is paused.
    Paused(bool),
}

pub(super) async fn set(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    setting: Setting,
) -> Result<(), IndexerError> {
    let (cap, minimum, paused) = match setting {
        Setting::Cap(cap) => (Some(cap), None, None),
        Setting::Minimum(minimum) => (None, Some(minimum), None),
        Setting::Paused(paused) => (None, None, Some(paused)),
    };
    let changed = sqlx::query!(
        "UPDATE pools SET cap = coalesce($2, cap), currency_minimum = coalesce($3, currency_minimum),
             paused = coalesce($4, paused), block = $5, event_index = $6
         WHERE address = $1",
        pool.as_slice(),
        cap as _,
        minimum as _,
        paused,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a pool", pool, "one that was created")
}

/// What is sold from now on; what was sold before stays counted.
pub(super) async fn sale(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &SaleSet,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO sales (pool, price, shares_left, starts, ends, proceeds_to, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (pool) DO UPDATE SET price = $2, shares_left = $3, starts = $4, ends = $5, proceeds_to = $6, block = $7,
             event_index = $8",
        pool.as_slice(),
        Amount::from(amount(place, "price", event.price)?) as _,
        Amount::from(amount(place, "cap", event.cap)?) as _,
        Amount::from(event.starts) as _,
        Amount::from(event.ends) as _,
        event.proceedsTo.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// Shares sold, for money that never was the pool's.
pub(super) async fn sold(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &SharesSold,
) -> Result<(), IndexerError> {
    let (shares, left) = (amount(place, "value", event.value)?, amount(place, "left", event.left)?);
    let changed = sqlx::query!(
        "UPDATE sales SET sold = sold + $2, raised = raised + $3, shares_left = $4, block = $5, event_index = $6
         WHERE pool = $1 AND shares_left - $2 = $4",
        pool.as_slice(),
        Amount::from(shares) as _,
        Amount::from(amount(place, "cost", event.cost)?) as _,
        Amount::from(left) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a sale", format!("{shares} sold with {left} left"), "one that had as many")
}

/// Who may hold shares from now on.
pub(super) async fn policy(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &PolicySet,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO policies (pool, open, min_level, accredited_only, allow_list, jurisdictions, max_holders, max_holding,
             lockup_seconds, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (pool) DO UPDATE SET open = $2, min_level = $3, accredited_only = $4, allow_list = $5, jurisdictions = $6,
             max_holders = $7, max_holding = $8, lockup_seconds = $9, block = $10, event_index = $11",
        pool.as_slice(),
        event.open,
        i16::from(event.minLevel),
        event.accreditedOnly,
        event.allowList,
        event.jurisdictions.concat(),
        i64::from(event.maxHolders),
        Amount::from(event.maxHolding) as _,
        i64::from(event.lockupSeconds),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
