//! What roles do. Who may send what is in the matrix.

use alloy_primitives::{Address, U256};
use yieldset_chain::abi::{Access, Licence};
use yieldset_chain::deployment::role;
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::{
    chain::{START, assert_refused},
    licence::{DAY, HASH, LicenceAlone, Who, menu, plain},
};

/// An approved contributor audits without shares; the approval can be taken back.
#[test]
fn an_auditor_approves_contributors() {
    let mut scene = LicenceAlone::licensed(false, plain(), &[]);
    let (licence, quarter) = (scene.id, quarter_at(START));
    scene.at(quarter_start(quarter + 1));
    let contributor = scene.account(Who::Anyone).address;
    let approve = |approved| Licence::approveContributorCall { licence, contributor, approved };
    scene.call(Who::Auditor, approve(true)).unwrap();
    let request = Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint: 0 };
    scene.call(Who::Anyone, request.clone()).unwrap();
    scene.call(Who::Auditor, approve(false)).unwrap();
    assert_refused(scene.call(Who::Anyone, request), "NotAContributor");
}

/// Roles in the terms of OpenZeppelin's AccessControl, with the admin handed over in two steps.
#[test]
fn roles_are_granted_and_handed_over() {
    let mut scene = LicenceAlone::licensed(false, plain(), &[]);
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
    let mut scene = LicenceAlone::new(false);
    scene.offer(&[menu(&terms, &[])], 10).unwrap();
    scene.accept(0).unwrap();
    scene.fund(50).unwrap();
    let (admin, contract) = (scene.admin(), scene.contract);
    for name in ["ORACLE_ROLE", "AUDITOR_ROLE", "ARBITER_ROLE"] {
        let grant = Access::grantRoleCall { role: role(name), account: admin.address };
        scene.chain.call(&admin, contract, grant, 0).unwrap();
    }
    scene.at(START + DAY);
    let order = Licence::terminateCall { licence: scene.id, reason: 5, kind: 0, number: 0, evidence: HASH };
    scene.chain.call(&admin, contract, order, 0).unwrap();
    let refund = Licence::refundCall { licence: scene.id, to: admin.address };
    assert_refused(scene.chain.call(&admin, contract, refund, 0), "NotPlatform");
    // What is in escrow comes back once the last quarter is reported: to the platform, on anybody's word.
    assert_refused(scene.refund(), "NothingToRefund");
    scene.report(quarter_at(START), 0).unwrap();
    let to = scene.account(Who::Platform).address;
    let before = (scene.own_balance(), scene.balance(to));
    let refund = Licence::refundCall { licence: scene.id, to };
    assert_eq!(scene.chain.call(&admin, contract, refund, 0).unwrap(), U256::from(50));
    let after = (scene.own_balance() + U256::from(50), scene.balance(to) - U256::from(50));
    assert_eq!(before, after);
}
