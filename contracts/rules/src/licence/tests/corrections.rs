//! Dues come from final reports, in two parts, and are corrected (SAFE-8).

use super::*;
use crate::{
    licence::{
        audit::{Audit, Finding},
        dues::UsageReport,
        store::{self, numbered},
    },
    revenue::Usage,
};

fn by_use() -> Terms {
    Terms { residual_bps: 1_000, per_call: 10, metric: [9; 32], late_bps: 1_000, ..plain() }
}

fn usage(calls: u64) -> UsageReport {
    UsageReport { usage: Usage { tokens: 0, calls }, metric: [9; 32], threshold: 1, report: HASH }
}

/// Proves SAFE-8, PAY-1: a silent oracle does not block the residual; what usage adds has two weeks of its own, and
/// interest only after them.
#[test]
fn a_silent_oracle_does_not_block_the_residual() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    let pay_by = quarter_start(quarter + 1) + 30 * DAY;
    book.now = quarter_start(quarter + 1);
    book.run(PLATFORM, Command::Report(quarter, figures(73_000))).unwrap();
    assert_eq!((book.quarter(quarter).due, book.quarter(quarter).pay_by), (7_300, pay_by));
    // 10 % a year on 7,300 is 2 a day; 36,500 more are to be paid 14 days after they are known.
    book.now = pay_by + 10 * DAY;
    book.run(ANYONE, Command::AssessUsage(quarter, usage(3_650))).unwrap();
    assert_eq!((book.quarter(quarter).due, book.quarter(quarter).outstanding()), (43_800, 43_800 + 20));
    assert_eq!(book.run(ANYONE, Command::RecordDefault(quarter)), Err(Refusal::NotYet(quarter, pay_by + 10 * DAY)));
    let mut late = book.clone();
    late.now += 1;
    late.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    // Who has paid the first part is not in default for the second.
    book.run(PLATFORM, Command::Pay(quarter, 7_300)).unwrap();
    book.now += 24 * DAY;
    assert_eq!(book.run(ANYONE, Command::RecordDefault(quarter)), Err(Refusal::NotYet(quarter, book.now)));
    // The second bears interest from its deadline on: ten days of 10 a day.
    book.now += 1;
    book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    assert_eq!(book.quarter(quarter).outstanding(), 36_500 + 20 + 100);
    book.run(PLATFORM, Command::Pay(quarter, 40_000)).unwrap();
    assert_eq!((book.got(POOL), book.licence().owed, book.licence().open_defaults), (43_920, 0, 0));
    assert_eq!(book.run(ANYONE, Command::AssessUsage(quarter, usage(1))), Err(Refusal::UsageAlreadyReported(quarter)));
}

/// Proves SAFE-8: usage that is known first is due without the platform's word; the residual that comes late bears
/// interest since its deadline all the same.
#[test]
fn usage_is_due_without_the_platforms_report() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    let pay_by = quarter_start(quarter + 1) + 30 * DAY;
    book.now = quarter_start(quarter + 1) + DAY;
    book.run(ANYONE, Command::AssessUsage(quarter, usage(5))).unwrap();
    assert_eq!((book.quarter(quarter).due, book.quarter(quarter).pay_by), (50, pay_by));
    book.run(ANYONE, Command::Pay(quarter, 50)).unwrap();
    // What is not reported is a default that no payment cures.
    book.now = pay_by + 10 * DAY + 1;
    book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    assert_eq!(book.run(ANYONE, Command::Pay(quarter, 1)), Err(Refusal::NothingDue(quarter)));
    book.now = pay_by + 20 * DAY;
    book.run(PLATFORM, Command::Report(quarter, figures(73_000))).unwrap();
    assert_eq!((book.quarter(quarter).due, book.quarter(quarter).outstanding()), (7_350, 7_300 + 40));
    assert_eq!(book.licence().open_defaults, 1);
    book.run(ANYONE, Command::Pay(quarter, 7_340)).unwrap();
    assert_eq!((book.licence().open_defaults, book.licence().owed, book.got(POOL)), (0, 0, 7_390));
}

fn audited(book: &mut Book, quarter: u32, bps: u16, calls: u64) -> u32 {
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter, scope: HASH }).unwrap();
    let number = book.licence().audits;
    book.run(PLATFORM, Command::AnswerAudit(number, [HASH; 3])).unwrap();
    let usage = Usage { tokens: 0, calls };
    let finding = Finding { discrepancy_bps: bps, usage, fee: 0, expenses: 0, report: HASH };
    book.run(AUDITOR, Command::ReportAudit(number, finding)).unwrap();
    number
}

