//! Random histories: whatever happens, no coin is lost, made or stuck.

use super::*;
use crate::{
    licence::{
        MAX_DATASETS,
        audit::{Audit, Audited, Debt, Finding, Standing},
        conduct::{Redaction, Sublicence, Violation},
        dues::UsageReport,
        store::{self, numbered},
        terms::Schedule,
    },
    revenue::Usage,
};
use proptest::prelude::*;

/// A message, its caller, and the time that passes before it.
fn step() -> impl Strategy<Value = (u64, Address, u128, Command)> {
    let wait = prop_oneof![Just(0), 0..DAY, 0..40 * DAY, 60 * DAY..100 * DAY];
    let caller = prop_oneof![9 => Just(PLATFORM), 1 => Just(ANYONE)];
    let quarter = || (0u32..10).prop_map(|n| quarter_at(START) + n);
    let amount = || prop_oneof![0u128..5, 0u128..2_000, Just(100_000)];
    let side = prop::sample::select(vec![Side::Platform, Side::Licensor, Side::Arbiter, Side::None]);
    let usage = |tokens: u32, calls: u8| UsageReport {
        usage: Usage { tokens: tokens.into(), calls: calls.into() },
        metric: [9; 32],
        threshold: 1,
        report: HASH,
    };
    let finding = |discrepancy_bps| Finding {
        discrepancy_bps,
        usage: Usage { tokens: 5, calls: 9 },
        fee: 7,
        expenses: 3,
        report: HASH,
    };
    let debt = prop::sample::select(vec![Debt::Fee, Debt::Expenses]);
    let command = prop_oneof![
        1 => Just(Command::Withdraw),
        1 => Just(Command::Decline),
        4 => (0u8..3).prop_map(Command::Accept),
        4 => amount().prop_map(Command::FundEscrow),
        1 => Just(Command::Lapse),
        8 => (quarter(), 0u128..50_000).prop_map(|(n, gross)| Command::Report(n, figures(gross))),
        4 => (quarter(), any::<u32>(), any::<u8>()).prop_map(move |(n, t, c)| Command::AssessUsage(n, usage(t / 1_000, c))),
        2 => quarter().prop_map(Command::CloseUsage),
        8 => (quarter(), amount()).prop_map(|(n, amount)| Command::Pay(n, amount)),
        3 => quarter().prop_map(Command::RecordDefault),
        4 => (1u32..4).prop_map(Command::TrueUp),
        3 => (1u32..4, amount()).prop_map(|(year, amount)| Command::PayShortfall(year, amount)),
        3 => (0u8..3).prop_map(|index| Command::CertifyMilestone(index, HASH)),
        3 => Just(Command::Refund(TREASURY)),
        2 => Just(Command::ForfeitEscrow),
        3 => quarter().prop_map(Command::Deliver),
        2 => quarter().prop_map(|quarter| Command::RequestAudit { holding: HELD, quarter, scope: HASH }),
        2 => (1u32..4).prop_map(Command::ApplyFinding),
        1 => (1u32..4).prop_map(Command::DismissFinding),
        1 => Just(Command::RecordEmptyEscrow),
        2 => (1u32..4).prop_map(|n| Command::AnswerAudit(n, [HASH; 3])),
        2 => (1u32..4, 0u16..1_000).prop_map(move |(n, bps)| Command::ReportAudit(n, finding(bps))),
        2 => (1u32..4, debt.clone()).prop_map(|(n, debt)| Command::PayAudit(n, debt)),
        2 => (1u32..4, debt).prop_map(|(n, debt)| Command::WithdrawAudit(n, debt, ANYONE)),
        1 => (1u8..=5, 0u32..4).prop_map(|(kind, n)| Command::RecordBreach(kind, n)),
        1 => (1u8..=5, side).prop_map(|(reason, side)| terminate_for(reason, 1, quarter_at(START), side)),
        1 => Just(Command::Close),
        1 => Just(Command::CertifyDeletion(HASH)),
    ];
    let takes = prop::sample::select(vec![0u128, 50, 100, 100, 100]);
    (wait, caller, takes, command)
}

