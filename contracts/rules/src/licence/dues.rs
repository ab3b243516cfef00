//! Revenue reports, usage, dues, payments and defaults (LIC-1, PAY-1, PAY-2, PAY-3).
//!
//! A due is assessed in two parts: the residual when the platform reports, the usage when the stream's report is final.
//! Neither waits for the other. The residual, which is the floor where nothing is reported, is to be paid by the
//! quarter's own deadline, whichever comes first; what usage adds has two weeks from when it is known. So nobody gains
//! time by what he leaves out.

use super::{
    ASSESSMENT_DAYS, Call, DAY, Hash, Id, Licence, Moves, Quarter, Refusal, Store, Terms, add, days_after, least, less,
    named, year::recount,
};
use crate::{
    period::quarter_start,
    revenue::Usage,
    waiting::{SILENT_QUARTERS, has_ended},
};

/// Most that a quarter reports or owes, in the currency's units: 2^100. Sums of all quarters, and a century's interest,
/// then fit in 128 bits, whatever is reported.
pub const MAX_AMOUNT: u128 = 1 << 100;

/// What a report or a correction brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// The quarter after it.
    pub quarter: Quarter,
    /// The report came too late, which is a breach on record now, and cured.
    pub late: bool,
    /// Of the due, what was paid with money of the platform's that the pool has already: a credit, or a shortfall.
    pub credited: u128,
    /// A default ended with it.
    pub cured: bool,
    /// The licence year whose default began with it, and what that owes; or ended, and zero.
    pub year: Option<(u32, u128)>,
}

/// A platform's figures for a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Gross model revenue.
    pub gross: u128,
    /// Infrastructure costs.
    pub infrastructure: u128,
    /// Taxes.
    pub taxes: u128,
    /// Hash of the evidence.
    pub evidence: Hash,
}

/// The platform reports a quarter: in order, once, after its end.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::WrongStage`], [`Refusal::QuarterOutOfOrder`], [`Refusal::QuarterOutsideTerm`],
/// [`Refusal::QuarterNotOver`], [`Refusal::ZeroHash`], [`Refusal::Overflow`].
pub fn report(store: &mut impl Store, call: &Call, number: u32, figures: &Figures) -> Result<Reported, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::of_platform(store, call)?;
    licence.check_began(call)?;
    if number != licence.next_quarter {
        return Err(Refusal::QuarterOutOfOrder(number, licence.next_quarter));
    }
    check_over(&licence, call, number)?;
    named(&figures.evidence)?;
    let terms = licence.terms(store, id)?;
    let mut quarter = Quarter::of(store, id, number);
    let first = residual(&terms, &quarter)?;
    let Figures { gross, infrastructure, taxes, evidence } = *figures;
    // More would make sums and interest impossible to tell, and so its default and its escrow impossible to settle.
    if gross.max(infrastructure).max(taxes) > MAX_AMOUNT {
        return Err(Refusal::Overflow);
    }
    quarter = Quarter { gross, infrastructure, taxes, evidence, reported_at: call.now, ..quarter };
    let late = call.now > report_deadline(&terms, number) && quarter.late_at == 0;
    if late {
        quarter.late_at = call.now;
        licence.add_breach();
    }
    licence.next_quarter = licence.next_quarter.saturating_add(1);
    let reported = assess(store, call, &mut licence, &terms, (number, quarter), first)?;
    Ok(Reported { late, ..reported })
}

/// A quarter's usage as the stream's final report has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageReport {
    /// What counts.
    pub usage: Usage,
    /// The metric used; must be the terms'.
    pub metric: Hash,
    /// The threshold used; must be the terms'.
    pub threshold: u32,
    /// Hash of the attribution report.
    pub report: Hash,
}

impl UsageReport {
    /// Stops where it cannot be charged by these terms.
    fn check(&self, terms: &Terms) -> Result<(), Refusal> {
        if self.metric != terms.metric {
            return Err(Refusal::WrongMetric(self.metric, terms.metric));
        }
        if self.threshold != terms.threshold {
            return Err(Refusal::WrongThreshold(self.threshold, terms.threshold));
        }
        named(&self.report)
    }
}