/// Proves SAFE-8, LIC-3: a finding over 5 % corrects the due upwards by an entry of its own, once nobody had it
/// dismissed.
#[test]
fn a_finding_corrects_the_due_upwards() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1) + 20 * DAY;
    book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    book.run(ANYONE, Command::AssessUsage(quarter, usage(100))).unwrap();
    book.run(PLATFORM, Command::Pay(quarter, 1_000)).unwrap();
    let mut little = book.clone();
    let number = audited(&mut little, quarter, 500, 105);
    little.now += 14 * DAY;
    assert_eq!(little.run(ANYONE, Command::ApplyFinding(number)), Err(Refusal::NothingDue(number)));
    let number = audited(&mut book, quarter, 501, 106);
    let from = book.now + 14 * DAY;
    assert_eq!(book.run(ANYONE, Command::ApplyFinding(number)), Err(Refusal::NotYet(number, from)));
    let mut dismissed = book.clone();
    dismissed.run(ANYONE, Command::DismissFinding(number)).unwrap();
    dismissed.now = from;
    assert_eq!(dismissed.run(ANYONE, Command::ApplyFinding(number)), Err(Refusal::AlreadyDone(number)));
    assert_eq!(dismissed.quarter(quarter).due, 1_000);
    book.now = from;
    book.run(ANYONE, Command::ApplyFinding(number)).unwrap();
    let after = book.quarter(quarter);
    assert_eq!((after.due, after.outstanding(), after.later, after.later_by), (1_060, 60, 60, from + 14 * DAY));
    assert_eq!(book.run(ANYONE, Command::ApplyFinding(number)), Err(Refusal::AlreadyDone(number)));
    assert!(Audit::load(&book.store, &numbered(&ID, store::AUDIT, number)).unwrap().applied);
    book.run(PLATFORM, Command::Pay(quarter, 60)).unwrap();
    assert_eq!((book.got(POOL), book.licence().owed), (1_060, 0));
}

/// Proves SAFE-8: of two findings the later one stands, in whatever order they are applied.
#[test]
fn an_older_finding_does_not_undo_a_newer_one() {
    for order in [[0, 1], [1, 0]] {
        let mut book = Book::licensed(by_use(), &[]);
        let quarter = book.first_quarter();
        book.now = quarter_start(quarter + 1) + 20 * DAY;
        book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
        book.run(ANYONE, Command::AssessUsage(quarter, usage(100))).unwrap();
        let first = audited(&mut book, quarter, 9_000, 10);
        book.now += DAY;
        let second = audited(&mut book, quarter, 9_000, 1_000);
        book.now += 14 * DAY;
        let done = order.map(|which| book.run(ANYONE, Command::ApplyFinding([first, second][which])).is_ok());
        assert_eq!(done, [true, order[0] == 0]);
        assert_eq!(book.quarter(quarter).due, 10_000);
    }
}

/// Proves SAFE-8: what was paid too much is a credit for the next due, and never comes out of the pool.
#[test]
fn a_finding_corrects_the_due_downwards() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1);
    book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
    book.run(ANYONE, Command::AssessUsage(quarter, usage(100))).unwrap();
    book.run(PLATFORM, Command::Pay(quarter, 900)).unwrap();
    let number = audited(&mut book, quarter, 4_000, 60);
    book.now += 14 * DAY;
    book.run(ANYONE, Command::ApplyFinding(number)).unwrap();
    let after = book.quarter(quarter);
    assert_eq!((after.due, after.paid, after.outstanding()), (600, 600, 0));
    assert_eq!((book.licence().credit, book.licence().owed, book.got(POOL)), (300, 0, 900));
    book.now = quarter_start(quarter + 2);
    book.run(PLATFORM, Command::Report(quarter + 1, figures(2_000))).unwrap();
    assert_eq!((book.quarter(quarter + 1).outstanding(), book.licence().credit), (0, 100));
    book.run(ANYONE, Command::AssessUsage(quarter + 1, usage(50))).unwrap();
    assert_eq!((book.quarter(quarter + 1).outstanding(), book.licence().credit), (400, 0));
    assert_eq!(book.licence().owed, 400);
}

