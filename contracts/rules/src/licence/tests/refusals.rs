//! Refusals that no clause's test reaches, and stages in which nothing may happen.

use super::*;
use crate::licence::{
    MAX_DATASETS,
    audit::{Debt, Finding},
    dues::UsageReport,
    terms::{Fault, Schedule},
};
use crate::revenue::Usage;

fn usage(metric: Hash, threshold: u32) -> UsageReport {
    UsageReport { usage: Usage::default(), metric, threshold, report: HASH }
}

/// One of each message, with arguments that are otherwise fine.
fn all(quarter: u32) -> Vec<(Address, Command)> {
    let finding = Finding { discrepancy_bps: 0, usage: Usage::default(), fee: 0, expenses: 0, report: HASH };
    vec![
        (PLATFORM, Command::Withdraw),
        (LICENSOR, Command::Decline),
        (LICENSOR, Command::Accept(0)),
        (PLATFORM, Command::FundEscrow(1)),
        (ANYONE, Command::Lapse),
        (PLATFORM, Command::Report(quarter, figures(1))),
        (ORACLE, Command::AssessUsage(quarter, usage([9; 32], 1))),
        (ANYONE, Command::Pay(quarter, 1)),
        (ANYONE, Command::RecordDefault(quarter)),
        (ANYONE, Command::RecordEmptyEscrow),
        (ANYONE, Command::TrueUp(1)),
        (ANYONE, Command::PayShortfall(1, 1)),
        (LICENSOR, Command::CertifyMilestone(0, HASH)),
        (PLATFORM, Command::Refund(TREASURY)),
        (ANYONE, Command::Deliver(quarter)),
        (AUDITOR, Command::ApproveContributor(HOLDER, true)),
        (HOLDER, Command::RequestAudit { holding: HELD, quarter: quarter_at(START), scope: HASH }),
        (PLATFORM, Command::AnswerAudit(1, [HASH; 3])),
        (AUDITOR, Command::ReportAudit(1, finding)),
        (ANYONE, Command::ApplyFinding(1)),
        (ANYONE, Command::DismissFinding(1)),
        (ANYONE, Command::PayAudit(1, Debt::Fee)),
        (ANYONE, Command::WithdrawAudit(1, Debt::Fee, ANYONE)),
        (PLATFORM, Command::RecordSublicence { licensee: ANYONE, uses: 0, document: HASH }),
        (ORACLE, Command::RecordViolation { kind: 2, uses: 1, at: START, evidence: HASH }),
        (ANYONE, Command::DismissViolation(HASH)),
        (HOLDER, redact()),
        (PLATFORM, Command::CertifyRedaction(1, HASH)),
        (ANYONE, Command::RecordBreach(1, quarter)),
        (PLATFORM, Command::ProposePlatform(ANYONE)),
        (ANYONE, Command::AcceptPlatform),
        (LICENSOR, terminate(1, Side::Licensor)),
        (ANYONE, Command::Close),
        (PLATFORM, Command::CertifyDeletion(HASH)),
    ]
}

fn name(command: &Command) -> alloc::string::String {
    let text = alloc::format!("{command:?}");
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    text[..end].into()
}

