//! Calls to pools and currencies, and events.
//!
//! The pallet denies re-entry, so no callee can call the market back. A callee may still fail, lie, or answer too much
//! or too little: what counts of its answer is at most one word, and money is counted by the market's own balance
//! before and after.

use yieldset_rules::{
    compliance::{Requirements, Restriction},
    currency::float_lacks,
    market::{Address, Holdings, add},
};
use yieldset_shell::{erc20, host, refusals::OrRefuse, screening, words::number_word};

use crate::refusals::{self, Subject};

/// The chain's native currency.
pub const NATIVE: Address = [0; 20];

/// A longer reason of a pool is not handed on.
const LONGEST_REASON: usize = 256;

yieldset_shell::interface! {
    /// What pools are asked and told.
    mod told {
        ask currency() -> address;
        ask detectTransferRestriction(from: address, to: address, value: uint256) -> uint256;
        ask payeeOf(account: address) -> address;
        ask seizuresOf(account: address) -> uint32;
        tell reserve(owner: address, shares: uint256);
        tell release(owner: address, shares: uint256);
        tell deliver(from: address, to: address, shares: uint256);
        tell transferFrom(from: address, to: address, shares: uint256);
    }
}

/// What pools are asked and told.
pub mod pool {
    use super::{Address, LONGEST_REASON, NATIVE, OrRefuse, host, refusals, says_true, screening, told};

    /// What its shares are paid in.
    pub fn currency(pool: &Address) -> Address {
        told::currency {}.ask(pool).or_refuse(refusals::PoolCallFailed { pool })
    }

    /// The registry that it screens by now; zero where it screens nobody.
    pub fn registry(pool: &Address) -> Address {
        screening::registry_of(pool).or_refuse(refusals::PoolCallFailed { pool })
    }

    /// Stops where `from` may not send, or `to` not receive, this many shares now; zero stands for no such side.
    pub fn check_eligible(pool: &Address, from: &Address, to: &Address, shares: u128) {
        match (told::detectTransferRestriction { from, to, value: shares }).ask(pool) {
            Some(0) => {}
            Some(code) if code < 256 => refusals::TransferRestricted { code: code as u8 }.refuse(),
            _ => silent(pool),
        }
    }

    /// Who stands in the place of an account that the pool has recovered: there it is for good who has all that the
    /// account had. None of an account that was not, or of a pool that does not say.
    pub fn successor(pool: &Address, account: &Address) -> Option<Address> {
        told::payeeOf { account }.ask(pool).filter(|payee| payee != account && *payee != NATIVE)
    }

    /// How often an agent took shares of `owner` that were on offer; `known` where the pool does not say.
    pub fn seizures(pool: &Address, owner: &Address, known: u32) -> u32 {
        told::seizuresOf { account: owner }.ask(pool).unwrap_or(known)
    }

    /// Marks shares of `owner`, which allowed the market to spend them.
    pub fn reserve(pool: &Address, owner: &Address, shares: u128) {
        done(pool, told::reserve { owner, shares }.tell(pool));
    }

    /// Undoes a reservation.
    pub fn release(pool: &Address, owner: &Address, shares: u128) {
        done(pool, told::release { owner, shares }.tell(pool));
    }

    /// Moves reserved shares; the pool checks both sides.
    pub fn deliver(pool: &Address, from: &Address, to: &Address, shares: u128) {
        done(pool, told::deliver { from, to, shares }.tell(pool));
    }

    /// Moves shares that `from` allowed the market to spend; the pool checks both sides.
    pub fn transfer_from(pool: &Address, from: &Address, to: &Address, shares: u128) {
        done(pool, told::transferFrom { from, to, shares }.tell(pool));
        if !says_true() {
            silent(pool);
        }
    }

    /// Ends the call with the pool's own reason where it refused.
    fn done(pool: &Address, worked: bool) {
        if worked {
            return;
        }
        let mut buffer = [0; LONGEST_REASON + 1];
        let reason = host::returned(&mut buffer);
        // Without a selector it explains nothing, and one that was cut off cannot be read.
        if (4..=LONGEST_REASON).contains(&reason.len()) {
            host::revert(reason);
        }
        silent(pool)
    }

