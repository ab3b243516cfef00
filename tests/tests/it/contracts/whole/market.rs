//! The market with a real pool and real KYC: who may not trade gets everything back, and shares on offer earn for their
//! owner.

mod registries;

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Access, Kyc, Market, Pool, Refusal};
use yieldset_chain::deployment::role;
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::fixtures::{self, Token};
use yieldset_tests::market::{LATE, LOT, SHARE, TICK, ask, bid, cost};
use yieldset_tests::system::YEAR;
use yieldset_tests::world::World;

const PRICE: u128 = 3_000_000;
const STREAM: B256 = B256::repeat_byte(3);
const COIN: u128 = 10u128.pow(18);

/// A listed pool; Alice has 100 shares, Bob none, both have allowed the market everything.
struct Scene {
    w: World,
    pool: Address,
    currency: Address,
    alice: Account,
    bob: Account,
}

impl Scene {
    fn new(erc20: bool) -> Self {
        let mut w = World::new();
        let admin = w.s.admin.clone();
        let currency = if erc20 { fixtures::plain_token(&mut w.s.chain, &admin, 6) } else { Address::ZERO };
        let pool = w.pool(currency);
        let (alice, bob) = (w.s.holder(1), w.s.holder(2));
        w.s.mint(&alice, 100 * SHARE).unwrap();
        w.s.open().unwrap();
        let market = w.market;
        let listing = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        w.call(&admin, market, listing).unwrap();
        for trader in [&alice, &bob] {
            let approve = Token::approveCall { spender: market, value: U256::MAX };
            w.call(trader, pool, approve.clone()).unwrap();
            if erc20 {
                let mint = Token::mintCall { to: trader.address, value: U256::from(COIN) };
                w.call(trader, currency, mint).unwrap();
                w.call(trader, currency, approve).unwrap();
            }
        }
        Self { w, pool, currency, alice, bob }
    }

    fn value(&self, amount: u128) -> u128 {
        if self.currency.is_zero() { amount } else { 0 }
    }

    fn ask(&mut self, shares: u128) -> u64 {
        let (alice, market) = (self.alice.clone(), self.w.market);
        self.w.call(&alice, market, ask(self.pool, shares * SHARE, PRICE, LATE)).unwrap()
    }

    fn bid(&mut self, shares: u128) -> u64 {
        let (bob, market) = (self.bob.clone(), self.w.market);
        let (call, value) = (bid(self.pool, shares * SHARE, PRICE, LATE), self.value(cost(shares * SHARE, PRICE)));
        self.w.s.chain.call(&bob, market, call, value).unwrap()
    }

    /// Bob buys of an ask.
    fn fill_ask(&mut self, order: u64, shares: u128) -> Result<U256, Failure> {
        let (bob, market) = (self.bob.clone(), self.w.market);
        let call = Market::fillAskCall { order, shares: U256::from(shares * SHARE), maxCost: U256::MAX };
        let value = self.value(cost(shares * SHARE, PRICE));
        self.w.s.chain.call(&bob, market, call, value)
    }

    /// Alice sells to a bid.
    fn fill_bid(&mut self, order: u64, shares: u128) -> Result<U256, Failure> {
        let call = Market::fillBidCall { order, shares: U256::from(shares * SHARE), minProceeds: U256::ZERO };
        self.w.call(&self.alice.clone(), self.w.market, call)
    }

    fn matched(&mut self, ask: u64, bid: u64, shares: u128) -> Result<U256, Failure> {
        let call = Market::matchOrdersCall { ask, bid, shares: U256::from(shares * SHARE) };
        self.w.call(&self.w.s.admin.clone(), self.w.market, call)
    }

    fn cancel(&mut self, by: &Account, order: u64) -> Result<(), Failure> {
        self.w.call(by, self.w.market, Market::cancelCall { order }).map(drop)
    }

