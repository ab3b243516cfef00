//! The registry's game of challenge window, bonds, rulings and revisions, on the real blob.

mod heard;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent;
use proptest::prelude::*;
use yieldset_chain::abi::Attribution;
use yieldset_rules::{
    dispute::{Bonds, Stake, Standing, Terms, Verdict},
    report::{Outcome, Report, Totals},
};
use yieldset_tests::{
    attribution::{AttributionRegistry, BOND, PERIOD, POOL, RULING, STREAM, WINDOW, dispute, puppet, told},
    chain::{Account, START, assert_refused},
};

fn uphold(period: u32) -> Attribution::upholdCall {
    Attribution::upholdCall { pool: POOL, stream: STREAM, period }
}

fn reject(period: u32) -> Attribution::rejectCall {
    Attribution::rejectCall { pool: POOL, stream: STREAM, period }
}

fn expire(period: u32) -> Attribution::expireCall {
    Attribution::expireCall { pool: POOL, stream: STREAM, period }
}

fn withdraw(account: Address, to: Address) -> Attribution::withdrawBondCall {
    Attribution::withdrawBondCall { currency: Address::ZERO, account, to }
}

/// What is kept for a period that has no pool.
fn kept(r: &mut AttributionRegistry, period: u32) -> u128 {
    let kept = r.read(Attribution::bondKeptCall { pool: POOL, stream: STREAM, period });
    assert_eq!(kept.currency, Address::ZERO);
    kept.amount.to()
}

fn dispute_of(r: &mut AttributionRegistry, period: u32) -> Attribution::disputeOfReturn {
    r.read(Attribution::disputeOfCall { pool: POOL, stream: STREAM, period })
}

/// The events of one kind since the last look.
fn events<E: SolEvent>(r: &mut AttributionRegistry) -> Vec<E> {
    let logs = r.chain.take_logs();
    let own = logs.iter().filter(|log| log.topics[0] == E::SIGNATURE_HASH.0);
    own.map(|log| E::decode_raw_log(log.topics.iter().map(|t| B256::from(*t)), &log.data).unwrap()).collect()
}

/// Undisputed: pending until the window's last second, then final; a pool that pays on 3 alone pays from then on.
#[test]
fn a_report_is_final_when_its_window_ends() {
    let mut r = AttributionRegistry::new();
    let anybody = r.anybody.clone();
    assert_eq!(r.state(PERIOD), 0);
    assert_refused(r.dispute(&anybody, PERIOD), "NoReport");
    r.posted(PERIOD);
    assert_eq!(r.state(PERIOD), 1);
    r.chain.set_time(START + WINDOW - 1);
    assert_eq!(r.state(PERIOD), 1);
    r.chain.set_time(START + WINDOW);
    assert_eq!(r.state(PERIOD), 3);
    assert_refused(r.dispute(&anybody, PERIOD), "NotPending");
    let arbiter = r.arbiter.clone();
    assert_refused(r.call(&arbiter, uphold(PERIOD)), "NotDisputed");
    assert_refused(r.call(&arbiter, reject(PERIOD)), "NotDisputed");
    assert_refused(r.call(&anybody, expire(PERIOD)), "NotDisputed");
    assert_refused(r.call(&arbiter, uphold(PERIOD + 1)), "NoReport");
    assert_refused(r.call(&arbiter, reject(PERIOD + 1)), "NoReport");
    assert_refused(r.call(&anybody, expire(PERIOD + 1)), "NoReport");
}

