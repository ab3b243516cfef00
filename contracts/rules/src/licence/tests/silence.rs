//! A platform that says nothing: it owes the floor, and its escrow has a way out.

use super::*;
use crate::{
    licence::{
        audit::Finding,
        dues::{self, MAX_AMOUNT, UsageReport, dues_for},
    },
    revenue::Usage,
};
use proptest::prelude::*;

/// 10 % a year on 7,300 is 2 a day.
fn floored() -> Terms {
    Terms { floor: 7_300, residual_bps: 1_000, late_bps: 1_000, escrow: 50_000, funding_days: 1, ..plain() }
}

fn by_use() -> Terms {
    Terms { per_call: 10, metric: [9; 32], ..floored() }
}

fn usage(calls: u64) -> UsageReport {
    UsageReport { usage: Usage { tokens: 0, calls }, metric: [9; 32], threshold: 1, report: HASH }
}

/// Proves SAFE-4, SAFE-10: a licence that is not funded in time has lapsed, whether or not anybody has recorded it: it
/// cannot be funded any more, its stream has ended with the last second for that, and its datasets are given back.
/// Before, whoever recorded it first chose when the stream's money went to the holders.
#[test]
fn what_was_not_funded_in_time_has_lapsed_without_a_record() {
    for recorded in [false, true] {
        let mut book = Book::new();
        book.offer(vec![(floored(), vec![])]).unwrap();
        book.run(LICENSOR, Command::Accept(0)).unwrap();
        book.run(PLATFORM, Command::FundEscrow(49_999)).unwrap();
        let fund_by = START + DAY;
        let state = |book: &Book| (book.licence().stage_at(book.now), book.licence().stream_end(&floored(), book.now));
        book.now = fund_by;
        assert_eq!(state(&book), (Stage::Accepted, u64::MAX));
        assert_eq!(book.run(ANYONE, Command::Lapse), Err(Refusal::FundingOpen(fund_by)));
        book.now += 1;
        if recorded {
            book.run(ANYONE, Command::Lapse).unwrap();
        }
        assert_eq!(state(&book), (Stage::Lapsed, fund_by));
        let late = book.run(PLATFORM, Command::FundEscrow(1));
        assert_eq!(late, Err(Refusal::WrongStage(ID, Stage::Lapsed as u8)));
        book.run(ANYONE, Command::Close).unwrap();
        if !recorded {
            book.run(ANYONE, Command::Lapse).unwrap();
        }
        book.run(PLATFORM, Command::Refund(PLATFORM)).unwrap();
        assert_eq!((book.got(PLATFORM), state(&book)), (49_999, (Stage::Lapsed, fund_by)));
    }
}

/// A second after the last quarter, 2027 Q4, could be a default: 10 February 2028.
fn after_the_last_default(book: &Book) -> u64 {
    let (_, last) = book.licence().quarters();
    quarter_start(last + 1) + 40 * DAY + 1
}

/// Proves SAFE-10, PAY-3: recording the silence about a quarter assesses it at the floor, with interest since the
/// quarter's deadline; a later report adds what is more, and cures once all is paid.
#[test]
fn a_silent_quarter_owes_the_floor() {
    for report_days in [20, 0] {
        let mut book = Book::licensed(Terms { report_days, ..floored() }, &[]);
        let quarter = book.first_quarter();
        let pay_by = quarter_start(quarter + 1) + 30 * DAY;
        book.now = pay_by + 10 * DAY + 1;
        book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
        let silent = book.quarter(quarter);
        assert_eq!((silent.due, silent.pay_by, silent.outstanding()), (7_300, pay_by, 7_320));
        assert_eq!((book.licence().owed, book.licence().open_defaults), (7_300, 1));
        assert_eq!(book.run(ANYONE, Command::RecordDefault(quarter)), Err(Refusal::AlreadyRecorded(quarter)));
        book.run(ANYONE, Command::Pay(quarter, 7_320)).unwrap();
        assert_eq!(book.licence().open_defaults, 1, "it is not reported");
        book.now = pay_by + 20 * DAY;
        book.run(PLATFORM, Command::Report(quarter, figures(146_000))).unwrap();
        // 14,600 are due: 7,300 more, and 40 of interest on them.
        assert_eq!((book.quarter(quarter).due, book.quarter(quarter).outstanding()), (14_600, 7_340));
        assert_eq!(book.licence().open_defaults, 1, "it is not paid");
        book.run(PLATFORM, Command::Pay(quarter, 7_340)).unwrap();
        assert_eq!((book.licence().open_defaults, book.got(POOL)), (0, 14_660));
    }
}

