//! Keys that prove usage, and checkpoints that are on chain before anything is drawn from them.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolEvent, SolValue};
use yieldset_chain::abi::Licence;
use yieldset_tests::{
    chain::{START, assert_refused},
    licence::{HASH, LicenceAlone, Who, plain, word},
};

const ORIGIN: &str = "lumen.example/usage/of/a/long/name/beyond/a/word";

fn key(n: u8) -> B256 {
    B256::repeat_byte(n)
}

fn set(scene: &LicenceAlone, signer: u8, origin: &str, witnesses: &[u8]) -> Licence::setUsageLogCall {
    let witnesses = witnesses.iter().map(|n| key(*n)).collect();
    Licence::setUsageLogCall { licence: scene.id, key: key(signer), origin: origin.into(), witnesses }
}

fn anchor(scene: &LicenceAlone, epoch: u32, size: u64, root: u8) -> Licence::anchorCall {
    Licence::anchorCall { licence: scene.id, epoch, size, root: key(root) }
}

/// Record 'G'.
fn log(scene: &mut LicenceAlone, epoch: u32) -> Option<Licence::UsageLog> {
    let words = scene.words('G', word(epoch));
    (!words.is_empty()).then(|| Licence::UsageLog::abi_decode_sequence(&words.concat()).unwrap())
}

/// Record 'H'.
fn anchored(scene: &mut LicenceAlone, origin: &str, size: u64) -> Licence::Anchor {
    let id = keccak256([origin.as_bytes(), &size.to_be_bytes()].concat());
    Licence::Anchor::abi_decode(&scene.words('H', id).concat()).unwrap()
}

/// The events of a kind since the last look.
fn events<E: SolEvent>(scene: &mut LicenceAlone) -> Vec<E> {
    let logs = scene.chain.take_logs();
    let ours = logs.iter().filter(|log| log.topics[0] == E::SIGNATURE_HASH.0);
    ours.map(|log| E::decode_raw_log(log.topics.iter().map(|t| B256::from(*t)), &log.data).unwrap()).collect()
}

/// Proves SAFE-15: the platform alone sets and rotates the key, name and witnesses of its usage log; the event has all
/// of it, and every epoch stays readable.
#[test]
fn usage_logs_are_set_by_the_platform_and_stay_readable() {
    let mut scene = LicenceAlone::licensed(false, plain(), &[]);
    assert_eq!(log(&mut scene, 0), None);
    for who in [Who::Licensor, Who::Oracle, Who::Auditor, Who::Anyone] {
        let stranger = set(&scene, 7, ORIGIN, &[8]);
        assert_refused(scene.call(who, stranger), "NotPlatform");
    }
    for (signer, origin, witnesses, fault) in [
        (0, ORIGIN, &[8][..], 1u8),
        (7, "", &[8], 2),
        (7, "a b", &[8], 2),
        (7, ORIGIN, &[], 3),
        (7, ORIGIN, &[8, 8], 3),
    ] {
        let wrong = set(&scene, signer, origin, witnesses);
        let refused = scene.call(Who::Platform, wrong).unwrap_err();
        assert_eq!(
            refused,
            yieldset_tests::chain::Failure::with(&yieldset_chain::abi::Refusal::InvalidUsageLog { fault })
        );
    }
    scene.at(START + 5);
    scene.chain.take_logs();
    let first = set(&scene, 7, ORIGIN, &[8, 9]);
    assert_eq!(scene.call(Who::Platform, first.clone()).unwrap(), 1);
    let [told] = &events::<Licence::UsageLogSet>(&mut scene)[..] else { panic!("one event") };
    assert_eq!((told.licence, told.epoch, told.key, told.since), (scene.id, 1, key(7), START + 5));
    assert_eq!((&told.origin[..], &told.witnesses[..]), (ORIGIN, &[key(8), key(9)][..]));
    scene.at(START + 9);
    let (hundred, eight) = ("x".repeat(100), [1, 2, 3, 4, 5, 6, 7, 8]);
    let second = set(&scene, 77, &hundred, &eight);
    assert_eq!(scene.call(Who::Platform, second).unwrap(), 2);
    let [told] = &events::<Licence::UsageLogSet>(&mut scene)[..] else { panic!("one event") };
    assert_eq!((told.epoch, &told.origin, told.witnesses.len()), (2, &hundred, 8));
    let kept = Licence::UsageLog {
        epoch: 1,
        key: key(7),
        origin: ORIGIN.into(),
        witnesses: vec![key(8), key(9)],
        since: START + 5,
    };
    assert_eq!(log(&mut scene, 1), Some(kept));
    let latest = log(&mut scene, 0).unwrap();
    assert_eq!((latest.epoch, latest.key, latest.since, latest.origin), (2, key(77), START + 9, hundred));
    assert_eq!(latest.witnesses, eight.map(key));
    assert_eq!(log(&mut scene, 3), None);
}

