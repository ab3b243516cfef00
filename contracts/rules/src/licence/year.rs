//! A licence year with a guarantee (PAY-5): its record, and how a due that changes afterwards is counted in it.

use super::{
    Call, Id, Licence, Refusal, Store, Terms, add, least, less,
    store::{self, numbered, stored},
};
use crate::packed;

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
stored!(Year);

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

    /// Counts a due of the year that became `more` or `fewer` after the true-up; `excess` of it was paid too much. The
    /// year pays its guarantee or what it earned, whichever is more, and not both.
    ///
    /// # Errors
    /// [`Refusal::Overflow`].
    #[inline]
    pub fn count(&mut self, [more, fewer, excess]: [u128; 3]) -> Result<Counted, Refusal> {
        let before = less(self.guaranteed, self.earned);
        self.earned = less(add(self.earned, more)?, fewer);
        let after = less(self.guaranteed, self.earned);
        let (freed, lost) = (less(before, after), less(after, before));
        let (cancelled, kept) = (least(freed, self.owed), least(lost, excess));
        let (paid, lacking) = (less(freed, cancelled), less(lost, kept));
        self.topped_up = less(add(self.topped_up, kept)?, paid);
        self.owed = less(add(self.owed, lacking)?, cancelled);
        Ok(Counted { paid, kept, lacking, cancelled })
    }
}

/// What a due that changed after its year's true-up moved in that year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Of the due, what the year's shortfall had paid already.
    pub paid: u128,
    /// Of what was paid too much for the due, what the year's shortfall keeps.
    pub kept: u128,
    /// What the year owes more.
    pub lacking: u128,
    /// What it owes less.
    pub cancelled: u128,
}

impl Licence {
    /// Whether all licence years are trued up.
    pub const fn is_trued_up(&self, terms: &Terms) -> bool {
        terms.guarantee == 0 || self.next_year > self.last_year()
    }

    /// Of the escrow, what pays debts on anybody's word: all of it, once the licence is over and its years are trued
    /// up.
    pub const fn drawable(&self, terms: &Terms, now: u64) -> u128 {
        if self.is_over(now) && self.is_trued_up(terms) { self.escrow } else { 0 }
    }
}

/// What counting a changed due in its year brought about.
pub(crate) struct Recounted {
    /// Of what was added, what the year's shortfall paid before.
    pub(crate) paid: u128,
    /// When.
    pub(crate) paid_at: u64,
    /// Of what was paid too much, what the year does not need.
    pub(crate) excess: u128,
    /// The year and what it owes, where its default began or ended.
    pub(crate) year: Option<(u32, u128)>,
}

/// Counts a changed due in its licence year, where that is trued up already.
pub(crate) fn recount(
    store: &mut impl Store,
    call: &Call,
    licence: &mut Licence,
    number: u32,
    [more, fewer, excess]: [u128; 3],
) -> Result<Recounted, Refusal> {
    let nothing = Recounted { paid: 0, paid_at: 0, excess, year: None };
    let of = licence.year_of_quarter(number);
    if of >= licence.next_year {
        return Ok(nothing);
    }
    let mut year = Year::of(store, &call.licence, of);
    if year.trued_up_at == 0 {
        return Ok(nothing);
    }
    let Counted { paid, kept, lacking, cancelled } = year.count([more, fewer, excess])?;
    licence.owed = less(add(licence.owed, lacking)?, cancelled);
    let changed = (year.owed > 0) != (year.defaulted_at > 0);
    if changed && year.owed > 0 {
        year.defaulted_at = call.now;
        licence.add_default();
    } else if changed {
        year.defaulted_at = 0;
        licence.cure_default();
    }
    year.put(store, &call.licence, of);
    let told = changed.then_some((of, year.owed));
    Ok(Recounted { paid, paid_at: year.trued_up_at, excess: less(excess, kept), year: told })
}
