//! A pool's totals and dividend index.

use sqlx::PgConnection;
use yieldset_chain::{
    Address,
    abi::Pool::{Opened, PoolCreated, SuccessorAdopted},
};
use yieldset_rules::{dividends::Accumulator, succession::Part};

use super::{Place, db, holders::amount};
use crate::{
    column::{Amount, label},
    error::IndexerError,
};

/// What the contract keeps in its root cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pool {
    pub contributors_bps: u16,
    pub supply: u128,
    pub dividends: Accumulator,
    pub to_holders: u128,
    pub to_contributors: u128,
    pub claimed_by_holders: u128,
    pub claimed_by_contributors: u128,
}

pub(super) async fn create(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    created: &PoolCreated,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO pools (address, kyc, attribution, contributors_bps, name, symbol, created_block, block, event_index, currency)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)",
        pool.as_slice(),
        created.kyc.as_slice(),
        created.attribution.as_slice(),
        i32::from(created.contributorsBps),
        label(&created.name),
        label(&created.symbol),
        place.block,
        place.event_index,
        created.currency.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// From its opening on a pool has a licence contract, or none for good but by adoption.
pub(super) async fn open(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    opened: &Opened,
) -> Result<(), IndexerError> {
    let licences = (!opened.licences.is_zero()).then_some(opened.licences.as_slice());
    sqlx::query!(
        "UPDATE pools SET licences = $2, cap = $3, governor = $4, block = $5, event_index = $6 WHERE address = $1",
        pool.as_slice(),
        licences,
        Amount::from(amount(place, "cap", opened.cap)?) as _,
        opened.governor.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A successor of one of the pool's parts. Its logic is no column.
pub(super) async fn adopt(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    adopted: &SuccessorAdopted,
) -> Result<(), IndexerError> {
    let part = |part: Part| (adopted.part == part as u8).then_some(adopted.successor.as_slice());
    sqlx::query!(
        "UPDATE pools SET kyc = coalesce($2, kyc), attribution = coalesce($3, attribution),
             licences = coalesce($4, licences), block = $5, event_index = $6
         WHERE address = $1",
        pool.as_slice(),
        part(Part::Kyc),
        part(Part::Attribution),
        part(Part::Licences),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

pub(super) async fn load(connection: &mut PgConnection, place: Place, pool: Address) -> Result<Pool, IndexerError> {
    let row = sqlx::query!(
        r#"SELECT contributors_bps, supply AS "supply: Amount", dividend_index AS "index: Amount", carry AS "carry: Amount",
                  to_holders AS "to_holders: Amount",
                  to_contributors AS "to_contributors: Amount", claimed_by_holders AS "claimed_by_holders: Amount",
                  claimed_by_contributors AS "claimed_by_contributors: Amount"
           FROM pools WHERE address = $1"#,
        pool.as_slice(),
    )
    .fetch_optional(connection)
    .await
    .map_err(db)?
    .ok_or_else(|| place.diverged("the pool's PoolCreated event", "missing", "first"))?;
    let figure = |what, amount: Amount| amount.to_u128().map_err(|_| place.diverged(what, "over 128 bits", amount));
    Ok(Pool {
        contributors_bps: place.fit("contributorsBps", row.contributors_bps)?,
        supply: figure("supply", row.supply)?,
        dividends: Accumulator { index: figure("index", row.index)?, carry: figure("carry", row.carry)? },
        to_holders: figure("toHolders", row.to_holders)?,
        to_contributors: figure("toContributors", row.to_contributors)?,
        claimed_by_holders: figure("claimedByHolders", row.claimed_by_holders)?,
        claimed_by_contributors: figure("claimedByContributors", row.claimed_by_contributors)?,
    })
}

pub(super) async fn save(
    connection: &mut PgConnection,
    place: Place,
    address: Address,
    pool: &Pool,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "UPDATE pools SET supply = $2, dividend_index = $3, carry = $4, to_holders = $5, to_contributors = $6,
                claimed_by_holders = $7, claimed_by_contributors = $8, block = $9, event_index = $10
         WHERE address = $1",
        address.as_slice(),
        Amount::from(pool.supply) as _,
        Amount::from(pool.dividends.index) as _,
        Amount::from(pool.dividends.carry) as _,
        Amount::from(pool.to_holders) as _,
        Amount::from(pool.to_contributors) as _,
        Amount::from(pool.claimed_by_holders) as _,
        Amount::from(pool.claimed_by_contributors) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A sum that the contract would have refused to let overflow.
pub(super) fn add(place: Place, what: &'static str, a: u128, b: u128) -> Result<u128, IndexerError> {
    a.checked_add(b).ok_or_else(|| place.diverged(what, "over 128 bits", format!("{a} + {b}")))
}
