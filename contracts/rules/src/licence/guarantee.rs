//! The guarantee per licence year, its escrow, and what leaves the contract (PAY-5, LIC-4).
//!
//! A year pays what its quarters earned or its guarantee, whichever is more. A quarter counts in the year in which it
//! ends, whenever it is paid; so a year is trued up once the last of its quarters is settled, or its time to pay and
//! the days of grace are over.

use super::{
    Call, Hash, Id, Licence, Moves, Quarter, Refusal, Store, Terms, Year, add, days_after,
    dues::default_from,
    least, less, named,
    reason::Reason,
    store::{self, numbered},
    terms::Schedule,
};
use crate::{
    math::mul_div,
    period::{months_after, quarter_at},
};

/// Months of a licence year that the terms agree on: twelve but in the last.
const fn agreed_months(terms: &Terms, year: u32) -> u32 {
    let before = year.saturating_sub(1).saturating_mul(12);
    let rest = (terms.term_months as u32).saturating_sub(before);
    if rest < 12 { rest } else { 12 }
}

/// Months of a licence year in which the licence was in force, each begun one counted whole.
const fn begun_months(licence: &Licence, year: u32) -> u32 {
    let (before, mut months) = (year.saturating_sub(1).saturating_mul(12), 1u32);
    while months < 12 && months_after(licence.activated_at, before.saturating_add(months)) < licence.ends_at {
        months = months.saturating_add(1);
    }
    months
}

/// What is guaranteed for so many months: twelfths, rounded down.
fn part(terms: &Terms, months: u32) -> Result<u128, Refusal> {
    Ok(mul_div(terms.guarantee, months.into(), 12)?)
}

/// What is guaranteed for a year: a twelfth of the year's guarantee for each month begun in it; for each month that was
/// agreed on where the platform is at fault: where its default, breach or violation ended the licence, or where it has
/// not reported and paid all of the year's quarters. So leaving never costs less than paying.
fn guaranteed(licence: &Licence, terms: &Terms, number: u32, settled: bool) -> Result<u128, Refusal> {
    let agreed = agreed_months(terms, number);
    let at_fault = Reason::is_platforms_fault(licence.reason) || !settled;
    part(terms, if at_fault { agreed } else { agreed.min(begun_months(licence, number)) })
}

/// A year's quarters, added up.
struct Sum {
    earned: u128,
    /// All are reported and paid.
    settled: bool,
    /// Until when those that are not, or whose usage is not known, may still be.
    until: u64,
}

fn add_up(
    store: &impl Store,
    call: &Call,
    licence: &Licence,
    terms: &Terms,
    (number, year): (u32, &Year),
) -> Result<Sum, Refusal> {
    let (first, last) = licence.year_quarters(number);
    let mut sum = Sum { earned: year.advance, settled: true, until: 0 };
    for number in first..=last {
        let mut quarter = Quarter::of(store, &call.licence, number);
        quarter.accrue(terms.late_bps, call.now)?;
        sum.earned = add(sum.earned, quarter.due)?;
        if quarter.reported_at == 0 || quarter.outstanding() > 0 {
            sum.settled = false;
            sum.until = sum.until.max(default_from(licence, terms, &quarter, number));
        }
        if terms.rates().charge_usage() && quarter.usage_at == 0 {
            sum.until = sum.until.max(Licence::usage_deadline(number));
        }
    }
    Ok(sum)
}

/// What a true-up brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TruedUp {
    /// The year after it.
    pub year: Year,
    /// The licence after it.
    pub licence: Licence,
    /// The shortfall goes to the pool.
    pub moves: Moves,
}