/// Proves SAFE-10, PAY-1: what is known of the usage counts where the platform is silent, and one that has neither
/// floor nor usage owes nothing but its report.
#[test]
fn a_silent_quarter_owes_its_usage() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1) + DAY;
    book.run(ANYONE, Command::AssessUsage(quarter, usage(1_000))).unwrap();
    book.now = quarter_start(quarter + 1) + 40 * DAY + 1;
    book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    // 10 days of 10,000 at 10 % are 27.
    assert_eq!((book.quarter(quarter).due, book.quarter(quarter).outstanding()), (10_000, 10_027));

    let mut book = Book::licensed(Terms { floor: 0, ..by_use() }, &[]);
    book.now = quarter_start(quarter + 1) + 40 * DAY + 1;
    book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    assert_eq!((book.quarter(quarter).outstanding(), book.licence().open_defaults), (0, 1));
    assert_eq!(book.run(ANYONE, Command::Pay(quarter, 1)), Err(Refusal::NothingDue(quarter)));
    // Usage that comes after it has its two weeks.
    book.run(ANYONE, Command::AssessUsage(quarter, usage(365))).unwrap();
    let (by, found) = (book.now + 14 * DAY, book.quarter(quarter));
    assert_eq!((found.due, found.later, found.later_by, found.deadline()), (3_650, 3_650, by, by));
    book.now = by + 10 * DAY;
    book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    assert_eq!(book.quarter(quarter).outstanding(), 3_660);
}

/// Proves SAFE-8, SAFE-10: who has the usage assessed first gains no time for the floor.
#[test]
fn usage_that_comes_first_does_not_put_the_floor_off() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    let pay_by = quarter_start(quarter + 1) + 30 * DAY;
    book.now = pay_by + 10 * DAY;
    book.run(ANYONE, Command::AssessUsage(quarter, usage(4_380))).unwrap();
    // 43,800 in all. The floor was due ten days ago; 36,500 are due in 14 days.
    let found = book.quarter(quarter);
    assert_eq!((found.due, found.pay_by, found.later, found.later_by), (43_800, pay_by, 36_500, book.now + 14 * DAY));
    assert_eq!(found.outstanding(), 43_800 + 20);
    // A correction by an audit that comes first is the same.
    let mut audited = Book::licensed(by_use(), &[]);
    audited.now = pay_by - 10 * DAY;
    audited.run(HOLDER, Command::RequestAudit { holding: HELD, quarter, scope: HASH }).unwrap();
    audited.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    let usage = Usage { tokens: 0, calls: 4_380 };
    let finding = Finding { discrepancy_bps: 9_000, usage, fee: 0, expenses: 0, report: HASH };
    audited.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    audited.now = pay_by + 10 * DAY;
    audited.run(ANYONE, Command::ApplyFinding(1)).unwrap();
    assert_eq!((audited.quarter(quarter).pay_by, audited.quarter(quarter).outstanding()), (pay_by, 43_800 + 20));
}

