//! What a pool's issuer, governor and officers set.

use alloy_primitives::Address;
use yieldset_chain::{Deployment, abi::Pool};

use super::{Chain, Comparison, db};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    settings(snapshot, chain, deployment.pool, found).await?;
    sale(snapshot, chain, deployment.pool, found).await?;
    policy(snapshot, chain, deployment.pool, found).await
}

async fn settings(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    pool: Address,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let row = sqlx::query!(
        r#"SELECT currency AS "currency: Addr", currency_minimum AS "minimum: Amount", cap AS "cap: Amount",
                  governor AS "governor: Addr", paused
           FROM pools WHERE address = $1"#,
        pool.as_slice(),
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    let Some(row) = row else { return Ok(()) };
    found.same("pool currency", row.currency, chain.read(pool, Pool::currencyCall {}).await?.into());
    let minimum = chain.read(pool, Pool::currencyMinimumCall {}).await?;
    found.same("pool currencyMinimum", row.minimum, minimum.into());
    found.same("pool opened", row.cap.is_some(), chain.read(pool, Pool::openedCall {}).await?);
    found.same("pool cap", row.cap.unwrap_or_default(), chain.read(pool, Pool::capCall {}).await?.into());
    let governor = chain.read(pool, Pool::governorCall {}).await?;
    found.same("pool governor", row.governor.unwrap_or_default(), governor.into());
    found.same("pool paused", row.paused, chain.read(pool, Pool::pausedCall {}).await?);
    Ok(())
}

async fn sale(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    pool: Address,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let row = sqlx::query!(
        r#"SELECT price AS "price: Amount", shares_left AS "left: Amount", sold AS "sold: Amount", raised AS "raised: Amount",
                  starts AS "starts: Amount", ends AS "ends: Amount"
           FROM sales WHERE pool = $1"#,
        pool.as_slice(),
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    let theirs = chain.read(pool, Pool::saleCall {}).await?;
    let Some(row) = row else {
        found.holds("a sale that is not here was never set on chain", theirs.price.is_zero() && theirs.sold.is_zero());
        return Ok(());
    };
    found.same("sale price", row.price, theirs.price.into());
    found.same("sale left", row.left, theirs.left.into());
    found.same("sale sold", row.sold, theirs.sold.into());
    found.same("sale raised", row.raised, theirs.raised.into());
    found.same("sale starts", row.starts, Amount::from(theirs.starts));
    found.same("sale ends", row.ends, Amount::from(theirs.ends));
    Ok(())
}

async fn policy(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    pool: Address,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let row = sqlx::query!(
        r#"SELECT open, min_level, accredited_only, allow_list, jurisdictions, max_holders, max_holding AS "max_holding: Amount",
                  lockup_seconds
           FROM policies WHERE pool = $1"#,
        pool.as_slice(),
    )
    .fetch_optional(snapshot.connection())
    .await
    .map_err(db)?;
    // Where nobody has set one, what the contract answers is how pools begin.
    let Some(row) = row else { return Ok(()) };
    let theirs = chain.read(pool, Pool::policyCall {}).await?;
    found.same("policy open", row.open, theirs.open);
    found.same("policy minLevel", row.min_level, i16::from(theirs.minLevel));
    found.same("policy accreditedOnly", row.accredited_only, theirs.accreditedOnly);
    found.same("policy allowList", row.allow_list, theirs.allowList);
    found.same("policy jurisdictions", hex::encode(row.jurisdictions), hex::encode(theirs.jurisdictions.concat()));
    found.same("policy maxHolders", row.max_holders, i64::from(theirs.maxHolders));
    found.same("policy maxHolding", row.max_holding, theirs.maxHolding.into());
    found.same("policy lockupSeconds", row.lockup_seconds, i64::from(theirs.lockupSeconds));
    Ok(())
}
