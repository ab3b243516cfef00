//! Datasets: who owns each, and its versions, immutable and numbered from 1 without a gap.

use sqlx::PgConnection;
use yieldset_chain::abi::Manifests::{DatasetRegistered, DatasetTransferred};

use super::{Place, db};
use crate::{column::Addr, error::IndexerError};

pub(super) async fn register(
    connection: &mut PgConnection,
    place: Place,
    event: &DatasetRegistered,
) -> Result<(), IndexerError> {
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
pub(super) async fn transfer(
    connection: &mut PgConnection,
    place: Place,
    event: &DatasetTransferred,
) -> Result<(), IndexerError> {
    let creator = sqlx::query_scalar!(
        r#"SELECT creator AS "creator: Addr" FROM datasets WHERE dataset = $1"#,
        event.dataset.as_slice()
    )
    .fetch_optional(&mut *connection)
    .await
    .map_err(db)?;
    place.same("previousCreator", creator.unwrap_or_default().0, event.previousCreator)?;
    sqlx::query!(
        "UPDATE datasets SET creator = $2, block = $3, event_index = $4 WHERE dataset = $1",
        event.dataset.as_slice(),
        event.creator.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
