//! The money under a licence, by double entry.
//!
//! What events say singly leaves open where money came from: a royalty is paid by whoever pays it, or out of the
//! escrow. What they say together does not. A licence's contract tells after every movement what each part of its
//! money is now (`FundsChanged`), and tells of all that leaves it (`Delivered`, `Refunded`). So what came in is what
//! the parts and all that ever left have grown by, which is how the contract itself counts (`moneyIn`). What leaves
//! is booked with its own event, against an account of money on its way, and the parts that it left with the sum's:
//! that account is empty after each of the contract's messages. What was paid for audits is no part, and is booked by
//! its own two events.

use yieldset_chain::{
    U256,
    abi::Licence::{Delivered, EscrowForfeited, EscrowFunded, FundsChanged, MilestoneCertified, Refunded},
};

use super::{Licence, Milestone, figure, key, known, more};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    project::{
        Applying, Place,
        ledger::{self, BookedOn, Entry},
    },
    rows::fact,
};

fact! {
    /// Money under a licence: paid for a quarter or a year, delivered to the pool, or given back.
    LicencePayment in "licence_payments" (monthly) {
        contract: Addr,
        licence: Hash,
        kind: String,
        /// Quarter, licence year, or the pool's period.
        number: Option<i64>,
        amount: Amount,
        interest: Amount,
        outstanding: Amount,
    }
}

fact! {
    /// What an escrow got or gave.
    EscrowChange in "escrow_changes" {
        contract: Addr,
        licence: Hash,
        kind: String,
        /// The licence year, or the milestone.
        number: Option<i64>,
        amount: Amount,
        /// Given to the pool.
        to_pool: bool,
        /// In escrow afterwards, where the event tells.
        escrow: Option<Amount>,
    }
}

/// What a contract has of a currency.
pub(super) fn coins(currency: &Addr) -> BookedOn<'_> {
    BookedOn::Owed { name: "coins", subject: currency.0.as_slice() }
}

/// An account of a licence.
pub(super) fn part<'a>(name: &'static str, licence: &'a Hash) -> BookedOn<'a> {
    BookedOn::Owed { name, subject: licence.0.as_slice() }
}

/// Money that left a licence, of which part the sum will tell.
const LEAVING: &str = "in_transit";

/// A payment as its event tells it.
pub(super) struct Payment {
    pub kind: &'static str,
    /// Quarter, licence year, or the pool's period.
    pub number: Option<u32>,
    pub paid: u128,
    pub interest: u128,
    pub left: U256,
}

/// Adds a payment of a licence that the caller knows.
pub(super) fn note(applying: &mut Applying<'_>, row: &Licence, payment: Payment) -> Result<(), IndexerError> {
    let outstanding = applying.place.amount("outstanding", payment.left)?.into();
    applying.note(LicencePayment {
        contract: row.contract,
        licence: row.licence,
        kind: payment.kind.to_owned(),
        number: payment.number.map(i64::from),
        amount: payment.paid.into(),
        interest: payment.interest.into(),
        outstanding,
    });
    Ok(())
}

pub(super) async fn deliver(applying: &mut Applying<'_>, event: &Delivered) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let mut row = known(applying, event.licence).await?;
    row.to_pool = more(place, "money that the pool took", row.to_pool, paid)?;
    let payment = Payment { kind: "delivered", number: Some(event.period), paid, interest: 0, left: event.held };
    note(applying, &row, payment)?;
    leave(applying, &row, row.pool, paid)?;
    applying.put(row).await
}

pub(super) async fn refund(applying: &mut Applying<'_>, event: &Refunded) -> Result<(), IndexerError> {
    let place = applying.place;
    let paid = place.amount("amount", event.amount)?;
    let mut row = known(applying, event.licence).await?;
    row.refunded = more(place, "money that went back", row.refunded, paid)?;
    note(applying, &row, Payment { kind: "refunded", number: None, paid, interest: 0, left: U256::ZERO })?;
    leave(applying, &row, event.to.into(), paid)?;
    applying.put(row).await
}

fn leave(applying: &mut Applying<'_>, row: &Licence, to: Addr, amount: u128) -> Result<(), IndexerError> {
    let entries = [Entry::debit(part(LEAVING, &row.licence), amount), Entry::credit(coins(&row.currency), amount)];
    ledger::post(applying, row.contract, to, &entries)
}

