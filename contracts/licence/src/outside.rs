//! The other contracts: the pool, the datasets' registry, and the currency. Each may lie; what is asked is asked
//! read-only.

use yieldset_rules::{
    compliance::{Requirements, Restriction},
    currency::{float_lacks, is_asset},
    licence::dues::UsageReport,
    revenue::Usage,
    waiting::Way,
};
use yieldset_shell::{
    abi::{Told, kind},
    access, erc20, host,
    refusals::OrRefuse,
    screening,
    words::{Address, Word, number_of},
};

use crate::refusals::{
    AttributionCallFailed, CurrencyCallFailed, DatasetNotInPool, DatasetRefused, FloatMissing, ManifestsCallFailed,
    PayoutFailed, PoolCallFailed, PoolNotOpened, TransferRestricted, WrongAmountReceived, WrongValue,
};

yieldset_shell::interface! {
    /// What pools are asked and told.
    mod pools {
        ask currency() -> address;
        ask hasRole(role: bytes32, account: address) -> bool;
        ask getPastVotes(account: address, timepoint: uint256) -> uint256;
        ask getPastTotalSupply(timepoint: uint256) -> uint256;
        ask contributionClaimed(stream: bytes32, period: uint32, account: address) -> uint256;
        ask wayOf(stream: bytes32, period: uint32, end: uint64) -> uint8;
        ask payeeOf(account: address) -> address;
        ask opened() -> bool;
        ask attribution() -> address;
        tell deposit(stream: bytes32, period: uint32, amount: uint256);
    }
    /// What a pool's registry of reports is asked.
    mod reports {
        ask figuresOf(pool: address, stream: bytes32, period: uint32)
            -> (uint8, uint32, bytes32, bytes32, uint32, uint256, uint64);
    }
    /// What the datasets' registry is asked and told.
    mod registry {
        ask poolOf(dataset: bytes32) -> address;
        ask datasetOf(dataset: bytes32) -> address;
        ask manifestOf(dataset: bytes32, manifest: bytes32) -> uint32;
        ask statusOf(dataset: bytes32, version: uint32) -> uint8;
        tell openLicence(dataset: bytes32, licence: bytes32, exclusive_until: uint64);
        tell holdLicence(dataset: bytes32, licence: bytes32, exclusive_until: uint64);
        tell closeLicence(dataset: bytes32, licence: bytes32);
    }
}

/// The pool's currency.
pub fn currency(pool: &Address) -> Address {
    pools::currency {}.ask(pool).or_refuse(PoolCallFailed {})
}

/// Whether an account may license the pool's data.
#[inline(never)]
pub fn is_licensor(pool: &Address, account: &Address) -> bool {
    const LICENSOR_ROLE: Word = access::role("LICENSOR_ROLE");
    pools::hasRole { role: LICENSOR_ROLE, account }.ask(pool).or_refuse(PoolCallFailed {})
}

/// An account's votes at a past time of the pool's clock, and all shares then; the pool refuses a time that is not
/// past.
pub fn past_votes(pool: &Address, account: &Address, timepoint: u64) -> (u128, u128) {
    let votes = pools::getPastVotes { account, timepoint }.ask(pool);
    let supply = pools::getPastTotalSupply { timepoint }.ask(pool);
    votes.zip(supply).or_refuse(PoolCallFailed {})
}

/// Whether the pool paid an account a part of what the licence's stream earned in a quarter, for which it proved that
/// it contributed. A pool that does not answer says no: who was approved needs it not.
pub fn contributed(pool: &Address, stream: &Word, period: u32, account: &Address) -> bool {
    pools::contributionClaimed { stream, period, account }.ask(pool).is_some_and(|amount| amount > 0)
}

/// Whether the pool awaits no usage of the licence's stream for a quarter any more; `None` where it pays by a report
/// already. It is told the stream's end, because it cannot ask this contract for it meanwhile.
pub fn is_closed(pool: &Address, stream: &Word, period: u32, end: u64) -> Option<bool> {
    Way::closes(pools::wayOf { stream, period, end }.ask(pool).or_refuse(PoolCallFailed {}).into())
}

