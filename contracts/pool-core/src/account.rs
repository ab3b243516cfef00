//! A holder's record: shares, dividends, restraints and the newest checkpoints, in one storage slot.

use yieldset_rules::{
    checkpoints::{self, Trace},
    compliance::Lock,
    dividends::Holder,
    packed,
    packed::Field,
    votes::Delegation,
};
use yieldset_shell::{host, words::Address};

use crate::{delegation, keys, refusals::exact};

/// What keeps shares of a holder from moving.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restraints {
    /// Frozen by an agent.
    pub frozen: u128,
    /// Reserved for orders on a market: still the holder's, earning dividends, moved by the market alone.
    pub reserved: u128,
    /// Newly issued shares.
    pub lock: Lock,
    /// The account was recovered: what it is still owed goes to its successor.
    pub recovered: bool,
    /// Dividends have been paid to it before.
    pub paid: bool,
    /// A [`Delegation`]: whether its shares vote for another account.
    pub delegation: u8,
}

packed!(Restraints { frozen: u128, reserved: u128, lock: Lock, recovered: bool, paid: bool, delegation: u8 });

impl Restraints {
    /// Whether its shares vote for another account.
    pub fn delegation(&self) -> Delegation {
        Delegation::from_byte(self.delegation)
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
    pub fn credit(&mut self, account: &Address, index: u128, shares: u128) {
        let before = self.holder.balance;
        exact(self.holder.credit(index, shares));
        self.checkpoint(account, before);
    }

    /// Takes shares, settling first. The caller has checked the balance.
    pub fn debit(&mut self, account: &Address, index: u128, shares: u128) {
        let before = self.holder.balance;
        exact(self.holder.debit(index, shares));
        self.checkpoint(account, before);
    }

    /// Balance at the end of a past second.
    pub fn balance_at(&self, account: &Address, second: u64) -> u128 {
        self.trace
            .at(second, |page| host::read(&keys::account_page(account, page)).unwrap_or([0; checkpoints::PAGE_LEN]))
    }

    #[inline(never)]
    fn checkpoint(&mut self, account: &Address, before: u128) {
        if let Some((number, page)) = self.trace.record(host::now(), self.holder.balance) {
            host::write(&keys::account_page(account, number), &page);
        }
        if self.restraints.delegation() == Delegation::Away {
            delegation::moved(account, before, self.holder.balance);
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
