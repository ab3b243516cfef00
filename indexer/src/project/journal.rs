//! Every event of ours as JSON, understood or not. Amounts are strings of digits, bytes hexadecimal.

use serde_json::{Value, json};
use sqlx::PgConnection;
use yieldset_chain::{
    ContractEvent, Event, U256,
    abi::{
        Attribution::AttributionEvents,
        Kyc::KycEvents,
        Manifests::{ManifestsEvents, RedactionCertified, VersionRedacted, VersionWithdrawn},
        Pool::PoolEvents,
    },
};

use super::{Place, db};
use crate::{column::label, error::IndexerError};

/// An event as the journal holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub kind: &'static str,
    pub payload: Value,
    pub known: bool,
}

/// An event that nothing follows from, with the reason.
pub(super) fn unknown(event: &Event, reason: &str) -> Entry {
    let payload = match event {
        Event::Unknown { topics, data } => json!({"reason": reason, "topics": topics, "data": data}),
        other => {
            let inner = describe(other);
            json!({"reason": reason, "kind": inner.kind, "event": inner.payload})
        }
    };
    Entry { kind: "Unknown", payload, known: false }
}

/// An event under its name.
pub(super) fn describe(event: &Event) -> Entry {
    let (kind, payload) = match event {
        Event::Pool(event) => pool(event),
        Event::Kyc(event) => kyc(event),
        Event::Manifests(event) => manifests(event),
        Event::Attribution(AttributionEvents::ReportPosted(e)) => (
            "ReportPosted",
            json!({"pool": e.pool.to_string(), "stream": e.stream, "period": e.period, "report_hash": e.reportHash,
                   "weights_root": e.weightsRoot, "report": e.report}),
        ),
        Event::Attribution(AttributionEvents::CommitteeSet(e)) => {
            ("CommitteeSet", json!({"epoch": e.epoch, "threshold": e.threshold, "keys": e.keys}))
        }
        Event::Unknown { .. } => return unknown(event, "no event of this contract"),
    };
    Entry { kind, payload, known: true }
}

fn pool(event: &PoolEvents) -> (&'static str, Value) {
    match event {
        PoolEvents::Transfer(e) => {
            ("Transfer", json!({"from": e.from.to_string(), "to": e.to.to_string(), "value": digits(e.value)}))
        }
        PoolEvents::Approval(e) => (
            "Approval",
            json!({"owner": e.owner.to_string(), "spender": e.spender.to_string(), "value": digits(e.value)}),
        ),
        PoolEvents::Deposited(e) => (
            "Deposited",
            json!({"stream": e.stream, "period": e.period, "payer": e.payer.to_string(), "amount": digits(e.amount),
                   "to_holders": digits(e.toHolders), "to_contributors": digits(e.toContributors), "index": digits(e.index)}),
        ),
        PoolEvents::DividendClaimed(e) => {
            ("DividendClaimed", json!({"account": e.account.to_string(), "amount": digits(e.amount)}))
        }
        PoolEvents::ContributionClaimed(e) => (
            "ContributionClaimed",
            json!({"stream": e.stream, "period": e.period, "account": e.account.to_string(), "amount": digits(e.amount),
                   "weight": digits(e.weight)}),
        ),
        PoolEvents::PoolCreated(e) => (
            "PoolCreated",
            json!({"kyc": e.kyc.to_string(), "attribution": e.attribution.to_string(),
                   "contributors_bps": e.contributorsBps, "name": label(&e.name), "symbol": label(&e.symbol)}),
        ),
    }
}

fn kyc(event: &KycEvents) -> (&'static str, Value) {
    match event {
        KycEvents::RecordSet(e) => (
            "RecordSet",
            json!({"account": e.account.to_string(), "level": e.level, "jurisdiction": e.jurisdiction,
                   "accredited": e.accredited, "expiry": e.expiry.to_string(), "frozen": e.frozen,
                   "issuer": e.issuer.to_string()}),
        ),
        KycEvents::RecordRevoked(e) => {
            ("RecordRevoked", json!({"account": e.account.to_string(), "issuer": e.issuer.to_string()}))
        }
        KycEvents::AgentSet(e) => ("AgentSet", json!({"agent": e.agent.to_string(), "active": e.active})),
    }
}

