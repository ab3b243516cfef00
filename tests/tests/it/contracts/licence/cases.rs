//! The case tables on the real blob, to the unit, in both kinds of currency; and what it tells of itself.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use yieldset_chain::{
    abi::{Access, Licence, Refusal},
    deployment::role,
};
use yieldset_rules::{
    licence::{Milestone, Stage, Terms, dues::UsageReport, terms::uses},
    period::{quarter_at, quarter_start},
    revenue::Usage,
};
use yieldset_tests::{
    chain::{Failure, Log, START, assert_refused, root_file},
    licence::{
        DATASET, DAY, HASH, LicenceAlone, MANIFEST, StandInManifests, StandInPlatform, StandInPool, Who, menu, plain,
        stand_in, word,
    },
};

/// A year without a leap day.
const YEAR: u64 = 365 * DAY;

/// Goes to the day after a quarter, reports it and pays what is due.
fn settle(scene: &mut LicenceAlone, quarter: u32, gross: u128) {
    scene.at(quarter_start(quarter + 1) + DAY);
    scene.report(quarter, gross).unwrap();
    let due = scene.due(quarter).outstanding;
    if due > U256::ZERO {
        scene.pay(quarter, due.to()).unwrap();
    }
}

fn stage(scene: &mut LicenceAlone) -> u8 {
    scene.state().stage
}

/// Proves CASE-A: upfront 5,000 and 7 % of four quarters' revenue, 18,000, are 23,000 in the pool, by period.
#[test]
fn case_a_pays_23_000() {
    for erc20 in [false, true] {
        let mut scene = LicenceAlone::licensed(erc20, Terms { upfront: 5_000, residual_bps: 700, ..plain() }, &[]);
        assert_eq!(scene.pool_balance(), U256::from(5_000));
        let first = quarter_at(START);
        for (quarter, net) in (first..).zip([50_000, 75_000, 60_000, 72_143]) {
            settle(&mut scene, quarter, net);
        }
        assert_eq!((scene.pool_balance(), scene.own_balance()), (U256::from(23_000), U256::ZERO));
        let pool = scene.pool;
        let id = scene.id;
        let mut deposited = |period| scene.any(pool, StandInPool::depositedCall { stream: id, period }).to::<u32>();
        let periods: Vec<u32> = (first..first + 4).map(&mut deposited).collect();
        assert_eq!(periods, [5_000 + 3_500, 5_250, 4_200, 5_050]);
    }
}

/// Proves CASE-B, LIC-5, LIC-7: 8 % with 100,000 a year guaranteed, exclusive, without resale for ad targeting.
#[test]
fn case_b_trues_up_from_escrow() {
    let terms = Terms {
        upfront: 250_000,
        residual_bps: 800,
        guarantee: 100_000,
        escrow: 100_000,
        funding_days: 14,
        term_months: 24,
        exclusive_months: 24,
        sublicensing: true,
        prohibited: uses::AD_TARGETING_RESALE,
        ..plain()
    };
    for erc20 in [false, true] {
        let mut scene = LicenceAlone::licensed(erc20, terms, &[]);
        let id = scene.id;
        let resale = |uses| Licence::recordSublicenceCall {
            licence: id,
            licensee: MANIFEST[..20].try_into().unwrap(),
            uses,
            document: HASH,
        };
        assert_refused(scene.call(Who::Platform, resale(uses::AD_TARGETING_RESALE)), "UseProhibited");
        assert_eq!(scene.call(Who::Platform, resale(uses::WEAPONS)).unwrap(), 1);
        // While the window is open no second licence on the dataset can start.
        let manifests = scene.manifests;
        let until = scene.any(manifests, StandInManifests::openUntilCall { dataset: DATASET });
        // 2026-11-24 to 2028-11-24.
        assert_eq!(until, START + 731 * DAY);
        scene.offer(&[menu(&plain(), &[])], 0).unwrap();
        assert_refused(scene.accept(0), "DatasetRefused");
        scene.id = id;

        let first = quarter_at(START);
        for quarter in first..first + 4 {
            settle(&mut scene, quarter, 250_000);
        }
        assert_eq!(scene.pool_balance(), U256::from(250_000 + 80_000));
        scene.at(START + YEAR);
        scene.chain.take_logs();
        scene.call(Who::Anyone, Licence::trueUpCall { licence: id, year: 1 }).unwrap();
        assert_eq!(scene.pool_balance(), U256::from(250_000 + 80_000 + 20_000));
        // What each part of the licence's money is now, to be mirrored without adding up.
        let funds: Vec<_> = scene
            .chain
            .take_logs()
            .iter()
            .filter_map(|log| {
                Licence::FundsChanged::decode_raw_log(log.topics.iter().map(|t| B256::from(*t)), &log.data).ok()
            })
            .collect();
        let parts = |e: &Licence::FundsChanged| (e.escrow, e.refundable, e.held);
        assert_eq!(funds.iter().map(parts).collect::<Vec<_>>(), [(U256::from(80_000), U256::ZERO, U256::ZERO)]);
        for quarter in first + 4..first + 8 {
            settle(&mut scene, quarter, 500_000);
        }
        settle(&mut scene, first + 8, 0);
        scene.at(scene.now.max(START + 731 * DAY));
        scene.call(Who::Anyone, Licence::trueUpCall { licence: id, year: 2 }).unwrap();
        let year = scene.year(2);
        assert_eq!((year.earned, year.fromEscrow, year.owed), (U256::from(160_000), U256::ZERO, U256::ZERO));
        assert_eq!(scene.pool_balance(), U256::from(250_000 + 80_000 + 20_000 + 160_000));
        assert_eq!(scene.refund().unwrap(), U256::from(80_000));
        assert_eq!(scene.own_balance(), U256::ZERO);
        // At the end the dataset is free again.
        scene.call(Who::Anyone, Licence::closeCall { licence: id }).unwrap();
        scene.offer(&[menu(&plain(), &[])], 0).unwrap();
        scene.accept(0).unwrap();
    }
}

