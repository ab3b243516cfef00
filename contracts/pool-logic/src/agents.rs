//! What agents and markets do with shares: freezing, forced transfers, recovery, reservations.

use yieldset_pool_core::{
    account::Account,
    events::Transfer,
    keys,
    ledger::Ledger,
    refusals::{
        AlreadyRecovered, ERC20InsufficientBalance, ERC20InvalidReceiver, InsufficientRestraint, Overflow, add, narrow,
    },
    roles::{AGENT, MARKET},
    shares::{self, Kind, Logic},
};
use yieldset_rules::compliance::{HolderView, Locks};
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    roles::only,
    words::{Address, Word},
};

use crate::events::{
    AccountRecovered, ForcedTransferred, Released, ReservationsEnded, Reserved, TokensFrozen, TokensUnfrozen,
};

/// Freezes more of an account's shares.
pub fn freeze(account: &Address, amount: &Word) {
    only(&AGENT);
    let shares = narrow(amount);
    let mut record = Account::load(account);
    let frozen = add(record.restraints.frozen, shares);
    if frozen > record.holder.balance {
        ERC20InsufficientBalance { sender: account, balance: record.holder.balance, needed: amount }.refuse();
    }
    record.restraints.frozen = frozen;
    record.save(account);
    TokensFrozen { user_address: account, amount: shares }.emit();
}

/// Unfreezes shares.
pub fn unfreeze(account: &Address, amount: &Word) {
    only(&AGENT);
    let shares = narrow(amount);
    let mut record = Account::load(account);
    record.restraints.frozen = less(account, record.restraints.frozen, shares);
    record.save(account);
    TokensUnfrozen { user_address: account, amount: shares }.emit();
}

/// Moves shares for a reason outside the contract. Frozen, locked and reserved shares may move: free ones first. What
/// then no longer is there is unfrozen, locks go with their shares, and where shares on offer are taken all of the
/// account's reservations end.
pub fn force(from: &Address, to: &Address, value: &Word, reason: &Word) {
    let agent = only(&AGENT);
    let mut ledger = Ledger::load();
    shares::shift::<Logic>(&mut ledger, from, to, value, Kind::Forced, None);
    let mut record = Account::load(from);
    let left = record.holder.balance;
    let excess = record.restraints.frozen.saturating_sub(left);
    record.restraints.frozen = record.restraints.frozen.saturating_sub(excess);
    let seized = if record.restraints.reserved > left { record.seize() } else { 0 };
    let mut locks = record.locks(from);
    // Locked shares leave before those on offer, which are others.
    let gone = locks.leave(left.saturating_sub(record.restraints.reserved), host::now());
    if gone != Locks::default() {
        record.set_locks(from, &locks);
        lock(to, &gone);
    }
    record.save(from);
    if excess != 0 {
        TokensUnfrozen { user_address: from, amount: excess }.emit();
    }
    ended(from, &record, seized);
    ForcedTransferred { from, to, value, reason, agent }.emit();
}

/// Replaces a lost account: shares (those on offer too, whose orders are void then), restraints, unclaimed dividends
/// and all later payments go to the replacement.
pub fn recover(lost: &Address, replacement: &Address, reason: &Word) {
    let agent = only(&AGENT);
    if *replacement == [0; 20] || lost == replacement {
        ERC20InvalidReceiver { receiver: &[0; 20] }.refuse();
    }
    let known = host::read::<20>(&keys::successor(lost));
    if known.is_some_and(|known| known != *replacement) {
        AlreadyRecovered { account: lost }.refuse();
    }
    // Nobody is paid by going in a circle.
    if host::read::<20>(&keys::successor(replacement)).is_some() {
        AlreadyRecovered { account: replacement }.refuse();
    }
    let mut ledger = Ledger::load();
    shares::ask_recipient(&ledger, replacement);
    let (mut old, mut new) = (Account::load(lost), Account::load(replacement));
    let moved = old.holder.balance;
    let seized = if old.restraints.reserved != 0 { old.seize() } else { 0 };
    old.holder.settle(ledger.index).or_refuse(Overflow {});
    let pending = old.holder.pending;
    if moved != 0 {
        // One goes, and one comes unless it was a holder before.
        ledger.holders = ledger.holders.saturating_sub(u32::from(new.holder.balance != 0));
        old.debit::<Logic>(lost, ledger.index, moved);
        new.credit::<Logic>(replacement, ledger.index, moved);
    }
    ledger.note_recovered(lost);
    ledger.save();
    new.holder.absorb(&mut old.holder, ledger.index).or_refuse(Overflow {});
    restrain(lost, &mut old, replacement, &mut new);
    old.restraints.recovered = true;
    old.save(lost);
    new.save(replacement);
    host::write(&keys::successor(lost), replacement);
    if moved != 0 {
        Transfer { from: lost, to: replacement, value: moved }.emit();
    }
    ended(lost, &old, seized);
    AccountRecovered { lost, replacement, shares: moved, pending, reason, agent }.emit();
}

