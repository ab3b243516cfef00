//! Attribution reports, parsed, and the committees that sign them.

use alloy_primitives::keccak256;
use sqlx::PgConnection;
use yieldset_chain::{
    Address, B256, Deployment,
    abi::Attribution::{AttributionEvents, AuditPosted, CommitteeProposed, CommitteeSet, KeyRevoked, ReportPosted},
};
use yieldset_rules::{
    dispute::Phase,
    report::{MeasuredError, Outcome, Report},
};

use super::{Place, db};
use crate::{
    column::{Amount, storable},
    error::IndexerError,
};

/// Whether the event's bytes are the report that the event says they are. The contract never emits another; if its
/// version and ours drift apart, the event stays in the journal as unknown instead of becoming wrong rows.
pub(super) fn readable(deployment: &Deployment, registry: Address, event: &AttributionEvents) -> Result<(), String> {
    match event {
        AttributionEvents::ReportPosted(posted) => parse(deployment, registry, posted).map(|_| ()),
        _ => Ok(()),
    }
}

fn parse(deployment: &Deployment, registry: Address, posted: &ReportPosted) -> Result<Report, String> {
    let report = Report::from_bytes(&posted.report).map_err(|error| format!("not a report: {error:?}"))?;
    let checks = [
        ("hash", keccak256(&posted.report) == posted.reportHash),
        ("pool", report.pool == posted.pool.0.0),
        ("stream", report.stream == posted.stream.0),
        ("period", report.period == posted.period),
        ("revision", report.revision == posted.revision),
        ("weights root", report.weights_root() == posted.weightsRoot.0),
        ("registry", report.registry == registry.0.0),
        ("chain id", report.chain_id == deployment.chain_id),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        None => Ok(report),
        Some((what, _)) => Err(format!("the report's {what} is not the event's")),
    }
}

/// Of disputes what becomes of the report; who disputes why, and for what bond, is in the journal alone.
pub(super) async fn apply(
    connection: &mut PgConnection,
    place: Place,
    deployment: &Deployment,
    event: &AttributionEvents,
) -> Result<(), IndexerError> {
    match event {
        AttributionEvents::ReportPosted(posted) => post(connection, place, deployment, posted).await,
        AttributionEvents::CommitteeProposed(proposed) => propose(connection, place, proposed).await,
        AttributionEvents::CommitteeSet(set) => committee(connection, place, set).await,
        AttributionEvents::AuditPosted(posted) => audit(connection, place, posted).await,
        AttributionEvents::KeyRevoked(revoked) => revoke(connection, place, revoked).await,
        AttributionEvents::ReportDisputed(e) => {
            let deadline = place.fit("deadline", e.deadline)?;
            move_to(connection, place, (e.pool, e.stream, e.period), Phase::Disputed, deadline).await
        }
        AttributionEvents::DisputeUpheld(e) => {
            move_to(connection, place, (e.pool, e.stream, e.period), Phase::Withdrawn, place.seconds).await
        }
        AttributionEvents::DisputeRejected(e) => {
            let until = place.fit("finalAt", e.finalAt)?;
            move_to(connection, place, (e.pool, e.stream, e.period), Phase::Open, until).await
        }
        AttributionEvents::DisputeExpired(e) => {
            let until = place.fit("finalAt", e.finalAt)?;
            move_to(connection, place, (e.pool, e.stream, e.period), Phase::Open, until).await
        }
        AttributionEvents::DisputeDefended(_)
        | AttributionEvents::ReasonAdded(_)
        | AttributionEvents::BondKept(_)
        | AttributionEvents::BondDelivered(_)
        | AttributionEvents::BondWithdrawn(_) => Ok(()),
    }
}