/// Proves CASE-B2, SAFE-2: what the blob pays in all, by the spreadsheet that the rules are held against; its rows of
/// the case table are three.
#[test]
fn case_b2_pays_by_the_calendar() {
    let sheet = std::fs::read_to_string(root_file("contracts/rules/src/licence/tests/guarantee.csv")).unwrap();
    let rows: Vec<Vec<&str>> =
        sheet.lines().filter(|row| row.starts_with("CASE-B2")).map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let (months, total) = (row[2].parse().unwrap(), row[7].parse::<u128>().unwrap());
        // 2027-01-01 and 2028-01-01 are starts of quarters.
        let first = 4 * row[1][..4].parse::<u32>().unwrap();
        let mut scene = LicenceAlone::new(true);
        scene.at(quarter_start(first));
        let (guarantee, escrow) = (100_000, 100_000);
        let terms = Terms { residual_bps: 800, guarantee, escrow, funding_days: 14, term_months: months, ..plain() };
        scene.offer(&[menu(&terms, &[])], 0).unwrap();
        scene.accept(0).unwrap();
        scene.fund(escrow).unwrap();
        let licence = scene.id;
        for (quarter, net) in (first..).zip(row[3].split(';')) {
            settle(&mut scene, quarter, net.parse().unwrap());
            let year = scene.counts().nextYear;
            if scene.call(Who::Anyone, Licence::trueUpCall { licence, year }).is_err() {
                continue;
            }
            let money = scene.money();
            if money.refillTo > money.escrow {
                // Anybody may.
                let value = money.refillTo - money.escrow;
                scene.with(Who::Anyone, value.to(), Licence::fundEscrowCall { licence, value }).unwrap();
            }
        }
        assert_eq!(scene.pool_balance(), U256::from(total), "{}", row[0]);
        scene.refund().map_or_else(|refused| assert_eq!(total, 260_000, "{refused:?}"), drop);
        assert_eq!((scene.own_balance(), scene.counts().openDefaults), (U256::ZERO, 0));
        assert_eq!(
            scene.view(Licence::streamEndCall { licence }),
            quarter_start(first + u32::from(months) / 3) + 90 * DAY
        );
    }
}

