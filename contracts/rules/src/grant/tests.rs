use super::*;
use alloc::{string::ToString, vec};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

const ORIGIN: &str = "log.example/usage";
const NOW: u64 = 1_800_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> Hash {
    key(seed).verifying_key().to_bytes()
}

fn grant() -> Grant {
    Grant {
        origin: ORIGIN.into(),
        log_key: public(1),
        issuer: public(1),
        reader: public(9),
        role: Role::Auditor,
        stream: Some([3; 32]),
        scope: Scope::Leaves { from: 10, to: 20 },
        purpose: "audit of 2026Q4".into(),
        since: NOW - 10,
        until: NOW + 10,
    }
}

fn opens(grant: &Grant, now: u64, wanted: Wanted) -> Result<(), NoGrant> {
    grant.opens((ORIGIN, &public(1)), now, wanted)
}

/// Proves ATT-13: a grant opens its leaves and not one more on either side, in its time to the second, of its log by
/// name and key.
#[test]
fn a_grant_opens_what_it_names_and_no_more() {
    let good = grant();
    assert_eq!(Grant::from_bytes(&good.to_bytes()), Ok(good.clone()));
    for (wanted, expected) in [
        (Wanted::Records(10, 20), Ok(())),
        (Wanted::Records(19, 20), Ok(())),
        (Wanted::Records(9, 20), Err(NoGrant::Beyond)),
        (Wanted::Records(10, 21), Err(NoGrant::Beyond)),
        (Wanted::Records(15, 15), Err(NoGrant::Beyond)),
        (Wanted::Records(0, u64::MAX), Err(NoGrant::Beyond)),
        // Others' records are beside the stream's.
        (Wanted::Entries(10, 20), Err(NoGrant::Beyond)),
        (Wanted::Lines([3; 32], 8_107), Err(NoGrant::Beyond)),
        (Wanted::Readings, Err(NoGrant::Beyond)),
    ] {
        assert_eq!(opens(&good, NOW, wanted), expected, "{wanted:?}");
    }
    let wanted = Wanted::Records(10, 20);
    for (now, expected) in [
        (NOW - 11, Err(NoGrant::NotNow)),
        (NOW - 10, Ok(())),
        (NOW + 9, Ok(())),
        (NOW + 10, Err(NoGrant::NotNow)),
        (u64::MAX, Err(NoGrant::NotNow)),
    ] {
        assert_eq!(opens(&good, now, wanted), expected, "{now}");
    }
    let other_log = |place: (&str, &Hash)| good.opens(place, NOW, wanted);
    assert_eq!(other_log(("log.example/other", &public(1))), Err(NoGrant::OtherLog));
    assert_eq!(other_log((ORIGIN, &public(2))), Err(NoGrant::OtherLog));
}

/// Proves ATT-13: each role reads its own: a contributor lines of a period and no record, a party its stream, and the
/// whole log only who has a grant by the log's own key.
#[test]
fn each_role_reads_its_own() {
    let period = Grant { scope: Scope::Period(8_107), ..grant() };
    assert_eq!(opens(&period, NOW, Wanted::Lines([3; 32], 8_107)), Ok(()));
    assert_eq!(opens(&period, NOW, Wanted::Lines([4; 32], 8_107)), Err(NoGrant::Beyond));
    assert_eq!(opens(&period, NOW, Wanted::Lines([3; 32], 8_108)), Err(NoGrant::Beyond));
    assert_eq!(opens(&period, NOW, Wanted::Records(0, 256)), Ok(()));
    let own = Grant { role: Role::Contributor([7; 20]), ..period.clone() };
    assert_eq!(opens(&own, NOW, Wanted::Lines([3; 32], 8_107)), Ok(()));
    assert_eq!(opens(&own, NOW, Wanted::Records(0, 256)), Err(NoGrant::Beyond));
    let whole = Grant { stream: None, role: Role::Committee, ..grant() };
    assert_eq!(opens(&whole, NOW, Wanted::Entries(10, 20)), Ok(()));
    assert_eq!(opens(&whole, NOW, Wanted::Readings), Ok(()));
    assert_eq!(opens(&whole, NOW, Wanted::Entries(0, 256)), Err(NoGrant::Beyond));
    for wrong in [
        Grant { issuer: public(2), ..whole.clone() },
        Grant { role: Role::Party, ..whole.clone() },
        Grant { role: Role::Contributor([7; 20]), ..whole },
        Grant { role: Role::Contributor([7; 20]), ..grant() },
        Grant { role: Role::Contributor([0; 20]), ..period.clone() },
        Grant { scope: Scope::Period(0), ..grant() },
        Grant { scope: Scope::Leaves { from: 5, to: 5 }, ..grant() },
        Grant { purpose: String::new(), ..grant() },
        Grant { purpose: "a\nb".into(), ..grant() },
        Grant { purpose: "x".repeat(MAX_PURPOSE + 1), ..grant() },
        Grant { origin: "a b".into(), ..grant() },
        Grant { reader: [0; 32], ..grant() },
        Grant { until: NOW - 10, ..grant() },
        Grant { until: NOW - 10 + MAX_SECONDS + 1, ..grant() },
    ] {
        assert_eq!(Grant::from_bytes(&wrong.to_bytes()), Err(NoGrant::Values), "{wrong:?}");
        assert_eq!(opens(&wrong, NOW, Wanted::Records(10, 20)), Err(NoGrant::Values));
    }
    Grant::from_bytes(&Grant { until: NOW - 10 + MAX_SECONDS, ..grant() }.to_bytes()).unwrap();
}

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

