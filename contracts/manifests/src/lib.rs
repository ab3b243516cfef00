//! Registry of datasets and models: immutable dataset versions, what was trained on them, withdrawal and redaction,
//! cards, and which licences are open on a dataset.
//!
//! A thin shell: the rules live in [`yieldset_rules::provenance`]. No personal data is on chain, only hashes.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod events;
mod refusals;
mod runs;
mod store;

/// The contract.
#[yieldset_roles::roles(Manifests)]
#[ink::contract]
mod manifests {
    use crate::{
        events,
        refusals::{self, About, Bytes32},
        runs::{count, entries, lists},
        store,
    };
    use ink::{prelude::vec::Vec, sol::FixedBytes};
    use yieldset_rules::provenance::{self, Dataset, Entry, LicenceState, ProvenanceError, Run, Version};
    use yieldset_shell::{
        access::{self, Role},
        answer::{answer, done},
        host,
        refusals::OrRefuse,
        roles,
        words::{Word, address_word, word},
    };

    /// May open and close licences on datasets: the licence contract.
    const LICENCE_ROLE: Role = access::role("LICENCE_ROLE");
    /// May record training runs and publish model cards, each for itself.
    const PLATFORM_ROLE: Role = access::role("PLATFORM_ROLE");
    /// May redact any version on a person's request, as its creator may.
    const PRIVACY_ROLE: Role = access::role("PRIVACY_ROLE");

    /// Storage: the root cell is empty; the records are in [`store`](crate::store).
    #[ink(storage)]
    pub struct Manifests {}

    impl Manifests {
        /// An empty registry whose roles `admin` grants.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin` for address zero.
        ///
        /// # Events
        /// `RoleGranted`.
        #[ink(constructor)]
        pub fn new(admin: Address) -> Self {
            roles::initialise(&admin.0);
            Self {}
        }

        /// Registers a new dataset with its first version and returns its id, `datasetId(caller, label)`.
        ///
        /// # Who
        /// Anyone, for itself.
        ///
        /// # Answers
        /// `dataset`.
        ///
        /// # Errors
        /// `ZeroHash`, `DatasetExists` where the caller used the label before.
        ///
        /// # Events
        /// `DatasetRegistered`.
        #[ink(message, name = "registerDataset")]
        pub fn register_dataset(&mut self, label: Bytes32, manifest_hash: Bytes32, licence_hash: Bytes32) -> Bytes32 {
            named(&[label, manifest_hash, licence_hash]);
            let caller = host::caller();
            let id = provenance::dataset_id(&caller, &label.0, host::keccak256);
            let mut record = store::dataset(&id);
            let version = record.found(&caller).or_refuse(&About::of(caller, FixedBytes(id)));
            store::put_dataset(&id, &record);
            add_version(FixedBytes(id), version, manifest_hash, &licence_hash.0, &caller);
            host::answer(&id)
        }

        /// The id that a dataset of an account has: keccak-256 of the account's 20 bytes and the label's 32.
        ///
        /// # Answers
        /// `dataset`.
        #[ink(message, name = "datasetId")]
        pub fn dataset_id(&self, registrant: Address, label: Bytes32) -> Bytes32 {
            answer(&[provenance::dataset_id(&registrant.0, &label.0, host::keccak256)])
        }

        /// Registers the next version of a dataset and returns its number.
        ///
        /// # Who
        /// The dataset's creator.
        ///
        /// # Answers
        /// `version`.
        ///
        /// # Errors
        /// `ZeroHash`, `UnknownDataset`, `NotDatasetCreator`, `AlreadyRegistered` where another version of this dataset
        /// has the manifest.
        ///
        /// # Events
        /// `DatasetRegistered`.
        #[ink(message)]
        pub fn register(&mut self, dataset: Bytes32, manifest_hash: Bytes32, licence_hash: Bytes32) -> u32 {
            named(&[manifest_hash, licence_hash]);
            let caller = host::caller();
            let mut record = store::dataset(&dataset.0);
            let version = record.register(&caller).or_refuse(&About::of(caller, dataset));
            if store::manifest(&dataset.0, &manifest_hash.0).is_some() {
                refusals::AlreadyRegistered { manifest_hash }.refuse();
            }
            store::put_dataset(&dataset.0, &record);
            add_version(dataset, version, manifest_hash, &licence_hash.0, &record.creator);
            host::answer(&word(version))
        }

