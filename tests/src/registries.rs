//! The registries of datasets and pools and the co-op, alone on a chain, with stand-ins for what they call.

use crate::chain::{Account, Chain, Failure, Log, blob};
use crate::fixtures;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor, SolEvent, sol};
use yieldset_chain::abi::{Access, Coop, Manifests};
pub use yieldset_chain::deployment::role;

sol! {
    /// `tests/fixtures/registry/StandInPool.sol`.
    #[sol(all_derives)]
    contract StandInPool {
        constructor(address logic, bytes32 name, bytes32 symbol, address kyc, address attribution, address currency,
            uint16 contributorsBps, address admin);
        function logic() external view returns (address);
        function name() external view returns (bytes32);
        function symbol() external view returns (bytes32);
        function kyc() external view returns (address);
        function attribution() external view returns (address);
        function currency() external view returns (address);
        function contributorsBps() external view returns (uint16);
        function defaultAdmin() external view returns (address);
        function pendingDefaultAdmin() external view returns (address);
        function hasRole(bytes32 role, address account) external view returns (bool);
        function grantRole(bytes32 role, address account) external;
        function acceptDefaultAdminTransfer() external;
        function acceptOffer(bytes32 offer) external;
        function mint(address to, uint256 amount) external;
        function transfer(address to, uint256 amount) external returns (bool);
        event OfferAccepted(bytes32 indexed offer, address indexed licensor);
    }

    /// `tests/fixtures/registry/Target.sol`.
    #[sol(all_derives)]
    contract Target {
        error Closed(uint256 number);
        function open() external view returns (bool);
        function total() external view returns (uint256);
        function setOpen(bool open) external;
        function add(uint256 number) external payable returns (uint256);
        function transfer(address to, uint256 amount) external view returns (bool);
        function chatter(uint256 length) external pure returns (bytes memory);
        function shout(uint256 length) external pure;
        function reenter(bytes calldata call) external;
    }
}

/// EVM bytecode of a contract in `tests/fixtures/registry`.
pub fn bytecode(name: &str) -> Vec<u8> {
    fixtures::code(&format!("registry/{name}"))
}

/// Arguments of a pool's constructor.
pub fn pool_arguments(admin: Address) -> StandInPool::constructorCall {
    StandInPool::constructorCall {
        logic: Address::repeat_byte(0x10),
        name: B256::right_padding_from(b"Open Letters"),
        symbol: B256::right_padding_from(b"OPEN"),
        kyc: Address::repeat_byte(0x11),
        attribution: Address::repeat_byte(0x12),
        currency: Address::ZERO,
        contributorsBps: 4_000,
        admin,
    }
}

/// A stand-in for a pool, in EVM bytecode.
pub fn stand_in_pool(chain: &mut Chain, from: &Account) -> Address {
    let code = [bytecode("StandInPool"), pool_arguments(from.address).abi_encode()].concat();
    chain.instantiate(from, code, Vec::new()).unwrap()
}

/// The logs that are events of type `E`, decoded.
pub fn events<E: SolEvent>(logs: &[Log]) -> Vec<E> {
    let of_type = logs.iter().filter(|log| log.topics.first() == Some(&E::SIGNATURE_HASH.0));
    of_type.map(|log| E::decode_raw_log(log.topics.iter().map(B256::from), &log.data).unwrap()).collect()
}

/// The registry of datasets, with an account for each role. Dataset [`Registry::DATASET`] has versions 1 and 2, and the
/// platform ingested version 1.
pub struct Registry {
    /// The chain it is on.
    pub chain: Chain,
    /// The contract.
    pub manifests: Address,
    /// Grants roles.
    pub admin: Account,
    /// Owns the dataset.
    pub creator: Account,
    /// Has LICENCE_ROLE.
    pub licence: Account,
    /// Has PLATFORM_ROLE.
    pub platform: Account,
    /// Has PRIVACY_ROLE.
    pub privacy: Account,
    /// Has nothing.
    pub stranger: Account,
}

impl Registry {
    /// The dataset.
    pub const DATASET: B256 = B256::repeat_byte(0xd1);

    /// Deploys it, grants the roles, registers and ingests.
    pub fn new() -> Self {
        let mut chain = Chain::new();
        let [admin, creator, licence, platform, privacy, stranger] = [0, 1, 2, 3, 4, 5].map(|n| chain.account(n));
        let data = Manifests::constructorCall { admin: admin.address }.abi_encode();
        let manifests = chain.instantiate(&admin, blob("manifests"), data).unwrap();
        let mut registry = Self { chain, manifests, admin, creator, licence, platform, privacy, stranger };
        let holders = [
            ("LICENCE_ROLE", registry.licence.address),
            ("PLATFORM_ROLE", registry.platform.address),
            ("PRIVACY_ROLE", registry.privacy.address),
        ];
        let [admin, creator, platform] = [&registry.admin, &registry.creator, &registry.platform].map(Clone::clone);
        for (name, account) in holders {
            registry.call(&admin, Access::grantRoleCall { role: role(name), account }).unwrap();
        }
        registry.call(&creator, register(Self::DATASET, 1)).unwrap();
        registry.call(&creator, register(Self::DATASET, 2)).unwrap();
        registry.call(&platform, ingest(1, &[(Self::DATASET, 1)])).unwrap();
        registry.chain.take_logs();
        registry
    }

