//! The books of a (stream, period): the contributors' money in it, and the root that it is paid by once that is final.
//!
//! There is one, as long as the pool keeps its registry of reports. A root that was kept is for the money of its book,
//! for good; once another registry was adopted since, what comes in goes into the next book, which is paid by what that
//! registry says. All but the last book have a root of their own, and a claim is paid out of each that its proof leads
//! to.

use yieldset_rules::{
    contribution::{Contribution, Period},
    waiting::{binding, is_past},
};
use yieldset_shell::{
    host,
    words::{Address, Word},
};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes};

use crate::{keys, ledger::Ledger, refusals::add};

/// A book as stored, which is as it lies in memory.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
pub struct PeriodRecord {
    total: u128,
    claimed: u128,
    weight_claimed: u64,
    /// The root's [`binding`]; zero until it is kept.
    binding: u64,
    /// Root over (contributor, weight) of the final report; zero until it is kept.
    root: Word,
}

/// One book of a (stream, period).
#[derive(Debug, Clone, Copy)]
pub struct Book<'a> {
    stream: &'a Word,
    period: u32,
    /// How many there are before it.
    number: u32,
    record: PeriodRecord,
}

impl<'a> Book<'a> {
    /// The first, and almost always the only one; nothing stored is a period without money.
    #[inline(never)]
    pub fn first(stream: &'a Word, period: u32) -> Self {
        Self { stream, period, number: 0, record: PeriodRecord::load(&keys::period(stream, period)) }
    }

    /// The one after this.
    #[inline(never)]
    fn after(&self) -> Self {
        let Self { stream, period, number, .. } = *self;
        // Adoptions are thirty days apart at least.
        let number = number.saturating_add(1);
        Self { number, record: PeriodRecord::load(&keys::later_period(stream, period, number)), ..*self }
    }

    /// The one that takes money now.
    #[inline(never)]
    pub fn current(ledger: &Ledger, stream: &'a Word, period: u32) -> Self {
        let mut book = Self::first(stream, period);
        while book.is_past(ledger) {
            book = book.after();
        }
        book
    }

    /// The one after this, where there is one that money came into.
    pub fn next(&self, ledger: &Ledger) -> Option<Self> {
        if !self.is_past(ledger) {
            return None;
        }
        let next = self.after();
        (next.record.total != 0).then_some(next)
    }

    /// Whether it takes no money any more.
    pub fn is_past(&self, ledger: &Ledger) -> bool {
        is_past(self.record.binding, ledger.adopted)
    }

    /// Which (stream, period) it is of.
    pub fn place(&self) -> (&'a Word, u32) {
        (self.stream, self.period)
    }

    /// Stores it, where it is the first.
    #[inline(never)]
    pub fn save_first(&self) {
        self.record.save(&keys::period(self.stream, self.period));
    }

    /// Stores it.
    #[inline(never)]
    pub fn save(&self) {
        match self.number {
            0 => self.save_first(),
            number => self.record.save(&keys::later_period(self.stream, self.period, number)),
        }
    }

    /// The root that it is paid by; zero until it is kept.
    pub fn root(&self) -> Word {
        self.record.root
    }

    /// Whether its root is kept: it is paid by nothing else.
    pub fn is_bound(&self) -> bool {
        self.record.root != [0; 32]
    }

    /// Its root from now on.
    pub fn bind(&mut self, ledger: &Ledger, root: Word) {
        (self.record.root, self.record.binding) = (root, binding(ledger.adopted));
    }

    /// Money that came in.
    pub fn put(&mut self, amount: u128) {
        self.record.total = add(self.record.total, amount);
    }

    /// Money and claimed weights.
    pub fn money(&self) -> Period {
        let PeriodRecord { total, claimed, weight_claimed, .. } = self.record;
        Period { total, claimed, weight_claimed }
    }

    /// Sets them.
    pub fn set_money(&mut self, money: &Period) {
        let record = &mut self.record;
        (record.total, record.claimed, record.weight_claimed) = (money.total, money.claimed, money.weight_claimed);
    }

    /// What an account took of it.
    #[inline(never)]
    pub fn taken(&self, account: &Address) -> Contribution {
        let Self { stream, period, number, .. } = *self;
        let stored = match number {
            0 => host::read(&keys::contribution(stream, period, account)),
            number => host::read(&keys::later_contribution(stream, period, number, account)),
        };
        stored.map(|stored| Contribution::from_bytes(&stored)).unwrap_or_default()
    }

    /// Keeps that.
    #[inline(never)]
    pub fn set_taken(&self, account: &Address, taken: &Contribution) {
        let Self { stream, period, number, .. } = *self;
        let bytes = taken.to_bytes();
        match number {
            0 => host::write(&keys::contribution(stream, period, account), &bytes),
            number => host::write(&keys::later_contribution(stream, period, number, account), &bytes),
        }
    }
}

impl PeriodRecord {
    fn load(key: &[u8]) -> Self {
        let mut record = Self::new_zeroed();
        let _ = host::read_into(key, record.as_mut_bytes());
        record
    }

    fn save(&self, key: &[u8]) {
        host::write(key, self.as_bytes());
    }
}