    /// Takes all credit to an account that nobody knows.
    fn withdraw(&mut self, by: &Account) -> U256 {
        let (currency, pool, to) = (self.currency, self.pool, Address::repeat_byte(0x99));
        let before = self.balance(currency, to);
        let paid = self.w.call(by, self.w.market, Market::withdrawCall { pool, to }).unwrap();
        assert_eq!(self.balance(currency, to) - before, paid);
        paid
    }

    fn admin<C: alloy_sol_types::SolCall>(&mut self, to: Address, call: C) -> C::Return {
        let admin = self.w.s.admin.clone();
        self.w.call(&admin, to, call).unwrap()
    }

    fn freeze(&mut self, account: &Account, frozen: bool) {
        self.admin(self.w.s.kyc, Kyc::setFrozenCall { account: account.address, frozen });
    }

    fn balance(&mut self, token: Address, account: Address) -> U256 {
        if token.is_zero() {
            return self.w.s.chain.balance(account);
        }
        self.admin(token, Token::balanceOfCall { account })
    }

    fn shares(&mut self, account: &Account) -> U256 {
        self.balance(self.pool, account.address)
    }

    fn reserved(&mut self, account: &Account) -> U256 {
        self.admin(self.pool, Pool::restraintsOfCall { account: account.address }).reserved
    }

    fn claimable(&mut self, account: &Account) -> U256 {
        self.admin(self.pool, Pool::claimableCall { account: account.address })
    }

    /// What the market owns is what it owes, and what is reserved is what open asks offer.
    #[track_caller]
    fn check_books(&mut self) {
        let (market, currency, alice, bob) = (self.w.market, self.currency, self.alice.clone(), self.bob.clone());
        let owed = self.admin(market, Market::escrowOfCall { currency });
        let credits = [alice.address, bob.address].map(|account| Market::creditOfCall { account, pool: self.pool });
        let credits: U256 = credits.map(|call| self.admin(market, call)).into_iter().sum();
        assert_eq!(owed.credits, credits);
        assert_eq!(self.balance(currency, market), owed.escrow + owed.credits);
        let count = self.admin(market, Market::orderCountCall {});
        let admin = self.w.s.admin.clone();
        let open: Vec<_> =
            (1..=count).filter_map(|order| self.w.call(&admin, market, Market::orderOfCall { order }).ok()).collect();
        for account in [&alice, &bob] {
            let asks = open.iter().filter(|order| order.side == 1 && order.maker == account.address);
            assert_eq!(self.reserved(account), asks.map(|order| order.shares).sum::<U256>());
        }
        assert_eq!(owed.escrow, open.iter().map(|order| order.escrow).sum::<U256>());
    }
}

#[track_caller]
fn assert_restricted<T>(result: Result<T, Failure>, code: u8) {
    assert_eq!(result.err(), Some(Failure::with(&Refusal::TransferRestricted { code })));
}

fn units(shares: u128) -> U256 {
    U256::from(shares * SHARE)
}

/// Proves PAY-4: a seller frozen while its order is open sells no more, has its shares back, and keeps what it sold
/// before.
#[test]
fn a_seller_frozen_mid_order_has_its_shares_back() {
    for erc20 in [false, true] {
        let mut x = Scene::new(erc20);
        let alice = x.alice.clone();
        let order = x.ask(40);
        x.fill_ask(order, 10).unwrap();
        x.check_books();
        x.freeze(&alice, true);
        let wanted = x.bid(20);
        assert_restricted(x.fill_ask(order, 10), 5);
        assert_restricted(x.matched(order, wanted, 10), 5);
        assert_restricted(x.fill_bid(wanted, 10), 5);
        x.check_books();
        // Frozen, she cancels; what she earned by the first ten stays owed to her until she may be paid.
        x.cancel(&alice, order).unwrap();
        assert_eq!((x.shares(&alice), x.reserved(&alice)), (units(90), U256::ZERO));
        let withdraw = Market::withdrawCall { pool: x.pool, to: alice.address };
        assert_restricted(x.w.call(&alice, x.w.market, withdraw), 5);
        x.check_books();
        x.freeze(&alice, false);
        assert_eq!(x.withdraw(&alice), U256::from(10 * PRICE));
        x.fill_bid(wanted, 20).unwrap();
        let bob = x.bob.clone();
        assert_eq!((x.shares(&alice), x.shares(&bob)), (units(70), units(30)));
        x.check_books();
    }
}