/// Proves CASE-C: 0.002 per 1,000 attributed tokens, in units of 10^-6: 3,456,789,000 tokens are 6,913.578.
#[test]
fn case_c_pays_by_use() {
    for erc20 in [false, true] {
        let metric = B256::repeat_byte(9);
        let terms = Terms { per_thousand_tokens: 2_000, metric: metric.0, threshold: 700_000, ..plain() };
        let mut scene = LicenceAlone::licensed(erc20, terms, &[]);
        let (licence, quarter) = (scene.id, quarter_at(START));
        scene.at(quarter_start(quarter + 1));
        scene.report(quarter, 0).unwrap();
        assert_refused(scene.pay(quarter, 1), "NothingDue");
        let assess = Licence::assessUsageCall { licence, quarter };
        // Only what is final counts, whoever says so.
        let refused = scene.call(Who::Oracle, assess.clone()).map(|_| ());
        assert_eq!(refused, Err(Failure::with(&Refusal::UsageNotFinal { quarter, state: 0 })));
        let usage = Usage { tokens: 3_456_789_000, calls: 2 };
        let report = UsageReport { usage, metric: metric.0, threshold: 700_000, report: HASH.0 };
        scene.final_report(&UsageReport { metric: [1; 32], ..report });
        assert_refused(scene.call(Who::Anyone, assess.clone()), "WrongMetric");
        scene.final_report(&UsageReport { threshold: 1, ..report });
        assert_refused(scene.call(Who::Anyone, assess.clone()), "WrongThreshold");
        scene.final_report(&report);
        scene.call(Who::Anyone, assess.clone()).unwrap();
        assert_refused(scene.call(Who::Anyone, assess), "UsageAlreadyReported");
        scene.pay(quarter, 6_913_578_000).unwrap();
        assert_eq!(scene.pool_balance(), U256::from(6_913_578_000u64));
        assert_refused(scene.pay(quarter, 1), "NothingDue");
    }
}

/// Proves LIC-11: a menu, the option that the pool accepts, its terms as they were offered, and what the contract tells
/// of it.
#[test]
fn an_offer_becomes_a_licence() {
    let milestone = Milestone { amount: 70, document: [7; 32], to_pool: true };
    let modest = Terms { upfront: 1_000, residual_bps: 500, ..plain() };
    let mut odd =
        Terms { upfront: 900, residual_bps: 1, per_thousand_tokens: 2, per_call: 3, floor: 4, ceiling: 5, ..plain() };
    (odd.metric, odd.threshold, odd.guarantee, odd.escrow, odd.funding_days) = ([8; 32], 6, 70, 80, 9);
    (odd.exclusive_months, odd.training_months, odd.report_days, odd.payment_days, odd.grace_days) =
        (10, 11, 12, 13, 14);
    (odd.gross_base, odd.infrastructure_cap_bps, odd.taxes_cap_bps) = (true, 23, 24);
    (odd.late_bps, odd.notice_days, odd.cure_days, odd.deletion_days, odd.redaction_days) = (15, 17, 16, 18, 19);
    (odd.false_discovery_bps, odd.late_record_days, odd.call_tokens, odd.common_from) = (25, 26, 27, 28);
    (odd.audit_fee_cap, odd.audit_expenses_cap, odd.prohibited, odd.licensor_may_leave) = (20, 21, 22, true);
    let mut scene = LicenceAlone::new(false);
    let options = [menu(&modest, &[]), menu(&odd, &[milestone, milestone][..1])];
    scene.offer(&options, 1_000).unwrap();
    let licence = scene.id;
    assert_eq!(stage(&mut scene), Stage::Offered as u8);
    assert_eq!(scene.words('D', B256::ZERO), [DATASET]);
    let offered = |scene: &mut LicenceAlone, option| scene.words('O', word(option));
    assert_eq!([offered(&mut scene, 0), offered(&mut scene, 1)], options);
    scene.chain.take_logs();
    scene.accept(1).unwrap();
    let accepted = scene.chain.take_logs().iter().find_map(|log| {
        Licence::LicenceAccepted::decode_raw_log(log.topics.iter().map(|t| B256::from(*t)), &log.data).ok()
    });
    let accepted = accepted.expect("an event");
    assert_eq!((accepted.licence, accepted.option, accepted.upfront), (licence, 1, U256::from(900)));
    assert_eq!((accepted.exclusiveUntil, accepted.fundBy), (START + 304 * DAY, START + 9 * DAY));
    assert_eq!(stage(&mut scene), Stage::Accepted as u8);
    assert_eq!([offered(&mut scene, 0), offered(&mut scene, 1)], [vec![], options[1].clone()]);
    scene.fund(80).unwrap();
    assert_eq!(stage(&mut scene), Stage::Active as u8);
    let times = scene.times();
    assert_eq!((times.activatedAt, times.endsAt, times.trainingUntil), (START, START + YEAR, START + 334 * DAY));
    let parties = scene.parties();
    let [platform, licensor] = [Who::Platform, Who::Licensor].map(|who| scene.account(who).address);
    assert_eq!((parties.platform, parties.pool, parties.licensor), (platform, scene.pool, licensor));
    assert_eq!(scene.refund().unwrap(), U256::from(100));
    let call = Licence::certifyMilestoneCall { licence, index: 0, evidence: HASH };
    scene.call(Who::Arbiter, call).unwrap();
    assert_eq!((scene.pool_balance(), scene.own_balance()), (U256::from(970), U256::from(10)));
    let money = scene.money();
    assert_eq!((money.escrow, money.moneyIn, money.refunded), (U256::from(10), U256::from(1_080), U256::from(100)));
    // Two offers of the same platform to the same pool are two licences.
    assert_ne!(scene.offer(&options[..1], 1_000).unwrap(), licence);
}

