//! The signed attribution report: canonical bytes (ATT-5, ATT-9). Where one may be posted is [`binding`]'s.
//!
//! Whatever can be left out of signed bytes can be forged: so the report names all models of its stream, the set of
//! datasets that was compared, the metric with its threshold, and says of what was not measured that it was not.

mod binding;
mod figures;
pub mod v2;

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeAll, Encode};

pub use binding::{Binding, BindingError, Last};

/// Domain tag: a signature over a report can never be taken for one over anything else.
pub const TAG: &[u8] = b"yieldset/report/v3\n";
/// Longest report that is decoded, in bytes.
pub const MAX_BYTES: usize = 2_048;
/// One entry of a signature list: ed25519 public key (32) ‖ signature (64) ‖ what the verifier is told besides, so that
/// it need not be worked out on chain (1,056): `yieldset_ed25519::entry` makes it.
pub const SIGNATURE_ENTRY: usize = 1_152;

/// Score fixed point: scores and thresholds are integers in millionths, so 0.7 is 700 000.
pub const SCORE_ONE: u32 = 1_000_000;

/// 32-byte hash.
pub type Hash = [u8; 32];

/// The checkpoint of the usage log that the report was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct LogCheckpoint {
    /// Origin line of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root hash.
    pub root: Hash,
}

/// The standardized metric behind "material derivation".
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Metric {
    /// Name, e.g. `minilm-l6-v2+winnow`.
    pub name: String,
    /// Version of the metric.
    pub version: u32,
    /// Only scores above this count, in millionths: 1 to [`SCORE_ONE`]. A threshold of zero would make everything
    /// derived from everybody.
    pub threshold: u32,
}

impl Metric {
    /// Names metric and version in 32 bytes, as a licence's terms do: keccak-256 of the name's bytes and the version,
    /// big-endian in four bytes; in Solidity `keccak256(abi.encodePacked(name, version))`.
    pub fn id(&self, keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
        let mut bytes = self.name.as_bytes().to_vec();
        bytes.extend_from_slice(&self.version.to_be_bytes());
        keccak256(&bytes)
    }
}

/// What came of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub enum Outcome {
    /// Root over `(contributor, weight)` ([`crate::merkle`]); never zero.
    Weights(Hash),
    /// No call scored above the threshold. There are no weights, and the period's money goes with the next report
    /// ([`crate::waiting`]).
    NothingQualified,
}

/// Sums over the period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Totals {
    /// Inference calls of the period in the log.
    pub calls: u64,
    /// Calls that wrote something and have at least one score above the threshold.
    pub qualifying_calls: u64,
    /// Output tokens of all calls.
    pub tokens: u64,
    /// Output tokens attributed to contributors.
    pub attributed_tokens: u64,
    /// Records that came after their own period was reported and are counted here; `None` where the oracle did not
    /// look for any.
    pub late_records: Option<u64>,
}

/// How often the measure finds what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub enum MeasuredError {
    /// No decoys were compared.
    NotMeasured,
    /// Decoys, which no model has read, were compared beside the datasets.
    Decoys {
        /// Scores above the threshold, of calls that wrote something: at most one of a call and a dataset or a decoy.
        hits: u64,
        /// Those of them that were a decoy's.
        decoy_hits: u64,
        /// Datasets that were compared.
        datasets: u32,
        /// Decoys that were compared beside them: by both numbers it is told how many of the datasets' hits are false.
        decoys: u32,
    },
}

/// Calls that the platform had to open, drawn by the hash of a block after the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct SpotCheck {
    /// Number of the block that drew them.
    pub block: u32,
    /// Its hash.
    pub block_hash: Hash,
    /// Calls drawn.
    pub drawn: u32,
    /// Calls that the platform opened.
    pub opened: u32,
    /// Opened calls whose text gives the record's figures.
    pub matched: u32,
}

