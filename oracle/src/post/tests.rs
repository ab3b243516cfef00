use yieldset_rules::report::Report;

use super::*;
use crate::{
    report::{Position, ReportPlace, draft, sign_by},
    testing::{key, signed_report},
};

/// A settlement of which nothing qualified, its place and its committee of three, of whom two must sign.
async fn asked() -> (Settlement, ReportPlace, Committee) {
    let settlement = signed_report().await.settlement;
    let keys = [1, 2, 3].map(|seed| key(seed).verifying_key().to_bytes());
    (settlement, ReportPlace { chain_id: 1, registry: [1; 20], pool: [2; 20] }, committee_of(4, &keys))
}

fn committee_of(epoch: u32, keys: &[[u8; 32]]) -> Committee {
    Committee { epoch, threshold: 2, keys: keys.to_vec() }
}

/// When the period is over.
const NOW: Position = Position { last: None, next_revision: None, now: 1_798_761_600 };

fn file(report: &Report, committee: &Committee, seed: u8) -> SignatureFile {
    SignatureFile::new(report, sign_by(report, committee, &key(seed)).expect("a member"))
}

/// Proves ATT-9: m members' files, each made by one key alone, are one report that the registry takes; a file given
/// twice counts once, one of another stream is not looked at, and fewer than m are none.
#[tokio::test]
async fn members_signatures_come_together() {
    let (settlement, place, committee) = asked().await;
    let report = draft(&settlement, place, 4, NOW).expect("drafted");
    let [one, two] = [1, 2].map(|seed| file(&report, &committee, seed));
    let elsewhere = draft(&settlement, ReportPlace { pool: [3; 20], ..place }, 4, NOW);
    // Nobody asked a registry for it, so that it may be of any pool.
    let elsewhere = file(&elsewhere.expect("drafted"), &committee, 3);
    let all = [two.clone(), elsewhere.clone(), one.clone(), two.clone()];
    let signed = together((&report, &committee, &settlement), &all).expect("two of three");
    assert_eq!(signed.check(), Ok(report.clone()));
    let mut keys = [one.key, two.key];
    keys.sort_unstable();
    assert_eq!(signed.signatures.iter().map(|one| one.key).collect::<Vec<_>>(), keys);
    let error = together((&report, &committee, &settlement), &[one.clone(), one, elsewhere]).expect_err("one");
    assert!(error.to_string().contains("1 members signed, the committee of epoch 4 asks for 2"), "{error}");
}

/// Proves ATT-9: a signature by who is not of the committee in force, one over other bytes, and bytes that are no
/// report count for nothing, and are told where too few others are good. Good ones beside them are enough: no member
/// stops the others by a bad one.
#[tokio::test]
async fn a_stranger_s_signature_is_refused() {
    let (settlement, place, committee) = asked().await;
    let report = draft(&settlement, place, 4, NOW).expect("drafted");
    let good = [1, 2].map(|seed| file(&report, &committee, seed));
    let stranger = committee_of(4, &[key(9).verifying_key().to_bytes()]);
    let mut wrong = file(&report, &committee, 3);
    wrong.signature[5] ^= 1;
    let borrowed = SignatureFile { key: key(3).verifying_key().to_bytes(), ..good[0].clone() };
    let mut torn = file(&report, &committee, 3);
    torn.report.truncate(40);
    for (bad, word) in [
        (file(&report, &stranger, 9), "is not in the committee of epoch 4"),
        (wrong, "is not over the report's bytes"),
        (borrowed, "is not over the report's bytes"),
        (torn, "bytes are not a report"),
    ] {
        let few = [bad.clone(), good[0].clone()];
        let error = together((&report, &committee, &settlement), &few).expect_err(word).to_string();
        assert!(error.contains(word), "{error}");
        let all = [good[0].clone(), bad, good[1].clone()];
        let signed = together((&report, &committee, &settlement), &all).expect("two of three are good");
        assert_eq!((signed.check(), signed.signatures.len()), (Ok(report.clone()), 2));
    }
    assert!(matches!(sign_by(&report, &committee, &key(9)), Err(ReportError::UnknownKey { epoch: 4, .. })));
}

