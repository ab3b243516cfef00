//! The genesis of the development chain.

use alloc::{vec, vec::Vec};

use frame_support::build_struct_json_patch;
use hex_literal::hex;
use pallet_revive::AddressMapper;
use serde_json::Value;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, PresetId};
use sp_keyring::Sr25519Keyring;

use crate::{
    AccountId, AssetsConfig, Balance, BalancesConfig, ReviveConfig, Runtime, RuntimeGenesisConfig, constants::UNIT,
};

/// What each development account has, in native units.
const ENDOWMENT: Balance = 10_000_000_000_001 * UNIT;

/// A currency with six decimals under the id that USDC has on Polkadot Hub: an ERC-20 at
/// `0x0000053900000000000000000000000001200000`. //Alice issues it.
pub const USDC: u32 = 1_337;

/// Addresses of the keys that Moonbeam's and Frontier's development chains use too: alith, baltathar, charleth,
/// dorothy, ethan. `subxt_signer::eth::dev` has the keys.
const ETHEREUM_ACCOUNTS: [[u8; 20]; 5] = [
    hex!("f24ff3a9cf04c71dbc94d0b566f7a27b94566cac"),
    hex!("3cd0a705a2dc65e5b1e1205896baa2be8a07c6e0"),
    hex!("798d4ba9baf0064ec19eb4f0a1a45785ae9d6dfc"),
    hex!("773539d4ac0e786233d90a233654ccee26a613d9"),
    hex!("ff64d3f6efe2317ee2807d223a0bdc4c0c49dfdb"),
];

/// The account of an Ethereum key: its address, filled up with 0xee.
fn of_ethereum(address: [u8; 20]) -> AccountId {
    let mut id = [0xee; 32];
    id[..20].copy_from_slice(&address);
    id.into()
}

/// sr25519 //Alice … and Ethereum's alith … with money, and mapped to addresses.
fn development() -> Value {
    let substrate = Sr25519Keyring::well_known().map(|key| key.to_account_id());
    let accounts: Vec<AccountId> = substrate.chain(ETHEREUM_ACCOUNTS.map(of_ethereum)).collect();
    let alice = Sr25519Keyring::Alice.to_account_id();
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig { balances: accounts.iter().cloned().map(|id| (id, ENDOWMENT)).collect::<Vec<_>>() },
        revive: ReviveConfig {
            mapped_accounts: accounts
                .iter()
                .filter(|id| !<Runtime as pallet_revive::Config>::AddressMapper::is_mapped(id))
                .cloned()
                .collect(),
        },
        assets: AssetsConfig {
            assets: vec![(USDC, alice, true, 1)],
            metadata: vec![(USDC, b"USD Coin (development)".to_vec(), b"USDC".to_vec(), 6)],
        },
    })
}

/// The preset of that name as JSON.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let preset = match id.as_ref() {
        DEV_RUNTIME_PRESET => development(),
        _ => return None,
    };
    serde_json::to_vec(&preset).ok()
}

/// All presets.
pub fn names() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET)]
}