/// A dispute with exactly the bond holds back its period alone; upheld, the bond goes back and the committee's revision
/// follows whatever was accepted last, with a whole window.
#[test]
fn an_upheld_dispute_leads_to_a_revision() {
    let mut r = AttributionRegistry::new();
    let (anybody, arbiter, keys) = (r.anybody.clone(), r.arbiter.clone(), r.keys[..2].to_vec());
    let first = r.posted(PERIOD);
    r.chain.set_time(START + 10);
    for wrong in [0, BOND - 1, BOND + 1] {
        assert_refused(r.chain.call(&anybody, r.address, dispute(PERIOD), wrong), "WrongBond");
    }
    let short = Attribution::disputeCall { maxBond: U256::from(BOND - 1), ..dispute(PERIOD) };
    assert_refused(r.chain.call(&anybody, r.address, short, BOND - 1), "BondAboveLimit");
    r.dispute(&anybody, PERIOD).unwrap();
    let disputed: Attribution::ReportDisputed = events(&mut r).pop().unwrap();
    assert_eq!((disputed.pool, disputed.stream, disputed.period), (POOL, STREAM, PERIOD));
    assert_eq!((disputed.reportHash, disputed.challenger), (first, anybody.address));
    assert_eq!((disputed.reason, disputed.deadline), (B256::repeat_byte(0xaa), START + 10 + RULING));
    let seen = dispute_of(&mut r, PERIOD);
    assert_eq!((seen.phase, seen.revision, seen.until), (2, 0, START + 10 + RULING));
    assert_eq!((seen.challenger, seen.reason), (anybody.address, B256::repeat_byte(0xaa)));
    assert_eq!((seen.disputes, seen.defender, seen.currency), (1, Address::ZERO, Address::ZERO));
    assert_eq!((seen.bond, disputed.bond, disputed.currency), (U256::from(BOND), U256::from(BOND), Address::ZERO));
    assert_refused(r.dispute(&arbiter, PERIOD), "NotPending");
    r.assert_solvent();
    // The next period goes its own way meanwhile.
    let second = r.posted(PERIOD + 1);
    assert_eq!((r.state(PERIOD), r.state(PERIOD + 1)), (2, 1));
    r.call(&arbiter, uphold(PERIOD)).unwrap();
    let upheld: Attribution::DisputeUpheld = events(&mut r).pop().unwrap();
    assert_eq!((upheld.pool, upheld.stream, upheld.period, upheld.reportHash), (POOL, STREAM, PERIOD, first));
    assert_eq!((upheld.challenger, upheld.arbiter), (anybody.address, arbiter.address));
    assert_eq!((upheld.toChallenger, upheld.toDefender, upheld.toPeriod), (U256::from(BOND), U256::ZERO, U256::ZERO));
    assert_eq!((r.state(PERIOD), r.owed(anybody.address)), (2, BOND));
    assert_refused(r.call(&arbiter, reject(PERIOD)), "NotDisputed");
    r.assert_solvent();
    // It waits however long it takes, while the next period becomes final.
    r.chain.set_time(START + 10 * WINDOW);
    assert_eq!((r.state(PERIOD), r.state(PERIOD + 1)), (2, 3));
    let revision = Report { revision: 1, outcome: Outcome::Weights([0xee; 32]), ..r.report(PERIOD) };
    assert_eq!(revision.previous, second.0);
    assert_refused(r.post(&Report { revision: 0, ..revision.clone() }, &keys), "PeriodOutOfOrder");
    assert_refused(r.post(&Report { revision: 2, ..revision.clone() }, &keys), "RevisionOutOfOrder");
    assert_refused(r.post(&Report { previous: first.0, ..revision.clone() }, &keys), "PreviousMismatch");
    assert_refused(r.post(&Report { period: PERIOD + 1, ..revision.clone() }, &keys), "RevisionOutOfOrder");
    let revised = r.post(&revision, &keys).unwrap();
    assert_refused(r.post(&Report { revision: 2, previous: revised.0, ..revision }, &keys), "RevisionOutOfOrder");
    let found = r.read(Attribution::resultOfCall { pool: POOL, stream: STREAM, period: PERIOD });
    assert_eq!((found.state, found.weightsRoot), (1, B256::repeat_byte(0xee)));
    let latest = r.read(Attribution::latestCall { pool: POOL, stream: STREAM });
    assert_eq!((latest.period, latest.reportHash), (PERIOD + 1, revised));
    // The chain goes on from the revision, with the period after the latest.
    r.posted(PERIOD + 2);
    // A revision can be disputed like any report.
    r.dispute(&anybody, PERIOD).unwrap();
    r.call(&arbiter, uphold(PERIOD)).unwrap();
    assert_eq!((dispute_of(&mut r, PERIOD).revision, r.owed(anybody.address)), (1, 2 * BOND));
    r.assert_solvent();
}

