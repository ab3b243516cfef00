//! Everything is found from the factory's address by following events, as an indexer does it.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolConstructor, SolEvent};
use yieldset_chain::abi::{Access, Coop, Factory, Kyc, Licence, Manifests, Market, Pool};
use yieldset_tests::chain::{Account, Log, START, blob};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::{self, Token};
use yieldset_tests::licence::{DATASET, DAY, menu, plain};
use yieldset_tests::manifests::found;
use yieldset_tests::market::{LATE, LOT, SHARE, TICK, ask, bid, cost};
use yieldset_tests::world::{World, create, create_with_coop};

const PERIOD: u32 = 8099;

/// What an indexer knows that was given one address and the chain's logs.
#[derive(Default)]
struct Known {
    addresses: BTreeSet<Address>,
    pools: BTreeMap<Address, Factory::PoolListed>,
}

impl Known {
    /// Reads the logs of known contracts until they name no contract that was not known. A pool tells of its creation
    /// before the factory tells of the pool, so one pass is not enough.
    fn walk(factory: Address, logs: &[Log]) -> Self {
        let mut known = Self { addresses: BTreeSet::from([factory]), ..Self::default() };
        loop {
            let before = known.addresses.len();
            for log in logs.iter().filter(|log| log.contract == factory) {
                known.read(log);
            }
            known.addresses.remove(&Address::ZERO);
            if known.addresses.len() == before {
                return known;
            }
        }
    }

    fn read(&mut self, log: &Log) {
        if let Some(e) = log.decode::<Factory::PartsSet>() {
            self.addresses.extend([e.kyc, e.attribution, e.manifests, e.licence, e.market, e.logic]);
        }
        if let Some(e) = log.decode::<Factory::PoolListed>() {
            self.addresses.extend([e.pool, e.coop, e.currency]);
            self.addresses.extend([e.kyc, e.attribution, e.manifests, e.licence, e.market, e.logic]);
            self.pools.insert(e.pool, e);
        }
    }

    /// Events of a type that known contracts told.
    fn events<E: SolEvent>(&self, logs: &[Log]) -> Vec<(Address, E)> {
        let known = logs.iter().filter(|log| self.addresses.contains(&log.contract));
        known.filter_map(|log| Some((log.contract, log.decode::<E>()?))).collect()
    }
}

/// What happened: two pools made by the factory, one of them with a co-op and paid in a token, and one registered;
/// shares, a licence, orders, a report and its claims.
struct History {
    w: World,
    logs: Vec<Log>,
    with_coop: Address,
    coop: Address,
    plain: Address,
    registered: Address,
    token: Address,
    licence: B256,
    holders: [Account; 2],
}

fn listed(w: &mut World, pool: Address, holders: &[Account; 2], token: Address) {
    let (admin, market) = (w.s.admin.clone(), w.market);
    w.call(&admin, market, Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) }).unwrap();
    let [alice, bob] = holders;
    for (trader, contract) in [(alice, pool), (bob, token)] {
        let approve = Token::approveCall { spender: market, value: U256::MAX };
        w.call(trader, contract, approve).unwrap();
    }
    let order = w.call(alice, market, ask(pool, 10 * SHARE, 1_000, LATE)).unwrap();
    w.call(bob, market, bid(pool, SHARE, 500, LATE)).unwrap();
    let fill =
        Market::fillAskCall { order, shares: U256::from(4 * SHARE), maxCost: U256::from(cost(4 * SHARE, 1_000)) };
    w.call(bob, market, fill).unwrap();
    w.call(alice, market, Market::withdrawCall { pool, to: alice.address }).unwrap();
}

fn licensed(w: &mut World, pool: Address, licensor: &Account) -> B256 {
    let (creator, platform) = (w.s.chain.account(13), w.s.chain.account(22));
    let (manifests, licence) = (w.s.manifests, w.licence);
    w.call(&creator, manifests, found(0xda, 1)).unwrap();
    w.call(&creator, manifests, Manifests::assignToPoolCall { dataset: DATASET, pool }).unwrap();
    let options = vec![menu(&plain(), &[])];
    let currency = w.call(&platform, pool, Pool::currencyCall {}).unwrap();
    let offer = Licence::offerCall { pool, currency, datasets: vec![DATASET], options, expiresAt: START + DAY };
    let id = w.call(&platform, licence, offer).unwrap();
    w.call(licensor, licence, Licence::acceptCall { licence: id, option: 0 }).unwrap();
    id
}

