//! What proves a licence's usage: the key that signs the usage log, the log's name and who witnesses it, set and
//! rotated by the platform, and the log's checkpoints that it put on chain before anything was drawn from them.
//!
//! Epochs count from 1 and stay: what was signed before a rotation is checked by the key that was valid then. All of it
//! is under the licence's id, so nobody can take a log's name or a checkpoint in advance. Nothing here stops a report:
//! a platform that names another log, or anchors what its log never was, must not get out of paying that way. It is
//! shown to whoever compares.

use super::{Call, Hash, Id, Licence, Refusal, Store, named, store, store::stored};
use crate::packed;

/// Longest origin line, in bytes.
pub const MAX_ORIGIN: usize = 100;
/// Most witnesses of a log.
pub const MAX_WITNESSES: usize = 8;

/// An epoch of a licence's usage log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageLog {
    /// From which second on it counts, until the next epoch does.
    pub since: u64,
    /// The ed25519 key that signs the log's checkpoints.
    pub key: Hash,
    origin_length: u8,
    origin: [u8; MAX_ORIGIN],
    witness_count: u8,
    witnesses: [u8; MAX_WITNESSES * 32],
}

packed!(UsageLog {
    since: u64,
    key: [u8; 32],
    origin_length: u8,
    origin: [u8; MAX_ORIGIN],
    witness_count: u8,
    witnesses: [u8; MAX_WITNESSES * 32],
});

/// A checkpoint that was put on chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Anchor {
    /// RFC 6962 root of the log at that size.
    pub root: Hash,
    /// Number of the block that has it: whatever is drawn from the checkpoint is drawn by a later one.
    pub block: u32,
    /// Its time, Unix seconds.
    pub at: u64,
    /// The epoch that was named with it.
    pub epoch: u32,
}

packed!(Anchor { root: [u8; 32], block: u32, at: u64, epoch: u32 });
stored!(UsageLog, Anchor);

/// All of it must fit one storage value.
const _: () = assert!(UsageLog::LEN <= 416);

/// What is wrong with an epoch; the number of `InvalidUsageLog`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// The key is zero.
    Key = 1,
    /// The origin is empty, longer than [`MAX_ORIGIN`], or has other than printable ASCII without space and plus sign:
    /// what C2SP's tlog-checkpoint and signed-note forbid in a name, and letters that look like others besides.
    Origin = 2,
    /// No witness or more than [`MAX_WITNESSES`], one that is zero or named twice, or the log's own key, which
    /// witnesses nothing.
    Witnesses = 3,
}

/// Whether a log can have this name.
pub fn is_origin(origin: &[u8]) -> bool {
    (1..=MAX_ORIGIN).contains(&origin.len()) && origin.iter().all(|letter| letter.is_ascii_graphic() && *letter != b'+')
}

impl UsageLog {
    /// An epoch that counts from a second on.
    ///
    /// # Errors
    /// [`Fault`], the first that applies.
    pub fn new(since: u64, key: &Hash, origin: &[u8], witnesses: &[Hash]) -> Result<Self, Fault> {
        if *key == [0; 32] {
            return Err(Fault::Key);
        }
        if !is_origin(origin) {
            return Err(Fault::Origin);
        }
        let mut log = Self {
            since,
            key: *key,
            origin_length: origin.len() as u8,
            origin: [0; MAX_ORIGIN],
            witness_count: witnesses.len() as u8,
            witnesses: [0; MAX_WITNESSES * 32],
        };
        log.origin[..origin.len()].copy_from_slice(origin);
        if !(1..=MAX_WITNESSES).contains(&witnesses.len()) {
            return Err(Fault::Witnesses);
        }
        for ((at, witness), place) in witnesses.iter().enumerate().zip(log.witnesses.chunks_exact_mut(32)) {
            if *witness == [0; 32] || witness == key || witnesses[..at].contains(witness) {
                return Err(Fault::Witnesses);
            }
            place.copy_from_slice(witness);
        }
        Ok(log)
    }

    /// The log's name, the first line of its checkpoints.
    pub fn origin(&self) -> &[u8] {
        &self.origin[..usize::from(self.origin_length).min(MAX_ORIGIN)]
    }

