//! Registries of datasets: datasets, their versions and licences, training runs and models' cards.

use yieldset_chain::abi::Manifests;

use super::{Chain, Comparison, each, narrow, text, wide};
use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    datasets(snapshot, chain, found).await?;
    versions(snapshot, chain, found).await?;
    licences(snapshot, chain, found).await?;
    certificates(snapshot, chain, found).await?;
    ingestions(snapshot, chain, found).await?;
    cards(snapshot, chain, found).await
}

struct DatasetRow {
    registry: Addr,
    dataset: Hash,
    creator: Addr,
    latest_version: i64,
    pending: Option<Addr>,
    pool: Option<Addr>,
    card: Option<Hash>,
    licences: i64,
}

async fn datasets(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        DatasetRow,
        r#"SELECT registry AS "registry: Addr", dataset AS "dataset: Hash", creator AS "creator: Addr", latest_version,
                  pending AS "pending: Addr", pool AS "pool: Addr", card AS "card: Hash", licences
           FROM datasets WHERE valid_from > $1 ORDER BY registry, dataset"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: DatasetRow| async move {
        let (registry, dataset) = (row.registry, row.dataset.0);
        let record = chain.ask(registry, Manifests::datasetOfCall { dataset }).await?;
        let pending = chain.ask(registry, Manifests::pendingCreatorOfCall { dataset }).await?;
        let pool = chain.ask(registry, Manifests::poolOfCall { dataset }).await?;
        let card = chain.ask(registry, Manifests::datasetCardOfCall { dataset }).await?;
        let licences = chain.ask(registry, Manifests::activeLicencesCall { dataset }).await?;
        Ok::<_, IndexerError>((row, record, pending, pool, card, licences))
    };
    let count = each(rows, ask, |(row, record, pending, pool, card, licences)| {
        let what = format!("dataset {} of {}", row.dataset, row.registry);
        found.about("manifests", row.registry);
        if let Some(theirs) = found.answer(&what, record) {
            found.same(format!("{what}: creator"), row.creator, theirs.creator.into());
            found.same(format!("{what}: latest version"), row.latest_version, i64::from(theirs.latestVersion));
        }
        found.told(format!("{what}: offered to"), row.pending.unwrap_or_default(), pending, Addr::from);
        found.told(format!("{what}: pool"), row.pool.unwrap_or_default(), pool, Addr::from);
        found.told(format!("{what}: card"), row.card.unwrap_or_default(), card, Hash::from);
        found.told(format!("{what}: licences"), row.licences, licences, i64::from);
    })
    .await?;
    found.counted(count, "datasets");
    Ok(())
}

struct VersionRow {
    registry: Addr,
    dataset: Hash,
    version: i64,
    manifest_hash: Hash,
    licence_hash: Hash,
    registered_at: i64,
    first: bool,
    state: String,
    closed_at: Option<i64>,
    replaced_by: i64,
    reason: Option<Hash>,
    certified: i64,
}

async fn versions(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        VersionRow,
        r#"SELECT registry AS "registry: Addr", dataset AS "dataset: Hash", version, manifest_hash AS "manifest_hash: Hash",
                  licence_hash AS "licence_hash: Hash", registered_at, first, state, closed_at, replaced_by,
                  reason AS "reason: Hash", certified
           FROM dataset_versions WHERE valid_from > $1 ORDER BY registry, dataset, version"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: VersionRow| async move {
        let (dataset, version) = (row.dataset.0, narrow(row.version));
        let record = chain.ask(row.registry, Manifests::versionOfCall { dataset, version }).await?;
        let status = chain.ask(row.registry, Manifests::statusOfCall { dataset, version }).await?;
        let first = chain.ask(row.registry, Manifests::firstOfCall { manifestHash: row.manifest_hash.0 }).await?;
        Ok::<_, IndexerError>((row, record, status, first))
    };
    let count = each(rows, ask, |(row, record, status, first)| {
        let what = format!("dataset {} version {} of {}", row.dataset, row.version, row.registry);
        found.about("manifests", row.registry);
        if let Some(theirs) = found.answer(&what, record) {
            found.same(format!("{what}: manifest"), row.manifest_hash, theirs.manifestHash.into());
            found.same(format!("{what}: licence"), row.licence_hash, theirs.licenceHash.into());
            found.same(format!("{what}: time"), wide(row.registered_at), theirs.registeredAt);
        }
        if let Some(theirs) = found.answer(format!("{what}: status"), status) {
            let state = ["unknown", "registered", "withdrawn", "redacted"].get(usize::from(theirs.state));
            found.same(format!("{what}: state"), row.state.as_str(), state.copied().unwrap_or("unknown"));
            found.same(format!("{what}: closed"), wide(row.closed_at.unwrap_or(0)), theirs.closedAt);
            found.same(format!("{what}: replaced by"), row.replaced_by, i64::from(theirs.replacedBy));
            found.same(format!("{what}: reason"), row.reason.unwrap_or_default(), theirs.reasonHash.into());
            found.same(format!("{what}: certificates"), row.certified, i64::from(theirs.certified));
        }
        if row.first {
            let what = format!("first dataset with manifest {}", row.manifest_hash);
            found.told(what, row.dataset, first, |told| told.dataset.into());
        }
    })
    .await?;
    found.counted(count, "dataset versions");
    Ok(())
}

