//! Bonds: what a dispute costs, taking it, and paying it out. They are in the pool's own currency, since that is what
//! the disputed report gives away.
//!
//! The pool is asked read-only for its currency and money. One that does not answer has none to contest: then the least
//! bond is due, in the chain's own money.

use yieldset_rules::{
    currency::float_lacks,
    dispute::{Account, Standing, Verdict, scaled},
};
use yieldset_shell::{
    erc20, host,
    refusals::OrRefuse,
    words::{Word, is_zero, number_of},
};

use crate::{
    calls::{licences, pool, token},
    events,
    refusals::{self, fits},
    store::{self, Config, Reported},
};

/// The chain's own money, as a currency.
const NATIVE: Account = [0; 20];

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
        pool::currency {}.ask(self.pool).unwrap_or_default()
    }

    /// Currency and bond of the next dispute of this report: a part of the contributors' money there and of the dues
    /// that the report implies, by the registry's licence contract where the stream is a licence. Dues count up to what
    /// is in the pool.
    pub fn price(&self, config: &Config, reported: &Reported) -> (Account, u128) {
        let currency = self.currency();
        let Self { stream, period, .. } = *self;
        let money = match (pool::periodOf { stream, period }).ask(self.pool) {
            Some([total, claimed, _]) => {
                number_of(&total).unwrap_or(0).saturating_sub(number_of(&claimed).unwrap_or(0))
            }
            None => 0,
        };
        let decimals = if is_zero(&currency) { None } else { token::decimals {}.ask(&currency) };
        let mut terms = config.bonds();
        terms.minimum = fits(scaled(terms.minimum, decimals.unwrap_or(18)));
        let contested = money.saturating_add(self.dues(&config.licences, reported).min(self.holds()));
        (currency, fits(terms.bond(contested, reported.standing.disputes)))
    }

    /// What came into the pool and was not claimed.
    fn holds(&self) -> u128 {
        let Some([deposited, _, _, by_holders, by_contributors, ..]) = pool::totals {}.ask(self.pool) else { return 0 };
        let [deposited, by_holders, by_contributors] =
            [deposited, by_holders, by_contributors].map(|sum| number_of(&sum).unwrap_or(0));
        deposited.saturating_sub(by_holders).saturating_sub(by_contributors)
    }

    fn dues(&self, contract: &Account, reported: &Reported) -> u128 {
        if is_zero(contract) {
            return 0;
        }
        let (tokens, calls) = (reported.figures.attributed_tokens, reported.figures.qualifying_calls);
        let Self { stream, period, .. } = *self;
        licences::duesFor { stream, period, tokens, calls }.ask(contract).unwrap_or(0)
    }

    /// Pays a dispute's bonds out: each account is owed its own, and what goes to the period is kept for it, until
    /// anybody delivers it: a pool that is told nothing stops no ruling.
    pub fn settle(&self, standing: &Standing, verdict: &Verdict) {
        let currency = &standing.currency;
        let all = verdict.challenger.checked_add(verdict.defender).and_then(|sum| sum.checked_add(verdict.period));
        book(currency, 0, fits(all), 0);
        owe(currency, &standing.challenger, verdict.challenger);
        owe(currency, &standing.defender, verdict.defender);
        if verdict.period != 0 {
            let kept = fits(store::kept(self, currency).checked_add(verdict.period));
            store::set_kept(self, currency, kept);
            let Self { pool, stream, period } = *self;
            events::BondKept { pool, stream, period, currency, amount: verdict.period, kept }.emit();
        }
    }

    /// Brings the period what is kept for it; how much the pool took. What money came with the call is
    /// the caller's afterwards.
    #[inline(never)]
    pub fn deliver(&self) -> u128 {
        let Self { pool, stream, period } = *self;
        let currency = &self.currency();
        let kept = store::kept(self, currency);
        if kept == 0 {
            refusals::NothingKept { stream, period }.refuse();
        }
        let sent = fits(host::transferred());
        book(&NATIVE, sent, sent, 0);
        owe(&NATIVE, &host::caller(), sent);
        let deposit = pool::deposit { stream, period, amount: kept };
        let took = erc20::offer(currency, pool, kept, |wei| deposit.tell_bounded(wei, pool));
        let took = took.or_refuse(refusals::CurrencyCallFailed { currency });
        if took == 0 {
            refusals::PoolRefused { pool }.refuse();
        }
        book(currency, 0, 0, took);
        let kept = kept - took;
        store::set_kept(self, currency, kept);
        events::BondDelivered { pool, stream, period, currency, amount: took, kept }.emit();
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

/// Takes a bond in a pool's currency from the caller, who agrees to at most `limit`. Of the chain's own money exactly
/// the limit comes with the call, and what is not needed is owed back, so that a deposit between asking and disputing
/// stops nobody; of an ERC-20 the bond alone is pulled.
pub fn collect(pool: &Account, currency: &Account, bond: u128, limit: u128) {
    let native = is_zero(currency);
    let (got, expected) = (host::transferred().unwrap_or(u128::MAX), if native { limit } else { 0 });
    if got != expected {
        refusals::WrongBond { got, expected }.refuse();
    }
    if bond > limit {
        refusals::BondAboveLimit { bond, limit }.refuse();
    }
    let caller = host::caller();
    if native {
        book(currency, limit, limit - bond, 0);
        owe(currency, &caller, limit - bond);
        return;
    }
    let own = host::own_address();
    let balance = || erc20::balance(currency, &own).or_refuse(refusals::CurrencyCallFailed { currency });
    let before = balance();
    check_float(pool, currency, before);
    book(currency, bond, 0, 0);
    let moved = erc20::transfer_from(currency, &caller, &own, bond);
    let got = balance().saturating_sub(before);
    if !moved || got != bond {
        refusals::WrongBond { got, expected: bond }.refuse();
    }
}

/// Stops where a pool's currency has a least balance and the registry, which has `own` of it, has less than that beside
/// what it holds for others: the last of them could not be paid exactly.
fn check_float(pool: &Account, currency: &Account, own: u128) {
    let minimum = erc20::minimum_of(pool);
    if minimum == 0 {
        return;
    }
    let held = fits(store::bonds(currency).held());
    match float_lacks(minimum, own, held) {
        Ok(0) => {}
        missing => refusals::FloatMissing { missing: missing.unwrap_or(minimum) }.refuse(),
    }
}

/// Takes what is owed to an account out of the books; the amount.
pub fn take(currency: &Account, account: &Account) -> u128 {
    let amount = store::owed(currency, account);
    if amount == 0 {
        refusals::NothingOwed { account }.refuse();
    }
    store::set_owed(currency, account, 0);
    book(currency, 0, 0, amount);
    amount
}

/// Pays an account.
pub fn pay(currency: &Account, to: &Account, amount: u128) {
    let paid = if is_zero(currency) { host::send(to, amount) } else { erc20::pay(currency, to, amount) };
    if !paid {
        refusals::PayoutFailed { account: to }.refuse();
    }
}

#[inline(never)]
fn owe(currency: &Account, account: &Account, amount: u128) {
    if amount != 0 {
        store::set_owed(currency, account, fits(store::owed(currency, account).checked_add(amount)));
    }
}
