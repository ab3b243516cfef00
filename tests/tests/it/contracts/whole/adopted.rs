//! A pool gets another registry of reports: what the old one left unpaid is reported again in the new one, and nothing
//! of it is released before that one was heard. What comes in afterwards goes by the new one's reports, whatever root
//! the pool kept of the old one's. Of every deposit 40 % are the contributors', of which three quarters are Alice's and
//! one is Bob's.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolConstructor;
use yieldset_chain::abi::{Attribution, Kyc, Pool};
use yieldset_tests::attribution::{BOND, WINDOW, constructor};
use yieldset_tests::chain::{Account, Failure, START, assert_refused, blob, events};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::{Token, plain_token};
use yieldset_tests::licence::DAY;
use yieldset_tests::system::{CONTRIBUTORS_BPS, System, YEAR, announce};

const STREAM: B256 = B256::repeat_byte(3);
/// 2024 Q4, long before the chain begins on 24 November 2026.
const PERIOD: u32 = 8099;
/// A later one, without money of its own.
const DUST: u32 = PERIOD + 2;
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

    /// What a claim of one of [`Scene::c`] pays.
    fn claim(&mut self, n: usize, period: u32) -> Result<u128, Failure> {
        let call = self.c.claim_for(n, STREAM, period);
        self.s.call(&self.stranger.clone(), self.s.pool, call).map(|paid| paid.to())
    }

    /// Everything that came in for contributors, and what was paid of it.
    fn period(&mut self, period: u32) -> (u128, u128) {
        let call = Pool::periodOfCall { stream: STREAM, period };
        let sum = self.s.call(&self.stranger.clone(), self.s.pool, call).unwrap();
        (sum.total.to(), sum.claimed.to())
    }

    /// State and amount of a contributor's claim.
    fn state(&mut self, n: usize, account: Address, period: u32) -> Result<(u8, u128), Failure> {
        let (weight, proof) = (self.c.weight(n), self.c.proof(n));
        let call = Pool::contributionStateCall { account, stream: STREAM, period, weight, proof };
        let state = self.s.call(&self.stranger.clone(), self.s.pool, call)?;
        Ok((state.state, state.amount.to()))
    }

    fn deposit(&mut self, period: u32, amount: u128) {
        self.s.deposit(&self.stranger.clone(), STREAM, period, amount).unwrap();
    }

    fn now(&mut self, seconds: u64) {
        self.s.chain.set_time(START + 30 * DAY + seconds);
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
        let (pool, stream, period, reason) = (s.pool, STREAM, PERIOD + 1, B256::repeat_byte(1));
        let dispute = Attribution::disputeCall { pool, stream, period, reason, maxBond: U256::from(BOND) };
        s.chain.call(stranger, old, dispute, BOND).unwrap();
    });
    assert_eq!(x.waits(PERIOD + 1), (3, 4 * COIN));
    let (admin, pool) = (x.s.admin.clone(), x.s.pool);
    x.s.call(&admin, x.old, Attribution::rejectCall { pool, stream: STREAM, period: PERIOD + 1 }).unwrap();
    x.s.call(&admin, x.old, Attribution::deliverBondCall { pool, stream: STREAM, period: PERIOD + 1 }).unwrap();
    // 40 % of 10^18 + 7, rounded down.
    assert_eq!(x.waits(PERIOD + 1), (3, 4 * COIN + 400_000_000_000_000_002));
    let first = x.report_again(PERIOD, B256::ZERO);
    x.report_again(PERIOD + 1, first);
    x.s.chain.set_time(START + 30 * DAY + WINDOW);
    // Three quarters of it, rounded down.
    let claim = x.c.claim(0, STREAM, PERIOD + 1);
    assert_eq!(x.s.call(&x.alice, pool, claim).unwrap(), U256::from(3 * COIN + 300_000_000_000_000_001));
}

/// The old committee's false report of a period without money, so that nobody disputes it, and a deposit of ten units
/// for it: four are the contributors', of which three are Mallory's.
fn false_report(s: &mut System, stranger: &Account) -> (Account, Contributors) {
    let mallory = s.holder(3);
    let fake = Contributors::new([mallory.address, stranger.address]);
    let mut report = s.report(STREAM, DUST, fake.root());
    let call = Attribution::latestCall { pool: s.pool, stream: STREAM };
    report.previous = s.call(stranger, s.attribution, call).unwrap().reportHash.0;
    let keys = s.keys[..2].to_vec();
    s.post(&report.to_bytes(), &keys).unwrap();
    s.chain.set_time(START + 30 * DAY + WINDOW);
    s.deposit(&mallory, STREAM, DUST, 10).unwrap();
    (mallory, fake)
}

