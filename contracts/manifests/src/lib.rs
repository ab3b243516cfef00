//! Immutable registry of dataset versions: which manifest, under which licence, by whom and when.
//!
//! A dataset belongs to the first account that registers its id; a version never changes.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod manifests {
    use ink::{sol::FixedBytes, storage::Mapping};

    type Bytes32 = FixedBytes<32>;

    /// A dataset version was registered.
    #[ink(event)]
    pub struct DatasetRegistered {
        /// Dataset id: SHA-256 of its slug.
        #[ink(topic)]
        pub dataset: Bytes32,
        /// Version, counting from 1.
        #[ink(topic)]
        pub version: u32,
        /// SHA-256 of the manifest.
        #[ink(topic)]
        pub manifest_hash: Bytes32,
        /// SHA-256 of the licence text.
        pub licence_hash: Bytes32,
        /// Who owns the dataset.
        pub creator: Address,
        /// Block time, Unix seconds.
        pub registered_at: u64,
    }

    /// Why a registration is refused; each variant is a Solidity custom error.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[ink::error]
    pub enum Error {
        /// Dataset, manifest and licence must all be named.
        ZeroHash(),
        /// This manifest is registered already, for this or another dataset.
        AlreadyRegistered(Bytes32),
        /// The dataset belongs to somebody else: (caller, creator).
        NotDatasetCreator(Address, Address),
    }

    /// A dataset: (creator, latest version).
    type Dataset = (Address, u32);
    /// A version: (manifest hash, licence hash, registered at in Unix seconds).
    type Version = ([u8; 32], [u8; 32], u64);

    /// Storage: the root cell is empty.
    #[ink(storage)]
    pub struct Manifests {
        datasets: Mapping<Bytes32, Dataset>,
        versions: Mapping<(Bytes32, u32), Version>,
        manifests: Mapping<Bytes32, ([u8; 32], u32)>,
    }

    impl Manifests {
        /// An empty registry.
        #[ink(constructor)]
        #[allow(clippy::new_without_default)]
        pub fn new() -> Self {
            Self { datasets: Mapping::new(), versions: Mapping::new(), manifests: Mapping::new() }
        }

        /// Registers the next version of a dataset for its creator (the first caller that names it) and returns its number.
        ///
        /// # Errors
        /// `ZeroHash`, `AlreadyRegistered`, `NotDatasetCreator`.
        #[ink(message)]
        pub fn register(
            &mut self,
            dataset: Bytes32,
            manifest_hash: Bytes32,
            licence_hash: Bytes32,
        ) -> Result<u32, Error> {
            if [dataset, manifest_hash, licence_hash].iter().any(|hash| hash.0 == [0; 32]) {
                return Err(Error::ZeroHash());
            }
            if self.manifests.get(manifest_hash).is_some() {
                return Err(Error::AlreadyRegistered(manifest_hash));
            }
            let caller = self.env().caller();
            let (creator, latest) = self.datasets.get(dataset).unwrap_or((caller, 0));
            if creator != caller {
                return Err(Error::NotDatasetCreator(caller, creator));
            }
            // 2^32 versions of one dataset cannot be paid for.
            let version = latest.saturating_add(1);
            let registered_at = self.env().block_timestamp();
            self.datasets.insert(dataset, &(creator, version));
            self.versions.insert((dataset, version), &(manifest_hash.0, licence_hash.0, registered_at));
            self.manifests.insert(manifest_hash, &(dataset.0, version));
            self.env().emit_event(DatasetRegistered {
                dataset,
                version,
                manifest_hash,
                licence_hash,
                creator,
                registered_at,
            });
            Ok(version)
        }

        /// `(creator, latestVersion)`; zero where there is no such dataset.
        #[ink(message, name = "datasetOf")]
        pub fn dataset_of(&self, dataset: Bytes32) -> (Address, u32) {
            self.datasets.get(dataset).unwrap_or_default()
        }

        /// `(manifestHash, licenceHash, registeredAt)`; zero where there is no such version.
        #[ink(message, name = "versionOf")]
        pub fn version_of(&self, dataset: Bytes32, version: u32) -> (Bytes32, Bytes32, u64) {
            let (manifest, licence, registered_at) = self.versions.get((dataset, version)).unwrap_or_default();
            (FixedBytes(manifest), FixedBytes(licence), registered_at)
        }

        /// `(dataset, version, licenceHash, creator, registeredAt)`; zero where the manifest is not registered.
        #[ink(message, name = "manifestOf")]
        pub fn manifest_of(&self, manifest_hash: Bytes32) -> (Bytes32, u32, Bytes32, Address, u64) {
            let (dataset, version) = self.manifests.get(manifest_hash).unwrap_or_default();
            let dataset = FixedBytes(dataset);
            let (_, licence_hash, registered_at) = self.version_of(dataset, version);
            (dataset, version, licence_hash, self.dataset_of(dataset).0, registered_at)
        }
    }
}
