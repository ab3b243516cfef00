//! Licences, and the market: open orders, listings and credits.

use yieldset_chain::{
    B256, Deployment, SolValue,
    abi::{Licence, Market},
    acts::doings::licence::STAGES,
};

use super::{Chain, Comparison, db};
use crate::{
    api::licences::stage_at,
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    licences(snapshot, chain, found).await?;
    orders(snapshot, chain, deployment, found).await?;
    listings(snapshot, chain, deployment, found).await?;
    credits(snapshot, chain, deployment, found).await
}

#[derive(Clone)]
struct LicenceRow {
    licence: Hash,
    contract: Addr,
    stage: String,
    offer_expires: Amount,
    fund_by: Option<Amount>,
    ends_at: Option<Amount>,
    pool: Addr,
    platform: Addr,
    currency: Addr,
    escrow: Amount,
    refundable: Amount,
    held: Amount,
    to_pool: Amount,
    refunded: Amount,
    open_defaults: i64,
    breaches: i64,
    violations: i64,
}

async fn licences(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        LicenceRow,
        r#"SELECT licence AS "licence: Hash", contract AS "contract: Addr", pool AS "pool: Addr", platform AS "platform: Addr",
                  currency AS "currency: Addr", stage, offer_expires AS "offer_expires: Amount", fund_by AS "fund_by: Amount",
                  ends_at AS "ends_at: Amount", escrow AS "escrow: Amount",
                  refundable AS "refundable: Amount", held AS "held: Amount", to_pool AS "to_pool: Amount",
                  refunded AS "refunded: Amount", open_defaults, breaches, violations
           FROM licences ORDER BY licence"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "licences");
    let record = |letter: u8| {
        move |row: &LicenceRow| {
            let call = Licence::recordOfCall { licence: row.licence.0, record: letter, which: B256::ZERO };
            (row.contract, call)
        }
    };
    for (row, words) in chain.for_each_at(rows.clone(), record(b'P')).await? {
        let what = format!("licence {}", row.licence);
        let theirs = Licence::Parties::abi_decode(&words.concat());
        found.holds(format!("{what}: the form of its parties"), theirs.is_ok());
        let Ok(theirs) = theirs else { continue };
        found.same(format!("{what}: pool"), row.pool, theirs.pool.into());
        found.same(format!("{what}: platform"), row.platform, theirs.platform.into());
        found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
    }
    let now = snapshot.now();
    for (row, words) in chain.for_each_at(rows.clone(), record(b'S')).await? {
        let theirs = Licence::State::abi_decode(&words.concat()).ok();
        let stage = theirs.and_then(|state| STAGES.get(usize::from(state.stage)).copied());
        let ours = stage_at(&row.stage, row.offer_expires, row.fund_by, row.ends_at, now).replace('_', " ");
        found.same(format!("licence {}: stage", row.licence), ours.as_str(), stage.unwrap_or("unknown"));
    }
    for (row, words) in chain.for_each_at(rows.clone(), record(b'M')).await? {
        let what = format!("licence {}", row.licence);
        let theirs = Licence::Money::abi_decode(&words.concat());
        found.holds(format!("{what}: the form of its money"), theirs.is_ok());
        let Ok(theirs) = theirs else { continue };
        found.same(format!("{what}: escrow"), row.escrow, theirs.escrow.into());
        found.same(format!("{what}: refundable"), row.refundable, theirs.refundable.into());
        found.same(format!("{what}: held"), row.held, theirs.held.into());
        found.same(format!("{what}: to the pool"), row.to_pool, theirs.toPool.into());
        found.same(format!("{what}: refunded"), row.refunded, theirs.refunded.into());
    }
    for (row, words) in chain.for_each_at(rows, record(b'N')).await? {
        let what = format!("licence {}", row.licence);
        let theirs = Licence::Counts::abi_decode(&words.concat());
        found.holds(format!("{what}: the form of its counts"), theirs.is_ok());
        let Ok(theirs) = theirs else { continue };
        found.same(format!("{what}: open defaults"), row.open_defaults, i64::from(theirs.openDefaults));
        found.same(format!("{what}: breaches"), row.breaches, i64::from(theirs.breaches));
        found.same(format!("{what}: violations"), row.violations, i64::from(theirs.violations));
    }
    Ok(())
}

