//! Money in and out: deposits, dividends, and the one currency of a pool.

use yieldset_rules::{
    currency::{Obstacle, obstacle},
    math::split_bps,
    payee::is_plain,
    period,
};
use yieldset_shell::{
    erc20, host,
    refusals::OrRefuse,
    words::{Address, Word, is_zero, number_of},
};

use crate::{
    account::Account,
    events, keys,
    ledger::Ledger,
    refusals::{self, Overflow, add},
    shares::{self, Rare},
};

/// Whether a period has begun as far as the front can tell, which has no calendar: what it does not know is for the
/// logic.
pub fn has_certainly_begun(period: u32) -> bool {
    period::has_certainly_begun(period, host::now())
}

/// Stops where a period has not begun: nobody could say for how long its money waits. Zero is no period, as the deposit
/// says.
pub fn check_begun(period: u32) {
    let begins = period::quarter_start(period);
    if period != 0 && host::now() < begins {
        refusals::PeriodNotBegun { period, begins }.refuse();
    }
}

/// Takes a deposit for a stream and a period that has begun, and splits it between holders and contributors. The pool
/// must be open: before, the money would go to shares that somebody can still buy at the sale's price.
pub fn deposit<R: Rare>(payer: &Address, stream: &Word, period: u32, amount: &Word) {
    let mut ledger = Ledger::load();
    let Some(amount) = number_of(amount) else { R::refuse(&ledger, refusals::AmountTooLarge { amount }) };
    if period == 0 {
        R::refuse(&ledger, refusals::PeriodZero {});
    }
    if amount == 0 {
        R::refuse(&ledger, refusals::ZeroAmount {});
    }
    if !ledger.opened() {
        R::refuse(&ledger, refusals::NotOpened {});
    }
    let (to_contributors, to_holders) = split(amount, ledger.contributors_bps);
    // A pool without a contributor leg never touches the period's slot.
    if to_contributors != 0 {
        // Nothing is changed before: the front may hand the call on here.
        let mut book = R::book(&ledger, stream, period);
        book.put(to_contributors);
        R::save_book(&book);
        ledger.to_contributors = add(ledger.to_contributors, to_contributors);
    }
    let mut dividends = ledger.dividends();
    dividends.distribute(to_holders, ledger.supply).or_refuse(Overflow {});
    ledger.set_dividends(&dividends);
    ledger.to_holders = add(ledger.to_holders, to_holders);
    ledger.save();
    collect(&ledger.currency, payer, amount);
    events::Deposited { stream, period, payer, amount, to_holders, index: ledger.index }.emit();
}

/// The contributors' and the holders' leg. Without a contributors' leg the chain need not charge a multiplication and a
/// division.
fn split(amount: u128, contributors_bps: u16) -> (u128, u128) {
    if contributors_bps == 0 { (0, amount) } else { split_bps(amount, contributors_bps).or_refuse(Overflow {}) }
}

/// Pays an account's dividends to `payee`. Where KYC refuses, or the pool is paused, they are held, not lost.
pub fn claim<R: Rare>(ledger: &mut Ledger, account: &Address, mut record: Account, payee: &Address) -> u128 {
    ledger.running();
    let paid = record.holder.take(ledger.index).or_refuse(Overflow {});
    if paid == 0 {
        refusals::NothingToClaim { account }.refuse();
    }
    shares::ask_kyc(ledger, payee);
    record.restraints.paid = true;
    record.save(account);
    ledger.claimed_by_holders = add(ledger.claimed_by_holders, paid);
    ledger.save();
    events::DividendClaimed { account, amount: paid }.emit();
    let currency = &ledger.currency;
    let taken = if is_zero(currency) { R::send(payee, paid) } else { erc20::pay(currency, payee, paid) };
    if !taken {
        R::unpaid(ledger, payee, paid);
    }
    paid
}

/// Takes exactly `amount` from `payer`: the chain's own money that came with the call, or the ERC-20 by allowance. What
/// a token says of a transfer is not believed: our balance must have grown by the amount.
pub fn collect(currency: &Address, payer: &Address, amount: u128) {
    let sent = host::transferred().unwrap_or(u128::MAX);
    if is_zero(currency) {
        if sent != amount {
            refusals::WrongPayment { expected: amount, received: sent }.refuse();
        }
        return;
    }
    if sent != 0 {
        refusals::WrongPayment { expected: 0_u128, received: sent }.refuse();
    }
    pull(currency, payer, &host::own_address(), amount);
}

/// Moves exactly `amount` of the ERC-20 from `payer` to `to` by the allowance that this contract has.
#[inline(never)]
pub fn pull(currency: &Address, payer: &Address, to: &Address, amount: u128) {
    // A token that does not answer has no balance: the amount will not match.
    let balance = || erc20::balance(currency, to).unwrap_or(0);
    let before = balance();
    let moved = erc20::transfer_from(currency, payer, to, amount);
    let received = balance().saturating_sub(before);
    if !moved || received != amount {
        refusals::WrongPayment { expected: amount, received }.refuse();
    }
}

/// Whether paying an account runs no code but the currency's, so that it can be one of many in a call.
pub fn is_paid_with_others(currency: &Address, to: &Address) -> bool {
    !is_zero(currency) || is_plain(to, || host::code_size(to))
}

/// Last step of one of many claims, of who [`is_paid_with_others`]: whether the money was taken. Where it was not,
/// nothing was moved: a token that moved another amount ends the call, as with [`pay`].
pub fn try_pay(currency: &Address, to: &Address, amount: u128) -> bool {
    if is_zero(currency) {
        return host::send(to, amount);
    }
    let balance = || erc20::balance(currency, &host::own_address());
    let before = balance();
    if erc20::pay(currency, to, amount) {
        return true;
    }
    if balance() != before {
        refusals::PayoutFailed { account: to }.refuse();
    }
    false
}

/// Last step of a claim.
pub fn pay(currency: &Address, to: &Address, amount: u128) {
    let taken = if is_zero(currency) { host::send(to, amount) } else { erc20::pay(currency, to, amount) };
    if !taken {
        unpaid(currency, to, amount);
    }
}

/// Ends a call whose payment was not made, and says why as far as anybody can tell: an issuer that freezes gives no
/// reasons.
#[cold]
#[inline(never)]
pub fn unpaid(currency: &Address, to: &Address, amount: u128) -> ! {
    check_payout(currency, &host::own_address(), to, amount);
    refusals::PayoutFailed { account: to }.refuse()
}

/// Stops where the currency's least balance stands in the way of a payment.
pub fn check_payout(currency: &Address, from: &Address, to: &Address, amount: u128) {
    match in_the_way(currency, from, to, amount) {
        Some(Obstacle::Float(missing)) => refusals::FloatMissing { missing }.refuse(),
        Some(Obstacle::Recipient(missing)) => refusals::BelowMinimum { account: to, missing }.refuse(),
        None => {}
    }
}

/// How the currency's least balance stands in the way of a payment. Where it has none nobody is asked.
#[inline(never)]
pub fn in_the_way(currency: &Address, from: &Address, to: &Address, amount: u128) -> Option<Obstacle> {
    match minimum() {
        0 => None,
        minimum => {
            let [own, theirs] = [from, to].map(|account| erc20::balance(currency, account).unwrap_or(0));
            obstacle(minimum, own, theirs, amount)
        }
    }
}

/// The currency's least balance, as the issuer declared it.
pub fn minimum() -> u128 {
    host::read(keys::MINIMUM).map_or(0, u128::from_le_bytes)
}
