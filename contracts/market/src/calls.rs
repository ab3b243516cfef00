//! Calls to pools and currencies, and events.
//!
//! The pallet denies re-entry, so no callee can call the market back. A callee may still fail, lie, or answer too much
//! or too little: what counts of its answer is at most one word, and money is counted by the market's own balance
//! before and after.

use ink::codegen::sol::selector_bytes;
use yieldset_rules::{
    compliance::{Requirements, Restriction},
    currency::float_lacks,
    market::{Address, Holdings, add},
};
use yieldset_shell::{
    erc20, host, screening,
    words::{Word, address_of, address_word, number_of, number_word},
};

use crate::errors::{Error, Subject, refuse};

/// The chain's native currency.
pub const NATIVE: Address = [0; 20];

/// A longer reason of a pool is not handed on.
const LONGEST_REASON: usize = 256;

/// Topics of the events: hashes of their signatures, as the declarations in [`crate::events`] have them.
pub mod topic {
    use super::Word;
    use ink::codegen::sol::keccak_256;

    /// `PoolListed`.
    pub const POOL_LISTED: Word = keccak_256(b"PoolListed(address,address,uint256,uint256)");
    /// `PoolDelisted`.
    pub const POOL_DELISTED: Word = keccak_256(b"PoolDelisted(address)");
    /// `OrderPlaced`.
    pub const ORDER_PLACED: Word =
        keccak_256(b"OrderPlaced(uint64,address,address,uint8,address,uint256,uint256,uint64,uint256)");
    /// `OrderCancelled`.
    pub const ORDER_CANCELLED: Word = keccak_256(b"OrderCancelled(uint64,address,address,bool,uint256,uint256)");
    /// `Traded`.
    pub const TRADED: Word =
        keccak_256(b"Traded(address,address,address,uint64,uint64,uint256,uint256,uint256,uint256,uint256)");
    /// `Credited`.
    pub const CREDITED: Word = keccak_256(b"Credited(address,address,uint256,uint256)");
    /// `Inherited`.
    pub const INHERITED: Word = keccak_256(b"Inherited(address,address,address,uint256)");
    /// `Withdrawn`.
    pub const WITHDRAWN: Word = keccak_256(b"Withdrawn(address,address,address,address,uint256)");
}

/// Calldata of a message with up to three words.
struct Message {
    bytes: [u8; 100],
    length: usize,
}

