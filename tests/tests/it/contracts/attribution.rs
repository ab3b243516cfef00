//! Reports, the committee and audits. The game of disputes is in `disputes.rs`.

mod forged;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolConstructor, SolEvent};
use ed25519_dalek::SigningKey;
use yieldset_chain::abi::{Access, Attribution};
use yieldset_chain::deployment::role;
use yieldset_rules::{
    dispute::MAX_SECONDS,
    report::{Report, SIGNATURE_ENTRY},
};
use yieldset_tests::{
    attribution::{AttributionRegistry, BOND, DELAY, PERIOD, POOL, RULING, STREAM, WINDOW, constructor, liar},
    chain::{Account, Failure, START, assert_refused, blob},
    system::{public, sign},
};

fn propose(keys: &[SigningKey], threshold: u8) -> Attribution::proposeCommitteeCall {
    Attribution::proposeCommitteeCall { keys: public(keys), threshold }
}

fn audit(report: B256) -> Attribution::postAuditCall {
    Attribution::postAuditCall {
        pool: POOL,
        stream: STREAM,
        period: PERIOD,
        reportHash: report,
        auditHash: B256::repeat_byte(1),
        seed: B256::repeat_byte(2),
        samples: 200,
        maxDeviation: 12_000,
        confidence: 950_000,
    }
}

/// The last event of its kind.
#[track_caller]
fn event<E: SolEvent>(r: &mut AttributionRegistry) -> E {
    let logs = r.chain.take_logs();
    let log = logs.iter().rev().find(|log| log.topics[0] == E::SIGNATURE_HASH.0);
    let log = log.unwrap_or_else(|| panic!("no {} in {logs:?}", E::SIGNATURE));
    assert_eq!(log.contract, r.address);
    E::decode_raw_log(log.topics.iter().map(|topic| B256::from(*topic)), &log.data).unwrap()
}

/// Proves ATT-9: two of three distinct committee keys are needed, and each other set is refused by its own error.
#[test]
fn m_of_n_keys_must_sign() {
    let mut r = AttributionRegistry::new();
    let (report, k) = (r.report(PERIOD), r.keys.clone());
    let stranger = SigningKey::from_bytes(&[77; 32]);
    assert_refused(r.post(&report, &[]), "NotEnoughSignatures");
    assert_refused(r.post(&report, &k[..1]), "NotEnoughSignatures");
    assert_refused(r.post(&report, &[k[0].clone(), k[0].clone()]), "DuplicateSigner");
    assert_refused(r.post(&report, &[k[0].clone(), stranger]), "UnknownKey");
    let bytes = report.to_bytes();
    let anybody = r.anybody.clone();
    let call =
        |signatures: Vec<u8>| Attribution::postCall { report: bytes.clone().into(), signatures: signatures.into() };
    for wrong in [0, 1] {
        let mut forged = sign(&bytes, &k[..2]);
        forged[wrong * SIGNATURE_ENTRY + 40] ^= 1;
        let named = format!("{:?}", B256::from(k[wrong].verifying_key().to_bytes()));
        match r.call(&anybody, call(forged.clone())) {
            Err(Failure::Refused(text)) => assert!(text.starts_with("BadSignature") && text.contains(&named), "{text}"),
            other => panic!("{other:?}"),
        }
        forged.pop();
        assert_refused(r.call(&anybody, call(forged)), "MalformedSignatures");
    }
    let hash = r.post(&report, &[k[2].clone(), k[0].clone()]).unwrap();
    assert_eq!(hash, keccak256(&bytes));
    let posted: Attribution::ReportPosted = event(&mut r);
    assert_eq!((posted.pool, posted.stream, posted.period, posted.revision), (POOL, STREAM, PERIOD, 0));
    assert_eq!(
        (posted.reportHash, posted.weightsRoot.0, posted.finalAt),
        (hash, report.weights_root(), START + WINDOW)
    );
    assert_eq!(posted.report[..], bytes[..]);
    let found = r.read(Attribution::reportOfCall { pool: POOL, stream: STREAM, period: PERIOD });
    assert_eq!((found.reportHash, found.weightsRoot.0, found.postedAt), (hash, report.weights_root(), START));
    let latest = r.read(Attribution::latestCall { pool: POOL, stream: STREAM });
    assert_eq!((latest.period, latest.reportHash, latest.logSize), (PERIOD, hash, 24));
}