proptest! {
    /// Proves SAFE-8, SAFE-10: whatever is told in which order and when, also the default, interest is that of the
    /// residual or floor since the quarter's deadline and of what usage adds since its own. The amounts are worked out
    /// here, without the code under test.
    #[test]
    fn interest_does_not_depend_on_who_speaks_first(
        [floor, residual, used, span] in prop::array::uniform4(0u128..100_000),
        capped: bool,
        [reports, knows, records] in prop::array::uniform3(1u64..300),
    ) {
        let ceiling = if capped { floor + span + 1 } else { 0 };
        let book = Book::licensed(Terms { floor, ceiling, residual_bps: 10_000, per_call: 1, ..by_use() }, &[]);
        let (mut book, quarter) = (book.clone(), book.first_quarter());
        let end = quarter_start(quarter + 1);
        let mut told = [
            (reports, PLATFORM, Command::Report(quarter, figures(residual))),
            (knows, ANYONE, Command::AssessUsage(quarter, usage(used as u64))),
            (records, ANYONE, Command::RecordDefault(quarter)),
        ];
        told.sort_by_key(|(day, ..)| *day);
        for (day, caller, command) in told {
            book.now = end + day * DAY;
            let is_default = matches!(command, Command::RecordDefault(_));
            let done = book.run(caller, command);
            prop_assert!(done.is_ok() || is_default, "{done:?}");
        }
        let held = |sum: u128| if capped { sum.max(floor).min(ceiling) } else { sum.max(floor) };
        let (first, all) = (held(residual), held(residual + used));
        let mut found = book.quarter(quarter);
        found.accrue(1_000, end + 300 * DAY).unwrap();
        // 10 % of a year of 365 days, counted in days.
        let (own, usages) = (300 - 30, 300 - u128::from((knows + 14).clamp(30, 300)));
        prop_assert_eq!((found.due, found.interest), (all, (first * own + (all - first) * usages) / 3_650));
    }
}

/// Proves SAFE-2, SAFE-10: what a year's shortfall paid of a silent quarter bears interest until it was paid, whether
/// the default is recorded before the true-up or after it.
#[test]
fn silence_across_the_true_up_saves_no_interest() {
    let terms = Terms { guarantee: 20_000, escrow: 20_000, ..floored() };
    let mut book = Book::licensed(terms, &[]);
    let first = book.first_quarter();
    book.now = after_the_last_default(&book);
    let mut recorded = book.clone();
    recorded.run(ANYONE, Command::RecordDefault(first)).unwrap();
    // 375 days after its deadline.
    assert_eq!(recorded.quarter(first).outstanding(), 7_300 + 750);
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!((book.year(1).from_escrow, book.licence().escrow), (20_000, 0));
    book.now += 10 * DAY;
    for (quarter, principal, interest) in
        [(first, 0, 750), (first + 1, 0, 570), (first + 2, 1_900, 393), (first + 3, 7_300, 224)]
    {
        // The third had 5,400 for 194 days and 1,900 for 204: 287.01 and 106.19.
        book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
        let found = book.quarter(quarter);
        assert_eq!((found.unpaid(), found.interest), (principal, interest), "{quarter}");
    }
    assert_eq!((book.year(1).earned, book.year(1).topped_up, book.got(POOL)), (29_200, 0, 20_000));
}

/// Proves SAFE-1, PAY-5: without the platform all that is known to be owed is paid from the escrow; the rest is
/// security for what was not reported, and after a year of silence the pool's.
#[test]
fn a_silent_platforms_escrow_has_a_way_out() {
    let mut book = Book::licensed(floored(), &[]);
    let (first, last) = book.licence().quarters();
    assert_eq!(book.run(ANYONE, Command::ForfeitEscrow), Err(Refusal::StillInForce(START + YEAR)));
    book.now = after_the_last_default(&book);
    // A year later; 2028 has 366 days.
    let from = book.now - 1 + 366 * DAY;
    for quarter in first..=last {
        book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
        assert_eq!(book.run(ANYONE, Command::RecordDefault(quarter)), Err(Refusal::AlreadyRecorded(quarter)));
    }
    // Five floors, and interest of 375, 285, 194, 102 and 10 days.
    let paid = 36_500 + 750 + 570 + 388 + 204 + 20;
    assert_eq!((book.got(POOL), book.licence().escrow, book.licence().owed), (paid, 50_000 - paid, 0));
    for to in [PLATFORM, TREASURY] {
        assert!(book.run(PLATFORM, Command::Refund(to)).is_err());
    }
    book.now = from;
    assert_eq!(book.run(ANYONE, Command::ForfeitEscrow), Err(Refusal::NotYet(last, from)));
    let mut late = book.clone();
    book.now += 1;
    book.run(ANYONE, Command::ForfeitEscrow).unwrap();
    assert_eq!((book.got(POOL), book.balance, book.licence().escrow), (50_000, 0, 0));
    assert_eq!(book.run(ANYONE, Command::ForfeitEscrow), Err(Refusal::NothingDue(last)));

    // A late report saves it, also one of who took the platform's place meanwhile.
    late.run(PLATFORM, Command::ProposePlatform(HOLDER)).unwrap();
    late.run(HOLDER, Command::AcceptPlatform).unwrap();
    late.now += 1;
    for quarter in first..=last {
        late.run(HOLDER, Command::Report(quarter, figures(0))).unwrap();
    }
    assert_eq!(late.licence().open_defaults, 0);
    assert_eq!(late.run(ANYONE, Command::ForfeitEscrow), Err(Refusal::NothingDue(last)));
    for to in [PLATFORM, ANYONE] {
        assert_eq!(late.run(ANYONE, Command::Refund(to)), Err(Refusal::NotPlatform(ANYONE, HOLDER)));
    }
    late.run(ANYONE, Command::Refund(HOLDER)).unwrap();
    assert_eq!((late.got(HOLDER), late.balance), (50_000 - paid, 0));
}

