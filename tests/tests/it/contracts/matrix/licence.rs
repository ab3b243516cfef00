use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Licence as L, Refusal};
use yieldset_rules::licence::{Milestone, Terms, dues::UsageReport};
use yieldset_rules::period::{quarter_at, quarter_start};
use yieldset_rules::revenue::Usage;
use yieldset_tests::chain::{Failure, START};
use yieldset_tests::licence::{DATASET, DAY, HASH, LicenceAlone, MANIFEST, Who, menu, plain, word};

use super::{Cast, Matrix, Row, lacks, roles, row};

const PLATFORM: &[&str] = &["platform"];
const LICENSOR: &[&str] = &["licensor"];
const HELD: &str = "NothingHeld";

fn quarter() -> u32 {
    quarter_at(START)
}

fn terms() -> Terms {
    Terms {
        per_call: 1,
        metric: HASH.0,
        threshold: 5,
        guarantee: 100,
        escrow: 100,
        funding_days: 5,
        audit_fee_cap: 10,
        sublicensing: true,
        prohibited: 1,
        platform_may_leave: true,
        licensor_may_leave: true,
        ..plain()
    }
}

fn milestones() -> [Milestone; 1] {
    [Milestone { amount: 5, document: HASH.0, to_pool: false }]
}

/// Everybody; those with a role of the licence contract have no other, and nobody has `LICENSOR_ROLE` in the pool but
/// the licensor.
fn cast(scene: &mut LicenceAlone) -> Cast {
    let (contract, admin) = (scene.contract, scene.admin());
    Cast::new(&mut scene.chain, contract, &["licence"], Some(&admin))
        .party("platform", &scene.account(Who::Platform))
        .party("licensor", &scene.account(Who::Licensor))
        .party("holder", &scene.account(Who::Holder))
        .party("creator", &scene.account(Who::Creator))
        .party("contributor", &scene.account(Who::Anyone))
}

fn not_platform(scene: &LicenceAlone) -> impl Fn(Address) -> Failure + Copy + 'static {
    let platform = scene.account(Who::Platform).address;
    move |caller| Failure::with(&Refusal::NotPlatform { caller, platform })
}

fn not_licensor(caller: Address) -> Failure {
    Failure::with(&Refusal::NotLicensor { account: caller })
}

fn offered(scene: &mut LicenceAlone) -> Vec<Row> {
    let licence = scene.id;
    let offer = L::offerCall {
        pool: scene.pool,
        currency: scene.currency,
        datasets: vec![DATASET],
        options: vec![menu(&Terms { upfront: 7, ..plain() }, &[])],
        expiresAt: START + DAY,
    };
    let publish = L::publishMenuCall {
        pool: scene.pool,
        currency: scene.currency,
        datasets: vec![DATASET],
        options: vec![menu(&Terms { upfront: 7, ..plain() }, &[])],
        expiresAt: START + DAY,
    };
    let menu = scene.call(Who::Licensor, publish.clone()).unwrap();
    vec![
        row(offer).paying(7),
        row(publish).only(LICENSOR, not_licensor),
        row(L::withdrawMenuCall { menu }).only(LICENSOR, not_licensor),
        row(L::takeOptionCall { menu, option: 0, currency: scene.currency, most: U256::from(7) }).paying(7),
        row(L::withdrawCall { licence }).only(PLATFORM, not_platform(scene)),
        row(L::declineCall { licence }).only(LICENSOR, not_licensor),
        row(L::acceptCall { licence, option: 0 }).only(LICENSOR, not_licensor),
    ]
}

fn accepted(scene: &LicenceAlone) -> Vec<Row> {
    let licence = scene.id;
    vec![
        row(L::fundEscrowCall { licence, value: U256::from(100) }).only(PLATFORM, not_platform(scene)).paying(100),
        row(L::lapseCall { licence }).but("FundingOpen"),
    ]
}

/// Three audits of the first quarter: asked for, answered, and reported with a fee. The contributor is approved, a
/// redaction asked for, a violation on record, the quarter over and reported.
fn busy(scene: &mut LicenceAlone) {
    let (licence, hash) = (scene.id, HASH);
    let contributor = scene.account(Who::Anyone).address;
    scene.call(Who::Auditor, L::approveContributorCall { licence, contributor, approved: true }).unwrap();
    scene.at(quarter_start(quarter() + 3));
    for (who, quarter) in [(Who::Holder, quarter()), (Who::Holder, quarter() + 1), (Who::Anyone, quarter() + 2)] {
        let timepoint = if who == Who::Holder { scene.now - 1 } else { 0 };
        scene.call(who, L::requestAuditCall { licence, quarter, scope: hash, timepoint }).unwrap();
    }
    for number in [2, 3] {
        let answer = L::answerAuditCall { licence, number, logs: hash, manifests: hash, runs: hash };
        scene.call(Who::Platform, answer).unwrap();
    }
    scene.call(Who::Auditor, audit_report(licence, 3)).unwrap();
    let redaction = L::requestRedactionCall { licence, dataset: DATASET, request: hash, manifest: MANIFEST };
    scene.call(Who::Creator, redaction).unwrap();
    let violation = L::recordViolationCall { licence, kind: 2, uses: 1, at: START, evidence: MANIFEST };
    scene.call(Who::Oracle, violation).unwrap();
    let log = L::setUsageLogCall { licence, key: hash, origin: "log.example".into(), witnesses: vec![MANIFEST] };
    scene.call(Who::Platform, log).unwrap();
    let report = UsageReport { usage: Usage { tokens: 0, calls: 3 }, metric: HASH.0, threshold: 5, report: HASH.0 };
    scene.final_report(&report);
    scene.at(quarter_start(quarter() + 1));
}