    /// Calls it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.manifests, call, 0)
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// Registers a version whose manifest is made of dataset and number.
pub fn register(dataset: B256, manifest: u8) -> Manifests::registerCall {
    let manifest_hash = keccak256([dataset.as_slice(), &[manifest]].concat());
    Manifests::registerCall { dataset, manifestHash: manifest_hash, licenceHash: B256::repeat_byte(9) }
}

/// Records run number `run` over dataset versions.
pub fn ingest(run: u8, entries: &[(B256, u32)]) -> Manifests::recordIngestionCall {
    Manifests::recordIngestionCall {
        run: B256::repeat_byte(run),
        model: B256::repeat_byte(0xaa),
        datasets: entries.iter().map(|(dataset, _)| *dataset).collect(),
        versions: entries.iter().map(|(_, version)| *version).collect(),
        epochs: 3,
        digest: B256::repeat_byte(0xbb),
    }
}

/// A proposal's content.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom to call, with which value and data.
    pub actions: Vec<(Address, u128, Vec<u8>)>,
    /// In which words.
    pub description: String,
}

impl Plan {
    /// One call.
    pub fn one(target: Address, value: u128, data: Vec<u8>, description: &str) -> Self {
        Self { actions: vec![(target, value, data)], description: description.to_owned() }
    }

    /// The calls in three lists.
    pub fn lists(&self) -> (Vec<Address>, Vec<U256>, Vec<Bytes>) {
        let targets = self.actions.iter().map(|action| action.0).collect();
        let values = self.actions.iter().map(|action| U256::from(action.1)).collect();
        (targets, values, self.actions.iter().map(|action| action.2.clone().into()).collect())
    }

    /// The message that proposes it.
    pub fn propose(&self) -> Coop::proposeCall {
        let (targets, values, calldatas) = self.lists();
        Coop::proposeCall { targets, values, calldatas, description: self.description.clone() }
    }

    /// The message that executes it.
    pub fn execute(&self) -> Coop::executeCall {
        let (targets, values, calldatas) = self.lists();
        Coop::executeCall { targets, values, calldatas, descriptionHash: keccak256(&self.description) }
    }

    /// The message that cancels it.
    pub fn cancel(&self) -> Coop::cancelCall {
        let (targets, values, calldatas) = self.lists();
        Coop::cancelCall { targets, values, calldatas, descriptionHash: keccak256(&self.description) }
    }
}

/// A co-op of three holders with 500, 300 and 200 shares, at block 10: delay 5, period 10, quorum 20 %, threshold 100,
/// timelock 3, grace 7 blocks.
pub struct Cooperative {
    /// The chain it is on.
    pub chain: Chain,
    /// The block.
    pub block: u32,
    /// A stand-in for the pool.
    pub pool: Address,
    /// The contract.
    pub coop: Address,
    /// What proposals call; closed at first.
    pub target: Address,
    /// 500, 300 and 200 shares.
    pub holders: [Account; 3],
    /// Holds nothing.
    pub stranger: Account,
}

/// Arguments of the test co-op.
pub fn coop_arguments(pool: Address) -> Coop::constructorCall {
    Coop::constructorCall {
        pool,
        votingDelay: 5,
        votingPeriod: 10,
        quorumBps: 2_000,
        proposalThreshold: U256::from(100),
        timelock: 3,
        gracePeriod: 7,
    }
}

impl Cooperative {
    /// Deploys everything; the co-op has the licensor's role on its pool.
    pub fn new() -> Self {
        let mut chain = Chain::new();
        let holders = [1, 2, 3].map(|n| chain.account(n));
        let (founder, stranger) = (chain.account(0), chain.account(4));
        let pool = stand_in_pool(&mut chain, &founder);
        let coop = chain.instantiate(&founder, blob("coop"), coop_arguments(pool).abi_encode()).unwrap();
        let target = chain.instantiate(&founder, bytecode("Target"), Vec::new()).unwrap();
        for (holder, amount) in holders.iter().zip([500, 300, 200]) {
            let mint = StandInPool::mintCall { to: holder.address, amount: U256::from(amount) };
            chain.call(&founder, pool, mint, 0).unwrap();
        }
        let grant = StandInPool::grantRoleCall { role: role("LICENSOR_ROLE"), account: coop };
        chain.call(&founder, pool, grant, 0).unwrap();
        let mut cooperative = Self { chain, block: 0, pool, coop, target, holders, stranger };
        cooperative.at(10);
        cooperative.chain.take_logs();
        cooperative
    }

    /// Goes to a block.
    pub fn at(&mut self, block: u32) {
        self.block = block;
        self.chain.set_block(block);
    }

    /// Calls the co-op.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.coop, call, 0)
    }

    /// Where a proposal stands.
    pub fn state(&mut self, id: U256) -> u8 {
        let stranger = self.stranger.clone();
        self.call(&stranger, Coop::stateCall { proposalId: id }).unwrap()
    }

    /// The first holder proposes; the votes (per holder, 9 is none) are cast in the first block in which they count,
    /// and the block is the one before execution becomes possible.
    pub fn voted(&mut self, plan: &Plan, votes: [u8; 3]) -> U256 {
        let holders = self.holders.clone();
        let id = self.call(&holders[0], plan.propose()).unwrap();
        self.at(self.block + 6);
        for (holder, support) in holders.iter().zip(votes).filter(|(_, support)| *support != 9) {
            self.call(holder, Coop::castVoteCall { proposalId: id, support }).unwrap();
        }
        self.at(self.block + 12);
        id
    }
}

impl Default for Cooperative {
    fn default() -> Self {
        Self::new()
    }
}
