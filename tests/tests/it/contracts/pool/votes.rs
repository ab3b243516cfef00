use std::collections::BTreeMap;

use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::SolValue;
use proptest::prelude::*;
use yieldset_chain::abi::{Kyc, Pool};
use yieldset_tests::chain::{Account, Failure, START, assert_refused, events};
use yieldset_tests::kyc::Issuer;
use yieldset_tests::system::System;

use super::transfer;

fn past(s: &mut System, account: &Account, second: u64) -> U256 {
    let call = Pool::getPastVotesCall { account: account.address, timepoint: U256::from(second) };
    s.call(account, s.pool, call).unwrap()
}

/// Proves LIC-12 and REP-3: balances and supply at any past second are kept, however many changes there were.
#[test]
fn balances_at_past_seconds_are_kept() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.holder(2));
    s.mint(&alice, 1_000).unwrap();
    let mut expected = vec![(START, 1_000u128, 0u128)];
    for n in 1..=40u64 {
        s.chain.set_time(START + n * 3);
        transfer(&mut s, &alice, &bob, u128::from(n)).unwrap();
        if n % 5 == 0 {
            transfer(&mut s, &bob, &alice, 1).unwrap();
        }
        let (_, a, b) = expected[expected.len() - 1];
        let moved = u128::from(n) - u128::from(n % 5 == 0);
        expected.push((START + n * 3, a - moved, b + moved));
    }
    s.mint(&bob, 7).unwrap();
    let now = START + 41 * 3;
    s.chain.set_time(now);
    for (at, (second, a, b)) in expected.iter().enumerate().take(40) {
        for offset in 0..3 {
            let found = (past(&mut s, &alice, second + offset), past(&mut s, &bob, second + offset));
            assert_eq!(found, (U256::from(*a), U256::from(*b)), "change {at}, second {second} + {offset}");
        }
    }
    assert_eq!(past(&mut s, &alice, START - 1), U256::ZERO);
    let supply = |second: u64| Pool::getPastTotalSupplyCall { timepoint: U256::from(second) };
    assert_eq!(s.call(&alice, s.pool, supply(0)).unwrap(), U256::ZERO);
    assert_eq!(s.call(&alice, s.pool, supply(START)).unwrap(), U256::from(1_000));
    assert_eq!(s.call(&alice, s.pool, supply(now - 1)).unwrap(), U256::from(1_007));
    for future in [U256::from(now), U256::MAX] {
        let votes = Pool::getPastVotesCall { account: alice.address, timepoint: future };
        assert_refused(s.call(&alice, s.pool, votes), "ERC5805FutureLookup");
        let call = Pool::getPastTotalSupplyCall { timepoint: future };
        assert_refused(s.call(&alice, s.pool, call), "ERC5805FutureLookup");
    }
    assert_eq!(s.call(&alice, s.pool, Pool::clockCall {}).unwrap(), now);
    let mode = s.call(&alice, s.pool, Pool::CLOCK_MODECall {}).unwrap();
    assert_eq!(mode, "mode=timestamp");
}

fn delegate(s: &mut System, from: &Account, to: Address) -> Result<(), Failure> {
    s.call(from, s.pool, Pool::delegateCall { delegatee: to }).map(drop)
}

fn votes(s: &mut System, account: &Account) -> U256 {
    s.call(account, s.pool, Pool::getVotesCall { account: account.address }).unwrap()
}

