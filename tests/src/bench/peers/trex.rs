//! T-REX (ERC-3643), the permissioned token that security tokens use, with ONCHAINID identities: one claim topic, one
//! trusted issuer, two compliance modules.

use super::{Bench, Peer, Target, arguments, whole};
use crate::chain::{Account, Failure};
use alloy_primitives::{Address, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use sp_core::Pair;

sol! {
    interface Initializable {
        function init();
        function initialize();
    }
    interface Token {
        function init(address registry, address compliance, string name, string symbol, uint8 decimals, address identity);
        function addAgent(address agent);
        function unpause();
        function mint(address to, uint256 amount);
        function transfer(address to, uint256 amount) returns (bool);
        function balanceOf(address account) view returns (uint256);
    }
    interface IdentityRegistry {
        function init(address issuers, address topics, address identities);
        function registerIdentity(address account, address identity, uint16 country);
        function isVerified(address account) view returns (bool);
    }
    interface IdentityRegistryStorage {
        function bindIdentityRegistry(address registry);
    }
    interface ClaimTopicsRegistry {
        function addClaimTopic(uint256 topic);
    }
    interface TrustedIssuersRegistry {
        function addTrustedIssuer(address issuer, uint256[] topics);
    }
    interface ModularCompliance {
        function addModule(address module);
        function callModuleFunction(bytes data, address module);
    }
    interface Modules {
        function batchAllowCountries(uint16[] countries);
        function setMaxBalance(uint256 most);
    }
    interface Identity {
        function addKey(bytes32 key, uint256 purpose, uint256 kind) returns (bool);
        function addClaim(uint256 topic, uint256 scheme, address issuer, bytes signature, bytes data, string uri)
            returns (bytes32);
    }
    struct Version {
        uint8 major;
        uint8 minor;
        uint8 patch;
    }
    struct Implementations {
        address token;
        address topics;
        address registry;
        address identities;
        address issuers;
        address compliance;
    }
    interface Authority {
        function addAndUseTREXVersion(Version version, Implementations implementations);
    }
}

/// Name of the peer with each contract deployed directly.
pub const DIRECT: &str = "T-REX without proxies";
/// Name of the peer with proxies, as T-REX's own factory deploys it.
pub const PROXIED: &str = "T-REX as its factory deploys it";

/// The issuer's key, the number 1, and its well-known address.
const SIGNER: ([u8; 32], Address) = {
    let mut seed = [0; 32];
    seed[31] = 1;
    (seed, address!("7E5F4552091A69125d5DfCb7b8C2659029395Bdf"))
};
const GERMANY: u16 = 276;
const TOPIC: U256 = U256::from_limbs([1, 0, 0, 0]);
/// ONCHAINID's purpose of keys that sign claims, and its types of keys and claims by ECDSA.
const SIGNS_CLAIMS: U256 = U256::from_limbs([3, 0, 0, 0]);
const ECDSA: U256 = U256::from_limbs([1, 0, 0, 0]);

/// How the suite's contracts are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Each contract itself: cheaper to call, and cannot be upgraded.
    Direct,
    /// Proxies that ask an authority for their code on each call, as T-REX's and ONCHAINID's factories make them.
    Proxied,
}

struct Suite {
    token: Address,
    registry: Address,
    identities: Address,
    topics: Address,
    issuers: Address,
    compliance: Address,
    countries: Address,
    balances: Address,
    /// The authority of identity proxies.
    identity_authority: Option<Address>,
}

/// Transfer between two verified holders.
///
/// # Errors
/// [`Failure`] of the first call that failed.
pub fn measure(target: Target, form: Form) -> Result<Peer, Failure> {
    let mut bench = Bench::new(target);
    let suite = match form {
        Form::Direct => direct(&mut bench)?,
        Form::Proxied => proxied(&mut bench)?,
    };
    let issuer = configure(&mut bench, &suite)?;
    let (alice, bob) = (bench.chain.account(1), bench.chain.account(2));
    for holder in [&alice, &bob] {
        verify(&mut bench, &suite, issuer, holder)?;
        bench.manage(suite.token, Token::mintCall { to: holder.address, amount: whole(1_000) })?;
    }
    for _ in 0..2 {
        bench.call(&alice, suite.token, Token::transferCall { to: bob.address, amount: whole(1) })?;
    }
    bench.record("transfer");
    let balance = bench.call(&alice, suite.token, Token::balanceOfCall { account: bob.address })?;
    assert_eq!(balance, whole(1_002));
    bench.record("balanceOf");
    Ok(bench.peer(match form {
        Form::Direct => DIRECT,
        Form::Proxied => PROXIED,
    }))
}

fn direct(bench: &mut Bench) -> Result<Suite, Failure> {
    let parts = implementations(bench)?;
    for contract in [parts.topics, parts.issuers, parts.identities, parts.compliance] {
        bench.manage(contract, Initializable::initCall {})?;
    }
    let Implementations { token, topics, registry, identities, issuers, compliance } = parts;
    bench.manage(registry, IdentityRegistry::initCall { issuers, topics, identities })?;
    let (name, symbol) = ("Peer".into(), "PEER".into());
    let identity = Address::ZERO;
    bench.manage(token, Token::initCall { registry, compliance, name, symbol, decimals: 18, identity })?;
    let modules = [bench.deploy("CountryAllowModule", Vec::new())?, bench.deploy("MaxBalanceModule", Vec::new())?];
    for module in modules {
        bench.manage(module, Initializable::initializeCall {})?;
    }
    let [countries, balances] = modules;
    let identity_authority = None;
    Ok(Suite { token, registry, identities, topics, issuers, compliance, countries, balances, identity_authority })
}