/// Every message in every stage: which are accepted at all. Time is two quarters after the start.
#[test]
fn each_stage_takes_its_own_messages() {
    let terms = Terms {
        upfront: 10,
        escrow: 5,
        guarantee: 5,
        funding_days: 1,
        per_call: 1,
        metric: [9; 32],
        prohibited: 1,
        sublicensing: true,
        licensor_may_leave: true,
        ..plain()
    };
    let milestone = Milestone { amount: 5, document: HASH, to_pool: false };
    let offered = |book: &mut Book| book.offer(vec![(terms, vec![milestone])]).map(drop).unwrap();
    type Prepare<'a> = &'a dyn Fn(&mut Book);
    let accepted: Prepare = &|book| {
        offered(book);
        book.run(LICENSOR, Command::Accept(0)).unwrap();
    };
    let in_time: Prepare = &|book| {
        book.offer(vec![(Terms { funding_days: 9_000, ..terms }, vec![milestone])]).map(drop).unwrap();
        book.run(LICENSOR, Command::Accept(0)).unwrap();
    };
    let active: Prepare = &|book| {
        accepted(book);
        book.run(PLATFORM, Command::FundEscrow(5)).unwrap();
    };
    let terminated: Prepare = &|book| {
        active(book);
        book.run(ANYONE, terminate(5, Side::Arbiter)).unwrap();
    };
    let expired: Prepare = &|book| offered(book);
    let withdrawn: Prepare = &|book| {
        offered(book);
        book.run(PLATFORM, Command::Withdraw).unwrap();
    };
    let lapsed: Prepare = &|book| {
        accepted(book);
        book.now += 2 * DAY;
        book.run(ANYONE, Command::Lapse).unwrap();
    };
    let none: Prepare = &|_| {};
    let quarter = quarter_at(START);
    let in_force = &[
        "FundEscrow",
        "Report",
        "AssessUsage",
        "RecordDefault",
        "CertifyMilestone",
        "ApproveContributor",
        "RequestAudit",
        "RecordSublicence",
        "RecordViolation",
        "RequestRedaction",
        "RecordBreach",
        "ProposePlatform",
        "Terminate",
    ][..];
    let over = &[
        "Report",
        "AssessUsage",
        "RecordDefault",
        "TrueUp",
        "ApproveContributor",
        "RequestAudit",
        "RecordViolation",
        "RequestRedaction",
        "RecordBreach",
        "ProposePlatform",
        "Close",
        "CertifyDeletion",
    ][..];
    for (prepare, stage, expected) in [
        (none, Stage::None, &[][..]),
        (expired, Stage::Expired, &["Withdraw", "Decline", "ApproveContributor", "ProposePlatform"][..]),
        (withdrawn, Stage::Withdrawn, &["Refund", "ApproveContributor", "ProposePlatform"][..]),
        (in_time, Stage::Accepted, &["FundEscrow", "ApproveContributor", "ProposePlatform"][..]),
        (accepted, Stage::Lapsed, &["Lapse", "ApproveContributor", "ProposePlatform", "Close"][..]),
        (lapsed, Stage::Lapsed, &["ApproveContributor", "ProposePlatform", "Close"][..]),
        (active, Stage::Active, in_force),
        (terminated, Stage::Terminated, over),
    ] {
        let mut book = Book::new();
        prepare(&mut book);
        book.now = quarter_start(quarter + 1) + 90 * DAY + 1;
        if stage != Stage::None {
            assert_eq!(book.stage(), stage);
        }
        let taken: Vec<_> = all(quarter)
            .into_iter()
            .filter(|(caller, command)| book.clone().run(*caller, command.clone()).is_ok())
            .map(|(_, command)| name(&command))
            .collect();
        assert_eq!(taken, expected, "{stage:?}");
    }
}

/// Every message of the platform, by somebody else.
#[test]
fn only_the_platform_does_what_is_the_platforms() {
    let book = Book::licensed(plain(), &[]);
    let not = Err(Refusal::NotPlatform(ANYONE, PLATFORM));
    let refused: Vec<_> = all(1)
        .into_iter()
        .filter(|(caller, command)| *caller == PLATFORM && book.clone().run(ANYONE, command.clone()) != not)
        .map(|(_, command)| name(&command))
        .collect();
    // Into an escrow that was funded once anybody may pay.
    assert_eq!(refused, ["FundEscrow"]);
    let mut accepted = Book::new();
    accepted.offer(vec![(Terms { escrow: 9, funding_days: 1, ..plain() }, vec![])]).unwrap();
    accepted.run(LICENSOR, Command::Accept(0)).unwrap();
    assert_eq!(accepted.run(ANYONE, Command::FundEscrow(9)).map(drop), not.map(drop));
}

