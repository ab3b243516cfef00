//! Tokens that behave as USDC and USDT do on Ethereum: with a blocklist and a pause, and without answers.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Licence, Refusal};
use yieldset_rules::{licence::Terms, period::quarter_at};
use yieldset_tests::chain::{Account, Chain, Failure, START, assert_refused};
use yieldset_tests::deal::{Deal, MONEY};
use yieldset_tests::fixtures::{Dollar, Token, usdc_like, usdt_like};
use yieldset_tests::licence::plain;

use super::{Scene, claimable};

/// How a token is deployed.
type Kind = fn(&mut Chain, &Account) -> Address;

impl Scene {
    /// The issuer does something.
    fn issuer<C: SolCall>(&mut self, call: C) {
        self.s.call(&self.platform.clone(), self.token, call).unwrap();
    }

    fn blocked(&mut self, account: Address, listed: bool) {
        self.issuer(Dollar::blacklistCall { account, listed });
    }
}

fn unpaid(account: &Account) -> Failure {
    Failure::with(&Refusal::PayoutFailed { account: account.address })
}

/// Proves PAY-6 and PAY-7 in both: a token that answers nothing is taken and paid as any other.
#[test]
fn both_pay_to_the_unit() {
    for kind in [usdc_like as Kind, usdt_like] {
        let mut x = Scene::new(|s, admin| kind(&mut s.chain, admin));
        let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.s.pool);
        x.deposit(1_000).unwrap();
        x.c.post_final(&mut x.s, super::STREAM, super::PERIOD);
        assert_eq!((x.claim(&alice), x.claim(&bob)), (Ok(U256::from(450)), Ok(U256::from(150))));
        assert_eq!((x.contribution(0), x.contribution(1)), (Ok(U256::from(300)), Ok(U256::from(100))));
        assert_eq!(x.balance(pool), U256::ZERO);
        x.buy().unwrap();
        x.assert_exact("sold");
    }
}

/// Proves SAFE-2: who is on the blocklist waits, with a reason, and stops nobody else; a pool on it, or a pause, stops
/// all until it ends. Nothing is lost.
#[test]
fn a_blocklist_delays_only_whom_it_names() {
    let mut x = Scene::new(|s, admin| usdc_like(&mut s.chain, admin));
    let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.s.pool);
    x.deposit(1_000).unwrap();
    x.blocked(bob.address, true);
    assert_eq!(x.claim(&bob), Err(unpaid(&bob)));
    assert_eq!(claimable(&mut x.s, &bob), U256::from(150));
    assert_eq!(x.claim(&alice), Ok(U256::from(450)));
    x.blocked(bob.address, false);
    x.blocked(pool, true);
    assert_eq!(x.claim(&bob), Err(unpaid(&bob)));
    assert_refused(x.deposit(1_000), "WrongPayment");
    x.blocked(pool, false);
    x.issuer(Dollar::pauseCall { stopped: true });
    assert_eq!(x.claim(&bob), Err(unpaid(&bob)));
    assert_refused(x.deposit(1_000), "WrongPayment");
    x.issuer(Dollar::pauseCall { stopped: false });
    assert_eq!(x.claim(&bob), Ok(U256::from(150)));
    x.assert_exact("at the end");
}

/// The treasury of a sale on the blocklist sells nothing, and takes no money.
#[test]
fn a_blocked_treasury_sells_nothing() {
    let mut x = Scene::new(|s, admin| usdc_like(&mut s.chain, admin));
    let treasury = x.treasury.clone();
    x.blocked(treasury.address, true);
    assert_eq!(x.buy(), Err(unpaid(&treasury)));
    assert_eq!(x.bought(), U256::ZERO);
    x.blocked(treasury.address, false);
    x.buy().unwrap();
    x.assert_exact("sold");
}

fn deal(kind: Kind) -> Deal {
    Deal::paid_in(|chain, platform| {
        let token = kind(chain, platform);
        chain.call(platform, token, Token::mintCall { to: platform.address, value: U256::from(MONEY) }, 0).unwrap();
        token
    })
}

/// Proves PAY-2 and PAY-6 in both: the licence contract allows the pool anew with each payment, and leaves no allowance
/// behind.
#[test]
fn a_licence_is_paid_in_both() {
    for kind in [usdc_like as Kind, usdt_like] {
        let mut deal = deal(kind);
        deal.offer(&Terms { upfront: 1_000_003, residual_bps: 700, ..plain() }).unwrap();
        deal.accept().unwrap();
        let quarter = quarter_at(START);
        deal.settle(quarter, 10_000_000);
        deal.attribute(quarter);
        deal.claim_all(&[quarter]);
        // As in a token of the chain.
        assert_eq!(deal.balances(), [612_001, 408_000, 510_000, 170_000].map(U256::from));
        let left = [deal.w.s.pool, deal.w.licence].map(|account| deal.balance(account));
        assert_eq!(left, [2, 0].map(U256::from));
    }
}

/// Proves SAFE-2: a pool that the issuer blocks cannot be allowed anything. What the platform pays is held for it until
/// then, and the platform is in no default. Before, the payment failed.
#[test]
fn what_a_blocked_pool_cannot_take_is_held_for_it() {
    let mut deal = deal(usdc_like);
    let (pool, licence, token) = (deal.w.s.pool, deal.w.licence, deal.currency);
    let anybody = deal.w.s.admin.clone();
    let block = |listed| Dollar::blacklistCall { account: pool, listed };
    deal.w.call(&anybody, token, block(true)).unwrap();
    deal.offer(&Terms { upfront: 1_000_003, ..plain() }).unwrap();
    deal.accept().unwrap();
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [1_000_003, 0].map(U256::from));
    deal.w.call(&anybody, token, block(false)).unwrap();
    let deliver = Licence::deliverCall { licence: deal.id, period: quarter_at(START) };
    deal.call(&anybody, deliver).unwrap();
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [0, 1_000_003].map(U256::from));
}
