//! Licence and market in a currency as USDC and USDT are on Polkadot Hub: a token of the chain itself of which no
//! account has less than a cent, whose issuer can stop accounts, and which wants native money for an allowance. On the
//! real pallet and its precompile; worked out by hand, in the token's smallest unit.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Licence, Manifests, Market, Refusal};
use yieldset_rules::{
    licence::Terms,
    period::{quarter_at, quarter_start},
};
use yieldset_tests::assets::{Asset, HUB};
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::deal::{Deal, MONEY};
use yieldset_tests::fixtures::Token;
use yieldset_tests::licence::{DAY, HASH, menu, plain};
use yieldset_tests::manifests::found;
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
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [1_010_003, CENT].map(U256::from));
    let deliver = Licence::deliverCall { licence: deal.id, period: quarter };
    deal.call(&anybody, deliver.clone()).unwrap();
    assert_eq!(held(&mut deal), U256::from(1_000_003));
    let deposit = deal.w.s.chain.approval_deposit();
    deal.w.s.chain.call(&anybody, licence, deliver, deposit).unwrap();
    assert_eq!(held(&mut deal), U256::ZERO);
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [CENT, 1_010_003].map(U256::from));
    assert_eq!(deal.w.s.chain.balance(licence), U256::from(deposit));
    // 7 % of 10,000,000 needs no more of it.
    deal.settle(quarter, 10_000_000);
    deal.attribute(quarter);
    assert_eq!(deal.balance(pool), U256::from(1_710_003));
    assert_eq!(deal.w.s.chain.balance(licence), U256::from(deposit));
    deal.claim_all(&[quarter]);
    // As in a token without a least balance; two do not divide.
    assert_eq!(deal.balances(), [612_001, 408_000, 510_000, 170_000].map(U256::from));
    assert_eq!([licence, pool].map(|account| deal.balance(account)), [CENT, CENT + 2].map(U256::from));
}

