//! Contributors' claims: a weight is proven against the final report of a period, once for each claim, and paid what is
//! owed so far.

use ink::{
    U256,
    codegen::sol::selector_bytes,
    env::emit_event_sol,
    prelude::{vec, vec::Vec},
    sol::{FixedBytes, SolParamsDecode, decode_sequence},
};
use yieldset_pool_core::{
    account::{Account, payee},
    keys,
    ledger::Ledger,
    money::{self, PeriodRecord},
    refusals::{self, add, exact},
    shares,
};
use yieldset_rules::{
    contribution::{Contribution, ContributionError},
    merkle,
};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, narrow, number_of, number_word},
};

use crate::events::ContributionClaimed;

const RESULT_OF: [u8; 4] = selector_bytes("resultOf(address,bytes32,uint32)");
/// The attribution registry's state of a report that can no longer change.
const FINAL: u8 = 3;
/// Most claims in one batch.
pub const MAX_BATCH: usize = 64;

/// What can become of a claim. Each looks different from all others to the contributor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Nothing was earned.
    Nothing = 0,
    /// There is money, and no final report yet.
    Pending = 1,
    /// Can be claimed now.
    Payable = 2,
    /// All of it was paid.
    Paid = 3,
    /// Earned, and kept until KYC accepts the account again, the pool runs on, or it is as much as the currency lets an
    /// account have.
    Held = 4,
}

/// One claim: what for, and the proof of its weight.
#[derive(Debug, Clone)]
pub struct Item {
    /// Licence stream.
    pub stream: Word,
    /// Accounting period.
    pub period: u32,
    /// Parts of 10^18.
    pub weight: U256,
    /// From (account, weight) to the report's root.
    pub proof: Vec<FixedBytes<32>>,
}

/// Pays all of an account's claims at once and returns the sum. Those without anything owed are passed over; all of
/// them is refused.
pub fn claim(account: &Address, items: &[Item]) -> u128 {
    let mut ledger = Ledger::load();
    ledger.running();
    if items.len() > MAX_BATCH {
        refusals::batch_too_long(items.len() as u32, MAX_BATCH as u32);
    }
    let paid = items.iter().fold(0, |sum, item| add(sum, take(&ledger, account, item)));
    if paid == 0 {
        refusals::nothing_to_claim(account);
    }
    let payee = payee(account);
    shares::ask_kyc(&ledger, &payee);
    ledger.claimed_by_contributors = add(ledger.claimed_by_contributors, paid);
    ledger.save();
    money::pay(&ledger.currency, &payee, paid);
    paid
}

/// Where a claim stands, and how much is or was in it.
pub fn state(account: &Address, item: &Item) -> (State, u128) {
    let ledger = Ledger::load();
    let record = match settled(&ledger, item) {
        Ok(record) => record,
        Err((record, _)) if record.period().total == 0 => return (State::Nothing, 0),
        Err(_) => return (State::Pending, 0),
    };
    let weight = proven(&record, account, item);
    let mut contribution = load(account, item);
    match record.period().claim(&mut contribution, weight) {
        Ok(owed) if payable(&ledger, account, owed) => (State::Payable, owed),
        Ok(owed) => (State::Held, owed),
        Err(_) if contribution.claimed == 0 => (State::Nothing, 0),
        Err(_) => (State::Paid, contribution.claimed),
    }
}

/// Where an account's dividends stand.
pub fn dividend_state(account: &Address) -> (State, u128) {
    let ledger = Ledger::load();
    let record = Account::load(account);
    match exact(record.holder.claimable(ledger.index)) {
        0 if record.restraints.paid => (State::Paid, 0),
        0 => (State::Nothing, 0),
        owed if payable(&ledger, account, owed) => (State::Payable, owed),
        owed => (State::Held, owed),
    }
}

/// Whether neither pause nor KYC nor the currency's least balance stand in the way.
fn payable(ledger: &Ledger, account: &Address, owed: u128) -> bool {
    let payee = payee(account);
    let willing = !ledger.paused() && shares::screened(ledger, &payee) == 0;
    willing && money::in_the_way(&ledger.currency, &host::own_address(), &payee, owed).is_none()
}

/// What an account took of a period.
pub fn claimed(account: &Address, stream: &Word, period: u32) -> u128 {
    host::read(&keys::contribution(stream, period, account))
        .map_or(0, |stored| Contribution::from_bytes(&stored).claimed)
}

