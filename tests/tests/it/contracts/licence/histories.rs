//! The same random history on the blob and in the rules' machine.

use alloy_primitives::U256;
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use yieldset_rules::{
    licence::{
        Call, Command, Milestone, Quarter, Terms, Year,
        audit::{Debt, Finding, Holding},
        conduct::Wanted,
        dues::{Figures, UsageReport},
        ending::{Cause, Side},
        offer::{self, Offer},
    },
    math::mul_div,
    period::quarter_at,
    revenue::Usage,
};
use yieldset_tests::{
    chain::START,
    licence::{DATASET, DAY, HASH, LicenceAlone, LicenceModel, MANIFEST, StandInPool, Who, menu, plain},
};

/// A message, its caller, the time before it, and how the pool behaves.
pub type Step = (u64, Who, u8, Command);

fn money() -> impl Strategy<Value = Command> {
    let quarter = || (0u32..7).prop_map(|n| quarter_at(START) + n);
    let amount = || prop_oneof![0u128..5, 0u128..2_000, Just(100_000)];
    let hash = HASH.0;
    let figures = move |gross| Figures { gross, infrastructure: gross / 10, taxes: 1, evidence: hash };
    let usage = move |tokens: u32, calls: u8| UsageReport {
        usage: Usage { tokens: tokens.into(), calls: calls.into() },
        metric: [9; 32],
        threshold: 1,
        report: hash,
    };
    prop_oneof![
        4 => (0u8..3).prop_map(Command::Accept),
        4 => amount().prop_map(Command::FundEscrow),
        10 => (quarter(), 0u128..50_000).prop_map(move |(n, gross)| Command::Report(n, figures(gross))),
        4 => (quarter(), any::<u16>(), any::<u8>()).prop_map(move |(n, t, c)| Command::AssessUsage(n, usage(t.into(), c))),
        2 => quarter().prop_map(Command::CloseUsage),
        10 => (quarter(), amount()).prop_map(|(n, amount)| Command::Pay(n, amount)),
        3 => quarter().prop_map(Command::RecordDefault),
        1 => Just(Command::RecordEmptyEscrow),
        5 => (1u32..3).prop_map(Command::TrueUp),
        3 => (1u32..3, amount()).prop_map(|(year, amount)| Command::PayShortfall(year, amount)),
        3 => (0u8..3).prop_map(move |index| Command::CertifyMilestone(index, hash)),
        4 => Just(Command::Refund([0x77; 20])),
        1 => Just(Command::ForfeitEscrow),
        3 => quarter().prop_map(Command::Deliver),
    ]
}

fn conduct() -> impl Strategy<Value = Command> {
    let quarter = quarter_at(START);
    let hash = HASH.0;
    let finding = move |discrepancy_bps| Finding {
        discrepancy_bps,
        usage: Usage { tokens: 3, calls: 8 },
        fee: 7,
        expenses: 3,
        report: hash,
    };
    let debt = prop::sample::select(vec![Debt::Fee, Debt::Expenses]);
    let number = || 1u32..3;
    prop_oneof![
        1 => Just(Command::Withdraw),
        1 => Just(Command::Decline),
        1 => Just(Command::Lapse),
        3 => number().prop_map(move |n| Command::RequestAudit { holding: None, quarter: quarter + n - 1, scope: hash }),
        3 => number().prop_map(Command::ApplyFinding),
        1 => number().prop_map(Command::DismissFinding),
        1 => any::<u8>().prop_map(|uses| Command::DismissViolation([uses; 32])),
        1 => Just(Command::ProposePlatform([9; 20])),
        3 => number().prop_map(move |n| Command::AnswerAudit(n, [hash; 3])),
        3 => (number(), 400u16..600).prop_map(move |(n, bps)| Command::ReportAudit(n, finding(bps))),
        3 => (number(), debt.clone()).prop_map(|(n, debt)| Command::PayAudit(n, debt)),
        2 => (number(), debt).prop_map(|(n, debt)| Command::WithdrawAudit(n, debt, [0x78; 20])),
        2 => any::<u8>().prop_map(move |uses| Command::RecordSublicence { licensee: [9; 20], uses: uses.into(), document: hash }),
        2 => (1u8..5, 0u64..400, any::<u8>()).prop_map(|(kind, days, uses)| {
            Command::RecordViolation { kind, uses: uses.into(), at: START + days * DAY, evidence: [uses; 32] }
        }),
        2 => Just(Command::RequestRedaction(Wanted { dataset: DATASET.0, request: hash, manifest: MANIFEST.0, version: 2 })),
        2 => number().prop_map(move |n| Command::CertifyRedaction(n, hash)),
        2 => (1u8..=5, 1u32..3).prop_map(move |(kind, n)| Command::RecordBreach(kind, if kind == 1 { quarter + n } else { n })),
        1 => (1u8..=5, 1u8..=5, 0u32..3).prop_map(move |(reason, kind, n)| {
            let number = if n < 2 { quarter + n } else { 0 };
            Command::Terminate { cause: Cause { reason, kind, number, evidence: hash }, side: Side::None }
        }),
        1 => Just(Command::Close),
        1 => Just(Command::CertifyDeletion(hash)),
    ]
}