/// Proves ATT-9: a report of another chain, contract, epoch or place in the stream is refused though its signatures are
/// good.
#[test]
fn a_report_cannot_be_replayed_elsewhere() {
    let mut r = AttributionRegistry::new();
    let keys = r.keys[..2].to_vec();
    let good = r.report(PERIOD);
    let post = |r: &mut AttributionRegistry, report: Report| r.post(&report, &keys);
    assert_refused(post(&mut r, Report { chain_id: 1, ..good.clone() }), "WrongChain");
    assert_refused(post(&mut r, Report { registry: [9; 20], ..good.clone() }), "WrongContract");
    assert_refused(post(&mut r, Report { epoch: 2, ..good.clone() }), "WrongEpoch");
    assert_refused(post(&mut r, Report { revision: 1, ..good.clone() }), "RevisionOutOfOrder");
    assert_refused(post(&mut r, Report { previous: [1; 32], ..good.clone() }), "PreviousMismatch");
    let first = post(&mut r, good.clone()).unwrap();
    assert_refused(post(&mut r, good.clone()), "PeriodOutOfOrder");
    assert_refused(post(&mut r, Report { revision: 1, previous: first.0, ..good.clone() }), "RevisionOutOfOrder");
    let next = Report { period: PERIOD + 1, previous: first.0, ..good.clone() };
    // 2036 Q4 is not over.
    assert_refused(post(&mut r, Report { period: 8_147, ..next.clone() }), "PeriodNotOver");
    assert_refused(post(&mut r, Report { previous: [0; 32], ..next.clone() }), "PreviousMismatch");
    let mut shrunk = next.clone();
    (shrunk.log.size, shrunk.totals.calls) = (23, 23);
    assert_refused(post(&mut r, shrunk), "LogShrank");
    post(&mut r, next).unwrap();
    // Another pool's stream has a history of its own, and so has another stream of the same pool.
    post(&mut r, Report { pool: [8; 20], ..good.clone() }).unwrap();
    post(&mut r, Report { stream: [8; 32], ..good }).unwrap();
}

#[test]
fn garbage_is_malformed() {
    let mut r = AttributionRegistry::new();
    let (anybody, keys) = (r.anybody.clone(), r.keys[..2].to_vec());
    let good = r.report(PERIOD).to_bytes();
    for bytes in [&b"not a report"[..], &[0; 3_000], &good[..good.len() - 1], &[], &[&good[..], &[0]].concat()] {
        let call = Attribution::postCall { report: bytes.to_vec().into(), signatures: sign(bytes, &keys).into() };
        assert_refused(r.call(&anybody, call), "MalformedReport");
    }
}

/// A verifier that answers too little, too much, an error or nothing never makes a report valid.
#[test]
fn a_lying_verifier_is_not_believed() {
    let lies: [(&str, &[u8]); 6] = [
        ("a short answer", &[0x60, 31, 0x60, 0, 0xf3]),
        ("no answer", &[0x00]),
        ("a refusal", &[0x60, 0, 0x60, 0, 0xfd]),
        ("three of two", &[0x60, 3, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]),
        ("2^256 - 1", &[0x60, 0, 0x19, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]),
        ("2^128 + 2", &[0x60, 2, 0x60, 1, 0x60, 128, 0x1b, 0x17, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]),
    ];
    for (name, lie) in lies {
        let mut r = AttributionRegistry::with_verifier(|chain, admin| liar(chain, admin, lie));
        let (report, keys) = (r.report(PERIOD), r.keys[..2].to_vec());
        let failure = r.post(&report, &keys).expect_err(name);
        assert!(failure.is("VerifierFailed"), "{name}: {failure:?}");
        assert_eq!(r.state(PERIOD), 0, "{name}");
    }
    // One that burns everything takes the call with it.
    let mut r = AttributionRegistry::with_verifier(|chain, admin| liar(chain, admin, &[0xfe]));
    let (report, keys) = (r.report(PERIOD), r.keys[..2].to_vec());
    assert!(r.post(&report, &keys).is_err());
    assert_eq!(r.state(PERIOD), 0);
    // What it does answer is taken at its word: none valid.
    let mut r = AttributionRegistry::with_verifier(|chain, admin| liar(chain, admin, &[0x60, 32, 0x60, 0, 0xf3]));
    let (report, keys) = (r.report(PERIOD), r.keys[..2].to_vec());
    assert_refused(r.post(&report, &keys), "BadSignature");
}

