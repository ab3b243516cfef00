//! Views that are more than one record's field.

use yieldset_pool_core::{
    account::Account,
    ledger::Ledger,
    refusals::{ERC5805FutureLookup, Overflow, narrow},
    shares::{self, Kind, Logic, Rare},
};
use yieldset_rules::compliance::Restriction;
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Address, Word, number_of, number_word},
};

/// `(open, minLevel, accreditedOnly, allowList, jurisdictions, maxHolders, maxHolding, lockupSeconds)`.
pub fn policy(ledger: &Ledger) -> [Word; 11] {
    let p = ledger.policy();
    let mut words = [[0; 32]; 11];
    for (at, number) in
        [ledger.open().into(), p.min_level, p.accredited_only.into(), p.allow_list.into()].iter().enumerate()
    {
        words[at][31] = *number;
    }
    words[4..8].as_flattened_mut().copy_from_slice(&p.jurisdictions);
    words[8] = number_word(p.max_holders.into());
    words[9] = number_word(p.max_holding);
    words[10] = number_word(p.lockup_seconds.into());
    words
}

/// The code that a movement would be refused with.
pub fn detect(from: &Address, to: &Address, amount: &Word) -> u8 {
    let ledger = Ledger::load();
    let recipient = Account::load(to);
    let sender = (*from != [0; 20]).then(|| Account::load(from));
    let sender = sender.as_ref().map(|account| (from, account, Logic::lock(&ledger, from, account, &recipient)));
    shares::restriction(&ledger, sender, (to, &recipient), narrow(amount), Kind::Ordinary)
}

/// Dividends an account could claim now.
pub fn claimable(account: &Address) -> u128 {
    Account::load(account).holder.claimable(Ledger::load().index).or_refuse(Overflow {})
}

/// A second that is over.
pub fn past(timepoint: &Word) -> u64 {
    let clock = host::now();
    match number_of(timepoint).and_then(|second| u64::try_from(second).ok()) {
        Some(second) if second < clock => second,
        _ => ERC5805FutureLookup { timepoint, clock }.refuse(),
    }
}

/// The money's figures.
pub fn totals() -> [u128; 7] {
    let ledger = Ledger::load();
    [
        // Each deposit was below 2^128 and both legs were added without overflow; their sum may only wrap after 2^128
        // units.
        ledger.to_holders.wrapping_add(ledger.to_contributors),
        ledger.to_holders,
        ledger.to_contributors,
        ledger.claimed_by_holders,
        ledger.claimed_by_contributors,
        ledger.index,
        ledger.carry,
    ]
}

/// `(frozen, reserved, locked, lockedUntil, recovered)`, of which locks count as they are now.
pub fn restraints(account: &Address) -> [u128; 5] {
    let record = Account::load(account);
    let (r, lock) = (record.restraints, record.locks(account).whole(host::now()));
    [r.frozen, r.reserved, lock.amount, lock.until.into(), r.recovered.into()]
}

/// Why an account may not sell, be paid or vote here now, as an ERC-1404 code; zero where it may. A recovered account's
/// part is its successor's.
pub fn screened(account: &Address) -> u8 {
    if Account::load(account).restraints.recovered {
        return Restriction::SenderFrozen as u8;
    }
    shares::screened_at_most(&Ledger::load(), account)
}