/// Proves SAFE-1, PAY-5: a forfeit leaves what is owed, though nobody recorded it, and touches no released milestone.
#[test]
fn a_forfeit_leaves_what_is_owed() {
    let mut book = Book::licensed(floored(), &[Milestone { amount: 1_000, document: HASH, to_pool: false }]);
    let (first, last) = book.licence().quarters();
    book.run(LICENSOR, Command::CertifyMilestone(0, HASH)).unwrap();
    book.now = after_the_last_default(&book) + 366 * DAY;
    book.run(ANYONE, Command::ForfeitEscrow).unwrap();
    // Five floors with interest of 741, 651, 560, 468 and 376 days stay: 36,500 and 5,592.
    assert_eq!((book.got(POOL), book.licence().escrow, book.licence().refundable), (49_000 - 42_092, 42_092, 1_000));
    for quarter in first..=last {
        book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    }
    book.run(ANYONE, Command::Refund(PLATFORM)).unwrap();
    assert_eq!((book.got(POOL), book.got(PLATFORM), book.balance, book.licence().owed), (49_000, 1_000, 0, 0));

    // With a guarantee the years are trued up first.
    let mut book = Book::licensed(Terms { guarantee: 50_000, ..floored() }, &[]);
    book.now = after_the_last_default(&book) + 366 * DAY;
    assert_eq!(book.run(ANYONE, Command::ForfeitEscrow), Err(Refusal::TrueUpFirst(1)));
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!((book.got(POOL), book.run(ANYONE, Command::ForfeitEscrow)), (50_000, Err(Refusal::NothingDue(last))));
}

/// Proves SAFE-1, PAY-5: the escrow stays until each quarter's usage is known, or can come no more, and keeps interest
/// as well as principal.
#[test]
fn the_escrow_waits_for_usage_and_interest() {
    let mut book = Book::licensed(Terms { floor: 0, ..by_use() }, &[]);
    let (first, last) = book.licence().quarters();
    for quarter in first..=last {
        book.now = quarter_start(quarter + 1) + DAY;
        book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    }
    let open = |quarter| Err(Refusal::UsageOpen(quarter));
    // 90 days end on 31 March 2028; the committee has the second quarter of 2028 still. The pool does not answer here,
    // and has four quarters more.
    let mut unknown = book.clone();
    for now in [quarter_start(last + 3), quarter_start(last + 6) - 1] {
        unknown.now = now;
        assert_eq!(unknown.run(PLATFORM, Command::Refund(TREASURY)), open(first));
        for quarter in first..=last {
            assert_eq!(unknown.run(PLATFORM, Command::CloseUsage(quarter)), open(quarter));
        }
    }
    unknown.now += 1;
    for quarter in first..=last {
        assert_eq!(unknown.run(PLATFORM, Command::Refund(TREASURY)), open(quarter));
        unknown.run(ANYONE, Command::CloseUsage(quarter)).unwrap();
        assert_eq!(unknown.run(ANYONE, Command::CloseUsage(quarter)), Err(Refusal::UsageAlreadyReported(quarter)));
    }
    unknown.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((unknown.got(TREASURY), unknown.balance), (50_000, 0));
    // Usage that comes after all is owed, though nothing is left to pay it from.
    unknown.run(ANYONE, Command::AssessUsage(last, usage(3_650))).unwrap();
    unknown.now += 24 * DAY + 1;
    assert_eq!(unknown.run(ANYONE, Command::RecordDefault(last)), Ok(Moves::default()));
    assert_eq!((unknown.licence().owed, unknown.licence().open_defaults, unknown.balance), (36_500, 1, 0));

    for quarter in first..=last {
        assert_eq!(book.run(PLATFORM, Command::Refund(TREASURY)), open(quarter));
        book.run(ANYONE, Command::AssessUsage(quarter, usage(if quarter == last { 3_650 } else { 0 }))).unwrap();
    }
    let mut paid = book.clone();
    paid.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((paid.got(TREASURY), paid.licence().escrow), (13_500, 36_500));
    // Ten days after its deadline the last quarter's 36,500 owe 100 more.
    book.now = quarter_start(last + 1) + 40 * DAY + 1;
    book.run(ANYONE, Command::Refund(PLATFORM)).unwrap();
    assert_eq!((book.got(PLATFORM), book.licence().escrow), (13_400, 36_600));
    book.run(ANYONE, Command::RecordDefault(last)).unwrap();
    assert_eq!((book.got(POOL), book.balance, book.licence().owed, book.licence().open_defaults), (36_600, 0, 0, 0));
}

