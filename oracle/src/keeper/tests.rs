use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use yieldset_chain::acts::licences::{Breach, Of};

use super::*;

const HOUR: u64 = 3_600;

/// Contracts that take each act once, from a second on, as the real ones do.
#[derive(Default)]
struct Fake {
    now: AtomicU64,
    /// From when on each is due; what is not here is for somebody else.
    due: BTreeMap<String, u64>,
    done: Mutex<Vec<String>>,
    /// Acts that another keeper sends between this one's question and its sending.
    rivals: Vec<String>,
    /// Acts that trap when they are run in a block.
    trapped: Vec<String>,
    unreachable: bool,
}

impl Fake {
    fn times(&self, act: &Act) -> usize {
        self.done.lock().expect("lock").iter().filter(|one| **one == name(act)).count()
    }
}

impl Contracts for Fake {
    async fn standing(&self, act: &Act) -> Result<Standing, ChainError> {
        let now = self.now.load(Ordering::Relaxed);
        Ok(match self.due.get(&name(act)) {
            _ if self.times(act) > 0 => Standing::Done,
            None => Standing::NotOurs("NotPlatform".into()),
            Some(due) if now < *due => Standing::Waits(format!("NotYet {{ from: {due} }}")),
            Some(_) => Standing::Due,
        })
    }

    async fn send(&self, act: &Act) -> Result<B256, ChainError> {
        if self.unreachable {
            return Err(ChainError::NodeUnreachable { url: "ws://node".into(), reason: "gone".into() });
        }
        if self.trapped.contains(&name(act)) {
            return Err(ChainError::Dispatch { reason: "Revive::ContractTrapped".into() });
        }
        let rival = self.rivals.contains(&name(act));
        self.done.lock().expect("lock").push(name(act));
        match rival {
            true => Err(ChainError::FailedInBlock { tx_hash: B256::ZERO, block_number: 1, reason: "reverted".into() }),
            false => Ok(B256::repeat_byte(7)),
        }
    }
}

fn acts() -> [Act; 3] {
    let of = Of { contract: Address::repeat_byte(1), licence: B256::repeat_byte(2) };
    [of.record_breach(Breach::Redaction, 1), of.true_up(1), of.record_default(8_107)]
}

fn orders(now: u64, send: bool) -> Orders {
    Orders { now, late_after: HOUR, send }
}

fn states(lines: &Lines) -> Vec<State> {
    acts().iter().map(|act| lines[&name(act)].state).collect()
}

/// Proves LIC-10 and LIC-3: what is due is sent, once, and what is not yet waits until it is; a second round, another
/// keeper beside and one that lost its memory send nothing again.
#[tokio::test]
async fn what_is_due_is_sent_once() {
    let [breach, year, missed] = acts();
    let due = [(name(&breach), 50), (name(&year), 100)];
    let fake = Fake { now: 60.into(), due: due.into(), ..Fake::default() };
    let mut lines = Lines::new();
    round(&fake, &acts(), &mut lines, orders(60, true)).await.expect("answered");
    assert_eq!(states(&lines), [State::Done, State::Waits, State::NotOurs]);
    assert_eq!(lines[&name(&breach)].tx_hash, Some(B256::repeat_byte(7)));
    assert!(lines[&name(&year)].why.as_ref().is_some_and(|why| why.contains("from: 100")));
    fake.now.store(100, Ordering::Relaxed);
    // One beside it, that has seen nothing yet.
    let mut others = Lines::new();
    round(&fake, &acts(), &mut others, orders(100, true)).await.expect("answered");
    round(&fake, &acts(), &mut lines, orders(100, true)).await.expect("answered");
    for lines in [&lines, &others] {
        assert_eq!(states(lines), [State::Done, State::Done, State::NotOurs]);
    }
    assert_eq!([&breach, &year, &missed].map(|act| fake.times(act)), [1, 1, 0]);
}

/// Two keepers that ask at the same moment: whose transaction comes second fails in its block, and is no failure.
#[tokio::test]
async fn a_faster_keeper_does_no_harm() {
    let [breach, ..] = acts();
    let fake = Fake { due: [(name(&breach), 0)].into(), rivals: vec![name(&breach)], ..Fake::default() };
    let mut lines = Lines::new();
    round(&fake, std::slice::from_ref(&breach), &mut lines, orders(9, true)).await.expect("answered");
    let line = &lines[&name(&breach)];
    assert_eq!((line.state, line.tx_hash, fake.times(&breach)), (State::Done, None, 1));
}

