//! Datasets: who owns each, and its versions, immutable and numbered from 1 without a gap.

use sqlx::PgConnection;
use yieldset_chain::abi::Manifests::{DatasetRegistered, DatasetTransferred, ManifestsEvents, ModelIngested};
use yieldset_chain::{Address, B256};

use super::{Place, db};
use crate::{column::Addr, error::IndexerError};

pub(super) async fn apply(
    connection: &mut PgConnection,
    place: Place,
    event: &ManifestsEvents,
) -> Result<(), IndexerError> {
    match event {
        ManifestsEvents::DatasetRegistered(dataset) => register(connection, place, dataset).await,
        ManifestsEvents::DatasetTransferred(transferred) => transfer(connection, place, transferred).await,
        ManifestsEvents::DatasetAssigned(e) => assign(connection, place, e.dataset, e.pool).await,
        ManifestsEvents::DatasetCardSet(e) => card(connection, place, e.dataset, e.cardHash).await,
        ManifestsEvents::VersionWithdrawn(e) => {
            close(connection, place, (e.dataset, e.version), ("withdrawn", 0, e.withdrawnAt)).await
        }
        ManifestsEvents::VersionRedacted(e) => {
            close(connection, place, (e.dataset, e.version), ("redacted", e.replacedBy, e.redactedAt)).await
        }
        ManifestsEvents::ModelIngested(run) => ingest(connection, place, run).await,
        ManifestsEvents::DatasetTransferStarted(_)
        | ManifestsEvents::ModelCardSet(_)
        | ManifestsEvents::LicenceOpened(_)
        | ManifestsEvents::LicenceHeld(_)
        | ManifestsEvents::LicenceClosed(_)
        | ManifestsEvents::RedactionCertified(_) => Ok(()),
    }
}

async fn register(connection: &mut PgConnection, place: Place, event: &DatasetRegistered) -> Result<(), IndexerError> {
    let version = i64::from(event.version);
    let registered_at: i64 = place.fit("registeredAt", event.registeredAt)?;
    let latest =
        sqlx::query_scalar!("SELECT latest_version FROM datasets WHERE dataset = $1", event.dataset.as_slice())
            .fetch_optional(&mut *connection)
            .await
            .map_err(db)?;
    place.same("version", latest.unwrap_or(0) + 1, version)?;
    sqlx::query!(
        "INSERT INTO datasets (dataset, creator, latest_version, block, event_index) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (dataset) DO UPDATE SET latest_version = $3, block = $4, event_index = $5",
        event.dataset.as_slice(),
        event.creator.as_slice(),
        version,
        place.block,
        place.event_index,
    )
    .execute(&mut *connection)
    .await
    .map_err(db)?;
    sqlx::query!(
        "INSERT INTO dataset_versions (dataset, version, manifest_hash, licence_hash, registered_at, first, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        event.dataset.as_slice(),
        version,
        event.manifestHash.as_slice(),
        event.licenceHash.as_slice(),
        registered_at,
        event.first,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A dataset's new owner. Who registered its versions stays in the journal.
async fn transfer(connection: &mut PgConnection, place: Place, event: &DatasetTransferred) -> Result<(), IndexerError> {
    let creator = sqlx::query_scalar!(
        r#"SELECT creator AS "creator: Addr" FROM datasets WHERE dataset = $1"#,
        event.dataset.as_slice()
    )
    .fetch_optional(&mut *connection)
    .await
    .map_err(db)?;
    place.same("previousCreator", creator.unwrap_or_default().0, event.previousCreator)?;
    let changed = sqlx::query!(
        "UPDATE datasets SET creator = $2, block = $3, event_index = $4 WHERE dataset = $1",
        event.dataset.as_slice(),
        event.creator.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a dataset", event.dataset, "one that was registered")
}

/// Which pool a dataset belongs to.
async fn assign(connection: &mut PgConnection, place: Place, dataset: B256, pool: Address) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE datasets SET pool = $2, block = $3, event_index = $4 WHERE dataset = $1",
        dataset.as_slice(),
        pool.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a dataset", dataset, "one that was registered")
}

async fn card(connection: &mut PgConnection, place: Place, dataset: B256, card: B256) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE datasets SET card = $2, block = $3, event_index = $4 WHERE dataset = $1",
        dataset.as_slice(),
        card.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a dataset", dataset, "one that was registered")
}

/// A version that no new run may read.
async fn close(
    connection: &mut PgConnection,
    place: Place,
    (dataset, version): (B256, u32),
    (state, replaced_by, at): (&str, u32, u64),
) -> Result<(), IndexerError> {
    let changed = sqlx::query!(
        "UPDATE dataset_versions SET state = $3, replaced_by = $4, closed_at = $5, block = $6, event_index = $7
         WHERE dataset = $1 AND version = $2",
        dataset.as_slice(),
        i64::from(version),
        state,
        i64::from(replaced_by),
        place.fit::<_, i64>("its time", at)?,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a dataset's version", version, "one that was registered")
}

async fn ingest(connection: &mut PgConnection, place: Place, event: &ModelIngested) -> Result<(), IndexerError> {
    let datasets: Vec<Vec<u8>> = event.datasets.iter().map(|dataset| dataset.to_vec()).collect();
    let versions: Vec<i64> = event.versions.iter().map(|version| i64::from(*version)).collect();
    sqlx::query!(
        "INSERT INTO ingestions (platform, run, model, datasets, versions, epochs, digest, recorded_at, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        event.platform.as_slice(),
        event.run.as_slice(),
        event.model.as_slice(),
        &datasets,
        &versions,
        i64::from(event.epochs),
        event.digest.as_slice(),
        place.fit::<_, i64>("recordedAt", event.recordedAt)?,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
