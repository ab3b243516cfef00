//! One test per clause.

use super::*;
use crate::licence::{
    Deletion,
    audit::{Audit, Debt, Finding},
    conduct::Redaction,
    store::{self, numbered},
    terms::uses,
};
use crate::revenue::Usage;

/// Proves LIC-11: of a menu the pool accepts one option, and only then is anything owed; what the others cost more
/// comes back.
#[test]
fn one_option_of_the_menu_is_accepted() {
    let mut book = Book::new();
    let modest = Terms { upfront: 1_000, residual_bps: 500, ..plain() };
    let exclusive =
        Terms { upfront: 9_000, guarantee: 500, escrow: 700, funding_days: 5, exclusive_months: 12, ..plain() };
    book.offer(vec![(modest, vec![]), (exclusive, vec![])]).unwrap();
    assert_eq!((book.balance, book.got(POOL), book.stage()), (9_000, 0, Stage::Offered));
    let mut other = book.clone();
    book.run(LICENSOR, Command::Accept(0)).unwrap();
    assert_eq!((book.got(POOL), book.stage()), (1_000, Stage::Active));
    book.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((book.got(TREASURY), book.balance), (8_000, 0));
    // The option that was not taken is gone.
    assert_eq!(Terms::load(&book.store, &numbered(&ID, store::TERMS, 1)), None);

    other.run(LICENSOR, Command::Accept(1)).unwrap();
    assert_eq!((other.got(POOL), other.stage()), (9_000, Stage::Accepted));
    assert_eq!(other.run(PLATFORM, Command::Refund(TREASURY)), Err(Refusal::NothingToRefund(ID)));
    other.run(PLATFORM, Command::FundEscrow(699)).unwrap();
    assert_eq!(other.stage(), Stage::Accepted);
    let mut late = other.clone();
    other.run(PLATFORM, Command::FundEscrow(1)).unwrap();
    assert_eq!((other.stage(), other.licence().escrow), (Stage::Active, 700));
    late.now += 5 * DAY;
    assert_eq!(late.run(ANYONE, Command::Lapse), Err(Refusal::FundingOpen(late.now)));
    late.now += 1;
    late.run(ANYONE, Command::Lapse).unwrap();
    late.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((late.got(TREASURY), late.balance, late.stage()), (699, 0, Stage::Lapsed));
    late.run(ANYONE, Command::Close).unwrap();
}

/// Proves LIC-11: an offer that ends without an acceptance gives everything back.
#[test]
fn an_offer_without_acceptance_is_refunded() {
    for (caller, command, stage) in
        [(PLATFORM, Command::Withdraw, Stage::Withdrawn), (LICENSOR, Command::Decline, Stage::Declined)]
    {
        for wait in [0, 31 * DAY] {
            let mut book = Book::new();
            book.offer(vec![(Terms { upfront: 40, ..plain() }, vec![])]).unwrap();
            book.now += wait;
            if wait > 0 {
                assert_eq!(book.stage(), Stage::Expired);
                let ended = START + 30 * DAY;
                assert_eq!(book.run(LICENSOR, Command::Accept(0)), Err(Refusal::OfferExpired(ended)));
            }
            book.run(caller, command.clone()).unwrap();
            book.run(PLATFORM, Command::Refund(PLATFORM)).unwrap();
            assert_eq!((book.balance, book.got(PLATFORM), book.stage()), (0, 40, stage));
            assert_eq!(book.run(LICENSOR, Command::Accept(0)), Err(Refusal::WrongStage(ID, stage as u8)));
        }
    }
}

