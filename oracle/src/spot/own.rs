//! The platform's own look at its opening, before anybody else sees it: what is wrong with it would be told by the
//! committee alone, when it counts.

use std::collections::BTreeMap;

use yieldset_rules::usage::UsageRecord;

use super::{Drawn, OpenedCall, Opening, SpotError};
use crate::{hex0x, sha256, usage_log::VerifiedLog, words};

impl Opening {
    /// Whether all drawn calls are opened.
    ///
    /// # Errors
    /// [`SpotError::Unopened`] with those that are not.
    pub fn check_whole(&self, drawn: &Drawn) -> Result<(), SpotError> {
        let is_open = |leaf: u64| self.calls.iter().any(|call| call.leaf == leaf);
        let closed = drawn.drawn.iter().filter(|call| !is_open(call.leaf));
        let calls: Vec<String> = closed.map(|call| call.call_id.clone()).collect();
        match calls.is_empty() {
            true => Ok(()),
            false => Err(SpotError::Unopened { drawn: drawn.drawn.len(), calls }),
        }
    }

    /// Whether the log has the platform with this key, and of each opened call this platform and this text. Words,
    /// passages and tokens it leaves to the committee.
    ///
    /// # Errors
    /// [`SpotError::OwnKey`], [`SpotError::OwnCalls`], [`SpotError::OwnTexts`]; [`SpotError::OtherLog`] and
    /// [`SpotError::NoSuchCall`] where the draw is not of this log.
    pub fn check_own(&self, drawn: &Drawn, key: &[u8; 32], log: &VerifiedLog) -> Result<(), SpotError> {
        if drawn.log.size > log.size() || log.checkpoint_at(drawn.log.size)? != drawn.log {
            return Err(SpotError::OtherLog);
        }
        let known = log.platforms().lines().iter().any(|one| one.slug == self.platform && one.public_key == *key);
        if !known {
            return Err(SpotError::OwnKey { platform: self.platform.clone(), key: hex0x(key) });
        }
        let mut opened: BTreeMap<u64, &OpenedCall> = self.calls.iter().map(|call| (call.leaf, call)).collect();
        let (mut others, mut owner, mut wrong) = (Vec::new(), None, Vec::new());
        for entry in log.leaves_of(drawn.log.size) {
            let entry = entry?;
            let Some(call) = opened.remove(&entry.leaf) else { continue };
            let UsageRecord::InferenceCall(record) = entry.record else { return Err(SpotError::NoSuchCall(call.leaf)) };
            if entry.platform != self.platform {
                others.push(record.call_id);
                owner.get_or_insert(entry.platform);
            } else if !is_text_of(call, &record.output_hash) {
                wrong.push(record.call_id);
            }
        }
        match (owner, opened.is_empty(), wrong.is_empty()) {
            (Some(owner), ..) => Err(SpotError::OwnCalls { platform: self.platform.clone(), owner, calls: others }),
            (None, false, _) => Err(SpotError::OtherLog),
            (None, true, false) => Err(SpotError::OwnTexts { calls: wrong }),
            (None, true, true) => Ok(()),
        }
    }
}

/// Whether the part of an output that a record is has this SHA-256.
fn is_text_of(call: &OpenedCall, hash: &[u8; 32]) -> bool {
    words::parts(&call.text).get(call.part).is_some_and(|part| sha256(part.as_bytes()) == *hash)
}
