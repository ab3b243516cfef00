//! Contributors' money of quarters without weights: carried to the stream's next report, or released to the holders
//! once the stream has ended. Anybody may call; the rules are [`yieldset_rules::waiting`].

use yieldset_pool_core::{
    books::Book,
    ledger::Ledger,
    outside::{attribution, licences},
    refusals::{AttributionCallFailed, LicencesCallFailed, NothingWaits, Overflow, WrongWay, add},
};
use yieldset_rules::{
    dispute::{Phase, State},
    waiting::{Place, Way, way_out},
};
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Address, Word, is_zero, number_of},
};

use crate::{
    claims,
    events::{WaitingCarried, WaitingReleased},
    issuance,
};

/// Moves what waits of a period to the stream's next reported one.
pub fn carry(stream: &Word, from: u32, to: u32) {
    let ledger = Ledger::load();
    let (source, amount) = take(&ledger, stream, from);
    let way = way(&ledger, stream, from, &source, None);
    if way != Way::Carry(to) {
        WrongWay { stream, period: from, state: way.code() }.refuse();
    }
    source.save();
    let mut target = Book::current(&ledger, stream, to);
    target.put(amount);
    target.save();
    WaitingCarried { stream, from, to, amount }.emit();
}

/// Gives what waits of a period to the holders, as a dividend.
pub fn release(stream: &Word, period: u32) {
    let mut ledger = Ledger::load();
    let (book, amount) = take(&ledger, stream, period);
    let way = way(&ledger, stream, period, &book, None);
    if way != Way::Release {
        WrongWay { stream, period, state: way.code() }.refuse();
    }
    book.save();
    let mut dividends = ledger.dividends();
    dividends.distribute(amount, ledger.supply).or_refuse(Overflow {});
    ledger.set_dividends(&dividends);
    // The period's money was counted there.
    ledger.to_contributors -= amount;
    ledger.to_holders = add(ledger.to_holders, amount);
    ledger.save();
    WaitingReleased { stream, period, amount, index: ledger.index }.emit();
}

/// State, amount and destination of a period's money: 0 for nothing, else [`Way::code`]; the destination is zero where
/// it is not to be carried. What is left in books of before is told where nothing else is, or all is to be claimed.
pub fn waiting(stream: &Word, period: u32) -> (u8, u128, u32) {
    let (ledger, all) = (Ledger::load(), claims::period(stream, period).unclaimed());
    if all == 0 {
        return (0, 0, 0);
    }
    let book = Book::current(&ledger, stream, period);
    let amount = book.money().unclaimed();
    let way = if amount == 0 { Way::Claim } else { way(&ledger, stream, period, &book, None) };
    match way {
        Way::Claim => (way.code(), all, 0),
        Way::Carry(to) => (way.code(), amount, to),
        _ => (way.code(), amount, 0),
    }
}

/// Which way money of a period has, or would have if there were some, in a stream whose licence ends so: [`Way::code`].
/// The licence contract asks it, which answers nothing meanwhile.
pub fn way_of(stream: &Word, period: u32, licence_end: u64) -> u8 {
    let ledger = Ledger::load();
    way(&ledger, stream, period, &Book::current(&ledger, stream, period), Some(licence_end)).code()
}

/// The period's book without what nobody has claimed, and that.
fn take<'a>(ledger: &Ledger, stream: &'a Word, period: u32) -> (Book<'a>, u128) {
    let mut book = Book::current(ledger, stream, period);
    let mut money = book.money();
    let amount = money.take_unclaimed();
    if amount == 0 {
        NothingWaits { stream, period }.refuse();
    }
    book.set_money(&money);
    (book, amount)
}

/// Which way out the registry's reports and the licence leave. What a root is kept for is settled for good, by that:
/// another registry, which never heard of it, must not move its money.
fn way(ledger: &Ledger, stream: &Word, period: u32, book: &Book<'_>, end: Option<u64>) -> Way {
    if book.is_bound() {
        return Way::Claim;
    }
    let place = place(&ledger.attribution, stream, period);
    // Only where no report follows it matters whether one can still come.
    let end = if place.next == 0 { end.unwrap_or_else(|| licence_end(stream)) } else { 0 };
    way_out(period, &place, end, ledger.adopted, host::now())
}

fn place(registry: &Address, stream: &Word, period: u32) -> Place {
    let pool = &host::own_address();
    let place = attribution::placeOf { pool, stream, period }.ask(registry);
    let [state, root, previous, next] = place.or_refuse(AttributionCallFailed {});
    let state = match number(&state) {
        0 => State::None,
        1 => State::Pending,
        2 => State::Disputed,
        _ => State::Final,
    };
    let mut withdrawn_at = 0;
    if state == State::Disputed {
        let dispute = attribution::disputeOf { pool, stream, period }.ask(registry);
        let [phase, _, until] = dispute.or_refuse(AttributionCallFailed {});
        if number(&phase) == Phase::Withdrawn as u64 {
            withdrawn_at = number(&until);
        }
    }
    let last = if state == State::None { number(&previous) as u32 } else { period };
    Place { state, has_weights: root != [0; 32], withdrawn_at, next: number(&next) as u32, last }
}

/// The last deadline of the stream's licence; zero where it has none.
fn licence_end(stream: &Word) -> u64 {
    let licences = issuance::opening().licences;
    if is_zero(&licences) {
        return 0;
    }
    number(&stream_end(&licences, stream).or_refuse(LicencesCallFailed {}))
}

/// What a licence contract says of a stream's end; `None` where it does not answer.
pub fn stream_end(licences: &Address, stream: &Word) -> Option<Word> {
    licences::streamEnd { stream }.ask(licences).map(|[end]| end)
}

/// A number of at most 64 bits; anything above is as good as none.
fn number(word: &Word) -> u64 {
    number_of(word).and_then(|number| u64::try_from(number).ok()).unwrap_or(u64::MAX)
}