/// Each bound of the constructor, and a verifier that is none.
#[test]
fn a_registry_without_sense_is_not_made() {
    let mut r = AttributionRegistry::new();
    let (admin, verifier) = (r.admin.clone(), r.verifier);
    let keys = r.keys.clone();
    let good = constructor(admin.address, verifier, &keys[..3]);
    let mut make =
        |call: Attribution::constructorCall| r.chain.instantiate(&admin, blob("attribution"), call.abi_encode());
    for (change, error) in [
        ((|c| c.challengeWindow = 0) as fn(&mut Attribution::constructorCall), "InvalidTerms"),
        (|c| c.challengeWindow = MAX_SECONDS + 1, "InvalidTerms"),
        (|c| c.rulingTime = 0, "InvalidTerms"),
        (|c| c.rulingTime = MAX_SECONDS + 1, "InvalidTerms"),
        (|c| c.committeeDelay = MAX_SECONDS + 1, "InvalidTerms"),
        (|c| c.bond = U256::ZERO, "InvalidTerms"),
        (|c| c.bond = (U256::from(1) << 95) + U256::from(1), "InvalidTerms"),
        (|c| c.bond = U256::from(1) << 128, "InvalidTerms"),
        (|c| c.bondBps = 10_001, "InvalidTerms"),
        (|c| c.verifier = Address::repeat_byte(0x99), "VerifierFailed"),
        (|c| c.threshold = 0, "InvalidCommittee"),
        (|c| c.threshold = 4, "InvalidCommittee"),
        (|c| c.keys.clear(), "InvalidCommittee"),
        (|c| c.keys.push(c.keys[0]), "InvalidCommittee"),
        (|c| c.keys = (1..=13).map(B256::repeat_byte).collect(), "InvalidCommittee"),
        (|c| c.keys[2] = B256::repeat_byte(2), "UnusableKey"),
        (|c| c.keys[2] = B256::ZERO, "UnusableKey"),
    ] {
        let mut call = good.clone();
        change(&mut call);
        assert_refused(make(call), error);
    }
    let mut edges = good.clone();
    (edges.challengeWindow, edges.rulingTime, edges.committeeDelay) = (MAX_SECONDS, 1, 0);
    edges.bond = U256::from(1) << 95;
    edges.keys = (1..=12).map(|n| B256::from(SigningKey::from_bytes(&[n; 32]).verifying_key().to_bytes())).collect();
    make(edges).unwrap();
    let terms = r.read(Attribution::termsCall {});
    assert_eq!((terms.verifier, terms.bondBps), (verifier, 0));
    assert_eq!((terms.challengeWindow, terms.rulingTime, terms.committeeDelay), (WINDOW, RULING, DELAY));
    assert_eq!(terms.bond, U256::from(BOND));
}

