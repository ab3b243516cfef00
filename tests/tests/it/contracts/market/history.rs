//! Random histories on the real blob against a plain model of a market that shares no arithmetic with the rules.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use yieldset_chain::abi::Market;
use yieldset_tests::chain::{Failure, START};
use yieldset_tests::fixtures::StandInPool;
use yieldset_tests::market::{Exchange, LOT, SHARE, SHARES, TICK, ask, bid, cost};

pub const TRADERS: usize = 3;

#[derive(Debug, Clone)]
pub enum Step {
    /// Bid or ask, maker, pool, shares, price, seconds to live.
    Place(bool, usize, usize, u128, u128, u64),
    /// Order, taker, and shares: of what is left, or an absolute number. Orders are counted among the open ones.
    Fill(u64, usize, Result<u8, u128>),
    /// An ask, a bid of those that cross it (or any order, where there is none), who matches, and shares of the ask.
    Match(u64, u64, usize, Result<u8, u128>),
    Cancel(u64, usize),
    CancelExpired(u64, usize),
    Withdraw(usize, usize),
    Freeze(usize, usize, bool),
    Pause(usize, bool),
    List(usize, bool),
    Wait(u64),
}

pub fn step() -> impl Strategy<Value = Step> {
    let (who, pool, id) = (0..TRADERS, 0usize..2, 0u64..1_000);
    let shares = prop_oneof![1 => 1u128..20, 3 => LOT..3 * SHARE, 1 => (1u128..4).prop_map(|n| n * SHARE), 1 => SHARES - 3..=SHARES + 1];
    let price = prop_oneof![1 => 0u128..7, 4 => (1u128..6).prop_map(|n| n * TICK), 1 => (1u128..10u128.pow(20)).prop_map(|n| n * TICK)];
    let part = prop_oneof![2 => any::<u8>().prop_map(Ok), 1 => (0u128..2 * SHARE).prop_map(Err)];
    prop_oneof![
        8 => (any::<bool>(), who.clone(), pool.clone(), shares, price, prop_oneof![1 => 0u64..20, 1 => 20u64..200])
            .prop_map(|(b, w, p, n, price, ttl)| Step::Place(b, w, p, n, price, ttl)),
        6 => (id.clone(), who.clone(), part.clone()).prop_map(|(id, w, n)| Step::Fill(id, w, n)),
        6 => (id.clone(), id.clone(), who.clone(), part).prop_map(|(a, b, w, n)| Step::Match(a, b, w, n)),
        2 => (id.clone(), who.clone()).prop_map(|(id, w)| Step::Cancel(id, w)),
        3 => (id, who.clone()).prop_map(|(id, w)| Step::CancelExpired(id, w)),
        2 => (who.clone(), pool.clone()).prop_map(|(w, p)| Step::Withdraw(w, p)),
        1 => (who, pool.clone(), prop::bool::weighted(0.3)).prop_map(|(w, p, f)| Step::Freeze(w, p, f)),
        1 => (pool.clone(), prop::bool::weighted(0.2)).prop_map(|(p, on)| Step::Pause(p, on)),
        1 => (pool, prop::bool::weighted(0.8)).prop_map(|(p, on)| Step::List(p, on)),
        2 => (5u64..30).prop_map(Step::Wait),
    ]
}

#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    pub is_bid: bool,
    pub maker: usize,
    pub pool: usize,
    pub shares: u128,
    pub price: u128,
    pub expiry: u64,
}

impl Open {
    pub fn escrow(&self) -> u128 {
        if self.is_bid { cost(self.shares, self.price) } else { 0 }
    }