/// Proves SAFE-9 and SAFE-12: rejected, the bond is lost to nobody who ruled; what was left of the window runs on, so
/// that others lose no time to look; the next dispute costs twice as much, the third four times, and there is no
/// fourth.
#[test]
fn each_further_dispute_costs_twice_as_much_and_the_third_is_the_last() {
    let mut r = AttributionRegistry::new();
    let (anybody, other, arbiter) = (r.anybody.clone(), r.other.clone(), r.arbiter.clone());
    r.posted(PERIOD);
    r.chain.set_time(START + 40);
    r.dispute(&anybody, PERIOD).unwrap();
    let ruled_at = START + 40 + RULING - 1;
    r.chain.set_time(ruled_at);
    r.call(&arbiter, reject(PERIOD)).unwrap();
    let rejected: Attribution::DisputeRejected = events(&mut r).pop().unwrap();
    assert_eq!((rejected.challenger, rejected.arbiter), (anybody.address, arbiter.address));
    assert_eq!((rejected.finalAt, rejected.toPeriod), (ruled_at + WINDOW - 40, U256::from(BOND)));
    // There is no pool at that address: what it could not take is kept for its period.
    assert_eq!((r.owed(anybody.address), r.owed(arbiter.address), kept(&mut r, PERIOD)), (0, 0, BOND));
    r.chain.set_time(ruled_at + WINDOW - 41);
    assert_eq!(r.state(PERIOD), 1);
    // Another challenger in the last second.
    assert_refused(r.dispute(&other, PERIOD), "BondAboveLimit");
    for (times, sent) in [(2, 2 * BOND), (4, 5 * BOND)] {
        let price = r.read(Attribution::bondForCall { pool: POOL, stream: STREAM, period: PERIOD });
        assert_eq!((price.currency, price.bond), (Address::ZERO, U256::from(times * BOND)));
        let call = Attribution::disputeCall { maxBond: U256::from(sent), ..dispute(PERIOD) };
        r.chain.call(&other, r.address, call, sent).unwrap();
        if times == 4 {
            // The last one is heard for as long as the window would have gone on: a second.
            assert_refused(r.call(&arbiter, reject(PERIOD)), "NotHeard");
            r.chain.set_time(ruled_at + WINDOW - 40);
        }
        r.call(&arbiter, reject(PERIOD)).unwrap();
    }
    assert_eq!((kept(&mut r, PERIOD), r.owed(POOL), r.owed(other.address)), (7 * BOND, 0, BOND));
    let call = Attribution::disputeCall { maxBond: U256::from(8 * BOND), ..dispute(PERIOD) };
    assert_refused(r.chain.call(&other, r.address, call, 8 * BOND), "DisputesExhausted");
    r.chain.set_time(ruled_at + WINDOW - 39);
    assert_eq!(r.state(PERIOD), 3);
    r.assert_solvent();
    // Anybody may send others what is their own, and nobody can have it sent elsewhere.
    assert_refused(r.call(&anybody, withdraw(other.address, anybody.address)), "NotBondOwner");
    let before = r.chain.balance(other.address);
    assert_eq!(r.call(&anybody, withdraw(other.address, other.address)).unwrap(), U256::from(BOND));
    assert_eq!(r.chain.balance(other.address) - before, U256::from(BOND));
    let paid: Attribution::BondWithdrawn = events(&mut r).pop().unwrap();
    let expected = (other.address, other.address, Address::ZERO, U256::from(BOND));
    assert_eq!((paid.account, paid.to, paid.currency, paid.amount), expected);
    assert_refused(r.call(&anybody, withdraw(other.address, other.address)), "NothingOwed");
    r.assert_solvent();
}