fn manifests(event: &ManifestsEvents) -> (&'static str, Value) {
    match event {
        ManifestsEvents::DatasetRegistered(e) => (
            "DatasetRegistered",
            json!({"dataset": e.dataset, "version": e.version, "manifest_hash": e.manifestHash,
                   "licence_hash": e.licenceHash, "creator": e.creator.to_string(), "registered_at": e.registeredAt}),
        ),
        ManifestsEvents::DatasetTransferStarted(e) => (
            "DatasetTransferStarted",
            json!({"dataset": e.dataset, "creator": e.creator.to_string(), "pending_creator": e.pendingCreator.to_string()}),
        ),
        ManifestsEvents::DatasetTransferred(e) => (
            "DatasetTransferred",
            json!({"dataset": e.dataset, "previous_creator": e.previousCreator.to_string(), "creator": e.creator.to_string()}),
        ),
        ManifestsEvents::DatasetAssigned(e) => (
            "DatasetAssigned",
            json!({"dataset": e.dataset, "pool": e.pool.to_string(), "previous_pool": e.previousPool.to_string()}),
        ),
        ManifestsEvents::ModelIngested(e) => (
            "ModelIngested",
            json!({"platform": e.platform.to_string(), "run": e.run, "model": e.model, "datasets": e.datasets,
                   "versions": e.versions, "epochs": e.epochs, "digest": e.digest, "recorded_at": e.recordedAt}),
        ),
        ManifestsEvents::DatasetCardSet(e) => (
            "DatasetCardSet",
            json!({"dataset": e.dataset, "card_hash": e.cardHash, "previous_card_hash": e.previousCardHash}),
        ),
        ManifestsEvents::ModelCardSet(e) => (
            "ModelCardSet",
            json!({"platform": e.platform.to_string(), "model": e.model, "card_hash": e.cardHash,
                   "previous_card_hash": e.previousCardHash}),
        ),
        ManifestsEvents::LicenceOpened(e) => (
            "LicenceOpened",
            json!({"dataset": e.dataset, "licence": e.licence, "exclusive_until": e.exclusiveUntil, "active": e.active}),
        ),
        ManifestsEvents::LicenceClosed(e) => {
            ("LicenceClosed", json!({"dataset": e.dataset, "licence": e.licence, "active": e.active}))
        }
        ManifestsEvents::VersionWithdrawn(e) => ("VersionWithdrawn", withdrawn(e)),
        ManifestsEvents::VersionRedacted(e) => ("VersionRedacted", redacted(e)),
        ManifestsEvents::RedactionCertified(e) => ("RedactionCertified", certified(e)),
    }
}

fn withdrawn(e: &VersionWithdrawn) -> Value {
    json!({"dataset": e.dataset, "version": e.version, "reason_hash": e.reasonHash, "withdrawn_at": e.withdrawnAt})
}

fn redacted(e: &VersionRedacted) -> Value {
    json!({"dataset": e.dataset, "version": e.version, "replaced_by": e.replacedBy, "reason_hash": e.reasonHash,
           "redacted_by": e.redactedBy.to_string(), "platforms": e.platforms, "redacted_at": e.redactedAt})
}

fn certified(e: &RedactionCertified) -> Value {
    json!({"dataset": e.dataset, "version": e.version, "platform": e.platform.to_string(),
           "certificate_hash": e.certificateHash, "certified": e.certified, "platforms": e.platforms})
}

fn digits(value: U256) -> String {
    value.to_string()
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    place: Place,
    contract: &str,
    event: &ContractEvent,
    entry: &Entry,
) -> Result<(), IndexerError> {
    sqlx::query!(
        "INSERT INTO journal (block, event_index, contract, address, kind, payload, tx_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        place.block,
        place.event_index,
        contract,
        event.address.as_slice(),
        entry.kind,
        entry.payload,
        event.tx_hash.map(|hash| hash.to_vec()),
    )
    .execute(connection)
    .await
    .map_err(db)?;
    Ok(())
}
