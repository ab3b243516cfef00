//! A licence's own records, and what time makes of them.

use super::{
    Address, Call, DAY, Hash, Id, MAX_DATASETS, Moves, Refusal, Store, Terms, add, days_after, least, less,
    store::{self, numbered, stored},
};
use crate::{
    packed,
    packed::Field,
    period::{months_after, quarter_at},
    revenue::{Usage, interest},
};

/// Where a licence stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// There is none.
    #[default]
    None = 0,
    /// The platform's menu is open.
    Offered = 1,
    /// The platform took its offer back.
    Withdrawn = 2,
    /// The pool declined.
    Declined = 3,
    /// Binding; the escrow is not funded yet.
    Accepted = 4,
    /// The escrow was not funded in time.
    Lapsed = 5,
    /// In force.
    Active = 6,
    /// Terminated by one side or by the arbiter.
    Terminated = 7,
    /// By time: nobody accepted.
    Expired = 8,
    /// By time: in force until the notice is over.
    UnderNotice = 9,
    /// By time: the term is over.
    Ended = 10,
}

impl Field for Stage {
    const LEN: usize = 1;

    fn put(&self, bytes: &mut [u8]) {
        bytes[0] = *self as u8;
    }

    fn get(bytes: &[u8]) -> Self {
        match bytes[0] {
            1 => Self::Offered,
            2 => Self::Withdrawn,
            3 => Self::Declined,
            4 => Self::Accepted,
            5 => Self::Lapsed,
            6 => Self::Active,
            7 => Self::Terminated,
            _ => Self::None,
        }
    }
}

/// What became of the data after the end (LIC-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Deletion {
    /// The licence was never active, or is in force.
    NotDue = 0,
    /// The platform has still time.
    Pending = 1,
    /// The platform filed its certificate.
    Certified = 2,
    /// The time is over and there is no certificate.
    Overdue = 3,
}

/// A licence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Licence {
    /// Who offered, reports and pays, or who took its place.
    pub platform: Address,
    /// Whom the platform named to take its place; zero for nobody.
    pub next_platform: Address,
    /// Who licenses.
    pub pool: Address,
    /// The pool's currency: an ERC-20, or zero for the native one.
    pub currency: Address,
    /// Who accepted for the pool.
    pub licensor: Address,
    /// As stored; [`Licence::stage_at`] is what counts.
    pub stage: Stage,
    /// Why terminated, a [`super::ending::Reason`].
    pub reason: u8,
    /// Options on offer.
    pub options: u8,
    /// The accepted one.
    pub option: u8,
    /// How many datasets.
    pub datasets: u8,
    /// The datasets' registry was told of the end.
    pub closed: bool,
    /// Bit per certified milestone.
    pub milestones: u8,
    /// The late certificate of deletion is on record as a breach.
    pub deletion_late: bool,
    /// End of the offer.
    pub expires_at: u64,
    /// When accepted.
    pub accepted_at: u64,
    /// When the escrow must be funded.
    pub fund_by: u64,
    /// When it came into force; zero for never.
    pub activated_at: u64,
    /// Until when it is in force.
    pub ends_at: u64,
    /// Until when the data must be deleted.
    pub deletion_due: u64,
    /// When the certificate of deletion was filed.
    pub deleted_at: u64,
    /// Until when the escrow must be filled up; zero where it need not be.
    pub refill_by: u64,
    /// Since when the escrow that was not filled up is a default on record; zero for not.
    pub refill_defaulted_at: u64,
    /// Certificate of deletion.
    pub certificate: Hash,
    /// What the escrow must be filled up to.
    pub refill_to: u128,
    /// What is assessed and not paid: dues without interest, and shortfalls.
    pub owed: u128,
    /// What the platform paid for dues that were corrected downwards; it pays later dues.
    pub credit: u128,
    /// Bound money.
    pub escrow: u128,
    /// The platform's money.
    pub refundable: u128,
    /// The pool's money that the pool has not taken.
    pub held: u128,
    /// Everything that ever came in.
    pub money_in: u128,
    /// What the pool took.
    pub to_pool: u128,
    /// What the platform got back.
    pub refunded: u128,
    /// What auditors and contributors got for audits.
    pub paid_out: u128,
    /// The quarter to be reported next.
    pub next_quarter: u32,
    /// The licence year to be trued up next, from 1.
    pub next_year: u32,
    /// Defaults that were not cured.
    pub open_defaults: u32,
    /// All defaults.
    pub defaults: u32,
    /// Breaches.
    pub breaches: u32,
    /// Violations.
    pub violations: u32,
    /// Sublicences.
    pub sublicences: u32,
    /// Audits.
    pub audits: u32,
    /// Redaction requests.
    pub redactions: u32,
}

