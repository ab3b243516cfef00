//! Termination, the end, and the deletion of the data (LIC-8).

use super::{
    CAUSE_DAYS, CHALLENGE_DAYS, Call, DAY, Hash, Licence, Quarter, Refusal, Stage, Store, Terms, Year,
    conduct::{self, Violation},
    days_after, less, named,
    store::{self, hashed},
};
use alloc::vec::Vec;

pub use super::reason::Reason;

/// On whose behalf somebody terminates, as checked by the caller of [`terminate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The platform.
    Platform,
    /// The pool.
    Licensor,
    /// The arbiter.
    Arbiter,
    /// Nobody.
    None,
}

/// What somebody terminates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// A [`Reason`].
    pub reason: u8,
    /// Of a breach: a [`conduct::BreachKind`].
    pub kind: u8,
    /// Of a breach: its number. Of a default: the quarter, the licence year, or zero for the escrow.
    pub number: u32,
    /// Hash of the notice; of a violation that of its evidence.
    pub evidence: Hash,
}

/// Terminates: at once, or for convenience after the notice. Every default and breach is a cause on its own: from the
/// end of its own time to cure on, and no longer than it lasts. A violation is one from the end of the time to
/// challenge it on, for [`CAUSE_DAYS`] days. Answers the licence after it.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::UnknownKind`], [`Refusal::TerminationNotAllowed`], [`Refusal::ZeroHash`],
/// [`Refusal::NoCause`], [`Refusal::CureOpen`], [`Refusal::PaysFirst`], [`Refusal::TrueUpFirst`].
pub fn terminate(store: &mut impl Store, call: &Call, cause: &Cause, side: Side) -> Result<Licence, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    licence.check_in_force(call)?;
    let reason = cause.reason;
    let kind = Reason::from_number(reason)?;
    // A notice given once stands; a cause still ends it sooner.
    if kind == Reason::Convenience && licence.stage == Stage::Terminated {
        return Err(licence.wrong_stage(call));
    }
    let terms = licence.terms(store, &call.licence)?;
    let allowed = match (kind, side) {
        (Reason::Convenience, Side::Platform) => terms.platform_may_leave,
        (Reason::Convenience, Side::Licensor) => terms.licensor_may_leave,
        (Reason::Default | Reason::Breach | Reason::Violation, Side::Licensor) => true,
        (Reason::Order, Side::Arbiter) => true,
        _ => false,
    };
    if !allowed {
        return Err(Refusal::TerminationNotAllowed(call.caller, reason));
    }
    named(&cause.evidence)?;
    let since = match kind {
        Reason::Convenience if side == Side::Platform => {
            check_paid(store, call, &licence, &terms)?;
            None
        }
        Reason::Convenience | Reason::Order => None,
        Reason::Default => Some(default_since(store, call, &licence, cause.number)),
        Reason::Breach => Some(conduct::breach_since(store, call, cause.kind, cause.number)?),
        Reason::Violation => {
            check_violation(store, call, &cause.evidence)?;
            None
        }
    };
    match since {
        Some(0) => return Err(Refusal::NoCause(reason)),
        Some(since) => {
            let until = days_after(since, terms.cure_days);
            if call.now < until {
                return Err(Refusal::CureOpen(until));
            }
        }
        None => {}
    }
    let notice = if kind == Reason::Convenience { terms.notice_days } else { 0 };
    let end = days_after(call.now, notice).min(licence.ends_at);
    licence.end_at(end, &terms);
    (licence.stage, licence.reason) = (Stage::Terminated, reason);
    licence.put(store, &call.licence);
    Ok(licence)
}