/// Anyone trues a licence year up after its end: the shortfall moves from escrow to the pool; what the escrow lacks is
/// a recorded default. Where another year is guaranteed, the platform must fill the escrow up again to that guarantee,
/// in as many days as it had to fund it.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::GuaranteeNotInTerms`], [`Refusal::YearOutOfOrder`],
/// [`Refusal::YearOutsideTerm`], [`Refusal::YearNotOver`].
pub fn true_up(store: &mut impl Store, call: &Call, number: u32) -> Result<TruedUp, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    let terms = licence.terms(store, id)?;
    if terms.guarantee == 0 {
        return Err(Refusal::GuaranteeNotInTerms);
    }
    if number != licence.next_year {
        return Err(Refusal::YearOutOfOrder(number, licence.next_year));
    }
    let last = licence.last_year();
    if number > last {
        return Err(Refusal::YearOutsideTerm(number, last));
    }
    let (_, end) = licence.year_span(number);
    if call.now < end {
        return Err(Refusal::YearNotOver(number, end));
    }
    let mut year = Year::of(store, id, number);
    let sum = add_up(store, call, &licence, &terms, (number, &year))?;
    if call.now <= sum.until {
        return Err(Refusal::YearNotOver(number, sum.until));
    }
    (year.trued_up_at, year.earned) = (call.now, sum.earned);
    (_, year.period) = licence.year_quarters(number);
    year.guaranteed = guaranteed(&licence, &terms, number, sum.settled)?;
    let shortfall = less(year.guaranteed, year.earned);
    year.from_escrow = least(shortfall, licence.escrow);
    year.topped_up = year.from_escrow;
    year.owed = less(shortfall, year.from_escrow);
    licence.owed = add(licence.owed, year.owed)?;
    if year.owed > 0 {
        year.defaulted_at = call.now;
        licence.add_default();
    }
    licence.escrow = less(licence.escrow, year.from_escrow);
    licence.next_year = licence.next_year.saturating_add(1);
    let mut moves = Moves::default();
    if year.from_escrow > 0 {
        let mut quarter = Quarter::of(store, id, year.period);
        licence.hold(&mut quarter, year.from_escrow)?;
        quarter.put(store, id, year.period);
        moves.deliver = Some(year.period);
    }
    let next = part(&terms, agreed_months(&terms, licence.next_year))?;
    if number < last && licence.escrow < next {
        (licence.refill_to, licence.refill_by) = (next, days_after(call.now, terms.funding_days));
    }
    year.put(store, id, number);
    licence.put(store, id);
    Ok(TruedUp { year, licence, moves })
}

/// Anyone records that the escrow was not filled up in time for the next guaranteed year. Answers what it lacks.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::NothingDue`], [`Refusal::NotYet`], [`Refusal::AlreadyRecorded`].
pub fn record_empty_escrow(store: &mut impl Store, call: &Call) -> Result<u128, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    licence.check_in_force(call)?;
    if licence.refill_by == 0 {
        return Err(Refusal::NothingDue(0));
    }
    if call.now <= licence.refill_by {
        return Err(Refusal::NotYet(0, licence.refill_by));
    }
    if licence.refill_defaulted_at > 0 {
        return Err(Refusal::AlreadyRecorded(0));
    }
    licence.refill_defaulted_at = call.now;
    licence.add_default();
    licence.put(store, &call.licence);
    Ok(less(licence.refill_to, licence.escrow))
}

/// Ends what the escrow lacked where it is filled up; whether that ended a default.
pub(crate) const fn refilled(licence: &mut Licence) -> bool {
    if licence.refill_by == 0 || licence.escrow < licence.refill_to {
        return false;
    }
    let cured = licence.refill_defaulted_at > 0;
    if cured {
        licence.cure_default();
    }
    (licence.refill_by, licence.refill_to, licence.refill_defaulted_at) = (0, 0, 0);
    cured
}

