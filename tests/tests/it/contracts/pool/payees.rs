//! What payees with code can do to who pays them: nothing that costs others.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolValue};
use yieldset_chain::abi::Pool;
use yieldset_rules::contribution::WEIGHT_ONE;
use yieldset_tests::{
    assets::{Asset, HUB},
    attribution::hoarder,
    chain::{Account, assert_refused, blob, events},
    crowd::Crowd,
    system::{SHARE, System, policy},
};

use super::{COIN, PERIOD, STREAM};

/// What is paid, and how it comes to be.
type Payee<'a> = (&'a str, &'a dyn Fn(&mut System) -> Address);

/// Half of a period whose contributors' leg is 4 coins is for each of two accounts: one that is fine, and this one. In
/// a pool that everybody may be paid by.
fn halves(other: impl FnOnce(&mut System) -> Address) -> (System, Account, Address, Crowd) {
    let mut s = System::new();
    let (admin, good, platform) = (s.admin.clone(), s.holder(11), s.chain.account(3));
    s.call(&admin, s.pool, policy(true)).unwrap();
    let other = other(&mut s);
    let crowd = Crowd::new(vec![(good.address, WEIGHT_ONE / 2), (other, WEIGHT_ONE / 2)]);
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    crowd.post_final(&mut s, STREAM, PERIOD);
    s.call(&admin, s.pool, Pool::keepRootCall { stream: STREAM, period: PERIOD }).unwrap();
    s.chain.take_logs();
    (s, good, other, crowd)
}

fn skipped(s: &mut System) -> Vec<(Address, u8)> {
    events::<Pool::ClaimSkipped>(&s.chain.take_logs()).into_iter().map(|e| (e.account, e.reason)).collect()
}

/// The largest contract that we have.
fn large(s: &mut System) -> Address {
    let (by, arguments) = (s.chain.account(13), (s.manifests, s.admin.address).abi_encode());
    s.chain.instantiate(&by, blob("licence"), arguments).unwrap()
}

/// An address of the chain's own.
fn precompile(last: [u8; 4]) -> Address {
    let mut address = [0; 20];
    address[16..].copy_from_slice(&last);
    address.into()
}

/// Proves SAFE-4: whatever code is at a contributor's address, and if it is none that can be called at all, the others
/// are paid by the same call, which costs no more than with an account in its place.
#[test]
fn no_payee_stops_the_others_or_costs_them_more() {
    let proof = |other: &dyn Fn(&mut System) -> Address, passed_over: bool, what: &str| {
        let (mut s, good, other, crowd) = halves(other);
        let (keeper, before) = (s.chain.account(40), s.chain.balance(good.address));
        let paid = s.call(&keeper, s.pool, crowd.many(&[0, 1], STREAM, PERIOD)).unwrap();
        let cost = s.chain.last_cost.proof_size;
        assert_eq!(paid, U256::from(if passed_over { 2 * COIN } else { 4 * COIN }), "{what}");
        assert_eq!(skipped(&mut s), if passed_over { vec![(other, 255)] } else { vec![] }, "{what}");
        assert_eq!(s.chain.balance(good.address) - before, U256::from(2 * COIN), "{what}");
        assert_eq!(s.chain.balance(s.pool), U256::from(10 * COIN) - paid, "{what}");
        cost
    };
    let account = proof(&|s| s.holder(12).address, false, "an account");
    let others: [Payee<'_>; 10] = [
        ("the pool itself", &|s| s.pool),
        ("a registry", &|s| s.kyc),
        ("a registry of reports", &|s| s.attribution),
        ("a large contract", &large),
        ("a hoarder", &|s| {
            let by = s.chain.account(13);
            hoarder(&mut s.chain, &by, 10)
        }),
        ("address zero", &|_| Address::ZERO),
        ("a precompile", &|_| precompile([0, 0, 0, 2])),
        ("one that is not there", &|_| precompile([0, 0, 0, 0x0a])),
        ("the storage", &|_| precompile([0, 0, 9, 1])),
        ("a token of the chain", &|s| Asset::create(&mut s.chain, 1_337, HUB).address()),
    ];
    for (what, other) in others {
        let cost = proof(other, true, what);
        assert!(cost <= account, "{what}: {cost} instead of {account}");
    }
}

