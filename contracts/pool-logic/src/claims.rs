//! Where dividends and contributions stand. Contributors' claims themselves are code of its own
//! (`yieldset-pool-claims`).

use yieldset_pool_core::{
    account::{Account, payee},
    claims::{State, payable},
    keys,
    ledger::Ledger,
    money,
    refusals::Overflow,
    shares::Logic,
};
use yieldset_rules::contribution::Contribution;
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Address, Word},
};

/// Pays an account's dividends, to it or to whom it was recovered to.
pub fn claim(account: &Address) -> u128 {
    let record = Account::load(account);
    money::claim::<Logic>(&mut Ledger::load(), account, record, &payee(account))
}

/// Where an account's dividends stand.
pub fn dividend_state(account: &Address) -> (State, u128) {
    let ledger = Ledger::load();
    let record = Account::load(account);
    match record.holder.claimable(ledger.index).or_refuse(Overflow {}) {
        0 if record.restraints.paid => (State::Paid, 0),
        0 => (State::Nothing, 0),
        owed if payable(&ledger, account, owed) => (State::Payable, owed),
        owed => (State::Held, owed),
    }
}

/// What an account took of a period.
pub fn claimed(account: &Address, stream: &Word, period: u32) -> u128 {
    host::read(&keys::contribution(stream, period, account))
        .map_or(0, |stored| Contribution::from_bytes(&stored).claimed)
}