/// Who sends a message: mostly who may.
fn sender(command: &Command, other: Option<Who>) -> Who {
    let usual = match command {
        Command::Accept(_) | Command::Decline | Command::CertifyMilestone(..) => Who::Licensor,
        Command::RecordViolation { .. } => Who::Oracle,
        Command::ReportAudit(..) => Who::Auditor,
        Command::RequestAudit { .. } | Command::WithdrawAudit(_, Debt::Expenses, _) => Who::Holder,
        Command::WithdrawAudit(_, Debt::Fee, _) => Who::Auditor,
        Command::RequestRedaction(_) => Who::Creator,
        Command::Terminate { cause: Cause { reason: 2..=4, .. }, .. } => Who::Licensor,
        Command::Terminate { cause: Cause { reason: 5, .. }, .. } => Who::Arbiter,
        Command::DismissFinding(_) | Command::DismissViolation(_) => Who::Arbiter,
        _ => Who::Platform,
    };
    other.unwrap_or(usual)
}

pub fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![2 => Just(0), 2 => 0..DAY, 3 => 0..40 * DAY, 2 => 60 * DAY..100 * DAY];
    let other = prop_oneof![12 => Just(None), 1 => prop::sample::select(Who::ALL.to_vec()).prop_map(Some)];
    let pool = prop::sample::select(vec![0u8, 0, 0, 1, 2]);
    (wait, other, pool, prop_oneof![2 => money(), 1 => conduct()]).prop_map(|(wait, other, pool, mut command)| {
        let who = sender(&command, other);
        if let Command::Terminate { cause, side } = &mut command {
            *side = LicenceModel::side(who, cause.reason);
        }
        (wait, who, pool, command)
    })
}

pub fn option() -> impl Strategy<Value = (Terms, Vec<Milestone>)> {
    let figures = (0u128..1_000, 0u16..2_000, 0u128..1_000, 0u128..1_000);
    (figures, any::<bool>(), 1u16..20).prop_map(|((upfront, residual_bps, guarantee, more), by_use, term_months)| {
        let terms = Terms {
            upfront,
            residual_bps,
            guarantee,
            escrow: guarantee + more,
            funding_days: 30,
            term_months,
            training_months: 1,
            late_bps: 1_200,
            per_call: by_use.into(),
            metric: [9; 32],
            audit_fee_cap: 7,
            audit_expenses_cap: 3,
            prohibited: 0xf0,
            sublicensing: by_use,
            platform_may_leave: by_use,
            licensor_may_leave: true,
            ..plain()
        };
        let milestone = |amount, to_pool| Milestone { amount, document: [7; 32], to_pool };
        let milestones =
            if more > 2 { vec![milestone(more / 2, by_use), milestone(more / 3, !by_use)] } else { vec![] };
        (terms, milestones)
    })
}

fn compare(scene: &mut LicenceAlone, model: &LicenceModel) {
    let (l, now) = (model.licence(), scene.now);
    let money = scene.money();
    let on_chain =
        [money.escrow, money.refundable, money.held, money.moneyIn, money.toPool, money.refunded, money.paidOut];
    let in_rules = [l.escrow, l.refundable, l.held, l.money_in, l.to_pool, l.refunded, l.paid_out];
    assert_eq!(on_chain, in_rules.map(U256::from));
    assert_eq!([money.owed, money.credit, money.refillTo], [l.owed, l.credit, l.refill_to].map(U256::from));
    // The contract has what it owes, and the pool what it took.
    let credited = U256::from(model.credited());
    assert_eq!(scene.own_balance(), money.escrow + money.refundable + money.held + credited);
    assert_eq!(scene.balance([0x78; 20].into()), money.paidOut - credited);
    assert_eq!((scene.pool_balance(), scene.balance([0x77; 20].into())), (money.toPool, money.refunded));
    let state = scene.state();
    let on_chain = (state.stage, state.deletion, state.reason, state.option, state.milestones, state.closed);
    assert_eq!(on_chain, (l.stage_at(now) as u8, l.deletion_at(now) as u8, l.reason, l.option, l.milestones, l.closed));
    let c = scene.counts();
    let on_chain =
        [c.nextQuarter, c.nextYear, c.openDefaults, c.defaults, c.breaches, c.violations, c.sublicences, c.audits];
    let in_rules =
        [l.next_quarter, l.next_year, l.open_defaults, l.defaults, l.breaches, l.violations, l.sublicences, l.audits];
    assert_eq!((on_chain, c.redactions), (in_rules, l.redactions));
}

