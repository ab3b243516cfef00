//! A pool whose currency is a token of the chain itself, as USDC is on Polkadot Hub: what comes in, goes out and stays
//! owed, worked out by hand, in the token's smallest unit.

use alloy_primitives::{Address, U256, address};
use yieldset_chain::abi::{Pool, Refusal};
use yieldset_tests::assets::{Asset, AssetKind, PLAIN};
use yieldset_tests::chain::{Account, ENDOWMENT, Failure, START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::Token;
use yieldset_tests::system::{CONTRIBUTORS_BPS, System};

use super::{PERIOD, SHARE, STREAM, balance_of, claimable};

/// What the platform and Carol begin with: a hundred whole ones.
const MONEY: u128 = 100_000_000;

/// Alice has three shares and three quarters of the contributions, Bob has the other quarters. 40 % of deposits are the
/// contributors'.
struct Scene {
    s: System,
    asset: Asset,
    token: Address,
    platform: Account,
    alice: Account,
    bob: Account,
    c: Contributors,
}

impl Scene {
    fn new(kind: AssetKind) -> Self {
        let mut scene = Self::unopened(kind);
        scene.s.open().unwrap();
        scene
    }

    fn unopened(kind: AssetKind) -> Self {
        let mut s = System::new();
        let admin = s.admin.clone();
        let asset = Asset::create(&mut s.chain, 7, kind);
        let token = asset.address();
        s.pool = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        asset.begin(&mut s.chain, &admin, s.pool);
        let [alice, bob] = [1, 2].map(|n| s.holder(n));
        let platform = s.chain.account(4);
        s.mint(&alice, 3 * SHARE).unwrap();
        s.mint(&bob, SHARE).unwrap();
        asset.mint(&mut s.chain, platform.address, MONEY);
        let c = Contributors::new([alice.address, bob.address]);
        Self { s, asset, token, platform, alice, bob, c }
    }

    /// Lets the pool take this much, whatever it was let before.
    fn allow(&mut self, owner: &Account, value: u128) {
        let approve = Token::approveCall { spender: self.s.pool, value: U256::from(value) };
        assert!(self.s.call(owner, self.token, approve).unwrap());
    }

    /// The platform deposits by the allowance that there is.
    fn deposit(&mut self, amount: u128) -> Result<(), Failure> {
        let call = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(amount) };
        self.s.call(&self.platform.clone(), self.s.pool, call).map(drop)
    }

    /// The platform allows and deposits.
    fn paid_in(&mut self, amount: u128) {
        self.allow(&self.platform.clone(), amount);
        self.deposit(amount).unwrap();
    }

    /// Somebody else starts the payment of an account's dividends.
    fn claim(&mut self, account: &Account) -> Result<u128, Failure> {
        let call = Pool::claimForCall { account: account.address };
        self.s.call(&self.platform.clone(), self.s.pool, call).map(|paid| paid.to())
    }

    fn contribution(&mut self, n: usize) -> Result<u128, Failure> {
        let call = self.c.claim_for(n, STREAM, PERIOD);
        self.s.call(&self.platform.clone(), self.s.pool, call).map(|paid| paid.to())
    }

    fn balance(&mut self, account: Address) -> u128 {
        self.s.call(&self.platform.clone(), self.token, Token::balanceOfCall { account }).unwrap().to()
    }

    fn allowance(&mut self, owner: &Account) -> u128 {
        let call = Token::allowanceCall { owner: owner.address, spender: self.s.pool };
        self.s.call(owner, self.token, call).unwrap().to()
    }
}

/// `WrongPayment` with its two amounts.
fn wrong_payment(expected: u128, received: u128) -> Failure {
    Failure::with(&Refusal::WrongPayment { expected: U256::from(expected), received: U256::from(received) })
}