/// How many quarters after a stream's end its escrow waits for a report at most. A window and three rulings take four
/// years ([`crate::dispute`]); only a registry that lies or answers nothing, or whose committee and arbiter cannot
/// agree in all that time, needs longer.
const LONGEST_QUARTERS: u32 = 20;

/// Anyone has a quarter's usage taken over from the report of the licence's stream, which the caller checked to be
/// final: once, after the quarter's end, before or after the platform's report. Where none is final that these terms
/// can charge, and none is awaited any more, the usage is *closed*: none, for the escrow, as if a report had said so.
/// That is so when the stream has ended, and there is a final report, which never changes and is foreign to the terms,
/// or the pool awaits none, no ruling and no revision. A pool that pays by a report of a registry before this one has
/// four quarters more, in which this one can report. Should one become final after all, it is taken over as any other.
/// After five years nobody is asked any more: by awaiting for ever, by no answer, or by an error that no contract
/// survives, pool and registry would hold the escrow for ever. Until then no missing answer closes anything: who calls
/// may have seen to it.
///
/// `report` asks for the report, and `closed` asks the pool whether it awaits none of the quarter any more, if the
/// stream's end is this ([`crate::waiting::Way::closes`]): `None` where it pays already. Both end the call where they
/// have no answer.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::UsageNotInTerms`], [`Refusal::QuarterOutsideTerm`], [`Refusal::QuarterNotOver`],
/// [`Refusal::WrongMetric`], [`Refusal::WrongThreshold`], [`Refusal::ZeroHash`], [`Refusal::UsageAlreadyReported`],
/// [`Refusal::UsageOpen`] where no report is final and one is awaited, [`Refusal::Overflow`].
pub fn assess_usage(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    report: impl FnOnce() -> Option<UsageReport>,
    closed: impl FnOnce(u64) -> Option<bool>,
) -> Result<Reported, Refusal> {
    let id = &call.licence;
    let licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    let terms = licence.terms(store, id)?;
    if !terms.rates().charge_usage() {
        return Err(Refusal::UsageNotInTerms);
    }
    check_over(&licence, call, number)?;
    let quarter = Quarter::of(store, id, number);
    if quarter.usage_report != [0; 32] {
        return Err(Refusal::UsageAlreadyReported(number));
    }
    let ((_, last), end) = (licence.quarters(), licence.stream_end(&terms, call.now));
    let ended = |more| has_ended(last.saturating_add(more), end, 0, call.now);
    let asks = !ended(LONGEST_QUARTERS);
    let report = if asks { report() } else { None };
    let found = match &report {
        Some(report) => report.check(&terms).map(|()| (report.report, report.usage)),
        None => Err(Refusal::UsageOpen(number)),
    };
    // Whether it can come no more: see above.
    let is_closed = || !asks || ended(0) && (report.is_some() || closed(end).unwrap_or_else(|| ended(SILENT_QUARTERS)));
    let (usage_report, usage) = match found {
        Ok(found) => found,
        Err(_) if quarter.usage_at > 0 => return Err(Refusal::UsageAlreadyReported(number)),
        Err(refusal) if !is_closed() => return Err(refusal),
        Err(_) => ([0; 32], Usage::default()),
    };
    use_figures(store, call, licence, &terms, (number, Quarter { usage_report, ..quarter }), usage)
}

/// Assesses a quarter anew with these figures of usage.
pub(crate) fn use_figures(
    store: &mut impl Store,
    call: &Call,
    mut licence: Licence,
    terms: &Terms,
    (number, quarter): (u32, Quarter),
    Usage { tokens, calls }: Usage,
) -> Result<Reported, Refusal> {
    let first = residual(terms, &quarter)?;
    let quarter = Quarter { tokens, calls, usage_at: call.now, ..quarter };
    assess(store, call, &mut licence, terms, (number, quarter), first)
}