/// Proves SAFE-2 and PAY-7: where its issuer burned the float, what would take another licence's money along is
/// refused, with what is missing, until anybody has brought that; a refund too small for a new account says so, and is
/// paid to one that has some.
#[test]
fn refunds_are_exact_beside_a_float() {
    let (mut deal, asset) = deal();
    let (licence, platform) = (deal.w.licence, deal.platform.clone());
    let large = deal.offer(&Terms { upfront: 1_000_000, ..plain() }).unwrap();
    let small = deal.offer(&Terms { upfront: 5_000, ..plain() }).unwrap();
    for licence in [large, small] {
        deal.call(&platform, Licence::withdrawCall { licence }).unwrap();
    }
    asset.burn(&mut deal.w.s.chain, licence, CENT);
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

/// What a message answers while the float lacks a unit; it works once that is there.
fn lacking<C: SolCall + Clone>(deal: &mut Deal, asset: Asset, amount: u128, call: &C) -> C::Return {
    let licence = deal.w.licence;
    asset.burn(&mut deal.w.s.chain, licence, 1);
    assert_eq!(deal.pay(amount, call.clone()).err(), Some(float(1)), "{}", C::SIGNATURE);
    asset.mint(&mut deal.w.s.chain, licence, 1);
    deal.pay(amount, call.clone()).unwrap()
}

/// Proves SAFE-2 and PAY-7: money in such a token comes into the licence contract beside its float alone, which is what
/// it has above all that it owes: upfronts, escrow and dues. Before, it came in without, and the last refund waited for
/// a float of which nobody had been told.
#[test]
fn money_comes_into_a_licence_beside_its_float() {
    let (mut deal, asset) = deal();
    let (contract, pool) = (deal.w.licence, deal.w.s.pool);
    let (platform, admin) = (deal.platform.clone(), deal.w.s.admin.clone());
    asset.burn(&mut deal.w.s.chain, contract, CENT);
    let terms = Terms { upfront: 1_000_003, residual_bps: 700, escrow: 50_000, funding_days: 30, ..plain() };
    assert_eq!(deal.offer(&terms), Err(float(CENT)));
    asset.float(&mut deal.w.s.chain, contract);
    let first = deal.offer(&terms).unwrap();
    // What is owed already is none of it.
    asset.burn(&mut deal.w.s.chain, contract, 4_000);
    assert_eq!(deal.offer(&terms), Err(float(4_000)));
    asset.mint(&mut deal.w.s.chain, contract, 4_000);
    assert_ne!(deal.offer(&terms).unwrap(), first);
    deal.call(&platform, Licence::withdrawCall { licence: deal.id }).unwrap();
    deal.call(&platform, Licence::refundCall { licence: deal.id, to: platform.address }).unwrap();
    deal.id = first;
    // What is held for the pool is owed, and what it took is not any more: it takes the upfront with the deposit alone.
    deal.accept().unwrap();
    let (licence, quarter, value) = (first, quarter_at(START), U256::from(50_000));
    lacking(&mut deal, asset, 0, &Licence::fundEscrowCall { licence, value });
    let deliver = Licence::deliverCall { licence, period: quarter };
    let along = deal.w.s.chain.approval_deposit();
    deal.w.s.chain.call(&admin, contract, deliver, along).unwrap();
    assert_eq!([contract, pool].map(|account| deal.balance(account)), [60_000, 1_010_003].map(U256::from));
    // A due of 700,000 in two parts, the first of them less than a cent.
    deal.at(quarter_start(quarter + 1) + DAY);
    let (gross, zero) = (U256::from(10_000_000), U256::ZERO);
    let report =
        Licence::reportRevenueCall { licence, quarter, gross, infrastructure: zero, taxes: zero, evidence: HASH };
    deal.call(&platform, report).unwrap();
    for value in [3_000, 697_000].map(U256::from) {
        lacking(&mut deal, asset, 0, &Licence::payCall { licence, quarter, value });
    }
    assert_eq!([contract, pool].map(|account| deal.balance(account)), [60_000, 1_710_003].map(U256::from));
}

/// Proves SAFE-2 and LIC-3: the same for what is paid for an audit; its creditor took it, so it is owed no more.
#[test]
fn an_audit_is_paid_beside_the_float() {
    let (mut deal, asset) = deal();
    let (contract, platform, auditor) = (deal.w.licence, deal.platform.clone(), deal.oracle.clone());
    deal.w.grant(contract, "AUDITOR_ROLE", auditor.address);
    let licence = deal.offer(&Terms { audit_fee_cap: 5_000, ..plain() }).unwrap();
    deal.accept().unwrap();
    let fund = |value| Licence::fundEscrowCall { licence, value: U256::from(value) };
    deal.pay(0, fund(20_000)).unwrap();
    let quarter = quarter_at(START);
    deal.at(quarter_start(quarter + 1) + DAY);
    let contributor = deal.contributors[0].clone();
    let approve = Licence::approveContributorCall { licence, contributor: contributor.address, approved: true };
    deal.call(&auditor, approve).unwrap();
    let number =
        deal.call(&contributor, Licence::requestAuditCall { licence, quarter, scope: HASH, timepoint: 0 }).unwrap();
    let (logs, manifests, runs) = (HASH, HASH, HASH);
    deal.call(&platform, Licence::answerAuditCall { licence, number, logs, manifests, runs }).unwrap();
    let found = Licence::reportAuditCall {
        licence,
        number,
        discrepancyBps: 0,
        tokens: U256::ZERO,
        calls: 0,
        fee: U256::from(5_000),
        expenses: U256::ZERO,
        report: HASH,
    };
    deal.call(&auditor, found).unwrap();
    lacking(&mut deal, asset, 0, &Licence::payAuditCall { licence, number, expenses: false });
    assert_eq!(deal.balance(contract), U256::from(35_000));
    // The auditor has nothing of the token, and less than a cent begins no account.
    let to = platform.address;
    deal.call(&auditor, Licence::withdrawAuditCall { licence, number, expenses: false, to }).unwrap();
    lacking(&mut deal, asset, 0, &fund(1));
    assert_eq!(deal.balance(contract), U256::from(30_001));
}

/// Proves PAY-7: a pool that has not declared its token's least balance says nothing of a float, and cannot be opened;
/// nothing comes in for it.
#[test]
fn money_waits_until_a_pool_has_declared_the_least_balance() {
    let mut w = World::new();
    let asset = Asset::create(&mut w.s.chain, 1_984, HUB);
    let (admin, contract, pool) = (w.s.admin.clone(), w.licence, w.pool(asset.address()));
    let (platform, creator, manifests) = (w.s.chain.account(11), w.s.chain.account(13), w.s.manifests);
    asset.mint(&mut w.s.chain, platform.address, 10_000_000);
    asset.float(&mut w.s.chain, contract);
    let approve = Token::approveCall { spender: contract, value: U256::from(1_000_000) };
    w.call(&platform, asset.address(), approve).unwrap();
    let dataset = w.call(&creator, manifests, found(0xda, 1)).unwrap();
    w.call(&creator, manifests, Manifests::assignToPoolCall { dataset, pool }).unwrap();
    let offer = Licence::offerCall {
        pool,
        currency: asset.address(),
        datasets: vec![dataset],
        options: vec![menu(&Terms { upfront: 1_000_000, ..plain() }, &[])],
        expiresAt: START + 30 * DAY,
    };
    assert_eq!(w.call(&platform, contract, offer.clone()).err(), Some(Failure::with(&Refusal::PoolNotOpened { pool })));
    asset.begin(&mut w.s.chain, &admin, pool);
    w.call(&platform, contract, offer).unwrap();
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
