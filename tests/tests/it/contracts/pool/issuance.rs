use alloy_primitives::{Address, U256};
use yieldset_chain::abi::Pool;
use yieldset_tests::chain::{START, assert_refused};
use yieldset_tests::system::System;

use super::{COIN, assert_restricted, balance_of};

const SHARE: u128 = 1_000_000_000_000_000_000;

fn sale(price: u128, cap: u128, to: Address) -> Pool::setSaleCall {
    Pool::setSaleCall {
        price: U256::from(price),
        cap: U256::from(cap),
        starts: START + 10,
        ends: START + 20,
        proceedsTo: to,
    }
}

fn buy(amount: u128) -> Pool::buyCall {
    Pool::buyCall { amount: U256::from(amount), maxCost: U256::MAX }
}

/// The primary sale sells its shares at its price, rounded up, while it lasts, to eligible buyers alone; the money goes
/// where the issuer said.
#[test]
fn the_primary_sale_sells_at_its_price() {
    let mut s = System::new();
    let (alice, outsider, treasury, admin) = (s.holder(1), s.chain.account(2), s.chain.account(7), s.admin.clone());
    let pool = s.pool;
    assert_refused(s.call(&alice, pool, sale(COIN, 1, treasury.address)), "AccessControlUnauthorizedAccount");
    for bad in [
        sale(0, 1, treasury.address),
        sale(1, 1, Address::ZERO),
        Pool::setSaleCall { ends: START + 10, ..sale(1, 1, treasury.address) },
    ] {
        assert_refused(s.call(&admin, pool, bad), "InvalidSale");
    }
    assert_refused(s.chain.call(&alice, pool, buy(1), 1), "SaleClosed");
    s.call(&admin, pool, sale(2 * COIN, 10 * SHARE, treasury.address)).unwrap();
    s.chain.set_time(START + 9);
    assert_refused(s.chain.call(&alice, pool, buy(SHARE), 2 * COIN), "SaleClosed");
    s.chain.set_time(START + 10);
    assert_refused(s.chain.call(&alice, pool, buy(0), 0), "ZeroAmount");
    assert_refused(s.chain.call(&alice, pool, buy(SHARE), 2 * COIN - 1), "WrongPayment");
    assert_refused(s.chain.call(&alice, pool, buy(SHARE), 2 * COIN + 1), "WrongPayment");
    assert_restricted(s.chain.call(&outsider, pool, buy(SHARE), 2 * COIN), 2);
    let before = s.chain.balance(treasury.address);
    assert_eq!(s.chain.call(&alice, pool, buy(SHARE), 2 * COIN).unwrap(), U256::from(2 * COIN));
    assert_eq!(s.chain.balance(treasury.address) - before, U256::from(2 * COIN));
    // A third of 10^-18 shares costs two thirds of a unit: a whole one.
    assert_eq!(s.chain.call(&alice, pool, buy(3), 6).unwrap(), U256::from(6));
    assert_eq!(balance_of(&mut s, &alice), U256::from(SHARE + 3));
    assert_refused(s.chain.call(&alice, pool, buy(9 * SHARE), 18 * COIN), "SaleExhausted");
    let now = s.call(&alice, pool, Pool::saleCall {}).unwrap();
    assert_eq!(
        (now.left, now.sold, now.raised),
        (U256::from(9 * SHARE - 3), U256::from(SHARE + 3), U256::from(2 * COIN + 6))
    );
    s.chain.set_time(START + 20);
    assert_refused(s.chain.call(&alice, pool, buy(1), 2), "SaleClosed");
    // Nothing stays in the pool: the sale's money is not dividends.
    assert_eq!(s.chain.balance(pool), U256::ZERO);
}

#[test]
fn prices_round_up() {
    let mut s = System::new();
    let (alice, treasury, admin) = (s.holder(1), s.chain.account(7), s.admin.clone());
    s.call(&admin, s.pool, sale(1, SHARE, treasury.address)).unwrap();
    s.chain.set_time(START + 10);
    let pool = s.pool;
    assert_eq!(s.chain.call(&alice, pool, buy(1), 1).unwrap(), U256::from(1));
    s.call(&admin, pool, sale(1, 0, treasury.address)).unwrap();
    assert_refused(s.chain.call(&alice, pool, buy(1), 1), "SaleClosed");
}