#[test]
fn contradictory_terms_are_refused_by_name() {
    let escrow = Terms { escrow: 10, funding_days: 1, ..plain() };
    let milestone = Milestone { amount: 4, document: HASH, to_pool: false };
    let nameless = Milestone { document: [0; 32], ..milestone };
    let empty = Milestone { amount: 0, ..milestone };
    let huge = Milestone { amount: u128::MAX, ..milestone };
    for (terms, milestones, fault) in [
        (Terms { document: [0; 32], ..plain() }, vec![], Fault::Document),
        (Terms { residual_bps: 10_001, ..plain() }, vec![], Fault::BasisPoints),
        (Terms { late_bps: 10_001, ..plain() }, vec![], Fault::BasisPoints),
        (Terms { floor: 2, ceiling: 1, ..plain() }, vec![], Fault::FloorAboveCeiling),
        (Terms { per_call: 1, ..plain() }, vec![], Fault::Metric),
        (Terms { per_thousand_tokens: 1, ..plain() }, vec![], Fault::Metric),
        (Terms { threshold: 1_000_001, ..plain() }, vec![], Fault::Metric),
        (Terms { threshold: 0, ..plain() }, vec![], Fault::Metric),
        (Terms { term_months: 0, ..plain() }, vec![], Fault::Term),
        (Terms { term_months: 601, ..plain() }, vec![], Fault::Term),
        (Terms { notice_days: 14, ..plain() }, vec![], Fault::Notice),
        (Terms { exclusive_months: 13, ..plain() }, vec![], Fault::Window),
        (Terms { training_months: 13, ..plain() }, vec![], Fault::Window),
        (Terms { guarantee: 11, ..escrow }, vec![], Fault::Escrow),
        (Terms { funding_days: 0, ..escrow }, vec![], Fault::Escrow),
        (Terms { deletion_days: 0, ..plain() }, vec![], Fault::Deletion),
        (Terms { redaction_days: 0, ..plain() }, vec![], Fault::Deletion),
        (Terms { false_discovery_bps: 10_001, metric: [9; 32], ..plain() }, vec![], Fault::BasisPoints),
        // A limit of something that is not measured.
        (Terms { false_discovery_bps: 1, ..plain() }, vec![], Fault::Metric),
        (Terms { common_from: 1, ..plain() }, vec![], Fault::Common),
        (escrow, vec![milestone; 3], Fault::Milestones),
        (escrow, vec![nameless], Fault::Milestones),
        (escrow, vec![empty], Fault::Milestones),
        (escrow, vec![huge; 2], Fault::Milestones),
        (escrow, vec![Milestone { amount: 1, ..milestone }; 9], Fault::Milestones),
    ] {
        let refused = Book::new().offer(vec![(plain(), vec![]), (terms, milestones)]);
        assert_eq!(refused, Err(Refusal::InvalidTerms(1, fault as u8)), "{fault:?}");
    }
    let full = Terms { guarantee: 10, ceiling: 2, floor: 2, threshold: 1_000_000, exclusive_months: 12, ..escrow };
    Book::new().offer(vec![(full, vec![Milestone { amount: 1, ..milestone }; 8])]).unwrap();
    let two = [milestone, Milestone { to_pool: true, ..milestone }];
    assert_eq!(Schedule::new(&two).unwrap().milestones(), two);
}

#[test]
fn malformed_offers_are_refused() {
    let one = vec![(plain(), vec![])];
    let base =
        Offer { pool: POOL, currency: [0; 20], datasets: vec![DATASET], options: one.clone(), expires_at: START + 1 };
    let refused = |offer: &Offer| Book::new().run(PLATFORM, Command::Offer(offer.clone())).map(drop);
    assert_eq!(refused(&base), Ok(()));
    assert_eq!(refused(&Offer { options: vec![], ..base.clone() }), Err(Refusal::InvalidOptionCount(0)));
    let five = vec![one[0].clone(); 5];
    assert_eq!(refused(&Offer { options: five, ..base.clone() }), Err(Refusal::InvalidOptionCount(5)));
    assert_eq!(refused(&Offer { datasets: vec![], ..base.clone() }), Err(Refusal::InvalidDatasetCount(0)));
    let many = (1..=MAX_DATASETS as u8 + 1).map(|n| [n; 32]).collect::<Vec<_>>();
    assert_eq!(refused(&Offer { datasets: many.clone(), ..base.clone() }), Err(Refusal::InvalidDatasetCount(13)));
    let twelve = Offer { datasets: many[1..].to_vec(), ..base.clone() };
    assert_eq!(refused(&twelve), Ok(()));
    let twice = Offer { datasets: vec![DATASET, [1; 32], DATASET], ..base.clone() };
    assert_eq!(refused(&twice), Err(Refusal::InvalidDataset(DATASET)));
    assert_eq!(refused(&Offer { datasets: vec![[0; 32]], ..base.clone() }), Err(Refusal::InvalidDataset([0; 32])));
    assert_eq!(refused(&Offer { expires_at: START, ..base }), Err(Refusal::InvalidOfferExpiry(START, START)));
}

