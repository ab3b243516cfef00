//! What a transaction does, whoever signs it.

use alloy_primitives::{Address, B256, keccak256};
use subxt::{
    dynamic::{Value, runtime_api_call},
    ext::scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver},
    transactions::{DynamicPayload, dynamic},
    utils::{AccountId32, MultiAddress},
};

use super::with_margin;
use crate::{
    behind::Payee,
    client::{AccountId, AtBlock, ChainClient},
    error::{ChainError, ContractError},
    runtime::{Code, InstantiateOutcome, UploadOutcome, Weight, dispatch_error_name},
};

/// What a transaction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Calls a contract's message with money in wei.
    Call {
        /// The contract.
        contract: Address,
        /// Its message.
        calldata: Vec<u8>,
        /// Money that goes with it.
        value: u128,
    },
    /// Uploads code and creates a contract of it.
    Instantiate {
        /// The code.
        blob: Vec<u8>,
        /// The constructor's arguments, encoded.
        constructor: Vec<u8>,
    },
    /// Uploads code, of which others create contracts. What is there already stays as it is.
    Upload {
        /// The code.
        blob: Vec<u8>,
    },
    /// Moves money in wei to an account, which is created if it is new.
    Transfer {
        /// Whose the account is, somebody knows.
        to: Payee,
        /// How much.
        value: u128,
    },
    /// Makes some of a token of the chain for an account, as the token's issuer alone may: no contract has a message
    /// for it.
    Mint {
        /// The token's number in the chain's list of them.
        asset: u32,
        /// Who has it then; a contract may.
        to: AccountId,
        /// How much, in its smallest unit.
        amount: u128,
    },
    /// Has the chain know which account is behind its address, where it has not seen to that itself.
    MapAccount,
}

/// What a transaction needs, by the node's own trial of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Need {
    /// Computation and proof.
    pub weight: Weight,
    /// What is held for storage, in native units.
    pub deposit: u128,
}

impl Action {
    /// Money that goes with it, in wei.
    pub fn value(&self) -> u128 {
        match self {
            Self::Call { value, .. } | Self::Transfer { value, .. } => *value,
            Self::Instantiate { .. } | Self::Upload { .. } | Self::Mint { .. } | Self::MapAccount => 0,
        }
    }

    /// The hash of the code that it uploads.
    pub fn code_hash(&self) -> Option<B256> {
        match self {
            Self::Instantiate { blob, .. } | Self::Upload { blob } => Some(keccak256(blob)),
            Self::Call { .. } | Self::Transfer { .. } | Self::Mint { .. } | Self::MapAccount => None,
        }
    }

    /// Tries it as an account without sending it, as far as a node can: what it needs.
    pub(super) async fn need(
        &self,
        client: &ChainClient,
        at: &AtBlock,
        account: AccountId,
    ) -> Result<Need, ChainError> {
        match self {
            Self::Call { contract, calldata, value } => {
                let units = client.to_units(*value)?;
                let run = client.dry_run(at, account, *contract, units, calldata.clone()).await?;
                Ok(Need { weight: run.weight, deposit: run.deposit })
            }
            Self::Instantiate { blob, constructor } => try_instantiate(client, at, account, blob, constructor).await,
            Self::Upload { blob } => try_upload(client, at, account, blob).await,
            Self::Transfer { value, .. } => client.to_units(*value).map(|_| Need::default()),
            Self::Mint { .. } | Self::MapAccount => Ok(Need::default()),
        }
    }