async fn licences(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        dataset: Hash,
        licence: Hash,
        state: String,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", dataset AS "dataset: Hash", licence AS "licence: Hash", state
           FROM dataset_licences WHERE valid_from > $1 ORDER BY registry, dataset, licence"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let call = Manifests::licenceStateOfCall { dataset: row.dataset.0, licence: row.licence.0 };
        let state = chain.ask(row.registry, call).await?;
        Ok::<_, IndexerError>((row, state))
    };
    let count = each(rows, ask, |(row, state)| {
        let what = format!("licence {} on dataset {} of {}: state", row.licence, row.dataset, row.registry);
        found.about("manifests", row.registry);
        found.told(what, row.state.as_str(), state, |state| {
            ["unknown", "open", "closed", "held"].get(usize::from(state)).copied().unwrap_or("unknown")
        });
    })
    .await?;
    found.counted(count, "licences on datasets");
    Ok(())
}

async fn certificates(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        dataset: Hash,
        version: i64,
        platform: Addr,
        certificate: Hash,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", dataset AS "dataset: Hash", version, platform AS "platform: Addr",
                  certificate AS "certificate: Hash"
           FROM redaction_certificates WHERE valid_from > $1 ORDER BY block, event_index"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let (platform, dataset, version) = (row.platform.0, row.dataset.0, narrow(row.version));
        let call = Manifests::certificateOfCall { platform, dataset, version };
        let certificate = chain.ask(row.registry, call).await?;
        Ok::<_, IndexerError>((row, certificate))
    };
    let count = each(rows, ask, |(row, certificate)| {
        let Row { registry, dataset, version, platform, .. } = row;
        let what = format!("certificate of {platform} for version {version} of dataset {dataset} of {registry}");
        found.about("manifests", registry);
        found.told(what, row.certificate, certificate, |told| told.certificateHash.into());
    })
    .await?;
    found.counted(count, "certificates of redactions");
    Ok(())
}

struct RunRow {
    registry: Addr,
    platform: Addr,
    run: Hash,
    model: Hash,
    datasets: Vec<Vec<u8>>,
    versions: Vec<i64>,
    epochs: i64,
    digest: Hash,
    recorded_at: i64,
}

async fn ingestions(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        RunRow,
        r#"SELECT registry AS "registry: Addr", platform AS "platform: Addr", run AS "run: Hash", model AS "model: Hash",
                  datasets, versions, epochs, digest AS "digest: Hash", recorded_at
           FROM ingestions WHERE valid_from > $1 ORDER BY registry, platform, run"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: RunRow| async move {
        let (platform, run) = (row.platform.0, row.run.0);
        let record = chain.ask(row.registry, Manifests::ingestionOfCall { platform, run }).await?;
        let entries = chain.ask(row.registry, Manifests::ingestedByCall { platform, run }).await?;
        Ok::<_, IndexerError>((row, record, entries))
    };
    let count = each(rows, ask, |(row, record, entries)| {
        let what = format!("run {} of {} in {}", row.run, row.platform, row.registry);
        found.about("manifests", row.registry);
        if let Some(theirs) = found.answer(&what, record) {
            found.same(format!("{what}: model"), row.model, theirs.model.into());
            found.same(format!("{what}: digest"), row.digest, theirs.digest.into());
            found.same(format!("{what}: epochs"), row.epochs, i64::from(theirs.epochs));
            found.same(format!("{what}: time"), wide(row.recorded_at), theirs.recordedAt);
            let entries = u32::try_from(row.datasets.len()).unwrap_or(u32::MAX);
            found.same(format!("{what}: number of datasets"), entries, theirs.entries);
        }
        let Some(theirs) = found.answer(format!("{what}: datasets"), entries) else { return };
        found.same(format!("{what}: datasets"), text(&row.datasets), text(&theirs.datasets));
        let numbers = |versions: &[i64]| versions.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
        let versions: Vec<_> = theirs.versions.iter().map(|version| i64::from(*version)).collect();
        found.same(format!("{what}: versions"), numbers(&row.versions), numbers(&versions));
    })
    .await?;
    found.counted(count, "training runs");
    Ok(())
}

async fn cards(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        platform: Addr,
        model: Hash,
        card: Hash,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", platform AS "platform: Addr", model AS "model: Hash", card AS "card: Hash"
           FROM model_cards WHERE valid_from > $1 ORDER BY registry, platform, model"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let call = Manifests::modelCardOfCall { platform: row.platform.0, model: row.model.0 };
        let card = chain.ask(row.registry, call).await?;
        Ok::<_, IndexerError>((row, card))
    };
    let count = each(rows, ask, |(row, card)| {
        found.about("manifests", row.registry);
        let what = format!("card of model {} of {} in {}", row.model, row.platform, row.registry);
        found.told(what, row.card, card, Hash::from);
    })
    .await?;
    found.counted(count, "models' cards");
    Ok(())
}
