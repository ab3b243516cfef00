//! Calling ERC-20s. A currency may lie about what it did, so whoever holds other people's money in it compares balances
//! besides.

use ink::codegen::sol::selector_bytes;

use crate::{
    host,
    words::{Address, Word, address_word, number_of, number_word},
};

const BALANCE_OF: [u8; 4] = selector_bytes("balanceOf(address)");
const TRANSFER: [u8; 4] = selector_bytes("transfer(address,uint256)");
const TRANSFER_FROM: [u8; 4] = selector_bytes("transferFrom(address,address,uint256)");
const APPROVE: [u8; 4] = selector_bytes("approve(address,uint256)");
const CURRENCY_MINIMUM: [u8; 4] = selector_bytes("currencyMinimum()");
const CHECK_PAYOUT: [u8; 4] = selector_bytes("checkPayout(address,address,uint256)");

/// What an account has; `None` where the currency does not answer with a number of 128 bits.
#[inline(never)]
pub fn balance(currency: &Address, account: &Address) -> Option<u128> {
    let mut input = [0; 36];
    input[..4].copy_from_slice(&BALANCE_OF);
    input[4..].copy_from_slice(&address_word(account));
    host::ask_perhaps_broken::<1>(currency, &input).and_then(|[word]| number_of(&word))
}

/// Moves the caller's own money; whether the currency says that it did.
pub fn transfer(currency: &Address, to: &Address, amount: u128) -> bool {
    tell(currency, TRANSFER, &[address_word(to), number_word(amount)])
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
    tell(currency, TRANSFER_FROM, &[address_word(from), address_word(to), number_word(amount)])
}

/// Lets `spender` move the caller's own money; whether the currency says that it does.
pub fn approve(currency: &Address, spender: &Address, amount: u128) -> bool {
    tell(currency, APPROVE, &[address_word(spender), number_word(amount)])
}

/// The least balance of a pool's currency, as its issuer declared it; zero where the pool does not say.
#[inline(never)]
pub fn minimum_of(pool: &Address) -> u128 {
    host::ask::<1>(pool, &CURRENCY_MINIMUM).and_then(|[word]| number_of(&word)).unwrap_or(0)
}

/// Ends a call that could not pay, with the reason that `pool` knows: the least balance of its currency. Comes back
/// where it knows of none; what a pool says here decides nothing, since the call fails in any case.
#[cold]
#[inline(never)]
pub fn check_payout(pool: &Address, to: &Address, amount: u128) {
    let mut input = [0; 100];
    input[..4].copy_from_slice(&CHECK_PAYOUT);
    let words = [address_word(&host::own_address()), address_word(to), number_word(amount)];
    input[4..].copy_from_slice(words.as_flattened());
    if !host::call(pool, 0, true, &input, &mut []) {
        match host::returned(&mut [0; 68]) {
            [] => {}
            why => host::revert(why),
        }
    }
}

/// Currencies answer with true, or with nothing (as USDT); anything else is a failure.
#[inline(never)]
fn tell(currency: &Address, selector: [u8; 4], words: &[Word]) -> bool {
    let mut input = [0; 100];
    input[..4].copy_from_slice(&selector);
    let length = 4 + words.len() * 32;
    input[4..length].copy_from_slice(words.as_flattened());
    if !host::call(currency, 0, false, &input[..length], &mut []) {
        return false;
    }
    let mut answer = [0; 32];
    let answered = host::returned(&mut answer).len();
    answered == 0 || (answered == 32 && answer == number_word(1))
}