    /// The pallet's call that does it.
    pub(super) fn payload(&self, client: &ChainClient, need: Need) -> Result<DynamicPayload<Arguments>, ChainError> {
        let (weight, deposit) = (with_margin(need.weight), client.deposit_limit(need.deposit));
        Ok(match self {
            Self::Call { contract, calldata, value } => {
                let units = client.to_units(*value)?;
                let arguments = (contract.0.0, units, weight, deposit, calldata.clone());
                dynamic("Revive", "call", Arguments::Call(arguments))
            }
            Self::Instantiate { blob, constructor } => {
                let arguments = (0, weight, deposit, blob.clone(), constructor.clone(), None);
                dynamic("Revive", "instantiate_with_code", Arguments::Instantiate(arguments))
            }
            // A code's deposit goes by its length: it needs no margin.
            Self::Upload { blob } => dynamic("Revive", "upload_code", Arguments::Upload((blob.clone(), need.deposit))),
            Self::Transfer { to, value } => {
                let arguments = (MultiAddress::Id(AccountId32(to.account_id())), client.to_units(*value)?);
                dynamic("Balances", "transfer_keep_alive", Arguments::Transfer(arguments))
            }
            Self::Mint { asset, to, amount } => {
                let arguments = (*asset, MultiAddress::Id(AccountId32(*to)), *amount);
                dynamic("Assets", "mint", Arguments::Mint(arguments))
            }
            Self::MapAccount => dynamic("Revive", "map_account", Arguments::MapAccount(())),
        })
    }
}

/// Arguments of the pallets' calls, each encoded by what the chain's metadata says of them.
#[derive(Debug, Clone)]
pub(super) enum Arguments {
    Call(([u8; 20], u128, Weight, u128, Vec<u8>)),
    #[expect(clippy::type_complexity, reason = "the pallet's own list")]
    Instantiate((u128, Weight, u128, Vec<u8>, Vec<u8>, Option<[u8; 32]>)),
    Upload((Vec<u8>, u128)),
    Transfer((MultiAddress<AccountId32, ()>, u128)),
    Mint((u32, MultiAddress<AccountId32, ()>, u128)),
    MapAccount(()),
}

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        fields: &mut dyn FieldIter<'_, R::TypeId>,
        types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        match self {
            Self::Call(arguments) => arguments.encode_as_fields_to(fields, types, out),
            Self::Instantiate(arguments) => arguments.encode_as_fields_to(fields, types, out),
            Self::Upload(arguments) => arguments.encode_as_fields_to(fields, types, out),
            Self::Transfer(arguments) => arguments.encode_as_fields_to(fields, types, out),
            Self::Mint(arguments) => arguments.encode_as_fields_to(fields, types, out),
            Self::MapAccount(arguments) => arguments.encode_as_fields_to(fields, types, out),
        }
    }
}

/// Weight and deposit of an instantiation.
async fn try_instantiate(
    client: &ChainClient,
    at: &AtBlock,
    account: AccountId,
    blob: &[u8],
    constructor: &[u8],
) -> Result<Need, ChainError> {
    let (no_weight_limit, no_deposit_limit) = (None::<Weight>, None::<u128>);
    let code = Code::Upload(blob.to_vec());
    let arguments = (account, 0u128, no_weight_limit, no_deposit_limit, code, constructor.to_vec(), None::<[u8; 32]>);
    let outcome = client
        .ask("trying an instantiation without sending it", async || {
            let call = runtime_api_call::<_, InstantiateOutcome>("ReviveApi", "instantiate", &arguments);
            at.runtime_apis().call(call).await
        })
        .await?;
    let returned = outcome
        .result
        .map_err(|error| ChainError::Dispatch { reason: dispatch_error_name(&error, at.metadata_ref()) })?;
    match returned.result.reverted() {
        true => {
            let error = ContractError::decode(&returned.result.data);
            Err(ChainError::Refused { contract: Address::ZERO, error })
        }
        false => Ok(Need { weight: outcome.weight_required, deposit: outcome.max_storage_deposit.charge() }),
    }
}

/// Deposit of an upload. Its weight is the runtime's own.
async fn try_upload(client: &ChainClient, at: &AtBlock, account: AccountId, blob: &[u8]) -> Result<Need, ChainError> {
    let arguments = (account, blob.to_vec(), None::<u128>);
    let outcome = client
        .ask("trying an upload without sending it", async || {
            let call = runtime_api_call::<_, Result<UploadOutcome, Value>>("ReviveApi", "upload_code", &arguments);
            at.runtime_apis().call(call).await
        })
        .await?;
    outcome
        .map(|outcome| Need { weight: Weight::default(), deposit: outcome.deposit })
        .map_err(|error| ChainError::Dispatch { reason: dispatch_error_name(&error, at.metadata_ref()) })
}
