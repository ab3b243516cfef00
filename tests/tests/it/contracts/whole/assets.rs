//! Licence and market in a token of the chain itself, as USDC is on Polkadot Hub, worked out by hand in its smallest
//! unit.

use alloy_primitives::{Address, U256};
use yieldset_chain::abi::Market;
use yieldset_rules::{licence::Terms, period::quarter_at};
use yieldset_runtime::constants::CENTS;
use yieldset_tests::assets::{Asset, PLAIN};
use yieldset_tests::chain::{Account, START, assert_refused};
use yieldset_tests::deal::{Deal, MONEY};
use yieldset_tests::fixtures::Token;
use yieldset_tests::licence::plain;
use yieldset_tests::market::{LATE, LOT, SHARE, TICK, ask, bid};
use yieldset_tests::world::World;

fn deal() -> Deal {
    Deal::paid_in(|chain, platform| {
        let asset = Asset::create(chain, 7, PLAIN);
        asset.mint(chain, platform.address, MONEY);
        asset.address()
    })
}

/// Proves PAY-2, PAY-3 and PAY-6 in a token of the chain: an upfront of 1,000,003 and 7 % of 10,000,000.
#[test]
fn a_licence_is_paid_in_an_asset() {
    let mut deal = deal();
    let licence = Account::ethereum(deal.w.licence);
    deal.w.s.chain.endow(&licence, CENTS);
    deal.offer(&Terms { upfront: 1_000_003, residual_bps: 700, ..plain() }).unwrap();
    // With the float, as in the pool.
    assert_eq!(deal.balance(deal.w.licence), U256::from(1_000_004));
    deal.accept().unwrap();
    let quarter = quarter_at(START);
    deal.settle(quarter, 10_000_000);
    deal.attribute(quarter);
    assert_eq!(deal.balance(deal.w.s.pool), U256::from(1_700_004));
    deal.claim_all(&[quarter]);
    // Holders: 600,002 and 420,000, of which 612,001.2 and 408,000.8. Contributors: 400,001 (of 400,001.2) and
    // 280,000, of which 510,000.75 and 170,000.25.
    assert_eq!(deal.balances(), [612_001, 408_000, 510_000, 170_000].map(U256::from));
    let left = [deal.w.s.pool, deal.w.licence, deal.platform.address].map(|account| deal.balance(account));
    assert_eq!(left, [3, 1, MONEY - 1_700_003].map(U256::from));
}

/// A pool paid in the token, listed on the market; Alice has ten shares, Bob ten whole ones of the token.
struct Listed {
    w: World,
    asset: Asset,
    alice: Account,
    bob: Account,
}

impl Listed {
    fn new() -> Self {
        let mut w = World::new();
        let asset = Asset::create(&mut w.s.chain, 7, PLAIN);
        let (admin, market, pool) = (w.s.admin.clone(), w.market, w.pool(asset.address()));
        let (alice, bob) = (w.s.holder(1), w.s.holder(2));
        w.s.mint(&alice, 10 * SHARE).unwrap();
        asset.mint(&mut w.s.chain, bob.address, 10_000_000);
        let listing = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        w.call(&admin, market, listing).unwrap();
        let approve = Token::approveCall { spender: market, value: U256::from(10 * SHARE) };
        w.call(&alice, pool, approve).unwrap();
        Self { w, asset, alice, bob }
    }

    fn bob_allows(&mut self, value: u128) {
        let approve = Token::approveCall { spender: self.w.market, value: U256::from(value) };
        self.w.call(&self.bob.clone(), self.asset.address(), approve).unwrap();
    }

    fn balance(&mut self, account: Address) -> u128 {
        let call = Token::balanceOfCall { account };
        self.w.call(&self.bob.clone(), self.asset.address(), call).unwrap().to()
    }

    fn withdraw(&mut self, by: &Account, to: Address) -> u128 {
        let call = Market::withdrawCall { pool: self.w.s.pool, to };
        self.w.call(by, self.w.market, call).unwrap().to()
    }
}

/// Proves PAY-4's market in a token of the chain: the price is rounded up, escrow comes back whole, and nothing stays.
#[test]
fn shares_are_traded_for_an_asset() {
    let mut x = Listed::new();
    let (alice, bob, market, pool) = (x.alice.clone(), x.bob.clone(), x.w.market, x.w.s.pool);
    let order = x.w.call(&alice, market, ask(pool, 10 * SHARE, 3_000_005, LATE)).unwrap();
    // Two and a half cost 7,500,012.5.
    let fill = Market::fillAskCall { order, shares: U256::from(5 * SHARE / 2), maxCost: U256::from(7_500_013) };
    x.bob_allows(7_500_012);
    assert_refused(x.w.call(&bob, market, fill.clone()), "CurrencyCallFailed");
    assert_eq!((x.balance(bob.address), x.balance(market)), (10_000_000, 0));
    x.bob_allows(7_500_013);
    assert_eq!(x.w.call(&bob, market, fill).unwrap(), U256::from(7_500_013));
    let unknown = Address::repeat_byte(0x99);
    assert_eq!(x.withdraw(&alice, unknown), 7_500_013);
    assert_eq!((x.balance(unknown), x.balance(bob.address), x.balance(market)), (7_500_013, 2_499_987, 0));
    // Half a share at three is escrowed, and all of it comes back.
    x.bob_allows(1_500_000);
    let order = x.w.call(&bob, market, bid(pool, SHARE / 2, 3_000_000, LATE)).unwrap();
    assert_eq!((x.balance(bob.address), x.balance(market)), (999_987, 1_500_000));
    x.w.call(&bob, market, Market::cancelCall { order }).unwrap();
    assert_eq!(x.withdraw(&bob, bob.address), 1_500_000);
    assert_eq!((x.balance(bob.address), x.balance(market)), (2_499_987, 0));
}
