//! Random histories of the real pool, KYC, market and attribution together, with what must always hold after every step.

use std::cell::Cell;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use proptest::{
    prelude::*,
    test_runner::{FileFailurePersistence, TestRunner},
};
use yieldset_chain::abi::{Kyc, Market, Pool};
use yieldset_rules::dividends::ONE;
use yieldset_tests::chain::{Account, START};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::Token;
use yieldset_tests::market::{LOT, TICK, ask, bid, cost};
use yieldset_tests::registry::WINDOW;
use yieldset_tests::system::{YEAR, keccak};
use yieldset_tests::world::World;

const PEOPLE: usize = 5;
const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8107;
const PRICE: u128 = 3_000_000_000_000_000_000;

#[derive(Debug, Clone)]
enum Step {
    Mint(usize, u128),
    Transfer(usize, usize, u128),
    Deposit(u32, u128),
    Claim(usize),
    Contribution(usize, u32),
    Ask(usize, u128, u64),
    Bid(usize, u128),
    /// An open order, counted from the first; who takes it; shares.
    Fill(usize, usize, u128),
    Cancel(usize),
    CancelExpired(usize),
    Withdraw(usize),
    Freeze(usize, bool),
    Record(usize, bool),
    FreezePart(usize, u128),
    Force(usize, usize, u128),
    Recover(usize, usize),
    Pause(bool),
    /// Level, accredited only, holders, holding, lock-up.
    Policy(u8, bool, u32, u128, u32),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, order) = (0..PEOPLE, 0usize..6);
    let shares = prop_oneof![1u128..12, 10u128..500];
    let period = PERIOD..PERIOD + 2;
    let policy = (0u8..2, prop::bool::weighted(0.2), 0u32..5, prop_oneof![Just(0u128), 100u128..900], 0u32..30);
    prop_oneof![
        6 => (who.clone(), shares.clone()).prop_map(|(a, n)| Step::Mint(a, n)),
        6 => (who.clone(), who.clone(), shares.clone()).prop_map(|(a, b, n)| Step::Transfer(a, b, n)),
        6 => (period.clone(), 1u128..10u128.pow(15)).prop_map(|(p, n)| Step::Deposit(p, n)),
        5 => who.clone().prop_map(Step::Claim),
        3 => (0usize..2, period).prop_map(|(n, p)| Step::Contribution(n, p)),
        6 => (who.clone(), shares.clone(), 5u64..60).prop_map(|(a, n, t)| Step::Ask(a, n, t)),
        4 => (who.clone(), shares.clone()).prop_map(|(a, n)| Step::Bid(a, n)),
        8 => (order.clone(), who.clone(), shares.clone()).prop_map(|(o, a, n)| Step::Fill(o, a, n)),
        2 => order.clone().prop_map(Step::Cancel),
        2 => order.prop_map(Step::CancelExpired),
        2 => who.clone().prop_map(Step::Withdraw),
        2 => (who.clone(), prop::bool::weighted(0.4)).prop_map(|(a, on)| Step::Freeze(a, on)),
        2 => (who.clone(), prop::bool::weighted(0.7)).prop_map(|(a, on)| Step::Record(a, on)),
        1 => (who.clone(), shares.clone()).prop_map(|(a, n)| Step::FreezePart(a, n)),
        2 => (who.clone(), who.clone(), shares).prop_map(|(a, b, n)| Step::Force(a, b, n)),
        1 => (who.clone(), who).prop_map(|(a, b)| Step::Recover(a, b)),
        2 => prop::bool::weighted(0.2).prop_map(Step::Pause),
        1 => policy.prop_map(|(l, a, h, m, s)| Step::Policy(l, a, h, m, s)),
        3 => (1u64..40).prop_map(Step::Wait),
    ]
}

struct Scene {
    w: World,
    people: Vec<Account>,
    c: Contributors,
    now: u64,
    shares: Vec<U256>,
}

fn record(account: &Account) -> Kyc::setRecordCall {
    let expiry = START + YEAR;
    Kyc::setRecordCall { account: account.address, level: 1, jurisdiction: 276, accredited: true, expiry }
}

impl Scene {
    fn new() -> Self {
        let mut w = World::new();
        let pool = w.pool(Address::ZERO);
        let (admin, market) = (w.s.admin.clone(), w.market);
        let list = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        w.call(&admin, market, list).unwrap();
        let people: Vec<_> = (1..=PEOPLE as u32).map(|n| w.s.holder(n)).collect();
        for account in &people {
            w.call(account, pool, Token::approveCall { spender: market, value: U256::MAX }).unwrap();
        }
        let c = Contributors::new([people[0].address, people[1].address]);
        let mut previous = [0; 32];
        for period in [PERIOD, PERIOD + 1] {
            let mut report = w.s.report(STREAM, period, c.root());
            report.previous = previous;
            previous = keccak(&report.to_bytes());
            let keys = w.s.keys[..2].to_vec();
            w.s.post(&report.to_bytes(), &keys).unwrap();
        }
        let now = START + WINDOW + 1;
        w.s.chain.set_time(now);
        Self { w, people, c, now, shares: vec![U256::ZERO; PEOPLE] }
    }