/// One attribution result, bound to where it may be posted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(any(test, feature = "schema"), derive(scale_info::TypeInfo))]
pub struct Report {
    /// EVM chain id.
    pub chain_id: u64,
    /// Address of the attribution registry.
    pub registry: [u8; 20],
    /// Pool whose contributors the weights belong to.
    pub pool: [u8; 20],
    /// Licence stream within the pool.
    pub stream: Hash,
    /// All model versions of the stream whose usage is counted, e.g. `lumen-1@2026-10`: at least one, sorted, each
    /// once.
    pub models: Vec<String>,
    /// Accounting period ([`crate::period`]).
    pub period: u32,
    /// 0 for the period's first report, then one more for each that replaces a withdrawn one ([`crate::dispute`]).
    pub revision: u32,
    /// Committee epoch whose keys sign.
    pub epoch: u32,
    /// Log checkpoint.
    pub log: LogCheckpoint,
    /// Which dataset versions were compared ([`compared_digest`]).
    pub compared: Hash,
    /// Metric with threshold.
    pub metric: Metric,
    /// Weights, or that nothing qualified.
    pub outcome: Outcome,
    /// Sums.
    pub totals: Totals,
    /// False discoveries.
    pub error: MeasuredError,
    /// Root over the attribution's lines: the scores and passages of each call ([`crate::merkle`] over their leaves);
    /// zero where the period had no call.
    pub lines_root: Hash,
    /// SHA-256 of the settlement as it is published, in JSON: all weights, which versions were left out and which
    /// records, and why; `None` where none is published.
    pub package: Option<Hash>,
    /// The spot check; `None` where there was none.
    pub spot_check: Option<SpotCheck>,
    /// keccak-256 of the bytes of the report accepted before it in the stream, of whichever period; zero for the first.
    pub previous: Hash,
}

/// Why bytes are not a report; the `uint8` of the contract's `MalformedReport`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Malformed {
    /// Longer than [`MAX_BYTES`].
    TooLong = 1,
    /// Does not begin with [`TAG`].
    WrongTag = 2,
    /// The rest is not exactly one encoded report.
    Encoding = 3,
    /// Period or epoch is zero, or figures contradict each other.
    Values = 4,
    /// No model, one without a name, one twice, or not sorted.
    Models = 5,
    /// The threshold is zero or above one.
    Threshold = 6,
    /// Weights without qualifying calls, with a root of zero or of datasets of which none was compared; or "nothing
    /// qualified" with qualifying calls.
    Outcome = 7,
}

/// The figures of a report that other contracts rely on, as the registry keeps them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// [`Metric::id`].
    pub metric: Hash,
    /// In millionths.
    pub threshold: u32,
    /// Output tokens attributed to contributors.
    pub attributed_tokens: u64,
    /// Calls with a score above the threshold.
    pub qualifying_calls: u64,
}

crate::packed!(Figures { metric: Hash, threshold: u32, attributed_tokens: u64, qualifying_calls: u64 });

/// [`compared_digest`] of no version: keccak-256 of no byte.
const NOTHING_COMPARED: Hash = [
    0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6,
    0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
];

/// Digest of a compared set: keccak-256 of `dataset id ‖ manifest hash` of each version, sorted. The set is what was
/// compared, not what scored: leaving a creator out makes another digest.
pub fn compared_digest(versions: &[(Hash, Hash)], keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
    let mut sorted = versions.to_vec();
    sorted.sort_unstable();
    let bytes: Vec<u8> = sorted.iter().flat_map(|(dataset, manifest)| [*dataset, *manifest]).flatten().collect();
    keccak256(&bytes)
}

impl Report {
    /// The bytes that are signed and posted: [`TAG`] ‖ SCALE.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// Parses canonical bytes.
    ///
    /// # Errors
    /// [`Malformed`], the first that applies.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        let mut body = bytes.strip_prefix(TAG).ok_or(Malformed::WrongTag)?;
        let report = Self::decode_all(&mut body).map_err(|_| Malformed::Encoding)?;
        report.check()?;
        Ok(report)
    }

    /// Root over (contributor, weight); zero where nothing qualified.
    pub fn weights_root(&self) -> Hash {
        match self.outcome {
            Outcome::Weights(root) => root,
            Outcome::NothingQualified => [0; 32],
        }
    }

    /// What other contracts rely on.
    pub fn figures(&self, keccak256: impl Fn(&[u8]) -> Hash) -> Figures {
        Figures {
            metric: self.metric.id(keccak256),
            threshold: self.metric.threshold,
            attributed_tokens: self.totals.attributed_tokens,
            qualifying_calls: self.totals.qualifying_calls,
        }
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.period == 0 || self.epoch == 0 || !self.figures_agree() {
            return Err(Malformed::Values);
        }
        let first = self.models.first().is_some_and(|model| !model.is_empty());
        if !first || self.models.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(Malformed::Models);
        }
        if self.metric.threshold == 0 || self.metric.threshold > SCORE_ONE {
            return Err(Malformed::Threshold);
        }
        let qualified = self.totals.qualifying_calls > 0;
        let said = match self.outcome {
            Outcome::Weights(root) => root != [0; 32] && qualified && self.compared != NOTHING_COMPARED,
            Outcome::NothingQualified => !qualified,
        };
        if said { Ok(()) } else { Err(Malformed::Outcome) }
    }
}

#[cfg(test)]
mod fields_tests;
#[cfg(test)]
mod forged_tests;
#[cfg(test)]
pub(crate) mod tests;
