//! All contracts on one in-process chain, with an admin who is also a KYC agent.

use crate::chain::{Account, CHAIN_ID, Chain, Failure, START, blob};
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolConstructor, SolValue};
use ed25519_dalek::{Signer, SigningKey};
use yieldset_chain::abi::{Access, Attribution, Kyc, Licence, Manifests, Pool, Verifier};
use yieldset_chain::deployment::{label, role};
use yieldset_rules::issuance::Opening;
use yieldset_rules::report::{LogCheckpoint, MeasuredError, Metric, Outcome, Report, Totals};

/// Contributors' part of every deposit in the test pool.
pub const CONTRIBUTORS_BPS: u16 = 4_000;
/// A share in tests whose amounts are to come out without a remainder: the least power of two that a pool can be opened
/// with. Dividends of whole units divide by it exactly.
pub const SHARE: u128 = 1 << 60;
/// A year, in seconds.
pub const YEAR: u64 = 365 * 86_400;

/// The deployed contracts.
pub struct System {
    /// The chain they are on.
    pub chain: Chain,
    /// Admin of all, KYC agent.
    pub admin: Account,
    /// KYC registry.
    pub kyc: Address,
    /// Code of all pools.
    pub logic: Address,
    /// Pool.
    pub pool: Address,
    /// Manifest registry.
    pub manifests: Address,
    /// The licence contract, which the attribution registry asks.
    pub licence: Address,
    /// Attribution registry, 2 of 3.
    pub attribution: Address,
    /// The committee's keys.
    pub keys: Vec<SigningKey>,
}

/// Verifying keys as the contract takes them.
pub fn public(keys: &[SigningKey]) -> Vec<B256> {
    keys.iter().map(|k| B256::from(k.verifying_key().to_bytes())).collect()
}

/// A KYC registry with a logic of its own.
pub fn kyc_registry(chain: &mut Chain, admin: &Account) -> Address {
    let logic = chain.instantiate(admin, blob("kyc-logic"), Vec::new()).unwrap();
    let data = Kyc::constructorCall { logic, admin: admin.address }.abi_encode();
    chain.instantiate(admin, blob("kyc"), data).unwrap()
}

/// The logic of pools, with code of claims of its own.
pub fn pool_logic(chain: &mut Chain, by: &Account) -> Address {
    let claims = chain.instantiate(by, blob("pool-claims"), Vec::new()).unwrap();
    chain.instantiate(by, blob("pool-logic"), claims.abi_encode()).unwrap()
}

impl System {
    /// Deploys everything; disputes cost the least bond.
    pub fn new() -> Self {
        Self::with_bonds(0)
    }

    /// Deploys everything; disputes cost this part of what they contest, in basis points.
    pub fn with_bonds(bps: u16) -> Self {
        let mut chain = Chain::new();
        let admin = chain.account(0);
        let keys: Vec<_> = (1..=3).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
        let kyc = kyc_registry(&mut chain, &admin);
        let verifier = chain.instantiate(&admin, blob("verifier"), Verifier::constructorCall {}.abi_encode()).unwrap();
        let data = Manifests::constructorCall { admin: admin.address };
        let manifests = chain.instantiate(&admin, blob("manifests"), data.abi_encode()).unwrap();
        let data = Licence::constructorCall { manifests, admin: admin.address };
        let licence = chain.instantiate(&admin, blob("licence"), data.abi_encode()).unwrap();
        let mut data = crate::attribution::constructor(admin.address, verifier, &keys);
        (data.bondBps, data.licences) = (bps, licence);
        let attribution = chain.instantiate(&admin, blob("attribution"), data.abi_encode()).unwrap();
        let logic = pool_logic(&mut chain, &admin);
        let mut system = Self { chain, admin, kyc, logic, pool: Address::ZERO, manifests, licence, attribution, keys };
        system.pool = system.new_pool(Address::ZERO, CONTRIBUTORS_BPS).unwrap();
        let admin = system.admin.clone();
        system.grant(system.kyc, "AGENT_ROLE", &admin);
        for name in ["ISSUER_ROLE", "AGENT_ROLE", "COMPLIANCE_ROLE", "PAUSER_ROLE", "LICENSOR_ROLE"] {
            system.grant(system.pool, name, &admin);
        }
        system
    }

    /// Another pool, with roles for nobody but the admin.
    ///
    /// # Errors
    /// [`Failure`] of the constructor.
    pub fn new_pool(&mut self, currency: Address, contributors_bps: u16) -> Result<Address, Failure> {
        let data = Pool::constructorCall {
            logic: self.logic,
            name: label("Open Letters").unwrap(),
            symbol: label("OPEN").unwrap(),
            kyc: self.kyc,
            attribution: self.attribution,
            currency,
            contributorsBps: contributors_bps,
            admin: self.admin.address,
        };
        self.chain.instantiate(&self.admin, blob("pool"), data.abi_encode())
    }

    /// The admin gives a role.
    pub fn grant(&mut self, contract: Address, name: &str, account: &Account) {
        let admin = self.admin.clone();
        let call = Access::grantRoleCall { role: role(name), account: account.address };
        self.call(&admin, contract, call).unwrap();
    }

