//! Committees that sign reports: those in office, each for good, and the one that waits.

use yieldset_chain::{
    B256,
    abi::Attribution::{CommitteeProposed, CommitteeSet, KeyRevoked},
};

use crate::{
    column::{Addr, Hash},
    error::IndexerError,
    project::Applying,
    rows::versioned,
};

versioned! {
    /// A committee as it took office.
    Committee in "committees" { registry: Addr, epoch: i64; threshold: i16, keys: Vec<Vec<u8>>, since: i64 }
}

versioned! {
    /// A key that signs nothing more.
    RevokedKey in "revoked_keys" { registry: Addr, key: Hash; }
}

versioned! {
    /// The committee that was named to take office next.
    ProposedCommittee in "proposed_committees" {
        registry: Addr;
        epoch: i64,
        threshold: i16,
        keys: Vec<Vec<u8>>,
        effective_at: i64,
    }
}

/// A committee that is named takes the place of one that was named before and is not in office yet.
pub(super) async fn propose(applying: &mut Applying<'_>, event: &CommitteeProposed) -> Result<(), IndexerError> {
    let place = applying.place;
    applying
        .put(ProposedCommittee {
            registry: place.contract.into(),
            epoch: event.epoch.into(),
            threshold: event.threshold.into(),
            keys: keys(&event.keys),
            effective_at: place.time("effectiveAt", event.effectiveAt)?,
        })
        .await
}

pub(super) async fn set(applying: &mut Applying<'_>, event: &CommitteeSet) -> Result<(), IndexerError> {
    let place = applying.place;
    let (registry, epoch) = (Addr::from(place.contract), i64::from(event.epoch));
    if applying.find::<Committee>((registry, epoch)).await?.is_some() {
        return Err(place.diverged("epoch", epoch, "one in which no committee took office before"));
    }
    applying.remove::<ProposedCommittee>((registry,)).await?;
    let (threshold, keys) = (event.threshold.into(), keys(&event.keys));
    applying.put(Committee { registry, epoch, threshold, keys, since: place.seconds }).await
}

/// A revoked key counts for nothing any more; the committees that it was in stay as they took office.
pub(super) async fn revoke(applying: &mut Applying<'_>, event: &KeyRevoked) -> Result<(), IndexerError> {
    let registry = applying.place.contract.into();
    applying.put(RevokedKey { registry, key: event.key.into() }).await
}

fn keys(keys: &[B256]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| key.to_vec()).collect()
}