/// Whom the pool pays for an account: its successor after a recovery. A pool that does not answer pays the account.
pub fn payee(pool: &Address, account: &Address) -> Address {
    pools::payeeOf { account }.ask(pool).unwrap_or(*account)
}

/// Stops where the pool is not opened.
pub fn check_opened(pool: &Address) {
    let opened = pools::opened {}.ask(pool).or_refuse(PoolCallFailed {});
    if !opened {
        PoolNotOpened { pool }.refuse();
    }
}

/// Stops where the registry that the pool screens by now has either account frozen or on a sanctions list.
pub fn check_not_blocked(pool: &Address, from: &Address, to: &Address) {
    let registry = screening::registry_of(pool).or_refuse(PoolCallFailed {});
    if registry == [0; 20] {
        return;
    }
    let requirements = Requirements { blocked_only: true, ..Requirements::OPEN };
    match screening::restriction(&registry, from, to, &requirements.word()) {
        Some(0) => {}
        code => TransferRestricted { code: code.unwrap_or(Restriction::RegistryUnavailable as u8) }.refuse(),
    }
}

/// State of a report that will never change.
const FINAL: u8 = 3;

/// A quarter's usage by the final report of the licence's stream, in the registry that the pool itself pays by; the
/// report's state where that is another. Stops where either does not answer: who called may have seen to it.
pub fn usage(pool: &Address, stream: &Word, period: u32) -> Result<UsageReport, u8> {
    let registry = pools::attribution {}.ask(pool).or_refuse(PoolCallFailed {});
    let figures = reports::figuresOf { pool, stream, period }.ask(&registry);
    let [state, _, report, metric, threshold, tokens, calls] = figures.or_refuse(AttributionCallFailed {});
    // What is none of these numbers is no answer.
    let state = kind::uint8::told(&state).or_refuse(AttributionCallFailed {});
    if state != FINAL {
        return Err(state);
    }
    let (tokens, calls) = (number_of(&tokens), kind::uint64::told(&calls));
    let (Some(tokens), Some(calls), Some(threshold)) = (tokens, calls, kind::uint32::told(&threshold)) else {
        AttributionCallFailed {}.refuse()
    };
    Ok(UsageReport { usage: Usage { tokens, calls }, metric, threshold, report })
}

/// Stops where a dataset is not the pool's.
#[inline(never)]
pub fn check_assigned(manifests: &Address, pool: &Address, dataset: &Word) {
    let assigned = registry::poolOf { dataset }.ask(manifests).or_refuse(ManifestsCallFailed {});
    if assigned != *pool {
        DatasetNotInPool { dataset, pool: assigned }.refuse();
    }
}

/// Opens datasets for a licence, or holds them for one that is not in force yet, exclusively until a time or not
/// (zero). The registry refuses where another licence is exclusive.
#[inline(never)]
pub fn occupy(manifests: &Address, datasets: &[Word], licence: &Word, in_force: bool, exclusive_until: u64) {
    for dataset in datasets {
        check_told(
            dataset,
            if in_force {
                registry::openLicence { dataset, licence, exclusive_until }.tell(manifests)
            } else {
                registry::holdLicence { dataset, licence, exclusive_until }.tell(manifests)
            },
        );
    }
}

/// Closes a dataset for a licence.
pub fn close(manifests: &Address, dataset: &Word, licence: &Word) {
    check_told(dataset, registry::closeLicence { dataset, licence }.tell(manifests));
}

fn check_told(dataset: &Word, done: bool) {
    if !done {
        DatasetRefused { dataset }.refuse();
    }
}

/// A dataset's creator.
pub fn creator(manifests: &Address, dataset: &Word) -> Address {
    registry::datasetOf { dataset }.ask(manifests).or_refuse(ManifestsCallFailed {})
}

