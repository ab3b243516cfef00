//! Every event of ours as JSON, understood or not. Amounts are strings of digits, bytes hexadecimal.

mod trade;

use serde_json::{Value, json};
use sqlx::PgConnection;
use yieldset_chain::{
    Address, B256, ContractEvent, Event, U256,
    abi::{
        Access::AccessEvents,
        Attribution::{AttributionEvents, AuditPosted},
        Kyc::KycEvents,
        Manifests::{ManifestsEvents, RedactionCertified, VersionRedacted, VersionWithdrawn},
        Pool::PoolEvents,
    },
};

use super::{Place, db};
use crate::{column::label, error::IndexerError};

/// An event as the journal holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JournalLine {
    pub kind: &'static str,
    pub payload: Value,
    pub known: bool,
}

/// Anybody's words as Postgres can keep them: it has no zero in a text.
pub(super) fn readable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// An event that nothing follows from, with the reason.
pub(super) fn unknown(event: &Event, reason: &str) -> JournalLine {
    let payload = match event {
        Event::Unknown { topics, data } => json!({"reason": reason, "topics": topics, "data": data}),
        other => {
            let inner = describe(other);
            json!({"reason": reason, "kind": inner.kind, "event": inner.payload})
        }
    };
    JournalLine { kind: "Unknown", payload, known: false }
}

/// An event under its name.
pub(super) fn describe(event: &Event) -> JournalLine {
    let (kind, payload) = match event {
        Event::Pool(event) => pool(event),
        Event::Kyc(event) => kyc(event),
        Event::Access(event) => access(event),
        Event::Manifests(event) => manifests(event),
        Event::Attribution(event) => attribution(event),
        Event::Licence(event) => trade::licence(event),
        Event::Market(event) => trade::market(event),
        Event::Factory(event) => trade::factory(event),
        Event::Coop(event) => trade::coop(event),
        Event::Unknown { .. } => return unknown(event, "no event of this contract"),
    };
    JournalLine { kind, payload, known: true }
}

fn attribution(event: &AttributionEvents) -> (&'static str, Value) {
    match event {
        AttributionEvents::ReportPosted(e) => (
            "ReportPosted",
            json!({"pool": e.pool.to_string(), "stream": e.stream, "period": e.period, "revision": e.revision,
                   "report_hash": e.reportHash, "weights_root": e.weightsRoot, "final_at": e.finalAt, "report": e.report}),
        ),
        AttributionEvents::ReportDisputed(e) => with(
            "ReportDisputed",
            of(e.pool, e.stream, e.period, e.reportHash, e.challenger),
            json!({"reason": e.reason, "deadline": e.deadline, "currency": e.currency.to_string(), "bond": digits(e.bond)}),
        ),
        AttributionEvents::DisputeUpheld(e) => with(
            "DisputeUpheld",
            of(e.pool, e.stream, e.period, e.reportHash, e.challenger),
            json!({"arbiter": e.arbiter.to_string(), "to_challenger": digits(e.toChallenger),
                   "to_defender": digits(e.toDefender), "to_period": digits(e.toPeriod)}),
        ),
        AttributionEvents::DisputeRejected(e) => with(
            "DisputeRejected",
            of(e.pool, e.stream, e.period, e.reportHash, e.challenger),
            json!({"arbiter": e.arbiter.to_string(), "final_at": e.finalAt, "to_challenger": digits(e.toChallenger),
                   "to_defender": digits(e.toDefender), "to_period": digits(e.toPeriod)}),
        ),
        AttributionEvents::DisputeExpired(e) => with(
            "DisputeExpired",
            of(e.pool, e.stream, e.period, e.reportHash, e.challenger),
            json!({"final_at": e.finalAt, "to_challenger": digits(e.toChallenger), "to_defender": digits(e.toDefender)}),
        ),
        AttributionEvents::DisputeDefended(e) => (
            "DisputeDefended",
            json!({"pool": e.pool.to_string(), "stream": e.stream, "period": e.period, "report_hash": e.reportHash,
                   "defender": e.defender.to_string()}),
        ),
        AttributionEvents::ReasonAdded(e) => (
            "ReasonAdded",
            json!({"pool": e.pool.to_string(), "stream": e.stream, "period": e.period, "report_hash": e.reportHash,
                   "account": e.account.to_string(), "reason": e.reason}),
        ),
        AttributionEvents::BondKept(e) => {
            ("BondKept", kept(e.pool, e.stream, e.period, e.currency, [e.amount, e.kept]))
        }
        AttributionEvents::BondDelivered(e) => {
            ("BondDelivered", kept(e.pool, e.stream, e.period, e.currency, [e.amount, e.kept]))
        }
        AttributionEvents::BondWithdrawn(e) => (
            "BondWithdrawn",
            json!({"account": e.account.to_string(), "to": e.to.to_string(), "currency": e.currency.to_string(),
                   "amount": digits(e.amount)}),
        ),
        AttributionEvents::CommitteeProposed(e) => (
            "CommitteeProposed",
            json!({"epoch": e.epoch, "threshold": e.threshold, "keys": e.keys, "effective_at": e.effectiveAt}),
        ),
        AttributionEvents::CommitteeSet(e) => {
            ("CommitteeSet", json!({"epoch": e.epoch, "threshold": e.threshold, "keys": e.keys}))
        }
        AttributionEvents::KeyRevoked(e) => {
            ("KeyRevoked", json!({"key": e.key, "epoch": e.epoch, "left": e.left, "threshold": e.threshold}))
        }
        AttributionEvents::AuditPosted(e) => ("AuditPosted", audited(e)),
    }
}

