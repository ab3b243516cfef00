//! Bytes and binding of reports.

use super::*;
use crate::period::quarter_start;
use alloc::{string::ToString, vec};
use proptest::prelude::*;
use sha3::{Digest, Keccak256};

pub fn keccak(bytes: &[u8]) -> Hash {
    Keccak256::digest(bytes).into()
}

/// A day of 2028, when the quarters below are over.
const NOW: u64 = 1_838_160_000;

/// A report of 2026 Q4.
pub fn report() -> Report {
    Report {
        chain_id: 420_420_420,
        registry: [1; 20],
        pool: [2; 20],
        stream: [3; 32],
        models: vec!["lumen-1".to_string()],
        period: 8107,
        revision: 0,
        epoch: 1,
        log: LogCheckpoint { origin: "log.example/usage".to_string(), size: 24, root: [4; 32] },
        compared: [6; 32],
        metric: Metric { name: "m".to_string(), version: 1, threshold: 700_000 },
        outcome: Outcome::Weights([5; 32]),
        totals: Totals { calls: 24, qualifying_calls: 10, tokens: 900, attributed_tokens: 500, late_records: None },
        error: MeasuredError::NotMeasured,
        lines_root: [8; 32],
        package: None,
        spot_check: None,
        previous: [0; 32],
    }
}

pub fn binding() -> Binding {
    Binding { chain_id: 420_420_420, registry: [1; 20], epoch: 1, last: None, next_revision: None, now: NOW }
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
    let refused = followed.check(&good);
    assert_eq!(refused, Err(BindingError::PeriodOutOfOrder { got: 8107, last: 8107 }));
    let next = Report { period: 8108, previous: [9; 32], ..report() };
    assert_eq!(followed.check(&next), Ok(()));
    let mut shrunk = next.clone();
    shrunk.log.size = 23;
    assert!(matches!(followed.check(&shrunk), Err(BindingError::LogShrank { got: 23, last: 24 })));
    let end = Binding { last: Some(Last { period: u32::MAX, log_size: 24, hash: [9; 32] }), ..binding() };
    let again = Report { period: u32::MAX, ..next.clone() };
    assert!(matches!(end.check(&again), Err(BindingError::PeriodOutOfOrder { .. })));
}

/// Proves SAFE-1: quarters that nobody reported stop none of the later ones, and the first report is of any quarter. On
/// the old rule the second of these was `PeriodOutOfOrder { got: 8111, expected: 8108 }`.
#[test]
fn a_skipped_quarter_stops_nothing() {
    assert_eq!(binding().check(&report()), Ok(()));
    let after = Binding { last: Some(Last { period: 8107, log_size: 24, hash: [9; 32] }), ..binding() };
    assert_eq!(after.check(&Report { period: 8111, previous: [9; 32], ..report() }), Ok(()));
    // What was skipped is not reported afterwards: its money has moved on.
    let after = Binding { last: Some(Last { period: 8111, log_size: 24, hash: [9; 32] }), ..binding() };
    let late = after.check(&Report { period: 8108, previous: [9; 32], ..report() });
    assert_eq!(late, Err(BindingError::PeriodOutOfOrder { got: 8108, last: 8111 }));
}