/// Proves PAY-4: a bidder frozen, sanctioned or without KYC gets no shares, and all of its money.
#[test]
fn a_bidder_who_may_not_trade_has_its_money_back() {
    for erc20 in [false, true] {
        let mut x = Scene::new(erc20);
        let bob = x.bob.clone();
        let wanted = x.bid(50);
        let order = x.ask(50);
        x.fill_bid(wanted, 5).unwrap();
        x.freeze(&bob, true);
        assert_restricted(x.fill_bid(wanted, 5), 6);
        assert_restricted(x.matched(order, wanted, 5), 6);
        assert_restricted(x.fill_ask(order, 5), 6);
        x.freeze(&bob, false);
        let kyc = x.w.s.kyc;
        x.admin(kyc, Kyc::setSanctionedCall { account: bob.address, sanctioned: true });
        assert_restricted(x.fill_bid(wanted, 5), 8);
        x.admin(kyc, Kyc::setSanctionedCall { account: bob.address, sanctioned: false });
        x.fill_bid(wanted, 5).unwrap();
        x.admin(kyc, Kyc::revokeCall { account: bob.address });
        assert_restricted(x.fill_bid(wanted, 5), 2);
        x.check_books();
        x.cancel(&bob, wanted).unwrap();
        x.check_books();
        assert_eq!(x.withdraw(&bob), U256::from(40 * PRICE));
        assert_eq!(x.shares(&bob), units(10));
    }
}

/// A buyer whose KYC expired after it bid gets nothing delivered until it is renewed; its order stays as it was
/// meanwhile.
#[test]
fn delivery_waits_for_the_buyers_kyc() {
    let mut x = Scene::new(false);
    let (alice, bob) = (x.alice.clone(), x.bob.clone());
    let record = |account: &Account, expiry| Kyc::setRecordCall {
        account: account.address,
        level: 1,
        jurisdiction: 276,
        accredited: false,
        expiry,
    };
    let kyc = x.w.s.kyc;
    x.admin(kyc, record(&bob, START + 100));
    let (order, wanted) = (x.ask(10), x.bid(10));
    x.w.s.chain.set_time(START + 99);
    x.matched(order, wanted, 2).unwrap();
    x.w.s.chain.set_time(START + 100);
    assert_restricted(x.matched(order, wanted, 2), 4);
    assert_restricted(x.fill_bid(wanted, 2), 4);
    assert_restricted(x.fill_ask(order, 2), 4);
    assert_eq!((x.shares(&bob), x.reserved(&alice)), (units(2), units(8)));
    x.check_books();
    // An expired record sells no more than it buys, and its dividends wait.
    let (market, pool) = (x.w.market, x.pool);
    assert_restricted(x.w.call(&bob, market, ask(pool, SHARE, PRICE, LATE)), 3);
    x.admin(kyc, record(&bob, START + YEAR));
    x.matched(order, wanted, 8).unwrap();
    assert_eq!((x.shares(&bob), x.reserved(&alice)), (units(10), U256::ZERO));
    x.check_books();
}

