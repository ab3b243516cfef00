//! Every message by everyone: the role's own refusal for all but those who have it.

use alloy_primitives::{Address, U256};
use yieldset_chain::abi::{Access, Licence};
use yieldset_rules::{
    licence::{
        Command, Terms,
        audit::{Debt, Finding},
        dues::{Figures, UsageReport},
        ending::Side,
    },
    period::quarter_at,
    revenue::Usage,
};
use yieldset_tests::{
    chain::{Failure, START, assert_refused},
    licence::{DATASET, DAY, HASH, MANIFEST, Scene, Who, menu, plain, role},
};

/// Errors that say who may not.
const GATES: [&str; 6] = [
    "NotPlatform",
    "NotLicensor",
    "AccessControlUnauthorizedAccount",
    "TerminationNotAllowed",
    "NotAContributor",
    "NotDatasetCreatorOrLicensor",
];

/// Each message, and who may send it.
fn messages() -> Vec<(Command, &'static [Who])> {
    use Who::{Arbiter, Auditor, Creator, Holder, Licensor, Oracle, Platform};
    const EVERYONE: &[Who] = &Who::ALL;
    let quarter = quarter_at(START);
    let hash = HASH.0;
    let figures = Figures { gross: 1, infrastructure: 0, taxes: 0, evidence: hash };
    let usage = UsageReport { usage: Usage::default(), metric: hash, threshold: 0, report: hash };
    let finding = Finding { discrepancy_bps: 0, fee: 0, expenses: 0, report: hash };
    let terminate = |reason| Command::Terminate { reason, side: Side::None, evidence: hash };
    vec![
        (Command::Withdraw, &[Platform]),
        (Command::Decline, &[Licensor]),
        (Command::Accept(0), &[Licensor]),
        (Command::FundEscrow(1), &[Platform]),
        (Command::Lapse, EVERYONE),
        (Command::Report(quarter, figures), &[Platform]),
        (Command::ReportUsage(quarter, usage), &[Oracle]),
        (Command::Pay(quarter, 1), &[Platform]),
        (Command::RecordDefault(quarter), EVERYONE),
        (Command::TrueUp(1), EVERYONE),
        (Command::PayShortfall(1, 1), &[Platform]),
        (Command::CertifyMilestone(0, hash), &[Licensor, Arbiter]),
        (Command::Refund([9; 20]), &[Platform]),
        (Command::Deliver(quarter), EVERYONE),
        (Command::ApproveContributor([9; 20], true), &[Auditor]),
        (Command::RequestAudit { holder: true, scope: hash }, &[Holder]),
        (Command::AnswerAudit(1, [hash; 3]), &[Platform]),
        (Command::ReportAudit(1, finding), &[Auditor]),
        (Command::PayAudit(1, Debt::Fee), &[Platform]),
        (Command::PayAudit(1, Debt::Expenses), &[Platform]),
        (Command::RecordSublicence { licensee: [9; 20], uses: 0, document: hash }, &[Platform]),
        (Command::RecordViolation { kind: 4, uses: 0, at: START, evidence: hash }, &[Oracle]),
        (Command::RequestRedaction { dataset: DATASET.0, request: hash, manifest: MANIFEST.0 }, &[Licensor, Creator]),
        (Command::CertifyRedaction(1, hash), &[Platform]),
        (Command::RecordBreach(1, quarter), EVERYONE),
        (Command::Close, EVERYONE),
        (Command::CertifyDeletion(hash), &[Platform]),
        (terminate(2), &[Licensor]),
        (terminate(3), &[Licensor]),
        (terminate(4), &[Licensor]),
        (terminate(1), &[Platform, Licensor]),
        (terminate(5), &[Arbiter]),
    ]
}

fn is_gate(result: &Result<(), Failure>) -> bool {
    result.as_ref().is_err_and(|failure| GATES.iter().any(|gate| failure.is(gate)))
}

/// Who has no role is refused for that, in any stage, and who has it never is.
#[test]
fn every_message_by_everyone() {
    let terms = Terms { platform_may_leave: true, licensor_may_leave: true, ..plain() };
    for (command, allowed) in messages() {
        let mut scene = Scene::licensed(false, terms, &[]);
        for who in Who::ALL {
            if !allowed.contains(&who) {
                let result = scene.send(who, &command, 0);
                assert!(is_gate(&result), "{command:?} by {who:?}: {result:?}");
            }
        }
        for who in allowed {
            let mut scene = Scene::licensed(false, terms, &[]);
            let result = scene.send(*who, &command, 0);
            assert!(!is_gate(&result), "{command:?} by {who:?}: {result:?}");
        }
    }
}