fn keep(period: u32) -> Pool::keepRootCall {
    Pool::keepRootCall { stream: STREAM, period }
}

/// Proves SAFE-13: a false report that is final in a registry which holders replace takes what came in until then, and
/// not a coin of what comes later. Before, a deposit of ten units and `keepRoot`, or a claim of three, bound the period
/// for good: ten coins went to the old report, in the second of the adoption too.
#[test]
fn dust_binds_no_money_that_comes_after_an_adoption() {
    for claims in [false, true] {
        let mut false_ones = None;
        let mut x = scene(|s, stranger| {
            let (mallory, fake) = false_report(s, stranger);
            if claims {
                assert_eq!(s.call(&mallory, s.pool, fake.claim(0, STREAM, DUST)).unwrap(), U256::from(3));
            } else {
                s.call(&mallory, s.pool, keep(DUST)).unwrap();
            }
            false_ones = Some((mallory, fake));
        });
        let (mallory, fake) = false_ones.unwrap();
        let (pool, alice) = (x.s.pool, x.alice.clone());
        // It is not reported as far as the new registry knows, so no licence takes its money for paid.
        let way = Pool::wayOfCall { stream: STREAM, period: DUST, licenceEnd: 0 };
        assert_eq!(x.s.call(&mallory, pool, way).unwrap(), 3);
        assert_refused(x.s.call(&mallory, pool, keep(DUST)), "NothingWaits");
        x.deposit(DUST, 10 * COIN);
        assert_eq!(x.waits(DUST), (3, 4 * COIN));
        assert_eq!(x.state(0, alice.address, DUST), Ok((1, 0)));
        assert_refused(x.claim(0, DUST), "NoFinalReport");
        x.report_again(DUST, B256::ZERO);
        x.now(2 * WINDOW + 1);
        assert_eq!(x.state(0, alice.address, DUST), Ok((2, 3 * COIN)));
        assert_eq!((x.claim(0, DUST), x.claim(1, DUST)), (Ok(3 * COIN), Ok(COIN)));
        let stolen = x.s.call(&mallory, pool, fake.claim(0, STREAM, DUST));
        if claims {
            assert_refused(stolen, "NothingToClaim");
        } else {
            assert_eq!(stolen.unwrap(), U256::from(3));
        }
        let kept = Pool::keptRootCall { stream: STREAM, period: DUST };
        assert_eq!(x.s.call(&mallory, pool, kept).unwrap(), B256::from(x.c.root()));
        // One unit of the four is the other false contributor's.
        assert_eq!((x.period(DUST), x.waits(DUST)), ((4 * COIN + 4, 4 * COIN + 3), (1, 1)));
    }
}

/// Proves SAFE-13: the same by a side door: money that is carried to the period.
#[test]
fn dust_binds_no_money_that_is_carried_after_an_adoption() {
    let mut fake = None;
    let mut x = scene(|s, stranger| {
        let (mallory, report) = false_report(s, stranger);
        s.call(&mallory, s.pool, keep(DUST)).unwrap();
        fake = Some((mallory, report));
    });
    let (mallory, fake) = fake.unwrap();
    x.report_again(DUST, B256::ZERO);
    assert_eq!(x.waits(PERIOD + 1), (4, 4 * COIN));
    let carry = Pool::carryCall { stream: STREAM, from: PERIOD + 1, to: DUST };
    x.s.call(&mallory, x.s.pool, carry).unwrap();
    x.now(2 * WINDOW + 1);
    assert_eq!(x.s.call(&mallory, x.s.pool, fake.claim(0, STREAM, DUST)).unwrap(), U256::from(3));
    assert_eq!((x.claim(0, DUST), x.claim(1, DUST)), (Ok(3 * COIN), Ok(COIN)));
}