/// Proves ATT-9: where the committee changed between signing and posting, or another report came before, the members
/// are told to sign anew, and why; signatures that were made anew count beside the old ones in one folder.
#[tokio::test]
async fn what_changed_since_the_signing_is_told() {
    let (settlement, place, committee) = asked().await;
    let report = draft(&settlement, place, 4, NOW).expect("drafted");
    let old = [1, 2].map(|seed| file(&report, &committee, seed));
    let next = committee_of(5, &committee.keys);
    let now = draft(&settlement, place, 5, NOW).expect("drafted");
    let error = together((&now, &next, &settlement), &old).expect_err("rotated");
    assert!(matches!(error, PostError::OtherCommittee { signed: 2, epoch: 4, in_force: 5 }), "{error}");
    assert!(error.to_string().contains("sign the settlement anew"), "{error}");
    let new = [2, 3].map(|seed| file(&now, &next, seed));
    let all = [old.to_vec(), new.to_vec()].concat();
    assert!(together((&now, &next, &settlement), &all).is_ok());
    let folder = tempfile::tempdir().expect("temporary folder");
    for (at, one) in all.iter().enumerate() {
        files::write_json(&folder.path().join(format!("{at}.json")), one).expect("written");
    }
    assert_eq!(collect(&[folder.path().to_owned()]).expect("read"), all);
    assert_eq!(collect(&[folder.path().join("1.json")]).expect("read"), all[1..2]);
    for (position, word) in [
        (Position { next_revision: Some(1), last: last(8_107), ..NOW }, "over revision 0, the period waits for 1"),
        (Position { last: last(8_106), ..NOW }, "the stream's last one is 0x0707"),
    ] {
        let now = draft(&settlement, place, 4, position).expect("drafted");
        let error = together((&now, &committee, &settlement), &old).expect_err(word);
        assert!(matches!(error, PostError::OtherReport { not: 2, .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// Proves ATT-9: whoever may put a signature into the folder stops nobody by a file that is none. Before, one cut-off
/// file in it, and no report was posted.
#[tokio::test]
async fn a_file_that_is_no_signature_is_left_out() {
    let (settlement, place, committee) = asked().await;
    let report = draft(&settlement, place, 4, NOW).expect("drafted");
    let good = [1, 2].map(|seed| file(&report, &committee, seed));
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| folder.path().join(name);
    for (name, one) in ["1.json", "4.json"].iter().zip(&good) {
        files::write_json(&at(name), one).expect("written");
    }
    std::fs::write(at("0.json"), "{").expect("written");
    std::fs::create_dir(at("2.json")).expect("made");
    std::os::unix::fs::symlink(at("nowhere"), at("3.json")).expect("linked");
    std::fs::write(at("5.json"), format!("{}{}", " ".repeat(100_000), "{}")).expect("written");
    assert_eq!(collect(&[folder.path().to_owned()]).expect("read"), good);
    for name in ["0.json", "3.json", "5.json"] {
        assert!(collect(&[at(name)]).is_err(), "{name}");
    }
}

fn last(period: u32) -> Option<yieldset_rules::report::Last> {
    Some(yieldset_rules::report::Last { period, log_size: 1, hash: [7; 32] })
}

/// Proves ATT-9: an entry that an earlier version of this program left is finished by this one, and the transactions in
/// whose place one came are in it.
#[tokio::test]
async fn an_outbox_entry_is_read_back() {
    let prepared = |nonce, tip| Prepared {
        tx_hash: B256::repeat_byte(nonce as u8),
        bytes: vec![1].into(),
        nonce,
        prepared_at: 3,
        valid_until: 66,
        tip,
        account: None,
    };
    let entry = OutboxEntry { report: signed_report().await, prepared: prepared(7, 0), before: Vec::new() };
    let mut old = serde_json::to_value(&entry).expect("written");
    assert!(old.get("before").is_none());
    old["prepared"].as_object_mut().expect("fields").remove("tip");
    assert_eq!(serde_json::from_value::<OutboxEntry>(old).expect("read"), entry);
    let bumped = OutboxEntry { prepared: prepared(7, 10), before: vec![prepared(7, 0)], ..entry };
    let json = serde_json::to_value(&bumped).expect("written");
    assert_eq!(serde_json::from_value::<OutboxEntry>(json).expect("read"), bumped);
}
