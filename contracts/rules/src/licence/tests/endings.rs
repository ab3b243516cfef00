//! Clocks of breach, default, cure and notice: each its own (SAFE-10).

use super::*;
use crate::licence::{
    Stage,
    conduct::Redaction,
    store::{self, numbered},
};

fn leaving() -> Terms {
    Terms {
        residual_bps: 1_000,
        guarantee: 100_000,
        escrow: 100_000,
        funding_days: 1,
        platform_may_leave: true,
        notice_days: 15,
        ..plain()
    }
}

/// Proves SAFE-10: a report one second late is reported: it is on record, and no cause for anything.
#[test]
fn a_breach_lapses_once_it_is_cured() {
    let mut book = Book::licensed(Terms { residual_bps: 1_000, term_months: 36, ..plain() }, &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1) + 20 * DAY + 1;
    book.run(PLATFORM, Command::Report(quarter, figures(100))).unwrap();
    book.run(PLATFORM, Command::Pay(quarter, 10)).unwrap();
    assert_eq!(book.licence().breaches, 1);
    book.now += 586 * DAY;
    let ends = terminate_for(3, 1, quarter, Side::Licensor);
    assert_eq!(book.run(LICENSOR, ends), Err(Refusal::NoCause(3)));
    // Another that is not cured does not revive it.
    book.run(ANYONE, Command::RecordBreach(1, quarter + 1)).unwrap();
    book.now += 15 * DAY;
    assert_eq!(book.run(LICENSOR, terminate_for(3, 1, quarter, Side::Licensor)), Err(Refusal::NoCause(3)));
    book.run(LICENSOR, terminate_for(3, 1, quarter + 1, Side::Licensor)).unwrap();
}

/// Proves SAFE-10: a default that is a day old ends no licence because an older one was open before.
#[test]
fn each_default_has_its_own_time_to_cure() {
    let mut book = Book::licensed(Terms { residual_bps: 1_000, ..plain() }, &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1) + 41 * DAY;
    book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    book.now = quarter_start(quarter + 2) + 41 * DAY;
    book.run(ANYONE, Command::RecordDefault(quarter + 1)).unwrap();
    let second = book.now;
    book.now += DAY;
    for number in [quarter, quarter + 1] {
        book.run(PLATFORM, Command::Report(number, figures(100))).unwrap();
    }
    book.run(PLATFORM, Command::Pay(quarter, 10)).unwrap();
    let ends = |number| terminate_for(2, 0, number, Side::Licensor);
    assert_eq!(book.run(LICENSOR, ends(quarter)), Err(Refusal::NoCause(2)));
    assert_eq!(book.run(LICENSOR, ends(quarter + 1)), Err(Refusal::CureOpen(second + 15 * DAY)));
    book.now = second + 15 * DAY;
    let mut cured = book.clone();
    cured.run(PLATFORM, Command::Pay(quarter + 1, 10)).unwrap();
    assert_eq!(cured.run(LICENSOR, ends(quarter + 1)), Err(Refusal::NoCause(2)));
    book.run(LICENSOR, ends(quarter + 1)).unwrap();
    // A default of a year that never was is none.
    assert_eq!(cured.run(LICENSOR, ends(1)), Err(Refusal::NoCause(2)));
}

/// Proves SAFE-10: the arithmetic of 83 days. A platform that paid nothing gave five days' notice on the 78th day and
/// took 77,261 of 100,000 back, because a year's guarantee was owed by the second. Now it cannot leave before it pays,
/// and who leaves owing owes the whole year.
#[test]
fn leaving_never_beats_paying() {
    let five_days = Terms { notice_days: 5, ..leaving() };
    let refused = Err(Refusal::InvalidTerms(0, crate::licence::terms::Fault::Notice as u8));
    assert_eq!(Book::new().offer(vec![(five_days, vec![])]), refused);

    let mut book = Book::licensed(leaving(), &[]);
    let quarter = book.first_quarter();
    let leaves = terminate(1, Side::Platform);
    book.now = START + 78 * DAY;
    assert_eq!(book.run(PLATFORM, leaves.clone()), Err(Refusal::PaysFirst(0, quarter)));
    book.run(PLATFORM, Command::Report(quarter, figures(50_000))).unwrap();
    assert_eq!(book.run(PLATFORM, leaves.clone()), Err(Refusal::PaysFirst(5_000, 0)));
    let due = book.quarter(quarter).outstanding();
    book.run(PLATFORM, Command::Pay(quarter, due)).unwrap();
    book.run(PLATFORM, leaves).unwrap();
    // 93 days from 24 November: four months are begun. Q1 is reported, or not.
    for (honest, guaranteed) in [(true, 33_333), (false, 100_000)] {
        let mut book = book.clone();
        book.now = quarter_start(quarter + 2);
        if honest {
            book.run(PLATFORM, Command::Report(quarter + 1, figures(0))).unwrap();
        }
        book.now += 41 * DAY;
        book.run(ANYONE, Command::TrueUp(1)).unwrap();
        assert_eq!((book.year(1).guaranteed, book.got(POOL)), (guaranteed, guaranteed));
    }
}

