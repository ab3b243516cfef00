//! Currencies, recipients and pools that lie, fail, take fees, burn gas, answer too much or call back: none of them
//! reaches what belongs to others.

use alloy_primitives::{Address, U256};
use yieldset_chain::abi::Market;
use yieldset_tests::chain::{Account, Failure};
use yieldset_tests::fixtures::Expected::{self, Accepted, Fails, Refused};
use yieldset_tests::fixtures::{self, Hostile, RECEIVE, StandInPool, Token, check, mode};
use yieldset_tests::market::{Exchange, LATE, LOT, SHARE, TICK, ask, bid};

/// An exchange with one more pool, whose currency is hostile; all traders are funded there too.
fn with_hostile_currency() -> (Exchange, Address, Address) {
    let mut x = Exchange::new();
    let admin = x.admin.clone();
    let token = fixtures::hostile_token(&mut x.chain, &admin);
    let pool = fixtures::stand_in_pool(&mut x.chain, &admin, token);
    x.admit(pool);
    x.list(pool);
    for trader in x.traders.clone() {
        x.fund(&trader, pool, Some(token));
    }
    (x.pool, x.token) = (pool, token);
    (x, pool, token)
}

/// The market has at least what it owes in a currency.
#[track_caller]
fn assert_solvent(x: &mut Exchange, token: Address) {
    let owed = x.told(x.market, Market::escrowOfCall { currency: token });
    assert_eq!(U256::from(x.balance(token, x.market)), owed.escrow + owed.credits);
}

/// How a transfer that behaves in a mode must end for the message that needs it.
const TRANSFERS: [(u8, Expected); 14] = [
    (mode::HONEST, Accepted),
    (mode::REVERT, Refused("CurrencyCallFailed")),
    (mode::REVERT_MUCH, Refused("CurrencyCallFailed")),
    (mode::BURN_GAS, Fails),
    (mode::SAY_FALSE, Refused("CurrencyCallFailed")),
    (mode::SAY_TRUE, Refused("UnexpectedBalance")),
    (mode::SAY_NOTHING, Accepted),
    (mode::SAY_MUCH, Accepted),
    (mode::REENTER, Accepted),
    (mode::TAKE_FEE, Refused("UnexpectedBalance")),
    (mode::SAY_TWO, Refused("CurrencyCallFailed")),
    (mode::SAY_SHORT, Refused("CurrencyCallFailed")),
    (mode::DO_SAY_FALSE, Refused("CurrencyCallFailed")),
    (mode::REENTER_AFTER, Accepted),
];

/// Money comes in exactly or not at all, whatever the currency says it did.
#[test]
fn a_hostile_currency_cannot_pay_less_than_it_says() {
    let (mut x, pool, token) = with_hostile_currency();
    let (alice, bob) = (x.traders[0].clone(), x.traders[1].clone());
    let offered = x.ask(&alice, pool, 100 * SHARE, 1_000).unwrap();
    // The token is also a party: what it re-enters with is its own order, whose refund it would get twice.
    fixtures::set_target(&mut x.chain, &bob, token, x.market, &Market::cancelCall { order: offered });
    for (mode, expected) in TRANSFERS {
        fixtures::set_mode::<Token::transferFromCall>(&mut x.chain, &bob, token, mode);
        check(x.call(&bob, bid(pool, SHARE, 1_000, LATE)), expected, &format!("bid, mode {mode}"));
        assert_solvent(&mut x, token);
        check(x.fill_ask(&bob, offered, SHARE), expected, &format!("fillAsk, mode {mode}"));
        assert_solvent(&mut x, token);
    }
    let attempts = x.told(token, Hostile::attemptsCall {});
    assert_eq!((attempts, x.told(token, Hostile::successesCall {})), (U256::from(4), U256::ZERO));
    // Five modes are harmless.
    assert_eq!(x.credit(alice.address, token), 5 * 1_000);
    for (mode, expected) in [
        (mode::REVERT, Refused("CurrencyCallFailed")),
        (mode::SAY_FALSE, Refused("UnexpectedBalance")),
        (mode::SAY_MUCH, Refused("UnexpectedBalance")),
        (mode::SAY_SHORT, Refused("CurrencyCallFailed")),
        (mode::SAY_NOTHING, Refused("CurrencyCallFailed")),
        (mode::BURN_GAS, Fails),
    ] {
        fixtures::set_mode::<Token::balanceOfCall>(&mut x.chain, &bob, token, mode);
        check(x.call(&bob, bid(pool, SHARE, 1_000, LATE)), expected, &format!("balanceOf, mode {mode}"));
    }
}

