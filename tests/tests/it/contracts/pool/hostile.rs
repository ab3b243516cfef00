//! Recipients of the chain's own money that refuse it, burn gas, answer too much or call back, and registries that do
//! not answer.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_tests::chain::{Account, Failure, START, assert_refused};
use yieldset_tests::contributors::Contributors;
use yieldset_tests::fixtures::Expected::{self, Accepted, Fails, Refused};
use yieldset_tests::fixtures::{self, Hostile, RECEIVE, check, mode};
use yieldset_tests::system::{System, YEAR};

use super::{COIN, PERIOD, SHARE, STREAM, balance_of};

/// How money that is received in a mode must end for the message that sends it.
const RECEIVED: [(u8, Expected); 7] = [
    (mode::HONEST, Accepted),
    (mode::SAY_MUCH, Accepted),
    (mode::REENTER, Accepted),
    (mode::REENTER_AFTER, Accepted),
    (mode::REVERT, Refused("PayoutFailed")),
    (mode::REVERT_MUCH, Refused("PayoutFailed")),
    (mode::BURN_GAS, Fails),
];

/// A contract with a KYC record, three of four shares and three quarters of the contributions; Bob has the rest.
fn with_recipient(mode: u8) -> (System, Address, Account, Contributors) {
    let mut s = System::new();
    let (admin, bob) = (s.admin.clone(), s.holder(2));
    let recipient = fixtures::hostile_recipient(&mut s.chain, &admin);
    let record =
        Kyc::setRecordCall { account: recipient, level: 1, jurisdiction: 276, accredited: false, expiry: START + YEAR };
    s.call(&admin, s.kyc, record).unwrap();
    s.call(&admin, s.pool, Pool::mintCall { to: recipient, amount: U256::from(3 * SHARE) }).unwrap();
    s.mint(&bob, SHARE).unwrap();
    let c = Contributors::new([recipient, bob.address]);
    s.deposit(&admin, STREAM, PERIOD, 10 * COIN).unwrap();
    c.post_final(&mut s, STREAM, PERIOD);
    fixtures::set_mode_of(&mut s.chain, &admin, recipient, RECEIVE, mode);
    (s, recipient, bob, c)
}

fn assert_exact(s: &mut System) {
    let admin = s.admin.clone();
    let t = s.call(&admin, s.pool, Pool::totalsCall {}).unwrap();
    assert_eq!(s.chain.balance(s.pool), t.deposited - t.claimedByHolders - t.claimedByContributors);
}

fn sent<C: SolCall>(s: &mut System, recipient: Address, call: &C) -> Result<C::Return, Failure> {
    let (admin, pool) = (s.admin.clone(), s.pool);
    fixtures::execute(&mut s.chain, &admin, recipient, pool, call, 0)
}

/// Proves PAY-7: a recipient is paid once or stays owed, whoever starts the payment, and stands in nobody's way.
#[test]
fn a_hostile_recipient_is_paid_once_or_stays_owed() {
    for (mode, expected) in RECEIVED {
        let (mut s, recipient, bob, c) = with_recipient(mode);
        let (admin, pool) = (s.admin.clone(), s.pool);
        let (holders, contributors) = (9 * COIN / 2, 3 * COIN);
        // While it is paid it asks for the same again, and for what is Bob's.
        let again = Pool::claimForCall { account: recipient };
        fixtures::set_target(&mut s.chain, &admin, recipient, pool, &again);
        check(sent(&mut s, recipient, &Pool::claimCall {}), expected, &format!("claim, mode {mode}"));
        assert_exact(&mut s);
        let got = if expected == Accepted { holders } else { 0 };
        assert_eq!(s.chain.balance(recipient), U256::from(got), "mode {mode}");
        fixtures::set_target(&mut s.chain, &admin, recipient, pool, &c.claim_for(0, STREAM, PERIOD));
        let paid = s.call(&bob, pool, c.claim_for(0, STREAM, PERIOD));
        check(paid, expected, &format!("claimContributionFor, mode {mode}"));
        assert_exact(&mut s);
        let got = if expected == Accepted { holders + contributors } else { 0 };
        assert_eq!(s.chain.balance(recipient), U256::from(got), "mode {mode}");
        let successes = s.call(&bob, recipient, Hostile::successesCall {}).unwrap();
        assert_eq!(successes, U256::ZERO, "mode {mode}");
        // Bob is paid as ever.
        assert_eq!(s.call(&bob, pool, Pool::claimCall {}).unwrap(), U256::from(3 * COIN / 2));
        assert_eq!(s.call(&bob, pool, c.claim(1, STREAM, PERIOD)).unwrap(), U256::from(COIN));
        // What was refused is paid once it is taken.
        fixtures::set_mode_of(&mut s.chain, &admin, recipient, RECEIVE, mode::HONEST);
        if expected != Accepted {
            sent(&mut s, recipient, &Pool::claimCall {}).unwrap();
            sent(&mut s, recipient, &c.batch(0, STREAM, &[PERIOD])).unwrap();
        }
        assert_refused(sent(&mut s, recipient, &Pool::claimCall {}), "NothingToClaim");
        assert_refused(sent(&mut s, recipient, &c.claim(0, STREAM, PERIOD)), "NothingToClaim");
        assert_eq!(s.chain.balance(recipient), U256::from(holders + contributors), "mode {mode}");
        assert_eq!(s.chain.balance(pool), U256::ZERO, "mode {mode}");
    }
}