fn history() -> History {
    let mut w = World::new();
    let (admin, creator) = (w.s.admin.clone(), w.s.chain.account(20));
    let token = fixtures::plain_token(&mut w.s.chain, &admin, 6);
    let (with_coop, coop) = w.pool_with_coop(token);
    let holders = [1, 2].map(|n| w.s.holder(n));
    w.s.mint(&holders[0], 100 * SHARE).unwrap();
    w.call(&admin, token, Token::mintCall { to: holders[1].address, value: U256::from(10_000) }).unwrap();
    listed(&mut w, with_coop, &holders, token);
    let plain = w.call(&creator, w.factory, create(Address::ZERO)).unwrap();
    w.call(&creator, plain, Access::acceptDefaultAdminTransferCall {}).unwrap();
    w.s.pool = plain;
    let issuer = yieldset_chain::deployment::role("ISSUER_ROLE");
    w.call(&creator, plain, Access::grantRoleCall { role: issuer, account: admin.address }).unwrap();
    w.s.open().unwrap();
    let licence = licensed(&mut w, plain, &creator);
    let c = Contributors::new([holders[0].address, holders[1].address]);
    let deposit = Pool::depositCall { stream: licence, period: PERIOD, amount: U256::from(1_000_000) };
    w.s.chain.call(&admin, plain, deposit, 1_000_000).unwrap();
    c.post_final(&mut w.s, licence, PERIOD);
    w.call(&holders[0], plain, c.claim(0, licence, PERIOD)).unwrap();
    let registered = w.s.new_pool(Address::ZERO, 100).unwrap();
    let register = Factory::registerPoolCall { pool: registered, coop: Address::ZERO };
    w.call(&admin, w.factory, register).unwrap();
    let logs = w.s.chain.take_logs();
    History { w, logs, with_coop, coop, plain, registered, token, licence, holders }
}

/// Every contract that told anything is found, but for those that the factory has nothing to do with.
#[test]
fn every_contract_is_found_from_one_address() {
    let h = history();
    let known = Known::walk(h.w.factory, &h.logs);
    let told: BTreeSet<_> = h.logs.iter().map(|log| log.contract).collect();
    // A pool that was made before the factory and never listed there.
    let unknown: Vec<_> = told.difference(&known.addresses).copied().collect();
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    assert!(![h.with_coop, h.plain, h.registered].contains(&unknown[0]));
    let World { s, licence, market, factory, .. } = &h.w;
    let expected = [
        *factory,
        s.kyc,
        s.attribution,
        s.manifests,
        *licence,
        *market,
        s.logic,
        h.with_coop,
        h.coop,
        h.plain,
        h.registered,
        h.token,
    ];
    assert_eq!(known.addresses, BTreeSet::from(expected));
}

/// What the listing says of a pool is what the pool says of itself, and what the factory answers.
#[test]
fn listings_agree_with_pools() {
    let mut h = history();
    let known = Known::walk(h.w.factory, &h.logs);
    let (admin, factory) = (h.w.s.admin.clone(), h.w.factory);
    let count = h.w.call(&admin, factory, Factory::poolCountCall {}).unwrap();
    assert_eq!(U256::from(known.pools.len()), count);
    for (pool, listing) in &known.pools {
        let at = Factory::poolAtCall { index: U256::from(listing.number - 1) };
        assert_eq!(h.w.call(&admin, factory, at).unwrap(), *pool);
        assert_eq!(h.w.call(&admin, *pool, Pool::kycCall {}).unwrap(), listing.kyc);
        assert_eq!(h.w.call(&admin, *pool, Pool::attributionCall {}).unwrap(), listing.attribution);
        assert_eq!(h.w.call(&admin, *pool, Pool::currencyCall {}).unwrap(), listing.currency);
        let logic = h.w.call(&admin, *pool, Pool::logicCall {}).unwrap();
        assert_eq!(listing.logic, if listing.created { logic } else { Address::ZERO });
        if !listing.coop.is_zero() {
            assert_eq!(h.w.call(&admin, listing.coop, Coop::tokenCall {}).unwrap(), *pool);
        }
    }
    // A pool's first words are those of its making, with the same parts.
    let created = known.events::<Pool::PoolCreated>(&h.logs);
    assert_eq!(created.len(), known.pools.len());
    for (pool, event) in created {
        let listing = &known.pools[&pool];
        assert_eq!(
            (event.kyc, event.attribution, event.currency),
            (listing.kyc, listing.attribution, listing.currency)
        );
    }
}

