//! Superfluid's General Distribution Agreement: instant distribution of a super token to the members of a pool.
//!
//! The deployment follows the package's own `SuperfluidFrameworkDeployer`, in its form that cannot be upgraded (fewer
//! proxies, so cheaper), without the agreements and forwarders that a distribution never calls.

use super::{Bench, Peer, Target, arguments, whole};
use crate::chain::{Account, Failure};
use alloy_primitives::{Address, Bytes, U256, address};
use alloy_sol_types::{SolCall, sol};

sol! {
    interface Governance {
        function initialize(address host, address reward, uint256 liquidation, uint256 patrician, address[] forwarders);
        function registerAgreementClass(address host, address agreement);
        function updateContracts(address host, address newHost, address[] agreements, address factory, address beacon);
    }
    interface Host {
        function initialize(address governance);
        function callAgreement(address agreement, bytes data, bytes userData) returns (bytes);
    }
    interface Ownable {
        function transferOwnership(address owner);
        function upgradeTo(address implementation);
        function castrate();
    }
    interface Proxy {
        function initializeProxy(address implementation);
    }
    interface AdminNft {
        function initialize(string name, string symbol);
    }
    interface Factory {
        function initializeCustomSuperToken(address token);
    }
    interface SuperToken {
        function initialize(string name, string symbol, uint256 supply);
        function transfer(address to, uint256 amount) returns (bool);
        function balanceOf(address account) view returns (uint256);
    }
    struct PoolConfig {
        bool transferable;
        bool anyoneDistributes;
    }
    interface Agreement {
        function createPool(address token, address admin, PoolConfig config) returns (address);
        function distribute(address token, address from, address pool, uint256 amount, bytes ctx) returns (bytes);
    }
    interface Pool {
        function updateMemberUnits(address member, uint128 units) returns (bool);
        function claimAll() returns (bool);
    }
    /// As `createPool` tells the pool's address.
    event PoolCreated(address indexed token, address indexed admin, address pool);
}

/// Name of the peer.
pub const NAME: &str = "Superfluid GDA pool";

/// External libraries are linked when the agreement is compiled, so they are deployed where
/// `tests/bench/peers/compile.mjs` says: at the first address of these accounts.
const LIBRARIES: [(u32, &str, Address); 2] = [
    (901, "SlotsBitmapLibrary", address!("c532737066fc3e5fd0c482c127c0745b5ec685ee")),
    (902, "SuperfluidPoolDeployerLibrary", address!("f9de8bb3394d01401c27e6c5b82c11c687ffcfef")),
];
/// ERC-1820 says who deploys its registry, and so where it is on every chain.
const REGISTRY_DEPLOYER: Address = address!("a990077c3205cbDf861e17Fa532eeB069cE9fF96");
const REGISTRY: Address = address!("1820a4B7618BdE71Dce8cdc73aAB6C95905faD24");

struct Framework {
    host: Address,
    agreement: Address,
    factory: Address,
}

/// Distribution to a pool with two members, and a member's claim.
///
/// # Errors
/// [`Failure`] of the first call that failed.
pub fn measure(target: Target) -> Result<Peer, Failure> {
    let mut bench = Bench::new(target);
    let framework = deploy(&mut bench)?;
    let (alice, bob, platform) = (bench.chain.account(1), bench.chain.account(2), bench.chain.account(3));
    let token = bench.deploy("PureSuperToken", Vec::new())?;
    bench.manage(framework.factory, Factory::initializeCustomSuperTokenCall { token })?;
    let (name, symbol, supply) = ("Money".into(), "MONEY".into(), whole(1_000_000));
    bench.manage(token, SuperToken::initializeCall { name, symbol, supply })?;
    bench.manage(token, SuperToken::transferCall { to: platform.address, amount: whole(1_000) })?;
    let config = PoolConfig { transferable: true, anyoneDistributes: true };
    let admin = bench.admin.address;
    let pool = bench.manage(framework.agreement, Agreement::createPoolCall { token, admin, config })?;
    for member in [&alice, &bob] {
        bench.manage(pool, Pool::updateMemberUnitsCall { member: member.address, units: 1_000 })?;
    }
    let mut paid = U256::ZERO;
    for _ in 0..2 {
        distribute(&mut bench, &framework, &platform, token, pool)?;
        bench.record("distributeToPool");
        bench.call(&alice, pool, Pool::claimAllCall {})?;
        bench.record("claimAll");
        let balance = bench.call(&alice, token, SuperToken::balanceOfCall { account: alice.address })?;
        assert!(balance > paid, "nothing was paid");
        paid = balance;
    }
    // The first round touches empty slots: the second counts.
    bench.rows.drain(..2);
    Ok(bench.peer(NAME))
}

