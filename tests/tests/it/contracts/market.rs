//! The share market on stand-in pools: trades, refusals, and what stays possible when trading is not.

pub mod history;
mod hostile;
mod roles;

use alloy_primitives::{Address, U256};
use yieldset_chain::abi::Market;
use yieldset_tests::chain::{Account, START, assert_refused, events};
use yieldset_tests::fixtures::{StandInPool, Token};
use yieldset_tests::market::{Exchange, LATE, LOT, MONEY, SHARE, SHARES, TICK, ask, bid, cost};

fn exchange() -> (Exchange, Account, Account, Account) {
    let x = Exchange::new();
    let (alice, bob, carol) = (x.traders[0].clone(), x.traders[1].clone(), x.traders[2].clone());
    (x, alice, bob, carol)
}

fn everyone(x: &Exchange) -> Vec<Address> {
    x.traders.iter().map(|trader| trader.address).collect()
}

/// Proves PAY-4's market on the native currency and on an ERC-20: an ask filled in two parts, with every event and the
/// books after each step.
#[test]
fn an_ask_is_filled_in_parts() {
    for native in [true, false] {
        let (mut x, alice, bob, _) = exchange();
        let all = everyone(&x);
        let (pool, currency) = if native { (x.native, Address::ZERO) } else { (x.pool, x.token) };
        x.chain.take_logs();
        // 2.5 shares at 15 units: 37.5, of which the first share costs 15 and the rest 22.5, rounded up.
        let order = x.ask(&alice, pool, 5 * SHARE / 2, 15).unwrap();
        let placed = Market::OrderPlaced {
            order: 1,
            maker: alice.address,
            pool,
            side: 1,
            currency,
            shares: U256::from(5 * SHARE / 2),
            price: U256::from(15),
            expiry: LATE,
            escrow: U256::ZERO,
        };
        assert_eq!((order, x.events::<Market::OrderPlaced>()), (1, vec![placed]));
        assert_eq!(x.reserved(pool, alice.address), 5 * SHARE / 2);
        x.check_books(&all);
        let quote = Market::quoteCall { order, shares: U256::from(3 * SHARE / 2) };
        assert_eq!(x.call(&bob, quote).unwrap(), U256::from(23));
        let before = x.balance(currency, bob.address);
        x.chain.take_logs();
        assert_eq!(x.fill_ask(&bob, order, SHARE).unwrap(), 15);
        let traded = |shares: u128, cost: u128, left: u128| Market::Traded {
            pool,
            seller: alice.address,
            buyer: bob.address,
            ask: 1,
            bid: 0,
            shares: U256::from(shares),
            price: U256::from(15),
            cost: U256::from(cost),
            askLeft: U256::from(left),
            bidLeft: U256::ZERO,
        };
        assert_eq!(x.events::<Market::Traded>(), [traded(SHARE, 15, 3 * SHARE / 2)]);
        x.check_books(&all);
        x.chain.set_time(START + 60);
        assert_eq!(x.fill_ask(&bob, order, 3 * SHARE / 2).unwrap(), 23);
        let logs = x.chain.take_logs();
        assert_eq!(events::<Market::Traded>(&logs), [traded(3 * SHARE / 2, 23, 0)]);
        let credited =
            Market::Credited { account: alice.address, pool, amount: U256::from(23), credit: U256::from(38) };
        assert_eq!(events::<Market::Credited>(&logs), [credited]);
        x.check_books(&all);
        assert_refused(x.call(&bob, Market::orderOfCall { order }), "UnknownOrder");
        assert_eq!(x.balance(pool, bob.address), SHARES + 5 * SHARE / 2);
        assert_eq!(x.balance(pool, alice.address), SHARES - 5 * SHARE / 2);
        // Storage deposits are native money too, so the exact difference can be seen in the ERC-20 only.
        if !native {
            assert_eq!(before - x.balance(currency, bob.address), 38);
        }
        let listing = x.call(&bob, Market::listingOfCall { pool }).unwrap();
        assert_eq!((listing.lastPrice, listing.lastTrade), (U256::from(15), START + 60));
        x.chain.take_logs();
        let before = x.balance(currency, x.admin.address);
        let to = x.admin.address;
        assert_eq!(x.call(&alice, Market::withdrawCall { pool, to }).unwrap(), U256::from(38));
        let withdrawn = Market::Withdrawn { account: alice.address, pool, to, currency, amount: U256::from(38) };
        assert_eq!(x.events::<Market::Withdrawn>(), [withdrawn]);
        assert_eq!(x.balance(currency, to) - before, 38);
        assert_eq!(x.balance(currency, x.market), 0);
        x.check_books(&all);
    }
}