/// Proves SAFE-1: only what is over is reported, to the second, so that no report from the future shuts out all before
/// it. On the old rule a first report of 2036 Q4 was accepted.
#[test]
fn a_quarter_is_reported_when_it_is_over() {
    let at = |now| Binding { now, ..binding() };
    // 1 January 2027.
    let ends = 1_798_761_600;
    assert_eq!(at(ends - 1).check(&report()), Err(BindingError::PeriodNotOver { period: 8107, ends }));
    assert_eq!(at(ends).check(&report()), Ok(()));
    let ahead = at(ends).check(&Report { period: 8147, ..report() });
    assert_eq!(ahead, Err(BindingError::PeriodNotOver { period: 8147, ends: quarter_start(8148) }));
    let last = at(ends).check(&Report { period: u32::MAX, ..report() });
    assert!(matches!(last, Err(BindingError::PeriodNotOver { .. })));
    // A withdrawn report's revision is of a quarter that was over before.
    let waits = Binding { last: Some(Last::default()), next_revision: Some(1), ..at(ends - 1) };
    let early = waits.check(&Report { revision: 1, ..report() });
    assert_eq!(early, Err(BindingError::PeriodNotOver { period: 8107, ends }));
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
    assert_eq!(refused, Err(BindingError::PeriodOutOfOrder { got: 8107, last: 8108 }));
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
    let totals = report().totals;
    let (none, weights) = (Outcome::NothingQualified, Outcome::Weights([0; 32]));
    let nobodys = Totals { qualifying_calls: 0, attributed_tokens: 0, ..totals };
    let metric = |threshold| Metric { threshold, ..report().metric };
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    for (bad, code) in [
        (Report { period: 0, ..report() }, Malformed::Values),
        (Report { epoch: 0, ..report() }, Malformed::Values),
        // More of them in `figures`.
        (Report { totals: Totals { attributed_tokens: 0, ..totals }, ..report() }, Malformed::Values),
        (Report { totals: Totals { qualifying_calls: 0, ..totals }, ..report() }, Malformed::Values),
        (Report { models: vec![], ..report() }, Malformed::Models),
        (Report { models: names(&[""]), ..report() }, Malformed::Models),
        (Report { models: names(&["a", "a"]), ..report() }, Malformed::Models),
        (Report { models: names(&["b", "a"]), ..report() }, Malformed::Models),
        (Report { metric: metric(0), ..report() }, Malformed::Threshold),
        (Report { metric: metric(SCORE_ONE + 1), ..report() }, Malformed::Threshold),
        (Report { outcome: weights, ..report() }, Malformed::Outcome),
        (Report { totals: nobodys, ..report() }, Malformed::Outcome),
        (Report { outcome: none, ..report() }, Malformed::Outcome),
    ] {
        assert_eq!(Report::from_bytes(&bad.to_bytes()), Err(code), "{bad:?}");
    }
}

/// Proves SAFE-1 and SAFE-14: "nothing qualified" is a report of its own, and so is whatever the oracle measured.
#[test]
fn nothing_qualified_is_said_in_so_many_words() {
    let totals = Totals { qualifying_calls: 0, attributed_tokens: 0, ..report().totals };
    let empty = Report { outcome: Outcome::NothingQualified, totals, ..report() };
    assert_eq!(Report::from_bytes(&empty.to_bytes()), Ok(empty.clone()));
    assert_eq!((empty.weights_root(), report().weights_root()), ([0; 32], [5; 32]));
    // A quarter without a single call is one, too.
    let silent = Report { totals: Totals::default(), lines_root: [0; 32], ..empty };
    assert_eq!(Report::from_bytes(&silent.to_bytes()), Ok(silent));
    let spot = SpotCheck { block: 7, block_hash: [1; 32], drawn: 3, opened: 3, matched: 2 };
    let measured = Report {
        models: vec!["lumen-1".to_string(), "lumen-2".to_string()],
        error: MeasuredError::Decoys { hits: 20, decoy_hits: 10, datasets: 3, decoys: 2 },
        totals: Totals { late_records: Some(24), ..report().totals },
        package: Some([3; 32]),
        spot_check: Some(spot),
        previous: [9; 32],
        ..report()
    };
    assert_eq!(Report::from_bytes(&measured.to_bytes()), Ok(measured));
}

/// Proves SAFE-14: each field of the signed bytes matters: another value, another byte string.
#[test]
fn every_field_is_signed() {
    let metric = report().metric;
    let changes: [fn(&mut Report); 22] = [
        |r| r.chain_id += 1,
        |r| r.registry[0] ^= 1,
        |r| r.pool[0] ^= 1,
        |r| r.stream[0] ^= 1,
        |r| r.models.push("lumen-2".to_string()),
        |r| r.period += 1,
        |r| r.revision += 1,
        |r| r.epoch += 1,
        |r| r.log.root[0] ^= 1,
        |r| r.log.size += 1,
        |r| r.compared[0] ^= 1,
        |r| r.metric.version += 1,
        |r| r.metric.threshold += 1,
        |r| r.outcome = Outcome::Weights([6; 32]),
        |r| r.totals.calls -= 1,
        |r| r.totals.late_records = Some(0),
        |r| r.error = MeasuredError::Decoys { hits: 10, decoy_hits: 0, datasets: 1, decoys: 1 },
        |r| r.lines_root[0] ^= 1,
        |r| r.package = Some([0; 32]),
        |r| r.spot_check = Some(SpotCheck { block: 1, block_hash: [1; 32], drawn: 1, opened: 0, matched: 0 }),
        |r| r.previous[0] ^= 1,
        |r| r.log.origin.push('x'),
    ];
    let mut seen = vec![report().to_bytes()];
    for change in changes {
        let mut changed = report();
        change(&mut changed);
        let bytes = changed.to_bytes();
        assert!(!seen.contains(&bytes), "{changed:?}");
        assert_eq!(Report::from_bytes(&bytes), Ok(changed));
        seen.push(bytes);
    }
    // The metric's id is of name and version, in the bytes that Solidity packs: "m" and 00000001.
    assert_eq!(metric.id(keccak), keccak(&[b'm', 0, 0, 0, 1]));
    let figures = report().figures(keccak);
    assert_eq!((figures.metric, figures.threshold), (metric.id(keccak), 700_000));
    assert_eq!((figures.attributed_tokens, figures.qualifying_calls), (500, 10));
    assert_eq!(Figures::from_bytes(&figures.to_bytes()), figures);
}

