//! Datasets and the versions of their manifests.

use std::str::FromStr;

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, AskedPool, AtParam},
    error::{ApiError, Failures},
    paging::{EventCursor, Page, PageParams, Paging, hash},
    reports::hexadecimal,
};
use crate::{
    column::{Addr, Hash},
    snapshot::Snapshot,
};

/// Most versions of one dataset that are listed.
const VERSIONS: i64 = 200;

/// Place in a list of datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DatasetCursor {
    dataset: Hash,
    registry: Addr,
}

impl FromStr for DatasetCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (dataset, registry) = text.split_once('-').ok_or(())?;
        Ok(Self { dataset: dataset.parse().map_err(|_| ())?, registry: registry.parse().map_err(|_| ())? })
    }
}

/// A dataset at its latest version.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dataset {
    /// The registry that it is in.
    pub registry: Addr,
    /// Its id: keccak-256 of who registered it and the SHA-256 of its slug.
    pub dataset: Hash,
    /// Whose it is: who registered it first, or accepted it last.
    pub creator: Addr,
    /// The pool that it is assigned to; null or zero for none.
    pub pool: Option<Addr>,
    /// Hash of its card's document, where it has one.
    pub card: Option<Hash>,
    /// Latest version.
    pub version: i64,
    /// SHA-256 of that version's manifest.
    pub manifest_hash: Hash,
    /// SHA-256 of that version's licence.
    pub licence_hash: Hash,
    /// Unix time in seconds of that version's registration.
    pub registered_at: i64,
    /// `registered`, `withdrawn` or `redacted`: whether new runs may read that version.
    pub state: String,
    /// Block of the last event of that version.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// One version of a dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DatasetVersion {
    /// Counts from 1.
    pub version: i64,
    /// SHA-256 of the manifest.
    pub manifest_hash: Hash,
    /// SHA-256 of the licence.
    pub licence_hash: Hash,
    /// Unix time in seconds.
    pub registered_at: i64,
    /// Whether no dataset had a version of this manifest before.
    pub first: bool,
    /// `registered`, `withdrawn` or `redacted`: whether new runs may read it.
    pub state: String,
    /// Unix time in seconds since which they may not.
    pub closed_at: Option<i64>,
    /// The version that stands in for one that was redacted; 0 for none.
    pub replaced_by: i64,
    /// Block of the last event that changed it.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// A dataset with its versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DatasetHistory {
    /// The registry that it is in.
    pub registry: Addr,
    /// Its id: keccak-256 of who registered it and the SHA-256 of its slug.
    pub dataset: Hash,
    /// Whose it is: who registered it first, or accepted it last.
    pub creator: Addr,
    /// The pool that it is assigned to; null or zero for none.
    pub pool: Option<Addr>,
    /// Hash of its card's document, where it has one.
    pub card: Option<Hash>,
    /// Newest first; the latest 200.
    pub versions: Vec<DatasetVersion>,
}

/// What a training run read, as its platform recorded it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ingestion {
    /// Who trained.
    pub platform: Addr,
    /// The run, in the platform's counting.
    pub run: Hash,
    /// The model.
    pub model: Hash,
    /// The datasets' ids.
    pub datasets: Vec<String>,
    /// Their versions, in the same order.
    pub versions: Vec<i64>,
    /// How often it read them.
    pub epochs: i64,
    /// Digest of the run's own record.
    pub digest: Hash,
    /// Unix time in seconds.
    pub recorded_at: i64,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// Datasets, by id.
#[utoipa::path(get, path = "/v1/datasets", tag = "registries", params(PageParams, AtParam),
    responses((status = 200, description = "A page of datasets", body = Page<Dataset>), Failures))]
pub(crate) async fn list(Asked(mut snapshot): Asked, paging: Paging) -> Result<Json<Page<Dataset>>, ApiError> {
    Ok(Json(page(&mut snapshot, None, &paging).await?))
}

/// Datasets that are assigned to a pool, by id.
#[utoipa::path(get, path = "/v1/pools/{pool}/datasets", tag = "pools",
    params(("pool" = Addr, Path, description = "The pool"), PageParams, AtParam),
    responses((status = 200, description = "A page of datasets", body = Page<Dataset>), Failures))]
pub(crate) async fn of_pool(
    AskedPool { mut snapshot, pool }: AskedPool,
    paging: Paging,
) -> Result<Json<Page<Dataset>>, ApiError> {
    Ok(Json(page(&mut snapshot, Some(pool.address), &paging).await?))
}

