//! A pool's opening: money never meets shares that can still be bought at a price that does not know of it.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Pool, Refusal};
use yieldset_rules::issuance::{MIN_SUPPLY, Opening};
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::system::System;

use super::{COIN, PERIOD, SHARE, STREAM, answering, balance_of, claimable};

fn open(s: &mut System, by: &Account, cap: u128, governor: Address) -> Result<(), Failure> {
    let call = Pool::openCall { cap: U256::from(cap), licences: Address::ZERO, governor };
    s.call(by, s.pool, call).map(|_| ())
}

fn deposit(s: &mut System, from: &Account, amount: u128) -> Result<(), Failure> {
    let call = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(amount) };
    s.chain.call(from, s.pool, call, amount).map(|_| ())
}

fn sale(price: u128, cap: u128, to: &Account) -> Pool::setSaleCall {
    Pool::setSaleCall {
        price: U256::from(price),
        cap: U256::from(cap),
        starts: START,
        ends: START + 1_000,
        proceedsTo: to.address,
    }
}

fn buy(s: &mut System, buyer: &Account, amount: u128, limit: u128, sent: u128) -> Result<U256, Failure> {
    let call = Pool::buyCall { amount: U256::from(amount), maxCost: U256::from(limit) };
    s.chain.call(buyer, s.pool, call, sent)
}

/// Proves SAFE-3: before the pool is open money is refused, so whoever buys first takes nothing that waited. Before,
/// ten coins deposited at zero supply went to the first buyer of 10^5 units: six coins.
#[test]
fn nobody_buys_what_waited() {
    let mut s = System::new();
    let (alice, bob, platform, admin) = (s.holder(1), s.holder(2), s.chain.account(3), s.admin.clone());
    assert_refused(deposit(&mut s, &platform, 10 * COIN), "NotOpened");
    s.call(&admin, s.pool, sale(1_000_000, 2 * SHARE, &platform)).unwrap();
    buy(&mut s, &alice, 100_000, 1, 1).unwrap();
    assert_refused(deposit(&mut s, &platform, 10 * COIN), "NotOpened");
    assert_refused(open(&mut s, &admin, u128::MAX, Address::ZERO), "SupplyTooSmall");
    s.mint(&bob, MIN_SUPPLY - 100_000).unwrap();
    open(&mut s, &admin, u128::MAX, Address::ZERO).unwrap();
    deposit(&mut s, &platform, 10 * COIN).unwrap();
    // 10^5 units of 10^18, of six coins.
    assert_eq!(claimable(&mut s, &alice), U256::from(600_000));
}

/// Proves SAFE-3: just-in-time shares. Opening ends the sale for good, whatever was left of it, so nobody buys at the
/// sale's price around a deposit. Before, 900 coins' worth bought in a deposit's block was paid 1,799.
#[test]
fn no_share_is_sold_around_a_deposit() {
    let mut s = System::new();
    let (alice, bob, platform, admin) = (s.holder(1), s.holder(2), s.chain.account(3), s.admin.clone());
    s.call(&admin, s.pool, sale(COIN, 1_000 * SHARE, &platform)).unwrap();
    s.mint(&alice, SHARE).unwrap();
    open(&mut s, &admin, 1_001 * SHARE, Address::ZERO).unwrap();
    let left = s.call(&bob, s.pool, Pool::saleCall {}).unwrap().left;
    assert_eq!(left, U256::ZERO);
    assert_refused(buy(&mut s, &bob, 900 * COIN, u128::MAX, 900 * COIN), "SaleClosed");
    deposit(&mut s, &platform, 3_000 * COIN).unwrap();
    assert_refused(buy(&mut s, &bob, 900 * COIN, u128::MAX, 900 * COIN), "SaleClosed");
    for cap in [0, 5] {
        assert_refused(s.call(&admin, s.pool, sale(1, cap, &platform)), "AlreadyOpened");
    }
    assert_eq!(claimable(&mut s, &alice), U256::from(1_800 * COIN));
    // Minted afterwards, within what was announced: it earns from then on.
    s.mint(&bob, SHARE).unwrap();
    assert_eq!(claimable(&mut s, &bob), U256::ZERO);
    deposit(&mut s, &platform, 10 * COIN).unwrap();
    assert_eq!(claimable(&mut s, &bob), U256::from(3 * COIN));
}

