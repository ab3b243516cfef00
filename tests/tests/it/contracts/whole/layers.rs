//! Storage layers, time, proof, deposit and gas: whatever of them who calls leaves too little of, no quarter is closed
//! whose report is final or awaited.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use codec::{DecodeLimit, Encode};
use frame_support::weights::Weight;
use sp_runtime::{AccountId32, traits::Dispatchable};
use yieldset_chain::abi::Licence;
use yieldset_rules::period::quarter_start;
use yieldset_runtime::{RuntimeCall, RuntimeOrigin};
use yieldset_tests::{
    attribution::WINDOW,
    chain::Chain,
    deal::Deal,
    licence::{DAY, word},
};

use super::escrow::{over, post, refund};

/// Runs a test with room for 255 dispatches on each other.
fn with_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 30).spawn(test).unwrap().join().unwrap();
}

/// One extrinsic of an Ethereum account: a call of a contract in so many dispatches of its own, decoded as a block's.
fn dispatched(chain: &mut Chain, from: Address, to: Address, data: Vec<u8>, depth: usize) -> Result<(), String> {
    let mut id = [0xee; 32];
    id[..20].copy_from_slice(from.as_slice());
    let mut call = RuntimeCall::Revive(pallet_revive::Call::call {
        dest: sp_core::H160::from_slice(to.as_slice()),
        value: 0,
        weight_limit: Weight::from_parts(1_400_000_000_000, 7 << 20),
        storage_deposit_limit: u128::MAX / 4,
        data,
    });
    for _ in 0..depth {
        call = RuntimeCall::Revive(pallet_revive::Call::dispatch_as_fallback_account { call: Box::new(call) });
    }
    let bytes = call.encode();
    let call = RuntimeCall::decode_all_with_depth_limit(256, &mut &bytes[..]).map_err(|e| format!("{e}"))?;
    chain
        .in_runtime(|| call.dispatch(RuntimeOrigin::signed(AccountId32::new(id))))
        .map(drop)
        .map_err(|e| format!("{:?}", e.error))
}

/// How a quarter is closed by one who nests dispatches, though its report is final or awaited.
fn closed_by_layers(deal: &mut Deal, quarter: u32) -> Vec<(usize, U256, Option<U256>)> {
    let (contract, licence) = (deal.w.licence, deal.id);
    let thief = deal.w.s.chain.ethereum_account(Address::repeat_byte(0x42)).address;
    let data = Licence::assessUsageCall { licence, quarter }.abi_encode();
    deal.w.s.chain.mark();
    let mut found = vec![];
    for depth in (0..3).chain(245..257) {
        let _ = dispatched(&mut deal.w.s.chain, thief, contract, data.clone(), depth);
        let record: Licence::Quarter = deal.record('Q', word(quarter));
        if record.usageAt > 0 && record.tokens.is_zero() {
            found.push((depth, record.tokens, refund(deal).ok()));
        }
        deal.w.s.chain.rewind();
    }
    found
}

/// Proves SAFE-8: a final report of 900 units is not closed as none by an account that nests its call in 250
/// dispatches.
#[test]
fn layers_close_no_final_report() {
    with_stack(|| {
        let (mut deal, last, _) = over();
        deal.attribute_tokens(last, 900_000_000);
        deal.at(quarter_start(last + 6) + DAY);
        let found = closed_by_layers(&mut deal, last);
        assert!(found.is_empty(), "depth, tokens, refunded to the platform: {found:?}");
    });
}

/// Proves SAFE-8: nor one that is in its window.
#[test]
fn layers_close_no_awaited_report() {
    with_stack(|| {
        let (mut deal, last, _) = over();
        deal.at(quarter_start(last + 6) + DAY);
        post(&mut deal, last, 0);
        deal.at(deal.now + WINDOW / 2);
        let found = closed_by_layers(&mut deal, last);
        assert!(found.is_empty(), "depth, tokens, refunded to the platform: {found:?}");
    });
}