/// Of disputes: which report, and who disputed it.
fn of(pool: Address, stream: B256, period: u32, report_hash: B256, challenger: Address) -> Value {
    json!({"pool": pool.to_string(), "stream": stream, "period": period, "report_hash": report_hash,
           "challenger": challenger.to_string()})
}

fn audited(e: &AuditPosted) -> Value {
    json!({"pool": e.pool.to_string(), "stream": e.stream, "period": e.period, "report_hash": e.reportHash,
           "audit_hash": e.auditHash, "seed": e.seed, "samples": e.samples, "max_deviation": e.maxDeviation,
           "confidence": e.confidence, "auditor": e.auditor.to_string(), "posted_at": e.postedAt})
}

/// Of lost bonds that their period's pool did not take, or took later.
fn kept(pool: Address, stream: B256, period: u32, currency: Address, [amount, kept]: [U256; 2]) -> Value {
    json!({"pool": pool.to_string(), "stream": stream, "period": period, "currency": currency.to_string(),
           "amount": digits(amount), "kept": digits(kept)})
}

/// The fields of both objects.
fn with(kind: &'static str, mut fields: Value, more: Value) -> (&'static str, Value) {
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    (kind, fields)
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
                   "to_holders": digits(e.toHolders), "index": digits(e.index)}),
        ),
        PoolEvents::DividendClaimed(e) => {
            ("DividendClaimed", json!({"account": e.account.to_string(), "amount": digits(e.amount)}))
        }
        PoolEvents::ContributionClaimed(e) => (
            "ContributionClaimed",
            json!({"stream": e.stream, "period": e.period, "account": e.account.to_string(), "amount": digits(e.amount),
                   "weight": digits(e.weight)}),
        ),
        PoolEvents::ClaimSkipped(e) => (
            "ClaimSkipped",
            json!({"stream": e.stream, "period": e.period, "account": e.account.to_string(), "reason": e.reason}),
        ),
        PoolEvents::RootKept(e) => ("RootKept", json!({"stream": e.stream, "period": e.period, "root": e.root})),
        PoolEvents::WaitingCarried(e) => {
            ("WaitingCarried", json!({"stream": e.stream, "from": e.from, "to": e.to, "amount": digits(e.amount)}))
        }
        PoolEvents::WaitingReleased(e) => (
            "WaitingReleased",
            json!({"stream": e.stream, "period": e.period, "amount": digits(e.amount), "index": digits(e.index)}),
        ),
        PoolEvents::PoolCreated(e) => (
            "PoolCreated",
            json!({"kyc": e.kyc.to_string(), "attribution": e.attribution.to_string(), "currency": e.currency.to_string(),
                   "contributors_bps": e.contributorsBps, "name": label(&e.name), "symbol": label(&e.symbol)}),
        ),
        other => pool_care(other),
    }
}