fn audit_report(licence: B256, number: u32) -> L::reportAuditCall {
    let (fee, expenses, report) = (U256::from(9), U256::ZERO, HASH);
    L::reportAuditCall { licence, number, discrepancyBps: 1, tokens: U256::ZERO, calls: 0, fee, expenses, report }
}

fn money(scene: &LicenceAlone) -> Vec<Row> {
    let (licence, quarter, mine) = (scene.id, quarter(), not_platform(scene));
    let (zero, one) = (U256::ZERO, U256::from(1));
    let report =
        L::reportRevenueCall { licence, quarter, gross: one, infrastructure: zero, taxes: zero, evidence: HASH };
    let milestone = L::certifyMilestoneCall { licence, index: 0, evidence: HASH };
    let to = Address::repeat_byte(9);
    vec![
        row(report).only(PLATFORM, mine),
        row(L::payCall { licence, quarter, value: one }).paying(1).but("QuarterNotAssessed"),
        row(L::payHeldCall { licence, quarter, value: one }).paying(1).but("QuarterNotAssessed"),
        row(L::recordDefaultCall { licence, number: quarter }).but("NotYet"),
        row(L::trueUpCall { licence, year: 1 }).but("YearNotOver"),
        row(L::payShortfallCall { licence, year: 1, value: one }).paying(1).but("NothingDue"),
        row(milestone).only(&["licensor", "ARBITER_ROLE"], not_licensor),
        row(L::refundCall { licence, to }).only(PLATFORM, mine).but("NothingToRefund"),
        row(L::forfeitEscrowCall { licence }).but("StillInForce"),
        row(L::deliverCall { licence, period: quarter }).paying(1).but(HELD),
        row(L::fundEscrowCall { licence, value: one }).paying(1),
        row(L::assessUsageCall { licence, quarter }),
    ]
}

fn conduct(scene: &LicenceAlone) -> Vec<Row> {
    let (licence, mine, hash) = (scene.id, not_platform(scene), HASH);
    let (contributor, licensee) = (Address::repeat_byte(9), Address::repeat_byte(8));
    let withdraw = L::withdrawAuditCall { licence, number: 3, expenses: false, to: contributor };
    let not_contributor = |account| Failure::with(&Refusal::NotAContributor { account });
    let not_entitled = |account| Failure::with(&Refusal::NotDatasetCreatorOrLicensor { account });
    let redaction = L::requestRedactionCall { licence, dataset: DATASET, request: hash, manifest: MANIFEST };
    let answer = L::answerAuditCall { licence, number: 1, logs: hash, manifests: hash, runs: hash };
    let violation = L::recordViolationCall { licence, kind: 2, uses: 1, at: START, evidence: hash };
    let approve = L::approveContributorCall { licence, contributor, approved: true };
    vec![
        row(approve).only(&["AUDITOR_ROLE"], lacks("AUDITOR_ROLE")),
        // It joins the open audit of the quarter.
        row(L::requestAuditCall { licence, quarter: quarter(), scope: hash, timepoint: START })
            .only(&["holder", "contributor"], not_contributor),
        row(answer).only(PLATFORM, mine),
        row(audit_report(licence, 2)).only(&["AUDITOR_ROLE"], lacks("AUDITOR_ROLE")),
        row(L::payAuditCall { licence, number: 3, expenses: false }).paying(9),
        row(withdraw).but("NotCreditor"),
        row(L::applyFindingCall { licence, number: 3 }).but("NothingDue"),
        row(L::dismissCall { licence, kind: 2, which: word(3) }).only(&["ARBITER_ROLE"], lacks("ARBITER_ROLE")),
        row(L::proposePlatformCall { licence, next: Address::ZERO }).only(PLATFORM, mine),
        row(L::acceptPlatformCall { licence }).but("NotPlatform"),
        row(L::setUsageLogCall { licence, key: hash, origin: "log.example".into(), witnesses: vec![MANIFEST] })
            .only(PLATFORM, mine),
        row(L::anchorCall { licence, epoch: 1, size: 1, root: hash }).only(PLATFORM, mine),
        row(L::recordSublicenceCall { licence, licensee, uses: 0, document: hash }).only(PLATFORM, mine),
        row(violation).only(&["ORACLE_ROLE"], lacks("ORACLE_ROLE")),
        row(redaction).only(&["licensor", "creator"], not_entitled),
        row(L::certifyRedactionCall { licence, number: 1, certificate: hash }).only(PLATFORM, mine),
        row(L::recordBreachCall { licence, kind: 1, number: quarter() }).but("NotYet"),
    ]
}