impl Message {
    fn new(selector: [u8; 4], words: &[Word]) -> Self {
        let mut bytes = [0; 100];
        bytes[..4].copy_from_slice(&selector);
        let length = 4 + words.len() * 32;
        bytes[4..length].copy_from_slice(words.as_flattened());
        Self { bytes, length }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Asks a view with one word of answer; `None` where it does not answer.
#[inline(never)]
fn ask(callee: &Address, selector: [u8; 4], words: &[Word]) -> Option<Word> {
    host::ask::<1>(callee, Message::new(selector, words).as_bytes()).map(|[word]| word)
}

/// Tells a contract to do something. Whether it did not fail; what it says is [`host::returned`].
#[inline(never)]
fn tell(callee: &Address, selector: [u8; 4], words: &[Word]) -> bool {
    host::call(callee, 0, false, Message::new(selector, words).as_bytes(), &mut [])
}

/// What pools are asked and told.
pub mod pool {
    use super::{
        Address, Error, LONGEST_REASON, address_of, address_word, ask, host, number_of, number_word, refuse, says_true,
        screening, selector_bytes, tell,
    };

    const CURRENCY: [u8; 4] = selector_bytes("currency()");
    const DETECT: [u8; 4] = selector_bytes("detectTransferRestriction(address,address,uint256)");
    const SEIZURES: [u8; 4] = selector_bytes("seizuresOf(address)");
    const RESERVE: [u8; 4] = selector_bytes("reserve(address,uint256)");
    const RELEASE: [u8; 4] = selector_bytes("release(address,uint256)");
    const DELIVER: [u8; 4] = selector_bytes("deliver(address,address,uint256)");
    const TRANSFER_FROM: [u8; 4] = selector_bytes("transferFrom(address,address,uint256)");

    /// What its shares are paid in.
    pub fn currency(pool: &Address) -> Address {
        ask(pool, CURRENCY, &[]).and_then(|word| address_of(&word)).unwrap_or_else(|| silent(pool))
    }

    /// The registry that it screens by now; zero where it screens nobody.
    pub fn registry(pool: &Address) -> Address {
        screening::registry_of(pool).unwrap_or_else(|| silent(pool))
    }

    /// Stops where `from` may not send, or `to` not receive, this many shares now; zero stands for no such side.
    pub fn check_eligible(pool: &Address, from: &Address, to: &Address, shares: u128) {
        let words = [address_word(from), address_word(to), number_word(shares)];
        match ask(pool, DETECT, &words).and_then(|word| number_of(&word)) {
            Some(0) => {}
            Some(code) if code < 256 => refuse(Error::TransferRestricted(code as u8)),
            _ => silent(pool),
        }
    }

    /// How often an agent took shares of `owner` that were on offer; `known` where the pool does not say.
    pub fn seizures(pool: &Address, owner: &Address, known: u32) -> u32 {
        let told = ask(pool, SEIZURES, &[address_word(owner)]).and_then(|word| number_of(&word));
        told.and_then(|count| u32::try_from(count).ok()).unwrap_or(known)
    }

    /// Marks shares of `owner`, which allowed the market to spend them.
    pub fn reserve(pool: &Address, owner: &Address, shares: u128) {
        done(pool, tell(pool, RESERVE, &[address_word(owner), number_word(shares)]));
    }

    /// Undoes a reservation.
    pub fn release(pool: &Address, owner: &Address, shares: u128) {
        done(pool, tell(pool, RELEASE, &[address_word(owner), number_word(shares)]));
    }

    /// Moves reserved shares; the pool checks both sides.
    pub fn deliver(pool: &Address, from: &Address, to: &Address, shares: u128) {
        done(pool, tell(pool, DELIVER, &[address_word(from), address_word(to), number_word(shares)]));
    }

    /// Moves shares that `from` allowed the market to spend; the pool checks both sides.
    pub fn transfer_from(pool: &Address, from: &Address, to: &Address, shares: u128) {
        let moved = tell(pool, TRANSFER_FROM, &[address_word(from), address_word(to), number_word(shares)]);
        done(pool, moved);
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
        refuse(Error::PoolCallFailed((*pool).into()))
    }
}

/// What currencies are asked and told.
pub mod money {
    use super::{Address, Error, Holdings, NATIVE, Subject, add, erc20, float_lacks, host, refuse};
    use ink::U256;

    /// Takes money from the caller: what came with the call, or an ERC-20 that it allowed the market to spend. The
    /// exact amount must arrive, so a currency that takes a fee is refused.
    pub fn take(currency: &Address, from: &Address, amount: u128) {
        let native = *currency == NATIVE;
        let expected = if native { amount } else { 0 };
        let got = host::transferred();
        if got != Some(expected) {
            refuse(Error::WrongValue(got.map_or(U256::MAX, U256::from), expected.into()));
        }
        if native {
            return;
        }
        let after = Subject::default().allow(add(balance(currency), amount));
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
        let owed = Subject::default().allow(add(owed.escrow, owed.credits));
        match float_lacks(minimum, balance(currency), owed) {
            Ok(0) => {}
            missing => refuse(Error::FloatMissing(missing.unwrap_or(minimum).into())),
        }
    }

    /// Pays money out for orders of a pool. The market's balance must fall by the exact amount, so that no other
    /// account pays for it. Where the pool knows the currency's least balance to be why not, it says so.
    pub fn pay(pool: &Address, currency: &Address, to: &Address, amount: u128) {
        if *currency == NATIVE {
            if !host::send(to, amount) {
                refuse(Error::PayoutFailed((*to).into()));
            }
            return;
        }
        let before = balance(currency);
        let Some(after) = before.checked_sub(amount) else {
            refuse(Error::UnexpectedBalance((*currency).into(), amount.into(), before.into()))
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
            failed(currency);
        }
    }

    fn balance(currency: &Address) -> u128 {
        erc20::balance(currency, &host::own_address()).unwrap_or_else(|| failed(currency))
    }

    fn check_balance(currency: &Address, expected: u128) {
        let found = balance(currency);
        if found != expected {
            refuse(Error::UnexpectedBalance((*currency).into(), expected.into(), found.into()));
        }
    }

    #[cold]
    fn failed(currency: &Address) -> ! {
        refuse(Error::CurrencyCallFailed((*currency).into()))
    }
}

/// Stops where `kyc` has `from` or `to` frozen or on a sanctions list; zero is no registry and asks nobody.
pub fn screen(kyc: &Address, from: &Address, to: &Address) {
    match blocked(kyc, from, to) {
        0 => {}
        code => refuse(Error::TransferRestricted(code)),
    }
}

/// Who stands in the place of an account that `kyc` has recovered, and keeps out.
pub fn successor(kyc: &Address, lost: &Address) -> Option<Address> {
    const SUCCESSOR_OF: [u8; 4] = selector_bytes("successorOf(address)");
    let heir = ask(kyc, SUCCESSOR_OF, &[address_word(lost)]).and_then(|word| address_of(&word));
    heir.filter(|heir| *heir != NATIVE && blocked(kyc, lost, &NATIVE) != 0)
}

/// The registry's code against two sides; address zero is none.
#[inline(never)]
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
