//! What a licence's usage is proven by: the accepted terms, the keys of its usage log, and the checkpoints that stand
//! on chain.

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgPool};
use yieldset_chain::{
    Address, B256, Deployment, Event, SolValue,
    abi::Licence::{CheckpointAnchored, LicenceAccepted, LicenceEvents, Terms, UsageLogSet},
};

use super::{Block, Place, db, licences::stands, successors::Followed};
use crate::{
    column::{Amount, storable},
    error::IndexerError,
};

/// The words of accepted terms by licence, as its contract keeps them for good. No event tells them.
pub type AcceptedTerms = BTreeMap<B256, Vec<B256>>;

/// Words of an option's terms; those of its milestones follow.
const TERMS_WORDS: usize = 36;

/// The acceptances in a block with the contracts that told them, for whoever reads the terms (record `O`).
///
/// # Errors
/// [`IndexerError::Database`].
pub async fn accepted(
    pool: &PgPool,
    deployment: &Deployment,
    block: &Block,
) -> Result<Vec<(Address, LicenceAccepted)>, IndexerError> {
    let acceptances = block.earlier.iter().chain(&block.events).filter_map(|event| match &event.event {
        Event::Licence(LicenceEvents::LicenceAccepted(accepted)) => Some((event.address, accepted.clone())),
        _ => None,
    });
    let acceptances: Vec<_> = acceptances.collect();
    if acceptances.is_empty() {
        return Ok(acceptances);
    }
    let mut followed = Followed::load(&mut *pool.acquire().await.map_err(db)?, deployment).await?;
    followed.adopt(block);
    Ok(acceptances.into_iter().filter(|(contract, _)| followed.name(*contract) == Some("licence")).collect())
}

/// Of a contract that does not answer as ours do there are none.
pub(super) async fn terms(
    connection: &mut PgConnection,
    place: Place,
    licence: B256,
    words: Option<&[B256]>,
) -> Result<(), IndexerError> {
    let words = words.and_then(|words| words.get(..TERMS_WORDS)).map(|words| words.concat());
    let Some(Ok(Terms { price, times, usage, .. })) = words.map(|words| Terms::abi_decode(&words)) else {
        return Ok(());
    };
    sqlx::query!(
        "INSERT INTO licence_terms (licence, metric, threshold, residual_bps, per_thousand_tokens, per_call, floor, ceiling,
             guarantee, term_months, false_discovery_bps, late_record_days, call_tokens, common_from, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        licence.as_slice(),
        price.metric.as_slice(),
        i64::from(price.threshold),
        i32::from(price.residualBps),
        Amount::from(price.perThousandTokens) as _,
        Amount::from(price.perCall) as _,
        Amount::from(price.floor) as _,
        Amount::from(price.ceiling) as _,
        Amount::from(price.guarantee) as _,
        i32::from(times.termMonths),
        i32::from(usage.falseDiscoveryBps),
        i32::from(usage.lateRecordDays),
        i64::from(usage.callTokens),
        i32::from(usage.commonFrom),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// Epochs count from 1 without a gap.
pub(super) async fn usage_log(
    connection: &mut PgConnection,
    place: Place,
    event: &UsageLogSet,
) -> Result<(), IndexerError> {
    stands(connection, place, event.licence).await?;
    let before = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM usage_logs WHERE licence = $1"#,
        event.licence.as_slice()
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(db)?;
    place.same("a usage log's epoch", before + 1, i64::from(event.epoch))?;
    let witnesses: Vec<Vec<u8>> = event.witnesses.iter().map(|key| key.to_vec()).collect();
    sqlx::query!(
        "INSERT INTO usage_logs (licence, epoch, key, origin, witnesses, since, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        event.licence.as_slice(),
        i64::from(event.epoch),
        event.key.as_slice(),
        storable(&event.origin),
        &witnesses,
        place.fit::<_, i64>("since", event.since)?,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// The first root of a log and a size stands, and is told once.
pub(super) async fn anchor(
    connection: &mut PgConnection,
    place: Place,
    event: &CheckpointAnchored,
) -> Result<(), IndexerError> {
    let size = Amount::from(event.size);
    let changed = sqlx::query!(
        "INSERT INTO anchors (licence, epoch, size, root, anchored_at, block, event_index)
         SELECT $1::bytea, $2::bigint, $3::numeric, $4::bytea, $5::bigint, $6::bigint, $7::bigint
         WHERE EXISTS (SELECT FROM usage_logs WHERE licence = $1 AND epoch = $2)
           AND NOT EXISTS (SELECT FROM anchors a JOIN usage_logs u USING (licence, epoch)
               WHERE licence = $1 AND size = $3
                 AND origin = (SELECT origin FROM usage_logs WHERE licence = $1 AND epoch = $2))",
        event.licence.as_slice(),
        i64::from(event.epoch),
        size as _,
        event.root.as_slice(),
        place.fit::<_, i64>("at", event.at)?,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    let got = format!("size {size} of epoch {}", event.epoch);
    place.one(changed.rows_affected(), "an anchored checkpoint", got, "the first of a log that was set")
}
