//! The guarantee per licence year, its escrow, and what leaves the contract (PAY-5, LIC-4).

use super::{
    Address, Call, Hash, Id, Licence, Moves, Quarter, Refusal, Store, Terms, YEAR, Year, add,
    dues::default_from,
    ending::Reason,
    named,
    store::{self, numbered},
    terms::Schedule,
};
use crate::{math::mul_div, period::quarter_at};

/// Counts a royalty in the licence year in which it is paid. After the end it counts in the last year, until that is
/// trued up.
pub(crate) fn credit_year(
    store: &mut impl Store,
    call: &Call,
    licence: &Licence,
    terms: &Terms,
    amount: u128,
) -> Result<(), Refusal> {
    let number = licence.year_of(call.now);
    if terms.guarantee == 0 || amount == 0 || number < licence.next_year {
        return Ok(());
    }
    let mut year = Year::of(store, &call.licence, number);
    year.paid = add(year.paid, amount)?;
    year.put(store, &call.licence, number);
    Ok(())
}

/// What is guaranteed for a year: all of it, but only the part in force where the licence ends within it by time,
/// notice or order.
fn guaranteed(licence: &Licence, terms: &Terms, number: u32) -> Result<u128, Refusal> {
    let (start, end) = licence.year_span(number);
    if end - start == YEAR || Reason::is_platforms_fault(licence.reason) {
        return Ok(terms.guarantee);
    }
    Ok(mul_div(terms.guarantee, (end - start).into(), YEAR.into())?)
}

/// Until when the last year waits for the last quarter's payment, which counts in it; zero where it need not.
fn waits_until(store: &impl Store, id: &Id, licence: &Licence, terms: &Terms, now: u64) -> Result<u64, Refusal> {
    let (_, last) = licence.quarters();
    let mut quarter = Quarter::of(store, id, last);
    quarter.accrue(terms.late_bps, now)?;
    if quarter.is_assessed() && quarter.outstanding() == 0 {
        return Ok(0);
    }
    let until = default_from(licence, terms, &quarter, last);
    Ok(if now > until { 0 } else { until })
}

/// What a true-up brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TruedUp {
    /// The year after it.
    pub year: Year,
    /// What is left in escrow.
    pub escrow: u128,
    /// The shortfall goes to the pool.
    pub moves: Moves,
}

/// Anyone trues a licence year up after its end: the shortfall moves from escrow to the pool; what the escrow lacks is
/// a recorded default.
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
    if number == last {
        let until = waits_until(store, id, &licence, &terms, call.now)?;
        if until > 0 {
            return Err(Refusal::YearNotOver(number, until));
        }
    }
    let mut year = Year::of(store, id, number);
    year.trued_up = true;
    year.guaranteed = guaranteed(&licence, &terms, number)?;
    let shortfall = year.guaranteed.saturating_sub(year.paid);
    year.from_escrow = shortfall.min(licence.escrow);
    year.owed = shortfall - year.from_escrow;
    year.period = quarter_at(end.saturating_sub(1).max(licence.activated_at));
    if year.owed > 0 {
        licence.add_default(call.now);
    }
    licence.escrow -= year.from_escrow;
    licence.next_year += 1;
    let mut moves = Moves::default();
    if year.from_escrow > 0 {
        let mut quarter = Quarter::of(store, id, year.period);
        licence.hold(&mut quarter, year.from_escrow)?;
        quarter.put(store, id, year.period);
        moves.deliver = Some(year.period);
    }
    year.put(store, id, number);
    licence.put(store, id);
    Ok(TruedUp { year, escrow: licence.escrow, moves })
}

/// The platform pays what the escrow lacked. Answers what it paid, what is left, and the moves.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::NothingDue`], [`Refusal::ZeroAmount`], [`Refusal::Overflow`].
pub fn pay_shortfall(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    amount: u128,
) -> Result<(u128, u128, Moves), Refusal> {
    let id = &call.licence;
    let mut licence = Licence::of_platform(store, call)?;
    let mut year = Year::of(store, id, number);
    let owed = year.owed - year.owed_paid;
    if owed == 0 {
        return Err(Refusal::NothingDue(number));
    }
    let (paid, moves) = licence.receive(amount, owed, year.period)?;
    year.owed_paid += paid;
    let mut quarter = Quarter::of(store, id, year.period);
    licence.hold(&mut quarter, paid)?;
    if paid == owed {
        licence.cure_default();
    }
    quarter.put(store, id, year.period);
    year.put(store, id, number);
    licence.put(store, id);
    Ok((paid, owed - paid, moves))
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
    let amount = milestone.amount.min(licence.escrow);
    licence.escrow -= amount;
    let mut moves = Moves::default();
    if milestone.to_pool {
        let period = quarter_at(call.now);
        let mut quarter = Quarter::of(store, id, period);
        licence.hold(&mut quarter, amount)?;
        quarter.put(store, id, period);
        let terms = licence.terms(store, id)?;
        credit_year(store, call, &licence, &terms, amount)?;
        moves.deliver = (amount > 0).then_some(period);
    } else {
        licence.refundable = add(licence.refundable, amount)?;
    }
    licence.put(store, id);
    Ok(Certified { amount, to_pool: milestone.to_pool, escrow: licence.escrow, moves })
}

/// The platform takes what is its own, to an account of its choice: what offers and payments left over, released
/// milestones, and after the end and the last true-up the rest of the escrow.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::NothingToRefund`].
pub fn refund(store: &mut impl Store, call: &Call, to: &Address) -> Result<Moves, Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
    if licence.is_over(call.now) && licence.is_trued_up(&licence.terms(store, &call.licence)?) {
        licence.refundable = add(licence.refundable, licence.escrow)?;
        licence.escrow = 0;
    }
    let amount = licence.refundable;
    if amount == 0 {
        return Err(Refusal::NothingToRefund(call.licence));
    }
    licence.refundable = 0;
    licence.refunded = add(licence.refunded, amount)?;
    licence.put(store, &call.licence);
    Ok(Moves { send: Some((*to, amount)), ..Moves::default() })
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
