//! Lost bonds that a pool did not take: whatever pool and token do, the registry has what it holds for others.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Pool};
use yieldset_tests::{
    attribution::{BOND, contract_of},
    chain::Account,
    contributors::Contributors,
    fixtures::{self, StandInPool, Token, hostile_token, mode, set_mode, set_mode_of, set_target, stand_in_pool},
    system::System,
};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const OTHER: B256 = B256::repeat_byte(4);
const COIN: u128 = 10u128.pow(18);

/// A pool that takes what a word of calldata says of the registry's money; a deposit takes nothing.
fn taking_pool(s: &mut System, token: Address) -> Address {
    let registry = s.attribution;
    let mut code = vec![0x36, 0x60, 32, 0x14, 0x60, 34, 0x57];
    code.extend_from_slice(&[0x60, 0, 0x35, 0x60, 0xe0, 0x1c, 0x63]);
    code.extend_from_slice(&Pool::currencyCall::SELECTOR);
    code.extend_from_slice(&[0x14, 0x60, 27, 0x57, 0x60, 0, 0x60, 0, 0xfd]);
    code[5] = 60;
    assert_eq!(code.len(), 27, "where the currency is told");
    code.extend_from_slice(&[0x5b, 0x73]);
    code.extend_from_slice(token.as_slice());
    code.extend_from_slice(&[0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]);
    code.resize(60, 0);
    code.extend_from_slice(&[0x5b, 0x60, 0, 0x35, 0x63]);
    code.extend_from_slice(&Token::transferFromCall::SELECTOR);
    code.extend_from_slice(&[0x60, 0xe0, 0x1b, 0x60, 0, 0x52, 0x73]);
    code.extend_from_slice(registry.as_slice());
    code.extend_from_slice(&[0x60, 4, 0x52, 0x30, 0x60, 0x24, 0x52, 0x60, 0x44, 0x52]);
    code.extend_from_slice(&[0x60, 0, 0x60, 0, 0x60, 0x64, 0x60, 0, 0x60, 0, 0x73]);
    code.extend_from_slice(token.as_slice());
    code.extend_from_slice(&[0x5a, 0xf1, 0x50, 0x00]);
    let admin = s.admin.clone();
    contract_of(&mut s.chain, &admin, &code)
}

/// Bob disputes a report of this pool, Dora another one, in this token. Both bonds are in the registry.
fn two_disputes(s: &mut System, token: Address) -> [Account; 2] {
    let [bob, dora] = [2, 3].map(|n| s.chain.account(n));
    let (admin, registry, pool) = (s.admin.clone(), s.attribution, s.pool);
    s.grant(registry, "ARBITER_ROLE", &admin);
    let c = Contributors::new([bob.address, dora.address]);
    for (account, stream) in [(&bob, STREAM), (&dora, OTHER)] {
        s.call(&admin, token, Token::mintCall { to: account.address, value: U256::from(10 * COIN) }).unwrap();
        s.call(account, token, Token::approveCall { spender: registry, value: U256::MAX }).unwrap();
        c.post(s, stream, PERIOD);
        let (reason, max) = (B256::repeat_byte(1), U256::from(10 * COIN));
        s.call(account, registry, Attribution::disputeCall { pool, stream, period: PERIOD, reason, maxBond: max })
            .unwrap();
    }
    [bob, dora]
}

/// What the registry has of a token, and what it holds for others.
fn books(s: &mut System, currency: Address) -> (U256, U256) {
    let (admin, registry) = (s.admin.clone(), s.attribution);
    let held = s.call(&admin, registry, Attribution::holdingsCall { currency }).unwrap();
    let has = if currency.is_zero() {
        s.chain.balance(registry)
    } else {
        s.call(&admin, currency, Token::balanceOfCall { account: registry }).unwrap()
    };
    (has, held.locked + held.released)
}

/// Proves SAFE-12: no allowance is left where a token does not say that it gave one: it may have.
#[test]
fn what_a_token_denies_to_have_allowed_is_not_allowed() {
    let mut left = vec![];
    for denial in [mode::DO_SAY_FALSE, mode::SAY_TWO, mode::SAY_SHORT, mode::SAY_NOTHING] {
        let mut s = System::with_bonds(0);
        let admin = s.admin.clone();
        let token = hostile_token(&mut s.chain, &admin);
        s.pool = taking_pool(&mut s, token);
        let [bob, _] = two_disputes(&mut s, token);
        set_mode::<Token::approveCall>(&mut s.chain, &admin, token, denial);
        let (pool, registry) = (s.pool, s.attribution);
        let reject = s.call(&admin, registry, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD });
        let allowed = s.call(&bob, token, Token::allowanceCall { owner: registry, spender: pool }).unwrap();
        let _ = s.chain.call_raw(&bob, pool, allowed.to_be_bytes::<32>().to_vec(), 0);
        let (has, held) = books(&mut s, token);
        if !allowed.is_zero() || has != held {
            left.push((denial, reject.is_ok(), allowed, has, held));
        }
    }
    assert!(left.is_empty(), "mode, ruled, allowed, has, holds: {left:?}");
}