    /// Calls without value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: alloy_sol_types::SolCall>(
        &mut self,
        from: &Account,
        to: Address,
        call: C,
    ) -> Result<C::Return, Failure> {
        self.chain.call(from, to, call, 0)
    }

    /// An account with money and a KYC record that lasts a year.
    pub fn holder(&mut self, n: u32) -> Account {
        let account = self.chain.account(n);
        self.verify(&account);
        account
    }

    /// Gives an account a KYC record that lasts a year.
    pub fn verify(&mut self, account: &Account) {
        let admin = self.admin.clone();
        let call = Kyc::setRecordCall {
            account: account.address,
            level: 1,
            jurisdiction: 276,
            accredited: false,
            expiry: START + YEAR,
        };
        self.call(&admin, self.kyc, call).unwrap();
    }

    /// Mints shares.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn mint(&mut self, to: &Account, amount: u128) -> Result<(), Failure> {
        let admin = self.admin.clone();
        self.call(&admin, self.pool, Pool::mintCall { to: to.address, amount: U256::from(amount) }).map(|_| ())
    }

    /// Opens the pool, without a limit of shares; where it has none, one is minted first.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(&mut self) -> Result<(), Failure> {
        let admin = self.admin.clone();
        if self.call(&admin, self.pool, Pool::totalSupplyCall {})?.is_zero() {
            let somebody = self.holder(90);
            self.mint(&somebody, SHARE)?;
        }
        let call = Pool::openCall { cap: U256::from(u128::MAX), licences: Address::ZERO, governor: Address::ZERO };
        self.call(&admin, self.pool, call).map(|_| ())
    }

    /// Deposits revenue for a period. The first time the pool is opened.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn deposit(&mut self, from: &Account, stream: B256, period: u32, amount: u128) -> Result<(), Failure> {
        if !self.call(from, self.pool, Pool::openedCall {})? {
            self.open()?;
        }
        self.chain
            .call(from, self.pool, Pool::depositCall { stream, period, amount: U256::from(amount) }, amount)
            .map(|_| ())
    }

    /// A report that this chain accepts as the first of its stream.
    pub fn report(&self, stream: B256, period: u32, weights_root: [u8; 32]) -> Report {
        Report {
            chain_id: CHAIN_ID,
            registry: self.attribution.into_array(),
            pool: self.pool.into_array(),
            stream: stream.0,
            models: vec!["lumen/lumen-1".into()],
            period,
            revision: 0,
            epoch: 1,
            log: LogCheckpoint { origin: "test/log".into(), size: 24, root: [7; 32] },
            compared: [6; 32],
            metric: metric(),
            outcome: outcome(weights_root).0,
            totals: outcome(weights_root).1,
            error: MeasuredError::NotMeasured,
            lines_root: [8; 32],
            package: None,
            spot_check: None,
            previous: [0; 32],
        }
    }

    /// Posts a report signed by the given keys.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn post(&mut self, report: &[u8], keys: &[SigningKey]) -> Result<B256, Failure> {
        let signatures = sign(report, keys);
        let admin = self.admin.clone();
        let call = Attribution::postCall { report: report.to_vec().into(), signatures: signatures.into() };
        self.call(&admin, self.attribution, call)
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

/// The metric of the tests' reports.
pub fn metric() -> Metric {
    Metric { name: "minilm-l6-v2+winnow".into(), version: 1, threshold: 700_000 }
}

/// What a report with this root says: weights by some of its calls, or for a root of zero that nothing qualified.
pub fn outcome(weights_root: [u8; 32]) -> (Outcome, Totals) {
    let totals = Totals { calls: 24, qualifying_calls: 12, tokens: 2_000, attributed_tokens: 900, late_records: None };
    match weights_root {
        root if root == [0; 32] => {
            (Outcome::NothingQualified, Totals { qualifying_calls: 0, attributed_tokens: 0, ..totals })
        }
        root => (Outcome::Weights(root), totals),
    }
}

/// A policy that asks nothing beyond a KYC record, or not even that where shares move freely.
pub fn policy(open: bool) -> Pool::setPolicyCall {
    Pool::setPolicyCall {
        open,
        minLevel: 0,
        accreditedOnly: false,
        allowList: false,
        jurisdictions: [B256::ZERO; 4],
        maxHolders: 0,
        maxHolding: U256::ZERO,
        lockupSeconds: 0,
    }
}

/// Signature list over a report's bytes.
pub fn sign(report: &[u8], keys: &[SigningKey]) -> Vec<u8> {
    let entry = |key: &SigningKey| {
        let signature = key.sign(report).to_bytes();
        yieldset_ed25519::entry(&key.verifying_key().to_bytes(), &signature)
    };
    keys.iter().flat_map(entry).collect()
}

/// keccak-256 as the rules take it.
pub fn keccak(bytes: &[u8]) -> [u8; 32] {
    keccak256(bytes).0
}

/// Puts a licence contract and a governor into the record that a pool's opening left, or would leave.
pub fn announce(chain: &mut Chain, pool: Address, licences: Address, governor: Address) {
    let opening = Opening { cap: u128::MAX, licences: licences.into_array(), governor: governor.into_array() };
    chain.store(pool, b"O", opening.to_bytes());
}
