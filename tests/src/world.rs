//! All real contracts wired together as on a live chain: one factory, from which pools are made, and the parts that
//! they share. No person holds anything yet.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::{Access, Factory, Market};
use yieldset_chain::deployment::label;

use crate::chain::{Account, Failure, blob};
use crate::system::{CONTRIBUTORS_BPS, System};

/// The deployed contracts.
pub struct World {
    /// Chain, kyc, attribution, manifests, the pools' logic, and a pool that the factory does not know.
    pub s: System,
    /// The system's licence contract; it has LICENCE_ROLE in the datasets' registry.
    pub licence: Address,
    /// The market; the admin has its LISTER_ROLE.
    pub market: Address,
    /// The factory.
    pub factory: Address,
}

impl World {
    /// Deploys everything; disputes cost the least bond.
    pub fn new() -> Self {
        Self::with_bonds(0)
    }

    /// Deploys everything; disputes cost this part of what they contest, in basis points.
    pub fn with_bonds(bps: u16) -> Self {
        let mut s = System::with_bonds(bps);
        let admin = s.admin.clone();
        let licence = s.licence;
        let data = Market::constructorCall { admin: admin.address }.abi_encode();
        let market = s.chain.instantiate(&admin, blob("market"), data).unwrap();
        s.chain.upload(&admin, blob("coop")).unwrap();
        let data = Factory::constructorCall {
            admin: admin.address,
            kyc: s.kyc,
            attribution: s.attribution,
            manifests: s.manifests,
            licence,
            market,
            logic: s.logic,
            poolCode: keccak256(blob("pool")),
            coopCode: keccak256(blob("coop")),
        };
        let factory = s.chain.instantiate(&admin, blob("factory"), data.abi_encode()).unwrap();
        let mut world = Self { s, licence, market, factory };
        world.grant(world.s.manifests, "LICENCE_ROLE", licence);
        world.grant(market, "LISTER_ROLE", admin.address);
        world
    }

    /// The admin gives a role to an address.
    pub fn grant(&mut self, contract: Address, name: &str, account: Address) {
        let (admin, role) = (self.s.admin.clone(), yieldset_chain::deployment::role(name));
        self.s.call(&admin, contract, Access::grantRoleCall { role, account }).unwrap();
    }

    /// Calls without value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, to: Address, call: C) -> Result<C::Return, Failure> {
        self.s.call(from, to, call)
    }

    /// The admin makes a pool through the factory, takes it over, and gives itself all roles of it; it is the pool
    /// spoken of from now on.
    pub fn pool(&mut self, currency: Address) -> Address {
        let admin = self.s.admin.clone();
        let pool = self.call(&admin, self.factory, create(currency)).unwrap();
        self.take_over(pool);
        pool
    }

    /// The same with a co-op.
    pub fn pool_with_coop(&mut self, currency: Address) -> (Address, Address) {
        let admin = self.s.admin.clone();
        let made = self.call(&admin, self.factory, create_with_coop(currency)).unwrap();
        self.take_over(made.pool);
        (made.pool, made.coop)
    }

    fn take_over(&mut self, pool: Address) {
        let admin = self.s.admin.clone();
        self.call(&admin, pool, Access::acceptDefaultAdminTransferCall {}).unwrap();
        for name in ["ISSUER_ROLE", "AGENT_ROLE", "COMPLIANCE_ROLE", "PAUSER_ROLE"] {
            self.grant(pool, name, admin.address);
        }
        self.s.pool = pool;
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// A pool.
pub fn create(currency: Address) -> Factory::createPoolCall {
    let [name, symbol] = names();
    Factory::createPoolCall { name, symbol, currency, contributorsBps: CONTRIBUTORS_BPS }
}

/// A pool with a co-op: delay 5, period 10, quorum 20 %, threshold 100, timelock 3, grace 7 blocks.
pub fn create_with_coop(currency: Address) -> Factory::createPoolWithCoopCall {
    let [name, symbol] = names();
    Factory::createPoolWithCoopCall {
        name,
        symbol,
        currency,
        contributorsBps: CONTRIBUTORS_BPS,
        votingDelay: 5,
        votingPeriod: 10,
        quorumBps: 2_000,
        proposalThreshold: U256::from(100),
        timelock: 3,
        gracePeriod: 7,
    }
}

fn names() -> [B256; 2] {
    ["Open Letters", "OPEN"].map(|text| label(text).unwrap())
}
