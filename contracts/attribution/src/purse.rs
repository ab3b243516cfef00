//! Bonds: what a dispute costs, taking it, and paying it out. They are in the pool's own currency, since that is what
//! the disputed report gives away.
//!
//! The pool is asked read-only for its currency and money. One that does not answer has none to contest: then the least
//! bond is due, in the chain's own money.

use ink::{codegen::sol::selector_bytes, prelude::vec::Vec};
use yieldset_rules::dispute::{Account, Standing, Verdict, scaled};
use yieldset_shell::{
    erc20, host,
    words::{Word, address_of, is_zero, number_of, number_word},
};

use crate::{
    errors::{Error, fits, refuse},
    events,
    store::{self, Config, Reported},
};

/// The chain's own money, as a currency.
const NATIVE: Account = [0; 20];

const CURRENCY: [u8; 4] = selector_bytes("currency()");
const DECIMALS: [u8; 4] = selector_bytes("decimals()");
const PERIOD_OF: [u8; 4] = selector_bytes("periodOf(bytes32,uint32)");
/// The pool's licence contract.
pub const LICENCES: [u8; 4] = selector_bytes("licences()");
const DUES_FOR: [u8; 4] = selector_bytes("duesFor(bytes32,uint32,uint256,uint64)");
const DEPOSIT: [u8; 4] = selector_bytes("deposit(bytes32,uint32,uint256)");

/// Which (stream, period) of which pool.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The pool.
    pub pool: &'a Account,
    /// Licence stream.
    pub stream: &'a Word,
    /// Accounting period.
    pub period: u32,
}

impl Place<'_> {
    /// Key of what is known of the period.
    pub fn key(&self) -> [u8; 60] {
        store::period_key(self.pool, self.stream, self.period)
    }

    /// The pool's currency; the chain's own money where it does not say.
    #[inline(never)]
    pub fn currency(&self) -> Account {
        ask::<1>(self.pool, CURRENCY, &[]).and_then(|[word]| address_of(&word)).unwrap_or_default()
    }

    /// Currency and bond of the next dispute of this report: a part of the contributors' money there and of the dues
    /// that the report implies, by the pool's licence contract where it has one that can say.
    pub fn price(&self, config: &Config, reported: &Reported) -> (Account, u128) {
        let currency = self.currency();
        let period = number_word(self.period.into());
        let money = match ask::<3>(self.pool, PERIOD_OF, &[*self.stream, period]) {
            Some([total, claimed, _]) => {
                number_of(&total).unwrap_or(0).saturating_sub(number_of(&claimed).unwrap_or(0))
            }
            None => 0,
        };
        let decimals = || ask::<1>(&currency, DECIMALS, &[]).and_then(|[word]| number_of(&word)).unwrap_or(18);
        let decimals = if is_zero(&currency) { 18 } else { u8::try_from(decimals()).unwrap_or(18) };
        let mut terms = config.bonds();
        terms.minimum = fits(scaled(terms.minimum, decimals));
        let contested = money.saturating_add(self.dues(period, reported));
        (currency, fits(terms.bond(contested, reported.standing.disputes)))
    }

    fn dues(&self, period: Word, reported: &Reported) -> u128 {
        let licences = ask::<1>(self.pool, LICENCES, &[]).and_then(|[word]| address_of(&word)).unwrap_or_default();
        if is_zero(&licences) {
            return 0;
        }
        let figures = [reported.figures.attributed_tokens, reported.figures.qualifying_calls];
        let [tokens, calls] = figures.map(|figure| number_word(figure.into()));
        let dues = ask::<1>(&licences, DUES_FOR, &[*self.stream, period, tokens, calls]);
        dues.and_then(|[word]| number_of(&word)).unwrap_or(0)
    }

    /// Pays a dispute's bonds out: each account is owed its own, and what goes to the period is deposited in the pool.
    /// A pool that does not take it stops no ruling: then it is kept for the period, and anybody can try again.
    pub fn settle(&self, standing: &Standing, verdict: &Verdict) {
        let currency = &standing.currency;
        let all = verdict.challenger.checked_add(verdict.defender).and_then(|sum| sum.checked_add(verdict.period));
        book(currency, 0, fits(all), 0);
        owe(currency, &standing.challenger, verdict.challenger);
        owe(currency, &standing.defender, verdict.defender);
        if verdict.period != 0 {
            let rest = verdict.period - self.deposit(currency, verdict.period);
            if rest != 0 {
                let kept = fits(store::kept(self, currency).checked_add(rest));
                store::set_kept(self, currency, kept);
                events::bond_moved(events::topic::KEPT, self, currency, rest, kept);
            }
        }
    }

    /// Tries again to bring the period what is kept for it; how much the pool took. What money came with the call is
    /// the caller's afterwards.
    #[inline(never)]
    pub fn deliver(&self) -> u128 {
        let currency = &self.currency();
        let kept = store::kept(self, currency);
        if kept == 0 {
            refuse(Error::NothingKept((*self.stream).into(), self.period));
        }
        let sent = fits(host::transferred());
        book(&NATIVE, sent, sent, 0);
        owe(&NATIVE, &host::caller(), sent);
        let took = self.deposit(currency, kept);
        if took == 0 {
            refuse(Error::PoolRefused((*self.pool).into()));
        }
        store::set_kept(self, currency, kept - took);
        events::bond_moved(events::topic::DELIVERED, self, currency, took, kept - took);
        took
    }

    /// Deposits money of the period into the pool; how much of it the pool took, which is booked.
    #[inline(never)]
    fn deposit(&self, currency: &Account, amount: u128) -> u128 {
        let took = self.offer(currency, amount).min(amount);
        book(currency, 0, 0, took);
        took
    }

    fn offer(&self, currency: &Account, amount: u128) -> u128 {
        let input = message(DEPOSIT, &[*self.stream, number_word(self.period.into()), number_word(amount)]);
        if is_zero(currency) {
            // An address without code would keep the money.
            let taken = host::code_size(self.pool) != 0 && host::call(self.pool, amount, false, &input, &mut []);
            return if taken { amount } else { 0 };
        }
        let own = host::own_address();
        let Some(before) = erc20::balance(currency, &own) else { return 0 };
        if !erc20::approve(currency, self.pool, amount) {
            return 0;
        }
        let _ = host::call(self.pool, 0, false, &input, &mut []);
        let took = before.saturating_sub(erc20::balance(currency, &own).unwrap_or(before));
        if took < amount {
            let _ = erc20::approve(currency, self.pool, 0);
        }
        took
    }
}