/// An approved contributor audits without shares; the approval can be taken back.
#[test]
fn an_auditor_approves_contributors() {
    let mut scene = Scene::licensed(false, plain(), &[]);
    let licence = scene.id;
    let contributor = scene.account(Who::Anyone).address;
    let approve = |approved| Licence::approveContributorCall { licence, contributor, approved };
    scene.call(Who::Auditor, approve(true)).unwrap();
    let request = Licence::requestAuditCall { licence, scope: HASH };
    scene.call(Who::Anyone, request.clone()).unwrap();
    scene.call(Who::Auditor, approve(false)).unwrap();
    assert_refused(scene.call(Who::Anyone, request), "NotAContributor");
}

/// Roles in the terms of OpenZeppelin's AccessControl, with the admin handed over in two steps.
#[test]
fn roles_are_granted_and_handed_over() {
    let mut scene = Scene::licensed(false, plain(), &[]);
    let (admin, contract, oracle) = (scene.admin(), scene.contract, role("ORACLE_ROLE"));
    let account = scene.account(Who::Anyone).address;
    let grant = Access::grantRoleCall { role: oracle, account };
    assert_refused(scene.call(Who::Anyone, grant.clone()), "AccessControlUnauthorizedAccount");
    scene.chain.call(&admin, contract, grant, 0).unwrap();
    assert!(scene.view(Access::hasRoleCall { role: oracle, account }));
    assert!(scene.view(Access::getRoleAdminCall { role: oracle }).is_zero());
    let violation = Licence::recordViolationCall { licence: scene.id, kind: 3, uses: 0, at: START, evidence: HASH };
    scene.call(Who::Anyone, violation).unwrap();
    scene.chain.call(&admin, contract, Access::revokeRoleCall { role: oracle, account }, 0).unwrap();
    assert!(!scene.view(Access::hasRoleCall { role: oracle, account }));

    let oracles = scene.account(Who::Oracle).address;
    let renounce = Access::renounceRoleCall { role: oracle, callerConfirmation: oracles };
    assert_refused(scene.call(Who::Anyone, renounce.clone()), "AccessControlBadConfirmation");
    scene.call(Who::Oracle, renounce).unwrap();
    assert!(!scene.view(Access::hasRoleCall { role: oracle, account: oracles }));

    let default = Access::grantRoleCall { role: [0; 32].into(), account };
    let refused = scene.chain.call(&admin, contract, default, 0).map(|_| ());
    assert_refused(refused, "AccessControlEnforcedDefaultAdminRules");
    let begin = Access::beginDefaultAdminTransferCall { newAdmin: account };
    assert_refused(scene.call(Who::Anyone, begin.clone()), "AccessControlUnauthorizedAccount");
    scene.chain.call(&admin, contract, begin, 0).unwrap();
    assert_eq!(scene.view(Access::pendingDefaultAdminCall {}), account);
    let accept = Access::acceptDefaultAdminTransferCall {};
    assert_refused(scene.call(Who::Platform, accept.clone()), "AccessControlInvalidDefaultAdmin");
    scene.call(Who::Anyone, accept).unwrap();
    let now = (scene.view(Access::defaultAdminCall {}), scene.view(Access::pendingDefaultAdminCall {}));
    assert_eq!(now, (account, Address::ZERO));
    assert_eq!(scene.view(Licence::manifestsCall {}), scene.manifests);
}

/// The default admin has no way to anyone's money: every message with money is the platform's or for the pool.
#[test]
fn the_admin_moves_no_money() {
    let terms = Terms { upfront: 10, escrow: 50, funding_days: 1, ..plain() };
    let mut scene = Scene::new(false);
    scene.offer(&[menu(&terms, &[])], 10).unwrap();
    scene.accept(0).unwrap();
    scene.fund(50).unwrap();
    let (admin, contract) = (scene.admin(), scene.contract);
    for name in ["ORACLE_ROLE", "AUDITOR_ROLE", "ARBITER_ROLE"] {
        let grant = Access::grantRoleCall { role: role(name), account: admin.address };
        scene.chain.call(&admin, contract, grant, 0).unwrap();
    }
    scene.at(START + DAY);
    let order = Licence::terminateCall { licence: scene.id, reason: 5, evidence: HASH };
    scene.chain.call(&admin, contract, order, 0).unwrap();
    let refund = Licence::refundCall { licence: scene.id, to: admin.address };
    assert_refused(scene.chain.call(&admin, contract, refund, 0), "NotPlatform");
    assert_eq!((scene.own_balance(), scene.refund().unwrap()), (U256::from(50), U256::from(50)));
}