fn proxied(bench: &mut Bench) -> Result<Suite, Failure> {
    let implementations = implementations(bench)?;
    let authority = bench.deploy("TREXImplementationAuthority", arguments(&(true, Address::ZERO, Address::ZERO)))?;
    let version = Version { major: 4, minor: 1, patch: 6 };
    bench.manage(authority, Authority::addAndUseTREXVersionCall { version, implementations })?;
    let topics = bench.deploy("ClaimTopicsRegistryProxy", arguments(&(authority,)))?;
    let issuers = bench.deploy("TrustedIssuersRegistryProxy", arguments(&(authority,)))?;
    let identities = bench.deploy("IdentityRegistryStorageProxy", arguments(&(authority,)))?;
    let compliance = bench.deploy("ModularComplianceProxy", arguments(&(authority,)))?;
    let registry = bench.deploy("IdentityRegistryProxy", arguments(&(authority, issuers, topics, identities)))?;
    let values = (authority, registry, compliance, "Peer".to_owned(), "PEER".to_owned(), U256::from(18), Address::ZERO);
    let token = bench.deploy("TokenProxy", arguments(&values))?;
    let mut modules = [Address::ZERO; 2];
    for (module, name) in modules.iter_mut().zip(["CountryAllowModule", "MaxBalanceModule"]) {
        let implementation = bench.deploy(name, Vec::new())?;
        let initialize = Bytes::from(Initializable::initializeCall {}.abi_encode());
        *module = bench.deploy("ModuleProxy", arguments(&(implementation, initialize)))?;
    }
    let [countries, balances] = modules;
    let library = bench.deploy("Identity", arguments(&(bench.admin.address, true)))?;
    let identity_authority = Some(bench.deploy("ImplementationAuthority", arguments(&(library,)))?);
    Ok(Suite { token, registry, identities, topics, issuers, compliance, countries, balances, identity_authority })
}

fn implementations(bench: &mut Bench) -> Result<Implementations, Failure> {
    let mut deploy = |name| bench.deploy(name, Vec::new());
    Ok(Implementations {
        token: deploy("Token")?,
        topics: deploy("ClaimTopicsRegistry")?,
        registry: deploy("IdentityRegistry")?,
        identities: deploy("IdentityRegistryStorage")?,
        issuers: deploy("TrustedIssuersRegistry")?,
        compliance: deploy("ModularCompliance")?,
    })
}

/// Binds the parts, sets both modules' rules and trusts one issuer, whose address it answers.
fn configure(bench: &mut Bench, suite: &Suite) -> Result<Address, Failure> {
    let admin = bench.admin.address;
    bench.manage(suite.identities, IdentityRegistryStorage::bindIdentityRegistryCall { registry: suite.registry })?;
    for contract in [suite.registry, suite.token] {
        bench.manage(contract, Token::addAgentCall { agent: admin })?;
    }
    for module in [suite.countries, suite.balances] {
        bench.manage(suite.compliance, ModularCompliance::addModuleCall { module })?;
    }
    let rules = [
        (suite.countries, Modules::batchAllowCountriesCall { countries: vec![GERMANY] }.abi_encode()),
        (suite.balances, Modules::setMaxBalanceCall { most: whole(1_000_000) }.abi_encode()),
    ];
    for (module, data) in rules {
        bench.manage(suite.compliance, ModularCompliance::callModuleFunctionCall { data: data.into(), module })?;
    }
    let issuer = bench.deploy("ClaimIssuer", arguments(&(admin,)))?;
    // ONCHAINID names a key by the hash of its padded address.
    let key = keccak256(SIGNER.1.abi_encode());
    bench.manage(issuer, Identity::addKeyCall { key, purpose: SIGNS_CLAIMS, kind: ECDSA })?;
    bench.manage(suite.topics, ClaimTopicsRegistry::addClaimTopicCall { topic: TOPIC })?;
    bench.manage(suite.issuers, TrustedIssuersRegistry::addTrustedIssuerCall { issuer, topics: vec![TOPIC] })?;
    bench.manage(suite.token, Token::unpauseCall {})?;
    Ok(issuer)
}

/// Gives a holder an identity with a claim by the issuer, and registers it.
fn verify(bench: &mut Bench, suite: &Suite, issuer: Address, holder: &Account) -> Result<(), Failure> {
    let identity = match suite.identity_authority {
        None => bench.deploy("Identity", arguments(&(holder.address, false)))?,
        Some(authority) => bench.deploy("IdentityProxy", arguments(&(authority, holder.address)))?,
    };
    let data = Bytes::from_static(b"verified");
    let claim = keccak256((identity, TOPIC, data.clone()).abi_encode_params());
    let signed = keccak256([b"\x19Ethereum Signed Message:\n32".as_slice(), claim.as_slice()].concat());
    let signature = Bytes::copy_from_slice(&sp_core::ecdsa::Pair::from_seed(&SIGNER.0).sign_prehashed(&signed.0).0);
    let uri = String::new();
    bench.call(
        holder,
        identity,
        Identity::addClaimCall { topic: TOPIC, scheme: ECDSA, issuer, signature, data, uri },
    )?;
    let account = holder.address;
    bench.manage(suite.registry, IdentityRegistry::registerIdentityCall { account, identity, country: GERMANY })?;
    assert!(bench.manage(suite.registry, IdentityRegistry::isVerifiedCall { account })?, "the claim does not count");
    Ok(())
}
