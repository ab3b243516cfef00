//! Termination, the end, and the deletion of the data (LIC-8).

use super::{Call, Hash, Licence, Refusal, Stage, Store, days_after, named};
use alloc::vec::Vec;

/// Why a licence is terminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// By a side whose terms allow it, after the notice.
    Convenience = 1,
    /// By the pool: a default was not cured in time.
    Default = 2,
    /// By the pool: a breach was not cured in time.
    Breach = 3,
    /// By the pool: a violation.
    Violation = 4,
    /// By the arbiter, e.g. for a court's order.
    Order = 5,
}

impl Reason {
    /// From its number.
    ///
    /// # Errors
    /// [`Refusal::UnknownKind`].
    pub const fn from_number(number: u8) -> Result<Self, Refusal> {
        Ok(match number {
            1 => Self::Convenience,
            2 => Self::Default,
            3 => Self::Breach,
            4 => Self::Violation,
            5 => Self::Order,
            _ => return Err(Refusal::UnknownKind(number)),
        })
    }

    /// Whether the platform owes the whole year's guarantee all the same.
    pub(crate) const fn is_platforms_fault(number: u8) -> bool {
        matches!(number, 2..=4)
    }
}

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

/// Terminates: at once, or for convenience after the notice. Answers the licence after it.
///
/// # Errors
/// [`Refusal::WrongStage`], [`Refusal::UnknownKind`], [`Refusal::TerminationNotAllowed`], [`Refusal::NoCause`],
/// [`Refusal::CureOpen`], [`Refusal::ZeroHash`].
pub fn terminate(
    store: &mut impl Store,
    call: &Call,
    reason: u8,
    side: Side,
    evidence: &Hash,
) -> Result<Licence, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    licence.check_in_force(call)?;
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
    named(evidence)?;
    let curable = match kind {
        Reason::Default => Some((licence.open_defaults, licence.defaulted_at)),
        Reason::Breach => Some((licence.breaches, licence.breached_at)),
        _ => None,
    };
    if kind == Reason::Violation && licence.violations == 0 || curable.is_some_and(|(count, _)| count == 0) {
        return Err(Refusal::NoCause(reason));
    }
    if let Some((_, since)) = curable {
        let until = days_after(since, terms.cure_days);
        if call.now < until {
            return Err(Refusal::CureOpen(until));
        }
    }
    let notice = if kind == Reason::Convenience { terms.notice_days } else { 0 };
    let end = days_after(call.now, notice).min(licence.ends_at);
    licence.end_at(end, &terms);
    (licence.stage, licence.reason) = (Stage::Terminated, reason);
    licence.put(store, &call.licence);
    Ok(licence)
}

/// Anyone has the datasets' registry told that the licence is over. Answers the datasets.
///
/// # Errors
/// [`Refusal::WrongStage`] where it never was binding, [`Refusal::StillInForce`], [`Refusal::AlreadyClosed`].
pub fn close(store: &mut impl Store, call: &Call) -> Result<Vec<Hash>, Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if licence.stage != Stage::Lapsed {
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
        licence.add_breach(call.now);
    }
    licence.put(store, &call.licence);
    Ok(late)
}