/// Proves SAFE-3: beyond the announced cap the issuer mints nothing; the governor alone raises it, and without one
/// nobody does. A pool is opened once, by its issuer.
#[test]
fn the_cap_is_the_holders() {
    let mut s = System::new();
    let (alice, coop, admin) = (s.holder(1), s.chain.account(7), s.admin.clone());
    let pool = s.pool;
    let raise = |cap: u128| Pool::raiseCapCall { cap: U256::from(cap) };
    s.mint(&alice, 2 * SHARE).unwrap();
    assert_refused(open(&mut s, &alice, u128::MAX, Address::ZERO), "AccessControlUnauthorizedAccount");
    assert_refused(open(&mut s, &admin, 2 * SHARE - 1, Address::ZERO), "CapTooLow");
    assert_refused(s.call(&coop, pool, raise(5)), "NotGovernor");
    assert!(!s.call(&alice, pool, Pool::openedCall {}).unwrap());
    let governor = answering(&mut s.chain, &coop, pool.into_word());
    open(&mut s, &admin, 3 * SHARE, governor).unwrap();
    assert_refused(open(&mut s, &admin, u128::MAX, Address::ZERO), "AlreadyOpened");
    assert!(s.call(&alice, pool, Pool::openedCall {}).unwrap());
    assert_eq!(s.call(&alice, pool, Pool::governorCall {}).unwrap(), governor);
    // It says nothing itself, so an account takes its place.
    let opening = Opening { cap: 3 * SHARE, licences: [0; 20], governor: coop.address.into_array() };
    s.chain.store(pool, b"O", opening.to_bytes());
    assert_refused(s.mint(&alice, SHARE + 1), "CapExceeded");
    s.mint(&alice, SHARE).unwrap();
    assert_refused(s.mint(&alice, 1), "CapExceeded");
    assert_refused(s.call(&admin, pool, raise(4 * SHARE)), "NotGovernor");
    assert_refused(s.call(&coop, pool, raise(3 * SHARE)), "CapTooLow");
    s.call(&coop, pool, raise(4 * SHARE)).unwrap();
    assert_eq!(s.call(&alice, pool, Pool::capCall {}).unwrap(), U256::from(4 * SHARE));
    s.mint(&alice, SHARE).unwrap();
    assert_eq!(balance_of(&mut s, &alice), U256::from(4 * SHARE));
}

/// Proves SAFE-13: a pool is opened with contracts that can do the work, or with none. Before, any account was taken:
/// an account without code as its licences kept the contributors' waiting money for ever, since it never says when a
/// stream has ended, and without a governor nobody could name another.
#[test]
fn a_pool_is_opened_with_contracts_that_answer() {
    let mut s = System::new();
    let (alice, admin, pool, nobody) = (s.holder(1), s.admin.clone(), s.pool, Address::ZERO);
    s.mint(&alice, SHARE).unwrap();
    let own = answering(&mut s.chain, &admin, pool.into_word());
    let zeros = answering(&mut s.chain, &admin, B256::ZERO);
    let (kyc, attribution) = (s.kyc, s.attribution);
    let open = |s: &mut System, licences: Address, governor: Address| {
        s.call(&admin, pool, Pool::openCall { cap: U256::MAX >> 128, licences, governor }).map(|_| ())
    };
    // Without code, the pool itself, what answers nothing, and what says that there is a licence of this name.
    for licences in [alice.address, Address::repeat_byte(0x1c), pool, kyc, attribution, own] {
        assert_eq!(open(&mut s, licences, nobody), Err(Failure::with(&Refusal::UnfitLicences { account: licences })));
    }
    for governor in [alice.address, Address::repeat_byte(0x1c), pool, kyc, attribution, zeros] {
        assert_eq!(open(&mut s, nobody, governor), Err(Failure::with(&Refusal::UnfitGovernor { account: governor })));
    }
    assert!(!s.call(&alice, pool, Pool::openedCall {}).unwrap());
    open(&mut s, zeros, own).unwrap();
    assert_eq!(s.call(&alice, pool, Pool::licencesCall {}).unwrap(), zeros);
    assert_eq!(s.call(&alice, pool, Pool::governorCall {}).unwrap(), own);
}

/// Proves SAFE-4: deposits cannot be stopped. A stranger with all the money of this chain deposits it again and again
/// against the smallest supply, and the honest deposit is taken all the same. Before, with one unit of supply and a
/// millionth of a coin, every usual deposit was refused with `Overflow` for good.
#[test]
fn no_deposits_stop_an_honest_one() {
    let mut s = System::new();
    let (alice, stranger, platform, admin) = (s.holder(1), s.chain.account(4), s.chain.account(3), s.admin.clone());
    s.mint(&alice, MIN_SUPPLY).unwrap();
    open(&mut s, &admin, u128::MAX, Address::ZERO).unwrap();
    let all: u128 = (s.chain.balance(stranger.address) / U256::from(2)).to();
    for amount in [1_000_000, all / 2, 1_000_000, all / 4, COIN] {
        deposit(&mut s, &stranger, amount).unwrap();
    }
    s.mint(&alice, u128::MAX / 2).unwrap();
    deposit(&mut s, &platform, 10 * COIN).unwrap();
    s.call(&alice, s.pool, Pool::claimCall {}).unwrap();
}

/// Proves SAFE-5: the issuer raised the price a thousandfold first, and the purchase that was signed before is refused.
/// Before, `buy` took whatever came with it, in an ERC-20 whatever was allowed.
#[test]
fn a_purchase_has_a_highest_price() {
    let mut s = System::new();
    let (alice, treasury, admin) = (s.holder(1), s.chain.account(7), s.admin.clone());
    s.call(&admin, s.pool, sale(1_000 * COIN, 10 * SHARE, &treasury)).unwrap();
    // One share at 1,000 coins for 10^18 units.
    let cost = 1_000 * SHARE;
    assert_refused(buy(&mut s, &alice, SHARE, SHARE, cost), "CostAboveLimit");
    assert_refused(buy(&mut s, &alice, SHARE, cost - 1, cost), "CostAboveLimit");
    assert_eq!(buy(&mut s, &alice, SHARE, cost, cost).unwrap(), U256::from(cost));
    // A limit above all amounts is none.
    let call = Pool::buyCall { amount: U256::from(SHARE), maxCost: U256::MAX };
    s.chain.call(&alice, s.pool, call, cost).unwrap();
    assert_eq!(balance_of(&mut s, &alice), U256::from(2 * SHARE));
}
