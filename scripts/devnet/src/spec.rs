//! The chain spec: embedded in the binary, and made from a runtime's Wasm by `build-spec`.

use sc_service::{ChainType, GenericChainSpec, Properties};

use crate::error::DevnetError;

/// Made by scripts/chain-spec; holds the runtime's Wasm, so that nobody has to compile it.
const EMBEDDED: &[u8] = include_bytes!("../chain-spec.json");

/// The genesis preset of the runtime: dev accounts (sr25519 //Alice … and Ethereum's alith …) endowed and mapped.
const PRESET: &str = "development";

/// The chain spec in this binary.
pub fn embedded() -> Result<GenericChainSpec, DevnetError> {
    GenericChainSpec::from_json_bytes(EMBEDDED).map_err(DevnetError::Spec)
}

/// Raw chain spec (JSON) of the development chain for a runtime's Wasm. Depends on the Wasm only.
pub fn build(wasm: &[u8]) -> Result<String, DevnetError> {
    let mut properties = Properties::new();
    // 12 decimals natively; pallet-revive shows 18 to Ethereum clients (1 : 10^6).
    properties.insert("tokenDecimals".into(), 12.into());
    properties.insert("tokenSymbol".into(), "DEV".into());
    let builder: sc_chain_spec::ChainSpecBuilder = GenericChainSpec::builder(wasm, None);
    builder
        .with_name("Yieldset Devnet")
        .with_id("yieldset_devnet")
        .with_protocol_id("yieldset-devnet")
        .with_chain_type(ChainType::Development)
        .with_properties(properties)
        .with_genesis_config_preset_name(PRESET)
        .build()
        .as_json(true)
        .map_err(DevnetError::Spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_spec_is_a_private_development_chain() {
        let spec = embedded().expect("checked-in spec parses");
        assert_eq!(spec.id(), "yieldset_devnet");
        assert!(spec.boot_nodes().is_empty());
        assert!(spec.telemetry_endpoints().is_none());
    }
}