        /// A dataset; zeros where there is none.
        ///
        /// # Answers
        /// `creator`, `latestVersion`.
        #[ink(message, name = "datasetOf")]
        pub fn dataset_of(&self, dataset: Bytes32) -> (Address, u32) {
            let record = store::dataset(&dataset.0);
            answer(&[address_word(&record.creator), word(record.latest)])
        }

        /// A version of a dataset; zeros where there is none.
        ///
        /// # Answers
        /// `manifestHash`, `licenceHash`, `registeredAt`.
        #[ink(message, name = "versionOf")]
        pub fn version_of(&self, dataset: Bytes32, version: u32) -> (Bytes32, Bytes32, u64) {
            let record = store::version(&dataset.0, version);
            answer(&[record.manifest, record.licence, word(record.registered_at)])
        }

        /// The version of a dataset that has a manifest; zeros where none has it.
        ///
        /// # Answers
        /// `version`, `licenceHash`, `creator`, `registeredAt`.
        #[ink(message, name = "manifestOf")]
        pub fn manifest_of(&self, dataset: Bytes32, manifest_hash: Bytes32) -> (u32, Bytes32, Address, u64) {
            let Some(version) = store::manifest(&dataset.0, &manifest_hash.0) else { answer(&[[0; 32]; 4]) };
            let record = store::version(&dataset.0, version);
            let creator = store::dataset(&dataset.0).creator;
            answer(&[word(version), record.licence, address_word(&creator), word(record.registered_at)])
        }

        /// Which dataset was the first with a version of this manifest, and since when; zero where none has one. It
        /// tells who was first and keeps nobody from registering the same.
        ///
        /// # Answers
        /// `dataset`, `registeredAt`.
        #[ink(message, name = "firstOf")]
        pub fn first_of(&self, manifest_hash: Bytes32) -> (Bytes32, u64) {
            let first = store::first(&manifest_hash.0).unwrap_or(Entry { dataset: [0; 32], version: 0 });
            answer(&[first.dataset, word(store::version(&first.dataset, first.version).registered_at)])
        }

        /// What became of a version. States: 0 unknown, 1 registered, 2 withdrawn, 3 redacted. `certified` of
        /// `platforms` filed their certificate of redaction.
        ///
        /// # Answers
        /// `state`, `replacedBy`, `reasonHash`, `closedAt`, `runs`, `platforms`, `certified`.
        #[ink(message, name = "statusOf")]
        pub fn status_of(&self, dataset: Bytes32, version: u32) -> (u8, u32, Bytes32, u64, u32, u32, u32) {
            let v = store::version(&dataset.0, version);
            let counts = [word(v.runs), word(v.platforms), word(v.certified)];
            answer(&[word(v.state), word(v.replaced_by), v.reason, word(v.closed_at), counts[0], counts[1], counts[2]])
        }

        /// Offers a dataset to another account; address zero takes the offer back.
        ///
        /// # Who
        /// The dataset's creator.
        ///
        /// # Errors
        /// `UnknownDataset`, `NotDatasetCreator`.
        ///
        /// # Events
        /// `DatasetTransferStarted`.
        #[ink(message, name = "beginDatasetTransfer")]
        pub fn begin_dataset_transfer(&mut self, dataset: Bytes32, new_creator: Address) {
            let caller = host::caller();
            let mut record = store::dataset(&dataset.0);
            record.begin_transfer(&caller, &new_creator.0).or_refuse(&About::of(caller, dataset));
            store::put_dataset(&dataset.0, &record);
            events::DatasetTransferStarted { dataset, creator: caller, pending_creator: new_creator }.emit();
            done()
        }

        /// The caller becomes a dataset's creator. Pool and licences stay as they are.
        ///
        /// # Who
        /// The account that the dataset is offered to.
        ///
        /// # Errors
        /// `UnknownDataset`, `NotPendingCreator`.
        ///
        /// # Events
        /// `DatasetTransferred`.
        #[ink(message, name = "acceptDatasetTransfer")]
        pub fn accept_dataset_transfer(&mut self, dataset: Bytes32) {
            let caller = host::caller();
            let mut record = store::dataset(&dataset.0);
            let previous = record.accept_transfer(&caller).or_refuse(&About::of(caller, dataset));
            store::put_dataset(&dataset.0, &record);
            events::DatasetTransferred { dataset, previous_creator: previous, creator: caller }.emit();
            done()
        }