/// A sale whose proceeds nobody takes sells nothing, and neither does one whose treasury would store something with the
/// buyer's deposit when it is paid.
#[test]
fn a_hostile_treasury_sells_nothing_for_nothing() {
    for (mode, received) in RECEIVED {
        let stores = [mode::REENTER, mode::REENTER_AFTER].contains(&mode);
        let expected = if stores { Refused("PayoutFailed") } else { received };
        let (mut s, treasury, bob, _) = with_recipient(mode);
        let admin = s.admin.clone();
        s.pool = s.new_pool(Address::ZERO, 4_000).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        let pool = s.pool;
        let (starts, ends) = (START, START + YEAR);
        let (price, cap) = (U256::from(COIN) * U256::from(COIN), U256::from(5));
        s.call(&admin, pool, Pool::setSaleCall { price, cap, starts, ends, proceedsTo: treasury }).unwrap();
        let buy = Pool::buyCall { amount: U256::from(1), maxCost: U256::MAX };
        fixtures::set_target(&mut s.chain, &admin, treasury, pool, &Pool::claimForCall { account: treasury });
        let before = s.chain.balance(treasury);
        check(s.chain.call(&bob, pool, buy, COIN), expected, &format!("mode {mode}"));
        let sold = u128::from(expected == Accepted);
        assert_eq!(balance_of(&mut s, &bob), U256::from(sold), "mode {mode}");
        assert_eq!(s.chain.balance(treasury) - before, U256::from(sold * COIN), "mode {mode}");
        let sale = s.call(&bob, pool, Pool::saleCall {}).unwrap();
        assert_eq!((sale.left, sale.raised), (U256::from(5 - sold), U256::from(sold * COIN)), "mode {mode}");
        assert_eq!(s.call(&bob, treasury, Hostile::successesCall {}).unwrap(), U256::ZERO, "mode {mode}");
        assert_exact(&mut s);
    }
}

/// A registry of reports that is none pays nobody and loses nothing; one of records that is none lets nobody move or be
/// paid.
#[test]
fn registries_that_do_not_answer_stop_and_keep() {
    let mut s = System::new();
    let (alice, bob, admin) = (s.holder(1), s.holder(2), s.admin.clone());
    let c = Contributors::new([alice.address, bob.address]);
    let silent = fixtures::hostile_recipient(&mut s.chain, &admin);
    for attribution in [silent, alice.address, s.kyc] {
        s.attribution = attribution;
        let pool = s.new_pool(Address::ZERO, 4_000).unwrap();
        s.grant(pool, "ISSUER_ROLE", &admin);
        s.pool = pool;
        s.open().unwrap();
        let deposit = Pool::depositCall { stream: STREAM, period: PERIOD, amount: U256::from(COIN) };
        s.chain.call(&admin, pool, deposit, COIN).unwrap();
        assert_refused(s.call(&alice, pool, c.claim(0, STREAM, PERIOD)), "AttributionCallFailed");
        assert_eq!(s.chain.balance(pool), U256::from(COIN));
    }
    for kyc in [silent, alice.address, s.manifests] {
        s.kyc = kyc;
        s.pool = s.new_pool(Address::ZERO, 4_000).unwrap();
        s.grant(s.pool, "ISSUER_ROLE", &admin);
        super::assert_restricted(s.mint(&alice, 1), 23);
    }
    // A contract that is no pool's logic makes no pool.
    for logic in [silent, s.manifests] {
        s.logic = logic;
        assert!(s.new_pool(Address::ZERO, 4_000).is_err());
    }
}
