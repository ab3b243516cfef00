//! A currency that calls other contracts of ours while one of them has it move money: pool, market and licence together
//! stay exact.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolValue};
use yieldset_chain::abi::{Access, Licence, Manifests, Market, Pool};
use yieldset_rules::licence::Terms;
use yieldset_tests::chain::{Account, START};
use yieldset_tests::fixtures::{self, Hostile, Token, mode};
use yieldset_tests::licence::{DATASET, DAY, menu, plain};
use yieldset_tests::manifests::found;
use yieldset_tests::market::{LATE, LOT, SHARE, TICK, ask, bid};
use yieldset_tests::world::World;

const PRICE: u128 = 1_000;
const PERIOD: u32 = 8099;

/// A pool, the market and an offered licence, all in the hostile currency. Order 1 is Alice's ask and 2 Bob's bid, both
/// expired; 3 is Alice's ask without end. Alice is owed 600 by the pool, and the platform has a refund of 50 waiting.
struct Scene {
    w: World,
    pool: Address,
    token: Address,
    alice: Account,
    bob: Account,
    platform: Account,
    licence: B256,
    offered: B256,
}

impl Scene {
    fn new() -> Self {
        let mut w = World::new();
        let admin = w.s.admin.clone();
        let token = fixtures::hostile_token(&mut w.s.chain, &admin);
        let pool = w.pool(token);
        let (alice, bob, platform) = (w.s.holder(1), w.s.holder(2), w.s.chain.account(3));
        w.grant(pool, "LICENSOR_ROLE", admin.address);
        w.s.mint(&alice, 50 * SHARE).unwrap();
        w.s.open().unwrap();
        let (market, licence) = (w.market, w.licence);
        let list = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        w.call(&admin, market, list).unwrap();
        w.call(&alice, pool, Token::approveCall { spender: market, value: U256::MAX }).unwrap();
        for (payer, spender) in [(&bob, market), (&platform, licence), (&platform, pool)] {
            let value = U256::from(1_000_000);
            w.call(&admin, token, Token::mintCall { to: payer.address, value }).unwrap();
            w.call(payer, token, Token::approveCall { spender, value }).unwrap();
        }
        let soon = START + 10;
        w.call(&alice, market, ask(pool, 5 * SHARE, PRICE, soon)).unwrap();
        w.call(&bob, market, bid(pool, 5 * SHARE, PRICE, soon)).unwrap();
        w.call(&alice, market, ask(pool, 5 * SHARE, PRICE, LATE)).unwrap();
        w.s.chain.set_time(soon);
        let deposit = Pool::depositCall { stream: B256::ZERO, period: PERIOD, amount: U256::from(1_000) };
        w.call(&platform, pool, deposit).unwrap();
        let (licence, offered) = (B256::ZERO, B256::ZERO);
        let mut scene = Self { w, pool, token, alice, bob, platform, licence, offered };
        scene.dataset();
        scene.licence = scene.offer();
        let accept = Licence::acceptCall { licence: scene.licence, option: 0 };
        scene.w.call(&admin, scene.w.licence, accept).unwrap();
        scene.offered = scene.offer();
        scene
    }

    fn dataset(&mut self) {
        let (creator, manifests, pool) = (self.w.s.chain.account(13), self.w.s.manifests, self.pool);
        self.w.call(&creator, manifests, found(0xda, 1)).unwrap();
        self.w.call(&creator, manifests, Manifests::assignToPoolCall { dataset: DATASET, pool }).unwrap();
    }

    /// An offer that comes with 250, of which the first option leaves 50.
    fn offer(&mut self) -> B256 {
        let (platform, contract, pool) = (self.platform.clone(), self.w.licence, self.pool);
        let terms = |upfront| Terms { upfront, escrow: 100, guarantee: 100, funding_days: 30, ..plain() };
        let options = [200, 250].map(|upfront| menu(&terms(upfront), &[])).into();
        let currency = self.w.call(&platform, pool, Pool::currencyCall {}).unwrap();
        let datasets = vec![DATASET];
        let offer = Licence::offerCall { pool, currency, datasets, options, expiresAt: START + DAY };
        self.w.call(&platform, contract, offer).unwrap()
    }

    /// Tells the token to call back at the next transfer of a kind.
    fn calls_back(&mut self, inner: &(Address, Vec<u8>)) {
        let (by, token) = (self.bob.clone(), self.token);
        let call = Hostile::setTargetCall { target: inner.0, data: inner.1.clone().into() };
        self.w.call(&by, token, call).unwrap();
        for selector in [Token::transferCall::SELECTOR, Token::transferFromCall::SELECTOR] {
            fixtures::set_mode_of(&mut self.w.s.chain, &by, token, selector, mode::REENTER);
        }
    }

    fn balance(&mut self, account: Address) -> U256 {
        self.w.call(&self.bob.clone(), self.token, Token::balanceOfCall { account }).unwrap()
    }