/// Proves SAFE-14: who is left out of the comparison is missing in its digest; in which order it was made is not.
#[test]
fn the_compared_set_has_one_digest() {
    let (a, b, c) = (([1; 32], [9; 32]), ([2; 32], [8; 32]), ([2; 32], [7; 32]));
    let all = compared_digest(&[a, b, c], keccak);
    assert_eq!(all, keccak(&[[1; 32], [9; 32], [2; 32], [7; 32], [2; 32], [8; 32]].concat()));
    assert_eq!(compared_digest(&[c, a, b], keccak), all);
    assert_ne!(compared_digest(&[a, b], keccak), all);
    assert_eq!(compared_digest(&[], keccak), keccak(&[]));
}

/// The last value that is allowed, where the next one is refused.
#[test]
fn limits_are_inclusive() {
    let totals =
        Totals { calls: 24, qualifying_calls: 24, tokens: 900, attributed_tokens: 900, late_records: Some(24) };
    for threshold in [1, SCORE_ONE] {
        let metric = Metric { threshold, ..report().metric };
        let edge = Report { totals, metric, previous: [9; 32], ..report() };
        assert_eq!(Report::from_bytes(&edge.to_bytes()), Ok(edge));
    }
    // Texts of 64 to 16,383 bytes have a length prefix of two bytes, one more than the short model's.
    let mut long = report();
    long.models[0] = "x".repeat(MAX_BYTES - report().to_bytes().len() - 1 + report().models[0].len());
    assert_eq!(long.to_bytes().len(), MAX_BYTES);
    assert_eq!(Report::from_bytes(&long.to_bytes()), Ok(long.clone()));
    long.models[0].push('x');
    assert_eq!(Report::from_bytes(&long.to_bytes()), Err(Malformed::TooLong));
}

/// What is signed today must verify tomorrow: the bytes are part of the contract.
#[test]
fn the_encoding_is_fixed() {
    let bytes = report().to_bytes();
    assert_eq!(&bytes[..TAG.len()], b"yieldset/report/v3\n");
    let (chain, rest) = bytes[TAG.len()..].split_at(8);
    assert_eq!(chain, 420_420_420u64.to_le_bytes());
    assert_eq!(rest[..72], [[1; 20].as_slice(), &[2; 20], &[3; 32]].concat());
    // One model of seven letters.
    assert_eq!(&rest[72..81], b"\x04\x1clumen-1");
    // Period, revision, epoch.
    assert_eq!(rest[81..93], [8107u32, 0, 1].map(u32::to_le_bytes).concat());
    // From the end: previous, no spot check, no package, the lines' root, an error that was not measured.
    let end = [[8; 32].as_slice(), &[0, 0], &[0; 32]].concat();
    assert_eq!(bytes[bytes.len() - 66..], end);
    assert_eq!(bytes[bytes.len() - 67], 0);
}