/// Proves PAY-3: late payment bears simple interest to the second, on the royalty alone, however it is paid in parts.
#[test]
fn late_payment_bears_interest() {
    let mut book = Book::licensed(Terms { residual_bps: 1_000, late_bps: 1_000, ..plain() }, &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1);
    book.run(PLATFORM, Command::Report(quarter, figures(7_300_000))).unwrap();
    let pay_by = quarter_start(quarter + 1) + 30 * DAY;
    assert_eq!((book.quarter(quarter).due, book.quarter(quarter).pay_by), (730_000, pay_by));
    // 10 % a year on 730,000 is 200 a day.
    book.now = pay_by + 10 * DAY;
    book.run(PLATFORM, Command::Pay(quarter, 365_000)).unwrap();
    assert_eq!(book.quarter(quarter).outstanding(), 365_000 + 2_000);
    book.now += 10 * DAY + 43_200;
    // More than is left goes straight back.
    book.run(PLATFORM, Command::Pay(quarter, 400_000)).unwrap();
    let paid = book.quarter(quarter);
    assert_eq!((paid.paid, paid.interest_paid, paid.outstanding()), (730_000, 2_000 + 1_050, 0));
    assert_eq!(book.got(POOL), 733_050);
    assert_eq!((book.got(PLATFORM), book.balance), (365_000 + 400_000 - 733_050, 0));
    assert_eq!(book.run(PLATFORM, Command::Pay(quarter, 1)), Err(Refusal::NothingDue(quarter)));
}

/// Proves LIC-1: who does not pay, or does not even report, is in default after the time of grace, and cures it by
/// paying all.
#[test]
fn defaults_are_recorded_and_cured() {
    let mut book = Book::licensed(Terms { residual_bps: 1_000, ..plain() }, &[]);
    let quarter = book.first_quarter();
    let from = quarter_start(quarter + 1) + 40 * DAY;
    book.now = from;
    assert_eq!(book.run(ANYONE, Command::RecordDefault(quarter)), Err(Refusal::NotYet(quarter, from)));
    book.now += 1;
    book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    assert_eq!(book.run(ANYONE, Command::RecordDefault(quarter)), Err(Refusal::AlreadyRecorded(quarter)));
    assert_eq!((book.licence().open_defaults, book.quarter(quarter).defaulted_at), (1, from + 1));
    // The late report is a breach, and the default stays open until the money is there.
    book.run(PLATFORM, Command::Report(quarter, figures(100))).unwrap();
    assert_eq!((book.licence().breaches, book.licence().open_defaults), (1, 1));
    book.run(PLATFORM, Command::Pay(quarter, 9)).unwrap();
    assert_eq!(book.licence().open_defaults, 1);
    book.run(PLATFORM, Command::Pay(quarter, 1)).unwrap();
    let licence = book.licence();
    assert_eq!((licence.open_defaults, licence.defaults), (0, 1));
    // A report that owes nothing cures as well.
    book.now = quarter_start(quarter + 2) + 41 * DAY;
    book.run(ANYONE, Command::RecordDefault(quarter + 1)).unwrap();
    book.run(PLATFORM, Command::Report(quarter + 1, figures(0))).unwrap();
    assert_eq!((book.licence().open_defaults, book.licence().defaults), (0, 2));
    // One that is reported and not paid.
    book.now = quarter_start(quarter + 3);
    book.run(PLATFORM, Command::Report(quarter + 2, figures(100))).unwrap();
    book.now += 40 * DAY + 1;
    book.run(ANYONE, Command::RecordDefault(quarter + 2)).unwrap();
    assert_eq!(book.licence().open_defaults, 1);
}

/// Proves PAY-5: what the escrow lacks is a default on record, and paying it cures it.
#[test]
fn an_empty_escrow_is_a_default() {
    let mut book = Book::licensed(guaranteed(), &[]);
    let (first, last) = book.licence().quarters();
    for quarter in first..=first + 3 {
        book.settle_quarter(quarter, 0);
    }
    book.now = START + YEAR;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!((book.got(POOL), book.licence().escrow, book.licence().open_defaults), (1_000, 500, 0));
    for quarter in first + 4..last {
        book.settle_quarter(quarter, 0);
    }
    book.now = START + 2 * YEAR + DAY;
    // The last year waits for the last quarter.
    let until = quarter_start(last + 1) + 40 * DAY;
    assert_eq!(book.run(ANYONE, Command::TrueUp(2)), Err(Refusal::YearNotOver(2, until)));
    book.now = until + 1;
    book.run(ANYONE, Command::TrueUp(2)).unwrap();
    assert_eq!((book.year(2).from_escrow, book.year(2).owed, book.licence().open_defaults), (500, 500, 1));
    assert_eq!(book.got(POOL), 1_500);
    book.run(ANYONE, Command::PayShortfall(2, 499)).unwrap();
    assert_eq!(book.licence().open_defaults, 1);
    book.run(PLATFORM, Command::PayShortfall(2, 10)).unwrap();
    assert_eq!((book.licence().open_defaults, book.got(POOL)), (0, 2_000));
    assert_eq!(book.run(PLATFORM, Command::PayShortfall(2, 1)), Err(Refusal::NothingDue(2)));
    assert_eq!((book.got(PLATFORM), book.balance), (9, 0));
    assert_eq!(book.run(ANYONE, Command::TrueUp(3)), Err(Refusal::YearOutsideTerm(3, 2)));
}

