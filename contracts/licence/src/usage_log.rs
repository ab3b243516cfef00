//! The usage log's keys, and its checkpoints on chain.

use ink::{
    codegen::sol::keccak_256,
    prelude::{vec, vec::Vec},
    sol::FixedBytes,
};
use yieldset_rules::licence::{
    Id, Licence,
    usage_log::{self, Anchor, Checkpoint, UsageLog, anchor_of},
};
use yieldset_shell::{
    host,
    words::{Word, number_word},
};

use crate::{
    act,
    errors::allow,
    events::{CheckpointAnchored, emit},
    storage::Chain,
    word::ToWord,
};

type Bytes32 = FixedBytes<32>;

/// The platform set the key, name and witnesses of its usage log, or rotated them. Told by hand, for its lists.
#[cfg(not(target_arch = "riscv64"))]
#[ink::event]
pub struct UsageLogSet {
    /// The licence.
    #[ink(topic)]
    pub licence: Bytes32,
    /// Counts from 1.
    #[ink(topic)]
    pub epoch: u32,
    /// The ed25519 key that signs the log's checkpoints.
    pub key: Bytes32,
    /// The log's name.
    pub origin: ink::prelude::string::String,
    /// Keys of those who cosign its checkpoints.
    pub witnesses: Vec<Bytes32>,
    /// From which second on it counts.
    pub since: u64,
}

/// `before`, key, origin, witnesses, time, as the ABI has them.
fn words(before: &[Word], log: &UsageLog) -> Vec<Word> {
    let (origin, witnesses) = (log.origin(), log.witnesses());
    let lines = origin.len().div_ceil(32);
    let head = before.len() + 4;
    let offset = |words: usize| number_word(words as u128 * 32);
    let mut words = before.to_vec();
    words.extend_from_slice(&[log.key, offset(head), offset(head + 1 + lines), number_word(log.since.into())]);
    words.push(number_word(origin.len() as u128));
    for line in origin.chunks(32) {
        let mut word = [0; 32];
        word[..line.len()].copy_from_slice(line);
        words.push(word);
    }
    words.push(number_word(witnesses.len() as u128));
    words.extend_from_slice(witnesses);
    words
}

/// Sets or rotates it; the epoch.
pub fn set(licence: Bytes32, key: &Word, origin: &[u8], witnesses: &[Bytes32]) -> u32 {
    const TOPIC: Word = keccak_256(b"UsageLogSet(bytes32,uint32,bytes32,string,bytes32[],uint64)");
    let witnesses: Vec<Word> = witnesses.iter().map(|witness| witness.0).collect();
    let (epoch, log) = allow(usage_log::set(&mut Chain, &act::call(licence), key, origin, &witnesses));
    host::emit(&[TOPIC, licence.0, epoch.to_word()], &words(&[], &log));
    epoch
}

/// Puts a checkpoint on chain.
pub fn anchor(licence: Bytes32, checkpoint: &Checkpoint) {
    let (call, block) = (act::call(licence), host::block_number());
    if let Some(anchor) = allow(usage_log::anchor(&mut Chain, &call, checkpoint, block, host::keccak256)) {
        let Anchor { root, block, at, epoch } = anchor;
        emit(CheckpointAnchored { licence, epoch, size: checkpoint.size, root: FixedBytes(root), block, at });
    }
}

/// An epoch, zero for the latest: `(epoch, key, origin, witnesses, since)`. No words where there is none.
pub fn log(id: &Id, epoch: u32) -> Vec<Word> {
    UsageLog::of(&Chain, id, epoch).map(|(epoch, log)| words(&[epoch.to_word()], &log)).unwrap_or_default()
}

/// A checkpoint's anchor.
pub fn anchored(id: &Id, checkpoint: &Word) -> Vec<Word> {
    let Anchor { root, block, at, epoch } = anchor_of(&Chain, id, checkpoint);
    vec![root, block.to_word(), at.to_word(), epoch.to_word()]
}

/// What the accepted terms ask of a report of that checkpoint; no words before there are any.
pub fn agreed(id: &Id, checkpoint: &Word) -> Vec<Word> {
    let licence = allow(Licence::find(&Chain, id));
    if licence.accepted_at == 0 {
        return Vec::new();
    }
    let terms = allow(licence.terms(&Chain, id));
    let Anchor { root, block, .. } = anchor_of(&Chain, id, checkpoint);
    let (false_discovery, tokens) = (terms.false_discovery_bps.to_word(), terms.call_tokens.to_word());
    vec![terms.metric, terms.threshold.to_word(), false_discovery, tokens, block.to_word(), root]
}
