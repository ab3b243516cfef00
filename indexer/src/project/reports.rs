//! Attribution reports, parsed, the disputes about them, and the committees that sign them.

mod committees;
mod disputes;

use alloy_primitives::keccak256;
use yieldset_chain::{
    Address, Deployment,
    abi::Attribution::{AttributionEvents, AuditPosted, ReportPosted},
};
use yieldset_rules::{
    dispute::Phase,
    report::{MeasuredError, Outcome, Report as Parsed},
};

pub(crate) use self::{
    committees::{Committee, ProposedCommittee, RevokedKey},
    disputes::{BondMove, Dispute, DisputeReason},
};
use super::Applying;
use crate::{
    column::{Addr, Amount, Hash, storable},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// A period's report that counts now, and where it is in the game of disputes.
    Report in "reports" {
        registry: Addr, pool: Addr, stream: Hash, period: i64;
        revision: i64,
        /// A [`Phase`], and until or since when it is in it.
        phase: i16,
        until: i64,
        window_left: i64,
        disputes: i16,
        audits: i64,
        report_hash: Hash,
        weights_root: Hash,
        previous: Hash,
        epoch: i64,
        models: Vec<String>,
        log_origin: String,
        log_size: Amount,
        log_root: Hash,
        compared: Hash,
        metric_name: String,
        metric_version: i64,
        threshold: i32,
        nothing_qualified: bool,
        calls: Amount,
        qualifying_calls: Amount,
        tokens: Amount,
        attributed_tokens: Amount,
        late_records: Option<Amount>,
        hits: Option<Amount>,
        decoy_hits: Option<Amount>,
        lines_root: Hash,
        package: Option<Hash>,
        posted_at: i64,
        /// The event with which it was accepted.
        posted_block: i64,
        posted_index: i64,
        bytes: Vec<u8>,
    }
}

versioned! {
    /// What an audit of a report's weights found.
    ReportAudit in "report_audits" {
        registry: Addr, report_hash: Hash, number: i64;
        pool: Addr,
        stream: Hash,
        period: i64,
        audit_hash: Hash,
        seed: Hash,
        samples: i64,
        max_deviation: i64,
        confidence: i64,
        auditor: Addr,
        posted_at: i64,
    }
}

fact! {
    /// A report was accepted.
    ReportPosting in "report_postings" {
        registry: Addr,
        pool: Addr,
        stream: Hash,
        period: i64,
        revision: i64,
        report_hash: Hash,
        weights_root: Hash,
        final_at: i64,
        posted_at: i64,
        bytes: Vec<u8>,
    }
}

/// Whether the event's bytes are the report that the event says they are. The contract never emits another; if its
/// version and ours drift apart, the event stays in the journal as unknown instead of becoming wrong rows.
pub(super) fn readable(deployment: &Deployment, registry: Address, event: &AttributionEvents) -> Result<(), String> {
    match event {
        AttributionEvents::ReportPosted(posted) => parse(deployment, registry, posted).map(|_| ()),
        _ => Ok(()),
    }
}