/// Stops where a quarter is not the licence's, or not over for it.
pub(crate) fn check_over(licence: &Licence, call: &Call, number: u32) -> Result<(), Refusal> {
    licence.check_quarter(number)?;
    let end = licence.quarter_end(number);
    if call.now < end { Err(Refusal::QuarterNotOver(number, end)) } else { Ok(()) }
}

/// Until when a quarter must be reported; never where the terms have no such clause.
pub(crate) const fn report_deadline(terms: &Terms, number: u32) -> u64 {
    if terms.report_days == 0 {
        u64::MAX
    } else {
        days_after(quarter_start(number.saturating_add(1)), terms.report_days)
    }
}

/// What of a quarter's due is known already without its usage: the residual or the floor; zero before it is assessed.
fn residual(terms: &Terms, quarter: &Quarter) -> Result<u128, Refusal> {
    if quarter.is_assessed() { due_with(terms, quarter, &Usage::default()) } else { Ok(0) }
}

/// What a quarter's due is, or would be with these figures of usage: never more than [`MAX_AMOUNT`].
pub(crate) fn due_with(terms: &Terms, quarter: &Quarter, usage: &Usage) -> Result<u128, Refusal> {
    let base = terms.base(quarter.gross, quarter.infrastructure, quarter.taxes)?;
    Ok(terms.rates().due(base, usage).map_or(MAX_AMOUNT, |due| least(due, MAX_AMOUNT)))
}

/// Sets a quarter's due by all figures that are there, and stores it with its licence. Of what is added the residual,
/// of which `before` was known, is to be paid by the quarter's deadline, and what usage adds two weeks after that was
/// known; what was paid too much is a credit for later dues.
fn assess(
    store: &mut impl Store,
    call: &Call,
    licence: &mut Licence,
    terms: &Terms,
    (number, mut quarter): (u32, Quarter),
    before: u128,
) -> Result<Reported, Refusal> {
    quarter.accrue(terms.late_bps, call.now)?;
    let (first, due) = (due_with(terms, &quarter, &Usage::default())?, due_with(terms, &quarter, &quarter.usage())?);
    let (more, fewer) = (less(due, quarter.due), less(quarter.due, due));
    if !quarter.is_assessed() {
        quarter.pay_by = licence.payment_deadline(terms, number);
        quarter.accrued_at = quarter.pay_by.max(call.now);
    }
    let earlier = less(first, before);
    // Under a ceiling the residual takes the place of usage that was to be paid later.
    let moved = least(least(less(earlier, more), quarter.later), quarter.unpaid());
    let excess = less(quarter.paid, due);
    // Nobody owes interest on what was never due.
    quarter.forgive(less(fewer, excess), terms.late_bps, call.now)?;
    (quarter.due, quarter.paid) = (due, less(quarter.paid, excess));
    licence.owed = less(add(licence.owed, more)?, less(fewer, excess));
    let recounted = recount(store, call, licence, number, [more, fewer, excess])?;
    licence.credit = add(licence.credit, recounted.excess)?;
    let used = least(licence.credit, less(more, recounted.paid));
    licence.credit = less(licence.credit, used);
    let credited = add(recounted.paid, used)?;
    quarter.paid = add(quarter.paid, credited)?;
    licence.owed = less(licence.owed, credited);
    let part = Added { first: least(earlier, more), more, moved, topped: recounted.paid, credited };
    part.add_to(&mut quarter, call, terms, recounted.paid_at)?;
    quarter.later = least(least(quarter.later, quarter.unpaid()), less(due, first));
    let cured = cure(licence, &mut quarter);
    quarter.put(store, &call.licence, number);
    licence.put(store, &call.licence);
    Ok(Reported { quarter, late: false, credited, cured, year: recounted.year })
}

/// What is added to a due: of `more`, `first` is to be paid by the quarter's deadline, the rest two weeks after the
/// usage was known; so is what `moved` from the one to the other. `credited` is what is paid of it already, the first
/// part first, and of that `topped` by the year's shortfall.
struct Added {
    first: u128,
    more: u128,
    moved: u128,
    topped: u128,
    credited: u128,
}

