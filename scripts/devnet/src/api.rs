//! What the node asks a runtime, declared without one: the answers are the Wasm's in the chain's own state, so any
//! runtime with these calls will do, and none is linked in. What is declared here is never run.

use sp_core::OpaqueMetadata;
use sp_core::crypto::KeyTypeId;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    ApplyExtrinsicResult, ExtrinsicInclusionMode, OpaqueExtrinsic, generic,
    traits::{BlakeTwo256, Block as BlockT},
    transaction_validity::{TransactionSource, TransactionValidity},
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

/// 32 bytes.
pub type AccountId = sp_runtime::AccountId32;
/// How often an account has signed.
pub type Nonce = u32;
/// A block's header.
pub type Header = generic::Header<u32, BlakeTwo256>;
/// A block whose transactions are bytes.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
/// A block's hash.
pub type Hash = <Block as BlockT>::Hash;

/// Stands where a native runtime would.
#[expect(dead_code, reason = "the macro wants a type to implement the declarations for")]
pub enum Runtime {}

sp_api::impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            unreachable!("the Wasm answers")
        }
        fn execute_block(_: <Block as BlockT>::LazyBlock) {
            unreachable!("the Wasm answers")
        }
        fn initialize_block(_: &Header) -> ExtrinsicInclusionMode {
            unreachable!("the Wasm answers")
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            unreachable!("the Wasm answers")
        }
        fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> {
            unreachable!("the Wasm answers")
        }
        fn metadata_versions() -> Vec<u32> {
            unreachable!("the Wasm answers")
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(_: OpaqueExtrinsic) -> ApplyExtrinsicResult {
            unreachable!("the Wasm answers")
        }
        fn finalize_block() -> Header {
            unreachable!("the Wasm answers")
        }
        fn inherent_extrinsics(_: InherentData) -> Vec<OpaqueExtrinsic> {
            unreachable!("the Wasm answers")
        }
        fn check_inherents(_: <Block as BlockT>::LazyBlock, _: InherentData) -> CheckInherentsResult {
            unreachable!("the Wasm answers")
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(_: TransactionSource, _: OpaqueExtrinsic, _: Hash) -> TransactionValidity {
            unreachable!("the Wasm answers")
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(_: Vec<u8>, _: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            unreachable!("the Wasm answers")
        }
        fn decode_session_keys(_: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            unreachable!("the Wasm answers")
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(_: AccountId) -> Nonce {
            unreachable!("the Wasm answers")
        }
    }
}