/// Proves LIC-12: delegated votes are the delegatee's from that second on, follow the shares, are not passed on, and
/// come back; past seconds keep what they were. Alice has 60, Bob 30, Carol 10.
#[test]
fn delegated_votes_are_counted_where_they_went() {
    let mut s = System::new();
    let [alice, bob, carol] = [1, 2, 3].map(|n| s.holder(n));
    for (holder, shares) in [(&alice, 60), (&bob, 30), (&carol, 10)] {
        s.mint(holder, shares).unwrap();
    }
    s.chain.take_logs();
    let mut expected = vec![[60, 30, 10u64]];
    let all = |s: &mut System| [votes(s, &alice), votes(s, &bob), votes(s, &carol)];
    assert_eq!(all(&mut s), expected[0].map(U256::from), "without any delegation");
    let own = Pool::delegatesCall { account: alice.address };
    assert_eq!(s.call(&bob, s.pool, own.clone()).unwrap(), alice.address);
    for (step, now) in (1..=6u64).map(|step| (step, START + step)) {
        s.chain.set_time(now);
        match step {
            1 => delegate(&mut s, &alice, bob.address).unwrap(),
            // What Bob was given stays with him.
            2 => delegate(&mut s, &bob, carol.address).unwrap(),
            3 => drop(transfer(&mut s, &alice, &carol, 25).unwrap()),
            // To oneself, and from who delegates to who delegates.
            4 => {
                transfer(&mut s, &bob, &bob, 30).unwrap();
                transfer(&mut s, &bob, &alice, 5).unwrap();
            }
            5 => delegate(&mut s, &alice, Address::ZERO).unwrap(),
            _ => delegate(&mut s, &bob, bob.address).unwrap(),
        }
        expected
            .push([[0, 90, 10], [0, 60, 40], [0, 35, 65], [0, 40, 60], [40, 0, 60], [40, 25, 35]][step as usize - 1]);
        assert_eq!(all(&mut s), expected[step as usize].map(U256::from), "after step {step}");
    }
    s.chain.set_time(START + 7);
    for (at, votes) in (START..).zip(&expected) {
        for (account, votes) in [&alice, &bob, &carol].into_iter().zip(votes) {
            assert_eq!(past(&mut s, account, at), U256::from(*votes), "second {at}");
        }
    }
    assert_eq!(s.call(&bob, s.pool, own).unwrap(), alice.address);
    let told: Vec<Pool::DelegateChanged> = events(&s.chain.take_logs());
    let told: Vec<_> = told.iter().map(|e| (e.delegator, e.fromDelegate, e.toDelegate)).collect();
    let [a, b, c] = [alice.address, bob.address, carol.address];
    assert_eq!(told, [(a, a, b), (b, b, c), (a, b, a), (b, c, b)]);
}

/// Proves LIC-12: two blocks in one second: the later one counts, and once the second is over nothing changes it.
#[test]
fn a_past_second_is_never_rewritten() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.holder(2));
    s.mint(&alice, 100).unwrap();
    s.chain.set_time(START + 5);
    delegate(&mut s, &alice, bob.address).unwrap();
    s.chain.set_block(2);
    transfer(&mut s, &alice, &bob, 40).unwrap();
    s.chain.set_block(3);
    transfer(&mut s, &bob, &alice, 15).unwrap();
    assert_refused(
        s.call(&alice, s.pool, Pool::getPastVotesCall { account: bob.address, timepoint: U256::from(START + 5) }),
        "ERC5805FutureLookup",
    );
    s.chain.set_time(START + 6);
    let then = (past(&mut s, &alice, START + 5), past(&mut s, &bob, START + 5));
    assert_eq!(then, (U256::ZERO, U256::from(100)));
    transfer(&mut s, &alice, &bob, 75).unwrap();
    delegate(&mut s, &alice, Address::ZERO).unwrap();
    s.chain.set_time(START + 7);
    assert_eq!((past(&mut s, &alice, START + 5), past(&mut s, &bob, START + 5)), then);
    assert_eq!(past(&mut s, &alice, START + 4), U256::from(100));
}

/// Proves SAFE-4: delegating to somebody makes none of its transfers dearer, and a transfer between accounts that never
/// delegated costs what it did.
#[test]
fn nobody_makes_a_transfer_of_others_dearer() {
    let cost = |delegated: bool| {
        let mut s = System::new();
        let [alice, bob, stranger] = [1, 2, 3].map(|n| s.holder(n));
        for holder in [&alice, &bob, &stranger] {
            s.mint(holder, 100).unwrap();
        }
        if delegated {
            delegate(&mut s, &stranger, alice.address).unwrap();
            delegate(&mut s, &stranger, bob.address).unwrap();
        }
        transfer(&mut s, &alice, &bob, 10).unwrap();
        (s.chain.last_cost.ref_time, s.chain.last_cost.proof_size)
    };
    assert_eq!(cost(true), cost(false));
}

