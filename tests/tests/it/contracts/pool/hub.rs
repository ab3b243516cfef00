//! A pool in a currency as USDC and USDT are on Polkadot Hub: a token of the chain itself with six decimals, no account
//! with less than a cent of it, and an issuer who can stop accounts. On the real pallet and its precompile; amounts are
//! in the token's smallest unit, worked out by hand.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Pool, Refusal};
use yieldset_tests::assets::{Asset, AssetKind, HUB, declare};
use yieldset_tests::attribution::WINDOW;
use yieldset_tests::chain::{Account, Failure, START, assert_refused, events};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::{Token, plain_token};
use yieldset_tests::system::{CONTRIBUTORS_BPS, System};

use super::{PERIOD, SHARE, STREAM, claimable};

/// What the platform begins with: a hundred whole ones.
const MONEY: u128 = 100_000_000;
/// No account has less.
const CENT: u128 = 10_000;
/// A state of a claim.
const PAYABLE: u8 = 2;
/// Another.
const HELD: u8 = 4;

/// Alice has three shares and three quarters of the contributions, Bob has the other quarters. 40 % of deposits are the
/// contributors'. Nobody but the platform has any of the currency, and the pool its float.
struct Scene {
    s: System,
    asset: Asset,
    platform: Account,
    alice: Account,
    bob: Account,
    c: Contributors,
}

impl Scene {
    fn new(kind: AssetKind) -> Self {
        let mut x = Self::bare(kind);
        let admin = x.s.admin.clone();
        x.asset.begin(&mut x.s.chain, &admin, x.s.pool);
        x.s.open().unwrap();
        x
    }

    /// Without a float, and closed.
    fn bare(kind: AssetKind) -> Self {
        let mut s = System::new();
        let admin = s.admin.clone();
        let asset = Asset::create(&mut s.chain, 1_337, kind);
        s.pool = s.new_pool(asset.address(), CONTRIBUTORS_BPS).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        let [alice, bob] = [1, 2].map(|n| s.holder(n));
        let platform = s.chain.account(4);
        s.mint(&alice, 3 * SHARE).unwrap();
        s.mint(&bob, SHARE).unwrap();
        asset.mint(&mut s.chain, platform.address, MONEY);
        let approve = Token::approveCall { spender: s.pool, value: U256::from(MONEY) };
        s.call(&platform, asset.address(), approve).unwrap();
        let c = Contributors::new([alice.address, bob.address]);
        Self { s, asset, platform, alice, bob, c }
    }

    fn declare(&mut self, minimum: u128) -> Result<(), Failure> {
        declare(&mut self.s.chain, &self.s.admin.clone(), self.s.pool, minimum)
    }

    fn deposit(&mut self, amount: u128) -> Result<(), Failure> {
        self.deposit_for(STREAM, amount)
    }

    fn deposit_for(&mut self, stream: B256, amount: u128) -> Result<(), Failure> {
        let call = Pool::depositCall { stream, period: PERIOD, amount: U256::from(amount) };
        self.s.call(&self.platform.clone(), self.s.pool, call).map(drop)
    }

    /// The account claims its dividends itself: the pool's front answers.
    fn claim(&mut self, account: &Account) -> Result<u128, Failure> {
        self.s.call(account, self.s.pool, Pool::claimCall {}).map(|paid| paid.to())
    }

    /// Somebody else starts that: the logic answers.
    fn claim_for(&mut self, account: &Account) -> Result<u128, Failure> {
        let call = Pool::claimForCall { account: account.address };
        self.s.call(&self.platform.clone(), self.s.pool, call).map(|paid| paid.to())
    }

    fn contribution(&mut self, n: usize) -> Result<u128, Failure> {
        let call = self.c.claim_for(n, STREAM, PERIOD);
        self.s.call(&self.platform.clone(), self.s.pool, call).map(|paid| paid.to())
    }

    fn balance(&mut self, account: Address) -> u128 {
        let token = self.asset.address();
        self.s.call(&self.platform.clone(), token, Token::balanceOfCall { account }).unwrap().to()
    }

    fn dividend_state(&mut self, account: &Account) -> (u8, u128) {
        let call = Pool::dividendStateCall { account: account.address };
        let state = self.s.call(account, self.s.pool, call).unwrap();
        (state.state, state.amount.to())
    }

    fn minimum(&mut self) -> U256 {
        let by = self.alice.clone();
        self.s.call(&by, self.s.pool, Pool::currencyMinimumCall {}).unwrap()
    }

