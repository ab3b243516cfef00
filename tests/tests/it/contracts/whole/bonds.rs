//! What disputes cost and whom they pay, on the real registry and real pools: bonds are a twentieth of what is
//! contested, in the pool's own currency. Of every deposit 40 % are the contributors'.

use alloy_primitives::{Address, B256, U256, keccak256};
use yieldset_chain::abi::{Attribution, Licence, Pool, Refusal};
use yieldset_rules::licence::Terms;
use yieldset_rules::period::{quarter_at, quarter_start};
use yieldset_tests::assets::{Asset, AssetKind, HUB, PLAIN};
use yieldset_tests::attribution::{BOND, contract_of};
use yieldset_tests::chain::{Account, Failure, START, assert_refused, events};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::deal::Deal;
use yieldset_tests::fixtures::{Token, plain_token};
use yieldset_tests::licence::{DAY, plain};
use yieldset_tests::system::{CONTRIBUTORS_BPS, System, metric};
use yieldset_tests::world::World;

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const COIN: u128 = 10u128.pow(18);

struct Scene {
    s: System,
    token: Address,
    /// Disputes.
    bob: Account,
    /// Defends.
    dora: Account,
}

/// A pool of 1,000 coins for the period, in native money or in a token of so many decimals, and its pending report.
fn scene(decimals: Option<u8>) -> Scene {
    let mut s = System::with_bonds(500);
    let (admin, alice, bob, dora) = (s.admin.clone(), s.holder(1), s.holder(2), s.holder(3));
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    let token = decimals.map_or(Address::ZERO, |decimals| plain_token(&mut s.chain, &admin, decimals));
    if decimals.is_some() {
        s.pool = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        for account in [&admin, &bob, &dora] {
            let mint = Token::mintCall { to: account.address, value: U256::from(1u64 << 50) };
            s.call(&admin, token, mint).unwrap();
            for spender in [s.pool, s.attribution] {
                s.call(account, token, Token::approveCall { spender, value: U256::MAX }).unwrap();
            }
        }
    }
    s.mint(&alice, COIN).unwrap();
    let mut scene = Scene { s, token, bob, dora };
    scene.deposit(1_000);
    let c = Contributors::new([alice.address, admin.address]);
    c.post(&mut scene.s, STREAM, PERIOD);
    scene
}

impl Scene {
    fn coins(&self, coins: u128) -> u128 {
        coins * if self.token.is_zero() { COIN } else { 1_000_000 }
    }

    fn deposit(&mut self, coins: u128) {
        let (admin, amount, pool) = (self.s.admin.clone(), self.coins(coins), self.s.pool);
        let sent = if self.token.is_zero() { amount } else { 0 };
        if !self.s.call(&admin, pool, Pool::openedCall {}).unwrap() {
            self.s.open().unwrap();
        }
        let call = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(amount) };
        self.s.chain.call(&admin, pool, call, sent).unwrap();
    }

    fn price(&mut self) -> (Address, u128) {
        let (pool, stream, admin) = (self.s.pool, STREAM, self.s.admin.clone());
        let call = Attribution::bondForCall { pool, stream, period: PERIOD };
        let price = self.s.call(&admin, self.s.attribution, call).unwrap();
        (price.currency, price.bond.to())
    }

    fn kept(&mut self) -> (Address, u128) {
        let (pool, admin) = (self.s.pool, self.s.admin.clone());
        let call = Attribution::bondKeptCall { pool, stream: STREAM, period: PERIOD };
        let kept = self.s.call(&admin, self.s.attribution, call).unwrap();
        (kept.currency, kept.amount.to())
    }

    /// Dora, who has nothing to do with it, has the registry bring the pool what it keeps.
    fn deliver(&mut self, sent: u128) -> Result<U256, Failure> {
        let call = Attribution::deliverBondCall { pool: self.s.pool, stream: STREAM, period: PERIOD };
        self.s.chain.call(&self.dora.clone(), self.s.attribution, call, sent)
    }

    fn dispute(&mut self, limit: u128) -> Result<(), Failure> {
        let (pool, stream, reason) = (self.s.pool, STREAM, B256::repeat_byte(1));
        let sent = if self.token.is_zero() { limit } else { 0 };
        let call = Attribution::disputeCall { pool, stream, period: PERIOD, reason, maxBond: U256::from(limit) };
        self.s.chain.call(&self.bob.clone(), self.s.attribution, call, sent).map(|_| ())
    }

    fn defend(&mut self, bond: u128) {
        self.try_defend(bond).unwrap();
    }

    fn try_defend(&mut self, bond: u128) -> Result<(), Failure> {
        let sent = if self.token.is_zero() { bond } else { 0 };
        let (pool, stream, period, most) = (self.s.pool, STREAM, PERIOD, U256::from(bond));
        let call = Attribution::reportOfCall { pool, stream, period };
        let report = self.s.call(&self.dora.clone(), self.s.attribution, call).unwrap().reportHash;
        let call = Attribution::defendCall { pool, stream, period, reportHash: report, maxBond: most };
        self.s.chain.call(&self.dora.clone(), self.s.attribution, call, sent).map(drop)
    }

    fn rule(&mut self, upheld: bool) {
        let (pool, stream, admin, registry) = (self.s.pool, STREAM, self.s.admin.clone(), self.s.attribution);
        let period = PERIOD;
        match upheld {
            true => self.s.call(&admin, registry, Attribution::upholdCall { pool, stream, period }).map(|_| ()),
            false => self.s.call(&admin, registry, Attribution::rejectCall { pool, stream, period }).map(|_| ()),
        }
        .unwrap();
    }

    fn owed(&mut self, account: Address) -> u128 {
        let (admin, currency) = (self.s.admin.clone(), self.token);
        self.s.call(&admin, self.s.attribution, Attribution::bondOwedCall { currency, account }).unwrap().to()
    }

    /// The contributors' money of the period.
    fn contributors_money(&mut self) -> u128 {
        let admin = self.s.admin.clone();
        let call = Pool::periodOfCall { stream: STREAM, period: PERIOD };
        self.s.call(&admin, self.s.pool, call).unwrap().total.to()
    }
}