/// Proves SAFE-7: a blocked account delegates nothing, and what it delegated before anybody takes back; the votes of
/// others nobody takes back.
#[test]
fn blocked_votes_do_not_count_by_another_hand() {
    let mut s = System::new();
    let (alice, bob, admin) = (s.holder(1), s.holder(2), s.admin.clone());
    s.mint(&alice, 100).unwrap();
    delegate(&mut s, &alice, bob.address).unwrap();
    let end = Pool::endDelegationCall { account: alice.address };
    assert_refused(s.call(&bob, s.pool, end.clone()), "NotScreened");
    s.call(&admin, s.kyc, Kyc::setFrozenCall { account: alice.address, frozen: true }).unwrap();
    s.chain.set_time(START + 1);
    s.call(&bob, s.pool, end).unwrap();
    assert_eq!(votes(&mut s, &bob), U256::ZERO);
    assert_refused(delegate(&mut s, &alice, bob.address), "TransferRestricted");
    delegate(&mut s, &alice, alice.address).unwrap();
}

/// Delegation by signature, once, in time, with the nonces that permits have.
#[test]
fn votes_are_delegated_by_signature() {
    let mut s = System::new();
    let (key, bob) = (Issuer::number(7), s.holder(2));
    let alice = s.chain.ethereum_account(key.address);
    s.verify(&alice);
    s.mint(&alice, 100).unwrap();
    let domain = s.call(&bob, s.pool, Pool::DOMAIN_SEPARATORCall {}).unwrap();
    let signed = |nonce: u64, expiry: u64| {
        let type_hash = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
        let fields = (type_hash, bob.address, U256::from(nonce), U256::from(expiry)).abi_encode();
        let (v, r, s) = key.sign_digest(keccak256([&[0x19, 0x01][..], &domain.0, &keccak256(fields).0].concat()));
        let (nonce, expiry) = (U256::from(nonce), U256::from(expiry));
        Pool::delegateBySigCall { delegatee: bob.address, nonce, expiry, v, r, s }
    };
    assert_refused(s.call(&bob, s.pool, signed(0, START - 1)), "VotesExpiredSignature");
    assert_refused(s.call(&bob, s.pool, signed(1, START)), "InvalidAccountNonce");
    assert_refused(s.call(&bob, s.pool, Pool::delegateBySigCall { v: 29, ..signed(0, START) }), "ERC2612InvalidSigner");
    s.call(&bob, s.pool, signed(0, START)).unwrap();
    assert_eq!((votes(&mut s, &alice), votes(&mut s, &bob)), (U256::ZERO, U256::from(100)));
    assert_refused(s.call(&bob, s.pool, signed(0, START)), "InvalidAccountNonce");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Proves LIC-12 on the real blob: whatever is moved and delegated in whatever order, several things in one second,
    /// each account has the votes of those whose holders chose it, all votes are the supply, and the past stays.
    #[test]
    fn all_votes_are_the_supply(
        steps in prop::collection::vec((0usize..4, 0usize..4, any::<bool>(), 0u64..300, 0u64..2), 10..30)
    ) {
        let mut s = System::new();
        let holders: Vec<Account> = (1..=4).map(|n| s.holder(n)).collect();
        for holder in &holders {
            s.mint(holder, 250).unwrap();
        }
        let (mut shares, mut chosen, mut now) = ([250u64; 4], [0, 1, 2, 3], START);
        let mut past_votes = BTreeMap::new();
        for (who, other, transferred, amount, wait) in steps {
            now += wait;
            s.chain.set_time(now);
            if transferred {
                let amount = amount.min(shares[who]);
                transfer(&mut s, &holders[who], &holders[other], amount.into()).unwrap();
                shares[who] -= amount;
                shares[other] += amount;
            } else {
                delegate(&mut s, &holders[who], holders[other].address).unwrap();
                chosen[who] = other;
            }
            let of = |n: usize| (0..4).filter(|holder| chosen[*holder] == n).map(|holder| shares[holder]).sum::<u64>();
            let expected = [0, 1, 2, 3].map(of);
            for (holder, votes_of) in holders.iter().zip(expected) {
                prop_assert_eq!(votes(&mut s, holder), U256::from(votes_of));
            }
            prop_assert_eq!(expected.iter().sum::<u64>(), 1_000);
            past_votes.insert(now, expected);
        }
        s.chain.set_time(now + 1);
        for (second, expected) in past_votes {
            for (holder, votes_of) in holders.iter().zip(expected) {
                prop_assert_eq!(past(&mut s, holder, second), U256::from(votes_of), "second {}", second);
            }
        }
    }
}