    fn part(&self, part: &Result<u8, u128>) -> u128 {
        match part {
            Ok(255) => self.shares + 1,
            Ok(n @ 200..) => self.shares - u128::from(n % 2).min(self.shares - 1),
            Ok(n) => self.shares * u128::from(*n) / 256,
            Err(n) => *n,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    now: u64,
    pub last: u64,
    pub open: BTreeMap<u64, Open>,
    shares: [[u128; TRADERS]; 2],
    pub credits: [[u128; TRADERS]; 2],
    frozen: [[bool; TRADERS]; 2],
    paused: [bool; 2],
    pub delisted: [bool; 2],
    pub last_price: [u128; 2],
}

impl Model {
    fn new() -> Self {
        Self { now: START, shares: [[SHARES; TRADERS]; 2], ..Self::default() }
    }

    fn reserved(&self, pool: usize, who: usize) -> u128 {
        let asks = self.open.values().filter(|o| !o.is_bid && o.pool == pool && o.maker == who);
        asks.map(|order| order.shares).sum()
    }

    fn free(&self, pool: usize, who: usize) -> u128 {
        self.shares[pool][who] - self.reserved(pool, who)
    }

    /// Whether the pool lets shares go from one trader to another.
    fn may_move(&self, pool: usize, from: usize, to: usize) -> bool {
        !self.paused[pool] && !self.frozen[pool][from] && !self.frozen[pool][to]
    }

    fn place(&mut self, order: Open) -> bool {
        let pool = order.pool;
        let refused = self.delisted[pool]
            || order.shares < LOT
            || order.price == 0
            || !order.price.is_multiple_of(TICK)
            || order.expiry <= self.now
            || self.paused[pool]
            || self.frozen[pool][order.maker]
            || !order.is_bid && self.free(pool, order.maker) < order.shares;
        if !refused {
            self.last += 1;
            self.open.insert(self.last, order);
        }
        !refused
    }

    /// Whether this many shares of this order can be traded now.
    fn can_fill(&self, order: &Open, shares: u128) -> bool {
        !self.delisted[order.pool] && order.expiry > self.now && shares > 0 && shares <= order.shares
    }

    fn settle(&mut self, id: u64, shares: u128) -> u128 {
        let order = self.open.get_mut(&id).unwrap();
        let before = order.escrow();
        order.shares -= shares;
        let freed = before - order.escrow();
        if order.shares == 0 {
            self.open.remove(&id);
        }
        freed
    }

    fn hand_over(&mut self, pool: usize, from: usize, to: usize, shares: u128) {
        self.shares[pool][from] -= shares;
        self.shares[pool][to] += shares;
    }

    fn fill(&mut self, id: u64, taker: usize, part: &Result<u8, u128>) -> bool {
        let Some(order) = self.open.get(&id).cloned() else { return false };
        let shares = order.part(part);
        let (seller, buyer) = if order.is_bid { (taker, order.maker) } else { (order.maker, taker) };
        let refused = !self.can_fill(&order, shares)
            || shares < LOT && shares != order.shares
            || taker == order.maker
            || !self.may_move(order.pool, seller, buyer)
            || order.is_bid && self.free(order.pool, taker) < shares;
        if refused {
            return false;
        }
        let freed = self.settle(id, shares);
        let paid = if order.is_bid { freed } else { cost(shares, order.price) };
        self.credits[order.pool][seller] += paid;
        self.last_price[order.pool] = order.price;
        self.hand_over(order.pool, seller, buyer, shares);
        true
    }

    fn match_orders(&mut self, ask_id: u64, bid_id: u64, part: &Result<u8, u128>) -> bool {
        let (Some(a), Some(b)) = (self.open.get(&ask_id).cloned(), self.open.get(&bid_id).cloned()) else {
            return false;
        };
        let shares = a.part(part);
        let refused = a.is_bid
            || !b.is_bid
            || a.pool != b.pool
            || a.maker == b.maker
            || a.price > b.price
            || !self.can_fill(&a, shares)
            || !self.can_fill(&b, shares)
            || shares < LOT && shares != a.shares && shares != b.shares
            || !self.may_move(a.pool, a.maker, b.maker);
        if refused {
            return false;
        }
        let price = if ask_id < bid_id { a.price } else { b.price };
        self.settle(ask_id, shares);
        let freed = self.settle(bid_id, shares);
        let paid = cost(shares, price).min(freed);
        self.credits[a.pool][a.maker] += paid;
        self.credits[a.pool][b.maker] += freed - paid;
        self.last_price[a.pool] = price;
        self.hand_over(a.pool, a.maker, b.maker, shares);
        true
    }

    fn remove(&mut self, id: u64, allowed: impl Fn(&Open) -> bool) -> bool {
        let Some(order) = self.open.get(&id).filter(|order| allowed(order)).cloned() else { return false };
        self.credits[order.pool][order.maker] += order.escrow();
        self.open.remove(&id);
        true
    }

    /// A step about open orders, by number. Every tenth is about the last one ever placed, whatever became of it.
    fn aim(&self, step: Step) -> Step {
        let pick = |at: u64, wanted: &dyn Fn(&Open) -> bool| {
            let found: Vec<_> = self.open.iter().filter(|(_, order)| wanted(order)).map(|(id, _)| *id).collect();
            if found.is_empty() || at.is_multiple_of(10) {
                at % 10 + self.last
            } else {
                found[at as usize % found.len()]
            }
        };
        match step {
            Step::Fill(at, who, part) => Step::Fill(pick(at, &|_| true), who, part),
            Step::Cancel(at, who) => Step::Cancel(pick(at, &|_| true), who),
            Step::CancelExpired(at, who) => {
                let any = |order: &Open| at.is_multiple_of(2) || order.expiry <= self.now;
                Step::CancelExpired(pick(at, &any), who)
            }
            Step::Match(ask, bid, who, part) => {
                let crosses = |ask: &Open, bid: &Open| {
                    !ask.is_bid && bid.is_bid && ask.pool == bid.pool && ask.price <= bid.price
                };
                let ask = pick(ask, &|ask| self.open.values().any(|bid| crosses(ask, bid) && ask.maker != bid.maker));
                let offer = self.open.get(&ask).cloned();
                let bid = pick(bid, &|bid| offer.as_ref().is_some_and(|ask| crosses(ask, bid)));
                Step::Match(ask, bid, who, part)
            }
            other => other,
        }
    }

    /// Applies a step and says whether the contract must accept it.
    fn apply(&mut self, step: &Step) -> bool {
        let now = self.now;
        match *step {
            Step::Place(is_bid, maker, pool, shares, price, ttl) => {
                self.place(Open { is_bid, maker, pool, shares, price, expiry: now + ttl })
            }
            Step::Fill(id, taker, ref part) => self.fill(id, taker, part),
            Step::Match(ask, bid, _, ref part) => self.match_orders(ask, bid, part),
            Step::Cancel(id, who) => self.remove(id, |order| order.maker == who),
            Step::CancelExpired(id, _) => self.remove(id, |order| order.expiry <= now),
            Step::Withdraw(who, pool) => std::mem::take(&mut self.credits[pool][who]) > 0,
            Step::Freeze(who, pool, frozen) => {
                self.frozen[pool][who] = frozen;
                true
            }
            Step::Pause(pool, paused) => {
                self.paused[pool] = paused;
                true
            }
            Step::List(pool, listed) => !std::mem::replace(&mut self.delisted[pool], !listed) || listed,
            Step::Wait(seconds) => {
                self.now += seconds;
                true
            }
        }
    }
}

/// Does on chain what the model, still in the state before, is about to do.
fn run(x: &mut Exchange, model: &Model, step: &Step) -> Result<(), Failure> {
    let traders = x.traders.clone();
    let pools = [x.native, x.pool];
    let currencies = [Address::ZERO, x.token];
    match *step {
        Step::Place(is_bid, maker, pool, shares, price, ttl) => {
            let (from, expiry) = (&traders[maker], model.now + ttl);
            if is_bid {
                let value = if pool == 0 { cost(shares, price) } else { 0 };
                x.pay(from, bid(pools[pool], shares, price, expiry), value).map(drop)
            } else {
                x.call(from, ask(pools[pool], shares, price, expiry)).map(drop)
            }
        }
        Step::Fill(id, taker, ref part) => {
            let Some(order) = model.open.get(&id) else {
                return x.fill_bid(&traders[taker], id, SHARE).map(drop);
            };
            let shares = order.part(part);
            if order.is_bid {
                x.fill_bid(&traders[taker], id, shares).map(drop)
            } else {
                x.fill_ask(&traders[taker], id, shares).map(drop)
            }
        }
        Step::Match(ask, bid, who, ref part) => {
            let shares = model.open.get(&ask).map_or(SHARE, |order| order.part(part));
            x.match_orders(&traders[who], ask, bid, shares).map(drop)
        }
        Step::Cancel(order, who) => x.call(&traders[who], Market::cancelCall { order }).map(drop),
        Step::CancelExpired(order, who) => x.call(&traders[who], Market::cancelExpiredCall { order }).map(drop),
        Step::Withdraw(who, pool) => x.withdraw(&traders[who], currencies[pool]).map(drop),
        Step::Freeze(who, pool, frozen) => {
            x.freeze(pools[pool], traders[who].address, frozen);
            Ok(())
        }
        Step::Pause(pool, paused) => {
            x.told(pools[pool], StandInPool::setPausedCall { paused });
            Ok(())
        }
        Step::List(pool, true) => {
            x.list(pools[pool]);
            Ok(())
        }
        Step::List(pool, false) => {
            let admin = x.admin.clone();
            x.call(&admin, Market::delistPoolCall { pool: pools[pool] }).map(drop)
        }
        Step::Wait(seconds) => {
            x.chain.set_time(model.now + seconds);
            Ok(())
        }
    }
}

/// Orders that were filled or cancelled are gone.
fn compare_closed(x: &mut Exchange, model: &Model) {
    let by = x.traders[0].clone();
    for order in (1..=model.last).filter(|order| !model.open.contains_key(order)) {
        let found = x.call(&by, Market::orderOfCall { order });
        assert!(found.is_err_and(|failure| failure.is("UnknownOrder")), "{order}");
    }
}

/// Every open order, credit, share and coin is what the model says.
fn compare(x: &mut Exchange, model: &Model) {
    let traders = x.traders.clone();
    let by = traders[0].clone();
    assert_eq!(x.call(&by, Market::orderCountCall {}).unwrap(), model.last);
    for (id, order) in &model.open {
        let found = x.call(&by, Market::orderOfCall { order: *id }).unwrap();
        let figures = [found.shares, found.price, found.escrow].map(|figure| figure.to::<u128>());
        assert_eq!(figures, [order.shares, order.price, order.escrow()], "{id}");
        assert_eq!((found.side, found.expiry), (1 + u8::from(order.is_bid), order.expiry), "{id}");
        assert_eq!(found.maker, traders[order.maker].address);
    }
    for (pool, (address, currency)) in [(x.native, Address::ZERO), (x.pool, x.token)].into_iter().enumerate() {
        let escrow: u128 = model.open.values().filter(|o| o.pool == pool).map(Open::escrow).sum();
        let credits: u128 = model.credits[pool].iter().sum();
        let owed = x.told(x.market, Market::escrowOfCall { currency });
        assert_eq!((owed.escrow, owed.credits), (U256::from(escrow), U256::from(credits)));
        // The market owns exactly what it owes.
        assert_eq!(x.balance(currency, x.market), escrow + credits);
        assert_eq!(
            x.told(x.market, Market::listingOfCall { pool: address }).lastPrice.to::<u128>(),
            model.last_price[pool]
        );
        for (who, trader) in traders.iter().enumerate() {
            assert_eq!(x.credit(trader.address, currency), model.credits[pool][who]);
            assert_eq!(x.balance(address, trader.address), model.shares[pool][who]);
            assert_eq!(x.reserved(address, trader.address), model.reserved(pool, who));
        }
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/market.txt"))),
        ..ProptestConfig::default()
    })]