/// Events of agents, markets and the issuer.
fn pool_care(event: &PoolEvents) -> (&'static str, Value) {
    match event {
        PoolEvents::Paused(e) => ("Paused", json!({"account": e.account.to_string()})),
        PoolEvents::Unpaused(e) => ("Unpaused", json!({"account": e.account.to_string()})),
        PoolEvents::PolicySet(e) => (
            "PolicySet",
            json!({"open": e.open, "min_level": e.minLevel, "accredited_only": e.accreditedOnly, "allow_list": e.allowList,
                   "jurisdictions": e.jurisdictions, "max_holders": e.maxHolders, "max_holding": digits(e.maxHolding),
                   "lockup_seconds": e.lockupSeconds}),
        ),
        PoolEvents::TokensFrozen(e) => {
            ("TokensFrozen", json!({"account": e.userAddress.to_string(), "amount": digits(e.amount)}))
        }
        PoolEvents::TokensUnfrozen(e) => {
            ("TokensUnfrozen", json!({"account": e.userAddress.to_string(), "amount": digits(e.amount)}))
        }
        PoolEvents::ForcedTransferred(e) => (
            "ForcedTransferred",
            json!({"from": e.from.to_string(), "to": e.to.to_string(), "value": digits(e.value), "reason": e.reason,
                   "agent": e.agent.to_string()}),
        ),
        PoolEvents::AccountRecovered(e) => (
            "AccountRecovered",
            json!({"lost": e.lost.to_string(), "replacement": e.replacement.to_string(), "shares": digits(e.shares),
                   "pending": digits(e.pending), "reason": e.reason, "agent": e.agent.to_string()}),
        ),
        PoolEvents::Reserved(e) => ("Reserved", reservation(e.owner, e.market, e.value, e.reserved)),
        PoolEvents::Released(e) => ("Released", reservation(e.owner, e.market, e.value, e.reserved)),
        PoolEvents::ReservationsEnded(e) => (
            "ReservationsEnded",
            json!({"owner": e.owner.to_string(), "value": digits(e.value), "seizures": e.seizures}),
        ),
        PoolEvents::Opened(e) => (
            "Opened",
            json!({"supply": digits(e.supply), "cap": digits(e.cap), "licences": e.licences.to_string(),
                   "governor": e.governor.to_string()}),
        ),
        PoolEvents::CapRaised(e) => ("CapRaised", json!({"cap": digits(e.cap)})),
        PoolEvents::MinimumDeclared(e) => ("MinimumDeclared", json!({"minimum": digits(e.minimum)})),
        PoolEvents::SaleSet(e) => (
            "SaleSet",
            json!({"price": digits(e.price), "cap": digits(e.cap), "starts": e.starts, "ends": e.ends,
                   "proceeds_to": e.proceedsTo.to_string()}),
        ),
        PoolEvents::SharesSold(e) => (
            "SharesSold",
            json!({"buyer": e.buyer.to_string(), "value": digits(e.value), "cost": digits(e.cost), "left": digits(e.left)}),
        ),
        PoolEvents::DelegateChanged(e) => (
            "DelegateChanged",
            json!({"delegator": e.delegator.to_string(), "from_delegate": e.fromDelegate.to_string(),
                   "to_delegate": e.toDelegate.to_string()}),
        ),
        PoolEvents::SuccessorProposed(e) => (
            "SuccessorProposed",
            json!({"part": e.part, "successor": e.successor.to_string(), "eta": e.eta, "expires": e.expires}),
        ),
        PoolEvents::SuccessorAdopted(e) => (
            "SuccessorAdopted",
            json!({"part": e.part, "successor": e.successor.to_string(), "previous": e.previous.to_string()}),
        ),
        // The others are in `pool`.
        _ => ("Unknown", Value::Null),
    }
}

