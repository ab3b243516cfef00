//! Prints what the contracts cost: weights of the main calls in process, and the sizes of the blobs, as the Markdown tables of
//! `docs/BENCHMARKS.md`. Weights are the pallet's own metering: the same on every machine, so one run is exact.
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use alloy_primitives::{B256, U256};
use yieldset_chain::abi::Pool;
use yieldset_rules::{contribution::WEIGHT_ONE, merkle};
use yieldset_tests::chain::{Account, Chain, blob};
use yieldset_tests::system::{System, keccak};

const STREAM: B256 = B256::repeat_byte(3);
const PERIOD: u32 = 8107;
const COIN: u128 = 1_000_000_000_000_000_000;
/// Normal calls may fill three quarters of a block of 2 s and 10 MiB.
const BLOCK: (f64, f64) = (1_500.0, 7.5 * 1024.0);

fn row(call: &str, chain: &Chain) {
    let ms = chain.last_cost.ref_time as f64 / 1e9;
    let kb = chain.last_cost.proof_size as f64 / 1024.0;
    let a_block = (BLOCK.0 / ms).min(BLOCK.1 / kb) as u64;
    println!("| {call} | {ms:.2} | {kb:.1} | {a_block} |");
}

fn transfer(s: &mut System, from: &Account, to: &Account) {
    let call = Pool::transferCall { to: to.address, amount: U256::from(1) };
    s.call(from, s.pool, call).unwrap();
}

/// Claim at a number of holders, after a deposit.
fn claim_at(s: &mut System, holders: u32, minted: u32, platform: &Account) {
    for n in minted..holders {
        let holder = s.holder(1_000 + n);
        s.mint(&holder, 10).unwrap();
    }
    s.deposit(platform, STREAM, PERIOD, COIN).unwrap();
    let holder = Account::number(1_000 + holders - 1);
    s.call(&holder, s.pool, Pool::claimCall {}).unwrap();
    row(&format!("claim at {holders} holders"), &s.chain);
}

fn main() {
    println!("| blob | bytes |\n|---|---|");
    for name in ["pool", "kyc", "manifests", "attribution", "verifier"] {
        println!("| {name} | {} |", blob(name).len());
    }
    println!("\n| call | ref_time, ms | proof_size, KB | calls a block |\n|---|---|---|---|");
    let mut s = System::new();
    let (alice, bob, carol, platform) = (s.holder(1), s.holder(2), s.holder(3), s.chain.account(4));
    s.mint(&alice, 1_000).unwrap();
    s.mint(&bob, 1_000).unwrap();
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    row("deposit, first of a period", &s.chain);
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    row("deposit", &s.chain);
    transfer(&mut s, &alice, &carol);
    row("transfer to a new holder, KYC and dividend settlement", &s.chain);
    s.deposit(&platform, STREAM, PERIOD, 10 * COIN).unwrap();
    transfer(&mut s, &alice, &bob);
    row("transfer to an existing holder, KYC and dividend settlement", &s.chain);
    s.call(&alice, s.pool, Pool::balanceOfCall { account: alice.address }).unwrap();
    row("balanceOf", &s.chain);
    s.call(&alice, s.pool, Pool::approveCall { spender: bob.address, amount: U256::from(9) }).unwrap();
    row("approve", &s.chain);
    s.call(&alice, s.pool, Pool::claimCall {}).unwrap();
    row("claim of dividends, KYC and native payout", &s.chain);
    let leaf = merkle::leaf(&alice.address.into_array(), WEIGHT_ONE, keccak);
    let sibling = [9u8; 32];
    let root = merkle::parent(&leaf, &sibling, keccak);
    let report = s.report(STREAM, PERIOD, root).to_bytes();
    let keys = s.keys[..2].to_vec();
    s.post(&report, &keys).unwrap();
    row("post a report, 2 of 3 signatures", &s.chain);
    let weight = U256::from(WEIGHT_ONE);
    let proof = vec![B256::from(sibling)];
    s.call(&alice, s.pool, Pool::claimContributionCall { stream: STREAM, period: PERIOD, weight, proof }).unwrap();
    row("claim of a contribution, one-step proof, KYC and native payout", &s.chain);

    println!("\n| claim | ref_time, ms | proof_size, KB | calls a block |\n|---|---|---|---|");
    let mut s = System::new();
    let platform = s.chain.account(4);
    let mut minted = 0;
    for holders in [1, 100, 10_000] {
        claim_at(&mut s, holders, minted, &platform);
        minted = holders;
    }
}