/// Proves PAY-4's market for bids: fills are paid out of the escrow and sum to it, whoever sells.
#[test]
fn a_bid_is_filled_in_parts_by_several_sellers() {
    for native in [true, false] {
        let (mut x, alice, bob, carol) = exchange();
        let all = everyone(&x);
        let (pool, currency) = if native { (x.native, Address::ZERO) } else { (x.pool, x.token) };
        x.chain.take_logs();
        let order = x.bid(&alice, pool, 5 * SHARE / 2, 15).unwrap();
        let placed = x.events::<Market::OrderPlaced>();
        assert_eq!((placed[0].side, placed[0].escrow), (2, U256::from(38)));
        assert_eq!(x.balance(currency, x.market), 38);
        x.check_books(&all);
        let quote = Market::quoteCall { order, shares: U256::from(SHARE) };
        assert_eq!(x.call(&bob, quote).unwrap(), U256::from(15));
        // The escrow of the rest, 22.5, is 23: the first share frees 15, half a share 23 - 15 = 8, the last one 15.
        assert_eq!(x.fill_bid(&bob, order, SHARE).unwrap(), 15);
        x.check_books(&all);
        assert_eq!(x.fill_bid(&carol, order, SHARE / 2).unwrap(), 8);
        x.check_books(&all);
        x.chain.take_logs();
        assert_eq!(x.fill_bid(&bob, order, SHARE).unwrap(), 15);
        let traded = Market::Traded {
            pool,
            seller: bob.address,
            buyer: alice.address,
            ask: 0,
            bid: order,
            shares: U256::from(SHARE),
            price: U256::from(15),
            cost: U256::from(15),
            askLeft: U256::ZERO,
            bidLeft: U256::ZERO,
        };
        assert_eq!(x.events::<Market::Traded>(), [traded]);
        x.check_books(&all);
        assert_eq!(x.balance(pool, alice.address), SHARES + 5 * SHARE / 2);
        assert_eq!((x.credit(bob.address, currency), x.credit(carol.address, currency)), (30, 8));
        assert_eq!((x.withdraw(&bob, currency).unwrap(), x.withdraw(&carol, currency).unwrap()), (30, 8));
        x.check_books(&all);
    }
}

/// The earlier order's price holds, and the bidder gets the difference back; anyone may match.
#[test]
fn orders_match_at_the_earlier_price() {
    for (ask_first, price, cost, surplus) in [(true, 100, 50, 15), (false, 130, 65, 0)] {
        let (mut x, alice, bob, carol) = exchange();
        let (all, pool, token) = (everyone(&x), x.pool, x.token);
        let (ask, bid) = if ask_first {
            let ask = x.ask(&alice, pool, SHARE, 100).unwrap();
            (ask, x.bid(&bob, pool, 2 * SHARE, 130).unwrap())
        } else {
            let bid = x.bid(&bob, pool, 2 * SHARE, 130).unwrap();
            (x.ask(&alice, pool, SHARE, 100).unwrap(), bid)
        };
        x.chain.take_logs();
        assert_eq!(x.match_orders(&carol, ask, bid, SHARE / 2).unwrap(), cost);
        let traded = Market::Traded {
            pool,
            seller: alice.address,
            buyer: bob.address,
            ask,
            bid,
            shares: U256::from(SHARE / 2),
            price: U256::from(price),
            cost: U256::from(cost),
            askLeft: U256::from(SHARE / 2),
            bidLeft: U256::from(3 * SHARE / 2),
        };
        assert_eq!(x.events::<Market::Traded>(), [traded]);
        assert_eq!((x.credit(alice.address, token), x.credit(bob.address, token)), (cost, surplus));
        x.check_books(&all);
        x.match_orders(&carol, ask, bid, SHARE / 2).unwrap();
        assert_refused(x.match_orders(&carol, ask, bid, SHARE / 2), "UnknownOrder");
        assert_eq!(x.balance(pool, bob.address), SHARES + SHARE);
        x.check_books(&all);
    }
}