fn reservation(owner: Address, market: Address, value: U256, reserved: U256) -> Value {
    json!({"owner": owner.to_string(), "market": market.to_string(), "value": digits(value), "reserved": digits(reserved)})
}

fn kyc(event: &KycEvents) -> (&'static str, Value) {
    match event {
        KycEvents::RecordSet(e) => (
            "RecordSet",
            json!({"account": e.account.to_string(), "level": e.level, "jurisdiction": e.jurisdiction,
                   "accredited": e.accredited, "expiry": e.expiry.to_string(), "frozen": e.frozen,
                   "sanctioned": e.sanctioned, "issuer": e.issuer.to_string(), "attested": e.attested,
                   "nonce": e.nonce.to_string()}),
        ),
        KycEvents::RecordRevoked(e) => (
            "RecordRevoked",
            json!({"account": e.account.to_string(), "issuer": e.issuer.to_string(), "frozen": e.frozen,
                   "sanctioned": e.sanctioned, "nonce": e.nonce.to_string()}),
        ),
        KycEvents::AddressFrozen(e) => (
            "AddressFrozen",
            json!({"account": e.userAddress.to_string(), "frozen": e.isFrozen, "agent": e.owner.to_string()}),
        ),
        KycEvents::AddressSanctioned(e) => (
            "AddressSanctioned",
            json!({"account": e.account.to_string(), "sanctioned": e.sanctioned, "agent": e.agent.to_string()}),
        ),
        KycEvents::AccountRecovered(e) => (
            "AccountRecovered",
            json!({"lost": e.lost.to_string(), "replacement": e.replacement.to_string(), "agent": e.agent.to_string(),
                   "reason": e.reason}),
        ),
        KycEvents::TrustedIssuerAdded(e) => {
            let topics: Vec<_> = e.claimTopics.iter().map(|topic| digits(*topic)).collect();
            ("TrustedIssuerAdded", json!({"issuer": e.trustedIssuer.to_string(), "topics": topics}))
        }
        KycEvents::TrustedIssuerRemoved(e) => ("TrustedIssuerRemoved", json!({"issuer": e.trustedIssuer.to_string()})),
    }
}

fn access(event: &AccessEvents) -> (&'static str, Value) {
    match event {
        AccessEvents::RoleGranted(e) => {
            ("RoleGranted", json!({"role": e.role, "account": e.account.to_string(), "sender": e.sender.to_string()}))
        }
        AccessEvents::RoleRevoked(e) => {
            ("RoleRevoked", json!({"role": e.role, "account": e.account.to_string(), "sender": e.sender.to_string()}))
        }
        AccessEvents::DefaultAdminTransferStarted(e) => (
            "DefaultAdminTransferStarted",
            json!({"previous_admin": e.previousAdmin.to_string(), "new_admin": e.newAdmin.to_string()}),
        ),
    }
}

fn manifests(event: &ManifestsEvents) -> (&'static str, Value) {
    match event {
        ManifestsEvents::DatasetRegistered(e) => (
            "DatasetRegistered",
            json!({"dataset": e.dataset, "version": e.version, "manifest_hash": e.manifestHash,
                   "licence_hash": e.licenceHash, "creator": e.creator.to_string(), "registered_at": e.registeredAt,
                   "first": e.first}),
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
        ManifestsEvents::LicenceHeld(e) => (
            "LicenceHeld",
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
    entry: &JournalLine,
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