/// Proves PAY-5: a licence that ends within a year owes a twelfth of the guarantee for each month begun, and all of it
/// where the platform is at fault.
#[test]
fn a_broken_year_owes_its_part() {
    for (reason, owed) in [(1, 416), (2, 1_000)] {
        let terms = Terms { notice_days: 0, cure_days: 0, licensor_may_leave: true, ..guaranteed() };
        let mut book = Book::licensed(terms, &[]);
        let quarter = book.first_quarter();
        // The fifth month has begun: 24 March 2027.
        book.now = START + 121 * DAY;
        if reason == 2 {
            book.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
        }
        book.run(LICENSOR, terminate_for(reason, 0, quarter, Side::Licensor)).unwrap();
        let (first, last) = book.licence().quarters();
        for quarter in first..=last {
            book.settle_quarter(quarter, 0);
        }
        book.run(ANYONE, Command::TrueUp(1)).unwrap();
        assert_eq!((book.year(1).guaranteed, book.got(POOL)), (owed, owed));
        book.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
        assert_eq!((book.got(TREASURY), book.balance), (1_500 - owed, 0));
    }
}

/// Proves PAY-5: milestones of Schedule B release escrow once each, to whom they say, and never more than there is.
#[test]
fn milestones_release_the_escrow() {
    let milestone = |amount, to_pool| Milestone { amount, document: HASH, to_pool };
    let schedule = [milestone(400, false), milestone(600, true), milestone(500, true)];
    let mut book = Book::licensed(guaranteed(), &schedule);
    book.run(LICENSOR, Command::CertifyMilestone(0, HASH)).unwrap();
    book.run(PLATFORM, Command::Refund(TREASURY)).unwrap();
    assert_eq!((book.got(TREASURY), book.licence().escrow), (400, 1_100));
    let again = book.run(LICENSOR, Command::CertifyMilestone(0, HASH));
    assert_eq!(again, Err(Refusal::MilestoneAlreadyCertified(0)));
    book.run(LICENSOR, Command::CertifyMilestone(1, HASH)).unwrap();
    // An advance to the pool counts towards the year.
    assert_eq!((book.got(POOL), book.year(1).advance, book.licence().escrow), (600, 600, 500));
    let first = book.first_quarter();
    for quarter in first..first + 4 {
        book.settle_quarter(quarter, 0);
    }
    book.now = START + YEAR;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!((book.got(POOL), book.licence().escrow), (1_000, 100));
    book.run(LICENSOR, Command::CertifyMilestone(2, HASH)).unwrap();
    assert_eq!((book.got(POOL), book.licence().escrow, book.balance), (1_100, 0, 0));
    assert_eq!(book.run(LICENSOR, Command::CertifyMilestone(3, HASH)), Err(Refusal::UnknownMilestone(3, 3)));
}

/// A pool that takes nothing, or not all, cannot make the platform default nor lose the money: it is held until it
/// takes it.
#[test]
fn a_pool_that_does_not_take_its_money_keeps_it() {
    let mut book = Book::new();
    book.pool_takes = 0;
    book.offer(vec![(Terms { upfront: 100, residual_bps: 1_000, ..plain() }, vec![])]).unwrap();
    book.run(LICENSOR, Command::Accept(0)).unwrap();
    let quarter = book.first_quarter();
    assert_eq!((book.quarter(quarter).held, book.licence().held, book.got(POOL)), (100, 100, 0));
    book.settle_quarter(quarter, 1_000);
    assert_eq!((book.quarter(quarter).outstanding(), book.licence().held, book.balance), (0, 200, 200));
    assert_eq!(book.run(PLATFORM, Command::Refund(TREASURY)), Err(Refusal::NothingToRefund(ID)));
    book.pool_takes = 75;
    book.run(ANYONE, Command::Deliver(quarter)).unwrap();
    book.pool_takes = 100;
    book.run(ANYONE, Command::Deliver(quarter)).unwrap();
    assert_eq!((book.got(POOL), book.licence().held, book.balance), (200, 0, 0));
    assert_eq!(book.run(ANYONE, Command::Deliver(quarter)), Err(Refusal::NothingHeld(quarter)));
}

