//! Datasets: who owns each, in which pool it is and under which licences; its versions, immutable and numbered from 1
//! without a gap; what became of them, and what training runs read.

use yieldset_chain::{
    Address, B256,
    abi::Manifests::{
        DatasetRegistered, DatasetTransferred, ManifestsEvents, ModelCardSet, ModelIngested, RedactionCertified,
        VersionRedacted, VersionWithdrawn,
    },
};

use super::Applying;
use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// A dataset.
    Dataset in "datasets" {
        registry: Addr, dataset: Hash;
        /// Who owns it now.
        creator: Addr,
        latest_version: i64,
        /// To whom it is offered.
        pending: Option<Addr>,
        pool: Option<Addr>,
        card: Option<Hash>,
        /// How many are open on it, or held.
        licences: i64,
    }
}

versioned! {
    /// A licence on a dataset.
    DatasetLicence in "dataset_licences" {
        registry: Addr, dataset: Hash, licence: Hash;
        /// `held`, `open` or `closed`.
        state: String,
        exclusive_until: i64,
    }
}

versioned! {
    /// A dataset's version.
    DatasetVersion in "dataset_versions" {
        registry: Addr, dataset: Hash, version: i64;
        manifest_hash: Hash,
        licence_hash: Hash,
        registered_at: i64,
        first: bool,
        /// `registered`, `withdrawn` or `redacted`.
        state: String,
        closed_at: Option<i64>,
        replaced_by: i64,
        reason: Option<Hash>,
        redacted_by: Option<Addr>,
        platforms: i64,
        certified: i64,
    }
}

versioned! {
    /// A model version's card.
    ModelCard in "model_cards" { registry: Addr, platform: Addr, model: Hash; card: Hash }
}

versioned! {
    /// What a training run read.
    Ingestion in "ingestions" {
        registry: Addr, platform: Addr, run: Hash;
        model: Hash,
        datasets: Vec<Vec<u8>>,
        versions: Vec<i64>,
        epochs: i64,
        digest: Hash,
        recorded_at: i64,
    }
}

fact! {
    /// A platform certified that it acted on a redaction.
    RedactionCertificate in "redaction_certificates" {
        registry: Addr,
        dataset: Hash,
        version: i64,
        platform: Addr,
        certificate: Hash,
    }
}

pub(super) async fn apply(applying: &mut Applying<'_>, event: &ManifestsEvents) -> Result<(), IndexerError> {
    match event {
        ManifestsEvents::DatasetRegistered(registered) => register(applying, registered).await,
        ManifestsEvents::DatasetTransferStarted(e) => {
            let pending = some(e.pendingCreator);
            change(applying, e.dataset, |dataset| dataset.pending = pending).await
        }
        ManifestsEvents::DatasetTransferred(transferred) => transfer(applying, transferred).await,
        ManifestsEvents::DatasetAssigned(e) => {
            let pool = some(e.pool);
            change(applying, e.dataset, |dataset| dataset.pool = pool).await
        }
        ManifestsEvents::DatasetCardSet(e) => {
            let card = Some(e.cardHash.into());
            change(applying, e.dataset, |dataset| dataset.card = card).await
        }
        ManifestsEvents::VersionWithdrawn(withdrawn) => withdraw(applying, withdrawn).await,
        ManifestsEvents::VersionRedacted(redacted) => redact(applying, redacted).await,
        ManifestsEvents::RedactionCertified(certified) => certify(applying, certified).await,
        ManifestsEvents::ModelIngested(run) => ingest(applying, run).await,
        ManifestsEvents::ModelCardSet(set) => model_card(applying, set).await,
        ManifestsEvents::LicenceOpened(e) => {
            license(applying, (e.dataset, e.licence), ("open", e.exclusiveUntil), e.active).await
        }
        ManifestsEvents::LicenceHeld(e) => {
            license(applying, (e.dataset, e.licence), ("held", e.exclusiveUntil), e.active).await
        }
        ManifestsEvents::LicenceClosed(e) => license(applying, (e.dataset, e.licence), ("closed", 0), e.active).await,
    }
}

/// An address; none for zero.
fn some(address: Address) -> Option<Addr> {
    (!address.is_zero()).then_some(address.into())
}

async fn register(applying: &mut Applying<'_>, event: &DatasetRegistered) -> Result<(), IndexerError> {
    let place = applying.place;
    let (registry, id) = (Addr::from(place.contract), Hash::from(event.dataset));
    let known = applying.find::<Dataset>((registry, id)).await?;
    let version = i64::from(event.version);
    let latest = known.as_ref().map_or(0, |dataset| dataset.latest_version);
    place.same("version", version, latest.saturating_add(1))?;
    let row = DatasetVersion {
        registry,
        dataset: id,
        version,
        manifest_hash: event.manifestHash.into(),
        licence_hash: event.licenceHash.into(),
        registered_at: place.time("registeredAt", event.registeredAt)?,
        first: event.first,
        state: "registered".to_owned(),
        closed_at: None,
        replaced_by: 0,
        reason: None,
        redacted_by: None,
        platforms: 0,
        certified: 0,
    };
    let dataset = match known {
        Some(known) => Dataset { latest_version: version, ..known },
        None => Dataset {
            registry,
            dataset: id,
            creator: event.creator.into(),
            latest_version: version,
            pending: None,
            pool: None,
            card: None,
            licences: 0,
        },
    };
    applying.put(dataset).await?;
    applying.put(row).await
}