    /// What the pool owes and has: all but the float is somebody's.
    #[track_caller]
    fn assert_exact(&mut self) {
        let t = self.s.call(&self.platform.clone(), self.s.pool, Pool::totalsCall {}).unwrap();
        let owed: u128 = (t.deposited - t.claimedByHolders - t.claimedByContributors).to();
        assert_eq!(self.balance(self.s.pool), owed + CENT);
    }

    fn transfer(&mut self, from: &Account, to: Address, amount: u128) {
        let call = Token::transferCall { to, value: U256::from(amount) };
        assert!(self.s.call(from, self.asset.address(), call).unwrap());
    }
}

fn below(account: &Account, missing: u128) -> Failure {
    Failure::with(&Refusal::BelowMinimum { account: account.address, missing: U256::from(missing) })
}

fn float(missing: u128) -> Failure {
    Failure::with(&Refusal::FloatMissing { missing: U256::from(missing) })
}

/// Proves PAY-7: a pool in a token of the chain is opened when it has its float, which its issuer declares.
#[test]
fn a_pool_in_a_token_of_the_chain_begins_with_its_float() {
    let mut x = Scene::bare(HUB);
    assert_refused(x.s.open(), "MinimumUndeclared");
    assert_eq!(x.declare(CENT), Err(float(CENT)));
    x.asset.mint(&mut x.s.chain, x.s.pool, CENT);
    assert_eq!(x.declare(CENT + 1), Err(float(1)));
    assert_eq!(x.minimum(), U256::ZERO);
    x.s.chain.take_logs();
    x.declare(CENT).unwrap();
    let told = events::<Pool::MinimumDeclared>(&x.s.chain.take_logs());
    assert_eq!(told, [Pool::MinimumDeclared { minimum: U256::from(CENT) }]);
    assert_eq!(x.minimum(), U256::from(CENT));
    x.s.open().unwrap();
}

fn invalid(minimum: u128) -> Failure {
    Failure::with(&Refusal::InvalidMinimum { minimum: U256::from(minimum) })
}

/// Proves PAY-7 and SAFE-12: what was declared when money came in stands: an issuer puts it right in both directions
/// before the opening, and never afterwards. Before, it declared nothing at all once the pool was open, and a claim
/// that the token refuses was said to be payable; or it left a hundred dollars in the pool and declared as much, and
/// nobody could dispute its reports or pay its licences without another hundred for each contract.
#[test]
fn a_least_balance_stands_once_the_pool_is_open() {
    let mut x = Scene::bare(HUB);
    x.asset.mint(&mut x.s.chain, x.s.pool, 2 * CENT);
    for minimum in [2 * CENT, 1, 0, CENT] {
        x.declare(minimum).unwrap();
    }
    x.s.open().unwrap();
    for minimum in [0, 1, CENT - 1, CENT, CENT + 1, 2 * CENT, u128::MAX] {
        assert_eq!((x.declare(minimum), x.minimum()), (Err(invalid(minimum)), U256::from(CENT)));
    }
    // Bob is owed 3,000 of 20,000, and has none.
    x.deposit(20_000).unwrap();
    let bob = x.bob.clone();
    assert_eq!(x.dividend_state(&bob), (HELD, 3_000));
    assert_refused(x.claim(&bob), "PayoutFailed");
}

/// Proves PAY-7: only a token of the chain has a least balance. Before, an issuer who sent a pool a hundred tokens of
/// any contract had every claim told as held, which was paid all the same.
#[test]
fn no_other_currency_has_a_least_balance() {
    let mut s = System::new();
    let admin = s.admin.clone();
    let token = plain_token(&mut s.chain, &admin, 6);
    let contract = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
    s.grant(contract, "ISSUER_ROLE", &admin);
    s.call(&admin, token, Token::mintCall { to: contract, value: U256::from(MONEY) }).unwrap();
    let native = s.pool;
    for pool in [contract, native] {
        for minimum in [1, CENT, MONEY, u128::MAX] {
            assert_eq!(declare(&mut s.chain, &admin, pool, minimum), Err(invalid(minimum)));
        }
        declare(&mut s.chain, &admin, pool, 0).unwrap();
        assert_eq!(s.call(&admin, pool, Pool::currencyMinimumCall {}).unwrap(), U256::ZERO);
    }
}