/// Proves LIC-3, SAFE-9: two requests a year, 30 days to answer, the auditor's fee, expenses above 5 %.
#[test]
fn contributors_audit() {
    let mut book =
        Book::licensed(Terms { audit_fee_cap: 500, audit_expenses_cap: 90, term_months: 24, ..plain() }, &[]);
    let first = book.first_quarter();
    let request = |holder: bool, quarter| {
        let holding = HELD.filter(|_| holder);
        Command::RequestAudit { holding, quarter, scope: [0x5c; 32] }
    };
    let audit =
        |book: &Book, number| Audit::load(&book.store, &numbered(&ID, store::AUDIT, number)).expect("was requested");
    // 2027-07-01: three quarters are over.
    book.now = quarter_start(first + 3);
    let start = book.now;
    assert_eq!(book.run(HOLDER, request(false, first)), Err(Refusal::NotAContributor(HOLDER)));
    book.run(AUDITOR, Command::ApproveContributor(HOLDER, true)).unwrap();
    book.run(HOLDER, request(false, first)).unwrap();
    book.run(HOLDER, request(true, first + 1)).unwrap();
    assert_eq!(book.run(HOLDER, request(true, first + 2)), Err(Refusal::TooManyAudits(HOLDER, 2027)));
    // Another contributor has two of its own.
    book.run(ANYONE, request(true, first + 2)).unwrap();
    assert_eq!((book.licence().audits, audit(&book, 3).contributor, audit(&book, 3).quarter), (3, ANYONE, first + 2));

    let finding =
        |discrepancy_bps| Finding { discrepancy_bps, usage: Usage::default(), fee: 500, expenses: 90, report: HASH };
    let answer_by = start + 30 * DAY;
    let report = |number, bps| Command::ReportAudit(number, finding(bps));
    book.now = answer_by;
    assert_eq!(book.run(AUDITOR, report(1, 501)), Err(Refusal::AuditNotAnswered(1, answer_by)));
    book.run(PLATFORM, Command::AnswerAudit(1, [[1; 32], [2; 32], [3; 32]])).unwrap();
    let answered = audit(&book, 1);
    assert_eq!((answered.scope, answered.requested_at, answered.answered_at), ([0x5c; 32], start, answer_by));
    assert_eq!([answered.logs, answered.manifests, answered.runs], [[1; 32], [2; 32], [3; 32]]);
    book.now += 1;
    book.run(ANYONE, Command::RecordBreach(2, 2)).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(2, [HASH; 3])).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(3, [HASH; 3])).unwrap();
    // The second is on record since before, the third by its answer.
    assert_eq!((book.licence().breaches, audit(&book, 2).late_at, audit(&book, 3).late_at), (2, book.now, book.now));
    assert_eq!(book.run(ANYONE, Command::RecordBreach(2, 3)), Err(Refusal::AlreadyRecorded(3)));

    book.run(AUDITOR, report(1, 501)).unwrap();
    book.run(AUDITOR, report(2, 500)).unwrap();
    book.run(PLATFORM, Command::PayAudit(1, Debt::Fee)).unwrap();
    book.run(PLATFORM, Command::PayAudit(1, Debt::Expenses)).unwrap();
    assert_eq!((book.got(AUDITOR), book.got(HOLDER), book.balance), (0, 0, 590));
    book.run(AUDITOR, Command::WithdrawAudit(1, Debt::Fee, AUDITOR)).unwrap();
    book.run(HOLDER, Command::WithdrawAudit(1, Debt::Expenses, TREASURY)).unwrap();
    assert_eq!((book.got(AUDITOR), book.got(TREASURY), book.balance), (500, 90, 0));
    assert_eq!(book.run(PLATFORM, Command::PayAudit(1, Debt::Fee)), Err(Refusal::AlreadyDone(1)));
    // At 5 % exactly nothing is reimbursed.
    assert_eq!(book.run(PLATFORM, Command::PayAudit(2, Debt::Expenses)), Err(Refusal::NothingDue(2)));
    let reported_at = book.now;
    assert_eq!(audit(&book, 2).pay_by(), reported_at + 30 * DAY);
    book.now = reported_at + 30 * DAY;
    assert_eq!(book.run(ANYONE, Command::RecordBreach(5, 2)), Err(Refusal::NotYet(2, reported_at + 30 * DAY)));
    book.now += 1;
    assert_eq!(book.run(ANYONE, Command::RecordBreach(5, 1)), Err(Refusal::AlreadyDone(1)));
    book.run(ANYONE, Command::RecordBreach(5, 2)).unwrap();
    assert_eq!(book.licence().breaches, 3);
    // Another year has two more; a platform that never answers is audited all the same.
    book.now = quarter_start(2028 * 4);
    book.run(HOLDER, request(true, first + 3)).unwrap();
    book.now += 31 * DAY;
    book.run(AUDITOR, report(4, 10_000)).unwrap();
    let fourth = audit(&book, 4);
    assert_eq!((fourth.expenses, fourth.auditor, fourth.contributor), (90, AUDITOR, HOLDER));
    // Expenses alone are a debt as well, and an audit that cost nothing is none.
    book.run(PLATFORM, Command::PayAudit(4, Debt::Fee)).unwrap();
    let free = Finding { fee: 0, expenses: 0, ..finding(10_000) };
    book.run(AUDITOR, Command::ReportAudit(3, free)).unwrap();
    book.now += 30 * DAY + 1;
    book.run(ANYONE, Command::RecordBreach(5, 4)).unwrap();
    assert_eq!(book.run(ANYONE, Command::RecordBreach(5, 3)), Err(Refusal::AlreadyDone(3)));
    // Logs are kept for 24 months after the end.
    book.now = book.licence().ends_at + 730 * DAY - 1;
    book.run(HOLDER, request(true, first + 4)).unwrap();
    book.now += 1;
    assert_eq!(book.run(HOLDER, request(true, first + 5)), Err(Refusal::WrongStage(ID, Stage::Ended as u8)));
}