/// Proves SAFE-1, PAY-5: while the pool awaits a report of a quarter, a ruling or a revision, its usage is not closed,
/// for as long as all of those can take; once it says that none comes, it is with the stream's end, and no second
/// before, also of the first quarter. A pool that awaits for ever holds the escrow for five years: before, for ever.
#[test]
fn the_escrow_waits_for_what_the_pool_awaits() {
    let book = Book::licensed(Terms { floor: 0, ..by_use() }, &[]);
    let (first, last) = book.licence().quarters();
    let end = quarter_start(last + 3);
    for (now, closed, free) in [
        (end - 1, Some(true), false),
        (end, Some(true), true),
        (end, Some(false), false),
        (quarter_start(last + 22) - 1, Some(false), false),
        (quarter_start(last + 22), Some(false), true),
        (end, None, false),
        (quarter_start(last + 6) - 1, None, false),
        (quarter_start(last + 6), None, true),
    ] {
        let call = Call { licence: ID, caller: PLATFORM, now };
        for quarter in [first, last] {
            let asked = |whom| assert!(now < quarter_start(last + 22), "{whom} is asked at {now}");
            let answered = dues::assess_usage(
                &mut book.clone().store,
                &call,
                quarter,
                || {
                    asked("the registry");
                    None
                },
                |stream_end| {
                    asked("the pool");
                    assert!(stream_end < end, "{now}");
                    closed
                },
            );
            let expected = if free { Ok(()) } else { Err(Refusal::UsageOpen(quarter)) };
            assert_eq!(answered.map(drop), expected, "{now} {closed:?}");
        }
    }
}