#[test]
fn reports_out_of_order_or_time_are_refused() {
    let terms =
        Terms { per_call: 1, metric: [9; 32], threshold: 5, guarantee: 1, escrow: 1, funding_days: 1, ..plain() };
    let mut book = Book::licensed(terms, &[]);
    let first = book.first_quarter();
    let end = quarter_start(first + 1);
    let report = |n| Command::Report(n, figures(1));
    assert_eq!(book.run(PLATFORM, report(first + 1)), Err(Refusal::QuarterOutOfOrder(first + 1, first)));
    book.now = end - 1;
    assert_eq!(book.run(PLATFORM, report(first)), Err(Refusal::QuarterNotOver(first, end)));
    let early = Command::AssessUsage(first, usage([9; 32], 5));
    assert_eq!(book.run(ORACLE, early), Err(Refusal::QuarterNotOver(first, end)));
    book.now = end;
    let nameless = Figures { evidence: [0; 32], ..figures(1) };
    assert_eq!(book.run(PLATFORM, Command::Report(first, nameless)), Err(Refusal::ZeroHash));
    book.run(PLATFORM, report(first)).unwrap();
    assert_eq!(book.run(PLATFORM, report(first)), Err(Refusal::QuarterOutOfOrder(first, first + 1)));
    for (metric, threshold, refusal) in
        [([8; 32], 5, Refusal::WrongMetric([8; 32], [9; 32])), ([9; 32], 4, Refusal::WrongThreshold(4, 5))]
    {
        assert_eq!(book.run(ORACLE, Command::AssessUsage(first, usage(metric, threshold))), Err(refusal));
    }
    let nameless = UsageReport { report: [0; 32], ..usage([9; 32], 5) };
    assert_eq!(book.run(ORACLE, Command::AssessUsage(first, nameless)), Err(Refusal::ZeroHash));
    let good = Command::AssessUsage(first, usage([9; 32], 5));
    book.run(ORACLE, good.clone()).unwrap();
    assert_eq!(book.run(ORACLE, good), Err(Refusal::UsageAlreadyReported(first)));
    let (_, last) = book.licence().quarters();
    let outside = Err(Refusal::QuarterOutsideTerm(first - 1, first, last));
    assert_eq!(book.run(ORACLE, Command::AssessUsage(first - 1, usage([9; 32], 5))), outside);
    assert_eq!(book.run(PLATFORM, Command::Pay(first - 1, 1)), outside);
    assert_eq!(book.run(ANYONE, Command::RecordDefault(first - 1)), outside);
    assert_eq!(book.run(ANYONE, Command::RecordBreach(1, first - 1)), outside);
    // A licence that is over is reported to its last second, and not beyond its last quarter.
    book.now = book.licence().ends_at;
    for quarter in first + 1..=last {
        book.run(PLATFORM, report(quarter)).unwrap();
    }
    assert_eq!(book.run(PLATFORM, report(last + 1)), Err(Refusal::QuarterOutsideTerm(last + 1, first, last)));
    assert_eq!(book.run(ANYONE, Command::TrueUp(2)), Err(Refusal::YearOutOfOrder(2, 1)));
    book.now -= 1;
    assert_eq!(book.run(ANYONE, Command::TrueUp(1)), Err(Refusal::YearNotOver(1, book.now + 1)));
}

