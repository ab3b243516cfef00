//! Contributors' money of quarters without weights: carried to the stream's next report, or released to the holders
//! once the stream has ended. Anybody may call; the rules are [`yieldset_rules::waiting`].

use ink::{codegen::sol::selector_bytes, env::emit_event_sol, sol::FixedBytes};
use yieldset_pool_core::{
    ledger::Ledger,
    money::PeriodRecord,
    refusals::{self, add, exact},
};
use yieldset_rules::{
    dispute::{Phase, State},
    waiting::{Place, Way, way_out},
};
use yieldset_shell::{
    host,
    words::{Address, Word, address_word, is_zero, number_of, number_word},
};

use crate::{
    events::{WaitingCarried, WaitingReleased},
    issuance,
};

const PLACE_OF: [u8; 4] = selector_bytes("placeOf(address,bytes32,uint32)");
const DISPUTE_OF: [u8; 4] = selector_bytes("disputeOf(address,bytes32,uint32)");
const STREAM_END: [u8; 4] = selector_bytes("streamEnd(bytes32)");

/// Moves what waits of a period to the stream's next reported one.
pub fn carry(stream: &Word, from: u32, to: u32) {
    let ledger = Ledger::load();
    let (mut source, amount) = take(stream, from);
    let way = way(&ledger, stream, from, &source, None);
    if way != Way::Carry(to) {
        refusals::wrong_way(stream, from, way.code());
    }
    source.save(stream, from);
    source = PeriodRecord::load(stream, to);
    let mut period = source.period();
    period.total = add(period.total, amount);
    source.set_period(&period);
    source.save(stream, to);
    emit_event_sol(WaitingCarried { stream: FixedBytes(*stream), from, to, amount: amount.into() });
}

/// Gives what waits of a period to the holders, as a dividend.
pub fn release(stream: &Word, period: u32) {
    let mut ledger = Ledger::load();
    let (record, amount) = take(stream, period);
    let way = way(&ledger, stream, period, &record, None);
    if way != Way::Release {
        refusals::wrong_way(stream, period, way.code());
    }
    record.save(stream, period);
    let mut dividends = ledger.dividends();
    exact(dividends.distribute(amount, ledger.supply));
    ledger.set_dividends(&dividends);
    // The period's money was counted there.
    ledger.to_contributors -= amount;
    ledger.to_holders = add(ledger.to_holders, amount);
    ledger.save();
    let index = ledger.index.into();
    emit_event_sol(WaitingReleased { stream: FixedBytes(*stream), period, amount: amount.into(), index });
}

/// State, amount and destination of a period's money: 0 for nothing, else [`Way::code`]; the destination is zero where
/// it is not to be carried.
pub fn waiting(stream: &Word, period: u32) -> [u128; 3] {
    let record = PeriodRecord::load(stream, period);
    let amount = record.period().unclaimed();
    if amount == 0 {
        return [0; 3];
    }
    let way = way(&Ledger::load(), stream, period, &record, None);
    let to = if let Way::Carry(to) = way { to } else { 0 };
    [way.code().into(), amount, to.into()]
}

/// Which way money of a period has, or would have if there were some, in a stream whose licence ends so: [`Way::code`].
/// The licence contract asks it, which answers nothing meanwhile.
pub fn way_of(stream: &Word, period: u32, licence_end: &Word) -> u8 {
    way(&Ledger::load(), stream, period, &PeriodRecord::load(stream, period), Some(number(licence_end))).code()
}

/// The period's record without what nobody has claimed, and that.
fn take(stream: &Word, period: u32) -> (PeriodRecord, u128) {
    let mut record = PeriodRecord::load(stream, period);
    let mut money = record.period();
    let amount = money.take_unclaimed();
    if amount == 0 {
        refusals::nothing_waits(stream, period);
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
    let [state, root, previous, next] = ask::<4>(registry, PLACE_OF, stream, period);
    let state = match number(&state) {
        0 => State::None,
        1 => State::Pending,
        2 => State::Disputed,
        _ => State::Final,
    };
    let mut withdrawn_at = 0;
    if state == State::Disputed {
        let [phase, _, until, ..] = ask::<5>(registry, DISPUTE_OF, stream, period);
        if number(&phase) == Phase::Withdrawn as u64 {
            withdrawn_at = number(&until);
        }
    }
    let last = if state == State::None { number(&previous) as u32 } else { period };
    Place { state, has_weights: root != [0; 32], withdrawn_at, next: number(&next) as u32, last }
}

/// The registry's answer about this pool's (stream, period).
#[inline(never)]
fn ask<const N: usize>(registry: &Address, selector: [u8; 4], stream: &Word, period: u32) -> [Word; N] {
    let mut input = [0; 100];
    input[..4].copy_from_slice(&selector);
    input[4..36].copy_from_slice(&address_word(&host::own_address()));
    input[36..68].copy_from_slice(stream);
    input[68..].copy_from_slice(&number_word(period.into()));
    host::ask::<N>(registry, &input).unwrap_or_else(|| refusals::attribution_call_failed())
}

/// The last deadline of the stream's licence; zero where it has none.
fn licence_end(stream: &Word) -> u64 {
    let licences = issuance::opening().licences;
    if is_zero(&licences) {
        return 0;
    }
    number(&stream_end(&licences, stream).unwrap_or_else(|| refusals::licences_call_failed()))
}

/// What a licence contract says of a stream's end; `None` where it does not answer.
pub fn stream_end(licences: &Address, stream: &Word) -> Option<Word> {
    let mut input = [0; 36];
    input[..4].copy_from_slice(&STREAM_END);
    input[4..].copy_from_slice(stream);
    host::ask::<1>(licences, &input).map(|[end]| end)
}

/// A number of at most 64 bits; anything above is as good as none.
fn number(word: &Word) -> u64 {
    number_of(word).and_then(|number| u64::try_from(number).ok()).unwrap_or(u64::MAX)
}