fn menu() -> impl Strategy<Value = Vec<(Terms, Vec<Milestone>)>> {
    let option = (0u128..1_000, 0u16..2_000, 0u128..1_000, 0u128..1_000, any::<bool>(), 1u16..30).prop_map(
        |(upfront, residual_bps, guarantee, more, by_use, term_months)| {
            let terms = Terms {
                upfront,
                residual_bps,
                guarantee,
                escrow: guarantee + more,
                funding_days: 30,
                floor: more / 10,
                term_months,
                late_bps: 1_200,
                per_call: by_use.into(),
                metric: [9; 32],
                audit_fee_cap: 7,
                audit_expenses_cap: 3,
                platform_may_leave: by_use,
                licensor_may_leave: true,
                ..plain()
            };
            let milestone = |amount, to_pool| Milestone { amount, document: HASH, to_pool };
            let milestones =
                if more > 2 { vec![milestone(more / 2, by_use), milestone(more / 3, !by_use)] } else { vec![] };
            (terms, milestones)
        },
    );
    prop::collection::vec(option, 1..3)
}

/// Where a licence may go from each stage.
fn may_follow(before: Stage, after: Stage) -> bool {
    use Stage::{Accepted, Active, Declined, Lapsed, Offered, Terminated, Withdrawn};
    before == after
        || match before {
            Offered => matches!(after, Withdrawn | Declined | Accepted | Active),
            Accepted => matches!(after, Lapsed | Active),
            Active => after == Terminated,
            _ => false,
        }
}

fn check(book: &Book) {
    let l = book.licence();
    // Σ in = Σ out + held, and the contract has what it owes.
    assert_eq!(l.money_in, l.escrow + l.refundable + l.held + l.to_pool + l.refunded + l.paid_out);
    let audits = (1..=l.audits).map(|n| Audit::load(&book.store, &numbered(&ID, store::AUDIT, n)).unwrap());
    let credited: u128 = audits.map(|audit| audit.credited()).sum();
    assert_eq!(book.balance, l.escrow + l.refundable + l.held + credited);
    assert_eq!((book.got(POOL), book.got(TREASURY)), (l.to_pool, l.refunded));
    // What is owed is what is assessed and not paid; a year pays its guarantee or what it earned, and not both.
    let dues: u128 = (quarter_at(START)..quarter_at(START) + 40).map(|n| book.quarter(n).unpaid()).sum();
    let years = || (1..4).map(|n| book.year(n));
    assert_eq!(l.owed, dues + years().map(|year| year.owed).sum::<u128>());
    for year in years().filter(|year| year.trued_up_at > 0) {
        assert_eq!(year.owed + year.topped_up, year.guaranteed.saturating_sub(year.earned));
    }
    let first = quarter_at(START);
    let held: u128 = (first..first + 40).map(|n| book.quarter(n).held).sum();
    assert_eq!(held, l.held);
    for quarter in (first..first + 40).map(|n| book.quarter(n)) {
        assert!(quarter.paid <= quarter.due && quarter.interest_paid <= quarter.interest);
        assert!(quarter.defaulted_at > 0 || !quarter.in_default);
    }
    // Every open default is one of a quarter or of a year's shortfall.
    let quarters = (first..first + 40).filter(|n| book.quarter(*n).in_default).count();
    assert!(years().all(|year| (year.owed > 0) == (year.defaulted_at > 0)));
    let open = quarters + years().filter(|year| year.owed > 0).count() + usize::from(l.refill_defaulted_at > 0);
    assert_eq!(l.open_defaults as usize, open);
}