/// Books money of a currency: so much came in for a dispute, so much of that is somebody's now, so much was taken.
#[inline(never)]
fn book(currency: &Account, locked: u128, released: u128, taken: u128) {
    let mut bonds = store::bonds(currency);
    fits(bonds.lock(locked).and_then(|()| bonds.release(released)).and_then(|()| bonds.take(taken)));
    store::set_bonds(currency, &bonds);
}

/// Takes a bond from the caller, who agrees to at most `limit`. Of the chain's own money exactly the limit comes with
/// the call, and what is not needed is owed back, so that a deposit between asking and disputing stops nobody; of an
/// ERC-20 the bond alone is pulled.
pub fn collect(currency: &Account, bond: u128, limit: u128) {
    let sent = host::transferred().unwrap_or(u128::MAX);
    let expected = if is_zero(currency) { limit } else { 0 };
    if sent != expected {
        wrong_bond(sent, expected);
    }
    if bond > limit {
        refuse(Error::BondAboveLimit(bond.into(), limit.into()));
    }
    let caller = host::caller();
    if is_zero(currency) {
        book(currency, limit, limit - bond, 0);
        owe(currency, &caller, limit - bond);
    } else {
        book(currency, bond, 0, 0);
        let own = host::own_address();
        let balance = || erc20::balance(currency, &own).unwrap_or(0);
        let before = balance();
        let moved = erc20::transfer_from(currency, &caller, &own, bond);
        let received = balance().saturating_sub(before);
        if !moved || received != bond {
            wrong_bond(received, bond);
        }
    }
}

#[cold]
#[inline(never)]
fn wrong_bond(got: u128, expected: u128) -> ! {
    refuse(Error::WrongBond(got.into(), expected.into()))
}

/// Takes what is owed to an account out of the books; the amount.
pub fn take(currency: &Account, account: &Account) -> u128 {
    let amount = store::owed(currency, account);
    if amount == 0 {
        refuse(Error::NothingOwed((*account).into()));
    }
    store::set_owed(currency, account, 0);
    book(currency, 0, 0, amount);
    amount
}

/// Pays an account.
pub fn pay(currency: &Account, to: &Account, amount: u128) {
    let paid = if is_zero(currency) { host::send(to, amount) } else { erc20::pay(currency, to, amount) };
    if !paid {
        refuse(Error::PayoutFailed((*to).into()));
    }
}

#[inline(never)]
fn owe(currency: &Account, account: &Account, amount: u128) {
    if amount != 0 {
        store::set_owed(currency, account, fits(store::owed(currency, account).checked_add(amount)));
    }
}

fn message(selector: [u8; 4], arguments: &[Word]) -> Vec<u8> {
    let mut input = Vec::with_capacity(4 + arguments.len() * 32);
    input.extend_from_slice(&selector);
    input.extend_from_slice(arguments.as_flattened());
    input
}

/// Asks another contract, read-only.
#[inline(never)]
pub fn ask<const N: usize>(callee: &Account, selector: [u8; 4], arguments: &[Word]) -> Option<[Word; N]> {
    host::ask(callee, &message(selector, arguments))
}
