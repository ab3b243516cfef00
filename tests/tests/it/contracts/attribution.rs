use alloy_primitives::{B256, keccak256};
use ed25519_dalek::SigningKey;
use yieldset_chain::abi::Attribution;
use yieldset_rules::report::Report;
use yieldset_tests::chain::assert_refused;
use yieldset_tests::system::{System, public, sign};

const STREAM: B256 = B256::repeat_byte(3);

/// Proves ATT-9: two of three distinct committee keys are needed, and each other set is refused by its own error.
#[test]
fn m_of_n_keys_must_sign() {
    let mut s = System::new();
    let report = s.report(STREAM, 8107, [1; 32]).to_bytes();
    let k = s.keys.clone();
    let stranger = SigningKey::from_bytes(&[77; 32]);
    assert_refused(s.post(&report, &[]), "NotEnoughSignatures");
    assert_refused(s.post(&report, &k[..1]), "NotEnoughSignatures");
    assert_refused(s.post(&report, &[k[0].clone(), k[0].clone()]), "DuplicateSigner");
    assert_refused(s.post(&report, &[k[0].clone(), stranger]), "UnknownKey");
    let admin = s.admin.clone();
    let mut forged = sign(&report, &k[..2]);
    forged[96 + 40] ^= 1;
    let call =
        |signatures: Vec<u8>| Attribution::postCall { report: report.clone().into(), signatures: signatures.into() };
    assert_refused(s.call(&admin, s.attribution, call(forged.clone())), "BadSignature");
    forged.pop();
    assert_refused(s.call(&admin, s.attribution, call(forged)), "MalformedSignatures");
    let hash = s.post(&report, &[k[2].clone(), k[0].clone()]).unwrap();
    assert_eq!(hash, keccak256(&report));
    let call = Attribution::weightsRootCall { pool: s.pool, stream: STREAM, period: 8107 };
    assert_eq!(s.call(&admin, s.attribution, call).unwrap(), B256::repeat_byte(1));
    let latest = s.call(&admin, s.attribution, Attribution::latestCall { pool: s.pool, stream: STREAM }).unwrap();
    assert_eq!((latest.period, latest.reportHash, latest.logSize), (8107, hash, 24));
}

/// Proves ATT-9: a report of another chain, contract, epoch or place in the stream is refused though its signatures are good.
#[test]
fn a_report_cannot_be_replayed_elsewhere() {
    let mut s = System::new();
    let keys = s.keys[..2].to_vec();
    let good = s.report(STREAM, 8107, [1; 32]);
    let post = |s: &mut System, report: Report| s.post(&report.to_bytes(), &keys);
    assert_refused(post(&mut s, Report { chain_id: 1, ..good.clone() }), "WrongChain");
    assert_refused(post(&mut s, Report { registry: [9; 20], ..good.clone() }), "WrongContract");
    assert_refused(post(&mut s, Report { epoch: 2, ..good.clone() }), "WrongEpoch");
    assert_refused(post(&mut s, Report { previous: [1; 32], ..good.clone() }), "PreviousMismatch");
    let first = post(&mut s, good.clone()).unwrap();
    assert_refused(post(&mut s, good.clone()), "PeriodOutOfOrder");
    let next = Report { period: 8108, previous: first.0, ..good.clone() };
    assert_refused(post(&mut s, Report { period: 8109, ..next.clone() }), "PeriodOutOfOrder");
    assert_refused(post(&mut s, Report { previous: [0; 32], ..next.clone() }), "PreviousMismatch");
    let mut shrunk = next.clone();
    shrunk.log.size = 23;
    assert_refused(post(&mut s, shrunk), "LogShrank");
    post(&mut s, next).unwrap();
    // Another pool's stream has a history of its own.
    post(&mut s, Report { pool: [8; 20], ..good }).unwrap();
}

#[test]
fn garbage_is_malformed_and_only_the_admin_sets_keys() {
    let mut s = System::new();
    let keys = s.keys.clone();
    assert_refused(s.post(b"not a report", &keys[..2]), "MalformedReport");
    assert_refused(s.post(&[0; 3_000], &keys[..2]), "MalformedReport");
    let admin = s.admin.clone();
    let mallory = s.chain.account(9);
    let set = |keys: &[SigningKey], threshold| Attribution::setCommitteeCall { keys: public(keys), threshold };
    assert_refused(s.call(&mallory, s.attribution, set(&keys, 1)), "NotAdmin");
    for bad in [set(&keys, 0), set(&keys, 4), set(&[], 0), set(&[keys[0].clone(), keys[0].clone()], 1)] {
        assert_refused(s.call(&admin, s.attribution, bad), "InvalidCommittee");
    }
    s.call(&admin, s.attribution, set(&keys[1..], 1)).unwrap();
    let report = Report { epoch: 2, ..s.report(STREAM, 8107, [1; 32]) };
    assert_refused(s.post(&report.to_bytes(), &keys[..1]), "UnknownKey");
    s.post(&report.to_bytes(), &keys[1..2]).unwrap();
}
