//! Keys of usage logs by epoch, and checkpoints that are on chain.

use super::*;
use crate::licence::usage_log::{
    self, Anchor, Checkpoint, Fault, MAX_ORIGIN, MAX_WITNESSES, UsageLog, checkpoint_id, is_origin,
};
use alloc::{string::String, vec::Vec};
use proptest::prelude::*;
use sha3::{Digest, Keccak256};

const ORIGIN: &str = "lumen.example/usage";

fn keccak(bytes: &[u8]) -> Hash {
    Keccak256::digest(bytes).into()
}

impl Book {
    fn set_log(&mut self, caller: Address, key: Hash, origin: &str, witnesses: &[Hash]) -> Result<u32, Refusal> {
        let (before, call) = (self.store.clone(), Call { licence: ID, caller, now: self.now });
        let set = usage_log::set(&mut self.store, &call, &key, origin.as_bytes(), witnesses);
        assert!(set.is_ok() || self.store == before, "refused, but stored something");
        set.map(|(epoch, _)| epoch)
    }

    fn anchor(&mut self, caller: Address, epoch: u32, size: u64, root: Hash) -> Result<Option<Anchor>, Refusal> {
        let (before, call) = (self.store.clone(), Call { licence: ID, caller, now: self.now });
        let checkpoint = Checkpoint { epoch, size, root };
        let done = usage_log::anchor(&mut self.store, &call, &checkpoint, self.now as u32, keccak);
        assert!(matches!(done, Ok(Some(_))) || self.store == before, "nothing new, but stored something");
        done
    }

    fn anchored(&self, origin: &str, size: u64) -> Anchor {
        usage_log::anchor_of(&self.store, &ID, &checkpoint_id(origin.as_bytes(), size, keccak))
    }
}

/// Proves SAFE-15: the platform alone sets and rotates its log's key, name and witnesses; every epoch stays readable
/// with the second from which it counts.
#[test]
fn epochs_of_a_usage_log_stay_readable() {
    let mut book = Book::licensed(plain(), &[]);
    assert_eq!(UsageLog::of(&book.store, &ID, 0), None);
    for stranger in [LICENSOR, ORACLE, ANYONE] {
        let refused = book.set_log(stranger, [7; 32], ORIGIN, &[[8; 32]]);
        assert_eq!(refused, Err(Refusal::NotPlatform(stranger, PLATFORM)));
    }
    book.now = START + 5;
    assert_eq!(book.set_log(PLATFORM, [7; 32], ORIGIN, &[[8; 32], [9; 32]]), Ok(1));
    book.now = START + 9;
    assert_eq!(book.set_log(PLATFORM, [6; 32], "other.example", &[[9; 32]]), Ok(2));
    let (epoch, first) = UsageLog::of(&book.store, &ID, 1).unwrap();
    assert_eq!((epoch, first.since, first.key, first.origin()), (1, START + 5, [7; 32], ORIGIN.as_bytes()));
    assert_eq!(first.witnesses(), [[8; 32], [9; 32]]);
    let (epoch, second) = UsageLog::of(&book.store, &ID, 0).unwrap();
    assert_eq!((epoch, second.since, second.key, second.origin()), (2, START + 9, [6; 32], &b"other.example"[..]));
    assert_eq!(UsageLog::of(&book.store, &ID, 3), None);
    // A successor of the platform rotates, whoever it followed does not.
    book.run(PLATFORM, Command::ProposePlatform(ANYONE)).unwrap();
    book.run(ANYONE, Command::AcceptPlatform).unwrap();
    assert_eq!(book.set_log(PLATFORM, [5; 32], ORIGIN, &[[8; 32]]), Err(Refusal::NotPlatform(PLATFORM, ANYONE)));
    assert_eq!(book.set_log(ANYONE, [5; 32], ORIGIN, &[[8; 32]]), Ok(3));
    assert_eq!(UsageLog::of(&book.store, &ID, 1).unwrap().1, first);
}