    /// Each contract owns what its books say.
    #[track_caller]
    fn assert_exact(&mut self, what: &str) {
        let (by, pool, market, licence) = (self.bob.clone(), self.pool, self.w.market, self.w.licence);
        let t = self.w.call(&by, pool, Pool::totalsCall {}).unwrap();
        let owned = self.balance(pool);
        assert_eq!(owned, t.deposited - t.claimedByHolders - t.claimedByContributors, "{what}: pool");
        let owed = self.w.call(&by, market, Market::escrowOfCall { currency: self.token }).unwrap();
        assert_eq!(self.balance(market), owed.escrow + owed.credits, "{what}: market");
        let mut owed = U256::ZERO;
        for id in [self.licence, self.offered] {
            let money = Licence::recordOfCall { licence: id, record: b'M', which: B256::ZERO };
            let words = self.w.call(&by, licence, money).unwrap().concat();
            let money = Licence::Money::abi_decode(&words).unwrap();
            owed += money.escrow + money.refundable + money.held;
        }
        assert_eq!(self.balance(licence), owed, "{what}: licence");
    }
}

type Message = (Address, Vec<u8>);

/// What moves money, and who sends it.
fn outer(x: &Scene) -> [(&'static str, Account, Message); 7] {
    let (pool, market, licence, id) = (x.pool, x.w.market, x.w.licence, x.licence);
    let (alice, bob, platform) = (x.alice.clone(), x.bob.clone(), x.platform.clone());
    let deposit = Pool::depositCall { stream: id, period: PERIOD, amount: U256::from(100) };
    let fill = Market::fillAskCall { order: 3, shares: U256::from(SHARE), maxCost: U256::MAX };
    let fund = Licence::fundEscrowCall { licence: id, value: U256::from(10) };
    let accept = Licence::acceptCall { licence: x.offered, option: 0 };
    let refund = Licence::refundCall { licence: id, to: platform.address };
    [
        ("claim", alice, (pool, Pool::claimCall {}.abi_encode())),
        ("deposit", platform.clone(), (pool, deposit.abi_encode())),
        ("bid", bob.clone(), (market, bid(pool, SHARE, PRICE, LATE).abi_encode())),
        ("fillAsk", bob, (market, fill.abi_encode())),
        ("fundEscrow", platform.clone(), (licence, fund.abi_encode())),
        ("accept", x.w.s.admin.clone(), (licence, accept.abi_encode())),
        ("refund", platform, (licence, refund.abi_encode())),
    ]
}

/// What the currency calls meanwhile, and of which contract of ours it needs to be let in.
fn inner(x: &Scene) -> [(&'static str, Message, &'static [&'static str]); 5] {
    let (pool, market, licence, account) = (x.pool, x.w.market, x.w.licence, x.alice.address);
    let cancel = |order| (market, Market::cancelExpiredCall { order }.abi_encode());
    // Anybody may approve, and give up a role that it has not.
    let approve = Pool::approveCall { spender: account, amount: U256::from(1) };
    let renounce = Access::renounceRoleCall { role: B256::repeat_byte(1), callerConfirmation: x.token };
    [
        ("claimFor", (pool, Pool::claimForCall { account }.abi_encode()), &["pool"]),
        ("cancelExpired of an ask", cancel(1), &["pool", "market"]),
        ("cancelExpired of a bid", cancel(2), &["market"]),
        ("renounceRole", (licence, renounce.abi_encode()), &["licence"]),
        ("approve", (pool, approve.abi_encode()), &["pool"]),
    ]
}

/// The contracts that are at work, and cannot be called therefore. An acceptance hands the upfront on to the pool.
fn busy(message: &str) -> &'static [&'static str] {
    match message {
        "claim" | "deposit" => &["pool"],
        "bid" | "fillAsk" => &["market"],
        "accept" => &["licence", "pool"],
        _ => &["licence"],
    }
}

/// Whatever the currency calls while money moves, a contract at work lets nothing in, the others do only what anybody
/// could have asked of them, and all books stay exact.
#[test]
fn a_currency_that_calls_elsewhere_breaks_nothing() {
    let first = Scene::new();
    for ((name, from, (to, data)), which) in outer(&first).into_iter().zip(0..) {
        for (inside, message, needs) in inner(&first) {
            let what = format!("{inside} during {name}");
            let mut x = Scene::new();
            assert_eq!(outer(&x)[which].2, (to, data.clone()), "the same addresses on every chain");
            x.calls_back(&message);
            x.w.s.chain.call_raw(&from, to, data.clone(), 0).unwrap_or_else(|e| panic!("{what}: {e:?}"));
            let by = x.bob.clone();
            let done = x.w.call(&by, x.token, Hostile::successesCall {}).unwrap();
            let let_in = busy(name).iter().all(|contract| !needs.contains(contract));
            assert_eq!(!done.is_zero(), let_in, "{what}: {done}");
            x.assert_exact(&what);
            // Alice is paid once: by her own claim, by the one that was called for her, or still owed.
            let (paid, account) = (x.balance(x.alice.address), x.alice.address);
            let owed = x.w.call(&by, x.pool, Pool::claimableCall { account }).unwrap();
            assert!(paid.is_zero() != owed.is_zero(), "{what}: {paid} paid, {owed} owed");
        }
    }
}