impl Added {
    /// A part whose deadline is over bears interest since then: what is unpaid until now, what the year's shortfall
    /// paid until that was paid.
    fn add_to(&self, quarter: &mut Quarter, call: &Call, terms: &Terms, paid_at: u64) -> Result<(), Refusal> {
        let Self { first, more, moved, topped, credited } = *self;
        let (now, pay_by, usage) = (call.now, quarter.pay_by, less(more, first));
        let usage_by = pay_by.max(quarter.usage_at.saturating_add(ASSESSMENT_DAYS * DAY));
        for (part, from, until) in [
            (moved, pay_by, now.min(quarter.later_by)),
            (least(first, topped), pay_by, paid_at),
            (less(first, credited), pay_by, now),
            (least(usage, less(topped, first)), usage_by, paid_at),
            (least(usage, less(more, credited)), usage_by, now),
        ] {
            quarter.bear(part, terms.late_bps, from, until)?;
        }
        if usage > 0 && usage_by > now && usage_by > pay_by {
            // What was to be paid later by now is not later any more.
            let open = if now < quarter.later_by { quarter.later } else { 0 };
            (quarter.later, quarter.later_by) = (add(open, usage)?, usage_by.max(quarter.later_by));
        }
        Ok(())
    }
}

/// Ends a quarter's default where it is reported and nothing is left to pay, interest as accrued; whether it did.
const fn cure(licence: &mut Licence, quarter: &mut Quarter) -> bool {
    let cured = quarter.in_default && quarter.reported_at > 0 && quarter.outstanding() == 0;
    if cured {
        quarter.in_default = false;
        licence.cure_default();
    }
    cured
}

/// What a payment brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// Of the royalty.
    pub principal: u128,
    /// Of the interest.
    pub interest: u128,
    /// What is left.
    pub outstanding: u128,
    /// A default ended with it.
    pub cured: bool,
    /// The money goes to the pool.
    pub moves: Moves,
}

/// Anyone pays a quarter for the platform, all or part: first the royalty, which stops further interest, then the
/// interest. Simple interest, to the second.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::QuarterNotAssessed`], [`Refusal::NothingDue`], [`Refusal::ZeroAmount`],
/// [`Refusal::Overflow`].
pub fn pay(store: &mut impl Store, call: &Call, number: u32, amount: u128) -> Result<Paid, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    licence.check_quarter(number)?;
    let terms = licence.terms(store, id)?;
    let mut quarter = Quarter::of(store, id, number);
    if !quarter.is_assessed() {
        return Err(Refusal::QuarterNotAssessed(number));
    }
    quarter.accrue(terms.late_bps, call.now)?;
    let owed = quarter.outstanding();
    if owed == 0 {
        return Err(Refusal::NothingDue(number));
    }
    let (paid, moves) = licence.receive(call, amount, owed, number)?;
    book(store, call, &mut licence, (number, quarter), paid, moves)
}

/// Books money for a quarter, which is the pool's from now on.
fn book(
    store: &mut impl Store,
    call: &Call,
    licence: &mut Licence,
    (number, mut quarter): (u32, Quarter),
    paid: u128,
    moves: Moves,
) -> Result<Paid, Refusal> {
    let principal = least(paid, quarter.unpaid());
    let interest = less(paid, principal);
    quarter.paid = add(quarter.paid, principal)?;
    quarter.interest_paid = add(quarter.interest_paid, interest)?;
    licence.owed = less(licence.owed, principal);
    licence.hold(&mut quarter, paid)?;
    let cured = cure(licence, &mut quarter);
    quarter.put(store, &call.licence, number);
    licence.put(store, &call.licence);
    Ok(Paid { principal, interest, outstanding: quarter.outstanding(), cured, moves })
}

