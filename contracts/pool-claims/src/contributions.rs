//! Contributors' claims: a weight is proven against the final report of a period, once for each claim, and paid what is
//! owed so far.

use yieldset_pool_core::{
    claims::{State, payable},
    events, keys,
    ledger::Ledger,
    money::{self, PeriodRecord},
    outside::attribution,
    refusals::{self, add},
    shares,
};
use yieldset_rules::{
    contribution::{Contribution, ContributionError},
    merkle,
};
use yieldset_shell::{
    abi::kind,
    calldata::{Words, malformed, value},
    host,
    refusals::OrRefuse,
    words::{Address, Word, number_of},
};

/// The attribution registry's state of a report that can no longer change.
const FINAL: u8 = 3;
/// Most claims in one call.
pub const MAX_BATCH: u32 = 64;

/// One claim: what for, and the proof of its weight.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Licence stream.
    pub stream: &'a Word,
    /// Accounting period.
    pub period: u32,
    /// Parts of 10^18.
    pub weight: &'a Word,
    /// From (account, weight) to the report's root.
    pub proof: Words,
}

/// Pays an account's claim and returns how much it was.
pub fn claim_one(account: &Address, item: &Item<'_>) -> u128 {
    let ledger = running();
    let paid = take(&ledger, account, item);
    pay(ledger, account, paid)
}

/// Pays all of an account's claims at once and returns the sum. Those without anything owed are passed over; all of
/// them is refused. Lists of different lengths are no batch.
pub fn claim_periods(account: &Address, streams: Words, periods: Words, weights: Words, proofs: Words) -> u128 {
    let ledger = running();
    let count = at_most(MAX_BATCH, streams.len());
    same_length(count, &[periods, weights, proofs]);
    let mut paid = 0;
    for n in 0..count {
        let (stream, period, weight) = (streams.get(n), value::<kind::uint32>(&periods.get(n)), weights.get(n));
        paid = add(
            paid,
            take(&ledger, account, &Item { stream: &stream, period, weight: &weight, proof: proofs.array(n) }),
        );
    }
    pay(ledger, account, paid)
}

/// Asks for the root of a period's final report once, for all who claim: no claim has to bring in the registry's code
/// any more. It stands then, as after a claim, whatever becomes of the registry; so it is kept only where there is
/// money. Again it changes nothing.
pub fn keep_root(stream: &Word, period: u32) {
    let ledger = Ledger::load();
    let before = PeriodRecord::load(stream, period);
    if before.root != [0; 32] {
        return;
    }
    if before.period().unclaimed() == 0 {
        refusals::NothingWaits { stream, period }.refuse();
    }
    let record = final_record(&ledger, stream, period);
    record.save(stream, period);
    events::RootKept { stream, period, root: record.root }.emit();
}

/// Where a claim stands, and how much is or was in it.
pub fn state(account: &Address, item: &Item<'_>) -> (State, u128) {
    let ledger = Ledger::load();
    let record = match settled(&ledger, item.stream, item.period) {
        Ok(record) => record,
        Err((record, _)) if record.period().total == 0 => return (State::Nothing, 0),
        Err(_) => return (State::Pending, 0),
    };
    let weight = proven(&record, account, item);
    let mut contribution = load(account, item.stream, item.period);
    match record.period().claim(&mut contribution, weight) {
        Ok(owed) if payable(&ledger, account, owed) => (State::Payable, owed),
        Ok(owed) => (State::Held, owed),
        Err(_) if contribution.claimed == 0 => (State::Nothing, 0),
        Err(_) => (State::Paid, contribution.claimed),
    }
}

/// A pool that is not paused.
pub fn running() -> Ledger {
    let ledger = Ledger::load();
    ledger.running();
    ledger
}

/// A number of claims, where it is no more than that.
pub fn at_most(most: u32, count: u32) -> u32 {
    if count > most {
        refusals::BatchTooLong { got: count, most }.refuse();
    }
    count
}

/// Stops where lists that belong together are not of one length.
pub fn same_length(count: u32, lists: &[Words]) {
    if lists.iter().any(|list| list.len() != count) {
        malformed();
    }
}

