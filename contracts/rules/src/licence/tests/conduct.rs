//! What must end: redactions, audits' debts, options that nobody pays for (SAFE-9, SAFE-11).

use super::*;
use crate::licence::{
    audit::{Audit, Debt, Finding},
    conduct::{self, Asked},
    menu,
    offer::{self, Accepted},
    store::{self, numbered},
};

const MENU: Id = [0x33; 32];

/// A menu of one option.
fn published(terms: Terms) -> Book {
    let mut book = Book::new();
    let expires_at = START + 30 * DAY;
    let (datasets, options) = (vec![DATASET], vec![(terms, vec![])]);
    let offer = Offer { pool: POOL, currency: [9; 20], datasets, options, expires_at };
    menu::publish(&mut book.store, &Call { licence: MENU, caller: LICENSOR, now: START }, &offer).unwrap();
    book
}

fn exclusive() -> Terms {
    Terms { upfront: 70, guarantee: 20, escrow: 30, funding_days: 10, exclusive_months: 12, ..plain() }
}

/// Proves SAFE-11: who takes an option pays all that it asks in the same message, so no dataset is held for a platform
/// that has not; and no more than it agreed to, in the currency that it agreed to.
#[test]
fn an_option_is_taken_with_all_that_it_asks() {
    let mut book = published(exclusive());
    let take = |currency, most| Command::TakeOption(MENU, 0, Limit { currency: [currency; 20], most });
    assert_eq!(book.run(PLATFORM, take(0, 100)), Err(Refusal::WrongCurrency([9; 20], [0; 20])));
    assert_eq!(book.run(PLATFORM, take(9, 99)), Err(Refusal::CostAboveLimit(100, 99)));
    let moves = book.run(PLATFORM, take(9, 100)).unwrap();
    let licence = book.licence();
    assert_eq!((moves.take, licence.money_in, licence.escrow, licence.refundable), (100, 100, 30, 0));
    assert_eq!((book.stage(), book.got(POOL), licence.activated_at), (Stage::Active, 70, START));
    // An option that costs nothing is its licensor's choice, and in force at once as well.
    let mut free = published(Terms { upfront: 0, guarantee: 0, escrow: 0, funding_days: 0, ..exclusive() });
    assert_eq!(free.run(PLATFORM, take(9, 0)).unwrap().take, 0);
    assert_eq!((free.stage(), free.got(POOL)), (Stage::Active, 0));
    let mut dear = published(Terms { upfront: u128::MAX, ..exclusive() });
    assert_eq!(dear.run(PLATFORM, take(9, u128::MAX)), Err(Refusal::Overflow));
}

/// Proves SAFE-11: what is accepted and not in force excludes others for the time to fund it, and no longer than its
/// own window.
#[test]
fn an_accepted_offer_holds_its_data_while_it_may_be_funded() {
    let accepted = |terms: Terms| -> Accepted {
        let mut book = Book::new();
        book.offer(vec![(terms, vec![])]).unwrap();
        offer::accept(&mut book.store, &Call { licence: ID, caller: LICENSOR, now: START }, 0).unwrap()
    };
    // 2026-11-24 and twelve months, or ten days.
    let year_later = START + 365 * DAY;
    let held = accepted(exclusive());
    assert_eq!(
        (held.exclusive_until, held.held_until, held.licence.stage),
        (year_later, START + 10 * DAY + 1, Stage::Accepted)
    );
    let long = accepted(Terms { funding_days: 9_000, ..exclusive() });
    assert_eq!((long.held_until, long.licence.fund_by), (year_later, START + 9_000 * DAY));
    let shared = accepted(Terms { exclusive_months: 0, ..exclusive() });
    assert_eq!((shared.exclusive_until, shared.held_until), (0, 0));
    let at_once = accepted(Terms { guarantee: 0, escrow: 0, ..exclusive() });
    assert_eq!((at_once.exclusive_until, at_once.held_until, at_once.licence.stage), (year_later, 0, Stage::Active));
}

fn ask(book: &mut Book, caller: Address, version: u32) -> Result<Asked, Refusal> {
    let wanted = Wanted { dataset: DATASET, request: HASH, manifest: [version as u8 + 1; 32], version };
    conduct::request_redaction(&mut book.store, &Call { licence: ID, caller, now: book.now }, &wanted)
}

