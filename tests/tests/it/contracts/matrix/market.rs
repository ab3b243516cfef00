use alloy_primitives::{Address, U256};
use yieldset_chain::abi::{Market, Refusal};
use yieldset_tests::chain::{Failure, START};
use yieldset_tests::market::{Exchange, LATE, LOT, SHARE, TICK, ask, bid, cost};

use super::{ADMIN, Cast, Matrix, Row, lacks, roles, row, row_by};

const PRICE: u128 = 15;

fn u(amount: u128) -> U256 {
    U256::from(amount)
}

/// Order 1 is the seller's ask, 2 the buyer's bid, 3 an ask that has expired; an earlier sale left the seller a credit.
fn scene() -> (Exchange, Cast) {
    let mut x = Exchange::new();
    let (seller, buyer, taker) = (x.traders[0].clone(), x.traders[1].clone(), x.traders[2].clone());
    let native = x.native;
    assert_eq!(x.ask(&seller, native, 10 * SHARE, PRICE).unwrap(), 1);
    assert_eq!(x.bid(&buyer, native, 10 * SHARE, PRICE).unwrap(), 2);
    assert_eq!(x.call(&seller, ask(native, SHARE, PRICE, START + 10)).unwrap(), 3);
    x.fill_ask(&taker, 1, SHARE).unwrap();
    x.chain.set_time(START + 11);
    let revoke = yieldset_chain::abi::Access::revokeRoleCall {
        role: yieldset_chain::deployment::role("LISTER_ROLE"),
        account: x.admin.address,
    };
    x.told(x.market, revoke);
    let admin = x.admin.clone();
    let cast = Cast::new(&mut x.chain, x.market, &["market"], Some(&admin));
    for account in cast.everybody() {
        x.fund(&account, native, None);
    }
    (x, cast.party("seller", &seller).party("buyer", &buyer).party("taker", &taker))
}

fn table(x: &Exchange) -> Vec<Row> {
    let (pool, lister) = (x.native, &["LISTER_ROLE"]);
    let own = |account| Failure::with(&Refusal::SelfTrade { account });
    let not_maker = |order| move |caller| Failure::with(&Refusal::NotMaker { order, caller });
    let nothing = move |account| Failure::with(&Refusal::NothingToWithdraw { account, pool });
    vec![
        row(Market::listPoolCall { pool, lot: u(LOT), tick: u(TICK) }).only(lister, lacks("LISTER_ROLE")),
        row(Market::delistPoolCall { pool }).only(lister, lacks("LISTER_ROLE")),
        row(ask(pool, SHARE, PRICE, LATE)),
        row(bid(pool, SHARE, PRICE, LATE)).paying(cost(SHARE, PRICE)),
        row(Market::fillAskCall { order: 1, shares: u(SHARE), maxCost: U256::MAX })
            .paying(cost(SHARE, PRICE))
            .except(&["seller"], own),
        row(Market::fillBidCall { order: 2, shares: u(SHARE), minProceeds: U256::ZERO }).except(&["buyer"], own),
        row(Market::matchOrdersCall { ask: 1, bid: 2, shares: u(SHARE) }),
        row(Market::cancelCall { order: 1 }).only(&["seller"], not_maker(1)),
        row(Market::cancelCall { order: 2 }).only(&["buyer"], not_maker(2)),
        row(Market::cancelExpiredCall { order: 3 }),
        row(Market::cancelExpiredCall { order: 1 }).but("NotExpired"),
        row(Market::inheritCall { lost: Address::repeat_byte(9), pool }).but("NotRecovered"),
        row_by(move |by| Market::withdrawCall { pool, to: by.address }).only(&["seller"], nothing),
    ]
}

#[test]
fn market() {
    let (mut x, cast) = scene();
    assert!(cast.get(ADMIN).address == x.admin.address);
    let mut rows = table(&x);
    rows.extend(roles("LISTER_ROLE"));
    let mut matrix = Matrix::new("market");
    let market = x.market;
    matrix.try_all(&mut x.chain, market, &cast, rows);
    matrix.finish();
}