fn parse(deployment: &Deployment, registry: Address, posted: &ReportPosted) -> Result<Parsed, String> {
    let report = Parsed::from_bytes(&posted.report).map_err(|error| format!("not a report: {error:?}"))?;
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

pub(super) async fn apply(applying: &mut Applying<'_>, event: &AttributionEvents) -> Result<(), IndexerError> {
    match event {
        AttributionEvents::ReportPosted(posted) => post(applying, posted).await,
        AttributionEvents::AuditPosted(posted) => audit(applying, posted).await,
        AttributionEvents::CommitteeProposed(proposed) => committees::propose(applying, proposed).await,
        AttributionEvents::CommitteeSet(set) => committees::set(applying, set).await,
        AttributionEvents::KeyRevoked(revoked) => committees::revoke(applying, revoked).await,
        _ => disputes::apply(applying, event).await,
    }
}

/// A revision takes the place of the period's report, which stays in the history.
async fn post(applying: &mut Applying<'_>, event: &ReportPosted) -> Result<(), IndexerError> {
    let place = applying.place;
    let parsed = parse(applying.deployment, place.contract, event)
        .map_err(|reason| place.diverged("the report", reason, event.reportHash))?;
    let key = (Addr::from(place.contract), Addr::from(event.pool), Hash::from(event.stream), i64::from(event.period));
    let revision = i64::from(event.revision);
    // A registry can be older than what is read of it: then a revision can come first.
    if let Some(former) = applying.find::<Report>(key).await? {
        place.same("revision", revision, former.revision.saturating_add(1))?;
    }
    let final_at = place.time("finalAt", event.finalAt)?;
    let row = row(applying, event, &parsed, final_at)?;
    applying.note(ReportPosting {
        registry: row.registry,
        pool: row.pool,
        stream: row.stream,
        period: row.period,
        revision,
        report_hash: row.report_hash,
        weights_root: row.weights_root,
        final_at,
        posted_at: row.posted_at,
        bytes: row.bytes.clone(),
    });
    applying.put(row).await
}

fn row(applying: &Applying<'_>, event: &ReportPosted, parsed: &Parsed, until: i64) -> Result<Report, IndexerError> {
    let place = applying.place;
    let (hits, decoy_hits) = match parsed.error {
        MeasuredError::NotMeasured => (None, None),
        MeasuredError::Decoys { hits, decoy_hits, .. } => (Some(Amount::from(hits)), Some(Amount::from(decoy_hits))),
    };
    Ok(Report {
        registry: place.contract.into(),
        pool: event.pool.into(),
        stream: event.stream.into(),
        period: event.period.into(),
        revision: event.revision.into(),
        phase: number(Phase::Open),
        until,
        window_left: 0,
        disputes: 0,
        audits: 0,
        report_hash: event.reportHash.into(),
        weights_root: event.weightsRoot.into(),
        previous: hash(parsed.previous),
        epoch: parsed.epoch.into(),
        models: parsed.models.iter().map(|model| storable(model)).collect(),
        log_origin: storable(&parsed.log.origin),
        log_size: parsed.log.size.into(),
        log_root: hash(parsed.log.root),
        compared: hash(parsed.compared),
        metric_name: storable(&parsed.metric.name),
        metric_version: parsed.metric.version.into(),
        threshold: place.fit("threshold", parsed.metric.threshold)?,
        nothing_qualified: parsed.outcome == Outcome::NothingQualified,
        calls: parsed.totals.calls.into(),
        qualifying_calls: parsed.totals.qualifying_calls.into(),
        tokens: parsed.totals.tokens.into(),
        attributed_tokens: parsed.totals.attributed_tokens.into(),
        late_records: parsed.totals.late_records.map(Amount::from),
        hits,
        decoy_hits,
        lines_root: hash(parsed.lines_root),
        package: parsed.package.map(hash),
        posted_at: place.seconds,
        posted_block: place.block,
        posted_index: place.event_index,
        bytes: event.report.to_vec(),
    })
}

fn hash(bytes: [u8; 32]) -> Hash {
    Hash(bytes.into())
}

/// A phase as the registry numbers it.
fn number(phase: Phase) -> i16 {
    i16::from(phase as u8)
}

/// An audit's number counts those of the same report, which is the period's current one.
async fn audit(applying: &mut Applying<'_>, event: &AuditPosted) -> Result<(), IndexerError> {
    let place = applying.place;
    let key = (Addr::from(place.contract), Addr::from(event.pool), Hash::from(event.stream), i64::from(event.period));
    let mut report = applying.known::<Report>("an audited report", key).await?;
    place.same("reportHash", event.reportHash, report.report_hash.0)?;
    let posted_at = place.time("postedAt", event.postedAt)?;
    let number = report.audits;
    report.audits = number.saturating_add(1);
    let (registry, pool, stream, period) = key;
    let audit = ReportAudit {
        registry,
        report_hash: report.report_hash,
        number,
        pool,
        stream,
        period,
        audit_hash: event.auditHash.into(),
        seed: event.seed.into(),
        samples: event.samples.into(),
        max_deviation: event.maxDeviation.into(),
        confidence: event.confidence.into(),
        auditor: event.auditor.into(),
        posted_at,
    };
    applying.put(report).await?;
    applying.put(audit).await
}
