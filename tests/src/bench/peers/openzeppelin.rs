//! OpenZeppelin's ERC-20: as it is, and with dividends settled on transfer.

use super::{Bench, Peer, Target, arguments, whole};
use crate::chain::Failure;
use alloy_primitives::U256;
use alloy_sol_types::sol;

sol! {
    interface Erc20 {
        function transfer(address to, uint256 amount) returns (bool);
        function approve(address spender, uint256 amount) returns (bool);
        function balanceOf(address account) view returns (uint256);
    }
    interface Dividends {
        function deposit() payable;
        function claim();
    }
}

/// Name of the peer without dividends.
pub const PLAIN: &str = "OpenZeppelin ERC-20";
/// Name of the peer with dividends.
pub const DIVIDENDS: &str = "OpenZeppelin ERC-20 + dividends";

const COIN: u128 = 1_000_000_000_000_000_000;

/// Transfer between holders, approve over a standing allowance, balanceOf.
///
/// # Errors
/// [`Failure`] of the first call that failed.
pub fn plain(target: Target) -> Result<Peer, Failure> {
    let mut bench = Bench::new(target);
    let (alice, bob) = (bench.chain.account(1), bench.chain.account(2));
    let token = bench.deploy("PlainToken", arguments(&(whole(1_000_000),)))?;
    for holder in [&alice, &bob] {
        bench.manage(token, Erc20::transferCall { to: holder.address, amount: whole(1_000) })?;
    }
    bench.call(&alice, token, Erc20::transferCall { to: bob.address, amount: whole(1) })?;
    bench.record("transfer");
    for amount in [5, 9] {
        bench.call(&alice, token, Erc20::approveCall { spender: bob.address, amount: whole(amount) })?;
    }
    bench.record("approve");
    let balance = bench.call(&alice, token, Erc20::balanceOfCall { account: alice.address })?;
    assert_eq!(balance, whole(999));
    bench.record("balanceOf");
    Ok(bench.peer(PLAIN))
}

/// Transfer between holders who both have a dividend to settle and one settled before, deposit, claim.
///
/// # Errors
/// [`Failure`] of the first call that failed.
pub fn dividends(target: Target) -> Result<Peer, Failure> {
    let mut bench = Bench::new(target);
    let (alice, bob, platform) = (bench.chain.account(1), bench.chain.account(2), bench.chain.account(3));
    let token = bench.deploy("DividendToken", arguments(&(whole(1_000_000),)))?;
    for holder in [&alice, &bob] {
        bench.manage(token, Erc20::transferCall { to: holder.address, amount: whole(1_000) })?;
    }
    for _ in 0..2 {
        bench.chain.call(&platform, token, Dividends::depositCall {}, 10 * COIN)?;
        bench.call(&alice, token, Erc20::transferCall { to: bob.address, amount: whole(1) })?;
    }
    bench.record("transfer");
    bench.chain.call(&platform, token, Dividends::depositCall {}, 10 * COIN)?;
    bench.record("deposit");
    let before = bench.chain.balance(alice.address);
    bench.call(&alice, token, Dividends::claimCall {})?;
    bench.record("claim");
    assert!(bench.chain.balance(alice.address) > before, "nothing was paid");
    bench.call(&alice, token, Erc20::approveCall { spender: bob.address, amount: whole(5) })?;
    bench.call(&alice, token, Erc20::approveCall { spender: bob.address, amount: whole(9) })?;
    bench.record("approve");
    let balance = bench.call(&alice, token, Erc20::balanceOfCall { account: alice.address })?;
    assert_eq!(balance, whole(998));
    assert_ne!(balance, U256::ZERO);
    bench.record("balanceOf");
    Ok(bench.peer(DIVIDENDS))
}
