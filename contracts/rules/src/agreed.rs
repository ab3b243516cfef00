//! What a licence asks of the reports of its stream: they are refused before they are posted, not when money should
//! follow from them.

use crate::{
    math::{BASIS_POINTS, words::mul_add},
    report::{Hash, MeasuredError, Report},
};

/// What the accepted terms ask of a report, and the anchor of the checkpoint that it names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Id of the metric; zero where the terms name none.
    pub metric: Hash,
    /// The metric's threshold, in millionths.
    pub threshold: u32,
    /// Most false discoveries, in basis points; zero is no limit.
    pub false_discovery_bps: u16,
    /// Most output tokens of a call; zero is no limit.
    pub call_tokens: u32,
    /// Block that has the checkpoint of the report's log and size; zero where none has.
    pub anchored_at: u32,
    /// The root that stands there.
    pub anchored_root: Hash,
}

/// Why a report does not keep to its licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disagreement {
    /// Of another metric.
    Metric {
        /// The report's.
        got: Hash,
        /// The terms'.
        expected: Hash,
    },
    /// Of another threshold.
    Threshold {
        /// The report's.
        got: u32,
        /// The terms'.
        expected: u32,
    },
    /// The terms limit false discoveries, and none were measured.
    NotMeasured {
        /// In basis points.
        limit: u16,
    },
    /// More false discoveries than the terms allow.
    FalseDiscoveries {
        /// Hits that were a decoy's.
        decoys: u64,
        /// All hits.
        hits: u64,
        /// In basis points.
        limit: u16,
    },
    /// More tokens than these calls can have.
    CallTokens {
        /// The report's tokens.
        tokens: u64,
        /// The report's calls.
        calls: u64,
        /// Of each call.
        limit: u32,
    },
    /// Calls were drawn from a checkpoint that is not on chain, or not with this root.
    NotAnchored {
        /// The log's size in the report.
        size: u64,
        /// The root that stands there; zero for none.
        anchored: Hash,
    },
    /// The block that drew was known when the checkpoint was anchored, or is not over.
    Drawn {
        /// The block that drew.
        block: u32,
        /// It must be after this one.
        after: u32,
        /// And before this one.
        before: u32,
    },
}

/// 1.96 squared, in millionths: Wilson's interval of 95 %.
const SQUARE: u128 = 3_841_459;

/// Whether so many hits of decoys leave it open that the false ones are within a limit: whether the lower end of
/// Wilson's interval of 95 % is. A dataset is hit by mistake as often as a decoy is: of the hits that are no decoy's,
/// `decoy_hits · datasets / decoys` are false.
///
/// The limit is a part `p` of all hits then, and the interval's lower end above `p` where more hits are decoys' than
/// `p · hits`, and by more than 1.96 standard deviations (Wilson's interval is the score test, turned round): compared
/// as squares and multiplied out, so that nothing is rounded.
#[expect(clippy::arithmetic_side_effects, reason = "of 64, 32 and 14 bits: products of 122 bits at most")]
pub fn is_within(hits: u64, decoy_hits: u64, (datasets, decoys): (u32, u32), limit: u16) -> bool {
    let (hits, decoy_hits) = (u128::from(hits), u128::from(decoy_hits));
    // p is `allowed` of `allowed + rest`.
    let (allowed, rest) = (u128::from(limit) * u128::from(decoys), u128::from(BASIS_POINTS) * u128::from(datasets));
    // By 1,000, whose square are the millionths of SQUARE.
    let over = (decoy_hits * (allowed + rest)).saturating_sub(hits * allowed) * 1_000;
    mul_add(over, over, 0) <= mul_add(SQUARE * hits, allowed * rest, 0)
}

/// What a report's hits say of the false ones among those that are no decoy's, in millionths of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FalseDiscoveries {
    /// One more than decoys let expect, so that no period has none.
    pub expected: u32,
    /// The lower end of Wilson's interval of 95 %.
    pub lowest: u32,
    /// Its upper end.
    pub highest: u32,
}