/// The number of a dataset's version by its manifest; zero where it has none, or that was redacted. One that its
/// creator took back still lacks the data: a creator cannot stop a request that way.
pub fn registered_version(manifests: &Address, dataset: &Word, manifest: &Word) -> u32 {
    const REGISTERED_OR_WITHDRAWN: [u8; 2] = [1, 2];
    let version = registry::manifestOf { dataset, manifest }.ask(manifests).or_refuse(ManifestsCallFailed {});
    let status = registry::statusOf { dataset, version }.ask(manifests).or_refuse(ManifestsCallFailed {});
    if REGISTERED_OR_WITHDRAWN.contains(&status) { version } else { 0 }
}

/// Takes money from the caller: native money came with the call and must be exactly this; an ERC-20 is pulled, and our
/// balance must grow by exactly this.
#[inline(never)]
pub fn take(pool: &Address, currency: &Address, amount: u128) {
    let got = host::transferred().unwrap_or(u128::MAX);
    let native = *currency == [0; 20];
    let expected = if native { amount } else { 0 };
    if got != expected {
        WrongValue { got, expected }.refuse();
    }
    if native || amount == 0 {
        return;
    }
    let own = host::own_address();
    let before = balance(currency, &own);
    check_float(pool, currency, before);
    let done = erc20::transfer_from(currency, &host::caller(), &own, amount);
    let got = balance(currency, &own).saturating_sub(before);
    if !done || got != amount {
        WrongAmountReceived { got, expected: amount }.refuse();
    }
    book(currency, |owed| owed.saturating_add(amount));
}

/// Stops money in a token of the chain while the contract has less than its least balance beside what it owes in it:
/// the last payment of that could not be exact. Other currencies have no such balance, and pay nothing for this.
fn check_float(pool: &Address, currency: &Address, own: u128) {
    if !is_asset(currency) {
        return;
    }
    let minimum = erc20::minimum_of(pool);
    // Its issuer declares it before the pool is opened.
    if minimum == 0 {
        PoolNotOpened { pool }.refuse();
    }
    match float_lacks(minimum, own, owed(currency)) {
        Ok(0) => {}
        missing => FloatMissing { missing: missing.unwrap_or(minimum) }.refuse(),
    }
}

/// Where it is kept what the contract owes in a token of the chain, licences and audits of all pools together.
fn owed_key(currency: &Address) -> [u8; 24] {
    let mut key = *b"owed....................";
    key[4..].copy_from_slice(currency);
    key
}

fn owed(currency: &Address) -> u128 {
    host::read(&owed_key(currency)).map_or(0, u128::from_le_bytes)
}

/// Counts what came in a token of the chain, or went.
#[inline(never)]
fn book(currency: &Address, change: impl Fn(u128) -> u128) {
    if is_asset(currency) {
        host::write(&owed_key(currency), &change(owed(currency)).to_le_bytes());
    }
}

/// Pays an account out of a licence of the pool.
pub fn send(pool: &Address, currency: &Address, to: &Address, amount: u128) {
    let sent = if *currency == [0; 20] { host::send(to, amount) } else { erc20::pay(currency, to, amount) };
    if !sent {
        erc20::check_payout(pool, to, amount);
        PayoutFailed { account: to }.refuse();
    }
    book(currency, |owed| owed.saturating_sub(amount));
}

/// Deposits into the pool and answers how much of it the pool really took. A pool that fails, or uses up what weight it
/// is given, took nothing, and so did one that the currency lets nobody allow anything (a token of the chain reserves
/// native money for it, which this contract may not have): that is no reason to refuse the platform's payment, which is
/// held for the pool instead.
pub fn deposit(pool: &Address, currency: &Address, stream: &Word, period: u32, amount: u128) -> u128 {
    let deposit = pools::deposit { stream, period, amount };
    let took = erc20::offer(currency, pool, amount, |wei| deposit.tell_bounded(wei, pool));
    let took = took.or_refuse(CurrencyCallFailed { currency });
    book(currency, |owed| owed.saturating_sub(took));
    took
}

fn balance(currency: &Address, account: &Address) -> u128 {
    erc20::balance(currency, account).or_refuse(CurrencyCallFailed { currency })
}
