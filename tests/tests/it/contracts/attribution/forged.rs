//! Mutated reports on the built registry and verifier: a sample of those that `rules` tries by the thousand.

use yieldset_chain::abi::Attribution;
use yieldset_rules::report::{Outcome, Report, TAG};
use yieldset_tests::{
    attribution::{AttributionRegistry, PERIOD},
    chain::Failure,
    system::sign,
};

/// A mutation of a real report's bytes, by its number.
fn mutate(real: &Report, number: usize) -> Vec<u8> {
    let mut bytes = real.to_bytes();
    // Every byte comes up, at another bit each time.
    let at = number * 7 % bytes.len();
    match number % 6 {
        0..=2 => bytes[at] ^= 1 << (number % 8),
        3 => bytes.truncate(at),
        4 => bytes.insert(at, number as u8),
        _ => {
            let mut other = real.clone();
            match number / 6 % 8 {
                0 => other.compared[number % 32] ^= 1,
                1 => other.outcome = Outcome::Weights([number as u8; 32]),
                2 => other.totals.tokens += number as u64,
                3 => other.pool[number % 20] ^= 1,
                4 => other.stream[number % 32] ^= 1,
                5 => other.lines_root[number % 32] ^= 1,
                6 => other.metric.threshold -= number as u32,
                _ => other.log.size += number as u64,
            }
            bytes = other.to_bytes();
        }
    }
    bytes
}

/// Proves SAFE-14: of 300 mutated reports, under the signatures of the real one, the built contracts accept none; the
/// real one they do, after all that. Bytes of the version before are malformed under the committee's own signatures.
#[test]
fn the_built_contracts_accept_no_mutated_report() {
    let mut r = AttributionRegistry::new();
    let (report, keys, anybody) = (r.report(PERIOD), r.keys[..2].to_vec(), r.anybody.clone());
    let real = report.to_bytes();
    let signatures = sign(&real, &keys);
    let mut by_signature = 0;
    for number in 0..300 {
        let bytes = mutate(&report, number);
        assert_ne!(bytes, real, "mutation {number}");
        let call = Attribution::postCall { report: bytes.into(), signatures: signatures.clone().into() };
        match r.call(&anybody, call) {
            Err(Failure::Refused(text)) => by_signature += usize::from(text.starts_with("BadSignature")),
            other => panic!("mutation {number}: {other:?}"),
        }
    }
    assert!(by_signature >= 100, "{by_signature} came as far as the signatures");
    let older = [yieldset_rules::report::v2::TAG, &real[TAG.len()..]].concat();
    let call = Attribution::postCall { report: older.clone().into(), signatures: sign(&older, &keys).into() };
    match r.call(&anybody, call) {
        Err(Failure::Refused(text)) => assert!(text.starts_with("MalformedReport"), "{text}"),
        other => panic!("{other:?}"),
    }
    let call = Attribution::postCall { report: real.into(), signatures: signatures.into() };
    r.call(&anybody, call).unwrap();
}
