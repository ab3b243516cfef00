//! A pool whose currency is an ERC-20: an honest one, and one that misbehaves.

mod dollars;

use alloy_primitives::{Address, U256};
use yieldset_chain::abi::Pool;
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::Expected::{self, Accepted, Fails, Refused};
use yieldset_tests::fixtures::{self, Dollar, Hostile, Token, check, mode};
use yieldset_tests::licence::{StandInCoin, stand_in};
use yieldset_tests::system::{CONTRIBUTORS_BPS, System};

use super::{PERIOD, SHARE, STREAM, claimable};

/// Money of each payer.
const MONEY: u128 = 1_000_000_000;

/// A pool paid in a token: Alice has three shares and three quarters of the contributions, Bob has the other quarters.
/// The platform and Carol have money; another pool in the same token sells shares and is not open yet.
struct Scene {
    s: System,
    shop: Address,
    token: Address,
    platform: Account,
    alice: Account,
    bob: Account,
    carol: Account,
    treasury: Account,
    c: Contributors,
}

impl Scene {
    fn new(deploy: impl FnOnce(&mut System, &Account) -> Address) -> Self {
        let mut s = System::new();
        let admin = s.admin.clone();
        let token = deploy(&mut s, &admin);
        s.pool = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        let [alice, bob, carol] = [1, 2, 3].map(|n| s.holder(n));
        let [platform, treasury] = [4, 5].map(|n| s.chain.account(n));
        s.mint(&alice, 3 * SHARE).unwrap();
        s.mint(&bob, SHARE).unwrap();
        s.open().unwrap();
        let (pool, shop) = (s.pool, s.new_pool(token, CONTRIBUTORS_BPS).unwrap());
        s.grant(shop, "ISSUER_ROLE", &admin);
        for (payer, spender) in [(&platform, pool), (&carol, shop)] {
            s.call(&admin, token, Token::mintCall { to: payer.address, value: U256::from(MONEY) }).unwrap();
            s.call(payer, token, Dollar::approveCall { spender, value: U256::from(MONEY) }).unwrap();
        }
        let c = Contributors::new([alice.address, bob.address]);
        let sale = Pool::setSaleCall {
            price: U256::from(10u128.pow(20)),
            cap: U256::from(1_000),
            starts: START,
            ends: START + 1_000,
            proceedsTo: treasury.address,
        };
        s.call(&admin, shop, sale).unwrap();
        Self { s, shop, token, platform, alice, bob, carol, treasury, c }
    }

    /// With a token that behaves until told otherwise.
    fn hostile() -> Self {
        Self::new(|s, admin| fixtures::hostile_token(&mut s.chain, admin))
    }

    fn deposit(&mut self, amount: u128) -> Result<(), Failure> {
        let call = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(amount) };
        self.s.call(&self.platform.clone(), self.s.pool, call).map(drop)
    }

    /// Carol buys one unit of shares, for a hundred units of money.
    fn buy(&mut self) -> Result<(), Failure> {
        self.s
            .call(&self.carol.clone(), self.shop, Pool::buyCall { amount: U256::from(1), maxCost: U256::MAX })
            .map(drop)
    }

    /// What Carol has bought.
    fn bought(&mut self) -> U256 {
        let carol = self.carol.clone();
        self.s.call(&carol, self.shop, Pool::balanceOfCall { account: carol.address }).unwrap()
    }

    fn claim(&mut self, who: &Account) -> Result<U256, Failure> {
        self.s.call(who, self.s.pool, Pool::claimCall {})
    }

    fn contribution(&mut self, n: usize) -> Result<U256, Failure> {
        let who = [&self.alice, &self.bob][n].clone();
        self.s.call(&who, self.s.pool, self.c.claim(n, STREAM, PERIOD))
    }

    fn balance(&mut self, account: Address) -> U256 {
        self.s.call(&self.platform.clone(), self.token, Token::balanceOfCall { account }).unwrap()
    }

    fn totals(&mut self) -> Pool::totalsReturn {
        self.s.call(&self.platform.clone(), self.s.pool, Pool::totalsCall {}).unwrap()
    }

    /// Proves PAY-7: what the pool owns is what came in less what went out, and all that came in is somebody's.
    #[track_caller]
    fn assert_exact(&mut self, what: &str) {
        let t = self.totals();
        let paid = t.claimedByHolders + t.claimedByContributors;
        assert_eq!(t.deposited, t.toHolders + t.toContributors, "{what}");
        assert_eq!(self.balance(self.s.pool), t.deposited - paid, "{what}");
        assert_eq!(self.balance(self.shop), U256::ZERO, "{what}");
    }

    fn mode<C: alloy_sol_types::SolCall>(&mut self, mode: u8) {
        fixtures::set_mode::<C>(&mut self.s.chain, &self.platform, self.token, mode);
    }

    /// What the token calls where it calls back.
    fn calls_back<C: alloy_sol_types::SolCall>(&mut self, call: &C) {
        fixtures::set_target(&mut self.s.chain, &self.platform, self.token, self.s.pool, call);
    }

    fn tried_and_done(&mut self) -> (U256, U256) {
        let by = self.platform.clone();
        let attempts = self.s.call(&by, self.token, Hostile::attemptsCall {}).unwrap();
        (attempts, self.s.call(&by, self.token, Hostile::successesCall {}).unwrap())
    }
}

