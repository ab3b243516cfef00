//! Revenue reports, dues, payments and defaults (LIC-1, PAY-1, PAY-2, PAY-3).

use super::{
    ASSESSMENT_DAYS, Call, DAY, Hash, Licence, Moves, Quarter, Refusal, Store, Terms, days_after,
    guarantee::credit_year, named,
};
use crate::{period::quarter_start, revenue::Usage};

/// What a report brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// The quarter after it.
    pub quarter: Quarter,
    /// The report came too late, which is a breach on record now.
    pub late: bool,
    /// The due became known.
    pub assessed: bool,
    /// A default ended with it.
    pub cured: bool,
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
    let Figures { gross, infrastructure, taxes, evidence } = *figures;
    quarter = Quarter { gross, infrastructure, taxes, evidence, reported_at: call.now, ..quarter };
    let late = call.now > report_deadline(&terms, number) && !quarter.late;
    if late {
        quarter.late = true;
        licence.add_breach(call.now);
    }
    licence.next_quarter += 1;
    let pay_by = licence.payment_deadline(&terms, number);
    let assessed = assess(&mut quarter, &terms, pay_by)?;
    let cured = cure(&mut licence, &mut quarter, &terms, call.now)?;
    quarter.put(store, id, number);
    licence.put(store, id);
    Ok(Reported { quarter, late, assessed, cured })
}

/// The oracle's figures for a quarter.
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

/// An oracle, which the caller was checked to be, reports a quarter's usage: once, after its end, before or after the
/// platform.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::UsageNotInTerms`], [`Refusal::QuarterOutsideTerm`], [`Refusal::QuarterNotOver`],
/// [`Refusal::WrongMetric`], [`Refusal::WrongThreshold`], [`Refusal::ZeroHash`], [`Refusal::UsageAlreadyReported`],
/// [`Refusal::Overflow`].
pub fn report_usage(
    store: &mut impl Store,
    call: &Call,
    number: u32,
    report: &UsageReport,
) -> Result<Reported, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    let terms = licence.terms(store, id)?;
    if !terms.rates().charge_usage() {
        return Err(Refusal::UsageNotInTerms);
    }
    check_over(&licence, call, number)?;
    if report.metric != terms.metric {
        return Err(Refusal::WrongMetric(report.metric, terms.metric));
    }
    if report.threshold != terms.threshold {
        return Err(Refusal::WrongThreshold(report.threshold, terms.threshold));
    }
    named(&report.report)?;
    let mut quarter = Quarter::of(store, id, number);
    if quarter.usage_at > 0 {
        return Err(Refusal::UsageAlreadyReported(number));
    }
    let Usage { tokens, calls } = report.usage;
    quarter = Quarter { tokens, calls, usage_report: report.report, usage_at: call.now, ..quarter };
    // The platform could not know earlier what to pay.
    let pay_by = licence.payment_deadline(&terms, number).max(call.now.saturating_add(ASSESSMENT_DAYS * DAY));
    let assessed = assess(&mut quarter, &terms, pay_by)?;
    let cured = cure(&mut licence, &mut quarter, &terms, call.now)?;
    quarter.put(store, id, number);
    licence.put(store, id);
    Ok(Reported { quarter, late: false, assessed, cured })
}

fn check_over(licence: &Licence, call: &Call, number: u32) -> Result<(), Refusal> {
    licence.check_quarter(number)?;
    let end = licence.quarter_end(number);
    if call.now < end { Err(Refusal::QuarterNotOver(number, end)) } else { Ok(()) }
}

/// Until when a quarter must be reported.
pub(crate) const fn report_deadline(terms: &Terms, number: u32) -> u64 {
    days_after(quarter_start(number + 1), terms.report_days)
}

/// Sets the due as soon as all figures are there; whether they are.
fn assess(quarter: &mut Quarter, terms: &Terms, pay_by: u64) -> Result<bool, Refusal> {
    let rates = terms.rates();
    if quarter.reported_at == 0 || rates.charge_usage() && quarter.usage_at == 0 {
        return Ok(false);
    }
    quarter.due = rates.due(quarter.net(), &quarter.usage())?;
    quarter.pay_by = pay_by;
    quarter.accrued_at = pay_by;
    Ok(true)
}

/// Ends a quarter's default where nothing is left to pay; whether it did.
fn cure(licence: &mut Licence, quarter: &mut Quarter, terms: &Terms, now: u64) -> Result<bool, Refusal> {
    quarter.accrue(terms.late_bps, now)?;
    let cured = quarter.in_default && quarter.is_assessed() && quarter.outstanding() == 0;
    if cured {
        quarter.in_default = false;
        licence.cure_default();
    }
    Ok(cured)
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

/// The platform pays a quarter, all or part: first the royalty, which stops further interest, then the interest. Simple
/// interest, to the second.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::WrongStage`], [`Refusal::QuarterNotAssessed`], [`Refusal::NothingDue`],
/// [`Refusal::ZeroAmount`], [`Refusal::Overflow`].
pub fn pay(store: &mut impl Store, call: &Call, number: u32, amount: u128) -> Result<Paid, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::of_platform(store, call)?;
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
    let (paid, moves) = licence.receive(amount, owed, number)?;
    let principal = paid.min(quarter.due - quarter.paid);
    quarter.paid += principal;
    quarter.interest_paid += paid - principal;
    licence.hold(&mut quarter, paid)?;
    credit_year(store, call, &licence, &terms, principal)?;
    let cured = cure(&mut licence, &mut quarter, &terms, call.now)?;
    quarter.put(store, id, number);
    licence.put(store, id);
    Ok(Paid { principal, interest: paid - principal, outstanding: quarter.outstanding(), cured, moves })
}

/// When a quarter that is not paid becomes a default.
pub(crate) fn default_from(licence: &Licence, terms: &Terms, quarter: &Quarter, number: u32) -> u64 {
    let deadline = if quarter.is_assessed() {
        quarter.pay_by
    } else {
        licence.payment_deadline(terms, number).max(report_deadline(terms, number))
    };
    days_after(deadline, terms.grace_days)
}

/// Anyone records that a quarter was not paid, or not even reported, within the time of grace. Answers what is
/// outstanding, zero where it is not known.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::QuarterOutsideTerm`], [`Refusal::AlreadyRecorded`], [`Refusal::NotYet`],
/// [`Refusal::NothingDue`]; [`Refusal::QuarterNotAssessed`] where it is the oracle that has not reported.
pub fn record_default(store: &mut impl Store, call: &Call, number: u32) -> Result<u128, Refusal> {
    let id = &call.licence;
    let mut licence = Licence::find(store, id)?;
    licence.check_began(call)?;
    licence.check_quarter(number)?;
    let terms = licence.terms(store, id)?;
    let mut quarter = Quarter::of(store, id, number);
    if quarter.defaulted {
        return Err(Refusal::AlreadyRecorded(number));
    }
    if !quarter.is_assessed() && quarter.reported_at > 0 {
        return Err(Refusal::QuarterNotAssessed(number));
    }
    let from = default_from(&licence, &terms, &quarter, number);
    if call.now <= from {
        return Err(Refusal::NotYet(number, from));
    }
    quarter.accrue(terms.late_bps, call.now)?;
    let outstanding = quarter.outstanding();
    if quarter.is_assessed() && outstanding == 0 {
        return Err(Refusal::NothingDue(number));
    }
    (quarter.defaulted, quarter.in_default) = (true, true);
    licence.add_default(call.now);
    quarter.put(store, id, number);
    licence.put(store, id);
    Ok(outstanding)
}