/// Proves SAFE-1 and SAFE-12: a false size of 2^64 − 1 stops the stream only while its report stands. On the old rule
/// it stopped every later report for ever, also after the report was withdrawn.
#[test]
fn a_withdrawn_reports_log_size_stops_nobody() {
    let after = |last: Last, period, size, hash: u8| {
        let mut report = Report { period, previous: last.hash, ..report() };
        report.log.size = size;
        let place = Binding { last: Some(last), ..binding() };
        place.check(&report).map(|()| last.after(&report, [hash; 32]))
    };
    let first = after(Last::default(), 8107, 24, 1).unwrap();
    let false_size = after(first, 8108, u64::MAX, 2).unwrap();
    assert_eq!(after(false_size, 8109, 30, 3), Err(BindingError::LogShrank { got: 30, last: u64::MAX }));
    // Withdrawn, what held before it holds again: 24. The next report still names it.
    let end = false_size.withdraw(first.log_size);
    assert_eq!(end, Last { period: 8108, log_size: 24, hash: [2; 32] });
    assert_eq!(after(end, 8109, 23, 3), Err(BindingError::LogShrank { got: 23, last: 24 }));
    let third = after(end, 8109, 30, 3).unwrap();
    // Two false ones, withdrawn in either order.
    let [one, two] = [after(third, 8110, u64::MAX - 1, 4).unwrap(), after(third, 8110, u64::MAX, 4).unwrap()];
    let both = after(one, 8111, u64::MAX, 5).unwrap();
    assert_eq!(both.withdraw(one.log_size).withdraw(30).log_size, 30);
    assert_eq!(both.withdraw(30).withdraw(one.log_size).log_size, 30);
    assert_eq!(two.withdraw(30).log_size, 30);
    // Nothing is raised, and where every report of a stream is withdrawn any log will do.
    assert_eq!(third.withdraw(u64::MAX).log_size, 30);
    assert_eq!(third.withdraw(24).withdraw(24).withdraw(0).log_size, 0);
}

/// Reports that were signed in version 2 can still be read, and are none of version 3.
#[test]
fn version_2_stays_readable() {
    let fields = (
        (420_420_420u64, [1u8; 20], [2u8; 20], [3u8; 32], "lumen-1", 8107u32, 0u32, 1u32),
        (report().log, Metric { threshold: 0, ..report().metric }, [5u8; 32], [24u64, 10, 900, 500], [0u8; 32]),
    );
    let bytes = [v2::TAG, &fields.encode()].concat();
    let read = v2::Report::from_bytes(&bytes).unwrap();
    assert_eq!((read.chain_id, read.period, read.model.as_str()), (420_420_420, 8107, "lumen-1"));
    assert_eq!((read.weights_root, read.totals.attributed_tokens), ([5; 32], 500));
    assert_eq!(Report::from_bytes(&bytes), Err(Malformed::WrongTag));
    assert_eq!(v2::Report::from_bytes(&report().to_bytes()), Err(Malformed::WrongTag));
    assert_eq!(v2::Report::from_bytes(&bytes[..bytes.len() - 1]), Err(Malformed::Encoding));
    assert_eq!(v2::Report::from_bytes(&vec![0; MAX_BYTES + 1]), Err(Malformed::TooLong));
}

/// Each figure of version 2 that cannot be is refused by itself, and what is just possible is read.
#[test]
fn version_2_has_limits() {
    let read = |period: u32, epoch: u32, threshold: u32, totals: [u64; 4]| {
        let metric = Metric { threshold, ..report().metric };
        let place = (420_420_420u64, [1u8; 20], [2u8; 20], [3u8; 32], "lumen-1", period, 0u32, epoch);
        let bytes = [v2::TAG, &(place, (report().log, metric, [5u8; 32], totals, [0u8; 32])).encode()].concat();
        v2::Report::from_bytes(&bytes).map(|read| read.totals.qualifying_calls)
    };
    // Calls, qualifying ones, tokens, attributed ones.
    let all = [24, 24, 900, 900];
    assert_eq!(read(1, 1, SCORE_ONE, all), Ok(24));
    for found in [
        read(0, 1, SCORE_ONE, all),
        read(1, 0, SCORE_ONE, all),
        read(1, 1, SCORE_ONE + 1, all),
        read(1, 1, SCORE_ONE, [24, 25, 900, 900]),
        read(1, 1, SCORE_ONE, [24, 24, 900, 901]),
    ] {
        assert_eq!(found, Err(Malformed::Values));
    }
}

proptest! {
    /// No input panics, and whatever parses encodes back to the same bytes: one report, one byte string.
    #[test]
    fn encoding_is_canonical(mut bytes in prop::collection::vec(any::<u8>(), 0..400), flip in 0usize..400) {
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