/// Proves SAFE-1, PAY-1: closed usage is none until a report is final after all, which is charged as any other, once,
/// and from the escrow where that is still there; so is what an audit finds.
#[test]
fn closed_usage_is_charged_where_it_comes_after_all() {
    let mut book = Book::licensed(Terms { floor: 0, ..by_use() }, &[]);
    let (first, last) = book.licence().quarters();
    for quarter in first..=last {
        book.now = quarter_start(quarter + 1) + DAY;
        book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    }
    book.now = quarter_start(last + 6);
    for quarter in first..=last {
        book.run(ANYONE, Command::CloseUsage(quarter)).unwrap();
    }
    assert_eq!((book.quarter(last).due, book.quarter(last).usage_at), (0, book.now));
    let mut found = book.clone();
    let late = Command::AssessUsage(last, usage(3_650));
    book.run(ANYONE, late.clone()).unwrap();
    for again in [late, Command::CloseUsage(last)] {
        assert_eq!(book.run(ANYONE, again), Err(Refusal::UsageAlreadyReported(last)));
    }
    // No interest yet: it has two weeks from now.
    book.run(ANYONE, Command::Refund(PLATFORM)).unwrap();
    assert_eq!((book.got(PLATFORM), book.licence().escrow), (13_500, 36_500));
    book.now += 24 * DAY + 1;
    book.run(ANYONE, Command::RecordDefault(last)).unwrap();
    // 36,500 at 10 % for ten days are 100, which nothing is left for.
    assert_eq!((book.got(POOL), book.balance, book.licence().owed), (36_500, 0, 0));

    // An audit's figures stand: neither closing nor a late report takes them back.
    let finding = Finding { discrepancy_bps: 501, usage: usage(7).usage, fee: 0, expenses: 0, report: HASH };
    found.run(HOLDER, Command::RequestAudit { holding: HELD, quarter: last, scope: HASH }).unwrap();
    found.now += 31 * DAY;
    found.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    found.now += 14 * DAY;
    found.run(ANYONE, Command::ApplyFinding(1)).unwrap();
    assert_eq!((found.quarter(last).due, found.licence().owed), (70, 70));
    for command in [Command::AssessUsage(last, usage(3_650)), Command::CloseUsage(last)] {
        assert_eq!(found.run(ANYONE, command), Err(Refusal::UsageAlreadyReported(last)));
    }
}

/// Proves SAFE-1: a final report that the terms cannot charge, of another metric or threshold or without a hash, never
/// changes; so it holds the escrow no longer than the stream lasts, and meanwhile is refused. Before, the pool had a
/// report that paid, nothing could be taken over, and the escrow stayed for ever.
#[test]
fn a_report_that_cannot_be_charged_holds_no_escrow() {
    for (foreign, refusal) in [
        (UsageReport { metric: [8; 32], ..usage(5) }, Refusal::WrongMetric([8; 32], [9; 32])),
        (UsageReport { threshold: 2, ..usage(5) }, Refusal::WrongThreshold(2, 1)),
        (UsageReport { report: [0; 32], ..usage(5) }, Refusal::ZeroHash),
    ] {
        let mut book = Book::licensed(Terms { floor: 0, ..by_use() }, &[]);
        let (first, last) = book.licence().quarters();
        for quarter in first..=last {
            book.now = quarter_start(quarter + 1) + DAY;
            book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
        }
        book.now = quarter_start(last + 3) - 1;
        assert_eq!(book.run(ANYONE, Command::AssessUsage(last, foreign)), Err(refusal));
        book.now += 1;
        for quarter in first..=last {
            book.run(ANYONE, Command::AssessUsage(quarter, foreign)).unwrap();
            let closed = book.quarter(quarter);
            assert_eq!((closed.calls, closed.due, closed.usage_report), (0, 0, [0; 32]));
        }
        book.run(ANYONE, Command::Refund(PLATFORM)).unwrap();
        assert_eq!((book.got(PLATFORM), book.balance), (50_000, 0));
    }
}

/// Proves SAFE-1, PAY-5: closing assesses an unreported quarter as recording its default would, cures nothing and frees
/// nothing of a silent platform's; a released milestone waits for no usage.
#[test]
fn closing_does_not_excuse_silence() {
    let mut book = Book::licensed(by_use(), &[Milestone { amount: 1_000, document: HASH, to_pool: false }]);
    let (first, last) = book.licence().quarters();
    book.now = after_the_last_default(&book) + 366 * DAY;
    let mut plain = Book::licensed(floored(), &[]);
    plain.now = book.now;
    assert_eq!(book.run(ANYONE, Command::ForfeitEscrow), Err(Refusal::UsageOpen(first)));
    book.now = quarter_start(last + 6).max(book.now);
    plain.now = book.now;
    for quarter in first..=last {
        book.run(ANYONE, Command::CloseUsage(quarter)).unwrap();
        for book in [&mut book, &mut plain] {
            book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
            assert!(book.quarter(quarter).in_default);
        }
        assert_eq!(book.quarter(quarter).interest_paid, plain.quarter(quarter).interest_paid);
        assert_eq!(book.quarter(quarter).paid, 7_300);
    }
    assert_eq!((book.got(POOL), book.licence().owed), (plain.got(POOL), 0));
    assert_eq!(book.run(PLATFORM, Command::Refund(PLATFORM)), Err(Refusal::NothingToRefund(ID)));
    book.run(ANYONE, Command::ForfeitEscrow).unwrap();
    assert_eq!((book.got(POOL), book.balance), (50_000, 0));

    let mut book = Book::licensed(by_use(), &[Milestone { amount: 1_000, document: HASH, to_pool: false }]);
    book.run(LICENSOR, Command::CertifyMilestone(0, HASH)).unwrap();
    for quarter in first..=last {
        book.now = quarter_start(quarter + 1) + DAY;
        book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    }
    book.run(ANYONE, Command::Refund(PLATFORM)).unwrap();
    assert_eq!((book.got(PLATFORM), book.licence().escrow), (1_000, 49_000));
    assert_eq!(book.run(ANYONE, Command::Refund(PLATFORM)), Err(Refusal::UsageOpen(first)));
}

