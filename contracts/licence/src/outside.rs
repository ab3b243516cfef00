//! The other contracts: the pool, the datasets' registry, and the currency. Each may lie; what is asked is asked
//! read-only.

use ink::{codegen::sol::selector_bytes, prelude::vec::Vec, sol::FixedBytes};
use yieldset_rules::{
    compliance::{Requirements, Restriction},
    licence::dues::UsageReport,
    revenue::Usage,
    waiting::Way,
};
use yieldset_shell::{
    access, erc20, host, screening,
    words::{Address, Word, address_of, address_word, number_of, number_word},
};

use crate::errors::{Error, refuse};

const LICENSOR_ROLE: Word = access::role("LICENSOR_ROLE");
const YES: Word = small(1);

const fn small(number: u8) -> Word {
    let mut word = [0; 32];
    word[31] = number;
    word
}

/// A message: its selector and its arguments.
fn message(selector: [u8; 4], arguments: &[Word]) -> Vec<u8> {
    let mut input = Vec::with_capacity(4 + arguments.len() * 32);
    input.extend_from_slice(&selector);
    input.extend_from_slice(arguments.as_flattened());
    input
}

#[inline(never)]
fn ask<const M: usize>(callee: &Address, selector: [u8; 4], arguments: &[Word]) -> Option<[Word; M]> {
    host::ask(callee, &message(selector, arguments))
}

/// The pool's currency.
pub fn currency(pool: &Address) -> Address {
    let answer = ask::<1>(pool, const { selector_bytes("currency()") }, &[]);
    answer.and_then(|[word]| address_of(&word)).unwrap_or_else(|| refuse(Error::PoolCallFailed()))
}

/// Whether an account may license the pool's data.
pub fn is_licensor(pool: &Address, account: &Address) -> bool {
    let arguments = [LICENSOR_ROLE, address_word(account)];
    match ask::<1>(pool, const { selector_bytes("hasRole(bytes32,address)") }, &arguments) {
        Some([answer]) => answer == YES,
        None => refuse(Error::PoolCallFailed()),
    }
}

/// An account's votes at a past time of the pool's clock, and all shares then; the pool refuses a time that is not
/// past.
pub fn past_votes(pool: &Address, account: &Address, timepoint: u64) -> (u128, u128) {
    let at = number_word(timepoint.into());
    let votes = ask::<1>(pool, const { selector_bytes("getPastVotes(address,uint256)") }, &[address_word(account), at]);
    let supply = ask::<1>(pool, const { selector_bytes("getPastTotalSupply(uint256)") }, &[at]);
    let number = |answer: Option<[Word; 1]>| answer.and_then(|[word]| number_of(&word));
    number(votes).zip(number(supply)).unwrap_or_else(|| refuse(Error::PoolCallFailed()))
}

/// Whether the pool paid an account a part of what the licence's stream earned in a quarter, for which it proved that
/// it contributed. A pool that does not answer says no: who was approved needs it not.
pub fn contributed(pool: &Address, licence: &Word, quarter: u32, account: &Address) -> bool {
    let arguments = [*licence, number_word(quarter.into()), address_word(account)];
    let paid = ask::<1>(pool, const { selector_bytes("contributionClaimed(bytes32,uint32,address)") }, &arguments);
    paid.is_some_and(|[amount]| amount != [0; 32])
}

/// Whether the pool awaits no usage of the licence's stream for a quarter any more; `None` where it does not say. It is
/// told the stream's end, because it cannot ask this contract for it meanwhile.
pub fn is_closed(pool: &Address, licence: &Word, quarter: u32, end: u64) -> Option<bool> {
    let arguments = [*licence, number_word(quarter.into()), number_word(end.into())];
    let [way] = ask::<1>(pool, const { selector_bytes("wayOf(bytes32,uint32,uint64)") }, &arguments)?;
    Some(Way::closes(number_of(&way)?))
}

