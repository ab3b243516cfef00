//! Money of quarters without weights, on the real registry and the real pool: whatever is reported, skipped, empty or
//! never said, it reaches contributors or holders. Amounts are worked out by hand: of every deposit 40 % are the
//! contributors', of which three quarters are Alice's and one is Bob's; Carol has all shares.

use alloy_primitives::{Address, B256, U256};
use yieldset_chain::abi::{Attribution, Kyc, Pool, Refusal};
use yieldset_tests::attribution::{BOND, WINDOW};
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::system::{System, YEAR, announce, outcome};

const STREAM: B256 = B256::repeat_byte(3);
/// 2025 Q4; it and the three after it are over when the chain begins, on 24 November 2026.
const PERIOD: u32 = 8103;
/// 2024 Q4.
const EARLY: u32 = 8099;
/// 2026 Q4, in which the chain begins.
const TODAY: u32 = 8107;
/// 1 January 2027 and 1 January 2028.
const YEAR_2027: u64 = 1_798_761_600;
const YEAR_2028: u64 = 1_830_297_600;
/// An empty report.
const NOTHING: [u8; 32] = [0; 32];

struct Scene {
    s: System,
    alice: Account,
    bob: Account,
    carol: Account,
    stranger: Account,
    c: Contributors,
}

fn scene() -> Scene {
    let mut s = System::new();
    let (admin, alice, bob, carol) = (s.admin.clone(), s.holder(1), s.holder(2), s.holder(3));
    s.grant(s.attribution, "ARBITER_ROLE", &admin);
    for who in [&alice, &bob, &carol] {
        let (account, expiry) = (who.address, START + 10 * YEAR);
        let call = Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry };
        s.call(&admin, s.kyc, call).unwrap();
    }
    // 2^60 shares: the index counts in 2^-64, so that nothing is rounded.
    s.mint(&carol, 1 << 60).unwrap();
    let (c, stranger) = (Contributors::new([alice.address, bob.address]), s.chain.account(9));
    Scene { s, alice, bob, carol, stranger, c }
}

impl Scene {
    fn deposit(&mut self, period: u32, amount: u128) {
        let admin = self.s.admin.clone();
        self.s.deposit(&admin, STREAM, period, amount).unwrap();
    }

    /// Posts a report, which follows whatever was accepted last.
    fn post(&mut self, period: u32, revision: u32, root: [u8; 32]) -> Result<B256, Failure> {
        let (pool, registry, admin) = (self.s.pool, self.s.attribution, self.s.admin.clone());
        let latest = self.s.call(&admin, registry, Attribution::latestCall { pool, stream: STREAM }).unwrap();
        let mut report = self.s.report(STREAM, period, root);
        (report.revision, report.previous) = (revision, latest.reportHash.0);
        let keys = self.s.keys[..2].to_vec();
        self.s.post(&report.to_bytes(), &keys)
    }

    /// Posts the first report of a period and waits until it is final.
    fn report(&mut self, period: u32, root: [u8; 32]) {
        self.post(period, 0, root).unwrap();
        let now = self.s.chain.time();
        self.s.chain.set_time(now + WINDOW);
    }

    fn withdraw(&mut self, period: u32) {
        let (pool, registry, admin) = (self.s.pool, self.s.attribution, self.s.admin.clone());
        let reason = B256::repeat_byte(1);
        let call = Attribution::disputeCall { pool, stream: STREAM, period, reason, maxBond: U256::from(BOND) };
        self.s.chain.call(&self.bob.clone(), registry, call, BOND).unwrap();
        self.s.call(&admin, registry, Attribution::upholdCall { pool, stream: STREAM, period }).unwrap();
    }

    fn carry(&mut self, from: u32, to: u32) -> Result<(), Failure> {
        let (stranger, pool) = (self.stranger.clone(), self.s.pool);
        self.s.call(&stranger, pool, Pool::carryCall { stream: STREAM, from, to }).map(|_| ())
    }

    fn release(&mut self, period: u32) -> Result<(), Failure> {
        let (stranger, pool) = (self.stranger.clone(), self.s.pool);
        self.s.call(&stranger, pool, Pool::releaseWaitingCall { stream: STREAM, period }).map(|_| ())
    }