/// Proves LIC-6, LIC-7, LIC-9: what the terms forbid is a violation, what they allow is refused as one, and one
/// evidence counts once.
#[test]
fn violations_are_held_against_the_terms() {
    let terms = Terms { training_months: 3, prohibited: uses::DEEPFAKES, sublicensing: true, ..plain() };
    let mut book = Book::licensed(terms, &[]);
    book.now = START + 200 * DAY;
    let now = book.now;
    // Three months from 24 November.
    let window = START + 92 * DAY;
    let mut evidence = 0;
    let mut violation = |book: &mut Book, kind, uses, at| {
        evidence += 1;
        book.run(ORACLE, Command::RecordViolation { kind, uses, at, evidence: [evidence; 32] }).map(drop)
    };
    let no = |kind, at| Err(Refusal::NotAViolation(kind, at));
    assert_eq!(violation(&mut book, 1, 0, window), no(1, window));
    assert_eq!(violation(&mut book, 1, 0, window + 1), Ok(()));
    assert_eq!(violation(&mut book, 1, 0, now + 1), no(1, now + 1));
    assert_eq!(violation(&mut book, 2, uses::WEAPONS, now), no(2, now));
    assert_eq!(violation(&mut book, 2, uses::DEEPFAKES | uses::WEAPONS, now), Ok(()));
    assert_eq!(violation(&mut book, 2, uses::DEEPFAKES, START - 1), no(2, START - 1));
    assert_eq!(violation(&mut book, 3, uses::WEAPONS, now), no(3, now));
    assert_eq!(violation(&mut book, 3, uses::DEEPFAKES, now), Ok(()));
    assert_eq!(violation(&mut book, 4, 0, now), no(4, now));
    assert_eq!(violation(&mut book, 5, 0, now), no(5, now));
    assert_eq!(violation(&mut book, 6, 0, now), Err(Refusal::UnknownKind(6)));
    assert_eq!(book.licence().violations, 3);
    let known = Command::RecordViolation { kind: 1, uses: 0, at: now, evidence: [2; 32] };
    assert_eq!(book.run(ORACLE, known), Err(Refusal::ViolationAlreadyRecorded([2; 32])));
    // Who agreed to a metric owes the records that it is worked out from, from the licence's beginning on.
    let mut measured = Book::licensed(Terms { metric: HASH, threshold: 700_000, ..terms }, &[]);
    assert_eq!(violation(&mut measured, 5, 0, START - 1), no(5, START - 1));
    assert_eq!(violation(&mut measured, 5, 0, START), Ok(()));
    // Without the right to sublicense any is one.
    let mut strict = Book::licensed(Terms { sublicensing: false, ..terms }, &[]);
    assert_eq!(violation(&mut strict, 3, 0, START), Ok(()));
    let document = Command::RecordSublicence { licensee: ANYONE, uses: 0, document: HASH };
    assert_eq!(strict.run(PLATFORM, document), Err(Refusal::SublicensingForbidden));
    // The training window ends with the licence.
    strict.run(ANYONE, terminate(5, Side::Arbiter)).unwrap();
    strict.now = START + 31 * DAY;
    assert_eq!(violation(&mut strict, 1, 0, START + 1), Ok(()));
    assert_eq!(violation(&mut strict, 4, 0, START + 30 * DAY + 1), Ok(()));
}

