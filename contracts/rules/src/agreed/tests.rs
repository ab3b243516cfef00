//! What a licence asks of a report, each limit on both sides of its edge.

use super::*;
use crate::report::{Metric, Outcome, SpotCheck, Totals, tests::report};
use proptest::prelude::*;

const METRIC: Hash = [9; 32];
/// The block that the report comes in.
const NOW: u32 = 1_000;

fn agreed() -> Agreed {
    Agreed { metric: METRIC, threshold: 700_000, ..Agreed::default() }
}

/// With as many decoys as datasets.
fn measured(hits: u64, decoy_hits: u64) -> Report {
    Report { error: MeasuredError::Decoys { hits, decoy_hits, datasets: 20, decoys: 20 }, ..report() }
}

/// Proves SAFE-14: a report of another metric or threshold than the licence's is refused; terms that name no metric
/// ask for none.
#[test]
fn a_report_has_the_licences_metric_and_threshold() {
    assert_eq!(agreed().check(&report(), &METRIC, NOW), Ok(()));
    let other = Disagreement::Metric { got: [8; 32], expected: METRIC };
    assert_eq!(agreed().check(&report(), &[8; 32], NOW), Err(other));
    for got in [699_999, 700_001, 1] {
        let metric = Metric { threshold: got, ..report().metric };
        let refused = agreed().check(&Report { metric, ..report() }, &METRIC, NOW);
        assert_eq!(refused, Err(Disagreement::Threshold { got, expected: 700_000 }));
    }
    assert_eq!(Agreed::default().check(&report(), &[8; 32], NOW), Ok(()));
}

/// Proves SAFE-14: a limit of false discoveries asks for a measurement, and is passed where the whole interval is
/// above it.
#[test]
fn false_discoveries_are_measured_and_limited() {
    let five_percent = Agreed { false_discovery_bps: 500, ..agreed() };
    let check = |report: &Report| five_percent.check(report, &METRIC, NOW);
    assert_eq!(check(&report()), Err(Disagreement::NotMeasured { limit: 500 }));
    // 5 for 100 that are no decoy's are a part of 1/21 of all: 5 of 105, give or take 1.96 · √(105 · 1/21 · 20/21).
    assert_eq!(check(&measured(105, 9)), Ok(()));
    assert_eq!(check(&measured(105, 10)), Err(Disagreement::FalseDiscoveries { decoys: 10, hits: 105, limit: 500 }));
    assert_eq!(check(&measured(10, 0)), Ok(()));
    // Nothing qualified, nothing was found: nothing is false. But what hit was a decoy: then it finds what is not
    // there.
    let totals = Totals { qualifying_calls: 0, attributed_tokens: 0, ..report().totals };
    let nothing = Report { outcome: Outcome::NothingQualified, totals, ..measured(0, 0) };
    assert_eq!(check(&nothing), Ok(()));
    let decoys =
        Report { error: MeasuredError::Decoys { hits: 1, decoy_hits: 1, datasets: 20, decoys: 20 }, ..nothing };
    assert_eq!(check(&decoys), Err(Disagreement::FalseDiscoveries { decoys: 1, hits: 1, limit: 500 }));
    // Without a limit nothing is asked.
    assert_eq!(agreed().check(&measured(104, 100), &METRIC, NOW), Ok(()));
    // The largest figures there are: half of 2^64 - 1, and 1.96 · √(2^64 / 4).
    let within = |decoy_hits| is_within(u64::MAX, decoy_hits, (u32::MAX, u32::MAX), 10_000);
    let most = u64::MAX / 2 + 4_208_990_706;
    assert!(within(most) && !within(most + 1) && !within(u64::MAX));
}

/// Proves SAFE-14: fewer decoys than datasets find fewer mistakes, and the limit knows: one hit of two decoys is three
/// of six datasets. Of 18 hits, as few as the demo has, one may be a decoy's, and of 61 two.
#[test]
fn false_discoveries_are_told_by_both_numbers() {
    let limit = |false_discovery_bps| Agreed { false_discovery_bps, ..agreed() };
    let hit = |hits, decoy_hits, (datasets, decoys)| Report {
        error: MeasuredError::Decoys { hits, decoy_hits, datasets, decoys },
        ..report()
    };
    // A part of 1/61 of all: 1 of 61 give or take 1.94, and 0.30 of 18 give or take 1.06.
    for (hits, decoys) in [(61, 2), (18, 1)] {
        assert_eq!(limit(500).check(&hit(hits, decoys, (6, 2)), &METRIC, NOW), Ok(()));
        let over = Disagreement::FalseDiscoveries { decoys: decoys + 1, hits, limit: 500 };
        assert_eq!(limit(500).check(&hit(hits, decoys + 1, (6, 2)), &METRIC, NOW), Err(over));
    }
    let three = hit(61, 3, (6, 2));
    assert_eq!(limit(515).check(&three, &METRIC, NOW), Ok(()));
    assert!(limit(514).check(&three, &METRIC, NOW).is_err());
    // More decoys than datasets: a part of 3/23, 6 of 46 give or take 4.48.
    assert_eq!(limit(500).check(&hit(46, 10, (2, 6)), &METRIC, NOW), Ok(()));
    assert!(limit(500).check(&hit(46, 11, (2, 6)), &METRIC, NOW).is_err());
}

