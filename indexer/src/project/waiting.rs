//! Contributors' money of quarters without weights: carried to the stream's next report, or released to the holders.

use sqlx::PgConnection;
use yieldset_chain::{
    Address,
    abi::Pool::{WaitingCarried, WaitingReleased},
};

use super::{
    Place,
    deposits::{load_period, save_period},
    holders::amount,
    ledger, pools,
    successors::has_books,
};
use crate::error::IndexerError;

/// All that one period had goes into another.
pub(super) async fn carry(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &WaitingCarried,
) -> Result<(), IndexerError> {
    let stream = &event.stream.0;
    let carried = take(connection, place, pool, (stream, event.from), amount(place, "amount", event.amount)?).await?;
    let mut to = load_period(connection, place, pool, stream, event.to).await?;
    to.total = pools::add(place, "total", to.total, carried)?;
    save_period(connection, place, pool, stream, event.to, &to).await?;
    let account = |period| ledger::BookedOn::Contributors { stream, period };
    let lines = [
        ledger::Line { account: account(event.from), debit: carried, credit: 0 },
        ledger::Line { account: account(event.to), debit: 0, credit: carried },
    ];
    ledger::post(connection, place, pool, pool, &lines).await
}

/// All that a period had becomes a dividend; the index is computed anew and must be the contract's.
pub(super) async fn release(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    event: &WaitingReleased,
) -> Result<(), IndexerError> {
    let stream = &event.stream.0;
    let released =
        take(connection, place, pool, (stream, event.period), amount(place, "amount", event.amount)?).await?;
    let mut books = pools::load(connection, place, pool).await?;
    books
        .dividends
        .distribute(released, books.supply)
        .map_err(|error| place.diverged("index", format!("{error:?}"), event.index))?;
    place.same("index", books.dividends.index, amount(place, "index", event.index)?)?;
    books.to_holders = pools::add(place, "toHolders", books.to_holders, released)?;
    books.to_contributors = books
        .to_contributors
        .checked_sub(released)
        .ok_or_else(|| place.diverged("toContributors", books.to_contributors, released))?;
    pools::save(connection, place, pool, &books).await?;
    let lines = [
        ledger::Line {
            account: ledger::BookedOn::Contributors { stream, period: event.period },
            debit: released,
            credit: 0,
        },
        ledger::Line { account: ledger::BookedOn::Holders, debit: 0, credit: released },
    ];
    ledger::post(connection, place, pool, pool, &lines).await
}

/// Takes out of a period all that nobody has claimed and no earlier book has, which must be what the contract says.
async fn take(
    connection: &mut PgConnection,
    place: Place,
    pool: Address,
    (stream, number): (&[u8; 32], u32),
    told: u128,
) -> Result<u128, IndexerError> {
    let mut period = load_period(connection, place, pool, stream, number).await?;
    let taken = period.unclaimed();
    // What is left in another book stays there.
    if told > taken || !has_books(connection).await? {
        place.same("amount", taken, told)?;
    }
    period.total = period.total.saturating_sub(told);
    save_period(connection, place, pool, stream, number, &period).await?;
    Ok(told)
}