/// USDC has the number 1337 on Polkadot Hub.
#[test]
fn an_asset_has_the_address_that_others_know_it_by() {
    let usdc = Asset { id: 1_337 };
    assert_eq!(usdc.address(), address!("0x0000053900000000000000000000000001200000"));
    let mut x = Scene::new(PLAIN);
    let by = x.platform.clone();
    assert_eq!(x.s.call(&by, x.token, Token::decimalsCall {}).unwrap(), 6);
    // Only the precompile's own addresses are tokens, and only of numbers that were given out.
    assert!(x.s.call(&by, Asset { id: 8 }.address(), Token::decimalsCall {}).is_err());
    // The platform's and the pool's float.
    assert_eq!(x.s.call(&by, x.token, Token::totalSupplyCall {}).unwrap(), U256::from(MONEY + 1));
}

/// Proves PAY-6 and PAY-7 in a token of the chain: dividends and contributions, and what does not divide is paid later.
#[test]
fn an_asset_pays_to_the_unit() {
    let mut x = Scene::new(PLAIN);
    let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.s.pool);
    // 4,938,271.2 are the contributors', of whom nobody gets the fifth; 7,407,407 are the holders'.
    x.paid_in(12_345_678);
    assert_eq!((x.balance(x.platform.address), x.balance(pool)), (87_654_322, 12_345_679));
    x.c.post_final(&mut x.s, STREAM, PERIOD);
    // 5,555,555.25 and 1,851,851.75.
    assert_eq!((x.claim(&alice), x.claim(&bob)), (Ok(5_555_555), Ok(1_851_851)));
    // 3,703,703.25 and 1,234,567.75.
    assert_eq!((x.contribution(0), x.contribution(1)), (Ok(3_703_703), Ok(1_234_567)));
    // Two, and the float.
    assert_eq!(x.balance(pool), 3);
    for account in [&alice, &bob] {
        assert_refused(x.claim(account), "NothingToClaim");
    }
    // Of three more, one is the contributors' and two the holders': 1.5 and 0.5 meet the 0.25 and 0.75 of before.
    x.paid_in(3);
    assert_eq!((x.claim(&alice), x.claim(&bob)), (Ok(1), Ok(1)));
    // 3,703,704 and 1,234,568 in all.
    assert_eq!((x.contribution(0), x.contribution(1)), (Ok(1), Ok(1)));
    assert_eq!((x.balance(alice.address), x.balance(bob.address), x.balance(pool)), (9_259_260, 3_086_420, 2));
}

/// Proves PAY-7's sale in a token of the chain: the price is rounded up, and goes to the treasury at once.
#[test]
fn shares_are_sold_for_an_asset() {
    let mut x = Scene::unopened(PLAIN);
    let (admin, pool) = (x.s.admin.clone(), x.s.pool);
    let (carol, treasury) = (x.s.holder(3), Address::repeat_byte(0x7e));
    x.asset.mint(&mut x.s.chain, carol.address, 10_000_000);
    let share = 10u128.pow(18);
    let sale = Pool::setSaleCall {
        price: U256::from(2_500_000),
        cap: U256::from(2 * share),
        starts: START,
        ends: START + 1_000,
        proceedsTo: treasury,
    };
    x.s.call(&admin, pool, sale).unwrap();
    x.allow(&carol, 4_000_000);
    // One and a half at 2.5, and a trace that costs a whole smallest unit.
    let buy = |amount: u128| Pool::buyCall { amount: U256::from(amount), maxCost: U256::MAX };
    assert_eq!(x.s.call(&carol, pool, buy(3 * share / 2 + 1)).unwrap(), U256::from(3_750_001));
    assert_eq!(x.balance(treasury), 3_750_001);
    assert_eq!((x.balance(carol.address), x.balance(pool)), (6_249_999, 1));
    assert_eq!(balance_of(&mut x.s, &carol), U256::from(3 * share / 2 + 1));
    // A tenth costs 250,000, one more than she has allowed still.
    assert_eq!(x.allowance(&carol), 249_999);
    assert_eq!(x.s.call(&carol, pool, buy(share / 10)), Err(wrong_payment(250_000, 0)));
    assert_eq!((x.balance(carol.address), x.balance(treasury)), (6_249_999, 3_750_001));
}