/// Proves SAFE-10: whatever a platform does on its way out, it pays no less than one that stays as long and pays.
#[test]
fn no_way_out_is_cheaper_than_the_honest_one() {
    let start = Book::licensed(leaving(), &[]);
    let quarter = start.first_quarter();
    let mut least = Vec::new();
    // Bits: reports Q4, pays Q4, gives notice, reports Q1, pays Q1; the licensor ends it for a default where it can.
    for ways in 0..32u8 {
        let mut book = start.clone();
        let does = |bit: u8| ways & 1 << bit != 0;
        book.now = quarter_start(quarter + 1) + 41 * DAY;
        let _ = book.run(ANYONE, Command::RecordDefault(quarter));
        if does(0) {
            book.run(PLATFORM, Command::Report(quarter, figures(50_000))).unwrap();
        }
        if does(1) {
            let _ = book.run(PLATFORM, Command::Pay(quarter, 5_000));
        }
        if does(2) {
            let _ = book.run(PLATFORM, terminate(1, Side::Platform));
        }
        let left = book.stage() == Stage::UnderNotice;
        book.now += 15 * DAY;
        let _ = book.run(LICENSOR, terminate_for(2, 0, quarter, Side::Licensor));
        book.now = quarter_start(quarter + 2);
        if does(3) {
            let _ = book.run(PLATFORM, Command::Report(quarter + 1, figures(0)));
        }
        if book.stage() == Stage::Active {
            continue;
        }
        book.now += 41 * DAY;
        book.run(ANYONE, Command::TrueUp(1)).unwrap();
        for number in [quarter, quarter + 1] {
            let _ = book.run(ANYONE, Command::RecordDefault(number));
        }
        let honest = left && does(3);
        assert_eq!(book.got(POOL), if honest { 33_333 } else { 100_000 }, "{ways:b}");
        least.push(book.got(POOL));
    }
    assert!(least.len() > 8 && least.contains(&33_333));
}

/// Proves SAFE-8, SAFE-10: a violation is alleged first: the arbiter can dismiss it, and it ends a licence only after
/// the time to challenge it, and not for ever.
#[test]
fn a_violation_counts_after_its_challenge() {
    let mut book = Book::licensed(Terms { prohibited: 1, term_months: 24, ..plain() }, &[]);
    let alleged = |evidence| Command::RecordViolation { kind: 2, uses: 1, at: START, evidence };
    book.run(ORACLE, alleged(HASH)).unwrap();
    let ends = terminate(4, Side::Licensor);
    assert_eq!(book.run(LICENSOR, ends.clone()), Err(Refusal::CureOpen(START + 14 * DAY)));
    let mut dismissed = book.clone();
    dismissed.run(ANYONE, Command::DismissViolation(HASH)).unwrap();
    assert_eq!(dismissed.run(ANYONE, Command::DismissViolation(HASH)), Err(Refusal::AlreadyDone(0)));
    assert_eq!(dismissed.run(ANYONE, Command::DismissViolation([1; 32])), Err(Refusal::NoCause(4)));
    dismissed.now += 14 * DAY;
    assert_eq!((dismissed.licence().violations, dismissed.run(LICENSOR, ends.clone())), (0, Err(Refusal::NoCause(4))));
    // The same evidence is not heard twice.
    assert_eq!(dismissed.run(ORACLE, alleged(HASH)), Err(Refusal::ViolationAlreadyRecorded(HASH)));
    let mut old = book.clone();
    old.now += 14 * DAY + 180 * DAY;
    old.clone().run(LICENSOR, ends.clone()).unwrap();
    old.now += 1;
    assert_eq!(old.run(LICENSOR, ends.clone()), Err(Refusal::NoCause(4)));
    book.now += 14 * DAY;
    book.run(LICENSOR, ends).unwrap();
    assert_eq!(book.stage(), Stage::Terminated);
}

/// Proves SAFE-10: each kind of breach is a cause until it is done, from its own record on.
#[test]
fn breaches_last_until_they_are_done() {
    let mut book = Book::licensed(Terms { audit_fee_cap: 5, ..plain() }, &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1);
    book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter, scope: HASH }).unwrap();
    book.run(HOLDER, redact()).unwrap();
    book.now += 30 * DAY + 1;
    book.run(ANYONE, Command::RecordBreach(2, 1)).unwrap();
    book.run(ANYONE, Command::RecordBreach(3, 1)).unwrap();
    let late = Redaction::load(&book.store, &numbered(&ID, store::REDACTION, 1)).unwrap();
    assert_eq!(late.late_at, book.now);
    book.now += 15 * DAY;
    for (kind, cure) in [(2, Command::AnswerAudit(1, [HASH; 3])), (3, Command::CertifyRedaction(1, HASH))] {
        let ends = terminate_for(3, kind, 1, Side::Licensor);
        book.clone().run(LICENSOR, ends.clone()).unwrap();
        book.run(PLATFORM, cure).unwrap();
        assert_eq!(book.run(LICENSOR, ends), Err(Refusal::NoCause(3)));
    }
    let finding = crate::licence::audit::Finding {
        discrepancy_bps: 0,
        usage: Default::default(),
        fee: 5,
        expenses: 0,
        report: HASH,
    };
    book.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    book.now += 30 * DAY + 1;
    book.run(ANYONE, Command::RecordBreach(5, 1)).unwrap();
    book.now += 15 * DAY;
    let ends = terminate_for(3, 5, 1, Side::Licensor);
    book.clone().run(LICENSOR, ends.clone()).unwrap();
    // Anybody may pay for the platform.
    book.run(ANYONE, Command::PayAudit(1, crate::licence::audit::Debt::Fee)).unwrap();
    assert_eq!(book.run(LICENSOR, ends), Err(Refusal::NoCause(3)));
    assert_eq!(book.run(LICENSOR, terminate_for(3, 4, 0, Side::Licensor)), Err(Refusal::NoCause(3)));
    assert_eq!(book.run(LICENSOR, terminate_for(3, 9, 0, Side::Licensor)), Err(Refusal::UnknownKind(9)));
}

