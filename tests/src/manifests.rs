//! The registry of datasets on a chain of its own, with one account for each role.

use alloy_primitives::{Address, B256, b256, keccak256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::{Access, Manifests};
use yieldset_chain::deployment::role;

use crate::chain::{Account, Chain, Failure, blob};

/// The registry of datasets, with an account for each role. Dataset [`ManifestRegistry::DATASET`] has versions 1 and 2,
/// and the platform ingested version 1.
pub struct ManifestRegistry {
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

impl ManifestRegistry {
    /// The dataset: what account 1 registers under the label of 32 bytes 0xd1.
    pub const DATASET: B256 = b256!("9411a3169efa5a8e0c763162a6545a4d356963400646f045b2bdec76e6598186");

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
        assert_eq!(registry.call(&creator, found(0xd1, 1)).unwrap(), Self::DATASET);
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

impl Default for ManifestRegistry {
    fn default() -> Self {
        Self::new()
    }
}

/// Registers a dataset under the label of 32 such bytes, with a manifest that is made of label and number.
pub fn found(label: u8, manifest: u8) -> Manifests::registerDatasetCall {
    let label = B256::repeat_byte(label);
    let register = register(label, manifest);
    Manifests::registerDatasetCall { label, manifestHash: register.manifestHash, licenceHash: register.licenceHash }
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