    /// Keys of those who cosign its checkpoints.
    pub fn witnesses(&self) -> &[Hash] {
        let all = self.witnesses.as_chunks::<32>().0;
        &all[..usize::from(self.witness_count).min(MAX_WITNESSES)]
    }

    /// An epoch of a licence's usage log; of zero the latest. Answers with its number; `None` where there is none.
    pub fn of(store: &impl Store, id: &Id, epoch: u32) -> Option<(u32, Self)> {
        let epoch = if epoch == 0 { latest(store, id) } else { epoch };
        Some((epoch, Self::load(store, &key(id, epoch))?))
    }
}

/// Names a checkpoint by its log and its size: keccak-256 of the origin's bytes and the size in eight bytes,
/// big-endian.
pub fn checkpoint_id(origin: &[u8], size: u64, keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
    let mut bytes = [0; MAX_ORIGIN + 8];
    // A longer origin names no log here.
    let Some(name) = bytes.get_mut(..origin.len().saturating_add(8)) else { return [0; 32] };
    name[..origin.len()].copy_from_slice(origin);
    name[origin.len()..].copy_from_slice(&size.to_be_bytes());
    keccak256(name)
}

/// The latest epoch; zero before the first.
pub fn latest(store: &impl Store, id: &Id) -> u32 {
    let mut count = [0; 4];
    store.read(&key(id, 0), &mut count);
    u32::from_le_bytes(count)
}

/// Where an epoch is; number zero counts them.
fn key(id: &Id, epoch: u32) -> store::Key {
    store::numbered(id, store::USAGE_LOG, epoch)
}

/// The platform sets the key, name and witnesses of its usage log, or rotates them: a new epoch, from now on. Answers
/// with its number, and with what it is.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::NotPlatform`], [`Refusal::InvalidUsageLog`].
pub fn set(
    store: &mut impl Store,
    call: &Call,
    signer: &Hash,
    origin: &[u8],
    witnesses: &[Hash],
) -> Result<(u32, UsageLog), Refusal> {
    Licence::of_platform(store, call)?;
    let log =
        UsageLog::new(call.now, signer, origin, witnesses).map_err(|fault| Refusal::InvalidUsageLog(fault as u8))?;
    let epoch = latest(store, &call.licence).checked_add(1).ok_or(Refusal::Overflow)?;
    log.save(store, &key(&call.licence, epoch));
    store.write(&key(&call.licence, 0), &epoch.to_le_bytes());
    Ok((epoch, log))
}

/// What the platform puts on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which epoch's log; zero for the latest.
    pub epoch: u32,
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root.
    pub root: Hash,
}

/// The platform puts a checkpoint of its usage log on chain. The first one of a log and size stands: the same again
/// changes nothing. Answers with the anchor where it is new.
///
/// # Errors
/// [`Refusal::UnknownLicence`], [`Refusal::NotPlatform`], [`Refusal::UnknownNumber`] with the epoch,
/// [`Refusal::ZeroHash`], [`Refusal::OtherRoot`] where another root of that size is anchored: a log has one.
pub fn anchor(
    store: &mut impl Store,
    call: &Call,
    checkpoint: &Checkpoint,
    block: u32,
    keccak256: impl Fn(&[u8]) -> Hash,
) -> Result<Option<Anchor>, Refusal> {
    Licence::of_platform(store, call)?;
    named(&checkpoint.root)?;
    let found = UsageLog::of(store, &call.licence, checkpoint.epoch);
    let (epoch, log) = found.ok_or(Refusal::UnknownNumber(checkpoint.epoch))?;
    let id = checkpoint_id(log.origin(), checkpoint.size, keccak256);
    let place = store::hashed(&call.licence, store::ANCHOR, &id);
    match Anchor::load(store, &place) {
        Some(stands) if stands.root == checkpoint.root => Ok(None),
        Some(stands) => Err(Refusal::OtherRoot(checkpoint.root, stands.root)),
        None => {
            let anchor = Anchor { root: checkpoint.root, block, at: call.now, epoch };
            anchor.save(store, &place);
            Ok(Some(anchor))
        }
    }
}

/// The anchor of a checkpoint, by [`checkpoint_id`]; zeros where there is none.
pub fn anchor_of(store: &impl Store, id: &Id, checkpoint: &Hash) -> Anchor {
    Anchor::load(store, &store::hashed(id, store::ANCHOR, checkpoint)).unwrap_or_default()
}