/// Proves SAFE-4: who pays with the limits that a dry run took is not stopped by code that comes to a payee's address
/// afterwards, nor by what that stores. The three others never had money: their payer brings the chain's least balance.
#[test]
fn code_that_comes_after_the_dry_run_stops_nobody() {
    let hoard = |s: &mut System| {
        let by = s.chain.account(13);
        hoarder(&mut s.chain, &by, 8)
    };
    let codes: [Payee<'_>; 2] = [("a large contract", &large), ("a hoarder", &hoard)];
    for (what, code) in codes {
        let mut s = System::new();
        let (admin, platform) = (s.admin.clone(), s.chain.account(3));
        s.call(&admin, s.pool, policy(true)).unwrap();
        s.chain.account(13);
        s.chain.mark();
        let place = code(&mut s);
        s.chain.rewind();
        let fresh = (0..3).map(|n| Account::number(500 + n).address);
        let crowd = Crowd::new(fresh.clone().chain([place]).map(|account| (account, WEIGHT_ONE / 4)).collect());
        s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
        crowd.post_final(&mut s, STREAM, PERIOD);
        let (pool, call) = (s.pool, crowd.many(&[0, 1, 2, 3], STREAM, PERIOD).abi_encode());
        let keeper = s.chain.account(40);
        s.chain.mark();
        let (answer, limits) = s.chain.call_within(&keeper, pool, call.clone(), None);
        assert_eq!(answer.unwrap(), U256::from(4 * COIN).abi_encode(), "{what}");
        s.chain.rewind();
        assert_eq!(code(&mut s), place);
        s.chain.take_logs();
        let (answer, _) = s.chain.call_within(&keeper, pool, call, Some(limits));
        assert_eq!(answer.unwrap(), U256::from(3 * COIN).abi_encode(), "{what}");
        assert_eq!(skipped(&mut s), [(place, 255)], "{what}");
        for account in fresh {
            assert_eq!(s.chain.balance(account), U256::from(COIN), "{what}");
        }
    }
}

/// Proves SAFE-4: who pays others leaves no deposit with them, whichever claim it is; who claims for itself may store
/// what it likes (`a_hostile_recipient_is_paid_once_or_stays_owed`).
#[test]
fn who_pays_others_does_not_pay_for_what_they_store() {
    let mut spent = vec![];
    for words in [0, 1, 10, 250] {
        let (mut s, _, other, crowd) = halves(|s| {
            let by = s.chain.account(13);
            let other = if words == 0 { s.holder(12).address } else { hoarder(&mut s.chain, &by, words) };
            let admin = s.admin.clone();
            s.call(&admin, s.pool, Pool::mintCall { to: other, amount: U256::from(SHARE) }).unwrap();
            other
        });
        let (thief, keeper, pool) = (s.chain.account(13), s.chain.account(40), s.pool);
        let before = s.chain.balance(keeper.address);
        if words != 0 {
            assert_refused(s.call(&keeper, pool, crowd.claim_for(1, STREAM, PERIOD)), "PayoutFailed");
            assert_refused(s.call(&keeper, pool, Pool::claimForCall { account: other }), "PayoutFailed");
            assert_eq!(s.chain.balance(keeper.address), before, "{words} words");
        }
        s.call(&keeper, pool, crowd.many(&[0, 1], STREAM, PERIOD)).unwrap();
        spent.push(before - s.chain.balance(keeper.address));
        if words != 0 {
            let before = s.chain.balance(thief.address);
            s.chain.call_raw(&thief, other, vec![], 0).unwrap();
            assert_eq!(s.chain.balance(thief.address), before, "{words} words");
        }
    }
    // The records of two claims, or of one.
    let [two, others @ ..] = &spent[..] else { panic!("{spent:?}") };
    assert!(others.iter().all(|one| *one == others[0] && one < two), "{spent:?}");
}