/// Quarters and years, which are many views.
fn compare_ledgers(scene: &mut LicenceAlone, model: &LicenceModel) {
    let licence = scene.id;
    let first = quarter_at(START);
    let late_bps = model.licence().terms(&model.store, &licence.0).map(|terms| terms.late_bps).unwrap_or_default();
    for quarter in first..first + 7 {
        let mut q = Quarter::of(&model.store, &licence.0, quarter);
        q.accrue(late_bps, scene.now).unwrap();
        let on_chain = scene.due(quarter);
        let money = [
            on_chain.due,
            on_chain.paid,
            on_chain.interest,
            on_chain.interestPaid,
            on_chain.outstanding,
            on_chain.held,
        ];
        assert_eq!(money, [q.due, q.paid, q.interest, q.interest_paid, q.outstanding(), q.held].map(U256::from));
        let flags = (on_chain.payBy, on_chain.defaultedAt, on_chain.inDefault, on_chain.lateAt);
        assert_eq!(flags, (q.pay_by, q.defaulted_at, q.in_default, q.late_at));
        assert_eq!((on_chain.later, on_chain.laterBy), (U256::from(q.later), q.later_by));
    }
    for year in 1..3 {
        let y = Year::of(&model.store, &licence.0, year);
        let on_chain = scene.year(year);
        let money = [on_chain.earned, on_chain.guaranteed, on_chain.fromEscrow, on_chain.owed, on_chain.toppedUp];
        assert_eq!(money, [y.earned, y.guaranteed, y.from_escrow, y.owed, y.topped_up].map(U256::from));
    }
}

/// Plays a history on both; what looks on sees them once the offer is made and after each step.
pub fn run(
    erc20: bool,
    options: &[(Terms, Vec<Milestone>)],
    steps: &[Step],
    look: &mut dyn FnMut(&mut LicenceAlone, &LicenceModel),
) {
    let mut scene = LicenceAlone::new(erc20);
    let upfront = options.iter().map(|(terms, _)| terms.upfront).max().unwrap_or(0);
    let menu: Vec<_> = options.iter().map(|(terms, milestones)| menu(terms, milestones)).collect();
    let id = scene.offer(&menu, upfront).unwrap();
    let mut model = LicenceModel { store: Default::default(), id: id.0 };
    let caller = scene.account(Who::Platform).address.into_array();
    let offer = Offer {
        pool: scene.pool.into_array(),
        currency: scene.currency.into_array(),
        datasets: vec![DATASET.0],
        options: options.to_vec(),
        expires_at: START + 30 * DAY,
    };
    offer::offer(&mut model.store, &Call { licence: id.0, caller, now: START }, &offer).unwrap();
    look(&mut scene, &model);
    for (wait, who, pool, command) in steps {
        scene.at(scene.now + wait);
        // A pool takes all, nothing, or of an ERC-20 half.
        let stand_in = scene.pool;
        scene.any(stand_in, StandInPool::setCall { mode: U256::from(*pool) });
        let takes = |held| match (pool, erc20) {
            (1, _) => 0,
            (2, true) => mul_div(held, 1, 2).unwrap(),
            _ => held,
        };
        let mut command = command.clone();
        if let Command::RequestAudit { holding, .. } = &mut command {
            // Of the stand-in's one share, a second ago.
            *holding = Some(Holding { at: scene.now - 1, votes: u128::from(*who == Who::Holder), supply: 1 });
        }
        let command = &command;
        let debt = model.debt(command);
        let expected = model.run(*who, command, scene.now, takes);
        let result = scene.send(*who, command, debt);
        let accepted = matches!(expected, Some(Ok(_)));
        assert_eq!(result.is_ok(), accepted, "{command:?} by {who:?}: chain {result:?}, rules {expected:?}");
        if let (Some(Err(refusal)), Err(failure)) = (&expected, &result) {
            let name: String = format!("{refusal:?}").chars().take_while(|c| c.is_alphabetic()).collect();
            assert!(failure.is(&name), "{command:?} by {who:?}: chain {failure:?}, rules {refusal:?}");
        }
        compare(&mut scene, &model);
        look(&mut scene, &model);
    }
    compare_ledgers(&mut scene, &model);
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/licence.txt"))),
        ..ProptestConfig::default()
    })]

    /// Proves PAY-5, PAY-7, LIC-11 on the real blob: the same history is accepted or refused for the same reason and
    /// gives the same numbers as in the rules, and after every step the contract has exactly what it owes.
    #[test]
    fn chain_and_rules_agree(
        erc20: bool,
        options in prop::collection::vec(option(), 1..3),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        run(erc20, &options, &steps, &mut |_, _| ());
    }
}
