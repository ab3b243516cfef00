//! The few runtime types we encode or decode, matched by name against the node's metadata (never by position).

use alloy_primitives::{Address, B256, U256};
use scale::{scale_decode, scale_encode};
use scale_decode::DecodeAsType;
use scale_encode::{Composite, CompositeField, EncodeAsType, TypeResolver};
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

/// `ReviveApi_upload_code`'s answer.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct UploadOutcome {
    /// In native units.
    pub deposit: u128,
}

/// `ReviveApi_eth_transact`'s answer.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct EthOutcome {
    pub weight_required: Weight,
    /// In native units.
    pub max_storage_deposit: u128,
    /// Pays for both.
    pub eth_gas: [u64; 4],
}

/// What is wrong with an Ethereum transaction.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) enum EthFailure {
    /// The contract's error.
    Data(Vec<u8>),
    Message(String),
}

/// An Ethereum transaction that is tried. What versions of the pallet have more or less of is found by its name.
#[derive(Debug, Clone)]
pub(crate) struct EthRequest {
    pub chain_id: u64,
    pub from: [u8; 20],
    /// None creates a contract.
    pub to: Option<[u8; 20]>,
    pub value: u128,
    pub input: Vec<u8>,
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct Input {
    input: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
}

impl EncodeAsType for EthRequest {
    fn encode_as_type_to<R: TypeResolver>(
        &self,
        type_id: R::TypeId,
        types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        let number = |value: u128| Some(U256::from(value).into_limbs());
        let (nothing, no_list, empty) = (None::<[u64; 4]>, None::<Vec<u8>>, Vec::<u8>::new());
        let (chain_id, value, from) = (number(self.chain_id.into()), number(self.value), Some(self.from));
        let (input, kind) = (Input { input: Some(self.input.clone()), data: None }, None::<u8>);
        let fields = [
            (Some("access_list"), CompositeField::new(&no_list)),
            (Some("authorization_list"), CompositeField::new(&empty)),
            (Some("blob_versioned_hashes"), CompositeField::new(&empty)),
            (Some("blobs"), CompositeField::new(&empty)),
            (Some("chain_id"), CompositeField::new(&chain_id)),
            (Some("from"), CompositeField::new(&from)),
            (Some("gas"), CompositeField::new(&nothing)),
            (Some("gas_price"), CompositeField::new(&nothing)),
            (Some("input"), CompositeField::new(&input)),
            (Some("max_fee_per_blob_gas"), CompositeField::new(&nothing)),
            (Some("max_fee_per_gas"), CompositeField::new(&nothing)),
            (Some("max_priority_fee_per_gas"), CompositeField::new(&nothing)),
            (Some("nonce"), CompositeField::new(&nothing)),
            (Some("to"), CompositeField::new(&self.to)),
            (Some("type"), CompositeField::new(&kind)),
            // As the derived description of that field calls it; what a version does not have is left out.
            (Some("r#type"), CompositeField::new(&kind)),
            (Some("value"), CompositeField::new(&value)),
        ];
        Composite::new(fields.into_iter()).encode_composite_as_type_to(type_id, types, out)
    }
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

/// `Revive.EthExtrinsicRevert`: an Ethereum transaction without effect, which the chain counts as done.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
pub(crate) struct EthExtrinsicRevert {
    pub dispatch_error: Value,
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