/// Proves SAFE-14: no more tokens than so many calls can have, of all calls and of the qualifying ones.
#[test]
fn calls_have_no_more_tokens_than_agreed() {
    let limit = |call_tokens| Agreed { call_tokens, ..agreed() };
    // 900 tokens of 24 calls are 37.5 each; 500 of the 10 that qualify are 50 each.
    assert_eq!(limit(50).check(&report(), &METRIC, NOW), Ok(()));
    let refused = |tokens, calls, limit| Err(Disagreement::CallTokens { tokens, calls, limit });
    assert_eq!(limit(49).check(&report(), &METRIC, NOW), refused(500, 10, 49));
    assert_eq!(limit(37).check(&report(), &METRIC, NOW), refused(900, 24, 37));
    let totals = Totals { calls: u64::MAX, tokens: u64::MAX, ..report().totals };
    assert_eq!(limit(u32::MAX).check(&Report { totals, ..report() }, &METRIC, NOW), Ok(()));
}

/// Proves SAFE-15: what draws calls comes after the checkpoint is on chain with this root, and before the report.
#[test]
fn calls_are_drawn_after_the_checkpoint_is_anchored() {
    let drawn = |block| {
        let spot = SpotCheck { block, block_hash: [7; 32], drawn: 3, opened: 2, matched: 2 };
        Report { spot_check: Some(spot), ..report() }
    };
    let anchored = Agreed { anchored_at: 500, anchored_root: [4; 32], ..agreed() };
    for block in [501, 999] {
        assert_eq!(anchored.check(&drawn(block), &METRIC, NOW), Ok(()), "{block}");
    }
    for block in [0, 499, 500, 1_000, u32::MAX] {
        let refused = anchored.check(&drawn(block), &METRIC, NOW);
        assert_eq!(refused, Err(Disagreement::Drawn { block, after: 500, before: NOW }));
    }
    let not = |anchored| Err(Disagreement::NotAnchored { size: 24, anchored });
    assert_eq!(agreed().check(&drawn(501), &METRIC, NOW), not([0; 32]));
    let other = Agreed { anchored_root: [3; 32], ..anchored };
    assert_eq!(other.check(&drawn(501), &METRIC, NOW), not([3; 32]));
    // Where nothing was drawn, no anchor is asked, and none stops the report.
    assert_eq!(other.check(&report(), &METRIC, NOW), Ok(()));
}

proptest! {
    /// The limit is held against the lower end of the interval, whatever the figures; more decoys' hits never help.
    #[test]
    fn the_limit_is_the_lower_ends(
        real in 1u64..2_000,
        hit in 0u64..2_000,
        datasets in 1u32..50,
        decoys in 1u32..50,
        limit in 1u16..10_000,
    ) {
        let within = is_within(real + hit, hit, (datasets, decoys), limit);
        let lowest = false_discoveries(real + hit, hit, (datasets, decoys)).expect("hits").lowest;
        // It is rounded to a millionth before it is multiplied by so many datasets for each decoy, and by the part of
        // hits that are no decoy's.
        let rounded = 4 * datasets.div_ceil(decoys) * (1 + u32::try_from(hit / real).expect("few"));
        let limit = u32::from(limit) * 100;
        let off = if within { lowest.saturating_sub(limit) } else { limit.saturating_sub(lowest) };
        prop_assert!(off <= rounded, "{lowest} for {limit}");
        prop_assert!(within || !is_within(real + hit + 1, hit + 1, (datasets, decoys), (limit / 100) as u16));
    }
}

/// Proves ATT-10: what is measured has its error. Without a hit of a decoy among 18 the part of false ones may be
/// nothing or more than half: a small period says little.
#[test]
fn false_discoveries_have_an_interval() {
    // (0 · 3 + 1) / 18; 3.841459 / 21.841459 = 0.175879 of all are decoys' at most, to 0.824121 that are not, thrice.
    let small = false_discoveries(18, 0, (6, 2)).expect("hits");
    assert_eq!((small.expected, small.lowest), (55_555, 0));
    assert!(small.highest.abs_diff(640_242) <= 9, "{small:?}");
    // 6 / 99; (5 + 1.920730 ± √(3.841459 · 5 · 99 / 104 + 1.920730²)) / 107.841459 = 0.020708 and 0.107642.
    let larger = false_discoveries(104, 5, (20, 20)).expect("hits");
    assert_eq!(larger.expected, 60_606);
    assert!(larger.lowest.abs_diff(21_146) <= 2 && larger.highest.abs_diff(120_627) <= 2, "{larger:?}");
    // Nothing but decoys; nothing at all; no decoy was compared.
    assert_eq!(false_discoveries(3, 3, (6, 2)), None);
    assert_eq!((false_discoveries(0, 0, (6, 2)), false_discoveries(3, 0, (6, 0))), (None, None));
    assert_eq!(false_discoveries(3, 4, (6, 2)), None);
    // The largest figures there are.
    let most = false_discoveries(u64::MAX, u64::MAX - 1, (u32::MAX, 1)).expect("a hit");
    assert_eq!((most.expected, most.highest), (1_000_000, 1_000_000));
}