/// Proves PAY-6 and SAFE-13: what came in before an adoption stays with the report that Alice was paid by, whatever the
/// new registry says or leaves unsaid; what comes later is paid by the new one's, together with the rest where both say
/// the same. Nobody is paid twice.
#[test]
fn each_registrys_report_pays_its_own_money() {
    let mut x = scene(|s, stranger| {
        let c = Contributors::new([s.holder(1).address, s.holder(2).address]);
        assert_eq!(s.call(stranger, s.pool, c.claim_for(0, STREAM, PERIOD)).unwrap(), U256::from(3 * COIN));
    });
    let (alice, bob) = (x.alice.address, x.s.holder(2).address);
    assert_eq!(x.waits(PERIOD), (1, COIN));
    x.deposit(PERIOD, 20 * COIN);
    assert_eq!((x.waits(PERIOD), x.period(PERIOD)), ((3, 8 * COIN), (12 * COIN, 3 * COIN)));
    assert_eq!((x.state(0, alice, PERIOD), x.state(1, bob, PERIOD)), (Ok((3, 3 * COIN)), Ok((2, COIN))));
    assert_refused(x.claim(0, PERIOD), "NothingToClaim");
    x.report_again(PERIOD, B256::ZERO);
    x.now(WINDOW + 1);
    // Whoever the old root still owes something is paid that without the new registry, and the rest afterwards, or all
    // at once when its root is kept too.
    assert_eq!((x.state(0, alice, PERIOD), x.state(1, bob, PERIOD)), (Ok((2, 6 * COIN)), Ok((2, COIN))));
    x.s.call(&x.stranger, x.s.pool, keep(PERIOD)).unwrap();
    assert_eq!((x.state(0, alice, PERIOD), x.state(1, bob, PERIOD)), (Ok((2, 6 * COIN)), Ok((2, 3 * COIN))));
    // All together, of both books; who has less in one is told so, and paid of the other.
    x.s.chain.take_logs();
    let many = x.c.many(STREAM, PERIOD);
    assert_eq!(x.s.call(&x.stranger, x.s.pool, many.clone()).unwrap(), U256::from(9 * COIN));
    let logs = x.s.chain.take_logs();
    let paid: Vec<_> = events::<Pool::ContributionClaimed>(&logs).iter().map(|e| (e.account, e.amount.to())).collect();
    assert_eq!(paid, [(bob, COIN), (alice, 6 * COIN), (bob, 2 * COIN)]);
    for account in [alice, bob] {
        let taken = Pool::contributionClaimedCall { stream: STREAM, period: PERIOD, account };
        let share = if account == alice { 9 * COIN } else { 3 * COIN };
        assert_eq!(x.s.call(&x.stranger, x.s.pool, taken).unwrap(), U256::from(share));
    }
    assert_eq!((x.period(PERIOD), x.waits(PERIOD)), ((12 * COIN, 12 * COIN), (0, 0)));
    assert_eq!(x.s.call(&x.stranger, x.s.pool, many).unwrap(), U256::ZERO);
    assert_eq!(x.state(0, alice, PERIOD), Ok((3, 9 * COIN)));
    // What comes now is the new report's, as nothing was adopted since.
    x.deposit(PERIOD, 10 * COIN);
    assert_eq!((x.claim(0, PERIOD), x.claim(1, PERIOD)), (Ok(3 * COIN), Ok(COIN)));
}