/// Proves SAFE-12: the bond is a twentieth of the 400 coins that the report gives away, and never less than the least;
/// on the old registry it was the same coin for every pool.
#[test]
fn the_bond_follows_the_money() {
    for decimals in [None, Some(6)] {
        let mut x = scene(decimals);
        assert_eq!(x.price(), (x.token, x.coins(20)));
        x.deposit(500);
        assert_eq!(x.price().1, x.coins(30));
        assert_refused(x.dispute(x.coins(30) - 1), "BondAboveLimit");
        // A deposit between asking and disputing stops nobody: what is not needed is owed back, or never taken.
        x.deposit(5);
        x.dispute(x.coins(40)).unwrap();
        let bond = x.coins(301) / 10;
        let back = if x.token.is_zero() { x.coins(40) - bond } else { 0 };
        assert_eq!(x.owed(x.bob.address), back);
        let admin = x.s.admin.clone();
        let held = x.s.call(&admin, x.s.attribution, Attribution::holdingsCall { currency: x.token }).unwrap();
        assert_eq!((held.locked, held.released), (U256::from(bond), U256::from(back)));
        x.rule(false);
        x.deliver(0).unwrap();
        // 1,505 + 30.1 coins came in; the second dispute costs twice a twentieth of 40 % of that.
        assert_eq!((x.contributors_money(), x.price().1), (x.coins(61_404) / 100, x.coins(61_404) / 1_000));
    }
    // With next to nothing there the least bond is due: 10^18 + 7 wei, which are 1,000,000 of a token of six decimals.
    let mut x = scene(Some(6));
    x.s.call(&x.s.admin.clone(), x.s.attribution, Attribution::termsCall {}).unwrap();
    let (pool, stream, admin) = (x.s.pool, B256::repeat_byte(9), x.s.admin.clone());
    let call = Attribution::bondForCall { pool, stream, period: PERIOD };
    assert_eq!(x.s.call(&admin, x.s.attribution, call).unwrap().bond, U256::from(BOND / 10u128.pow(12)));
}

