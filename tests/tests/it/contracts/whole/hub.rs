//! Licence and market in a currency as USDC and USDT are on Polkadot Hub: a token of the chain itself of which no
//! account has less than a cent, whose issuer can stop accounts, and which wants native money for an allowance. On the
//! real pallet and its precompile; worked out by hand, in the token's smallest unit.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Licence, Market, Refusal};
use yieldset_rules::{licence::Terms, period::quarter_at};
use yieldset_runtime::constants::CENTS;
use yieldset_tests::assets::{Asset, HUB};
use yieldset_tests::chain::{Account, Failure, NATIVE_TO_EVM, START, assert_refused};
use yieldset_tests::deal::{Deal, MONEY};
use yieldset_tests::fixtures::Token;
use yieldset_tests::licence::plain;
use yieldset_tests::market::{LATE, LOT, SHARE, TICK, ask, bid};
use yieldset_tests::world::World;

/// No account has less.
const CENT: u128 = 10_000;

fn deal() -> (Deal, Asset) {
    let mut made = None;
    let deal = Deal::paid_in(|chain, platform| {
        let asset = Asset::create(chain, 1_337, HUB);
        asset.mint(chain, platform.address, MONEY);
        made = Some(asset);
        asset.address()
    });
    (deal, made.unwrap())
}

fn float(missing: u128) -> Failure {
    Failure::with(&Refusal::FloatMissing { missing: U256::from(missing) })
}

fn below(account: Address, missing: u128) -> Failure {
    Failure::with(&Refusal::BelowMinimum { account, missing: U256::from(missing) })
}

/// Proves PAY-2, PAY-3 and PAY-6: a licence contract without native money for an allowance takes what the platform pays
/// and holds it for the pool; the allowance's deposit comes once, from anybody, with `deliver`, and stays. Before, the
/// acceptance and every payment failed.
#[test]
fn what_the_pool_cannot_be_allowed_is_held_for_it() {
    let (mut deal, _) = deal();
    let (licence, pool, anybody) = (deal.w.licence, deal.w.s.pool, deal.w.s.admin.clone());
    deal.offer(&Terms { upfront: 1_000_003, residual_bps: 700, ..plain() }).unwrap();
    deal.accept().unwrap();
    let quarter = quarter_at(START);
    let held = |deal: &mut Deal| deal.record::<Licence::Money>('M', B256::ZERO).held;
    assert_eq!(held(&mut deal), U256::from(1_000_003));
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [1_000_003, CENT].map(U256::from));
    let deliver = Licence::deliverCall { licence: deal.id, period: quarter };
    deal.call(&anybody, deliver.clone()).unwrap();
    assert_eq!(held(&mut deal), U256::from(1_000_003));
    let deposit = CENTS * NATIVE_TO_EVM;
    deal.w.s.chain.call(&anybody, licence, deliver, deposit).unwrap();
    assert_eq!(held(&mut deal), U256::ZERO);
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [0, 1_010_003].map(U256::from));
    assert_eq!(deal.w.s.chain.balance(licence), U256::from(deposit));
    // 7 % of 10,000,000 needs no more of it.
    deal.settle(quarter, 10_000_000);
    deal.attribute(quarter);
    assert_eq!(deal.balance(pool), U256::from(1_710_003));
    assert_eq!(deal.w.s.chain.balance(licence), U256::from(deposit));
    deal.claim_all(&[quarter]);
    // As in a token without a least balance; two do not divide.
    assert_eq!(deal.balances(), [612_001, 408_000, 510_000, 170_000].map(U256::from));
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [0, CENT + 2].map(U256::from));
}

/// Proves SAFE-2 and PAY-7: what would take another licence's money along is refused, with what is missing, until
/// anybody has brought that; a refund too small for a new account says so, and is paid to one that has some.
#[test]
fn refunds_are_exact_beside_a_float() {
    let (mut deal, asset) = deal();
    let (licence, platform) = (deal.w.licence, deal.platform.clone());
    let large = deal.offer(&Terms { upfront: 1_000_000, ..plain() }).unwrap();
    let small = deal.offer(&Terms { upfront: 5_000, ..plain() }).unwrap();
    for licence in [large, small] {
        deal.call(&platform, Licence::withdrawCall { licence }).unwrap();
    }
    let refund = |licence, to| Licence::refundCall { licence, to };
    // The 5,000 of the other one would go along.
    assert_refused(deal.call(&platform, refund(large, platform.address)), "FloatMissing");
    assert_eq!(deal.balance(licence), U256::from(1_005_000));
    asset.float(&mut deal.w.s.chain, licence);
    assert_eq!(deal.call(&platform, refund(large, platform.address)).unwrap(), U256::from(1_000_000));
    assert_eq!(deal.balance(licence), U256::from(15_000));
    let new = Address::repeat_byte(0x99);
    assert_eq!(deal.call(&platform, refund(small, new)), Err(below(new, 5_000)));
    assert_eq!(deal.call(&platform, refund(small, platform.address)).unwrap(), U256::from(5_000));
    let left = [licence, platform.address].map(|account| deal.balance(account));
    assert_eq!(left, [CENT, MONEY].map(U256::from));
}

/// A pool in the token; Alice has ten shares, Bob ten whole ones of the token. The market trades only that pool.
struct Listed {
    w: World,
    asset: Asset,
    alice: Account,
    bob: Account,
}