struct OrderRow {
    id: Amount,
    pool: Addr,
    maker: Addr,
    side: String,
    price: Amount,
    shares_left: Amount,
}

async fn orders(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        OrderRow,
        r#"SELECT id AS "id: Amount", pool AS "pool: Addr", maker AS "maker: Addr", side, price AS "price: Amount",
                  shares_left AS "shares_left: Amount"
           FROM orders WHERE state = 'open' ORDER BY id"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "open orders");
    let call = |row: &OrderRow| Market::orderOfCall { order: row.id.to_u64().unwrap_or(0) };
    for (row, chain) in chain.for_each(deployment.market, rows, call).await? {
        let what = format!("order {}", row.id);
        found.same(format!("{what}: pool"), row.pool, chain.pool.into());
        found.same(format!("{what}: maker"), row.maker, chain.maker.into());
        found.same(format!("{what}: side"), row.side.as_str(), if chain.side == 1 { "ask" } else { "bid" });
        found.same(format!("{what}: price"), row.price, chain.price.into());
        found.same(format!("{what}: shares left"), row.shares_left, chain.shares.into());
    }
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM orders"#)
        .fetch_one(snapshot.connection())
        .await
        .map_err(db)?;
    let placed = chain.read(deployment.market, Market::orderCountCall {}).await?;
    found.same("orders ever placed", u64::try_from(count).unwrap_or(0), placed);
    Ok(())
}

async fn listings(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    struct Row {
        pool: Addr,
        currency: Addr,
        lot: Amount,
        tick: Amount,
        listed: bool,
        credits: Option<Amount>,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT pool AS "pool: Addr", currency AS "currency: Addr", lot AS "lot: Amount", tick AS "tick: Amount", listed,
                  (SELECT sum(credit) FROM credits c JOIN listings o ON o.pool = c.pool WHERE o.currency = l.currency)
                      AS "credits: Amount"
           FROM listings l ORDER BY pool"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "listings");
    let call = |row: &Row| Market::listingOfCall { pool: row.pool.0 };
    let mut sums = Vec::with_capacity(rows.len());
    for (row, theirs) in chain.for_each(deployment.market, rows, call).await? {
        let what = format!("listing of {}", row.pool);
        found.same(format!("{what}: listed"), row.listed, theirs.listed);
        found.same(format!("{what}: currency"), row.currency, theirs.currency.into());
        found.same(format!("{what}: lot"), row.lot, theirs.lot.into());
        found.same(format!("{what}: tick"), row.tick, theirs.tick.into());
        sums.push((row.currency, row.credits.unwrap_or_default()));
    }
    let call = |row: &(Addr, Amount)| Market::escrowOfCall { currency: row.0.0 };
    for ((currency, credits), theirs) in chain.for_each(deployment.market, sums, call).await? {
        found.same(format!("all credits in {currency}"), credits, theirs.credits.into());
    }
    Ok(())
}

async fn credits(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    deployment: &Deployment,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let rows = sqlx::query!(
        r#"SELECT pool AS "pool: Addr", account AS "account: Addr", credit AS "credit: Amount" FROM credits
           ORDER BY pool, account"#
    )
    .fetch_all(snapshot.connection())
    .await
    .map_err(db)?;
    found.counted(rows.len(), "market credits");
    let rows: Vec<_> = rows.into_iter().map(|row| (row.pool, row.account, row.credit)).collect();
    let call = |row: &(Addr, Addr, Amount)| Market::creditOfCall { account: row.1.0, pool: row.0.0 };
    for ((pool, account, credit), theirs) in chain.for_each(deployment.market, rows, call).await? {
        found.same(format!("credit of {account} for orders of {pool}"), credit, theirs.into());
    }
    Ok(())
}
