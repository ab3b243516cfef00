use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::{Access, Coop, Factory};
use yieldset_chain::deployment::role;
use yieldset_tests::chain::{Account, Chain, Failure, START, assert_refused, blob, events, root_file};
use yieldset_tests::coop::coop_arguments;
use yieldset_tests::stand_ins::{StandInPool, bytecode, pool_arguments, stand_in_pool};
use yieldset_tests::system::System;
use yieldset_tests::world;

/// The stand-in for a pool as PolkaVM code: only such can be created by a contract.
fn stand_in_code() -> Vec<u8> {
    std::fs::read(root_file("tests/fixtures/registry/StandInPool.polkavm")).unwrap()
}

struct PoolFactory {
    chain: Chain,
    factory: Address,
    admin: Account,
    creator: Account,
    stranger: Account,
}

const MARKET: Address = Address::repeat_byte(0x15);
const NAME: B256 = B256::repeat_byte(0x61);
const SYMBOL: B256 = B256::repeat_byte(0x62);

fn address(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

/// Pools are made of `code`.
fn parts(code: &[u8]) -> Factory::setPartsCall {
    Factory::setPartsCall {
        kyc: address(0x11),
        attribution: address(0x12),
        manifests: address(0x13),
        licence: address(0x14),
        market: MARKET,
        logic: address(0x16),
        poolCode: keccak256(code),
        coopCode: keccak256(blob("coop")),
    }
}

fn create() -> Factory::createPoolCall {
    Factory::createPoolCall { name: NAME, symbol: SYMBOL, currency: address(0x20), contributorsBps: 4_000 }
}

fn create_with_coop() -> Factory::createPoolWithCoopCall {
    Factory::createPoolWithCoopCall { name: NAME, symbol: SYMBOL, ..world::create_with_coop(Address::ZERO) }
}

impl PoolFactory {
    fn new() -> Self {
        let mut chain = Chain::new();
        let [admin, creator, stranger] = [0, 1, 2].map(|n| chain.account(n));
        // A pool and a co-op of the codes, so that the codes are on chain.
        let pool = chain.instantiate(&admin, stand_in_code(), pool_arguments(admin.address).abi_encode()).unwrap();
        chain.instantiate(&admin, blob("coop"), coop_arguments(pool).abi_encode()).unwrap();
        let p = parts(&stand_in_code());
        let data = Factory::constructorCall {
            admin: admin.address,
            kyc: p.kyc,
            attribution: p.attribution,
            manifests: p.manifests,
            licence: p.licence,
            market: p.market,
            logic: p.logic,
            poolCode: p.poolCode,
            coopCode: p.coopCode,
        };
        let factory = chain.instantiate(&admin, blob("factory"), data.abi_encode()).unwrap();
        let set = events::<Factory::PartsSet>(&chain.take_logs()).remove(0);
        assert_eq!((set.kyc, set.market, set.logic), (p.kyc, p.market, p.logic));
        assert_eq!((set.poolCode, set.coopCode), (p.poolCode, p.coopCode));
        Self { chain, factory, admin, creator, stranger }
    }

    fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.factory, call, 0)
    }

    fn ask<C: SolCall>(&mut self, contract: Address, call: C) -> C::Return {
        let stranger = self.stranger.clone();
        self.chain.call(&stranger, contract, call, 0).unwrap()
    }

    fn has(&mut self, pool: Address, role: B256, account: Address) -> bool {
        self.ask(pool, StandInPool::hasRoleCall { role, account })
    }
}

