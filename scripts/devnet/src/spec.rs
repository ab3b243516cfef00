//! The chain spec: embedded in the binary, and made from a runtime's Wasm by `build-spec`.

use std::path::Path;

use sc_service::{ChainSpec, ChainType, GenericChainSpec, Properties};
use sp_crypto_hashing::twox_128;
use sp_maybe_compressed_blob::CODE_BLOB_BOMB_LIMIT;
use sp_runtime::BuildStorage;
use yieldset_service::constants;

use crate::error::DevnetError;

/// Made by scripts/chain-spec; holds the runtime's Wasm, so that nobody has to compile it.
const EMBEDDED: &[u8] = include_bytes!("../chain-spec.json");

/// The genesis preset of the runtime: dev accounts (sr25519 //Alice … and Ethereum's alith …) endowed and mapped.
const PRESET: &str = "development";

/// The chain spec in this binary.
pub fn embedded() -> Result<GenericChainSpec, DevnetError> {
    GenericChainSpec::from_json_bytes(EMBEDDED).map_err(DevnetError::Spec)
}

/// The same with other constants of the runtime, which are values in its storage (`scripts/runtime/src/constants.rs`).
pub fn with_constants(file: Option<&Path>) -> Result<GenericChainSpec, DevnetError> {
    let mut spec = embedded()?;
    let Some(file) = file else { return Ok(spec) };
    let text = std::fs::read_to_string(file).map_err(|source| DevnetError::File { path: file.to_owned(), source })?;
    let constants =
        constants::read(&text).map_err(|source| DevnetError::Constants { path: file.to_owned(), source })?;
    let mut storage = spec.build_storage().map_err(DevnetError::Spec)?;
    for constant in constants {
        storage.top.insert(twox_128(constant.key_source().as_bytes()).to_vec(), constant.value);
    }
    spec.set_storage(storage);
    Ok(spec)
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

    use super::*;

    #[test]
    fn the_embedded_spec_is_a_private_development_chain() {
        let spec = embedded().expect("checked-in spec parses");
        assert_eq!(spec.id(), "yieldset_devnet");
        assert!(spec.boot_nodes().is_empty());
        assert!(spec.telemetry_endpoints().is_none());
    }

    /// All that Hub says otherwise is in the genesis, the ratio under the key that the runtime reads, and what is no
    /// constant is refused.
    #[test]
    fn constants_are_values_of_the_genesis() {
        let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/hub.txt"));
        let storage = with_constants(Some(file)).expect("constants").build_storage().expect("raw");
        let ratio = storage.top.get(&twox_128(b":NativeToEthRatio:")[..]);
        assert_eq!(ratio, Some(&100_000_000u32.to_le_bytes().to_vec()));
        for constant in constants::read(include_str!("../hub.txt")).expect("constants") {
            let value = storage.top.get(&twox_128(constant.key_source().as_bytes())[..]);
            assert_eq!(value, Some(&constant.value), "{}", constant.name);
        }
        let code = sp_core::storage::well_known_keys::CODE;
        let embedded = embedded().expect("checked-in spec parses").build_storage().expect("raw");
        assert_eq!(storage.top[code], embedded.top[code]);
        let wrong = with_constants(Some(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))));
        assert!(matches!(wrong, Err(DevnetError::Constants { .. })));
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
