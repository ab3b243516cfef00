//! Ten thousand mutated reports, on the way that the registry goes: bytes, place, committee, signatures.

use super::{
    tests::{binding, report},
    *,
};
use crate::committee::Committee;
use alloc::{string::ToString, vec};
use ed25519_dalek::{Signer, SigningKey};

/// How many, by a fixed seed.
const FORGERIES: usize = 10_000;

/// Sebastiano Vigna's splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }
}

fn keys() -> Vec<SigningKey> {
    (1..=3).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect()
}

fn committee() -> Committee {
    Committee::new(1, 2, keys().iter().map(|key| key.verifying_key().to_bytes())).unwrap()
}

/// Two of three sign.
fn sign(bytes: &[u8]) -> Vec<u8> {
    let entry =
        |key: &SigningKey| yieldset_ed25519::entry(&key.verifying_key().to_bytes(), &key.sign(bytes).to_bytes());
    keys()[..2].iter().flat_map(entry).collect()
}

/// How far a posting came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Malformed,
    Elsewhere,
    Unsigned,
    Forged,
    Accepted,
}

/// What `contracts/attribution/src/posting.rs` does, with the verifier's own code.
fn post(place: &Binding, bytes: &[u8], signatures: &[u8]) -> Step {
    let Ok(report) = Report::from_bytes(bytes) else { return Step::Malformed };
    if place.check(&report).is_err() {
        return Step::Elsewhere;
    }
    let Ok(quorum) = committee().quorum(signatures).map(<[u8]>::to_vec) else { return Step::Unsigned };
    let valid = quorum.chunks_exact(SIGNATURE_ENTRY).all(|entry| {
        let (key, signature) = (entry[..32].try_into().unwrap(), entry[32..96].try_into().unwrap());
        let multiples = yieldset_ed25519::multiples(key).unwrap();
        yieldset_ed25519::verify(key, &multiples, bytes, signature, entry[96..128].try_into().unwrap())
    });
    if valid { Step::Accepted } else { Step::Forged }
}

/// Where these bytes would be at home, whatever place they name: then the signatures alone stop them.
fn home(bytes: &[u8]) -> Binding {
    let Ok(report) = Report::from_bytes(bytes) else { return binding() };
    let last = Last { period: report.period - 1, log_size: report.log.size, hash: report.previous };
    Binding {
        chain_id: report.chain_id,
        registry: report.registry,
        epoch: report.epoch,
        last: Some(last),
        next_revision: (report.revision > 0).then_some(report.revision),
        now: u64::MAX,
    }
}

/// Reports that the committee signed.
fn real() -> Vec<Report> {
    let totals = Totals { qualifying_calls: 0, attributed_tokens: 0, ..report().totals };
    let spot = SpotCheck { block: 7, block_hash: [9; 32], drawn: 3, opened: 3, matched: 2 };
    vec![
        report(),
        Report { outcome: Outcome::NothingQualified, totals, stream: [4; 32], lines_root: [1; 32], ..report() },
        Report {
            models: vec!["lumen-1".to_string(), "lumen-2".to_string()],
            pool: [9; 20],
            period: 8108,
            error: MeasuredError::Decoys { hits: 12, decoy_hits: 2, datasets: 3, decoys: 3 },
            package: Some([3; 32]),
            spot_check: Some(spot),
            compared: [7; 32],
            outcome: Outcome::Weights([6; 32]),
            ..report()
        },
    ]
}

/// Fields of another report in the place of one's own, encoded as the oracle would.
const SWAPS: [fn(&mut Report, &Report); 14] = [
    |to, from| to.pool = from.pool,
    |to, from| to.stream = from.stream,
    |to, from| to.models.clone_from(&from.models),
    |to, from| to.period = from.period,
    |to, from| to.compared = from.compared,
    |to, from| (to.outcome, to.totals) = (from.outcome, from.totals),
    |to, from| to.error = from.error,
    |to, from| to.lines_root = from.lines_root,
    |to, from| to.package = from.package,
    |to, from| to.spot_check = from.spot_check,
    |to, _| to.log.root[0] ^= 1,
    |to, _| to.metric.threshold -= 1,
    |to, _| to.totals.tokens += 1,
    |to, _| to.log.origin.push('x'),
];