/// Proves LIC-3, LIC-8, LIC-10: records as the views tell them.
#[test]
fn audits_redactions_and_deletion_are_on_record() {
    let mut scene = LicenceAlone::licensed(true, Terms { audit_fee_cap: 500, audit_expenses_cap: 90, ..plain() }, &[]);
    let (licence, quarter) = (scene.id, quarter_at(START));
    let begin = quarter_start(quarter + 1);
    scene.at(begin);
    let request = Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint: START };
    assert_eq!(scene.call(Who::Holder, request).unwrap(), 1);
    let answer = Licence::answerAuditCall { licence, number: 1, logs: HASH, manifests: MANIFEST, runs: DATASET };
    scene.at(begin + 31 * DAY);
    scene.call(Who::Platform, answer).unwrap();
    let report = Licence::reportAuditCall {
        licence,
        number: 1,
        discrepancyBps: 501,
        tokens: U256::ZERO,
        calls: 0,
        fee: U256::from(500),
        expenses: U256::from(90),
        report: HASH,
    };
    scene.call(Who::Auditor, report).unwrap();
    scene.call(Who::Platform, Licence::payAuditCall { licence, number: 1, expenses: false }).unwrap();
    scene.call(Who::Platform, Licence::payAuditCall { licence, number: 1, expenses: true }).unwrap();
    let [auditor, holder] = [Who::Auditor, Who::Holder].map(|who| scene.account(who).address);
    // It is theirs to take, to an account of their choice.
    assert_eq!((scene.balance(auditor), scene.own_balance()), (U256::ZERO, U256::from(590)));
    let other = MANIFEST[..20].try_into().unwrap();
    for (who, expenses, to) in [(Who::Auditor, false, auditor), (Who::Holder, true, other)] {
        scene.call(who, Licence::withdrawAuditCall { licence, number: 1, expenses, to }).unwrap();
    }
    assert_eq!((scene.balance(auditor), scene.balance(other)), (U256::from(500), U256::from(90)));
    assert_eq!((scene.balance(holder), scene.own_balance()), (U256::ZERO, U256::ZERO));
    let audit = scene.audit(1);
    assert_eq!((audit.contributor, audit.auditor, audit.discrepancyBps), (holder, auditor, 501));
    assert!(audit.feePaid && audit.reimbursed && audit.feeWithdrawn && audit.expensesWithdrawn);
    assert!(audit.lateAt == begin + 31 * DAY && audit.unpaidAt == 0);
    let all = [audit.scope, audit.logs, audit.manifests, audit.runs, audit.report];
    assert_eq!(all, [HASH, HASH, MANIFEST, DATASET, HASH]);
    let standing = scene.standing(holder);
    assert_eq!((standing.approved, standing.year, standing.requests), (false, 2027, 1));

    let request = Licence::requestRedactionCall { licence, dataset: DATASET, request: HASH, manifest: MANIFEST };
    assert_eq!(scene.call(Who::Creator, request).unwrap(), 1);
    scene.call(Who::Platform, Licence::certifyRedactionCall { licence, number: 1, certificate: HASH }).unwrap();
    let redaction = scene.redaction(1);
    assert_eq!((redaction.dataset, redaction.manifest, redaction.due), (DATASET, MANIFEST, begin + 61 * DAY));
    assert!(redaction.certifiedAt == begin + 31 * DAY && redaction.lateAt == 0);

    scene.at(START + YEAR + 31 * DAY);
    let state = scene.state();
    assert_eq!((state.stage, state.deletion), (Stage::Ended as u8, 3));
    scene.call(Who::Platform, Licence::certifyDeletionCall { licence, certificate: HASH }).unwrap();
    let state = scene.state();
    let counts = scene.counts();
    assert_eq!((state.deletion, counts.breaches, counts.audits, counts.redactions), (2, 2, 1, 1));
}

