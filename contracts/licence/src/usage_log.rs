//! The usage log's keys, and its checkpoints on chain.

use ink::prelude::vec::Vec;
use yieldset_rules::licence::{
    Call, Id, Licence,
    usage_log::{self, Anchor, Checkpoint, UsageLog, anchor_of},
};
use yieldset_shell::{
    answer::{answer, done},
    host,
    refusals::OrRefuse,
    words::{Word, number_word, word},
};

use crate::{
    events::{CheckpointAnchored, UsageLogSet},
    refusals::Rules,
    storage::Chain,
};

/// Key, origin, witnesses, time, as the ABI has them after what `words` has already, from word `begin` on.
fn put(begin: usize, log: &UsageLog, words: &mut Vec<Word>) {
    let (origin, witnesses) = (log.origin(), log.witnesses());
    let lines = origin.len().div_ceil(32);
    let head = words.len() - begin + 4;
    let offset = |words: usize| number_word(words as u128 * 32);
    words.extend([log.key, offset(head), offset(head + 1 + lines), word(log.since)]);
    words.push(number_word(origin.len() as u128));
    for line in origin.chunks(32) {
        let mut word = [0; 32];
        word[..line.len()].copy_from_slice(line);
        words.push(word);
    }
    words.push(number_word(witnesses.len() as u128));
    words.extend(witnesses);
}

/// Sets or rotates it; answers the epoch.
#[inline(never)]
pub fn set(call: &Call, key: &Word, origin: &[u8], witnesses: &[Word]) -> ! {
    let (epoch, log) = usage_log::set(&mut Chain, call, key, origin, witnesses).or_refuse(Rules);
    let mut encoded = Vec::new();
    put(0, &log, &mut encoded);
    UsageLogSet { licence: &call.licence, epoch, encoded }.emit();
    answer(&[word(epoch)])
}

/// Puts a checkpoint on chain.
#[inline(never)]
pub fn anchor(call: &Call, checkpoint: &Checkpoint) -> ! {
    let block = host::block_number();
    let anchor = usage_log::anchor(&mut Chain, call, checkpoint, block, host::keccak256).or_refuse(Rules);
    if let Some(Anchor { root, block, at, epoch }) = anchor {
        CheckpointAnchored { licence: &call.licence, epoch, size: checkpoint.size, root, block, at }.emit();
    }
    done()
}

/// An epoch, zero for the latest: `(epoch, key, origin, witnesses, since)`. No words where there is none.
pub fn log(id: &Id, epoch: u32, words: &mut Vec<Word>) {
    if let Some((epoch, log)) = UsageLog::of(&Chain, id, epoch) {
        let begin = words.len();
        words.push(word(epoch));
        put(begin, &log, words);
    }
}

/// A checkpoint's anchor.
pub fn anchored(id: &Id, checkpoint: &Word, words: &mut Vec<Word>) {
    let Anchor { root, block, at, epoch } = anchor_of(&Chain, id, checkpoint);
    words.extend([root, word(block), word(at), word(epoch)]);
}

/// What the accepted terms ask of a report of that checkpoint; no words before there are any.
pub fn agreed(id: &Id, checkpoint: &Word, words: &mut Vec<Word>) {
    let licence = Licence::find(&Chain, id).or_refuse(Rules);
    if licence.accepted_at == 0 {
        return;
    }
    let terms = licence.terms(&Chain, id).or_refuse(Rules);
    let Anchor { root, block, .. } = anchor_of(&Chain, id, checkpoint);
    words.extend([terms.metric, word(terms.threshold), word(terms.false_discovery_bps), word(terms.call_tokens)]);
    words.extend([word(block), root]);
}
