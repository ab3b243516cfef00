//! A pool gets another registry of reports: what the old one left unpaid is reported again in the new one, and nothing
//! of it is released before that one was heard. Of every deposit 40 % are the contributors', of which three quarters
//! are Alice's and one is Bob's.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolConstructor;
use yieldset_chain::abi::{Attribution, Kyc, Pool};
use yieldset_tests::attribution::{BOND, WINDOW, constructor};
use yieldset_tests::chain::{Account, START, assert_refused, blob};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::licence::DAY;
use yieldset_tests::system::{System, YEAR, announce};

const STREAM: B256 = B256::repeat_byte(3);
/// 2024 Q4, long before the chain begins on 24 November 2026.
const PERIOD: u32 = 8099;
const COIN: u128 = 10u128.pow(18);
/// The adoption on 24 December 2026 is in quarter 8107, so four quarters of silence end with 2027.
const YEAR_2028: u64 = 1_830_297_600;

struct Scene {
    s: System,
    alice: Account,
    stranger: Account,
    c: Contributors,
    old: Address,
}

/// Ten coins in each of two periods; the first was reported in the old registry, and nobody has claimed. Then another
/// registry is adopted, with the same committee.
fn scene(before: impl FnOnce(&mut System, &Account)) -> Scene {
    let mut s = System::new();
    let (admin, alice, bob, stranger) = (s.admin.clone(), s.holder(1), s.holder(2), s.chain.account(8));
    let (pool, governor, old) = (s.pool, s.chain.account(7), s.attribution);
    s.grant(old, "ARBITER_ROLE", &admin);
    for who in [&alice, &bob] {
        let (account, expiry) = (who.address, START + 10 * YEAR);
        let call = Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry };
        s.call(&admin, s.kyc, call).unwrap();
    }
    let c = Contributors::new([alice.address, bob.address]);
    for period in [PERIOD, PERIOD + 1] {
        s.deposit(&admin, STREAM, period, 10 * COIN).unwrap();
    }
    c.post(&mut s, STREAM, PERIOD);
    announce(&mut s.chain, pool, Address::ZERO, governor.address);
    let verifier = s.call(&admin, old, Attribution::termsCall {}).unwrap().verifier;
    let data = constructor(admin.address, verifier, &s.keys).abi_encode();
    let new = s.chain.instantiate(&admin, blob("attribution"), data).unwrap();
    s.call(&governor, pool, Pool::proposeSuccessorCall { part: 1, successor: new }).unwrap();
    s.chain.set_time(START + 30 * DAY);
    before(&mut s, &stranger);
    s.call(&stranger, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    s.attribution = new;
    Scene { s, alice, stranger, c, old }
}

impl Scene {
    /// Which way a period's money goes, and how much it is.
    fn waits(&mut self, period: u32) -> (u8, u128) {
        let call = Pool::waitingOfCall { stream: STREAM, period };
        let waits = self.s.call(&self.stranger.clone(), self.s.pool, call).unwrap();
        (waits.state, waits.amount.to())
    }

    fn report_again(&mut self, period: u32, previous: B256) -> B256 {
        let mut report = self.s.report(STREAM, period, self.c.root());
        report.previous = previous.0;
        let keys = self.s.keys[..2].to_vec();
        self.s.post(&report.to_bytes(), &keys).unwrap()
    }
}

/// Proves SAFE-1 and SAFE-13: the new committee reports the old periods again, in their order, and contributors are
/// paid. Before, anybody gave all eight coins to the holders in the block of the adoption: of a period two years ago
/// four quarters of silence were over, though the new registry could not have said a word.
#[test]
fn old_periods_are_reported_again_and_claimed() {
    let mut x = scene(|_, _| {});
    for period in [PERIOD, PERIOD + 1] {
        assert_eq!(x.waits(period), (3, 4 * COIN));
        let call = Pool::releaseWaitingCall { stream: STREAM, period };
        assert_refused(x.s.call(&x.stranger, x.s.pool, call), "WrongWay");
    }
    let first = x.report_again(PERIOD, B256::ZERO);
    x.report_again(PERIOD + 1, first);
    assert_eq!(x.waits(PERIOD).0, 2);
    x.s.chain.set_time(START + 30 * DAY + WINDOW);
    for period in [PERIOD, PERIOD + 1] {
        assert_eq!(x.waits(period), (1, 4 * COIN));
        let claim = x.c.claim(0, STREAM, period);
        assert_eq!(x.s.call(&x.alice, x.s.pool, claim).unwrap(), U256::from(3 * COIN));
    }
}

/// Proves SAFE-1: a registry that stays silent keeps nothing for good: from 2028 on the money is the holders'.
#[test]
fn silence_after_an_adoption_is_silence() {
    let mut x = scene(|_, _| {});
    x.s.chain.set_time(YEAR_2028 - 1);
    assert_eq!(x.waits(PERIOD), (3, 4 * COIN));
    x.s.chain.set_time(YEAR_2028);
    assert_eq!(x.waits(PERIOD), (5, 4 * COIN));
    let call = Pool::releaseWaitingCall { stream: STREAM, period: PERIOD };
    x.s.call(&x.stranger, x.s.pool, call).unwrap();
    assert_eq!(x.waits(PERIOD), (0, 0));
}

/// Proves SAFE-1 and SAFE-12: a report that is disputed in the old registry when another is adopted: its bond still
/// goes where the game says, the period's part into the pool, and the money waits for the new registry.
#[test]
fn a_dispute_in_the_old_registry_ends_there() {
    let mut x = scene(|s, stranger| {
        let old = s.attribution;
        // Its window was over: another report of the old registry is pending.
        let mut report = s.report(STREAM, PERIOD + 1, [9; 32]);
        let call = Attribution::latestCall { pool: s.pool, stream: STREAM };
        report.previous = s.call(stranger, old, call).unwrap().reportHash.0;
        let keys = s.keys[..2].to_vec();
        s.post(&report.to_bytes(), &keys).unwrap();
        let (pool, stream, period, reason, maxBond) =
            (s.pool, STREAM, PERIOD + 1, B256::repeat_byte(1), U256::from(BOND));
        let dispute = Attribution::disputeCall { pool, stream, period, reason, maxBond };
        s.chain.call(stranger, old, dispute, BOND).unwrap();
    });
    assert_eq!(x.waits(PERIOD + 1), (3, 4 * COIN));
    let (admin, pool) = (x.s.admin.clone(), x.s.pool);
    x.s.call(&admin, x.old, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD + 1 }).unwrap();
    // 40 % of 10^18 + 7, rounded down.
    assert_eq!(x.waits(PERIOD + 1), (3, 4 * COIN + 400_000_000_000_000_002));
    let first = x.report_again(PERIOD, B256::ZERO);
    x.report_again(PERIOD + 1, first);
    x.s.chain.set_time(START + 30 * DAY + WINDOW);
    // Three quarters of it, rounded down.
    let claim = x.c.claim(0, STREAM, PERIOD + 1);
    assert_eq!(x.s.call(&x.alice, pool, claim).unwrap(), U256::from(3 * COIN + 300_000_000_000_000_001));
}