/// Proves PAY-4 and PAY-7: shares on offer earn for who offers them until they are delivered, and for who bought them
/// from then on.
#[test]
fn shares_on_offer_earn_for_their_owner() {
    let mut x = Scene::new(false);
    let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.pool);
    let order = x.ask(100);
    // 300 coins of it are the holders': three for each share.
    let deposit = |x: &mut Scene| {
        let admin = x.w.s.admin.clone();
        let call = Pool::depositCall { stream: STREAM, period: 8107, amount: U256::from(500 * COIN) };
        x.w.s.chain.call(&admin, pool, call, 500 * COIN).unwrap();
    };
    let coins = |n: u128| U256::from(n * COIN);
    deposit(&mut x);
    assert_eq!((x.claimable(&alice), x.reserved(&alice)), (coins(300), units(100)));
    x.fill_ask(order, 25).unwrap();
    assert_eq!((x.claimable(&alice), x.claimable(&bob)), (coins(300), U256::ZERO));
    deposit(&mut x);
    assert_eq!((x.claimable(&alice), x.claimable(&bob)), (coins(300 + 225), coins(75)));
    // She claims while the rest is on offer; the price is in the market, the dividends are the pool's.
    assert_eq!(x.w.call(&alice, pool, Pool::claimCall {}).unwrap(), coins(525));
    x.fill_ask(order, 75).unwrap();
    assert_eq!((x.claimable(&alice), x.claimable(&bob)), (U256::ZERO, coins(75)));
    assert_eq!((x.shares(&alice), x.shares(&bob)), (U256::ZERO, units(100)));
    assert_eq!(x.withdraw(&alice), U256::from(100 * PRICE));
    x.w.call(&bob, pool, Pool::claimCall {}).unwrap();
    // Contributors' part alone is left.
    assert_eq!(x.balance(Address::ZERO, pool), coins(400));
    x.check_books();
}

/// A paused pool and an agent's freeze of part of a holding stop deliveries and no refund; a market that lost its role
/// cannot cancel asks until it has it again (their holder frees the shares itself: `registries`).
#[test]
fn what_stops_deliveries_stops_no_refund() {
    let mut x = Scene::new(false);
    let (alice, bob, pool, market) = (x.alice.clone(), x.bob.clone(), x.pool, x.w.market);
    let (order, wanted) = (x.ask(60), x.bid(10));
    x.admin(pool, Pool::freezePartialTokensCall { account: alice.address, amount: units(70) });
    assert_restricted(x.fill_ask(order, 40), 17);
    x.fill_ask(order, 30).unwrap();
    x.admin(pool, Pool::pauseCall {});
    assert_restricted(x.matched(order, wanted, 1), 22);
    assert!(x.w.call(&alice, market, ask(pool, SHARE, PRICE, LATE)).is_err());
    x.cancel(&bob, wanted).unwrap();
    assert_eq!(x.withdraw(&bob), U256::from(10 * PRICE));
    let revoke = Access::revokeRoleCall { role: role("MARKET_ROLE"), account: market };
    x.admin(pool, revoke);
    let lacks = Refusal::AccessControlUnauthorizedAccount { account: market, neededRole: role("MARKET_ROLE") };
    assert_eq!(x.cancel(&alice, order), Err(Failure::with(&lacks)));
    assert_eq!(x.reserved(&alice), units(30));
    x.w.grant(pool, "MARKET_ROLE", market);
    x.cancel(&alice, order).unwrap();
    assert_eq!((x.shares(&alice), x.reserved(&alice)), (units(70), U256::ZERO));
    x.check_books();
}

/// Proves SAFE-6: a recovery reaches shares on offer. The order of the lost account delivers nothing more, and anybody
/// ends it. Before, the 60 shares stayed with the lost account until an expiry that may be never.
#[test]
fn shares_on_offer_follow_a_recovery() {
    let mut x = Scene::new(true);
    let (alice, bob, pool, market) = (x.alice.clone(), x.bob.clone(), x.pool, x.w.market);
    let (fresh, kyc) = (x.w.s.chain.account(9), x.w.s.kyc);
    let (order, wanted) = (x.ask(60), x.bid(10));
    let (lost, replacement, reason) = (alice.address, fresh.address, B256::repeat_byte(1));
    let recover = Pool::recoverAccountCall { lost, replacement, reason };
    let admin = x.w.s.admin.clone();
    // First the registry knows the replacement, then the pool.
    assert_restricted(x.w.call(&admin, pool, recover.clone()), 2);
    x.admin(kyc, Kyc::recoverCall { lost, replacement, reason });
    x.admin(pool, recover);
    assert_eq!((x.shares(&alice), x.shares(&fresh), x.reserved(&alice)), (U256::ZERO, units(100), U256::ZERO));
    assert_refused(x.fill_ask(order, 1), "OrderVoid");
    assert_refused(x.matched(order, wanted, 1), "OrderVoid");
    x.w.call(&bob, market, Market::cancelExpiredCall { order }).unwrap();
    assert_refused(x.cancel(&alice, order), "UnknownOrder");
    x.check_books();
}

