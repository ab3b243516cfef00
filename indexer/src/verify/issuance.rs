//! What pools' issuers, governors and officers set.

use futures::TryStreamExt;
use yieldset_chain::abi::Pool;

use super::{Chain, Comparison, db};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    settings(snapshot, chain, found).await?;
    sales(snapshot, chain, found).await?;
    policies(snapshot, chain, found).await
}

async fn settings(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT p.address AS "address: Addr", currency AS "currency: Addr", currency_minimum AS "minimum: Amount",
                  cap AS "cap: Amount", governor AS "governor: Addr", paused
           FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool'
           WHERE c.fault IS NULL AND p.valid_from > $1 ORDER BY p.address"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let pool = row.address;
        let of = |figure: &str| format!("pool {figure} of {pool}");
        found.about("pool", pool);
        found.told(of("currency"), row.currency, chain.ask(pool, Pool::currencyCall {}).await?, Addr::from);
        let minimum = chain.ask(pool, Pool::currencyMinimumCall {}).await?;
        found.told(of("currencyMinimum"), row.minimum, minimum, Amount::from);
        found.told(of("opened"), row.cap.is_some(), chain.ask(pool, Pool::openedCall {}).await?, |opened| opened);
        found.told(of("cap"), row.cap.unwrap_or_default(), chain.ask(pool, Pool::capCall {}).await?, Amount::from);
        let governor = chain.ask(pool, Pool::governorCall {}).await?;
        found.told(of("governor"), row.governor.unwrap_or_default(), governor, Addr::from);
        found.told(of("paused"), row.paused, chain.ask(pool, Pool::pausedCall {}).await?, |paused| paused);
    }
    Ok(())
}

struct SaleRow {
    address: Addr,
    price: Option<Amount>,
    left: Option<Amount>,
    sold: Option<Amount>,
    raised: Option<Amount>,
    starts: Option<Amount>,
    ends: Option<Amount>,
}

/// Of every pool whose sale changed, and of those that have none here.
async fn sales(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query_as!(
        SaleRow,
        r#"SELECT p.address AS "address!: Addr", s.price AS "price?: Amount", s.shares_left AS "left?: Amount",
                  s.sold AS "sold?: Amount", s.raised AS "raised?: Amount", s.starts AS "starts?: Amount",
                  s.ends AS "ends?: Amount"
           FROM pools p JOIN contracts c ON c.address = p.address AND c.kind = 'pool' LEFT JOIN sales s ON s.pool = p.address
           WHERE c.fault IS NULL AND greatest(p.valid_from, s.valid_from) > $1 ORDER BY p.address"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let pool = row.address;
        let of = |figure: &str| format!("sale {figure} of {pool}");
        found.about("pool", pool);
        let theirs = chain.ask(pool, Pool::saleCall {}).await?;
        let Some(theirs) = found.answer(format!("sale of {pool}"), theirs) else { continue };
        found.same(of("price"), row.price.unwrap_or_default(), theirs.price.into());
        found.same(of("left"), row.left.unwrap_or_default(), theirs.left.into());
        found.same(of("sold"), row.sold.unwrap_or_default(), theirs.sold.into());
        found.same(of("raised"), row.raised.unwrap_or_default(), theirs.raised.into());
        found.same(of("starts"), row.starts.unwrap_or_default(), Amount::from(theirs.starts));
        found.same(of("ends"), row.ends.unwrap_or_default(), Amount::from(theirs.ends));
    }
    Ok(())
}

/// Where nobody has set one, what a contract answers is how pools begin.
async fn policies(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT p.pool AS "pool: Addr", open, min_level, accredited_only, allow_list, jurisdictions, max_holders,
                  max_holding AS "max_holding: Amount", lockup_seconds
           FROM policies p JOIN contracts c ON c.address = p.pool AND c.kind = 'pool'
           WHERE c.fault IS NULL AND p.valid_from > $1 ORDER BY p.pool"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        let pool = row.pool;
        let of = |figure: &str| format!("policy {figure} of {pool}");
        found.about("pool", pool);
        let theirs = chain.ask(pool, Pool::policyCall {}).await?;
        let Some(theirs) = found.answer(format!("policy of {pool}"), theirs) else { continue };
        found.same(of("open"), row.open, theirs.open);
        found.same(of("minLevel"), row.min_level, i16::from(theirs.minLevel));
        found.same(of("accreditedOnly"), row.accredited_only, theirs.accreditedOnly);
        found.same(of("allowList"), row.allow_list, theirs.allowList);
        let jurisdictions = hex::encode(theirs.jurisdictions.concat());
        found.same(of("jurisdictions"), hex::encode(row.jurisdictions), jurisdictions);
        found.same(of("maxHolders"), row.max_holders, i64::from(theirs.maxHolders));
        found.same(of("maxHolding"), row.max_holding, theirs.maxHolding.into());
        found.same(of("lockupSeconds"), row.lockup_seconds, i64::from(theirs.lockupSeconds));
    }
    Ok(())
}