/// Money goes out exactly or stays credited, and no other market notices.
#[test]
fn a_hostile_currency_cannot_be_paid_more_than_it_is_told() {
    for (mode, incoming) in TRANSFERS {
        // A fee on what goes out is between the currency and the recipient: the market paid what it owed.
        let expected = if mode == mode::TAKE_FEE { Accepted } else { incoming };
        let (mut x, pool, token) = with_hostile_currency();
        let (alice, bob) = (x.traders[0].clone(), x.traders[1].clone());
        let offered = x.ask(&alice, pool, SHARE, 1_000).unwrap();
        let wanted = x.bid(&bob, pool, SHARE, 500).unwrap();
        x.fill_ask(&bob, offered, SHARE).unwrap();
        fixtures::set_mode::<Token::transferCall>(&mut x.chain, &bob, token, mode);
        let again = Market::withdrawCall { pool, to: token };
        fixtures::set_target(&mut x.chain, &bob, token, x.market, &again);
        check(x.withdraw(&alice, token), expected, &format!("withdraw, mode {mode}"));
        assert_eq!(x.credit(alice.address, token), if expected == Accepted { 0 } else { 1_000 });
        assert_solvent(&mut x, token);
        assert_eq!(x.told(token, Hostile::successesCall {}), U256::ZERO);
        // A bid is cancelled without the currency's help.
        x.call(&bob, Market::cancelCall { order: wanted }).unwrap();
        assert_eq!(x.credit(bob.address, token), 500);
        // Other pools trade as ever.
        let native = x.native;
        let order = x.ask(&alice, native, SHARE, 15).unwrap();
        x.fill_ask(&bob, order, SHARE).unwrap();
        assert_eq!(x.withdraw(&alice, Address::ZERO).unwrap(), 15);
        // What was refused is still there once the currency behaves.
        fixtures::set_mode::<Token::transferCall>(&mut x.chain, &bob, token, mode::HONEST);
        if expected != Accepted {
            assert_eq!(x.withdraw(&alice, token).unwrap(), 1_000);
        }
        assert_eq!(x.withdraw(&bob, token).unwrap(), 500);
        assert_solvent(&mut x, token);
    }
}

fn as_contract<C: alloy_sol_types::SolCall>(
    x: &mut Exchange,
    by: &Account,
    contract: Address,
    to: Address,
    call: &C,
) -> Result<C::Return, Failure> {
    fixtures::execute(&mut x.chain, by, contract, to, call, 0)
}

/// A seller that refuses money, burns gas or calls back cannot block its buyers, nor be paid twice; its credit waits
/// until it names an address that takes it.
#[test]
fn a_hostile_seller_blocks_nobody() {
    for (mode, expected) in [
        (mode::HONEST, Accepted),
        (mode::SAY_MUCH, Accepted),
        (mode::REENTER, Accepted),
        (mode::REENTER_AFTER, Accepted),
        (mode::REVERT, Refused("PayoutFailed")),
        (mode::REVERT_MUCH, Refused("PayoutFailed")),
        (mode::BURN_GAS, Fails),
    ] {
        let mut x = Exchange::new();
        let (alice, bob) = (x.traders[0].clone(), x.traders[1].clone());
        let (market, native) = (x.market, x.native);
        let seller = fixtures::hostile_recipient(&mut x.chain, &alice);
        fixtures::set_mode_of(&mut x.chain, &alice, seller, RECEIVE, mode);
        let pay = Market::withdrawCall { pool: native, to: seller };
        fixtures::set_target(&mut x.chain, &alice, seller, market, &pay);
        x.told(native, Token::mintCall { to: seller, value: U256::from(2 * SHARE) });
        let approve = Token::approveCall { spender: market, value: U256::MAX };
        as_contract(&mut x, &alice, seller, native, &approve).unwrap();
        let offer = ask(native, 2 * SHARE, 50, LATE);
        let order = as_contract(&mut x, &alice, seller, market, &offer).unwrap();
        x.fill_ask(&bob, order, SHARE).unwrap();
        // Someone else's money is in the market too.
        x.bid(&bob, native, SHARE, 500).unwrap();
        let paid = as_contract(&mut x, &alice, seller, market, &pay);
        check(paid, expected, &format!("mode {mode}"));
        let got = if expected == Accepted { 50 } else { 0 };
        assert_eq!((x.balance(Address::ZERO, seller), x.credit(seller, Address::ZERO)), (got, 50 - got));
        assert_eq!(x.told(seller, Hostile::successesCall {}), U256::ZERO);
        x.fill_ask(&bob, order, SHARE).unwrap();
        let away = Market::withdrawCall { pool: native, to: Address::repeat_byte(0x77) };
        as_contract(&mut x, &alice, seller, market, &away).unwrap();
        assert_eq!(x.credit(seller, Address::ZERO), 0);
        assert_eq!(x.balance(Address::ZERO, Address::repeat_byte(0x77)), 100 - got);
        x.check_books(&[seller, alice.address, bob.address]);
    }
}

