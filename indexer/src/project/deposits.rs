//! Money in: split between share holders and contributors of a period.

use yieldset_chain::{B256, abi::Pool::Deposited};
use yieldset_rules::{contribution, math::split_bps};

use super::{
    Applying, Place,
    ledger::{self, BookedOn, Entry},
    pools::{self, plus},
};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// Contributors' leg of a period of a stream.
    Period in "periods" {
        pool: Addr,
        stream: Hash,
        period: i64;
        total: Amount,
        claimed: Amount,
        weight_claimed: Amount,
        /// The root that claims are proven against, once the pool keeps it.
        kept_root: Option<Hash>,
    }
}

fact! {
    /// Money that came in.
    DepositMade in "deposits" (monthly) {
        pool: Addr,
        stream: Hash,
        period: i64,
        payer: Addr,
        amount: Amount,
        to_holders: Amount,
        to_contributors: Amount,
        dividend_index: Amount,
    }
}

impl Period {
    /// As the rules take it.
    pub fn record(&self, place: Place) -> Result<contribution::Period, IndexerError> {
        Ok(contribution::Period {
            total: place.amount("total", self.total.0)?,
            claimed: place.amount("claimed", self.claimed.0)?,
            weight_claimed: place.fit("weightClaimed", self.weight_claimed.0)?,
        })
    }

    /// With what the rules made of it.
    pub fn with(self, record: &contribution::Period) -> Self {
        Self {
            total: record.total.into(),
            claimed: record.claimed.into(),
            weight_claimed: record.weight_claimed.into(),
            ..self
        }
    }
}

/// The period's row; an empty one where nothing was paid in yet.
pub(super) async fn load(
    applying: &mut Applying<'_>,
    pool: Addr,
    stream: B256,
    period: u32,
) -> Result<Period, IndexerError> {
    let (stream, period) = (Hash(stream), i64::from(period));
    let found = applying.find::<Period>((pool, stream, period)).await?;
    let (total, claimed, weight_claimed) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
    Ok(found.unwrap_or(Period { pool, stream, period, total, claimed, weight_claimed, kept_root: None }))
}

/// Computes the split and the index anew: they must be the contract's.
pub(super) async fn deposit(applying: &mut Applying<'_>, pool: Addr, event: &Deposited) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let mut books = pools::load(applying, pool).await?;
    let (to_contributors, to_holders) = split_bps(paid, place.fit("contributorsBps", books.contributors_bps)?)
        .map_err(|error| place.diverged("the split", format!("{error:?}"), event.toHolders))?;
    place.same("toHolders", to_holders, place.amount("toHolders", event.toHolders)?)?;
    books.distribute(place, to_holders, place.amount("index", event.index)?.into())?;
    books.to_holders = plus(place, "toHolders", books.to_holders, to_holders)?;
    books.to_contributors = plus(place, "toContributors", books.to_contributors, to_contributors)?;
    let dividend_index = books.dividend_index;
    applying.put(books).await?;
    let mut period = load(applying, pool, event.stream, event.period).await?;
    period.total = plus(place, "total", period.total, to_contributors)?;
    applying.put(period).await?;
    applying.note(DepositMade {
        pool,
        stream: event.stream.into(),
        period: event.period.into(),
        payer: event.payer.into(),
        amount: paid.into(),
        to_holders: to_holders.into(),
        to_contributors: to_contributors.into(),
        dividend_index,
    });
    let entries = [
        Entry::debit(BookedOn::Coins, paid),
        Entry::credit(BookedOn::Holders, to_holders),
        Entry::credit(BookedOn::Contributors { stream: &event.stream.0, period: event.period }, to_contributors),
    ];
    ledger::post(applying, pool, event.payer.into(), &entries)
}