packed!(Licence {
    platform: [u8; 20],
    next_platform: [u8; 20],
    pool: [u8; 20],
    currency: [u8; 20],
    licensor: [u8; 20],
    stage: Stage,
    reason: u8,
    options: u8,
    option: u8,
    datasets: u8,
    closed: bool,
    milestones: u8,
    deletion_late: bool,
    expires_at: u64,
    accepted_at: u64,
    fund_by: u64,
    activated_at: u64,
    ends_at: u64,
    deletion_due: u64,
    deleted_at: u64,
    refill_by: u64,
    refill_defaulted_at: u64,
    certificate: [u8; 32],
    refill_to: u128,
    owed: u128,
    credit: u128,
    escrow: u128,
    refundable: u128,
    held: u128,
    money_in: u128,
    to_pool: u128,
    refunded: u128,
    paid_out: u128,
    next_quarter: u32,
    next_year: u32,
    open_defaults: u32,
    defaults: u32,
    breaches: u32,
    violations: u32,
    sublicences: u32,
    audits: u32,
    redactions: u32,
});

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
    /// Hash of the attribution report.
    pub usage_report: Hash,
    /// When its figures were taken over; zero for not yet.
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

/// A licence year with a guarantee (PAY-5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Year {
    /// Milestones that went to the pool in it, which count as its royalties.
    pub advance: u128,
    /// When it was trued up; zero for not yet. What follows is known only then.
    pub trued_up_at: u64,
    /// What it earned: the advance and the dues of its quarters, as corrected.
    pub earned: u128,
    /// What was guaranteed for it.
    pub guaranteed: u128,
    /// Of the shortfall, what the escrow paid.
    pub from_escrow: u128,
    /// Of the shortfall, what is not paid: `owed + topped_up` is what `earned` lacks of `guaranteed`.
    pub owed: u128,
    /// Of the shortfall, what is paid; dues of the year that are assessed later use it up.
    pub topped_up: u128,
    /// The period the shortfall is paid to: the year's last quarter.
    pub period: u32,
    /// Since when what the escrow lacked is a default on record.
    pub defaulted_at: u64,
}

