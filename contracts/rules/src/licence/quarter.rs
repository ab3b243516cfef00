//! A calendar quarter of a licence: what was reported, what is due of it and paid, and its interest.

use super::{
    Hash, Id, Refusal, Store, add, less,
    store::{self, numbered, stored},
};
use crate::{
    packed,
    revenue::{Usage, interest},
};

/// A calendar quarter of a licence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quarter {
    /// Gross model revenue.
    pub gross: u128,
    /// Infrastructure costs.
    pub infrastructure: u128,
    /// Taxes.
    pub taxes: u128,
    /// Hash of the platform's evidence.
    pub evidence: Hash,
    /// When the platform reported; zero for not yet.
    pub reported_at: u64,
    /// Attributed tokens above the threshold.
    pub tokens: u128,
    /// Calls above the threshold.
    pub calls: u64,
    /// Hash of the attribution report, or of the finding that corrected it; zero where there is none.
    pub usage_report: Hash,
    /// When its figures were taken over, or usage without a report was closed; zero for not yet.
    pub usage_at: u64,
    /// The quarter's royalty; known where `pay_by` is not zero.
    pub due: u128,
    /// Until when to pay it without interest, but for `later`.
    pub pay_by: u64,
    /// Of the royalty, what was added by usage or a correction and is to be paid later than the rest.
    pub later: u128,
    /// Until when to pay that.
    pub later_by: u64,
    /// Of the royalty, what is paid.
    pub paid: u128,
    /// Interest so far, until `accrued_at`.
    pub interest: u128,
    /// Of the interest, what is paid.
    pub interest_paid: u128,
    /// Until when interest is counted.
    pub accrued_at: u64,
    /// Remainder of the last division.
    pub carry: u64,
    /// The pool's money of this period that it has not taken.
    pub held: u128,
    /// When its last default was recorded; zero for never.
    pub defaulted_at: u64,
    /// … and it is not cured.
    pub in_default: bool,
    /// When the finding was reported that corrected it last; an earlier one is void then. Zero for never.
    pub finding_at: u64,
    /// Since when the late report is on record as a breach; zero for not. The report cures it.
    pub late_at: u64,
}

packed!(Quarter {
    gross: u128,
    infrastructure: u128,
    taxes: u128,
    evidence: [u8; 32],
    reported_at: u64,
    tokens: u128,
    calls: u64,
    usage_report: [u8; 32],
    usage_at: u64,
    due: u128,
    pay_by: u64,
    later: u128,
    later_by: u64,
    paid: u128,
    interest: u128,
    interest_paid: u128,
    accrued_at: u64,
    carry: u64,
    held: u128,
    defaulted_at: u64,
    in_default: bool,
    finding_at: u64,
    late_at: u64,
});
stored!(Quarter);

/// Quarters of a licence and their standing are kept by number.
impl Quarter {
    /// The quarter, empty where nothing happened yet.
    #[inline(never)]
    pub fn of(store: &impl Store, id: &Id, quarter: u32) -> Self {
        Self::load(store, &numbered(id, store::QUARTER, quarter)).unwrap_or_default()
    }

    /// Stores it.
    #[inline(never)]
    pub fn put(&self, store: &mut impl Store, id: &Id, quarter: u32) {
        self.save(store, &numbered(id, store::QUARTER, quarter));
    }

    /// Whether the due is known.
    pub const fn is_assessed(&self) -> bool {
        self.pay_by > 0
    }

    /// What the oracle counted.
    pub const fn usage(&self) -> Usage {
        Usage { tokens: self.tokens, calls: self.calls }
    }

    /// Of the royalty, what is not paid.
    pub const fn unpaid(&self) -> u128 {
        less(self.due, self.paid)
    }

    /// Of that, what was to be paid first.
    const fn unpaid_first(&self) -> u128 {
        less(less(self.due, self.later), self.paid)
    }

    /// Counts interest on what is unpaid until `now`, on each part from its own deadline on.
    ///
    /// # Errors
    /// [`Refusal::Overflow`].
    #[inline(never)]
    pub fn accrue(&mut self, late_bps: u16, now: u64) -> Result<(), Refusal> {
        if !self.is_assessed() {
            return Ok(());
        }
        if self.later > 0 {
            self.count(self.unpaid_first(), late_bps, now.min(self.later_by))?;
        }
        let first_alone = self.later > 0 && now <= self.later_by;
        self.count(if first_alone { self.unpaid_first() } else { self.unpaid() }, late_bps, now)
    }

    fn count(&mut self, unpaid: u128, late_bps: u16, until: u64) -> Result<(), Refusal> {
        self.bear(unpaid, late_bps, self.accrued_at, until)?;
        self.accrued_at = self.accrued_at.max(until);
        Ok(())
    }

    /// Takes off the interest on an unpaid part of the due that turned out never to have been due: from its deadline to
    /// `now`. What is paid of the interest stays paid.
    pub(crate) fn forgive(&mut self, part: u128, late_bps: u16, now: u64) -> Result<(), Refusal> {
        let from = self.pay_by.max(self.later_by);
        if part > 0 && now > from {
            let (never_due, _) = interest(part, late_bps, now.saturating_sub(from), 0)?;
            self.interest = less(self.interest, never_due).max(self.interest_paid);
        }
        Ok(())
    }

    /// Counts interest on a part of the due.
    #[inline(never)]
    pub(crate) fn bear(&mut self, part: u128, late_bps: u16, from: u64, until: u64) -> Result<(), Refusal> {
        if part > 0 && until > from {
            let (more, carry) = interest(part, late_bps, until.saturating_sub(from), self.carry)?;
            (self.interest, self.carry) = (add(self.interest, more)?, carry);
        }
        Ok(())
    }

    /// What is left to pay, interest as accrued.
    pub const fn outstanding(&self) -> u128 {
        self.unpaid().saturating_add(less(self.interest, self.interest_paid))
    }

    /// Until when what is outstanding was to be paid.
    pub const fn deadline(&self) -> u64 {
        if self.later > 0 && self.unpaid_first() == 0 { self.later_by } else { self.pay_by }
    }
}
