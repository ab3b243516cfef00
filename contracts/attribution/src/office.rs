//! Who signs: committees named, brought into office, and keys revoked.

use ink::sol::FixedBytes;
use yieldset_rules::committee::{Committee, CommitteeError};
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Word, word},
};

use crate::{
    calls::verifier,
    events,
    refusals::{self, Rules},
    store::{self, Config, Proposed},
    views::with_keys,
};

type Bytes32 = FixedBytes<32>;

/// Puts the first committee in office; its epoch is 1.
pub fn found(config: &Config, keys: &[Bytes32], threshold: u8) {
    let committee = committee_of(1, threshold, keys).or_refuse(Rules);
    prepare(config, &committee);
    install(&committee);
}

/// Announces the next epoch's committee.
pub fn propose(config: &Config, keys: &[Bytes32], threshold: u8) {
    // 2^32 changes cannot be paid for.
    let epoch = store::committee().epoch.saturating_add(1);
    let committee = committee_of(epoch, threshold, keys).or_refuse(Rules);
    if let Some(key) = committee.keys().find(store::is_revoked) {
        refusals::RevokedKey { key }.refuse();
    }
    prepare(config, &committee);
    let effective_at = host::now().saturating_add(config.delay);
    store::set_proposed(Some(&Proposed { effective_at, committee: committee.to_bytes() }));
    let encoded = with_keys(&words(&committee), Some(&committee), &[word(effective_at)]);
    events::CommitteeProposed { encoded }.emit();
}

/// Puts the proposed committee in office, once its time has come.
pub fn activate() {
    let proposed = store::proposed().or_refuse(refusals::NothingProposed {});
    let (Proposed { effective_at, .. }, now) = (proposed, host::now());
    if now < effective_at {
        refusals::NotEffectiveYet { effective_at, now }.refuse();
    }
    let committee = proposed.committee();
    committee.can_sign().or_refuse(Rules);
    store::set_proposed(None);
    install(&committee);
}

/// Revokes a key of the committee in office or of the proposed one, for good.
pub fn revoke(key: &Bytes32) {
    if store::is_revoked(&key.0) {
        refusals::RevokedKey { key }.refuse();
    }
    let mut committee = store::committee();
    let mut known = committee.remove(&key.0);
    if known {
        store::set_committee(&committee);
    }
    if let Some(proposed) = store::proposed() {
        let mut next = proposed.committee();
        if next.remove(&key.0) {
            known = true;
            store::set_proposed(Some(&Proposed { committee: next.to_bytes(), ..proposed }));
        }
    }
    if !known {
        refusals::UnknownKey { key }.refuse();
    }
    store::revoke(&key.0);
    let Committee { epoch, threshold, .. } = committee;
    events::KeyRevoked { key, epoch, left: committee.count(), threshold }.emit();
}

fn committee_of(epoch: u32, threshold: u8, keys: &[Bytes32]) -> Result<Committee, CommitteeError> {
    Committee::new(epoch, threshold, keys.iter().map(|key| key.0))
}

/// Has the verifier work out what it needs of each key, once for all reports that they will sign.
#[inline(never)]
fn prepare(config: &Config, committee: &Committee) {
    for key in committee.keys() {
        let hash = verifier::prepare { key }.tell(&config.verifier);
        if hash.or_refuse(refusals::VerifierFailed {}) == [0; 32] {
            refusals::UnusableKey { key }.refuse();
        }
    }
}

#[inline(never)]
fn install(committee: &Committee) {
    store::set_committee(committee);
    store::keep_committee(committee);
    events::CommitteeSet { encoded: with_keys(&words(committee), Some(committee), &[]) }.emit();
}

/// Epoch and threshold.
fn words(committee: &Committee) -> [Word; 2] {
    [word(committee.epoch), word(committee.threshold)]
}