        /// To whom a dataset is offered; zero where to nobody.
        #[ink(message, name = "pendingCreatorOf")]
        pub fn pending_creator_of(&self, dataset: Bytes32) -> Address {
            answer(&[address_word(&store::dataset(&dataset.0).pending)])
        }

        /// Puts a dataset into a pool, whose licensor may then license it; address zero takes it out.
        ///
        /// # Who
        /// The dataset's creator, while no licence is active.
        ///
        /// # Errors
        /// `UnknownDataset`, `NotDatasetCreator`, `LicencesActive`.
        ///
        /// # Events
        /// `DatasetAssigned`.
        #[ink(message, name = "assignToPool")]
        pub fn assign_to_pool(&mut self, dataset: Bytes32, pool: Address) {
            let caller = host::caller();
            let mut record = store::dataset(&dataset.0);
            let previous = record.assign(&caller, &pool.0).or_refuse(&About::of(caller, dataset));
            store::put_dataset(&dataset.0, &record);
            events::DatasetAssigned { dataset, pool, previous_pool: previous }.emit();
            done()
        }

        /// The pool that may license a dataset; zero where none.
        #[ink(message, name = "poolOf")]
        pub fn pool_of(&self, dataset: Bytes32) -> Address {
            answer(&[address_word(&store::dataset(&dataset.0).pool)])
        }

        /// Takes a version back: no ingestion of it counts from now on.
        ///
        /// # Who
        /// The dataset's creator.
        ///
        /// # Errors
        /// `ZeroHash`, `UnknownDataset`, `NotDatasetCreator`, `WrongVersionState` unless it is registered.
        ///
        /// # Events
        /// `VersionWithdrawn`.
        #[ink(message)]
        pub fn withdraw(&mut self, dataset: Bytes32, version: u32, reason_hash: Bytes32) {
            named(&[reason_hash]);
            let about = About { version, ..About::of(host::caller(), dataset) };
            store::dataset(&dataset.0).owned_by(&about.caller).or_refuse(&about);
            let mut record = store::version(&dataset.0, version);
            let withdrawn_at = host::now();
            record.withdraw(reason_hash.0, withdrawn_at).or_refuse(&about);
            store::put_version(&dataset.0, version, &record);
            events::VersionWithdrawn { dataset, version, reason_hash, withdrawn_at }.emit();
            done()
        }

        /// Replaces a version by one without some personal data and returns that version's number: a new one under the
        /// same licence, or the dataset's newer version that has the manifest already and is registered; none (0) where
        /// the manifest is zero. Each platform that ingested the old one then owes a certificate.
        ///
        /// # Who
        /// The dataset's creator, PRIVACY_ROLE.
        ///
        /// # Answers
        /// `replacedBy`.
        ///
        /// # Errors
        /// `ZeroHash` (the reason), `AlreadyRegistered` (its own manifest), `UnfitReplacement`, `UnknownDataset`,
        /// `NotDatasetCreator`, `WrongVersionState` unless it is registered or withdrawn.
        ///
        /// # Events
        /// `DatasetRegistered` where a version is new, `VersionRedacted`.
        #[ink(message)]
        pub fn redact(
            &mut self,
            dataset: Bytes32,
            version: u32,
            new_manifest_hash: Bytes32,
            reason_hash: Bytes32,
        ) -> u32 {
            named(&[reason_hash]);
            let about = About { version, ..About::of(host::caller(), dataset) };
            let mut record = store::dataset(&dataset.0);
            record.known().or_refuse(&about);
            if !access::has_role(&PRIVACY_ROLE, &about.caller) {
                record.owned_by(&about.caller).or_refuse(&about);
            }
            let mut old = store::version(&dataset.0, version);
            let manifest = new_manifest_hash.0;
            let known = store::manifest(&dataset.0, &manifest);
            let known = known.map(|known| (known, store::version(&dataset.0, known).state()));
            let about = About { manifest, ..about };
            let (replaced_by, new) = record.replacement(version, &manifest, known).or_refuse(&about);
            let redacted_at = host::now();
            old.redact(replaced_by, reason_hash.0, redacted_at).or_refuse(&about);
            store::put_version(&dataset.0, version, &old);
            if new {
                store::put_dataset(&dataset.0, &record);
                add_version(dataset, replaced_by, new_manifest_hash, &old.licence, &record.creator);
            }
            let (redacted_by, platforms) = (about.caller, old.platforms);
            let redacted = events::VersionRedacted {
                dataset,
                version,
                replaced_by,
                reason_hash,
                redacted_by,
                platforms,
                redacted_at,
            };
            redacted.emit();
            host::answer(&word(replaced_by))
        }