/// Proves LIC-8: after the end the deletion is pending, then certified or overdue; a late certificate is a breach.
#[test]
fn deletion_is_pending_certified_or_overdue() {
    let mut book = Book::licensed(plain(), &[]);
    let end = START + 365 * DAY;
    let deletion = |book: &Book| book.licence().deletion_at(book.now);
    book.now = end - 1;
    assert_eq!((book.stage(), deletion(&book)), (Stage::Active, Deletion::NotDue));
    assert_eq!(book.run(PLATFORM, Command::CertifyDeletion(HASH)), Err(Refusal::StillInForce(end)));
    assert_eq!(book.run(ANYONE, Command::Close), Err(Refusal::StillInForce(end)));
    book.now = end + 30 * DAY;
    assert_eq!((book.stage(), deletion(&book)), (Stage::Ended, Deletion::Pending));
    assert_eq!(book.run(ANYONE, Command::RecordBreach(4, 0)), Err(Refusal::NotYet(0, book.now)));
    let mut in_time = book.clone();
    in_time.run(PLATFORM, Command::CertifyDeletion(HASH)).unwrap();
    assert_eq!((deletion(&in_time), in_time.licence().breaches), (Deletion::Certified, 0));
    book.now += 1;
    assert_eq!(deletion(&book), Deletion::Overdue);
    let mut recorded = book.clone();
    recorded.run(ANYONE, Command::RecordBreach(4, 0)).unwrap();
    for mut late in [book, recorded] {
        late.run(PLATFORM, Command::CertifyDeletion(HASH)).unwrap();
        assert_eq!((deletion(&late), late.licence().breaches), (Deletion::Certified, 1));
        assert_eq!(late.run(PLATFORM, Command::CertifyDeletion(HASH)), Err(Refusal::AlreadyDone(0)));
        late.run(ANYONE, Command::Close).unwrap();
        assert_eq!(late.run(ANYONE, Command::Close), Err(Refusal::AlreadyClosed(ID)));
    }
}

