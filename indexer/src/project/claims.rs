//! Money out: dividends to share holders, contributions by proven weight. Both are computed anew and compared with what
//! was paid.

use sqlx::PgConnection;
use yieldset_chain::{
    Address,
    abi::Pool::{ClaimSkipped, ContributionClaimed, DividendClaimed, RootKept},
};
use yieldset_rules::contribution::{Contribution, Period, Skipped};

use super::{
    Place, db,
    deposits::{load_period, save_period},
    holders::{self, amount},
    ledger, pools,
    successors::has_books,
};
use crate::{column::Amount, error::IndexerError};

pub(super) async fn dividend(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &DividendClaimed,
) -> Result<(), IndexerError> {
    let paid = amount(place, "amount", event.amount)?;
    let mut books = pools::load(connection, place, pool).await?;
    let mut account = holders::load(connection, place, pool, event.account).await?;
    let owed = account
        .holder
        .take(books.dividends.index)
        .map_err(|error| place.diverged("the dividend", format!("{error:?}"), paid))?;
    place.same("the dividend", owed, paid)?;
    account.claimed = pools::add(place, "claimed", account.claimed, paid)?;
    holders::save(connection, place, pool, event.account, &account).await?;
    books.claimed_by_holders = pools::add(place, "claimedByHolders", books.claimed_by_holders, paid)?;
    pools::save(connection, place, pool, &books).await?;
    insert(connection, place, pool, event.account, paid, None).await?;
    let lines = [
        ledger::Line { account: ledger::BookedOn::Holders, debit: paid, credit: 0 },
        ledger::Line { account: ledger::BookedOn::Coins, debit: 0, credit: paid },
    ];
    ledger::post(connection, place, pool, event.account, &lines).await
}

pub(super) async fn contribution(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &ContributionClaimed,
) -> Result<(), IndexerError> {
    let paid = amount(place, "amount", event.amount)?;
    let weight = u64::try_from(event.weight).map_err(|_| place.diverged("weight", "at most 64 bits", event.weight))?;
    let (stream, period) = (&event.stream.0, event.period);
    let mut books = pools::load(connection, place, pool).await?;
    let mut record = load_period(connection, place, pool, stream, period).await?;
    let mut taken = load_contribution(connection, place, pool, event).await?;
    let (before, had) = (record, taken);
    let owed = record.claim(&mut taken, weight);
    if owed != Ok(paid) {
        if !has_books(connection).await? {
            let owed = owed.map_err(|error| place.diverged("the contribution", format!("{error:?}"), paid))?;
            place.same("the contribution", owed, paid)?;
        }
        let claimed = pools::add(place, "claimed", before.claimed, paid)?;
        record = Period { claimed, ..before };
        taken = Contribution { claimed: pools::add(place, "claimed", had.claimed, paid)?, weight };
    }
    save_period(connection, place, pool, stream, period, &record).await?;
    keep_final_root(connection, pool, stream, period).await?;
    save_contribution(connection, place, pool, event, &taken).await?;
    let what = "claimedByContributors";
    books.claimed_by_contributors = pools::add(place, what, books.claimed_by_contributors, paid)?;
    pools::save(connection, place, pool, &books).await?;
    insert(connection, place, pool, event.account, paid, Some((stream, period, weight))).await?;
    let lines = [
        ledger::Line { account: ledger::BookedOn::Contributors { stream, period }, debit: paid, credit: 0 },
        ledger::Line { account: ledger::BookedOn::Coins, debit: 0, credit: paid },
    ];
    ledger::post(connection, place, pool, event.account, &lines).await
}

/// One of many claims was passed over. Where its payment was tried, the pool keeps the root as after a claim.
pub(super) async fn skip(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &ClaimSkipped,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO skipped_claims (block, event_index, pool, stream, period, account, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        place.block,
        place.event_index,
        pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.account.as_slice(),
        i16::from(event.reason),
    )
    .execute(&mut *connection)
    .await
    .map_err(db)?;
    if event.reason == Skipped::PayoutFailed.code() {
        keep_final_root(connection, pool, &event.stream.0, event.period).await?;
    }
    Ok(())
}

/// A period's root is kept before anybody claims.
pub(super) async fn keep_root(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &RootKept,
) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE periods SET kept_root = $4, block = $5, event_index = $6
         WHERE pool = $1 AND stream = $2 AND period = $3 AND kept_root IS NULL",
        pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.root.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a period whose root is kept", event.period, "one with money and without a root")
}

/// With the first claim of a period the pool keeps the root of the report that it asks, which no event tells.
async fn keep_final_root(
    connection: &mut PgConnection,
    pool: Address,
    stream: &[u8; 32],
    period: u32,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "UPDATE periods m SET kept_root = (
             SELECT weights_root FROM reports r JOIN pools p ON p.address = r.pool AND p.attribution = r.registry
             WHERE r.pool = m.pool AND r.stream = m.stream AND r.period = m.period)
         WHERE pool = $1 AND stream = $2 AND period = $3 AND kept_root IS NULL",
        pool.as_slice(),
        &stream[..],
        i64::from(period),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn insert(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    account: Address,
    paid: u128,
    proven: Option<(&[u8; 32], u32, u64)>,
) -> Result<(), IndexerError> {
    let kind = if proven.is_some() { "contribution" } else { "dividend" };
    sqlx::query!(
        "INSERT INTO claims (block, event_index, pool, account, kind, amount, stream, period, weight)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        place.block,
        place.event_index,
        pool.as_slice(),
        account.as_slice(),
        kind,
        Amount::from(paid) as _,
        proven.map(|(stream, _, _)| stream.to_vec()),
        proven.map(|(_, period, _)| i64::from(period)),
        proven.map(|(_, _, weight)| Amount::from(weight)) as _,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn load_contribution(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &ContributionClaimed,
) -> Result<Contribution, IndexerError> {
    let row = sqlx::query!(
        r#"SELECT claimed AS "claimed: Amount", weight AS "weight: Amount" FROM contributions
           WHERE pool = $1 AND stream = $2 AND period = $3 AND account = $4"#,
        pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.account.as_slice(),
    )
    .fetch_optional(connection)
    .await
    .map_err(db)?;
    let Some(row) = row else { return Ok(Contribution::default()) };
    let claimed = row.claimed.to_u128().map_err(|_| place.diverged("claimed", "over 128 bits", row.claimed))?;
    let weight = row.weight.to_u64().map_err(|_| place.diverged("weight", "over 64 bits", row.weight))?;
    Ok(Contribution { claimed, weight })
}

async fn save_contribution(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &ContributionClaimed,
    taken: &Contribution,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO contributions (pool, stream, period, account, claimed, weight, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (pool, stream, period, account) DO UPDATE SET claimed = $5, weight = $6, block = $7, event_index = $8",
        pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.account.as_slice(),
        Amount::from(taken.claimed) as _,
        Amount::from(taken.weight) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