/// Proves SAFE-12: a pool that pays back into the registry during its deposit, all, more, or a unit less, changes
/// nothing that others have: the registry has at least what it holds, and nothing is allowed.
#[test]
fn a_pool_that_pays_back_takes_nothing_of_others() {
    for back in [1, BOND - 1, BOND, BOND + 5] {
        for after in [mode::REENTER, mode::REENTER_AFTER] {
            let mut s = System::with_bonds(0);
            let admin = s.admin.clone();
            let token = hostile_token(&mut s.chain, &admin);
            s.pool = stand_in_pool(&mut s.chain, &admin, token);
            let (pool, registry) = (s.pool, s.attribution);
            let [bob, dora] = two_disputes(&mut s, token);
            s.call(&admin, token, Token::mintCall { to: pool, value: U256::from(10 * COIN) }).unwrap();
            let pays = Token::transferCall { to: registry, value: U256::from(back) };
            set_target(&mut s.chain, &admin, pool, token, &pays);
            set_mode_of(&mut s.chain, &admin, pool, Pool::depositCall::SELECTOR, after);
            s.call(&admin, registry, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD }).unwrap();
            for _ in 0..3 {
                let deliver = Attribution::deliverBondCall { pool, stream: STREAM, period: PERIOD };
                let _ = s.call(&bob, registry, deliver);
                let allowed = s.call(&bob, token, Token::allowanceCall { owner: registry, spender: pool }).unwrap();
                let (has, held) = books(&mut s, token);
                assert!(allowed.is_zero() && has >= held, "{back} {after}: {allowed} {has} {held}");
            }
            s.call(&admin, registry, Attribution::upholdCall { pool, stream: OTHER, period: PERIOD }).unwrap();
            let (currency, account) = (token, dora.address);
            let take = Attribution::withdrawBondCall { currency, account, to: account };
            assert_eq!(s.call(&dora, registry, take).unwrap(), U256::from(BOND));
        }
    }
}

/// Proves SAFE-12: a token that begins to take fees, or a pool that changes its currency twice, with money kept for two
/// periods of one pool in two currencies: each is delivered in its own, to the unit.
#[test]
fn what_is_kept_in_two_currencies_stays_apart() {
    let mut s = System::with_bonds(0);
    let admin = s.admin.clone();
    let token = hostile_token(&mut s.chain, &admin);
    s.pool = stand_in_pool(&mut s.chain, &admin, token);
    let (pool, registry) = (s.pool, s.attribution);
    let [bob, _] = two_disputes(&mut s, token);
    set_mode_of(&mut s.chain, &admin, pool, Pool::depositCall::SELECTOR, mode::REVERT);
    s.call(&admin, pool, StandInPool::setCurrencyCall { currency: Address::ZERO }).unwrap();
    // A third dispute, in native money.
    let third = B256::repeat_byte(5);
    Contributors::new([bob.address, admin.address]).post(&mut s, third, PERIOD);
    let (reason, max) = (B256::repeat_byte(1), U256::from(BOND));
    let dispute = Attribution::disputeCall { pool, stream: third, period: PERIOD, reason, maxBond: max };
    s.chain.call(&bob, registry, dispute, BOND).unwrap();
    for stream in [STREAM, OTHER, third] {
        s.call(&admin, registry, Attribution::rejectCall { pool, stream, period: PERIOD }).unwrap();
    }
    for currency in [token, Address::ZERO] {
        let (has, held) = books(&mut s, currency);
        assert_eq!(has, held, "{currency}");
    }
    set_mode_of(&mut s.chain, &admin, pool, Pool::depositCall::SELECTOR, mode::HONEST);
    set_mode::<Token::transferFromCall>(&mut s.chain, &admin, token, mode::TAKE_FEE);
    for (currency, streams) in [(Address::ZERO, vec![third]), (token, vec![STREAM, OTHER])] {
        s.call(&admin, pool, StandInPool::setCurrencyCall { currency }).unwrap();
        for stream in streams {
            let deliver = Attribution::deliverBondCall { pool, stream, period: PERIOD };
            assert_eq!(s.call(&bob, registry, deliver.clone()).unwrap(), U256::from(BOND), "{stream}");
            assert!(s.call(&bob, registry, deliver).is_err(), "{stream} twice");
        }
        assert_eq!(books(&mut s, currency), (U256::ZERO, U256::ZERO), "{currency}");
    }
}

/// Proves SAFE-12: tokens that their issuer stops, or that stop pool or registry, stop no ruling.
#[test]
fn a_token_that_stops_stops_no_ruling() {
    for (what, stop_registry, pause) in [("pool", false, false), ("registry", true, false), ("all", false, true)] {
        let mut s = System::with_bonds(0);
        let admin = s.admin.clone();
        let token = fixtures::usdc_like(&mut s.chain, &admin);
        s.pool = stand_in_pool(&mut s.chain, &admin, token);
        let (pool, registry) = (s.pool, s.attribution);
        two_disputes(&mut s, token);
        if pause {
            s.call(&admin, token, fixtures::Dollar::pauseCall { stopped: true }).unwrap();
        } else {
            let account = if stop_registry { registry } else { pool };
            s.call(&admin, token, fixtures::Dollar::blacklistCall { account, listed: true }).unwrap();
        }
        let reject =
            s.call(&admin, registry, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD }).map(drop);
        assert!(reject.is_ok(), "{what}: {reject:?}");
        let uphold =
            s.call(&admin, registry, Attribution::upholdCall { pool, stream: OTHER, period: PERIOD }).map(drop);
        assert!(uphold.is_ok(), "{what}: {uphold:?}");
        let (has, held) = books(&mut s, token);
        assert_eq!(has, held, "{what}");
    }
}