/// Anyone pays for the platform what the escrow lacked; with an amount of zero the escrow does, once the licence is
/// over and its years are trued up. Answers what was paid, what is left, and the moves.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::NothingDue`], [`Refusal::ZeroAmount`], [`Refusal::Overflow`].
pub fn pay_shortfall(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    amount: u128,
) -> Result<(u128, u128, Moves), Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    let mut year = Year::of(store, id, number);
    if year.owed == 0 {
        return Err(Refusal::NothingDue(number));
    }
    let terms = licence.terms(store, id)?;
    let free = licence.drawable(&terms, call.now);
    let (paid, moves) = if amount == 0 && free > 0 {
        let drawn = least(free, year.owed);
        licence.escrow = less(licence.escrow, drawn);
        (drawn, Moves { deliver: Some(year.period), ..Moves::default() })
    } else {
        licence.receive(call, amount, year.owed, year.period)?
    };
    year.owed = less(year.owed, paid);
    year.topped_up = add(year.topped_up, paid)?;
    licence.owed = less(licence.owed, paid);
    let mut quarter = Quarter::of(store, id, year.period);
    licence.hold(&mut quarter, paid)?;
    if year.owed == 0 {
        year.defaulted_at = 0;
        licence.cure_default();
    }
    quarter.put(store, id, year.period);
    year.put(store, id, number);
    licence.put(store, id);
    Ok((paid, year.owed, moves))
}

/// What a milestone brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certified {
    /// Released.
    pub amount: u128,
    /// To the pool.
    pub to_pool: bool,
    /// What is left in escrow.
    pub escrow: u128,
    /// Money for the pool.
    pub moves: Moves,
}

/// The pool or the arbiter, which the caller was checked to be, certifies a milestone of Schedule B, and its part of
/// the escrow is released: never more than there is.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::ZeroHash`], [`Refusal::UnknownMilestone`],
/// [`Refusal::MilestoneAlreadyCertified`].
pub fn certify_milestone(
    store: &mut impl Store,
    call: &Call,
    index: u8,
    evidence: &Hash,
) -> Result<Certified, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_in_force(call)?;
    named(evidence)?;
    let milestones = Schedule::load(store, &numbered(id, store::SCHEDULE, licence.option.into()))
        .map(|schedule| schedule.milestones())
        .unwrap_or_default();
    let Some(milestone) = milestones.get(usize::from(index)) else {
        return Err(Refusal::UnknownMilestone(index, milestones.len() as u8));
    };
    if licence.milestones & 1 << index != 0 {
        return Err(Refusal::MilestoneAlreadyCertified(index));
    }
    licence.milestones |= 1 << index;
    let amount = least(milestone.amount, licence.escrow);
    licence.escrow = less(licence.escrow, amount);
    let mut moves = Moves::default();
    if milestone.to_pool {
        let period = quarter_at(call.now);
        let mut quarter = Quarter::of(store, id, period);
        licence.hold(&mut quarter, amount)?;
        quarter.put(store, id, period);
        let number = licence.year_of(call.now);
        let mut year = Year::of(store, id, number);
        year.advance = add(year.advance, amount)?;
        year.put(store, id, number);
        moves.deliver = (amount > 0).then_some(period);
    } else {
        licence.refundable = add(licence.refundable, amount)?;
    }
    licence.put(store, id);
    Ok(Certified { amount, to_pool: milestone.to_pool, escrow: licence.escrow, moves })
}

/// Anyone has the pool offered again what it did not take.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::NothingHeld`].
pub fn deliver(store: &impl Store, call: &Call, period: u32) -> Result<Moves, Refusal> {
    Licence::find(store, &call.licence)?;
    let held = Quarter::of(store, &call.licence, period).held;
    if held == 0 { Err(Refusal::NothingHeld(period)) } else { Ok(Moves { deliver: Some(period), ..Moves::default() }) }
}

/// The pool took `amount` of what is held for a period. Answers what is still held for it.
///
/// # Errors
/// [`Refusal::Overflow`] where it is more than that.
pub fn delivered(store: &mut impl Store, id: &Id, period: u32, amount: u128) -> Result<u128, Refusal> {
    let mut licence = Licence::find(store, id)?;
    let mut quarter = Quarter::of(store, id, period);
    quarter.held = quarter.held.checked_sub(amount).ok_or(Refusal::Overflow)?;
    licence.held = licence.held.checked_sub(amount).ok_or(Refusal::Overflow)?;
    licence.to_pool = add(licence.to_pool, amount)?;
    quarter.put(store, id, period);
    licence.put(store, id);
    Ok(quarter.held)
}