/// Proves LIC-11: a licensor's own menu: a platform takes an option and is bound at once, the exclusive one while
/// nobody has another; the menu stays open until it is taken back or its publisher may not license any more.
#[test]
fn a_platform_takes_an_option_of_a_menu() {
    for erc20 in [false, true] {
        let mut scene = LicenceAlone::new(erc20);
        let modest = Terms { upfront: 1_000, residual_bps: 500, ..plain() };
        let exclusive = Terms { upfront: 9_000, exclusive_months: 6, escrow: 7, funding_days: 1, ..plain() };
        let options = vec![menu(&modest, &[]), menu(&exclusive, &[])];
        let (pool, currency, datasets, expires_at) = (scene.pool, scene.currency, vec![DATASET], START + DAY);
        let publish =
            Licence::publishMenuCall { pool, currency, datasets, options: options.clone(), expiresAt: expires_at };
        assert_refused(scene.call(Who::Platform, publish.clone()), "NotLicensor");
        let published = scene.call(Who::Licensor, publish).unwrap();
        scene.id = published;
        assert_eq!((scene.words('O', word(1)), scene.words('D', B256::ZERO)), (options[1].clone(), vec![DATASET]));
        let most = U256::from(9_007);
        let take = |option| Licence::takeOptionCall { menu: published, option, currency, most };
        let underpaid = scene.with(Who::Platform, 999, take(0));
        assert!(erc20 || underpaid.is_err());
        assert_refused(scene.with(Who::Platform, 0, take(2)), "UnknownOption");
        scene.id = if erc20 { underpaid.unwrap() } else { scene.with(Who::Platform, 1_000, take(0)).unwrap() };
        assert_eq!((stage(&mut scene), scene.pool_balance()), (Stage::Active as u8, U256::from(1_000)));
        let parties = scene.parties();
        let [platform, licensor] = [Who::Platform, Who::Licensor].map(|who| scene.account(who).address);
        assert_eq!((parties.platform, parties.licensor), (platform, licensor));
        // Beside another licence there is no exclusive one.
        assert_refused(scene.with(Who::Anyone, 9_007, take(1)), "DatasetRefused");
        let other = scene.with(Who::Anyone, 1_000, take(0)).unwrap();
        assert_ne!(other, scene.id);
        assert_refused(scene.call(Who::Anyone, Licence::withdrawMenuCall { menu: published }), "NotLicensor");
        // An exclusive option is paid and in force, or not taken.
        let free = B256::repeat_byte(0xdb);
        let (manifests, creator) = (scene.manifests, scene.account(Who::Creator).address);
        scene.any(manifests, StandInManifests::assignCall { dataset: free, pool, creator });
        let datasets = vec![free];
        let publish = Licence::publishMenuCall { pool, currency, datasets, options, expiresAt: expires_at };
        let alone = scene.call(Who::Licensor, publish).unwrap();
        let take_alone = Licence::takeOptionCall { menu: alone, option: 1, currency, most };
        let cheap = Licence::takeOptionCall { most: U256::from(9_006), ..take_alone.clone() };
        assert_refused(scene.with(Who::Platform, 9_007, cheap), "CostAboveLimit");
        let in_other = Licence::takeOptionCall { currency: pool, ..take_alone.clone() };
        assert_refused(scene.with(Who::Platform, 9_007, in_other), "WrongCurrency");
        if !erc20 {
            assert_refused(scene.with(Who::Platform, 9_000, take_alone.clone()), "WrongValue");
        }
        scene.id = scene.with(Who::Platform, 9_007, take_alone).unwrap();
        let (active, money) = (stage(&mut scene), scene.money());
        assert_eq!((active, money.escrow, money.refundable), (Stage::Active as u8, U256::from(7), U256::ZERO));
        assert_eq!((scene.pool_balance(), scene.own_balance()), (U256::from(11_000), U256::from(7)));
        // 2026-11-24 to 2027-05-24.
        let until = scene.any(manifests, StandInManifests::openUntilCall { dataset: free });
        assert_eq!(until, START + 181 * DAY);
        scene.call(Who::Licensor, Licence::withdrawMenuCall { menu: published }).unwrap();
        assert_refused(scene.with(Who::Platform, 1_000, take(0)), "UnknownLicence");
    }
}