/// Proves SAFE-6: an agent takes shares on offer, all of the owner's orders are void then, and the shares that are left
/// can be offered anew. Escrows of bids are untouched.
#[test]
fn a_seizure_reaches_shares_on_offer() {
    let mut x = Scene::new(false);
    let (alice, bob, pool, market) = (x.alice.clone(), x.bob.clone(), x.pool, x.w.market);
    let (first, second, wanted) = (x.ask(60), x.ask(30), x.bid(10));
    let force = |shares: u128| Pool::forcedTransferCall {
        from: alice.address,
        to: bob.address,
        amount: units(shares),
        reason: B256::repeat_byte(1),
    };
    // Ten are free: taking them ends nothing.
    x.admin(pool, force(10));
    x.fill_ask(first, 10).unwrap();
    assert_eq!((x.shares(&alice), x.reserved(&alice)), (units(80), units(80)));
    x.admin(pool, force(1));
    assert_eq!((x.shares(&alice), x.reserved(&alice)), (units(79), U256::ZERO));
    for order in [first, second] {
        assert_refused(x.fill_ask(order, 1), "OrderVoid");
    }
    assert_refused(x.matched(second, wanted, 1), "OrderVoid");
    // The new order stands, and ending the old ones frees none of its shares.
    let anew = x.ask(79);
    x.cancel(&alice, first).unwrap();
    x.w.call(&bob, market, Market::cancelExpiredCall { order: second }).unwrap();
    assert_refused(x.w.call(&bob, market, Market::cancelExpiredCall { order: anew }), "NotExpired");
    assert_eq!(x.reserved(&alice), units(79));
    x.matched(anew, wanted, 10).unwrap();
    x.cancel(&alice, anew).unwrap();
    assert_eq!((x.shares(&alice), x.reserved(&alice)), (units(69), U256::ZERO));
    x.check_books();
}

/// Proves SAFE-7: who is on a sanctions list takes no money out of the market and to no address; nor can anybody have
/// money sent there. It stays owed, and is paid once the listing ends. Before, all of these were paid.
#[test]
fn the_sanctioned_take_no_proceeds() {
    let mut x = Scene::new(false);
    let (alice, bob, kyc, market, pool) = (x.alice.clone(), x.bob.clone(), x.w.s.kyc, x.w.market, x.pool);
    let order = x.ask(10);
    x.fill_ask(order, 10).unwrap();
    let listed = |account: &Account, sanctioned| Kyc::setSanctionedCall { account: account.address, sanctioned };
    let withdraw = |to: &Account| Market::withdrawCall { pool, to: to.address };
    x.admin(kyc, listed(&alice, true));
    for to in [&alice, &bob] {
        assert_restricted(x.w.call(&alice, market, withdraw(to)), 7);
    }
    x.admin(kyc, listed(&alice, false));
    x.admin(kyc, listed(&bob, true));
    assert_restricted(x.w.call(&alice, market, withdraw(&bob)), 8);
    x.admin(kyc, Kyc::setFrozenCall { account: alice.address, frozen: true });
    assert_restricted(x.w.call(&alice, market, withdraw(&alice)), 5);
    x.admin(kyc, Kyc::setFrozenCall { account: alice.address, frozen: false });
    // An expired or missing record is no listing.
    x.admin(kyc, Kyc::revokeCall { account: alice.address });
    assert_eq!(x.withdraw(&alice), U256::from(10 * PRICE));
    x.check_books();
}

