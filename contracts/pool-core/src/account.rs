//! A holder's record: shares, dividends, restraints and the newest checkpoints, in one storage slot.

use yieldset_rules::{
    checkpoints::{self, Trace},
    compliance::{Lock, Locks},
    dividends::Holder,
    packed,
    packed::Field,
    votes::Delegation,
};
use yieldset_shell::{host, refusals::OrRefuse, words::Address};

use crate::{keys, refusals::Overflow, shares::Rare};

/// What keeps shares of a holder from moving.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restraints {
    /// Frozen by an agent.
    pub frozen: u128,
    /// Reserved for orders on a market: still the holder's, earning dividends, moved by the market alone.
    pub reserved: u128,
    /// Newly issued shares: at most so many, until so long; exactly is [`Account::locks`].
    pub lock: Lock,
    /// The account was recovered: what it is still owed goes to its successor.
    pub recovered: bool,
    /// Dividends have been paid to it before.
    pub paid: bool,
    /// A [`Delegation`]: whether its shares vote for another account.
    pub delegation: u8,
    /// How often all reservations of before were ended: an agent took reserved shares, or their holder freed them.
    pub seizures: u32,
    /// There are several locks, of which `lock` has the sum and the last end.
    pub several: bool,
}

packed!(Restraints {
    frozen: u128,
    reserved: u128,
    lock: Lock,
    recovered: bool,
    paid: bool,
    delegation: u8,
    seizures: u32,
    several: bool
});

impl Restraints {
    /// Whether its shares vote for another account, or did.
    pub fn delegation(&self) -> Delegation {
        Delegation::from_byte(self.delegation)
    }

    /// Whether its shares vote for another account now.
    pub fn is_delegated(&self) -> bool {
        self.delegation() == Delegation::Away
    }

    /// The account's lock, where it has no more than one; else only the logic knows how much is locked now.
    pub fn only_lock(&self) -> Option<Lock> {
        if self.several && self.lock.at(host::now()) != 0 { None } else { Some(self.lock) }
    }
}

/// A holder.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// Shares and dividends.
    pub holder: Holder,
    /// What may not move.
    pub restraints: Restraints,
    /// The whole record as stored; of it, the balance at past blocks is kept here alone.
    trace: Trace<MAX_LEN>,
}

const HEAD: usize = Holder::LEN + Restraints::LEN;
const MAX_LEN: usize = HEAD + checkpoints::MAX_LEN;

/// All of it must fit one storage value.
const _: () = assert!(MAX_LEN <= 416);

impl Account {
    /// Loads an account; nothing stored is an account without shares.
    #[inline(never)]
    pub fn load(account: &Address) -> Self {
        let trace = Trace::read(|record| host::read_into(&keys::account(account), record));
        let (holder, restraints) = trace.head().split_at(Holder::LEN);
        Self { holder: Holder::get(holder), restraints: Restraints::get(restraints), trace }
    }

    /// Stores it.
    #[inline(never)]
    pub fn save(&mut self, account: &Address) {
        let (holder, restraints) = self.trace.head_mut().split_at_mut(Holder::LEN);
        self.holder.put(holder);
        self.restraints.put(restraints);
        host::write(&keys::account(account), self.trace.as_bytes());
    }

    /// Gives shares, settling first.
    pub fn credit<R: Rare>(&mut self, account: &Address, index: u128, shares: u128) {
        let before = self.holder.balance;
        self.holder.credit(index, shares).or_refuse(Overflow {});
        self.checkpoint::<R>(account, before);
    }

    /// Takes shares, settling first. The caller has checked the balance.
    pub fn debit<R: Rare>(&mut self, account: &Address, index: u128, shares: u128) {
        let before = self.holder.balance;
        self.holder.debit(index, shares).or_refuse(Overflow {});
        self.checkpoint::<R>(account, before);
    }

    /// Its locks now.
    #[inline(never)]
    pub fn locks(&self, account: &Address) -> Locks {
        match self.restraints.only_lock() {
            Some(lock) if lock.at(host::now()) == 0 => Locks::default(),
            Some(lock) => Locks::one(lock),
            None => Locks::from_bytes(&host::read(&keys::locks(account)).unwrap_or([0; Locks::LEN])),
        }
    }

    /// Sets them. The caller saves the account.
    pub fn set_locks(&mut self, account: &Address, locks: &Locks) {
        if locks.is_several() {
            host::write(&keys::locks(account), &locks.to_bytes());
        } else if self.restraints.several {
            host::clear(&keys::locks(account));
        }
        self.restraints.several = locks.is_several();
        self.restraints.lock = locks.whole(host::now());
    }

    /// Ends all reservations: an agent takes shares that were on offer, or their holder frees them. Orders of before
    /// are void by the count. How many shares were reserved.
    pub fn seize(&mut self) -> u128 {
        self.restraints.seizures = self.restraints.seizures.saturating_add(1);
        core::mem::take(&mut self.restraints.reserved)
    }

    /// Balance at the end of a past second.
    pub fn balance_at(&self, account: &Address, second: u64) -> u128 {
        self.trace
            .at(second, |page| host::read(&keys::account_page(account, page)).unwrap_or([0; checkpoints::PAGE_LEN]))
    }

    #[inline(never)]
    fn checkpoint<R: Rare>(&mut self, account: &Address, before: u128) {
        if let Some((number, page)) = self.trace.record(host::now(), self.holder.balance) {
            host::write(&keys::account_page(account, number), &page);
        }
        if self.restraints.is_delegated() {
            R::moved(account, before, self.holder.balance);
        }
    }
}

/// Where the payments of an account go: to itself, or to whom it was recovered to.
pub fn payee(account: &Address) -> Address {
    let mut payee = *account;
    // A chain of recoveries is as long as the number of times somebody lost a key, and no circle: a successor has none
    // itself when it becomes one, and whoever was recovered becomes none.
    while let Some(next) = host::read(&keys::successor(&payee)) {
        payee = next;
    }
    payee
}