/// A currency without a least balance has nothing to declare, and no more to bring.
#[test]
fn other_currencies_need_no_float() {
    let mut s = System::new();
    s.open().unwrap();
    let (admin, pool) = (s.admin.clone(), s.pool);
    assert_eq!(s.call(&admin, pool, Pool::currencyMinimumCall {}).unwrap(), U256::ZERO);
    let (from, to, amount) = (pool, Address::repeat_byte(1), U256::from(1));
    s.call(&admin, pool, Pool::checkPayoutCall { from, to, amount }).unwrap();
}

/// Proves PAY-6 and PAY-7: every payment, the last one too, is exact, and the pool's account lives on. Before, the rest
/// of 2 went along with the last contribution, which was refused for that, for ever.
#[test]
fn the_last_payout_is_exact_and_the_float_stays() {
    let mut x = Scene::new(HUB);
    let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.s.pool);
    x.deposit(100_002).unwrap();
    x.c.post_final(&mut x.s, STREAM, PERIOD);
    // 60,002 are the holders' (1.2 more than 40 % is the contributors', who have 40,000.8 and so 40,000).
    assert_eq!((x.claim(&alice), x.claim_for(&bob)), (Ok(45_001), Ok(15_000)));
    assert_eq!((x.contribution(0), x.contribution(1)), (Ok(30_000), Ok(10_000)));
    assert_eq!((x.balance(alice.address), x.balance(bob.address)), (75_001, 25_000));
    assert_eq!(x.balance(pool), CENT + 1);
    x.assert_exact();
    // Below the least balance, in and out.
    x.deposit(1).unwrap();
    x.deposit(4).unwrap();
    assert_eq!((x.claim(&alice), x.claim(&bob)), (Ok(3), Ok(1)));
    x.assert_exact();
}

/// A float that is gone is named, with what is missing. An issuer can burn what accounts have; what it burns of the
/// float anybody brings again.
#[test]
fn a_float_that_is_gone_is_named_and_brought_again() {
    let mut x = Scene::new(HUB);
    let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.s.pool);
    x.deposit(100_000).unwrap();
    x.c.post_final(&mut x.s, STREAM, PERIOD);
    assert_eq!((x.claim(&alice), x.claim(&bob), x.contribution(0)), (Ok(45_000), Ok(15_000), Ok(30_000)));
    assert_eq!(x.balance(pool), 20_000);
    x.asset.burn(&mut x.s.chain, pool, 9_999);
    // Bob's 10,000 would leave one, which the token would move along.
    assert_refused(x.contribution(1), "FloatMissing");
    assert_eq!((x.balance(bob.address), x.balance(pool)), (15_000, 10_001));
    let platform = x.platform.clone();
    x.transfer(&platform, pool, 9_999);
    assert_eq!(x.contribution(1), Ok(10_000));
    x.assert_exact();
}

/// Proves PAY-6: a first payment below the least balance waits, and says how much is missing: by the front and by the
/// logic alike. Before, it failed without a reason.
#[test]
fn small_earnings_wait_until_they_have_grown() {
    let mut x = Scene::new(HUB);
    let (bob, pool) = (x.bob.clone(), x.s.pool);
    x.deposit(20_000).unwrap();
    assert_refused(x.claim(&bob), "PayoutFailed");
    assert_eq!(x.claim_for(&bob), Err(below(&bob, 7_000)));
    let check = |amount: u128| Pool::checkPayoutCall { from: pool, to: bob.address, amount: U256::from(amount) };
    assert_eq!(x.s.call(&bob, pool, check(3_000)).map(drop), Err(below(&bob, 7_000)));
    x.s.call(&bob, pool, check(10_000)).unwrap();
    assert_eq!(x.s.call(&bob, pool, check(20_001)).map(drop), Err(float(1)));
    assert_eq!((x.dividend_state(&bob), claimable(&mut x.s, &bob)), ((HELD, 3_000), U256::from(3_000)));
    x.deposit(46_665).unwrap();
    // A quarter of 27,999 more is his, 6,999.75.
    assert_eq!(x.dividend_state(&bob), (HELD, 9_999));
    x.deposit(10).unwrap();
    assert_eq!((x.dividend_state(&bob), x.claim(&bob)), ((PAYABLE, 10_001), Ok(10_001)));
    x.assert_exact();
}

