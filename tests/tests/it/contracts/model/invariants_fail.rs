//! Each invariant fails where it should: a state or a step that is right, with one figure changed, is noticed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use alloy_primitives::U256;
use yieldset_rules::compliance::Terms as Seats;
use yieldset_tests::attribution::{BOND, WINDOW};
use yieldset_tests::market::LATE;

use super::{
    books::{Books, Givens},
    invariants::{Change, check_change, check_state},
    reading::Coins,
    step::{ADMIN, CONTRIBUTORS, Item, MARKET, PARTIES, PolicyTerms, STRANGER, Step},
};

/// What is wrong, and how it is made so.
type Wrong<T> = (&'static str, fn(&mut T));

/// A pool in the middle of things: shares, orders, money, a final report that was paid by and one in dispute.
fn books() -> Books {
    let addresses = std::array::from_fn(|n| if n == PARTIES { [0; 20] } else { [n as u8 + 1; 20] });
    let mut books = Books::new(Rc::new(Givens::new(addresses, [0x70; 20], [0x71; 20])));
    let deposit = |amount| Step::Deposit { from: 5, stream: 0, period: 1, amount, sent: amount };
    let post = |period| Step::Post { stream: 0, period, revision: 0, tree: 0, signers: 2 };
    let item = Item { stream: 0, period: 1, tree: 0, inflated: false };
    let expiry = LATE;
    let steps = [
        Step::Mint { by: ADMIN, to: 0, amount: 700 * 10u128.pow(18) },
        Step::Mint { by: ADMIN, to: 1, amount: 300 * 10u128.pow(18) },
        Step::Open { by: ADMIN, cap: 10u128.pow(21) },
        Step::Approve { owner: 0, spender: MARKET, amount: U256::MAX },
        Step::Ask { maker: 0, shares: 100, price: 5, expiry },
        Step::Bid { maker: 1, shares: 50, price: 5, expiry, sent: 1 },
        Step::FillAsk { taker: 2, order: 1, shares: 10, limit: 1, sent: 1 },
        Step::Freeze { by: ADMIN, account: 0, amount: 20 },
        deposit(1_000_003),
        post(1),
        Step::Wait { seconds: WINDOW },
        Step::ClaimContribution { account: 0, item },
        Step::Claim { account: 1 },
        deposit(2_000_003),
        post(2),
        Step::Dispute { by: 3, stream: 0, period: 2, sent: BOND },
    ];
    for step in steps {
        let outcome = books.apply(&step);
        assert!(outcome.is_ok(), "{step:?}: {outcome:?}");
    }
    books
}

fn coins(books: &Books) -> Coins {
    let pool = books.to_holders - books.claimed_by_holders + books.to_contributors - books.claimed_by_contributors;
    let market = books.holdings.escrow + books.holdings.credits;
    Coins { pool: U256::from(pool), market: U256::from(market), registry: U256::from(BOND), treasury: U256::ZERO }
}

/// Whether a check stops.
fn fails(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_err()
}

#[test]
fn a_state_with_one_wrong_figure_is_noticed() {
    let right = books();
    check_state(&right, &coins(&right));
    let wrongs: [Wrong<Books>; 19] = [
        ("supply", |b| b.supply += 1),
        ("holders", |b| b.holders += 1),
        ("balance", |b| b.accounts[3].holder.balance += 1),
        ("frozen", |b| b.accounts[1].frozen = b.accounts[1].holder.balance + 1),
        ("reserved beyond the balance", |b| b.accounts[2].reserved = 11),
        ("reserved without an order", |b| b.accounts[1].reserved += 1),
        ("an order without a reservation", |b| b.orders.get_mut(&1).unwrap().shares += 1),
        ("holders' leg", |b| b.to_holders += 1),
        ("claimed by holders", |b| b.claimed_by_holders += 1),
        ("carry", |b| b.dividends.carry += 1),
        ("index", |b| b.dividends.index += 1),
        ("pending", |b| b.accounts[0].holder.pending += 1),
        ("fraction", |b| b.accounts[0].holder.fraction ^= 1),
        ("contributors' leg", |b| b.to_contributors += 1),
        ("a period's money", |b| b.legs.get_mut(&(0, 1)).unwrap().period.total += 1),
        ("what a contributor took", |b| b.legs.get_mut(&(0, 1)).unwrap().taken[0].claimed += 1),
        ("escrow", |b| b.holdings.escrow += 1),
        ("credits", |b| b.credits[1] += 1),
        ("bonds", |b| b.bonds.locked += 1),
    ];
    for (what, change) in wrongs {
        let mut wrong = right.clone();
        change(&mut wrong);
        // Money is as the wrong books have it, so that it is not the money that is noticed.
        assert!(fails(|| check_state(&wrong, &coins(&wrong))), "nobody noticed: {what}");
    }
    let owned: [Wrong<Coins>; 3] = [
        ("pool", |c| c.pool -= U256::from(1)),
        ("market", |c| c.market += U256::from(1)),
        ("registry", |c| c.registry -= U256::from(1)),
    ];
    for (what, change) in owned {
        let mut wrong = coins(&right);
        change(&mut wrong);
        assert!(fails(|| check_state(&right, &wrong)), "nobody noticed the money of: {what}");
    }
}

/// Whether a step from these books is noticed, after which one more thing is changed.
fn noticed(before: &Books, step: &Step, change: impl FnOnce(&mut Books)) -> bool {
    let mut after = before.clone();
    let figure = after.apply(step).unwrap();
    check_change(&Change { step, figure, before, after: &after });
    change(&mut after);
    fails(|| check_change(&Change { step, figure, before, after: &after }))
}

#[test]
fn a_step_that_does_too_much_is_noticed() {
    let now = books();
    let transfer = Step::Transfer { from: 0, to: 1, amount: 1 };
    assert_eq!(
        now.records[STRANGER].standing(&Seats::NONE, now.now),
        yieldset_rules::compliance::Standing::NotVerified
    );
    assert!(noticed(&now, &transfer, |b| b.accounts[STRANGER].holder.balance += 1), "shares of a stranger");
    assert!(noticed(&now, &transfer, |b| b.accounts[0].holder.pending -= 1), "earnings fell");
    assert!(noticed(&now, &transfer, |b| b.accounts[0].holder.pending += 1), "earnings grew");
    assert!(noticed(&now, &transfer, |b| b.accounts[0].holder.balance = 100), "reserved and frozen shares moved");
    assert!(noticed(&now, &transfer, |b| b.to_contributors -= 1), "a deposit was undone");
    assert!(noticed(&now, &transfer, |b| b.legs.get_mut(&(0, 1)).unwrap().root = [9; 32]), "another root");
    assert!(
        noticed(&now, &transfer, |b| b.legs.get_mut(&(0, 1)).unwrap().taken[0].claimed -= 1),
        "a contributor's payment was undone"
    );
    assert!(noticed(&now, &transfer, |b| b.standings.get_mut(&(0, 1)).unwrap().phase = 3), "a final report withdrawn");
    let claim = Step::Claim { account: 0 };
    assert!(noticed(&now, &claim, |b| b.accounts[1].holder.index = b.dividends.index), "another's earnings were paid");
    assert!(noticed(&now, &claim, |b| b.claimed_by_contributors += 1), "paid from the other leg");
    let item = Item { stream: 0, period: 1, tree: 0, inflated: false };
    let many = Step::ClaimForMany { by: ADMIN, accounts: CONTRIBUTORS.to_vec(), item };
    let less = |b: &mut Books, account: usize, less: i128| {
        let leg = b.legs.get_mut(&(0, 1)).unwrap();
        for claimed in [&mut leg.taken[account].claimed, &mut leg.period.claimed] {
            *claimed = claimed.checked_add_signed(-less).unwrap();
        }
    };
    assert!(noticed(&now, &many, |b| less(b, 2, 1)), "one of many was paid less than by its own claim");
    assert!(noticed(&now, &many, |b| less(b, STRANGER, -1)), "one of many was paid without KYC");
    let fill = Step::FillAsk { taker: 2, order: 1, shares: 10, limit: 1, sent: 1 };
    assert!(noticed(&now, &fill, |b| b.accounts[0].holder.balance -= 1), "more was delivered than reserved");
    let mut paused = now.clone();
    paused.apply(&Step::Pause { by: ADMIN }).unwrap();
    let policy = Step::SetPolicy { by: ADMIN, open: true, terms: PolicyTerms::default() };
    assert!(noticed(&paused, &policy, |b| b.accounts[1].holder.balance += 1), "shares moved in a pause");
    let mut revoked = now.clone();
    revoked.apply(&Step::Revoke { by: ADMIN, account: 0 }).unwrap();
    let mut after = now.clone();
    let figure = after.apply(&claim).unwrap();
    assert!(
        fails(|| check_change(&Change { step: &claim, figure, before: &revoked, after: &after })),
        "paid without KYC"
    );
}