/// A pool is made, wired, handed over and listed in one message.
#[test]
fn a_pool_is_made_wired_and_listed() {
    let mut w = PoolFactory::new();
    let (creator, factory) = (w.creator.clone(), w.factory);
    let pool = w.call(&creator, create()).unwrap();
    let event = events::<Factory::PoolListed>(&w.chain.take_logs()).remove(0);
    assert_eq!((event.pool, event.creator, event.coop), (pool, creator.address, Address::ZERO));
    assert_eq!((event.number, event.currency, event.created), (1, address(0x20), true));
    assert_eq!((event.kyc, event.attribution, event.manifests), (address(0x11), address(0x12), address(0x13)));
    assert_eq!((event.licence, event.market, event.logic), (address(0x14), MARKET, address(0x16)));
    let info = w.ask(factory, Factory::poolInfoCall { pool });
    assert_eq!((info.number, info.creator, info.coop), (1, creator.address, Address::ZERO));
    assert_eq!((info.currency, info.kyc, info.attribution), (address(0x20), address(0x11), address(0x12)));
    assert_eq!((info.manifests, info.licence, info.market), (address(0x13), address(0x14), MARKET));
    assert_eq!((info.logic, info.listedAt, info.created), (address(0x16), START, true));
    // The constructor got what it was to get.
    assert_eq!(w.ask(pool, StandInPool::nameCall {}), NAME);
    assert_eq!(w.ask(pool, StandInPool::symbolCall {}), SYMBOL);
    assert_eq!(w.ask(pool, StandInPool::logicCall {}), address(0x16));
    assert_eq!(w.ask(pool, StandInPool::kycCall {}), address(0x11));
    assert_eq!(w.ask(pool, StandInPool::attributionCall {}), address(0x12));
    assert_eq!(w.ask(pool, StandInPool::currencyCall {}), address(0x20));
    assert_eq!(w.ask(pool, StandInPool::contributorsBpsCall {}), 4_000);
    // Roles: the market its own, the creator the licensor's and, once accepted, the admin's.
    assert!(w.has(pool, role("MARKET_ROLE"), MARKET));
    assert!(w.has(pool, role("LICENSOR_ROLE"), creator.address));
    assert_eq!(w.ask(pool, StandInPool::pendingDefaultAdminCall {}), creator.address);
    w.chain.call(&creator, pool, StandInPool::acceptDefaultAdminTransferCall {}, 0).unwrap();
    assert_eq!(w.ask(pool, StandInPool::defaultAdminCall {}), creator.address);
    for role in [B256::ZERO, role("MARKET_ROLE"), role("LICENSOR_ROLE"), role("ISSUER_ROLE"), role("AGENT_ROLE")] {
        assert!(!w.has(pool, role, factory), "the factory keeps nothing");
    }
}

/// Proves LIC-12: a pool's co-op is made with it, votes by its shares, and has the licensor's role alone.
#[test]
fn a_pool_with_a_coop() {
    let mut w = PoolFactory::new();
    let (creator, factory) = (w.creator.clone(), w.factory);
    let made = w.call(&creator, create_with_coop()).unwrap();
    let event = events::<Factory::PoolListed>(&w.chain.take_logs()).remove(0);
    assert_eq!((event.pool, event.creator, event.coop), (made.pool, creator.address, made.coop));
    assert!(w.has(made.pool, role("LICENSOR_ROLE"), made.coop));
    assert!(!w.has(made.pool, role("LICENSOR_ROLE"), creator.address));
    assert!(w.has(made.pool, role("MARKET_ROLE"), MARKET));
    assert_eq!(w.ask(made.pool, StandInPool::pendingDefaultAdminCall {}), creator.address);
    assert_eq!(w.ask(made.coop, Coop::tokenCall {}), made.pool);
    assert_eq!(w.ask(made.coop, Coop::votingDelayCall {}), U256::from(5));
    assert_eq!(w.ask(made.coop, Coop::votingPeriodCall {}), U256::from(10));
    assert_eq!(w.ask(made.coop, Coop::quorumNumeratorCall {}), U256::from(2_000));
    assert_eq!(w.ask(made.coop, Coop::proposalThresholdCall {}), U256::from(100));
    assert_eq!(w.ask(made.coop, Coop::timelockCall {}), U256::from(3));
    assert_eq!(w.ask(made.coop, Coop::gracePeriodCall {}), U256::from(7));
    assert_eq!(w.ask(factory, Factory::poolInfoCall { pool: made.pool }).coop, made.coop);
}