/// Proves SAFE-15: what cannot sign, name or witness a log is refused, each bound at its edge.
#[test]
fn impossible_usage_logs_are_refused() {
    let mut book = Book::licensed(plain(), &[]);
    let mut refused = |key: u8, origin: &str, witnesses: &[Hash]| {
        let set = book.set_log(PLATFORM, [key; 32], origin, witnesses);
        set.map_err(|refusal| match refusal {
            Refusal::InvalidUsageLog(fault) => fault,
            other => panic!("{other:?}"),
        })
    };
    let many: Vec<Hash> = (1..=MAX_WITNESSES as u8 + 1).map(|n| [n; 32]).collect();
    let long = "x".repeat(MAX_ORIGIN + 1);
    assert_eq!(refused(0, ORIGIN, &[[8; 32]]), Err(Fault::Key as u8));
    for origin in [
        "",
        "a b",
        "a+b",
        "a\tb",
        "a\nb",
        "a\u{a0}b",
        "a\u{2003}b",
        "a\u{3000}",
        "a\0b",
        "a\u{7f}",
        "\u{85}",
        "ö.example",
        "lumen\u{430}.example",
        &long,
    ] {
        assert_eq!(refused(7, origin, &[[8; 32]]), Err(Fault::Origin as u8), "{origin:?}");
    }
    for witnesses in [&[][..], &many, &[[0; 32]], &[[8; 32], [9; 32], [8; 32]], &[[8; 32], [0; 32]], &[[7; 32]]] {
        assert_eq!(refused(77, ORIGIN, witnesses).is_ok(), *witnesses == [[7; 32]], "{witnesses:?}");
    }
    // Its own witness.
    assert_eq!(refused(7, ORIGIN, &[[8; 32], [7; 32]]), Err(Fault::Witnesses as u8));
    for origin in [&long[1..], "log.example/-_.~:@!", "a"] {
        assert!(refused(77, origin, &many[1..]).is_ok(), "{origin:?}");
    }
    let log = UsageLog::of(&book.store, &ID, 0).unwrap().1;
    assert_eq!((log.origin(), log.witnesses()), (&b"a"[..], &many[1..]));
    assert!(is_origin(ORIGIN.as_bytes()) && UsageLog::LEN == 398 && Anchor::LEN == 48);
}

/// Proves SAFE-15 and SAFE-11: the platform alone anchors its log's checkpoints; the first root of a size stands, the
/// same again changes nothing, another is a split view. A rotated key names the same log, another name another.
#[test]
fn one_root_of_a_size_is_anchored() {
    let mut book = Book::licensed(plain(), &[]);
    let stands = [1; 32];
    assert_eq!(book.anchor(PLATFORM, 0, 24, stands), Err(Refusal::UnknownNumber(0)));
    book.set_log(PLATFORM, [7; 32], ORIGIN, &[[8; 32]]).unwrap();
    for stranger in [LICENSOR, ORACLE, ANYONE] {
        assert_eq!(book.anchor(stranger, 1, 24, stands), Err(Refusal::NotPlatform(stranger, PLATFORM)));
    }
    assert_eq!(book.anchor(PLATFORM, 1, 24, [0; 32]), Err(Refusal::ZeroHash));
    assert_eq!(book.anchor(PLATFORM, 2, 24, stands), Err(Refusal::UnknownNumber(2)));
    let first = Anchor { root: stands, block: START as u32, at: START, epoch: 1 };
    assert_eq!(book.anchor(PLATFORM, 0, 24, stands), Ok(Some(first)));
    // Later, under a rotated key: the same log.
    book.now += 60;
    book.set_log(PLATFORM, [6; 32], ORIGIN, &[[8; 32]]).unwrap();
    for epoch in [0, 1, 2] {
        assert_eq!(book.anchor(PLATFORM, epoch, 24, stands), Ok(None));
        assert_eq!(book.anchor(PLATFORM, epoch, 24, [2; 32]), Err(Refusal::OtherRoot([2; 32], stands)));
    }
    assert_eq!(book.anchored(ORIGIN, 24), first);
    assert_eq!((book.anchored(ORIGIN, 25), book.anchored("lumen.example/usage2", 24)), Default::default());
    // Another name is another log, and the way back leads to the first.
    book.set_log(PLATFORM, [6; 32], "other.example", &[[8; 32]]).unwrap();
    let other = book.anchor(PLATFORM, 0, 24, [2; 32]).unwrap().unwrap();
    assert_eq!((other.epoch, other.at), (3, START + 60));
    book.set_log(PLATFORM, [6; 32], ORIGIN, &[[8; 32]]).unwrap();
    assert_eq!(book.anchor(PLATFORM, 0, 24, [2; 32]), Err(Refusal::OtherRoot([2; 32], stands)));
    assert_eq!(book.anchored(ORIGIN, 24), first);
}