/// Proves SAFE-12: whoever matches the bond stands for the report; of the loser's bond half is the winner's and half
/// the period's, and neither side can rule.
#[test]
fn whoever_was_right_is_paid_by_whoever_was_not() {
    for upheld in [true, false] {
        let mut r = AttributionRegistry::new();
        let (anybody, other, arbiter, admin) = (r.anybody.clone(), r.other.clone(), r.arbiter.clone(), r.admin.clone());
        for account in [anybody.address, other.address] {
            let role = yieldset_chain::deployment::role("ARBITER_ROLE");
            r.call(&admin, yieldset_chain::abi::Access::grantRoleCall { role, account }).unwrap();
        }
        let hash = r.posted(PERIOD);
        let defend = heard::defend(PERIOD, hash, BOND);
        let stand = |r: &mut AttributionRegistry, who: &Account, sent| {
            r.chain.call(who, r.address, defend.clone(), sent).map(|_| ())
        };
        assert_refused(stand(&mut r, &other, BOND), "NotDisputed");
        r.dispute(&anybody, PERIOD).unwrap();
        assert_refused(stand(&mut r, &anybody, BOND), "IsParty");
        assert_refused(stand(&mut r, &other, BOND + 1_000_000), "WrongBond");
        stand(&mut r, &other, BOND).unwrap();
        let defended: Attribution::DisputeDefended = events(&mut r).pop().unwrap();
        assert_eq!((defended.reportHash, defended.defender), (hash, other.address));
        assert_refused(stand(&mut r, &admin, BOND), "AlreadyDefended");
        r.assert_solvent();
        for side in [&anybody, &other] {
            assert_refused(r.call(side, uphold(PERIOD)), "IsParty");
            assert_refused(r.call(side, reject(PERIOD)), "IsParty");
        }
        // The bond is odd: of 10^18 + 7 the winner has the smaller half.
        let (half, rest) = (500_000_000_000_000_003, 500_000_000_000_000_004);
        let [winner, loser] = if upheld {
            r.call(&arbiter, uphold(PERIOD)).unwrap();
            [anybody.address, other.address]
        } else {
            r.call(&arbiter, reject(PERIOD)).unwrap();
            [other.address, anybody.address]
        };
        assert_eq!((r.owed(winner), r.owed(loser), kept(&mut r, PERIOD)), (BOND + half, 0, rest));
        r.assert_solvent();
    }
}

/// Proves SAFE-9: without a ruling each has its bond back, and the rest of the window runs from the deadline on, also
/// where nobody says so; a dispute in it releases the bonds of the one before. On the old blobs the report was final at
/// the deadline, so that its own author could shorten the window by a dispute.
#[test]
fn an_absent_arbiter_shortens_nothing() {
    let mut r = AttributionRegistry::new();
    let (anybody, arbiter, admin, other) = (r.anybody.clone(), r.arbiter.clone(), r.admin.clone(), r.other.clone());
    let hash = r.posted(PERIOD);
    r.dispute(&anybody, PERIOD).unwrap();
    r.chain.set_time(START + RULING - 1);
    assert_refused(r.call(&admin, expire(PERIOD)), "DeadlineNotReached");
    assert_eq!(r.state(PERIOD), 2);
    r.chain.set_time(START + RULING);
    assert_eq!(r.state(PERIOD), 1);
    assert_refused(r.call(&arbiter, uphold(PERIOD)), "DeadlinePassed");
    assert_refused(r.call(&arbiter, reject(PERIOD)), "DeadlinePassed");
    r.chain.set_time(START + RULING + 10);
    let second = Attribution::disputeCall { maxBond: U256::from(2 * BOND), ..dispute(PERIOD) };
    r.chain.call(&other, r.address, second, 2 * BOND).unwrap();
    let expired: Attribution::DisputeExpired = events(&mut r).pop().unwrap();
    assert_eq!((expired.pool, expired.stream, expired.period), (POOL, STREAM, PERIOD));
    assert_eq!((expired.reportHash, expired.challenger), (hash, anybody.address));
    assert_eq!((expired.finalAt, expired.toChallenger), (START + RULING + WINDOW, U256::from(BOND)));
    assert_eq!((r.owed(anybody.address), r.owed(other.address)), (BOND, 0));
    r.assert_solvent();
    r.chain.set_time(START + 2 * RULING + WINDOW - 1);
    assert_eq!(r.state(PERIOD), 1);
    r.chain.set_time(START + 2 * RULING + WINDOW);
    assert_eq!(r.state(PERIOD), 3);
    r.call(&admin, expire(PERIOD)).unwrap();
    assert_refused(r.call(&admin, expire(PERIOD)), "NotDisputed");
    assert_eq!((r.state(PERIOD), dispute_of(&mut r, PERIOD).phase, r.owed(other.address)), (3, 1, 2 * BOND));
    r.assert_solvent();
    let before = r.chain.balance(arbiter.address);
    r.call(&anybody, withdraw(anybody.address, arbiter.address)).unwrap();
    assert_eq!(r.chain.balance(arbiter.address) - before, U256::from(BOND));
    r.assert_solvent();
}