/// From one address everything is found, in the order of listing, and parts that change later change no listed pool.
#[test]
fn everything_is_found_from_one_address() {
    let mut w = PoolFactory::new();
    let (admin, creator, stranger, factory) = (w.admin.clone(), w.creator.clone(), w.stranger.clone(), w.factory);
    let first = w.call(&creator, create()).unwrap();
    let moved = Factory::setPartsCall { kyc: address(0x41), market: Address::ZERO, ..parts(&stand_in_code()) };
    w.call(&admin, moved).unwrap();
    let second = w.call(&stranger, create()).unwrap();
    let third = stand_in_pool(&mut w.chain, &stranger);
    w.call(&admin, Factory::registerPoolCall { pool: third, coop: Address::ZERO }).unwrap();
    assert_eq!(w.ask(factory, Factory::poolCountCall {}), U256::from(3));
    for (index, pool) in [first, second, third].into_iter().enumerate() {
        assert_eq!(w.ask(factory, Factory::poolAtCall { index: U256::from(index) }), pool);
        assert!(w.ask(factory, Factory::isPoolCall { pool }));
    }
    for index in [U256::from(3), U256::MAX, U256::from(1) << 32] {
        assert_refused(w.call(&admin, Factory::poolAtCall { index }), "IndexOutOfRange");
    }
    assert!(!w.ask(factory, Factory::isPoolCall { pool: factory }));
    assert_refused(w.call(&admin, Factory::poolInfoCall { pool: factory }), "UnknownPool");
    let infos = [first, second, third].map(|pool| w.ask(factory, Factory::poolInfoCall { pool }));
    let seen = infos.map(|info| (info.number, info.creator, info.kyc, info.market, info.created));
    let expected = [
        (1, creator.address, address(0x11), MARKET, true),
        (2, stranger.address, address(0x41), Address::ZERO, true),
        (3, stranger.address, address(0x11), Address::ZERO, false),
    ];
    assert_eq!(seen, expected);
    assert!(!w.has(second, role("MARKET_ROLE"), Address::ZERO), "no market, no role for nobody");
    let now = w.ask(factory, Factory::partsCall {});
    assert_eq!((now.kyc, now.market, now.attribution), (address(0x41), Address::ZERO, address(0x12)));
    assert_eq!((now.poolCode, now.coopCode), (keccak256(stand_in_code()), keccak256(blob("coop"))));
    assert_eq!((now.manifests, now.licence, now.logic), (address(0x13), address(0x14), address(0x16)));
}

/// Proves that listing follows what a pool says of itself, and refuses what is none.
#[test]
fn only_pools_are_registered_and_once() {
    let mut w = PoolFactory::new();
    let (admin, stranger, factory) = (w.admin.clone(), w.stranger.clone(), w.factory);
    let register = |pool, coop| Factory::registerPoolCall { pool, coop };
    let pool = stand_in_pool(&mut w.chain, &stranger);
    let other = stand_in_pool(&mut w.chain, &stranger);
    let coop = w.chain.instantiate(&stranger, blob("coop"), coop_arguments(pool).abi_encode()).unwrap();
    let target = w.chain.instantiate(&stranger, bytecode("Target"), Vec::new()).unwrap();
    assert_refused(w.call(&stranger, register(pool, coop)), "AccessControlUnauthorizedAccount");
    // The pallet stops a factory that calls itself.
    let stopped = w.call(&admin, register(factory, Address::ZERO)).err().unwrap();
    assert!(matches!(&stopped, Failure::Dispatch(why) if why.contains("ReentranceDenied")), "{stopped:?}");
    for no_pool in [stranger.address, target, coop] {
        assert_refused(w.call(&admin, register(no_pool, Address::ZERO)), "NotAPool");
    }
    for no_coop in [stranger.address, target, pool] {
        assert_refused(w.call(&admin, register(pool, no_coop)), "NotACoop");
    }
    assert_refused(w.call(&admin, register(other, coop)), "NotACoop");
    w.call(&admin, register(pool, coop)).unwrap();
    assert_refused(w.call(&admin, register(pool, coop)), "AlreadyListed");
    let made = w.call(&stranger, create()).unwrap();
    assert_refused(w.call(&admin, register(made, Address::ZERO)), "AlreadyListed");
    let info = w.ask(factory, Factory::poolInfoCall { pool });
    assert_eq!((info.coop, info.creator, info.logic, info.created), (coop, stranger.address, Address::ZERO, false));
}

/// What cannot be made or wired leaves nothing behind.
#[test]
fn a_failed_creation_leaves_nothing() {
    let mut w = PoolFactory::new();
    let (admin, creator, factory) = (w.admin.clone(), w.creator.clone(), w.factory);
    let good = parts(&stand_in_code());
    let zero = Address::ZERO;
    for (place, missing) in [
        Factory::setPartsCall { kyc: zero, ..good.clone() },
        Factory::setPartsCall { attribution: zero, ..good.clone() },
        Factory::setPartsCall { logic: zero, ..good.clone() },
        Factory::setPartsCall { poolCode: B256::ZERO, ..good.clone() },
    ]
    .into_iter()
    .enumerate()
    {
        w.call(&admin, missing).unwrap();
        let refused = w.call(&creator, create()).unwrap_err();
        let part = [0, 1, 5, 6][place];
        assert_eq!(refused, Failure::Refused(format!("PartMissing(PartMissing {{ part: {part} }})")));
        assert_refused(w.call(&creator, create_with_coop()), "PartMissing");
    }
    w.call(&admin, Factory::setPartsCall { coopCode: B256::ZERO, ..good.clone() }).unwrap();
    assert_refused(w.call(&creator, create_with_coop()), "PartMissing");
    w.call(&admin, Factory::setPartsCall { poolCode: B256::repeat_byte(1), ..good.clone() }).unwrap();
    let stopped = w.call(&creator, create()).unwrap_err();
    assert!(matches!(&stopped, Failure::Dispatch(why) if why.contains("CodeNotFound")), "{stopped:?}");
    // A contract of another kind takes the arguments and then refuses the messages: its admin is somebody else.
    w.chain.upload(&admin, blob("kyc-logic")).unwrap();
    w.call(&admin, Factory::setPartsCall { poolCode: keccak256(blob("kyc-logic")), ..good.clone() }).unwrap();
    assert_refused(w.call(&creator, create()), "WiringFailed");
    w.call(&admin, good).unwrap();
    let wrong = Factory::createPoolCall { contributorsBps: 10_001, ..create() };
    let failure = w.call(&creator, wrong).unwrap_err();
    assert!(failure.is("CreationFailed"), "{failure:?}");
    let wrong = Factory::createPoolWithCoopCall { quorumBps: 0, ..create_with_coop() };
    assert_refused(w.call(&creator, wrong), "CreationFailed");
    assert_eq!(w.ask(factory, Factory::poolCountCall {}), U256::ZERO);
    w.call(&creator, create()).unwrap();
    assert_eq!(w.ask(factory, Factory::poolCountCall {}), U256::from(1));
}

