//! KYC records: the one that counts now, every change, and who made it; agents and trusted issuers.

use yieldset_chain::{
    Address,
    abi::Kyc::{AccountRecovered, KycEvents, RecordRevoked, RecordSet, TrustedIssuerAdded, TrustedIssuerRemoved},
};

use super::Applying;
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    rows::{fact, versioned},
};

versioned! {
    /// What a registry knows of an account; all zero but flags and nonce after a revocation.
    KycRecord in "kyc_records" {
        registry: Addr, account: Addr;
        level: i16,
        jurisdiction: i32,
        accredited: bool,
        expiry: Amount,
        frozen: bool,
        sanctioned: bool,
        issuer: Addr,
        /// By an attestation: it counts only as long as its issuer is trusted.
        attested: bool,
        nonce: Amount,
    }
}

versioned! {
    /// Who keeps a registry's records, or did.
    KycAgent in "kyc_agents" { registry: Addr, agent: Addr; active: bool }
}

versioned! {
    /// Whose attestations a registry takes, or took.
    KycIssuer in "kyc_issuers" { registry: Addr, issuer: Addr; trusted: bool, topics: Vec<i16> }
}

fact! {
    /// A record after a change.
    KycChange in "kyc_history" {
        registry: Addr,
        account: Addr,
        /// `set` or `revoked`.
        change: String,
        level: i16,
        jurisdiction: i32,
        accredited: bool,
        expiry: Amount,
        frozen: bool,
        sanctioned: bool,
        /// Who vouches for it, or revoked it.
        issuer: Addr,
        attested: bool,
    }
}

fact! {
    /// An account was frozen or put on a sanctions list, or the opposite.
    KycFlag in "kyc_flags" {
        registry: Addr,
        account: Addr,
        /// `frozen` or `sanctioned`.
        flag: String,
        active: bool,
        agent: Addr,
    }
}

fact! {
    /// A lost account's record moved to another account.
    KycRecovery in "kyc_recoveries" { registry: Addr, lost: Addr, replacement: Addr, agent: Addr, reason: Hash }
}

pub(super) async fn apply(applying: &mut Applying<'_>, event: &KycEvents) -> Result<(), IndexerError> {
    match event {
        KycEvents::RecordSet(set) => self::set(applying, set).await,
        KycEvents::RecordRevoked(revoked) => revoke(applying, revoked).await,
        KycEvents::TrustedIssuerAdded(added) => trust(applying, added).await,
        KycEvents::TrustedIssuerRemoved(removed) => distrust(applying, removed).await,
        // What these change is in the RecordSet beside them; who changed it is not.
        KycEvents::AddressFrozen(e) => {
            flag(applying, ("frozen", e.isFrozen), (e.userAddress, e.owner));
            Ok(())
        }
        KycEvents::AddressSanctioned(e) => {
            flag(applying, ("sanctioned", e.sanctioned), (e.account, e.agent));
            Ok(())
        }
        KycEvents::AccountRecovered(recovered) => {
            recover(applying, recovered);
            Ok(())
        }
    }
}

async fn set(applying: &mut Applying<'_>, event: &RecordSet) -> Result<(), IndexerError> {
    let record = KycRecord {
        registry: applying.place.contract.into(),
        account: event.account.into(),
        level: event.level.into(),
        jurisdiction: event.jurisdiction.into(),
        accredited: event.accredited,
        expiry: event.expiry.into(),
        frozen: event.frozen,
        sanctioned: event.sanctioned,
        issuer: event.issuer.into(),
        attested: event.attested,
        nonce: event.nonce.into(),
    };
    let issuer = record.issuer;
    save(applying, record, "set", issuer).await
}

/// The contract removes all but flags and nonce; who revoked the record stays in the history.
async fn revoke(applying: &mut Applying<'_>, event: &RecordRevoked) -> Result<(), IndexerError> {
    let left = KycRecord {
        registry: applying.place.contract.into(),
        account: event.account.into(),
        level: 0,
        jurisdiction: 0,
        accredited: false,
        expiry: Amount::ZERO,
        frozen: event.frozen,
        sanctioned: event.sanctioned,
        issuer: Addr::default(),
        attested: false,
        nonce: event.nonce.into(),
    };
    save(applying, left, "revoked", event.issuer.into()).await
}

/// The record now, and in the history with who made it so.
async fn save(applying: &mut Applying<'_>, record: KycRecord, change: &str, issuer: Addr) -> Result<(), IndexerError> {
    applying.note(KycChange {
        registry: record.registry,
        account: record.account,
        change: change.to_owned(),
        level: record.level,
        jurisdiction: record.jurisdiction,
        accredited: record.accredited,
        expiry: record.expiry,
        frozen: record.frozen,
        sanctioned: record.sanctioned,
        issuer,
        attested: record.attested,
    });
    applying.put(record).await
}

pub(super) async fn agent(applying: &mut Applying<'_>, agent: Addr, active: bool) -> Result<(), IndexerError> {
    let registry = applying.place.contract.into();
    applying.put(KycAgent { registry, agent, active }).await
}

/// An issuer is trusted once: the contract refuses one that it removed, so what that attested never counts again.
async fn trust(applying: &mut Applying<'_>, event: &TrustedIssuerAdded) -> Result<(), IndexerError> {
    let place = applying.place;
    let (registry, issuer) = (Addr::from(place.contract), Addr::from(event.trustedIssuer));
    if let Some(known) = applying.find::<KycIssuer>((registry, issuer)).await? {
        let before = if known.trusted { "trusted already" } else { "removed before" };
        return Err(place.diverged("a trusted issuer", before, "one that never was"));
    }
    let mut topics = Vec::with_capacity(event.claimTopics.len());
    for topic in &event.claimTopics {
        topics.push(place.fit("a claim topic", *topic)?);
    }
    applying.put(KycIssuer { registry, issuer, trusted: true, topics }).await
}

/// Also of an issuer that was never heard of: a registry can be older than what is read of it.
async fn distrust(applying: &mut Applying<'_>, event: &TrustedIssuerRemoved) -> Result<(), IndexerError> {
    let (registry, issuer) = (applying.place.contract.into(), event.trustedIssuer.into());
    let known = applying.find::<KycIssuer>((registry, issuer)).await?;
    let topics = known.map(|known| known.topics).unwrap_or_default();
    applying.put(KycIssuer { registry, issuer, trusted: false, topics }).await
}

fn flag(applying: &mut Applying<'_>, (flag, active): (&str, bool), (account, agent): (Address, Address)) {
    applying.note(KycFlag {
        registry: applying.place.contract.into(),
        account: account.into(),
        flag: flag.to_owned(),
        active,
        agent: agent.into(),
    });
}

fn recover(applying: &mut Applying<'_>, event: &AccountRecovered) {
    applying.note(KycRecovery {
        registry: applying.place.contract.into(),
        lost: event.lost.into(),
        replacement: event.replacement.into(),
        agent: event.agent.into(),
        reason: event.reason.into(),
    });
}
