//! The few runtime types we encode or decode, matched by name against the node's metadata (never by position).

use alloy_primitives::{Address, B256};
use scale::{scale_decode, scale_encode};
use scale_decode::DecodeAsType;
use scale_encode::EncodeAsType;
use subxt::{
    Metadata,
    dynamic::{At, Value},
    ext as scale,
};

/// Computation and proof of a call, as the runtime weighs them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, EncodeAsType, DecodeAsType, serde::Serialize, serde::Deserialize,
)]
#[encode_as_type(crate_path = "scale_encode")]
#[decode_as_type(crate_path = "scale_decode")]
pub struct Weight {
    /// Picoseconds of computation.
    pub ref_time: u64,
    /// Bytes of storage proof.
    pub proof_size: u64,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) enum Deposit {
    #[expect(dead_code, reason = "decoded by its name; what is given back needs no deposit")]
    Refund(u128),
    Charge(u128),
}

impl Deposit {
    /// What the caller must be ready to lay down, in native units.
    pub(crate) fn charge(&self) -> u128 {
        match self {
            Self::Charge(units) => *units,
            Self::Refund(_) => 0,
        }
    }
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct ExecReturn {
    /// Bit 0: the contract reverted, and `data` is its error.
    pub flags: u32,
    pub data: Vec<u8>,
}

impl ExecReturn {
    pub(crate) fn reverted(&self) -> bool {
        self.flags & 1 == 1
    }
}

/// `ReviveApi_call`'s answer.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct CallOutcome {
    pub weight_required: Weight,
    pub max_storage_deposit: Deposit,
    pub result: Result<ExecReturn, Value>,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct InstantiateReturn {
    pub result: ExecReturn,
}

/// `ReviveApi_instantiate`'s answer.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct InstantiateOutcome {
    pub weight_required: Weight,
    pub max_storage_deposit: Deposit,
    pub result: Result<InstantiateReturn, Value>,
}

#[derive(Debug, EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
pub(crate) enum Code {
    Upload(Vec<u8>),
}

/// `Revive.ContractEmitted`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct ContractEmitted {
    pub contract: [u8; 20],
    pub data: Vec<u8>,
    pub topics: Vec<[u8; 32]>,
}

impl ContractEmitted {
    pub(crate) fn address(&self) -> Address {
        Address::from(self.contract)
    }

    pub(crate) fn topics(&self) -> Vec<B256> {
        self.topics.iter().map(B256::from).collect()
    }
}

/// `Revive.Instantiated`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct Instantiated {
    pub contract: [u8; 20],
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct DispatchInfo {
    pub weight: Weight,
}

/// `System.ExtrinsicSuccess`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct ExtrinsicSuccess {
    pub dispatch_info: DispatchInfo,
}

/// `System.ExtrinsicFailed`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct ExtrinsicFailed {
    pub dispatch_error: Value,
    pub dispatch_info: DispatchInfo,
}

/// The name of a `DispatchError`: `Pallet::Error` for a pallet's own, else as the runtime prints it.
pub(crate) fn dispatch_error_name(error: &Value, metadata: &Metadata) -> String {
    module_error_name(error, metadata).unwrap_or_else(|| error.to_string())
}

fn module_error_name(error: &Value, metadata: &Metadata) -> Option<String> {
    let number = |value: Option<&Value>| value.and_then(|v| v.as_u128()).and_then(|n| u8::try_from(n).ok());
    // `Module(ModuleError { index, error: [u8; 4] })`; the first error byte is the variant.
    let module = error.at(0)?;
    let pallet = metadata.pallet_by_error_index(number(module.at("index"))?)?;
    let variant = pallet.error_variant_by_index(number(module.at("error").at(0))?)?;
    Some(format!("{}::{}", pallet.name(), variant.name))
}
