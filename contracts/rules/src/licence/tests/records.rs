//! What a message records, field by field, and each deadline on both sides of its edge.

use super::*;
use crate::licence::{
    Deletion,
    audit::Audit,
    conduct::Redaction,
    dues::{self, UsageReport},
    store::{self, numbered},
};
use crate::revenue::Usage;

fn violation(at: u64) -> Command {
    Command::RecordViolation { kind: 4, uses: 0, at, evidence: HASH }
}

/// Proves LIC-10: a request is kept as it was made, it has until its day is over, and what is late counts once, whoever
/// says so first.
#[test]
fn a_redaction_is_recorded_as_requested() {
    for said_before in [false, true] {
        let mut book = Book::licensed(plain(), &[]);
        let redaction = |book: &Book| Redaction::load(&book.store, &numbered(&ID, store::REDACTION, 1)).unwrap();
        book.now += 5;
        let (request, manifest) = ([0x21; 32], [0x22; 32]);
        book.run(HOLDER, Command::RequestRedaction(Wanted { dataset: DATASET, request, manifest, version: 7 }))
            .unwrap();
        let asked = redaction(&book);
        assert_eq!(
            (asked.requester, asked.dataset, asked.request, asked.manifest, asked.version),
            (HOLDER, DATASET, request, manifest, 7)
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
        assert_eq!((redaction(&book).late_at, book.licence().breaches), (due + 1, 1), "said before: {said_before}");
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
        assert_eq!(
            (book.licence().breaches, found.late_at > 0),
            (breaches, breaches > 0),
            "said before: {said_before}"
        );
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
    book.run(ORACLE, Command::AssessUsage(number, report)).unwrap();
    let found = book.quarter(number);
    assert_eq!((found.tokens, found.calls, found.usage_report, found.usage_at), (8, 4, [0x42; 32], book.now));
}

/// Proves LIC-3, LIC-5: who answered and who deleted is not in breach by doing neither.
#[test]
fn what_was_done_in_time_is_no_breach() {
    let mut book = Book::licensed(plain(), &[]);
    book.now = quarter_start(book.first_quarter() + 1);
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter: quarter_at(START), scope: HASH }).unwrap();
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

/// Proves PAY-2: a due may be paid in parts, of which only what is late is interest; without a guarantee no year keeps
/// count.
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
    assert_eq!((book.got(POOL), book.licence().owed), (100, 0));
}

/// Proves PAY-3: a payment answers which part of it is royalty and which interest.
#[test]
fn a_payment_says_what_it_paid() {
    let mut book = Book::licensed(Terms { residual_bps: 1_000, late_bps: 1_000, ..plain() }, &[]);
    let number = book.first_quarter();
    book.now = quarter_start(number + 1);
    book.run(PLATFORM, Command::Report(number, figures(7_300_000))).unwrap();
    // 10 % a year on 730,000 is 200 a day.
    book.now += 31 * DAY;
    let call = Call { licence: ID, caller: PLATFORM, now: book.now };
    let paid = dues::pay(&mut book.store, &call, number, 730_150).unwrap();
    assert_eq!((paid.principal, paid.interest, paid.outstanding, paid.cured), (730_000, 150, 50, false));
}

/// Proves PAY-5: what a quarter owes counts in the year in which it ends, whenever it is paid.
#[test]
fn a_due_counts_in_its_year() {
    let mut book = Book::licensed(Terms { escrow: 2_000, ..guaranteed() }, &[]);
    let (first, last) = book.licence().quarters();
    let (second, end) = (START + YEAR, START + YEAR + 366 * DAY);
    assert_eq!([1, 2].map(|year| book.licence().year_span(year)), [(START, second), (second, end)]);
    // From 24 November 2026: the quarters that end until 24 November 2027, then the others.
    assert_eq!([1, 2].map(|year| book.licence().year_quarters(year)), [(first, first + 3), (first + 4, last)]);
    book.now = START + YEAR;
    book.run(PLATFORM, Command::Report(first, figures(1_000))).unwrap();
    book.run(PLATFORM, Command::Pay(first, 100)).unwrap();
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    assert_eq!((book.year(1).earned, book.year(1).from_escrow), (100, 900));
    // The last year waits until the last quarter could be a default, that moment included.
    let until = quarter_start(last + 1) + 40 * DAY;
    book.now = until;
    assert_eq!(book.run(ANYONE, Command::TrueUp(2)), Err(Refusal::YearNotOver(2, until)));
    book.now += 1;
    book.run(ANYONE, Command::TrueUp(2)).unwrap();
    // All of it was covered: nobody is in default.
    assert_eq!((book.year(2).from_escrow, book.year(2).owed), (1_000, 0));
    assert_eq!((book.licence().open_defaults, book.licence().defaults), (0, 0));
    book.run(PLATFORM, Command::Report(first + 1, figures(1_000))).unwrap();
    // The first year's shortfall has paid it.
    assert_eq!((book.quarter(first + 1).outstanding(), book.year(1).topped_up, book.got(POOL)), (0, 800, 2_000));
}

