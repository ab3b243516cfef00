//! Whose registry screens an order's money and shares, and whose shares are free when a market is let go.

use yieldset_tests::licence::DAY;
use yieldset_tests::system::{announce, kyc_registry};

use super::*;

/// The pool's governor puts another registry in its place: named now, adopted thirty days later.
fn adopt(x: &mut Scene, registry: Address) {
    let (pool, admin) = (x.pool, x.w.s.admin.clone());
    announce(&mut x.w.s.chain, pool, Address::ZERO, admin.address);
    x.admin(pool, Pool::proposeSuccessorCall { part: 0, successor: registry });
    let now = x.w.s.chain.time();
    x.w.s.chain.set_time(now + 30 * DAY);
    x.admin(pool, Pool::adoptSuccessorCall { part: 0 });
}

fn registry(x: &mut Scene) -> Address {
    let admin = x.w.s.admin.clone();
    let kyc = kyc_registry(&mut x.w.s.chain, &admin);
    x.w.grant(kyc, "AGENT_ROLE", admin.address);
    kyc
}

/// A contract that answers every message with a word of zero before a time, and with nothing from then on.
fn answers_until(x: &mut Scene, time: u64) -> Address {
    // PUSH8 time TIMESTAMP LT PUSH1 19 JUMPI PUSH1 0 PUSH1 0 REVERT, JUMPDEST: return 32 bytes of zero memory.
    let code = format!("601e600c600039601e6000f367{time:016x}421060135760006000fd5b600060005260206000f3");
    let admin = x.w.s.admin.clone();
    x.w.s.chain.instantiate(&admin, hex::decode(code).unwrap(), vec![]).unwrap()
}

/// Proves SAFE-7: what is owed for an order is screened by the registry that its pool uses now: a freeze there counts
/// at once, one in the former registry does not any more. Before, the market had a registry of its own for good.
#[test]
fn money_is_screened_by_the_pools_registry_of_now() {
    let mut x = Scene::new(false);
    let (alice, former, pool) = (x.alice.clone(), x.w.s.kyc, x.pool);
    let order = x.ask(10);
    x.fill_ask(order, 10).unwrap();
    x.freeze(&alice, true);
    let withdraw = Market::withdrawCall { pool, to: alice.address };
    assert_restricted(x.w.call(&alice, x.w.market, withdraw.clone()), 5);
    let kyc = registry(&mut x);
    adopt(&mut x, kyc);
    let frozen = |frozen| Kyc::setFrozenCall { account: alice.address, frozen };
    x.admin(kyc, frozen(true));
    x.admin(former, frozen(false));
    assert_restricted(x.w.call(&alice, x.w.market, withdraw), 5);
    x.admin(former, frozen(true));
    x.admin(kyc, frozen(false));
    assert_eq!(x.withdraw(&alice), U256::from(10 * PRICE));
    x.check_books();
}

/// Proves SAFE-1, SAFE-13: a registry that does not answer holds an order's money back and loses none: it is paid once
/// the pool has another; shares on offer are free without any.
#[test]
fn a_broken_registry_strands_no_order() {
    let mut x = Scene::new(true);
    let (alice, bob, pool, market) = (x.alice.clone(), x.bob.clone(), x.pool, x.w.market);
    let (order, wanted) = (x.ask(10), x.bid(5));
    x.fill_ask(order, 4).unwrap();
    let breaks_at = x.w.s.chain.time() + 30 * DAY + 1;
    let broken = answers_until(&mut x, breaks_at);
    adopt(&mut x, broken);
    x.w.s.chain.set_time(breaks_at);
    let withdraw = Market::withdrawCall { pool, to: alice.address };
    assert_restricted(x.w.call(&alice, market, withdraw), 23);
    assert_restricted(x.fill_ask(order, 1), 23);
    x.cancel(&alice, order).unwrap();
    x.cancel(&bob, wanted).unwrap();
    assert_eq!(x.reserved(&alice), U256::ZERO);
    x.check_books();
    let kyc = registry(&mut x);
    adopt(&mut x, kyc);
    assert_eq!((x.withdraw(&alice), x.withdraw(&bob)), (U256::from(4 * PRICE), U256::from(5 * PRICE)));
}

/// Proves SAFE-1: shares that a market reserved are their holder's again when it says so, whatever became of the
/// market: here it has lost its role. The order is void then, also for a market that gets its role back. Before, they
/// stayed reserved until it did.
#[test]
fn a_holder_frees_its_shares_from_any_market() {
    let mut x = Scene::new(false);
    let (alice, bob, pool, market) = (x.alice.clone(), x.bob.clone(), x.pool, x.w.market);
    let (order, wanted) = (x.ask(60), x.bid(10));
    x.admin(pool, Access::revokeRoleCall { role: role("MARKET_ROLE"), account: market });
    let all = Pool::transferCall { to: bob.address, amount: units(100) };
    assert_restricted(x.w.call(&alice, pool, all.clone()), 18);
    x.w.s.chain.take_logs();
    // Nobody ends another's.
    x.w.call(&bob, pool, Pool::endReservationsCall {}).unwrap();
    assert_eq!(x.reserved(&alice), units(60));
    x.w.call(&alice, pool, Pool::endReservationsCall {}).unwrap();
    let ended = Pool::ReservationsEnded { owner: alice.address, value: units(60), seizures: 1 };
    assert_eq!(yieldset_tests::chain::events::<Pool::ReservationsEnded>(&x.w.s.chain.take_logs()), [ended]);
    assert_eq!(x.reserved(&alice), U256::ZERO);
    x.w.grant(pool, "MARKET_ROLE", market);
    assert_refused(x.fill_ask(order, 1), "OrderVoid");
    assert_refused(x.matched(order, wanted, 1), "OrderVoid");
    // What she offers anew stands, and clearing the old order frees none of it.
    let anew = x.ask(100);
    x.w.call(&bob, market, Market::cancelExpiredCall { order }).unwrap();
    assert_eq!(x.reserved(&alice), units(100));
    x.cancel(&alice, anew).unwrap();
    x.w.call(&alice, pool, all).unwrap();
    x.check_books();
}
