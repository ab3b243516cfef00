//! Shares: who holds how many, settled by the same rules as in the contract before any balance changes.

use yieldset_chain::abi::Pool::{AccountRecovered, Approval, Transfer};
use yieldset_rules::dividends;

use super::{Applying, Place, pools, restraints};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// A holder's record, as the contract stores it, with what it claimed so far and what keeps its shares from moving.
    Holder in "holders" {
        pool: Addr,
        account: Addr;
        balance: Amount,
        settled_index: Amount,
        pending: Amount,
        fraction: Amount,
        claimed: Amount,
        frozen: Amount,
        reserved: Amount,
        /// [`yieldset_rules::compliance::Locks`]; empty for none.
        locks: Vec<u8>,
        recovered: bool,
        delegate: Option<Addr>,
    }
}

fact! {
    /// Shares that moved.
    Transferred in "transfers" (monthly) { pool: Addr, sender: Addr, recipient: Addr, value: Amount }
}

fact! {
    /// An allowance as it was granted.
    Approved in "approvals" { pool: Addr, owner: Addr, spender: Addr, value: Amount }
}

fact! {
    /// A lost account that was replaced.
    Recovery in "recoveries" {
        pool: Addr,
        lost: Addr,
        replacement: Addr,
        shares: Amount,
        pending: Amount,
        reason: Hash,
        agent: Addr,
    }
}

impl Holder {
    /// Of an account that was never heard of.
    pub(super) fn stranger(pool: Addr, account: Addr) -> Self {
        Self {
            pool,
            account,
            balance: Amount::ZERO,
            settled_index: Amount::ZERO,
            pending: Amount::ZERO,
            fraction: Amount::ZERO,
            claimed: Amount::ZERO,
            frozen: Amount::ZERO,
            reserved: Amount::ZERO,
            locks: Vec::new(),
            recovered: false,
            delegate: None,
        }
    }

    /// As the rules take it.
    pub fn record(&self, place: Place) -> Result<dividends::Holder, IndexerError> {
        Ok(dividends::Holder {
            balance: place.amount("balance", self.balance.0)?,
            index: place.amount("index", self.settled_index.0)?,
            pending: place.amount("pending", self.pending.0)?,
            fraction: place.fit("fraction", self.fraction.0)?,
        })
    }

    /// With what the rules made of it.
    pub fn with(self, record: &dividends::Holder) -> Self {
        Self {
            balance: record.balance.into(),
            settled_index: record.index.into(),
            pending: record.pending.into(),
            fraction: record.fraction.into(),
            ..self
        }
    }
}

/// The holder's row; an empty one for a stranger.
pub(super) async fn load(applying: &mut Applying<'_>, pool: Addr, account: Addr) -> Result<Holder, IndexerError> {
    let found = applying.find::<Holder>((pool, account)).await?;
    Ok(found.unwrap_or_else(|| Holder::stranger(pool, account)))
}

/// Shares moved; from the zero address they were minted.
pub(super) async fn transfer(applying: &mut Applying<'_>, pool: Addr, event: &Transfer) -> Result<(), IndexerError> {
    let place = applying.place;
    let shares = place.amount("value", event.value)?;
    if event.to.is_zero() {
        return Err(place.diverged("the recipient", "nobody", "somebody: shares are never destroyed"));
    }
    let mut books = pools::load(applying, pool).await?;
    let index = books.dividends(place)?.index;
    let minted = event.from.is_zero();
    if minted {
        books.supply = pools::plus(place, "supply", books.supply, shares)?;
    } else {
        // Written before the recipient is read, so that a transfer to oneself comes out right.
        change(applying, &mut books, event.from.into(), index, |record| record.debit(index, shares)).await?;
    }
    let to = event.to.into();
    change(applying, &mut books, to, index, |record| record.credit(index, shares)).await?;
    applying.put(books).await?;
    if minted {
        restraints::issue(applying, pool, to, shares).await?;
    }
    applying.note(Transferred { pool, sender: event.from.into(), recipient: to, value: shares.into() });
    Ok(())
}

/// Changes an account's shares, and counts it where it comes to hold some or ceases to.
async fn change(
    applying: &mut Applying<'_>,
    books: &mut pools::Pool,
    account: Addr,
    index: u128,
    change: impl FnOnce(&mut dividends::Holder) -> Result<(), yieldset_rules::math::MathError>,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let row = load(applying, books.address, account).await?;
    let mut record = row.record(place)?;
    let before = record.balance;
    change(&mut record).map_err(|error| {
        place.diverged("a balance", format!("{before}: {error:?}"), format!("one at index {index}"))
    })?;
    books.count(place, before, record.balance)?;
    applying.put(row.with(&record)).await
}

/// A lost account's earnings and restraints went to its replacement. Its shares moved by a transfer of their own, just
/// before.
pub(super) async fn recover(
    applying: &mut Applying<'_>,
    pool: Addr,
    event: &AccountRecovered,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let index = pools::load(applying, pool).await?.dividends(place)?.index;
    if event.lost == event.replacement {
        return Err(place.diverged("the replacement", event.replacement, "another account"));
    }
    let mut lost = load(applying, pool, event.lost.into()).await?;
    let mut replacement = load(applying, pool, event.replacement.into()).await?;
    let (mut from, mut to) = (lost.record(place)?, replacement.record(place)?);
    let overflow = |_| place.diverged("pending", "out of range", index);
    let pending = from.claimable(index).map_err(overflow)?;
    let moved = place.amount("pending", event.pending)?;
    place.same("the recovered account's pending dividends", pending, moved)?;
    to.absorb(&mut from, index).map_err(overflow)?;
    (lost, replacement) = (lost.with(&from), replacement.with(&to));
    restraints::hand_over(place, &mut lost, &mut replacement)?;
    applying.put(lost).await?;
    applying.put(replacement).await?;
    applying.note(Recovery {
        pool,
        lost: event.lost.into(),
        replacement: event.replacement.into(),
        shares: event.shares.into(),
        pending: moved.into(),
        reason: event.reason.into(),
        agent: event.agent.into(),
    });
    Ok(())
}

/// An allowance was granted.
pub(super) fn approve(applying: &mut Applying<'_>, pool: Addr, event: &Approval) {
    let (owner, spender) = (event.owner.into(), event.spender.into());
    applying.note(Approved { pool, owner, spender, value: event.value.into() });
}