/// Proves ATT-9's rotation: announced, then in office for whoever calls it; from then on old keys and old epochs sign
/// nothing.
#[test]
fn a_committee_takes_office_after_its_announcement() {
    let mut r = AttributionRegistry::new();
    let (keeper, anybody, k) = (r.keeper.clone(), r.anybody.clone(), r.keys.clone());
    assert_refused(r.call(&anybody, Attribution::activateCommitteeCall {}), "NothingProposed");
    for bad in [propose(&k, 0), propose(&k, 6), propose(&[], 0), propose(&[k[0].clone(), k[0].clone()], 1)] {
        assert_refused(r.call(&keeper, bad), "InvalidCommittee");
    }
    let no_point = Attribution::proposeCommitteeCall { keys: vec![B256::repeat_byte(2)], threshold: 1 };
    assert_refused(r.call(&keeper, no_point), "UnusableKey");
    // The second proposal replaces the first and its time counts anew.
    r.call(&keeper, propose(&k[..1], 1)).unwrap();
    r.chain.set_time(START + 5);
    r.call(&keeper, propose(&k[3..], 2)).unwrap();
    let effective = START + 5 + DELAY;
    let proposed: Attribution::CommitteeProposed = event(&mut r);
    assert_eq!((proposed.epoch, proposed.threshold, proposed.effectiveAt), (2, 2, effective));
    assert_eq!(proposed.keys, public(&k[3..]));
    let seen = r.read(Attribution::proposedCommitteeCall {});
    assert_eq!((seen.effectiveAt, seen.threshold, seen.keys), (effective, 2, public(&k[3..])));
    r.chain.set_time(effective - 1);
    assert_refused(r.call(&anybody, Attribution::activateCommitteeCall {}), "NotEffectiveYet");
    // Until then the old one signs.
    let first = r.posted(PERIOD);
    r.chain.set_time(effective);
    r.call(&anybody, Attribution::activateCommitteeCall {}).unwrap();
    let set: Attribution::CommitteeSet = event(&mut r);
    assert_eq!((set.epoch, set.threshold, set.keys), (2, 2, public(&k[3..])));
    let seen = r.read(Attribution::proposedCommitteeCall {});
    assert_eq!((seen.effectiveAt, seen.threshold, seen.keys), (0, 0, vec![]));
    assert_refused(r.call(&anybody, Attribution::activateCommitteeCall {}), "NothingProposed");
    let next = r.report(PERIOD + 1);
    assert_eq!((next.epoch, next.previous), (2, first.0));
    assert_refused(r.post(&Report { epoch: 1, ..next.clone() }, &k[..2]), "WrongEpoch");
    assert_refused(r.post(&Report { epoch: 1, ..next.clone() }, &k[3..]), "WrongEpoch");
    assert_refused(r.post(&next, &k[..2]), "UnknownKey");
    r.post(&next, &k[3..]).unwrap();
}

/// Proves SAFE-15: keys and threshold of every epoch stay readable as they took office, with the second of it, also
/// after a rotation; a key that was revoked is told as such in every epoch that had it.
#[test]
fn committees_of_all_epochs_stay_readable() {
    let mut r = AttributionRegistry::new();
    let (keeper, anybody, k) = (r.keeper.clone(), r.anybody.clone(), r.keys.clone());
    let of = |r: &mut AttributionRegistry, epoch| {
        let found = r.read(Attribution::committeeOfCall { epoch });
        (found.since, found.threshold, found.keys, found.revoked)
    };
    assert_eq!(of(&mut r, 1), (START, 2, public(&k[..3]), 0));
    for none in [0, 2, u32::MAX] {
        assert_eq!(of(&mut r, none), (0, 0, vec![], 0));
    }
    // The fifth key is revoked before it is in office: it never is.
    r.call(&keeper, propose(&k[1..], 1)).unwrap();
    r.call(&keeper, Attribution::revokeKeyCall { key: public(&k)[4] }).unwrap();
    r.chain.set_time(START + DELAY);
    r.call(&anybody, Attribution::activateCommitteeCall {}).unwrap();
    assert_eq!(of(&mut r, 2), (START + DELAY, 1, public(&k[1..4]), 0));
    r.chain.set_time(START + DELAY + 9);
    r.call(&keeper, Attribution::revokeKeyCall { key: public(&k)[2] }).unwrap();
    assert_eq!(of(&mut r, 1), (START, 2, public(&k[..3]), 0b100));
    assert_eq!(of(&mut r, 2), (START + DELAY, 1, public(&k[1..4]), 0b010));
    assert_eq!(r.read(Attribution::committeeCall {}).keys, [public(&k)[1], public(&k)[3]]);
}