    /// Whether it was done.
    fn told<C: SolCall>(&mut self, by: usize, to: Address, call: C, value: u128) -> bool {
        let by = self.people[by].clone();
        self.w.s.chain.call(&by, to, call, value).is_ok()
    }

    fn admin<C: SolCall>(&mut self, to: Address, call: C) -> bool {
        let admin = self.w.s.admin.clone();
        self.w.call(&admin, to, call).is_ok()
    }

    fn ask<C: SolCall>(&mut self, to: Address, call: C) -> C::Return {
        let admin = self.w.s.admin.clone();
        self.w.call(&admin, to, call).unwrap()
    }

    fn address(&self, who: usize) -> Address {
        self.people[who].address
    }

    /// Open orders with their numbers.
    fn open(&mut self) -> Vec<(u64, Market::orderOfReturn)> {
        let (market, admin) = (self.w.market, self.w.s.admin.clone());
        let count = self.ask(market, Market::orderCountCall {});
        let found = |order| Some((order, self.w.call(&admin, market, Market::orderOfCall { order }).ok()?));
        (1..=count).filter_map(found).collect()
    }

    fn run(&mut self, step: &Step) -> bool {
        let (pool, kyc) = (self.w.s.pool, self.w.s.kyc);
        let u = |n: u128| U256::from(n);
        match *step {
            Step::Mint(a, n) => self.admin(pool, Pool::mintCall { to: self.address(a), amount: u(n) }),
            Step::Transfer(a, b, n) => self.told(a, pool, Pool::transferCall { to: self.address(b), amount: u(n) }, 0),
            Step::Deposit(period, n) => {
                self.told(0, pool, Pool::depositCall { stream: STREAM, period, amount: u(n) }, n)
            }
            Step::Claim(a) => self.told(a, pool, Pool::claimCall {}, 0),
            Step::Contribution(n, period) => {
                let claim = self.c.claim_for(n, STREAM, period);
                self.told(2, pool, claim, 0)
            }
            Step::Freeze(a, frozen) => self.admin(kyc, Kyc::setFrozenCall { account: self.address(a), frozen }),
            Step::Record(a, true) => self.admin(kyc, record(&self.people[a])),
            Step::Record(a, false) => self.admin(kyc, Kyc::revokeCall { account: self.address(a) }),
            Step::FreezePart(a, n) => {
                let account = self.address(a);
                self.admin(pool, Pool::freezePartialTokensCall { account, amount: u(n) })
            }
            Step::Force(a, b, n) => {
                let (from, to) = (self.address(a), self.address(b));
                self.admin(pool, Pool::forcedTransferCall { from, to, amount: u(n), reason: STREAM })
            }
            Step::Recover(a, b) => {
                let (lost, replacement) = (self.address(a), self.address(b));
                self.admin(pool, Pool::recoverAccountCall { lost, replacement, reason: STREAM })
            }
            Step::Pause(true) => self.admin(pool, Pool::pauseCall {}),
            Step::Pause(false) => self.admin(pool, Pool::unpauseCall {}),
            Step::Policy(min_level, accredited, holders, holding, lockup) => {
                let policy = Pool::setPolicyCall {
                    open: false,
                    minLevel: min_level,
                    accreditedOnly: accredited,
                    allowList: false,
                    jurisdictions: [B256::ZERO; 4],
                    maxHolders: holders,
                    maxHolding: u(holding),
                    lockupSeconds: lockup,
                };
                self.admin(pool, policy)
            }
            Step::Wait(seconds) => {
                self.now += seconds;
                self.w.s.chain.set_time(self.now);
                let block = self.w.s.chain.block() + 1;
                self.w.s.chain.set_block(block);
                true
            }
            _ => self.trade(step),
        }
    }

    fn trade(&mut self, step: &Step) -> bool {
        let (pool, market) = (self.w.s.pool, self.w.market);
        let open = self.open();
        let chosen = |at: usize| open.get(at % open.len().max(1));
        match *step {
            Step::Ask(a, n, ttl) => self.told(a, market, ask(pool, n, PRICE, self.now + ttl), 0),
            Step::Bid(a, n) => self.told(a, market, bid(pool, n, PRICE, u64::MAX), cost(n, PRICE)),
            Step::Fill(at, a, n) => {
                let Some((order, found)) = chosen(at) else { return false };
                let n = found.shares.to::<u128>().min(n);
                let (order, shares) = (*order, U256::from(n));
                if found.side == 1 {
                    let call = Market::fillAskCall { order, shares, maxCost: U256::MAX };
                    self.told(a, market, call, cost(n, PRICE))
                } else {
                    self.told(a, market, Market::fillBidCall { order, shares, minProceeds: U256::ZERO }, 0)
                }
            }
            Step::Cancel(at) => {
                let Some((order, found)) = chosen(at) else { return false };
                let maker = self.people.iter().position(|account| account.address == found.maker).unwrap();
                // A maker has its order back at any time, whatever became of it, of its KYC or of the pool.
                assert!(self.told(maker, market, Market::cancelCall { order: *order }, 0), "order {order} is stuck");
                true
            }
            Step::CancelExpired(at) => {
                let Some((order, _)) = chosen(at) else { return false };
                self.told(0, market, Market::cancelExpiredCall { order: *order }, 0)
            }
            Step::Withdraw(a) => {
                let call = Market::withdrawCall { currency: Address::ZERO, to: self.address(a) };
                self.told(a, market, call, 0)
            }
            _ => unreachable!("not a trade: {step:?}"),
        }
    }