/// Proves LIC-5, SAFE-11: what is accepted and not funded is held and not open: exclusively while it may be funded, and
/// after that for nobody; what lapsed is free. Before, it was open from its acceptance on, exclusive to the end of its
/// window.
#[test]
fn an_accepted_offer_holds_data_for_its_time_alone() {
    let terms = Terms { upfront: 10, guarantee: 90, escrow: 90, funding_days: 5, exclusive_months: 12, ..plain() };
    let mut scene = LicenceAlone::new(false);
    let manifests = scene.manifests;
    let held = |scene: &mut LicenceAlone| {
        let (dataset, licence) = (DATASET, scene.id);
        let held = scene.any(manifests, StandInManifests::heldCall { dataset, licence });
        (held, scene.any(manifests, StandInManifests::openUntilCall { dataset }))
    };
    let never = scene.offer(&[menu(&terms, &[])], 10).unwrap();
    scene.accept(0).unwrap();
    assert_eq!(held(&mut scene), (true, START + 5 * DAY + 1));
    scene.offer(&[menu(&plain(), &[])], 0).unwrap();
    assert_refused(scene.accept(0), "DatasetRefused");
    // The last second to fund it is its own.
    scene.at(START + 5 * DAY);
    assert_refused(scene.accept(0), "DatasetRefused");
    scene.at(START + 5 * DAY + 1);
    let other = scene.id;
    scene.accept(0).unwrap();
    // Too late: it has lapsed, though nobody has recorded it.
    scene.id = never;
    assert_refused(scene.fund(90), "WrongStage");
    scene.call(Who::Anyone, Licence::lapseCall { licence: never }).unwrap();
    scene.call(Who::Anyone, Licence::closeCall { licence: never }).unwrap();
    scene
        .call(Who::Arbiter, Licence::terminateCall { licence: other, reason: 5, kind: 0, number: 0, evidence: HASH })
        .unwrap();
    scene.call(Who::Anyone, Licence::closeCall { licence: other }).unwrap();
    // In time: open, and exclusive for twelve months from its acceptance.
    scene.offer(&[menu(&terms, &[])], 10).unwrap();
    scene.accept(0).unwrap();
    let accepted = scene.now;
    assert_eq!(held(&mut scene), (true, accepted + 5 * DAY + 1));
    scene.at(accepted + 5 * DAY);
    scene.fund(89).unwrap();
    assert!(held(&mut scene).0);
    scene.fund(1).unwrap();
    assert_eq!(held(&mut scene), (false, accepted + YEAR));
}

/// Proves SAFE-9: a version of a dataset is asked to be redacted once, and joined by whoever asks again, though its
/// creator took it back; one that was redacted itself, or that is certified, is none.
#[test]
fn a_redaction_is_asked_for_once() {
    let mut scene = LicenceAlone::licensed(false, plain(), &[]);
    let (licence, manifests) = (scene.id, scene.manifests);
    let ask = Licence::requestRedactionCall { licence, dataset: DATASET, request: HASH, manifest: MANIFEST };
    let state = |state| StandInManifests::setStateCall { dataset: DATASET, version: 2, state };
    scene.any(manifests, state(3));
    assert_refused(scene.call(Who::Creator, ask.clone()), "NotANewVersion");
    scene.any(manifests, state(2));
    assert_eq!(scene.call(Who::Creator, ask.clone()).unwrap(), 1);
    scene.chain.take_logs();
    assert_eq!(scene.call(Who::Licensor, ask.clone()).unwrap(), 1);
    let logs = scene.chain.take_logs();
    let requester = scene.account(Who::Licensor).address;
    let joined: Vec<_> = logs.iter().filter_map(Log::decode::<Licence::RedactionJoined>).collect();
    assert_eq!(joined, [Licence::RedactionJoined { licence, number: 1, requester, request: HASH }]);
    assert!(logs.iter().filter_map(Log::decode::<Licence::RedactionRequested>).next().is_none());
    assert_eq!((scene.counts().redactions, scene.redaction(1).version), (1, 2));
    scene.call(Who::Platform, Licence::certifyRedactionCall { licence, number: 1, certificate: HASH }).unwrap();
    assert_refused(scene.call(Who::Creator, ask), "NotANewVersion");
}