        /// Files the calling platform's certificate that it acted on the redaction of a version.
        ///
        /// # Who
        /// A platform that ingested the version, once. It needs no role: a platform that lost its role still has its
        /// duty.
        ///
        /// # Errors
        /// `ZeroHash`, `NotIngested`, `WrongVersionState` unless the version is redacted, `AlreadyCertified`.
        ///
        /// # Events
        /// `RedactionCertified`.
        #[ink(message, name = "certifyRedaction")]
        pub fn certify_redaction(&mut self, dataset: Bytes32, version: u32, certificate_hash: Bytes32) {
            named(&[certificate_hash]);
            let about = About { version, ..About::of(host::caller(), dataset) };
            let entry = Entry { dataset: dataset.0, version };
            let mut record = store::version(&dataset.0, version);
            let mut by = store::ingested(&about.caller, &entry);
            record.certify(&mut by, certificate_hash.0, host::now()).or_refuse(&about);
            store::put_version(&dataset.0, version, &record);
            store::put_ingested(&about.caller, &entry, &by);
            let Version { certified, platforms, .. } = record;
            let platform = about.caller;
            events::RedactionCertified { dataset, version, platform, certificate_hash, certified, platforms }.emit();
            done()
        }

        /// A platform's certificate of a version's redaction. States: 0 not ingested, 1 ingested and nothing to
        /// certify, 2 certificate pending, 3 certified.
        ///
        /// # Answers
        /// `state`, `certificateHash`, `certifiedAt`.
        #[ink(message, name = "certificateOf")]
        pub fn certificate_of(&self, platform: Address, dataset: Bytes32, version: u32) -> (u8, Bytes32, u64) {
            let by = store::ingested(&platform.0, &Entry { dataset: dataset.0, version });
            let state = by.certificate_state(store::version(&dataset.0, version).state());
            answer(&[word(state as u8), by.certificate, word(by.certified_at)])
        }

        /// Records a training run of the calling platform: which dataset versions (rising by dataset, then version; at
        /// most 32) went into which model version, for how many epochs. A larger run is recorded in parts, each under
        /// an id of its own. Every version must be registered by then and neither withdrawn nor redacted.
        ///
        /// # Who
        /// PLATFORM_ROLE; once for each platform and run.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `ZeroHash`, `ZeroEpochs`, `LengthMismatch`, `EntryCount`,
        /// `EntriesOutOfOrder`, `RunRecorded`, `WrongVersionState`.
        ///
        /// # Events
        /// `ModelIngested`.
        #[ink(message, name = "recordIngestion")]
        pub fn record_ingestion(
            &mut self,
            run: Bytes32,
            model: Bytes32,
            datasets: Vec<Bytes32>,
            versions: Vec<u32>,
            epochs: u32,
            digest: Bytes32,
        ) {
            let platform = roles::only(&PLATFORM_ROLE);
            named(&[run, model, digest]);
            if epochs == 0 {
                refusals::ZeroEpochs {}.refuse();
            }
            let entries = entries(&datasets, &versions);
            if store::run(&platform, &run.0).is_some() {
                refusals::RunRecorded { platform, run }.refuse();
            }
            count(&platform, &entries);
            let recorded_at = host::now();
            let record = Run { model: model.0, digest: digest.0, epochs, recorded_at, entries: entries.len() as u8 };
            store::put_run(&platform, &run.0, &record, &entries);
            let encoded = lists(&entries, &[word(epochs), digest.0, word(recorded_at)]);
            events::ModelIngested { platform, run, model, encoded }.emit();
            done()
        }