/// What was not allowed, or is not there, does not come in, and changes nothing.
#[test]
fn a_deposit_needs_allowance_and_money() {
    let mut x = Scene::new(PLAIN);
    let (platform, pool) = (x.platform.clone(), x.s.pool);
    assert_eq!(x.deposit(1_000_000), Err(wrong_payment(1_000_000, 0)));
    x.allow(&platform, 999_999);
    assert_eq!(x.deposit(1_000_000), Err(wrong_payment(1_000_000, 0)));
    x.allow(&platform, MONEY + 1);
    assert_eq!(x.deposit(MONEY + 1), Err(wrong_payment(MONEY + 1, 0)));
    assert_eq!((x.balance(platform.address), x.balance(pool)), (MONEY, 1));
    assert_eq!(x.s.call(&platform, pool, Pool::totalsCall {}).unwrap().deposited, U256::ZERO);
    x.allow(&platform, 1_000_000);
    x.deposit(1_000_000).unwrap();
    assert_eq!((x.allowance(&platform), x.balance(pool)), (0, 1_000_001));
    assert_eq!(x.deposit(1), Err(wrong_payment(1, 0)));
    // The chain's own money is not this pool's.
    let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(1_000_000) };
    assert_refused(x.s.chain.call(&platform, pool, deposit, 1_000_000), "WrongPayment");
}

/// Holds twelve of now sixteen shares, and has an Ethereum key and no native money.
fn poor_holder(x: &mut Scene) -> Account {
    let poor = Account::ethereum(Address::repeat_byte(0x42));
    x.s.verify(&poor);
    x.s.mint(&poor, 12 * SHARE).unwrap();
    poor
}

/// An account that has nothing else can have the token, where the token is enough to live on: paid, and passed on.
#[test]
fn an_account_without_native_money_is_paid() {
    let mut x = Scene::new(PLAIN);
    let (poor, bob) = (poor_holder(&mut x), x.bob.clone());
    x.paid_in(2_000_000);
    // 1,200,000 for 16 shares.
    assert_eq!(x.claim(&poor), Ok(900_000));
    assert_eq!((x.balance(poor.address), x.s.chain.balance(poor.address)), (900_000, U256::ZERO));
    let transfer = Token::transferCall { to: bob.address, value: U256::from(900_000) };
    assert!(x.s.call(&poor, x.token, transfer).unwrap());
    assert_eq!((x.balance(poor.address), x.balance(bob.address)), (0, 900_000));
}

/// Where it is not, the money stays owed until the account can have it.
#[test]
fn an_account_that_cannot_have_it_is_owed() {
    let mut x = Scene::new(AssetKind { sufficient: false, ..PLAIN });
    let poor = poor_holder(&mut x);
    x.paid_in(2_000_000);
    assert_refused(x.claim(&poor), "PayoutFailed");
    assert_eq!(claimable(&mut x.s, &poor), U256::from(900_000));
    assert_eq!(x.balance(x.s.pool), 2_000_001);
    x.s.chain.endow(&poor, ENDOWMENT);
    assert_eq!(x.claim(&poor), Ok(900_000));
    assert_eq!(x.balance(poor.address), 900_000);
}

/// An issuer can stop a pool from paying. Nothing is lost.
#[test]
fn what_an_issuer_stops_is_paid_afterwards() {
    let mut x = Scene::new(PLAIN);
    let (alice, pool) = (x.alice.clone(), x.s.pool);
    x.paid_in(1_000);
    x.asset.freeze(&mut x.s.chain, pool, true);
    assert_refused(x.claim(&alice), "PayoutFailed");
    // What comes in is kept all the same.
    x.paid_in(1_000);
    assert_eq!((claimable(&mut x.s, &alice), x.balance(pool)), (U256::from(900), 2_001));
    x.asset.freeze(&mut x.s.chain, pool, false);
    assert_eq!(x.claim(&alice), Ok(900));
    assert_eq!(x.balance(pool), 1_101);
}