async fn post(
    connection: &mut PgConnection,
    place: Place,
    deployment: &Deployment,
    event: &ReportPosted,
) -> Result<(), IndexerError> {
    let report = parse(deployment, place.contract, event)
        .map_err(|reason| place.diverged("the report", reason, event.reportHash))?;
    if event.revision > 0 {
        replace(connection, place, event).await?;
    }
    let models: Vec<String> = report.models.iter().map(|model| storable(model)).collect();
    let (hits, decoy_hits) = match report.error {
        MeasuredError::NotMeasured => (None, None),
        MeasuredError::Decoys { hits, decoy_hits, .. } => (Some(Amount::from(hits)), Some(Amount::from(decoy_hits))),
    };
    sqlx::query!(
        "INSERT INTO reports (pool, stream, period, report_hash, weights_root, previous, epoch, models, log_origin, log_size,
             log_root, compared, metric_name, metric_version, threshold, nothing_qualified, calls, qualifying_calls, tokens,
             attributed_tokens, late_records, hits, decoy_hits, lines_root, package, posted_at, bytes, block, event_index,
             registry, revision, phase, until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
             $25, $26, $27, $28, $29, $30, $31, $32, $33)",
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
        place.contract.as_slice(),
        i64::from(event.revision),
        Phase::Open as i16,
        place.fit::<_, i64>("finalAt", event.finalAt)?,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A revision takes the place of the period's report, which stays in the journal.
async fn replace(connection: &mut PgConnection, place: Place, event: &ReportPosted) -> Result<(), IndexerError> {
    sqlx::query("DELETE FROM reports WHERE pool = $1 AND stream = $2 AND period = $3 AND registry = $4")
        .bind(event.pool.as_slice())
        .bind(event.stream.as_slice())
        .bind(i64::from(event.period))
        .bind(place.contract.as_slice())
        .execute(connection)
        .await
        .map_err(db)?;
    Ok(())
}

/// A step of the game of disputes. A dispute stops the window's clock: what is left of it is kept.
async fn move_to(
    connection: &mut PgConnection,
    place: Place,
    (pool, stream, period): (Address, B256, u32),
    phase: Phase,
    until: i64,
) -> Result<(), IndexerError> {
    let disputed = i32::from(phase == Phase::Disputed);
    let changed = sqlx::query!(
        "UPDATE reports SET window_left = CASE WHEN $6 = 1 THEN greatest(until - $7, 0) ELSE 0 END,
             disputes = (disputes + $6)::smallint, phase = $4, until = $5
         WHERE pool = $1 AND stream = $2 AND period = $3 AND registry = $8",
        pool.as_slice(),
        stream.as_slice(),
        i64::from(period),
        phase as i16,
        until,
        disputed,
        place.seconds,
        place.contract.as_slice(),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    place.one(changed.rows_affected(), "a disputed report", period, "one that was posted")
}

/// A revoked key counts for nothing any more; the committees that it was in stay as they took office.
async fn revoke(connection: &mut PgConnection, place: Place, event: &KeyRevoked) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO revoked_keys (registry, key, block, event_index) VALUES ($1, $2, $3, $4)",
        place.contract.as_slice(),
        event.key.as_slice(),
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

/// A committee that is named takes the place of one that was named before and is not in office yet.
async fn propose(connection: &mut PgConnection, place: Place, event: &CommitteeProposed) -> Result<(), IndexerError> {
    let keys: Vec<Vec<u8>> = event.keys.iter().map(|key| key.to_vec()).collect();
    sqlx::query!(
        "INSERT INTO proposed_committees (registry, epoch, threshold, keys, effective_at, block, event_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (registry) DO UPDATE SET epoch = $2, threshold = $3, keys = $4, effective_at = $5, block = $6,
             event_index = $7",
        place.contract.as_slice(),
        i64::from(event.epoch),
        i16::from(event.threshold),
        &keys,
        place.fit::<_, i64>("effectiveAt", event.effectiveAt)?,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}

async fn committee(connection: &mut PgConnection, place: Place, event: &CommitteeSet) -> Result<(), IndexerError> {
    let keys: Vec<Vec<u8>> = event.keys.iter().map(|key| key.to_vec()).collect();
    sqlx::query!(
        "INSERT INTO committees (epoch, threshold, keys, since, block, event_index, registry)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        i64::from(event.epoch),
        i16::from(event.threshold),
        &keys,
        place.seconds,
        place.block,
        place.event_index,
        place.contract.as_slice(),
    )
    .execute(&mut *connection)
    .await
    .map_err(db)?;
    sqlx::query!("DELETE FROM proposed_committees WHERE registry = $1", place.contract.as_slice())
        .execute(connection)
        .await
        .map_err(db)?;
    Ok(())
}

/// An audit's number counts those of the same report.
async fn audit(connection: &mut PgConnection, place: Place, event: &AuditPosted) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO report_audits (registry, report_hash, number, pool, stream, period, audit_hash, seed, samples,
             max_deviation, confidence, auditor, posted_at, block, event_index)
         SELECT $1::bytea, $2::bytea, (SELECT count(*) FROM report_audits WHERE registry = $1 AND report_hash = $2), $3::bytea,
             $4::bytea, $5::bigint, $6::bytea, $7::bytea, $8::bigint, $9::bigint, $10::bigint, $11::bytea, $12::bigint,
             $13::bigint, $14::bigint",
        place.contract.as_slice(),
        event.reportHash.as_slice(),
        event.pool.as_slice(),
        event.stream.as_slice(),
        i64::from(event.period),
        event.auditHash.as_slice(),
        event.seed.as_slice(),
        i64::from(event.samples),
        i64::from(event.maxDeviation),
        i64::from(event.confidence),
        event.auditor.as_slice(),
        place.fit::<_, i64>("postedAt", event.postedAt)?,
        place.block,
        place.event_index,
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
