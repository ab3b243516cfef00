use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolConstructor, SolValue};
use yieldset_chain::abi::{Access, Pool};
use yieldset_chain::deployment::{label, role};
use yieldset_tests::chain::{Failure, START, assert_refused, blob, root_file};
use yieldset_tests::kyc::{Issuer, order};
use yieldset_tests::system::System;

use super::transfer;

/// Selectors of everything in the checked-in ABI of a pool.
fn messages() -> Vec<(String, [u8; 4])> {
    let text = std::fs::read_to_string(root_file("contracts/artifacts/pool.abi")).unwrap();
    let abi: serde_json::Value = serde_json::from_str(&text).unwrap();
    let items = abi.as_array().unwrap().iter().filter(|item| item["type"] == "function");
    items
        .map(|item| {
            let inputs = item["inputs"].as_array().unwrap();
            let types: Vec<_> = inputs.iter().map(|input| input["type"].as_str().unwrap()).collect();
            let signature = format!("{}({})", item["name"].as_str().unwrap(), types.join(","));
            let selector = keccak256(&signature)[..4].try_into().unwrap();
            (signature, selector)
        })
        .collect()
}

/// Messages are dispatched by hand: each of the ABI is known to the pool, and none that is not in it.
#[test]
fn every_message_of_the_abi_is_answered() {
    let mut s = System::new();
    let (alice, pool) = (s.chain.account(1), s.pool);
    let messages = messages();
    assert!(messages.len() > 60, "{}", messages.len());
    for (signature, selector) in messages {
        let mut data = selector.to_vec();
        data.resize(4 + 32 * 16, 0);
        if let Err(failure) = s.chain.call_raw(&alice, pool, data, 0) {
            assert!(!failure.is("UnknownMessage"), "{signature}");
        }
        // Without its arguments it is no call.
        if !signature.ends_with("()") {
            let cut = s.chain.call_raw(&alice, pool, selector.to_vec(), 0);
            assert_eq!(cut, Err(Failure::Unknown(vec![])), "{signature}");
        }
    }
    assert_refused(s.chain.call_raw(&alice, pool, vec![1, 2, 3, 4], 0), "UnknownMessage");
    assert_refused(s.chain.call_raw(&alice, pool, vec![], 0), "UnknownMessage");
}

/// Money is taken where the ABI says so and nowhere else, and never without a message.
#[test]
fn only_payable_messages_take_money() {
    let mut s = System::new();
    let (alice, pool) = (s.holder(1), s.pool);
    for (signature, selector) in messages() {
        if ["deposit(bytes32,uint32,uint256)", "buy(uint256,uint256)"].contains(&signature.as_str()) {
            continue;
        }
        let mut data = selector.to_vec();
        data.resize(4 + 32 * 16, 0);
        assert_eq!(s.chain.call_raw(&alice, pool, data, 1_000_000), Err(Failure::Unknown(vec![])), "{signature}");
    }
    assert!(s.chain.call_raw(&alice, pool, vec![], 1_000_000).is_err());
    assert_eq!(s.chain.balance(pool), U256::ZERO);
}

/// A pool is made once, from valid terms, and its logic is no pool.
#[test]
fn a_pool_is_initialised_once() {
    let mut s = System::new();
    let (alice, admin, pool, logic) = (s.holder(1), s.admin.clone(), s.pool, s.logic);
    let again = Pool::initialiseCall {
        logic,
        name: label("x").unwrap(),
        symbol: label("x").unwrap(),
        kyc: s.kyc,
        attribution: s.attribution,
        currency: Address::ZERO,
        contributorsBps: 1,
        admin: alice.address,
    };
    for target in [pool, logic] {
        assert_refused(s.call(&alice, target, again.clone()), "AlreadyInitialised");
    }
    assert_refused(s.call(&alice, logic, Pool::totalSupplyCall {}), "NotInitialised");
    let deposit = Pool::depositCall { stream: B256::ZERO, period: 1, amount: U256::from(1_000_000) };
    assert_refused(s.chain.call(&alice, logic, deposit, 1_000_000), "NotInitialised");
    let terms = Pool::constructorCall {
        logic,
        name: label("x").unwrap(),
        symbol: label("x").unwrap(),
        kyc: s.kyc,
        attribution: s.attribution,
        currency: Address::ZERO,
        contributorsBps: 10_000,
        admin: admin.address,
    };
    let mut make = |terms: &Pool::constructorCall| s.chain.instantiate(&admin, blob("pool"), terms.abi_encode());
    make(&terms).unwrap();
    assert_refused(make(&Pool::constructorCall { contributorsBps: 10_001, ..terms.clone() }), "InvalidBasisPoints");
    assert_refused(make(&Pool::constructorCall { symbol: B256::ZERO, ..terms.clone() }), "EmptyLabel");
    assert_refused(make(&Pool::constructorCall { logic: alice.address, ..terms.clone() }), "NotInitialised");
}