/// Records one claim and returns what is to be paid for it.
fn take(ledger: &Ledger, account: &Address, item: &Item) -> u128 {
    let mut record =
        settled(ledger, item).unwrap_or_else(|(_, state)| refusals::no_final_report(&item.stream, item.period, state));
    let weight = proven(&record, account, item);
    let (mut contribution, mut period) = (load(account, item), record.period());
    let paid = match period.claim(&mut contribution, weight) {
        Ok(paid) => paid,
        Err(ContributionError::Nothing) => return 0,
        Err(ContributionError::WeightsExceeded) => {
            refusals::weights_exceeded(period.weight_claimed, &number_word(weight.into()))
        }
        Err(ContributionError::Math(_)) => refusals::overflow(),
    };
    record.set_period(&period);
    record.save(&item.stream, item.period);
    host::write(&keys::contribution(&item.stream, item.period, account), &contribution.to_bytes());
    emit_event_sol(ContributionClaimed {
        stream: FixedBytes(item.stream),
        period: item.period,
        account: (*account).into(),
        amount: paid.into(),
        weight: weight.into(),
    });
    paid
}

fn load(account: &Address, item: &Item) -> Contribution {
    host::read(&keys::contribution(&item.stream, item.period, account))
        .map(|stored| Contribution::from_bytes(&stored))
        .unwrap_or_default()
}

/// The weight, once its proof leads to the period's root.
fn proven(record: &PeriodRecord, account: &Address, item: &Item) -> u64 {
    let Some(weight) = narrow(item.weight).and_then(|weight| u64::try_from(weight).ok()) else {
        refusals::weights_exceeded(record.period().weight_claimed, &refusals::word(item.weight))
    };
    let leaf = merkle::leaf(account, weight, host::keccak256);
    if !merkle::verify(&record.root, leaf, item.proof.iter().map(|sibling| &sibling.0), host::keccak256) {
        refusals::invalid_proof(account);
    }
    weight
}

/// The item's period with the root of its final report, which never changes: later claims need not ask for it again.
/// Without one, the state that the registry has the period in.
fn settled(ledger: &Ledger, item: &Item) -> Result<PeriodRecord, (PeriodRecord, u8)> {
    let mut record = PeriodRecord::load(&item.stream, item.period);
    if record.root == [0; 32] {
        let (state, root) = result(ledger, &item.stream, item.period);
        if state != FINAL || root == [0; 32] {
            return Err((record, state));
        }
        record.root = root;
    }
    Ok(record)
}

/// The registry's state and root of this pool's report.
fn result(ledger: &Ledger, stream: &Word, period: u32) -> (u8, Word) {
    let mut input = [0; 100];
    input[..4].copy_from_slice(&RESULT_OF);
    input[4..36].copy_from_slice(&address_word(&host::own_address()));
    input[36..68].copy_from_slice(stream);
    input[68..].copy_from_slice(&number_word(period.into()));
    let answer = host::ask::<2>(&ledger.attribution, &input);
    let state = answer.and_then(|[state, _]| number_of(&state)).and_then(|state| u8::try_from(state).ok());
    match (state, answer) {
        (Some(state), Some([_, root])) => (state, root),
        _ => refusals::attribution_call_failed(),
    }
}

/// Longest call that is decoded, in bytes: a full batch with proofs of 24 steps.
const MAX_CALL: usize = 65_536;

/// Arguments of which some are lists, after the selector.
pub fn decoded<T: SolParamsDecode>() -> T {
    let length = host::call_data_length();
    if !(4..=MAX_CALL).contains(&length) {
        refusals::malformed();
    }
    let mut arguments = vec![0; length.saturating_sub(4)];
    host::call_data(&mut arguments, 4);
    decode_sequence(&arguments).unwrap_or_else(|_| refusals::malformed())
}

/// An account and one claim.
pub fn decode_one() -> (Address, Item) {
    let (account, stream, period, weight, proof) =
        decoded::<(ink::Address, FixedBytes<32>, u32, U256, Vec<FixedBytes<32>>)>();
    (account.0, Item { stream: stream.0, period, weight, proof })
}

/// An account and its claims; lists of different lengths are no batch.
#[allow(clippy::type_complexity, reason = "the message's arguments")]
pub fn decode_batch() -> (Address, Vec<Item>) {
    let (account, streams, periods, weights, proofs) =
        decoded::<(ink::Address, Vec<FixedBytes<32>>, Vec<u32>, Vec<U256>, Vec<Vec<FixedBytes<32>>>)>();
    if [periods.len(), weights.len(), proofs.len()].iter().any(|length| *length != streams.len()) {
        refusals::malformed();
    }
    let heads = streams.iter().zip(periods).zip(weights).zip(proofs);
    let items = heads.map(|(((stream, period), weight), proof)| Item { stream: stream.0, period, weight, proof });
    (account.0, items.collect())
}
