//! The test contracts do what they are told: a test against a hostile contract that is not hostile proves nothing.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::deployment::role;
use yieldset_tests::chain::{Account, Chain, Failure, assert_refused};
use yieldset_tests::fixtures::{self, Hostile, RECEIVE, StandInPool, Token, mode};

fn balance(chain: &mut Chain, by: &Account, token: Address, account: Address) -> u128 {
    chain.call(by, token, Token::balanceOfCall { account }, 0).unwrap().to()
}

#[test]
fn a_hostile_token_misbehaves_in_every_mode() {
    let mut chain = Chain::new();
    let alice = chain.account(1);
    let bob = Address::repeat_byte(7);
    let token = fixtures::hostile_token(&mut chain, &alice);
    let amount = U256::from(100);
    chain.call(&alice, token, Token::mintCall { to: alice.address, value: U256::from(10_000) }, 0).unwrap();
    let call = Token::transferCall { to: bob, value: amount }.abi_encode();
    // Mode, length of the answer or None where it fails, answer's last byte, what bob gets.
    let modes = [
        (mode::HONEST, Some(32), 1, 100),
        (mode::REVERT, None, 0, 0),
        (mode::REVERT_MUCH, None, 0, 0),
        (mode::BURN_GAS, None, 0, 0),
        (mode::SAY_FALSE, Some(32), 0, 0),
        (mode::SAY_TRUE, Some(32), 1, 0),
        (mode::SAY_NOTHING, Some(0), 0, 100),
        (mode::SAY_MUCH, Some(10_272), 1, 100),
        (mode::TAKE_FEE, Some(32), 1, 98),
        (mode::SAY_TWO, Some(32), 2, 100),
        (mode::SAY_SHORT, Some(16), 0, 100),
        (mode::DO_SAY_FALSE, Some(32), 0, 100),
    ];
    for (mode, length, last, got) in modes {
        fixtures::set_mode::<Token::transferCall>(&mut chain, &alice, token, mode);
        let before = balance(&mut chain, &alice, token, bob);
        let answer = chain.call_raw(&alice, token, call.clone(), 0);
        assert_eq!(balance(&mut chain, &alice, token, bob) - before, got, "mode {mode}");
        match (length, answer) {
            (None, Err(Failure::Unknown(data))) => {
                assert_eq!(data.len() >= 10_240, mode == mode::REVERT_MUCH, "mode {mode}");
            }
            (None, Err(Failure::Dispatch(_))) => assert_eq!(mode, mode::BURN_GAS),
            (Some(length), Ok(answer)) => {
                assert_eq!(answer.len(), length, "mode {mode}");
                assert_eq!(answer.get(31).copied().unwrap_or(0), last, "mode {mode}");
            }
            (_, answer) => panic!("mode {mode}: {answer:?}"),
        }
    }
    // The last byte of a short word is cut off, so its mode is told apart by its length alone.
    for (mode, attempts) in [(mode::REENTER, 1), (mode::REENTER_AFTER, 2)] {
        fixtures::set_mode::<Token::transferCall>(&mut chain, &alice, token, mode);
        let probe = Token::balanceOfCall { account: bob };
        fixtures::set_target(&mut chain, &alice, token, token, &probe);
        chain.call_raw(&alice, token, call.clone(), 0).unwrap();
        assert_eq!(chain.call(&alice, token, Hostile::attemptsCall {}, 0).unwrap(), U256::from(attempts));
    }
    // A view can lie too.
    fixtures::set_mode::<Token::balanceOfCall>(&mut chain, &alice, token, mode::SAY_FALSE);
    assert_eq!(balance(&mut chain, &alice, token, bob), 0);
}

#[test]
fn a_hostile_recipient_rejects_burns_and_re_enters() {
    let mut chain = Chain::new();
    let alice = chain.account(1);
    let recipient = fixtures::hostile_recipient(&mut chain, &alice);
    for (mode, accepts) in [
        (mode::HONEST, true),
        (mode::SAY_MUCH, true),
        (mode::REENTER, true),
        (mode::REVERT, false),
        (mode::REVERT_MUCH, false),
        (mode::BURN_GAS, false),
    ] {
        fixtures::set_mode_of(&mut chain, &alice, recipient, RECEIVE, mode);
        assert_eq!(chain.call_raw(&alice, recipient, Vec::new(), 1_000_000).is_ok(), accepts, "mode {mode}");
    }
    assert_eq!(chain.balance(recipient), U256::from(3_000_000));
    let token = fixtures::plain_token(&mut chain, &alice, 6);
    let mint = Token::mintCall { to: recipient, value: U256::from(5) };
    chain.call(&alice, token, mint, 0).unwrap();
    let send = Token::transferCall { to: alice.address, value: U256::from(6) };
    let refused = fixtures::execute(&mut chain, &alice, recipient, token, &send, 0);
    assert_refused(refused, "ERC20InsufficientBalance");
    let send = Token::transferCall { to: alice.address, value: U256::from(5) };
    assert!(fixtures::execute(&mut chain, &alice, recipient, token, &send, 0).unwrap());
    assert_eq!(balance(&mut chain, &alice, token, alice.address), 5);
}

#[test]
fn a_stand_in_pool_reserves_releases_and_delivers() {
    let mut chain = Chain::new();
    let (market, owner) = (chain.account(1), chain.account(2));
    let buyer = Address::repeat_byte(7);
    let pool = fixtures::stand_in_pool(&mut chain, &market, Address::ZERO);
    let shares = U256::from(100);
    chain.call(&market, pool, Token::mintCall { to: owner.address, value: shares }, 0).unwrap();
    let reserve = StandInPool::reserveCall { owner: owner.address, amount: shares };
    let missing = chain.call(&market, pool, reserve.clone(), 0);
    assert_refused(missing, "AccessControlUnauthorizedAccount");
    let grant = StandInPool::grantRoleCall { role: role("MARKET_ROLE"), account: market.address };
    chain.call(&market, pool, grant, 0).unwrap();
    assert_refused(chain.call(&market, pool, reserve.clone(), 0), "ERC20InsufficientAllowance");
    let approve = Token::approveCall { spender: market.address, value: U256::from(300) };
    chain.call(&owner, pool, approve, 0).unwrap();
    chain.call(&market, pool, reserve.clone(), 0).unwrap();
    assert_refused(chain.call(&market, pool, reserve, 0), "ERC20InsufficientBalance");
    let away = Token::transferCall { to: buyer, value: U256::from(1) };
    assert_refused(chain.call(&owner, pool, away, 0), "ERC20InsufficientBalance");
    let codes = StandInPool::setCodesCall { account: owner.address, asSender: 5, asRecipient: 6 };
    chain.call(&market, pool, codes, 0).unwrap();
    let deliver = StandInPool::deliverCall { from: owner.address, to: buyer, amount: U256::from(60) };
    assert_refused(chain.call(&market, pool, deliver.clone(), 0), "TransferRestricted");
    let release = StandInPool::releaseCall { owner: owner.address, amount: U256::from(40) };
    chain.call(&market, pool, release, 0).unwrap();
    let codes = StandInPool::setCodesCall { account: owner.address, asSender: 0, asRecipient: 0 };
    chain.call(&market, pool, codes, 0).unwrap();
    chain.call(&market, pool, deliver, 0).unwrap();
    assert_eq!(balance(&mut chain, &owner, pool, buyer), 60);
    let left = chain.call(&owner, pool, StandInPool::reservedOfCall { owner: owner.address }, 0).unwrap();
    assert_eq!(left, U256::ZERO);
}