    /// State, amount and destination.
    fn waiting(&mut self, period: u32) -> (u8, u128, u32) {
        let (stranger, pool) = (self.stranger.clone(), self.s.pool);
        let found = self.s.call(&stranger, pool, Pool::waitingOfCall { stream: STREAM, period }).unwrap();
        (found.state, found.amount.to(), found.to)
    }

    /// What Alice (0) or Bob (1) is paid for a period.
    fn claim(&mut self, n: usize, period: u32) -> u128 {
        let who = [&self.alice, &self.bob][n].clone();
        self.s.call(&who, self.s.pool, self.c.claim(n, STREAM, period)).unwrap().to()
    }

    /// What Carol is paid.
    fn dividends(&mut self) -> u128 {
        let (carol, pool) = (self.carol.clone(), self.s.pool);
        self.s.call(&carol, pool, Pool::claimCall {}).unwrap().to()
    }

    /// All that came in was paid out, to the unit.
    #[track_caller]
    fn assert_nothing_is_left(&mut self) {
        assert_eq!(self.s.chain.balance(self.s.pool), U256::ZERO);
    }
}

fn wrong_way(period: u32, state: u8) -> Failure {
    Failure::with(&Refusal::WrongWay { stream: STREAM, period, state })
}

/// Proves SAFE-1: a quarter without qualifying output stops nothing; its 400 go with the next quarter's 200, and so
/// does what is paid late for it. On the old blobs a zero root was final and locked the 400 for good.
#[test]
fn an_empty_quarters_money_goes_with_the_next_report() {
    let mut x = scene();
    x.deposit(PERIOD, 1_000);
    x.deposit(PERIOD + 1, 500);
    assert_eq!(x.waiting(PERIOD), (3, 400, 0));
    assert_eq!(x.carry(PERIOD, PERIOD + 1), Err(wrong_way(PERIOD, 3)));
    x.post(PERIOD, 0, NOTHING).unwrap();
    assert_eq!(x.waiting(PERIOD), (2, 400, 0));
    x.s.chain.set_time(START + WINDOW);
    assert_eq!(x.waiting(PERIOD), (3, 400, 0));
    x.post(PERIOD + 1, 0, x.c.root()).unwrap();
    // The next report need not be final: were it revised to nothing, the money would go on from there.
    assert_eq!(x.waiting(PERIOD), (4, 400, PERIOD + 1));
    assert_eq!(x.carry(PERIOD, PERIOD + 2), Err(wrong_way(PERIOD, 4)));
    x.carry(PERIOD, PERIOD + 1).unwrap();
    assert_eq!((x.waiting(PERIOD), x.waiting(PERIOD + 1)), ((0, 0, 0), (2, 600, 0)));
    assert_refused(x.carry(PERIOD, PERIOD + 1), "NothingWaits");
    x.s.chain.set_time(START + 2 * WINDOW);
    assert_eq!((x.claim(0, PERIOD + 1), x.claim(1, PERIOD + 1)), (450, 150));
    x.deposit(PERIOD, 100);
    x.carry(PERIOD, PERIOD + 1).unwrap();
    assert_eq!(x.waiting(PERIOD + 1), (1, 40, 0));
    assert_eq!(x.carry(PERIOD + 1, PERIOD + 2), Err(wrong_way(PERIOD + 1, 1)));
    assert_eq!((x.claim(0, PERIOD + 1), x.claim(1, PERIOD + 1)), (30, 10));
    assert_eq!(x.dividends(), 960);
    x.assert_nothing_is_left();
}