/// Proves SAFE-9: a version is asked for once, whoever asks again joins; the first version is no redaction, nor is one
/// that is certified, or older than one that is.
#[test]
fn a_version_is_redacted_once() {
    let mut book = Book::licensed(plain(), &[]);
    for version in [0, 1] {
        assert_eq!(ask(&mut book, HOLDER, version), Err(Refusal::NotANewVersion([version as u8 + 1; 32])));
    }
    let first = ask(&mut book, HOLDER, 3).unwrap();
    assert_eq!((first.number, first.joined, first.redaction.due), (1, false, START + 30 * DAY));
    book.now += 20 * DAY;
    for _ in 0..50 {
        let again = ask(&mut book, LICENSOR, 3).unwrap();
        assert_eq!((again.number, again.joined, again.redaction), (1, true, first.redaction));
    }
    assert_eq!(book.licence().redactions, 1);
    book.run(PLATFORM, Command::CertifyRedaction(1, HASH)).unwrap();
    for version in [2, 3] {
        assert_eq!(ask(&mut book, HOLDER, version), Err(Refusal::NotANewVersion([version as u8 + 1; 32])));
    }
    assert_eq!(ask(&mut book, HOLDER, 4).unwrap().number, 2);
}

/// Proves SAFE-9: however many versions are asked for, complying with the latest is complying with all: none of the
/// others can become a breach any more, and one that was is cured.
#[test]
fn the_latest_redaction_ends_all_before() {
    let mut book = Book::licensed(plain(), &[]);
    for version in 2..40 {
        ask(&mut book, HOLDER, version).unwrap();
    }
    book.now += 30 * DAY;
    ask(&mut book, HOLDER, 40).unwrap();
    book.now += 1;
    book.run(ANYONE, Command::RecordBreach(3, 1)).unwrap();
    book.now += 15 * DAY;
    let ends = |number| terminate_for(3, 3, number, Side::Licensor);
    book.clone().run(LICENSOR, ends(1)).unwrap();
    book.run(PLATFORM, Command::CertifyRedaction(39, HASH)).unwrap();
    assert_eq!(book.run(LICENSOR, ends(1)), Err(Refusal::NoCause(3)));
    for number in 2..=38 {
        assert_eq!(book.run(ANYONE, Command::RecordBreach(3, number)), Err(Refusal::AlreadyDone(number)));
        assert_eq!(book.run(PLATFORM, Command::CertifyRedaction(number, HASH)), Err(Refusal::AlreadyDone(number)));
    }
    assert_eq!(book.licence().breaches, 1);
}

/// Proves LIC-10: until the deletion is certified the data is there, and so can be asked to be redacted, also while the
/// licence runs out; then there is no cause left to end it for.
#[test]
fn data_is_redacted_while_the_licence_runs_out() {
    let mut book = Book::licensed(Terms { licensor_may_leave: true, ..plain() }, &[]);
    book.run(LICENSOR, terminate(1, Side::Licensor)).unwrap();
    assert_eq!(book.stage(), Stage::UnderNotice);
    assert_eq!(ask(&mut book, HOLDER, 2).unwrap().number, 1);
    book.now += 61 * DAY;
    assert_eq!((book.stage(), ask(&mut book, HOLDER, 2).map(|asked| asked.joined)), (Stage::Terminated, Ok(true)));
    book.run(ANYONE, Command::RecordBreach(3, 1)).unwrap();
    let refused = book.run(LICENSOR, terminate_for(3, 3, 1, Side::Licensor));
    assert_eq!(refused, Err(Refusal::WrongStage(ID, Stage::Terminated as u8)));
    book.run(PLATFORM, Command::CertifyRedaction(1, HASH)).unwrap();
    book.run(PLATFORM, Command::CertifyDeletion(HASH)).unwrap();
    assert_eq!(ask(&mut book, HOLDER, 3), Err(Refusal::WrongStage(ID, Stage::Terminated as u8)));
}

fn audited(fee: u128, expenses: u128) -> Book {
    let mut book = Book::licensed(Terms { audit_fee_cap: fee, audit_expenses_cap: expenses, ..plain() }, &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1);
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter, scope: HASH }).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    let finding = Finding { discrepancy_bps: 501, usage: Default::default(), fee, expenses, report: HASH };
    book.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    book
}

