//! What agents and markets do with shares: freezing, forced transfers, recovery, reservations.

use ink::{env::emit_event_sol, sol::FixedBytes};
use yieldset_pool_core::{
    account::Account,
    events, keys,
    ledger::Ledger,
    refusals::{self, add, exact, narrow},
    roles,
    shares::{self, Kind, Logic},
};
use yieldset_rules::compliance::{HolderView, Locks};
use yieldset_shell::{
    access, host,
    words::{Address, Word},
};

use crate::events::{
    AccountRecovered, ForcedTransferred, Released, ReservationsEnded, Reserved, TokensFrozen, TokensUnfrozen,
};

/// The caller, who must have the role.
pub fn holder_of(role: &Word) -> Address {
    let caller = host::caller();
    refusals::permitted(access::check(role, &caller));
    caller
}

/// Freezes more of an account's shares.
pub fn freeze(account: &Address, amount: &Word) {
    holder_of(&roles::AGENT);
    let shares = narrow(amount);
    let mut record = Account::load(account);
    let frozen = add(record.restraints.frozen, shares);
    if frozen > record.holder.balance {
        refusals::insufficient_balance(account, record.holder.balance, amount);
    }
    record.restraints.frozen = frozen;
    record.save(account);
    emit_event_sol(TokensFrozen { user_address: (*account).into(), amount: shares.into() });
}

/// Unfreezes shares.
pub fn unfreeze(account: &Address, amount: &Word) {
    holder_of(&roles::AGENT);
    let shares = narrow(amount);
    let mut record = Account::load(account);
    let Some(frozen) = record.restraints.frozen.checked_sub(shares) else {
        refusals::insufficient_restraint(account, record.restraints.frozen, shares)
    };
    record.restraints.frozen = frozen;
    record.save(account);
    emit_event_sol(TokensUnfrozen { user_address: (*account).into(), amount: shares.into() });
}

/// Moves shares for a reason outside the contract. Frozen, locked and reserved shares may move: free ones first. What
/// then no longer is there is unfrozen, locks go with their shares, and where shares on offer are taken all of the
/// account's reservations end.
pub fn force(from: &Address, to: &Address, value: &Word, reason: &Word) {
    let agent = holder_of(&roles::AGENT);
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
        emit_event_sol(TokensUnfrozen { user_address: (*from).into(), amount: excess.into() });
    }
    ended(from, &record, seized);
    emit_event_sol(ForcedTransferred {
        from: (*from).into(),
        to: (*to).into(),
        value: narrow(value).into(),
        reason: FixedBytes(*reason),
        agent: agent.into(),
    });
}

/// Replaces a lost account: shares (those on offer too, whose orders are void then), restraints, unclaimed dividends
/// and all later payments go to the replacement.
pub fn recover(lost: &Address, replacement: &Address, reason: &Word) {
    let agent = holder_of(&roles::AGENT);
    if *replacement == [0; 20] || lost == replacement {
        refusals::invalid_receiver();
    }
    let known = host::read::<20>(&keys::successor(lost));
    if known.is_some_and(|known| known != *replacement) {
        refusals::already_recovered(lost);
    }
    // Nobody is paid by going in a circle.
    if host::read::<20>(&keys::successor(replacement)).is_some() {
        refusals::already_recovered(replacement);
    }
    let mut ledger = Ledger::load();
    shares::ask_recipient(&ledger, replacement);
    let (mut old, mut new) = (Account::load(lost), Account::load(replacement));
    let moved = old.holder.balance;
    let seized = if old.restraints.reserved != 0 { old.seize() } else { 0 };
    exact(old.holder.settle(ledger.index));
    let pending = old.holder.pending;
    if moved != 0 {
        // One goes, and one comes unless it was a holder before.
        ledger.holders = ledger.holders.saturating_sub(u32::from(new.holder.balance != 0));
        old.debit::<Logic>(lost, ledger.index, moved);
        new.credit::<Logic>(replacement, ledger.index, moved);
        ledger.save();
    }
    exact(new.holder.absorb(&mut old.holder, ledger.index));
    restrain(lost, &mut old, replacement, &mut new);
    old.restraints.recovered = true;
    old.save(lost);
    new.save(replacement);
    host::write(&keys::successor(lost), replacement);
    if moved != 0 {
        events::transfer(lost, replacement, moved);
    }
    ended(lost, &old, seized);
    emit_event_sol(AccountRecovered {
        lost: (*lost).into(),
        replacement: (*replacement).into(),
        shares: moved.into(),
        pending: pending.into(),
        reason: FixedBytes(*reason),
        agent: agent.into(),
    });
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

/// Ends all reservations of the caller's shares, which are free again; its orders of before are void by the count. So no
/// market keeps shares, whether it works, or has its role, or not. Orders can be taken back at any time besides.
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
        let seizures = record.restraints.seizures;
        emit_event_sol(ReservationsEnded { owner: (*owner).into(), value: seized.into(), seizures });
    }
}

/// Reserves free shares of an owner who allowed the market to take them. They stay the owner's and earn on.
pub fn reserve(owner: &Address, value: &Word) {
    let market = holder_of(&roles::MARKET);
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
        refusals::insufficient_balance(owner, free, value);
    }
    shares::ask_kyc(&ledger, owner);
    shares::spend(owner, &market, value);
    record.restraints.reserved = add(record.restraints.reserved, shares);
    record.save(owner);
    emit_event_sol(Reserved {
        owner: (*owner).into(),
        market: market.into(),
        value: shares.into(),
        reserved: record.restraints.reserved.into(),
    });
}

/// Gives reserved shares back to their owner: always possible, whatever became of owner or pool.
pub fn release(owner: &Address, value: &Word) {
    let market = holder_of(&roles::MARKET);
    let shares = narrow(value);
    let mut record = Account::load(owner);
    let Some(reserved) = record.restraints.reserved.checked_sub(shares) else {
        refusals::insufficient_restraint(owner, record.restraints.reserved, shares)
    };
    record.restraints.reserved = reserved;
    record.save(owner);
    released(owner, &market, shares, reserved);
}

/// Moves reserved shares to a buyer, who must be eligible as for any transfer.
pub fn deliver(from: &Address, to: &Address, value: &Word) {
    let market = holder_of(&roles::MARKET);
    let mut ledger = Ledger::load();
    shares::shift::<Logic>(&mut ledger, from, to, value, Kind::Delivery, None);
    released(from, &market, narrow(value), Account::load(from).restraints.reserved);
}

fn released(owner: &Address, market: &Address, shares: u128, reserved: u128) {
    emit_event_sol(Released {
        owner: (*owner).into(),
        market: (*market).into(),
        value: shares.into(),
        reserved: reserved.into(),
    });
}