/// Proves SAFE-1: an upfront of the quarter before the first report, and three quarters that nobody reported, go with
/// the report that comes: 40 + 80 + 120 + 160 and its own 200. On the old blobs the report was `PeriodOutOfOrder` after
/// the first one, and what came before the first was locked.
#[test]
fn skipped_quarters_go_with_the_report_that_comes() {
    let mut x = scene();
    for (n, amount) in [100, 200, 300, 400].into_iter().enumerate() {
        x.deposit(EARLY + n as u32, amount);
    }
    x.report(EARLY + 4, x.c.root());
    x.deposit(EARLY + 4, 500);
    for n in 0..4 {
        assert_eq!(x.waiting(EARLY + n), (4, 40 * (u128::from(n) + 1), EARLY + 4));
        x.carry(EARLY + n, EARLY + 4).unwrap();
    }
    assert_eq!((x.claim(0, EARLY + 4), x.claim(1, EARLY + 4)), (450, 150));
    // Between two reports, too, and only to the next: 2 of 5, not on to the one after it.
    x.report(EARLY + 7, x.c.root());
    x.deposit(EARLY + 5, 5);
    assert_eq!(x.waiting(EARLY + 5), (4, 2, EARLY + 7));
    x.deposit(EARLY + 2, 10);
    assert_eq!(x.waiting(EARLY + 2), (4, 4, EARLY + 4));
    assert_eq!(x.carry(EARLY + 2, EARLY + 7), Err(wrong_way(EARLY + 2, 4)));
    assert_eq!(x.release(EARLY + 2), Err(wrong_way(EARLY + 2, 4)));
    let late = x.post(EARLY + 2, 0, x.c.root());
    assert_refused(late, "PeriodOutOfOrder");
}

/// Proves SAFE-1: only what is over is reported, to the second; a report 40 quarters ahead, which used to shut out all
/// before it, is refused.
#[test]
fn a_report_from_the_future_is_refused() {
    let mut x = scene();
    assert_refused(x.post(TODAY + 40, 0, x.c.root()), "PeriodNotOver");
    x.s.chain.set_time(YEAR_2027 - 1);
    let ends = YEAR_2027;
    let refused = Failure::with(&Refusal::PeriodNotOver { period: TODAY, ends });
    assert_eq!(x.post(TODAY, 0, x.c.root()), Err(refused));
    x.s.chain.set_time(YEAR_2027);
    x.post(TODAY, 0, x.c.root()).unwrap();
    // Nor is money taken for what has not begun.
    let admin = x.s.admin.clone();
    let begins = 1_806_537_600;
    let refused = Failure::with(&Refusal::PeriodNotBegun { period: TODAY + 2, begins });
    assert_eq!(x.s.deposit(&admin, STREAM, TODAY + 2, 5), Err(refused));
    x.s.chain.set_time(begins);
    x.s.deposit(&admin, STREAM, TODAY + 2, 5).unwrap();
}

/// Proves SAFE-1: two empty quarters one after the other, then one that pays: 40 and 80 go on with its 120.
#[test]
fn money_goes_through_several_empty_quarters() {
    let mut x = scene();
    for (n, amount) in [100, 200, 300].into_iter().enumerate() {
        x.deposit(PERIOD + n as u32, amount);
    }
    x.report(PERIOD, NOTHING);
    x.report(PERIOD + 1, NOTHING);
    x.carry(PERIOD, PERIOD + 1).unwrap();
    assert_eq!(x.waiting(PERIOD + 1), (3, 120, 0));
    x.report(PERIOD + 3, x.c.root());
    // The third was skipped.
    x.carry(PERIOD + 1, PERIOD + 3).unwrap();
    x.carry(PERIOD + 2, PERIOD + 3).unwrap();
    assert_eq!((x.claim(0, PERIOD + 3), x.claim(1, PERIOD + 3)), (180, 60));
    assert_eq!(x.dividends(), 360);
    x.assert_nothing_is_left();
}

