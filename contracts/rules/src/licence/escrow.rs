//! What becomes of the escrow after the end (PAY-5): first it pays all that is known to be owed, on anybody's word
//! ([`super::dues::record_default`], [`super::guarantee::pay_shortfall`]); the rest is the platform's once it has
//! reported every quarter, and the pool's where it stays silent for a year.
//!
//! All of it goes by records alone, which is what a licence of the longest term can still read in one call. Whether
//! usage can still come is a question to pool and registry, whose code is paid for with each quarter: it is asked of
//! one quarter at a time, and the answer kept ([`super::dues::assess_usage`]).

use super::{
    Address, Call, FORFEIT_QUARTERS, Id, Licence, Moves, Quarter, Refusal, Store, Terms, add,
    dues::{default_from, due_with},
    less,
};
use crate::{period::months_after, revenue::Usage};

/// What the escrow must keep for what is known to be owed at `now`: principal, interest and shortfalls; of a quarter
/// whose silence nobody recorded yet, what recording it will assess. [`Refusal::UsageOpen`] where a quarter's usage is
/// neither taken over nor closed.
fn needed(store: &impl Store, id: &Id, licence: &Licence, terms: &Terms, now: u64) -> Result<u128, Refusal> {
    let (first, last) = licence.quarters();
    let by_use = terms.rates().charge_usage();
    let mut sum = licence.owed;
    for number in first..=last {
        let mut quarter = Quarter::of(store, id, number);
        if by_use && quarter.usage_at == 0 {
            return Err(Refusal::UsageOpen(number));
        }
        if !quarter.is_assessed() {
            quarter.due = due_with(terms, &quarter, &Usage::default())?;
            quarter.pay_by = licence.payment_deadline(terms, number);
            quarter.accrued_at = quarter.pay_by;
            sum = add(sum, quarter.due)?;
        }
        quarter.accrue(terms.late_bps, now)?;
        sum = add(sum, less(quarter.interest, quarter.interest_paid))?;
    }
    Ok(sum)
}

/// Of the escrow, what nothing needs any more.
fn free(store: &impl Store, id: &Id, licence: &Licence, terms: &Terms, now: u64) -> Result<u128, Refusal> {
    match licence.drawable(terms, now) {
        0 => Ok(0),
        drawable => Ok(less(drawable, needed(store, id, licence, terms, now)?)),
    }
}

/// Pays the platform what is its own: what offers and payments left over, released milestones, and after the end and
/// the last true-up, once every quarter is reported and its usage taken over or closed, the rest of the escrow but for
/// what is owed still. The platform names any account; anybody else has it paid to the platform itself.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::NotPlatform`], [`Refusal::UsageOpen`] where only that is in the way,
/// [`Refusal::NothingToRefund`], [`Refusal::Overflow`].
pub fn refund(store: &mut impl Store, call: &Call, to: &Address) -> Result<Moves, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    if call.caller != licence.platform && *to != licence.platform {
        return Err(Refusal::NotPlatform(call.caller, licence.platform));
    }
    let (_, last) = licence.quarters();
    if licence.is_over(call.now) && licence.next_quarter > last && licence.escrow > 0 {
        let free = match free(store, id, &licence, &licence.terms(store, id)?, call.now) {
            // What is the platform's already waits for no usage.
            Err(Refusal::UsageOpen(_)) if licence.refundable > 0 => 0,
            free => free?,
        };
        licence.refundable = add(licence.refundable, free)?;
        licence.escrow = less(licence.escrow, free);
    }
    let amount = licence.refundable;
    if amount == 0 {
        return Err(Refusal::NothingToRefund(*id));
    }
    licence.refundable = 0;
    licence.refunded = add(licence.refunded, amount)?;
    licence.put(store, id);
    Ok(Moves { send: Some((*to, amount)), ..Moves::default() })
}

/// What a forfeit brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forfeited {
    /// To the pool, for the licence's last quarter.
    pub amount: u128,
    /// The money goes to the pool.
    pub moves: Moves,
}

/// When a silent platform's escrow is forfeited.
pub(crate) fn forfeit_from(licence: &Licence, terms: &Terms) -> u64 {
    let (_, last) = licence.quarters();
    months_after(default_from(licence, terms, &Quarter::default(), last), 3 * FORFEIT_QUARTERS)
}

/// Anyone has the rest of the escrow go to the pool where the platform has not reported every quarter
/// [`FORFEIT_QUARTERS`] after the last one became a default: otherwise silence would be cheaper than a report. What is
/// owed stays in escrow, and is paid from it.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::WrongStage`], [`Refusal::StillInForce`], [`Refusal::TrueUpFirst`],
/// [`Refusal::NothingDue`] where every quarter is reported, or the escrow has nothing to spare, [`Refusal::NotYet`],
/// [`Refusal::UsageOpen`], [`Refusal::Overflow`].
pub fn forfeit(store: &mut impl Store, call: &Call) -> Result<Forfeited, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    if !licence.is_over(call.now) {
        return Err(Refusal::StillInForce(licence.ends_at));
    }
    let terms = licence.terms(store, id)?;
    let (_, last) = licence.quarters();
    if licence.next_quarter > last {
        return Err(Refusal::NothingDue(last));
    }
    let from = forfeit_from(&licence, &terms);
    if call.now <= from {
        return Err(Refusal::NotYet(last, from));
    }
    if !licence.is_trued_up(&terms) {
        return Err(Refusal::TrueUpFirst(licence.next_year));
    }
    let amount = free(store, id, &licence, &terms, call.now)?;
    if amount == 0 {
        return Err(Refusal::NothingDue(last));
    }
    licence.escrow = less(licence.escrow, amount);
    let mut quarter = Quarter::of(store, id, last);
    licence.hold(&mut quarter, amount)?;
    quarter.put(store, id, last);
    licence.put(store, id);
    let moves = Moves { deliver: Some(last), ..Moves::default() };
    Ok(Forfeited { amount, moves })
}
