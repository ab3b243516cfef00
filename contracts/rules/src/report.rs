//! The signed attribution report: canonical bytes, and the binding that the registry checks (ATT-5, ATT-9).

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeAll, Encode};

/// Domain tag: a signature over a report can never be taken for one over anything else.
pub const TAG: &[u8] = b"yieldset/report/v2\n";
/// Longest report that is decoded, in bytes.
pub const MAX_BYTES: usize = 2_048;
/// One entry of a signature list: ed25519 public key (32) ‖ signature (64) ‖ what the verifier is told besides, so that
/// it need not be worked out on chain (1,056): `yieldset_ed25519::entry` makes it.
pub const SIGNATURE_ENTRY: usize = 1_152;

/// Score fixed point: scores and thresholds are integers in millionths, so 0.7 is 700 000.
pub const SCORE_ONE: u32 = 1_000_000;

/// The checkpoint of the usage log that the report was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct LogCheckpoint {
    /// Origin line of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root hash.
    pub root: [u8; 32],
}

/// The standardized metric behind "material derivation".
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Metric {
    /// Name, e.g. `minilm-l6-v2+winnow`.
    pub name: String,
    /// Version of the metric.
    pub version: u32,
    /// Only scores above this count, in millionths ([`SCORE_ONE`]).
    pub threshold: u32,
}

/// Sums over the period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct Totals {
    /// Inference calls of the period in the log.
    pub calls: u64,
    /// Calls with at least one score above the threshold.
    pub qualifying_calls: u64,
    /// Output tokens of all calls.
    pub tokens: u64,
    /// Output tokens attributed to contributors.
    pub attributed_tokens: u64,
}

/// One attribution result, bound to where it may be posted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Report {
    /// EVM chain id.
    pub chain_id: u64,
    /// Address of the attribution registry.
    pub registry: [u8; 20],
    /// Pool whose contributors the weights belong to.
    pub pool: [u8; 20],
    /// Licence stream within the pool.
    pub stream: [u8; 32],
    /// Model version the usage belongs to, e.g. `lumen-1@2026-10`.
    pub model: String,
    /// Accounting period ([`crate::period`]).
    pub period: u32,
    /// 0 for the period's first report, then one more for each that replaces a withdrawn one ([`crate::dispute`]).
    pub revision: u32,
    /// Committee epoch whose keys sign.
    pub epoch: u32,
    /// Log checkpoint.
    pub log: LogCheckpoint,
    /// Metric with threshold.
    pub metric: Metric,
    /// Root over `(contributor, weight)` ([`crate::merkle`]).
    pub weights_root: [u8; 32],
    /// Sums.
    pub totals: Totals,
    /// keccak-256 of the bytes of the report accepted before it in the stream, of whichever period; zero for the first.
    pub previous: [u8; 32],
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
    /// Period or epoch is zero, the threshold is above one, or the totals contradict each other.
    Values = 4,
}

impl Report {
    /// The bytes that are signed and posted: [`TAG`] ‖ SCALE.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }

    /// Parses canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        let mut body = bytes.strip_prefix(TAG).ok_or(Malformed::WrongTag)?;
        let report = Self::decode_all(&mut body).map_err(|_| Malformed::Encoding)?;
        let t = &report.totals;
        let consistent = t.qualifying_calls <= t.calls && t.attributed_tokens <= t.tokens;
        if report.period == 0 || report.epoch == 0 || report.metric.threshold > SCORE_ONE || !consistent {
            return Err(Malformed::Values);
        }
        Ok(report)
    }
}

/// What the registry knows when a report arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// EVM chain id of this chain.
    pub chain_id: u64,
    /// The registry's own address.
    pub registry: [u8; 20],
    /// Current committee epoch.
    pub epoch: u32,
    /// The end of the stream's chain, if there is any.
    pub last: Option<Last>,
    /// Which revision the report's period waits for; `None` where its report was not withdrawn.
    pub next_revision: Option<u32>,
}