/// The same for who has the least balance otherwise: then anything is paid.
#[test]
fn who_has_the_least_balance_is_paid_anything() {
    let mut x = Scene::new(HUB);
    let (bob, platform) = (x.bob.clone(), x.platform.clone());
    x.deposit(20_000).unwrap();
    assert_eq!(x.dividend_state(&bob), (HELD, 3_000));
    x.transfer(&platform, bob.address, CENT);
    assert_eq!((x.dividend_state(&bob), x.claim(&bob)), ((PAYABLE, 3_000), Ok(3_000)));
    x.assert_exact();
}

/// Proves PAY-6: a deposit of which no contributor's part is as much as the least balance waits too, and is paid
/// together with another one's.
#[test]
fn contributions_too_small_to_pay_are_paid_together() {
    let mut x = Scene::new(HUB);
    let by = x.platform.clone();
    x.deposit(20_000).unwrap();
    let other = B256::repeat_byte(4);
    x.deposit_for(other, 20_000).unwrap();
    x.c.post_final(&mut x.s, STREAM, PERIOD);
    // 6,000 and 2,000 of 8,000.
    let alice = x.alice.clone();
    assert_eq!(x.contribution(0), Err(below(&alice, 4_000)));
    let proof = x.c.proof(0);
    let call = Pool::contributionStateCall {
        account: alice.address,
        stream: STREAM,
        period: PERIOD,
        weight: x.c.weight(0),
        proof,
    };
    let state = x.s.call(&by, x.s.pool, call).unwrap();
    assert_eq!((state.state, state.amount), (HELD, U256::from(6_000)));
    x.c.post(&mut x.s, other, PERIOD);
    x.s.chain.set_time(START + 3 * WINDOW);
    let batch =
        Pool::claimContributionsCall { streams: vec![STREAM, other], ..x.c.batch(0, STREAM, &[PERIOD, PERIOD]) };
    assert_eq!(x.s.call(&by, x.s.pool, batch).unwrap(), U256::from(12_000));
    x.assert_exact();
}

/// Proves SAFE-2: an issuer that stops an account, the pool, or all of the token delays payments. Nothing is lost, one
/// account stops nobody else, and what may move again is paid.
#[test]
fn what_an_issuer_stops_is_paid_once_it_may_move() {
    let mut x = Scene::new(HUB);
    let (alice, bob, platform, pool) = (x.alice.clone(), x.bob.clone(), x.platform.clone(), x.s.pool);
    x.deposit(200_000).unwrap();
    x.transfer(&platform, bob.address, CENT);
    // 120,000 are the holders': 90,000 and 30,000. Bob may neither send nor receive.
    x.asset.block(&mut x.s.chain, bob.address);
    for claimed in [x.claim(&bob), x.claim_for(&bob)] {
        assert_eq!(claimed, Err(Failure::with(&Refusal::PayoutFailed { account: bob.address })));
    }
    x.asset.freeze(&mut x.s.chain, pool, true);
    assert_refused(x.claim(&alice), "PayoutFailed");
    x.asset.freeze(&mut x.s.chain, pool, false);
    x.asset.stop(&mut x.s.chain, true);
    assert_refused(x.claim(&alice), "PayoutFailed");
    assert_refused(x.deposit(100), "WrongPayment");
    x.asset.stop(&mut x.s.chain, false);
    assert_eq!(x.claim(&alice), Ok(90_000));
    assert_refused(x.claim(&bob), "PayoutFailed");
    // Only sending is stopped: he is paid.
    x.asset.freeze(&mut x.s.chain, bob.address, true);
    assert_eq!(x.claim(&bob), Ok(30_000));
    x.assert_exact();
}

/// Where the token is not enough to live on, an account without native money is owed, for no reason that the pool
/// knows.
#[test]
fn an_account_that_cannot_live_on_it_is_owed() {
    let mut x = Scene::new(AssetKind { sufficient: false, ..HUB });
    let poor = Account::ethereum(Address::repeat_byte(0x42));
    x.s.verify(&poor);
    x.s.mint(&poor, 12 * SHARE).unwrap();
    x.deposit(2_000_000).unwrap();
    // 900,000 of 1,200,000: twelve of sixteen shares.
    assert_refused(x.claim_for(&poor), "PayoutFailed");
    assert_eq!(claimable(&mut x.s, &poor), U256::from(900_000));
    x.s.chain.endow(&poor, yieldset_tests::chain::ENDOWMENT);
    assert_eq!(x.claim_for(&poor), Ok(900_000));
    x.assert_exact();
}