#[test]
fn orders_that_may_not_be_placed() {
    let (mut x, alice, _, _) = exchange();
    let (pool, native) = (x.pool, x.native);
    for (refused, name) in [
        (ask(pool, LOT, TICK, LATE + 1), "ExpiryTooLate"),
        (ask(pool, LOT - 1, TICK, LATE), "BelowLot"),
        (ask(pool, LOT, TICK + 1, LATE), "OffTick"),
        (ask(pool, LOT, 0, LATE), "OffTick"),
        (ask(pool, LOT, TICK, START), "ExpiryPassed"),
        (ask(alice.address, LOT, TICK, LATE), "NotListed"),
        (ask(pool, SHARES + 1, TICK, LATE), "ERC20InsufficientBalance"),
        (ask(pool, u128::MAX, u128::MAX, LATE), "Overflow"),
    ] {
        let same = Market::bidCall {
            pool: refused.pool,
            shares: refused.shares,
            price: refused.price,
            expiry: refused.expiry,
        };
        assert_refused(x.call(&alice, refused), name);
        if name != "ERC20InsufficientBalance" {
            assert_refused(x.call(&alice, same), name);
        }
    }
    let huge = U256::from(1) << 128;
    let too_many = Market::askCall { shares: huge, ..ask(pool, 0, TICK, LATE) };
    assert_refused(x.call(&alice, too_many), "AmountTooLarge");
    let too_dear = Market::bidCall { price: huge, ..bid(pool, LOT, 0, LATE) };
    assert_refused(x.call(&alice, too_dear), "AmountTooLarge");
    // Money must be exact, and of the right kind.
    for (pool, value) in [(native, 14), (native, 16), (native, 0), (pool, 1)] {
        assert_refused(x.pay(&alice, bid(pool, SHARE, 15, LATE), value), "WrongValue");
    }
    // Without an allowance nothing can be reserved or pulled.
    let approve = Token::approveCall { spender: x.market, value: U256::ZERO };
    x.chain.call(&alice, pool, approve.clone(), 0).unwrap();
    assert_refused(x.ask(&alice, pool, SHARE, 15), "ERC20InsufficientAllowance");
    x.chain.call(&alice, x.token, approve, 0).unwrap();
    assert_refused(x.bid(&alice, pool, SHARE, 15), "CurrencyCallFailed");
    assert_eq!(x.call(&alice, Market::orderCountCall {}).unwrap(), 0);
    // A message that takes no money takes none.
    assert!(x.pay(&alice, ask(native, SHARE, 15, LATE), 1).is_err());
    x.check_books(&[alice.address]);
}

