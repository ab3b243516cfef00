//! Where dividends and contributions stand. Contributors' claims themselves are code of its own
//! (`yieldset-pool-claims`).

use yieldset_pool_core::{
    account::{Account, payee},
    books::Book,
    claims::{State, payable},
    ledger::Ledger,
    money,
    refusals::{Overflow, add},
    shares::Logic,
};
use yieldset_rules::contribution::Period;
use yieldset_shell::{
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
    let (ledger, mut sum) = (Ledger::load(), 0);
    each(&ledger, stream, period, |book| sum = add(sum, book.taken(account).claimed));
    sum
}

/// The contributors' money of a period, in all its books.
pub fn period(stream: &Word, number: u32) -> Period {
    let mut sum = Period::default();
    each(&Ledger::load(), stream, number, |book| {
        let Period { total, claimed, weight_claimed } = book.money();
        sum.total = add(sum.total, total);
        sum.claimed = add(sum.claimed, claimed);
        sum.weight_claimed = sum.weight_claimed.saturating_add(weight_claimed);
    });
    sum
}

fn each(ledger: &Ledger, stream: &Word, period: u32, mut act: impl FnMut(&Book<'_>)) {
    let mut next = Some(Book::first(stream, period));
    while let Some(book) = next {
        act(&book);
        next = book.next(ledger);
    }
}