/// Pays what was taken to the account, or to whom it was recovered to.
fn pay(mut ledger: Ledger, account: &Address, paid: u128) -> u128 {
    if paid == 0 {
        refusals::NothingToClaim { account }.refuse();
    }
    let payee = ledger.payee(account);
    shares::ask_kyc(&ledger, &payee);
    ledger.claimed_by_contributors = add(ledger.claimed_by_contributors, paid);
    ledger.save();
    money::pay(&ledger.currency, &payee, paid);
    paid
}

/// Records one claim and returns what is to be paid for it.
fn take(ledger: &Ledger, account: &Address, item: &Item<'_>) -> u128 {
    let mut record = final_record(ledger, item.stream, item.period);
    let weight = proven(&record, account, item);
    let (mut contribution, mut period) = (load(account, item.stream, item.period), record.period());
    let paid = match period.claim(&mut contribution, weight) {
        Ok(paid) => paid,
        Err(ContributionError::Nothing) => return 0,
        Err(ContributionError::WeightsExceeded) => {
            refusals::WeightsExceeded { claimed: period.weight_claimed, weight: item.weight }.refuse()
        }
        Err(ContributionError::Math(_)) => refusals::Overflow {}.refuse(),
    };
    record.set_period(&period);
    record.save(item.stream, item.period);
    store(account, item.stream, item.period, &contribution);
    tell(item.stream, item.period, account, paid, weight);
    paid
}

/// Tells that an account was paid.
#[inline(never)]
pub fn tell(stream: &Word, period: u32, account: &Address, amount: u128, weight: u64) {
    events::ContributionClaimed { stream, period, account, amount, weight }.emit();
}

/// What an account has taken.
#[inline(never)]
pub fn load(account: &Address, stream: &Word, period: u32) -> Contribution {
    let stored = host::read(&keys::contribution(stream, period, account));
    stored.map(|stored| Contribution::from_bytes(&stored)).unwrap_or_default()
}

/// Keeps it.
#[inline(never)]
pub fn store(account: &Address, stream: &Word, period: u32, contribution: &Contribution) {
    host::write(&keys::contribution(stream, period, account), &contribution.to_bytes());
}

/// The weight, once its proof leads to the period's root.
#[inline(never)]
fn proven(record: &PeriodRecord, account: &Address, item: &Item<'_>) -> u64 {
    let weight = weight_of(record, item.weight);
    let mut node = merkle::leaf(account, weight, host::keccak256);
    for sibling in item.proof.iter() {
        node = merkle::parent(&node, &sibling, host::keccak256);
    }
    if node != record.root {
        refusals::InvalidProof { account }.refuse();
    }
    weight
}

/// A weight within 64 bits; all weights together have less.
#[inline(never)]
pub fn weight_of(record: &PeriodRecord, weight: &Word) -> u64 {
    let narrow = number_of(weight).and_then(|weight| u64::try_from(weight).ok());
    narrow.or_refuse(refusals::WeightsExceeded { claimed: record.period().weight_claimed, weight })
}

/// The period with the root of its final report; refused where there is none.
#[inline(never)]
pub fn final_record(ledger: &Ledger, stream: &Word, period: u32) -> PeriodRecord {
    match settled(ledger, stream, period) {
        Ok(record) => record,
        Err((_, state)) => refusals::NoFinalReport { stream, period, state }.refuse(),
    }
}

/// The period with the root of its final report, which never changes: later claims need not ask for it again. Without
/// one, the state that the registry has the period in.
fn settled(ledger: &Ledger, stream: &Word, period: u32) -> Result<PeriodRecord, (PeriodRecord, u8)> {
    let mut record = PeriodRecord::load(stream, period);
    if record.root == [0; 32] {
        let (state, root) = result(ledger, stream, period);
        if state != FINAL || root == [0; 32] {
            return Err((record, state));
        }
        record.root = root;
    }
    Ok(record)
}

/// The registry's state and root of this pool's report.
fn result(ledger: &Ledger, stream: &Word, period: u32) -> (u8, Word) {
    let answer = attribution::resultOf { pool: host::own_address(), stream, period }.ask(&ledger.attribution);
    let state = answer.and_then(|[state, _]| u8::try_from(number_of(&state)?).ok());
    match (state, answer) {
        (Some(state), Some([_, root])) => (state, root),
        _ => refusals::AttributionCallFailed {}.refuse(),
    }
}