/// Proves SAFE-1: a report that was withdrawn and revised to "nothing qualified" pays nobody; what was carried into it
/// goes on to the next.
#[test]
fn a_revision_can_say_that_nothing_qualified() {
    let mut x = scene();
    x.deposit(PERIOD, 100);
    x.deposit(PERIOD + 1, 200);
    x.post(PERIOD + 1, 0, x.c.root()).unwrap();
    x.carry(PERIOD, PERIOD + 1).unwrap();
    x.withdraw(PERIOD + 1);
    assert_eq!(x.waiting(PERIOD + 1), (2, 120, 0));
    x.post(PERIOD + 1, 1, NOTHING).unwrap();
    x.s.chain.set_time(START + WINDOW);
    assert_refused(x.s.call(&x.alice.clone(), x.s.pool, x.c.claim(0, STREAM, PERIOD + 1)), "NoFinalReport");
    x.report(PERIOD + 2, x.c.root());
    x.carry(PERIOD + 1, PERIOD + 2).unwrap();
    assert_eq!((x.claim(0, PERIOD + 2), x.claim(1, PERIOD + 2)), (90, 30));
}

/// Proves SAFE-1: a committee that never says anything again locks nothing: four quarters after 2026 Q4 are over, its
/// 400 go to the holders beside the 600 they had; and a report that says nothing keeps nothing from them either.
#[test]
fn a_silent_committees_money_goes_to_the_holders() {
    for empty in [false, true] {
        let mut x = scene();
        x.deposit(TODAY, 1_000);
        if empty {
            x.s.chain.set_time(YEAR_2027);
            x.report(TODAY, NOTHING);
        }
        assert_eq!(x.dividends(), 600);
        x.s.chain.set_time(YEAR_2028 - 1);
        assert_eq!(x.waiting(TODAY), (3, 400, 0));
        assert_eq!(x.release(TODAY), Err(wrong_way(TODAY, 3)));
        x.s.chain.set_time(YEAR_2028);
        assert_eq!(x.waiting(TODAY), (5, 400, 0));
        assert_eq!(x.carry(TODAY, TODAY + 1), Err(wrong_way(TODAY, 5)));
        x.release(TODAY).unwrap();
        assert_refused(x.release(TODAY), "NothingWaits");
        assert_eq!(x.dividends(), 400);
        x.assert_nothing_is_left();
        let totals = x.s.call(&x.stranger.clone(), x.s.pool, Pool::totalsCall {}).unwrap();
        assert_eq!((totals.toHolders, totals.toContributors), (U256::from(1_000), U256::ZERO));
    }
}

/// Proves SAFE-1: a withdrawn report that gets no revision for four quarters after its withdrawal holds nothing any
/// more: its money goes on with a later report, or to the holders where there is none.
#[test]
fn a_withdrawn_report_is_not_waited_for_for_ever() {
    for followed in [false, true] {
        let mut x = scene();
        x.deposit(TODAY - 1, 1_000);
        x.post(TODAY - 1, 0, x.c.root()).unwrap();
        // In 2026 Q4.
        x.withdraw(TODAY - 1);
        x.s.chain.set_time(YEAR_2028 - 1 - WINDOW);
        if followed {
            x.report(TODAY, x.c.root());
        }
        assert_eq!(x.waiting(TODAY - 1), (2, 400, 0));
        x.s.chain.set_time(YEAR_2028);
        if followed {
            x.carry(TODAY - 1, TODAY).unwrap();
            assert_eq!((x.claim(0, TODAY), x.claim(1, TODAY)), (300, 100));
            assert_eq!(x.dividends(), 600);
        } else {
            x.release(TODAY - 1).unwrap();
            assert_eq!(x.dividends(), 1_000);
        }
        x.assert_nothing_is_left();
        // A revision after all finds nothing to pay; what is deposited from then on it does.
        x.post(TODAY - 1, 1, x.c.root()).unwrap();
        x.s.chain.set_time(YEAR_2028 + WINDOW);
        assert_eq!(x.waiting(TODAY - 1), (0, 0, 0));
        x.deposit(TODAY - 1, 10);
        assert_eq!((x.claim(0, TODAY - 1), x.claim(1, TODAY - 1)), (3, 1));
    }
}