/// The end of a stream's chain of reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Last {
    /// The latest period that has a report.
    pub period: u32,
    /// Size of the log that the report accepted last was computed from.
    pub log_size: u64,
    /// keccak-256 of that report's bytes; a revision's where one came last.
    pub hash: [u8; 32],
}

impl Last {
    /// The chain's end once `report`, whose bytes hash to `hash`, was accepted.
    pub fn after(self, report: &Report, hash: [u8; 32]) -> Self {
        Self { period: self.period.max(report.period), log_size: report.log.size, hash }
    }
}

crate::packed!(Last { period: u32, log_size: u64, hash: [u8; 32] });

/// Why a well-formed report does not belong here or now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingError {
    /// Signed for another chain.
    WrongChain {
        /// In the report.
        got: u64,
        /// This chain's.
        expected: u64,
    },
    /// Signed for another registry.
    WrongRegistry {
        /// In the report.
        got: [u8; 20],
    },
    /// Signed under another committee epoch.
    WrongEpoch {
        /// In the report.
        got: u32,
        /// The current one.
        expected: u32,
    },
    /// Not the period after the last one.
    PeriodOutOfOrder {
        /// In the report.
        got: u32,
        /// The next one.
        expected: u32,
    },
    /// Not the revision that the period waits for.
    RevisionOutOfOrder {
        /// In the report.
        got: u32,
        /// The one waited for; `None` where the period's report was not withdrawn.
        expected: Option<u32>,
    },
    /// Does not follow the last report.
    PreviousMismatch {
        /// In the report.
        got: [u8; 32],
        /// Hash of the last report, or zero.
        expected: [u8; 32],
    },
    /// Computed from a shorter log than the last one.
    LogShrank {
        /// In the report.
        got: u64,
        /// Of the last report.
        last: u64,
    },
}