/// As `SuperTokenV1Library.distributeToPool` calls it.
fn distribute(
    bench: &mut Bench,
    framework: &Framework,
    from: &Account,
    token: Address,
    pool: Address,
) -> Result<(), Failure> {
    let (amount, ctx) = (whole(10), Bytes::new());
    let data = Agreement::distributeCall { token, from: from.address, pool, amount, ctx }.abi_encode().into();
    let call = Host::callAgreementCall { agreement: framework.agreement, data, userData: Bytes::new() };
    bench.call(from, framework.host, call).map(|_| ())
}

fn deploy(bench: &mut Bench) -> Result<Framework, Failure> {
    registry(bench)?;
    for (number, name, expected) in LIBRARIES {
        let account = bench.chain.account(number);
        let address = bench.deploy_first(&account, name)?;
        assert_eq!(address, expected, "compile.mjs links {name} elsewhere");
    }
    for created in ["BeaconProxy", "UUPSProxy"] {
        bench.upload(created)?;
    }
    let governance = bench.deploy("TestGovernance", Vec::new())?;
    let host = host(bench, governance)?;
    let nowhere = bench.deploy("SuperfluidPool", arguments(&(Address::ZERO,)))?;
    let beacon = bench.deploy("SuperfluidUpgradeableBeacon", arguments(&(nowhere,)))?;
    let agreement = bench.deploy("GeneralDistributionAgreementV1", arguments(&(host, beacon)))?;
    bench.manage(governance, Governance::registerAgreementClassCall { host, agreement })?;
    let implementation = bench.deploy("SuperfluidPool", arguments(&(agreement,)))?;
    bench.manage(implementation, Ownable::castrateCall {})?;
    bench.manage(beacon, Ownable::upgradeToCall { implementation })?;
    bench.manage(beacon, Ownable::transferOwnershipCall { owner: host })?;
    let nft = bench.deploy("UUPSProxy", Vec::new())?;
    let implementation = bench.deploy("PoolAdminNFT", arguments(&(host, agreement)))?;
    bench.manage(implementation, Ownable::castrateCall {})?;
    bench.manage(nft, Proxy::initializeProxyCall { implementation })?;
    bench.manage(nft, AdminNft::initializeCall { name: "Pool Admin NFT".into(), symbol: "PA".into() })?;
    let logic = bench.deploy("SuperToken", arguments(&(host, nft)))?;
    let values = (host, logic, implementation, Address::ZERO);
    let factory = bench.deploy("SuperTokenFactory", arguments(&values))?;
    let (new_host, beacon) = (Address::ZERO, Address::ZERO);
    let call = Governance::updateContractsCall { host, newHost: new_host, agreements: Vec::new(), factory, beacon };
    bench.manage(governance, call)?;
    Ok(Framework { host, agreement, factory })
}

fn host(bench: &mut Bench, governance: Address) -> Result<Address, Failure> {
    let simple = bench.deploy("SimpleForwarder", Vec::new())?;
    let trusted = bench.deploy("ERC2771Forwarder", Vec::new())?;
    let access = bench.deploy("SimpleACL", Vec::new())?;
    let values = (true, false, 3_000_000u64, simple, trusted, access);
    let host = bench.deploy("Superfluid", arguments(&values))?;
    for forwarder in [simple, trusted] {
        bench.manage(forwarder, Ownable::transferOwnershipCall { owner: host })?;
    }
    bench.manage(host, Host::initializeCall { governance })?;
    let call = Governance::initializeCall {
        host,
        reward: Address::with_last_byte(69),
        liquidation: U256::from(4 * 3_600),
        patrician: U256::from(1_800),
        forwarders: Vec::new(),
    };
    bench.manage(governance, call)?;
    Ok(host)
}

/// The ERC-1820 registry is EVM bytecode on every chain.
fn registry(bench: &mut Bench) -> Result<(), Failure> {
    let deployer = bench.chain.ethereum_account(REGISTRY_DEPLOYER);
    let missing = || Failure::Dispatch("ERC1820Registry is not compiled: run scripts/bench-peers".into());
    let code = super::artifact("ERC1820Registry", Target::Evm).ok_or_else(missing)?;
    let address = bench.chain.instantiate_first(&deployer, code, Vec::new())?;
    assert_eq!(address, REGISTRY);
    Ok(())
}