    #[cold]
    fn silent(pool: &Address) -> ! {
        refusals::PoolCallFailed { pool }.refuse()
    }
}

/// What currencies are asked and told.
pub mod money {
    use super::{Address, Holdings, NATIVE, OrRefuse, Subject, add, erc20, float_lacks, host, refusals};
    use ink::U256;

    /// Takes money from the caller: what came with the call, or an ERC-20 that it allowed the market to spend. The
    /// exact amount must arrive, so a currency that takes a fee is refused.
    pub fn take(currency: &Address, from: &Address, amount: u128) {
        let native = *currency == NATIVE;
        let expected = if native { amount } else { 0 };
        let got = host::transferred();
        if got != Some(expected) {
            let got = got.map_or(U256::MAX, U256::from);
            refusals::WrongValue { got, expected }.refuse();
        }
        if native {
            return;
        }
        let after = add(balance(currency), amount).or_refuse(Subject::NOTHING);
        moved(currency, erc20::transfer_from(currency, from, &host::own_address(), amount));
        check_balance(currency, after);
    }

    /// Stops where a pool's currency has a least balance and the market has less than that beside what it owes: its
    /// last payment would not be exact.
    pub fn check_float(pool: &Address, currency: &Address, owed: &Holdings) {
        let minimum = erc20::minimum_of(pool);
        if minimum == 0 {
            return;
        }
        let owed = add(owed.escrow, owed.credits).or_refuse(Subject::NOTHING);
        match float_lacks(minimum, balance(currency), owed) {
            Ok(0) => {}
            missing => refusals::FloatMissing { missing: missing.unwrap_or(minimum) }.refuse(),
        }
    }

    /// Pays money out for orders of a pool. The market's balance must fall by the exact amount, so that no other
    /// account pays for it. Where the pool knows the currency's least balance to be why not, it says so.
    pub fn pay(pool: &Address, currency: &Address, to: &Address, amount: u128) {
        if *currency == NATIVE {
            if !host::send(to, amount) {
                refusals::PayoutFailed { account: to }.refuse();
            }
            return;
        }
        let before = balance(currency);
        let Some(after) = before.checked_sub(amount) else {
            refusals::UnexpectedBalance { currency, expected: amount, found: before }.refuse()
        };
        let done = erc20::transfer(currency, to, amount);
        if !done || balance(currency) != after {
            erc20::check_payout(pool, to, amount);
        }
        moved(currency, done);
        check_balance(currency, after);
    }

    fn moved(currency: &Address, worked: bool) {
        if !worked {
            refusals::CurrencyCallFailed { currency }.refuse();
        }
    }

    fn balance(currency: &Address) -> u128 {
        erc20::balance(currency, &host::own_address()).or_refuse(refusals::CurrencyCallFailed { currency })
    }

    fn check_balance(currency: &Address, expected: u128) {
        let found = balance(currency);
        if found != expected {
            refusals::UnexpectedBalance { currency, expected, found }.refuse();
        }
    }
}

/// Stops where a pool has recovered `from` to another account, or its registry has `from` or `to` frozen or on a
/// sanctions list.
pub fn screen(pool: &Address, from: &Address, to: &Address) {
    // Whoever has the key of a lost account takes nothing: it is its successor's.
    let code = if pool::successor(pool, from).is_some() {
        Restriction::SenderFrozen as u8
    } else {
        blocked(&pool::registry(pool), from, to)
    };
    if code != 0 {
        refusals::TransferRestricted { code }.refuse();
    }
}

/// The registry's code against two sides; zero is no registry and asks nobody.
fn blocked(kyc: &Address, from: &Address, to: &Address) -> u8 {
    if *kyc == NATIVE {
        return 0;
    }
    let requirements = Requirements { blocked_only: true, ..Requirements::OPEN };
    let code = screening::restriction(kyc, from, to, &requirements.word());
    code.unwrap_or(Restriction::RegistryUnavailable as u8)
}

/// Whether the last call answered with the word 1; what follows it does not count.
fn says_true() -> bool {
    host::returned(&mut [0; 32]) == number_word(1)
}
