//! Who signs: committees named, brought into office, and keys revoked.

use ink::sol::FixedBytes;
use yieldset_rules::committee::{Committee, CommitteeError};
use yieldset_shell::host;

use crate::{
    errors::{Error, accept, refuse},
    events,
    store::{self, Config, Proposed},
};

type Bytes32 = FixedBytes<32>;

/// Puts the first committee in office; its epoch is 1.
pub fn found(config: &Config, keys: &[Bytes32], threshold: u8) {
    let committee = accept(committee_of(1, threshold, keys));
    prepare(config, &committee);
    install(&committee);
}

/// Announces the next epoch's committee.
pub fn propose(config: &Config, keys: &[Bytes32], threshold: u8) {
    // 2^32 changes cannot be paid for.
    let epoch = store::committee().epoch.saturating_add(1);
    let committee = accept(committee_of(epoch, threshold, keys));
    if let Some(revoked) = committee.keys().find(store::is_revoked) {
        refuse(Error::RevokedKey(revoked.into()));
    }
    prepare(config, &committee);
    let effective_at = host::now().saturating_add(config.delay);
    store::set_proposed(Some(&Proposed { effective_at, committee: committee.to_bytes() }));
    events::committee_proposed(&committee, effective_at);
}

/// Puts the proposed committee in office, once its time has come.
pub fn activate() {
    let Some(proposed) = store::proposed() else { refuse(Error::NothingProposed()) };
    let now = host::now();
    if now < proposed.effective_at {
        refuse(Error::NotEffectiveYet(proposed.effective_at, now));
    }
    let committee = Committee::from_bytes(&proposed.committee);
    accept(committee.can_sign());
    store::set_proposed(None);
    install(&committee);
}

/// Revokes a key of the committee in office or of the proposed one, for good.
pub fn revoke(key: &Bytes32) {
    if store::is_revoked(&key.0) {
        refuse(Error::RevokedKey(*key));
    }
    let mut committee = store::committee();
    let mut known = committee.remove(&key.0);
    if known {
        store::set_committee(&committee);
    }
    if let Some(proposed) = store::proposed() {
        let mut next = Committee::from_bytes(&proposed.committee);
        if next.remove(&key.0) {
            known = true;
            store::set_proposed(Some(&Proposed { committee: next.to_bytes(), ..proposed }));
        }
    }
    if !known {
        refuse(Error::UnknownKey(*key));
    }
    store::revoke(&key.0);
    events::key_revoked(key, &committee);
}

fn committee_of(epoch: u32, threshold: u8, keys: &[Bytes32]) -> Result<Committee, CommitteeError> {
    Committee::new(epoch, threshold, keys.iter().map(|key| key.0))
}

/// Has the verifier work out what it needs of each key, once for all reports that they will sign.
#[inline(never)]
fn prepare(config: &Config, committee: &Committee) {
    for key in committee.keys() {
        match store::prepare(&config.verifier, &key) {
            None => refuse(Error::VerifierFailed()),
            Some(hash) if hash == [0; 32] => refuse(Error::UnusableKey(key.into())),
            Some(_) => {}
        }
    }
}

#[inline(never)]
fn install(committee: &Committee) {
    store::set_committee(committee);
    store::keep_committee(committee);
    events::committee_set(committee);
}
