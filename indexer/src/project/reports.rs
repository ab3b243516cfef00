//! Attribution reports, parsed, and the committees that sign them.

use alloy_primitives::keccak256;
use sqlx::PgConnection;
use yieldset_chain::{
    Deployment,
    abi::Attribution::{AttributionEvents, CommitteeSet, KeyRevoked, ReportPosted},
};
use yieldset_rules::report::{MeasuredError, Outcome, Report};

use super::{Place, db};
use crate::{
    column::{Amount, storable},
    error::IndexerError,
};

/// Whether the event's bytes are the report that the event says they are. The contract never emits another; if its
/// version and ours drift apart, the event stays in the journal as unknown instead of becoming wrong rows.
pub(super) fn readable(deployment: &Deployment, event: &AttributionEvents) -> Result<(), String> {
    match event {
        AttributionEvents::ReportPosted(posted) => parse(deployment, posted).map(|_| ()),
        _ => Ok(()),
    }
}

fn parse(deployment: &Deployment, posted: &ReportPosted) -> Result<Report, String> {
    let report = Report::from_bytes(&posted.report).map_err(|error| format!("not a report: {error:?}"))?;
    let checks = [
        ("hash", keccak256(&posted.report) == posted.reportHash),
        ("pool", report.pool == posted.pool.0.0),
        ("stream", report.stream == posted.stream.0),
        ("period", report.period == posted.period),
        ("revision", report.revision == posted.revision),
        ("weights root", report.weights_root() == posted.weightsRoot.0),
        ("registry", report.registry == deployment.attribution.0.0),
        ("chain id", report.chain_id == deployment.chain_id),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        None => Ok(report),
        Some((what, _)) => Err(format!("the report's {what} is not the event's")),
    }
}

/// Disputes, bonds, proposals and audits are in the journal alone.
pub(super) async fn apply(
    connection: &mut PgConnection,
    place: Place,
    deployment: &Deployment,
    event: &AttributionEvents,
) -> Result<(), IndexerError> {
    match event {
        AttributionEvents::ReportPosted(posted) => post(connection, place, deployment, posted).await,
        AttributionEvents::CommitteeSet(set) => committee(connection, place, set).await,
        AttributionEvents::KeyRevoked(revoked) => revoke(connection, revoked).await,
        _ => Ok(()),
    }
}

async fn post(
    connection: &mut PgConnection,
    place: Place,
    deployment: &Deployment,
    event: &ReportPosted,
) -> Result<(), IndexerError> {
    let report = parse(deployment, event).map_err(|reason| place.diverged("the report", reason, event.reportHash))?;
    if event.revision > 0 {
        withdraw(connection, event).await?;
    }
    let models: Vec<String> = report.models.iter().map(|model| storable(model)).collect();
    let (hits, decoy_hits) = match report.error {
        MeasuredError::NotMeasured => (None, None),
        MeasuredError::Decoys { hits, decoy_hits } => (Some(Amount::from(hits)), Some(Amount::from(decoy_hits))),
    };
    sqlx::query!(
        "INSERT INTO reports (pool, stream, period, report_hash, weights_root, previous, epoch, models, log_origin, log_size,
             log_root, compared, metric_name, metric_version, threshold, nothing_qualified, calls, qualifying_calls, tokens,
             attributed_tokens, late_records, hits, decoy_hits, lines_root, package, posted_at, bytes, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
             $25, $26, $27, $28, $29)",
        event.pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.reportHash.as_slice(),
        event.weightsRoot.as_slice(),
        &report.previous[..],
        i64::from(report.epoch),
        &models,
        storable(&report.log.origin),
        Amount::from(report.log.size) as _,
        &report.log.root[..],
        &report.compared[..],
        storable(&report.metric.name),
        i64::from(report.metric.version),
        place.fit::<_, i32>("threshold", report.metric.threshold)?,
        report.outcome == Outcome::NothingQualified,
        Amount::from(report.totals.calls) as _,
        Amount::from(report.totals.qualifying_calls) as _,
        Amount::from(report.totals.tokens) as _,
        Amount::from(report.totals.attributed_tokens) as _,
        report.totals.late_records.map(Amount::from) as _,
        hits as _,
        decoy_hits as _,
        &report.lines_root[..],
        report.package.as_ref().map(|digest| &digest[..]),
        place.seconds,
        &event.report[..],
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A revision takes the place of the period's report, which stays in the journal.
async fn withdraw(connection: &mut PgConnection, event: &ReportPosted) -> Result<(), IndexerError> {
    sqlx::query("DELETE FROM reports WHERE pool = $1 AND stream = $2 AND period = $3")
        .bind(event.pool.as_slice())
        .bind(event.stream.as_slice())
        .bind(i64::from(event.period))
        .execute(connection)
        .await
        .map_err(db)?;
    Ok(())
}

/// A revoked key leaves the committee in office, as the contract answers.
async fn revoke(connection: &mut PgConnection, event: &KeyRevoked) -> Result<(), IndexerError> {
    sqlx::query("UPDATE committees SET keys = array_remove(keys, $1) WHERE epoch = $2")
        .bind(event.key.as_slice())
        .bind(i64::from(event.epoch))
        .execute(connection)
        .await
        .map_err(db)?;
    Ok(())
}

async fn committee(connection: &mut PgConnection, place: Place, event: &CommitteeSet) -> Result<(), IndexerError> {
    let keys: Vec<Vec<u8>> = event.keys.iter().map(|key| key.to_vec()).collect();
    sqlx::query!(
        "INSERT INTO committees (epoch, threshold, keys, block, event_index) VALUES ($1, $2, $3, $4, $5)",
        i64::from(event.epoch),
        i16::from(event.threshold),
        &keys,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