/// What of a licence's money is bound, the platform's, and the pool's until it takes it; from that and what left, what
/// came in.
pub(super) async fn funds(applying: &mut Applying<'_>, event: &FundsChanged) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut row = known(applying, event.licence).await?;
    let before = [
        figure(place, "escrow", row.escrow)?,
        figure(place, "refundable", row.refundable)?,
        figure(place, "held", row.held)?,
    ];
    let after = [
        place.amount("escrow", event.escrow)?,
        place.amount("refundable", event.refundable)?,
        place.amount("held", event.held)?,
    ];
    let mut gone = 0;
    for amount in [row.to_pool, row.refunded, row.paid_out] {
        gone = place.add("money that left", gone, figure(place, "money that left", amount)?)?;
    }
    let money_in = figure(place, "money that came in", row.money_in)?;
    let total = sum(place, gone, after)?;
    let came = less(place, "a licence's money", total, money_in)?;
    let left = less(place, "a licence's money", sum(place, gone, before)?, money_in)?;
    let mut entries = vec![Entry::debit(coins(&row.currency), came), Entry::credit(part(LEAVING, &row.licence), left)];
    for (name, (before, after)) in ["escrow", "refundable", "held"].into_iter().zip(before.into_iter().zip(after)) {
        let (debit, credit) = (before.saturating_sub(after), after.saturating_sub(before));
        entries.push(Entry { account: part(name, &row.licence), debit, credit });
    }
    ledger::post(applying, row.contract, row.platform, &entries)?;
    let [escrow, refundable, held] = after.map(Amount::from);
    (row.escrow, row.refundable, row.held, row.money_in) = (escrow, refundable, held, total.into());
    applying.put(row).await
}

fn sum(place: Place, gone: u128, parts: [u128; 3]) -> Result<u128, IndexerError> {
    parts.into_iter().try_fold(gone, |sum, part| place.add("a licence's money", sum, part))
}

fn less(place: Place, what: &'static str, whole: u128, part: u128) -> Result<u128, IndexerError> {
    whole
        .checked_sub(part)
        .ok_or_else(|| place.diverged(what, whole, format!("at least the {part} that came in before")))
}

/// An escrow that is filled up again need not be any more.
pub(super) async fn fund(applying: &mut Applying<'_>, event: &EscrowFunded) -> Result<(), IndexerError> {
    let amount = applying.place.amount("amount", event.amount)?;
    let escrow = applying.place.amount("escrow", event.escrow)?;
    let mut row = known(applying, event.licence).await?;
    let change = Change { kind: "funded", number: None, amount, to_pool: false, escrow: Some(event.escrow) };
    changed(applying, &row, change)?;
    if Amount::from(escrow) >= row.refill_to {
        (row.refill_to, row.refill_by) = (Amount::ZERO, Amount::ZERO);
        applying.put(row).await?;
    }
    Ok(())
}

/// What the escrow had to spare went to the pool. What is left of it, the sum tells.
pub(super) async fn forfeit(applying: &mut Applying<'_>, event: &EscrowForfeited) -> Result<(), IndexerError> {
    let amount = applying.place.amount("amount", event.amount)?;
    let row = known(applying, event.licence).await?;
    changed(applying, &row, Change { kind: "forfeited", number: None, amount, to_pool: true, escrow: None })
}

pub(super) async fn milestone(applying: &mut Applying<'_>, event: &MilestoneCertified) -> Result<(), IndexerError> {
    let place = applying.place;
    let amount = place.amount("amount", event.amount)?;
    let row = known(applying, event.licence).await?;
    let (contract, licence) = key(applying, event.licence);
    let milestone: i16 = event.index.into();
    let agreed = applying.find::<Milestone>((contract, licence, milestone)).await?;
    if agreed.as_ref().is_some_and(|agreed| agreed.certified_at.is_some()) {
        return Err(place.diverged("a certified milestone", milestone, "one that was not certified before"));
    }
    let certified = Milestone {
        contract,
        licence,
        milestone,
        amount: agreed.as_ref().and_then(|agreed| agreed.amount),
        to_pool: event.toPool,
        document: agreed.and_then(|agreed| agreed.document),
        released: Some(amount.into()),
        certifier: Some(event.certifier.into()),
        certified_at: Some(place.seconds),
        evidence: Some(event.evidence.into()),
    };
    applying.put(certified).await?;
    let (number, to_pool, escrow) = (Some(milestone.into()), event.toPool, Some(event.escrow));
    changed(applying, &row, Change { kind: "milestone", number, amount, to_pool, escrow })
}

/// What an event tells of the escrow.
pub(super) struct Change {
    pub kind: &'static str,
    pub number: Option<i64>,
    pub amount: u128,
    pub to_pool: bool,
    pub escrow: Option<U256>,
}

/// Adds what became of the escrow of a licence that the caller knows.
pub(super) fn changed(applying: &mut Applying<'_>, row: &Licence, change: Change) -> Result<(), IndexerError> {
    let place = applying.place;
    let escrow = change.escrow.map(|escrow| place.amount("escrow", escrow)).transpose()?;
    applying.note(EscrowChange {
        contract: row.contract,
        licence: row.licence,
        kind: change.kind.to_owned(),
        number: change.number,
        amount: change.amount.into(),
        to_pool: change.to_pool,
        escrow: escrow.map(Amount::from),
    });
    Ok(())
}