impl Listed {
    fn new() -> Self {
        let mut x = Self::unlisted();
        x.asset.float(&mut x.w.s.chain, x.w.market);
        x.list().unwrap();
        x
    }

    fn unlisted() -> Self {
        let mut w = World::new();
        let asset = Asset::create(&mut w.s.chain, 1_984, HUB);
        let (admin, market, pool) = (w.s.admin.clone(), w.market, w.pool(asset.address()));
        asset.begin(&mut w.s.chain, &admin, pool);
        let (alice, bob) = (w.s.holder(1), w.s.holder(2));
        w.s.mint(&alice, 10 * SHARE).unwrap();
        asset.mint(&mut w.s.chain, bob.address, 10_000_000);
        for (owner, token) in [(&alice, pool), (&bob, asset.address())] {
            w.call(owner, token, Token::approveCall { spender: market, value: U256::from(10 * SHARE) }).unwrap();
        }
        Self { w, asset, alice, bob }
    }

    fn list(&mut self) -> Result<(), Failure> {
        let call = Market::listPoolCall { pool: self.w.s.pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        self.w.call(&self.w.s.admin.clone(), self.w.market, call).map(drop)
    }

    fn balance(&mut self, account: Address) -> u128 {
        let call = Token::balanceOfCall { account };
        self.w.call(&self.bob.clone(), self.asset.address(), call).unwrap().to()
    }

    fn withdraw(&mut self, by: &Account, to: Address) -> Result<u128, Failure> {
        let call = Market::withdrawCall { pool: self.w.s.pool, to };
        self.w.call(by, self.w.market, call).map(|paid| paid.to())
    }

    fn credit(&mut self, account: &Account) -> U256 {
        let call = Market::creditOfCall { account: account.address, pool: self.w.s.pool };
        self.w.call(account, self.w.market, call).unwrap()
    }
}

/// Proves PAY-4: a market lists a pool in such a token when it has its float beside what it owes; from then on orders
/// and refunds below the least balance come in and go out exactly.
#[test]
fn a_market_trades_beside_its_float() {
    let mut x = Listed::unlisted();
    let (alice, bob, market, pool) = (x.alice.clone(), x.bob.clone(), x.w.market, x.w.s.pool);
    assert_eq!(x.list(), Err(float(CENT)));
    x.asset.float(&mut x.w.s.chain, market);
    x.list().unwrap();
    // Half a share at 6,000 is less than a cent.
    let order = x.w.call(&bob, market, bid(pool, SHARE / 2, 6_000, LATE)).unwrap();
    assert_eq!((x.balance(bob.address), x.balance(market)), (9_997_000, CENT + 3_000));
    x.w.call(&bob, market, Market::cancelCall { order }).unwrap();
    let new = Address::repeat_byte(0x99);
    assert_eq!(x.withdraw(&bob, new), Err(below(new, 7_000)));
    assert_eq!(x.credit(&bob), U256::from(3_000));
    assert_eq!(x.withdraw(&bob, bob.address), Ok(3_000));
    assert_eq!((x.balance(bob.address), x.balance(market)), (10_000_000, CENT));
    // Two and a half at 3,000,005 cost 7,500,012.5; half a share at 2,000 is bid for besides.
    let order = x.w.call(&alice, market, ask(pool, 10 * SHARE, 3_000_005, LATE)).unwrap();
    let fill = Market::fillAskCall { order, shares: U256::from(5 * SHARE / 2), maxCost: U256::MAX };
    x.w.call(&bob, market, fill).unwrap();
    x.w.call(&bob, market, bid(pool, SHARE / 2, 2_000, LATE)).unwrap();
    assert_eq!(x.withdraw(&alice, new), Ok(7_500_013));
    assert_eq!((x.balance(new), x.balance(market)), (7_500_013, CENT + 1_000));
    // All of it is there for the bid: listed again it needs no more.
    x.list().unwrap();
}

/// Proves SAFE-2: without a float, as where its issuer burned it, what would take others' money along is refused until
/// anybody has brought it; and an issuer that stops the market stops nothing for good.
#[test]
fn a_market_without_its_float_loses_nothing() {
    let mut x = Listed::new();
    let (alice, bob, market, pool) = (x.alice.clone(), x.bob.clone(), x.w.market, x.w.s.pool);
    x.asset.burn(&mut x.w.s.chain, market, CENT);
    let order = x.w.call(&alice, market, ask(pool, SHARE, 1_000_000, LATE)).unwrap();
    x.w.call(&bob, market, Market::fillAskCall { order, shares: U256::from(SHARE), maxCost: U256::MAX }).unwrap();
    x.w.call(&bob, market, bid(pool, SHARE / 2, 2_000, LATE)).unwrap();
    assert_refused(x.withdraw(&alice, alice.address), "FloatMissing");
    assert_eq!((x.credit(&alice), x.balance(market)), (U256::from(1_000_000), 1_001_000));
    assert_eq!(x.list(), Err(float(CENT)));
    x.asset.float(&mut x.w.s.chain, market);
    x.asset.freeze(&mut x.w.s.chain, market, true);
    assert_refused(x.withdraw(&alice, alice.address), "CurrencyCallFailed");
    x.asset.freeze(&mut x.w.s.chain, market, false);
    assert_eq!(x.withdraw(&alice, alice.address), Ok(1_000_000));
    assert_eq!(x.balance(market), CENT + 1_000);
}
