//! What agents and markets do with shares: freezing, forced transfers, recovery, reservations.

use ink::{env::emit_event_sol, sol::FixedBytes};
use yieldset_pool_core::{
    account::Account,
    events, keys,
    ledger::Ledger,
    refusals::{self, add, exact, narrow},
    roles,
    shares::{self, Kind},
};
use yieldset_rules::compliance::HolderView;
use yieldset_shell::{
    access, host,
    words::{Address, Word},
};

use crate::events::{AccountRecovered, ForcedTransferred, Released, Reserved, TokensFrozen, TokensUnfrozen};

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

/// Moves shares for a reason outside the contract. Frozen and locked shares may move; what then no longer is there is
/// unfrozen.
pub fn force(from: &Address, to: &Address, value: &Word, reason: &Word) {
    let agent = holder_of(&roles::AGENT);
    let mut ledger = Ledger::load();
    shares::shift(&mut ledger, from, to, value, Kind::Forced);
    let mut record = Account::load(from);
    let excess = record.restraints.frozen.saturating_sub(record.holder.balance);
    if excess != 0 {
        record.restraints.frozen = record.holder.balance;
        record.save(from);
        emit_event_sol(TokensUnfrozen { user_address: (*from).into(), amount: excess.into() });
    }
    emit_event_sol(ForcedTransferred {
        from: (*from).into(),
        to: (*to).into(),
        value: narrow(value).into(),
        reason: FixedBytes(*reason),
        agent: agent.into(),
    });
}

/// Replaces a lost account: shares (but those reserved for orders, which follow when this is repeated after their
/// release), restraints, unclaimed dividends and all later payments go to the replacement.
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
    let moved = old.holder.balance.saturating_sub(old.restraints.reserved);
    exact(old.holder.settle(ledger.index));
    let pending = old.holder.pending;
    if moved != 0 {
        let counted = u32::from(old.holder.balance == moved);
        ledger.holders = ledger.holders.saturating_sub(counted).saturating_add(u32::from(new.holder.balance == 0));
        old.debit(lost, ledger.index, moved);
        new.credit(replacement, ledger.index, moved);
        ledger.save();
    }
    exact(new.holder.absorb(&mut old.holder, ledger.index));
    restrain(&mut old, &mut new, moved);
    old.restraints.recovered = true;
    old.save(lost);
    new.save(replacement);
    host::write(&keys::successor(lost), replacement);
    if moved != 0 {
        events::transfer(lost, replacement, moved);
    }
    emit_event_sol(AccountRecovered {
        lost: (*lost).into(),
        replacement: (*replacement).into(),
        shares: moved.into(),
        pending: pending.into(),
        reason: FixedBytes(*reason),
        agent: agent.into(),
    });
}

/// Restraints go with the shares: a recovery is no way out of a freeze or a lock-up.
fn restrain(old: &mut Account, new: &mut Account, moved: u128) {
    let frozen = old.restraints.frozen.min(moved);
    old.restraints.frozen = old.restraints.frozen.saturating_sub(frozen);
    new.restraints.frozen = add(new.restraints.frozen, frozen);
    let now = host::now();
    let locked = old.restraints.lock.at(now).min(moved);
    if locked != 0 {
        let joined = add(new.restraints.lock.at(now), locked);
        new.restraints.lock.until = new.restraints.lock.until.max(old.restraints.lock.until);
        new.restraints.lock.amount = joined;
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
        lock: record.restraints.lock,
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
    shares::shift(&mut ledger, from, to, value, Kind::Delivery);
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