impl Binding {
    /// Checks that `report` was made for this chain, registry, epoch and place in its stream.
    pub fn check(&self, report: &Report) -> Result<(), BindingError> {
        if report.chain_id != self.chain_id {
            return Err(BindingError::WrongChain { got: report.chain_id, expected: self.chain_id });
        }
        if report.registry != self.registry {
            return Err(BindingError::WrongRegistry { got: report.registry });
        }
        if report.epoch != self.epoch {
            return Err(BindingError::WrongEpoch { got: report.epoch, expected: self.epoch });
        }
        let last = self.last.unwrap_or_default();
        if report.revision > 0 {
            if self.next_revision != Some(report.revision) {
                return Err(BindingError::RevisionOutOfOrder { got: report.revision, expected: self.next_revision });
            }
        } else if self.last.is_some() {
            // After the last number there is no next one: the same again would replace a report.
            if last.period.checked_add(1) != Some(report.period) {
                let expected = last.period.saturating_add(1);
                return Err(BindingError::PeriodOutOfOrder { got: report.period, expected });
            }
        }
        if report.previous != last.hash {
            return Err(BindingError::PreviousMismatch { got: report.previous, expected: last.hash });
        }
        if report.log.size < last.log_size {
            return Err(BindingError::LogShrank { got: report.log.size, last: last.log_size });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn report() -> Report {
        Report {
            chain_id: 420_420_420,
            registry: [1; 20],
            pool: [2; 20],
            stream: [3; 32],
            model: "lumen-1".to_string(),
            period: 8107,
            revision: 0,
            epoch: 1,
            log: LogCheckpoint { origin: "log.example/usage".to_string(), size: 24, root: [4; 32] },
            metric: Metric { name: "m".to_string(), version: 1, threshold: 700_000 },
            weights_root: [5; 32],
            totals: Totals { calls: 24, qualifying_calls: 10, tokens: 900, attributed_tokens: 500 },
            previous: [0; 32],
        }
    }

    fn binding() -> Binding {
        Binding { chain_id: 420_420_420, registry: [1; 20], epoch: 1, last: None, next_revision: None }
    }

    /// Proves ATT-9's binding: any one field that names another place or time is refused, by its own error.
    #[test]
    fn a_report_belongs_to_one_place() {
        let good = report();
        assert_eq!(binding().check(&good), Ok(()));
        let wrong = |change: fn(&mut Report)| {
            let mut r = report();
            change(&mut r);
            binding().check(&r).unwrap_err()
        };
        assert!(matches!(wrong(|r| r.chain_id += 1), BindingError::WrongChain { .. }));
        assert!(matches!(wrong(|r| r.registry[0] ^= 1), BindingError::WrongRegistry { .. }));
        assert!(matches!(wrong(|r| r.epoch += 1), BindingError::WrongEpoch { .. }));
        assert!(matches!(wrong(|r| r.previous[0] ^= 1), BindingError::PreviousMismatch { .. }));
        let followed = Binding { last: Some(Last { period: 8107, log_size: 24, hash: [9; 32] }), ..binding() };
        assert!(matches!(followed.check(&good), Err(BindingError::PeriodOutOfOrder { got: 8107, expected: 8108 })));
        let next = Report { period: 8108, previous: [9; 32], ..report() };
        assert_eq!(followed.check(&next), Ok(()));
        let mut shrunk = next.clone();
        shrunk.log.size = 23;
        assert!(matches!(followed.check(&shrunk), Err(BindingError::LogShrank { got: 23, last: 24 })));
        let end = Binding { last: Some(Last { period: u32::MAX, log_size: 24, hash: [9; 32] }), ..binding() };
        let again = Report { period: u32::MAX, ..next.clone() };
        assert!(matches!(end.check(&again), Err(BindingError::PeriodOutOfOrder { .. })));
        let skipped = Report { period: 8109, ..next };
        assert!(matches!(followed.check(&skipped), Err(BindingError::PeriodOutOfOrder { .. })));
    }

    /// A revision is accepted where its period waits for exactly it, and follows whatever was accepted last, a later
    /// period's report included; the next period's report then follows the revision.
    #[test]
    fn revisions_keep_the_chain_whole() {
        let place = |last, next_revision| Binding { last: Some(last), next_revision, ..binding() };
        let first = Last::default().after(&report(), [1; 32]);
        assert_eq!(first, Last { period: 8107, log_size: 24, hash: [1; 32] });
        let second = Report { period: 8108, previous: [1; 32], ..report() };
        let head = first.after(&second, [2; 32]);
        let mut revised = Report { revision: 1, previous: [2; 32], ..report() };
        revised.log.size = 30;
        assert_eq!(place(head, Some(1)).check(&revised), Ok(()));
        let wrong = |next| place(head, next).check(&revised);
        for next in [None, Some(0), Some(2)] {
            assert_eq!(wrong(next), Err(BindingError::RevisionOutOfOrder { got: 1, expected: next }));
        }
        // Before any report there is nothing to revise.
        let none = Binding { last: None, ..binding() };
        assert!(matches!(
            none.check(&Report { previous: [0; 32], ..revised.clone() }),
            Err(BindingError::RevisionOutOfOrder { .. })
        ));
        // It does not follow the report that it replaces, nor one from a shorter log.
        let stale = Report { previous: [1; 32], ..revised.clone() };
        assert!(matches!(place(head, Some(1)).check(&stale), Err(BindingError::PreviousMismatch { .. })));
        let mut shrunk = revised.clone();
        shrunk.log.size = 23;
        assert!(matches!(place(head, Some(1)).check(&shrunk), Err(BindingError::LogShrank { got: 23, last: 24 })));
        // A withdrawn period has no second first report.
        let again = Report { previous: [2; 32], ..report() };
        let refused = place(head, Some(1)).check(&again);
        assert_eq!(refused, Err(BindingError::PeriodOutOfOrder { got: 8107, expected: 8109 }));
        // The chain's end keeps the latest period, and the next report follows the revision.
        let head = head.after(&revised, [3; 32]);
        assert_eq!(head, Last { period: 8108, log_size: 30, hash: [3; 32] });
        let mut third = Report { period: 8109, previous: [3; 32], ..report() };
        assert!(matches!(place(head, None).check(&third), Err(BindingError::LogShrank { got: 24, last: 30 })));
        third.log.size = 30;
        assert_eq!(place(head, None).check(&third), Ok(()));
    }

    #[test]
    fn malformed_bytes_are_refused() {
        let bytes = report().to_bytes();
        assert_eq!(Report::from_bytes(&bytes), Ok(report()));
        assert_eq!(Report::from_bytes(&bytes[1..]), Err(Malformed::WrongTag));
        assert_eq!(Report::from_bytes(&bytes[..bytes.len() - 1]), Err(Malformed::Encoding));
        let mut long = bytes.clone();
        long.push(0);
        assert_eq!(Report::from_bytes(&long), Err(Malformed::Encoding));
        assert_eq!(Report::from_bytes(&alloc::vec![0; MAX_BYTES + 1]), Err(Malformed::TooLong));
        for bad in [
            Report { period: 0, ..report() },
            Report { epoch: 0, ..report() },
            Report { metric: Metric { threshold: SCORE_ONE + 1, ..report().metric }, ..report() },
            Report { totals: Totals { qualifying_calls: 25, ..report().totals }, ..report() },
            Report { totals: Totals { attributed_tokens: 901, ..report().totals }, ..report() },
        ] {
            assert_eq!(Report::from_bytes(&bad.to_bytes()), Err(Malformed::Values));
        }
    }

    /// The last value that is allowed, where the next one is refused.
    #[test]
    fn limits_are_inclusive() {
        let all = Totals { calls: 24, qualifying_calls: 24, tokens: 900, attributed_tokens: 900 };
        let metric = Metric { threshold: SCORE_ONE, ..report().metric };
        let edge = Report { totals: all, metric, ..report() };
        assert_eq!(Report::from_bytes(&edge.to_bytes()), Ok(edge));
        // Texts of 64 to 16,383 bytes have a length prefix of two bytes, one more than the short model's.
        let mut long = report();
        long.model = "x".repeat(MAX_BYTES - report().to_bytes().len() - 1 + report().model.len());
        assert_eq!(long.to_bytes().len(), MAX_BYTES);
        assert_eq!(Report::from_bytes(&long.to_bytes()), Ok(long.clone()));
        long.model.push('x');
        assert_eq!(Report::from_bytes(&long.to_bytes()), Err(Malformed::TooLong));
    }

    /// What is signed today must verify tomorrow: the bytes are part of the contract.
    #[test]
    fn the_encoding_is_fixed() {
        let bytes = report().to_bytes();
        assert_eq!(&bytes[..TAG.len()], b"yieldset/report/v2\n");
        let (chain, rest) = bytes[TAG.len()..].split_at(8);
        assert_eq!(chain, 420_420_420u64.to_le_bytes());
        assert_eq!(rest[..72], [[1; 20].as_slice(), &[2; 20], &[3; 32]].concat());
        assert_eq!(&rest[72..80], b"\x1clumen-1");
        // Period, revision, epoch.
        assert_eq!(rest[80..92], [8107u32, 0, 1].map(u32::to_le_bytes).concat());
    }

    proptest! {
        /// No input panics, and whatever parses encodes back to the same bytes: one report, one byte string.
        #[test]
        fn encoding_is_canonical(mut bytes in prop::collection::vec(any::<u8>(), 0..400), flip in 0usize..200) {
            let _ = Report::from_bytes(&bytes);
            let mut valid = report().to_bytes();
            if let Some(b) = bytes.pop() {
                let at = flip % valid.len();
                valid[at] = b;
            }
            if let Ok(parsed) = Report::from_bytes(&valid) {
                prop_assert_eq!(parsed.to_bytes(), valid);
            }
        }
    }
}
