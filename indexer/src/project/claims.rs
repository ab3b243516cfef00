//! Money out: dividends to share holders, contributions by proven weight. Both are computed anew and compared with what
//! was paid.

use yieldset_chain::{
    B256,
    abi::Pool::{ClaimSkipped, ContributionClaimed, DividendClaimed, RootKept},
};
use yieldset_rules::contribution::{self, Skipped};

use super::{
    Applying, Place,
    deposits::{self, Period},
    holders,
    ledger::{self, BookedOn, Entry},
    pools::{self, Pool, plus},
    reports::Report,
};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// What one contributor took of a period, and the weight it proved.
    Contribution in "contributions" {
        pool: Addr,
        stream: Hash,
        period: i64,
        account: Addr;
        claimed: Amount,
        weight: Amount,
    }
}

fact! {
    /// A payment out; stream, period and weight are a contribution's.
    Claim in "claims" (monthly) {
        pool: Addr,
        account: Addr,
        kind: String,
        amount: Amount,
        stream: Option<Hash>,
        period: Option<i64>,
        weight: Option<Amount>,
    }
}

fact! {
    /// One of many claims that was passed over.
    SkippedClaim in "skipped_claims" { pool: Addr, stream: Hash, period: i64, account: Addr, reason: i16 }
}

/// A dividend was paid.
pub(super) async fn dividend(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &DividendClaimed,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let mut books = pools::load(applying, pool).await?;
    let account = Addr::from(event.account);
    let mut row = holders::load(applying, pool, account).await?;
    let mut record = row.record(place)?;
    let owed = record
        .take(books.dividends(place)?.index)
        .map_err(|error| place.diverged("the dividend", format!("{error:?}"), paid))?;
    place.same("the dividend", owed, paid)?;
    row = row.with(&record);
    row.claimed = plus(place, "claimed", row.claimed, paid)?;
    applying.put(row).await?;
    books.claimed_by_holders = plus(place, "claimedByHolders", books.claimed_by_holders, paid)?;
    applying.put(books).await?;
    let (kind, amount) = ("dividend".to_owned(), paid.into());
    applying.note(Claim { pool, account, kind, amount, stream: None, period: None, weight: None });
    let entries = [Entry::debit(BookedOn::Holders, paid), Entry::credit(BookedOn::Coins, paid)];
    ledger::post(applying, pool, account, &entries)
}

/// A contribution was paid.
pub(super) async fn contribution(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &ContributionClaimed,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let weight: u64 = place.fit("weight", event.weight)?;
    let mut books = pools::load(applying, pool).await?;
    let row = deposits::load(applying, pool, event.stream, event.period).await?;
    let (account, stream, period) = (Addr::from(event.account), Hash(event.stream), i64::from(event.period));
    let found = applying.find::<Contribution>((pool, stream, period, account)).await?;
    let had = found.map_or(Ok(contribution::Contribution::default()), |found| found.record(place))?;
    let (record, taken) = claim(place, &books, row.record(place)?, had, (weight, paid))?;
    applying.put(row.with(&record)).await?;
    keep_final_root(applying, &books, event.stream, event.period).await?;
    let (claimed, proven) = (taken.claimed.into(), taken.weight.into());
    applying.put(Contribution { pool, stream, period, account, claimed, weight: proven }).await?;
    let what = "claimedByContributors";
    books.claimed_by_contributors = plus(place, what, books.claimed_by_contributors, paid)?;
    applying.put(books).await?;
    applying.note(Claim {
        pool,
        account,
        kind: "contribution".to_owned(),
        amount: paid.into(),
        stream: Some(stream),
        period: Some(period),
        weight: Some(weight.into()),
    });
    let from = BookedOn::Contributors { stream: &event.stream.0, period: event.period };
    let entries = [Entry::debit(from, paid), Entry::credit(BookedOn::Coins, paid)];
    ledger::post(applying, pool, account, &entries)
}

/// The period and the contribution after a claim, which must have paid what the rules say. Where a period can have
/// several books, an event does not say of which it was paid: then it is believed, and the rows are the sums.
fn claim(
    place: Place,
    books: &Pool,
    period: contribution::Period,
    had: contribution::Contribution,
    (weight, paid): (u64, u128),
) -> Result<(contribution::Period, contribution::Contribution), IndexerError> {
    let (mut record, mut taken) = (period, had);
    let owed = record.claim(&mut taken, weight);
    if owed == Ok(paid) {
        return Ok((record, taken));
    }
    if !books.books {
        let owed = owed.map_err(|error| place.diverged("the contribution", format!("{error:?}"), paid))?;
        place.same("the contribution", owed, paid)?;
    }
    let record = contribution::Period { claimed: place.add("claimed", period.claimed, paid)?, ..period };
    if record.claimed > record.total {
        return Err(place.diverged("the contribution", paid, period.unclaimed()));
    }
    let taken = contribution::Contribution { claimed: place.add("claimed", had.claimed, paid)?, weight };
    Ok((record, taken))
}

impl Contribution {
    fn record(&self, place: Place) -> Result<contribution::Contribution, IndexerError> {
        Ok(contribution::Contribution {
            claimed: place.amount("claimed", self.claimed.0)?,
            weight: place.fit("weight", self.weight.0)?,
        })
    }
}

/// One of many claims was passed over. Where its payment was tried, the pool keeps the root as after a claim.
pub(super) async fn skip(applying: &mut Applying<'_>, pool: Addr, event: &ClaimSkipped) -> Result<(), IndexerError> {
    applying.note(SkippedClaim {
        pool,
        stream: event.stream.into(),
        period: event.period.into(),
        account: event.account.into(),
        reason: event.reason.into(),
    });
    if event.reason == Skipped::PayoutFailed.code() {
        let books = pools::load(applying, pool).await?;
        keep_final_root(applying, &books, event.stream, event.period).await?;
    }
    Ok(())
}

/// A period's root is kept before anybody claims.
pub(super) async fn keep_root(applying: &mut Applying<'_>, pool: Addr, event: &RootKept) -> Result<(), IndexerError> {
    let place = applying.place;
    let key = (pool, Hash(event.stream), i64::from(event.period));
    let found = applying.find::<Period>(key).await?.filter(|period| period.kept_root.is_none());
    let Some(row) = found else {
        let expected = "one with money and without a root";
        return Err(place.diverged("a period whose root is kept", event.period, expected));
    };
    applying.put(Period { kept_root: Some(event.root.into()), ..row }).await
}

/// With the first claim of a period the pool keeps the root of the report that it asks, which no event tells.
async fn keep_final_root(
    applying: &mut Applying<'_>,
    books: &Pool,
    stream: B256,
    period: u32,
) -> Result<(), IndexerError> {
    let (stream, period) = (Hash(stream), i64::from(period));
    let found = applying.find::<Period>((books.address, stream, period)).await?;
    let Some(row) = found.filter(|row| row.kept_root.is_none()) else { return Ok(()) };
    let report = applying.find::<Report>((books.attribution, books.address, stream, period)).await?;
    let Some(report) = report else { return Ok(()) };
    applying.put(Period { kept_root: Some(report.weights_root), ..row }).await
}