/// Restraints go with the shares, all of which have moved: a recovery is no way out of a freeze or a lock-up.
fn restrain(lost: &Address, old: &mut Account, replacement: &Address, new: &mut Account) {
    let frozen = core::mem::take(&mut old.restraints.frozen);
    new.restraints.frozen = add(new.restraints.frozen, frozen);
    let moved = old.locks(lost);
    if moved != Locks::default() {
        old.set_locks(lost, &Locks::default());
        let mut locks = new.locks(replacement);
        locks.join(&moved, host::now());
        new.set_locks(replacement, &locks);
    }
}

/// Locks shares of an account that came to it locked.
fn lock(account: &Address, arrived: &Locks) {
    let mut record = Account::load(account);
    let mut locks = record.locks(account);
    locks.join(arrived, host::now());
    record.set_locks(account, &locks);
    record.save(account);
}

/// Ends all reservations of the caller's shares, which are free again; its orders of before are void by the count. So
/// no market keeps shares, whether it works, or has its role, or not. Orders can be taken back at any time besides.
pub fn end_reservations(owner: &Address) {
    let mut record = Account::load(owner);
    if record.restraints.reserved != 0 {
        let freed = record.seize();
        record.save(owner);
        ended(owner, &record, freed);
    }
}

/// Tells that an account's reservations ended.
fn ended(owner: &Address, record: &Account, seized: u128) {
    if seized != 0 {
        ReservationsEnded { owner, value: seized, seizures: record.restraints.seizures }.emit();
    }
}

/// Reserves free shares of an owner who allowed the market to take them. They stay the owner's and earn on.
pub fn reserve(owner: &Address, value: &Word) {
    let market = only(&MARKET);
    let ledger = Ledger::load();
    ledger.running();
    let shares = narrow(value);
    let mut record = Account::load(owner);
    let view = HolderView {
        balance: record.holder.balance,
        frozen: record.restraints.frozen,
        reserved: record.restraints.reserved,
        lock: record.locks(owner).whole(host::now()),
    };
    let free = view.free(host::now());
    if free < shares || record.restraints.recovered {
        ERC20InsufficientBalance { sender: owner, balance: free, needed: value }.refuse();
    }
    shares::ask_kyc(&ledger, owner);
    shares::spend(owner, &market, value);
    record.restraints.reserved = add(record.restraints.reserved, shares);
    record.save(owner);
    Reserved { owner, market: &market, value: shares, reserved: record.restraints.reserved }.emit();
}

/// Gives reserved shares back to their owner: always possible, whatever became of owner or pool.
pub fn release(owner: &Address, value: &Word) {
    let market = only(&MARKET);
    let shares = narrow(value);
    let mut record = Account::load(owner);
    let reserved = less(owner, record.restraints.reserved, shares);
    record.restraints.reserved = reserved;
    record.save(owner);
    Released { owner, market: &market, value: shares, reserved }.emit();
}

/// Moves reserved shares to a buyer, who must be eligible as for any transfer.
pub fn deliver(from: &Address, to: &Address, value: &Word) {
    let market = only(&MARKET);
    let mut ledger = Ledger::load();
    shares::shift::<Logic>(&mut ledger, from, to, value, Kind::Delivery, None);
    let reserved = Account::load(from).restraints.reserved;
    Released { owner: from, market: &market, value: narrow(value), reserved }.emit();
}

/// What is left of the shares that something keeps, of which there must be so many.
fn less(account: &Address, has: u128, needed: u128) -> u128 {
    has.checked_sub(needed).or_refuse(InsufficientRestraint { account, has, needed })
}