/// A dataset's new owner. Who registered its versions stays in the journal.
async fn transfer(applying: &mut Applying<'_>, event: &DatasetTransferred) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut dataset = dataset(applying, event.dataset).await?;
    place.same("previousCreator", event.previousCreator, dataset.creator.0)?;
    dataset.creator = event.creator.into();
    dataset.pending = None;
    applying.put(dataset).await
}

async fn dataset(applying: &mut Applying<'_>, dataset: B256) -> Result<Dataset, IndexerError> {
    let key = (applying.place.contract.into(), dataset.into());
    applying.known::<Dataset>("a dataset", key).await
}

async fn change(applying: &mut Applying<'_>, id: B256, change: impl FnOnce(&mut Dataset)) -> Result<(), IndexerError> {
    let mut dataset = dataset(applying, id).await?;
    change(&mut dataset);
    applying.put(dataset).await
}

/// A licence starts on a dataset, or ends; how many are left the event says, and so do the rows.
async fn license(
    applying: &mut Applying<'_>,
    (id, licence): (B256, B256),
    (state, exclusive_until): (&str, u64),
    active: u32,
) -> Result<(), IndexerError> {
    let place = applying.place;
    let mut dataset = dataset(applying, id).await?;
    let key = (dataset.registry, dataset.dataset, Hash::from(licence));
    let known = applying.find::<DatasetLicence>(key).await?;
    let counted = known.is_some_and(|known| known.state != "closed");
    let counts = state != "closed";
    let others = dataset.licences.saturating_sub(i64::from(counted));
    let licences = others.saturating_add(i64::from(counts));
    place.same("active", i64::from(active), licences)?;
    dataset.licences = licences;
    let exclusive_until = place.fit("exclusiveUntil", exclusive_until)?;
    applying.put(dataset).await?;
    let (registry, dataset, licence) = key;
    applying.put(DatasetLicence { registry, dataset, licence, state: state.to_owned(), exclusive_until }).await
}

async fn version(applying: &mut Applying<'_>, (dataset, version): (B256, u32)) -> Result<DatasetVersion, IndexerError> {
    let key = (applying.place.contract.into(), dataset.into(), version.into());
    applying.known::<DatasetVersion>("a dataset's version", key).await
}

/// A version that no new run may read.
async fn withdraw(applying: &mut Applying<'_>, event: &VersionWithdrawn) -> Result<(), IndexerError> {
    let mut version = version(applying, (event.dataset, event.version)).await?;
    version.closed_at = Some(applying.place.time("withdrawnAt", event.withdrawnAt)?);
    version.state = "withdrawn".to_owned();
    version.reason = Some(event.reasonHash.into());
    applying.put(version).await
}

/// One that nobody may keep: every platform that read it owes a certificate.
async fn redact(applying: &mut Applying<'_>, event: &VersionRedacted) -> Result<(), IndexerError> {
    let mut version = version(applying, (event.dataset, event.version)).await?;
    version.closed_at = Some(applying.place.time("redactedAt", event.redactedAt)?);
    version.state = "redacted".to_owned();
    version.replaced_by = event.replacedBy.into();
    version.reason = Some(event.reasonHash.into());
    version.redacted_by = Some(event.redactedBy.into());
    version.platforms = event.platforms.into();
    applying.put(version).await
}

async fn certify(applying: &mut Applying<'_>, event: &RedactionCertified) -> Result<(), IndexerError> {
    let mut version = version(applying, (event.dataset, event.version)).await?;
    applying.place.same("certified", i64::from(event.certified), version.certified.saturating_add(1))?;
    version.certified = event.certified.into();
    version.platforms = event.platforms.into();
    applying.note(RedactionCertificate {
        registry: version.registry,
        dataset: version.dataset,
        version: version.version,
        platform: event.platform.into(),
        certificate: event.certificateHash.into(),
    });
    applying.put(version).await
}

async fn ingest(applying: &mut Applying<'_>, event: &ModelIngested) -> Result<(), IndexerError> {
    let place = applying.place;
    let key = (Addr::from(place.contract), Addr::from(event.platform), Hash::from(event.run));
    if applying.find::<Ingestion>(key).await?.is_some() {
        return Err(place.diverged("a training run", event.run, "one that was not recorded before"));
    }
    place.same("versions", event.versions.len(), event.datasets.len())?;
    let (registry, platform, run) = key;
    applying
        .put(Ingestion {
            registry,
            platform,
            run,
            model: event.model.into(),
            datasets: event.datasets.iter().map(|dataset| dataset.to_vec()).collect(),
            versions: event.versions.iter().map(|version| i64::from(*version)).collect(),
            epochs: event.epochs.into(),
            digest: event.digest.into(),
            recorded_at: place.time("recordedAt", event.recordedAt)?,
        })
        .await
}

async fn model_card(applying: &mut Applying<'_>, event: &ModelCardSet) -> Result<(), IndexerError> {
    let registry = applying.place.contract.into();
    let (platform, model, card) = (event.platform.into(), event.model.into(), event.cardHash.into());
    applying.put(ModelCard { registry, platform, model, card }).await
}