/// Proves PAY-6 and PAY-7 in an ERC-20: deposits, dividends, contributions and a sale, to the unit.
#[test]
fn an_erc20_pays_as_the_chains_own_money_does() {
    let mut x = Scene::new(|s, admin| fixtures::plain_token(&mut s.chain, admin, 6));
    let (alice, bob, pool) = (x.alice.clone(), x.bob.clone(), x.s.pool);
    x.deposit(1_000).unwrap();
    x.assert_exact("deposited");
    assert_eq!((claimable(&mut x.s, &alice), claimable(&mut x.s, &bob)), (U256::from(450), U256::from(150)));
    assert_eq!(x.claim(&alice).unwrap(), U256::from(450));
    x.c.post_final(&mut x.s, STREAM, PERIOD);
    assert_eq!(x.contribution(0).unwrap(), U256::from(300));
    assert_eq!(x.contribution(1).unwrap(), U256::from(100));
    assert_eq!(x.claim(&bob).unwrap(), U256::from(150));
    assert_eq!((x.balance(alice.address), x.balance(bob.address)), (U256::from(750), U256::from(250)));
    assert_eq!(x.balance(pool), U256::ZERO);
    x.buy().unwrap();
    assert_eq!((x.balance(x.treasury.address), x.balance(pool)), (U256::from(100), U256::ZERO));
    x.assert_exact("sold");
    // The chain's own money is not this pool's, and the token only where it was allowed.
    let platform = x.platform.clone();
    let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(1_000_000) };
    assert_refused(x.s.chain.call(&platform, pool, deposit.clone(), 1_000_000), "WrongPayment");
    assert_refused(x.s.call(&alice, pool, deposit), "WrongPayment");
    let buy = Pool::buyCall { amount: U256::from(1), maxCost: U256::MAX };
    assert_refused(x.s.chain.call(&x.carol.clone(), x.shop, buy, 1_000_000), "WrongPayment");
    assert_refused(x.deposit(MONEY), "WrongPayment");
    x.assert_exact("refused");
}

/// A currency without code takes every message and moves nothing: nothing can be paid in it.
#[test]
fn a_currency_without_code_pays_nothing() {
    let mut x = Scene::new(|s, admin| fixtures::plain_token(&mut s.chain, admin, 6));
    let (admin, platform) = (x.s.admin.clone(), x.platform.clone());
    for currency in [platform.address, x.s.kyc] {
        let pool = x.s.new_pool(currency, CONTRIBUTORS_BPS).unwrap();
        x.s.grant(pool, "ISSUER_ROLE", &admin);
        x.s.pool = pool;
        x.s.open().unwrap();
        let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(5) };
        assert_refused(x.s.call(&platform, pool, deposit), "WrongPayment");
        let totals = x.s.call(&admin, pool, Pool::totalsCall {}).unwrap();
        assert_eq!(totals.deposited, U256::ZERO);
    }
}

/// In the chain's own money exactly the announced amount must come with the call.
#[test]
fn more_or_less_than_announced_is_refused() {
    let mut s = System::new();
    let (platform, pool) = (s.chain.account(4), s.pool);
    s.open().unwrap();
    let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(5_000_000) };
    for value in [0, 4_000_000, 4_999_999, 5_000_001, 6_000_000] {
        assert_refused(s.chain.call(&platform, pool, deposit.clone(), value), "WrongPayment");
    }
    assert_eq!(s.chain.balance(pool), U256::ZERO);
    s.chain.call(&platform, pool, deposit, 5_000_000).unwrap();
    assert_eq!(s.chain.balance(pool), U256::from(5_000_000));
}