packed!(Year {
    advance: u128,
    trued_up_at: u64,
    earned: u128,
    guaranteed: u128,
    from_escrow: u128,
    owed: u128,
    topped_up: u128,
    period: u32,
    defaulted_at: u64,
});
stored!(Licence, Quarter, Year);

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
            let (never_due, _) = interest(part, late_bps, now - from, 0)?;
            self.interest = less(self.interest, never_due).max(self.interest_paid);
        }
        Ok(())
    }

    /// Counts interest on a part of the due.
    #[inline(never)]
    pub(crate) fn bear(&mut self, part: u128, late_bps: u16, from: u64, until: u64) -> Result<(), Refusal> {
        if part > 0 && until > from {
            let (more, carry) = interest(part, late_bps, until - from, self.carry)?;
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

impl Year {
    /// The year, empty where nothing happened yet.
    #[inline(never)]
    pub fn of(store: &impl Store, id: &Id, year: u32) -> Self {
        Self::load(store, &numbered(id, store::YEAR, year)).unwrap_or_default()
    }

    /// Stores it.
    #[inline(never)]
    pub fn put(&self, store: &mut impl Store, id: &Id, year: u32) {
        self.save(store, &numbered(id, store::YEAR, year));
    }
}

impl Licence {
    /// The licence.
    ///
    /// # Errors
    /// [`Refusal::UnknownLicence`].
    #[inline(never)]
    pub fn find(store: &impl Store, id: &Id) -> Result<Self, Refusal> {
        Self::load(store, &numbered(id, store::LICENCE, 0)).ok_or(Refusal::UnknownLicence(*id))
    }

    /// Stores it.
    #[inline(never)]
    pub fn put(&self, store: &mut impl Store, id: &Id) {
        self.save(store, &numbered(id, store::LICENCE, 0));
    }

    /// The licence, for its platform alone.
    ///
    /// # Errors
    /// [`Refusal::UnknownLicence`], [`Refusal::NotPlatform`].
    pub fn of_platform(store: &impl Store, call: &Call) -> Result<Self, Refusal> {
        let licence = Self::find(store, &call.licence)?;
        let own = licence.platform == call.caller;
        if own { Ok(licence) } else { Err(Refusal::NotPlatform(call.caller, licence.platform)) }
    }

    /// The accepted terms; those of option 0 before.
    ///
    /// # Errors
    /// [`Refusal::UnknownOption`] only where the store lost them.
    #[inline(never)]
    pub fn terms(&self, store: &impl Store, id: &Id) -> Result<Terms, Refusal> {
        let key = numbered(id, store::TERMS, self.option.into());
        Terms::load(store, &key).ok_or(Refusal::UnknownOption(self.option, self.options))
    }

    /// The datasets, zeros cut off.
    pub fn dataset_list(&self, store: &impl Store, id: &Id) -> alloc::vec::Vec<Hash> {
        let mut bytes = [0; MAX_DATASETS * 32];
        store.read(&numbered(id, store::DATASETS, 0), &mut bytes);
        bytes.as_chunks::<32>().0.iter().take(self.datasets.into()).copied().collect()
    }

    /// Where it stands at a time.
    pub const fn stage_at(&self, now: u64) -> Stage {
        match self.stage {
            Stage::Offered if now >= self.expires_at => Stage::Expired,
            Stage::Active if now >= self.ends_at => Stage::Ended,
            Stage::Terminated if now < self.ends_at => Stage::UnderNotice,
            stage => stage,
        }
    }

    /// [`Refusal::WrongStage`] with the stage now.
    pub const fn wrong_stage(&self, call: &Call) -> Refusal {
        Refusal::WrongStage(call.licence, self.stage_at(call.now) as u8)
    }

    /// Stops where the licence never came into force.
    pub fn check_began(&self, call: &Call) -> Result<(), Refusal> {
        if self.activated_at > 0 { Ok(()) } else { Err(self.wrong_stage(call)) }
    }

    /// Stops where the licence is not in force now.
    pub fn check_in_force(&self, call: &Call) -> Result<(), Refusal> {
        if self.is_in_force(call.now) { Ok(()) } else { Err(self.wrong_stage(call)) }
    }

    /// Whether it is in force.
    pub const fn is_in_force(&self, now: u64) -> bool {
        self.activated_at > 0 && now < self.ends_at
    }

    /// Whether it was in force and is not any more.
    pub const fn is_over(&self, now: u64) -> bool {
        self.activated_at > 0 && now >= self.ends_at
    }

    /// What became of the data.
    pub const fn deletion_at(&self, now: u64) -> Deletion {
        if !self.is_over(now) {
            Deletion::NotDue
        } else if self.deleted_at > 0 {
            Deletion::Certified
        } else if now > self.deletion_due {
            Deletion::Overdue
        } else {
            Deletion::Pending
        }
    }

    /// It comes into force.
    pub(crate) const fn activate(&mut self, terms: &Terms, now: u64) {
        self.stage = Stage::Active;
        self.activated_at = now;
        self.end_at(months_after(now, terms.term_months as u32), terms);
        self.next_quarter = quarter_at(now);
        self.next_year = 1;
    }

    /// Sets the end, and with it the time to delete.
    pub(crate) const fn end_at(&mut self, time: u64, terms: &Terms) {
        self.ends_at = time;
        self.deletion_due = days_after(time, terms.deletion_days);
    }

    /// One more open default.
    pub(crate) const fn add_default(&mut self) {
        self.open_defaults += 1;
        self.defaults += 1;
    }

    /// One open default less.
    pub(crate) const fn cure_default(&mut self) {
        self.open_defaults -= 1;
    }

    /// One more breach.
    pub(crate) const fn add_breach(&mut self) {
        self.breaches += 1;
    }

    /// Money that now belongs to the pool, in this period.
    pub(crate) fn hold(&mut self, quarter: &mut Quarter, amount: u128) -> Result<(), Refusal> {
        self.held = add(self.held, amount)?;
        quarter.held = add(quarter.held, amount)?;
        Ok(())
    }

    /// Money for the pool from whoever pays: `amount` at most `owed`. What is more goes straight back in the native
    /// currency, which arrives with the call, and is not even taken in an ERC-20. Answers what is for the pool, and the
    /// moves.
    pub(crate) fn receive(
        &mut self,
        call: &Call,
        amount: u128,
        owed: u128,
        period: u32,
    ) -> Result<(u128, Moves), Refusal> {
        if amount == 0 {
            return Err(Refusal::ZeroAmount);
        }
        let paid = least(amount, owed);
        let take = if self.currency == [0; 20] { amount } else { paid };
        self.money_in = add(self.money_in, paid)?;
        let send = (take > paid).then_some((call.caller, take - paid));
        Ok((paid, Moves { take, deliver: Some(period), send }))
    }

    /// Whether all licence years are trued up.
    pub const fn is_trued_up(&self, terms: &Terms) -> bool {
        terms.guarantee == 0 || self.next_year > self.last_year()
    }

    /// Of the escrow, what pays debts on anybody's word: all of it, once the licence is over and its years are trued
    /// up.
    pub const fn drawable(&self, terms: &Terms, now: u64) -> u128 {
        if self.is_over(now) && self.is_trued_up(terms) { self.escrow } else { 0 }
    }

    /// Whether logs may still be audited.
    pub const fn is_auditable(&self, now: u64) -> bool {
        self.activated_at > 0 && now < self.ends_at.saturating_add(super::RETENTION_DAYS * DAY)
    }
}