/// Proves SAFE-15: what a platform anchored under a log's name stands when another takes its place, too: otherwise it
/// could hand over to itself, and take back a checkpoint that reports are checked by. Its successor is bound by that
/// name alone: under its own it begins anew, at every size and in every epoch.
#[test]
fn a_successors_log_has_its_own_name() {
    let mut book = Book::licensed(plain(), &[]);
    book.set_log(PLATFORM, [7; 32], ORIGIN, &[[8; 32]]).unwrap();
    let sizes = [24, 25, 1 << 40];
    let junk = sizes.map(|size| book.anchor(PLATFORM, 0, size, [1; 32]).unwrap().unwrap());
    book.run(PLATFORM, Command::ProposePlatform(ANYONE)).unwrap();
    book.run(ANYONE, Command::AcceptPlatform).unwrap();
    assert_eq!(book.anchor(PLATFORM, 0, 26, [1; 32]), Err(Refusal::NotPlatform(PLATFORM, ANYONE)));
    book.now += 60;
    book.set_log(ANYONE, [6; 32], ORIGIN, &[[8; 32]]).unwrap();
    for epoch in [0, 1, 2] {
        assert_eq!(book.anchor(ANYONE, epoch, 24, [2; 32]), Err(Refusal::OtherRoot([2; 32], [1; 32])));
    }
    book.set_log(ANYONE, [6; 32], "successor.example/usage", &[[8; 32]]).unwrap();
    for (size, junk) in sizes.into_iter().zip(junk) {
        let good = book.anchor(ANYONE, 0, size, [2; 32]).unwrap().unwrap();
        assert_eq!((good.epoch, good.at), (3, START + 60));
        assert_eq!((book.anchored("successor.example/usage", size), book.anchored(ORIGIN, size)), (good, junk));
    }
}

/// Proves SAFE-11: where one log's name ends with another's size, or the like, they are still two.
#[test]
fn checkpoints_are_named_by_log_and_size() {
    let id = |origin: &str, size| checkpoint_id(origin.as_bytes(), size, keccak);
    let preimage = [b"ab", &[0, 0, 0, 0, 0, 0, 1, 2][..]].concat();
    assert_eq!(id("ab", 0x0102), keccak(&preimage));
    assert_ne!(id("a", 0x6200), id("ab", 0));
    assert_ne!(id("ab", 1), id("ab", 1 << 32));
    assert_eq!(id(&"x".repeat(MAX_ORIGIN + 1), 1), [0; 32]);
}

proptest! {
    /// What is kept of a log is what was set, and only what can stand in a signed note is.
    #[test]
    fn a_log_comes_back(origin in "[!-~]{0,110}|.{0,40}", key in 0u8..4, witnesses in prop::collection::vec(0u8..6, 0..10)) {
        let witnesses: Vec<Hash> = witnesses.iter().map(|n| [*n; 32]).collect();
        let mut distinct = witnesses.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let clean: String = origin.chars().filter(|c| ('!'..='~').contains(c) && *c != '+').collect();
        let good = key != 0 && !origin.is_empty() && origin.len() <= 100 && clean == origin
            && (1..=8).contains(&witnesses.len()) && distinct.len() == witnesses.len()
            && !witnesses.contains(&[0; 32]) && !witnesses.contains(&[key; 32]);
        let log = UsageLog::new(5, &[key; 32], origin.as_bytes(), &witnesses);
        prop_assert_eq!(log.is_ok(), good);
        if let Ok(log) = log {
            let read = UsageLog::from_bytes(&log.to_bytes());
            prop_assert_eq!((read.since, read.key, read.origin()), (5, [key; 32], origin.as_bytes()));
            prop_assert_eq!(read.witnesses(), &witnesses[..]);
        }
    }
}