/// Proves SAFE-9: paying an audit's debts sends nothing to anybody, so no creditor can keep the platform in breach; it
/// is credited, and its creditor alone withdraws it, once, to any account.
#[test]
fn an_audits_debt_is_cured_whatever_its_creditor_does() {
    let mut book = audited(40, 3);
    let withdraw = |debt, to| Command::WithdrawAudit(1, debt, to);
    assert_eq!(book.run(AUDITOR, withdraw(Debt::Fee, AUDITOR)), Err(Refusal::NothingDue(1)));
    book.now += 30 * DAY + 1;
    book.run(ANYONE, Command::RecordBreach(5, 1)).unwrap();
    for (debt, amount) in [(Debt::Fee, 40), (Debt::Expenses, 3)] {
        let moves = book.run(PLATFORM, Command::PayAudit(1, debt)).unwrap();
        assert_eq!((moves.take, moves.send), (amount, None));
    }
    book.now += 15 * DAY;
    assert_eq!(book.run(LICENSOR, terminate_for(3, 5, 1, Side::Licensor)), Err(Refusal::NoCause(3)));
    let audit = Audit::load(&book.store, &numbered(&ID, store::AUDIT, 1)).unwrap();
    assert_eq!((audit.credited(), book.balance, book.licence().paid_out), (43, 43, 43));
    assert_eq!(book.run(HOLDER, withdraw(Debt::Fee, HOLDER)), Err(Refusal::NotCreditor(HOLDER, AUDITOR)));
    assert_eq!(book.run(PLATFORM, withdraw(Debt::Expenses, PLATFORM)), Err(Refusal::NotCreditor(PLATFORM, HOLDER)));
    book.run(HOLDER, withdraw(Debt::Expenses, TREASURY)).unwrap();
    assert_eq!((book.got(TREASURY), book.balance), (3, 40));
    assert_eq!(book.run(HOLDER, withdraw(Debt::Expenses, TREASURY)), Err(Refusal::AlreadyDone(1)));
    book.run(AUDITOR, withdraw(Debt::Fee, AUDITOR)).unwrap();
    assert_eq!((book.got(AUDITOR), book.balance), (40, 0));
    assert_eq!(book.run(AUDITOR, withdraw(Debt::Fee, AUDITOR)), Err(Refusal::AlreadyDone(1)));
}

/// Proves SAFE-9: shares count for an audit where they were held in its quarter or later: in the first quarter from the
/// licence on, which is after the pool's opening. An approval needs no shares.
#[test]
fn shares_of_before_are_no_standing() {
    let mut book = Book::licensed(plain(), &[]);
    let first = book.first_quarter();
    book.now = quarter_start(first + 2);
    let request = |at, votes, quarter| Command::RequestAudit {
        holding: Some(Holding { at, votes, supply: 1_001 }),
        quarter,
        scope: HASH,
    };
    let second = quarter_start(first + 1);
    assert_eq!(book.run(HOLDER, request(START - 1, 1_000, first)), Err(Refusal::HeldBefore(START - 1, START)));
    let refused = Err(Refusal::HeldBefore(second - 1, second));
    assert_eq!(book.run(HOLDER, request(second - 1, 1_000, first + 1)), refused);
    // A thousandth of 1,001 shares is two.
    assert_eq!(book.run(HOLDER, request(second, 1, first + 1)), Err(Refusal::NotAContributor(HOLDER)));
    // And nothing is no thousandth, not even of nothing.
    let nothing = Command::RequestAudit {
        holding: Some(Holding { at: second, votes: 0, supply: 0 }),
        quarter: first + 1,
        scope: HASH,
    };
    assert_eq!(book.run(HOLDER, nothing), Err(Refusal::NotAContributor(HOLDER)));
    book.run(HOLDER, request(START, 2, first)).unwrap();
    book.run(HOLDER, request(second, 2, first + 1)).unwrap();
    book.run(AUDITOR, Command::ApproveContributor(ANYONE, true)).unwrap();
    book.run(ANYONE, request(0, 1_000, first)).unwrap();
}

/// Proves SAFE-9: who joins an audit whose answer is late changes nothing of it: the breach stays one, its time to
/// answer is the first request's, and its report ends it for all.
#[test]
fn joining_a_late_audit_changes_nothing_of_it() {
    let mut book = Book::licensed(plain(), &[]);
    let quarter = book.first_quarter();
    book.now = quarter_start(quarter + 1);
    let asked_at = book.now;
    let request = Command::RequestAudit { holding: HELD, quarter, scope: HASH };
    book.run(HOLDER, request.clone()).unwrap();
    book.now += 31 * DAY;
    book.run(ANYONE, Command::RecordBreach(2, 1)).unwrap();
    let before = book.store.clone();
    book.run(ANYONE, request.clone()).unwrap();
    assert_eq!(book.store, before);
    let audit = Audit::load(&book.store, &numbered(&ID, store::AUDIT, 1)).unwrap();
    assert_eq!((audit.contributor, audit.answer_by()), (HOLDER, asked_at + 30 * DAY));
    book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    assert_eq!(book.licence().breaches, 1);
    let finding = Finding { discrepancy_bps: 0, usage: Default::default(), fee: 0, expenses: 0, report: HASH };
    book.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    book.run(ANYONE, request).unwrap();
    assert_eq!(book.licence().audits, 2);
}