/// A page of datasets, of those alone that are assigned to a pool where one is named.
///
/// # Errors
/// As the route's.
pub async fn page(snapshot: &mut Snapshot, pool: Option<Addr>, paging: &Paging) -> Result<Page<Dataset>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<DatasetCursor>()?);
    let rows = sqlx::query_as!(
        Dataset,
        r#"SELECT d.registry AS "registry: Addr", d.dataset AS "dataset: Hash", creator AS "creator: Addr", pool AS "pool: Addr", card AS "card: Hash", v.version,
                  manifest_hash AS "manifest_hash: Hash",
                  licence_hash AS "licence_hash: Hash", registered_at, state, v.block, v.event_index
           FROM datasets d JOIN dataset_versions v
             ON v.registry = d.registry AND v.dataset = d.dataset AND v.version = d.latest_version
           WHERE ($1::bytea IS NULL OR (d.dataset, d.registry) > ($1, $2::bytea)) AND ($3::bytea IS NULL OR pool = $3
                AND (d.registry = (SELECT d.manifests FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = d.pool AND s.contract = d.registry AND s.kind = 'manifests')))
           ORDER BY d.dataset, d.registry LIMIT $4"#,
        after.map(|after| after.dataset) as _,
        after.map(|after| after.registry) as _,
        pool as _,
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Page::from_rows(rows, limit, snapshot, |row| format!("{}-{}", row.dataset, row.registry)))
}

/// One dataset with its versions.
#[utoipa::path(get, path = "/v1/datasets/{dataset}", tag = "registries",
    params(("dataset" = Hash, Path, description = "The dataset's id"), AtParam),
    responses((status = 200, description = "The dataset", body = DatasetHistory), Failures))]
pub(crate) async fn get(
    Asked(mut snapshot): Asked,
    Path(dataset): Path<String>,
) -> Result<Json<DatasetHistory>, ApiError> {
    let dataset = hash(&dataset)?;
    let found = sqlx::query!(
        r#"SELECT registry AS "registry: Addr", creator AS "creator: Addr", pool AS "pool: Addr", card AS "card: Hash"
           FROM datasets WHERE dataset = $1
           ORDER BY registry = (SELECT manifests FROM deployment) DESC, block, event_index LIMIT 1"#,
        dataset as _
    )
    .fetch_optional(snapshot.connection())
    .await?;
    let found = found.ok_or_else(|| {
        let message = format!("no dataset {dataset} is registered");
        ApiError::missing("unknown-dataset", message, "GET /v1/datasets lists the datasets")
    })?;
    let versions = sqlx::query_as!(
        DatasetVersion,
        r#"SELECT version, manifest_hash AS "manifest_hash: Hash", licence_hash AS "licence_hash: Hash", registered_at, first,
                  state, closed_at, replaced_by, block, event_index
           FROM dataset_versions WHERE registry = $1 AND dataset = $2 ORDER BY version DESC LIMIT $3"#,
        found.registry as _,
        dataset as _,
        VERSIONS,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Json(DatasetHistory {
        registry: found.registry,
        dataset,
        creator: found.creator,
        pool: found.pool,
        card: found.card,
        versions,
    }))
}

/// Training runs that read datasets, newest first.
#[utoipa::path(get, path = "/v1/ingestions", tag = "registries", params(PageParams, AtParam),
    responses((status = 200, description = "A page of training runs", body = Page<Ingestion>), Failures))]
pub(crate) async fn ingestions(Asked(mut snapshot): Asked, paging: Paging) -> Result<Json<Page<Ingestion>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<EventCursor>()?);
    let rows = sqlx::query!(
        r#"SELECT platform AS "platform: Addr", run AS "run: Hash", model AS "model: Hash", datasets, versions, epochs,
                  digest AS "digest: Hash", recorded_at, block, event_index
           FROM ingestions
           WHERE $1::bigint IS NULL OR (block, event_index) < ($1, $2::bigint)
           ORDER BY block DESC, event_index DESC LIMIT $3"#,
        after.map(|after| after.block),
        after.map(|after| after.event_index),
        limit + 1,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let rows = rows.into_iter().map(|row| Ingestion {
        platform: row.platform,
        run: row.run,
        model: row.model,
        datasets: hexadecimal(&row.datasets),
        versions: row.versions,
        epochs: row.epochs,
        digest: row.digest,
        recorded_at: row.recorded_at,
        block: row.block,
        event_index: row.event_index,
    });
    let cursor = |row: &Ingestion| EventCursor::text(row.block, row.event_index);
    Ok(Json(Page::from_rows(rows.collect(), limit, &snapshot, cursor)))
}