/// A contract that answers every call with this number; with nothing at all where there is none.
fn oracle(s: &mut System, answer: Option<u64>) -> Address {
    // PUSH32 answer, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN; or STOP.
    let word = B256::from(U256::from(answer.unwrap_or_default()));
    let answers = [&[0x7f], word.as_slice(), &[0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3]].concat();
    let runtime = answer.map_or(vec![0], |_| answers);
    // PUSH1 length, DUP1, PUSH1 11, PUSH1 0, CODECOPY, PUSH1 0, RETURN.
    let mut code = vec![0x60, runtime.len() as u8, 0x80, 0x60, 11, 0x60, 0, 0x39, 0x60, 0, 0xf3];
    code.extend_from_slice(&runtime);
    let admin = s.admin.clone();
    s.chain.instantiate(&admin, code, vec![]).unwrap()
}

/// Proves SAFE-1: a licence's stream has ended a quarter after the one of its last deadline, and not before: the
/// committee has all of 2027 Q1 for what was told on 31 December 2026. While the end is not known nothing is released,
/// and a stream that the licence contract does not know goes by silence.
#[test]
fn a_licences_last_quarter_is_not_taken_before_its_report() {
    let begins = 1_806_537_600;
    let mut x = scene();
    let licences = oracle(&mut x.s, Some(YEAR_2027 - 1));
    x.deposit(TODAY, 1_000);
    announce(&mut x.s.chain, x.s.pool, licences, Address::ZERO);
    // 31 March 2027, and 1 April.
    x.s.chain.set_time(begins - 1);
    assert_eq!(x.release(TODAY), Err(wrong_way(TODAY, 3)));
    x.s.chain.set_time(begins);
    assert_eq!(x.waiting(TODAY), (5, 400, 0));
    for (answer, state) in [(Some(u64::MAX), 3), (Some(0), 3), (None, 0)] {
        let licences = oracle(&mut x.s, answer);
        announce(&mut x.s.chain, x.s.pool, licences, Address::ZERO);
        match state {
            0 => assert_refused(x.release(TODAY), "LicencesCallFailed"),
            _ => assert_eq!(x.release(TODAY), Err(wrong_way(TODAY, state)), "{answer:?}"),
        }
    }
    announce(&mut x.s.chain, x.s.pool, licences, Address::ZERO);
    x.release(TODAY).unwrap();
    assert_eq!(x.dividends(), 1_000);
    x.assert_nothing_is_left();
}

/// The registry tells what others charge by, and where a period stands among the reported ones.
#[test]
fn figures_and_neighbours_are_told() {
    let mut x = scene();
    let (pool, stream, registry, stranger) = (x.s.pool, STREAM, x.s.attribution, x.stranger.clone());
    let first = x.post(EARLY + 2, 0, x.c.root()).unwrap();
    x.post(EARLY + 4, 0, NOTHING).unwrap();
    let mut figures =
        |period| x.s.call(&stranger, registry, Attribution::figuresOfCall { pool, stream, period }).unwrap();
    let f = figures(EARLY + 2);
    let (_, totals) = outcome([1; 32]);
    assert_eq!((f.state, f.revision, f.reportHash, f.threshold), (1, 0, first, 700_000));
    assert_eq!((f.attributedTokens, f.qualifyingCalls), (U256::from(900), 12));
    assert_eq!((totals.attributed_tokens, totals.qualifying_calls), (900, 12));
    // keccak-256 of the name's bytes and the version in four.
    let metric = alloy_primitives::keccak256([b"minilm-l6-v2+winnow".as_slice(), &[0, 0, 0, 1]].concat());
    assert_eq!(f.metric, metric);
    let empty = figures(EARLY + 4);
    assert_eq!((empty.attributedTokens, empty.qualifyingCalls, empty.metric), (U256::ZERO, 0, metric));
    assert_eq!(figures(EARLY + 3).reportHash, B256::ZERO);
    for (period, state, before, after) in [
        (EARLY, 0, 0, EARLY + 2),
        (EARLY + 2, 1, 0, EARLY + 4),
        (EARLY + 3, 0, EARLY + 2, EARLY + 4),
        (EARLY + 4, 1, EARLY + 2, 0),
        (EARLY + 5, 0, EARLY + 4, 0),
    ] {
        let place = x.s.call(&stranger, registry, Attribution::placeOfCall { pool, stream, period }).unwrap();
        assert_eq!((place.state, place.previousPeriod, place.nextPeriod), (state, before, after), "{period}");
    }
}
