//! Contributors' money that waits: in which state a (stream, period) is, and which way out it has.
//!
//! No coin stays where nobody can get it. Money of a period that was never reported, or whose final report says that
//! nothing qualified, is *carried* to the stream's next reported period: whoever earned then gets it, which is the
//! nearest there is to who it was paid for. Where no report comes any more it is *released* to the holders, by
//! dividend.
//!
//! # When a stream has ended
//!
//! * With a licence: a whole quarter after the one in which the licence's last deadline lies
//!   (`streamEnd` of the licence contract) and after the period itself. Until then the committee has time to report
//!   what the platform told last; otherwise whoever holds shares could take the last quarter's money before its report.
//! * Without: four quarters after the last reported period, and after the period itself, are over without a report.
//!
//! # Another registry
//!
//! A pool can get another registry of reports or another licence contract ([`crate::succession`]), which knows nothing
//! of what the old one did. Silence counts from that day on at the earliest, so that a new committee has four quarters
//! (of a licensed stream that has ended, one) to report again what was not paid by the old registry's reports. It does
//! so in the order of the periods, and before it reports a later one: money of what it passes over is carried.
//!
//! A root that the pool keeps of the old registry's report binds what had come in until the adoption, and no coin more:
//! what comes in later goes into another book, by the new registry's report ([`binding`], [`is_past`]). Otherwise who
//! has a false report final there would bind a period for good with a deposit of nothing to speak of.
//!
//! # Withdrawn reports
//!
//! A withdrawn report waits for its revision, for four whole quarters after the one in which it was withdrawn. Then it
//! is *forsaken*: its money goes the way of an unreported period's. Should a revision come after all, it pays what is
//! deposited from then on.

use crate::{dispute::State, period::quarter_at};

/// Quarters that must be over without a report until a stream without a licence has ended, and until a withdrawn report
/// is forsaken.
pub const SILENT_QUARTERS: u32 = 4;
/// Quarters that a committee has after a licence's end.
pub const GRACE_QUARTERS: u32 = 1;

/// What the registry of reports knows of a (stream, period).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Of the period's report.
    pub state: State,
    /// Whether the report has weights; without a report none.
    pub has_weights: bool,
    /// Unix seconds of the report's withdrawal; zero where it is not withdrawn.
    pub withdrawn_at: u64,
    /// The stream's next reported period after this one; zero for none.
    pub next: u32,
    /// The stream's latest reported period; zero for none.
    pub last: u32,
}

/// In which state a period's money is and which way out it has; the `uint8` of `waitingOf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// 1: the report is final; contributors claim with their proofs.
    Claim,
    /// 2: there is a report that is not final: its window, a ruling or a revision is waited for.
    Decision,
    /// 3: the stream's next report is waited for, or its end.
    Report,
    /// 4: `carry` moves it to this period.
    Carry(u32),
    /// 5: `releaseWaiting` gives it to the holders.
    Release,
}

impl Way {
    /// The number that `waitingOf` answers; zero is left for "no money waits".
    pub const fn code(&self) -> u8 {
        match self {
            Self::Claim => 1,
            Self::Decision => 2,
            Self::Report => 3,
            Self::Carry(_) => 4,
            Self::Release => 5,
        }
    }

    /// Whether the way with this number means that no report of the period pays, or can: its money goes elsewhere.
    /// `None` where one pays already: the pool's registry has it, or one before, whose root the pool keeps.
    pub const fn closes(code: u128) -> Option<bool> {
        match code {
            1 => None,
            code => Some(matches!(code, 4 | 5)),
        }
    }
}

/// The way out of a period's money at `now`. `licence_end` is what the licence contract says of the stream: the last
/// deadline after which nothing more can be reported, zero where it has no licence of that id. `adopted` is when the
/// pool last got another registry or licence contract, zero for never.
pub fn way_out(period: u32, place: &Place, licence_end: u64, adopted: u64, now: u64) -> Way {
    let unusable = match place.state {
        State::None => true,
        State::Final if place.has_weights => return Way::Claim,
        State::Final => true,
        State::Pending => false,
        State::Disputed => is_forsaken(place.withdrawn_at, now),
    };
    match place.next {
        _ if !unusable => Way::Decision,
        0 if has_ended(period.max(place.last), licence_end, adopted, now) => Way::Release,
        0 => Way::Report,
        next => Way::Carry(next),
    }
}