/// Whatever happened before: in the end everyone can have what is theirs, and nothing is left; also where the platform
/// never says anything again.
fn wind_up(mut book: Book, silent: bool) {
    book.pool_takes = 100;
    book.now = START + 10 * YEAR;
    for command in [Command::Withdraw, Command::Lapse] {
        let _ = book.run(PLATFORM, command);
    }
    for year in 1..4 {
        let _ = book.run(ANYONE, Command::TrueUp(year));
    }
    let first = quarter_at(START);
    for quarter in first..first + 40 {
        if !silent {
            let _ = book.run(PLATFORM, Command::Report(quarter, figures(0)));
        }
        let _ = book.run(ANYONE, Command::CloseUsage(quarter));
        let _ = book.run(ANYONE, Command::RecordDefault(quarter));
        let _ = book.run(ANYONE, Command::Deliver(quarter));
    }
    for year in 1..4 {
        let _ = book.run(ANYONE, Command::PayShortfall(year, 0));
    }
    let _ = book.run(ANYONE, Command::ForfeitEscrow);
    check(&book);
    let _ = book.run(ANYONE, Command::Refund(PLATFORM));
    assert_eq!(book.balance, 0, "{:?}", book.licence());
}

proptest! {
    /// Proves PAY-5, PAY-7, LIC-11 on random histories: Σ in = Σ out + held after every step, stages follow their
    /// order, defaults are counted, and at the end nothing is stuck.
    #[test]
    fn no_coin_is_lost_made_or_stuck(
        menu in menu(),
        steps in prop::collection::vec(step(), 0..60),
        silent in any::<bool>(),
    ) {
        let mut book = Book::new();
        book.offer(menu).unwrap();
        for (wait, caller, takes, command) in steps {
            let before = book.licence();
            book.now += wait;
            book.pool_takes = takes;
            let _ = book.run(caller, command);
            let after = book.licence();
            prop_assert!(may_follow(before.stage, after.stage), "{before:?} {after:?}");
            prop_assert!(after.activated_at == 0 || before.activated_at == 0 || after.ends_at <= before.ends_at);
            check(&book);
        }
        wind_up(book, silent);
    }

    /// Proves PAY-5: over a whole year the pool gets the guarantee or the royalties, whichever is more, where the
    /// escrow covers it.
    #[test]
    fn a_year_pays_the_guarantee_or_more(guarantee in 0u128..10_000, nets in prop::collection::vec(0u128..50_000, 4)) {
        let terms = Terms { residual_bps: 1_000, guarantee, escrow: guarantee, funding_days: 1, term_months: 24, ..plain() };
        let mut book = Book::new();
        book.now = quarter_start(2027 * 4);
        book.offer(vec![(terms, vec![])]).unwrap();
        book.run(LICENSOR, Command::Accept(0)).unwrap();
        let _ = book.run(PLATFORM, Command::FundEscrow(guarantee));
        let first = book.first_quarter();
        for (quarter, net) in (first..).zip(&nets) {
            book.settle_quarter(quarter, *net);
        }
        let _ = book.run(ANYONE, Command::TrueUp(1));
        let royalties: u128 = nets.iter().map(|net| net / 10).sum();
        prop_assert_eq!(book.got(POOL), royalties.max(guarantee));
    }

    /// Records come back from their bytes.
    #[test]
    fn records_come_back(bytes in prop::collection::vec(any::<u8>(), Licence::LEN)) {
        let mut stored = [0; Licence::LEN];
        stored.copy_from_slice(&bytes);
        let licence = Licence::from_bytes(&stored);
        prop_assert_eq!(Licence::from_bytes(&licence.to_bytes()), licence);
    }
}

/// The chain stores at most 416 bytes per value, and what is stored today must be read by tomorrow's code.
#[test]
fn the_records_fit() {
    let lengths = [
        Licence::LEN,
        Terms::LEN,
        Schedule::LEN,
        Quarter::LEN,
        Year::LEN,
        Audit::LEN,
        Audited::LEN,
        Standing::LEN,
        Violation::LEN,
        Sublicence::LEN,
        Redaction::LEN,
        MAX_DATASETS * 32,
    ];
    assert!(lengths.iter().all(|length| *length <= 416), "{lengths:?}");
    assert_eq!(lengths, [408, 260, 393, 305, 116, 308, 5, 6, 22, 64, 184, 384]);
}
