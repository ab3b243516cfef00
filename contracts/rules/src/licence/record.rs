//! A licence's own record, and what time makes of it.

use super::{
    Address, Call, DAY, Deletion, Hash, Id, MAX_DATASETS, Moves, Quarter, Refusal, Stage, Store, Terms, add,
    days_after, least, less,
    store::{self, numbered, stored},
};
use crate::{
    packed,
    period::{months_after, quarter_at},
};

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
    /// Why terminated, a [`super::reason::Reason`].
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

stored!(Licence);

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

    /// Where it stands at a time. What time alone decides does not wait for somebody to record it: otherwise whoever is
    /// first would choose when the stream ends, and so who gets its money.
    pub const fn stage_at(&self, now: u64) -> Stage {
        match self.stage {
            Stage::Offered if now >= self.expires_at => Stage::Expired,
            Stage::Accepted if now > self.fund_by => Stage::Lapsed,
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
        self.open_defaults = self.open_defaults.saturating_add(1);
        self.defaults = self.defaults.saturating_add(1);
    }

    /// One open default less.
    pub(crate) const fn cure_default(&mut self) {
        self.open_defaults = self.open_defaults.saturating_sub(1);
    }

    /// One more breach.
    pub(crate) const fn add_breach(&mut self) {
        self.breaches = self.breaches.saturating_add(1);
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
        let send = (take > paid).then_some((call.caller, less(take, paid)));
        Ok((paid, Moves { take, deliver: Some(period), send }))
    }

    /// Whether logs may still be audited.
    pub const fn is_auditable(&self, now: u64) -> bool {
        self.activated_at > 0 && now < self.ends_at.saturating_add(super::RETENTION_DAYS * DAY)
    }
}