/// Proves SAFE-9: who joins an audit is told apart from who asked for it, and what the platform pays for it is cured
/// whatever its creditor does: here it is a contract that takes no money.
#[test]
fn an_audit_is_joined_and_its_debts_are_credited() {
    let mut scene = LicenceAlone::licensed(false, Terms { audit_fee_cap: 500, ..plain() }, &[]);
    let (licence, quarter) = (scene.id, quarter_at(START));
    scene.at(quarter_start(quarter + 1));
    let contributor = scene.account(Who::Anyone).address;
    scene.call(Who::Auditor, Licence::approveContributorCall { licence, contributor, approved: true }).unwrap();
    let request = |timepoint| Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint };
    assert_refused(scene.call(Who::Holder, request(START - 1)), "HeldBefore");
    scene.call(Who::Holder, request(START)).unwrap();
    scene.chain.take_logs();
    assert_eq!(scene.call(Who::Anyone, request(0)).unwrap(), 1);
    let logs = scene.chain.take_logs();
    let joined: Vec<_> = logs.iter().filter_map(Log::decode::<Licence::AuditJoined>).collect();
    assert_eq!(joined, [Licence::AuditJoined { licence, number: 1, contributor, quarter, scope: HASH }]);
    assert!(logs.iter().filter_map(Log::decode::<Licence::AuditRequested>).next().is_none());

    let admin = scene.admin();
    let auditor = scene.chain.instantiate(&admin, stand_in("StandInPlatform", &[]), vec![]).unwrap();
    let grant = Access::grantRoleCall { role: role("AUDITOR_ROLE"), account: auditor };
    let contract = scene.contract;
    scene.chain.call(&admin, contract, grant, 0).unwrap();
    let refuses = StandInPlatform::setCall { mode: U256::from(1), target: contract, licence };
    scene.any(auditor, refuses);
    scene
        .call(Who::Platform, Licence::answerAuditCall { licence, number: 1, logs: HASH, manifests: HASH, runs: HASH })
        .unwrap();
    let (fee, nothing, report) = (U256::from(500), U256::ZERO, HASH);
    let found = Licence::reportAuditCall {
        licence,
        number: 1,
        discrepancyBps: 1,
        tokens: nothing,
        calls: 0,
        fee,
        expenses: nothing,
        report,
    };
    let as_auditor = |scene: &mut LicenceAlone, data: Vec<u8>| {
        scene.chain.call(&admin, auditor, StandInPlatform::runCall { to: contract, data: data.into() }, 0)
    };
    as_auditor(&mut scene, found.abi_encode()).unwrap();
    scene.with(Who::Platform, 500, Licence::payAuditCall { licence, number: 1, expenses: false }).unwrap();
    assert!(scene.audit(1).feePaid);
    let late = Licence::recordBreachCall { licence, kind: 5, number: 1 };
    scene.at(scene.now + 31 * DAY);
    assert_refused(scene.call(Who::Anyone, late), "AlreadyDone");
    let withdraw = |to| Licence::withdrawAuditCall { licence, number: 1, expenses: false, to }.abi_encode();
    assert_refused(as_auditor(&mut scene, withdraw(auditor)), "PayoutFailed");
    let treasury = Address::repeat_byte(0x77);
    as_auditor(&mut scene, withdraw(treasury)).unwrap();
    assert_eq!((scene.balance(treasury), scene.own_balance()), (U256::from(500), U256::ZERO));
    assert_refused(as_auditor(&mut scene, withdraw(treasury)), "AlreadyDone");
}