#[test]
fn fills_that_are_refused() {
    let (mut x, alice, bob, carol) = exchange();
    let (pool, native, all) = (x.pool, x.native, everyone(&x));
    let asked = x.call(&alice, ask(pool, SHARE, 15, START + 10)).unwrap();
    let wanted = x.call(&bob, bid(pool, SHARE, 10, START + 10)).unwrap();
    let fill_ask = |order, shares: u128, max: u128| Market::fillAskCall {
        order,
        shares: U256::from(shares),
        maxCost: U256::from(max),
    };
    let fill_bid = |order, shares: u128, min: u128| Market::fillBidCall {
        order,
        shares: U256::from(shares),
        minProceeds: U256::from(min),
    };
    assert_refused(x.call(&carol, fill_ask(99, SHARE, 99)), "UnknownOrder");
    assert_refused(x.call(&carol, fill_ask(wanted, SHARE, 99)), "WrongSide");
    assert_refused(x.call(&carol, fill_bid(asked, SHARE, 0)), "WrongSide");
    assert_refused(x.call(&carol, fill_ask(asked, SHARE, 14)), "CostAboveLimit");
    assert_refused(x.call(&carol, fill_bid(wanted, SHARE, 11)), "ProceedsBelowLimit");
    assert_refused(x.call(&carol, fill_ask(asked, SHARE + 1, 99)), "NotEnoughShares");
    assert_refused(x.call(&carol, fill_bid(wanted, SHARE + 1, 0)), "NotEnoughShares");
    assert_refused(x.call(&carol, fill_ask(asked, LOT - 1, 99)), "BelowLot");
    assert_refused(x.call(&carol, fill_bid(wanted, 0, 0)), "BelowLot");
    assert_refused(x.call(&alice, fill_ask(asked, SHARE, 99)), "SelfTrade");
    assert_refused(x.call(&bob, fill_bid(wanted, SHARE, 0)), "SelfTrade");
    assert_refused(x.pay(&carol, fill_ask(asked, SHARE, 15), 15), "WrongValue");
    let huge = U256::from(1) << 128;
    let too_many = Market::fillAskCall { shares: huge, ..fill_ask(asked, 0, 0) };
    assert_refused(x.call(&carol, too_many), "AmountTooLarge");
    assert_refused(x.match_orders(&carol, asked, wanted, SHARE), "PricesDoNotCross");
    assert_refused(x.match_orders(&carol, wanted, asked, SHARE), "WrongSide");
    let own = x.bid(&alice, pool, SHARE, 20).unwrap();
    assert_refused(x.match_orders(&carol, asked, own, SHARE), "SelfTrade");
    let elsewhere = x.bid(&bob, native, SHARE, 20).unwrap();
    assert_refused(x.match_orders(&carol, asked, elsewhere, SHARE), "DifferentPools");
    let offered = x.ask(&alice, native, SHARE, 20).unwrap();
    for value in [0, 19, 21] {
        assert_refused(x.pay(&carol, fill_ask(offered, SHARE, 99), value), "WrongValue");
    }
    assert_refused(
        x.call(&carol, Market::quoteCall { order: asked, shares: U256::from(SHARE + 1) }),
        "NotEnoughShares",
    );
    // Only the maker cancels before the expiry, anyone afterwards.
    assert_refused(x.call(&carol, Market::cancelCall { order: asked }), "NotMaker");
    assert_refused(x.call(&carol, Market::cancelCall { order: 99 }), "UnknownOrder");
    assert_refused(x.call(&carol, Market::cancelExpiredCall { order: asked }), "NotExpired");
    x.chain.set_time(START + 10);
    assert_refused(x.call(&carol, fill_ask(asked, SHARE, 99)), "OrderExpired");
    assert_refused(x.call(&carol, fill_bid(wanted, SHARE, 0)), "OrderExpired");
    x.check_books(&all);
    x.chain.take_logs();
    x.call(&carol, Market::cancelExpiredCall { order: asked }).unwrap();
    x.call(&carol, Market::cancelExpiredCall { order: wanted }).unwrap();
    let cancelled = |order, maker, refund: u128| Market::OrderCancelled {
        order,
        maker,
        pool,
        expired: true,
        shares: U256::from(SHARE),
        refund: U256::from(refund),
    };
    let expected = [cancelled(asked, alice.address, 0), cancelled(wanted, bob.address, 10)];
    assert_eq!(x.events::<Market::OrderCancelled>(), expected);
    assert_eq!((x.reserved(pool, alice.address), x.credit(bob.address, x.token)), (0, 10));
    assert_refused(x.call(&alice, Market::cancelCall { order: asked }), "UnknownOrder");
    x.check_books(&all);
}