/// Proves PAY-5: a shortfall may be paid in parts, each of which answers what is left.
#[test]
fn parts_of_a_shortfall_add_up() {
    let mut book = Book::licensed(Terms { escrow: 1_000, ..guaranteed() }, &[]);
    book.now = START + YEAR + DAY;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    let (_, last) = book.licence().quarters();
    book.now = quarter_start(last + 1) + 41 * DAY;
    // Nothing moves out of an empty escrow.
    assert_eq!(book.run(ANYONE, Command::TrueUp(2)), Ok(Moves::default()));
    assert_eq!((book.year(2).owed, book.licence().open_defaults), (1_000, 1));
    let call = Call { licence: ID, caller: PLATFORM, now: book.now };
    for (amount, paid, left) in [(600, 600, 400), (300, 300, 100), (101, 100, 0)] {
        let answer = guarantee::pay_shortfall(&mut book.store, &call, 2, amount).unwrap();
        assert_eq!((answer.0, answer.1), (paid, left));
        book.carry_out(&answer.2);
    }
    assert_eq!((book.year(2).topped_up, book.licence().open_defaults, book.got(POOL)), (1_000, 0, 2_000));
}

/// Proves PAY-5: each milestone is certified once, also one that finds the escrow empty, which moves nothing.
#[test]
fn each_milestone_is_certified_once() {
    let milestone = Milestone { amount: 500, document: HASH, to_pool: true };
    let mut book = Book::licensed(guaranteed(), &[milestone; 3]);
    book.now = START + YEAR;
    book.run(ANYONE, Command::TrueUp(1)).unwrap();
    for (index, moved) in [(2, 500), (0, 0), (1, 0)] {
        let before = book.got(POOL);
        let moves = book.run(LICENSOR, Command::CertifyMilestone(index, HASH)).unwrap();
        assert_eq!((book.got(POOL) - before, moves.deliver.is_some()), (moved, moved > 0));
        let again = book.run(LICENSOR, Command::CertifyMilestone(index, HASH));
        assert_eq!(again, Err(Refusal::MilestoneAlreadyCertified(index)));
    }
    assert_eq!(book.licence().milestones, 0b111);
}

/// Proves LIC-11: an offer is kept as made, and records exist only for what there is.
#[test]
fn an_offer_is_recorded_as_made() {
    let mut book = Book::new();
    let (currency, expires_at) = ([0x51; 20], START + DAY);
    let datasets = vec![DATASET, HASH];
    let options = vec![(plain(), vec![])];
    let offer = Offer { pool: POOL, currency, datasets: datasets.clone(), options, expires_at };
    book.run(PLATFORM, Command::Offer(offer)).unwrap();
    let found = book.licence();
    assert_eq!((found.platform, found.pool, found.currency, found.expires_at), (PLATFORM, POOL, currency, expires_at));
    assert_eq!((found.options, found.dataset_list(&book.store, &ID)), (1, datasets));
    assert!(!book.store.contains_key(&numbered(&ID, store::SCHEDULE, 0)), "no milestones, no Schedule B");
    // Without an upfront an acceptance moves nothing and opens no quarter.
    let moves = book.run(LICENSOR, Command::Accept(0)).unwrap();
    assert_eq!(moves, Moves::default());
    assert!(!book.store.contains_key(&numbered(&ID, store::QUARTER, quarter_at(START))));
}

/// A licence that ends in the second in which it began was in force in that quarter and year, and in no other.
#[test]
fn the_shortest_licence_has_one_quarter() {
    let number = 8_108;
    let began = quarter_start(number);
    let licence = Licence { activated_at: began, ends_at: began, ..Licence::default() };
    assert_eq!((licence.quarters(), licence.last_year()), ((number, number), 1));
    assert!(!licence.is_in_force(began));
}

/// Proves ATT-3: logs can be audited for 24 months after the end, and not where there was no licence.
#[test]
fn what_never_began_has_no_logs() {
    assert!(!Licence::default().is_auditable(1));
    let licence = Licence { activated_at: 1, ends_at: 10, ..Licence::default() };
    assert!(licence.is_auditable(9 + 730 * DAY));
    assert!(!licence.is_auditable(10 + 730 * DAY));
}

/// Proves LIC-8: what never came into force is not over either, at whatever time, so no data is due to be deleted and
/// no escrow is free for that reason.
#[test]
fn what_never_began_is_never_over() {
    let never = Licence { escrow: 7, ..Licence::default() };
    for now in [0, 1, u64::MAX] {
        assert!(!never.is_over(now) && !never.is_in_force(now));
        assert_eq!(never.deletion_at(now), Deletion::NotDue);
    }
    let ended = Licence { activated_at: 1, ends_at: 10, deletion_due: 20, ..never };
    assert_eq!([9, 10].map(|now| ended.is_over(now)), [false, true]);
    assert_eq!(
        [9, 10, 20, 21].map(|now| ended.deletion_at(now)),
        [Deletion::NotDue, Deletion::Pending, Deletion::Pending, Deletion::Overdue]
    );
}

/// Proves LIC-5: the window opens with the acceptance; without one there is no end of it.
#[test]
fn exclusivity_is_a_window_from_acceptance() {
    assert_eq!(plain().exclusive_until(START), 0);
    // 24 January 2027.
    assert_eq!(Terms { exclusive_months: 2, ..plain() }.exclusive_until(START), START + 61 * DAY);
}

/// Proves LIC-9: the bits that parties already signed for must not move.
#[test]
fn prohibited_uses_have_fixed_bits() {
    use crate::licence::terms::uses::*;
    let bits =
        [POLITICAL_MICROTARGETING, DEEPFAKES, AD_TARGETING_RESALE, BIOMETRIC_IDENTIFICATION, SURVEILLANCE, WEAPONS];
    assert_eq!(bits, [1, 2, 4, 8, 16, 32]);
}