#[test]
fn a_factory_needs_an_admin() {
    let mut w = PoolFactory::new();
    let admin = w.admin.clone();
    let p = parts(&[]);
    let data = Factory::constructorCall {
        admin: Address::ZERO,
        kyc: p.kyc,
        attribution: p.attribution,
        manifests: p.manifests,
        licence: p.licence,
        market: p.market,
        logic: p.logic,
        poolCode: p.poolCode,
        coopCode: p.coopCode,
    };
    let made = w.chain.instantiate(&admin, blob("factory"), data.abi_encode());
    assert_refused(made, "AccessControlInvalidDefaultAdmin");
}

/// Until the creator accepts, the factory is the pool's admin in name: nobody, its own admin included, can make it use
/// that.
#[test]
fn the_factory_has_no_message_that_reaches_a_pool() {
    let mut w = PoolFactory::new();
    let (admin, creator, stranger) = (w.admin.clone(), w.creator.clone(), w.stranger.clone());
    let pool = w.call(&creator, create()).unwrap();
    let before = w.ask(pool, StandInPool::pendingDefaultAdminCall {});
    for account in [&admin, &creator, &stranger] {
        let _ = w.call(account, Access::grantRoleCall { role: role("ISSUER_ROLE"), account: account.address });
        let _ = w.call(account, Access::beginDefaultAdminTransferCall { newAdmin: account.address });
        let _ = w.call(account, Factory::registerPoolCall { pool, coop: Address::ZERO });
        w.call(account, create()).unwrap();
        assert!(!w.has(pool, role("ISSUER_ROLE"), account.address));
    }
    assert_eq!(w.ask(pool, StandInPool::pendingDefaultAdminCall {}), before);
    assert_eq!(before, creator.address);
}

/// The same with the pool itself.
#[test]
fn the_pool_itself_is_made_by_the_factory() {
    let mut s = System::new();
    let (admin, creator, pool) = (s.admin.clone(), s.chain.account(1), s.pool);
    s.chain.instantiate(&admin, blob("coop"), coop_arguments(pool).abi_encode()).unwrap();
    let data = Factory::constructorCall {
        admin: admin.address,
        kyc: s.kyc,
        attribution: s.attribution,
        manifests: s.manifests,
        licence: Address::ZERO,
        market: MARKET,
        logic: s.logic,
        poolCode: keccak256(blob("pool")),
        coopCode: keccak256(blob("coop")),
    };
    let factory = s.chain.instantiate(&admin, blob("factory"), data.abi_encode()).unwrap();
    let made = s.call(&creator, factory, create_with_coop()).unwrap();
    assert_eq!(s.call(&creator, made.coop, Coop::tokenCall {}).unwrap(), made.pool);
    s.call(&creator, made.pool, Access::acceptDefaultAdminTransferCall {}).unwrap();
    let mut has = |role, account| s.call(&creator, made.pool, Access::hasRoleCall { role, account }).unwrap();
    assert!(has(role("LICENSOR_ROLE"), made.coop) && has(role("MARKET_ROLE"), MARKET));
    assert!(has(B256::ZERO, creator.address));
    for role in [B256::ZERO, role("LICENSOR_ROLE"), role("MARKET_ROLE"), role("ISSUER_ROLE")] {
        assert!(!has(role, factory), "the factory keeps nothing");
    }
}
