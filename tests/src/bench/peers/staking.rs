//! Synthetix's StakingRewards, the contract that most reward programmes copied.

use super::{Bench, Peer, Target, arguments, openzeppelin::Erc20, whole};
use crate::chain::{Failure, START};
use alloy_sol_types::sol;

sol! {
    interface StakingRewards {
        function stake(uint256 amount);
        function notifyRewardAmount(uint256 reward);
        function getReward();
    }
}

/// Name of the peer.
pub const NAME: &str = "Synthetix StakingRewards";

const DAY: u64 = 86_400;

/// `getReward` of a staker who was paid before and has earned since, in OpenZeppelin ERC-20s.
///
/// # Errors
/// [`Failure`] of the first call that failed.
pub fn measure(target: Target) -> Result<Peer, Failure> {
    let mut bench = Bench::new(target);
    let (alice, bob) = (bench.chain.account(1), bench.chain.account(2));
    let shares = bench.deploy("PlainToken", arguments(&(whole(1_000_000),)))?;
    let money = bench.deploy("PlainToken", arguments(&(whole(1_000_000),)))?;
    let admin = bench.admin.address;
    let staking = bench.deploy("StakingRewards", arguments(&(admin, admin, money, shares)))?;
    bench.manage(money, Erc20::transferCall { to: staking, amount: whole(1_000) })?;
    for holder in [&alice, &bob] {
        bench.manage(shares, Erc20::transferCall { to: holder.address, amount: whole(1_000) })?;
        bench.call(holder, shares, Erc20::approveCall { spender: staking, amount: whole(1_000) })?;
        bench.call(holder, staking, StakingRewards::stakeCall { amount: whole(1_000) })?;
    }
    bench.manage(staking, StakingRewards::notifyRewardAmountCall { reward: whole(1_000) })?;
    let mut paid = whole(0);
    for day in [1, 2] {
        bench.chain.set_time(START + day * DAY);
        bench.call(&alice, staking, StakingRewards::getRewardCall {})?;
        bench.record(if day == 1 { "getReward, first" } else { "getReward" });
        let balance = bench.call(&alice, money, Erc20::balanceOfCall { account: alice.address })?;
        assert!(balance > paid, "nothing was paid");
        paid = balance;
    }
    Ok(bench.peer(NAME))
}