/// The part of hits that is false, with its interval: the decoys' part of all hits, as if each dataset were hit by
/// mistake as often as a decoy. `None` where nothing but decoys was hit, or none was compared.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "of 64 and 32 bits, a million and Wilson's 3.8 million: under 2^128"
)]
pub fn false_discoveries(hits: u64, decoy_hits: u64, (datasets, decoys): (u32, u32)) -> Option<FalseDiscoveries> {
    const ONE: u128 = 1_000_000;
    let (all, found) = (u128::from(hits), u128::from(decoy_hits));
    let (datasets, decoys) = (u128::from(datasets), u128::from(decoys));
    let real = all.checked_sub(found).filter(|&real| real > 0 && decoys > 0)?;
    // At most one, so the cast is exact.
    let part = |of: u128, whole: u128| (of / whole.max(1)).min(ONE) as u32;
    let spread = SQUARE * (found * (real * ONE / all)) + SQUARE * SQUARE / 4;
    let (centre, root) = (found * ONE + SQUARE / 2, spread.isqrt());
    let end = |of: u128| {
        let of_decoys = of * ONE / (all * ONE + SQUARE);
        part(of_decoys * datasets * ONE, ONE.saturating_sub(of_decoys) * decoys)
    };
    Some(FalseDiscoveries {
        expected: part((found * datasets + decoys) * ONE, decoys * real),
        lowest: end(centre.saturating_sub(root)),
        highest: end(centre + root),
    })
}

impl Agreed {
    /// Whether a report keeps to the terms. `metric` is its metric's id, `block` the number of the block that it comes
    /// in.
    ///
    /// # Errors
    /// The first [`Disagreement`].
    pub fn check(&self, report: &Report, metric: &Hash, block: u32) -> Result<(), Disagreement> {
        if self.metric != [0; 32] {
            if *metric != self.metric {
                return Err(Disagreement::Metric { got: *metric, expected: self.metric });
            }
            let (got, expected) = (report.metric.threshold, self.threshold);
            if got != expected {
                return Err(Disagreement::Threshold { got, expected });
            }
        }
        self.check_error(report)?;
        let (tokens, calls, limit) = (report.totals.tokens, report.totals.calls, self.call_tokens);
        let attributed = (report.totals.attributed_tokens, report.totals.qualifying_calls);
        for (tokens, calls) in [(tokens, calls), attributed] {
            if limit > 0 && u128::from(tokens) > u128::from(calls).saturating_mul(limit.into()) {
                return Err(Disagreement::CallTokens { tokens, calls, limit });
            }
        }
        self.check_draw(report, block)
    }

    fn check_error(&self, report: &Report) -> Result<(), Disagreement> {
        let limit = self.false_discovery_bps;
        if limit == 0 {
            return Ok(());
        }
        let MeasuredError::Decoys { hits, decoy_hits, datasets, decoys } = report.error else {
            return Err(Disagreement::NotMeasured { limit });
        };
        // Each qualifying call has a hit of its own, as the report's own check sees to: "nothing hit" passes no limit.
        let fine = is_within(hits, decoy_hits, (datasets, decoys), limit);
        if fine { Ok(()) } else { Err(Disagreement::FalseDiscoveries { decoys: decoy_hits, hits, limit }) }
    }

    fn check_draw(&self, report: &Report, before: u32) -> Result<(), Disagreement> {
        let Some(spot) = report.spot_check else { return Ok(()) };
        if self.anchored_at == 0 || self.anchored_root != report.log.root {
            return Err(Disagreement::NotAnchored { size: report.log.size, anchored: self.anchored_root });
        }
        let (block, after) = (spot.block, self.anchored_at);
        if block <= after || block >= before {
            return Err(Disagreement::Drawn { block, after, before });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