/// Proves SAFE-15 and SAFE-11: the platform alone puts checkpoints of its log on chain, with the block that has them;
/// the first root of a size stands, again it changes nothing, and another is refused, also under a rotated key.
#[test]
fn checkpoints_are_anchored_once() {
    let mut scene = LicenceAlone::licensed(false, plain(), &[]);
    let early = anchor(&scene, 0, 24, 1);
    assert_refused(scene.call(Who::Platform, early), "UnknownNumber");
    let log = set(&scene, 7, ORIGIN, &[8]);
    scene.call(Who::Platform, log).unwrap();
    for who in [Who::Licensor, Who::Oracle, Who::Anyone] {
        let stranger = anchor(&scene, 0, 24, 1);
        assert_refused(scene.call(who, stranger), "NotPlatform");
    }
    let zero = anchor(&scene, 0, 24, 0);
    assert_refused(scene.call(Who::Platform, zero), "ZeroHash");
    scene.chain.set_block(40);
    scene.chain.take_logs();
    let good = anchor(&scene, 1, 24, 1);
    scene.call(Who::Platform, good).unwrap();
    let [told] = &events::<Licence::CheckpointAnchored>(&mut scene)[..] else { panic!("one event") };
    assert_eq!((told.licence, told.epoch, told.size, told.root), (scene.id, 1, 24, key(1)));
    assert_eq!((told.block, told.at), (40, START));
    // Later, and by a new key of the same log.
    scene.chain.set_block(50);
    scene.at(START + 60);
    let rotated = set(&scene, 6, ORIGIN, &[8]);
    scene.call(Who::Platform, rotated).unwrap();
    scene.chain.take_logs();
    for epoch in [0, 1, 2] {
        let (same, other) = (anchor(&scene, epoch, 24, 1), anchor(&scene, epoch, 24, 2));
        scene.call(Who::Platform, same).unwrap();
        assert_refused(scene.call(Who::Platform, other), "OtherRoot");
    }
    assert!(events::<Licence::CheckpointAnchored>(&mut scene).is_empty());
    let stands = Licence::Anchor { root: key(1), block: 40, at: START, epoch: 1 };
    assert_eq!(anchored(&mut scene, ORIGIN, 24), stands);
    assert_eq!(anchored(&mut scene, ORIGIN, 23), Licence::Anchor::default());
    assert_eq!(anchored(&mut scene, "another.example", 24), Licence::Anchor::default());
}

/// Proves SAFE-15: what a report is asked for is told once an option is accepted, and is that option's.
#[test]
fn a_licence_says_what_it_asks_of_reports() {
    let mut scene = LicenceAlone::new(false);
    let limited = yieldset_rules::licence::Terms {
        metric: HASH.0,
        threshold: 5,
        false_discovery_bps: 300,
        late_record_days: 90,
        call_tokens: 8_000,
        common_from: 3,
        ..plain()
    };
    let options = [yieldset_tests::licence::menu(&plain(), &[]), yieldset_tests::licence::menu(&limited, &[])];
    scene.offer(&options, 0).unwrap();
    assert!(scene.words('F', B256::ZERO).is_empty());
    scene.accept(1).unwrap();
    let words = scene.words('F', B256::ZERO);
    let agreed = Licence::Agreed::abi_decode(&words.concat()).unwrap();
    let expected = Licence::Agreed {
        metric: HASH,
        threshold: 5,
        falseDiscoveryBps: 300,
        callTokens: 8_000,
        anchoredAt: 0,
        anchoredRoot: B256::ZERO,
    };
    assert_eq!(agreed, expected);
    let terms = Licence::Terms::abi_decode(&scene.words('O', word(1)).concat()).unwrap().usage;
    assert_eq!((terms.falseDiscoveryBps, terms.lateRecordDays), (300, 90));
    assert_eq!((terms.callTokens, terms.commonFrom), (8_000, 3));
    assert_refused(
        scene.call(Who::Anyone, Licence::recordOfCall { licence: U256::from(9).into(), record: b'F', which: HASH }),
        "UnknownLicence",
    );
}