/// Proves SAFE-12: of a loser's 20 coins ten are the winner's who risked as much, and ten go into the pool for the
/// contested period, 4 of them for its contributors. Nothing goes to who ruled.
#[test]
fn winners_are_paid_from_the_losers_bond() {
    for decimals in [None, Some(6)] {
        for upheld in [true, false] {
            let mut x = scene(decimals);
            x.dispute(x.coins(20)).unwrap();
            x.defend(x.coins(20));
            x.rule(upheld);
            let [winner, loser] =
                if upheld { [x.bob.clone(), x.dora.clone()] } else { [x.dora.clone(), x.bob.clone()] };
            assert_eq!((x.owed(winner.address), x.owed(loser.address)), (x.coins(30), 0));
            assert_eq!((x.owed(x.s.admin.address), x.owed(x.s.pool)), (0, 0));
            assert_eq!((x.kept().1, x.contributors_money()), (x.coins(10), x.coins(400)));
            x.deliver(0).unwrap();
            assert_eq!((x.kept().1, x.contributors_money()), (0, x.coins(404)));
            let (currency, account) = (x.token, winner.address);
            let call = Attribution::withdrawBondCall { currency, account, to: account };
            assert_eq!(x.s.call(&loser, x.s.attribution, call).unwrap(), U256::from(x.coins(30)));
            let held = x.s.call(&loser, x.s.attribution, Attribution::holdingsCall { currency }).unwrap();
            assert_eq!((held.locked, held.released), (U256::ZERO, U256::ZERO));
        }
    }
}

/// A currency whose figures do not fit is disputed by nobody, and harms no other pool.
#[test]
fn a_bond_that_does_not_fit_is_refused() {
    let mut x = scene(Some(60));
    let (pool, stream, admin) = (x.s.pool, STREAM, x.s.admin.clone());
    let call = Attribution::bondForCall { pool, stream, period: PERIOD };
    assert_refused(x.s.call(&admin, x.s.attribution, call), "Overflow");
    assert_refused(x.dispute(x.coins(20)), "Overflow");
}

/// Proves SAFE-12: under a licence the bond follows also what the report would have the platform pay: a coin for each
/// 1,000 tokens, beside the 40 coins that the contributors have of the upfront's 100. However many tokens a report
/// claims, it is never more than a twentieth of what the licence has shown can move, 100 coins paid and 300 in escrow,
/// and of what the pool ever got.
#[test]
fn the_bond_follows_the_dues_of_a_licence() {
    // A twentieth of 40 + 200, and of 40 + 400: the most tokens that twelve calls can have.
    for (tokens, bond) in [(200_000, 12 * COIN), (12 * u64::from(u32::MAX), 22 * COIN)] {
        let mut deal = Deal::among(World::with_bonds(500), |_, _| Address::ZERO);
        let id = metric().id(|name| keccak256(name).0);
        let by_use = Terms { per_thousand_tokens: COIN, metric: id, threshold: 700_000, ..plain() };
        let terms = Terms { upfront: 100 * COIN, escrow: 300 * COIN, funding_days: 14, ..by_use };
        let stream = deal.offer(&terms).unwrap();
        deal.accept().unwrap();
        let value = U256::from(terms.escrow);
        deal.pay(terms.escrow, Licence::fundEscrowCall { licence: stream, value }).unwrap();
        let (pool, registry, period) = (deal.w.s.pool, deal.w.s.attribution, quarter_at(START));
        deal.at(quarter_start(period + 1) + DAY);
        let mut report = deal.w.s.report(stream, period, deal.c.root());
        (report.totals.attributed_tokens, report.totals.tokens) = (tokens, tokens);
        let keys = deal.w.s.keys[..2].to_vec();
        deal.w.s.post(&report.to_bytes(), &keys).unwrap();
        let anybody = deal.oracle.clone();
        let price = |deal: &mut Deal, stream| {
            let call = Attribution::bondForCall { pool, stream, period };
            deal.w.call(&anybody, registry, call).unwrap().bond
        };
        // A twentieth of 40 and 100; with 300 for another stream, of 40 and up to 400.
        assert_eq!(price(&mut deal, stream), U256::from(7 * COIN), "{tokens}");
        let amount = U256::from(300 * COIN);
        let other = Pool::depositCall { stream: STREAM, period: period - 1, amount };
        deal.w.s.chain.call(&anybody, pool, other, 300 * COIN).unwrap();
        assert_eq!(price(&mut deal, stream), U256::from(bond), "{tokens}");
        // Other streams have no licence, and no dues.
        assert_eq!(price(&mut deal, STREAM), U256::from(BOND));
        let reason = B256::repeat_byte(1);
        let dispute = |limit| Attribution::disputeCall { pool, stream, period, reason, maxBond: U256::from(limit) };
        let low = deal.w.s.chain.call(&anybody, registry, dispute(bond - 1), bond - 1);
        assert_refused(low, "BondAboveLimit");
        deal.w.s.chain.call(&anybody, registry, dispute(bond), bond).unwrap();
        assert_eq!(price(&mut deal, stream), U256::from(2 * bond), "the second dispute costs twice as much");
    }
}