/// A revoked key signs nothing from that block on, in this committee or a later one; below the threshold posting stops,
/// and another committee starts it again.
#[test]
fn a_revoked_key_signs_nothing() {
    let mut r = AttributionRegistry::new();
    let (keeper, anybody, k) = (r.keeper.clone(), r.anybody.clone(), r.keys.clone());
    let key = |n: usize| B256::from(k[n].verifying_key().to_bytes());
    let revoke = |n: usize| Attribution::revokeKeyCall { key: key(n) };
    assert_refused(r.call(&keeper, revoke(4)), "UnknownKey");
    r.call(&keeper, propose(&k[1..4], 3)).unwrap();
    r.call(&keeper, revoke(1)).unwrap();
    let revoked: Attribution::KeyRevoked = event(&mut r);
    assert_eq!((revoked.key, revoked.epoch, revoked.left, revoked.threshold), (key(1), 1, 2, 2));
    assert!(r.read(Attribution::isRevokedCall { key: key(1) }) && !r.read(Attribution::isRevokedCall { key: key(0) }));
    assert_eq!(r.read(Attribution::committeeCall {}).keys, [key(0), key(2)]);
    assert_eq!(r.read(Attribution::proposedCommitteeCall {}).keys, [key(2), key(3)]);
    assert_refused(r.call(&keeper, revoke(1)), "RevokedKey");
    assert_refused(r.call(&keeper, propose(&k[..2], 1)), "RevokedKey");
    let report = r.report(PERIOD);
    assert_refused(r.post(&report, &k[..2]), "UnknownKey");
    r.post(&report, &[k[2].clone(), k[0].clone()]).unwrap();
    // A proposed key can be revoked before it is in office.
    r.call(&keeper, revoke(3)).unwrap();
    r.call(&keeper, revoke(0)).unwrap();
    let next = r.report(PERIOD + 1);
    assert_refused(r.post(&next, &k[2..3]), "TooFewKeys");
    // The proposed committee lost two of three keys.
    r.chain.set_time(START + DELAY);
    assert_refused(r.call(&anybody, Attribution::activateCommitteeCall {}), "TooFewKeys");
    r.call(&keeper, propose(&[k[2].clone(), k[4].clone()], 1)).unwrap();
    r.chain.set_time(START + 2 * DELAY);
    r.call(&anybody, Attribution::activateCommitteeCall {}).unwrap();
    let next = r.report(PERIOD + 1);
    r.post(&next, &k[4..]).unwrap();
}

/// Proves ATT-7's record: audits of the current revision alone, numbered, readable and as events.
#[test]
fn audits_name_the_report_they_checked() {
    let mut r = AttributionRegistry::new();
    let auditor = r.auditor.clone();
    assert_refused(r.call(&auditor, audit(B256::ZERO)), "NoReport");
    let hash = r.posted(PERIOD);
    assert_refused(r.call(&auditor, audit(B256::repeat_byte(9))), "NotCurrentReport");
    for change in [
        (|a| a.auditHash = B256::ZERO) as fn(&mut Attribution::postAuditCall),
        |a| a.samples = 0,
        |a| a.maxDeviation = 1_000_001,
        |a| a.confidence = 0,
        |a| a.confidence = 1_000_001,
    ] {
        let mut bad = audit(hash);
        change(&mut bad);
        assert_refused(r.call(&auditor, bad), "InvalidAudit");
    }
    assert_eq!(r.call(&auditor, audit(hash)).unwrap(), 0);
    let posted: Attribution::AuditPosted = event(&mut r);
    assert_eq!((posted.pool, posted.stream, posted.period, posted.reportHash), (POOL, STREAM, PERIOD, hash));
    assert_eq!((posted.auditHash, posted.seed), (B256::repeat_byte(1), B256::repeat_byte(2)));
    assert_eq!((posted.samples, posted.maxDeviation, posted.confidence), (200, 12_000, 950_000));
    assert_eq!((posted.auditor, posted.postedAt), (auditor.address, START));
    let mut second = audit(hash);
    (second.seed, second.samples) = (B256::ZERO, 1);
    assert_eq!(r.call(&auditor, second).unwrap(), 1);
    assert_eq!(r.read(Attribution::auditCountCall { reportHash: hash }), 2);
    let found = r.read(Attribution::auditOfCall { reportHash: hash, index: 0 });
    assert_eq!((found.auditHash, found.seed), (B256::repeat_byte(1), B256::repeat_byte(2)));
    assert_eq!((found.samples, found.maxDeviation, found.confidence), (200, 12_000, 950_000));
    assert_eq!((found.auditor, found.postedAt), (auditor.address, START));
    assert_eq!(r.read(Attribution::auditOfCall { reportHash: hash, index: 1 }).samples, 1);
    assert_eq!(r.read(Attribution::auditOfCall { reportHash: hash, index: 2 }).auditHash, B256::ZERO);
    assert_eq!(r.read(Attribution::auditCountCall { reportHash: B256::ZERO }), 0);
    // A revision has no audits yet, and the report that it replaced gets no more.
    let (anybody, arbiter, keys) = (r.anybody.clone(), r.arbiter.clone(), r.keys[..2].to_vec());
    r.dispute(&anybody, PERIOD).unwrap();
    r.call(&auditor, audit(hash)).unwrap();
    r.call(&arbiter, Attribution::upholdCall { pool: POOL, stream: STREAM, period: PERIOD }).unwrap();
    let revision = Report { revision: 1, ..r.report(PERIOD) };
    let revised = r.post(&revision, &keys).unwrap();
    assert_refused(r.call(&auditor, audit(hash)), "NotCurrentReport");
    assert_eq!(r.call(&auditor, audit(revised)).unwrap(), 0);
}

