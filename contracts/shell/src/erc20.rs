//! Calling ERC-20s. A currency may lie about what it did, so whoever holds other people's money in it compares balances
//! besides.

use crate::{host, words::Address};

crate::interface! {
    mod token {
        ask balanceOf(account: address) -> uint256;
        ask allowance(owner: address, spender: address) -> uint256;
        agree transfer(to: address, value: uint256);
        agree transferFrom(from: address, to: address, value: uint256);
        agree approve(spender: address, value: uint256);
    }
    /// What a pool knows of its currency.
    mod pool {
        ask currencyMinimum() -> uint256;
        ask checkPayout(from: address, to: address, amount: uint256) -> ();
    }
}

/// What an account has; `None` where the currency does not answer with a number of 128 bits.
#[inline(never)]
pub fn balance(currency: &Address, account: &Address) -> Option<u128> {
    token::balanceOf { account }.ask_perhaps_broken(currency)
}

/// Moves the caller's own money; whether the currency says that it did.
pub fn transfer(currency: &Address, to: &Address, amount: u128) -> bool {
    token::transfer { to, value: amount }.agree(currency)
}

/// Moves the caller's own money, of which exactly `amount` must be gone then: a currency that says so and moves nothing
/// would be believed a payment, and one that moves more takes what is owed to others.
#[inline(never)]
pub fn pay(currency: &Address, to: &Address, amount: u128) -> bool {
    let own = host::own_address();
    let after = balance(currency, &own).and_then(|before| before.checked_sub(amount));
    after.is_some() && transfer(currency, to, amount) && balance(currency, &own) == after
}

/// Moves `from`'s money by an allowance; whether the currency says that it did.
pub fn transfer_from(currency: &Address, from: &Address, to: &Address, amount: u128) -> bool {
    token::transferFrom { from, to, value: amount }.agree(currency)
}

/// Lets `spender` move the caller's own money; whether the currency says that it does.
pub fn approve(currency: &Address, spender: &Address, amount: u128) -> bool {
    token::approve { spender, value: amount }.agree(currency)
}

/// Has `to` take up to `amount` of the caller's own money by an allowance while it is `told`; how much it took. One
/// that the currency lets nobody allow anything took nothing. `None` where what moved cannot be known, is more, or
/// something may still be allowed afterwards: then the caller's call must end, since who sent it may have left too
/// little weight.
#[inline(never)]
pub fn offer(currency: &Address, to: &Address, amount: u128, told: impl FnOnce()) -> Option<u128> {
    let own = host::own_address();
    let Some(before) = balance(currency, &own) else { return Some(0) };
    if !approve(currency, to, amount) {
        let allowed = token::allowance { owner: own, spender: to }.ask_perhaps_broken(currency);
        return (allowed == Some(0)).then_some(0);
    }
    told();
    let took = before.saturating_sub(balance(currency, &own)?);
    (took == amount || took < amount && approve(currency, to, 0)).then_some(took)
}

/// The least balance of a pool's currency, as its issuer declared it; zero where the pool does not say.
#[inline(never)]
pub fn minimum_of(pool: &Address) -> u128 {
    pool::currencyMinimum {}.ask(pool).unwrap_or(0)
}

/// Ends a call that could not pay, with the reason that `pool` knows: the least balance of its currency. Comes back
/// where it knows of none; what a pool says here decides nothing, since the call fails in any case.
#[cold]
#[inline(never)]
pub fn check_payout(pool: &Address, to: &Address, amount: u128) {
    if (pool::checkPayout { from: host::own_address(), to, amount }).ask(pool).is_none() {
        match host::returned(&mut [0; 68]) {
            [] => {}
            why => host::revert(why),
        }
    }
}