        /// A platform's training run, with how many dataset versions it read; zeros where it recorded none under this
        /// id.
        ///
        /// # Answers
        /// `model`, `digest`, `epochs`, `recordedAt`, `entries`.
        #[ink(message, name = "ingestionOf")]
        pub fn ingestion_of(&self, platform: Address, run: Bytes32) -> (Bytes32, Bytes32, u32, u64, u32) {
            let record = store::run(&platform.0, &run.0).unwrap_or_default();
            let counts = [word(record.epochs), word(record.recorded_at), word(record.entries)];
            answer(&[record.model, record.digest, counts[0], counts[1], counts[2]])
        }

        /// Which dataset versions a platform's training run read.
        ///
        /// # Answers
        /// `datasets`, `versions`.
        #[ink(message, name = "ingestedBy")]
        pub fn ingested_by(&self, platform: Address, run: Bytes32) -> (Vec<Bytes32>, Vec<u32>) {
            let mut entries = Vec::new();
            store::each_entry(&platform.0, &run.0, |entry| entries.push(entry));
            answer(&lists(&entries, &[]))
        }

        /// How many recorded training runs read any version of a dataset.
        ///
        /// # Answers
        /// `runs`.
        #[ink(message, name = "ingestionsOf")]
        pub fn ingestions_of(&self, dataset: Bytes32) -> u32 {
            answer(&[word(store::dataset(&dataset.0).runs)])
        }

        /// Publishes a dataset's card; earlier ones stay in the events.
        ///
        /// # Who
        /// The dataset's creator.
        ///
        /// # Errors
        /// `ZeroHash`, `UnknownDataset`, `NotDatasetCreator`.
        ///
        /// # Events
        /// `DatasetCardSet`.
        #[ink(message, name = "setDatasetCard")]
        pub fn set_dataset_card(&mut self, dataset: Bytes32, card_hash: Bytes32) {
            named(&[card_hash]);
            let caller = host::caller();
            let mut record = store::dataset(&dataset.0);
            record.owned_by(&caller).or_refuse(&About::of(caller, dataset));
            let previous = core::mem::replace(&mut record.card, card_hash.0);
            store::put_dataset(&dataset.0, &record);
            events::DatasetCardSet { dataset, card_hash, previous_card_hash: previous }.emit();
            done()
        }

        /// Hash of a dataset's card; zero where it has none.
        #[ink(message, name = "datasetCardOf")]
        pub fn dataset_card_of(&self, dataset: Bytes32) -> Bytes32 {
            answer(&[store::dataset(&dataset.0).card])
        }

        /// Publishes the calling platform's card of a model version; earlier ones stay in the events.
        ///
        /// # Who
        /// PLATFORM_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `ZeroHash`.
        ///
        /// # Events
        /// `ModelCardSet`.
        #[ink(message, name = "setModelCard")]
        pub fn set_model_card(&mut self, model: Bytes32, card_hash: Bytes32) {
            let platform = roles::only(&PLATFORM_ROLE);
            named(&[model, card_hash]);
            let previous = store::model_card(&platform, &model.0);
            store::put_model_card(&platform, &model.0, &card_hash.0);
            events::ModelCardSet { platform, model, card_hash, previous_card_hash: previous }.emit();
            done()
        }

        /// Hash of a platform's card of a model version; zero where there is none.
        #[ink(message, name = "modelCardOf")]
        pub fn model_card_of(&self, platform: Address, model: Bytes32) -> Bytes32 {
            answer(&[store::model_card(&platform.0, &model.0)])
        }

        /// A licence starts on a dataset, one that was held or another; `exclusive_until` is the end of its exclusivity
        /// window in Unix seconds, 0 where it is not exclusive. An id serves once for each dataset: what was closed
        /// does not open again.
        ///
        /// # Who
        /// LICENCE_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `ZeroHash`, `UnknownDataset`, `LicenceUsed`, `ExclusivityOpen`,
        /// `InvalidExclusivity`, `LicencesActive` where an exclusive licence finds others; one that was held finds them
        /// only where the time for it passed and another came.
        ///
        /// # Events
        /// `LicenceOpened`.
        #[ink(message, name = "openLicence")]
        pub fn open_licence(&mut self, dataset: Bytes32, licence: Bytes32, exclusive_until: u64) {
            start(dataset, licence, exclusive_until, events::LicenceOpened::TOPIC, Dataset::open)
        }