/// Whether nobody is expected to report a period of the stream any more. `latest` is that period, or a later one that
/// is reported. A registry that was adopted is heard first, for as long as any other.
pub fn has_ended(latest: u32, licence_end: u64, adopted: u64, now: u64) -> bool {
    let (today, heard) = (quarter_at(now), latest.max(quarter_at(adopted)));
    match licence_end {
        0 => today > heard.saturating_add(SILENT_QUARTERS),
        end if end > now => false,
        end => today > heard.max(quarter_at(end)).saturating_add(GRACE_QUARTERS),
    }
}

/// What is noted with a root that is kept while `adopted` is when the pool last got another registry or licence
/// contract. Never zero: that is noted where no root is kept.
pub const fn binding(adopted: u64) -> u64 {
    adopted.saturating_add(1)
}

/// Whether a book with this [`binding`] is closed: another registry or licence contract was adopted since its root was
/// kept. Its money is its own; what comes in now goes into another book.
pub const fn is_past(binding: u64, adopted: u64) -> bool {
    // Zero, no root, is later than all of them.
    binding.wrapping_sub(1) < adopted
}

/// Whether a withdrawn report's revision is not expected any more.
fn is_forsaken(withdrawn_at: u64, now: u64) -> bool {
    withdrawn_at != 0 && quarter_at(now) > quarter_at(withdrawn_at).saturating_add(SILENT_QUARTERS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::quarter_start;
    use proptest::prelude::*;

    /// 2027 Q1; its quarter begins at 1 January 2027.
    const PERIOD: u32 = 8108;
    const NONE: Place = Place { state: State::None, has_weights: false, withdrawn_at: 0, next: 0, last: 0 };
    const EMPTY: Place = Place { state: State::Final, last: PERIOD, ..NONE };

    /// Midnight of a day of 2027 to 2029, by its Unix time.
    const APRIL_2028: u64 = 1_838_160_000;
    const JANUARY_2028: u64 = 1_830_297_600;
    const JULY_2027: u64 = 1_814_400_000;
    const OCTOBER_2027: u64 = 1_822_348_800;

    /// Proves SAFE-1: a stream without a licence waits for 2027 Q2, Q3, Q4 and 2028 Q1, and has ended on 1 April 2028.
    #[test]
    fn a_stream_without_a_licence_ends_after_four_silent_quarters() {
        for place in [NONE, EMPTY] {
            assert_eq!(way_out(PERIOD, &place, 0, 0, APRIL_2028 - 1), Way::Report);
            assert_eq!(way_out(PERIOD, &place, 0, 0, APRIL_2028), Way::Release);
        }
        // A report of a later period puts it off, and an earlier one does not hasten it.
        let reported = |last| Place { last, ..NONE };
        assert_eq!(way_out(PERIOD, &reported(PERIOD - 3), 0, 0, APRIL_2028 - 1), Way::Report);
        assert_eq!(way_out(PERIOD, &reported(PERIOD - 3), 0, 0, APRIL_2028), Way::Release);
    }

    /// Proves SAFE-1: a licence whose last deadline is in 2027 Q2 leaves the committee all of Q3.
    #[test]
    fn a_licensed_stream_ends_a_quarter_after_its_last_deadline() {
        let end = JULY_2027 - 1;
        assert_eq!(way_out(PERIOD, &NONE, end, 0, end - 1), Way::Report);
        assert_eq!(way_out(PERIOD, &NONE, end, 0, OCTOBER_2027 - 1), Way::Report);
        assert_eq!(way_out(PERIOD, &NONE, end, 0, OCTOBER_2027), Way::Release);
        // While the end is not known there is none.
        assert_eq!(way_out(PERIOD, &NONE, u64::MAX, 0, APRIL_2028 * 2), Way::Report);
        // Money that came for a later period than the licence's: that period's own quarter counts.
        assert_eq!(way_out(PERIOD + 2, &NONE, end, 0, JANUARY_2028 - 1), Way::Report);
        assert_eq!(way_out(PERIOD + 2, &NONE, end, 0, JANUARY_2028), Way::Release);
    }

    /// Proves SAFE-1: another registry, adopted in 2027 Q4, knows nothing of 2027 Q1. It has four quarters to report it
    /// again, 2028 Q1 to Q4; of a licensed stream that ended in 2027 Q2 one, 2028 Q1. Before, the money was released on
    /// the day of the adoption (and at 1 April 2028), before the new committee could say a word.
    #[test]
    fn an_adopted_registry_is_heard_before_anything_is_released() {
        let adopted = JANUARY_2028 - 1;
        let january_2029 = 1_861_920_000;
        assert_eq!(quarter_start(PERIOD + 8), january_2029);
        let earlier = PERIOD - 8;
        for now in [adopted, APRIL_2028, january_2029 - 1] {
            assert_eq!(way_out(PERIOD, &NONE, 0, adopted, now), Way::Report);
            assert_eq!(way_out(earlier, &NONE, 0, adopted, now), Way::Report);
        }
        assert_eq!(way_out(earlier, &NONE, 0, adopted, january_2029), Way::Release);
        let end = JULY_2027 - 1;
        assert_eq!(way_out(PERIOD, &NONE, end, adopted, APRIL_2028 - 1), Way::Report);
        assert_eq!(way_out(PERIOD, &NONE, end, adopted, APRIL_2028), Way::Release);
        // Adopted before the end: nothing changes. And a later period's own time is never shortened.
        assert_eq!(way_out(PERIOD, &NONE, end, 1_800_000_000, OCTOBER_2027), Way::Release);
        assert_eq!(way_out(PERIOD + 8, &NONE, 0, adopted, january_2029), Way::Report);
        // What the new registry reports later takes the money along at once: its committee goes by the order.
        let followed = Place { next: PERIOD + 1, last: PERIOD + 1, ..NONE };
        assert_eq!(way_out(PERIOD, &followed, 0, adopted, adopted + 1), Way::Carry(PERIOD + 1));
    }

    /// Proves SAFE-1: what was not reported, and what had nothing to report, goes with the next report at once, whether
    /// that is final or not, and before and after the stream's end.
    #[test]
    fn money_goes_with_the_next_report() {
        for place in [NONE, EMPTY] {
            let place = Place { next: PERIOD + 3, last: PERIOD + 3, ..place };
            for (end, now) in [(0, OCTOBER_2027), (u64::MAX, OCTOBER_2027), (0, APRIL_2028 * 2)] {
                assert_eq!(way_out(PERIOD, &place, end, 0, now), Way::Carry(PERIOD + 3));
            }
        }
        let paying = Place { has_weights: true, next: PERIOD + 3, ..EMPTY };
        assert_eq!(way_out(PERIOD, &paying, 0, 0, APRIL_2028 * 2), Way::Claim);
    }

    /// Proves SAFE-1: a report that can still change holds its money, and a withdrawn one for four whole quarters.
    #[test]
    fn a_withdrawn_report_is_forsaken_after_four_quarters() {
        let pending = Place { state: State::Pending, has_weights: true, last: PERIOD, ..NONE };
        assert_eq!(way_out(PERIOD, &pending, 0, 0, APRIL_2028 * 2), Way::Decision);
        let disputed = Place { state: State::Disputed, ..pending };
        assert_eq!(way_out(PERIOD, &disputed, 0, 0, APRIL_2028 * 2), Way::Decision);
        // Withdrawn on 31 March 2027: until 1 April 2028.
        let withdrawn = Place { withdrawn_at: quarter_start(PERIOD + 1) - 1, ..disputed };
        assert_eq!(way_out(PERIOD, &withdrawn, 0, 0, APRIL_2028 - 1), Way::Decision);
        assert_eq!(way_out(PERIOD, &withdrawn, 0, 0, APRIL_2028), Way::Release);
        assert_eq!(way_out(PERIOD, &withdrawn, u64::MAX, 0, APRIL_2028), Way::Report);
        let followed = Place { next: PERIOD + 1, last: PERIOD + 1, ..withdrawn };
        assert_eq!(way_out(PERIOD, &followed, 0, 0, APRIL_2028 - 1), Way::Decision);
        assert_eq!(way_out(PERIOD, &followed, 0, 0, APRIL_2028), Way::Carry(PERIOD + 1));
    }

    /// Proves SAFE-1: usage is closed where the money goes elsewhere, open where something is awaited, and neither
    /// where a report pays: whoever found none that is final asks of one that an earlier registry had.
    #[test]
    fn ways_close_leave_open_or_do_not_say() {
        let ways = [Way::Claim, Way::Decision, Way::Report, Way::Carry(PERIOD), Way::Release];
        let closes = ways.map(|way| Way::closes(way.code().into()));
        assert_eq!(closes, [None, Some(false), Some(false), Some(true), Some(true)]);
        assert_eq!((Way::closes(0), Way::closes(6)), (Some(false), Some(false)));
    }

    /// Proves SAFE-13: a root binds its book until another registry is adopted, in the same second too; a book without
    /// a root is never closed, whatever was adopted.
    #[test]
    fn a_root_binds_until_the_next_adoption() {
        assert_eq!([binding(0), binding(7), binding(u64::MAX)], [1, 8, u64::MAX]);
        for adopted in [0, 1, 7, u64::MAX - 1] {
            assert!(!is_past(binding(adopted), adopted), "kept after the adoption at {adopted}");
            assert!(is_past(binding(adopted), adopted + 1), "kept before the adoption at {}", adopted + 1);
            assert!(!is_past(0, adopted), "nothing is kept");
        }
        assert!(is_past(binding(0), 1_800_000_000) && is_past(binding(1_700_000_000), 1_800_000_000));
    }

    proptest! {
        /// Proves SAFE-1: wherever the money is, five years of silence bring it to somebody, unless a report that is in
        /// the game holds it (which the game itself bounds) or a licence has no end yet.
        #[test]
        fn silence_never_locks_money(
            period in 7_900u32..8_200,
            behind in 0u32..100,
            ahead in 0u32..100,
            reported in any::<bool>(),
            withdrawn in any::<bool>(),
            end in prop_oneof![Just(0), 1_700_000_000u64..1_900_000_000],
            adopted in prop_oneof![Just(0), 1_700_000_000u64..1_900_000_000],
        ) {
            let last = period.saturating_sub(behind).max(if ahead > 0 || reported { period + ahead } else { 0 });
            let next = if last > period { last } else { 0 };
            let (state, withdrawn_at) = match (reported, withdrawn) {
                (false, _) => (State::None, 0),
                (true, false) => (State::Final, 0),
                (true, true) => (State::Disputed, quarter_start(period + 2)),
            };
            let place = Place { state, has_weights: false, withdrawn_at, next, last };
            let silent = quarter_start(period.max(last).max(quarter_at(end.max(adopted))) + 20);
            let way = way_out(period, &place, end, adopted, silent);
            prop_assert_eq!(way, if next > 0 { Way::Carry(next) } else { Way::Release });
        }

        /// Proves SAFE-1: a stream has not ended while its end is to come, however far off that is.
        #[test]
        fn nothing_ends_before_its_end(latest: u32, end in 1u64.., adopted in 0u64..1 << 40, before: u64) {
            prop_assert!(!has_ended(latest, end, adopted, before % end));
        }

        /// No time and no number panics, and what has ended stays ended while nothing is reported.
        #[test]
        fn an_end_is_an_end(
            latest: u32,
            end: u64,
            adopted in 0u64..1 << 40,
            now in 0u64..1 << 40,
            later in 0u64..1 << 40,
        ) {
            if has_ended(latest, end, adopted, now) {
                prop_assert!(has_ended(latest, end, adopted, now + later));
                prop_assert!(has_ended(latest, end, 0, now));
            }
        }
    }
}