    /// PAY-7: the pool's coins are what came in less what went out, and holders' part is with them to the last fraction.
    fn money_is_exact(&mut self, holders: &[Pool::holderOfReturn]) {
        let pool = self.w.s.pool;
        let t = self.ask(pool, Pool::totalsCall {});
        assert_eq!(t.deposited, t.toHolders + t.toContributors);
        assert_eq!(self.w.s.chain.balance(pool), t.deposited - t.claimedByHolders - t.claimedByContributors);
        let one = U256::from(ONE);
        let mut accounted = t.claimedByHolders * one + t.carry + t.undistributed * one;
        for h in holders {
            accounted += h.pending * one + U256::from(h.fraction) + h.balance * (t.index - h.index);
        }
        assert_eq!(accounted, t.toHolders * one);
        let periods = [PERIOD, PERIOD + 1].map(|period| self.ask(pool, Pool::periodOfCall { stream: STREAM, period }));
        assert_eq!(periods.iter().map(|p| p.total).sum::<U256>(), t.toContributors);
        assert_eq!(periods.iter().map(|p| p.claimed).sum::<U256>(), t.claimedByContributors);
        assert!(periods.iter().all(|p| p.claimed <= p.total));
    }

    /// Shares add up, and those on offer are those of open asks.
    fn shares_add_up(&mut self, holders: &[Pool::holderOfReturn]) {
        let (pool, market) = (self.w.s.pool, self.w.market);
        let supply = self.ask(pool, Pool::totalSupplyCall {});
        assert_eq!(holders.iter().map(|h| h.balance).sum::<U256>(), supply);
        let with_shares = holders.iter().filter(|h| !h.balance.is_zero()).count();
        assert_eq!(self.ask(pool, Pool::holderCountCall {}) as usize, with_shares);
        let open = self.open();
        let mut credits = U256::ZERO;
        for (who, holder) in holders.iter().enumerate() {
            let account = self.address(who);
            let asks = open.iter().filter(|(_, order)| order.side == 1 && order.maker == account);
            let reserved = self.ask(pool, Pool::restraintsOfCall { account }).reserved;
            assert_eq!(reserved, asks.map(|(_, order)| order.shares).sum::<U256>());
            assert!(reserved <= holder.balance);
            credits += self.ask(market, Market::creditOfCall { account, currency: Address::ZERO });
        }
        let owed = self.ask(market, Market::escrowOfCall { currency: Address::ZERO });
        assert_eq!(owed.escrow, open.iter().map(|(_, order)| order.escrow).sum::<U256>());
        assert_eq!(owed.credits, credits);
        assert_eq!(self.w.s.chain.balance(market), owed.escrow + credits);
    }

    /// No account gains shares that KYC would not let hold them now.
    fn only_the_eligible_gain(&mut self, holders: &[Pool::holderOfReturn]) {
        for (who, holder) in holders.iter().enumerate() {
            if holder.balance > self.shares[who] {
                let to = self.address(who);
                let standing = Kyc::detectTransferRestrictionCall { from: Address::ZERO, to, amount: U256::ZERO };
                assert_eq!(self.ask(self.w.s.kyc, standing), 0, "person {who} gained shares");
            }
        }
        self.shares = holders.iter().map(|holder| holder.balance).collect();
    }

    fn check(&mut self) {
        let pool = self.w.s.pool;
        let holders: Vec<_> =
            (0..PEOPLE).map(|who| self.ask(pool, Pool::holderOfCall { account: self.address(who) })).collect();
        self.money_is_exact(&holders);
        self.shares_add_up(&holders);
        self.only_the_eligible_gain(&holders);
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// Proves PAY-4 and PAY-7 among real contracts: after every step the money is exact, shares add up, and only the eligible gained some.
#[test]
fn what_must_hold_holds_after_every_step() {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/whole.txt"))),
        ..ProptestConfig::default()
    });
    let (tried, done) = (Cell::new(0u32), Cell::new(0u32));
    let histories = prop::collection::vec(step(), 20..=40);
    let outcome = runner.run(&histories, |steps| {
        let mut scene = Scene::new();
        for step in &steps {
            tried.set(tried.get() + 1);
            done.set(done.get() + u32::from(scene.run(step)));
            scene.check();
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // Histories of refusals would prove nothing.
    assert!(done.get() * 3 > tried.get(), "{} of {} steps were done", done.get(), tried.get());
}