    /// Proves PAY-4's and PAY-7's market side on the real blob: whatever traders, agents and listers do, contract and
    /// model accept the same steps and come to the same orders, credits, shares and coins, after every step.
    #[test]
    fn chain_and_model_agree(steps in prop::collection::vec(step(), 1..40)) {
        play(steps, &mut |_, _| ());
    }
}

/// Plays a history on both; what looks on sees them before it and after each step.
pub fn play(steps: Vec<Step>, look: &mut dyn FnMut(&mut Exchange, &Model)) {
    let mut x = Exchange::new();
    let mut model = Model::new();
    look(&mut x, &model);
    for step in steps {
        let step = &model.aim(step);
        let done = run(&mut x, &model, step);
        let accepted = model.apply(step);
        assert_eq!(done.is_ok(), accepted, "{step:?}: {done:?}");
        compare(&mut x, &model);
        look(&mut x, &model);
    }
    compare_closed(&mut x, &model);
}

/// A history that never trades would prove nothing: of those the test draws, the model accepts every kind of step
/// often, and refuses often too.
#[test]
fn histories_trade() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut accepted = BTreeMap::<&str, (u32, u32)>::new();
    for _ in 0..64 {
        let mut model = Model::new();
        for step in prop::collection::vec(step(), 40).new_tree(&mut runner).unwrap().current() {
            let step = model.aim(step);
            let kind = match step {
                Step::Place(..) => "place",
                Step::Fill(..) => "fill",
                Step::Match(..) => "match",
                Step::Cancel(..) => "cancel",
                Step::CancelExpired(..) => "cancel expired",
                Step::Withdraw(..) => "withdraw",
                _ => {
                    model.apply(&step);
                    continue;
                }
            };
            let count = accepted.entry(kind).or_default();
            if model.apply(&step) { count.0 += 1 } else { count.1 += 1 }
        }
    }
    println!("{accepted:?}");
    assert_eq!(accepted.len(), 6);
    for (kind, (yes, no)) in accepted {
        assert!(yes >= 20 && no >= 20, "{kind}: {yes} accepted, {no} refused");
    }
}