/// How a `transferFrom` that behaves in a mode must end for the message that needs it.
const INCOMING: [(u8, Expected); 14] = [
    (mode::HONEST, Accepted),
    (mode::REVERT, Refused("WrongPayment")),
    (mode::REVERT_MUCH, Refused("WrongPayment")),
    (mode::BURN_GAS, Fails),
    (mode::SAY_FALSE, Refused("WrongPayment")),
    (mode::SAY_TRUE, Refused("WrongPayment")),
    (mode::SAY_NOTHING, Accepted),
    (mode::SAY_MUCH, Accepted),
    (mode::REENTER, Accepted),
    (mode::TAKE_FEE, Refused("WrongPayment")),
    (mode::SAY_TWO, Refused("WrongPayment")),
    (mode::SAY_SHORT, Refused("WrongPayment")),
    (mode::DO_SAY_FALSE, Refused("WrongPayment")),
    (mode::REENTER_AFTER, Accepted),
];

/// Money comes in exactly or not at all, whatever the currency says it did; a sale gives no share for less than its
/// price.
#[test]
fn a_hostile_currency_cannot_pay_less_than_it_says() {
    let mut x = Scene::hostile();
    let alice = x.alice.clone();
    x.deposit(1_000).unwrap();
    // While it is asked to pay, it asks the same pool for what is Alice's.
    let claim = Pool::claimForCall { account: alice.address };
    let (mut deposited, mut sold) = (1_000, 0);
    for (mode, expected) in INCOMING {
        x.mode::<Token::transferFromCall>(mode);
        x.calls_back(&claim);
        check(x.deposit(1_000), expected, &format!("deposit, mode {mode}"));
        let (by, token, shop) = (x.platform.clone(), x.token, x.shop);
        fixtures::set_target(&mut x.s.chain, &by, token, shop, &claim);
        check(x.buy(), expected, &format!("buy, mode {mode}"));
        if expected == Accepted {
            (deposited, sold) = (deposited + 1_000, sold + 1);
        }
        assert_eq!(x.totals().deposited, U256::from(deposited), "mode {mode}");
        assert_eq!(x.bought(), U256::from(sold), "mode {mode}");
        assert_eq!(x.balance(x.treasury.address), U256::from(sold * 100), "mode {mode}");
        x.assert_exact(&format!("mode {mode}"));
    }
    assert_eq!(x.tried_and_done(), (U256::from(4), U256::ZERO));
    x.mode::<Token::transferFromCall>(mode::HONEST);
    for (mode, expected) in [
        (mode::REVERT, Refused("WrongPayment")),
        (mode::REVERT_MUCH, Refused("WrongPayment")),
        (mode::SAY_FALSE, Refused("WrongPayment")),
        (mode::SAY_TRUE, Refused("WrongPayment")),
        (mode::SAY_MUCH, Refused("WrongPayment")),
        (mode::SAY_NOTHING, Refused("WrongPayment")),
        (mode::SAY_SHORT, Refused("WrongPayment")),
        (mode::BURN_GAS, Fails),
    ] {
        x.mode::<Token::balanceOfCall>(mode);
        check(x.deposit(1_000), expected, &format!("deposit, balanceOf {mode}"));
        check(x.buy(), expected, &format!("buy, balanceOf {mode}"));
    }
    x.mode::<Token::balanceOfCall>(mode::HONEST);
    x.assert_exact("at the end");
    assert_eq!(x.totals().deposited, U256::from(deposited));
}

/// How a `transfer` that behaves in a mode must end for a claim. A fee on what goes out is between the currency and the
/// recipient: the pool paid what it owed.
const OUTGOING: [(u8, Expected); 13] = [
    (mode::HONEST, Accepted),
    (mode::REVERT, Refused("PayoutFailed")),
    (mode::REVERT_MUCH, Refused("PayoutFailed")),
    (mode::BURN_GAS, Fails),
    (mode::SAY_FALSE, Refused("PayoutFailed")),
    (mode::SAY_NOTHING, Accepted),
    (mode::SAY_MUCH, Accepted),
    (mode::REENTER, Accepted),
    (mode::TAKE_FEE, Accepted),
    (mode::SAY_TWO, Refused("PayoutFailed")),
    (mode::SAY_SHORT, Refused("PayoutFailed")),
    (mode::DO_SAY_FALSE, Refused("PayoutFailed")),
    (mode::REENTER_AFTER, Accepted),
];

