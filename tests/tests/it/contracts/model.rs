//! Random histories on the real blobs against the rules' arithmetic, with every invariant after every step.

use alloy_primitives::{B256, U256};
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use yieldset_chain::abi::Pool;
use yieldset_rules::{
    dividends::{Accumulator, Holder, ONE},
    math::split_bps,
};
use yieldset_tests::chain::Account;
use yieldset_tests::system::{CONTRIBUTORS_BPS, System};

const HOLDERS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Mint(usize, u128),
    Transfer(usize, usize, u128),
    Deposit(u32, u128),
    Claim(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..HOLDERS;
    let amount = prop_oneof![1u128..20, 1u128..10u128.pow(9), 1u128..10u128.pow(21)];
    prop_oneof![
        (who.clone(), amount.clone()).prop_map(|(a, n)| Step::Mint(a, n)),
        (who.clone(), who.clone(), amount.clone()).prop_map(|(a, b, n)| Step::Transfer(a, b, n)),
        (1u32..4, amount).prop_map(|(p, n)| Step::Deposit(p, n)),
        who.prop_map(Step::Claim),
    ]
}

#[derive(Default)]
struct Model {
    acc: Accumulator,
    holders: [Holder; HOLDERS],
    supply: u128,
    to_holders: u128,
    to_contributors: u128,
    claimed: u128,
}

impl Model {
    /// Applies a step and says whether the contract must accept it.
    fn apply(&mut self, step: &Step) -> bool {
        match *step {
            Step::Mint(a, n) => {
                self.holders[a].credit(self.acc.index, n).unwrap();
                self.supply += n;
            }
            Step::Transfer(a, b, n) => {
                if self.holders[a].balance < n {
                    return false;
                }
                self.holders[a].debit(self.acc.index, n).unwrap();
                self.holders[b].credit(self.acc.index, n).unwrap();
            }
            Step::Deposit(_, n) => {
                let (contributors, holders) = split_bps(n, CONTRIBUTORS_BPS).unwrap();
                // A deposit that would take the index past 2^128 is refused whole: over 2^64 wei for each unit of supply.
                if self.acc.distribute(holders, self.supply).is_err() {
                    return false;
                }
                self.to_holders += holders;
                self.to_contributors += contributors;
            }
            Step::Claim(a) => {
                if self.holders[a].claimable(self.acc.index).unwrap() == 0 {
                    return false;
                }
                self.claimed += self.holders[a].take(self.acc.index).unwrap();
            }
        }
        true
    }
}

fn run(s: &mut System, accounts: &[Account], step: &Step) -> bool {
    let platform = s.admin.clone();
    match *step {
        Step::Mint(a, n) => s.mint(&accounts[a], n).is_ok(),
        Step::Transfer(a, b, n) => {
            let call = Pool::transferCall { to: accounts[b].address, amount: U256::from(n) };
            s.call(&accounts[a], s.pool, call).is_ok()
        }
        Step::Deposit(period, n) => s.deposit(&platform, B256::repeat_byte(3), period, n).is_ok(),
        Step::Claim(a) => s.call(&accounts[a], s.pool, Pool::claimCall {}).is_ok(),
    }
}

fn compare(s: &mut System, accounts: &[Account], model: &Model) {
    let t = s.call(&accounts[0], s.pool, Pool::totalsCall {}).unwrap();
    let all = [t.toHolders, t.toContributors, t.claimedByHolders, t.index, t.carry, t.undistributed];
    let expected = [
        model.to_holders,
        model.to_contributors,
        model.claimed,
        model.acc.index,
        model.acc.carry,
        model.acc.undistributed,
    ];
    assert_eq!(all, expected.map(U256::from));
    assert_eq!(t.deposited, t.toHolders + t.toContributors);
    // The pool owns exactly what it owes.
    assert_eq!(s.chain.balance(s.pool), t.deposited - t.claimedByHolders - t.claimedByContributors);
    let one = U256::from(ONE);
    let mut accounted = t.claimedByHolders * one + t.carry + t.undistributed * one;
    for (account, expected) in accounts.iter().zip(&model.holders) {
        let h = s.call(account, s.pool, Pool::holderOfCall { account: account.address }).unwrap();
        let figures = [h.balance, h.index, h.pending, U256::from(h.fraction)];
        let model = [expected.balance, expected.index, expected.pending, u128::from(expected.fraction)];
        assert_eq!(figures, model.map(U256::from));
        accounted += h.pending * one + U256::from(h.fraction) + h.balance * (t.index - h.index);
    }
    assert_eq!(accounted, t.toHolders * one);
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24)
}

/// How many steps a history has: up to 30, or exactly as many as the nightly form asks for.
fn lengths() -> std::ops::RangeInclusive<usize> {
    match std::env::var("YIELDSET_MODEL_STEPS").ok().and_then(|n| n.parse().ok()) {
        Some(steps) => steps..=steps,
        None => 1..=30,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/model.txt"))),
        ..ProptestConfig::default()
    })]

    /// Proves PAY-7 on the real blobs: the same history gives the same numbers on chain and in the rules, and after every step
    /// deposited = claimed + claimable + dust, and the pool's coins are what it owes.
    #[test]
    fn chain_and_rules_agree(steps in prop::collection::vec(step(), lengths())) {
        let mut s = System::new();
        let accounts: Vec<_> = (1..=HOLDERS as u32).map(|n| s.holder(n)).collect();
        let mut model = Model::default();
        for step in &steps {
            let accepted = model.apply(step);
            prop_assert_eq!(run(&mut s, &accounts, step), accepted, "{:?}", step);
            compare(&mut s, &accounts, &model);
        }
    }
}