/// Proves SAFE-8: a final report is taken over or not, and never closed, whatever time, proof or deposit is left.
#[test]
fn no_final_report_is_starved_in_one_dimension() {
    let (mut deal, last, _) = over();
    deal.attribute_tokens(last, 900_000_000);
    deal.at(quarter_start(last + 9) + DAY);
    let (platform, contract, licence) = (deal.platform.clone(), deal.w.licence, deal.id);
    let data = Licence::assessUsageCall { licence, quarter: last }.abi_encode();
    deal.w.s.chain.mark();
    let (mut taken, mut closed) = (0, vec![]);
    let times = (1..60).map(|n| (n * 2_000_000_000, 7 << 20, u128::MAX / 4));
    let proofs = (0..60).map(|n| (1_400_000_000_000, (1 << 20) - 60_000 + n * 4_000, u128::MAX / 4));
    let deposits = [0, 1, 1_000, 1_000_000, 1_000_000_000].map(|deposit| (1_400_000_000_000, 7 << 20, deposit));
    for (time, proof, deposit) in times.chain(proofs).chain(deposits) {
        let limits = (Weight::from_parts(time, proof), deposit);
        let _ = deal.w.s.chain.call_within(&platform, contract, data.clone(), Some(limits));
        let record: Licence::Quarter = deal.record('Q', word(last));
        if record.usageAt > 0 {
            taken += 1;
            if record.tokens != U256::from(900_000_000) {
                closed.push((time, proof, deposit));
            }
        }
        deal.w.s.chain.rewind();
    }
    assert!(closed.is_empty() && taken > 0, "{taken} {closed:?}");
}

/// Proves SAFE-8: the same with Ethereum's single gas for time, proof and deposit together.
#[test]
fn no_final_report_is_starved_of_ethereum_gas() {
    use pallet_revive::{EthTxInfo, ExecConfig, TransactionLimits};
    use yieldset_runtime::Runtime;
    let (mut deal, last, _) = over();
    deal.attribute_tokens(last, 900_000_000);
    deal.at(quarter_start(last + 9) + DAY);
    let (contract, licence) = (deal.w.licence, deal.id);
    let caller = deal.w.s.chain.ethereum_account(Address::repeat_byte(0x42)).address;
    let mut id = [0xee; 32];
    id[..20].copy_from_slice(caller.as_slice());
    let data = Licence::assessUsageCall { licence, quarter: last }.abi_encode();
    deal.w.s.chain.mark();
    let (mut taken, mut refused, mut closed) = (0, 0, vec![]);
    let all = Weight::from_parts(1_400_000_000_000, 7 << 20);
    let gases = (0..110).map(|step| (10_000 * 5u128.pow(step / 4) * u128::from(4 + step % 4) / 4, all));
    let proofs =
        (0..30).map(|n| (u128::MAX / (1 << 30), Weight::from_parts(1_400_000_000_000, (1 << 20) - 60_000 + n * 8_000)));
    for (gas, weight_limit) in gases.chain(proofs) {
        let eth_tx_info = EthTxInfo::<Runtime>::new(200, Weight::from_parts(0, 0));
        let limits = TransactionLimits::EthereumGas { eth_gas_limit: gas, weight_limit, eth_tx_info };
        let (origin, to) =
            (RuntimeOrigin::signed(AccountId32::new(id)), sp_core::H160::from_slice(contract.as_slice()));
        let data = data.clone();
        let done = deal.w.s.chain.in_runtime(|| {
            pallet_revive::Pallet::<Runtime>::bare_call(
                origin,
                to,
                0.into(),
                limits,
                data,
                &ExecConfig::new_substrate_tx(),
            )
        });
        let record: Licence::Quarter = deal.record('Q', word(last));
        if record.usageAt > 0 {
            taken += 1;
            if record.tokens != U256::from(900_000_000) {
                closed.push((gas, weight_limit));
            }
        } else {
            refused += 1;
            drop(done);
        }
        deal.w.s.chain.rewind();
    }
    assert!(closed.is_empty() && taken > 0 && refused > 0, "{taken} {refused} {closed:?}");
}