/// A claim is paid once or stays owed; what was refused is paid once the currency behaves.
#[test]
fn a_hostile_currency_pays_once_or_leaves_it_owed() {
    for (mode, expected) in OUTGOING {
        let mut x = Scene::hostile();
        let (alice, bob) = (x.alice.clone(), x.bob.clone());
        x.deposit(1_000).unwrap();
        x.c.post_final(&mut x.s, STREAM, PERIOD);
        x.calls_back(&Pool::claimForCall { account: alice.address });
        x.mode::<Token::transferCall>(mode);
        check(x.claim(&alice), expected, &format!("claim, mode {mode}"));
        x.assert_exact(&format!("claim, mode {mode}"));
        x.calls_back(&x.c.claim_for(0, STREAM, PERIOD));
        check(x.contribution(0), expected, &format!("claimContribution, mode {mode}"));
        x.assert_exact(&format!("claimContribution, mode {mode}"));
        let left = if expected == Accepted { 0 } else { 450 };
        assert_eq!(claimable(&mut x.s, &alice), U256::from(left), "mode {mode}");
        assert_eq!(x.tried_and_done().1, U256::ZERO, "mode {mode}");
        x.mode::<Token::transferCall>(mode::HONEST);
        if expected == Accepted {
            assert_refused(x.claim(&alice), "NothingToClaim");
            assert_refused(x.contribution(0), "NothingToClaim");
        } else {
            assert_eq!(x.claim(&alice).unwrap(), U256::from(450));
            assert_eq!(x.contribution(0).unwrap(), U256::from(300));
        }
        // A fee is a hundredth and one unit of each payment.
        let fees = if mode == mode::TAKE_FEE { 450 / 100 + 1 + 300 / 100 + 1 } else { 0 };
        assert_eq!(x.balance(alice.address), U256::from(750 - fees), "mode {mode}");
        assert_eq!((x.claim(&bob).unwrap(), x.contribution(1).unwrap()), (U256::from(150), U256::from(100)));
        assert_eq!(x.balance(x.s.pool), U256::ZERO, "mode {mode}");
    }
}

/// Modes of `tests/fixtures/licence/StandIns.sol`: says true and moves nothing; moves twice what it was told.
const MOVES_OTHERWISE: [u32; 2] = [5, 7];

fn inexact() -> Scene {
    Scene::new(|s, admin| s.chain.instantiate(admin, stand_in("StandInCoin", &[]), Vec::new()).unwrap())
}

fn moves_as_told(x: &mut Scene, mode: u32) {
    let call = StandInCoin::setCall { mode: U256::from(mode), licence: STREAM };
    x.s.call(&x.platform.clone(), x.token, call).unwrap();
}

/// Neither less nor more than the amount comes in.
#[test]
fn what_comes_in_is_exact() {
    for mode in MOVES_OTHERWISE {
        let mut x = inexact();
        moves_as_told(&mut x, mode);
        assert_refused(x.deposit(1_000), "WrongPayment");
        assert_refused(x.buy(), "WrongPayment");
        x.assert_exact("refused");
        moves_as_told(&mut x, 0);
        x.deposit(1_000).unwrap();
        x.assert_exact("accepted");
    }
}

/// Neither less nor more than what is owed goes out: what a token says of a payment is not believed on the way out
/// either.
#[test]
fn what_goes_out_is_exact() {
    for mode in MOVES_OTHERWISE {
        let mut x = inexact();
        let alice = x.alice.clone();
        x.deposit(1_000).unwrap();
        x.c.post_final(&mut x.s, STREAM, PERIOD);
        moves_as_told(&mut x, mode);
        assert_refused(x.claim(&alice), "PayoutFailed");
        assert_refused(x.contribution(0), "PayoutFailed");
        x.assert_exact("nothing was paid");
    }
}

/// Proceeds that the pool itself gets would be nobody's.
#[test]
fn a_sale_pays_somebody_else() {
    let mut x = Scene::new(|s, admin| fixtures::plain_token(&mut s.chain, admin, 6));
    let (admin, pool) = (x.s.admin.clone(), x.shop);
    let sale = Pool::setSaleCall {
        price: U256::from(10u128.pow(20)),
        cap: U256::from(1_000),
        starts: START,
        ends: START + 1_000,
        proceedsTo: pool,
    };
    assert_refused(x.s.call(&admin, pool, sale), "InvalidSale");
}
