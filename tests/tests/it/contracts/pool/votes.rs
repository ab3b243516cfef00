use alloy_primitives::U256;
use yieldset_chain::abi::Pool;
use yieldset_tests::chain::{Account, assert_refused};
use yieldset_tests::system::System;

use super::transfer;

fn past(s: &mut System, account: &Account, block: u32) -> U256 {
    let call = Pool::getPastVotesCall { account: account.address, timepoint: U256::from(block) };
    s.call(account, s.pool, call).unwrap()
}

/// Proves LIC-12 and REP-3: balances and supply at any past block are kept, however many changes there were.
#[test]
fn balances_at_past_blocks_are_kept() {
    let mut s = System::new();
    let (alice, bob) = (s.holder(1), s.holder(2));
    s.mint(&alice, 1_000).unwrap();
    let mut expected = vec![(1, 1_000u128, 0u128)];
    for n in 1..=40u32 {
        s.chain.set_block(1 + n * 3);
        transfer(&mut s, &alice, &bob, n.into()).unwrap();
        if n % 5 == 0 {
            transfer(&mut s, &bob, &alice, 1).unwrap();
        }
        let (_, a, b) = expected[expected.len() - 1];
        let moved = u128::from(n) - u128::from(n % 5 == 0);
        expected.push((1 + n * 3, a - moved, b + moved));
    }
    s.mint(&bob, 7).unwrap();
    let now = 1 + 41 * 3;
    s.chain.set_block(now);
    for (at, (block, a, b)) in expected.iter().enumerate().take(40) {
        for offset in 0..3 {
            let found = (past(&mut s, &alice, block + offset), past(&mut s, &bob, block + offset));
            assert_eq!(found, (U256::from(*a), U256::from(*b)), "change {at}, block {block} + {offset}");
        }
    }
    assert_eq!(past(&mut s, &alice, 0), U256::ZERO);
    let supply = |block: u32| Pool::getPastTotalSupplyCall { timepoint: U256::from(block) };
    assert_eq!(s.call(&alice, s.pool, supply(0)).unwrap(), U256::ZERO);
    assert_eq!(s.call(&alice, s.pool, supply(1)).unwrap(), U256::from(1_000));
    assert_eq!(s.call(&alice, s.pool, supply(now - 1)).unwrap(), U256::from(1_007));
    for future in [U256::from(now), U256::MAX] {
        let votes = Pool::getPastVotesCall { account: alice.address, timepoint: future };
        assert_refused(s.call(&alice, s.pool, votes), "ERC5805FutureLookup");
        let call = Pool::getPastTotalSupplyCall { timepoint: future };
        assert_refused(s.call(&alice, s.pool, call), "ERC5805FutureLookup");
    }
    assert_eq!(s.call(&alice, s.pool, Pool::clockCall {}).unwrap(), u64::from(now));
    let mode = s.call(&alice, s.pool, Pool::CLOCK_MODECall {}).unwrap();
    assert_eq!(mode, "mode=blocknumber&from=default");
}