/// Proves SAFE-13: a registry that answers nothing, and a deposit for it to decide on, keep nobody from what another's
/// report pays; and nobody who has no part in that is paid.
#[test]
fn a_registry_that_answers_nothing_keeps_no_earlier_money() {
    let mut x = scene(|s, stranger| {
        s.call(stranger, s.pool, keep(PERIOD)).unwrap();
    });
    let (governor, pool) = (x.s.chain.account(7), x.s.pool);
    // It answers every message with two words of zero: no report.
    let code = hex::decode("600a600c600039600a6000f3600060005260406000f3").unwrap();
    let silent = x.s.chain.instantiate(&governor, code, vec![]).unwrap();
    x.s.call(&governor, pool, Pool::proposeSuccessorCall { part: 1, successor: silent }).unwrap();
    x.now(30 * DAY);
    x.s.call(&governor, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    x.deposit(PERIOD, 3);
    let (alice, stranger) = (x.alice.address, x.stranger.address);
    assert_eq!((x.state(0, alice, PERIOD), x.claim(0, PERIOD)), (Ok((2, 3 * COIN)), Ok(3 * COIN)));
    let (weight, proof) = (x.c.weight(0), x.c.proof(0));
    let call = Pool::claimContributionForCall { account: stranger, stream: STREAM, period: PERIOD, weight, proof };
    assert_refused(x.s.call(&governor, pool, call), "NoFinalReport");
    let many = x.c.many(STREAM, PERIOD);
    assert_eq!(x.s.call(&governor, pool, many).unwrap(), U256::from(COIN));
    assert_eq!(x.period(PERIOD), (4 * COIN + 1, 4 * COIN));
}

/// Proves PAY-6: another licence contract leaves the registry as it was. What comes in afterwards has a book of its
/// own, which the same report pays: by a second claim, or by one once its root is kept.
#[test]
fn an_adopted_licence_contract_changes_no_report() {
    for kept in [false, true] {
        let mut x = scene(|s, stranger| s.call(stranger, s.pool, keep(PERIOD)).map(drop).unwrap());
        let (governor, pool) = (x.s.chain.account(7), x.s.pool);
        x.s.call(&governor, pool, Pool::proposeSuccessorCall { part: 1, successor: x.old }).unwrap();
        // It answers every message with a word of zero: no stream has a licence.
        let code = hex::decode("600a600c600039600a6000f3600060005260206000f3").unwrap();
        let licences = x.s.chain.instantiate(&governor, code, vec![]).unwrap();
        x.s.call(&governor, pool, Pool::proposeSuccessorCall { part: 3, successor: licences }).unwrap();
        x.now(30 * DAY);
        for part in [1, 3] {
            x.s.call(&governor, pool, Pool::adoptSuccessorCall { part }).unwrap();
        }
        x.deposit(PERIOD, 20 * COIN);
        if kept {
            x.s.call(&governor, pool, keep(PERIOD)).unwrap();
            assert_eq!(x.claim(0, PERIOD), Ok(9 * COIN));
        } else {
            assert_eq!((x.claim(0, PERIOD), x.claim(0, PERIOD)), (Ok(3 * COIN), Ok(6 * COIN)));
        }
        assert_refused(x.claim(0, PERIOD), "NothingToClaim");
        assert_eq!((x.period(PERIOD), x.waits(PERIOD)), ((12 * COIN, 9 * COIN), (1, 3 * COIN)));
    }
}

/// Proves PAY-7: the front hands a deposit into a later book on to the logic before it has taken anything: a token is
/// taken once.
#[test]
fn a_deposit_into_a_later_book_is_taken_once() {
    let mut s = System::new();
    let (admin, governor, old) = (s.admin.clone(), s.chain.account(7), s.attribution);
    let token = plain_token(&mut s.chain, &admin, 6);
    s.pool = s.new_pool(token, CONTRIBUTORS_BPS).unwrap();
    s.grant(s.pool, "ISSUER_ROLE", &admin);
    let (pool, alice) = (s.pool, s.holder(1));
    s.mint(&alice, COIN).unwrap();
    s.open().unwrap();
    announce(&mut s.chain, pool, Address::ZERO, governor.address);
    s.call(&admin, token, Token::mintCall { to: admin.address, value: U256::from(1_000) }).unwrap();
    s.call(&admin, token, Token::approveCall { spender: pool, value: U256::MAX }).unwrap();
    let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(100) };
    s.call(&admin, pool, deposit.clone()).unwrap();
    let c = Contributors::new([alice.address, admin.address]);
    c.post_final(&mut s, STREAM, PERIOD);
    s.call(&admin, pool, keep(PERIOD)).unwrap();
    let verifier = s.call(&admin, old, Attribution::termsCall {}).unwrap().verifier;
    let data = constructor(admin.address, verifier, &s.keys).abi_encode();
    let new = s.chain.instantiate(&admin, blob("attribution"), data).unwrap();
    s.call(&governor, pool, Pool::proposeSuccessorCall { part: 1, successor: new }).unwrap();
    s.chain.set_time(START + 40 * DAY);
    s.call(&governor, pool, Pool::adoptSuccessorCall { part: 1 }).unwrap();
    let before = s.call(&admin, token, Token::balanceOfCall { account: admin.address }).unwrap();
    s.chain.take_logs();
    s.call(&admin, pool, deposit).unwrap();
    assert_eq!(events::<Pool::Deposited>(&s.chain.take_logs()).len(), 1);
    let after = s.call(&admin, token, Token::balanceOfCall { account: admin.address }).unwrap();
    assert_eq!(before - after, U256::from(100));
    let totals = s.call(&admin, pool, Pool::totalsCall {}).unwrap();
    assert_eq!((totals.deposited, totals.toContributors), (U256::from(200), U256::from(80)));
    let sum = s.call(&admin, pool, Pool::periodOfCall { stream: STREAM, period: PERIOD }).unwrap();
    assert_eq!((sum.total, sum.claimed), (U256::from(80), U256::ZERO));
}