/// Proves SAFE-12: a licence contract that the pool's issuer wrote and that names 2^120 as dues is not asked: a bond is
/// a twentieth of 400 coins. Before, nobody could dispute its reports.
#[test]
fn a_licence_contract_prices_nobody_out_of_disputing() {
    let mut s = System::with_bonds(500);
    let (admin, alice) = (s.admin.clone(), s.holder(1));
    // 2^120 to whoever asks with more than 100 bytes, else zero.
    let dear = [0x36, 0x60, 0x64, 0x10, 0x60, 0x78, 0x1b, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3];
    let licences = contract_of(&mut s.chain, &admin, &dear);
    s.mint(&alice, COIN).unwrap();
    let open = Pool::openCall { cap: U256::from(u128::MAX), licences, governor: Address::ZERO };
    s.call(&admin, s.pool, open).unwrap();
    s.deposit(&admin, STREAM, PERIOD, 1_000 * COIN).unwrap();
    Contributors::new([alice.address, admin.address]).post(&mut s, STREAM, PERIOD);
    let (pool, registry) = (s.pool, s.attribution);
    let price = Attribution::bondForCall { pool, stream: STREAM, period: PERIOD };
    assert_eq!(s.call(&alice, registry, price).unwrap().bond, U256::from(20 * COIN));
}

/// Proves SAFE-2 and SAFE-12: a lost bond is kept for its period and brought there by anybody, as soon as the pool is
/// open and takes money. Before, it was owed to the pool's address, which cannot ask for it, and
/// sent there by anybody it would have been in none of the pool's books.
#[test]
fn what_a_closed_pool_does_not_take_is_kept_for_its_period() {
    let mut s = System::with_bonds(500);
    let (admin, alice, bob, dora) = (s.admin.clone(), s.holder(1), s.holder(2), s.holder(3));
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    Contributors::new([alice.address, admin.address]).post(&mut s, STREAM, PERIOD);
    let mut x = Scene { s, token: Address::ZERO, bob, dora };
    assert_refused(x.deliver(0), "NothingKept");
    x.dispute(BOND).unwrap();
    x.s.chain.take_logs();
    x.rule(false);
    let told = events::<Attribution::BondKept>(&x.s.chain.take_logs()).remove(0);
    assert_eq!((told.pool, told.stream, told.period), (x.s.pool, STREAM, PERIOD));
    assert_eq!((told.currency, told.amount, told.kept), (Address::ZERO, U256::from(BOND), U256::from(BOND)));
    assert_eq!((x.kept(), x.owed(x.s.pool)), ((Address::ZERO, BOND), 0));
    assert_refused(x.deliver(0), "PoolRefused");
    x.s.open().unwrap();
    x.s.chain.take_logs();
    assert_eq!(x.deliver(0).unwrap(), U256::from(BOND));
    let told = events::<Attribution::BondDelivered>(&x.s.chain.take_logs()).remove(0);
    assert_eq!((told.pool, told.stream, told.period), (x.s.pool, STREAM, PERIOD));
    assert_eq!((told.currency, told.amount, told.kept), (Address::ZERO, U256::from(BOND), U256::ZERO));
    // 40 % of 10^18 + 7, rounded down.
    assert_eq!((x.kept().1, x.contributors_money()), (0, 400_000_000_000_000_002));
    assert_refused(x.deliver(0), "NothingKept");
    let held = x.s.call(&admin, x.s.attribution, Attribution::holdingsCall { currency: Address::ZERO }).unwrap();
    assert_eq!((held.locked, held.released), (U256::ZERO, U256::ZERO));
    assert_eq!(x.s.chain.balance(x.s.attribution), U256::ZERO);
}

/// A pool of 1,000 coins for the period in a token of the chain, and its pending report. Bob and Dora have more of it.
fn in_an_asset(kind: AssetKind) -> (Scene, Asset) {
    let mut s = System::with_bonds(500);
    let (admin, alice, bob, dora) = (s.admin.clone(), s.holder(1), s.holder(2), s.holder(3));
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    let asset = Asset::create(&mut s.chain, 7, kind);
    let token = asset.address();
    s.pool = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
    s.grant(s.pool, "ISSUER_ROLE", &admin);
    asset.begin(&mut s.chain, &admin, s.pool);
    for account in [&admin, &bob, &dora] {
        asset.mint(&mut s.chain, account.address, 2_000_000_000);
        for spender in [s.pool, s.attribution] {
            s.call(account, token, Token::approveCall { spender, value: U256::from(1_500_000_000) }).unwrap();
        }
    }
    s.mint(&alice, COIN).unwrap();
    let mut x = Scene { s, token, bob, dora };
    x.deposit(1_000);
    Contributors::new([alice.address, admin.address]).post(&mut x.s, STREAM, PERIOD);
    (x, asset)
}

