//! Roles, in OpenZeppelin's terms.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use yieldset_chain::abi::Access;
use yieldset_chain::deployment::role;
use yieldset_tests::chain::assert_refused;
use yieldset_tests::kyc::{KycRegistry, set_record};

fn has(r: &mut KycRegistry, role: B256, account: Address) -> bool {
    r.ask(Access::hasRoleCall { role, account })
}

#[test]
fn roles_are_given_taken_and_renounced() {
    let mut r = KycRegistry::new();
    let (admin, agent, nobody) = (r.admin.clone(), r.agent.clone(), r.nobody.clone());
    let agents = role("AGENT_ROLE");
    assert!(has(&mut r, agents, agent.address) && !has(&mut r, agents, admin.address));
    assert!(has(&mut r, B256::ZERO, admin.address) && !has(&mut r, B256::ZERO, agent.address));
    assert_eq!(r.ask(Access::getRoleAdminCall { role: agents }), B256::ZERO);
    r.chain.take_logs();
    r.call(&admin, Access::grantRoleCall { role: agents, account: nobody.address }).unwrap();
    r.call(&admin, Access::grantRoleCall { role: agents, account: nobody.address }).unwrap();
    r.call(&nobody, set_record(agent.address)).unwrap();
    r.call(&admin, Access::revokeRoleCall { role: agents, account: nobody.address }).unwrap();
    r.call(&admin, Access::revokeRoleCall { role: agents, account: nobody.address }).unwrap();
    assert_refused(r.call(&nobody, set_record(agent.address)), "AccessControlUnauthorizedAccount");
    let logs = r.chain.take_logs();
    assert_eq!(logs.len(), 3, "what changes nothing tells nothing");
    let granted = Access::RoleGranted::decode_raw_log(logs[0].topics.iter(), &logs[0].data).unwrap();
    let expected = Access::RoleGranted { role: agents, account: nobody.address, sender: admin.address };
    assert_eq!(granted, expected);
    let revoked = Access::RoleRevoked::decode_raw_log(logs[2].topics.iter(), &logs[2].data).unwrap();
    let expected = Access::RoleRevoked { role: agents, account: nobody.address, sender: admin.address };
    assert_eq!(revoked, expected);
    let renounce = |confirmation| Access::renounceRoleCall { role: agents, callerConfirmation: confirmation };
    assert_refused(r.call(&agent, renounce(admin.address)), "AccessControlBadConfirmation");
    r.call(&agent, renounce(agent.address)).unwrap();
    assert!(!has(&mut r, agents, agent.address));
}

#[test]
fn the_default_admin_hands_over_in_two_steps() {
    let mut r = KycRegistry::new();
    let (admin, next, nobody) = (r.admin.clone(), r.agent.clone(), r.nobody.clone());
    for call in [
        Access::grantRoleCall { role: B256::ZERO, account: nobody.address },
        Access::grantRoleCall { role: B256::ZERO, account: admin.address },
    ] {
        assert_refused(r.call(&admin, call), "AccessControlEnforcedDefaultAdminRules");
    }
    let revoke = Access::revokeRoleCall { role: B256::ZERO, account: admin.address };
    assert_refused(r.call(&admin, revoke), "AccessControlEnforcedDefaultAdminRules");
    let renounce = Access::renounceRoleCall { role: B256::ZERO, callerConfirmation: admin.address };
    assert_refused(r.call(&admin, renounce), "AccessControlEnforcedDefaultAdminRules");
    let begin = |account| Access::beginDefaultAdminTransferCall { newAdmin: account };
    let accept = Access::acceptDefaultAdminTransferCall {};
    assert_refused(r.call(&next, accept.clone()), "AccessControlInvalidDefaultAdmin");
    r.call(&admin, begin(nobody.address)).unwrap();
    r.call(&admin, begin(next.address)).unwrap();
    assert_eq!(r.ask(Access::pendingDefaultAdminCall {}), next.address);
    assert_refused(r.call(&nobody, accept.clone()), "AccessControlInvalidDefaultAdmin");
    // A proposal can be taken back.
    r.call(&admin, begin(Address::ZERO)).unwrap();
    assert_refused(r.call(&next, accept.clone()), "AccessControlInvalidDefaultAdmin");
    r.call(&admin, begin(next.address)).unwrap();
    assert_eq!(r.ask(Access::defaultAdminCall {}), admin.address);
    r.chain.take_logs();
    r.call(&next, accept.clone()).unwrap();
    assert_eq!(r.chain.take_logs().len(), 2);
    assert_eq!(r.ask(Access::defaultAdminCall {}), next.address);
    assert_eq!(r.ask(Access::pendingDefaultAdminCall {}), Address::ZERO);
    assert_refused(r.call(&next, accept), "AccessControlInvalidDefaultAdmin");
    assert_refused(r.call(&admin, begin(admin.address)), "AccessControlUnauthorizedAccount");
    r.call(&next, begin(admin.address)).unwrap();
}
