//! The chain spec: embedded in the binary, and made from a runtime's Wasm by `build-spec`.

use sc_service::{ChainType, GenericChainSpec, Properties};
use sp_maybe_compressed_blob::CODE_BLOB_BOMB_LIMIT;

use crate::error::DevnetError;

/// Made by scripts/chain-spec; holds the runtime's Wasm, so that nobody has to compile it.
const EMBEDDED: &[u8] = include_bytes!("../chain-spec.json");

/// The genesis preset of the runtime: dev accounts (sr25519 //Alice … and Ethereum's alith …) endowed and mapped.
const PRESET: &str = "development";

/// The chain spec in this binary.
pub fn embedded() -> Result<GenericChainSpec, DevnetError> {
    GenericChainSpec::from_json_bytes(EMBEDDED).map_err(DevnetError::Spec)
}

/// Raw chain spec (JSON) of the development chain for a runtime's Wasm, which is compressed in it. Depends on the Wasm
/// only.
pub fn build(wasm: &[u8]) -> Result<String, DevnetError> {
    let compressed = sp_maybe_compressed_blob::compress_strongly(wasm, CODE_BLOB_BOMB_LIMIT)
        .ok_or_else(|| DevnetError::Spec("the runtime is larger than a chain takes".into()))?;
    let mut properties = Properties::new();
    // 12 decimals natively; pallet-revive shows 18 to Ethereum clients (1 : 10^6).
    properties.insert("tokenDecimals".into(), 12.into());
    properties.insert("tokenSymbol".into(), "DEV".into());
    let builder: sc_chain_spec::ChainSpecBuilder = GenericChainSpec::builder(&compressed, None);
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
    use sha2::{Digest, Sha256};
    use sp_runtime::BuildStorage;

    use super::*;

    #[test]
    fn the_embedded_spec_is_a_private_development_chain() {
        let spec = embedded().expect("checked-in spec parses");
        assert_eq!(spec.id(), "yieldset_devnet");
        assert!(spec.boot_nodes().is_empty());
        assert!(spec.telemetry_endpoints().is_none());
    }

    #[test]
    fn its_wasm_is_the_one_noted_with_the_runtime_s_sources() {
        let storage = embedded().expect("checked-in spec parses").build_storage().expect("raw");
        let code = &storage.top[sp_core::storage::well_known_keys::CODE];
        let wasm = sp_maybe_compressed_blob::decompress(code, CODE_BLOB_BOMB_LIMIT).expect("compressed");
        let runtime = format!("# runtime {:x}", Sha256::digest(wasm));
        let noted = include_str!("../chain-spec.sha256");
        assert!(noted.lines().any(|line| line == runtime), "run scripts/chain-spec: {runtime} is not in\n{noted}");
    }
}
