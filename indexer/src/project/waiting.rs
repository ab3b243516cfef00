//! Contributors' money of quarters without weights: carried to the stream's next report, or released to the holders.

use yieldset_chain::{
    B256,
    abi::Pool::{WaitingCarried, WaitingReleased},
};

use super::{
    Applying, deposits,
    ledger::{self, BookedOn, Entry},
    pools::{self, Pool, minus, plus},
};
use crate::{column::Addr, error::IndexerError};

/// All that one period had goes into another.
pub(super) async fn carry(applying: &mut Applying<'_>, pool: Addr, event: &WaitingCarried) -> Result<(), IndexerError> {
    let place = applying.place;
    let books = pools::load(applying, pool).await?;
    let carried = place.amount("amount", event.amount)?;
    take(applying, &books, (event.stream, event.from), carried).await?;
    let mut to = deposits::load(applying, pool, event.stream, event.to).await?;
    to.total = plus(place, "total", to.total, carried)?;
    applying.put(to).await?;
    let account = |period| BookedOn::Contributors { stream: &event.stream.0, period };
    let entries = [Entry::debit(account(event.from), carried), Entry::credit(account(event.to), carried)];
    ledger::post(applying, pool, pool, &entries)
}

/// All that a period had becomes a dividend; the index is computed anew and must be the contract's.
pub(super) async fn release(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &WaitingReleased,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut books = pools::load(applying, pool).await?;
    let released = place.amount("amount", event.amount)?;
    take(applying, &books, (event.stream, event.period), released).await?;
    books.distribute(place, released, place.amount("index", event.index)?.into())?;
    books.to_holders = plus(place, "toHolders", books.to_holders, released)?;
    books.to_contributors = minus(place, "toContributors", books.to_contributors, released)?;
    applying.put(books).await?;
    let from = BookedOn::Contributors { stream: &event.stream.0, period: event.period };
    let entries = [Entry::debit(from, released), Entry::credit(BookedOn::Holders, released)];
    ledger::post(applying, pool, pool, &entries)
}

/// Takes out of a period all that nobody has claimed and no earlier book has, which must be what the contract says.
async fn take(
    applying: &mut Applying<'_>,
    books: &Pool,
    (stream, number): (B256, u32),
    told: u128,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut period = deposits::load(applying, books.address, stream, number).await?;
    let unclaimed = period.record(place)?.unclaimed();
    // What is left in another book stays there.
    if told > unclaimed || !books.books {
        place.same("amount", unclaimed, told)?;
    }
    period.total = minus(place, "total", period.total, told)?;
    applying.put(period).await
}