        /// A dataset is held for a licence that is agreed on and not in force yet: it counts as active and, where it
        /// will be exclusive, keeps others away until `exclusive_until` (Unix seconds; 0 where it will not be).
        ///
        /// # Who
        /// LICENCE_ROLE.
        ///
        /// # Errors
        /// As `openLicence`.
        ///
        /// # Events
        /// `LicenceHeld`.
        #[ink(message, name = "holdLicence")]
        pub fn hold_licence(&mut self, dataset: Bytes32, licence: Bytes32, exclusive_until: u64) {
            start(dataset, licence, exclusive_until, events::LicenceHeld::TOPIC, Dataset::hold)
        }

        /// A licence ended on a dataset, or was held for nothing, and its exclusivity window with it.
        ///
        /// # Who
        /// LICENCE_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `LicenceNotOpen`.
        ///
        /// # Events
        /// `LicenceClosed`.
        #[ink(message, name = "closeLicence")]
        pub fn close_licence(&mut self, dataset: Bytes32, licence: Bytes32) {
            let caller = roles::only(&LICENCE_ROLE);
            let about = About { licence: licence.0, ..About::of(caller, dataset) };
            let mut record = store::dataset(&dataset.0);
            let before = store::licence(&dataset.0, &licence.0);
            let state = record.close(&licence.0, before).or_refuse(&about);
            store::put_dataset(&dataset.0, &record);
            store::put_licence(&dataset.0, &licence.0, state);
            events::LicenceClosed { dataset, licence, active: record.active }.emit();
            done()
        }

        /// State of a licence on a dataset: 0 unknown, 1 open, 2 closed, 3 held.
        #[ink(message, name = "licenceStateOf")]
        pub fn licence_state_of(&self, dataset: Bytes32, licence: Bytes32) -> u8 {
            answer(&[word(store::licence(&dataset.0, &licence.0) as u8)])
        }

        /// The exclusivity window open now, its end in Unix seconds; zeros where none is open.
        ///
        /// # Answers
        /// `licence`, `until`.
        #[ink(message, name = "exclusivityOf")]
        pub fn exclusivity_of(&self, dataset: Bytes32) -> (Bytes32, u64) {
            let (licence, until) = store::dataset(&dataset.0).exclusivity(host::now());
            answer(&[licence, word(until)])
        }

        /// How many licences are open on a dataset, or held.
        #[ink(message, name = "activeLicences")]
        pub fn active_licences(&self, dataset: Bytes32) -> u32 {
            answer(&[word(store::dataset(&dataset.0).active)])
        }
    }

    /// How a licence starts.
    type Start = fn(&mut Dataset, &Word, LicenceState, u64, u64) -> Result<LicenceState, ProvenanceError>;

    #[inline(never)]
    fn start(dataset: Bytes32, licence: Bytes32, until: u64, topic: Word, start: Start) -> ! {
        let caller = roles::only(&LICENCE_ROLE);
        named(&[licence]);
        let now = host::now();
        let about = About { licence: licence.0, now, ..About::of(caller, dataset) };
        let mut record = store::dataset(&dataset.0);
        let before = store::licence(&dataset.0, &licence.0);
        let state = start(&mut record, &licence.0, before, until, now).or_refuse(&about);
        store::put_dataset(&dataset.0, &record);
        store::put_licence(&dataset.0, &licence.0, state);
        host::emit(&[topic, dataset.0, licence.0], &[word(until), word(record.active)]);
        done()
    }

    /// Stops where one of them is zero.
    fn named(hashes: &[Bytes32]) {
        if hashes.iter().any(|hash| hash.0 == [0; 32]) {
            refusals::ZeroHash {}.refuse();
        }
    }

    fn add_version(dataset: Bytes32, version: u32, manifest: Bytes32, licence: &Word, creator: &[u8; 20]) {
        let now = host::now();
        store::put_version(&dataset.0, version, &Version::new(manifest.0, *licence, now));
        let first = store::put_manifest(&manifest.0, &Entry { dataset: dataset.0, version });
        let (manifest_hash, licence_hash) = (manifest, licence);
        let registered = events::DatasetRegistered {
            dataset,
            version,
            manifest_hash,
            licence_hash,
            creator,
            registered_at: now,
            first,
        };
        registered.emit();
    }
}
