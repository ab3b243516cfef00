//! What a message records, field by field, and each deadline on both sides of its edge.

use super::*;
use crate::licence::{
    DAY,
    audit::Audit,
    conduct::Redaction,
    dues::{self, UsageReport},
    store::{self, numbered},
};
use crate::revenue::Usage;

fn violation(at: u64) -> Command {
    Command::RecordViolation { kind: 4, uses: 0, at, evidence: HASH }
}

/// Proves LIC-10: a request is kept as it was made, it has until its day is over, and what is late counts once, whoever says so first.
#[test]
fn a_redaction_is_recorded_as_requested() {
    for said_before in [false, true] {
        let mut book = Book::licensed(plain(), &[]);
        let redaction = |book: &Book| Redaction::load(&book.store, &numbered(&ID, store::REDACTION, 1)).unwrap();
        book.now += 5;
        let (request, manifest) = ([0x21; 32], [0x22; 32]);
        book.run(HOLDER, Command::RequestRedaction { dataset: DATASET, request, manifest }).unwrap();
        let asked = redaction(&book);
        assert_eq!(
            (asked.requester, asked.dataset, asked.request, asked.manifest),
            (HOLDER, DATASET, request, manifest)
        );
        let due = START + 5 + 30 * DAY;
        assert_eq!((asked.requested_at, asked.due, asked.certified_at), (START + 5, due, 0));
        book.now = due;
        assert_eq!(book.run(ANYONE, Command::RecordBreach(3, 1)), Err(Refusal::NotYet(1, due)));
        book.now += 1;
        if said_before {
            book.run(ANYONE, Command::RecordBreach(3, 1)).unwrap();
        }
        book.run(PLATFORM, Command::CertifyRedaction(1, [0x23; 32])).unwrap();
        assert_eq!((redaction(&book).certificate, redaction(&book).certified_at), ([0x23; 32], due + 1));
        assert_eq!((redaction(&book).late, book.licence().breaches), (true, 1), "said before: {said_before}");
    }
}

/// Proves LIC-2: a quarter's report is kept in every figure, and counts as late after its deadline, once.
#[test]
fn a_report_is_recorded_as_made() {
    let book = Book::licensed(plain(), &[]);
    let number = book.first_quarter();
    let deadline = quarter_start(number + 1) + 20 * DAY;
    assert_eq!(dues::report_deadline(&plain(), number), deadline);
    for (now, said_before, breaches) in [(deadline, false, 0), (deadline + 1, false, 1), (deadline + 1, true, 1)] {
        let mut book = book.clone();
        book.now = now;
        if said_before {
            book.run(ANYONE, Command::RecordBreach(1, number)).unwrap();
        }
        let figures = Figures { gross: 900, infrastructure: 70, taxes: 5, evidence: [0x31; 32] };
        book.run(PLATFORM, Command::Report(number, figures)).unwrap();
        let found = book.quarter(number);
        assert_eq!((found.gross, found.infrastructure, found.taxes), (900, 70, 5));
        assert_eq!((found.evidence, found.reported_at), ([0x31; 32], now));
        assert_eq!((book.licence().breaches, found.late), (breaches, breaches > 0), "said before: {said_before}");
        // What was done is no breach any more.
        let done = if breaches > 0 { Refusal::AlreadyRecorded(number) } else { Refusal::AlreadyDone(number) };
        assert_eq!(book.run(ANYONE, Command::RecordBreach(1, number)), Err(done));
    }
}

/// Proves PAY-1: an oracle's figures are kept with the report that they come from.
#[test]
fn usage_is_recorded_with_its_report() {
    let metric = [0x41; 32];
    let terms = Terms { per_call: 3, metric, threshold: 700_000, ..plain() };
    let mut book = Book::licensed(terms, &[]);
    let number = book.first_quarter();
    book.now = quarter_start(number + 1);
    let usage = Usage { tokens: 8, calls: 4 };
    let report = UsageReport { usage, metric, threshold: 700_000, report: [0x42; 32] };
    book.run(ORACLE, Command::ReportUsage(number, report)).unwrap();
    let found = book.quarter(number);
    assert_eq!((found.tokens, found.calls, found.usage_report, found.usage_at), (8, 4, [0x42; 32], book.now));
}

/// Proves LIC-3, LIC-5: who answered and who deleted is not in breach by doing neither.
#[test]
fn what_was_done_in_time_is_no_breach() {
    let mut book = Book::licensed(plain(), &[]);
    book.run(HOLDER, Command::RequestAudit { holder: true, scope: HASH }).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    let audit = Audit::load(&book.store, &numbered(&ID, store::AUDIT, 1)).unwrap();
    book.now = audit.answer_by() + 1;
    assert_eq!(book.run(ANYONE, Command::RecordBreach(2, 1)), Err(Refusal::AlreadyDone(1)));
    book.now = START + 365 * DAY;
    book.run(PLATFORM, Command::CertifyDeletion(HASH)).unwrap();
    book.now += 31 * DAY;
    assert_eq!(book.run(ANYONE, Command::RecordBreach(4, 0)), Err(Refusal::AlreadyDone(0)));
    assert_eq!(book.licence().breaches, 0);
}

/// Proves LIC-5: use is a violation from the moment on at which everything had to be deleted.
#[test]
fn use_is_allowed_until_deletion_is_due() {
    let mut book = Book::licensed(plain(), &[]);
    book.now = START + 365 * DAY;
    book.run(ANYONE, Command::Close).unwrap();
    let due = book.licence().deletion_due;
    assert_eq!(due, START + (365 + 30) * DAY);
    book.now = due + 1;
    assert_eq!(book.run(ORACLE, violation(due)), Err(Refusal::NotAViolation(4, due)));
    book.run(ORACLE, violation(due + 1)).unwrap();
}

/// Proves PAY-2: a due may be paid in parts, of which only what is late is interest; without a guarantee no year keeps count.
#[test]
fn parts_of_a_payment_add_up() {
    let mut book = Book::licensed(Terms { residual_bps: 1_000, ..plain() }, &[]);
    let number = book.first_quarter();
    book.now = quarter_start(number + 1);
    book.run(PLATFORM, Command::Report(number, figures(1_000))).unwrap();
    for part in [60, 39, 1] {
        book.run(PLATFORM, Command::Pay(number, part)).unwrap();
    }
    let found = book.quarter(number);
    assert_eq!((found.due, found.paid, found.interest_paid, found.outstanding()), (100, 100, 0, 0));
    assert_eq!((book.got(POOL), book.year(0).paid, book.year(1).paid), (100, 0, 0));
}