/// What makes a party unable to trade.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stop {
    MakersFrozen,
    TakersFrozen,
    PoolPaused,
    PoolDelisted,
}

/// A frozen party, a paused or a delisted pool stop every trade, and every maker still gets shares and money back.
#[test]
fn whatever_stops_trading_stops_no_refund() {
    for stop in [Stop::MakersFrozen, Stop::TakersFrozen, Stop::PoolPaused, Stop::PoolDelisted] {
        let (mut x, alice, bob, carol) = exchange();
        let (pool, token, all) = (x.pool, x.token, everyone(&x));
        let asked = x.ask(&alice, pool, SHARE, 15).unwrap();
        let wanted = x.bid(&bob, pool, SHARE, 15).unwrap();
        match stop {
            Stop::MakersFrozen => {
                x.freeze(pool, alice.address, true);
                x.freeze(pool, bob.address, true);
            }
            Stop::TakersFrozen => x.freeze(pool, carol.address, true),
            Stop::PoolPaused => drop(x.told(pool, StandInPool::setPausedCall { paused: true })),
            Stop::PoolDelisted => drop(x.told(x.market, Market::delistPoolCall { pool })),
        }
        let reason = if stop == Stop::PoolDelisted { "NotListed" } else { "TransferRestricted" };
        assert_refused(x.fill_ask(&carol, asked, SHARE), reason);
        assert_refused(x.fill_bid(&carol, wanted, SHARE), reason);
        let stopped = if stop == Stop::TakersFrozen { &carol } else { &alice };
        assert_refused(x.ask(stopped, pool, SHARE, 15), reason);
        assert_refused(x.bid(stopped, pool, SHARE, 15), reason);
        if stop != Stop::TakersFrozen {
            assert_refused(x.match_orders(&carol, asked, wanted, SHARE), reason);
        }
        x.check_books(&all);
        x.chain.take_logs();
        x.call(&alice, Market::cancelCall { order: asked }).unwrap();
        x.call(&bob, Market::cancelCall { order: wanted }).unwrap();
        let cancelled = x.events::<Market::OrderCancelled>();
        assert_eq!(
            cancelled.iter().map(|c| (c.expired, c.refund.to::<u128>())).collect::<Vec<_>>(),
            [(false, 0), (false, 15)]
        );
        assert_eq!((x.reserved(pool, alice.address), x.withdraw(&bob, token).unwrap()), (0, 15));
        assert_eq!(x.balance(token, bob.address), MONEY);
        x.check_books(&all);
    }
}

#[test]
fn money_goes_where_the_creditor_says_and_only_once() {
    let (mut x, alice, bob, _) = exchange();
    let (token, market) = (x.token, x.market);
    let order = x.ask(&alice, x.pool, SHARE, 15).unwrap();
    x.fill_ask(&bob, order, SHARE).unwrap();
    for to in [Address::ZERO, market] {
        let pool = x.pool;
        assert_refused(x.call(&alice, Market::withdrawCall { pool, to }), "InvalidRecipient");
    }
    assert_refused(x.withdraw(&bob, token), "NothingToWithdraw");
    assert_refused(x.withdraw(&alice, Address::ZERO), "NothingToWithdraw");
    assert_eq!(x.withdraw(&alice, token).unwrap(), 15);
    assert_refused(x.withdraw(&alice, token), "NothingToWithdraw");
    assert_eq!(x.balance(token, alice.address), MONEY + 15);
    assert_eq!(cost(SHARE, 15), 15);
}