/// Proves SAFE-2: in a token of the chain, as USDC is, the registry needs a deposit of native money for the allowance
/// that the pool takes the bond by. Whoever has it lends it for the call. Before, the bond was stuck in the registry.
#[test]
fn a_bond_in_an_asset_needs_a_deposit_for_a_moment() {
    let (mut x, asset) = in_an_asset(PLAIN);
    let (admin, token, registry) = (x.s.admin.clone(), x.token, x.s.attribution);
    asset.float(&mut x.s.chain, registry);
    x.dispute(x.coins(20)).unwrap();
    x.rule(false);
    assert_eq!((x.kept(), x.contributors_money()), ((token, x.coins(20)), x.coins(400)));
    assert_refused(x.deliver(0), "PoolRefused");
    let lent = x.s.chain.approval_deposit();
    assert_eq!(x.deliver(2 * lent).unwrap(), U256::from(x.coins(20)));
    assert_eq!((x.kept(), x.contributors_money()), ((token, 0), x.coins(408)));
    // All that was lent is the lender's again.
    let dora = x.dora.clone();
    let owed = Attribution::bondOwedCall { currency: Address::ZERO, account: dora.address };
    assert_eq!(x.s.call(&admin, registry, owed).unwrap(), U256::from(2 * lent));
    assert_eq!(x.s.chain.balance(registry), U256::from(2 * lent));
    let back = Attribution::withdrawBondCall { currency: Address::ZERO, account: dora.address, to: dora.address };
    let bob = x.bob.clone();
    assert_eq!(x.s.call(&bob, registry, back).unwrap(), U256::from(2 * lent));
    let held = x.s.call(&admin, registry, Attribution::holdingsCall { currency: token }).unwrap();
    assert_eq!((held.locked, held.released), (U256::ZERO, U256::ZERO));
}

/// Proves PAY-7 and SAFE-12: as on Polkadot Hub no account has less than a cent, so the registry takes a bond once it
/// has that cent beside what it holds for others, from whomever. So the last one, too, is paid to the unit. Before, it
/// took bonds without a float, and the last one could not be paid: the cent that was missing was found out at the end.
#[test]
fn a_bond_is_taken_beside_the_registrys_float() {
    let (mut x, asset) = in_an_asset(HUB);
    let (token, registry, bob) = (x.token, x.s.attribution, x.bob.clone());
    let missing = |missing: u128| Failure::with(&Refusal::FloatMissing { missing: U256::from(missing) });
    let has = |x: &mut Scene| {
        let call = Token::balanceOfCall { account: registry };
        x.s.call(&bob, token, call).unwrap().to::<u128>()
    };
    assert_eq!(x.dispute(x.coins(20)), Err(missing(10_000)));
    asset.float(&mut x.s.chain, registry);
    x.dispute(x.coins(20)).unwrap();
    // Its issuer burns all but one of it. What is there is Bob's.
    asset.burn(&mut x.s.chain, registry, 9_999);
    assert_eq!(x.try_defend(x.coins(20)), Err(missing(9_999)));
    asset.mint(&mut x.s.chain, registry, 9_999);
    x.defend(x.coins(20));
    assert_eq!(has(&mut x), 40_010_000);
    // Bob's own 20 and half of Dora's; the other half waits for the period.
    x.rule(true);
    assert_eq!((x.owed(bob.address), x.kept()), (30_000_000, (token, 10_000_000)));
    let back = Attribution::withdrawBondCall { currency: token, account: bob.address, to: bob.address };
    assert_eq!(x.s.call(&bob, registry, back).unwrap(), U256::from(30_000_000));
    let lent = x.s.chain.approval_deposit();
    assert_eq!(x.deliver(lent).unwrap(), U256::from(10_000_000));
    assert_eq!((has(&mut x), x.contributors_money()), (10_000, x.coins(404)));
}