/// Stops a platform that leaves for convenience without having reported every quarter that is over, paid all that is
/// known, interest too, and filled the escrow up to what is asked; a year that is over is trued up first, because only
/// that tells what the escrow lacks. A notice is no way out of a default.
fn check_paid(store: &impl Store, call: &Call, licence: &Licence, terms: &Terms) -> Result<(), Refusal> {
    let next = licence.next_quarter;
    let unreported = if call.now >= licence.quarter_end(next) { next } else { 0 };
    let lacks = if licence.refill_by > 0 { less(licence.refill_to, licence.escrow) } else { 0 };
    let mut owed = licence.owed.saturating_add(lacks);
    for number in licence.quarters().0..next {
        let mut quarter = Quarter::of(store, &call.licence, number);
        quarter.accrue(terms.late_bps, call.now)?;
        owed = owed.saturating_add(less(quarter.interest, quarter.interest_paid));
    }
    if owed > 0 || licence.open_defaults > 0 || unreported > 0 {
        return Err(Refusal::PaysFirst(owed, unreported));
    }
    let year = licence.next_year;
    let (_, end) = licence.year_span(year);
    if terms.guarantee > 0 && call.now >= end { Err(Refusal::TrueUpFirst(year)) } else { Ok(()) }
}

/// Since when a default is open; zero where it is not.
fn default_since(store: &impl Store, call: &Call, licence: &Licence, number: u32) -> u64 {
    if number == 0 {
        return licence.refill_defaulted_at;
    }
    let quarter = Quarter::of(store, &call.licence, number);
    if quarter.in_default {
        return quarter.defaulted_at;
    }
    Year::of(store, &call.licence, number).defaulted_at
}

/// Stops where a violation is unknown, dismissed or too old, or may still be challenged.
fn check_violation(store: &impl Store, call: &Call, evidence: &Hash) -> Result<(), Refusal> {
    let none = Refusal::NoCause(Reason::Violation as u8);
    let key = hashed(&call.licence, store::VIOLATION, evidence);
    let violation = Violation::load(store, &key).filter(|violation| !violation.dismissed).ok_or(none)?;
    let from = violation.recorded_at.saturating_add(CHALLENGE_DAYS * DAY);
    if call.now < from {
        return Err(Refusal::CureOpen(from));
    }
    if call.now > from.saturating_add(CAUSE_DAYS * DAY) { Err(none) } else { Ok(()) }
}

/// Anyone has the datasets' registry told that the licence is over. Answers the datasets.
///
/// # Errors
/// [`Refusal::WrongStage`] where it never was binding, [`Refusal::StillInForce`], [`Refusal::AlreadyClosed`].
pub fn close(store: &mut impl Store, call: &Call) -> Result<Vec<Hash>, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if licence.stage_at(call.now) != Stage::Lapsed {
        licence.check_began(call)?;
        if !licence.is_over(call.now) {
            return Err(Refusal::StillInForce(licence.ends_at));
        }
    }
    if licence.closed {
        return Err(Refusal::AlreadyClosed(call.licence));
    }
    licence.closed = true;
    licence.put(store, &call.licence);
    Ok(licence.dataset_list(store, &call.licence))
}

/// The platform certifies that it deleted the data. Answers whether this came late, which is a breach on record now.
///
/// # Errors
/// [`Refusal::NotPlatform`], [`Refusal::WrongStage`], [`Refusal::StillInForce`], [`Refusal::AlreadyDone`],
/// [`Refusal::ZeroHash`].
pub fn certify_deletion(store: &mut impl Store, call: &Call, certificate: &Hash) -> Result<bool, Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
    licence.check_began(call)?;
    if !licence.is_over(call.now) {
        return Err(Refusal::StillInForce(licence.ends_at));
    }
    if licence.deleted_at > 0 {
        return Err(Refusal::AlreadyDone(0));
    }
    named(certificate)?;
    (licence.certificate, licence.deleted_at) = (*certificate, call.now);
    let late = call.now > licence.deletion_due && !licence.deletion_late;
    if late {
        licence.deletion_late = true;
        licence.add_breach();
    }
    licence.put(store, &call.licence);
    Ok(late)
}