/// Shares, datasets, licences, orders, reports and claims are told by contracts that were found, and add up to what
/// these answer.
#[test]
fn the_state_is_rebuilt_from_events() {
    let mut h = history();
    let known = Known::walk(h.w.factory, &h.logs);
    let admin = h.w.s.admin.clone();
    let mut balances = BTreeMap::<Address, U256>::new();
    for (_, e) in known.events::<Pool::Transfer>(&h.logs).into_iter().filter(|(pool, _)| *pool == h.with_coop) {
        if !e.from.is_zero() {
            *balances.get_mut(&e.from).unwrap() -= e.value;
        }
        *balances.entry(e.to).or_default() += e.value;
    }
    for (account, shares) in &balances {
        let asked = Pool::balanceOfCall { account: *account };
        assert_eq!(h.w.call(&admin, h.with_coop, asked).unwrap(), *shares);
    }
    assert_eq!(balances.len(), 2);
    let supply = h.w.call(&admin, h.with_coop, Pool::totalSupplyCall {}).unwrap();
    assert_eq!(balances.values().sum::<U256>(), supply);

    let (_, assigned) = known.events::<Manifests::DatasetAssigned>(&h.logs).remove(0);
    assert_eq!((assigned.dataset, assigned.pool), (DATASET, h.plain));
    let (_, offered) = known.events::<Licence::LicenceOffered>(&h.logs).remove(0);
    assert_eq!((offered.licence, offered.pool), (h.licence, h.plain));
    let (_, opened) = known.events::<Manifests::LicenceOpened>(&h.logs).remove(0);
    assert_eq!((opened.dataset, opened.licence), (DATASET, h.licence));

    let mut open = BTreeMap::new();
    for (_, e) in known.events::<Market::OrderPlaced>(&h.logs) {
        open.insert(e.order, (e.maker, e.shares));
    }
    for (_, e) in known.events::<Market::Traded>(&h.logs) {
        for (order, left) in [(e.ask, e.askLeft), (e.bid, e.bidLeft)].into_iter().filter(|(order, _)| *order != 0) {
            open.get_mut(&order).unwrap().1 = left;
        }
    }
    for (order, (maker, shares)) in &open {
        let found = h.w.call(&admin, h.w.market, Market::orderOfCall { order: *order }).unwrap();
        assert_eq!((found.maker, found.shares), (*maker, *shares));
    }
    assert_eq!(open.len(), 2);

    let deposited = known.events::<Pool::Deposited>(&h.logs);
    let claimed = known.events::<Pool::ContributionClaimed>(&h.logs);
    let period = Pool::periodOfCall { stream: h.licence, period: PERIOD };
    let found = h.w.call(&admin, h.plain, period).unwrap();
    assert_eq!(deposited.iter().map(|(_, e)| e.amount - e.toHolders).sum::<U256>(), found.total);
    assert_eq!(claimed.iter().map(|(_, e)| e.amount).sum::<U256>(), found.claimed);
    let holders: BTreeSet<_> = known.events::<Kyc::RecordSet>(&h.logs).into_iter().map(|(_, e)| e.account).collect();
    assert!(h.holders.iter().all(|holder| holders.contains(&holder.address)));
}

/// Pools made after the parts changed are found with the parts of their time, and those made before keep theirs.
#[test]
fn later_parts_are_found_too() {
    let mut w = World::new();
    let admin = w.s.admin.clone();
    let first = w.call(&admin, w.factory, create(Address::ZERO)).unwrap();
    let data = Market::constructorCall { admin: admin.address }.abi_encode();
    let market = w.s.chain.instantiate(&admin, blob("market"), data).unwrap();
    let now = w.call(&admin, w.factory, Factory::partsCall {}).unwrap();
    let parts = Factory::setPartsCall {
        kyc: now.kyc,
        attribution: now.attribution,
        manifests: now.manifests,
        licence: now.licence,
        market,
        logic: now.logic,
        poolCode: now.poolCode,
        coopCode: now.coopCode,
    };
    w.call(&admin, w.factory, parts).unwrap();
    let second = w.call(&admin, w.factory, create_with_coop(Address::ZERO)).unwrap().pool;
    let known = Known::walk(w.factory, &w.s.chain.take_logs());
    assert_eq!((known.pools[&first].market, known.pools[&second].market), (w.market, market));
    assert!(known.addresses.contains(&w.market) && known.addresses.contains(&market));
    let role = yieldset_chain::deployment::role("MARKET_ROLE");
    for (pool, old, new) in [(first, true, false), (second, false, true)] {
        let has = [w.market, market].map(|account| Access::hasRoleCall { role, account });
        assert_eq!(has.map(|call| w.call(&admin, pool, call).unwrap()), [old, new]);
    }
}
