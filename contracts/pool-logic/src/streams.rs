//! Contributors' money of quarters without weights: carried to the stream's next report, or released to the holders
//! once the stream has ended. Anybody may call; the rules are [`yieldset_rules::waiting`].

use yieldset_pool_core::{
    ledger::Ledger,
    money::PeriodRecord,
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
    events::{WaitingCarried, WaitingReleased},
    issuance,
};

/// Moves what waits of a period to the stream's next reported one.
pub fn carry(stream: &Word, from: u32, to: u32) {
    let ledger = Ledger::load();
    let (mut source, amount) = take(stream, from);
    let way = way(&ledger, stream, from, &source, None);
    if way != Way::Carry(to) {
        WrongWay { stream, period: from, state: way.code() }.refuse();
    }
    source.save(stream, from);
    source = PeriodRecord::load(stream, to);
    let mut period = source.period();
    period.total = add(period.total, amount);
    source.set_period(&period);
    source.save(stream, to);
    WaitingCarried { stream, from, to, amount }.emit();
}

/// Gives what waits of a period to the holders, as a dividend.
pub fn release(stream: &Word, period: u32) {
    let mut ledger = Ledger::load();
    let (record, amount) = take(stream, period);
    let way = way(&ledger, stream, period, &record, None);
    if way != Way::Release {
        WrongWay { stream, period, state: way.code() }.refuse();
    }
    record.save(stream, period);
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
/// it is not to be carried.
pub fn waiting(stream: &Word, period: u32) -> (u8, u128, u32) {
    let record = PeriodRecord::load(stream, period);
    let amount = record.period().unclaimed();
    if amount == 0 {
        return (0, 0, 0);
    }
    let way = way(&Ledger::load(), stream, period, &record, None);
    let to = if let Way::Carry(to) = way { to } else { 0 };
    (way.code(), amount, to)
}

/// Which way money of a period has, or would have if there were some, in a stream whose licence ends so: [`Way::code`].
/// The licence contract asks it, which answers nothing meanwhile.
pub fn way_of(stream: &Word, period: u32, licence_end: u64) -> u8 {
    way(&Ledger::load(), stream, period, &PeriodRecord::load(stream, period), Some(licence_end)).code()
}

/// The period's record without what nobody has claimed, and that.
fn take(stream: &Word, period: u32) -> (PeriodRecord, u128) {
    let mut record = PeriodRecord::load(stream, period);
    let mut money = record.period();
    let amount = money.take_unclaimed();
    if amount == 0 {
        NothingWaits { stream, period }.refuse();
    }
    record.set_period(&money);
    (record, amount)
}

/// Which way out the registry's reports and the licence leave. A period of which a claim was paid is settled for good,
/// by the root that is kept: another registry, which never heard of it, must not move its money.
fn way(ledger: &Ledger, stream: &Word, period: u32, record: &PeriodRecord, end: Option<u64>) -> Way {
    if record.root != [0; 32] {
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