/// Whom the pool pays for an account: its successor after a recovery. A pool that does not answer pays the account.
pub fn payee(pool: &Address, account: &Address) -> Address {
    let payee = ask::<1>(pool, const { selector_bytes("payeeOf(address)") }, &[address_word(account)]);
    payee.and_then(|[word]| address_of(&word)).unwrap_or(*account)
}

/// Stops where the pool is not opened.
pub fn check_opened(pool: &Address) {
    match ask::<1>(pool, const { selector_bytes("opened()") }, &[]) {
        Some([answer]) if answer == YES => {}
        Some(_) => refuse(Error::PoolNotOpened((*pool).into())),
        None => refuse(Error::PoolCallFailed()),
    }
}

/// Stops where the registry that the pool screens by now has either account frozen or on a sanctions list.
pub fn check_not_blocked(pool: &Address, from: &Address, to: &Address) {
    let registry = screening::registry_of(pool).unwrap_or_else(|| refuse(Error::PoolCallFailed()));
    if registry == [0; 20] {
        return;
    }
    let requirements = Requirements { blocked_only: true, ..Requirements::OPEN };
    match screening::restriction(&registry, from, to, &requirements.word()) {
        Some(0) => {}
        code => refuse(Error::TransferRestricted(code.unwrap_or(Restriction::RegistryUnavailable as u8))),
    }
}

/// State of a report that will never change.
const FINAL: u8 = 3;

/// A quarter's usage by the final report of the licence's stream, in the registry that the pool itself pays by.
pub fn usage(pool: &Address, licence: &Word, quarter: u32) -> UsageReport {
    let registry = ask::<1>(pool, const { selector_bytes("attribution()") }, &[]);
    let registry = registry.and_then(|[word]| address_of(&word)).unwrap_or_else(|| refuse(Error::PoolCallFailed()));
    let arguments = [address_word(pool), *licence, number_word(quarter.into())];
    let answer = ask::<7>(&registry, const { selector_bytes("figuresOf(address,bytes32,uint32)") }, &arguments);
    let Some([state, _, report, metric, threshold, tokens, calls]) = answer else {
        refuse(Error::AttributionCallFailed())
    };
    let number = |word: &Word| number_of(word).unwrap_or_else(|| refuse(Error::Overflow()));
    let state = number(&state) as u8;
    if state != FINAL {
        refuse(Error::UsageNotFinal(quarter, state));
    }
    let usage = Usage { tokens: number(&tokens), calls: number(&calls) as u64 };
    UsageReport { usage, metric, threshold: number(&threshold) as u32, report }
}

/// Stops where a dataset is not the pool's.
pub fn check_assigned(manifests: &Address, pool: &Address, dataset: &Word) {
    let answer = ask::<1>(manifests, const { selector_bytes("poolOf(bytes32)") }, &[*dataset]);
    let Some(assigned) = answer.and_then(|[word]| address_of(&word)) else { refuse(Error::ManifestsCallFailed()) };
    if assigned != *pool {
        refuse(Error::DatasetNotInPool(FixedBytes(*dataset), assigned.into()));
    }
}

/// Opens datasets for a licence, or holds them for one that is not in force yet, exclusively until a time or not
/// (zero). The registry refuses where another licence is exclusive.
#[inline(never)]
pub fn occupy(manifests: &Address, datasets: &[Word], licence: &Word, in_force: bool, exclusive_until: u64) {
    const OPEN: [u8; 4] = selector_bytes("openLicence(bytes32,bytes32,uint64)");
    const HOLD: [u8; 4] = selector_bytes("holdLicence(bytes32,bytes32,uint64)");
    for dataset in datasets {
        let arguments = [*dataset, *licence, number_word(exclusive_until.into())];
        tell(manifests, dataset, &message(if in_force { OPEN } else { HOLD }, &arguments));
    }
}

/// Closes a dataset for a licence.
pub fn close(manifests: &Address, dataset: &Word, licence: &Word) {
    tell(
        manifests,
        dataset,
        &message(const { selector_bytes("closeLicence(bytes32,bytes32)") }, &[*dataset, *licence]),
    );
}