/// Proves SAFE-1: figures that no sum could hold do not lock the escrow: none above 2^100 is taken, and no report of
/// usage makes a due above it. Before, 2^128−1 reported once made the true-up and the default overflow for ever.
#[test]
fn absurd_figures_lock_nothing() {
    let terms = Terms { guarantee: 1_000, escrow: 1_000, residual_bps: 10_000, floor: 0, late_bps: 10_000, ..by_use() };
    let mut book = Book::licensed(Terms { per_call: u128::MAX, ..terms }, &[]);
    let (first, last) = book.licence().quarters();
    for quarter in first..=last {
        book.now = quarter_start(quarter + 1) + DAY;
        let absurd = Command::Report(quarter, figures(MAX_AMOUNT + 1));
        assert_eq!(book.run(PLATFORM, absurd), Err(Refusal::Overflow));
        book.run(PLATFORM, Command::Report(quarter, figures(MAX_AMOUNT))).unwrap();
        book.run(ANYONE, Command::AssessUsage(quarter, usage(u64::MAX))).unwrap();
        assert_eq!(book.quarter(quarter).due, MAX_AMOUNT);
    }
    book.now = book.licence().ends_at + 20_000 * DAY;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    book.run(ANYONE, Command::RecordDefault(first)).unwrap();
    assert_eq!((book.got(POOL), book.licence().escrow), (1_000, 0));
}

/// Proves SAFE-8: interest on what turned out never to have been due goes with it. 1,000 calls are 10,000, which bear
/// 10,000 · 10 % · 73 / 365 = 200 in 73 days; an audit finds 400 calls, so 80 of it stays.
#[test]
fn nobody_owes_interest_on_what_was_never_due() {
    let mut book = Book::licensed(Terms { floor: 0, ..by_use() }, &[]);
    let first = book.licence().quarters().0;
    book.now = quarter_start(first + 1);
    book.run(PLATFORM, Command::Report(first, figures(0))).unwrap();
    book.run(ANYONE, Command::AssessUsage(first, usage(1_000))).unwrap();
    let due_by = book.quarter(first).pay_by;
    book.now = due_by + DAY;
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter: first, scope: HASH }).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    let found = Usage { tokens: 0, calls: 400 };
    let finding = Finding { discrepancy_bps: 6_000, usage: found, fee: 0, expenses: 0, report: HASH };
    book.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    book.now = due_by + 73 * DAY;
    book.run(ANYONE, Command::ApplyFinding(1)).unwrap();
    let quarter = book.quarter(first);
    assert_eq!((quarter.due, quarter.outstanding()), (4_000, 4_080));
}

/// Proves SAFE-10: who leaves pays the interest too, which no record of a default is needed for: 7,300 unpaid for 50
/// days owe 100.
#[test]
fn nobody_leaves_owing_interest() {
    let mut book = Book::licensed(Terms { platform_may_leave: true, ..floored() }, &[]);
    let first = book.licence().quarters().0;
    book.now = quarter_start(first + 1);
    book.run(PLATFORM, Command::Report(first, figures(0))).unwrap();
    book.now = book.quarter(first).pay_by + 50 * DAY;
    book.run(ANYONE, Command::Pay(first, 7_300)).unwrap();
    let leave = terminate(1, Side::Platform);
    assert_eq!(book.run(PLATFORM, leave.clone()), Err(Refusal::PaysFirst(100, 0)));
    book.run(ANYONE, Command::Pay(first, 100)).unwrap();
    book.run(PLATFORM, leave).unwrap();
}

