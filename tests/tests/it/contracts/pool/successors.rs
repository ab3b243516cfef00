//! Successors of a pool's parts.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_tests::chain::{Account, Chain, START, assert_refused, events};
use yieldset_tests::coop::Plan;
use yieldset_tests::deal::Deal;
use yieldset_tests::licence::DAY;
use yieldset_tests::system::{System, YEAR, announce, kyc_registry, pool_logic};

use super::{assert_restricted, transfer};

/// Makes an account the pool's governor.
fn govern(chain: &mut Chain, pool: Address, governor: Address) {
    announce(chain, pool, Address::ZERO, governor);
}

/// A contract that answers every message with a word of zero.
fn nothing(chain: &mut Chain, by: &Account) -> Address {
    chain.instantiate(by, hex::decode("600a600c600039600a6000f3600060005260206000f3").unwrap(), vec![]).unwrap()
}

fn propose(part: u8, successor: Address) -> Pool::proposeSuccessorCall {
    Pool::proposeSuccessorCall { part, successor }
}

/// Proves SAFE-13: a holders' vote names another KYC registry; thirty days later anybody puts it in place, and from
/// then on it decides. Neither the pool's admin nor a holder can do that alone.
#[test]
fn a_vote_replaces_a_registry_after_thirty_days() {
    let mut deal = Deal::new(false);
    let (pool, coop, [alice, bob], admin) = (deal.w.s.pool, deal.coop, deal.holders.clone(), deal.w.s.admin.clone());
    govern(&mut deal.w.s.chain, pool, coop);
    let kyc = kyc_registry(&mut deal.w.s.chain, &admin);
    for alone in [&admin, &alice] {
        assert_refused(deal.w.call(alone, pool, propose(0, kyc)), "NotGovernor");
    }
    let named = deal.now;
    deal.vote(&Plan::one(pool, 0, propose(0, kyc).abi_encode(), "Another registry")).unwrap();
    let told = deal.w.call(&bob, pool, Pool::successorOfCall { part: 0 }).unwrap();
    assert_eq!((told.successor, told.eta, told.expires), (kyc, named + 30 * DAY, named + 60 * DAY));
    let adopt = Pool::adoptSuccessorCall { part: 0 };
    deal.at(named + 30 * DAY - 1);
    assert_refused(deal.w.call(&bob, pool, adopt.clone()), "SuccessorTooEarly");
    let before = deal.w.call(&bob, pool, Pool::kycCall {}).unwrap();
    let send = Pool::transferCall { to: bob.address, amount: U256::from(1) };
    deal.w.call(&alice, pool, send.clone()).unwrap();
    deal.at(named + 30 * DAY);
    deal.w.s.chain.take_logs();
    deal.w.call(&bob, pool, adopt.clone()).unwrap();
    let told = events::<Pool::SuccessorAdopted>(&deal.w.s.chain.take_logs()).remove(0);
    assert_eq!((told.part, told.successor, told.previous), (0, kyc, before));
    assert_eq!(deal.w.call(&bob, pool, Pool::kycCall {}).unwrap(), kyc);
    assert_refused(deal.w.call(&bob, pool, adopt), "NoSuccessor");
    // The new registry knows nobody yet.
    assert_refused(deal.w.call(&alice, pool, send.clone()), "TransferRestricted");
    deal.w.grant(kyc, "AGENT_ROLE", admin.address);
    for account in [alice.address, bob.address] {
        let expiry = deal.now + YEAR;
        let record = Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry };
        deal.w.call(&admin, kyc, record).unwrap();
    }
    deal.w.call(&alice, pool, send).unwrap();
}