/// When a quarter that is not reported, or not paid, becomes a default.
pub(crate) fn default_from(licence: &Licence, terms: &Terms, quarter: &Quarter, number: u32) -> u64 {
    let deadline = if quarter.reported_at > 0 {
        quarter.deadline()
    } else {
        days_after(quarter_start(number.saturating_add(1)), terms.report_days)
            .max(licence.payment_deadline(terms, number))
    };
    days_after(deadline, terms.grace_days)
}

/// What recording a default brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaulted {
    /// A new default is on record.
    pub recorded: bool,
    /// The quarter was assessed with it.
    pub assessed: Option<Reported>,
    /// What is outstanding.
    pub outstanding: u128,
    /// What the escrow paid of a quarter.
    pub paid: Option<Paid>,
}

/// Anyone records that a quarter was not paid, or not even reported, within the time of grace. A quarter without a
/// report is assessed with it: at what the terms ask without revenue, by the quarter's own deadline; so silence is no
/// cheaper than a report. Once the licence is over and its years are trued up, what is left in escrow pays first.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::QuarterOutsideTerm`], [`Refusal::AlreadyRecorded`], [`Refusal::NotYet`],
/// [`Refusal::NothingDue`], [`Refusal::Overflow`].
pub fn record_default(store: &mut impl Store, call: &Call, number: u32) -> Result<Defaulted, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    licence.check_quarter(number)?;
    let terms = licence.terms(store, id)?;
    let mut quarter = Quarter::of(store, id, number);
    quarter.accrue(terms.late_bps, call.now)?;
    let drawable = licence.drawable(&terms, call.now);
    if quarter.in_default && least(drawable, quarter.outstanding()) == 0 {
        return Err(Refusal::AlreadyRecorded(number));
    }
    let from = default_from(&licence, &terms, &quarter, number);
    if call.now <= from {
        return Err(Refusal::NotYet(number, from));
    }
    let assessed = if quarter.reported_at == 0 && !quarter.is_assessed() {
        let assessed = assess(store, call, &mut licence, &terms, (number, quarter), 0)?;
        quarter = assessed.quarter;
        Some(assessed)
    } else {
        None
    };
    let outstanding = quarter.outstanding();
    if quarter.reported_at > 0 && outstanding == 0 {
        return Err(Refusal::NothingDue(number));
    }
    let drawn = least(drawable, outstanding);
    let recorded = !quarter.in_default && (drawn < outstanding || quarter.reported_at == 0);
    if recorded {
        (quarter.defaulted_at, quarter.in_default) = (call.now, true);
        licence.add_default();
    }
    licence.escrow = less(licence.escrow, drawn);
    if drawn == 0 {
        quarter.put(store, id, number);
        licence.put(store, id);
        return Ok(Defaulted { recorded, assessed, outstanding, paid: None });
    }
    let moves = Moves { deliver: Some(number), ..Moves::default() };
    let paid = book(store, call, &mut licence, (number, quarter), drawn, moves)?;
    Ok(Defaulted { recorded, assessed, outstanding: paid.outstanding, paid: Some(paid) })
}

/// What a quarter's due would rise to with these figures of its stream's report, above what is paid of it: what a false
/// report could have the platform pay. Never more than what this licence has shown can move: what it paid so far and
/// its escrow, so that absurd figures price nobody out of disputing them. Zero where usage is not charged for.
pub fn dues_for(store: &impl Store, id: &Id, number: u32, usage: &Usage) -> u128 {
    let Ok(licence) = Licence::find(store, id) else { return 0 };
    let Ok(terms) = licence.terms(store, id) else { return 0 };
    let within = licence.activated_at > 0 && licence.check_quarter(number).is_ok();
    if !within || !terms.rates().charge_usage() {
        return 0;
    }
    let shown = licence.to_pool.saturating_add(licence.held).saturating_add(licence.escrow);
    let quarter = Quarter::of(store, id, number);
    let due = due_with(&terms, &quarter, usage).unwrap_or(u128::MAX);
    least(less(due, quarter.paid), shown)
}