/// Proves SAFE-10: who leaves has the escrow filled up to what is due, which only the true-up of the year before tells.
#[test]
fn nobody_leaves_with_an_empty_escrow() {
    let terms = Terms { platform_may_leave: true, term_months: 24, guarantee: 50_000, floor: 0, ..floored() };
    let mut book = Book::licensed(terms, &[]);
    let first = book.first_quarter();
    for quarter in first..first + 4 {
        book.settle_quarter(quarter, 100_000);
    }
    let leaves = terminate(1, Side::Platform);
    book.now = START + YEAR - 1;
    book.clone().run(PLATFORM, leaves.clone()).unwrap();
    book.now += 1;
    assert_eq!(book.run(PLATFORM, leaves.clone()), Err(Refusal::TrueUpFirst(1)));
    book.run(PLATFORM, Command::TrueUp(1)).unwrap();
    // Four quarters earned 10,000 each; 10,000 came from the escrow.
    assert_eq!(book.run(PLATFORM, leaves.clone()), Err(Refusal::PaysFirst(10_000, 0)));
    book.run(PLATFORM, Command::FundEscrow(9_999)).unwrap();
    assert_eq!(book.run(PLATFORM, leaves.clone()), Err(Refusal::PaysFirst(1, 0)));
    book.run(PLATFORM, Command::FundEscrow(1)).unwrap();
    book.run(PLATFORM, leaves).unwrap();
}

/// Proves SAFE-7: what a report implies for a quarter is what its due would rise to, above what is paid, and never more
/// than the licence has shown can move.
#[test]
fn implied_dues_are_what_can_move() {
    let terms = Terms { floor: 50, escrow: 1_000, per_thousand_tokens: 1 << 100, ..by_use() };
    let mut book = Book::licensed(terms, &[]);
    let (first, last) = book.licence().quarters();
    let calls = |calls| Usage { tokens: 0, calls };
    let implied = |book: &Book, number, usage: &Usage| dues_for(&book.store, &ID, number, usage);
    assert_eq!([0, 5, 20].map(|n| implied(&book, first, &calls(n))), [50, 50, 200]);
    assert_eq!(implied(&book, first, &calls(1 << 40)), 1_000);
    assert_eq!(implied(&book, first, &Usage { tokens: 1 << 64, calls: 0 }), 1_000);
    assert_eq!([first - 1, last + 1].map(|number| implied(&book, number, &calls(20))), [0, 0]);
    assert_eq!(dues_for(&book.store, &[9; 32], first, &calls(20)), 0);
    // 60 are paid: the due rises to 260, and 1,060 have been shown.
    book.settle_quarter(first, 600);
    assert_eq!([20, 106, 107].map(|n| implied(&book, first, &calls(n))), [200, 1_060, 1_060]);
    assert_eq!(implied(&Book::licensed(floored(), &[]), first, &calls(20)), 0);
    let mut offered = Book::new();
    offered.offer(vec![(terms, vec![])]).unwrap();
    assert_eq!(implied(&offered, first, &calls(20)), 0);
}

/// Proves LIC-1: a report says that it is late from the second after its deadline on, and not where its lateness was
/// recorded before.
#[test]
fn a_report_says_that_it_is_late() {
    let mut book = Book::licensed(Terms { report_days: 20, ..floored() }, &[]);
    let quarter = book.first_quarter();
    let deadline = quarter_start(quarter + 1) + 20 * DAY;
    let says = |book: &Book, now| {
        let call = Call { licence: ID, caller: PLATFORM, now };
        dues::report(&mut book.clone().store, &call, quarter, &figures(0)).unwrap().late
    };
    assert_eq!([deadline, deadline + 1].map(|now| says(&book, now)), [false, true]);
    book.now = deadline + 1;
    book.run(ANYONE, Command::RecordBreach(1, quarter)).unwrap();
    assert!(!says(&book, deadline + 2), "it was told already");
}