/// What was due and is found no more is forgotten, or it would be told as late for ever; what the keeper did stays.
#[tokio::test]
async fn what_is_found_no_more_is_not_late() {
    let [breach, year, _] = acts();
    let fake = Fake { due: [(name(&breach), 0), (name(&year), 0)].into(), ..Fake::default() };
    let (mut lines, both) = (Lines::new(), [breach.clone(), year.clone()]);
    round(&fake, &both[..1], &mut lines, orders(10, true)).await.expect("answered");
    round(&fake, &both[1..], &mut lines, orders(10, false)).await.expect("answered");
    assert_eq!((lines[&name(&breach)].state, lines[&name(&year)].state), (State::Done, State::Due));
    round(&fake, &[], &mut lines, orders(11 + HOUR, true)).await.expect("answered");
    assert_eq!(lines.into_keys().collect::<Vec<_>>(), [name(&breach)]);
}

/// What is due and not sent is told, with since when, and as late after the time that was given; so is what failed, and
/// it is tried again. Nothing is sent where nothing is to be.
#[tokio::test]
async fn late_and_failed_ones_are_told() {
    let [breach, ..] = acts();
    let mut fake = Fake { due: [(name(&breach), 0)].into(), trapped: vec![name(&breach)], ..Fake::default() };
    let (mut lines, only) = (Lines::new(), [breach.clone()]);
    round(&fake, &only, &mut lines, orders(10, false)).await.expect("answered");
    let told = |lines: &Lines| {
        let line = &lines[&name(&breach)];
        (line.state, line.due_since, line.late)
    };
    assert_eq!(told(&lines), (State::Due, Some(10), false));
    round(&fake, &only, &mut lines, orders(10 + HOUR, true)).await.expect("answered");
    assert_eq!(told(&lines), (State::Failed, Some(10), false));
    assert!(lines[&name(&breach)].why.as_ref().is_some_and(|why| why.contains("ContractTrapped")));
    round(&fake, &only, &mut lines, orders(11 + HOUR, false)).await.expect("answered");
    assert_eq!((told(&lines), fake.times(&breach)), ((State::Due, Some(10), true), 0));
    // A node that is gone fails the round, and nothing is noted.
    (fake.trapped, fake.unreachable) = (Vec::new(), true);
    assert!(round(&fake, &only, &mut lines, orders(12 + HOUR, true)).await.is_err());
    assert_eq!(told(&lines), (State::Due, Some(10), true));
    fake.unreachable = false;
    round(&fake, &only, &mut lines, orders(13 + HOUR, true)).await.expect("answered");
    assert_eq!(told(&lines), (State::Done, None, false));
    let json = serde_json::to_value(&lines).expect("written");
    assert_eq!(serde_json::from_value::<Lines>(json).expect("read"), lines);
}

/// Proves LIC-3: a default that this keeper put on record is sent again where the contract takes it again: then the
/// escrow pays it. Before, what it had done itself it never asked for again, and the escrow waited for another keeper.
#[tokio::test]
async fn what_becomes_due_again_is_sent_again() {
    let [.., missed] = acts();
    assert!(!missed.kind.done.is_empty());
    let (fake, mut lines) = (Forgetful::default(), Lines::new());
    for now in 0..2 {
        round(&fake, std::slice::from_ref(&missed), &mut lines, orders(now, true)).await.expect("answered");
        assert_eq!(lines[&name(&missed)].state, State::Done);
    }
    // Twice in one round, too.
    round(&fake, &[missed.clone(), missed], &mut lines, orders(2, true)).await.expect("answered");
    assert_eq!(*fake.0.lock().expect("lock"), 4);
}

/// What a contract cannot say was done is not done for ever: money that comes later for the same contributors, or a
/// part that failed before, has the same name.
#[tokio::test]
async fn claims_are_made_again_when_there_is_money_again() {
    use yieldset_chain::acts::pools::{Claims, claim_for_many};
    let claims = |accounts: &[u8]| Claims {
        accounts: accounts.iter().map(|n| Address::repeat_byte(*n)).collect(),
        weights: accounts.iter().map(|_| yieldset_chain::U256::from(1)).collect(),
        proof: vec![],
        flags: vec![],
    };
    let of =
        |accounts: &[u8]| claim_for_many(Address::repeat_byte(1), (B256::repeat_byte(2), 8_107), 0, claims(accounts));
    let fake = Forgetful::default();
    let mut lines = Lines::new();
    for (round_number, accounts) in [&[1, 2][..], &[3], &[1, 2]].into_iter().enumerate() {
        round(&fake, &[of(accounts)], &mut lines, orders(round_number as u64, true)).await.expect("answered");
    }
    assert_eq!(*fake.0.lock().expect("lock"), 3);
}

/// A contract that takes what it is sent whenever it can be paid.
#[derive(Default)]
struct Forgetful(Mutex<usize>);

impl Contracts for Forgetful {
    async fn standing(&self, _: &Act) -> Result<Standing, ChainError> {
        Ok(Standing::Due)
    }

    async fn send(&self, _: &Act) -> Result<B256, ChainError> {
        *self.0.lock().expect("lock") += 1;
        Ok(B256::repeat_byte(7))
    }
}
