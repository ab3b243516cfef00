//! Contributors' claims: a weight is proven against the final report of a period, once for each claim, and paid what is
//! owed so far.

use yieldset_pool_core::{
    books::Book,
    claims::{State, payable},
    events,
    ledger::Ledger,
    money,
    outside::attribution,
    refusals::{self, add},
    shares,
};
use yieldset_rules::{
    contribution::{ContributionError, Period},
    merkle,
};
use yieldset_shell::{
    abi::kind,
    calldata::{Words, malformed, value},
    host,
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
/// any more. It stands then, as after a claim, for what is there and what comes until another registry is adopted; it
/// is kept only where there is money. Again it changes nothing.
pub fn keep_root(stream: &Word, period: u32) {
    let ledger = Ledger::load();
    let mut book = Book::current(&ledger, stream, period);
    if book.is_bound() {
        return;
    }
    if book.money().unclaimed() == 0 {
        refusals::NothingWaits { stream, period }.refuse();
    }
    if let Err(why) = bind(&ledger, &mut book) {
        why.refuse(stream, period, &[0; 20]);
    }
    book.save();
    events::RootKept { stream, period, root: book.root() }.emit();
}

/// Where a claim stands, and how much is or was in it.
pub fn state(account: &Address, item: &Item<'_>) -> (State, u128) {
    let ledger = Ledger::load();
    let (node, weight) = leads_to(account, item);
    let found = match find(&ledger, Book::first(item.stream, item.period), &node, true) {
        Err(Missing::Final(_, Period { total: 0, .. })) => return (State::Nothing, 0),
        Err(Missing::Final(..)) => return (State::Pending, 0),
        Err(why) => why.refuse(item.stream, item.period, account),
        Ok(book) => book,
    };
    let (mut owed, mut taken, mut next) = (0, 0, Some(found));
    while let Some(book) = next {
        let mut contribution = book.taken(account);
        match book.money().claim(&mut contribution, weight) {
            Ok(amount) => owed = add(owed, amount),
            Err(_) => taken = add(taken, contribution.claimed),
        }
        next = following(&ledger, &book, &node, owed);
    }
    match (owed, taken) {
        (0, 0) => (State::Nothing, 0),
        (0, _) => (State::Paid, taken),
        _ if payable(&ledger, account, owed) => (State::Payable, owed),
        _ => (State::Held, owed),
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

/// Records one claim, in each book that its proof leads to, and returns what is to be paid for it.
fn take(ledger: &Ledger, account: &Address, item: &Item<'_>) -> u128 {
    let Item { stream, period, .. } = *item;
    let (node, weight) = leads_to(account, item);
    let (mut paid, mut exceeded) = (0, None);
    let mut next = Some(found(ledger, stream, period, &node, account));
    while let Some(mut book) = next {
        match take_of(&mut book, account, weight) {
            Ok(0) => {}
            Ok(amount) => {
                tell(stream, period, account, amount, weight);
                paid = add(paid, amount);
            }
            Err(claimed) => exceeded = Some(claimed),
        }
        next = following(ledger, &book, &node, paid);
    }
    // A book that gives out more than there is keeps nobody from another's money.
    match exceeded {
        Some(claimed) if paid == 0 => refusals::WeightsExceeded { claimed, weight: item.weight }.refuse(),
        _ => paid,
    }
}

/// Records a claim in one book: what is to be paid for it, or, where that is more than all, the weights so far.
fn take_of(book: &mut Book<'_>, account: &Address, weight: u64) -> Result<u128, u64> {
    let (mut contribution, mut money) = (book.taken(account), book.money());
    let paid = match money.claim(&mut contribution, weight) {
        Ok(paid) => paid,
        Err(ContributionError::Nothing) => return Ok(0),
        Err(ContributionError::WeightsExceeded) => return Err(money.weight_claimed),
        Err(ContributionError::Math(_)) => refusals::Overflow {}.refuse(),
    };
    book.set_money(&money);
    book.save();
    book.set_taken(account, &contribution);
    Ok(paid)
}

/// Tells that an account was paid.
#[inline(never)]
pub fn tell(stream: &Word, period: u32, account: &Address, amount: u128, weight: u64) {
    events::ContributionClaimed { stream, period, account, amount, weight }.emit();
}

/// Where the proof of a weight leads, and the weight.
#[inline(never)]
fn leads_to(account: &Address, item: &Item<'_>) -> (Word, u64) {
    let weight = weight_of(item.stream, item.period, item.weight);
    let mut node = merkle::leaf(account, weight, host::keccak256);
    for sibling in item.proof.iter() {
        node = merkle::parent(&node, &sibling, host::keccak256);
    }
    (node, weight)
}

/// A weight within 64 bits; all weights together have less.
#[inline(never)]
pub fn weight_of(stream: &Word, period: u32, weight: &Word) -> u64 {
    match number_of(weight).and_then(|weight| u64::try_from(weight).ok()) {
        Some(weight) => weight,
        None => {
            let claimed = Book::first(stream, period).money().weight_claimed;
            refusals::WeightsExceeded { claimed, weight }.refuse()
        }
    }
}

/// Why no book of a period is paid by a root.
enum Missing {
    /// The registry did not answer.
    Answer,
    /// It has no final report with weights: its state, and the money that waits for one.
    Final(u8, Period),
    /// All roots are others.
    Root,
}

impl Missing {
    fn refuse(self, stream: &Word, period: u32, account: &Address) -> ! {
        match self {
            Self::Answer => refusals::AttributionCallFailed {}.refuse(),
            Self::Final(state, _) => refusals::NoFinalReport { stream, period, state }.refuse(),
            Self::Root => refusals::InvalidProof { account }.refuse(),
        }
    }
}

/// The first book of a period that is paid by this root; refused where there is none.
#[inline(never)]
pub fn found<'a>(ledger: &Ledger, stream: &'a Word, period: u32, root: &Word, account: &Address) -> Book<'a> {
    match find(ledger, Book::first(stream, period), root, true) {
        Ok(book) => book,
        Err(why) => why.refuse(stream, period, account),
    }
}

/// The next one after this. Once something is paid the registry is not asked any more: however dear it is, and if it
/// does not answer, it keeps nobody from what another's report pays. Who is owed more claims again.
#[inline(never)]
pub fn following<'a>(ledger: &Ledger, book: &Book<'a>, root: &Word, paid: u128) -> Option<Book<'a>> {
    find(ledger, book.next(ledger)?, root, paid == 0).ok()
}

/// The next book, from this one on, that is paid by this root, as far as the pool knows, or the registry if it is
/// asked.
fn find<'a>(ledger: &Ledger, mut book: Book<'a>, root: &Word, ask: bool) -> Result<Book<'a>, Missing> {
    loop {
        if ask && !book.is_bound() {
            bind(ledger, &mut book)?;
        }
        if book.root() == *root {
            return Ok(book);
        }
        book = book.next(ledger).ok_or(Missing::Root)?;
    }
}

/// The book with the root of the period's final report, which never changes: later claims need not ask for it again.
fn bind(ledger: &Ledger, book: &mut Book<'_>) -> Result<(), Missing> {
    let (stream, period) = book.place();
    let answer = attribution::resultOf { pool: host::own_address(), stream, period }.ask(&ledger.attribution);
    let [state, root] = answer.ok_or(Missing::Answer)?;
    let state = number_of(&state).and_then(|state| u8::try_from(state).ok()).ok_or(Missing::Answer)?;
    if state != FINAL || root == [0; 32] {
        return Err(Missing::Final(state, book.money()));
    }
    book.bind(ledger, root);
    Ok(())
}
