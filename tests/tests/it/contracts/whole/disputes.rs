//! A disputed report and the money that waits for it: the real attribution registry and the real pool.

use alloy_primitives::{B256, U256};
use yieldset_chain::abi::{Attribution, Pool, Refusal};
use yieldset_tests::attribution::{BOND, RULING, WINDOW};
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::system::System;

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8099;
const COIN: u128 = 10u128.pow(18);

/// Two periods with ten coins each, both reported in favour of Alice.
struct Scene {
    s: System,
    alice: Account,
    bob: Account,
    last: B256,
}

fn scene() -> Scene {
    let mut s = System::new();
    let (admin, alice, bob) = (s.admin.clone(), s.holder(1), s.holder(2));
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    let c = Contributors::new([alice.address, bob.address]);
    let mut last = B256::ZERO;
    for period in [PERIOD, PERIOD + 1] {
        s.deposit(&admin, STREAM, period, 10 * COIN).unwrap();
        let mut report = s.report(STREAM, period, c.root());
        report.previous = last.0;
        let keys = s.keys[..2].to_vec();
        last = s.post(&report.to_bytes(), &keys).unwrap();
    }
    Scene { s, alice, bob, last }
}

fn no_report(period: u32, state: u8) -> Failure {
    Failure::with(&Refusal::NoFinalReport { stream: STREAM, period, state })
}

impl Scene {
    fn dispute(&mut self) {
        let (pool, stream, period, reason) = (self.s.pool, STREAM, PERIOD, B256::repeat_byte(1));
        let (bob, registry) = (self.bob.clone(), self.s.attribution);
        let call = Attribution::disputeCall { pool, stream, period, reason, maxBond: U256::from(BOND) };
        self.s.chain.call(&bob, registry, call, BOND).unwrap();
    }

    fn claim(&mut self, c: &Contributors, n: usize, period: u32) -> Result<U256, Failure> {
        let who = [&self.alice, &self.bob][n].clone();
        self.s.call(&who, self.s.pool, c.claim(n, STREAM, period))
    }
}

/// Proves ATT-9 and PAY-6: a dispute holds back its own period alone; once it was upheld, the revision's weights are
/// paid, and the withdrawn ones never.
#[test]
fn the_revision_is_paid_and_not_what_it_replaced() {
    let mut x = scene();
    // So late that the other period's window is over before the arbiter's time is.
    x.s.chain.set_time(START + WINDOW - 10);
    x.dispute();
    x.s.chain.set_time(START + WINDOW + 1);
    let c = Contributors::new([x.alice.address, x.bob.address]);
    assert_eq!(x.claim(&c, 0, PERIOD), Err(no_report(PERIOD, 2)));
    assert_eq!(x.claim(&c, 0, PERIOD + 1).unwrap(), U256::from(3 * COIN));
    let (admin, pool, registry) = (x.s.admin.clone(), x.s.pool, x.s.attribution);
    x.s.call(&admin, registry, Attribution::upholdCall { pool, stream: STREAM, period: PERIOD }).unwrap();
    x.s.chain.set_time(START + WINDOW + RULING);
    assert_eq!(x.claim(&c, 0, PERIOD), Err(no_report(PERIOD, 2)));
    // The other way round: three quarters are Bob's.
    let revised = Contributors::new([x.bob.address, x.alice.address]);
    let mut report = x.s.report(STREAM, PERIOD, revised.root());
    (report.revision, report.previous) = (1, x.last.0);
    let keys = x.s.keys[1..].to_vec();
    x.s.post(&report.to_bytes(), &keys).unwrap();
    assert_eq!(x.claim(&c, 0, PERIOD), Err(no_report(PERIOD, 1)));
    x.s.chain.set_time(START + 2 * WINDOW + RULING);
    assert_refused(x.claim(&c, 0, PERIOD), "InvalidProof");
    let bob = x.bob.clone();
    assert_eq!(x.s.call(&bob, pool, revised.claim(0, STREAM, PERIOD)).unwrap(), U256::from(3 * COIN));
    let alice = x.alice.clone();
    assert_eq!(x.s.call(&alice, pool, revised.claim(1, STREAM, PERIOD)).unwrap(), U256::from(COIN));
    assert_eq!(x.claim(&c, 1, PERIOD + 1).unwrap(), U256::from(COIN));
    let totals = x.s.call(&alice, pool, Pool::totalsCall {}).unwrap();
    assert_eq!((totals.toContributors, totals.claimedByContributors), (U256::from(8 * COIN), U256::from(8 * COIN)));
}

/// Proves SAFE-9 and SAFE-12: a dispute delays its period by the time that it took and no more, and a lost bond is the
/// period's.
#[test]
fn a_dispute_delays_and_takes_nothing() {
    for ruled in [true, false] {
        let mut x = scene();
        let c = Contributors::new([x.alice.address, x.bob.address]);
        x.s.chain.set_time(START + 10);
        x.dispute();
        let (admin, pool, registry) = (x.s.admin.clone(), x.s.pool, x.s.attribution);
        let over = if ruled {
            x.s.chain.set_time(START + 30);
            x.s.call(&admin, registry, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD }).unwrap();
            x.s.call(&admin, registry, Attribution::deliverBondCall { pool, stream: STREAM, period: PERIOD }).unwrap();
            // Ninety seconds of the window were left.
            START + 30 + WINDOW - 10
        } else {
            START + 10 + RULING + WINDOW - 10
        };
        x.s.chain.set_time(over - 1);
        assert_eq!(x.claim(&c, 0, PERIOD), Err(no_report(PERIOD, 1)));
        x.s.chain.set_time(over);
        // 40 % of the lost bond of 10^18 + 7 went into the period's money: 400,000,000,000,000,002.
        let paid = if ruled { [3_300_000_000_000_000_001, 1_100_000_000_000_000_000] } else { [3 * COIN, COIN] };
        assert_eq!([0, 1].map(|n| x.claim(&c, n, PERIOD).unwrap()), paid.map(U256::from));
    }
}