/// Proves SAFE-10: a clause of zero days or months is none: reports have no deadline of their own, training lasts as
/// long as the licence.
#[test]
fn zero_turns_a_clause_off() {
    let terms = Terms { report_days: 0, training_months: 0, residual_bps: 1_000, ..plain() };
    let mut book = Book::licensed(terms, &[]);
    let quarter = book.first_quarter();
    assert_eq!(book.licence().training_until(&terms), START + YEAR);
    let training = Command::RecordViolation { kind: 1, uses: 0, at: START + 300 * DAY, evidence: HASH };
    book.now = quarter_start(quarter + 1) + 300 * DAY;
    assert_eq!(book.run(ORACLE, training), Err(Refusal::NotAViolation(1, START + 300 * DAY)));
    assert_eq!(book.run(ANYONE, Command::RecordBreach(1, quarter)), Err(Refusal::NotYet(quarter, u64::MAX)));
    book.run(PLATFORM, Command::Report(quarter, figures(100))).unwrap();
    assert_eq!(book.licence().breaches, 0);
    // Its payment has a deadline all the same.
    book.run(ANYONE, Command::RecordDefault(quarter + 1)).unwrap();
}

/// Proves SAFE-10: a platform's account is replaced in two steps, and what it may have back is its successor's.
#[test]
fn a_platform_hands_over_in_two_steps() {
    let mut book = Book::licensed(guaranteed(), &[]);
    assert_eq!(book.run(ANYONE, Command::ProposePlatform(ANYONE)), Err(Refusal::NotPlatform(ANYONE, PLATFORM)));
    assert_eq!(book.run(ANYONE, Command::AcceptPlatform), Err(Refusal::NotPlatform(ANYONE, [0; 20])));
    book.run(PLATFORM, Command::ProposePlatform(HOLDER)).unwrap();
    assert_eq!(book.run(ANYONE, Command::AcceptPlatform), Err(Refusal::NotPlatform(ANYONE, HOLDER)));
    book.run(HOLDER, Command::AcceptPlatform).unwrap();
    assert_eq!((book.licence().platform, book.licence().next_platform), (HOLDER, [0; 20]));
    book.now = quarter_start(book.first_quarter() + 1);
    let report = Command::Report(book.first_quarter(), figures(0));
    assert_eq!(book.run(PLATFORM, report.clone()), Err(Refusal::NotPlatform(PLATFORM, HOLDER)));
    book.run(HOLDER, report).unwrap();
    // Zero takes it back, and the zero account cannot accept.
    book.run(HOLDER, Command::ProposePlatform([0; 20])).unwrap();
    assert_eq!(book.run([0; 20], Command::AcceptPlatform), Err(Refusal::NotPlatform([0; 20], [0; 20])));
}

/// Proves SAFE-1: a stream's end is known once its licence is over, and not before.
#[test]
fn a_stream_ends_after_its_last_deadline() {
    let terms = plain();
    let mut book = Book::licensed(terms, &[]);
    assert_eq!(Licence::default().stream_end(&terms, START), 0);
    assert_eq!(book.licence().stream_end(&terms, START), u64::MAX);
    book.now = START + YEAR;
    let (_, last) = book.licence().quarters();
    // The usage of the last quarter has the longest time: 90 days.
    assert_eq!(book.licence().stream_end(&terms, book.now), quarter_start(last + 1) + 90 * DAY);
    let slow = Terms { payment_days: 100, grace_days: 20, ..terms };
    assert_eq!(book.licence().stream_end(&slow, book.now), quarter_start(last + 1) + 120 * DAY);
    let slow = Terms { report_days: 200, ..terms };
    assert_eq!(book.licence().stream_end(&slow, book.now), quarter_start(last + 1) + 200 * DAY);
    let mut offered = Book::new();
    offered.offer(vec![(terms, vec![])]).unwrap();
    assert_eq!(offered.licence().stream_end(&terms, START), u64::MAX);
    assert_eq!(offered.licence().stream_end(&terms, START + 30 * DAY), START + 30 * DAY);
}