/// What a grant opens is not what this one says: no grant at all, or one whose signature is not its issuer's.
fn accepted(bytes: &[u8], signature: &[u8; 64]) -> bool {
    let Ok(grant) = Grant::from_bytes(bytes) else { return false };
    VerifyingKey::from_bytes(&grant.issuer)
        .is_ok_and(|key| key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok())
}

/// Fields of another grant in the place of one's own.
const SWAPS: [fn(&mut Grant, &Grant); 12] = [
    |to, from| to.origin.clone_from(&from.origin),
    |to, from| to.log_key = from.log_key,
    |to, from| to.issuer = from.issuer,
    |to, from| to.reader = from.reader,
    |to, from| to.role = from.role,
    |to, from| to.stream = from.stream,
    |to, from| to.scope = from.scope,
    |to, from| to.purpose.clone_from(&from.purpose),
    |to, _| to.until += 1,
    |to, _| to.since -= 1,
    |to, _| to.scope = Scope::Leaves { from: 0, to: u64::MAX },
    |to, _| to.stream = None,
];

/// Proves ATT-13: of ten thousand mutated grants, bits and bytes changed, left out, doubled, fields of other grants in
/// their place, signatures mixed, none is accepted.
#[test]
fn no_mutated_grant_is_accepted() {
    let real: Vec<Grant> = vec![
        grant(),
        Grant {
            origin: "log.example/other".into(),
            log_key: public(4),
            issuer: public(5),
            reader: public(8),
            role: Role::Contributor([7; 20]),
            stream: Some([4; 32]),
            scope: Scope::Period(8_107),
            purpose: "own lines".to_string(),
            since: NOW,
            until: NOW + 1_000,
        },
        Grant { stream: None, role: Role::Committee, scope: Scope::Leaves { from: 0, to: 5 }, ..grant() },
    ];
    let secrets = [1, 5, 1].map(key);
    let signed: Vec<(Vec<u8>, [u8; 64])> = real
        .iter()
        .zip(&secrets)
        .map(|(grant, key)| (grant.to_bytes(), key.sign(&grant.to_bytes()).to_bytes()))
        .collect();
    assert!(signed.iter().all(|(bytes, signature)| accepted(bytes, signature)));
    let (mut chance, mut tried, mut parsed) = (Chance(15), 0, 0);
    while tried < 10_000 {
        let which = chance.below(signed.len());
        let (mut bytes, mut signature) = signed[which].clone();
        match chance.below(8) {
            0 => bytes[chance.below(TAG.len() + 200).min(signed[which].0.len() - 1)] ^= 1 << chance.below(8),
            1 => bytes.truncate(chance.below(bytes.len())),
            2 => bytes.extend_from_within(chance.below(bytes.len())..),
            3 => bytes.insert(chance.below(bytes.len()), chance.below(256) as u8),
            4 => drop(bytes.remove(chance.below(bytes.len()))),
            5 => {
                let mut changed = real[which].clone();
                SWAPS[chance.below(SWAPS.len())](&mut changed, &real[chance.below(real.len())]);
                bytes = changed.to_bytes();
            }
            6 => signature[chance.below(64)] ^= 1 << chance.below(8),
            _ => {
                let other = &signed[chance.below(signed.len())];
                if chance.below(2) == 0 { signature = other.1 } else { bytes.clone_from(&other.0) }
            }
        }
        if signed.contains(&(bytes.clone(), signature)) {
            continue;
        }
        tried += 1;
        parsed += usize::from(Grant::from_bytes(&bytes).is_ok());
        assert!(!accepted(&bytes, &signature), "{:?}", Grant::from_bytes(&bytes));
    }
    assert!(parsed > 2_000, "only {parsed} were stopped by their signature alone");
}

/// A reading is of one grant, one request and one second; another tag, and it is no grant.
#[test]
fn a_reading_names_grant_request_and_time() {
    let bytes = reading_bytes(&[1; 32], "/v1/records?from=0&to=9", 7);
    let others = [([2; 32], "/v1/records?from=0&to=9", 7), ([1; 32], "/v1/records?from=0&to=90", 7), ([1; 32], "", 8)];
    assert!(others.iter().all(|(grant, asked, at)| reading_bytes(grant, asked, *at) != bytes));
    assert_eq!(Grant::from_bytes(&bytes), Err(NoGrant::Encoding));
    assert!(is_now(NOW - 120, NOW) && is_now(NOW + 120, NOW));
    assert!(!is_now(NOW - 121, NOW) && !is_now(NOW + 121, NOW));
}
