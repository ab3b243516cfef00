//! Shapley-lite audits (ATT-7): what an auditor found when it recomputed a report from a sample.

use crate::report::SCORE_ONE;

/// One audit of one report. How the sample follows from the seed and how deviation is measured is in the audit's
/// document, whose hash this names; anybody can run it again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audit {
    /// SHA-256 of the audit's document.
    pub hash: [u8; 32],
    /// Seed that the sample was drawn from.
    pub seed: [u8; 32],
    /// Outputs in the sample.
    pub samples: u32,
    /// Largest deviation of a contributor's weight from the reported one, in millionths of the whole.
    pub max_deviation: u32,
    /// Confidence that the deviation is no larger, in millionths.
    pub confidence: u32,
    /// Who posted it.
    pub auditor: [u8; 20],
    /// Unix seconds.
    pub posted_at: u64,
}

crate::packed!(Audit {
    hash: [u8; 32],
    seed: [u8; 32],
    samples: u32,
    max_deviation: u32,
    confidence: u32,
    auditor: [u8; 20],
    posted_at: u64,
});

impl Audit {
    /// Whether it names a document, looked at something, and its shares are at most one. A confidence of zero says
    /// nothing.
    pub fn is_valid(&self) -> bool {
        let shares = self.max_deviation <= SCORE_ONE && self.confidence >= 1 && self.confidence <= SCORE_ONE;
        self.hash != [0; 32] && self.samples > 0 && shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_says_something() {
        let good = Audit { hash: [1; 32], samples: 1, confidence: 1, ..Audit::default() };
        assert!(good.is_valid());
        assert!(Audit { max_deviation: SCORE_ONE, confidence: SCORE_ONE, ..good }.is_valid());
        for bad in [
            Audit { hash: [0; 32], ..good },
            Audit { samples: 0, ..good },
            Audit { confidence: 0, ..good },
            Audit { confidence: SCORE_ONE + 1, ..good },
            Audit { max_deviation: SCORE_ONE + 1, ..good },
        ] {
            assert!(!bad.is_valid(), "{bad:?}");
        }
        let full = Audit { seed: [2; 32], max_deviation: 3, auditor: [4; 20], posted_at: 5, ..good };
        assert_eq!((Audit::from_bytes(&full.to_bytes()), Audit::LEN), (full, 104));
    }
}