/// Roles as OpenZeppelin's: given and taken by the default admin, who hands itself over in two steps.
#[test]
fn the_admin_hands_over_in_two_steps() {
    let mut s = System::new();
    let (alice, bob, admin, pool) = (s.holder(1), s.holder(2), s.admin.clone(), s.pool);
    let issuer = role("ISSUER_ROLE");
    let grant = Access::grantRoleCall { role: issuer, account: alice.address };
    assert_refused(s.call(&alice, pool, grant.clone()), "AccessControlUnauthorizedAccount");
    s.call(&admin, pool, grant).unwrap();
    s.call(&alice, pool, Pool::mintCall { to: bob.address, amount: U256::from(1) }).unwrap();
    let renounce = |account| Access::renounceRoleCall { role: issuer, callerConfirmation: account };
    assert_refused(s.call(&alice, pool, renounce(bob.address)), "AccessControlBadConfirmation");
    s.call(&alice, pool, renounce(alice.address)).unwrap();
    assert!(!s.call(&bob, pool, Access::hasRoleCall { role: issuer, account: alice.address }).unwrap());
    let own = Access::grantRoleCall { role: B256::ZERO, account: alice.address };
    assert_refused(s.call(&admin, pool, own), "AccessControlEnforcedDefaultAdminRules");
    let accept = Access::acceptDefaultAdminTransferCall {};
    assert_refused(s.call(&alice, pool, accept.clone()), "AccessControlInvalidDefaultAdmin");
    let begin = Access::beginDefaultAdminTransferCall { newAdmin: alice.address };
    assert_refused(s.call(&alice, pool, begin.clone()), "AccessControlUnauthorizedAccount");
    s.call(&admin, pool, begin).unwrap();
    assert_eq!(s.call(&bob, pool, Access::pendingDefaultAdminCall {}).unwrap(), alice.address);
    s.call(&alice, pool, accept).unwrap();
    assert_eq!(s.call(&bob, pool, Access::defaultAdminCall {}).unwrap(), alice.address);
    let revoke = Access::revokeRoleCall { role: issuer, account: admin.address };
    assert_refused(s.call(&admin, pool, revoke.clone()), "AccessControlUnauthorizedAccount");
    s.call(&alice, pool, revoke).unwrap();
}

/// EIP-2612: a signed allowance counts once, until its deadline, for its owner, spender, value and pool.
#[test]
fn permits_are_signed_and_used_once() {
    let mut s = System::new();
    let (alice, pool) = (s.holder(1), s.pool);
    let key = Issuer::number(7);
    let owner = key.address;
    let domain = s.call(&alice, pool, Pool::DOMAIN_SEPARATORCall {}).unwrap();
    let type_hash = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    let sign = |nonce: u64, value: u64, deadline: u64| {
        let fields =
            (type_hash, owner, alice.address, U256::from(value), U256::from(nonce), U256::from(deadline)).abi_encode();
        let hash = keccak256([&[0x19, 0x01][..], &domain.0, &keccak256(fields).0].concat());
        let (v, r, s) = key.sign_digest(hash);
        Pool::permitCall {
            owner,
            spender: alice.address,
            value: U256::from(value),
            deadline: U256::from(deadline),
            v,
            r,
            s,
        }
    };
    let good = sign(0, 50, START);
    let mut changed = good.clone();
    changed.value = U256::from(51);
    assert_refused(s.call(&alice, pool, changed), "ERC2612InvalidSigner");
    let mut other = good.clone();
    other.owner = alice.address;
    assert_refused(s.call(&alice, pool, other), "ERC2612InvalidSigner");
    s.call(&alice, pool, good.clone()).unwrap();
    let allowed = s.call(&alice, pool, Pool::allowanceCall { owner, spender: alice.address }).unwrap();
    assert_eq!(allowed, U256::from(50));
    assert_refused(s.call(&alice, pool, good), "ERC2612InvalidSigner");
    assert_eq!(s.call(&alice, pool, Pool::noncesCall { owner }).unwrap(), U256::from(1));
    assert_refused(s.call(&alice, pool, sign(1, 1, START - 1)), "ERC2612ExpiredSignature");
    // The same signature with the other root of s is not taken.
    let mut high = sign(1, 1, START);
    high.s = (order() - U256::from_be_bytes(high.s.0)).into();
    high.v = if high.v == 27 { 28 } else { 27 };
    assert_refused(s.call(&alice, pool, high), "ERC2612InvalidSigner");
    // An unlimited allowance is not used up.
    s.mint(&alice, 10).unwrap();
    let bob = s.holder(2);
    s.call(&alice, pool, Pool::approveCall { spender: bob.address, amount: U256::MAX }).unwrap();
    let from = Pool::transferFromCall { from: alice.address, to: bob.address, amount: U256::from(4) };
    s.call(&bob, pool, from).unwrap();
    let left = s.call(&alice, pool, Pool::allowanceCall { owner: alice.address, spender: bob.address }).unwrap();
    assert_eq!(left, U256::MAX);
    transfer(&mut s, &bob, &alice, 4).unwrap();
}
