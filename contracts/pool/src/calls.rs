//! Calls into the other contracts, by their Solidity interface, and keccak-256.
//!
//! Both callees are asked read-only, so whatever they do cannot change this or any other contract.

use ink::{
    Address, U256,
    codegen::TraitCallBuilder,
    env::{CallFlags, hash::Keccak256},
    sol::FixedBytes,
};

/// What the pool needs of the KYC registry.
#[ink::contract_ref(abi = "sol")]
pub trait KycRegistry {
    /// ERC-1404 code of the first reason against a transfer, zero for none.
    #[ink(message, name = "detectTransferRestriction")]
    fn detect_transfer_restriction(&self, from: Address, to: Address, amount: U256) -> u8;
}

/// What the pool needs of the attribution registry.
#[ink::contract_ref(abi = "sol")]
pub trait AttributionRegistry {
    /// Root over (contributor, weight) of the report for a period, zero for none.
    #[ink(message, name = "weightsRoot")]
    fn weights_root(&self, pool: Address, stream: FixedBytes<32>, period: u32) -> FixedBytes<32>;
}

/// `detectTransferRestriction(from, to, amount)`; `None` where the registry does not answer.
pub fn transfer_restriction(kyc: Address, from: Address, to: Address, amount: U256) -> Option<u8> {
    let registry: KycRegistryRef = kyc.into();
    let call = registry.call().detect_transfer_restriction(from, to, amount);
    call.call_flags(CallFlags::READ_ONLY).try_invoke().ok()?.ok()
}

/// `weightsRoot(pool, stream, period)`; `None` where the registry does not answer.
pub fn weights_root(attribution: Address, pool: Address, stream: FixedBytes<32>, period: u32) -> Option<[u8; 32]> {
    let registry: AttributionRegistryRef = attribution.into();
    let call = registry.call().weights_root(pool, stream, period);
    call.call_flags(CallFlags::READ_ONLY).try_invoke().ok()?.ok().map(|root| root.0)
}

/// The pallet's host function.
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    ink::env::hash_bytes::<Keccak256>(bytes, &mut hash);
    hash
}