/// The nine messages of roles, as every contract has them.
#[test]
fn the_default_admin_grants_and_hands_over() {
    let mut r = AttributionRegistry::new();
    let (admin, anybody, arbiter) = (r.admin.clone(), r.anybody.clone(), r.arbiter.clone());
    let auditor = role("AUDITOR_ROLE");
    let grant = |role| Access::grantRoleCall { role, account: anybody.address };
    let revoke = |role| Access::revokeRoleCall { role, account: anybody.address };
    assert_refused(r.call(&anybody, grant(auditor)), "AccessControlUnauthorizedAccount");
    assert_refused(r.call(&arbiter, revoke(auditor)), "AccessControlUnauthorizedAccount");
    assert_refused(r.call(&admin, grant(B256::ZERO)), "AccessControlEnforcedDefaultAdminRules");
    assert_refused(r.call(&admin, revoke(B256::ZERO)), "AccessControlEnforcedDefaultAdminRules");
    r.call(&admin, grant(auditor)).unwrap();
    let has = |r: &mut AttributionRegistry| r.read(Access::hasRoleCall { role: auditor, account: anybody.address });
    assert!(has(&mut r));
    r.call(&admin, revoke(auditor)).unwrap();
    assert!(!has(&mut r));
    r.call(&admin, grant(auditor)).unwrap();
    let renounce = |account: &Account| Access::renounceRoleCall { role: auditor, callerConfirmation: account.address };
    assert_refused(r.call(&anybody, renounce(&admin)), "AccessControlBadConfirmation");
    r.call(&anybody, renounce(&anybody)).unwrap();
    assert!(!has(&mut r));
    let own = Access::renounceRoleCall { role: B256::ZERO, callerConfirmation: admin.address };
    assert_refused(r.call(&admin, own), "AccessControlEnforcedDefaultAdminRules");
    assert_eq!(r.read(Access::getRoleAdminCall { role: auditor }), B256::ZERO);
    let begin = |to: Address| Access::beginDefaultAdminTransferCall { newAdmin: to };
    assert_refused(r.call(&anybody, begin(anybody.address)), "AccessControlUnauthorizedAccount");
    r.call(&admin, begin(anybody.address)).unwrap();
    assert_eq!(r.read(Access::pendingDefaultAdminCall {}), anybody.address);
    let accept = Access::acceptDefaultAdminTransferCall {};
    assert_refused(r.call(&arbiter, accept.clone()), "AccessControlInvalidDefaultAdmin");
    r.call(&anybody, accept).unwrap();
    assert_eq!(r.read(Access::defaultAdminCall {}), anybody.address);
    assert_refused(r.call(&admin, grant(auditor)), "AccessControlUnauthorizedAccount");
    r.call(&anybody, grant(auditor)).unwrap();
}