#[test]
fn other_refusals() {
    let mut book = Book::licensed(Terms { audit_fee_cap: 1, residual_bps: 10_000, ..plain() }, &[]);
    let first = book.first_quarter();
    let none = [0; 32];
    let wanted = Wanted { dataset: DATASET, request: HASH, manifest: HASH, version: 2 };
    assert_eq!(book.run(ANYONE, Command::TrueUp(1)), Err(Refusal::GuaranteeNotInTerms));
    assert_eq!(book.run(ORACLE, Command::AssessUsage(first, usage([9; 32], 1))), Err(Refusal::UsageNotInTerms));
    assert_eq!(book.run(PLATFORM, Command::FundEscrow(0)), Err(Refusal::ZeroAmount));
    book.now = quarter_start(first + 1);
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter: first, scope: HASH }).unwrap();
    book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])).unwrap();
    let finding = Finding { discrepancy_bps: 10_000, usage: Usage::default(), fee: 1, expenses: 0, report: HASH };
    for (number, finding, refusal) in [
        (2, finding, Refusal::UnknownNumber(2)),
        (1, Finding { fee: 2, ..finding }, Refusal::CostAboveCap(2, 1)),
        (1, Finding { expenses: 1, ..finding }, Refusal::CostAboveCap(1, 0)),
        (1, Finding { discrepancy_bps: 10_001, ..finding }, Refusal::InvalidBasisPoints(10_001)),
        (1, Finding { report: none, ..finding }, Refusal::ZeroHash),
    ] {
        assert_eq!(book.run(AUDITOR, Command::ReportAudit(number, finding)), Err(refusal));
    }
    book.run(AUDITOR, Command::ReportAudit(1, finding)).unwrap();
    assert_eq!(book.run(AUDITOR, Command::ReportAudit(1, finding)), Err(Refusal::AlreadyDone(1)));
    assert_eq!(book.run(PLATFORM, Command::AnswerAudit(1, [HASH; 3])), Err(Refusal::AlreadyDone(1)));
    assert_eq!(book.run(ANYONE, Command::RecordBreach(6, 0)), Err(Refusal::UnknownKind(6)));
    let terminate = |reason, evidence| Command::Terminate {
        cause: Cause { reason, kind: 0, number: 0, evidence },
        side: Side::Arbiter,
    };
    assert_eq!(book.run(ANYONE, terminate(6, HASH)), Err(Refusal::UnknownKind(6)));
    for nameless in [
        (ANYONE, terminate(5, none)),
        (LICENSOR, Command::CertifyMilestone(0, none)),
        (PLATFORM, Command::RecordSublicence { licensee: ANYONE, uses: 0, document: none }),
        (HOLDER, Command::RequestAudit { holding: HELD, quarter: quarter_at(START), scope: none }),
        (HOLDER, Command::RequestRedaction(Wanted { request: none, ..wanted })),
        (HOLDER, Command::RequestRedaction(Wanted { manifest: none, ..wanted })),
        (ORACLE, Command::RecordViolation { kind: 3, uses: 0, at: START, evidence: none }),
    ] {
        assert_eq!(book.run(nameless.0, nameless.1), Err(Refusal::ZeroHash));
    }
    book.run(HOLDER, Command::RequestAudit { holding: HELD, quarter: quarter_at(START), scope: HASH }).unwrap();
    assert_eq!(book.run(PLATFORM, Command::AnswerAudit(2, [HASH, HASH, none])), Err(Refusal::ZeroHash));
    book.run(HOLDER, redact()).unwrap();
    assert_eq!(book.run(PLATFORM, Command::CertifyRedaction(1, none)), Err(Refusal::ZeroHash));
    // Revenue that no sum could hold is refused; of a whole currency it is not, and nothing wraps.
    for gross in [u128::MAX, (1 << 100) + 1] {
        assert_eq!(book.run(PLATFORM, Command::Report(first, figures(gross))), Err(Refusal::Overflow));
    }
    book.run(PLATFORM, Command::Report(first, figures(1 << 100))).unwrap();
    assert_eq!(book.run(PLATFORM, Command::Pay(first, 0)), Err(Refusal::ZeroAmount));
    book.run(PLATFORM, Command::Pay(first, u128::MAX)).unwrap();
    assert_eq!(book.got(POOL), 1 << 100);
    assert_eq!(book.run(PLATFORM, Command::FundEscrow(u128::MAX)), Err(Refusal::Overflow));
    book.now = book.licence().ends_at;
    assert_eq!(book.run(PLATFORM, Command::CertifyDeletion(none)), Err(Refusal::ZeroHash));
    assert_eq!(guarantee::delivered(&mut book.store, &ID, first, 1), Err(Refusal::Overflow));
}