/// A challenger that refuses money blocks nobody: rulings go through, its bond waits, and it says itself where else it
/// should go.
#[test]
fn a_challenger_that_refuses_money_harms_only_itself() {
    let mut r = AttributionRegistry::new();
    let (anybody, arbiter, registry) = (r.anybody.clone(), r.arbiter.clone(), r.address);
    let mallory = puppet(&mut r.chain, &anybody);
    let tell = |r: &mut AttributionRegistry, data: Vec<u8>, value| r.chain.call_raw(&anybody, mallory, data, value);
    r.posted(PERIOD);
    tell(&mut r, told(registry, BOND, &dispute(PERIOD)), BOND).unwrap();
    assert_eq!(dispute_of(&mut r, PERIOD).challenger, mallory);
    r.call(&arbiter, uphold(PERIOD)).unwrap();
    assert_eq!(r.owed(mallory), BOND);
    assert_refused(r.call(&anybody, withdraw(mallory, mallory)), "PayoutFailed");
    // To itself it fails as well, and to the registry, which the pallet does not let call itself.
    assert_refused(tell(&mut r, told(registry, 0, &withdraw(mallory, mallory)), 0), "PayoutFailed");
    assert!(tell(&mut r, told(registry, 0, &withdraw(mallory, registry)), 0).is_err());
    assert_eq!(r.owed(mallory), BOND);
    r.assert_solvent();
    let before = r.chain.balance(arbiter.address);
    tell(&mut r, told(registry, 0, &withdraw(mallory, arbiter.address)), 0).unwrap();
    assert_eq!(r.chain.balance(arbiter.address) - before, U256::from(BOND));
    assert_eq!(r.owed(mallory), 0);
    r.assert_solvent();
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Post,
    Revise(u32),
    Dispute(usize, u32),
    Defend(usize, u32),
    Uphold(u32),
    Reject(u32),
    Expire(u32),
    Withdraw(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let period = 0u32..3;
    let step = prop_oneof![
        3 => prop_oneof![1u64..4, Just(RULING - 1), Just(RULING), Just(WINDOW - 1), Just(WINDOW)].prop_map(Step::Wait),
        2 => Just(Step::Post),
        2 => period.clone().prop_map(Step::Revise),
        4 => (0usize..2, period.clone()).prop_map(|(who, period)| Step::Dispute(who, period)),
        2 => (0usize..2, period.clone()).prop_map(|(who, period)| Step::Defend(who, period)),
        2 => period.clone().prop_map(Step::Uphold),
        2 => period.clone().prop_map(Step::Reject),
        2 => period.prop_map(Step::Expire),
        1 => (0usize..3).prop_map(Step::Withdraw),
    ];
    prop::collection::vec(step, 1..40)
}

/// What the rules say the registry must be like.
#[derive(Default)]
struct Model {
    now: u64,
    standings: BTreeMap<u32, Standing>,
    bonds: Bonds,
    owed: BTreeMap<Address, u128>,
    kept: BTreeMap<u32, u128>,
}

const TERMS: Terms = Terms { window: WINDOW, ruling: RULING };

impl Model {
    /// There is no pool: what it cannot take is kept.
    fn pay(&mut self, at: u32, standing: &Standing, verdict: Verdict) {
        let Verdict { challenger, defender, period } = verdict;
        self.bonds.release(challenger + defender + period).unwrap();
        *self.kept.entry(at).or_default() += period;
        for (to, amount) in [(standing.challenger, challenger), (standing.defender, defender)] {
            *self.owed.entry(Address::from(to)).or_default() += amount;
        }
    }

    fn standing(&mut self, period: u32) -> &mut Standing {
        self.standings.entry(period).or_default()
    }
}

/// One step on both; whether both agree that it was possible.
fn play(r: &mut AttributionRegistry, m: &mut Model, step: &Step) -> bool {
    let (arbiter, admin) = (r.arbiter.clone(), r.admin.clone());
    let players = [r.anybody.clone(), r.keeper.clone()];
    let now = m.now;
    match *step {
        Step::Wait(seconds) => {
            m.now += seconds;
            r.chain.set_time(m.now);
            true
        }
        Step::Post => {
            let period = PERIOD + m.standings.values().filter(|s| s.hash != [0; 32]).count() as u32;
            let root = [period as u8; 32];
            let hash = r.posted(period);
            *m.standing(period) = Standing::posted(hash.0, root, 0, now, &TERMS);
            true
        }
        Step::Revise(n) => {
            let next = m.standing(PERIOD + n).next_revision();
            let revision = next.unwrap_or(1);
            let root = [0x80 + revision as u8; 32];
            let report = Report { revision, outcome: Outcome::Weights(root), ..r.report(PERIOD + n) };
            let keys = r.keys[..2].to_vec();
            let real = r.post(&report, &keys);
            if let (Some(revision), Ok(hash)) = (next, &real) {
                *m.standing(PERIOD + n) = Standing::posted(hash.0, root, revision, now, &TERMS);
            }
            real.is_ok() == next.is_some()
        }
        Step::Dispute(who, n) => {
            let challenger: &Account = &players[who];
            let standing = m.standing(PERIOD + n);
            let bond = BOND << standing.disputes;
            let stake =
                Stake { challenger: challenger.address.into_array(), reason: [0xaa; 32], bond, currency: [0; 20] };
            let expected = standing.dispute(&stake, now, &TERMS);
            if let Ok(Some((old, verdict))) = expected {
                m.pay(PERIOD + n, &old, verdict);
            }
            if expected.is_ok() {
                m.bonds.lock(bond).unwrap();
            }
            let call = Attribution::disputeCall { maxBond: U256::from(bond), ..dispute(PERIOD + n) };
            r.chain.call(challenger, r.address, call, bond).is_ok() == expected.is_ok()
        }
        Step::Defend(who, n) => {
            let standing = m.standing(PERIOD + n);
            let (report, bond) = (standing.hash, standing.bond);
            let expected = standing.defend(players[who].address.into_array(), report, now);
            if expected.is_ok() {
                m.bonds.lock(bond).unwrap();
            }
            let call = heard::defend(PERIOD + n, report.into(), bond);
            r.chain.call(&players[who], r.address, call, bond).is_ok() == expected.is_ok()
        }
        Step::Uphold(n) | Step::Reject(n) | Step::Expire(n) => {
            let by = arbiter.address.into_array();
            let standing = m.standing(PERIOD + n);
            let expected = match step {
                Step::Uphold(_) => standing.uphold(by, now),
                Step::Reject(_) => standing.reject(by, now, &TERMS),
                _ => standing.expire(now),
            };
            let standing = *standing;
            expected.iter().for_each(|verdict| m.pay(PERIOD + n, &standing, *verdict));
            let real = match step {
                Step::Uphold(_) => r.call(&arbiter, uphold(PERIOD + n)).is_ok(),
                Step::Reject(_) => r.call(&arbiter, reject(PERIOD + n)).is_ok(),
                _ => r.call(&admin, expire(PERIOD + n)).is_ok(),
            };
            real == expected.is_ok()
        }
        Step::Withdraw(who) => {
            let account = [players[0].address, players[1].address, arbiter.address][who];
            let amount = m.owed.remove(&account).unwrap_or_default();
            m.bonds.take(amount).unwrap();
            let real = r.call(&admin, withdraw(account, account));
            real.map_or(0, |paid| paid.to::<u128>()) == amount
        }
    }
}

fn check(r: &mut AttributionRegistry, m: &Model) {
    for (period, standing) in &m.standings {
        let seen = r.read(Attribution::resultOfCall { pool: POOL, stream: STREAM, period: *period });
        assert_eq!((seen.state, seen.weightsRoot.0), (standing.state(m.now) as u8, standing.weights_root));
        let seen = dispute_of(r, *period);
        let expected = (standing.phase, standing.revision, standing.until, Address::from(standing.challenger));
        assert_eq!((seen.phase, seen.revision, seen.until, seen.challenger), expected);
    }
    let held = r.read(Attribution::holdingsCall { currency: Address::ZERO });
    assert_eq!((held.locked, held.released), (U256::from(m.bonds.locked), U256::from(m.bonds.released)));
    assert_eq!(m.bonds.released, m.owed.values().chain(m.kept.values()).sum::<u128>());
    for (period, amount) in &m.kept {
        assert_eq!(kept(r, *period), *amount);
    }
    for (account, amount) in &m.owed {
        assert_eq!(r.owed(*account), *amount);
    }
    assert_eq!(r.chain.balance(r.address), U256::from(m.bonds.held().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Random histories over three periods: the blob does what the rules say, refuses what they refuse, and has exactly
    /// the money of open bonds and of bonds not yet taken, after every step.
    #[test]
    fn random_histories_follow_the_rules(steps in steps()) {
        let mut r = AttributionRegistry::new();
        let mut m = Model { now: START, ..Model::default() };
        for step in &steps {
            prop_assert!(play(&mut r, &mut m, step), "{:?}", step);
            check(&mut r, &m);
        }
    }
}