fn tell(manifests: &Address, dataset: &Word, input: &[u8]) {
    if !host::call(manifests, 0, false, input, &mut []) {
        refuse(Error::DatasetRefused(FixedBytes(*dataset)));
    }
}

/// A dataset's creator.
pub fn creator(manifests: &Address, dataset: &Word) -> Address {
    let answer = ask::<1>(manifests, const { selector_bytes("datasetOf(bytes32)") }, &[*dataset]);
    answer.and_then(|[word]| address_of(&word)).unwrap_or_else(|| refuse(Error::ManifestsCallFailed()))
}

/// The number of a dataset's version by its manifest; zero where it has none, or that was redacted. One that its
/// creator took back still lacks the data: a creator cannot stop a request that way.
pub fn registered_version(manifests: &Address, dataset: &Word, manifest: &Word) -> u32 {
    const WITHDRAWN: Word = small(2);
    let version = ask::<1>(manifests, const { selector_bytes("manifestOf(bytes32,bytes32)") }, &[*dataset, *manifest]);
    let state = version.and_then(|[version]| {
        ask::<1>(manifests, const { selector_bytes("statusOf(bytes32,uint32)") }, &[*dataset, version])
    });
    let (Some([version]), Some([state])) = (version, state) else { refuse(Error::ManifestsCallFailed()) };
    let version = number_of(&version).and_then(|version| u32::try_from(version).ok());
    version.filter(|_| state == YES || state == WITHDRAWN).unwrap_or(0)
}

/// Takes money from the caller: native money came with the call and must be exactly this; an ERC-20 is pulled, and our
/// balance must grow by exactly this.
pub fn take(currency: &Address, amount: u128) {
    let came = host::transferred().unwrap_or(u128::MAX);
    let expected = if *currency == [0; 20] { amount } else { 0 };
    if came != expected {
        refuse(Error::WrongValue(came.into(), expected.into()));
    }
    if *currency == [0; 20] || amount == 0 {
        return;
    }
    let own = host::own_address();
    let before = balance(currency, &own);
    let done = erc20::transfer_from(currency, &host::caller(), &own, amount);
    let got = balance(currency, &own).saturating_sub(before);
    if !done || got != amount {
        refuse(Error::WrongAmountReceived(got.into(), amount.into()));
    }
}

/// Pays an account out of a licence of the pool.
pub fn send(pool: &Address, currency: &Address, to: &Address, amount: u128) {
    let sent = if *currency == [0; 20] { host::send(to, amount) } else { erc20::pay(currency, to, amount) };
    if !sent {
        erc20::check_payout(pool, to, amount);
        refuse(Error::PayoutFailed((*to).into()));
    }
}

/// Deposits into the pool and answers how much of it the pool really took. A pool that fails took nothing, and so did
/// one that the currency lets nobody allow anything: that is no reason to refuse the platform's payment, which is held
/// for the pool instead.
pub fn deposit(pool: &Address, currency: &Address, stream: &Word, period: u32, amount: u128) -> u128 {
    let arguments = [*stream, number_word(period.into()), number_word(amount)];
    let input = message(const { selector_bytes("deposit(bytes32,uint32,uint256)") }, &arguments);
    if *currency == [0; 20] {
        return if host::call(pool, amount, false, &input, &mut []) { amount } else { 0 };
    }
    let own = host::own_address();
    let before = balance(currency, &own);
    // A token of the chain reserves native money for it, which this contract may not have.
    if !erc20::approve(currency, pool, amount) {
        return 0;
    }
    let _ = host::call(pool, 0, false, &input, &mut []);
    let took = before.saturating_sub(balance(currency, &own));
    if took > amount || (took < amount && !erc20::approve(currency, pool, 0)) {
        refuse(Error::CurrencyCallFailed((*currency).into()));
    }
    took
}

fn balance(currency: &Address, account: &Address) -> u128 {
    erc20::balance(currency, account).unwrap_or_else(|| refuse(Error::CurrencyCallFailed((*currency).into())))
}