/// Proves LIC-8: who may terminate, for what, and when it takes effect.
#[test]
fn termination_needs_a_right_or_a_cause() {
    let terms = Terms { platform_may_leave: true, residual_bps: 1, ..plain() };
    let book = Book::licensed(terms, &[]);
    let sides = [Side::Platform, Side::Licensor, Side::Arbiter, Side::None];
    for reason in 1..=5 {
        for side in sides {
            let mut book = book.clone();
            let result = book.run(ANYONE, terminate_for(reason, 1, quarter_at(START), side)).map(drop);
            let expected = match (reason, side) {
                (1, Side::Platform) | (5, Side::Arbiter) => Ok(()),
                (2..=4, Side::Licensor) => Err(Refusal::NoCause(reason)),
                _ => Err(Refusal::TerminationNotAllowed(ANYONE, reason)),
            };
            assert_eq!(result, expected, "{reason} {side:?}");
        }
    }
    // Notice: in force until it is over, and a cause still ends it at once.
    let mut noticed = book.clone();
    noticed.run(PLATFORM, terminate(1, Side::Platform)).unwrap();
    assert_eq!((noticed.stage(), noticed.licence().ends_at), (Stage::UnderNotice, START + 60 * DAY));
    let under_notice = Refusal::WrongStage(ID, Stage::UnderNotice as u8);
    assert_eq!(noticed.run(PLATFORM, terminate(1, Side::Platform)), Err(under_notice));
    noticed.run(ANYONE, terminate(5, Side::Arbiter)).unwrap();
    assert_eq!((noticed.stage(), noticed.licence().ends_at), (Stage::Terminated, START));
    let over = Refusal::WrongStage(ID, Stage::Terminated as u8);
    assert_eq!(noticed.run(ANYONE, terminate(5, Side::Arbiter)), Err(over));
    // Causes: a default or a breach once its time to cure is over.
    let mut defaulting = book.clone();
    let quarter = defaulting.first_quarter();
    defaulting.now = quarter_start(quarter + 1) + 41 * DAY;
    defaulting.run(ANYONE, Command::RecordDefault(quarter)).unwrap();
    defaulting.run(ANYONE, Command::RecordBreach(1, quarter)).unwrap();
    let until = defaulting.now + 15 * DAY;
    for reason in [2, 3] {
        let mut book = defaulting.clone();
        let ends = terminate_for(reason, 1, quarter, Side::Licensor);
        assert_eq!(book.run(LICENSOR, ends.clone()), Err(Refusal::CureOpen(until)));
        book.now = until;
        book.run(LICENSOR, ends).unwrap();
        assert_eq!((book.stage(), book.licence().reason), (Stage::Terminated, reason));
    }
    // The pool leaves only where the terms let it.
    let mut free = Book::licensed(Terms { licensor_may_leave: true, notice_days: 1_000, ..plain() }, &[]);
    free.run(LICENSOR, terminate(1, Side::Licensor)).unwrap();
    assert_eq!(free.licence().ends_at, START + 365 * DAY);
}

/// Proves LIC-10: a request names the version without the data; the platform certifies in time, or is in breach.
#[test]
fn personal_data_is_redacted() {
    let mut book = Book::licensed_on(plain(), &[], vec![DATASET, HASH]);
    let request = |dataset, version| {
        Command::RequestRedaction(Wanted { dataset, request: HASH, manifest: [version as u8; 32], version })
    };
    assert_eq!(book.run(HOLDER, request([1; 32], 2)), Err(Refusal::DatasetNotLicensed([1; 32])));
    book.run(HOLDER, request(DATASET, 3)).unwrap();
    book.now += 30 * DAY;
    book.run(PLATFORM, Command::CertifyRedaction(1, HASH)).unwrap();
    book.run(HOLDER, request(DATASET, 4)).unwrap();
    book.run(HOLDER, request(HASH, 2)).unwrap();
    book.now += 30 * DAY + 1;
    book.run(ANYONE, Command::RecordBreach(3, 2)).unwrap();
    book.run(PLATFORM, Command::CertifyRedaction(2, HASH)).unwrap();
    book.run(PLATFORM, Command::CertifyRedaction(3, HASH)).unwrap();
    assert_eq!(book.licence().breaches, 2);
    assert_eq!(book.run(PLATFORM, Command::CertifyRedaction(3, HASH)), Err(Refusal::AlreadyDone(3)));
    assert_eq!(book.run(ANYONE, Command::RecordBreach(3, 1)), Err(Refusal::AlreadyDone(1)));
    let first = Redaction::load(&book.store, &numbered(&ID, store::REDACTION, 1)).unwrap();
    assert_eq!((first.requester, first.manifest, first.certificate, first.late_at), (HOLDER, [3; 32], HASH, 0));
    // Once everything is deleted there is nothing to redact.
    book.now = START + 366 * DAY;
    book.run(HOLDER, request(DATASET, 5)).unwrap();
    book.run(PLATFORM, Command::CertifyDeletion(HASH)).unwrap();
    assert_eq!(book.run(HOLDER, request(DATASET, 6)), Err(Refusal::WrongStage(ID, Stage::Ended as u8)));
}