fn ending(scene: &LicenceAlone) -> Vec<Row> {
    let (licence, mine) = (scene.id, not_platform(scene));
    let terminate = |reason| row(L::terminateCall { licence, reason, kind: 1, number: quarter(), evidence: MANIFEST });
    let not_allowed = |reason| move |caller| Failure::with(&Refusal::TerminationNotAllowed { caller, reason });
    vec![
        terminate(2).only(LICENSOR, not_allowed(2)).but("NoCause"),
        terminate(3).only(LICENSOR, not_allowed(3)).but("NoCause"),
        // The time to challenge the violation runs.
        terminate(4).only(LICENSOR, not_allowed(4)).but("CureOpen"),
        terminate(5).only(&["ARBITER_ROLE"], not_allowed(5)),
        row(L::closeCall { licence }).but("StillInForce"),
        row(L::certifyDeletionCall { licence, certificate: HASH }).only(PLATFORM, mine).but("StillInForce"),
    ]
}

/// What is due once a quarter is assessed, and what is left once a licence is over.
fn later(scene: &mut LicenceAlone, matrix: &mut Matrix, cast: &Cast) {
    let (licence, quarter, contract) = (scene.id, quarter(), scene.contract);
    scene.report(quarter, 1).unwrap();
    scene.call(Who::Anyone, L::assessUsageCall { licence, quarter }).unwrap();
    let one = U256::from(1);
    let pay = row(L::payCall { licence, quarter, value: one }).paying(1);
    let pay_held = row(L::payHeldCall { licence, quarter, value: one }).paying(1);
    matrix.try_all(&mut scene.chain, contract, cast, vec![pay, pay_held]);
    // A platform that has paid may leave.
    scene.pay(quarter, 3).unwrap();
    let not_allowed = |caller| Failure::with(&Refusal::TerminationNotAllowed { caller, reason: 1 });
    let leave = L::terminateCall { licence, reason: 1, kind: 0, number: 0, evidence: HASH };
    let leave = row(leave).only(&["platform", "licensor"], not_allowed);
    matrix.try_all(&mut scene.chain, contract, cast, vec![leave]);
    scene.at(quarter_start(quarter + 2) + 200 * DAY);
    let rows = vec![
        row(L::recordDefaultCall { licence, number: quarter + 1 }),
        row(L::recordBreachCall { licence, kind: 1, number: quarter + 1 }),
    ];
    matrix.try_all(&mut scene.chain, contract, cast, rows);
    scene.call(Who::Licensor, L::terminateCall { licence, reason: 4, kind: 0, number: 0, evidence: MANIFEST }).unwrap();
    let rows = vec![
        row(L::closeCall { licence }),
        row(L::certifyDeletionCall { licence, certificate: HASH }).only(PLATFORM, not_platform(scene)),
    ];
    matrix.try_all(&mut scene.chain, contract, cast, rows);
    scene.at(START + 600 * DAY);
    matrix.try_all(&mut scene.chain, contract, cast, vec![row(L::trueUpCall { licence, year: 1 })]);
}

#[test]
fn licence() {
    let mut matrix = Matrix::new("licence");
    let mut scene = LicenceAlone::new(false);
    scene.offer(&[menu(&terms(), &milestones())], 0).unwrap();
    let (cast, contract) = (cast(&mut scene), scene.contract);
    let rows = offered(&mut scene);
    matrix.try_all(&mut scene.chain, contract, &cast, rows);
    scene.accept(0).unwrap();
    let rows = accepted(&scene);
    matrix.try_all(&mut scene.chain, contract, &cast, rows);
    scene.at(START + 6 * DAY);
    let lapse = vec![row(L::lapseCall { licence: scene.id })];
    matrix.try_all(&mut scene.chain, contract, &cast, lapse);
    scene.at(START);
    scene.fund(100).unwrap();
    busy(&mut scene);
    let mut rows = money(&scene);
    rows.extend(conduct(&scene));
    rows.extend(ending(&scene));
    rows.extend(roles("ORACLE_ROLE"));
    matrix.try_all(&mut scene.chain, contract, &cast, rows);
    later(&mut scene, &mut matrix, &cast);
    matrix.finish();
}