/// Proves SAFE-2, SAFE-8: a correction of a year that is trued up changes what the year pays in all to its guarantee or
/// what it earned, whichever is more.
#[test]
fn a_correction_counts_in_its_year() {
    let terms = Terms { guarantee: 1_000, escrow: 1_000, funding_days: 1, late_bps: 0, residual_bps: 0, ..by_use() };
    // Calls paid for, calls found, and what the pool has in the end, the platform's credit not counted.
    for (paid, found, total, credit, owed) in [
        (80, 110, 1_000, 0, 100),
        (80, 90, 1_000, 0, 0),
        (80, 10, 1_000, 0, 0),
        (150, 120, 1_500, 300, 0),
        (150, 20, 1_500, 500, 0),
    ] {
        let mut book = Book::licensed(terms, &[]);
        let (first, last) = book.licence().quarters();
        for quarter in first..=last {
            book.now = quarter_start(quarter + 1) + DAY;
            book.run(PLATFORM, Command::Report(quarter, figures(0))).unwrap();
            book.run(ANYONE, Command::AssessUsage(quarter, usage(if quarter == first { paid } else { 0 }))).unwrap();
            let due = book.quarter(quarter).outstanding();
            if due > 0 {
                book.run(PLATFORM, Command::Pay(quarter, due)).unwrap();
            }
        }
        book.run(ANYONE, Command::TrueUp(1)).unwrap();
        let number = audited(&mut book, first, 600, found);
        book.now += 14 * DAY;
        book.run(ANYONE, Command::ApplyFinding(number)).unwrap();
        let licence = book.licence();
        assert_eq!((book.got(POOL), licence.credit, licence.owed), (total, credit, owed), "{paid} {found}");
        let year = book.year(1);
        assert_eq!(year.topped_up + year.owed, 1_000u128.saturating_sub(year.earned), "{paid} {found}");
    }
}

/// Proves SAFE-9: an audit is of a quarter; who asks while it is open joins it, and two are enough for a quarter,
/// whoever asks.
#[test]
fn requests_join_the_open_audit() {
    let mut book = Book::licensed(by_use(), &[]);
    let quarter = book.first_quarter();
    let request = Command::RequestAudit { holding: HELD, quarter, scope: HASH };
    let end = quarter_start(quarter + 1);
    assert_eq!(book.run(HOLDER, request.clone()), Err(Refusal::QuarterNotOver(quarter, end)));
    book.now = end;
    book.run(HOLDER, request.clone()).unwrap();
    for account in 100..140u8 {
        book.run([account; 20], request.clone()).unwrap();
    }
    assert_eq!(book.licence().audits, 1);
    let finding = Finding { discrepancy_bps: 0, usage: Usage::default(), fee: 0, expenses: 0, report: HASH };
    book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    book.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    // One more, by somebody who only joined before: nobody's two were used up.
    book.run([101; 20], request.clone()).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(2, [HASH; 3])).unwrap();
    book.run(AUDITOR, Command::ReportAudit(2, finding)).unwrap();
    assert_eq!(book.run([102; 20], request), Err(Refusal::AlreadyDone(quarter)));
}

/// Proves LIC-1, PAY-2: the share is of net or of gross revenue, and each kind of deduction counts up to its cap.
#[test]
fn deductions_are_capped_by_kind() {
    let base = Terms { residual_bps: 1_000, ..plain() };
    let capped = Terms { infrastructure_cap_bps: 2_000, taxes_cap_bps: 500, ..base };
    for (terms, due) in [
        (base, 10_000 - 4_000 - 1_000),
        (Terms { gross_base: true, ..capped }, 10_000),
        (capped, 10_000 - 2_000 - 500),
        (Terms { taxes_cap_bps: 0, ..capped }, 10_000 - 2_000 - 1_000),
        (Terms { infrastructure_cap_bps: 10_000, taxes_cap_bps: 10_000, ..base }, 5_000),
    ] {
        let mut book = Book::licensed(terms, &[]);
        let quarter = book.first_quarter();
        book.now = quarter_start(quarter + 1);
        let figures = Figures { gross: 100_000, infrastructure: 40_000, taxes: 10_000, evidence: HASH };
        book.run(PLATFORM, Command::Report(quarter, figures)).unwrap();
        assert_eq!(book.quarter(quarter).due, due);
    }
    for terms in [Terms { infrastructure_cap_bps: 10_001, ..base }, Terms { taxes_cap_bps: 10_001, ..base }] {
        assert_eq!(Book::new().offer(vec![(terms, vec![])]), Err(Refusal::InvalidTerms(0, 2)));
    }
}
