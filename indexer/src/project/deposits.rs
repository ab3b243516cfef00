//! Money in: split between share holders and contributors of a period.

use sqlx::PgConnection;
use yieldset_chain::{Address, abi::Pool::Deposited};
use yieldset_rules::{contribution::Period, math::split_bps};

use super::{Place, db, holders::amount, ledger, pools};
use crate::{column::Amount, error::IndexerError};

/// Computes the split and the index anew and refuses to go on where the contract says something else.
pub(super) async fn deposit(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &Deposited,
) -> Result<(), IndexerError> {
    let paid = amount(place, "amount", event.amount)?;
    let mut books = pools::load(connection, place, pool).await?;
    let (to_contributors, to_holders) = split_bps(paid, books.contributors_bps)
        .map_err(|error| place.diverged("the split", format!("{error:?}"), event.toHolders))?;
    place.same("toHolders", to_holders, amount(place, "toHolders", event.toHolders)?)?;
    books
        .dividends
        .distribute(to_holders, books.supply)
        .map_err(|error| place.diverged("index", format!("{error:?}"), event.index))?;
    place.same("index", books.dividends.index, amount(place, "index", event.index)?)?;
    books.to_holders = pools::add(place, "toHolders", books.to_holders, to_holders)?;
    books.to_contributors = pools::add(place, "toContributors", books.to_contributors, to_contributors)?;
    pools::save(connection, place, pool, &books).await?;
    let mut period = load_period(connection, place, pool, &event.stream.0, event.period).await?;
    period.total = pools::add(place, "total", period.total, to_contributors)?;
    save_period(connection, place, pool, &event.stream.0, event.period, &period).await?;
    sqlx::query!(
        "INSERT INTO deposits (block, event_index, pool, stream, period, payer, amount, to_holders, to_contributors, dividend_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        place.block,
        place.event_index,
        pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.payer.as_slice(),
        Amount::from(paid) as _,
        Amount::from(to_holders) as _,
        Amount::from(to_contributors) as _,
        Amount::from(books.dividends.index) as _,
    )
    .execute(&mut *connection)
    .await
    .map_err(db)?;
    let to_period = ledger::BookedOn::Contributors { stream: &event.stream.0, period: event.period };
    let lines = [
        ledger::Line { account: ledger::BookedOn::Coins, debit: paid, credit: 0 },
        ledger::Line { account: ledger::BookedOn::Holders, debit: 0, credit: to_holders },
        ledger::Line { account: to_period, debit: 0, credit: to_contributors },
    ];
    ledger::post(connection, place, pool, event.payer, &lines).await
}

/// The period's record; an empty one where nothing was paid in yet.
pub(super) async fn load_period(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    stream: &[u8; 32],
    period: u32,
) -> Result<Period, IndexerError> {
    let row = sqlx::query!(
        r#"SELECT total AS "total: Amount", claimed AS "claimed: Amount", weight_claimed AS "weight_claimed: Amount"
           FROM periods WHERE pool = $1 AND stream = $2 AND period = $3"#,
        pool.as_slice(),
        &stream[..],
        i64::from(period),
    )
    .fetch_optional(connection)
    .await
    .map_err(db)?;
    let Some(row) = row else { return Ok(Period::default()) };
    let figure = |what, amount: Amount| amount.to_u128().map_err(|_| place.diverged(what, "over 128 bits", amount));
    let weight = row.weight_claimed;
    Ok(Period {
        total: figure("total", row.total)?,
        claimed: figure("claimed", row.claimed)?,
        weight_claimed: weight.to_u64().map_err(|_| place.diverged("weightClaimed", "over 64 bits", weight))?,
    })
}

pub(super) async fn save_period(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    stream: &[u8; 32],
    period: u32,
    record: &Period,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO periods (pool, stream, period, total, claimed, weight_claimed, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (pool, stream, period) DO UPDATE SET total = $4, claimed = $5, weight_claimed = $6, block = $7,
             event_index = $8",
        pool.as_slice(),
        &stream[..],
        i64::from(period),
        Amount::from(record.total) as _,
        Amount::from(record.claimed) as _,
        Amount::from(record.weight_claimed) as _,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