/// Proves SAFE-1: what the market owes a lost account has a way out: to who the pool recovered it to, and to nobody
/// else. The escrow of its bid comes back to it, and goes the same way.
#[test]
fn what_is_owed_to_a_lost_account_is_its_successors() {
    let mut x = Scene::new(false);
    let (alice, bob, market, pool) = (x.alice.clone(), x.bob.clone(), x.w.market, x.pool);
    let (fresh, heir) = (x.w.s.holder(9), x.w.s.holder(10));
    let (order, wanted) = (x.ask(10), x.bid(5));
    x.fill_ask(order, 10).unwrap();
    let inherit = |lost: &Account| Market::inheritCall { lost: lost.address, pool };
    let withdraw = |by: &Account| Market::withdrawCall { pool, to: by.address };
    let credit = |account: &Account| Market::creditOfCall { account: account.address, pool };
    let recover = |lost: &Account, replacement: &Account| Pool::recoverAccountCall {
        lost: lost.address,
        replacement: replacement.address,
        reason: B256::repeat_byte(1),
    };
    assert_refused(x.w.call(&bob, market, inherit(&alice)), "NotRecovered");
    x.admin(pool, recover(&alice, &fresh));
    // Whoever has the lost key takes nothing, though no registry keeps it out.
    assert_restricted(x.w.call(&alice, market, withdraw(&alice)), 5);
    assert_eq!(x.w.call(&bob, market, inherit(&alice)).unwrap(), U256::from(10 * PRICE));
    assert_refused(x.w.call(&bob, market, inherit(&alice)), "NothingToWithdraw");
    assert_eq!(x.w.call(&bob, market, credit(&fresh)).unwrap(), U256::from(10 * PRICE));
    x.w.call(&fresh, market, withdraw(&fresh)).unwrap();
    x.admin(pool, recover(&bob, &heir));
    x.w.s.chain.set_time(LATE);
    x.w.call(&alice, market, Market::cancelExpiredCall { order: wanted }).unwrap();
    assert_eq!(x.w.call(&alice, market, inherit(&bob)).unwrap(), U256::from(5 * PRICE));
    // Its successor is lost too: the last of the chain has it, whichever of them it was moved to.
    let last = x.w.s.holder(11);
    x.admin(pool, recover(&heir, &last));
    assert_restricted(x.w.call(&heir, market, withdraw(&heir)), 5);
    assert_eq!(x.w.call(&alice, market, inherit(&heir)).unwrap(), U256::from(5 * PRICE));
    assert_eq!(x.withdraw(&last), U256::from(5 * PRICE));
    x.check_books();
}

/// Proves SAFE-1: whose the market's money is a registry does not say: its agent recovers an account to another, and
/// neither that one nor anybody else has what the account is owed.
#[test]
fn a_registry_gives_nobody_what_the_market_owes() {
    let mut x = Scene::new(false);
    let (alice, bob, kyc, market, pool) = (x.alice.clone(), x.bob.clone(), x.w.s.kyc, x.w.market, x.pool);
    let taker = x.w.s.chain.account(9);
    let order = x.ask(10);
    x.fill_ask(order, 10).unwrap();
    let (lost, reason) = (alice.address, B256::repeat_byte(1));
    x.admin(kyc, Kyc::recoverCall { lost, replacement: taker.address, reason });
    for by in [&taker, &bob] {
        assert_refused(x.w.call(by, market, Market::inheritCall { lost, pool }), "NotRecovered");
    }
    let withdraw = Market::withdrawCall { pool, to: taker.address };
    assert_refused(x.w.call(&taker, market, withdraw), "NothingToWithdraw");
    // It waits until its owner is let in again.
    assert_restricted(x.w.call(&alice, market, Market::withdrawCall { pool, to: lost }), 5);
    x.freeze(&alice, false);
    assert_eq!(x.withdraw(&alice), U256::from(10 * PRICE));
    x.check_books();
}