/// Proves SAFE-13: the governor takes a successor back, a later one takes its place and its time begins anew, and one
/// that nobody adopted in sixty days is none.
#[test]
fn a_successor_is_taken_back_replaced_or_lapses() {
    let mut s = System::new();
    let (governor, anybody, pool) = (s.chain.account(7), s.chain.account(8), s.pool);
    govern(&mut s.chain, pool, governor.address);
    let logic = pool_logic(&mut s.chain, &governor);
    let other = pool_logic(&mut s.chain, &governor);
    let (adopt, cancel) = (Pool::adoptSuccessorCall { part: 2 }, Pool::cancelSuccessorCall { part: 2 });
    assert_refused(s.call(&governor, pool, cancel.clone()), "NoSuccessor");
    s.call(&governor, pool, propose(2, logic)).unwrap();
    assert_refused(s.call(&anybody, pool, cancel.clone()), "NotGovernor");
    s.chain.take_logs();
    s.call(&governor, pool, cancel).unwrap();
    let told = events::<Pool::SuccessorProposed>(&s.chain.take_logs()).remove(0);
    assert_eq!((told.part, told.successor, told.eta, told.expires), (2, Address::ZERO, 0, 0));
    let none = s.call(&anybody, pool, Pool::successorOfCall { part: 2 }).unwrap();
    assert_eq!((none.successor, none.eta, none.expires), (Address::ZERO, 0, 0));
    s.call(&governor, pool, propose(2, logic)).unwrap();
    s.chain.set_time(START + 20 * DAY);
    s.call(&governor, pool, propose(2, other)).unwrap();
    s.chain.set_time(START + 30 * DAY);
    assert_refused(s.call(&anybody, pool, adopt.clone()), "SuccessorTooEarly");
    s.chain.set_time(START + 80 * DAY);
    assert_refused(s.call(&anybody, pool, adopt.clone()), "SuccessorExpired");
    s.call(&governor, pool, propose(2, other)).unwrap();
    s.chain.set_time(START + 110 * DAY);
    s.call(&anybody, pool, adopt).unwrap();
    assert_eq!(s.call(&anybody, pool, Pool::logicCall {}).unwrap(), other);
    // It runs, on the same records.
    let (alice, bob) = (s.holder(1), s.holder(2));
    s.mint(&alice, 5).unwrap();
    transfer(&mut s, &alice, &bob, 2).unwrap();
    assert_eq!(s.call(&bob, pool, Pool::getVotesCall { account: bob.address }).unwrap(), U256::from(2));
}

/// Proves SAFE-13: what cannot do a part's work is not named: itself, nobody, an account without code, a contract that
/// does not answer, a logic of other records. A pool without a governor keeps its parts.
#[test]
fn only_what_answers_as_the_part_succeeds_it() {
    let mut s = System::new();
    let (governor, pool) = (s.chain.account(7), s.pool);
    let (nothing, another) = (nothing(&mut s.chain, &governor), s.new_pool(Address::ZERO, 0).unwrap());
    assert_refused(s.call(&governor, pool, propose(0, nothing)), "NotGovernor");
    govern(&mut s.chain, pool, governor.address);
    let (kyc, attribution, logic) = (s.kyc, s.attribution, s.logic);
    for (part, unfit) in [
        (0, kyc),
        (1, attribution),
        (2, logic),
        (0, Address::ZERO),
        (0, governor.address),
        (0, attribution),
        (1, kyc),
        (2, nothing),
        (2, pool),
        (2, another),
        (3, kyc),
    ] {
        assert_refused(s.call(&governor, pool, propose(part, unfit)), "UnfitSuccessor");
    }
    assert_refused(s.call(&governor, pool, propose(4, nothing)), "UnknownPart");
    s.call(&governor, pool, propose(3, nothing)).unwrap();
    s.chain.set_time(START + 30 * DAY);
    s.call(&governor, pool, Pool::adoptSuccessorCall { part: 3 }).unwrap();
    // A registry that answers zero to everything restricts nobody: what holders vote for is what they get.
    s.call(&governor, pool, propose(0, nothing)).unwrap();
    s.chain.set_time(START + 60 * DAY);
    let (alice, stranger) = (s.holder(1), s.chain.account(9));
    s.mint(&alice, 5).unwrap();
    assert_restricted(transfer(&mut s, &alice, &stranger, 1), 2);
    s.call(&governor, pool, Pool::adoptSuccessorCall { part: 0 }).unwrap();
    transfer(&mut s, &alice, &stranger, 1).unwrap();
}