/// A hostile pool harms orders on itself alone: money in the market stays exact, and other pools trade.
#[test]
fn a_hostile_pool_harms_only_itself() {
    for (mode, expected) in [
        (mode::REVERT, Fails),
        (mode::REVERT_MUCH, Refused("PoolCallFailed")),
        (mode::BURN_GAS, Fails),
        (mode::SAY_FALSE, Accepted),
        (mode::SAY_MUCH, Accepted),
        (mode::REENTER, Accepted),
        (mode::REENTER_AFTER, Accepted),
    ] {
        let mut x = Exchange::new();
        let (alice, bob) = (x.traders[0].clone(), x.traders[1].clone());
        let (pool, token, native, market) = (x.pool, x.token, x.native, x.market);
        let offered = x.ask(&alice, pool, 2 * SHARE, 50).unwrap();
        let wanted = x.bid(&bob, pool, 2 * SHARE, 50).unwrap();
        let steal = Market::withdrawCall { pool, to: pool };
        fixtures::set_target(&mut x.chain, &alice, pool, market, &steal);
        fixtures::set_mode::<StandInPool::reserveCall>(&mut x.chain, &alice, pool, mode);
        check(x.ask(&alice, pool, SHARE, 50), expected, &format!("ask, mode {mode}"));
        fixtures::set_mode::<StandInPool::deliverCall>(&mut x.chain, &alice, pool, mode);
        check(x.fill_ask(&bob, offered, SHARE), expected, &format!("fillAsk, mode {mode}"));
        check(x.match_orders(&bob, offered, wanted, SHARE), expected, &format!("matchOrders, mode {mode}"));
        fixtures::set_mode::<Token::transferFromCall>(&mut x.chain, &alice, pool, mode);
        // An ERC-20 that says false did not move the shares.
        let sold = if mode == mode::SAY_FALSE { Refused("PoolCallFailed") } else { expected };
        check(x.fill_bid(&alice, wanted, SHARE), sold, &format!("fillBid, mode {mode}"));
        assert_solvent(&mut x, token);
        assert_eq!(x.told(pool, Hostile::successesCall {}), U256::ZERO);
        fixtures::set_mode::<StandInPool::releaseCall>(&mut x.chain, &alice, pool, mode);
        if expected != Accepted {
            check(x.call(&alice, Market::cancelCall { order: offered }), expected, &format!("cancel, mode {mode}"));
            // A bid needs nothing of the pool.
            x.call(&bob, Market::cancelCall { order: wanted }).unwrap();
            assert_eq!(x.withdraw(&bob, token).unwrap(), 100);
        }
        let order = x.ask(&alice, native, SHARE, 15).unwrap();
        x.fill_ask(&bob, order, SHARE).unwrap();
        assert_eq!(x.withdraw(&alice, Address::ZERO).unwrap(), 15);
    }
}

/// The pool's views: no answer, half an answer, a long one.
#[test]
fn a_pool_that_answers_badly_is_refused() {
    let mut x = Exchange::new();
    let (admin, alice, pool) = (x.admin.clone(), x.traders[0].clone(), x.pool);
    for (mode, placed, listed) in [
        (mode::REVERT, Refused("PoolCallFailed"), Refused("PoolCallFailed")),
        (mode::SAY_NOTHING, Refused("PoolCallFailed"), Refused("PoolCallFailed")),
        (mode::SAY_SHORT, Refused("PoolCallFailed"), Refused("PoolCallFailed")),
        (mode::BURN_GAS, Fails, Fails),
        // Code 1, and a currency that is not the pool's former one; what follows does not count.
        (mode::SAY_MUCH, Refused("TransferRestricted"), Refused("CurrencyChanged")),
        (mode::HONEST, Accepted, Accepted),
    ] {
        let what = format!("mode {mode}");
        fixtures::set_mode::<StandInPool::detectTransferRestrictionCall>(&mut x.chain, &alice, pool, mode);
        check(x.ask(&alice, pool, SHARE, 50), placed, &what);
        check(x.bid(&alice, pool, SHARE, 50), placed, &what);
        fixtures::set_mode::<StandInPool::currencyCall>(&mut x.chain, &alice, pool, mode);
        let list = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        check(x.call(&admin, list), listed, &what);
    }
}