/// Another byte string, made of reports that are real.
fn mutate(chance: &mut Chance, own: &Report, other: &Report) -> Vec<u8> {
    let (mut bytes, others) = (own.to_bytes(), other.to_bytes());
    let (at, to) = (chance.below(bytes.len()), chance.below(bytes.len()));
    let length = 1 + chance.below(40);
    match chance.below(10) {
        0 => bytes[at] ^= 1 << chance.below(8),
        1 => bytes[at] = chance.below(256) as u8,
        2 => bytes.swap(at, to),
        3 => {
            bytes.remove(at);
        }
        4 => bytes.insert(at, chance.below(256) as u8),
        5 => bytes.truncate(at),
        6 => bytes.extend((0..length).map(|_| chance.below(256) as u8)),
        7 => {
            let part = bytes[at..bytes.len().min(at + length)].to_vec();
            bytes.splice(to..to, part);
        }
        8 => {
            let (from, until) = (at.min(others.len()), others.len().min(at + length));
            let end = bytes.len().min(at + length);
            bytes.splice(at..end, others[from..until].to_vec());
        }
        _ => {
            let mut changed = own.clone();
            for _ in 0..=chance.below(2) {
                SWAPS[chance.below(SWAPS.len())](&mut changed, other);
            }
            bytes = changed.to_bytes();
        }
    }
    bytes
}

/// Proves SAFE-14: of ten thousand mutated reports none is accepted, where it belongs nor where it would; by its own
/// signatures, by those of another report, or by both mixed. Thousands come as far as the signatures.
#[test]
fn no_mutated_report_is_accepted() {
    let real = real();
    let signed: Vec<_> = real.iter().map(|report| (report.to_bytes(), sign(&report.to_bytes()))).collect();
    for (bytes, signatures) in &signed {
        assert_eq!(post(&home(bytes), bytes, signatures), Step::Accepted);
    }
    assert_eq!(post(&binding(), &signed[0].0, &signed[0].1), Step::Accepted);
    let mut chance = Chance(14);
    let (mut tried, mut forged, mut elsewhere) = (0, 0, 0);
    while tried < FORGERIES {
        let (own, other) = (chance.below(real.len()), chance.below(real.len()));
        let bytes = mutate(&mut chance, &real[own], &real[other]);
        // What is still a report that was signed is no forgery.
        if signed.iter().any(|(known, _)| *known == bytes) {
            continue;
        }
        let mut signatures = signed[own].1.clone();
        match chance.below(4) {
            0 => signatures.clone_from(&signed[other].1),
            1 => signatures[SIGNATURE_ENTRY..].copy_from_slice(&signed[other].1[SIGNATURE_ENTRY..]),
            2 => signatures.rotate_left(SIGNATURE_ENTRY),
            _ => {}
        }
        for place in [binding(), home(&bytes)] {
            match post(&place, &bytes, &signatures) {
                Step::Accepted => panic!("accepted: {bytes:?}"),
                Step::Forged => forged += 1,
                Step::Elsewhere => elsewhere += 1,
                Step::Malformed | Step::Unsigned => {}
            }
        }
        tried += 1;
    }
    assert!(forged > 3_000 && elsewhere > 500, "{forged} by their signatures, {elsewhere} by their place");
}

/// Proves SAFE-14: bytes and tag of the version before, under the committee's own signatures, are no report; and a
/// signature of which any bit differs is none.
#[test]
fn neither_older_bytes_nor_other_signatures_count() {
    let bytes = report().to_bytes();
    let older = [v2::TAG, &bytes[TAG.len()..]].concat();
    assert_eq!(post(&home(&bytes), &older, &sign(&older)), Step::Malformed);
    let untagged = &bytes[TAG.len()..];
    assert_eq!(post(&home(&bytes), untagged, &sign(untagged)), Step::Malformed);
    let signatures = sign(&bytes);
    for at in 0..128 {
        let mut other = signatures.clone();
        other[at] ^= 1;
        let step = post(&binding(), &bytes, &other);
        assert_eq!(step, if at < 32 { Step::Unsigned } else { Step::Forged }, "byte {at}");
    }
    // One signature, one twice, a stranger's, and none.
    let one = &signatures[..SIGNATURE_ENTRY];
    let stranger = SigningKey::from_bytes(&[9; 32]);
    let strange = yieldset_ed25519::entry(&stranger.verifying_key().to_bytes(), &stranger.sign(&bytes).to_bytes());
    for list in [one.to_vec(), [one, one].concat(), [one, &strange].concat(), Vec::new()] {
        assert_eq!(post(&binding(), &bytes, &list), Step::Unsigned);
    }
}
